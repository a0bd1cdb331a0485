/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/base/log.h"
#include "test_time.h"

static char lines[4096];
static size_t line_count;

static void write_down(void *context, int64_t wall_us, enum sg_log_level level, const char *area, const char *text)
{
    (void)context;
    (void)wall_us;
    line_count++;
    if (strlen(lines) + strlen(text) + 64 < sizeof lines) {
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%s %s: %s\n", sg_log_level_name(level), area, text);
    }
}

static struct test_clock test;
static struct sg_log told;

static int setup(void **state)
{
    (void)state;
    lines[0] = '\0';
    line_count = 0;
    test_clock_init(&test, 1000000, 2000000);
    return sg_log_init(&told, SG_LOG_INFO, 10 * SG_US_PER_S, &test.clock, write_down, NULL) == SG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    sg_log_free(&told);
    sg_log_free(&told);
    return 0;
}

static void test_repeated_errors_are_summarised(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        sg_log_write(&told, SG_LOG_ERROR, "feed", "no route to %s", "host");
        test_clock_advance(&test, 5000);
    }
    sg_log_write(&told, SG_LOG_WARNING, "feed", "something else");
    sg_log_flush(&told); /* the period is not over */
    assert_string_equal(lines, "error feed: no route to host\nwarning feed: something else\n");
    test_clock_advance(&test, 6 * SG_US_PER_S);
    sg_log_flush(&told);
    assert_non_null(strstr(lines, "error feed: 999 more in 11 s: no route to host\n"));
    assert_int_equal(line_count, 3);
    test_clock_advance(&test, 20 * SG_US_PER_S);
    sg_log_flush(&told);
    sg_log_write(&told, SG_LOG_ERROR, "feed", "no route to %s", "host"); /* news again */
    assert_int_equal(line_count, 4);
}

static void test_levels_and_lines(void **state)
{
    (void)state;
    sg_log_write(&told, SG_LOG_DEBUG, "feed", "not told");
    sg_log_write(NULL, SG_LOG_ERROR, "feed", "swallowed");
    sg_log_write(&told, SG_LOG_INFO, "feed", "the peer sent: %s", "a\nb\r\nc");
    assert_string_equal(lines, "info feed: the peer sent: a b  c\n");
    assert_string_equal(sg_log_level_name((enum sg_log_level)9), "unknown");
}

/* More kinds than are remembered: nothing is lost, the counts of those that give way are told first. */
static void test_many_kinds(void **state)
{
    char text[2 * SG_LOG_TEXT];

    (void)state;
    sg_log_write(&told, SG_LOG_ERROR, "store", "the first");
    sg_log_write(&told, SG_LOG_ERROR, "store", "the first");
    for (int i = 0; i < SG_LOG_KINDS; i++) {
        test_clock_advance(&test, 1000);
        sg_log_write(&told, SG_LOG_ERROR, "store", "number %d", i);
    }
    assert_non_null(strstr(lines, "1 more in 0 s: the first\n"));
    assert_int_equal(line_count, SG_LOG_KINDS + 2);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sg_log_write(&told, SG_LOG_ERROR, "store", "%s", text);
    sg_log_write(&told, SG_LOG_ERROR, "store", "%s", text);
    sg_log_free(&told); /* tells what is left */
    assert_int_equal(line_count, SG_LOG_KINDS + 4);
}

static void *shout(void *context)
{
    (void)context;
    for (int i = 0; i < 2000; i++) {
        sg_log_write(&told, SG_LOG_ERROR, "feed", "kind %d", i % 7);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, shout, NULL), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(line_count, 7);
    test_clock_advance(&test, 11 * SG_US_PER_S);
    sg_log_flush(&told);
    assert_int_equal(line_count, 14);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_repeated_errors_are_summarised),
        CASE(test_levels_and_lines),
        CASE(test_many_kinds),
        CASE(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
