/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written as CSV reads back as the same bars; the file is whole or is not there. */
#include <setjmp.h>
#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/store/csv_export.h"
#include "spreadglass/store/series_reader.h"
#include "test_folder.h"

#define S INT64_C(1000000)
#define T0 INT64_C(1700006400000000)

static struct sg_bar bar_at(int i)
{
    return (struct sg_bar){.time_us = T0 + i * S,
                           .open = 100 + i / 3.0,
                           .high = 200.1 + i,
                           .low = 1e-7 * (i + 1),
                           .close = 101 + i / 7.0,
                           .volume = SG_QTY_ONE * 1000000000 * 1000000 + i,
                           .trades = (uint32_t)i};
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    enum { COUNT = 30000 };
    struct sg_bar *bars = calloc(COUNT, sizeof *bars);
    assert_non_null(bars);
    for (int i = 0; i < COUNT; i++)
        bars[i] = bar_at(i);
    bars[7].volume = 0;
    bars[7].flags = SG_BAR_NO_VOLUME;
    static const uint32_t marks[] = {SG_BAR_INCOMPLETE, SG_BAR_UNSETTLED, SG_BAR_REPAIRED, SG_BAR_VOLUME_ESTIMATED};
    for (size_t i = 0; i < 4; i++)
        bars[10 + i].flags = marks[i];
    char path[100];
    snprintf(path, sizeof path, "%s/out.csv", folder);
    for (int round = 0; round < 2; round++) /* the second time over the first */
        assert_int_equal(sg_csv_export_bars(path, bars, COUNT, true, NULL), SG_OK);
    struct sg_series_config config = {.interval_us = S, .interval_given = true, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    struct sg_series series = {0};
    struct sg_error error = {0};
    if (sg_series_read(path, &config, &series, &error) != SG_OK)
        fail_msg("%s", error.text);
    assert_int_equal(series.length, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct sg_bar *left = &series.bars[i], *right = &bars[i];
        assert_true(left->time_us == right->time_us);
        assert_true(left->open == right->open);
        assert_true(left->high == right->high);
        assert_true(left->low == right->low);
        assert_true(left->close == right->close);
        assert_true(left->volume == right->volume);
        assert_true(left->trades == right->trades);
        assert_true(left->flags == right->flags);
    }
    sg_series_free(&series);
    free(bars);
}

static enum sg_status read_text(const char *text, struct sg_series *series, struct sg_error *error)
{
    char path[100];
    snprintf(path, sizeof path, "%s/marks.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct sg_series_config config = {.interval_us = 60 * S, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    *series = (struct sg_series){0};
    enum sg_status status = sg_series_read(path, &config, series, error);
    assert_int_equal(remove(path), 0);
    return status;
}

/* The marks are ours only in our own files: what others call quality is let be. Where it is ours, a word that is none of ours is malformed. */
static void marks_are_read_where_they_are_ours(void **state)
{
    (void)state;
    struct sg_series series;
    struct sg_error error = {0};
    const char *ours = "time,open,high,low,close,volume,trades,filled,quality\n1700006400000,1,1,1,1,1,1,0,incomplete\n1700006460000,1,1,1,1,1,1,0,exact\n";
    assert_int_equal(read_text(ours, &series, &error), SG_OK);
    assert_int_equal(series.bars[0].flags, SG_BAR_INCOMPLETE);
    assert_int_equal(series.bars[1].flags, 0);
    sg_series_free(&series);
    assert_int_equal(read_text("time,open,high,low,close,volume,quality\n1700006400000,1,1,1,1,1,good\n1700006460000,1,1,1,1,1,incomplete\n", &series, &error),
                     SG_OK);
    assert_int_equal(series.bars[1].flags, 0);
    sg_series_free(&series);
    assert_int_equal(read_text("time,open,high,low,close,volume,trades,filled,quality\n1700006400000,1,1,1,1,1,1,0,good\n", &series, &error), SG_ERR_PARSE);
    assert_non_null(strstr(error.text, ":2"));
    assert_non_null(strstr(error.text, "incomplete, unsettled"));
    /* A longer bar is what its worst part is. */
    const char *minutes = "time,open,high,low,close,volume,trades,filled,quality\n1700006400000,1,1,1,1,1,1,0,exact\n1700006460000,1,1,1,1,1,1,0,unsettled\n"
                          "1700006520000,1,1,1,1,1,1,0,repaired\n1700006580000,1,1,1,1,1,1,0,exact\n1700006640000,1,1,1,1,1,1,0,exact\n";
    char path[100];
    snprintf(path, sizeof path, "%s/marks.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(minutes, file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct sg_series_config config = {.interval_us = 300 * S, .interval_given = true, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
    assert_int_equal(sg_series_read(path, &config, &series, &error), SG_OK);
    assert_int_equal(series.length, 1);
    assert_int_equal(series.bars[0].flags, SG_BAR_UNSETTLED | SG_BAR_REPAIRED);
    sg_series_free(&series);
    assert_int_equal(remove(path), 0);
}

/* Bars of which it is not known carry no word about it. */
static void without_quality_the_column_is_left_out(void **state)
{
    (void)state;
    struct sg_bar bar = bar_at(0);
    char path[100], line[200];
    snprintf(path, sizeof path, "%s/plain.csv", folder);
    assert_int_equal(sg_csv_export_bars(path, &bar, 1, false, NULL), SG_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "time,open,high,low,close,volume,trades,filled\n");
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(strrchr(line, ','), ",0\n");
    assert_int_equal(fclose(file), 0);
    assert_int_equal(remove(path), 0);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    struct sg_bar bar = bar_at(0);
    struct sg_error error = {0};
    assert_int_equal(sg_csv_export_bars("/nonexistent/out.csv", &bar, 1, true, &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, "/nonexistent/out.csv cannot be written: No such file"));
    assert_int_equal(sg_csv_export_bars(folder, &bar, 1, true, &error), SG_ERR_IO); /* a folder is in the way */
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (struct dirent *entry; (entry = readdir(files));)
        assert_true(entry->d_name[0] == '.' || strcmp(entry->d_name, "out.csv") == 0);
    closedir(files);
    char command[64];
    snprintf(command, sizeof command, "ls %s.* 2>/dev/null", folder);
    assert_int_not_equal(system(command), 0); /* nor beside it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(marks_are_read_where_they_are_ours),
        cmocka_unit_test(without_quality_the_column_is_left_out),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
