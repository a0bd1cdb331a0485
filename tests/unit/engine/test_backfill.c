/* SPDX-License-Identifier: GPL-3.0-or-later */
/* History from the exchange's klines: at start, after a gap, when it fails, when it has holes, and when the session goes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include "fixture.h"
#include "records.h"
#include "fake_source.h"
#include "../../../src/engine/backfill_private.h"

#define BARS (SG_CORE_BARS_BEFORE + INT64_C(60)) /* the sample before the start, and the window before it */
#define DEADLINE_US (150 * G_USEC_PER_SEC)

/* A REST interface of the test's own. Shared with the pool under its mutex. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    guint calls, finished;
    gboolean fails, held, trades_fail;
    guint trade_calls;
    int64_t hole_from_us, hole_to_us;   /* maintenance: no klines in it */
    int64_t asked_from_us, asked_to_us; /* of the last call */
} rest = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void rest_reset(void)
{
    pthread_mutex_lock(&rest.mutex);
    rest.calls = rest.finished = rest.trade_calls = 0;
    rest.trades_fail = FALSE;
    rest.fails = rest.held = FALSE;
    rest.hole_from_us = rest.hole_to_us = 0;
    pthread_mutex_unlock(&rest.mutex);
}

static guint rest_count(const guint *what)
{
    pthread_mutex_lock(&rest.mutex);
    guint count = *what;
    pthread_mutex_unlock(&rest.mutex);
    return count;
}

static enum sg_status fake_klines(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us, int64_t to_us,
                                  struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    pthread_mutex_lock(&rest.mutex);
    rest.calls++;
    rest.asked_from_us = from_us;
    rest.asked_to_us = to_us;
    pthread_cond_broadcast(&rest.changed);
    while (rest.held)
        pthread_cond_wait(&rest.changed, &rest.mutex);
    enum sg_status status = SG_OK;
    size_t count = 0;
    int64_t interval_us = sg_interval_us(interval);
    if (rest.fails)
        status = sg_fail(error, SG_ERR_REFUSED, "HTTP 418 from %s", config->base_url);
    for (int64_t t = from_us; status == SG_OK && t < to_us && count < capacity; t += interval_us) {
        if (t >= rest.hole_from_us && t < rest.hole_to_us)
            continue;
        double b = 2000.0 + (double)(t / interval_us % 97), noise = (double)(t / interval_us % 13);
        double close = symbol[0] == 'A' ? 100.0 + 1.5 * b + noise : b;
        bars[count++] = (struct sg_bar){
            .time_us = t, .open = close, .high = close, .low = close, .close = close, .volume = SG_QTY_ONE, .trades = 1, .flags = SG_BAR_REPAIRED};
    }
    if (status == SG_OK)
        *ret_count = count;
    rest.finished++;
    pthread_cond_broadcast(&rest.changed);
    pthread_mutex_unlock(&rest.mutex);
    return status;
}

/* An aggregate of three trades a second. */
static enum sg_status fake_trades(const struct sg_rest_config *config, const char *symbol, int64_t from_id, int64_t from_us, int64_t to_us,
                                  struct sg_tick *trades, size_t capacity, size_t *ret_count, bool *ret_whole, struct sg_error *error)
{
    (void)symbol;
    assert_true(from_id == -1);
    assert_true(from_us < to_us);
    assert_true(from_us % 1000000 == 0);
    assert_true(to_us % 1000000 == 0);
    pthread_mutex_lock(&rest.mutex);
    rest.trade_calls++;
    enum sg_status status = rest.trades_fail ? sg_fail(error, SG_ERR_PROTOCOL, "no trades at %s", config->base_url) : SG_OK;
    pthread_mutex_unlock(&rest.mutex);
    size_t count = 0;
    for (int64_t t = from_us; status == SG_OK && t <= to_us && count < capacity; t += 1000000) /* the one behind the end, too */
        trades[count++] =
            (struct sg_tick){.id = 3 * (t / 1000000), .time_us = t + 5, .price = 77.25, .quantity = SG_QTY_ONE, .trades = 3, .kind = SG_TICK_TRADE};
    if (status == SG_OK) {
        *ret_count = count;
        *ret_whole = true;
    }
    return status;
}

struct watcher {
    guint backfilled, errors, bars;
    guint64 filled_bars;
    GString *log;
};

