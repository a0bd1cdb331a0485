/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded session of two symbols through the replay source: the same words at every speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include "fixture.h"
#include "records.h"
#include "open_sessions.h"
#include "test_time.h"

#define DEADLINE_US (120 * G_USEC_PER_SEC)

struct watcher {
    GString *log;
    guint bars, ended;
};

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watcher *watcher)
{
    (void)session;
    watcher->bars++;
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

static char *play(const char *const *files, size_t count, enum sg_interval interval, double speed, guint *ret_bars)
{
    struct sg_session_config config = {
        .source = SG_SOURCE_REPLAY, .stream = SG_STREAM_TRADE, .interval = interval, .replay_files = files, .replay_file_count = count, .replay_speed = speed};
    assert_int_equal(sg_pair_parse("BTCUSDT/ETHUSDT", SG_MARKET_SPOT, config.legs, NULL), SG_OK);
    sg_pair_params_default(&config.params);
    GError *error = NULL;
    SgSession *session = open_session(sg_session_new(&config, &error));
    if (!session)
        fail_msg("%s", error->message);
    struct watcher watcher = {.log = g_string_new(NULL)};
    g_signal_connect(session, "bar", G_CALLBACK(bar_cb), &watcher);
    g_signal_connect(session, "event", G_CALLBACK(event_cb), &watcher);
    g_signal_connect(session, "ended", G_CALLBACK(ended_cb), &watcher);
    if (!sg_session_start(session, &error))
        fail_msg("%s", error->message);
    gint64 started = g_get_monotonic_time();
    while (!watcher.ended) {
        assert_true(g_get_monotonic_time() - started < DEADLINE_US);
        g_main_context_iteration(NULL, TRUE);
    }
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    print_message("%u bars of %s in %" PRId64 " ms; %" PRIu64 " ticks, %" PRIu64 " late\n", watcher.bars, sg_interval_name(interval),
                  (g_get_monotonic_time() - started) / 1000, snapshot->feed.ticks, snapshot->resampler.late[0] + snapshot->resampler.late[1]);
    assert_int_equal(snapshot->feed.state, SG_FEED_ENDED);
    assert_int_equal(snapshot->ring.dropped[0] + snapshot->ring.dropped[1], 0);
    assert_int_equal(snapshot->history->length, watcher.bars);
    assert_true(snapshot->replay);
    *ret_bars = watcher.bars;
    g_object_unref(session);
    return g_string_free(watcher.log, FALSE);
}

static void test_every_speed(void **state)
{
    (void)state;
    static char path[2][512];
    if (!test_shared_path("data/ws/hftbacktest/spot/btcusdt_20240808.gz", path[0], sizeof path[0]) ||
        !test_shared_path("data/ws/hftbacktest/spot/ethusdt_20240808.gz", path[1], sizeof path[1]))
        skip();
    const char *const files[] = {path[0], path[1]};
    guint bars, again;
    char *first = play(files, 2, SG_INTERVAL_1S, 0, &bars);
    assert_true(bars > 60);
    char *second = play(files, 2, SG_INTERVAL_1S, 0, &again);
    assert_string_equal(first, second);
    g_free(second);
    second = play(files, 2, SG_INTERVAL_1S, 100, &again);
    assert_string_equal(first, second);
    g_free(second);
    g_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_speed),
    };
    return cmocka_run_group_tests_name("engine/session_replay", tests, NULL, NULL);
}
