/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "leg_private.h"

#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/clock.h"

static int64_t second_of(int64_t time_us)
{
    return time_us - time_us % SG_US_PER_S; /* times are never negative here */
}

static struct sg_leg_slot *slot_at(const struct sg_leg_state *leg, int64_t second_us)
{
    return &leg->slots[(size_t)(second_us / SG_US_PER_S) & (leg->slot_count - 1)];
}

/* The open second, NULL when nothing was noted in it. */
static struct sg_bar *find_slot(const struct sg_leg_state *leg, int64_t second_us)
{
    struct sg_leg_slot *slot = slot_at(leg, second_us);

    return slot->bar.time_us == second_us ? &slot->bar : NULL;
}

static struct sg_leg_slot *open_slot(struct sg_leg_state *leg, int64_t second_us)
{
    struct sg_leg_slot *slot = slot_at(leg, second_us);

    if (slot->bar.time_us != second_us) {
        *slot = (struct sg_leg_slot){.bar.time_us = second_us};
    }
    return slot;
}

static void clear_slots(struct sg_leg_state *leg)
{
    for (size_t i = 0; i < leg->slot_count; i++) {
        leg->slots[i].bar.time_us = -1;
    }
}

void sg_leg_reset(struct sg_leg_state *leg)
{
    struct sg_leg_slot *slots = leg->slots;
    size_t slot_count = leg->slot_count;

    *leg = (struct sg_leg_state){
        .gap_first_id = -1,
        .gap_last_id = -1,
        .dropped_from_us = 1, /* above dropped_to_us: none */
        .ids = {.first = -1, .last = -1},
        .unsettled_us = SG_LEG_NO_TIME,
        .slots = slots,
        .slot_count = slot_count,
    };
    for (size_t i = 0; i < SG_INTERVAL_COUNT; i++) {
        leg->last_bar_us[i] = SG_LEG_NO_TIME;
    }
    clear_slots(leg);
}

bool sg_leg_init(struct sg_leg_state *leg, size_t least_slots)
{
    size_t slot_count = 1;

    while (slot_count < least_slots) {
        slot_count *= 2;
    }
    leg->slots = calloc(slot_count, sizeof *leg->slots);
    leg->slot_count = slot_count;
    if (!leg->slots) {
        return false;
    }
    sg_leg_reset(leg);
    return true;
}

void sg_leg_free(struct sg_leg_state *leg)
{
    free(leg->slots);
    leg->slots = NULL;
}

void sg_leg_forget_open(struct sg_leg_state *leg)
{
    clear_slots(leg);
    leg->price_known = false;
    leg->total_known = false;
}

void sg_leg_note_missing(struct sg_leg_state *leg, int64_t first, int64_t last)
{
    if (leg->gap_first_id < 0 || first < leg->gap_first_id) {
        leg->gap_first_id = first;
    }
    if (last > leg->gap_last_id) {
        leg->gap_last_id = last;
    }
}

/* The account of ids begins here. */
static void begin_ids(struct sg_leg_ids *ids, int64_t id, int64_t time_us)
{
    ids->first = id;
    ids->first_time_us = time_us;
    ids->seen = 0;
    ids->missing = 0;
    ids->hole_count = 0;
}

static void remove_hole(struct sg_leg_ids *ids, size_t index)
{
    memmove(&ids->hole[index], &ids->hole[index + 1], (ids->hole_count - index - 1) * sizeof ids->hole[0]);
    ids->hole_count--;
}

/* At the ceiling the oldest one is no longer waited for. It was told of: sg_leg_due_hole is asked before each trade that may add one. */
static void add_hole(struct sg_leg_ids *ids, size_t index, const struct sg_leg_hole *hole)
{
    if (ids->hole_count == SG_LEG_HOLES) {
        remove_hole(ids, 0);
        index -= index > 0;
    }
    memmove(&ids->hole[index + 1], &ids->hole[index], (ids->hole_count - index) * sizeof ids->hole[0]);
    ids->hole[index] = *hole;
    ids->hole_count++;
}

