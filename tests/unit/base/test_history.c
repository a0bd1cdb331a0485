/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/base/history.h"

static struct sg_row row_at(int64_t time_us)
{
    struct sg_row row = {.time_us = time_us, .flags = (uint16_t)(time_us % 4096), .reason = SG_REASON_NONE};

    for (size_t c = 0; c < SG_COL_COUNT; c++) {
        row.value[c] = (double)time_us * 100 + (double)c;
    }
    return row;
}

static void test_append_and_get(void **state)
{
    struct sg_history history;

    (void)state;
    sg_history_init(&history, 1000000, 5000);
    for (int64_t i = 1; i <= 5000; i++) {
        struct sg_row row = row_at(i * 3);

        assert_int_equal(sg_history_append(&history, &row), SG_OK);
    }
    for (size_t i = 0; i < 5000; i++) {
        struct sg_row expected = row_at(((int64_t)i + 1) * 3);
        struct sg_row row;

        sg_history_get(&history, i, &row);
        assert_true(row.time_us == expected.time_us);
        assert_true(row.flags == expected.flags);
        assert_true(row.reason == expected.reason);
        assert_memory_equal(row.value, expected.value, sizeof row.value);
    }
    sg_history_free(&history);
    sg_history_free(&history);
    sg_history_free(NULL);
}

static void test_order_and_ceiling(void **state)
{
    struct sg_history history;
    struct sg_row row = row_at(10);

    (void)state;
    sg_history_init(&history, 1000000, 3);
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    assert_int_equal(sg_history_append(&history, &row), SG_ERR_INVALID);
    row.time_us = 9;
    assert_int_equal(sg_history_append(&history, &row), SG_ERR_INVALID);
    row.time_us = 11;
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    row.time_us = 12;
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    row.time_us = 13;
    assert_int_equal(sg_history_append(&history, &row), SG_ERR_NOMEM);
    assert_int_equal(history.length, 3);
    {
        uint64_t epoch = history.epoch;

        sg_history_reset(&history, 60000000);
        assert_true(history.epoch == epoch + 1);
        assert_true(history.length == 0);
        assert_true(history.interval_us == 60000000);
    }
    assert_int_equal(sg_history_append(&history, &row), SG_OK);
    sg_history_free(&history);
}

static void test_lower_bound(void **state)
{
    struct sg_history history;

    (void)state;
    sg_history_init(&history, 1, 1000);
    assert_int_equal(sg_history_lower_bound(&history, 5), 0);
    for (int64_t i = 0; i < 300; i++) {
        struct sg_row row = row_at(i * i);

        assert_int_equal(sg_history_append(&history, &row), SG_OK);
    }
    for (int64_t time = -1; time < 90002; time += 7) {
        size_t expected = 0;

        while (expected < 300 && history.time_us[expected] < time) {
            expected++;
        }
        assert_int_equal(sg_history_lower_bound(&history, time), expected);
    }
    sg_history_free(&history);
}

static void test_reason_text(void **state)
{
    char text[64];
    char small[8];

    (void)state;
    assert_int_equal(sg_reason_text(SG_REASON_NONE, 0, 0, text, sizeof text), 0);
    assert_string_equal(text, "");
    assert_int_equal(sg_reason_text(SG_REASON_WARMING_UP, 37, 60, text, sizeof text), 16);
    assert_string_equal(text, "warming up 37/60");
    assert_int_equal(sg_reason_text(SG_REASON_WARMING_UP, 37, 60, small, sizeof small), 7);
    assert_string_equal(small, "warming");
    sg_reason_text(SG_REASON_CONSTANT_SPREAD, 0, 0, text, sizeof text);
    assert_string_equal(text, "spread is constant");
    for (int i = 1; i < SG_REASON_COUNT; i++) {
        assert_true(sg_reason_text((enum sg_reason)i, 0, 0, text, sizeof text) > 0);
        assert_string_not_equal(text, "unknown");
    }
    sg_reason_text((enum sg_reason)99, 0, 0, text, sizeof text);
    assert_string_equal(text, "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_and_get),
        cmocka_unit_test(test_order_and_ceiling),
        cmocka_unit_test(test_lower_bound),
        cmocka_unit_test(test_reason_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
