/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "hedge_private.h"
#include "kernels_private.h"

#define CLOSE_FIT 1e-3 /* share of the variance below which a difference of sums loses digits that are promised */

void sg_hedge_undefined(size_t count, enum sg_reason reason, struct sg_line_fit *fit)
{
    *fit = (struct sg_line_fit){.alpha = NAN, .beta = NAN, .se_alpha = NAN, .se_beta = NAN, .r_squared = NAN, .rss = NAN, .count = count, .reason = reason};
}

static bool overflowed(const struct sg_centred *c)
{
    return !isfinite(c->xx.hi) || !isfinite(c->yy.hi) || !isfinite(c->xy.hi) || !isfinite(c->mean_x.hi) || !isfinite(c->mean_y.hi);
}

static double intercept(const struct sg_centred *c, struct sg_dd beta)
{
    return sg_dd_to_double(sg_dd_subtract(c->mean_y, sg_dd_multiply(beta, c->mean_x)));
}

/* beta = Sxy / Sxx, RSS = (Sxx Syy - Sxy^2) / Sxx, R^2 = 1 - RSS / Syy, se by the usual homoskedastic formulas
 * (Draper and Smith, Applied Regression Analysis, ch. 1). The determinant is never negative, so neither is RSS. */
void sg_hedge_ols(const struct sg_centred *c, struct sg_line_fit *fit)
{
    if (overflowed(c)) {
        sg_hedge_undefined(c->count, SG_REASON_NUMERIC, fit);
        return;
    }
    double sxx = sg_dd_to_double(c->xx), syy = sg_dd_to_double(c->yy), sxy = sg_dd_to_double(c->xy);
    if (c->count < 3 || sg_is_noise(sxx, c->count, fabs(c->mean_x.hi))) {
        sg_hedge_undefined(c->count, c->count < 3 ? SG_REASON_WARMING_UP : SG_REASON_CONSTANT_LEG_B, fit);
        return;
    }
    double n = (double)c->count, determinant = sg_centred_determinant(c);
    struct sg_dd beta = sg_dd_divide(c->xy, c->xx);
    double rss = determinant / sxx, s2 = rss / (n - 2.0), mean_x = sg_dd_to_double(c->mean_x);
    *fit = (struct sg_line_fit){
        .beta = sg_dd_to_double(beta),
        .alpha = intercept(c, beta),
        .se_beta = sqrt(s2 / sxx),
        .se_alpha = sqrt(s2 * (1.0 / n + mean_x * (mean_x / sxx))),
        .r_squared = sg_is_noise(syy, c->count, fabs(c->mean_y.hi)) ? NAN : sxy * sxy / (sxy * sxy + determinant),
        .rss = rss,
        .count = c->count,
        .reason = SG_REASON_NONE,
    };
}

void sg_hedge_tls(const struct sg_centred *c, struct sg_line_fit *fit)
{
    sg_hedge_ols(c, fit);
    if (fit->reason != SG_REASON_NONE)
        return;
    double r_squared = fit->r_squared, sxy = sg_dd_to_double(c->xy);
    double difference = sg_dd_to_double(sg_dd_subtract(c->yy, c->xx)), root = hypot(difference, 2.0 * sxy);
    if (isnan(r_squared) || sxy == 0.0 || !isfinite(root)) {
        sg_hedge_undefined(c->count, isnan(r_squared) ? SG_REASON_CONSTANT_LEG_A : SG_REASON_NO_HEDGE_RATIO, fit);
        return;
    }
    /* Two forms of one root: the one that adds numbers of equal sign keeps its digits. */
    double beta = difference >= 0.0 ? (difference + root) / (2.0 * sxy) : 2.0 * sxy / (root - difference);
    sg_hedge_given(c, beta, fit);
    fit->r_squared = r_squared;
}

void sg_hedge_given(const struct sg_centred *c, double beta, struct sg_line_fit *fit)
{
    double error;
    sg_hedge_undefined(c->count, SG_REASON_NUMERIC, fit);
    if (overflowed(c))
        return;
    fit->beta = beta;
    fit->alpha = intercept(c, sg_dd_from(beta));
    fit->rss = sg_centred_combination(c, beta, &error);
    fit->reason = SG_REASON_NONE;
}

void sg_hedge_ols_two_pass(const double *y, const double *x, size_t n, struct sg_line_fit *fit, double *ret_mean_y, double *ret_mean_x)
{
    double count = (double)n, mean_x = x[0] + sg_sum_about(x, x[0], n) / count, mean_y = y[0] + sg_sum_about(y, y[0], n) / count, sums[5];
    sg_products_about(x, y, mean_x, mean_y, n, sums);
    /* Less what the rounded means left (Chan, Golub, LeVeque 1983). */
    double xx = sums[2] - sums[0] * sums[0] / count, xy = sums[3] - sums[0] * sums[1] / count, yy = sums[4] - sums[1] * sums[1] / count;
    *ret_mean_x = mean_x;
    *ret_mean_y = mean_y;
    if (!isfinite(xx) || !isfinite(yy) || sg_is_noise(xx, n, fabs(mean_x))) {
        sg_hedge_undefined(n, !isfinite(xx) || !isfinite(yy) ? SG_REASON_NUMERIC : SG_REASON_CONSTANT_LEG_B, fit);
        return;
    }
    double beta = xy / xx, rss = yy - beta * xy;
    if (!(rss > CLOSE_FIT * yy)) { /* too close for the difference: from the residuals themselves */
        double sum = 0.0;
        rss = 0.0;
        for (size_t i = 0; i < n; i++) {
            double e = (y[i] - mean_y) - beta * (x[i] - mean_x);
            sum += e;
            rss += e * e;
        }
        rss -= sum * sum / count;
        rss = rss > 0.0 ? rss : 0.0;
    }
    double s2 = rss / (count - 2.0);
    *fit = (struct sg_line_fit){
        .beta = beta,
        .alpha = mean_y - beta * mean_x,
        .se_beta = sqrt(s2 / xx),
        .se_alpha = sqrt(s2 * (1.0 / count + mean_x * (mean_x / xx))),
        .r_squared = sg_is_noise(yy, n, fabs(mean_y)) ? NAN
                     : rss < yy                       ? 1.0 - rss / yy
                                                      : 0.0,
        .rss = rss,
        .count = n,
        .reason = SG_REASON_NONE,
    };
}

enum sg_status sg_line_fit_tls(const double *y, const double *x, size_t n, struct sg_line_fit *fit)
{
    struct sg_moments moments;
    struct sg_centred centred;
    if (!y || !x || !fit)
        return SG_ERR_INVALID;
    if (n < 3) {
        sg_hedge_undefined(n, SG_REASON_WARMING_UP, fit);
        return SG_OK;
    }
    sg_moments_rebuild(&moments, x, y, n, n - 1, n);
    sg_moments_centred(&moments, &centred);
    sg_hedge_tls(&centred, fit);
    return SG_OK;
}
