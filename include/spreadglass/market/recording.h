/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A recording as a sequence of raw messages with receive times: the interface between whoever reads one (feed) and
 * whoever plays one (feed's replay, the local exchange), which may not know each other.
 *
 * One owner, one thread at a time. Whoever makes one sets every function pointer; whoever plays one may set `on_event`. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/tick.h"

struct sg_recorded_message {
    int64_t recv_us;  /* receive time as recorded, microseconds since 1970; never below that of the message before */
    const char *text; /* raw JSON text of the message; not NUL-terminated; valid until the next call */
    size_t length;
    unsigned leg_number; /* 0: the symbol in it tells whose it is; else 1 + the leg of the recording's header: one symbol on two markets */
};

struct sg_recording {
    /* SG_OK; SG_ERR_END after the last; SG_ERR_PARSE/SG_ERR_IO with file, line and reason in `error`. */
    enum sg_status (*next)(struct sg_recording *recording, struct sg_recorded_message *ret_message, struct sg_error *error);
    enum sg_status (*rewind)(struct sg_recording *recording, struct sg_error *error);
    void (*free)(struct sg_recording *recording);

    /* What was survived, one line for a person ("x.ndjson:812: the last line is torn, it was left out"); NULL when nothing
     * was. Complete once `next` has returned SG_ERR_END. Valid until `rewind` or `free`. */
    const char *(*warning)(struct sg_recording *recording);

    /* Set by the player before the first `next`, or left NULL: called from within `next`, on its thread, for every recorded
     * event of the connection (connected, disconnected, …) that stands before the message which that call returns, or
     * before the end. A player without it sees the messages only. `rewind` keeps it. */
    void (*on_event)(void *context, const struct sg_feed_event *event);
    /* Likewise: at recv_us the recorder was alive and nothing else was to be recorded. Silence between two of these was silence;
     * a longer one without was a recorder that did not run (a machine asleep). May be NULL. */
    void (*on_alive)(void *context, int64_t recv_us);
    /* Likewise: an answer about the past, as the text of its line (valid during the call), and the end of the session that was recorded. SG_OK, or why the
     * line makes no sense, which becomes the error of `next`. May be NULL: they are passed over. */
    enum sg_status (*on_history)(void *context, int64_t recv_us, const char *text, size_t length, struct sg_error *error);
    void (*on_end)(void *context, int64_t recv_us);
    void *event_context;
};
