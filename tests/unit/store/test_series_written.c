/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times and numbers as people and their programs write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "reading.h"

/* Three bars from T0 on, whose closes are 1010.5, 1011.5, 1012.5. */
static void expect_three(const char *text, int64_t step_us)
{
    struct sg_series series = read_minutes(write_text("three.x", text));
    assert_int_equal(series.length, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(series.bars[i].time_us, T0 + i * step_us);
        assert_true(series.bars[i].close == 1010.5 + i);
    }
    sg_series_free(&series);
}

static void dates(void **state)
{
    (void)state;
    static const char *const days[] = {"Date,Close\n\"Nov 15, 2023\",1010.5\n\"Nov 16, 2023\",1011.5\n\"November 17, 2023\",1012.5\n",
                                       "Date,Close\n15 Nov 2023,1010.5\n16-Nov-2023,1011.5\n17-NOV-23,1012.5\n",
                                       "Date,Close\n2023.11.15,1010.5\n2023.11.16,1011.5\n2023.11.17,1012.5\n",
                                       "Date,Close\n15.11.2023,1010.5\n16.11.2023,1011.5\n17.11.2023,1012.5\n",
                                       "Date,Close\n15/11/2023,1010.5\n16/11/2023,1011.5\n17/11/2023,1012.5\n",
                                       "Date,Close\n11/15/2023,1010.5\n11/16/2023,1011.5\n11/17/2023,1012.5\n",
                                       "Date,Close\n11/17/23,1012.5\n11/16/23,1011.5\n11/15/23,1010.5\n",
                                       ",Close\n2023-11-15,1010.5\n2023-11-16,1011.5\n2023-11-17,1012.5\n",
                                       "Prices of yesterday\nmade by hand, with care\n\nDate,Close\n2023-11-15,1010.5\n2023-11-16,1011.5\n2023-11-17,1012.5\n"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        expect_three(days[i], DAY);
    static const char *const hours[] = {
        "Date,Time,Open,High,Low,Close\n2023-11-15,00:00:00,1010.5,1010.5,1010.5,1010.5\n2023-11-15,01:00,1011.5,1011.5,1011.5,1011.5\n2023-11-15,02:00,1012.5,"
        "1012.5,1012.5,1012.5\n",
        "<DATE>\t<TIME>\t<CLOSE>\n2023.11.15\t00:00:00\t1010.5\n2023.11.15\t01:00:00\t1011.5\n2023.11.15\t02:00:00\t1012.5\n",
        "2023.11.15,00:00,1010.5,1010.5,1010.5,1010.5,5\n2023.11.15,01:00,1011.5,1011.5,1011.5,1011.5,5\n2023.11.15,02:00,1012.5,1012.5,1012.5,1012.5,5\n",
        "Date,Close\n2023-11-15 12-AM,1010.5\n2023-11-15 01-AM,1011.5\n2023-11-15 02-AM,1012.5\n",
        "Date,Close\n11/15/2023 12:00 AM,1010.5\n11/15/2023 1:00 AM,1011.5\n11/15/2023 2:00 AM,1012.5\n",
        "Date,Close\n20231115 000000,1010.5\n20231115 010000,1011.5\n20231115 020000,1012.5\n",
        "time,date,close\n1700006400,2023-11-15 00:00:00,1010.5\n1700010000,2023-11-15 01:00:00,1011.5\n1700013600,2023-11-15 02:00:00,1012.5\n"};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++)
        expect_three(hours[i], HOUR);
    struct sg_series series = read_minutes(write_text("noon.x", "Date,Close\n11/15/2023 12:00 PM,1\n11/15/2023 1:00 PM,2\n"));
    assert_int_equal(series.bars[0].time_us, T0 + 12 * HOUR);
    assert_int_equal(series.bars[1].time_us, T0 + 13 * HOUR);
    sg_series_free(&series);
}

static void day_or_month_first(void **state)
{
    (void)state;
    const char *path = write_text("either.x", "Date,Close\n01/02/2024,1\n01/03/2024,2\n01/04/2024,3\n");
    expect_refused(path, "either.x: its dates can be read as day/month and as month/day, and nothing in the file tells: --date-order");
    struct sg_series_config config = minute();
    config.date_order = SG_DATES_MDY;
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.bars[1].time_us - series.bars[0].time_us, DAY);
    sg_series_free(&series);
    config.date_order = SG_DATES_DMY;
    series = read_with(path, &config);
    assert_int_equal(series.bars[1].time_us - series.bars[0].time_us, 29 * DAY);
    sg_series_free(&series);
    /* Only one of the two is in order. */
    series = read_minutes(write_text("order.x", "Date,Close\n11/01/2023,1\n12/01/2023,2\n01/02/2023,3\n02/02/2023,4\n03/02/2023,5\n"));
    assert_int_equal(series.bars[1].time_us - series.bars[0].time_us, DAY);
    sg_series_free(&series);
    /* What decides may stand at the very end. */
    static char text[20000];
    size_t length = (size_t)snprintf(text, sizeof text, "Date,Close\n");
    for (int month = 1; month <= 12; month++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%02d/01/2023,%d\n", month, month);
    length += (size_t)snprintf(text + length, sizeof text - length, "12/31/2023,13\n");
    series = read_minutes(write_text("late.x", text));
    assert_int_equal(series.length, 13);
    assert_int_equal(series.bars[12].time_us, INT64_C(1703980800000000));
    sg_series_free(&series);
    expect_refused(write_text("neither.x", "Date,Close\n13/01/2023,1\n01/13/2023,2\n"),
                   "its dates are neither day/month nor month/day all through: line 3 is not the one, line 2 not the other");
    expect_refused(write_text("bad.x", "Date,Close\n15/11/2023,1\n31/11/2023,2\n"), "its dates are neither");
}

