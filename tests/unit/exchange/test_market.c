/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seeded market: the same for a seed, well-formed, and a spread that leaves two deviations often enough. The z-score is
 * computed here in the plainest way, from the closes alone; nothing of analytics is used. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../src/exchange/market_private.h"
#include "spreadglass/base/clock.h"

#define START_US (INT64_C(1795461368) * SG_US_PER_S)      /* 8 s into a minute, 16 min into an hour */

struct heard {
    uint64_t hash;
    size_t trades, books;
    struct ex_trade last[16];
    int64_t last_us, longest_silence_us[16];
    double notional, largest;
};

struct world {
    struct ex_archive archive;
    struct ex_market *market;
    struct heard heard;
};

static void mix(struct heard *heard, int64_t value)
{
    heard->hash = (heard->hash ^ (uint64_t)value) * UINT64_C(1099511628211);
}

static size_t index_of(const struct world *world, const struct ex_symbol *symbol)
{
    for (size_t i = 0; i < world->archive.count; i++)
        if (world->archive.symbols[i] == symbol)
            return i;
    fail_msg("unknown symbol");
    return 0;
}

static void on_trade(void *context, struct ex_symbol *symbol, const struct ex_trade *trade)
{
    struct world *world = context;
    struct heard *heard = &world->heard;
    const size_t i = index_of(world, symbol);
    const struct ex_trade *before = &heard->last[i];
    if (before->agg_id) {
        assert_true(trade->agg_id == before->agg_id + 1);
        assert_true(trade->first_id == before->last_id + 1);
        assert_true(trade->time_us >= before->time_us);
        const int64_t silence = trade->time_us - before->time_us;
        if (silence > heard->longest_silence_us[i])
            heard->longest_silence_us[i] = silence;
    }
    assert_true(trade->last_id >= trade->first_id);
    assert_true(trade->event_us >= trade->time_us && trade->event_us < trade->time_us + 5000);
    assert_true(trade->price > 0 && trade->price % symbol->tick == 0);
    assert_true(trade->quantity > 0 && trade->quantity % symbol->step == 0);
    assert_true(trade->time_us >= heard->last_us);      /* all symbols together, in order */
    heard->last_us = trade->time_us;
    heard->last[i] = *trade;
    heard->trades++;
    const double notional = (double)trade->price * 1e-8 * (double)trade->quantity * 1e-8;
    heard->notional += notional;
    heard->largest = notional > heard->largest ? notional : heard->largest;
    mix(heard, (int64_t)i);
    mix(heard, trade->agg_id);
    mix(heard, trade->price);
    mix(heard, trade->quantity);
    mix(heard, trade->time_us - START_US);
}

static void on_book(void *context, struct ex_symbol *symbol, const struct ex_book *book)
{
    struct world *world = context;
    assert_true(book->bid > 0 && book->ask > book->bid);
    assert_true(book->bid % symbol->tick == 0 && book->ask % symbol->tick == 0);
    assert_true(book->bid_quantity > 0 && book->ask_quantity > 0);
    world->heard.books++;
    mix(&world->heard, book->update_id);
    mix(&world->heard, book->bid);
}

static void on_clock(void *context, int64_t now_us)
{
    (void)context;
    assert_true(now_us % 50000 == 0);
}

static void open_world(struct world *world, uint64_t seed, int64_t start_us)
{
    *world = (struct world){ 0 };
    const struct ex_market_options options = { .seed = seed, .start_us = start_us };
    const struct ex_sink sink = { on_trade, on_book, on_clock, world };
    world->market = ex_market_new(&options, &world->archive, &sink);
    assert_non_null(world->market);
}

static void close_world(struct world *world)
{
    ex_market_free(world->market);
    ex_archive_free(&world->archive);
}

static void test_same_seed_same_market(void **state)
{
    (void)state;
    struct world a, b, c;
    open_world(&a, 1, START_US);
    open_world(&b, 1, START_US);
    open_world(&c, 2, START_US);
    ex_market_advance(a.market, 60 * SG_US_PER_S);
    for (int64_t t = 0; t <= 60 * SG_US_PER_S; t += 7919)      /* however it is driven */
        ex_market_advance(b.market, t);
    ex_market_advance(b.market, 60 * SG_US_PER_S);
    ex_market_advance(c.market, 60 * SG_US_PER_S);
    assert_true(a.heard.trades > 500);
    assert_true(a.heard.books > 1000);
    assert_int_equal(a.heard.trades, b.heard.trades);
    assert_true(a.heard.hash == b.heard.hash);
    assert_true(a.heard.hash != c.heard.hash);
    close_world(&a);
    close_world(&b);
    close_world(&c);
}

