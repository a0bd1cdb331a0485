/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The estimate of the exchange's clock by itself: its window against a search through all samples, and what it does not believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../../src/market/exchange_clock_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/rng.h"

#define S SG_US_PER_S
#define T0 INT64_C(1723161600000000)

static struct sg_exchange_clock hands;

static enum sg_clock_effect record(int64_t recv_us, int64_t event_us)
{
    enum sg_clock_effect effect = sg_exchange_clock_pass(&hands, recv_us);

    return effect | sg_exchange_clock_sample(&hands, recv_us, event_us, false);
}

/* Two records that agree; the exchange is 2 s ahead. */
static void begin(void)
{
    sg_exchange_clock_init(&hands);
    record(T0, T0 + 2 * S);
    assert_false(hands.confirmed);
    record(T0 + S, T0 + 3 * S);
    assert_true(hands.confirmed);
    assert_true(hands.offset_us == 2 * S);
    assert_true(hands.now_us == T0 + 3 * S);
}

/* The local clock drifts by 2 ms a second one way, then the other, with delays of up to 300 ms and silences. */
static void test_window_against_a_search(void **state)
{
    enum { COUNT = 4000 };
    static int64_t recv[COUNT];
    static int64_t sample[COUNT];
    struct sg_rng rng;
    int64_t now = 0;

    (void)state;
    sg_rng_seed(&rng, 21, 0);
    sg_exchange_clock_init(&hands);
    for (int i = 0; i < COUNT; i++) {
        int64_t most = INT64_MIN;
        int64_t drift = i < COUNT / 2 ? -(int64_t)i * 300 : -(int64_t)(COUNT - i) * 300;

        recv[i] = (i > 0 ? recv[i - 1] : T0) + (int64_t)(sg_rng_below(&rng, 200) == 0 ? sg_rng_below(&rng, 40 * S) : sg_rng_below(&rng, S / 2));
        sample[i] = drift - (int64_t)sg_rng_below(&rng, 300000);
        record(recv[i], recv[i] + sample[i]);
        for (int j = 0; j <= i; j++) {
            if (recv[j] / S >= recv[i] / S - 60 && sample[j] > most) {
                most = sample[j];
            }
        }
        assert_true(hands.offset_us == most);
        assert_true(hands.now_us >= now);
        assert_true(hands.now_us >= recv[i] + most);
        now = hands.now_us;
    }
    assert_int_equal(hands.quarantined, 0);
}

/* One record is enough to see that somebody set the local clock, because its event time goes on where the exchange was. */
static void test_step_of_the_local_clock(void **state)
{
    static const int64_t steps[] = {3600 * S, -3600 * S, -20 * S};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin();
        assert_int_equal(record(T0 + 2 * S + steps[i], T0 + 4 * S), SG_CLOCK_STEADY);
        assert_true(hands.offset_us == 2 * S - steps[i]);
        assert_true(hands.now_us == T0 + 4 * S);
        assert_int_equal(hands.quarantined, 0);
        assert_int_equal(sg_exchange_clock_pass(&hands, T0 + 5 * S + steps[i]), SG_CLOCK_STEADY);
        assert_true(hands.now_us == T0 + 7 * S);
    }
}

/* Messages that come an hour late in a row tell of a delay and not of the clock; the clock never runs backwards. */
static void test_old_messages(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 4; i++) {
        record(T0 + (2 + i) * S, T0 - 3600 * S + i);
        assert_true(hands.offset_us == 2 * S);
    }
    assert_int_equal(hands.quarantined, 4);
    record(T0 + 6 * S, T0 + 8 * S); /* one good one in between: they begin anew */
    record(T0 + 7 * S, T0 - 3600 * S);
    assert_true(hands.offset_us == 2 * S);
    assert_true(hands.now_us == T0 + 9 * S);
}

