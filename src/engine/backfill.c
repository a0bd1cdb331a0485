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
    gboolean has_trades; /* the stream is one of trades: what it missed can be had exactly */
    struct sg_ranges asked[SG_INTERVAL_COUNT][SG_LEG_COUNT];
    int64_t wanted_from_us[SG_INTERVAL_COUNT];   /* 0: not yet known */
    int64_t looked_until_us[SG_INTERVAL_COUNT];  /* there is nothing new to look at before this */
    int64_t whole_until_us[SG_INTERVAL_COUNT];   /* nothing is missing before this: a look starts here, and costs the same for ever */
    struct sg_ranges trades_asked[SG_LEG_COUNT]; /* of the seconds watched: trades were asked for, or the hole is too long for them */
    int64_t trades_looked_until_us, trades_whole_until_us[SG_LEG_COUNT];
    int64_t trades_not_before_us; /* monotonic; of their own, so that many small holes do not keep klines waiting for ever */
    gboolean trades_in_outage;
    unsigned trades_failures;  /* in a row */
    unsigned trades_refusals;  /* answers in a row that did not prove all that was asked for */
    struct request *under_way; /* NULL: none */
    gboolean delivering;       /* an answer is on its way through the ring */
    gboolean in_outage;        /* the last request was made while the feed was down */
    unsigned failures;
    unsigned hurried;                                 /* requests made while a leg waited for its first bar */
    unsigned useless[SG_INTERVAL_COUNT];              /* answers in a row that brought nothing new */
    int64_t confirm_not_before_us[SG_INTERVAL_COUNT]; /* monotonic; of requests that only look at klines again that came too early */
    int64_t not_before_us[SG_INTERVAL_COUNT];         /* monotonic; each of its own: what is missing of all of them after a pause is had at once */
};

/* A request. Made and freed on main; while it runs it is the worker's alone, but for {cancelled}. */
struct request {
    struct sg_backfill *backfill; /* main thread only, and only while not cancelled */
    atomic_bool cancelled;        /* set by main, read by the worker */
    sg_session_klines_fetcher fetch_klines;
    sg_session_trades_fetcher fetch_trades;
    char *rest_url, *ca_file;
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_history_answer *answer; /* its ranges are what is asked for; from == to: this leg is not */
    enum sg_status status;
    struct sg_error error;
};

static void request_free(struct request *request)
{
    sg_history_answer_free(request->answer);
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
    backfill->has_trades = config->stream == SG_STREAM_TRADE;
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
        backfill->not_before_us[backfill->engine->core->interval] = 0;
}

/* ---- on the pool ---- */

static void fetch_klines(struct request *request, const struct sg_rest_config *config, int leg)
{
    struct sg_history_answer *answer = request->answer;
    struct sg_history_leg *history = &answer->legs[leg];
    size_t capacity = (size_t)((history->to_us - history->from_us) / sg_interval_us(answer->interval));
    history->bars = calloc(capacity, sizeof *history->bars);
    if (!history->bars) {
        request->status = sg_fail(&request->error, SG_ERR_NOMEM, "no memory for %zu bars", capacity);
        return;
    }
    request->status = request->fetch_klines(config, request->legs[leg].symbol, answer->interval, history->from_us, history->to_us, history->bars, capacity,
                                            &history->count, &request->error);
    for (size_t i = 0; request->status == SG_OK && i < history->count; i++)
        if (history->bars[i].time_us + sg_interval_us(answer->interval) > answer->asked_us - SG_BAR_SETTLE_US)
            history->bars[i].flags |= SG_BAR_UNSETTLED;
}

