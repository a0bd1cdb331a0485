/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Monte Carlo of the size of the Engle-Granger test, which no table can vouch for: seeded, a few seconds. */
#include "../unit/analytics/numbers.h"
#include "spreadglass/analytics/unit_root.h"

static double shock(uint64_t *state)
{
    int64_t sum = -(INT64_C(1) << 21);
    for (int i = 0; i < 4; i++)
        sum += (int64_t)(random_bits(state) >> 44);
    return (double)sum;
}

/* Independent random walks: the verdict's test must cry wolf 5 times in 100. Judged by the plain ADF tables it would 13 times;
 * that is shown too, so that nobody swaps the tables without a test failing. */
static void size_of_engle_granger(void **state)
{
    enum { PAIRS = 20000, N = 500 };
    static double y[N], x[N];
    struct sg_adf_workspace *w = sg_adf_workspace_new(N);
    size_t rejected = 0, by_value = 0, by_plain = 0, by_aic = 0;
    uint64_t seed = 2024;
    (void)state;
    for (size_t pair = 0; pair < PAIRS; pair++) {
        double a = 1000.0, b = 1000.0;
        struct sg_adf_result r;
        for (size_t i = 0; i < N; i++) {
            y[i] = a += shock(&seed) * 0x1p-20;
            x[i] = b += shock(&seed) * 0x1p-20;
        }
        assert_int_equal(sg_engle_granger(w, y, x, N, 1, 0, &r), SG_OK);
        assert_int_equal(r.reason, SG_REASON_NONE);
        rejected += r.p_value < 0.05;
        by_value += r.statistic < r.critical[1];
        by_plain += sg_mackinnon_p(r.statistic, SG_ADF_CONSTANT, 1) < 0.05;
        assert_int_equal(sg_engle_granger(w, y, x, N, -1, 1, &r), SG_OK); /* as the verdict does it */
        by_aic += r.p_value < 0.05;
    }
    double share = (double)rejected / PAIRS, value = (double)by_value / PAIRS, plain = (double)by_plain / PAIRS;
    print_message("with the lag by AIC: %zu\n", by_aic);
    print_message("of %d independent pairs %zu rejected by p, %zu by the critical value; plain ADF tables would reject %zu\n", PAIRS, rejected, by_value,
                  by_plain);
    assert_true(share > 0.04);
    assert_true(share < 0.06); /* three standard errors are 0.0046 */
    assert_true(value > 0.04);
    assert_true(value < 0.06);
    assert_true((double)by_aic / PAIRS > 0.04);
    assert_true((double)by_aic / PAIRS < 0.06);
    assert_true(plain > 0.10);
    sg_adf_workspace_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(size_of_engle_granger)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
