/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statistics strip as a person reads it: the same words in the window and in a rendered picture.
 * Pure functions of their arguments; UTF-8; a point, U+2212 as minus, a thin space between thousands, "–" for what is not
 * defined, with the reason beside it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/market/instrument.h"

enum sg_stat {
    SG_STAT_ALPHA,
    SG_STAT_BETA,
    SG_STAT_R_SQUARED,
    SG_STAT_RESIDUAL,
    SG_STAT_ZSCORE,
    SG_STAT_CORRELATION,
    SG_STAT_EG_P,
    SG_STAT_HALF_LIFE,
    SG_STAT_N,
    SG_STAT_COUNT
};

struct sg_stat_inputs {
    const struct sg_pair_result *now;                                  /* NULL: nothing known yet */
    const struct sg_adf_result *engle_granger, *engle_granger_reverse; /* A on B, B on A; NULL likewise */
    const struct sg_half_life_result *half_life;
    const struct sg_pair_params *params;
    size_t rows;         /* bars in the history; the window's n is min(rows, window) */
    int64_t interval_us; /* to say a half-life in time */
    bool stale;          /* the last row's z rests on a leg whose last trade is too old, or is not the present: it is marked */
    const char *age;     /* while stale: "19 s old", said beside z; NULL or "": not known */
};

struct sg_stat_text {
    const char *name; /* static: "Alpha", … */
    char value[96];
    char why[256]; /* how it was computed, or why there is none; never empty */
};

void sg_stat_texts(const struct sg_stat_inputs *inputs, struct sg_stat_text ret_texts[static SG_STAT_COUNT]);