/* Does the trade belong into a hole? Then that becomes smaller, or two. */
static bool place(struct sg_leg_ids *ids, int64_t first, int64_t last, int64_t time_us)
{
    for (size_t i = ids->hole_count; i-- > 0;) {
        struct sg_leg_hole *hole = &ids->hole[i];
        struct sg_leg_hole rest = *hole;

        if (first > hole->last) {
            return false;
        }
        if (first < hole->first || last > hole->last) {
            continue;
        }
        if (first == hole->first && last == hole->last) {
            remove_hole(ids, i);
        } else if (first == hole->first) {
            hole->first = last + 1;
            hole->before_us = time_us > hole->before_us ? time_us : hole->before_us;
        } else if (last == hole->last) {
            hole->last = first - 1;
            hole->after_us = time_us < hole->after_us ? time_us : hole->after_us;
        } else {
            hole->last = first - 1;
            hole->after_us = time_us < hole->after_us ? time_us : hole->after_us;
            rest.first = last + 1;
            rest.before_us = time_us > rest.before_us ? time_us : rest.before_us;
            add_hole(ids, i + 1, &rest);
        }
        ids->missing -= (uint64_t)(last - first + 1);
        return true;
    }
    return false;
}

/* The trade is beyond the last one, with others left out between. */
static enum sg_leg_id_verdict jump(struct sg_leg_state *leg, int64_t first, int64_t time_us, int64_t *ret_first, int64_t *ret_last)
{
    struct sg_leg_ids *ids = &leg->ids;
    struct sg_leg_hole hole = {ids->last + 1, first - 1, ids->last_time_us, time_us, false};

    ids->missing += (uint64_t)(hole.last - hole.first + 1);
    if (!ids->after_down && !ids->after_drop) {
        add_hole(ids, ids->hole_count, &hole);
        return SG_ID_NEW;
    }
    ids->after_drop = false;
    if (!leg->started && !leg->resumed) {
        /* Before the first bar there is nothing to miss: what is watched begins here. */
        begin_ids(ids, first, time_us);
        return SG_ID_NEW;
    }
    hole.told = true;
    add_hole(ids, ids->hole_count, &hole);
    *ret_first = hole.first;
    *ret_last = hole.last;
    sg_leg_note_missing(leg, hole.first, hole.last);
    return SG_ID_OUTAGE;
}

enum sg_leg_id_verdict sg_leg_check_id(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us, int64_t *ret_first, int64_t *ret_last)
{
    struct sg_leg_ids *ids = &leg->ids;
    enum sg_leg_id_verdict verdict = SG_ID_NEW;
    int64_t id = tick->id;
    int64_t first = sg_tick_first_id(tick);

    if (tick->kind != SG_TICK_TRADE || id < 0) {
        return SG_ID_NEW;
    }
    if (ids->last >= 0 && id <= ids->last) {
        if (place(ids, first, id, time_us)) {
            ids->placed++;
            ids->seen += (uint64_t)(id - first + 1);
            return SG_ID_PLACED;
        }
        if (time_us <= ids->last_time_us) {
            ids->duplicates++;
            return SG_ID_DUPLICATE;
        }
        /* An old id with a new time cannot be a repetition: the exchange counts anew (a local one was restarted). */
        ids->restarts++;
        begin_ids(ids, first, time_us);
    } else if (ids->last >= 0 && first > ids->last + 1) {
        if (tick->skips && tick->aggregate > 0 && tick->aggregate == ids->aggregate + 1) {
            first = ids->last + 1; /* the exchange itself counts nothing between */
        } else {
            verdict = jump(leg, first, time_us, ret_first, ret_last);
        }
    } else if (ids->last >= 0) {
        first = ids->last + 1;
    }
    ids->after_down = false;
    if (ids->first < 0) {
        begin_ids(ids, first, time_us);
    }
    ids->seen += (uint64_t)(id - first + 1);
    ids->last = id;
    ids->aggregate = tick->aggregate;
    if (time_us > ids->last_time_us) {
        ids->last_time_us = time_us;
    }
    return verdict;
}

bool sg_leg_due_hole(struct sg_leg_state *leg, int64_t time_us, struct sg_leg_hole *ret_hole)
{
    struct sg_leg_ids *ids = &leg->ids;

    for (size_t i = 0; i < ids->hole_count; i++) {
        struct sg_leg_hole *hole = &ids->hole[i];

        if (!hole->told && (second_of(hole->before_us) < time_us || (i == 0 && ids->hole_count == SG_LEG_HOLES))) {
            hole->told = true;
            ids->holes++;
            *ret_hole = *hole;
            return true;
        }
    }
    return false;
}

