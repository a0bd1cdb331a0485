/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What every kind of source implements. Embed `struct sg_source` as the first member and set `kind`; source.c does the
 * dispatching, so that no caller outside this room knows which kind it holds.
 *
 * Contract of the members (all are required):
 *   start      main thread, once or again after stop. Starts the thread(s) or fails with `error` and leaves nothing running.
 *   stop       main thread. Returns after the thread(s) are joined; harmless when never started or already stopped.
 *   destroy    main thread, after stop. Frees everything including the structure itself.
 *   status     any thread. Copies the status under the source's own mutex.
 *   reconnect  any thread. What has no connection does nothing.
 *   now        any thread. The time base of recv_us. */
#include "spreadglass/feed/source.h"

struct sg_source_kind {
    const char *name;
    enum sg_status (*start)(struct sg_source *source, struct sg_error *error);
    void (*stop)(struct sg_source *source);
    void (*destroy)(struct sg_source *source);
    void (*status)(struct sg_source *source, struct sg_feed_status *ret_status);
    void (*reconnect)(struct sg_source *source);
    int64_t (*now)(struct sg_source *source);
    bool (*answer)(struct sg_source *source, struct sg_history_answer *answer); /* main; may be NULL: the kind takes none */
};

struct sg_source {
    const struct sg_source_kind *kind;
};
