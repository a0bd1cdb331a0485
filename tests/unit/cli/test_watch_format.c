/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of `watch` against literal expectations: the contract is the text itself. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../../src/cli/watch_format_private.h"

static SgClosedBar example(void)
{
    return (SgClosedBar){
        .interval = SG_INTERVAL_1S,
        .legs = {{.time_us = 1723161256000000, .open = 61837.63, .high = 61840, .low = 61837.6, .close = 61839.99, .volume = (sg_qty)150000001, .trades = 12},
                 {.time_us = 1723161256000000, .open = 2687.2, .high = 2687.2, .low = 2687.2, .close = 2687.2, .flags = SG_BAR_FILLED}},
        .row = {.time_us = 1723161256000000},
        .grade = SG_GRADE_WEAK,
        .result = {.alpha = 0.1,
                   .beta = 23.0125,
                   .r_squared = 0.5,
                   .spread = -1.5,
                   .residual = -1.6,
                   .mean = 2,
                   .std = 3,
                   .zscore = 2.25,
                   .correlation = -0.125,
                   .signal = SG_SIGNAL_OVERBOUGHT}};
}

static const struct sg_instrument legs[SG_LEG_COUNT] = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}};

static void check_bar(enum sg_format format, const SgClosedBar *bar, const char *expected)
{
    struct sg_buffer line;
    sg_buffer_init(&line, 65536);
    sg_watch_format_bar(&line, format, legs, bar);
    assert_string_equal(line.data, expected);
    sg_buffer_free(&line);
}

static void test_json_bar(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed, a comma must not get in */
    SgClosedBar bar = example();
    check_bar(
        SG_FORMAT_JSON, &bar,
        "{\"type\":\"bar\",\"time\":1723161256000,\"interval\":\"1s\","
        "\"a\":{\"open\":61837.63,\"high\":61840,\"low\":61837.6,\"close\":61839.99,\"volume\":1.50000001,\"trades\":12,\"filled\":false,\"settled\":true},"
        "\"b\":{\"open\":2687.2,\"high\":2687.2,\"low\":2687.2,\"close\":2687.2,\"volume\":0,\"trades\":0,\"filled\":true,\"settled\":true},"
        "\"alpha\":0.1,\"beta\":23.0125,\"r_squared\":0.5,\"spread\":-1.5,\"residual\":-1.6,\"mean\":2,\"std\":3,\"zscore\":2.25,\"correlation\":-0.125,"
        "\"signal\":\"overbought\",\"grade\":\"weak\",\"reason\":null}\n");
}

/* Every statistic is there, but rests on a leg that no longer trades: its number, no signal, and why. */
static void test_stale_says_so(void **state)
{
    (void)state;
    SgClosedBar bar = example();
    bar.row.flags = SG_ROW_STALE;
    bar.result.signal = SG_SIGNAL_NONE;
    struct sg_buffer line;
    sg_buffer_init(&line, 65536);
    sg_watch_format_bar(&line, SG_FORMAT_JSON, legs, &bar);
    assert_non_null(strstr(line.data, "\"zscore\":2.25,"));
    assert_non_null(strstr(line.data, "\"signal\":\"none\",\"grade\":\"weak\",\"reason\":\"a leg is stale\"}"));
    sg_buffer_clear(&line);
    sg_watch_format_bar(&line, SG_FORMAT_TEXT, legs, &bar);
    assert_non_null(strstr(line.data, "(a leg is stale)"));
    sg_buffer_free(&line);
}

static void test_undefined_is_null_with_its_reason(void **state)
{
    (void)state;
    SgClosedBar bar = example();
    bar.result.mean = bar.result.std = bar.result.zscore = bar.result.correlation = NAN;
    bar.result.signal = SG_SIGNAL_NONE;
    bar.result.zscore_reason = bar.result.correlation_reason = SG_REASON_WARMING_UP;
    bar.result.have = 37;
    bar.result.need = 60;
    struct sg_buffer line;
    sg_buffer_init(&line, 65536);
    sg_watch_format_bar(&line, SG_FORMAT_JSON, legs, &bar);
    assert_non_null(strstr(
        line.data, "\"mean\":null,\"std\":null,\"zscore\":null,\"correlation\":null,\"signal\":\"none\",\"grade\":\"weak\",\"reason\":\"warming up 37/60\"}"));
    sg_buffer_clear(&line);
    sg_watch_format_bar(&line, SG_FORMAT_CSV, legs, &bar);
    assert_non_null(strstr(line.data, ",0.1,23.0125,0.5,-1.5,,,,,none,warming up 37/60,-1.6,true,true\n"));
    sg_buffer_free(&line);
}

