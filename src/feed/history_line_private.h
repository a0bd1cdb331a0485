/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An answer of the exchange's REST interface as a line of a recording; the form stands in recording_reader.h. Any thread. */
#include "spreadglass/base/buffer.h"
#include "spreadglass/market/history_answer.h"

/* Appends the line without its last "}" and line end. What does not fit makes the buffer overflow. */
void sg_history_line_write(struct sg_buffer *line, int64_t recv_us, const struct sg_history_answer *answer);
/* NULL: damaged, and *ret_reason says how; or no memory. The caller frees it. */
struct sg_history_answer *sg_history_line_read(const char *text, size_t length, const char **ret_reason);
