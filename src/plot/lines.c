/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, bands and the areas beyond a threshold: as a polyline where bars are farther apart than pixels, else as one stretch a column. */
#include <math.h>
#include "spans_private.h"

#define PALE 0.45    /* of the strength, where bars were filled */
#define DASH 6.0     /* px of a faint line that are drawn, and … */
#define DASH_GAP 3.0 /* … that are not */

/* A series as drawn: its values, the unit they are shown in, and the axis they are measured on. */
struct trace {
    enum series series;
    struct transform transform;
    const struct value_axis *axis;
    bool dashed;
};

static double line_y(const struct frame *frame, const struct trace *t, size_t row)
{
    double value = sg_plot_transform(&t->transform, sg_plot_value(frame->dashboard, t->series, row));
    return isfinite(value) ? sg_plot_y(t->axis, value) : NAN;
}

/* Half the width of a lonely point's dash: enough to be found, not so much that it reaches into missing time. */
static double lonely_half(const struct frame *frame)
{
    return fmin(fmax(frame->plot_width / frame->view->span / 2, 0.75), 3);
}

/* Adds the segments whose later row has (paler = true) or has not the flag. Lonely points become dashes. Were there any
 * of the other kind? */
static bool trace(const struct frame *frame, const struct trace *t, uint16_t flag, bool paler, struct spans *spans, double line_width)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    double px = 0, py = NAN, half = lonely_half(frame);
    bool drawing = false, reached = false; /* reached: a segment or dash has shown the previous point */
    struct flagged_stretch stretch = {0, 0, false};
    bool others = false;
    for (size_t row = frame->before; row <= frame->after; row++) {
        bool end = row == frame->after;
        double y = end ? NAN : line_y(frame, t, row);
        double x = end ? 0 : sg_plot_row_x(frame, row);
        bool joined = !end && isfinite(y) && isfinite(py) && sg_plot_joined(dashboard, row);
        if (!joined) {
            if (isfinite(py) && !reached && !paler) {
                if (spans) {
                    sg_spans_segment(spans, px - half, py, px + half, py, line_width);
                } else {
                    cairo_move_to(cr, px - half, py);
                    cairo_line_to(cr, px + half, py);
                }
            }
            drawing = false;
            reached = false;
        } else {
            reached = true;
            if (sg_plot_stretch_is_pale(frame, &stretch, flag, row) == paler) {
                if (spans) {
                    sg_spans_segment(spans, px, py, x, y, line_width);
                } else {
                    if (!drawing)
                        cairo_move_to(cr, px, py);
                    cairo_line_to(cr, x, y);
                }
                drawing = true;
            } else {
                drawing = false;
                others = true;
            }
        }
        px = x;
        py = y;
    }
    return others;
}

/* `spans`: NULL strokes with Cairo. */
static void sparse_line(const struct frame *frame, const struct trace *t, uint16_t flag, const struct sg_color *color, double alpha, double line_width,
                        struct spans *spans)
{
    bool others = true;
    for (int paler = 0; others && paler <= (flag != 0); paler++) {
        double strength = paler ? alpha * PALE : alpha;
        others = trace(frame, t, flag, paler, spans, line_width);
        if (spans) {
            sg_spans_fill(spans, color, strength);
        } else {
            sg_plot_source_color(frame->cr, color, strength);
            cairo_stroke(frame->cr);
        }
    }
}

/* What lies between two straight edges, from (x0; a0, b0) to (x1; a1, b1). `spans`: NULL adds it to Cairo's path. */
static void add_area(const struct frame *frame, struct spans *spans, double x0, double a0, double b0, double x1, double a1, double b1)
{
    cairo_t *cr = frame->cr;
    if (spans) {
        sg_spans_area(spans, x0, a0, b0, x1, a1, b1);
        return;
    }
    cairo_move_to(cr, x0, a0);
    cairo_line_to(cr, x1, a1);
    cairo_line_to(cr, x1, b1);
    cairo_line_to(cr, x0, b0);
    cairo_close_path(cr);
}

/* A stretch of one column of device pixels, likewise. */
static void add_column(const struct frame *frame, struct spans *spans, size_t column, double top, double bottom)
{
    double width = 1 / frame->scale;
    if (spans)
        sg_spans_column(spans, column, top, bottom);
    else
        cairo_rectangle(frame->cr, (double)column * width, top, width, bottom - top);
}

