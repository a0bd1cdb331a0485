/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window over the input that slides and grows: unread bytes are moved to the front only when the room behind them is used up. */
#include "spreadglass/base/line_reader.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY ((size_t)64 << 10)

void sg_line_reader_init(struct sg_line_reader *reader, sg_read_function read, void *context, size_t maximum)
{
    memset(reader, 0, sizeof *reader);
    reader->read = read;
    reader->context = context;
    reader->maximum = maximum;
}

void sg_line_reader_free(struct sg_line_reader *reader)
{
    if (!reader)
        return;
    free(reader->buffer);
    memset(reader, 0, sizeof *reader);
}

/* Makes room for at least one more byte; the window never grows past the longest line plus its two end characters and one. */
static enum sg_status make_room(struct sg_line_reader *reader, struct sg_error *error)
{
    if (reader->end < reader->capacity)
        return SG_OK;
    if (reader->begin > 0 && reader->end - reader->begin <= reader->capacity / 2) {
        memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;
        return SG_OK;
    }
    size_t limit = reader->maximum + 3 + FIRST_CAPACITY;
    size_t wanted = reader->capacity ? reader->capacity * 2 : FIRST_CAPACITY;
    if (wanted > limit)
        wanted = limit;
    if (wanted <= reader->capacity) {
        /* At the limit: what is read already has gone to the front, or the line is too long (the caller checks first). */
        if (reader->begin == 0)
            return sg_fail(error, SG_ERR_RANGE, "the line is longer than %zu bytes", reader->maximum);
        memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;
        return SG_OK;
    }
    char *grown = realloc(reader->buffer, wanted);
    if (!grown)
        return sg_fail(error, SG_ERR_NOMEM, "no memory for a line of %zu bytes", wanted);
    reader->buffer = grown;
    reader->capacity = wanted;
    return SG_OK;
}

static enum sg_status fill(struct sg_line_reader *reader, struct sg_error *error)
{
    enum sg_status status = make_room(reader, error);
    if (status != SG_OK)
        return status;
    size_t count = 0;
    status = reader->read(reader->context, reader->buffer + reader->end, reader->capacity - reader->end, &count, error);
    if (status != SG_OK)
        return status;
    if (count == 0)
        reader->at_end = true;
    reader->end += count;
    return SG_OK;
}

static enum sg_status skip_byte_order_mark(struct sg_line_reader *reader, struct sg_error *error)
{
    reader->started = true;
    while (!reader->at_end && reader->end - reader->begin < 3) {
        enum sg_status status = fill(reader, error);
        if (status != SG_OK)
            return status;
    }
    if (reader->end - reader->begin >= 3 && memcmp(reader->buffer + reader->begin, "\xef\xbb\xbf", 3) == 0)
        reader->begin += 3;
    return SG_OK;
}

static enum sg_status too_long(const struct sg_line_reader *reader, const char *text, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_RANGE, "the line is longer than %zu bytes%s", reader->maximum,
                   memchr(text, '\r', reader->maximum) ? "; it has CR inside: save the file with LF or CRLF at the ends of lines" : "");
}

enum sg_status sg_line_reader_next(struct sg_line_reader *reader, struct sg_line *ret_line, struct sg_error *error)
{
    if (!reader->started) {
        enum sg_status status = skip_byte_order_mark(reader, error);
        if (status != SG_OK)
            return status;
    }
    size_t searched = 0; /* bytes after `begin` known to hold no line end: each byte is looked at once */
    for (;;) {
        size_t unread = reader->end - reader->begin;
        const char *end = unread > searched ? memchr(reader->buffer + reader->begin + searched, '\n', unread - searched) : NULL;
        size_t length = end ? (size_t)(end - (reader->buffer + reader->begin)) : unread;
        if (length > reader->maximum + 1) {
            reader->line++;
            return too_long(reader, reader->buffer + reader->begin, error);
        }
        if (end || reader->at_end) {
            if (!end && unread == 0)
                return SG_ERR_END;
            ret_line->text = reader->buffer + reader->begin;
            ret_line->complete = end != NULL;
            reader->begin += length + (end ? 1 : 0);
            if (end && length > 0 && ret_line->text[length - 1] == '\r')
                length--;
            if (length > reader->maximum) {
                reader->line++;
                return too_long(reader, ret_line->text, error);
            }
            ret_line->length = length;
            ret_line->number = ++reader->line;
            return SG_OK;
        }
        searched = unread;
        enum sg_status status = fill(reader, error);
        if (status != SG_OK)
            return status;
    }
}

enum sg_status sg_line_reader_peek(struct sg_line_reader *reader, size_t wanted, const char **ret_bytes, size_t *ret_length, struct sg_error *error)
{
    if (!reader->started) {
        enum sg_status status = skip_byte_order_mark(reader, error);
        if (status != SG_OK)
            return status;
    }
    if (wanted > reader->maximum + 1)
        wanted = reader->maximum + 1;
    while (!reader->at_end && reader->end - reader->begin < wanted) {
        enum sg_status status = fill(reader, error);
        if (status != SG_OK)
            return status;
    }
    if (reader->end == reader->begin)
        return SG_ERR_END;
    *ret_bytes = reader->buffer + reader->begin;
    *ret_length = reader->end - reader->begin;
    return SG_OK;
}
