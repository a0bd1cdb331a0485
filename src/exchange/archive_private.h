/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the exchange knows of each symbol: recent trades, bars of three tiers, the rolling 24 h statistics.
 *
 * A symbol of a recording keeps them; one of the seeded market has a history that can be asked for any of them, and keeps none.
 * Prices and quantities are integers of 1e-8 units; sums are 128 bits wide. Times are microseconds on the exchange's clock.
 * All memory is bounded: rings of trades and bars, the oldest leave. The exchange's thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"

#define EX_SYMBOLS_MAX 64
#define EX_MINUTE_US INT64_C(60000000)
#define EX_HOUR_US INT64_C(3600000000)
#define EX_DAY_MINUTES 1440

struct sg_ex_trade {
    int64_t agg_id, first_id, last_id;
    int64_t time_us, event_us; /* T and E */
    int64_t price, quantity;
    bool buyer_maker;
};

struct sg_ex_book {
    int64_t update_id;
    int64_t bid, bid_quantity, ask, ask_quantity;
};

struct sg_ex_bar {
    int64_t time_us;
    int64_t open, high, low, close;
    sg_qty volume, quote, taker_volume, taker_quote;
    int64_t trades, first_id, last_id; /* ids -1 without a trade */
};

enum sg_ex_tier { EX_TIER_SECOND, EX_TIER_MINUTE, EX_TIER_HOUR, EX_TIER_COUNT };

struct sg_ex_series {
    int64_t interval_us;
    struct sg_ex_bar *bars;
    size_t capacity; /* a power of two */
    uint64_t total;  /* bars ever made; bar i lies at i & (capacity - 1) */
};

struct sg_ex_day { /* the last 1,440 minutes, the running one included */
    int64_t open, high, low;
    sg_qty volume, quote;
    int64_t trades;
};

struct sg_ex_history;

struct sg_ex_symbol {
    char name[SG_SYMBOL_BUF], lower[SG_SYMBOL_BUF], base[SG_SYMBOL_BUF], quote[SG_SYMBOL_BUF];
    int price_decimals, quantity_decimals; /* as written in messages */
    int64_t tick, step;
    bool has_data;                              /* false: status BREAK */
    int64_t suspended_from_us, suspended_to_us; /* status BREAK and nothing traded in [from, to); equal: never */
    struct sg_ex_history *history;              /* borrowed; NULL: the tiers and trades below */
    struct sg_ex_series tiers[EX_TIER_COUNT];
    struct sg_ex_trade *trades;
    size_t trade_capacity;
    uint64_t trade_total;
    int64_t last_price;   /* 0: none yet */
    struct sg_ex_day day; /* as of the minute below; see sg_ex_symbol_day */
    int64_t day_minute_us;
    bool changed; /* since the last ticker message */
};

static inline bool sg_ex_symbol_suspended(const struct sg_ex_symbol *symbol, int64_t time_us)
{
    return time_us >= symbol->suspended_from_us && time_us < symbol->suspended_to_us;
}

struct sg_ex_archive {
    struct sg_ex_symbol *symbols[EX_SYMBOLS_MAX];
    size_t count;
};

void sg_ex_archive_free(struct sg_ex_archive *archive);
/* With a history, nothing is kept of the symbol. NULL: full, name too long, or no memory. Tick and step are 1e-8. */
struct sg_ex_symbol *sg_ex_archive_add(struct sg_ex_archive *archive, const char *name, const char *base, const char *quote, struct sg_ex_history *history);
struct sg_ex_symbol *sg_ex_archive_find(const struct sg_ex_archive *archive, const char *name, size_t length);

/* Adds the trade to the ring and to the bars; makes flat bars for the time without one. Late trades find their bar. A symbol with a history
 * only counts it in its 24 h. */
void sg_ex_symbol_trade(struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade);
/* Makes every tier reach `now_us` (flat bars), when the symbol has a price. */
void sg_ex_symbol_advance(struct sg_ex_symbol *symbol, int64_t now_us);
/* Merges `part` into `bar` (an interval above). */
void sg_ex_bar_merge(struct sg_ex_bar *bar, const struct sg_ex_bar *part);
/* Of the 1,440 minutes up to the one of `now_us`, which is the present. */
const struct sg_ex_day *sg_ex_symbol_day(struct sg_ex_symbol *symbol, int64_t now_us);

size_t sg_ex_series_length(const struct sg_ex_series *series);
/* i from the oldest that is still there. */
const struct sg_ex_bar *sg_ex_series_at(const struct sg_ex_series *series, size_t i);
size_t sg_ex_symbol_trade_count(const struct sg_ex_symbol *symbol);
const struct sg_ex_trade *sg_ex_symbol_trade_at(const struct sg_ex_symbol *symbol, size_t i);

/* The intervals in which bars are given, each a multiple of a tier. */
struct sg_ex_interval {
    const char *name;
    enum sg_ex_tier tier;
    int64_t interval_us;
};
#define EX_INTERVALS 13
extern const struct sg_ex_interval sg_ex_intervals[EX_INTERVALS];
/* Where the bars of an interval begin; INT64_MAX when there are none. */
int64_t sg_ex_symbol_first_open(const struct sg_ex_symbol *symbol, const struct sg_ex_interval *interval);
/* The bar that opens at `open_us`, unfinished or not. False: there is none. */
bool sg_ex_symbol_bar(const struct sg_ex_symbol *symbol, const struct sg_ex_interval *interval, int64_t open_us, struct sg_ex_bar *ret_bar);

/* Places of the trades that are to be had, ascending in time and ids; a place may hold two trades of one id, or none. */
struct sg_ex_places {
    int64_t begin, end;
};
struct sg_ex_places sg_ex_symbol_places(const struct sg_ex_symbol *symbol, int64_t from_id, int64_t from_us, int64_t to_us);
size_t sg_ex_symbol_trades_at(const struct sg_ex_symbol *symbol, int64_t place, struct sg_ex_trade ret_trades[2]);

/* First bar whose time is >= time_us; the length when there is none. */
size_t sg_ex_series_find(const struct sg_ex_series *series, int64_t time_us);

static inline int64_t sg_ex_floor(int64_t time_us, int64_t interval_us)
{
    return time_us - (time_us % interval_us + interval_us) % interval_us;
}
