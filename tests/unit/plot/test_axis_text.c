/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of any size on the value axis: nothing is cut off, no two labels say the same, and what a label says is where it stands. */
#include "canvas.h"
#include "spreadglass/base/decimal.h"
#include "../../../src/plot/dashboard_private.h"

static const char font[] = "Sans 10";
static const double sizes[] = {1e-300, 1e-14, 1e-11, 1e-8, 3e-5, 0.02, 1, 700, 1e5, 1e6, 4.4e8, 1e9, 2e13, 1e15, 1e200};
#define SIZES (sizeof sizes / sizeof sizes[0])

/* A pair whose prices are about `size`, with a spread of the sign. */
static void pair_of(struct scene *s, double size, double sign)
{
    struct fixture_random random = {.state = 5};
    scene_open(s, 1000);
    fixture_fill(&s->history, &random, 200, 60, 0, 0);
    for (size_t row = 0; row < s->history.length; row++)
        for (int column = 0; column < SG_COL_COUNT; column++) {
            double *value = &s->history.column[column][row];
            if (column == SG_COL_SPREAD || column == SG_COL_MEAN)
                *value *= sign * size / 65000;
            else if (column <= SG_COL_A_CLOSE || column == SG_COL_STD || column == SG_COL_ALPHA)
                *value *= size / 65000;
            else if (column == SG_COL_BETA || column == SG_COL_SE_BETA)
                *value *= sign * size / 65000;
        }
    scene_sync(s, NULL);
    sg_dashboard_set_price_mode(s->dashboard, SG_PRICE_ABSOLUTE);
}

static double read_back(const char *label)
{
    static const char minus[] = "\xE2\x88\x92", thin[] = "\xE2\x80\x89";
    char text[SG_VALUE_BUF + 8];
    size_t at = 0;
    for (const char *c = label; *c;) {
        if (strncmp(c, minus, 3) == 0) {
            text[at++] = '-';
            c += 3;
        } else if (strncmp(c, thin, 3) == 0) {
            c += 3;
        } else {
            text[at++] = *c++;
        }
    }
    char last = at ? text[at - 1] : '\0';
    double unit = last == 'M' ? 1e6 : last == 'B' ? 1e9 : last == 'T' ? 1e12 : 1, value = NAN;
    assert_int_equal(sg_decimal_to_double(text, unit > 1 ? at - 1 : at, &value), SG_OK);
    return value * unit;
}

static void labels_say_where_they_stand(void **state)
{
    (void)state;
    const enum sg_pane panes[] = {SG_PANE_PRICE, SG_PANE_SPREAD, SG_PANE_HEDGE_RATIO, SG_PANE_SCATTER};
    for (size_t i = 0; i < SIZES; i++)
        for (double sign = -1; sign <= 1; sign += 2)
            for (size_t k = 0; k < sizeof panes / sizeof panes[0]; k++) {
                struct scene s;
                struct frame frame;
                struct pane_plan plan;
                struct value_axis axis;
                char before[SG_VALUE_BUF] = "", label[SG_VALUE_BUF];
                pair_of(&s, sizes[i], sign);
                sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, font, WIDTH, HEIGHT);
                sg_text_set_font(s.dashboard->text, font);
                sg_plot_plan(&frame, panes[k], &plan);
                sg_plot_axis(&frame, &plan, 0, &axis);
                assert_true(axis.valid);
                assert_true(axis.tick_count >= 2);
                int unit = sg_plot_axis_unit(&frame, &plan, &axis, SG_AXIS_TEXT_ROOM);
                double step = axis.tick[1] - axis.tick[0];
                for (int t = 0; t < axis.tick_count; t++) {
                    sg_plot_tick_text(&plan, &axis, unit, t, label);
                    assert_string_not_equal(label, before);
                    assert_true(fabs(read_back(label) - axis.tick[t]) <= 0.01 * step);
                    memcpy(before, label, sizeof label);
                }
                scene_close(&s);
            }
}

