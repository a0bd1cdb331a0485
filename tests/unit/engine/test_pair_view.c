/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict's facts as they are taken from the bars: what is inside the window, how old the legs are, what was known a day before. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/pair_view.h"

#define MINUTE (60 * SG_US_PER_S)
enum { N = 400, W = 60 };

static struct sg_bar a[N], b[N];
static const struct sg_instrument legs[SG_LEG_COUNT] = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}};
static struct sg_offline run;
static struct sg_pair_params params;

/* What the verdict is told about the first `count` bars. */
static struct sg_verdict_input input_of(size_t count, int64_t interval_us)
{
    sg_pair_params_default(&params);
    params.window = W;
    struct sg_offline_config config = {.params = params, .interval_us = interval_us};
    sg_offline_free(&run);
    assert_int_equal(sg_offline_run(&config, a, count, b, count, &run, NULL), SG_OK);
    static struct sg_pair_view view; /* the input borrows its names */
    struct sg_verdict_input input;
    sg_pair_view_of_offline(&run, &params, legs, &view);
    sg_pair_view_verdict_input(&view, &input);
    return input;
}

static const char *sentence(void)
{
    static char text[SG_VERDICT_TEXT_MAX];
    struct sg_pair_view view;
    sg_pair_view_of_offline(&run, &params, legs, &view);
    sg_pair_view_verdict(&view, text, sizeof text, NULL);
    return text;
}

static void test_nothing_to_complain_about(void **state)
{
    (void)state;
    fixture_bars(5, MINUTE, N, a, b);
    struct sg_verdict_input input = input_of(N, MINUTE);
    assert_true(input.filled_a == 0);
    assert_true(input.filled_b == 0);
    assert_true(!input.gap);
    assert_true(!input.stale_a);
    assert_true(!input.stale_b);
    assert_true(isnan(input.se_beta_before));
    assert_true(run.age_us[SG_LEG_A] == 0);
    assert_true(run.age_us[SG_LEG_B] == 0);
    assert_true(run.stale_after_us == 60 * SG_US_PER_S);
    assert_string_equal(input.name_a, "BTCUSDT");
    assert_int_equal(input.window, W);
    /* The answer, its evidence, and the half-life against the window: never a bare light. */
    assert_non_null(strstr(sentence(), "Engle-Granger p "));
    assert_non_null(strstr(sentence(), "(n 400, lag "));
    assert_non_null(strstr(sentence(), "; the reverse direction p "));
    assert_non_null(strstr(sentence(), "your window of 60 covers "));
    assert_null(strstr(sentence(), "without a trade"));
    assert_null(strstr(sentence(), "too old"));
    assert_null(strstr(sentence(), "gap"));
}

/* A filled bar counts while it is inside the window, and not a bar longer. */
static void test_filled_inside_the_window(void **state)
{
    (void)state;
    fixture_bars(5, MINUTE, N, a, b);
    b[200].flags = SG_BAR_FILLED;
    a[201].flags = a[202].flags = SG_BAR_FILLED;
    struct sg_verdict_input input = input_of(200 + W, MINUTE);
    assert_true(input.filled_a == 2);
    assert_true(input.filled_b == 1);
    assert_non_null(strstr(sentence(), "The window holds 2 bars of BTCUSDT without a trade and 1 bar of ETHUSDT without a trade."));
    input = input_of(201 + W, MINUTE);
    assert_true(input.filled_a == 2);
    assert_true(input.filled_b == 0);
    input = input_of(203 + W, MINUTE);
    assert_true(input.filled_a == 0);
    assert_true(input.filled_b == 0);
}

static void test_gap_inside_the_window(void **state)
{
    (void)state;
    fixture_bars(5, MINUTE, N, a, b);
    for (int i = 200; i < N; i++) {
        a[i].time_us += 10 * MINUTE;
        b[i].time_us += 10 * MINUTE;
    }
    assert_false(input_of(200, MINUTE).gap);
    assert_true(input_of(201, MINUTE).gap);
    assert_non_null(strstr(sentence(), "Bars are missing inside the window."));
    assert_true(input_of(200 + W, MINUTE).gap);
    assert_false(input_of(201 + W, MINUTE).gap);
}

