/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live model against its definition: a fresh two-pass computation in 113-bit arithmetic over the same bars. */
#include <float.h>
#include "numbers.h"
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/kalman.h"
#include "spreadglass/analytics/pair_model.h"

typedef __float128 wide;

static wide wide_sqrt(wide x)
{
    wide root = (wide)sqrt((double)x);
    for (int i = 0; root > 0 && i < 3; i++)
        root = (root + x / root) / 2;
    return root;
}

struct moments {
    wide mean_x, mean_y, xx, xy, yy;
};

static struct moments two_pass(const double *x, const double *y, size_t n)
{
    struct moments m = {0};
    for (size_t i = 0; i < n; i++) {
        m.mean_x += (wide)x[i];
        m.mean_y += (wide)y[i];
    }
    m.mean_x /= (wide)n;
    m.mean_y /= (wide)n;
    for (size_t i = 0; i < n; i++) {
        wide dx = (wide)x[i] - m.mean_x, dy = (wide)y[i] - m.mean_y;
        m.xx += dx * dx;
        m.xy += dx * dy;
        m.yy += dy * dy;
    }
    return m;
}

/* Row `t` of what the live model must say, for OLS over [from, t]. `beta` NaN: take the fit's. */
static void expect_row(const struct sg_pair_params *p, const double *a, const double *b, size_t t, size_t from, const struct sg_pair_result *r,
                       double tolerance)
{
    size_t w = p->window;
    struct moments fit = two_pass(b + from, a + from, t + 1 - from);
    assert_int_equal(r->hedge_reason, SG_REASON_NONE);
    if (p->hedge == SG_HEDGE_OLS || p->hedge == SG_HEDGE_ROLLING) {
        wide beta = fit.xy / fit.xx, rss = fit.yy - fit.xy * fit.xy / fit.xx;
        size_t n = t + 1 - from;
        expect_close(r->beta, (double)beta, tolerance);
        expect_close(r->alpha, (double)(fit.mean_y - beta * fit.mean_x), 1e-9 + tolerance);
        expect_close(r->r_squared, (double)(1 - rss / fit.yy), tolerance);
        expect_close(r->se_beta, (double)wide_sqrt(rss / (wide)(n - 2) / fit.xx), tolerance);
    }
    double *ra = malloc(w * sizeof *ra), *rb = malloc(w * sizeof *rb);
    wide sum = 0, squares = 0, beta = (wide)r->beta;
    for (size_t i = t + 1 - w; i <= t; i++)
        sum += (wide)a[i] - beta * (wide)b[i];
    wide mean = sum / (wide)w;
    for (size_t i = t + 1 - w; i <= t; i++) {
        wide d = (wide)a[i] - beta * (wide)b[i] - mean;
        squares += d * d;
    }
    wide sd = wide_sqrt(squares / (wide)(w - (size_t)p->ddof)), last = (wide)a[t] - beta * (wide)b[t];
    assert_int_equal(r->zscore_reason, SG_REASON_NONE);
    expect_close(r->spread, (double)last, tolerance);
    expect_close(r->mean, (double)mean, tolerance);
    expect_close(r->std, (double)sd, tolerance);
    assert_true(fabs(r->zscore - (double)((last - mean) / sd)) <= tolerance * (1.0 + fabs(r->zscore)));
    if (t >= w) {
        for (size_t i = 0; i < w; i++) {
            size_t at = t + 1 - w + i;
            ra[i] = (a[at] - a[at - 1]) / a[at - 1];
            rb[i] = (b[at] - b[at - 1]) / b[at - 1];
        }
        struct moments m = two_pass(rb, ra, w);
        if (r->correlation_reason == SG_REASON_NONE) {
            assert_true(r->correlation >= -1.0);
            assert_true(r->correlation <= 1.0);
            assert_true(fabs(r->correlation - (double)(m.xy / wide_sqrt(m.xx * m.yy))) <= tolerance);
        }
    }
    free(ra);
    free(rb);
}

enum series { QUIET_AT_60000, FLAT_STRETCHES, JUMPS, COLLINEAR, WALK, TWELVE_ORDERS, SERIES_COUNT };

