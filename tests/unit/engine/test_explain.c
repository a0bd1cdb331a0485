/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations tell the number that was computed, with every digit, and the bars that went into it. That those bars and the printed formula
 * give the number again is tests/integration/test_explain.py's to show. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/engine/explain.h"
#include "../../../src/engine/pair_track_private.h"

#define MINUTE (60 * SG_US_PER_S)
enum { N = 400 };

static struct sg_bar a[N], b[N];
static const struct sg_instrument legs[SG_LEG_COUNT] = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}};
static struct sg_pair_params params;
static struct sg_offline run;

static struct sg_pair_view view_of(size_t count)
{
    struct sg_offline_config config = {.params = params, .interval_us = MINUTE};
    struct sg_pair_view view;
    sg_offline_free(&run);
    assert_int_equal(sg_offline_run(&config, a, count, b, count, &run, NULL), SG_OK);
    sg_pair_view_of_offline(&run, &params, legs, &view);
    return view;
}

static int setup(void **state)
{
    (void)state;
    fixture_bars(5, MINUTE, N, a, b);
    sg_pair_params_default(&params);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sg_offline_free(&run);
    return 0;
}

static struct sg_explanation explain(const struct sg_pair_view *view, enum sg_explained which)
{
    struct sg_explanation e;
    sg_explain(view, which, &e);
    assert_true(e.key[0] != '\0');
    assert_true(e.name[0] != '\0');
    assert_true(e.formula[0] != '\0');
    assert_true(e.parameters[0] != '\0');
    assert_true(e.bars[0] != '\0');
    assert_true(e.first + e.count == view->history->length);
    return e;
}

static void test_values_have_all_their_digits(void **state)
{
    (void)state;
    struct sg_pair_view view = view_of(N);
    const double expected[SG_EXPLAIN_COUNT] = {run.now.alpha,
                                               run.now.beta,
                                               run.now.se_alpha,
                                               run.now.se_beta,
                                               run.now.r_squared,
                                               run.now.spread,
                                               run.now.spread - run.now.alpha,
                                               run.now.mean,
                                               run.now.std,
                                               run.now.zscore,
                                               run.now.correlation,
                                               run.adf.statistic,
                                               run.adf.p_value,
                                               run.engle_granger.statistic,
                                               run.engle_granger.p_value,
                                               run.engle_granger_reverse.statistic,
                                               run.engle_granger_reverse.p_value,
                                               run.half_life.lambda,
                                               run.half_life.bars};
    for (int i = 0; i < SG_EXPLAIN_COUNT; i++) {
        struct sg_explanation e = explain(&view, (enum sg_explained)i);
        double read = 0.0;
        assert_true(isfinite(expected[i]));
        assert_true(e.value == expected[i]);
        assert_int_equal(sg_decimal_to_double(e.value_text, strlen(e.value_text), &read), SG_OK);
        assert_memory_equal(&read, &expected[i], sizeof read);
    }
}

static void test_bars(void **state)
{
    (void)state;
    params.window = 20;
    params.lookback = 150;
    struct sg_pair_view view = view_of(N);
    assert_int_equal(explain(&view, SG_EXPLAIN_BETA).count, 150);
    assert_int_equal(explain(&view, SG_EXPLAIN_SPREAD).count, 1);
    assert_int_equal(explain(&view, SG_EXPLAIN_ZSCORE).count, 20);
    assert_int_equal(explain(&view, SG_EXPLAIN_CORRELATION).count, 21);
    assert_int_equal(explain(&view, SG_EXPLAIN_EG_P).count, 150);
    assert_string_equal(explain(&view, SG_EXPLAIN_ZSCORE).bars, "20 of 400: 2024-08-09T06:20:00Z to 2024-08-09T06:39:00Z");
    params.lookback = SG_LOOKBACK_ALL;
    params.hedge = SG_HEDGE_ROLLING;
    view = view_of(N);
    assert_int_equal(explain(&view, SG_EXPLAIN_BETA).count, 20);
    assert_non_null(strstr(explain(&view, SG_EXPLAIN_BETA).parameters, "method rolling, lookback 20 bars (the window)"));
    assert_int_equal(explain(&view, SG_EXPLAIN_EG).count, N);
}

