/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where every trade id is: seen, fetched later, or in a gap. The proof that nothing was lost silently. */
#include "core_private.h"
#include <inttypes.h>
#include <stdio.h>

/* The exchange counts anew: what was noted belongs to ids that mean other trades now. */
static void follow_restart(struct sg_core *core, enum sg_leg leg, const struct sg_resampler_stats *stats)
{
    if (stats->id_restarts[leg] == core->id_restarts[leg])
        return;
    core->id_restarts[leg] = stats->id_restarts[leg];
    sg_id_set_free(&core->missed[leg]);
    sg_id_set_free(&core->fetched[leg]);
}

void sg_core_ids_missed(struct sg_core *core, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    follow_restart(core, leg, &stats);
    if (sg_id_set_add(&core->missed[leg], first_id, last_id) != SG_OK)
        core->failures++;
}

void sg_core_ids_found(struct sg_core *core, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    if (sg_id_set_remove(&core->missed[leg], first_id, last_id) != SG_OK)
        core->failures++;
}

void sg_core_ids_fetched(struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history)
{
    for (size_t i = 0; i < history->run_count; i++)
        if (sg_id_set_add(&core->fetched[leg], history->runs[i].ids.first, history->runs[i].ids.last) != SG_OK)
            core->failures++;
}

/* Where a missed run of ids that did not come by REST stands in the ledger. */
struct places {
    struct sg_id_set open, filled; /* ids that open (or unfillable) and filled gaps name: first to last, with what was seen between */
    bool lasting;                  /* a gap lasts, and names nothing yet */
};

static void look_up(struct sg_core *core, enum sg_leg leg, struct places *places)
{
    for (size_t i = 0; i < core->gaps.length; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg != leg)
            continue;
        places->lasting |= gap->to_us == INT64_MAX;
        if (gap->first_id >= 0 && sg_id_set_add(gap->state == SG_GAP_FILLED ? &places->filled : &places->open, gap->first_id, gap->last_id) != SG_OK)
            core->failures++;
    }
}

/* A run of ids that the stream left out, part by part: what one entry filled and another one has open was missed in one go. *nowhere: how many no entry names. */
static void account_for(const struct places *places, const struct sg_id_set *fetched, const struct sg_id_run *run, struct sg_id_account *account,
                        uint64_t *nowhere)
{
    for (int64_t id = run->first; id <= run->last;) {
        int64_t ends[3];
        bool came = sg_id_set_has(fetched, id, &ends[0]), open = sg_id_set_has(&places->open, id, &ends[1]),
             filled = sg_id_set_has(&places->filled, id, &ends[2]);
        int64_t end = MIN(run->last, MIN(ends[0], MIN(ends[1], ends[2])));
        uint64_t *part = came ? &account->fetched : open ? &account->in_gaps : filled ? &account->replaced : nowhere;
        *part += (uint64_t)(end - id) + 1;
        id = end + 1;
    }
}

bool sg_core_ids(struct sg_core *core, enum sg_leg leg, struct sg_id_account *ret_account)
{
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    if (stats.last_id[leg] < 0)
        return false;
    follow_restart(core, leg, &stats);
    struct sg_id_account account = {.first_id = stats.first_id[leg],
                                    .last_id = stats.last_id[leg],
                                    .seen = stats.ids_seen[leg],
                                    .replaced = core->missed[leg].forgotten,
                                    .in_gaps = stats.ids_waiting[leg]};
    struct places places = {0};
    look_up(core, leg, &places);
    uint64_t nowhere = 0;
    for (size_t i = 0; i < core->missed[leg].length; i++) {
        const struct sg_id_run *run = &core->missed[leg].runs[i];
        if (run->first < account.first_id)
            continue;
        account_for(&places, &core->fetched[leg], run, &account, &nowhere);
    }
    sg_id_set_free(&places.open);
    sg_id_set_free(&places.filled);
    if (places.lasting)
        account.in_gaps += nowhere; /* it names its ids when it ends */
    else if (core->gaps.forgotten > 0)
        account.replaced += nowhere; /* of so long ago that the ledger forgot it; what was found was told, and kept */
    account.adds_up = account.seen + account.fetched + account.replaced + account.in_gaps == (uint64_t)(account.last_id - account.first_id) + 1;
    *ret_account = account;
    return true;
}

bool sg_core_ids_complaint(struct sg_core *core, enum sg_leg leg, const char *symbol, char text[static SG_IDS_TEXT])
{
    struct sg_id_account account;
    if (!sg_core_ids(core, leg, &account) || account.adds_up)
        return false;
    snprintf(text, SG_IDS_TEXT, "the trade ids of %s do not add up: %" PRId64 " to %" PRId64 " is not %" PRIu64 " accounted for", symbol, account.first_id,
             account.last_id, account.seen + account.fetched + account.replaced + account.in_gaps);
    return true;
}
