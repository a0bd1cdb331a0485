/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eigenvalues are the squared canonical correlations of differences and lagged levels, both after regression on the constant
 * and the lagged differences: orthonormal bases of the two residual planes by Gram-Schmidt, then the singular values of their
 * two-by-two product. Nothing is squared that need not be. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/analytics/johansen.h"
#include "adf_private.h"
#include "hedge_private.h"

#define RANK_MIN 1e-9

static const double TRACE[2][3] = {{19.9349, 15.4943, 13.4294}, {6.6349, 3.8415, 2.7055}};
static const double MAX_EIGEN[2][3] = {{18.5200, 14.2639, 12.2971}, {6.6349, 3.8415, 2.7055}};

static void undefined(struct sg_johansen_result *ret, enum sg_reason reason, size_t n, size_t lags)
{
    *ret = (struct sg_johansen_result){
        .trace = {NAN, NAN}, .max_eigen = {NAN, NAN}, .eigenvalue = {NAN, NAN}, .beta = NAN, .lags = lags, .reason = reason, .have = n, .need = SG_EG_MIN_BARS};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            ret->trace_critical[i][j] = ret->max_critical[i][j] = NAN;
}

static void subtract_multiple(double *to, const double *column, double factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] -= factor * column[i];
}

static bool centre_and_scale(double *column, size_t n, double *ret_norm)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += column[i] - column[0];
    double mean = column[0] + sum / (double)n;
    for (size_t i = 0; i < n; i++)
        column[i] -= mean;
    double norm = sqrt(sg_dot(column, column, n));
    if (!(norm > 0.0) || !isfinite(norm))
        return false;
    for (size_t i = 0; i < n; i++)
        column[i] /= norm;
    *ret_norm = norm;
    return true;
}

/* Makes `column` (unit length) orthogonal to the `count` columns before it, twice ("twice is enough", Kahan and Parlett), and of
 * unit length again. ret_length: what was left of it; ret_last: its component along the last of them. */
static bool orthogonalise(double *columns, size_t count, double *column, size_t n, double *ret_length, double *ret_last)
{
    double last = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < count; j++) {
            double part = sg_dot(columns + j * n, column, n);
            subtract_multiple(column, columns + j * n, part, n);
            if (j + 1 == count)
                last += part;
        }
    double length = sqrt(sg_dot(column, column, n));
    if (!(length > RANK_MIN))
        return false;
    for (size_t i = 0; i < n; i++)
        column[i] /= length;
    *ret_length = length;
    *ret_last = last;
    return true;
}

/* Columns: `conditioning` lagged differences, then two, returned as an orthonormal pair with their triangular factor. */
static bool orthonormal_pair(double *columns, size_t conditioning, double *first, double *second, size_t n, double r[static 3])
{
    double norm[2], ignored;
    double *at = columns + conditioning * n;
    if (!centre_and_scale(first, n, &norm[0]) || !centre_and_scale(second, n, &norm[1]))
        return false;
    memcpy(at, first, n * sizeof *at);
    if (!orthogonalise(columns, conditioning, at, n, &r[0], &ignored))
        return false;
    memcpy(first, at, n * sizeof *at);
    if (!orthogonalise(columns, conditioning + 1, second, n, &r[2], &r[1]))
        return false;
    r[0] *= norm[0]; /* first = r0 q1, second = r1 q1 + r2 q2 */
    r[1] *= norm[1];
    r[2] *= norm[1];
    return true;
}

