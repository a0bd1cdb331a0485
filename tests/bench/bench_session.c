/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the main thread pays: a tick, a bar, a change of parameters, the tests; and that none of it grows with the history.
 * Usage: bench_session. Prints a table; exit status 1 when a goal is missed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../src/engine/core_private.h"

#define TICKS_PER_BAR 10u /* both legs together */
#define BATCH 2000u
#define START_US INT64_C(1723161600000000)

static uint64_t state = 88172645463325252u;

static double noise(void)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        sum += (double)(state >> 11) / 9007199254740992.0 - 0.5;
    }
    return sum;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

struct market {
    double b, spread;
    int64_t second, id;
};

/* BATCH ticks, TICKS_PER_BAR a second. */
static void fill(struct market *market, struct sg_tick_batch *batch)
{
    batch->tick_count = 0;
    while (batch->tick_count < BATCH) {
        int64_t second_us = START_US + market->second++ * 1000000;
        for (unsigned i = 0; i < TICKS_PER_BAR; i++) {
            market->b += noise();
            market->spread = 0.99 * market->spread + noise();
            int64_t at = second_us + i * 90000;
            unsigned leg = i % 2;
            batch->ticks[batch->tick_count++] = (struct sg_tick){.recv_us = at + 5000,
                                                                 .event_us = at,
                                                                 .time_us = at,
                                                                 .price = leg ? market->b : 500 + 1.5 * market->b + market->spread,
                                                                 .quantity = 100,
                                                                 .id = market->id + i / 2,
                                                                 .trades = 1,
                                                                 .leg = (uint8_t)leg,
                                                                 .kind = SG_TICK_TRADE};
        }
        market->id += TICKS_PER_BAR / 2;
    }
    batch->watermark_us = batch->ticks[batch->tick_count - 1].recv_us;
}

static struct sg_core *make(void)
{
    struct sg_core_config config = {.interval = SG_INTERVAL_1S};
    sg_pair_params_default(&config.params);
    struct sg_core *core = sg_core_new(&config, NULL);
    if (!core)
        exit(1);
    struct sg_feed_event subscribed = {.recv_us = START_US - 2000000, .code = SG_EVENT_SUBSCRIBED, .leg = -1};
    size_t after = 0;
    struct sg_tick_batch batch = {.events = &subscribed, .event_after = &after, .event_count = 1, .watermark_us = subscribed.recv_us};
    sg_core_ingest(core, &batch);
    return core;
}

/* Fills the core up to `rows` rows and gives the median time of a batch at the end. */
static int64_t batch_at(struct sg_core *core, struct market *market, struct sg_tick_batch *batch, size_t rows)
{
    enum { SAMPLES = 51 };
    int64_t samples[SAMPLES];
    while (core->track.history.length < rows) {
        fill(market, batch);
        sg_core_ingest(core, batch);
    }
    for (int i = 0; i < SAMPLES; i++) {
        fill(market, batch);
        int64_t from = now_ns();
        sg_core_ingest(core, batch);
        samples[i] = now_ns() - from;
    }
    return median(samples, SAMPLES);
}

int main(void)
{
    struct sg_tick_batch batch = {.ticks = calloc(BATCH + TICKS_PER_BAR, sizeof *batch.ticks)};
    struct market market = {.b = 2000, .id = 1};
    struct sg_core *core = make();
    if (!batch.ticks)
        return 1;
    const size_t depth[] = {1000, 10000, 100000, 900000};
    int64_t first = 0, last = 0;
    printf("1 s bars, %u ticks each, window 60, ols over all\n%-22s %14s %14s\n", TICKS_PER_BAR, "rows of history", "ns a tick", "ns a bar");
    for (size_t i = 0; i < sizeof depth / sizeof *depth; i++) {
        last = batch_at(core, &market, &batch, depth[i]);
        if (i == 0)
            first = last;
        printf("%-22zu %14" PRId64 " %14" PRId64 "\n", depth[i], last / BATCH, last * TICKS_PER_BAR / BATCH);
    }
    int missed = 0;
    long growth = (long)(last * 100 / first);
    printf("growth from the first to the last: %ld %% (goal: at most 150 %%)\n", growth);
    missed |= growth > 150;

    int64_t samples[7];
    sg_core_free(core);
    core = make();
    market = (struct market){.b = 2000, .id = 1};
    batch_at(core, &market, &batch, 100000);
    struct sg_pair_params params = core->track.params;
    for (int i = 0; i < 7; i++) {
        params.window = 60 + (size_t)i;
        int64_t from = now_ns();
        if (sg_core_set_params(core, &params, NULL) != SG_OK)
            return 1;
        samples[i] = now_ns() - from;
    }
    int64_t rebuild_us = median(samples, 7) / 1000;
    printf("change of parameters, %zu bars: %" PRId64 " us (goal: under 100,000: felt as at once)\n", core->track.history.length, rebuild_us);
    missed |= rebuild_us >= 100000;

    struct sg_diagnostics diagnostics;
    sg_diagnostics_init(&diagnostics);
    for (int i = 0; i < 7; i++) {
        int64_t from = now_ns();
        if (sg_diagnostics_update(&diagnostics, &core->track.history, &core->track.params, &core->track.now, SG_SESSION_TEST_BARS) != SG_OK)
            return 1;
        samples[i] = now_ns() - from;
    }
    int64_t tests_us = median(samples, 7) / 1000;
    printf("ADF, Engle-Granger both ways, half-life, %zu bars: %" PRId64 " us, at most once a second (goal: under 5,000)\n", diagnostics.bars, tests_us);
    missed |= tests_us >= 5000;
    sg_diagnostics_free(&diagnostics);
    sg_core_free(core);
    free(batch.ticks);
    return missed;
}
