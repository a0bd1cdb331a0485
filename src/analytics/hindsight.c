/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hedge ratio over all bars, applied to every row: what a chart "with today's beta" shows. Written for speed: the rolling
 * sums are plain doubles around an anchor that moves every few windows, with a bound on their rounding; a row whose bound
 * passes TOLERANCE moves the anchor at once. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/kalman.h"
#include "hedge_private.h"
#include "kernels_private.h"

#define TOLERANCE 2e-10
#define UNIT 0x1p-53
#define RUN 16    /* windows that share an anchor at most */
#define BLOCK 256 /* rows whose roots and quotients are taken together: they are slow one by one, and wait for nothing */

static void fill(double *column, size_t n)
{
    for (size_t i = 0; column && i < n; i++)
        column[i] = NAN;
}

/* ---- rolling mean and deviation of one series ---- */

static void put_spread_rows(const double *centred, size_t t, size_t count, double *mean, const double *squares, double noise, double freedom, double offset,
                            struct sg_hindsight *out)
{
    double unwanted[2][BLOCK];
    sg_scores(centred + t, mean, squares, noise, freedom, count, out->std ? out->std + t : unwanted[0], out->zscore ? out->zscore + t : unwanted[1]);
    for (size_t i = 0; out->mean && i < count; i++)
        out->mean[t + i] = mean[i] + offset;
}

/* A run of rows that share an anchor: from `t`, which gets its sums from the window itself, for at most RUN windows, or until the
 * bound of the rounding error says that another anchor is needed. Returns the row after it. State is kept in locals: the loop
 * is as fast as the additions follow each other. */
static size_t spread_run(const double *restrict centred, size_t t, size_t n, size_t window, double freedom, double noise, double offset,
                         struct sg_hindsight *out)
{
    double inverse = 1.0 / (double)window, sum = 0.0, square = 0.0;
    const double *first = centred + (t + 1 - window);
    double anchor = first[0] + sg_sum_about(first, first[0], window) * inverse;
    for (size_t i = 0; i < window; i++) {
        double d = first[i] - anchor;
        sum += d;
        square += d * d;
    }
    size_t end = n - t < RUN * window ? n : t + RUN * window, count = 0;
    double drift = square, squares = square - sum * sum * inverse, means[BLOCK], kept[BLOCK];
    for (;;) {
        means[count] = anchor + sum * inverse;
        kept[count++] = squares;
        bool over = ++t == end;
        if (!over) {
            double in = centred[t] - anchor, gone = centred[t - window] - anchor;
            sum += in - gone;
            square += (in - gone) * (in + gone);
            drift += in * in + gone * gone + square; /* magnitudes that were rounded */
            squares = square - sum * sum * inverse;
            over = !(UNIT * (drift + 4.0 * square) <= TOLERANCE * squares);
        }
        if (over || count == BLOCK) {
            put_spread_rows(centred, t - count, count, means, kept, noise, freedom, offset, out);
            count = 0;
        }
        if (over)
            return t;
    }
}

/* ---- rolling correlation of returns: the same with two series ---- */

static size_t correlation_run(const double *restrict x, const double *restrict y, size_t t, size_t n, size_t window, double noise, double *restrict column)
{
    double inverse = 1.0 / (double)window, p[5];
    const double *fx = x + (t + 1 - window), *fy = y + (t + 1 - window);
    double ax = fx[0] + sg_sum_about(fx, fx[0], window) * inverse, ay = fy[0] + sg_sum_about(fy, fy[0], window) * inverse;
    sg_products_about(fx, fy, ax, ay, window, p);
    size_t end = n - t < RUN * window ? n : t + RUN * window, count = 0;
    double sx = p[0], sy = p[1], mxx = p[2], mxy = p[3], myy = p[4], drift_xx = mxx, drift_yy = myy;
    double xx = mxx - sx * sx * inverse, yy = myy - sy * sy * inverse, noise_x = noise * (1.0 + ax * ax), noise_y = noise * (1.0 + ay * ay);
    double kept_xx[BLOCK], kept_xy[BLOCK], kept_yy[BLOCK];
    for (;;) {
        kept_xx[count] = xx;
        kept_xy[count] = mxy - sx * sy * inverse;
        kept_yy[count++] = yy;
        bool over = ++t == end;
        if (!over) {
            double ix = x[t] - ax, iy = y[t] - ay, gx = x[t - window] - ax, gy = y[t - window] - ay;
            sx += ix - gx;
            sy += iy - gy;
            mxx += (ix - gx) * (ix + gx);
            myy += (iy - gy) * (iy + gy);
            mxy += ix * iy - gx * gy;
            drift_xx += ix * ix + gx * gx + mxx;
            drift_yy += iy * iy + gy * gy + myy;
            xx = mxx - sx * sx * inverse;
            yy = myy - sy * sy * inverse;
            over = !(UNIT * (drift_xx + 4.0 * mxx) <= TOLERANCE * xx) || !(UNIT * (drift_yy + 4.0 * myy) <= TOLERANCE * yy);
        }
        if (over || count == BLOCK) {
            sg_correlations(kept_xx, kept_xy, kept_yy, noise_x, noise_y, count, column + t - count);
            count = 0;
        }
        if (over)
            return t;
    }
}

