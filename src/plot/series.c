/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The series that panes show, as columns of the history or made from two of them; and the rows of each pixel column. */
#include <math.h>
#include <stdlib.h>
#include "dashboard_private.h"

static const struct {
    enum sg_column base;
    int second;
} columns[SERIES_COUNT] = {
    [SERIES_A] = {SG_COL_A_CLOSE, -1},
    [SERIES_B] = {SG_COL_B_CLOSE, -1},
    [SERIES_SPREAD] = {SG_COL_SPREAD, -1},
    [SERIES_MEAN] = {SG_COL_MEAN, -1},
    [SERIES_UPPER] = {SG_COL_MEAN, SG_COL_STD},
    [SERIES_LOWER] = {SG_COL_MEAN, SG_COL_STD},
    [SERIES_ZSCORE] = {SG_COL_ZSCORE, -1},
    [SERIES_CORRELATION] = {SG_COL_CORRELATION, -1},
    [SERIES_BETA] = {SG_COL_BETA, -1},
    [SERIES_BETA_UPPER] = {SG_COL_BETA, SG_COL_SE_BETA},
    [SERIES_BETA_LOWER] = {SG_COL_BETA, SG_COL_SE_BETA},
    [SERIES_A_HIGH] = {SG_COL_A_HIGH, -1},
    [SERIES_A_LOW] = {SG_COL_A_LOW, -1},
    [SERIES_B_HIGH] = {SG_COL_B_HIGH, -1},
    [SERIES_B_LOW] = {SG_COL_B_LOW, -1},
    [SERIES_A_VOLUME] = {SG_COL_A_VOLUME, -1},
    [SERIES_B_VOLUME] = {SG_COL_B_VOLUME, -1},
    [SERIES_HINDSIGHT] = {SG_COL_A_CLOSE, SG_COL_B_CLOSE},
    [SERIES_HINDSIGHT_RESIDUAL] = {SG_COL_A_CLOSE, SG_COL_B_CLOSE},
    [SERIES_RESIDUAL] = {SG_COL_RESIDUAL, -1},
    [SERIES_RESIDUAL_MEAN] = {SG_COL_RESIDUAL_MEAN, -1},
    [SERIES_RESIDUAL_UPPER] = {SG_COL_RESIDUAL_MEAN, SG_COL_STD},
    [SERIES_RESIDUAL_LOWER] = {SG_COL_RESIDUAL_MEAN, SG_COL_STD},
    [SERIES_DEVIATION] = {SG_COL_SPREAD, SG_COL_MEAN},
    [SERIES_DEVIATION_UPPER] = {SG_COL_STD, SG_COL_STD},
    [SERIES_DEVIATION_LOWER] = {SG_COL_STD, SG_COL_STD},
};

const struct spread_series *sg_plot_spread_series(const struct sg_dashboard *dashboard)
{
    static const struct spread_series modes[SG_SPREAD_MODE_COUNT] = {
        [SG_SPREAD_RESIDUAL] = {SERIES_RESIDUAL, SERIES_RESIDUAL_MEAN, SERIES_RESIDUAL_UPPER, SERIES_RESIDUAL_LOWER, SERIES_HINDSIGHT_RESIDUAL, "residual"},
        [SG_SPREAD_LEVEL] = {SERIES_SPREAD, SERIES_MEAN, SERIES_UPPER, SERIES_LOWER, SERIES_HINDSIGHT, "spread"},
        [SG_SPREAD_DEVIATION] = {SERIES_DEVIATION, SERIES_COUNT, SERIES_DEVIATION_UPPER, SERIES_DEVIATION_LOWER, SERIES_HINDSIGHT_RESIDUAL,
                                 "spread \xE2\x88\x92 mean"},
    };
    return &modes[dashboard->spread_mode];
}

static double factor_of(const struct sg_dashboard *dashboard, enum series series)
{
    switch (series) {
    case SERIES_UPPER:
    case SERIES_RESIDUAL_UPPER: return dashboard->data.entry;
    case SERIES_LOWER:
    case SERIES_RESIDUAL_LOWER: return -dashboard->data.entry;
    case SERIES_DEVIATION: return -1;
    case SERIES_DEVIATION_UPPER: /* the deviation is there once already */ return dashboard->data.entry - 1;
    case SERIES_DEVIATION_LOWER: return -dashboard->data.entry - 1;
    case SERIES_BETA_UPPER: return 2;
    case SERIES_BETA_LOWER: return -2;
    case SERIES_HINDSIGHT:
    case SERIES_HINDSIGHT_RESIDUAL: return -dashboard->hindsight_beta;
    default: return 0;
    }
}

/* What is added to each value of a series, after its pyramid: one number for all rows. */
static double shift_of(const struct sg_dashboard *dashboard, enum series series)
{
    return series == SERIES_HINDSIGHT_RESIDUAL ? -dashboard->hindsight_alpha : 0;
}

