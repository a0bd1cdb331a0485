/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view_private.h"

#include "history_private.h"
#include "spreadglass/base/clock.h"

struct sg_ex_view sg_ex_view_of(const struct sg_ex_faults *faults, bool trades, uint64_t number, int64_t now_us)
{
    struct sg_ex_view view = {.rows_until_us = now_us, .content_until_us = now_us};
    int64_t behind_us = faults->on[EX_FAULT_REST_LAG] ? faults->value[EX_FAULT_REST_LAG] : 0;
    if (faults->on[EX_FAULT_NODE_BEHIND] && number % 2 == 0 && faults->value[EX_FAULT_NODE_BEHIND] > behind_us)
        behind_us = faults->value[EX_FAULT_NODE_BEHIND];
    view.rows_until_us -= behind_us;
    if (faults->on[EX_FAULT_KLINE_LAG] && faults->value[EX_FAULT_KLINE_LAG] > behind_us)
        behind_us = faults->value[EX_FAULT_KLINE_LAG];
    view.content_until_us -= behind_us;
    if (trades && faults->on[EX_FAULT_REST_HOLES]) {
        view.hole_every = (uint64_t)faults->value[EX_FAULT_REST_HOLES];
        view.hole_phase = number * 2654435761u; /* another hole each time, and not merely the next one */
    }
    return view;
}

bool sg_ex_view_hides(const struct sg_ex_view *view, const struct sg_ex_trade *trade)
{
    return trade->time_us > view->rows_until_us || (view->hole_every && ((uint64_t)trade->first_id + view->hole_phase) % view->hole_every == 0);
}

static void merge_tier(struct sg_ex_bar *bar, const struct sg_ex_series *series, int64_t from_us, int64_t to_us)
{
    const size_t length = sg_ex_series_length(series);
    for (size_t i = sg_ex_series_find(series, from_us); i < length && sg_ex_series_at(series, i)->time_us < to_us; i++)
        sg_ex_bar_merge(bar, sg_ex_series_at(series, i));
}

static void merge_trades(struct sg_ex_bar *bar, const struct sg_ex_symbol *symbol, int64_t from_us, int64_t until_us)
{
    const size_t count = sg_ex_symbol_trade_count(symbol);
    size_t at = count;
    while (at > 0 && sg_ex_symbol_trade_at(symbol, at - 1)->time_us >= from_us)
        at--;
    for (; at < count; at++) {
        const struct sg_ex_trade *trade = sg_ex_symbol_trade_at(symbol, at);
        if (trade->time_us < from_us || trade->time_us > until_us)
            continue;
        const sg_qty quote = (sg_qty)trade->price * trade->quantity / SG_QTY_ONE;
        const struct sg_ex_bar part = {.time_us = from_us,
                                       .open = trade->price,
                                       .high = trade->price,
                                       .low = trade->price,
                                       .close = trade->price,
                                       .volume = trade->quantity,
                                       .quote = quote,
                                       .taker_volume = trade->buyer_maker ? 0 : trade->quantity,
                                       .taker_quote = trade->buyer_maker ? 0 : quote,
                                       .trades = trade->last_id - trade->first_id + 1,
                                       .first_id = trade->first_id,
                                       .last_id = trade->last_id};
        sg_ex_bar_merge(bar, &part);
    }
}

struct sg_ex_bar sg_ex_view_bar(const struct sg_ex_view *view, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, int64_t interval_us)
{
    const struct sg_ex_series *seconds = &symbol->tiers[EX_TIER_SECOND];
    const int64_t until_us = view->content_until_us, end_us = bar->time_us + interval_us;
    if (until_us >= end_us - 1)
        return *bar;
    if (symbol->history)
        return sg_ex_history_bar(symbol->history, bar->time_us, end_us, until_us + 1);
    /* What was traded by then: whole minutes, whole seconds, and the trades of the second that the view ends in. */
    const int64_t last_us = until_us < bar->time_us ? bar->time_us : until_us;
    const int64_t second_us = sg_ex_floor(last_us, SG_US_PER_S);
    int64_t minute_us = sg_ex_floor(last_us, EX_MINUTE_US);
    minute_us = minute_us > bar->time_us ? minute_us : bar->time_us;
    const int64_t before_us = sg_ex_floor(until_us, SG_US_PER_S) < bar->time_us ? sg_ex_floor(until_us, SG_US_PER_S) : bar->time_us;
    const size_t at = sg_ex_series_find(seconds, before_us);
    const int64_t price = at > 0 ? sg_ex_series_at(seconds, at - 1)->close : bar->open;
    struct sg_ex_bar seen = {.time_us = bar->time_us, .open = price, .high = price, .low = price, .close = price, .first_id = -1, .last_id = -1};
    if (until_us >= bar->time_us) {
        merge_tier(&seen, &symbol->tiers[EX_TIER_MINUTE], bar->time_us, minute_us);
        merge_tier(&seen, seconds, minute_us, second_us);
        merge_trades(&seen, symbol, second_us, until_us);
    }
    return seen;
}
