/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The z-score alert as a state machine over closed bars: raised when |z| > entry, cleared when |z| <= exit, when z is undefined or
 * when it is stale; a jump from beyond one threshold to beyond the other flips it. It never flaps within a bar because it looks at
 * closes only, and never shows before z is defined. Mute and dismissal concern what a person sees, not the state.
 * Plain struct, one owner; no allocation, no failure. Times are microseconds of exchange time since 1970. */
#include <stdbool.h>
#include <stdint.h>
#include "spreadglass/analytics/pair_model.h"

struct sg_alert {
    enum sg_signal side;       /* NONE when no alert stands */
    int64_t since_us;          /* bar time at which it was raised */
    double zscore;             /* latest; NaN when undefined or stale */
    double peak;               /* largest |z| with its sign since raised; NaN when no alert stands */
    bool dismissed;            /* until it clears */
    int64_t muted_until_us;    /* exchange time; 0 = not muted */
    uint64_t raised_count;
};

enum sg_alert_change { SG_ALERT_UNCHANGED = 0, SG_ALERT_RAISED = 1, SG_ALERT_CLEARED = 2, SG_ALERT_FLIPPED = 3 };

void sg_alert_reset(struct sg_alert *alert);
/* Takes the result of the bar that opened at `bar_time_us` and says what changed; entry and exit come from `params`.
 * `stale`: z rests on a leg whose last trade is too old: raises nothing (a standing alert is cleared). */
enum sg_alert_change sg_alert_update(struct sg_alert *alert, const struct sg_pair_params *params, int64_t bar_time_us, const struct sg_pair_result *result, bool stale);
/* Should a person see it now? False while no alert stands, once it is dismissed, and while it is muted. */
bool sg_alert_visible(const struct sg_alert *alert, int64_t now_us);
