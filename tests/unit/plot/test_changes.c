/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sg_dashboard_changes: a pane that it does not name looks the same before and after, pixel by pixel; and it names none for bars out of view. */
#include "canvas.h"

#define ALL ((1u << SG_PANE_ALL) - 1)

static unsigned bring(struct scene *scene, const struct sg_row *forming, unsigned *ret_legends)
{
    scene_sync(scene, forming);
    return sg_dashboard_changes(scene->dashboard, &scene->view, ret_legends);
}

static void a_view_of_the_past_keeps_its_pictures(void **state)
{
    (void)state;
    struct scene s;
    unsigned legends = 0;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1300; slot++)
        append(&s, slot, 1, 0);
    assert_int_equal(bring(&s, NULL, &legends), ALL);
    s.view.follow = false;
    s.view.right = 1200;
    append(&s, 1300, 9, 0);
    assert_int_equal(bring(&s, NULL, &legends), 0);
    assert_int_equal(legends, ALL); /* they tell of the newest bar */
    struct sg_row forming = plain_row(1301, -4);
    assert_int_equal(bring(&s, &forming, &legends), 0);
    assert_int_equal(legends, ALL);
    forming.value[SG_COL_A_VOLUME] += 1; /* a trade at the price of the one before */
    assert_int_equal(bring(&s, &forming, &legends), 0);
    assert_int_equal(legends, 0);
    forming.value[SG_COL_CORRELATION] = 0.5;
    assert_int_equal(bring(&s, &forming, &legends), 0);
    assert_int_equal(legends, 1u << SG_PANE_CORRELATION);
    s.view.right = 1310;
    forming.value[SG_COL_CORRELATION] = 0.6;
    assert_int_equal(bring(&s, &forming, NULL), 1u << SG_PANE_CORRELATION);
    assert_int_equal(bring(&s, &forming, &legends), 0);
    assert_int_equal(legends, 0);
    s.view.right = 1302; /* the next row is beyond the edge, and the line leads to it */
    append(&s, 1301, 2, 0);
    append(&s, 1302, 2, 0);
    bring(&s, NULL, NULL);
    append(&s, 1303, 2, 0);
    assert_int_equal(bring(&s, NULL, NULL), ALL);
    append(&s, 1304, 2, 0);
    assert_int_equal(bring(&s, NULL, NULL), 0);
    scene_close(&s);
}

static void what_rewrites_the_past_is_always_named(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1300; slot++)
        append(&s, slot, 1, 0);
    bring(&s, NULL, NULL);
    s.view.follow = false;
    s.view.right = 1100;
    struct sg_dashboard_data data = fixture_data(&s.history, NULL);
    data.entry = 3;
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    assert_int_equal(sg_dashboard_changes(s.dashboard, &s.view, NULL), ALL);
    data.utc = false;
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    assert_int_equal(sg_dashboard_changes(s.dashboard, &s.view, NULL), ALL);
    assert_false(sg_dashboard_set_data(s.dashboard, &data));
    assert_int_equal(sg_dashboard_changes(s.dashboard, &s.view, NULL), 0);
    sg_dashboard_set_hindsight(s.dashboard, true);
    sg_dashboard_set_data(s.dashboard, &data);
    append(&s, 1300, 1, 0);
    s.history.column[SG_COL_BETA][s.history.length - 1] = 7; /* the newest hedge ratio is drawn through all bars */
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    assert_int_equal(sg_dashboard_changes(s.dashboard, &s.view, NULL) & (1u << SG_PANE_SPREAD | 1u << SG_PANE_ZSCORE), 1u << SG_PANE_SPREAD);
    sg_history_reset(&s.history, MINUTE_US); /* a repair: the same number of rows, other values */
    for (int64_t slot = 1000; slot < 1301; slot++)
        append(&s, slot, 2, 0);
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    assert_int_equal(sg_dashboard_changes(s.dashboard, &s.view, NULL), ALL);
    scene_close(&s);
}

static void panes_that_are_not_named_look_the_same(void **state)
{
    (void)state;
    struct fixture_random random = {.state = 77};
    struct scene s;
    size_t kept = 0;
    scene_open(&s, 10000);
    fixture_fill(&s.history, &random, 200, 60, 120, 5);
    sg_dashboard_set_price_style(s.dashboard, true, false, true);
    scene_sync(&s, NULL);
    struct sg_row forming = fixture_row(&random, s.history.time_us[s.history.length - 1] + MINUTE_US, s.history.length, 60);
    scene_sync(&s, &forming);
    for (int round = 0; round < 60; round++) {
        double newest = (double)(s.history.time_us[s.history.length - 1] / MINUTE_US);
        s.view.follow = false;
        s.view.span = 10 + 60 * fixture_uniform(&random);
        s.view.right = newest + 3 - 8 * fixture_uniform(&random);
        struct canvas before[SG_PANE_ALL];
        for (int i = 0; i < SG_PANE_ALL; i++) {
            before[i] = canvas_new(1);
            draw(&s, &before[i], (enum sg_pane)i);
        }
        bool closes = round % 3 == 0;
        if (closes)
            assert_int_equal(sg_history_append(&s.history, &forming), SG_OK);
        if (closes)
            forming = fixture_row(&random, forming.time_us + MINUTE_US * (round % 2 ? 1 : 4), s.history.length, 60);
        else
            forming.value[round % SG_COL_COUNT] *= 1.003;
        unsigned pictures = bring(&s, &forming, NULL);
        for (int i = 0; i < SG_PANE_ALL; i++) {
            struct canvas after = canvas_new(1);
            draw(&s, &after, (enum sg_pane)i);
            cairo_surface_flush(before[i].surface);
            cairo_surface_flush(after.surface);
            size_t bytes = (size_t)cairo_image_surface_get_stride(after.surface) * (size_t)HEIGHT;
            bool same = memcmp(cairo_image_surface_get_data(before[i].surface), cairo_image_surface_get_data(after.surface), bytes) == 0;
            if (!(pictures & 1u << i)) {
                kept++;
                if (!same)
                    fail_msg("round %d: the %s pane differs and was not named", round, sg_pane_title((enum sg_pane)i));
            }
            canvas_free(&before[i]);
            canvas_free(&after);
        }
    }
    assert_in_range(kept, 60, 60 * SG_PANE_ALL - 60); /* both kinds came */
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_view_of_the_past_keeps_its_pictures), cmocka_unit_test(what_rewrites_the_past_is_always_named),
                                       cmocka_unit_test(panes_that_are_not_named_look_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
