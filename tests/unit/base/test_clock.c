/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/rng.h"
#include "test_time.h"

static void check_iso(int64_t time_us, const char *expected)
{
    char text[SG_TIME_BUF];

    assert_int_equal(sg_time_format_iso(time_us, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_iso(void **state)
{
    (void)state;
    check_iso(0, "1970-01-01T00:00:00Z");
    check_iso(INT64_C(1723161255342999), "2024-08-08T23:54:15.342Z");
    check_iso(INT64_C(1723161255000999), "2024-08-08T23:54:15Z");
    check_iso(INT64_C(951782400000000), "2000-02-29T00:00:00Z");
    check_iso(-1, "1969-12-31T23:59:59.999Z");
    check_iso(-SG_US_PER_S, "1969-12-31T23:59:59Z");
}

/* Any time of 64 bits fits the buffer. */
static void test_iso_extremes(void **state)
{
    char text[SG_TIME_BUF];
    struct sg_rng rng;

    (void)state;
    assert_true(sg_time_format_iso(INT64_MAX, text) < SG_TIME_BUF);
    assert_true(sg_time_format_iso(INT64_MIN, text) < SG_TIME_BUF);
    sg_rng_seed(&rng, 1, 0);
    for (int i = 0; i < 1000; i++) {
        size_t length = sg_time_format_iso((int64_t)sg_rng_next(&rng), text);

        assert_int_equal(length, strlen(text));
        assert_true(length > 0);
        assert_true(text[length - 1] == 'Z');
    }
}

static void test_zone_does_not_matter(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    check_iso(INT64_C(1723161255342000), "2024-08-08T23:54:15.342Z");
    unsetenv("TZ");
    tzset();
}

static void test_system_clock(void **state)
{
    const struct sg_clock *clock = sg_clock_system();
    int64_t before = sg_clock_mono(clock);
    struct timespec now;
    int64_t wall;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t after = sg_clock_mono(clock);

        assert_true(after >= before);
        before = after;
    }
    wall = sg_clock_wall(clock);
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    assert_true(llabs((int64_t)now.tv_sec * SG_US_PER_S + now.tv_nsec / 1000 - wall) < 10 * SG_US_PER_S);
}

static void test_injected_clock(void **state)
{
    struct test_clock test;

    (void)state;
    test_clock_init(&test, 100, 5000);
    test_clock_advance(&test, 7);
    test_clock_step_wall(&test, -1000);
    assert_int_equal(sg_clock_mono(&test.clock), 107);
    assert_int_equal(sg_clock_wall(&test.clock), 4007);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),          cmocka_unit_test(test_iso_extremes),   cmocka_unit_test(test_zone_does_not_matter),
        cmocka_unit_test(test_system_clock), cmocka_unit_test(test_injected_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
