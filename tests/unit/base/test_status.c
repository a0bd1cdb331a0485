/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/base/status.h"

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(sg_status_name(SG_OK), "ok");
    assert_string_equal(sg_status_name(SG_ERR_TLS), "tls");
    assert_string_equal(sg_status_name(SG_ERR_END), "end");
    assert_string_equal(sg_status_name((enum sg_status)999), "unknown");
    for (int i = SG_OK; i <= SG_ERR_END; i++) {
        for (int j = SG_OK; j < i; j++) {
            assert_string_not_equal(sg_status_name((enum sg_status)i), sg_status_name((enum sg_status)j));
        }
    }
}

static void test_fail_fills_the_record(void **state)
{
    struct sg_error error = {SG_OK, "before"};

    (void)state;
    assert_int_equal(sg_fail(&error, SG_ERR_IO, "%s: line %d", "a.csv", 7), SG_ERR_IO);
    assert_int_equal(error.status, SG_ERR_IO);
    assert_string_equal(error.text, "a.csv: line 7");
    assert_int_equal(sg_fail(NULL, SG_ERR_PARSE, "nobody reads this"), SG_ERR_PARSE);
    /* The reason may be built on the one before. */
    sg_fail(&error, SG_ERR_NETWORK, "cannot load: %s", error.text);
    assert_string_equal(error.text, "cannot load: a.csv: line 7");
}

/* Every length around the end, with characters of 1 to 4 bytes: the cut must fall between two of them. */
static void test_cut_on_a_character(void **state)
{
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9D\x84\x9E"};
    struct sg_error error;

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        for (size_t pad = 0; pad < 5; pad++) {
            char text[1024] = "";
            size_t unit = strlen(characters[c]);
            size_t length = pad;

            memset(text, '.', pad);
            while (length < 600) {
                memcpy(text + length, characters[c], unit + 1);
                length += unit;
            }
            sg_fail(&error, SG_ERR_IO, "%s", text);
            length = strlen(error.text);
            assert_true(length < sizeof error.text);
            assert_true(length >= sizeof error.text - 4);
            assert_int_equal((length - pad) % unit, 0);
            assert_memory_equal(error.text, text, length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_fail_fills_the_record),
        cmocka_unit_test(test_cut_on_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
