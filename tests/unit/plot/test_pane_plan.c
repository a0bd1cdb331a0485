/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units, ranges and the panes beyond the first four. */
#include <stdio.h>
#include "canvas.h"
#include "spreadglass/base/decimal.h"
#include "../../../src/plot/dashboard_private.h"

static void axis_of(struct scene *s, enum sg_pane pane, int index, struct pane_plan *plan, struct value_axis *axis)
{
    struct frame frame;
    sg_plot_frame(&frame, s->dashboard, NULL, &s->view, s->theme, NULL, WIDTH, HEIGHT);
    sg_plot_plan(&frame, pane, plan);
    sg_plot_axis(&frame, plan, index, axis);
}

/* A goes from 100 to 200, B from 10 to 40, over 101 bars. */
static void two_growing_legs(struct scene *s)
{
    scene_open(s, 1000);
    for (int64_t slot = 0; slot <= 100; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_A_CLOSE] = 100 + (double)slot;
        row.value[SG_COL_B_CLOSE] = 10 + 0.3 * (double)slot;
        row.value[SG_COL_BETA] = 2 + 0.01 * (double)slot;
        row.value[SG_COL_SE_BETA] = 0.25;
        row.value[SG_COL_SPREAD] = row.value[SG_COL_A_CLOSE] - row.value[SG_COL_BETA] * row.value[SG_COL_B_CLOSE];
        row.value[SG_COL_MEAN] = row.value[SG_COL_SPREAD];
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    scene_sync(s, NULL);
    s->view.span = 100;
    s->view.right = 100;
}

static double shown(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, size_t row)
{
    return sg_plot_shown(axis, sg_plot_transform(&line->transform, sg_plot_value(frame->dashboard, line->series, row)));
}

static void price_modes_say_what_they_mean(void **state)
{
    (void)state;
    static const struct {
        enum sg_price_mode mode;
        double a_last, b_last;
        int axes;
    } cases[] = {{SG_PRICE_PERCENT, 100, 300, 1}, {SG_PRICE_ABSOLUTE, 200, 40, 2}, {SG_PRICE_INDEXED, 200, 400, 1}, {SG_PRICE_LOG, 200, 400, 1}};
    struct scene s;
    two_growing_legs(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pane_plan plan;
        struct value_axis axis[2];
        struct frame frame;
        sg_dashboard_set_price_mode(s.dashboard, cases[i].mode);
        sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, NULL, WIDTH, HEIGHT);
        axis_of(&s, SG_PANE_PRICE, 0, &plan, &axis[0]);
        assert_int_equal(plan.axis_count, cases[i].axes);
        axis_of(&s, SG_PANE_PRICE, 1, &plan, &axis[1]);
        assert_true(fabs(shown(&frame, &plan.line[0], &axis[plan.line[0].axis], 100) - cases[i].a_last) < 1e-9);
        assert_true(fabs(shown(&frame, &plan.line[1], &axis[plan.line[1].axis], 100) - cases[i].b_last) < 1e-9);
        for (size_t line = 0; line < 2; line++)
            for (size_t row = 0; row <= 100; row += 10) {
                const struct line_plan *l = &plan.line[line];
                double y = sg_plot_y(&axis[l->axis], sg_plot_transform(&l->transform, sg_plot_value(s.dashboard, l->series, row)));
                assert_true(y >= 0);
                assert_true(y <= HEIGHT);
            }
        assert_true(axis[0].tick_count >= 2);
    }
    scene_close(&s);
}

