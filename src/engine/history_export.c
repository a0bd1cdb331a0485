/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/history_export.h"

#include <gio/gio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pool_jobs_private.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/replacement.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/store/csv_export.h"

#define PIECE 16384u /* rows copied at once: 2.6 MB, under a millisecond */
#define CHUNK ((size_t)1 << 20)

/* ---- text ---- */

static void value(struct sg_buffer *text, double number)
{
    sg_buffer_append_text(text, ",");
    if (isfinite(number))
        sg_buffer_append_double(text, number);
}

/* "time,close_a,close_b,alpha,beta,spread,mean,std,zscore,correlation,signal,residual\n" (`header`) and a line per row; undefined is empty. Any thread that owns the rows. */
static enum sg_status rows_csv(const struct sg_history *history, size_t first, size_t count, bool header, struct sg_buffer *text)
{
    static const enum sg_column columns[] = {SG_COL_A_CLOSE, SG_COL_B_CLOSE, SG_COL_ALPHA,  SG_COL_BETA,       SG_COL_SPREAD,
                                             SG_COL_MEAN,    SG_COL_STD,     SG_COL_ZSCORE, SG_COL_CORRELATION};
    if (header)
        sg_buffer_append_text(text, "time,close_a,close_b,alpha,beta,spread,mean,std,zscore,correlation,signal,residual\n");
    for (size_t row = first; row < first + count && !text->overflowed; row++) {
        sg_buffer_append_int64(text, history->time_us[row] / SG_US_PER_MS);
        for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
            value(text, history->column[columns[i]][row]);
        enum sg_signal signal = history->flags[row] & SG_ROW_OVERBOUGHT ? SG_SIGNAL_OVERBOUGHT
                                : history->flags[row] & SG_ROW_OVERSOLD ? SG_SIGNAL_OVERSOLD
                                                                        : SG_SIGNAL_NONE;
        sg_buffer_append_format(text, ",%s", sg_signal_name(signal));
        value(text, history->column[SG_COL_RESIDUAL][row]);
        sg_buffer_append_text(text, "\n");
    }
    return text->overflowed ? SG_ERR_NOMEM : SG_OK;
}

/* ---- the job ---- */

/* Main's while it copies, then the worker's until it hands it back; `owner` is main's throughout. */
struct work {
    struct sg_history_export *owner; /* NULL: nobody waits any more */
    enum sg_export_content content;
    char *file[2];
    size_t text_maximum;
    struct sg_history copy;
    struct sg_error error;
    enum sg_status status;
    GBytes *text;
};

struct sg_history_export {
    const struct sg_history *(*history)(void *context);
    void (*done)(const struct sg_history_export_result *result, void *context);
    void *context;
    size_t first, count, copied;
    const struct sg_history *source; /* only compared */
    guint64 epoch;
    guint idle;
    struct work *work; /* ours until the worker has it */
    struct work *under_way;
};

static void work_free(struct work *work)
{
    sg_history_free(&work->copy);
    g_free(work->file[0]);
    g_free(work->file[1]);
    g_clear_pointer(&work->text, g_bytes_unref);
    g_free(work);
}

static enum sg_status write_rows(const struct work *work, struct sg_error *error)
{
    struct sg_replacement replacement;
    enum sg_status status = sg_replacement_begin(&replacement, work->file[0], error);
    if (status != SG_OK)
        return status;
    struct sg_buffer text;
    sg_buffer_init(&text, 4 * CHUNK);
    for (size_t row = 0; row < work->copy.length && status == SG_OK; row += 4096) {
        size_t count = MIN((size_t)4096, work->copy.length - row);
        status = rows_csv(&work->copy, row, count, row == 0, &text);
        if (status != SG_OK) {
            sg_fail(error, status, "%s cannot be written: no memory", work->file[0]);
        } else if (text.length >= CHUNK || row + count == work->copy.length) {
            status = sg_replacement_write(&replacement, text.data, text.length, error);
            sg_buffer_clear(&text);
        }
    }
    sg_buffer_free(&text);
    if (status == SG_OK)
        return sg_replacement_commit(&replacement, error);
    sg_replacement_abandon(&replacement);
    return status;
}

static enum sg_status write_bars(const struct work *work, int leg, struct sg_error *error)
{
    const struct sg_history *rows = &work->copy;
    struct sg_bar *bars = calloc(rows->length, sizeof *bars);
    if (bars == NULL)
        return sg_fail(error, SG_ERR_NOMEM, "no memory for %zu bars", rows->length);
    double *const *column = rows->column + (leg ? SG_COL_B_OPEN : SG_COL_A_OPEN);
    const double *trades = rows->column[leg ? SG_COL_B_TRADES : SG_COL_A_TRADES];
    for (size_t i = 0; i < rows->length; i++) {
        double volume = column[4][i];
        bars[i] = (struct sg_bar){.time_us = rows->time_us[i],
                                  .open = column[0][i],
                                  .high = column[1][i],
                                  .low = column[2][i],
                                  .close = column[3][i],
                                  .trades = isfinite(trades[i]) ? (uint32_t)trades[i] : 0};
        if (isfinite(volume))
            bars[i].volume = (sg_qty)rint(volume * 1e8); /* counted in these units; exact up to 2^53 of them */
        else
            bars[i].flags |= SG_BAR_NO_VOLUME;
        if (rows->flags[i] & (leg ? SG_ROW_B_FILLED : SG_ROW_A_FILLED))
            bars[i].flags |= SG_BAR_FILLED;
    }
    enum sg_status status = sg_csv_export_bars(work->file[leg], bars, rows->length, false, error);
    free(bars);
    return status;
}

