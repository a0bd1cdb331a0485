/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the model in force is, in words: the same wherever it is told. Pure functions of their arguments; UTF-8; numbers as number_text.h has them. */
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/market/instrument.h"

#define SG_MODEL_TEXT 160

/* "OLS on all bars of 1s · z over 60 · trades". Returns `buffer`. */
const char *sg_model_text(const struct sg_pair_params *params, enum sg_interval interval, enum sg_stream stream, char buffer[static SG_MODEL_TEXT]);
/* The same for a button: "OLS · all", "TLS · 500", "Kalman", "β 20.5". */
const char *sg_model_short_text(const struct sg_pair_params *params, char buffer[static SG_MODEL_TEXT]);
/* "OLS", "Rolling OLS", "Total least squares", "Kalman filter", "Fixed beta". */
const char *sg_hedge_title(enum sg_hedge hedge);
/* As the command line and the settings write it: "ols", …; back: SG_ERR_NOT_FOUND. */
const char *sg_hedge_word(enum sg_hedge hedge);
enum sg_status sg_hedge_of_word(const char *word, enum sg_hedge *ret_hedge);
/* "tickers", "trades", "book mid prices". */
const char *sg_stream_title(enum sg_stream stream);
