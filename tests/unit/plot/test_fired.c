/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fired stays a solid mark; what a present threshold marks and never fired is hollow; without a record all marks are solid. */
#include "canvas.h"
#include "spreadglass/base/rng.h"
#include "spreadglass/plot/fired.h"

/* 100 bars; z is 3 at bar 30 and 70, and -3 at bar 50; `flagged` rows are marked as raised. */
static void open_marked(struct scene *s, unsigned flagged)
{
    scene_open(s, 1000);
    for (int64_t slot = 0; slot < 100; slot++) {
        double z = slot == 30 || slot == 70 ? 3 : slot == 50 ? -3 : 0;
        unsigned which = slot == 30 ? 1 : slot == 50 ? 2 : slot == 70 ? 4 : 0;
        append(s, slot, z, which & flagged ? SG_ROW_ALERT_RAISED : 0);
    }
    scene_sync(s, NULL);
    s->view.span = 100;
    s->view.right = 100;
}

/* Threshold colour in the triangle of the bar at this slot. The line of z there is of another colour. */
static size_t ink(struct scene *s, int64_t slot)
{
    struct canvas c = canvas_new(1);
    draw(s, &c, SG_PANE_ZSCORE);
    bool down = slot == 50;
    /* Beyond the thresholds' dashed lines: at the peak's end of the pane. */
    size_t found = count(&c, &s->theme->threshold, (double)slot * 4 - 5, down ? HEIGHT * 0.82 : 0, 10, down ? HEIGHT * 0.18 : HEIGHT * 0.26, 40);
    canvas_free(&c);
    return found;
}

static void marks_of_files_are_solid(void **state)
{
    (void)state;
    struct scene s;
    char text[120];
    open_marked(&s, 7);
    assert_true(ink(&s, 30) > 20);
    assert_true(ink(&s, 50) > 20);
    assert_true(ink(&s, 70) > 20);
    assert_true(sg_dashboard_fired_text(s.dashboard, 30, text, sizeof text) > 0);
    assert_string_equal(text, "alert fired");
    assert_int_equal(sg_dashboard_fired_text(s.dashboard, 31, text, sizeof text), 0);
    scene_close(&s);
}

static void what_fired_stays_and_the_rest_is_hollow(void **state)
{
    (void)state;
    struct scene s;
    char text[120];
    open_marked(&s, 1 | 4); /* the present parameters mark 30 and 70 */
    size_t solid = ink(&s, 30);
    const struct sg_fired_mark fired[] = {{.time_us = 30 * MINUTE_US, .side = 1, .threshold = 2}, {.time_us = 50 * MINUTE_US, .side = -1, .threshold = 2.5}};
    assert_true(sg_dashboard_set_fired(s.dashboard, true, fired, 2));
    assert_false(sg_dashboard_set_fired(s.dashboard, true, fired, 2));
    assert_int_equal(ink(&s, 30), solid);     /* fired, and marked */
    assert_true(ink(&s, 50) > 20);            /* fired, no longer marked: kept */
    assert_true(ink(&s, 70) < solid * 3 / 4); /* marked, never fired: an outline */
    assert_true(ink(&s, 70) > 0);
    sg_dashboard_fired_text(s.dashboard, 50, text, sizeof text);
    assert_string_equal(text, "alert fired below \xE2\x88\x92"
                              "2.5");
    sg_dashboard_fired_text(s.dashboard, 70, text, sizeof text);
    assert_string_equal(text, "would fire at this threshold");
    sg_dashboard_describe(s.dashboard, SG_PANE_ZSCORE, 30, text, sizeof text);
    assert_string_equal(text, "z-score 3.00; alert fired above +2");
    assert_true(sg_dashboard_set_fired(s.dashboard, false, NULL, 0));
    assert_int_equal(ink(&s, 50), 0);
    scene_close(&s);
}

static void marks_outside_of_the_rows_are_nothing(void **state)
{
    (void)state;
    struct scene s;
    open_marked(&s, 0);
    const struct sg_fired_mark fired[] = {{.time_us = -5 * MINUTE_US, .side = 1, .threshold = 2},
                                          {.time_us = 30 * MINUTE_US + 1, .side = 1, .threshold = 2},
                                          {.time_us = INT64_C(1000) * MINUTE_US, .side = 1, .threshold = 2}};
    assert_true(sg_dashboard_set_fired(s.dashboard, true, fired, 3));
    assert_int_equal(ink(&s, 30), 0);
    scene_close(&s);
}

/* A hundred bars a pixel, whole stretches of them marked, lone marks of one side among many of the other: every pixel that has a mark of a side
 * has a tick there, and no pixel without one has. */
static void no_mark_is_lost_in_a_crowd(void **state)
{
    enum { ROWS = 40000, COLUMNS = 400 };
    static unsigned char has[2][COLUMNS];
    struct scene s;
    struct sg_rng rng;
    (void)state;
    sg_rng_seed(&rng, 11, 0);
    scene_open(&s, ROWS + 10);
    for (int64_t slot = 0; slot < ROWS; slot++) {
        int64_t column = slot / 100;
        bool down = column % 40 < 12 || (column % 7 == 0 && slot % 100 == 50), up = !down && (sg_rng_below(&rng, 900) == 0 || (column > 300 && column < 310));
        if (column % 40 == 6 && slot % 100 == 50) {
            up = true;
            down = false;
        }
        append(&s, slot, up ? 3 : down ? -3 : 0, up || down ? SG_ROW_ALERT_RAISED : 0);
        if (up || down)
            has[up][column] = 1;
    }
    scene_sync(&s, NULL);
    s.view.span = ROWS;
    s.view.right = ROWS;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE);
    size_t marked = 0, bare = 0;
    for (int side = 0; side < 2; side++)
        for (int column = 2; column < COLUMNS - 2; column++) {
            bool near = has[side][column - 1] || has[side][column + 1] || has[side][column - 2] || has[side][column + 2];
            double y = side ? 0 : HEIGHT - 3;
            size_t here = count(&c, &s.theme->threshold, column - 1, y, 3, 3, 40);
            if (has[side][column]) {
                marked++;
                assert_true(here > 0);
            } else if (!near) {
                bare++;
                assert_int_equal(count(&c, &s.theme->threshold, column, y, 1, 3, 40), 0);
            }
        }
    assert_true(marked > 150);
    assert_true(bare > 100);
    canvas_free(&c);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks_of_files_are_solid), cmocka_unit_test(what_fired_stays_and_the_rest_is_hollow),
                                       cmocka_unit_test(marks_outside_of_the_rows_are_nothing), cmocka_unit_test(no_mark_is_lost_in_a_crowd)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
