/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One leg of the resampler: its open seconds, whether it is up, its last price, its trade ids, and the sums of the longer
 * intervals. Knows nothing of the clock or of the other leg; times handed in are exchange time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/market/bar.h"
#include "spreadglass/market/gap_ledger.h"
#include "spreadglass/market/tick.h"

#define SG_LEG_NO_TIME INT64_MIN

struct sg_leg_sum {
    struct sg_bar bar;                 /* of the seconds so far; bar.time_us is the interval's start */
    uint32_t seconds;                  /* how many it has; 0: empty */
};

struct sg_leg_ids {
    int64_t first, last;               /* -1: none yet */
    int64_t first_time_us;             /* trade time of the first */
    int64_t last_time_us;              /* the latest trade time seen */
    bool after_down, after_drop;       /* a jump now belongs to that outage and is no hole */
    uint64_t seen, missing, holes, restarts, duplicates;
};

enum sg_leg_id_verdict { SG_ID_NEW, SG_ID_DUPLICATE, SG_ID_HOLE, SG_ID_OUTAGE /* a hole that an outage explains */ };

struct sg_leg_state {
    bool up, up_pending;               /* pending: up, but the clock cannot tell yet since when */
    int64_t up_from_us;                /* the first whole second */

    bool price_known;                  /* a price since the leg is up, and none was dropped after it */
    double price;                      /* as of the end of the last closed second */
    int64_t price_time_us;             /* of the tick that made it; 0 = none */
    uint32_t volume_flags;             /* what the stream's volume is worth */

    bool total_known;                  /* ticker: the 24 h total of the last tick */
    sg_qty total;

    bool started;                      /* a bar was closed once: from now on what is missing is a gap */
    bool gap_open;
    enum sg_gap_cause gap_cause;       /* of the open gap */
    int64_t gap_from_us;
    int64_t gap_first_id, gap_last_id; /* trades known to be missing in the open gap; -1 */

    int64_t dropped_from_us, dropped_to_us; /* seconds, both included, that the ring lost ticks of; from > to: none */

    struct sg_leg_ids ids;
    struct sg_leg_sum sums[SG_INTERVAL_COUNT];
    int64_t last_bar_us[SG_INTERVAL_COUNT]; /* open time of the bar before; SG_LEG_NO_TIME: none */

    struct sg_bar *slots;              /* open seconds; second s is at s & (slot_count - 1); time_us < 0: free */
    size_t slot_count;                 /* a power of two */
};

bool sg_leg_init(struct sg_leg_state *leg, size_t least_slots); /* false: no memory */
void sg_leg_free(struct sg_leg_state *leg);
void sg_leg_reset(struct sg_leg_state *leg);                    /* as new, memory kept */
void sg_leg_forget_open(struct sg_leg_state *leg);              /* what is open is lost, and the price with it */

/* Is this trade new, seen before, or does it leave a hole behind the last one (*ret_first … *ret_last)? Takes note of it. */
enum sg_leg_id_verdict sg_leg_check_id(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us, int64_t *ret_first,
                                       int64_t *ret_last);
/* These trades are missing in the gap that is open, or about to be. */
void sg_leg_note_missing(struct sg_leg_state *leg, int64_t first_id, int64_t last_id);
/* The tick belongs to an open second that has a slot. */
void sg_leg_apply(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us);
/* What is in the seconds [from, to] is not all there was. Only open seconds may be named. */
void sg_leg_mark_incomplete(struct sg_leg_state *leg, int64_t from_us, int64_t to_us);
/* Closed seconds in [from, to) were not all there was: no longer interval that they went into is exact any more. */
void sg_leg_doubt_sums(struct sg_leg_state *leg, int64_t from_us, int64_t to_us);
/* Ends the second; true: it has a bar. Adds it to the sums. */
bool sg_leg_close_second(struct sg_leg_state *leg, int64_t time_us, struct sg_bar *ret_bar);
/* Ends the interval that starts at start_us; true: it has all its seconds. Empties the sum. */
bool sg_leg_close_interval(struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, struct sg_bar *ret_bar);
/* The bar from start_us as it stands at now_us; seconds below next_close_us are closed. */
bool sg_leg_forming(const struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, int64_t next_close_us, int64_t now_us,
                    struct sg_bar *ret_bar);
void sg_leg_add_dropped(struct sg_leg_state *leg, int64_t from_us, int64_t to_us, int64_t next_close_us);
