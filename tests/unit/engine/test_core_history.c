/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an answer about the past brings: seconds that were missing, and every longer bar that they make whole. Against bars made here straight from the trades. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"
#include "fixture.h"

#define MINUTES 12
#define SECONDS (60 * MINUTES)
#define TRADES (2 * SECONDS)
#define FIRST_ID 1000

static struct sg_tick trades[TRADES];
static size_t trade_count;

/* Up to two trades in a second, some without. A price is a whole number, so that no sum depends on the order. */
static void make_trades(uint64_t *random)
{
    trade_count = 0;
    for (int second = 0; second < SECONDS; second++)
        for (int i = (int)(fixture_uniform(random) * 3); i > 0; i--) {
            int64_t time_us = FIXTURE_START_US + second * SG_US_PER_S + (2 - i) * 400000 + 1;
            trades[trade_count] = (struct sg_tick){.time_us = time_us,
                                                   .event_us = time_us,
                                                   .price = 100 + (int)(fixture_uniform(random) * 50),
                                                   .quantity = (sg_qty)(1 + (int)(fixture_uniform(random) * 9)),
                                                   .id = FIRST_ID + (int64_t)trade_count,
                                                   .trades = 1,
                                                   .kind = SG_TICK_TRADE};
            trade_count++;
        }
}

/* The bar of [from, to) as the trades say; the close before it where there is none. */
static struct sg_bar truth(int64_t from_us, int64_t to_us)
{
    struct sg_bar bar = {.time_us = from_us, .flags = SG_BAR_FILLED};
    for (size_t i = 0; i < trade_count && trades[i].time_us < to_us; i++) {
        const struct sg_tick *trade = &trades[i];
        if (trade->time_us < from_us || bar.flags == SG_BAR_FILLED)
            bar.open = bar.high = bar.low = trade->price;
        bar.close = trade->price;
        bar.last_tick_us = trade->time_us;
        bar.last_id = trade->id;
        if (trade->time_us < from_us)
            continue;
        bar.high = fmax(bar.high, trade->price);
        bar.low = fmin(bar.low, trade->price);
        bar.volume += trade->quantity;
        bar.trades++;
        bar.ticks++;
        bar.flags = 0;
    }
    return bar;
}

static void assert_is_truth(const struct sg_bar *bar, int64_t length_us)
{
    struct sg_bar wanted = truth(bar->time_us, bar->time_us + length_us);
    assert_true(bar->open == wanted.open);
    assert_true(bar->high == wanted.high);
    assert_true(bar->low == wanted.low);
    assert_true(bar->close == wanted.close);
    assert_true(bar->volume == wanted.volume);
    assert_int_equal(bar->trades, wanted.trades);
    assert_int_equal(bar->last_tick_us, wanted.last_tick_us);
    assert_int_equal(bar->flags & (SG_BAR_FILLED | SG_BAR_INCOMPLETE), wanted.flags);
}

static uint64_t told[SG_INTERVAL_COUNT];

static void keep_bars(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count)
{
    (void)context;
    (void)bars;
    assert_int_equal(leg, SG_LEG_A);
    told[interval] += count;
}

static struct sg_core *core_new(void)
{
    struct sg_core_config config = {.interval = SG_INTERVAL_1M, .outputs = {.keep_bars = keep_bars}};
    sg_pair_params_default(&config.params);
    struct sg_error error;
    struct sg_core *core = sg_core_new(&config, &error);
    assert_non_null(core);
    core->first_tick_us = FIXTURE_START_US;
    core->closed_until_us[SG_INTERVAL_1S] = FIXTURE_START_US + SECONDS * SG_US_PER_S;
    memset(told, 0, sizeof told);
    return core;
}

