/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is exported reads back to the same bits; a history that changes under the copy is refused; failures say what and where. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "fixture.h"
#include "spreadglass/engine/history_export.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/store/series_reader.h"

enum { BARS = 40000 }; /* more than two pieces */

static struct sg_offline offline;
static const struct sg_history *shown;
static char *folder;
static struct {
    gboolean called;
    enum sg_status status;
    char message[400];
    size_t rows;
    GBytes *text;
} got;

static const struct sg_history *history_of(void *context)
{
    (void)context;
    return shown;
}

static void on_done(const struct sg_history_export_result *result, void *context)
{
    (void)context;
    assert_false(got.called);
    got.called = TRUE;
    got.status = result->status;
    got.rows = result->rows;
    g_strlcpy(got.message, result->message ? result->message : "", sizeof got.message);
    got.text = result->text ? g_bytes_ref(result->text) : NULL;
}

static gboolean on_deadline(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

static void wait_done(void)
{
    gboolean late = FALSE;
    guint timer = g_timeout_add_seconds(60, on_deadline, &late);
    while (!got.called && !late)
        g_main_context_iteration(NULL, TRUE);
    assert_false(late);
    g_source_remove(timer);
}

static struct sg_history_export *start(const struct sg_history_export_request *request)
{
    g_clear_pointer(&got.text, g_bytes_unref);
    memset(&got, 0, sizeof got);
    return sg_history_export_start(history_of, request, on_done, NULL);
}

static int setup(void **state)
{
    (void)state;
    struct sg_bar *a = calloc(BARS, sizeof *a), *b = calloc(BARS, sizeof *b);
    fixture_bars(12, 1000000, BARS, a, b);
    a[7].flags |= SG_BAR_FILLED;
    struct sg_offline_config config = {.interval = SG_INTERVAL_1S, .test_maximum = 500};
    sg_pair_params_default(&config.params);
    enum sg_status status = sg_offline_run(&config, a, BARS, b, BARS, &offline, NULL);
    free(a);
    free(b);
    shown = &offline.history;
    folder = g_dir_make_tmp("spreadglass-export-XXXXXX", NULL);
    return status != SG_OK || folder == NULL;
}

static int teardown(void **state)
{
    (void)state;
    sg_offline_free(&offline);
    g_clear_pointer(&got.text, g_bytes_unref);
    g_rmdir(folder);
    g_free(folder);
    return 0;
}

static void test_bars_read_back(void **state)
{
    (void)state;
    g_autofree char *file_a = g_build_filename(folder, "a.csv", NULL), *file_b = g_build_filename(folder, "b.csv", NULL);
    struct sg_history_export_request request = {.content = SG_EXPORT_BARS, .first = 3, .count = BARS - 10, .file = {file_a, file_b}};
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_OK);
    assert_int_equal(got.rows, BARS - 10);
    const char *const files[] = {file_a, file_b};
    for (int leg = 0; leg < 2; leg++) {
        struct sg_series series = {0};
        struct sg_series_config config = {.interval_us = 1000000, .interval_given = true, .start_us = INT64_MIN, .end_us = INT64_MAX};
        struct sg_error error = {0};
        if (sg_series_read(files[leg], &config, &series, &error) != SG_OK)
            fail_msg("%s", error.text);
        assert_int_equal(series.length, BARS - 10);
        for (size_t i = 0; i < series.length; i++) {
            const struct sg_history *history = &offline.history;
            int open = leg ? SG_COL_B_OPEN : SG_COL_A_OPEN;
            assert_int_equal(series.bars[i].time_us, history->time_us[i + 3]);
            assert_memory_equal(&series.bars[i].open, &history->column[open][i + 3], sizeof(double));
            assert_memory_equal(&series.bars[i].close, &history->column[open + 3][i + 3], sizeof(double));
            double volume = sg_qty_to_double(series.bars[i].volume);
            assert_memory_equal(&volume, &history->column[open + 4][i + 3], sizeof(double));
            assert_int_equal(series.bars[i].trades, 3);
        }
        sg_series_free(&series);
        g_autofree char *text = NULL;
        assert_true(g_file_get_contents(files[leg], &text, NULL, NULL));
        assert_int_equal(strncmp(text, "time,open,high,low,close,volume,trades,filled\n1723161603000,", 60), 0);
        assert_int_equal(strstr(text, ",1\n") != NULL, leg == 0); /* the filled bar */
        assert_int_equal(g_unlink(files[leg]), 0);
    }
}

