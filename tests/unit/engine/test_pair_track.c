/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row that a closed bar makes, the rebuild and the offline path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/pair_track_private.h"
#include "fixture.h"
#include "spreadglass/engine/offline.h"

#define MINUTE INT64_C(60000000)

static struct sg_pair_params params_with(size_t window)
{
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    params.window = window;
    return params;
}

static void push_all(struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sg_track_step step;
        assert_int_equal(sg_pair_track_push(track, &a[i], &b[i], &step), SG_OK);
    }
}

/* The last row against plain two-pass formulas. */
static void test_statistics_of_a_row(void **state)
{
    (void)state;
    enum { N = 150, W = 20 };
    static struct sg_bar a[N], b[N];
    fixture_bars(1, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(W);
    struct sg_pair_track track;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, 0), SG_OK);
    push_all(&track, a, b, N);
    assert_int_equal(track.history.length, N);

    double mean_a = 0, mean_b = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < N; i++) {
        mean_a += a[i].close / N;
        mean_b += b[i].close / N;
    }
    for (int i = 0; i < N; i++) {
        sxx += (b[i].close - mean_b) * (b[i].close - mean_b);
        sxy += (b[i].close - mean_b) * (a[i].close - mean_a);
    }
    double beta = sxy / sxx, mean = 0, square = 0;
    for (int i = N - W; i < N; i++)
        mean += (a[i].close - beta * b[i].close) / W;
    for (int i = N - W; i < N; i++) {
        double off = a[i].close - beta * b[i].close - mean;
        square += off * off;
    }
    double deviation = sqrt(square / (W - 1)), spread = a[N - 1].close - beta * b[N - 1].close;
    struct sg_row row;
    sg_history_get(&track.history, N - 1, &row);
    assert_true(fabs(row.value[SG_COL_BETA] / beta - 1) < 1e-10);
    assert_true(fabs(row.value[SG_COL_ALPHA] - (mean_a - beta * mean_b)) < 1e-6);
    assert_true(fabs(row.value[SG_COL_SPREAD] - spread) < 1e-7);
    assert_true(fabs(row.value[SG_COL_STD] / deviation - 1) < 1e-8);
    assert_true(fabs(row.value[SG_COL_ZSCORE] - (spread - mean) / deviation) < 1e-7);
    assert_true(row.value[SG_COL_A_OPEN] == a[N - 1].open);
    assert_true(row.value[SG_COL_A_HIGH] == a[N - 1].high);
    assert_true(row.value[SG_COL_B_LOW] == b[N - 1].low);
    assert_true(row.value[SG_COL_B_CLOSE] == b[N - 1].close);
    assert_true(row.value[SG_COL_A_VOLUME] == sg_qty_to_double(a[N - 1].volume));
    assert_true(row.value[SG_COL_B_TRADES] == 3.0);
    /* And nothing before there is enough. */
    sg_history_get(&track.history, W - 2, &row);
    assert_true(isnan(row.value[SG_COL_ZSCORE]));
    assert_int_equal(row.reason, SG_REASON_WARMING_UP);
    assert_false(row.flags & (SG_ROW_ALERT_RAISED | SG_ROW_OVERBOUGHT | SG_ROW_OVERSOLD));
    sg_pair_track_free(&track);
}

