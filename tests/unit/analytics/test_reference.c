/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of reference numbers that others computed, row by row. Rows with small public data run
 * always; rows on recorded data need the shared folder. */
#include "numbers.h"
#include <gsl/gsl_fit.h>
#include "spreadglass/analytics/johansen.h"
#include "spreadglass/analytics/kalman.h"
#include "line.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "../../../src/analytics/moments_private.h"

#define EPCHAN "classics/epchan/inputData_EWA_EWC_IGE.csv"
#define MACRO "classics/statsmodels_macrodata.csv"

/* NIST StRD, Norris: y, x. */
static const double NORRIS[36][2] = {
    {0.1, 0.2},     {338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1},    {228.1, 226.5}, {668.5, 666.3}, {998.5, 996.3}, {449.1, 448.6},
    {778.9, 777.0}, {559.2, 558.2}, {0.3, 0.4},     {0.1, 0.6},     {778.1, 775.5}, {668.8, 666.9}, {339.3, 338.0}, {448.9, 447.5}, {10.8, 11.6},
    {557.7, 556.0}, {228.3, 228.1}, {998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3},     {0.6, 0.3},     {557.6, 556.8}, {339.3, 339.1},
    {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0}, {10.2, 11.1},   {117.6, 118.3}, {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9}, {0.2, 0.5}};

static void norris(void **state)
{
    double y[36], x[36], c0, c1, v00, v01, v11, rss;
    struct sg_line_fit fit;
    (void)state;
    for (size_t i = 0; i < 36; i++) {
        y[i] = NORRIS[i][0];
        x[i] = NORRIS[i][1];
    }
    fit = fit_line(y, x, 36);
    expect_close(fit.alpha, -0.262323073774029, 1e-12);
    expect_close(fit.beta, 1.00211681802045, 1e-12);
    expect_close(fit.se_alpha, 0.232818234301152, 1e-12);
    expect_close(fit.se_beta, 0.429796848199937e-3, 1e-12);
    expect_close(fit.rss, 26.6173985294224, 1e-12);
    expect_close(fit.r_squared, 0.999993745883712, 1e-12);
    assert_int_equal(gsl_fit_linear(x, 1, y, 1, 36, &c0, &c1, &v00, &v01, &v11, &rss), 0);
    expect_close(fit.alpha, c0, 1e-10);
    expect_close(fit.beta, c1, 1e-10);
    expect_close(fit.se_beta, sqrt(v11), 1e-10);
    expect_close(fit.rss, rss, 1e-10);
}

static void pearson_tls(void **state)
{
    static const double X[] = {0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4}, Y[] = {5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5};
    struct sg_line_fit fit, back;
    (void)state;
    assert_int_equal(sg_line_fit_tls(Y, X, 10, &fit), SG_OK);
    expect_close(fit.beta, -0.5455612, 1e-6);
    expect_close(fit.alpha, 5.7840438, 1e-6);
    assert_int_equal(sg_line_fit_tls(X, Y, 10, &back), SG_OK);
    expect_close(fit.beta * back.beta, 1.0, 1e-14);
}

/* NIST StRD NumAcc4: 1001 values around 10000000.2 with deviation 0.1, which one-pass formulas lose wholly. */
static void deviation_far_from_zero(void **state)
{
    struct sg_moments m;
    struct sg_centred c;
    (void)state;
    sg_moments_reset(&m);
    sg_moments_add(&m, 10000000.2, 10000000.2);
    for (size_t i = 0; i < 500; i++) {
        sg_moments_add(&m, 10000000.1, 10000000.1);
        sg_moments_add(&m, 10000000.3, 10000000.3);
    }
    sg_moments_centred(&m, &c);
    expect_close(sg_dd_to_double(c.mean_x), 10000000.2, 1e-15);
    /* The doubles nearest to those decimals are off by 1e-9, and so is their deviation. */
    expect_close(sqrt(sg_dd_to_double(c.xx) / 1000.0), 0.1, 2e-8);
}