static void fetch_trades(struct request *request, const struct sg_rest_config *config, int leg)
{
    struct sg_history_leg *history = &request->answer->legs[leg];
    struct sg_tick *trades = malloc(SG_BACKFILL_TRADES_MAXIMUM * sizeof *trades);
    size_t count = 0;
    bool whole = false;
    if (!trades) {
        request->status = sg_fail(&request->error, SG_ERR_NOMEM, "no memory for %u trades", SG_BACKFILL_TRADES_MAXIMUM);
        return;
    }
    /* From a little before: a trade there proves that the first second begins where the answer says. */
    request->status = request->fetch_trades(config, request->legs[leg].symbol, -1, history->from_us - SG_BACKFILL_TRADES_LEAD_US, history->to_us, trades,
                                            SG_BACKFILL_TRADES_MAXIMUM, &count, &whole, &request->error);
    /* Not all of them fit: the seconds before the last one's are whole, and the rest is for the next request. */
    if (request->status == SG_OK && !whole)
        history->to_us = count > 0 ? MAX(history->from_us, trades[count - 1].time_us / SG_US_PER_S * SG_US_PER_S) : history->from_us;
    if (request->status == SG_OK)
        request->status = sg_history_leg_from_trades(history, trades, count);
    if (request->status != SG_OK && request->error.text[0] == '\0')
        sg_fail(&request->error, request->status, "the exchange's trades of %s: %s", request->legs[leg].symbol, sg_status_name(request->status));
    free(trades);
}

static void fetch(GTask *task, void *source, void *data, GCancellable *cancellable)
{
    (void)source;
    struct request *request = data;
    sg_pool_enter();
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const struct sg_history_leg *history = &request->answer->legs[leg];
        if (g_cancellable_is_cancelled(cancellable) || request->status != SG_OK || history->from_us >= history->to_us)
            continue;
        struct sg_rest_config config = {
            .base_url = request->rest_url, .ca_file = request->ca_file, .market = request->legs[leg].market, .cancelled = &request->cancelled};
        if (request->answer->kind == SG_HISTORY_TRADES)
            fetch_trades(request, &config, leg);
        else
            fetch_klines(request, &config, leg);
    }
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

/* ---- back on main ---- */

int64_t sg_backfill_retry_wait(unsigned failures)
{
    int64_t wait_us = SG_BACKFILL_RETRY_US;
    for (unsigned i = 0; i < failures && wait_us < SG_BACKFILL_RETRY_MAXIMUM_US; i++)
        wait_us *= 2;
    return MIN(wait_us, SG_BACKFILL_RETRY_MAXIMUM_US);
}

/* To its place among the records: the source records it and pushes it into the ring. */
static void deliver(struct sg_backfill *backfill, struct sg_history_answer *answer)
{
    struct sg_session_engine *engine = backfill->engine;
    backfill->delivering = TRUE;
    if (!sg_source_answer(engine->source, answer))
        sg_tick_ring_push_answer(engine->ring, answer, engine->core->recv_us);
    sg_session_wake(backfill->session);
}

/* Trades that cannot be had twice in a row are klines' to replace. */
static void give_up_trades(struct sg_backfill *backfill, const struct sg_history_answer *answer)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        sg_ranges_add(&backfill->trades_asked[leg], answer->legs[leg].from_us, answer->legs[leg].to_us);
    backfill->trades_failures = 0;
}

static void failed(struct sg_backfill *backfill, struct request *request)
{
    struct sg_history_answer *answer = request->answer;
    backfill->trades_not_before_us = sg_clock_mono(sg_clock_system()) + sg_backfill_retry_wait(backfill->failures);
    for (int i = 0; i < SG_INTERVAL_COUNT; i++)
        backfill->not_before_us[i] = backfill->trades_not_before_us;
    backfill->looked_until_us[answer->interval] = 0;
    backfill->trades_looked_until_us = 0;
    if (answer->kind == SG_HISTORY_TRADES && ++backfill->trades_failures >= SG_BACKFILL_TRADES_TRIES)
        give_up_trades(backfill, answer);
    if (backfill->failures++ > 0)
        return;
    struct sg_history_answer *problem = sg_history_answer_new();
    if (!problem)
        return;
    problem->kind = answer->kind;
    problem->interval = answer->interval;
    g_snprintf(problem->problem, sizeof problem->problem, "%.*s", (int)sizeof problem->problem - 1, request->error.text);
    deliver(backfill, problem);
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
    backfill->under_way = NULL;
    if (!backfill->session->running) {
        backfill->looked_until_us[request->answer->interval] = 0; /* what is shown stays as it was when it was stopped */
        backfill->trades_looked_until_us = 0;
    } else if (request->status == SG_OK) {
        backfill->failures = 0;
        deliver(backfill, g_steal_pointer(&request->answer));
    } else {
        failed(backfill, request);
    }
    request_free(request);
}

