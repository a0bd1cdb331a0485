/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alerts of the z pane: a triangle above (z > 0, pointing up) or below (pointing down) of each bar, filled or hollow. Where there are too
 * many to tell apart they become ticks at the pane's edges, one for every pixel that has any: still all there, the line stays readable, and
 * the cost is one of pixels. */
#include <math.h>
#include <stdlib.h>
#include "dashboard_private.h"

#define ROOM 14  /* px that a triangle needs */
#define TICK 5.0 /* px: the height of one at the edge */

/* The first at or after the time, from `first` on; found in wider and wider steps, because it is mostly near. */
static size_t lower_bound(const struct time_list *list, size_t first, int64_t time_us)
{
    size_t low = first, high = first, step = 1;
    while (high < list->count && list->time_us[high] < time_us) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    high = high < list->count ? high : list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->time_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool sg_plot_note_time(struct time_list *list, int64_t time_us)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        int64_t *larger = reallocarray(list->time_us, capacity, sizeof *larger);
        if (!larger)
            return false;
        list->time_us = larger;
        list->capacity = capacity;
    }
    list->time_us[list->count++] = time_us;
    return true;
}

/* One side of what was computed, or of what fired. */
struct pass {
    const struct frame *frame;
    const struct value_axis *axis;
    enum series series;
    const struct time_list *list;
    bool up, hollow;
    bool computed;      /* those of the marks that are known to have fired are drawn by the other pass */
    size_t fired_at[2]; /* how far the fired marks of each side are behind */
};

/* Row of the i-th mark; SIZE_MAX: it is not drawn. Nearly always no row is missing, and its place can be told without a search. */
static size_t row_of(const struct pass *pass, size_t i)
{
    const struct sg_history *history = pass->frame->dashboard->data.history;
    int64_t time_us = pass->list->time_us[i];
    size_t low = pass->frame->first, high = pass->frame->last;
    uint64_t slots = (uint64_t)(time_us - history->time_us[low]) / (uint64_t)history->interval_us;
    if (slots < high - low && history->time_us[low + slots] == time_us)
        return low + slots;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history->time_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pass->frame->last && history->time_us[low] == time_us ? low : SIZE_MAX;
}

/* Has the i-th of what was computed fired: on the same side (1), on the other (-1), not at all (0)? Asked in ascending order. */
static int fired_instead(struct pass *pass, size_t i)
{
    const struct fired_marks *fired = &pass->frame->dashboard->fired;
    int64_t time_us = pass->list->time_us[i];
    for (int side = 0; pass->computed && fired->known && side < 2; side++) {
        const struct time_list *list = &fired->side[side];
        pass->fired_at[side] = lower_bound(list, pass->fired_at[side], time_us);
        if (pass->fired_at[side] < list->count && list->time_us[pass->fired_at[side]] == time_us)
            return (side == 1) == pass->up ? 1 : -1;
    }
    return 0;
}

static void triangles(struct pass *pass, size_t first, size_t end)
{
    const struct frame *frame = pass->frame;
    cairo_t *cr = frame->cr;
    double last = -INFINITY;
    for (size_t i = first; i < end; i++) {
        size_t row = fired_instead(pass, i) ? SIZE_MAX : row_of(pass, i);
        if (row == SIZE_MAX)
            continue;
        double x = sg_plot_row_x(frame, row), value = sg_plot_value(frame->dashboard, pass->series, row);
        if (x - last < 4)
            continue;
        last = x;
        double y = sg_plot_y(pass->axis, isfinite(value) ? value : 0), sign = pass->up ? -1 : 1;
        double base = fmin(fmax(y + sign * 6, 9), frame->height - 9);
        cairo_move_to(cr, x - 4.5, base);
        cairo_line_to(cr, x + 4.5, base);
        cairo_line_to(cr, x, base + sign * 7.5);
        cairo_close_path(cr);
    }
}

/* From each tick on to the first mark that is a pixel further: however many marks a pixel has, one of them is looked at. */
static void ticks(struct pass *pass, size_t first, size_t end)
{
    const struct frame *frame = pass->frame;
    double interval_us = (double)frame->dashboard->data.history->interval_us, step = 1 / frame->scale, edge = pass->hollow ? TICK - 2 : TICK, last = -INFINITY;
    double step_us = step / frame->plot_width * frame->view->span * interval_us;
    for (size_t i = first; i < end;) {
        int64_t time_us = pass->list->time_us[i];
        double x = sg_plot_x(frame, (double)time_us / interval_us);
        int fired = fired_instead(pass, i);
        bool covered = fired > 0; /* by a tick that is longer and stronger */
        if (x - last < step || fired < 0 || (!covered && row_of(pass, i) == SIZE_MAX)) {
            i++;
            continue;
        }
        if (!covered)
            sg_plot_rule_v(frame, x, pass->up ? 0 : frame->height - edge, edge);
        last = x;
        i = lower_bound(pass->list, i + 1, time_us + (int64_t)step_us);
    }
}

/* Which of the marks are in view; more of them than can be told apart? */
static bool in_view(const struct frame *frame, const struct time_list list[2], size_t first[2], size_t end[2])
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    for (int side = 0; side < 2; side++) {
        first[side] = lower_bound(&list[side], 0, sg_plot_row_time(dashboard, frame->first));
        end[side] = lower_bound(&list[side], first[side], sg_plot_row_time(dashboard, frame->last - 1) + 1);
    }
    return (double)(end[0] - first[0] + end[1] - first[1]) > frame->plot_width / ROOM;
}

double sg_plot_alert_edge(const struct frame *frame)
{
    size_t first[2], end[2];
    if (frame->first >= frame->last)
        return 0;
    bool crowded = in_view(frame, frame->dashboard->alerts, first, end);
    if (frame->dashboard->fired.known && !crowded)
        crowded = in_view(frame, frame->dashboard->fired.side, first, end);
    return crowded ? TICK : 0;
}

static void draw(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, const struct time_list list[2], bool computed)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    cairo_t *cr = frame->cr;
    bool hollow = computed && dashboard->fired.known;
    size_t first[2], end[2];
    bool crowded = in_view(frame, list, first, end);
    for (int side = 0; side < 2; side++) {
        struct pass pass = {.frame = frame, .axis = axis, .series = line->series, .list = &list[side], .up = side == 1, .hollow = hollow, .computed = computed};
        (crowded ? ticks : triangles)(&pass, first[side], end[side]);
    }
    if (hollow && !crowded) {
        sg_plot_source_color(cr, &frame->theme->background, 1);
        cairo_fill_preserve(cr);
        sg_plot_source_color(cr, &frame->theme->threshold, 0.9);
        cairo_set_line_width(cr, 1);
        cairo_stroke(cr);
        return;
    }
    sg_plot_source_color(cr, &frame->theme->threshold, hollow ? 0.5 : 1);
    cairo_fill(cr);
}

/* What the rows are marked with, unless it is known to have fired; then what fired, where its bar is: it may be marked no more. */
void sg_plot_alerts(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    if (frame->first >= frame->last)
        return;
    draw(frame, line, axis, dashboard->alerts, true);
    if (dashboard->fired.known)
        draw(frame, line, axis, dashboard->fired.side, false);
}
