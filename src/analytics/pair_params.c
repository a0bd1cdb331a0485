/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/decimal.h"

void sg_pair_params_default(struct sg_pair_params *ret_params)
{
    *ret_params = (struct sg_pair_params){
        .window = 60, .lookback = SG_LOOKBACK_ALL, .hedge = SG_HEDGE_OLS, .fixed_beta = 1.0, .entry = 2.0, .exit = SG_EXIT_SHARE * 2.0, .hold = 1, .ddof = 1};
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
        return sg_fail(error, SG_ERR_INVALID, "a rolling hedge ratio over the window of %zu bars has too few; use a window or a lookback of at least %d",
                       p->window, SG_LOOKBACK_MIN);
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
    if (p->hold < 1 || p->hold > SG_HOLD_MAX)
        return sg_fail(error, SG_ERR_INVALID, "an alert is held back for %zu closes; it must be from 1 to %d", p->hold, SG_HOLD_MAX);
    if (p->ddof != 0 && p->ddof != 1)
        return sg_fail(error, SG_ERR_INVALID, "ddof is %d; it must be 0 or 1", p->ddof);
    return SG_OK;
}

double sg_zscore_bound(size_t window, int ddof)
{
    double n = (double)window;
    return ddof == 1 ? (n - 1.0) / sqrt(n) : sqrt(n - 1.0);
}

/* The smallest window whose z can reach `entry`; 0: none that is allowed. */
static size_t window_for(double entry, int ddof)
{
    /* ddof 1: with s the root of N, s - 1/s = entry. */
    double root = 0.5 * (entry + sqrt(entry * entry + 4.0)), n = ddof == 1 ? root * root : entry * entry + 1.0;
    if (!(n < (double)SG_WINDOW_MAX))
        return 0;
    size_t window = n > SG_WINDOW_MIN ? (size_t)n : SG_WINDOW_MIN;
    while (sg_zscore_bound(window, ddof) < entry) /* at most twice: rounding up, and rounding */
        window++;
    return window;
}

enum sg_status sg_pair_params_check_reach(const struct sg_pair_params *p, struct sg_error *error)
{
    double bound = sg_zscore_bound(p->window, p->ddof);
    if (!(p->entry > bound))
        return SG_OK;
    char threshold[SG_DECIMAL_BUF], limit[SG_DECIMAL_BUF], most[SG_DECIMAL_BUF], wider[48] = "";
    sg_decimal_from_double(p->entry, threshold);
    sg_decimal_from_double_fixed(floor(100.0 * bound) / 100.0, 2, limit);
    sg_decimal_from_double_fixed(floor(10.0 * bound) / 10.0, 1, most);
    size_t window = window_for(p->entry, p->ddof);
    if (window > 0)
        snprintf(wider, sizeof wider, "a window of at least %zu bars or ", window);
    return sg_fail(error, SG_ERR_INVALID,
                   "a z-score over %zu bars is never beyond %s (%s), so the threshold %s can never be reached; take %sa threshold of at most %s", p->window,
                   limit, p->ddof == 1 ? "(N \xE2\x88\x92 1)/\xE2\x88\x9AN" : "\xE2\x88\x9A(N \xE2\x88\x92 1)", threshold, wider, most);
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
