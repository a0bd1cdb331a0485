/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A closed bar and an event as lines of text: the contract of src/cli/CLI.md, field for field. Pure: writes into a buffer. */
#include "spreadglass/base/buffer.h"
#include "spreadglass/cli/options.h"
#include "spreadglass/engine/session.h"

/* One line with its newline. SG_FORMAT_CSV has no line for events (returns with the buffer unchanged). */
void sg_watch_format_bar(struct sg_buffer *line, enum sg_format format, const struct sg_instrument *legs, const SgClosedBar *bar);
void sg_watch_format_event(struct sg_buffer *line, enum sg_format format, const struct sg_instrument *legs, const SgSessionEvent *event);
/* The header line of SG_FORMAT_CSV. */
extern const char sg_watch_csv_header[];
