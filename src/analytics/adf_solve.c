/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <gsl/gsl_linalg.h>
#include "adf_private.h"

/* With unit columns a Cholesky pivot is the share of a column that the ones before it do not explain. Rounding is magnified by
 * its inverse; likewise for the share of the target that is left. Below this the QR takes over. */
#define PIVOT_MIN 1e-5
/* A QR works on the matrix itself: the share enters by its square root. */
#define QR_RANK_MIN 1e-11
#define PERFECT_FIT 1e-20

static size_t column_count(const struct sg_adf_design *design)
{
    return design->lags + 1 + (design->constant ? 1 : 0);
}

/* Where column `index` of the design stands: -2 the constant, -1 the level, i >= 1 the i-th lag. */
static long column_kind(const struct sg_adf_design *design, size_t index)
{
    if (design->constant) {
        if (index == 0)
            return -2;
        index--;
    }
    if (design->level_last)
        return index < design->lags ? (long)index + 1 : -1;
    return index == 0 ? -1 : (long)index;
}

/* Inner product of two columns (kind 0 is the target, the 0-th lag). */
static double inner(const struct sg_adf_workspace *w, const struct sg_adf_design *g, long a, long b, double level_sum, double level_square)
{
    size_t width = g->lags + 1;
    if (a > b) {
        long swap = a;
        a = b;
        b = swap;
    }
    if (a == -2) {
        if (b == -2)
            return (double)(g->differences - g->first);
        return b == -1 ? level_sum : w->level[g->differences - (size_t)b] - w->level[g->first - (size_t)b]; /* differences telescope */
    }
    if (a == -1)
        return b == -1 ? level_square : w->cross[b];
    return w->lagged[(size_t)a * width + (size_t)b];
}

/* For the short rows of a factorisation, where a call costs more than the work. */
static double short_dot(const double *x, const double *y, size_t n)
{
    double even = 0.0, odd = 0.0;
    size_t i = 0;
    for (; i + 2 <= n; i += 2) {
        even += x[i] * y[i];
        odd += x[i + 1] * y[i + 1];
    }
    return i < n ? even + odd + x[i] * y[i] : even + odd;
}

bool sg_adf_solve_normal(struct sg_adf_workspace *w, const struct sg_adf_design *g, double *ret_statistic)
{
    size_t k = column_count(g), sample = g->differences - g->first, size = k + 1;
    double level_sum = g->constant ? sg_sum_about(w->level + g->first, 0.0, sample) : 0.0;
    double level_square = sg_dot(w->level + g->first, w->level + g->first, sample), *a = w->gram;
    for (size_t i = 0; i < size; i++) {
        long kind = i < k ? column_kind(g, i) : 0;
        for (size_t j = 0; j <= i; j++)
            a[i * size + j] = inner(w, g, kind, j < k ? column_kind(g, j) : 0, level_sum, level_square);
    }
    double target = a[k * size + k];
    for (size_t i = 0; i < size; i++) { /* unit columns: the diagonal becomes 1 and keeps the scale aside */
        double square = a[i * size + i];
        if (!(square > 0.0) || !isfinite(square))
            return false;
        double scale = 1.0 / sqrt(square);
        for (size_t j = 0; j < i; j++)
            a[i * size + j] *= scale;
        for (size_t j = i + 1; j < size; j++)
            a[j * size + i] *= scale;
        a[i * size + i] = 1.0;
    }
    for (size_t i = 0; i < size; i++) { /* Cholesky by rows; the last row is the rotated target */
        for (size_t j = 0; j < i; j++)
            a[i * size + j] = (a[i * size + j] - short_dot(a + i * size, a + j * size, j)) / a[j * size + j];
        if (i == k)
            break;
        double pivot = 1.0 - short_dot(a + i * size, a + i * size, i);
        if (!(pivot > PIVOT_MIN))
            return false;
        a[i * size + i] = sqrt(pivot);
    }
    const double *z = a + k * size;
    size_t narrow = k - g->lags; /* columns of the model without lags */
    double left = 1.0 - short_dot(z, z, g->level_last ? k : narrow);
    for (size_t p = 0;; p++) {
        if (!(left > PIVOT_MIN))
            return false;
        w->rss[p] = left * target;
        if (g->level_last || p == g->lags)
            break;
        left -= z[narrow + p] * z[narrow + p];
    }
    if (g->level_last)
        *ret_statistic = z[k - 1] / sqrt(left / (double)(sample - k));
    return true;
}

enum sg_status sg_adf_solve_qr(struct sg_adf_workspace *w, const struct sg_adf_design *g, double *ret_statistic)
{
    size_t k = column_count(g), sample = g->differences - g->first, need = sample * k + sample + k;
    if (need > w->qr_capacity) {
        double *grown = realloc(w->qr, need * sizeof *grown);
        if (!grown)
            return SG_ERR_NOMEM;
        w->qr = grown;
        w->qr_capacity = need;
    }
    w->fallbacks++;
    double *matrix = w->qr, *target = matrix + sample * k, *tau = target + sample, total = 0.0;
    for (size_t j = 0; j < k; j++) {
        long kind = column_kind(g, j);
        double square = 0.0;
        for (size_t i = 0; i < sample; i++) {
            size_t at = g->first + i;
            double value = kind == -2 ? 1.0 : kind == -1 ? w->level[at] : w->difference[at - (size_t)kind];
            matrix[i * k + j] = value;
            square += value * value;
        }
        if (!(square > 0.0) || !isfinite(square))
            return SG_ERR_UNDEFINED;
        double scale = 1.0 / sqrt(square);
        for (size_t i = 0; i < sample; i++)
            matrix[i * k + j] *= scale;
    }
    for (size_t i = 0; i < sample; i++) {
        target[i] = w->difference[g->first + i];
        total += target[i] * target[i];
    }
    gsl_matrix_view a = gsl_matrix_view_array(matrix, sample, k);
    gsl_vector_view t = gsl_vector_view_array(tau, k), y = gsl_vector_view_array(target, sample);
    if (gsl_linalg_QR_decomp(&a.matrix, &t.vector) != 0 || gsl_linalg_QR_QTvec(&a.matrix, &t.vector, &y.vector) != 0)
        return SG_ERR_UNDEFINED;
    for (size_t j = 0; j < k; j++)
        if (!(fabs(matrix[j * k + j]) > QR_RANK_MIN))
            return SG_ERR_UNDEFINED;
    double left = 0.0;
    for (size_t i = sample; i-- > k;)
        left += target[i] * target[i];
    if (!(left > PERFECT_FIT * total))
        return SG_ERR_UNDEFINED;
    if (g->level_last) {
        w->rss[0] = left;
        double z = matrix[(k - 1) * k + k - 1] < 0.0 ? -target[k - 1] : target[k - 1];
        *ret_statistic = z / sqrt(left / (double)(sample - k));
        return SG_OK;
    }
    size_t narrow = k - g->lags;
    for (size_t p = g->lags;; p--) {
        w->rss[p] = left;
        if (p == 0)
            break;
        left += target[narrow + p - 1] * target[narrow + p - 1];
    }
    return SG_OK;
}
