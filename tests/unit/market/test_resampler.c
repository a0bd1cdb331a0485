/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resampler's rules, one by one. test_resampler_property.c holds it against a recomputation by brute force,
 * test_resampler_capture.c against recordings of the real exchange. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resampler_told.h"

static void trade(enum sg_leg leg, int64_t ms, double price)
{
    trade_id(leg, ms, -1, price);
}

static void check_gap(size_t index, enum sg_leg leg, int64_t from, int64_t to, enum sg_gap_cause cause)
{
    assert_true(index < told.gap_count);
    assert_int_equal(told.gaps[index].leg, leg);
    assert_true(told.gaps[index].from_us == LOG_T0 + from * LOG_S);
    assert_true(told.gaps[index].to_us == (to < 0 ? INT64_MAX : LOG_T0 + to * LOG_S));
    assert_int_equal(told.gaps[index].cause, cause);
}

/* Both legs up and with a price from second 1 on. */
static void begin(void)
{
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade(SG_LEG_A, 200, 100);
    trade(SG_LEG_B, 300, 10);
}

static void test_bar_of_trades(void **state)
{
    const struct sg_bar *closed;

    (void)state;
    begin();
    trade(SG_LEG_A, 1000, 101);
    trade(SG_LEG_A, 1300, 105);
    trade(SG_LEG_A, 1600, 99);
    trade(SG_LEG_A, 1999, 102);
    trade(SG_LEG_A, 2000, 103);
    advance(2499);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, 1)); /* the grace is not over */
    advance(2500);
    closed = bar(SG_INTERVAL_1S, SG_LEG_A, 1);
    assert_non_null(closed);
    assert_true(closed->open == 101);
    assert_true(closed->high == 105);
    assert_true(closed->low == 99);
    assert_true(closed->close == 102);
    assert_true(closed->volume == 4 * SG_QTY_ONE);
    assert_int_equal(closed->trades, 4);
    assert_int_equal(closed->ticks, 4);
    assert_int_equal(closed->flags, 0);
    assert_true(closed->last_tick_us == LOG_T0 + 1999 * MS);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, 0)); /* the leg came up in the middle of it */
    assert_int_equal(told.gap_count, 0);
}

static void test_filled(void **state)
{
    const struct sg_bar *closed;

    (void)state;
    begin();
    advance(4600);
    closed = bar(SG_INTERVAL_1S, SG_LEG_B, 3);
    assert_non_null(closed);
    assert_true(closed->open == 10);
    assert_true(closed->high == 10);
    assert_true(closed->low == 10);
    assert_true(closed->close == 10);
    assert_true(closed->volume == 0);
    assert_true(closed->ticks == 0);
    assert_true(closed->trades == 0);
    assert_int_equal(closed->flags, SG_BAR_FILLED);
    assert_true(closed->last_tick_us == LOG_T0 + 300 * MS);
    assert_int_equal(stats().bars[SG_LEG_B], 3);
    assert_int_equal(stats().filled[SG_LEG_B], 3);
}

static void test_fill_uses_the_price_of_its_own_time(void **state)
{
    (void)state;
    begin();
    trade(SG_LEG_A, 3100, 200); /* second 2 is still within its grace, and has no tick */
    advance(5000);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->close == 100);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 3)->open == 200);
}

static void test_nothing_before_the_first_price(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade(SG_LEG_A, 200, 100);
    trade(SG_LEG_A, 300, 100);
    advance(5600);
    assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, 4));
    trade(SG_LEG_B, 6300, 10);
    advance(8600);
    for (int64_t second = 0; second < 6; second++) {
        assert_null(bar(SG_INTERVAL_1S, SG_LEG_B, second));
    }
    assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_B, 6)); /* up since second 0: nothing of second 6 was missed */
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_B, 6)->flags, 0);
    assert_int_equal(told.gap_count, 0);
}

