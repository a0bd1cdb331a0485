/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the exchange's REST interface said about the past. It travels through the tick ring like everything else that decides about bars, so
 * that its place among the records is known, recorded and played again. One owner at a time; plain memory. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick.h"

#define SG_HISTORY_BARS_MAX 100000u /* of one leg in one answer */
#define SG_HISTORY_RUNS_MAX 4096u

enum sg_history_kind {
    SG_HISTORY_KLINES, /* bars as the exchange made them */
    SG_HISTORY_TRADES, /* bars of 1 s made of every aggregate trade of the time asked for; a second without a bar had none */
};

struct sg_id_run {
    int64_t first, last; /* both included */
};

/* Trades that follow on one another without one left out, and when the first and the last of them were. Times 0: not known (a recording of an earlier version). */
struct sg_history_run {
    struct sg_id_run ids;
    int64_t first_us, last_us;
};

struct sg_history_leg {
    int64_t from_us, to_us; /* [from, to) was answered, exchange time, on the grid; from == to: this leg was not asked */
    struct sg_bar *bars;    /* ascending; SG_BAR_REPAIRED */
    size_t count;
    struct sg_history_run *runs; /* TRADES: ids of the trades that came, from before from_us to after to_us, ascending, apart */
    size_t run_count;
};

struct sg_history_answer {
    enum sg_history_kind kind;
    enum sg_interval interval; /* of the bars */
    int64_t asked_us;          /* exchange time when it was asked for; 0: not known */
    struct sg_history_leg legs[SG_LEG_COUNT];
    char problem[232]; /* not "": it failed, and this is to be told; the rest is empty */
};

const char *sg_history_kind_name(enum sg_history_kind kind);   /* "klines", "trades" */
struct sg_history_answer *sg_history_answer_new(void);         /* NULL: no memory */
void sg_history_answer_free(struct sg_history_answer *answer); /* NULL is fine */
/* Makes bars and runs of a leg, whose from_us and to_us are set, out of trades (ascending in id); those outside [from, to) are in the runs only.
 * Times within a second may be in any order. SG_ERR_NOMEM; SG_ERR_RANGE: more than the maxima. */
enum sg_status sg_history_leg_from_trades(struct sg_history_leg *leg, const struct sg_tick *trades, size_t count);
