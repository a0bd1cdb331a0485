/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SgSession: the object, its life and its calls. */
#include "spreadglass/engine/session.h"
#include <string.h>
#include "backfill_private.h"
#include "core_events_private.h"
#include "keeper_private.h"
#include "pool_jobs_private.h"
#include "session_private.h"

G_DEFINE_FINAL_TYPE(SgSession, sg_session, G_TYPE_OBJECT)
G_DEFINE_QUARK(sg - session - error - quark, sg_session_error)

guint sg_session_signals[SG_SESSION_SIGNALS];

/* ---- configuration ---- */

static void config_copy(struct sg_session_config *copy, const struct sg_session_config *config)
{
    *copy = *config;
    copy->ws_url = g_strdup(config->ws_url);
    copy->rest_url = g_strdup(config->rest_url);
    copy->ca_file = g_strdup(config->ca_file);
    copy->replay_file = g_strdup(config->replay_file);
    char **files = g_new0(char *, config->replay_file_count + 1);
    for (size_t i = 0; i < config->replay_file_count; i++)
        files[i] = g_strdup(config->replay_files[i]);
    copy->replay_files = (const char *const *)files;
}

static void config_clear(struct sg_session_config *config)
{
    g_free((char *)config->ws_url);
    g_free((char *)config->rest_url);
    g_free((char *)config->ca_file);
    g_free((char *)config->replay_file);
    g_strfreev((char **)config->replay_files);
    *config = (struct sg_session_config){0};
}

static struct sg_source *make_source(const struct sg_session_config *config, struct sg_tick_ring *ring, struct sg_error *error)
{
    if (config->source == SG_SOURCE_REPLAY) {
        if (!config->replay_file && config->replay_file_count == 0) {
            sg_fail(error, SG_ERR_INVALID, "a replay needs a recording");
            return NULL;
        }
        struct sg_replay_config replay = {
            .stream = config->stream, .speed = config->replay_speed, .paused = config->replay_paused, .until_us = config->replay_until_us};
        if (config->replay_file_count > 0) {
            replay.files = config->replay_files;
            replay.file_count = config->replay_file_count;
        } else {
            replay.file = config->replay_file;
        }
        memcpy(replay.legs, config->legs, sizeof replay.legs);
        return sg_source_new_replay(&replay, ring, error);
    }
    /* An endpoint of one's own without its REST twin has nobody to ask; Binance's would speak of another market. */
    struct sg_binance_config binance = {.stream = config->stream,
                                        .ws_url = config->ws_url,
                                        .rest_url = config->rest_url,
                                        .ca_file = config->ca_file,
                                        .connection_life_us = config->connection_life_us,
                                        .recorder = config->recorder,
                                        .check_symbols = config->ws_url == NULL || config->rest_url != NULL};
    memcpy(binance.legs, config->legs, sizeof binance.legs);
    return sg_source_new_binance(&binance, ring, error);
}

static void raise_error(GError **error, const struct sg_error *reason)
{
    enum sg_status status = reason->status != SG_OK ? reason->status : SG_ERR_INVALID;
    g_set_error_literal(error, SG_SESSION_ERROR, (int)status, reason->text[0] ? reason->text : sg_status_name(status));
}

/* ---- object ---- */

static void sg_session_init(SgSession *session)
{
    session->make_source = make_source;
    session->fetch_klines = sg_rest_klines;
    session->fetch_trades = sg_rest_agg_trades;
    session->retired = g_ptr_array_new_with_free_func((GDestroyNotify)sg_session_engine_free);
    session->context = g_main_context_ref_thread_default();
    session->cancellable = g_cancellable_new();
    session->batch = (struct sg_tick_batch){
        .ticks = g_new0(struct sg_tick, SG_SESSION_BATCH_TICKS),
        .tick_capacity = SG_SESSION_BATCH_TICKS,
        .events = g_new0(struct sg_feed_event, SG_SESSION_BATCH_EVENTS),
        .event_after = g_new0(size_t, SG_SESSION_BATCH_EVENTS),
        .event_capacity = SG_SESSION_BATCH_EVENTS,
    };
}

static void sg_session_dispose(GObject *object)
{
    SgSession *session = SG_SESSION(object);
    g_cancellable_cancel(session->cancellable);
    if (session->engine)
        sg_core_mute(session->engine->core);
    if (session->running) {
        session->running = FALSE;
        sg_source_stop(session->engine->source);
    }
    sg_session_timer_stop(session);
    G_OBJECT_CLASS(sg_session_parent_class)->dispose(object);
}

