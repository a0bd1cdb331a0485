/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which column of a CSV file is what, and one row of it. No state beyond the layout. */
#include "row_private.h"
#include "spreadglass/store/series_reader.h"

#define CSV_FIELDS_MAX 1024
#define ROW_NOTE_BUF 160

/* What the caller asks of a file that could be read in more than one way. */
struct csv_choice {
    const char *symbol; /* the instrument; "": none wanted */
    bool named;         /* a person named it: a file of instruments that lacks it is refused */
    const char *column; /* the price's column; NULL: not said */
};

struct csv_layout {
    enum sg_series_form form;
    char delimiter;
    int columns;             /* of the first row; others with fewer than needed are malformed */
    bool by_symbol;          /* `close` was chosen by the name of the symbol */
    int symbols;             /* the column that says whose row it is; -1: none */
    int raw;                 /* `close` is adjusted, and this is what open, high and low go with; -1: they go with `close` */
    char note[ROW_NOTE_BUF]; /* what a person should know of the choice; "" when nothing */
    bool exact_columns;      /* archive files: every row has that many */
    int clock;               /* the time of day stands in a column of its own; -1: it does not */
    int other_time;          /* the time when the clock's column turns out to be none; -1: not known */
    int ask;                 /* `close` is the bid, and the price the middle of the two; -1: it is the price */
    enum row_date_order order;
    /* Column numbers, -1: not there. */
    int time, close_time, open, high, low, close, volume, id, first_id, last_id, trades, quality;
};

struct csv_fields {
    struct row_field field[CSV_FIELDS_MAX];
    int count;
};

enum csv_result { CSV_ROW, CSV_MISSING /* the price is left empty; the row has its time */, CSV_BAD };

/* Splits a line; quotes around a field and spaces around its text are dropped. */
bool sg_csv_split(const char *line, size_t length, char delimiter, struct csv_fields *ret_fields, char reason[static ROW_REASON_BUF]);
bool sg_csv_is_header(const char *line, size_t length);
bool sg_csv_layout_from_header(const char *line, size_t length, const struct csv_choice *choice, struct csv_layout *ret_layout,
                               char reason[static ROW_REASON_BUF]);
/* From the first row of an archive file without a header. */
bool sg_csv_layout_from_row(const char *line, size_t length, struct csv_layout *ret_layout, char reason[static ROW_REASON_BUF]);
enum csv_result sg_csv_parse(const struct csv_layout *layout, struct row_marks *marks, const struct csv_fields *fields, struct series_row *ret_row,
                             char reason[static ROW_REASON_BUF]);
/* The first row tells whether the column beside the date is a time of day. */
void sg_csv_settle_clock(struct csv_layout *layout, const struct csv_fields *fields);
/* The text of a row's time: of one column, or of two, in `buffer`. */
#define CSV_TIME_BUF 96
struct row_field sg_csv_time(const struct csv_layout *layout, const struct csv_fields *fields, char buffer[static CSV_TIME_BUF]);
