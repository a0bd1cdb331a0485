/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is traded, where, and in what streams and intervals we watch it. Plain values, any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

enum sg_leg { SG_LEG_A = 0, SG_LEG_B = 1, SG_LEG_COUNT = 2 };
enum sg_market { SG_MARKET_SPOT = 0, SG_MARKET_USDM };
enum sg_stream { SG_STREAM_TICKER = 0, SG_STREAM_TRADE, SG_STREAM_BOOK };
/* Each is made of whole ones of the one before it. */
enum sg_interval {
    SG_INTERVAL_1S = 0,
    SG_INTERVAL_1M,
    SG_INTERVAL_5M,
    SG_INTERVAL_15M,
    SG_INTERVAL_30M,
    SG_INTERVAL_1H,
    SG_INTERVAL_2H,
    SG_INTERVAL_4H,
    SG_INTERVAL_1D,
    SG_INTERVAL_COUNT
};

#define SG_INTERVALS_SPOKEN "1s, 1m, 5m, 15m, 30m, 1h, 2h, 4h" /* and then "or 1d", "and 1d" */
#define SG_INTERVALS_CHOICE "1s|1m|5m|15m|30m|1h|2h|4h|1d"

#define SG_SYMBOL_BUF 64 /* UTF-8 symbols exist */

struct sg_instrument {
    char symbol[SG_SYMBOL_BUF]; /* as the exchange writes it: upper case */
    enum sg_market market;
};

int64_t sg_interval_us(enum sg_interval interval);
const char *sg_interval_name(enum sg_interval interval); /* "1s" … "1d" */
enum sg_status sg_interval_parse(const char *text, enum sg_interval *ret_interval);
const char *sg_stream_name(enum sg_stream stream); /* "ticker", "trade", "book" */
enum sg_status sg_stream_parse(const char *text, enum sg_stream *ret_stream);
/* Do its messages carry no time of the exchange at all (spot bookTicker)? */
bool sg_stream_is_timeless(enum sg_stream stream, enum sg_market market);
const char *sg_market_name(enum sg_market market); /* "spot", "usdm" */
enum sg_status sg_market_parse(const char *text, enum sg_market *ret_market);
/* "BTCUSDT/ETHUSDT" into two instruments of that market, ASCII letters upper-cased. A leg may name its own market instead:
 * "BTCUSDT/usdm:BTCUSDT", "spot:BTCUSDT/usdm:ETHUSDT". Refuses an empty or too long symbol, characters
 * that cannot be in one (space, quote, control, '/', '?', '&', '%', '#', '@', ':'), and A = B on one market. */
enum sg_status sg_pair_parse(const char *text, enum sg_market market, struct sg_instrument ret_legs[static SG_LEG_COUNT], struct sg_error *error);
#define SG_PAIR_BUF (2 * (SG_SYMBOL_BUF + 8))
/* The text that sg_pair_parse reads back with the same `market`: a leg of another market names it. Returns its length. */
size_t sg_pair_format(const struct sg_instrument legs[static SG_LEG_COUNT], enum sg_market market, char buffer[static SG_PAIR_BUF]);
#define SG_LEG_BUF (SG_SYMBOL_BUF + 8)
/* A leg's name for a person, of two legs: the symbol, with its market in front ("usdm:ETHUSDT") when the two legs are not on the same one. Returns `buffer`. */
const char *sg_leg_name(const struct sg_instrument *legs, enum sg_leg leg, char buffer[static SG_LEG_BUF]);
