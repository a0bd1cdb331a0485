/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Unit-root and cointegration tests, half-life. Nothing here keeps state: any thread, one workspace each. A number that does not
 * exist for the data comes as SG_OK with a `reason`; statuses are for wrong calls (SG_ERR_INVALID) and memory (SG_ERR_NOMEM).
 * Values may be in any unit: the tests do not depend on it. */
#include <stddef.h>
#include "spreadglass/base/history.h"
#include "spreadglass/base/status.h"

#define SG_ADF_MIN_BARS 60
#define SG_EG_MIN_BARS 100
#define SG_ADF_VALUE_MAX 1e100 /* larger values are "not finite" to these tests: their squares must fit in a double */

enum sg_adf_trend { SG_ADF_NONE, SG_ADF_CONSTANT };

struct sg_adf_result {
    double statistic, p_value; /* t ratio of the lagged level */
    size_t lags, observations; /* lagged differences in the final regression, and its rows */
    double critical[3];        /* 1 %, 5 %, 10 % */
    enum sg_reason reason;     /* not NONE: the numbers are NaN */
    size_t have, need;         /* values given, and the least that are tested */
};

struct sg_half_life_result {
    double bars;              /* -ln 2 / ln(1 + lambda); NaN when it does not revert */
    double lambda, se_lambda; /* slope of the change on the level, a bar; defined for NOT_REVERTING and OVERSHOOTING too */
    /* 95 % interval of the half-life in bars: Student's interval of lambda, mapped. low is 0 when lambda's reaches -1, high is
     * infinite when it reaches 0. Near a unit root the least-squares lambda is biased downward and the interval with it. */
    double low, high;
    double heaviest;       /* share of the farthest value in the sum of squared deviations from the mean, 0..1; NaN as lambda, and for NUMERIC */
    enum sg_reason reason; /* WARMING_UP, CONSTANT_SPREAD, NOT_REVERTING, OVERSHOOTING, NUMERIC */
    size_t have, need;
};

/* Memory of the tests: grows to the largest n seen, up to max_n (24 bytes a value; when a series is so nearly collinear that the
 * QR is needed, also 8 bytes times the regressors). NULL when there is no memory. Free takes NULL. */
struct sg_adf_workspace;
struct sg_adf_workspace *sg_adf_workspace_new(size_t max_n);
void sg_adf_workspace_free(struct sg_adf_workspace *workspace);

/* Said and Dickey's (1984) ADF of n values, judged by the one-series tables. max_lag < 0: ceil(12 (T/100)^0.25) capped at T/2 - 2; autolag by AIC when `aic`, else
 * exactly max_lag lags. Reasons: WARMING_UP (n < 60), CONSTANT_SPREAD, NUMERIC (not finite, rank deficient, a perfect fit).
 * SG_ERR_INVALID: max_lag above T/2 - 2; SG_ERR_NOMEM: n above the workspace's ceiling. */
enum sg_status sg_adf_test(struct sg_adf_workspace *workspace, const double *values, size_t n, enum sg_adf_trend trend, int max_lag, int aic,
                           struct sg_adf_result *ret_result);
/* Engle and Granger (1987): OLS of y on x with constant, ADF without constant on the residuals, N = 2 tables with T - 1.
 * Reasons besides the ADF's: WARMING_UP (n < 100), CONSTANT_LEG_A (y), CONSTANT_LEG_B (x), IDENTICAL_LEGS (R^2 > 1 - 1e-6). */
enum sg_status sg_engle_granger(struct sg_adf_workspace *workspace, const double *y, const double *x, size_t n, int max_lag, int aic,
                                struct sg_adf_result *ret_result);
/* Half-life of a deviation of n values, by regression of the change on the level with constant. No workspace, no allocation. */
enum sg_status sg_half_life(const double *values, size_t n, struct sg_half_life_result *ret_result);

/* MacKinnon: p-value (1994) and critical values (2010; 1 %, 5 %, 10 %) for N = 1 (no constant, constant) and N = 2 (constant);
 * NaN for other combinations and for a NaN statistic. */
double sg_mackinnon_p(double statistic, enum sg_adf_trend trend, int series);
void sg_mackinnon_critical(enum sg_adf_trend trend, int series, size_t observations, double ret_critical[static 3]);