gboolean sg_session_has_work(void)
{
    return !sg_pool_wait(0);
}

static void sg_session_finalize(GObject *object)
{
    SgSession *session = SG_SESSION(object);
    sg_session_engine_free(session->replay.shown);
    sg_session_engine_free(session->engine);
    g_ptr_array_unref(session->retired);
    sg_pool_wait(SG_SESSION_LEAVE_US); /* their calls were cancelled, and end within a second */
    g_main_context_unref(session->context);
    g_object_unref(session->cancellable);
    g_free(session->batch.ticks);
    g_free(session->batch.events);
    g_free(session->batch.event_after);
    config_clear(&session->config);
    G_OBJECT_CLASS(sg_session_parent_class)->finalize(object);
}

static guint add_signal(SgSessionClass *class, const char *name, gboolean with_record)
{
    return g_signal_new(name, G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, with_record ? 1u : 0u, G_TYPE_POINTER);
}

static void sg_session_class_init(SgSessionClass *class)
{
    G_OBJECT_CLASS(class)->dispose = sg_session_dispose;
    G_OBJECT_CLASS(class)->finalize = sg_session_finalize;
    sg_session_signals[SG_SESSION_CHANGED] = add_signal(class, "changed", FALSE);
    sg_session_signals[SG_SESSION_BAR] = add_signal(class, "bar", TRUE);
    sg_session_signals[SG_SESSION_EVENT] = add_signal(class, "event", TRUE);
    sg_session_signals[SG_SESSION_ENDED] = add_signal(class, "ended", FALSE);
    sg_session_signals[SG_SESSION_REWOUND] = add_signal(class, "rewound", FALSE);
}

SgSession *sg_session_new_with_source(const struct sg_session_config *config, sg_session_source_maker maker, GError **error)
{
    SgSession *session = g_object_new(SG_TYPE_SESSION, NULL);
    session->make_source = maker;
    config_copy(&session->config, config);
    struct sg_error reason = {0};
    session->engine = sg_session_engine_new(session, &session->config, &reason);
    if (!session->engine) {
        raise_error(error, &reason);
        g_object_unref(session);
        return NULL;
    }
    sg_session_refresh_snapshot(session, TRUE);
    return session;
}

SgSession *sg_session_new(const struct sg_session_config *config, GError **error)
{
    return sg_session_new_with_source(config, make_source, error);
}

/* ---- life ---- */

/* The old engine goes at once, or after the record that is being told. */
static void replace_engine(SgSession *session, struct sg_session_engine *engine)
{
    struct sg_session_engine *old = session->engine;
    session->engine = engine;
    sg_core_mute(old->core);
    sg_source_stop(old->source);
    if (session->busy > 0)
        g_ptr_array_add(session->retired, old);
    else
        sg_session_engine_free(old);
}

gboolean sg_session_start(SgSession *session, GError **error)
{
    if (session->running)
        return TRUE;
    struct sg_error reason = {0};
    if (session->engine->core->muted || session->engine->finished) {
        /* A second start is a new session of the same configuration: what lies between would be a hole of unknown size. */
        struct sg_session_engine *fresh = sg_session_engine_new(session, &session->config, &reason);
        if (!fresh) {
            raise_error(error, &reason);
            return FALSE;
        }
        replace_engine(session, fresh);
    }
    session->running = TRUE;
    sg_session_timer_start(session);
    if (sg_source_start(session->engine->source, &reason) != SG_OK) {
        session->running = FALSE;
        sg_session_timer_stop(session);
        raise_error(error, &reason);
        return FALSE;
    }
    return TRUE;
}

void sg_session_end(SgSession *session)
{
    if (!session->running)
        return;
    sg_source_stop(session->engine->source);
    sg_session_drain_all(session);
    sg_session_stop(session);
}

void sg_session_stop(SgSession *session)
{
    if (!session->running)
        return;
    session->running = FALSE;
    sg_core_mute(session->engine->core);
    sg_source_stop(session->engine->source);
    sg_session_timer_stop(session);
    sg_session_replay_arrive(session);
    sg_session_publish(session, TRUE);
}

/* One after the other: libwebsockets does not free all that belongs to a context that lived beside another one. The old source goes on when
 * the new one cannot start; what it missed meanwhile is a gap like any other. */
