/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The one data file of an archive as a stream of bytes, by libarchive: zip, 7z and tar, and whatever is packed alone by xz, zstd, bzip2 or lz4 (a tar
 * may be packed by any of them and by gzip). Checksums are verified where the form has them. Memory is bounded by what the packer asks for; what unpacks to
 * far more than its size on disk is refused. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

#define SG_UNPACK_ALWAYS (UINT64_C(64) << 20) /* bytes: so much may come out of any file */
#define SG_UNPACK_RATIO UINT64_C(250)         /* beyond that, not more than this many times its size on disk: tables pack 5 to 50 times */

enum sg_packing {
    SG_PACKING_NONE, /* plain, or gzip around one file: not for this room */
    SG_PACKING_ZIP,
    SG_PACKING_7Z,
    SG_PACKING_TAR,    /* plain or in gzip */
    SG_PACKING_FILTER, /* xz, zstd, bzip2, lz4 */
};

struct sg_unpacker;

/* By the first bytes of the file as it is on disk. A tar shows itself after 262 bytes. */
enum sg_packing sg_packing_of(const void *bytes, size_t length);

/* Finds the one data file. The descriptor stays the caller's; `size` is that of the file on disk. Reasons in `error` come without the archive's name. */
enum sg_status sg_unpacker_open(struct sg_unpacker **ret_unpacker, int descriptor, uint64_t size, enum sg_packing packing, struct sg_error *error);
/* As sg_read_function; `context` is the unpacker. */
enum sg_status sg_unpacker_read(struct sg_unpacker *unpacker, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error);
void sg_unpacker_close(struct sg_unpacker *unpacker); /* NULL is fine */