uint64_t sg_leg_waiting(const struct sg_leg_state *leg)
{
    uint64_t count = 0;

    for (size_t i = 0; i < leg->ids.hole_count; i++) {
        if (!leg->ids.hole[i].told) {
            count += (uint64_t)(leg->ids.hole[i].last - leg->ids.hole[i].first + 1);
        }
    }
    return count;
}

void sg_leg_resume(struct sg_leg_state *leg, int64_t last_id, int64_t last_time_us)
{
    struct sg_leg_ids *ids = &leg->ids;

    if (ids->last < 0) {
        ids->first = ids->last = last_id;
        ids->first_time_us = ids->last_time_us = last_time_us;
        ids->seen = 1;
        ids->after_down = true;
        leg->resumed = true;
    }
}

int64_t sg_leg_settle(struct sg_leg_state *leg, int64_t time_us)
{
    const struct sg_leg_ids *ids = &leg->ids;
    int64_t settled_us = second_of(time_us > ids->last_time_us ? time_us : ids->last_time_us);

    /* What is told of is marked: it is no longer waited for. */
    for (size_t i = 0; i < ids->hole_count; i++) {
        if (!ids->hole[i].told && second_of(ids->hole[i].before_us) < settled_us) {
            settled_us = second_of(ids->hole[i].before_us);
        }
    }
    if (settled_us > leg->settled_us) {
        leg->settled_us = settled_us;
    }
    return leg->settled_us;
}

