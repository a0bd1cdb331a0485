/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/pair_view.h"

#include <math.h>
#include <stdio.h>

#include "spreadglass/base/clock.h"

#define DAY_US (INT64_C(86400) * SG_US_PER_S)

static void name_legs(struct sg_pair_view *view, const struct sg_instrument *legs)
{
    sg_leg_name(legs, SG_LEG_A, view->name_a);
    sg_leg_name(legs, SG_LEG_B, view->name_b);
}

void sg_pair_view_of_snapshot(const SgSnapshot *snapshot, struct sg_pair_view *ret_view)
{
    *ret_view = (struct sg_pair_view){.history = snapshot->history,
                                      .now = &snapshot->now,
                                      .params = &snapshot->params,
                                      .adf = &snapshot->adf,
                                      .engle_granger = &snapshot->engle_granger,
                                      .engle_granger_reverse = &snapshot->engle_granger_reverse,
                                      .half_life = &snapshot->half_life,
                                      .test_bars = snapshot->test_bars,
                                      .interval_us = snapshot->history->interval_us,
                                      .age_us = {snapshot->age_us[SG_LEG_A], snapshot->age_us[SG_LEG_B]},
                                      .stale_after_us = snapshot->stale_after_us,
                                      .today_beta = snapshot->now.beta,
                                      .today_alpha = snapshot->now.alpha};
    name_legs(ret_view, snapshot->legs);
}

void sg_pair_view_of_offline(const struct sg_offline *offline, const struct sg_pair_params *params, const struct sg_instrument *legs,
                             struct sg_pair_view *ret_view)
{
    *ret_view = (struct sg_pair_view){.history = &offline->history,
                                      .now = &offline->now,
                                      .params = params,
                                      .adf = &offline->adf,
                                      .engle_granger = &offline->engle_granger,
                                      .engle_granger_reverse = &offline->engle_granger_reverse,
                                      .half_life = &offline->half_life,
                                      .test_bars = offline->test_bars,
                                      .interval_us = offline->history.interval_us,
                                      .age_us = {offline->age_us[SG_LEG_A], offline->age_us[SG_LEG_B]},
                                      .stale_after_us = offline->stale_after_us,
                                      .today_beta = offline->now.beta,
                                      .today_alpha = offline->now.alpha};
    name_legs(ret_view, legs);
}

/* How many bars the fit of a row had: every one so far, or as many as it looks back. */
static size_t fit_bars(const struct sg_pair_params *params, uint64_t seen, uint64_t unsampled)
{
    size_t lookback = params->lookback == SG_LOOKBACK_ALL && params->hedge == SG_HEDGE_ROLLING ? params->window : params->lookback;
    if (lookback == SG_LOOKBACK_ALL || params->hedge == SG_HEDGE_KALMAN)
        return seen > unsampled ? (size_t)(seen - unsampled) : 0;
    return seen < lookback ? (size_t)seen : lookback;
}

/* A leg whose returns do not change, or what the last row knew: which of them it was is not kept. */
static enum sg_reason no_correlation(const struct sg_history *history, size_t rows, size_t window)
{
    if (rows <= window)
        return SG_REASON_WARMING_UP;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const double *close = history->column[leg == SG_LEG_A ? SG_COL_A_CLOSE : SG_COL_B_CLOSE];
        size_t last = (rows < history->length ? rows : history->length) - 1, i = last;
        while (i > 0 && last - i < window && close[i - 1] == close[last])
            i--;
        if (last - i == window)
            return leg == SG_LEG_A ? SG_REASON_CONSTANT_LEG_A : SG_REASON_CONSTANT_LEG_B;
    }
    return SG_REASON_NUMERIC;
}

static void result_of_row(const struct sg_pair_view *view, const struct sg_row *row, size_t rows, struct sg_pair_result *ret_result)
{
    const struct sg_pair_params *params = view->params;
    const double *value = row->value;
    uint64_t seen = view->history->forgotten + rows;
    struct sg_pair_result now = {.alpha = value[SG_COL_ALPHA],
                                 .beta = value[SG_COL_BETA],
                                 .se_alpha = (double)NAN,
                                 .se_beta = value[SG_COL_SE_BETA],
                                 .r_squared = value[SG_COL_R_SQUARED],
                                 .spread = value[SG_COL_SPREAD],
                                 .residual = value[SG_COL_RESIDUAL],
                                 .mean = value[SG_COL_MEAN],
                                 .std = value[SG_COL_STD],
                                 .zscore = value[SG_COL_ZSCORE],
                                 .correlation = value[SG_COL_CORRELATION],
                                 .zscore_reason = (enum sg_reason)row->reason};
    now.need = params->window;
    now.have = seen < now.need ? (size_t)seen : now.need;
    now.fit_bars = fit_bars(params, seen, view->history->unsampled);
    now.hedge_need = SG_LOOKBACK_MIN;
    now.hedge_have = now.fit_bars < now.hedge_need ? now.fit_bars : now.hedge_need;
    now.correlation_need = params->window;
    now.correlation_have = seen - 1 < params->window ? (size_t)(seen - 1) : params->window;
    if (!isfinite(now.beta) && seen >= params->window && now.fit_bars < now.hedge_need) { /* the hedge ratio is what the z-score waits for */
        now.have = now.hedge_have;
        now.need = now.hedge_need;
    }
    if (!isfinite(now.beta))
        now.hedge_reason = now.fit_bars < now.hedge_need ? SG_REASON_WARMING_UP : now.zscore_reason != SG_REASON_NONE ? now.zscore_reason : SG_REASON_NUMERIC;
    if (!isfinite(now.correlation))
        now.correlation_reason = seen <= params->window ? SG_REASON_WARMING_UP : no_correlation(view->history, rows, params->window);
    now.signal = row->flags & SG_ROW_OVERBOUGHT ? SG_SIGNAL_OVERBOUGHT : row->flags & SG_ROW_OVERSOLD ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_NONE;
    *ret_result = now;
}

