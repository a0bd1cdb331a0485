/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The columns of a header line: which are times, which are fields of one instrument's bars or trades, and which are instruments of
 * their own. A file with a column an instrument is called wide. No state, any thread. */
#include "csv_private.h"

#define CSV_NAME_BUF 64
#define CSV_NO_MATCH 9
#define CSV_SEVERAL (-2)
#define CSV_CLOSE_WORDS "close close_usd close_usdt close_eur"
#define CSV_ADJUSTED_WORDS "adj_close adjusted_close adjclose close_adj"

enum csv_column_kind {
    CSV_COLUMN_FIELD, /* of a bar, a trade, or a download: volume, side, change, … */
    CSV_COLUMN_TIME,
    CSV_COLUMN_PRICE_WORD, /* c, p, price, last, value, …: the price of a lone instrument, an instrument beside others */
    CSV_COLUMN_COMPOSITE,  /* "Close_AAPL", "AAPL close" */
    CSV_COLUMN_OTHER       /* no word of the trade: the name of an instrument */
};

struct csv_columns {
    enum csv_column_kind kind[CSV_FIELDS_MAX];
    int others, composites;
    bool wide;
};

/* The same instrument, however it is written: letters and digits decide, capitals do not ("BTC/USDT", "btc-usdt", BTCUSDT). */
bool sg_csv_same_instrument(struct row_field field, const char *symbol);
/* The same text, capitals aside. */
bool sg_csv_same_text(struct row_field field, const char *text);
/* The column with the earliest of the names (folded, separated by spaces) that is there; -1: none. */
int sg_csv_find_column(const struct csv_fields *fields, const char *names);
/* The column that says whose row it is; -1: none. */
int sg_csv_find_symbols(const struct csv_fields *fields);
void sg_csv_classify(const struct csv_fields *fields, int time, struct csv_columns *ret_columns);
bool sg_csv_is_instrument(const struct csv_columns *columns, int i);
int sg_csv_count_instruments(const struct csv_fields *fields, const struct csv_columns *columns);
/* Two columns, and the one that is no time is called by a word and not by a ticker ("nav"): it is a price, whoever's. */
bool sg_csv_lone_instrument_is_price(const struct csv_fields *fields, const struct csv_columns *columns);
/* The column of the instrument: its name, or with a word for the price before or behind it; adjusted before raw, and then the raw one is
 * *ret_other. -1: none, CSV_SEVERAL: more than one has the name. */
int sg_csv_find_instrument(const struct csv_fields *fields, const struct csv_columns *columns, const char *symbol, int *ret_other);
/* The names, for a person; of `only`, when given, those that are instruments. */
void sg_csv_list_columns(const struct csv_fields *fields, const struct csv_columns *only, char *buffer, size_t size);
