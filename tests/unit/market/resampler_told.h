/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One resampler for each test, told of trades, tickers and events by milliseconds after LOG_T0, and asked for its bars by seconds. */
#include "resampler_log.h"

#define MS INT64_C(1000)

static struct resampler_log told;

static inline int setup(void **state)
{
    (void)state;
    log_start(&told, 0);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    log_free(&told);
    return 0;
}

/* Times in milliseconds after LOG_T0; the message takes 50 ms. */
static inline void trade_id(enum sg_leg leg, int64_t ms, int64_t id, double price)
{
    struct sg_tick tick = log_trade(leg, LOG_T0 + ms * MS, LOG_T0 + ms * MS + 50 * MS, id, price, SG_QTY_ONE);

    sg_resampler_tick(told.resampler, &tick);
}

static inline void ticker(enum sg_leg leg, int64_t ms, double price, int64_t total)
{
    struct sg_tick tick = log_trade(leg, LOG_T0 + ms * MS, LOG_T0 + ms * MS + 50 * MS, -1, price, (sg_qty)total * SG_QTY_ONE);

    tick.kind = SG_TICK_TICKER;
    tick.trades = 0;
    sg_resampler_tick(told.resampler, &tick);
}

static inline void event(enum sg_feed_event_code code, int leg, int64_t ms)
{
    log_event(&told, code, leg, LOG_T0 + ms * MS + 50 * MS);
}

static inline void advance(int64_t ms)
{
    sg_resampler_advance(told.resampler, LOG_T0 + ms * MS + 50 * MS);
}

static inline struct sg_resampler_stats stats(void)
{
    struct sg_resampler_stats result;

    sg_resampler_stats(told.resampler, &result);
    return result;
}

/* The bar of a leg that opens `second` seconds after LOG_T0, NULL when there is none. */
static inline const struct sg_bar *bar(enum sg_interval interval, enum sg_leg leg, int64_t second)
{
    for (size_t i = 0; i < told.bar_count; i++) {
        const struct logged_bar *entry = &told.bars[i];

        if (entry->interval == interval && entry->leg == leg && entry->bar.time_us == LOG_T0 + second * LOG_S) {
            return &entry->bar;
        }
    }
    return NULL;
}
