/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keeper_private.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "backfill_private.h"
#include "core_events_private.h"

#define LOOK_US 1000000
#define ALERTS_MAXIMUM 1000u /* that wait for room */

struct sg_keeper {
    struct sg_session_engine *engine;
    struct sg_database *database;
    struct sg_instrument legs[SG_LEG_COUNT];
    gboolean has_ids;                                             /* the stream is one of trades */
    gboolean begun;                                               /* what earlier runs left was looked at */
    size_t seeded[SG_INTERVAL_COUNT];                             /* so many bars were asked for; 0: not yet */
    struct sg_stored_span spans[SG_INTERVAL_COUNT][SG_LEG_COUNT]; /* of the earlier runs */
    int64_t begins_us[SG_INTERVAL_COUNT][SG_LEG_COUNT];           /* from here on the series is to be whole; 0: nothing was kept of the leg */
    int64_t trouble_us[SG_LEG_COUNT];                             /* the earliest open gap of theirs; INT64_MAX: none */
    gint64 looked_at_us;                                          /* monotonic */
    struct sg_stored_ids ids[SG_LEG_COUNT];                       /* as put last */
    enum sg_lease lease[SG_LEG_COUNT];
    int64_t holder[SG_LEG_COUNT]; /* process id of the other program; 0: not known */
    /* What could not be handed over when it came, for want of room or because another program keeps the instrument: it is still in memory. INT64_MAX: nothing. */
    int64_t owed_us[SG_INTERVAL_COUNT][SG_LEG_COUNT], owed_gap_us[SG_LEG_COUNT];
    int64_t doubt_from_us[SG_INTERVAL_COUNT][SG_LEG_COUNT], doubt_to_us[SG_INTERVAL_COUNT][SG_LEG_COUNT]; /* from INT64_MAX: none */
    GArray *alerts; /* of struct sg_stored_alert: those that found no room */
    gboolean leases_told, failing;
    char reading[SG_KEEPING_TEXT]; /* whose leases are another program's; "" */
    char failure[SG_KEEPING_TEXT]; /* why nothing can be written; "" */
    char trouble[200];             /* of reading, not told yet; "" when none */
};

static gboolean is_ours(const struct sg_keeper *keeper, enum sg_leg leg)
{
    return keeper->lease[leg] != SG_LEASE_OTHERS;
}

static gboolean take_leases(struct sg_keeper *keeper)
{
    gboolean changed = FALSE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (keeper->lease[leg] == SG_LEASE_HELD)
            continue;
        enum sg_lease before = keeper->lease[leg];
        keeper->lease[leg] = sg_database_lease(keeper->database, &keeper->legs[leg], &keeper->holder[leg]);
        changed |= (before == SG_LEASE_OTHERS) != (keeper->lease[leg] == SG_LEASE_OTHERS);
    }
    return changed;
}

struct sg_keeper *sg_keeper_new(struct sg_session_engine *engine, const struct sg_session_config *config)
{
    struct sg_keeper *keeper = g_new0(struct sg_keeper, 1);
    keeper->engine = engine;
    keeper->alerts = g_array_new(FALSE, FALSE, sizeof(struct sg_stored_alert));
    keeper->database = config->database;
    memcpy(keeper->legs, config->legs, sizeof keeper->legs);
    keeper->has_ids = config->stream == SG_STREAM_TRADE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        keeper->lease[leg] = SG_LEASE_UNKNOWN;
        keeper->owed_gap_us[leg] = keeper->trouble_us[leg] = INT64_MAX;
        for (int i = 0; i < SG_INTERVAL_COUNT; i++)
            keeper->owed_us[i][leg] = keeper->doubt_from_us[i][leg] = INT64_MAX;
    }
    take_leases(keeper);
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

/* The first bar of the series that is to be looked at again: one in doubt, or the first of an open gap; INT64_MAX: none. The gap may be older than the
 * series: an hour that nobody watched is no bar of it yet. */