static void make(enum series kind, size_t n, double *a, double *b)
{
    uint64_t seed = 7 + (uint64_t)kind;
    double level_a = 60000.0, level_b = 3000.0, walk = 0.0;
    for (size_t i = 0; i < n; i++) {
        double u = random_normal(&seed), v = random_normal(&seed);
        switch (kind) {
        case QUIET_AT_60000: /* deviation 0.005 at 60,000 */
            a[i] = 60000.0 + 0.005 * u;
            b[i] = 3000.0 + 0.0003 * v;
            break;
        case FLAT_STRETCHES: /* long silences, now and then a tick */
            if (i % 97 < 3 || random_uniform(&seed) < 0.02) {
                level_a += 0.01 * floor(20.0 * u);
                level_b += 0.01 * floor(5.0 * v);
            }
            a[i] = level_a;
            b[i] = level_b;
            break;
        case JUMPS: /* quiet, then another level altogether */
            if (i % 1009 == 500)
                level_a *= 1.0 + 0.3 * (random_uniform(&seed) - 0.5);
            if (i % 1511 == 700)
                level_b *= 1.0 + 0.3 * (random_uniform(&seed) - 0.5);
            level_a = level_a > 1000.0 && level_a < 1e6 ? level_a : 60000.0;
            level_b = level_b > 100.0 && level_b < 1e5 ? level_b : 3000.0;
            a[i] = level_a + 0.005 * u;
            b[i] = level_b + 0.001 * v;
            break;
        case COLLINEAR: /* A is 20 B but for one part in 10^9 */
            walk += v;
            b[i] = 3000.0 + 100.0 * sin(walk * 0.01) + 0.01 * v;
            a[i] = 20.0 * b[i] + 6e-5 * u;
            break;
        case WALK:
            level_a *= 1.0 + 1e-4 * u;
            level_b *= 1.0 + 1e-4 * (0.7 * u + 0.7 * v);
            a[i] = level_a;
            b[i] = level_b;
            break;
        case TWELVE_ORDERS:
            a[i] = 60000.0 * exp(0.001 * u);
            b[i] = 6e-8 * exp(0.001 * (u + v));
            break;
        case SERIES_COUNT: break;
        }
    }
}

/* 1,000,000 bars of every nasty series: the last rows still equal a fresh two-pass computation to 1e-9. */
static void streaming_equals_batch(void **state)
{
    size_t n = 1000000;
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
    (void)state;
    for (int kind = 0; kind < SERIES_COUNT; kind++) {
        make((enum series)kind, n, a, b);
        for (int pass = 0; pass < 3; pass++) {
            struct sg_pair_params p;
            struct sg_pair_result r = {0};
            sg_pair_params_default(&p);
            p.window = pass == 0 ? 60 : pass == 1 ? 20 : 1000;
            p.lookback = pass == 0 ? SG_LOOKBACK_ALL : pass == 1 ? 250 : 5000;
            p.ddof = pass == 1 ? 0 : 1;
            struct sg_pair_model *m = sg_pair_model_new(&p);
            assert_non_null(m);
            size_t length = pass == 0 ? n : n / 10;
            uint64_t pick = 99;
            for (size_t t = 0; t < length; t++) {
                assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
                if (r.correlation_reason == SG_REASON_NONE) {
                    assert_true(r.correlation >= -1.0);
                    assert_true(r.correlation <= 1.0);
                }
                if (r.zscore_reason == SG_REASON_NONE) {
                    assert_true(r.std > 0.0);
                    assert_true(isfinite(r.zscore));
                }
                bool last = t + 1 == length;
                if (t > 2000 && r.zscore_reason == SG_REASON_NONE && r.hedge_reason == SG_REASON_NONE &&
                    (last || random_uniform(&pick) < (p.lookback  ? 2e-4
                                                      : t < 20000 ? 1e-3
                                                                  : 1e-6)))
                    expect_row(&p, a, b, t, p.lookback && t + 1 > p.lookback ? t + 1 - p.lookback : 0, &r, 1e-9);
            }
            struct sg_pair_effort effort;
            sg_pair_model_effort(m, &effort);
            /* O(1) in fact and not in name: one bar in a thousand at most may take the long way on any of these. */
            if (effort.pushes != length || effort.rebuilds + effort.two_pass > length / 1000)
                fail_msg("series %d, pass %d: %zu rebuilds and %zu two-pass windows in %zu bars", kind, pass, (size_t)effort.rebuilds, (size_t)effort.two_pass,
                         length);
            sg_pair_model_free(m);
        }
    }
    free(a);
    free(b);
}

/* A tick of 1e9, 1e14 and 1e30 in one leg or both enters, stays for a window and leaves: every row on the way is exact. */
static void absurd_tick(void **state)
{
    enum { N = 400 };
    static const double TICKS[] = {1e9, 1e14, 1e30, 1e-30};
    double a[N], b[N];
    (void)state;
    for (size_t tick = 0; tick < 4; tick++)
        for (int legs = 1; legs <= 3; legs++)
            for (int late = 0; late < 2; late++) {
                struct sg_pair_params p;
                struct sg_pair_result r;
                make(QUIET_AT_60000, N, a, b);
                size_t at = late ? 200 : 3;
                if (legs & 1)
                    a[at] = TICKS[tick];
                if (legs & 2)
                    b[at] = TICKS[tick];
                sg_pair_params_default(&p);
                p.window = 20;
                p.lookback = 60;
                struct sg_pair_model *m = sg_pair_model_new(&p);
                for (size_t t = 0; t < N; t++) {
                    assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
                    /* Prices near 6e4 beside 1e30 are below the last bit of its rounding: the spread's deviation is still exact. */
                    if (t >= 60 && (t < at || t > at + 61))
                        expect_row(&p, a, b, t, t - 59, &r, 1e-9);
                }
                sg_pair_model_free(m);
            }
}