static void test_outage(void **state)
{
    (void)state;
    begin();
    advance(3600); /* seconds 1 and 2 are closed */
    event(SG_EVENT_DISCONNECTED, -1, 4200);
    assert_int_equal(told.gap_count, 2);
    check_gap(0, SG_LEG_A, 1, -1, SG_GAP_DISCONNECT); /* nothing came in seconds 1 and 2, and no ids tell that nothing was lost */
    check_gap(1, SG_LEG_B, 1, -1, SG_GAP_DISCONNECT);
    advance(9000);
    event(SG_EVENT_SUBSCRIBED, -1, 9400);
    trade(SG_LEG_A, 9500, 110); /* in the first second after, which is not whole */
    trade(SG_LEG_B, 12100, 11);
    advance(14600);
    assert_int_equal(told.gap_count, 4);
    check_gap(2, SG_LEG_A, 1, 10, SG_GAP_DISCONNECT);
    check_gap(3, SG_LEG_B, 1, 12, SG_GAP_DISCONNECT); /* no price is carried over an outage */
    for (int64_t second = 3; second < 10; second++) {
        assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, second));
    }
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 10)->flags, SG_BAR_FILLED | SG_BAR_AFTER_GAP);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 10)->close == 110);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 11)->flags, SG_BAR_FILLED);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_B, 11));
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_B, 12)->flags, SG_BAR_AFTER_GAP);
}

static void test_one_leg_stalls(void **state)
{
    (void)state;
    begin();
    advance(2600);
    event(SG_EVENT_STALLED, SG_LEG_B, 3000);
    advance(6600);
    event(SG_EVENT_RECOVERED, SG_LEG_B, 7000); /* on the second: that one is whole */
    trade(SG_LEG_B, 7000, 12);
    advance(9600);
    check_gap(0, SG_LEG_B, 1, -1, SG_GAP_STALL);
    check_gap(1, SG_LEG_B, 1, 7, SG_GAP_STALL);
    for (int64_t second = 1; second < 8; second++) {
        assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, second));
        assert_true((bar(SG_INTERVAL_1S, SG_LEG_B, second) != NULL) == (second < 2 || second >= 7));
    }
    for (size_t i = 0; i < told.close_count; i++) {
        int64_t second = (told.closes[i].time_us - LOG_T0) / LOG_S;

        assert_int_equal(told.closes[i].present, second < 2 || second >= 7 ? 3 : 1);
    }
}

static void test_tick_brings_a_leg_up(void **state)
{
    (void)state;
    trade(SG_LEG_A, 200, 100);
    trade(SG_LEG_A, 1500, 101);
    advance(4600);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, 0));
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->close == 101);
}

static void test_late(void **state)
{
    (void)state;
    begin();
    advance(3600);
    trade(SG_LEG_A, 2999, 500);
    assert_int_equal(told.late, 1);
    assert_true(told.behind_us == 601 * MS);
    trade_id(SG_LEG_A, -86400 * 1000, -1, 500); /* a day ago */
    assert_int_equal(stats().late[SG_LEG_A], 2);
    assert_int_equal(stats().ticks[SG_LEG_A], 1);
    advance(5600);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->high == 100);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 3)->high == 100);
}

static void test_duplicates_and_holes(void **state)
{
    struct sg_resampler_stats now;

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 1000, 100);
    trade_id(SG_LEG_B, 300, 7, 10);
    trade_id(SG_LEG_A, 1100, 1001, 101);
    trade_id(SG_LEG_A, 1100, 1001, 101);             /* twice */
    trade_id(SG_LEG_A, 1100, 1000, 100);             /* an older one again */
    trade_id(SG_LEG_A, 2200, 1005, 102);             /* 1002 … 1004 are missing */
    trade_id(SG_LEG_B, 2300, 8, 11);                 /* each leg counts for itself */
    assert_int_equal(stats().id_holes[SG_LEG_A], 0); /* they may have been overtaken: until second 1 closes they may come */
    assert_int_equal(told.gap_count, 0);
    advance(2499);
    assert_int_equal(told.gap_count, 0);
    advance(2500);
    now = stats();
    assert_int_equal(now.duplicates[SG_LEG_A], 2);
    assert_int_equal(now.id_holes[SG_LEG_A], 1);
    assert_int_equal(now.id_holes[SG_LEG_B], 0);
    assert_int_equal(now.ids_seen[SG_LEG_A], 3);
    assert_int_equal(now.ids_missing[SG_LEG_A], 3);
    assert_int_equal(now.last_id[SG_LEG_A] - now.first_id[SG_LEG_A] + 1, 6);
    assert_int_equal(told.missing, 3);
    assert_int_equal(told.gap_count, 1);
    check_gap(0, SG_LEG_A, 1, 3, SG_GAP_ID_HOLE);
    assert_int_equal(told.gaps[0].first_id, 1002);
    assert_int_equal(told.gaps[0].last_id, 1004);
    advance(5600);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->flags, SG_BAR_INCOMPLETE);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->ticks, 1);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->flags, SG_BAR_INCOMPLETE);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 3)->flags, SG_BAR_FILLED);
}

