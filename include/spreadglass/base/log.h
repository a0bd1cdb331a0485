/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A log whose owner decides where lines go, and in which an error that repeats does not drown the others.
 *
 * A line is told to the sink at once. The same (level, area, text) again within the period is only counted; when the period is
 * over (sg_log_flush, or the next line of that kind) one line says how often it came. At most SG_LOG_KINDS kinds are remembered;
 * the one heard least recently gives way, after its count was told.
 *
 * Any thread; everything behind one pthread mutex {log}. The sink is called with it held, so it must not log. No allocation. */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/base/status.h"

enum sg_log_level { SG_LOG_DEBUG, SG_LOG_INFO, SG_LOG_WARNING, SG_LOG_ERROR, SG_LOG_LEVEL_COUNT };

#define SG_LOG_KINDS 32
#define SG_LOG_TEXT 256

/* `text` is one line without its end, cut at SG_LOG_TEXT - 1 bytes; valid during the call. */
typedef void (*sg_log_sink)(void *context, int64_t wall_us, enum sg_log_level level, const char *area, const char *text);

struct sg_log {
    pthread_mutex_t mutex;
    sg_log_sink sink;
    void *context;
    const struct sg_clock *clock;
    enum sg_log_level threshold; /* what is below is not told and not counted */
    int64_t period_us;
    struct sg_log_kind {
        char text[SG_LOG_TEXT];
        const char *area;
        enum sg_log_level level;
        int64_t told_us, heard_us; /* monotonic */
        uint64_t repeated;         /* since it was told */
        bool used;
    } kinds[SG_LOG_KINDS];
};

const char *sg_log_level_name(enum sg_log_level level); /* "debug", "info", "warning", "error" */
/* `clock` NULL: the system's. period_us 0: 10 s. SG_ERR_NOMEM when the system has no mutex left. */
enum sg_status sg_log_init(struct sg_log *log, enum sg_log_level threshold, int64_t period_us, const struct sg_clock *clock, sg_log_sink sink, void *context);
void sg_log_free(struct sg_log *log); /* tells the counts that are left */
/* `area` is a constant string ("feed", "store"). Never use the format for floating point. A NULL log swallows the line. */
void sg_log_write(struct sg_log *log, enum sg_log_level level, const char *area, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Tells what repeated in periods that are over. Call it on a timer. */
void sg_log_flush(struct sg_log *log);
