/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why data is missing: what the dashboard knows of the feed's gaps beside the rows themselves. Bands without rows are hatched in any case;
 * these say the cause, and what became of it. The owner of the dashboard; its thread. */
#include "spreadglass/plot/dashboard.h"

#define SG_MISSING_TEXT 320 /* holds the longest text below */

struct sg_missing {
    int leg;                /* 0: A, 1: B */
    int64_t from_us, to_us; /* [from, to); INT64_MAX while it lasts */
    const char *cause;      /* static: "disconnected" */
    const char *state;      /* static: "filled", "not to be filled", "being repaired" */
};

/* Copies the list (any order, replaces the one before). SG_ERR_NOMEM: the one before stays. A lasting one is hatched from its beginning, or from the newest
 * bar if that is later, to the edge of the plot. */
enum sg_status sg_dashboard_set_missing(struct sg_dashboard *dashboard, const struct sg_missing *list, size_t count);
/* What is missing, or was, in [from, to): "BTCUSDT: disconnected 10:02:11–10:02:20, filled", more than two legs or causes joined by "; " and what does not fit
 * counted ("… and 3 more"). "" when nothing is known. Times as the axis says them (local or UTC). Returns the length. */
size_t sg_dashboard_missing_text(const struct sg_dashboard *dashboard, int64_t from_us, int64_t to_us, char *buffer, size_t size);
/* The same for a place in a pane of this width: of the bar that is there, or of the whole band if there is none; for a band whose cause is
 * not known it says that much. "" where nothing was ever missing. */
size_t sg_dashboard_missing_at(const struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double x, char *buffer, size_t size);
/* A short text in a pill at (x, y), moved to stay inside of the plot area of a pane. */
void sg_dashboard_draw_note(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_theme *theme, const char *font, double width, double height, double x,
                            double y, const char *text);
