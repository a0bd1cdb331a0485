/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay that is driven: where it is, and going somewhere else. A recording does not run backwards: an earlier time is reached by a new engine that plays
 * from the beginning, in the slices of the session's timer, while the rows of the old one stay on the screen. */
#include "core_events_private.h"
#include "pool_jobs_private.h"
#include "session_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/market/tick_stream.h"

#define STRIDE_US 100000      /* around a bar's end a step looks for the next row in pieces of this length */
#define STRIDE_LONG_US 500000 /* and where none comes in such ones: never so long that two bars could close in one */
#define LOOKS 40
#define CLOCK_MARGIN_US 1500000 /* the estimate of the exchange's clock was another one earlier */

static gboolean is_replay(const SgSession *session)
{
    return session->config.source == SG_SOURCE_REPLAY;
}

gboolean sg_session_replay_is_rushing(SgSession *session)
{
    return session->replay.is_seeking || session->replay.wanted_row_us != 0;
}

gboolean sg_session_replay_state(SgSession *session, SgReplayState *ret_state)
{
    if (!is_replay(session))
        return FALSE;
    struct sg_session_engine *engine = session->engine;
    SgReplayState state = {.paused = session->config.replay_paused,
                           .speed = session->config.replay_speed,
                           .ended = engine->finished,
                           .begin_us = session->replay.begin_us,
                           .end_us = session->replay.end_us,
                           .seeking = sg_session_replay_is_rushing(session)};
    struct sg_replay_progress progress = {0};
    (void)sg_source_replay_progress(engine->source, &progress);
    state.position_us = progress.reached_us;
    if (engine->finished && state.end_us > 0)
        state.position_us = state.end_us;
    if (state.position_us > 0)
        state.clock_us = sg_core_exchange_time(engine->core, state.position_us);
    *ret_state = state;
    return TRUE;
}

/* ---- how long the recording is ---- */

/* Made and freed on main; while it runs it is the worker's alone, but for {cancelled}. */
struct measurement {
    SgSession *session; /* main thread only, and only while not cancelled */
    GCancellable *cancellable;
    gulong cancel_handler;
    atomic_bool cancelled; /* set by main, read by the worker */
    char **files;
    enum sg_status status;
    int64_t first_us, last_us;
};

static void cancel(GCancellable *cancellable, struct measurement *measurement)
{
    (void)cancellable;
    atomic_store(&measurement->cancelled, true);
}

