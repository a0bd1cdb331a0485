/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A seeded pair for the tests of drawing: two legs that share a walk, a spread that reverts and leaves +-2, warm-up, one gap. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/plot/dashboard.h"

#define MINUTE_US INT64_C(60000000)
#define START_US (INT64_C(1762812000) * 1000000) /* 2025-11-10 22:00 UTC */

struct fixture_random {
    uint64_t state;
    double spread, walk;
};

static inline double fixture_uniform(struct fixture_random *random)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(random->state >> 11) / 9007199254740992.0;
}

static inline double fixture_noise(struct fixture_random *random)
{
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += fixture_uniform(random) - 0.5;
    return sum;
}

static inline struct sg_row fixture_row(struct fixture_random *random, int64_t time_us, size_t index, size_t window)
{
    struct sg_row row = {.time_us = time_us};
    random->walk += fixture_noise(random) * 2.2;
    random->spread = random->spread * 0.93 + fixture_noise(random) * 14;
    double b = 3200 + random->walk, a = 12400 + 16.6 * b + random->spread, wiggle = fixture_uniform(random) * 12;
    double *v = row.value;
    v[SG_COL_A_CLOSE] = a;
    v[SG_COL_A_OPEN] = a - 3 * (wiggle - 6);
    v[SG_COL_A_HIGH] = fmax(a, v[SG_COL_A_OPEN]) + wiggle;
    v[SG_COL_A_LOW] = fmin(a, v[SG_COL_A_OPEN]) - 12 + wiggle;
    v[SG_COL_A_VOLUME] = 3 + wiggle;
    v[SG_COL_B_CLOSE] = b;
    v[SG_COL_B_OPEN] = b + (wiggle - 6) / 20;
    v[SG_COL_B_HIGH] = b + 0.7;
    v[SG_COL_B_LOW] = b - 0.7;
    v[SG_COL_B_VOLUME] = 50 + wiggle;
    v[SG_COL_ALPHA] = 12400;
    v[SG_COL_BETA] = 16.6 + 0.01 * sin((double)index / 90);
    v[SG_COL_SE_BETA] = 0.006 + 0.002 * cos((double)index / 50);
    v[SG_COL_R_SQUARED] = 0.91;
    v[SG_COL_SPREAD] = a - v[SG_COL_BETA] * b;
    v[SG_COL_MEAN] = 12400 + (16.6 - v[SG_COL_BETA]) * b + 9 * sin((double)index / 40);
    v[SG_COL_STD] = 17 + 4 * cos((double)index / 55);
    v[SG_COL_ZSCORE] = (v[SG_COL_SPREAD] - v[SG_COL_MEAN]) / v[SG_COL_STD];
    v[SG_COL_CORRELATION] = 0.82 + 0.12 * sin((double)index / 33) + 0.02 * fixture_noise(random);
    v[SG_COL_RESIDUAL] = v[SG_COL_SPREAD] - v[SG_COL_ALPHA];
    v[SG_COL_RESIDUAL_MEAN] = v[SG_COL_MEAN] - v[SG_COL_ALPHA];
    row.flags = v[SG_COL_ZSCORE] > 2 ? SG_ROW_OVERBOUGHT : v[SG_COL_ZSCORE] < -2 ? SG_ROW_OVERSOLD : 0;
    if (index + 1 < window) {
        for (int c = SG_COL_ALPHA; c < SG_COL_COUNT; c++)
            v[c] = NAN;
        row.flags = 0;
        row.reason = SG_REASON_WARMING_UP;
    }
    return row;
}

/* `gap_at` rows in, `gap` slots are missing; 0: none. An alert is raised where the signal begins. */
static inline void fixture_fill(struct sg_history *history, struct fixture_random *random, size_t rows, size_t window, size_t gap_at, int64_t gap)
{
    uint16_t before = history->length ? history->flags[history->length - 1] : 0;
    int64_t time = history->length ? history->time_us[history->length - 1] + history->interval_us : START_US;
    for (size_t i = 0; i < rows; i++, time += history->interval_us) {
        bool breaks = gap > 0 && i == gap_at;
        if (breaks)
            time += gap * history->interval_us;
        struct sg_row row = fixture_row(random, time, history->length, window);
        const uint16_t signal = SG_ROW_OVERBOUGHT | SG_ROW_OVERSOLD;
        if (breaks)
            row.flags |= SG_ROW_GAP_BEFORE;
        if ((row.flags & signal) && !(before & signal))
            row.flags |= SG_ROW_ALERT_RAISED;
        before = row.flags;
        assert_int_equal(sg_history_append(history, &row), SG_OK);
    }
}

static inline struct sg_dashboard_data fixture_data(const struct sg_history *history, const struct sg_row *forming)
{
    struct sg_dashboard_data data = {.history = history,
                                     .forming = forming,
                                     .symbol_a = "BTCUSDT",
                                     .symbol_b = "ETHUSDT",
                                     .decimals_a = 2,
                                     .decimals_b = 2,
                                     .entry = 2,
                                     .exit = 0.5,
                                     .window = 60,
                                     .utc = true};
    return data;
}
