/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ids of the trades prove: what was overtaken, what is missing, and what nothing has confirmed yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resampler_told.h"

/* An aggregate of several trades, with the ids that end in `last_id`. */
static void aggregate(int64_t time_ms, int64_t last_id, uint32_t trades, double price)
{
    struct sg_tick tick = log_trade(SG_LEG_A, LOG_T0 + time_ms * MS, LOG_T0 + time_ms * MS, last_id, price, 3 * SG_QTY_ONE);

    tick.trades = trades;
    sg_resampler_tick(told.resampler, &tick);
}

static void test_trades_that_were_overtaken(void **state)
{
    const struct sg_bar *second;

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 10, 100);
    trade_id(SG_LEG_A, 1900, 14, 104); /* 11 … 13 were overtaken */
    trade_id(SG_LEG_A, 1300, 13, 90);
    trade_id(SG_LEG_A, 1100, 11, 101);
    trade_id(SG_LEG_A, 1300, 13, 90); /* once more */
    trade_id(SG_LEG_A, 1200, 12, 110);
    trade_id(SG_LEG_A, 2400, 15, 105);
    advance(3600);
    second = bar(SG_INTERVAL_1S, SG_LEG_A, 1);
    assert_int_equal(second->flags, 0);
    assert_int_equal(second->ticks, 4);
    assert_true(second->open == 101);
    assert_true(second->high == 110);
    assert_true(second->low == 90);
    assert_true(second->close == 104);
    assert_int_equal(second->last_id, 14);
    assert_int_equal(told.gap_count, 0);
    assert_int_equal(told.missing, 0);
    assert_int_equal(stats().placed[SG_LEG_A], 3);
    assert_int_equal(stats().duplicates[SG_LEG_A], 1);
    assert_int_equal(stats().ids_seen[SG_LEG_A], 6);
    assert_int_equal(stats().ids_missing[SG_LEG_A], 0);
    /* One that comes after it was told of: it is late, and no longer missing. */
    trade_id(SG_LEG_A, 4100, 17, 106);
    advance(5600);
    assert_int_equal(told.missing, 1);
    trade_id(SG_LEG_A, 4050, 16, 106);
    assert_int_equal(told.found, 4);
    assert_int_equal(told.late, 1);
    assert_int_equal(stats().ids_missing[SG_LEG_A], 0);
    assert_int_equal(stats().ids_seen[SG_LEG_A], 8);
}

static void test_more_holes_than_are_remembered(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 10, 100);
    for (int64_t id = 12; id < 12 + 2 * 100; id += 2) {
        trade_id(SG_LEG_A, 1000 + id, id, 100);
    }
    assert_int_equal(told.missing, 36); /* the oldest are not waited for any more */
    advance(4600);
    assert_int_equal(told.missing, 100);
    assert_int_equal(stats().ids_missing[SG_LEG_A], 100);
    assert_int_equal(stats().ids_seen[SG_LEG_A] + stats().ids_missing[SG_LEG_A], stats().last_id[SG_LEG_A] - stats().first_id[SG_LEG_A] + 1);
}

static void test_ids_of_the_trades_decide(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    aggregate(200, 10, 3, 100);  /* trades 8 … 10 */
    aggregate(1100, 14, 4, 101); /* 11 … 14: of one aggregate id with the next, it may be */
    aggregate(1100, 16, 2, 101);
    aggregate(1100, 16, 2, 101); /* and this is a repetition */
    aggregate(2100, 20, 2, 102); /* 17 and 18 are missing, whatever the aggregates count */
    advance(4600);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->ticks, 2);
    assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 1)->trades, 6);
    assert_int_equal(stats().duplicates[SG_LEG_A], 1);
    assert_int_equal(stats().first_id[SG_LEG_A], 8);
    assert_int_equal(told.missing, 2);
    assert_int_equal(stats().ids_missing[SG_LEG_A], 2);
    assert_int_equal(told.gaps[0].first_id, 17);
    assert_int_equal(told.gaps[0].last_id, 18);
}

