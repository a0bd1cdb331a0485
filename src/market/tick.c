/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/tick.h"

#include <stddef.h>

const char *sg_feed_event_name(enum sg_feed_event_code code)
{
    static const char *const names[SG_EVENT_COUNT] = {
        [SG_EVENT_CONNECTING] = "connecting",
        [SG_EVENT_CONNECTED] = "connected",
        [SG_EVENT_SUBSCRIBED] = "subscribed",
        [SG_EVENT_DISCONNECTED] = "disconnected",
        [SG_EVENT_RETRY] = "retry",
        [SG_EVENT_STALLED] = "stalled",
        [SG_EVENT_GAP] = "gap",
        [SG_EVENT_BACKFILLED] = "backfilled",
        [SG_EVENT_LATE] = "late",
        [SG_EVENT_DROPPED] = "dropped",
        [SG_EVENT_ALERT_RAISED] = "alert-raised",
        [SG_EVENT_ALERT_CLEARED] = "alert-cleared",
        [SG_EVENT_ERROR] = "error",
        [SG_EVENT_RECOVERED] = "subscribed",
    };
    size_t index = (size_t)code;

    return index < SG_EVENT_COUNT && names[index] ? names[index] : "unknown";
}
