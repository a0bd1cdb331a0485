/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments_private.h"

void sg_moments_reset(struct sg_moments *moments)
{
    *moments = (struct sg_moments){0};
}

static void accumulate(struct sg_moments *m, double x, double y, double sign)
{
    /* Exact differences: the same value added and removed later cancels to the last bit. */
    struct sg_dd dx = sg_dd_two_sum(x, -m->anchor_x), dy = sg_dd_two_sum(y, -m->anchor_y);
    struct sg_dd sx = {sign * dx.hi, sign * dx.lo}, sy = {sign * dy.hi, sign * dy.lo};
    double before_xx = fabs(m->sum_xx.hi), before_yy = fabs(m->sum_yy.hi);
    m->sum_x = sg_dd_add(m->sum_x, sx);
    m->sum_y = sg_dd_add(m->sum_y, sy);
    m->sum_xx = sg_dd_add(m->sum_xx, sg_dd_multiply(sx, dx));
    m->sum_xy = sg_dd_add(m->sum_xy, sg_dd_multiply(sx, dy));
    m->sum_yy = sg_dd_add(m->sum_yy, sg_dd_multiply(sy, dy));
    m->drift_xx += SG_DD_UNIT * (before_xx + fabs(m->sum_xx.hi));
    m->drift_yy += SG_DD_UNIT * (before_yy + fabs(m->sum_yy.hi));
    m->operations += 1.0;
}

void sg_moments_add(struct sg_moments *moments, double x, double y)
{
    if (moments->count == 0) {
        sg_moments_reset(moments);
        moments->anchor_x = x;
        moments->anchor_y = y;
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
    struct sg_dd n = sg_dd_from((double)m->count);
    struct sg_dd mx = sg_dd_divide(m->sum_x, n), my = sg_dd_divide(m->sum_y, n);
    ret->count = m->count;
    ret->mean_x = sg_dd_add(sg_dd_from(m->anchor_x), mx);
    ret->mean_y = sg_dd_add(sg_dd_from(m->anchor_y), my);
    ret->xx = sg_dd_subtract(m->sum_xx, sg_dd_multiply(mx, m->sum_x));
    ret->xy = sg_dd_subtract(m->sum_xy, sg_dd_multiply(mx, m->sum_y));
    ret->yy = sg_dd_subtract(m->sum_yy, sg_dd_multiply(my, m->sum_y));
    /* Error of sum_xx: drift. Error of sum_x e, entering as 2 |sum_x| e / n: by Cauchy-Schwarz over the operations it is at most
     * drift_xx + operations * unit * sum_xx. The constant covers this function's own operations. */
    ret->error_xx = 2.0 * m->drift_xx + SG_DD_UNIT * (m->operations + 16.0) * fabs(m->sum_xx.hi);
    ret->error_yy = 2.0 * m->drift_yy + SG_DD_UNIT * (m->operations + 16.0) * fabs(m->sum_yy.hi);
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
    m->anchor_x = x[oldest] + sum_x / (double)count;      /* any anchor is exact; at the mean the sums are small, and 0 when nothing moves */
    m->anchor_y = y[oldest] + sum_y / (double)count;
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
    double error = 2.0 * (c->error_yy + beta * beta * c->error_xx)
                   + 8.0 * SG_DD_UNIT * (fabs(c->yy.hi) + fabs(cross.hi) + fabs(hedge.hi));
    double value = sg_dd_to_double(s);
    *ret_error = error;
    return value > error ? value : 0.0;
}
