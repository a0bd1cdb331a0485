/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/market/instrument.h"

static void test_names_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < SG_INTERVAL_COUNT; i++) {
        enum sg_interval interval;

        assert_int_equal(sg_interval_parse(sg_interval_name((enum sg_interval)i), &interval), SG_OK);
        assert_int_equal(interval, i);
    }
    for (int i = SG_STREAM_TICKER; i <= SG_STREAM_BOOK; i++) {
        enum sg_stream stream;

        assert_int_equal(sg_stream_parse(sg_stream_name((enum sg_stream)i), &stream), SG_OK);
        assert_int_equal(stream, i);
    }
    for (int i = SG_MARKET_SPOT; i <= SG_MARKET_USDM; i++) {
        enum sg_market market;

        assert_int_equal(sg_market_parse(sg_market_name((enum sg_market)i), &market), SG_OK);
        assert_int_equal(market, i);
    }
}

static void test_intervals(void **state)
{
    enum sg_interval interval = SG_INTERVAL_5M;

    (void)state;
    assert_true(sg_interval_us(SG_INTERVAL_1S) == 1000000);
    assert_true(sg_interval_us(SG_INTERVAL_15M) == INT64_C(900000000));
    assert_true(sg_interval_us(SG_INTERVAL_30M) == INT64_C(1800000000));
    assert_true(sg_interval_us(SG_INTERVAL_1H) == INT64_C(3600000000));
    assert_true(sg_interval_us(SG_INTERVAL_2H) == INT64_C(7200000000));
    assert_true(sg_interval_us(SG_INTERVAL_4H) == INT64_C(14400000000));
    assert_true(sg_interval_us(SG_INTERVAL_1D) == INT64_C(86400000000));
    /* The resampler relies on every interval being whole ones of the interval before. */
    for (int i = 1; i < SG_INTERVAL_COUNT; i++) {
        assert_true(sg_interval_us((enum sg_interval)i) % sg_interval_us((enum sg_interval)(i - 1)) == 0);
    }
    /* What is told a person, and what is completed, is the table. */
    char spoken[128] = "", choice[128] = "";
    for (int i = 0; i < SG_INTERVAL_COUNT; i++) {
        const char *name = sg_interval_name((enum sg_interval)i);

        snprintf(spoken + strlen(spoken), sizeof spoken - strlen(spoken), "%s%s", i == 0 ? "" : i == SG_INTERVAL_1D ? " or " : ", ", name);
        snprintf(choice + strlen(choice), sizeof choice - strlen(choice), "%s%s", i > 0 ? "|" : "", name);
    }
    assert_string_equal(spoken, SG_INTERVALS_SPOKEN " or 1d");
    assert_string_equal(choice, SG_INTERVALS_CHOICE);
    assert_int_equal(sg_interval_parse("1M", &interval), SG_ERR_PARSE); /* a month, at the exchange */
    assert_int_equal(sg_interval_parse("", &interval), SG_ERR_PARSE);
    assert_int_equal(sg_interval_parse("1s ", &interval), SG_ERR_PARSE);
    assert_int_equal(interval, SG_INTERVAL_5M);
}

static void test_pair(void **state)
{
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_error error;

    (void)state;
    assert_int_equal(sg_pair_parse("btcusdt/EthUsdt", SG_MARKET_USDM, legs, &error), SG_OK);
    assert_string_equal(legs[SG_LEG_A].symbol, "BTCUSDT");
    assert_string_equal(legs[SG_LEG_B].symbol, "ETHUSDT");
    assert_int_equal(legs[SG_LEG_B].market, SG_MARKET_USDM);
    assert_int_equal(sg_pair_parse("\xE5\xB8\x81USDT/BTCUSDT_240628", SG_MARKET_SPOT, legs, &error), SG_OK);
    assert_string_equal(legs[SG_LEG_A].symbol, "\xE5\xB8\x81USDT");
    assert_string_equal(legs[SG_LEG_B].symbol, "BTCUSDT_240628");
}