static double value_y(const struct trace *t, double value)
{
    return sg_plot_y(t->axis, sg_plot_transform(&t->transform, value));
}

static void dense_line(const struct frame *frame, const struct trace *t, uint16_t flag, const struct sg_color *color, double alpha, double line_width,
                       struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *values = sg_plot_column_values(frame, t->series);
    const struct column_flags *flags = flag ? sg_plot_column_flags(frame) : NULL;
    int leg = flag == SG_ROW_B_FILLED;
    double half = line_width / 2;
    bool others = true;
    for (int paler = 0; others && paler <= (flags != NULL); paler++) {
        others = false;
        for (size_t i = 0; values && i < columns->count; i++) {
            double high = values[i].high, low = values[i].low;
            if (isnan(high) || (t->dashed && fmod((double)i / frame->scale, DASH + DASH_GAP) >= DASH))
                continue;
            if (flags && flags[i].filled[leg] != (paler != 0)) {
                others = true;
                continue;
            }
            /* The line goes on from the column before: where the two do not touch anyway, the way between them is drawn in this one. */
            if (i > 0 && columns->joined[i] && !isnan(values[i - 1].high)) {
                high = values[i - 1].low > high ? values[i - 1].low : high;
                low = values[i - 1].high < low ? values[i - 1].high : low;
            }
            double top = value_y(t, high), bottom = value_y(t, low);
            add_column(frame, spans, i, top - half, bottom + half);
        }
        double strength = paler ? alpha * PALE : alpha;
        if (spans) {
            sg_spans_fill(spans, color, strength);
        } else {
            sg_plot_source_color(frame->cr, color, strength);
            cairo_fill(frame->cr);
        }
    }
}

static void draw_series(const struct frame *frame, const struct trace *t, uint16_t flag, const struct sg_color *color, double alpha, double line_width)
{
    cairo_t *cr = frame->cr;
    struct spans spans;
    bool direct = (!t->dashed || frame->dense) && sg_spans_begin(&spans, frame);
    cairo_set_line_width(cr, line_width);
    if (t->dashed)
        cairo_set_dash(cr, (const double[]){DASH, DASH_GAP}, 2, 0);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_BEVEL);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_FAST);
    if (frame->dense)
        dense_line(frame, t, flag, color, alpha, line_width, direct ? &spans : NULL);
    else
        sparse_line(frame, t, flag, color, alpha, line_width, direct ? &spans : NULL);
    if (t->dashed)
        cairo_set_dash(cr, NULL, 0, 0);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_DEFAULT);
}

/* The forming bar may still change: a dotted way to a hollow dot. */
static void draw_forming(const struct frame *frame, const struct trace *t, const struct sg_color *color)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    size_t row = dashboard->length;
    double y = line_y(frame, t, row), x = sg_plot_row_x(frame, row);
    if (!frame->forming || !isfinite(y))
        return;
    sg_plot_source_color(cr, color, 1);
    if (row > 0 && sg_plot_joined(dashboard, row)) {
        double before = line_y(frame, t, row - 1);
        if (isfinite(before)) {
            const double dots[] = {2, 2};
            cairo_set_dash(cr, dots, 2, 0);
            cairo_set_line_width(cr, frame->theme->line_width);
            cairo_move_to(cr, sg_plot_row_x(frame, row - 1), before);
            cairo_line_to(cr, x, y);
            cairo_stroke(cr);
            cairo_set_dash(cr, NULL, 0, 0);
        }
    }
    sg_plot_ring(frame, x, y, color);
}

void sg_plot_line(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    if (!axis->valid)
        return;
    if (line->candles) {
        sg_plot_candles(frame, line, axis);
        return;
    }
    struct trace t = {line->series, line->transform, axis, line->faint};
    draw_series(frame, &t, line->filled_flag, &line->color, line->faint ? 0.75 : 1, line->faint ? 1.25 : frame->theme->line_width);
    if (!line->faint)
        draw_forming(frame, &t, &line->color);
}

static void sparse_band(const struct frame *frame, const struct trace *high, const struct trace *low, struct spans *spans)
{
    double px = 0, ph = NAN, pl = NAN;
    for (size_t row = frame->before; row < frame->after; row++) {
        double x = sg_plot_row_x(frame, row), h = line_y(frame, high, row), l = line_y(frame, low, row);
        if (isfinite(h) && isfinite(l) && isfinite(ph) && isfinite(pl) && sg_plot_joined(frame->dashboard, row))
            add_area(frame, spans, px, ph, pl, x, h, l);
        px = x;
        ph = h;
        pl = l;
    }
}

