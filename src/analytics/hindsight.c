/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hedge ratio over all bars, applied to every row: what a chart "with today's beta" shows. Written for speed: the rolling
 * sums are plain doubles around an anchor that moves every window, with a bound on their rounding; a row whose bound passes
 * TOLERANCE moves the anchor at once. */
#include <math.h>
#include <stdlib.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/kalman.h"
#include "hedge_private.h"

#define TOLERANCE 2e-10
#define UNIT 0x1p-53

static void fill(double *column, size_t n)
{
    for (size_t i = 0; column && i < n; i++)
        column[i] = NAN;
}

/* ---- rolling mean and deviation of one series ---- */

struct rolling {
    double anchor, sum, square, drift;
    size_t age;
};

static void rolling_anchor(struct rolling *r, const double *values, size_t window)
{
    double sum = 0.0;
    for (size_t i = 0; i < window; i++)
        sum += values[i] - values[0];
    *r = (struct rolling){.anchor = values[0] + sum / (double)window};
    for (size_t i = 0; i < window; i++) {
        double d = values[i] - r->anchor;
        r->sum += d;
        r->square += d * d;
    }
    r->drift = r->square;
}

static void spread_columns(const struct sg_pair_params *params, const double *centred, size_t n, double offset, double magnitude, struct sg_hindsight *out)
{
    size_t window = params->window;
    double count = (double)window, inverse = 1.0 / count, freedom = 1.0 / (count - (double)params->ddof), limit = SG_NOISE_UNITS * magnitude, noise = count * limit * limit;
    struct rolling r = {0};
    for (size_t t = window - 1; t < n; t++) {
        const double *first = centred + (t + 1 - window);
        double squares = 0.0;
        bool sound = false;
        if (t >= window && r.age < window) {
            double in = centred[t] - r.anchor, gone = first[-1] - r.anchor;
            r.sum += in - gone;
            r.square += (in - gone) * (in + gone);
            r.drift += in * in + gone * gone + r.square;  /* magnitudes that were rounded */
            r.age++;
            squares = r.square - r.sum * r.sum * inverse;
            sound = UNIT * (r.drift + 4.0 * r.square) <= TOLERANCE * squares;
        }
        if (!sound) {
            rolling_anchor(&r, first, window);
            squares = r.square - r.sum * r.sum * inverse;
        }
        double mean = r.anchor + r.sum * inverse;
        if (out->mean)
            out->mean[t] = mean + offset;
        if (squares > noise) {
            double std = sqrt(squares * freedom);
            if (out->std)
                out->std[t] = std;
            if (out->zscore)
                out->zscore[t] = (centred[t] - mean) / std;
        } else if (out->std) {
            out->std[t] = 0.0;
        }
    }
}

/* ---- rolling correlation of returns ---- */

struct comoments {
    double anchor_x, anchor_y, sum_x, sum_y, xx, xy, yy, drift_xx, drift_yy;
    size_t age;
};

static void comoments_anchor(struct comoments *m, const double *x, const double *y, size_t window)
{
    double sum_x = 0.0, sum_y = 0.0;
    for (size_t i = 0; i < window; i++) {
        sum_x += x[i];
        sum_y += y[i];
    }
    *m = (struct comoments){.anchor_x = sum_x / (double)window, .anchor_y = sum_y / (double)window};
    for (size_t i = 0; i < window; i++) {
        double dx = x[i] - m->anchor_x, dy = y[i] - m->anchor_y;
        m->sum_x += dx;
        m->sum_y += dy;
        m->xx += dx * dx;
        m->xy += dx * dy;
        m->yy += dy * dy;
    }
    m->drift_xx = m->xx;
    m->drift_yy = m->yy;
}

static void correlation_column(size_t window, const double *x, const double *y, size_t n, double *column)
{
    double inverse = 1.0 / (double)window, noise = (double)window * SG_NOISE_UNITS * SG_NOISE_UNITS;
    struct comoments m = {0};
    for (size_t t = window - 1; t < n; t++) {             /* t counts returns: row t + 1 */
        const double *fx = x + (t + 1 - window), *fy = y + (t + 1 - window);
        double xx = 0.0, xy = 0.0, yy = 0.0;
        bool sound = false;
        if (t >= window && m.age < window) {
            double ix = x[t] - m.anchor_x, iy = y[t] - m.anchor_y, gx = fx[-1] - m.anchor_x, gy = fy[-1] - m.anchor_y;
            m.sum_x += ix - gx;
            m.sum_y += iy - gy;
            m.xx += (ix - gx) * (ix + gx);
            m.yy += (iy - gy) * (iy + gy);
            m.xy += ix * iy - gx * gy;
            m.drift_xx += ix * ix + gx * gx + m.xx;
            m.drift_yy += iy * iy + gy * gy + m.yy;
            m.age++;
            xx = m.xx - m.sum_x * m.sum_x * inverse;
            yy = m.yy - m.sum_y * m.sum_y * inverse;
            sound = UNIT * (m.drift_xx + 4.0 * m.xx) <= TOLERANCE * xx && UNIT * (m.drift_yy + 4.0 * m.yy) <= TOLERANCE * yy;
        }
        if (!sound) {
            comoments_anchor(&m, fx, fy, window);
            xx = m.xx - m.sum_x * m.sum_x * inverse;
            yy = m.yy - m.sum_y * m.sum_y * inverse;
        }
        if (!(xx > noise * (1.0 + m.anchor_x * m.anchor_x)) || !(yy > noise * (1.0 + m.anchor_y * m.anchor_y)))
            continue;
        xy = m.xy - m.sum_x * m.sum_y * inverse;
        /* As in the live model: the determinant, when it is not above rounding, is 0, and then |r| is exactly 1. */
        double determinant = xx * yy - xy * xy;
        column[t + 1] = xy / sqrt(xy * xy + (determinant > 0.0 ? determinant : 0.0));
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
    fill(out->mean, n);
    fill(out->std, n);
    fill(out->zscore, n);
    fill(out->correlation, n);
    if (fit.reason == SG_REASON_NONE) {
        double *centred = work, origin_a = a[n - 1], origin_b = b[n - 1], largest = 0.0;
        for (size_t i = 0; i < n; i++) {
            if (out->spread)
                out->spread[i] = a[i] - fit.beta * b[i];
            centred[i] = (a[i] - origin_a) - fit.beta * (b[i] - origin_b);
        }
        largest = fabs(origin_a) + fabs(fit.beta * origin_b);
        if (n >= params->window && (out->mean || out->std || out->zscore))
            spread_columns(params, centred, n, origin_a - fit.beta * origin_b, largest, out);
    } else {
        fill(out->spread, n);
    }
    if (out->correlation && n > params->window) {
        double *x = work, *y = work + n;
        for (size_t i = 1; i < n; i++) {
            x[i - 1] = (b[i] - b[i - 1]) / b[i - 1];
            y[i - 1] = (a[i] - a[i - 1]) / a[i - 1];
        }
        correlation_column(params->window, x, y, n - 1, out->correlation);
    }
    free(work);
    return SG_OK;
}