static bool solve(double *work, const double *y, const double *x, size_t n, size_t lags, struct sg_johansen_result *ret)
{
    size_t rows = n - 1 - lags, conditioning = 2 * lags;
    double *basis = work, *pairs = work + (conditioning + 1) * rows, ignored, length;
    const double *leg[2] = {y, x};
    for (size_t lag = 1; lag <= lags; lag++)
        for (size_t side = 0; side < 2; side++) {
            size_t index = 2 * (lag - 1) + side;
            double *column = basis + index * rows;
            for (size_t i = 0; i < rows; i++)
                column[i] = leg[side][lags + i + 1 - lag] - leg[side][lags + i - lag];
            if (!centre_and_scale(column, rows, &ignored) || !orthogonalise(basis, index, column, rows, &length, &ignored))
                return false;
        }
    double *difference[2] = {pairs, pairs + rows}, *level[2] = {pairs + 2 * rows, pairs + 3 * rows}, r[3];
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < rows; i++) {
            difference[side][i] = leg[side][lags + i + 1] - leg[side][lags + i];
            level[side][i] = leg[side][lags + i];
        }
    if (!orthonormal_pair(basis, conditioning, difference[0], difference[1], rows, r) || !orthonormal_pair(basis, conditioning, level[0], level[1], rows, r))
        return false;
    double m[2][2]; /* differences against levels */
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            m[i][j] = sg_dot(difference[i], level[j], rows);
    /* Singular values of a 2 x 2 matrix without squaring it: sum and difference of two hypotenuses. */
    double sum = hypot(m[0][0] + m[1][1], m[1][0] - m[0][1]), spread = hypot(m[0][0] - m[1][1], m[1][0] + m[0][1]);
    double large = 0.5 * (sum + spread), small = fabs(m[0][0] * m[1][1] - m[0][1] * m[1][0]) / (large > 0.0 ? large : 1.0);
    if (!(large < 1.0))
        return false;
    /* Right singular vector of the larger one: the eigenvector of M'M. */
    double angle =
        0.5 * atan2(2.0 * (m[0][0] * m[0][1] + m[1][0] * m[1][1]), (m[0][0] - m[0][1]) * (m[0][0] + m[0][1]) + (m[1][0] - m[1][1]) * (m[1][0] + m[1][1]));
    double u0 = cos(angle), u1 = sin(angle);
    double vx = u1 / r[2], vy = (u0 - r[1] * vx) / r[0]; /* back through the levels' triangular factor */
    double t = (double)rows;
    ret->eigenvalue[0] = large * large;
    ret->eigenvalue[1] = small * small;
    for (size_t i = 0; i < 2; i++)
        ret->max_eigen[i] = -t * log1p(-ret->eigenvalue[i]);
    ret->trace[0] = ret->max_eigen[0] + ret->max_eigen[1];
    ret->trace[1] = ret->max_eigen[1];
    ret->beta = -vx / vy;
    return isfinite(ret->beta);
}

enum sg_status sg_johansen(struct sg_adf_workspace *workspace, const double *y, const double *x, size_t n, size_t lags, struct sg_johansen_result *ret)
{
    struct sg_line_fit fit;
    double mean_y, mean_x;
    if (!workspace || !ret || (n > 0 && (!y || !x)) || lags > SG_JOHANSEN_MAX_LAGS)
        return SG_ERR_INVALID;
    undefined(ret, SG_REASON_WARMING_UP, n, lags);
    if (n < SG_EG_MIN_BARS)
        return SG_OK;
    enum sg_status status = sg_adf_reserve(workspace, n, 0);
    if (status != SG_OK)
        return status;
    sg_hedge_ols_two_pass(y, x, n, &fit, &mean_y, &mean_x);
    ret->reason = fit.reason != SG_REASON_NONE             ? fit.reason
                  : isnan(fit.r_squared)                   ? SG_REASON_CONSTANT_LEG_A
                  : fit.r_squared > SG_IDENTICAL_R_SQUARED ? SG_REASON_IDENTICAL_LEGS
                                                           : SG_REASON_NONE;
    if (ret->reason != SG_REASON_NONE)
        return SG_OK;
    size_t rows = n - 1 - lags, need = (2 * lags + 5) * rows;
    if (need > workspace->qr_capacity) {
        double *grown = realloc(workspace->qr, need * sizeof *grown);
        if (!grown)
            return SG_ERR_NOMEM;
        workspace->qr = grown;
        workspace->qr_capacity = need;
    }
    struct sg_johansen_result found = *ret;
    found.observations = rows;
    if (!solve(workspace->qr, y, x, n, lags, &found)) {
        undefined(ret, SG_REASON_NUMERIC, n, lags);
        return SG_OK;
    }
    memcpy(found.trace_critical, TRACE, sizeof TRACE);
    memcpy(found.max_critical, MAX_EIGEN, sizeof MAX_EIGEN);
    found.rank = !(found.trace[0] > TRACE[0][1]) ? 0 : !(found.trace[1] > TRACE[1][1]) ? 1 : 2;
    *ret = found;
    return SG_OK;
}
