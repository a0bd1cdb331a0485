/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded files of others: counts, spans and values against what stands in their description or comes out of other tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "spreadglass/store/series_reader.h"

#define S INT64_C(1000000)

static const char *shared;
static char unpacked[] = "/tmp/sg-samples-XXXXXX";

static const char *sample(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/data/%s", shared, name);
    return path;
}

/* Unpacks an .xz sample with the xz command; NULL when there is none. */
static const char *sample_xz(const char *name)
{
    char command[1200];
    static char path[128];
    snprintf(path, sizeof path, "%s/file", unpacked);
    snprintf(command, sizeof command, "xz -dc '%s' > %s 2>/dev/null", sample(name), path);
    return system(command) == 0 ? path : NULL;
}

static struct sg_series read_interval(const char *path, int64_t interval_us, bool given)
{
    struct sg_series_config config = {.interval_us = interval_us, .interval_given = given, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    struct sg_series series = {0};
    struct sg_error error = {0};
    enum sg_status status = sg_series_read(path, &config, &series, &error);
    if (status != SG_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, SG_OK);
    return series;
}

static void expect_refused(const char *path, const char *reason)
{
    struct sg_series_config config = {.interval_us = 60 * S, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    struct sg_series series;
    struct sg_error error = {0};
    assert_int_not_equal(sg_series_read(path, &config, &series, &error), SG_OK);
    if (!strstr(error.text, reason))
        print_message("expected \"%s\" in \"%s\"\n", reason, error.text);
    assert_non_null(strstr(error.text, reason));
}

static void archives_of_the_exchange(void **state)
{
    (void)state;
    struct sg_series series = read_interval(sample("vision/um/klines/BTCUSDT/1h/BTCUSDT-1h-2023-06.zip"), 60 * S, false);
    assert_int_equal(series.length, 720);
    assert_int_equal(series.interval_us, 3600 * S);
    assert_int_equal(series.form, SG_SERIES_KLINES_CSV);
    assert_int_equal(series.bars[0].time_us, INT64_C(1685577600000000));
    assert_true(series.bars[0].open == 27201.10);
    assert_true(series.bars[0].high == 27347.90);
    assert_true(series.bars[0].low == 27008.10);
    assert_true(series.bars[0].close == 27059.80);
    assert_true(series.bars[0].volume == (sg_qty)3363956900000);
    assert_true(series.bars[0].trades == 256082);
    assert_int_equal(series.bars[719].time_us, INT64_C(1688166000000000));
    assert_int_equal(series.gaps, 0);
    sg_series_free(&series);

    series = read_interval(sample("vision/um/klines/BCHUSDT/5m/BCHUSDT-5m-2025-09.zip"), 60 * S, false);
    assert_int_equal(series.length, 8640);
    assert_int_equal(series.interval_us, 300 * S);
    assert_true(series.bars[0].close == 542.39);
    sg_series_free(&series);
    series = read_interval(sample("vision/um/klines/BCHUSDT/5m/BCHUSDT-5m-2025-09.zip"), 3600 * S, true);
    assert_int_equal(series.length, 720);
    assert_int_equal(series.incomplete, 0);
    sg_series_free(&series);

    series = read_interval(sample("klines_5m/BTC_USDT-5m.json.xz"), 60 * S, false); /* freqtrade's */
    assert_int_equal(series.length, 65741);
    assert_int_equal(series.interval_us, 300 * S);
    assert_int_equal(series.form, SG_SERIES_KLINES_JSON);
    assert_int_equal(series.bars[0].time_us, INT64_C(1606780800000000));
    assert_true(series.bars[0].close == 19607.03);
    assert_int_equal(series.bars[65740].time_us, INT64_C(1626555900000000));
    assert_true(series.bars[65740].high == 31726.19);
    assert_int_equal(series.gaps, 6);
    sg_series_free(&series);

    series = read_interval(sample("vision/spot/BTCUSDT-1m-2026-09-15.head.csv"), 60 * S, false);
    assert_int_equal(series.length, 4);
    assert_int_equal(series.bars[0].time_us, INT64_C(1789430400000000));
    assert_true(series.bars[3].close == 78218.5);
    sg_series_free(&series);

    series = read_interval(sample("vision/spot/BTCUSDT-aggTrades-2026-09-15.head.csv"), S, true);
    assert_int_equal(series.form, SG_SERIES_AGG_TRADES_CSV);
    assert_int_equal(series.length, 1);
    assert_int_equal(series.bars[0].trades, 7);
    assert_true(series.bars[0].volume == (sg_qty)3153000);
    assert_int_equal(series.bars[0].last_tick_us, INT64_C(1789430400830198));
    sg_series_free(&series);

    expect_refused(sample("vision/spot/BTCUSDT-1h-2023-11-18.csv"), ":2: time \"1.70027E+12\" has lost its last digits");
    expect_refused(sample("vision/spot/FXSUSDT-2023-11-17.csv"), "5 columns and no header line");
    expect_refused(sample("rest/binance_BTCUSDT_24h_2019_01_01_2020_01_01.csv"), "are the columns in another order?");
    expect_refused(sample("vision/um/premiumIndexKlines/BTCUSDT/1h/BTCUSDT-1h-2023-06.zip"), "is not above zero");
    expect_refused(sample("lean/binance_minute_btcbusd_20221213_trade.zip"), "time \"0\" is no date");
    expect_refused(sample("ws/hftbacktest/spot/btcusdt_20240808.gz"), "it is a recording");
}

static void minutes_of_a_month(void **state)
{
    (void)state;
    const char *path = sample_xz("klines_1m/BTC_USDT-1m.2021-04-20_2021-05-20.json.xz");
    if (!path) {
        print_message("SKIP: no xz command here\n");
        skip();
    }
    struct sg_series series = read_interval(path, 60 * S, true);
    assert_int_equal(series.form, SG_SERIES_KLINES_JSON);
    assert_int_equal(series.length, 42915);
    assert_int_equal(series.bars[0].time_us, INT64_C(1618951320000000));
    assert_int_equal(series.bars[42914].time_us, INT64_C(1621543200000000));
    assert_true(series.bars[0].open == 56738.76);
    assert_true(series.bars[0].close == 56813.98);
    assert_int_equal(series.gaps, 1);
    sg_series_free(&series);
    series = read_interval(path, 3600 * S, true);
    /* 2021-04-20T21:00 … 2021-05-20T19:00 hours; that 714 of them hold 60 minutes was counted apart. */
    assert_int_equal(series.length, 714);
    assert_int_equal(series.incomplete, 4); /* both ends, and two hours that the outage cuts */
    sg_series_free(&series);

    path = sample_xz("klines_5m/ETH_USDT-5m.json.xz");
    assert_non_null(path);
    series = read_interval(path, 60 * S, false);
    assert_int_equal(series.length, 65742);
    assert_int_equal(series.interval_us, 300 * S);
    assert_int_equal(series.gaps, 6);
    sg_series_free(&series);
}

static void classics_of_the_field(void **state)
{
    (void)state;
    const char *files[] = {sample("classics/epchan/inputData_EWA_EWC_IGE.csv")};
    struct sg_instrument legs[2] = {{.symbol = "EWA"}, {.symbol = "EWC"}};
    struct sg_series_config config = {.interval_us = 60 * S, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    struct sg_series both[2];
    assert_int_equal(sg_series_read_pair(files, 1, legs, &config, both, NULL), SG_OK);
    assert_int_equal(both[0].length, 1500);
    assert_int_equal(both[1].length, 1500);
    assert_int_equal(both[0].interval_us, 86400 * S);
    assert_true(both[0].bars[0].close == 16.1);
    assert_true(both[1].bars[0].close == 22.95);
    sg_series_free(&both[0]);
    sg_series_free(&both[1]);

    struct sg_instrument metals[2] = {{.symbol = "GLD"}, {.symbol = "GDX"}};
    files[0] = sample("classics/epchan/GLD_GDX_adjclose_merged.csv");
    assert_int_equal(sg_series_read_pair(files, 1, metals, &config, both, NULL), SG_OK);
    assert_int_equal(both[0].length, 385);
    assert_true(both[1].bars[1].close == 36.41);
    sg_series_free(&both[0]);
    sg_series_free(&both[1]);

    struct sg_instrument crude[2] = {{.symbol = "Brent"}, {.symbol = "WTI"}};
    files[0] = sample("classics/arch_crude.csv.gz");
    assert_int_equal(sg_series_read_pair(files, 1, crude, &config, both, NULL), SG_OK);
    assert_int_equal(both[0].length, 393);
    assert_false(both[0].on_grid);
    assert_true(both[0].bars[0].close == 18.58);
    assert_true(both[1].bars[0].close == 19.44);
    assert_int_equal(both[0].bars[0].time_us, INT64_C(548035200000000));
    sg_series_free(&both[0]);
    sg_series_free(&both[1]);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(unpacked) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", unpacked);
    return system(command);
}

int main(void)
{
    shared = getenv("SG_SHARED_DIR");
    if (!shared || access(sample("PROVENANCE.md"), R_OK) != 0) {
        printf("SKIP: the recorded samples are not here (SG_SHARED_DIR)\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_the_exchange),
        cmocka_unit_test(minutes_of_a_month),
        cmocka_unit_test(classics_of_the_field),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
