/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

static struct sg_viewport thousand(double span)
{
    struct sg_viewport view;
    sg_viewport_init(&view, span);
    sg_viewport_set_extent(&view, 0, 999);
    return view;
}

static void close_to(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9 * fmax(1, fabs(b)));
}

static void starts_following_without_data(void **state)
{
    (void)state;
    struct sg_viewport view;
    sg_viewport_init(&view, 240);
    assert_true(view.follow);
    assert_true(view.last < view.first);
    assert_false(sg_viewport_newest_visible(&view));
    sg_viewport_init(&view, 2);
    close_to(view.span, SG_VIEW_MIN_SPAN);
    sg_viewport_init(&view, NAN);
    assert_true(isfinite(view.span));
    sg_viewport_set_extent(&view, NAN, 5);
    assert_true(view.last < view.first);
}

static void following_keeps_the_newest_bar_at_its_place(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    double place = sg_viewport_fraction_of(&view, view.last);
    close_to(place, 1 - SG_VIEW_MARGIN);
    for (double last = 1000; last < 1100; last++) {
        sg_viewport_set_extent(&view, 0, last);
        close_to(sg_viewport_fraction_of(&view, last), place);
        assert_true(view.follow);
    }
}

static void new_data_never_moves_a_view_that_is_not_following(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_pan(&view, -50);
    assert_false(view.follow);
    struct sg_viewport before = view;
    for (double last = 1000; last < 3000; last += 7)
        sg_viewport_set_extent(&view, 0, last);
    assert_true(view.right == before.right);
    assert_true(view.span == before.span);
    assert_false(view.follow);
    sg_viewport_set_extent(&view, 500, 3000); /* the oldest rows left */
    assert_true(view.right == before.right);
    assert_true(view.span == before.span);
    sg_viewport_set_extent(&view, 0, -1); /* and all of them */
    assert_true(view.right == before.right);
    assert_true(view.span == before.span);
}

static void zoom_keeps_the_slot_under_the_cursor(void **state)
{
    (void)state;
    for (double fraction = 0; fraction <= 1; fraction += 0.125) {
        struct sg_viewport view = thousand(200);
        sg_viewport_pan(&view, -400);
        for (int i = 0; i < 12; i++) {
            double slot = sg_viewport_slot_at(&view, fraction);
            sg_viewport_zoom(&view, fraction, i % 3 ? 0.9 : 1.1, true);
            close_to(sg_viewport_slot_at(&view, fraction), slot);
        }
    }
}

static void zoom_while_following_keeps_the_newest_bar(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_zoom(&view, 0.3, 0.5, false);
    close_to(view.span, 100);
    assert_true(view.follow);
    close_to(sg_viewport_fraction_of(&view, view.last), 1 - SG_VIEW_MARGIN);
    sg_viewport_zoom(&view, 0.3, 0.5, true); /* with the modifier: at the cursor, which leaves the present */
    assert_false(view.follow);
}

static void zoom_stays_within_bounds(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    for (int i = 0; i < 200; i++)
        sg_viewport_zoom(&view, 0.5, 0.5, i % 2);
    close_to(view.span, SG_VIEW_MIN_SPAN);
    for (int i = 0; i < 200; i++)
        sg_viewport_zoom(&view, 0.5, 1.5, i % 2);
    close_to(view.span, 1000 * SG_VIEW_MAX_OVER);
    assert_true(view.right <= view.last + view.margin * view.span + 1e-9);
    struct sg_viewport before = view;
    sg_viewport_zoom(&view, 0.5, NAN, true);
    sg_viewport_zoom(&view, NAN, 0.5, true);
    sg_viewport_zoom(&view, 0.5, -1, true);
    sg_viewport_zoom(&view, 0.5, 0, true);
    assert_memory_equal(&view, &before, sizeof view);
}

