/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What REST says about the past, put in where something is missing. All of it depends on the records alone, so that a recording gives the same. */
#include <stdlib.h>
#include "core_events_private.h"

/* As the resampler adds its seconds up: prices are those of trades, a second without one only carries the last on. */
static void add_second(struct sg_bar *sum, const struct sg_bar *second)
{
    if (!(second->flags & SG_BAR_FILLED)) {
        bool first = (sum->flags & SG_BAR_FILLED) != 0;
        sum->open = first ? second->open : sum->open;
        sum->high = first || second->high > sum->high ? second->high : sum->high;
        sum->low = first || second->low < sum->low ? second->low : sum->low;
        sum->close = second->close;
    }
    if (__builtin_add_overflow(sum->volume, second->volume, &sum->volume))
        sum->volume = second->volume;
    if (__builtin_add_overflow(sum->trades, second->trades, &sum->trades))
        sum->trades = UINT32_MAX;
    if (__builtin_add_overflow(sum->ticks, second->ticks, &sum->ticks))
        sum->ticks = UINT32_MAX;
    sum->last_tick_us = second->last_tick_us > 0 ? second->last_tick_us : sum->last_tick_us;
    sum->flags = (sum->flags & second->flags & SG_BAR_FILLED) | ((sum->flags | second->flags) & ~(uint32_t)SG_BAR_FILLED);
}

bool sg_core_sum_seconds(const struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t time_us, struct sg_bar *ret_bar)
{
    const struct sg_bar_store *seconds = &core->bars[SG_INTERVAL_1S][leg];
    size_t count = (size_t)(sg_interval_us(interval) / SG_US_PER_S), first = sg_bar_store_lower_bound(seconds, time_us);
    if (first + count > seconds->length || sg_bar_store_at(seconds, first)->time_us != time_us ||
        sg_bar_store_at(seconds, first + count - 1)->time_us != time_us + (int64_t)(count - 1) * SG_US_PER_S)
        return false;
    struct sg_bar sum = *sg_bar_store_at(seconds, first);
    for (size_t i = 1; i < count; i++)
        add_second(&sum, sg_bar_store_at(seconds, first + i));
    if (sum.flags & SG_BAR_INCOMPLETE)
        return false;
    sum.flags &= ~(uint32_t)SG_BAR_AFTER_GAP;
    *ret_bar = sum;
    return true;
}

/* Longer bars that [from, to) is in, and that are over, out of their seconds. How many went in; the first of them at *ret_first_us. */
static size_t sum_up(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us, int64_t *ret_first_us, int64_t *ret_last_us)
{
    int64_t length_us = sg_interval_us(interval);
    int64_t over_us = core->closed_until_us[SG_INTERVAL_1S] > core->first_tick_us ? core->closed_until_us[SG_INTERVAL_1S] : core->first_tick_us;
    size_t total = 0;
    for (int64_t time_us = from_us - from_us % length_us; time_us < to_us && time_us + length_us <= over_us; time_us += length_us) {
        struct sg_bar bar;
        size_t added = 0;
        int64_t first_us = 0;
        if (!sg_core_sum_seconds(core, interval, leg, time_us, &bar))
            continue;
        if (sg_bar_store_merge(&core->bars[interval][leg], &bar, 1, &added, &first_us) != SG_OK) {
            core->failures++;
            continue;
        }
        if (added == 0)
            continue;
        if (total++ == 0)
            *ret_first_us = time_us;
        *ret_last_us = time_us;
        if (!core->muted && core->outputs.keep_bars)
            core->outputs.keep_bars(core->outputs.context, interval, leg, &bar, 1);
    }
    return total;
}

/* Trades that are known to be missing in the time that was answered for are in the answer, or came before. An exchange's REST servers may lag behind its stream. */
static bool has_known_ids(const struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history)
{
    for (size_t i = 0; i < core->gaps.length; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg == leg && gap->state == SG_GAP_OPEN && gap->first_id >= 0 && gap->from_us >= history->from_us && gap->to_us <= history->to_us &&
            sg_id_set_count(&core->fetched[leg], gap->first_id, gap->last_id) != (uint64_t)(gap->last_id - gap->first_id) + 1)
            return false;
    }
    return true;
}

/* Every second of [from, to) that can be known: seconds without a trade are flat at the close before them. NULL: no memory. */
static struct sg_bar *fill_in(const struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history, size_t *ret_count)
{
    const struct sg_bar_store *seconds = &core->bars[SG_INTERVAL_1S][leg];
    size_t capacity = (size_t)((history->to_us - history->from_us) / SG_US_PER_S), count = 0, next = 0;
    struct sg_bar *bars = calloc(capacity ? capacity : 1, sizeof *bars);
    size_t at = sg_bar_store_lower_bound(seconds, history->from_us);
    const struct sg_bar *before = bars && at > 0 ? sg_bar_store_at(seconds, at - 1) : NULL;
    if (before && (before->time_us != history->from_us - SG_US_PER_S || before->flags & SG_BAR_INCOMPLETE))
        before = NULL;
    for (int64_t time_us = history->from_us; bars && time_us < history->to_us; time_us += SG_US_PER_S) {
        struct sg_bar *bar = &bars[count];
        if (next < history->count && history->bars[next].time_us == time_us)
            *bar = history->bars[next++];
        else if (before)
            *bar = (struct sg_bar){.time_us = time_us, .open = before->close, .high = before->close, .low = before->close, .close = before->close,
                                   .flags = SG_BAR_REPAIRED | SG_BAR_FILLED, .last_tick_us = before->last_tick_us};
        else
            continue;
        before = bar;
        count++;
    }
    *ret_count = count;
    return bars;
}

