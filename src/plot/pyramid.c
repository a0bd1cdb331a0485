/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/pyramid.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define ROWS_SHIFT SG_PYRAMID_ROWS_SHIFT
#define FAN_SHIFT SG_PYRAMID_FAN_SHIFT
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

/* Widens the extent by rows [from, to). Two at a time where the machine can: then memory is the limit, not arithmetic. Always inlined, so that a series
 * of one column does not ask at each step whether there is a second. */
static inline __attribute__((always_inline)) void scan(const double *base, const double *second, double by, size_t from, size_t to, struct sg_extent *extent)
{
    double low = extent->low, high = extent->high;
    size_t i = from;
#ifdef __SSE2__
    if (to - from >= 4) {
        /* Two of each, so that one comparison need not wait for the one before it. */
        __m128d lows = _mm_set1_pd(low), highs = _mm_set1_pd(high), more_lows = lows, more_highs = highs, factor = _mm_set1_pd(by);
        for (; i + 4 <= to; i += 4) {
            __m128d values = _mm_loadu_pd(base + i), more = _mm_loadu_pd(base + i + 2);
            if (second) {
                values = _mm_add_pd(values, _mm_mul_pd(factor, _mm_loadu_pd(second + i)));
                more = _mm_add_pd(more, _mm_mul_pd(factor, _mm_loadu_pd(second + i + 2)));
            }
            lows = _mm_min_pd(values, lows); /* the second operand, when the first is NaN */
            highs = _mm_max_pd(values, highs);
            more_lows = _mm_min_pd(more, more_lows);
            more_highs = _mm_max_pd(more, more_highs);
        }
        lows = _mm_min_pd(lows, more_lows);
        highs = _mm_max_pd(highs, more_highs);
        low = _mm_cvtsd_f64(_mm_min_sd(lows, _mm_unpackhi_pd(lows, lows)));
        high = _mm_cvtsd_f64(_mm_max_sd(highs, _mm_unpackhi_pd(highs, highs)));
    }
#endif
    for (; i < to; i++) {
        double value = second ? base[i] + by * second[i] : base[i];
        low = lower(value, low);
        high = higher(value, high);
    }
    *extent = (struct sg_extent){low, high};
}

