/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a REST answer sees of a symbol: everything, or, as a fault wants it, an older state, or less than there is. Times are on the exchange's
 * clock. The exchange's thread only. */
#include "archive_private.h"
#include "faults_private.h"

struct sg_ex_view {
    int64_t rows_until_us;           /* trades after it, and klines that open after it, are not there */
    int64_t content_until_us;        /* no kline has trades after it */
    uint64_t hole_every, hole_phase; /* of trades: these are left out; 0: none */
};

/* For the answer with this number; `trades`: of aggTrades, else of klines. */
struct sg_ex_view sg_ex_view_of(const struct sg_ex_faults *faults, bool trades, uint64_t number, int64_t now_us);
bool sg_ex_view_hides(const struct sg_ex_view *view, const struct sg_ex_trade *trade);
/* `bar` of the interval as the view sees it. */
struct sg_ex_bar sg_ex_view_bar(const struct sg_ex_view *view, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, int64_t interval_us);
