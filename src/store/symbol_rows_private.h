/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rows of one instrument in a file whose rows say whose they are. Names are told apart by letters and digits ("BTC/USDT" is
 * BTCUSDT); where the file has two that differ in nothing else, only the one that is written as it was asked for is taken. */
#include "csv_columns_private.h"
#include "spreadglass/market/instrument.h"

#define SYMBOL_ROWS_NAMES 48

struct symbol_rows {
    const char *wanted; /* "": whichever it is, as long as it is one */
    bool exact;         /* only what is written so (the caller sets it when `ambiguous`, and reads again) */
    char names[SYMBOL_ROWS_NAMES][SG_SYMBOL_BUF];
    size_t count;
    bool more;      /* names that found no place any more */
    size_t last;    /* of the row before */
    size_t taken;   /* index of the instrument whose rows are taken; SIZE_MAX: none yet */
    bool several;   /* none was asked for, and there are two */
    bool ambiguous; /* two of the names are the one asked for */
    uint64_t others;
};

enum symbol_row { SYMBOL_ROW_TAKE, SYMBOL_ROW_LEAVE, SYMBOL_ROW_BAD };

void sg_symbol_rows_init(struct symbol_rows *rows, const char *wanted, bool exact);
enum symbol_row sg_symbol_rows_look(struct symbol_rows *rows, struct row_field field, char reason[static ROW_REASON_BUF]);
/* More than one name is the one asked for, and one of them is written so: reading again with `exact` takes that one. */
bool sg_symbol_rows_has_exact(const struct symbol_rows *rows);
/* SG_OK, or why the rows that were taken are not to be used. */
enum sg_status sg_symbol_rows_judge(const struct symbol_rows *rows, char reason[static ROW_REASON_BUF]);
