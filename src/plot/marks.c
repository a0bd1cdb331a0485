/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marks of a pane: lines, bands, thresholds, gaps, alerts. */
#include <math.h>
#include "spans_private.h"

void sg_plot_source_color(cairo_t *cr, const struct sg_color *color, double alpha)
{
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, color->alpha * alpha);
}

double sg_plot_snap(const struct frame *frame, double position)
{
    return round(position * frame->scale) / frame->scale;
}

double sg_plot_hairline(const struct frame *frame)
{
    return fmax(1, round(frame->scale)) / frame->scale;
}

void sg_plot_rule_h(const struct frame *frame, double x, double y, double width)
{
    double thick = sg_plot_hairline(frame);
    cairo_rectangle(frame->cr, x, sg_plot_snap(frame, y - thick / 2), width, thick);
}

void sg_plot_rule_v(const struct frame *frame, double x, double y, double height)
{
    double thick = sg_plot_hairline(frame);
    cairo_rectangle(frame->cr, sg_plot_snap(frame, x - thick / 2), y, thick, height);
}

void sg_plot_pill(cairo_t *cr, double x, double y, double width, double height, double radius)
{
    radius = fmin(radius, fmin(width, height) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + width - radius, y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cr, x + width - radius, y + height - radius, radius, 0, M_PI / 2);
    cairo_arc(cr, x + radius, y + height - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cr, x + radius, y + radius, radius, M_PI, 1.5 * M_PI);
    cairo_close_path(cr);
}

static double luminance(const struct sg_color *color)
{
    double channel[3] = {color->red, color->green, color->blue};
    for (int i = 0; i < 3; i++)
        channel[i] = channel[i] <= 0.04045 ? channel[i] / 12.92 : pow((channel[i] + 0.055) / 1.055, 2.4);
    return 0.2126 * channel[0] + 0.7152 * channel[1] + 0.0722 * channel[2];
}

struct sg_color sg_plot_contrast(const struct sg_color *background)
{
    /* Black beats white above a luminance of 0.179: there both contrasts are 4.58. */
    bool bright = luminance(background) > 0.179;
    return bright ? (struct sg_color){0.07, 0.07, 0.07, 1} : (struct sg_color){1, 1, 1, 1};
}

/* --- gaps ------------------------------------------------------------------------------------------------------------------ */

static void hatch(const struct frame *frame, double from, double to)
{
    cairo_t *cr = frame->cr;
    from = fmax(from, 0);
    to = fmin(to, frame->plot_width);
    if (to - from < 2)
        return;
    cairo_save(cr);
    cairo_rectangle(cr, from, 0, to - from, frame->height);
    cairo_clip(cr);
    sg_plot_source_color(cr, &frame->theme->hatch, 0.35);
    cairo_paint(cr);
    sg_plot_source_color(cr, &frame->theme->hatch, 1);
    cairo_set_line_width(cr, 1);
    /* Anchored to the pane and not to the gap: neighbouring gaps line up, and the pattern holds still as the gap grows. */
    const double pitch = 8;
    for (double x = floor((from - frame->height) / pitch) * pitch; x < to; x += pitch) {
        cairo_move_to(cr, x, frame->height);
        cairo_line_to(cr, x + frame->height, 0);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* The space between two rows that are not neighbours, seen from the middle of the missing slots' edges. */
static void gap_before(const struct frame *frame, size_t row)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    double from = sg_plot_slot(dashboard, row - 1), to = sg_plot_slot(dashboard, row);
    if (to - from > 1.5)
        hatch(frame, sg_plot_x(frame, from + 0.5), sg_plot_x(frame, to - 0.5));
}

void sg_plot_gaps(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    size_t end = frame->after;
    if (frame->dense) {
        const struct columns_cache *columns = sg_plot_columns(frame);
        const size_t *start = columns ? columns->start : NULL;
        size_t seen = SIZE_MAX;
        for (size_t i = 0; columns && i < columns->count; i++) {
            /* A gap that is wide enough to see leaves a column without rows. */
            if (start[i] == start[i + 1] && start[i] != seen && start[i] > 0 && start[i] < dashboard->length) {
                seen = start[i];
                gap_before(frame, seen);
            }
        }
    } else {
        for (size_t row = frame->before + 1; row < end; row++)
            if (!sg_plot_joined(dashboard, row))
                gap_before(frame, row);
    }
    if (dashboard->has_forming && dashboard->length > 0 && frame->after == dashboard->length && !sg_plot_joined(dashboard, dashboard->length))
        gap_before(frame, dashboard->length);
}

/* --- lines ----------------------------------------------------------------------------------------------------------------- */

/* A series as drawn: its values, the unit they are shown in, and the axis they are measured on. */
struct trace { enum series series; struct transform transform; const struct value_axis *axis; };

static double line_y(const struct frame *frame, const struct trace *t, size_t row)
{
    double value = sg_plot_transform(&t->transform, sg_plot_value(frame->dashboard, t->series, row));
    return isfinite(value) ? sg_plot_y(t->axis, value) : NAN;
}

/* Adds the segments whose later row has (paler = true) or has not the flag. Lonely points become dots. */
static void trace(const struct frame *frame, const struct trace *t, uint16_t flag, bool paler, struct spans *spans, double line_width)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    double px = 0, py = NAN;
    bool drawing = false, reached = false; /* reached: a segment or dot has shown the previous point */
    for (size_t row = frame->before; row <= frame->after; row++) {
        bool end = row == frame->after;
        double y = end ? NAN : line_y(frame, t, row);
        double x = end ? 0 : sg_plot_row_x(frame, row);
        bool joined = !end && isfinite(y) && isfinite(py) && sg_plot_joined(dashboard, row);
        if (!joined) {
            if (isfinite(py) && !reached && !paler) {
                if (spans) {
                    sg_spans_segment(spans, px - 0.75, py, px + 0.75, py, line_width);
                } else {
                    cairo_move_to(cr, px - 0.75, py);
                    cairo_line_to(cr, px + 0.75, py);
                }
            }
            drawing = false;
            reached = false;
        } else {
            reached = true;
            if (((sg_plot_flags(dashboard, row) & flag) != 0) == paler) {
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
            }
        }
        px = x;
        py = y;
    }
}