static void dense_band(const struct frame *frame, const struct trace *high, const struct trace *low, struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *above = sg_plot_column_values(frame, high->series), *below = sg_plot_column_values(frame, low->series);
    for (size_t i = 0; above && below && i < columns->count; i++) {
        if (isnan(above[i].high) || isnan(below[i].low))
            continue;
        double top = value_y(high, above[i].high), bottom = value_y(low, below[i].low);
        add_column(frame, spans, i, top, bottom);
    }
}

void sg_plot_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    if (!plan->band || !axis->valid)
        return;
    struct trace high = {plan->band_high, axis->transform, axis, false}, low = {plan->band_low, axis->transform, axis, false};
    struct spans spans;
    bool direct = sg_spans_begin(&spans, frame);
    double alpha = frame->theme->dark ? 0.13 : 0.10;
    (frame->dense ? dense_band : sparse_band)(frame, &high, &low, direct ? &spans : NULL);
    if (direct) {
        sg_spans_fill(&spans, &plan->band_color, alpha);
    } else {
        sg_plot_source_color(frame->cr, &plan->band_color, alpha);
        /* Neighbouring pieces share an edge: with antialiasing each would show. */
        cairo_set_antialias(frame->cr, CAIRO_ANTIALIAS_NONE);
        cairo_fill(frame->cr);
        cairo_set_antialias(frame->cr, CAIRO_ANTIALIAS_DEFAULT);
    }
    if (plan->band_middle != SERIES_COUNT) {
        struct trace middle = {plan->band_middle, axis->transform, axis, false};
        draw_series(frame, &middle, 0, &plan->band_color, 0.55, 1);
    }
}

/* What lies beyond a threshold is filled down to it: how far and how long, at a glance. */
static void sparse_excess(const struct frame *frame, const struct trace *t, double limit, double sign, struct spans *spans)
{
    double px = 0, py = NAN;
    for (size_t row = frame->before; row < frame->after; row++) {
        double x = sg_plot_row_x(frame, row), y = line_y(frame, t, row);
        /* sign -1: above is smaller y. Each segment's part beyond the limit is a triangle or a trapezoid. */
        double beyond = sign * (y - limit), before = sign * (py - limit);
        if (isfinite(y) && isfinite(py) && (beyond > 0 || before > 0) && sg_plot_joined(frame->dashboard, row)) {
            double cross = beyond > 0 && before > 0 ? 0 : px + (x - px) * before / (before - beyond);
            double x0 = before > 0 ? px : cross, y0 = before > 0 ? py : limit, x1 = beyond > 0 ? x : cross, y1 = beyond > 0 ? y : limit;
            add_area(frame, spans, x0, y0, limit, x1, y1, limit);
        }
        px = x;
        py = y;
    }
}

static void dense_excess(const struct frame *frame, const struct trace *t, double limit, double sign, struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *values = sg_plot_column_values(frame, t->series);
    for (size_t i = 0; values && i < columns->count; i++) {
        double y = value_y(t, sign < 0 ? values[i].high : values[i].low);
        if (!(sign * (y - limit) > 0))
            continue;
        add_column(frame, spans, i, fmin(y, limit), fmax(y, limit));
    }
}

void sg_plot_excess(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    if (plan->threshold <= 0 || !axis->valid)
        return;
    struct trace t = {plan->line[0].series, plan->line[0].transform, axis, false};
    double alpha = frame->theme->dark ? 0.30 : 0.22;
    for (double sign = -1; sign <= 1; sign += 2) {
        double limit = sg_plot_y(axis, -sign * plan->threshold);
        struct spans spans;
        bool direct = sg_spans_begin(&spans, frame);
        (frame->dense ? dense_excess : sparse_excess)(frame, &t, limit, sign, direct ? &spans : NULL);
        if (direct) {
            sg_spans_fill(&spans, &frame->theme->threshold, alpha);
        } else {
            sg_plot_source_color(frame->cr, &frame->theme->threshold, alpha);
            cairo_fill(frame->cr);
        }
    }
}
