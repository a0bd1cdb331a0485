/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A scan of every pair of many series on several threads: analytics/pair_scan.h, shared out. */
#include <gio/gio.h>
#include "spreadglass/analytics/pair_scan.h"
#include "spreadglass/base/status.h"

/* All sg_scan_pair_count(input->series) rows into ret_rows, in that order: the same bits with any number of threads. Blocks until it is
 * done, so call it from a GTask where there is a window. `threads`: 0 = one for each processor; never more than 64.
 * `cancellable` may be NULL; it is looked at every few dozen pairs. The series are only read, and must stay as they are.
 * SG_ERR_INVALID: too few or too many series; SG_ERR_CANCELLED, SG_ERR_NOMEM: ret_rows is partly written. Any thread. */
enum sg_status sg_pair_scan_all(const struct sg_scan_input *input, unsigned threads, GCancellable *cancellable, struct sg_scan_row *ret_rows,
                                struct sg_error *error);