/* `spans`: NULL strokes with Cairo. */
static void sparse_line(const struct frame *frame, const struct trace *t, uint16_t flag, const struct sg_color *color, double alpha,
                        double line_width, struct spans *spans)
{
    if (frame->view->span * 3 >= frame->plot_width) /* too close together to tell one segment from the next */
        flag = 0;
    for (int paler = 0; paler <= (flag != 0); paler++) {
        double strength = paler ? alpha * 0.45 : alpha;
        trace(frame, t, flag, paler, spans, line_width);
        if (spans) {
            sg_spans_fill(spans, color, strength);
        } else {
            sg_plot_source_color(frame->cr, color, strength);
            cairo_stroke(frame->cr);
        }
    }
}

static double value_y(const struct trace *t, double value)
{
    return sg_plot_y(t->axis, sg_plot_transform(&t->transform, value));
}

static void dense_line(const struct frame *frame, const struct trace *t, const struct sg_color *color, double alpha, double line_width,
                       struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *values = sg_plot_column_values(frame, t->series);
    double half = line_width / 2, width = 1 / frame->scale;
    for (size_t i = 0; values && i < columns->count; i++) {
        double high = values[i].high, low = values[i].low;
        if (isnan(high))
            continue;
        /* The line goes on from the column before: where the two do not touch anyway, the way between them is drawn in this one. */
        if (i > 0 && columns->joined[i] && !isnan(values[i - 1].high)) {
            high = values[i - 1].low > high ? values[i - 1].low : high;
            low = values[i - 1].high < low ? values[i - 1].high : low;
        }
        double top = value_y(t, high), bottom = value_y(t, low);
        if (spans)
            sg_spans_column(spans, i, top - half, bottom + half);
        else
            cairo_rectangle(frame->cr, (double)i * width, top - half, width, bottom - top + line_width);
    }
    if (spans) {
        sg_spans_fill(spans, color, alpha);
    } else {
        sg_plot_source_color(frame->cr, color, alpha);
        cairo_fill(frame->cr);
    }
}

static void draw_series(const struct frame *frame, const struct trace *t, uint16_t flag, const struct sg_color *color, double alpha, double line_width)
{
    cairo_t *cr = frame->cr;
    struct spans spans;
    bool direct = sg_spans_begin(&spans, frame);
    cairo_set_line_width(cr, line_width);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_BEVEL);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_FAST);
    if (frame->dense)
        dense_line(frame, t, color, alpha, line_width, direct ? &spans : NULL);
    else
        sparse_line(frame, t, flag, color, alpha, line_width, direct ? &spans : NULL);
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
    cairo_arc(cr, x, y, 3.25, 0, 2 * M_PI);
    sg_plot_source_color(cr, &frame->theme->background, 1);
    cairo_fill_preserve(cr);
    sg_plot_source_color(cr, color, 1);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
}

