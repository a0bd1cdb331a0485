/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Against a plain scan: exactly equal, for any stretch, any way of growing, and with holes. */
#include "fixture.h"
#include "spreadglass/plot/pyramid.h"

static bool scan(const struct sg_series_source *source, size_t from, size_t to, struct sg_extent *ret)
{
    struct sg_extent extent = {INFINITY, -INFINITY};
    for (size_t i = from; i < to; i++) {
        double value = sg_series_value(source, i);
        if (!isnan(value)) {
            extent.low = fmin(extent.low, value);
            extent.high = fmax(extent.high, value);
        }
    }
    *ret = extent;
    return extent.low <= extent.high;
}

static double *series(size_t length, uint64_t seed, double holes)
{
    struct fixture_random random = {.state = seed};
    double *values = malloc(length * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < length; i++)
        values[i] = fixture_uniform(&random) < holes ? NAN : fixture_noise(&random) * 100 + 60000;
    return values;
}

static void compare(const struct sg_pyramid *pyramid, const struct sg_series_source *source, size_t length, uint64_t seed, int times)
{
    struct fixture_random random = {.state = seed};
    for (int i = 0; i < times; i++) {
        size_t a = (size_t)(fixture_uniform(&random) * (double)(length + 1)), b = (size_t)(fixture_uniform(&random) * (double)(length + 1));
        size_t from = a < b ? a : b, to = a < b ? b : a;
        if (i % 3 == 0)
            to = from + (to - from) % 40;
        struct sg_extent fast, slow;
        bool expected = scan(source, from, to, &slow);
        assert_int_equal(sg_pyramid_query(pyramid, source, from, to, &fast), expected);
        if (expected) {
            assert_true(fast.low == slow.low);
            assert_true(fast.high == slow.high);
        }
    }
}

static void any_stretch_equals_a_scan(void **state)
{
    (void)state;
    const size_t lengths[] = {0, 1, 15, 16, 17, 255, 256, 257, 4095, 4096, 70001};
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        for (int holes = 0; holes < 3; holes++) {
            size_t length = lengths[l];
            double *values = series(length + 1, l * 10 + (size_t)holes, holes == 2 ? 0.97 : holes * 0.2);
            struct sg_series_source source = {.base = values};
            struct sg_pyramid pyramid;
            sg_pyramid_init(&pyramid);
            assert_int_equal(sg_pyramid_extend(&pyramid, &source, length), SG_OK);
            compare(&pyramid, &source, length, l, 300);
            sg_pyramid_free(&pyramid);
            free(values);
        }
    }
}

static void growing_by_steps_equals_building_at_once(void **state)
{
    (void)state;
    const size_t length = 20011;
    double *values = series(length, 3, 0.05);
    struct sg_series_source source = {.base = values};
    struct sg_pyramid pyramid;
    struct fixture_random random = {.state = 11};
    sg_pyramid_init(&pyramid);
    for (size_t have = 0; have < length;) {
        have += 1 + (size_t)(fixture_uniform(&random) * 60);
        if (have > length)
            have = length;
        assert_int_equal(sg_pyramid_extend(&pyramid, &source, have), SG_OK);
        compare(&pyramid, &source, have, have, 3);
    }
    compare(&pyramid, &source, length, 5, 2000);
    sg_pyramid_clear(&pyramid);
    for (size_t i = 0; i < length; i++)
        values[i] = -(double)i;
    assert_int_equal(sg_pyramid_extend(&pyramid, &source, length), SG_OK);
    compare(&pyramid, &source, length, 6, 500);
    sg_pyramid_free(&pyramid);
    free(values);
}

static void a_band_needs_no_column_of_its_own(void **state)
{
    (void)state;
    const size_t length = 5000;
    double *mean = series(length, 8, 0.1), *deviation = series(length, 9, 0.1);
    for (int sign = -1; sign <= 1; sign += 2) {
        struct sg_series_source source = {.base = mean, .second = deviation, .factor = 2.5 * sign};
        struct sg_pyramid pyramid;
        sg_pyramid_init(&pyramid);
        assert_int_equal(sg_pyramid_extend(&pyramid, &source, length), SG_OK);
        compare(&pyramid, &source, length, 12, 1000);
        sg_pyramid_free(&pyramid);
    }
    free(mean);
    free(deviation);
}

