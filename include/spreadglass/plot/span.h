/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A span of bars that a person marked, as the panes show it: the scatter restricted to it with its own fitted line, and what changed
 * between its ends. sg_dashboard_draw_selection draws the band. */
#include "spreadglass/plot/dashboard.h"

/* The scatter shows [from, to] (opens of the first and the last bar) and the line alpha + beta B of these; NaN: no line yet. Returns whether anything drawn
 * could differ. */
bool sg_dashboard_set_span(struct sg_dashboard *dashboard, int64_t from_us, int64_t to_us, double alpha, double beta);
/* The scatter follows the view again. */
bool sg_dashboard_clear_span(struct sg_dashboard *dashboard);

/* From the value at `from_row` to that at `to_row`: "Δ +12.50 (+0.03 %)", for the price pane a part per leg with its symbol; no percent where the unit has no
 * zero to measure from (spread, z, correlation). "Δ – warming up 37/60" where an end has no value. Rows in any order: later minus earlier. Returns the length. */
size_t sg_dashboard_measure(const struct sg_dashboard *dashboard, enum sg_pane pane, size_t from_row, size_t to_row, char *buffer, size_t size);
