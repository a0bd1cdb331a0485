/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trades to bars [T, T + interval), and flat bars where nothing was traded in between. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builder_private.h"
#include "spreadglass/base/clock.h"

enum sg_status sg_bar_list_add(struct bar_list *list, const struct sg_bar *bar, struct sg_error *error)
{
    if (list->length == list->maximum)
        return sg_fail(error, SG_ERR_RANGE, "more than %zu bars: ask for a longer interval, or for less with start and end", list->maximum);
    if (list->length == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 1024;
        if (capacity > list->maximum)
            capacity = list->maximum;
        struct sg_bar *grown = realloc(list->bars, capacity * sizeof *grown);
        if (!grown)
            return sg_fail(error, SG_ERR_NOMEM, "no memory for %zu bars", capacity);
        list->bars = grown;
        list->capacity = capacity;
    }
    list->bars[list->length++] = *bar;
    return SG_OK;
}

const char *sg_interval_text(int64_t interval_us, char buffer[static INTERVAL_TEXT_BUF])
{
    static const struct {
        int64_t us;
        char unit;
    } units[] = {{INT64_C(86400) * SG_US_PER_S, 'd'}, {3600 * SG_US_PER_S, 'h'}, {60 * SG_US_PER_S, 'm'}, {SG_US_PER_S, 's'}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (interval_us % units[i].us == 0) {
            snprintf(buffer, INTERVAL_TEXT_BUF, "%lld%c", (long long)(interval_us / units[i].us), units[i].unit);
            return buffer;
        }
    snprintf(buffer, INTERVAL_TEXT_BUF, "%lldus", (long long)interval_us);
    return buffer;
}

const char *sg_distance_text(int64_t distance_us, char buffer[static DISTANCE_TEXT_BUF])
{
    int64_t seconds = distance_us / SG_US_PER_S, days = seconds / 86400;
    int length = days > 0 ? snprintf(buffer, DISTANCE_TEXT_BUF, "%lld d ", (long long)days) : 0;
    snprintf(buffer + length, DISTANCE_TEXT_BUF - (size_t)length, "%02d:%02d:%02d", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60));
    return buffer;
}

void sg_series_warn(struct sg_series *series, const char *format, ...)
{
    size_t length = strlen(series->warning), size = sizeof series->warning;
    va_list arguments;
    if (length + 2 < size && length > 0)
        length += (size_t)snprintf(series->warning + length, size - length, "; ");
    va_start(arguments, format);
    vsnprintf(series->warning + length, size - length, format, arguments);
    va_end(arguments);
}

void sg_trade_bars_init(struct trade_bars *trades, const struct sg_series_config *config, struct sg_series *series, struct bar_list *list)
{
    memset(trades, 0, sizeof *trades);
    trades->config = config;
    trades->series = series;
    trades->list = list;
    trades->last_id = -1;
    series->interval_us = config->interval_us;
}

/* Gives the bar under way to the list when it lies in the range asked for. */
static enum sg_status give(struct trade_bars *trades, struct sg_error *error)
{
    const struct sg_bar *bar = &trades->bar;
    if (bar->time_us < trades->config->start_us || bar->time_us >= trades->config->end_us)
        return SG_OK;
    if (bar->flags & SG_BAR_FILLED)
        trades->series->filled++;
    return sg_bar_list_add(trades->list, bar, error);
}

/* The flat bars up to `time_us`; those outside of the range are not made one by one. */
static enum sg_status fill_up_to(struct trade_bars *trades, int64_t time_us, struct sg_error *error)
{
    int64_t step = trades->config->interval_us;
    double price = trades->bar.close;
    uint32_t no_volume = trades->bar.flags & SG_BAR_NO_VOLUME;
    int64_t at = trades->bar.time_us + step;
    int64_t first = trades->config->start_us;
    if (first > at)
        at = first > time_us ? time_us : floor_to(first + step - 1, step);
    int64_t last = trades->config->end_us < time_us ? trades->config->end_us : time_us;
    for (; at < last; at += step) {
        trades->bar = (struct sg_bar){.time_us = at,
                                      .open = price,
                                      .high = price,
                                      .low = price,
                                      .close = price,
                                      .flags = SG_BAR_FILLED | no_volume,
                                      .last_tick_us = trades->last.time_us};
        enum sg_status status = give(trades, error);
        if (status != SG_OK)
            return status;
    }
    return SG_OK;
}

static bool same_trade(const struct series_row *left, const struct series_row *right)
{
    return left->time_us == right->time_us && left->close == right->close && left->volume == right->volume && left->id == right->id;
}

enum sg_status sg_trade_bars_add(struct trade_bars *trades, const struct series_row *row, struct sg_error *error)
{
    if (trades->any && row->id >= 0) {
        if (same_trade(&trades->last, row)) {
            trades->series->duplicates++;
            return SG_OK;
        }
        if (row->id <= trades->last_id)
            return sg_fail(error, SG_ERR_PARSE, "trade id %lld comes after %lld: the file is not in order", (long long)row->id, (long long)trades->last_id);
    }
    int64_t time_us = floor_to(row->time_us, trades->config->interval_us);
    if (trades->open && time_us < trades->bar.time_us) {
        char now[SG_TIME_BUF], before[SG_TIME_BUF];
        sg_time_format_iso(row->time_us, now);
        sg_time_format_iso(trades->last.time_us, before);
        return sg_fail(error, SG_ERR_PARSE, "its time %s is before that of the row before it, %s: the file is not in order", now, before);
    }
    enum sg_status status = SG_OK;
    if (trades->any && row->id >= 0 && trades->last_id >= 0 && row->id != trades->last_id + 1)
        trades->id_jumps++;
    if (row->volume == 0 && !(row->flags & SG_BAR_NO_VOLUME) && trades->series->form != SG_SERIES_PRICES_CSV) {
        trades->series->rows++;
        trades->empty++;
        trades->last_id = row->id;
        trades->any = true;
        return SG_OK;
    }
    if (trades->open && time_us > trades->bar.time_us) {
        status = give(trades, error);
        if (status == SG_OK)
            status = fill_up_to(trades, time_us, error);
        if (status != SG_OK)
            return status;
        trades->open = false;
    }
    trades->series->rows++;
    if (time_us < trades->config->start_us || time_us >= trades->config->end_us)
        trades->series->outside++;
    struct sg_bar *bar = &trades->bar;
    if (!trades->open) {
        *bar = (struct sg_bar){.time_us = time_us, .open = row->close, .high = row->close, .low = row->close};
        trades->open = true;
    }
    bar->high = row->close > bar->high ? row->close : bar->high;
    bar->low = row->close < bar->low ? row->close : bar->low;
    bar->close = row->close;
    bar->volume += row->volume;
    bar->trades += row->trades;
    bar->ticks++;
    bar->flags |= row->flags & (SG_BAR_NO_VOLUME | SG_BAR_VOLUME_ESTIMATED);
    if (row->time_us > bar->last_tick_us)
        bar->last_tick_us = row->time_us;
    trades->last = *row;
    trades->last_id = row->id;
    trades->any = true;
    return SG_OK;
}

enum sg_status sg_trade_bars_finish(struct trade_bars *trades, struct sg_error *error)
{
    if (trades->id_jumps > 0 && trades->series->form != SG_SERIES_PRICES_CSV)
        sg_series_warn(trades->series, "the trade ids jump in %llu places: trades are missing from the file", (unsigned long long)trades->id_jumps);
    if (trades->empty > 0)
        sg_series_warn(trades->series, "%llu trades have quantity 0, and count as none", (unsigned long long)trades->empty);
    return trades->open ? give(trades, error) : SG_OK;
}
