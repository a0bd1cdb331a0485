/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Alert marks of the z pane: which of them really fired.
 *
 * The rows of a history say where an alert would be raised with its present parameters; after a change of threshold, or for bars that were
 * fetched for a time when nobody watched, that is hindsight. What fired is told here, and stays a solid mark at its bar for as long as that bar is in the
 * history, whatever the threshold is now. Rows that are marked and did not fire are drawn hollow. */
#include "spreadglass/plot/dashboard.h"

struct sg_fired_mark {
    int64_t time_us;  /* open of the bar at whose close it fired */
    int side;         /* > 0: overbought, an upward mark; < 0: oversold */
    double threshold; /* |z| that it crossed */
};

/* `known` false: nobody kept a record (files): every marked row is drawn as fired, which is the state of a new dashboard. Else copies the list, ascending in
 * time. Returns whether anything drawn could differ. No memory: the list before stays, and false. */
bool sg_dashboard_set_fired(struct sg_dashboard *dashboard, bool known, const struct sg_fired_mark *marks, size_t count);
/* "alert fired above +2", "would fire at this threshold" for a marked bar; "" for any other. Returns the length. */
size_t sg_dashboard_fired_text(const struct sg_dashboard *dashboard, size_t row, char *buffer, size_t size);
