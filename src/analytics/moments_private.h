/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* First and second moments of two series, terms added and removed one by one, O(1) each.
 *
 * Sums of deviations from an anchor, held in double-double, together with a running bound of what rounding can have done
 * to them (Higham, Accuracy and Stability, 3.3). The bound, not a schedule, says when the sums must be rebuilt from the stored
 * window: hardly ever on sane prices, and at once when an absurd value has just left. */
#include <stdbool.h>
#include <stddef.h>
#include "double_double_private.h"

struct sg_moments {
    size_t count;
    double operations;
    sg_lanes anchor;           /* lane 0: x, lane 1: y */
    struct sg_dd2 sum, square; /* of x - anchor x and y - anchor y */
    struct sg_dd cross;
    sg_lanes drift; /* SG_DD_UNIT times the sum of the magnitudes that `square` went through */
};

/* Centred sums, and the largest absolute error they can carry. */
struct sg_centred {
    size_t count;
    struct sg_dd mean_x, mean_y;
    struct sg_dd xx, xy, yy;   /* sums of products of deviations from the means */
    double error_xx, error_yy; /* error of xy: at most sqrt(error_xx error_yy) */
};

void sg_moments_reset(struct sg_moments *moments);
void sg_moments_add(struct sg_moments *moments, double x, double y);
void sg_moments_remove(struct sg_moments *moments, double x, double y);
/* count must be at least 1. */
void sg_moments_centred(const struct sg_moments *moments, struct sg_centred *ret_centred);
/* Starts again from the `count` values that the ring (capacity `capacity`, newest at index `newest`) holds last, around their middle. O(count). */
void sg_moments_rebuild(struct sg_moments *moments, const double *x, const double *y, size_t capacity, size_t newest, size_t count);
/* Is the error well above what sums built anew would have? Keeps a hopeless case (legs that are exact multiples of each other)
 * from rebuilding at every bar: then at most once in some fifteen windows. */
bool sg_centred_rebuild_helps(const struct sg_centred *centred);

/* xx yy - xy^2 >= 0 (Cauchy-Schwarz), as a double. What lies within the error of zero is zero, so that 1 - r^2 is never negative. */
double sg_centred_determinant(const struct sg_centred *centred);
/* Sum of squared deviations of y - beta x, and the bound of its error. Never negative: what lies within the bound of zero is zero. */
double sg_centred_combination(const struct sg_centred *centred, double beta, double *ret_error);
