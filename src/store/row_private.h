/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One row of a data file, and how its fields are read. No state, any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/base/status.h"

/* What the text of a time counts: its digits tell, because the ranges do not meet. */
enum sg_row_time_unit { ROW_TIME_DATES, ROW_TIME_SECONDS, ROW_TIME_MILLISECONDS, ROW_TIME_MICROSECONDS, ROW_TIME_NANOSECONDS };

struct series_row {
    int64_t time_us;
    enum sg_row_time_unit time_unit;
    uint64_t number;               /* line of a CSV file, row of JSON; the reader sets it */
    int64_t step_us;               /* what the row says of its own length (close time); 0: nothing */
    double open, high, low, close; /* a trade: the price, four times */
    sg_qty volume;
    bool missing; /* the time is there, and the price left out */
    bool counted; /* the source says how many trades there were */
    uint32_t trades;
    uint32_t flags; /* enum sg_bar_flag */
    int64_t id;     /* of a trade; -1: none */
};

struct row_field {
    const char *text;
    size_t length;
};

#define ROW_REASON_BUF 320
/* Every parser gives false with a reason for a person. */

/* The time forms of series_reader.h. */
bool sg_row_parse_time(struct row_field field, int64_t *ret_us, char reason[static ROW_REASON_BUF]);
/* Which of the two numbers of 3/4/2024 is the day: a column tells, not a field. */
enum row_date_order { ROW_DATES_UNKNOWN, ROW_DATES_DMY, ROW_DATES_MDY };
/* The same in a column whose order is known, and with a date in words: "Jan 02, 2023", "2.1.2023 14:30", "20240102 153000", "1/2/2023 2 PM". */
bool sg_row_parse_ordered_time(struct row_field field, enum row_date_order order, int64_t *ret_us, char reason[static ROW_REASON_BUF]);
bool sg_row_parse_date_text(struct row_field field, enum row_date_order order, int64_t *ret_us);
/* Two numbers that may each be the day, and a year. */
bool sg_row_date_numbers(struct row_field field, int64_t *ret_first, int64_t *ret_second, int64_t *ret_year);
/* A time of day alone. */
bool sg_row_is_clock(struct row_field field);
/* Of the Gregorian calendar, 1800 to 2199. */
bool sg_row_is_date(int64_t year, int64_t month, int64_t day);
int64_t sg_row_days_of(int64_t year, int64_t month, int64_t day); /* since 1970-01-01 */

/* How the numbers of a file are written, as far as they have shown. */
#define ROW_NUMBER_BUF 64
struct row_marks {
    bool quoted_commas; /* commas are between the columns: one inside of a number parts thousands, unless another number says otherwise */
    bool decimal_comma, decimal_point, thousands_comma;
    uint64_t unread; /* volumes that make no sense, and are left out */
};
/* A number without thousands, currency and a comma for the point, in `buffer` or as it was. False: it contradicts the numbers before it. */
bool sg_row_plain_number(struct row_field field, const char *what, struct row_marks *marks, char buffer[static ROW_NUMBER_BUF], struct row_field *ret_plain,
                         char reason[static ROW_REASON_BUF]);
/* Takes a K, M, B or T off the end of a number: what it stands for; 1 without one. */
double sg_row_take_suffix(struct row_field *field);
/* Of a time that sg_row_parse_time() understood. */
enum sg_row_time_unit sg_row_time_unit(struct row_field field);
/* > 0 and finite. */
bool sg_row_parse_price(struct row_field field, const char *what, double *ret_price, char reason[static ROW_REASON_BUF]);
/* >= 0. Exact, or (more than 8 decimals, an exponent) rounded, and then SG_BAR_VOLUME_ESTIMATED is added to the flags. */
bool sg_row_parse_quantity(struct row_field field, struct series_row *row, char reason[static ROW_REASON_BUF]);
bool sg_row_parse_count(struct row_field field, const char *what, int64_t maximum, int64_t *ret_count, char reason[static ROW_REASON_BUF]);
/* high and low enclose open and close. */
bool sg_row_check_shape(const struct series_row *row, char reason[static ROW_REASON_BUF]);
/* "", NA, NaN, null, N/A, "." : a value that its maker left out. */
bool sg_row_is_missing(struct row_field field);
bool sg_row_parse_truth(struct row_field field, bool *ret_value);