static void equal_ratios_are_equal_distances_on_the_log_axis(void **state)
{
    (void)state;
    struct scene s;
    struct pane_plan plan;
    struct value_axis axis;
    two_growing_legs(&s);
    sg_dashboard_set_price_mode(s.dashboard, SG_PRICE_LOG);
    axis_of(&s, SG_PANE_PRICE, 0, &plan, &axis);
    double y100 = sg_plot_y(&axis, sg_plot_unshown(&axis, 100)), y200 = sg_plot_y(&axis, sg_plot_unshown(&axis, 200)),
           y400 = sg_plot_y(&axis, sg_plot_unshown(&axis, 400));
    assert_true(fabs((y100 - y200) - (y200 - y400)) < 1e-9);
    assert_true(y100 > y200);
    for (int i = 1; i < axis.tick_count; i++) {
        double gap = sg_plot_y(&axis, sg_plot_unshown(&axis, axis.tick[i - 1])) - sg_plot_y(&axis, sg_plot_unshown(&axis, axis.tick[i]));
        assert_true(gap > 20);
    }
    /* A long way: decades. */
    for (int64_t slot = 101; slot < 140; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_A_CLOSE] = 200 * pow(2, (double)(slot - 100));
        assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
    }
    scene_sync(&s, NULL);
    s.view.right = 140;
    axis_of(&s, SG_PANE_PRICE, 0, &plan, &axis);
    assert_true(axis.tick_count >= 3);
    assert_true(axis.tick_count <= 12);
    scene_close(&s);
}

static void hedge_ratio_has_two_standard_errors_around_it(void **state)
{
    (void)state;
    struct scene s;
    struct pane_plan plan;
    struct value_axis axis;
    two_growing_legs(&s);
    axis_of(&s, SG_PANE_HEDGE_RATIO, 0, &plan, &axis);
    assert_true(plan.band);
    assert_true(fabs(sg_plot_value(s.dashboard, plan.band_high, 50) - (2.5 + 0.5)) < 1e-12);
    assert_true(fabs(sg_plot_value(s.dashboard, plan.band_low, 50) - (2.5 - 0.5)) < 1e-12);
    assert_true(sg_plot_y(&axis, 3.5) > 0);
    /* The fit settles in the first 59 bars: they do not decide about the axis, unless nothing else is in view. */
    assert_true(axis.low > 1.9);
    assert_true(axis.low <= 2.59 - 0.5);
    s.view.right = 40;
    s.view.span = 40;
    axis_of(&s, SG_PANE_HEDGE_RATIO, 0, &plan, &axis);
    assert_true(axis.low <= 1.5);
    assert_true(axis.high >= 2.4 + 0.5);
    s.view.right = s.view.span = 100;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_HEDGE_RATIO);
    assert_true(count(&c, &s.theme->beta, 5, 0, 390, HEIGHT, 50) > 300);
    char words[64];
    sg_dashboard_describe(s.dashboard, SG_PANE_HEDGE_RATIO, 50, words, sizeof words);
    assert_string_equal(words, "hedge ratio 2.50000");
    assert_string_equal(sg_pane_title(SG_PANE_HEDGE_RATIO), "Hedge ratio");
    canvas_free(&c);
    scene_close(&s);
}

static void hindsight_uses_the_newest_ratio_for_all(void **state)
{
    (void)state;
    struct scene s;
    two_growing_legs(&s);
    sg_dashboard_set_hindsight(s.dashboard, true);
    sg_dashboard_set_spread_mode(s.dashboard, SG_SPREAD_LEVEL);
    /* 3.0 at the end: 100 - 3 * 10 at the start, where 100 - 2 * 10 was known. */
    assert_true(fabs(sg_plot_value(s.dashboard, SERIES_HINDSIGHT, 0) - 70) < 1e-12);
    assert_true(fabs(sg_plot_value(s.dashboard, SERIES_SPREAD, 0) - 80) < 1e-12);
    assert_true(fabs(sg_plot_value(s.dashboard, SERIES_HINDSIGHT, 100) - sg_plot_value(s.dashboard, SERIES_SPREAD, 100)) < 1e-9);
    struct sg_extent before, after;
    assert_true(sg_plot_extent(s.dashboard, SERIES_HINDSIGHT, 0, 101, &before));
    struct sg_row row = plain_row(101, 0);
    row.value[SG_COL_A_CLOSE] = 200;
    row.value[SG_COL_B_CLOSE] = 40;
    row.value[SG_COL_BETA] = 5;
    assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
    scene_sync(&s, NULL);
    assert_true(sg_plot_extent(s.dashboard, SERIES_HINDSIGHT, 0, 101, &after));
    assert_true(fabs(before.low - 70) < 1e-9);
    assert_true(fabs(after.high - (100 - 5 * 10)) < 1e-9);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_SPREAD);
    size_t with = count(&c, &s.theme->background, 0, 0, 400, HEIGHT, 0);
    sg_dashboard_set_hindsight(s.dashboard, false);
    draw(&s, &c, SG_PANE_SPREAD);
    assert_true(with != count(&c, &s.theme->background, 0, 0, 400, HEIGHT, 0));
    canvas_free(&c);
    scene_close(&s);
}

