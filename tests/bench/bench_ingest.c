/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decode and push from memory, one core: a million distinct messages of each stream in the combined form, then one array message of 3,500
 * tickers. The ring is drained on the same core, within the time that is counted. Medians of several rounds; exit status 1 when a goal is missed.
 * Usage: bench_ingest [MESSAGES]   (default 1,000,000) */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spreadglass/base/decimal.h"
#include "spreadglass/base/rng.h"
#include "spreadglass/feed/decoder.h"
#include "spreadglass/market/tick_ring.h"

#define ROUNDS 5
#define BATCH 512
#define ROOM 280 /* longest message */
#define GOAL 600000.0
#define TICKERS 3500

static const char *const symbols[2][2] = {{"BTCUSDT", "btcusdt"}, {"ETHUSDT", "ethusdt"}};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_line(const char *what, double value, const char *unit)
{
    char text[SG_DECIMAL_BUF];
    sg_decimal_from_double_fixed(value, 0, text);
    printf("%-58s %10s %s\n", what, text, unit);
}

static int make_message(struct sg_rng *rng, enum sg_stream stream, size_t i, char buffer[static ROOM])
{
    const char *const *symbol = symbols[sg_rng_below(rng, 2)];
    int64_t time = INT64_C(1723161255000) + (int64_t)(i / 10);
    unsigned whole = 50000 + (unsigned)sg_rng_below(rng, 20000), part = (unsigned)sg_rng_below(rng, 100), quantity = (unsigned)sg_rng_below(rng, 100000000) + 1;
    switch (stream) {
    case SG_STREAM_TRADE:
        return snprintf(buffer, ROOM,
                        "{\"stream\":\"%s@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":%" PRId64
                        ",\"s\":\"%s\",\"a\":%zu,\"p\":\"%u.%02u000000\",\"q\":\"0.%08u\",\"f\":%zu,\"l\":%zu,\"T\":%" PRId64 ",\"m\":%s,\"M\":true}}",
                        symbol[1], time, symbol[0], 3000000000u + i, whole, part, quantity, 3700000000u + 2 * i, 3700000001u + 2 * i, time - 1,
                        part & 1u ? "true" : "false");
    case SG_STREAM_BOOK:
        return snprintf(buffer, ROOM,
                        "{\"stream\":\"%s@bookTicker\",\"data\":{\"u\":%zu,\"s\":\"%s\",\"b\":\"%u.%02u000000\",\"B\":\"0.%08u\",\"a\":\"%u.%02u000000\",\"A\":"
                        "\"1.%08u\"}}",
                        symbol[1], 50093239212u + i, symbol[0], whole, part, quantity, whole + 1, part, quantity / 2);
    case SG_STREAM_TICKER: break;
    }
    return snprintf(buffer, ROOM,
                    "{\"stream\":\"%s@miniTicker\",\"data\":{\"e\":\"24hrMiniTicker\",\"E\":%" PRId64
                    ",\"s\":\"%s\",\"c\":\"%u.%02u000000\",\"o\":\"%u.00000000\",\"h\":\"70000.00000000\",\"l\":\"50000.00000000\",\"v\":\"24032.%08u\",\"q\":"
                    "\"2472261593.19821790\"}}",
                    symbol[1], time, symbol[0], whole, part, whole, quantity - 1);
}

static struct sg_decoder decoder_for(enum sg_stream stream)
{
    struct sg_decoder decoder = {.stream = stream};
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        snprintf(decoder.legs[leg].symbol, SG_SYMBOL_BUF, "%s", symbols[leg][0]);
    return decoder;
}

