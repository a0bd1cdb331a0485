/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ticks of two legs to bars of every interval, on the exchange's clock.
 *
 * Exchange clock: every record with an event time gives a sample event - recv; the estimate is the largest sample of the
 * last 60 s (the least delayed message), so now(recv) = recv + offset. It never runs backwards. A bar [T, T + p) closes when
 * the exchange's clock passes T + p + grace, moved on by each record before it is applied and by the watermark, never by
 * the local wall clock. Closing therefore depends on the records alone: a replay closes the same bars at the same points.
 *
 * A leg is *up* from SUBSCRIBED to DISCONNECTED/STALLED. While it is up, a bar without ticks is filled (flat at the last
 * price). A bar during any part of which the leg was down does not exist: it goes to the gap ledger. Longer intervals
 * cascade from closed 1 s bars; one that misses any of its seconds does not exist either (repair may bring it back).
 * A tick whose bar has closed is late: counted, reported, not applied. Trades are de-duplicated by id (id <= last
 * seen: duplicate, counted).
 *
 * O(1) per tick and per bar; allocates at creation only. Thread: one owner (main). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/gap_ledger.h"
#include "spreadglass/market/tick.h"

#define SG_RESAMPLER_GRACE_US 500000   /* worst lateness in the recorded captures: 221 ms */

struct sg_resampler;

struct sg_resampler_callbacks {
    /* A closed bar of one leg. For one closing time of one interval: leg A's, then leg B's, then on_close. */
    void (*on_bar)(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar);
    /* Time `time_us` of `interval` is closed for both legs; `present` bit i: leg i has a bar. */
    void (*on_close)(void *context, enum sg_interval interval, int64_t time_us, unsigned present);
    /* A gap was opened (to_us = INT64_MAX), or ended (to_us known). */
    void (*on_gap)(void *context, const struct sg_gap *gap);
    void (*on_late)(void *context, const struct sg_tick *tick, int64_t behind_us);
    void *context;
};

struct sg_resampler_config {
    int64_t grace_us;                  /* 0 = SG_RESAMPLER_GRACE_US */
    struct sg_resampler_callbacks callbacks; /* any may be NULL */
};

struct sg_resampler_stats {
    uint64_t ticks[SG_LEG_COUNT], late[SG_LEG_COUNT], duplicates[SG_LEG_COUNT], bars[SG_LEG_COUNT], filled[SG_LEG_COUNT], id_holes[SG_LEG_COUNT];
    int64_t last_tick_us[SG_LEG_COUNT]; /* exchange time of the last tick applied; 0 = none yet */
    int64_t clock_offset_us;            /* exchange - local; valid when clock_known */
    bool clock_known;
};

struct sg_resampler *sg_resampler_new(const struct sg_resampler_config *config);
void sg_resampler_free(struct sg_resampler *resampler);
void sg_resampler_reset(struct sg_resampler *resampler);      /* as new; counters too */

void sg_resampler_tick(struct sg_resampler *resampler, const struct sg_tick *tick);
/* Uses CONNECTED/SUBSCRIBED/RECOVERED/DISCONNECTED/STALLED (leg -1: both); ignores the rest. */
void sg_resampler_event(struct sg_resampler *resampler, const struct sg_feed_event *event);
/* Ticks of `leg` received in [from, to] were dropped by the ring: the bars touched do not exist. */
void sg_resampler_dropped(struct sg_resampler *resampler, enum sg_leg leg, int64_t from_recv_us, int64_t to_recv_us);
void sg_resampler_clock_sample(struct sg_resampler *resampler, int64_t recv_us, int64_t event_us);
void sg_resampler_advance(struct sg_resampler *resampler, int64_t watermark_recv_us);
/* End of a recording: closes what is complete without waiting for the grace. */
void sg_resampler_finish(struct sg_resampler *resampler);

/* The forming bar of a leg: false when there is none. */
bool sg_resampler_forming(const struct sg_resampler *resampler, enum sg_interval interval, enum sg_leg leg, struct sg_bar *ret_bar);
/* Exchange time now, given local receive time; recv itself while the clock is not known. */
int64_t sg_resampler_exchange_time(const struct sg_resampler *resampler, int64_t recv_us);
void sg_resampler_stats(const struct sg_resampler *resampler, struct sg_resampler_stats *ret_stats);
