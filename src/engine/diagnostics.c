/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diagnostics_private.h"
#include <math.h>
#include <stdlib.h>

static struct sg_adf_result no_adf(enum sg_reason reason, size_t have, size_t need)
{
    return (struct sg_adf_result){
        .statistic = (double)NAN, .p_value = (double)NAN, .critical = {(double)NAN, (double)NAN, (double)NAN}, .reason = reason, .have = have, .need = need};
}

static struct sg_half_life_result no_half_life(enum sg_reason reason, size_t have, size_t need)
{
    return (struct sg_half_life_result){.bars = (double)NAN,
                                        .lambda = (double)NAN,
                                        .se_lambda = (double)NAN,
                                        .low = (double)NAN,
                                        .high = (double)NAN,
                                        .heaviest = (double)NAN,
                                        .reason = reason,
                                        .have = have,
                                        .need = need};
}

void sg_diagnostics_init(struct sg_diagnostics *diagnostics)
{
    *diagnostics = (struct sg_diagnostics){.adf = no_adf(SG_REASON_NO_DATA, 0, SG_ADF_MIN_BARS),
                                           .engle_granger = no_adf(SG_REASON_NO_DATA, 0, SG_EG_MIN_BARS),
                                           .engle_granger_reverse = no_adf(SG_REASON_NO_DATA, 0, SG_EG_MIN_BARS),
                                           .half_life = no_half_life(SG_REASON_NO_DATA, 0, SG_ADF_MIN_BARS)};
}

void sg_diagnostics_free(struct sg_diagnostics *diagnostics)
{
    if (!diagnostics)
        return;
    sg_adf_workspace_free(diagnostics->workspace);
    free(diagnostics->spread);
    *diagnostics = (struct sg_diagnostics){0};
}

/* How many of `rows` the tests look at: all, but no more than `maximum` (0: no ceiling) and no more than a finite lookback that is
 * long enough for every test. */
static size_t sampled_rows(const struct sg_pair_params *params, size_t rows, size_t maximum)
{
    size_t sample = rows;
    if (maximum > 0 && sample > maximum)
        sample = maximum;
    if (params->lookback != SG_LOOKBACK_ALL && params->lookback >= SG_EG_MIN_BARS && sample > params->lookback)
        sample = params->lookback;
    return sample;
}

/* Doubling, so that a sample that grows by a bar at a time does not allocate at each of them. */
static enum sg_status make_room(struct sg_diagnostics *diagnostics, size_t rows)
{
    if (rows <= diagnostics->workspace_rows)
        return SG_OK;
    size_t room = diagnostics->workspace_rows ? diagnostics->workspace_rows : 512;
    while (room < rows)
        room *= 2;
    double *spread = malloc(room * sizeof *spread);
    struct sg_adf_workspace *workspace = sg_adf_workspace_new(room);
    if (!spread || !workspace) {
        free(spread);
        sg_adf_workspace_free(workspace);
        return SG_ERR_NOMEM;
    }
    sg_adf_workspace_free(diagnostics->workspace);
    free(diagnostics->spread);
    diagnostics->workspace = workspace;
    diagnostics->spread = spread;
    diagnostics->workspace_rows = room;
    return SG_OK;
}

static void engle_granger(struct sg_diagnostics *diagnostics, const double *y, const double *x, size_t rows, struct sg_adf_result *ret_result)
{
    if (rows < SG_EG_MIN_BARS)
        *ret_result = no_adf(SG_REASON_WARMING_UP, rows, SG_EG_MIN_BARS);
    else if (sg_engle_granger(diagnostics->workspace, y, x, rows, -1, 1, ret_result) != SG_OK)
        *ret_result = no_adf(SG_REASON_NUMERIC, rows, SG_EG_MIN_BARS);
}

/* Of the first `length` rows. Rows from before the sample of the hedge ratio are there for the window, and as many as the window needs. */
static size_t sample_of(const struct sg_history *history, size_t length, const struct sg_pair_params *params, size_t maximum)
{
    uint64_t unsampled = history->unsampled > history->forgotten ? history->unsampled - history->forgotten : 0;
    if (params->lookback != SG_LOOKBACK_ALL && params->lookback >= SG_EG_MIN_BARS)
        unsampled = 0;
    return sampled_rows(params, length > unsampled ? length - (size_t)unsampled : 0, maximum);
}

enum sg_status sg_diagnostics_relation(struct sg_diagnostics *diagnostics, const struct sg_history *history, size_t length, const struct sg_pair_params *params,
                                       size_t maximum)
{
    size_t rows = sample_of(history, length, params, maximum);
    enum sg_status status = make_room(diagnostics, rows);
    if (status != SG_OK)
        return status;
    const double *a = history->column[SG_COL_A_CLOSE] + (length - rows), *b = history->column[SG_COL_B_CLOSE] + (length - rows);
    engle_granger(diagnostics, a, b, rows, &diagnostics->engle_granger);
    engle_granger(diagnostics, b, a, rows, &diagnostics->engle_granger_reverse);
    return SG_OK;
}

enum sg_status sg_diagnostics_update(struct sg_diagnostics *diagnostics, const struct sg_history *history, const struct sg_pair_params *params,
                                     const struct sg_pair_result *now, size_t maximum)
{
    size_t rows = sample_of(history, history->length, params, maximum);
    enum sg_status status = make_room(diagnostics, rows);
    if (status != SG_OK)
        return status;
    diagnostics->bars = rows;
    if (rows == 0) {
        diagnostics->adf = no_adf(SG_REASON_NO_DATA, 0, SG_ADF_MIN_BARS);
        diagnostics->half_life = no_half_life(SG_REASON_NO_DATA, 0, SG_ADF_MIN_BARS);
        diagnostics->engle_granger = diagnostics->engle_granger_reverse = no_adf(SG_REASON_NO_DATA, 0, SG_EG_MIN_BARS);
        return SG_OK;
    }
    (void)sg_diagnostics_relation(diagnostics, history, history->length, params, maximum); /* there is room */
    const double *a = history->column[SG_COL_A_CLOSE] + (history->length - rows);
    const double *b = history->column[SG_COL_B_CLOSE] + (history->length - rows);
    if (rows < SG_ADF_MIN_BARS) {
        diagnostics->adf = no_adf(SG_REASON_WARMING_UP, rows, SG_ADF_MIN_BARS);
        diagnostics->half_life = no_half_life(SG_REASON_WARMING_UP, rows, SG_ADF_MIN_BARS);
    } else if (!isfinite(now->beta)) {
        diagnostics->adf = no_adf(SG_REASON_NO_HEDGE_RATIO, rows, SG_ADF_MIN_BARS);
        diagnostics->half_life = no_half_life(SG_REASON_NO_HEDGE_RATIO, rows, SG_ADF_MIN_BARS);
    } else {
        for (size_t i = 0; i < rows; i++)
            diagnostics->spread[i] = a[i] - now->beta * b[i];
        if (sg_adf_test(diagnostics->workspace, diagnostics->spread, rows, SG_ADF_CONSTANT, -1, 1, &diagnostics->adf) != SG_OK)
            diagnostics->adf = no_adf(SG_REASON_NUMERIC, rows, SG_ADF_MIN_BARS);
        if (sg_half_life(diagnostics->spread, rows, &diagnostics->half_life) != SG_OK)
            diagnostics->half_life = no_half_life(SG_REASON_NUMERIC, rows, SG_ADF_MIN_BARS);
    }
    return SG_OK;
}
