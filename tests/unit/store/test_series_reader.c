/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every form of data file, the order and spacing of rows, and what each kind of damage is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zlib.h>
#include "reading.h"

static const char KLINES[] = "1700006400000,10,12,9,11,1.5,1700006459999,16,3,0.5,5,0\n"
                             "1700006460000,11,11.5,10.5,10.75,2,1700006519999,22,4,1,11,0\n"
                             "1700006520000,10.75,13,10.5,12.25,0.00000001,1700006579999,0,1,0,0,0\n";

static void check_klines(const char *path, enum sg_series_form form)
{
    struct sg_series series = read_minutes(path);
    assert_int_equal(series.form, form);
    assert_int_equal(series.length, 3);
    assert_int_equal(series.interval_us, MINUTE);
    assert_int_equal(series.file_interval_us, MINUTE);
    assert_int_equal(series.rows, 3);
    assert_true(series.on_grid);
    expect_bar(&series.bars[0], T0, 10, 12, 9, 11, 1.5, 3);
    expect_bar(&series.bars[1], T0 + MINUTE, 11, 11.5, 10.5, 10.75, 2, 4);
    expect_bar(&series.bars[2], T0 + 2 * MINUTE, 10.75, 13, 10.5, 12.25, 1e-8, 1);
    assert_int_equal(series.gaps, 0);
    sg_series_free(&series);
    sg_series_free(&series);
}

static void archive_klines(void **state)
{
    (void)state;
    check_klines(write_text("klines.x", KLINES), SG_SERIES_KLINES_CSV);
    char text[1000];
    snprintf(text, sizeof text,
             "\xef\xbb\xbfopen_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\r\n%s", KLINES);
    check_klines(write_text("header.x", text), SG_SERIES_KLINES_CSV);
    check_klines(write_text("micro.x", "1700006400000000,10,12,9,11,1.5,1700006459999999,16,3,0.5,5,0\n"
                                       "1700006460000000,11,11.5,10.5,10.75,2,1700006519999999,22,4,1,11,0\n"
                                       "1700006520000000,10.75,13,10.5,12.25,0.00000001,1700006579999999,0,1,0,0,0"),
                 SG_SERIES_KLINES_CSV);
    check_klines(write_text("json.x", "[[1700006400000,\"10\",\"12\",\"9\",\"11\",\"1.5\",1700006459999,\"16\",3,\"0.5\",\"5\",\"0\"],\n"
                                      " [1700006460000,\"11\",\"11.5\",\"10.5\",\"10.75\",\"2\",1700006519999,\"22\",4,\"1\",\"11\",\"0\"] ,"
                                      "[1700006520000,\"10.75\",\"13\",\"10.5\",\"12.25\",\"0.00000001\",1700006579999,\"0\",1,\"0\",\"0\",\"0\"]]\n"),
                 SG_SERIES_KLINES_JSON);
}

static void six_columns(void **state)
{
    (void)state;
    struct sg_series series =
        read_minutes(write_text("six.json", " [ [1700006400000, 10.0, 12, 9, 11, 1.5],[1700006460000,11,11,11,11,0],[1700006640000,11,11,11,11,1e-3]]"));
    assert_int_equal(series.length, 3);
    expect_bar(&series.bars[0], T0, 10, 12, 9, 11, 1.5, 0);
    assert_int_equal(series.gaps, 1);
    assert_true(series.bars[2].flags & SG_BAR_AFTER_GAP);
    assert_true(series.bars[2].flags & SG_BAR_VOLUME_ESTIMATED);
    assert_int_equal(series.bars[1].flags, SG_BAR_FILLED); /* of volume 0: nothing was traded */
    sg_series_free(&series);
}

