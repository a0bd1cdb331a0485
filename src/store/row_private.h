/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One row of a data file, and how its fields are read. No state, any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/base/status.h"

/* What the text of a time counts: its digits tell, because the ranges do not meet. */
enum row_time_unit { ROW_TIME_DATES, ROW_TIME_SECONDS, ROW_TIME_MILLISECONDS, ROW_TIME_MICROSECONDS, ROW_TIME_NANOSECONDS };

struct series_row {
    int64_t time_us;
    enum row_time_unit time_unit;
    uint64_t number;                 /* line of a CSV file, row of JSON; the reader sets it */
    int64_t step_us;                 /* what the row says of its own length (close time); 0: nothing */
    double open, high, low, close;   /* a trade: the price, four times */
    sg_qty volume;
    bool counted;                  /* the source says how many trades there were */
    uint32_t trades;
    uint32_t flags;                  /* enum sg_bar_flag */
    int64_t id;                      /* of a trade; -1: none */
};

struct row_field {
    const char *text;
    size_t length;
};

#define ROW_REASON_BUF 320
/* Every parser gives false with a reason for a person. */

/* The time forms of series_reader.h. */
bool row_parse_time(struct row_field field, int64_t *ret_us, char reason[static ROW_REASON_BUF]);
/* Of a time that row_parse_time() understood. */
enum row_time_unit row_time_unit(struct row_field field);
/* > 0 and finite. */
bool row_parse_price(struct row_field field, const char *what, double *ret_price, char reason[static ROW_REASON_BUF]);
/* >= 0. Exact, or (more than 8 decimals, an exponent) rounded, and then SG_BAR_VOLUME_ESTIMATED is added to the flags. */
bool row_parse_quantity(struct row_field field, struct series_row *row, char reason[static ROW_REASON_BUF]);
bool row_parse_count(struct row_field field, const char *what, int64_t maximum, int64_t *ret_count, char reason[static ROW_REASON_BUF]);
/* high and low enclose open and close. */
bool row_check_shape(const struct series_row *row, char reason[static ROW_REASON_BUF]);
/* "", NA, NaN, null, N/A, "." : a value that its maker left out. */
bool row_is_missing(struct row_field field);
bool row_parse_truth(struct row_field field, bool *ret_value);
