/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/pair_view.h"

#include <math.h>

#include "spreadglass/base/clock.h"

#define DAY_US (INT64_C(86400) * SG_US_PER_S)

void sg_pair_view_of_snapshot(const SgSnapshot *snapshot, struct sg_pair_view *ret_view)
{
    *ret_view = (struct sg_pair_view){
        .history = snapshot->history, .now = &snapshot->now, .params = &snapshot->params, .adf = &snapshot->adf,
        .engle_granger = &snapshot->engle_granger, .engle_granger_reverse = &snapshot->engle_granger_reverse,
        .half_life = &snapshot->half_life, .test_bars = snapshot->test_bars, .name_a = snapshot->legs[SG_LEG_A].symbol,
        .name_b = snapshot->legs[SG_LEG_B].symbol, .interval_us = snapshot->history->interval_us,
        .age_us = {snapshot->age_us[SG_LEG_A], snapshot->age_us[SG_LEG_B]}, .stale_after_us = snapshot->stale_after_us};
}

void sg_pair_view_of_offline(const struct sg_offline *offline, const struct sg_pair_params *params, const struct sg_instrument *legs,
                             struct sg_pair_view *ret_view)
{
    *ret_view = (struct sg_pair_view){
        .history = &offline->history, .now = &offline->now, .params = params, .adf = &offline->adf, .engle_granger = &offline->engle_granger,
        .engle_granger_reverse = &offline->engle_granger_reverse, .half_life = &offline->half_life, .test_bars = offline->test_bars,
        .name_a = legs[SG_LEG_A].symbol, .name_b = legs[SG_LEG_B].symbol, .interval_us = offline->history.interval_us,
        .age_us = {offline->age_us[SG_LEG_A], offline->age_us[SG_LEG_B]}, .stale_after_us = offline->stale_after_us};
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
    struct sg_verdict_input input = {.name_a = view->name_a, .name_b = view->name_b, .engle_granger = view->engle_granger,
                                     .reverse = view->engle_granger_reverse, .half_life = view->half_life,
                                     .window = view->params->window, .interval_us = view->interval_us};
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
    sg_pair_view_verdict_input(view, &input);
    return sg_verdict_text(&input, buffer, size, ret_caveats);
}
