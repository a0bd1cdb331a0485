/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "canvas.h"

/* A = 500 + 2 B exactly, B from 100 to 200. */
static void exact_line(struct scene *s, int64_t count, bool fitted)
{
    scene_open(s, 100000);
    for (int64_t slot = 0; slot < count; slot++) {
        struct sg_row row = plain_row(slot, 0);
        row.value[SG_COL_B_CLOSE] = 100 + 100 * (double)slot / (double)(count - 1);
        row.value[SG_COL_A_CLOSE] = 500 + 2 * row.value[SG_COL_B_CLOSE];
        row.value[SG_COL_ALPHA] = fitted ? 500 : NAN;
        row.value[SG_COL_BETA] = fitted ? 2 : NAN;
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    scene_sync(s, NULL);
    s->view.span = (double)count;
    s->view.right = (double)count - 1;
}

/* Ink of the fitted line above (A too large) and on the diagonal. */
static void points_and_fit_lie_on_the_same_line(void **state)
{
    (void)state;
    const int64_t lengths[] = {200, 50000};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        exact_line(&s, lengths[i], true);
        struct canvas c = canvas_new(1);
        draw(&s, &c, SG_PANE_SCATTER);
        size_t all = count(&c, &s.theme->beta, 0, 20, 400, 150, 60);
        assert_true(all > 100);
        /* The newest bar is at the upper right, the oldest at the lower left: nothing in the other corners. */
        assert_int_equal(count(&c, &s.theme->beta, 10, 24, 120, 50, 60) + count(&c, &s.theme->leg_a, 10, 24, 120, 50, 60), 0);
        assert_int_equal(count(&c, &s.theme->beta, 270, 120, 120, 50, 60) + count(&c, &s.theme->leg_a, 270, 120, 120, 50, 60), 0);
        assert_true(count(&c, &s.theme->leg_a, 300, 10, 100, 80, 60) > 10); /* the ring of the newest */
        canvas_free(&c);
        scene_close(&s);
    }
}

static void without_a_fit_there_is_no_line(void **state)
{
    (void)state;
    struct scene s;
    exact_line(&s, 200, false);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_SCATTER);
    assert_int_equal(count(&c, &s.theme->beta, 0, 0, 400, HEIGHT, 30), 0);
    sg_dashboard_draw_overlay(s.dashboard, c.cr, SG_PANE_SCATTER, &s.view, s.theme, NULL, WIDTH, HEIGHT, 20, 50);
    assert_true(count(&c, &s.theme->leg_a, 20, 100, 100, 80, 60) > 10); /* the ring of the bar under the cursor */
    canvas_free(&c);
    scene_close(&s);
}

static void newer_is_stronger(void **state)
{
    (void)state;
    struct scene s;
    exact_line(&s, 200, false);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_SCATTER);
    /* Distance of marks from the background: compare the oldest and the newest fifth. */
    size_t old_strong = count(&c, &s.theme->leg_a, 10, 0, 70, HEIGHT - 25, 70), new_strong = count(&c, &s.theme->leg_a, 310, 0, 60, HEIGHT - 25, 70);
    assert_int_equal(old_strong, 0);
    assert_true(new_strong > 50);
    canvas_free(&c);
    scene_close(&s);
}

/* The mark nearest to a point, in both directions: rows go up from left to right on the exact line. */
static void the_nearest_mark_is_found(void **state)
{
    (void)state;
    struct scene s;
    exact_line(&s, 200, true);
    size_t left = sg_dashboard_row_at_point(s.dashboard, &s.view, WIDTH, HEIGHT, 12, HEIGHT - 30);
    size_t right = sg_dashboard_row_at_point(s.dashboard, &s.view, WIDTH, HEIGHT, WIDTH - SG_AXIS_WIDTH - 12, 20);
    assert_true(left < 60);
    assert_true(right > 140);
    assert_true(right < 200);
    assert_true(sg_dashboard_row_at_point(s.dashboard, &s.view, WIDTH, HEIGHT, WIDTH - 10, 20) == SIZE_MAX); /* on the axis */
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(points_and_fit_lie_on_the_same_line), cmocka_unit_test(without_a_fit_there_is_no_line),
                                       cmocka_unit_test(newer_is_stronger), cmocka_unit_test(the_nearest_mark_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
