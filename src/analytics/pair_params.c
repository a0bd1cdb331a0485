/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/decimal.h"

void sg_pair_params_default(struct sg_pair_params *ret_params)
{
    *ret_params = (struct sg_pair_params){.window = 60, .lookback = SG_LOOKBACK_ALL, .hedge = SG_HEDGE_OLS, .fixed_beta = 1.0, .entry = 2.0, .exit = 2.0, .ddof = 1};
}

enum sg_status sg_pair_params_check(const struct sg_pair_params *p, struct sg_error *error)
{
    char text[SG_DECIMAL_BUF], other[SG_DECIMAL_BUF];
    if (p->window < SG_WINDOW_MIN || p->window > SG_WINDOW_MAX)
        return sg_fail(error, SG_ERR_INVALID, "window is %zu bars; it must be from %d to %d", p->window, SG_WINDOW_MIN, SG_WINDOW_MAX);
    if (p->lookback != SG_LOOKBACK_ALL && (p->lookback < SG_LOOKBACK_MIN || p->lookback > SG_LOOKBACK_MAX))
        return sg_fail(error, SG_ERR_INVALID, "lookback is %zu bars; it must be 'all' or from %d to %d", p->lookback, SG_LOOKBACK_MIN, SG_LOOKBACK_MAX);
    if ((int)p->hedge < SG_HEDGE_OLS || p->hedge > SG_HEDGE_FIXED)
        return sg_fail(error, SG_ERR_INVALID, "unknown hedge-ratio method %d", (int)p->hedge);
    if (p->hedge == SG_HEDGE_ROLLING && p->lookback == SG_LOOKBACK_ALL && p->window < SG_LOOKBACK_MIN)
        return sg_fail(error, SG_ERR_INVALID, "a rolling hedge ratio over the window of %zu bars has too few; use a window or a lookback of at least %d", p->window, SG_LOOKBACK_MIN);
    if (p->hedge == SG_HEDGE_FIXED && !(fabs(p->fixed_beta) <= SG_PRICE_MAX))
        return sg_fail(error, SG_ERR_INVALID, "the fixed hedge ratio must be a number between -1e50 and 1e50");
    if (!(p->entry > 0.0) || !isfinite(p->entry)) {
        sg_decimal_from_double(p->entry, text);
        return sg_fail(error, SG_ERR_INVALID, "the alert threshold is %s; it must be a number above 0", text);
    }
    if (!(p->exit > 0.0) || !(p->exit <= p->entry)) {
        sg_decimal_from_double(p->exit, text);
        sg_decimal_from_double(p->entry, other);
        return sg_fail(error, SG_ERR_INVALID, "the level where the alert re-arms is %s; it must be above 0 and at most the threshold %s", text, other);
    }
    if (p->ddof != 0 && p->ddof != 1)
        return sg_fail(error, SG_ERR_INVALID, "ddof is %d; it must be 0 or 1", p->ddof);
    return SG_OK;
}

const char *sg_hedge_name(enum sg_hedge hedge)
{
    static const char *const NAMES[] = {"ols", "rolling", "tls", "kalman", "fixed"};
    return (unsigned)hedge < sizeof NAMES / sizeof NAMES[0] ? NAMES[hedge] : "unknown";
}

const char *sg_signal_name(enum sg_signal signal)
{
    static const char *const NAMES[] = {"none", "overbought", "oversold"};
    return (unsigned)signal < sizeof NAMES / sizeof NAMES[0] ? NAMES[signal] : "unknown";
}