static void test_futures_leave_ids_out(void **state)
{
    struct sg_tick tick = log_trade(SG_LEG_A, LOG_T0 + 200 * MS, LOG_T0 + 200 * MS, 10, 100, 1);

    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    tick.skips = true;
    tick.aggregate = 70;
    sg_resampler_tick(told.resampler, &tick);
    tick.id = 15;
    tick.aggregate = 71; /* 11 … 14 are none of the market's */
    tick.time_us = tick.event_us = tick.recv_us = LOG_T0 + 1200 * MS;
    sg_resampler_tick(told.resampler, &tick);
    tick.id = 18;
    tick.aggregate = 73; /* an aggregate is missing */
    sg_resampler_tick(told.resampler, &tick);
    advance(3600);
    assert_int_equal(told.missing, 2);
    assert_int_equal(stats().ids_seen[SG_LEG_A] + stats().ids_missing[SG_LEG_A], 9);
}

static bool unsettled(enum sg_interval interval, int64_t second)
{
    for (size_t i = 0; i < told.bar_count; i++) {
        if (told.bars[i].interval == interval && told.bars[i].leg == SG_LEG_A && told.bars[i].bar.time_us == LOG_T0 + second * LOG_S) {
            return told.bars[i].unsettled;
        }
    }
    fail_msg("no bar at second %d", (int)second);
    return false;
}

static void test_what_nothing_has_proved(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 10, 100);
    trade_id(SG_LEG_A, 1200, 11, 100);
    trade_id(SG_LEG_A, 2200, 12, 100);
    advance(3499);
    assert_false(unsettled(SG_INTERVAL_1S, 1)); /* a later trade was there when it closed */
    advance(5600);
    assert_true(unsettled(SG_INTERVAL_1S, 2));
    assert_true(unsettled(SG_INTERVAL_1S, 4));
    trade_id(SG_LEG_A, 5700, 13, 100); /* the next one: nothing was missed */
    assert_false(unsettled(SG_INTERVAL_1S, 2));
    assert_false(unsettled(SG_INTERVAL_1S, 4));
    advance(9600);
    trade_id(SG_LEG_A, 9700, 15, 100); /* not the next one */
    assert_true(unsettled(SG_INTERVAL_1S, 8));
    trade_id(SG_LEG_A, 9600, 14, 100); /* it was only overtaken */
    assert_false(unsettled(SG_INTERVAL_1S, 8));
    /* Across an outage, too, the ids decide. */
    advance(12600);
    event(SG_EVENT_DISCONNECTED, -1, 12700);
    event(SG_EVENT_SUBSCRIBED, -1, 14100);
    assert_true(unsettled(SG_INTERVAL_1S, 11));
    trade_id(SG_LEG_A, 14200, 16, 100);
    assert_false(unsettled(SG_INTERVAL_1S, 11));
    assert_int_equal(told.missing, 0);
    for (int64_t second = 15, id = 17; second < 60; second += 5, id++) {
        trade_id(SG_LEG_A, second * 1000 + 100, id, 100);
    }
}

static void test_a_longer_bar_that_nothing_has_proved(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, -900);
    for (int64_t second = 0, id = 10; second < 58; second += 4, id++) {
        trade_id(SG_LEG_A, second * 1000 - 800, id, 100);
    }
    advance(60600);
    assert_true(unsettled(SG_INTERVAL_1M, 0));
    trade_id(SG_LEG_A, 59900, 25, 100); /* this one is late, and proves nothing of second 59 */
    assert_true(unsettled(SG_INTERVAL_1M, 0));
    trade_id(SG_LEG_A, 60700, 26, 100);
    assert_false(unsettled(SG_INTERVAL_1M, 0));
}

static void test_without_ids_the_tail_belongs_to_the_outage(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    for (int64_t at = 200; at < 4000; at += 900) {
        ticker(SG_LEG_A, at, 100, 5);
    }
    assert_false(unsettled(SG_INTERVAL_1S, 1));
    advance(8600);
    assert_true(unsettled(SG_INTERVAL_1S, 6));
    event(SG_EVENT_STALLED, SG_LEG_A, 13700);
    assert_int_equal(told.gap_count, 1);
    assert_int_equal(told.gaps[0].from_us, LOG_T0 + 3 * LOG_S); /* the last ticker was at 3.8 */
}

