/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The regression under the ADF test: dy_k on [1,] y_k, dy_{k-1} … dy_{k-p}, for k = first … T - 1, T = n - 1 differences.
 *
 * Nested in the lag: with the columns ordered constant, level, lag 1 … lag P, one factorisation of the widest model holds the
 * residual sum of squares of every narrower one on the same sample. With the level last, its t statistic is the last
 * component of the rotated target over sigma. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/analytics/unit_root.h"
#include "kernels_private.h"

struct sg_adf_workspace {
    size_t max_n, capacity; /* ceiling of the owner; values allocated for */
    size_t lag_capacity;
    double *level;      /* y, about its mean when there is a constant; n */
    double *difference; /* n - 1 */
    double *residual;   /* of Engle-Granger; n */
    double *gram;       /* (lags + 3) squared: the columns and the target */
    double *lagged;     /* (lags + 1) squared: D_ij = sum of dy_{k-i} dy_{k-j} over the sample */
    double *cross;      /* lags + 1: sum of y_k dy_{k-i} */
    double *rss;        /* lags + 1: of the model with that many lags */
    double *qr;         /* the design matrix when the fast way is not good enough; allocated on first need */
    size_t qr_capacity;
    size_t fallbacks; /* how often it was needed */
};

struct sg_adf_design {
    size_t differences; /* T */
    size_t lags;        /* of the widest model */
    size_t first;       /* first k of the sample, >= lags */
    bool constant;
    bool level_last; /* order for the statistic instead of for the nested sums */
};

enum sg_status sg_adf_reserve(struct sg_adf_workspace *workspace, size_t n, size_t lags);

/* Fills workspace->lagged and ->cross for the sample [lags, T): O(T lags), then O(lags^2) by recurrence. */
void sg_adf_sums(struct sg_adf_workspace *workspace, size_t differences, size_t lags);
/* The same sums for a narrower model with `lags` <= `from` on its longer sample [lags, T), from those of `from`. O(lags (from - lags) + lags^2). */
void sg_adf_sums_extend(struct sg_adf_workspace *workspace, size_t differences, size_t from, size_t lags);

/* Normal equations from those sums: fills rss[0..lags] (order of the nested sums) or rss[0] and the statistic (level last).
 * False when the matrix is so badly conditioned, or the fit so close, that the answer could be wrong by more than 1e-9. */
bool sg_adf_solve_normal(struct sg_adf_workspace *workspace, const struct sg_adf_design *design, double *ret_statistic);
/* The same by GSL's Householder QR. SG_ERR_UNDEFINED: rank deficient, or a perfect fit. SG_ERR_NOMEM. */
enum sg_status sg_adf_solve_qr(struct sg_adf_workspace *workspace, const struct sg_adf_design *design, double *ret_statistic);
