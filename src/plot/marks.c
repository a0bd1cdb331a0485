/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marks of a pane: lines, bands, thresholds, gaps, alerts. */
#include <math.h>
#include "dashboard_private.h"

void sg_plot_source_color(cairo_t *cr, const struct sg_color *color, double alpha)
{
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, color->alpha * alpha);
}

double sg_plot_snap(const struct frame *frame, double position)
{
    return round(position * frame->scale) / frame->scale;
}

static double hairline(const struct frame *frame)
{
    return fmax(1, round(frame->scale)) / frame->scale;
}

void sg_plot_rule_h(const struct frame *frame, double x, double y, double width)
{
    double thick = hairline(frame);
    cairo_rectangle(frame->cr, x, sg_plot_snap(frame, y - thick / 2), width, thick);
}

void sg_plot_rule_v(const struct frame *frame, double x, double y, double height)
{
    double thick = hairline(frame);
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
        size_t count;
        const size_t *start = sg_plot_columns(frame, &count);
        if (!start)
            return;
        size_t seen = SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
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

static double line_y(const struct frame *frame, enum series series, const struct value_axis *axis, size_t row)
{
    double value = sg_plot_transform(&axis->transform, sg_plot_value(frame->dashboard, series, row));
    return isfinite(value) ? sg_plot_y(axis, value) : NAN;
}

/* Adds the segments whose later row has (paler = true) or has not the flag. Lonely points become dots. */
static void trace(const struct frame *frame, enum series series, const struct value_axis *axis, uint16_t flag, bool paler)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    double px = 0, py = NAN;
    bool drawing = false, reached = false; /* reached: a segment or dot has shown the previous point */
    for (size_t row = frame->before; row <= frame->after; row++) {
        bool end = row == frame->after;
        double y = end ? NAN : line_y(frame, series, axis, row);
        double x = end ? 0 : sg_plot_row_x(frame, row);
        bool joined = !end && isfinite(y) && isfinite(py) && sg_plot_joined(dashboard, row);
        if (!joined) {
            if (isfinite(py) && !reached && !paler) {
                cairo_new_sub_path(cr);
                cairo_move_to(cr, px - 0.75, py);
                cairo_line_to(cr, px + 0.75, py);
            }
            drawing = false;
            reached = false;
        } else {
            reached = true;
            if (((sg_plot_flags(dashboard, row) & flag) != 0) == paler) {
                if (!drawing)
                    cairo_move_to(cr, px, py);
                cairo_line_to(cr, x, y);
                drawing = true;
            } else {
                drawing = false;
            }
        }
        px = x;
        py = y;
    }
}

static void sparse_line(const struct frame *frame, enum series series, const struct value_axis *axis, uint16_t flag)
{
    bool roomy = frame->view->span * 3 < frame->plot_width;
    trace(frame, series, axis, roomy ? flag : 0, false);
    cairo_stroke(frame->cr);
    if (roomy && flag) {
        cairo_pattern_t *full = cairo_pattern_reference(cairo_get_source(frame->cr));
        double red, green, blue, alpha;
        if (cairo_pattern_get_rgba(full, &red, &green, &blue, &alpha) == CAIRO_STATUS_SUCCESS) {
            cairo_set_source_rgba(frame->cr, red, green, blue, alpha * 0.45);
            trace(frame, series, axis, flag, true);
            cairo_stroke(frame->cr);
        }
        cairo_set_source(frame->cr, full);
        cairo_pattern_destroy(full);
    }
}

static void dense_line(const struct frame *frame, enum series series, const struct value_axis *axis, double line_width)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    size_t count;
    const size_t *start = sg_plot_columns(frame, &count);
    if (!start)
        return;
    double half = line_width / 2, width = 1 / frame->scale;
    double previous = NAN; /* y of the last value of the column before */
    for (size_t i = 0; i < count; i++) {
        struct sg_extent extent;
        size_t from = start[i], to = start[i + 1];
        if (to <= from || !sg_plot_extent(dashboard, series, from, to, &extent)) {
            previous = NAN;
            continue;
        }
        double top = sg_plot_y(axis, sg_plot_transform(&axis->transform, extent.high));
        double bottom = sg_plot_y(axis, sg_plot_transform(&axis->transform, extent.low));
        double first = line_y(frame, series, axis, from);
        if (isfinite(previous) && isfinite(first) && sg_plot_joined(dashboard, from)) {
            top = fmin(top, previous);
            bottom = fmax(bottom, previous);
        }
        cairo_rectangle(frame->cr, (double)i * width, top - half, width, bottom - top + line_width);
        previous = line_y(frame, series, axis, to - 1);
    }
    cairo_fill(frame->cr);
}

