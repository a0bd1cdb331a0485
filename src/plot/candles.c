/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candles of a leg, and the volumes of both at the foot of the price pane. */
#include <math.h>
#include "spans_private.h"

#define ROOMY 3.0         /* px a bar needs to show a body */
#define DOTTED 7.0        /* … and so that its dots are seen as such */
#define PALE 0.45         /* of the strength, where bars were filled */
#define VOLUME_SHARE 0.20 /* of the pane's height */

static double column_y(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, enum sg_column column, size_t row)
{
    double value = sg_plot_transform(&line->transform, sg_plot_column(frame->dashboard, column, row));
    return isfinite(value) ? sg_plot_y(axis, value) : NAN;
}

static void dots(const struct frame *frame, bool dotted)
{
    double thick = sg_plot_hairline(frame);
    const double pattern[] = {thick, thick};
    cairo_set_dash(frame->cr, dotted ? pattern : NULL, dotted ? 2 : 0, 0);
    cairo_set_line_width(frame->cr, thick);
}

/* Still to change: dotted all around, and where there is no room for a body, a ring at the close as the end of a line has it. */
static void forming_candle(const struct frame *frame, const struct line_plan *line, const double y[4], double body)
{
    cairo_t *cr = frame->cr;
    double thick = sg_plot_hairline(frame), x = sg_plot_row_x(frame, frame->dashboard->length);
    double middle = sg_plot_snap(frame, x - thick / 2) + thick / 2, top = fmin(y[0], y[3]), bottom = fmax(y[0], y[3]);
    bool roomy = body >= DOTTED;
    sg_plot_source_color(cr, &line->color, 1);
    dots(frame, true);
    cairo_move_to(cr, middle, y[1]);
    cairo_line_to(cr, middle, roomy ? fmax(y[1], top) : fmax(y[2], y[1] + thick));
    if (roomy && y[2] > bottom) {
        cairo_move_to(cr, middle, bottom);
        cairo_line_to(cr, middle, y[2]);
    }
    cairo_stroke(cr);
    if (roomy) {
        double left = sg_plot_snap(frame, x - body / 2), right = sg_plot_snap(frame, x + body / 2);
        top = sg_plot_snap(frame, top);
        bottom = fmax(sg_plot_snap(frame, bottom), top + 2 * thick);
        cairo_rectangle(cr, left + thick / 2, top + thick / 2, right - left - thick, bottom - top - thick);
        sg_plot_source_color(cr, &line->color, y[3] <= y[0] ? 0 : 0.4); /* y grows downward: this one falls */
        cairo_fill_preserve(cr);
        sg_plot_source_color(cr, &line->color, 1);
        cairo_stroke(cr);
        dots(frame, false);
        return;
    }
    dots(frame, false);
    sg_plot_ring(frame, x, y[3], &line->color);
}

