/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backfill_private.h"
#include <stdlib.h>
#include <string.h>
#include "backfill_ranges_private.h"
#include "core_events_private.h"
#include "pool_jobs_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/feed/rest.h"

struct request;

struct sg_backfill {
    SgSession *session;
    struct sg_session_engine *engine;
    GCancellable *cancellable;
    char *rest_url, *ca_file;
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_ranges asked[SG_INTERVAL_COUNT][SG_LEG_COUNT];
    int64_t wanted_from_us[SG_INTERVAL_COUNT];   /* 0: not yet known */
    int64_t looked_until_us[SG_INTERVAL_COUNT];  /* there is nothing new to look at before this */
    int64_t whole_until_us[SG_INTERVAL_COUNT];   /* nothing is missing before this: a look starts here, and costs the same for ever */
    struct request *under_way;                   /* NULL: none */
    gboolean in_outage;                          /* the last request was made while the feed was down */
    unsigned failures;
    int64_t not_before_us;                       /* monotonic */
};

/* A request. Made and freed on main; while it runs it is the worker's alone, but for {cancelled}. */
struct request {
    struct sg_backfill *backfill;                /* main thread only, and only while not cancelled */
    atomic_bool cancelled;                       /* set by main, read by the worker */
    sg_session_klines_fetcher fetch_klines;
    char *rest_url, *ca_file;
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_interval interval;
    struct sg_range range[SG_LEG_COUNT];         /* from == to: this leg is not asked */
    struct sg_bar *bars[SG_LEG_COUNT];
    size_t count[SG_LEG_COUNT];
    enum sg_status status;
    struct sg_error error;
};

static void request_free(struct request *request)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        free(request->bars[leg]);
    g_free(request->rest_url);
    g_free(request->ca_file);
    g_free(request);
}

struct sg_backfill *sg_backfill_new(SgSession *session, struct sg_session_engine *engine, const struct sg_session_config *config)
{
    struct sg_backfill *backfill = g_new0(struct sg_backfill, 1);
    backfill->session = session;
    backfill->engine = engine;
    backfill->cancellable = g_cancellable_new();
    backfill->rest_url = g_strdup(config->rest_url);
    backfill->ca_file = g_strdup(config->ca_file);
    memcpy(backfill->legs, config->legs, sizeof backfill->legs);
    return backfill;
}

void sg_backfill_free(struct sg_backfill *backfill)
{
    if (!backfill)
        return;
    if (backfill->under_way)
        atomic_store(&backfill->under_way->cancelled, true);
    g_cancellable_cancel(backfill->cancellable);
    g_object_unref(backfill->cancellable);
    g_free(backfill->rest_url);
    g_free(backfill->ca_file);
    g_free(backfill);
}

void sg_backfill_reach(struct sg_backfill *backfill, enum sg_interval interval, int64_t from_us)
{
    if (backfill->wanted_from_us[interval] == 0 || from_us < backfill->wanted_from_us[interval])
        backfill->wanted_from_us[interval] = from_us;
    backfill->whole_until_us[interval] = MIN(backfill->whole_until_us[interval], from_us);
}

void sg_backfill_want(struct sg_backfill *backfill)
{
    backfill->looked_until_us[backfill->engine->core->interval] = 0;
    backfill->whole_until_us[backfill->engine->core->interval] = 0;
    if (backfill->failures == 0)
        backfill->not_before_us = 0;
}

/* ---- on the pool ---- */

static void fetch_leg(struct request *request, int leg)
{
    const struct sg_range *range = &request->range[leg];
    if (request->status != SG_OK || range->from_us >= range->to_us)
        return;
    size_t capacity = (size_t)((range->to_us - range->from_us) / sg_interval_us(request->interval));
    request->bars[leg] = calloc(capacity, sizeof *request->bars[leg]);
    if (!request->bars[leg]) {
        request->status = sg_fail(&request->error, SG_ERR_NOMEM, "no memory for %zu bars", capacity);
        return;
    }
    struct sg_rest_config config = {.base_url = request->rest_url, .ca_file = request->ca_file, .market = request->legs[leg].market,
                                    .cancelled = &request->cancelled};
    request->status = request->fetch_klines(&config, request->legs[leg].symbol, request->interval, range->from_us, range->to_us,
                                            request->bars[leg], capacity, &request->count[leg], &request->error);
}

