/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A line y = alpha + beta x through n points at once, and what any fit of a line gives. The pair model fits the same lines bar by bar.
 *
 * Any thread, no state, no allocation, O(n). Sums are kept in double-double around an anchor, so neither a large level nor a
 * near-perfect fit costs digits. */
#include <stddef.h>
#include "spreadglass/base/history.h"
#include "spreadglass/base/status.h"

struct sg_line_fit {
    double alpha, beta;       /* y's unit; y's unit per x's unit. NaN when undefined */
    double se_alpha, se_beta; /* OLS only (homoskedastic, n - 2 degrees of freedom); NaN otherwise */
    double r_squared;         /* share of y's variance explained; for TLS the squared correlation; NaN when y is constant or beta is given */
    double rss;               /* sum of squared vertical residuals, y's unit squared */
    size_t count;
    enum sg_reason reason; /* not NONE: nothing above but `count` is defined */
};

/* Total least squares: the line with the smallest sum of squared perpendicular distances (Pearson 1901),
 * beta = (Syy - Sxx + sqrt((Syy - Sxx)^2 + 4 Sxy^2)) / (2 Sxy). In the units of the data as given: beta(y|x) beta(x|y) = 1,
 * but unlike least squares it depends on how x and y are scaled against each other. Undefined (SG_OK, `reason`): fewer than 3 points (WARMING_UP),
 * x constant (CONSTANT_LEG_B), Sxy = 0 (NO_HEDGE_RATIO), values whose squares overflow or that are not finite (NUMERIC). */
enum sg_status sg_line_fit_tls(const double *y, const double *x, size_t n, struct sg_line_fit *ret_fit);
