/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Are the numbers of a snapshot the present? They are not when the feed is gone, when both legs are silent, or when a leg's last trade is older
 * than the limit. Then whoever shows them shows their age too. One judgement, for the strip, the charts, the verdict and pictures.
 *
 * Pure function of its arguments; the thread that owns the snapshot. Texts are UTF-8. */
#include "spreadglass/engine/number_text.h"
#include "spreadglass/engine/session.h"

#define SG_FRESHNESS_QUIET_US INT64_C(10000000) /* nothing from either leg for so long: the feed is taken to be gone before it is known to be */

struct sg_freshness {
    bool stale;            /* there are numbers, and they are old */
    int64_t age_us;        /* while stale: of the older leg's last data; -1: not known */
    char age[SG_TEXT_BUF]; /* "19 s old"; "" while not stale, or not known */
    char words[160];       /* "waiting for BTCUSDT, 19 s old", "connecting: no bar yet"; "": nothing is waited for but time */
};

/* `mono_us`: sg_clock_mono of now; `wall_us`: time of day, for bars that were kept from before this run. `snapshot` NULL: nothing is known yet.
 * A replay has a time of its own: it is stale only where it was stale when it was recorded, and neither paused nor over makes it so. */
void sg_freshness_of(const SgSnapshot *snapshot, int64_t mono_us, int64_t wall_us, struct sg_freshness *ret_freshness);
