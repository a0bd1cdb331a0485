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
    gboolean begun;                            /* what earlier runs left was looked at */
    size_t seeded[SG_INTERVAL_COUNT];          /* so many bars were asked for; 0: not yet */
    struct sg_stored_span spans[SG_INTERVAL_COUNT][SG_LEG_COUNT]; /* of the earlier runs */
    int64_t trouble_us[SG_LEG_COUNT];          /* the earliest open gap of theirs; INT64_MAX: none */
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

static gboolean failed(struct sg_keeper *keeper, enum sg_status status, const struct sg_error *error)
{
    if (status != SG_OK)
        g_snprintf(keeper->trouble, sizeof keeper->trouble, "kept bars cannot be read: %.160s", error->text[0] ? error->text : sg_status_name(status));
    return status != SG_OK;
}

static gboolean has_bars(const struct sg_stored_span *span)
{
    return span->last_us > 0;
}

/* The first bar of the series that is to be looked at again: one in doubt, or the first of an open gap; INT64_MAX: none. */
static int64_t to_mend(const struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg)
{
    const struct sg_stored_span *span = &keeper->spans[interval][leg];
    int64_t gap_us = keeper->trouble_us[leg], length_us = sg_interval_us(interval);
    if (!has_bars(span))
        return INT64_MAX;
    if (gap_us != INT64_MAX)
        gap_us = MAX(span->first_us, gap_us - gap_us % length_us);
    return MIN(span->doubtful_us, gap_us);
}

/* The newest `wanted` bars, and those from where something is to be mended. */
static gboolean read_leg(struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg, size_t wanted)
{
    struct sg_core *core = keeper->engine->core;
    const struct sg_stored_span *span = &keeper->spans[interval][leg];
    int64_t interval_us = sg_interval_us(interval), mend_us = to_mend(keeper, interval, leg);
    size_t most = core->bars[interval][leg].maximum / 2, count = 0;
    struct sg_bar *bars = NULL;
    struct sg_error error = {0};
    if (mend_us <= span->last_us)
        wanted = MAX(wanted, (size_t)((span->last_us - mend_us) / interval_us + 2));
    enum sg_status status = SG_OK;
    if (has_bars(span))
        status = sg_database_bars(keeper->database, &keeper->legs[leg], interval_us, 0, span->last_us + 1, MIN(wanted, most), &bars, &count, &error);
    if (status == SG_OK)
        status = sg_core_seed(core, interval, leg, bars, count, span->first_us);
    free(bars);
    return !failed(keeper, status, &error);
}

/* The gaps that earlier runs left open go on being open, and to be repaired. Those of which every bar is there meanwhile are closed. */
static gboolean read_gaps(struct sg_keeper *keeper, enum sg_leg leg)
{
    struct sg_gap *gaps = NULL;
    struct sg_error error = {0};
    size_t count = 0;
    enum sg_status status = sg_database_open_gaps(keeper->database, &keeper->legs[leg], SG_CORE_GAPS_MAXIMUM / 2, &gaps, &count, &error);
    keeper->trouble_us[leg] = INT64_MAX;
    for (size_t i = 0; status == SG_OK && i < count; i++) {
        gaps[i].leg = leg;
        keeper->trouble_us[leg] = MIN(keeper->trouble_us[leg], gaps[i].from_us);
        sg_core_seed_gap(keeper->engine->core, &gaps[i]);
    }
    free(gaps);
    return !failed(keeper, status, &error);
}

/* Where the watching of the earlier runs ended. A series that ends a whole bar of its own before the others is one that lacks bars there. */
static int64_t watched_until(const struct sg_keeper *keeper, enum sg_leg leg)
{
    int64_t until_us = 0;
    for (int pass = 0; pass < 2; pass++) {
        int64_t newest_us = until_us;
        for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
            int64_t length_us = sg_interval_us((enum sg_interval)i), end_us = keeper->spans[i][leg].last_us + length_us;
            if (!has_bars(&keeper->spans[i][leg]))
                continue;
            if (pass == 0)
                until_us = MAX(until_us, end_us);
            else if (end_us + length_us <= newest_us)
                until_us = MIN(until_us, end_us);
        }
    }
    return until_us;
}

/* What is to be repaired of each series begins where it ends, or where something in it is to be mended. */
static void reach(struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg)
{
    const struct sg_stored_span *span = &keeper->spans[interval][leg];
    if (has_bars(span) && keeper->engine->backfill)
        sg_backfill_reach(keeper->engine->backfill, interval, MIN(span->last_us + sg_interval_us(interval), to_mend(keeper, interval, leg)));
}

static void begin(struct sg_keeper *keeper)
{
    struct sg_core *core = keeper->engine->core;
    gboolean good = TRUE;
    for (int leg = 0; leg < SG_LEG_COUNT && good; leg++) {
        good = read_gaps(keeper, (enum sg_leg)leg);
        for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT && good; i++) {
            struct sg_error error = {0};
            int64_t interval_us = sg_interval_us((enum sg_interval)i);
            /* A bar that this machine's clock puts in the future would stand in the way of every bar to come. What this run has put there is here already. */
            int64_t until_us = core->first_tick_us > 0 ? core->first_tick_us : g_get_real_time();
            enum sg_status status = sg_database_span(keeper->database, &keeper->legs[leg], interval_us, until_us - interval_us + 1, &keeper->spans[i][leg], &error);
            good = !failed(keeper, status, &error) && read_leg(keeper, (enum sg_interval)i, (enum sg_leg)leg, 1);
            reach(keeper, (enum sg_interval)i, (enum sg_leg)leg);
        }
        if (!good)
            break;
        sg_core_seeded_until(core, (enum sg_leg)leg, watched_until(keeper, (enum sg_leg)leg));
        if (keeper->trouble_us[leg] < core->kept_until_us[leg])
            sg_core_fill(core, (enum sg_leg)leg, keeper->trouble_us[leg], core->kept_until_us[leg]);
    }
    keeper->begun = good;
}

void sg_keeper_seed(struct sg_keeper *keeper, enum sg_interval interval, const struct sg_pair_params *params)
{
    struct sg_core *core = keeper->engine->core;
    if (!keeper->begun)
        begin(keeper);
    size_t wanted = MIN(SG_CORE_BARS_BEFORE_MAXIMUM + sg_pair_track_warm_up(params), core->bars[interval][SG_LEG_A].maximum / 2);
    if (interval == SG_INTERVAL_1S || wanted <= keeper->seeded[interval] || !keeper->begun)
        return;
    keeper->seeded[interval] = wanted;
    gboolean any = FALSE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (!read_leg(keeper, interval, (enum sg_leg)leg, wanted))
            return;
        any |= has_bars(&keeper->spans[interval][leg]);
    }
    if (interval == core->interval && any && sg_core_rebuild(core) != SG_OK)
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
