/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The closed bars of one leg at one interval, as long as they are needed to rebuild a history: ascending in time, bounded, in
 * chunks, so that appending never copies what is there. At the ceiling the oldest bar leaves and is counted. One owner. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"

#define SG_BAR_STORE_CHUNK 4096u

struct sg_bar_store {
    struct sg_bar **chunks; /* chunk_slots pointers; the first chunk_count are allocated */
    size_t chunk_slots, chunk_count;
    size_t head; /* index of the first bar within chunks[0] */
    size_t length, maximum;
    uint64_t forgotten;
};

/* Allocates nothing yet. maximum > 0. */
void sg_bar_store_init(struct sg_bar_store *store, size_t maximum);
void sg_bar_store_free(struct sg_bar_store *store);

/* O(1). SG_ERR_INVALID: not after the last bar; SG_ERR_NOMEM. */
enum sg_status sg_bar_store_append(struct sg_bar_store *store, const struct sg_bar *bar);

static inline const struct sg_bar *sg_bar_store_at(const struct sg_bar_store *store, size_t index)
{
    size_t place = store->head + index;
    return &store->chunks[place / SG_BAR_STORE_CHUNK][place % SG_BAR_STORE_CHUNK];
}

/* Marks the bars in [from, to), and the one that from_us falls into, as SG_BAR_INCOMPLETE. The time of the first one; INT64_MAX: there is none. */
int64_t sg_bar_store_doubt(struct sg_bar_store *store, int64_t interval_us, int64_t from_us, int64_t to_us);

/* The bar at `index` is proved to be all there was: SG_BAR_UNSETTLED is taken off it. `instead`, when not NULL, a final bar of the same time, takes its place. */
void sg_bar_store_settle(struct sg_bar_store *store, size_t index, const struct sg_bar *instead);
bool sg_bar_store_same(const struct sg_bar *left, const struct sg_bar *right); /* in prices, volume and trades */

/* First bar with time >= time_us; length when there is none. O(log n). */
size_t sg_bar_store_lower_bound(const struct sg_bar_store *store, int64_t time_us);

/* Puts in those of `bars` (ascending) whose times are not there yet, and those that are better than a bar in doubt (SG_BAR_DOUBTFUL); else what is there stays as it is. *ret_added of them, the
 * earliest at *ret_first_us (set when any was added). O(length + count). */
enum sg_status sg_bar_store_merge(struct sg_bar_store *store, const struct sg_bar *bars, size_t count, size_t *ret_added, int64_t *ret_first_us);
