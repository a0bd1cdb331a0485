/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Binance REST through libcurl: blocking calls for pool or feed-helper threads, never for main. Verified TLS only (system store or
 * ca_file), no redirects, whole-call deadline, body limit, full parse and shape check before anything is accepted. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"

struct sg_rest_config {
    const char *base_url;                  /* https://host[:port]; http:// only for loopback; NULL: the market's own */
    const char *ca_file;                   /* NULL: the system store */
    enum sg_market market;
    int64_t timeout_us;                    /* 0: 10 s */
};

struct sg_rest_reply_info {
    long http_status;
    int binance_code;                      /* -1121 …; 0 = none */
    int64_t retry_after_us;                /* 0 = none */
    int64_t used_weight;                   /* x-mbx-used-weight-1m, -1 = absent */
    double seconds;
};

enum sg_symbol_status { SG_SYMBOL_TRADING, SG_SYMBOL_HALTED, SG_SYMBOL_BREAK, SG_SYMBOL_UNKNOWN };

struct sg_symbol_info {
    char symbol[SG_SYMBOL_BUF], base[24], quote[24];
    enum sg_symbol_status status;
    double tick_size;                      /* 0 = not given */
};

enum sg_status sg_rest_time(const struct sg_rest_config *config, int64_t *ret_server_us, int64_t *ret_round_trip_us, struct sg_rest_reply_info *info, struct sg_error *error);
/* One or two symbols. Unknown ones come back as SG_SYMBOL_UNKNOWN with SG_OK. */
enum sg_status sg_rest_symbols(const struct sg_rest_config *config, const struct sg_instrument *symbols, size_t count, struct sg_symbol_info *ret_symbols, struct sg_error *error);
/* Every TRADING symbol, sorted; *ret_symbols is malloc'ed, the caller frees it. */
enum sg_status sg_rest_all_symbols(const struct sg_rest_config *config, struct sg_symbol_info **ret_symbols, size_t *ret_count, struct sg_error *error);
/* Closed klines in [from, to), ascending, at most `capacity` (1000 a page inside); the unfinished last one is dropped. */
enum sg_status sg_rest_klines(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us, int64_t to_us, struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error);
