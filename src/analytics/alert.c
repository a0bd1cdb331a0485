/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "spreadglass/analytics/alert.h"

void sg_alert_reset(struct sg_alert *alert)
{
    *alert = (struct sg_alert){.side = SG_SIGNAL_NONE, .zscore = NAN, .peak = NAN};
}

enum sg_alert_change sg_alert_update(struct sg_alert *alert, const struct sg_pair_params *params, int64_t bar_time_us, const struct sg_pair_result *result, bool stale)
{
    bool usable = !stale && result->zscore_reason == SG_REASON_NONE && isfinite(result->zscore);
    double z = usable ? result->zscore : NAN;
    enum sg_signal side = alert->side;
    enum sg_signal beyond = !usable ? SG_SIGNAL_NONE
                            : z > params->entry ? SG_SIGNAL_OVERBOUGHT
                            : z < -params->entry ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_NONE;
    /* A standing alert lives on its own side, until z is back within the exit level. z on the far side is within it. */
    bool lives = usable && ((side == SG_SIGNAL_OVERBOUGHT && z > params->exit) || (side == SG_SIGNAL_OVERSOLD && z < -params->exit));
    alert->zscore = z;
    if (lives) {
        if (fabs(z) > fabs(alert->peak))
            alert->peak = z;
        return SG_ALERT_UNCHANGED;
    }
    if (beyond != SG_SIGNAL_NONE) {
        alert->side = beyond;
        alert->since_us = bar_time_us;
        alert->peak = z;
        alert->dismissed = false;
        alert->raised_count++;
        return side == SG_SIGNAL_NONE ? SG_ALERT_RAISED : SG_ALERT_FLIPPED;
    }
    if (side == SG_SIGNAL_NONE)
        return SG_ALERT_UNCHANGED;
    alert->side = SG_SIGNAL_NONE;
    alert->since_us = 0;
    alert->peak = NAN;
    alert->dismissed = false;
    return SG_ALERT_CLEARED;
}

bool sg_alert_visible(const struct sg_alert *alert, int64_t now_us)
{
    return alert->side != SG_SIGNAL_NONE && !alert->dismissed && now_us >= alert->muted_until_us;
}
