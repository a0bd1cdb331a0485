/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object around the core: threads, timer, snapshot, signals, and handlers that pull the rug. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include "fixture.h"
#include "records.h"
#include "fake_source.h"

#define DEADLINE_US (150 * G_USEC_PER_SEC)

struct watcher {
    GString *log;
    guint changed, bars, ended;
    guint64 serial;
    void (*on_bar)(SgSession *session, struct watcher *watcher);
};

static void changed_cb(SgSession *session, struct watcher *watcher)
{
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    assert_true(snapshot->serial > watcher->serial);
    watcher->serial = snapshot->serial;
    watcher->changed++;
}

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watcher *watcher)
{
    watcher->bars++;
    log_bar(watcher->log, bar);
    if (watcher->on_bar)
        watcher->on_bar(session, watcher);
}

static void event_cb(SgSession *session, const SgSessionEvent *event, struct watcher *watcher)
{
    (void)session;
    log_event(watcher->log, event);
}

static void ended_cb(SgSession *session, struct watcher *watcher)
{
    (void)session;
    watcher->ended++;
}

static struct sg_session_config config_with(size_t window)
{
    struct sg_session_config config = {.source = SG_SOURCE_REPLAY, .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}}, .interval = SG_INTERVAL_1S};
    sg_pair_params_default(&config.params);
    config.params.window = window;
    return config;
}

static SgSession *session_new(GArray *records, gboolean is_recording, guint burst, struct watcher *watcher)
{
    fake_plan.records = records;
    fake_plan.is_recording = is_recording;
    fake_plan.burst = burst;
    fake_plan.fails = FALSE;
    struct sg_session_config config = config_with(20);
    GError *error = NULL;
    SgSession *session = open_session(sg_session_new_with_source(&config, fake_maker, &error));
    assert_null(error);
    *watcher = (struct watcher){.log = g_string_new(NULL), .serial = sg_session_get_snapshot(session)->serial};
    g_signal_connect(session, "changed", G_CALLBACK(changed_cb), watcher);
    g_signal_connect(session, "bar", G_CALLBACK(bar_cb), watcher);
    g_signal_connect(session, "event", G_CALLBACK(event_cb), watcher);
    g_signal_connect(session, "ended", G_CALLBACK(ended_cb), watcher);
    return session;
}

/* Runs the loop until *what reaches `target`. */
static void iterate_until(const guint *what, guint target)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (*what < target) {
        assert_true(g_get_monotonic_time() < deadline);
        g_main_context_iteration(NULL, TRUE);
    }
}