/* The pane's last columns of pixels: a label that was cut off would have left ink there. */
static void nothing_is_cut_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++)
        for (double sign = -1; sign <= 1; sign += 2)
            for (int pane = 0; pane < SG_PANE_ALL; pane++) {
                struct scene s;
                pair_of(&s, sizes[i], sign);
                struct canvas c = canvas_new(1);
                draw(&s, &c, (enum sg_pane)pane);
                assert_int_equal(count(&c, &s.theme->background, WIDTH - 1, 0, 1, HEIGHT, 0), (size_t)HEIGHT);
                sg_dashboard_draw_overlay(s.dashboard, c.cr, (enum sg_pane)pane, &s.view, s.theme, font, WIDTH, HEIGHT, 150, 77);
                assert_int_equal(count(&c, &s.theme->background, WIDTH - 1, 0, 1, HEIGHT, 0), (size_t)HEIGHT);
                canvas_free(&c);
                scene_close(&s);
            }
}

/* However low a pane is, its axis says something beside the newest value, and no line runs behind its legend. */
static void a_low_pane_has_a_scale(void **state)
{
    (void)state;
    const enum sg_pane panes[] = {SG_PANE_SPREAD, SG_PANE_ZSCORE, SG_PANE_CORRELATION, SG_PANE_HEDGE_RATIO};
    struct scene s;
    pair_of(&s, 65000, 1);
    for (double height = 48; height <= 120; height += 3)
        for (size_t k = 0; k < sizeof panes / sizeof panes[0]; k++) {
            struct canvas c = canvas_new(1);
            sg_dashboard_draw_pane(s.dashboard, c.cr, panes[k], &s.view, s.theme, font, WIDTH, height);
            size_t words = count(&c, &s.theme->text_dim, 402, 0, 74, height, 60) + count(&c, &s.theme->threshold, 402, 0, 74, height, 60);
            if (words < 8)
                print_message("%s, %d px high: no label\n", sg_pane_title(panes[k]), (int)height);
            assert_true(words >= 8);
            struct frame frame;
            struct pane_plan plan;
            struct value_axis axis;
            sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, font, WIDTH, height);
            sg_plot_plan(&frame, panes[k], &plan);
            sg_plot_axis(&frame, &plan, 0, &axis);
            assert_true(axis.y_high >= 17);
            assert_true(height < 66 || axis.y_high >= 23);
            assert_true(axis.y_low - axis.y_high >= height / 3);
            canvas_free(&c);
        }
    scene_close(&s);
}

static void tag_is(const struct frame *frame, double value, int decimals, int unit, const char *suffix, const char *expected)
{
    char text[SG_VALUE_BUF];
    sg_plot_tag_text(frame, value, decimals, unit, false, suffix, text);
    if (expected)
        assert_string_equal(text, expected);
    assert_true(sg_text_width(frame->dashboard->text, SG_TEXT_TAG, text) <= SG_AXIS_TEXT_ROOM * 1.15);
}

static void tags_keep_the_digits_they_have_room_for(void **state)
{
    (void)state;
    struct scene s;
    struct frame frame;
    pair_of(&s, 1, 1);
    sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, font, WIDTH, HEIGHT);
    sg_text_set_font(s.dashboard->text, font);
    tag_is(&frame, 12.5, 2, 0, "%", "12.50%");
    tag_is(&frame, NAN, 2, 0, "%", "\xE2\x80\x93");
    tag_is(&frame, 1.022e-8, 11, 0, "",
           "1.022e\xE2\x88\x92"
           "8");
    char text[SG_VALUE_BUF];
    for (double size = 1; size < 1e14; size *= 10) {
        tag_is(&frame, 1.23456789 * size, 2, 0, "", NULL);
        sg_plot_tag_text(&frame, 1.23456789 * size, 2, 0, false, "", text);
        assert_true(fabs(read_back(text) - 1.23456789 * size) <= fmax(0.005, 2e-4 * size)); /* four digits at the very least */
        tag_is(&frame, -1.23456789 * size, 2, sg_value_unit(size), "", NULL);
    }
    scene_close(&s);
}

static void derived_is(double value, int decimals, const char *expected)
{
    char text[SG_VALUE_BUF];
    sg_plot_derived_text(value, decimals, text);
    assert_string_equal(text, expected);
}

