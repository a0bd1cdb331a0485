/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The texts of the exchange's messages, appended to a buffer. `microseconds` selects the unit of every time field. */
#include "archive_private.h"
#include "spreadglass/base/buffer.h"

/* 1e-8 units with a fixed number of decimals (0..8); digits beyond are cut. */
void sg_ex_append_fixed(struct sg_buffer *buffer, sg_qty value, int decimals);
void sg_ex_append_time(struct sg_buffer *buffer, int64_t time_us, bool microseconds);

void sg_ex_append_agg_trade(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool microseconds);
/* Trade `id` of the aggregate, with its share of the quantity. */
void sg_ex_append_trade(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, int64_t id, int64_t quantity,
                        bool microseconds);
void sg_ex_append_book(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_book *book);
void sg_ex_append_mini_ticker(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, int64_t event_us, bool microseconds);
void sg_ex_append_kline(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, const char *interval, int64_t interval_us,
                        bool closed, int64_t event_us, bool microseconds);
/* The rows of REST. */
void sg_ex_append_agg_trade_row(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool microseconds);
void sg_ex_append_kline_row(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, int64_t interval_us, bool microseconds);