static void scan_rows(const struct sg_series_source *source, size_t from, size_t to, struct sg_extent *extent)
{
    if (source->second)
        scan(source->base, source->second, source->factor, from, to, extent);
    else
        scan(source->base, NULL, 0, from, to, extent);
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

/* The levels above 0, as far as their blocks below are there. */
static enum sg_status extend_upper(struct sg_pyramid *pyramid)
{
    size_t wanted = pyramid->level[0].count >> FAN_SHIFT;
    for (size_t level = 1; level < SG_PYRAMID_LEVELS && wanted > 0; level++, wanted >>= FAN_SHIFT) {
        size_t have = pyramid->level[level].count;
        if (wanted <= have)
            continue;
        if (!reserve(pyramid, level, wanted))
            return SG_ERR_NOMEM;
        struct sg_extent *block = pyramid->level[level].block;
        for (size_t i = have; i < wanted; i++) {
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

enum sg_status sg_pyramid_extend(struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t length)
{
    size_t wanted = length >> ROWS_SHIFT, have = pyramid->level[0].count;
    if (wanted <= have)
        return SG_OK;
    if (!reserve(pyramid, 0, wanted))
        return SG_ERR_NOMEM;
    struct sg_extent *block = pyramid->level[0].block;
    for (size_t i = have; i < wanted; i++) {
        block[i] = nothing;
        scan_rows(source, i << ROWS_SHIFT, (i + 1) << ROWS_SHIFT, &block[i]);
    }
    pyramid->level[0].count = wanted;
    return extend_upper(pyramid);
}

/* The three extents of one block, from one reading of its rows. */
static void scan_band(const struct sg_series_source *source, size_t from, size_t to, struct sg_extent extent[3])
{
    const double *base = source->base, *second = source->second;
#ifdef __SSE2__
    __m128d low[3], high[3], factor = _mm_set1_pd(source->factor);
    for (int k = 0; k < 3; k++) {
        low[k] = _mm_set1_pd(INFINITY);
        high[k] = _mm_set1_pd(-INFINITY);
    }
    for (size_t i = from; i < to; i += 2) {
        __m128d middle = _mm_loadu_pd(base + i), half = _mm_mul_pd(factor, _mm_loadu_pd(second + i));
        __m128d above = _mm_add_pd(middle, half), below = _mm_sub_pd(middle, half);
        low[0] = _mm_min_pd(middle, low[0]);
        high[0] = _mm_max_pd(middle, high[0]);
        low[1] = _mm_min_pd(above, low[1]);
        high[1] = _mm_max_pd(above, high[1]);
        low[2] = _mm_min_pd(below, low[2]);
        high[2] = _mm_max_pd(below, high[2]);
    }
    for (int k = 0; k < 3; k++)
        extent[k] = (struct sg_extent){_mm_cvtsd_f64(_mm_min_sd(low[k], _mm_unpackhi_pd(low[k], low[k]))),
                                       _mm_cvtsd_f64(_mm_max_sd(high[k], _mm_unpackhi_pd(high[k], high[k])))};
#else
    extent[0] = extent[1] = extent[2] = nothing;
    for (size_t i = from; i < to; i++) {
        double half = source->factor * second[i], value[3] = {base[i], base[i] + half, base[i] - half};
        for (int k = 0; k < 3; k++)
            merge(&extent[k], &(struct sg_extent){value[k], value[k]});
    }
#endif
}

enum sg_status sg_pyramid_extend_band(struct sg_pyramid *middle, struct sg_pyramid *upper, struct sg_pyramid *lower, const struct sg_series_source *source,
                                      size_t length)
{
    struct sg_pyramid *each[3] = {middle, upper, lower};
    size_t wanted = length >> ROWS_SHIFT, have = middle->level[0].count;
    for (int k = 0; k < 3; k++) {
        have = each[k]->level[0].count < have ? each[k]->level[0].count : have;
        if (!reserve(each[k], 0, wanted))
            return SG_ERR_NOMEM;
    }
    for (size_t i = have; i < wanted; i++) {
        struct sg_extent extent[3];
        scan_band(source, i << ROWS_SHIFT, (i + 1) << ROWS_SHIFT, extent);
        for (int k = 0; k < 3; k++)
            each[k]->level[0].block[i] = extent[k];
    }
    enum sg_status status = SG_OK;
    for (int k = 0; k < 3; k++) {
        each[k]->level[0].count = each[k]->level[0].count < wanted ? wanted : each[k]->level[0].count;
        enum sg_status own = extend_upper(each[k]);
        status = own != SG_OK ? own : status;
    }
    return status;
}

static void scan_blocks(const struct sg_extent *block, size_t from, size_t to, struct sg_extent *extent)
{
    double low = extent->low, high = extent->high;
    for (size_t i = from; i < to; i++) {
        low = lower(block[i].low, low);
        high = higher(block[i].high, high);
    }
    *extent = (struct sg_extent){low, high};
}

/* The part of [from, to) that blocks of 2^shift cover, of which `count` exist; false: too short to be worth it. */
static bool covered(size_t from, size_t to, unsigned shift, size_t count, size_t *ret_from, size_t *ret_to)
{
    size_t first = (from + ((size_t)1 << shift) - 1) >> shift, end = to >> shift;
    end = end < count ? end : count;
    if (first >= end)
        return false;
    *ret_from = first;
    *ret_to = end;
    return true;
}

bool sg_pyramid_query(const struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t from, size_t to, struct sg_extent *ret_extent)
{
    struct sg_extent extent = nothing;
    size_t first, end;
    if (from >= to)
        return false;
    /* Loose rows at both ends, then loose blocks at both ends of each level, then what is left of the highest. */
    if (!covered(from, to, ROWS_SHIFT, pyramid->level[0].count, &first, &end)) {
        scan_rows(source, from, to, &extent);
    } else {
        scan_rows(source, from, first << ROWS_SHIFT, &extent);
        scan_rows(source, end << ROWS_SHIFT, to, &extent);
        size_t level = 0, above_first, above_end;
        while (level + 1 < SG_PYRAMID_LEVELS && covered(first, end, FAN_SHIFT, pyramid->level[level + 1].count, &above_first, &above_end)) {
            scan_blocks(pyramid->level[level].block, first, above_first << FAN_SHIFT, &extent);
            scan_blocks(pyramid->level[level].block, above_end << FAN_SHIFT, end, &extent);
            first = above_first;
            end = above_end;
            level++;
        }
        scan_blocks(pyramid->level[level].block, first, end, &extent);
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