static void trades_of_all_shapes(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "1,10,0.5,5,1700006400017,true,true\n2,12,0.25,3,1700006459999,false,true\n3,9,1,9,1700006581000,true,true\n", /* spot trades */
        "id,price,qty,quote_qty,time,is_buyer_maker\n1,10,0.5,5,1700006400017,true\n2,12,0.25,3,1700006459999,false\n3,9,1,9,1700006581000,true\n", /* USD-M */
        "1,10,0.5,5,1700006400017,true\n2,12,0.25,3,1700006459999,false\n3,9,1,9,1700006581000,true\n",
        "time,price,amount\n2023-11-15T00:00:00.017Z,10,0.5\n2023-11-15 00:00:59.999,12,0.25\n2023-11-15T02:03:01.000+02:00,9,1\n",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct sg_series series = read_minutes(write_text("trades.x", shapes[i]));
        assert_int_equal(series.form, SG_SERIES_TRADES_CSV);
        assert_int_equal(series.length, 4);
        expect_bar(&series.bars[0], T0, 10, 12, 10, 12, 0.75, 2);
        expect_bar(&series.bars[1], T0 + MINUTE, 12, 12, 12, 12, 0, 0);
        expect_bar(&series.bars[2], T0 + 2 * MINUTE, 12, 12, 12, 12, 0, 0);
        expect_bar(&series.bars[3], T0 + 3 * MINUTE, 9, 9, 9, 9, 1, 1);
        assert_int_equal(series.bars[2].flags, SG_BAR_FILLED);
        assert_int_equal(series.bars[2].last_tick_us, T0 + 59999 * 1000);
        assert_int_equal(series.filled, 2);
        assert_int_equal(series.rows, 3);
        assert_string_equal(series.warning, "");
        sg_series_free(&series);
    }
    static const char *const aggregated[] = {
        "7,10,0.5,100,104,1700006400017000,True,True\n8,12,0.25,105,105,1700006459999000,False,True\n10,9,1,106,107,1700006460000000,True,True\n",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n7,10,0.5,100,104,1700006400017,true\n"
        "8,12,0.25,105,105,1700006459999,false\n8,12,0.25,105,105,1700006459999,false\n10,9,1,106,107,1700006460000,true\n",
        "7,10,0.5,100,104,1700006400017,true\n8,12,0.25,105,105,1700006459999,false\n10,9,1,106,107,1700006460000,true\n",
    };
    for (size_t i = 0; i < sizeof aggregated / sizeof *aggregated; i++) {
        struct sg_series series = read_minutes(write_text("agg.x", aggregated[i]));
        assert_int_equal(series.form, SG_SERIES_AGG_TRADES_CSV);
        assert_int_equal(series.length, 2);
        expect_bar(&series.bars[0], T0, 10, 12, 10, 12, 0.75, 6);
        expect_bar(&series.bars[1], T0 + MINUTE, 9, 9, 9, 9, 1, 2);
        assert_int_equal(series.duplicates, i == 1);
        assert_non_null(strstr(series.warning, "jump in 1 place"));
        sg_series_free(&series);
    }
}

static void aggregation_keeps_whole_bars_only(void **state)
{
    (void)state;
    char text[8000];
    size_t length = (size_t)snprintf(text, sizeof text, "time,open,high,low,close,volume\n");
    for (int i = 3; i < 27; i++) /* minutes 3 … 26, 17 missing */
        if (i != 17)
            length += (size_t)snprintf(text + length, sizeof text - length, "%lld,%d,%d,%d,%d,0.1\n", (long long)(T0 / S + i * 60), 100 + i, 103 + i, 99 + i,
                                       101 + i);
    struct sg_series_config config = minute();
    config.interval_us = 5 * MINUTE;
    config.interval_given = true;
    const char *path = write_text("minutes.x", text);
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.form, SG_SERIES_BARS_CSV);
    assert_int_equal(series.length, 3);
    expect_bar(&series.bars[0], T0 + 5 * MINUTE, 105, 112, 104, 110, 0.5, 0);
    expect_bar(&series.bars[1], T0 + 10 * MINUTE, 110, 117, 109, 115, 0.5, 0);
    expect_bar(&series.bars[2], T0 + 20 * MINUTE, 120, 127, 119, 125, 0.5, 0);
    assert_int_equal(series.incomplete, 3);
    assert_int_equal(series.gaps, 1);
    assert_int_equal(series.file_interval_us, MINUTE);
    sg_series_free(&series);

    config.start_us = T0 + 10 * MINUTE;
    config.end_us = T0 + 20 * MINUTE;
    series = read_with(path, &config);
    assert_int_equal(series.length, 1);
    assert_int_equal(series.bars[0].time_us, T0 + 10 * MINUTE);
    assert_int_equal(series.rows, 23);
    assert_int_equal(series.outside, 14);
    sg_series_free(&series);

    config = minute();
    config.interval_us = S;
    config.interval_given = true;
    expect_refused_with(path, &config, SG_ERR_INVALID, "its bars are 1m long, and the interval asked for is 1s");
    config.interval_given = false;
    series = read_with(path, &config);
    assert_int_equal(series.interval_us, MINUTE);
    assert_int_equal(series.length, 23);
    sg_series_free(&series);
    config.interval_us = 90 * S;
    config.interval_given = true;
    expect_refused_with(path, &config, SG_ERR_INVALID, "bars of 90s cannot be made of them");
}

