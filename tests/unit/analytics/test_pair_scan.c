/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numbers.h"
#include <pthread.h>
#include "line.h"
#include "spreadglass/analytics/pair_scan.h"

enum { SERIES = 9, BARS = 300 };

static void pairs_in_order(void **state)
{
    (void)state;
    for (size_t series = 2; series < 40; series++) {
        size_t index = 0, a, b;
        for (size_t i = 0; i < series; i++)
            for (size_t j = i + 1; j < series; j++, index++) {
                sg_scan_pair_at(index, series, &a, &b);
                assert_true(a == i);
                assert_true(b == j);
            }
        assert_int_equal(index, sg_scan_pair_count(series));
    }
    assert_int_equal(sg_scan_pair_count(1), 0);
    assert_int_equal(sg_scan_pair_count(400), 79800);
    assert_int_equal(sg_scan_pair_count(SG_SCAN_SERIES_MAX + 1), 0);
}

/* Every row is what the single calls say, whatever the ranges. */
static void rows_equal_single_calls(void **state)
{
    static double closes[SERIES][BARS], residual[BARS];
    const double *pointers[SERIES];
    struct sg_scan_row whole[36], part[36];
    uint64_t seed = 21;
    (void)state;
    for (size_t s = 0; s < SERIES; s++) {
        double level = 100.0;
        for (size_t i = 0; i < BARS; i++)
            closes[s][i] = level += random_normal(&seed);
        pointers[s] = closes[s];
    }
    for (size_t i = 0; i < BARS; i++) {
        closes[3][i] = 5.0 + 2.0 * closes[1][i] + random_normal(&seed); /* cointegrated with 1 */
        closes[5][i] = 1e-9 * closes[2][i];                             /* a multiple of 2 */
        closes[7][i] = 42.0;                                            /* constant */
    }
    struct sg_scan_input in = {.closes = pointers, .series = SERIES, .bars = BARS, .max_lag = -1, .aic = 1};
    struct sg_adf_workspace *w = sg_adf_workspace_new(BARS), *other = sg_adf_workspace_new(BARS);
    size_t pairs = sg_scan_pair_count(SERIES);
    assert_int_equal(sg_scan_pairs(w, &in, 0, pairs, whole), SG_OK);
    for (size_t from = 0; from < pairs; from += 5) {
        size_t count = pairs - from < 5 ? pairs - from : 5;
        assert_int_equal(sg_scan_pairs(other, &in, from, count, part + from), SG_OK);
    }
    for (size_t k = 0; k < pairs; k++) {
        const struct sg_scan_row *row = &whole[k];
        const double *y = closes[row->a], *x = closes[row->b];
        struct sg_adf_result forward, reverse;
        struct sg_line_fit fit;
        struct sg_half_life_result h;
        assert_memory_equal(&part[k].statistic, &row->statistic, sizeof row->statistic);
        assert_true(part[k].a == row->a);
        assert_true(part[k].b == row->b);
        assert_true(row->a < row->b);
        assert_int_equal(sg_engle_granger(other, y, x, BARS, -1, 1, &forward), SG_OK);
        assert_int_equal(sg_engle_granger(other, x, y, BARS, -1, 1, &reverse), SG_OK);
        assert_true(row->reason == forward.reason);
        assert_true(row->reason_reverse == reverse.reason);
        if (row->a == 7 || row->b == 7 || (row->a == 2 && row->b == 5)) {
            assert_int_not_equal(row->reason, SG_REASON_NONE);
            assert_true(isnan(row->p_value));
            assert_true(isnan(row->beta));
            assert_true(isnan(row->zscore));
            continue;
        }
        assert_true(row->statistic == forward.statistic);
        assert_true(row->p_value == forward.p_value);
        assert_true(row->lags == forward.lags);
        assert_true(row->statistic_reverse == reverse.statistic);
        assert_true(row->p_reverse == reverse.p_value);
        fit = fit_line(y, x, BARS);
        expect_close(row->beta, fit.beta, 1e-11);
        expect_close(row->alpha, fit.alpha, 1e-9);
        for (size_t i = 0; i < BARS; i++)
            residual[i] = y[i] - fit.alpha - fit.beta * x[i];
        expect_close(row->zscore, residual[BARS - 1] / sqrt(fit.rss / (BARS - 1)), 1e-8);
        assert_int_equal(sg_half_life(residual, BARS, &h), SG_OK);
        if (h.reason == SG_REASON_NONE)
            expect_close(row->half_life, h.bars, 1e-8);
    }
    size_t found = 0;
    for (size_t k = 0; k < pairs; k++)
        if (whole[k].a == 1 && whole[k].b == 3)
            found = whole[k].p_value < 1e-6 && whole[k].p_reverse < 1e-6;
    assert_true(found);
    assert_int_equal(sg_scan_pairs(w, &in, pairs, 1, part), SG_ERR_INVALID);
    assert_int_equal(sg_scan_pairs(w, &in, pairs, 0, part), SG_OK);
    assert_int_equal(sg_scan_pairs(w, &in, 1, SIZE_MAX, part), SG_ERR_INVALID);
    in.bars = BARS + 1;
    assert_int_equal(sg_scan_pairs(w, &in, 0, 1, part), SG_ERR_NOMEM);
    sg_adf_workspace_free(w);
    sg_adf_workspace_free(other);
}

