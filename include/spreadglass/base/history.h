/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The history of a pair as columns: what the engine publishes, what plot draws, what the command line prints.
 *
 * It lives in `base` because the engine and plot must both know its shape and may not know each other.
 * One row per aligned closed bar, ascending in time, never two rows of one time. Rows are append-only: a row that was
 * published is never changed ("as it was known at that bar's close"). What makes rows change or leave (another
 * interval, pair or parameter; repair; the ceiling) builds the columns anew and increments `epoch`.
 * Undefined is NaN in a column, with the reason in `reason`; a NaN never reaches a person.
 * Thread: the owner's (main). */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

enum sg_column {
    SG_COL_A_OPEN,
    SG_COL_A_HIGH,
    SG_COL_A_LOW,
    SG_COL_A_CLOSE,
    SG_COL_A_VOLUME, /* price in quote units; volume in base units */
    SG_COL_B_OPEN,
    SG_COL_B_HIGH,
    SG_COL_B_LOW,
    SG_COL_B_CLOSE,
    SG_COL_B_VOLUME,
    SG_COL_A_TRADES,
    SG_COL_B_TRADES,
    SG_COL_ALPHA,
    SG_COL_BETA,
    SG_COL_SE_BETA,
    SG_COL_R_SQUARED,
    SG_COL_SPREAD, /* close_a - beta close_b, quote units of A */
    SG_COL_MEAN,
    SG_COL_STD, /* of the spread over the window, with the beta of this row */
    SG_COL_ZSCORE,
    SG_COL_CORRELATION,
    SG_COL_RESIDUAL,      /* spread less the alpha of this row */
    SG_COL_RESIDUAL_MEAN, /* mean less the same alpha: z is (residual - this) / std too */
    SG_COL_COUNT
};

enum sg_row_flag {
    SG_ROW_A_FILLED = 1 << 0, /* no trade in a healthy feed: flat at the last price */
    SG_ROW_B_FILLED = 1 << 1,
    SG_ROW_GAP_BEFORE = 1 << 2, /* bars are missing between the row before and this one: lines break here */
    SG_ROW_A_REPAIRED = 1 << 3, /* from the exchange's klines, not from our own ticks */
    SG_ROW_B_REPAIRED = 1 << 4,
    SG_ROW_VOLUME_ESTIMATED = 1 << 5, /* from the change of a 24 h total */
    SG_ROW_OVERBOUGHT = 1 << 6,       /* signal at this close */
    SG_ROW_OVERSOLD = 1 << 7,
    SG_ROW_ALERT_RAISED = 1 << 8, /* an alert fired on this row */
    SG_ROW_ALERT_CLEARED = 1 << 9,
    SG_ROW_WINDOW_HAS_GAP = 1 << 10, /* the rolling window of this row spans a gap */
    SG_ROW_STALE = 1 << 11,          /* a leg's last trade is too old: no alert from this row */
};

/* Why a number is not defined. */
enum sg_reason {
    SG_REASON_NONE = 0,
    SG_REASON_WARMING_UP,      /* with have/need: "warming up 37/60" */
    SG_REASON_CONSTANT_SPREAD, /* sd is 0 or indistinguishable from 0 at the legs' scale */
    SG_REASON_CONSTANT_LEG_A,
    SG_REASON_CONSTANT_LEG_B,
    SG_REASON_IDENTICAL_LEGS, /* R2 > 1 - 1e-6: no cointegration verdict */
    SG_REASON_NOT_REVERTING,  /* lambda >= 0 or <= -2: no half-life */
    SG_REASON_NO_HEDGE_RATIO,
    SG_REASON_NUMERIC, /* the solver refused: rank deficient, not finite */
    SG_REASON_STALE_LEG,
    SG_REASON_NO_DATA,
    SG_REASON_OVERSHOOTING, /* -2 < lambda <= -1: beyond the mean at the next bar, no half-life either */
    SG_REASON_COUNT
};

/* "warming up 37/60", "spread is constant", … into `buffer`; returns its length. SG_REASON_NONE gives "". */
size_t sg_reason_text(enum sg_reason reason, size_t have, size_t need, char *buffer, size_t size);

struct sg_history {
    size_t length;
    size_t capacity;
    size_t maximum;     /* rows; append fails with SG_ERR_NOMEM beyond it */
    uint64_t epoch;     /* rows [0, length) of one epoch never change */
    uint64_t forgotten; /* rows that left at the ceiling, before row 0; statistics of later rows knew them */
    uint64_t unsampled; /* of all rows ever, so many at the beginning are older than the sample of a fit on all bars: they only fill the window */
    int64_t interval_us;
    int64_t *time_us; /* bar open, exchange time */
    double *column[SG_COL_COUNT];
    uint16_t *flags; /* sg_row_flag */
    uint8_t *reason; /* sg_reason of the z-score */
};

struct sg_row {
    int64_t time_us;
    double value[SG_COL_COUNT];
    uint16_t flags;
    uint8_t reason;
};

void sg_history_init(struct sg_history *history, int64_t interval_us, size_t maximum);
void sg_history_free(struct sg_history *history);                       /* NULL and zeroed are fine */
void sg_history_reset(struct sg_history *history, int64_t interval_us); /* length 0, epoch + 1, memory kept */
/* Amortised O(1). SG_ERR_INVALID: time not after the last row's; SG_ERR_NOMEM. */
enum sg_status sg_history_append(struct sg_history *history, const struct sg_row *row);
void sg_history_get(const struct sg_history *history, size_t index, struct sg_row *ret_row);
/* First row with time_us >= time (length when there is none). O(log n). */
size_t sg_history_lower_bound(const struct sg_history *history, int64_t time_us);
