/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A band without bars says why, a repaired bar says what happened, and a gap that lasts is hatched to the edge. */
#include "canvas.h"
#include "spreadglass/plot/missing.h"

/* Bars 0..39 and 60..99 of minutes since 1970. */
static void open_gap(struct scene *s)
{
    scene_open(s, 1000);
    for (int64_t slot = 0; slot < 100; slot++)
        if (slot < 40 || slot >= 60)
            append(s, slot, 0, slot == 60 ? SG_ROW_GAP_BEFORE : 0);
    scene_sync(s, NULL);
    s->view.span = 100;
    s->view.right = 100;
}

static const char *at(struct scene *s, double slot)
{
    static char text[SG_MISSING_TEXT];
    size_t length = sg_dashboard_missing_at(s->dashboard, &s->view, WIDTH, slot * 4, text, sizeof text);
    assert_int_equal(length, strlen(text));
    return text;
}

static void causes(void **state)
{
    (void)state;
    struct scene s;
    char text[400];
    open_gap(&s);
    assert_string_equal(at(&s, 20), "");
    assert_string_equal(at(&s, 50), "no bars 00:40:00\xE2\x80\x93"
                                    "01:00:00, cause not known");
    const struct sg_missing list[] = {{0, 40 * MINUTE_US, 60 * MINUTE_US, "disconnected", "not to be filled"},
                                      {1, 40 * MINUTE_US, 60 * MINUTE_US, "disconnected", "not to be filled"},
                                      {1, 10 * MINUTE_US, 12 * MINUTE_US, "feed stalled", "filled"}};
    assert_int_equal(sg_dashboard_set_missing(s.dashboard, list, 3), SG_OK);
    for (double slot = 40; slot < 60; slot++)
        assert_string_equal(at(&s, slot), "BTCUSDT, ETHUSDT: disconnected 00:40:00\xE2\x80\x93"
                                          "01:00:00, not to be filled");
    assert_string_equal(at(&s, 11), "ETHUSDT: feed stalled 00:10:00\xE2\x80\x93"
                                    "00:12:00, filled");
    assert_string_equal(at(&s, 12), "");
    assert_string_equal(at(&s, 200), "");
    assert_string_equal(at(&s, -3), "");
    /* Read aloud with the bar after the hole, and with the bar that was filled. */
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 40, text, sizeof text);
    assert_non_null(strstr(text, "; 20 bars missing before; BTCUSDT, ETHUSDT: disconnected 00:40:00"));
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 11, text, sizeof text);
    assert_non_null(strstr(text, "; ETHUSDT: feed stalled 00:10:00"));
    assert_int_equal(sg_dashboard_set_missing(s.dashboard, NULL, 0), SG_OK);
    sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 11, text, sizeof text);
    assert_null(strstr(text, "stalled"));
    scene_close(&s);
}

static void many_are_counted_and_no_buffer_overflows(void **state)
{
    (void)state;
    struct scene s;
    struct sg_missing list[30];
    open_gap(&s);
    for (int i = 0; i < 30; i++)
        list[i] = (struct sg_missing){i & 1, (40 + i % 20) * MINUTE_US, (41 + i % 20) * MINUTE_US + i, "disconnected", "filled"};
    assert_int_equal(sg_dashboard_set_missing(s.dashboard, list, 30), SG_OK);
    assert_non_null(strstr(at(&s, 50), "; and 26 more"));
    for (size_t size = 0; size < 200; size++) {
        char text[256];
        memset(text, 'x', sizeof text);
        size_t length = sg_dashboard_missing_text(s.dashboard, 0, INT64_MAX, text, size);
        assert_true(size == 0 ? length == 0 : length < size && text[length] == '\0');
        assert_int_equal(text[size], 'x');
    }
    scene_close(&s);
}

static void a_lasting_gap_is_hatched_to_the_edge(void **state)
{
    (void)state;
    struct scene s;
    open_gap(&s);
    s.view.right = 120;
    struct canvas before = canvas_new(1), after = canvas_new(1);
    draw(&s, &before, SG_PANE_SPREAD);
    const struct sg_missing list[] = {{0, 100 * MINUTE_US, INT64_MAX, "disconnected", "lasting"}};
    assert_int_equal(sg_dashboard_set_missing(s.dashboard, list, 1), SG_OK);
    draw(&s, &after, SG_PANE_SPREAD);
    /* slots 100..120 of 20..120: the last fifth of 400 */
    size_t plain = count(&before, &s.theme->background, 325, 40, 70, 120, 2), hatched = count(&after, &s.theme->background, 325, 40, 70, 120, 2);
    assert_true(plain > 5000);
    assert_true(hatched < plain / 2);
    assert_int_equal(count(&before, &s.theme->background, 200, 0, 60, 200, 2), count(&after, &s.theme->background, 200, 0, 60, 200, 2));
    canvas_free(&before);
    canvas_free(&after);
    scene_close(&s);
}

static void a_note_stays_inside(void **state)
{
    (void)state;
    struct scene s;
    open_gap(&s);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_SPREAD);
    size_t axis = count(&c, &s.theme->tag_background, 401, 0, 75, 200, 20);
    sg_dashboard_draw_note(s.dashboard, c.cr, s.theme, NULL, WIDTH, HEIGHT, 399, 190, "ETHUSDT: disconnected");
    assert_true(count(&c, &s.theme->tag_background, 0, 150, 400, 50, 20) > 500);
    assert_int_equal(count(&c, &s.theme->tag_background, 401, 0, 75, 200, 20), axis);
    canvas_free(&c);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(causes), cmocka_unit_test(many_are_counted_and_no_buffer_overflows),
                                       cmocka_unit_test(a_lasting_gap_is_hatched_to_the_edge), cmocka_unit_test(a_note_stays_inside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
