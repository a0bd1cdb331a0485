/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar that is forming is not mistaken for one that has closed, and what is not the present any more is not mistaken for it. */
#include "canvas.h"

#define ROWS 80
#define TAG_LEFT 404.0

static const char font[] = "DejaVu Sans 10";

static void open_pair(struct scene *s, const struct sg_row *forming)
{
    scene_open(s, 1000);
    for (int64_t slot = 0; slot < ROWS; slot++) {
        struct sg_row row = plain_row(slot, sin((double)slot / 9));
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    scene_sync(s, forming);
    s->view.span = ROWS;
    s->view.right = ROWS + 1;
}

/* Pixels of a pane's tags that have the full colour of its line. */
static size_t solid(struct scene *s, struct canvas *c, enum sg_pane pane, const struct sg_color *color)
{
    draw(s, c, pane);
    return count(c, color, TAG_LEFT, 0, 70, HEIGHT, 12);
}

static void a_forming_value_is_provisional(void **state)
{
    (void)state;
    struct scene s;
    struct canvas c = canvas_new(1);
    char words[256];
    struct sg_row forming = plain_row(ROWS, 0.5);
    open_pair(&s, NULL);
    const struct {
        enum sg_pane pane;
        const struct sg_color *color;
        const char *now, *closed;
    } panes[] = {{SG_PANE_ZSCORE, &s.theme->zscore, "z-score now 0.50", "z-score 0."},
                 {SG_PANE_CORRELATION, &s.theme->correlation, "correlation now 0.900", "correlation 0.900"},
                 {SG_PANE_SPREAD, &s.theme->spread, "residual now 10.0000", "residual "},
                 {SG_PANE_PRICE, &s.theme->leg_a, "BTCUSDT now 65005.00, ETHUSDT now 3200.50", "BTCUSDT 6500"}};
    for (size_t i = 0; i < sizeof panes / sizeof panes[0]; i++) {
        scene_sync(&s, NULL);
        size_t closed = solid(&s, &c, panes[i].pane, panes[i].color);
        sg_dashboard_describe(s.dashboard, panes[i].pane, ROWS - 1, words, sizeof words);
        assert_null(strstr(words, "now"));
        assert_ptr_equal(strstr(words, panes[i].closed), words);
        scene_sync(&s, &forming);
        size_t now = solid(&s, &c, panes[i].pane, panes[i].color);
        assert_true(closed > 500);     /* a filled tag … */
        assert_true(now < closed / 3); /* … and only its frame */
        assert_true(now > 60);
        sg_dashboard_describe(s.dashboard, panes[i].pane, ROWS, words, sizeof words);
        assert_ptr_equal(strstr(words, panes[i].now), words);
        sg_dashboard_describe(s.dashboard, panes[i].pane, ROWS - 1, words, sizeof words);
        assert_null(strstr(words, "now")); /* the bar before it has closed */
    }
    canvas_free(&c);
    scene_close(&s);
}

static double legend_of(struct scene *s, struct canvas *c, enum sg_pane pane, size_t cursor, const struct sg_color *color, int tolerance)
{
    cairo_set_source_rgb(c->cr, s->theme->background.red, s->theme->background.green, s->theme->background.blue);
    cairo_paint(c->cr);
    sg_dashboard_draw_overlay(s->dashboard, c->cr, pane, &s->view, s->theme, font, WIDTH, HEIGHT, cursor, -1);
    return (double)count(c, color, 0, 0, 400, 22, tolerance);
}

/* The feed is gone: values and tags step back, nothing is "now", and the legend says what is waited for. */
static void what_is_old_is_dim(void **state)
{
    (void)state;
    struct scene s;
    struct canvas c = canvas_new(1);
    struct sg_row forming = plain_row(ROWS, 0.5);
    char words[256];
    bool said = false;
    open_pair(&s, &forming);
    double strong = legend_of(&s, &c, SG_PANE_ZSCORE, SIZE_MAX, &s.theme->zscore, 60),
           alarm = legend_of(&s, &c, SG_PANE_ZSCORE, SIZE_MAX, &s.theme->threshold, 60);
    assert_true(strong > 15);
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, true, "waiting for BTCUSDT, 19 s old", &said), (1u << SG_PANE_ALL) - 1);
    assert_true(said);
    assert_true(legend_of(&s, &c, SG_PANE_ZSCORE, SIZE_MAX, &s.theme->zscore, 60) < strong / 3);
    assert_true(legend_of(&s, &c, SG_PANE_ZSCORE, SIZE_MAX, &s.theme->threshold, 60) > alarm + 40);
    assert_true(legend_of(&s, &c, SG_PANE_ZSCORE, 70, &s.theme->zscore, 60) > strong / 2); /* a bar that a person points at is what it was */
    assert_int_equal(solid(&s, &c, SG_PANE_ZSCORE, &s.theme->zscore), 0);
    sg_dashboard_describe(s.dashboard, SG_PANE_ZSCORE, ROWS, words, sizeof words);
    assert_string_equal(words, "z-score 0.50");
    /* It grows older: the legends say so, and no pane is drawn again. */
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, true, "waiting for BTCUSDT, 20 s old", &said), 0);
    assert_true(said);
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, true, "waiting for BTCUSDT, 20 s old", &said), 0);
    assert_false(said);
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, false, NULL, &said), (1u << SG_PANE_ALL) - 1);
    assert_true(legend_of(&s, &c, SG_PANE_ZSCORE, SIZE_MAX, &s.theme->zscore, 60) == strong);
    canvas_free(&c);
    scene_close(&s);
}

/* A pane without bars waits for its first one only while there is a connection that could bring it. */
static void an_empty_pane_says_what_it_waits_for(void **state)
{
    (void)state;
    struct scene s;
    struct canvas c = canvas_new(1), d = canvas_new(1);
    scene_open(&s, 1000);
    scene_sync(&s, NULL);
    draw(&s, &c, SG_PANE_ZSCORE);
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, false, "not connected: no bar yet", NULL), (1u << SG_PANE_ALL) - 1);
    draw(&s, &d, SG_PANE_ZSCORE);
    cairo_surface_flush(c.surface);
    cairo_surface_flush(d.surface);
    assert_memory_not_equal(cairo_image_surface_get_data(c.surface), cairo_image_surface_get_data(d.surface), (size_t)(WIDTH * HEIGHT * 4));
    assert_int_equal(sg_dashboard_set_waiting(s.dashboard, false, "", NULL), (1u << SG_PANE_ALL) - 1);
    draw(&s, &d, SG_PANE_ZSCORE);
    cairo_surface_flush(d.surface);
    assert_memory_equal(cairo_image_surface_get_data(c.surface), cairo_image_surface_get_data(d.surface), (size_t)(WIDTH * HEIGHT * 4));
    canvas_free(&c);
    canvas_free(&d);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_forming_value_is_provisional), cmocka_unit_test(what_is_old_is_dim),
                                       cmocka_unit_test(an_empty_pane_says_what_it_waits_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
