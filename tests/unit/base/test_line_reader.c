/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line reader gives the same lines whatever pieces the bytes come in, and holds to its limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/base/line_reader.h"

struct pieces {
    const char *bytes;
    size_t length, at, piece;
    bool fail_at_end;
};

static enum sg_status read_pieces(void *context, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    struct pieces *pieces = context;
    size_t count = pieces->length - pieces->at;
    if (count == 0 && pieces->fail_at_end)
        return sg_fail(error, SG_ERR_IO, "the disk is gone");
    if (count > pieces->piece)
        count = pieces->piece;
    if (count > capacity)
        count = capacity;
    memcpy(buffer, pieces->bytes + pieces->at, count);
    pieces->at += count;
    *ret_count = count;
    return SG_OK;
}

static void expect_line(struct sg_line_reader *reader, const char *text, uint64_t number, bool complete)
{
    struct sg_line line;
    struct sg_error error;
    assert_int_equal(sg_line_reader_next(reader, &line, &error), SG_OK);
    assert_int_equal(line.length, strlen(text));
    assert_memory_equal(line.text, text, line.length);
    assert_int_equal(line.number, number);
    assert_int_equal(line.complete, complete);
}

static void same_lines_in_any_pieces(void **state)
{
    (void)state;
    static const char bytes[] = "\xef\xbb\xbf"
                                "one\r\n\ntwo\rx\n three";
    for (size_t piece = 1; piece <= sizeof bytes; piece++) {
        struct pieces pieces = {bytes, sizeof bytes - 1, 0, piece, false};
        struct sg_line_reader reader;
        sg_line_reader_init(&reader, read_pieces, &pieces, 100);
        const char *ahead;
        size_t length;
        assert_int_equal(sg_line_reader_peek(&reader, 5, &ahead, &length, NULL), SG_OK);
        assert_true(length >= 5);
        assert_memory_equal(ahead, "one\r\n", 5);
        expect_line(&reader, "one", 1, true);
        expect_line(&reader, "", 2, true);
        expect_line(&reader, "two\rx", 3, true);
        expect_line(&reader, " three", 4, false);
        struct sg_line line;
        assert_int_equal(sg_line_reader_next(&reader, &line, NULL), SG_ERR_END);
        assert_int_equal(sg_line_reader_next(&reader, &line, NULL), SG_ERR_END);
        sg_line_reader_free(&reader);
    }
}

static void a_line_at_the_limit_passes_and_one_more_byte_does_not(void **state)
{
    (void)state;
    enum { MAXIMUM = 200000 };
    char *bytes = malloc(MAXIMUM + 4);
    assert_non_null(bytes);
    for (int extra = 0; extra < 2; extra++) {
        for (int carriage = 0; carriage < 2; carriage++) {
            size_t length = (size_t)MAXIMUM + (size_t)extra;
            memset(bytes, 'x', length);
            if (carriage)
                bytes[length++] = '\r';
            bytes[length++] = '\n';
            struct pieces pieces = {bytes, length, 0, 4096, false};
            struct sg_line_reader reader;
            sg_line_reader_init(&reader, read_pieces, &pieces, MAXIMUM);
            struct sg_line line;
            struct sg_error error = {0};
            enum sg_status status = sg_line_reader_next(&reader, &line, &error);
            assert_int_equal(status, extra ? SG_ERR_RANGE : SG_OK);
            if (extra)
                assert_non_null(strstr(error.text, "200000"));
            else
                assert_int_equal(line.length, MAXIMUM);
            sg_line_reader_free(&reader);
        }
    }
    free(bytes);
}

static void memory_stays_bounded_over_many_lines(void **state)
{
    (void)state;
    enum { LINES = 20000, WIDTH = 37 };
    char *bytes = malloc((size_t)LINES * WIDTH);
    assert_non_null(bytes);
    memset(bytes, 'a', (size_t)LINES * WIDTH);
    for (size_t i = 0; i < LINES; i++)
        bytes[i * WIDTH + WIDTH - 1] = '\n';
    struct pieces pieces = {bytes, (size_t)LINES * WIDTH, 0, 100000, false};
    struct sg_line_reader reader;
    sg_line_reader_init(&reader, read_pieces, &pieces, 64);
    struct sg_line line;
    uint64_t count = 0;
    while (sg_line_reader_next(&reader, &line, NULL) == SG_OK) {
        assert_int_equal(line.length, WIDTH - 1);
        count++;
    }
    assert_int_equal(count, LINES);
    assert_true(reader.capacity <= ((size_t)64 << 10) + 64 + 3);
    sg_line_reader_free(&reader);
    free(bytes);
}

static void a_file_of_one_line_says_what_to_do(void **state)
{
    (void)state;
    struct pieces pieces = {"time,close\r1,2\r3,4\r", 19, 0, 100, false};
    struct sg_line_reader reader;
    struct sg_line line;
    struct sg_error error = {0};
    sg_line_reader_init(&reader, read_pieces, &pieces, 12);
    assert_int_equal(sg_line_reader_next(&reader, &line, &error), SG_ERR_RANGE);
    assert_string_equal(error.text, "the line is longer than 12 bytes; it has CR inside: save the file with LF or CRLF at the ends of lines");
    sg_line_reader_free(&reader);
}

static void a_failing_input_is_reported(void **state)
{
    (void)state;
    struct pieces pieces = {"ab\ncd", 5, 0, 3, true};
    struct sg_line_reader reader;
    sg_line_reader_init(&reader, read_pieces, &pieces, 10);
    expect_line(&reader, "ab", 1, true);
    struct sg_line line;
    struct sg_error error = {0};
    assert_int_equal(sg_line_reader_next(&reader, &line, &error), SG_ERR_IO);
    assert_string_equal(error.text, "the disk is gone");
    sg_line_reader_free(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_lines_in_any_pieces),
        cmocka_unit_test(a_file_of_one_line_says_what_to_do),
        cmocka_unit_test(a_line_at_the_limit_passes_and_one_more_byte_does_not),
        cmocka_unit_test(memory_stays_bounded_over_many_lines),
        cmocka_unit_test(a_failing_input_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
