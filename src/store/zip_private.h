/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One member of a zip archive as a stream of bytes: stored or deflated, 32 or 64 bit, not encrypted.
 *
 * Only what Binance's archives and ordinary tools write is read; everything else is refused by its name. Bounded memory; sizes and
 * offsets from the archive are checked against the file before they are used; the checksum is verified at the member's end. */
#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>
#include "spreadglass/base/status.h"

struct zip_stream {
    int descriptor;              /* the caller's; not closed here */
    uint64_t offset, remaining;  /* compressed bytes still to read */
    uint64_t produced, expected; /* uncompressed bytes */
    uint32_t crc, expected_crc;
    bool deflated, inflating, ended;
    z_stream inflate;
    unsigned char buffer[64 << 10];
    char member[128];
};

/* Finds the one data file of the archive. Reasons in `error` come without the archive's name. */
enum sg_status sg_zip_open(struct zip_stream *stream, int descriptor, uint64_t size, struct sg_error *error);
/* As sg_read_function. */
enum sg_status sg_zip_read(struct zip_stream *stream, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error);
void sg_zip_close(struct zip_stream *stream);
