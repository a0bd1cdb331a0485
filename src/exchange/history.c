/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history_private.h"

#include <stdlib.h>

#include "market_private.h"
#include "spreadglass/base/clock.h"

#define BLOCK_US (EX_BLOCK_S * SG_US_PER_S)
#define FILLS 256 /* how many trades the aggregates stand for, by id, over and over */
#define SILENT_BLOCKS_MAX 500

struct sg_ex_history {
    const struct sg_ex_path *path;
    const struct sg_ex_listing *listing;
    struct sg_ex_leg leg;
    struct sg_ex_shape_spec spec;
    uint64_t shape_key;
    int64_t zero_us; /* of market time, on the exchange's clock */
    int64_t start_us, reached_us;
    int64_t trades, units;                                                        /* so many trades in so many units of activity */
    double log_start;                                                             /* log price at the start */
    int64_t quote_unit;                                                           /* 1e-8 quote units of a tick times a step */
    int64_t suspended_from_us, suspended_to_us, suspended_first, suspended_count; /* indexes of trades that are not made */
    int64_t twin_every, zero_every;
    int64_t fills[FILLS + 1]; /* how many there are before the i-th of a round */
    struct sg_ex_made made;   /* the block looked at last */
    struct sg_ex_shape_summary *summaries[EX_UNITS_MAX + 1][EX_SHAPES];
    bool irregular[EX_UNITS_MAX + 1][EX_SHAPES];
};

static int64_t index_of_units(const struct sg_ex_history *history, int64_t units)
{
    return units * history->trades / history->units;
}

static int64_t ticks_of(const struct sg_ex_history *history, double log_price)
{
    const double ticks = history->spec.price * 1e8 / (double)history->spec.tick * exp(log_price - history->log_start);
    return ticks < 1 ? 1 : llrint(ticks);
}

static int shape_number(const struct sg_ex_history *history, int64_t block)
{
    return (int)(sg_ex_hash(history->shape_key, (uint64_t)block) % EX_SHAPES);
}

static bool take_block(void *context, const struct sg_ex_block *block)
{
    *(struct sg_ex_block *)context = *block;
    return false;
}

void sg_ex_history_make(struct sg_ex_history *history, int64_t number, struct sg_ex_made *made)
{
    if (made->number == number)
        return;
    struct sg_ex_block block = {.number = -1};
    sg_ex_path_walk(history->path, &history->leg, number, number + 1, take_block, &block);
    made->number = number;
    made->first_index = index_of_units(history, block.units_before);
    made->begin = ticks_of(history, block.begin);
    made->rise = ticks_of(history, block.end) - made->begin;
    const int64_t count = index_of_units(history, block.units_before + block.units) - made->first_index;
    sg_ex_shape_make(&history->spec, shape_number(history, number), block.units, (int)count, &made->shape);
}

/* Ticks. */
static int64_t made_price(const struct sg_ex_made *made, int i)
{
    const struct sg_ex_shape_trade *trade = &made->shape.trades[i];
    const int64_t price = made->begin + trade->offset + sg_ex_ramp(made->rise, trade->at_us / SG_US_PER_S);
    return price < 1 ? 1 : price;
}

int64_t sg_ex_history_block_at(const struct sg_ex_history *history, int64_t time_us)
{
    return sg_ex_floor(time_us - history->zero_us, BLOCK_US) / BLOCK_US;
}

int64_t sg_ex_history_block_begin(const struct sg_ex_history *history, int64_t block)
{
    return history->zero_us + block * BLOCK_US;
}

static int64_t time_of(const struct sg_ex_history *history, const struct sg_ex_made *made, int i)
{
    return sg_ex_history_block_begin(history, made->number) + made->shape.trades[i].at_us;
}

static bool suspended(const struct sg_ex_history *history, int64_t time_us)
{
    return time_us >= history->suspended_from_us && time_us < history->suspended_to_us;
}

/* Ids stay dense where trades were not made. */
static int64_t id_of(const struct sg_ex_history *history, int64_t index)
{
    return index < history->suspended_first + history->suspended_count ? index : index - history->suspended_count;
}

static int64_t index_of(const struct sg_ex_history *history, int64_t id)
{
    return id < history->suspended_first ? id : id + history->suspended_count;
}

/* Trades (not aggregates) before the aggregate with this id. */
static int64_t trades_before(const struct sg_ex_history *history, int64_t agg_id)
{
    return agg_id / FILLS * history->fills[FILLS] + history->fills[agg_id % FILLS];
}