static void daily_prices_keep_their_own_days(void **state)
{
    (void)state;
    static const char wide[] = "Date,EWA,EWC\n20060426,16.1,22.95\n20060427,15.98,NA\n20060428,16.2,23.1\n20060501,16.3,23.2\n";
    const char *path = write_text("wide.x", wide);
    struct sg_series_config config = minute();
    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "EWA");
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.form, SG_SERIES_PRICES_CSV);
    assert_int_equal(series.length, 4);
    assert_int_equal(series.interval_us, DAY);
    assert_true(series.bars[0].close == 16.1);
    assert_true(series.bars[0].time_us == INT64_C(1146009600000000));
    assert_int_equal(series.gaps, 0);
    sg_series_free(&series);

    struct sg_instrument legs[2] = {{.symbol = "EWA"}, {.symbol = "EWC"}};
    struct sg_series both[2];
    config = minute();
    assert_int_equal(sg_series_read_pair(&path, 1, legs, &config, both, NULL), SG_OK);
    assert_int_equal(both[0].length, 4);
    assert_int_equal(both[1].length, 3);
    assert_int_equal(both[1].missing, 1);
    sg_series_free(&both[0]);
    sg_series_free(&both[1]);

    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "SPY");
    expect_refused_with(path, &config, SG_ERR_PARSE, "it has: Date, EWA, EWC");
    config = minute();
    config.interval_given = true;
    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "EWA");
    expect_refused_with(path, &config, SG_ERR_INVALID, "its bars are 1d long");

    /* Of two columns the one that is no time is the price, whatever it is called and wherever it stands. */
    static const char *const two[] = {"time,nav\n2006-04-26,16.1\n2006-04-27,16.2\n", "nav,time\n16.1,2006-04-26\n16.2,2006-04-27\n"};
    for (size_t i = 0; i < 2; i++) {
        config = minute();
        assert_int_equal(sg_series_read(write_text("two.x", two[i]), &config, &series, NULL), SG_OK);
        assert_int_equal(series.length, 2);
        assert_true(series.bars[0].close == 16.1);
        assert_true(series.bars[1].close == 16.2);
        sg_series_free(&series);
    }
    config = minute();
    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "SPY");
    expect_refused_with(write_text("odd.x", "Date,E\x01WA,EWC\n"), &config, SG_ERR_PARSE,
                        "it has: Date, E?WA, EWC"); /* a terminal is shown no control characters */

    path = write_text("one.x", "Date,Close\n2006-04-26,16.1\n2006-04-27,16.2\n");
    struct sg_error error = {0};
    config = minute();
    assert_int_equal(sg_series_read_pair(&path, 1, legs, &config, both, &error), SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "one.x: it holds one series, and a pair needs two: the second file, B's, is missing"));
    assert_null(strstr(error.text, "EWA"));
}

