/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No row knows the future: the statistics of the first n bars, computed from those n bars alone, are to the bit the first n rows of the
 * whole run, for every n, for every hedge ratio; in a recorded market and in one made to be nasty. Hindsight is the contrary, and one fit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/store/series_reader.h"
#include "test_time.h"

static const enum sg_hedge methods[] = {SG_HEDGE_OLS, SG_HEDGE_ROLLING, SG_HEDGE_TLS, SG_HEDGE_KALMAN, SG_HEDGE_FIXED};

static struct sg_offline run(const struct sg_pair_params *params, int64_t interval_us, const struct sg_bar *a, const struct sg_bar *b, size_t count)
{
    struct sg_offline_config config = {.params = *params, .interval_us = interval_us};
    struct sg_offline result;
    assert_int_equal(sg_offline_run(&config, a, count, b, count, &result, NULL), SG_OK);
    return result;
}

/* Every length; the last row, and all that is known at it, comes with each. */
static size_t check_every_length(int64_t interval_us, const struct sg_bar *a, const struct sg_bar *b, size_t count)
{
    size_t compared = 0;
    for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++) {
        for (int finite = 0; finite < 2; finite++) {
            struct sg_pair_params params;
            sg_pair_params_default(&params);
            params.hedge = methods[m];
            params.window = finite ? 20 : 60;
            params.lookback = finite ? 100 : SG_LOOKBACK_ALL;
            params.fixed_beta = 1.5;
            struct sg_offline whole = run(&params, interval_us, a, b, count);
            for (size_t n = 1; n < count; n++) {
                struct sg_offline part = run(&params, interval_us, a, b, n);
                assert_int_equal(part.history.length, n);
                assert_rows_equal(&part.history, 0, &whole.history, 0, n);
                compared += n;
                sg_offline_free(&part);
            }
            sg_offline_free(&whole);
        }
    }
    return compared;
}

static struct sg_series series[SG_LEG_COUNT];

static void read_captures(void)
{
    static char path[SG_LEG_COUNT][512];
    if (!test_shared_path("data/ws/hftbacktest/spot/btcusdt_20240808.gz", path[0], sizeof path[0]) ||
        !test_shared_path("data/ws/hftbacktest/spot/ethusdt_20240808.gz", path[1], sizeof path[1]))
        skip();
    const char *const files[] = {path[0], path[1]};
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_error error = {0};
    assert_int_equal(sg_pair_parse("BTCUSDT/ETHUSDT", SG_MARKET_SPOT, legs, NULL), SG_OK);
    struct sg_series_config config = {.interval_us = SG_US_PER_S,
                                      .interval_given = true,
                                      .start_us = INT64_MIN,
                                      .end_us = INT64_MAX,
                                      .stream = SG_STREAM_TRADE,
                                      .open_ticks = sg_tick_stream_open_recording};
    if (sg_series_read_pair(files, 2, legs, &config, series, &error) != SG_OK)
        fail_msg("%s", error.text);
}

static void test_recorded_market(void **state)
{
    (void)state;
    read_captures();
    size_t count = series[0].length < series[1].length ? series[0].length : series[1].length;
    assert_true(count > 300);
    assert_true(series[0].bars[0].time_us == series[1].bars[0].time_us);
    size_t compared = check_every_length(SG_US_PER_S, series[0].bars, series[1].bars, count);
    print_message("%zu bars, every length, %zu rows compared\n", count, compared);
    sg_series_free(&series[0]);
    sg_series_free(&series[1]);
}

/* Flat stretches, gaps, filled bars, one absurd tick that enters and leaves every window. */
static void test_nasty_market(void **state)
{
    (void)state;
    enum { N = 400 };
    static struct sg_bar a[N], b[N];
    fixture_bars(11, 60 * SG_US_PER_S, N, a, b);
    for (int i = 120; i < 200; i++)
        b[i].close = b[119].close;
    for (int i = 150; i < 180; i++) {
        a[i].close = a[149].close;
        a[i].flags = SG_BAR_FILLED;
    }
    a[230].close = 1e9;
    for (int i = 260; i < N; i++) {
        a[i].time_us += 3600 * SG_US_PER_S;
        b[i].time_us += 3600 * SG_US_PER_S;
    }
    (void)check_every_length(60 * SG_US_PER_S, a, b, N);
}

/* The ghost: one fit for every row, which therefore changes with every new bar. */
static void test_hindsight_knows_the_future(void **state)
{
    (void)state;
    enum { N = 400 };
    static struct sg_bar bars[SG_LEG_COUNT][N];
    static double spread[2][N], zscore[2][N];
    fixture_bars(12, 60 * SG_US_PER_S, N, bars[0], bars[1]);
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    struct sg_offline whole = run(&params, 60 * SG_US_PER_S, bars[0], bars[1], N);
    const double *a = whole.history.column[SG_COL_A_CLOSE], *b = whole.history.column[SG_COL_B_CLOSE];
    struct sg_hindsight all = {.spread = spread[0], .zscore = zscore[0]}, fewer = {.spread = spread[1], .zscore = zscore[1]};
    assert_int_equal(sg_pair_hindsight(&params, a, b, N, &all), SG_OK);
    assert_int_equal(sg_pair_hindsight(&params, a, b, N - 100, &fewer), SG_OK);
    assert_true(fabs(all.beta - whole.now.beta) <= 1e-11 * fabs(all.beta)); /* the last row's live fit is over the same bars */
    assert_int_equal(all.fit_bars, N);
    assert_true(all.beta != fewer.beta);
    size_t changed = 0, differs = 0;
    for (size_t i = 59; i < N - 100; i++) {
        assert_true(fabs(spread[0][i] - (a[i] - all.beta * b[i])) <= 1e-11 * a[i]);
        changed += zscore[0][i] != zscore[1][i];
        differs += zscore[0][i] != whole.history.column[SG_COL_ZSCORE][i];
    }
    assert_true(changed > 200);
    assert_true(differs > 200);
    sg_offline_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_market), cmocka_unit_test(test_nasty_market),
                                       cmocka_unit_test(test_hindsight_knows_the_future)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