/* Nothing is lost between the trades and the bars, and the tiers agree with each other. */
static void test_bars_add_up(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 5, START_US);
    ex_market_advance(world.market, 600 * SG_US_PER_S);
    for (size_t s = 0; s < world.archive.count; s++) {
        const struct ex_symbol *symbol = world.archive.symbols[s];
        const struct ex_series *seconds = &symbol->tiers[EX_TIER_SECOND], *minutes = &symbol->tiers[EX_TIER_MINUTE], *hours = &symbol->tiers[EX_TIER_HOUR];
        assert_true(ex_series_length(seconds) >= 3600 + 600);
        assert_true(ex_series_length(minutes) >= 26 * 60 + 10);
        assert_true(ex_series_length(hours) >= 500);
        sg_qty volume = 0, traded = 0;
        for (size_t i = 0; i < ex_symbol_trade_count(symbol); i++)
            traded += ex_symbol_trade_at(symbol, i)->quantity;
        for (size_t i = 0; i < ex_series_length(seconds); i++) {
            const struct ex_bar *bar = ex_series_at(seconds, i);
            if (bar->time_us >= START_US)
                volume += bar->volume;
        }
        assert_true(volume == traded && traded > 0);
        for (int tier = 1; tier < EX_TIER_COUNT; tier++) {
            const struct ex_series *fine = &symbol->tiers[tier - 1], *coarse = &symbol->tiers[tier];
            const int64_t from = ex_series_at(fine, 0)->time_us;
            assert_true(from % coarse->interval_us == 0);
            size_t at = 0, compared = 0;
            for (size_t i = ex_series_find(coarse, from); i < ex_series_length(coarse); i++, compared++) {
                const struct ex_bar *bar = ex_series_at(coarse, i);
                const struct ex_bar sum = ex_series_take(fine, &at, coarse->interval_us);
                assert_true(sum.time_us == bar->time_us && sum.open == bar->open && sum.high == bar->high && sum.low == bar->low && sum.close == bar->close);
                assert_true(sum.volume == bar->volume && sum.quote == bar->quote && sum.trades == bar->trades && sum.taker_volume == bar->taker_volume);
            }
            assert_int_equal(at, ex_series_length(fine));
            assert_true(compared > 60);
        }
        for (int tier = 0; tier < EX_TIER_COUNT; tier++)
            for (size_t i = 1; i < ex_series_length(&symbol->tiers[tier]); i++) {
                const struct ex_bar *bar = ex_series_at(&symbol->tiers[tier], i);
                assert_true(bar->time_us == ex_series_at(&symbol->tiers[tier], i - 1)->time_us + symbol->tiers[tier].interval_us);
                assert_true(bar->low > 0 && bar->low <= bar->open && bar->low <= bar->close && bar->high >= bar->open && bar->high >= bar->close);
                assert_true((bar->trades == 0) == (bar->volume == 0));
                assert_true(bar->taker_volume >= 0 && bar->taker_volume <= bar->volume);
            }
        /* The 24 h figures against a plain sum. */
        struct ex_day day = symbol->day;
        const size_t length = ex_series_length(minutes);
        sg_qty total = 0;
        int64_t high = 0;
        for (size_t i = length - EX_DAY_MINUTES; i < length; i++) {
            total += ex_series_at(minutes, i)->volume;
            high = ex_series_at(minutes, i)->high > high ? ex_series_at(minutes, i)->high : high;
        }
        assert_true(day.volume == total);
        assert_true(day.high == high);
        assert_true(day.open == ex_series_at(minutes, length - EX_DAY_MINUTES)->open);
    }
    close_world(&world);
}

static void test_trades_look_like_trades(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 1, START_US);
    ex_market_advance(world.market, 900 * SG_US_PER_S);
    const double mean = world.heard.notional / (double)world.heard.trades;
    assert_true(mean > 500 && mean < 2500);
    assert_true(world.heard.largest > 20 * mean);             /* a heavy tail */
    for (size_t i = 0; i < 2; i++) {
        assert_true(world.heard.longest_silence_us[i] > 2 * SG_US_PER_S);
        assert_true(world.heard.longest_silence_us[i] < 60 * SG_US_PER_S);
    }
    const double per_second = (double)ex_symbol_trade_count(world.archive.symbols[0]) / 900;
    assert_true(per_second > 4 && per_second < 12);
    close_world(&world);
}

