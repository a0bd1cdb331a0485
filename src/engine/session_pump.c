/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timer and what it does: drain, feed the core, run the tests when they are due, publish. */
#include "session_private.h"
#include "backfill_private.h"
#include "core_events_private.h"
#include "keeper_private.h"
#include "spreadglass/feed/recorder.h"

void sg_session_emit_bar(void *session, const SgClosedBar *bar)
{
    g_signal_emit(session, sg_session_signals[SG_SESSION_BAR], 0, bar);
}

void sg_session_emit_event(void *session, const SgSessionEvent *event)
{
    sg_keeper_event(session, event);
    g_signal_emit(session, sg_session_signals[SG_SESSION_EVENT], 0, event);
}

void sg_session_enter(SgSession *session)
{
    g_object_ref(session);
    session->busy++;
}

void sg_session_leave(SgSession *session)
{
    if (--session->busy == 0 && session->retired->len > 0)
        g_ptr_array_set_size(session->retired, 0);
    g_object_unref(session);
}

static void update_tests(SgSession *session, gboolean now)
{
    struct sg_session_engine *engine = session->engine;
    if (engine->tested_history == engine->core->history_changes)
        return;
    gint64 mono_us = g_get_monotonic_time();
    if (!now && engine->tested_at_us != 0 && mono_us - engine->tested_at_us < SG_SESSION_TESTS_US)
        return;
    const struct sg_pair_track *track = &engine->core->track;
    if (sg_diagnostics_update(&engine->diagnostics, &track->history, &track->params, &track->now, SG_SESSION_TEST_BARS) != SG_OK)
        return; /* no memory: the numbers stay what they were, and are tried again */
    engine->tested_history = engine->core->history_changes;
    engine->tested_at_us = mono_us;
    session->tests++;
}

void sg_session_publish(SgSession *session, gboolean force)
{
    if (session->replay.shown && session->replay.is_seeking)
        return; /* what is shown stays until the replay is where it was asked for */
    update_tests(session, force || session->replay.shown);
    if (!sg_session_refresh_snapshot(session, force || session->replay.shown))
        return;
    sg_session_enter(session);
    g_signal_emit(session, sg_session_signals[SG_SESSION_CHANGED], 0);
    if (session->replay.shown && !session->replay.is_seeking) /* nobody looks at it any more, but records of it may be on the stack */
        g_ptr_array_add(session->retired, g_steal_pointer(&session->replay.shown));
    sg_session_leave(session);
}

/* TRUE: the ring was emptied. FALSE: time is up, or a handler replaced or stopped the engine. */
static gboolean drain(SgSession *session, gboolean *came)
{
    struct sg_session_engine *engine = session->engine;
    struct sg_tick_batch *batch = &session->batch;
    gint64 deadline_us = g_get_monotonic_time() + SG_SESSION_BUDGET_US;
    do {
        sg_tick_ring_drain(engine->ring, batch);
        *came |= batch->tick_count > 0 || batch->event_count > 0;
        sg_core_ingest(engine->core, batch);
        if (session->engine != engine || !session->running)
            return FALSE;
        if (!batch->more)
            return TRUE;
    } while (g_get_monotonic_time() < deadline_us);
    return FALSE;
}

void sg_session_drain_all(SgSession *session)
{
    struct sg_session_engine *engine = session->engine;
    gboolean came = FALSE;
    sg_session_enter(session);
    while (session->engine == engine && session->running && !drain(session, &came))
        continue;
    sg_session_leave(session);
}

/* From now on news makes the timer fast. TRUE: some came after the ring was found empty and before this, and woke nobody. */
static gboolean rest(SgSession *session)
{
    atomic_store(&session->resting, true);
    return atomic_load(&session->woken) && atomic_exchange(&session->resting, false);
}

static void schedule(SgSession *session, gboolean came, gboolean emptied)
{
    gint64 delay_us = SG_SESSION_FAST_US;
    const struct sg_session_config *config = &session->config;
    if (sg_session_replay_is_rushing(session) || (config->source == SG_SOURCE_REPLAY && config->replay_speed == 0 && !config->replay_paused))
        delay_us = SG_SESSION_RUSH_US; /* through silence too: the source waits until its watermark was seen */
    else if (!came)
        delay_us = SG_SESSION_SLOW_US;
    gint64 now_us = g_get_monotonic_time();
    atomic_store(&session->pumped_at_us, now_us);
    g_source_set_ready_time(session->timer, now_us + delay_us); /* before `resting`: wake() may set it again */
    if (came)
        atomic_store(&session->resting, false);
    else if (rest(session))
        g_source_set_ready_time(session->timer, now_us + MIN(delay_us, SG_SESSION_FAST_US));
    if (!emptied)
        g_source_set_ready_time(session->catch_up, 0);
}

static void finish(SgSession *session, gboolean on_purpose)
{
    struct sg_session_engine *engine = session->engine;
    engine->finished = TRUE;
    if (!on_purpose) /* the session that was recorded did not close what was still open */
        sg_core_finish(engine->core);
    if (session->engine != engine || !session->running)
        return;
    sg_session_publish(session, TRUE);
    if (session->engine == engine && session->running)
        g_signal_emit(session, sg_session_signals[SG_SESSION_ENDED], 0);
}

