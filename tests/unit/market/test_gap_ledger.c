/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/base/rng.h"
#include "spreadglass/market/gap_ledger.h"

static struct sg_gap gap_of(enum sg_leg leg, int64_t from, int64_t to)
{
    return (struct sg_gap){leg, from, to, -1, -1, SG_GAP_DISCONNECT, SG_GAP_OPEN};
}

static void add(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t from, int64_t to)
{
    struct sg_gap gap = gap_of(leg, from, to);

    assert_int_equal(sg_gap_ledger_add(ledger, &gap), SG_OK);
}

static void check(const struct sg_gap_ledger *ledger, size_t index, int64_t from, int64_t to, enum sg_gap_state state)
{
    assert_true(index < ledger->length);
    assert_true(ledger->gaps[index].from_us == from);
    assert_true(ledger->gaps[index].to_us == to);
    assert_int_equal(ledger->gaps[index].state, state);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(sg_gap_cause_name(SG_GAP_DISCONNECT), "disconnect");
    assert_string_equal(sg_gap_cause_name(SG_GAP_RING_FULL), "ring-full");
    for (int i = 0; i < SG_GAP_CAUSE_COUNT; i++) {
        assert_string_not_equal(sg_gap_cause_name((enum sg_gap_cause)i), "unknown");
    }
    assert_string_equal(sg_gap_cause_name(SG_GAP_CAUSE_COUNT), "unknown");
}

static void test_add_and_end(void **state)
{
    struct sg_gap_ledger ledger;
    struct sg_gap gap;

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_A, 10, &gap), SG_ERR_NOT_FOUND);
    add(&ledger, SG_LEG_B, 20, INT64_MAX);
    add(&ledger, SG_LEG_A, 10, INT64_MAX); /* out of order: put in its place */
    check(&ledger, 0, 10, INT64_MAX, SG_GAP_OPEN);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_A, 10, &gap), SG_ERR_INVALID);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_A, 15, &gap), SG_OK);
    assert_true(gap.leg == SG_LEG_A);
    assert_true(gap.from_us == 10);
    assert_true(gap.to_us == 15);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_A, 30, NULL), SG_ERR_NOT_FOUND);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_B, 30, NULL), SG_OK);
    gap = gap_of(SG_LEG_A, 5, 5);
    assert_int_equal(sg_gap_ledger_add(&ledger, &gap), SG_ERR_INVALID);
    gap = gap_of((enum sg_leg)2, 5, 6);
    assert_int_equal(sg_gap_ledger_add(&ledger, &gap), SG_ERR_INVALID);
    assert_int_equal(ledger.length, 2);
    sg_gap_ledger_free(&ledger);
    sg_gap_ledger_free(&ledger);
    sg_gap_ledger_free(NULL);
}

static void test_ceiling_forgets_the_oldest_and_counts(void **state)
{
    struct sg_gap_ledger ledger;

    (void)state;
    sg_gap_ledger_init(&ledger, 20);
    for (int i = 0; i < 50; i++) {
        add(&ledger, SG_LEG_A, i * 10, i * 10 + 5);
    }
    assert_int_equal(ledger.length, 20);
    assert_int_equal(ledger.forgotten, 30);
    check(&ledger, 0, 300, 305, SG_GAP_OPEN);
    check(&ledger, 19, 490, 495, SG_GAP_OPEN);
    sg_gap_ledger_free(&ledger);
}

static void test_resolve_splits(void **state)
{
    struct sg_gap_ledger ledger;

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    add(&ledger, SG_LEG_A, 10, 100);
    add(&ledger, SG_LEG_B, 10, 100);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 30, 40, SG_GAP_FILLED), SG_OK);
    assert_int_equal(ledger.length, 4);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 0, 35, SG_GAP_UNFILLABLE), SG_OK); /* filled stays filled */
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 200, 300, SG_GAP_FILLED), SG_ERR_NOT_FOUND);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 50, 50, SG_GAP_FILLED), SG_ERR_INVALID);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 50, 60, SG_GAP_OPEN), SG_ERR_INVALID);
    {
        static const struct {
            int64_t from, to;
            enum sg_gap_state state;
        } expected[] = {
            {10, 30, SG_GAP_UNFILLABLE},
            {30, 40, SG_GAP_FILLED},
            {40, 100, SG_GAP_OPEN},
        };
        size_t at = 0;

        for (size_t i = 0; i < ledger.length; i++) {
            if (ledger.gaps[i].leg == SG_LEG_A) {
                check(&ledger, i, expected[at].from, expected[at].to, expected[at].state);
                at++;
            } else {
                check(&ledger, i, 10, 100, SG_GAP_OPEN);
            }
        }
        assert_int_equal(at, 3);
    }
    sg_gap_ledger_free(&ledger);
}

