/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The events that travel through the tick ring: a bounded queue that can always take one more.
 *
 * When it is full, something that costs nothing is given up, and counted: first the oldest news that only a person reads
 * (connecting, retry, error, ...); else a "leg is up" that later news about that leg overtakes; else a "leg is down" that
 * only repeats one before it. What is left then always tells a story in which a leg is down at least as long as it was:
 * a bar can be lost by that, but never be made up. Not locked: the ring's mutex guards it. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/market/tick.h"

#define SG_EVENT_QUEUE_CAPACITY 256

struct sg_queued_event {
    struct sg_feed_event event;
    uint64_t tick_number; /* comes before the tick of this number */
};

struct sg_event_queue {
    struct sg_queued_event slots[SG_EVENT_QUEUE_CAPACITY];
    size_t first;
    size_t length;
    uint64_t dropped;
};

void sg_event_queue_push(struct sg_event_queue *queue, const struct sg_feed_event *event, uint64_t tick_number);
const struct sg_queued_event *sg_event_queue_at(const struct sg_event_queue *queue, size_t index);
void sg_event_queue_drop_front(struct sg_event_queue *queue, size_t count);