/* Odd trades begin with the start: what was before is in order. */
static bool is_zero(const struct sg_ex_history *history, int64_t time_us, int64_t agg_id)
{
    return history->zero_every && time_us >= history->start_us && agg_id % history->zero_every == 0;
}

size_t sg_ex_history_made_trades(const struct sg_ex_history *history, const struct sg_ex_made *made, int i, struct sg_ex_trade ret_trades[2])
{
    const struct sg_ex_shape_trade *shape = &made->shape.trades[i];
    const int64_t time_us = time_of(history, made, i), agg_id = id_of(history, made->first_index + i);
    if (suspended(history, time_us))
        return 0;
    struct sg_ex_trade trade = {.agg_id = agg_id,
                                .first_id = trades_before(history, agg_id),
                                .last_id = trades_before(history, agg_id + 1) - 1,
                                .time_us = time_us,
                                .event_us = time_us + (int64_t)(sg_ex_hash(history->leg.key, (uint64_t)agg_id) % 2000),
                                .price = made_price(made, i) * history->spec.tick,
                                .quantity = shape->quantity * history->spec.step,
                                .buyer_maker = !shape->taker_buys};
    if (is_zero(history, time_us, agg_id))
        trade.quantity = 0;
    ret_trades[0] = trade;
    if (!history->twin_every || time_us < history->start_us || trade.last_id == trade.first_id || agg_id % history->twin_every != 0)
        return 1;
    /* The same aggregate id and time, other trades inside. */
    ret_trades[1] = trade;
    ret_trades[0].last_id = trade.first_id + (trade.last_id - trade.first_id) / 2;
    ret_trades[1].first_id = ret_trades[0].last_id + 1;
    ret_trades[0].quantity = trade.quantity / history->spec.step / 2 * history->spec.step;
    ret_trades[1].quantity -= ret_trades[0].quantity;
    return 2;
}

struct tally {
    struct sg_ex_history *history;
    int64_t from_us, to_us;
    bool any;
    int64_t open, high, low, close; /* ticks */
    int64_t volume, taker_volume;   /* steps */
    sg_qty quote, taker_quote;      /* ticks times steps */
    int64_t first_index, last_index;
    int64_t known_block, known_ticks; /* the begin of the next block */
};

static void add_range(struct tally *tally, int64_t open, int64_t high, int64_t low, int64_t close, int64_t first_index, int64_t last_index)
{
    if (!tally->any) {
        tally->any = true;
        tally->open = open;
        tally->high = high;
        tally->low = low;
        tally->first_index = first_index;
    }
    tally->high = high > tally->high ? high : tally->high;
    tally->low = low < tally->low ? low : tally->low;
    tally->close = close;
    tally->last_index = last_index;
}

static void add_made(struct tally *tally, const struct sg_ex_made *made)
{
    const struct sg_ex_history *history = tally->history;
    for (int i = 0; i < made->shape.count; i++) {
        const int64_t time_us = time_of(history, made, i);
        if (time_us < tally->from_us || suspended(history, time_us))
            continue;
        if (time_us >= tally->to_us)
            break;
        const int64_t price = made_price(made, i), index = made->first_index + i;
        const int64_t quantity = is_zero(history, time_us, id_of(history, index)) ? 0 : made->shape.trades[i].quantity;
        add_range(tally, price, price, price, price, index, index);
        tally->volume += quantity;
        tally->quote += (sg_qty)price * quantity;
        if (made->shape.trades[i].taker_buys) {
            tally->taker_volume += quantity;
            tally->taker_quote += (sg_qty)price * quantity;
        }
    }
}

/* NULL: the block's trades have to be looked at. */
static const struct sg_ex_shape_summary *summary_of(struct sg_ex_history *history, int units, int number)
{
    struct sg_ex_shape_summary **place = &history->summaries[units][number];
    if (*place || history->irregular[units][number])
        return *place;
    struct sg_ex_shape *shape = malloc(sizeof *shape);
    struct sg_ex_shape_summary *summary = malloc(sizeof *summary);
    if (shape && summary) {
        sg_ex_shape_make(&history->spec, number, units, (int)(units * history->trades), shape);
        if (sg_ex_shape_summarise(shape, summary))
            *place = summary;
        else
            history->irregular[units][number] = true;
    }
    if (!*place)
        free(summary);
    free(shape);
    return *place;
}

