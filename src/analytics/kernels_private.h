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