static void test_future_is_believed_at_the_fifth(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 5; i++) {
        enum sg_clock_effect effect = record(T0 + (2 + i) * S, T0 + (1000 + i) * S);

        assert_int_equal(effect, i < 4 ? SG_CLOCK_STEADY : SG_CLOCK_JUMPED);
        assert_true(hands.now_us == (i < 4 ? T0 + (4 + i) * S : T0 + 1004 * S));
    }
    /* Five that do not agree with each other are nothing. */
    begin();
    for (int i = 0; i < 50; i++) {
        record(T0 + (2 + i) * S, T0 + (1000 * (1 + i % 3)) * S);
    }
    assert_true(hands.offset_us == 2 * S);
    assert_int_equal(hands.quarantined, 50);
}

static void test_hold(void **state)
{
    (void)state;
    begin();
    sg_exchange_clock_pass(&hands, T0 + 61 * S); /* a minute is only silence */
    assert_true(hands.now_us == T0 + 63 * S);
    assert_int_equal(sg_exchange_clock_pass(&hands, T0 + 7200 * S), SG_CLOCK_STEADY);
    assert_true(hands.held);
    assert_true(hands.now_us == T0 + 63 * S);
    assert_int_equal(sg_exchange_clock_pass(&hands, T0 + 7209 * S), SG_CLOCK_STEADY);
    assert_int_equal(sg_exchange_clock_pass(&hands, T0 + 7210 * S), SG_CLOCK_JUMPED);
    assert_true(!hands.held);
    assert_true(hands.now_us == T0 + 7212 * S);

    begin();
    sg_exchange_clock_pass(&hands, T0 + 7200 * S);
    assert_int_equal(record(T0 + 7201 * S, T0 + 7203 * S), SG_CLOCK_JUMPED); /* a record says that time has passed */
    assert_true(!hands.held);
    assert_true(hands.now_us == T0 + 7203 * S);

    begin();
    sg_exchange_clock_pass(&hands, T0 + 7200 * S);
    assert_int_equal(sg_exchange_clock_assume(&hands, T0 + 7201 * S), SG_CLOCK_JUMPED); /* one without a time: nothing else to believe */
}

static void test_trusted_sample(void **state)
{
    (void)state;
    sg_exchange_clock_init(&hands);
    sg_exchange_clock_sample(&hands, T0, T0 + 2 * S, true);
    assert_true(hands.confirmed);
    assert_true(hands.now_us == T0 + 2 * S);
    assert_int_equal(sg_exchange_clock_sample(&hands, T0 + S, T0 + 500 * S, true), SG_CLOCK_JUMPED);
    assert_true(hands.now_us == T0 + 500 * S);

    sg_exchange_clock_init(&hands);
    record(T0, T0 + 86400 * S); /* wrong, and not confirmed */
    assert_int_equal(sg_exchange_clock_sample(&hands, T0 + S, T0 + 3 * S, true), SG_CLOCK_RESTARTED);
    assert_true(hands.now_us == T0 + 3 * S);
}

