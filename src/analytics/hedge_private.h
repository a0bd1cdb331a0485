/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lines from centred sums; x is the hedge leg B, y the dependent leg A. */
#include <stdbool.h>
#include "spreadglass/analytics/line_fit.h"
#include "moments_private.h"

#define SG_HEDGE_MIN_BARS 10
#define SG_IDENTICAL_R_SQUARED (1.0 - 1e-6) /* closer than this the legs are one: no verdict on them */

/* A double knows a price to half a unit in its last place: a deviation of a few of those is rounding, not movement. */
#define SG_NOISE_UNITS (32.0 * 0x1p-53)

/* Is sum / count, a variance, indistinguishable from 0 for values of this magnitude? */
static inline bool sg_is_noise(double sum_of_squares, size_t count, double magnitude)
{
    double limit = SG_NOISE_UNITS * magnitude;
    return !(sum_of_squares > (double)count * limit * limit);
}

void sg_hedge_ols(const struct sg_centred *centred, struct sg_line_fit *ret_fit);
void sg_hedge_tls(const struct sg_centred *centred, struct sg_line_fit *ret_fit);
/* beta is given; alpha is what makes the mean residual 0. */
void sg_hedge_given(const struct sg_centred *centred, double beta, struct sg_line_fit *ret_fit);
/* Least squares by centring first and then multiplying, in plain doubles: O(n) several times faster than the sums above, as exact
 * on anything but legs that cancel to the last digits. ret_mean_*: the means. */
void sg_hedge_ols_two_pass(const double *y, const double *x, size_t n, struct sg_line_fit *ret_fit, double *ret_mean_y, double *ret_mean_x);
void sg_hedge_undefined(size_t count, enum sg_reason reason, struct sg_line_fit *ret_fit);