static void zooming_out_never_opens_room_right_of_the_present(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_pan(&view, -30);
    for (int i = 0; i < 40; i++) {
        sg_viewport_zoom(&view, 0.1, 1.1, true);
        assert_true(view.right <= view.last + view.margin * view.span + 1e-9);
    }
    assert_true(view.follow);
}

static void pan_stops_at_both_ends_and_follows_again_at_the_later(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_pan(&view, -1e9);
    close_to(view.right, view.first + SG_VIEW_MIN_SPAN);
    assert_false(view.follow);
    sg_viewport_pan(&view, 5e8);
    assert_true(view.follow);
    close_to(view.right, view.last + view.margin * view.span);
    sg_viewport_pan(&view, -0.5);
    assert_false(view.follow);
    sg_viewport_pan(&view, 0.5);
    assert_true(view.follow);
    struct sg_viewport before = view;
    sg_viewport_pan(&view, INFINITY);
    assert_memory_equal(&view, &before, sizeof view);
}

static void show_is_what_a_person_chose(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_show(&view, 300, 400);
    close_to(view.right, 400);
    close_to(view.span, 100);
    assert_false(view.follow);
    sg_viewport_show(&view, 500, 450); /* drawn from right to left */
    close_to(view.right, 500);
    close_to(view.span, 50);
    sg_viewport_show(&view, 700, 701);
    close_to(view.span, SG_VIEW_MIN_SPAN);
    close_to(sg_viewport_slot_at(&view, 0.5), 700.5);
    sg_viewport_show(&view, 900, 5000);
    assert_true(view.right <= view.last + view.margin * view.span + 1e-9);
}

static void first_live_and_reset(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(200);
    sg_viewport_go_first(&view);
    assert_false(view.follow);
    assert_true(sg_viewport_slot_at(&view, 0) <= view.first);
    assert_true(sg_viewport_slot_at(&view, 0.1) > view.first);
    assert_false(sg_viewport_newest_visible(&view));
    sg_viewport_go_live(&view);
    assert_true(view.follow);
    assert_true(sg_viewport_newest_visible(&view));
    sg_viewport_show(&view, 10, 60);
    sg_viewport_reset(&view, 120);
    assert_true(view.follow);
    close_to(view.span, 120);
}

static void a_few_bars_do_not_shrink_the_view(void **state)
{
    (void)state;
    struct sg_viewport view;
    sg_viewport_init(&view, 240);
    sg_viewport_set_extent(&view, 100, 102);
    close_to(view.span, 240);
    sg_viewport_zoom(&view, 0.5, 0.9, false);
    close_to(view.span, 216);
    sg_viewport_zoom(&view, 0.5, 4, false);
    close_to(view.span, 216); /* already wider than needed: not wider still */
    sg_viewport_pan(&view, -1000);
    assert_true(view.right <= 102 + view.margin * view.span);
}

static void slot_and_fraction_are_inverse(void **state)
{
    (void)state;
    struct sg_viewport view = thousand(173.25);
    sg_viewport_pan(&view, -123.4);
    for (double f = -0.5; f <= 1.5; f += 0.0625)
        close_to(sg_viewport_fraction_of(&view, sg_viewport_slot_at(&view, f)) + 1, f + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_following_without_data),
        cmocka_unit_test(following_keeps_the_newest_bar_at_its_place),
        cmocka_unit_test(new_data_never_moves_a_view_that_is_not_following),
        cmocka_unit_test(zoom_keeps_the_slot_under_the_cursor),
        cmocka_unit_test(zoom_while_following_keeps_the_newest_bar),
        cmocka_unit_test(zoom_stays_within_bounds),
        cmocka_unit_test(zooming_out_never_opens_room_right_of_the_present),
        cmocka_unit_test(pan_stops_at_both_ends_and_follows_again_at_the_later),
        cmocka_unit_test(show_is_what_a_person_chose),
        cmocka_unit_test(first_live_and_reset),
        cmocka_unit_test(a_few_bars_do_not_shrink_the_view),
        cmocka_unit_test(slot_and_fraction_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
