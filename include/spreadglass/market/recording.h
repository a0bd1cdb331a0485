/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A recording as a sequence of raw messages with receive times: the interface between whoever reads one (feed) and
 * whoever plays one (feed's replay, the local exchange), which may not know each other. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

struct sg_recorded_message {
    int64_t recv_us;         /* receive time as recorded, microseconds since 1970 */
    const char *text;        /* raw JSON text of the message; not NUL-terminated; valid until the next call */
    size_t length;
};

struct sg_recording {
    /* SG_OK; SG_ERR_END after the last; SG_ERR_PARSE/SG_ERR_IO with file, line and reason in `error`. */
    enum sg_status (*next)(struct sg_recording *recording, struct sg_recorded_message *ret_message, struct sg_error *error);
    enum sg_status (*rewind)(struct sg_recording *recording, struct sg_error *error);
    void (*free)(struct sg_recording *recording);
};
