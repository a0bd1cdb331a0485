/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of numbers that are not the present, in every state of a feed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/engine/freshness.h"

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(5000) * SECOND) /* monotonic */
#define WALL (INT64_C(1723161600) * SECOND)

static struct sg_history history;
static SgSnapshot snapshot;
static struct sg_freshness freshness;

static void add_row(uint16_t flags)
{
    struct sg_row row = {.time_us = WALL - 2 * SECOND, .flags = flags};
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
}

static int setup(void **state)
{
    (void)state;
    sg_history_init(&history, SECOND, 100);
    snapshot = (SgSnapshot){.history = &history, .stale_after_us = 60 * SECOND, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}};
    snapshot.feed.state = SG_FEED_LIVE;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sg_history_free(&history);
    return 0;
}

static void silent_for(int64_t a_s, int64_t b_s)
{
    snapshot.feed.last_data_mono_us[SG_LEG_A] = NOW - a_s * SECOND;
    snapshot.feed.last_data_mono_us[SG_LEG_B] = NOW - b_s * SECOND;
}

static void expect(bool stale, const char *age, const char *words)
{
    sg_freshness_of(&snapshot, NOW, WALL, &freshness);
    assert_string_equal(freshness.words, words);
    assert_string_equal(freshness.age, age);
    assert_int_equal(freshness.stale, stale);
}

static void a_live_feed_is_the_present(void **state)
{
    (void)state;
    expect(false, "", ""); /* the first bar forms */
    add_row(0);
    silent_for(1, 9);
    expect(false, "", "");
    silent_for(1, 59); /* one leg trades seldom: within the limit */
    expect(false, "", "");
}

static void one_leg_beyond_the_limit(void **state)
{
    (void)state;
    add_row(0);
    silent_for(1, 61);
    expect(true, "1 min old", "waiting for ETHUSDT, 1 min old");
    silent_for(200, 2);
    expect(true, "3 min old", "waiting for BTCUSDT, 3 min old");
    /* The feed noticed it first. */
    silent_for(19, 1);
    snapshot.feed.state = SG_FEED_STALLED;
    expect(true, "19 s old", "waiting for BTCUSDT, 19 s old");
}

/* A connection that is half open says nothing: nobody knows yet, and the numbers are old all the same. */
static void both_legs_silent(void **state)
{
    (void)state;
    add_row(0);
    silent_for(12, 11);
    expect(true, "12 s old", "waiting for both legs, 12 s old");
    silent_for(12, 10);
    expect(false, "", "");
}

static void no_connection(void **state)
{
    (void)state;
    static const struct {
        enum sg_feed_state state;
        const char *with, *without;
    } cases[] = {{SG_FEED_CONNECTING, "connecting, 19 s old", "connecting: no bar yet"},
                 {SG_FEED_SUBSCRIBING, "connecting, 19 s old", "connecting: no bar yet"},
                 {SG_FEED_IDLE, "connecting, 19 s old", "connecting: no bar yet"},
                 {SG_FEED_WAITING, "waiting to reconnect, 19 s old", "waiting to reconnect: no bar yet"},
                 {SG_FEED_FAILED, "not connected, 19 s old", "not connected: no bar yet"},
                 {SG_FEED_STOPPED, "not connected, 19 s old", "not connected: no bar yet"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snapshot.feed.state = cases[i].state;
        expect(false, "", cases[i].without); /* nothing is shown that could be old */
    }
    add_row(0);
    silent_for(19, 5);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snapshot.feed.state = cases[i].state;
        expect(true, "19 s old", cases[i].with);
    }
    silent_for(0, 0);
    expect(true, "1 s old", "not connected, 1 s old");
    sg_freshness_of(NULL, NOW, WALL, &freshness);
    assert_false(freshness.stale);
    assert_string_equal(freshness.words, "not connected: no bar yet");
}

/* Bars of an earlier run are as old as their close, until the exchange says something. */
static void bars_that_were_kept(void **state)
{
    (void)state;
    struct sg_row row = {.time_us = WALL - 7201 * SECOND};
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    snapshot.feed.state = SG_FEED_CONNECTING;
    expect(true, "2.0 h old", "connecting, 2.0 h old");
    snapshot.feed.state = SG_FEED_LIVE;
    snapshot.feed.last_data_mono_us[SG_LEG_A] = NOW;
    expect(true, "2.0 h old", "waiting for ETHUSDT, 2.0 h old");
    snapshot.feed.last_data_mono_us[SG_LEG_B] = NOW;
    expect(false, "", "");
}

/* A recording has a time of its own: only what was stale in it is. */
static void a_replay(void **state)
{
    (void)state;
    static const enum sg_feed_state states[] = {SG_FEED_LIVE, SG_FEED_ENDED, SG_FEED_CONNECTING, SG_FEED_STALLED};
    snapshot.replay = TRUE;
    add_row(0);
    silent_for(4000, 4000);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        snapshot.feed.state = states[i];
        expect(false, "", "");
    }
    struct sg_row row = {.time_us = WALL, .flags = SG_ROW_STALE};
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    snapshot.age_us[SG_LEG_A] = 0;
    snapshot.age_us[SG_LEG_B] = 75 * SECOND;
    snapshot.feed.state = SG_FEED_ENDED;
    expect(true, "1 min old", "no trade of ETHUSDT, 1 min old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_live_feed_is_the_present, setup, teardown),
        cmocka_unit_test_setup_teardown(one_leg_beyond_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(both_legs_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(no_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(bars_that_were_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_replay, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
