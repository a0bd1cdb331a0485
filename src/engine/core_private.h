/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The session without its loop: records in, closed bars and events out. It has no thread, no timer and no clock of its own;
 * what it emits, and in what order, depends on the records alone and not on how they were cut into batches. That is what
 * makes a replay equal to the live run, and it is tested by cutting at random. Main thread. */
#include <stdbool.h>
#include "spreadglass/engine/session.h"
#include "bar_store_private.h"
#include "diagnostics_private.h"
#include "id_set_private.h"
#include "latency_private.h"
#include "pair_track_private.h"
#include "spreadglass/engine/fired_alerts.h"

#define SG_CORE_GAPS_MAXIMUM 10000u

#define SG_CORE_ALERTS_REMEMBERED 256u
#define SG_CORE_BARS_BEFORE 500u              /* of the sample of a fit on all bars: so many before the session's first tick, from the exchange */
#define SG_CORE_BARS_BEFORE_MAXIMUM 5000u     /* and at most so many, where an earlier run kept them */
#define SG_HISTORY_FINAL_US SG_BAR_SETTLE_US  /* what the exchange does not have so long after, when it is asked, it will never have */
#define SG_HISTORY_HOPE_US INT64_C(300000000) /* where only trades can tell: what they have not told by then is given up */

/* What became of an answer, leg by leg. */
struct sg_answer_result {
    bool refused[SG_LEG_COUNT];       /* TRADES: its ids do not prove all the seconds that were asked for; those were not put in */
    bool useless[SG_LEG_COUNT];       /* KLINES: it brought nothing new */
    int64_t settled_us[SG_LEG_COUNT]; /* [from, settled) need not be asked again: it was asked for when all of it was final */
};

struct sg_core_outputs {
    /* `bar` and `event` are valid during the call. The receiver may call sg_core_mute, sg_core_set_params and
     * sg_core_set_interval; it must not free the core. */
    void (*on_bar)(void *context, const SgClosedBar *bar);
    void (*on_event)(void *context, const SgSessionEvent *event);
    /* A time of the active interval is closed; `missing` bit i: leg i has no bar there. */
    void (*on_close)(void *context, enum sg_interval interval, int64_t time_us, unsigned missing);
    /* What a database may keep: bars closed or repaired; a gap that has ended, and again when it was resolved; bars of [from, to) that
     * turned out not to be all there was. */
    void (*keep_bars)(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count);
    void (*keep_gap)(void *context, const struct sg_gap *gap);
    void (*keep_doubt)(void *context, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us);
    /* A HISTORY event was acted on. `answer` is what it brought; NULL: it was lost. Called on main, within sg_core_ingest. */
    void (*on_answer)(void *context, const struct sg_history_answer *answer, const struct sg_answer_result *result);
    void *context;
};

struct sg_core_config {
    struct sg_pair_params params;
    enum sg_interval interval;
    int64_t stale_after_us;                  /* 0: 60 s */
    size_t history_maximum;                  /* 0: SG_HISTORY_MAXIMUM */
    bool keeps;                              /* every interval of a minute and longer is kept: a gap is filled when none of them lacks a bar of its time */
    struct sg_core_outputs outputs;          /* any callback may be NULL */
    struct sg_instrument legs[SG_LEG_COUNT]; /* for what is told of alerts; nameless: "A" and "B" */
};

struct sg_core {
    struct sg_core_outputs outputs;
    bool muted; /* nothing is emitted any more */
    enum sg_interval interval;
    bool keeps;
    struct sg_resampler *resampler;
    struct sg_bar_store bars[SG_INTERVAL_COUNT][SG_LEG_COUNT];
    struct sg_pair_track track;
    struct sg_gap_ledger gaps;
    struct sg_fired_alerts fired;
    int64_t last_tick_us[SG_LEG_COUNT]; /* end of the leg's last second with a tick; 0: none */
    int64_t closed_until_us[SG_INTERVAL_COUNT];
    int64_t listed_until_us[SG_INTERVAL_COUNT][SG_LEG_COUNT]; /* bars before it were looked through for the ledger; 0: none */
    int64_t recv_us;                                          /* of the latest record */
    int64_t unseen_recv_us;                                   /* of the first tick that no snapshot has shown yet; 0: none */
    int64_t first_tick_us;                                    /* exchange time of the first tick of all; 0: none yet */

