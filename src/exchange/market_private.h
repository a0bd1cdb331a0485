/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The seeded market.
 *
 * Log price of symbol i = log of its start price + W + fast_i + slow_i + own_i, with W a random walk that all share (about 2.5 % a
 * day), fast_i and slow_i mean-reverting (Ornstein-Uhlenbeck, relaxation about 20 s and 4 min), and own_i a random walk that only
 * some symbols have. Symbols without own_i are therefore cointegrated in pairs, with A proportional to B times a stationary
 * factor; XRPUSDT and ADAUSDT are not, so that a test for cointegration has something to reject. Now and then one leg jumps
 * away by a few deviations and comes back: that is what an alert is for.
 * Trades arrive as a Poisson process whose rate bursts and sometimes falls silent; sizes are log-normal on the lot step.
 *
 * Everything after the start is a function of the seed and of market time since the start; the wall clock only shifts the
 * stamps. The past is made at start by walking the same processes backwards: seconds for the last hour, minutes for 84 h,
 * hours for 45 days, each aligned to the clock, each the sum of the finer one where both exist. */
#include "archive_private.h"
#include "spreadglass/base/rng.h"

struct ex_market;

struct ex_market_options {
    uint64_t seed;
    int64_t start_us;                  /* exchange time of market time 0; a multiple of 1 s */
    bool quiet;                        /* a hundred times fewer trades */
    bool utf8_symbol;
    bool second_in_break;              /* the second symbol has no data */
    int64_t suspended_from_us, suspended_to_us; /* nor in this time; equal: never */
    int64_t twin_every, zero_every;    /* faults twin-id and zero-quantity; 0: none */
};

struct ex_sink {
    void (*on_trade)(void *context, struct ex_symbol *symbol, const struct ex_trade *trade);
    void (*on_book)(void *context, struct ex_symbol *symbol, const struct ex_book *book);
    /* Every 50 ms of market time, after what happened before it. */
    void (*on_clock)(void *context, int64_t now_us);
    void *context;
};

/* Adds its symbols, with their past, to the archive (borrowed). NULL on lack of memory. */
struct ex_market *ex_market_new(const struct ex_market_options *options, struct ex_archive *archive, const struct ex_sink *sink);
void ex_market_free(struct ex_market *market);
/* Lets everything happen up to market time `elapsed_us`, in order; trades are in the archive before the sink hears of
 * them. Returns the market time of what comes next. */
int64_t ex_market_advance(struct ex_market *market, int64_t elapsed_us);
