/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strict window and the table of subscriptions, against the rule stated another way; the retry delays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/feed/backoff_private.h"
#include "../../../src/feed/subscriptions_private.h"

#define SECOND INT64_C(1000000)

/* Whatever the rhythm, no window of one second holds more than the limit: counted the slow way over all that was sent. */
static void test_window_is_strict(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= 8; limit++) {
        struct sg_rate_window window = {.limit = limit};
        int64_t sent[400], now = 1;
        size_t count = 0;
        uint32_t random = 12345 + limit;
        while (count < 400) {
            random = random * 1664525u + 1013904223u;
            now += random >> 13 & 0x3ffff; /* up to 0.26 s */
            int64_t wait = sg_rate_window_wait(&window, now);
            assert_true(wait >= 0);
            assert_true(wait <= SECOND);
            if (wait > 0) {
                if (random & 1u)
                    continue;
                assert_true(sg_rate_window_wait(&window, now + wait - 1) == 1);
                now += wait;
            }
            assert_true(sg_rate_window_wait(&window, now) == 0);
            sg_rate_window_note(&window, now);
            sent[count++] = now;
            size_t inside = 0;
            for (size_t i = 0; i < count; i++)
                inside += sent[i] > now - SECOND;
            assert_true(inside <= limit);
        }
    }
}

static void add(struct sg_subscriptions *table)
{
    sg_subscriptions_init(table);
    assert_true(sg_subscriptions_add(table, "btcusdt@aggTrade", 0));
    assert_true(sg_subscriptions_add(table, "ethusdt@aggTrade", 1));
}

static void test_one_batch_and_its_answer(void **state)
{
    (void)state;
    struct sg_subscriptions table;
    char text[SG_REQUEST_MAX];
    add(&table);
    assert_true(sg_subscriptions_pending(&table));
    assert_true(sg_subscriptions_request(&table, 5, text, sizeof text) == strlen(text));
    assert_string_equal(text, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@aggTrade\",\"ethusdt@aggTrade\"],\"id\":1}");
    assert_false(sg_subscriptions_pending(&table));
    assert_int_equal(sg_subscriptions_request(&table, 5, text, sizeof text), 0);
    assert_int_equal(sg_subscriptions_answer(&table, 7, true), 0); /* somebody else's */
    assert_false(sg_subscriptions_all_acknowledged(&table));
    assert_int_equal(sg_subscriptions_answer(&table, 1, true), 2);
    assert_true(sg_subscriptions_all_acknowledged(&table));
    assert_int_equal(sg_subscriptions_answer(&table, 1, true), 0);
}

static void test_renewal_of_one_leg(void **state)
{
    (void)state;
    struct sg_subscriptions table;
    char text[SG_REQUEST_MAX];
    add(&table);
    assert_true(sg_subscriptions_request(&table, 5, text, sizeof text) > 0);
    sg_subscriptions_answer(&table, 1, true);
    sg_subscriptions_renew(&table, 1);
    assert_true(sg_subscriptions_request(&table, 6, text, sizeof text) > 0);
    assert_string_equal(text, "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"ethusdt@aggTrade\"],\"id\":2}");
    assert_true(sg_subscriptions_request(&table, 7, text, sizeof text) > 0);
    assert_string_equal(text, "{\"method\":\"SUBSCRIBE\",\"params\":[\"ethusdt@aggTrade\"],\"id\":3}");
    assert_int_equal(sg_subscriptions_answer(&table, 2, true), 0);
    assert_false(sg_subscriptions_all_acknowledged(&table));
    assert_int_equal(sg_subscriptions_answer(&table, 3, true), 1);
    assert_true(sg_subscriptions_all_acknowledged(&table));
}

static void test_refusals(void **state)
{
    (void)state;
    struct sg_subscriptions table;
    char text[SG_REQUEST_MAX];
    add(&table);
    assert_true(sg_subscriptions_request(&table, 5, text, sizeof text) > 0);
    assert_int_equal(sg_subscriptions_answer(&table, -1, true), 0); /* an unnamed success proves nothing */
    assert_int_equal(sg_subscriptions_answer(&table, -1, false), 2);
    assert_int_equal(table.items[0].state, SG_SUB_REFUSED);
    assert_false(sg_subscriptions_pending(&table));
    /* A new connection says everything again, with a new id. */
    sg_subscriptions_restart(&table);
    assert_true(sg_subscriptions_request(&table, 9, text, sizeof text) > 0);
    assert_non_null(strstr(text, "\"id\":2}"));
}

static void test_names(void **state)
{
    (void)state;
    struct sg_subscriptions table;
    char text[SG_REQUEST_MAX], name[SG_SUBSCRIPTION_NAME + 1];
    sg_subscriptions_init(&table);
    memset(name, 'x', sizeof name);
    name[SG_SUBSCRIPTION_NAME] = 0;
    assert_false(sg_subscriptions_add(&table, name, 0));
    assert_true(sg_subscriptions_add(&table, "\345\270\201\345\256\211usdt@trade", 0)); /* UTF-8 symbols exist */
    assert_true(sg_subscriptions_add(&table, "a\"b", 1));
    assert_true(sg_subscriptions_request(&table, 1, text, sizeof text) > 0);
    assert_string_equal(text, "{\"method\":\"SUBSCRIBE\",\"params\":[\"\345\270\201\345\256\211usdt@trade\",\"a\\\"b\"],\"id\":1}");
}

static void test_backoff(void **state)
{
    (void)state;
    static const int64_t steps_ms[] = {500, 1000, 2000, 5000, 10000, 30000, 60000, 60000, 60000};
    for (uint32_t random = 0; random < 5000; random += 7) {
        struct sg_backoff backoff = {0};
        for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms; i++) {
            int64_t delay = sg_backoff_next(&backoff, random);
            assert_in_range(delay, (uintmax_t)steps_ms[i] * 1000, (uintmax_t)steps_ms[i] * 1300);
            assert_int_equal(backoff.attempt, i + 1);
        }
        sg_backoff_healthy(&backoff);
        assert_in_range(sg_backoff_next(&backoff, random), 500000, 650000);
    }
    struct sg_backoff late = {.attempt = UINT32_MAX};
    assert_true(sg_backoff_next(&late, 0) == 60 * SECOND);
    assert_true(late.attempt == UINT32_MAX);
    struct sg_backoff a = {0}, b = {0};
    assert_true(sg_backoff_next(&a, 0) != sg_backoff_next(&b, 1023)); /* not in step */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_is_strict),
        cmocka_unit_test(test_one_batch_and_its_answer),
        cmocka_unit_test(test_renewal_of_one_leg),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_backoff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
