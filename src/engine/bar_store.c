/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bar_store_private.h"
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/market/bar_quality.h"

void sg_bar_store_init(struct sg_bar_store *store, size_t maximum)
{
    assert(maximum > 0);
    *store = (struct sg_bar_store){.maximum = maximum};
}

void sg_bar_store_free(struct sg_bar_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->chunk_count; i++)
        free(store->chunks[i]);
    free(store->chunks);
    *store = (struct sg_bar_store){.maximum = store->maximum};
}

static enum sg_status add_chunk(struct sg_bar_store *store)
{
    if (!store->chunks) {
        /* One more than a full store needs, because the first chunk is used up while the last is being filled. */
        store->chunk_slots = store->maximum / SG_BAR_STORE_CHUNK + 2;
        store->chunks = calloc(store->chunk_slots, sizeof *store->chunks);
        if (!store->chunks)
            return SG_ERR_NOMEM;
    }
    assert(store->chunk_count < store->chunk_slots);
    struct sg_bar *chunk = malloc(SG_BAR_STORE_CHUNK * sizeof *chunk);
    if (!chunk)
        return SG_ERR_NOMEM;
    store->chunks[store->chunk_count++] = chunk;
    return SG_OK;
}

static void forget_oldest(struct sg_bar_store *store)
{
    store->head++;
    store->length--;
    store->forgotten++;
    if (store->head < SG_BAR_STORE_CHUNK)
        return;
    struct sg_bar *used_up = store->chunks[0];
    memmove(store->chunks, store->chunks + 1, (store->chunk_count - 1) * sizeof *store->chunks);
    store->chunks[store->chunk_count - 1] = used_up;
    store->head = 0;
}

enum sg_status sg_bar_store_append(struct sg_bar_store *store, const struct sg_bar *bar)
{
    if (store->length > 0 && bar->time_us <= sg_bar_store_at(store, store->length - 1)->time_us)
        return SG_ERR_INVALID;
    if (store->length == store->maximum)
        forget_oldest(store);
    size_t place = store->head + store->length;
    if (place / SG_BAR_STORE_CHUNK == store->chunk_count) {
        enum sg_status status = add_chunk(store);
        if (status != SG_OK)
            return status;
    }
    store->chunks[place / SG_BAR_STORE_CHUNK][place % SG_BAR_STORE_CHUNK] = *bar;
    store->length++;
    return SG_OK;
}