static void event_cb(SgSession *session, const SgSessionEvent *event, struct watcher *watcher)
{
    (void)session;
    if (event->code == SG_EVENT_BACKFILLED) {
        assert_true(event->from_us < event->to_us);
        watcher->backfilled++;
        watcher->filled_bars += event->count;
    }
    watcher->errors += event->code == SG_EVENT_ERROR;
    log_event(watcher->log, event);
}

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watcher *watcher)
{
    (void)session;
    (void)bar;
    watcher->bars++;
}

static SgSession *session_new(GArray *records, enum sg_interval interval, struct watcher *watcher)
{
    fake_plan.records = records;
    fake_plan.is_recording = FALSE;
    fake_plan.burst = 0;
    fake_plan.fails = FALSE;
    struct sg_session_config config = {
        .source = SG_SOURCE_BINANCE, .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}}, .interval = interval, .backfill = TRUE, .rest_url = "https://test"};
    sg_pair_params_default(&config.params);
    SgSession *session = open_session(sg_session_new_with_source(&config, fake_maker, NULL));
    assert_non_null(session);
    session->fetch_klines = fake_klines;
    *watcher = (struct watcher){.log = g_string_new(NULL)};
    g_signal_connect(session, "event", G_CALLBACK(event_cb), watcher);
    g_signal_connect(session, "bar", G_CALLBACK(bar_cb), watcher);
    return session;
}

static gboolean nothing(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static void iterate_until(const guint *what, guint target)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (*what < target) {
        assert_true(g_get_monotonic_time() < deadline);
        g_main_context_iteration(NULL, TRUE);
    }
}

static void iterate_for(guint milliseconds)
{
    gint64 deadline = g_get_monotonic_time() + milliseconds * 1000;
    guint pulse = g_timeout_add(20, nothing, NULL);
    while (g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(pulse);
}

/* Seconds into a run at 1m there is a full window, of both legs, in one answer. */
static void test_start_fills_the_window(void **state)
{
    (void)state;
    rest_reset();
    GArray *records = records_make(1, 3, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, SG_INTERVAL_1M, &watcher);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    guint64 serial = snapshot->serial, epoch = snapshot->history->epoch;
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.backfilled, 2);
    assert_int_equal(watcher.filled_bars, 2 * BARS);
    iterate_for(150);
    assert_true(snapshot->serial > serial);
    assert_true(snapshot->history->epoch > epoch);
    assert_int_equal(snapshot->history->length, BARS);
    assert_int_equal(snapshot->history->unsampled, BARS - SG_CORE_BARS_BEFORE);
    assert_int_equal(snapshot->history->time_us[BARS - 1], FIXTURE_START_US - 60000000);
    assert_int_equal(snapshot->now.zscore_reason, SG_REASON_NONE);
    assert_true(isfinite(snapshot->now.zscore));
    assert_int_equal(snapshot->engle_granger.reason, SG_REASON_NONE);
    assert_true(snapshot->history->flags[7] & SG_ROW_A_REPAIRED);
    assert_true(snapshot->history->flags[7] & SG_ROW_B_REPAIRED);
    assert_int_equal(watcher.bars, 0); /* they did not close now */
    assert_int_equal(rest_count(&rest.calls), 2);

    /* A longer window asks for more, and for that only. */
    struct sg_pair_params params = snapshot->params;
    params.window = 700;
    assert_true(sg_session_set_params(session, &params, NULL));
    iterate_until(&watcher.backfilled, 4);
    iterate_for(150);
    assert_int_equal(rest.asked_to_us, FIXTURE_START_US - BARS * 60000000);
    assert_int_equal(snapshot->history->length, SG_CORE_BARS_BEFORE + 700);
    assert_int_equal(snapshot->now.zscore_reason, SG_REASON_NONE);

    /* And another interval for its own. */
    sg_session_set_interval(session, SG_INTERVAL_1H);
    iterate_until(&watcher.backfilled, 6);
    iterate_for(150);
    assert_int_equal(snapshot->history->length, SG_CORE_BARS_BEFORE + 700);
    assert_int_equal(snapshot->history->interval_us, INT64_C(3600000000));
    assert_int_equal(snapshot->now.zscore_reason, SG_REASON_NONE);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* Is there a hole in the rows, or does any say that there is? */
static gboolean has_hole(const struct sg_history *history)
{
    for (size_t i = 1; i < history->length; i++)
        if (history->time_us[i] - history->time_us[i - 1] != history->interval_us || history->flags[i] & (SG_ROW_GAP_BEFORE | SG_ROW_WINDOW_HAS_GAP))
            return TRUE;
    return FALSE;
}

static guint holes_seen;

static void whole_cb(SgSession *session, const SgClosedBar *bar, void *unused)
{
    (void)unused;
    const struct sg_history *history = sg_session_get_snapshot(session)->history;
    holes_seen += has_hole(history) || (bar->row.flags & (SG_ROW_GAP_BEFORE | SG_ROW_WINDOW_HAS_GAP)) != 0;
}

static void let_through(int64_t exchange_us)
{
    atomic_store(&fake_gate_us, exchange_us - RECORDS_SKEW_US);
}

/* A record that does nothing but pass the time. */
static void pass_time(GArray *records, int64_t exchange_us)
{
    struct record record = {.is_event = TRUE, .event = {.recv_us = exchange_us - RECORDS_SKEW_US, .code = SG_EVENT_CONNECTING, .leg = -1}};
    guint at = 0;
    while (at < records->len && record_recv(&g_array_index(records, struct record, at)) <= record.event.recv_us)
        at++;
    g_array_insert_val(records, at, record);
}

static void iterate_until_there(SgSession *session, int64_t second_us)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US / 5;
    for (int leg = 0; leg < 2;) {
        const struct sg_bar_store *seconds = &session->engine->core->bars[SG_INTERVAL_1S][leg];
        size_t at = sg_bar_store_lower_bound(seconds, second_us);
        assert_true(g_get_monotonic_time() < deadline);
        if (at < seconds->length && sg_bar_store_at(seconds, at)->time_us == second_us)
            leg++;
        else
            iterate_for(5);
    }
}

