/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/model_text.h"

#include <stdio.h>
#include <string.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/engine/number_text.h"

const char *sg_hedge_title(enum sg_hedge hedge)
{
    static const char *const titles[] = {"OLS", "Rolling OLS", "Total least squares", "Kalman filter", "Fixed beta"};
    return (unsigned)hedge < sizeof titles / sizeof titles[0] ? titles[hedge] : "unknown";
}

const char *sg_hedge_word(enum sg_hedge hedge)
{
    return sg_hedge_name(hedge);
}

enum sg_status sg_hedge_of_word(const char *word, enum sg_hedge *ret_hedge)
{
    for (int i = SG_HEDGE_OLS; i <= SG_HEDGE_FIXED; i++)
        if (strcmp(word, sg_hedge_name((enum sg_hedge)i)) == 0) {
            *ret_hedge = (enum sg_hedge)i;
            return SG_OK;
        }
    return SG_ERR_NOT_FOUND;
}

const char *sg_stream_title(enum sg_stream stream)
{
    static const char *const titles[] = {"tickers", "trades", "book mid prices"};
    return (unsigned)stream < sizeof titles / sizeof titles[0] ? titles[stream] : "unknown";
}

static const char *fixed_beta(const struct sg_pair_params *params, char buffer[static SG_TEXT_BUF])
{
    char digits[SG_DECIMAL_BUF];
    sg_decimal_from_double(params->fixed_beta, digits);
    snprintf(buffer, SG_TEXT_BUF, "%s%s", digits[0] == '-' ? "\u2212" : "", digits + (digits[0] == '-'));
    return buffer;
}

/* How many bars the fit looks back; 0: all. The filter has no end. */
static size_t fit_length(const struct sg_pair_params *params)
{
    if (params->hedge == SG_HEDGE_KALMAN)
        return 0;
    return params->lookback == SG_LOOKBACK_ALL && params->hedge == SG_HEDGE_ROLLING ? params->window : params->lookback;
}

const char *sg_model_text(const struct sg_pair_params *params, enum sg_interval interval, enum sg_stream stream, char buffer[static SG_MODEL_TEXT])
{
    char number[SG_TEXT_BUF], sample[SG_TEXT_BUF + 32], window[SG_TEXT_BUF], method[SG_TEXT_BUF + 32];
    size_t bars = fit_length(params);
    if (bars > 0)
        snprintf(sample, sizeof sample, "the last %s bars", sg_text_fixed((double)bars, 0, false, number));
    else
        snprintf(sample, sizeof sample, "all bars");
    if (params->hedge == SG_HEDGE_FIXED)
        snprintf(method, sizeof method, "Beta fixed at %s, alpha", fixed_beta(params, number));
    else
        snprintf(method, sizeof method, "%s", sg_hedge_title(params->hedge));
    snprintf(buffer, SG_MODEL_TEXT, "%s on %s of %s \u00b7 z over %s%s \u00b7 %s", method, sample, sg_interval_name(interval),
             sg_text_fixed((double)params->window, 0, false, window), params->ddof == 0 ? ", ddof 0" : "", sg_stream_title(stream));
    return buffer;
}

const char *sg_model_short_text(const struct sg_pair_params *params, char buffer[static SG_MODEL_TEXT])
{
    static const char *const names[] = {"OLS", "Rolling", "TLS", "Kalman", "Fixed"};
    char number[SG_TEXT_BUF];
    size_t bars = fit_length(params);
    const char *name = (unsigned)params->hedge < sizeof names / sizeof names[0] ? names[params->hedge] : "unknown";
    if (params->hedge == SG_HEDGE_FIXED)
        snprintf(buffer, SG_MODEL_TEXT, "\u03b2 %s", fixed_beta(params, number));
    else if (params->hedge == SG_HEDGE_KALMAN)
        snprintf(buffer, SG_MODEL_TEXT, "%s", name);
    else
        snprintf(buffer, SG_MODEL_TEXT, "%s \u00b7 %s", name, bars > 0 ? sg_text_fixed((double)bars, 0, false, number) : "all");
    return buffer;
}
