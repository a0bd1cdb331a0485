/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column is what: from a header line, or from the shape of the first row of an archive file. */
#include <stdio.h>
#include <string.h>
#include "csv_columns_private.h"

static const struct csv_layout NO_LAYOUT = {.time = -1,
                                            .close_time = -1,
                                            .open = -1,
                                            .high = -1,
                                            .low = -1,
                                            .close = -1,
                                            .volume = -1,
                                            .id = -1,
                                            .first_id = -1,
                                            .last_id = -1,
                                            .trades = -1,
                                            .symbols = -1,
                                            .raw = -1,
                                            .clock = -1,
                                            .other_time = -1,
                                            .ask = -1,
                                            .quality = -1};

static char find_delimiter(const char *line, size_t length)
{
    static const char delimiters[] = {',', ';', '\t'};
    for (size_t i = 0; i < sizeof delimiters; i++)
        if (memchr(line, delimiters[i], length))
            return delimiters[i];
    return ',';
}

/* A column of a file of one instrument or more that is a price by itself: whose it is has been settled. */
static void use_prices(struct csv_layout *layout, int column)
{
    layout->form = SG_SERIES_PRICES_CSV;
    layout->close = column;
    layout->open = layout->high = layout->low = layout->volume = layout->raw = -1;
}

static void use_bars(struct csv_layout *layout, const struct csv_fields *fields)
{
    layout->form = SG_SERIES_BARS_CSV;
    layout->close_time = sg_csv_find_column(fields, "close_time closetime");
    layout->trades = sg_csv_find_column(fields, "number_of_trades count trades num_trades");
    layout->quality = sg_csv_find_column(fields, "filled") >= 0 ? sg_csv_find_column(fields, "quality") : -1; /* both: it is ours, and the words are known */
    if (layout->close_time >= 0 && sg_csv_find_column(fields, "open_time opentime") >= 0) {
        layout->form = SG_SERIES_KLINES_CSV;
    } else { /* elsewhere only what is called so is taken for it */
        layout->trades = sg_csv_find_column(fields, "trades number_of_trades");
        layout->close_time = -1;
    }
}

static bool use_trades(struct csv_layout *layout, const struct csv_fields *fields)
{
    int quantity = sg_csv_find_column(fields, "qty quantity amount size"), price = sg_csv_find_column(fields, "price p");
    if (price < 0 || quantity < 0)
        return false;
    layout->form = SG_SERIES_TRADES_CSV;
    layout->close = price;
    layout->volume = quantity;
    layout->id = sg_csv_find_column(fields, "agg_trade_id trade_id id");
    layout->first_id = sg_csv_find_column(fields, "first_trade_id");
    layout->last_id = sg_csv_find_column(fields, "last_trade_id");
    if (layout->first_id >= 0 && layout->last_id >= 0)
        layout->form = SG_SERIES_AGG_TRADES_CSV;
    else
        layout->first_id = layout->last_id = -1;
    return true;
}

/* The text of a column's name, for a sentence. */
#define SHOWN(fields, i) (int)((fields)->field[i].length < 40 ? (fields)->field[i].length : 40), (fields)->field[i].text

static void note_adjusted(struct csv_layout *layout, const struct csv_fields *fields, int adjusted, int raw)
{
    snprintf(layout->note, sizeof layout->note, "it has \"%.*s\" and \"%.*s\": the adjusted prices are taken (--column chooses)", SHOWN(fields, raw),
             SHOWN(fields, adjusted));
}

/* The column that a person named. */
static bool use_column(struct csv_layout *layout, const struct csv_fields *fields, const char *name, char reason[static ROW_REASON_BUF])
{
    int found = -1;
    for (int i = 0; i < fields->count; i++)
        if (sg_csv_same_text(fields->field[i], name) || (sg_csv_same_instrument(fields->field[i], name) && found < 0))
            found = i;
    if (found < 0 || found == layout->time || found == layout->symbols) {
        char columns[200];
        sg_csv_list_columns(fields, NULL, columns, sizeof columns);
        snprintf(reason, ROW_REASON_BUF, "it has no column of prices called \"%.40s\"; it has: %s", name, columns);
        return false;
    }
    int raw = sg_csv_find_column(fields, CSV_CLOSE_WORDS), adjusted = sg_csv_find_column(fields, CSV_ADJUSTED_WORDS);
    bool bars = layout->open >= 0 && layout->high >= 0 && layout->low >= 0;
    if (bars && (found == layout->close || found == raw)) {
        layout->raw = found == adjusted ? raw : -1;
        layout->close = found;
        use_bars(layout, fields);
        return true;
    }
    int volume = sg_csv_find_column(fields, "volume vol base_volume volume_base");
    use_prices(layout, found);
    layout->volume = found == volume ? -1 : volume;
    return true;
}