/* Legs that swing wildly and cancel to the twelfth digit: the sums cannot tell the spread from their own rounding, and the
 * deviation comes from the stored bars. */
static void legs_that_cancel_almost_wholly(void **state)
{
    enum { N = 1500 };
    static double a[N], b[N];
    (void)state;
    for (int exponent = -9; exponent >= -13; exponent--) {
        struct sg_pair_params p;
        struct sg_pair_result r;
        struct sg_pair_effort effort;
        uint64_t seed = 17;
        sg_pair_params_default(&p);
        p.window = 40;
        p.hedge = SG_HEDGE_FIXED;
        p.fixed_beta = 19.7;
        for (size_t t = 0; t < N; t++) {
            b[t] = 3000.0 * exp(0.5 * random_normal(&seed));
            a[t] = 19.7 * b[t] + 60000.0 * pow(10.0, exponent) * random_normal(&seed);
        }
        struct sg_pair_model *m = sg_pair_model_new(&p);
        for (size_t t = 0; t < N; t++) {
            assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
            if (t + 1 >= p.window) {
                assert_int_equal(r.zscore_reason, SG_REASON_NONE);
                expect_row(&p, a, b, t, 0, &r, 1e-9);
            }
        }
        sg_pair_model_effort(m, &effort);
        assert_true(exponent > -12 || effort.two_pass > 0);
        assert_true(effort.rebuilds < N / 20); /* hopeless sums are not built anew at every bar */
        sg_pair_model_free(m);
    }
}

static void degenerate_data(void **state)
{
    struct sg_pair_params p;
    struct sg_pair_result r;
    (void)state;
    sg_pair_params_default(&p);
    p.window = 20;
    uint64_t seed = 5;
    for (int kind = 0; kind < 6; kind++) {
        struct sg_pair_model *m = sg_pair_model_new(&p);
        double walk = 60000.0;
        for (size_t t = 0; t < 300; t++) {
            walk += 0.01 * floor(100.0 * random_normal(&seed));
            double other = 3000.0 + random_normal(&seed);
            double a = kind == 0 ? 60000.1 : kind == 3 ? 2.7 * walk : kind == 4 ? 1e-12 * walk : walk;
            double b = kind == 1 ? 3000.1 : kind == 2 || kind == 3 || kind == 4 ? walk : kind == 5 ? walk / 3.0 + 100.0 : other;
            assert_int_equal(sg_pair_model_push(m, a, b, &r), SG_OK);
        }
        switch (kind) {
        case 0: /* constant A: beta is 0, the spread is A */
            assert_int_equal(r.hedge_reason, SG_REASON_NONE);
            assert_true(r.beta == 0.0);
            assert_true(isnan(r.r_squared));
            assert_int_equal(r.zscore_reason, SG_REASON_CONSTANT_SPREAD);
            assert_int_equal(r.correlation_reason, SG_REASON_CONSTANT_LEG_A);
            break;
        case 1:
            assert_int_equal(r.hedge_reason, SG_REASON_CONSTANT_LEG_B);
            assert_int_equal(r.zscore_reason, SG_REASON_CONSTANT_LEG_B);
            assert_int_equal(r.correlation_reason, SG_REASON_CONSTANT_LEG_B);
            assert_true(isnan(r.beta));
            assert_true(isnan(r.spread));
            break;
        default: /* identical, multiples, an exact line: no spread to speak of */
            assert_int_equal(r.hedge_reason, SG_REASON_NONE);
            expect_close(r.beta, kind == 3 ? 2.7 : kind == 4 ? 1e-12 : kind == 5 ? 3.0 : 1.0, 1e-12);
            assert_int_equal(r.zscore_reason, SG_REASON_CONSTANT_SPREAD);
            assert_true(r.std == 0.0);
            expect_close(r.correlation, 1.0, 1e-3);
            break;
        }
        assert_true(isnan(r.zscore));
        assert_true(r.signal == SG_SIGNAL_NONE);
        sg_pair_model_free(m);
    }
}

