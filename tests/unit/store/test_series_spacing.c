/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The length of bars, the odd row among them, and what counts as a trade. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "reading.h"

static char text[200000];
static size_t length;

static void begin(const char *header)
{
    length = (size_t)snprintf(text, sizeof text, "%s\n", header);
}

static void row(int64_t time_us, double price)
{
    length += (size_t)snprintf(text + length, sizeof text - length, "%lld,%.2f\n", (long long)(time_us / S), price);
}

/* A row among regular ones that lies `off_us` behind its place; newest first when `down`. */
static const char *with_odd_row(int64_t step_us, int count, int odd, int64_t off_us, bool in_between, bool down)
{
    begin("time,close");
    for (int n = 0; n < count; n++) {
        int i = down ? count - 1 - n : n;
        int64_t at = T0 + i * step_us;
        if (i == odd && in_between && down)
            row(at + off_us, 7);
        row(i == odd && !in_between ? at + off_us : at, 50 + i);
        if (i == odd && in_between && !down)
            row(at + off_us, 7);
    }
    return write_text("odd.x", text);
}

static void expect_left_out(const char *path, uint64_t line, int64_t step_us, size_t bars)
{
    char where[64];
    struct sg_series_config config = minute();
    config.interval_us = S;
    snprintf(where, sizeof where, "odd.x:%llu: its time ", (unsigned long long)line);
    expect_refused_with(path, &config, SG_ERR_PARSE, where);
    expect_refused_with(path, &config, SG_ERR_PARSE, "an odd row (--skip-bad leaves it out)");
    config.skip_bad = true;
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.interval_us, step_us);
    assert_int_equal(series.file_interval_us, step_us);
    assert_int_equal(series.length, bars);
    assert_int_equal(series.bad, 1);
    assert_non_null(strstr(series.first_bad, where));
    assert_true(series.on_grid || step_us > DAY); /* weeks begin on any day */
    for (size_t i = 0; i < series.length; i++)
        assert_true(series.bars[i].close >= 50);
    sg_series_free(&series);
}

static void one_odd_row(void **state)
{
    (void)state;
    static const int64_t steps[] = {S, MINUTE, 3 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 7 * DAY};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t step = steps[i], off = step == S ? step / 2 : step / 2 + (step > 10 * MINUTE ? 7 * S : 1 * S);
        if (step == S)
            continue; /* seconds have no halves in this file */
        /* A row of "now" behind the last one, between two, before the second; a stamp that came late; first and last rows. */
        expect_left_out(with_odd_row(step, 40, 39, off, true, false), 42, step, 40);
        expect_left_out(with_odd_row(step, 40, 17, off, true, false), 20, step, 40);
        expect_left_out(with_odd_row(step, 40, 0, off, true, false), 3, step, 40);
        expect_left_out(with_odd_row(step, 40, 17, off, false, false), 19, step, 39);
        expect_left_out(with_odd_row(step, 40, 0, off, false, false), 2, step, 39);
        expect_left_out(with_odd_row(step, 40, 39, off, true, true), 2, step, 40);
        expect_left_out(with_odd_row(step, 40, 17, off, true, true), 24, step, 40);
        /* Far behind the rows that the spacing is told from. */
        expect_left_out(with_odd_row(step, 1500, 1499, off, true, false), 1502, step, 1500);
        expect_left_out(with_odd_row(step, 1500, 1200, off, true, false), 1203, step, 1500);
        expect_left_out(with_odd_row(step, 1500, 1200, off, true, true), 301, step, 1500);
    }
    /* Few rows: of two distances that are as common, the usual one is the spacing. */
    expect_left_out(with_odd_row(DAY, 2, 1, 13 * HOUR + 47 * MINUTE, true, false), 4, DAY, 2);
}

static void odd_rows_and_longer_bars(void **state)
{
    (void)state;
    struct sg_series_config config = minute();
    config.interval_us = HOUR;
    config.interval_given = true;
    const char *path = with_odd_row(MINUTE, 180, 77, 20 * S, true, false);
    expect_refused_with(path, &config, SG_ERR_PARSE,
                        "odd.x:80: its time 2023-11-15T01:17:20Z is 00:00:20 from that of the row before it, and the others are 1m apart");
    config.skip_bad = true;
    struct sg_series series = read_with(path, &config);
    assert_int_equal(series.length, 3);
    assert_int_equal(series.incomplete, 0);
    assert_true(series.bars[1].high == 50 + 119);
    assert_true(series.bars[1].low == 50 + 60);
    sg_series_free(&series);
}

/* What is no odd row: gaps, days of 23 and 25 hours, half days, months, a session that moved by an hour. */
static void rows_that_are_not_odd(void **state)
{
    (void)state;
    struct sg_series series;
    begin("time,close");
    for (int i = 0; i < 60; i++)
        if (i % 7 < 5)
            row(T0 + i * DAY + (i >= 20 ? HOUR : 0) - (i == 31 ? 3 * HOUR : 0), 10 + i);
    series = read_minutes(write_text("days.x", text));
    assert_int_equal(series.interval_us, DAY);
    assert_int_equal(series.length, 44);
    assert_int_equal(series.bad, 0);
    sg_series_free(&series);
    begin("time,close");
    for (int i = 0; i < 60; i++)
        row(T0 + i * 4 * HOUR + (i >= 20 ? HOUR : 0), 10 + i);
    series = read_minutes(write_text("moved.x", text));
    assert_int_equal(series.interval_us, 4 * HOUR);
    assert_int_equal(series.length, 60);
    assert_false(series.on_grid);
    sg_series_free(&series);
    static const char months[] = "date,close\n2023-01-01,1\n2023-02-01,2\n2023-03-01,3\n2023-04-01,4\n2023-05-01,5\n2023-06-01,6\n2023-07-01,7\n";
    series = read_minutes(write_text("months.x", months));
    assert_int_equal(series.length, 7);
    assert_int_equal(series.interval_us, 28 * DAY);
    sg_series_free(&series);
    snprintf(text, sizeof text, "%s2023-07-16,8\n", months);
    expect_refused(write_text("now.x", text), "now.x:9: its time 2023-07-16T00:00:00Z is 15 d 00:00:00 from that of the row before it");
}

