/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "spreadglass/analytics/alert.h"

void sg_alert_reset(struct sg_alert *alert)
{
    *alert = (struct sg_alert){.side = SG_SIGNAL_NONE, .zscore = NAN, .peak = NAN};
}

static bool farther_out(enum sg_signal side, double z, double than)
{
    return side == SG_SIGNAL_OVERBOUGHT ? z > than : z < than;
}

static enum sg_signal side_beyond(double z, double level)
{
    return z > level ? SG_SIGNAL_OVERBOUGHT : z < -level ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_NONE;
}

static void raise_alert(struct sg_alert *alert, int64_t bar_time_us, double z)
{
    alert->side = alert->beyond;
    alert->since_us = bar_time_us;
    alert->peak = z;
    alert->closes = 0;
    alert->dismissed = false;
    alert->raised_count++;
}

enum sg_alert_change sg_alert_update(struct sg_alert *alert, const struct sg_pair_params *params, int64_t bar_time_us, const struct sg_pair_result *result,
                                     bool stale)
{
    bool usable = !stale && result->zscore_reason == SG_REASON_NONE && isfinite(result->zscore);
    double z = usable ? result->zscore : NAN; /* no comparison with NaN is true: it is beyond nothing */
    enum sg_signal side = alert->side, beyond = side_beyond(z, params->entry);
    alert->held = beyond == SG_SIGNAL_NONE ? 0 : beyond == alert->beyond ? alert->held + 1 : 1;
    alert->beyond = beyond;
    alert->zscore = z;
    if (side != SG_SIGNAL_NONE) {
        alert->closes++;
        if (farther_out(side, z, alert->peak))
            alert->peak = z;
        bool waits = params->exit < params->entry && alert->closes < SG_ALERT_STANDS;
        if (usable && (waits || side_beyond(z, params->exit) == side))
            return SG_ALERT_UNCHANGED;
    }
    if (beyond != SG_SIGNAL_NONE && alert->held >= params->hold) {
        raise_alert(alert, bar_time_us, z);
        return side == SG_SIGNAL_NONE ? SG_ALERT_RAISED : SG_ALERT_FLIPPED;
    }
    if (side == SG_SIGNAL_NONE)
        return SG_ALERT_UNCHANGED;
    alert->side = SG_SIGNAL_NONE;
    alert->since_us = 0;
    alert->peak = NAN;
    alert->closes = 0;
    alert->dismissed = false;
    return SG_ALERT_CLEARED;
}

bool sg_alert_visible(const struct sg_alert *alert, int64_t now_us)
{
    return alert->side != SG_SIGNAL_NONE && !alert->dismissed && now_us >= alert->muted_until_us;
}