static void too_little_data(void **state)
{
    struct sg_pair_params p;
    struct sg_pair_result r;
    (void)state;
    sg_pair_params_default(&p);
    p.window = 20;
    struct sg_pair_model *m = sg_pair_model_new(&p);
    uint64_t seed = 1;
    for (size_t t = 1; t <= 25; t++) {
        assert_int_equal(sg_pair_model_push(m, 100.0 + random_normal(&seed), 50.0 + random_normal(&seed), &r), SG_OK);
        assert_int_equal(r.hedge_have, t < 10 ? t : 10);
        assert_int_equal(r.hedge_need, 10);
        assert_int_equal(r.hedge_reason, t < 10 ? SG_REASON_WARMING_UP : SG_REASON_NONE);
        assert_true(isnan(r.beta) == (t < 10));
        assert_int_equal(r.have, t < 20 ? t : 20);
        assert_int_equal(r.need, 20);
        assert_int_equal(r.zscore_reason, t < 20 ? SG_REASON_WARMING_UP : SG_REASON_NONE);
        assert_true(isnan(r.zscore) == (t < 20));
        assert_true(isnan(r.std) == (t < 20));
        assert_int_equal(r.correlation_reason, t < 21 ? SG_REASON_WARMING_UP : SG_REASON_NONE);
        assert_int_equal(r.correlation_have, t < 21 ? t - 1 : 20);
    }
    sg_pair_model_reset(m);
    assert_int_equal(sg_pair_model_push(m, 100.0, 50.0, &r), SG_OK);
    assert_int_equal(r.have, 1);
    sg_pair_model_free(m);
    p.window = 5; /* a window shorter than the fit's ten bars waits for the fit */
    m = sg_pair_model_new(&p);
    for (size_t t = 1; t <= 10; t++) {
        assert_int_equal(sg_pair_model_push(m, 100.0 + random_normal(&seed), 50.0 + random_normal(&seed), &r), SG_OK);
        assert_int_equal(r.zscore_reason, t < 10 ? SG_REASON_WARMING_UP : SG_REASON_NONE);
        if (t >= 5 && t < 10) {
            assert_true(r.have == t);
            assert_true(r.need == 10);
        }
    }
    sg_pair_model_free(m);
}

static bool same(double x, double y)
{
    return (isnan(x) && isnan(y)) || x == y;
}

static void expect_same(const struct sg_pair_result *x, const struct sg_pair_result *y)
{
    assert_true(same(x->alpha, y->alpha));
    assert_true(same(x->beta, y->beta));
    assert_true(same(x->se_alpha, y->se_alpha));
    assert_true(same(x->se_beta, y->se_beta));
    assert_true(same(x->r_squared, y->r_squared));
    assert_true(same(x->spread, y->spread));
    assert_true(same(x->mean, y->mean));
    assert_true(same(x->std, y->std));
    assert_true(same(x->zscore, y->zscore));
    assert_true(same(x->correlation, y->correlation));
    assert_true(x->hedge_reason == y->hedge_reason);
    assert_true(x->zscore_reason == y->zscore_reason);
    assert_true(x->correlation_reason == y->correlation_reason);
    assert_true(x->have == y->have);
    assert_true(x->signal == y->signal);
}

/* A peek says what the push will say, and nothing later is changed by it. Refused prices change nothing either. */
static void peek_and_refusal(void **state)
{
    enum { N = 700 };
    double a[N], b[N];
    static const double BAD[] = {0.0, -1.0, NAN, INFINITY, -INFINITY, 1e51, 1e-51};
    (void)state;
    make(JUMPS, N, a, b);
    for (int hedge = SG_HEDGE_OLS; hedge <= SG_HEDGE_FIXED; hedge++) {
        struct sg_pair_params p;
        struct sg_pair_result peeked, pushed, plain;
        sg_pair_params_default(&p);
        p.window = 30;
        p.hedge = (enum sg_hedge)hedge;
        p.fixed_beta = 19.5;
        struct sg_pair_model *m = sg_pair_model_new(&p), *undisturbed = sg_pair_model_new(&p);
        for (size_t t = 0; t < N; t++) {
            assert_int_equal(sg_pair_model_peek(m, a[t] * 1.1, b[t] * 0.9, &peeked), SG_OK);
            assert_int_equal(sg_pair_model_peek(m, 1e9, b[t], &peeked), SG_OK);
            assert_int_equal(sg_pair_model_push(m, BAD[t % 7], b[t], &pushed), SG_ERR_RANGE);
            assert_int_equal(sg_pair_model_push(m, a[t], BAD[t % 7], &pushed), SG_ERR_RANGE);
            assert_int_equal(sg_pair_model_peek(m, BAD[t % 7], b[t], &pushed), SG_ERR_RANGE);
            assert_int_equal(sg_pair_model_peek(m, a[t], b[t], &peeked), SG_OK);
            assert_int_equal(sg_pair_model_push(m, a[t], b[t], &pushed), SG_OK);
            assert_int_equal(sg_pair_model_push(undisturbed, a[t], b[t], &plain), SG_OK);
            expect_same(&peeked, &pushed);
            expect_same(&plain, &pushed);
        }
        assert_int_equal(pushed.hedge_reason, SG_REASON_NONE);
        sg_pair_model_free(m);
        sg_pair_model_free(undisturbed);
    }
}

