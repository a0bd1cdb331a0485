/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Bars as CSV: `time,open,high,low,close,volume,trades,filled,quality`, time in milliseconds since 1970, numbers that read back to the same
 * values, the quality by its name of market/bar_quality.h. series_reader.h reads it. The file appears whole or not at all (base/replacement.h). Any thread. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"

/* An existing file is replaced. Without `with_quality` that column is left out: for bars of which it is not known. SG_ERR_IO with what failed. */
enum sg_status sg_csv_export_bars(const char *file, const struct sg_bar *bars, size_t count, bool with_quality, struct sg_error *error);
