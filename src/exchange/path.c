/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "path_private.h"

#include <stddef.h>

#define DAY_S 86400
#define FIRST_DAY 2263 /* on which the exchange may open */
#define START_HOUR 10
#define TREE_BLOCKS (INT64_C(1) << EX_TREE_LEVELS)
#define TREE_UNITS (EX_UNITS_MEAN * TREE_BLOCKS)
#define LONGEST_SPREAD_S (1.3 * DAY_S) /* the spread wanders no further over longer times */
#define TAME_LEVEL 15                  /* nodes of 24 days and more: the walk is tamed, so that prices stay in their range for years */
#define TAMED 0.5

/* Breaks, in blocks. */
#define DISLOCATION_BITS 12 /* one chance every 3 days */
#define DISLOCATION_CHANCE 0.4
#define DISLOCATION_RISE 8.0
#define DISLOCATION_DECAY 330.0 /* 5.9 h */
#define REGIME_BITS 16          /* 48.5 days */
#define REGIME_CHANGE 100.0     /* 1.8 h from one level to the next */
#define REGIME_SD 4e-3

enum stream { ACTIVITY = 1, WALK, OWN_WALK, SPREAD, DISLOCATION, REGIME, PHASE };
enum part { COMMON, OWN, SPREAD_PART, PARTS };

struct node {
    int level;
    int64_t index; /* it covers the blocks [index, index + 1) << level */
    int64_t units_before, units;
    double begin[PARTS], end[PARTS];
};

struct walk {
    const struct sg_ex_path *path;
    const struct sg_ex_leg *leg;
    int64_t from, to;
    bool (*visit)(void *context, const struct sg_ex_block *block);
    void *context;
    uint64_t keys[SPREAD + 1];
    double busy[25]; /* the integral of `hours` at each hour */
    double spread_by_level[EX_TREE_LEVELS + 1];
    int64_t regime_phase;
    double break_at_begin; /* at the begin of the next block */
    int64_t break_block;
};

/* How busy the hours of a day are; the mean is 1. */
static const double hours[25] = {0.57, 0.47, 0.42, 0.40, 0.40, 0.45, 0.55, 0.70, 0.88, 0.98, 1.02, 1.05, 1.22,
                                 1.60, 1.90, 1.92, 1.75, 1.52, 1.33, 1.17, 1.02, 0.88, 0.75, 0.65, 0.57};

static double within_hours(int hour, double part)
{
    return part * hours[hour] + part * part / 2 * (hours[hour + 1] - hours[hour]);
}

/* The integral of the above since block 0, in hours. */
static double busy_until(const struct walk *walk, int64_t block)
{
    const int64_t second = block * EX_BLOCK_S;
    const int64_t day = second / DAY_S, rest = second % DAY_S;
    const int hour = (int)(rest / 3600);
    return (double)day * walk->busy[24] + walk->busy[hour] + within_hours(hour, (double)(rest % 3600) / 3600);
}

