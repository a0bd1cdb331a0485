/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From what happens on the market to the messages of its streams. The exchange's thread only. */
#include <stdio.h>
#include "hub_private.h"

struct sg_ex_publisher {
    struct sg_ex_hub *hub;
    struct sg_ex_archive *archive;
    FILE *log; /* every aggregate trade as generated, one a line; NULL: none */
    int64_t next_ticker_us, next_kline_us;
    struct sg_buffer text, micro;
    bool no_tickers; /* the recording brings its own */
};

void sg_ex_publisher_init(struct sg_ex_publisher *publisher, struct sg_ex_hub *hub, struct sg_ex_archive *archive);
void sg_ex_publisher_free(struct sg_ex_publisher *publisher);
/* Publishes the aggTrade stream and, when `fills`, the trade stream: one message for each trade of the aggregate. */
void sg_ex_publish_trade(struct sg_ex_publisher *publisher, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool fills);
void sg_ex_publish_book(struct sg_ex_publisher *publisher, struct sg_ex_symbol *symbol, const struct sg_ex_book *book);
/* Tickers and klines that are due by `now_us` of the exchange's clock. */
void sg_ex_publish_clock(struct sg_ex_publisher *publisher, int64_t now_us);