/* All of [from, to) in seconds, from the trades. */
static struct sg_history_answer *answer_of(int from_s, int to_s)
{
    struct sg_history_answer *answer = sg_history_answer_new();
    assert_non_null(answer);
    answer->kind = SG_HISTORY_TRADES;
    answer->asked_us = FIXTURE_START_US + (SECONDS + 300) * SG_US_PER_S;
    answer->legs[SG_LEG_A].from_us = FIXTURE_START_US + from_s * SG_US_PER_S;
    answer->legs[SG_LEG_A].to_us = FIXTURE_START_US + to_s * SG_US_PER_S;
    assert_int_equal(sg_history_leg_from_trades(&answer->legs[SG_LEG_A], trades, trade_count), SG_OK);
    return answer;
}

/* Seconds are missing here and there, in some minutes and not in others, and the minutes without a hole are there already: one answer over all of it makes
 * everything whole, and of what was there before nothing is told again. */
static void holes_here_and_there_are_filled_by_one_answer(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed;
        make_trades(&random);
        struct sg_core *core = core_new();
        struct sg_bar_store *seconds = &core->bars[SG_INTERVAL_1S][SG_LEG_A];
        size_t missing = 0, whole_minutes = 0;
        int last = 60; /* the first minute and the last have no hole */
        for (int minute = 0; minute < MINUTES; minute++) {
            bool has_hole = minute > 0 && minute < MINUTES - 1 && (minute == 1 || fixture_uniform(&random) < 0.5);
            int hole = minute * 60 + (int)(fixture_uniform(&random) * 50), length = 1 + (int)(fixture_uniform(&random) * 9);
            for (int s = minute * 60; s < minute * 60 + 60; s++) {
                struct sg_bar bar = truth(FIXTURE_START_US + s * SG_US_PER_S, FIXTURE_START_US + (s + 1) * SG_US_PER_S);
                if (has_hole && s >= hole && s < hole + length)
                    missing++;
                else
                    assert_int_equal(sg_bar_store_append(seconds, &bar), SG_OK);
            }
            if (has_hole) {
                last = minute * 60 + 60;
                continue;
            }
            whole_minutes++;
            struct sg_bar bar = truth(FIXTURE_START_US + minute * 60 * SG_US_PER_S, FIXTURE_START_US + (minute + 1) * 60 * SG_US_PER_S);
            assert_int_equal(sg_bar_store_append(&core->bars[SG_INTERVAL_1M][SG_LEG_A], &bar), SG_OK);
        }
        struct sg_history_answer *answer = answer_of(60, last);
        struct sg_answer_result result;
        sg_core_answer(core, answer, &result);
        sg_history_answer_free(answer);
        assert_int_equal(seconds->length, SECONDS);
        for (size_t i = 0; i < seconds->length; i++)
            assert_is_truth(sg_bar_store_at(seconds, i), SG_US_PER_S);
        const struct sg_bar_store *minutes = &core->bars[SG_INTERVAL_1M][SG_LEG_A], *fives = &core->bars[SG_INTERVAL_5M][SG_LEG_A];
        assert_int_equal(minutes->length, MINUTES);
        for (size_t i = 0; i < minutes->length; i++)
            assert_is_truth(sg_bar_store_at(minutes, i), 60 * SG_US_PER_S);
        assert_int_equal(fives->length, (last + 299) / 300 < MINUTES / 5 ? (last + 299) / 300 : MINUTES / 5);
        for (size_t i = 0; i < fives->length; i++)
            assert_is_truth(sg_bar_store_at(fives, i), 300 * SG_US_PER_S);
        assert_true(told[SG_INTERVAL_1S] >= missing);
        assert_int_equal(told[SG_INTERVAL_1M], MINUTES - whole_minutes);
        assert_int_equal(core->failures, 0);
        sg_core_free(core);
    }
}

