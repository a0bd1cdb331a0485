/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay that is driven: wherever it was paused, stepped, sought forwards and backwards, the rows, events and alerts are those of having played to there at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include <stdio.h>
#include "fixture.h"
#include "records.h"
#include "open_sessions.h"
#include "test_folder.h"
#include "../../../src/engine/session_private.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define T0 (FIXTURE_START_US - RECORDS_SKEW_US)
#define SECONDS 400

static char recording[256];

/* A market of two legs with a disconnection, a long silence and a time when nobody recorded. */
static void write_recording(void)
{
    snprintf(recording, sizeof recording, "%s/transport.ndjson", folder);
    FILE *file = fopen(recording, "w");
    assert_non_null(file);
    fprintf(file, "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"BTCUSDT/ETHUSDT\",\"stream\":\"trade\"}\n");
    fprintf(file,
            "{\"t\":%" PRId64 ",\"event\":\"connected\",\"leg\":-1,\"detail\":\"x\"}\n{\"t\":%" PRId64
            ",\"event\":\"subscribed\",\"leg\":-1,\"detail\":\"\"}\n",
            T0, T0 + 5);
    struct fixture_market market = fixture_market_new(5);
    long long ids[2] = {100, 500};
    for (int64_t s = 0; s < SECONDS; s++) {
        double close[2];
        fixture_market_step(&market, &close[0], &close[1]);
        int64_t at_us = T0 + 2000 + s * G_USEC_PER_SEC + (s >= 300 ? 90 * G_USEC_PER_SEC : 0);
        if (s == 150)
            fprintf(file, "{\"t\":%" PRId64 ",\"event\":\"disconnected\",\"leg\":-1,\"detail\":\"cut\"}\n", at_us);
        if (s == 160)
            fprintf(file,
                    "{\"t\":%" PRId64 ",\"event\":\"connected\",\"leg\":-1,\"detail\":\"x\"}\n{\"t\":%" PRId64
                    ",\"event\":\"subscribed\",\"leg\":-1,\"detail\":\"\"}\n",
                    at_us, at_us + 5);
        for (int leg = 0; leg < 2 && (s < 150 || s >= 160) && (s < 200 || s >= 230); leg++) {
            int64_t time_us = at_us + RECORDS_SKEW_US + leg * 300000;
            char price[SG_DECIMAL_BUF];
            sg_decimal_from_double_fixed(close[leg], 2, price);
            fprintf(file,
                    "{\"t\":%" PRId64 ",\"m\":{\"stream\":\"x\",\"data\":{\"e\":\"trade\",\"E\":%" PRId64
                    ",\"s\":\"%s\",\"t\":%lld,\"p\":\"%s\",\"q\":\"0.5\",\"T\":%" PRId64 ",\"m\":true}}}\n",
                    at_us + leg * 300000 + 5000, time_us / 1000 + 1, leg ? "ETHUSDT" : "BTCUSDT", ids[leg]++, price, time_us / 1000);
        }
        fprintf(file, "{\"t\":%" PRId64 ",\"alive\":1}\n", at_us + 900000);
    }
    fclose(file);
}

