/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the columns of a header line are: times, fields of a bar or trade, or instruments. */
#include "csv_columns_private.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Words of a bar, a trade or a download: never an instrument by themselves. */
static const char FIELDS[] = "open high low close adj_close adjclose adjusted_close close_adj close_last volume vol amount qty quantity size count trades "
                             "number_of_trades num_trades trade_count "
                             "turnover ignore side type id vwap vw weighted_price market_cap marketcap total_volume dividends dividend stock_splits splits "
                             "split_factor capital_gains adjustment_factor "
                             "open_interest openinterest openint oi bid ask bid_price ask_price bid_size ask_size bid_qty ask_qty mark_price index_price "
                             "funding_rate filled flags quality index row exchange "
                             "currency source interval timezone zone tickvol tick_volume real_volume spread prev_close previous_close n x is_buyer_maker "
                             "is_best_match isbuyermaker isbestmatch "
                             "buyer_maker best_match quote_qty quoteqty cost fee adj_open adj_high adj_low adjopen adjhigh adjlow adjvolume adj_volume deal "
                             "average close_usd close_usdt close_eur";
/* A column whose name has one of these words in it is a field too ("Volume USDT", "Change %", "taker_buy_volume"). */
static const char FIELD_WORDS[] = "volume vol change chg percent pct time timestamp date id trades notional unix unnamed taker maker direction";
/* A price in a file of one instrument, and an instrument (Citigroup is C, Visa is V) beside others. */
static const char PRICE_WORDS[] = "c p price last value last_price settle mid o h l v t";
static const char SYMBOL_WORDS[] =
    "symbol ticker tic sym instrument instrument_name instrument_id instid pair product_id product secid ts_code stock_code contract coin asset name code";

static bool is_separator(char c)
{
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
    return !plain;
}

