/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One WebSocket text message to ticks: miniTicker, aggTrade, trade, bookTicker; with or without the combined wrapper; single
 * or in an array; plus the replies to commands. One cJSON parse per message. Any thread, one decoder per thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/tick.h"

enum sg_message_kind { SG_MESSAGE_TICKS, SG_MESSAGE_REPLY_OK, SG_MESSAGE_REPLY_ERROR, SG_MESSAGE_SHUTDOWN, SG_MESSAGE_IGNORED, SG_MESSAGE_BAD };

/* Aggregate and single trades number the same trades differently, so one decoder takes only one of the two. */
enum sg_trade_form { SG_TRADE_FORM_ANY = 0 /* whichever comes first decides */, SG_TRADE_FORM_AGGREGATE, SG_TRADE_FORM_SINGLE };

/* Zero-initialise, then set what differs; it owns nothing and needs no freeing. */
struct sg_decoder {
    struct sg_instrument legs[SG_LEG_COUNT]; /* an empty symbol is a leg that is not looked for here */
    enum sg_stream stream;
    bool microseconds;                /* unit of every time field: configuration, never guessed */
    int64_t time_min_us, time_max_us; /* plausible event times; 0: 2017-01-01 … 2100-01-01 */
    enum sg_trade_form trade_form;
    uint64_t rejected_values; /* ticks refused: price or quantity missing, of wrong type, not finite, <= 0, absurd */
};

struct sg_decoded {
    enum sg_message_kind kind;
    size_t tick_count; /* written to the caller's array */
    int64_t reply_id;  /* for replies; -1 when absent or null */
    int error_code;
    char detail[200]; /* for BAD, REPLY_ERROR and rejected values: what is wrong, and a piece of the text */
};

/* Prices and quantities must be JSON strings of decimal text (an exponent is accepted in a price, not in a quantity), ids and
 * times JSON integers below 2^53; a price must be in (0, 1e12]. Symbols are compared without regard to ASCII case.
 * Kind of the result: TICKS when at least one value of a watched symbol was read or refused (refused ones are counted, the first reason
 * is in `detail`); IGNORED for other symbols, other streams and unknown events; BAD when it is not one JSON document of that shape.
 * `ticks` needs room for `tick_capacity`; more in one message are counted as rejected. recv_us is stamped on every tick. */
void sg_decoder_message(struct sg_decoder *decoder, const char *text, size_t length, int64_t recv_us, struct sg_tick *ticks, size_t tick_capacity,
                        struct sg_decoded *ret_decoded);
