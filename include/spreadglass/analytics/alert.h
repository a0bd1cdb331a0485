/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The z-score alert as a state machine over closed bars. It looks at closes only, and never shows before z is defined.
 *
 * Raised at the `hold`-th close in a row with |z| > entry. Cleared at the first close with |z| <= exit (z on the far side of the mean is
 * within it), and at once when z is undefined or stale. While exit is below entry an alert stands for three closes at least, so that one
 * bar is no alert and its end: what z is meanwhile is told as it is. With exit equal to entry there is no such wait, and an alert comes and
 * goes with every crossing. A close that ends one and is beyond the other threshold long enough flips it. It comes again only after it left.
 *
 * Mute and dismissal concern what a person sees, not the state. Plain struct, one owner; no allocation, no failure. Times are microseconds of
 * exchange time since 1970. */
#include <stdbool.h>
#include <stdint.h>
#include "spreadglass/analytics/pair_model.h"

#define SG_ALERT_STANDS 3 /* closes */

struct sg_alert {
    enum sg_signal side;    /* NONE when no alert stands */
    int64_t since_us;       /* open of the bar at whose close it was raised */
    double zscore;          /* latest; NaN when undefined or stale */
    double peak;            /* the z farthest out on its side since raised; NaN when no alert stands */
    size_t closes;          /* since the one that raised it */
    enum sg_signal beyond;  /* side of the threshold at the last close, … */
    size_t held;            /* … and closes in a row there */
    bool dismissed;         /* until it clears */
    int64_t muted_until_us; /* exchange time; 0 = not muted */
    uint64_t raised_count;
};

enum sg_alert_change { SG_ALERT_UNCHANGED = 0, SG_ALERT_RAISED = 1, SG_ALERT_CLEARED = 2, SG_ALERT_FLIPPED = 3 };

void sg_alert_reset(struct sg_alert *alert);
/* Takes the result of the bar that opened at `bar_time_us` and says what changed; entry, exit and hold come from `params`.
 * `stale`: z rests on a leg whose last trade is too old: raises nothing (a standing alert is cleared). */
enum sg_alert_change sg_alert_update(struct sg_alert *alert, const struct sg_pair_params *params, int64_t bar_time_us, const struct sg_pair_result *result,
                                     bool stale);
/* Should a person see it now? False while no alert stands, once it is dismissed, and while it is muted. */
bool sg_alert_visible(const struct sg_alert *alert, int64_t now_us);