/* A session begins in the middle of a second. That second is asked for as soon as it is over, and is there before the first bar of our own: at no
 * close is anything missing between the history and it. Whatever the stream is, and when one leg begins later too. */
static void test_start_has_no_gap(void **state)
{
    (void)state;
    const int64_t second_us = 1000000, late_us[2] = {0, 4 * second_us};
    for (int i = 0; i < 4; i++) {
        rest_reset();
        holes_seen = 0;
        GArray *records = records_make(6, 20, FALSE);
        for (guint at = records->len; at-- > 3;) /* after the three events of the connection */
            if (g_array_index(records, struct record, at).tick.leg == SG_LEG_B &&
                g_array_index(records, struct record, at).tick.time_us < FIXTURE_START_US + late_us[i / 2])
                g_array_remove_index(records, at);
        /* Of the leg that begins last. The second in which the clock began is not whole; that of a later leg is: it was listened to all the time. */
        int64_t whole_us = FIXTURE_START_US + (late_us[i / 2] ? late_us[i / 2] : second_us);
        pass_time(records, whole_us + 800000);
        let_through(FIXTURE_START_US + second_us);
        struct watcher watcher;
        SgSession *session = session_new(records, SG_INTERVAL_1S, &watcher);
        struct sg_session_config config = session->config;
        config.stream = i % 2 ? SG_STREAM_TRADE : SG_STREAM_TICKER;
        assert_true(sg_session_reconfigure(session, &config, NULL));
        session->fetch_trades = fake_trades;
        g_signal_connect(session, "bar", G_CALLBACK(whole_cb), NULL);
        assert_true(sg_session_start(session, NULL));
        iterate_until(&watcher.backfilled, 2);
        assert_int_equal(watcher.filled_bars, 2 * BARS);
        /* The clock passes the end of the second by as much as it takes, and the leg's own bar is still open. */
        let_through(whole_us + 900000);
        iterate_until_there(session, whole_us - second_us);
        let_through(INT64_MAX / 2);
        iterate_until(&watcher.bars, 15 - (guint)(late_us[i / 2] / second_us));
        iterate_for(100);
        assert_int_equal(holes_seen, 0);
        assert_false(has_hole(sg_session_get_snapshot(session)->history));
        assert_true(rest_count(&rest.calls) <= 8);
        g_object_unref(session);
        g_string_free(watcher.log, TRUE);
        g_array_free(records, TRUE);
    }
    atomic_store(&fake_gate_us, INT64_MAX);
}

