/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scan on several threads gives the rows of one thread, to the bit; it can be called off; it refuses what is no scan. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/engine/pair_scan_pool.h"

enum { SERIES = 40, BARS = 300 };

static double closes[SERIES][BARS];
static const double *pointers[SERIES];

static struct sg_scan_input input(void)
{
    struct fixture_market market = fixture_market_new(9);
    for (int i = 0; i < BARS; i++) {
        for (int s = 0; s < SERIES; s += 2)
            fixture_market_step(&market, &closes[s][i], &closes[s + 1][i]);
    }
    for (int s = 0; s < SERIES; s++)
        pointers[s] = closes[s];
    for (int i = 0; i < BARS; i++)
        closes[5][i] = 7.0; /* a constant one: rows with a reason */
    return (struct sg_scan_input){.closes = pointers, .series = SERIES, .bars = BARS, .max_lag = -1, .aic = 1};
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    struct sg_scan_input in = input();
    size_t count = sg_scan_pair_count(SERIES);
    assert_int_equal(count, 780);
    struct sg_scan_row *one = calloc(count, sizeof *one), *many = calloc(count, sizeof *many);
    struct sg_adf_workspace *workspace = sg_adf_workspace_new(BARS);
    assert_true(one);
    assert_true(many);
    assert_true(workspace);
    assert_int_equal(sg_scan_pairs(workspace, &in, 0, count, one), SG_OK);
    size_t defined = 0;
    for (size_t i = 0; i < count; i++)
        defined += one[i].reason == SG_REASON_NONE;
    assert_true(defined > 700);
    assert_true(defined < count);
    static const unsigned threads[] = {1, 2, 3, 8, 0, 1000};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        memset(many, 0, count * sizeof *many);
        assert_int_equal(sg_pair_scan_all(&in, threads[t], NULL, many, NULL), SG_OK);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(many[i].a, one[i].a);
            assert_int_equal(many[i].b, one[i].b);
            assert_int_equal(many[i].lags, one[i].lags);
            assert_int_equal(many[i].reason, one[i].reason);
            assert_memory_equal(&many[i].statistic, &one[i].statistic, sizeof one[i].statistic);
            assert_memory_equal(&many[i].p_reverse, &one[i].p_reverse, sizeof one[i].p_reverse);
            assert_memory_equal(&many[i].half_life, &one[i].half_life, sizeof one[i].half_life);
            assert_memory_equal(&many[i].zscore, &one[i].zscore, sizeof one[i].zscore);
        }
    }
    sg_adf_workspace_free(workspace);
    free(one);
    free(many);
}

static void test_called_off(void **state)
{
    (void)state;
    struct sg_scan_input in = input();
    struct sg_scan_row *rows = calloc(sg_scan_pair_count(SERIES), sizeof *rows);
    GCancellable *cancellable = g_cancellable_new();
    struct sg_error error = {0};
    g_cancellable_cancel(cancellable);
    assert_int_equal(sg_pair_scan_all(&in, 2, cancellable, rows, &error), SG_ERR_CANCELLED);
    assert_true(error.text[0] != '\0');
    g_object_unref(cancellable);
    free(rows);
}

static void test_refused(void **state)
{
    (void)state;
    struct sg_scan_input in = input();
    struct sg_scan_row row;
    struct sg_error error = {0};
    in.series = 1;
    assert_int_equal(sg_pair_scan_all(&in, 2, NULL, &row, &error), SG_ERR_INVALID);
    in.series = SG_SCAN_SERIES_MAX + 1;
    assert_int_equal(sg_pair_scan_all(&in, 2, NULL, &row, &error), SG_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads_do_not_matter), cmocka_unit_test(test_called_off), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