static void fetch(GTask *task, void *source, void *data, GCancellable *cancellable)
{
    (void)source;
    struct request *request = data;
    sg_pool_enter();
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (!g_cancellable_is_cancelled(cancellable))
            fetch_leg(request, leg);
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

/* ---- back on main ---- */

/* What the exchange answered is all there is: what is still missing stays so. */
static void mark_unfillable(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, struct sg_range range)
{
    const struct sg_bar_store *bars = &core->bars[interval][leg];
    int64_t interval_us = sg_interval_us(interval);
    int64_t hole_us = range.from_us; /* of the hole that time_us is in */
    size_t next = sg_bar_store_lower_bound(bars, range.from_us);
    for (int64_t time_us = range.from_us; time_us <= range.to_us; time_us += interval_us) {
        const struct sg_bar *bar = next < bars->length ? sg_bar_store_at(bars, next) : NULL;
        gboolean there = bar && bar->time_us == time_us;
        next += there ? 1 : 0;
        if (time_us < range.to_us && !(there && !(bar->flags & SG_BAR_INCOMPLETE)))
            continue;
        if (hole_us < time_us)
            sg_gap_ledger_resolve(&core->gaps, leg, hole_us, time_us, SG_GAP_UNFILLABLE);
        hole_us = time_us + interval_us;
    }
}

static void put_in(struct sg_backfill *backfill, struct request *request)
{
    struct sg_session_engine *engine = backfill->engine;
    struct sg_core *core = engine->core;
    size_t total = 0;
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        enum sg_leg leg = (enum sg_leg)i;
        struct sg_range range = request->range[i];
        if (range.from_us >= range.to_us)
            continue;
        size_t added = 0;
        if (sg_core_backfill(core, request->interval, leg, request->bars[i], request->count[i], range.from_us, range.to_us,
                             &added) != SG_OK) {
            core->failures++;
            continue;
        }
        /* A kline of just now may still come; what is missing and older than that never will. */
        int64_t now_us = sg_core_exchange_time(core, core->recv_us);
        size_t count = request->count[i];
        int64_t answered_us = count > 0 ? request->bars[i][count - 1].time_us + sg_interval_us(request->interval) : range.from_us;
        range.to_us = MIN(range.to_us, MAX(answered_us, now_us - SG_BACKFILL_FINAL_US));
        sg_ranges_add(&backfill->asked[request->interval][i], range.from_us, range.to_us);
        mark_unfillable(core, request->interval, leg, range);
        sg_core_keep_gaps(core, leg, request->range[i].from_us, request->range[i].to_us);
        total += added;
    }
    if (total > 0 && request->interval == core->interval && sg_core_rebuild(core) != SG_OK)
        core->failures++;
}

static void failed(struct sg_backfill *backfill, struct request *request)
{
    int64_t wait_us = SG_BACKFILL_RETRY_US;
    for (unsigned i = 0; i < backfill->failures && wait_us < SG_BACKFILL_RETRY_MAXIMUM_US; i++)
        wait_us *= 2;
    wait_us = MIN(wait_us, SG_BACKFILL_RETRY_MAXIMUM_US);
    backfill->not_before_us = sg_clock_mono(sg_clock_system()) + wait_us;
    backfill->looked_until_us[request->interval] = 0;
    if (backfill->failures++ == 0)
        sg_core_emit_history_error(backfill->engine->core, request->error.text);
}

static void fetched(GObject *object, GAsyncResult *result, void *data)
{
    (void)object;
    struct request *request = data;
    sg_pool_collect();
    /* Cancelled: the engine is gone, and what the request points to with it. */
    if (g_cancellable_is_cancelled(g_task_get_cancellable(G_TASK(result)))) {
        request_free(request);
        return;
    }
    struct sg_backfill *backfill = request->backfill;
    SgSession *session = backfill->session;
    backfill->under_way = NULL;
    sg_session_enter(session);
    if (!session->running) {
        backfill->looked_until_us[request->interval] = 0; /* what is shown stays as it was when it was stopped */
    } else if (request->status == SG_OK) {
        backfill->failures = 0;
        put_in(backfill, request);
    } else {
        failed(backfill, request);
    }
    if (session->engine && session->engine->backfill == backfill && session->running)
        sg_session_publish(session, FALSE);
    sg_session_leave(session);
    request_free(request);
}

static void start_request(struct sg_backfill *backfill, enum sg_interval interval, const struct sg_range range[SG_LEG_COUNT])
{
    struct request *request = g_new0(struct request, 1);
    request->backfill = backfill;
    request->fetch_klines = backfill->session->fetch_klines;
    request->rest_url = g_strdup(backfill->rest_url);
    request->ca_file = g_strdup(backfill->ca_file);
    memcpy(request->legs, backfill->legs, sizeof request->legs);
    memcpy(request->range, range, sizeof request->range);
    request->interval = interval;
    backfill->under_way = request;
    GTask *task = g_task_new(NULL, backfill->cancellable, fetched, request);
    g_task_set_name(task, "spreadglass backfill");
    g_task_set_task_data(task, request, NULL);
    sg_pool_begin();
    g_task_run_in_thread(task, fetch);
    g_object_unref(task);
}

