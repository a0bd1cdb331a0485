/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PERIOD_US (10 * SG_US_PER_S)

const char *sg_log_level_name(enum sg_log_level level)
{
    static const char *const names[SG_LOG_LEVEL_COUNT] = {"debug", "info", "warning", "error"};
    size_t index = (size_t)level;

    return index < SG_LOG_LEVEL_COUNT ? names[index] : "unknown";
}

enum sg_status sg_log_init(struct sg_log *log, enum sg_log_level threshold, int64_t period_us, const struct sg_clock *clock, sg_log_sink sink, void *context)
{
    *log = (struct sg_log){
        .sink = sink,
        .context = context,
        .clock = clock ? clock : sg_clock_system(),
        .threshold = threshold,
        .period_us = period_us > 0 ? period_us : DEFAULT_PERIOD_US,
    };
    return pthread_mutex_init(&log->mutex, NULL) == 0 ? SG_OK : SG_ERR_NOMEM;
}

static void tell(struct sg_log *log, enum sg_log_level level, const char *area, const char *text)
{
    log->sink(log->context, sg_clock_wall(log->clock), level, area, text);
}

static void tell_repeated(struct sg_log *log, struct sg_log_kind *kind, int64_t now_us)
{
    if (kind->repeated > 0) {
        char text[SG_LOG_TEXT + 48];

        snprintf(text, sizeof text, "%" PRIu64 " more in %" PRId64 " s: %s", kind->repeated, (now_us - kind->told_us) / SG_US_PER_S, kind->text);
        text[SG_LOG_TEXT - 1] = '\0';
        tell(log, kind->level, kind->area, text);
        kind->repeated = 0;
    }
    kind->told_us = now_us;
}

/* The kind of this line, or the place for it: a free one, else the one heard least recently. */
static struct sg_log_kind *find_kind(struct sg_log *log, enum sg_log_level level, const char *area, const char *text, bool *ret_known)
{
    struct sg_log_kind *place = &log->kinds[0];

    for (size_t i = 0; i < SG_LOG_KINDS; i++) {
        struct sg_log_kind *kind = &log->kinds[i];

        if (kind->used && kind->level == level && strcmp(kind->area, area) == 0 && strcmp(kind->text, text) == 0) {
            *ret_known = true;
            return kind;
        }
        if (place->used && (!kind->used || kind->heard_us < place->heard_us)) {
            place = kind;
        }
    }
    *ret_known = false;
    return place;
}

void sg_log_write(struct sg_log *log, enum sg_log_level level, const char *area, const char *format, ...)
{
    char text[SG_LOG_TEXT];
    struct sg_log_kind *kind;
    va_list arguments;
    int64_t now_us;
    bool known;

    if (!log || level < log->threshold) {
        return;
    }
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) {
        text[0] = '\0';
    }
    va_end(arguments);
    for (char *c = text; *c; c++) {
        *c = *c == '\n' || *c == '\r' ? ' ' : *c; /* one line stays one line, whatever a peer sent */
    }

    pthread_mutex_lock(&log->mutex);
    now_us = sg_clock_mono(log->clock);
    kind = find_kind(log, level, area, text, &known);
    if (known && now_us - kind->told_us < log->period_us) {
        kind->repeated++;
    } else if (known && kind->repeated > 0) {
        kind->repeated++; /* this one too: the summary stands for it */
        tell_repeated(log, kind, now_us);
    } else {
        if (!known) {
            tell_repeated(log, kind, now_us);
            *kind = (struct sg_log_kind){.area = area, .level = level, .used = true};
            memcpy(kind->text, text, strlen(text) + 1);
        }
        kind->told_us = now_us;
        tell(log, level, area, text);
    }
    kind->heard_us = now_us;
    pthread_mutex_unlock(&log->mutex);
}

void sg_log_flush(struct sg_log *log)
{
    int64_t now_us;

    pthread_mutex_lock(&log->mutex);
    now_us = sg_clock_mono(log->clock);
    for (size_t i = 0; i < SG_LOG_KINDS; i++) {
        struct sg_log_kind *kind = &log->kinds[i];

        if (kind->used && now_us - kind->told_us >= log->period_us) {
            if (kind->repeated > 0) {
                tell_repeated(log, kind, now_us);
            } else {
                kind->used = false; /* quiet for a whole period: the next one is news again */
            }
        }
    }
    pthread_mutex_unlock(&log->mutex);
}

void sg_log_free(struct sg_log *log)
{
    if (!log || !log->sink) {
        return;
    }
    for (size_t i = 0; i < SG_LOG_KINDS; i++) {
        if (log->kinds[i].used) {
            tell_repeated(log, &log->kinds[i], sg_clock_mono(log->clock));
        }
    }
    pthread_mutex_destroy(&log->mutex);
    *log = (struct sg_log){0};
}
