/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the tests say about a pair, in words: the answer with its evidence, and everything that weakens it. One function of
 * results, so that the window and the command line say the same thing.
 *
 *   "Not significant: Engle-Granger p 0.066 (n 1,500, lag 3); the reverse direction p 0.090. Half-life 22 bars (16–35);
 *    your window of 60 covers 2.7 half-lives."
 *
 * Any thread, no state, no allocation, no locale: English, UTF-8. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/unit_root.h"

#define SG_VERDICT_LEVEL 0.05     /* significance */
#define SG_VERDICT_HALF_LIVES 2.0 /* a window shorter than this many half-lives is said to be short */
#define SG_VERDICT_HEAVIEST 0.5   /* share of one bar in the spread's variance beyond which it is said */
#define SG_VERDICT_TEXT_MAX 1024  /* longest sentence, NUL included */

enum sg_verdict {
    SG_VERDICT_NONE = 0, /* the tests are not defined: too little data, identical legs, … */
    SG_VERDICT_NOT_SIGNIFICANT,
    SG_VERDICT_ONE_DIRECTION, /* one of the two regressions only: treat as not shown */
    SG_VERDICT_SIGNIFICANT,   /* both directions; never a promise: read the caveats */
};

/* How well the relation of the pair is supported by its tests: what an alert carries. Of Engle-Granger in both directions at SG_VERDICT_LEVEL;
 * `strong` needs more evidence than those two, and is given by nothing yet. */
enum sg_grade {
    SG_GRADE_UNDEFINED = 0, /* not computable: the tests' reason says why */
    SG_GRADE_NONE,          /* significant in neither direction */
    SG_GRADE_WEAK,          /* in one direction only, or in the only one that can be computed */
    SG_GRADE_SOME,          /* in both */
    SG_GRADE_STRONG,
};

/* What weakens the number on the screen; a bit mask. */
enum sg_caveat {
    SG_CAVEAT_SHORT_WINDOW = 1 << 0, /* window < 2 half-lives */
    SG_CAVEAT_NOT_REVERTING = 1 << 1,
    SG_CAVEAT_FILLED = 1 << 2,           /* bars without a trade inside the window */
    SG_CAVEAT_STALE = 1 << 3,            /* a leg's last trade is too old */
    SG_CAVEAT_GAP = 1 << 4,              /* the window spans a gap */
    SG_CAVEAT_BETA_UNSURE = 1 << 5,      /* the confidence interval of beta is at least twice the earlier one */
    SG_CAVEAT_HALF_LIFE_UNSURE = 1 << 6, /* the interval of the half-life has no upper end */
    SG_CAVEAT_ONE_BAR = 1 << 7,          /* one bar makes more than half of the spread's variance */
};

/* Everything optional may be zero (NULL, 0, NaN or false): then nothing is said about it. */
struct sg_verdict_input {
    const char *name_a, *name_b;                         /* symbols; NULL: "A" and "B" */
    const struct sg_adf_result *engle_granger, *reverse; /* A on B, B on A; `reverse` optional */
    const struct sg_half_life_result *half_life;         /* optional */
    size_t window;                                       /* bars */
    int64_t interval_us;                                 /* bar length, for the half-life in time; optional */
    size_t filled_a, filled_b;                           /* filled bars inside the window */
    bool stale_a, stale_b;
    bool gap;                       /* the window spans a gap */
    double se_beta, se_beta_before; /* now, and a day ago (or whenever `before_text` says); both > 0 to count */
    const char *before_text;        /* NULL: "yesterday" */
};

/* Writes the sentence (cut at `size` on a character's boundary) and returns the verdict; *ret_caveats (may be NULL) receives the mask. */
enum sg_verdict sg_verdict_text(const struct sg_verdict_input *input, char *buffer, size_t size, unsigned *ret_caveats);

#define SG_GRADE_TEXT_MAX 160
/* The grade, of engle_granger and reverse alone; both may be NULL. */
enum sg_grade sg_grade_of(const struct sg_verdict_input *input);
/* The same, and its words: "relation: not significant (p 0.143)", "relation: significant both ways (p 0.012, reverse p 0.034)",
 * "relation: significant one way only (p 0.210, reverse p 0.012)", "relation: not known (warming up 37/100)". */
enum sg_grade sg_grade_text(const struct sg_verdict_input *input, char *buffer, size_t size);
/* "strong", "some", "weak", "none", "undefined": for machine output. */
const char *sg_grade_name(enum sg_grade grade);
/* At least weakly. */
bool sg_grade_supported(enum sg_grade grade);

/* "23 bars (23 min)", "5.3 bars (5.3 s)", "shorter than a bar"; interval_us 0: without the time; not finite or negative: "–". What the sentence says
 * of a half-life, for every place that shows one: the same digits everywhere. Cut at `size` on a character's boundary; returns the length. */
size_t sg_half_life_text(double bars, int64_t interval_us, char *buffer, size_t size);
/* The bars alone: "23", "5.3", "< 1", "∞". */
size_t sg_half_life_bars_text(double bars, char *buffer, size_t size);