/* The short way leaves the clock exactly as the long one does, or does nothing: delays, silences, steps, receive times out of order, outliers. */
static void test_glance(void **state)
{
    struct sg_exchange_clock other;
    struct sg_rng rng;
    int64_t now = T0, step = 0;
    unsigned taken = 0, refused = 0;

    (void)state;
    sg_rng_seed(&rng, 5, 0);
    sg_exchange_clock_init(&hands);
    for (int i = 0; i < 200000; i++) {
        uint64_t odd = sg_rng_below(&rng, 20000);
        int64_t recv, event;
        enum sg_clock_effect effect;

        now += (int64_t)sg_rng_below(&rng, odd < 40 ? 40 * S : odd < 44 ? 400 * S : S / 5);
        step = odd == 50 ? (int64_t)sg_rng_below(&rng, 7200) * S - 3600 * S : step;
        recv = now + step - (odd < 200 ? (int64_t)sg_rng_below(&rng, 3 * S) : 0);
        event = now - (int64_t)sg_rng_below(&rng, odd < 300 ? 12 * S : S / 50) + (odd == 60 ? 100 * S : 0);
        other = hands;
        effect = record(recv, event);
        if (sg_exchange_clock_glance(&other, recv, event)) {
            taken++;
            assert_int_equal(effect, SG_CLOCK_STEADY);
            assert_true(other.now_us == hands.now_us);
            assert_true(other.offset_us == hands.offset_us);
            assert_true(other.held == hands.held);
            assert_true(other.candidates == hands.candidates);
            assert_true(other.quarantined == hands.quarantined);
            assert_true(other.confirmed == hands.confirmed);
            assert_true(other.window_length == hands.window_length);
            assert_true(other.window_first == hands.window_first);
        } else {
            refused++;
        }
    }
    assert_true(taken > 50000);
    assert_true(refused > 1000);
    assert_true(hands.quarantined > 0);
}

/* A record without a time waits for a sample that was asked for, and goes by local time when none will come. */
static void test_awaited(void **state)
{
    (void)state;
    sg_exchange_clock_init(&hands);
    sg_exchange_clock_await(&hands, true);
    sg_exchange_clock_assume(&hands, T0);
    assert_false(sg_exchange_clock_runs(&hands));
    sg_exchange_clock_sample(&hands, T0 + S, T0 - 3600 * S, true);
    assert_true(hands.known);
    assert_true(hands.confirmed);
    assert_true(!hands.awaited);
    assert_true(hands.now_us == T0 - 3600 * S);
    sg_exchange_clock_await(&hands, true); /* it runs already: nothing waits */
    sg_exchange_clock_assume(&hands, T0 + 2 * S);
    assert_true(!hands.awaited);
    assert_true(!hands.local);

    sg_exchange_clock_init(&hands);
    sg_exchange_clock_await(&hands, true);
    sg_exchange_clock_await(&hands, false);
    sg_exchange_clock_assume(&hands, T0);
    assert_true(hands.local);
    assert_true(hands.now_us == T0);
}

/* Bars went by local time when the exchange's becomes known. */
static void test_sample_after_local_time(void **state)
{
    static const struct {
        int64_t ahead_s;
        bool believed;
    } rows[] = {{-5, true}, {-60, true}, {-61, false}, {-3600, false}, {2, true}, {3600, true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum sg_clock_effect effect;

        sg_exchange_clock_init(&hands);
        sg_exchange_clock_assume(&hands, T0);
        sg_exchange_clock_pass(&hands, T0 + S);
        effect = sg_exchange_clock_sample(&hands, T0 + S, T0 + S + rows[i].ahead_s * S, true);
        assert_int_equal(hands.known, rows[i].believed);
        assert_int_equal(hands.quarantined, !rows[i].believed);
        assert_int_equal(effect, rows[i].ahead_s > 60 ? SG_CLOCK_JUMPED : SG_CLOCK_STEADY);
        assert_true(hands.now_us == T0 + S + (rows[i].ahead_s > 0 ? rows[i].ahead_s * S : 0)); /* never backwards */
        sg_exchange_clock_pass(&hands, T0 + 61 * S);
        /* What was believed goes by the exchange from there on, and what was not by local time as before. */
        assert_true(hands.now_us == T0 + (61 + (rows[i].believed ? rows[i].ahead_s : 0)) * S);
        sg_exchange_clock_assume(&hands, T0 + 61 * S);
        assert_true(hands.confirmed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_against_a_search),
        cmocka_unit_test(test_step_of_the_local_clock),
        cmocka_unit_test(test_old_messages),
        cmocka_unit_test(test_future_is_believed_at_the_fifth),
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_trusted_sample),
        cmocka_unit_test(test_glance),
        cmocka_unit_test(test_awaited),
        cmocka_unit_test(test_sample_after_local_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
