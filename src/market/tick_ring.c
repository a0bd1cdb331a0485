/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/tick_ring.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "event_queue_private.h"

#define CAPACITY_MIN ((size_t)64)
#define CAPACITY_MAX ((size_t)1 << 22)

struct sg_tick_ring {
    pthread_mutex_t mutex; /* {ring}: guards everything below */
    struct sg_tick *ticks; /* tick number n is at (n - origin) & mask */
    uint64_t origin;       /* moves up whenever the ring is empty, so that a ring that is drained in time stays within its first pages */
    size_t slots_used;     /* the first so many have been written to */
    size_t mask;
    uint64_t head; /* number of the next tick to drain */
    uint64_t tail; /* number of the next tick to push = ticks accepted so far */
    struct sg_event_queue events;
    struct {
        uint32_t number;
        struct sg_history_answer *answer;
    } answers[SG_TICK_RING_ANSWERS];
    uint32_t answer_number; /* of the last one; 0: none yet */
    int64_t watermark_us;
    int64_t seen_us;
    uint64_t dropped[SG_LEG_COUNT];
    int64_t first_drop_us[SG_LEG_COUNT];
    int64_t last_drop_us[SG_LEG_COUNT];
    void (*on_ready)(void *context);
    void *ready_context;
};

struct sg_tick_ring *sg_tick_ring_new(size_t capacity)
{
    struct sg_tick_ring *ring;

    if (capacity < CAPACITY_MIN || capacity > CAPACITY_MAX || (capacity & (capacity - 1)) != 0) {
        return NULL;
    }
    ring = calloc(1, sizeof *ring);
    if (!ring) {
        return NULL;
    }
    ring->ticks = calloc(capacity, sizeof *ring->ticks);
    if (!ring->ticks || pthread_mutex_init(&ring->mutex, NULL) != 0) {
        free(ring->ticks);
        free(ring);
        return NULL;
    }
    ring->mask = capacity - 1;
    return ring;
}

void sg_tick_ring_free(struct sg_tick_ring *ring)
{
    if (ring) {
        for (size_t i = 0; i < SG_TICK_RING_ANSWERS; i++) {
            sg_history_answer_free(ring->answers[i].answer);
        }
        pthread_mutex_destroy(&ring->mutex);
        free(ring->ticks);
        free(ring);
    }
}

void sg_tick_ring_set_ready(struct sg_tick_ring *ring, void (*on_ready)(void *context), void *context)
{
    pthread_mutex_lock(&ring->mutex);
    ring->on_ready = on_ready;
    ring->ready_context = context;
    pthread_mutex_unlock(&ring->mutex);
}

static bool is_empty(const struct sg_tick_ring *ring)
{
    return ring->head == ring->tail && ring->events.length == 0;
}

/* What must be called after the lock is gone, because the ring was empty and is not any more. */
struct wake {
    void (*call)(void *context);
    void *context;
};

static struct wake wake_after(const struct sg_tick_ring *ring, bool was_empty)
{
    if (was_empty && !is_empty(ring)) {
        return (struct wake){ring->on_ready, ring->ready_context};
    }
    return (struct wake){NULL, NULL};
}

static void wake_up(struct wake wake)
{
    if (wake.call) {
        wake.call(wake.context);
    }
}

static void count_drop(struct sg_tick_ring *ring, const struct sg_tick *tick)
{
    size_t leg = tick->leg;

    assert(leg < SG_LEG_COUNT);
    ring->dropped[leg]++;
    if (ring->first_drop_us[leg] == 0) {
        ring->first_drop_us[leg] = tick->recv_us;
    }
    ring->last_drop_us[leg] = tick->recv_us;
}

size_t sg_tick_ring_push(struct sg_tick_ring *ring, const struct sg_tick *ticks, size_t count, int64_t watermark_us)
{
    size_t accepted;
    size_t room;
    size_t at;
    size_t first;
    struct wake wake;
    bool was_empty;

    pthread_mutex_lock(&ring->mutex);
    was_empty = is_empty(ring);
    room = ring->mask + 1 - (size_t)(ring->tail - ring->head);
    accepted = count < room ? count : room;
    if (ring->head == ring->tail) {
        ring->origin = ring->tail;
    }
    at = (size_t)(ring->tail - ring->origin) & ring->mask;
    first = accepted < ring->mask + 1 - at ? accepted : ring->mask + 1 - at;
    if (accepted > 0) {
        memcpy(ring->ticks + at, ticks, first * sizeof *ticks);
        memcpy(ring->ticks, ticks + first, (accepted - first) * sizeof *ticks);
    }
    ring->tail += accepted;
    if (ring->slots_used < at + first) {
        ring->slots_used = at + first;
    }
    for (size_t i = accepted; i < count; i++) {
        count_drop(ring, &ticks[i]);
    }
    if (watermark_us > ring->watermark_us) {
        ring->watermark_us = watermark_us;
    }
    wake = wake_after(ring, was_empty);
    pthread_mutex_unlock(&ring->mutex);
    wake_up(wake);
    return accepted;
}

