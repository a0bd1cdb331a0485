/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the first picture of a real market shows: BTC against ETH, the first ten hours of one-minute bars of 2021-04-20, as `render` reads them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../src/cli/analysis_input_private.h"
#include "../../../src/plot/dashboard_private.h"
#include "test_folder.h"

#define BARS 600
#define WINDOW 60
#define WIDTH 1280.0
#define HEIGHT 200.0

static char legs[2][64];
static struct sg_analysis analysis;
static struct sg_dashboard *dashboard;
static struct sg_viewport view;

/* False: the recorded market is not there, or nothing that unpacks it. */
static bool unpack(const char *symbol, char *file, size_t size)
{
    const char *shared = getenv("SG_SHARED_DIR");
    char command[1024];
    snprintf(file, size, "%s/%s.json", folder, symbol);
    snprintf(command, sizeof command, "xz -dc '%s/data/klines_1m/%s_USDT-1m.2021-04-20_2021-05-20.json.xz' > '%s' 2>/dev/null", shared ? shared : ".", symbol,
             file);
    return system(command) == 0;
}

static double extent_of(enum series series, size_t from)
{
    struct sg_extent extent;
    assert_true(sg_plot_extent(dashboard, series, from, BARS, &extent));
    return extent.high - extent.low;
}

static double axis_range(enum sg_spread_mode mode, double *ret_low, double *ret_high)
{
    sg_dashboard_set_spread_mode(dashboard, mode);
    assert_true(sg_dashboard_value_range(dashboard, SG_PANE_SPREAD, &view, WIDTH, HEIGHT, ret_low, ret_high));
    return *ret_high - *ret_low;
}

/* The residual of 600 real bars ranges over 973; A - beta B, with the beta that was known at each, over 74,405. */
static void the_usual_spread_pane_shows_the_residual(void **state)
{
    (void)state;
    double low, high;
    assert_true(fabs(extent_of(SERIES_RESIDUAL, WINDOW) - 973) < 0.5);
    assert_true(fabs(extent_of(SERIES_SPREAD, WINDOW) - 74405) < 0.5);
    struct sg_dashboard *fresh = sg_dashboard_new();
    sg_dashboard_set_data(fresh, &dashboard->data);
    assert_true(sg_dashboard_value_range(fresh, SG_PANE_SPREAD, &view, WIDTH, HEIGHT, &low, &high)); /* nobody chose what to see */
    sg_dashboard_free(fresh);
    assert_in_range((unsigned)(high - low), 973, 1600);
    assert_true(low < 0);
    assert_true(high > 0);
    assert_in_range((unsigned)axis_range(SG_SPREAD_DEVIATION, &low, &high), 400, 1600);
    assert_true(axis_range(SG_SPREAD_LEVEL, &low, &high) > 70000);
}

/* z is the distance of each of the three lines from the middle of its own band, in deviations. */
static void z_is_the_same_in_all_of_them(void **state)
{
    (void)state;
    for (int mode = 0; mode < SG_SPREAD_MODE_COUNT; mode++) {
        sg_dashboard_set_spread_mode(dashboard, (enum sg_spread_mode)mode);
        const struct spread_series *spread = sg_plot_spread_series(dashboard);
        for (size_t row = WINDOW - 1; row < BARS; row++) {
            double std = sg_plot_column(dashboard, SG_COL_STD, row), line = sg_plot_value(dashboard, spread->line, row);
            double middle = spread->middle == SERIES_COUNT ? 0 : sg_plot_value(dashboard, spread->middle, row);
            assert_true(fabs((line - middle) / std - sg_plot_column(dashboard, SG_COL_ZSCORE, row)) < 1e-8);
            assert_true(fabs(sg_plot_value(dashboard, spread->upper, row) - middle - 2 * std) < 1e-8);
            assert_true(fabs(middle - sg_plot_value(dashboard, spread->lower, row) - 2 * std) < 1e-8);
        }
    }
}

/* The line with today's fit ends where the residual does, is made of the newest alpha too, and lies on the axis as a whole. */
static void hindsight_is_on_the_same_scale(void **state)
{
    (void)state;
    double low, high;
    struct sg_extent extent;
    sg_dashboard_set_hindsight(dashboard, true);
    axis_range(SG_SPREAD_RESIDUAL, &low, &high);
    double alpha = sg_plot_column(dashboard, SG_COL_ALPHA, BARS - 1), beta = sg_plot_column(dashboard, SG_COL_BETA, BARS - 1);
    for (size_t row = 0; row < BARS; row += 7) {
        double a = sg_plot_column(dashboard, SG_COL_A_CLOSE, row), b = sg_plot_column(dashboard, SG_COL_B_CLOSE, row);
        assert_true(fabs(sg_plot_value(dashboard, SERIES_HINDSIGHT_RESIDUAL, row) - (a - alpha - beta * b)) < 1e-8);
    }
    assert_true(fabs(sg_plot_value(dashboard, SERIES_HINDSIGHT_RESIDUAL, BARS - 1) - sg_plot_value(dashboard, SERIES_RESIDUAL, BARS - 1)) < 1e-8);
    assert_true(sg_plot_extent(dashboard, SERIES_HINDSIGHT_RESIDUAL, 0, BARS, &extent));
    assert_true(extent.low >= low);
    assert_true(extent.high <= high);
    assert_true(high - low < 3000);
    sg_dashboard_set_hindsight(dashboard, false);
}

static int setup(void **state)
{
    (void)state;
    struct sg_options options;
    sg_options_default(&options);
    options.files[0] = legs[0];
    options.files[1] = legs[1];
    options.file_count = 2;
    options.end_us = INT64_C(1618951320000000) + (int64_t)BARS * 60000000;
    if (sg_analysis_load("render", &options, &analysis) != SG_EXIT_DONE || analysis.offline.history.length != BARS)
        return 1;
    dashboard = sg_dashboard_new();
    struct sg_dashboard_data data = {.history = &analysis.offline.history,
                                     .symbol_a = "BTC",
                                     .symbol_b = "ETH",
                                     .decimals_a = 2,
                                     .decimals_b = 2,
                                     .entry = 2,
                                     .exit = 2,
                                     .window = WINDOW,
                                     .utc = true};
    sg_dashboard_set_data(dashboard, &data);
    sg_viewport_init(&view, BARS);
    sg_dashboard_update_extent(dashboard, &view);
    sg_viewport_show(&view, view.first - 0.5, view.last + 0.5);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sg_dashboard_free(dashboard);
    sg_offline_free(&analysis.offline);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_usual_spread_pane_shows_the_residual), cmocka_unit_test(z_is_the_same_in_all_of_them),
                                       cmocka_unit_test(hindsight_is_on_the_same_scale)};
    make_folder(NULL);
    bool there = unpack("BTC", legs[0], sizeof legs[0]) && unpack("ETH", legs[1], sizeof legs[1]);
    int failed = 0;
    if (there)
        failed = cmocka_run_group_tests(tests, setup, teardown);
    else
        printf("SKIP: the recorded market (klines_1m, packed by xz) is not there\n");
    remove_folder(NULL);
    return there ? failed : 77;
}
