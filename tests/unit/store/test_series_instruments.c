/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which instrument of a file is read, and that it is never another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "reading.h"

static struct sg_series_config wanting(const char *symbol)
{
    struct sg_series_config config = minute();
    config.named = true;
    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "%s", symbol);
    return config;
}

static void expect_closes(const char *path, const struct sg_series_config *config, size_t count, const double closes[])
{
    struct sg_series series = read_with(path, config);
    assert_int_equal(series.length, count);
    for (size_t i = 0; i < count; i++)
        assert_true(series.bars[i].close == closes[i]);
    sg_series_free(&series);
}

static void rows_of_one(void **state)
{
    (void)state;
    const char *path = write_text(
        "long.x", "time,symbol,close\n1700006400,AB,1\n1700006400,CD,10\n1700006460,AB,2\n1700006460,CD,20\n1700006520,CD,nonsense\n1700006520,AB,3\n");
    struct sg_series_config config = wanting("AB");
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.length, 3);
    assert_int_equal(series.rows, 3);
    assert_int_equal(series.others, 3);
    assert_true(series.by_symbol);
    assert_string_equal(series.symbol, "AB");
    sg_series_free(&series);
    config = wanting("CD");
    expect_refused_with(path, &config, SG_ERR_PARSE, "long.x:6: price \"nonsense\"");
    config = wanting("EF");
    expect_refused_with(path, &config, SG_ERR_PARSE, "it has no rows of EF; it has: AB, CD");
    expect_refused(path, "it holds several instruments: AB, CD");
    /* What the caller prefers chooses nothing: only what a person named does. */
    config = wanting("AB");
    config.named = false;
    expect_refused_with(path, &config, SG_ERR_PARSE, "it holds several instruments: AB, CD");
    /* The name of one is the name of all, however it is written. */
    path = write_text("one.x", "time,Ticker,close\n1700006400,a/b,1\n1700006460,A/B,2\n1700006520,A/B,3\n");
    const double closes[] = {1, 2, 3};
    config = wanting("AB");
    expect_closes(path, &config, 3, closes);
    config = minute();
    series = read_with(path, &config);
    assert_string_equal(series.symbol, "a/b");
    assert_false(series.by_symbol);
    sg_series_free(&series);
}

static void names_that_are_alike(void **state)
{
    (void)state;
    const char *path = write_text("alike.x", "time,symbol,close\n1700006400,BTC-USD,1\n1700006400,BTCUSD,10\n1700006460,BTC-USD,2\n1700006460,BTCUSD,20\n");
    struct sg_series_config config = wanting("BTCUSD");
    expect_closes(path, &config, 2, (const double[]){10, 20});
    config = wanting("btc-usd");
    expect_closes(path, &config, 2, (const double[]){1, 2});
    config = wanting("BTC.USD");
    expect_refused_with(path, &config, SG_ERR_PARSE, "more than one of its instruments is BTC.USD: BTC-USD, BTCUSD");
}

static void names_beyond_what_is_listed(void **state)
{
    (void)state;
    static char text[40000];
    size_t length = (size_t)snprintf(text, sizeof text, "time,ticker,close\n");
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 200; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%lld,S%d,%d.5\n", (long long)(T0 / S + row * 60), i, row * 1000 + i);
    const char *path = write_text("many.x", text);
    const double closes[] = {199.5, 1199.5, 2199.5};
    struct sg_series_config config = wanting("S199");
    expect_closes(path, &config, 3, closes);
    config = wanting("S200");
    expect_refused_with(path, &config, SG_ERR_PARSE, "it has no rows of S200; it has: S0, S1,");
    expect_refused(path, "and more");
}

