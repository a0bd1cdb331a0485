/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shape_private.h"

#include <string.h>

#include "spreadglass/base/clock.h"

#define BURST 3.3 /* times as many trades */
#define BURST_S 3
#define SILENCE_CHANCE 0.3
#define JUMP_CHANCE 0.2
#define SWING 1.8
#define SMOOTH_BELOW_S 32.0
#define SMOOTH_POWER 1.1
#define JUMP_DECAY_S 9.0
#define MEDIAN_NOTIONAL 300.0
#define NOTIONAL_MAX 2e6

enum stream { COMMON = 1, OWN, JUMP, PACE, TIMES, SIZES, SIDES };

struct dice {
    uint64_t key, at;
};

static struct dice dice_of(uint64_t key, enum stream stream, int number)
{
    return (struct dice){.key = sg_ex_hash(sg_ex_hash(key, stream), (uint64_t)number)};
}

static uint64_t roll(struct dice *dice)
{
    return sg_ex_hash(dice->key, ++dice->at);
}

static double uniform(struct dice *dice)
{
    return sg_ex_hash_uniform(roll(dice));
}

static double normal(struct dice *dice)
{
    return sg_ex_hash_normal(roll(dice));
}

/* A bridge from 0 to 0: the middle of a stretch of `points` intervals of half a second moves by deviation(points). */
static void add_bridge(double *points, struct dice *dice, double scale, double (*deviation)(double seconds))
{
    double bridge[EX_SHAPE_POINTS] = {0};
    for (int length = EX_SHAPE_POINTS - 1; length > 1; length /= 2) {
        const double size = scale * deviation(length / 2.0); /* half seconds */
        for (int at = 0; at < EX_SHAPE_POINTS - 1; at += length)
            bridge[at + length / 2] = (bridge[at] + bridge[at + length]) / 2 + size * normal(dice);
    }
    for (int i = 0; i < EX_SHAPE_POINTS; i++)
        points[i] += bridge[i];
}

/* Both sides of a second take half of its move each: a symbol whose last trade is a moment older does not fall behind by all of it. */
static double walk_bridge(double seconds)
{
    return seconds < 2 ? 0 : EX_WALK_PER_UNIT * sqrt(EX_UNITS_MEAN * seconds / EX_BLOCK_S) / 2;
}

/* Below half a minute the spread is smoother than above: it swings rather than shakes, and an alert stands for a while. */
static double spread_bridge(double seconds)
{
    const double smooth = seconds < SMOOTH_BELOW_S ? pow(seconds / SMOOTH_BELOW_S, SMOOTH_POWER) : 1;
    return SWING * sg_ex_spread_bridge(seconds < SMOOTH_BELOW_S ? SMOOTH_BELOW_S : seconds) * smooth;
}

/* Now and then the symbol is pushed away from the others and comes back before the block ends. */
static void add_jump(double *points, struct dice dice, double scale)
{
    if (uniform(&dice) >= JUMP_CHANCE)
        return;
    const int at = 1 + (int)(uniform(&dice) * 50);
    const double size = scale * 4 * EX_SPREAD_1S * (1.5 + 2 * uniform(&dice)) * (uniform(&dice) < 0.5 ? 1 : -1);
    for (int i = at; i < EX_SHAPE_POINTS - 1; i++)
        points[i] += size * exp((at - i) / 2.0 / JUMP_DECAY_S) * (EX_SHAPE_POINTS - 1 - i) / (EX_SHAPE_POINTS - 1 - at);
}

/* Cumulative shares of the trades by second: a burst, and sometimes a silence. */
static void pace(struct dice dice, double until[EX_BLOCK_S + 1])
{
    double weights[EX_BLOCK_S];
    const int burst = (int)(uniform(&dice) * (EX_BLOCK_S - BURST_S));
    const int silence = (int)(uniform(&dice) * (EX_BLOCK_S - 6)), silent_s = uniform(&dice) < SILENCE_CHANCE ? 2 + (int)(4 * uniform(&dice)) : 0;
    for (int i = 0; i < EX_BLOCK_S; i++)
        weights[i] = i >= silence && i < silence + silent_s ? 0 : i >= burst && i < burst + BURST_S ? BURST : 1;
    until[0] = 0;
    for (int i = 0; i < EX_BLOCK_S; i++)
        until[i + 1] = until[i] + weights[i];
}

