/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chart_notes_private.h"

#include "spreadglass/plot/fired.h"
#include "spreadglass/plot/missing.h"

static const char *cause_words(enum sg_gap_cause cause)
{
    static const char *const words[SG_GAP_CAUSE_COUNT] = {
        [SG_GAP_DISCONNECT] = "disconnected",
        [SG_GAP_STALL] = "feed stalled",
        [SG_GAP_RING_FULL] = "too busy to take every trade",
        [SG_GAP_MAINTENANCE] = "exchange maintenance",
        [SG_GAP_NOT_RUNNING] = "not running",
        [SG_GAP_ID_HOLE] = "trades missing",
        [SG_GAP_LATE] = "trades came late",
        [SG_GAP_NOT_KEPT] = "not kept",
    };
    return (size_t)cause < SG_GAP_CAUSE_COUNT && words[cause] != NULL ? words[cause] : sg_gap_cause_name(cause);
}

static const char *state_words(const struct sg_gap *gap)
{
    if (gap->to_us == INT64_MAX)
        return "lasting";
    return gap->state == SG_GAP_FILLED ? "filled" : gap->state == SG_GAP_UNFILLABLE ? "could not be filled" : "not filled yet";
}

static gboolean bring_gaps(struct sg_chart_notes *notes, struct sg_dashboard *dashboard, const struct sg_gap_ledger *gaps)
{
    if (notes->gaps == gaps && notes->gap_changes == gaps->changes)
        return FALSE;
    g_autofree struct sg_missing *list = g_new(struct sg_missing, gaps->length);
    for (size_t i = 0; i < gaps->length; i++)
        list[i] = (struct sg_missing){.leg = (int)gaps->gaps[i].leg,
                                      .from_us = gaps->gaps[i].from_us,
                                      .to_us = gaps->gaps[i].to_us,
                                      .cause = cause_words(gaps->gaps[i].cause),
                                      .state = state_words(&gaps->gaps[i])};
    if (sg_dashboard_set_missing(dashboard, list, gaps->length) != SG_OK)
        return FALSE; /* no memory: tried again with the next snapshot */
    notes->gaps = gaps;
    notes->gap_changes = gaps->changes;
    return TRUE;
}

static gboolean bring_fired(struct sg_chart_notes *notes, struct sg_dashboard *dashboard, const SgSnapshot *snapshot)
{
    const struct sg_fired_alerts *fired = snapshot->fired;
    if (notes->fired == fired && notes->fired_total == fired->total && notes->interval == snapshot->interval)
        return FALSE;
    g_autofree struct sg_fired_mark *marks = g_new(struct sg_fired_mark, fired->length);
    size_t count = 0;
    for (size_t i = 0; i < fired->length; i++) {
        const struct sg_fired_alert *alert = &fired->list[i];
        if (alert->interval == snapshot->interval)
            marks[count++] =
                (struct sg_fired_mark){.time_us = alert->time_us, .side = alert->side == SG_SIGNAL_OVERBOUGHT ? 1 : -1, .threshold = alert->threshold};
    }
    notes->fired = fired;
    notes->fired_total = fired->total;
    notes->interval = snapshot->interval;
    return sg_dashboard_set_fired(dashboard, TRUE, marks, count);
}

gboolean sg_chart_notes_bring(struct sg_chart_notes *notes, struct sg_dashboard *dashboard, const SgSnapshot *snapshot)
{
    gboolean gaps = bring_gaps(notes, dashboard, snapshot->gaps), fired = bring_fired(notes, dashboard, snapshot);
    return gaps || fired;
}