size_t sg_bar_store_lower_bound(const struct sg_bar_store *store, int64_t time_us)
{
    size_t low = 0, high = store->length;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sg_bar_store_at(store, middle)->time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t sg_bar_store_doubt(struct sg_bar_store *store, int64_t interval_us, int64_t from_us, int64_t to_us)
{
    size_t first = sg_bar_store_lower_bound(store, from_us - from_us % interval_us);
    for (size_t i = first; i < store->length && sg_bar_store_at(store, i)->time_us < to_us; i++) {
        size_t place = store->head + i;
        store->chunks[place / SG_BAR_STORE_CHUNK][place % SG_BAR_STORE_CHUNK].flags |= SG_BAR_INCOMPLETE;
    }
    return first < store->length && sg_bar_store_at(store, first)->time_us < to_us ? sg_bar_store_at(store, first)->time_us : INT64_MAX;
}

bool sg_bar_store_same(const struct sg_bar *left, const struct sg_bar *right)
{
    return left->open == right->open && left->high == right->high && left->low == right->low && left->close == right->close && left->volume == right->volume &&
           left->trades == right->trades;
}

void sg_bar_store_settle(struct sg_bar_store *store, size_t index, const struct sg_bar *instead)
{
    assert(index < store->length);
    size_t place = store->head + index;
    struct sg_bar *bar = &store->chunks[place / SG_BAR_STORE_CHUNK][place % SG_BAR_STORE_CHUNK];
    assert(!instead || instead->time_us == bar->time_us);
    if (instead)
        *bar = *instead;
    bar->flags &= ~(uint32_t)SG_BAR_UNSETTLED;
}

/* Does the kline take the place of our own bar of the same time? Only of one that is known not to be exact: what is final was shown, and stays. */
static bool replaces(const struct sg_bar *theirs, const struct sg_bar *mine)
{
    if (theirs->flags & SG_BAR_INCOMPLETE || (theirs->flags == mine->flags && sg_bar_store_same(theirs, mine)))
        return false; /* once more what is there */
    return sg_bar_is_doubtful(mine->flags) && sg_bar_is_better(theirs->flags, theirs->trades, mine->flags, mine->trades);
}

/* How many of the bars a merge would put in, and the time of the first of them. */
static size_t count_news(const struct sg_bar_store *store, size_t from, const struct sg_bar *bars, size_t count, int64_t *first_us)
{
    size_t news = 0;
    for (size_t i = from, j = 0; j < count; j++) {
        while (i < store->length && sg_bar_store_at(store, i)->time_us < bars[j].time_us)
            i++;
        bool there = i < store->length && sg_bar_store_at(store, i)->time_us == bars[j].time_us;
        if (there && !replaces(&bars[j], sg_bar_store_at(store, i)))
            continue;
        if (news++ == 0)
            *first_us = bars[j].time_us;
    }
    return news;
}

/* Room for `length` bars from the head on, or for a full store: appending them cannot fail then. */
static enum sg_status reserve(struct sg_bar_store *store, size_t length)
{
    size_t needed = (store->head + length + SG_BAR_STORE_CHUNK - 1) / SG_BAR_STORE_CHUNK;
    size_t slots = store->maximum / SG_BAR_STORE_CHUNK + 2;
    if (needed > slots)
        needed = slots;
    while (store->chunk_count < needed) {
        enum sg_status status = add_chunk(store);
        if (status != SG_OK)
            return status;
    }
    return SG_OK;
}

/* Both are ascending, so that equal times meet. There is room for all of them. */
static void append_merged(struct sg_bar_store *store, const struct sg_bar *tail, size_t tail_count, const struct sg_bar *bars, size_t count)
{
    for (size_t i = 0, j = 0; i < tail_count || j < count;) {
        const struct sg_bar *mine = i < tail_count ? &tail[i] : NULL;
        const struct sg_bar *theirs = j < count ? &bars[j] : NULL;
        const struct sg_bar *next = mine;
        if (mine && theirs && mine->time_us == theirs->time_us) {
            next = replaces(theirs, mine) ? theirs : mine;
            i++;
            j++;
        } else if (!mine || (theirs && theirs->time_us < mine->time_us)) {
            next = theirs;
            j++;
        } else {
            i++;
        }
        enum sg_status status = sg_bar_store_append(store, next);
        assert(status == SG_OK);
        (void)status;
    }
}

/* Only what lies behind the first of them moves: after a reconnect that is a few seconds of days of bars. */
enum sg_status sg_bar_store_merge(struct sg_bar_store *store, const struct sg_bar *bars, size_t count, size_t *ret_added, int64_t *ret_first_us)
{
    for (size_t i = 1; i < count; i++)
        if (bars[i].time_us <= bars[i - 1].time_us)
            return SG_ERR_INVALID;
    int64_t first_us = 0;
    size_t from = count > 0 ? sg_bar_store_lower_bound(store, bars[0].time_us) : store->length;
    size_t added = count_news(store, from, bars, count, &first_us);
    if (added == 0) {
        *ret_added = 0;
        return SG_OK;
    }
    size_t tail_count = store->length - from;
    struct sg_bar *tail = tail_count > 0 ? malloc(tail_count * sizeof *tail) : NULL;
    if (tail_count > 0 && !tail)
        return SG_ERR_NOMEM;
    enum sg_status status = reserve(store, store->length + added);
    if (status == SG_OK) {
        for (size_t i = 0; i < tail_count; i++)
            tail[i] = *sg_bar_store_at(store, from + i);
        store->length = from;
        append_merged(store, tail, tail_count, bars, count);
        *ret_added = added;
        *ret_first_us = first_us;
    }
    free(tail);
    return status;
}
