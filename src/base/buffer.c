/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/decimal.h"

#define FIRST_CAPACITY 256

void sg_buffer_init(struct sg_buffer *buffer, size_t maximum)
{
    *buffer = (struct sg_buffer){.maximum = maximum};
}

void sg_buffer_free(struct sg_buffer *buffer)
{
    if (buffer) {
        free(buffer->data);
        *buffer = (struct sg_buffer){0};
    }
}

void sg_buffer_clear(struct sg_buffer *buffer)
{
    buffer->length = 0;
    buffer->overflowed = false;
    if (buffer->data) {
        buffer->data[0] = '\0';
    }
}

/* Room for `extra` more bytes and the NUL. */
static enum sg_status reserve(struct sg_buffer *buffer, size_t extra)
{
    size_t need;
    size_t capacity;
    char *data;

    if (buffer->length > buffer->maximum || extra > buffer->maximum - buffer->length || extra > SIZE_MAX / 4) {
        buffer->overflowed = true;
        return SG_ERR_NOMEM;
    }
    need = buffer->length + extra + 1;
    if (need <= buffer->capacity) {
        return SG_OK;
    }
    capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < need) {
        capacity *= 2;
    }
    if (capacity - 1 > buffer->maximum) {
        capacity = buffer->maximum + 1;
    }
    data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->overflowed = true;
        return SG_ERR_NOMEM;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return SG_OK;
}

enum sg_status sg_buffer_append(struct sg_buffer *buffer, const void *bytes, size_t length)
{
    enum sg_status status = reserve(buffer, length);

    if (status != SG_OK) {
        return status;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, bytes, length);
    }
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return SG_OK;
}

enum sg_status sg_buffer_append_text(struct sg_buffer *buffer, const char *text)
{
    return sg_buffer_append(buffer, text, strlen(text));
}

enum sg_status sg_buffer_append_format(struct sg_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    enum sg_status status;
    int need;

    va_start(arguments, format);
    need = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (need < 0) {
        return SG_ERR_INVALID;
    }
    status = reserve(buffer, (size_t)need);
    if (status != SG_OK) {
        return status;
    }
    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->length, (size_t)need + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)need;
    return SG_OK;
}

/* Length of the well-formed UTF-8 sequence at `text` (no overlong forms, no surrogates), 0 when there is none. */
static size_t utf8_sequence(const unsigned char *text, size_t left)
{
    unsigned char first = text[0];
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t need;

    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        need = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        need = 3;
        low = first == 0xE0 ? 0xA0 : low;
        high = first == 0xED ? 0x9F : high;
    } else if (first >= 0xF0 && first <= 0xF4) {
        need = 4;
        low = first == 0xF0 ? 0x90 : low;
        high = first == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (left < need || text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return need;
}

static enum sg_status append_json_character(struct sg_buffer *buffer, const unsigned char *text, size_t length)
{
    if (length == 0) {
        return sg_buffer_append(buffer, "\xEF\xBF\xBD", 3); /* U+FFFD: our output is UTF-8 whatever came in */
    }
    switch (text[0]) {
    case '"': return sg_buffer_append(buffer, "\\\"", 2);
    case '\\': return sg_buffer_append(buffer, "\\\\", 2);
    case '\n': return sg_buffer_append(buffer, "\\n", 2);
    case '\r': return sg_buffer_append(buffer, "\\r", 2);
    case '\t': return sg_buffer_append(buffer, "\\t", 2);
    default:
        if (text[0] < 0x20) {
            return sg_buffer_append_format(buffer, "\\u%04x", (unsigned)text[0]);
        }
        return sg_buffer_append(buffer, text, length);
    }
}

enum sg_status sg_buffer_append_json_string(struct sg_buffer *buffer, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t before = buffer->length;
    enum sg_status status = sg_buffer_append(buffer, "\"", 1);

    for (size_t i = 0; status == SG_OK && i < length;) {
        size_t sequence = utf8_sequence(bytes + i, length - i);

        status = append_json_character(buffer, bytes + i, sequence);
        i += sequence ? sequence : 1;
    }
    if (status == SG_OK) {
        status = sg_buffer_append(buffer, "\"", 1);
    }
    if (status != SG_OK && buffer->data) {
        buffer->length = before;
        buffer->data[before] = '\0';
    }
    return status;
}

enum sg_status sg_buffer_append_double(struct sg_buffer *buffer, double value)
{
    char text[SG_DECIMAL_BUF];

    return sg_buffer_append(buffer, text, sg_decimal_from_double(value, text));
}

enum sg_status sg_buffer_append_int64(struct sg_buffer *buffer, int64_t value)
{
    return sg_buffer_append_format(buffer, "%" PRId64, value);
}