/* Times of a Poisson process with that pace, given how many come: ascending. */
static void draw_times(struct dice times, const double until[EX_BLOCK_S + 1], struct sg_ex_shape *shape)
{
    double at[EX_SHAPE_TRADES_MAX], sum = 0;
    for (int i = 0; i < shape->count; i++) {
        sum -= log(1 - uniform(&times));
        at[i] = sum;
    }
    sum -= log(1 - uniform(&times));
    int second = 0;
    for (int i = 0; i < shape->count; i++) {
        const double share = at[i] / sum * until[EX_BLOCK_S];
        while (second < EX_BLOCK_S - 1 && until[second + 1] <= share)
            second++;
        const double part = (share - until[second]) / (until[second + 1] - until[second]);
        shape->trades[i].at_us = (int32_t)(second * SG_US_PER_S + (int64_t)(part * (double)(SG_US_PER_S - 1)));
    }
}

static void draw_trades(const struct sg_ex_shape_spec *spec, struct dice sizes, struct dice sides, struct sg_ex_shape *shape)
{
    for (int i = 0; i < shape->count; i++) {
        struct sg_ex_shape_trade *trade = &shape->trades[i];
        const int half = (int)(trade->at_us / (SG_US_PER_S / 2)), second = half / 2;
        double notional = MEDIAN_NOTIONAL * exp(1.6 * normal(&sizes));
        notional = notional < NOTIONAL_MAX ? notional : NOTIONAL_MAX;
        trade->quantity = (int64_t)(notional / spec->price * 1e8 / (double)spec->step + 0.5);
        if (trade->quantity < EX_FILLS_MAX)
            trade->quantity = EX_FILLS_MAX;
        /* Takers follow the move a little; a big one walks a few ticks into the book. */
        const int move = shape->middle[half + 1] - shape->middle[half > 2 ? half - 2 : 0];
        trade->taker_buys = uniform(&sides) < 0.5 + (move > 0 ? 0.12 : move < 0 ? -0.12 : 0);
        const int depth = (int)log2(1 + notional / 20000);
        trade->offset = shape->middle[half] + (trade->taker_buys ? shape->spread[second] + depth : -depth);
    }
}

void sg_ex_shape_make(const struct sg_ex_shape_spec *spec, int number, int units, int count, struct sg_ex_shape *ret_shape)
{
    double points[EX_SHAPE_POINTS] = {0}, until[EX_BLOCK_S + 1];
    struct dice common = dice_of(spec->common_key, COMMON, number), own = dice_of(spec->key, OWN, number), sides = dice_of(spec->key, SIDES, number);
    const double lively = sqrt((double)units / EX_UNITS_MEAN);
    add_bridge(points, &common, lively, walk_bridge);
    add_bridge(points, &own, 0.5 + 0.5 * lively, spread_bridge);
    if (spec->own_walk > 0)
        add_bridge(points, &own, lively * spec->own_walk, walk_bridge);
    add_jump(points, dice_of(spec->key, JUMP, number), 0.5 + 0.5 * lively);
    const double ticks = spec->price * 1e8 / (double)spec->tick;
    for (int i = 0; i < EX_SHAPE_POINTS; i++)
        ret_shape->middle[i] = (int32_t)lrint(points[i] * ticks);
    for (int i = 0; i < EX_BLOCK_S; i++)
        ret_shape->spread[i] = uniform(&sides) < 0.85 ? 1 : 2;
    ret_shape->count = count < EX_SHAPE_TRADES_MAX ? count : EX_SHAPE_TRADES_MAX;
    pace(dice_of(spec->key, PACE, number), until);
    draw_times(dice_of(spec->key, TIMES, number), until, ret_shape);
    draw_trades(spec, dice_of(spec->key, SIZES, number), sides, ret_shape);
}

