/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path: one block asked for alone is the same as in a row, blocks join, and units find their block again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../../src/exchange/path_private.h"

#define ROW 3000
#define TREE (INT64_C(1) << EX_TREE_LEVELS)

struct row {
    struct sg_ex_block blocks[ROW];
    int count;
};

static bool take(void *context, const struct sg_ex_block *block)
{
    struct row *row = context;
    assert_true(row->count < ROW);
    row->blocks[row->count++] = *block;
    return true;
}

static void check_row(const struct sg_ex_path *path, const struct sg_ex_leg *leg, int64_t from)
{
    static struct row row, one;
    row.count = 0;
    sg_ex_path_walk(path, leg, from, from + ROW, take, &row);
    assert_int_equal(row.count, ROW);
    for (int i = 0; i < ROW; i++) {
        const struct sg_ex_block *block = &row.blocks[i];
        assert_int_equal(block->number, from + i);
        assert_true(block->units >= 1);
        assert_true(block->units <= EX_UNITS_MAX);
        if (i > 0) {
            assert_int_equal(block->units_before, block[-1].units_before + block[-1].units);
            assert_true(block->begin == block[-1].end);
        }
        if (i % 97 != 0)
            continue;
        one.count = 0;
        sg_ex_path_walk(path, leg, from + i, from + i + 1, take, &one);
        assert_int_equal(one.count, 1);
        assert_int_equal(one.blocks[0].units_before, block->units_before);
        assert_int_equal(one.blocks[0].units, block->units);
        assert_true(one.blocks[0].begin == block->begin);
        assert_true(one.blocks[0].end == block->end);
        assert_int_equal(sg_ex_path_block_of_unit(path, block->units_before), block->number);
        assert_int_equal(sg_ex_path_block_of_unit(path, block->units_before + block->units - 1), block->number);
    }
}

static void test_blocks_join(void **state)
{
    (void)state;
    const struct sg_ex_path path = sg_ex_path_of_seed(1);
    const struct sg_ex_leg tied = {.key = 77}, free_leg = {.key = 78, .own_walk = 0.6};
    check_row(&path, &tied, 0);
    check_row(&path, &tied, path.start_s / EX_BLOCK_S - ROW / 2);
    check_row(&path, &free_leg, TREE - ROW / 2); /* from one tree to the next */
    check_row(&path, &free_leg, 3 * TREE - ROW / 2);
}

/* It opens at ten, on a block's quarter, with an hour about as active as any. */
static void test_start(void **state)
{
    (void)state;
    static struct row hour;
    for (uint64_t seed = 0; seed < 50; seed++) {
        const struct sg_ex_path path = sg_ex_path_of_seed(seed);
        assert_int_equal(path.start_s % 86400, 10 * 3600);
        assert_int_equal(path.start_s % (EX_BLOCK_S / 4), 0);
        assert_true(path.start_s > INT64_C(6) * 365 * 86400);
        hour.count = 0;
        sg_ex_path_walk(&path, NULL, path.start_s / EX_BLOCK_S, path.start_s / EX_BLOCK_S + 57, take, &hour);
        int64_t units = 0;
        for (int i = 0; i < hour.count; i++)
            units += hour.blocks[i].units;
        assert_true(units > 57 * EX_UNITS_MEAN * 8 / 10);
        assert_true(units < 57 * EX_UNITS_MEAN * 12 / 10);
    }
}

/* Prices stay within a range that ticks are made for, over all years. */
static void test_range(void **state)
{
    (void)state;
    static struct row one;
    for (uint64_t seed = 1; seed < 6; seed++) {
        const struct sg_ex_path path = sg_ex_path_of_seed(seed);
        const struct sg_ex_leg leg = {.key = 5, .own_walk = 0.6};
        for (int64_t block = 0; block < 3 * TREE; block += 20011) {
            one.count = 0;
            sg_ex_path_walk(&path, &leg, block, block + 1, take, &one);
            assert_true(fabs(one.blocks[0].begin) < 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks_join), cmocka_unit_test(test_start), cmocka_unit_test(test_range)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
