/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/pair_scan_pool.h"

#include <pthread.h>
#include <stdbool.h>

#define CHUNK 64 /* pairs taken at a time: a millisecond of work, so that no thread waits long for the last one */
#define THREADS_MAX 64u

/* The workers share a counter and nothing else; each writes rows of its own. Threads and lock are pthread's, because the thread sanitizer
 * sees through those, and not through GLib's. */
struct scan {
    const struct sg_scan_input *input;
    GCancellable *cancellable;
    struct sg_scan_row *rows;
    size_t count;
    pthread_mutex_t lock;
    size_t next;           /* first pair that nobody has taken; lock */
    enum sg_status status; /* the first failure; lock */
};

static bool take(struct scan *scan, enum sg_status before, size_t *ret_first, size_t *ret_count)
{
    bool cancelled = g_cancellable_is_cancelled(scan->cancellable);
    pthread_mutex_lock(&scan->lock);
    if (scan->status == SG_OK)
        scan->status = before != SG_OK ? before : cancelled && scan->next < scan->count ? SG_ERR_CANCELLED : SG_OK;
    bool more = scan->status == SG_OK && scan->next < scan->count;
    if (more) {
        *ret_first = scan->next;
        *ret_count = MIN((size_t)CHUNK, scan->count - scan->next);
        scan->next += *ret_count;
    }
    pthread_mutex_unlock(&scan->lock);
    return more;
}

static void *work(void *context)
{
    struct scan *scan = context;
    size_t first = 0, count = 0;
    struct sg_adf_workspace *workspace = sg_adf_workspace_new(scan->input->bars);
    enum sg_status status = workspace ? SG_OK : SG_ERR_NOMEM;
    while (take(scan, status, &first, &count))
        status = sg_scan_pairs(workspace, scan->input, first, count, scan->rows + first);
    sg_adf_workspace_free(workspace);
    return NULL;
}

enum sg_status sg_pair_scan_all(const struct sg_scan_input *input, unsigned threads, GCancellable *cancellable, struct sg_scan_row *ret_rows,
                                struct sg_error *error)
{
    struct scan scan = {.input = input, .cancellable = cancellable, .rows = ret_rows, .count = sg_scan_pair_count(input->series), .status = SG_OK};
    if (scan.count == 0)
        return sg_fail(error, SG_ERR_INVALID, "a scan takes from 2 to %d series, not %zu", SG_SCAN_SERIES_MAX, input->series);
    unsigned workers = threads > 0 ? threads : g_get_num_processors();
    workers = MIN(MIN(workers, THREADS_MAX), (unsigned)((scan.count + CHUNK - 1) / CHUNK));
    pthread_mutex_init(&scan.lock, NULL);
    pthread_t started[THREADS_MAX];
    unsigned running = 0;
    while (running + 1 < workers && pthread_create(&started[running], NULL, work, &scan) == 0)
        running++;
    work(&scan); /* the caller works too, so it ends even where no thread can be made */
    while (running > 0)
        pthread_join(started[--running], NULL);
    enum sg_status status = scan.status;
    pthread_mutex_destroy(&scan.lock);
    if (status != SG_OK)
        return sg_fail(error, status,
                       status == SG_ERR_CANCELLED ? "the scan was called off"
                       : status == SG_ERR_NOMEM   ? "no memory for a scan of %zu bars"
                                                  : "the scan of %zu bars failed",
                       input->bars);
    return SG_OK;
}
