/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "market_private.h"

#include <math.h>
#include <stdlib.h>

#include "spreadglass/base/clock.h"

#define STEP_US (50 * SG_US_PER_MS)
#define STEP_S 0.05
#define STEP_EVENTS_MAX 256            /* of one symbol in one step */

/* Common walk, per square root of a second: 2.5 % over a day. */
#define WALK 8.5e-5
#define OWN_WALK 5e-5
#define FAST_TAU 20.0
#define FAST_SD 0.9e-4
#define SLOW_TAU 240.0
#define SLOW_SD 1.6e-4
#define JUMP_EVERY_S 80.0
#define BURST_EVERY_S 45.0
#define SILENCE_EVERY_S 170.0

#define PAST_SECONDS 3600
#define PAST_MINUTES (84 * 60)
#define PAST_HOURS (45 * 24)

struct listing {
    const char *name, *base, *quote;
    double price;
    int64_t tick, step;                /* 1e-8 units */
    double trades_per_s;
    bool own_walk;
};

static const struct listing listings[] = {
    { "BTCUSDT", "BTC", "USDT", 64250.00, 1000000, 1000, 6.0, false },
    { "ETHUSDT", "ETH", "USDT", 3420.00, 1000000, 10000, 5.0, false },
    { "SOLUSDT", "SOL", "USDT", 148.50, 1000000, 100000, 3.0, false },
    { "BNBUSDT", "BNB", "USDT", 585.00, 10000000, 100000, 2.5, false },
    { "LTCUSDT", "LTC", "USDT", 84.20, 1000000, 100000, 1.5, false },
    { "BCHUSDT", "BCH", "USDT", 472.00, 1000000, 100000, 1.2, false },
    { "XRPUSDT", "XRP", "USDT", 0.6120, 10000, 100000000, 2.5, true },
    { "ADAUSDT", "ADA", "USDT", 0.4520, 10000, 10000000, 1.5, true },
    /* Only with the fault utf8-symbol: a symbol of the kind that the exchange listed in 2025. */
    { "\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba\xe7\x94\x9fUSDT", "\xe5\xb8\x81\xe5\xae\x89\xe4\xba\xba\xe7\x94\x9f", "USDT", 0.1730, 10000, 10000000, 2.0, false },
};
#define LISTINGS (sizeof listings / sizeof listings[0])

struct path {                          /* the state of the log price, without the common walk */
    double fast, slow, own;
};

struct maker {
    struct ex_symbol *symbol;
    const struct listing *listing;
    struct sg_rng rng;
    struct path path;
    double burst_until_s, silent_until_s;
    double lean;                       /* last move, for the takers' side */
    int64_t next_agg, next_trade;
    struct ex_book book;
};

struct event {
    int64_t at_us;                     /* market time */
    struct maker *maker;
    bool is_book;
    struct ex_trade trade;
    struct ex_book book;
};

struct ex_market {
    struct ex_market_options options;
    struct ex_sink sink;
    struct sg_rng common;
    double walk;
    struct maker makers[LISTINGS];
    size_t count;
    int64_t step;                      /* steps made; its events lie in [step - 1, step) * STEP_US */
    struct event *events;
    size_t event_count, event_next;
};

/* One Ornstein-Uhlenbeck step of dt seconds: exact, and the same forwards and backwards in time. */
static double revert(double x, double tau, double deviation, double dt, struct sg_rng *rng)
{
    const double keep = exp(-dt / tau);
    return x * keep + deviation * sqrt(1 - keep * keep) * sg_rng_normal(rng);
}

static void step_path(struct maker *maker, double dt)
{
    maker->path.fast = revert(maker->path.fast, FAST_TAU, FAST_SD, dt, &maker->rng);
    maker->path.slow = revert(maker->path.slow, SLOW_TAU, SLOW_SD, dt, &maker->rng);
    if (maker->listing->own_walk)
        maker->path.own += OWN_WALK * sqrt(dt) * sg_rng_normal(&maker->rng);
}

static double price_of(const struct maker *maker, double walk)
{
    return maker->listing->price * exp(walk + maker->path.fast + maker->path.slow + maker->path.own);
}

static int64_t to_grid(double value, int64_t grid)
{
    const int64_t n = (int64_t)llround(value * 1e8 / (double)grid);
    return (n < 1 ? 1 : n) * grid;
}

