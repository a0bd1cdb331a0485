/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/offline.h"
#include <inttypes.h>
#include "diagnostics_private.h"
#include "pair_track_private.h"
#include "spreadglass/base/clock.h"

static enum sg_status check_bars(const struct sg_bar *bars, size_t count, const char *leg, int64_t interval_us, struct sg_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (bars[i].time_us % interval_us != 0)
            return sg_fail(error, SG_ERR_INVALID, "bar %zu of leg %s opens at %" PRId64 " us, which is not on the grid of its interval", i, leg,
                           bars[i].time_us);
        if (i > 0 && bars[i].time_us <= bars[i - 1].time_us)
            return sg_fail(error, SG_ERR_INVALID, "bar %zu of leg %s is not later than the one before it", i, leg);
    }
    return SG_OK;
}

#define DAY_US (24 * 3600 * SG_US_PER_S)
#define MONTH_LEAST_US (28 * DAY_US)
#define CLOSED_MOST_US (5 * DAY_US) /* Thursday to Tuesday, over the longest of the usual weekends */

static bool is_weekend(int64_t time_us)
{
    return (time_us / DAY_US + 3) % 7 >= 5; /* 1970 began on a Thursday */
}

/* How far apart two bars may be with nothing missing between them: months differ in length, and where nothing was ever traded at a
 * weekend, nothing is missing there. */
static int64_t longest_step(int64_t interval_us, bool weekends)
{
    if (interval_us >= MONTH_LEAST_US)
        return interval_us / 28 * 31;
    return interval_us == DAY_US && !weekends ? CLOSED_MOST_US : interval_us;
}

static enum sg_status join(struct sg_pair_track *track, const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b,
                           size_t unmatched[SG_LEG_COUNT])
{
    size_t i = 0, j = 0, lost = 0; /* since the row before */
    bool weekends = false;         /* among the bars so far: no row knows of later ones */
    while (i < count_a && j < count_b) {
        weekends = weekends || is_weekend(a[i].time_us) || is_weekend(b[j].time_us);
        if (a[i].time_us < b[j].time_us) {
            unmatched[SG_LEG_A]++;
            lost++;
            i++;
        } else if (b[j].time_us < a[i].time_us) {
            unmatched[SG_LEG_B]++;
            lost++;
            j++;
        } else {
            struct sg_track_step step;
            track->step_us =
                lost > 0 ? track->interval_us : longest_step(track->interval_us, weekends); /* a day that one of them has is missing from the other */
            lost = 0;
            enum sg_status status = sg_pair_track_push(track, &a[i++], &b[j++], &step);
            if (status != SG_OK && status != SG_ERR_RANGE)
                return status;
        }
    }
    unmatched[SG_LEG_A] += count_a - i;
    unmatched[SG_LEG_B] += count_b - j;
    return SG_OK;
}

enum sg_status sg_offline_run(const struct sg_offline_config *config, const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b,
                              struct sg_offline *ret_result, struct sg_error *error)
{
    int64_t interval_us = config->interval_us > 0 ? config->interval_us : sg_interval_us(config->interval);
    int64_t grid_us = config->interval_us > 0 ? 1 : interval_us;
    enum sg_status status = sg_pair_params_check(&config->params, error);
    if (status == SG_OK)
        status = check_bars(a, count_a, "A", grid_us, error);
    if (status == SG_OK)
        status = check_bars(b, count_b, "B", grid_us, error);
    if (status != SG_OK)
        return status;

    struct sg_pair_track track;
    size_t rows = count_a < count_b ? count_a : count_b;
    status = sg_pair_track_init(&track, &config->params, interval_us, config->stale_after_us, rows ? rows : 1);
    if (status != SG_OK)
        return sg_fail(error, status, "no memory for the statistics of %zu bars", rows);
    struct sg_offline result = {0};
    struct sg_diagnostics diagnostics;
    sg_diagnostics_init(&diagnostics);
    status = join(&track, a, count_a, b, count_b, result.unmatched);
    if (status == SG_OK)
        status = sg_diagnostics_update(&diagnostics, &track.history, &track.params, &track.now, config->test_maximum);
    if (status != SG_OK) {
        sg_diagnostics_free(&diagnostics);
        sg_pair_track_free(&track);
        return sg_fail(error, status, "no memory for the statistics of %zu bars", rows);
    }
    sg_pair_track_ages(&track, result.age_us);
    result.stale_after_us = track.stale_after_us;
    result.history = track.history;
    track.history = (struct sg_history){0};
    result.now = track.now;
    result.alert = track.alert;
    result.refused = track.refused;
    result.adf = diagnostics.adf;
    result.engle_granger = diagnostics.engle_granger;
    result.engle_granger_reverse = diagnostics.engle_granger_reverse;
    result.half_life = diagnostics.half_life;
    result.test_bars = diagnostics.bars;
    sg_diagnostics_free(&diagnostics);
    sg_pair_track_free(&track);
    *ret_result = result;
    return SG_OK;
}

void sg_offline_free(struct sg_offline *result)
{
    if (!result)
        return;
    sg_history_free(&result->history);
    *result = (struct sg_offline){0};
}