static int64_t to_mend(const struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg)
{
    const struct sg_stored_span *span = &keeper->spans[interval][leg];
    int64_t gap_us = keeper->trouble_us[leg], length_us = sg_interval_us(interval);
    if (gap_us != INT64_MAX)
        gap_us -= gap_us % length_us;
    return has_bars(span) ? MIN(span->doubtful_us, gap_us) : gap_us;
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
        status = sg_core_seed(core, interval, leg, bars, count, keeper->begins_us[interval][leg]);
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

/* A run that ended in a silence nobody had noticed yet left bars that nothing has proved: the time that nobody watched begins with them. */
static int64_t proved_until(const struct sg_keeper *keeper, enum sg_leg leg)
{
    int64_t until_us = watched_until(keeper, leg);
    const struct sg_bar_store *minutes = &keeper->engine->core->bars[SG_INTERVAL_1M][leg];
    for (size_t i = minutes->length; i-- > 0 && sg_bar_store_at(minutes, i)->flags & SG_BAR_UNSETTLED;)
        until_us = MIN(until_us, sg_bar_store_at(minutes, i)->time_us);
    return until_us;
}

/* From where on each series is to be whole, and from where on that is looked after: where it ends, or where something in it is to be mended. One without a
 * bar yet (no hour ended while anybody watched) begins with the time that nobody watched. */
static void reach(struct sg_keeper *keeper, enum sg_leg leg, int64_t until_us)
{
    for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT && until_us > 0; i++) {
        enum sg_interval interval = (enum sg_interval)i;
        const struct sg_stored_span *span = &keeper->spans[i][leg];
        int64_t length_us = sg_interval_us(interval), first_us = has_bars(span) ? span->first_us : until_us - until_us % length_us;
        int64_t mend_us = to_mend(keeper, interval, leg);
        keeper->begins_us[i][leg] = keeper->engine->core->kept_from_us[i][leg] = MIN(first_us, mend_us);
        if (keeper->engine->backfill)
            sg_backfill_reach(keeper->engine->backfill, interval, MIN(has_bars(span) ? span->last_us + length_us : first_us, mend_us));
    }
}

/* What the earlier runs saw last: with it the first trade of this one tells what was missed between. */
static void seed_ids(struct sg_keeper *keeper)
{
    struct sg_stored_ids *ids = NULL;
    size_t count = 0;
    if (!keeper->has_ids || sg_database_ids(keeper->database, &ids, &count, NULL) != SG_OK)
        return;
    for (size_t i = 0; i < count; i++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            if (ids[i].instrument.market == keeper->legs[leg].market && strcmp(ids[i].instrument.symbol, keeper->legs[leg].symbol) == 0)
                sg_core_seed_ids(keeper->engine->core, (enum sg_leg)leg, ids[i].last_id, ids[i].until_us);
    free(ids);
}

static void begin(struct sg_keeper *keeper)
{
    struct sg_core *core = keeper->engine->core;
    gboolean good = TRUE;
    struct sg_database_status store;
    sg_database_status(keeper->database, &store);
    if (!store.open) /* tried again by each look */
        return;
    for (int leg = 0; leg < SG_LEG_COUNT && good; leg++) {
        good = read_gaps(keeper, (enum sg_leg)leg);
        for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT && good; i++) {
            struct sg_error error = {0};
            int64_t interval_us = sg_interval_us((enum sg_interval)i);
            /* A bar that this machine's clock puts in the future would stand in the way of every bar to come. What this run has put there is here already. */
            int64_t until_us = core->first_tick_us > 0 ? core->first_tick_us : g_get_real_time();
            enum sg_status status =
                sg_database_span(keeper->database, &keeper->legs[leg], interval_us, until_us - interval_us + 1, &keeper->spans[i][leg], &error);
            good = !failed(keeper, status, &error) && read_leg(keeper, (enum sg_interval)i, (enum sg_leg)leg, 1);
        }
        if (!good)
            break;
        int64_t until_us = proved_until(keeper, (enum sg_leg)leg);
        if (until_us == 0 && keeper->trouble_us[leg] != INT64_MAX) /* it ended before a bar was over, and what it left is the gap that it had listed */
            until_us = keeper->trouble_us[leg];
        reach(keeper, (enum sg_leg)leg, until_us);
        sg_core_seeded_until(core, (enum sg_leg)leg, until_us);
        if (keeper->trouble_us[leg] < core->kept_until_us[leg])
            sg_core_fill(core, (enum sg_leg)leg, keeper->trouble_us[leg], core->kept_until_us[leg]);
    }
    if (good)
        seed_ids(keeper);
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
    if (!keeper || interval == SG_INTERVAL_1S || count == 0)
        return;
    int64_t *owed_us = &keeper->owed_us[interval][leg];
    if (!is_ours(keeper, leg) || *owed_us <= bars[count - 1].time_us ||
        sg_database_put_bars(keeper->database, &keeper->legs[leg], sg_interval_us(interval), bars, count) != SG_OK)
        *owed_us = MIN(*owed_us, bars[0].time_us);
}