/* pandas' own hard cases. */
static void rolling_hard_cases(void **state)
{
    static const double VALUES[] = {0.6225, 0.0, 0.0, 1.14, 0.0};
    static const double X[] = {1, 2, 1e12, 1e7, 6, 5, 8, 7}, Y[] = {2, 1, 3, -1e12, 4, 7, 6, 9};
    struct sg_moments m;
    struct sg_centred c;
    (void)state;
    /* [9.54e8, .6225, nan, 0, 1.14, 0] with window 5 and one missing: four values are in the last window. */
    sg_moments_reset(&m);
    sg_moments_add(&m, 9.54e8, 0.0);
    sg_moments_add(&m, VALUES[0], 0.0);
    sg_moments_add(&m, VALUES[1], 0.0);
    sg_moments_add(&m, VALUES[3], 0.0);
    sg_moments_remove(&m, 9.54e8, 0.0);
    sg_moments_add(&m, VALUES[4], 0.0);
    sg_moments_centred(&m, &c);
    expect_close(sqrt(sg_dd_to_double(c.xx) / 3.0), 0.5509097589, 1e-9);
    sg_moments_reset(&m);
    for (size_t i = 0; i < 8; i++) {
        if (i >= 3)
            sg_moments_remove(&m, X[i - 3], Y[i - 3]);
        sg_moments_add(&m, X[i], Y[i]);
    }
    sg_moments_centred(&m, &c);
    double determinant = sg_centred_determinant(&c), xy = sg_dd_to_double(c.xy);
    expect_close(xy / 2.0, -1.0 / 3.0, 1e-12);
    expect_close(xy / sqrt(xy * xy + determinant), -1.0 / 7.0, 1e-12);
}

static void critical_values(void **state)
{
    double c[3];
    (void)state;
    sg_mackinnon_critical(SG_ADF_CONSTANT, 2, 199, c);
    expect_close(c[0], -3.952043522638, 1e-12); /* Stata; with the table's slip it would be -3.95232 */
    expect_close(c[1], -3.33613 - 6.1101 / 199 - 6.823 / (199.0 * 199.0), 1e-15);
    sg_mackinnon_critical(SG_ADF_CONSTANT, 1, 1000000000, c);
    expect_close(c[0], -3.43035, 1e-8);
    sg_mackinnon_critical(SG_ADF_CONSTANT, 3, 100, c);
    assert_true(isnan(c[0]));
    assert_true(isnan(sg_mackinnon_p(-3.0, SG_ADF_NONE, 2)));
    assert_true(isnan(sg_mackinnon_p(NAN, SG_ADF_CONSTANT, 1)));
    assert_true(sg_mackinnon_p(-19.0, SG_ADF_CONSTANT, 2) == 0.0);
    assert_true(sg_mackinnon_p(3.0, SG_ADF_CONSTANT, 1) == 1.0);
}

static void adf_of(const double *values, size_t n, int lag, int aic, struct sg_adf_result *ret)
{
    struct sg_adf_workspace *w = sg_adf_workspace_new(n);
    assert_non_null(w);
    assert_int_equal(sg_adf_test(w, values, n, SG_ADF_CONSTANT, lag, aic, ret), SG_OK);
    assert_int_equal(ret->reason, SG_REASON_NONE);
    sg_adf_workspace_free(w);
}

static void adf_macro(void **state)
{
    size_t n;
    struct sg_adf_result r;
    double *gdp = read_column(MACRO, "realgdp", &n), *inflation = read_column(MACRO, "infl", &n), *cpi = read_column(MACRO, "cpi", &n),
           *consumption = read_column(MACRO, "realcons", &n);
    (void)state;
    adf_of(gdp, n, 4, 0, &r);
    expect_close(r.statistic, 0.97505319, 2e-6);          /* Stata, on data held in single precision */
    expect_close(r.statistic, 0.9750516118294751, 1e-11); /* statsmodels on these data */
    expect_close(r.p_value, 0.99399563, 1e-6);
    adf_of(inflation, n, 1, 0, &r);
    expect_close(r.statistic, -4.3346988, 1e-7);
    expect_close(r.p_value, 0.00038661, 1e-4); /* five digits are all that the reference gives */
    adf_of(gdp, n, -1, 1, &r);
    expect_close(r.statistic, 1.7504627968, 1e-9);
    assert_int_equal(r.lags, 12);
    assert_int_equal(r.observations, 190);
    for (size_t i = 0; i + 1 < n; i++)
        cpi[i] = log(cpi[i + 1]) - log(cpi[i]);
    adf_of(cpi, n - 1, -1, 1, &r);
    expect_close(r.statistic, -3.09310, 1e-5);
    assert_int_equal(r.lags, 2);
    expect_close(r.p_value, 0.027067, 1e-4);
    struct sg_adf_workspace *w = sg_adf_workspace_new(n);
    assert_int_equal(sg_engle_granger(w, consumption, gdp, n, 0, 0, &r), SG_OK);
    expect_close(r.statistic, -1.830170986148, 1e-10);
    sg_adf_workspace_free(w);
    free(gdp);
    free(inflation);
    free(cpi);
    free(consumption);
}

