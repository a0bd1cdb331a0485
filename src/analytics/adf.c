/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Said and Dickey (1984): dy_t = [c +] gamma y_{t-1} + sum phi_i dy_{t-i} + e, statistic gamma / se(gamma). Lag by AIC on the
 * sample that the longest lag leaves, ties to the shorter, then fitted again on everything usable (as statsmodels does). */
#include <math.h>
#include <stdlib.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/unit_root.h"
#include "adf_private.h"
#include "hedge_private.h"

struct sg_adf_workspace *sg_adf_workspace_new(size_t max_n)
{
    sg_analytics_init();
    struct sg_adf_workspace *w = calloc(1, sizeof *w);
    if (w)
        w->max_n = max_n;
    return w;
}

void sg_adf_workspace_free(struct sg_adf_workspace *w)
{
    if (!w)
        return;
    free(w->level);
    free(w->gram);
    free(w->qr);
    free(w);
}

enum sg_status sg_adf_reserve(struct sg_adf_workspace *w, size_t n, size_t lags)
{
    if (n > w->max_n)
        return SG_ERR_NOMEM;
    if (n > w->capacity) {
        size_t capacity = n > w->max_n / 2 ? w->max_n : 2 * n;
        double *grown = malloc(3 * capacity * sizeof *grown);
        if (!grown)
            return SG_ERR_NOMEM;
        free(w->level);
        w->level = grown;
        w->difference = grown + capacity;
        w->residual = grown + 2 * capacity;
        w->capacity = capacity;
    }
    if (lags + 1 > w->lag_capacity) {
        size_t width = lags + 1, size = lags + 3;
        double *grown = malloc((size * size + width * width + 2 * width) * sizeof *grown);
        if (!grown)
            return SG_ERR_NOMEM;
        free(w->gram);
        w->gram = grown;
        w->lagged = grown + size * size;
        w->cross = w->lagged + width * width;
        w->rss = w->cross + width;
        w->lag_capacity = width;
    }
    return SG_OK;
}

static void undefined(struct sg_adf_result *ret, enum sg_reason reason, size_t have, size_t need)
{
    *ret = (struct sg_adf_result){.statistic = NAN, .p_value = NAN, .critical = {NAN, NAN, NAN}, .reason = reason, .have = have, .need = need};
}

/* Schwert's rule, as src/analytics/METHODS.md states it. */
static size_t default_lags(size_t n)
{
    size_t lags = (size_t)ceil(12.0 * pow((double)n / 100.0, 0.25)), most = n / 2 - 2;
    return lags < most ? lags : most;
}

static enum sg_status solve(struct sg_adf_workspace *w, const struct sg_adf_design *design, double *ret_statistic)
{
    return sg_adf_solve_normal(w, design, ret_statistic) ? SG_OK : sg_adf_solve_qr(w, design, ret_statistic);
}

/* AIC = n ln(2 pi RSS / n) + n + 2 k: only n ln RSS + 2 k differs between the models of one sample. */
static size_t best_lag(const double *rss, size_t lags, size_t sample)
{
    size_t best = 0;
    double least = INFINITY;
    for (size_t p = 0; p <= lags; p++) {
        double aic = (double)sample * log(rss[p]) + 2.0 * (double)p;
        if (aic < least) {
            least = aic;
            best = p;
        }
    }
    return best;
}

/* Loads the values and says why they cannot be tested, if so. */
static enum sg_reason load(struct sg_adf_workspace *w, const double *values, size_t n, bool constant)
{
    double mean = values[0] + sg_sum_about(values, values[0], n) / (double)n, raw = sg_dot(values, values, n);
    if (!(raw <= SG_ADF_VALUE_MAX * SG_ADF_VALUE_MAX)) /* NaN, infinite or too large somewhere */
        return SG_REASON_NUMERIC;
    double origin = constant ? mean : 0.0; /* with a constant the test does not see the level's origin */
    for (size_t i = 0; i < n; i++)
        w->level[i] = values[i] - origin;
    for (size_t i = 0; i + 1 < n; i++)
        w->difference[i] = values[i + 1] - values[i];
    double squares = constant ? sg_dot(w->level, w->level, n) : raw - (double)n * mean * mean;
    if (!constant && squares < 1e-6 * raw) { /* the mean is most of it: the difference has lost its digits */
        double sums[5];
        sg_products_about(values, values, mean, mean, n, sums);
        squares = sums[2];
    }
    return sg_is_noise(squares, n, fabs(mean)) ? SG_REASON_CONSTANT_SPREAD : SG_REASON_NONE;
}

