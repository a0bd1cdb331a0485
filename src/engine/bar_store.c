/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bar_store_private.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

/* Both are ascending, so that equal times meet; the store's own bar wins, unless it is known not to be exact. */
static enum sg_status merge_into(struct sg_bar_store *merged, const struct sg_bar_store *store, const struct sg_bar *bars,
                                 size_t count, size_t *added, int64_t *first_us)
{
    size_t i = 0, j = 0;
    while (i < store->length || j < count) {
        const struct sg_bar *mine = i < store->length ? sg_bar_store_at(store, i) : NULL;
        const struct sg_bar *theirs = j < count ? &bars[j] : NULL;
        const struct sg_bar *next = mine;
        if (mine && theirs && mine->time_us == theirs->time_us) {
            j++;
            i++;
            if (mine->flags & SG_BAR_INCOMPLETE && !(theirs->flags & SG_BAR_INCOMPLETE)) {
                next = theirs;
                if ((*added)++ == 0)
                    *first_us = theirs->time_us;
            }
        } else if (!mine || (theirs && theirs->time_us < mine->time_us)) {
            next = theirs;
            j++;
            if ((*added)++ == 0)
                *first_us = theirs->time_us;
        } else {
            i++;
        }
        enum sg_status status = sg_bar_store_append(merged, next);
        if (status != SG_OK)
            return status;
    }
    return SG_OK;
}

enum sg_status sg_bar_store_merge(struct sg_bar_store *store, const struct sg_bar *bars, size_t count, size_t *ret_added,
                                  int64_t *ret_first_us)
{
    for (size_t i = 1; i < count; i++)
        if (bars[i].time_us <= bars[i - 1].time_us)
            return SG_ERR_INVALID;
    struct sg_bar_store merged;
    sg_bar_store_init(&merged, store->maximum);
    size_t added = 0;
    int64_t first_us = 0;
    enum sg_status status = merge_into(&merged, store, bars, count, &added, &first_us);
    if (status != SG_OK || added == 0) {
        sg_bar_store_free(&merged);
        if (status == SG_OK)
            *ret_added = 0;
        return status;
    }
    merged.forgotten += store->forgotten;
    sg_bar_store_free(store);
    *store = merged;
    *ret_added = added;
    *ret_first_us = first_us;
    return SG_OK;
}