/* In steps, with a band that becomes another one on the way, as when a person moves the threshold. */
static void a_line_and_its_band_at_once(void **state)
{
    (void)state;
    const size_t length = 30000;
    double *mean = series(length, 21, 0.05), *deviation = series(length, 22, 0.05);
    struct sg_pyramid pyramid[3];
    struct fixture_random random = {.state = 5};
    double factor = 2;
    for (int k = 0; k < 3; k++)
        sg_pyramid_init(&pyramid[k]);
    for (size_t have = 0; have < length;) {
        have += 1 + (size_t)(fixture_uniform(&random) * 3000);
        if (have > length)
            have = length;
        if (factor == 2 && have > length / 2) {
            factor = 3;
            sg_pyramid_clear(&pyramid[1]);
            sg_pyramid_clear(&pyramid[2]);
        }
        struct sg_series_source source[3] = {{.base = mean}, {mean, deviation, factor}, {mean, deviation, -factor}};
        assert_int_equal(sg_pyramid_extend_band(&pyramid[0], &pyramid[1], &pyramid[2], &source[1], have), SG_OK);
        for (int k = 0; k < 3; k++) {
            struct sg_pyramid alone;
            sg_pyramid_init(&alone);
            assert_int_equal(sg_pyramid_extend(&alone, &source[k], have), SG_OK);
            for (int level = 0; level < SG_PYRAMID_LEVELS; level++) {
                assert_int_equal(pyramid[k].level[level].count, alone.level[level].count);
                for (size_t i = 0; i < alone.level[level].count; i++) {
                    assert_true(pyramid[k].level[level].block[i].low == alone.level[level].block[i].low);
                    assert_true(pyramid[k].level[level].block[i].high == alone.level[level].block[i].high);
                }
            }
            compare(&pyramid[k], &source[k], have, have, 20);
            sg_pyramid_free(&alone);
        }
    }
    assert_true(factor == 3);
    for (int k = 0; k < 3; k++)
        sg_pyramid_free(&pyramid[k]);
    free(mean);
    free(deviation);
}

static void a_query_is_right_before_the_pyramid_is_there(void **state)
{
    (void)state;
    double *values = series(3000, 4, 0);
    struct sg_series_source source = {.base = values};
    struct sg_pyramid pyramid;
    sg_pyramid_init(&pyramid);
    compare(&pyramid, &source, 3000, 1, 200);
    assert_int_equal(sg_pyramid_extend(&pyramid, &source, 1000), SG_OK);
    compare(&pyramid, &source, 3000, 2, 200);
    sg_pyramid_free(&pyramid);
    sg_pyramid_free(&pyramid);
    sg_pyramid_free(NULL);
    free(values);
}

static void memory_is_a_small_part_of_the_series(void **state)
{
    (void)state;
    const size_t length = 1000000;
    double *values = series(length, 4, 0);
    struct sg_series_source source = {.base = values};
    struct sg_pyramid pyramid;
    sg_pyramid_init(&pyramid);
    for (size_t have = 1000; have <= length; have += 1000)
        assert_int_equal(sg_pyramid_extend(&pyramid, &source, have), SG_OK);
    assert_true((double)sg_pyramid_bytes(&pyramid) < 0.2 * (double)(length * sizeof *values));
    values[777777] = 1e9;
    sg_pyramid_clear(&pyramid);
    assert_int_equal(sg_pyramid_extend(&pyramid, &source, length), SG_OK);
    struct sg_extent extent;
    assert_true(sg_pyramid_query(&pyramid, &source, 3, length - 3, &extent));
    assert_true(extent.high == 1e9);
    sg_pyramid_free(&pyramid);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_stretch_equals_a_scan),
        cmocka_unit_test(growing_by_steps_equals_building_at_once),
        cmocka_unit_test(a_band_needs_no_column_of_its_own),
        cmocka_unit_test(a_line_and_its_band_at_once),
        cmocka_unit_test(a_query_is_right_before_the_pyramid_is_there),
        cmocka_unit_test(memory_is_a_small_part_of_the_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
