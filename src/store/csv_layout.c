/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column is what: from a header line, or from the shape of the first row of an archive file. */
#include <stdio.h>
#include <string.h>
#include "csv_private.h"

#define NAME_BUF 64

static const struct csv_layout NO_LAYOUT = {
    .time = -1, .close_time = -1, .open = -1, .high = -1, .low = -1, .close = -1, .volume = -1, .id = -1, .first_id = -1, .last_id = -1, .trades = -1};

/* A column's name as it is compared: lower case, everything but letters and digits as one '_'. */
static void fold_name(struct row_field field, char ret_name[static NAME_BUF])
{
    size_t length = 0;
    for (size_t i = 0; i < field.length && length < NAME_BUF - 1; i++) {
        char c = field.text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
        if (!plain && length > 0 && ret_name[length - 1] == '_')
            continue;
        ret_name[length++] = plain ? c : '_';
    }
    while (length > 0 && ret_name[length - 1] == '_')
        length--;
    ret_name[length] = '\0';
    if (ret_name[0] == '_')
        memmove(ret_name, ret_name + 1, length);
}

/* The column with the earliest of the names (separated by spaces) that is there. */
static int find(const struct csv_fields *fields, const char *names)
{
    char name[NAME_BUF];
    while (*names) {
        size_t length = strcspn(names, " ");
        for (int i = 0; i < fields->count; i++) {
            fold_name(fields->field[i], name);
            if (strlen(name) == length && memcmp(name, names, length) == 0)
                return i;
        }
        names += length + (names[length] == ' ');
    }
    return -1;
}

/* A column that has the symbol for its name, or as a word at its beginning or end ("Adj Close_GLD", "GLD.Close"). */
static int find_symbol(const struct csv_fields *fields, const char *symbol)
{
    char wanted[NAME_BUF], name[NAME_BUF];
    fold_name((struct row_field){symbol, strlen(symbol)}, wanted);
    size_t length = strlen(wanted);
    int found = -1;
    for (int i = 0; length > 0 && i < fields->count; i++) {
        fold_name(fields->field[i], name);
        size_t size = strlen(name);
        if (size == length && memcmp(name, wanted, length) == 0)
            return i;
        bool close = strstr(name, "close") || strstr(name, "price");
        bool ends = size > length && name[size - length - 1] == '_' && memcmp(name + size - length, wanted, length) == 0;
        bool begins = size > length && name[length] == '_' && memcmp(name, wanted, length) == 0;
        if (close && (ends || begins) && found < 0)
            found = i;
    }
    return found;
}

static char find_delimiter(const char *line, size_t length)
{
    static const char delimiters[] = {',', ';', '\t'};
    for (size_t i = 0; i < sizeof delimiters; i++)
        if (memchr(line, delimiters[i], length))
            return delimiters[i];
    return ',';
}

static void list_columns(const struct csv_fields *fields, char *buffer, size_t size)
{
    size_t length = 0;
    buffer[0] = '\0';
    for (int i = 0; i < fields->count && length + 24 < size; i++) {
        size_t shown = fields->field[i].length < 20 ? fields->field[i].length : 20;
        int added = snprintf(buffer + length, size - length, "%s%.*s", i ? ", " : "", (int)shown, fields->field[i].text);
        length += added > 0 ? (size_t)added : 0;
    }
    for (size_t i = 0; i < length && buffer[i]; i++)
        if ((unsigned char)buffer[i] < 0x20)
            buffer[i] = '?';
}

