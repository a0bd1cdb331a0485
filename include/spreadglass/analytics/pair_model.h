/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statistics of a pair, updated in O(1) per closed bar (Kalman and TLS too), as they are known at that bar's close.
 * Definitions, choices and sources: src/analytics/METHODS.md; every formula is cited at its function in src/analytics.
 *
 * Allocates at creation only (window and, for a finite lookback, lookback rows are kept inside). Not thread-safe: one
 * owner; different models may be used by different threads at once. No statics. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/history.h"
#include "spreadglass/base/status.h"

/* How beta in A = alpha + beta B is found:
 *   ols      least squares over the lookback        rolling  the same over the window, unless a lookback is given
 *   tls      total least squares over the lookback, in price units: symmetric in the legs, but for legs of very unlike
 *            price levels it leans on the one that moves more
 *   kalman   a random walk of [beta, alpha], see kalman.h; legs divided by their first price, diffuse start, shown once settled
 *   fixed    the trader's own; alpha is the mean residual over the lookback */
enum sg_hedge { SG_HEDGE_OLS = 0, SG_HEDGE_ROLLING, SG_HEDGE_TLS, SG_HEDGE_KALMAN, SG_HEDGE_FIXED };
enum sg_signal { SG_SIGNAL_NONE = 0, SG_SIGNAL_OVERBOUGHT, SG_SIGNAL_OVERSOLD };

#define SG_WINDOW_MIN 5
#define SG_WINDOW_MAX 100000
#define SG_LOOKBACK_ALL 0
#define SG_LOOKBACK_MIN 10 /* a hedge ratio is fitted on 10 bars at least */
#define SG_LOOKBACK_MAX 1000000
#define SG_PRICE_MIN 1e-50 /* closes outside of this range are refused: their fourth powers must fit in a double */
#define SG_PRICE_MAX 1e50
#define SG_EXIT_SHARE 0.75 /* of the threshold: where an alert ends unless it is said otherwise */
#define SG_HOLD_MAX 1000

struct sg_pair_params {
    size_t window;   /* bars: rolling mean, deviation, correlation; default 60 */
    size_t lookback; /* bars in the hedge-ratio fit; SG_LOOKBACK_ALL; `rolling` uses window when it is ALL (window >= 10 then) */
    enum sg_hedge hedge;
    double fixed_beta; /* for SG_HEDGE_FIXED */
    double entry;      /* alert threshold on |z|, default 2 */
    double exit;       /* where an alert ends and may come again, 0 < exit <= entry, default 1.5; see alert.h */
    size_t hold;       /* closes in a row beyond the threshold before an alert is raised, default 1 */
    int ddof;          /* 1 (default) or 0 */
};

struct sg_pair_result {
    /* NaN when undefined. se: ols, rolling and kalman (the filter's); r_squared: ols, rolling, tls. */
    double alpha, beta, se_alpha, se_beta, r_squared;
    /* residual: spread less alpha. std is 0 when the spread is constant to the prices' precision; z is undefined then. */
    double spread, residual, mean, std, zscore, correlation;
    enum sg_reason hedge_reason, zscore_reason, correlation_reason; /* SG_REASON_NONE when defined */
    size_t have, need;                         /* progress for WARMING_UP: bars in the window and window (or bars and 10 for the hedge ratio) */
    size_t hedge_have, hedge_need;             /* the hedge ratio's own progress: bars and 10 */
    size_t correlation_have, correlation_need; /* the correlation's own: returns and window */
    size_t fit_bars;                           /* n of the hedge fit */
    enum sg_signal signal;                     /* z > entry / z < -entry, by this close alone (no hysteresis) */
};

struct sg_pair_model;

void sg_pair_params_default(struct sg_pair_params *ret_params);
/* SG_ERR_INVALID with what and the allowed range. */
enum sg_status sg_pair_params_check(const struct sg_pair_params *params, struct sg_error *error);
/* The largest |z| that the last of `window` values can have among them, however far out it is: (N - 1)/sqrt(N) with ddof 1,
 * sqrt(N - 1) with ddof 0 (Shiffler, The American Statistician 42, 1988). */
double sg_zscore_bound(size_t window, int ddof);
/* SG_ERR_INVALID with the sentence that says why when no z over this window can ever reach the threshold, and with what would do. To be asked wherever a
 * window, a threshold or ddof is chosen by a person; the model itself computes with any. */
enum sg_status sg_pair_params_check_reach(const struct sg_pair_params *params, struct sg_error *error);
const char *sg_hedge_name(enum sg_hedge hedge);    /* "ols", "rolling", "tls", "kalman", "fixed" */
const char *sg_signal_name(enum sg_signal signal); /* "none", "overbought", "oversold" */

/* NULL: parameters that sg_pair_params_check refuses, or no memory. The parameters are copied. */
struct sg_pair_model *sg_pair_model_new(const struct sg_pair_params *params);
void sg_pair_model_free(struct sg_pair_model *model);  /* NULL is fine */
void sg_pair_model_reset(struct sg_pair_model *model); /* as new */
/* Adds a closed bar's closes (SG_PRICE_MIN..SG_PRICE_MAX; else SG_ERR_RANGE and nothing changes) and writes what is now known.
 * O(1), but for the rare bar that rebuilds the window's sums, O(window): see struct sg_pair_effort. */
enum sg_status sg_pair_model_push(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result);
/* A bar that is older than the sample of a fit without limit: the window, the correlation and a finite lookback know it, a fit over all bars
 * and the filter do not. Before the first push. Status and cost of a push. */
enum sg_status sg_pair_model_warm_up(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result);
/* What push would return for the forming bar; changes nothing a later push can see. Cost of a push. */
enum sg_status sg_pair_model_peek(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result);
/* How often the exact answer took more than the O(1) update, since creation or reset. For tests, benchmarks and the curious. */
struct sg_pair_effort {
    uint64_t pushes;
    uint64_t rebuilds; /* a window's sums were built anew because rounding could have cost a digit that is promised (1e-10) */
    uint64_t two_pass; /* the spread's deviation was taken from the stored bars because its legs cancel almost wholly */
};
void sg_pair_model_effort(const struct sg_pair_model *model, struct sg_pair_effort *ret_effort);

/* Copies a result into the statistics columns, flags (signal) and reason of a history row. */
void sg_pair_result_to_row(const struct sg_pair_result *result, struct sg_row *row);

/* The same columns with one fit over the given bars (all, or the last `lookback`), applied to every row: hindsight basis.
 * `a`, `b`: n closes. Arrays of n doubles, NaN where undefined; any output may be NULL. */
struct sg_hindsight {
    double *spread, *mean, *std, *zscore, *correlation;
    double alpha, beta, se_alpha, se_beta, r_squared;
    enum sg_reason hedge_reason; /* not NONE: no row has a spread */
    size_t fit_bars;
};
/* Correlations do not depend on beta and are those of the live rows. Allocates two columns while it runs. Any thread.
 * SG_ERR_INVALID (parameters, NULL), SG_ERR_RANGE (a close that the live model would refuse), SG_ERR_NOMEM. */
enum sg_status sg_pair_hindsight(const struct sg_pair_params *params, const double *a, const double *b, size_t n, struct sg_hindsight *out);