void sg_tick_ring_push_event(struct sg_tick_ring *ring, const struct sg_feed_event *event)
{
    struct wake wake;
    bool was_empty;

    pthread_mutex_lock(&ring->mutex);
    was_empty = is_empty(ring);
    sg_event_queue_push(&ring->events, event, ring->tail);
    wake = wake_after(ring, was_empty);
    pthread_mutex_unlock(&ring->mutex);
    wake_up(wake);
}

void sg_tick_ring_push_answer(struct sg_tick_ring *ring, struct sg_history_answer *answer, int64_t recv_us)
{
    struct sg_feed_event event = {.recv_us = recv_us, .code = SG_EVENT_HISTORY, .leg = -1};
    struct sg_history_answer *lost;
    size_t slot;

    pthread_mutex_lock(&ring->mutex);
    event.answer = ++ring->answer_number;
    slot = event.answer % SG_TICK_RING_ANSWERS;
    lost = ring->answers[slot].answer;
    ring->answers[slot].number = event.answer;
    ring->answers[slot].answer = answer;
    pthread_mutex_unlock(&ring->mutex);
    sg_history_answer_free(lost);
    sg_tick_ring_push_event(ring, &event);
}

struct sg_history_answer *sg_tick_ring_take_answer(struct sg_tick_ring *ring, uint32_t number)
{
    struct sg_history_answer *answer = NULL;
    size_t slot = number % SG_TICK_RING_ANSWERS;

    pthread_mutex_lock(&ring->mutex);
    if (number != 0 && ring->answers[slot].number == number) {
        answer = ring->answers[slot].answer;
        ring->answers[slot].answer = NULL;
    }
    pthread_mutex_unlock(&ring->mutex);
    return answer;
}

void sg_tick_ring_set_watermark(struct sg_tick_ring *ring, int64_t watermark_us)
{
    pthread_mutex_lock(&ring->mutex);
    if (watermark_us > ring->watermark_us) {
        ring->watermark_us = watermark_us;
    }
    pthread_mutex_unlock(&ring->mutex);
}

static void fill_stats(const struct sg_tick_ring *ring, struct sg_tick_ring_stats *stats)
{
    *stats = (struct sg_tick_ring_stats){
        .pushed = ring->tail,
        .events_dropped = ring->events.dropped,
        .length = (size_t)(ring->tail - ring->head),
        .capacity = ring->mask + 1,
        .slots_used = ring->slots_used,
        .events_length = ring->events.length,
        .events_capacity = SG_EVENT_QUEUE_CAPACITY,
        .seen_us = ring->seen_us,
    };
    memcpy(stats->dropped, ring->dropped, sizeof stats->dropped);
    memcpy(stats->first_drop_us, ring->first_drop_us, sizeof stats->first_drop_us);
    memcpy(stats->last_drop_us, ring->last_drop_us, sizeof stats->last_drop_us);
}

void sg_tick_ring_drain(struct sg_tick_ring *ring, struct sg_tick_batch *batch)
{
    uint64_t end;
    size_t events = 0;
    size_t at;
    size_t count;
    size_t first;

    batch->ring = ring;
    pthread_mutex_lock(&ring->mutex);
    fill_stats(ring, &batch->stats);
    end = ring->tail - ring->head > batch->tick_capacity ? ring->head + batch->tick_capacity : ring->tail;

    /* Events up to the last tick of this batch. When they do not all fit, the ticks stop where the events do, so that
     * the order in which things happened survives the cut. */
    while (events < ring->events.length && sg_event_queue_at(&ring->events, events)->tick_number <= end) {
        const struct sg_queued_event *queued = sg_event_queue_at(&ring->events, events);

        if (events == batch->event_capacity) {
            end = queued->tick_number;
            break;
        }
        batch->events[events] = queued->event;
        batch->event_after[events] = (size_t)(queued->tick_number - ring->head);
        events++;
    }
    sg_event_queue_drop_front(&ring->events, events);
    batch->event_count = events;

    count = (size_t)(end - ring->head);
    at = (size_t)(ring->head - ring->origin) & ring->mask;
    first = count < ring->mask + 1 - at ? count : ring->mask + 1 - at;
    if (count > 0) {
        memcpy(batch->ticks, ring->ticks + at, first * sizeof *batch->ticks);
        memcpy(batch->ticks + first, ring->ticks, (count - first) * sizeof *batch->ticks);
    }
    ring->head = end;
    batch->tick_count = count;
    batch->watermark_us = ring->watermark_us;
    batch->more = !is_empty(ring);
    if (!batch->more) {
        ring->seen_us = ring->watermark_us;
    }
    memset(ring->first_drop_us, 0, sizeof ring->first_drop_us);
    memset(ring->last_drop_us, 0, sizeof ring->last_drop_us);
    pthread_mutex_unlock(&ring->mutex);
}

void sg_tick_ring_stats(struct sg_tick_ring *ring, struct sg_tick_ring_stats *ret_stats)
{
    pthread_mutex_lock(&ring->mutex);
    fill_stats(ring, ret_stats);
    pthread_mutex_unlock(&ring->mutex);
}