static void hedge_ratios(void **state)
{
    size_t n;
    struct sg_line_fit fit;
    double *a = read_column(EPCHAN, "EWC", &n), *b = read_column(EPCHAN, "EWA", &n);
    (void)state;
    assert_int_equal(n, 1500);
    fit = fit_line(a, b, n);
    expect_close(fit.beta, 0.9624293983, 1e-9);
    expect_close(fit.alpha, 6.4113313923, 2e-9);
    fit = fit_line(b, a, n);
    expect_close(fit.beta, 0.95266, 1e-6);
    assert_int_equal(sg_line_fit_tls(a, b, n, &fit), SG_OK);
    expect_close(fit.beta, 1.0053417558, 1e-10);
    free(a);
    free(b);
}

static void engle_granger(void **state)
{
    size_t n;
    struct sg_adf_result r;
    double *a = read_column(EPCHAN, "EWC", &n), *b = read_column(EPCHAN, "EWA", &n);
    struct sg_adf_workspace *w = sg_adf_workspace_new(n);
    (void)state;
    assert_int_equal(sg_engle_granger(w, a, b, n, 1, 0, &r), SG_OK);
    expect_close(r.statistic, -3.6435146, 1e-8);
    expect_close(r.p_value, 0.02162, 1e-3);
    assert_int_equal(sg_engle_granger(w, a, b, n, -1, 1, &r), SG_OK);
    expect_close(r.statistic, -3.2219407, 1e-8);
    expect_close(r.p_value, 0.06633, 1e-3);
    assert_int_equal(r.lags, 3);
    double plain = sg_mackinnon_p(r.statistic, SG_ADF_CONSTANT, 1);
    expect_close(plain, 0.019, 0.03); /* what judging by the wrong table would say */
    assert_int_equal(sg_engle_granger(w, b, a, n, -1, 1, &r), SG_OK);
    expect_close(r.statistic, -3.0635281, 1e-8);
    struct sg_johansen_result j;
    assert_int_equal(sg_johansen(w, a, b, n, 1, &j), SG_OK);
    expect_close(j.trace[0], 19.98321869, 1e-9);
    expect_close(j.trace[1], 3.98276124, 1e-8);
    expect_close(j.max_eigen[0], 16.00045745, 1e-9);
    expect_close(j.beta, 0.998107, 1e-6);
    assert_int_equal(j.rank, 2); /* 3.98 is above 3.84: as the reference's table has it */
    sg_adf_workspace_free(w);
    free(a);
    free(b);
}

/* z of the last point of the regression residual, ddof 0 and 1: the spread of the model differs from it by alpha alone. */
static void zscore_last_point(void **state)
{
    static const struct {
        size_t window;
        int ddof;
        double want;
    } ROWS[] = {{20, 0, -2.3707842}, {20, 1, -2.3107546}, {60, 0, -1.8257583}, {60, 1, -1.8104797}};
    size_t n;
    double *a = read_column(EPCHAN, "EWC", &n), *b = read_column(EPCHAN, "EWA", &n), *z = malloc(n * sizeof *z);
    (void)state;
    for (size_t row = 0; row < 4; row++) {
        struct sg_pair_params p;
        struct sg_pair_result r = {0};
        sg_pair_params_default(&p);
        p.window = ROWS[row].window;
        p.ddof = ROWS[row].ddof;
        struct sg_pair_model *m = sg_pair_model_new(&p);
        assert_non_null(m);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(sg_pair_model_push(m, a[i], b[i], &r), SG_OK);
        expect_close(r.zscore, ROWS[row].want, 3e-8); /* the reference has eight digits */
        expect_close(r.beta, 0.9624293986852114, 1e-12);
        expect_close(r.alpha, 6.411331386660701, 1e-12);
        expect_close(r.se_beta, 0.0074876160247115435, 1e-11);
        expect_close(r.se_alpha, 0.15486477030552293, 1e-11);
        expect_close(r.r_squared, 0.9168680405750353, 1e-12);
        struct sg_hindsight h = {.zscore = z};
        assert_int_equal(sg_pair_hindsight(&p, a, b, n, &h), SG_OK);
        expect_close(z[n - 1], r.zscore, 1e-11);
        sg_pair_model_free(m);
    }
    free(a);
    free(b);
    free(z);
}