static void add_to_side(struct sg_ex_side *side, const struct sg_ex_shape_trade *trade, int64_t by_second[EX_BLOCK_S])
{
    const int64_t second = trade->at_us / SG_US_PER_S;
    side->volume += trade->quantity;
    side->offset_sum += trade->offset * trade->quantity;
    side->moment += second * trade->quantity;
    by_second[second] += trade->quantity;
}

static void fill_floors(struct sg_ex_side *side, const int64_t by_second[EX_BLOCK_S])
{
    for (int64_t rest = 0; rest < EX_BLOCK_S; rest++)
        for (int64_t second = 0; second < EX_BLOCK_S; second++)
            side->floors[rest] += sg_ex_ramp(rest, second) * by_second[second];
}

/* Adds a point to the right of the others; those that can no longer be the extreme for any slope leave. `sign` 1: the upper hull. */
static bool add_to_hull(struct sg_ex_hull *hull, int32_t second, int32_t offset, int sign)
{
    while (hull->count >= 2) {
        const int64_t ax = hull->points[hull->count - 2].second, ay = hull->points[hull->count - 2].offset;
        const int64_t bx = hull->points[hull->count - 1].second, by = hull->points[hull->count - 1].offset;
        if (sign * ((by - ay) * (second - ax) - (offset - ay) * (bx - ax)) > 0)
            break;
        hull->count--;
    }
    if (hull->count == EX_HULL_MAX)
        return false;
    hull->points[hull->count].second = second;
    hull->points[hull->count++].offset = offset;
    return true;
}

bool sg_ex_shape_summarise(const struct sg_ex_shape *shape, struct sg_ex_shape_summary *ret_summary)
{
    int64_t all[EX_BLOCK_S] = {0}, taker[EX_BLOCK_S] = {0};
    bool fits = true;
    *ret_summary = (struct sg_ex_shape_summary){.count = shape->count};
    for (int i = 0; i < shape->count;) {
        const int32_t second = (int32_t)(shape->trades[i].at_us / SG_US_PER_S);
        int32_t high = shape->trades[i].offset, low = high;
        for (; i < shape->count && shape->trades[i].at_us / SG_US_PER_S == second; i++) {
            const struct sg_ex_shape_trade *trade = &shape->trades[i];
            high = trade->offset > high ? trade->offset : high;
            low = trade->offset < low ? trade->offset : low;
            add_to_side(&ret_summary->all, trade, all);
            if (trade->taker_buys)
                add_to_side(&ret_summary->taker, trade, taker);
        }
        fits &= add_to_hull(&ret_summary->high, second, high, 1) && add_to_hull(&ret_summary->low, second, low, -1);
    }
    fill_floors(&ret_summary->all, all);
    fill_floors(&ret_summary->taker, taker);
    if (shape->count == 0)
        return true;
    const struct sg_ex_shape_trade *first = &shape->trades[0], *last = &shape->trades[shape->count - 1];
    ret_summary->first_second = (int32_t)(first->at_us / SG_US_PER_S);
    ret_summary->first_offset = first->offset;
    ret_summary->last_second = (int32_t)(last->at_us / SG_US_PER_S);
    ret_summary->last_offset = last->offset;
    return fits;
}

int64_t sg_ex_hull_extreme(const struct sg_ex_hull *hull, int64_t rise, bool highest)
{
    int64_t extreme = 0;
    for (int i = 0; i < hull->count; i++) {
        const int64_t value = hull->points[i].offset + sg_ex_ramp(rise, hull->points[i].second);
        if (i == 0 || (highest ? value > extreme : value < extreme))
            extreme = value;
    }
    return extreme;
}
