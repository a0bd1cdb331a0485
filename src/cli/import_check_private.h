/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "spreadglass/store/database.h"
#include "spreadglass/store/series_reader.h"

/* Are the bars of a file those that are kept for the same times, as far as those are known to be right? SG_ERR_EXISTS: some are not, and
 * the first of them is told (with `replace`, only on standard error). Bars that are kept and in doubt may always be made better, and those of
 * a file that says so of itself replace nothing. */
enum sg_status sg_import_check(struct sg_database *database, bool replace, const char *file, const struct sg_instrument *instrument,
                               const struct sg_series *series, struct sg_error *error);
