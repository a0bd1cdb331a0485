/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From what happens on the market to the messages of its streams. The exchange's thread only. */
#include <stdio.h>
#include "hub_private.h"

struct ex_publisher {
    struct ex_hub *hub;
    struct ex_archive *archive;
    FILE *log; /* every aggregate trade as generated, one a line; NULL: none */
    int64_t next_ticker_us, next_kline_us;
    struct sg_buffer text, micro;
    bool no_tickers; /* the recording brings its own */
};

void ex_publisher_init(struct ex_publisher *publisher, struct ex_hub *hub, struct ex_archive *archive);
void ex_publisher_free(struct ex_publisher *publisher);
/* Publishes the aggTrade stream and, when `fills`, the trade stream: one message for each trade of the aggregate. */
void ex_publish_trade(struct ex_publisher *publisher, struct ex_symbol *symbol, const struct ex_trade *trade, bool fills);
void ex_publish_book(struct ex_publisher *publisher, struct ex_symbol *symbol, const struct ex_book *book);
/* Tickers and klines that are due by `now_us` of the exchange's clock. */
void ex_publish_clock(struct ex_publisher *publisher, int64_t now_us);