static gboolean expired(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

static void iterate_for(guint milliseconds)
{
    static gboolean over; /* not of a frame that a failed assert leaves while the timer runs */
    over = FALSE;
    g_timeout_add(milliseconds, expired, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

/* The same records through the core alone, in one batch. */
static char *reference_log(GArray *records)
{
    struct watcher watcher;
    SgSession *session = session_new(NULL, FALSE, 0, &watcher);
    struct sg_tick_batch batch = {.ticks = g_new0(struct sg_tick, records->len),
                                  .tick_capacity = records->len,
                                  .events = g_new0(struct sg_feed_event, records->len),
                                  .event_after = g_new0(size_t, records->len),
                                  .event_capacity = records->len};
    records_batch(records, 0, records->len, FALSE, &batch);
    sg_session_ingest_batch(session, &batch);
    sg_core_finish(session->engine->core);
    g_free(batch.ticks);
    g_free(batch.events);
    g_free(batch.event_after);
    g_object_unref(session);
    return g_string_free(watcher.log, FALSE);
}

/* Through a thread, the ring and the timer: what is said is what the records say, whatever the pace. */
static void test_pace_does_not_matter(void **state)
{
    (void)state;
    GArray *records = records_make(5, 600, TRUE);
    char *reference = reference_log(records);
    assert_true(strlen(reference) > 10000);
    const guint bursts[] = {0, 50, 400};
    for (size_t i = 0; i < G_N_ELEMENTS(bursts); i++) {
        struct watcher watcher;
        SgSession *session = session_new(records, TRUE, bursts[i], &watcher);
        assert_true(sg_session_start(session, NULL));
        iterate_until(&watcher.ended, 1);
        assert_string_equal(watcher.log->str, reference);
        assert_true(watcher.changed > 0);
        const SgSnapshot *snapshot = sg_session_get_snapshot(session);
        assert_int_equal(snapshot->history->length, watcher.bars);
        assert_int_equal(snapshot->feed.state, SG_FEED_ENDED);
        assert_int_equal(snapshot->adf.reason, SG_REASON_NONE);
        assert_int_equal(snapshot->test_bars, snapshot->history->length);
        assert_true(snapshot->exchange_now_us > FIXTURE_START_US);
        assert_int_equal(snapshot->ring.dropped[0] + snapshot->ring.dropped[1], 0);
        iterate_for(50);
        assert_int_equal(watcher.ended, 1); /* once */
        g_object_unref(session);
        g_string_free(watcher.log, TRUE);
    }
    g_free(reference);
    g_array_free(records, TRUE);
}

/* Nothing comes: no snapshot is made, although the timer runs and the status moves its clock. */
static void test_quiet_makes_no_snapshots(void **state)
{
    (void)state;
    GArray *records = records_make(6, 100, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, FALSE, 0, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 97);
    iterate_for(1300); /* the tests may run once more within a second */
    guint changed = watcher.changed;
    guint64 serial = sg_session_get_snapshot(session)->serial;
    iterate_for(1000);
    assert_int_equal(watcher.changed, changed);
    assert_int_equal(sg_session_get_snapshot(session)->serial, serial);
    sg_session_stop(session);
    assert_int_equal(sg_session_get_snapshot(session)->feed.state, SG_FEED_STOPPED);
    assert_int_equal(sg_session_get_snapshot(session)->serial, serial + 1);
    assert_null(session->timer); /* stopped: nothing wakes the process */
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* A timer's turn looks at the status before it drains the ring, and again when it is about to publish: this tick comes between that and the end
 * of the turn, as one of the feed thread may. */
static guint looks;

static void push_at_the_second_look(struct fake_source *fake)
{
    struct sg_tick tick = {.recv_us = fake->now_us + 1000, .time_us = fake->now_us, .event_us = fake->now_us, .price = 100, .id = -1, .kind = SG_TICK_BOOK};
    if (++looks == 2)
        sg_tick_ring_push(fake->ring, &tick, 1, tick.recv_us);
}

/* It must not wait for the slow timer of a session that rests: nobody would be woken for it any more. */
static void test_tick_that_comes_as_the_session_goes_to_rest(void **state)
{
    (void)state;
    GArray *records = records_make(6, 100, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, FALSE, 0, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 97);
    while (!atomic_load(&session->resting))
        g_main_context_iteration(NULL, TRUE);
    looks = 0;
    fake_looked_at = push_at_the_second_look;
    while (looks < 2)
        g_main_context_iteration(NULL, TRUE);
    fake_looked_at = NULL;
    gint64 ready_us = g_source_get_ready_time(session->timer);
    assert_true(ready_us >= 0);
    assert_true(ready_us <= g_get_monotonic_time() + SG_SESSION_FAST_US);
    assert_false(atomic_load(&session->resting));
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

static void test_params_and_interval(void **state)
{
    (void)state;
    GArray *records = records_make(7, 700, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, TRUE, 0, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.ended, 1);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    guint64 epoch = snapshot->history->epoch, serial = snapshot->serial;
    size_t rows = snapshot->history->length;
    GString *before = g_string_new(watcher.log->str);

    struct sg_pair_params params = snapshot->params;
    params.window = 100;
    assert_true(sg_session_set_params(session, &params, NULL));
    assert_int_equal(snapshot->serial, serial + 1);
    assert_true(snapshot->history->epoch > epoch);
    assert_int_equal(snapshot->history->length, rows);
    assert_int_equal(snapshot->now.need, 100);
    assert_true(isnan(snapshot->history->column[SG_COL_ZSCORE][98]));
    assert_true(!isnan(snapshot->history->column[SG_COL_ZSCORE][99]));
    sg_session_set_interval(session, SG_INTERVAL_1M);
    assert_int_equal(snapshot->interval, SG_INTERVAL_1M);
    assert_int_equal(snapshot->history->interval_us, 60000000);
    assert_in_range(snapshot->history->length, 9, 11);
    assert_int_equal(snapshot->now.have, snapshot->history->length);
    assert_int_equal(snapshot->adf.reason, SG_REASON_WARMING_UP);
    serial = snapshot->serial;
    sg_session_set_interval(session, SG_INTERVAL_1M); /* no change, no snapshot */
    assert_int_equal(snapshot->serial, serial);
    assert_string_equal(watcher.log->str, before->str); /* the past is not told again */

    GError *error = NULL;
    params.window = 0;
    assert_false(sg_session_set_params(session, &params, &error));
    assert_true(g_error_matches(error, SG_SESSION_ERROR, SG_ERR_INVALID));
    g_clear_error(&error);
    assert_int_equal(snapshot->params.window, 100);
    g_object_unref(session);
    g_string_free(before, TRUE);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

static void stop_at_50(SgSession *session, struct watcher *watcher)
{
    if (watcher->bars == 50)
        sg_session_stop(session);
}

static void change_at_50(SgSession *session, struct watcher *watcher)
{
    if (watcher->bars == 50) {
        struct sg_pair_params params = sg_session_get_snapshot(session)->params;
        params.window = 30;
        assert_true(sg_session_set_params(session, &params, NULL));
        sg_session_set_interval(session, SG_INTERVAL_1M);
        sg_session_set_interval(session, SG_INTERVAL_1S);
    }
}

static void reconfigure_at_50(SgSession *session, struct watcher *watcher)
{
    if (watcher->bars == 50) {
        struct sg_session_config config = config_with(10);
        g_strlcpy(config.legs[0].symbol, "CCC", sizeof config.legs[0].symbol);
        assert_true(sg_session_reconfigure(session, &config, NULL));
        assert_int_equal(sg_session_get_snapshot(session)->history->length, 0);
        assert_string_equal(sg_session_get_snapshot(session)->legs[0].symbol, "CCC");
    }
}

static void unref_at_50(SgSession *session, struct watcher *watcher)
{
    if (watcher->bars == 50)
        g_object_unref(session);
}

static void test_handlers_pull_the_rug(void **state)
{
    (void)state;
    GArray *records = records_make(8, 300, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, TRUE, 0, &watcher);
    watcher.on_bar = stop_at_50;
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 50);
    iterate_for(50);
    assert_int_equal(watcher.bars, 50); /* not one more after stop */
    assert_int_equal(watcher.ended, 0);
    watcher.on_bar = NULL;
    assert_true(sg_session_start(session, NULL)); /* again, from the beginning */
    iterate_until(&watcher.ended, 1);
    assert_in_range(watcher.bars, 50 + 298, 50 + 300);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);

    session = session_new(records, TRUE, 0, &watcher);
    watcher.on_bar = change_at_50;
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.ended, 1);
    assert_int_equal(sg_session_get_snapshot(session)->history->length, watcher.bars);
    assert_int_equal(sg_session_get_snapshot(session)->now.need, 30);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);

    session = session_new(records, TRUE, 0, &watcher);
    watcher.on_bar = reconfigure_at_50;
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.ended, 1);
    assert_int_equal(sg_session_get_snapshot(session)->history->length, watcher.bars - 50);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);

    session = session_new(records, TRUE, 0, &watcher);
    watcher.on_bar = unref_at_50;
    g_object_add_weak_pointer(G_OBJECT(session), (gpointer *)&session);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 50);
    iterate_for(20);
    assert_null(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* A reconfiguration that fails leaves the old session running. */
static void test_failures(void **state)
{
    (void)state;
    GArray *records = records_make(9, 200, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, TRUE, 5, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 10);
    GError *error = NULL;
    struct sg_session_config config = config_with(10);
    fake_plan.fails = TRUE;
    assert_false(sg_session_reconfigure(session, &config, &error));
    assert_true(g_error_matches(error, SG_SESSION_ERROR, SG_ERR_INVALID));
    assert_string_equal(error->message, "the test says no");
    g_clear_error(&error);
    fake_plan.fails = FALSE;
    config.params.window = 1;
    assert_false(sg_session_reconfigure(session, &config, &error));
    assert_true(g_error_matches(error, SG_SESSION_ERROR, SG_ERR_INVALID));
    g_clear_error(&error);
    iterate_until(&watcher.ended, 1);
    assert_in_range(watcher.bars, 198, 200);
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);

    assert_null(sg_session_new_with_source(&config, fake_maker, &error));
    assert_non_null(error);
    g_clear_error(&error);
    /* And the real maker: a replay without a file. */
    config = config_with(10);
    assert_null(sg_session_new(&config, &error));
    assert_true(g_error_matches(error, SG_SESSION_ERROR, SG_ERR_INVALID));
    g_clear_error(&error);
    g_array_free(records, TRUE);
}

