/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary of a shape against its trades, each looked at, for ramps up, down, flat and steep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../../src/exchange/shape_private.h"
#include "spreadglass/base/clock.h"

static const struct sg_ex_shape_spec specs[] = {
    {.key = 11, .common_key = 5, .price = 64250, .tick = 1000000, .step = 1000},
    {.key = 12, .common_key = 5, .price = 0.612, .own_walk = 0.6, .tick = 10000, .step = 100000000},
};

static int64_t floor_64(int64_t value)
{
    return value >= 0 ? value / 64 : -((-value + 63) / 64);
}

static void check(const struct sg_ex_shape *shape, const struct sg_ex_shape_summary *summary, int64_t begin, int64_t rise)
{
    int64_t high = 0, low = 0, quote = 0, taker = 0, volume = 0, taker_volume = 0, price = 0;
    for (int i = 0; i < shape->count; i++) {
        const struct sg_ex_shape_trade *trade = &shape->trades[i];
        price = begin + trade->offset + floor_64(rise * (trade->at_us / SG_US_PER_S));
        high = i == 0 || price > high ? price : high;
        low = i == 0 || price < low ? price : low;
        quote += price * trade->quantity;
        volume += trade->quantity;
        taker += trade->taker_buys ? price * trade->quantity : 0;
        taker_volume += trade->taker_buys ? trade->quantity : 0;
        if (i == 0)
            assert_int_equal(price, begin + summary->first_offset + sg_ex_ramp(rise, summary->first_second));
    }
    assert_int_equal(price, begin + summary->last_offset + sg_ex_ramp(rise, summary->last_second));
    assert_int_equal(high, begin + sg_ex_hull_extreme(&summary->high, rise, true));
    assert_int_equal(low, begin + sg_ex_hull_extreme(&summary->low, rise, false));
    assert_int_equal(volume, summary->all.volume);
    assert_int_equal(taker_volume, summary->taker.volume);
    assert_int_equal(quote, sg_ex_side_quote(&summary->all, begin, rise));
    assert_int_equal(taker, sg_ex_side_quote(&summary->taker, begin, rise));
}

static void test_summary_is_what_the_trades_add_up_to(void **state)
{
    (void)state;
    static struct sg_ex_shape shape;
    static struct sg_ex_shape_summary summary;
    static const int64_t rises[] = {0, 1, -1, 63, 64, 65, -63, -64, -65, 4300, -4300, 100003, -100003};
    int regular = 0;
    for (size_t s = 0; s < sizeof specs / sizeof specs[0]; s++)
        for (int number = 0; number < EX_SHAPES; number++)
            for (int units = 1; units <= EX_UNITS_MAX; units += 7) {
                sg_ex_shape_make(&specs[s], number, units, units * 60, &shape);
                assert_int_equal(shape.count, units * 60);
                for (int i = 1; i < shape.count; i++)
                    assert_true(shape.trades[i].at_us >= shape.trades[i - 1].at_us);
                assert_true(shape.trades[shape.count - 1].at_us < EX_BLOCK_S * SG_US_PER_S);
                if (!sg_ex_shape_summarise(&shape, &summary))
                    continue;
                regular++;
                for (size_t i = 0; i < sizeof rises / sizeof rises[0]; i++)
                    check(&shape, &summary, 6425000, rises[i]);
            }
    assert_true(regular > 150); /* of 192: the others are looked at trade by trade */
}

/* Without a trade there is nothing to sum. */
static void test_empty_shape(void **state)
{
    (void)state;
    static struct sg_ex_shape shape;
    static struct sg_ex_shape_summary summary;
    sg_ex_shape_make(&specs[0], 3, 6, 0, &shape);
    assert_true(sg_ex_shape_summarise(&shape, &summary));
    assert_int_equal(summary.count, 0);
    assert_int_equal(summary.all.volume, 0);
}

/* Both legs follow the common walk within the block; the offsets begin and end on the ramp. */
static void test_symbols_move_together(void **state)
{
    (void)state;
    static struct sg_ex_shape a, b;
    const struct sg_ex_shape_spec other = {.key = 13, .common_key = 5, .price = 3420, .tick = 1000000, .step = 10000};
    double saa = 0, sbb = 0, sab = 0;
    for (int number = 0; number < EX_SHAPES; number++) {
        sg_ex_shape_make(&specs[0], number, 6, 10, &a);
        sg_ex_shape_make(&other, number, 6, 10, &b);
        assert_int_equal(a.middle[0], 0);
        assert_int_equal(a.middle[EX_SHAPE_POINTS - 1], 0);
        for (int i = 2; i < EX_SHAPE_POINTS; i += 2) {
            const double x = a.middle[i] - a.middle[i - 2], y = b.middle[i] - b.middle[i - 2];
            saa += x * x;
            sbb += y * y;
            sab += x * y;
        }
    }
    assert_true(sab * sab > 0.5 * saa * sbb);
    assert_true(sab * sab < 0.99 * saa * sbb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_summary_is_what_the_trades_add_up_to), cmocka_unit_test(test_empty_shape),
                                       cmocka_unit_test(test_symbols_move_together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