static void test_resolve_while_it_lasts(void **state)
{
    struct sg_gap_ledger ledger;
    struct sg_gap gap;

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    add(&ledger, SG_LEG_A, 10, INT64_MAX);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 10, 50, SG_GAP_FILLED), SG_OK);
    check(&ledger, 0, 10, 50, SG_GAP_FILLED);
    check(&ledger, 1, 50, INT64_MAX, SG_GAP_OPEN);
    assert_int_equal(sg_gap_ledger_end(&ledger, SG_LEG_A, 70, &gap), SG_OK);
    assert_true(gap.from_us == 50);
    assert_true(gap.to_us == 70);
    sg_gap_ledger_free(&ledger);
}

/* On disk a leg, a beginning and a cause name an entry: two of them would write over one another. */
static void test_what_begins_together_is_one(void **state)
{
    struct sg_gap_ledger ledger;
    struct sg_gap gap = gap_of(SG_LEG_A, 10, 20);

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    gap.first_id = 5;
    gap.last_id = 7;
    assert_int_equal(sg_gap_ledger_add(&ledger, &gap), SG_OK);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 10, 20, SG_GAP_FILLED), SG_OK);
    add(&ledger, SG_LEG_B, 10, 15);
    gap = (struct sg_gap){SG_LEG_A, 10, 15, 3, 4, SG_GAP_STALL, SG_GAP_FILLED};
    assert_int_equal(sg_gap_ledger_add(&ledger, &gap), SG_OK);
    assert_int_equal(ledger.length, 3); /* another leg's, and another cause */
    gap = (struct sg_gap){SG_LEG_A, 10, 14, 8, 9, SG_GAP_DISCONNECT, SG_GAP_OPEN};
    assert_int_equal(sg_gap_ledger_add(&ledger, &gap), SG_OK);
    assert_int_equal(ledger.length, 3);
    check(&ledger, 0, 10, 20, SG_GAP_OPEN);
    assert_int_equal(ledger.gaps[0].first_id, 5);
    assert_int_equal(ledger.gaps[0].last_id, 9);
    add(&ledger, SG_LEG_A, 10, 30); /* without ids */
    check(&ledger, 0, 10, 30, SG_GAP_OPEN);
    assert_int_equal(ledger.gaps[0].first_id, 5);
    /* A part that is cut off may begin where another entry does. */
    add(&ledger, SG_LEG_A, 25, 27);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 25, 27, SG_GAP_UNFILLABLE), SG_OK);
    assert_int_equal(ledger.length, 5);
    check(&ledger, 0, 10, 25, SG_GAP_OPEN);
    check(&ledger, 3, 25, 27, SG_GAP_UNFILLABLE);
    check(&ledger, 4, 27, 30, SG_GAP_OPEN);
    sg_gap_ledger_free(&ledger);
}

static void test_reopen(void **state)
{
    struct sg_gap_ledger ledger;
    uint64_t changes;

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    for (int i = 0; i < 4; i++) {
        add(&ledger, i == 3 ? SG_LEG_B : SG_LEG_A, i * 10, i * 10 + 5);
    }
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 0, 15, SG_GAP_FILLED), SG_OK);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_B, 30, 35, SG_GAP_FILLED), SG_OK);
    changes = ledger.changes;
    assert_false(sg_gap_ledger_reopen(&ledger, SG_LEG_A, 5, 10));  /* between two */
    assert_false(sg_gap_ledger_reopen(&ledger, SG_LEG_A, 20, 40)); /* open, or of the other leg */
    assert_int_equal(ledger.changes, changes);
    assert_true(sg_gap_ledger_reopen(&ledger, SG_LEG_A, 14, 40));
    check(&ledger, 0, 0, 5, SG_GAP_FILLED);
    check(&ledger, 1, 10, 15, SG_GAP_OPEN);
    check(&ledger, 3, 30, 35, SG_GAP_FILLED);
    assert_int_equal(ledger.changes, changes + 1);
    sg_gap_ledger_free(&ledger);
}