static gboolean has_klines(const struct sg_backfill *backfill, enum sg_interval interval)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (interval == SG_INTERVAL_1S && backfill->legs[leg].market == SG_MARKET_USDM)
            return FALSE;
    return TRUE;
}

static void note_trades(struct sg_backfill *backfill, const struct sg_history_answer *answer, const struct sg_answer_result *result)
{
    /* What trades have not proved by then is klines' to replace, where there are any. */
    int64_t given_up_us = answer->asked_us - (has_klines(backfill, SG_INTERVAL_1S) ? SG_HISTORY_FINAL_US : SG_HISTORY_HOPE_US);
    gboolean refused = FALSE;
    backfill->trades_looked_until_us = 0; /* what did not fit into one answer is next */
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        const struct sg_history_leg *leg = &answer->legs[i];
        if (leg->from_us == leg->to_us && leg->run_count > 0) /* a second with more trades than a request may fetch */
            sg_ranges_add(&backfill->trades_asked[i], leg->from_us, leg->from_us + SG_US_PER_S);
        else
            sg_ranges_add(&backfill->trades_asked[i], leg->from_us, result->refused[i] ? MIN(leg->to_us, given_up_us / SG_US_PER_S * SG_US_PER_S) : leg->to_us);
        refused |= result->refused[i];
    }
    backfill->trades_failures = 0;
    if (refused)
        backfill->trades_not_before_us =
            sg_clock_mono(sg_clock_system()) + MIN(sg_backfill_retry_wait(backfill->trades_refusals), SG_BACKFILL_REFUSED_MAXIMUM_US);
    backfill->trades_refusals = refused ? backfill->trades_refusals + 1 : 0;
}

static void note_klines(struct sg_backfill *backfill, const struct sg_history_answer *answer, const struct sg_answer_result *result)
{
    enum sg_interval interval = answer->interval;
    gboolean useless = TRUE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        sg_ranges_add(&backfill->asked[interval][leg], answer->legs[leg].from_us, result->settled_us[leg]);
        useless &= answer->legs[leg].from_us == answer->legs[leg].to_us || result->useless[leg];
    }
    backfill->looked_until_us[interval] = 0; /* what has not come is asked for again, but not at once */
    backfill->useless[interval] = useless ? backfill->useless[interval] + 1 : 0;
    int64_t wait_us = MIN(sg_backfill_retry_wait(backfill->useless[interval]), SG_BACKFILL_REFUSED_MAXIMUM_US);
    if (useless)
        backfill->not_before_us[interval] = MAX(backfill->not_before_us[interval], sg_clock_mono(sg_clock_system()) + wait_us);
}

void sg_backfill_answered(struct sg_backfill *backfill, const struct sg_history_answer *answer, const struct sg_answer_result *result)
{
    backfill->delivering = FALSE;
    if (!answer || answer->problem[0]) {
        for (int i = 0; !answer && i < SG_INTERVAL_COUNT; i++)
            backfill->looked_until_us[i] = 0;
        return;
    }
    if (answer->kind == SG_HISTORY_TRADES)
        note_trades(backfill, answer, result);
    else
        note_klines(backfill, answer, result);
}

