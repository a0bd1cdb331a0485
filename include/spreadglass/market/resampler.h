/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ticks of two legs to bars of every interval, on the exchange's clock.
 *
 * Exchange clock: every record with an event time gives a sample event - recv; the estimate is the largest sample of the
 * last 60 s (the least delayed message), so now(recv) = recv + offset. It never runs backwards. A bar [T, T + p) closes when
 * the exchange's clock passes T + p + grace, moved on by each record before it is applied and by the watermark, never by
 * the local wall clock. Closing therefore depends on the records alone: a replay closes the same bars at the same points.
 * Nothing closes before two samples agree (or sg_resampler_clock_sample gave one). A sample more than 10 s off is believed only
 * when it continues the exchange's own time (the local clock was stepped) or when five in a row agree.
 *
 * Ticks that carry no time at all (spot bookTicker) are placed by this clock. Where nothing else tells it, CLOCK events do (the exchange's
 * time by REST): while one is awaited nothing is placed and nothing closes, and the leg is merely up. When it cannot be had, or nobody
 * ever asked (a recording made elsewhere), local time is assumed; a CLOCK event after that still corrects it, but not by standing still for more than 60 s.
 *
 * A leg is *up* from SUBSCRIBED to DISCONNECTED/STALLED; a tick of a leg that is down brings it up too. Its bars begin with the
 * first whole second after that. While it is up, a bar without ticks is filled (flat at the last price). A bar during any
 * part of which the leg was down does not exist: it goes to the gap ledger, and so do the bars that were still within the grace
 * when it went down. A price from before an outage is not carried over it: the gap lasts until the first tick after it.
 * Before a leg's first bar there is nothing to miss: no bars and no gap. Longer intervals cascade from closed 1 s bars; one
 * that misses any of its seconds does not exist either (repair may bring it back).
 *
 * Time that nobody watched: when the clock must move by more than 60 s in one step (the machine slept), both legs get a gap
 * (cause STALL) instead of filled bars. So a source raises the watermark at least every few seconds while it is healthy, a replay
 * included. Shorter outages are for the feed to report as events: only it can tell them from silence.
 *
 * A tick whose bar has closed is late: counted, reported, not applied. One more than 5 s ahead of the clock is refused and
 * counted. Trades are told apart by the exchange's ids of the single trades in them (f to l), and not by the aggregate's. A jump of ids is a
 * hole; a trade that belongs into one was overtaken, and is placed: open and close go by the ids. An old id that belongs into none is a
 * duplicate, counted, or, when it is newer, the exchange counts anew. A hole that is left when the second closes which its first trade may
 * belong to, and that no outage explains, is counted and becomes a gap entry with the ids (cause ID_HOLE); bars that are still open get
 * SG_BAR_INCOMPLETE. One that an outage explains belongs to its gap, and, when bars after the last trade were
 * closed before the outage was noticed, to an entry of cause ID_HOLE for their time too. Volume from tickers is the rise of the 24 h total; a fall (the 24 h window slid)
 * counts as 0.
 *
 * A bar that closes before any later record of its leg has come without a hole is SG_BAR_UNSETTLED: a connection that has died unnoticed looks just
 * like silence. The next record settles it (on_settled), or says what was missed. Where there are no ids to tell, the bars since the
 * last record belong to the outage.
 *
 * O(1) per tick and per bar; allocates at creation only. Thread: one owner (main). Callbacks may read the resampler, and
 * must not change it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/gap_ledger.h"
#include "spreadglass/market/tick.h"

#define SG_RESAMPLER_GRACE_US 500000 /* worst lateness in the recorded captures: 221 ms */
#define SG_RESAMPLER_GRACE_MAX_US INT64_C(60000000)

struct sg_resampler;

struct sg_resampler_callbacks {
    /* A closed bar of one leg. For one closing time of one interval: leg A's, then leg B's, then on_close. */
    void (*on_bar)(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar);
    /* Time `time_us` of `interval` is closed for both legs; `present` bit i: leg i has a bar. 1s: called when at least one has.
     * Longer intervals: called when at least one leg had at least one second in it, so `present` may be 0. */
    void (*on_close)(void *context, enum sg_interval interval, int64_t time_us, unsigned present);
    /* A gap was opened (to_us = INT64_MAX: sg_gap_ledger_add), or ended (to_us known: sg_gap_ledger_end; first_id and last_id are
     * what it turned out to miss, -1 when that is nothing or not known). Cause ID_HOLE: opened and ended at once (add). */
    void (*on_gap)(void *context, const struct sg_gap *gap);
    /* `behind_us`: age of the tick on the exchange's clock when it was received. */
    void (*on_late)(void *context, const struct sg_tick *tick, int64_t behind_us);
    /* Trades first_id … last_id were not seen before a later one was: exactly those, at once (a gap names the first and the last of several such
     * runs, when it ends). */
    void (*on_missing)(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id);
    /* These, which others overtook, came after all; on_missing may have named them. */
    void (*on_found)(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id);
    /* Bars that were closed with SG_BAR_UNSETTLED and that ended in (from_us, until_us] have turned out to be all there was, but for what on_gap
     * has said of them. */
    void (*on_settled)(void *context, enum sg_leg leg, int64_t from_us, int64_t until_us);
    void *context;
};

