/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimals against Python's (tests/data/decimal_vectors.txt), against their own round trip over random bit patterns, and under a
 * locale whose decimal sign is a comma. Quantities against exact arithmetic at the ends of their range. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "spreadglass/base/decimal.h"
#include "spreadglass/base/rng.h"
#include "test_time.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static double parse(const char *text)
{
    double value = -1234.5;

    assert_int_equal(sg_decimal_to_double(text, strlen(text), &value), SG_OK);
    return value;
}

static void check_vectors(void)
{
    char path[512];
    char line[256];
    size_t count = 0;
    FILE *file;

    test_source_path("tests/data/decimal_vectors.txt", path, sizeof path);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *space = strchr(line, ' ');
        uint64_t expected = 0;

        if (line[0] == '#') {
            continue;
        }
        assert_non_null(space);
        *space = '\0';
        for (const char *hex = space + 1; *hex != '\n'; hex++) {
            expected = expected * 16 + (uint64_t)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        }
        if (bits_of(parse(line)) != expected) {
            print_error("%s: %016" PRIx64 ", expected %016" PRIx64 "\n", line, bits_of(parse(line)), expected);
            fail();
        }
        count++;
    }
    fclose(file);
    assert_true(count > 500);
}

static void test_vectors(void **state)
{
    (void)state;
    check_vectors();
}