static void start_request(struct sg_backfill *backfill, enum sg_history_kind kind, enum sg_interval interval, const struct sg_range range[SG_LEG_COUNT])
{
    struct sg_history_answer *answer = sg_history_answer_new();
    if (!answer) {
        backfill->engine->core->failures++;
        return;
    }
    struct request *request = g_new0(struct request, 1);
    request->backfill = backfill;
    request->fetch_klines = backfill->session->fetch_klines;
    request->fetch_trades = backfill->session->fetch_trades;
    request->rest_url = g_strdup(backfill->rest_url);
    request->ca_file = g_strdup(backfill->ca_file);
    memcpy(request->legs, backfill->legs, sizeof request->legs);
    answer->kind = kind;
    answer->interval = interval;
    answer->asked_us = sg_core_exchange_time(backfill->engine->core, backfill->engine->core->recv_us);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        answer->legs[leg].from_us = range[leg].from_us;
        answer->legs[leg].to_us = range[leg].to_us;
    }
    request->answer = answer;
    backfill->under_way = request;
    GTask *task = g_task_new(NULL, backfill->cancellable, fetched, request);
    g_task_set_name(task, "spreadglass backfill");
    g_task_set_task_data(task, request, NULL);
    sg_pool_begin();
    g_task_run_in_thread(task, fetch);
    g_object_unref(task);
}

/* ---- what is missing ---- */

/* The sample, and what the window needs before it; counted from the session's beginning, so that it does not matter when it is asked for. */
static int64_t history_from(const struct sg_core *core, enum sg_interval interval)
{
    size_t bars = MIN(SG_CORE_BARS_BEFORE + sg_pair_track_warm_up(&core->track.params), SG_BACKFILL_BARS_MAXIMUM);
    int64_t interval_us = sg_interval_us(interval);
    return core->first_tick_us / interval_us * interval_us - (int64_t)bars * interval_us;
}

/* What bars are to be asked for: those that are missing, or, `settled_us` given, those that nothing has proved and that ended by then, too. *ret_whole_us: there is
 * nothing to look for before it. */
static gboolean find_missing(const struct sg_backfill *backfill, enum sg_interval interval, int64_t until_us, int64_t settled_us,
                             struct sg_range ret_range[SG_LEG_COUNT], int64_t *ret_whole_us)
{
    const struct sg_core *core = backfill->engine->core;
    int64_t interval_us = sg_interval_us(interval);
    /* Bars that were forgotten at the ceiling are not to be fetched again. */
    int64_t kept_from_us = until_us - (int64_t)(core->bars[interval][SG_LEG_A].maximum / 2) * interval_us;
    int64_t from_us = MAX(MAX(backfill->wanted_from_us[interval], backfill->whole_until_us[interval]), kept_from_us);
    gboolean missing = FALSE;
    *ret_whole_us = until_us;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_range hole;
        int64_t waits_us;
        gboolean found =
            sg_missing_bars(&core->bars[interval][leg], &backfill->asked[interval][leg], interval_us, from_us, until_us, settled_us, &hole, &waits_us);
        *ret_whole_us = MIN(*ret_whole_us, waits_us);
        if (!found)
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
            if (interval != SG_INTERVAL_1S)
                continue;
            sg_ranges_trim(&backfill->trades_asked[leg], from_us);
            backfill->trades_whole_until_us[leg] = MIN(backfill->trades_whole_until_us[leg], from_us);
            backfill->trades_looked_until_us = 0;
        }
}

/* The second of the first tick of all: before it there are klines only. */
static int64_t watched_from(const struct sg_core *core, int leg)
{
    return MIN(core->first_bar_us[leg], core->first_tick_us / SG_US_PER_S * SG_US_PER_S);
}