struct sg_resampler_config {
    int64_t grace_us;                        /* 0 = SG_RESAMPLER_GRACE_US; at most SG_RESAMPLER_GRACE_MAX_US */
    struct sg_resampler_callbacks callbacks; /* any may be NULL */
};

struct sg_resampler_stats {
    uint64_t ticks[SG_LEG_COUNT]; /* applied */
    uint64_t late[SG_LEG_COUNT], duplicates[SG_LEG_COUNT];
    uint64_t bars[SG_LEG_COUNT], filled[SG_LEG_COUNT]; /* of 1 s; filled ones are among `bars` */
    uint64_t id_holes[SG_LEG_COUNT];                   /* jumps of the trade id that no outage explains, and that no trade closed in time */
    uint64_t placed[SG_LEG_COUNT];                     /* trades that others had overtaken */
    int64_t last_tick_us[SG_LEG_COUNT];                /* exchange time of the last tick applied; 0 = none yet */
    int64_t clock_offset_us;                           /* exchange - local; valid when clock_known */
    bool clock_known;
    bool clock_runs;                 /* there is a time to go by: the exchange's, or the local one in its place */
    uint64_t future[SG_LEG_COUNT];   /* refused: more than 5 s ahead of the exchange's clock */
    uint64_t rejected[SG_LEG_COUNT]; /* refused: price, quantity or a time that cannot be */
    uint64_t clock_quarantined;      /* samples that were not believed at once */
    /* Accounting of trade ids since the exchange last began to count (id_restarts), or the last outage before the leg's first bar: nothing is lost silently means
     * last_id - first_id + 1 == ids_seen + ids_missing. Late trades are seen. -1: no id yet. */
    int64_t first_id[SG_LEG_COUNT], last_id[SG_LEG_COUNT];
    int64_t first_id_time_us[SG_LEG_COUNT]; /* trade time of the first */
    uint64_t ids_seen[SG_LEG_COUNT], ids_missing[SG_LEG_COUNT], id_restarts[SG_LEG_COUNT];
    uint64_t ids_waiting[SG_LEG_COUNT]; /* those of the missing that on_missing has not named: they may only have been overtaken */
};

/* NULL: no memory, or a grace out of range. */
struct sg_resampler *sg_resampler_new(const struct sg_resampler_config *config);
void sg_resampler_free(struct sg_resampler *resampler);
void sg_resampler_reset(struct sg_resampler *resampler); /* as new; counters too */

void sg_resampler_tick(struct sg_resampler *resampler, const struct sg_tick *tick);
/* Uses CLOCK, MAINTENANCE (the gap that lasts has this cause) and CONNECTED/SUBSCRIBED/RECOVERED/DISCONNECTED/STALLED (leg -1: both); ignores the rest. */
void sg_resampler_event(struct sg_resampler *resampler, const struct sg_feed_event *event);
/* Ticks of `leg` received in [from, to] were dropped by the ring: the bars touched do not exist. Call it before the ticks of the
 * batch whose statistics reported the drop. */
void sg_resampler_dropped(struct sg_resampler *resampler, enum sg_leg leg, int64_t from_recv_us, int64_t to_recv_us);
/* A trusted sample of the exchange's clock (REST time): at recv_us it showed event_us. */
void sg_resampler_clock_sample(struct sg_resampler *resampler, int64_t recv_us, int64_t event_us);
/* Every record received before the watermark was handed in. */
void sg_resampler_advance(struct sg_resampler *resampler, int64_t watermark_recv_us);
/* End of a recording: closes what is complete without waiting for the grace. */
void sg_resampler_finish(struct sg_resampler *resampler);

/* An earlier run of the program saw the leg's trades up to last_id: the first trade of this one tells what was missed between (on_missing). To be
 * called before it. The account of ids begins with last_id. */
void sg_resampler_resume(struct sg_resampler *resampler, enum sg_leg leg, int64_t last_id, int64_t last_time_us);

/* The bar of `interval` that the exchange's clock is in, as it stands: both legs give the same time. PROVISIONAL; INCOMPLETE when
 * seconds of it are missing, so that it will never close. False when the leg is down or has no price. */
bool sg_resampler_forming(const struct sg_resampler *resampler, enum sg_interval interval, enum sg_leg leg, struct sg_bar *ret_bar);
/* Exchange time now, given local receive time; recv itself while the clock is not known. */
int64_t sg_resampler_exchange_time(const struct sg_resampler *resampler, int64_t recv_us);
void sg_resampler_stats(const struct sg_resampler *resampler, struct sg_resampler_stats *ret_stats);
