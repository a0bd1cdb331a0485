/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "backfill_private.h"
#include "core_events_private.h"
#include "keeper_private.h"
#include "session_private.h"

static void on_answer(void *context, const struct sg_history_answer *answer, const struct sg_answer_result *result)
{
    SgSession *session = context;
    if (session->engine->backfill) /* a replay has none: its answers are in the recording */
        sg_backfill_answered(session->engine->backfill, answer, result);
}

struct sg_session_engine *sg_session_engine_new(SgSession *session, const struct sg_session_config *config, struct sg_error *error)
{
    bool keeps = config->database && config->source == SG_SOURCE_BINANCE && !config->demo;
    struct sg_core_config core_config = {
        .params = config->params,
        .interval = config->interval,
        .stale_after_us = config->stale_after_us,
        .history_maximum = config->history_maximum,
        .keeps = keeps,
        .outputs = {.on_bar = sg_session_emit_bar,
                    .on_event = sg_session_emit_event,
                    .keep_bars = sg_keeper_bars,
                    .keep_gap = sg_keeper_gap,
                    .keep_doubt = sg_keeper_doubt,
                    .on_answer = on_answer,
                    .context = session},
    };
    memcpy(core_config.legs, config->legs, sizeof core_config.legs);
    struct sg_session_engine *engine = g_new0(struct sg_session_engine, 1);
    sg_diagnostics_init(&engine->diagnostics);
    engine->core = sg_core_new(&core_config, error);
    if (!engine->core)
        goto failed;
    engine->ring = sg_tick_ring_new(SG_SESSION_RING_CAPACITY);
    if (!engine->ring) {
        sg_fail(error, SG_ERR_NOMEM, "no memory for the tick ring");
        goto failed;
    }
    sg_tick_ring_set_ready(engine->ring, sg_session_wake, session);
    engine->source = session->make_source(config, engine->ring, error);
    if (!engine->source)
        goto failed;
    if (config->backfill && config->source == SG_SOURCE_BINANCE)
        engine->backfill = sg_backfill_new(session, engine, config);
    if (keeps) {
        engine->keeper = sg_keeper_new(engine, config);
        engine->core->muted = true;
        sg_keeper_seed(engine->keeper, config->interval, &config->params);
        engine->core->muted = false;
        sg_core_forget_alert(engine->core); /* an alert of an earlier run is history, not news */
    }
    return engine;
failed:
    sg_session_engine_free(engine);
    return NULL;
}

void sg_session_engine_free(struct sg_session_engine *engine)
{
    if (!engine)
        return;
    sg_backfill_free(engine->backfill);
    sg_keeper_free(engine->keeper);
    sg_source_free(engine->source); /* joins its thread: nobody pushes from here on */
    sg_tick_ring_free(engine->ring);
    sg_core_free(engine->core);
    sg_diagnostics_free(&engine->diagnostics);
    g_free(engine);
}