/* A hole in what was watched: is it one to be filled with trades? What is too long for them is noted as asked, where klines can replace it. */
static gboolean trades_missing(struct sg_backfill *backfill, int leg, int64_t until_us, struct sg_range *ret_range)
{
    const struct sg_bar_store *seconds = &backfill->engine->core->bars[SG_INTERVAL_1S][leg];
    int64_t from_us = MAX(watched_from(backfill->engine->core, leg), backfill->trades_whole_until_us[leg]);
    from_us = MAX(from_us, until_us - (int64_t)(seconds->maximum / 2) * SG_US_PER_S);
    struct sg_range hole;
    if (backfill->engine->core->first_bar_us[leg] == 0)
        return FALSE;
    int64_t waits_us; /* what is only not proved yet waits for the stream, and then for klines */
    if (!sg_missing_bars(seconds, &backfill->trades_asked[leg], SG_US_PER_S, from_us, until_us, INT64_MIN, &hole, &waits_us)) {
        backfill->trades_whole_until_us[leg] = MIN(until_us, waits_us);
        return FALSE;
    }
    ret_range->to_us = hole.to_us;
    ret_range->from_us = MAX(hole.from_us, hole.to_us - SG_BACKFILL_TRADES_SPAN_US);
    if (has_klines(backfill, SG_INTERVAL_1S))
        sg_ranges_add(&backfill->trades_asked[leg], hole.from_us, ret_range->from_us);
    return TRUE;
}

/* A leg has ticks and no bar yet: the second in which it began will never be a bar of its own. */
static gboolean is_opening(const struct sg_core *core)
{
    struct sg_resampler_stats stats;
    gboolean opening = FALSE;
    sg_resampler_stats(core->resampler, &stats);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        opening |= core->first_bar_us[leg] == 0 && stats.last_tick_us[leg] > 0;
    return opening;
}

/* TRUE: trades are being asked for, or will be as soon as that is allowed. */
static gboolean poll_trades(struct sg_backfill *backfill, int64_t now_us, int64_t mono_us, gboolean is_live)
{
    int64_t until_us = (now_us - SG_BACKFILL_SETTLE_US) / SG_US_PER_S * SG_US_PER_S;
    if (!backfill->has_trades || now_us == 0 || until_us <= backfill->trades_looked_until_us)
        return FALSE;
    struct sg_range range[SG_LEG_COUNT] = {{0}};
    gboolean missing = FALSE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        missing |= trades_missing(backfill, leg, until_us, &range[leg]);
    if (missing && mono_us < backfill->trades_not_before_us && !(backfill->trades_in_outage && is_live))
        return TRUE;
    backfill->trades_looked_until_us = until_us;
    if (!missing)
        return FALSE;
    backfill->trades_in_outage = !is_live;
    backfill->trades_not_before_us = mono_us + (is_live ? SG_BACKFILL_SPACING_US : SG_BACKFILL_OUTAGE_SPACING_US);
    start_request(backfill, SG_HISTORY_TRADES, SG_INTERVAL_1S, range);
    return TRUE;
}

/* From where on the interval is to be whole: what the window needs, what an earlier run kept, and what was watched, however long ago it began. */
static void note_wanted(struct sg_backfill *backfill, enum sg_interval interval, int64_t until_us)
{
    const struct sg_core *core = backfill->engine->core;
    int64_t interval_us = sg_interval_us(interval), from_us = until_us;
    if (interval == core->interval)
        from_us = history_from(core, interval);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (core->first_bar_us[leg] > 0)
            from_us = MIN(from_us, core->first_bar_us[leg] / interval_us * interval_us);
    if (backfill->wanted_from_us[interval] == 0 || from_us < backfill->wanted_from_us[interval])
        backfill->wanted_from_us[interval] = from_us;
}