static struct sg_series_source source_of(const struct sg_dashboard *dashboard, enum series series)
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
        struct sg_series_source source = source_of(dashboard, series);
        return series == SERIES_HINDSIGHT_RESIDUAL ? sg_series_value(&source, row) + shift_of(dashboard, series) : sg_series_value(&source, row);
    }
    if (!dashboard->has_forming)
        return NAN;
    double value = dashboard->forming.value[columns[series].base];
    int second = columns[series].second;
    return (second >= 0 ? value + factor_of(dashboard, series) * dashboard->forming.value[second] : value) + shift_of(dashboard, series);
}

/* A line and its band are made of the same two columns: built together, the columns come from memory once. */
static bool family(enum series series, enum series *ret_first)
{
    if (series >= SERIES_MEAN && series <= SERIES_LOWER) {
        *ret_first = SERIES_MEAN;
        return true;
    }
    if (series >= SERIES_RESIDUAL_MEAN && series <= SERIES_RESIDUAL_LOWER) {
        *ret_first = SERIES_RESIDUAL_MEAN;
        return true;
    }
    *ret_first = SERIES_BETA;
    return series >= SERIES_BETA && series <= SERIES_BETA_LOWER;
}

double sg_plot_column(const struct sg_dashboard *dashboard, enum sg_column column, size_t row)
{
    if (row < dashboard->length)
        return dashboard->data.history->column[column][row];
    return dashboard->has_forming ? dashboard->forming.value[column] : NAN;
}

/* Without memory a query reads the rows themselves: slower, still right. */
static void cover(struct sg_dashboard *dashboard, enum series series)
{
    enum series first;
    size_t length = dashboard->length;
    if (dashboard->covered[series] >= length)
        return;
    struct sg_pyramid *pyramid = dashboard->pyramid;
    if (family(series, &first)) {
        struct sg_series_source source = source_of(dashboard, first + 1);
        (void)sg_pyramid_extend_band(&pyramid[first], &pyramid[first + 1], &pyramid[first + 2], &source, length);
        dashboard->covered[first] = dashboard->covered[first + 1] = dashboard->covered[first + 2] = length;
        return;
    }
    struct sg_series_source source = source_of(dashboard, series);
    (void)sg_pyramid_extend(&pyramid[series], &source, length);
    dashboard->covered[series] = length;
}

void sg_dashboard_cover(struct sg_dashboard *dashboard)
{
    const struct spread_series *spread = sg_plot_spread_series(dashboard);
    const enum series shown[] = {spread->line, spread->upper, spread->lower, SERIES_A, SERIES_B, SERIES_ZSCORE, SERIES_CORRELATION, SERIES_BETA};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        cover(dashboard, shown[i]);
    for (enum series s = SERIES_A_HIGH; s <= SERIES_B_LOW; s++)
        if (s <= SERIES_A_LOW ? dashboard->candles_a : dashboard->candles_b)
            cover(dashboard, s);
    for (enum series s = SERIES_A_VOLUME; dashboard->volume && s <= SERIES_B_VOLUME; s++)
        cover(dashboard, s);
    if (dashboard->hindsight)
        cover(dashboard, spread->hindsight);
    sg_plot_cover_flags(dashboard);
}

size_t sg_dashboard_bytes(const struct sg_dashboard *dashboard)
{
    size_t bytes = (dashboard->alerts[0].capacity + dashboard->alerts[1].capacity) * sizeof *dashboard->alerts[0].time_us +
                   dashboard->columns.capacity * sizeof *dashboard->columns.start + dashboard->flag_blocks.capacity * sizeof *dashboard->flag_blocks.block;
    for (size_t i = 0; i < SERIES_COUNT; i++)
        bytes += sg_pyramid_bytes(&dashboard->pyramid[i]);
    return bytes;
}

bool sg_plot_extent(struct sg_dashboard *dashboard, enum series series, size_t from, size_t to, struct sg_extent *ret_extent)
{
    if (dashboard->length == 0)
        return false;
    cover(dashboard, series);
    struct sg_series_source source = source_of(dashboard, series);
    if (!sg_pyramid_query(&dashboard->pyramid[series], &source, from, to < dashboard->length ? to : dashboard->length, ret_extent))
        return false;
    double shift = shift_of(dashboard, series);
    ret_extent->low += shift;
    ret_extent->high += shift;
    return isfinite(shift);
}

