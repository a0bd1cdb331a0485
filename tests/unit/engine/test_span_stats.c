/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics of a span are those that the offline engine gives for files of just those bars, to the bit; what cannot be told says why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/engine/span_stats.h"

enum { BARS = 1200 };
static struct sg_bar bars_a[BARS], bars_b[BARS];
static double closes_a[BARS], closes_b[BARS];

static int setup(void **state)
{
    (void)state;
    fixture_bars(5, 1000000, BARS, bars_a, bars_b);
    for (int i = 0; i < BARS; i++) {
        closes_a[i] = bars_a[i].close;
        closes_b[i] = bars_b[i].close;
    }
    return 0;
}

static void assert_same(double one, double two)
{
    if (isnan(one) && isnan(two))
        return;
    assert_memory_equal(&one, &two, sizeof one);
}

static void assert_same_test(const struct sg_adf_result *one, const struct sg_adf_result *two)
{
    assert_same(one->statistic, two->statistic);
    assert_same(one->p_value, two->p_value);
    assert_int_equal(one->lags, two->lags);
    assert_int_equal(one->reason, two->reason);
    assert_int_equal(one->have, two->have);
}

static void test_equal_to_files_of_those_bars(void **state)
{
    (void)state;
    static const struct {
        size_t first, count;
    } spans[] = {{0, BARS}, {17, 700}, {400, 100}, {401, 99}, {900, 60}, {1000, 59}, {30, 12}, {31, 10}, {7, 9}, {50, 6}, {50, 5}, {3, 2}, {3, 1}};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        size_t first = spans[i].first, count = spans[i].count;
        struct sg_offline_config config = {.interval = SG_INTERVAL_1S};
        sg_pair_params_default(&config.params);
        config.params.window = count < SG_WINDOW_MIN + 1 ? SG_WINDOW_MIN : count - 1;
        struct sg_offline files;
        struct sg_span_stats span;
        assert_int_equal(sg_offline_run(&config, bars_a + first, count, bars_b + first, count, &files, NULL), SG_OK);
        assert_int_equal(sg_span_stats_compute(closes_a + first, closes_b + first, count, NULL, &span), SG_OK);
        assert_int_equal(span.bars, count);
        assert_int_equal(span.returns, config.params.window);
        assert_same(span.fit.alpha, files.now.alpha);
        assert_same(span.fit.beta, files.now.beta);
        assert_same(span.fit.se_alpha, files.now.se_alpha);
        assert_same(span.fit.se_beta, files.now.se_beta);
        assert_same(span.fit.r_squared, files.now.r_squared);
        assert_same(span.fit.correlation, files.now.correlation);
        assert_int_equal(span.fit.hedge_reason, files.now.hedge_reason);
        assert_int_equal(span.fit.correlation_reason, files.now.correlation_reason);
        assert_same_test(&span.engle_granger, &files.engle_granger);
        assert_same_test(&span.engle_granger_reverse, &files.engle_granger_reverse);
        assert_same(span.half_life.bars, files.half_life.bars);
        assert_same(span.half_life.lambda, files.half_life.lambda);
        assert_same(span.half_life.low, files.half_life.low);
        assert_same(span.half_life.high, files.half_life.high);
        assert_int_equal(isfinite(span.fit.correlation) != 0, count >= 6);
        assert_int_equal(isfinite(span.fit.beta) != 0, count >= 10);
        sg_offline_free(&files);
    }
}

static void test_undefined_says_why(void **state)
{
    (void)state;
    struct sg_span_stats span;
    struct sg_buffer text;
    sg_buffer_init(&text, 1 << 16);
    assert_int_equal(sg_span_stats_compute(NULL, NULL, 0, NULL, &span), SG_OK);
    assert_true(isnan(span.fit.beta));
    assert_true(span.fit.hedge_reason == SG_REASON_NO_DATA);
    assert_int_equal(sg_span_stats_compute(closes_a, closes_b, 40, NULL, &span), SG_OK);
    assert_int_equal(sg_span_stats_text(&span, "AAA", "BBB", FIXTURE_START_US, FIXTURE_START_US + 39000000, &text), SG_OK);
    assert_non_null(strstr(text.data, "pair\tAAA/BBB\nbars\t40\nfirst\t2024-08-09T00:00:00Z\nlast\t2024-08-09T00:00:39Z\n"));
    assert_non_null(strstr(text.data, "\nengle_granger AAA on BBB\tundefined: warming up 40/100\n"));
    assert_non_null(strstr(text.data, "\nhalf_life\tundefined: warming up 40/60\n"));
    assert_null(strstr(text.data, "nan"));
    double flat[200];
    for (int i = 0; i < 200; i++)
        flat[i] = 7.0;
    sg_buffer_clear(&text);
    assert_int_equal(sg_span_stats_compute(closes_a, flat, 200, NULL, &span), SG_OK);
    assert_true(isnan(span.fit.beta));
    assert_int_equal(span.fit.hedge_reason, SG_REASON_CONSTANT_LEG_B);
    assert_int_equal(sg_span_stats_text(&span, "AAA", "BBB", 0, 0, &text), SG_OK);
    assert_non_null(strstr(text.data, "\nbeta\tundefined: "));
    sg_buffer_free(&text);
}

static void test_called_off(void **state)
{
    (void)state;
    atomic_bool stop = true;
    struct sg_span_stats span = {.bars = 77};
    assert_int_equal(sg_span_stats_compute(closes_a, closes_b, BARS, &stop, &span), SG_ERR_CANCELLED);
    assert_int_equal(span.bars, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equal_to_files_of_those_bars), cmocka_unit_test(test_undefined_says_why),
                                       cmocka_unit_test(test_called_off)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
