/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars of seconds made of trades fetched later: exact, and every id accounted for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/market/history_answer.h"

#define S INT64_C(1000000)
#define T0 (INT64_C(1723161600) * S)

static struct sg_tick trade(int64_t id, int64_t time_us, double price, int64_t quantity, uint32_t trades)
{
    return (struct sg_tick){.id = id, .time_us = time_us, .price = price, .quantity = (sg_qty)quantity * SG_QTY_ONE, .trades = trades, .kind = SG_TICK_TRADE};
}

static void test_bars_of_trades(void **state)
{
    const struct sg_tick trades[] = {
        trade(7, T0 - 1, 99.0, 5, 1), /* before the range: its id counts */
        trade(9, T0, 100.0, 1, 2),
        trade(10, T0 + 500000, 103.0, 2, 1),
        trade(15, T0 + 999999, 101.0, 3, 5) /* ids 11 to 15 */,
        trade(17, T0 + 3 * S, 90.0, 1, 1),
        trade(18, T0 + 4 * S, 1.0, 1, 1) /* behind it */,
    };
    struct sg_history_answer *answer = sg_history_answer_new();
    struct sg_history_leg *leg = &answer->legs[SG_LEG_B];

    (void)state;
    leg->from_us = T0;
    leg->to_us = T0 + 4 * S;
    assert_int_equal(sg_history_leg_from_trades(leg, trades, sizeof trades / sizeof *trades), SG_OK);
    assert_int_equal(leg->count, 2);
    assert_true(leg->bars[0].time_us == T0);
    assert_true(leg->bars[1].time_us == T0 + 3 * S);
    assert_true(leg->bars[0].open == 100.0);
    assert_true(leg->bars[0].high == 103.0);
    assert_true(leg->bars[0].low == 100.0);
    assert_true(leg->bars[0].close == 101.0);
    assert_true(leg->bars[0].volume == 6 * SG_QTY_ONE);
    assert_int_equal(leg->bars[0].trades, 8);
    assert_int_equal(leg->bars[0].ticks, 3);
    assert_true(leg->bars[0].last_tick_us == T0 + 999999);
    assert_int_equal(leg->bars[0].flags, SG_BAR_REPAIRED);
    assert_int_equal(leg->bars[0].last_id, 15);
    assert_int_equal(leg->run_count, 2);
    assert_int_equal(leg->runs[0].ids.first, 7);
    assert_int_equal(leg->runs[0].ids.last, 15);
    assert_int_equal(leg->runs[0].first_us, T0 - 1);
    assert_int_equal(leg->runs[0].last_us, T0 + 999999);
    assert_int_equal(leg->runs[1].ids.first, 17);
    assert_int_equal(leg->runs[1].ids.last, 18);
    assert_int_equal(leg->runs[1].first_us, T0 + 3 * S);
    sg_history_answer_free(answer);
}

static void test_limits(void **state)
{
    struct sg_history_answer *answer = sg_history_answer_new();
    struct sg_history_leg *leg = &answer->legs[SG_LEG_A];
    static struct sg_tick trades[SG_HISTORY_RUNS_MAX + 1];

    (void)state;
    for (size_t i = 0; i <= SG_HISTORY_RUNS_MAX; i++) {
        trades[i] = trade((int64_t)(2 * i), T0, 1.0, 1, 1);
    }
    leg->from_us = T0;
    leg->to_us = T0 + S;
    assert_int_equal(sg_history_leg_from_trades(leg, trades, SG_HISTORY_RUNS_MAX + 1), SG_ERR_RANGE);
    assert_null(leg->bars);
    sg_history_answer_free(answer);
    answer = sg_history_answer_new();
    answer->legs[SG_LEG_A].to_us = (int64_t)(SG_HISTORY_BARS_MAX + 1) * S;
    assert_int_equal(sg_history_leg_from_trades(&answer->legs[SG_LEG_A], trades, 1), SG_ERR_RANGE);
    answer->legs[SG_LEG_A].to_us = 0;
    assert_int_equal(sg_history_leg_from_trades(&answer->legs[SG_LEG_A], trades, 0), SG_OK);
    assert_int_equal(answer->legs[SG_LEG_A].count, 0);
    sg_history_answer_free(answer);
    sg_history_answer_free(NULL);
    assert_string_equal(sg_history_kind_name(SG_HISTORY_KLINES), "klines");
    assert_string_equal(sg_history_kind_name(SG_HISTORY_TRADES), "trades");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bars_of_trades), cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests_name("market/history_answer", tests, NULL, NULL);
}
