/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ADF, Engle-Granger, Johansen and half-life: against GSL's own regressions, against each other, and on data that have no answer. */
#include "numbers.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/johansen.h"
#include "spreadglass/analytics/unit_root.h"
#include "../../../src/analytics/adf_private.h"

static struct sg_adf_workspace *w;

static int open_workspace(void **state)
{
    (void)state;
    w = sg_adf_workspace_new(20000);
    return w ? 0 : -1;
}

static int close_workspace(void **state)
{
    (void)state;
    sg_adf_workspace_free(w);
    return 0;
}

/* One regression of the ADF by gsl_multifit (an SVD), written for clarity: sample k = first … n - 2. */
static void oracle(const double *y, size_t n, bool constant, size_t lags, size_t first, double *ret_statistic, double *ret_rss)
{
    size_t rows = n - 1 - first, columns = lags + 1 + (constant ? 1 : 0);
    gsl_matrix *x = gsl_matrix_alloc(rows, columns), *cov = gsl_matrix_alloc(columns, columns);
    gsl_vector *target = gsl_vector_alloc(rows), *c = gsl_vector_alloc(columns);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(rows, columns);
    for (size_t i = 0; i < rows; i++) {
        size_t k = first + i;
        gsl_vector_set(target, i, y[k + 1] - y[k]);
        gsl_matrix_set(x, i, 0, y[k]);
        for (size_t lag = 1; lag <= lags; lag++)
            gsl_matrix_set(x, i, lag, y[k + 1 - lag] - y[k - lag]);
        if (constant)
            gsl_matrix_set(x, i, columns - 1, 1.0);
    }
    assert_int_equal(gsl_multifit_linear(x, target, c, cov, ret_rss, work), 0);
    *ret_statistic = gsl_vector_get(c, 0) / sqrt(gsl_matrix_get(cov, 0, 0));
    gsl_multifit_linear_free(work);
    gsl_matrix_free(x);
    gsl_matrix_free(cov);
    gsl_vector_free(target);
    gsl_vector_free(c);
}

static void oracle_aic(const double *y, size_t n, bool constant, size_t most, size_t *ret_lag, double *ret_statistic)
{
    double best = INFINITY, statistic, rss;
    size_t sample = n - 1 - most;
    for (size_t lag = 0; lag <= most; lag++) {
        oracle(y, n, constant, lag, most, &statistic, &rss);
        double llf = -0.5 * (double)sample * (log(2.0 * 3.14159265358979323846) + log(rss / (double)sample) + 1.0);
        double aic = -2.0 * llf + 2.0 * (double)(lag + 1 + (constant ? 1 : 0));
        if (aic < best) {
            best = aic;
            *ret_lag = lag;
        }
    }
    oracle(y, n, constant, *ret_lag, *ret_lag, ret_statistic, &rss);
}

enum { WALK, STATIONARY, NEAR_UNIT, MOVING_AVERAGE, ALTERNATING, TREND, FAR_FROM_ZERO, SPIKE, SMOOTH, KINDS };

static void make(int kind, uint64_t seed, double *y, size_t n)
{
    double level = 0.0, shock = 0.0, velocity = 0.0, force = 0.0;
    for (size_t i = 0; i < n; i++) {
        double before = shock;
        shock = random_normal(&seed);
        switch (kind) {
        case WALK: level += shock; break;
        case STATIONARY: level = 0.5 * level + shock; break;
        case NEAR_UNIT: level = 0.99 * level + shock; break;
        case MOVING_AVERAGE: level += shock - 0.8 * before; break;
        case ALTERNATING: level = -0.9 * level + shock; break;
        case TREND: level = 0.5 * (double)i + shock; break;
        case FAR_FROM_ZERO: level = 0.9 * level + 0.005 * shock; break;
        case SPIKE: level = 0.7 * level + shock; break;
        default:
            force = 0.999 * force + shock;
            velocity = 0.999 * velocity + force;
            level += velocity;
            break;
        }
        y[i] = level + (kind == FAR_FROM_ZERO ? 60000.0 : 0.0);
        if (kind == SPIKE && i == n / 2)
            y[i] += 1e9;
    }
}