void sg_keeper_gap(void *session, const struct sg_gap *gap)
{
    struct sg_keeper *keeper = ((SgSession *)session)->engine->keeper;
    if (keeper && (!is_ours(keeper, gap->leg) || sg_database_put_gap(keeper->database, &keeper->legs[gap->leg], gap) != SG_OK))
        keeper->owed_gap_us[gap->leg] = MIN(keeper->owed_gap_us[gap->leg], gap->from_us);
}

/* Where another program keeps the instrument, its bars are not ours to doubt. */
void sg_keeper_doubt(void *session, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    struct sg_keeper *keeper = ((SgSession *)session)->engine->keeper;
    if (!keeper || interval == SG_INTERVAL_1S || !is_ours(keeper, leg) ||
        sg_database_put_doubt(keeper->database, &keeper->legs[leg], sg_interval_us(interval), from_us, to_us) == SG_OK)
        return;
    int64_t *first_us = &keeper->doubt_from_us[interval][leg], *last_us = &keeper->doubt_to_us[interval][leg];
    *last_us = *first_us == INT64_MAX ? to_us : MAX(*last_us, to_us);
    *first_us = MIN(*first_us, from_us);
}

void sg_keeper_event(SgSession *session, const SgSessionEvent *event)
{
    struct sg_keeper *keeper = session->engine ? session->engine->keeper : NULL;
    if (!keeper || (event->code != SG_EVENT_ALERT_RAISED && event->code != SG_EVENT_ALERT_CLEARED) || !is_ours(keeper, SG_LEG_A) || !is_ours(keeper, SG_LEG_B))
        return;
    struct sg_stored_alert alert = {.time_us = event->time_us,
                                    .raised = event->code == SG_EVENT_ALERT_RAISED,
                                    .side = event->side == SG_SIGNAL_OVERBOUGHT ? 1 : -1,
                                    .zscore = event->zscore};
    char pair[SG_PAIR_BUF];
    sg_pair_format(keeper->legs, keeper->legs[SG_LEG_A].market, pair);
    g_strlcpy(alert.pair, pair, sizeof alert.pair);
    if (keeper->alerts->len == 0 && sg_database_put_alert(keeper->database, &alert) == SG_OK)
        return;
    if (keeper->alerts->len < ALERTS_MAXIMUM)
        g_array_append_val(keeper->alerts, alert);
    else
        sg_database_lose(keeper->database, 1);
}

/* Bars that memory has forgotten before there was room for them: counted, and in the ledger on disk. */
static void list_forgotten(struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg, int64_t first_us)
{
    int64_t *owed_us = &keeper->owed_us[interval][leg];
    struct sg_gap gap = {leg, *owed_us, first_us, -1, -1, SG_GAP_NOT_KEPT, SG_GAP_OPEN};
    if (keeper->engine->core->bars[interval][leg].forgotten == 0 || *owed_us >= first_us)
        return;
    sg_database_lose(keeper->database, (guint64)((first_us - *owed_us) / sg_interval_us(interval)));
    if (sg_database_put_gap(keeper->database, &keeper->legs[leg], &gap) == SG_OK)
        *owed_us = first_us;
}