static void test_dismiss_and_mute(void **state)
{
    (void)state;
    GArray *records = records_make(10, 400, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, TRUE, 0, &watcher);
    struct sg_pair_params params = sg_session_get_snapshot(session)->params;
    params.entry = params.exit = 0.01; /* an alert stands nearly always */
    assert_true(sg_session_set_params(session, &params, NULL));
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.ended, 1);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    assert_int_not_equal(snapshot->alert.side, SG_SIGNAL_NONE);
    assert_true(sg_alert_visible(&snapshot->alert, snapshot->exchange_now_us));
    sg_session_alert_mute(session, 60 * G_USEC_PER_SEC);
    assert_false(sg_alert_visible(&snapshot->alert, snapshot->exchange_now_us));
    assert_true(sg_alert_visible(&snapshot->alert, snapshot->exchange_now_us + 60 * G_USEC_PER_SEC));
    sg_session_alert_mute(session, 0);
    assert_true(sg_alert_visible(&snapshot->alert, snapshot->exchange_now_us));
    sg_session_alert_dismiss(session);
    assert_false(sg_alert_visible(&snapshot->alert, snapshot->exchange_now_us));
    size_t fired = snapshot->fired->length, marked = 0;
    assert_true(fired > 0);
    assert_int_equal(snapshot->fired->list[fired - 1].interval, snapshot->interval);
    params.entry = params.exit = 0.99 * sg_zscore_bound(params.window, params.ddof); /* as good as out of reach */
    assert_true(sg_session_set_params(session, &params, NULL));                      /* the banner follows the threshold at once */
    assert_int_equal(snapshot->alert.side, SG_SIGNAL_NONE);
    for (size_t i = 0; i < snapshot->history->length; i++)
        marked += (snapshot->history->flags[i] & SG_ROW_ALERT_RAISED) != 0;
    assert_int_equal(marked, 0);
    assert_int_equal(snapshot->fired->length, fired); /* what was raised was raised */
    for (size_t i = 0; i < fired; i++) {
        assert_true(snapshot->fired->list[i].threshold == 0.01);
        assert_true(i == 0 || snapshot->fired->list[i].time_us > snapshot->fired->list[i - 1].time_us);
        size_t row = sg_history_lower_bound(snapshot->history, snapshot->fired->list[i].time_us);
        assert_true(row < snapshot->history->length);
        assert_true(snapshot->history->time_us[row] == snapshot->fired->list[i].time_us);
    }
    g_object_unref(session);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

/* A test that fails leaves its session running: it is gone before the next begins, with its thread, and tells nothing any more. */
static void test_what_a_failed_test_leaves(void **state)
{
    (void)state;
    GArray *records = records_make(6, 400, FALSE);
    struct watcher watcher;
    SgSession *session = session_new(records, FALSE, 5, &watcher);
    assert_true(sg_session_start(session, NULL));
    iterate_until(&watcher.bars, 20);
    guint bars = watcher.bars;
    assert_int_equal(end_open_sessions(), 1);
    iterate_for(300);
    assert_int_equal(watcher.bars, bars);
    assert_int_equal(end_open_sessions(), 0);
    g_string_free(watcher.log, TRUE);
    g_array_free(records, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pace_does_not_matter),
        cmocka_unit_test(test_quiet_makes_no_snapshots),
        cmocka_unit_test(test_tick_that_comes_as_the_session_goes_to_rest),
        cmocka_unit_test(test_params_and_interval),
        cmocka_unit_test(test_handlers_pull_the_rug),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_dismiss_and_mute),
        cmocka_unit_test(test_what_a_failed_test_leaves),
    };
    return cmocka_run_group_tests_name("engine/session", tests, NULL, NULL);
}