/* Messages a second; every one of them must become a tick that comes out of the ring. */
static double run(enum sg_stream stream, size_t count)
{
    static struct sg_tick ticks[BATCH], drained[BATCH];
    static struct sg_feed_event events[4];
    size_t after[4];
    char *text = malloc(count * ROOM);
    size_t *starts = malloc((count + 1) * sizeof *starts);
    struct sg_tick_ring *ring = sg_tick_ring_new(4096);
    double rates[ROUNDS];
    if (!text || !starts || !ring)
        exit(1);
    struct sg_rng rng;
    sg_rng_seed(&rng, 1, 0);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        starts[i] = at;
        at += (size_t)make_message(&rng, stream, i, text + at);
    }
    starts[count] = at;
    for (int round = -1; round < ROUNDS; round++) { /* the first is the warm-up */
        struct sg_decoder decoder = decoder_for(stream);
        size_t filled = 0, out = 0;
        double begin = cpu_seconds();
        for (size_t i = 0; i < count; i++) {
            struct sg_decoded decoded;
            sg_decoder_message(&decoder, text + starts[i], starts[i + 1] - starts[i], (int64_t)i, ticks + filled, BATCH - filled, &decoded);
            filled += decoded.tick_count;
            if (filled == BATCH || i + 1 == count) {
                struct sg_tick_batch batch = {.ticks = drained, .tick_capacity = BATCH, .events = events, .event_after = after, .event_capacity = 4};
                sg_tick_ring_push(ring, ticks, filled, (int64_t)i);
                filled = 0;
                sg_tick_ring_drain(ring, &batch);
                out += batch.tick_count;
            }
        }
        double took = cpu_seconds() - begin;
        if (out != count) {
            fprintf(stderr, "%zu of %zu messages came out\n", out, count);
            exit(1);
        }
        if (round >= 0)
            rates[round] = (double)count / took;
    }
    sg_tick_ring_free(ring);
    free(starts);
    free(text);
    qsort(rates, ROUNDS, sizeof *rates, compare);
    return rates[ROUNDS / 2];
}

/* Microseconds for one message of every ticker of the exchange, two of which are watched. */
static double run_array(void)
{
    char *text = malloc((size_t)TICKERS * ROOM);
    struct sg_tick ticks[4];
    double took[ROUNDS * 4];
    if (!text)
        exit(1);
    struct sg_rng rng;
    sg_rng_seed(&rng, 2, 0);
    size_t at = 0;
    for (int i = 0; i < TICKERS; i++) {
        char name[32];
        snprintf(name, sizeof name, i == 700 ? "BTCUSDT" : i == 1400 ? "ETHUSDT" : "SYM%dUSDT", i);
        at += (size_t)snprintf(text + at, ROOM,
                               "%s{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"%s\",\"c\":\"%u.27000000\",\"o\":\"105121.06000000\",\"h\":\"105909."
                               "71000000\",\"l\":\"100372.26000000\",\"v\":\"24032.63625000\","
                               "\"q\":\"2472261593.19821790\"}",
                               i ? "," : "[", name, 1 + (unsigned)sg_rng_below(&rng, 100000));
    }
    text[at++] = ']';
    for (size_t round = 0; round < sizeof took / sizeof *took; round++) {
        struct sg_decoder decoder = decoder_for(SG_STREAM_TICKER);
        struct sg_decoded decoded;
        double begin = cpu_seconds();
        sg_decoder_message(&decoder, text, at, 1, ticks, 4, &decoded);
        took[round] = (cpu_seconds() - begin) * 1e6;
        if (decoded.tick_count != 2)
            exit(1);
    }
    free(text);
    qsort(took, sizeof took / sizeof *took, sizeof *took, compare);
    return took[sizeof took / sizeof *took / 2];
}

int main(int argc, char **argv)
{
    int64_t count = 1000000;
    if (argc > 1 && sg_decimal_to_int64(argv[1], strlen(argv[1]), 1000, 10000000, &count) != SG_OK) {
        fprintf(stderr, "usage: bench_ingest [MESSAGES]\n");
        return 2;
    }
    double trades = run(SG_STREAM_TRADE, (size_t)count), tickers = run(SG_STREAM_TICKER, (size_t)count), books = run(SG_STREAM_BOOK, (size_t)count),
           array = run_array();
    print_line("decode and push, aggTrade (goal: 600,000)", trades, "messages/s");
    print_line("decode and push, miniTicker", tickers, "messages/s");
    print_line("decode and push, bookTicker", books, "messages/s");
    print_line("one message of 3,500 tickers (goal: under 10,000)", array, "µs");
    return trades >= GOAL && array < 10000 ? 0 : 1;
}