static int64_t draw_quantity(struct maker *maker, double price)
{
    const double notional = 300 * exp(1.6 * sg_rng_normal(&maker->rng));
    return to_grid((notional < 2e6 ? notional : 2e6) / price, maker->listing->step);
}

/* The bar between two prices `dt` seconds apart, with a volume of about that many seconds. */
static struct ex_bar past_bar(struct maker *maker, struct sg_rng *rng, int64_t time_us, double open, double close, double dt, double trade_scale)
{
    const int64_t tick = maker->listing->tick;
    const double range = WALK * sqrt(dt) * 0.5;
    const double top = (open > close ? open : close) * (1 + range * fabs(sg_rng_normal(rng)));
    const double bottom = (open < close ? open : close) * (1 - range * fabs(sg_rng_normal(rng)));
    struct ex_bar bar = { .time_us = time_us, .open = to_grid(open, tick), .close = to_grid(close, tick), .first_id = -1, .last_id = -1 };
    /* Aggregates carry 4/3 trades and 1079 units of quote on average: see draw_quantity and make_trade. */
    const double mean = maker->listing->trades_per_s * trade_scale * dt * 1.15;
    const double spread = sqrt(mean) * sg_rng_normal(rng);
    const double aggregates = dt > 30 ? fmax(0, floor(mean + spread * 4)) : (double)sg_rng_poisson(rng, mean);
    if (aggregates == 0) {
        bar.close = bar.high = bar.low = bar.open;
        return bar;
    }
    bar.high = to_grid(top, tick);
    bar.low = to_grid(bottom, tick);
    bar.high = bar.high > bar.open ? bar.high : bar.open;
    bar.high = bar.high > bar.close ? bar.high : bar.close;
    bar.low = bar.low < bar.open ? bar.low : bar.open;
    bar.low = bar.low < bar.close ? bar.low : bar.close;
    double notional = 0;
    if (aggregates <= 40) {
        for (int i = 0; i < (int)aggregates; i++)
            notional += 300 * exp(1.6 * sg_rng_normal(rng));
    } else {
        notional = aggregates * 1079 * exp(0.25 * sg_rng_normal(rng));
    }
    const sg_qty steps = (sg_qty)(notional / close * 1e8 / (double)maker->listing->step) + 1;
    const sg_qty taken = (sg_qty)((double)steps * (0.3 + 0.4 * sg_rng_uniform(rng)));
    const sg_qty middle = ((sg_qty)bar.open + bar.close) / 2;
    bar.volume = steps * maker->listing->step;
    bar.quote = bar.volume * middle / SG_QTY_ONE;
    bar.taker_volume = taken * maker->listing->step;
    bar.taker_quote = bar.taker_volume * middle / SG_QTY_ONE;
    bar.trades = (int64_t)(aggregates * 4 / 3) + 1;
    return bar;
}

/* The log-price steps of the common walk, backwards; every maker walks along the same ones. */
struct backwards {
    double seconds[PAST_SECONDS + 60], minutes[PAST_MINUTES + 60], hours[PAST_HOURS];
};


/* Fills `bars` (made backwards, so bars[0] is the newest) from `from_us` back to `to_us`; returns how many. */
static size_t walk_back(struct maker *maker, struct sg_rng *rng, struct ex_bar *bars, int64_t from_us, int64_t to_us, int64_t interval_us, const double *walks, double *walk, double trade_scale)
{
    const double dt = (double)interval_us / (double)SG_US_PER_S;
    size_t n = 0;
    for (int64_t t = from_us; t > to_us; t -= interval_us, n++) {
        const double close = price_of(maker, *walk);
        step_path(maker, dt);
        *walk -= walks[n];
        const double open = price_of(maker, *walk);
        bars[n] = past_bar(maker, rng, t - interval_us, open, close, dt, trade_scale);
    }
    return n;
}

static void append_reversed(struct ex_series *series, const struct ex_bar *bars, size_t count)
{
    while (count-- > 0)
        ex_series_append(series, &bars[count]);
}

/* Appends to `to` the bars that `from` adds up to, from `begin_us` on; the last one may be unfinished. */
static void aggregate(struct ex_series *to, const struct ex_series *from, int64_t begin_us)
{
    const size_t length = ex_series_length(from);
    struct ex_bar bar = { .time_us = -1 };
    for (size_t i = 0; i < length; i++) {
        const struct ex_bar *part = ex_series_at(from, i);
        if (part->time_us < begin_us)
            continue;
        const int64_t open_us = ex_floor(part->time_us, to->interval_us);
        if (bar.time_us != open_us) {
            if (bar.time_us >= 0)
                ex_series_append(to, &bar);
            bar = *part;
            bar.time_us = open_us;
        } else {
            ex_bar_merge(&bar, part);
        }
    }
    if (bar.time_us >= 0)
        ex_series_append(to, &bar);
}