static void two_files_get_the_longer_interval(void **state)
{
    (void)state;
    char text[20000];
    size_t length = (size_t)snprintf(text, sizeof text, "timestamp;close\n");
    for (int i = 0; i < 180; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%lld;%d\n", (long long)((T0 + i * MINUTE) / 1000), 50 + i);
    const char *files[2] = {
        write_text("m.x", text),
        write_text("h.x",
                   "\"date\",\"close\"\n\"2023-11-15 00:00\",\" 5\"\n\"2023-11-15 01:00\",\"6\"\n\"2023-11-15 02:00\",\"7\"\n\"2023-11-15 03:00\",\"7\"\n")};
    struct sg_instrument legs[2] = {{.symbol = "A"}, {.symbol = "B"}};
    struct sg_series_config config = minute();
    struct sg_series series[2];
    assert_int_equal(sg_series_read_pair(files, 2, legs, &config, series, NULL), SG_OK);
    assert_int_equal(series[0].interval_us, HOUR);
    assert_int_equal(series[0].length, 3);
    assert_true(series[0].bars[2].open == 170);
    assert_true(series[0].bars[2].close == 229);
    assert_int_equal(series[1].length, 4);
    sg_series_free(&series[0]);
    sg_series_free(&series[1]);
}

static void irregular_prices_are_ticks(void **state)
{
    (void)state;
    struct sg_series series =
        read_minutes(write_text("ticks.x", "time,price\n1700006401.5,10\n1700006402.25,11\n1700006402.25,12\n1700006500,9\n1700006500.1,8\n1700006530,8.5\n"));
    assert_int_equal(series.length, 3);
    expect_bar(&series.bars[0], T0, 10, 12, 10, 12, 0, 0);
    expect_bar(&series.bars[1], T0 + MINUTE, 9, 9, 8, 8, 0, 0);
    expect_bar(&series.bars[2], T0 + 2 * MINUTE, 8.5, 8.5, 8.5, 8.5, 0, 0);
    assert_int_equal(series.bars[0].ticks, 3);
    assert_true(series.bars[0].flags & SG_BAR_NO_VOLUME);
    sg_series_free(&series);
}

static void order_and_duplicates(void **state)
{
    (void)state;
    /* Newest first, a row twice: the same bars. */
    struct sg_series series = read_minutes(write_text(
        "down.x",
        "https://www.example.org/\n# newest first\nunix,date,symbol,open,high,low,close,volume\n"
        "1700006520,x,y,10.75,13,10.5,12.25,1\n1700006460,x,y,11,11.5,10.5,10.75,2\n1700006460,x,y,11,11.5,10.5,10.75,2\n1700006400,x,y,10,12,9,11,1.5\n"));
    assert_int_equal(series.length, 3);
    assert_int_equal(series.duplicates, 1);
    expect_bar(&series.bars[0], T0, 10, 12, 9, 11, 1.5, 0);
    expect_bar(&series.bars[2], T0 + 2 * MINUTE, 10.75, 13, 10.5, 12.25, 1, 0);
    sg_series_free(&series);

    static const char back[] = "time,open,high,low,close\n1700006400,1,1,1,1\n1700006460,1,1,1,1\n1700006520,2,2,2,2\n1700006460,3,3,3,3\n1700006580,1,1,1,1\n";
    expect_refused(write_text("back.x", back), "back.x:5: its time 2023-11-15T00:01:00Z is before that of the row before it, 2023-11-15T00:02:00Z");
    expect_refused(write_text("twice.x", "time,open,high,low,close\n1700006400,1,1,1,1\n1700006400,2,2,2,2\n"),
                   "twice.x:3: a second row for 2023-11-15T00:00:00Z");
    expect_refused(write_text("ids.x", "5,10,0.5,5,1700006400017,true\n4,12,0.25,3,1700006459999,false\n"), "ids.x:2: trade id 4 comes after 5");
    expect_refused(write_text("tback.x", "4,10,0.5,5,1700006460017,true\n5,12,0.25,3,1700006459999,false\n"), "tback.x:2: its time");

    struct sg_series_config config = minute();
    config.skip_bad = true;
    series = read_with(write_text("back.x", back), &config);
    assert_int_equal(series.length, 4);
    assert_int_equal(series.bad, 1);
    assert_non_null(strstr(series.first_bad, "back.x:5: its time"));
    sg_series_free(&series);
}

/* Which line, which value, and both of them: also where rows are kept back until their spacing is known. */
static void two_rows_for_one_time(void **state)
{
    (void)state;
    expect_refused(write_text("bars.x", "time,open,high,low,close,volume\n1700006400,1,4,1,2,5\n1700006400,1,4,0.5,2,5\n"),
                   "bars.x:3: a second row for 2023-11-15T00:00:00Z, with other values: its low is 0.5, and 1 in the row before it");
    expect_refused(write_text("amount.x", "time,open,high,low,close,volume\n1700006400,1,4,1,2,5\n1700006400,1,4,1,2,5.25\n"),
                   "amount.x:3: a second row for 2023-11-15T00:00:00Z, with other values: its volume is 5.25, and 5 in the row before it");
    static const char prices[] =
        "time,close\n1700006400,1\n1700006460,2\n1700006460,2.5\n1700006520,3\n1700006520,4\n1700006520,5\n1700006580,6\n1700006640,7\n1700006700,8\n";
    const char *path = write_text("prices.x", prices);
    expect_refused(path, "prices.x:4: a second row for 2023-11-15T00:01:00Z, with other values: its close is 2.5, and 2 in the row before it");
    struct sg_series_config config = minute();
    config.skip_bad = true;
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.form, SG_SERIES_PRICES_CSV);
    assert_int_equal(series.length, 6);
    assert_int_equal(series.rows, 6);
    assert_int_equal(series.bad, 3);
    assert_non_null(strstr(series.first_bad, "prices.x:4: a second row"));
    const double closes[] = {1, 2, 3, 6, 7, 8};
    for (int i = 0; i < 6; i++) {
        assert_true(series.bars[i].time_us == T0 + i * MINUTE);
        assert_true(series.bars[i].close == closes[i]);
    }
    sg_series_free(&series);
    expect_refused(write_text("json8", "[[1700006400000,10,12,9,11,1.5],[1700006400000,10,12,9,10,1.5]]"),
                   "json8:row 2: a second row for 2023-11-15T00:00:00Z, with other values: its close is 10, and 11");

    /* Longer than what is kept back, in both orders; the last rows come after it. */
    static char text[80000];
    for (int down = 0; down < 2; down++) {
        size_t length = (size_t)snprintf(text, sizeof text, "time,close\n");
        for (int i = 0; i < 1500; i++) {
            long long at = T0 / S + (down ? 1500 - i : i) * 60;
            length += (size_t)snprintf(text + length, sizeof text - length, "%lld,%d\n", at, 50 + i);
            if (i == 700 || i == 1400)
                length += (size_t)snprintf(text + length, sizeof text - length, "%lld,9\n", at);
        }
        path = write_text("long.x", text);
        expect_refused(path, "long.x:703: a second row for ");
        series = read_with(path, &config);
        assert_int_equal(series.length, 1500);
        assert_int_equal(series.bad, 2);
        assert_int_equal(series.gaps, 0);
        sg_series_free(&series);
    }
    /* Irregular prices, newest first: no row to skip, but the whole file. */
    size_t length = (size_t)snprintf(text, sizeof text, "time,close\n");
    for (int i = 0; i < 1500; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%lld.%d,%d\n", (long long)(T0 / S) - i * 7 - i % 3, 1 + i % 5, 50 + i);
    expect_refused_with(write_text("falling.x", text), &config, SG_ERR_INVALID, "falling.x: prices at irregular times must be in ascending order");
}

static void times_that_change_their_unit(void **state)
{
    (void)state;
    /* December in milliseconds and January in microseconds, one file made of both. */
    const char *path = write_text("glued.x", "1700006400000,10,12,9,11,1.5,1700006459999,16,3,0.5,5,0\n"
                                             "1700006460000000,11,11.5,10.5,10.75,2,1700006519999999,22,4,1,11,0\n"
                                             "1700006520000000,10.75,13,10.5,12.25,0.00000001,1700006579999999,0,1,0,0,0\n");
    check_klines(path, SG_SERIES_KLINES_CSV);
    struct sg_series series = read_minutes(path);
    assert_string_equal(series.warning, "its times change from milliseconds to microseconds at line 2: each row is read in its own unit");
    sg_series_free(&series);
    series = read_minutes(
        write_text("glued.json", "[[1700006400,10,12,9,11,1.5],[1700006460,10,12,9,11,1.5],[1700006520000,10,12,9,11,1.5],[1700006580,10,12,9,11,1.5]]"));
    assert_int_equal(series.length, 4);
    assert_int_equal(series.gaps, 0);
    assert_string_equal(series.warning, "its times change from seconds to milliseconds at row 3, and again further down: each row is read in its own unit");
    sg_series_free(&series);
    series = read_minutes(write_text("glued.trades", "1,10,0.5,5,1700006400017,true\n3,12,0.25,3,1700006459999000,false\n"));
    assert_int_equal(series.length, 1);
    assert_string_equal(series.warning, "the trade ids jump in 1 places: trades are missing from the file; "
                                        "its times change from milliseconds to microseconds at line 2: each row is read in its own unit");
    sg_series_free(&series);
    series = read_minutes(write_text("glued.prices", "time,close\n2023-11-15,1\n20231116,\n1700179200000000000,3\n1700265600000000000,3\n"));
    assert_int_equal(series.length, 3);
    assert_int_equal(series.missing, 1);
    assert_string_equal(series.warning, "its times change from dates to nanoseconds at line 4: each row is read in its own unit");
    sg_series_free(&series);
    series = read_minutes(write_text("klines.x", KLINES));
    assert_string_equal(series.warning, "");
    sg_series_free(&series);
}

static void malformed_rows(void **state)
{
    (void)state;
    static const struct {
        const char *row, *reason;
    } rows[] = {
        {"1700006460000,11,11.5,10.5\n", "klines.x:2: 4 columns instead of 12"},
        {"1700006460000,11,11,5,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: 13 columns instead of 12"},
        {"1700006460000,x,11.5,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: open \"x\" is not a number"},
        {"1700006460000,\"11,5\",12,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: open \"11,5\" is not a number: the decimal mark is a point"},
        {"1700006460000,11,nan,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: high \"nan\" is not a number"},
        {"1700006460000,11,11.5,-1,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: low \"-1\" is not above zero"},
        {"1700006460000,11,11.5,10.5,0,2,1700006519999,22,4,1,11,0\n", "is not above zero"},
        {"1700006460000,11,11.5,10.5,1e300,2,1700006519999,22,4,1,11,0\n", "is too large"},
        {"1700006460000,11,10,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: high is below open or close"},
        {"1700006460000,11,12,10.9,10.75,2,1700006519999,22,4,1,11,0\n", "klines.x:2: low is above open or close"},
        {"1700006460000,11,11.5,10.5,10.75,-2,1700006519999,22,4,1,11,0\n", "volume \"-2\" is below zero"},
        {"1.70027E+12,11,11.5,10.5,10.75,2,1.70027E+12,22,4,1,11,0\n", "time \"1.70027E+12\" has lost its last digits"},
        {"17000,11,11.5,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "time \"17000\" is no date"},
        {"1700006460000,11,11.5,10.5,10.75,2,1700006460000,22,4,1,11,0\n", "close time is not after"},
        {"1700006460000,11,11.5,10.5,10.75,2,1700006519999,22,-4,1,11,0\n", "number of trades \"-4\""},
        {"\"1700006460000,11,11.5,10.5,10.75,2,1700006519999,22,4,1,11,0\n", "a quotation mark is opened"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        snprintf(text, sizeof text, "%.*s%s%s", (int)(strchr(KLINES, '\n') + 1 - KLINES), KLINES, rows[i].row, strchr(strchr(KLINES, '\n') + 1, '\n') + 1);
        const char *path = write_text("klines.x", text);
        expect_refused(path, rows[i].reason);
        struct sg_series_config config = minute();
        config.skip_bad = true;
        struct sg_series series = read_with(path, &config);
        assert_int_equal(series.length, 2);
        assert_int_equal(series.bad, 1);
        assert_int_equal(series.gaps, 1);
        assert_non_null(strstr(series.first_bad, rows[i].reason + (strncmp(rows[i].reason, "klines.x", 8) == 0 ? 12 : 0)));
        sg_series_free(&series);
    }
    expect_refused(write_text("json1", "[[1700006400000,10,12,9,11,1.5],[1700006460000,11,11,11,x,0]]"), "json1:row 2: close \"x\" is not a number");
    expect_refused(write_text("json2", "[[1700006400000,10,12,9,11,1.5],[1700006460000,11,11,"), "row 2: the file ends in the middle");
    expect_refused(write_text("json3", "[[1700006400000,10,12,9,11,1.5]\n\n{"), "line 3, row 1: ',' or ']' expected instead of '{'");
    expect_refused(write_text("json4", "[[1700006400000,10,12,9,11,1.5]] x"), "the end of the file expected instead of 'x'");
    expect_refused(write_text("json5", "[[1700006400000,10,12,9,11]]"), "row 1: 5 values instead of 6 or 12");
    expect_refused(write_text("json6", "[[1700006400000,[10],12,9,11,1]]"), "a number or a string expected instead of '['");
    expect_refused(write_text("json7", "[]"), "there are no rows");
}

static void files_that_are_not_what_they_claim(void **state)
{
    (void)state;
    expect_refused(write_bytes("picture.csv", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), "it is a PNG picture");
    expect_refused(write_text("empty.csv", ""), "the file is empty");
    expect_refused(write_text("white.csv", " \n \n"), "white space");
    expect_refused(write_text("only.csv", "time,close\n"), "there are no rows");
    expect_refused(write_text("cr.csv", "time,close\r1700000000000,1\r1700000060000,2\r"), "its lines end in CR alone");
    expect_refused(write_bytes("binary.csv", "a,b\n\0\1\2\3", 8), "it is not text");
    expect_refused(write_text("page.csv", "<!doctype html><html>"), "web page");
    expect_refused(write_text("notime.csv", "open,close\n1,2\n"), "no column of the header is a time");
    expect_refused(write_text("noprice.csv", "time,foo,bar\n1,2,3\n"), "no column of the header is a price");
    expect_refused(write_text("four.csv", "1700006400000,1,2,3\n"), "4 columns and no header line");
    expect_refused(write_text("other.csv", "1546300800,23741.687033,3701.23,3797.14,3642,3797.14\n"), "are the columns in another order?");
    expect_refused(write_text("objects.json", "[\n{\"a\":1}]"), "not one of klines");
    struct sg_series_config config = minute();
    expect_refused_with(write_text("messages", "{\"e\":\"trade\"}\n"), &config, SG_ERR_UNSUPPORTED, "it is a recording");
    expect_refused_with(folder, &config, SG_ERR_IO, "folder");
    config.maximum_bars = 2;
    expect_refused_with(write_text("klines.x", KLINES), &config, SG_ERR_RANGE, "more than 2 bars");
    config = minute();
    config.interval_us = 0;
    expect_refused_with(write_text("klines.x", KLINES), &config, SG_ERR_INVALID, "interval");
    struct sg_series series;
    struct sg_error error = {0};
    assert_int_equal(sg_series_read("/nonexistent/file", &config, &series, &error), SG_ERR_INVALID);
    config = minute();
    assert_int_equal(sg_series_read("/nonexistent/file", &config, &series, &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, "/nonexistent/file: No such file"));
}

static void put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *at, unsigned long value)
{
    put16(at, (unsigned)(value & 0xffff));
    put16(at + 2, (unsigned)(value >> 16 & 0xffff));
}

/* A zip archive with the given members, packed by `method` (0 or 8). Returns its length. */
static size_t make_zip(unsigned char *zip, const char *const *names, const char *const *texts, size_t count, unsigned method, unsigned flags)
{
    size_t length = 0, directory_length = 0;
    unsigned char directory[2000] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]), offset = length, name = strlen(names[i]);
        unsigned char packed[4000];
        size_t packed_size = size;
        memcpy(packed, texts[i], size);
        if (method == 8) {
            z_stream stream = {0};
            assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
            stream.next_in = (unsigned char *)(uintptr_t)texts[i];
            stream.avail_in = (unsigned)size;
            stream.next_out = packed;
            stream.avail_out = sizeof packed;
            assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
            packed_size = stream.total_out;
            deflateEnd(&stream);
        }
        unsigned char *local = zip + length;
        memset(local, 0, 30);
        put32(local, 0x04034b50u);
        put16(local + 6, flags);
        put16(local + 8, method);
        put32(local + 14, crc32(0, (const unsigned char *)texts[i], (unsigned)size));
        put32(local + 18, packed_size);
        put32(local + 22, size);
        put16(local + 26, (unsigned)name);
        memcpy(local + 30, names[i], name);
        memcpy(local + 30 + name, packed, packed_size);
        length += 30 + name + packed_size;
        unsigned char *entry = directory + directory_length;
        put32(entry, 0x02014b50u);
        put16(entry + 8, flags);
        put16(entry + 10, method);
        put32(entry + 16, crc32(0, (const unsigned char *)texts[i], (unsigned)size));
        put32(entry + 20, packed_size);
        put32(entry + 24, size);
        put16(entry + 28, (unsigned)name);
        put32(entry + 42, offset);
        memcpy(entry + 46, names[i], name);
        directory_length += 46 + name;
    }
    memcpy(zip + length, directory, directory_length);
    unsigned char *end = zip + length + directory_length;
    memset(end, 0, 22);
    put32(end, 0x06054b50u);
    put16(end + 8, (unsigned)count);
    put16(end + 10, (unsigned)count);
    put32(end + 12, directory_length);
    put32(end + 16, length);
    return length + directory_length + 22;
}

