/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments_private.h"

void sg_moments_reset(struct sg_moments *moments)
{
    *moments = (struct sg_moments){0};
}

static inline void accumulate(struct sg_moments *m, double x, double y, double sign)
{
    /* Exact differences: the same value added and removed later cancels to the last bit. */
    struct sg_dd2 d = sg_dd2_two_sum(sg_lanes_of(x, y), -m->anchor), signed_d = {sign * d.hi, sign * d.lo};
    sg_lanes before = m->square.hi;
    m->sum = sg_dd2_add(m->sum, signed_d);
    m->square = sg_dd2_add(m->square, sg_dd2_multiply(signed_d, d));
    m->cross = sg_dd_add(m->cross, sg_dd_multiply(sg_dd2_lane(signed_d, 0), sg_dd2_lane(d, 1)));
    m->drift += SG_DD_UNIT * (before + m->square.hi);
    m->operations += 1.0;
}

void sg_moments_add(struct sg_moments *moments, double x, double y)
{
    if (moments->count == 0) {
        sg_moments_reset(moments);
        moments->anchor = sg_lanes_of(x, y);
    }
    moments->count++;
    accumulate(moments, x, y, 1.0);
}

void sg_moments_remove(struct sg_moments *moments, double x, double y)
{
    moments->count--;
    accumulate(moments, x, y, -1.0);
}

void sg_moments_centred(const struct sg_moments *m, struct sg_centred *ret)
{
    struct sg_dd inverse = sg_dd_reciprocal((double)m->count);
    struct sg_dd2 both = {sg_lanes_of(inverse.hi, inverse.hi), sg_lanes_of(inverse.lo, inverse.lo)};
    struct sg_dd2 mean = sg_dd2_multiply(m->sum, both), product = sg_dd2_multiply(mean, m->sum);
    struct sg_dd2 level = sg_dd2_add((struct sg_dd2){m->anchor, sg_lanes_of(0.0, 0.0)}, mean);
    struct sg_dd2 square = sg_dd2_add(m->square, (struct sg_dd2){-product.hi, -product.lo});
    ret->count = m->count;
    ret->mean_x = sg_dd2_lane(level, 0);
    ret->mean_y = sg_dd2_lane(level, 1);
    ret->xx = sg_dd2_lane(square, 0);
    ret->yy = sg_dd2_lane(square, 1);
    ret->xy = sg_dd_subtract(m->cross, sg_dd_multiply(sg_dd2_lane(mean, 0), sg_dd2_lane(m->sum, 1)));
    /* Error of a square's sum: drift. Error e of sum x, entering as 2 |sum x| e / n: by Cauchy-Schwarz over the operations it is at most
     * drift + operations * unit * the square's sum. The constant covers this function's own operations. */
    sg_lanes error = 2.0 * m->drift + SG_DD_UNIT * (m->operations + 16.0) * m->square.hi;
    ret->error_xx = fabs(error[0]);
    ret->error_yy = fabs(error[1]);
}

void sg_moments_rebuild(struct sg_moments *m, const double *x, const double *y, size_t capacity, size_t newest, size_t count)
{
    size_t oldest = (newest + capacity - (count - 1)) % capacity;
    double sum_x = 0.0, sum_y = 0.0;
    for (size_t i = 0, at = oldest; i < count; i++, at = at + 1 == capacity ? 0 : at + 1) {
        sum_x += x[at] - x[oldest];
        sum_y += y[at] - y[oldest];
    }
    sg_moments_reset(m);
    /* Any anchor is exact; at the mean the sums are small, and 0 when nothing moves. */
    m->anchor = sg_lanes_of(x[oldest] + sum_x / (double)count, y[oldest] + sum_y / (double)count);
    for (size_t i = 0, at = oldest; i < count; i++, at = at + 1 == capacity ? 0 : at + 1)
        accumulate(m, x[at], y[at], 1.0);
    m->count = count;
}

bool sg_centred_rebuild_helps(const struct sg_centred *c)
{
    /* Sums built anew around the mean: every partial sum is at most the centred one, so their error is at most about 5 n units of it. */
    double often = 80.0 * SG_DD_UNIT * ((double)c->count + 16.0);
    return !(c->error_xx <= often * c->xx.hi) || !(c->error_yy <= often * c->yy.hi);
}

double sg_centred_determinant(const struct sg_centred *c)
{
    struct sg_dd product = sg_dd_multiply(c->xx, c->yy);
    struct sg_dd d = sg_dd_subtract(product, sg_dd_multiply(c->xy, c->xy));
    double value = sg_dd_to_double(d);
    double noise = 4.0 * (fabs(c->xx.hi) * c->error_yy + fabs(c->yy.hi) * c->error_xx) + 8.0 * SG_DD_UNIT * fabs(product.hi);
    return value > noise ? value : 0.0;
}

double sg_centred_combination(const struct sg_centred *c, double beta, double *ret_error)
{
    struct sg_dd cross = sg_dd_scale(c->xy, 2.0 * beta);
    struct sg_dd hedge = sg_dd_scale(sg_dd_scale(c->xx, beta), beta);
    struct sg_dd s = sg_dd_add(sg_dd_subtract(c->yy, cross), hedge);
    double error = 2.0 * (c->error_yy + beta * beta * c->error_xx) + 8.0 * SG_DD_UNIT * (fabs(c->yy.hi) + fabs(cross.hi) + fabs(hedge.hi));
    double value = sg_dd_to_double(s);
    *ret_error = error;
    return value > error ? value : 0.0;
}