static bool make_past(struct ex_market *market, struct maker *maker, const struct backwards *walks)
{
    struct ex_symbol *symbol = maker->symbol;
    struct ex_series *seconds = &symbol->tiers[EX_TIER_SECOND], *minutes = &symbol->tiers[EX_TIER_MINUTE], *hours = &symbol->tiers[EX_TIER_HOUR];
    const int64_t start = market->options.start_us;
    const int64_t seconds_from = ex_floor(start - PAST_SECONDS * SG_US_PER_S, EX_MINUTE_US);
    const int64_t minutes_from = ex_floor(start - PAST_MINUTES * EX_MINUTE_US, EX_HOUR_US);
    const int64_t hours_from = minutes_from - (PAST_HOURS - PAST_MINUTES / 60) * EX_HOUR_US;
    const double scale = market->options.quiet ? 0.01 : 1;
    struct sg_rng rng;
    sg_rng_seed(&rng, market->options.seed, 2000 + (uint64_t)(maker - market->makers));
    struct ex_bar *bars = malloc((size_t)(PAST_MINUTES + 60) * sizeof *bars);
    if (!bars)
        return false;
    /* The walk goes back from the present state and leaves it as it was. */
    const struct path present = maker->path;
    const struct sg_rng present_rng = maker->rng;
    double walk = market->walk;
    sg_rng_seed(&maker->rng, market->options.seed, 1000 + (uint64_t)(maker - market->makers));
    append_reversed(seconds, bars, walk_back(maker, &rng, bars, start, seconds_from, SG_US_PER_S, walks->seconds, &walk, scale));
    append_reversed(minutes, bars, walk_back(maker, &rng, bars, seconds_from, minutes_from, EX_MINUTE_US, walks->minutes, &walk, scale));
    aggregate(minutes, seconds, seconds_from);
    append_reversed(hours, bars, walk_back(maker, &rng, bars, minutes_from, hours_from, EX_HOUR_US, walks->hours, &walk, scale));
    aggregate(hours, minutes, minutes_from);
    maker->path = present;
    maker->rng = present_rng;
    free(bars);
    symbol->last_price = to_grid(price_of(maker, market->walk), maker->listing->tick);
    ex_symbol_recount_day(symbol);
    return true;
}

struct ex_market *ex_market_new(const struct ex_market_options *options, struct ex_archive *archive, const struct ex_sink *sink)
{
    struct ex_market *market = calloc(1, sizeof *market);
    struct backwards *walks = malloc(sizeof *walks);
    bool ok = market && walks;
    if (ok) {
        market->options = *options;
        market->sink = *sink;
        market->count = LISTINGS - (options->utf8_symbol ? 0 : 1);
        market->events = calloc(LISTINGS * STEP_EVENTS_MAX, sizeof *market->events);
        ok = market->events != NULL;
        sg_rng_seed(&market->common, options->seed, 1);
        struct sg_rng past;
        sg_rng_seed(&past, options->seed, 2);
        for (size_t i = 0; i < sizeof walks->seconds / sizeof walks->seconds[0]; i++)
            walks->seconds[i] = WALK * sg_rng_normal(&past);
        for (size_t i = 0; i < sizeof walks->minutes / sizeof walks->minutes[0]; i++)
            walks->minutes[i] = WALK * sqrt(60) * sg_rng_normal(&past);
        for (size_t i = 0; i < sizeof walks->hours / sizeof walks->hours[0]; i++)
            walks->hours[i] = WALK * sqrt(3600) * sg_rng_normal(&past);
    }
    for (size_t i = 0; ok && i < market->count; i++) {
        struct maker *maker = &market->makers[i];
        maker->listing = &listings[i];
        maker->symbol = ex_archive_add(archive, listings[i].name, listings[i].base, listings[i].quote);
        ok = maker->symbol != NULL;
        if (!ok)
            break;
        maker->symbol->tick = listings[i].tick;
        maker->symbol->step = listings[i].step;
        sg_rng_seed(&maker->rng, options->seed, 100 + i);
        maker->path.fast = FAST_SD * sg_rng_normal(&maker->rng);
        maker->path.slow = SLOW_SD * sg_rng_normal(&maker->rng);
        maker->next_agg = 3000000000 + (int64_t)(sg_rng_below(&maker->rng, 100000000)) ;
        maker->next_trade = maker->next_agg + maker->next_agg / 3;
        maker->book.update_id = 50000000000 + (int64_t)sg_rng_below(&maker->rng, 1000000000);
        maker->symbol->has_data = !(options->second_in_break && i == 1);
        if (i == 1) {
            maker->symbol->suspended_from_us = options->suspended_from_us;
            maker->symbol->suspended_to_us = options->suspended_to_us;
        }
        ok = make_past(market, maker, walks);
    }
    free(walks);
    if (!ok) {
        ex_market_free(market);
        return NULL;
    }
    return market;
}

