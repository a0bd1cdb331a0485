/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a snapshot knows beside its rows, brought to the dashboard when it is new: why data is missing, and which alerts really fired. */
#include "spreadglass/engine/session.h"
#include "spreadglass/plot/dashboard.h"

struct sg_chart_notes { /* of what was brought last; zeroed: nothing yet */
    const void *gaps, *fired;
    guint64 gap_changes, fired_total;
    enum sg_interval interval;
};

/* Returns whether anything drawn could differ. */
gboolean sg_chart_notes_bring(struct sg_chart_notes *notes, struct sg_dashboard *dashboard, const SgSnapshot *snapshot);