static uint32_t add_u32(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static sg_qty add_quantity(sg_qty a, sg_qty b)
{
    const sg_qty most = (sg_qty)(~(unsigned __int128)0 >> 1);

    return a > most - b ? most : a + b; /* both are >= 0 */
}

/* What the tick adds to its bar's volume; sets what that volume is worth. */
static sg_qty volume_of(struct sg_leg_state *leg, const struct sg_tick *tick)
{
    sg_qty change = 0;

    switch (tick->kind) {
    case SG_TICK_TRADE: leg->volume_flags = 0; return tick->quantity;
    case SG_TICK_TICKER:
        leg->volume_flags = SG_BAR_VOLUME_ESTIMATED;
        /* When more left the sliding 24 h window than was traded the total falls, and the change tells nothing. */
        if (leg->total_known && tick->quantity > leg->total) {
            change = tick->quantity - leg->total;
        }
        leg->total = tick->quantity;
        leg->total_known = true;
        return change;
    default: leg->volume_flags = SG_BAR_NO_VOLUME; return 0;
    }
}

void sg_leg_apply(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us)
{
    struct sg_leg_slot *slot = open_slot(leg, second_of(time_us));
    struct sg_bar *bar = &slot->bar;
    int64_t id = tick->kind == SG_TICK_TRADE && tick->id > 0 ? tick->id : 0;
    bool first = bar->ticks == 0;

    if (first) {
        bar->high = bar->low = tick->price;
    }
    /* The order of the trades decides, not the one in which they came; without ids it is the same. */
    if (first || id < slot->open_id) {
        bar->open = tick->price;
        slot->open_id = id;
    }
    if (first || id >= bar->last_id) {
        bar->close = tick->price;
        bar->last_id = id;
    }
    bar->high = tick->price > bar->high ? tick->price : bar->high;
    bar->low = tick->price < bar->low ? tick->price : bar->low;
    bar->volume = add_quantity(bar->volume, volume_of(leg, tick));
    bar->flags |= leg->volume_flags;
    bar->trades = add_u32(bar->trades, tick->trades);
    bar->ticks = add_u32(bar->ticks, 1);
    if (time_us > bar->last_tick_us) {
        bar->last_tick_us = time_us;
    }
}

void sg_leg_mark_incomplete(struct sg_leg_state *leg, int64_t from_us, int64_t to_us)
{
    for (int64_t second = second_of(from_us); second <= to_us; second += SG_US_PER_S) {
        open_slot(leg, second)->bar.flags |= SG_BAR_INCOMPLETE;
    }
}

void sg_leg_doubt_sums(struct sg_leg_state *leg, int64_t from_us, int64_t to_us)
{
    for (size_t i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        struct sg_bar *bar = &leg->sums[i].bar;

        if (leg->sums[i].seconds > 0 && bar->time_us < to_us && from_us < bar->time_us + sg_interval_us((enum sg_interval)i)) {
            bar->flags |= SG_BAR_INCOMPLETE;
        }
    }
}

/* The second's bar given the price before it. `slot` may be NULL or without ticks. */
static struct sg_bar bar_of(const struct sg_bar *slot, int64_t second_us, const struct sg_leg_price *price, uint32_t volume_flags)
{
    struct sg_bar bar = {.time_us = second_us};

    if (slot && slot->ticks > 0) {
        return *slot;
    }
    bar.open = bar.high = bar.low = bar.close = price->value;
    bar.flags = SG_BAR_FILLED | volume_flags | (slot ? slot->flags : 0);
    bar.last_tick_us = price->time_us;
    bar.last_id = price->id;
    return bar;
}

/* A division for each interval and second is worth avoiding: nearly always the second belongs to the sum that is being made. */
static void add_to_sum(struct sg_leg_sum *sum, int64_t length_us, const struct sg_bar *second)
{
    struct sg_bar *bar = &sum->bar;

    if (sum->seconds == 0 || second->time_us < bar->time_us || second->time_us - bar->time_us >= length_us) {
        *bar = *second;
        bar->time_us = second->time_us - second->time_us % length_us;
        bar->flags &= ~(uint32_t)SG_BAR_UNSETTLED; /* what matters is whether its last second is proved when it closes */
        sum->seconds = 1;
        return;
    }
    /* Prices are those of trades: a second without any only carries the last price on, as in the exchange's own klines. */
    if (!(second->flags & SG_BAR_FILLED)) {
        bool first = (bar->flags & SG_BAR_FILLED) != 0;

        bar->open = first ? second->open : bar->open;
        bar->high = first || second->high > bar->high ? second->high : bar->high;
        bar->low = first || second->low < bar->low ? second->low : bar->low;
        bar->close = second->close;
    }
    bar->volume = add_quantity(bar->volume, second->volume);
    bar->trades = add_u32(bar->trades, second->trades);
    bar->ticks = add_u32(bar->ticks, second->ticks);
    bar->last_tick_us = second->last_tick_us;
    bar->last_id = second->last_id;
    /* Filled only when every part is; everything else when any part is. */
    bar->flags = (bar->flags & second->flags & SG_BAR_FILLED) | ((bar->flags | second->flags) & ~(uint32_t)(SG_BAR_FILLED | SG_BAR_UNSETTLED));
    sum->seconds++;
}

static void mark_after_gap(struct sg_leg_state *leg, enum sg_interval interval, struct sg_bar *bar)
{
    int64_t before = leg->last_bar_us[interval];

    bar->flags &= ~(uint32_t)SG_BAR_AFTER_GAP;
    if (before != SG_LEG_NO_TIME && before != bar->time_us - sg_interval_us(interval)) {
        bar->flags |= SG_BAR_AFTER_GAP;
    }
    leg->last_bar_us[interval] = bar->time_us;
}

/* Nothing that came after the bar says that this was all. */
static void mark_unsettled(struct sg_leg_state *leg, struct sg_bar *bar, int64_t end_us)
{
    if (leg->settled_us >= end_us) {
        return;
    }
    bar->flags |= SG_BAR_UNSETTLED;
    if (leg->unsettled_us == SG_LEG_NO_TIME) {
        leg->unsettled_us = end_us - SG_US_PER_S;
    }
}

static bool was_dropped(const struct sg_leg_state *leg, int64_t second_us)
{
    return second_us >= leg->dropped_from_us && second_us <= leg->dropped_to_us;
}

bool sg_leg_close_second(struct sg_leg_state *leg, int64_t time_us, struct sg_bar *ret_bar)
{
    struct sg_bar *slot = find_slot(leg, time_us);
    bool has_ticks = slot && slot->ticks > 0;
    bool dropped = was_dropped(leg, time_us);
    bool exists = leg->up && !leg->up_pending && time_us >= leg->up_from_us && time_us >= leg->missed_until_us && !dropped && (has_ticks || leg->price_known);
    struct sg_bar bar = bar_of(slot, time_us, &leg->price, leg->volume_flags);

    if (has_ticks) {
        leg->price = (struct sg_leg_price){bar.close, bar.last_tick_us, bar.last_id};
        leg->price_known = true;
    }
    if (dropped) {
        leg->price_known = false; /* the ticks that are missing may be newer than the ones that came */
    }
    if (slot) {
        slot->time_us = -1;
    }
    if (!exists) {
        return false;
    }
    mark_after_gap(leg, SG_INTERVAL_1S, &bar);
    mark_unsettled(leg, &bar, time_us + SG_US_PER_S);
    for (size_t i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        add_to_sum(&leg->sums[i], sg_interval_us((enum sg_interval)i), &bar);
    }
    leg->started = true;
    *ret_bar = bar;
    return true;
}

bool sg_leg_close_interval(struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, struct sg_bar *ret_bar)
{
    struct sg_leg_sum *sum = &leg->sums[interval];
    bool complete = sum->bar.time_us == start_us && (int64_t)sum->seconds * SG_US_PER_S == sg_interval_us(interval);

    sum->seconds = 0;
    if (complete) {
        *ret_bar = sum->bar;
        mark_after_gap(leg, interval, ret_bar);
        mark_unsettled(leg, ret_bar, start_us + sg_interval_us(interval));
    }
    return complete;
}

bool sg_leg_forming(const struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, int64_t next_close_us, int64_t now_us, struct sg_bar *ret_bar)
{
    const struct sg_leg_sum *closed = &leg->sums[interval];
    struct sg_leg_sum sum = {.seconds = 0};
    struct sg_leg_price price = leg->price;
    bool known = leg->price_known;
    int64_t expected;

    if (!leg->up) {
        return false;
    }
    if (interval != SG_INTERVAL_1S && closed->seconds > 0 && closed->bar.time_us == start_us) {
        sum = *closed;
    }
    for (int64_t second = next_close_us; second <= now_us; second += SG_US_PER_S) {
        const struct sg_bar *slot = find_slot(leg, second);
        struct sg_bar bar = bar_of(slot, second, &price, leg->volume_flags);

        if (slot && slot->ticks > 0) {
            known = true;
            price = (struct sg_leg_price){bar.close, bar.last_tick_us, bar.last_id};
        }
        if (was_dropped(leg, second)) {
            bar.flags |= SG_BAR_INCOMPLETE;
        }
        if (known && second >= start_us) {
            add_to_sum(&sum, sg_interval_us(interval), &bar);
        }
    }
    if (sum.seconds == 0) {
        return false;
    }
    expected = (now_us - start_us) / SG_US_PER_S + 1;
    if (leg->up_pending || leg->up_from_us > start_us || (int64_t)sum.seconds < expected) {
        sum.bar.flags |= SG_BAR_INCOMPLETE;
    }
    sum.bar.flags |= SG_BAR_PROVISIONAL;
    sum.bar.flags &= ~(uint32_t)SG_BAR_AFTER_GAP;
    *ret_bar = sum.bar;
    return true;
}

bool sg_leg_outage_ended(struct sg_leg_state *leg, int64_t before_us, int64_t time_us, int64_t next_close_us)
{
    int64_t from_us = second_of(before_us);
    int64_t to_us = second_of(time_us);

    if (leg->gap_open || !leg->started) {
        leg->missed_until_us = to_us + SG_US_PER_S;
        return true;
    }
    if (leg->dropped_from_us > leg->dropped_to_us || leg->dropped_to_us < next_close_us) {
        return false;
    }
    /* The gap of what the ring lost opens when the first of these seconds closes. */
    from_us = from_us > next_close_us ? from_us : next_close_us;
    leg->dropped_from_us = from_us < leg->dropped_from_us ? from_us : leg->dropped_from_us;
    leg->dropped_to_us = to_us > leg->dropped_to_us ? to_us : leg->dropped_to_us;
    return true;
}

void sg_leg_add_dropped(struct sg_leg_state *leg, int64_t from_us, int64_t to_us, int64_t next_close_us)
{
    leg->ids.after_drop = true;
    leg->total_known = false;
    from_us = second_of(from_us > 0 ? from_us : 0);
    to_us = second_of(to_us > 0 ? to_us : 0);
    if (from_us < next_close_us) {
        from_us = next_close_us;
    }
    if (to_us < from_us) {
        return; /* those seconds are closed: what was dropped would have been late */
    }
    if (leg->dropped_from_us <= leg->dropped_to_us && leg->dropped_to_us >= next_close_us) {
        from_us = from_us < leg->dropped_from_us ? from_us : leg->dropped_from_us;
        to_us = to_us > leg->dropped_to_us ? to_us : leg->dropped_to_us;
    }
    leg->dropped_from_us = from_us;
    leg->dropped_to_us = to_us;
}