static bool use_instrument(struct csv_layout *layout, const struct csv_fields *fields, const struct csv_columns *columns, const struct csv_choice *choice,
                           char reason[static ROW_REASON_BUF])
{
    int raw = -1, found = sg_csv_find_instrument(fields, columns, choice->symbol, &raw), count = sg_csv_count_instruments(fields, columns);
    char names[200];
    sg_csv_list_columns(fields, NULL, names, sizeof names);
    if (found == CSV_SEVERAL) {
        snprintf(reason, ROW_REASON_BUF, "more than one column is called %.40s; it has: %s", choice->symbol, names);
        return false;
    }
    if (found >= 0) {
        use_prices(layout, found);
        layout->by_symbol = true;
        if (raw >= 0)
            note_adjusted(layout, fields, found, raw);
        return true;
    }
    if (count == 1 && (!choice->named || sg_csv_lone_instrument_is_price(fields, columns))) {
        for (int i = 0; i < fields->count; i++)
            if (sg_csv_is_instrument(columns, i))
                use_prices(layout, i);
        return true;
    }
    bool composite = strchr(names + strcspn(names, ","), '_') != NULL;
    if (choice->symbol[0] && choice->named)
        snprintf(reason, ROW_REASON_BUF, "no column is called %.40s; it has: %s", choice->symbol, names);
    else
        snprintf(reason, ROW_REASON_BUF, "no column of the header is a price of one instrument alone; it has: %s (--pair A/B names two of them%s)", names,
                 composite ? "; of \"Close_X\" X is enough" : "");
    return false;
}

static void find_fields(struct csv_layout *layout, const struct csv_fields *fields)
{
    layout->open = sg_csv_find_column(fields, "open o");
    layout->high = sg_csv_find_column(fields, "high h");
    layout->low = sg_csv_find_column(fields, "low l");
    layout->volume = sg_csv_find_column(fields, "volume vol v base_volume volume_base");
    layout->close = sg_csv_find_column(fields, CSV_CLOSE_WORDS " c close_last price last");
    int adjusted = sg_csv_find_column(fields, CSV_ADJUSTED_WORDS);
    if (adjusted < 0)
        return;
    if (layout->close >= 0) {
        layout->raw = layout->close;
        note_adjusted(layout, fields, adjusted, layout->close);
    }
    layout->close = adjusted;
}

/* "Date" and "Time": one time in two columns, when the first row agrees. A column without a name before the others is an index of times. */
static void find_time(struct csv_layout *layout, const struct csv_fields *fields)
{
    layout->time = sg_csv_find_column(
        fields, "open_time opentime time timestamp datetime date_time transact_time unix unix_timestamp epoch date ts t open_date timestamp_utc "
                "time_utc gmt_time snapped_at window_start created_time observation_date day trading_day tradedate dt datum fecha data");
    int date = sg_csv_find_column(fields, "date day trading_day tradedate dt"), clock = sg_csv_find_column(fields, "time hour clock gmt_time");
    if (date >= 0 && clock >= 0) {
        layout->other_time = layout->time;
        layout->time = date;
        layout->clock = clock;
    }
    if (layout->time < 0 && fields->count > 1 &&
        (fields->field[0].length == 0 || sg_csv_same_text(fields->field[0], "index") || sg_csv_same_text(fields->field[0], "Unnamed: 0")))
        layout->time = 0;
}

/* A bid and an ask, and no price: the price is the middle. */
static bool use_quotes(struct csv_layout *layout, const struct csv_fields *fields)
{
    int bid = sg_csv_find_column(fields, "bid bid_price bidprice bp best_bid"), ask = sg_csv_find_column(fields, "ask ask_price askprice ap best_ask");
    if (bid < 0 || ask < 0)
        return false;
    layout->form = SG_SERIES_PRICES_CSV;
    layout->close = bid;
    layout->ask = ask;
    layout->open = layout->high = layout->low = layout->volume = -1;
    snprintf(layout->note, sizeof layout->note, "its prices are the middle of \"%.*s\" and \"%.*s\"", SHOWN(fields, bid), SHOWN(fields, ask));
    return true;
}