/* What has no value says why; before the first bar, too. */
static void test_undefined(void **state)
{
    (void)state;
    struct sg_pair_view view = view_of(37);
    assert_string_equal(explain(&view, SG_EXPLAIN_ZSCORE).value_text, "undefined: warming up 37/60");
    assert_true(isnan(explain(&view, SG_EXPLAIN_ZSCORE).value));
    assert_string_equal(explain(&view, SG_EXPLAIN_EG).value_text, "undefined: warming up 37/100");
    assert_int_equal(explain(&view, SG_EXPLAIN_ZSCORE).count, 37);
    view = view_of(0);
    for (int i = 0; i < SG_EXPLAIN_COUNT; i++) {
        struct sg_explanation e = explain(&view, (enum sg_explained)i);
        assert_true(isnan(e.value));
        assert_true(strncmp(e.value_text, "undefined", 9) == 0);
        assert_string_equal(e.bars, "none");
    }
    params.hedge = SG_HEDGE_TLS;
    view = view_of(N);
    assert_true(isnan(explain(&view, SG_EXPLAIN_SE_BETA).value));
    assert_string_equal(explain(&view, SG_EXPLAIN_SE_BETA).formula, "not defined for total least squares");
}

/* The age of each leg's last trade is part of every number that prices make. */
static void test_ages(void **state)
{
    (void)state;
    for (int i = N - 5; i < N; i++)
        a[i].flags = SG_BAR_FILLED;
    struct sg_pair_view view = view_of(N);
    for (int i = SG_EXPLAIN_ALPHA; i <= SG_EXPLAIN_CORRELATION; i++)
        assert_non_null(
            strstr(explain(&view, (enum sg_explained)i).parameters, "age of the last trade 300 s (BTCUSDT), 0 s (ETHUSDT), stale beyond 60 s: STALE"));
}

static void test_csv(void **state)
{
    (void)state;
    params.window = 20;
    params.lookback = 150;
    struct sg_pair_view view = view_of(N);
    struct sg_buffer whole, pieces, small;
    sg_buffer_init(&whole, 1 << 20);
    sg_buffer_init(&pieces, 1 << 20);
    sg_buffer_init(&small, 64);
    assert_int_equal(sg_explain_bars_csv(&view, N - 2, 2, &whole), SG_OK);
    char expected[256] = "time,close_a,close_b\n";
    for (size_t i = N - 2; i < N; i++) {
        char number[SG_DECIMAL_BUF];
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%lld,", (long long)(a[i].time_us / 1000));
        sg_decimal_from_double(a[i].close, number);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s,", number);
        sg_decimal_from_double(b[i].close, number);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s\n", number);
    }
    assert_string_equal(whole.data, expected);
    assert_int_equal(sg_explain_bars_csv(&view, 0, N, &small), SG_ERR_NOMEM);

    sg_buffer_clear(&whole);
    size_t row = 0;
    assert_int_equal(sg_explain_sets_csv(&view, &row, SIZE_MAX, &whole), SG_OK);
    assert_int_equal(row, N);
    size_t lines = 0;
    for (const char *at = whole.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 151); /* the header and the largest set: bars that nothing used are left out */
    assert_int_equal(strncmp(whole.data, "time,close_a,close_b,fit,last,window,returns,tests\n", 51), 0);
    assert_non_null(strstr(whole.data, ",1,1,1,1,1\n"));
    row = 0;
    struct sg_buffer part;
    sg_buffer_init(&part, 1 << 20);
    while (row < N) { /* piece by piece it is the same text */
        sg_buffer_clear(&part);
        assert_int_equal(sg_explain_sets_csv(&view, &row, 100, &part), SG_OK);
        sg_buffer_append(&pieces, part.data, part.length);
    }
    assert_string_equal(pieces.data, whole.data);
    sg_buffer_free(&part);
    sg_buffer_free(&pieces);
    sg_buffer_free(&whole);
    sg_buffer_free(&small);
}

