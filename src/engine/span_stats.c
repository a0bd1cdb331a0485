/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/span_stats.h"

#include <math.h>
#include <stdio.h>
#include "diagnostics_private.h"
#include "spreadglass/base/clock.h"

#define LOOK_EVERY 1024u /* bars between two looks at `stop`: a fraction of a millisecond */

static bool stopped(const atomic_bool *stop)
{
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

static enum sg_status fit(const struct sg_pair_params *params, const double *a, const double *b, size_t count, const atomic_bool *stop,
                          struct sg_pair_result *result)
{
    struct sg_pair_model *model = sg_pair_model_new(params);
    if (!model)
        return SG_ERR_NOMEM;
    enum sg_status status = SG_OK;
    for (size_t i = 0; i < count && status == SG_OK; i++)
        status = i % LOOK_EVERY == 0 && stopped(stop) ? SG_ERR_CANCELLED : sg_pair_model_push(model, a[i], b[i], result);
    sg_pair_model_free(model);
    return status;
}

enum sg_status sg_span_stats_compute(const double *close_a, const double *close_b, size_t count, const atomic_bool *stop, struct sg_span_stats *ret_stats)
{
    if (!ret_stats || (count > 0 && (!close_a || !close_b)))
        return SG_ERR_INVALID;
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    size_t returns = count > 0 ? count - 1 : 0;
    params.window = returns < SG_WINDOW_MIN ? SG_WINDOW_MIN : returns > SG_WINDOW_MAX ? SG_WINDOW_MAX : returns;
    struct sg_span_stats stats = {.bars = count, .returns = params.window};
    stats.fit = (struct sg_pair_result){.alpha = (double)NAN,
                                        .beta = (double)NAN,
                                        .se_alpha = (double)NAN,
                                        .se_beta = (double)NAN,
                                        .r_squared = (double)NAN,
                                        .spread = (double)NAN,
                                        .residual = (double)NAN,
                                        .mean = (double)NAN,
                                        .std = (double)NAN,
                                        .zscore = (double)NAN,
                                        .correlation = (double)NAN,
                                        .hedge_reason = SG_REASON_NO_DATA,
                                        .zscore_reason = SG_REASON_NO_DATA,
                                        .correlation_reason = SG_REASON_NO_DATA};
    enum sg_status status = fit(&params, close_a, close_b, count, stop, &stats.fit);
    if (status != SG_OK)
        return status;
    struct sg_diagnostics tests;
    sg_diagnostics_init(&tests);
    /* The tests look at a history's length and closes, and at nothing else of it. */
    struct sg_history closes = {.length = count};
    closes.column[SG_COL_A_CLOSE] = (double *)close_a;
    closes.column[SG_COL_B_CLOSE] = (double *)close_b;
    status = stopped(stop) ? SG_ERR_CANCELLED : sg_diagnostics_update(&tests, &closes, &params, &stats.fit, 0);
    stats.engle_granger = tests.engle_granger;
    stats.engle_granger_reverse = tests.engle_granger_reverse;
    stats.half_life = tests.half_life;
    sg_diagnostics_free(&tests);
    if (status == SG_OK && stopped(stop))
        status = SG_ERR_CANCELLED;
    if (status == SG_OK)
        *ret_stats = stats;
    return status;
}

static void line(struct sg_buffer *text, const char *name, double value, enum sg_reason reason, size_t have, size_t need)
{
    sg_buffer_append_format(text, "%s\t", name);
    if (isfinite(value)) {
        sg_buffer_append_double(text, value);
    } else if (isinf(value)) {
        sg_buffer_append_text(text, "unbounded");
    } else {
        char why[128] = "";
        sg_reason_text(reason, have, need, why, sizeof why);
        sg_buffer_append_format(text, "undefined%s%s", why[0] ? ": " : "", why);
    }
    sg_buffer_append_text(text, "\n");
}

static void test_lines(struct sg_buffer *text, const char *y, const char *x, const struct sg_adf_result *test)
{
    char name[160];
    snprintf(name, sizeof name, "engle_granger %s on %s", y, x);
    line(text, name, test->statistic, test->reason, test->have, test->need);
    snprintf(name, sizeof name, "p %s on %s", y, x);
    if (test->reason == SG_REASON_NONE && (test->p_value <= 0 || test->p_value >= 1)) /* beyond the end of the tables: not known to be 0, or 1 */
        sg_buffer_append_format(text, "%s\t%s\n", name, test->p_value <= 0 ? "< 0.001" : "> 0.999");
    else
        line(text, name, test->p_value, test->reason, test->have, test->need);
    if (test->reason == SG_REASON_NONE)
        sg_buffer_append_format(text, "lags %s on %s\t%zu\n", y, x, test->lags);
}

enum sg_status sg_span_stats_text(const struct sg_span_stats *stats, const char *name_a, const char *name_b, int64_t first_us, int64_t last_us,
                                  struct sg_buffer *text)
{
    char first[SG_TIME_BUF], last[SG_TIME_BUF];
    const struct sg_pair_result *fit = &stats->fit;
    const struct sg_half_life_result *half = &stats->half_life;
    sg_time_format_iso(first_us, first);
    sg_time_format_iso(last_us, last);
    sg_buffer_append_format(text, "pair\t%s/%s\nbars\t%zu\nfirst\t%s\nlast\t%s\n", name_a, name_b, stats->bars, first, last);
    line(text, "alpha", fit->alpha, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    line(text, "se_alpha", fit->se_alpha, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    line(text, "beta", fit->beta, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    line(text, "se_beta", fit->se_beta, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    line(text, "r_squared", fit->r_squared, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    line(text, "correlation", fit->correlation, fit->correlation_reason, fit->correlation_have, fit->correlation_need);
    test_lines(text, name_a, name_b, &stats->engle_granger);
    test_lines(text, name_b, name_a, &stats->engle_granger_reverse);
    line(text, "lambda", half->lambda, half->reason, half->have, half->need);
    line(text, "half_life", half->bars, half->reason, half->have, half->need);
    line(text, "half_life low 95%", half->low, half->reason, half->have, half->need);
    line(text, "half_life high 95%", half->high, half->reason, half->have, half->need);
    return text->overflowed ? SG_ERR_NOMEM : SG_OK;
}