/* What a gap was caused by may be known only while it lasts; one that has ended keeps its cause. */
static void test_another_cause(void **state)
{
    struct sg_gap_ledger ledger;
    uint64_t changes;

    (void)state;
    sg_gap_ledger_init(&ledger, 100);
    add(&ledger, SG_LEG_A, 10, 20);
    assert_int_equal(sg_gap_ledger_explain(&ledger, SG_LEG_A, SG_GAP_MAINTENANCE), SG_ERR_NOT_FOUND);
    add(&ledger, SG_LEG_B, 30, INT64_MAX);
    add(&ledger, SG_LEG_A, 40, INT64_MAX);
    changes = ledger.changes;
    assert_int_equal(sg_gap_ledger_explain(&ledger, SG_LEG_A, SG_GAP_MAINTENANCE), SG_OK);
    assert_int_equal(ledger.changes, changes + 1);
    assert_int_equal(sg_gap_ledger_explain(&ledger, SG_LEG_A, SG_GAP_MAINTENANCE), SG_OK);
    assert_int_equal(ledger.changes, changes + 1); /* nothing new */
    assert_int_not_equal(ledger.gaps[0].cause, SG_GAP_MAINTENANCE);
    assert_int_not_equal(ledger.gaps[1].cause, SG_GAP_MAINTENANCE);
    assert_int_equal(ledger.gaps[2].cause, SG_GAP_MAINTENANCE);
    sg_gap_ledger_free(&ledger);
}

static void test_split_at_the_ceiling_keeps_it_open(void **state)
{
    struct sg_gap_ledger ledger;

    (void)state;
    sg_gap_ledger_init(&ledger, 1);
    add(&ledger, SG_LEG_A, 10, 100);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 30, 40, SG_GAP_FILLED), SG_ERR_NOMEM);
    check(&ledger, 0, 10, 100, SG_GAP_OPEN);
    assert_int_equal(sg_gap_ledger_resolve(&ledger, SG_LEG_A, 0, 200, SG_GAP_FILLED), SG_OK);
    check(&ledger, 0, 10, 100, SG_GAP_FILLED);
    sg_gap_ledger_free(&ledger);
}

/* Random gaps and repairs against an array with one cell per unit of time. */
static void test_against_cells(void **state)
{
    enum { CELLS = 200, NOTHING = 9 };
    struct sg_rng rng;

    (void)state;
    sg_rng_seed(&rng, 5, 0);
    for (int round = 0; round < 300; round++) {
        int cells[SG_LEG_COUNT][CELLS];
        struct sg_gap_ledger ledger;
        int64_t at[SG_LEG_COUNT] = {0, 0};

        sg_gap_ledger_init(&ledger, 1000);
        for (int i = 0; i < CELLS; i++) {
            cells[0][i] = cells[1][i] = NOTHING;
        }
        for (int i = 0; i < 40; i++) {
            int leg = (int)sg_rng_below(&rng, 2);
            int64_t from = at[leg] + (int64_t)sg_rng_below(&rng, 10);
            int64_t to = from + 1 + (int64_t)sg_rng_below(&rng, 15);

            if (to > CELLS) {
                continue;
            }
            at[leg] = to;
            add(&ledger, (enum sg_leg)leg, from, to);
            for (int64_t c = from; c < to; c++) {
                cells[leg][c] = SG_GAP_OPEN;
            }
        }
        for (int i = 0; i < 30; i++) {
            int leg = (int)sg_rng_below(&rng, 2);
            int64_t from = (int64_t)sg_rng_below(&rng, CELLS - 1);
            int64_t to = from + 1 + (int64_t)sg_rng_below(&rng, 40);
            enum sg_gap_state mark = sg_rng_below(&rng, 2) ? SG_GAP_FILLED : SG_GAP_UNFILLABLE;

            sg_gap_ledger_resolve(&ledger, (enum sg_leg)leg, from, to, mark);
            for (int64_t c = from; c < to && c < CELLS; c++) {
                if (cells[leg][c] != NOTHING && cells[leg][c] != SG_GAP_FILLED) {
                    cells[leg][c] = (int)mark;
                }
            }
        }
        for (size_t i = 0; i < ledger.length; i++) {
            const struct sg_gap *gap = &ledger.gaps[i];

            assert_true(i == 0 || ledger.gaps[i - 1].from_us <= gap->from_us);
            for (int64_t c = gap->from_us; c < gap->to_us; c++) {
                assert_int_equal(cells[gap->leg][c], gap->state);
                cells[gap->leg][c] = NOTHING; /* seen; a second time would not match */
            }
        }
        for (int i = 0; i < CELLS; i++) {
            assert_int_equal(cells[0][i], NOTHING);
            assert_int_equal(cells[1][i], NOTHING);
        }
        sg_gap_ledger_free(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_add_and_end),
        cmocka_unit_test(test_ceiling_forgets_the_oldest_and_counts),
        cmocka_unit_test(test_resolve_splits),
        cmocka_unit_test(test_resolve_while_it_lasts),
        cmocka_unit_test(test_another_cause),
        cmocka_unit_test(test_what_begins_together_is_one),
        cmocka_unit_test(test_reopen),
        cmocka_unit_test(test_split_at_the_ceiling_keeps_it_open),
        cmocka_unit_test(test_against_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
