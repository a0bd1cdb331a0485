/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chart_selection_private.h"

#include <math.h>
#include "spreadglass/plot/span.h"
#include "text_private.h"

#define REACH 6.0 /* px on each side of an edge in which it can be taken */

static size_t closed_rows(SgChartArea *area)
{
    const struct sg_history *history = sg_chart_area_history(area);
    return history != NULL ? history->length : 0;
}

static gint64 time_of(SgChartArea *area, size_t row)
{
    return sg_chart_area_history(area)->time_us[MIN(row, closed_rows(area) - 1)];
}

void sg_chart_area_select(SgChartArea *area, gint64 from_us, gint64 to_us)
{
    struct sg_chart_selection *selection = sg_chart_area_selection(area);
    if (selection->set && selection->anchor_us == from_us && selection->moving_us == to_us)
        return;
    selection->set = TRUE;
    selection->anchor_us = from_us;
    selection->moving_us = to_us;
    sg_chart_area_selection_changed(area);
}

void sg_chart_area_clear_selection(SgChartArea *area)
{
    struct sg_chart_selection *selection = sg_chart_area_selection(area);
    if (!selection->set)
        return;
    selection->set = selection->measuring = FALSE;
    sg_chart_area_selection_changed(area);
}

gboolean sg_chart_area_selected_rows(SgChartArea *area, size_t *ret_first, size_t *ret_count)
{
    const struct sg_chart_selection *selection = sg_chart_area_selection(area);
    const struct sg_history *history = sg_chart_area_history(area);
    if (!selection->set || history == NULL)
        return FALSE;
    gint64 from_us = MIN(selection->anchor_us, selection->moving_us), to_us = MAX(selection->anchor_us, selection->moving_us);
    *ret_first = sg_history_lower_bound(history, from_us);
    *ret_count = sg_history_lower_bound(history, to_us + 1) - *ret_first;
    return TRUE;
}

void sg_chart_area_zoom_selection(SgChartArea *area)
{
    const struct sg_chart_selection *selection = sg_chart_area_selection(area);
    const struct sg_history *history = sg_chart_area_history(area);
    if (!selection->set || history == NULL)
        return;
    double from = (double)MIN(selection->anchor_us, selection->moving_us) / (double)history->interval_us;
    double to = (double)MAX(selection->anchor_us, selection->moving_us) / (double)history->interval_us;
    double room = MAX((to - from) * 0.02, 0.5);
    sg_chart_area_show_slots(area, from - room, to + room);
}

/* ---- by pointer ---- */

static double plot_width(SgChartArea *area, enum sg_pane pane)
{
    return MAX(gtk_widget_get_width(sg_pane_stack_pane(sg_chart_area_stack(area), pane)) - SG_AXIS_WIDTH, 1);
}

static size_t row_at(SgChartArea *area, enum sg_pane pane, double x)
{
    double plot = plot_width(area, pane);
    return sg_dashboard_row_at(sg_chart_area_dashboard(area), sg_chart_area_view(area), plot + SG_AXIS_WIDTH, CLAMP(x, 0, plot - 1));
}

static double distance(SgChartArea *area, enum sg_pane pane, gint64 time_us, double x)
{
    double slot = (double)time_us / (double)sg_chart_area_history(area)->interval_us;
    return fabs(sg_viewport_fraction_of(sg_chart_area_view(area), slot) * plot_width(area, pane) - x);
}

gboolean sg_chart_area_edge_near(SgChartArea *area, enum sg_pane pane, double x)
{
    const struct sg_chart_selection *selection = sg_chart_area_selection(area);
    return selection->set && pane != SG_PANE_SCATTER && closed_rows(area) > 0 && x < plot_width(area, pane) &&
           (distance(area, pane, selection->anchor_us, x) <= REACH || distance(area, pane, selection->moving_us, x) <= REACH);
}

gboolean sg_chart_area_select_grab(SgChartArea *area, enum sg_pane pane, double x)
{
    struct sg_chart_selection *selection = sg_chart_area_selection(area);
    if (!sg_chart_area_edge_near(area, pane, x))
        return FALSE;
    if (distance(area, pane, selection->anchor_us, x) < distance(area, pane, selection->moving_us, x)) {
        gint64 other_us = selection->anchor_us;
        selection->anchor_us = selection->moving_us;
        selection->moving_us = other_us;
    }
    selection->measuring = FALSE;
    return TRUE;
}

void sg_chart_area_select_from(SgChartArea *area, enum sg_pane pane, double x)
{
    size_t row = row_at(area, pane, x);
    if (row == SIZE_MAX || closed_rows(area) == 0)
        return;
    sg_chart_area_selection(area)->measuring = FALSE;
    sg_chart_area_select(area, time_of(area, row), time_of(area, row));
}

void sg_chart_area_select_to(SgChartArea *area, enum sg_pane pane, double x)
{
    const struct sg_chart_selection *selection = sg_chart_area_selection(area);
    size_t row = row_at(area, pane, x);
    if (selection->set && row != SIZE_MAX && closed_rows(area) > 0)
        sg_chart_area_select(area, selection->anchor_us, time_of(area, row));
}

/* ---- by keyboard ---- */

void sg_chart_area_measure_begin(SgChartArea *area)
{
    struct sg_chart_selection *selection = sg_chart_area_selection(area);
    if (selection->measuring || closed_rows(area) == 0)
        return;
    size_t cursor = sg_chart_area_cursor(area);
    gint64 at_us = time_of(area, cursor); /* none: the newest */
    selection->measuring = TRUE;
    /* Going on from an edge of what is marked moves that edge. */
    if (selection->set && at_us == selection->anchor_us)
        sg_chart_area_select(area, selection->moving_us, at_us);
    else if (!selection->set || at_us != selection->moving_us)
        sg_chart_area_select(area, at_us, at_us);
}

void sg_chart_area_measure_toggle(SgChartArea *area)
{
    struct sg_chart_selection *selection = sg_chart_area_selection(area);
    if (selection->measuring)
        selection->measuring = FALSE;
    else
        sg_chart_area_measure_begin(area);
}

void sg_chart_area_measure_follow(SgChartArea *area)
{
    const struct sg_chart_selection *selection = sg_chart_area_selection(area);
    size_t cursor = sg_chart_area_cursor(area);
    if (selection->set && selection->measuring && cursor != SIZE_MAX && closed_rows(area) > 0)
        sg_chart_area_select(area, selection->anchor_us, time_of(area, cursor));
}

/* ---- words ---- */

void sg_chart_area_measure_text(SgChartArea *area, enum sg_pane pane, char *buffer, size_t size)
{
    size_t first, count;
    char difference[200] = "", duration[SG_TEXT_BUF];
    buffer[0] = '\0';
    if (!sg_chart_area_selected_rows(area, &first, &count))
        return;
    if (count == 0) {
        g_strlcpy(buffer, "no bars", size);
        return;
    }
    const struct sg_history *history = sg_chart_area_history(area);
    sg_dashboard_measure(sg_chart_area_dashboard(area), pane, first, first + count - 1, difference, sizeof difference);
    sg_text_duration(history->time_us[first + count - 1] - history->time_us[first], duration);
    g_snprintf(buffer, size, "%s \u00b7 %zu %s \u00b7 %s", difference, count, count == 1 ? "bar" : "bars", duration);
}