void sg_pair_view_of_row(const struct sg_pair_view *view, size_t row, const struct sg_row *forming, struct sg_pair_past *past, struct sg_pair_view *ret_view)
{
    const struct sg_history *history = view->history;
    bool is_forming = forming && row >= history->length;
    if (history->length == 0 ? !is_forming : !is_forming && row + 1 >= history->length) {
        *ret_view = *view;
        return;
    }
    *past = (struct sg_pair_past){.history = *history};
    struct sg_row here;
    if (is_forming) {
        past->forming = here = *forming;
    } else {
        past->history.length = row + 1;
        sg_history_get(history, row, &here);
    }
    result_of_row(view, &here, past->history.length + (is_forming ? 1 : 0), &past->now);
    past->test = (struct sg_adf_result){
        .statistic = (double)NAN, .p_value = (double)NAN, .critical = {(double)NAN, (double)NAN, (double)NAN}, .reason = SG_REASON_NO_DATA};
    past->half_life = (struct sg_half_life_result){.bars = (double)NAN,
                                                   .lambda = (double)NAN,
                                                   .se_lambda = (double)NAN,
                                                   .low = (double)NAN,
                                                   .high = (double)NAN,
                                                   .heaviest = (double)NAN,
                                                   .reason = SG_REASON_NO_DATA};
    *ret_view = *view;
    ret_view->history = &past->history;
    ret_view->now = &past->now;
    ret_view->adf = ret_view->engle_granger = ret_view->engle_granger_reverse = &past->test;
    ret_view->half_life = &past->half_life;
    ret_view->test_bars = 0;
    ret_view->age_us[SG_LEG_A] = ret_view->age_us[SG_LEG_B] = -1;
    ret_view->forming = is_forming ? &past->forming : NULL;
}

static size_t count_in_window(const struct sg_history *history, size_t window, unsigned flag)
{
    size_t count = 0;
    for (size_t i = history->length > window ? history->length - window : 0; i < history->length; i++)
        count += (history->flags[i] & flag) != 0;
    return count;
}

/* The standard error of beta as it was known a day before the last row. A row that is more than an hour (or a bar) older than that is another day's. */
static double se_beta_a_day_before(const struct sg_history *history)
{
    int64_t then_us = history->time_us[history->length - 1] - DAY_US;
    int64_t slack_us = history->interval_us > 3600 * SG_US_PER_S ? history->interval_us : 3600 * SG_US_PER_S;
    size_t after = sg_history_lower_bound(history, then_us + 1);
    if (after == 0 || then_us - history->time_us[after - 1] > slack_us)
        return (double)NAN;
    return history->column[SG_COL_SE_BETA][after - 1];
}

void sg_pair_view_verdict_input(const struct sg_pair_view *view, struct sg_verdict_input *ret_input)
{
    const struct sg_history *history = view->history;
    struct sg_verdict_input input = {.name_a = view->name_a,
                                     .name_b = view->name_b,
                                     .engle_granger = view->engle_granger,
                                     .reverse = view->engle_granger_reverse,
                                     .half_life = view->half_life,
                                     .window = view->params->window,
                                     .interval_us = view->interval_us};
    if (history->length > 0) {
        size_t last = history->length - 1;
        input.filled_a = count_in_window(history, view->params->window, SG_ROW_A_FILLED);
        input.filled_b = count_in_window(history, view->params->window, SG_ROW_B_FILLED);
        input.gap = (history->flags[last] & SG_ROW_WINDOW_HAS_GAP) != 0;
        input.stale_a = view->stale_after_us > 0 && view->age_us[SG_LEG_A] > view->stale_after_us;
        input.stale_b = view->stale_after_us > 0 && view->age_us[SG_LEG_B] > view->stale_after_us;
        input.se_beta = view->now->se_beta;
        input.se_beta_before = se_beta_a_day_before(history);
    }
    *ret_input = input;
}

enum sg_verdict sg_pair_view_verdict(const struct sg_pair_view *view, char *buffer, size_t size, unsigned *ret_caveats)
{
    struct sg_verdict_input input;
    if (view->history->length > 0 && view->test_bars == 0 && size > 0) { /* the bars are there, their tests are on the way */
        snprintf(buffer, size, "No verdict yet: computing\xE2\x80\xA6");
        if (ret_caveats)
            *ret_caveats = 0;
        return SG_VERDICT_NONE;
    }
    sg_pair_view_verdict_input(view, &input);
    return sg_verdict_text(&input, buffer, size, ret_caveats);
}
