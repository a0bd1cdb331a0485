/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statistics of a pair from files as `analyze` prints them: the contract of src/cli/CLI.md, field for field. */
#include <stdio.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/status.h"
#include "spreadglass/cli/options.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/engine/offline.h"
#include "spreadglass/market/instrument.h"

struct sg_analysis {
    struct sg_instrument legs[SG_LEG_COUNT];
    char pair[2 * SG_SYMBOL_BUF];
    char interval[16]; /* "1m"; "1d" where the files are longer than any interval of ours */
    struct sg_pair_params params;
    struct sg_offline offline;
    uint64_t skipped_lines; /* malformed, with --skip-bad */
    uint64_t duplicates;    /* bars given twice and dropped */
    uint64_t incomplete[SG_LEG_COUNT],
        unsettled[SG_LEG_COUNT]; /* bars within the time of the sample that are known to lack trades, or that nothing has proved yet */
};

/* What the buffer holds goes to `stream`, and it is empty again. SG_ERR_IO; SG_ERR_NOMEM: it had overflowed, and nothing was written. */
enum sg_status sg_analysis_flush(struct sg_buffer *text, FILE *stream);
/* Writes to `stream`. SG_ERR_IO when it cannot be written, SG_ERR_NOMEM. */
enum sg_status sg_analysis_write_json(const struct sg_analysis *analysis, FILE *stream);
enum sg_status sg_analysis_write_text(const struct sg_analysis *analysis, FILE *stream);
/* Every number's value, formula, parameters and bars: as text or JSON; as CSV the bars themselves, marked with what they went into. */
enum sg_status sg_analysis_write_explanation(const struct sg_analysis *analysis, enum sg_format format, FILE *stream);
/* One row per bar; `hindsight`: one fit over the lookback, applied to every row. */
enum sg_status sg_analysis_write_csv(const struct sg_analysis *analysis, bool hindsight, FILE *stream);