void ex_market_free(struct ex_market *market)
{
    if (market)
        free(market->events);
    free(market);
}

static struct event *new_event(struct ex_market *market, struct maker *maker, size_t *used)
{
    if (*used == STEP_EVENTS_MAX)
        return NULL;      /* a Poisson count of 1/s * 50 ms never comes near */
    (*used)++;
    struct event *event = &market->events[market->event_count++];
    *event = (struct event){ .maker = maker };
    return event;
}

static void make_book(struct ex_market *market, struct maker *maker, double price, int64_t at_us, size_t *used)
{
    const int64_t tick = maker->listing->tick;
    const int64_t bid = to_grid(price, tick);
    const bool moved = bid != maker->book.bid;
    if (!moved && sg_rng_uniform(&maker->rng) > 0.15)
        return;
    struct event *event = new_event(market, maker, used);
    if (!event)
        return;
    maker->book.update_id += 1 + (int64_t)sg_rng_below(&maker->rng, 8);
    maker->book.bid = bid;
    maker->book.ask = bid + tick * (sg_rng_uniform(&maker->rng) < 0.85 ? 1 : 2);
    maker->book.bid_quantity = draw_quantity(maker, price) * 8;
    maker->book.ask_quantity = draw_quantity(maker, price) * 8;
    event->at_us = at_us;
    event->is_book = true;
    event->book = maker->book;
}

static void make_trade(struct ex_market *market, struct maker *maker, double price, int64_t at_us, size_t *used)
{
    struct event *event = new_event(market, maker, used);
    if (!event)
        return;
    /* Takers follow the last move a little; a big one walks a few ticks into the book. */
    const bool taker_buys = sg_rng_uniform(&maker->rng) < 0.5 + (maker->lean > 0 ? 0.12 : -0.12);
    const int64_t quantity = draw_quantity(maker, price);
    const int64_t depth = (int64_t)(log2(1 + (double)quantity / 1e8 * price / 20000)) * maker->listing->tick;
    int64_t fills = 1;
    while (fills < 12 && fills * maker->listing->step < quantity && sg_rng_uniform(&maker->rng) < 0.25)
        fills++;
    event->at_us = at_us;
    event->trade = (struct ex_trade){
        .first_id = maker->next_trade,
        .last_id = maker->next_trade + fills - 1,
        .price = taker_buys ? maker->book.ask + depth : maker->book.bid - depth,
        .quantity = quantity,
        .buyer_maker = !taker_buys,
    };
    if (event->trade.price < maker->listing->tick)
        event->trade.price = maker->listing->tick;
    maker->next_trade += fills;
}