static void test_grammar(void **state)
{
    static const char *const bad[] = {
        "",     "-",   "+1",  " 1",   "1 ",  ".5",    "5.",  "1..2", "1.2.3", "e5",  "1e",  "1e+", "1e-", "1e5.0", "inf",
        "-inf", "nan", "NaN", "0x10", "1,5", "1_000", "--1", "1-",   "1e 5",  "\t1", "1\n", "1d5", "0b1", "1e5e5", "\xd9\xa1",
    };
    char longest[SG_DECIMAL_MAX + 2];
    double value = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (sg_decimal_to_double(bad[i], strlen(bad[i]), &value) != SG_ERR_PARSE) {
            fail_msg("accepted: '%s'", bad[i]);
        }
    }
    assert_int_equal(sg_decimal_to_double("1\0002", 3, &value), SG_ERR_PARSE);
    assert_int_equal(sg_decimal_to_double("1e309", 5, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_double("-1e400", 6, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_double("1e999999999999", 14, &value), SG_ERR_RANGE);
    memset(longest, '0', sizeof longest);
    assert_int_equal(sg_decimal_to_double(longest, SG_DECIMAL_MAX + 1, &value), SG_ERR_PARSE);
    assert_true(value == 42); /* untouched by every failure */
    assert_int_equal(sg_decimal_to_double(longest, SG_DECIMAL_MAX, &value), SG_OK);
    assert_true(value == 0);
    /* The length decides, not a NUL: text inside a larger one. */
    assert_int_equal(sg_decimal_to_double("12.5,7", 4, &value), SG_OK);
    assert_true(value == 12.5);
    assert_true(signbit(parse("-0.0")));
}

static void check_round_trip(uint64_t seed, int count)
{
    struct sg_rng rng;

    sg_rng_seed(&rng, seed, 0);
    for (int i = 0; i < count; i++) {
        double value = double_of(sg_rng_next(&rng));
        char text[SG_DECIMAL_BUF];
        size_t length;
        double back;

        length = sg_decimal_from_double(value, text);
        assert_int_equal(length, strlen(text));
        assert_null(strchr(text, ','));
        if (!isfinite(value)) {
            assert_string_equal(text, "null");
            continue;
        }
        assert_int_equal(sg_decimal_to_double(text, length, &back), SG_OK);
        if (bits_of(back) != bits_of(value)) {
            fail_msg("%s does not read back", text);
        }
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(7, 20000);
}

static void check_text(double value, const char *expected)
{
    char text[SG_DECIMAL_BUF];

    assert_int_equal(sg_decimal_from_double(value, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_from_double(void **state)
{
    (void)state;
    check_text(0, "0");
    check_text(0.1, "0.1");
    check_text(61837.63, "61837.63");
    check_text(0.1 + 0.2, "0.30000000000000004");
    check_text(1e22, "1e+22");
    check_text(-2.5, "-2.5");
    check_text(1.0 / 3, "0.3333333333333333");
    check_text(NAN, "null");
    check_text(INFINITY, "null");
}

static void check_fixed(double value, int decimals, const char *expected)
{
    char text[SG_DECIMAL_BUF];

    assert_int_equal(sg_decimal_from_double_fixed(value, decimals, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_scientific(void **state)
{
    static const struct {
        double value;
        int digits;
        const char *expected;
    } cases[] = {
        {1.5171891e-10, 5, "1.5172e-10"},
        {-1.5171891e24, 4, "-1.517e24"},
        {9.99996e-10, 5, "1.0000e-9"},
        {0.0, 3, "0.00e0"},
        {1e300, 1, "1e300"},
        {5e-324, 2, "4.9e-324"},
        {1e5, 2, "1.0e5"},
        {INFINITY, 3, "null"},
    };
    char text[SG_DECIMAL_BUF];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = sg_decimal_from_double_scientific(cases[i].value, cases[i].digits, text);
        assert_string_equal(text, cases[i].expected);
        assert_int_equal(length, strlen(text));
    }
}

static void test_fixed(void **state)
{
    (void)state;
    check_fixed(0.125, 2, "0.12");
    check_fixed(0.375, 2, "0.38");
    check_fixed(2.5, 0, "2");
    check_fixed(3.5, 0, "4");
    check_fixed(-0.004, 2, "0.00");
    check_fixed(-0.0, 0, "0");
    check_fixed(-0.006, 2, "-0.01");
    check_fixed(61837.63, 8, "61837.63000000");
    check_fixed(1e29, 12, "99999999999999991433150857216.000000000000");
    check_fixed(1e300, 2, "1e+300"); /* too long for the buffer: the shortest form instead */
    check_fixed(1, 99, "1.000000000000");
}

/* Builds the locale in a folder of its own when the machine has none with a comma. */
static bool enter_comma_locale(char *folder)
{
    char command[256];

    if (setlocale(LC_ALL, "de_DE.UTF-8")) {
        return true;
    }
    if (!mkdtemp(folder)) {
        return false;
    }
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
    if (system(command) != 0) {
        return false;
    }
    setenv("LOCPATH", folder, 1);
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void test_locale(void **state)
{
    char folder[] = "/tmp/sg-locale-XXXXXX";
    char command[64];
    char text[16];

    (void)state;
    if (!enter_comma_locale(folder)) {
        print_message("SKIP: no locale with a decimal comma here, and none could be made\n");
        skip();
    }
    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5"); /* the locale is really in force */
    check_vectors();
    check_round_trip(8, 2000);
    check_fixed(-1234.5, 2, "-1234.50");
    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5"); /* and was left so */
    setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static sg_qty quantity(const char *text)
{
    sg_qty value = -1;

    assert_int_equal(sg_decimal_to_qty(text, strlen(text), &value), SG_OK);
    return value;
}

static void test_qty(void **state)
{
    static const char *const bad[] = {"", "-", "1e3", "1E0", ".1", "1.", "+1", " 1", "1,0", "nan"};
    char text[SG_DECIMAL_BUF];
    sg_qty value = 7;

    (void)state;
    assert_true(quantity("0") == 0);
    assert_true(quantity("1") == SG_QTY_ONE);
    assert_true(quantity("0.00000001") == 1);
    assert_true(quantity("-0.5") == -SG_QTY_ONE / 2);
    assert_true(quantity("24032.63625000") == (sg_qty)2403263625000);
    assert_true(quantity("1.100000000000000") == (sg_qty)110000000);
    /* Past the end of 64 bits, where 24 h volumes of micro-priced symbols are. */
    assert_true(quantity("92233720368.54775807") == (sg_qty)INT64_MAX);
    assert_true(quantity("92233720368.54775808") == (sg_qty)INT64_MAX + 1);
    assert_true(quantity("000000000000000000000000000000000001") == SG_QTY_ONE);
    sg_decimal_from_qty(quantity("999999999999999999999999999.99999999"), text);
    assert_string_equal(text, "999999999999999999999999999.99999999");
    sg_decimal_from_qty(quantity("-999999999999999999999999999.99999999"), text);
    assert_string_equal(text, "-999999999999999999999999999.99999999");

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(sg_decimal_to_qty(bad[i], strlen(bad[i]), &value), SG_ERR_PARSE);
    }
    assert_int_equal(sg_decimal_to_qty("1000000000000000000000000000", 28, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_qty("0.000000001", 11, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_qty("1.123456789", 11, &value), SG_ERR_RANGE);
    assert_true(value == 7);
}

static void test_qty_text_and_double(void **state)
{
    const sg_qty most = (sg_qty)(~(unsigned __int128)0 >> 1);
    struct sg_rng rng;
    char text[SG_DECIMAL_BUF];

    (void)state;
    assert_int_equal(sg_decimal_from_qty(0, text), 1);
    assert_string_equal(text, "0");
    sg_decimal_from_qty(SG_QTY_ONE / 2, text);
    assert_string_equal(text, "0.5");
    sg_decimal_from_qty(12 * SG_QTY_ONE, text);
    assert_string_equal(text, "12");
    sg_decimal_from_qty(-1, text);
    assert_string_equal(text, "-0.00000001");
    sg_decimal_from_qty(most, text);
    assert_string_equal(text, "1701411834604692317316873037158.84105727");
    sg_decimal_from_qty(-most - 1, text);
    assert_string_equal(text, "-1701411834604692317316873037158.84105728");

    sg_rng_seed(&rng, 3, 0);
    for (int i = 0; i < 20000; i++) {
        sg_qty value = (sg_qty)(sg_rng_next(&rng) >> sg_rng_below(&rng, 64)) * (sg_qty)(1 + sg_rng_below(&rng, 1000000));
        size_t length = sg_decimal_from_qty(value, text);
        sg_qty back;
        double nearest;

        assert_int_equal(sg_decimal_to_qty(text, length, &back), SG_OK);
        assert_true(back == value);
        assert_int_equal(sg_decimal_to_double(text, length, &nearest), SG_OK);
        assert_true(sg_qty_to_double(value) == nearest);
    }
}

static void test_int64(void **state)
{
    int64_t value = 5;

    (void)state;
    assert_int_equal(sg_decimal_to_int64("9223372036854775807", 19, INT64_MIN, INT64_MAX, &value), SG_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(sg_decimal_to_int64("-9223372036854775808", 20, INT64_MIN, INT64_MAX, &value), SG_OK);
    assert_true(value == INT64_MIN);
    value = 5;
    assert_int_equal(sg_decimal_to_int64("9223372036854775808", 19, INT64_MIN, INT64_MAX, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_int64("-9223372036854775809", 20, INT64_MIN, INT64_MAX, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_int64("99999999999999999999999999999999999999999999999999999999999", 59, INT64_MIN, INT64_MAX, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_int64("11", 2, 0, 10, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_int64("-1", 2, 0, 10, &value), SG_ERR_RANGE);
    assert_int_equal(sg_decimal_to_int64("1.0", 3, 0, 10, &value), SG_ERR_PARSE);
    assert_int_equal(sg_decimal_to_int64("1e0", 3, 0, 10, &value), SG_ERR_PARSE);
    assert_int_equal(sg_decimal_to_int64("", 0, 0, 10, &value), SG_ERR_PARSE);
    assert_true(value == 5);
    assert_int_equal(sg_decimal_to_int64("007", 3, 0, 10, &value), SG_OK);
    assert_int_equal(value, 7);
}

static void test_plain(void **state)
{
    static const char *const refused[] = {"1e5", "3E-05", "1e0", "", "x", "1.2.3"};
    double value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(sg_decimal_plain_to_double(refused[i], strlen(refused[i]), &value), SG_ERR_PARSE);
        assert_true(value == 7);
    }
    assert_int_equal(sg_decimal_plain_to_double("64250.01000000", 14, &value), SG_OK);
    assert_true(value == 64250.01);
}

static void test_part(void **state)
{
    static const struct {
        double value;
        int decimals, expected;
    } cases[] = {{0.9994, 3, 3}, {0.9995, 3, 4},   {-0.9996, 3, 4}, {0.99994, 3, 4},  {0.99996, 3, -1}, {-0.99996, 3, -1}, {1, 3, 3},
                 {-1, 3, 3},     {0.99996, 2, -1}, {0.994, 2, 2},   {0.996, 2, 4},    {0.99996, 6, 6},  {0.5, 0, 4},       {0.4, 0, 0},
                 {0, 3, 3},      {1.2, 3, 3},      {0.99994, 4, 4}, {0.99996, 4, -1}, {NAN, 3, 3},      {1 - 1e-15, 6, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SG_DECIMAL_BUF];
        int digits = sg_decimal_part_digits(cases[i].value, cases[i].decimals);

        assert_int_equal(digits, cases[i].expected);
        if (digits >= 0 && fabs(cases[i].value) < 1) {
            sg_decimal_from_double_fixed(cases[i].value, digits, text);
            assert_true(text[text[0] == '-'] == '0');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_vectors),     cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_from_double), cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_scientific), cmocka_unit_test(test_qty),         cmocka_unit_test(test_qty_text_and_double),
        cmocka_unit_test(test_int64),      cmocka_unit_test(test_locale),      cmocka_unit_test(test_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
