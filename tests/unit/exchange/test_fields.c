/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded text patched as text: times move, every other byte stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../../src/exchange/player_private.h"

static void expect(const char *text, const struct sg_ex_rewrite *rule, const char *wanted)
{
    struct sg_buffer out;
    sg_buffer_init(&out, 1 << 20);
    sg_ex_rewrite(text, strlen(text), rule, &out);
    assert_string_equal(out.data, wanted);
    sg_buffer_free(&out);
}

static const struct sg_ex_rewrite hour = {.shift_us = INT64_C(3600000000)};

static void test_times_move(void **state)
{
    (void)state;
    expect("{\"e\":\"trade\",\"E\":1723161255343,\"s\":\"BTCUSDT\",\"t\":3735683259,\"p\":\"61837.63000000\",\"q\":\"0.02000000\",\"T\":1723161255342,\"m\":"
           "true,\"M\":true}",
           &hour,
           "{\"e\":\"trade\",\"E\":1723164855343,\"s\":\"BTCUSDT\",\"t\":3735683259,\"p\":\"61837.63000000\",\"q\":\"0.02000000\",\"T\":1723164855342,\"m\":"
           "true,\"M\":true}");
    /* Microseconds are told by their size; spaces stay. */
    expect("{ \"e\":\"aggTrade\", \"E\" : 1723161255343123 , \"a\":1 }", &hour, "{ \"e\":\"aggTrade\", \"E\" : 1723164855343123 , \"a\":1 }");
    /* In a kline "t" is a time too, in a trade it is an id. */
    expect("{\"e\":\"kline\",\"E\":1723161255343,\"k\":{\"t\":1723161255000,\"T\":1723161255999,\"f\":-1,\"L\":7,\"x\":true}}", &hour,
           "{\"e\":\"kline\",\"E\":1723164855343,\"k\":{\"t\":1723164855000,\"T\":1723164855999,\"f\":-1,\"L\":7,\"x\":true}}");
    expect("{\"e\":\"24hrTicker\",\"E\":1723161255343,\"o\":\"1\",\"O\":1723074855343,\"C\":1723161255343,\"F\":1,\"L\":2}", &hour,
           "{\"e\":\"24hrTicker\",\"E\":1723164855343,\"o\":\"1\",\"O\":1723078455343,\"C\":1723164855343,\"F\":1,\"L\":2}");
    /* Every element of an array. */
    expect("[{\"e\":\"24hrMiniTicker\",\"E\":1723161255343},{\"e\":\"24hrMiniTicker\",\"E\":1723161255344}]", &hour,
           "[{\"e\":\"24hrMiniTicker\",\"E\":1723164855343},{\"e\":\"24hrMiniTicker\",\"E\":1723164855344}]");
}

static void test_nothing_else_moves(void **state)
{
    (void)state;
    /* A spot bookTicker has no time; text that looks like a key is text; a time must look like one. */
    static const char *const texts[] = {
        "{\"u\":1723161255343,\"s\":\"BTCUSDT\",\"b\":\"1\",\"B\":\"2\",\"a\":\"3\",\"A\":\"4\"}",
        "{\"e\":\"x\",\"s\":\"\\\"E\\\":1723161255343,\",\"p\":\"E\"}",
        "{\"e\":\"trade\",\"E\":12,\"T\":\"1723161255343\"}",
        "{\"e\":\"trade\",\"E\":99999999999999999999999999}",
        "{\"e\":\"trade\",\"E\":",
        "{\"e\":\"trade\",\"E",
        "",
        "\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sg_buffer out;
        sg_buffer_init(&out, 4096);
        sg_ex_rewrite(texts[i], strlen(texts[i]), &hour, &out);
        assert_int_equal(out.length, strlen(texts[i]));
        assert_true(out.length == 0 || memcmp(out.data, texts[i], out.length) == 0);
        sg_buffer_free(&out);
    }
}

static void test_units_and_ids(void **state)
{
    (void)state;
    const struct sg_ex_rewrite micro = {.shift_us = 0, .to_microseconds = true};
    expect("{\"e\":\"trade\",\"E\":1723161255343,\"t\":5}", &micro, "{\"e\":\"trade\",\"E\":1723161255343000,\"t\":5}");
    const struct sg_ex_rewrite again = {.trade_ids = 100, .aggregate_ids = 10, .update_ids = 1000};
    expect("{\"e\":\"aggTrade\",\"a\":5,\"f\":6,\"l\":7}", &again, "{\"e\":\"aggTrade\",\"a\":15,\"f\":106,\"l\":107}");
    expect("{\"e\":\"trade\",\"t\":6,\"a\":5}", &again, "{\"e\":\"trade\",\"t\":106,\"a\":5}");
    expect("{\"u\":6,\"b\":\"1\"}", &again, "{\"u\":1006,\"b\":\"1\"}");
}

static void test_fields(void **state)
{
    (void)state;
    static const char text[] = " {\"a\" : [1,{\"b\":\"}\"}] , \"s\":\"x\\\"y\",\"n\":-1.5e3,\"z\":null}";
    struct sg_ex_field fields[8];
    const size_t n = sg_ex_fields(text, strlen(text), fields, 8);
    assert_int_equal(n, 4);
    struct sg_ex_slice value = sg_ex_field_value(fields, n, "a", true);
    assert_int_equal(value.length, 13);
    assert_memory_equal(value.text, "[1,{\"b\":\"}\"}]", 13);
    value = sg_ex_field_value(fields, n, "s", true);
    assert_memory_equal(value.text, "x\\\"y", 4);
    assert_int_equal(sg_ex_field_value(fields, n, "n", true).length, 6);
    assert_int_equal(sg_ex_field_value(fields, n, "absent", true).length, 0);
    assert_int_equal(sg_ex_fields("[1]", 3, fields, 8), 0);
    /* Every cut of the text, also within a string or an escape, ends within the text. */
    for (size_t cut = 0; cut < strlen(text); cut++) {
        char *piece = test_malloc(cut + 1);
        memcpy(piece, text, cut);
        sg_ex_fields(piece, cut, fields, 8);
        test_free(piece);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_move),
        cmocka_unit_test(test_nothing_else_moves),
        cmocka_unit_test(test_units_and_ids),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