/* A name as it is compared: lower case, everything but letters and digits as one '_'. */
static void fold_name(struct row_field field, char ret_name[static CSV_NAME_BUF])
{
    size_t length = 0;
    for (size_t i = 0; i < field.length && length < CSV_NAME_BUF - 1; i++) {
        char c = field.text[i];
        bool separator = is_separator(c);
        if (separator && (length == 0 || ret_name[length - 1] == '_'))
            continue;
        ret_name[length++] = separator ? '_' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    while (length > 0 && ret_name[length - 1] == '_')
        length--;
    ret_name[length] = '\0';
}

bool sg_csv_same_instrument(struct row_field field, const char *symbol)
{
    size_t i = 0;
    const char *at = symbol;
    for (;;) {
        while (i < field.length && is_separator(field.text[i]))
            i++;
        while (*at && is_separator(*at))
            at++;
        if (i == field.length || !*at)
            return i == field.length && !*at && at != symbol;
        char c = field.text[i++], d = *at++;
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        d = d >= 'A' && d <= 'Z' ? (char)(d - 'A' + 'a') : d;
        if (c != d)
            return false;
    }
}

bool sg_csv_same_text(struct row_field field, const char *text)
{
    return field.length == strlen(text) && strncasecmp(field.text, text, field.length) == 0;
}

/* Is the name one of the words (separated by spaces)? */
static bool in_list(const char *name, size_t length, const char *words)
{
    while (*words) {
        size_t size = strcspn(words, " ");
        if (size == length && memcmp(words, name, size) == 0)
            return true;
        words += size + (words[size] == ' ');
    }
    return false;
}

int sg_csv_find_column(const struct csv_fields *fields, const char *names)
{
    char name[CSV_NAME_BUF];
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

int sg_csv_find_symbols(const struct csv_fields *fields)
{
    return sg_csv_find_column(fields, SYMBOL_WORDS);
}

static bool has_field_word(const char *name)
{
    while (*name) {
        size_t length = strcspn(name, "_");
        if (in_list(name, length, FIELD_WORDS))
            return true;
        name += length + (name[length] == '_');
    }
    return false;
}

/* "adj_close_gld", "gld_close": the instrument is what is left beside the word for the price. */
static bool is_composite(const char *name)
{
    static const char *const words[] = {"adj_close", "close"};
    size_t length = strlen(name);
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(words[i]);
        if (length <= size + 1)
            continue;
        if ((memcmp(name, words[i], size) == 0 && name[size] == '_') || (memcmp(name + length - size, words[i], size) == 0 && name[length - size - 1] == '_'))
            return true;
    }
    return false;
}

static enum csv_column_kind kind_of(struct row_field field)
{
    char name[CSV_NAME_BUF];
    fold_name(field, name);
    size_t length = strlen(name);
    if (length == 0 || in_list(name, length, FIELDS) || in_list(name, length, SYMBOL_WORDS))
        return CSV_COLUMN_FIELD;
    if (in_list(name, length, PRICE_WORDS))
        return CSV_COLUMN_PRICE_WORD;
    if (has_field_word(name))
        return CSV_COLUMN_FIELD;
    return is_composite(name) ? CSV_COLUMN_COMPOSITE : CSV_COLUMN_OTHER;
}

/* Written as tickers are: capitals, and no small letter. */
static bool looks_like_ticker(struct row_field field)
{
    bool capital = false;
    for (size_t i = 0; i < field.length; i++) {
        if (field.text[i] >= 'a' && field.text[i] <= 'z')
            return false;
        capital = capital || (field.text[i] >= 'A' && field.text[i] <= 'Z');
    }
    return capital;
}

void sg_csv_classify(const struct csv_fields *fields, int time, struct csv_columns *ret_columns)
{
    struct csv_columns columns = {0};
    int close = sg_csv_find_column(fields, CSV_CLOSE_WORDS " " CSV_ADJUSTED_WORDS);
    bool capitals = time >= 0 && looks_like_ticker(fields->field[time]); /* then capitals tell nothing */
    int words = 0, letters = 0;
    bool tickers = false;
    for (int i = 0; i < fields->count; i++) {
        columns.kind[i] = i == time ? CSV_COLUMN_TIME : kind_of(fields->field[i]);
        columns.others += columns.kind[i] == CSV_COLUMN_OTHER;
        columns.composites += columns.kind[i] == CSV_COLUMN_COMPOSITE;
        tickers = tickers || (columns.kind[i] == CSV_COLUMN_OTHER && !capitals && looks_like_ticker(fields->field[i]));
        char name[CSV_NAME_BUF];
        fold_name(fields->field[i], name);
        words += i != time && in_list(name, strlen(name), "open high low");
        letters += i != time && in_list(name, strlen(name), "o h l c");
    }
    /* Lowe's is LOW, Opendoor OPEN: beside instruments, and without the rest of a bar, they are two of them. */
    for (int i = 0; i < fields->count && words < 3 && columns.others > 0; i++)
        if (columns.kind[i] == CSV_COLUMN_FIELD &&
            (sg_csv_same_text(fields->field[i], "open") || sg_csv_same_text(fields->field[i], "high") || sg_csv_same_text(fields->field[i], "low")))
            columns.kind[i] = CSV_COLUMN_PRICE_WORD;
    bool bars = words == 3 || (letters == 4 && columns.others == 0);
    bool trades = sg_csv_find_column(fields, "price p") >= 0 && sg_csv_find_column(fields, "qty quantity amount size") >= 0;
    if (bars || trades || sg_csv_find_symbols(fields) >= 0)
        columns.wide = columns.composites > 0 && close < 0 && words < 3;
    else
        columns.wide = columns.composites > 0 || (close >= 0 ? tickers : columns.others > 0);
    *ret_columns = columns;
}

bool sg_csv_is_instrument(const struct csv_columns *columns, int i)
{
    return columns->wide && (columns->kind[i] == CSV_COLUMN_OTHER || columns->kind[i] == CSV_COLUMN_PRICE_WORD || columns->kind[i] == CSV_COLUMN_COMPOSITE);
}

int sg_csv_count_instruments(const struct csv_fields *fields, const struct csv_columns *columns)
{
    int count = 0;
    for (int i = 0; i < fields->count; i++)
        count += sg_csv_is_instrument(columns, i);
    return count;
}

bool sg_csv_lone_instrument_is_price(const struct csv_fields *fields, const struct csv_columns *columns)
{
    for (int i = 0; i < fields->count; i++)
        if (sg_csv_is_instrument(columns, i))
            return fields->count == 2 && !looks_like_ticker(fields->field[i]);
    return false;
}

/* How good a column is as the price of the instrument: 0 is best, CSV_NO_MATCH none at all. */
static int rank_of(struct row_field field, const char *wanted)
{
    char name[CSV_NAME_BUF];
    fold_name(field, name);
    size_t size = strlen(name), length = strlen(wanted);
    if (size <= length + 1)
        return CSV_NO_MATCH;
    const char *rest = name;
    size_t left = size - length - 1;
    if (memcmp(name + size - length, wanted, length) == 0 && name[left] == '_')
        rest = name;
    else if (memcmp(name, wanted, length) == 0 && name[length] == '_')
        rest = name + length + 1;
    else
        return CSV_NO_MATCH;
    if (in_list(rest, left, "adj_close adjclose adjusted_close"))
        return 0;
    if (in_list(rest, left, "close"))
        return 1;
    if (in_list(rest, left, "price last"))
        return 2;
    char word[CSV_NAME_BUF];
    memcpy(word, rest, left);
    word[left] = '\0';
    return strstr(word, "close") || strstr(word, "price") ? 3 : CSV_NO_MATCH;
}

int sg_csv_find_instrument(const struct csv_fields *fields, const struct csv_columns *columns, const char *symbol, int *ret_other)
{
    char wanted[CSV_NAME_BUF];
    int found = -1, best = CSV_NO_MATCH, exact = 0, alike = 0;
    *ret_other = -1;
    fold_name((struct row_field){symbol, strlen(symbol)}, wanted);
    if (!wanted[0])
        return -1;
    for (int i = 0; i < fields->count; i++) {
        if (columns->kind[i] == CSV_COLUMN_TIME)
            continue;
        bool same = sg_csv_same_text(fields->field[i], symbol), like = sg_csv_same_instrument(fields->field[i], symbol);
        exact += same;
        alike += like;
        if (same || (like && exact == 0))
            found = i;
    }
    if (exact > 1 || (exact == 0 && alike > 1))
        return CSV_SEVERAL;
    if (found >= 0)
        return found;
    for (int i = 0; i < fields->count; i++) {
        int rank = columns->kind[i] == CSV_COLUMN_TIME ? CSV_NO_MATCH : rank_of(fields->field[i], wanted);
        if (rank == CSV_NO_MATCH)
            continue;
        if (rank < best) {
            *ret_other = best == 1 && rank == 0 ? found : *ret_other;
            found = i;
            best = rank;
        } else if (best == 0 && rank == 1 && *ret_other < 0) {
            *ret_other = i;
        }
    }
    return found;
}

/* Shown of names: their beginnings, printable, and how many are left when there is no more room. */
void sg_csv_list_columns(const struct csv_fields *fields, const struct csv_columns *only, char *buffer, size_t size)
{
    size_t length = 0;
    int left = 0;
    buffer[0] = '\0';
    for (int i = 0; i < fields->count; i++) {
        if (only && !sg_csv_is_instrument(only, i))
            continue;
        if (length + 40 >= size) {
            left++;
            continue;
        }
        size_t shown = fields->field[i].length < 20 ? fields->field[i].length : 20;
        int added = snprintf(buffer + length, size - length, "%s%.*s", length ? ", " : "", (int)shown, fields->field[i].text);
        length += added > 0 ? (size_t)added : 0;
    }
    if (left > 0)
        snprintf(buffer + length, size - length, " and %d more", left);
    for (size_t i = 0; buffer[i]; i++)
        if ((unsigned char)buffer[i] < 0x20 || buffer[i] == 0x7f)
            buffer[i] = '?';
}
