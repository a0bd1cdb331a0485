/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person types as a number, and how one is shown. (What becomes of a refused one is seen in the window's own test.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "../../../src/app/number_spin_private.h"

/* Whatever the locale: a trader types what the keyboard has. */
static void numbers_are_taken_with_point_or_comma(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        gboolean good;
        double value;
    } cases[] = {{"2.5", TRUE, 2.5},
                 {"2,5", TRUE, 2.5},
                 {" 60 ", TRUE, 60},
                 {"-0,25", TRUE, -0.25},
                 {"\u22120.25", TRUE, -0.25},
                 {"+2", TRUE, 2},
                 {".5", TRUE, 0.5},
                 {",5", TRUE, 0.5},
                 {"-,5", TRUE, -0.5},
                 {"2.", TRUE, 2},
                 {"2,", TRUE, 2},
                 {"1,500", TRUE, 1.5},
                 {"1e1", TRUE, 10},
                 {"10 000", TRUE, 10000},
                 {"10\u2009000,5", TRUE, 10000.5},
                 {"10\u00a0000", TRUE, 10000},
                 {"1,000.5", FALSE, 0},
                 {"1.000,5", FALSE, 0},
                 {"", FALSE, 0},
                 {"   ", FALSE, 0},
                 {"two", FALSE, 0},
                 {"2.5x", FALSE, 0},
                 {"2 5", FALSE, 0},
                 {"2,5 0", FALSE, 0},
                 {".", FALSE, 0},
                 {"-", FALSE, 0},
                 {"-.", FALSE, 0},
                 {"+", FALSE, 0},
                 {"+-2", FALSE, 0},
                 {"nan", FALSE, 0},
                 {"inf", FALSE, 0},
                 {"1e999", FALSE, 0},
                 {"0x10", FALSE, 0},
                 {"1..5", FALSE, 0},
                 {"1,,5", FALSE, 0},
                 {"\xff", FALSE, 0},
                 {"10,000,000", FALSE, 0},
                 {"\u0661\u0662", FALSE, 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        double value = 0;
        gboolean good = sg_number_of_text(cases[i].typed, FALSE, &value);
        if (good != cases[i].good || fabs(value - cases[i].value) > 1e-12)
            fail_msg("\"%s\" gives %g (%s)", cases[i].typed, value, good ? "taken" : "refused");
    }
}

/* Where only whole numbers go, a sign before three digits parts groups. */
static void whole_numbers_may_be_grouped(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        gboolean good;
        double value;
    } cases[] = {{"10,000", TRUE, 10000}, {"10.000", TRUE, 10000}, {"1,234,567", TRUE, 1234567}, {"10 000", TRUE, 10000},
                 {"60", TRUE, 60},        {"60,0", TRUE, 60},      {"1.5", TRUE, 1.5},           {"1,5", TRUE, 1.5},
                 {"1,00,000", FALSE, 0},  {"1,000.000", FALSE, 0}, {"1000,000", TRUE, 1000}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        double value = 0;
        gboolean good = sg_number_of_text(cases[i].typed, TRUE, &value);
        if (good != cases[i].good || fabs(value - cases[i].value) > 1e-12)
            fail_msg("\"%s\" gives %g (%s)", cases[i].typed, value, good ? "taken" : "refused");
    }
}

/* What is shown is what is in force: 2.25 is not shown as 2.3. */
static void what_is_shown_is_what_it_is(void **state)
{
    (void)state;
    static const struct {
        double value;
        guint digits;
        const char *text;
    } cases[] = {
        {2, 1, "2.0"}, {2.25, 1, "2.25"}, {2.3000000000000003, 1, "2.3"}, {60, 0, "60"},      {100000, 0, "100000"}, {0.1, 1, "0.1"}, {-1.5, 2, "-1.50"},
        {0, 0, "0"},   {-0.0, 0, "0"},    {20.125, 2, "20.125"},          {1e20, 1, "1e+20"}, {12.5, 0, "12.5"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[48];
        sg_number_text(cases[i].value, cases[i].digits, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_taken_with_point_or_comma),
        cmocka_unit_test(whole_numbers_may_be_grouped),
        cmocka_unit_test(what_is_shown_is_what_it_is),
    };
    return cmocka_run_group_tests_name("app/number_spin", tests, NULL, NULL);
}
