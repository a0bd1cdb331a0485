/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/backfill_ranges_private.h"
#include "../../../src/engine/bar_store_private.h"

static struct sg_bar bar_at(int64_t time_us, double close)
{
    return (struct sg_bar){.time_us = time_us, .open = close, .high = close, .low = close, .close = close};
}

static void append_range(struct sg_bar_store *store, int64_t from, int64_t to)
{
    for (int64_t t = from; t < to; t++) {
        struct sg_bar bar = bar_at(t, (double)t + 1.0);
        assert_int_equal(sg_bar_store_append(store, &bar), SG_OK);
    }
}

static void test_append_and_find(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 100000);
    assert_int_equal(sg_bar_store_lower_bound(&store, 5), 0);
    append_range(&store, 0, 10000);
    assert_int_equal(store.length, 10000);
    for (size_t i = 0; i < store.length; i++)
        assert_int_equal(sg_bar_store_at(&store, i)->time_us, (int64_t)i);
    assert_int_equal(sg_bar_store_lower_bound(&store, -3), 0);
    assert_int_equal(sg_bar_store_lower_bound(&store, 4096), 4096);
    assert_int_equal(sg_bar_store_lower_bound(&store, 10000), 10000);
    sg_bar_store_free(&store);
}

static void test_order_is_kept(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 10);
    struct sg_bar bar = bar_at(7, 1.0);
    assert_int_equal(sg_bar_store_append(&store, &bar), SG_OK);
    assert_int_equal(sg_bar_store_append(&store, &bar), SG_ERR_INVALID);
    bar.time_us = 6;
    assert_int_equal(sg_bar_store_append(&store, &bar), SG_ERR_INVALID);
    assert_int_equal(store.length, 1);
    sg_bar_store_free(&store);
}

/* At the ceiling the newest `maximum` are there, in order, and no more memory is taken. */
static void test_ceiling(void **state)
{
    (void)state;
    struct sg_bar_store store;
    const size_t maximum = 3 * SG_BAR_STORE_CHUNK + 100;
    sg_bar_store_init(&store, maximum);
    size_t most_chunks = 0;
    for (int64_t t = 0; t < 100000; t++) {
        append_range(&store, t, t + 1);
        if (store.chunk_count > most_chunks)
            most_chunks = store.chunk_count;
        size_t kept = (size_t)t + 1 < maximum ? (size_t)t + 1 : maximum;
        assert_int_equal(store.length, kept);
        assert_int_equal(sg_bar_store_at(&store, 0)->time_us, t + 1 - (int64_t)kept);
        assert_int_equal(sg_bar_store_at(&store, kept - 1)->time_us, t);
    }
    assert_int_equal(store.forgotten, 100000 - maximum);
    assert_true(most_chunks <= maximum / SG_BAR_STORE_CHUNK + 2);
    for (size_t i = 0; i < store.length; i++)
        assert_int_equal(sg_bar_store_at(&store, i)->time_us, 100000 - (int64_t)maximum + (int64_t)i);
    sg_bar_store_free(&store);
}

static void test_merge_fills_holes_only(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 1000);
    append_range(&store, 10, 20);
    append_range(&store, 25, 30);
    struct sg_bar theirs[30];
    for (int i = 0; i < 30; i++) {
        theirs[i] = bar_at(i + 5, -1.0);
        theirs[i].flags = SG_BAR_REPAIRED;
    }
    size_t added = 99;
    int64_t first = -1;
    assert_int_equal(sg_bar_store_merge(&store, theirs, 30, &added, &first), SG_OK);
    assert_int_equal(added, 5 + 5 + 5); /* 5..9, 20..24, 30..34 */
    assert_int_equal(first, 5);
    assert_int_equal(store.length, 30);
    for (size_t i = 0; i < 30; i++) {
        const struct sg_bar *bar = sg_bar_store_at(&store, i);
        int64_t t = (int64_t)i + 5;
        int own = (t >= 10 && t < 20) || (t >= 25 && t < 30);
        assert_int_equal(bar->time_us, t);
        assert_true(bar->close == (own ? (double)t + 1.0 : -1.0));
        assert_int_equal(bar->flags, own ? 0 : SG_BAR_REPAIRED);
    }
    assert_int_equal(sg_bar_store_merge(&store, theirs, 30, &added, &first), SG_OK);
    assert_int_equal(added, 0);
    theirs[3].time_us = theirs[2].time_us;
    assert_int_equal(sg_bar_store_merge(&store, theirs, 30, &added, &first), SG_ERR_INVALID);
    assert_int_equal(store.length, 30);
    sg_bar_store_free(&store);
}

