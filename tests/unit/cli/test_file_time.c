/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spreadglass/cli/file_time.h"

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_us;
    } cases[] = {/* date -u -d … +%s */
                 {"1723161255342", INT64_C(1723161255342000)},
                 {"1970-01-01", 0},
                 {"2024-02-29", INT64_C(1709164800000000)},
                 {"2024-08-08T23:54:15Z", INT64_C(1723161255000000)},
                 {"2024-08-08 23:54", INT64_C(1723161240000000)},
                 {"2024-08-08T23:54:15.342Z", INT64_C(1723161255342000)},
                 {"2000-03-01T00:00:00.000001", INT64_C(951868800000001)},
                 {"0", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time_us = -1;
        assert_int_equal(sg_file_time_parse(cases[i].text, &time_us), SG_OK);
        assert_int_equal(time_us, cases[i].time_us);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "now",         "2024-13-01",       "2024-02-30",           "2023-02-29",
                                      "2024-8-8", "2024-08-08T", "2024-08-08T24:00", "2024-08-08T23:54:15.", "2024-08-08T23:54:15+01:00",
                                      "-5",       "1e12"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t time_us = 7;
        assert_int_not_equal(sg_file_time_parse(bad[i], &time_us), SG_OK);
        assert_int_equal(time_us, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
