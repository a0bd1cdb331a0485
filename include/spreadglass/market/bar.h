/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One OHLCV bar of one leg on the event-time grid [time, time + interval). Plain value. */
#include <stdint.h>
#include "spreadglass/base/decimal.h"

enum sg_bar_flag {
    SG_BAR_FILLED = 1 << 0,            /* no trade in a healthy feed: flat at the last price, volume 0 */
    SG_BAR_VOLUME_ESTIMATED = 1 << 1,  /* from the change of the 24 h total (ticker streams) */
    SG_BAR_NO_VOLUME = 1 << 2,         /* the stream carries none (book) */
    SG_BAR_REPAIRED = 1 << 3,          /* from the exchange's klines or aggTrades after a gap */
    SG_BAR_PROVISIONAL = 1 << 4,       /* still forming */
    SG_BAR_AFTER_GAP = 1 << 5,         /* the bar before this one does not exist (never set on the first bar of all) */
    SG_BAR_INCOMPLETE = 1 << 6,        /* trade ids are missing inside: this is of what arrived, the ledger has the hole. On a
                                          forming bar: it lacks seconds and will not become a bar */
};

struct sg_bar {
    int64_t time_us;                   /* open time, exchange clock, a multiple of the interval */
    double open, high, low, close;     /* quote units */
    sg_qty volume;                     /* base units * 1e8; exact unless flagged */
    uint32_t trades;                   /* exchange trades; exact for trade streams, 0 for others */
    uint32_t ticks;                    /* our own records in this bar */
    uint32_t flags;
    int64_t last_tick_us;              /* exchange time of the leg's last tick at or before this bar's end; 0 = unknown (klines) */
};