static void test_merge_keeps_to_the_ceiling(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 20);
    append_range(&store, 100, 110);
    struct sg_bar theirs[50];
    for (int i = 0; i < 50; i++)
        theirs[i] = bar_at(i + 50, -1.0);
    size_t added;
    int64_t first;
    assert_int_equal(sg_bar_store_merge(&store, theirs, 50, &added, &first), SG_OK);
    assert_int_equal(store.length, 20);
    assert_int_equal(sg_bar_store_at(&store, 0)->time_us, 90);
    assert_int_equal(sg_bar_store_at(&store, 19)->time_us, 109);
    sg_bar_store_free(&store);
}

static void test_ranges(void **state)
{
    (void)state;
    struct sg_ranges ranges = {.length = 0};
    sg_ranges_add(&ranges, 10, 20);
    sg_ranges_add(&ranges, 30, 40);
    sg_ranges_add(&ranges, 5, 5); /* nothing */
    assert_int_equal(ranges.length, 2);
    assert_int_equal(sg_ranges_skip(&ranges, 9), 9);
    assert_int_equal(sg_ranges_skip(&ranges, 10), 20);
    assert_int_equal(sg_ranges_skip(&ranges, 20), 20);
    sg_ranges_add(&ranges, 20, 30); /* joins both */
    assert_int_equal(ranges.length, 1);
    assert_int_equal(sg_ranges_skip(&ranges, 10), 40);
    sg_ranges_add(&ranges, 0, 5);
    assert_int_equal(ranges.length, 2);
    assert_int_equal(sg_ranges_skip(&ranges, 0), 5);
    sg_ranges_add(&ranges, 3, 100);
    assert_int_equal(ranges.length, 1);
    assert_int_equal(sg_ranges_skip(&ranges, 0), 100);
}

static void test_ranges_are_bounded(void **state)
{
    (void)state;
    struct sg_ranges ranges = {.length = 0};
    for (int64_t i = 0; i < 1000; i++)
        sg_ranges_add(&ranges, i * 10, i * 10 + 5);
    assert_int_equal(ranges.length, SG_RANGES_MAXIMUM);
    assert_int_equal(sg_ranges_skip(&ranges, 9990), 9995);
    assert_int_equal(sg_ranges_skip(&ranges, 0), 0); /* forgotten: would be asked again, which does no harm */
    sg_ranges_add(&ranges, 1, 2);
    assert_int_equal(ranges.length, SG_RANGES_MAXIMUM);
}

static void test_missing_bars(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 1000);
    struct sg_ranges asked = {.length = 0};
    struct sg_range hole = {-1, -1};
    int64_t waits = 0;
    assert_true(sg_missing_bars(&store, &asked, 1, 10, 20, INT64_MIN, &hole, &waits));
    assert_int_equal(hole.from_us, 10);
    assert_int_equal(hole.to_us, 20);
    append_range(&store, 10, 20);
    assert_false(sg_missing_bars(&store, &asked, 1, 10, 20, INT64_MIN, &hole, &waits));
    append_range(&store, 25, 30);
    assert_true(sg_missing_bars(&store, &asked, 1, 8, 30, INT64_MIN, &hole, &waits));
    assert_int_equal(hole.from_us, 8);
    assert_int_equal(hole.to_us, 25);
    sg_ranges_add(&asked, 0, 10);
    assert_true(sg_missing_bars(&store, &asked, 1, 8, 30, INT64_MIN, &hole, &waits));
    assert_int_equal(hole.from_us, 20);
    assert_int_equal(hole.to_us, 25);
    sg_ranges_add(&asked, 18, 27);
    assert_false(sg_missing_bars(&store, &asked, 1, 8, 30, INT64_MIN, &hole, &waits));
    assert_true(sg_missing_bars(&store, &asked, 1, 8, 33, INT64_MIN, &hole, &waits));
    assert_int_equal(hole.from_us, 30);
    assert_int_equal(hole.to_us, 33);
    assert_int_equal(waits, INT64_MAX);
    sg_bar_store_free(&store);
}

