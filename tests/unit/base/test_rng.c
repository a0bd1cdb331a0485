/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generator against the published first outputs of xoshiro256**, and its distributions against their moments. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/base/rng.h"

static void test_reference_sequence(void **state)
{
    (void)state;
    /* First outputs from state {1, 2, 3, 4}: the vector that the authors' C code and other implementations agree on. */
    static const uint64_t expected[] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240), UINT64_C(1215971899390074240)};
    struct sg_rng rng = {.state = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(sg_rng_next(&rng) == expected[i]);
}

static void test_streams_differ(void **state)
{
    (void)state;
    struct sg_rng a, b, c, d;
    sg_rng_seed(&a, 1, 0);
    sg_rng_seed(&b, 1, 0);
    sg_rng_seed(&c, 1, 1);
    sg_rng_seed(&d, 0, 1);
    int same_c = 0, same_d = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = sg_rng_next(&a);
        assert_true(x == sg_rng_next(&b));
        same_c += x == sg_rng_next(&c);
        same_d += x == sg_rng_next(&d);
    }
    assert_int_equal(same_c, 0);
    assert_int_equal(same_d, 0);
}

static void test_moments(void **state)
{
    (void)state;
    struct sg_rng rng;
    sg_rng_seed(&rng, 42, 0);
    enum { N = 200000 };
    double uniform = 0, normal = 0, square = 0, fourth = 0;
    unsigned below[3] = {0};
    for (int i = 0; i < N; i++) {
        double u = sg_rng_uniform(&rng);
        assert_true(u >= 0);
        assert_true(u < 1);
        uniform += u;
        double z = sg_rng_normal(&rng);
        normal += z;
        square += z * z;
        fourth += z * z * z * z;
        below[sg_rng_below(&rng, 3)]++;
    }
    /* Each bound is at least five standard errors wide. */
    assert_true(fabs(uniform / N - 0.5) < 0.004);
    assert_true(fabs(normal / N) < 0.012);
    assert_true(fabs(square / N - 1) < 0.017);
    assert_true(fabs(fourth / N - 3) < 0.12);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(below[i] / (double)N - 1.0 / 3) < 0.006);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_sequence),
        cmocka_unit_test(test_streams_differ),
        cmocka_unit_test(test_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
