/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What REST says about the past, put in where something is missing. All of it depends on the records alone, so that a recording gives the same. */
#include <stdlib.h>
#include "core_events_private.h"

#define SG_HISTORY_LOOK_AHEAD 3600u /* bars that are looked through for the next trade */

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
static size_t sum_up(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us, int64_t *ret_first_us,
                     int64_t *ret_last_us)
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

/* What proves an answer's seconds: its own ids, which must not leave one out from a trade before the second to one after it, and those of our own bars
 * around. An exchange's REST servers may lag behind its stream, and leave trades out. */
struct proof {
    const struct sg_history_leg *history;
    const struct sg_bar_store *seconds;
    bool trusted;                /* a recording of an earlier version, which did not keep the times of the ids */
    size_t own;                  /* of the first bar of ours that is not before the second at hand */
    const struct sg_bar *before; /* the second before is proved, and is this one; NULL: it is not */
};

static struct proof begin_proof(const struct sg_core *core, enum sg_leg leg, const struct sg_history_answer *answer)
{
    struct proof proof = {.history = &answer->legs[leg], .seconds = &core->bars[SG_INTERVAL_1S][leg], .trusted = answer->asked_us == 0};
    proof.own = sg_bar_store_lower_bound(proof.seconds, proof.history->from_us);
    const struct sg_bar *before = proof.own > 0 ? sg_bar_store_at(proof.seconds, proof.own - 1) : NULL;
    if (before && before->time_us == proof.history->from_us - SG_US_PER_S && sg_bar_is_final(before))
        proof.before = before;
    return proof;
}

/* The first id of the first trades after `time_us` that we have a final bar of; 0: not known. */
static int64_t next_known_id(const struct proof *proof, int64_t time_us)
{
    for (size_t i = proof->own; i < proof->seconds->length && i < proof->own + SG_HISTORY_LOOK_AHEAD; i++) {
        const struct sg_bar *bar = sg_bar_store_at(proof->seconds, i);
        if (bar->time_us > time_us && sg_bar_is_final(bar) && !(bar->flags & SG_BAR_FILLED))
            return bar->last_id > 0 && bar->trades > 0 ? bar->last_id - (int64_t)bar->trades + 1 : 0;
    }
    return 0;
}

/* Is what the answer has of the second all there was? */
static bool is_proved(const struct proof *proof, int64_t time_us)
{
    int64_t known = proof->before ? proof->before->last_id : 0, next = next_known_id(proof, time_us);
    if (proof->trusted || (known > 0 && known + 1 == next)) /* nothing was traded between what we have ourselves */
        return true;
    for (size_t i = 0; i < proof->history->run_count; i++) {
        const struct sg_history_run *run = &proof->history->runs[i];
        bool begins = run->first_us < time_us || (known > 0 && run->ids.first <= known + 1 && run->ids.last > known);
        bool ends = run->last_us >= time_us + SG_US_PER_S || (next > 0 && run->ids.last + 1 >= next);
        if (begins && ends && run->ids.last > known)
            return true;
    }
    return false;
}

