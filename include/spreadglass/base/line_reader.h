/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lines out of a stream of bytes, one at a time, in memory bounded by the longest line allowed.
 *
 * Where the bytes come from (plain file, gzip, archive member) is the caller's: this room knows libc only. "\n" ends a line;
 * a "\r" before it is dropped; a UTF-8 byte order mark at the very beginning is dropped. One owner, one thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

/* Reads up to `capacity` (> 0) bytes; *ret_count = 0 is the end. A status other than SG_OK ends the reading. */
typedef enum sg_status (*sg_read_function)(void *context, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error);

struct sg_line_reader {
    sg_read_function read;
    void *context;
    char *buffer;
    size_t capacity, begin, end; /* unread bytes are [begin, end) */
    size_t maximum;              /* bytes of the longest line allowed, its end not counted */
    uint64_t line;               /* number of the line returned last, from 1 */
    bool at_end, started;
};

struct sg_line {
    const char *text; /* not NUL-terminated; valid until the next call */
    size_t length;
    uint64_t number; /* from 1 */
    bool complete;   /* false: the input ended without "\n" after it */
};

void sg_line_reader_init(struct sg_line_reader *reader, sg_read_function read, void *context, size_t maximum);
void sg_line_reader_free(struct sg_line_reader *reader); /* NULL and zeroed are fine; leaves it zeroed */
/* SG_OK; SG_ERR_END; SG_ERR_RANGE: the line is longer than allowed; SG_ERR_NOMEM; or what `read` said. `error` has the reason
 * without the file's name, which the caller knows. After a failure the reader gives the same failure's kind or the end: stop. */
enum sg_status sg_line_reader_next(struct sg_line_reader *reader, struct sg_line *ret_line, struct sg_error *error);
/* The bytes that come next, without taking them: at least one unless the input is at its end, at most `maximum` + 1. For telling
 * what a file is. SG_ERR_END for an empty input. Valid until the next call. */
enum sg_status sg_line_reader_peek(struct sg_line_reader *reader, size_t wanted, const char **ret_bytes, size_t *ret_length, struct sg_error *error);
