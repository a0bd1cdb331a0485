/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A span of time that a person marks, shared by all panes: by Shift-drag, by its edges, or from the cursor's bar by keyboard. It is a stretch of
 * time and not of rows: new bars and rebuilt histories leave it where it is. Another pair or interval clears it. */
#include "chart_area_private.h"

struct sg_chart_selection {
    gboolean set;
    gboolean measuring;          /* by keyboard: the moving end is the cursor's bar */
    gint64 anchor_us, moving_us; /* opens of two closed bars, in any order */
};

struct sg_chart_selection *sg_chart_area_selection(SgChartArea *area); /* chart_area.c holds it */
void sg_chart_area_select(SgChartArea *area, gint64 from_us, gint64 to_us);
void sg_chart_area_clear_selection(SgChartArea *area);
/* The closed bars in it, as rows of the history that the area shows now; FALSE: nothing is marked. The count may be 0. */
gboolean sg_chart_area_selected_rows(SgChartArea *area, size_t *ret_first, size_t *ret_count);
void sg_chart_area_zoom_selection(SgChartArea *area);
/* By pointer, `x` in px of a pane. grab: is there an edge within reach, which then is the one that moves? from: a new span begins at the bar there. */
gboolean sg_chart_area_edge_near(SgChartArea *area, enum sg_pane pane, double x);
gboolean sg_chart_area_select_grab(SgChartArea *area, enum sg_pane pane, double x);
void sg_chart_area_select_from(SgChartArea *area, enum sg_pane pane, double x);
void sg_chart_area_select_to(SgChartArea *area, enum sg_pane pane, double x);
/* By keyboard. toggle: begin at the cursor's bar (or the newest), or let go; begin: as toggle, but never lets go; follow: the cursor has moved. */
void sg_chart_area_measure_toggle(SgChartArea *area);
void sg_chart_area_measure_begin(SgChartArea *area);
void sg_chart_area_measure_follow(SgChartArea *area);
/* "Δ +1.50 · 31 bars · 30 s" in the words of a pane; "" when nothing is marked. */
void sg_chart_area_measure_text(SgChartArea *area, enum sg_pane pane, char *buffer, size_t size);
