/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar that closes incomplete after the gaps of its time were filled is listed again; one whose time is listed already is not listed twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"

#define MINUTE_US INT64_C(60000000)
#define AT_US (INT64_C(1700000040) * SG_US_PER_S) /* a minute's opening */

static int told;
static struct sg_gap kept;

static void on_event(void *context, const SgSessionEvent *event)
{
    (void)context;
    told += event->code == SG_EVENT_GAP;
}

static void keep_gap(void *context, const struct sg_gap *gap)
{
    (void)context;
    if (gap->state == SG_GAP_OPEN) /* what touches the span is all kept anew */
        kept = *gap;
}

static struct sg_core *begin(bool keeps)
{
    struct sg_core_config config = {.interval = SG_INTERVAL_1S, .keeps = keeps, .outputs = {.on_event = on_event, .keep_gap = keep_gap}};
    sg_pair_params_default(&config.params);
    struct sg_error error;
    struct sg_core *core = sg_core_new(&config, &error);
    assert_non_null(core);
    told = 0;
    kept = (struct sg_gap){0};
    const struct sg_gap second = {SG_LEG_A, AT_US + 51 * SG_US_PER_S, AT_US + 52 * SG_US_PER_S, 7, 9, SG_GAP_LATE, SG_GAP_OPEN};
    assert_int_equal(sg_gap_ledger_add(&core->gaps, &second), SG_OK);
    return core;
}

static void fill(struct sg_core *core)
{
    assert_int_equal(sg_gap_ledger_resolve(&core->gaps, SG_LEG_A, AT_US, AT_US + MINUTE_US, SG_GAP_FILLED), SG_OK);
}

static void what_was_filled_too_soon_is_listed_again(void **state)
{
    (void)state;
    struct sg_core *core = begin(true);
    fill(core);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_A, AT_US);
    assert_int_equal(core->gaps.length, 2);
    assert_int_equal(told, 1);
    assert_int_equal(kept.from_us, AT_US);
    assert_int_equal(kept.to_us, AT_US + MINUTE_US);
    assert_int_equal(kept.state, SG_GAP_OPEN);
    assert_int_equal(kept.cause, SG_GAP_LATE);
    sg_core_list_incomplete(core, SG_INTERVAL_5M, SG_LEG_A, AT_US - AT_US % (5 * MINUTE_US)); /* its time is listed now */
    assert_int_equal(core->gaps.length, 2);
    sg_core_free(core);
}

static void what_is_listed_is_not_listed_twice(void **state)
{
    (void)state;
    struct sg_core *core = begin(true);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_A, AT_US);
    assert_int_equal(core->gaps.length, 1);
    assert_int_equal(told, 0);
    sg_core_free(core);
}

static void other_legs_times_and_intervals_are_let_be(void **state)
{
    (void)state;
    struct sg_core *core = begin(true);
    fill(core);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_B, AT_US);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_A, AT_US - MINUTE_US);
    assert_int_equal(core->gaps.length, 1);
    sg_core_free(core);
    core = begin(false); /* nobody looks at minutes, and nobody keeps them */
    fill(core);
    sg_core_list_incomplete(core, SG_INTERVAL_1M, SG_LEG_A, AT_US);
    assert_int_equal(core->gaps.length, 1);
    sg_core_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_filled_too_soon_is_listed_again), cmocka_unit_test(what_is_listed_is_not_listed_twice),
                                       cmocka_unit_test(other_legs_times_and_intervals_are_let_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