/* A recording that ended by itself (the disk is full) is told when it happens, and not when the session ends, perhaps days later. */
static void look_at_recorder(SgSession *session)
{
    struct sg_recorder_status status;
    if (!session->config.recorder || session->recording_failed)
        return;
    sg_recorder_status(session->config.recorder, &status);
    session->recording_failed = status.status != SG_OK;
    if (session->recording_failed)
        sg_core_emit_error(session->engine->core, status.detail);
}

/* Once a second: seen, fetched, replaced and known to be missing are all the trade ids that there were. Whether anything is kept or not. */
static void look_at_ids(SgSession *session)
{
    struct sg_session_engine *engine = session->engine;
    gint64 now_us = g_get_monotonic_time();
    if (session->config.source != SG_SOURCE_BINANCE || now_us - session->ids_looked_at_us < G_USEC_PER_SEC)
        return;
    session->ids_looked_at_us = now_us;
    for (int leg = 0; leg < SG_LEG_COUNT && session->engine == engine; leg++) {
        char text[SG_IDS_TEXT];
        if (engine->ids_told[leg] || !sg_core_ids_complaint(engine->core, (enum sg_leg)leg, session->config.legs[leg].symbol, text))
            continue;
        engine->ids_told[leg] = TRUE;
        sg_core_emit_error(engine->core, text);
    }
}

/* One turn. `publishing`: the regular timer; catching up leaves the snapshot to it. */
static void pump(SgSession *session, gboolean publishing)
{
    struct sg_session_engine *engine = session->engine;
    sg_session_enter(session);
    struct sg_feed_status status;
    sg_source_status(engine->source, &status); /* before the ring: a source that has ended has pushed everything */
    struct sg_replay_progress progress = {0};
    (void)sg_source_replay_progress(engine->source, &progress); /* likewise */
    gboolean came = FALSE;
    atomic_store(&session->woken, false);
    gboolean emptied = drain(session, &came);
    if (session->engine == engine && session->running) {
        if (status.state == SG_FEED_ENDED && emptied) {
            sg_session_replay_arrive(session);
            if (!engine->finished)
                finish(session, status.ended_on_purpose);
            /* Nothing comes any more; a timer would only cost power. */
        } else {
            if (engine->backfill && emptied)
                sg_backfill_poll(engine->backfill);
            if (engine->keeper && publishing)
                sg_keeper_look(engine->keeper);
            if (emptied && !progress.is_rushing)
                sg_session_replay_look(session);
            if (publishing)
                look_at_recorder(session);
            if (publishing && session->engine == engine && session->running)
                look_at_ids(session);
            if (publishing && session->engine == engine && session->running)
                sg_session_publish(session, FALSE);
            if (session->running && (came || !emptied || status.state != SG_FEED_FAILED))
                schedule(session, came, emptied);
            else if (rest(session)) /* else nothing more will happen by itself */
                schedule(session, TRUE, TRUE);
        }
    }
    sg_session_leave(session);
}

static gboolean timer_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    pump(data, TRUE);
    return G_SOURCE_CONTINUE;
}

static gboolean catch_up_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    pump(data, FALSE);
    return G_SOURCE_CONTINUE;
}

static gboolean never_called(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static GSource *make_source(SgSession *session, GSourceFuncs *functions, int priority, const char *name)
{
    GSource *source = g_source_new(functions, sizeof(GSource));
    g_source_set_name(source, name);
    g_source_set_priority(source, priority);
    g_source_set_callback(source, never_called, session, NULL); /* carries the session to dispatch */
    g_source_set_ready_time(source, -1);
    g_source_attach(source, session->context);
    return source;
}

void sg_session_timer_start(SgSession *session)
{
    static GSourceFuncs timer_functions = {.dispatch = timer_dispatch};
    /* Below drawing, so that a fast replay leaves the window its frames. */
    static GSourceFuncs catch_up_functions = {.dispatch = catch_up_dispatch};
    if (!session->timer) {
        session->timer = make_source(session, &timer_functions, G_PRIORITY_DEFAULT, "spreadglass session");
        session->catch_up = make_source(session, &catch_up_functions, G_PRIORITY_DEFAULT_IDLE, "spreadglass session, catching up");
    }
    atomic_store(&session->resting, false);
    g_source_set_ready_time(session->timer, 0);
}

void sg_session_timer_stop(SgSession *session)
{
    if (!session->timer)
        return;
    g_source_destroy(session->timer);
    g_source_destroy(session->catch_up);
    g_clear_pointer(&session->timer, g_source_unref);
    g_clear_pointer(&session->catch_up, g_source_unref);
}

/* Not earlier than a fast timer would: two frames for two ticks help nobody. The feed thread runs only between timer_start and the
 * source's stop, so that the timer is there. */
void sg_session_wake(void *data)
{
    SgSession *session = data;
    atomic_store(&session->woken, true);
    if (atomic_exchange(&session->resting, false))
        g_source_set_ready_time(session->timer, atomic_load(&session->pumped_at_us) + SG_SESSION_FAST_US);
}

void sg_session_ingest_batch(SgSession *session, const struct sg_tick_batch *batch)
{
    struct sg_session_engine *engine = session->engine;
    sg_session_enter(session);
    sg_core_ingest(engine->core, batch);
    if (session->engine == engine)
        sg_session_publish(session, FALSE);
    sg_session_leave(session);
}