static void equals_regressions_by_gsl(void **state)
{
    double y[700];
    size_t fallbacks = 0;
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            for (int trend = SG_ADF_NONE; trend <= SG_ADF_CONSTANT; trend++) {
                size_t n = 60 + 213 * (size_t)seed, most = (size_t)ceil(12.0 * pow((double)n / 100.0, 0.25)), lag = 0;
                struct sg_adf_result r;
                double statistic, rss;
                make(kind, seed * 31, y, n);
                assert_int_equal(sg_adf_test(w, y, n, (enum sg_adf_trend)trend, 3, 0, &r), SG_OK);
                oracle(y, n, trend == SG_ADF_CONSTANT, 3, 3, &statistic, &rss);
                assert_int_equal(r.reason, SG_REASON_NONE);
                assert_int_equal(r.observations, n - 4);
                /* Without a constant and at 60,000 the level is all but constant: gsl loses digits too. */
                expect_close(r.statistic, statistic, 1e-8);
                assert_int_equal(sg_adf_test(w, y, n, (enum sg_adf_trend)trend, -1, 1, &r), SG_OK);
                oracle_aic(y, n, trend == SG_ADF_CONSTANT, most, &lag, &statistic);
                assert_int_equal(r.lags, lag);
                assert_int_equal(r.observations, n - 1 - lag);
                expect_close(r.statistic, statistic, 1e-8);
            }
    fallbacks = w->fallbacks;
    assert_true(fallbacks > 0); /* the smooth series must have needed the QR, and got the same answer */
}

/* Both solvers on the same sums. */
static void normal_equations_equal_qr(void **state)
{
    double y[1440];
    (void)state;
    for (int kind = 0; kind <= TREND; kind++) {
        double fast = NAN, slow = NAN, rss[30];
        size_t n = 1440, lags = 24;
        make(kind, 77, y, n);
        assert_int_equal(sg_adf_reserve(w, n, lags), SG_OK);
        memcpy(w->level, y, n * sizeof *y);
        for (size_t i = 0; i + 1 < n; i++)
            w->difference[i] = y[i + 1] - y[i];
        sg_adf_sums(w, n - 1, lags);
        struct sg_adf_design nested = {.differences = n - 1, .lags = lags, .first = lags, .constant = true}, last = nested;
        last.level_last = true;
        assert_true(sg_adf_solve_normal(w, &nested, &fast));
        memcpy(rss, w->rss, (lags + 1) * sizeof *rss);
        assert_int_equal(sg_adf_solve_qr(w, &nested, &slow), SG_OK);
        for (size_t p = 0; p <= lags; p++)
            expect_close(rss[p], w->rss[p], 1e-11);
        assert_true(sg_adf_solve_normal(w, &last, &fast));
        assert_int_equal(sg_adf_solve_qr(w, &last, &slow), SG_OK);
        expect_close(fast, slow, 1e-10);
        /* Sums of the shorter model, by extension and from scratch. */
        sg_adf_sums_extend(w, n - 1, lags, 5);
        double extended = w->lagged[2 * 6 + 4], cross = w->cross[5];
        sg_adf_sums(w, n - 1, 5);
        expect_close(extended, w->lagged[2 * 6 + 4], 1e-10);
        expect_close(cross, w->cross[5], 1e-9);
    }
}

static void scale_and_shift(void **state)
{
    double y[500], x[500];
    struct sg_adf_result plain, moved;
    (void)state;
    for (int kind = 0; kind <= ALTERNATING; kind++) {
        make(kind, 5, y, 500);
        assert_int_equal(sg_adf_test(w, y, 500, SG_ADF_CONSTANT, -1, 1, &plain), SG_OK);
        for (size_t i = 0; i < 500; i++)
            x[i] = -1e-6 * y[i] + 3.0;
        assert_int_equal(sg_adf_test(w, x, 500, SG_ADF_CONSTANT, -1, 1, &moved), SG_OK);
        assert_int_equal(moved.lags, plain.lags);
        expect_close(moved.statistic, plain.statistic, 1e-6);
        expect_close(moved.p_value, plain.p_value, 1e-5);
        for (size_t i = 0; i < 500; i++)
            x[i] = 0x1p40 * y[i];
        assert_int_equal(sg_adf_test(w, x, 500, SG_ADF_CONSTANT, -1, 1, &moved), SG_OK);
        expect_close(moved.statistic, plain.statistic, 1e-13);
    }
}

