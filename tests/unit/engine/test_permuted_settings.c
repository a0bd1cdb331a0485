/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was clicked before makes no difference: any sequence of windows, lookbacks, thresholds, methods and intervals ends in the rows that a fresh session
 * with the last settings has, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include "fixture.h"
#include "records.h"
#include "fake_source.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define RECORD_SECONDS 400

/* One market for the stream and for what the exchange says of the past: a trade in each second, its price by the second alone. */
static double price_of(int leg, int64_t second)
{
    double b = 2000.0 + (double)(second % 97) + (double)(second / 60 % 1009) / 8.0, noise = (double)(second * 7919 % 13);
    return leg == SG_LEG_A ? 100.0 + 1.5 * b + noise : b;
}

/* However far back it asks, every session is told the same. Every 29th bar the exchange does not have. Pool thread. */
static enum sg_status klines(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us, int64_t to_us,
                             struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    (void)config;
    (void)error;
    size_t count = 0;
    int64_t interval_us = sg_interval_us(interval);
    for (int64_t t = from_us; t < to_us && count < capacity; t += interval_us) {
        if (t < FIXTURE_START_US && t / interval_us % 29 == 0)
            continue;
        struct sg_bar bar = {.time_us = t, .volume = SG_QTY_ONE, .trades = 1, .flags = SG_BAR_REPAIRED};
        bar.open = bar.high = bar.low = bar.close = price_of(symbol[0] == 'B', (t + interval_us) / G_USEC_PER_SEC - 1);
        bars[count++] = bar;
    }
    *ret_count = count;
    return SG_OK;
}

static GArray *records_of_seconds(int64_t seconds)
{
    GArray *records = g_array_new(FALSE, TRUE, sizeof(struct record));
    int64_t start_us = FIXTURE_START_US - RECORDS_SKEW_US;
    records_event(records, start_us, SG_EVENT_CONNECTING, -1);
    records_event(records, start_us + 50, SG_EVENT_CONNECTED, -1);
    records_event(records, start_us + 90, SG_EVENT_SUBSCRIBED, -1);
    for (int64_t s = 0; s < seconds; s++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
            int64_t at_us = FIXTURE_START_US + s * G_USEC_PER_SEC + 5000 + leg * 1000;
            struct record record = {.tick = {.event_us = at_us,
                                             .time_us = at_us,
                                             .recv_us = at_us - RECORDS_SKEW_US + 2000,
                                             .quantity = 100,
                                             .id = 1000 + s,
                                             .price = price_of(leg, at_us / G_USEC_PER_SEC),
                                             .trades = 1,
                                             .leg = (uint8_t)leg,
                                             .kind = SG_TICK_TRADE}};
            g_array_append_val(records, record);
        }
    return records;
}

static SgSession *session_new(GArray *records, enum sg_interval interval, const struct sg_pair_params *params)
{
    fake_plan.records = records;
    fake_plan.is_recording = FALSE;
    fake_plan.burst = 0;
    fake_plan.fails = FALSE;
    struct sg_session_config config = {.source = SG_SOURCE_BINANCE,
                                       .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}},
                                       .interval = interval,
                                       .params = *params,
                                       .backfill = TRUE,
                                       .rest_url = "https://test"};
    SgSession *session = open_session(sg_session_new_with_source(&config, fake_maker, NULL));
    assert_non_null(session);
    session->fetch_klines = klines;
    assert_true(sg_session_start(session, NULL));
    return session;
}