/* A leg that names its market, whatever the market of the pair; what is written is read back. */
static void test_pair_of_two_markets(void **state)
{
    static const struct {
        const char *text;
        enum sg_market given, a, b;
        const char *back;
    } rows[] = {
        {"BTCUSDT/usdm:BTCUSDT", SG_MARKET_SPOT, SG_MARKET_SPOT, SG_MARKET_USDM, "BTCUSDT/usdm:BTCUSDT"},
        {"usdm:ethusdt/btcusdt", SG_MARKET_SPOT, SG_MARKET_USDM, SG_MARKET_SPOT, "usdm:ETHUSDT/BTCUSDT"},
        {"spot:ETHUSDT/BTCUSDT", SG_MARKET_USDM, SG_MARKET_SPOT, SG_MARKET_USDM, "spot:ETHUSDT/BTCUSDT"},
        {"usdm:ETHUSDT/usdm:BTCUSDT", SG_MARKET_USDM, SG_MARKET_USDM, SG_MARKET_USDM, "ETHUSDT/BTCUSDT"},
    };
    struct sg_instrument legs[SG_LEG_COUNT];
    char text[SG_PAIR_BUF];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sg_pair_parse(rows[i].text, rows[i].given, legs, NULL), SG_OK);
        assert_int_equal(legs[SG_LEG_A].market, rows[i].a);
        assert_int_equal(legs[SG_LEG_B].market, rows[i].b);
        assert_int_equal(sg_pair_format(legs, rows[i].given, text), strlen(rows[i].back));
        assert_string_equal(text, rows[i].back);
    }
    assert_int_equal(sg_pair_parse("usdm:BTCUSDT/btcusdt", SG_MARKET_USDM, legs, NULL), SG_ERR_INVALID);
    /* For a person the market is there when it tells the legs apart, on both of them. */
    assert_int_equal(sg_pair_parse("BTCUSDT/usdm:BTCUSDT", SG_MARKET_SPOT, legs, NULL), SG_OK);
    assert_string_equal(sg_leg_name(legs, SG_LEG_A, text), "spot:BTCUSDT");
    assert_string_equal(sg_leg_name(legs, SG_LEG_B, text), "usdm:BTCUSDT");
    assert_int_equal(sg_pair_parse("BTCUSDT/ETHUSDT", SG_MARKET_USDM, legs, NULL), SG_OK);
    assert_string_equal(sg_leg_name(legs, SG_LEG_B, text), "ETHUSDT");
}

static void test_pair_refusals(void **state)
{
    static const char *const bad[] = {
        "",
        "BTCUSDT",
        "/",
        "BTCUSDT/",
        "/ETHUSDT",
        "A/B/C",
        "BTC USDT/ETHUSDT",
        "A\"/B",
        "A'/B",
        "A?x/B",
        "A/B&c",
        "A/B%20",
        "A/B#",
        "A@trade/B",
        "A\n/B",
        "A\x7f/B",
        "A/B\x01",
        "A,B/C",
        "A\\/B",
        "coinm:A/B",
        "A/usdm:",
        ":A/B",
        "usdm:/B",
        "A/spot:usdm:B",
        "USDM:A/B",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/B", /* 64 bytes */
    };
    struct sg_instrument legs[SG_LEG_COUNT] = {{"KEPT", SG_MARKET_SPOT}, {"KEPT", SG_MARKET_SPOT}};
    struct sg_error error;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error.text[0] = '\0';
        if (sg_pair_parse(bad[i], SG_MARKET_SPOT, legs, &error) != SG_ERR_PARSE) {
            fail_msg("accepted: '%s'", bad[i]);
        }
        assert_true(strlen(error.text) > 20);
    }
    assert_int_equal(sg_pair_parse("BTCUSDT/btcusdt", SG_MARKET_SPOT, legs, &error), SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "BTCUSDT"));
    assert_int_equal(sg_pair_parse("A/A", SG_MARKET_SPOT, legs, NULL), SG_ERR_INVALID);
    assert_string_equal(legs[SG_LEG_A].symbol, "KEPT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_round_trip),    cmocka_unit_test(test_intervals),     cmocka_unit_test(test_pair),
        cmocka_unit_test(test_pair_of_two_markets), cmocka_unit_test(test_pair_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
