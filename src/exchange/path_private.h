/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the seeded market's log prices are, at any time of many years, without walking there.
 *
 * Market time is cut into blocks of 64 s, 2^21 of them (4.25 years) to a tree. A node of the tree covers 2^level blocks. It knows its
 * activity in units (a block has 1 to 15, 6 on average) and its log prices at both ends; halving it gives the same of its two
 * children, out of a hash of the seed and the node's place. So a block is found in 21 steps from the top, and all blocks of a span
 * in about two steps each:
 * - activity is shared out by the time of day (quiet nights), and by chance at every level, so that it clusters;
 * - the common walk is moved in the middle by a Brownian bridge in time measured by activity, as is a symbol's own walk (Mandelbrot
 *   and Taylor 1967, Clark 1973): where much is traded, prices move much;
 * - a symbol's spread from the walk is moved by an amount that grows with the node's length to the power 0.4 up to days, and no
 *   further: at every scale below it comes back, within tens of bars of that scale (Mandelbrot and Van Ness 1968, H = 0.4);
 * - breaks: every few days a dislocation that decays over hours, and about every seven weeks another level for good.
 * The trees stand side by side without end. Nothing is kept; everything is a function of the seed. No thread of its own. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define EX_BLOCK_S 64
#define EX_TREE_LEVELS 21
#define EX_UNITS_MEAN 6
#define EX_UNITS_MAX 15
#define EX_WALK_PER_UNIT 2.8e-4 /* deviation of the common walk over one unit of activity: about 2.5 % a day */
#define EX_SPREAD_1S 3.0e-5     /* deviation of a symbol's spread from the walk over a second */
#define EX_SPREAD_POWER 0.4

struct sg_ex_leg {   /* how a symbol moves */
    uint64_t key;    /* of the seed and the symbol */
    double own_walk; /* in deviations of the common one; 0: it is tied to the others */
};

struct sg_ex_block {
    int64_t number;       /* it begins at number * 64 s */
    int64_t units_before; /* of activity, since block 0 */
    int units;
    double begin, end; /* log price at both ends, the end being the next one's begin */
};

struct sg_ex_path {
    uint64_t key;    /* of the seed */
    int64_t start_s; /* market time at which the exchange opens; no lasting break in the six weeks before it */
};

/* The start is at ten in the morning of a market day about 6.2 years after block 0: the first such day whose next hour is about as active as
 * any, so that the demo is neither asleep nor wild. */
struct sg_ex_path sg_ex_path_of_seed(uint64_t seed);

/* Calls `visit` for the blocks [from, to) in order until it says false. `from` is not negative. Without a leg they have no prices. */
void sg_ex_path_walk(const struct sg_ex_path *path, const struct sg_ex_leg *leg, int64_t from, int64_t to,
                     bool (*visit)(void *context, const struct sg_ex_block *block), void *context);
/* The number of the block that holds the unit with this number. */
int64_t sg_ex_path_block_of_unit(const struct sg_ex_path *path, int64_t unit);

/* splitmix64's finalizer (Steele, Lea and Flood 2014) over both. */
static inline uint64_t sg_ex_hash(uint64_t key, uint64_t place)
{
    uint64_t z = key + place * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The sum of three uniform numbers: near enough to a normal one, within 3 deviations. */
static inline double sg_ex_hash_normal(uint64_t hash)
{
    return (double)(int64_t)((hash & 0x1fffff) + (hash >> 21 & 0x1fffff) + (hash >> 42 & 0x1fffff)) * (2.0 / 0x1fffff) - 3.0;
}

static inline double sg_ex_hash_uniform(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

/* Deviation of the middle of a bridge of a symbol's spread over `seconds`: Var = v(L/2) - v(L)/4 with v(t) = s^2 t^2H. */
static inline double sg_ex_spread_bridge(double seconds)
{
    return 0.569 * EX_SPREAD_1S * pow(seconds, EX_SPREAD_POWER);
}