/* Hands over the bars of a series that are owed, as many as there is room for. */
static void pay_bars(struct sg_keeper *keeper, enum sg_interval interval, enum sg_leg leg)
{
    const struct sg_bar_store *bars = &keeper->engine->core->bars[interval][leg];
    int64_t *owed_us = &keeper->owed_us[interval][leg], *doubt_us = &keeper->doubt_from_us[interval][leg], interval_us = sg_interval_us(interval);
    if (*doubt_us != INT64_MAX &&
        sg_database_put_doubt(keeper->database, &keeper->legs[leg], interval_us, *doubt_us, keeper->doubt_to_us[interval][leg]) == SG_OK) {
        *owed_us = MIN(*owed_us, *doubt_us - interval_us); /* those of them that are whole meanwhile say so again */
        *doubt_us = INT64_MAX;
    }
    if (*owed_us == INT64_MAX)
        return;
    if (bars->length > 0)
        list_forgotten(keeper, interval, leg, sg_bar_store_at(bars, 0)->time_us);
    for (size_t i = sg_bar_store_lower_bound(bars, *owed_us); i < bars->length; i++) {
        const struct sg_bar *bar = sg_bar_store_at(bars, i);
        *owed_us = bar->time_us;
        if (sg_database_put_bars(keeper->database, &keeper->legs[leg], interval_us, bar, 1) != SG_OK)
            return;
    }
    *owed_us = INT64_MAX;
}

static void pay(struct sg_keeper *keeper)
{
    guint alerts = 0;
    while (alerts < keeper->alerts->len && sg_database_put_alert(keeper->database, &g_array_index(keeper->alerts, struct sg_stored_alert, alerts)) == SG_OK)
        alerts++;
    if (alerts > 0)
        g_array_remove_range(keeper->alerts, 0, alerts);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (!is_ours(keeper, (enum sg_leg)leg))
            continue;
        for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++)
            pay_bars(keeper, (enum sg_interval)i, (enum sg_leg)leg);
        int64_t gap_us = keeper->owed_gap_us[leg];
        keeper->owed_gap_us[leg] = INT64_MAX; /* a gap that finds no room sets it again */
        if (gap_us != INT64_MAX)
            sg_core_keep_gaps(keeper->engine->core, (enum sg_leg)leg, gap_us, INT64_MAX);
    }
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
    struct sg_stored_ids ids = {.since_us = stats.first_id_time_us[leg],
                                .until_us = stats.last_tick_us[leg],
                                .first_id = account.first_id,
                                .last_id = account.last_id,
                                .seen = account.seen,
                                .fetched = account.fetched,
                                .replaced = account.replaced,
                                .in_gaps = account.in_gaps,
                                .adds_up = account.adds_up};
    struct sg_stored_ids *before = &keeper->ids[leg];
    if (ids.last_id == before->last_id && ids.seen == before->seen && ids.fetched == before->fetched && ids.in_gaps == before->in_gaps &&
        ids.replaced == before->replaced)
        return;
    ids.instrument = keeper->legs[leg];
    if (sg_database_put_ids(keeper->database, &ids) == SG_OK)
        *before = ids;
}

/* Bars and alerts that were never handed over: where another program keeps the instrument that is no loss. */
static guint64 count_owed(const struct sg_keeper *keeper)
{
    guint64 count = keeper->alerts->len;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT && is_ours(keeper, (enum sg_leg)leg); i++) {
            const struct sg_bar_store *bars = &keeper->engine->core->bars[i][leg];
            if (keeper->owed_us[i][leg] != INT64_MAX)
                count += bars->length - sg_bar_store_lower_bound(bars, keeper->owed_us[i][leg]);
        }
    return count;
}

void sg_keeper_free(struct sg_keeper *keeper)
{
    if (!keeper)
        return;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (is_ours(keeper, (enum sg_leg)leg)) /* the last word on them */
            keep_ids(keeper, (enum sg_leg)leg);
    pay(keeper);
    guint64 owed = count_owed(keeper);
    if (owed > 0)
        sg_database_lose(keeper->database, owed);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (keeper->lease[leg] == SG_LEASE_HELD)
            sg_database_give_back(keeper->database, &keeper->legs[leg]);
    g_array_unref(keeper->alerts);
    g_free(keeper);
}

gboolean sg_keeper_reads_only(const struct sg_keeper *keeper)
{
    return keeper->failure[0] == '\0' && keeper->reading[0] != '\0';
}

const char *sg_keeper_state(const struct sg_keeper *keeper)
{
    return keeper->failure[0] ? keeper->failure : keeper->reading;
}