static void zip_archives(void **state)
{
    (void)state;
    unsigned char zip[10000];
    const char *const one[] = {"BTC.csv"}, *const text[] = {KLINES};
    for (unsigned method = 0; method <= 8; method += 8) {
        size_t length = make_zip(zip, one, text, 1, method, 0);
        check_klines(write_bytes("good.x", zip, length), SG_SERIES_KLINES_CSV);
        /* Cut anywhere, it is refused; a byte of the data changed, too. */
        for (size_t cut = 1; cut < length; cut++) {
            struct sg_series series;
            struct sg_series_config config = minute();
            assert_int_not_equal(sg_series_read(write_bytes("cut.x", zip, cut), &config, &series, NULL), SG_OK);
        }
        for (size_t at = 30 + 7; at < length - 22 - 46 - 7; at++) {
            struct sg_series series;
            struct sg_series_config config = minute();
            zip[at] ^= 0x10;
            assert_int_not_equal(sg_series_read(write_bytes("flip.x", zip, length), &config, &series, NULL), SG_OK);
            zip[at] ^= 0x10;
        }
    }
    const char *const names[] = {"__MACOSX/x.csv", "readme.md", "a.CSV", "folder/"}, *const texts[] = {"junk", "hello", KLINES, ""};
    check_klines(write_bytes("several.x", zip, make_zip(zip, names, texts, 4, 8, 0)), SG_SERIES_KLINES_CSV);
    const char *const two[] = {"a.csv", "b.csv"}, *const two_texts[] = {KLINES, KLINES};
    expect_refused(write_bytes("two.x", zip, make_zip(zip, two, two_texts, 2, 8, 0)), "holds 2 data files");
    expect_refused(write_bytes("none.x", zip, make_zip(zip, names + 3, texts + 3, 1, 0, 0)), "holds no data file");
    expect_refused(write_bytes("zero.x", zip, make_zip(zip, names, texts, 0, 0, 0)), "holds no data file");
    const char *const picture[] = {"\x89PNG"};
    expect_refused(write_bytes("png.x", zip, make_zip(zip, one, picture, 1, 0, 0)), "it is a PNG picture");
    struct sg_series_config config = minute();
    expect_refused_with(write_bytes("locked.x", zip, make_zip(zip, one, text, 1, 8, 1)), &config, SG_ERR_UNSUPPORTED, "encrypted");
    size_t length = make_zip(zip, one, text, 1, 8, 0);
    put16(zip + 8, 6);
    put16(zip + length - 22 - 46 - 7 + 10, 6);
    expect_refused_with(write_bytes("imploded.x", zip, length), &config, SG_ERR_UNSUPPORTED, "method");
}

