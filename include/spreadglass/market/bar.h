/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One OHLCV bar of one leg on the event-time grid [time, time + interval). Plain value. */
#include <stdbool.h>
#include <stdint.h>
#include "spreadglass/base/decimal.h"

enum sg_bar_flag {
    SG_BAR_FILLED = 1 << 0,           /* no trade in a healthy feed: flat at the last price, volume 0 */
    SG_BAR_VOLUME_ESTIMATED = 1 << 1, /* from the change of the 24 h total (ticker streams) */
    SG_BAR_NO_VOLUME = 1 << 2,        /* the stream carries none (book) */
    SG_BAR_REPAIRED = 1 << 3,         /* from the exchange's klines or aggTrades after a gap */
    SG_BAR_PROVISIONAL = 1 << 4,      /* still forming */
    SG_BAR_AFTER_GAP = 1 << 5,        /* the bar before this one does not exist (never set on the first bar of all) */
    SG_BAR_INCOMPLETE = 1 << 6,       /* trade ids are missing inside: this is of what arrived, the ledger has the hole. On a
                                          forming bar: it lacks seconds and will not become a bar */
    SG_BAR_UNSETTLED = 1 << 7,        /* all that is known, but nothing proves yet that it is all there was: a bar that no later record of its
                                          leg has confirmed (a connection that died unnoticed looks like this), or a kline fetched earlier than
                                          SG_BAR_SETTLE_US after its end and not seen with the same content after it. It may still change */
};

/* A kline that was fetched this long after its end is final; an earlier one may be of an older state of the exchange's. */
#define SG_BAR_SETTLE_US INT64_C(60000000)

/* What a bar is not to be trusted for ever with. */
#define SG_BAR_DOUBTFUL ((uint32_t)SG_BAR_INCOMPLETE | (uint32_t)SG_BAR_UNSETTLED)

struct sg_bar {
    int64_t time_us;               /* open time, exchange clock, a multiple of the interval */
    double open, high, low, close; /* quote units */
    sg_qty volume;                 /* base units * 1e8; exact unless flagged */
    uint32_t trades;               /* exchange trades; exact for trade streams, 0 for others */
    uint32_t ticks;                /* our own records in this bar */
    uint32_t flags;
    int64_t last_tick_us; /* exchange time of the leg's last tick at or before this bar's end; 0 = unknown (klines) */
    int64_t last_id;      /* id of the leg's last trade at or before this bar's end; 0 = unknown (klines, tickers) */
};

/* Proved to be all there was. */
static inline bool sg_bar_is_final(const struct sg_bar *bar)
{
    return (bar->flags & (SG_BAR_DOUBTFUL | (uint32_t)SG_BAR_PROVISIONAL)) == 0;
}

/* How much a bar is worth beside another one of the same time; the greater one stays. 0: known to be wrong; 1: not proved yet; 2: final. */
static inline int sg_bar_rank(const struct sg_bar *bar)
{
    return bar->flags & ((uint32_t)SG_BAR_INCOMPLETE | (uint32_t)SG_BAR_PROVISIONAL) ? 0 : bar->flags & SG_BAR_UNSETTLED ? 1 : 2;
}
