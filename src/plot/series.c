/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The series that panes show, as columns of the history or made from two of them; and the rows of each pixel column. */
#include <math.h>
#include <stdlib.h>
#include "dashboard_private.h"

static const struct { enum sg_column base; int second; } columns[SERIES_COUNT] = {
    [SERIES_A] = {SG_COL_A_CLOSE, -1},          [SERIES_B] = {SG_COL_B_CLOSE, -1},
    [SERIES_SPREAD] = {SG_COL_SPREAD, -1},      [SERIES_MEAN] = {SG_COL_MEAN, -1},
    [SERIES_UPPER] = {SG_COL_MEAN, SG_COL_STD}, [SERIES_LOWER] = {SG_COL_MEAN, SG_COL_STD},
    [SERIES_ZSCORE] = {SG_COL_ZSCORE, -1},      [SERIES_CORRELATION] = {SG_COL_CORRELATION, -1},
    [SERIES_BETA] = {SG_COL_BETA, -1},          [SERIES_BETA_UPPER] = {SG_COL_BETA, SG_COL_SE_BETA},
    [SERIES_BETA_LOWER] = {SG_COL_BETA, SG_COL_SE_BETA},
};

static double factor_of(const struct sg_dashboard *dashboard, enum series series)
{
    switch (series) {
    case SERIES_UPPER:
        return dashboard->data.entry;
    case SERIES_LOWER:
        return -dashboard->data.entry;
    case SERIES_BETA_UPPER:
        return 2;
    case SERIES_BETA_LOWER:
        return -2;
    default:
        return 0;
    }
}

struct sg_series_source sg_plot_source(const struct sg_dashboard *dashboard, enum series series)
{
    const struct sg_history *history = dashboard->data.history;
    int second = columns[series].second;
    return (struct sg_series_source){
        .base = history->column[columns[series].base],
        .second = second >= 0 ? history->column[second] : NULL,
        .factor = factor_of(dashboard, series),
    };
}

double sg_plot_value(const struct sg_dashboard *dashboard, enum series series, size_t row)
{
    if (row < dashboard->length) {
        struct sg_series_source source = sg_plot_source(dashboard, series);
        return sg_series_value(&source, row);
    }
    if (!dashboard->has_forming)
        return NAN;
    double value = dashboard->forming.value[columns[series].base];
    int second = columns[series].second;
    return second >= 0 ? value + factor_of(dashboard, series) * dashboard->forming.value[second] : value;
}

void sg_plot_cover(struct sg_dashboard *dashboard, enum series series)
{
    if (dashboard->covered[series] >= dashboard->length)
        return;
    struct sg_series_source source = sg_plot_source(dashboard, series);
    /* Without memory the query reads the rows themselves: slower, still right. */
    (void)sg_pyramid_extend(&dashboard->pyramid[series], &source, dashboard->length);
    dashboard->covered[series] = dashboard->length;
}

void sg_dashboard_cover(struct sg_dashboard *dashboard)
{
    for (size_t i = 0; i < SERIES_COUNT; i++)
        sg_plot_cover(dashboard, (enum series)i);
}

size_t sg_dashboard_bytes(const struct sg_dashboard *dashboard)
{
    size_t bytes = dashboard->alerts.capacity * sizeof *dashboard->alerts.row + dashboard->columns.capacity * sizeof *dashboard->columns.start;
    for (size_t i = 0; i < SERIES_COUNT; i++)
        bytes += sg_pyramid_bytes(&dashboard->pyramid[i]);
    return bytes;
}

bool sg_plot_extent(struct sg_dashboard *dashboard, enum series series, size_t from, size_t to, struct sg_extent *ret_extent)
{
    if (dashboard->length == 0)
        return false;
    sg_plot_cover(dashboard, series);
    struct sg_series_source source = sg_plot_source(dashboard, series);
    return sg_pyramid_query(&dashboard->pyramid[series], &source, from, to < dashboard->length ? to : dashboard->length, ret_extent);
}

double sg_plot_transform(const struct transform *transform, double value)
{
    if (transform->unit == UNIT_PERCENT)
        return (value / transform->base - 1) * 100;
    return value;
}

/* First row with time >= wanted, searched outward from a guess: neighbouring columns are neighbours in the data too, so this touches a
 * handful of cache lines where a binary search over ten million rows would touch twenty. */
static size_t gallop(const int64_t *time, size_t length, size_t from, size_t guess, int64_t wanted)
{
    size_t low = from, high = length; /* invariant: rows below low are < wanted; row high is >= wanted (or the end) */
    size_t step = 1, at = guess < from ? from : guess;
    if (at < length && time[at] < wanted) {
        low = at + 1;
        while (at + step < length && time[at + step] < wanted) {
            low = at + step + 1;
            step *= 2;
        }
        if (at + step < length)
            high = at + step;
    } else {
        high = at < length ? at : length;
        while (high > from && high - from >= step && time[high - step] >= wanted) {
            high -= step;
            step *= 2;
        }
        if (high - from >= step)
            low = high - step;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (time[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const size_t *sg_plot_columns(const struct frame *frame, size_t *ret_count)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    struct columns_cache *cache = &dashboard->columns;
    size_t count = (size_t)ceil(frame->plot_width * frame->scale);
    *ret_count = count;
    /* All panes of a window share width and view: one search serves them all. */
    if (cache->valid && cache->right == frame->view->right && cache->span == frame->view->span && cache->width == frame->plot_width &&
        cache->count == count && cache->length == dashboard->length)
        return cache->start;
    cache->valid = false;
    if (count + 1 > cache->capacity) {
        size_t *larger = reallocarray(cache->start, count + 1, sizeof *larger);
        if (!larger)
            return NULL;
        cache->start = larger;
        cache->capacity = count + 1;
    }
    const struct sg_history *history = dashboard->data.history;
    double interval = (double)history->interval_us;
    double slots_per_column = frame->view->span / (frame->plot_width * frame->scale);
    double left = frame->view->right - frame->view->span;
    size_t previous = frame->first, guess = frame->first;
    for (size_t i = 0; i <= count; i++) {
        int64_t wanted = (int64_t)ceil((left + slots_per_column * (double)i) * interval);
        size_t row = i == 0 ? frame->first : gallop(history->time_us, dashboard->length, previous, guess, wanted);
        cache->start[i] = row;
        guess = row + (row - previous);
        previous = row;
    }
    cache->start[count] = frame->last; /* a bar exactly at the right edge belongs to the last column */
    *cache = (struct columns_cache){.valid = true, .right = frame->view->right, .span = frame->view->span, .width = frame->plot_width,
                                    .count = count, .length = dashboard->length, .capacity = cache->capacity, .start = cache->start};
    return cache->start;
}
