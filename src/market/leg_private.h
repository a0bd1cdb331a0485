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
    struct sg_bar bar; /* of the seconds so far; bar.time_us is the interval's start */
    uint32_t seconds;  /* how many it has; 0: empty */
};

#define SG_LEG_HOLES 64 /* trades overtaken by as many others as this may still come; beyond it the oldest hole is told */

/* Trades that were overtaken by later ones, or are lost. */
struct sg_leg_hole {
    int64_t first, last;
    int64_t before_us, after_us; /* trade times of its neighbours */
    bool told;                   /* its first second has closed: it is missing now, but may still come */
};

struct sg_leg_ids {
    int64_t first, last;         /* -1: none yet */
    int64_t first_time_us;       /* trade time of the first */
    int64_t last_time_us;        /* the latest trade time seen */
    int64_t aggregate;           /* of the last one; 0: none */
    bool after_down, after_drop; /* a jump now belongs to that outage and is no hole */
    uint64_t seen, missing, holes, restarts, duplicates, placed;
    struct sg_leg_hole hole[SG_LEG_HOLES]; /* ascending */
    size_t hole_count;
};

enum sg_leg_id_verdict {
    SG_ID_NEW,    /* it may have left a hole behind the last one, which waits (sg_leg_due_hole) */
    SG_ID_PLACED, /* an earlier trade overtook it */
    SG_ID_DUPLICATE,
    SG_ID_OUTAGE, /* a hole that an outage explains */
};

/* An open second. `bar.last_id` is the trade that made its close, `open_id` the one that made its open: trades may come in another order. */
struct sg_leg_slot {
    struct sg_bar bar; /* time_us < 0: free */
    int64_t open_id;
};

/* The last price, of which tick it is. */
struct sg_leg_price {
    double value;
    int64_t time_us, id; /* 0: none */
};

struct sg_leg_state {
    bool up, up_pending;     /* pending: up, but the clock cannot tell yet since when */
    int64_t missed_until_us; /* before it there may be trades that an outage missed, whatever the clock says; 0: none */
    int64_t up_from_us;      /* the first whole second */

    bool price_known;          /* a price since the leg is up, and none was dropped after it */
    struct sg_leg_price price; /* as of the end of the last closed second */
    uint32_t volume_flags;     /* what the stream's volume is worth */

    bool total_known; /* ticker: the 24 h total of the last tick */
    sg_qty total;

    bool started; /* a bar was closed once: from now on what is missing is a gap */
    bool resumed; /* what an earlier run saw last is known: the first trade may tell what was missed since */
    bool gap_open;
    enum sg_gap_cause gap_cause; /* of the open gap */
    int64_t gap_from_us;
    int64_t gap_first_id, gap_last_id; /* trades known to be missing in the open gap; -1 */

    int64_t dropped_from_us, dropped_to_us; /* seconds, both included, that the ring lost ticks of; from > to: none */

    struct sg_leg_ids ids;
    struct sg_leg_sum sums[SG_INTERVAL_COUNT];
    int64_t last_bar_us[SG_INTERVAL_COUNT]; /* open time of the bar before; SG_LEG_NO_TIME: none */

    int64_t settled_us;   /* seconds before it are all there was: a later record has come without a hole between; 0: none */
    int64_t unsettled_us; /* the earliest second that closed without that; SG_LEG_NO_TIME: none */

    struct sg_leg_slot *slots; /* open seconds; second s is at s & (slot_count - 1) */
    size_t slot_count;         /* a power of two */
};

bool sg_leg_init(struct sg_leg_state *leg, size_t least_slots); /* false: no memory */
void sg_leg_free(struct sg_leg_state *leg);
void sg_leg_reset(struct sg_leg_state *leg);       /* as new, memory kept */
void sg_leg_forget_open(struct sg_leg_state *leg); /* what is open is lost, and the price with it */

/* Is this trade new, late in order, seen before, or the first after an outage that lost trades *ret_first … *ret_last? Takes note of it. */
enum sg_leg_id_verdict sg_leg_check_id(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us, int64_t *ret_first, int64_t *ret_last);
/* The first hole that nobody was told of and that has a part before time_us; it counts as told from here on. False: there is none. */
bool sg_leg_due_hole(struct sg_leg_state *leg, int64_t time_us, struct sg_leg_hole *ret_hole);
uint64_t sg_leg_waiting(const struct sg_leg_state *leg); /* trades in holes that nobody was told of */
/* An earlier run of the program saw trades up to this one: the first to come tells what was missed since. */
void sg_leg_resume(struct sg_leg_state *leg, int64_t last_id, int64_t last_time_us);
/* How far what was seen is proved now. */
int64_t sg_leg_settle(struct sg_leg_state *leg, int64_t time_us);
/* These trades are missing in the gap that is open, or about to be. */
void sg_leg_note_missing(struct sg_leg_state *leg, int64_t first_id, int64_t last_id);
/* The first trade after an outage (or after the ring has lost ticks) has come, at time_us, and its ids leave some out: they may be of any time from the one before it, at
 * before_us, so that neither its second nor those between are known whole. The clock, which is behind when messages are, cannot tell. Seconds before next_close_us are closed.
 * False: no gap is open, or will be, that they belong to. */
bool sg_leg_outage_ended(struct sg_leg_state *leg, int64_t before_us, int64_t time_us, int64_t next_close_us);
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
bool sg_leg_forming(const struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, int64_t next_close_us, int64_t now_us, struct sg_bar *ret_bar);
void sg_leg_add_dropped(struct sg_leg_state *leg, int64_t from_us, int64_t to_us, int64_t next_close_us);
