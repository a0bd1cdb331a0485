/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A against B: one mark per bar in view, from pale (older) to strong (newer), and the line that the newest bar was fitted to. */
#include <math.h>
#include "spans_private.h"

#define POINTS_MAX 4000 /* drawn at most; beyond it every n-th bar, counted back from the newest */
#define SHADES 12
#define FOOT_LABEL_ROOM 80 /* px between the values along the foot are 90, at least */

static double across(const struct frame *frame, const struct value_axis *axis, double value)
{
    double inset = 10, x = inset + (value - axis->low) / (axis->high - axis->low) * (frame->plot_width - 2 * inset);
    return fmin(fmax(x, -20000), 20000);
}

#define LEAST_SQUARE 80  /* px: in less a square shows nothing */
#define HEAD_AND_FOOT 26 /* px that the plot is higher than wide where the marks' own room is square */

struct plot_box sg_plot_box_of(const struct sg_dashboard *dashboard, enum sg_pane pane, double width, double height)
{
    bool alone = dashboard->pane_count == 1 && dashboard->panes[0].pane == SG_PANE_SCATTER;
    if (pane != SG_PANE_SCATTER || !alone || dashboard->free_scatter)
        return (struct plot_box){0, width, height};
    double side = floor(fmin(width - SG_AXIS_WIDTH, height - HEAD_AND_FOOT));
    if (side < LEAST_SQUARE)
        return (struct plot_box){0, width, height};
    return (struct plot_box){fmax(floor((width - SG_AXIS_WIDTH - side) / 2), 0), side + SG_AXIS_WIDTH, side + HEAD_AND_FOOT};
}

double sg_dashboard_axis_left(const struct sg_dashboard *dashboard, enum sg_pane pane, double width, double height)
{
    struct plot_box box = sg_plot_box_of(dashboard, pane, width, height);
    return box.left + box.width - SG_AXIS_WIDTH;
}

size_t sg_plot_fit_row(const struct frame *frame)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    for (size_t i = 0, row = frame->last; row > frame->first && i < 256; i++) {
        row--;
        if (isfinite(sg_plot_column(dashboard, SG_COL_BETA, row)) && isfinite(sg_plot_column(dashboard, SG_COL_ALPHA, row)))
            return row;
    }
    return SIZE_MAX;
}

static bool place(const struct frame *frame, const struct value_axis axes[AXES], size_t row, double *ret_x, double *ret_y)
{
    double a = sg_plot_value(frame->dashboard, SERIES_A, row), b = sg_plot_value(frame->dashboard, SERIES_B, row);
    if (!isfinite(a) || !isfinite(b))
        return false;
    *ret_x = across(frame, &axes[1], b);
    *ret_y = sg_plot_y(&axes[0], a);
    return true;
}

static struct sg_color shade(const struct sg_theme *theme, double age)
{
    const struct sg_color *from = &theme->text_dim, *to = &theme->leg_a;
    double part = 1 - age;
    return (struct sg_color){from->red + (to->red - from->red) * part, from->green + (to->green - from->green) * part,
                             from->blue + (to->blue - from->blue) * part, 0.25 + 0.65 * part};
}

/* B's values along the foot of the pane, with upright grid lines. */
static void foot(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    struct sg_text *text = frame->dashboard->text;
    struct sg_value_ticks ticks = sg_value_ticks(axis->low, axis->high, frame->plot_width - 20, 90);
    char label[SG_VALUE_BUF];
    double free_from = 4, height = sg_text_height(text, SG_TEXT_AXIS);
    struct value_axis labels = {.tick_count = ticks.count, .tick_decimals = ticks.decimals, .tick_exponent = ticks.exponent};
    for (int i = 0; i < ticks.count; i++)
        labels.tick[i] = sg_value_tick(&ticks, i);
    int unit = sg_plot_axis_unit(frame, plan, &labels, FOOT_LABEL_ROOM);
    if (frame->height - height - 4 < sg_plot_legend_bottom(frame)) /* so low a pane has no room for both */
        return;
    for (int i = 0; i < ticks.count; i++)
        sg_plot_rule_v(frame, across(frame, axis, sg_value_tick(&ticks, i)), 0, frame->height - height - 4);
    sg_plot_source_color(frame->cr, &frame->theme->grid, 1);
    cairo_fill(frame->cr);
    sg_plot_source_color(frame->cr, &frame->theme->background, 0.9);
    cairo_rectangle(frame->cr, 0, frame->height - height - 4, frame->plot_width, height + 4);
    cairo_fill(frame->cr);
    for (int i = 0; i < ticks.count; i++) {
        double x = across(frame, axis, sg_value_tick(&ticks, i));
        sg_plot_tick_text(plan, &labels, unit, i, label);
        double half = sg_text_width(text, SG_TEXT_AXIS, label) / 2;
        if (x - half < free_from || x + half > frame->plot_width - 4)
            continue;
        sg_text_draw(text, frame->cr, SG_TEXT_AXIS, label, x, frame->height - height / 2 - 2, 0.5, &plan->line[1].color);
        free_from = x + half + 8;
    }
}

