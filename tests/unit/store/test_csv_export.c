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
    char path[100];
    snprintf(path, sizeof path, "%s/out.csv", folder);
    for (int round = 0; round < 2; round++) /* the second time over the first */
        assert_int_equal(sg_csv_export_bars(path, bars, COUNT, NULL), SG_OK);
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

static void what_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    struct sg_bar bar = bar_at(0);
    struct sg_error error = {0};
    assert_int_equal(sg_csv_export_bars("/nonexistent/out.csv", &bar, 1, &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, "/nonexistent/out.csv cannot be written: No such file"));
    assert_int_equal(sg_csv_export_bars(folder, &bar, 1, &error), SG_ERR_IO); /* a folder is in the way */
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
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