static enum sg_status test(struct sg_adf_workspace *w, const double *values, size_t n, enum sg_adf_trend trend, int max_lag, int aic, struct sg_adf_result *ret)
{
    bool constant = trend == SG_ADF_CONSTANT;
    size_t lags = max_lag < 0 ? default_lags(n) : (size_t)max_lag, differences = n - 1;
    if (lags > n / 2 - 2)
        return SG_ERR_INVALID;
    enum sg_status status = sg_adf_reserve(w, n, lags);
    if (status != SG_OK)
        return status;
    enum sg_reason reason = load(w, values, n, constant);
    if (reason != SG_REASON_NONE) {
        undefined(ret, reason, n, SG_ADF_MIN_BARS);
        return SG_OK;
    }
    double statistic = NAN;
    size_t chosen = lags;
    sg_adf_sums(w, differences, lags);
    if (aic && lags > 0) {
        struct sg_adf_design nested = {.differences = differences, .lags = lags, .first = lags, .constant = constant};
        status = solve(w, &nested, &statistic);
        if (status == SG_OK)
            chosen = best_lag(w->rss, lags, differences - lags);
        if (status == SG_OK && chosen < lags)
            sg_adf_sums_extend(w, differences, lags, chosen);
    }
    if (status == SG_OK) {
        struct sg_adf_design final = {.differences = differences, .lags = chosen, .first = chosen, .constant = constant, .level_last = true};
        status = solve(w, &final, &statistic);
    }
    if (status == SG_ERR_NOMEM)
        return status;
    if (status != SG_OK || !isfinite(statistic)) {
        undefined(ret, SG_REASON_NUMERIC, n, SG_ADF_MIN_BARS);
        return SG_OK;
    }
    *ret = (struct sg_adf_result){
        .statistic = statistic, .lags = chosen, .observations = differences - chosen, .reason = SG_REASON_NONE, .have = n, .need = SG_ADF_MIN_BARS};
    return SG_OK;
}

enum sg_status sg_adf_test(struct sg_adf_workspace *workspace, const double *values, size_t n, enum sg_adf_trend trend, int max_lag, int aic,
                           struct sg_adf_result *ret_result)
{
    if (!workspace || !ret_result || (n > 0 && !values) || (trend != SG_ADF_NONE && trend != SG_ADF_CONSTANT))
        return SG_ERR_INVALID;
    if (n < SG_ADF_MIN_BARS) {
        undefined(ret_result, SG_REASON_WARMING_UP, n, SG_ADF_MIN_BARS);
        return SG_OK;
    }
    enum sg_status status = test(workspace, values, n, trend, max_lag, aic, ret_result);
    if (status == SG_OK && ret_result->reason == SG_REASON_NONE) {
        ret_result->p_value = sg_mackinnon_p(ret_result->statistic, trend, 1);
        sg_mackinnon_critical(trend, 1, ret_result->observations, ret_result->critical);
    }
    return status;
}

enum sg_status sg_engle_granger(struct sg_adf_workspace *workspace, const double *y, const double *x, size_t n, int max_lag, int aic,
                                struct sg_adf_result *ret_result)
{
    struct sg_line_fit fit;
    if (!workspace || !ret_result || (n > 0 && (!y || !x)))
        return SG_ERR_INVALID;
    if (n < SG_EG_MIN_BARS) {
        undefined(ret_result, SG_REASON_WARMING_UP, n, SG_EG_MIN_BARS);
        return SG_OK;
    }
    enum sg_status status = sg_adf_reserve(workspace, n, 0);
    if (status != SG_OK)
        return status;
    double mean_x, mean_y;
    sg_hedge_ols_two_pass(y, x, n, &fit, &mean_y, &mean_x);
    enum sg_reason reason = fit.reason != SG_REASON_NONE             ? fit.reason
                            : isnan(fit.r_squared)                   ? SG_REASON_CONSTANT_LEG_A
                            : fit.r_squared > SG_IDENTICAL_R_SQUARED ? SG_REASON_IDENTICAL_LEGS
                                                                     : SG_REASON_NONE;
    if (reason != SG_REASON_NONE) {
        undefined(ret_result, reason, n, SG_EG_MIN_BARS);
        return SG_OK;
    }
    /* About the means, so that the residuals have no digits of the level in them. */
    sg_residuals(x, y, mean_x, mean_y, fit.beta, n, workspace->residual);
    status = test(workspace, workspace->residual, n, SG_ADF_NONE, max_lag, aic, ret_result);
    if (status != SG_OK)
        return status;
    ret_result->need = SG_EG_MIN_BARS;
    if (ret_result->reason == SG_REASON_NONE) {
        ret_result->p_value = sg_mackinnon_p(ret_result->statistic, SG_ADF_CONSTANT, 2);
        sg_mackinnon_critical(SG_ADF_CONSTANT, 2, n - 1, ret_result->critical);
    }
    return status;
}
