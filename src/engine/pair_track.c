/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair_track_private.h"
#include <assert.h>
#include <math.h>
#include <string.h>
#include "spreadglass/market/resampler.h"

enum sg_status sg_pair_track_init(struct sg_pair_track *track, const struct sg_pair_params *params, int64_t interval_us, int64_t stale_after_us,
                                  size_t history_maximum)
{
    enum sg_status status = sg_pair_params_check(params, NULL);
    if (status != SG_OK)
        return status;
    struct sg_pair_model *model = sg_pair_model_new(params);
    if (!model)
        return SG_ERR_NOMEM;
    *track = (struct sg_pair_track){.params = *params, .interval_us = interval_us, .step_us = interval_us, .sample_from_us = INT64_MIN, .model = model};
    track->stale_after_us = stale_after_us > 0 ? stale_after_us : SG_STALE_AFTER_US;
    track->rows_since_gap = SIZE_MAX;
    sg_history_init(&track->history, interval_us, history_maximum ? history_maximum : SG_HISTORY_MAXIMUM);
    sg_alert_reset(&track->alert);
    return SG_OK;
}

void sg_pair_track_free(struct sg_pair_track *track)
{
    if (!track)
        return;
    sg_pair_model_free(track->model);
    sg_history_free(&track->history);
    *track = (struct sg_pair_track){0};
}

/* Starts over: empty history (epoch + 1), fresh model and alert; mute is kept, because it is a person's wish.
 * On failure nothing has changed. */
static enum sg_status start_over(struct sg_pair_track *track, const struct sg_pair_params *params, int64_t interval_us)
{
    enum sg_status status = sg_pair_params_check(params, NULL);
    if (status != SG_OK)
        return status;
    struct sg_pair_model *model = sg_pair_model_new(params);
    if (!model)
        return SG_ERR_NOMEM;
    sg_pair_model_free(track->model);
    track->model = model;
    track->params = *params;
    track->interval_us = track->step_us = interval_us;
    sg_history_reset(&track->history, interval_us);
    int64_t muted_until_us = track->alert.muted_until_us;
    sg_alert_reset(&track->alert);
    track->alert.muted_until_us = muted_until_us;
    track->now = (struct sg_pair_result){0};
    track->rows_since_gap = SIZE_MAX;
    memset(track->last_tick_us, 0, sizeof track->last_tick_us);
    track->refused = 0;
    return SG_OK;
}

/* The last tick that the leg's close at the end of `bar` can rest on. Klines do not say when their last trade was: one with trades
 * counts as fresh at its close, a filled one leaves what was known before. */
static int64_t last_tick(const struct sg_pair_track *track, enum sg_leg leg, const struct sg_bar *bar)
{
    if (bar->last_tick_us > 0)
        return bar->last_tick_us;
    if (!(bar->flags & SG_BAR_FILLED))
        return bar->time_us + track->interval_us;
    return track->last_tick_us[leg] > 0 ? track->last_tick_us[leg] : bar->time_us;
}

static int64_t age(int64_t close_us, int64_t last_tick_us)
{
    return close_us > last_tick_us ? close_us - last_tick_us : 0;
}

static bool is_stale(const struct sg_pair_track *track, int64_t last_tick_us, int64_t close_us)
{
    return age(close_us, last_tick_us) > track->stale_after_us;
}

static void bar_to_row(struct sg_row *row, const struct sg_bar *bar, enum sg_leg leg)
{
    double *value = row->value + (leg == SG_LEG_A ? SG_COL_A_OPEN : SG_COL_B_OPEN);
    value[0] = bar->open;
    value[1] = bar->high;
    value[2] = bar->low;
    value[3] = bar->close;
    value[4] = bar->flags & SG_BAR_NO_VOLUME ? (double)NAN : sg_qty_to_double(bar->volume);
    /* Only streams of trades, and klines, know how many there were. */
    bool counted = !(bar->flags & (SG_BAR_NO_VOLUME | SG_BAR_VOLUME_ESTIMATED));
    row->value[leg == SG_LEG_A ? SG_COL_A_TRADES : SG_COL_B_TRADES] = counted ? (double)bar->trades : (double)NAN;
    unsigned flags = row->flags;
    if (bar->flags & SG_BAR_FILLED)
        flags |= leg == SG_LEG_A ? SG_ROW_A_FILLED : SG_ROW_B_FILLED;
    if (bar->flags & SG_BAR_REPAIRED)
        flags |= leg == SG_LEG_A ? SG_ROW_A_REPAIRED : SG_ROW_B_REPAIRED;
    if (bar->flags & SG_BAR_VOLUME_ESTIMATED)
        flags |= SG_ROW_VOLUME_ESTIMATED;
    row->flags = (uint16_t)flags;
}