/* As it was: the row at t from a model that never saw a later bar, for every truncation. */
static void no_row_depends_on_a_later_bar(void **state)
{
    enum { N = 260 };
    double a[N], b[N];
    struct sg_pair_result *rows = malloc(N * sizeof *rows), again;
    (void)state;
    make(WALK, N, a, b);
    for (int hedge = SG_HEDGE_OLS; hedge <= SG_HEDGE_FIXED; hedge++) {
        struct sg_pair_params p;
        sg_pair_params_default(&p);
        p.window = 30;
        p.hedge = (enum sg_hedge)hedge;
        struct sg_pair_model *m = sg_pair_model_new(&p);
        for (size_t t = 0; t < N; t++)
            assert_int_equal(sg_pair_model_push(m, a[t], b[t], &rows[t]), SG_OK);
        for (size_t length = 1; length <= N; length += 7) {
            sg_pair_model_reset(m);
            for (size_t t = 0; t < length; t++)
                assert_int_equal(sg_pair_model_push(m, a[t], b[t], &again), SG_OK);
            expect_same(&again, &rows[length - 1]);
        }
        sg_pair_model_free(m);
    }
    free(rows);
}

static struct sg_pair_result last_of(enum sg_hedge hedge, const double *a, const double *b, size_t n, double scale_a, double scale_b, double shift)
{
    struct sg_pair_params p;
    struct sg_pair_result r = {0};
    sg_pair_params_default(&p);
    p.hedge = hedge;
    p.fixed_beta = 20.0 * scale_a / scale_b;
    struct sg_pair_model *m = sg_pair_model_new(&p);
    for (size_t t = 0; t < n; t++)
        assert_int_equal(sg_pair_model_push(m, a[t] * scale_a + shift, b[t] * scale_b, &r), SG_OK);
    sg_pair_model_free(m);
    return r;
}

static void scale_shift_and_swap(void **state)
{
    enum { N = 500 };
    double a[N], b[N];
    (void)state;
    make(WALK, N, a, b);
    for (int hedge = SG_HEDGE_OLS; hedge <= SG_HEDGE_FIXED; hedge++) {
        enum sg_hedge kind = (enum sg_hedge)hedge;
        struct sg_pair_result plain = last_of(kind, a, b, N, 1.0, 1.0, 0.0);
        assert_int_equal(plain.zscore_reason, SG_REASON_NONE);
        /* Both legs in another currency: z and correlation are the same, beta too. Powers of two and others. */
        static const double SCALES[] = {1024.0, 1e-6, 3.7};
        for (size_t i = 0; i < 3; i++) {
            struct sg_pair_result r = last_of(kind, a, b, N, SCALES[i], SCALES[i], 0.0);
            expect_close(r.beta, plain.beta, 1e-8);
            expect_close(r.zscore, plain.zscore, 1e-7);
            expect_close(r.std, plain.std * SCALES[i], 1e-7);
            expect_close(r.correlation, plain.correlation, 1e-8);
        }
        /* One leg alone: beta takes the factor. Total least squares weighs the axes against each other and is left out. */
        if (kind != SG_HEDGE_TLS) {
            struct sg_pair_result r = last_of(kind, a, b, N, 1.0, 1000.0, 0.0);
            expect_close(r.beta * 1000.0, plain.beta, 1e-8);
            expect_close(r.zscore, plain.zscore, 1e-7);
        }
        /* A constant added to A moves alpha and the mean, never z (the Kalman filter's scaling sees it). */
        if (kind != SG_HEDGE_KALMAN) {
            struct sg_pair_result r = last_of(kind, a, b, N, 1.0, 1.0, 1000.0);
            expect_close(r.beta, plain.beta, 1e-9);
            expect_close(r.alpha, plain.alpha + 1000.0, 1e-9);
            expect_close(r.zscore, plain.zscore, 1e-8);
        }
        struct sg_pair_result swapped = last_of(kind, b, a, N, 1.0, 1.0, 0.0);
        expect_close(swapped.correlation, plain.correlation, 1e-12);
        if (kind == SG_HEDGE_TLS)
            expect_close(swapped.beta * plain.beta, 1.0, 1e-12);
        if (kind == SG_HEDGE_OLS)
            expect_close(swapped.beta * plain.beta, plain.r_squared, 1e-12);
    }
}

/* The order of the bars before the last does not matter to z when beta is given. */
static void shuffled_window(void **state)
{
    enum { N = 60 };
    double a[N], b[N];
    (void)state;
    make(WALK, N, a, b);
    struct sg_pair_result plain = last_of(SG_HEDGE_FIXED, a, b, N, 1.0, 1.0, 0.0);
    uint64_t seed = 3;
    for (size_t i = N - 2; i > 0; i--) {
        size_t j = (size_t)(random_bits(&seed) % (i + 1));
        double ta = a[i], tb = b[i];
        a[i] = a[j];
        b[i] = b[j];
        a[j] = ta;
        b[j] = tb;
    }
    struct sg_pair_result r = last_of(SG_HEDGE_FIXED, a, b, N, 1.0, 1.0, 0.0);
    expect_close(r.zscore, plain.zscore, 1e-13);
    expect_close(r.std, plain.std, 1e-13);
}

