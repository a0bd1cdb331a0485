/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the store's database is, and opening it from the options. Main thread. */
#include <stdbool.h>
#include "spreadglass/cli/options.h"
#include "spreadglass/store/database.h"

#define SG_STORE_FILE "spreadglass.db"

/* --data-dir, or spreadglass/ in the XDG data folder, with the file's name. g_free it. */
char *sg_store_path(const struct sg_options *options);
/* NULL with error. `existing`: nothing is made; SG_ERR_NOT_FOUND when there is none yet. Else the folder is made too. */
struct sg_database *sg_store_open(const struct sg_options *options, bool existing, struct sg_error *error);
