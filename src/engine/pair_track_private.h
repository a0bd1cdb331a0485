/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Joined bars in, history rows and alert changes out: the one piece of code that decides what is known at a bar's close. The live
 * session, the rebuild after a change of parameters and the offline path all go through it, which is why they agree
 * to the bit. One owner; O(1) per bar. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/alert.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/history.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"
#include "bar_store_private.h"

#define SG_STALE_AFTER_US INT64_C(60000000)
#define SG_HISTORY_MAXIMUM 1000000u

struct sg_pair_track {
    struct sg_pair_params params;
    int64_t interval_us;
    int64_t stale_after_us;
    int64_t step_us;        /* the farthest that a row may be from the one before with nothing missing; interval_us unless set */
    int64_t sample_from_us; /* the first bar that a fit without limit includes; INT64_MIN: the first of all */
    struct sg_pair_model *model;
    struct sg_history history;
    struct sg_pair_result now; /* at the last row */
    struct sg_alert alert;
    size_t rows_since_gap;              /* SIZE_MAX: no gap yet */
    int64_t last_tick_us[SG_LEG_COUNT]; /* 0: unknown */
    uint64_t refused;                   /* joined bars whose closes the model would not take */
};

struct sg_track_step {
    struct sg_row row;
    struct sg_pair_result result;
    enum sg_alert_change change;
    struct sg_alert before;       /* the alert, before this bar */
    int64_t age_us[SG_LEG_COUNT]; /* of the leg's last trade at this close */
};

/* history_maximum, stale_after_us: 0 = the defaults above. SG_ERR_NOMEM, SG_ERR_INVALID (parameters). */
enum sg_status sg_pair_track_init(struct sg_pair_track *track, const struct sg_pair_params *params, int64_t interval_us, int64_t stale_after_us,
                                  size_t history_maximum);
void sg_pair_track_free(struct sg_pair_track *track); /* NULL and zeroed are fine */

/* Two bars of one time, later than the last row's. SG_ERR_RANGE: closes unusable, no row. At the ceiling of the history its
 * oldest half leaves (epoch + 1); the rows kept stay as they were known. */
enum sg_status sg_pair_track_push(struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, struct sg_track_step *ret_step);

/* How old each leg's last trade was at the last row's close; -1 while there is no row. */
void sg_pair_track_ages(const struct sg_pair_track *track, int64_t ret_age_us[static SG_LEG_COUNT]);

/* The row that would come if the two (provisional) bars closed now, at `now_us` (exchange time). Changes nothing. */
enum sg_status sg_pair_track_peek(struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, int64_t now_us, struct sg_row *ret_row);

/* How many bars before the sample the numbers of its first one need: a window of returns, and a finite lookback. */
size_t sg_pair_track_warm_up(const struct sg_pair_params *params);

/* Reset, then the joined bars of the two stores, silently: from `sample_from_us` on, and as many before it as the window and a finite lookback
 * need; INT64_MIN: all of them. What is in the stores beyond that, because another window needed it, makes no difference. A standing alert that is
 * found again keeps its dismissal. */
enum sg_status sg_pair_track_rebuild(struct sg_pair_track *track, const struct sg_pair_params *params, int64_t interval_us, int64_t sample_from_us,
                                     const struct sg_bar_store *a, const struct sg_bar_store *b);
