/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a tick costs between the feed's thread and the engine: push and drain through the ring, tick to bar in the resampler, the
 * longer intervals' share of that, and a second that passes. Ratios of things measured in this run, the best of several rounds.
 * Usage: bench_market [TICKS]   (default 2,000,000). Exit status 1 when a goal is missed. */
#include <pthread.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spreadglass/base/decimal.h"
#include "spreadglass/base/rng.h"
#include "spreadglass/market/resampler.h"
#include "spreadglass/market/tick_ring.h"

#define ROUNDS 5
#define BATCH 512
#define START_US INT64_C(1723161600000000)

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void print_line(const char *what, double value, const char *unit)
{
    char text[SG_DECIMAL_BUF];

    sg_decimal_from_double_fixed(value, 1, text);
    printf("%-58s %10s %s\n", what, text, unit);
}

static struct sg_tick *make_ticks(size_t count, int64_t mean_us)
{
    struct sg_tick *ticks = calloc(count, sizeof *ticks);
    struct sg_rng rng;
    int64_t time = START_US;

    if (!ticks) {
        exit(1);
    }
    sg_rng_seed(&rng, 1, 0);
    for (size_t i = 0; i < count; i++) {
        time += (int64_t)(-log(1 - sg_rng_uniform(&rng)) * (double)mean_us);
        ticks[i] = (struct sg_tick){
            .recv_us = time + 20000 + (int64_t)sg_rng_below(&rng, 100000),
            .event_us = time + 1000,
            .time_us = time,
            .price = 60000 + sg_rng_normal(&rng),
            .quantity = (sg_qty)sg_rng_below(&rng, 100000000),
            .id = (int64_t)i,
            .trades = 1,
            .leg = (uint8_t)(i % 2),
            .kind = SG_TICK_TRADE,
        };
    }
    return ticks;
}

struct pushing {
    struct sg_tick_ring *ring;
    const struct sg_tick *ticks;
    size_t count;
    size_t batch;
};

static void *push_all(void *context)
{
    const struct pushing *pushing = context;

    for (size_t at = 0; at < pushing->count;) {
        size_t left = pushing->count - at;

        /* A full ring drops: go on from where it stopped. This is a measurement of the way through, not of losing. */
        at += sg_tick_ring_push(pushing->ring, pushing->ticks + at, left < pushing->batch ? left : pushing->batch, pushing->ticks[at].recv_us);
    }
    return NULL;
}

static size_t drain_all(struct sg_tick_ring *ring, size_t count)
{
    static struct sg_tick ticks[BATCH];
    static struct sg_feed_event events[8];
    size_t event_after[8];
    size_t seen = 0;

    while (seen < count) {
        struct sg_tick_batch batch = {
            .ticks = ticks,
            .tick_capacity = BATCH,
            .events = events,
            .event_after = event_after,
            .event_capacity = 8,
        };

        sg_tick_ring_drain(ring, &batch);
        seen += batch.tick_count;
        if (batch.tick_count == 0) {
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        }
    }
    return seen;
}

/* Push and drain taking turns on one thread: the work itself, without waiting for anybody. Nanoseconds per tick. */
static double measure_ring(const struct sg_tick *ticks, size_t count, size_t batch)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(65536);
    double best = 1e300;

    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();

        for (size_t at = 0; at < count;) {
            size_t turn = count - at < 4096 ? count - at : 4096;
            struct pushing pushing = {ring, ticks + at, turn, batch};

            push_all(&pushing);
            at += drain_all(ring, turn);
        }
        best = (now_ns() - start) / (double)count < best ? (now_ns() - start) / (double)count : best;
    }
    sg_tick_ring_free(ring);
    return best;
}

static double measure_two_threads(const struct sg_tick *ticks, size_t count)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(65536);
    struct pushing pushing = {ring, ticks, count, 64};
    pthread_t thread;
    double start = now_ns();

    if (pthread_create(&thread, NULL, push_all, &pushing) != 0) {
        exit(1);
    }
    drain_all(ring, count);
    pthread_join(thread, NULL);
    start = now_ns() - start;
    sg_tick_ring_free(ring);
    return start / (double)count;
}

static uint64_t bars_told;

