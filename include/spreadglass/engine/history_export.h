/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Rows of the history as CSV, into files or into memory, without holding up the main thread: rows are copied a piece at a time between other
 * work, formatting and writing happen on the pool. Functions with a job: main thread. */
#include <glib.h>
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/history.h"

enum sg_export_content {
    SG_EXPORT_ROWS, /* one file, the fields of `analyze --format csv`, every row as it was known at that bar */
    SG_EXPORT_BARS, /* a file per leg, the fields of `export`: `analyze A-FILE B-FILE` reads them to the same bits */
};

struct sg_history_export_request {
    enum sg_export_content content;
    size_t first, count; /* rows; count > 0 */
    const char *file[2]; /* ROWS: [0], NULL: into memory; BARS: of A and of B. Copied. An existing file is replaced, whole or not at all */
    size_t text_maximum; /* into memory: more bytes than this are SG_ERR_NOMEM with words */
};

struct sg_history_export_result {
    enum sg_status status;
    const char *message; /* not SG_OK: one line for a person: what failed, and what to do */
    size_t rows;
    GBytes *text; /* into memory, on success; else NULL. Valid during the call: take a reference */
};

struct sg_history_export;

/* `history` is asked for before every piece; NULL, another history or epoch than at first: SG_ERR_CANCELLED ("the bars changed meanwhile"). `done` comes once,
 * on the main context, after this returned, unless the export was cancelled; the handle is gone after it. NULL: not one row, or no memory. */
struct sg_history_export *sg_history_export_start(const struct sg_history *(*history)(void *context), const struct sg_history_export_request *request,
                                                  void (*done)(const struct sg_history_export_result *result, void *context), void *context);
/* `done` does not come. What the pool has begun to write it finishes. NULL is fine. */
void sg_history_export_cancel(struct sg_history_export *job);