    /* Late ticks, summed up from the first one to its deadline a second later. */
    uint64_t late_count[SG_LEG_COUNT];
    int64_t late_worst_us[SG_LEG_COUNT];
    int64_t late_deadline_us;                                     /* receive time; valid while a count is not 0 */
    int64_t late_from_us[SG_LEG_COUNT], late_to_us[SG_LEG_COUNT]; /* the seconds that they belong to; valid while the count is not 0 */

    int64_t first_bar_us[SG_LEG_COUNT]; /* the leg's first closed second; 0: none yet */
    /* The earliest bar since the last look that turned out not to be exact (marked INCOMPLETE); INT64_MAX: none. */
    int64_t doubt_from_us[SG_INTERVAL_COUNT][SG_LEG_COUNT];

    struct sg_id_set missed[SG_LEG_COUNT];  /* trade ids that the stream left out */
    struct sg_id_set fetched[SG_LEG_COUNT]; /* those that came by REST */
    uint64_t id_restarts[SG_LEG_COUNT];     /* of the exchange's counting, that these are of */

    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_alert told;  /* the alert that was told last and not yet told to be over; side NONE: none */
    int64_t told_close_us; /* the close at which it was raised; valid while one stands */

    struct sg_diagnostics relation;         /* Engle-Granger both ways, at the latest of the closes at which it is looked at */
    uint64_t relation_rows, relation_epoch; /* rows of the history it was computed of, and its epoch; 0 rows: never */

    int64_t raised_us[SG_CORE_ALERTS_REMEMBERED]; /* close times of the latest alerts raised, at `raised` % their number */
    size_t raised;

    int64_t kept_from_us[SG_INTERVAL_COUNT][SG_LEG_COUNT]; /* the first bar of an earlier run that is kept; 0: none */
    int64_t kept_until_us[SG_LEG_COUNT];                   /* where what an earlier run kept ends; 0: nowhere */
    bool kept_until_told[SG_LEG_COUNT];                    /* as the beginning of a gap */
    bool resumed[SG_LEG_COUNT];                            /* trades that are missing before the leg's first bar are those since the earlier run */
    int64_t unwatched_from_us[SG_LEG_COUNT];               /* where that gap begins; valid once it was told */
    struct sg_id_run unwatched[SG_LEG_COUNT];              /* trades between the earlier run's last and the first of this one; last 0: none, or not known */

    uint64_t dropped[SG_LEG_COUNT]; /* the ring's counters at the last batch */
    uint64_t events_dropped;
    struct sg_latency latency;

    uint64_t changes;         /* + 1 whenever something that a snapshot shows may have changed */
    uint64_t history_changes; /* + 1 whenever the history has a new row or was built anew */
    uint64_t confirmed;       /* bars that an answer said the same of when they were final */
    uint64_t failures;        /* bars that could not be kept, for want of memory */
};

/* NULL with error. */
struct sg_core *sg_core_new(const struct sg_core_config *config, struct sg_error *error);
void sg_core_free(struct sg_core *core); /* NULL is fine */
void sg_core_mute(struct sg_core *core); /* from here on nothing is emitted */

void sg_core_ingest(struct sg_core *core, const struct sg_tick_batch *batch);
/* The end of a recording: closes what is complete and tells what is still to be told. */
void sg_core_finish(struct sg_core *core);

/* Rebuild the history from the bars kept. On failure nothing has changed. */
enum sg_status sg_core_set_params(struct sg_core *core, const struct sg_pair_params *params, struct sg_error *error);
enum sg_status sg_core_set_stale_after(struct sg_core *core, int64_t stale_after_us, struct sg_error *error); /* 0: 60 s */
enum sg_status sg_core_set_interval(struct sg_core *core, enum sg_interval interval);

/* Klines of [from, to) of one leg: puts in the bars that are missing, and replaces those that are known not to be exact (SG_BAR_INCOMPLETE)
 * and only those, resolves the gaps, and, when that was of the active interval, leaves the rebuilding to sg_core_rebuild, so that both legs cost one. Emits BACKFILLED when
 * anything was added. *ret_added bars. */
enum sg_status sg_core_backfill(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count, int64_t from_us,
                                int64_t to_us, size_t *ret_added);
