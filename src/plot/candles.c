/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candles of a leg, and the volumes of both at the foot of the price pane. */
#include <math.h>
#include "spans_private.h"

#define ROOMY 3.0               /* px a bar needs to show a body */
#define VOLUME_SHARE 0.20       /* of the pane's height */

static double column_y(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, enum sg_column column, size_t row)
{
    double value = sg_plot_transform(&line->transform, sg_plot_column(frame->dashboard, column, row));
    return isfinite(value) ? sg_plot_y(axis, value) : NAN;
}

/* Hollow: close at or above open. Filled: below. Never told by colour alone, and the colour stays the leg's. */
static void candle(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, size_t row, double body)
{
    cairo_t *cr = frame->cr;
    enum sg_column first = line->series == SERIES_A ? SG_COL_A_OPEN : SG_COL_B_OPEN; /* open, high, low, close follow each other */
    double open = column_y(frame, line, axis, first, row), high = column_y(frame, line, axis, first + 1, row);
    double low = column_y(frame, line, axis, first + 2, row), close = column_y(frame, line, axis, first + 3, row);
    if (isnan(open) || isnan(high) || isnan(low) || isnan(close))
        return;
    double thick = sg_plot_hairline(frame), x = sg_plot_row_x(frame, row);
    bool forming = row == frame->dashboard->length, pale = forming || (sg_plot_flags(frame->dashboard, row) & line->filled_flag);
    sg_plot_source_color(cr, &line->color, pale ? 0.55 : 1);
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
    if (hollow) { /* wound the other way: the even-odd hole */
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
    struct spans spans;
    bool direct = sg_spans_begin(&spans, frame);
    double width = 1 / frame->scale;
    for (size_t i = 0; high && low && i < columns->count; i++) {
        double top = sg_plot_y(axis, sg_plot_transform(&line->transform, high[i].high));
        double bottom = sg_plot_y(axis, sg_plot_transform(&line->transform, low[i].low));
        if (isnan(top) || isnan(bottom))
            continue;
        if (direct)
            sg_spans_column(&spans, i, top - 0.5, bottom + 0.5);
        else
            cairo_rectangle(frame->cr, (double)i * width, top - 0.5, width, bottom - top + 1);
    }
    if (direct) {
        sg_spans_fill(&spans, &line->color, 1);
    } else {
        sg_plot_source_color(frame->cr, &line->color, 1);
        cairo_fill(frame->cr);
    }
}

void sg_plot_candles(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    if (frame->dense) {
        dense_candles(frame, line, axis);
    } else {
        double body = floor(frame->plot_width / frame->view->span * 0.7);
        for (size_t row = frame->before; row < frame->after; row++)
            candle(frame, line, axis, row, body);
        if (frame->forming)
            candle(frame, line, axis, frame->dashboard->length, body);
    }
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
    double unit = frame->height * VOLUME_SHARE / largest, alpha = 0.32;
    if (frame->dense) {
        const struct columns_cache *columns = sg_plot_columns(frame);
        const struct column_values *values = sg_plot_column_values(frame, series);
        struct spans spans;
        bool direct = sg_spans_begin(&spans, frame);
        double width = 1 / frame->scale;
        for (size_t i = 0; values && i < columns->count; i++) {
            double tall = values[i].high * unit;
            if (!(tall > 0))
                continue;
            if (direct)
                sg_spans_column(&spans, i, frame->height - tall, frame->height);
            else
                cairo_rectangle(cr, (double)i * width, frame->height - tall, width, tall);
        }
        if (direct)
            sg_spans_fill(&spans, color, alpha);
        sg_plot_source_color(cr, color, alpha);
        cairo_fill(cr);
        return;
    }
    double slot = frame->plot_width / frame->view->span, width = fmax(slot * 0.35, sg_plot_hairline(frame));
    for (size_t row = frame->before; row <= frame->after; row++) {
        if (row == frame->after && !(frame->forming && row == dashboard->length))
            break;
        double tall = sg_plot_value(dashboard, series, row) * unit, x = sg_plot_row_x(frame, row);
        if (tall > 0)
            cairo_rectangle(cr, sg_plot_snap(frame, second ? x : x - width), frame->height - tall, width, tall);
    }
    sg_plot_source_color(cr, color, alpha);
    cairo_fill(cr);
}

void sg_plot_volume(const struct frame *frame)
{
    if (!frame->dashboard->volume || frame->dashboard->length == 0)
        return;
    leg_volume(frame, false);
    leg_volume(frame, true);
}