/* The bars' closes of a symbol, as doubles. */
static size_t closes(const struct ex_series *series, int64_t from_us, size_t most, double *out)
{
    size_t n = 0;
    for (size_t i = ex_series_find(series, from_us); i < ex_series_length(series) && n < most; i++)
        out[n++] = (double)ex_series_at(series, i)->close * 1e-8;
    return n;
}

static void fit(const double *a, const double *b, size_t n, double *beta, double *r_squared)
{
    double ma = 0, mb = 0, saa = 0, sbb = 0, sab = 0;
    for (size_t i = 0; i < n; i++) {
        ma += a[i] / (double)n;
        mb += b[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        saa += (a[i] - ma) * (a[i] - ma);
        sbb += (b[i] - mb) * (b[i] - mb);
        sab += (a[i] - ma) * (b[i] - mb);
    }
    *beta = sab / sbb;
    *r_squared = sab * sab / (saa * sbb);
}

static double zscore(const double *a, const double *b, double beta, size_t last, size_t window)
{
    double mean = 0, square = 0;
    for (size_t i = last + 1 - window; i <= last; i++)
        mean += (a[i] - beta * b[i]) / (double)window;
    for (size_t i = last + 1 - window; i <= last; i++)
        square += pow(a[i] - beta * b[i] - mean, 2);
    return (a[last] - beta * b[last] - mean) / sqrt(square / (double)(window - 1));
}

/* Bars after `first` until |z| > 2, with beta from all bars so far; n when never. */
static size_t first_alert(const double *a, const double *b, size_t first, size_t n)
{
    for (size_t i = first; i < n; i++) {
        double beta, r_squared;
        fit(a, b, i + 1, &beta, &r_squared);
        if (fabs(zscore(a, b, beta, i, 60)) > 2)
            return i;
    }
    return n;
}

static void test_alert_within_five_minutes(void **state)
{
    (void)state;
    enum { N = 300 };
    double a[N], b[N];
    size_t worst = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct world world;
        open_world(&world, seed, START_US + (int64_t)seed * 977 * SG_US_PER_S);
        ex_market_advance(world.market, 301 * SG_US_PER_S);
        const int64_t from = START_US + (int64_t)seed * 977 * SG_US_PER_S;
        assert_int_equal(closes(&world.archive.symbols[0]->tiers[EX_TIER_SECOND], from, N, a), N);
        assert_int_equal(closes(&world.archive.symbols[1]->tiers[EX_TIER_SECOND], from, N, b), N);
        /* A start without history: the window is full at bar 60. */
        const size_t at = first_alert(a, b, 59, N);
        worst = at > worst ? at : worst;
        if (at == N)
            print_message("seed %d: no alert within 300 s\n", (int)seed);
        close_world(&world);
    }
    print_message("latest first alert over 30 seeds: %zu s\n", worst);
    assert_true(worst < N);
}

static void test_pairs_over_the_past(void **state)
{
    (void)state;
    enum { N = 1560 };
    static double a[N], b[N], x[N];
    struct world world;
    open_world(&world, 1, START_US);
    const int64_t from = ex_floor(START_US, EX_MINUTE_US) - N * EX_MINUTE_US;
    assert_int_equal(closes(&world.archive.symbols[0]->tiers[EX_TIER_MINUTE], from, N, a), N);
    assert_int_equal(closes(&world.archive.symbols[1]->tiers[EX_TIER_MINUTE], from, N, b), N);
    assert_int_equal(closes(&world.archive.symbols[6]->tiers[EX_TIER_MINUTE], from, N, x), N);
    double beta, r_squared, beta_x, r_squared_x;
    fit(a, b, N, &beta, &r_squared);
    fit(a, x, N, &beta_x, &r_squared_x);
    print_message("26 h at 1m: BTC/ETH R2 %.5f, BTC/XRP R2 %.5f\n", r_squared, r_squared_x);
    assert_true(r_squared > 0.98);
    assert_true(r_squared_x < r_squared);
    size_t outside = 0, longest = 0, run = 0;
    for (size_t i = 59; i < N; i++) {
        const bool out = fabs(zscore(a, b, beta, i, 60)) > 2;
        outside += out;
        run = out ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    print_message("z(60) at 1m outside +-2: %zu of %d bars, longest stay inside %zu\n", outside, N - 59, longest);
    assert_true(outside > (N - 59) / 100 && outside < (N - 59) / 5);
    assert_true(longest < 240);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_market),  cmocka_unit_test(test_bars_add_up),
        cmocka_unit_test(test_trades_look_like_trades), cmocka_unit_test(test_alert_within_five_minutes),
        cmocka_unit_test(test_pairs_over_the_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
