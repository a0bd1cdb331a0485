/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Numbers of about 106 bits as an unevaluated sum of two doubles (Dekker 1971; Knuth, TAOCP 4.2.2; Hida, Li, Bailey 2001).
 *
 * The rolling sums live in these: adding and removing a million terms then loses nothing that a double could show, where
 * plain sums at a price of 60,000 with a deviation of 0.005 keep no digit of the variance. Needs round-to-nearest and no
 * re-association: never compile with -ffast-math. Relative error of every operation: at most 2^-102 (SG_DD_UNIT). */
#include <math.h>

#define SG_DD_UNIT 0x1p-102

struct sg_dd {
    double hi, lo;             /* |lo| <= ulp(hi) / 2 */
};

static inline struct sg_dd sg_dd_from(double value)
{
    return (struct sg_dd){value, 0.0};
}

static inline double sg_dd_to_double(struct sg_dd a)
{
    return a.hi + a.lo;
}

/* a + b exactly. */
static inline struct sg_dd sg_dd_two_sum(double a, double b)
{
    double sum = a + b;
    double part = sum - a;
    return (struct sg_dd){sum, (a - (sum - part)) + (b - part)};
}

/* The same for |a| >= |b|. */
static inline struct sg_dd sg_dd_fast_sum(double a, double b)
{
    double sum = a + b;
    return (struct sg_dd){sum, b - (sum - a)};
}

/* a * b exactly (no overflow near 2^996, no underflow: prices are checked at the door). */
static inline struct sg_dd sg_dd_two_product(double a, double b)
{
    double product = a * b;
#ifdef __FP_FAST_FMA
    return (struct sg_dd){product, fma(a, b, -product)};
#else
    double ca = 134217729.0 * a, cb = 134217729.0 * b;         /* 2^27 + 1: splits 53 bits into 26 + 27 */
    double ah = ca - (ca - a), bh = cb - (cb - b);
    double al = a - ah, bl = b - bh;
    return (struct sg_dd){product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
#endif
}

static inline struct sg_dd sg_dd_add(struct sg_dd a, struct sg_dd b)
{
    struct sg_dd high = sg_dd_two_sum(a.hi, b.hi);
    struct sg_dd low = sg_dd_two_sum(a.lo, b.lo);
    high = sg_dd_fast_sum(high.hi, high.lo + low.hi);
    return sg_dd_fast_sum(high.hi, high.lo + low.lo);
}

static inline struct sg_dd sg_dd_negate(struct sg_dd a)
{
    return (struct sg_dd){-a.hi, -a.lo};
}

static inline struct sg_dd sg_dd_subtract(struct sg_dd a, struct sg_dd b)
{
    return sg_dd_add(a, sg_dd_negate(b));
}

static inline struct sg_dd sg_dd_multiply(struct sg_dd a, struct sg_dd b)
{
    struct sg_dd product = sg_dd_two_product(a.hi, b.hi);
    return sg_dd_fast_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline struct sg_dd sg_dd_scale(struct sg_dd a, double b)
{
    struct sg_dd product = sg_dd_two_product(a.hi, b);
    return sg_dd_fast_sum(product.hi, product.lo + a.lo * b);
}

static inline struct sg_dd sg_dd_divide(struct sg_dd a, struct sg_dd b)
{
    double first = a.hi / b.hi;
    struct sg_dd rest = sg_dd_subtract(a, sg_dd_scale(b, first));
    double second = rest.hi / b.hi;
    rest = sg_dd_subtract(rest, sg_dd_scale(b, second));
    struct sg_dd quotient = sg_dd_fast_sum(first, second);
    return sg_dd_add(quotient, sg_dd_from(rest.hi / b.hi));
}