static enum sg_status hedge_of_all(const struct sg_pair_params *params, const double *a, const double *b, size_t n, struct sg_line_fit *fit)
{
    size_t bars = params->lookback == SG_LOOKBACK_ALL ? (params->hedge == SG_HEDGE_ROLLING ? params->window : n) : params->lookback;
    double mean_a, mean_b;
    bars = bars < n ? bars : n;
    a += n - bars;
    b += n - bars;
    if (params->hedge == SG_HEDGE_TLS)
        return sg_line_fit_tls(a, b, bars, fit);
    sg_hedge_ols_two_pass(a, b, bars, fit, &mean_a, &mean_b);
    if (params->hedge == SG_HEDGE_FIXED) {
        double beta = params->fixed_beta;
        sg_hedge_undefined(bars, SG_REASON_NONE, fit);
        fit->beta = beta;
        fit->alpha = mean_a - beta * mean_b;
    }
    return SG_OK;
}

/* The filter's state after the last bar. */
static void kalman_of_all(const double *a, const double *b, size_t n, struct sg_line_fit *fit)
{
    struct sg_kalman k;
    if (fit->reason != SG_REASON_NONE)
        return;
    sg_kalman_init(&k, SG_KALMAN_DELTA, SG_KALMAN_NOISE, SG_KALMAN_DIFFUSE);
    for (size_t i = 0; i < n; i++)
        sg_kalman_update(&k, a[i] / a[0], b[i] / b[0]);
    sg_hedge_undefined(n, !k.settled ? SG_REASON_WARMING_UP : isfinite(k.beta) ? SG_REASON_NONE : SG_REASON_NUMERIC, fit);
    if (fit->reason == SG_REASON_NONE) {
        fit->beta = k.beta * (a[0] / b[0]);
        fit->alpha = k.alpha * a[0];
        fit->se_beta = sqrt(k.p_bb) * (a[0] / b[0]);
        fit->se_alpha = sqrt(k.p_aa) * a[0];
    }
}

enum sg_status sg_pair_hindsight(const struct sg_pair_params *params, const double *a, const double *b, size_t n, struct sg_hindsight *out)
{
    struct sg_line_fit fit;
    enum sg_status status = sg_pair_params_check(params, NULL);
    if (status != SG_OK)
        return status;
    if (!out || (n > 0 && (!a || !b)))
        return SG_ERR_INVALID;
    for (size_t i = 0; i < n; i++)
        if (!(a[i] >= SG_PRICE_MIN && a[i] <= SG_PRICE_MAX && b[i] >= SG_PRICE_MIN && b[i] <= SG_PRICE_MAX))
            return SG_ERR_RANGE;
    double *work = malloc((n > 0 ? 2 * n : 1) * sizeof *work);
    if (!work)
        return SG_ERR_NOMEM;
    sg_hedge_undefined(n, SG_REASON_WARMING_UP, &fit);
    if (n >= SG_HEDGE_MIN_BARS || (params->hedge == SG_HEDGE_FIXED && n > 0)) {
        hedge_of_all(params, a, b, n, &fit);
        if (params->hedge == SG_HEDGE_KALMAN)
            kalman_of_all(a, b, n, &fit);
    }
    out->alpha = fit.alpha;
    out->beta = fit.beta;
    out->se_alpha = fit.se_alpha;
    out->se_beta = fit.se_beta;
    out->r_squared = fit.r_squared;
    out->hedge_reason = fit.reason;
    out->fit_bars = fit.count;
    bool has_spread = fit.reason == SG_REASON_NONE;
    size_t undefined = !has_spread || n < params->window ? n : params->window - 1;
    fill(out->spread, has_spread ? 0 : n);
    fill(out->mean, undefined);
    fill(out->std, undefined);
    fill(out->zscore, undefined);
    fill(out->correlation, n < params->window ? n : params->window);
    if (has_spread) {
        double *centred = work, origin_a = a[n - 1], origin_b = b[n - 1];
        for (size_t i = 0; i < n; i++) {
            if (out->spread)
                out->spread[i] = a[i] - fit.beta * b[i];
            centred[i] = (a[i] - origin_a) - fit.beta * (b[i] - origin_b);
        }
        if (n >= params->window && (out->mean || out->std || out->zscore)) {
            double count = (double)params->window, limit = SG_NOISE_UNITS * (fabs(origin_a) + fabs(fit.beta * origin_b));
            for (size_t t = params->window - 1; t < n;)
                t = spread_run(centred, t, n, params->window, 1.0 / (count - (double)params->ddof), count * limit * limit, origin_a - fit.beta * origin_b, out);
        }
    }
    if (out->correlation && n > params->window) {
        double *x = work, *y = work + n, noise = (double)params->window * SG_NOISE_UNITS * SG_NOISE_UNITS;
        sg_returns(b, n, x);
        sg_returns(a, n, y);
        for (size_t t = params->window - 1; t < n - 1;) /* counts returns: row t + 1 */
            t = correlation_run(x, y, t, n - 1, params->window, noise, out->correlation + 1);
    }
    free(work);
    return SG_OK;
}
