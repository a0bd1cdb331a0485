/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/span_analyst.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include "pool_jobs_private.h"

/* Filled by main, then the worker's alone until it hands it back; `stop` and `analyst` excepted, which are atomic and main's. */
struct job {
    struct sg_span_analyst *analyst; /* NULL: nobody waits any more. Main */
    atomic_bool stop;
    double *closes; /* count of A, then count of B */
    struct sg_span_answer answer;
};

struct sg_span_analyst {
    void (*ready)(const struct sg_span_answer *answer, void *context);
    void *context;
    struct job *job; /* under way; NULL: none */
};

static void job_free(struct job *job)
{
    free(job->closes);
    g_free(job);
}

static void work(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    sg_pool_enter();
    struct job *job = data;
    size_t count = job->answer.count;
    job->answer.status = job->closes == NULL ? SG_ERR_NOMEM : sg_span_stats_compute(job->closes, job->closes + count, count, &job->stop, &job->answer.stats);
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    (void)data;
    struct job *job = g_task_get_task_data(G_TASK(result));
    sg_pool_collect();
    struct sg_span_analyst *analyst = job->analyst;
    if (analyst != NULL) {
        analyst->job = NULL;
        bool wanted = !atomic_load(&job->stop) && job->answer.status != SG_ERR_CANCELLED;
        analyst->ready(wanted ? &job->answer : NULL, analyst->context);
    }
    job_free(job);
}

struct sg_span_analyst *sg_span_analyst_new(void (*ready)(const struct sg_span_answer *answer, void *context), void *context)
{
    struct sg_span_analyst *analyst = calloc(1, sizeof *analyst);
    if (analyst == NULL)
        return NULL;
    analyst->ready = ready;
    analyst->context = context;
    return analyst;
}

void sg_span_analyst_call_off(struct sg_span_analyst *analyst)
{
    if (analyst->job != NULL)
        atomic_store(&analyst->job->stop, true);
}

void sg_span_analyst_free(struct sg_span_analyst *analyst)
{
    if (analyst == NULL)
        return;
    sg_span_analyst_call_off(analyst);
    if (analyst->job != NULL)
        analyst->job->analyst = NULL;
    free(analyst);
}

gboolean sg_span_analyst_ask(struct sg_span_analyst *analyst, const struct sg_history *history, size_t first, size_t count)
{
    if (analyst->job != NULL) {
        sg_span_analyst_call_off(analyst);
        return FALSE;
    }
    g_assert(first <= history->length && count <= history->length - first);
    struct job *job = g_new0(struct job, 1);
    job->analyst = analyst;
    job->closes = malloc((count ? count : 1) * 2 * sizeof *job->closes);
    job->answer = (struct sg_span_answer){.epoch = history->epoch, .first = first, .count = count};
    if (job->closes != NULL && count > 0) { /* no memory: the answer says so */
        memcpy(job->closes, history->column[SG_COL_A_CLOSE] + first, count * sizeof *job->closes);
        memcpy(job->closes + count, history->column[SG_COL_B_CLOSE] + first, count * sizeof *job->closes);
        job->answer.first_us = history->time_us[first];
        job->answer.last_us = history->time_us[first + count - 1];
    }
    analyst->job = job;
    GTask *task = g_task_new(NULL, NULL, on_done, NULL);
    g_task_set_task_data(task, job, NULL); /* freed by on_done: the task may end on either thread */
    sg_pool_begin();
    g_task_run_in_thread(task, work);
    g_object_unref(task);
    return TRUE;
}
