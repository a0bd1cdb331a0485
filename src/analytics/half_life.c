/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <gsl/gsl_cdf.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/unit_root.h"
#include "hedge_private.h"

/* s_t = (1 + lambda) s_{t-1} + c + e: a deviation shrinks by 1 + lambda a bar and is halved after -ln 2 / ln(1 + lambda) bars. */
static double bars_of(double lambda)
{
    if (lambda >= 0.0)
        return INFINITY;
    return lambda <= -1.0 ? 0.0 : -M_LN2 / log1p(lambda);
}

/* `centred` knows all values but the last. */
static double heaviest_share(const struct sg_centred *centred, double last, double lowest, double highest)
{
    double n = (double)centred->count + 1.0, mean = sg_dd_to_double(centred->mean_x), step = last - mean;
    double sum = sg_dd_to_double(centred->xx) + step * step * (n - 1.0) / n;
    mean += step / n;
    double farthest = fmax(highest - mean, mean - lowest);
    return farthest * farthest / sum;
}

enum sg_status sg_half_life(const double *values, size_t n, struct sg_half_life_result *ret)
{
    struct sg_moments moments;
    struct sg_centred centred;
    struct sg_line_fit fit;
    if (!ret || (n > 0 && !values))
        return SG_ERR_INVALID;
    sg_analytics_init();
    *ret = (struct sg_half_life_result){
        .bars = NAN, .lambda = NAN, .se_lambda = NAN, .low = NAN, .high = NAN, .heaviest = NAN, .have = n, .need = SG_ADF_MIN_BARS};
    if (n < SG_ADF_MIN_BARS) {
        ret->reason = SG_REASON_WARMING_UP;
        return SG_OK;
    }
    double lowest = values[n - 1], highest = values[n - 1];
    sg_moments_reset(&moments);
    for (size_t t = 1; t < n; t++) {
        sg_moments_add(&moments, values[t - 1], values[t] - values[t - 1]);
        lowest = values[t - 1] < lowest ? values[t - 1] : lowest;
        highest = values[t - 1] > highest ? values[t - 1] : highest;
    }
    sg_moments_centred(&moments, &centred);
    sg_hedge_ols(&centred, &fit);
    if (fit.reason != SG_REASON_NONE) {
        ret->reason = fit.reason == SG_REASON_CONSTANT_LEG_B ? SG_REASON_CONSTANT_SPREAD : fit.reason;
        return SG_OK;
    }
    ret->heaviest = heaviest_share(&centred, values[n - 1], lowest, highest);
    ret->lambda = fit.beta;
    ret->se_lambda = fit.se_beta;
    if (fit.beta >= 0.0 || fit.beta <= -1.0) {
        ret->reason = fit.beta >= 0.0 || fit.beta <= -2.0 ? SG_REASON_NOT_REVERTING : SG_REASON_OVERSHOOTING;
        return SG_OK;
    }
    double margin = gsl_cdf_tdist_Pinv(0.975, (double)(n - 3)) * fit.se_beta;
    ret->bars = bars_of(fit.beta);
    ret->low = bars_of(fit.beta - margin);
    ret->high = bars_of(fit.beta + margin);
    return SG_OK;
}