static void test_marks(void **state)
{
    (void)state;
    enum { N = 30, W = 5 };
    static struct sg_bar a[N], b[N];
    fixture_bars(2, MINUTE, N, a, b);
    for (int i = 10; i < N; i++) { /* three minutes missing before row 10 */
        a[i].time_us += 3 * MINUTE;
        b[i].time_us += 3 * MINUTE;
    }
    a[4].flags = SG_BAR_FILLED;
    b[5].flags = SG_BAR_REPAIRED;
    a[6].flags = SG_BAR_VOLUME_ESTIMATED;
    b[7].flags = SG_BAR_NO_VOLUME;
    struct sg_pair_params params = params_with(W);
    struct sg_pair_track track;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, 0), SG_OK);
    push_all(&track, a, b, N);
    for (size_t i = 0; i < N; i++) {
        unsigned flags = track.history.flags[i];
        assert_int_equal(!!(flags & SG_ROW_A_FILLED), i == 4);
        assert_int_equal(!!(flags & SG_ROW_B_REPAIRED), i == 5);
        assert_int_equal(!!(flags & SG_ROW_VOLUME_ESTIMATED), i == 6);
        assert_int_equal(!!(flags & SG_ROW_GAP_BEFORE), i == 10);
        assert_int_equal(!!(flags & SG_ROW_WINDOW_HAS_GAP), i >= 10 && i < 10 + W);
        assert_int_equal(!!isnan(track.history.column[SG_COL_B_VOLUME][i]), i == 7);
        assert_int_equal(!!isnan(track.history.column[SG_COL_A_TRADES][i]), i == 6);
    }
    struct sg_track_step step;
    assert_int_equal(sg_pair_track_push(&track, &a[3], &b[3], &step), SG_ERR_INVALID); /* not later */
    struct sg_bar bad = a[N - 1], partner = b[N - 1];
    bad.time_us = partner.time_us += MINUTE;
    bad.close = -1.0;
    assert_int_equal(sg_pair_track_push(&track, &bad, &partner, &step), SG_ERR_RANGE);
    assert_int_equal(track.refused, 1);
    assert_int_equal(track.history.length, N);
    sg_pair_track_free(&track);
}

static size_t count_flag(const struct sg_history *history, unsigned flag)
{
    size_t count = 0;
    for (size_t i = 0; i < history->length; i++)
        count += !!(history->flags[i] & flag);
    return count;
}

