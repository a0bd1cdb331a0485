/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Times as a person writes them on the command line. Any thread. */
#include <stdint.h>
#include "spreadglass/base/status.h"

/* Integer milliseconds since 1970, `2024-08-08`, or `2024-08-08T23:54[:00[.000]][Z]` (a space may stand for the T; always
 * UTC). SG_ERR_PARSE otherwise. */
enum sg_status sg_file_time_parse(const char *text, int64_t *ret_time_us);
