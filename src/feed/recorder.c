/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recorder: lines are collected in memory, and go to the file as whole lines, compressed or not. */
#include "spreadglass/feed/recorder.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>
#include "history_line_private.h"
#include "recording_line_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"

#define PENDING_MAX ((size_t)40 << 20) /* one message of the largest size, and more */
#define PENDING_FLUSH ((size_t)256 << 10)
#define ROTATE_BYTES ((uint64_t)1 << 30)
#define PATH_BUF 512

struct sg_recorder {
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    int64_t flush_us;
    uint64_t rotate_bytes;
    unsigned keep_files;
    bool with_history;
    bool one_symbol;     /* of both legs: a message names its symbol and not its market, so the line names the leg */
    char path[PATH_BUF]; /* as given */
    bool gzip;

    int descriptor;
    unsigned file_number; /* of the file being written, from 0 */
    uint64_t file_bytes;
    z_stream deflate;
    bool deflating;
    unsigned char packed[64 << 10];
    struct sg_buffer pending;       /* whole lines */
    int64_t flushed_us, written_us; /* receive times: of the last flush, of the last line */

    pthread_mutex_t lock; /* {recorder}: status */
    struct sg_recorder_status status;
};

/* "x.ndjson.gz", 2 -> "x.2.ndjson.gz": the number goes before what the name ends in. */
static bool path_of(const struct sg_recorder *recorder, unsigned number, char buffer[static PATH_BUF])
{
    if (number == 0) {
        memcpy(buffer, recorder->path, PATH_BUF);
        return true;
    }
    const char *name = strrchr(recorder->path, '/');
    name = name ? name + 1 : recorder->path;
    const char *dot = strchr(name[0] == '.' ? name + 1 : name, '.');
    size_t stem = dot ? (size_t)(dot - recorder->path) : strlen(recorder->path);
    int length = snprintf(buffer, PATH_BUF, "%.*s.%u%s", (int)stem, recorder->path, number, recorder->path + stem);
    return length > 0 && length < PATH_BUF;
}

/* The first failure ends the writing: a file with a hole in its middle would be read as whole. */
static void give_up(struct sg_recorder *recorder, enum sg_status status, const char *what, const char *why)
{
    pthread_mutex_lock(&recorder->lock);
    if (recorder->status.status == SG_OK) {
        recorder->status.status = status;
        snprintf(recorder->status.detail, sizeof recorder->status.detail, "%.80s: %s: %.90s; the recording ends here", recorder->status.file, what, why);
    }
    pthread_mutex_unlock(&recorder->lock);
}

static bool failed(const struct sg_recorder *recorder)
{
    return recorder->status.status != SG_OK; /* written on this thread only */
}

static bool write_all(struct sg_recorder *recorder, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t count = write(recorder->descriptor, at, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            give_up(recorder, SG_ERR_IO, "cannot be written", strerror(count < 0 ? errno : ENOSPC));
            return false;
        }
        at += count;
        length -= (size_t)count;
        recorder->file_bytes += (uint64_t)count;
        pthread_mutex_lock(&recorder->lock);
        recorder->status.bytes += (uint64_t)count;
        pthread_mutex_unlock(&recorder->lock);
    }
    return true;
}

/* Compresses and writes; Z_SYNC_FLUSH leaves everything so far readable, Z_FINISH ends the stream. */
static bool write_packed(struct sg_recorder *recorder, const char *bytes, size_t length, int how)
{
    z_stream *stream = &recorder->deflate;
    stream->next_in = (unsigned char *)(uintptr_t)bytes;
    stream->avail_in = (unsigned)length; /* PENDING_MAX fits */
    int code;
    do {
        stream->next_out = recorder->packed;
        stream->avail_out = sizeof recorder->packed;
        code = deflate(stream, how);
        if (!write_all(recorder, recorder->packed, sizeof recorder->packed - stream->avail_out))
            return false;
    } while (how == Z_FINISH ? code == Z_OK : stream->avail_out == 0);
    return true;
}

