/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/stat_text.h"

#include <math.h>
#include <stdio.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/engine/number_text.h"

static const struct {
    const char *name, *help;
} stats[SG_STAT_COUNT] = {
    [SG_STAT_ALPHA] = {"Alpha", "Intercept of the fit A = alpha + beta B"},
    [SG_STAT_BETA] = {"Beta", "Hedge ratio: units of B against one of A"},
    [SG_STAT_R_SQUARED] = {"R²", "Share of A's variance that the fit explains"},
    [SG_STAT_RESIDUAL] = {"Residual", "A − alpha − beta B at the last close: the spread less alpha"},
    [SG_STAT_ZSCORE] = {"Z-score at close", "Z-score at the last close: deviations of the spread from its mean over the window"},
    [SG_STAT_CORRELATION] = {"Correlation", "Pearson, of percentage returns over the window"},
    [SG_STAT_EG_P] = {"Engle-Granger p", "Engle-Granger p-value, A on B: of no relation at all as good as this one"},
    [SG_STAT_HALF_LIFE] = {"Half-life", "Time in which a deviation halves, from the regression of the change on the level"},
    [SG_STAT_N] = {"n/N", "Bars in the window, of its length"},
};

static void undefined(struct sg_stat_text *text, enum sg_stat stat, enum sg_reason reason, size_t have, size_t need)
{
    char why[128];
    sg_reason_text(reason == SG_REASON_NONE ? SG_REASON_NO_DATA : reason, have, need, why, sizeof why);
    if (reason == SG_REASON_WARMING_UP && need > 0)
        snprintf(text->value, sizeof text->value, "%zu/%zu", have, need);
    else
        snprintf(text->value, sizeof text->value, "%s", SG_TEXT_UNDEFINED);
    snprintf(text->why, sizeof text->why, "%s: %s", stats[stat].help, why);
}

static void number(struct sg_stat_text *text, enum sg_stat stat, double value, const char *digits, enum sg_reason reason, size_t have, size_t need)
{
    if (!isfinite(value)) {
        undefined(text, stat, reason, have, need);
        return;
    }
    snprintf(text->value, sizeof text->value, "%s", digits);
    snprintf(text->why, sizeof text->why, "%s", stats[stat].help);
}

void sg_stat_texts(const struct sg_stat_inputs *inputs, struct sg_stat_text ret_texts[static SG_STAT_COUNT])
{
    static const struct sg_pair_result nothing = {.alpha = NAN,
                                                  .beta = NAN,
                                                  .r_squared = NAN,
                                                  .spread = NAN,
                                                  .residual = NAN,
                                                  .zscore = NAN,
                                                  .correlation = NAN,
                                                  .hedge_reason = SG_REASON_NO_DATA,
                                                  .zscore_reason = SG_REASON_NO_DATA,
                                                  .correlation_reason = SG_REASON_NO_DATA};
    const struct sg_pair_result *now = inputs->now != NULL && inputs->rows > 0 ? inputs->now : &nothing;
    char digits[SG_TEXT_BUF];
    for (size_t i = 0; i < SG_STAT_COUNT; i++)
        ret_texts[i].name = stats[i].name;

    number(&ret_texts[SG_STAT_ALPHA], SG_STAT_ALPHA, now->alpha, sg_text_significant(now->alpha, 5, digits), now->hedge_reason, now->hedge_have,
           now->hedge_need);
    number(&ret_texts[SG_STAT_BETA], SG_STAT_BETA, now->beta, sg_text_significant(now->beta, 5, digits), now->hedge_reason, now->hedge_have, now->hedge_need);
    number(&ret_texts[SG_STAT_R_SQUARED], SG_STAT_R_SQUARED, now->r_squared, sg_text_part(now->r_squared, 3, false, digits), now->hedge_reason, now->hedge_have,
           now->hedge_need);
    number(&ret_texts[SG_STAT_RESIDUAL], SG_STAT_RESIDUAL, now->residual, sg_text_significant(now->residual, 5, digits), now->hedge_reason, now->hedge_have,
           now->hedge_need);
    number(&ret_texts[SG_STAT_CORRELATION], SG_STAT_CORRELATION, now->correlation, sg_text_part(now->correlation, 3, false, digits), now->correlation_reason,
           now->correlation_have, now->correlation_need);

    char zscore[sizeof ret_texts[0].value];
    snprintf(zscore, sizeof zscore, "%s%s", sg_text_fixed(now->zscore, 2, true, digits),
             now->signal == SG_SIGNAL_OVERBOUGHT ? " ▲"
             : now->signal == SG_SIGNAL_OVERSOLD ? " ▼"
                                                 : "");
    number(&ret_texts[SG_STAT_ZSCORE], SG_STAT_ZSCORE, now->zscore, zscore, now->zscore_reason, now->have, now->need);

    if (inputs->stale && isfinite(now->zscore)) {
        struct sg_stat_text *text = &ret_texts[SG_STAT_ZSCORE];
        bool aged = inputs->age != NULL && inputs->age[0] != '\0';
        snprintf(text->value, sizeof text->value, "%s %s", sg_text_fixed(now->zscore, 2, true, digits), aged ? inputs->age : "stale");
        snprintf(text->why, sizeof text->why, "%s; the last trade of a leg is too old to trust it, and no alert is raised", stats[SG_STAT_ZSCORE].help);
    }
    const struct sg_adf_result *test = inputs->engle_granger, *reverse = inputs->engle_granger_reverse;
    if (test != NULL && test->reason == SG_REASON_NONE && isfinite(test->p_value)) {
        char statistic[SG_TEXT_BUF], other[SG_TEXT_BUF] = SG_TEXT_UNDEFINED;
        number(&ret_texts[SG_STAT_EG_P], SG_STAT_EG_P, test->p_value, sg_text_p_value(test->p_value, digits), SG_REASON_NONE, 0, 0);
        if (reverse != NULL && reverse->reason == SG_REASON_NONE)
            sg_text_p_value(reverse->p_value, other);
        snprintf(ret_texts[SG_STAT_EG_P].why, sizeof ret_texts[0].why, "%s (statistic %s, lag %zu, n %zu); B on A: %s", stats[SG_STAT_EG_P].help,
                 sg_text_fixed(test->statistic, 2, false, statistic), test->lags, test->observations, other);
    } else {
        undefined(&ret_texts[SG_STAT_EG_P], SG_STAT_EG_P, test != NULL ? test->reason : SG_REASON_NO_DATA, test != NULL ? test->have : 0,
                  test != NULL ? test->need : 0);
    }
    const struct sg_half_life_result *half = inputs->half_life;
    if (half != NULL && half->reason == SG_REASON_NONE && isfinite(half->bars))
        number(&ret_texts[SG_STAT_HALF_LIFE], SG_STAT_HALF_LIFE, half->bars, sg_text_half_life(half->bars, inputs->interval_us, digits), SG_REASON_NONE, 0, 0);
    else
        undefined(&ret_texts[SG_STAT_HALF_LIFE], SG_STAT_HALF_LIFE, half != NULL ? half->reason : SG_REASON_NO_DATA, half != NULL ? half->have : 0,
                  half != NULL ? half->need : 0);

    size_t window = inputs->params->window, n = inputs->rows < window ? inputs->rows : window;
    snprintf(ret_texts[SG_STAT_N].value, sizeof ret_texts[0].value, "%zu/%zu", n, window);
    snprintf(ret_texts[SG_STAT_N].why, sizeof ret_texts[0].why, "%s (%zu closed bars in all)", stats[SG_STAT_N].help, inputs->rows);
}