static void add_summary(struct tally *tally, const struct sg_ex_shape_summary *summary, int64_t first_index, int64_t begin, int64_t rise)
{
    const int64_t open = begin + summary->first_offset + sg_ex_ramp(rise, summary->first_second);
    const int64_t close = begin + summary->last_offset + sg_ex_ramp(rise, summary->last_second);
    add_range(tally, open, begin + sg_ex_hull_extreme(&summary->high, rise, true), begin + sg_ex_hull_extreme(&summary->low, rise, false), close, first_index,
              first_index + summary->count - 1);
    tally->volume += summary->all.volume;
    tally->taker_volume += summary->taker.volume;
    tally->quote += sg_ex_side_quote(&summary->all, begin, rise);
    tally->taker_quote += sg_ex_side_quote(&summary->taker, begin, rise);
}

/* Whether the block is as its shape says, all of it. */
static bool is_plain(const struct sg_ex_history *history, int64_t begin_us)
{
    const int64_t end_us = begin_us + BLOCK_US;
    if (history->units != 1 || ((history->zero_every || history->twin_every) && end_us > history->start_us))
        return false;
    return history->suspended_count == 0 || end_us <= history->suspended_from_us || begin_us >= history->suspended_to_us;
}

static bool tally_block(void *context, const struct sg_ex_block *block)
{
    struct tally *tally = context;
    struct sg_ex_history *history = tally->history;
    const int64_t begin_us = sg_ex_history_block_begin(history, block->number);
    const int64_t begin = tally->known_block == block->number ? tally->known_ticks : ticks_of(history, block->begin);
    const int64_t end = ticks_of(history, block->end);
    tally->known_block = block->number + 1;
    tally->known_ticks = end;
    const struct sg_ex_shape_summary *summary = NULL;
    /* Far enough from zero that no price is cut off at a tick. */
    if (begin_us >= tally->from_us && begin_us + BLOCK_US <= tally->to_us && is_plain(history, begin_us))
        summary = summary_of(history, block->units, shape_number(history, block->number));
    if (summary && begin + summary->low.points[0].offset > 0 && begin + sg_ex_hull_extreme(&summary->low, end - begin, false) > 0) {
        add_summary(tally, summary, index_of_units(history, block->units_before), begin, end - begin);
    } else {
        sg_ex_history_make(history, block->number, &history->made);
        add_made(tally, &history->made);
    }
    return true;
}

int64_t sg_ex_history_price_before(struct sg_ex_history *history, int64_t time_us)
{
    const int64_t block = sg_ex_history_block_at(history, time_us);
    for (int64_t b = block; b >= 0 && b > block - SILENT_BLOCKS_MAX; b--) {
        sg_ex_history_make(history, b, &history->made);
        for (int i = history->made.shape.count - 1; i >= 0; i--) {
            const int64_t at_us = time_of(history, &history->made, i);
            if (at_us < time_us && !suspended(history, at_us))
                return made_price(&history->made, i) * history->spec.tick;
        }
    }
    return history->made.begin * history->spec.tick;
}

struct sg_ex_bar sg_ex_history_bar(struct sg_ex_history *history, int64_t from_us, int64_t to_us, int64_t until_us)
{
    struct sg_ex_bar bar = {.time_us = from_us, .first_id = -1, .last_id = -1};
    int64_t end_us = to_us < until_us ? to_us : until_us;
    end_us = end_us < history->reached_us ? end_us : history->reached_us;
    const int64_t begin_us = from_us > history->zero_us ? from_us : history->zero_us;
    struct tally tally = {.history = history, .from_us = begin_us, .to_us = end_us, .known_block = -1};
    if (end_us > begin_us) {
        const int64_t first = sg_ex_history_block_at(history, begin_us), last = sg_ex_history_block_at(history, end_us - 1);
        if (first == last && history->made.number == first)
            add_made(&tally, &history->made);
        else
            sg_ex_path_walk(history->path, &history->leg, first, last + 1, tally_block, &tally);
    }
    if (!tally.any) {
        bar.open = bar.high = bar.low = bar.close = sg_ex_history_price_before(history, begin_us < end_us ? begin_us : end_us);
        return bar;
    }
    const int64_t tick = history->spec.tick, first_id = id_of(history, tally.first_index), last_id = id_of(history, tally.last_index);
    bar.open = tally.open * tick;
    bar.high = tally.high * tick;
    bar.low = tally.low * tick;
    bar.close = tally.close * tick;
    bar.volume = (sg_qty)tally.volume * history->spec.step;
    bar.taker_volume = (sg_qty)tally.taker_volume * history->spec.step;
    bar.quote = tally.quote * history->quote_unit;
    bar.taker_quote = tally.taker_quote * history->quote_unit;
    bar.first_id = trades_before(history, first_id);
    bar.last_id = trades_before(history, last_id + 1) - 1;
    bar.trades = bar.last_id - bar.first_id + 1;
    return bar;
}

