/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way from ticks to the last statistic, and a scan of all pairs on two threads. Medians of 7 after a warm-up.
 *
 *   bench_refresh                the table; exit status 1 when a goal is missed
 *   bench_refresh one FILE       microseconds, answer and bars of one refresh of the ticks "time_us leg price" in FILE, for compare_statsmodels.py,
 *                                which runs pandas and statsmodels on the same ticks in between */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/base/rng.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/engine/pair_scan_pool.h"
#include "spreadglass/market/resampler.h"

#define ROUNDS 7
#define TICKS_MAX 2000000
#define BARS_MAX 400000
#define START_US INT64_C(1723161600000000)

static struct sg_tick *ticks;
static size_t tick_count;
static struct sg_bar *bars[SG_LEG_COUNT];
static double *close_of[SG_LEG_COUNT], *column[5];
static size_t bar_count;
static struct sg_adf_workspace *workspace;
static double answer;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void set_tick(size_t i, int64_t time_us, int leg, double price)
{
    static int64_t next_id[SG_LEG_COUNT]; /* each symbol counts its own trades; one count for both would look like a hole at every change of leg */
    ticks[i] = (struct sg_tick){.recv_us = time_us + 20000,
                                .event_us = time_us + 1000,
                                .time_us = time_us,
                                .price = price,
                                .quantity = 1000,
                                .id = next_id[leg]++,
                                .trades = 1,
                                .leg = (uint8_t)leg,
                                .kind = SG_TICK_TRADE};
}

/* ---- ticks to bars: the resampler as it is live ---- */

static void take_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    (void)context;
    if (interval == SG_INTERVAL_1S && bar_count < BARS_MAX)
        bars[leg][bar_count] = *bar;
}

static void take_close(void *context, enum sg_interval interval, int64_t time_us, unsigned present)
{
    (void)context;
    (void)time_us;
    if (interval != SG_INTERVAL_1S || present != 3 || bar_count == BARS_MAX)
        return;
    close_of[SG_LEG_A][bar_count] = bars[SG_LEG_A][bar_count].close;
    close_of[SG_LEG_B][bar_count] = bars[SG_LEG_B][bar_count].close;
    bar_count++;
}

static void resample(void)
{
    struct sg_resampler *resampler = sg_resampler_new(&(struct sg_resampler_config){.callbacks = {.on_bar = take_bar, .on_close = take_close}});
    bar_count = 0;
    for (size_t i = 0; i < tick_count; i++)
        sg_resampler_tick(resampler, &ticks[i]);
    sg_resampler_finish(resampler);
    sg_resampler_free(resampler);
}

/* What the pandas program computes: one fit over all bars, spread, z(60), correlation(60), ADF of the spread with AIC. */
static void refresh(void)
{
    struct sg_pair_params params;
    struct sg_hindsight fit = {.spread = column[0], .mean = column[1], .std = column[2], .zscore = column[3], .correlation = column[4]};
    struct sg_adf_result adf = {0};
    sg_pair_params_default(&params);
    resample();
    (void)sg_pair_hindsight(&params, close_of[SG_LEG_A], close_of[SG_LEG_B], bar_count, &fit);
    (void)sg_adf_test(workspace, column[0], bar_count, SG_ADF_CONSTANT, -1, 1, &adf);
    answer = adf.statistic + fit.beta;
}

/* What a session knows: every row as it was known at its close, alerts, ADF, Engle-Granger both ways, half-life. */
static void refresh_live(void)
{
    struct sg_offline_config config = {.interval = SG_INTERVAL_1S};
    struct sg_offline all;
    sg_pair_params_default(&config.params);
    resample();
    if (sg_offline_run(&config, bars[SG_LEG_A], bar_count, bars[SG_LEG_B], bar_count, &all, NULL) != SG_OK)
        exit(1);
    answer = all.adf.statistic + all.now.beta;
    sg_offline_free(&all);
}

/* ---- all pairs ---- */

#define SERIES 400
#define SCAN_BARS 1440
static const double *series[SERIES];
static struct sg_scan_row *rows;
static unsigned threads;

static void scan(void)
{
    struct sg_scan_input input = {.closes = series, .series = SERIES, .bars = SCAN_BARS, .max_lag = -1, .aic = 1};
    if (sg_pair_scan_all(&input, threads, NULL, rows, NULL) != SG_OK)
        exit(1);
}

/* ---- measuring ---- */

static int ascending(const void *x, const void *y)
{
    double p = *(const double *)x, q = *(const double *)y;
    return (p > q) - (p < q);
}

static double median(void (*work)(void), int rounds)
{
    double t[ROUNDS];
    work();
    for (int i = 0; i < rounds; i++) {
        double start = now_us();
        work();
        t[i] = now_us() - start;
    }
    qsort(t, (size_t)rounds, sizeof t[0], ascending);
    return t[rounds / 2];
}