static void intervals_that_are_told_work(void **state)
{
    (void)state;
    static const struct {
        int64_t step;
        const char *says;
        int64_t then;
        size_t bars;
    } cases[] = {{DAY, "ask for 1d", DAY, 60},
                 {12 * HOUR, "ask for 1d, or leave --interval out", DAY, 30},
                 {3 * MINUTE, "ask for 15m, or leave --interval out", 15 * MINUTE, 12},
                 {4 * HOUR, "ask for 4h or longer", 4 * HOUR, 60},
                 {30 * MINUTE, "ask for 30m or longer", 2 * HOUR, 15},
                 {7 * DAY, "leave --interval out", 0, 60}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin("time,close");
        for (int n = 0; n < 60; n++)
            row(T0 + n * cases[i].step, 10 + n);
        const char *path = write_text("ask.x", text);
        struct sg_series_config config = minute();
        config.interval_given = true;
        expect_refused_with(path, &config, SG_ERR_INVALID, cases[i].says);
        config.interval_given = cases[i].then > 0;
        config.interval_us = cases[i].then > 0 ? cases[i].then : MINUTE;
        struct sg_series series = read_with(path, &config);
        assert_int_equal(series.interval_us, cases[i].then > 0 ? cases[i].then : cases[i].step);
        assert_int_equal(series.length, cases[i].bars);
        sg_series_free(&series);
    }
    /* Nobody asked for a length: bars of 90 s stay that. */
    begin("time,close");
    for (int n = 0; n < 60; n++)
        row(T0 + n * 90 * S, 10 + n);
    struct sg_series_config config = minute();
    struct sg_series series = read_with(write_text("odd90.x", text), &config);
    assert_int_equal(series.interval_us, 90 * S);
    sg_series_free(&series);
}

static void no_volume_is_no_trade(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "time,open,high,low,close,volume\n1700006400,1,1,1,1,5\n1700006460,1,1,1,1,0\n1700006520,2,2,2,2,0.0\n1700006580,2,2,2,2,1\n",
        "time,close,volume\n1700006400,1,5\n1700006460,1,0\n1700006520,2,0\n1700006580,2,1\n",
        "[[1700006400000,1,1,1,1,5],[1700006460000,1,1,1,1,0],[1700006520000,2,2,2,2,\"0\"],[1700006580000,2,2,2,2,1]]",
        "time,open,high,low,close,volume,trades\n1700006400,1,1,1,1,5,1\n1700006460,1,1,1,1,0,0\n1700006520,2,2,2,2,0,1\n1700006580,2,2,2,2,1,1\n",
        "1700006400000,1,1,1,1,5,1700006459999,1,1,1,1,0\n1700006460000,1,1,1,1,0,1700006519999,0,0,0,0,0\n1700006520000,2,2,2,2,0,1700006579999,0,1,0,0,0\n"
        "1700006580000,2,2,2,2,1,1700006639999,2,1,1,1,0\n",
        "id,price,qty,time\n1,1,5,1700006400000\n2,9,0,1700006465000\n3,9,0,1700006525000\n4,2,1,1700006581000\n"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct sg_series series = read_minutes(write_text("zero.x", forms[i]));
        assert_int_equal(series.length, 4);
        for (size_t bar = 0; bar < 4; bar++)
            assert_int_equal(series.bars[bar].flags, bar == 1 || bar == 2 ? SG_BAR_FILLED : 0);
        assert_true(series.bars[1].close == 1);
        assert_true(series.bars[3].close == 2);
        sg_series_free(&series);
    }
    struct sg_series series = read_minutes(write_text("empty.x", forms[5]));
    assert_string_equal(series.warning, "2 trades have quantity 0, and count as none");
    assert_int_equal(series.bars[2].trades, 0);
    sg_series_free(&series);
    /* Volumes that are 0 all through, while prices move: they were not written down. */
    series = read_minutes(write_text("fx.x", "time,open,high,low,close,volume\n1700006400,1,2,1,2,0\n1700006460,2,3,2,3,0\n1700006520,3,4,3,4,0\n"));
    for (size_t bar = 0; bar < 3; bar++)
        assert_int_equal(series.bars[bar].flags, SG_BAR_NO_VOLUME);
    sg_series_free(&series);
    series = read_minutes(write_text("dead.x", "time,open,high,low,close,volume\n1700006400,1,1,1,1,0\n1700006460,1,1,1,1,0\n"));
    assert_int_equal(series.bars[1].flags, SG_BAR_FILLED);
    sg_series_free(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_odd_row),           cmocka_unit_test(odd_rows_and_longer_bars),
        cmocka_unit_test(rows_that_are_not_odd), cmocka_unit_test(intervals_that_are_told_work),
        cmocka_unit_test(no_volume_is_no_trade),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
