/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where a path leads, and why it could not be read. Any thread. */
#include <stdbool.h>
#include <stddef.h>

/* By whatever name: another path, a symbolic or a hard link. What does not exist yet is its folder and its name. Relative paths are from
 * this process's working directory. Without memory: false. */
bool sg_same_place(const char *one, const char *other);

/* Why a file could not be opened for reading (`reason` is errno) and what to do: "No such file or directory: check the name; it is looked for from
 * FOLDER". Returns the length, cut to `size` - 1. */
size_t sg_unreadable_text(const char *path, int reason, char *buffer, size_t size);
