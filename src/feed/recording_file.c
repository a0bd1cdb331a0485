/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file of a recording: open, decompress, recognise the form by its first line, and give one record after the other. */
#include "recording_file_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "spreadglass/base/place.h"
#include "recording_line_private.h"

#define GZIP_BUFFER (128u << 10)

static enum sg_status read_bytes(void *context, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    struct recording_file *file = context;
    unsigned wanted = capacity > (1u << 20) ? 1u << 20 : (unsigned)capacity;
    int count = gzread(file->gz, buffer, wanted);
    if (count > 0) {
        *ret_count = (size_t)count;
        return SG_OK;
    }
    int code = Z_OK;
    const char *text = gzerror(file->gz, &code);
    if (code == Z_BUF_ERROR) {
        /* The stream ends in its middle: what a crash of the writer leaves. What came before it is good. */
        file->early_end = true;
        *ret_count = 0;
        return SG_OK;
    }
    if (count < 0 || code < 0)
        return sg_fail(error, SG_ERR_IO, "%s", code == Z_ERRNO ? strerror(errno) : code == Z_DATA_ERROR ? "the gzip data is damaged" : text);
    *ret_count = 0;
    return SG_OK;
}

/* Puts "path:line: " before what a lower level said. */
static enum sg_status fail_at(const struct recording_file *file, uint64_t line, struct sg_error *error, enum sg_status status, const char *reason)
{
    if (line > 0)
        return sg_fail(error, status, "%s:%" PRIu64 ": %s", file->path, line, reason);
    return sg_fail(error, status, "%s: %s", file->path, reason);
}

static enum sg_status recognise(struct recording_file *file, struct sg_error *error)
{
    struct sg_error reason = {0};
    const char *bytes;
    size_t length = 0;
    /* The shortest beginning that tells; a plain message is judged when its line is read. */
    enum sg_status status = sg_line_reader_peek(&file->lines, 64, &bytes, &length, &reason);
    if (status == SG_ERR_END)
        return fail_at(file, 0, error, SG_ERR_PARSE,
                       file->early_end ? "the gzip stream ends before its first line: nothing was recorded" : "the file is empty");
    if (status != SG_OK)
        return fail_at(file, 0, error, status, reason.text);
    if (!sg_recording_form_recognise(bytes, length, &file->form))
        return fail_at(file, 0, error, SG_ERR_PARSE,
                       "not a recording: its first line is neither our own form, nor `<nanoseconds> <json>`, `<seconds>: <json>` or a JSON message");
    return SG_OK;
}

/* Plain messages carry no receive time: the first ones without an event time take the first that comes. */
static enum sg_status find_first_event_time(struct recording_file *file, struct sg_error *error)
{
    const char *bytes;
    size_t length;
    struct sg_error reason = {0};
    enum sg_status status = sg_line_reader_peek(&file->lines, (size_t)64 << 10, &bytes, &length, &reason);
    if (status != SG_OK && status != SG_ERR_END)
        return fail_at(file, 0, error, status, reason.text);
    int64_t time_us;
    if (status == SG_OK && sg_recording_event_time(bytes, length, &time_us))
        file->last_us = time_us;
    return SG_OK;
}

static enum sg_status begin(struct recording_file *file, struct sg_error *error)
{
    sg_line_reader_init(&file->lines, read_bytes, file, SG_RECORDING_LINE_MAX);
    enum sg_status status = recognise(file, error);
    if (status == SG_OK && file->form == FORM_PLAIN)
        status = find_first_event_time(file, error);
    return status;
}

enum sg_status sg_recording_file_open(struct recording_file *file, const char *path, struct sg_error *error)
{
    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    if (!file->path)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to open %s", path);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        char why[256];
        sg_unreadable_text(path, errno, why, sizeof why);
        enum sg_status status = sg_fail(error, SG_ERR_IO, "%s: %s", path, why);
        if (descriptor >= 0)
            close(descriptor);
        sg_recording_file_close(file);
        return status;
    }
    if (S_ISDIR(info.st_mode)) {
        close(descriptor);
        sg_recording_file_close(file);
        return sg_fail(error, SG_ERR_IO, "%s: it is a folder, not a recording", path);
    }
    file->size = info.st_size > 0 ? (uint64_t)info.st_size : 0;
    file->gz = gzdopen(descriptor, "rb");
    if (!file->gz) {
        close(descriptor);
        sg_recording_file_close(file);
        return sg_fail(error, SG_ERR_NOMEM, "no memory to open %s", path);
    }
    gzbuffer(file->gz, GZIP_BUFFER);
    enum sg_status status = begin(file, error);
    if (status != SG_OK)
        sg_recording_file_close(file);
    return status;
}

