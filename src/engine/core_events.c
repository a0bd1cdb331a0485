/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core_events_private.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const leg_names[SG_LEG_COUNT] = {"A", "B"};

static SgSessionEvent make(enum sg_feed_event_code code, int leg, int64_t time_us)
{
    return (SgSessionEvent){.code = code, .leg = leg, .time_us = time_us, .zscore = (double)NAN};
}

static void emit(const struct sg_core *core, const SgSessionEvent *event)
{
    if (!core->muted && core->outputs.on_event)
        core->outputs.on_event(core->outputs.context, event);
}

static int64_t exchange_time(const struct sg_core *core, int64_t recv_us)
{
    return sg_resampler_exchange_time(core->resampler, recv_us);
}

void sg_core_emit_feed_event(struct sg_core *core, const struct sg_feed_event *event)
{
    SgSessionEvent news = make(event->code, event->leg, exchange_time(core, event->recv_us));
    snprintf(news.detail, sizeof news.detail, "%s", event->detail[0] ? event->detail : sg_feed_event_name(event->code));
    emit(core, &news);
}

void sg_core_emit_gap(struct sg_core *core, const struct sg_gap *gap)
{
    /* Stamped with its own end: the moment at which it is noticed depends on which record comes next. */
    SgSessionEvent news = make(SG_EVENT_GAP, gap->leg, gap->to_us);
    news.from_us = gap->from_us;
    news.to_us = gap->to_us;
    news.cause = gap->cause;
    news.count = (guint64)((gap->to_us - gap->from_us) / SG_US_PER_S);
    int length = snprintf(news.detail, sizeof news.detail, "leg %s missed %" PRIu64 " s: %s", leg_names[gap->leg],
                          (uint64_t)news.count, sg_gap_cause_name(gap->cause));
    if (gap->first_id >= 0 && length > 0)
        snprintf(news.detail + length, sizeof news.detail - (size_t)length, ", trades %" PRId64 " to %" PRId64, gap->first_id,
                 gap->last_id);
    emit(core, &news);
}

void sg_core_emit_late(struct sg_core *core, int64_t recv_us)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (core->late_count[leg] == 0)
            continue;
        SgSessionEvent news = make(SG_EVENT_LATE, leg, exchange_time(core, recv_us));
        news.count = core->late_count[leg];
        snprintf(news.detail, sizeof news.detail, "%" PRIu64 " %s of leg %s came after the bar had closed, at most %" PRId64 " ms too late",
                 core->late_count[leg], core->late_count[leg] == 1 ? "tick" : "ticks", leg_names[leg],
                 core->late_worst_us[leg] / SG_US_PER_MS);
        core->late_count[leg] = 0;
        core->late_worst_us[leg] = 0;
        emit(core, &news);
    }
}

void sg_core_emit_dropped(struct sg_core *core, enum sg_leg leg, uint64_t count, int64_t first_recv_us)
{
    SgSessionEvent news = make(SG_EVENT_DROPPED, leg, exchange_time(core, first_recv_us));
    news.count = count;
    snprintf(news.detail, sizeof news.detail, "%" PRIu64 " %s of leg %s dropped because the ring was full; the bars touched are gaps",
             count, count == 1 ? "tick" : "ticks", leg_names[leg]);
    emit(core, &news);
}

void sg_core_emit_events_dropped(struct sg_core *core, uint64_t count)
{
    SgSessionEvent news = make(SG_EVENT_ERROR, -1, exchange_time(core, core->recv_us));
    news.count = count;
    snprintf(news.detail, sizeof news.detail, "%" PRIu64 " feed %s lost because the event ring was full", count,
             count == 1 ? "event was" : "events were");
    emit(core, &news);
}

void sg_core_emit_backfilled(struct sg_core *core, enum sg_history_kind kind, enum sg_leg leg, int64_t from_us, int64_t to_us, size_t bars, int64_t first_us)
{
    SgSessionEvent news = make(SG_EVENT_BACKFILLED, leg, exchange_time(core, core->recv_us));
    news.from_us = from_us;
    news.to_us = to_us;
    news.count = bars;
    int length = snprintf(news.detail, sizeof news.detail, "%zu %s of leg %s from the exchange's %s", bars, bars == 1 ? "bar" : "bars", leg_names[leg],
                          sg_history_kind_name(kind));
    /* Alerts that were shown stay shown; that they did not know these bars is said. */
    size_t alerts = 0;
    for (size_t i = 0; i < MIN(core->raised, SG_CORE_ALERTS_REMEMBERED); i++)
        alerts += core->raised_us[i] > first_us;
    if (alerts > 0 && length > 0)
        snprintf(news.detail + length, sizeof news.detail - (size_t)length, "; %zu %s raised without %s stay%s in the log as shown", alerts,
                 alerts == 1 ? "alert" : "alerts", bars == 1 ? "it" : "them", alerts == 1 ? "s" : "");
    emit(core, &news);
}

void sg_core_emit_error(struct sg_core *core, const char *text)
{
    SgSessionEvent news = make(SG_EVENT_ERROR, -1, exchange_time(core, core->recv_us));
    snprintf(news.detail, sizeof news.detail, "%s", text);
    emit(core, &news);
}

void sg_core_emit_history_error(struct sg_core *core, const char *text)
{
    SgSessionEvent news = make(SG_EVENT_ERROR, -1, exchange_time(core, core->recv_us));
    snprintf(news.detail, sizeof news.detail, "history could not be fetched, will be tried again: %.170s", text);
    emit(core, &news);
}

static void emit_alert(const struct sg_core *core, enum sg_feed_event_code code, enum sg_signal side, double zscore,
                       int64_t close_us)
{
    SgSessionEvent news = make(code, -1, close_us);
    news.side = side;
    news.zscore = zscore;
    char z[SG_DECIMAL_BUF] = "undefined";
    if (isfinite(zscore))
        sg_decimal_from_double_fixed(zscore, 2, z);
    snprintf(news.detail, sizeof news.detail, "%s%s, z %s", sg_signal_name(side),
             code == SG_EVENT_ALERT_CLEARED ? " no more" : "", z);
    emit(core, &news);
}

void sg_core_emit_alert(struct sg_core *core, const struct sg_track_step *step, int64_t close_us)
{
    double zscore = step->result.zscore_reason == SG_REASON_NONE ? step->result.zscore : (double)NAN;
    if (step->change == SG_ALERT_CLEARED || step->change == SG_ALERT_FLIPPED)
        emit_alert(core, SG_EVENT_ALERT_CLEARED, step->side_before, zscore, close_us);
    if (step->change == SG_ALERT_RAISED || step->change == SG_ALERT_FLIPPED)
        core->raised_us[core->raised++ % SG_CORE_ALERTS_REMEMBERED] = close_us;
    if (step->change == SG_ALERT_RAISED || step->change == SG_ALERT_FLIPPED)
        emit_alert(core, SG_EVENT_ALERT_RAISED, zscore > 0 ? SG_SIGNAL_OVERBOUGHT : SG_SIGNAL_OVERSOLD, zscore, close_us);
}
