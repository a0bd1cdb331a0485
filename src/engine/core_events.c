/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core_events_private.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "spreadglass/engine/alert_text.h"
#include "spreadglass/engine/number_text.h"

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
    int length =
        snprintf(news.detail, sizeof news.detail, "leg %s missed %" PRIu64 " s: %s", leg_names[gap->leg], (uint64_t)news.count, sg_gap_cause_name(gap->cause));
    if (gap->first_id >= 0 && length > 0)
        snprintf(news.detail + length, sizeof news.detail - (size_t)length, ", trades %" PRId64 " to %" PRId64, gap->first_id, gap->last_id);
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
                 core->late_count[leg], core->late_count[leg] == 1 ? "tick" : "ticks", leg_names[leg], core->late_worst_us[leg] / SG_US_PER_MS);
        core->late_count[leg] = 0;
        core->late_worst_us[leg] = 0;
        emit(core, &news);
    }
}

void sg_core_emit_dropped(struct sg_core *core, enum sg_leg leg, uint64_t count, int64_t first_recv_us)
{
    SgSessionEvent news = make(SG_EVENT_DROPPED, leg, exchange_time(core, first_recv_us));
    news.count = count;
    snprintf(news.detail, sizeof news.detail, "%" PRIu64 " %s of leg %s dropped because the ring was full; the bars touched are gaps", count,
             count == 1 ? "tick" : "ticks", leg_names[leg]);
    emit(core, &news);
}

void sg_core_emit_events_dropped(struct sg_core *core, uint64_t count)
{
    SgSessionEvent news = make(SG_EVENT_ERROR, -1, exchange_time(core, core->recv_us));
    news.count = count;
    snprintf(news.detail, sizeof news.detail, "%" PRIu64 " feed %s lost because the event ring was full", count, count == 1 ? "event was" : "events were");
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

/* What both kinds of news of an alert hold. `alert`: as it stands, or as it stood before it was over. */
static SgSessionEvent about_alert(struct sg_core *core, enum sg_feed_event_code code, const struct sg_alert *alert, double zscore, int64_t close_us)
{
    SgSessionEvent news = make(code, -1, close_us);
    struct sg_verdict_input relation;
    sg_core_relation(core, &relation);
    news.side = alert->side;
    news.zscore = zscore;
    news.bar_time_us = close_us - core->track.interval_us;
    news.threshold = core->track.params.entry;
    news.grade = sg_grade_of(&relation);
    news.peak = alert->peak;
    news.muted = close_us < alert->muted_until_us;
    return news;
}

static void emit_raised(struct sg_core *core, int64_t close_us)
{
    const struct sg_alert *alert = &core->track.alert;
    SgSessionEvent news = about_alert(core, SG_EVENT_ALERT_RAISED, alert, alert->zscore, close_us);
    struct sg_verdict_input relation;
    sg_core_relation(core, &relation);
    char subject[2 * SG_LEG_BUF + 48], words[SG_GRADE_TEXT_MAX], z[SG_TEXT_BUF], level[SG_DECIMAL_BUF];
    bool down = alert->side == SG_SIGNAL_OVERSOLD;
    sg_alert_subject(core->legs, alert->side, false, subject, sizeof subject);
    sg_grade_text(&relation, words, sizeof words);
    snprintf(news.detail, sizeof news.detail, "%s: z %s %s %s \u00b7 %s", subject, sg_text_fixed(alert->zscore, 2, true, z), down ? "below" : "above",
             sg_alert_level(down ? -news.threshold : news.threshold, level), words);
    core->raised_us[core->raised++ % SG_CORE_ALERTS_REMEMBERED] = close_us;
    core->told = *alert;
    core->told_close_us = close_us;
    emit(core, &news);
}

static void emit_cleared(struct sg_core *core, const struct sg_alert *before, double zscore, int64_t close_us, const char *why)
{
    SgSessionEvent news = about_alert(core, SG_EVENT_ALERT_CLEARED, before, zscore, close_us);
    news.duration_us = MAX(close_us - core->told_close_us, 0);
    char subject[2 * SG_LEG_BUF + 48], time[SG_TEXT_BUF], z[SG_TEXT_BUF], peak[SG_TEXT_BUF], level[SG_TEXT_BUF], back[3 * SG_TEXT_BUF];
    sg_alert_subject(core->legs, before->side, true, subject, sizeof subject);
    if (why)
        snprintf(back, sizeof back, "%s", why);
    else
        snprintf(back, sizeof back, "z %s, back within \u00b1%s", sg_text_fixed(zscore, 2, true, z), sg_alert_level(core->track.params.exit, level) + 1);
    snprintf(news.detail, sizeof news.detail, "%s: %s, after %s, peak %s", subject, back, sg_text_duration(news.duration_us, time),
             sg_text_fixed(news.peak, 2, true, peak));
    sg_alert_reset(&core->told);
    emit(core, &news);
}

void sg_core_emit_alert(struct sg_core *core, const struct sg_track_step *step, int64_t close_us)
{
    double zscore = step->result.zscore_reason == SG_REASON_NONE ? step->result.zscore : (double)NAN;
    const char *why = !isfinite(zscore) ? "z is not defined" : step->row.flags & SG_ROW_STALE ? "z is stale, a leg has not traded for too long" : NULL;
    if (step->change == SG_ALERT_CLEARED || step->change == SG_ALERT_FLIPPED)
        emit_cleared(core, &step->before, zscore, close_us, why);
    if (step->change == SG_ALERT_RAISED || step->change == SG_ALERT_FLIPPED)
        emit_raised(core, close_us);
    else if (core->track.alert.side != SG_SIGNAL_NONE)
        core->told = core->track.alert;
}

void sg_core_settle_alert(struct sg_core *core, const char *why)
{
    const struct sg_alert *alert = &core->track.alert;
    const struct sg_history *history = &core->track.history;
    if (alert->side == core->told.side && alert->since_us == core->told.since_us) {
        core->told = *alert;
        return;
    }
    int64_t close_us = history->length > 0 ? history->time_us[history->length - 1] + core->track.interval_us : exchange_time(core, core->recv_us);
    struct sg_alert before = core->told;
    if (before.side != SG_SIGNAL_NONE)
        emit_cleared(core, &before, history->length > 0 && core->track.now.zscore_reason == SG_REASON_NONE ? core->track.now.zscore : (double)NAN, close_us,
                     why);
    if (alert->side != SG_SIGNAL_NONE)
        emit_raised(core, close_us);
}

void sg_core_forget_alert(struct sg_core *core)
{
    int64_t muted_until_us = core->track.alert.muted_until_us;
    sg_alert_reset(&core->track.alert);
    sg_alert_reset(&core->told);
    core->track.alert.muted_until_us = muted_until_us;
}