bool csv_layout_from_header(const char *line, size_t length, const char *symbol, struct csv_layout *ret_layout, char reason[static ROW_REASON_BUF])
{
    struct csv_fields fields;
    struct csv_layout layout = NO_LAYOUT;
    char columns[160];
    if (length > 1 && memchr(line, '\r', length - 1)) {
        snprintf(reason, ROW_REASON_BUF, "its lines end in CR alone; save it with LF or CRLF at the ends of lines");
        return false;
    }
    layout.delimiter = find_delimiter(line, length);
    if (!csv_split(line, length, layout.delimiter, &fields, reason))
        return false;
    layout.columns = fields.count;
    list_columns(&fields, columns, sizeof columns);
    layout.time = find(&fields, "open_time opentime time timestamp datetime date_time transact_time unix unix_timestamp epoch date ts t open_date");
    if (layout.time < 0) {
        snprintf(reason, ROW_REASON_BUF, "no column of the header is a time (time, timestamp, date, open_time, …); it has: %s", columns);
        return false;
    }
    int by_symbol = find_symbol(&fields, symbol);
    layout.open = find(&fields, "open o");
    layout.high = find(&fields, "high h");
    layout.low = find(&fields, "low l");
    layout.volume = find(&fields, "volume vol v base_volume volume_base");
    layout.close = find(&fields, "close c");
    if (by_symbol >= 0 && by_symbol != layout.close) {
        layout.form = SG_SERIES_PRICES_CSV;
        layout.close = by_symbol;
        layout.by_symbol = true;
        layout.open = layout.high = layout.low = layout.volume = -1;
    } else if (layout.open >= 0 && layout.high >= 0 && layout.low >= 0 && layout.close >= 0) {
        layout.form = SG_SERIES_BARS_CSV;
        layout.close_time = find(&fields, "close_time closetime");
        layout.trades = find(&fields, "number_of_trades count trades num_trades");
        if (layout.close_time >= 0 && find(&fields, "open_time opentime") >= 0) {
            layout.form = SG_SERIES_KLINES_CSV;
        } else { /* elsewhere only what is called so is taken for it */
            layout.trades = find(&fields, "trades number_of_trades");
            layout.close_time = -1;
        }
    } else {
        layout.open = layout.high = layout.low = -1;
        int quantity = find(&fields, "qty quantity amount size");
        int price = find(&fields, "price p");
        if (price >= 0 && quantity >= 0) {
            layout.form = SG_SERIES_TRADES_CSV;
            layout.close = price;
            layout.volume = quantity;
            layout.id = find(&fields, "agg_trade_id trade_id id");
            layout.first_id = find(&fields, "first_trade_id");
            layout.last_id = find(&fields, "last_trade_id");
            if (layout.first_id >= 0 && layout.last_id >= 0)
                layout.form = SG_SERIES_AGG_TRADES_CSV;
            else
                layout.first_id = layout.last_id = -1;
        } else {
            layout.form = SG_SERIES_PRICES_CSV;
            layout.close = price >= 0 ? price : layout.close >= 0 ? layout.close : find(&fields, "adj_close adjusted_close last last_price value settle");
            if (layout.close < 0 && fields.count == 2)
                layout.close = layout.time == 0 ? 1 : 0;
        }
    }
    if (layout.close < 0) {
        bool wide = symbol[0] && fields.count > 2; /* a column for each symbol: a file of several is read by their names */
        snprintf(reason, ROW_REASON_BUF, "no column of the header is a price, close or open/high/low/close%s%.40s; it has: %s%s",
                 symbol[0] ? ", or is called " : "", symbol, columns, !wide ? "" : strchr(columns + strcspn(columns, ","), '_') ? " (--pair A/B names two of them; of \"Close_X\" X is enough)" : " (--pair A/B names two of them)");
        return false;
    }
    *ret_layout = layout;
    return true;
}

bool csv_layout_from_row(const char *line, size_t length, struct csv_layout *ret_layout, char reason[static ROW_REASON_BUF])
{
    struct csv_fields fields;
    struct csv_layout layout = NO_LAYOUT;
    bool truth, is_truth[16] = {false};
    layout.delimiter = find_delimiter(line, length);
    if (!csv_split(line, length, layout.delimiter, &fields, reason))
        return false;
    layout.columns = fields.count;
    layout.exact_columns = true;
    for (int i = 0; i < fields.count && i < 16; i++)
        is_truth[i] = row_parse_truth(fields.field[i], &truth);
    bool aggregated = (fields.count == 8 && is_truth[6] && is_truth[7]) || (fields.count == 7 && is_truth[6] && !is_truth[5]);
    bool single = (fields.count == 7 && is_truth[5] && is_truth[6]) || (fields.count == 6 && is_truth[5]);
    if (aggregated) {
        layout.form = SG_SERIES_AGG_TRADES_CSV;
        layout.id = 0, layout.close = 1, layout.volume = 2, layout.first_id = 3, layout.last_id = 4, layout.time = 5;
    } else if (single) {
        layout.form = SG_SERIES_TRADES_CSV;
        layout.id = 0, layout.close = 1, layout.volume = 2, layout.time = 4;
    } else if (fields.count == 12 || (fields.count == 6 && !is_truth[5])) {
        layout.form = SG_SERIES_KLINES_CSV;
        layout.time = 0, layout.open = 1, layout.high = 2, layout.low = 3, layout.close = 4, layout.volume = 5;
        if (fields.count == 12)
            layout.close_time = 6, layout.trades = 8;
    } else {
        snprintf(reason, ROW_REASON_BUF, "%d column%s and no header line: this is no archive of klines (12 columns), trades (6 or 7) or aggTrades (7 or 8); "
                 "a first line that names the columns would tell", fields.count, fields.count == 1 ? "" : "s");
        return false;
    }
    *ret_layout = layout;
    return true;
}
