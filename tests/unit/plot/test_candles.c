/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "canvas.h"

/* Bars of leg A: open 100; the close alternates between 110 and 90, with wicks to 115 and 85. Leg B is flat far below. */
static void bars(struct scene *s, int64_t count)
{
    scene_open(s, 200000);
    for (int64_t slot = 0; slot < count; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_A_OPEN] = 100;
        row.value[SG_COL_A_CLOSE] = slot % 2 ? 110 : 90;
        row.value[SG_COL_A_HIGH] = 115;
        row.value[SG_COL_A_LOW] = 85;
        row.value[SG_COL_A_VOLUME] = slot % 2 ? 10 : 1;
        row.value[SG_COL_B_CLOSE] = row.value[SG_COL_B_OPEN] = row.value[SG_COL_B_HIGH] = row.value[SG_COL_B_LOW] = 50;
        row.value[SG_COL_B_VOLUME] = 0;
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    scene_sync(s, NULL);
    sg_dashboard_set_price_mode(s->dashboard, SG_PRICE_ABSOLUTE);
}

static void up_is_hollow_and_down_is_filled(void **state)
{
    (void)state;
    struct scene s;
    bars(&s, 30);
    sg_dashboard_set_price_style(s.dashboard, true, false, false);
    s.view.span = 10; /* 40 px a bar */
    s.view.right = 20.5;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_PRICE);
    double up = 400 * (1 - (20.5 - 15) / 10), down = 400 * (1 - (20.5 - 14) / 10);
    size_t hollow = count(&c, &s.theme->leg_a, up - 16, 0, 32, HEIGHT, 8), filled = count(&c, &s.theme->leg_a, down - 16, 0, 32, HEIGHT, 8);
    assert_true(hollow > 60);
    assert_true(filled > 3 * hollow);
    canvas_free(&c);
    scene_close(&s);
}

static void wicks_reach_high_and_low_at_any_depth(void **state)
{
    (void)state;
    struct scene s;
    bars(&s, 100000);
    double reach[4];
    const double spans[] = {20, 200, 2000, 90000};
    for (int i = 0; i < 4; i++) {
        sg_dashboard_set_price_style(s.dashboard, true, false, false);
        s.view.span = spans[i];
        sg_viewport_go_live(&s.view);
        struct canvas c = canvas_new(1);
        draw(&s, &c, SG_PANE_PRICE);
        int top = -1, bottom = -1;
        for (int y = 0; y < (int)HEIGHT; y++)
            if (count(&c, &s.theme->leg_a, 100, y, 200, 1, 60) > 0) {
                top = top < 0 ? y : top;
                bottom = y;
            }
        reach[i] = bottom - top;
        assert_true(reach[i] > 80);
        canvas_free(&c);
    }
    for (int i = 1; i < 4; i++)
        assert_true(fabs(reach[i] - reach[0]) <= 4);
    scene_close(&s);
}

static void volume_stands_at_the_foot(void **state)
{
    (void)state;
    struct scene s;
    bars(&s, 30);
    s.view.span = 10;
    s.view.right = 20.5;
    struct canvas off = canvas_new(1), on = canvas_new(1);
    draw(&s, &off, SG_PANE_PRICE);
    sg_dashboard_set_price_style(s.dashboard, false, false, true);
    draw(&s, &on, SG_PANE_PRICE);
    double large = 400 * (1 - (20.5 - 15) / 10), small = 400 * (1 - (20.5 - 14) / 10);
    size_t large_change =
        count(&off, &s.theme->background, large - 16, HEIGHT - 40, 16, 40, 1) - count(&on, &s.theme->background, large - 16, HEIGHT - 40, 16, 40, 1);
    size_t small_change =
        count(&off, &s.theme->background, small - 16, HEIGHT - 40, 16, 40, 1) - count(&on, &s.theme->background, small - 16, HEIGHT - 40, 16, 40, 1);
    assert_true(large_change > 300);
    assert_true(small_change > 20);
    assert_true(large_change > 6 * small_change);
    canvas_free(&off);
    canvas_free(&on);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(up_is_hollow_and_down_is_filled), cmocka_unit_test(wicks_reach_high_and_low_at_any_depth),
                                       cmocka_unit_test(volume_stands_at_the_foot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