static void what_is_small_is_not_called_zero(void **state)
{
    (void)state;
    derived_is(0.000014, 4, "0.000014"); /* a standard error */
    derived_is(0.0086, 4, "0.0086");
    derived_is(16.6, 4, "16.6000");
    derived_is(-23.28, 1,
               "\xE2\x88\x92"
               "23.3");
    derived_is(1.9132e-9, 12,
               "1.913e\xE2\x88\x92"
               "9");
    derived_is(6.1e-12, 4,
               "6.1e\xE2\x88\x92"
               "12");
    derived_is(1.23456e-10, 15,
               "1.23456e\xE2\x88\x92"
               "10");
    derived_is(0, 4, "0.0000");
    derived_is(0, 15, "0.00");
    derived_is(NAN, 4, "\xE2\x80\x93");
    derived_is(INFINITY, 4, "\xE2\x80\x93");
}

static bool is_drawn_alike(double one, double other)
{
    const double values[] = {one, other};
    struct canvas c[2];
    for (int i = 0; i < 2; i++) {
        struct scene s;
        scene_open(&s, 100);
        for (int64_t slot = 0; slot < 10; slot++) {
            struct sg_row row = plain_row(slot, 0);
            row.value[SG_COL_CORRELATION] = slot < 9 ? 0.25 : values[i];
            assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
        }
        scene_sync(&s, NULL);
        c[i] = canvas_new(1);
        draw(&s, &c[i], SG_PANE_CORRELATION);
        scene_close(&s);
    }
    bool alike = true;
    for (int y = 0; y < (int)HEIGHT; y++) { /* the axis and its tag */
        const unsigned char *row[2];
        for (int i = 0; i < 2; i++)
            row[i] = cairo_image_surface_get_data(c[i].surface) + y * cairo_image_surface_get_stride(c[i].surface);
        alike &= memcmp(row[0] + 4 * 402, row[1] + 4 * 402, 4 * 70) == 0;
    }
    canvas_free(&c[0]);
    canvas_free(&c[1]);
    return alike;
}

/* In the legend, in the tag, and in the words for a screen reader. */
static void a_correlation_that_is_not_1_does_not_look_like_it(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *legend, *words;
    } cases[] = {{0.9993, "0.999", "correlation 0.999"},
                 {0.9996, "0.9996", "correlation 0.9996"},
                 {0.99997, "> 0.9999", "correlation > 0.9999"},
                 {-0.9996,
                  "\xE2\x88\x92"
                  "0.9996",
                  "correlation -0.9996"},
                 {-0.99997,
                  "< \xE2\x88\x92"
                  "0.9999",
                  "correlation < -0.9999"},
                 {1, "1.000", "correlation 1.000"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene s;
        struct frame frame;
        struct pane_plan plan;
        struct value_axis axis;
        char text[SG_VALUE_BUF], words[128];
        scene_open(&s, 100);
        struct sg_row row = plain_row(0, 0);
        row.value[SG_COL_CORRELATION] = cases[i].value;
        assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
        scene_sync(&s, NULL);
        sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, font, WIDTH, HEIGHT);
        sg_plot_plan(&frame, SG_PANE_CORRELATION, &plan);
        sg_plot_axis(&frame, &plan, 0, &axis);
        sg_plot_line_text(&frame, &plan, &plan.line[0], &axis, 0, false, text);
        assert_string_equal(text, cases[i].legend);
        sg_dashboard_describe(s.dashboard, SG_PANE_CORRELATION, 0, words, sizeof words);
        assert_string_equal(words, cases[i].words);
        scene_close(&s);
    }
    assert_true(is_drawn_alike(1, 1 - 1e-17));
    assert_false(is_drawn_alike(1, 0.99997));
    assert_false(is_drawn_alike(-1, -0.9996));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels_say_where_they_stand),      cmocka_unit_test(nothing_is_cut_off),
                                       cmocka_unit_test(a_low_pane_has_a_scale),           cmocka_unit_test(tags_keep_the_digits_they_have_room_for),
                                       cmocka_unit_test(what_is_small_is_not_called_zero), cmocka_unit_test(a_correlation_that_is_not_1_does_not_look_like_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