static void gzip_files(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/klines.gz", folder);
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    gzwrite(gz, KLINES, sizeof KLINES - 1);
    assert_int_equal(gzclose(gz), Z_OK);
    check_klines(path, SG_SERIES_KLINES_CSV);
    FILE *file = fopen(path, "rb");
    unsigned char bytes[1000];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 11; cut < size; cut++)
        expect_refused(write_bytes("cut.gz", bytes, cut), "break off");
    bytes[size - 6] ^= 1;
    expect_refused(write_bytes("bad.gz", bytes, size), "damaged");
}

struct calls {
    unsigned count;
    uint64_t last, total;
    unsigned stop_at;
};

static bool count_calls(void *context, uint64_t bytes_read, uint64_t bytes_total)
{
    struct calls *calls = context;
    assert_true(bytes_read > calls->last);
    assert_true(bytes_read <= bytes_total);
    calls->last = bytes_read;
    calls->total = bytes_total;
    return ++calls->count != calls->stop_at;
}

static void a_long_file_tells_progress_and_can_be_cancelled(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/long.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%lld,10,12,9,11,1.5,%lld,16,3,0.5,5,0\n", (long long)(T0 / 1000 + i * 60000LL), (long long)(T0 / 1000 + i * 60000LL + 59999));
    fclose(file);
    struct calls calls = {0};
    struct sg_series_config config = minute();
    config.interval_us = HOUR;
    config.progress = count_calls;
    config.progress_context = &calls;
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.length, 100000 / 60);
    assert_int_equal(series.incomplete, 1);
    assert_true(calls.count >= 3);
    sg_series_free(&series);
    calls = (struct calls){.stop_at = 2};
    expect_refused_with(path, &config, SG_ERR_CANCELLED, "cancelled");
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_klines),
        cmocka_unit_test(six_columns),
        cmocka_unit_test(trades_of_all_shapes),
        cmocka_unit_test(aggregation_keeps_whole_bars_only),
        cmocka_unit_test(daily_prices_keep_their_own_days),
        cmocka_unit_test(two_files_get_the_longer_interval),
        cmocka_unit_test(irregular_prices_are_ticks),
        cmocka_unit_test(order_and_duplicates),
        cmocka_unit_test(two_rows_for_one_time),
        cmocka_unit_test(times_that_change_their_unit),
        cmocka_unit_test(malformed_rows),
        cmocka_unit_test(files_that_are_not_what_they_claim),
        cmocka_unit_test(zip_archives),
        cmocka_unit_test(gzip_files),
        cmocka_unit_test(a_long_file_tells_progress_and_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
