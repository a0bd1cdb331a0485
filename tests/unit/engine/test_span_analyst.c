/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question at a time: a newer one calls the older off, the last one asked is answered, and nobody is called after the end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "spreadglass/engine/span_analyst.h"

enum { BARS = 20000 };

struct asker {
    struct sg_span_analyst *analyst;
    struct sg_history history;
    size_t first, count; /* what is wanted now */
    gboolean satisfied;
    unsigned calls, answers;
    struct sg_span_answer answer;
};

static void ask(struct asker *asker)
{
    sg_span_analyst_ask(asker->analyst, &asker->history, asker->first, asker->count);
}

static void on_ready(const struct sg_span_answer *answer, void *context)
{
    struct asker *asker = context;
    asker->calls++;
    if (answer != NULL) {
        asker->answers++;
        asker->answer = *answer;
    }
    asker->satisfied = answer != NULL && answer->first == asker->first && answer->count == asker->count;
    if (!asker->satisfied)
        ask(asker);
}

static gboolean on_deadline(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

static void wait_for(const gboolean *condition)
{
    gboolean late = FALSE;
    guint timer = g_timeout_add_seconds(60, on_deadline, &late);
    while (!*condition && !late)
        g_main_context_iteration(NULL, TRUE);
    assert_false(late);
    g_source_remove(timer);
}

static int setup(void **state)
{
    struct asker *asker = calloc(1, sizeof *asker);
    sg_history_init(&asker->history, 1000000, BARS);
    struct fixture_market market = fixture_market_new(3);
    for (int i = 0; i < BARS; i++) {
        struct sg_row row = {.time_us = FIXTURE_START_US + i * INT64_C(1000000)};
        fixture_market_step(&market, &row.value[SG_COL_A_CLOSE], &row.value[SG_COL_B_CLOSE]);
        assert_int_equal(sg_history_append(&asker->history, &row), SG_OK);
    }
    asker->analyst = sg_span_analyst_new(on_ready, asker);
    *state = asker;
    return asker->analyst == NULL;
}

static int teardown(void **state)
{
    struct asker *asker = *state;
    sg_span_analyst_free(asker->analyst);
    sg_history_free(&asker->history);
    free(asker);
    return 0;
}

static void test_answer(void **state)
{
    struct asker *asker = *state;
    asker->first = 100;
    asker->count = 500;
    assert_true(sg_span_analyst_ask(asker->analyst, &asker->history, 100, 500));
    wait_for(&asker->satisfied);
    struct sg_span_stats direct;
    assert_int_equal(sg_span_stats_compute(asker->history.column[SG_COL_A_CLOSE] + 100, asker->history.column[SG_COL_B_CLOSE] + 100, 500, NULL, &direct),
                     SG_OK);
    assert_int_equal(asker->answer.status, SG_OK);
    assert_int_equal(asker->answer.epoch, asker->history.epoch);
    assert_int_equal(asker->answer.first_us, asker->history.time_us[100]);
    assert_int_equal(asker->answer.last_us, asker->history.time_us[599]);
    assert_memory_equal(&asker->answer.stats.fit.beta, &direct.fit.beta, sizeof(double));
    assert_memory_equal(&asker->answer.stats.engle_granger.p_value, &direct.engle_granger.p_value, sizeof(double));
}

static void test_the_newest_question_wins(void **state)
{
    struct asker *asker = *state;
    asker->satisfied = FALSE;
    asker->calls = asker->answers = 0;
    unsigned taken = 0;
    for (size_t i = 0; i < 1000; i++) { /* an edge that is dragged, with nobody iterating the loop in between */
        asker->first = i;
        asker->count = BARS - 2 * i;
        taken += sg_span_analyst_ask(asker->analyst, &asker->history, asker->first, asker->count) != FALSE;
    }
    assert_int_equal(taken, 1);
    wait_for(&asker->satisfied);
    assert_int_equal(asker->calls, 2); /* the first, called off; the last, answered. None of the 998 between */
    assert_int_equal(asker->answers, 1);
    assert_int_equal(asker->answer.first, 999);
}

static void test_none_after_the_end(void **state)
{
    struct asker *asker = *state;
    unsigned calls = asker->calls;
    assert_true(sg_span_analyst_ask(asker->analyst, &asker->history, 0, BARS));
    sg_span_analyst_free(asker->analyst);
    asker->analyst = sg_span_analyst_new(on_ready, asker);
    asker->first = 1;
    asker->count = 200;
    asker->satisfied = FALSE;
    ask(asker);
    wait_for(&asker->satisfied);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    assert_int_equal(asker->calls, calls + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answer), cmocka_unit_test(test_the_newest_question_wins),
                                       cmocka_unit_test(test_none_after_the_end)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
