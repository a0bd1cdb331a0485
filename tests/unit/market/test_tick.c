/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/market/tick.h"

static void test_event_names(void **state)
{
    (void)state;
    assert_string_equal(sg_feed_event_name(SG_EVENT_CONNECTING), "connecting");
    assert_string_equal(sg_feed_event_name(SG_EVENT_ALERT_CLEARED), "alert-cleared");
    assert_string_equal(sg_feed_event_name(SG_EVENT_RECOVERED), "subscribed"); /* the command line knows one word for both */
    for (int i = 0; i < SG_EVENT_COUNT; i++) {
        assert_string_not_equal(sg_feed_event_name((enum sg_feed_event_code)i), "unknown");
    }
    assert_string_equal(sg_feed_event_name(SG_EVENT_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_event_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
