/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "spreadglass/base/status.h"
#include "spreadglass/cli/options.h"

/* May the run write to `output`? Never over the database (nor any other), never over what it reads, by whatever path or link;
 * over another file that is there only with --force. Before anything is written, and before any long work. SG_ERR_EXISTS: it may not. */
enum sg_status sg_output_check(const struct sg_options *options, const char *output, struct sg_error *error);
/* The same for a recording, which is begun in a file of its own: one that --force gives up is removed. */
enum sg_status sg_recording_place(const struct sg_options *options, const char *output, struct sg_error *error);