void sg_recording_file_close(struct recording_file *file)
{
    if (!file)
        return;
    sg_line_reader_free(&file->lines);
    if (file->gz)
        gzclose_r(file->gz);
    free(file->path);
    memset(file, 0, sizeof *file);
}

enum sg_status sg_recording_file_rewind(struct recording_file *file, struct sg_error *error)
{
    sg_line_reader_free(&file->lines);
    gzclearerr(file->gz);
    if (gzrewind(file->gz) != 0)
        return fail_at(file, 0, error, SG_ERR_IO, "cannot be read again from its beginning");
    file->early_end = file->torn_line = false;
    file->last_us = 0;
    file->backwards = file->first_backwards_line = 0;
    file->warning[0] = '\0';
    return begin(file, error);
}

uint64_t sg_recording_file_read_bytes(const struct recording_file *file)
{
    z_off_t offset = file->gz ? gzoffset(file->gz) : 0;
    return offset > 0 ? (uint64_t)offset : 0;
}

static enum sg_status take_header(struct recording_file *file, const struct recording_header *header, const char **ret_reason)
{
    if (!file->has_header) {
        file->has_header = true;
        memcpy(file->legs, header->legs, sizeof file->legs);
        file->stream = header->stream;
        return SG_OK;
    }
    bool same = file->stream == header->stream;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        same = same && file->legs[leg].market == header->legs[leg].market && strcmp(file->legs[leg].symbol, header->legs[leg].symbol) == 0;
    if (!same) {
        *ret_reason = "a second header line names another market, pair or stream: these files do not belong in one";
        return SG_ERR_PARSE;
    }
    return SG_OK;
}

enum sg_status sg_recording_file_next(struct recording_file *file, struct recording_record *ret_record, struct sg_error *error)
{
    for (;;) {
        struct sg_line line;
        struct sg_error reason = {0};
        enum sg_status status = sg_line_reader_next(&file->lines, &line, &reason);
        if (status == SG_ERR_END)
            return SG_ERR_END;
        if (status != SG_OK)
            return fail_at(file, file->lines.line, error, status, reason.text);
        /* Our own lines always end in "\n": without it the writer died within the line, even if it looks whole. */
        bool torn = !line.complete && (file->form == FORM_OWN || file->early_end || !sg_recording_line_is_whole(file->form, line.text, line.length));
        if (torn) {
            file->torn_line = true;
            continue;
        }
        struct recording_header header;
        const char *why = NULL;
        int64_t recv_us = file->last_us;
        switch (sg_recording_line_parse(file->form, line.text, line.length, &recv_us, ret_record, &header, &why)) {
        case LINE_SKIP: continue;
        case LINE_HEADER:
            status = take_header(file, &header, &why);
            if (status != SG_OK)
                return fail_at(file, line.number, error, status, why);
            continue;
        case LINE_BAD: return fail_at(file, line.number, error, SG_ERR_PARSE, why);
        case LINE_RECORD: break;
        }
        if (recv_us < file->last_us) {
            if (file->backwards++ == 0)
                file->first_backwards_line = line.number;
            recv_us = file->last_us;
        }
        file->last_us = recv_us;
        ret_record->recv_us = recv_us;
        ret_record->event.recv_us = ret_record->message.recv_us = recv_us;
        return SG_OK;
    }
}

const char *sg_recording_file_warning(struct recording_file *file)
{
    if (file->torn_line || file->early_end)
        snprintf(file->warning, sizeof file->warning, "%.160s: %s; everything before it was read", file->path,
                 file->early_end ? "the gzip stream breaks off" : "the last line is torn and was left out");
    else if (file->backwards > 0 && file->form != FORM_PLAIN)
        snprintf(file->warning, sizeof file->warning, "%.160s:%" PRIu64 ": %" PRIu64 " receive times go backwards and were raised to the one before",
                 file->path, file->first_backwards_line, file->backwards);
    return file->warning[0] ? file->warning : NULL;
}