/* With no walk the filter is recursive least squares: the same line as OLS over everything. */
static void kalman_without_walk_is_ols(void **state)
{
    struct sg_kalman k;
    struct sg_pair_params p;
    struct sg_pair_result r = {0};
    uint64_t seed = 11;
    (void)state;
    sg_pair_params_default(&p);
    struct sg_pair_model *m = sg_pair_model_new(&p);
    sg_kalman_init(&k, 0.0, 1e-3, 1e6);
    for (size_t t = 0; t < 2000; t++) {
        double b = 1.0 + 0.1 * random_normal(&seed), a = 0.3 + 0.8 * b + 0.02 * random_normal(&seed);
        b = b > 0.1 ? b : 0.1;
        a = a > 0.1 ? a : 0.1;
        sg_kalman_update(&k, a, b);
        assert_int_equal(sg_pair_model_push(m, a, b, &r), SG_OK);
        if (t > 100) {
            expect_close(k.beta, r.beta, 1e-7);
            expect_close(k.alpha, r.alpha, 1e-7);
        }
    }
    /* Its covariance is V_e (X'X)^-1, OLS's with V_e in the place of s^2. */
    expect_close(sqrt(k.p_bb / k.p_aa), r.se_beta / r.se_alpha, 1e-6);
    sg_pair_model_free(m);
}

static void kalman_waits_until_it_settles(void **state)
{
    enum { N = 300 };
    double a[N], b[N];
    struct sg_pair_params p;
    struct sg_pair_result r;
    (void)state;
    make(WALK, N, a, b);
    sg_pair_params_default(&p);
    p.hedge = SG_HEDGE_KALMAN;
    p.window = 20;
    struct sg_pair_model *m = sg_pair_model_new(&p);
    bool settled = false;
    for (size_t t = 0; t < N; t++) {
        assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
        if (t + 1 < 10)
            assert_int_equal(r.hedge_reason, SG_REASON_WARMING_UP);
        assert_true(!settled || r.hedge_reason == SG_REASON_NONE);
        settled = r.hedge_reason == SG_REASON_NONE;
        assert_true(isnan(r.beta) == !settled);
        assert_true(settled || r.hedge_have < r.hedge_need);
    }
    assert_true(settled);
    assert_true(r.se_beta > 0.0);
    sg_pair_model_free(m);
}

/* Hindsight's fast rolling sums against the live model with that one beta. */
static void hindsight_equals_live_with_its_beta(void **state)
{
    size_t n = 20000;
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *out = malloc(5 * n * sizeof *out);
    (void)state;
    for (int kind = 0; kind < SERIES_COUNT; kind++) {
        make((enum series)kind, n, a, b);
        struct sg_pair_params p;
        struct sg_pair_result r;
        sg_pair_params_default(&p);
        p.window = 50;
        struct sg_hindsight h = {.spread = out, .mean = out + n, .std = out + 2 * n, .zscore = out + 3 * n, .correlation = out + 4 * n};
        assert_int_equal(sg_pair_hindsight(&p, a, b, n, &h), SG_OK);
        assert_int_equal(h.hedge_reason, SG_REASON_NONE);
        struct moments fit = two_pass(b, a, n);
        expect_close(h.beta, (double)(fit.xy / fit.xx), 1e-10);
        expect_close(h.r_squared, (double)(fit.xy * fit.xy / (fit.xx * fit.yy)), 1e-9);
        p.hedge = SG_HEDGE_FIXED;
        p.fixed_beta = h.beta;
        struct sg_pair_model *m = sg_pair_model_new(&p);
        for (size_t t = 0; t < n; t++) {
            assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
            assert_true(fabs(h.spread[t] - r.spread) <= 4e-16 * (fabs(a[t]) + fabs(h.beta * b[t])));
            /* The spread itself is rounded here and is not there: of legs that cancel to a billionth, some digits are left. */
            double tolerance = kind == COLLINEAR ? 1e-6 : 1e-9;
            assert_true(isnan(h.zscore[t]) == isnan(r.zscore));
            if (r.zscore_reason == SG_REASON_NONE) {
                assert_true(fabs(h.zscore[t] - r.zscore) <= tolerance * (1.0 + fabs(r.zscore)));
                expect_close(h.std[t], r.std, tolerance);
                assert_true(fabs(h.mean[t] - r.mean) <= 1e-14 * (fabs(a[t]) + fabs(h.beta * b[t])) + tolerance * r.std);
            }
            assert_true(isnan(h.correlation[t]) == isnan(r.correlation));
            if (r.correlation_reason == SG_REASON_NONE) {
                assert_true(fabs(h.correlation[t] - r.correlation) <= 1e-9);
                assert_true(fabs(h.correlation[t]) <= 1.0);
            }
        }
        sg_pair_model_free(m);
    }
    struct sg_pair_params p;
    struct sg_hindsight none = {0};
    sg_pair_params_default(&p);
    assert_int_equal(sg_pair_hindsight(&p, a, b, 9, &none), SG_OK);
    assert_int_equal(none.hedge_reason, SG_REASON_WARMING_UP);
    assert_true(isnan(none.beta));
    assert_int_equal(sg_pair_hindsight(&p, NULL, NULL, 0, &none), SG_OK);
    a[5] = -1.0;
    assert_int_equal(sg_pair_hindsight(&p, a, b, 100, &none), SG_ERR_RANGE);
    free(a);
    free(b);
    free(out);
}