/* "BTCUSDT and ETHUSDT are" */
static void name_legs(const struct sg_keeper *keeper, const gboolean named[SG_LEG_COUNT], char *text, size_t size)
{
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    sg_leg_name(keeper->legs, SG_LEG_A, a);
    sg_leg_name(keeper->legs, SG_LEG_B, b);
    if (named[SG_LEG_A] && named[SG_LEG_B])
        g_snprintf(text, size, "%s and %s are", a, b);
    else
        g_snprintf(text, size, "%s is", named[SG_LEG_A] ? a : b);
}

/* Who keeps what, when that has changed. */
static void tell_leases(struct sg_keeper *keeper, const gboolean before[SG_LEG_COUNT])
{
    gboolean read[SG_LEG_COUNT], taken[SG_LEG_COUNT];
    char names[2 * SG_LEG_BUF + 16], text[SG_KEEPING_TEXT], process[40] = "";
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        read[leg] = !is_ours(keeper, (enum sg_leg)leg);
        taken[leg] = before[leg] && !read[leg];
        if (read[leg] && keeper->holder[leg] > 0)
            g_snprintf(process, sizeof process, " (process %" PRId64 ")", keeper->holder[leg]);
    }
    keeper->reading[0] = '\0';
    if (read[SG_LEG_A] || read[SG_LEG_B]) {
        name_legs(keeper, read, names, sizeof names);
        g_snprintf(keeper->reading, sizeof keeper->reading, "%s kept by another program%s: this one only reads, and takes over when that one ends", names,
                   process);
        sg_core_emit_error(keeper->engine->core, keeper->reading);
    }
    if (taken[SG_LEG_A] || taken[SG_LEG_B]) {
        name_legs(keeper, taken, names, sizeof names);
        g_snprintf(text, sizeof text, "%s kept by this program from now on: the other one has ended", names);
        sg_core_emit_error(keeper->engine->core, text);
    }
    keeper->engine->core->changes++;
}

/* That nothing can be written, and when it can be again. */
static void tell_database(struct sg_keeper *keeper)
{
    struct sg_database_status status;
    sg_database_status(keeper->database, &status);
    char text[SG_KEEPING_TEXT];
    if ((status.status != SG_OK) == keeper->failing)
        return;
    keeper->failing = status.status != SG_OK;
    keeper->failure[0] = '\0';
    if (keeper->failing) {
        g_snprintf(keeper->failure, sizeof keeper->failure, "nothing can be kept now, will be tried again: %.170s", status.detail);
        g_strlcpy(text, keeper->failure, sizeof text);
    } else {
        g_snprintf(text, sizeof text, "it can be kept again: what waited is being stored");
    }
    sg_core_emit_error(keeper->engine->core, text);
    keeper->engine->core->changes++;
}

/* What earlier runs kept, now that the database can be read after all. */
static void begin_late(struct sg_keeper *keeper)
{
    struct sg_core *core = keeper->engine->core;
    struct sg_pair_params params = core->track.params;
    bool was_standing = core->track.alert.side != SG_SIGNAL_NONE;
    sg_keeper_seed(keeper, core->interval, &params);
    if (keeper->begun && !was_standing)
        sg_alert_reset(&core->track.alert); /* one that the earlier run had is history, not news */
}

void sg_keeper_look(struct sg_keeper *keeper)
{
    gint64 now_us = g_get_monotonic_time();
    if (now_us - keeper->looked_at_us < LOOK_US)
        return;
    keeper->looked_at_us = now_us;
    gboolean before[SG_LEG_COUNT] = {!is_ours(keeper, SG_LEG_A), !is_ours(keeper, SG_LEG_B)};
    gboolean changed = take_leases(keeper);
    if (!keeper->begun)
        begin_late(keeper);
    pay(keeper);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (is_ours(keeper, (enum sg_leg)leg))
            keep_ids(keeper, (enum sg_leg)leg);
    if (keeper->trouble[0] != '\0') {
        char text[sizeof keeper->trouble];
        g_strlcpy(text, keeper->trouble, sizeof text);
        keeper->trouble[0] = '\0';
        sg_core_emit_error(keeper->engine->core, text);
    }
    if (changed || !keeper->leases_told)
        tell_leases(keeper, before);
    keeper->leases_told = TRUE;
    tell_database(keeper);
}
