/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Inner loops over whole arrays. Arrays of n doubles, any alignment. */
#include <stddef.h>

/* Sum of x[i] y[i]. */
double sg_dot(const double *x, const double *y, size_t n);
/* ret[j] = sum of x[i] x[i - j], i < n, for j = 0 … lags; x[-lags] must be readable. */
void sg_dot_lags(const double *x, size_t n, size_t lags, double *ret);
/* Sum of x[i] - origin. */
double sg_sum_about(const double *x, double origin, size_t n);
/* With dx = x - mean_x, dy = y - mean_y: the sums of dx, dy, dx^2, dx dy, dy^2. */
void sg_products_about(const double *x, const double *y, double mean_x, double mean_y, size_t n, double ret[static 5]);
/* residual[i] = dy - beta dx. */
void sg_residuals(const double *x, const double *y, double mean_x, double mean_y, double beta, size_t n, double *residual);
/* ret[i] = (x[i + 1] - x[i]) / x[i], n - 1 of them. */
void sg_returns(const double *x, size_t n, double *ret);
/* From the sum of squared deviations of each window: ret_std[i] = sqrt(squares[i] freedom), 0 where squares[i] is not above noise, and
 * ret_zscore[i] = (x[i] - mean[i]) / ret_std[i], NaN where that is 0. */
void sg_scores(const double *x, const double *mean, const double *squares, double noise, double freedom, size_t n, double *ret_std, double *ret_zscore);
/* From the centred sums of each window: r = xy / sqrt(xy^2 + max(0, xx yy - xy^2)), NaN where xx or yy is not above its noise. As in
 * the live model: the determinant, when it is not above rounding, is 0, and then |r| is exactly 1. */
void sg_correlations(const double *xx, const double *xy, const double *yy, double noise_x, double noise_y, size_t n, double *ret);