static void columns_of_instruments(void **state)
{
    (void)state;
    const char *path = write_text("wide.x", "time,AA,C,volume\n1700006400,1,10,5\n1700006460,2,20,5\n");
    struct sg_series_config config = wanting("AA");
    expect_closes(path, &config, 2, (const double[]){1, 2});
    config = wanting("c");
    expect_closes(path, &config, 2, (const double[]){10, 20});
    config = wanting("NOSUCH");
    expect_refused_with(path, &config, SG_ERR_PARSE, "wide.x:1: no column is called NOSUCH; it has: time, AA, C, volume");
    expect_refused(path, "it has: time, AA, C, volume (--pair A/B names two of them)");
    config = minute();
    config.column = "C";
    expect_closes(path, &config, 2, (const double[]){10, 20});
    config.column = "D";
    expect_refused_with(path, &config, SG_ERR_PARSE, "no column of prices called \"D\"; it has: time, AA, C, volume");
    config = wanting("AA");
    expect_refused_with(write_text("twice.x", "time,AA,aa\n1700006400,1,10\n"), &config, SG_ERR_PARSE, "more than one column is called AA");
    /* The price of a lone instrument is a price, whoever asks. */
    static const char *const lone[] = {"C", "p", "price", "last", "value", "Close", "nav", "settle"};
    char text[100];
    for (size_t i = 0; i < sizeof lone / sizeof *lone; i++) {
        snprintf(text, sizeof text, "time,%s\n1700006400,1\n1700006460,2\n", lone[i]);
        config = wanting("ANY");
        expect_closes(write_text("lone.x", text), &config, 2, (const double[]){1, 2});
    }
    config = wanting("ANY");
    expect_refused_with(write_text("named.x", "time,AAPL\n1700006400,1\n"), &config, SG_ERR_PARSE, "no column is called ANY; it has: time, AAPL");
    /* A symbol that is called as a field is: the bars of its own file. */
    path = write_text("LOW.x", "t,o,h,l,c,v\n1700006400,2,4,1,3,7\n1700006460,2,5,1,3,7\n");
    config = wanting("V");
    struct sg_series series = read_with(path, &config);
    expect_bar(&series.bars[0], T0, 2, 4, 1, 3, 7, 0);
    sg_series_free(&series);
}

static void adjusted_prices(void **state)
{
    (void)state;
    const char *path =
        write_text("split.x", "Date,Open,High,Low,Close,Adj Close,Volume\n2023-11-15,8,12,6,10,5,7\n2023-11-16,8,12,6,10,5,7\n2023-11-17,4,6,3,5,5,7\n");
    struct sg_series_config config = minute();
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.form, SG_SERIES_BARS_CSV);
    expect_bar(&series.bars[0], T0, 4, 6, 3, 5, 7, 0);
    expect_bar(&series.bars[2], T0 + 2 * DAY, 4, 6, 3, 5, 7, 0);
    assert_string_equal(series.warning, "it has \"Close\" and \"Adj Close\": the adjusted prices are taken (--column chooses)");
    sg_series_free(&series);
    config.column = "close";
    series = read_with(path, &config);
    expect_bar(&series.bars[0], T0, 8, 12, 6, 10, 7, 0);
    assert_string_equal(series.warning, "");
    sg_series_free(&series);
    config.column = "adj close";
    series = read_with(path, &config);
    expect_bar(&series.bars[0], T0, 4, 6, 3, 5, 7, 0);
    sg_series_free(&series);
    config.column = "High";
    series = read_with(path, &config);
    expect_bar(&series.bars[0], T0, 12, 12, 12, 12, 7, 0);
    sg_series_free(&series);
    /* What was never quoted as a fraction of the close stays in its order: 0.3/0.1 is no whole number in binary. */
    config = minute();
    series = read_with(write_text("third.x", "Date,Open,High,Low,Close,Adj Close\n2023-11-15,0.3,0.3,0.3,0.3,0.1\n2023-11-16,0.7,0.7,0.7,0.7,0.1\n"), &config);
    for (size_t i = 0; i < 2; i++) {
        assert_true(series.bars[i].close == 0.1);
        assert_true(series.bars[i].high >= series.bars[i].open);
        assert_true(series.bars[i].low <= series.bars[i].open);
    }
    sg_series_free(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one),
        cmocka_unit_test(names_that_are_alike),
        cmocka_unit_test(names_beyond_what_is_listed),
        cmocka_unit_test(columns_of_instruments),
        cmocka_unit_test(adjusted_prices),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
