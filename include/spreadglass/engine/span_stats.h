/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statistics of a span of bars by itself, as if those bars were all there is: what `analyze` says of files that hold just them.
 *
 * The fit is least squares over the whole span whatever the session's own method is, because that is the question a person asks of a
 * stretch that was marked; the correlation is of all its returns. The same code as the session's and `analyze`'s, so the same bits:
 * `analyze --hedge ols --lookback all --window RETURNS` over the same bars. */
#include <stdatomic.h>
#include <stddef.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/history.h"

struct sg_span_stats {
    size_t bars;
    size_t returns;                     /* in the correlation: bars - 1, from SG_WINDOW_MIN to SG_WINDOW_MAX (then the last ones) */
    struct sg_pair_result fit;          /* alpha, beta, their s.e., R2, correlation; a number that does not exist is NaN with its reason */
    struct sg_adf_result engle_granger; /* A on B */
    struct sg_adf_result engle_granger_reverse;
    struct sg_half_life_result half_life; /* of close_a - beta close_b */
};

/* Statistics of `count` closes of each leg (quote units, within SG_PRICE_MIN..MAX, else SG_ERR_RANGE). Too few bars are no failure: each
 * number says why it is not there. Any thread; allocates 40 bytes a bar while it runs. `stop` (may be NULL): when it becomes true the work
 * ends with SG_ERR_CANCELLED, at the next thousand bars or the next test. SG_ERR_NOMEM. *ret_stats is set on success only. */
enum sg_status sg_span_stats_compute(const double *close_a, const double *close_b, size_t count, const atomic_bool *stop, struct sg_span_stats *ret_stats);

/* Every number with all its digits, a line each, "name<TAB>value\n" ("undefined: warming up 37/100" where there is none), for the clipboard:
 * bars, first, last (ISO 8601 UTC), alpha, se_alpha, beta, se_beta, r_squared, correlation, engle_granger statistic, p and lags both ways, lambda,
 * half_life and its 95 % interval in bars. SG_ERR_NOMEM beyond the buffer's ceiling. */
enum sg_status sg_span_stats_text(const struct sg_span_stats *stats, const char *name_a, const char *name_b, int64_t first_us, int64_t last_us,
                                  struct sg_buffer *text);
