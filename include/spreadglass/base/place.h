/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether two paths lead to one place. Any thread. */
#include <stdbool.h>

/* By whatever name: another path, a symbolic or a hard link. What does not exist yet is its folder and its name. Relative paths are from
 * this process's working directory. Without memory: false. */
bool sg_same_place(const char *one, const char *other);
