/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Files made for a test, and reading them. Include after cmocka. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/store/series_reader.h"
#include "test_folder.h"

#define S INT64_C(1000000)
#define MINUTE (60 * S)
#define HOUR (3600 * S)
#define DAY (86400 * S)
#define T0 INT64_C(1700006400000000) /* 2023-11-15T00:00:00Z */

static inline const char *write_bytes(const char *name, const void *bytes, size_t length)
{
    static char paths[16][128];
    static unsigned next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

static inline struct sg_series_config minute(void)
{
    return (struct sg_series_config){.interval_us = MINUTE, .start_us = INT64_MIN, .end_us = INT64_MAX, .stream = -1};
}

static inline struct sg_series read_with(const char *path, const struct sg_series_config *config)
{
    struct sg_series series = {0};
    struct sg_error error = {0};
    enum sg_status status = sg_series_read(path, config, &series, &error);
    if (status != SG_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, SG_OK);
    return series;
}

static inline struct sg_series read_minutes(const char *path)
{
    struct sg_series_config config = minute();
    return read_with(path, &config);
}

static inline void expect_refused_with(const char *path, const struct sg_series_config *config, enum sg_status expected, const char *reason)
{
    struct sg_series series;
    struct sg_error error = {0};
    enum sg_status status = sg_series_read(path, config, &series, &error);
    if (status != expected || !strstr(error.text, reason) || !strstr(error.text, path))
        print_message("%s: expected \"%s\" in \"%s\"\n", path, reason, error.text);
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.text, reason));
    assert_non_null(strstr(error.text, path));
}

static inline void expect_refused(const char *path, const char *reason)
{
    struct sg_series_config config = minute();
    expect_refused_with(path, &config, SG_ERR_PARSE, reason);
}

static inline void expect_bar(const struct sg_bar *bar, int64_t time_us, double open, double high, double low, double close, double volume, unsigned trades)
{
    assert_int_equal(bar->time_us, time_us);
    assert_true(bar->open == open);
    assert_true(bar->high == high);
    assert_true(bar->low == low);
    assert_true(bar->close == close);
    assert_true(sg_qty_to_double(bar->volume) == volume);
    assert_int_equal(bar->trades, trades);
}
