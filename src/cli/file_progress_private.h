/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How far the reading of a file is, on standard error when that is a terminal; and Ctrl+C, which ends it cleanly. Main thread. */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct sg_file_progress {
    const char *verb;
    bool terminal;
    int64_t shown_us;
    struct sigaction before;
};

/* Between the two, Ctrl+C makes `show` say no. */
void sg_file_progress_begin(struct sg_file_progress *progress, const char *verb);
void sg_file_progress_end(struct sg_file_progress *progress);
/* As sg_series_config.progress: `context` is the struct. */
bool sg_file_progress_show(void *context, uint64_t bytes_read, uint64_t bytes_total);