/* A leg without trades for longer than the limit raises nothing, and takes a standing alert back. */
static void test_stale_leg(void **state)
{
    (void)state;
    enum { N = 400, W = 20 };
    static struct sg_bar a[N], b[N];
    fixture_bars(3, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(W);
    params.entry = params.exit = 1.0;
    struct sg_pair_track fresh, stale;
    assert_int_equal(sg_pair_track_init(&fresh, &params, MINUTE, 0, 0), SG_OK);
    push_all(&fresh, a, b, N);
    assert_true(count_flag(&fresh.history, SG_ROW_ALERT_RAISED) > 10);
    assert_int_equal(count_flag(&fresh.history, SG_ROW_STALE), 0);

    for (int i = 0; i < N; i++) /* the last tick came 61 s before the close */
        b[i].last_tick_us = b[i].time_us - 1000000;
    assert_int_equal(sg_pair_track_init(&stale, &params, MINUTE, 0, 0), SG_OK);
    push_all(&stale, a, b, N);
    assert_int_equal(count_flag(&stale.history, SG_ROW_STALE), N);
    assert_int_equal(count_flag(&stale.history, SG_ROW_ALERT_RAISED | SG_ROW_OVERBOUGHT | SG_ROW_OVERSOLD), 0);
    /* The number itself is still known. */
    assert_memory_equal(fresh.history.column[SG_COL_ZSCORE], stale.history.column[SG_COL_ZSCORE], N * sizeof(double));
    sg_pair_track_free(&stale);

    /* Klines: a filled one keeps the age of the last that traded. */
    for (int i = 0; i < N; i++) {
        b[i].last_tick_us = 0;
        b[i].flags = i >= 100 && i < 104 ? SG_BAR_FILLED : 0;
    }
    assert_int_equal(sg_pair_track_init(&stale, &params, MINUTE, 2 * MINUTE, 0), SG_OK);
    push_all(&stale, a, b, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(!!(stale.history.flags[i] & SG_ROW_STALE), i == 102 || i == 103);
    sg_pair_track_free(&stale);
    sg_pair_track_free(&fresh);
}

/* Every alert is raised by a z beyond the threshold and cleared by one within it. */
static void test_alerts(void **state)
{
    (void)state;
    enum { N = 2000, W = 30 };
    static struct sg_bar a[N], b[N];
    fixture_bars(4, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(W);
    params.exit = 0.5;
    struct sg_pair_track track;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, 0), SG_OK);
    int side = 0;
    size_t raised = 0;
    for (size_t i = 0; i < N; i++) {
        struct sg_track_step step;
        assert_int_equal(sg_pair_track_push(&track, &a[i], &b[i], &step), SG_OK);
        double z = step.result.zscore;
        bool has_cleared = step.row.flags & SG_ROW_ALERT_CLEARED, has_raised = step.row.flags & SG_ROW_ALERT_RAISED;
        if (has_cleared) {
            assert_int_not_equal(side, 0);
            assert_true(side > 0 ? z <= 0.5 : z >= -0.5);
            side = 0;
        }
        if (has_raised) {
            assert_int_equal(side, 0);
            assert_true(fabs(z) > 2);
            side = z > 0 ? 1 : -1;
            raised++;
        }
        assert_int_equal(track.alert.side, side == 0 ? SG_SIGNAL_NONE : side > 0 ? SG_SIGNAL_OVERBOUGHT : SG_SIGNAL_OVERSOLD);
        if (isfinite(z) && fabs(z) > 2)
            assert_int_not_equal(side, 0);
    }
    assert_true(raised > 10);
    assert_int_equal(track.alert.raised_count, raised);
    sg_pair_track_free(&track);
}

/* At the ceiling rows leave and those that stay are what they were: nothing is computed from fewer bars. */
static void test_ceiling_keeps_what_was_known(void **state)
{
    (void)state;
    enum { N = 1000 };
    static struct sg_bar a[N], b[N];
    fixture_bars(5, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(20);
    struct sg_pair_track whole, small;
    assert_int_equal(sg_pair_track_init(&whole, &params, MINUTE, 0, 0), SG_OK);
    assert_int_equal(sg_pair_track_init(&small, &params, MINUTE, 0, 64), SG_OK);
    uint64_t epoch = small.history.epoch;
    for (size_t i = 0; i < N; i++) {
        push_all(&whole, &a[i], &b[i], 1);
        push_all(&small, &a[i], &b[i], 1);
        assert_true(small.history.length <= 64);
        assert_true(small.history.length >= (i + 1 < 32 ? i + 1 : 32));
        if (small.history.epoch != epoch)
            assert_int_equal(small.history.length, 33);
        epoch = small.history.epoch;
        size_t kept = small.history.length;
        assert_rows_equal(&small.history, 0, &whole.history, i + 1 - kept, kept);
    }
    assert_true(epoch > 10);
    sg_pair_track_free(&whole);
    sg_pair_track_free(&small);
}

/* Streaming, rebuilding and the offline path: one and the same history, to the bit, with gaps and lost bars in it. */
static void test_stream_rebuild_offline(void **state)
{
    (void)state;
    enum { N = 3000 };
    static struct sg_bar a[N], b[N], kept_a[N], kept_b[N];
    fixture_bars(6, MINUTE, N, a, b);
    uint64_t random = 99;
    size_t count_a = 0, count_b = 0, both = 0;
    struct sg_pair_params params = params_with(60), other = params_with(25);
    other.hedge = SG_HEDGE_ROLLING;
    other.entry = other.exit = 1.5;
    struct sg_bar_store store_a, store_b;
    sg_bar_store_init(&store_a, 100000);
    sg_bar_store_init(&store_b, 100000);
    struct sg_pair_track stream;
    assert_int_equal(sg_pair_track_init(&stream, &params, MINUTE, 0, 0), SG_OK);
    for (size_t i = 0; i < N; i++) {
        bool has_a = fixture_uniform(&random) > 0.02, has_b = fixture_uniform(&random) > 0.02;
        a[i].last_tick_us = fixture_uniform(&random) > 0.9 ? a[i].time_us - MINUTE : 0;
        if (has_a) {
            kept_a[count_a++] = a[i];
            assert_int_equal(sg_bar_store_append(&store_a, &a[i]), SG_OK);
        }
        if (has_b) {
            kept_b[count_b++] = b[i];
            assert_int_equal(sg_bar_store_append(&store_b, &b[i]), SG_OK);
        }
        if (has_a && has_b) {
            push_all(&stream, &a[i], &b[i], 1);
            both++;
        }
    }
    struct sg_offline_config config = {.params = params, .interval = SG_INTERVAL_1M};
    struct sg_offline offline;
    struct sg_error error = {0};
    assert_int_equal(sg_offline_run(&config, kept_a, count_a, kept_b, count_b, &offline, &error), SG_OK);
    assert_int_equal(offline.history.length, both);
    assert_int_equal(offline.unmatched[SG_LEG_A], count_a - both);
    assert_int_equal(offline.unmatched[SG_LEG_B], count_b - both);
    assert_rows_equal(&stream.history, 0, &offline.history, 0, both);
    assert_memory_equal(&stream.now.zscore, &offline.now.zscore, sizeof(double));
    assert_true(count_flag(&stream.history, SG_ROW_GAP_BEFORE) > 50);
    assert_true(count_flag(&stream.history, SG_ROW_STALE) > 100);

    /* Other parameters and back: the same as never having left; and the other ones equal a fresh run of theirs. */
    uint64_t epoch = stream.history.epoch;
    assert_int_equal(sg_pair_track_rebuild(&stream, &other, MINUTE, INT64_MIN, &store_a, &store_b), SG_OK);
    assert_true(stream.history.epoch > epoch);
    struct sg_offline_config other_config = {.params = other, .interval = SG_INTERVAL_1M};
    struct sg_offline other_offline;
    assert_int_equal(sg_offline_run(&other_config, kept_a, count_a, kept_b, count_b, &other_offline, &error), SG_OK);
    assert_rows_equal(&stream.history, 0, &other_offline.history, 0, both);
    assert_memory_not_equal(offline.history.column[SG_COL_BETA], other_offline.history.column[SG_COL_BETA], both * sizeof(double));
    assert_int_equal(stream.alert.side, other_offline.alert.side);
    assert_int_equal(stream.alert.since_us, other_offline.alert.since_us);
    assert_int_equal(sg_pair_track_rebuild(&stream, &params, MINUTE, INT64_MIN, &store_a, &store_b), SG_OK);
    assert_rows_equal(&stream.history, 0, &offline.history, 0, both);

    /* Bad parameters change nothing. */
    epoch = stream.history.epoch;
    struct sg_pair_params bad = params_with(1);
    assert_int_equal(sg_pair_track_rebuild(&stream, &bad, MINUTE, INT64_MIN, &store_a, &store_b), SG_ERR_INVALID);
    assert_int_equal(stream.history.epoch, epoch);
    assert_int_equal(stream.history.length, both);
    sg_offline_free(&offline);
    sg_offline_free(&other_offline);
    sg_bar_store_free(&store_a);
    sg_bar_store_free(&store_b);
    sg_pair_track_free(&stream);
}

static void test_peek_changes_nothing(void **state)
{
    (void)state;
    enum { N = 300 };
    static struct sg_bar a[N], b[N];
    fixture_bars(7, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(20);
    struct sg_pair_track plain, peeked;
    assert_int_equal(sg_pair_track_init(&plain, &params, MINUTE, 0, 0), SG_OK);
    assert_int_equal(sg_pair_track_init(&peeked, &params, MINUTE, 0, 0), SG_OK);
    for (size_t i = 0; i < N; i++) {
        struct sg_row before;
        for (int k = 0; k < 3; k++)
            assert_int_equal(sg_pair_track_peek(&peeked, &a[i], &b[i], a[i].time_us + 1, &before), SG_OK);
        push_all(&plain, &a[i], &b[i], 1);
        push_all(&peeked, &a[i], &b[i], 1);
        struct sg_row after;
        sg_history_get(&peeked.history, i, &after);
        assert_int_equal(before.time_us, after.time_us);
        for (int c = 0; c < SG_COL_COUNT; c++)
            assert_true((isnan(before.value[c]) && isnan(after.value[c])) || fabs(before.value[c] - after.value[c]) <= 1e-9 * (1.0 + fabs(after.value[c])));
    }
    assert_rows_equal(&plain.history, 0, &peeked.history, 0, N);
    sg_pair_track_free(&plain);
    sg_pair_track_free(&peeked);
}

/* Behind a bar that has ended and waits for its last ticks the forming one lacks nothing; two bars are never waiting. */
static void test_a_waiting_bar_is_not_missing(void **state)
{
    (void)state;
    enum { N = 40 };
    static struct sg_bar a[N + 3], b[N + 3];
    fixture_bars(8, MINUTE, N + 3, a, b);
    struct sg_pair_params params = params_with(20);
    struct sg_pair_track track;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, 0), SG_OK);
    push_all(&track, a, b, N);
    for (size_t ahead = 0; ahead < 3; ahead++) {
        struct sg_row row;
        assert_int_equal(sg_pair_track_peek(&track, &a[N + ahead], &b[N + ahead], a[N + ahead].time_us + 1, &row), SG_OK);
        assert_int_equal((row.flags & SG_ROW_WINDOW_HAS_GAP) != 0, ahead == 2);
        assert_int_equal((row.flags & SG_ROW_GAP_BEFORE) != 0, ahead == 2);
    }
    push_all(&track, &a[N + 1], &b[N + 1], 1); /* closed without the one before: now it is missing */
    assert_true(track.history.flags[N] & SG_ROW_GAP_BEFORE);
    sg_pair_track_free(&track);
}

static void test_mute_and_dismissal_survive(void **state)
{
    (void)state;
    enum { N = 400 };
    static struct sg_bar a[N], b[N];
    fixture_bars(8, MINUTE, N, a, b);
    struct sg_pair_params params = params_with(20);
    struct sg_bar_store store_a, store_b;
    sg_bar_store_init(&store_a, N);
    sg_bar_store_init(&store_b, N);
    struct sg_pair_track track;
    assert_int_equal(sg_pair_track_init(&track, &params, MINUTE, 0, 0), SG_OK);
    for (size_t i = 0; i < N && track.alert.side == SG_SIGNAL_NONE; i++) {
        sg_bar_store_append(&store_a, &a[i]);
        sg_bar_store_append(&store_b, &b[i]);
        push_all(&track, &a[i], &b[i], 1);
    }
    assert_int_not_equal(track.alert.side, SG_SIGNAL_NONE);
    track.alert.dismissed = true;
    track.alert.muted_until_us = 123;
    assert_int_equal(sg_pair_track_rebuild(&track, &params, MINUTE, INT64_MIN, &store_a, &store_b), SG_OK);
    assert_true(track.alert.dismissed);
    assert_int_equal(track.alert.muted_until_us, 123);
    params.entry = 50;
    assert_int_equal(sg_pair_track_rebuild(&track, &params, MINUTE, INT64_MIN, &store_a, &store_b), SG_OK);
    assert_int_equal(track.alert.side, SG_SIGNAL_NONE);
    assert_false(track.alert.dismissed);
    sg_bar_store_free(&store_a);
    sg_bar_store_free(&store_b);
    sg_pair_track_free(&track);
}

static void test_offline_refuses(void **state)
{
    (void)state;
    enum { N = 10 };
    static struct sg_bar a[N], b[N];
    fixture_bars(9, MINUTE, N, a, b);
    struct sg_offline_config config = {.params = params_with(5), .interval = SG_INTERVAL_1M};
    struct sg_offline result;
    struct sg_error error = {0};
    a[4].time_us = a[3].time_us;
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &result, &error), SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "bar 4 of leg A"));
    a[4].time_us = a[3].time_us + 17;
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &result, &error), SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "grid"));
    config.params.window = 0;
    assert_int_equal(sg_offline_run(&config, a, 0, b, 0, &result, &error), SG_ERR_INVALID);
    config.params.window = 5;
    assert_int_equal(sg_offline_run(&config, NULL, 0, b, N, &result, &error), SG_OK);
    assert_int_equal(result.history.length, 0);
    assert_int_equal(result.unmatched[SG_LEG_B], N);
    assert_int_equal(result.adf.reason, SG_REASON_NO_DATA);
    assert_true(isnan(result.adf.p_value));
    assert_true(isnan(result.half_life.bars));
    sg_offline_free(&result);
    sg_offline_free(&result);
    sg_offline_free(NULL);
}

