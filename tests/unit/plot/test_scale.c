/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>
#include "fixture.h"
#include "spreadglass/plot/scale.h"

#define MINUS "\xE2\x88\x92"
#define THIN "\xE2\x80\x89"

static void ticks_are(double low, double high, double pixels, double gap, const char *expected)
{
    struct sg_value_ticks ticks = sg_value_ticks(low, high, pixels, gap);
    char all[512] = "", one[SG_VALUE_BUF];
    for (int i = 0; i < ticks.count; i++) {
        sg_value_format(sg_value_tick(&ticks, i), ticks.decimals, false, one);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "", one);
    }
    assert_string_equal(all, expected);
}

static void value_ticks_are_round_numbers(void **state)
{
    (void)state;
    ticks_are(0, 1, 100, 10, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0");
    ticks_are(-2.3, 2.4, 160, 30, MINUS "2 " MINUS "1 0 1 2");
    ticks_are(-0.031, 0.052, 100, 24, MINUS "0.02 0.00 0.02 0.04");
    ticks_are(65580, 65662, 160, 40, "65" THIN "600 65" THIN "650");
    ticks_are(-100, 100, 100, 50, MINUS "100 0 100");
    ticks_are(0.00001234, 0.00001238, 100, 40, "0.00001234 0.00001236 0.00001238");
}

static void every_tick_is_inside_and_spaced(void **state)
{
    (void)state;
    struct fixture_random random = {.state = 5};
    for (int i = 0; i < 20000; i++) {
        double low = fixture_noise(&random) * pow(10, fixture_uniform(&random) * 24 - 12);
        double range = pow(10, fixture_uniform(&random) * 24 - 12), pixels = 20 + 800 * fixture_uniform(&random), gap = 10 + 60 * fixture_uniform(&random);
        struct sg_value_ticks ticks = sg_value_ticks(low, low + range, pixels, gap);
        double high = low + range, slack = range * 1e-9 + fabs(low) * 1e-12;
        assert_in_range(ticks.count, 0, SG_VALUE_TICKS_MAX);
        for (int j = 0; j < ticks.count; j++) {
            double value = sg_value_tick(&ticks, j);
            assert_true(value >= low - slack);
            assert_true(value <= high + slack);
        }
        if (ticks.count > 1)
            assert_true(sg_value_step(&ticks) / (high - low) * pixels >= fmin(gap, pixels) * 0.999);
    }
}

static void pathological_ranges_have_no_ticks(void **state)
{
    (void)state;
    const double bad[][2] = {{1, 1}, {2, 1}, {NAN, 1}, {0, NAN}, {-INFINITY, 1}, {0, INFINITY}, {-1e308, 1e308}, {1e20, 1e20 + 20000}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sg_value_ticks(bad[i][0], bad[i][1], 100, 30).count, 0);
    assert_int_equal(sg_value_ticks(0, 1, 0, 30).count, 0);
    assert_int_equal(sg_value_ticks(0, 1, NAN, 30).count, 0);
    assert_true(sg_value_ticks(0, 1, 1e9, 1).count <= SG_VALUE_TICKS_MAX);
}

static void format_is(double value, int decimals, bool plus, const char *expected)
{
    char buffer[SG_VALUE_BUF];
    size_t length = sg_value_format(value, decimals, plus, buffer);
    assert_string_equal(buffer, expected);
    assert_int_equal(length, strlen(expected));
}

static void values_read_like_print(void **state)
{
    (void)state;
    format_is(65599.24, 2, false, "65" THIN "599.24");
    format_is(3280.8, 2, false, "3" THIN "280.80");
    format_is(-1234567.5, 1, false, MINUS "1" THIN "234" THIN "567.5");
    format_is(999, 0, false, "999");
    format_is(-0.004, 2, true, "0.00");
    format_is(-0.0, 2, false, "0.00");
    format_is(0.004, 2, true, "0.00");
    format_is(1.3, 2, true, "+1.30");
    format_is(-1.3, 2, true, MINUS "1.30");
    format_is(NAN, 2, true, "\xE2\x80\x93");
    format_is(-INFINITY, 2, true, "\xE2\x80\x93");
    char buffer[SG_VALUE_BUF];
    const double wild[] = {1e15, -1e22, 1e300, 1.7976931348623157e308, 5e-324, 123456789012345.0};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++)
        for (int decimals = -3; decimals < 20; decimals += 5)
            assert_in_range(sg_value_format(wild[i], decimals, true, buffer), 1, SG_VALUE_BUF - 1);
    assert_int_equal(sg_value_decimals(65000), 2);
    assert_int_equal(sg_value_decimals(3.2), 5);
    assert_int_equal(sg_value_decimals(0.00001234), 8);
    assert_int_equal(sg_value_decimals(0.00000001234), 11);
    assert_int_equal(sg_value_decimals(1e-30), 12);
    assert_int_equal(sg_value_decimals(NAN), 2);
}