/* A number of a chart: of the bar that is pointed at, with what was known then; nothing is made up that is not kept. */
static void test_a_past_bar(void **state)
{
    (void)state;
    b[199].flags = b[198].flags = SG_BAR_FILLED;
    struct sg_pair_view whole = view_of(N), past;
    struct sg_pair_past memory;
    sg_pair_view_of_row(&whole, 199, NULL, &memory, &past);
    struct sg_explanation e = explain(&past, SG_EXPLAIN_ZSCORE);
    assert_true(e.value == run.history.column[SG_COL_ZSCORE][199]);
    assert_int_equal(e.first, 140);
    assert_int_equal(e.count, 60);
    assert_non_null(strstr(e.bars, "60 of 200: "));
    assert_non_null(strstr(e.parameters, "; bars since the last trade 0 (BTCUSDT), 2 (ETHUSDT), stale beyond 60 s: STALE"));
    assert_true(explain(&past, SG_EXPLAIN_CLOSE_A).value == a[199].close);
    assert_true(explain(&past, SG_EXPLAIN_CLOSE_B).value == b[199].close);
    assert_non_null(strstr(explain(&past, SG_EXPLAIN_CLOSE_B).formula, "nothing traded inside the bar"));
    assert_non_null(strstr(explain(&past, SG_EXPLAIN_CLOSE_A).formula, "the last price inside the bar"));
    assert_true(explain(&past, SG_EXPLAIN_SPREAD_TODAY).value == a[199].close - run.now.beta * b[199].close);
    assert_true(explain(&past, SG_EXPLAIN_RESIDUAL_TODAY).value == a[199].close - run.now.beta * b[199].close - run.now.alpha);
    assert_true(explain(&past, SG_EXPLAIN_RESIDUAL).value == run.history.column[SG_COL_SPREAD][199] - run.history.column[SG_COL_ALPHA][199]);
    assert_true(explain(&past, SG_EXPLAIN_RESIDUAL_MEAN).value == run.history.column[SG_COL_MEAN][199] - run.history.column[SG_COL_ALPHA][199]);
    assert_true(explain(&past, SG_EXPLAIN_DEVIATION).value == run.history.column[SG_COL_SPREAD][199] - run.history.column[SG_COL_MEAN][199]);
    assert_true(explain(&past, SG_EXPLAIN_SPREAD).value == run.history.column[SG_COL_SPREAD][199]);
    assert_true(strncmp(explain(&past, SG_EXPLAIN_EG_P).value_text, "undefined", 9) == 0);
    assert_true(strncmp(explain(&past, SG_EXPLAIN_SE_ALPHA).value_text, "undefined", 9) == 0);
}

/* The forming bar counts as one more, its numbers are said to be not final, and the CSV ends with it. */
static void test_the_forming_bar(void **state)
{
    (void)state;
    struct sg_pair_view whole = view_of(N - 1), now;
    struct sg_pair_past memory;
    struct sg_row forming;
    struct sg_buffer text;
    sg_history_get(&run.history, N - 2, &forming);
    forming.time_us += MINUTE;
    forming.value[SG_COL_A_CLOSE] = 12345.5;
    sg_pair_view_of_row(&whole, N - 1, &forming, &memory, &now);
    struct sg_explanation e;
    sg_explain(&now, SG_EXPLAIN_ZSCORE, &e);
    assert_true(e.first == N - 60);
    assert_true(e.count == 60);
    assert_non_null(strstr(e.value_text, " so far: the bar has not closed"));
    sg_buffer_init(&text, 1 << 16);
    assert_int_equal(sg_explain_bars_csv(&now, e.first, e.count, &text), SG_OK);
    size_t lines = 0;
    for (const char *at = text.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 61);
    assert_non_null(strstr(text.data, ",12345.5,"));
    sg_buffer_free(&text);
}

/* The history has a ceiling, the fit of all bars has none: that it knew more than what is kept is said. */
static void test_beyond_the_ceiling(void **state)
{
    (void)state;
    enum { MAXIMUM = 200 };
    struct sg_pair_track track;
    struct sg_track_step step;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, MAXIMUM), SG_OK);
    for (int i = 0; i < N; i++)
        assert_int_equal(sg_pair_track_push(&track, &a[i], &b[i], &step), SG_OK);
    assert_true(track.history.length < N);
    assert_true(track.history.forgotten + track.history.length == N);
    struct sg_pair_view view = view_of(N);
    view.history = &track.history;
    view.now = &track.now;
    struct sg_explanation e = explain(&view, SG_EXPLAIN_BETA);
    assert_int_equal(e.count, track.history.length);
    assert_int_equal(e.older, N - track.history.length);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "; and %zu older, which are no longer kept", N - track.history.length);
    assert_non_null(strstr(e.bars, wanted));
    e = explain(&view, SG_EXPLAIN_ZSCORE); /* its window is there whole */
    assert_true(e.count == 60);
    assert_true(e.older == 0);
    assert_null(strstr(e.bars, "older"));
    sg_pair_track_free(&track);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_have_all_their_digits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars, setup, teardown),
        cmocka_unit_test_setup_teardown(test_undefined, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_past_bar, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_forming_bar, setup, teardown),
        cmocka_unit_test_setup_teardown(test_beyond_the_ceiling, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