static bool flush(struct sg_recorder *recorder)
{
    if (failed(recorder))
        return false;
    if (recorder->pending.length == 0)
        return true;
    bool good = recorder->gzip ? write_packed(recorder, recorder->pending.data, recorder->pending.length, Z_SYNC_FLUSH)
                               : write_all(recorder, recorder->pending.data, recorder->pending.length);
    sg_buffer_clear(&recorder->pending);
    return good;
}

static bool close_file(struct sg_recorder *recorder)
{
    bool good = flush(recorder);
    if (recorder->deflating) {
        good = good && write_packed(recorder, "", 0, Z_FINISH);
        deflateEnd(&recorder->deflate);
        recorder->deflating = false;
    }
    if (recorder->descriptor >= 0 && close(recorder->descriptor) != 0 && good) {
        give_up(recorder, SG_ERR_IO, "cannot be closed", strerror(errno));
        good = false;
    }
    recorder->descriptor = -1;
    return good;
}

static enum sg_status write_header(struct sg_recorder *recorder)
{
    struct sg_buffer *line = &recorder->pending;
    char pair[SG_PAIR_BUF];
    size_t length = sg_pair_format(recorder->legs, recorder->legs[SG_LEG_A].market, pair);
    bool timeless =
        sg_stream_is_timeless(recorder->stream, recorder->legs[SG_LEG_A].market) || sg_stream_is_timeless(recorder->stream, recorder->legs[SG_LEG_B].market);
    sg_buffer_append_format(line, "{\"spreadglass\":%d,\"market\":\"", timeless || recorder->one_symbol ? 3 : recorder->with_history ? 2 : 1);
    sg_buffer_append_text(line, sg_market_name(recorder->legs[SG_LEG_A].market));
    sg_buffer_append_text(line, "\",\"pair\":");
    sg_buffer_append_json_string(line, pair, length);
    sg_buffer_append_text(line, ",\"stream\":\"");
    sg_buffer_append_text(line, sg_stream_name(recorder->stream));
    sg_buffer_append_text(line, "\"}\n");
    return line->overflowed ? SG_ERR_NOMEM : SG_OK;
}

