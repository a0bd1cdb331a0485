/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "market_private.h"

#include <stdlib.h>

#include "history_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/rng.h"

#define STEP_US (50 * SG_US_PER_MS)
#define STEP_EVENTS_MAX 256 /* of one symbol in one step */
#define MEDIAN_BOOK 2400.0  /* quote units at the best price */

/* Symbols with a walk of their own are not tied to the others. 64 trades a unit are 6 a second in an average hour. */
static const struct sg_ex_listing listings[] = {
    {"BTCUSDT", "BTC", "USDT", 64250.00, 1000000, 1000, 64, 0},
    {"ETHUSDT", "ETH", "USDT", 3420.00, 1000000, 10000, 53, 0},
    {"SOLUSDT", "SOL", "USDT", 148.50, 1000000, 100000, 32, 0},
    {"BNBUSDT", "BNB", "USDT", 585.00, 10000000, 100000, 27, 0},
    {"LTCUSDT", "LTC", "USDT", 84.20, 1000000, 100000, 16, 0},
    {"BCHUSDT", "BCH", "USDT", 472.00, 1000000, 100000, 13, 0},
    {"XRPUSDT", "XRP", "USDT", 0.6120, 10000, 100000000, 27, 0.6},
    {"ADAUSDT", "ADA", "USDT", 0.4520, 10000, 10000000, 16, 0.6},
    /* Only with the fault utf8-symbol: a symbol of the kind that the exchange listed in 2025. */
    {"\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba\xe7\x94\x9fUSDT", "\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba\xe7\x94\x9f", "USDT", 0.1730, 10000, 10000000, 21, 0},
};
#define LISTINGS (sizeof listings / sizeof listings[0])

struct maker {
    struct sg_ex_symbol *symbol;
    struct sg_ex_history *history;
    struct sg_rng rng; /* of the book alone */
    struct sg_ex_book book;
    struct sg_ex_made made; /* the block that now is in */
    int next;               /* its first trade that is not told */
};

struct event {
    int64_t at_us; /* market time since the start */
    struct maker *maker;
    bool is_book;
    struct sg_ex_trade trade;
    struct sg_ex_book book;
};

struct sg_ex_market {
    struct sg_ex_market_options options;
    struct sg_ex_sink sink;
    struct sg_ex_path path;
    struct maker makers[LISTINGS];
    size_t count;
    int64_t step; /* steps made; its events lie in [step - 1, step) * STEP_US */
    struct event *events;
    size_t event_count, event_next;
};

static bool open_maker(struct sg_ex_market *market, struct maker *maker, size_t i, struct sg_ex_archive *archive)
{
    const struct sg_ex_market_options *options = &market->options;
    const struct sg_ex_listing *listing = &listings[i];
    maker->history = sg_ex_history_new(&market->path, listing, i, options);
    if (!maker->history)
        return false;
    maker->symbol = sg_ex_archive_add(archive, listing->name, listing->base, listing->quote, maker->history);
    if (!maker->symbol)
        return false;
    maker->symbol->tick = listing->tick;
    maker->symbol->step = listing->step;
    maker->symbol->has_data = !(options->second_in_break && i == 1);
    if (i == 1) {
        maker->symbol->suspended_from_us = options->suspended_from_us;
        maker->symbol->suspended_to_us = options->suspended_to_us;
        sg_ex_history_suspend(maker->history, options->suspended_from_us, options->suspended_to_us);
    }
    sg_rng_seed(&maker->rng, options->seed, 100 + i);
    maker->book.update_id = 50000000000 + (int64_t)sg_rng_below(&maker->rng, 1000000000);
    maker->symbol->last_price = sg_ex_history_price_before(maker->history, options->start_us);
    maker->made.number = -1;
    sg_ex_history_make(maker->history, sg_ex_history_block_at(maker->history, options->start_us), &maker->made);
    const int64_t begin_us = options->start_us - sg_ex_history_block_begin(maker->history, maker->made.number);
    while (maker->next < maker->made.shape.count && maker->made.shape.trades[maker->next].at_us < begin_us)
        maker->next++;
    return true;
}

struct sg_ex_market *sg_ex_market_new(const struct sg_ex_market_options *options, struct sg_ex_archive *archive, const struct sg_ex_sink *sink)
{
    struct sg_ex_market *market = calloc(1, sizeof *market);
    if (!market)
        return NULL;
    market->options = *options;
    market->sink = *sink;
    market->path = sg_ex_path_of_seed(options->seed);
    market->count = LISTINGS - (options->utf8_symbol ? 0 : 1);
    market->events = calloc(LISTINGS * STEP_EVENTS_MAX, sizeof *market->events);
    bool ok = market->events != NULL;
    for (size_t i = 0; ok && i < market->count; i++)
        ok = open_maker(market, &market->makers[i], i, archive);
    if (!ok) {
        sg_ex_market_free(market);
        return NULL;
    }
    return market;
}

void sg_ex_market_free(struct sg_ex_market *market)
{
    for (size_t i = 0; market && i < LISTINGS; i++)
        sg_ex_history_free(market->makers[i].history);
    if (market)
        free(market->events);
    free(market);
}