static const char *number(double value, int decimals)
{
    static char store[8][SG_DECIMAL_BUF];
    static unsigned next;
    char *text = store[next++ % 8];
    sg_decimal_from_double_fixed(value, decimals, text);
    return text;
}

static bool read_ticks(const char *path)
{
    char text[128];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    while (tick_count < TICKS_MAX && fgets(text, sizeof text, file)) {
        size_t first = strcspn(text, " "), end = strcspn(text, "\n");
        int64_t time_us = 0, leg = 0;
        double price = 0.0;
        if (first + 4 > end || sg_decimal_to_int64(text, first, 0, INT64_MAX, &time_us) != SG_OK ||
            sg_decimal_to_int64(text + first + 1, 1, 0, 1, &leg) != SG_OK || sg_decimal_to_double(text + first + 3, end - first - 3, &price) != SG_OK)
            break;
        set_tick(tick_count++, time_us, (int)leg, price);
    }
    bool whole = feof(file) != 0;
    fclose(file);
    return whole && tick_count > 0;
}

static int table(void)
{
    struct sg_rng rng;
    double b = 3000.0, spread = 0.0;
    int missed = 0;
    sg_rng_seed(&rng, 3, 0);
    tick_count = 100000;
    for (size_t i = 0; i < tick_count; i++) {
        b *= 1.0 + 6e-5 * sg_rng_normal(&rng);
        spread = 0.995 * spread + sg_rng_normal(&rng);
        int leg = (int)(sg_rng_below(&rng, 2));
        set_tick(i, START_US + (int64_t)i * 100000, leg, leg == SG_LEG_B ? b : 400.0 + 19.0 * b + spread);
    }
    double bars_us = median(resample, ROUNDS), same_us = median(refresh, ROUNDS), live_us = median(refresh_live, ROUNDS);
    printf("%zu ticks, %zu bars of a second:\n", tick_count, bar_count);
    printf("%-58s %10s us  (%s ns a tick)\n", "ticks to bars, every interval", number(bars_us, 0), number(1e3 * bars_us / (double)tick_count, 1));
    printf("%-58s %10s us\n", "refresh: one fit, spread, z, correlation, ADF", number(same_us, 0));
    printf("%-58s %10s us\n", "refresh: every row as it was, alerts, all tests", number(live_us, 0));

    rows = calloc(sg_scan_pair_count(SERIES), sizeof *rows);
    double *closes = calloc((size_t)SERIES * SCAN_BARS, sizeof *closes);
    if (!rows || !closes)
        return 1;
    for (size_t s = 0; s < SERIES; s++) {
        double level = 100.0 + (double)s;
        series[s] = closes + s * SCAN_BARS;
        for (size_t i = 0; i < SCAN_BARS; i++)
            closes[s * SCAN_BARS + i] = level *= 1.0 + 1e-3 * sg_rng_normal(&rng);
    }
    double taken[2];
    static const unsigned on[2] = {1, 2};
    for (int i = 0; i < 2; i++) {
        threads = on[i];
        taken[i] = median(scan, 3) / 1e6;
    }
    bool fine = taken[1] < 3.0;
    missed += !fine;
    printf("%-58s %10s s   on one thread %s s (%sx)  goal 3 s: %s\n", "all pairs of 400 x 1,440, Engle-Granger both ways, 2 threads", number(taken[1], 2),
           number(taken[0], 2), number(taken[0] / taken[1], 2), fine ? "met" : "MISSED");
    free(rows);
    free(closes);
    return missed > 0;
}

int main(int argc, char **argv)
{
    sg_analytics_init();
    ticks = calloc(TICKS_MAX, sizeof *ticks);
    workspace = sg_adf_workspace_new(BARS_MAX);
    double *memory = calloc((size_t)7 * BARS_MAX, sizeof *memory);
    if (!ticks || !workspace || !memory)
        return 1;
    for (size_t i = 0; i < 5; i++)
        column[i] = memory + i * BARS_MAX;
    for (size_t leg = 0; leg < SG_LEG_COUNT; leg++) {
        close_of[leg] = memory + (5 + leg) * BARS_MAX;
        bars[leg] = calloc(BARS_MAX + 1, sizeof *bars[leg]);
        if (!bars[leg])
            return 1;
    }
    if (argc == 1)
        return table();
    if (argc != 3 || (strcmp(argv[1], "one") != 0 && strcmp(argv[1], "live") != 0) || !read_ticks(argv[2])) {
        fprintf(stderr, "usage: bench_refresh [one|live FILE]\n");
        return 2;
    }
    double micros = median(argv[1][0] == 'o' ? refresh : refresh_live, ROUNDS);
    char result[SG_DECIMAL_BUF];
    sg_decimal_from_double(answer, result);
    printf("%s %s %zu\n", number(micros, 3), result, bar_count);
    return 0;
}
