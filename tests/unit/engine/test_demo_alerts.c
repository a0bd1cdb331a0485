/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the demo calls: ten minutes of the default seed at 1s and the default settings, through the core, as fast as it goes, and of other
 * seeds, because the default one's ten minutes are the same whenever it starts. The second price is that of the ticker's moment, as on the stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"
#include "../../../src/exchange/market_private.h"
#include "spreadglass/base/clock.h"

#define SEED 1 /* of `--demo` */
#define SECOND SG_US_PER_S
#define START_US (INT64_C(1795461368) * SECOND)
#define PHASE_US (400 * SG_US_PER_MS) /* of the ticker within its second */
#define LATENCY_US 2000
#define PAST 500 /* bars that a session fetches at its start */
#define PLAYED 600
#define MOST_BANNERS 20

static const char *const names[SG_LEG_COUNT] = {"BTCUSDT", "ETHUSDT"};

struct play {
    struct sg_ex_archive archive;
    struct sg_ex_market *market;
    const struct sg_ex_symbol *symbol[SG_LEG_COUNT];
    int64_t price[SG_LEG_COUNT]; /* 1e-8 */
    struct sg_core *core;
    struct sg_tick ticks[SG_LEG_COUNT];
    unsigned raised, cleared, short_lived;
    bool stands;
    size_t bars;
};

static void on_trade(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade)
{
    struct play *play = context;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (symbol == play->symbol[leg])
            play->price[leg] = trade->price;
}

static void on_book(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_book *book)
{
    (void)context;
    (void)symbol;
    (void)book;
}

static void on_clock(void *context, int64_t now_us)
{
    struct play *play = context;
    if (now_us % SECOND != PHASE_US)
        return;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        play->ticks[leg] = (struct sg_tick){.recv_us = now_us + LATENCY_US,
                                            .event_us = now_us,
                                            .time_us = now_us,
                                            .price = (double)play->price[leg] * 1e-8,
                                            .id = -1,
                                            .leg = (uint8_t)leg,
                                            .kind = SG_TICK_TICKER};
    struct sg_tick_batch batch = {.ticks = play->ticks, .tick_count = SG_LEG_COUNT, .tick_capacity = SG_LEG_COUNT, .watermark_us = now_us + LATENCY_US};
    sg_core_ingest(play->core, &batch);
}

static void on_bar(void *context, const SgClosedBar *bar)
{
    ((struct play *)context)->bars++;
    assert_true(bar->grade <= SG_GRADE_STRONG);
}

static void on_event(void *context, const SgSessionEvent *event)
{
    struct play *play = context;
    if (event->code == SG_EVENT_ALERT_RAISED) {
        assert_false(play->stands); /* it comes again only after it left */
        assert_true(fabs(event->zscore) > event->threshold);
        play->stands = true;
        play->raised++;
    } else if (event->code == SG_EVENT_ALERT_CLEARED) {
        assert_true(play->stands);
        play->stands = false;
        play->cleared++;
        play->short_lived += isfinite(event->zscore) && event->duration_us < 3 * SECOND;
    }
}

/* The last seconds before the start, as klines have them. */
static void fetch_past(struct play *play, int64_t start_us)
{
    struct sg_bar bars[PAST];
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        size_t added = 0;
        for (size_t i = 0; i < PAST; i++) {
            struct sg_ex_bar bar;
            assert_true(sg_ex_symbol_bar(play->symbol[leg], &sg_ex_intervals[0], start_us - (int64_t)(PAST - i) * SECOND, &bar));
            bars[i] = (struct sg_bar){.time_us = bar.time_us,
                                      .open = (double)bar.open * 1e-8,
                                      .high = (double)bar.high * 1e-8,
                                      .low = (double)bar.low * 1e-8,
                                      .close = (double)bar.close * 1e-8,
                                      .trades = 1,
                                      .ticks = 1};
            play->price[leg] = bar.close;
        }
        assert_int_equal(sg_core_backfill(play->core, SG_INTERVAL_1S, (enum sg_leg)leg, bars, PAST, start_us - PAST * SECOND, start_us, &added), SG_OK);
        assert_int_equal(added, PAST);
    }
    assert_int_equal(sg_core_rebuild(play->core), SG_OK);
}

static void play_demo(struct play *play, uint64_t seed, const struct sg_pair_params *params)
{
    *play = (struct play){.stands = false};
    const struct sg_ex_market_options options = {.seed = seed, .start_us = START_US};
    const struct sg_ex_sink sink = {on_trade, on_book, on_clock, play};
    play->market = sg_ex_market_new(&options, &play->archive, &sink);
    assert_non_null(play->market);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        assert_non_null(play->symbol[leg] = sg_ex_archive_find(&play->archive, names[leg], strlen(names[leg])));
    struct sg_core_config config = {.params = *params, .interval = SG_INTERVAL_1S, .outputs = {.on_bar = on_bar, .on_event = on_event, .context = play}};
    play->core = sg_core_new(&config, NULL);
    assert_non_null(play->core);
    fetch_past(play, START_US);
    sg_ex_market_advance(play->market, PLAYED * SECOND);
    assert_true(play->bars >= PLAYED - 4);
    sg_core_free(play->core);
    sg_ex_market_free(play->market);
    sg_ex_archive_free(&play->archive);
}

static void test_ten_minutes_of_the_demo(void **state)
{
    (void)state;
    struct sg_pair_params params, plain;
    sg_pair_params_default(&params);
    plain = params;
    plain.exit = plain.entry;
    unsigned raised = 0, plainly = 0, plainly_short = 0;
    for (uint64_t seed = SEED; seed < SEED + 12; seed++) {
        struct play play;
        play_demo(&play, seed, &params);
        if (play.raised > MOST_BANNERS || play.short_lived > 0)
            print_message("seed %" PRIu64 ": %u alerts, %u of less than three closes\n", seed, play.raised, play.short_lived);
        assert_true(play.raised >= 1);
        assert_true(play.raised <= MOST_BANNERS);
        assert_int_equal(play.short_lived, 0);
        raised += play.raised;
        play_demo(&play, seed, &plain);
        plainly += play.raised;
        plainly_short += play.short_lived;
    }
    print_message("%u alerts in twelve times ten minutes; by the plain rule %u, %u of them of less than three closes\n", raised, plainly, plainly_short);
    assert_true(raised > 12);      /* it does call, and … */
    assert_true(plainly > raised); /* … the rule is what keeps it quiet */
    assert_true(plainly_short > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ten_minutes_of_the_demo)};
    return cmocka_run_group_tests_name("engine/demo_alerts", tests, NULL, NULL);
}
