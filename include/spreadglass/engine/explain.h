/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where a number comes from, so that anyone can compute it again: its value with every digit, its formula, its parameters, and which
 * bars went into it. The same words in the window and in `analyze --explain`.
 *
 * Pure functions of a view; the thread that owns it. Texts are UTF-8, numbers with a point and all their digits. */
#include <stddef.h>
#include "spreadglass/base/buffer.h"
#include "spreadglass/engine/pair_view.h"

enum sg_explained {
    SG_EXPLAIN_ALPHA,
    SG_EXPLAIN_BETA,
    SG_EXPLAIN_SE_ALPHA,
    SG_EXPLAIN_SE_BETA,
    SG_EXPLAIN_R_SQUARED,
    SG_EXPLAIN_SPREAD,
    SG_EXPLAIN_RESIDUAL,
    SG_EXPLAIN_MEAN,
    SG_EXPLAIN_STD,
    SG_EXPLAIN_ZSCORE,
    SG_EXPLAIN_CORRELATION,
    SG_EXPLAIN_ADF,
    SG_EXPLAIN_ADF_P,
    SG_EXPLAIN_EG,
    SG_EXPLAIN_EG_P,
    SG_EXPLAIN_EG_REVERSE,
    SG_EXPLAIN_EG_REVERSE_P,
    SG_EXPLAIN_LAMBDA,
    SG_EXPLAIN_HALF_LIFE,
    SG_EXPLAIN_COUNT, /* those that `analyze` reports; what follows is on the charts only */
    SG_EXPLAIN_CLOSE_A = SG_EXPLAIN_COUNT,
    SG_EXPLAIN_CLOSE_B,
    SG_EXPLAIN_SPREAD_TODAY,   /* of this bar, with the newest beta: hindsight */
    SG_EXPLAIN_RESIDUAL_TODAY, /* the same less the newest alpha */
    SG_EXPLAIN_RESIDUAL_MEAN,  /* mean of the spread less this bar's alpha: the middle of the band around the residual */
    SG_EXPLAIN_DEVIATION,      /* spread less its mean over the window */
    SG_EXPLAIN_ALL
};

struct sg_explanation {
    const char *key;      /* static: the number's place in `analyze --format json`, "hedge.beta", "zscore" */
    const char *name;     /* static, for a person: "beta" */
    const char *set;      /* static: which of the columns of sg_explain_sets_csv marks its bars: "fit", "window", … */
    double value;         /* NaN when it is not defined */
    char value_text[192]; /* all its digits; or why there is none. Says so when the bar has not closed yet */
    char formula[512];
    char parameters[512];
    char bars[192];      /* how many, and from when to when */
    size_t first, count; /* rows [first, first + count) of the history (row history->length is the forming one); count 0: none */
    uint64_t older;      /* bars that went into it too, and that the history has no room for any more */
};

/* What is known about one number. Always succeeds. */
void sg_explain(const struct sg_pair_view *view, enum sg_explained which, struct sg_explanation *ret_explanation);

/* The bars of rows [first, first + count): "time,close_a,close_b\n" and a line each; milliseconds, all digits. SG_ERR_NOMEM beyond the
 * buffer's ceiling. */
enum sg_status sg_explain_bars_csv(const struct sg_pair_view *view, size_t first, size_t count, struct sg_buffer *text);

/* The bars of every number at once: "time,close_a,close_b,fit,last,window,returns,tests\n", a 1 in the column of each set that a bar is in,
 * else a 0; bars in no set are left out. Rows from *row on are appended until `text` holds `enough` bytes or the history ends;
 * *row goes on. The header is written when *row is 0. */
enum sg_status sg_explain_sets_csv(const struct sg_pair_view *view, size_t *row, size_t enough, struct sg_buffer *text);
