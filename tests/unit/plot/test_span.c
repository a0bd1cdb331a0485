/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A marked span: the scatter shows it and only it, with its own line; the measure is later minus earlier. */
#include "canvas.h"
#include "spreadglass/plot/span.h"

/* A = 500 + 2 B; B rises from 100 to 200 over 100 bars and falls back over the next 100. */
static void open_tent(struct scene *s)
{
    scene_open(s, 1000);
    for (int64_t slot = 0; slot < 200; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_B_CLOSE] = 100 + (double)(slot < 100 ? slot : 199 - slot);
        row.value[SG_COL_A_CLOSE] = 500 + 2 * row.value[SG_COL_B_CLOSE];
        row.value[SG_COL_ZSCORE] = slot < 20 ? NAN : (double)slot / 100;
        row.reason = (uint8_t)(slot < 20 ? SG_REASON_WARMING_UP : SG_REASON_NONE);
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    scene_sync(s, NULL);
    s->view.span = 50;
    s->view.right = 199;
}

static void the_scatter_is_of_the_span(void **state)
{
    (void)state;
    struct scene s;
    double low, high, view_low, view_high;
    open_tent(&s);
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_SCATTER, &s.view, WIDTH, HEIGHT, &view_low, &view_high));
    assert_true(sg_dashboard_set_span(s.dashboard, 60 * MINUTE_US, 90 * MINUTE_US, 500, 2));
    assert_false(sg_dashboard_set_span(s.dashboard, 90 * MINUTE_US, 60 * MINUTE_US, 500, 2));
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_SCATTER, &s.view, WIDTH, HEIGHT, &low, &high));
    assert_true(low > 780);
    assert_true(low < 820);
    assert_true(high > 880);
    assert_true(high < 920); /* A of bars 60 to 90: 820 to 880 */
    assert_true(view_low < 720);
    assert_true(view_high < 850); /* A of bars 149 to 199: 800 down to 700 */
    /* Other panes keep the view. */
    double price_low, price_high;
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_ZSCORE, &s.view, WIDTH, HEIGHT, &price_low, &price_high));
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_SCATTER);
    assert_true(count(&c, &s.theme->beta, 0, 20, 400, 150, 60) > 100);
    canvas_free(&c);
    assert_true(sg_dashboard_set_span(s.dashboard, 60 * MINUTE_US, 90 * MINUTE_US, NAN, NAN)); /* not known (yet): no line */
    assert_false(sg_dashboard_set_span(s.dashboard, 60 * MINUTE_US, 90 * MINUTE_US, NAN, NAN));
    c = canvas_new(1);
    draw(&s, &c, SG_PANE_SCATTER);
    assert_int_equal(count(&c, &s.theme->beta, 0, 20, 400, 150, 30), 0);
    canvas_free(&c);
    assert_true(sg_dashboard_clear_span(s.dashboard));
    assert_false(sg_dashboard_clear_span(s.dashboard));
    assert_true(sg_dashboard_value_range(s.dashboard, SG_PANE_SCATTER, &s.view, WIDTH, HEIGHT, &low, &high));
    assert_true(low < 720);
    scene_close(&s);
}

static void a_span_of_one_bar_or_none_draws(void **state)
{
    (void)state;
    struct scene s;
    open_tent(&s);
    const int64_t spans[][2] = {{70, 70}, {5000, 6000}, {-50, -20}, {199, 199}, {150, 4000}};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct canvas c = canvas_new(1);
        sg_dashboard_set_span(s.dashboard, spans[i][0] * MINUTE_US, spans[i][1] * MINUTE_US, NAN, NAN);
        draw(&s, &c, SG_PANE_SCATTER);
        sg_dashboard_draw_overlay(s.dashboard, c.cr, SG_PANE_SCATTER, &s.view, s.theme, NULL, WIDTH, HEIGHT, 20, 50);
        canvas_free(&c);
    }
    scene_close(&s);
}

static void differences(void **state)
{
    (void)state;
    struct scene s;
    char text[256];
    open_tent(&s);
    sg_dashboard_measure(s.dashboard, SG_PANE_PRICE, 0, 50, text, sizeof text);
    assert_string_equal(text, "BTCUSDT \xCE\x94 +100.00 (+14.29 %)   ETHUSDT \xCE\x94 +50.00 (+50.00 %)");
    char swapped[256];
    sg_dashboard_measure(s.dashboard, SG_PANE_PRICE, 50, 0, swapped, sizeof swapped);
    assert_string_equal(swapped, text);
    sg_dashboard_measure(s.dashboard, SG_PANE_ZSCORE, 180, 30, text, sizeof text);
    assert_string_equal(text, "\xCE\x94 +1.50");
    sg_dashboard_measure(s.dashboard, SG_PANE_ZSCORE, 10, 180, text, sizeof text);
    assert_string_equal(text, "\xCE\x94 \xE2\x80\x93 warming up 11/60");
    assert_int_equal(sg_dashboard_measure(s.dashboard, SG_PANE_ZSCORE, 10, 5000, text, sizeof text), 0);
    assert_string_equal(text, "");
    for (size_t size = 0; size < 80; size++) {
        memset(text, 'x', sizeof text);
        size_t length = sg_dashboard_measure(s.dashboard, SG_PANE_PRICE, 0, 50, text, size);
        assert_true(size == 0 ? length == 0 : length < size && text[length] == '\0');
        assert_int_equal(text[size], 'x');
    }
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_scatter_is_of_the_span), cmocka_unit_test(a_span_of_one_bar_or_none_draws),
                                       cmocka_unit_test(differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
