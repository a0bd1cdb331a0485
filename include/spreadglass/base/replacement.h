/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file that appears whole or not at all: written beside its place, on the same file system, and moved there when it is complete.
 *
 * What stands there until then stays. A new file has the rights that any new file of this person has, one that is replaced keeps its
 * own; a symbolic link stays one, and what it points to is replaced. A device or a pipe (/dev/stdout, /dev/null) cannot be replaced
 * and is written to as it is. One owner; any thread. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/base/status.h"

struct sg_replacement {
    int descriptor; /* to write to, also by others; -1: not open */
    char *file;     /* as it was called, for messages */
    char *place;    /* what is replaced: `file`, links followed */
    char *beside;   /* what is written until then; NULL: `file` itself is */
};

/* SG_ERR_IO: the folder is missing or not this person's to write to, or `file` is a folder; SG_ERR_NOMEM. Errors name the file. */
enum sg_status sg_replacement_begin(struct sg_replacement *replacement, const char *file, struct sg_error *error);
/* SG_ERR_IO: the disk is full and the like. Then, or at any time, abandon. */
enum sg_status sg_replacement_write(struct sg_replacement *replacement, const void *bytes, size_t length, struct sg_error *error);
/* Onto the disk and to its place. Ends the replacement, whatever it returns. */
enum sg_status sg_replacement_commit(struct sg_replacement *replacement, struct sg_error *error);
/* Leaves nothing behind. Nothing happens when it is not open: after begin failed, after commit, or zeroed with descriptor -1. */
void sg_replacement_abandon(struct sg_replacement *replacement);
/* Could begin succeed? For long work that ends in a file: better said at its beginning. */
enum sg_status sg_replacement_check(const char *file, struct sg_error *error);
