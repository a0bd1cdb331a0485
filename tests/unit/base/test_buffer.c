/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/base/buffer.h"

static void test_append(void **state)
{
    struct sg_buffer buffer;

    (void)state;
    sg_buffer_init(&buffer, 100000);
    assert_int_equal(sg_buffer_append_text(&buffer, "{\"n\":"), SG_OK);
    assert_int_equal(sg_buffer_append_int64(&buffer, INT64_MIN), SG_OK);
    assert_int_equal(sg_buffer_append(&buffer, ",", 1), SG_OK);
    assert_int_equal(sg_buffer_append_double(&buffer, 0.1), SG_OK);
    assert_int_equal(sg_buffer_append_double(&buffer, NAN), SG_OK);
    assert_int_equal(sg_buffer_append_format(&buffer, "%s-%d", "x", 7), SG_OK);
    assert_string_equal(buffer.data, "{\"n\":-9223372036854775808,0.1nullx-7");
    assert_int_equal(buffer.length, strlen(buffer.data));
    sg_buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(sg_buffer_append_format(&buffer, "%04d", i), SG_OK);
    }
    assert_int_equal(buffer.length, 40000);
    assert_memory_equal(buffer.data + 4 * 1234, "1234", 4);
    sg_buffer_free(&buffer);
    sg_buffer_free(&buffer);
    sg_buffer_free(NULL);
}

/* Exactly the maximum fits; one more byte changes nothing and is remembered. */
static void test_ceiling(void **state)
{
    struct sg_buffer buffer;

    (void)state;
    sg_buffer_init(&buffer, 10);
    assert_int_equal(sg_buffer_append(&buffer, "0123456789", 10), SG_OK);
    assert_false(buffer.overflowed);
    assert_int_equal(sg_buffer_append(&buffer, "x", 1), SG_ERR_NOMEM);
    assert_true(buffer.overflowed);
    assert_string_equal(buffer.data, "0123456789");
    assert_int_equal(sg_buffer_append(&buffer, "x", SIZE_MAX), SG_ERR_NOMEM);
    assert_int_equal(sg_buffer_append(&buffer, "", 0), SG_OK);
    sg_buffer_clear(&buffer);
    assert_int_equal(sg_buffer_append_format(&buffer, "%s", "01234567890"), SG_ERR_NOMEM);
    assert_int_equal(buffer.length, 0);
    sg_buffer_clear(&buffer);
    assert_int_equal(sg_buffer_append_text(&buffer, "abc"), SG_OK);
    assert_int_equal(sg_buffer_append_json_string(&buffer, "\n\n\n", 3), SG_ERR_NOMEM); /* 8 bytes as JSON */
    assert_string_equal(buffer.data, "abc");                                            /* no half of a string is left behind */
    assert_int_equal(buffer.length, 3);
    sg_buffer_free(&buffer);
}

static void check_json(const char *text, size_t length, const char *expected)
{
    struct sg_buffer buffer;

    sg_buffer_init(&buffer, 1000);
    assert_int_equal(sg_buffer_append_json_string(&buffer, text, length), SG_OK);
    assert_string_equal(buffer.data, expected);
    sg_buffer_free(&buffer);
}

static void test_json_string(void **state)
{
    (void)state;
    check_json("", 0, "\"\"");
    check_json("a\"b\\c/\n\r\t\x01\x1f\x7f", 12, "\"a\\\"b\\\\c/\\n\\r\\t\\u0001\\u001f\x7f\"");
    check_json("a\0b", 3, "\"a\\u0000b\"");
    check_json("\xE5\xB8\x81\xE5\xAE\x89", 6, "\"\xE5\xB8\x81\xE5\xAE\x89\"");
    check_json("\xF0\x9F\x9A\x80", 4, "\"\xF0\x9F\x9A\x80\"");
    check_json("\x80"
               "a",
               2,
               "\"\xEF\xBF\xBD"
               "a\"");                                                                         /* continuation without a beginning */
    check_json("\xC0\xAF", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                                 /* overlong */
    check_json("\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");                 /* surrogate */
    check_json("\xE5\xB8", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                                 /* cut off */
    check_json("\xF4\x90\x80\x80", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""); /* beyond U+10FFFF */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_json_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