static void make_symbol_step(struct ex_market *market, struct maker *maker, double now_s)
{
    const int64_t begin_us = market->step * STEP_US;
    size_t used = 0;
    const double before = maker->path.fast;
    step_path(maker, STEP_S);
    if (sg_rng_uniform(&maker->rng) < STEP_S / JUMP_EVERY_S) {
        const double size = FAST_SD * (2 + 1.5 * sg_rng_exponential(&maker->rng));
        maker->path.fast += sg_rng_uniform(&maker->rng) < 0.5 ? size : -size;
    }
    if (sg_rng_uniform(&maker->rng) < STEP_S / BURST_EVERY_S)
        maker->burst_until_s = now_s + 3 * sg_rng_exponential(&maker->rng);
    if (sg_rng_uniform(&maker->rng) < STEP_S / SILENCE_EVERY_S)
        maker->silent_until_s = now_s + 2 + 3 * sg_rng_exponential(&maker->rng);
    maker->lean = 0.9 * maker->lean + (maker->path.fast - before);

    const double price = price_of(maker, market->walk);
    const bool silent = now_s < maker->silent_until_s || ex_symbol_suspended(maker->symbol, market->options.start_us + begin_us);
    if (!silent || maker->book.bid == 0)
        make_book(market, maker, price, begin_us, &used);
    double rate = maker->listing->trades_per_s * (market->options.quiet ? 0.01 : 1);
    if (now_s < maker->burst_until_s)
        rate *= 3.3;
    const unsigned trades = silent ? 0 : sg_rng_poisson(&maker->rng, rate * STEP_S);
    const size_t first = market->event_count;
    for (unsigned i = 0; i < trades; i++)
        make_trade(market, maker, price, begin_us + 1 + (int64_t)sg_rng_below(&maker->rng, (uint64_t)STEP_US - 1), &used);
    /* Ids go up with time: sort this symbol's trades of the step, then number them. */
    for (size_t i = first + 1; i < market->event_count; i++)
        for (size_t j = i; j > first && market->events[j].at_us < market->events[j - 1].at_us; j--) {
            const struct event other = market->events[j];
            market->events[j] = market->events[j - 1];
            market->events[j - 1] = other;
        }
    int64_t id = first < market->event_count ? market->events[first].trade.first_id : 0;
    for (size_t i = first; i < market->event_count; i++)
        id = market->events[i].trade.first_id < id ? market->events[i].trade.first_id : id;
    for (size_t i = first; i < market->event_count; i++) {
        struct event *event = &market->events[i];
        const int64_t fills = event->trade.last_id - event->trade.first_id + 1;
        event->trade.agg_id = maker->next_agg++;
        event->trade.first_id = id;
        event->trade.last_id = id + fills - 1;
        id += fills;
        event->trade.time_us = market->options.start_us + event->at_us;
        event->trade.event_us = event->trade.time_us + (int64_t)sg_rng_below(&maker->rng, 2000);
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
    return x->trade.agg_id < y->trade.agg_id ? -1 : x->trade.agg_id > y->trade.agg_id;
}

static void make_step(struct ex_market *market)
{
    market->event_count = market->event_next = 0;
    market->walk += WALK * sqrt(STEP_S) * sg_rng_normal(&market->common);
    const double now_s = (double)market->step * STEP_S;
    for (size_t i = 0; i < market->count; i++)
        make_symbol_step(market, &market->makers[i], now_s);
    qsort(market->events, market->event_count, sizeof *market->events, by_time);
    market->step++;
}

static void tell_trade(struct ex_market *market, struct ex_symbol *symbol, const struct ex_trade *trade)
{
    ex_symbol_trade(symbol, trade);
    market->sink.on_trade(market->sink.context, symbol, trade);
}

/* As it is, or odd in a way that was asked for. */
static void emit_trade(struct ex_market *market, struct ex_symbol *symbol, const struct ex_trade *trade)
{
    const int64_t twin = market->options.twin_every, zero = market->options.zero_every;
    struct ex_trade first = *trade, second = *trade;
    if (zero && trade->agg_id % zero == 0)
        first.quantity = second.quantity = 0;
    if (!twin || trade->last_id == trade->first_id || trade->agg_id % twin != 0) {
        tell_trade(market, symbol, &first);
        return;
    }
    /* The same aggregate id and time, other trades inside. */
    first.last_id = trade->first_id + (trade->last_id - trade->first_id) / 2;
    second.first_id = first.last_id + 1;
    first.quantity = first.quantity / symbol->step / 2 * symbol->step;
    second.quantity -= first.quantity;
    tell_trade(market, symbol, &first);
    tell_trade(market, symbol, &second);
}

int64_t ex_market_advance(struct ex_market *market, int64_t elapsed_us)
{
    for (;;) {
        while (market->event_next < market->event_count) {
            const struct event *event = &market->events[market->event_next];
            if (event->at_us > elapsed_us)
                return event->at_us;
            market->event_next++;
            struct ex_symbol *symbol = event->maker->symbol;
            if (!symbol->has_data)
                continue;
            if (event->is_book) {
                market->sink.on_book(market->sink.context, symbol, &event->book);
            } else {
                emit_trade(market, symbol, &event->trade);
            }
        }
        const int64_t begin_us = market->step * STEP_US;
        if (begin_us > elapsed_us)
            return begin_us;
        const int64_t now_us = market->options.start_us + begin_us;
        for (size_t i = 0; i < market->count; i++)
            ex_symbol_advance(market->makers[i].symbol, now_us);
        market->sink.on_clock(market->sink.context, now_us);
        make_step(market);
    }
}
