/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Smallest and largest value of any stretch of a long series, in time that does not grow with the stretch.
 *
 * Level k holds the extent of each complete block of 64 * 16^k rows; single rows are read from the series itself, which is borrowed at every
 * call and not kept (it may move when it grows). Extending is O(1) amortised per row, a query O(64 + 16 log16 n). About 0.27 bytes a row:
 * smaller blocks would be read no sooner than 64 neighbouring rows, and asking the system for their memory cost more than filling it.
 * NaN counts as absent. One owner, no thread of its own. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/base/status.h"

#define SG_PYRAMID_LEVELS 8      /* 64 * 16^7 rows: more than fit in memory */
#define SG_PYRAMID_ROWS_SHIFT 6u /* a block of level 0 has 2^6 rows … */
#define SG_PYRAMID_FAN_SHIFT 4u  /* … and one of a higher level 2^4 blocks of the level below */

/* The series: base[i], or base[i] + factor * second[i] when `second` is set (a mean and its band, without storing the band). */
struct sg_series_source {
    const double *base, *second;
    double factor;
};

struct sg_extent {
    double low, high;
}; /* low > high: nothing there */

struct sg_pyramid {
    struct {
        struct sg_extent *block;
        size_t count, capacity;
    } level[SG_PYRAMID_LEVELS]; /* level[0]: blocks of 64 rows */
};

static inline double sg_series_value(const struct sg_series_source *source, size_t row)
{
    return source->second ? source->base[row] + source->factor * source->second[row] : source->base[row];
}

void sg_pyramid_init(struct sg_pyramid *pyramid);
void sg_pyramid_free(struct sg_pyramid *pyramid);  /* NULL and zeroed are fine */
void sg_pyramid_clear(struct sg_pyramid *pyramid); /* no rows; memory kept */
/* Takes in rows up to `length` (>= what it has). SG_ERR_NOMEM: it holds fewer blocks than it could, and queries stay right but slower. */
enum sg_status sg_pyramid_extend(struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t length);
/* The same for a line and its band at once: base, base + factor * second and base - factor * second, read from memory once. `source` has a second column. */
enum sg_status sg_pyramid_extend_band(struct sg_pyramid *middle, struct sg_pyramid *upper, struct sg_pyramid *lower, const struct sg_series_source *source,
                                      size_t length);
/* Extent of rows [from, to) of the series; `to` at most the series' length. False: no value there. */
bool sg_pyramid_query(const struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t from, size_t to, struct sg_extent *ret_extent);
/* Asks the memory for the blocks that a query from `row` will read. */
static inline void sg_pyramid_prefetch(const struct sg_pyramid *pyramid, size_t row)
{
    if ((row >> SG_PYRAMID_ROWS_SHIFT) + 8 < pyramid->level[0].count) {
        const struct sg_extent *block = pyramid->level[0].block + (row >> SG_PYRAMID_ROWS_SHIFT);
        __builtin_prefetch(block);
        __builtin_prefetch(block + 4);
    }
}
size_t sg_pyramid_bytes(const struct sg_pyramid *pyramid);