static struct event *new_event(struct sg_ex_market *market, struct maker *maker, size_t *used)
{
    if (*used == STEP_EVENTS_MAX)
        return NULL; /* 3 s of a burst in the busiest block make 3 trades a step */
    (*used)++;
    struct event *event = &market->events[market->event_count++];
    *event = (struct event){.maker = maker};
    return event;
}

static int64_t draw_depth(struct maker *maker, int64_t price)
{
    const double notional = MEDIAN_BOOK * exp(1.6 * sg_rng_normal(&maker->rng));
    const int64_t step = maker->symbol->step, steps = (int64_t)(notional / ((double)price * 1e-8) * 1e8 / (double)step);
    return (steps < 1 ? 1 : steps) * step;
}

static void make_book(struct sg_ex_market *market, struct maker *maker, int64_t begin_us, size_t *used)
{
    const int64_t tick = maker->symbol->tick;
    const int64_t within_us = market->options.start_us + begin_us - sg_ex_history_block_begin(maker->history, maker->made.number);
    const int64_t ticks = maker->made.begin + maker->made.shape.middle[within_us / (SG_US_PER_S / 2)] + sg_ex_ramp(maker->made.rise, within_us / SG_US_PER_S);
    const int64_t bid = (ticks < 1 ? 1 : ticks) * tick;
    if (bid == maker->book.bid && sg_rng_uniform(&maker->rng) > 0.15)
        return;
    struct event *event = new_event(market, maker, used);
    if (!event)
        return;
    maker->book.update_id += 1 + (int64_t)sg_rng_below(&maker->rng, 8);
    maker->book.bid = bid;
    maker->book.ask = bid + tick * maker->made.shape.spread[within_us / SG_US_PER_S];
    maker->book.bid_quantity = draw_depth(maker, bid);
    maker->book.ask_quantity = draw_depth(maker, bid);
    event->at_us = begin_us;
    event->is_book = true;
    event->book = maker->book;
}

/* Goes on to the next block when the one that is made has ended by `now_us`. */
static void move_on(struct maker *maker, int64_t now_us)
{
    while (sg_ex_history_block_begin(maker->history, maker->made.number + 1) <= now_us) {
        sg_ex_history_make(maker->history, maker->made.number + 1, &maker->made);
        maker->next = 0;
    }
}

/* The trades before `end_us` that are not told yet. Blocks end with steps: the start is a whole quarter of a block after one. */
static void make_trades(struct sg_ex_market *market, struct maker *maker, int64_t end_us, size_t *used)
{
    for (; maker->next < maker->made.shape.count; maker->next++) {
        const int64_t at_us = sg_ex_history_block_begin(maker->history, maker->made.number) + maker->made.shape.trades[maker->next].at_us;
        if (at_us >= end_us)
            return;
        struct sg_ex_trade trades[2];
        const size_t count = sg_ex_history_made_trades(maker->history, &maker->made, maker->next, trades);
        for (size_t i = 0; i < count; i++) {
            struct event *event = new_event(market, maker, used);
            if (!event)
                return;
            event->at_us = at_us - market->options.start_us;
            event->trade = trades[i];
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    if (x->maker != y->maker)
        return x->maker < y->maker ? -1 : 1;
    if (x->is_book != y->is_book)
        return x->is_book ? -1 : 1;
    return x->trade.first_id < y->trade.first_id ? -1 : x->trade.first_id > y->trade.first_id;
}

static void make_step(struct sg_ex_market *market)
{
    const int64_t begin_us = market->step * STEP_US;
    market->event_count = market->event_next = 0;
    for (size_t i = 0; i < market->count; i++) {
        struct maker *maker = &market->makers[i];
        size_t used = 0;
        move_on(maker, market->options.start_us + begin_us);
        if (maker->book.bid == 0 || !sg_ex_symbol_suspended(maker->symbol, market->options.start_us + begin_us))
            make_book(market, maker, begin_us, &used);
        make_trades(market, maker, market->options.start_us + begin_us + STEP_US, &used);
    }
    qsort(market->events, market->event_count, sizeof *market->events, by_time);
    market->step++;
}

/* Everything before this time since the start is told, and may be asked for. */
static void reach(struct sg_ex_market *market, int64_t since_us)
{
    for (size_t i = 0; i < market->count; i++)
        if (market->makers[i].symbol->has_data)
            sg_ex_history_reached(market->makers[i].history, market->options.start_us + since_us);
}

int64_t sg_ex_market_advance(struct sg_ex_market *market, int64_t elapsed_us)
{
    for (;;) {
        while (market->event_next < market->event_count) {
            const struct event *event = &market->events[market->event_next];
            if (event->at_us > elapsed_us) {
                reach(market, elapsed_us + 1);
                return event->at_us;
            }
            market->event_next++;
            struct sg_ex_symbol *symbol = event->maker->symbol;
            if (!symbol->has_data)
                continue;
            if (event->is_book) {
                market->sink.on_book(market->sink.context, symbol, &event->book);
            } else {
                sg_ex_symbol_trade(symbol, &event->trade);
                market->sink.on_trade(market->sink.context, symbol, &event->trade);
            }
        }
        const int64_t begin_us = market->step * STEP_US;
        if (begin_us > elapsed_us) {
            reach(market, elapsed_us + 1);
            return begin_us;
        }
        reach(market, begin_us);
        market->sink.on_clock(market->sink.context, market->options.start_us + begin_us);
        make_step(market);
    }
}