/* Messages are late, and so is the clock: the connection is up again later than it says, and the ids tell that a part of the second was missed. */
static void test_the_first_trade_after_an_outage_is_of_no_whole_second(void **state)
{
    (void)state;
    for (int missed = 0; missed < 2; missed++) {
        sg_resampler_reset(told.resampler);
        told.bar_count = told.gap_count = 0;
        event(SG_EVENT_SUBSCRIBED, -1, 100);
        for (int64_t at = 200, id = 10; at < 5000; at += 500, id++) {
            trade_id(SG_LEG_A, at, id, 100); /* the last one is trade 19, at 4.7 */
        }
        event(SG_EVENT_DISCONNECTED, -1, 5400);
        event(SG_EVENT_SUBSCRIBED, -1, 6900);
        trade_id(SG_LEG_A, 7600, missed ? 24 : 20, 101);
        trade_id(SG_LEG_A, 7800, missed ? 25 : 21, 102);
        trade_id(SG_LEG_A, 8100, missed ? 26 : 22, 103);
        advance(10600);
        assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 7) != NULL, !missed);
        assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, 8));
        assert_int_equal(bar(SG_INTERVAL_1S, SG_LEG_A, 8)->trades, 1);
        assert_int_equal(told.gaps[told.gap_count - 1].to_us, LOG_T0 + (missed ? 8 : 7) * LOG_S);
    }
}

/* The same of ticks that the ring has lost: the drop was noted by a clock that was behind. */
static void test_the_first_trade_after_a_drop_is_of_no_whole_second(void **state)
{
    (void)state;
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    for (int64_t at = 200, id = 10; at < 5000; at += 500, id++) {
        trade_id(SG_LEG_A, at, id, 100);
    }
    sg_resampler_dropped(told.resampler, SG_LEG_A, LOG_T0 + 4800 * MS, LOG_T0 + 4900 * MS);
    trade_id(SG_LEG_A, 5600, 24, 101);
    trade_id(SG_LEG_A, 6100, 25, 102);
    advance(8600);
    assert_null(bar(SG_INTERVAL_1S, SG_LEG_A, 5));
    assert_non_null(bar(SG_INTERVAL_1S, SG_LEG_A, 6));
    assert_int_equal(told.missing, 4);
    assert_int_equal(told.gaps[told.gap_count - 1].to_us, LOG_T0 + 6 * LOG_S);
}

static void test_the_account_of_an_earlier_run(void **state)
{
    (void)state;
    sg_resampler_resume(told.resampler, SG_LEG_A, 500, LOG_T0 - 3600 * LOG_S);
    sg_resampler_resume(told.resampler, SG_LEG_B, 700, LOG_T0 - 3600 * LOG_S);
    event(SG_EVENT_SUBSCRIBED, -1, 100);
    trade_id(SG_LEG_A, 200, 501, 100); /* nothing was traded meanwhile */
    assert_int_equal(told.missing, 0);
    trade_id(SG_LEG_B, 300, 800, 10);
    assert_int_equal(told.missing, 99);
    assert_int_equal(told.gap_count, 0); /* whose time that was the caller knows */
    assert_int_equal(stats().first_id[SG_LEG_B], 700);
    assert_int_equal(stats().ids_seen[SG_LEG_B] + stats().ids_missing[SG_LEG_B], 101);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_trades_that_were_overtaken),
        CASE(test_more_holes_than_are_remembered),
        CASE(test_ids_of_the_trades_decide),
        CASE(test_futures_leave_ids_out),
        CASE(test_what_nothing_has_proved),
        CASE(test_a_longer_bar_that_nothing_has_proved),
        CASE(test_without_ids_the_tail_belongs_to_the_outage),
        CASE(test_the_first_trade_after_an_outage_is_of_no_whole_second),
        CASE(test_the_first_trade_after_a_drop_is_of_no_whole_second),
        CASE(test_the_account_of_an_earlier_run),
    };

    return cmocka_run_group_tests_name("market/resampler_proof", tests, NULL, NULL);
}