bool sg_csv_layout_from_header(const char *line, size_t length, const struct csv_choice *choice, struct csv_layout *ret_layout,
                               char reason[static ROW_REASON_BUF])
{
    struct csv_fields fields;
    struct csv_columns columns;
    struct csv_layout layout = NO_LAYOUT;
    char names[200];
    if (length > 1 && memchr(line, '\r', length - 1)) {
        snprintf(reason, ROW_REASON_BUF, "its lines end in CR alone; save it with LF or CRLF at the ends of lines");
        return false;
    }
    layout.delimiter = find_delimiter(line, length);
    if (!sg_csv_split(line, length, layout.delimiter, &fields, reason))
        return false;
    layout.columns = fields.count;
    sg_csv_list_columns(&fields, NULL, names, sizeof names);
    find_time(&layout, &fields);
    if (layout.time < 0) {
        snprintf(reason, ROW_REASON_BUF, "no column of the header is a time (time, timestamp, date, open_time, …); it has: %s", names);
        return false;
    }
    layout.symbols = sg_csv_find_symbols(&fields);
    sg_csv_classify(&fields, layout.time, &columns);
    if (layout.clock >= 0)
        columns.kind[layout.clock] = CSV_COLUMN_TIME;
    find_fields(&layout, &fields);
    if (choice->column) {
        layout.note[0] = '\0';
        if (!use_column(&layout, &fields, choice->column, reason))
            return false;
    } else if (columns.wide) {
        layout.note[0] = '\0';
        if (!use_instrument(&layout, &fields, &columns, choice, reason))
            return false;
    } else if (layout.open >= 0 && layout.high >= 0 && layout.low >= 0 && layout.close >= 0) {
        use_bars(&layout, &fields);
    } else if (!use_trades(&layout, &fields)) {
        int volume = layout.volume;
        int price = layout.raw >= 0 ? layout.close : sg_csv_find_column(&fields, "price p");
        price = price >= 0 ? price : layout.close >= 0 ? layout.close : sg_csv_find_column(&fields, "last last_price value settle mid");
        use_prices(&layout, price < 0 && fields.count == 2 ? 1 - layout.time : price);
        layout.volume = volume;
        if (layout.close < 0)
            (void)use_quotes(&layout, &fields);
    }
    if (layout.close < 0) {
        snprintf(reason, ROW_REASON_BUF,
                 "no column of the header is a price, close or open/high/low/close; it has: %s (--column NAME says which one is the price)", names);
        return false;
    }
    *ret_layout = layout;
    return true;
}

bool sg_csv_layout_from_row(const char *line, size_t length, struct csv_layout *ret_layout, char reason[static ROW_REASON_BUF])
{
    struct csv_fields fields;
    struct csv_layout layout = NO_LAYOUT;
    bool truth, is_truth[16] = {false};
    layout.delimiter = find_delimiter(line, length);
    if (!sg_csv_split(line, length, layout.delimiter, &fields, reason))
        return false;
    layout.columns = fields.count;
    layout.exact_columns = true;
    for (int i = 0; i < fields.count && i < 16; i++)
        is_truth[i] = sg_row_parse_truth(fields.field[i], &truth);
    bool aggregated = (fields.count == 8 && is_truth[6] && is_truth[7]) || (fields.count == 7 && is_truth[6] && !is_truth[5]);
    bool single = (fields.count == 7 && is_truth[5] && is_truth[6]) || (fields.count == 6 && is_truth[5]);
    if (aggregated) {
        layout.form = SG_SERIES_AGG_TRADES_CSV;
        layout.id = 0, layout.close = 1, layout.volume = 2, layout.first_id = 3, layout.last_id = 4, layout.time = 5;
    } else if (single) {
        layout.form = SG_SERIES_TRADES_CSV;
        layout.id = 0, layout.close = 1, layout.volume = 2, layout.time = 4;
    } else if (fields.count == 7 && sg_row_is_clock(fields.field[1])) { /* date, time, bar: as trading terminals write them */
        layout.form = SG_SERIES_BARS_CSV;
        layout.time = 0, layout.clock = 1, layout.open = 2, layout.high = 3, layout.low = 4, layout.close = 5, layout.volume = 6;
    } else if (fields.count == 3) { /* time, price, quantity */
        layout.form = SG_SERIES_TRADES_CSV;
        layout.time = 0, layout.close = 1, layout.volume = 2;
    } else if (fields.count == 12 || (fields.count == 6 && !is_truth[5])) {
        layout.form = SG_SERIES_KLINES_CSV;
        layout.time = 0, layout.open = 1, layout.high = 2, layout.low = 3, layout.close = 4, layout.volume = 5;
        if (fields.count == 12)
            layout.close_time = 6, layout.trades = 8;
    } else {
        snprintf(reason, ROW_REASON_BUF,
                 "%d column%s and no header line: this is no archive of klines (12 columns), trades (3, 6 or 7) or aggTrades (7 or 8); "
                 "a first line that names the columns would tell",
                 fields.count, fields.count == 1 ? "" : "s");
        return false;
    }
    *ret_layout = layout;
    return true;
}
