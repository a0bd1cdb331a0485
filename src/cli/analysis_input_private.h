/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From the files of the command line to an analysis: what `analyze` and `render` share. */
#include "analysis_report_private.h"
#include "spreadglass/cli/options.h"

/* Reads, joins and computes. Prints its own failure and returns the exit status; SG_EXIT_DONE sets *ret_analysis, whose `offline` the
 * caller frees. Says what was skipped, dropped or cut on standard error. */
int sg_analysis_load(const char *verb, const struct sg_options *options, struct sg_analysis *ret_analysis);

/* "1m", "1d", "90s": the longest unit that divides the spacing. */
void sg_interval_label(int64_t interval_us, char *text, size_t size);
