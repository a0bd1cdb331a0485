/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pixel columns hold bars that were filled or repaired, or that follow missing ones: what is said of single bars where they can be told apart is said of stretches
 * where they cannot, so that zooming out hides nothing. Costs one look at each block of 64 rows, or less. */
#include <stdlib.h>
#include "dashboard_private.h"

#define BLOCK_SHIFT 6u
#define BLOCK_ROWS ((size_t)1 << BLOCK_SHIFT)

static const uint16_t filled[2] = {SG_ROW_A_FILLED, SG_ROW_B_FILLED}, repaired[2] = {SG_ROW_A_REPAIRED, SG_ROW_B_REPAIRED};

static void scan(const uint16_t *flags, size_t from, size_t to, struct row_flags *seen)
{
    uint16_t any = seen->any, all = seen->all;
    for (size_t row = from; row < to; row++) {
        any = (uint16_t)(any | flags[row]);
        all = (uint16_t)(all & flags[row]);
    }
    *seen = (struct row_flags){any, all};
}

void sg_plot_cover_flags(struct sg_dashboard *dashboard)
{
    struct flag_blocks *blocks = &dashboard->flag_blocks;
    size_t wanted = dashboard->length >> BLOCK_SHIFT;
    if (wanted > blocks->capacity) {
        size_t capacity = wanted + wanted / 4 + 16;
        struct row_flags *larger = reallocarray(blocks->block, capacity, sizeof *larger);
        if (!larger)
            return; /* queries read the rows themselves: slower, still right */
        blocks->block = larger;
        blocks->capacity = capacity;
    }
    for (size_t i = blocks->count; i < wanted; i++) {
        blocks->block[i] = (struct row_flags){0, UINT16_MAX};
        scan(dashboard->data.history->flags, i << BLOCK_SHIFT, (i + 1) << BLOCK_SHIFT, &blocks->block[i]);
    }
    blocks->count = wanted > blocks->count ? wanted : blocks->count;
}

/* Of rows [from, to), from < to. `whole`: ends as soon as no row can change what of `asked` all have; `any` is then not to be read. */
static struct row_flags flags_of(const struct sg_dashboard *dashboard, size_t from, size_t to, bool whole, uint16_t asked)
{
    const struct flag_blocks *blocks = &dashboard->flag_blocks;
    const uint16_t *flags = dashboard->data.history->flags;
    struct row_flags seen = {0, UINT16_MAX};
    size_t first = (from + BLOCK_ROWS - 1) >> BLOCK_SHIFT, end = to >> BLOCK_SHIFT;
    end = end < blocks->count ? end : blocks->count;
    if (first >= end) {
        scan(flags, from, to, &seen);
        return seen;
    }
    for (size_t i = first; i < end; i++) {
        seen.any = (uint16_t)(seen.any | blocks->block[i].any);
        seen.all = (uint16_t)(seen.all & blocks->block[i].all);
        if (whole && !(seen.all & asked))
            return seen;
    }
    scan(flags, from, first << BLOCK_SHIFT, &seen);
    scan(flags, end << BLOCK_SHIFT, to, &seen);
    return seen;
}

/* Takes `pale` away again where fewer than `least` neighbouring columns have it: nobody could tell them. */
static void drop_short(struct column_flags *value, size_t count, int leg, size_t least)
{
    for (size_t i = 0, begin = 0; i <= count; i++) {
        if (i < count && value[i].filled[leg])
            continue;
        for (size_t j = begin; i - begin < least && j < i; j++)
            value[j].filled[leg] = false;
        begin = i + 1;
    }
}

const struct column_flags *sg_plot_column_flags(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    const struct columns_cache *columns = sg_plot_columns(frame);
    struct column_flag_store *store = &dashboard->column_flags;
    if (!columns)
        return NULL;
    if (store->serial == columns->serial)
        return store->value;
    size_t count = columns->count;
    const size_t *start = columns->start;
    if (count > store->capacity) {
        struct column_flags *larger = reallocarray(store->value, count, sizeof *larger);
        if (!larger)
            return NULL;
        store->value = larger;
        store->capacity = count;
    }
    sg_plot_cover_flags(dashboard);
    const uint16_t both_filled = SG_ROW_A_FILLED | SG_ROW_B_FILLED, both_repaired = SG_ROW_A_REPAIRED | SG_ROW_B_REPAIRED;
    const uint16_t wanted_any = both_repaired | SG_ROW_GAP_BEFORE;
    uint16_t there = start[0] < start[count] ? flags_of(dashboard, start[0], start[count], false, 0).any : 0;
    for (size_t i = 0; i < count; i++) {
        struct row_flags seen = {0, 0};
        if (start[i] < start[i + 1] && there & (both_filled | wanted_any))
            seen = flags_of(dashboard, start[i], start[i + 1], !(there & wanted_any), both_filled);
        store->value[i].gap = there & SG_ROW_GAP_BEFORE & seen.any;
        for (int leg = 0; leg < 2; leg++) {
            store->value[i].filled[leg] = seen.all & filled[leg];
            store->value[i].repaired[leg] = there & repaired[leg] & seen.any;
        }
    }
    for (int leg = 0; leg < 2; leg++)
        drop_short(store->value, count, leg, (size_t)ceil(SG_FLAGGED_LEAST * frame->scale));
    store->serial = columns->serial;
    return store->value;
}

bool sg_plot_stretch_is_pale(const struct frame *frame, struct flagged_stretch *stretch, uint16_t flag, size_t row)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    if (!(sg_plot_flags(dashboard, row) & flag))
        return false;
    if (row >= stretch->from && row < stretch->to)
        return stretch->wide;
    double room = frame->plot_width / frame->view->span;
    size_t least = room >= SG_FLAGGED_LEAST ? 1 : (size_t)ceil(SG_FLAGGED_LEAST / room), from = row, to = row + 1;
    /* Beyond the view as far as it takes to know: a stretch must not change its looks while it leaves. */
    while (from > 0 && row - from < least && sg_plot_flags(dashboard, from - 1) & flag)
        from--;
    while (to < dashboard->length && (to < frame->after || to - from < least) && sg_plot_flags(dashboard, to) & flag)
        to++;
    *stretch = (struct flagged_stretch){.from = row, .to = to, .wide = to - from >= least};
    return stretch->wide;
}
