/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "leg_private.h"

#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/clock.h"

static int64_t second_of(int64_t time_us)
{
    return time_us - time_us % SG_US_PER_S; /* times are never negative here */
}

static struct sg_bar *slot_at(const struct sg_leg_state *leg, int64_t second_us)
{
    return &leg->slots[(size_t)(second_us / SG_US_PER_S) & (leg->slot_count - 1)];
}

/* The open second, NULL when nothing was noted in it. */
static struct sg_bar *find_slot(const struct sg_leg_state *leg, int64_t second_us)
{
    struct sg_bar *slot = slot_at(leg, second_us);

    return slot->time_us == second_us ? slot : NULL;
}

static struct sg_bar *open_slot(struct sg_leg_state *leg, int64_t second_us)
{
    struct sg_bar *slot = slot_at(leg, second_us);

    if (slot->time_us != second_us) {
        *slot = (struct sg_bar){ .time_us = second_us };
    }
    return slot;
}

static void clear_slots(struct sg_leg_state *leg)
{
    for (size_t i = 0; i < leg->slot_count; i++) {
        leg->slots[i].time_us = -1;
    }
}

void sg_leg_reset(struct sg_leg_state *leg)
{
    struct sg_bar *slots = leg->slots;
    size_t slot_count = leg->slot_count;

    *leg = (struct sg_leg_state){
        .gap_first_id = -1,
        .gap_last_id = -1,
        .dropped_from_us = 1, /* above dropped_to_us: none */
        .ids = { .first = -1, .last = -1 },
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
}

enum sg_leg_id_verdict sg_leg_check_id(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us, int64_t *ret_first,
                                       int64_t *ret_last)
{
    struct sg_leg_ids *ids = &leg->ids;
    enum sg_leg_id_verdict verdict = SG_ID_NEW;
    int64_t id = tick->id;

    if (tick->kind != SG_TICK_TRADE || id < 0) {
        return SG_ID_NEW;
    }
    if (ids->last >= 0 && id <= ids->last) {
        if (time_us <= ids->last_time_us) {
            ids->duplicates++;
            return SG_ID_DUPLICATE;
        }
        /* An old id with a new time cannot be a repetition: the exchange counts anew (a local one was restarted). */
        ids->restarts++;
        begin_ids(ids, id, time_us);
    } else if (ids->last >= 0 && id > ids->last + 1) {
        ids->missing += (uint64_t)(id - ids->last - 1);
        *ret_first = ids->last + 1;
        *ret_last = id - 1;
        if ((ids->after_down || ids->after_drop) && !leg->started) {
            /* Before the first bar there is nothing to miss: what is watched begins here. */
            begin_ids(ids, id, time_us);
        } else if (ids->after_down || ids->after_drop) {
            sg_leg_note_missing(leg, *ret_first, *ret_last);
            verdict = SG_ID_OUTAGE;
        } else {
            ids->holes++;
            verdict = SG_ID_HOLE;
        }
        ids->after_drop = false;
    }
    ids->after_down = false;
    if (ids->first < 0) {
        begin_ids(ids, id, time_us);
    }
    ids->seen++;
    ids->last = id;
    if (time_us > ids->last_time_us) {
        ids->last_time_us = time_us;
    }
    return verdict;
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
    case SG_TICK_TRADE:
        leg->volume_flags = 0;
        return tick->quantity;
    case SG_TICK_TICKER:
        leg->volume_flags = SG_BAR_VOLUME_ESTIMATED;
        /* When more left the sliding 24 h window than was traded the total falls, and the change tells nothing. */
        if (leg->total_known && tick->quantity > leg->total) {
            change = tick->quantity - leg->total;
        }
        leg->total = tick->quantity;
        leg->total_known = true;
        return change;
    default:
        leg->volume_flags = SG_BAR_NO_VOLUME;
        return 0;
    }
}

