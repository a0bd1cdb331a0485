/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statistics of a pair from two arrays of bars, without a session: what `analyze` and `render` show.
 *
 * It runs the very code that a live session runs at each closed bar, so the same bars give the same bits: join by time, live
 * basis, gap and stale marks, alerts. Any thread; nothing shared, no state kept. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/alert.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/base/history.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"

struct sg_offline_config {
    struct sg_pair_params params;
    enum sg_interval interval; /* of the bars */
    int64_t interval_us;       /* > 0: this spacing instead (files of days, weeks, odd hours); the bars then need no grid */
    int64_t stale_after_us;    /* as in sg_session_config; 0: 60 s */
    size_t test_maximum;       /* at most this many last rows in the tests; 0: no ceiling. A session uses SG_SESSION_TEST_BARS */
};

struct sg_offline {
    struct sg_history history;                  /* one row per joined bar */
    struct sg_pair_result now;                  /* at the last row; meaningless while history.length == 0 */
    struct sg_alert alert;                      /* as it stands after the last row */
    struct sg_adf_result adf;                   /* on close_a - beta close_b with the last beta */
    struct sg_adf_result engle_granger;         /* A on B */
    struct sg_adf_result engle_granger_reverse; /* B on A */
    struct sg_half_life_result half_life;       /* of the same spread as adf */
    size_t test_bars;                           /* rows in those samples: all, limited by test_maximum and by a finite lookback >= SG_EG_MIN_BARS */
    int64_t age_us[SG_LEG_COUNT];               /* of the leg's last trade at the last row's close; -1: no row */
    int64_t stale_after_us;                     /* an older one makes z stale: the limit that was applied */
    size_t unmatched[SG_LEG_COUNT];             /* bars that have no partner at their time */
    size_t refused;                             /* pairs with a close that is not finite or not > 0: no row */
};

/* `a`, `b`: closed bars, ascending in time, each time a multiple of the interval (unless interval_us is given); else SG_ERR_INVALID with which bar. Prices in quote
 * units. Too few bars for a number is no failure: the number's `reason` says so. SG_ERR_NOMEM. *ret_result is set on
 * success only, and is freed with sg_offline_free. */
enum sg_status sg_offline_run(const struct sg_offline_config *config, const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b,
                              struct sg_offline *ret_result, struct sg_error *error);
void sg_offline_free(struct sg_offline *result); /* NULL and zeroed are fine; leaves it zeroed */