/* Whatever the method: one fit over everything is what the live model says at the last bar. */
static void hindsight_beta_of_every_method(void **state)
{
    enum { N = 600 };
    double a[N], b[N];
    (void)state;
    make(WALK, N, a, b);
    for (int hedge = SG_HEDGE_OLS; hedge <= SG_HEDGE_FIXED; hedge++)
        for (int finite = 0; finite < 2; finite++) {
            struct sg_pair_params p;
            struct sg_pair_result r = {0};
            struct sg_hindsight h = {0};
            sg_pair_params_default(&p);
            p.hedge = (enum sg_hedge)hedge;
            p.lookback = finite ? 200 : SG_LOOKBACK_ALL;
            p.fixed_beta = 18.5;
            struct sg_pair_model *m = sg_pair_model_new(&p);
            for (size_t t = 0; t < N; t++)
                assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
            assert_int_equal(sg_pair_hindsight(&p, a, b, N, &h), SG_OK);
            assert_int_equal(h.hedge_reason, SG_REASON_NONE);
            expect_close(h.beta, r.beta, 1e-10);
            expect_close(h.alpha, r.alpha, 1e-8);
            assert_true(isnan(h.se_beta) == isnan(r.se_beta));
            assert_true(isnan(h.r_squared) == isnan(r.r_squared));
            if (!isnan(r.se_beta))
                expect_close(h.se_beta, r.se_beta, 1e-9);
            if (!isnan(r.r_squared))
                expect_close(h.r_squared, r.r_squared, 1e-10);
            sg_pair_model_free(m);
        }
}

/* Any prices that are let in, however wild, and any parameters: every number is finite exactly when its reason says it is
 * defined, deviations are not negative, correlations within [-1, 1], and hindsight agrees on what exists. */