/* Too little says how little; enough gives numbers; the sample follows ceiling and lookback. */
static void test_tests(void **state)
{
    (void)state;
    enum { N = 1200 };
    static struct sg_bar a[N], b[N];
    fixture_bars(10, MINUTE, N, a, b);
    struct sg_offline_config config = {.params = params_with(20), .interval = SG_INTERVAL_1M};
    struct sg_offline result;
    assert_int_equal(sg_offline_run(&config, a, 59, b, 59, &result, NULL), SG_OK);
    assert_int_equal(result.adf.reason, SG_REASON_WARMING_UP);
    assert_int_equal(result.adf.have, 59);
    assert_int_equal(result.adf.need, SG_ADF_MIN_BARS);
    assert_int_equal(result.half_life.reason, SG_REASON_WARMING_UP);
    sg_offline_free(&result);
    assert_int_equal(sg_offline_run(&config, a, 99, b, 99, &result, NULL), SG_OK);
    assert_int_equal(result.adf.reason, SG_REASON_NONE);
    assert_int_equal(result.engle_granger.reason, SG_REASON_WARMING_UP);
    assert_int_equal(result.engle_granger_reverse.need, SG_EG_MIN_BARS);
    sg_offline_free(&result);
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &result, NULL), SG_OK);
    assert_int_equal(result.test_bars, N);
    assert_true(result.engle_granger.p_value < 0.01); /* it reverts with phi = 0.9 */
    assert_true(result.half_life.bars > 4);
    assert_true(result.half_life.bars < 10);
    struct sg_offline limited;
    config.test_maximum = 500;
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &limited, NULL), SG_OK);
    assert_int_equal(limited.test_bars, 500);
    assert_true(limited.adf.statistic != result.adf.statistic);
    sg_offline_free(&limited);
    config.params.lookback = 300;
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &limited, NULL), SG_OK);
    assert_int_equal(limited.test_bars, 300);
    sg_offline_free(&limited);
    config.params.lookback = 50;
    assert_int_equal(sg_offline_run(&config, a, N, b, N, &limited, NULL), SG_OK);
    assert_int_equal(limited.test_bars, 500);
    sg_offline_free(&limited);
    sg_offline_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics_of_a_row),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_stale_leg),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_ceiling_keeps_what_was_known),
        cmocka_unit_test(test_stream_rebuild_offline),
        cmocka_unit_test(test_peek_changes_nothing),
        cmocka_unit_test(test_a_waiting_bar_is_not_missing),
        cmocka_unit_test(test_mute_and_dismissal_survive),
        cmocka_unit_test(test_offline_refuses),
        cmocka_unit_test(test_tests),
    };
    return cmocka_run_group_tests_name("engine/pair_track", tests, NULL, NULL);
}