static void test_text_bar(void **state)
{
    (void)state;
    SgClosedBar bar = example();
    check_bar(SG_FORMAT_TEXT, &bar,
              "2024-08-08T23:54:16Z  BTCUSDT 61839.99  ETHUSDT 2687.2=  beta 23.0125  spread -1.5000  residual -1.6000  z 2.25  corr -0.125  overbought\n");
}

static void test_csv_has_as_many_fields_as_its_header(void **state)
{
    (void)state;
    SgClosedBar bar = example();
    struct sg_buffer line;
    sg_buffer_init(&line, 65536);
    sg_watch_format_bar(&line, SG_FORMAT_CSV, legs, &bar);
    size_t header = 0, row = 0;
    for (const char *at = sg_watch_csv_header; *at; at++)
        header += *at == ',';
    for (const char *at = line.data; *at; at++)
        row += *at == ',';
    assert_int_equal(header, row);
    sg_buffer_free(&line);
}

static void test_events(void **state)
{
    (void)state;
    struct sg_buffer line;
    sg_buffer_init(&line, 65536);
    SgSessionEvent gap = {
        .code = SG_EVENT_GAP, .time_us = 2000000, .leg = SG_LEG_B, .from_us = 1000000, .to_us = 3000000, .cause = SG_GAP_DISCONNECT, .detail = "say \"what\""};
    sg_watch_format_event(&line, SG_FORMAT_JSON, legs, &gap);
    assert_string_equal(line.data, "{\"type\":\"event\",\"time\":2000,\"event\":\"gap\",\"leg\":\"b\",\"from\":1000,\"to\":3000,\"cause\":\"disconnect\","
                                   "\"detail\":\"say \\\"what\\\"\"}\n");
    sg_buffer_clear(&line);
    SgSessionEvent filled = {.code = SG_EVENT_BACKFILLED, .time_us = 2000000, .leg = SG_LEG_A, .from_us = 1000000, .to_us = 3000000, .count = 2, .detail = "x"};
    sg_watch_format_event(&line, SG_FORMAT_JSON, legs, &filled);
    assert_string_equal(line.data,
                        "{\"type\":\"event\",\"time\":2000,\"event\":\"backfilled\",\"leg\":\"a\",\"from\":1000,\"to\":3000,\"bars\":2,\"detail\":\"x\"}\n");
    sg_buffer_clear(&line);
    sg_watch_format_event(&line, SG_FORMAT_CSV, legs, &filled);
    assert_int_equal(line.length, 0);
    SgSessionEvent alert = {.code = SG_EVENT_ALERT_RAISED,
                            .time_us = 5000000,
                            .bar_time_us = 4000000,
                            .leg = -1,
                            .side = SG_SIGNAL_OVERSOLD,
                            .zscore = -2.25,
                            .threshold = 2,
                            .grade = SG_GRADE_NONE,
                            .peak = -2.25,
                            .detail = "x"};
    sg_watch_format_event(&line, SG_FORMAT_JSON, legs, &alert);
    assert_string_equal(line.data,
                        "{\"type\":\"event\",\"time\":5000,\"event\":\"alert-raised\",\"pair\":\"BTCUSDT/ETHUSDT\",\"bar_time\":4000,\"side\":\"oversold\","
                        "\"zscore\":-2.25,\"threshold\":2,\"grade\":\"none\",\"detail\":\"x\"}\n");
    sg_buffer_clear(&line);
    alert = (SgSessionEvent){.code = SG_EVENT_ALERT_CLEARED,
                             .time_us = 9000000,
                             .bar_time_us = 8000000,
                             .leg = -1,
                             .side = SG_SIGNAL_OVERSOLD,
                             .zscore = (double)NAN,
                             .threshold = 2,
                             .grade = SG_GRADE_SOME,
                             .peak = -2.5,
                             .duration_us = 4000000,
                             .detail = "x"};
    sg_watch_format_event(&line, SG_FORMAT_JSON, legs, &alert);
    assert_string_equal(line.data,
                        "{\"type\":\"event\",\"time\":9000,\"event\":\"alert-cleared\",\"pair\":\"BTCUSDT/ETHUSDT\",\"bar_time\":8000,\"side\":\"oversold\","
                        "\"zscore\":null,\"threshold\":2,\"grade\":\"some\",\"peak\":-2.5,\"duration_ms\":4000,\"detail\":\"x\"}\n");
    sg_buffer_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json_bar),
                                       cmocka_unit_test(test_stale_says_so),
                                       cmocka_unit_test(test_undefined_is_null_with_its_reason),
                                       cmocka_unit_test(test_text_bar),
                                       cmocka_unit_test(test_csv_has_as_many_fields_as_its_header),
                                       cmocka_unit_test(test_events)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
