/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* ADF, Engle-Granger both ways and half-life over the tail of a history. One owner. */
#include <stddef.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/base/history.h"

struct sg_diagnostics {
    struct sg_adf_result adf, engle_granger, engle_granger_reverse;
    struct sg_half_life_result half_life;
    size_t bars; /* rows in the sample */
    struct sg_adf_workspace *workspace;
    size_t workspace_rows; /* what it was made for */
    double *spread;
};

/* Nothing computed: every reason is NO_DATA. */
void sg_diagnostics_init(struct sg_diagnostics *diagnostics);
void sg_diagnostics_free(struct sg_diagnostics *diagnostics);

/* Engle-Granger both ways alone, of the first `length` rows. SG_ERR_NOMEM: nothing has changed. */
enum sg_status sg_diagnostics_relation(struct sg_diagnostics *diagnostics, const struct sg_history *history, size_t length, const struct sg_pair_params *params,
                                       size_t maximum);

/* With the hedge ratio of `now`, the last row's result. SG_ERR_NOMEM; what is undefined says so in its reason. */
enum sg_status sg_diagnostics_update(struct sg_diagnostics *diagnostics, const struct sg_history *history, const struct sg_pair_params *params,
                                     const struct sg_pair_result *now, size_t maximum);
