/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where every trade id is: seen, fetched later, or in a gap. The proof that nothing was lost silently. */
#include "core_private.h"

/* The exchange counts anew: what was noted belongs to ids that mean other trades now. */
static void follow_restart(struct sg_core *core, enum sg_leg leg, const struct sg_resampler_stats *stats)
{
    if (stats->id_restarts[leg] == core->id_restarts[leg])
        return;
    core->id_restarts[leg] = stats->id_restarts[leg];
    sg_id_set_free(&core->missed[leg]);
    sg_id_set_free(&core->fetched[leg]);
}

void sg_core_ids_missed(struct sg_core *core, const struct sg_gap *gap)
{
    if (gap->first_id < 0)
        return;
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    follow_restart(core, gap->leg, &stats);
    if (sg_id_set_add(&core->missed[gap->leg], gap->first_id, gap->last_id) != SG_OK)
        core->failures++;
}

void sg_core_ids_fetched(struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history)
{
    for (size_t i = 0; i < history->id_count; i++)
        if (sg_id_set_add(&core->fetched[leg], history->ids[i].first, history->ids[i].last) != SG_OK)
            core->failures++;
}

/* Ids of `set` that did not come by REST either. */
static uint64_t not_fetched(const struct sg_core *core, enum sg_leg leg, const struct sg_id_set *set)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->length; i++)
        count += (uint64_t)(set->runs[i].last - set->runs[i].first) + 1 - sg_id_set_count(&core->fetched[leg], set->runs[i].first, set->runs[i].last);
    return count;
}

bool sg_core_ids(struct sg_core *core, enum sg_leg leg, struct sg_id_account *ret_account)
{
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    if (stats.last_id[leg] < 0)
        return false;
    follow_restart(core, leg, &stats);
    const struct sg_id_set *missed = &core->missed[leg];
    struct sg_id_set in_gaps = {0};
    bool lasting = false;
    for (size_t i = 0; i < core->gaps.length; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        lasting |= gap->leg == leg && gap->to_us == INT64_MAX;
        if (gap->leg == leg && gap->state != SG_GAP_FILLED && gap->first_id >= stats.first_id[leg] && gap->last_id <= stats.last_id[leg] &&
            sg_id_set_add(&in_gaps, gap->first_id, gap->last_id) != SG_OK)
            core->failures++;
    }
    /* A gap that lasts names its ids when it ends; until then the resampler alone knows how many they are. */
    uint64_t named = sg_id_set_total(missed) + missed->forgotten, pending = lasting && stats.ids_missing[leg] > named ? stats.ids_missing[leg] - named : 0;
    uint64_t left = not_fetched(core, leg, missed), open = not_fetched(core, leg, &in_gaps);
    sg_id_set_free(&in_gaps);
    *ret_account = (struct sg_id_account){.first_id = stats.first_id[leg], .last_id = stats.last_id[leg], .seen = stats.ids_seen[leg],
                                          .fetched = sg_id_set_total(missed) - left, .replaced = left > open ? left - open : 0, .in_gaps = open + pending};
    uint64_t sum = ret_account->seen + ret_account->fetched + ret_account->replaced + ret_account->in_gaps + missed->forgotten;
    ret_account->replaced += missed->forgotten; /* of gaps so long ago that the ledger forgot them too */
    ret_account->adds_up = sum == (uint64_t)(ret_account->last_id - ret_account->first_id) + 1;
    return true;
}
