/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A growable byte buffer with a ceiling that its owner chose, and the writers of JSON and CSV text built on it.
 *
 * Not thread-safe: one owner. `data` is always NUL-terminated after the first append, the NUL is not counted.
 * Appending past the ceiling changes nothing and returns SG_ERR_NOMEM; the buffer also remembers it (`overflowed`),
 * so that a sequence of appends can be checked once at its end. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

struct sg_buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t maximum;
    bool overflowed;
};

void sg_buffer_init(struct sg_buffer *buffer, size_t maximum);
void sg_buffer_free(struct sg_buffer *buffer);  /* NULL and zeroed are fine; leaves it zeroed */
void sg_buffer_clear(struct sg_buffer *buffer); /* length 0, memory kept */
enum sg_status sg_buffer_append(struct sg_buffer *buffer, const void *bytes, size_t length);
enum sg_status sg_buffer_append_text(struct sg_buffer *buffer, const char *text);
enum sg_status sg_buffer_append_format(struct sg_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* never use it for floating point: that is locale's way */

/* JSON: a value; the caller writes the punctuation around it. A double that is not finite becomes `null`. */
enum sg_status sg_buffer_append_json_string(struct sg_buffer *buffer, const char *text, size_t length);
enum sg_status sg_buffer_append_double(struct sg_buffer *buffer, double value);
enum sg_status sg_buffer_append_int64(struct sg_buffer *buffer, int64_t value);
