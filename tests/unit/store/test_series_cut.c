/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last line of a file: cut off, or only without its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>
#include "reading.h"

static char text[20000];
static size_t length;

static void rows_of(const char *header, int count, int decimals, const char *behind)
{
    length = (size_t)snprintf(text, sizeof text, "%s\n", header);
    for (int i = 0; i < count; i++)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%lld,%.*f%s\n", (long long)(T0 / S + i * 60), decimals, 101 + i % 7 / 8.0 + 1.0 / 3, behind);
}

static void last(const char *line)
{
    length += (size_t)snprintf(text + length, sizeof text - length, "%s", line);
}

static const char *packed(const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s.gz", folder, name);
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    assert_int_equal(gzwrite(gz, text, (unsigned)length), length);
    assert_int_equal(gzclose(gz), Z_OK);
    return path;
}

/* Cut off at every place of the last line, plain and packed: an error with the line, or (skip_bad) the rows before it. */
static void every_cut_is_noticed(void **state)
{
    (void)state;
    static const char whole[] = "1700012400,101.458333";
    for (size_t cut = 1; cut < sizeof whole - 1; cut++) {
        rows_of("time,close", 100, 6, "");
        length += (size_t)snprintf(text + length, sizeof text - length, "%.*s", (int)cut, whole);
        const char *paths[] = {write_bytes("cut.x", text, length), packed("cut.x")};
        for (size_t i = 0; i < 2; i++) {
            struct sg_series_config config = minute();
            expect_refused_with(paths[i], &config, SG_ERR_PARSE, ":102: ");
            config.skip_bad = true;
            struct sg_series series = read_with(paths[i], &config);
            assert_int_equal(series.length, 100);
            assert_int_equal(series.bad, 1);
            sg_series_free(&series);
        }
    }
    rows_of("time,close", 100, 6, "");
    last(whole);
    const char *paths[] = {write_bytes("whole.x", text, length), packed("whole.x")};
    for (size_t i = 0; i < 2; i++) {
        struct sg_series series = read_minutes(paths[i]);
        assert_int_equal(series.length, 101);
        assert_true(series.bars[100].close == 101.458333);
        assert_string_equal(series.warning, "");
        sg_series_free(&series);
    }
}

static void what_is_told(void **state)
{
    (void)state;
    rows_of("time,close", 100, 6, "");
    last("1700012400,101.458");
    expect_refused(write_text("cut.x", text),
                   "cut.x:102: the file is cut off in this line: its last value \"101.458\" has 3 decimals, and in every line before it at least 6");
    rows_of("time,close,volume", 100, 6, ",5.00");
    last("1700012400,101.4");
    expect_refused(write_text("cut.x", text), "cut.x:102: the file is cut off in this line: 2 columns instead of 3");
    /* A column that is not asked for is missing: the one that is may be cut. */
    rows_of("time,AA,BB", 100, 6, ",5.00");
    last("1700012400,101.4");
    struct sg_series_config config = minute();
    snprintf(config.instrument.symbol, sizeof config.instrument.symbol, "AA");
    config.named = true;
    expect_refused_with(write_text("cut.x", text), &config, SG_ERR_PARSE, "2 columns instead of 3");
    expect_refused(write_text("cut.x", "time,close,volume\n1700012400,101.4"), "cut.x:2: the file is cut off in this line: 2 columns instead of 3");
    /* Trades of the archive end in a word. */
    expect_refused(write_text("cut.x", "1,10,0.5,5,1700006400017,true,True\n2,12,0.25,3,1700006459999,false,Tru"), "cut.x:2: ");
    /* Decimals that vary: before the point a price does not fall to a fifth, and what cannot be told is said. */
    length = (size_t)snprintf(text, sizeof text, "time,close\n");
    for (int i = 0; i < 50; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%lld,%s\n", (long long)(T0 / S + i * 60), i % 3 ? "1010.25" : "1010");
    size_t kept = length;
    last("1700009400,10");
    expect_refused(write_text("cut.x", text), "its last value \"10\" has 2 digits, and in every line before it at least 4");
    length = kept;
    last("1700009400,1011");
    struct sg_series series = read_minutes(write_text("doubt.x", text));
    assert_int_equal(series.length, 51);
    assert_string_equal(series.warning, "its last line has no end: if the file was cut off there, its last value is not whole");
    sg_series_free(&series);
    length = kept;
    last("1700009400,999.75");
    series = read_minutes(write_text("whole.x", text));
    assert_int_equal(series.length, 51);
    assert_string_equal(series.warning, "");
    sg_series_free(&series);
}

static void whole_files_without_a_last_line_end(void **state)
{
    (void)state;
    static const char *const files[] = {"time,close\n1700006400,11\n1700006460,10\n1700006520,9",
                                        "time,close\r\n1700006400,11.5\r\n1700006460,10.5\r\n1700006520,9.5",
                                        "time,close\r\n1700006400,11.5\r\n1700006460,10.5\r\n1700006520,9.5\r",
                                        "nav,date\n1.5,2023-11-13\n1.6,2023-11-14\n1.7,2023-11-15",
                                        "time,close,volume\n1700006400,11.5,100\n1700006460,10.5,5\n1700006520,9.5,7",
                                        "time,close,note\n1700006400,11.5,\n1700006460,10.5,\n1700006520,9.5,"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct sg_series series = read_minutes(write_text("whole.x", files[i]));
        assert_int_equal(series.length, 3);
        assert_string_equal(series.warning, "");
        sg_series_free(&series);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(what_is_told),
        cmocka_unit_test(whole_files_without_a_last_line_end),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