static void test_ids_across_an_outage(void **state)
{
    struct sg_resampler_stats now;

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 50, 100);
    trade_id(SG_LEG_B, 300, 70, 10);
    trade_id(SG_LEG_A, 1200, 51, 100);
    advance(3600);
    event(SG_EVENT_DISCONNECTED, -1, 4000);
    event(SG_EVENT_SUBSCRIBED, -1, 6500);
    trade_id(SG_LEG_A, 1200, 51, 100); /* the new connection repeats the last one */
    trade_id(SG_LEG_A, 6600, 60, 101);
    trade_id(SG_LEG_B, 6700, 71, 11); /* nothing was missed here */
    advance(9600);
    now = stats();
    assert_int_equal(now.duplicates[SG_LEG_A], 1);
    assert_int_equal(now.id_holes[SG_LEG_A], 0); /* the outage explains it */
    assert_int_equal(now.ids_missing[SG_LEG_A], 8);
    assert_int_equal(now.ids_seen[SG_LEG_A] + now.ids_missing[SG_LEG_A], now.last_id[SG_LEG_A] - now.first_id[SG_LEG_A] + 1);
    assert_int_equal(told.gap_count, 5);
    /* Bars were closed between the last trade and the disconnection: the ids tell that they may lack some. */
    check_gap(2, SG_LEG_A, 1, 3, SG_GAP_ID_HOLE);
    assert_int_equal(told.gaps[2].first_id, 52);
    assert_int_equal(told.gaps[2].last_id, 59);
    assert_int_equal(told.gaps[3].first_id, 52);
    assert_int_equal(told.gaps[3].last_id, 59);
    assert_int_equal(told.gaps[4].first_id, -1);
    assert_int_equal(told.gaps[4].last_id, -1);
    trade_id(SG_LEG_B, 9700, 73, 11); /* the outage is over, so this is a hole */
    advance(11600);
    assert_int_equal(stats().id_holes[SG_LEG_B], 1);
    assert_int_equal(told.gap_count, 6);
    assert_int_equal(told.gaps[5].cause, SG_GAP_ID_HOLE);
    assert_int_equal(told.gaps[5].first_id, 72);
}

static void test_exchange_counts_anew(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 1000, 100);
    trade_id(SG_LEG_B, 300, 1000, 10);
    trade_id(SG_LEG_A, 1200, 1, 101);
    trade_id(SG_LEG_A, 1300, 2, 102);
    advance(3600);
    assert_int_equal(stats().id_restarts[SG_LEG_A], 1);
    assert_int_equal(stats().duplicates[SG_LEG_A], 0);
    assert_int_equal(stats().ids_seen[SG_LEG_A], 2);
    assert_int_equal(stats().first_id[SG_LEG_A], 1);
    assert_int_equal(stats().first_id_time_us[SG_LEG_A], LOG_T0 + 1200 * MS);
    assert_int_equal(stats().first_id_time_us[SG_LEG_B], LOG_T0 + 300 * MS);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->close == 102);
}

/* Nothing is watched before a leg's first bar, so the account of its ids begins after an outage there, and says since when. */
static void test_outage_before_the_first_bar_begins_the_account_anew(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 50, 100);
    assert_int_equal(stats().first_id[SG_LEG_A], 50);
    assert_int_equal(stats().first_id_time_us[SG_LEG_A], LOG_T0 + 200 * MS);
    event(SG_EVENT_DISCONNECTED, -1, 400);
    event(SG_EVENT_SUBSCRIBED, -1, 600);
    trade_id(SG_LEG_A, 700, 60, 101);
    trade_id(SG_LEG_A, 800, 61, 101);
    assert_int_equal(stats().first_id[SG_LEG_A], 60);
    assert_int_equal(stats().first_id_time_us[SG_LEG_A], LOG_T0 + 700 * MS);
    assert_int_equal(stats().ids_seen[SG_LEG_A], 2);
    assert_int_equal(stats().ids_missing[SG_LEG_A], 0);
}

