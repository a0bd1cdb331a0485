/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which parameters the model takes, and which threshold no z over a window can reach. */
#include "numbers.h"
#include "spreadglass/analytics/pair_model.h"

static void parameters_are_checked(void **state)
{
    struct sg_pair_params good, p;
    struct sg_error error;
    (void)state;
    sg_pair_params_default(&good);
    assert_int_equal(sg_pair_params_check(&good, NULL), SG_OK);
#define REFUSED(change, word)                                               \
    do {                                                                    \
        p = good;                                                           \
        change;                                                             \
        assert_int_equal(sg_pair_params_check(&p, &error), SG_ERR_INVALID); \
        assert_non_null(strstr(error.text, word));                          \
        assert_null(sg_pair_model_new(&p));                                 \
    } while (0)
    REFUSED(p.window = 4, "window");
    REFUSED(p.window = 100001, "100000");
    REFUSED(p.lookback = 9, "lookback");
    REFUSED(p.lookback = 1000001, "1000000");
    REFUSED(p.hedge = (enum sg_hedge)5, "method");
    REFUSED((p.hedge = SG_HEDGE_ROLLING, p.window = 9), "rolling");
    REFUSED((p.hedge = SG_HEDGE_FIXED, p.fixed_beta = NAN), "fixed");
    REFUSED(p.entry = 0.0, "threshold");
    REFUSED(p.entry = NAN, "threshold");
    REFUSED(p.entry = INFINITY, "threshold");
    REFUSED(p.exit = 2.5, "re-arms");
    REFUSED(p.exit = 0.0, "re-arms");
    REFUSED(p.hold = 0, "closes");
    REFUSED(p.hold = SG_HOLD_MAX + 1, "closes");
    REFUSED(p.ddof = 2, "ddof");
    assert_true(good.entry == 2.0);
    assert_true(good.exit == 1.5);
    assert_int_equal(good.hold, 1);
    assert_string_equal(sg_hedge_name(SG_HEDGE_KALMAN), "kalman");
    assert_string_equal(sg_signal_name(SG_SIGNAL_OVERSOLD), "oversold");
    assert_null(sg_pair_model_new(NULL));
    sg_pair_model_free(NULL);
}

/* The last of N values, as far from the others as can be: its z is the bound, and no other values give it a larger one. */
static void a_threshold_beyond_reach_is_refused(void **state)
{
    struct sg_pair_params p;
    struct sg_error error;
    uint64_t seed = 7;
    (void)state;
    for (int ddof = 0; ddof <= 1; ddof++)
        for (size_t n = SG_WINDOW_MIN; n < 400; n += n / 5 + 1) {
            for (int draw = 0; draw < 20; draw++) {
                double sum = 0, square = 0, x = 0;
                for (size_t i = 0; i < n; i++) {
                    x = i + 1 == n ? 1.0 : draw == 0 ? 0.0 : 1e-3 * (double)(random_bits(&seed) % 1000);
                    sum += x;
                    square += x * x;
                }
                double mean = sum / (double)n, z = (x - mean) / sqrt((square - sum * mean) / (double)(n - (size_t)ddof));
                assert_true(z <= sg_zscore_bound(n, ddof) * (1 + 1e-9));
                if (draw == 0)
                    assert_true(fabs(z - sg_zscore_bound(n, ddof)) < 1e-9 * z);
            }
            sg_pair_params_default(&p);
            p.window = n;
            p.ddof = ddof;
            p.entry = sg_zscore_bound(n, ddof) * 0.999;
            assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_OK);
            p.entry = sg_zscore_bound(n, ddof) * 1.001;
            assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_ERR_INVALID);
        }
    sg_pair_params_default(&p);
    assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_OK);
    p.window = 5;
    assert_int_equal(sg_pair_params_check(&p, &error), SG_OK); /* the model can compute with it */
    assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_ERR_INVALID);
    assert_string_equal(error.text, "a z-score over 5 bars is never beyond 1.78 ((N \u2212 1)/\u221aN), so the threshold 2 can never be reached; take a window "
                                    "of at least 6 bars or a threshold of at most 1.7");
    p.window = 6; /* the advice works, and is the least that does */
    assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_OK);
    p.window = 5;
    p.ddof = 0;
    p.entry = 2.5;
    assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "never beyond 2.00 (\u221a(N \u2212 1))"));
    assert_non_null(strstr(error.text, "at least 8 bars or a threshold of at most 2.0"));
    p.entry = 1e6; /* no window is long enough: none is recommended */
    assert_int_equal(sg_pair_params_check_reach(&p, &error), SG_ERR_INVALID);
    assert_null(strstr(error.text, "at least"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(a_threshold_beyond_reach_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