void sg_leg_apply(struct sg_leg_state *leg, const struct sg_tick *tick, int64_t time_us)
{
    struct sg_bar *slot = open_slot(leg, second_of(time_us));

    if (slot->ticks == 0) {
        slot->open = slot->high = slot->low = tick->price;
    }
    slot->high = tick->price > slot->high ? tick->price : slot->high;
    slot->low = tick->price < slot->low ? tick->price : slot->low;
    slot->close = tick->price;
    slot->volume = add_quantity(slot->volume, volume_of(leg, tick));
    slot->flags |= leg->volume_flags;
    slot->trades = add_u32(slot->trades, tick->trades);
    slot->ticks = add_u32(slot->ticks, 1);
    if (time_us > slot->last_tick_us) {
        slot->last_tick_us = time_us;
    }
}

void sg_leg_mark_incomplete(struct sg_leg_state *leg, int64_t from_us, int64_t to_us)
{
    for (int64_t second = second_of(from_us); second <= to_us; second += SG_US_PER_S) {
        open_slot(leg, second)->flags |= SG_BAR_INCOMPLETE;
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
static struct sg_bar bar_of(const struct sg_bar *slot, int64_t second_us, double price, int64_t price_time_us, uint32_t volume_flags)
{
    struct sg_bar bar = { .time_us = second_us };

    if (slot && slot->ticks > 0) {
        return *slot;
    }
    bar.open = bar.high = bar.low = bar.close = price;
    bar.flags = SG_BAR_FILLED | volume_flags | (slot ? slot->flags : 0);
    bar.last_tick_us = price_time_us;
    return bar;
}

/* A division for each interval and second is worth avoiding: nearly always the second belongs to the sum that is being made. */
static void add_to_sum(struct sg_leg_sum *sum, int64_t length_us, const struct sg_bar *second)
{
    struct sg_bar *bar = &sum->bar;

    if (sum->seconds == 0 || second->time_us < bar->time_us || second->time_us - bar->time_us >= length_us) {
        *bar = *second;
        bar->time_us = second->time_us - second->time_us % length_us;
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
    /* Filled only when every part is; everything else when any part is. */
    bar->flags = (bar->flags & second->flags & SG_BAR_FILLED) | ((bar->flags | second->flags) & ~(uint32_t)SG_BAR_FILLED);
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

static bool was_dropped(const struct sg_leg_state *leg, int64_t second_us)
{
    return second_us >= leg->dropped_from_us && second_us <= leg->dropped_to_us;
}

bool sg_leg_close_second(struct sg_leg_state *leg, int64_t time_us, struct sg_bar *ret_bar)
{
    struct sg_bar *slot = find_slot(leg, time_us);
    bool has_ticks = slot && slot->ticks > 0;
    bool dropped = was_dropped(leg, time_us);
    bool exists = leg->up && !leg->up_pending && time_us >= leg->up_from_us && !dropped && (has_ticks || leg->price_known);
    struct sg_bar bar = bar_of(slot, time_us, leg->price, leg->price_time_us, leg->volume_flags);

    if (has_ticks) {
        leg->price = bar.close;
        leg->price_time_us = bar.last_tick_us;
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
    }
    return complete;
}

bool sg_leg_forming(const struct sg_leg_state *leg, enum sg_interval interval, int64_t start_us, int64_t next_close_us, int64_t now_us,
                    struct sg_bar *ret_bar)
{
    const struct sg_leg_sum *closed = &leg->sums[interval];
    struct sg_leg_sum sum = { .seconds = 0 };
    bool known = leg->price_known;
    double price = leg->price;
    int64_t price_time_us = leg->price_time_us;
    int64_t expected;

    if (!leg->up) {
        return false;
    }
    if (interval != SG_INTERVAL_1S && closed->seconds > 0 && closed->bar.time_us == start_us) {
        sum = *closed;
    }
    for (int64_t second = next_close_us; second <= now_us; second += SG_US_PER_S) {
        const struct sg_bar *slot = find_slot(leg, second);
        struct sg_bar bar = bar_of(slot, second, price, price_time_us, leg->volume_flags);

        if (slot && slot->ticks > 0) {
            known = true;
            price = bar.close;
            price_time_us = bar.last_tick_us;
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
