/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The alerts that a session really raised, with the threshold of that moment. The history is built anew when a parameter changes and then marks
 * where the present ones would raise one; this list is what was, and no change of parameters touches it. Bounded; one owner, main thread. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"

#define SG_FIRED_ALERTS_MAXIMUM 10000u

struct sg_fired_alert {
    int64_t time_us; /* open of the bar at whose close it was raised */
    enum sg_interval interval;
    enum sg_signal side;
    double threshold; /* entry threshold then */
};

struct sg_fired_alerts {
    struct sg_fired_alert *list; /* in the order in which they fired: ascending in time within an interval */
    size_t length, capacity;
    uint64_t total; /* ever added; total - length were forgotten, oldest first. Changes whenever the list does */
};

/* At the ceiling the older half is forgotten. SG_ERR_NOMEM. Amortised O(1). */
enum sg_status sg_fired_alerts_add(struct sg_fired_alerts *alerts, const struct sg_fired_alert *alert);
void sg_fired_alerts_free(struct sg_fired_alerts *alerts); /* NULL and zeroed are fine; leaves it zeroed */