static void a_range_that_a_person_chose_stays(void **state)
{
    (void)state;
    struct scene s;
    double low, high, again_low, again_high;
    two_growing_legs(&s);
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_PRICE, &s.view, WIDTH, HEIGHT, &low, &high));
    assert_true(low < 0);
    assert_true(high > 300);
    sg_dashboard_set_value_range(s.dashboard, SG_PANE_PRICE, 20, 60);
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_PRICE, &s.view, WIDTH, HEIGHT, &again_low, &again_high));
    assert_true(fabs(again_low - 20) < 1e-9);
    assert_true(fabs(again_high - 60) < 1e-9);
    s.view.right = 80;
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_PRICE, &s.view, WIDTH, HEIGHT, &again_low, &again_high));
    assert_true(fabs(again_low - 20) < 1e-9);
    assert_true(fabs(again_high - 60) < 1e-9);
    sg_dashboard_set_value_range(s.dashboard, SG_PANE_PRICE, NAN, NAN);
    s.view.right = 100;
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_PRICE, &s.view, WIDTH, HEIGHT, &again_low, &again_high));
    assert_true(again_low == low);
    assert_true(again_high == high);
    sg_dashboard_set_value_range(s.dashboard, SG_PANE_ALL, 1, 2);
    assert_false(sg_dashboard_value_range(s.dashboard, SG_PANE_ALL, &s.view, WIDTH, HEIGHT, &low, &high));
    scene_close(&s);
}

static void correlation_never_leaves_its_limits(void **state)
{
    (void)state;
    struct scene s;
    struct pane_plan plan;
    struct value_axis axis;
    scene_open(&s, 1000);
    for (int64_t slot = 0; slot <= 100; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_CORRELATION] = slot % 2 ? 0.9999 : 0.99;
        assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
    }
    scene_sync(&s, NULL);
    axis_of(&s, SG_PANE_CORRELATION, 0, &plan, &axis);
    for (int i = 0; i < axis.tick_count; i++) {
        assert_true(axis.tick[i] <= 1);
        assert_true(axis.tick[i] >= -1);
    }
    assert_true(axis.tick_count >= 2);
    scene_close(&s);
}

static bool is_one_two_or_five(double value)
{
    double mantissa = value / pow(10, floor(log10(value) + 1e-9));
    return fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 || fabs(mantissa - 5) < 1e-6;
}

/* What a label says, its thin spaces taken out. */
static double number_of(const char *label)
{
    char plain[SG_VALUE_BUF] = "";
    size_t end = 0;
    for (const char *c = label; *c;)
        if (strncmp(c, "\xE2\x80\x89", 3) == 0)
            c += 3;
        else
            plain[end++] = *c++;
    double value = NAN;
    assert_int_equal(sg_decimal_to_double(plain, end, &value), SG_OK);
    return value;
}

