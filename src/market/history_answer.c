/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/history_answer.h"

#include <stdbool.h>
#include <stdlib.h>

#include "spreadglass/base/clock.h"

const char *sg_history_kind_name(enum sg_history_kind kind)
{
    return kind == SG_HISTORY_TRADES ? "trades" : "klines";
}

struct sg_history_answer *sg_history_answer_new(void)
{
    return calloc(1, sizeof(struct sg_history_answer));
}

void sg_history_answer_free(struct sg_history_answer *answer)
{
    for (int leg = 0; answer && leg < SG_LEG_COUNT; leg++) {
        free(answer->legs[leg].bars);
        free(answer->legs[leg].runs);
    }
    free(answer);
}

static void add_trade(struct sg_bar *bar, const struct sg_tick *trade)
{
    if (bar->ticks == 0) {
        bar->open = bar->high = bar->low = trade->price;
    }
    bar->high = trade->price > bar->high ? trade->price : bar->high;
    bar->low = trade->price < bar->low ? trade->price : bar->low;
    bar->close = trade->price;
    if (__builtin_add_overflow(bar->volume, trade->quantity, &bar->volume)) {
        bar->volume = trade->quantity; /* beyond 1e30 units: no market is that large */
    }
    if (__builtin_add_overflow(bar->trades, trade->trades, &bar->trades)) {
        bar->trades = UINT32_MAX;
    }
    bar->ticks++;
    bar->last_id = trade->id > bar->last_id ? trade->id : bar->last_id;
    bar->last_tick_us = trade->time_us > bar->last_tick_us ? trade->time_us : bar->last_tick_us;
}

static enum sg_status note_trade(struct sg_history_leg *leg, const struct sg_tick *trade, const struct sg_tick *before)
{
    struct sg_history_run *last = leg->run_count > 0 ? &leg->runs[leg->run_count - 1] : NULL;
    int64_t first = sg_tick_first_id(trade);
    bool follows = before && (first <= before->id + 1 || (trade->skips && trade->aggregate == before->aggregate + 1));

    if (follows) {
        last->ids.last = trade->id > last->ids.last ? trade->id : last->ids.last;
        last->last_us = trade->time_us > last->last_us ? trade->time_us : last->last_us;
        return SG_OK;
    }
    if (leg->run_count == SG_HISTORY_RUNS_MAX) {
        return SG_ERR_RANGE;
    }
    if ((leg->run_count & (leg->run_count - 1)) == 0) { /* at powers of two there is no more room */
        struct sg_history_run *grown = realloc(leg->runs, (leg->run_count ? leg->run_count * 2 : 1) * sizeof *grown);

        if (!grown) {
            return SG_ERR_NOMEM;
        }
        leg->runs = grown;
    }
    leg->runs[leg->run_count++] = (struct sg_history_run){{first, trade->id}, trade->time_us, trade->time_us};
    return SG_OK;
}

enum sg_status sg_history_leg_from_trades(struct sg_history_leg *leg, const struct sg_tick *trades, size_t count)
{
    size_t seconds = (size_t)((leg->to_us - leg->from_us) / SG_US_PER_S);
    size_t kept = 0;
    struct sg_bar *bars;

    if (seconds > SG_HISTORY_BARS_MAX) {
        return SG_ERR_RANGE;
    }
    bars = calloc(seconds ? seconds : 1, sizeof *bars);
    if (!bars) {
        return SG_ERR_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        enum sg_status status = note_trade(leg, &trades[i], i > 0 ? &trades[i - 1] : NULL);

        if (status != SG_OK) {
            free(bars);
            return status;
        }
        if (trades[i].time_us >= leg->from_us && trades[i].time_us < leg->to_us) {
            add_trade(&bars[(trades[i].time_us - leg->from_us) / SG_US_PER_S], &trades[i]);
        }
    }
    for (size_t i = 0; i < seconds; i++) {
        if (bars[i].ticks > 0) {
            bars[kept] = bars[i];
            bars[kept].time_us = leg->from_us + (int64_t)i * SG_US_PER_S;
            bars[kept].flags = SG_BAR_REPAIRED;
            kept++;
        }
    }
    leg->bars = bars;
    leg->count = kept;
    return SG_OK;
}