/* A minute that is not over is not made of the seconds that there are. */
static void what_is_not_over_is_not_summed(void **state)
{
    (void)state;
    uint64_t random = 5;
    make_trades(&random);
    for (int over = 119; over <= 120; over++) {
        struct sg_core *core = core_new();
        core->closed_until_us[SG_INTERVAL_1S] = FIXTURE_START_US + over * SG_US_PER_S;
        for (int s = 0; s < 120; s++) {
            struct sg_bar bar = truth(FIXTURE_START_US + s * SG_US_PER_S, FIXTURE_START_US + (s + 1) * SG_US_PER_S);
            if (s != 70)
                assert_int_equal(sg_bar_store_append(&core->bars[SG_INTERVAL_1S][SG_LEG_A], &bar), SG_OK);
        }
        struct sg_history_answer *answer = answer_of(70, 71);
        struct sg_answer_result result;
        sg_core_answer(core, answer, &result);
        sg_history_answer_free(answer);
        assert_int_equal(core->bars[SG_INTERVAL_1S][SG_LEG_A].length, 120);
        assert_int_equal(core->bars[SG_INTERVAL_1M][SG_LEG_A].length, over == 120);
        sg_core_free(core);
    }
}

/* An answer that leaves a trade out proves only the seconds before and after it. */
static void an_answer_with_a_hole_proves_no_more_than_it_has(void **state)
{
    (void)state;
    uint64_t random = 9;
    make_trades(&random);
    struct sg_core *core = core_new();
    struct sg_bar_store *seconds = &core->bars[SG_INTERVAL_1S][SG_LEG_A];
    for (int s = 0; s < 180; s++) {
        struct sg_bar bar = truth(FIXTURE_START_US + s * SG_US_PER_S, FIXTURE_START_US + (s + 1) * SG_US_PER_S);
        if (s < 60 || s >= 120)
            assert_int_equal(sg_bar_store_append(seconds, &bar), SG_OK);
    }
    size_t left_out = 0; /* the first trade of second 90 or after */
    while (trades[left_out].time_us < FIXTURE_START_US + 90 * SG_US_PER_S)
        left_out++;
    int64_t second_us = trades[left_out].time_us - trades[left_out].time_us % SG_US_PER_S;
    struct sg_tick kept = trades[left_out];
    memmove(trades + left_out, trades + left_out + 1, (trade_count - left_out - 1) * sizeof *trades);
    trade_count--;
    struct sg_history_answer *answer = answer_of(60, 120);
    memmove(trades + left_out + 1, trades + left_out, (trade_count - left_out) * sizeof *trades);
    trades[left_out] = kept;
    trade_count++;
    struct sg_answer_result result;
    sg_core_answer(core, answer, &result);
    sg_history_answer_free(answer);
    size_t at = sg_bar_store_lower_bound(seconds, second_us);
    assert_true(at == seconds->length || sg_bar_store_at(seconds, at)->time_us != second_us);
    assert_true(seconds->length >= 176); /* that second, and at most those without a trade beside it */
    assert_true(seconds->length < 180);
    for (size_t i = 0; i < seconds->length; i++)
        assert_is_truth(sg_bar_store_at(seconds, i), SG_US_PER_S);
    assert_int_equal(core->bars[SG_INTERVAL_1M][SG_LEG_A].length, 0); /* of minutes, only what the answer's seconds make whole */
    answer = answer_of(60, 120);
    sg_core_answer(core, answer, &result);
    sg_history_answer_free(answer);
    assert_int_equal(seconds->length, 180);
    assert_int_equal(core->bars[SG_INTERVAL_1M][SG_LEG_A].length, 1);
    assert_is_truth(sg_bar_store_at(&core->bars[SG_INTERVAL_1M][SG_LEG_A], 0), 60 * SG_US_PER_S);
    sg_core_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_here_and_there_are_filled_by_one_answer),
        cmocka_unit_test(what_is_not_over_is_not_summed),
        cmocka_unit_test(an_answer_with_a_hole_proves_no_more_than_it_has),
    };
    return cmocka_run_group_tests_name("engine/core_history", tests, NULL, NULL);
}