_Static_assert(SG_COL_A_CLOSE == SG_COL_A_OPEN + 3 && SG_COL_A_VOLUME == SG_COL_A_OPEN + 4, "bar_to_row writes five in a row");
_Static_assert(SG_COL_B_CLOSE == SG_COL_B_OPEN + 3 && SG_COL_B_VOLUME == SG_COL_B_OPEN + 4, "bar_to_row writes five in a row");

/* Everything about a row but its alert: the same for a closed bar and for a forming one. */
static void fill_row(const struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, struct sg_pair_result *result, size_t rows_since_gap,
                     const int64_t last_tick_us[SG_LEG_COUNT], int64_t close_us, struct sg_row *row)
{
    bool stale = false;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        stale |= is_stale(track, last_tick_us[leg], close_us);
    if (stale)
        result->signal = SG_SIGNAL_NONE;
    *row = (struct sg_row){.time_us = a->time_us};
    sg_pair_result_to_row(result, row);
    bar_to_row(row, a, SG_LEG_A);
    bar_to_row(row, b, SG_LEG_B);
    unsigned flags = row->flags;
    if (rows_since_gap == 0)
        flags |= SG_ROW_GAP_BEFORE;
    /* The window's own rows and, for its first return, the step into it. */
    if (rows_since_gap < track->params.window)
        flags |= SG_ROW_WINDOW_HAS_GAP;
    if (stale)
        flags |= SG_ROW_STALE;
    row->flags = (uint16_t)flags;
}

/* `step_us`: the farthest that the row may be from the one before without anything missing between them. */
static size_t next_rows_since_gap(const struct sg_pair_track *track, int64_t time_us, int64_t step_us)
{
    const struct sg_history *history = &track->history;
    if (history->length > 0 && time_us - history->time_us[history->length - 1] > step_us)
        return 0;
    return track->rows_since_gap == SIZE_MAX ? SIZE_MAX : track->rows_since_gap + 1;
}

/* Rows are known as they were known: the older half is forgotten, and nothing is computed anew. */
static void forget_oldest_half(struct sg_history *history)
{
    size_t kept = history->length / 2;
    size_t from = history->length - kept;
    memmove(history->time_us, history->time_us + from, kept * sizeof *history->time_us);
    for (int i = 0; i < SG_COL_COUNT; i++)
        memmove(history->column[i], history->column[i] + from, kept * sizeof *history->column[i]);
    memmove(history->flags, history->flags + from, kept * sizeof *history->flags);
    memmove(history->reason, history->reason + from, kept * sizeof *history->reason);
    history->length = kept;
    history->forgotten += from;
    history->epoch++;
}