/* Bars of ours that nothing had proved (SG_BAR_UNSETTLED) and of which final `bars` say the same are settled. How many. */
size_t sg_core_confirm(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count);
/* What a HISTORY event brought: klines by sg_core_backfill; trades into the seconds that are missing or not exact, and from whole seconds into every longer
 * interval. The ledger is resolved, the history built anew when the active interval got bars. Emits BACKFILLED, or ERROR for an answer with a problem. */
void sg_core_answer(struct sg_core *core, const struct sg_history_answer *answer, struct sg_answer_result *ret_result);
/* Where every trade id of a leg is, since the exchange last began to count. */
struct sg_id_account {
    int64_t first_id, last_id; /* of the range that was watched */
    uint64_t seen;             /* on the stream */
    uint64_t fetched;          /* later, by REST */
    uint64_t replaced;         /* not seen, but their bars were repaired from klines */
    uint64_t in_gaps;          /* in gaps that are open, or cannot be filled */
    bool adds_up;              /* the four are the range: nothing was lost silently */
};
/* False: the leg has no trade ids (yet). O(gaps). */
bool sg_core_ids(struct sg_core *core, enum sg_leg leg, struct sg_id_account *ret_account);
#define SG_IDS_TEXT 200
/* What to say of a leg whose account does not add up; false: there is nothing to say. */
bool sg_core_ids_complaint(struct sg_core *core, enum sg_leg leg, const char *symbol, char text[static SG_IDS_TEXT]);
/* Ids that the stream left out, those that came on it after all, and those that came by REST. */
void sg_core_ids_missed(struct sg_core *core, enum sg_leg leg, int64_t first_id, int64_t last_id);
void sg_core_ids_found(struct sg_core *core, enum sg_leg leg, int64_t first_id, int64_t last_id);
/* Before the first tick: an earlier run saw the leg's trades up to last_id. The first trade of this one proves that nothing was missed since, or tells what. */
void sg_core_seed_ids(struct sg_core *core, enum sg_leg leg, int64_t last_id, int64_t last_time_us);
void sg_core_ids_fetched(struct sg_core *core, enum sg_leg leg, const struct sg_history_leg *history);
/* A bar of a longer interval made of its seconds: false when one of them is missing or not exact. */
bool sg_core_sum_seconds(const struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t time_us, struct sg_bar *ret_bar);
enum sg_status sg_core_rebuild(struct sg_core *core);
/* Bars of an earlier run, the first of whose kind is at kept_from_us (0: there are none): put in where none is, or a worse one. The rebuilding is left
 * to the caller. */
enum sg_status sg_core_seed(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count, int64_t kept_from_us);
/* Up to until_us the leg was watched by an earlier run; the time from there to the first tick of this one becomes a gap of cause NOT_RUNNING: now, or with
 * that tick. */
void sg_core_seeded_until(struct sg_core *core, enum sg_leg leg, int64_t until_us);
/* An entry of the ledger that an earlier run left open. Those whose bars are there meanwhile are filled by sg_core_fill. */
void sg_core_seed_gap(struct sg_core *core, const struct sg_gap *gap);
/* Looks through the bars up to until_us that it has not looked through yet, which are over: one that is missing or INCOMPLETE is in the ledger from then on, where no open
 * entry has a part of its time. Whatever its cause was it has been told already; nothing is told here. */
void sg_core_list_missing(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t until_us);
/* Resolves what can be resolved as FILLED of the entries within [from, to): the time in which no interval that counts (the active one; when everything
 * is kept, each of a minute and longer) lacks a bar that is over, or has one in doubt. */
void sg_core_fill(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us);
/* Has the ended gaps of a leg that touch [from, to] kept as they now stand: one that was cut has become two. */
void sg_core_keep_gaps(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us);

/* The tests of the relation as known at the last close. They are computed at closes that the number of rows alone decides, whoever asks and however often,
 * so that a replay says the same: every one while there are fewer than 500, then about every fiftieth of the sample. O(sample) where it is due. */
void sg_core_relation(struct sg_core *core, struct sg_verdict_input *ret_input);

/* The provisional row; false when no bar is forming. */
bool sg_core_forming(struct sg_core *core, int64_t now_us, struct sg_row *ret_row);
/* Exchange time at local receive time; 0 while the exchange's clock is not known. */
int64_t sg_core_exchange_time(const struct sg_core *core, int64_t recv_us);
