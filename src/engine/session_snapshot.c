/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "keeper_private.h"
#include "session_private.h"

gint64 sg_session_exchange_now(SgSession *session)
{
    struct sg_session_engine *engine = session->engine;
    return sg_core_exchange_time(engine->core, sg_source_now(engine->source));
}

/* Whole seconds that a person can see running: to the next attempt, or since a stalled feed last said anything. */
static gint64 countdown(const struct sg_feed_status *feed, gint64 mono_us)
{
    if (feed->state == SG_FEED_WAITING)
        return MAX(0, (feed->retry_at_mono_us - mono_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
    if (feed->state == SG_FEED_STALLED)
        return (mono_us - MAX(feed->last_data_mono_us[SG_LEG_A], feed->last_data_mono_us[SG_LEG_B])) / G_USEC_PER_SEC;
    return -1;
}

/* Without what moves by itself: the time of the status, and the tail of a mean. */
static struct sg_feed_status comparable(const struct sg_feed_status *feed)
{
    struct sg_feed_status copy;
    memcpy(&copy, feed, sizeof copy); /* padding included: it is compared as bytes */
    copy.tick_mono_us = 0;
    copy.messages_per_s = round(copy.messages_per_s * 10.0) / 10.0;
    return copy;
}

static void fill(SgSession *session, const struct sg_feed_status *feed)
{
    struct sg_session_engine *engine = session->engine;
    struct sg_core *core = engine->core;
    SgSnapshot *snapshot = &session->snapshot;
    gint64 exchange_now_us = sg_session_exchange_now(session);

    snapshot->history = &core->track.history;
    snapshot->has_forming = session->running && sg_core_forming(core, exchange_now_us, &snapshot->forming);
    snapshot->now = core->track.now;
    snapshot->adf = engine->diagnostics.adf;
    snapshot->engle_granger = engine->diagnostics.engle_granger;
    snapshot->engle_granger_reverse = engine->diagnostics.engle_granger_reverse;
    snapshot->grade = sg_grade_of(&(struct sg_verdict_input){.engle_granger = &snapshot->engle_granger, .reverse = &snapshot->engle_granger_reverse});
    snapshot->half_life = engine->diagnostics.half_life;
    snapshot->test_bars = engine->diagnostics.bars;
    int64_t age_us[SG_LEG_COUNT];
    sg_pair_track_ages(&core->track, age_us);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        snapshot->age_us[leg] = age_us[leg];
    snapshot->stale_after_us = core->track.stale_after_us;
    snapshot->alert = core->track.alert;
    snapshot->feed = *feed;
    sg_resampler_stats(core->resampler, &snapshot->resampler);
    sg_tick_ring_stats(engine->ring, &snapshot->ring);
    snapshot->gaps = &core->gaps;
    snapshot->fired = &core->fired;
    memcpy(snapshot->legs, session->config.legs, sizeof snapshot->legs);
    snapshot->interval = core->interval;
    snapshot->stream = session->config.stream;
    snapshot->params = core->track.params;
    snapshot->latency_ms = sg_latency_median_ms(&core->latency, sg_source_now(engine->source));
    snapshot->exchange_now_us = exchange_now_us;
    snapshot->first_tick_age_us = core->unseen_recv_us > 0 ? sg_source_now(engine->source) - core->unseen_recv_us : -1;
    core->unseen_recv_us = 0;
    g_strlcpy(snapshot->storage, engine->keeper ? sg_keeper_state(engine->keeper) : "", sizeof snapshot->storage);
    snapshot->storage_read_only = engine->keeper && sg_keeper_reads_only(engine->keeper);
    snapshot->demo = session->config.demo;
    snapshot->replay = session->config.source == SG_SOURCE_REPLAY;
}

gboolean sg_session_refresh_snapshot(SgSession *session, gboolean force)
{
    struct sg_session_engine *engine = session->engine;
    struct sg_feed_status feed;
    memset(&feed, 0, sizeof feed);
    sg_source_status(engine->source, &feed);
    struct sg_feed_status compared = comparable(&feed);
    gint64 countdown_s = countdown(&feed, sg_clock_mono(sg_clock_system()));
    gboolean visible = sg_alert_visible(&engine->core->track.alert, sg_session_exchange_now(session));
    if (!force && session->seen.core_changes == engine->core->changes && session->seen.tests == session->tests && session->seen.countdown_s == countdown_s &&
        session->seen.alert_visible == visible && memcmp(&session->seen.feed, &compared, sizeof compared) == 0)
        return FALSE;
    session->seen.core_changes = engine->core->changes;
    session->seen.tests = session->tests;
    session->seen.feed = compared;
    session->seen.countdown_s = countdown_s;
    session->seen.alert_visible = visible;
    fill(session, &feed);
    session->snapshot.serial++;
    return TRUE;
}