/* How many bars of the active interval went in. */
static size_t put_trades(struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history)
{
    size_t count = 0, added = 0;
    int64_t first_us = 0, last_us = 0, from_us = history->from_us, to_us = history->to_us;
    struct sg_bar *bars = fill_in(core, leg, history, &count);
    if (!bars || sg_bar_store_merge(&core->bars[SG_INTERVAL_1S][leg], bars, count, &added, &first_us) != SG_OK) {
        core->failures++;
        free(bars);
        return 0;
    }
    if (added > 0 && !core->muted && core->outputs.keep_bars)
        core->outputs.keep_bars(core->outputs.context, SG_INTERVAL_1S, leg, bars, count);
    int64_t known_us = count > 0 ? bars[0].time_us : to_us;
    free(bars);
    size_t shown = core->interval == SG_INTERVAL_1S ? added : 0;
    for (int i = SG_INTERVAL_1M; added > 0 && i < SG_INTERVAL_COUNT; i++) {
        int64_t sum_first_us = 0, sum_last_us = 0;
        size_t sums = sum_up(core, (enum sg_interval)i, leg, from_us, to_us, &sum_first_us, &sum_last_us);
        if (i != (int)core->interval || sums == 0)
            continue;
        shown = sums;
        first_us = sum_first_us;
        last_us = sum_last_us;
    }
    if (known_us < to_us)
        sg_core_fill(core, leg, known_us, history->to_us);
    if (shown > 0 && core->interval != SG_INTERVAL_1S) {
        from_us = first_us;
        to_us = last_us + sg_interval_us(core->interval);
    }
    if (shown > 0)
        sg_core_emit_backfilled(core, SG_HISTORY_TRADES, leg, from_us, to_us, shown, first_us);
    core->changes++;
    return shown;
}

/* What the exchange answered is all there is: what is still missing stays so. */
static void mark_unfillable(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    const struct sg_bar_store *bars = &core->bars[interval][leg];
    int64_t interval_us = sg_interval_us(interval);
    int64_t hole_us = from_us; /* of the hole that time_us is in */
    size_t next = sg_bar_store_lower_bound(bars, from_us);
    for (int64_t time_us = from_us; time_us <= to_us; time_us += interval_us) {
        const struct sg_bar *bar = next < bars->length ? sg_bar_store_at(bars, next) : NULL;
        bool there = bar && bar->time_us == time_us;
        next += there ? 1 : 0;
        if (time_us < to_us && !(there && !(bar->flags & SG_BAR_INCOMPLETE)))
            continue;
        if (hole_us < time_us)
            sg_gap_ledger_resolve(&core->gaps, leg, hole_us, time_us, SG_GAP_UNFILLABLE);
        hole_us = time_us + interval_us;
    }
}

/* A kline of just now may still come; what is missing and older than that never will. */
static size_t put_klines(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_history_leg *history, int64_t *ret_settled_us)
{
    size_t added = 0;
    if (sg_core_backfill(core, interval, leg, history->bars, history->count, history->from_us, history->to_us, &added) != SG_OK) {
        core->failures++;
        return 0;
    }
    int64_t final_us = sg_core_exchange_time(core, core->recv_us) - SG_HISTORY_FINAL_US;
    int64_t answered_us = history->count > 0 ? history->bars[history->count - 1].time_us + sg_interval_us(interval) : history->from_us;
    int64_t settled_us = answered_us > final_us ? answered_us : final_us;
    *ret_settled_us = settled_us < history->to_us ? settled_us : history->to_us;
    mark_unfillable(core, interval, leg, history->from_us, *ret_settled_us);
    int64_t unused_us;
    for (int i = SG_INTERVAL_1M; interval == SG_INTERVAL_1S && added > 0 && i < SG_INTERVAL_COUNT; i++)
        (void)sum_up(core, (enum sg_interval)i, leg, history->from_us, history->to_us, &unused_us, &unused_us);
    if (interval == SG_INTERVAL_1S && added > 0)
        sg_core_fill(core, leg, history->from_us, history->to_us);
    return interval == core->interval ? added : 0;
}

void sg_core_answer(struct sg_core *core, const struct sg_history_answer *answer, struct sg_answer_result *ret_result)
{
    size_t shown = 0;
    *ret_result = (struct sg_answer_result){0};
    if (answer->problem[0]) {
        sg_core_emit_history_error(core, answer->problem);
        return;
    }
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        enum sg_leg leg = (enum sg_leg)i;
        const struct sg_history_leg *history = &answer->legs[i];
        if (history->from_us >= history->to_us)
            continue;
        ret_result->settled_us[i] = history->to_us;
        sg_core_ids_fetched(core, leg, history);
        if (answer->kind == SG_HISTORY_KLINES)
            shown += put_klines(core, answer->interval, leg, history, &ret_result->settled_us[i]);
        else if (has_known_ids(core, leg, history))
            shown += put_trades(core, leg, history);
        else
            ret_result->refused[i] = true;
        sg_core_keep_gaps(core, leg, history->from_us, history->to_us);
    }
    if (shown > 0 && sg_core_rebuild(core) != SG_OK)
        core->failures++;
}