static void count_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    (void)context;
    (void)interval;
    (void)leg;
    bars_told += bar->ticks > 0;
}

/* Nanoseconds per tick from tick to told bars. */
static double measure_resampler(const struct sg_tick *ticks, size_t count)
{
    struct sg_resampler_config config = {.callbacks = {.on_bar = count_bar}};
    struct sg_resampler *resampler = sg_resampler_new(&config);
    double best = 1e300;

    for (int round = 0; round < ROUNDS; round++) {
        double start;

        sg_resampler_reset(resampler);
        start = now_ns();
        for (size_t i = 0; i < count; i++) {
            sg_resampler_tick(resampler, &ticks[i]);
        }
        best = (now_ns() - start) / (double)count < best ? (now_ns() - start) / (double)count : best;
    }
    sg_resampler_free(resampler);
    return best;
}

/* Nanoseconds per second that passes with nothing in it: two filled bars and their share of all longer intervals. */
static double measure_quiet_second(void)
{
    struct sg_resampler_config config = {.callbacks = {.on_bar = count_bar}};
    struct sg_resampler *resampler = sg_resampler_new(&config);
    const int seconds = 1000000;
    double start;

    for (int i = 0; i < 4; i++) {
        struct sg_tick tick = {.recv_us = START_US + i, .event_us = START_US, .time_us = START_US, .price = 1, .id = -1, .leg = (uint8_t)(i % 2)};

        sg_resampler_tick(resampler, &tick);
    }
    start = now_ns();
    for (int i = 1; i <= seconds; i++) {
        sg_resampler_advance(resampler, START_US + i * INT64_C(1000000));
    }
    start = now_ns() - start;
    sg_resampler_free(resampler);
    return start / seconds;
}

int main(int argc, char **argv)
{
    int64_t count = 2000000;
    struct sg_tick *busy;
    struct sg_tick *calm;
    double copy;
    double ring;
    double busy_tick;
    double calm_tick;
    int missed = 0;

    if (argc > 1 && sg_decimal_to_int64(argv[1], strlen(argv[1]), 10000, 50000000, &count) != SG_OK) {
        fprintf(stderr, "usage: bench_market [TICKS], 10000 to 50000000\n");
        return 2;
    }
    busy = make_ticks((size_t)count, 100);           /* 10,000 ticks a second: the worst minutes of both legs together */
    calm = make_ticks((size_t)count / 100, 1000000); /* one tick a second */

    {
        struct sg_tick *target = malloc(4096 * sizeof *target);
        double start = now_ns();

        if (!target) {
            return 1;
        }
        for (int64_t at = 0; at + 4096 <= count; at += 4096) {
            memcpy(target, busy + at, 4096 * sizeof *target);
            __asm__ volatile("" : : "r"(target) : "memory");
        }
        copy = (now_ns() - start) / (double)count;
        free(target);
    }
    ring = measure_ring(busy, (size_t)count, 64);
    busy_tick = measure_resampler(busy, (size_t)count);
    calm_tick = measure_resampler(calm, (size_t)count / 100);

    print_line("one memcpy of a tick", copy, "ns");
    print_line("ring, batches of 64: push and drain", ring, "ns per tick");
    print_line("ring, batches of 1: push and drain", measure_ring(busy, (size_t)count, 1), "ns per tick");
    print_line("ring, two threads, batches of 64 (includes waiting)", measure_two_threads(busy, (size_t)count), "ns per tick");
    print_line("resampler, 10,000 ticks a second", busy_tick, "ns per tick");
    print_line("resampler, 1 tick a second (a bar or two each)", calm_tick, "ns per tick");
    print_line("a second without ticks: two bars, all intervals", measure_quiet_second(), "ns");
    print_line("ring : memcpy (there and back are two)", ring / copy, "x");
    print_line("resampler : ring", busy_tick / ring, "x");
    print_line("of a core, at 10,000 ticks a second", (ring + busy_tick) * 10000 / 1000, "us per second");
    if ((ring + busy_tick) * 10000 / 1e9 > 0.01) {
        printf("GOAL MISSED: more than 1 %% of a core at 10,000 ticks a second\n");
        missed = 1;
    }
    printf("(%llu bars)\n", (unsigned long long)bars_told);
    free(busy);
    free(calm);
    return missed;
}