/* Every second of [from, to) that can be known and that is not known yet: seconds without a trade are flat at the close before them. NULL: no memory. */
static struct sg_bar *fill_in(const struct sg_core *core, enum sg_leg leg, const struct sg_history_answer *answer, size_t *ret_count, bool *ret_all)
{
    struct proof proof = begin_proof(core, leg, answer);
    const struct sg_history_leg *history = proof.history;
    size_t capacity = (size_t)((history->to_us - history->from_us) / SG_US_PER_S), count = 0, next = 0;
    struct sg_bar *bars = calloc(capacity ? capacity : 1, sizeof *bars);
    *ret_all = true;
    for (int64_t time_us = history->from_us; bars && time_us < history->to_us; time_us += SG_US_PER_S) {
        const struct sg_bar *own = proof.own < proof.seconds->length ? sg_bar_store_at(proof.seconds, proof.own) : NULL;
        bool there = own && own->time_us == time_us;
        bool traded = next < history->count && history->bars[next].time_us == time_us;
        struct sg_bar *bar = &bars[count];
        if (traded)
            *bar = history->bars[next++];
        else if (proof.before)
            *bar = (struct sg_bar){.time_us = time_us,
                                   .open = proof.before->close,
                                   .high = proof.before->close,
                                   .low = proof.before->close,
                                   .close = proof.before->close,
                                   .flags = SG_BAR_REPAIRED | SG_BAR_FILLED,
                                   .last_tick_us = proof.before->last_tick_us,
                                   .last_id = proof.before->last_id};
        bool proved = (traded || proof.before) && is_proved(&proof, time_us);
        if (there && sg_bar_is_final(own)) {
            proof.before = own;
        } else {
            *ret_all = *ret_all && proved;
            proof.before = proved ? bar : NULL;
            count += proved;
        }
        proof.own += there;
    }
    *ret_count = count;
    return bars;
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

/* Bars that follow on one another. How many of them were news. */
static size_t put_seconds(struct sg_core *core, enum sg_leg leg, const struct sg_bar *bars, size_t count)
{
    size_t added = 0;
    int64_t first_us = 0;
    (void)sg_core_confirm(core, SG_INTERVAL_1S, leg, bars, count);
    if (sg_bar_store_merge(&core->bars[SG_INTERVAL_1S][leg], bars, count, &added, &first_us) != SG_OK) {
        core->failures++;
        return 0;
    }
    if (added > 0 && !core->muted && core->outputs.keep_bars)
        core->outputs.keep_bars(core->outputs.context, SG_INTERVAL_1S, leg, bars, count);
    if (added > 0 && core->interval == SG_INTERVAL_1S)
        sg_core_emit_backfilled(core, SG_HISTORY_TRADES, leg, bars[0].time_us, bars[count - 1].time_us + SG_US_PER_S, added, first_us);
    return added;
}

/* Every longer interval out of its seconds. How many bars of the active one went in; told, when that is not the seconds. */
static size_t put_sums(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    size_t shown = 0;
    for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        int64_t first_us = 0, last_us = 0;
        size_t sums = sum_up(core, (enum sg_interval)i, leg, from_us, to_us, &first_us, &last_us);
        if (i != (int)core->interval || sums == 0)
            continue;
        shown = sums;
        sg_core_emit_backfilled(core, SG_HISTORY_TRADES, leg, first_us, last_us + sg_interval_us(core->interval), sums, first_us);
    }
    return shown;
}

/* How many bars of the active interval went in. */
static size_t put_trades(struct sg_core *core, enum sg_leg leg, const struct sg_history_answer *answer, bool *ret_refused)
{
    const struct sg_history_leg *history = &answer->legs[leg];
    bool all = true;
    size_t count = 0, added = 0;
    struct sg_bar *bars = fill_in(core, leg, answer, &count, &all);
    if (!bars) {
        core->failures++;
        return 0;
    }
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && bars[to].time_us == bars[to - 1].time_us + SG_US_PER_S; to++)
            continue;
        added += put_seconds(core, leg, bars + from, to - from);
    }
    size_t shown = added > 0 ? put_sums(core, leg, history->from_us, history->to_us) : 0;
    *ret_refused = !all;
    if (count > 0)
        sg_core_fill(core, leg, bars[0].time_us, bars[count - 1].time_us + SG_US_PER_S);
    if (!all && answer->asked_us > 0 && history->to_us < answer->asked_us - SG_HISTORY_HOPE_US)
        mark_unfillable(core, SG_INTERVAL_1S, leg, history->from_us, history->to_us);
    free(bars);
    core->changes++;
    return core->interval == SG_INTERVAL_1S ? added : shown;
}

/* A kline of just now may still come, or change; what is missing and was asked for after the settling time never will. */
static size_t put_klines(struct sg_core *core, enum sg_leg leg, const struct sg_history_answer *answer, struct sg_answer_result *result)
{
    const struct sg_history_leg *history = &answer->legs[leg];
    enum sg_interval interval = answer->interval;
    size_t added = 0;
    uint64_t confirmed = core->confirmed;
    if (sg_core_backfill(core, interval, leg, history->bars, history->count, history->from_us, history->to_us, &added) != SG_OK) {
        core->failures++;
        return 0;
    }
    int64_t interval_us = sg_interval_us(interval);
    int64_t asked_us = answer->asked_us > 0 ? answer->asked_us : sg_core_exchange_time(core, core->recv_us);
    int64_t settled_us = asked_us - SG_HISTORY_FINAL_US;
    settled_us = MIN(settled_us - settled_us % interval_us, history->to_us);
    result->settled_us[leg] = MAX(settled_us, history->from_us);
    result->useless[leg] = added == 0 && core->confirmed == confirmed;
    mark_unfillable(core, interval, leg, history->from_us, result->settled_us[leg]);
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
            shown += put_klines(core, leg, answer, ret_result);
        else
            shown += put_trades(core, leg, answer, &ret_result->refused[i]);
        sg_core_keep_gaps(core, leg, history->from_us, history->to_us);
    }
    if (shown > 0 && sg_core_rebuild(core) != SG_OK)
        core->failures++;
}
