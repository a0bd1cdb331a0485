/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a gap is filled: when no interval lacks a bar of its time any more. A hole in the seconds is a hole in the minute, the hour and the day. */
#include "core_events_private.h"
#include "core_private.h"
#include "spreadglass/market/bar_quality.h"

/* Must the interval be whole for a gap to be filled? The one that is looked at, and those that are kept. */
static bool counts(const struct sg_core *core, enum sg_interval interval)
{
    return interval == core->interval || (core->keeps && interval != SG_INTERVAL_1S);
}

/* The first bar that the interval ought to have. Seconds are wanted from the first whole one on; of a longer interval the bar too that was forming then. */
static int64_t expected_from(const struct sg_core *core, enum sg_interval interval, enum sg_leg leg)
{
    int64_t begun_us = core->first_tick_us - core->first_tick_us % sg_interval_us(interval);
    if (interval == SG_INTERVAL_1S)
        return core->first_bar_us[leg] > 0 ? core->first_bar_us[leg] : INT64_MAX;
    if (core->kept_from_us[interval][leg] > 0)
        return core->first_tick_us > 0 ? MIN(core->kept_from_us[interval][leg], begun_us) : core->kept_from_us[interval][leg];
    return core->first_tick_us > 0 ? begun_us : INT64_MAX;
}

/* What has ended before it is over, and no bar of it comes any more by itself. */
static int64_t over_until(const struct sg_core *core, enum sg_leg leg)
{
    return MAX(MAX(core->closed_until_us[SG_INTERVAL_1S], core->first_tick_us), core->kept_until_us[leg]);
}

/* The first run of bars that are missing or doubtful, of those that are over and have a part in [from, to). False: there is none. */
static bool find_broken(const struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us, int64_t *ret_from_us,
                        int64_t *ret_to_us)
{
    const struct sg_bar_store *bars = &core->bars[interval][leg];
    int64_t length_us = sg_interval_us(interval);
    int64_t time_us = MAX(from_us - from_us % length_us, expected_from(core, interval, leg));
    int64_t over_us = over_until(core, leg);
    over_us = MIN(over_us, to_us > INT64_MAX - length_us ? INT64_MAX : to_us + length_us - 1);
    over_us -= over_us % length_us;
    bool found = false;
    for (size_t next = sg_bar_store_lower_bound(bars, time_us); time_us < over_us && time_us < to_us; time_us += length_us) {
        const struct sg_bar *bar = next < bars->length ? sg_bar_store_at(bars, next) : NULL;
        bool there = bar && bar->time_us == time_us;
        next += there;
        if (there && !sg_bar_is_doubtful(bar->flags)) {
            if (found)
                return true;
            continue;
        }
        if (!found)
            *ret_from_us = time_us;
        found = true;
        *ret_to_us = time_us + length_us;
    }
    return found;
}

/* What one answer mended may have been the last thing that another entry waited for, in the same hour or day. But an entry within the shortest bar that is
 * still forming is judged only by an answer of its own. */
static void widen(const struct sg_core *core, enum sg_leg leg, int64_t *from_us, int64_t *to_us)
{
    int64_t over_us = over_until(core, leg), longest_us = 0, shortest_us = 0;
    for (int i = SG_INTERVAL_COUNT - 1; i >= 0; i--) {
        if (!counts(core, (enum sg_interval)i))
            continue;
        shortest_us = sg_interval_us((enum sg_interval)i);
        longest_us = longest_us > 0 ? longest_us : shortest_us;
    }
    int64_t end_us = MIN(*to_us > INT64_MAX - longest_us ? *to_us : *to_us + longest_us, over_us - over_us % shortest_us);
    *from_us -= *from_us % longest_us;
    *to_us = MAX(*to_us, end_us);
}

