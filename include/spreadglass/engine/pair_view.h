/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All that is known about a pair at one moment, wherever it came from: a session's snapshot or files. The verdict and the explanations
 * are written from it, so that the window and the command line say the same thing.
 *
 * Everything is borrowed: as valid as what it was made from. Any thread that owns that. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/verdict.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/engine/session.h"

struct sg_pair_view {
    const struct sg_history *history;
    const struct sg_pair_result *now; /* at the last row; meaningless while history->length == 0 */
    const struct sg_pair_params *params;
    const struct sg_adf_result *adf, *engle_granger, *engle_granger_reverse;
    const struct sg_half_life_result *half_life;
    size_t test_bars;                            /* rows in the samples of the tests: the last ones of the history */
    char name_a[SG_LEG_BUF], name_b[SG_LEG_BUF]; /* as sg_leg_name has them */
    int64_t interval_us;
    int64_t age_us[SG_LEG_COUNT]; /* of the leg's last trade at the last close; -1: no row yet, or not known any more */
    int64_t stale_after_us;
    const struct sg_row *forming;   /* NULL; or the row of a bar that has not closed, after the last of history: `now` is its */
    double today_beta, today_alpha; /* the newest fit, of whatever row is looked at: for hindsight */
};

void sg_pair_view_of_snapshot(const SgSnapshot *snapshot, struct sg_pair_view *ret_view);
/* `legs`: two instruments. */
void sg_pair_view_of_offline(const struct sg_offline *offline, const struct sg_pair_params *params, const struct sg_instrument *legs,
                             struct sg_pair_view *ret_view);

/* The same pair as it was known at the close of an earlier row, or (row == history->length) as it stands with the bar that is forming, given
 * by `forming` (else NULL, copied). `view` is one of the two above; *ret_view borrows from it and from *past. The last row's is `view` itself,
 * every other knows what a row keeps: no standard error of alpha, no tests (reason: no data), no ages (-1). */
struct sg_pair_past {
    struct sg_history history; /* the rows until then: arrays are borrowed */
    struct sg_pair_result now;
    struct sg_row forming;
    struct sg_adf_result test;
    struct sg_half_life_result half_life;
};
void sg_pair_view_of_row(const struct sg_pair_view *view, size_t row, const struct sg_row *forming, struct sg_pair_past *past, struct sg_pair_view *ret_view);

/* What analytics/verdict.h asks for. The filled bars and the gap are those inside the last row's window; the earlier confidence interval of
 * beta is the one that was known a day before (none when the history does not go back a day, or has a hole there). */
void sg_pair_view_verdict_input(const struct sg_pair_view *view, struct sg_verdict_input *ret_input);
/* "No verdict yet: computing…" while there are bars and the tests of them are not made yet: that is not the same as no data. The sentence itself; `buffer` of SG_VERDICT_TEXT_MAX holds every one. *ret_caveats may be NULL. */
enum sg_verdict sg_pair_view_verdict(const struct sg_pair_view *view, char *buffer, size_t size, unsigned *ret_caveats);
