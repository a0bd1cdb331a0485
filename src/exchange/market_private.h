/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The seeded market: what its histories say is told as it happens, trades and the best prices around them.
 *
 * The log price of symbol i is W + spread_i + breaks_i + own_i. W is a random walk that all share (about 2.5 % a day); spread_i comes back at
 * every scale from seconds to days (see path_private.h); breaks_i are dislocations that decay over hours and, every seven weeks, another level for
 * good; own_i is a random walk that only some symbols have. Symbols without own_i are therefore cointegrated in pairs, between the lasting breaks;
 * XRPUSDT and ADAUSDT are not, so that a test for cointegration has something to reject. Activity and volatility go with the time of the market's day
 * and cluster at all scales.
 *
 * Everything is a function of the seed and of market time, and market time at the start is always the same: after the start the same seed
 * gives the same trades, and before it the same past, on whatever second of the clock it starts; the clock only shifts the stamps. What a
 * bar says is what its trades add up to, at every interval, six years back. */
#include "archive_private.h"

struct sg_ex_market;

struct sg_ex_market_options {
    uint64_t seed;
    int64_t start_us; /* exchange time of market time 0; a multiple of 1 s */
    bool quiet;       /* a hundred times fewer trades */
    bool utf8_symbol;
    bool second_in_break;                       /* the second symbol has no data */
    int64_t suspended_from_us, suspended_to_us; /* nor in this time; equal: never */
    int64_t twin_every, zero_every;             /* faults twin-id and zero-quantity; 0: none */
};

struct sg_ex_sink {
    void (*on_trade)(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade);
    void (*on_book)(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_book *book);
    /* Every 50 ms of market time, after what happened before it. */
    void (*on_clock)(void *context, int64_t now_us);
    void *context;
};

/* Adds its symbols, with their past, to the archive (borrowed). NULL on lack of memory. */
struct sg_ex_market *sg_ex_market_new(const struct sg_ex_market_options *options, struct sg_ex_archive *archive, const struct sg_ex_sink *sink);
void sg_ex_market_free(struct sg_ex_market *market);
/* Lets everything happen up to market time `elapsed_us`, in order; trades are in the archive before the sink hears of
 * them. Returns the market time of what comes next. */
int64_t sg_ex_market_advance(struct sg_ex_market *market, int64_t elapsed_us);