/* Cuts the span down to what open entries of the ledger have of it; false: nothing. */
static bool open_hull(const struct sg_core *core, enum sg_leg leg, int64_t *from_us, int64_t *to_us)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < core->gaps.length; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg != leg || gap->state == SG_GAP_FILLED || gap->from_us >= *to_us || gap->to_us <= *from_us)
            continue;
        first_us = MIN(first_us, MAX(gap->from_us, *from_us));
        last_us = MAX(last_us, MIN(gap->to_us, *to_us));
    }
    *from_us = first_us;
    *to_us = last_us;
    return first_us < last_us;
}

void sg_core_fill(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    widen(core, leg, &from_us, &to_us);
    if (!open_hull(core, leg, &from_us, &to_us))
        return;
    uint64_t changes = core->gaps.changes;
    for (int64_t at_us = from_us; at_us < to_us;) {
        int64_t end_us = to_us, next_us = to_us; /* whole is [at, end), and the look goes on at next */
        for (int i = 0; i < SG_INTERVAL_COUNT && at_us < end_us; i++) {
            int64_t broken_us, mended_us;
            if (!counts(core, (enum sg_interval)i) || !find_broken(core, (enum sg_interval)i, leg, at_us, end_us, &broken_us, &mended_us))
                continue;
            end_us = MAX(broken_us, at_us);
            next_us = mended_us;
        }
        if (at_us < end_us) {
            enum sg_status status = sg_gap_ledger_resolve(&core->gaps, leg, at_us, end_us, SG_GAP_FILLED);
            core->failures += status != SG_OK && status != SG_ERR_NOT_FOUND;
        }
        at_us = MAX(next_us, end_us);
    }
    if (core->gaps.changes != changes)
        sg_core_keep_gaps(core, leg, from_us, to_us);
    core->changes++;
}

static bool is_listed(const struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    for (size_t i = 0; i < core->gaps.length; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg == leg && gap->state != SG_GAP_FILLED && gap->from_us < to_us && gap->to_us > from_us)
            return true;
    }
    return false;
}

/* A bar that is over, and lacks something that no entry names. Its gaps were filled while it was forming, when nothing shorter lacked anything any more: they are
 * open again. Or the session began within it: what comes before the leg's first second was not watched. */
static void list_bar(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t time_us)
{
    int64_t end_us = time_us + sg_interval_us(interval), first_us = core->first_bar_us[leg];
    bool opening = first_us == 0 || time_us < first_us;
    struct sg_gap gap = {leg,        time_us, opening && first_us > 0 ? MIN(end_us, first_us) : end_us, -1, -1, opening ? SG_GAP_NOT_RUNNING : SG_GAP_STALL,
                         SG_GAP_OPEN};
    if (is_listed(core, leg, time_us, end_us))
        return;
    if (!sg_gap_ledger_reopen(&core->gaps, leg, time_us, end_us)) {
        if (!core->keeps) /* where nothing is kept nothing can be missing of what was kept: a start shows no gap */
            return;
        core->failures += sg_gap_ledger_add(&core->gaps, &gap) != SG_OK;
    }
    sg_core_keep_gaps(core, leg, time_us, end_us);
    core->changes++;
}

void sg_core_list_missing(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t until_us)
{
    const struct sg_bar_store *bars = &core->bars[interval][leg];
    int64_t length_us = sg_interval_us(interval), begun_us = core->first_tick_us - core->first_tick_us % length_us;
    int64_t time_us = MAX(core->listed_until_us[interval][leg], begun_us);
    if (core->first_tick_us == 0 || !counts(core, interval) || time_us >= until_us)
        return;
    core->listed_until_us[interval][leg] = until_us;
    for (size_t next = sg_bar_store_lower_bound(bars, time_us); time_us < until_us; time_us += length_us) {
        const struct sg_bar *bar = next < bars->length ? sg_bar_store_at(bars, next) : NULL;
        bool there = bar && bar->time_us == time_us;
        next += there;
        if (!there || bar->flags & SG_BAR_INCOMPLETE)
            list_bar(core, interval, leg, time_us);
    }
}