static enum sg_status write_text(struct work *work, struct sg_error *error)
{
    struct sg_buffer text;
    sg_buffer_init(&text, work->text_maximum);
    if (rows_csv(&work->copy, 0, work->copy.length, true, &text) != SG_OK) {
        sg_buffer_free(&text);
        return sg_fail(error, SG_ERR_NOMEM, "%zu bars are too many for the clipboard: export them to a file", work->copy.length);
    }
    work->text = g_bytes_new(text.data, text.length);
    sg_buffer_free(&text);
    return SG_OK;
}

static void run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    struct work *work = data;
    sg_pool_enter();
    if (work->content == SG_EXPORT_BARS) {
        work->status = write_bars(work, 0, &work->error);
        if (work->status == SG_OK)
            work->status = write_bars(work, 1, &work->error);
    } else {
        work->status = work->file[0] ? write_rows(work, &work->error) : write_text(work, &work->error);
    }
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

static void finish(struct sg_history_export *job, enum sg_status status, const char *message, GBytes *text)
{
    struct sg_history_export_result result = {.status = status, .message = message, .rows = job->count, .text = text};
    job->done(&result, job->context);
    g_free(job);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    (void)data;
    struct work *work = g_task_get_task_data(G_TASK(result));
    sg_pool_collect();
    if (work->owner != NULL)
        finish(work->owner, work->status, work->status == SG_OK ? NULL : work->error.text, work->text);
    work_free(work);
}

/* ---- copying ---- */

static gboolean copy_piece(struct sg_history_export *job)
{
    const struct sg_history *history = job->history(job->context);
    struct sg_history *copy = &job->work->copy;
    if (history == NULL || history != job->source || history->epoch != job->epoch)
        return FALSE;
    size_t from = job->first + job->copied, count = MIN((size_t)PIECE, job->count - job->copied);
    memcpy(copy->time_us + job->copied, history->time_us + from, count * sizeof *copy->time_us);
    for (int i = 0; i < SG_COL_COUNT; i++)
        memcpy(copy->column[i] + job->copied, history->column[i] + from, count * sizeof *copy->column[i]);
    memcpy(copy->flags + job->copied, history->flags + from, count * sizeof *copy->flags);
    job->copied += count;
    return TRUE;
}

static gboolean on_idle(gpointer data)
{
    struct sg_history_export *job = data;
    if (!copy_piece(job)) {
        job->idle = 0;
        g_clear_pointer(&job->work, work_free);
        finish(job, SG_ERR_CANCELLED, "the bars changed while they were being copied: try again", NULL);
        return G_SOURCE_REMOVE;
    }
    if (job->copied < job->count)
        return G_SOURCE_CONTINUE;
    job->idle = 0;
    job->work->copy.length = job->count;
    job->under_way = g_steal_pointer(&job->work);
    GTask *task = g_task_new(NULL, NULL, on_written, NULL);
    g_task_set_task_data(task, job->under_way, NULL); /* freed by on_written: the task may end on either thread */
    sg_pool_begin();
    g_task_run_in_thread(task, run);
    g_object_unref(task);
    return G_SOURCE_REMOVE;
}

/* Columns that are only as large as what will be copied; the pages come as they are written. */
static gboolean make_room(struct sg_history *copy, const struct sg_history *history, size_t count)
{
    sg_history_init(copy, history->interval_us, count);
    copy->time_us = malloc(count * sizeof *copy->time_us);
    copy->flags = malloc(count * sizeof *copy->flags);
    gboolean good = copy->time_us != NULL && copy->flags != NULL;
    for (int i = 0; i < SG_COL_COUNT; i++)
        good &= (copy->column[i] = malloc(count * sizeof *copy->column[i])) != NULL;
    copy->capacity = count;
    return good;
}

struct sg_history_export *sg_history_export_start(const struct sg_history *(*history)(void *context), const struct sg_history_export_request *request,
                                                  void (*done)(const struct sg_history_export_result *result, void *context), void *context)
{
    const struct sg_history *source = history(context);
    if (source == NULL || request->count == 0 || request->first >= source->length || request->count > source->length - request->first)
        return NULL;
    struct sg_history_export *job = g_new0(struct sg_history_export, 1);
    *job = (struct sg_history_export){
        .history = history, .done = done, .context = context, .first = request->first, .count = request->count, .source = source, .epoch = source->epoch};
    job->work = g_new0(struct work, 1);
    job->work->owner = job;
    job->work->content = request->content;
    job->work->text_maximum = request->text_maximum;
    for (int i = 0; i < 2; i++)
        job->work->file[i] = g_strdup(request->file[i]);
    if (!make_room(&job->work->copy, source, request->count)) {
        work_free(job->work);
        g_free(job);
        return NULL;
    }
    job->idle = g_idle_add(on_idle, job);
    return job;
}

void sg_history_export_cancel(struct sg_history_export *job)
{
    if (job == NULL)
        return;
    g_clear_handle_id(&job->idle, g_source_remove);
    g_clear_pointer(&job->work, work_free);
    if (job->under_way != NULL)
        job->under_way->owner = NULL;
    g_free(job);
}