static void draw_series(const struct frame *frame, enum series series, const struct value_axis *axis, uint16_t flag, double line_width)
{
    cairo_t *cr = frame->cr;
    cairo_set_line_width(cr, line_width);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_BEVEL);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_FAST);
    if (frame->dense)
        dense_line(frame, series, axis, line_width);
    else
        sparse_line(frame, series, axis, flag);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_DEFAULT);
}

/* The forming bar may still change: a dotted way to a hollow dot. */
static void draw_forming(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    size_t row = dashboard->length;
    double y = line_y(frame, line->series, axis, row), x = sg_plot_row_x(frame, row);
    if (!frame->forming || !isfinite(y))
        return;
    sg_plot_source_color(cr, &line->color, 1);
    if (row > 0 && sg_plot_joined(dashboard, row)) {
        double before = line_y(frame, line->series, axis, row - 1);
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
    sg_plot_source_color(cr, &line->color, 1);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
}

void sg_plot_line(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    if (!axis->valid)
        return;
    sg_plot_source_color(frame->cr, &line->color, 1);
    draw_series(frame, line->series, axis, line->filled_flag, frame->theme->line_width);
    draw_forming(frame, line, axis);
}

/* --- bands and thresholds -------------------------------------------------------------------------------------------------- */

static void sparse_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    size_t from = frame->before;
    while (from < frame->after) {
        size_t to = from;
        while (to < frame->after && isfinite(line_y(frame, plan->band_high, axis, to)) && isfinite(line_y(frame, plan->band_low, axis, to)) &&
               (to == from || sg_plot_joined(dashboard, to)))
            to++;
        if (to - from >= 2) {
            for (size_t row = from; row < to; row++)
                cairo_line_to(cr, sg_plot_row_x(frame, row), line_y(frame, plan->band_high, axis, row));
            for (size_t row = to; row-- > from;)
                cairo_line_to(cr, sg_plot_row_x(frame, row), line_y(frame, plan->band_low, axis, row));
            cairo_close_path(cr);
        }
        from = to > from ? to : from + 1;
    }
    cairo_fill(cr);
}

static void dense_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    size_t count;
    const size_t *start = sg_plot_columns(frame, &count);
    if (!start)
        return;
    double width = 1 / frame->scale;
    for (size_t i = 0; i < count; i++) {
        struct sg_extent high, low;
        if (start[i + 1] <= start[i] || !sg_plot_extent(frame->dashboard, plan->band_high, start[i], start[i + 1], &high) ||
            !sg_plot_extent(frame->dashboard, plan->band_low, start[i], start[i + 1], &low))
            continue;
        double top = sg_plot_y(axis, sg_plot_transform(&axis->transform, high.high));
        double bottom = sg_plot_y(axis, sg_plot_transform(&axis->transform, low.low));
        cairo_rectangle(frame->cr, (double)i * width, top, width, bottom - top);
    }
    cairo_fill(frame->cr);
}

void sg_plot_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    if (!plan->band || !axis->valid)
        return;
    sg_plot_source_color(frame->cr, &plan->band_color, frame->theme->dark ? 0.13 : 0.10);
    if (frame->dense)
        dense_band(frame, plan, axis);
    else
        sparse_band(frame, plan, axis);
    sg_plot_source_color(frame->cr, &plan->band_color, 0.55);
    draw_series(frame, plan->band_middle, axis, 0, 1);
}

static void dashed(const struct frame *frame, double y, const struct sg_color *color, double alpha, double on, double off)
{
    cairo_t *cr = frame->cr;
    const double pattern[] = {on, off};
    double thick = hairline(frame);
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
    dashed(frame, up, &theme->threshold, 1, 6, 4);
    dashed(frame, down, &theme->threshold, 1, 6, 4);
    if (plan->exit > 0) {
        dashed(frame, sg_plot_y(axis, plan->exit), &theme->text_dim, 0.7, 2, 4);
        dashed(frame, sg_plot_y(axis, -plan->exit), &theme->text_dim, 0.7, 2, 4);
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
    double last_up = -INFINITY, last_down = -INFINITY;
    sg_plot_source_color(cr, &frame->theme->threshold, 1);
    for (size_t i = low; i < alerts->count && alerts->row[i] < frame->last; i++) {
        double value = sg_plot_value(dashboard, line->series, alerts->row[i]);
        double x = sg_plot_row_x(frame, alerts->row[i]);
        bool up = value > 0;
        double *last = up ? &last_up : &last_down;
        if (!isfinite(value) || x - *last < 4) /* marks on top of each other say nothing more */
            continue;
        *last = x;
        double y = sg_plot_y(axis, value), sign = up ? -1 : 1;
        double base = fmin(fmax(y + sign * 6, 9), frame->height - 9);
        cairo_move_to(cr, x - 4.5, base);
        cairo_line_to(cr, x + 4.5, base);
        cairo_line_to(cr, x, base + sign * 7.5);
        cairo_close_path(cr);
    }
    cairo_fill(cr);
}