static void unit_is(double value, int unit, int decimals, bool plus, const char *expected)
{
    char buffer[SG_VALUE_BUF];
    size_t length = sg_value_format_unit(value, unit, decimals, plus, buffer);
    assert_string_equal(buffer, expected);
    assert_int_equal(length, strlen(expected));
}

static void long_numbers_are_counted_in_units(void **state)
{
    (void)state;
    const double plain[] = {0, -0.0, 0.001, 1, -999999.99, NAN, INFINITY};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_int_equal(sg_value_unit(plain[i]), 0);
    assert_int_equal(sg_value_unit(1e6), 6);
    assert_int_equal(sg_value_unit(-999e6), 6);
    assert_int_equal(sg_value_unit(1.02e9), 9);
    assert_int_equal(sg_value_unit(3e14), 12);
    assert_int_equal(sg_value_unit(3e15), 15);
    assert_int_equal(sg_value_unit(-1.9e-9), -9);
    unit_is(1022417291.08, 9, 6, false, "1.022417B");
    unit_is(-190222509.4, 6, 1, true, MINUS "190.2M");
    unit_is(2.5e12, 12, 1, true, "+2.5T");
    unit_is(1.022e-8, -8, 3, false, "1.022e" MINUS "8");
    unit_is(-1.5e300, 300, 1, false, MINUS "1.5e300");
    unit_is(5e-324, -324, 0, false, "5e" MINUS "324");
    unit_is(0, -9, 3, true, "0");
    unit_is(0, 9, 3, true, "0");
    unit_is(NAN, 9, 3, true, "\xE2\x80\x93");
    unit_is(65599.24, 0, 2, false, "65" THIN "599.24");
    char buffer[SG_VALUE_BUF];
    const double wild[] = {1.7976931348623157e308, -1e15, 1e22, 123456789.5, 5e-324, -3e-310, 0.5};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++)
        for (int unit = -330; unit < 330; unit += 3)
            assert_in_range(sg_value_format_unit(wild[i], unit, 12, true, buffer), 1, SG_VALUE_BUF - 1);
}

/* --- time -------------------------------------------------------------------------------------------------------------------- */

static const int64_t second = 1000000;

static int64_t at(int year, int month, int day, int hour, int minute)
{
    struct tm fields = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};
    return (int64_t)timegm(&fields) * second;
}