static void numbers(void **state)
{
    (void)state;
    static const char *const files[] = {"time,close\n1700006400,\"1,010.50\"\n1700006460,\"1,011.50\"\n1700006520,\"1,012.50\"\n",
                                        "time;close\n1700006400;1010,5\n1700006460;1011,50\n1700006520;1012,500\n",
                                        "time;close\n1700006400;1.010,5\n1700006460;1.011,5\n1700006520;1.012,5\n",
                                        "time,close\n1700006400,$1010.50\n1700006460,\"$1,011.50\"\n1700006520,1012.5\xe2\x82\xac\n",
                                        "time,close\n1700006400,1'010.50\n1700006460,1 011.50\n1700006520,+1012.5\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        expect_three(files[i], MINUTE);
    struct sg_series series = read_minutes(write_text("thousands.x", "time,close\n1700006400,\"1,010\"\n1700006460,\"12,011,000\"\n1700006520,999\n"));
    assert_true(series.bars[0].close == 1010);
    assert_true(series.bars[1].close == 12011000);
    assert_true(series.bars[2].close == 999);
    sg_series_free(&series);
    expect_refused(write_text("mixed.x", "time;close\n1700006400;1010.25\n1700006460;1011,5\n"),
                   "mixed.x:3: price \"1011,5\" is not a number: the decimal mark is a point in those before it");
    expect_refused(write_text("mixed.x", "time;close\n1700006400;1010,25\n1700006460;1011.5\n"),
                   "mixed.x:3: price \"1011.5\" is not a number: the decimal mark is a comma in those before it");
    expect_refused(write_text("groups.x", "time,close\n1700006400,\"1,01,0.5\"\n"), "groups.x:2: price \"1,01,0.5\" is not a number");
    series = read_minutes(
        write_text("volume.x", "time,close,volume\n1700006400,1,1.5K\n1700006460,2,2M\n1700006520,3,-\n1700006580,4,many\n1700006640,5,\"1,000\"\n"));
    const double volumes[] = {1500, 2e6, 0, 0, 1000};
    for (int i = 0; i < 5; i++)
        assert_true(sg_qty_to_double(series.bars[i].volume) == volumes[i]);
    assert_int_equal(series.bars[2].flags, SG_BAR_NO_VOLUME);
    assert_int_equal(series.bars[3].flags, SG_BAR_NO_VOLUME);
    assert_string_equal(series.warning, "1 volumes could not be read, and are left out");
    sg_series_free(&series);
}

static void quotes_trades_and_nulls(void **state)
{
    (void)state;
    expect_three("time,bid,ask\n1700006400,1010,1011\n1700006460,1011.25,1011.75\n1700006520,1012.5,1012.5\n", MINUTE);
    expect_refused(write_text("crossed.x", "time,bid,ask\n1700006400,1011,1010\n"), "crossed.x:2: the ask is below the bid");
    struct sg_series series = read_minutes(write_text("trades.x", "1700006400.1,1010,2\n1700006401.5,1011,3\n1700006470,1012,4\n"));
    assert_int_equal(series.form, SG_SERIES_TRADES_CSV);
    assert_int_equal(series.length, 2);
    expect_bar(&series.bars[0], T0, 1010, 1011, 1010, 1011, 5, 2);
    sg_series_free(&series);
    series = read_minutes(write_text("null.json", "[[1700006400000,1,2,1,1.5,3],[1700006460000,null,null,null,null,null],[1700006520000,1,2,1,1.5,null]]"));
    assert_int_equal(series.length, 2);
    assert_int_equal(series.missing, 1);
    assert_int_equal(series.interval_us, MINUTE);
    assert_int_equal(series.bars[1].flags & SG_BAR_NO_VOLUME, SG_BAR_NO_VOLUME);
    sg_series_free(&series);
    /* A banner is no licence: what is no header stays refused, and what is data is not passed over. */
    expect_refused(write_text("foo.x", "foo,bar,baz\n1700006400,1,2\n1700006460,1,2\n"), "foo.x:1: no column of the header is a time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(day_or_month_first),
        cmocka_unit_test(numbers),
        cmocka_unit_test(quotes_trades_and_nulls),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