static void test_rows_in_file_and_memory(void **state)
{
    (void)state;
    g_autofree char *file = g_build_filename(folder, "rows.csv", NULL);
    struct sg_history_export_request request = {.content = SG_EXPORT_ROWS, .first = 0, .count = BARS, .file = {file, NULL}};
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_OK);
    g_autofree char *text = NULL;
    gsize length = 0;
    assert_true(g_file_get_contents(file, &text, &length, NULL));
    request.file[0] = NULL;
    request.text_maximum = (size_t)64 << 20;
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_OK);
    assert_int_equal(g_bytes_get_size(got.text), length);
    assert_memory_equal(g_bytes_get_data(got.text, NULL), text, length);
    assert_int_equal(strncmp(text, "time,close_a,close_b,alpha,beta,spread,mean,std,zscore,correlation,signal,residual\n1723161600000,", 97), 0);
    size_t lines = 0;
    for (gsize i = 0; i < length; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, BARS + 1);
    assert_non_null(strstr(text, ",,,,,,,none,\n")); /* warming up: empty, not 0 */
    assert_null(strstr(text, "nan"));
    request.text_maximum = 1000;
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_ERR_NOMEM);
    assert_non_null(strstr(got.message, "too many for the clipboard"));
    assert_int_equal(g_unlink(file), 0);
}

static void test_failures(void **state)
{
    (void)state;
    g_autofree char *nowhere = g_build_filename(folder, "no", "such", "folder.csv", NULL);
    struct sg_history_export_request request = {.content = SG_EXPORT_ROWS, .first = 0, .count = 100, .file = {nowhere, NULL}};
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_ERR_IO);
    assert_non_null(strstr(got.message, nowhere));
    assert_non_null(strstr(got.message, "No such file"));
    /* Built anew while the pieces are copied. */
    struct sg_history other = offline.history;
    request.count = BARS;
    assert_non_null(start(&request));
    g_main_context_iteration(NULL, FALSE);
    other.epoch++;
    shown = &other;
    wait_done();
    shown = &offline.history;
    assert_int_equal(got.status, SG_ERR_CANCELLED);
    assert_non_null(strstr(got.message, "changed"));
    request.count = 0;
    assert_null(start(&request));
    request.count = BARS + 1;
    assert_null(start(&request));
    request.count = 1;
    shown = NULL;
    assert_null(start(&request));
    shown = &offline.history;
}

static void test_cancelled_jobs_are_silent(void **state)
{
    (void)state;
    struct sg_history_export_request request = {.content = SG_EXPORT_ROWS, .first = 0, .count = BARS, .text_maximum = (size_t)64 << 20};
    sg_history_export_cancel(start(&request)); /* before the first piece */
    struct sg_history_export *job = start(&request);
    for (int i = 0; i < 3; i++)
        g_main_context_iteration(NULL, FALSE); /* in the copy, or with the worker */
    if (!got.called)
        sg_history_export_cancel(job);
    sg_history_export_cancel(NULL);
    g_clear_pointer(&got.text, g_bytes_unref);
    gboolean called = got.called;
    assert_non_null(start(&request));
    wait_done();
    assert_int_equal(got.status, SG_OK);
    (void)called;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bars_read_back), cmocka_unit_test(test_rows_in_file_and_memory), cmocka_unit_test(test_failures),
                                       cmocka_unit_test(test_cancelled_jobs_are_silent)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