static void times_are(int64_t from, int64_t to, int64_t interval, double pixels, bool utc, const char *expected)
{
    struct sg_time_tick ticks[SG_TIME_TICKS_MAX];
    size_t count = sg_time_ticks(from, to, interval, pixels, 80, utc, SG_TIME_TICKS_MAX, ticks);
    char all[2048] = "";
    for (size_t i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s%s%s", i ? "|" : "", ticks[i].bold ? "*" : "", ticks[i].label, ticks[i].bold ? "*" : "");
    assert_string_equal(all, expected);
}

static void time_ticks_weigh_their_boundaries(void **state)
{
    (void)state;
    times_are(at(2025, 11, 10, 23, 22), at(2025, 11, 11, 1, 5), 60 * second, 500, true, "23:30|*11 Nov*|00:30|01:00");
    times_are(at(2025, 11, 10, 23, 58), at(2025, 11, 11, 0, 1), second, 600, true, "23:58|23:58:30|23:59|23:59:30|*11 Nov*|00:00:30|00:01");
    times_are(at(2025, 12, 30, 5, 0), at(2026, 1, 2, 23, 0), 3600 * second, 500, true, "31 Dec|*2026*|2 Jan");
    times_are(at(2025, 1, 15, 0, 0), at(2026, 3, 10, 0, 0), 86400 * second, 800, true, "Apr|Jul|Oct|*2026*");
    times_are(at(2025, 11, 18, 0, 1), at(2025, 12, 20, 0, 0), 60 * second, 1000, true, "21 Nov|26 Nov|*Dec*|6 Dec|11 Dec|16 Dec");
    times_are(at(2025, 2, 20, 0, 1), at(2025, 3, 8, 0, 0), 60 * second, 700, true, "21 Feb|23 Feb|25 Feb|27 Feb|*Mar*|3 Mar|5 Mar|7 Mar");
    times_are(at(1999, 5, 5, 0, 0), at(2026, 3, 10, 0, 0), 86400 * second, 500, true, "2000|2005|2010|2015|2020|2025");
}

static void no_tick_between_bars(void **state)
{
    (void)state;
    times_are(at(2025, 11, 10, 10, 10), at(2025, 11, 10, 15, 0), 3600 * second, 2000, true, "11:00|12:00|13:00|14:00|15:00");
    times_are(at(2025, 11, 10, 10, 10), at(2025, 11, 10, 10, 20), 300 * second, 2000, true, "10:10|10:15|10:20");
}

static void local_time_survives_the_clock_change(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    /* The hour from 02:00 to 03:00 comes twice. */
    times_are(at(2025, 10, 26, 0, 0), at(2025, 10, 26, 2, 30), 60 * second, 450, false, "02:00|02:30|02:00|02:30|03:00|03:30");
    /* And in spring it does not come at all. */
    times_are(at(2025, 3, 29, 22, 0), at(2025, 3, 30, 12, 0), 60 * second, 400, false, "*30 Mar*|03:00|06:00|09:00|12:00");
    times_are(at(2025, 3, 29, 22, 0), at(2025, 3, 30, 12, 0), 60 * second, 400, true, "*30 Mar*|03:00|06:00|09:00|12:00");
    char label[48];
    sg_time_label(at(2025, 11, 10, 23, 30), 60 * second, false, false, label);
    assert_string_equal(label, "11 Nov 00:30");
    setenv("TZ", "NPT-5:45", 1);
    tzset();
    times_are(at(2025, 11, 10, 0, 0), at(2025, 11, 10, 2, 0), 60 * second, 350, false, "06:00|06:30|07:00|07:30");
    times_are(at(2025, 11, 9, 0, 0), at(2025, 11, 13, 0, 0), 60 * second, 400, false, "10 Nov|11 Nov|12 Nov|13 Nov");
    unsetenv("TZ");
    tzset();
}

/* Days, months and years begin where the reader's clock says, on the axis and on the cursor's tag; in UTC elsewhere. */
static void days_and_months_begin_in_the_readers_time(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    int64_t from = at(2025, 11, 30, 21, 20), to = at(2025, 12, 1, 1, 10);
    times_are(from, to, 60 * second, 400, false, "23:00|*1 Dec*|01:00|02:00");
    times_are(from, to, 60 * second, 400, true, "22:00|23:00|*1 Dec*|01:00");
    struct sg_time_tick ticks[SG_TIME_TICKS_MAX];
    assert_true(sg_time_ticks(from, to, 60 * second, 400, 80, false, SG_TIME_TICKS_MAX, ticks) > 0);
    for (size_t i = 0; i < 2; i++)
        if (ticks[i].bold) {
            assert_int_equal(ticks[i].time_us, at(2025, 11, 30, 23, 0));
            assert_int_equal(ticks[i].weight, SG_TIME_MONTH);
        }
    times_are(at(2025, 11, 28, 12, 0), at(2025, 12, 3, 12, 0), 60 * second, 500, false, "29 Nov|30 Nov|*Dec*|2 Dec|3 Dec");
    times_are(at(2025, 12, 31, 20, 50), at(2026, 1, 1, 0, 10), 60 * second, 350, false, "22:00|23:00|*1 Jan*|01:00");
    char label[48];
    sg_time_label(at(2025, 11, 30, 23, 0), 60 * second, false, false, label);
    assert_string_equal(label, "1 Dec 00:00");
    sg_time_label(at(2025, 11, 30, 23, 0), 60 * second, true, false, label);
    assert_string_equal(label, "30 Nov 23:00");
    unsetenv("TZ");
    tzset();
}

static void time_ticks_are_ordered_inside_and_apart(void **state)
{
    (void)state;
    struct fixture_random random = {.state = 9};
    for (int i = 0; i < 3000; i++) {
        int64_t from = at(2024, 1, 1, 0, 0) + (int64_t)(fixture_uniform(&random) * 6e13);
        int64_t span = (int64_t)(pow(10, 7 + 9 * fixture_uniform(&random)));
        int64_t to = from + span;
        double pixels = 60 + 1900 * fixture_uniform(&random);
        struct sg_time_tick ticks[SG_TIME_TICKS_MAX];
        size_t count = sg_time_ticks(from, to, second, pixels, 80, true, SG_TIME_TICKS_MAX, ticks);
        assert_true((double)count <= pixels / 80 * 1.2 + 1);
        for (size_t j = 0; j < count; j++) {
            assert_true(ticks[j].time_us >= from);
            assert_true(ticks[j].time_us <= to);
            assert_true(*ticks[j].label != 0);
            /* Months differ in length, hence the tolerance. */
            if (j > 0)
                assert_true((double)(ticks[j].time_us - ticks[j - 1].time_us) / (double)span * pixels > 80 * 0.75);
        }
    }
}

static void absurd_times_have_no_ticks(void **state)
{
    (void)state;
    struct sg_time_tick ticks[4];
    assert_int_equal(sg_time_ticks(5, 5, second, 100, 80, true, 4, ticks), 0);
    assert_int_equal(sg_time_ticks(INT64_MIN + 10, INT64_MIN + 1000, second, 100, 80, true, 4, ticks), 0);
    assert_int_equal(sg_time_ticks(INT64_MAX - 1000, INT64_MAX, second, 100, 80, true, 4, ticks), 0);
    assert_int_equal(sg_time_ticks(0, second, second, NAN, 80, true, 4, ticks), 0);
    assert_true(sg_time_ticks(0, 1000 * second, second, 1e9, 80, true, 4, ticks) <= 4);
}

static void cursor_labels(void **state)
{
    (void)state;
    char label[48];
    int64_t time = at(2025, 11, 11, 1, 57) + 5 * second;
    sg_time_label(time, 60 * second, true, false, label);
    assert_string_equal(label, "11 Nov 01:57");
    sg_time_label(time, second, true, false, label);
    assert_string_equal(label, "11 Nov 01:57:05");
    sg_time_label(time, 60 * second, true, true, label);
    assert_string_equal(label, "11 Nov 2025 01:57");
    sg_time_label(time, 86400 * second, true, true, label);
    assert_string_equal(label, "11 Nov 2025");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_ticks_are_round_numbers),
        cmocka_unit_test(every_tick_is_inside_and_spaced),
        cmocka_unit_test(pathological_ranges_have_no_ticks),
        cmocka_unit_test(values_read_like_print),
        cmocka_unit_test(long_numbers_are_counted_in_units),
        cmocka_unit_test(time_ticks_weigh_their_boundaries),
        cmocka_unit_test(no_tick_between_bars),
        cmocka_unit_test(local_time_survives_the_clock_change),
        cmocka_unit_test(days_and_months_begin_in_the_readers_time),
        cmocka_unit_test(time_ticks_are_ordered_inside_and_apart),
        cmocka_unit_test(absurd_times_have_no_ticks),
        cmocka_unit_test(cursor_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