static uint64_t place_of(const struct node *node)
{
    return (uint64_t)node->index << 6 | (uint64_t)node->level;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* The left half's share of the units. */
static int64_t share_out(const struct walk *walk, const struct node *node)
{
    const int64_t half = INT64_C(1) << (node->level - 1), begin = node->index << node->level;
    /* By the clock where it matters; over many days the halves are alike. */
    double share = 0.5;
    if (node->level <= 14) {
        const double left = busy_until(walk, begin + half) - busy_until(walk, begin), both = busy_until(walk, begin + 2 * half) - busy_until(walk, begin);
        share = left / both;
    }
    const double wild = node->level >= 12 ? 0.05 : node->level >= 6 ? 0.12 : 0.18;
    const double chance = 2 * sg_ex_hash_uniform(sg_ex_hash(walk->keys[ACTIVITY], place_of(node))) - 1;
    share += 4 * share * (1 - share) * wild * chance;
    const int64_t units = (int64_t)((double)node->units * share + 0.5);
    /* Both halves keep between 1 and 15 units a block. */
    const int64_t least = node->units - EX_UNITS_MAX * half, most = node->units - half;
    return clamp(units, least > half ? least : half, most < EX_UNITS_MAX * half ? most : EX_UNITS_MAX * half);
}

static void halve(const struct walk *walk, const struct node *node, struct node *left, struct node *right)
{
    const uint64_t place = place_of(node);
    const int64_t units = share_out(walk, node);
    *left = *right = *node;
    left->level = right->level = node->level - 1;
    left->index = 2 * node->index;
    right->index = left->index + 1;
    left->units = units;
    right->units = node->units - units;
    right->units_before = node->units_before + units;
    if (!walk->leg)
        return;
    const double share = (double)units / (double)node->units;
    const double bridge = EX_WALK_PER_UNIT * sqrt((double)right->units * share) * (node->level >= TAME_LEVEL ? TAMED : 1);
    const double lively = sqrt((double)node->units / (double)(EX_UNITS_MEAN << node->level));
    double middle[PARTS];
    for (int i = COMMON; i <= OWN; i++)
        middle[i] = node->begin[i] + (node->end[i] - node->begin[i]) * share;
    middle[COMMON] += bridge * sg_ex_hash_normal(sg_ex_hash(walk->keys[WALK], place));
    if (walk->leg->own_walk > 0)
        middle[OWN] += walk->leg->own_walk * bridge * sg_ex_hash_normal(sg_ex_hash(walk->keys[OWN_WALK], place));
    middle[SPREAD_PART] = (node->begin[SPREAD_PART] + node->end[SPREAD_PART]) / 2 +
                          walk->spread_by_level[node->level] * (0.5 + 0.5 * lively) * sg_ex_hash_normal(sg_ex_hash(walk->keys[SPREAD], place));
    for (int i = 0; i < PARTS; i++)
        left->end[i] = right->begin[i] = middle[i];
}

static struct node tree_of(const struct walk *walk, int64_t index)
{
    struct node node = {.level = EX_TREE_LEVELS, .index = index, .units_before = index * TREE_UNITS, .units = TREE_UNITS};
    /* The ends, which neighbours share. */
    const double deviations[PARTS] = {0.2, walk->leg ? 0.2 * walk->leg->own_walk : 0, walk->spread_by_level[EX_TREE_LEVELS]};
    for (int i = 0; walk->leg && i < PARTS; i++) {
        const uint64_t key = walk->keys[WALK + i] ^ UINT64_C(0xff51afd7ed558ccd);
        node.begin[i] = deviations[i] * sg_ex_hash_normal(sg_ex_hash(key, (uint64_t)index));
        node.end[i] = deviations[i] * sg_ex_hash_normal(sg_ex_hash(key, (uint64_t)index + 1));
    }
    return node;
}

/* A dislocation of one cell, as it is `since` blocks after it began. */
static double dislocation(uint64_t key, int64_t cell, int64_t block)
{
    const uint64_t hash = sg_ex_hash(key, (uint64_t)cell);
    if (sg_ex_hash_uniform(hash) >= DISLOCATION_CHANCE)
        return 0;
    const uint64_t more = sg_ex_hash(key, hash);
    const double since = (double)(block - (cell << DISLOCATION_BITS) - (int64_t)(more & ((1 << DISLOCATION_BITS) - 1)));
    if (since <= 0 || since > 12 * DISLOCATION_DECAY)
        return 0;
    const double size = (6e-3 + 9e-3 * sg_ex_hash_uniform(sg_ex_hash(key, more))) * (more >> 63 ? 1 : -1);
    return size * (since < DISLOCATION_RISE ? since / DISLOCATION_RISE : exp((DISLOCATION_RISE - since) / DISLOCATION_DECAY));
}

static double breaks_at(const struct walk *walk, int64_t block)
{
    double sum = 0;
    const uint64_t key = sg_ex_hash(walk->leg->key, DISLOCATION);
    const int64_t cell = block >> DISLOCATION_BITS;
    for (int64_t c = cell > 0 ? cell - 1 : 0; c <= cell; c++)
        sum += dislocation(key, c, block);
    const uint64_t levels = sg_ex_hash(walk->leg->key, REGIME);
    const int64_t at = block + walk->regime_phase, regime = at >> REGIME_BITS;
    const double since = (double)(at & ((1 << REGIME_BITS) - 1)) / REGIME_CHANGE;
    const double level = sg_ex_hash_normal(sg_ex_hash(levels, (uint64_t)regime)), before = sg_ex_hash_normal(sg_ex_hash(levels, (uint64_t)regime - 1));
    return sum + REGIME_SD * (since < 1 ? before + (level - before) * since : level);
}

static bool descend(struct walk *walk, const struct node *node)
{
    const int64_t begin = node->index << node->level, end = begin + (INT64_C(1) << node->level);
    if (end <= walk->from)
        return true;
    if (begin >= walk->to)
        return false;
    if (node->level > 0) {
        struct node left, right;
        halve(walk, node, &left, &right);
        return descend(walk, &left) && descend(walk, &right);
    }
    struct sg_ex_block block = {.number = begin, .units_before = node->units_before, .units = (int)node->units};
    if (!walk->leg)
        return walk->visit(walk->context, &block);
    if (walk->break_block != begin)
        walk->break_at_begin = breaks_at(walk, begin);
    block.begin = walk->break_at_begin;
    walk->break_at_begin = block.end = breaks_at(walk, end);
    walk->break_block = end;
    for (int i = 0; i < PARTS; i++) {
        block.begin += node->begin[i];
        block.end += node->end[i];
    }
    return walk->visit(walk->context, &block);
}

static struct walk prepare(const struct sg_ex_path *path, const struct sg_ex_leg *leg)
{
    struct walk walk = {.path = path, .leg = leg, .break_block = -1};
    for (int i = 0; i < 24; i++)
        walk.busy[i + 1] = walk.busy[i] + within_hours(i, 1);
    walk.keys[ACTIVITY] = sg_ex_hash(path->key, ACTIVITY);
    walk.keys[WALK] = sg_ex_hash(path->key, WALK);
    if (!leg)
        return walk;
    walk.keys[OWN_WALK] = sg_ex_hash(leg->key, OWN_WALK);
    walk.keys[SPREAD] = sg_ex_hash(leg->key, SPREAD);
    for (int i = 0; i <= EX_TREE_LEVELS; i++) {
        const double seconds = (double)EX_BLOCK_S * (double)(1 << i);
        walk.spread_by_level[i] = sg_ex_spread_bridge(seconds < LONGEST_SPREAD_S ? seconds : LONGEST_SPREAD_S);
    }
    /* The last change of level was between 43 and 48 days before the start. */
    const int64_t wanted = 58000 + (int64_t)(sg_ex_hash(leg->key, PHASE) % 7000), length = INT64_C(1) << REGIME_BITS;
    walk.regime_phase = (wanted - path->start_s / EX_BLOCK_S % length + length) % length;
    return walk;
}

void sg_ex_path_walk(const struct sg_ex_path *path, const struct sg_ex_leg *leg, int64_t from, int64_t to,
                     bool (*visit)(void *context, const struct sg_ex_block *block), void *context)
{
    struct walk walk = prepare(path, leg);
    walk.from = from;
    walk.to = to;
    walk.visit = visit;
    walk.context = context;
    bool more = true;
    for (int64_t tree = from / TREE_BLOCKS; more && tree * TREE_BLOCKS < to; tree++) {
        const struct node node = tree_of(&walk, tree);
        more = descend(&walk, &node);
    }
}

int64_t sg_ex_path_block_of_unit(const struct sg_ex_path *path, int64_t unit)
{
    const struct walk walk = prepare(path, NULL);
    struct node node = tree_of(&walk, unit / TREE_UNITS);
    while (node.level > 0) {
        struct node left, right;
        halve(&walk, &node, &left, &right);
        node = unit < right.units_before ? left : right;
    }
    return node.index;
}

static bool add_units(void *context, const struct sg_ex_block *block)
{
    *(int64_t *)context += block->units;
    return true;
}

/* Units over so many blocks, to what they are on average. */
static double activity(const struct sg_ex_path *path, int64_t block, int64_t blocks)
{
    int64_t units = 0;
    sg_ex_path_walk(path, NULL, block, block + blocks, add_units, &units);
    return (double)units / (double)(EX_UNITS_MEAN * blocks);
}

struct sg_ex_path sg_ex_path_of_seed(uint64_t seed)
{
    struct sg_ex_path path = {.key = sg_ex_hash(seed, 1)};
    for (int64_t day = FIRST_DAY; day < FIRST_DAY + 200; day++) {
        path.start_s = day * DAY_S + START_HOUR * 3600;
        const int64_t block = path.start_s / EX_BLOCK_S;
        if (fabs(activity(&path, block, 11) - 1) < 0.15 && fabs(activity(&path, block, 57) - 1) < 0.15)
            break;
    }
    return path;
}