/* A market that never trades at weekends misses nothing there; one that does, misses a day. Nothing is judged by what comes later. */
static void test_days_without_trading(void **state)
{
    (void)state;
    const int64_t day = 24 * 60 * MINUTE, monday = 1699833600 * SG_US_PER_S; /* 13 November 2023 */
    fixture_bars(5, day, N, a, b);
    for (int i = 0; i < N; i++)
        a[i].time_us = b[i].time_us = monday + (i / 5 * 7 + i % 5) * day;
    assert_false(input_of(200, day).gap);
    for (int i = 198; i < N; i++) /* from Wednesday to Tuesday are six days … */
        a[i].time_us = b[i].time_us = a[i].time_us + 5 * day;
    assert_true(input_of(200, day).gap);
    for (int i = 198; i < N; i++)
        a[i].time_us = b[i].time_us = a[i].time_us - day;
    assert_false(input_of(200, day).gap); /* … and to Monday five, as over a long weekend */
    a[197].time_us -= day / 2;            /* a day that only one leg has is missing from the other */
    assert_true(input_of(199, day).gap);
    for (int i = 0; i < N; i++)
        a[i].time_us = b[i].time_us = monday + (i + (i >= 200)) * day;
    assert_false(input_of(200, day).gap);
    assert_true(input_of(201, day).gap); /* every day of the week until then */
    const int64_t year = 365 * day;      /* months, from the shortest to the longest */
    static const int DAYS[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    for (int i = 0; i < N; i++)
        a[i].time_us = b[i].time_us = i / 12 * year + DAYS[i % 12] * day;
    assert_false(input_of(N, 28 * day).gap);
    assert_false(input_of(N, 2629746 * SG_US_PER_S).gap);
    for (int i = N - 10; i < N; i++)
        a[i].time_us = b[i].time_us = a[i].time_us + 31 * day;
    assert_true(input_of(N, 2629746 * SG_US_PER_S).gap);
}

/* Which leg is stale is said, and the age is told by the minute. */
static void test_stale_leg(void **state)
{
    (void)state;
    fixture_bars(5, MINUTE, N, a, b);
    for (int i = 300; i < N; i++) {
        b[i].flags = SG_BAR_FILLED;
        b[i].close = b[299].close;
    }
    struct sg_verdict_input input = input_of(301, MINUTE);
    assert_false(input.stale_b); /* 60 s: at the limit */
    assert_true(run.age_us[SG_LEG_B] == MINUTE);
    input = input_of(302, MINUTE);
    assert_true(input.stale_b);
    assert_true(!input.stale_a);
    assert_true(run.age_us[SG_LEG_A] == 0);
    assert_true(run.age_us[SG_LEG_B] == 2 * MINUTE);
    assert_non_null(strstr(sentence(), "The last trade of ETHUSDT is too old to trust z."));
    assert_true(run.now.signal == SG_SIGNAL_NONE);
}

/* Hours of bars: the standard error of a day ago is that of 24 rows ago, and a wide one now is said. */
static void test_beta_a_day_before(void **state)
{
    (void)state;
    int64_t hour = 60 * MINUTE;
    fixture_bars(5, hour, N, a, b);
    struct sg_verdict_input input = input_of(24, hour);
    assert_true(isnan(input.se_beta_before)); /* no row is a day old */
    input = input_of(200, hour);
    assert_true(input.se_beta_before == run.history.column[SG_COL_SE_BETA][199 - 24]);
    assert_true(input.se_beta == run.history.column[SG_COL_SE_BETA][199]);
    for (int i = 390; i < N; i++) /* the relation breaks: beta is known far worse than yesterday */
        a[i].close += 2000.0 * (i - 389);
    input = input_of(N, hour);
    assert_true(input.se_beta > 2.0 * input.se_beta_before);
    assert_non_null(strstr(sentence(), "The confidence interval of beta is "));
    assert_non_null(strstr(sentence(), " times as wide as yesterday."));
    for (int i = 390; i < N; i++) { /* after a weekend there is no yesterday */
        a[i].time_us += 72 * hour;
        b[i].time_us += 72 * hour;
    }
    input = input_of(N, hour);
    assert_true(isnan(input.se_beta_before));
}

static bool same(double p, double q)
{
    return memcmp(&p, &q, sizeof p) == 0 || (isnan(p) && isnan(q));
}

/* What a row of the past is said to have known is what a run that ends there knows, to the bit. */
static void assert_known_then(const struct sg_pair_view *past, const struct sg_pair_view *then)
{
    const struct sg_pair_result *p = past->now, *q = then->now;
    assert_true(same(p->alpha, q->alpha));
    assert_true(same(p->beta, q->beta));
    assert_true(same(p->se_beta, q->se_beta));
    assert_true(same(p->r_squared, q->r_squared));
    assert_true(same(p->spread, q->spread));
    assert_true(same(p->mean, q->mean));
    assert_true(same(p->std, q->std));
    assert_true(same(p->zscore, q->zscore));
    assert_true(same(p->correlation, q->correlation));
    assert_int_equal(p->fit_bars, q->fit_bars);
    assert_int_equal(p->signal, q->signal);
    assert_true(p->zscore_reason == q->zscore_reason);
    assert_true(p->correlation_reason == q->correlation_reason);
    assert_true((p->hedge_reason == SG_REASON_NONE) == (q->hedge_reason == SG_REASON_NONE));
    assert_true(p->have == q->have);
    assert_true(p->correlation_have == q->correlation_have);
    assert_true(p->need == q->need);
}

static void test_a_row_of_the_past(void **state)
{
    (void)state;
    static const struct {
        enum sg_hedge hedge;
        size_t lookback;
    } ways[] = {{SG_HEDGE_OLS, SG_LOOKBACK_ALL},  {SG_HEDGE_OLS, 150}, {SG_HEDGE_ROLLING, SG_LOOKBACK_ALL}, {SG_HEDGE_TLS, 80}, {SG_HEDGE_KALMAN, 50},
                {SG_HEDGE_FIXED, SG_LOOKBACK_ALL}};
    fixture_bars(5, MINUTE, N, a, b);
    for (int i = 250; i < 320; i++) /* a leg that stands still: no correlation, and which leg it is */
        b[i].close = b[249].close;
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        sg_pair_params_default(&params);
        params.window = W;
        params.hedge = ways[way].hedge;
        params.lookback = ways[way].lookback;
        params.fixed_beta = 1.5;
        struct sg_offline_config config = {.params = params, .interval_us = MINUTE};
        struct sg_offline whole;
        assert_int_equal(sg_offline_run(&config, a, N, b, N, &whole, NULL), SG_OK);
        struct sg_pair_view view, past, then;
        struct sg_pair_past memory;
        sg_pair_view_of_offline(&whole, &params, legs, &view);
        for (size_t row = 0; row < N; row += row < 70 ? 1 : 13) {
            sg_offline_free(&run);
            assert_int_equal(sg_offline_run(&config, a, row + 1, b, row + 1, &run, NULL), SG_OK);
            sg_pair_view_of_offline(&run, &params, legs, &then);
            sg_pair_view_of_row(&view, row, NULL, &memory, &past);
            assert_int_equal(past.history->length, row + 1);
            assert_known_then(&past, &then);
            assert_true(past.forming == NULL);
            assert_true(past.today_beta == whole.now.beta);
            if (row + 1 < N) {
                assert_true(past.age_us[SG_LEG_A] == -1);
                assert_true(past.test_bars == 0);
                assert_true(past.adf->reason == SG_REASON_NO_DATA);
            }
            /* With the same bar still forming: what is known so far is what would be known if it closed. */
            struct sg_row forming;
            struct sg_pair_view before = view;
            struct sg_history until = whole.history;
            sg_history_get(&whole.history, row, &forming);
            until.length = row;
            before.history = &until;
            sg_pair_view_of_row(&before, row, &forming, &memory, &past);
            assert_true(past.forming != NULL);
            assert_true(past.history->length == row);
            assert_known_then(&past, &then);
        }
        sg_pair_view_of_row(&view, N - 1, NULL, &memory, &past);
        assert_true(past.test_bars == view.test_bars);
        assert_true(past.now == view.now); /* the last one is the whole view */
        sg_offline_free(&whole);
    }
    sg_offline_free(&run);
}

static void test_no_rows(void **state)
{
    (void)state;
    struct sg_verdict_input input = input_of(0, MINUTE);
    assert_true(input.filled_a == 0);
    assert_true(!input.gap);
    assert_true(!input.stale_a);
    assert_true(run.age_us[SG_LEG_A] == -1);
    assert_true(run.age_us[SG_LEG_B] == -1);
    assert_true(strncmp(sentence(), "No verdict: ", 12) == 0);
    input_of(N, MINUTE); /* bars whose tests are not made yet are not no bars */
    run.test_bars = 0;
    assert_string_equal(sentence(), "No verdict yet: computing\xE2\x80\xA6");
    sg_offline_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_complain_about),
        cmocka_unit_test(test_filled_inside_the_window),
        cmocka_unit_test(test_gap_inside_the_window),
        cmocka_unit_test(test_days_without_trading),
        cmocka_unit_test(test_stale_leg),
        cmocka_unit_test(test_beta_a_day_before),
        cmocka_unit_test(test_a_row_of_the_past),
        cmocka_unit_test(test_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