enum sg_status sg_pair_track_push(struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, struct sg_track_step *ret_step)
{
    assert(a->time_us == b->time_us);
    struct sg_history *history = &track->history;
    if (history->length > 0 && a->time_us <= history->time_us[history->length - 1])
        return SG_ERR_INVALID;
    struct sg_track_step step = {.change = SG_ALERT_UNCHANGED, .before = track->alert};
    bool is_sampled = a->time_us >= track->sample_from_us;
    enum sg_status status =
        is_sampled ? sg_pair_model_push(track->model, a->close, b->close, &step.result) : sg_pair_model_warm_up(track->model, a->close, b->close, &step.result);
    if (status != SG_OK) {
        track->refused++;
        return status;
    }
    track->rows_since_gap = next_rows_since_gap(track, a->time_us, track->step_us);
    track->last_tick_us[SG_LEG_A] = last_tick(track, SG_LEG_A, a);
    track->last_tick_us[SG_LEG_B] = last_tick(track, SG_LEG_B, b);
    fill_row(track, a, b, &step.result, track->rows_since_gap, track->last_tick_us, a->time_us + track->interval_us, &step.row);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        step.age_us[leg] = age(a->time_us + track->interval_us, track->last_tick_us[leg]);
    step.change = sg_alert_update(&track->alert, &track->params, a->time_us, &step.result, step.row.flags & SG_ROW_STALE);
    unsigned flags = step.row.flags;
    if (step.change == SG_ALERT_RAISED || step.change == SG_ALERT_FLIPPED)
        flags |= SG_ROW_ALERT_RAISED;
    if (step.change == SG_ALERT_CLEARED || step.change == SG_ALERT_FLIPPED)
        flags |= SG_ROW_ALERT_CLEARED;
    step.row.flags = (uint16_t)flags;
    track->now = step.result;
    if (history->length == history->maximum)
        forget_oldest_half(history);
    status = sg_history_append(history, &step.row);
    if (status == SG_OK) {
        history->unsampled += !is_sampled;
        *ret_step = step;
    }
    return status;
}

void sg_pair_track_ages(const struct sg_pair_track *track, int64_t ret_age_us[static SG_LEG_COUNT])
{
    const struct sg_history *history = &track->history;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        ret_age_us[leg] = -1;
        if (history->length > 0)
            ret_age_us[leg] = age(history->time_us[history->length - 1] + track->interval_us, track->last_tick_us[leg]);
    }
}

enum sg_status sg_pair_track_peek(struct sg_pair_track *track, const struct sg_bar *a, const struct sg_bar *b, int64_t now_us, struct sg_row *ret_row)
{
    struct sg_pair_result result;
    enum sg_status status = sg_pair_model_peek(track->model, a->close, b->close, &result);
    if (status != SG_OK)
        return status;
    int64_t last_tick_us[SG_LEG_COUNT] = {last_tick(track, SG_LEG_A, a), last_tick(track, SG_LEG_B, b)};
    int64_t close_us = a->time_us + track->interval_us;
    if (now_us > a->time_us && now_us < close_us)
        close_us = now_us;
    /* The bar before may have ended, and be waiting for its last ticks still: it is not missing. */
    int64_t waiting_us = (SG_RESAMPLER_GRACE_US + track->interval_us - 1) / track->interval_us * track->interval_us;
    fill_row(track, a, b, &result, next_rows_since_gap(track, a->time_us, track->interval_us + waiting_us), last_tick_us, close_us, ret_row);
    return SG_OK;
}

size_t sg_pair_track_warm_up(const struct sg_pair_params *params)
{
    return params->lookback != SG_LOOKBACK_ALL && params->lookback > params->window ? params->lookback : params->window;
}

enum sg_status sg_pair_track_rebuild(struct sg_pair_track *track, const struct sg_pair_params *params, int64_t interval_us, int64_t sample_from_us,
                                     const struct sg_bar_store *a, const struct sg_bar_store *b)
{
    struct sg_alert before = track->alert;
    enum sg_status status = start_over(track, params, interval_us);
    if (status != SG_OK)
        return status;
    track->sample_from_us = sample_from_us;
    int64_t from_us = sample_from_us == INT64_MIN ? INT64_MIN : sample_from_us - (int64_t)sg_pair_track_warm_up(params) * interval_us;
    for (size_t i = sg_bar_store_lower_bound(a, from_us), j = sg_bar_store_lower_bound(b, from_us); i < a->length && j < b->length;) {
        const struct sg_bar *bar_a = sg_bar_store_at(a, i), *bar_b = sg_bar_store_at(b, j);
        if (bar_a->time_us < bar_b->time_us) {
            i++;
        } else if (bar_b->time_us < bar_a->time_us) {
            j++;
        } else {
            struct sg_track_step step;
            status = sg_pair_track_push(track, bar_a, bar_b, &step);
            if (status != SG_OK && status != SG_ERR_RANGE)
                return status;
            i++;
            j++;
        }
    }
    if (track->alert.side != SG_SIGNAL_NONE && track->alert.side == before.side && track->alert.since_us == before.since_us)
        track->alert.dismissed = before.dismissed;
    return SG_OK;
}
