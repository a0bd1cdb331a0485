/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A data file as a stream of bytes, whatever it is packed in: plain, gzip (also several members), xz, zstd, bzip2, lz4, or the one data file of a zip, 7z or
 * tar archive. gzip is zlib's to read, because libarchive does not verify its checksum. A byte order mark is dropped. A packed file that ends early is an error: this is data that somebody made
 * whole, not a recording that a crash cut off. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>
#include "spreadglass/base/status.h"
#include "unpacker_private.h"

struct series_input {
    int descriptor;
    gzFile gz;                    /* plain and gzip */
    struct sg_unpacker *unpacker; /* everything else */
    uint64_t size;                /* on disk */
    struct sg_error failure;      /* met while reading ahead; told once the bytes before it are taken */
    size_t begin, end;
    char buffer[64 << 10]; /* what was read ahead */
};

/* Reasons in `error` come without the file's name. */
enum sg_status sg_input_open(struct series_input *input, const char *path, struct sg_error *error);
void sg_input_close(struct series_input *input);
/* The first bytes (up to 64 KiB), without taking them. SG_ERR_END: there are none. */
enum sg_status sg_input_peek(struct series_input *input, const char **ret_bytes, size_t *ret_length, struct sg_error *error);
/* As sg_read_function; `context` is the input. */
enum sg_status sg_input_read(void *context, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error);
uint64_t sg_input_position(const struct series_input *input); /* bytes of the file on disk that were read */