static void measure(GTask *task, void *source, void *data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    struct measurement *measurement = data;
    struct sg_error error = {0};
    sg_pool_enter();
    measurement->status = sg_recording_span((const char *const *)measurement->files, g_strv_length(measurement->files), &measurement->cancelled,
                                            &measurement->first_us, &measurement->last_us, &error);
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

static void measured(GObject *object, GAsyncResult *result, void *data)
{
    (void)object;
    (void)result;
    struct measurement *measurement = data;
    sg_pool_collect();
    g_cancellable_disconnect(measurement->cancellable, measurement->cancel_handler);
    SgSession *session = measurement->session;
    if (!g_cancellable_is_cancelled(measurement->cancellable) && measurement->status == SG_OK && is_replay(session)) {
        session->replay.begin_us = measurement->first_us;
        session->replay.end_us = measurement->last_us;
        sg_session_publish(session, TRUE);
    }
    g_object_unref(measurement->cancellable);
    g_strfreev(measurement->files);
    g_free(measurement);
}

void sg_session_replay_measure(SgSession *session)
{
    if (!is_replay(session) || session->replay.is_measured)
        return;
    session->replay.is_measured = TRUE;
    struct measurement *measurement = g_new0(struct measurement, 1);
    measurement->session = session;
    if (session->config.replay_file_count > 0)
        measurement->files = g_strdupv((char **)session->config.replay_files);
    else
        measurement->files = g_strdupv((char *[]){(char *)session->config.replay_file, NULL});
    measurement->cancellable = g_object_ref(session->cancellable);
    measurement->cancel_handler = g_cancellable_connect(session->cancellable, G_CALLBACK(cancel), measurement, NULL);
    GTask *task = g_task_new(NULL, session->cancellable, measured, measurement);
    g_task_set_name(task, "spreadglass recording");
    g_task_set_task_data(task, measurement, NULL);
    sg_pool_begin();
    g_task_run_in_thread(task, measure);
    g_object_unref(task);
}

/* ---- going somewhere ---- */

void sg_session_replay_arrive(SgSession *session)
{
    session->replay.is_seeking = FALSE;
    session->replay.wanted_row_us = 0;
}

/* From the beginning to `until_us`, with the rows of now on the screen until then. */
static gboolean play_again(SgSession *session, gint64 until_us)
{
    struct sg_error reason = {0};
    session->config.replay_until_us = MAX(until_us, 1);
    struct sg_session_engine *engine = sg_session_engine_new(session, &session->config, &reason), *old = session->engine;
    session->config.replay_until_us = 0;
    if (!engine || sg_source_start(engine->source, &reason) != SG_OK) { /* the file is gone: what is there stays */
        sg_session_engine_free(engine);
        sg_core_emit_error(old->core, reason.text);
        return FALSE;
    }
    sg_core_mute(old->core);
    sg_source_stop(old->source);
    session->engine = engine;
    if (!session->replay.shown)
        session->replay.shown = old;
    else
        g_ptr_array_add(session->retired, old);
    session->replay.is_seeking = TRUE;
    session->replay.wanted_row_us = 0;
    g_signal_emit(session, sg_session_signals[SG_SESSION_REWOUND], 0);
    return TRUE;
}

void sg_session_replay_seek(SgSession *session, gint64 position_us)
{
    if (!is_replay(session) || !session->running)
        return;
    sg_session_enter(session);
    struct sg_replay_progress progress = {0};
    (void)sg_source_replay_progress(session->engine->source, &progress);
    session->replay.wanted_row_us = 0;
    if (session->engine->finished || position_us < progress.reached_us) {
        (void)play_again(session, position_us);
    } else {
        session->replay.is_seeking = TRUE;
        sg_source_replay_until(session->engine->source, position_us);
    }
    sg_session_timer_start(session);
    sg_session_leave(session);
}

static gint64 last_row_us(const SgSession *session)
{
    const struct sg_history *history = &session->engine->core->track.history;
    return history->length > 0 ? history->time_us[history->length - 1] : 0;
}

/* Exchange time less recorded time, now. */
static gint64 ahead(const struct sg_core *core)
{
    gint64 exchange_us = core->recv_us > 0 ? sg_core_exchange_time(core, core->recv_us) : 0;
    return exchange_us > 0 ? exchange_us - core->recv_us : 0;
}

static void step_back(SgSession *session)
{
    const struct sg_core *core = session->engine->core;
    const struct sg_history *history = &core->track.history;
    if (history->length < 2) {
        (void)play_again(session, 1);
        return;
    }
    gint64 wanted_us = history->time_us[history->length - 2];
    if (play_again(session, wanted_us + sg_interval_us(core->interval) - ahead(core) - CLOCK_MARGIN_US))
        session->replay.wanted_row_us = wanted_us;
}

void sg_session_replay_step(SgSession *session, int direction)
{
    if (!is_replay(session) || !session->running || (direction > 0 && session->engine->finished))
        return;
    sg_session_enter(session);
    if (!session->config.replay_paused)
        sg_session_replay_pace(session, session->config.replay_speed, TRUE);
    session->replay.looks = 0;
    if (direction > 0)
        session->replay.wanted_row_us = last_row_us(session) + 1;
    else
        step_back(session);
    sg_session_timer_start(session);
    sg_session_leave(session);
}

/* Where a step goes next: close to the end of the bar, and from there in small pieces; over a hole at once to the record after it. */
static gint64 next_stop(SgSession *session, const struct sg_replay_progress *progress)
{
    const struct sg_core *core = session->engine->core;
    gint64 stop_us = progress->reached_us + (session->replay.looks++ < LOOKS ? STRIDE_US : STRIDE_LONG_US), closed_us = core->closed_until_us[core->interval];
    gint64 bar_end_us = closed_us > 0 ? closed_us + sg_interval_us(core->interval) - ahead(core) - CLOCK_MARGIN_US : 0;
    if (bar_end_us > stop_us) {
        session->replay.looks = 0;
        stop_us = bar_end_us;
    }
    return progress->next_us - progress->reached_us > SG_ALIVE_STEP_US ? MAX(stop_us, progress->next_us) : stop_us;
}

/* Where it was to stop it has stopped, and all until there is in: is the row there that the step is about? */
void sg_session_replay_look(SgSession *session)
{
    struct sg_session_engine *engine = session->engine;
    struct sg_replay_progress progress;
    struct sg_feed_status status;
    if (!sg_session_replay_is_rushing(session) || !sg_source_replay_progress(engine->source, &progress))
        return;
    sg_source_status(engine->source, &status);
    gboolean is_over = status.state == SG_FEED_FAILED || status.state == SG_FEED_STOPPED;
    if (!is_over && (progress.reached_us == 0 || progress.is_rushing))
        return; /* the first record was not read yet, or it has just been sent on */
    if (is_over || session->replay.wanted_row_us == 0 || last_row_us(session) >= session->replay.wanted_row_us) {
        sg_session_replay_arrive(session);
        sg_session_publish(session, TRUE);
        return;
    }
    sg_source_replay_until(engine->source, next_stop(session, &progress));
}
