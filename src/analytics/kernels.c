/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where wide vectors pay. Lanes and their order are fixed, and AVX2 without FMA rounds like SSE2, so every machine
 * gets the same bits. Sanitizers cannot run the resolver that picks a clone, and need none. */
#include <math.h>
#include <string.h>
#include "kernels_private.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

typedef double four __attribute__((vector_size(32)));

#define LOAD(vector, from) memcpy(&(vector), (from), sizeof(vector))
#define TOTAL(v) (((v)[0] + (v)[2]) + ((v)[1] + (v)[3]))

CLONES double sg_dot(const double *x, const double *y, size_t n)
{
    four first = {0}, second = {0}, a, b;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        LOAD(a, x + i);
        LOAD(b, y + i);
        first += a * b;
        LOAD(a, x + i + 4);
        LOAD(b, y + i + 4);
        second += a * b;
    }
    first += second;
    double rest = 0.0;
    for (; i < n; i++)
        rest += x[i] * y[i];
    return TOTAL(first) + rest;
}

CLONES void sg_dot_lags(const double *x, size_t n, size_t lags, double *ret)
{
    size_t j = 0;
    for (; j + 4 <= lags + 1; j += 4) { /* four lags share every load of x */
        four s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, a, b;
        const double *y = x - j;
        size_t i = 0;
        for (; i + 4 <= n; i += 4) {
            LOAD(a, x + i);
            LOAD(b, y + i);
            s0 += a * b;
            LOAD(b, y + i - 1);
            s1 += a * b;
            LOAD(b, y + i - 2);
            s2 += a * b;
            LOAD(b, y + i - 3);
            s3 += a * b;
        }
        double r0 = 0.0, r1 = 0.0, r2 = 0.0, r3 = 0.0;
        for (; i < n; i++) {
            r0 += x[i] * y[i];
            r1 += x[i] * y[i - 1];
            r2 += x[i] * y[i - 2];
            r3 += x[i] * y[i - 3];
        }
        ret[j] = TOTAL(s0) + r0;
        ret[j + 1] = TOTAL(s1) + r1;
        ret[j + 2] = TOTAL(s2) + r2;
        ret[j + 3] = TOTAL(s3) + r3;
    }
    for (; j <= lags; j++)
        ret[j] = sg_dot(x, x - j, n);
}

CLONES double sg_sum_about(const double *x, double origin, size_t n)
{
    four first = {0}, second = {0}, a, from = {origin, origin, origin, origin};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        LOAD(a, x + i);
        first += a - from;
        LOAD(a, x + i + 4);
        second += a - from;
    }
    first += second;
    double rest = 0.0;
    for (; i < n; i++)
        rest += x[i] - origin;
    return TOTAL(first) + rest;
}

CLONES void sg_products_about(const double *x, const double *y, double mean_x, double mean_y, size_t n, double ret[static 5])
{
    four sx = {0}, sy = {0}, xx = {0}, xy = {0}, yy = {0}, a, b, mx = {mean_x, mean_x, mean_x, mean_x}, my = {mean_y, mean_y, mean_y, mean_y};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        LOAD(a, x + i);
        LOAD(b, y + i);
        a -= mx;
        b -= my;
        sx += a;
        sy += b;
        xx += a * a;
        xy += a * b;
        yy += b * b;
    }
    double rest[5] = {0};
    for (; i < n; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        rest[0] += dx;
        rest[1] += dy;
        rest[2] += dx * dx;
        rest[3] += dx * dy;
        rest[4] += dy * dy;
    }
    ret[0] = TOTAL(sx) + rest[0];
    ret[1] = TOTAL(sy) + rest[1];
    ret[2] = TOTAL(xx) + rest[2];
    ret[3] = TOTAL(xy) + rest[3];
    ret[4] = TOTAL(yy) + rest[4];
}

CLONES void sg_residuals(const double *x, const double *y, double mean_x, double mean_y, double beta, size_t n, double *residual)
{
    four a, b, e, mx = {mean_x, mean_x, mean_x, mean_x}, my = {mean_y, mean_y, mean_y, mean_y}, slope = {beta, beta, beta, beta};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        LOAD(a, x + i);
        LOAD(b, y + i);
        e = (b - my) - slope * (a - mx);
        memcpy(residual + i, &e, sizeof e);
    }
    for (; i < n; i++)
        residual[i] = (y[i] - mean_y) - beta * (x[i] - mean_x);
}

/* These three the compiler lays out in lanes by itself. */

CLONES void sg_returns(const double *restrict x, size_t n, double *restrict ret)
{
    for (size_t i = 1; i < n; i++)
        ret[i - 1] = (x[i] - x[i - 1]) / x[i - 1];
}

CLONES void sg_scores(const double *restrict x, const double *restrict mean, const double *restrict squares, double noise, double freedom, size_t n,
                      double *restrict ret_std, double *restrict ret_zscore)
{
    for (size_t i = 0; i < n; i++) {
        double root = sqrt(squares[i] * freedom), s = squares[i] > noise ? root : 0.0, z = (x[i] - mean[i]) / s;
        ret_std[i] = s;
        ret_zscore[i] = s > 0.0 ? z : (double)NAN;
    }
}

CLONES void sg_correlations(const double *restrict xx, const double *restrict xy, const double *restrict yy, double noise_x, double noise_y, size_t n,
                            double *restrict ret)
{
    for (size_t i = 0; i < n; i++) {
        double square = xy[i] * xy[i], determinant = xx[i] * yy[i] - square, r = xy[i] / sqrt(square + (determinant > 0.0 ? determinant : 0.0));
        r = xx[i] > noise_x ? r : (double)NAN;
        ret[i] = yy[i] > noise_y ? r : (double)NAN;
    }
}
