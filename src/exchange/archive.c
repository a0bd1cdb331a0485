/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "archive_private.h"

#include <stdlib.h>
#include <string.h>

#include "history_private.h"

#define TRADES_KEPT (1u << 16)

static const struct {
    int64_t interval_us;
    size_t capacity;
} tiers[EX_TIER_COUNT] = {
    [EX_TIER_SECOND] = {INT64_C(1000000), 8192},
    [EX_TIER_MINUTE] = {EX_MINUTE_US, 8192},
    [EX_TIER_HOUR] = {EX_HOUR_US, 2048},
};

#define M EX_MINUTE_US
#define H EX_HOUR_US
const struct sg_ex_interval sg_ex_intervals[EX_INTERVALS] = {
    {"1s", EX_TIER_SECOND, 1000000}, {"1m", EX_TIER_MINUTE, M},       {"3m", EX_TIER_MINUTE, 3 * M}, {"5m", EX_TIER_MINUTE, 5 * M},
    {"15m", EX_TIER_MINUTE, 15 * M}, {"30m", EX_TIER_MINUTE, 30 * M}, {"1h", EX_TIER_HOUR, H},       {"2h", EX_TIER_HOUR, 2 * H},
    {"4h", EX_TIER_HOUR, 4 * H},     {"6h", EX_TIER_HOUR, 6 * H},     {"8h", EX_TIER_HOUR, 8 * H},   {"12h", EX_TIER_HOUR, 12 * H},
    {"1d", EX_TIER_HOUR, 24 * H},
};
#undef M
#undef H

static void free_symbol(struct sg_ex_symbol *symbol)
{
    if (!symbol)
        return;
    for (size_t i = 0; i < EX_TIER_COUNT; i++)
        free(symbol->tiers[i].bars);
    free(symbol->trades);
    free(symbol);
}

void sg_ex_archive_free(struct sg_ex_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++)
        free_symbol(archive->symbols[i]);
    *archive = (struct sg_ex_archive){0};
}

static bool copy_text(char to[static SG_SYMBOL_BUF], const char *from)
{
    const size_t length = strlen(from);
    if (length >= SG_SYMBOL_BUF)
        return false;
    memcpy(to, from, length + 1);
    return true;
}

