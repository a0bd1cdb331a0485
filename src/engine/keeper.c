/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keeper_private.h"
#include <stdlib.h>
#include <string.h>
#include "backfill_private.h"
#include "core_events_private.h"

#define LOOK_US 1000000

struct sg_keeper {
    struct sg_session_engine *engine;
    struct sg_database *database;
    struct sg_instrument legs[SG_LEG_COUNT];
    size_t seeded[SG_INTERVAL_COUNT];          /* so many bars were asked for; 0: not yet */
    gint64 looked_at_us;                       /* monotonic */
    struct sg_stored_ids ids[SG_LEG_COUNT];    /* as put last */
    guint64 refused;                           /* told so far */
    gboolean failing;
    char trouble[200];                         /* of reading, not told yet; "" when none */
};

struct sg_keeper *sg_keeper_new(struct sg_session_engine *engine, const struct sg_session_config *config)
{
    struct sg_keeper *keeper = g_new0(struct sg_keeper, 1);
    keeper->engine = engine;
    keeper->database = config->database;
    memcpy(keeper->legs, config->legs, sizeof keeper->legs);
    struct sg_database_status status;
    sg_database_status(keeper->database, &status);
    keeper->refused = status.refused;
    return keeper;
}

/* ---- in ---- */

static gboolean read_leg(struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg, size_t wanted, int64_t *ret_until_us)
{
    struct sg_core *core = keeper->engine->core;
    int64_t interval_us = sg_interval_us(interval);
    size_t count = 0;
    struct sg_bar *bars = NULL;
    struct sg_error error = {0};
    /* A bar that this machine's clock puts in the future would stand in the way of every bar to come. What this run has put there is here already. */
    int64_t to_us = core->first_tick_us > 0 ? core->first_tick_us : g_get_real_time() - interval_us + 1;
    enum sg_status status = sg_database_bars(keeper->database, &keeper->legs[leg], interval_us, 0, to_us, wanted, &bars, &count, &error);
    if (status == SG_OK)
        status = sg_core_seed(core, interval, leg, bars, count);
    if (status == SG_OK)
        *ret_until_us = count > 0 ? bars[count - 1].time_us + interval_us : 0;
    else
        g_snprintf(keeper->trouble, sizeof keeper->trouble, "kept bars cannot be read: %.160s", error.text[0] ? error.text : sg_status_name(status));
    free(bars);
    return status == SG_OK;
}

void sg_keeper_seed(struct sg_keeper *keeper, enum sg_interval interval, const struct sg_pair_params *params)
{
    struct sg_core *core = keeper->engine->core;
    size_t wanted = MIN(SG_CORE_BARS_BEFORE_MAXIMUM + sg_pair_track_warm_up(params), core->bars[interval][SG_LEG_A].maximum / 2);
    if (interval == SG_INTERVAL_1S || wanted <= keeper->seeded[interval])
        return;
    keeper->seeded[interval] = wanted;
    int64_t until_us[SG_LEG_COUNT] = {0, 0};
    if (!read_leg(keeper, interval, SG_LEG_A, wanted, &until_us[SG_LEG_A]) || !read_leg(keeper, interval, SG_LEG_B, wanted, &until_us[SG_LEG_B]))
        return;
    int64_t from_us = MIN(until_us[SG_LEG_A], until_us[SG_LEG_B]);
    if (from_us > 0 && keeper->engine->backfill)
        sg_backfill_reach(keeper->engine->backfill, interval, from_us);
    if (interval == core->interval && from_us > 0 && sg_core_rebuild(core) != SG_OK)
        core->failures++;
}

/* ---- out ---- */

void sg_keeper_bars(void *session, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count)
{
    struct sg_keeper *keeper = ((SgSession *)session)->engine->keeper;
    if (keeper && interval != SG_INTERVAL_1S) /* a full queue counts what it refuses: the next look tells */
        (void)sg_database_put_bars(keeper->database, &keeper->legs[leg], sg_interval_us(interval), bars, count);
}

