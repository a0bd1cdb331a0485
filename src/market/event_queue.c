/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "event_queue_private.h"

#include <stdbool.h>

static size_t slot_of(const struct sg_event_queue *queue, size_t index)
{
    return (queue->first + index) % SG_EVENT_QUEUE_CAPACITY;
}

const struct sg_queued_event *sg_event_queue_at(const struct sg_event_queue *queue, size_t index)
{
    return &queue->slots[slot_of(queue, index)];
}

void sg_event_queue_drop_front(struct sg_event_queue *queue, size_t count)
{
    queue->first = slot_of(queue, count);
    queue->length -= count;
}

static bool is_up(const struct sg_feed_event *event)
{
    return event->code == SG_EVENT_SUBSCRIBED || event->code == SG_EVENT_RECOVERED;
}

static bool is_down(const struct sg_feed_event *event)
{
    return event->code == SG_EVENT_DISCONNECTED || event->code == SG_EVENT_STALLED;
}

static bool covers(const struct sg_feed_event *event, int leg)
{
    return event->leg == -1 || event->leg == leg;
}

static bool overlaps(const struct sg_feed_event *event, int leg)
{
    return covers(event, leg) || leg == -1;
}

static const struct sg_feed_event *event_at(const struct sg_event_queue *queue, size_t index)
{
    return &sg_event_queue_at(queue, index)->event;
}

static bool overtaken(const struct sg_event_queue *queue, size_t index)
{
    for (size_t later = index + 1; later < queue->length; later++) {
        const struct sg_feed_event *event = event_at(queue, later);

        if ((is_up(event) || is_down(event)) && covers(event, event_at(queue, index)->leg)) {
            return true;
        }
    }
    return false;
}

static bool repeats(const struct sg_event_queue *queue, size_t index)
{
    int leg = event_at(queue, index)->leg;

    for (size_t earlier = index; earlier-- > 0;) {
        const struct sg_feed_event *event = event_at(queue, earlier);

        if (is_down(event) && covers(event, leg)) {
            return true;
        }
        if (is_up(event) && overlaps(event, leg)) {
            return false;
        }
    }
    return false;
}

/* Index of what costs least; the news of two legs and a connection leave at most six that cannot be spared. */
static size_t find_victim(const struct sg_event_queue *queue)
{
    for (size_t i = 0; i < queue->length; i++) {
        if (!is_up(event_at(queue, i)) && !is_down(event_at(queue, i)) && event_at(queue, i)->code < SG_EVENT_COUNT) {
            return i;
        }
    }
    for (size_t i = 0; i < queue->length; i++) {
        if (is_up(event_at(queue, i)) && overtaken(queue, i)) {
            return i;
        }
    }
    for (size_t i = 0; i < queue->length; i++) {
        if (is_down(event_at(queue, i)) && repeats(queue, i)) {
            return i;
        }
    }
    return 0;
}

static void remove_at(struct sg_event_queue *queue, size_t index)
{
    for (size_t i = index; i + 1 < queue->length; i++) {
        queue->slots[slot_of(queue, i)] = queue->slots[slot_of(queue, i + 1)];
    }
    queue->length--;
}

void sg_event_queue_push(struct sg_event_queue *queue, const struct sg_feed_event *event, uint64_t tick_number)
{
    struct sg_queued_event *slot;

    if (queue->length == SG_EVENT_QUEUE_CAPACITY) {
        remove_at(queue, find_victim(queue));
        queue->dropped++;
    }
    slot = &queue->slots[slot_of(queue, queue->length)];
    slot->event = *event;
    slot->tick_number = tick_number;
    queue->length++;
}