void sg_plot_forget_series(struct sg_dashboard *dashboard, enum series series)
{
    sg_pyramid_clear(&dashboard->pyramid[series]);
    dashboard->covered[series] = 0;
    dashboard->column_store[series].serial = 0;
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

static bool make_room(struct columns_cache *cache, size_t count)
{
    if (count + 1 <= cache->capacity)
        return true;
    size_t *start = reallocarray(cache->start, count + 1, sizeof *start);
    if (start)
        cache->start = start;
    bool *joined = reallocarray(cache->joined, count + 1, sizeof *joined);
    if (joined)
        cache->joined = joined;
    if (!start || !joined)
        return false;
    cache->capacity = count + 1;
    return true;
}

/* Where columns hold very many rows, their borders are moved by at most a third of a column to where the pyramid has a border too: an
 * extent is then read from a few neighbouring blocks. Every row stays in exactly one column. Never across missing time. */
static size_t block_of(double rows_per_column)
{
    size_t block = 1, next = (size_t)1 << SG_PYRAMID_ROWS_SHIFT;
    for (; (double)next * 1.5 <= rows_per_column; next <<= SG_PYRAMID_FAN_SHIFT)
        block = next;
    return block;
}

static size_t snap_border(const struct sg_history *history, size_t length, size_t row, size_t block)
{
    size_t snapped = (row + block / 2) & ~(block - 1);
    if (block == 1 || snapped >= length || row >= length)
        return row;
    int64_t rows = (int64_t)snapped - (int64_t)row;
    return history->time_us[snapped] - history->time_us[row] == rows * history->interval_us ? snapped : row;
}

const struct columns_cache *sg_plot_columns(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    struct columns_cache *cache = &dashboard->columns;
    size_t count = (size_t)ceil(frame->plot_width * frame->scale);
    /* All panes of a window share width and view: one search serves them all. */
    if (cache->valid && cache->right == frame->view->right && cache->span == frame->view->span && cache->width == frame->plot_width && cache->count == count &&
        cache->length == dashboard->length)
        return cache;
    cache->valid = false;
    if (dashboard->length == 0 || !make_room(cache, count))
        return NULL;
    const struct sg_history *history = dashboard->data.history;
    double interval = (double)history->interval_us;
    double slots_per_column = frame->view->span / (frame->plot_width * frame->scale);
    double left = frame->view->right - frame->view->span;
    size_t previous = frame->first, guess = frame->first, block = block_of((double)(frame->last - frame->first) / (double)count);
    for (size_t i = 0; i <= count; i++) {
        int64_t wanted = (int64_t)ceil((left + slots_per_column * (double)i) * interval);
        size_t row = i == 0 ? frame->first : gallop(history->time_us, dashboard->length, previous, guess, wanted);
        size_t border = i == 0 ? row : snap_border(history, dashboard->length, row, block);
        if (i > 0 && border < cache->start[i - 1])
            border = cache->start[i - 1];
        cache->start[i] = border < frame->last ? border : frame->last;
        cache->joined[i] = border < dashboard->length && sg_plot_joined(dashboard, border);
        guess = row + (row - previous);
        previous = row;
    }
    cache->start[count] = frame->last; /* a bar exactly at the right edge belongs to the last column */
    cache->valid = true;
    cache->right = frame->view->right;
    cache->span = frame->view->span;
    cache->width = frame->plot_width;
    cache->count = count;
    cache->length = dashboard->length;
    cache->serial++;
    return cache;
}

/* Asks the memory for the block of rows that a border falls into: those of it that no block of the pyramid answers for. */
static void prefetch_block(const struct sg_series_source *source, size_t border, size_t length)
{
    size_t first = border >> SG_PYRAMID_ROWS_SHIFT << SG_PYRAMID_ROWS_SHIFT, end = first + ((size_t)1 << SG_PYRAMID_ROWS_SHIFT);
    end = end < length ? end : length;
    for (size_t row = first; row < end; row += 64 / sizeof *source->base)
        __builtin_prefetch(&source->base[row]);
    for (size_t row = first; source->second && row < end; row += 64 / sizeof *source->second)
        __builtin_prefetch(&source->second[row]);
}

const struct column_values *sg_plot_column_values(const struct frame *frame, enum series series)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    const struct columns_cache *columns_of_frame = sg_plot_columns(frame);
    struct column_store *store = &dashboard->column_store[series];
    if (!columns_of_frame)
        return NULL;
    if (store->serial == columns_of_frame->serial)
        return store->value;
    size_t count = columns_of_frame->count;
    const size_t *start = columns_of_frame->start;
    if (count > store->capacity) {
        struct column_values *larger = reallocarray(store->value, count, sizeof *larger);
        if (!larger)
            return NULL;
        store->value = larger;
        store->capacity = count;
    }
    cover(dashboard, series);
    struct sg_series_source source = source_of(dashboard, series);
    const double shift = shift_of(dashboard, series);
    const size_t ahead = 6; /* columns whose edges are asked for before they are needed */
    /* Loose rows lie around the borders. Where columns are short they follow each other, and the machine sees that by itself. */
    bool far_apart = start[count] - start[0] > count << (SG_PYRAMID_ROWS_SHIFT - 1), loose = start[count / 2] % ((size_t)1 << SG_PYRAMID_ROWS_SHIFT) != 0;
    for (size_t i = 0; i < count; i++) {
        struct column_values *value = &store->value[i];
        struct sg_extent extent;
        if (i + ahead <= count && start[i + ahead] < dashboard->length) {
            sg_pyramid_prefetch(&dashboard->pyramid[series], start[i + ahead]);
            if (far_apart && loose)
                prefetch_block(&source, start[i + ahead], dashboard->length);
        }
        *value = (struct column_values){NAN, NAN};
        if (start[i + 1] > start[i] && sg_pyramid_query(&dashboard->pyramid[series], &source, start[i], start[i + 1], &extent))
            *value = (struct column_values){extent.low + shift, extent.high + shift};
    }
    store->serial = columns_of_frame->serial;
    return store->value;
}
