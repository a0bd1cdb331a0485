/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Unit-root and cointegration tests, half-life. Workspaces are the caller's; nothing here keeps state. */
#include <stddef.h>
#include "spreadglass/base/history.h"
#include "spreadglass/base/status.h"

#define SG_ADF_MIN_BARS 60
#define SG_EG_MIN_BARS 100
#define SG_ADF_VALUE_MAX 1e100 /* larger values are "not finite" to these tests: their squares must fit in a double */

enum sg_adf_trend { SG_ADF_NONE, SG_ADF_CONSTANT };

struct sg_adf_result {
    double statistic, p_value;
    size_t lags, observations;
    double critical[3];        /* 1 %, 5 %, 10 % */
    enum sg_reason reason;     /* not NONE: the numbers are NaN */
    size_t have, need;
};

struct sg_half_life_result {
    double bars, lambda, se_lambda;
    double low, high;          /* 95 % interval of the half-life in bars; high is infinite when lambda's reaches 0 */
    enum sg_reason reason;
    size_t have, need;
};

struct sg_adf_workspace;       /* grows to the largest n seen, up to max_n */
struct sg_adf_workspace *sg_adf_workspace_new(size_t max_n);
void sg_adf_workspace_free(struct sg_adf_workspace *workspace);

/* Said-Dickey ADF of n values. max_lag < 0: ceil(12 (T/100)^0.25) capped at T/2 - 2; autolag by AIC when `aic`, else
 * exactly max_lag lags. Undefined is reported in `reason` with SG_OK. */
enum sg_status sg_adf_test(struct sg_adf_workspace *workspace, const double *values, size_t n, enum sg_adf_trend trend, int max_lag, int aic, struct sg_adf_result *ret_result);
/* Engle-Granger: OLS of y on x with constant, ADF without constant on the residuals, N = 2 tables with T - 1. */
enum sg_status sg_engle_granger(struct sg_adf_workspace *workspace, const double *y, const double *x, size_t n, int max_lag, int aic, struct sg_adf_result *ret_result);
enum sg_status sg_half_life(const double *values, size_t n, struct sg_half_life_result *ret_result);

/* MacKinnon: p-value (1994) and critical values (2010) for N = 1 (no constant, constant) and N = 2 (constant). */
double sg_mackinnon_p(double statistic, enum sg_adf_trend trend, int series);
void sg_mackinnon_critical(enum sg_adf_trend trend, int series, size_t observations, double ret_critical[static 3]);
