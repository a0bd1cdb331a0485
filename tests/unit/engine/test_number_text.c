/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/engine/number_text.h"

static void test_numbers(void **state)
{
    (void)state;
    char b[SG_TEXT_BUF];
    assert_string_equal(sg_text_fixed(65599.244, 2, false, b), "65\u2009599.24");
    assert_string_equal(sg_text_fixed(1234.5, 1, false, b), "1234.5");
    assert_string_equal(sg_text_fixed(-0.001, 2, false, b), "0.00");
    assert_string_equal(sg_text_fixed(2.0, 1, true, b), "+2.0");
    assert_string_equal(sg_text_fixed(-1234567, 0, true, b), "\u22121\u2009234\u2009567");
    assert_string_equal(sg_text_fixed(NAN, 2, false, b), SG_TEXT_UNDEFINED);
    assert_string_equal(sg_text_fixed(INFINITY, 2, false, b), SG_TEXT_UNDEFINED);
    assert_string_equal(sg_text_fixed(1e300, 2, false, b), SG_TEXT_UNDEFINED);
    assert_string_equal(sg_text_significant(0.0131234, 4, b), "0.01312");
    assert_string_equal(sg_text_significant(0, 3, b), "0.00");
    assert_string_equal(sg_text_significant(0.00000123456, 5, b), "0.00000123");
    assert_string_equal(sg_text_significant(1.02345e-10, 4, b), "1.023e\u221210");
    assert_string_equal(sg_text_significant(-9.5e-7, 2, b), "\u22129.5e\u22127");
    assert_string_equal(sg_text_significant(9.99996e-10, 5, b), "1.0000e\u22129");
    assert_string_equal(sg_text_p_value(0.9996, b), "> 0.999");
    assert_string_equal(sg_text_p_value(0, b), "< 0.001");
    assert_string_equal(sg_text_part(0.9874, 3, false, b), "0.987");
    assert_string_equal(sg_text_part(0.9996, 3, false, b), "0.9996");
    assert_string_equal(sg_text_part(0.99996, 3, false, b), "> 0.9999");
    assert_string_equal(sg_text_part(0.99994, 4, true, b), "+0.9999");
    assert_string_equal(sg_text_part(-0.99999, 3, false, b), "< \u22120.9999");
    assert_string_equal(sg_text_part(1, 3, false, b), "1.000");
    assert_string_equal(sg_text_part(NAN, 3, false, b), SG_TEXT_UNDEFINED);
    assert_string_equal(sg_text_significant(5e-324, 1, b), "5e\u2212324");
    assert_string_equal(sg_text_significant(-2.5e300, 2, b), "\u22122.5e300");
    assert_string_equal(sg_text_p_value(0.0131, b), "0.013");
    assert_string_equal(sg_text_p_value(0.0004, b), "< 0.001");
}

static void test_times(void **state)
{
    (void)state;
    char b[SG_TEXT_BUF];
    assert_string_equal(sg_text_duration(INT64_C(8000000), b), "8 s");
    assert_string_equal(sg_text_duration(INT64_C(1368000000), b), "23 min");
    assert_string_equal(sg_text_duration(INT64_C(19080000000), b), "5.3 h");
    assert_string_equal(sg_text_half_life(22.81, INT64_C(60000000), b), "23 bars (23 min)");
    assert_string_equal(sg_text_half_life(5.31, INT64_C(1000000), b), "5.3 bars (5.3 s)");
    assert_string_equal(sg_text_half_life(15816.147, INT64_C(60000000), b), "15,816 bars (11 d)");
    assert_string_equal(sg_text_half_life(0.19, INT64_C(60000000), b), "shorter than a bar");
    assert_string_equal(sg_text_half_life_bars(0.19, b), "< 1");
    assert_string_equal(sg_text_half_life_bars(9.97, b), "10");
    assert_string_equal(sg_text_half_life(INFINITY, INT64_C(60000000), b), SG_TEXT_UNDEFINED);
    assert_string_equal(sg_text_clock(INT64_C(1723161255000000), INT64_C(1723161299000000), true, b), "23:54:15");
    assert_string_equal(sg_text_clock(INT64_C(1723161255000000), INT64_C(1723261299000000), true, b), "8 Aug 23:54:15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
