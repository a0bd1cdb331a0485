/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of ids against an array of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/id_set_private.h"

#define RANGE 400

/* How many of the ids from first to last are in it. */
static uint64_t count_of(const struct sg_id_set *set, int64_t first, int64_t last)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->length; i++) {
        int64_t from = set->runs[i].first > first ? set->runs[i].first : first, to = set->runs[i].last < last ? set->runs[i].last : last;
        count += from <= to ? (uint64_t)(to - from + 1) : 0;
    }
    return count;
}

static void test_against_flags(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (int round = 0; round < 200; round++) {
        struct sg_id_set set = {0};
        bool there[RANGE] = {false};
        for (int i = 0; i < 30; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            int first = (int)(random >> 33) % (RANGE - 20), last = first + (int)(random >> 50) % 9;
            assert_int_equal(sg_id_set_add(&set, first, last), SG_OK);
            for (int id = first; id <= last; id++)
                there[id] = true;
            if (random % 3 == 0) { /* and now and then some come out again */
                int out = (int)((random >> 20) % (RANGE - 20)), end = out + (int)((random >> 40) % 19);
                assert_int_equal(sg_id_set_remove(&set, out, end), SG_OK);
                for (int id = out; id <= end; id++)
                    there[id] = false;
            }
            unsigned total = 0, part = 0;
            for (int id = 0; id < RANGE; id++) {
                total += there[id];
                part += there[id] && id >= first - 7 && id <= first + 50;
            }
            assert_int_equal(count_of(&set, INT64_MIN, INT64_MAX), total);
            for (int id = 0; id < RANGE; id++) {
                int64_t until = 0;
                assert_int_equal(sg_id_set_has(&set, id, &until), there[id]);
                assert_true(until >= id);
                for (int same = id; same <= until && same < RANGE; same++)
                    assert_int_equal(there[same], there[id]);
                if (until < RANGE - 1)
                    assert_int_not_equal(there[until + 1], there[id]);
            }
            assert_int_equal(count_of(&set, first - 7, first + 50), part);
        }
        for (size_t i = 1; i < set.length; i++)
            assert_true(set.runs[i].first > set.runs[i - 1].last + 1); /* apart: touching runs are one */
        sg_id_set_free(&set);
    }
}

static void test_ceiling(void **state)
{
    (void)state;
    struct sg_id_set set = {0};
    for (int64_t i = 0; i < SG_ID_SET_MAXIMUM + 10; i++)
        assert_int_equal(sg_id_set_add(&set, i * 10, i * 10 + 2), SG_OK);
    assert_int_equal(set.length, SG_ID_SET_MAXIMUM);
    assert_int_equal(set.forgotten, 30);
    assert_int_equal(count_of(&set, INT64_MIN, INT64_MAX), 3 * SG_ID_SET_MAXIMUM);
    assert_int_equal(count_of(&set, 0, 99), 0);
    sg_id_set_free(&set);
}

static void test_nothing_is_taken_from_nothing(void **state)
{
    (void)state;
    struct sg_id_set set = {0};
    assert_int_equal(sg_id_set_remove(&set, 3, 9), SG_OK);
    assert_int_equal(count_of(&set, 0, 100), 0);
    assert_int_equal(set.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_taken_from_nothing), cmocka_unit_test(test_against_flags),
                                       cmocka_unit_test(test_ceiling)};
    return cmocka_run_group_tests_name("engine/id_set", tests, NULL, NULL);
}