void sg_keeper_gap(void *session, const struct sg_gap *gap)
{
    struct sg_keeper *keeper = ((SgSession *)session)->engine->keeper;
    if (keeper)
        (void)sg_database_put_gap(keeper->database, &keeper->legs[gap->leg], gap);
}

void sg_keeper_doubt(void *session, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    struct sg_keeper *keeper = ((SgSession *)session)->engine->keeper;
    if (keeper && interval != SG_INTERVAL_1S)
        (void)sg_database_put_doubt(keeper->database, &keeper->legs[leg], sg_interval_us(interval), from_us, to_us);
}

void sg_keeper_event(SgSession *session, const SgSessionEvent *event)
{
    struct sg_keeper *keeper = session->engine ? session->engine->keeper : NULL;
    if (!keeper || (event->code != SG_EVENT_ALERT_RAISED && event->code != SG_EVENT_ALERT_CLEARED))
        return;
    struct sg_stored_alert alert = {.time_us = event->time_us, .raised = event->code == SG_EVENT_ALERT_RAISED,
                                    .side = event->side == SG_SIGNAL_OVERBOUGHT ? 1 : -1, .zscore = event->zscore};
    char pair[SG_PAIR_BUF];
    sg_pair_format(keeper->legs, keeper->legs[SG_LEG_A].market, pair);
    g_strlcpy(alert.pair, pair, sizeof alert.pair);
    (void)sg_database_put_alert(keeper->database, &alert);
}

/* Where the trade ids are is looked at while the session runs, and kept, so that it can be looked at afterwards too. */
static void keep_ids(struct sg_keeper *keeper, enum sg_leg leg)
{
    struct sg_core *core = keeper->engine->core;
    struct sg_id_account account;
    if (core->first_bar_us[leg] == 0 || !sg_core_ids(core, leg, &account)) /* until a bar is made of them, an outage lets the account begin anew */
        return;
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    struct sg_stored_ids ids = {.since_us = stats.first_id_time_us[leg], .until_us = stats.last_tick_us[leg], .first_id = account.first_id, .last_id = account.last_id,
                                .seen = account.seen, .fetched = account.fetched, .replaced = account.replaced, .in_gaps = account.in_gaps, .adds_up = account.adds_up};
    struct sg_stored_ids *before = &keeper->ids[leg];
    if (ids.last_id == before->last_id && ids.seen == before->seen && ids.fetched == before->fetched && ids.in_gaps == before->in_gaps && ids.replaced == before->replaced)
        return;
    ids.instrument = keeper->legs[leg];
    if (sg_database_put_ids(keeper->database, &ids) == SG_OK)
        *before = ids;
}

void sg_keeper_free(struct sg_keeper *keeper)
{
    if (keeper) { /* the last word on them */
        keep_ids(keeper, SG_LEG_A);
        keep_ids(keeper, SG_LEG_B);
    }
    g_free(keeper);
}

void sg_keeper_look(struct sg_keeper *keeper)
{
    gint64 now_us = g_get_monotonic_time();
    if (now_us - keeper->looked_at_us < LOOK_US)
        return;
    keeper->looked_at_us = now_us;
    keep_ids(keeper, SG_LEG_A);
    keep_ids(keeper, SG_LEG_B);
    struct sg_core *core = keeper->engine->core;
    struct sg_database_status status;
    sg_database_status(keeper->database, &status);
    char text[232];
    if (keeper->trouble[0] != '\0') {
        g_strlcpy(text, keeper->trouble, sizeof text);
        keeper->trouble[0] = '\0';
        sg_core_emit_error(core, text);
    } else if (status.refused > keeper->refused) {
        g_snprintf(text, sizeof text, "the database fell behind: %" G_GUINT64_FORMAT " records were not kept", (guint64)(status.refused - keeper->refused));
        keeper->refused = status.refused;
        sg_core_emit_error(core, text);
    } else if ((status.status != SG_OK) != keeper->failing) {
        keeper->failing = status.status != SG_OK;
        if (keeper->failing) {
            g_snprintf(text, sizeof text, "nothing can be kept now, will be tried again: %.170s", status.detail);
            sg_core_emit_error(core, text);
        }
    }
}