static void rolling_ols(void **state)
{
    size_t n;
    double *a = read_column(EPCHAN, "EWC", &n), *b = read_column(EPCHAN, "EWA", &n);
    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        struct sg_pair_params p;
        struct sg_pair_result r = {0};
        sg_pair_params_default(&p);
        p.hedge = pass == 0 ? SG_HEDGE_ROLLING : SG_HEDGE_OLS;
        p.lookback = pass == 0 ? SG_LOOKBACK_ALL : 250;
        struct sg_pair_model *m = sg_pair_model_new(&p);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(sg_pair_model_push(m, a[i], b[i], &r), SG_OK);
            if (pass == 0 && i == 59) {
                expect_close(r.alpha, 7.66014063, 2e-9);
                expect_close(r.beta, 0.93835047, 1e-8);
            }
        }
        expect_close(r.alpha, pass == 0 ? 5.42065872 : 0.38645763, 2e-8);
        expect_close(r.beta, pass == 0 ? 0.98204046 : 1.21857102, 1e-8);
        assert_int_equal(r.fit_bars, pass == 0 ? 60 : 250);
        sg_pair_model_free(m);
    }
    free(a);
    free(b);
}

/* The published recipe starts from a known zero and unscaled prices; the model starts diffuse and scaled, with the same filter. */
static void kalman(void **state)
{
    size_t n;
    double *a = read_column(EPCHAN, "EWC", &n), *b = read_column(EPCHAN, "EWA", &n);
    struct sg_kalman k;
    (void)state;
    sg_kalman_init(&k, 1e-4, 1e-3, 0.0);
    sg_kalman_update(&k, a[0], b[0]);
    sg_kalman_update(&k, a[1], b[1]);
    expect_close(k.beta, 1.36666624, 1e-8);
    expect_close(k.alpha, 0.08552354, 1e-7);
    for (size_t i = 2; i < n; i++)
        sg_kalman_update(&k, a[i], b[i]);
    expect_close(k.beta, 0.90249284, 1e-8);
    expect_close(k.alpha, 6.76736015, 1e-8);
    free(a);
    free(b);
}

/* The spread of the three-leg relation; its weights are statsmodels' first Johansen vector (expected/classic_statsmodels.json). */
static void half_life(void **state)
{
    size_t n;
    double *a = read_column(EPCHAN, "EWA", &n), *b = read_column(EPCHAN, "EWC", &n), *c = read_column(EPCHAN, "IGE", &n);
    struct sg_half_life_result h;
    (void)state;
    for (size_t i = 0; i < n; i++)
        a[i] = 0.7599635037340654 * a[i] + (-1.0460274924199275) * b[i] + 0.22330592336598246 * c[i];
    assert_int_equal(sg_half_life(a, n, &h), SG_OK);
    expect_close(h.lambda, -0.0305855400, 1e-8);
    expect_close(-log(2.0) / h.lambda, 22.66257785, 1e-8);
    expect_close(h.bars, 22.31421, 1e-6);
    assert_true(h.low < h.bars);
    assert_true(h.bars < h.high);
    assert_true(isfinite(h.high));
    /* The interval is lambda's, mapped: 1.9616 standard errors at 1,497 degrees of freedom. */
    expect_close(h.low, -log(2.0) / log1p(h.lambda - 1.96155 * h.se_lambda), 1e-4);
    expect_close(h.high, -log(2.0) / log1p(h.lambda + 1.96155 * h.se_lambda), 1e-4);
    free(a);
    free(b);
    free(c);
}

int main(void)
{
    const struct CMUnitTest always[] = {
        cmocka_unit_test(norris),          cmocka_unit_test(pearson_tls), cmocka_unit_test(deviation_far_from_zero), cmocka_unit_test(rolling_hard_cases),
        cmocka_unit_test(critical_values),
    };
    const struct CMUnitTest recorded[] = {
        cmocka_unit_test(adf_macro),   cmocka_unit_test(hedge_ratios), cmocka_unit_test(engle_granger), cmocka_unit_test(zscore_last_point),
        cmocka_unit_test(rolling_ols), cmocka_unit_test(kalman),       cmocka_unit_test(half_life),
    };
    int failed = cmocka_run_group_tests(always, NULL, NULL);
    if (shared_dir())
        failed += cmocka_run_group_tests(recorded, NULL, NULL);
    else
        printf("SKIP: the rows on recorded data; the shared folder is not here (SG_SHARED_DIR)\n");
    return failed;
}
