/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "hedge_private.h"

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
    double sum_x = 0.0, sum_y = 0.0, origin_x = x[0], origin_y = y[0];
    for (size_t i = 0; i < n; i++) {
        sum_x += x[i] - origin_x;
        sum_y += y[i] - origin_y;
    }
    double count = (double)n, mean_x = origin_x + sum_x / count, mean_y = origin_y + sum_y / count;
    double dx_sum = 0.0, dy_sum = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        dx_sum += dx;
        dy_sum += dy;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    xx -= dx_sum * dx_sum / count;                        /* what the rounded mean left (Chan, Golub, LeVeque 1983) */
    xy -= dx_sum * dy_sum / count;
    yy -= dy_sum * dy_sum / count;
    *ret_mean_x = mean_x;
    *ret_mean_y = mean_y;
    if (!isfinite(xx) || !isfinite(yy) || sg_is_noise(xx, n, fabs(mean_x))) {
        sg_hedge_undefined(n, !isfinite(xx) || !isfinite(yy) ? SG_REASON_NUMERIC : SG_REASON_CONSTANT_LEG_B, fit);
        return;
    }
    double beta = xy / xx, residual_sum = 0.0, rss = 0.0;
    for (size_t i = 0; i < n; i++) {
        double e = (y[i] - mean_y) - beta * (x[i] - mean_x);
        residual_sum += e;
        rss += e * e;
    }
    rss -= residual_sum * residual_sum / count;
    rss = rss > 0.0 ? rss : 0.0;
    double s2 = rss / (count - 2.0);
    *fit = (struct sg_line_fit){
        .beta = beta,
        .alpha = mean_y - beta * mean_x,
        .se_beta = sqrt(s2 / xx),
        .se_alpha = sqrt(s2 * (1.0 / count + mean_x * (mean_x / xx))),
        .r_squared = sg_is_noise(yy, n, fabs(mean_y)) ? NAN : rss < yy ? 1.0 - rss / yy : 0.0,
        .rss = rss,
        .count = n,
        .reason = SG_REASON_NONE,
    };
}

static enum sg_status fit_points(const double *y, const double *x, size_t n, void (*solve)(const struct sg_centred *, struct sg_line_fit *), struct sg_line_fit *fit)
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
    solve(&centred, fit);
    return SG_OK;
}

enum sg_status sg_line_fit_ols(const double *y, const double *x, size_t n, struct sg_line_fit *ret_fit)
{
    return fit_points(y, x, n, sg_hedge_ols, ret_fit);
}

enum sg_status sg_line_fit_tls(const double *y, const double *x, size_t n, struct sg_line_fit *ret_fit)
{
    return fit_points(y, x, n, sg_hedge_tls, ret_fit);
}
