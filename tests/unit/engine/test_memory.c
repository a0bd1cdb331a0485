/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an hour of trades costs: the seeded market through ring and core at 1s, as in a session. From the tenth minute on memory grows by what the bars
 * and rows of the time need and no more, and the ring keeps to its first pages. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"
#include "../../../src/exchange/market_private.h"
#include "spreadglass/base/clock.h"

#define START_US (INT64_C(1795461368) * SG_US_PER_S)
#define DRAIN_US (100 * SG_US_PER_MS) /* of the session's timer */
#define MINUTES 60
#define SETTLED 10 /* minutes */
#define BATCH 4096
/* The bar: 50 kB a minute. Two legs' bars and a row a second are about 22; a buffer that doubles may take twice that at once. */
#define MOST_A_MINUTE (50 * 1024)

static const char *const names[SG_LEG_COUNT] = {"BTCUSDT", "ETHUSDT"};

struct hour {
    struct sg_ex_archive archive;
    struct sg_ex_market *market;
    struct sg_tick_ring *ring;
    struct sg_core *core;
    struct sg_tick ticks[BATCH];
    struct sg_feed_event events[16];
    size_t event_after[16];
    size_t pushed, bars;
    size_t heap[MINUTES + 1]; /* bytes in use after so many minutes */
};

static void on_trade(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade)
{
    struct hour *hour = context;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (strcmp(symbol->name, names[leg]) != 0)
            continue;
        const struct sg_tick tick = {.recv_us = trade->event_us,
                                     .event_us = trade->event_us,
                                     .time_us = trade->time_us,
                                     .price = (double)trade->price * 1e-8,
                                     .quantity = trade->quantity,
                                     .id = trade->agg_id,
                                     .leg = (uint8_t)leg,
                                     .kind = SG_TICK_TRADE};
        assert_int_equal(sg_tick_ring_push(hour->ring, &tick, 1, tick.recv_us), 1);
        hour->pushed++;
    }
}

static void on_book(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_book *book)
{
    (void)context;
    (void)symbol;
    (void)book;
}

static size_t heap_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void on_clock(void *context, int64_t now_us)
{
    struct hour *hour = context;
    if (now_us % DRAIN_US != 0)
        return;
    sg_tick_ring_set_watermark(hour->ring, now_us);
    struct sg_tick_batch batch = {.ticks = hour->ticks, .tick_capacity = BATCH, .events = hour->events, .event_after = hour->event_after, .event_capacity = 16};
    do {
        sg_tick_ring_drain(hour->ring, &batch);
        sg_core_ingest(hour->core, &batch);
    } while (batch.more);
    const int64_t since_us = now_us - START_US;
    if (since_us % (60 * SG_US_PER_S) == 0)
        hour->heap[since_us / (60 * SG_US_PER_S)] = heap_in_use();
}

static void on_bar(void *context, const SgClosedBar *bar)
{
    (void)bar;
    ((struct hour *)context)->bars++;
}

static void on_event(void *context, const SgSessionEvent *event)
{
    (void)context;
    (void)event;
}

static void test_an_hour_of_trades(void **state)
{
    static struct hour hour;
    (void)state;
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    const struct sg_ex_market_options options = {.seed = 1, .start_us = START_US};
    const struct sg_ex_sink sink = {on_trade, on_book, on_clock, &hour};
    struct sg_core_config config = {.params = params, .interval = SG_INTERVAL_1S, .outputs = {.on_bar = on_bar, .on_event = on_event, .context = &hour}};
    hour.ring = sg_tick_ring_new(65536);
    hour.core = sg_core_new(&config, NULL);
    hour.market = sg_ex_market_new(&options, &hour.archive, &sink);
    assert_non_null(hour.ring);
    assert_non_null(hour.core);
    assert_non_null(hour.market);
    sg_ex_market_advance(hour.market, MINUTES * 60 * SG_US_PER_S);
    struct sg_tick_ring_stats stats;
    sg_tick_ring_stats(hour.ring, &stats);
    const double a_minute = ((double)hour.heap[MINUTES] - (double)hour.heap[SETTLED]) / (MINUTES - SETTLED);
    print_message("%zu ticks, %zu bars: %.1f kB a minute from minute %d to %d, %zu slots of the ring used\n", hour.pushed, hour.bars, a_minute / 1024, SETTLED,
                  MINUTES, stats.slots_used);
    assert_true(hour.bars > (MINUTES - 2) * 60);
    assert_true(hour.pushed > 20000);
    assert_true(a_minute < MOST_A_MINUTE); /* with a sanitizer malloc counts nothing, and this says nothing */
    assert_true(stats.slots_used < 1024);
    sg_core_free(hour.core);
    sg_tick_ring_free(hour.ring);
    sg_ex_market_free(hour.market);
    sg_ex_archive_free(&hour.archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_an_hour_of_trades)};
    return cmocka_run_group_tests_name("engine/memory", tests, NULL, NULL);
}