/* Hollow: close at or above open. Filled: below. Never told by colour alone, and the colour stays the leg's. */
static void candle(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, size_t row, double body, bool pale)
{
    cairo_t *cr = frame->cr;
    enum sg_column first = line->series == SERIES_A ? SG_COL_A_OPEN : SG_COL_B_OPEN; /* open, high, low, close follow each other */
    double open = column_y(frame, line, axis, first, row), high = column_y(frame, line, axis, first + 1, row);
    double low = column_y(frame, line, axis, first + 2, row), close = column_y(frame, line, axis, first + 3, row);
    if (isnan(open) || isnan(high) || isnan(low) || isnan(close))
        return;
    if (row == frame->dashboard->length) {
        forming_candle(frame, line, (const double[]){open, high, low, close}, body);
        return;
    }
    double thick = sg_plot_hairline(frame), x = sg_plot_row_x(frame, row);
    sg_plot_source_color(cr, &line->color, pale ? PALE : 1);
    if (body < ROOMY) {
        sg_plot_rule_v(frame, x, high, fmax(low - high, thick));
        cairo_fill(cr);
        return;
    }
    double left = sg_plot_snap(frame, x - body / 2), right = sg_plot_snap(frame, x + body / 2);
    double top = sg_plot_snap(frame, fmin(open, close)), bottom = fmax(sg_plot_snap(frame, fmax(open, close)), top + thick);
    sg_plot_rule_v(frame, (left + right) / 2, high, fmax(top - high, 0));
    sg_plot_rule_v(frame, (left + right) / 2, bottom, fmax(low - bottom, 0));
    cairo_rectangle(cr, left, top, right - left, bottom - top);
    bool hollow = close <= open && right - left > 3 * thick && bottom - top > 2 * thick; /* y grows downward */
    if (hollow) {                                                                        /* wound the other way: the even-odd hole */
        cairo_rectangle(cr, left + thick, top + thick, right - left - 2 * thick, bottom - top - 2 * thick);
        cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    }
    cairo_fill(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
}

static void dense_candles(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    bool a = line->series == SERIES_A;
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *high = sg_plot_column_values(frame, a ? SERIES_A_HIGH : SERIES_B_HIGH);
    const struct column_values *low = sg_plot_column_values(frame, a ? SERIES_A_LOW : SERIES_B_LOW);
    const struct column_flags *flags = sg_plot_column_flags(frame);
    struct spans spans;
    bool direct = sg_spans_begin(&spans, frame);
    double width = 1 / frame->scale;
    bool others = true;
    for (int paler = 0; others && paler <= (flags != NULL); paler++) {
        others = false;
        for (size_t i = 0; high && low && i < columns->count; i++) {
            double top = sg_plot_y(axis, sg_plot_transform(&line->transform, high[i].high));
            double bottom = sg_plot_y(axis, sg_plot_transform(&line->transform, low[i].low));
            if (isnan(top) || isnan(bottom))
                continue;
            if (flags && flags[i].filled[a ? 0 : 1] != (paler != 0)) {
                others = true;
                continue;
            }
            if (direct)
                sg_spans_column(&spans, i, top - 0.5, bottom + 0.5);
            else
                cairo_rectangle(frame->cr, (double)i * width, top - 0.5, width, bottom - top + 1);
        }
        if (direct) {
            sg_spans_fill(&spans, &line->color, paler ? PALE : 1);
        } else {
            sg_plot_source_color(frame->cr, &line->color, paler ? PALE : 1);
            cairo_fill(frame->cr);
        }
    }
}

void sg_plot_candles(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    double body = floor(frame->plot_width / frame->view->span * 0.7);
    struct flagged_stretch stretch = {0, 0, false};
    if (frame->dense)
        dense_candles(frame, line, axis);
    for (size_t row = frame->before; !frame->dense && row < frame->after; row++)
        candle(frame, line, axis, row, body, sg_plot_stretch_is_pale(frame, &stretch, line->filled_flag, row));
    if (frame->forming)
        candle(frame, line, axis, frame->dashboard->length, body, false);
}

static void volume_bar(const struct frame *frame, size_t row, double tall, double width, bool second)
{
    double x = sg_plot_row_x(frame, row);
    if (tall > 0)
        cairo_rectangle(frame->cr, sg_plot_snap(frame, second ? x : x - width), frame->height - tall, width, tall);
}

/* Each leg against its own largest volume in view: the two are counted in different coins. */
static void leg_volume(const struct frame *frame, bool second)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    enum series series = second ? SERIES_B_VOLUME : SERIES_A_VOLUME;
    const struct sg_color *color = second ? &frame->theme->leg_b : &frame->theme->leg_a;
    struct sg_extent extent = {0, 0};
    bool any = sg_plot_extent(dashboard, series, frame->first, frame->last, &extent);
    double largest = any ? extent.high : 0, forming = frame->forming ? sg_plot_value(dashboard, series, dashboard->length) : NAN;
    largest = forming > largest ? forming : largest;
    if (!(largest > 0) || !isfinite(largest))
        return;
    double unit = frame->height * VOLUME_SHARE / largest, alpha = 0.32, slot = frame->plot_width / frame->view->span;
    double width = fmax(slot * 0.35, sg_plot_hairline(frame));
    if (frame->dense) {
        const struct columns_cache *columns = sg_plot_columns(frame);
        const struct column_values *values = sg_plot_column_values(frame, series);
        struct spans spans;
        bool direct = sg_spans_begin(&spans, frame);
        double column = 1 / frame->scale;
        for (size_t i = 0; values && i < columns->count; i++) {
            double tall = values[i].high * unit;
            if (!(tall > 0))
                continue;
            if (direct)
                sg_spans_column(&spans, i, frame->height - tall, frame->height);
            else
                cairo_rectangle(cr, (double)i * column, frame->height - tall, column, tall);
        }
        if (direct)
            sg_spans_fill(&spans, color, alpha);
    }
    for (size_t row = frame->before; !frame->dense && row < frame->after; row++)
        volume_bar(frame, row, sg_plot_value(dashboard, series, row) * unit, width, second);
    sg_plot_source_color(cr, color, alpha);
    cairo_fill(cr);
    if (!frame->forming)
        return;
    volume_bar(frame, dashboard->length, forming * unit, width, second); /* paler: it still grows */
    sg_plot_source_color(cr, color, alpha / 2);
    cairo_fill(cr);
}

void sg_plot_volume(const struct frame *frame)
{
    if (!frame->dashboard->volume || frame->dashboard->length == 0)
        return;
    leg_volume(frame, false);
    leg_volume(frame, true);
}
