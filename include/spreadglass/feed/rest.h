/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Binance REST through libcurl: blocking calls for pool or feed-helper threads, never for main. Verified TLS only (system store or
 * ca_file), no redirects, whole-call deadline, body limit, full parse and shape check before anything is accepted. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick.h"

struct sg_rest_config {
    const char *base_url; /* https://host[:port]; http:// only for loopback; NULL: the market's own */
    const char *ca_file;  /* NULL: the system store */
    enum sg_market market;
    int64_t timeout_us;           /* of each request; 0: 10 s */
    const atomic_bool *cancelled; /* NULL, or a flag that another thread may set: the call then ends with SG_ERR_CANCELLED within 1 s */
};

struct sg_rest_reply_info {
    long http_status;
    int binance_code;       /* -1121 …; 0 = none */
    int64_t retry_after_us; /* 0 = none */
    int64_t used_weight;    /* x-mbx-used-weight-1m, -1 = absent */
    double seconds;
};

enum sg_symbol_status { SG_SYMBOL_TRADING, SG_SYMBOL_HALTED, SG_SYMBOL_BREAK, SG_SYMBOL_UNKNOWN };

struct sg_symbol_info {
    char symbol[SG_SYMBOL_BUF], base[24], quote[24];
    enum sg_symbol_status status;
    double tick_size; /* 0 = not given */
};

/* Failures of all calls: SG_ERR_INVALID (URL, arguments), SG_ERR_IO (ca_file), SG_ERR_TLS, SG_ERR_NETWORK, SG_ERR_TIMEOUT, SG_ERR_PROTOCOL (not the shape that it must
 * have), SG_ERR_RANGE (body too large), SG_ERR_REFUSED (HTTP 4xx/5xx, or still blocked by an earlier 429/418: every call in the program shares one governor),
 * SG_ERR_UNSUPPORTED (a proxy is asked for by the environment), SG_ERR_CANCELLED; each with one line for a person. */

/* The exchange's time in microseconds: what it answered half a round trip before this returns, give or take half a round trip (the better of two requests). `info` may be NULL. */
enum sg_status sg_rest_time(const struct sg_rest_config *config, int64_t *ret_server_us, int64_t *ret_round_trip_us, struct sg_rest_reply_info *info,
                            struct sg_error *error);
/* Up to 16 symbols of the config's market. Unknown ones come back as SG_SYMBOL_UNKNOWN with SG_OK. */
enum sg_status sg_rest_symbols(const struct sg_rest_config *config, const struct sg_instrument *symbols, size_t count, struct sg_symbol_info *ret_symbols,
                               struct sg_error *error);
/* Every TRADING symbol, sorted; *ret_symbols is malloc'ed, the caller frees it. */
enum sg_status sg_rest_all_symbols(const struct sg_rest_config *config, struct sg_symbol_info **ret_symbols, size_t *ret_count, struct sg_error *error);
/* Closed klines in [from, to), ascending, at most `capacity` (1000 a page inside); the unfinished last one is dropped. Holes in
 * the exchange's own data stay holes. Prices of bars are flagged SG_BAR_REPAIRED, those without a trade also SG_BAR_FILLED. */
enum sg_status sg_rest_klines(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us, int64_t to_us,
                              struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error);

/* Aggregate trades, ascending in the ids of the trades in them, each once: from aggregate `from_id` on when that is not -1 (inclusive; from_us is not used then), else
 * from time from_us on; up to the first one with a time of to_us or later, which is among them when the exchange has one: it proves that nothing is missing before. Pages
 * of 1000, the first by time, every other from the last aggregate on, so that none is lost or doubled between two. Where ids are left out in the answer it is asked
 * again, a few times; what is left out even then can be seen by the ids. Ends early at `capacity`: *ret_whole tells whether everything that the exchange
 * gave up to to_us is there. Ticks as the stream's own (kind TRADE, time_us, price, quantity, id, aggregate, trades; leg and recv_us 0).
 * An answer with an impossible value is SG_ERR_PROTOCOL as a whole. */
enum sg_status sg_rest_agg_trades(const struct sg_rest_config *config, const char *symbol, int64_t from_id, int64_t from_us, int64_t to_us,
                                  struct sg_tick *trades, size_t capacity, size_t *ret_count, bool *ret_whole, struct sg_error *error);
