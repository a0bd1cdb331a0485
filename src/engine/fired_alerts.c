/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/fired_alerts.h"

#include <stdlib.h>
#include <string.h>

enum sg_status sg_fired_alerts_add(struct sg_fired_alerts *alerts, const struct sg_fired_alert *alert)
{
    if (alerts->length == SG_FIRED_ALERTS_MAXIMUM) {
        size_t kept = alerts->length / 2;
        memmove(alerts->list, alerts->list + (alerts->length - kept), kept * sizeof *alerts->list);
        alerts->length = kept;
    }
    if (alerts->length == alerts->capacity) {
        size_t capacity = alerts->capacity ? alerts->capacity * 2 : 32;
        if (capacity > SG_FIRED_ALERTS_MAXIMUM)
            capacity = SG_FIRED_ALERTS_MAXIMUM;
        struct sg_fired_alert *larger = reallocarray(alerts->list, capacity, sizeof *larger);
        if (!larger)
            return SG_ERR_NOMEM;
        alerts->list = larger;
        alerts->capacity = capacity;
    }
    alerts->list[alerts->length++] = *alert;
    alerts->total++;
    return SG_OK;
}

void sg_fired_alerts_free(struct sg_fired_alerts *alerts)
{
    if (!alerts)
        return;
    free(alerts->list);
    *alerts = (struct sg_fired_alerts){0};
}
