/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "spreadglass/analytics/pair_scan.h"
#include "adf_private.h"
#include "hedge_private.h"

size_t sg_scan_pair_count(size_t series)
{
    return series < 2 || series > SG_SCAN_SERIES_MAX ? 0 : series * (series - 1) / 2;
}

/* Pairs before those that begin with `a`. */
static size_t before(size_t a, size_t series)
{
    return a * (2 * series - a - 1) / 2;
}

void sg_scan_pair_at(size_t index, size_t series, size_t *ret_a, size_t *ret_b)
{
    size_t low = 0, high = series - 1; /* the last a with before(a) <= index */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (before(middle, series) <= index)
            low = middle;
        else
            high = middle;
    }
    *ret_a = low;
    *ret_b = low + 1 + (index - before(low, series));
}

static enum sg_status scan_one(struct sg_adf_workspace *w, const struct sg_scan_input *in, size_t a, size_t b, struct sg_scan_row *row)
{
    struct sg_adf_result forward, reverse;
    struct sg_line_fit fit, decay;
    double mean_a, mean_b, mean_level, mean_difference;
    const double *y = in->closes[a], *x = in->closes[b];
    size_t n = in->bars;
    enum sg_status status = sg_engle_granger(w, x, y, n, in->max_lag, in->aic, &reverse);
    if (status == SG_OK)
        status = sg_engle_granger(w, y, x, n, in->max_lag, in->aic, &forward);
    if (status != SG_OK)
        return status;
    *row = (struct sg_scan_row){
        .a = (uint32_t)a,
        .b = (uint32_t)b,
        .alpha = NAN,
        .beta = NAN,
        .r_squared = NAN,
        .half_life = NAN,
        .zscore = NAN,
        .statistic = forward.statistic,
        .p_value = forward.p_value,
        .lags = (uint32_t)forward.lags,
        .reason = forward.reason,
        .statistic_reverse = reverse.statistic,
        .p_reverse = reverse.p_value,
        .lags_reverse = (uint32_t)reverse.lags,
        .reason_reverse = reverse.reason,
    };
    if (forward.reason != SG_REASON_NONE)
        return SG_OK;
    sg_hedge_ols_two_pass(y, x, n, &fit, &mean_a, &mean_b);
    row->alpha = fit.alpha;
    row->beta = fit.beta;
    row->r_squared = fit.r_squared;
    row->zscore = w->residual[n - 1] / sqrt(fit.rss / (double)(n - 1));
    /* The workspace still holds the residual and its differences. */
    sg_hedge_ols_two_pass(w->difference, w->residual, n - 1, &decay, &mean_difference, &mean_level);
    if (decay.reason == SG_REASON_NONE && decay.beta < 0.0 && decay.beta > -1.0)
        row->half_life = -M_LN2 / log1p(decay.beta);
    return SG_OK;
}

enum sg_status sg_scan_pairs(struct sg_adf_workspace *workspace, const struct sg_scan_input *input, size_t first, size_t count, struct sg_scan_row *ret_rows)
{
    size_t pairs = input ? sg_scan_pair_count(input->series) : 0, a, b;
    if (!workspace || !input || !input->closes || !ret_rows || first > pairs || count > pairs - first)
        return SG_ERR_INVALID;
    if (count == 0)
        return SG_OK;
    sg_scan_pair_at(first, input->series, &a, &b);
    for (size_t i = 0; i < count; i++) {
        enum sg_status status = scan_one(workspace, input, a, b, &ret_rows[i]);
        if (status != SG_OK)
            return status;
        if (++b == input->series)
            b = ++a + 1;
    }
    return SG_OK;
}

struct ranked {
    double p;
    size_t index;
};

static int by_p(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return a->p < b->p ? -1 : a->p > b->p ? 1 : a->index < b->index ? -1 : a->index > b->index;
}

enum sg_status sg_benjamini_hochberg(const double *p, size_t n, double *ret_q)
{
    if (n > 0 && (!p || !ret_q))
        return SG_ERR_INVALID;
    struct ranked *ranked = malloc((n > 0 ? n : 1) * sizeof *ranked);
    size_t count = 0;
    if (!ranked)
        return SG_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            ranked[count++] = (struct ranked){p[i], i};
    for (size_t i = 0; i < n; i++)
        ret_q[i] = NAN;
    qsort(ranked, count, sizeof *ranked, by_p);
    double least = 1.0;
    for (size_t rank = count; rank > 0; rank--) {
        double q = ranked[rank - 1].p * ((double)count / (double)rank);
        least = q < least ? q : least;
        ret_q[ranked[rank - 1].index] = least;
    }
    free(ranked);
    return SG_OK;
}