static void pair_scale_and_swap(void **state)
{
    double y[400], x[400], sy[400], sx[400];
    struct sg_adf_result plain, scaled;
    struct sg_johansen_result one, other;
    uint64_t seed = 9;
    (void)state;
    make(WALK, 6, x, 400);
    for (size_t i = 0; i < 400; i++) {
        x[i] += 1000.0;
        y[i] = 5.0 + 2.0 * x[i] + random_normal(&seed);
        sy[i] = 60000.0 * y[i];
        sx[i] = 6e-8 * x[i];
    }
    assert_int_equal(sg_engle_granger(w, y, x, 400, -1, 1, &plain), SG_OK);
    assert_int_equal(sg_engle_granger(w, sy, sx, 400, -1, 1, &scaled), SG_OK);
    assert_int_equal(plain.reason, SG_REASON_NONE);
    assert_true(plain.p_value < 1e-6); /* cointegrated by construction */
    expect_close(scaled.statistic, plain.statistic, 1e-8);
    assert_int_equal(sg_johansen(w, y, x, 400, 1, &one), SG_OK);
    assert_int_equal(sg_johansen(w, sx, sy, 400, 1, &other), SG_OK);
    assert_int_equal(one.rank, 1);
    expect_close(one.beta, 2.0, 0.05);
    expect_close(other.trace[0], one.trace[0], 1e-8); /* it does not matter which leg is named first */
    expect_close(other.beta * one.beta, 6e-8 / 60000.0, 1e-8);
    assert_int_equal(sg_johansen(w, y, x, 400, SG_JOHANSEN_MAX_LAGS, &one), SG_OK);
    assert_int_equal(one.reason, SG_REASON_NONE);
    assert_int_equal(sg_johansen(w, y, x, 400, SG_JOHANSEN_MAX_LAGS + 1, &one), SG_ERR_INVALID);
}