void sg_plot_scatter(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES])
{
    cairo_t *cr = frame->cr;
    if (!axes[0].valid || !axes[1].valid)
        return;
    size_t rows = frame->last - frame->first, stride = rows / POINTS_MAX + 1, count = (rows + stride - 1) / stride;
    const struct sg_history *history = frame->dashboard->data.history;
    double size = rows > 1500 ? 2 : rows > 500 || frame->height < 250 ? 3 : 5;
    size_t newest = frame->last - 1, point = count;
    struct spans spans;
    bool direct = sg_spans_begin(&spans, frame);
    for (size_t level = 0; level < SHADES; level++) { /* older first: the newest lie on top */
        struct sg_color color = shade(frame->theme, 1 - (double)level / (SHADES - 1));
        for (size_t end = count - count * (level + 1) / SHADES; point > end; point--) {
            double x, y;
            if (point > 16) { /* far apart in a long series: ask early */
                __builtin_prefetch(&history->column[SG_COL_A_CLOSE][newest - (point - 17) * stride]);
                __builtin_prefetch(&history->column[SG_COL_B_CLOSE][newest - (point - 17) * stride]);
            }
            if (!place(frame, axes, newest - (point - 1) * stride, &x, &y))
                continue;
            if (direct)
                sg_spans_square(&spans, x - size / 2, y - size / 2, size, &color);
            else
                cairo_rectangle(cr, sg_plot_snap(frame, x - size / 2), sg_plot_snap(frame, y - size / 2), size, size);
        }
        sg_plot_source_color(cr, &color, 1);
        cairo_fill(cr);
    }
    if (direct)
        cairo_surface_mark_dirty(cairo_get_group_target(cr));
    double alpha, beta;
    if (sg_plot_scatter_fit(frame, &alpha, &beta)) {
        double low = axes[1].low, high = axes[1].high;
        cairo_move_to(cr, across(frame, &axes[1], low), sg_plot_y(&axes[0], alpha + beta * low));
        cairo_line_to(cr, across(frame, &axes[1], high), sg_plot_y(&axes[0], alpha + beta * high));
        sg_plot_source_color(cr, &frame->theme->beta, 1);
        cairo_set_line_width(cr, frame->theme->line_width);
        cairo_stroke(cr);
    }
    foot(frame, plan, &axes[1]);
    sg_plot_scatter_cursor(frame, plan, axes, frame->forming ? frame->dashboard->length : rows > 0 ? frame->last - 1 : SIZE_MAX);
}

/* A ring around one bar's mark. */
void sg_plot_scatter_cursor(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], size_t row)
{
    double x, y;
    if (row == SIZE_MAX || !axes[0].valid || !axes[1].valid || !place(frame, axes, row, &x, &y))
        return;
    cairo_arc(frame->cr, x, y, 4.5, 0, 2 * M_PI);
    sg_plot_source_color(frame->cr, &frame->theme->background, 1);
    cairo_fill_preserve(frame->cr);
    sg_plot_source_color(frame->cr, &plan->line[0].color, 1);
    cairo_set_line_width(frame->cr, 2);
    cairo_stroke(frame->cr);
}

size_t sg_dashboard_row_at_point(struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double height, double x, double y)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axes[AXES];
    struct plot_box box = sg_plot_box_of(dashboard, SG_PANE_SCATTER, width, height);
    sg_plot_frame(&frame, dashboard, NULL, view, sg_theme_get(false, false), NULL, box.width, box.height);
    x -= box.left;
    if (!(x >= 0) || x >= frame.plot_width || frame.last == frame.first)
        return SIZE_MAX;
    sg_plot_plan(&frame, SG_PANE_SCATTER, &plan);
    for (int i = 0; i < AXES; i++) {
        sg_plot_axis(&frame, &plan, i, &axes[i]);
        if (!axes[i].valid)
            return SIZE_MAX;
    }
    /* The marks that are drawn, the newest first: it lies on top and wins a tie. */
    size_t rows = frame.last - frame.first, stride = rows / POINTS_MAX + 1, best = SIZE_MAX;
    double nearest = INFINITY;
    for (size_t back = 0; back < rows; back += stride) {
        double px, py;
        if (!place(&frame, axes, frame.last - 1 - back, &px, &py))
            continue;
        double distance = (px - x) * (px - x) + (py - y) * (py - y);
        if (distance < nearest) {
            nearest = distance;
            best = frame.last - 1 - back;
        }
    }
    return best;
}