void sg_plot_line(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    if (!axis->valid)
        return;
    if (line->candles) {
        sg_plot_candles(frame, line, axis);
        return;
    }
    struct trace t = {line->series, line->transform, axis};
    draw_series(frame, &t, line->filled_flag, &line->color, line->faint ? 0.75 : 1, line->faint ? 1 : frame->theme->line_width);
    if (!line->faint)
        draw_forming(frame, &t, &line->color);
}

/* --- bands and thresholds -------------------------------------------------------------------------------------------------- */

static void sparse_band(const struct frame *frame, const struct trace *high, const struct trace *low, struct spans *spans)
{
    cairo_t *cr = frame->cr;
    double px = 0, ph = NAN, pl = NAN;
    for (size_t row = frame->before; row < frame->after; row++) {
        double x = sg_plot_row_x(frame, row), h = line_y(frame, high, row), l = line_y(frame, low, row);
        if (isfinite(h) && isfinite(l) && isfinite(ph) && isfinite(pl) && sg_plot_joined(frame->dashboard, row)) {
            if (spans) {
                sg_spans_area(spans, px, ph, pl, x, h, l);
            } else {
                cairo_move_to(cr, px, ph);
                cairo_line_to(cr, x, h);
                cairo_line_to(cr, x, l);
                cairo_line_to(cr, px, pl);
                cairo_close_path(cr);
            }
        }
        px = x;
        ph = h;
        pl = l;
    }
}

static void dense_band(const struct frame *frame, const struct trace *high, const struct trace *low, struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *above = sg_plot_column_values(frame, high->series), *below = sg_plot_column_values(frame, low->series);
    double width = 1 / frame->scale;
    for (size_t i = 0; above && below && i < columns->count; i++) {
        if (isnan(above[i].high) || isnan(below[i].low))
            continue;
        double top = value_y(high, above[i].high), bottom = value_y(low, below[i].low);
        if (spans)
            sg_spans_column(spans, i, top, bottom);
        else
            cairo_rectangle(frame->cr, (double)i * width, top, width, bottom - top);
    }
}

void sg_plot_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    if (!plan->band || !axis->valid)
        return;
    struct trace high = {plan->band_high, axis->transform, axis}, low = {plan->band_low, axis->transform, axis};
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
        struct trace middle = {plan->band_middle, axis->transform, axis};
        draw_series(frame, &middle, 0, &plan->band_color, 0.55, 1);
    }
}

