/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A pane on an image surface, and how many of its pixels have a colour. */
#include "fixture.h"

#define WIDTH 476.0 /* a plot area of 400 */
#define HEIGHT 200.0

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    double scale;
};

static inline struct canvas canvas_new(double scale)
{
    struct canvas c = {.scale = scale};
    c.surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(WIDTH * scale), (int)(HEIGHT * scale));
    cairo_surface_set_device_scale(c.surface, scale, scale);
    c.cr = cairo_create(c.surface);
    return c;
}

static inline void canvas_free(struct canvas *c)
{
    assert_int_equal(cairo_status(c->cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
}

/* How many device pixels in a rectangle of units are nearer than `tolerance` (of 255, each channel) to the colour. */
static inline size_t count(const struct canvas *c, const struct sg_color *color, double x, double y, double width, double height, int tolerance)
{
    cairo_surface_flush(c->surface);
    const unsigned char *data = cairo_image_surface_get_data(c->surface);
    int stride = cairo_image_surface_get_stride(c->surface), found = 0;
    int wanted[3] = {(int)lround(color->blue * 255), (int)lround(color->green * 255), (int)lround(color->red * 255)};
    int right = (int)fmin((x + width) * c->scale, WIDTH * c->scale), bottom = (int)fmin((y + height) * c->scale, HEIGHT * c->scale);
    for (int py = (int)fmax(y * c->scale, 0); py < bottom; py++)
        for (int px = (int)fmax(x * c->scale, 0); px < right; px++) {
            const unsigned char *pixel = data + py * stride + px * 4;
            found += abs(pixel[0] - wanted[0]) <= tolerance && abs(pixel[1] - wanted[1]) <= tolerance && abs(pixel[2] - wanted[2]) <= tolerance;
        }
    return (size_t)found;
}

static inline struct sg_row plain_row(int64_t slot, double z)
{
    struct sg_row row = {.time_us = slot * MINUTE_US};
    for (int i = 0; i < SG_COL_COUNT; i++)
        row.value[i] = 1;
    row.value[SG_COL_A_CLOSE] = 65000 + z * 10;
    row.value[SG_COL_B_CLOSE] = 3200 + z;
    row.value[SG_COL_SPREAD] = row.value[SG_COL_RESIDUAL] = z * 20;
    row.value[SG_COL_MEAN] = row.value[SG_COL_RESIDUAL_MEAN] = 0;
    row.value[SG_COL_STD] = 20;
    row.value[SG_COL_ZSCORE] = z;
    row.value[SG_COL_CORRELATION] = 0.9;
    row.reason = (uint8_t)(isnan(z) ? SG_REASON_WARMING_UP : SG_REASON_NONE);
    return row;
}

/* Whether ticks in their order are whole multiples of a round step that is not much finer than they are apart. */
static inline bool are_round(const double *values, size_t count, double range)
{
    double apart = count > 1 ? INFINITY : range;
    for (size_t i = 0; i + 1 < count; i++)
        apart = fmin(apart, fabs(values[i] - values[i + 1]));
    static const double mantissas[] = {5, 2.5, 2, 1};
    int exponent = (int)floor(log10(apart));
    for (int down = 0; down < 3; down++)
        for (size_t m = 0; m < 4; m++) {
            double step = mantissas[m] * pow(10, exponent - down);
            bool all = step <= apart * (1 + 1e-9) && step >= range / 200;
            for (size_t i = 0; all && i < count; i++)
                all = fabs(values[i] / step - round(values[i] / step)) < 1e-6 * fmax(1, fabs(values[i] / step) * 1e-3);
            if (all)
                return true;
        }
    return false;
}

struct scene {
    struct sg_history history;
    struct sg_dashboard *dashboard;
    struct sg_viewport view;
    const struct sg_theme *theme;
};

static inline void scene_open(struct scene *scene, size_t maximum)
{
    sg_history_init(&scene->history, MINUTE_US, maximum);
    scene->dashboard = sg_dashboard_new();
    scene->theme = sg_theme_get(true, false);
    sg_viewport_init(&scene->view, 100);
}

static inline void scene_close(struct scene *scene)
{
    sg_dashboard_free(scene->dashboard);
    sg_history_free(&scene->history);
}

static inline bool scene_sync(struct scene *scene, const struct sg_row *forming)
{
    struct sg_dashboard_data data = fixture_data(&scene->history, forming);
    bool changed = sg_dashboard_set_data(scene->dashboard, &data);
    sg_dashboard_update_extent(scene->dashboard, &scene->view);
    return changed;
}

static inline void append(struct scene *scene, int64_t slot, double z, uint16_t flags)
{
    struct sg_row row = plain_row(slot, z);
    row.flags = flags;
    assert_int_equal(sg_history_append(&scene->history, &row), SG_OK);
}

static inline void draw(struct scene *scene, struct canvas *c, enum sg_pane pane)
{
    sg_dashboard_draw_pane(scene->dashboard, c->cr, pane, &scene->view, scene->theme, "Sans 10", WIDTH, HEIGHT);
}
