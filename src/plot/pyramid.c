/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/pyramid.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FAN_SHIFT 4
#define FAN (1u << FAN_SHIFT)

static const struct sg_extent nothing = {INFINITY, -INFINITY};

/* Written so that a NaN loses every comparison, which is also exactly what minpd and maxpd do. */
static inline double lower(double value, double than)
{
    return value < than ? value : than;
}

static inline double higher(double value, double than)
{
    return value > than ? value : than;
}

static inline void include(struct sg_extent *extent, double value)
{
    extent->low = lower(value, extent->low);
    extent->high = higher(value, extent->high);
}

static inline void merge(struct sg_extent *extent, const struct sg_extent *other)
{
    extent->low = lower(other->low, extent->low);
    extent->high = higher(other->high, extent->high);
}

void sg_pyramid_init(struct sg_pyramid *pyramid)
{
    memset(pyramid, 0, sizeof *pyramid);
}

void sg_pyramid_free(struct sg_pyramid *pyramid)
{
    if (!pyramid)
        return;
    for (size_t i = 0; i < SG_PYRAMID_LEVELS; i++)
        free(pyramid->level[i].block);
    memset(pyramid, 0, sizeof *pyramid);
}

void sg_pyramid_clear(struct sg_pyramid *pyramid)
{
    for (size_t i = 0; i < SG_PYRAMID_LEVELS; i++)
        pyramid->level[i].count = 0;
}

static struct sg_extent extent_of_rows(const struct sg_series_source *source, size_t from)
{
    /* Two independent chains of comparisons: the loop is then bound by loads and not by latency. */
    struct sg_extent even = nothing, odd = nothing;
    if (source->second) {
        const double *base = source->base + from, *second = source->second + from;
        double factor = source->factor;
        for (size_t i = 0; i < FAN; i += 2) {
            include(&even, base[i] + factor * second[i]);
            include(&odd, base[i + 1] + factor * second[i + 1]);
        }
    } else {
        const double *base = source->base + from;
        for (size_t i = 0; i < FAN; i += 2) {
            include(&even, base[i]);
            include(&odd, base[i + 1]);
        }
    }
    merge(&even, &odd);
    return even;
}

static bool reserve(struct sg_pyramid *pyramid, size_t level, size_t count)
{
    if (count <= pyramid->level[level].capacity)
        return true;
    /* A quarter of head room keeps appending amortised O(1) and the waste small. */
    size_t capacity = count + count / 4 + FAN;
    if (capacity > SIZE_MAX / sizeof(struct sg_extent))
        return false;
    void *block = realloc(pyramid->level[level].block, capacity * sizeof(struct sg_extent));
    if (!block)
        return false;
    pyramid->level[level].block = block;
    pyramid->level[level].capacity = capacity;
    return true;
}

enum sg_status sg_pyramid_extend(struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t length)
{
    size_t wanted = length >> FAN_SHIFT;
    for (size_t level = 0; level < SG_PYRAMID_LEVELS && wanted > 0; level++, wanted >>= FAN_SHIFT) {
        size_t have = pyramid->level[level].count;
        if (wanted <= have)
            continue;
        if (!reserve(pyramid, level, wanted))
            return SG_ERR_NOMEM;
        struct sg_extent *block = pyramid->level[level].block;
        for (size_t i = have; i < wanted; i++) {
            if (level == 0) {
                block[i] = extent_of_rows(source, i << FAN_SHIFT);
                continue;
            }
            const struct sg_extent *child = pyramid->level[level - 1].block + (i << FAN_SHIFT);
            struct sg_extent extent = child[0];
            for (size_t j = 1; j < FAN; j++)
                merge(&extent, &child[j]);
            block[i] = extent;
        }
        pyramid->level[level].count = wanted;
    }
    return SG_OK;
}

/* Is the block of 16^(level + 1) rows that starts at `row` inside [row, to) and known? */
static inline bool usable(const struct sg_pyramid *pyramid, size_t level, size_t row, size_t to)
{
    size_t size = (size_t)1 << (FAN_SHIFT * (level + 1));
    return (row & (size - 1)) == 0 && to - row >= size && (row >> (FAN_SHIFT * (level + 1))) < pyramid->level[level].count;
}

bool sg_pyramid_query(const struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t from, size_t to,
                      struct sg_extent *ret_extent)
{
    struct sg_extent extent = nothing;
    size_t level = 0; /* 0: single rows; k: blocks of 16^k rows */
    while (from < to) {
        while (level < SG_PYRAMID_LEVELS && usable(pyramid, level, from, to))
            level++;
        while (level > 0 && !usable(pyramid, level - 1, from, to))
            level--;
        if (level == 0) {
            include(&extent, sg_series_value(source, from++));
        } else {
            merge(&extent, &pyramid->level[level - 1].block[from >> (FAN_SHIFT * level)]);
            from += (size_t)1 << (FAN_SHIFT * level);
        }
    }
    if (!(extent.low <= extent.high))
        return false;
    *ret_extent = extent;
    return true;
}

size_t sg_pyramid_bytes(const struct sg_pyramid *pyramid)
{
    size_t bytes = 0;
    for (size_t i = 0; i < SG_PYRAMID_LEVELS; i++)
        bytes += pyramid->level[i].capacity * sizeof(struct sg_extent);
    return bytes;
}