static void dashed(const struct frame *frame, double y, const struct sg_color *color, double alpha, double on, double off)
{
    cairo_t *cr = frame->cr;
    const double pattern[] = {on, off};
    double thick = sg_plot_hairline(frame);
    cairo_set_dash(cr, pattern, 2, 0);
    cairo_set_line_width(cr, thick);
    y = sg_plot_snap(frame, y - thick / 2) + thick / 2;
    cairo_move_to(cr, 0, y);
    cairo_line_to(cr, frame->plot_width, y);
    sg_plot_source_color(cr, color, alpha);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

void sg_plot_thresholds(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    cairo_t *cr = frame->cr;
    const struct sg_theme *theme = frame->theme;
    double zero = sg_plot_y(axis, 0);
    if (plan->zero && axis->valid && zero > 0 && zero < frame->height) {
        sg_plot_source_color(cr, &theme->text_dim, 0.55);
        sg_plot_rule_h(frame, 0, zero, frame->plot_width);
        cairo_fill(cr);
    }
    if (plan->threshold <= 0)
        return;
    double up = fmin(fmax(sg_plot_y(axis, plan->threshold), 0), frame->height);
    double down = fmin(fmax(sg_plot_y(axis, -plan->threshold), 0), frame->height);
    sg_plot_source_color(cr, &theme->threshold_fill, 1);
    cairo_rectangle(cr, 0, 0, frame->plot_width, sg_plot_snap(frame, up));
    cairo_rectangle(cr, 0, sg_plot_snap(frame, down), frame->plot_width, frame->height - sg_plot_snap(frame, down));
    cairo_fill(cr);
}

/* The lines themselves are drawn over dense columns, which would hide them, and under a thin line, which they would cut. */
void sg_plot_threshold_lines(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    const struct sg_theme *theme = frame->theme;
    if (plan->threshold <= 0)
        return;
    for (int i = 0; frame->dense && i < 2; i++) { /* a dark bed under each, or the line's own colour would swallow them */
        double y = sg_plot_y(axis, i ? -plan->threshold : plan->threshold), bed = 3 * sg_plot_hairline(frame);
        sg_plot_source_color(frame->cr, &theme->background, 0.8);
        cairo_rectangle(frame->cr, 0, sg_plot_snap(frame, y - sg_plot_hairline(frame) / 2) - sg_plot_hairline(frame), frame->plot_width, bed);
        cairo_fill(frame->cr);
    }
    dashed(frame, sg_plot_y(axis, plan->threshold), &theme->threshold, 1, 6, 4);
    dashed(frame, sg_plot_y(axis, -plan->threshold), &theme->threshold, 1, 6, 4);
    if (plan->exit > 0 && axis->valid) {
        dashed(frame, sg_plot_y(axis, plan->exit), &theme->text_dim, 0.7, 2, 4);
        dashed(frame, sg_plot_y(axis, -plan->exit), &theme->text_dim, 0.7, 2, 4);
    }
}

/* What lies beyond a threshold is filled down to it: how far and how long, at a glance. */
static void sparse_excess(const struct frame *frame, const struct trace *t, double limit, double sign, struct spans *spans)
{
    cairo_t *cr = frame->cr;
    double px = 0, py = NAN;
    for (size_t row = frame->before; row < frame->after; row++) {
        double x = sg_plot_row_x(frame, row), y = line_y(frame, t, row);
        /* sign -1: above is smaller y. Each segment's part beyond the limit is a triangle or a trapezoid. */
        double beyond = sign * (y - limit), before = sign * (py - limit);
        if (isfinite(y) && isfinite(py) && (beyond > 0 || before > 0) && sg_plot_joined(frame->dashboard, row)) {
            double cross = beyond > 0 && before > 0 ? 0 : px + (x - px) * before / (before - beyond);
            double x0 = before > 0 ? px : cross, y0 = before > 0 ? py : limit, x1 = beyond > 0 ? x : cross, y1 = beyond > 0 ? y : limit;
            if (spans) {
                sg_spans_area(spans, x0, y0, limit, x1, y1, limit);
            } else {
                cairo_move_to(cr, x0, limit);
                cairo_line_to(cr, x0, y0);
                cairo_line_to(cr, x1, y1);
                cairo_line_to(cr, x1, limit);
                cairo_close_path(cr);
            }
        }
        px = x;
        py = y;
    }
}

static void dense_excess(const struct frame *frame, const struct trace *t, double limit, double sign, struct spans *spans)
{
    const struct columns_cache *columns = sg_plot_columns(frame);
    const struct column_values *values = sg_plot_column_values(frame, t->series);
    double width = 1 / frame->scale;
    for (size_t i = 0; values && i < columns->count; i++) {
        double y = value_y(t, sign < 0 ? values[i].high : values[i].low);
        if (!(sign * (y - limit) > 0))
            continue;
        if (spans)
            sg_spans_column(spans, i, fmin(y, limit), fmax(y, limit));
        else
            cairo_rectangle(frame->cr, (double)i * width, fmin(y, limit), width, fabs(y - limit));
    }
}

void sg_plot_excess(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    if (plan->threshold <= 0 || !axis->valid)
        return;
    struct trace t = {plan->line[0].series, plan->line[0].transform, axis};
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

/* A triangle above (z > 0, pointing up) or below (pointing down) the bar on which an alert fired. */
void sg_plot_alerts(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    const struct row_list *alerts = &dashboard->alerts;
    cairo_t *cr = frame->cr;
    size_t low = 0, high = alerts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (alerts->row[middle] < frame->first)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < alerts->count && alerts->row[end] < frame->last)
        end++;
    /* Where there are too many to tell apart they become ticks at the pane's edges: still all there, and the line stays readable. */
    bool crowded = (double)(end - low) > frame->plot_width / 14;
    double last_up = -INFINITY, last_down = -INFINITY, step = crowded ? 1 / frame->scale : 4;
    sg_plot_source_color(cr, &frame->theme->threshold, 1);
    for (size_t i = low; i < end; i++) {
        double value = sg_plot_value(dashboard, line->series, alerts->row[i]);
        double x = sg_plot_row_x(frame, alerts->row[i]);
        bool up = value > 0;
        double *last = up ? &last_up : &last_down;
        if (!isfinite(value) || x - *last < step)
            continue;
        *last = x;
        if (crowded) {
            sg_plot_rule_v(frame, x, up ? 0 : frame->height - 5, 5);
            continue;
        }
        double y = sg_plot_y(axis, value), sign = up ? -1 : 1;
        double base = fmin(fmax(y + sign * 6, 9), frame->height - 9);
        cairo_move_to(cr, x - 4.5, base);
        cairo_line_to(cr, x + 4.5, base);
        cairo_line_to(cr, x, base + sign * 7.5);
        cairo_close_path(cr);
    }
    cairo_fill(cr);
}
