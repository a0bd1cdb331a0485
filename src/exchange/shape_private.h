/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What happens within a block of 64 s of the seeded market, as one of a few dozen shapes.
 *
 * A shape is a list of trades with prices in ticks relative to a ramp that rises from the block's begin price to its end price in 64
 * steps of a second: price = begin + offset + floor((end - begin) * second / 64). The ramp enters linearly, but for the floor, so what a
 * bar of the block needs (highest, lowest, sums) follows from a summary of the shape in constant time, exactly as if each trade had been
 * looked at:
 * - highest: floor and maximum change places, offsets being whole, so only the upper hull of (second, offset) counts;
 * - sum of price * quantity: with end - begin = 64 a + b, floor((64 a + b) j / 64) = a j + floor(b j / 64): a moment, and a table over b.
 * The common walk's part of a shape depends on its number alone, so all symbols move together within the block too. */
#include "path_private.h"

#define EX_SHAPES 32
#define EX_SHAPE_TRADES_MAX 1024
#define EX_SHAPE_POINTS 129 /* of the middle price, every half second, both ends included */
#define EX_FILLS_MAX 12     /* no trade is smaller than so many lot steps */

struct sg_ex_shape_spec {
    uint64_t key, common_key; /* of the seed and the symbol; of the seed */
    double price;             /* about which the symbol trades, in quote units */
    double own_walk;          /* as in sg_ex_leg */
    int64_t tick, step;       /* 1e-8 units */
};

struct sg_ex_shape_trade {
    int32_t at_us;    /* within the block */
    int32_t offset;   /* ticks from the ramp */
    int64_t quantity; /* steps */
    bool taker_buys;
};

struct sg_ex_shape {
    int32_t middle[EX_SHAPE_POINTS]; /* the bid without trades, ticks from the ramp */
    uint8_t spread[EX_BLOCK_S];      /* ticks between bid and ask, by second */
    int count;
    struct sg_ex_shape_trade trades[EX_SHAPE_TRADES_MAX];
};

struct sg_ex_side {
    int64_t volume;             /* steps */
    int64_t offset_sum;         /* of offset * quantity */
    int64_t moment;             /* of second * quantity */
    int64_t floors[EX_BLOCK_S]; /* of floor(b * second / 64) * quantity, by b */
};

#define EX_HULL_MAX 24 /* about 7 are usual */

struct sg_ex_hull {
    int count;
    struct {
        int32_t second, offset;
    } points[EX_HULL_MAX];
};

struct sg_ex_shape_summary {
    int count;
    int32_t first_second, first_offset, last_second, last_offset;
    struct sg_ex_side all, taker;
    struct sg_ex_hull high, low;
};

/* Makes the shape `number` with `count` trades in a block of so many units; `units` also sets how far prices go. */
void sg_ex_shape_make(const struct sg_ex_shape_spec *spec, int number, int units, int count, struct sg_ex_shape *ret_shape);
/* False: the hull has more corners than there is room for, and bars have to look at the trades. */
bool sg_ex_shape_summarise(const struct sg_ex_shape *shape, struct sg_ex_shape_summary *ret_summary);

/* Ticks above the block's begin price after so many seconds. Shifts of negative numbers are arithmetic with every compiler that is used. */
static inline int64_t sg_ex_ramp(int64_t rise, int64_t second)
{
    return (rise * second) >> 6;
}

int64_t sg_ex_hull_extreme(const struct sg_ex_hull *hull, int64_t rise, bool highest); /* ticks above the block's begin price */
/* Sum of price * quantity, in ticks times steps. */
static inline int64_t sg_ex_side_quote(const struct sg_ex_side *side, int64_t begin, int64_t rise)
{
    const int64_t whole = rise >> 6, rest = rise & 63;
    return begin * side->volume + side->offset_sum + whole * side->moment + side->floors[rest];
}