static void test_ticker_volume(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 0);
    ticker(SG_LEG_A, 1000, 100, 5000); /* the first total tells nothing */
    ticker(SG_LEG_A, 2000, 101, 5007);
    ticker(SG_LEG_A, 2900, 102, 5010);
    ticker(SG_LEG_A, 3900, 103, 4990); /* more left the window than was traded */
    ticker(SG_LEG_A, 4900, 104, 4991);
    event(SG_EVENT_DISCONNECTED, -1, 7600);
    event(SG_EVENT_SUBSCRIBED, -1, 8000);
    ticker(SG_LEG_A, 8500, 105, 6000); /* what was traded meanwhile is in no bar of ours */
    ticker(SG_LEG_A, 9500, 105, 6002);
    advance(12000);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->volume == 10 * SG_QTY_ONE);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->flags, SG_BAR_VOLUME_ESTIMATED);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 3)->volume == 0);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 4)->volume == SG_QTY_ONE);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 5)->flags, SG_BAR_FILLED | SG_BAR_VOLUME_ESTIMATED);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 8)->volume == 0);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 9)->volume == 2 * SG_QTY_ONE);
}

/* Spot bookTicker carries no time at all: bars go by local time until the exchange's is known. */
static void test_book_without_a_clock(void **state)
{
    struct sg_tick tick = log_trade(SG_LEG_A, 0, 0, 5, 100, 0);

    (void)state;
    tick.kind = SG_TICK_BOOK;
    tick.trades = 0;
    event(SG_EVENT_SUBSCRIBED, -1, 0);
    for (int64_t ms = 500; ms < 5000; ms += 100) {
        tick.recv_us = LOG_T0 + ms * MS;
        tick.price = 100 + (double)ms / 1000;
        sg_resampler_tick(told.resampler, &tick);
    }
    assert_false(stats().clock_known);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->flags, SG_BAR_NO_VOLUME);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->open == 102);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 2)->close == 102.9);
    /* REST says that the exchange is 200 ms ahead. */
    sg_resampler_clock_sample(told.resampler, LOG_T0 + 5000 * MS, LOG_T0 + 5200 * MS);
    assert_true(stats().clock_known);
    assert_true(sg_resampler_exchange_time(told.resampler, 0) == 200 * MS);
    tick.recv_us = LOG_T0 + 5810 * MS;
    tick.price = 500;
    sg_resampler_tick(told.resampler, &tick);
    sg_resampler_advance(told.resampler, LOG_T0 + 8000 * MS);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 6)->open == 500);
}

/* The exchange has suspended a leg: known some time after its data stopped. The next outage has its own cause again. */
static void test_maintenance(void **state)
{
    (void)state;
    begin();
    for (int64_t ms = 1100; ms < 5000; ms += 500) {
        trade(SG_LEG_A, ms, 100);
        trade(SG_LEG_B, ms, 10);
    }
    event(SG_EVENT_STALLED, SG_LEG_B, 5000);
    advance(6000);
    event(SG_EVENT_MAINTENANCE, SG_LEG_B, 6100);
    event(SG_EVENT_RECOVERED, SG_LEG_B, 8100);
    for (int64_t ms = 5100; ms < 11000; ms += 500) {
        trade(SG_LEG_A, ms, 100);
        if (ms > 8100) {
            trade(SG_LEG_B, ms, 11);
        }
    }
    advance(11000);
    assert_int_equal(told.gap_count, 2);
    check_gap(0, SG_LEG_B, 4, -1, SG_GAP_STALL);
    check_gap(1, SG_LEG_B, 4, 9, SG_GAP_MAINTENANCE);
    event(SG_EVENT_DISCONNECTED, -1, 11100);
    assert_int_equal(told.gap_count, 4);
    assert_int_equal(told.gaps[3].cause, SG_GAP_DISCONNECT);
}

static void clock_event(int64_t ms, int64_t clock_us)
{
    struct sg_feed_event news = {.code = SG_EVENT_CLOCK, .leg = -1, .recv_us = LOG_T0 + ms * MS, .clock_us = clock_us};

    sg_resampler_event(told.resampler, &news);
}