static gboolean nothing(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static void iterate_for(guint milliseconds)
{
    gint64 deadline = g_get_monotonic_time() + milliseconds * 1000;
    guint pulse = g_timeout_add(10, nothing, NULL);
    while (g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(pulse);
}

/* Whether a bar is our own or the exchange's may differ; what it closed at, and all that is computed of that, may not. */
static const enum sg_column compared[] = {SG_COL_A_CLOSE, SG_COL_B_CLOSE, SG_COL_ALPHA, SG_COL_BETA,   SG_COL_SE_BETA,    SG_COL_R_SQUARED,
                                          SG_COL_SPREAD,  SG_COL_MEAN,    SG_COL_STD,   SG_COL_ZSCORE, SG_COL_CORRELATION};

static gboolean same_rows(const struct sg_history *one, const struct sg_history *two)
{
    size_t n = one->length;
    gboolean same = n > 0 && n == two->length && one->unsampled == two->unsampled && memcmp(one->time_us, two->time_us, n * sizeof *one->time_us) == 0;
    for (size_t c = 0; same && c < G_N_ELEMENTS(compared); c++)
        same = memcmp(one->column[compared[c]], two->column[compared[c]], n * sizeof(double)) == 0;
    return same;
}

/* They follow within a second. */
static gboolean same_tests(const SgSnapshot *one, const SgSnapshot *two)
{
    return one->test_bars == two->test_bars && memcmp(&one->engle_granger.p_value, &two->engle_granger.p_value, sizeof(double)) == 0 &&
           memcmp(&one->half_life.bars, &two->half_life.bars, sizeof(double)) == 0;
}

/* All records are in, and the rows reach as far back as they are to. */
static gboolean is_whole(const SgSnapshot *snapshot)
{
    const struct sg_history *history = snapshot->history;
    int64_t interval_us = sg_interval_us(snapshot->interval), begin_us = FIXTURE_START_US / interval_us * interval_us;
    size_t before = SG_CORE_BARS_BEFORE + sg_pair_track_warm_up(&snapshot->params);
    return history->length > 0 && history->time_us[0] <= begin_us - (int64_t)(before - 1) * interval_us && history->unsampled > 0 &&
           (snapshot->interval != SG_INTERVAL_1S || history->time_us[history->length - 1] >= FIXTURE_START_US + (RECORD_SECONDS - 5) * G_USEC_PER_SEC);
}

static void wait_whole(SgSession *session)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (!is_whole(sg_session_get_snapshot(session))) {
        assert_true(g_get_monotonic_time() < deadline);
        iterate_for(10);
    }
}

static struct sg_pair_params draw_params(uint64_t *state)
{
    static const size_t windows[] = {5, 12, 60, 700, 2000, 99999}, lookbacks[] = {SG_LOOKBACK_ALL, SG_LOOKBACK_ALL, 30, 1500};
    static const enum sg_hedge hedges[] = {SG_HEDGE_OLS, SG_HEDGE_OLS, SG_HEDGE_TLS, SG_HEDGE_KALMAN, SG_HEDGE_ROLLING, SG_HEDGE_FIXED};
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    params.window = windows[(size_t)(fixture_uniform(state) * 6)];
    params.lookback = lookbacks[(size_t)(fixture_uniform(state) * 4)];
    params.hedge = hedges[(size_t)(fixture_uniform(state) * 6)];
    params.entry = params.exit = 1.0 + fixture_uniform(state);
    params.ddof = fixture_uniform(state) < 0.5;
    if (params.hedge == SG_HEDGE_ROLLING && params.lookback == SG_LOOKBACK_ALL && params.window < SG_LOOKBACK_MIN)
        params.window = 60;
    return params;
}

static void click(SgSession *session, uint64_t *state)
{
    static const enum sg_interval intervals[] = {SG_INTERVAL_1S, SG_INTERVAL_1M, SG_INTERVAL_5M};
    if (fixture_uniform(state) < 0.4) {
        sg_session_set_interval(session, intervals[(size_t)(fixture_uniform(state) * 3)]);
    } else {
        struct sg_pair_params params = draw_params(state);
        assert_true(sg_session_set_params(session, &params, NULL));
    }
    iterate_for(fixture_uniform(state) < 0.5 ? 0 : 60); /* before its bars have come, or after */
}

static void compare(uint64_t seed)
{
    static const enum sg_interval intervals[] = {SG_INTERVAL_1S, SG_INTERVAL_1M, SG_INTERVAL_5M};
    uint64_t state = seed * 2654435761u + 7u;
    GArray *records = records_of_seconds(RECORD_SECONDS);
    struct sg_pair_params params = draw_params(&state);
    SgSession *clicked = session_new(records, intervals[seed % 3], &params);
    iterate_for(seed % 2 ? 0 : 150);
    for (int i = 0; i < 7; i++)
        click(clicked, &state);

    params = draw_params(&state);
    if (params.window > 4000) /* more than the exchange is asked for: never whole */
        params.window = 60;
    enum sg_interval interval = intervals[(size_t)(fixture_uniform(&state) * 3)];
    assert_true(sg_session_set_params(clicked, &params, NULL));
    sg_session_set_interval(clicked, interval);
    SgSession *fresh = session_new(records, interval, &params);
    wait_whole(fresh);
    wait_whole(clicked);
    const SgSnapshot *one = sg_session_get_snapshot(clicked), *two = sg_session_get_snapshot(fresh);
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (!(same_rows(one->history, two->history) && same_tests(one, two)) && g_get_monotonic_time() < deadline)
        iterate_for(20);
    assert_int_equal(one->history->length, two->history->length);
    assert_true(same_rows(one->history, two->history));
    assert_memory_equal(&one->now.beta, &two->now.beta, sizeof one->now.beta);
    assert_memory_equal(&one->now.alpha, &two->now.alpha, sizeof one->now.alpha);
    assert_memory_equal(&one->now.zscore, &two->now.zscore, sizeof one->now.zscore);
    assert_true(same_tests(one, two));
    g_object_unref(clicked);
    g_object_unref(fresh);
    g_array_free(records, TRUE);
}

static void test_any_sequence(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        compare(seed);
}

/* The case that was found: 5, 99999 and 5 again. Neither is another sample under the window: beta is the same at each of them. */
static void test_there_and_back(void **state)
{
    (void)state;
    GArray *records = records_of_seconds(RECORD_SECONDS);
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    params.window = 5;
    SgSession *session = session_new(records, SG_INTERVAL_1S, &params);
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    wait_whole(session);
    iterate_for(200);
    double beta = snapshot->now.beta, alpha = snapshot->now.alpha, zscore = snapshot->now.zscore;
    size_t fit_bars = snapshot->now.fit_bars;
    assert_true(isfinite(beta));
    assert_int_equal(fit_bars, snapshot->history->length - snapshot->history->unsampled);
    params.window = 99999;
    assert_true(sg_session_set_params(session, &params, NULL));
    gint64 deadline = g_get_monotonic_time() + DEADLINE_US;
    while (snapshot->history->length < 4000) {
        assert_true(g_get_monotonic_time() < deadline);
        iterate_for(20);
    }
    assert_true(snapshot->now.beta == beta);
    assert_true(snapshot->now.alpha == alpha);
    assert_int_equal(snapshot->now.fit_bars, fit_bars);
    params.window = 5;
    assert_true(sg_session_set_params(session, &params, NULL));
    assert_true(snapshot->now.beta == beta);
    assert_true(snapshot->now.alpha == alpha);
    assert_true(snapshot->now.zscore == zscore);
    g_object_unref(session);
    g_array_free(records, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_any_sequence),
    };
    return cmocka_run_group_tests_name("engine/permuted_settings", tests, NULL, NULL);
}