/* Outages in the middle: afterwards there is no hole, exact bars are exact, and the ledger says filled. */
static void test_gaps_are_repaired(void **state)
{
    (void)state;
    rest_reset();
    GArray *records = records_make(2, 600, TRUE);
    struct watcher watcher;
    SgSession *session = session_new(records, SG_INTERVAL_1S, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 300);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    size_t holes, open;
    do {
        assert_true(g_get_monotonic_time() < deadline);
        iterate_for(50);
        holes = open = 0;
        for (size_t i = 1; i < snapshot->history->length; i++)
            holes += snapshot->history->time_us[i] - snapshot->history->time_us[i - 1] != 1000000;
        for (size_t i = 0; i < snapshot->gaps->length; i++)
            open += snapshot->gaps->gaps[i].cause == SG_GAP_DISCONNECT && snapshot->gaps->gaps[i].state != SG_GAP_FILLED &&
                    snapshot->gaps->gaps[i].to_us < FIXTURE_START_US + 530 * INT64_C(1000000); /* younger klines are not final */
    } while (holes > 0 || open > 0);
    assert_in_range(snapshot->gaps->length, 4, 40); /* whole outages, not second by second */
    size_t own = 0;
    for (size_t i = 0; i < snapshot->history->length; i++)
        own += !(snapshot->history->flags[i] & (SG_ROW_A_REPAIRED | SG_ROW_B_REPAIRED));
    assert_true(own <= watcher.bars);
    assert_true(own >= watcher.bars * 9 / 10); /* those that lacked trades were replaced */
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* On a stream of trades what was missed comes from trades, at every interval; and from klines when trades cannot be had. */
static void test_gaps_of_a_trade_stream(void **state)
{
    (void)state;
    for (int failing = 0; failing < 2; failing++) {
        rest_reset();
        rest.trades_fail = failing != 0;
        GArray *records = records_make(2, 200, TRUE);
        struct watcher watcher;
        fake_plan.records = records;
        struct sg_session_config config = {.source = SG_SOURCE_BINANCE,
                                           .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}},
                                           .interval = SG_INTERVAL_1S,
                                           .stream = SG_STREAM_TRADE,
                                           .backfill = TRUE,
                                           .rest_url = "https://test"};
        sg_pair_params_default(&config.params);
        SgSession *session = open_session(sg_session_new_with_source(&config, fake_maker, NULL));
        assert_non_null(session);
        session->fetch_klines = fake_klines;
        session->fetch_trades = fake_trades;
        watcher = (struct watcher){.log = g_string_new(NULL)};
        g_signal_connect(session, "event", G_CALLBACK(event_cb), &watcher);
        g_signal_connect(session, "bar", G_CALLBACK(bar_cb), &watcher);
        assert_true(sg_session_start(session, NULL));
        const SgSnapshot *snapshot = sg_session_get_snapshot(session);
        const struct sg_core *core = session->engine->core;
        gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
        size_t open;
        do {
            assert_true(g_get_monotonic_time() < deadline);
            iterate_for(50);
            open = core->closed_until_us[SG_INTERVAL_1S] < FIXTURE_START_US + 195 * INT64_C(1000000);
            for (size_t i = 0; i < snapshot->gaps->length; i++)
                open += snapshot->gaps->gaps[i].cause == SG_GAP_DISCONNECT && snapshot->gaps->gaps[i].state != SG_GAP_FILLED &&
                        snapshot->gaps->gaps[i].to_us < FIXTURE_START_US + (failing ? 130 : 190) * INT64_C(1000000);
        } while (open > 0 || snapshot->gaps->length == 0);
        size_t from_trades = 0;
        for (size_t i = 0; i < core->bars[SG_INTERVAL_1S][SG_LEG_A].length; i++) {
            const struct sg_bar *bar = sg_bar_store_at(&core->bars[SG_INTERVAL_1S][SG_LEG_A], i);
            from_trades += bar->flags & SG_BAR_REPAIRED && bar->trades == 3 && bar->close == 77.25;
        }
        assert_true(rest_count(&rest.trade_calls) > 0);
        assert_int_equal(from_trades > 0, !failing);
        assert_int_equal(strstr(watcher.log->str, "from the exchange's trades") != NULL, !failing);
        if (failing)
            assert_non_null(strstr(watcher.log->str, "no trades at https://test"));
        /* The minutes that the outages were in exist, out of their seconds, and are exact. */
        const struct sg_bar_store *minutes = &core->bars[SG_INTERVAL_1M][SG_LEG_A];
        size_t at = sg_bar_store_lower_bound(minutes, (FIXTURE_START_US / 60000000 + 1) * 60000000);
        assert_true(minutes->length >= at + 2);
        for (size_t i = at; i < at + 2; i++) {
            struct sg_bar sum;
            const struct sg_bar *minute = sg_bar_store_at(minutes, i);
            assert_true(minute->time_us == (FIXTURE_START_US / 60000000 + 1 + (int64_t)(i - at)) * 60000000);
            assert_true(sg_core_sum_seconds(core, SG_INTERVAL_1M, SG_LEG_A, minute->time_us, &sum));
            assert_true(sum.close == minute->close);
            assert_true(sum.volume == minute->volume);
            assert_true(sum.high == minute->high);
            assert_true(sum.trades == minute->trades);
        }
        g_object_unref(session);
        g_string_free(watcher.log, TRUE);
        g_array_free(records, TRUE);
    }
}

