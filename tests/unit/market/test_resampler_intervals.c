/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The longer intervals, over a whole day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resampler_log.h"

static struct resampler_log told;

/* A tenth into the second that begins `second` seconds after LOG_T0. */
static void trade(enum sg_leg leg, int64_t second, double price)
{
    int64_t time_us = LOG_T0 + second * LOG_S + LOG_S / 10;
    struct sg_tick tick = log_trade(leg, time_us, time_us + LOG_S / 20, -1, price, SG_QTY_ONE);

    sg_resampler_tick(told.resampler, &tick);
}

static const struct sg_bar *bar(enum sg_interval interval, enum sg_leg leg, int64_t second)
{
    for (size_t i = 0; i < told.bar_count; i++) {
        const struct logged_bar *entry = &told.bars[i];

        if (entry->interval == interval && entry->leg == leg && entry->bar.time_us == LOG_T0 + second * LOG_S) {
            return &entry->bar;
        }
    }
    return NULL;
}

/* A day of trades now and then: each longer bar is what the seconds inside it say, and closes when its last second does. */
static void test_cascade_to_a_day(void **state)
{
    static const enum sg_interval longer[] = {SG_INTERVAL_30M, SG_INTERVAL_1H, SG_INTERVAL_2H, SG_INTERVAL_4H, SG_INTERVAL_1D};

    (void)state;
    log_start(&told, 0);
    log_event(&told, SG_EVENT_SUBSCRIBED, -1, LOG_T0 - LOG_S);
    trade(SG_LEG_A, -1, 50);
    trade(SG_LEG_B, -1, 5);
    for (int64_t second = 0; second < 86400; second += 7) {
        trade(SG_LEG_A, second, 100 + (double)(second * 131 % 997) / 8);
    }
    sg_resampler_advance(told.resampler, LOG_T0 + 86405 * LOG_S);
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        int64_t length = sg_interval_us(longer[i]) / LOG_S;

        for (int64_t start = 0; start < 86400; start += length) {
            const struct sg_bar *closed = bar(longer[i], SG_LEG_A, start);
            double open = 0, high = 0, low = 1e9, close = 0;
            uint32_t trades = 0;

            for (int64_t second = (start + 6) / 7 * 7; second < start + length; second += 7) {
                double price = 100 + (double)(second * 131 % 997) / 8;

                open = trades == 0 ? price : open;
                high = price > high ? price : high;
                low = price < low ? price : low;
                close = price;
                trades++;
            }
            assert_non_null(closed);
            assert_true(closed->open == open);
            assert_true(closed->high == high);
            assert_true(closed->low == low);
            assert_true(closed->close == close);
            assert_int_equal(closed->trades, trades);
            assert_int_equal(closed->flags, 0);
            assert_non_null(bar(longer[i], SG_LEG_B, start));
        }
        assert_null(bar(longer[i], SG_LEG_A, 86400));
    }
    log_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cascade_to_a_day)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