/* ---- what is missing ---- */

static size_t bars_wanted(const struct sg_pair_params *params)
{
    size_t bars = MAX(params->window + 1, SG_BACKFILL_BARS);
    if (params->lookback != SG_LOOKBACK_ALL)
        bars = MAX(bars, params->lookback);
    return MIN(bars, SG_BACKFILL_BARS_MAXIMUM);
}

static gboolean has_klines(const struct sg_backfill *backfill, enum sg_interval interval)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (interval == SG_INTERVAL_1S && backfill->legs[leg].market == SG_MARKET_USDM)
            return FALSE;
    return TRUE;
}

static gboolean find_missing(const struct sg_backfill *backfill, int64_t until_us, struct sg_range ret_range[SG_LEG_COUNT])
{
    const struct sg_core *core = backfill->engine->core;
    enum sg_interval interval = core->interval;
    int64_t interval_us = sg_interval_us(interval);
    /* Bars that were forgotten at the ceiling are not to be fetched again. */
    int64_t kept_from_us = until_us - (int64_t)(core->bars[interval][SG_LEG_A].maximum / 2) * interval_us;
    int64_t from_us = MAX(MAX(backfill->wanted_from_us[interval], backfill->whole_until_us[interval]), kept_from_us);
    gboolean missing = FALSE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_range hole;
        if (!sg_missing_bars(&core->bars[interval][leg], &backfill->asked[interval][leg], interval_us, from_us, until_us, &hole))
            continue;
        missing = TRUE;
        /* The newest first: that is what the window needs. */
        hole.from_us = MAX(hole.from_us, hole.to_us - (int64_t)SG_BACKFILL_BARS_MAXIMUM * interval_us);
        ret_range[leg] = hole;
    }
    return missing;
}

/* A bar that was there turned out not to be exact: it is missing again. */
static void take_doubts(struct sg_backfill *backfill)
{
    struct sg_core *core = backfill->engine->core;
    for (int interval = 0; interval < SG_INTERVAL_COUNT; interval++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
            int64_t from_us = core->doubt_from_us[interval][leg];
            if (from_us == INT64_MAX)
                continue;
            core->doubt_from_us[interval][leg] = INT64_MAX;
            sg_ranges_trim(&backfill->asked[interval][leg], from_us);
            backfill->whole_until_us[interval] = MIN(backfill->whole_until_us[interval], from_us);
            backfill->looked_until_us[interval] = 0;
        }
}

void sg_backfill_poll(struct sg_backfill *backfill)
{
    struct sg_core *core = backfill->engine->core;
    enum sg_interval interval = core->interval;
    if (!backfill->under_way)
        take_doubts(backfill);
    if (backfill->under_way || core->first_tick_us == 0 || !has_klines(backfill, interval))
        return;
    /* The clock of the records, not of the wall: bars of our own up to it have been closed and put in. */
    int64_t now_us = sg_core_exchange_time(core, core->recv_us);
    int64_t interval_us = sg_interval_us(interval);
    int64_t until_us = (now_us - SG_BACKFILL_SETTLE_US) / interval_us * interval_us;
    /* At start there is nothing of our own to wait for. */
    until_us = MAX(until_us, core->first_tick_us / interval_us * interval_us);
    if (now_us == 0 || until_us <= backfill->looked_until_us[interval])
        return;
    struct sg_feed_status feed;
    sg_source_status(backfill->engine->source, &feed);
    gboolean is_live = feed.state == SG_FEED_LIVE;
    int64_t mono_us = sg_clock_mono(sg_clock_system());
    if (mono_us < backfill->not_before_us && !(backfill->in_outage && is_live))
        return;
    int64_t from_us = until_us - (int64_t)bars_wanted(&core->track.params) * interval_us;
    /* What was watched is to be whole too, however long ago it began. */
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (core->first_bar_us[leg] > 0)
            from_us = MIN(from_us, core->first_bar_us[leg] / interval_us * interval_us);
    if (backfill->wanted_from_us[interval] == 0 || from_us < backfill->wanted_from_us[interval])
        backfill->wanted_from_us[interval] = from_us;
    struct sg_range range[SG_LEG_COUNT] = {{0}};
    gboolean missing = find_missing(backfill, until_us, range);
    backfill->looked_until_us[interval] = until_us;
    if (!missing) {
        backfill->whole_until_us[interval] = until_us;
        return;
    }
    backfill->in_outage = !is_live;
    backfill->not_before_us = mono_us + (is_live ? SG_BACKFILL_SPACING_US : SG_BACKFILL_OUTAGE_SPACING_US);
    start_request(backfill, interval, range);
}