static void too_little(void **state)
{
    double y[100], x[100];
    struct sg_adf_result r;
    struct sg_half_life_result h;
    struct sg_johansen_result j;
    (void)state;
    make(STATIONARY, 1, y, 100);
    make(STATIONARY, 2, x, 100);
    assert_int_equal(sg_adf_test(w, y, 59, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_WARMING_UP);
    assert_true(r.have == 59);
    assert_true(r.need == 60);
    assert_true(isnan(r.statistic));
    assert_true(isnan(r.p_value));
    assert_true(isnan(r.critical[1]));
    assert_int_equal(sg_adf_test(w, y, 60, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_NONE);
    assert_true(isfinite(r.p_value));
    assert_int_equal(sg_engle_granger(w, y, x, 99, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_WARMING_UP);
    assert_true(r.have == 99);
    assert_true(r.need == 100);
    assert_int_equal(sg_engle_granger(w, y, x, 100, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_NONE);
    assert_int_equal(sg_half_life(y, 59, &h), SG_OK);
    assert_true(h.reason == SG_REASON_WARMING_UP);
    assert_true(h.have == 59);
    assert_true(h.need == 60);
    assert_true(isnan(h.bars));
    assert_true(isnan(h.low));
    assert_int_equal(sg_half_life(y, 60, &h), SG_OK);
    assert_int_equal(h.reason, SG_REASON_NONE);
    assert_int_equal(sg_johansen(w, y, x, 99, 1, &j), SG_OK);
    assert_true(j.reason == SG_REASON_WARMING_UP);
    assert_true(isnan(j.trace[0]));
    assert_true(isnan(j.max_critical[1][2]));
    assert_true(j.rank == 0);
    assert_int_equal(sg_adf_test(w, NULL, 0, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_WARMING_UP);
}

static void wrong_calls(void **state)
{
    double y[200];
    struct sg_adf_result r;
    struct sg_half_life_result h;
    (void)state;
    make(WALK, 1, y, 200);
    assert_int_equal(sg_adf_test(NULL, y, 200, SG_ADF_CONSTANT, -1, 1, &r), SG_ERR_INVALID);
    assert_int_equal(sg_adf_test(w, NULL, 200, SG_ADF_CONSTANT, -1, 1, &r), SG_ERR_INVALID);
    assert_int_equal(sg_adf_test(w, y, 200, (enum sg_adf_trend)7, -1, 1, &r), SG_ERR_INVALID);
    assert_int_equal(sg_adf_test(w, y, 200, SG_ADF_CONSTANT, 99, 1, &r), SG_ERR_INVALID);
    assert_int_equal(sg_adf_test(w, y, 200, SG_ADF_CONSTANT, 98, 0, &r), SG_OK);
    assert_int_equal(sg_half_life(NULL, 100, &h), SG_ERR_INVALID);
    struct sg_adf_workspace *small = sg_adf_workspace_new(150);
    assert_int_equal(sg_adf_test(small, y, 200, SG_ADF_CONSTANT, -1, 1, &r), SG_ERR_NOMEM);
    assert_int_equal(sg_adf_test(small, y, 150, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    sg_adf_workspace_free(small);
    sg_adf_workspace_free(NULL);
}

static void data_without_an_answer(void **state)
{
    double y[300], x[300], z[300];
    struct sg_adf_result r;
    struct sg_half_life_result h;
    struct sg_johansen_result j;
    uint64_t seed = 2;
    (void)state;
    make(WALK, 8, x, 300);
    for (size_t i = 0; i < 300; i++) {
        x[i] += 500.0;
        y[i] = 60000.1;
    }
    assert_int_equal(sg_adf_test(w, y, 300, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_CONSTANT_SPREAD);
    assert_true(isnan(r.statistic));
    assert_true(isnan(r.p_value));
    assert_int_equal(sg_half_life(y, 300, &h), SG_OK);
    assert_int_equal(h.reason, SG_REASON_CONSTANT_SPREAD);
    assert_int_equal(sg_engle_granger(w, y, x, 300, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_CONSTANT_LEG_A);
    assert_int_equal(sg_engle_granger(w, x, y, 300, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_CONSTANT_LEG_B);
    assert_int_equal(sg_johansen(w, y, x, 300, 1, &j), SG_OK);
    assert_int_equal(j.reason, SG_REASON_CONSTANT_LEG_A);
    static const double MULTIPLES[] = {1.0, 2.7, -3.0, 1e-12, 1e12};
    for (size_t m = 0; m < 5; m++) {
        for (size_t i = 0; i < 300; i++)
            z[i] = MULTIPLES[m] * x[i];
        assert_int_equal(sg_engle_granger(w, z, x, 300, -1, 1, &r), SG_OK);
        assert_int_equal(r.reason, SG_REASON_IDENTICAL_LEGS);
        assert_int_equal(sg_johansen(w, z, x, 300, 1, &j), SG_OK);
        assert_int_equal(j.reason, SG_REASON_IDENTICAL_LEGS);
    }
    for (size_t i = 0; i < 300; i++)
        z[i] = x[i] * (1.0 + 1e-7 * random_normal(&seed));
    assert_int_equal(sg_engle_granger(w, z, x, 300, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_IDENTICAL_LEGS);
    for (size_t i = 0; i < 300; i++) /* twelve orders of magnitude apart, and not the same: a number */
        z[i] = 1e-12 * (x[i] + random_normal(&seed));
    assert_int_equal(sg_engle_granger(w, z, x, 300, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_NONE);
    assert_true(isfinite(r.p_value));
    for (size_t i = 0; i < 300; i++) /* a straight line is wholly predictable */
        z[i] = 100.0 + 0.5 * (double)i;
    assert_int_equal(sg_adf_test(w, z, 300, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_int_equal(r.reason, SG_REASON_NUMERIC);
    for (size_t i = 0; i < 300; i++) /* and so is a wave; whatever is said, it is not a crash and not a NaN */
        z[i] = 100.0 + sin(0.1 * (double)i);
    assert_int_equal(sg_adf_test(w, z, 300, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_NUMERIC || isfinite(r.statistic));
    static const double BAD[] = {NAN, INFINITY, -INFINITY, 1e200, 1e308};
    for (size_t b = 0; b < 5; b++) {
        memcpy(z, x, sizeof z);
        z[150] = BAD[b];
        assert_int_equal(sg_adf_test(w, z, 300, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
        assert_int_equal(r.reason, SG_REASON_NUMERIC);
        assert_int_equal(sg_engle_granger(w, z, x, 300, -1, 1, &r), SG_OK);
        assert_int_equal(r.reason, SG_REASON_NUMERIC);
        assert_int_equal(sg_engle_granger(w, x, z, 300, -1, 1, &r), SG_OK);
        assert_int_equal(r.reason, SG_REASON_NUMERIC);
        assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
        assert_int_equal(h.reason, SG_REASON_NUMERIC);
    }
    memcpy(z, x, sizeof z);
    z[150] = 1e9; /* one huge tick is data */
    assert_int_equal(sg_engle_granger(w, z, x, 300, -1, 1, &r), SG_OK);
    assert_true(r.reason == SG_REASON_NONE);
    assert_true(isfinite(r.statistic));
    for (size_t at = 0; at < 300; at += 299) { /* … and is told, wherever it stands */
        memcpy(z, x, sizeof z);
        assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
        assert_true(h.heaviest > 0.0);
        assert_true(h.heaviest < 0.2);
        z[at] = 1e9;
        assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
        assert_true(h.heaviest > 0.99);
        assert_true(h.heaviest <= 1.0 + 1e-12);
    }
    for (size_t i = 0; i < 300; i++) /* an explosive series does not revert */
        z[i] = exp(0.02 * (double)i) + 0.001 * random_normal(&seed);
    assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
    assert_true(h.reason == SG_REASON_NOT_REVERTING);
    assert_true(isnan(h.bars));
    assert_true(h.lambda > 0.0);
    for (size_t i = 0; i < 300; i++) /* nor does one that overshoots at every bar */
        z[i] = (i % 2 ? 1.0 : -1.0) * (1.0 + 0.02 * (double)i);
    assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
    assert_true(h.reason == SG_REASON_NOT_REVERTING);
    assert_true(h.lambda <= -2.0);
    for (size_t i = 0; i < 300; i++) /* one that overshoots and comes to rest is another thing */
        z[i] = (i > 0 ? -0.5 * z[i - 1] : 0.0) + random_normal(&seed);
    assert_int_equal(sg_half_life(z, 300, &h), SG_OK);
    assert_true(h.reason == SG_REASON_OVERSHOOTING);
    assert_true(isnan(h.bars));
    assert_true(h.lambda <= -1.0);
    assert_true(h.lambda > -2.0);
}

static void half_life_of_known_processes(void **state)
{
    static double y[20000];
    static const double PHI[] = {0.5, 0.9, 0.99};
    struct sg_half_life_result h;
    uint64_t seed = 4;
    (void)state;
    for (size_t p = 0; p < 3; p++) {
        size_t within = 0;
        double exact = -log(2.0) / log(PHI[p]), last = 0.0;
        for (int run = 0; run < 50; run++) {
            for (size_t i = 0; i < 2000; i++)
                y[i] = last = PHI[p] * last + random_normal(&seed);
            assert_int_equal(sg_half_life(y, 2000, &h), SG_OK);
            assert_int_equal(h.reason, SG_REASON_NONE);
            within += h.low <= exact && exact <= h.high;
        }
        assert_true(within >= 42); /* of 50, at 95 % */
        for (size_t i = 0; i < 20000; i++)
            y[i] = last = PHI[p] * last + random_normal(&seed);
        assert_int_equal(sg_half_life(y, 20000, &h), SG_OK);
        expect_close(h.bars, exact, 0.12);
    }
    make(WALK, 12, y, 500); /* nothing pulls it back: the interval must reach infinity or say so */
    assert_int_equal(sg_half_life(y, 500, &h), SG_OK);
    assert_true(h.reason == SG_REASON_NOT_REVERTING || h.high > 100.0);
}

/* The world's errors come back as values: with GSL's own handler in force a bad call would abort. */
static void gsl_does_not_abort(void **state)
{
    (void)state;
    sg_analytics_init();
    gsl_matrix *m = gsl_matrix_alloc(2, 2);
    gsl_vector *v = gsl_vector_alloc(3);
    assert_int_not_equal(gsl_multifit_linear(m, v, v, m, &(double){0}, NULL), GSL_SUCCESS);
    gsl_matrix_free(m);
    gsl_vector_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_regressions_by_gsl),
        cmocka_unit_test(normal_equations_equal_qr),
        cmocka_unit_test(scale_and_shift),
        cmocka_unit_test(pair_scale_and_swap),
        cmocka_unit_test(too_little),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(data_without_an_answer),
        cmocka_unit_test(half_life_of_known_processes),
        cmocka_unit_test(gsl_does_not_abort),
    };
    return cmocka_run_group_tests(tests, open_workspace, close_workspace);
}