static gboolean take_over(SgSession *session, struct sg_session_engine *engine, struct sg_error *error)
{
    sg_source_stop(session->engine->source);
    if (sg_source_start(engine->source, error) == SG_OK)
        return TRUE;
    sg_source_start(session->engine->source, NULL);
    return FALSE;
}

gboolean sg_session_reconfigure(SgSession *session, const struct sg_session_config *config, GError **error)
{
    struct sg_session_config copy;
    config_copy(&copy, config);
    struct sg_error reason = {0};
    struct sg_session_engine *engine = sg_session_engine_new(session, &copy, &reason);
    if (!engine || (session->running && !take_over(session, engine, &reason))) {
        sg_session_engine_free(engine);
        config_clear(&copy);
        raise_error(error, &reason);
        return FALSE;
    }
    replace_engine(session, engine);
    config_clear(&session->config);
    session->config = copy;
    sg_session_replay_arrive(session);
    session->replay.is_measured = FALSE; /* it may be another recording */
    session->replay.begin_us = session->replay.end_us = 0;
    if (session->running)
        sg_session_timer_start(session);
    sg_session_publish(session, TRUE);
    return TRUE;
}

void sg_session_reconnect(SgSession *session)
{
    if (!session->running)
        return;
    sg_source_reconnect(session->engine->source);
    sg_session_timer_start(session);
}

void sg_session_replay_pace(SgSession *session, double speed, gboolean paused)
{
    session->config.replay_speed = speed;
    session->config.replay_paused = paused;
    sg_source_replay_pace(session->engine->source, speed, paused);
    if (!paused)
        session->replay.wanted_row_us = 0; /* no step any more */
    sg_session_publish(session, TRUE);
    if (session->running)
        sg_session_timer_start(session);
}

/* ---- what a person changes ---- */

gboolean sg_session_check_params(const struct sg_pair_params *params, GError **error)
{
    struct sg_error reason = {0};
    if (sg_pair_params_check(params, &reason) == SG_OK && sg_pair_params_check_reach(params, &reason) == SG_OK)
        return TRUE;
    raise_error(error, &reason);
    return FALSE;
}

const SgSnapshot *sg_session_get_snapshot(SgSession *session)
{
    return &session->snapshot;
}

gboolean sg_session_set_params(SgSession *session, const struct sg_pair_params *params, GError **error)
{
    struct sg_error reason = {0};
    if (sg_core_set_params(session->engine->core, params, &reason) != SG_OK) {
        raise_error(error, &reason);
        return FALSE;
    }
    session->config.params = *params;
    if (session->engine->keeper) /* a longer window needs more of what an earlier run kept */
        sg_keeper_seed(session->engine->keeper, session->engine->core->interval, params);
    if (session->engine->backfill)
        sg_backfill_want(session->engine->backfill);
    sg_session_publish(session, TRUE);
    return TRUE;
}

gboolean sg_session_set_stale_after(SgSession *session, gint64 stale_after_us, GError **error)
{
    struct sg_error reason = {0};
    if (sg_core_set_stale_after(session->engine->core, stale_after_us, &reason) != SG_OK) {
        raise_error(error, &reason);
        return FALSE;
    }
    session->config.stale_after_us = stale_after_us;
    sg_session_publish(session, TRUE);
    return TRUE;
}

void sg_session_set_interval(SgSession *session, enum sg_interval interval)
{
    g_return_if_fail((unsigned)interval < SG_INTERVAL_COUNT);
    if (session->engine->core->interval == interval)
        return;
    if (session->engine->keeper)
        sg_keeper_seed(session->engine->keeper, interval, &session->config.params);
    if (sg_core_set_interval(session->engine->core, interval) != SG_OK)
        g_error("no memory for the history of another interval");
    session->config.interval = interval;
    if (session->engine->backfill)
        sg_backfill_want(session->engine->backfill);
    sg_session_publish(session, TRUE);
}

void sg_session_alert_dismiss(SgSession *session)
{
    session->engine->core->track.alert.dismissed = true;
    sg_session_publish(session, TRUE);
}

void sg_session_alert_recall(SgSession *session)
{
    session->engine->core->track.alert.dismissed = false;
    sg_session_publish(session, TRUE);
}

void sg_session_alert_mute(SgSession *session, gint64 duration_us)
{
    gint64 now_us = sg_session_exchange_now(session);
    if (now_us == 0)
        now_us = sg_source_now(session->engine->source);
    session->engine->core->track.alert.muted_until_us = duration_us > 0 ? now_us + duration_us : 0;
    sg_session_publish(session, TRUE);
}
