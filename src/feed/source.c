/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The source interface: dispatch to the kind of source, and the words for its states and failures. */
#include "source_private.h"

enum sg_status sg_source_start(struct sg_source *source, struct sg_error *error)
{
    return source->kind->start(source, error);
}

void sg_source_stop(struct sg_source *source)
{
    source->kind->stop(source);
}

void sg_source_free(struct sg_source *source)
{
    if (!source)
        return;
    source->kind->stop(source);
    source->kind->destroy(source);
}

void sg_source_status(struct sg_source *source, struct sg_feed_status *ret_status)
{
    source->kind->status(source, ret_status);
}

void sg_source_reconnect(struct sg_source *source)
{
    source->kind->reconnect(source);
}

bool sg_source_answer(struct sg_source *source, struct sg_history_answer *answer)
{
    return source->kind->answer && source->kind->answer(source, answer);
}

int64_t sg_source_now(struct sg_source *source)
{
    return source->kind->now(source);
}

bool sg_feed_has_delivered(const struct sg_feed_status *status)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (status->last_data_mono_us[leg] == 0)
            return false;
    return true;
}

const char *sg_feed_failure_name(enum sg_feed_failure failure)
{
    switch (failure) {
    case SG_FAILURE_NONE: return "no failure";
    case SG_FAILURE_NAME: return "name lookup failed";
    case SG_FAILURE_REFUSED: return "connection refused";
    case SG_FAILURE_UNREACHABLE: return "host unreachable";
    case SG_FAILURE_TLS: return "TLS certificate refused";
    case SG_FAILURE_GEO: return "not available from this location";
    case SG_FAILURE_RATE: return "rate limit";
    case SG_FAILURE_HTTP: return "unexpected HTTP answer";
    case SG_FAILURE_TIMEOUT: return "timed out";
    case SG_FAILURE_SILENT: return "connected, but no data";
    case SG_FAILURE_CLOSED: return "connection closed";
    case SG_FAILURE_PROTOCOL: return "answer makes no sense";
    case SG_FAILURE_TOO_LARGE: return "message too large";
    case SG_FAILURE_SYMBOL: return "unknown symbol";
    case SG_FAILURE_CONFIG: return "unusable configuration";
    }
    return "unknown failure";
}

const char *sg_feed_state_name(enum sg_feed_state state)
{
    switch (state) {
    case SG_FEED_IDLE: return "idle";
    case SG_FEED_CONNECTING: return "connecting";
    case SG_FEED_SUBSCRIBING: return "subscribing";
    case SG_FEED_LIVE: return "live";
    case SG_FEED_STALLED: return "stalled";
    case SG_FEED_WAITING: return "waiting to retry";
    case SG_FEED_FAILED: return "failed";
    case SG_FEED_ENDED: return "ended";
    case SG_FEED_STOPPED: return "stopped";
    }
    return "unknown";
}