struct watcher {
    GString *log;
    guint ended, rewound;
};

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watcher *watcher)
{
    (void)session;
    log_bar(watcher->log, bar);
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

/* What was told is told again from the beginning. */
static void rewound_cb(SgSession *session, struct watcher *watcher)
{
    (void)session;
    watcher->rewound++;
    watcher->ended = 0;
    g_string_truncate(watcher->log, 0);
}

static SgSession *session_new(gboolean paused, gint64 until_us, enum sg_interval interval, struct watcher *watcher)
{
    struct sg_session_config config = {.source = SG_SOURCE_REPLAY,
                                       .stream = SG_STREAM_TRADE,
                                       .interval = interval,
                                       .replay_file = recording,
                                       .replay_paused = paused,
                                       .replay_until_us = until_us};
    assert_int_equal(sg_pair_parse("BTCUSDT/ETHUSDT", SG_MARKET_SPOT, config.legs, NULL), SG_OK);
    sg_pair_params_default(&config.params);
    config.params.window = 20;
    GError *error = NULL;
    SgSession *session = open_session(sg_session_new(&config, &error));
    if (!session)
        fail_msg("%s", error->message);
    *watcher = (struct watcher){.log = g_string_new(NULL)};
    g_signal_connect(session, "bar", G_CALLBACK(bar_cb), watcher);
    g_signal_connect(session, "event", G_CALLBACK(event_cb), watcher);
    g_signal_connect(session, "ended", G_CALLBACK(ended_cb), watcher);
    g_signal_connect(session, "rewound", G_CALLBACK(rewound_cb), watcher);
    assert_true(sg_session_start(session, NULL));
    return session;
}

static void end(SgSession *session, struct watcher *watcher)
{
    g_object_unref(session);
    g_string_free(watcher->log, TRUE);
}

static SgReplayState state_of(SgSession *session)
{
    SgReplayState replay;
    assert_true(sg_session_replay_state(session, &replay));
    return replay;
}

static gboolean pulse(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static void until_arrived(SgSession *session)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    guint timer = g_timeout_add(20, pulse, NULL);
    while (state_of(session).seeking || state_of(session).position_us == 0) {
        assert_true(g_get_monotonic_time() < deadline);
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

static void until_ended(struct watcher *watcher)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (!watcher->ended) {
        assert_true(g_get_monotonic_time() < deadline);
        g_main_context_iteration(NULL, TRUE);
    }
}

static void seek(SgSession *session, gint64 position_us)
{
    sg_session_replay_seek(session, position_us);
    until_arrived(session);
}

/* Straight to a position and nowhere else before. */
static void same_as_played_to(SgSession *session, const struct watcher *watcher, gint64 position_us)
{
    struct watcher straight_watcher;
    SgSession *straight = session_new(TRUE, position_us, sg_session_get_snapshot(session)->interval, &straight_watcher);
    straight->replay.is_seeking = TRUE; /* so that it is waited for */
    until_arrived(straight);
    const SgSnapshot *one = sg_session_get_snapshot(session), *two = sg_session_get_snapshot(straight);
    assert_int_equal(one->history->length, two->history->length);
    assert_rows_equal(one->history, 0, two->history, 0, two->history->length);
    assert_string_equal(watcher->log->str, straight_watcher.log->str);
    assert_int_equal(one->alert.side, two->alert.side);
    assert_int_equal(one->fired->total, two->fired->total);
    assert_int_equal(one->gaps->length, two->gaps->length);
    assert_int_equal(one->ring.dropped[0] + one->ring.dropped[1] + one->ring.events_dropped, 0);
    assert_memory_equal(&one->now.beta, &two->now.beta, sizeof one->now.beta);
    end(straight, &straight_watcher);
}

static void test_paused_at_start(void **state)
{
    (void)state;
    struct watcher watcher;
    SgSession *session = session_new(TRUE, 0, SG_INTERVAL_1S, &watcher);
    until_arrived(session);
    gint64 deadline = g_get_monotonic_time() + 300000;
    guint timer = g_timeout_add(20, pulse, NULL);
    while (g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, TRUE);
    SgReplayState replay = state_of(session);
    assert_true(replay.paused);
    assert_false(replay.ended);
    assert_int_equal(replay.position_us, T0);
    assert_int_equal(sg_session_get_snapshot(session)->history->length, 0);
    sg_session_replay_measure(session);
    while (state_of(session).end_us == 0)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
    replay = state_of(session);
    assert_int_equal(replay.begin_us, T0);
    assert_int_equal(replay.end_us, T0 + 2000 + (SECONDS - 1 + 90) * G_USEC_PER_SEC + 900000);
    sg_session_replay_pace(session, 0, FALSE);
    until_ended(&watcher);
    assert_true(state_of(session).ended);
    assert_int_equal(state_of(session).position_us, replay.end_us);
    end(session, &watcher);
}

static void test_seek(void **state)
{
    (void)state;
    struct watcher reference, watcher;
    SgSession *whole = session_new(FALSE, 0, SG_INTERVAL_1S, &reference);
    until_ended(&reference);
    assert_non_null(strstr(reference.log->str, "disconnected"));

    uint64_t random = 11;
    SgSession *session = session_new(TRUE, 0, SG_INTERVAL_1S, &watcher);
    until_arrived(session);
    for (int i = 0; i < 12; i++) {
        gint64 position_us = T0 + (gint64)(fixture_uniform(&random) * (SECONDS + 90) * G_USEC_PER_SEC);
        seek(session, position_us);
        assert_int_equal(state_of(session).position_us, position_us);
        same_as_played_to(session, &watcher, position_us);
    }
    assert_true(watcher.rewound >= 3);
    /* One place after the other before the first is reached: the last one counts. */
    sg_session_replay_seek(session, T0 + 380 * G_USEC_PER_SEC);
    sg_session_replay_seek(session, T0 + 30 * G_USEC_PER_SEC);
    seek(session, T0 + 120 * G_USEC_PER_SEC);
    same_as_played_to(session, &watcher, T0 + 120 * G_USEC_PER_SEC);
    /* From there to the end it is the same as ever, and from the end back again. */
    sg_session_replay_pace(session, 0, FALSE);
    until_ended(&watcher);
    assert_string_equal(watcher.log->str, reference.log->str);
    sg_session_replay_pace(session, 0, TRUE);
    seek(session, T0 + 50 * G_USEC_PER_SEC);
    assert_false(state_of(session).ended);
    same_as_played_to(session, &watcher, T0 + 50 * G_USEC_PER_SEC);
    end(session, &watcher);
    end(whole, &reference);
}

/* While an earlier time is on its way, what was on the screen stays there whole. */
static void test_rows_stay_meanwhile(void **state)
{
    (void)state;
    struct watcher watcher;
    SgSession *session = session_new(TRUE, T0 + 350 * G_USEC_PER_SEC, SG_INTERVAL_1S, &watcher);
    session->replay.is_seeking = TRUE;
    until_arrived(session);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    size_t rows = snapshot->history->length;
    assert_true(rows > 200);
    gint64 last_us = snapshot->history->time_us[rows - 1];
    sg_session_replay_seek(session, T0 + 100 * G_USEC_PER_SEC);
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    guint looked = 0;
    while (state_of(session).seeking) {
        assert_true(g_get_monotonic_time() < deadline);
        assert_int_equal(snapshot->history->length, rows);
        assert_int_equal(snapshot->history->time_us[rows - 1], last_us);
        looked++;
        g_main_context_iteration(NULL, TRUE);
    }
    assert_true(looked > 0);
    assert_in_range(snapshot->history->length, 90, 101);
    /* And a session may go while it is on its way. */
    sg_session_replay_seek(session, T0 + 50 * G_USEC_PER_SEC);
    end(session, &watcher);
}

static void step(SgSession *session, int direction)
{
    sg_session_replay_step(session, direction);
    until_arrived(session);
}

static void test_steps(void **state)
{
    (void)state;
    static const enum sg_interval intervals[] = {SG_INTERVAL_1S, SG_INTERVAL_1M};
    for (size_t i = 0; i < G_N_ELEMENTS(intervals); i++) {
        struct watcher watcher;
        SgSession *session = session_new(TRUE, 0, intervals[i], &watcher);
        until_arrived(session);
        const SgSnapshot *snapshot = sg_session_get_snapshot(session);
        for (size_t rows = 1; rows <= 3; rows++) { /* of minutes there are no more without a hole in them */
            step(session, 1);
            assert_int_equal(snapshot->history->length, rows);
            assert_true(state_of(session).paused);
        }
        same_as_played_to(session, &watcher, state_of(session).position_us);
        for (size_t rows = 2; rows >= 1; rows--) {
            step(session, -1);
            assert_int_equal(snapshot->history->length, rows);
            same_as_played_to(session, &watcher, state_of(session).position_us);
        }
        step(session, -1);
        assert_int_equal(snapshot->history->length, 0);
        step(session, -1);
        assert_int_equal(snapshot->history->length, 0);
        step(session, 1);
        assert_int_equal(snapshot->history->length, 1);
        end(session, &watcher);
    }
}

/* Over the disconnection, the silence and the hole: one row at a time, each of them. */
static void test_steps_over_holes(void **state)
{
    (void)state;
    struct watcher reference, watcher;
    SgSession *whole = session_new(FALSE, 0, SG_INTERVAL_1S, &reference);
    until_ended(&reference);
    const struct sg_history *rows = sg_session_get_snapshot(whole)->history;
    SgSession *session = session_new(TRUE, 0, SG_INTERVAL_1S, &watcher);
    until_arrived(session);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    const gint64 places[] = {145, 295};
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        seek(session, T0 + places[i] * G_USEC_PER_SEC);
        for (int n = 0; n < 12; n++) {
            size_t before = snapshot->history->length;
            step(session, 1);
            assert_int_equal(snapshot->history->length, before + 1);
            assert_int_equal(snapshot->history->time_us[before], rows->time_us[before]);
        }
        for (int n = 0; n < 12; n++) {
            size_t before = snapshot->history->length;
            step(session, -1);
            assert_int_equal(snapshot->history->length, before - 1);
        }
    }
    /* At the end there is nothing to step to. */
    seek(session, T0 + (SECONDS + 89) * G_USEC_PER_SEC);
    for (int n = 0; n < 6; n++)
        step(session, 1);
    assert_int_equal(snapshot->history->length, rows->length);
    assert_true(state_of(session).ended);
    end(session, &watcher);
    end(whole, &reference);
}

static int begin(void **state)
{
    int status = make_folder(state);
    if (status == 0)
        write_recording();
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paused_at_start),  cmocka_unit_test(test_seek), cmocka_unit_test(test_rows_stay_meanwhile), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_steps_over_holes),
    };
    return cmocka_run_group_tests_name("engine/replay_transport", tests, begin, remove_folder);
}