/* Ten book tickers a second; the price says what time it is at the exchange, in seconds since LOG_T0. */
static void play_book(int64_t from_ms, int64_t to_ms, int64_t ahead_us)
{
    struct sg_tick tick = log_trade(SG_LEG_A, 0, 0, 5, 100, 0);

    tick.kind = SG_TICK_BOOK;
    tick.trades = 0;
    for (int64_t ms = from_ms; ms < to_ms; ms += 100) {
        tick.recv_us = LOG_T0 + ms * MS;
        tick.price = 1e6 + (double)(ms * MS + ahead_us) / 1e6;
        sg_resampler_tick(told.resampler, &tick);
    }
}

/* Whatever the local clock shows, each bar holds what was received in its second of the exchange. */
static void test_book_with_a_clock_event(void **state)
{
    static const int64_t ahead_us[] = {0, 1300 * MS, -1300 * MS, 3600 * LOG_S, -3600 * LOG_S};

    (void)state;
    for (size_t i = 0; i < sizeof ahead_us / sizeof *ahead_us; i++) {
        log_free(&told);
        log_start(&told, 0);
        clock_event(0, SG_CLOCK_AWAITED);
        event(SG_EVENT_SUBSCRIBED, -1, 10);
        play_book(50, 950, ahead_us[i]);
        sg_resampler_advance(told.resampler, LOG_T0 + 990 * MS);
        assert_false(stats().clock_runs);
        assert_int_equal(told.bar_count, 0);
        clock_event(1000, LOG_T0 + 1000 * MS + ahead_us[i]);
        assert_true(stats().clock_runs);
        assert_true(stats().clock_known);
        assert_true(stats().clock_offset_us == ahead_us[i]);
        play_book(1050, 6000, ahead_us[i]);
        assert_in_range(told.bar_count, 3, 5);
        for (size_t b = 0; b < told.bar_count; b++) {
            const struct sg_bar *held = &told.bars[b].bar;
            double opened = 1e6 + (double)(held->time_us - LOG_T0) / 1e6;

            assert_true(held->low >= opened);
            assert_true(held->high < opened + 1);
            assert_true(held->high - held->low >= 0.89);
        }
        assert_int_equal(told.gap_count, 0);
        /* Ten minutes on the local clock has drifted by 20 ms. */
        clock_event(6000, LOG_T0 + 6020 * MS + ahead_us[i]);
        assert_true(stats().clock_offset_us == ahead_us[i] + 20 * MS);
    }
}

/* The exchange does not say what time it is: after that was told, bars go by the local clock. */
static void test_book_whose_clock_cannot_be_had(void **state)
{
    (void)state;
    clock_event(0, SG_CLOCK_AWAITED);
    event(SG_EVENT_SUBSCRIBED, -1, 10);
    play_book(50, 3000, 0);
    assert_int_equal(told.bar_count, 0);
    clock_event(3000, SG_CLOCK_UNKNOWN);
    play_book(3050, 6600, 0);
    assert_int_equal(told.bar_count, 2);
    assert_true(told.bars[0].bar.time_us == LOG_T0 + 4 * LOG_S);
    /* At last: an hour behind is not waited for, a second is. */
    clock_event(6600, LOG_T0 + 6600 * MS - 3600 * LOG_S);
    assert_false(stats().clock_known);
    assert_int_equal(stats().clock_quarantined, 1);
    play_book(6650, 7600, 0);
    assert_int_equal(told.bar_count, 3);
    clock_event(7600, LOG_T0 + 6600 * MS);
    assert_true(stats().clock_known);
    play_book(7650, 10600, -LOG_S);
    assert_int_equal(told.bar_count, 5);
    for (size_t b = 1; b < told.bar_count; b++) {
        assert_true(told.bars[b].bar.time_us == told.bars[b - 1].bar.time_us + LOG_S);
    }
    assert_int_equal(told.gap_count, 0);
}