struct share {
    const struct sg_scan_input *input;
    struct sg_scan_row *rows;
    size_t from, to;
    enum sg_status status;
};

static void *scan_share(void *argument)
{
    struct share *s = argument;
    struct sg_adf_workspace *w = sg_adf_workspace_new(s->input->bars);
    s->status = w ? SG_OK : SG_ERR_NOMEM;
    for (size_t at = s->from; s->status == SG_OK && at < s->to; at += 3)
        s->status = sg_scan_pairs(w, s->input, at, s->to - at < 3 ? s->to - at : 3, s->rows + at);
    sg_adf_workspace_free(w);
    return NULL;
}

/* Four threads on one input, each with its workspace: the same rows to the bit. ThreadSanitizer watches in its build. */
static void ranges_on_threads(void **state)
{
    static double closes[20][200];
    const double *pointers[20];
    static struct sg_scan_row alone[190], together[190];
    pthread_t threads[4];
    struct share shares[4];
    uint64_t seed = 8;
    (void)state;
    for (size_t s = 0; s < 20; s++) {
        double level = 100.0;
        for (size_t i = 0; i < 200; i++)
            closes[s][i] = level += random_normal(&seed);
        pointers[s] = closes[s];
    }
    struct sg_scan_input in = {.closes = pointers, .series = 20, .bars = 200, .max_lag = -1, .aic = 1};
    struct share whole = {.input = &in, .rows = alone, .from = 0, .to = 190};
    (void)scan_share(&whole);
    assert_int_equal(whole.status, SG_OK);
    for (size_t t = 0; t < 4; t++) {
        shares[t] = (struct share){.input = &in, .rows = together, .from = 190 * t / 4, .to = 190 * (t + 1) / 4};
        assert_int_equal(pthread_create(&threads[t], NULL, scan_share, &shares[t]), 0);
    }
    for (size_t t = 0; t < 4; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
        assert_int_equal(shares[t].status, SG_OK);
    }
    for (size_t k = 0; k < 190; k++) {
        assert_true(alone[k].statistic == together[k].statistic);
        assert_true(alone[k].statistic_reverse == together[k].statistic_reverse);
        assert_true((isnan(alone[k].half_life) && isnan(together[k].half_life)) || alone[k].half_life == together[k].half_life);
        assert_true(alone[k].zscore == together[k].zscore);
        assert_true(alone[k].a == together[k].a);
        assert_true(alone[k].b == together[k].b);
        assert_true(alone[k].lags == together[k].lags);
    }
}

/* The example of the paper's section 3.2: fifteen p-values of a study, four rejected at 5 %. */
static void false_discoveries(void **state)
{
    static const double P[15] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0};
    double q[15], shuffled[17], back[17];
    size_t rejected = 0;
    (void)state;
    assert_int_equal(sg_benjamini_hochberg(P, 15, q), SG_OK);
    for (size_t i = 0; i < 15; i++) {
        rejected += q[i] <= 0.05;
        assert_true(q[i] >= P[i]);
        assert_true(q[i] <= 1.0);
        assert_true(i == 0 || q[i] >= q[i - 1]);
    }
    assert_int_equal(rejected, 4);
    expect_close(q[0], 0.0015, 1e-12);
    expect_close(q[3], 0.035625, 1e-12);
    for (size_t i = 0; i < 15; i++)
        shuffled[(i * 7) % 15] = P[i];
    shuffled[15] = shuffled[16] = NAN; /* not tested: neither counted nor judged */
    assert_int_equal(sg_benjamini_hochberg(shuffled, 17, back), SG_OK);
    for (size_t i = 0; i < 15; i++)
        assert_true(back[(i * 7) % 15] == q[i]);
    assert_true(isnan(back[15]));
    assert_true(isnan(back[16]));
    assert_int_equal(sg_benjamini_hochberg(NULL, 0, NULL), SG_OK);
    assert_int_equal(sg_benjamini_hochberg(NULL, 3, q), SG_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pairs_in_order), cmocka_unit_test(rows_equal_single_calls), cmocka_unit_test(ranges_on_threads),
                                       cmocka_unit_test(false_discoveries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
