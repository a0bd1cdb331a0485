/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Least squares of y on x as the pair model has it at its last bar: by the moments that it carries along. */
#include "../../../src/analytics/hedge_private.h"
#include "../../../src/analytics/moments_private.h"

static inline struct sg_line_fit fit_line(const double *y, const double *x, size_t n)
{
    struct sg_moments moments;
    struct sg_centred centred;
    struct sg_line_fit fit;
    sg_moments_rebuild(&moments, x, y, n, n - 1, n);
    sg_moments_centred(&moments, &centred);
    sg_hedge_ols(&centred, &fit);
    return fit;
}
