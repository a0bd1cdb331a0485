/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the feed says, in the order in which it was received: ticks, and events of the connection between them.
 *
 * Everything that decides about bars is in these records, and nothing else is: that is what makes a replay of a
 * recording give the same bars as the live run did. `recv_us` comes from a clock that never steps (wall time at the
 * start of the source plus monotonic time since), so a step of the machine's clock changes no bar. */
#include <stdbool.h>
#include <stdint.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/market/instrument.h"

enum sg_tick_kind {
    SG_TICK_TRADE,  /* price, quantity, ids: volume and trade count are exact */
    SG_TICK_TICKER, /* price; quantity is the 24 h total, its change estimates the volume */
    SG_TICK_BOOK,   /* price is (bid + ask) / 2; no volume */
};

struct sg_tick {
    int64_t recv_us;   /* when the message was received, local non-stepping clock */
    int64_t event_us;  /* E: when the exchange sent it; 0 = the message carries none (spot bookTicker) */
    int64_t time_us;   /* T: the time that decides the bar; 0 = use the exchange clock's estimate at recv_us */
    double price;      /* > 0, finite */
    sg_qty quantity;   /* see sg_tick_kind; >= 0. A trade of quantity 0 is one: it has an id and a price */
    int64_t id;        /* trade: the exchange's id of the last trade in it (aggTrade l, trade t), so that it has the trades
                            sg_tick_first_id() … id; book: update id; -1 = none */
    int64_t aggregate; /* aggTrade a: where REST goes on from, and no more; two may share one. 0 = none */
    uint32_t trades;   /* exchange trades in this tick (aggTrade l - f + 1); 0 for other kinds */
    uint8_t leg;       /* enum sg_leg */
    uint8_t kind;      /* enum sg_tick_kind */
    bool skips;        /* trade ids between two aggregates that follow one another are none of the market's (futures: liquidations) */
};

static inline int64_t sg_tick_first_id(const struct sg_tick *tick)
{
    return tick->trades > 1 && tick->id >= (int64_t)tick->trades - 1 ? tick->id - (int64_t)tick->trades + 1 : tick->id;
}

enum sg_feed_event_code {
    SG_EVENT_CONNECTING,
    SG_EVENT_CONNECTED,
    SG_EVENT_SUBSCRIBED,
    SG_EVENT_DISCONNECTED,
    SG_EVENT_RETRY,
    SG_EVENT_STALLED,
    SG_EVENT_GAP,
    SG_EVENT_BACKFILLED,
    SG_EVENT_LATE,
    SG_EVENT_DROPPED,
    SG_EVENT_ALERT_RAISED,
    SG_EVENT_ALERT_CLEARED,
    SG_EVENT_ERROR,
    SG_EVENT_RECOVERED /* a stalled leg delivers again; printed as `subscribed` */,
    SG_EVENT_COUNT,
    /* Never printed: they only decide about bars. */
    SG_EVENT_HISTORY = 100 /* an answer about the past is to be taken from the ring at this point */,
    SG_EVENT_MAINTENANCE /* the exchange itself has suspended the leg, which is why nothing comes */,
    SG_EVENT_CLOCK /* clock_us is known of the exchange's clock; only where the stream itself does not tell its time */
};

/* clock_us of a CLOCK event, when it is not a time. */
#define SG_CLOCK_AWAITED 0    /* the exchange was asked for its time: no record is to be placed by the local clock meanwhile */
#define SG_CLOCK_UNKNOWN (-1) /* it cannot be had: the local clock must do */

/* The name that is printed (src/cli/CLI.md). */
const char *sg_feed_event_name(enum sg_feed_event_code code);

struct sg_feed_event {
    int64_t recv_us;
    enum sg_feed_event_code code;
    int leg;          /* -1: the connection as a whole */
    uint32_t answer;  /* HISTORY: its number, for sg_tick_ring_take_answer; else 0 */
    int64_t clock_us; /* CLOCK: what the exchange's clock showed at recv_us, SG_CLOCK_AWAITED or SG_CLOCK_UNKNOWN; else 0 */
    char detail[232];
};
