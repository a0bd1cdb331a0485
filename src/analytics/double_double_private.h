/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Numbers of about 106 bits as an unevaluated sum of two doubles (Dekker 1971; Knuth, TAOCP 4.2.2; Hida, Li, Bailey 2001).
 *
 * The rolling sums live in these: adding and removing a million terms then loses nothing that a double could show, where
 * plain sums at a price of 60,000 with a deviation of 0.005 keep no digit of the variance. Needs round-to-nearest and no
 * re-association: never compile with -ffast-math. Error of every operation: at most 2^-102
 * (SG_DD_UNIT) times the result, and of a sum, times the magnitudes added. */
#include <float.h>
#include <math.h>

#ifdef __FAST_MATH__
#error "-ffast-math would simplify these sums to nothing"
#endif
_Static_assert(FLT_EVAL_METHOD == 0, "extra precision breaks these sums: on 32-bit x86 compile with -msse2 -mfpmath=sse");

#define SG_DD_UNIT 0x1p-102

struct sg_dd {
    double hi, lo; /* |lo| <= ulp(hi) / 2 */
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
    double ca = 134217729.0 * a, cb = 134217729.0 * b; /* 2^27 + 1: splits 53 bits into 26 + 27 */
    double ah = ca - (ca - a), bh = cb - (cb - b);
    double al = a - ah, bl = b - bh;
    return (struct sg_dd){product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
#endif
}

/* The short form: its error is bounded by the operands' magnitudes, not by the sum's, which is how every bound here counts. */
static inline struct sg_dd sg_dd_add(struct sg_dd a, struct sg_dd b)
{
    struct sg_dd high = sg_dd_two_sum(a.hi, b.hi);
    return sg_dd_fast_sum(high.hi, high.lo + (a.lo + b.lo));
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
    return sg_dd_fast_sum(first, rest.hi / b.hi);
}

/* 1 / n for a count. */
static inline struct sg_dd sg_dd_reciprocal(double n)
{
    double first = 1.0 / n;
    struct sg_dd product = sg_dd_two_product(first, n);
    return sg_dd_fast_sum(first, ((1.0 - product.hi) - product.lo) / n);
}

/* ---- two of them side by side: x and y of a pair in the two lanes of a vector register ---- */

typedef double sg_lanes __attribute__((vector_size(16)));

struct sg_dd2 {
    sg_lanes hi, lo;
};

static inline sg_lanes sg_lanes_of(double x, double y)
{
    return (sg_lanes){x, y};
}

static inline struct sg_dd sg_dd2_lane(struct sg_dd2 a, int lane)
{
    return (struct sg_dd){a.hi[lane], a.lo[lane]};
}

static inline struct sg_dd2 sg_dd2_two_sum(sg_lanes a, sg_lanes b)
{
    sg_lanes sum = a + b;
    sg_lanes part = sum - a;
    return (struct sg_dd2){sum, (a - (sum - part)) + (b - part)};
}

static inline struct sg_dd2 sg_dd2_fast_sum(sg_lanes a, sg_lanes b)
{
    sg_lanes sum = a + b;
    return (struct sg_dd2){sum, b - (sum - a)};
}

static inline struct sg_dd2 sg_dd2_add(struct sg_dd2 a, struct sg_dd2 b)
{
    struct sg_dd2 high = sg_dd2_two_sum(a.hi, b.hi);
    return sg_dd2_fast_sum(high.hi, high.lo + (a.lo + b.lo));
}

static inline struct sg_dd2 sg_dd2_multiply(struct sg_dd2 a, struct sg_dd2 b)
{
#ifdef __FP_FAST_FMA
    struct sg_dd first = sg_dd_multiply(sg_dd2_lane(a, 0), sg_dd2_lane(b, 0)), second = sg_dd_multiply(sg_dd2_lane(a, 1), sg_dd2_lane(b, 1));
    return (struct sg_dd2){sg_lanes_of(first.hi, second.hi), sg_lanes_of(first.lo, second.lo)};
#else
    sg_lanes product = a.hi * b.hi;
    sg_lanes ca = 134217729.0 * a.hi, cb = 134217729.0 * b.hi;
    sg_lanes ah = ca - (ca - a.hi), bh = cb - (cb - b.hi);
    sg_lanes al = a.hi - ah, bl = b.hi - bh;
    sg_lanes error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
    return sg_dd2_fast_sum(product, error + (a.hi * b.lo + a.lo * b.hi));
#endif
}