/* From 100 by `ratio` over 101 bars, on a log axis of this height: its ticks as labelled, from below. */
static size_t log_ticks(double ratio, double height, double values[static SG_VALUE_TICKS_MAX])
{
    struct scene s;
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axis;
    scene_open(&s, 1000);
    for (int64_t slot = 0; slot <= 100; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_A_CLOSE] = 0.037 * pow(ratio, (double)slot / 100);
        row.value[SG_COL_B_CLOSE] = 64123.7 * pow(ratio, (double)slot / 130);
        assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
    }
    scene_sync(&s, NULL);
    s.view.span = s.view.right = 100;
    sg_dashboard_set_price_mode(s.dashboard, SG_PRICE_LOG);
    sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, "Sans 10", WIDTH, height);
    sg_text_set_font(s.dashboard->text, "Sans 10");
    sg_plot_plan(&frame, SG_PANE_PRICE, &plan);
    sg_plot_axis(&frame, &plan, 0, &axis);
    for (int i = 0; i < axis.tick_count; i++) {
        char label[SG_VALUE_BUF];
        assert_true(i == 0 || axis.tick[i] > axis.tick[i - 1]);
        sg_plot_tick_text(&plan, &axis, 0, i, label); /* what stands there is the tick, and not a rounded one */
        assert_true(fabs(number_of(label) - axis.tick[i]) <= 1e-9 * axis.tick[i]);
        values[i] = axis.tick[i];
    }
    scene_close(&s);
    return (size_t)axis.tick_count;
}

static void ticks_of_a_log_axis_are_round(void **state)
{
    (void)state;
    static const double heights[] = {48, 72, 110, 160, 230, 400, 900};
    for (double ratio = 1.0001; ratio < 1e9; ratio = 1 + (ratio - 1) * 1.37)
        for (size_t h = 0; h < sizeof heights / sizeof heights[0]; h++) {
            double values[SG_VALUE_TICKS_MAX];
            size_t ticks = log_ticks(ratio, heights[h], values), whole = 0;
            for (size_t i = 0; i < ticks; i++)
                whole += is_one_two_or_five(values[i]);
            bool round = whole == ticks || are_round(values, ticks, values[ticks - 1] - values[0]);
            if (!round || ticks < 1 || (heights[h] >= 160 && ticks < 2)) {
                print_message("100 to %.9g, %d px:", 100 * ratio, (int)heights[h]);
                for (size_t i = 0; i < ticks; i++)
                    print_message(" %.12g", values[i]);
                print_message("\n");
            }
            assert_true(round);
            assert_true(ticks >= (heights[h] >= 160 ? 2 : 1));
        }
}

static void remarks_of_a_bar(void **state)
{
    (void)state;
    struct scene s;
    char words[200];
    scene_open(&s, 1000);
    append(&s, 10, 0, SG_ROW_A_FILLED | SG_ROW_B_REPAIRED);
    append(&s, 25, 0, SG_ROW_GAP_BEFORE | SG_ROW_WINDOW_HAS_GAP);
    append(&s, 26, 0, SG_ROW_VOLUME_ESTIMATED);
    scene_sync(&s, NULL);
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 0, words, sizeof words);
    assert_string_equal(words, "BTCUSDT 65000.00, ETHUSDT 3200.00; BTCUSDT without trades; ETHUSDT repaired");
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 1, words, sizeof words);
    assert_string_equal(words, "BTCUSDT 65000.00, ETHUSDT 3200.00; bars missing in the window; 14 bars missing before");
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 2, words, sizeof words);
    assert_string_equal(words, "BTCUSDT 65000.00, ETHUSDT 3200.00");
    sg_dashboard_set_price_style(s.dashboard, false, false, true);
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 2, words, sizeof words);
    assert_string_equal(words, "BTCUSDT 65000.00, ETHUSDT 3200.00; volume estimated");
    assert_int_equal(sg_plot_remarks(s.dashboard, 1, ", ", words, 8), 7);
    assert_string_equal(words, "bars mi");
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(price_modes_say_what_they_mean),
        cmocka_unit_test(equal_ratios_are_equal_distances_on_the_log_axis),
        cmocka_unit_test(hedge_ratio_has_two_standard_errors_around_it),
        cmocka_unit_test(hindsight_uses_the_newest_ratio_for_all),
        cmocka_unit_test(a_range_that_a_person_chose_stays),
        cmocka_unit_test(correlation_never_leaves_its_limits),
        cmocka_unit_test(ticks_of_a_log_axis_are_round),
        cmocka_unit_test(remarks_of_a_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
