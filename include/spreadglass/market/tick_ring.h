/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lock-protected hand-off from a source's thread to the engine's.
 *
 * One producer, one consumer. Bounded: a full ring drops the *new* tick and counts it per leg (never blocks, never
 * overwrites what was accepted). Events travel in the same order as the ticks, in a queue of 256 of their own. When that is
 * full, chatter goes first (connecting, retry, error, ...), then an "up" that later news of its leg overtakes, then a "down" that
 * repeats one: what is left says of every leg that it is down at least as long as it was, and ends in the truth.
 * `events_dropped` counts them.
 * The watermark is the producer's promise: every record with recv_us below it has been pushed. The consumer closes bars
 * only up to it, so that what closes when is decided by the records and not by how the two threads were scheduled.
 *
 * Locking: every field behind one pthread mutex {ring}; no callback is made with the lock held. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/market/history_answer.h"
#include "spreadglass/market/tick.h"

struct sg_tick_ring;

struct sg_tick_ring_stats {
    uint64_t pushed;
    uint64_t dropped[SG_LEG_COUNT];
    int64_t first_drop_us[SG_LEG_COUNT]; /* recv_us of the first and last tick dropped since the last drain; 0 = none */
    int64_t last_drop_us[SG_LEG_COUNT];
    uint64_t events_dropped;
    size_t length;
    size_t capacity;
    size_t slots_used;    /* ever written to: what the ring takes of memory, in ticks */
    size_t events_length; /* events waiting, and how many can: whoever can wait (a replay) never overfills them */
    size_t events_capacity;
    int64_t seen_us; /* watermark that the consumer last saw with the ring empty; 0 = none yet */
};

struct sg_tick_batch {
    struct sg_tick_ring *ring; /* that it was drained from: whom to ask for the answers of its HISTORY events; NULL: nobody */
    struct sg_tick *ticks;     /* caller's array */
    size_t tick_capacity;
    size_t tick_count;
    struct sg_feed_event *events; /* caller's array */
    size_t *event_after;          /* event i comes after this many ticks of this batch */
    size_t event_capacity;        /* at least 1, else an event in front of everything is never taken out */
    size_t event_count;
    int64_t watermark_us;            /* valid when !more: closes may advance to it */
    bool more;                       /* the ring was not emptied: drain again */
    struct sg_tick_ring_stats stats; /* counters at this drain. Drops reported here happened after every tick of this batch that
                                            came before the ring was full, and before any tick of a later one: act on them first */
};

/* Capacity in ticks, a power of two, 64 … 2^22. NULL on lack of memory or a bad capacity. */
struct sg_tick_ring *sg_tick_ring_new(size_t capacity);
void sg_tick_ring_free(struct sg_tick_ring *ring); /* NULL is fine; no other thread may still use it */

/* `on_ready` is called on the producer's thread, without the lock, when the ring goes from empty to non-empty. */
void sg_tick_ring_set_ready(struct sg_tick_ring *ring, void (*on_ready)(void *context), void *context);

/* Producer: takes the lock once per batch. Returns how many were accepted; the rest is counted as dropped. Also raises the
 * watermark to `watermark_us` when that is higher. */
size_t sg_tick_ring_push(struct sg_tick_ring *ring, const struct sg_tick *ticks, size_t count, int64_t watermark_us);
void sg_tick_ring_push_event(struct sg_tick_ring *ring, const struct sg_feed_event *event);
/* Hands over an answer about the past, and pushes the HISTORY event that marks its place. Of more than SG_TICK_RING_ANSWERS that nobody has taken
 * the oldest is lost: its event then finds nothing. */
#define SG_TICK_RING_ANSWERS 16u
void sg_tick_ring_push_answer(struct sg_tick_ring *ring, struct sg_history_answer *answer, int64_t recv_us);
void sg_tick_ring_set_watermark(struct sg_tick_ring *ring, int64_t watermark_us);

/* Consumer: the answer of a HISTORY event; the caller frees it. NULL: it is not there (any more). */
struct sg_history_answer *sg_tick_ring_take_answer(struct sg_tick_ring *ring, uint32_t number);

/* Consumer: copies out at most the batch's capacities and removes what it copied. The drop times start anew with each drain. */
void sg_tick_ring_drain(struct sg_tick_ring *ring, struct sg_tick_batch *batch);
void sg_tick_ring_stats(struct sg_tick_ring *ring, struct sg_tick_ring_stats *ret_stats);