static void whatever_the_prices(void **state)
{
    enum { N = 160 };
    double a[N], b[N], out[5 * N];
    uint64_t seed = 2718;
    (void)state;
    for (int round = 0; round < 4000; round++) {
        struct sg_pair_params p;
        struct sg_pair_result r = {0};
        sg_pair_params_default(&p);
        p.window = 5 + (size_t)(random_bits(&seed) % 40);
        p.hedge = (enum sg_hedge)(random_bits(&seed) % 5);
        p.lookback = random_bits(&seed) % 2 ? SG_LOOKBACK_ALL : 10 + (size_t)(random_bits(&seed) % 60);
        p.fixed_beta = (random_uniform(&seed) - 0.5) * pow(10.0, 100.0 * (random_uniform(&seed) - 0.5));
        p.ddof = (int)(random_bits(&seed) % 2);
        if (sg_pair_params_check(&p, NULL) != SG_OK)
            continue;
        double level_a = pow(10.0, 98.0 * (random_uniform(&seed) - 0.5)), level_b = pow(10.0, 98.0 * (random_uniform(&seed) - 0.5));
        int wildness = (int)(random_bits(&seed) % 5);
        for (size_t t = 0; t < N; t++) {
            double u = random_normal(&seed), v = random_normal(&seed);
            bool still = random_bits(&seed) % 4 == 0;
            switch (wildness) {
            case 0:
                a[t] = level_a * exp(1e-9 * u);
                b[t] = level_b * exp(1e-9 * v);
                break;
            case 1:
                a[t] = pow(10.0, 99.0 * (random_uniform(&seed) - 0.5));
                b[t] = pow(10.0, 99.0 * (random_uniform(&seed) - 0.5));
                break;
            case 2:
                a[t] = random_bits(&seed) % 20 ? level_a : SG_PRICE_MAX;
                b[t] = random_bits(&seed) % 20 ? level_b : SG_PRICE_MIN;
                break;
            case 3:
                b[t] = level_b * exp(0.1 * v);
                a[t] = level_a * (b[t] / level_b) * (random_bits(&seed) % 8 ? 1.0 : 1.0 + 1e-15);
                break;
            default:
                a[t] = t > 0 && still ? a[t - 1] : level_a * exp(0.01 * u);
                b[t] = t > 0 && !still ? b[t - 1] : level_b * exp(0.01 * v);
                break;
            }
        }
        struct sg_pair_model *m = sg_pair_model_new(&p);
        for (size_t t = 0; t < N; t++) {
            assert_int_equal(sg_pair_model_push(m, a[t], b[t], &r), SG_OK);
            assert_true((r.hedge_reason == SG_REASON_NONE) == isfinite(r.beta));
            assert_true((r.hedge_reason == SG_REASON_NONE) == isfinite(r.alpha));
            assert_true(isfinite(r.beta) == isfinite(r.spread));
            assert_true((r.zscore_reason == SG_REASON_NONE) == isfinite(r.zscore));
            assert_true((r.correlation_reason == SG_REASON_NONE) == isfinite(r.correlation));
            assert_true(isnan(r.correlation) || fabs(r.correlation) <= 1.0);
            assert_true(isnan(r.std) || (r.std >= 0.0 && isfinite(r.std)));
            assert_true(isnan(r.r_squared) || (r.r_squared >= 0.0 && r.r_squared <= 1.0));
            assert_true(isnan(r.se_beta) || (r.se_beta >= 0.0 && isfinite(r.se_beta)));
            assert_true(r.zscore_reason != SG_REASON_NONE || r.std > 0.0);
            /* A z-score of w values cannot exceed (w - 1) / sqrt(w) times sqrt(w / (w - 1)). */
            assert_true(isnan(r.zscore) || fabs(r.zscore) <= sqrt((double)p.window) * (1.0 + 1e-9));
        }
        sg_pair_model_free(m);
        struct sg_hindsight h = {.spread = out, .mean = out + N, .std = out + 2 * N, .zscore = out + 3 * N, .correlation = out + 4 * N};
        assert_int_equal(sg_pair_hindsight(&p, a, b, N, &h), SG_OK);
        assert_true((h.hedge_reason == SG_REASON_NONE) == isfinite(h.beta));
        for (size_t t = 0; t < N; t++) {
            assert_true(isnan(h.correlation[t]) || fabs(h.correlation[t]) <= 1.0);
            assert_true(isnan(h.std[t]) || (h.std[t] >= 0.0 && isfinite(h.std[t])));
            assert_false(fabs(h.zscore[t]) > DBL_MAX);
            assert_false(fabs(h.mean[t]) > DBL_MAX);
            assert_false(fabs(h.spread[t]) > DBL_MAX);
        }
    }
}

static void result_to_row(void **state)
{
    struct sg_pair_result r = {.alpha = 1,
                               .beta = 2,
                               .se_beta = 3,
                               .r_squared = 4,
                               .spread = 5,
                               .residual = 4,
                               .mean = 6,
                               .std = 7,
                               .zscore = -8,
                               .correlation = 9,
                               .zscore_reason = SG_REASON_NONE,
                               .signal = SG_SIGNAL_OVERSOLD};
    struct sg_row row = {.flags = SG_ROW_A_FILLED | SG_ROW_OVERBOUGHT};
    (void)state;
    sg_pair_result_to_row(&r, &row);
    assert_true(row.value[SG_COL_ALPHA] == 1);
    assert_true(row.value[SG_COL_BETA] == 2);
    assert_true(row.value[SG_COL_SE_BETA] == 3);
    assert_true(row.value[SG_COL_R_SQUARED] == 4);
    assert_true(row.value[SG_COL_SPREAD] == 5);
    assert_true(row.value[SG_COL_MEAN] == 6);
    assert_true(row.value[SG_COL_STD] == 7);
    assert_true(row.value[SG_COL_ZSCORE] == -8);
    assert_true(row.value[SG_COL_CORRELATION] == 9);
    assert_true(row.value[SG_COL_RESIDUAL] == 4);
    assert_true(row.value[SG_COL_RESIDUAL_MEAN] == 6 - 1);
    assert_int_equal(row.flags, SG_ROW_A_FILLED | SG_ROW_OVERSOLD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streaming_equals_batch),
        cmocka_unit_test(absurd_tick),
        cmocka_unit_test(legs_that_cancel_almost_wholly),
        cmocka_unit_test(degenerate_data),
        cmocka_unit_test(too_little_data),
        cmocka_unit_test(peek_and_refusal),
        cmocka_unit_test(no_row_depends_on_a_later_bar),
        cmocka_unit_test(scale_shift_and_swap),
        cmocka_unit_test(shuffled_window),
        cmocka_unit_test(kalman_without_walk_is_ols),
        cmocka_unit_test(kalman_waits_until_it_settles),
        cmocka_unit_test(hindsight_equals_live_with_its_beta),
        cmocka_unit_test(hindsight_beta_of_every_method),
        cmocka_unit_test(whatever_the_prices),
        cmocka_unit_test(result_to_row),
    };
    sg_analytics_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
