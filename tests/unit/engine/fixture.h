/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Seeded bars and records for the tests of the engine, and comparison to the bit. Include after cmocka. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/base/history.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/tick.h"

#define FIXTURE_START_US INT64_C(1723161600000000) /* 2024-08-09, a multiple of every interval */

/* Uniform in [0, 1). */
static inline double fixture_uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Two legs whose spread reverts and leaves 2 sd now and then. */
struct fixture_market {
    uint64_t state;
    double b, spread;
};

static inline void fixture_market_step(struct fixture_market *market, double *a, double *b)
{
    double shock = 0.0;
    for (int i = 0; i < 12; i++)
        shock += fixture_uniform(&market->state);
    market->b *= 1.0 + 0.0005 * (fixture_uniform(&market->state) - 0.5);
    market->spread = 0.9 * market->spread + (shock - 6.0);
    *b = market->b;
    *a = 100.0 + 1.5 * market->b + market->spread;
}

static inline struct fixture_market fixture_market_new(uint64_t seed)
{
    return (struct fixture_market){.state = seed * 2654435761u + 1u, .b = 2000.0};
}

static inline void fixture_bars(uint64_t seed, int64_t interval_us, size_t count, struct sg_bar *a, struct sg_bar *b)
{
    struct fixture_market market = fixture_market_new(seed);
    for (size_t i = 0; i < count; i++) {
        double close[2];
        fixture_market_step(&market, &close[0], &close[1]);
        for (int leg = 0; leg < 2; leg++) {
            struct sg_bar *bar = leg == 0 ? &a[i] : &b[i];
            *bar = (struct sg_bar){.time_us = FIXTURE_START_US + (int64_t)i * interval_us,
                                   .open = close[leg] - 0.5,
                                   .high = close[leg] + 1.0,
                                   .low = close[leg] - 1.0,
                                   .close = close[leg],
                                   .volume = (sg_qty)(1000000 + i),
                                   .trades = 3,
                                   .ticks = 2};
        }
    }
}

/* Rows [from_1, from_1 + count) of one against [from_2, …) of the other, to the bit. */
static inline void assert_rows_equal(const struct sg_history *one, size_t from_1, const struct sg_history *two, size_t from_2, size_t count)
{
    assert_true(from_1 + count <= one->length);
    assert_true(from_2 + count <= two->length);
    assert_memory_equal(one->time_us + from_1, two->time_us + from_2, count * sizeof *one->time_us);
    assert_memory_equal(one->flags + from_1, two->flags + from_2, count * sizeof *one->flags);
    assert_memory_equal(one->reason + from_1, two->reason + from_2, count * sizeof *one->reason);
    for (int c = 0; c < SG_COL_COUNT; c++)
        assert_memory_equal(one->column[c] + from_1, two->column[c] + from_2, count * sizeof(double));
}
