/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/engine/number_text.h"
#include "spreadglass/engine/stat_text.h"

static const struct sg_pair_params params = {.window = 60, .entry = 2.0, .exit = 2.0, .ddof = 1};

static void test_defined(void **state)
{
    (void)state;
    struct sg_pair_result now = {.alpha = -12345.678,
                                 .beta = 20.00049,
                                 .r_squared = 0.9144,
                                 .spread = -12358.725,
                                 .residual = -13.047,
                                 .zscore = 2.314,
                                 .correlation = 0.6449,
                                 .signal = SG_SIGNAL_OVERBOUGHT};
    struct sg_adf_result forward = {.statistic = -3.22, .p_value = 0.0004, .lags = 3, .observations = 1496}, reverse = {.p_value = 0.061};
    struct sg_half_life_result half = {.bars = 22.81};
    struct sg_stat_text text[SG_STAT_COUNT];
    sg_stat_texts(&(struct sg_stat_inputs){&now, &forward, &reverse, &half, &params, 243, 60000000, false, NULL}, text);
    static const char *const expected[SG_STAT_COUNT] = {[SG_STAT_ALPHA] = "\u221212\u2009346",
                                                        [SG_STAT_BETA] = "20.000",
                                                        [SG_STAT_R_SQUARED] = "0.914",
                                                        [SG_STAT_RESIDUAL] = "\u221213.047",
                                                        [SG_STAT_ZSCORE] = "+2.31 \u25b2",
                                                        [SG_STAT_CORRELATION] = "0.645",
                                                        [SG_STAT_EG_P] = "< 0.001",
                                                        [SG_STAT_HALF_LIFE] = "23 bars (23 min)",
                                                        [SG_STAT_N] = "60/60"};
    for (size_t i = 0; i < SG_STAT_COUNT; i++) {
        assert_string_equal(text[i].value, expected[i]);
        assert_true(strlen(text[i].why) > 0);
    }
    assert_non_null(strstr(text[SG_STAT_EG_P].why, "lag 3, n 1496"));
    assert_non_null(strstr(text[SG_STAT_EG_P].why, "B on A: 0.061"));
    assert_string_equal(text[SG_STAT_ZSCORE].name, "Z-score at close");
    now.r_squared = 0.99998;
    half.bars = 0.19;
    sg_stat_texts(&(struct sg_stat_inputs){&now, &forward, &reverse, &half, &params, 243, 60000000, false, NULL}, text);
    assert_string_equal(text[SG_STAT_R_SQUARED].value, "> 0.9999");
    assert_string_equal(text[SG_STAT_HALF_LIFE].value, "shorter than a bar");
}

static void test_undefined_shows_progress_and_reason(void **state)
{
    (void)state;
    struct sg_pair_result now = {.alpha = 1,
                                 .beta = 2,
                                 .r_squared = NAN,
                                 .spread = 3,
                                 .zscore = NAN,
                                 .correlation = NAN,
                                 .zscore_reason = SG_REASON_WARMING_UP,
                                 .correlation_reason = SG_REASON_CONSTANT_LEG_A,
                                 .have = 37,
                                 .need = 60};
    struct sg_half_life_result half = {.bars = NAN, .reason = SG_REASON_NOT_REVERTING};
    struct sg_stat_text text[SG_STAT_COUNT];
    sg_stat_texts(&(struct sg_stat_inputs){&now, NULL, NULL, &half, &params, 37, 1000000, false, NULL}, text);
    assert_string_equal(text[SG_STAT_ZSCORE].value, "37/60");
    assert_non_null(strstr(text[SG_STAT_ZSCORE].why, "37/60"));
    assert_string_equal(text[SG_STAT_CORRELATION].value, SG_TEXT_UNDEFINED);
    assert_string_equal(text[SG_STAT_EG_P].value, SG_TEXT_UNDEFINED);
    assert_string_equal(text[SG_STAT_HALF_LIFE].value, SG_TEXT_UNDEFINED);
    assert_string_equal(text[SG_STAT_N].value, "37/60");
    sg_stat_texts(&(struct sg_stat_inputs){.params = &params}, text);
    for (size_t i = 0; i < SG_STAT_N; i++)
        assert_string_equal(text[i].value, SG_TEXT_UNDEFINED);
}

/* A z beyond the threshold on a leg that no longer trades: the number, marked, and no arrow. */
static void test_stale_is_marked(void **state)
{
    (void)state;
    struct sg_pair_result now = {.alpha = 1, .beta = 2, .r_squared = 0.5, .spread = 3, .zscore = -2.314, .correlation = 0.5};
    struct sg_stat_text text[SG_STAT_COUNT];
    sg_stat_texts(&(struct sg_stat_inputs){.now = &now, .params = &params, .rows = 99, .interval_us = 1000000, .stale = true}, text);
    assert_string_equal(text[SG_STAT_ZSCORE].value, "\u22122.31 stale");
    assert_non_null(strstr(text[SG_STAT_ZSCORE].why, "too old"));
    sg_stat_texts(&(struct sg_stat_inputs){.now = &now, .params = &params, .rows = 99, .interval_us = 1000000, .stale = true, .age = "19 s old"}, text);
    assert_string_equal(text[SG_STAT_ZSCORE].value, "\u22122.31 19 s old");
    now.zscore = NAN;
    now.zscore_reason = SG_REASON_WARMING_UP;
    sg_stat_texts(&(struct sg_stat_inputs){.now = &now, .params = &params, .rows = 99, .interval_us = 1000000, .stale = true}, text);
    assert_null(strstr(text[SG_STAT_ZSCORE].value, "stale"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defined), cmocka_unit_test(test_undefined_shows_progress_and_reason),
                                       cmocka_unit_test(test_stale_is_marked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