static void test_absurd_ticks(void **state)
{
    struct sg_tick good = log_trade(SG_LEG_A, LOG_T0 + 1100 * MS, LOG_T0 + 1150 * MS, 1, 100, SG_QTY_ONE);
    struct sg_tick bad[10];

    (void)state;
    begin();
    for (size_t i = 0; i < 10; i++) {
        bad[i] = good;
    }
    bad[0].price = NAN;
    bad[1].price = 0;
    bad[2].price = -1;
    bad[3].price = INFINITY;
    bad[4].quantity = -1;
    bad[5].time_us = INT64_MAX;
    bad[6].event_us = -5;
    bad[7].recv_us = INT64_MIN;
    bad[8].id = -7;
    bad[9].recv_us = INT64_MAX;
    for (size_t i = 0; i < 10; i++) {
        sg_resampler_tick(told.resampler, &bad[i]);
        assert_int_equal(stats().rejected[SG_LEG_A], i + 1);
    }
    bad[0] = good;
    bad[0].leg = 7; /* no such leg: nothing happens */
    sg_resampler_tick(told.resampler, &bad[0]);
    assert_int_equal(stats().ticks[SG_LEG_A], 1);
    sg_resampler_advance(told.resampler, INT64_MAX);
    sg_resampler_clock_sample(told.resampler, 5, INT64_MIN);
    assert_int_equal(told.bar_count, 0);
}

static void test_one_bad_event_time_closes_nothing(void **state)
{
    struct sg_tick bad = log_trade(SG_LEG_A, LOG_T0 + 365 * 86400 * LOG_S, LOG_T0 + 1250 * MS, 3, 999, SG_QTY_ONE);

    (void)state;
    begin();
    trade(SG_LEG_A, 1100, 101);
    sg_resampler_tick(told.resampler, &bad);
    assert_int_equal(told.bar_count, 0);
    assert_int_equal(stats().future[SG_LEG_A], 1);
    assert_int_equal(stats().clock_quarantined, 1);
    bad.time_us = LOG_T0 + 1200 * MS; /* only E is wrong: the trade itself is fine */
    sg_resampler_tick(told.resampler, &bad);
    trade(SG_LEG_A, 1300, 102);
    advance(2600);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->ticks, 3);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->high == 999);
    assert_int_equal(told.late, 0);
}

static void test_first_event_time_is_bad(void **state)
{
    struct sg_tick bad = log_trade(SG_LEG_A, LOG_T0 + 365 * 86400 * LOG_S, LOG_T0 + 150 * MS, -1, 999, SG_QTY_ONE);

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 50);
    sg_resampler_tick(told.resampler, &bad);
    advance(700);
    trade(SG_LEG_A, 800, 100);
    trade(SG_LEG_B, 900, 10); /* two that agree: they are believed */
    trade(SG_LEG_A, 1100, 101);
    trade(SG_LEG_B, 1200, 11);
    advance(2600);
    assert_int_equal(told.gap_count, 0);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->close == 101);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_B, 1)->close == 11);
    assert_int_equal(stats().bars[SG_LEG_A], 1);
}

static void test_suspend_is_a_gap(void **state)
{
    const int64_t hours3 = 3 * 3600 * 1000;

    (void)state;
    begin();
    advance(2600);
    advance(hours3); /* the machine slept; nobody knows yet what time it is */
    assert_int_equal(stats().bars[SG_LEG_A], 1);
    trade(SG_LEG_A, hours3 + 300, 200);
    trade(SG_LEG_B, hours3 + 1300, 20);
    advance(hours3 + 4600);
    assert_true(stats().bars[SG_LEG_A] < 10);
    assert_int_equal(told.gap_count, 4);
    check_gap(0, SG_LEG_A, 1, -1, SG_GAP_STALL);
    check_gap(2, SG_LEG_A, 1, 3 * 3600 + 1, SG_GAP_STALL);
    check_gap(3, SG_LEG_B, 1, 3 * 3600 + 1, SG_GAP_STALL);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 3 * 3600 + 1)->close == 200);
}

static void test_suspend_without_a_record_after_it(void **state)
{
    const int64_t hours3 = 3 * 3600 * 1000;

    (void)state;
    begin();
    advance(2600);
    for (int64_t ms = 0; ms <= 20000; ms += 100) {
        advance(hours3 + ms);
    }
    assert_int_equal(stats().bars[SG_LEG_A], 1); /* and no filled bars after it: the price is not known */
    check_gap(0, SG_LEG_A, 1, -1, SG_GAP_STALL);
    check_gap(1, SG_LEG_B, 1, -1, SG_GAP_STALL);
    assert_int_equal(told.gap_count, 2);
}