/* TRUE: a request is under way. */
static gboolean poll_klines(struct sg_backfill *backfill, enum sg_interval interval, int64_t now_us, gboolean is_live, gboolean trades_wanted)
{
    const struct sg_core *core = backfill->engine->core;
    int64_t interval_us = sg_interval_us(interval), mono_us = sg_clock_mono(sg_clock_system());
    int64_t begin_us = core->first_tick_us / interval_us * interval_us;
    /* The second between the history and a leg's first bar is asked for before that bar closes: a start shows no gap. */
    gboolean hurried = interval == SG_INTERVAL_1S && backfill->hurried < SG_BACKFILL_OPENING_LOOKS && backfill->failures == 0 && is_opening(core);
    int64_t until_us = (now_us - (hurried ? SG_BACKFILL_OPENING_SETTLE_US : SG_BACKFILL_SETTLE_US)) / interval_us * interval_us;
    /* At start there is nothing of our own to wait for. */
    until_us = MAX(until_us, begin_us);
    /* Seconds that trades are about to fill are left to them, and what is made of those seconds. */
    if (trades_wanted && (interval == SG_INTERVAL_1S || interval != core->interval))
        until_us = MIN(until_us, MAX(begin_us, (now_us - SG_BACKFILL_OLD_US) / interval_us * interval_us));
    /* Also within a long bar: what is not final yet becomes so at any time. */
    int64_t look_us = MAX(until_us, now_us / SG_BACKFILL_LOOK_US * SG_BACKFILL_LOOK_US);
    if (now_us == 0 || !has_klines(backfill, interval) || look_us <= backfill->looked_until_us[interval])
        return FALSE;
    if (mono_us < backfill->not_before_us[interval] && !(backfill->in_outage && is_live) && !hurried)
        return FALSE;
    note_wanted(backfill, interval, until_us);
    struct sg_range range[SG_LEG_COUNT] = {{0}};
    int64_t whole_us, settled_us = now_us - SG_BAR_SETTLE_US - SG_BACKFILL_SETTLE_US;
    gboolean missing = find_missing(backfill, interval, until_us, INT64_MIN, range, &whole_us);
    if (!missing && mono_us >= backfill->confirm_not_before_us[interval]) {
        missing = find_missing(backfill, interval, until_us, settled_us, range, &whole_us);
        if (missing)
            backfill->confirm_not_before_us[interval] = mono_us + SG_BACKFILL_CONFIRM_SPACING_US;
    }
    backfill->looked_until_us[interval] = look_us;
    if (!missing) {
        backfill->whole_until_us[interval] = whole_us;
        return FALSE;
    }
    backfill->hurried += hurried ? 1 : 0;
    backfill->in_outage = !is_live;
    backfill->not_before_us[interval] = mono_us + (is_live ? SG_BACKFILL_SPACING_US : SG_BACKFILL_OUTAGE_SPACING_US);
    start_request(backfill, SG_HISTORY_KLINES, interval, range);
    return TRUE;
}

void sg_backfill_poll(struct sg_backfill *backfill)
{
    struct sg_core *core = backfill->engine->core;
    if (backfill->under_way || backfill->delivering)
        return;
    take_doubts(backfill);
    if (core->first_tick_us == 0)
        return;
    /* The clock of the records, not of the wall: bars of our own up to it have been closed and put in. */
    int64_t now_us = sg_core_exchange_time(core, core->recv_us);
    struct sg_feed_status feed;
    sg_source_status(backfill->engine->source, &feed);
    gboolean is_live = feed.state == SG_FEED_LIVE;
    int64_t mono_us = sg_clock_mono(sg_clock_system());
    gboolean trades_wanted = poll_trades(backfill, now_us, mono_us, is_live);
    if (backfill->under_way || poll_klines(backfill, core->interval, now_us, is_live, trades_wanted))
        return;
    /* What is looked at comes first; then what is kept besides. */
    for (int i = SG_INTERVAL_1M; core->keeps && i < SG_INTERVAL_COUNT; i++)
        if (i != (int)core->interval && poll_klines(backfill, (enum sg_interval)i, now_us, is_live, trades_wanted))
            return;
}