/* What the exchange does not have either is asked for once. */
static void test_maintenance_hole(void **state)
{
    (void)state;
    rest_reset();
    rest.hole_from_us = FIXTURE_START_US - 60 * INT64_C(60000000);
    rest.hole_to_us = FIXTURE_START_US - 50 * INT64_C(60000000);
    GArray *records = records_make(3, 3, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, SG_INTERVAL_1M, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.backfilled, 2);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    iterate_for(100);
    assert_int_equal(snapshot->history->length, BARS - 10);
    sg_session_set_interval(session, SG_INTERVAL_5M);
    iterate_until(&watcher.backfilled, 4);
    sg_session_set_interval(session, SG_INTERVAL_1M);
    iterate_for(600);
    assert_int_equal(rest_count(&rest.calls), 4); /* not again */
    assert_true(snapshot->history->flags[BARS - 60] & SG_ROW_GAP_BEFORE);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* Told once, not asked again at once, and the live bars go on. */
static void test_failure(void **state)
{
    (void)state;
    rest_reset();
    rest.fails = TRUE;
    GArray *records = records_make(4, 60, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, SG_INTERVAL_1S, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.errors, 1);
    assert_non_null(strstr(watcher.log->str, "HTTP 418 from https://test"));
    iterate_until(&watcher.bars, 57);
    iterate_for(600);
    assert_int_equal(rest_count(&rest.calls), 1);
    assert_int_equal(watcher.errors, 1);
    assert_int_equal(watcher.backfilled, 0);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* The session goes, or is reconfigured, while the pool is still asking. */
static void test_session_goes_first(void **state)
{
    (void)state;
    for (int reconfigure = 0; reconfigure < 2; reconfigure++) {
        rest_reset();
        rest.held = TRUE;
        GArray *records = records_make(5, 3, FALSE);
        struct watcher watcher;
        SgSession *session = session_new(records, SG_INTERVAL_1M, &watcher);
        assert_true(sg_session_start(session, NULL));
        gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
        while (rest_count(&rest.calls) == 0) {
            assert_true(g_get_monotonic_time() < deadline);
            iterate_for(10);
        }
        if (reconfigure) {
            struct sg_session_config config = session->config;
            config.interval = SG_INTERVAL_5M;
            config.rest_url = "https://other";
            assert_true(sg_session_reconfigure(session, &config, NULL));
        } else {
            g_object_unref(session);
        }
        pthread_mutex_lock(&rest.mutex);
        rest.held = FALSE;
        pthread_cond_broadcast(&rest.changed);
        pthread_mutex_unlock(&rest.mutex);
        if (reconfigure) {
            iterate_until(&watcher.backfilled, 2); /* of the new one only */
            iterate_for(100);
            assert_int_equal(watcher.backfilled, 2);
            assert_int_equal(sg_session_get_snapshot(session)->history->interval_us, 300000000);
            g_object_unref(session);
        } else {
            iterate_for(100);
            assert_int_equal(watcher.backfilled, 0);
            assert_int_equal(rest_count(&rest.finished), 1); /* the second leg is not asked any more */
        }
        g_string_free(watcher.log, TRUE);
        g_array_free(records, TRUE);
    }
}

static void test_asked_ever_more_rarely(void **state)
{
    (void)state;
    int64_t wait_us = SG_BACKFILL_RETRY_US;
    for (unsigned failures = 0; failures < 40; failures++) {
        assert_int_equal(sg_backfill_retry_wait(failures), wait_us);
        wait_us = MIN(2 * wait_us, SG_BACKFILL_RETRY_MAXIMUM_US);
    }
    assert_int_equal(sg_backfill_retry_wait(2), 4 * sg_backfill_retry_wait(0));
    assert_int_equal(sg_backfill_retry_wait(UINT_MAX), SG_BACKFILL_RETRY_MAXIMUM_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_ever_more_rarely),
        cmocka_unit_test(test_start_fills_the_window),
        cmocka_unit_test(test_start_has_no_gap),
        cmocka_unit_test(test_gaps_are_repaired),
        cmocka_unit_test(test_gaps_of_a_trade_stream),
        cmocka_unit_test(test_maintenance_hole),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_session_goes_first),
    };
    return cmocka_run_group_tests_name("engine/backfill", tests, NULL, NULL);
}