static void test_bars_that_nothing_has_proved(void **state)
{
    (void)state;
    struct sg_bar_store store;
    sg_bar_store_init(&store, 1000);
    struct sg_ranges asked = {.length = 0};
    struct sg_range hole = {-1, -1};
    int64_t waits = 0;
    for (int64_t time = 10; time < 20; time++) {
        struct sg_bar bar = {
            .time_us = time, .open = 5, .high = 6, .low = 4, .close = 5, .volume = 7, .trades = 3, .flags = time >= 14 ? (uint32_t)SG_BAR_UNSETTLED : 0};
        assert_int_equal(sg_bar_store_append(&store, &bar), SG_OK);
    }
    assert_false(sg_missing_bars(&store, &asked, 1, 10, 20, INT64_MIN, &hole, &waits));
    assert_int_equal(waits, 14);
    assert_true(sg_missing_bars(&store, &asked, 1, 10, 20, 16, &hole, &waits)); /* those that ended by 16 are looked at again */
    assert_int_equal(hole.from_us, 14);
    assert_int_equal(hole.to_us, 16);
    assert_int_equal(waits, 16);
    sg_bar_store_doubt(&store, 1, 18, 19);
    assert_true(sg_missing_bars(&store, &asked, 1, 10, 20, INT64_MIN, &hole, &waits)); /* known to be wrong: at once */
    assert_int_equal(hole.from_us, 18);

    /* The same once more is no news; the same and final is; another one, too. */
    struct sg_bar same = {.time_us = 15, .open = 5, .high = 6, .low = 4, .close = 5, .volume = 7, .trades = 3, .flags = SG_BAR_UNSETTLED}, other = same;
    size_t added = 9;
    int64_t first = 0;
    assert_int_equal(sg_bar_store_merge(&store, &same, 1, &added, &first), SG_OK);
    assert_int_equal(added, 0);
    other.trades = 4;
    other.flags |= SG_BAR_REPAIRED;
    assert_int_equal(sg_bar_store_merge(&store, &other, 1, &added, &first), SG_OK);
    assert_int_equal(added, 1);
    other.trades = 2; /* an answer that lags more than the one before */
    assert_int_equal(sg_bar_store_merge(&store, &other, 1, &added, &first), SG_OK);
    assert_int_equal(added, 0);
    assert_int_equal(sg_bar_store_at(&store, 5)->trades, 4);
    assert_false(sg_bar_store_same(sg_bar_store_at(&store, 5), &same));
    sg_bar_store_settle(&store, 5, NULL);
    assert_int_equal(sg_bar_store_at(&store, 5)->flags, SG_BAR_REPAIRED);
    other.trades = 9;
    assert_int_equal(sg_bar_store_merge(&store, &other, 1, &added, &first), SG_OK); /* final ones stay */
    assert_int_equal(added, 0);
    sg_bar_store_free(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_and_find),
        cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_merge_fills_holes_only),
        cmocka_unit_test(test_merge_keeps_to_the_ceiling),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_ranges_are_bounded),
        cmocka_unit_test(test_missing_bars),
        cmocka_unit_test(test_bars_that_nothing_has_proved),
    };
    return cmocka_run_group_tests_name("engine/bar_store", tests, NULL, NULL);
}
