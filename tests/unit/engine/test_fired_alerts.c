/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list keeps order, forgets the oldest half at its ceiling and counts what it forgot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/engine/fired_alerts.h"

static void test_order_and_ceiling(void **state)
{
    (void)state;
    struct sg_fired_alerts alerts = {0};
    for (int64_t i = 0; i < 25000; i++) {
        struct sg_fired_alert alert = {.time_us = i, .interval = SG_INTERVAL_1M, .side = i % 2 ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_OVERBOUGHT, .threshold = 2};
        assert_int_equal(sg_fired_alerts_add(&alerts, &alert), SG_OK);
        assert_true(alerts.length <= SG_FIRED_ALERTS_MAXIMUM);
        assert_int_equal(alerts.list[alerts.length - 1].time_us, i);
    }
    assert_int_equal(alerts.total, 25000);
    assert_true(alerts.length > SG_FIRED_ALERTS_MAXIMUM / 2 - 1);
    for (size_t i = 0; i < alerts.length; i++)
        assert_int_equal(alerts.list[i].time_us, 25000 - (int64_t)alerts.length + (int64_t)i);
    sg_fired_alerts_free(&alerts);
    assert_null(alerts.list);
    sg_fired_alerts_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_and_ceiling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