/* Index of the first trade at or after a time, whether it has happened or not. */
static int64_t index_at(struct sg_ex_history *history, int64_t time_us)
{
    if (time_us <= history->zero_us)
        return 0;
    sg_ex_history_make(history, sg_ex_history_block_at(history, time_us), &history->made);
    int before = 0;
    while (before < history->made.shape.count && time_of(history, &history->made, before) < time_us)
        before++;
    return history->made.first_index + before;
}

int64_t sg_ex_history_id_at(struct sg_ex_history *history, int64_t time_us)
{
    const int64_t index = index_at(history, time_us < history->reached_us ? time_us : history->reached_us);
    /* Those that were not made have no id: theirs is the next one's. */
    return index >= history->suspended_first && index < history->suspended_first + history->suspended_count ? history->suspended_first : id_of(history, index);
}

size_t sg_ex_history_trades(struct sg_ex_history *history, int64_t agg_id, struct sg_ex_trade ret_trades[2])
{
    const int64_t index = index_of(history, agg_id);
    const int64_t unit = ((index + 1) * history->units + history->trades - 1) / history->trades - 1;
    const struct sg_ex_made *made = &history->made;
    if (made->number < 0 || index < made->first_index || index >= made->first_index + made->shape.count)
        sg_ex_history_make(history, sg_ex_path_block_of_unit(history->path, unit), &history->made);
    return sg_ex_history_made_trades(history, made, (int)(index - made->first_index), ret_trades);
}

void sg_ex_history_reached(struct sg_ex_history *history, int64_t time_us)
{
    history->reached_us = time_us;
}

bool sg_ex_history_has_reached(const struct sg_ex_history *history, int64_t time_us)
{
    return time_us < history->reached_us;
}

int64_t sg_ex_history_listed_us(const struct sg_ex_history *history)
{
    return history->zero_us;
}

static void draw_fills(struct sg_ex_history *history)
{
    for (int i = 0; i < FILLS; i++) {
        uint64_t hash = sg_ex_hash(history->spec.key, UINT64_C(0xf111) << 16 | (uint64_t)i);
        int fills = 1;
        for (; fills < EX_FILLS_MAX && (hash & 3) == 0; hash >>= 2)
            fills++;
        history->fills[i + 1] = history->fills[i] + fills;
    }
}

struct sg_ex_history *sg_ex_history_new(const struct sg_ex_path *path, const struct sg_ex_listing *listing, uint64_t number,
                                        const struct sg_ex_market_options *options)
{
    struct sg_ex_history *history = calloc(1, sizeof *history);
    if (!history)
        return NULL;
    const uint64_t key = sg_ex_hash(path->key, 1000 + number);
    history->path = path;
    history->listing = listing;
    history->leg = (struct sg_ex_leg){.key = key, .own_walk = listing->own_walk};
    history->spec = (struct sg_ex_shape_spec){
        .key = key, .common_key = path->key, .price = listing->price, .own_walk = listing->own_walk, .tick = listing->tick, .step = listing->step};
    history->shape_key = sg_ex_hash(path->key, 999);
    history->start_us = history->reached_us = options->start_us;
    history->zero_us = options->start_us - path->start_s * SG_US_PER_S;
    history->trades = listing->trades_per_unit;
    history->units = options->quiet ? 100 : 1;
    history->quote_unit = listing->tick * listing->step / SG_QTY_ONE;
    history->made.number = -1;
    history->twin_every = options->twin_every;
    history->zero_every = options->zero_every;
    draw_fills(history);
    struct sg_ex_block block = {.number = -1};
    const int64_t start = sg_ex_history_block_at(history, history->start_us);
    sg_ex_path_walk(path, &history->leg, start, start + 1, take_block, &block);
    history->log_start = block.begin;
    return history;
}

void sg_ex_history_suspend(struct sg_ex_history *history, int64_t from_us, int64_t to_us)
{
    if (from_us >= to_us)
        return;
    history->suspended_first = index_at(history, from_us);
    history->suspended_count = index_at(history, to_us) - history->suspended_first;
    history->suspended_from_us = from_us;
    history->suspended_to_us = to_us;
}

void sg_ex_history_free(struct sg_ex_history *history)
{
    if (!history)
        return;
    for (int i = 0; i <= EX_UNITS_MAX; i++)
        for (int j = 0; j < EX_SHAPES; j++)
            free(history->summaries[i][j]);
    free(history);
}
