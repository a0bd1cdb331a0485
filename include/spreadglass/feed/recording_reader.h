/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Opens recordings by content: our own `.ndjson[.gz]` ({"t":RECV_US,"m":{…raw…}} a line), `<ns> <json>` and `<seconds>: <json>` a line, and plain
 * message lines (times then come from E). Plain or gzip. Streams in bounded memory; a torn last line is the end, and reported so. */
#include "spreadglass/market/recording.h"

/* NULL with error. Several files are merged by receive time. The caller frees it through its own `free`. */
struct sg_recording *sg_recording_open(const char *const *files, size_t count, struct sg_error *error);
