/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Engle-Granger of every pair of many series. A library call on a range of pairs with a workspace of its own: whoever owns threads
 * splits [0, count) among them, and may stop between ranges. No state, no threads here. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/unit_root.h"

#define SG_SCAN_SERIES_MAX 4096

struct sg_scan_input {
    const double *const *closes; /* `series` pointers to `bars` closes of the same times */
    size_t series, bars;
    int max_lag, aic; /* as for sg_engle_granger */
};

struct sg_scan_row {
    uint32_t a, b;                 /* indices, a < b */
    double alpha, beta, r_squared; /* a on b */
    double half_life;              /* bars, of that regression's residual; NaN when it does not revert */
    double zscore;                 /* of its last residual over all bars (ddof 1) */
    double statistic, p_value;     /* a on b */
    double statistic_reverse, p_reverse;
    uint32_t lags, lags_reverse;
    enum sg_reason reason, reason_reverse; /* not NONE: that direction's numbers are NaN */
};

/* series (series - 1) / 2; 0 above SG_SCAN_SERIES_MAX. */
size_t sg_scan_pair_count(size_t series);
/* Pair `index` in the order (0,1), (0,2), … (0,n-1), (1,2), … */
void sg_scan_pair_at(size_t index, size_t series, size_t *ret_a, size_t *ret_b);

/* Rows [first, first + count) of the scan into ret_rows. SG_ERR_INVALID: outside of the pairs; SG_ERR_NOMEM: bars above the
 * workspace's ceiling. A pair that cannot be tested is a row with a reason, not a failure. Any thread, one workspace each. */
enum sg_status sg_scan_pairs(struct sg_adf_workspace *workspace, const struct sg_scan_input *input, size_t first, size_t count, struct sg_scan_row *ret_rows);

/* Benjamini and Hochberg (1995): q-values of n p-values, in their order. The share of false finds among all with q <= x is at
 * most x on average. NaN stays NaN and is not counted. SG_ERR_NOMEM, SG_ERR_INVALID. */
enum sg_status sg_benjamini_hochberg(const double *p, size_t n, double *ret_q);
