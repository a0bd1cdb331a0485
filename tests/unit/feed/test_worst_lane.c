/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two markets, two connections: what is said of the source is what is true of the worse one, whichever of the two that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "../../../src/feed/binance_private.h"

/* From well to worst. */
static const enum sg_feed_state ORDER[] = {SG_FEED_LIVE, SG_FEED_STALLED, SG_FEED_SUBSCRIBING, SG_FEED_CONNECTING, SG_FEED_WAITING};
#define STATES (sizeof ORDER / sizeof ORDER[0])

static struct sg_binance source;

static void the_worse_of_two_is_told(void **state)
{
    (void)state;
    source = (struct sg_binance){.clock = sg_clock_system(), .lane_count = 2};
    pthread_mutex_init(&source.lock, NULL);
    for (size_t first = 0; first < STATES; first++)
        for (size_t second = 0; second < STATES; second++) {
            source.lanes[0] = (struct sg_lane){.state = ORDER[first], .failure = SG_FAILURE_NONE, .detail = "first"};
            source.lanes[1] = (struct sg_lane){.state = ORDER[second], .failure = SG_FAILURE_SILENT, .detail = "second", .retrying = true, .retry_at_us = 7};
            sg_binance_publish(&source);
            bool second_is_worse = second > first;
            assert_int_equal(source.shared.state, ORDER[second_is_worse ? second : first]);
            assert_string_equal(source.shared.detail, second_is_worse ? "second" : "first");
            assert_int_equal(source.shared.failure, second_is_worse ? SG_FAILURE_SILENT : SG_FAILURE_NONE);
            assert_int_equal(source.shared.retry_at_mono_us, second_is_worse ? 7 : 0);
        }
    pthread_mutex_destroy(&source.lock);
}

static void a_failure_that_ends_it_is_not_covered(void **state)
{
    (void)state;
    source = (struct sg_binance){.clock = sg_clock_system(), .lane_count = 2, .failed = true};
    pthread_mutex_init(&source.lock, NULL);
    source.work.state = SG_FEED_FAILED;
    source.lanes[0].state = source.lanes[1].state = SG_FEED_LIVE;
    sg_binance_publish(&source);
    assert_int_equal(source.shared.state, SG_FEED_FAILED);
    pthread_mutex_destroy(&source.lock);
}

static void delivered_is_when_every_leg_has(void **state)
{
    (void)state;
    for (int has = 0; has < 4; has++) {
        struct sg_feed_status status = {.state = SG_FEED_STALLED, .failure = SG_FAILURE_SILENT, .last_data_mono_us = {has & 1 ? 5 : 0, has & 2 ? 5 : 0}};
        assert_int_equal(sg_feed_has_delivered(&status), has == 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_worse_of_two_is_told), cmocka_unit_test(a_failure_that_ends_it_is_not_covered),
                                       cmocka_unit_test(delivered_is_when_every_leg_has)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