static void test_ring_drop(void **state)
{
    (void)state;
    begin();
    trade_id(SG_LEG_A, 1500, 10, 100);
    advance(3600);
    sg_resampler_dropped(told.resampler, SG_LEG_A, LOG_T0 + 4800 * MS, LOG_T0 + 6200 * MS);
    trade_id(SG_LEG_A, 3900, 11, 101);
    trade_id(SG_LEG_A, 4500, 12, 102);
    trade_id(SG_LEG_A, 6300, 20, 103);
    trade_id(SG_LEG_A, 7600, 21, 104);
    advance(9600);
    assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, 2));
    check_gap(0, SG_LEG_A, 3, -1, SG_GAP_RING_FULL);
    check_gap(1, SG_LEG_A, 3, 7, SG_GAP_RING_FULL);
    assert_int_equal(told.gaps[1].first_id, 13);
    assert_int_equal(told.gaps[1].last_id, 19);
    assert_int_equal(stats().id_holes[SG_LEG_A], 0);
    for (int64_t second = 3; second < 7; second++) {
        assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, second));
        assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_B, second));
    }
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 7)->close == 104);
    assert_int_equal(told.gap_count, 2);
}

static void test_cascade(void **state)
{
    const struct sg_bar *minute;

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, -1000);
    trade(SG_LEG_A, -500, 50);
    trade(SG_LEG_B, -400, 5);
    for (int64_t second = 0; second < 7300; second++) {
        advance(second * 1000);
        if (second >= 60 && second < 120 && second != 90) {
            trade(SG_LEG_A, second * 1000 + 100, (double)second);
        }
        if (second == 4000) {
            event(SG_EVENT_STALLED, SG_LEG_B, second * 1000 + 100);
            event(SG_EVENT_RECOVERED, SG_LEG_B, second * 1000 + 200);
            trade(SG_LEG_B, second * 1000 + 300, 6);
        }
    }
    minute = bar(SG_INTERVAL_1M, SG_LEG_A, 60);
    assert_true(minute->open == 60);
    assert_true(minute->high == 119);
    assert_true(minute->low == 60);
    assert_true(minute->close == 119);
    assert_true(minute->volume == 59 * SG_QTY_ONE);
    assert_true(minute->trades == 59);
    assert_true(minute->flags == 0);
    assert_int_equal(bar(SG_INTERVAL_1M, SG_LEG_A, 0)->flags, SG_BAR_FILLED);
    assert_int_equal(bar(SG_INTERVAL_5M, SG_LEG_A, 0)->flags, 0); /* not every part of it is filled */
    assert_true(bar(SG_INTERVAL_5M, SG_LEG_A, 0)->open == 60);
    assert_true(bar(SG_INTERVAL_5M, SG_LEG_A, 0)->close == 119);
    assert_non_null(bar(SG_INTERVAL_1H, SG_LEG_A, 0));
    assert_non_null(bar(SG_INTERVAL_1H, SG_LEG_A, 3600));
    assert_non_null(bar(SG_INTERVAL_1H, SG_LEG_B, 0));
    assert_null(bar(SG_INTERVAL_1H, SG_LEG_B, 3600)); /* misses a second or two */
    assert_null(bar(SG_INTERVAL_1M, SG_LEG_B, 3960));
    assert_int_equal(bar(SG_INTERVAL_1M, SG_LEG_B, 4020)->flags & SG_BAR_AFTER_GAP, SG_BAR_AFTER_GAP);
    for (size_t i = 0; i < told.close_count; i++) {
        if (told.closes[i].interval == SG_INTERVAL_1H) {
            assert_int_equal(told.closes[i].present, told.closes[i].time_us == LOG_T0 ? 3 : 1);
        }
    }
}