static enum sg_status open_file(struct sg_recorder *recorder, struct sg_error *error)
{
    char path[PATH_BUF];
    if (!path_of(recorder, recorder->file_number, path))
        return sg_fail(error, SG_ERR_INVALID, "%s: the name is too long", recorder->path);
    recorder->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* whom one watches is nobody else's business */
    if (recorder->descriptor < 0)
        return sg_fail(error, errno == EEXIST ? SG_ERR_EXISTS : SG_ERR_IO, errno == EEXIST ? "%s: the file exists already; name another one" : "%s: %s", path,
                       strerror(errno));
    recorder->file_bytes = 0;
    pthread_mutex_lock(&recorder->lock);
    memcpy(recorder->status.file, path, sizeof path);
    recorder->status.files++;
    pthread_mutex_unlock(&recorder->lock);
    if (recorder->gzip) {
        memset(&recorder->deflate, 0, sizeof recorder->deflate);
        if (deflateInit2(&recorder->deflate, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            return sg_fail(error, SG_ERR_NOMEM, "no memory to compress %s", path);
        recorder->deflating = true;
    }
    enum sg_status status = write_header(recorder);
    if (status != SG_OK)
        return sg_fail(error, status, "no memory to record %s", path);
    return flush(recorder) ? SG_OK : sg_fail(error, SG_ERR_IO, "%s", recorder->status.detail);
}

static void rotate(struct sg_recorder *recorder)
{
    struct sg_error error = {0};
    if (!close_file(recorder))
        return;
    recorder->file_number++;
    enum sg_status status = open_file(recorder, &error);
    if (status != SG_OK) {
        give_up(recorder, status, "the next file cannot be begun", error.text);
        return;
    }
    char path[PATH_BUF];
    if (recorder->keep_files > 0 && recorder->file_number >= recorder->keep_files && path_of(recorder, recorder->file_number - recorder->keep_files, path))
        (void)unlink(path);
}

static void count_lost(struct sg_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->status.lost++;
    pthread_mutex_unlock(&recorder->lock);
}

/* After a line: keeps memory small, the file fresh, and its size bounded. */
static void settle(struct sg_recorder *recorder, int64_t recv_us)
{
    recorder->written_us = recv_us;
    if (recorder->flushed_us == 0)
        recorder->flushed_us = recv_us;
    if (recorder->pending.length < PENDING_FLUSH && recv_us - recorder->flushed_us < recorder->flush_us)
        return;
    recorder->flushed_us = recv_us;
    if (flush(recorder) && recorder->file_bytes >= recorder->rotate_bytes)
        rotate(recorder);
}

/* Ends a line that was begun at `mark`; a line that does not fit is taken back and counted. */
static bool end_line(struct sg_recorder *recorder, size_t mark)
{
    sg_buffer_append_text(&recorder->pending, "}\n");
    if (!recorder->pending.overflowed)
        return true;
    recorder->pending.length = mark;
    recorder->pending.overflowed = false;
    count_lost(recorder);
    return false;
}

void sg_recorder_message(struct sg_recorder *recorder, int64_t recv_us, int leg, const char *text, size_t length)
{
    struct sg_buffer *line = &recorder->pending;
    size_t mark = line->length;
    if (failed(recorder) || length > SG_RECORDING_LINE_MAX - 64) {
        count_lost(recorder);
        return;
    }
    sg_buffer_append_format(line, "{\"t\":%" PRId64, recv_us);
    if (recorder->one_symbol && leg >= 0)
        sg_buffer_append_format(line, ",\"leg\":%d", leg);
    sg_buffer_append_text(line, ",\"m\":");
    size_t begin = line->length;
    sg_buffer_append(line, text, length);
    for (size_t i = begin; i < line->length; i++)
        if (line->data[i] == '\n' || line->data[i] == '\r')
            line->data[i] = ' ';
    if (!end_line(recorder, mark))
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder->status.messages++;
    pthread_mutex_unlock(&recorder->lock);
    settle(recorder, recv_us);
}

void sg_recorder_event(struct sg_recorder *recorder, const struct sg_feed_event *event)
{
    struct sg_buffer *line = &recorder->pending;
    size_t mark = line->length;
    if (failed(recorder)) {
        count_lost(recorder);
        return;
    }
    sg_buffer_append_format(line, "{\"t\":%" PRId64 ",\"event\":\"%s\",\"leg\":%d,\"detail\":", event->recv_us, sg_recording_event_name(event->code),
                            event->leg);
    sg_buffer_append_json_string(line, event->detail, strnlen(event->detail, sizeof event->detail));
    if (!end_line(recorder, mark))
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder->status.events++;
    pthread_mutex_unlock(&recorder->lock);
    settle(recorder, event->recv_us);
}

void sg_recorder_dropped(struct sg_recorder *recorder, int64_t recv_us, int leg, uint64_t count)
{
    struct sg_feed_event event = {.recv_us = recv_us, .code = SG_EVENT_DROPPED, .leg = leg};
    if (!recorder->with_history)
        return;
    snprintf(event.detail, sizeof event.detail,
             "%" PRIu64 " %s of leg %c did not reach the session that was recorded, because its ring was full; they are in this recording", count,
             count == 1 ? "tick" : "ticks", leg == SG_LEG_A ? 'A' : 'B');
    sg_recorder_event(recorder, &event);
}

void sg_recorder_history(struct sg_recorder *recorder, int64_t recv_us, const struct sg_history_answer *answer)
{
    size_t mark = recorder->pending.length;
    if (!recorder->with_history)
        return;
    if (failed(recorder)) {
        count_lost(recorder);
        return;
    }
    sg_history_line_write(&recorder->pending, recv_us, answer);
    if (!end_line(recorder, mark))
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder->status.events++;
    pthread_mutex_unlock(&recorder->lock);
    settle(recorder, recv_us);
}

void sg_recorder_end(struct sg_recorder *recorder, int64_t recv_us)
{
    size_t mark = recorder->pending.length;
    if (!recorder->with_history || failed(recorder))
        return;
    sg_buffer_append_format(&recorder->pending, "{\"t\":%" PRId64 ",\"end\":1", recv_us);
    if (end_line(recorder, mark))
        settle(recorder, recv_us);
}

void sg_recorder_beat(struct sg_recorder *recorder, int64_t recv_us)
{
    if (failed(recorder))
        return;
    if (recv_us - recorder->written_us >= SG_US_PER_S) {
        size_t mark = recorder->pending.length;
        sg_buffer_append_format(&recorder->pending, "{\"t\":%" PRId64 ",\"alive\":1", recv_us);
        if (end_line(recorder, mark))
            recorder->written_us = recv_us;
    }
    if (recorder->flushed_us == 0 || recv_us - recorder->flushed_us >= recorder->flush_us) {
        recorder->flushed_us = recv_us;
        if (flush(recorder) && recorder->file_bytes >= recorder->rotate_bytes)
            rotate(recorder);
    }
}

void sg_recorder_status(struct sg_recorder *recorder, struct sg_recorder_status *ret_status)
{
    pthread_mutex_lock(&recorder->lock);
    *ret_status = recorder->status;
    pthread_mutex_unlock(&recorder->lock);
}

static void destroy(struct sg_recorder *recorder)
{
    if (recorder->deflating)
        deflateEnd(&recorder->deflate);
    if (recorder->descriptor >= 0)
        close(recorder->descriptor);
    pthread_mutex_destroy(&recorder->lock);
    sg_buffer_free(&recorder->pending);
    free(recorder);
}

struct sg_recorder *sg_recorder_start(const struct sg_recorder_config *config, struct sg_error *error)
{
    size_t length = strlen(config->file);
    if (length == 0 || length >= PATH_BUF - 16) {
        sg_fail(error, SG_ERR_INVALID, "a recording needs a file name of at most %d characters", PATH_BUF - 17);
        return NULL;
    }
    struct sg_recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) {
        sg_fail(error, SG_ERR_NOMEM, "no memory to record");
        return NULL;
    }
    pthread_mutex_init(&recorder->lock, NULL);
    sg_buffer_init(&recorder->pending, PENDING_MAX);
    memcpy(recorder->path, config->file, length + 1);
    memcpy(recorder->legs, config->legs, sizeof recorder->legs);
    recorder->stream = config->stream;
    recorder->flush_us = config->flush_us > 0 ? config->flush_us : SG_US_PER_S;
    recorder->rotate_bytes = config->rotate_bytes > 0 ? config->rotate_bytes : ROTATE_BYTES;
    recorder->keep_files = config->keep_files;
    recorder->with_history = config->with_history;
    recorder->one_symbol = strcmp(config->legs[SG_LEG_A].symbol, config->legs[SG_LEG_B].symbol) == 0;
    recorder->gzip = length > 3 && strcasecmp(config->file + length - 3, ".gz") == 0;
    recorder->descriptor = -1;
    if (open_file(recorder, error) != SG_OK) {
        destroy(recorder);
        return NULL;
    }
    return recorder;
}

enum sg_status sg_recorder_stop(struct sg_recorder *recorder, struct sg_error *error)
{
    if (!recorder)
        return SG_OK;
    if (!failed(recorder))
        (void)close_file(recorder);
    enum sg_status status = recorder->status.status;
    if (status != SG_OK)
        sg_fail(error, status, "%s", recorder->status.detail);
    destroy(recorder);
    return status;
}
