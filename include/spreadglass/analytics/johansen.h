/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Johansen's cointegration test for two legs: unlike Engle-Granger it does not choose which leg depends on which. */
#include <stddef.h>
#include "spreadglass/analytics/unit_root.h"

#define SG_JOHANSEN_MAX_LAGS 12

struct sg_johansen_result {
    double trace[2], max_eigen[2]; /* statistics for "no relation" and "at most one" */
    double trace_critical[2][3];   /* 1 %, 5 %, 10 % */
    double max_critical[2][3];
    double eigenvalue[2]; /* squared canonical correlations, largest first */
    double beta;          /* of the strongest relation y - beta x */
    int rank;             /* relations that the trace test finds at 5 %: 0 none, 1 cointegrated, 2 both legs stationary */
    size_t lags, observations;
    enum sg_reason reason; /* not NONE: the numbers are NaN and rank is 0 */
    size_t have, need;
};

/* y, x: n closes; lags: lagged differences in the model (1 is usual), at most SG_JOHANSEN_MAX_LAGS. Unrestricted constant.
 * Undefined (SG_OK, `reason`): fewer than SG_EG_MIN_BARS, a constant leg, identical legs (R^2 > 1 - 1e-6), rank deficiency.
 * SG_ERR_NOMEM: n above the workspace's ceiling, or no memory. Any thread, one workspace each.
 * S. Johansen, Econometrica 59 (1991) 1551-1580; critical values: MacKinnon, Haug, Michelis, J. Applied Econometrics 14 (1999), case III. */
enum sg_status sg_johansen(struct sg_adf_workspace *workspace, const double *y, const double *x, size_t n, size_t lags, struct sg_johansen_result *ret_result);