struct sg_ex_symbol *sg_ex_archive_add(struct sg_ex_archive *archive, const char *name, const char *base, const char *quote, struct sg_ex_history *history)
{
    if (archive->count == EX_SYMBOLS_MAX)
        return NULL;
    struct sg_ex_symbol *symbol = calloc(1, sizeof *symbol);
    if (!symbol)
        return NULL;
    bool ok = copy_text(symbol->name, name) && copy_text(symbol->lower, name) && copy_text(symbol->base, base) && copy_text(symbol->quote, quote);
    for (char *c = symbol->lower; ok && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    symbol->history = history;
    for (size_t i = 0; i < EX_TIER_COUNT && ok && !history; i++) {
        symbol->tiers[i] = (struct sg_ex_series){.interval_us = tiers[i].interval_us, .capacity = tiers[i].capacity};
        symbol->tiers[i].bars = calloc(tiers[i].capacity, sizeof(struct sg_ex_bar));
        ok = symbol->tiers[i].bars != NULL;
    }
    if (ok && !history) {
        symbol->trade_capacity = TRADES_KEPT;
        symbol->trades = calloc(TRADES_KEPT, sizeof *symbol->trades);
        ok = symbol->trades != NULL;
    }
    if (!ok) {
        free_symbol(symbol);
        return NULL;
    }
    symbol->price_decimals = symbol->quantity_decimals = 8;
    symbol->tick = symbol->step = 1;
    symbol->has_data = true;
    archive->symbols[archive->count++] = symbol;
    return symbol;
}

struct sg_ex_symbol *sg_ex_archive_find(const struct sg_ex_archive *archive, const char *name, size_t length)
{
    for (size_t i = 0; i < archive->count; i++)
        if (strlen(archive->symbols[i]->name) == length && memcmp(archive->symbols[i]->name, name, length) == 0)
            return archive->symbols[i];
    return NULL;
}

size_t sg_ex_series_length(const struct sg_ex_series *series)
{
    return series->total < series->capacity ? (size_t)series->total : series->capacity;
}

static struct sg_ex_bar *bar_of(const struct sg_ex_series *series, uint64_t number)
{
    return &series->bars[number & (series->capacity - 1)];
}

const struct sg_ex_bar *sg_ex_series_at(const struct sg_ex_series *series, size_t i)
{
    return bar_of(series, series->total - sg_ex_series_length(series) + i);
}

size_t sg_ex_symbol_trade_count(const struct sg_ex_symbol *symbol)
{
    return symbol->trade_total < symbol->trade_capacity ? (size_t)symbol->trade_total : symbol->trade_capacity;
}

const struct sg_ex_trade *sg_ex_symbol_trade_at(const struct sg_ex_symbol *symbol, size_t i)
{
    return &symbol->trades[(symbol->trade_total - sg_ex_symbol_trade_count(symbol) + i) & (symbol->trade_capacity - 1)];
}

static void append(struct sg_ex_series *series, const struct sg_ex_bar *bar)
{
    *bar_of(series, series->total++) = *bar;
}

void sg_ex_bar_merge(struct sg_ex_bar *bar, const struct sg_ex_bar *part)
{
    /* A bar opens with its first trade: the flat parts before it do not count. */
    if (part->trades == 0)
        return;
    if (bar->trades == 0) {
        const int64_t time_us = bar->time_us;
        *bar = *part;
        bar->time_us = time_us;
        return;
    }
    bar->high = part->high > bar->high ? part->high : bar->high;
    bar->low = part->low < bar->low ? part->low : bar->low;
    bar->close = part->close;
    bar->volume += part->volume;
    bar->quote += part->quote;
    bar->taker_volume += part->taker_volume;
    bar->taker_quote += part->taker_quote;
    bar->trades += part->trades;
    if (part->first_id >= 0) {
        bar->first_id = bar->first_id < 0 ? part->first_id : bar->first_id;
        bar->last_id = part->last_id;
    }
}

size_t sg_ex_series_find(const struct sg_ex_series *series, int64_t time_us)
{
    size_t low = 0, high = sg_ex_series_length(series);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sg_ex_series_at(series, middle)->time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The bar of [open, open + interval) out of the tier's bars from *at on, which it passes. */
static struct sg_ex_bar take_bar(const struct sg_ex_series *series, size_t *at, int64_t interval_us)
{
    struct sg_ex_bar bar = *sg_ex_series_at(series, *at);
    bar.time_us = sg_ex_floor(bar.time_us, interval_us);
    const size_t length = sg_ex_series_length(series);
    while (++*at < length && sg_ex_floor(sg_ex_series_at(series, *at)->time_us, interval_us) == bar.time_us)
        sg_ex_bar_merge(&bar, sg_ex_series_at(series, *at));
    return bar;
}

static struct sg_ex_bar flat_bar(int64_t time_us, int64_t price)
{
    return (struct sg_ex_bar){.time_us = time_us, .open = price, .high = price, .low = price, .close = price, .first_id = -1, .last_id = -1};
}

/* Flat bars until the one of `time_us` exists. A jump longer than the ring starts the ring anew at its far end. */
static void reach(struct sg_ex_series *series, int64_t time_us, int64_t price)
{
    const int64_t target = sg_ex_floor(time_us, series->interval_us);
    int64_t next = series->total ? bar_of(series, series->total - 1)->time_us + series->interval_us : target;
    if ((target - next) / series->interval_us > (int64_t)series->capacity)
        next = target - (int64_t)series->capacity * series->interval_us;
    for (; next <= target; next += series->interval_us) {
        const struct sg_ex_bar bar = flat_bar(next, series->total ? bar_of(series, series->total - 1)->close : price);
        append(series, &bar);
    }
}

static void add_to_bar(struct sg_ex_bar *bar, const struct sg_ex_trade *trade, bool is_last)
{
    const sg_qty quote = (sg_qty)trade->price * trade->quantity / SG_QTY_ONE;
    if (bar->trades == 0)
        *bar = flat_bar(bar->time_us, trade->price);
    bar->high = trade->price > bar->high ? trade->price : bar->high;
    bar->low = trade->price < bar->low ? trade->price : bar->low;
    if (is_last || trade->last_id > bar->last_id)
        bar->close = trade->price;
    bar->volume += trade->quantity;
    bar->quote += quote;
    if (!trade->buyer_maker) {
        bar->taker_volume += trade->quantity;
        bar->taker_quote += quote;
    }
    bar->trades += trade->last_id - trade->first_id + 1;
    bar->first_id = bar->first_id < 0 || trade->first_id < bar->first_id ? trade->first_id : bar->first_id;
    bar->last_id = trade->last_id > bar->last_id ? trade->last_id : bar->last_id;
}

static void trade_to_series(struct sg_ex_series *series, const struct sg_ex_trade *trade)
{
    reach(series, trade->time_us, trade->price);
    const struct sg_ex_bar *newest = bar_of(series, series->total - 1);
    const int64_t behind = (newest->time_us - sg_ex_floor(trade->time_us, series->interval_us)) / series->interval_us;
    if (behind < 0 || behind >= (int64_t)sg_ex_series_length(series))
        return;
    uint64_t number = series->total - 1 - (uint64_t)behind;
    add_to_bar(bar_of(series, number), trade, behind == 0);
    /* A late trade moves the flat bars that were made after it. */
    const int64_t close = bar_of(series, number)->close;
    for (number++; number < series->total && bar_of(series, number)->trades == 0; number++)
        *bar_of(series, number) = flat_bar(bar_of(series, number)->time_us, close);
}

static void recount_from_history(struct sg_ex_symbol *symbol, int64_t minute_us)
{
    const struct sg_ex_bar bar = sg_ex_history_bar(symbol->history, minute_us - (EX_DAY_MINUTES - 1) * EX_MINUTE_US, minute_us + EX_MINUTE_US, INT64_MAX);
    symbol->day = (struct sg_ex_day){.open = bar.open, .high = bar.high, .low = bar.low, .volume = bar.volume, .quote = bar.quote, .trades = bar.trades};
}

static void recount_from_minutes(struct sg_ex_symbol *symbol)
{
    const struct sg_ex_series *minutes = &symbol->tiers[EX_TIER_MINUTE];
    const size_t length = sg_ex_series_length(minutes);
    const size_t from = length > EX_DAY_MINUTES ? length - EX_DAY_MINUTES : 0;
    struct sg_ex_day day = {0};
    for (size_t i = from; i < length; i++) {
        const struct sg_ex_bar *bar = sg_ex_series_at(minutes, i);
        day.open = i == from ? bar->open : day.open;
        day.high = i == from || bar->high > day.high ? bar->high : day.high;
        day.low = i == from || bar->low < day.low ? bar->low : day.low;
        day.volume += bar->volume;
        day.quote += bar->quote;
        day.trades += bar->trades;
    }
    symbol->day = day;
}

const struct sg_ex_day *sg_ex_symbol_day(struct sg_ex_symbol *symbol, int64_t now_us)
{
    const int64_t minute_us = sg_ex_floor(now_us, EX_MINUTE_US);
    if (symbol->day_minute_us == minute_us)
        return &symbol->day;
    symbol->day_minute_us = minute_us;
    if (symbol->history) {
        recount_from_history(symbol, minute_us);
    } else {
        sg_ex_symbol_advance(symbol, now_us);
        recount_from_minutes(symbol);
    }
    return &symbol->day;
}

void sg_ex_symbol_advance(struct sg_ex_symbol *symbol, int64_t now_us)
{
    if (!symbol->last_price)
        return;
    for (size_t i = 0; i < EX_TIER_COUNT && !symbol->history; i++)
        reach(&symbol->tiers[i], now_us, symbol->last_price);
}

void sg_ex_symbol_trade(struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade)
{
    symbol->last_price = trade->price;
    symbol->changed = true;
    if (!symbol->history) {
        symbol->trades[symbol->trade_total++ & (symbol->trade_capacity - 1)] = *trade;
        for (size_t i = 0; i < EX_TIER_COUNT; i++)
            trade_to_series(&symbol->tiers[i], trade);
    }
    /* A minute that has begun since the last count is counted with all that is in it, when somebody asks. */
    if (sg_ex_floor(trade->time_us, EX_MINUTE_US) != symbol->day_minute_us)
        return;
    symbol->day.high = trade->price > symbol->day.high ? trade->price : symbol->day.high;
    symbol->day.low = trade->price < symbol->day.low ? trade->price : symbol->day.low;
    symbol->day.volume += trade->quantity;
    symbol->day.quote += (sg_qty)trade->price * trade->quantity / SG_QTY_ONE;
    symbol->day.trades += trade->last_id - trade->first_id + 1;
}

int64_t sg_ex_symbol_first_open(const struct sg_ex_symbol *symbol, const struct sg_ex_interval *interval)
{
    const int64_t length_us = interval->interval_us;
    if (symbol->history)
        return sg_ex_floor(sg_ex_history_listed_us(symbol->history), length_us);
    const struct sg_ex_series *series = &symbol->tiers[interval->tier];
    if (sg_ex_series_length(series) == 0)
        return INT64_MAX;
    /* A tier that has lost its oldest bars may begin in the middle of a group. */
    const int64_t oldest_us = sg_ex_series_at(series, 0)->time_us;
    return sg_ex_floor(series->total > series->capacity ? oldest_us + length_us - 1 : oldest_us, length_us);
}

bool sg_ex_symbol_bar(const struct sg_ex_symbol *symbol, const struct sg_ex_interval *interval, int64_t open_us, struct sg_ex_bar *ret_bar)
{
    if (symbol->history) {
        if (!sg_ex_history_has_reached(symbol->history, open_us))
            return false;
        *ret_bar = sg_ex_history_bar(symbol->history, open_us, open_us + interval->interval_us, INT64_MAX);
        return true;
    }
    const struct sg_ex_series *series = &symbol->tiers[interval->tier];
    size_t at = sg_ex_series_find(series, open_us);
    if (at == sg_ex_series_length(series) || sg_ex_series_at(series, at)->time_us >= open_us + interval->interval_us)
        return false;
    *ret_bar = take_bar(series, &at, interval->interval_us);
    return true;
}

struct sg_ex_places sg_ex_symbol_places(const struct sg_ex_symbol *symbol, int64_t from_id, int64_t from_us, int64_t to_us)
{
    struct sg_ex_places places;
    if (symbol->history) {
        places.begin = sg_ex_history_id_at(symbol->history, from_us);
        places.begin = from_id > places.begin ? from_id : places.begin;
        places.end = sg_ex_history_id_at(symbol->history, to_us + 1);
        return places;
    }
    places = (struct sg_ex_places){0, (int64_t)sg_ex_symbol_trade_count(symbol)};
    while (places.begin < places.end && sg_ex_symbol_trade_at(symbol, (size_t)places.begin)->agg_id < from_id)
        places.begin++;
    while (places.begin < places.end && sg_ex_symbol_trade_at(symbol, (size_t)places.begin)->time_us < from_us)
        places.begin++;
    while (places.end > places.begin && sg_ex_symbol_trade_at(symbol, (size_t)places.end - 1)->time_us > to_us)
        places.end--;
    return places;
}

size_t sg_ex_symbol_trades_at(const struct sg_ex_symbol *symbol, int64_t place, struct sg_ex_trade ret_trades[2])
{
    if (symbol->history)
        return sg_ex_history_trades(symbol->history, place, ret_trades);
    ret_trades[0] = *sg_ex_symbol_trade_at(symbol, (size_t)place);
    return 1;
}
