/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "file_progress_private.h"

#include <stdio.h>
#include <unistd.h>

#include "spreadglass/base/clock.h"

static volatile sig_atomic_t interrupted; /* set by Ctrl+C, read by the progress callback */

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void sg_file_progress_begin(struct sg_file_progress *progress, const char *verb)
{
    *progress = (struct sg_file_progress){.verb = verb, .terminal = isatty(STDERR_FILENO) == 1};
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, &progress->before);
}

void sg_file_progress_end(struct sg_file_progress *progress)
{
    sigaction(SIGINT, &progress->before, NULL);
    if (progress->shown_us > 0)
        fprintf(stderr, "\r%60s\r", "");
}

bool sg_file_progress_show(void *context, uint64_t bytes_read, uint64_t bytes_total)
{
    struct sg_file_progress *progress = context;
    int64_t now_us = sg_clock_mono(sg_clock_system());
    if (progress->terminal && bytes_total > 0 && now_us - progress->shown_us > 200 * SG_US_PER_MS) {
        progress->shown_us = now_us;
        fprintf(stderr, "\rspreadglass %s: %3d %% of %llu MB read", progress->verb, (int)(bytes_read * 100 / bytes_total),
                (unsigned long long)(bytes_total >> 20));
    }
    return !interrupted;
}