static void test_forming(void **state)
{
    struct sg_bar a;
    struct sg_bar b;

    (void)state;
    assert_false(sg_resampler_forming(told.resampler, SG_INTERVAL_1S, SG_LEG_A, &a));
    begin();
    advance(3600);
    trade(SG_LEG_A, 3700, 120);
    trade(SG_LEG_A, 4100, 130);
    assert_true(sg_resampler_forming(told.resampler, SG_INTERVAL_1S, SG_LEG_A, &a));
    assert_true(sg_resampler_forming(told.resampler, SG_INTERVAL_1S, SG_LEG_B, &b));
    assert_true(a.time_us == LOG_T0 + 4 * LOG_S);
    assert_true(b.time_us == a.time_us); /* joined by time */
    assert_true(a.open == 130);
    assert_true(a.flags == SG_BAR_PROVISIONAL);
    assert_true(b.close == 10);
    assert_true(b.flags == (SG_BAR_PROVISIONAL | SG_BAR_FILLED));
    assert_true(sg_resampler_forming(told.resampler, SG_INTERVAL_1M, SG_LEG_A, &a));
    assert_true(a.time_us == LOG_T0);
    assert_true(a.high == 130);
    assert_true(a.open == 120);
    assert_true(a.low == 120);
    assert_true(a.close == 130);
    assert_true(a.flags & SG_BAR_INCOMPLETE); /* it lacks its first second */
    advance(58000);
    advance(59900);
    advance(60100); /* second 59 is not closed yet, and belongs to the minute before */
    trade(SG_LEG_A, 60200, 140);
    assert_true(sg_resampler_forming(told.resampler, SG_INTERVAL_1M, SG_LEG_A, &a));
    assert_true(a.time_us == LOG_T0 + 60 * LOG_S);
    assert_true(a.open == 140);
    assert_true(a.flags == SG_BAR_PROVISIONAL);
    event(SG_EVENT_DISCONNECTED, -1, 60300);
    assert_false(sg_resampler_forming(told.resampler, SG_INTERVAL_1M, SG_LEG_A, &a));
}

static void test_finish(void **state)
{
    (void)state;
    begin();
    trade(SG_LEG_A, 1500, 101);
    trade(SG_LEG_A, 2000, 102);
    sg_resampler_finish(told.resampler);
    assert_true(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->close == 101);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, 2));
    sg_resampler_finish(told.resampler);
    assert_int_equal(stats().bars[SG_LEG_A], 1);
}

static void test_reset(void **state)
{
    struct sg_resampler_stats after;

    (void)state;
    begin();
    trade_id(SG_LEG_A, 1500, 77, 101);
    advance(5600);
    sg_resampler_reset(told.resampler);
    after = stats();
    assert_int_equal(after.ticks[SG_LEG_A] + after.bars[SG_LEG_A] + after.ids_seen[SG_LEG_A], 0);
    assert_int_equal(after.last_id[SG_LEG_A], -1);
    assert_false(after.clock_known);
    told.bar_count = 0;
    begin(); /* the same times again: nothing of before is left */
    advance(3600);
    assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, 1));
    assert_int_equal(told.late, 0);
}

static void test_config(void **state)
{
    struct sg_resampler_config config = {.grace_us = -1};
    struct sg_resampler *quiet;
    struct sg_tick tick = log_trade(SG_LEG_A, LOG_T0, LOG_T0, 1, 100, 1);

    (void)state;
    assert_null(sg_resampler_new(&config));
    config.grace_us = SG_RESAMPLER_GRACE_MAX_US + 1;
    assert_null(sg_resampler_new(&config));
    config.grace_us = SG_RESAMPLER_GRACE_MAX_US;
    quiet = sg_resampler_new(&config); /* and no callbacks */
    assert_non_null(quiet);
    for (int i = 0; i < 1000; i++) {
        tick.time_us = tick.event_us = tick.recv_us = LOG_T0 + i * 200 * MS;
        tick.id = i * 2;
        sg_resampler_tick(quiet, &tick);
    }
    sg_resampler_free(quiet);
    sg_resampler_free(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bar_of_trades),
        CASE(test_filled),
        CASE(test_fill_uses_the_price_of_its_own_time),
        CASE(test_nothing_before_the_first_price),
        CASE(test_outage),
        CASE(test_maintenance),
        CASE(test_one_leg_stalls),
        CASE(test_tick_brings_a_leg_up),
        CASE(test_late),
        CASE(test_duplicates_and_holes),
        CASE(test_ids_across_an_outage),
        CASE(test_exchange_counts_anew),
        CASE(test_outage_before_the_first_bar_begins_the_account_anew),
        CASE(test_ticker_volume),
        CASE(test_book_without_a_clock),
        CASE(test_book_with_a_clock_event),
        CASE(test_book_whose_clock_cannot_be_had),
        CASE(test_absurd_ticks),
        CASE(test_one_bad_event_time_closes_nothing),
        CASE(test_first_event_time_is_bad),
        CASE(test_suspend_is_a_gap),
        CASE(test_suspend_without_a_record_after_it),
        CASE(test_ring_drop),
        CASE(test_cascade),
        CASE(test_forming),
        CASE(test_finish),
        CASE(test_reset),
        CASE(test_config),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
