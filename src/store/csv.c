/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV: fields of a line, and the row that they make. */
#include "csv_private.h"
#include <stdio.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/market/bar_quality.h"

static struct row_field trimmed(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return (struct row_field){begin, (size_t)(end - begin)};
}

bool sg_csv_split(const char *line, size_t length, char delimiter, struct csv_fields *ret_fields, char reason[static ROW_REASON_BUF])
{
    const char *at = line, *end = line + length;
    ret_fields->count = 0;
    for (;;) {
        if (ret_fields->count == CSV_FIELDS_MAX) {
            snprintf(reason, ROW_REASON_BUF, "more than %d columns", CSV_FIELDS_MAX);
            return false;
        }
        struct row_field *field = &ret_fields->field[ret_fields->count++];
        while (at < end && *at == ' ')
            at++;
        if (at < end && *at == '"') {
            const char *close = ++at;
            while (close < end && !(*close == '"' && (close + 1 == end || close[1] != '"')))
                close += *close == '"' ? 2 : 1;
            if (close >= end) {
                snprintf(reason, ROW_REASON_BUF, "a quotation mark is opened and not closed");
                return false;
            }
            *field = trimmed(at, close);
            at = close + 1;
            while (at < end && *at == ' ')
                at++;
            if (at < end && *at != delimiter) {
                snprintf(reason, ROW_REASON_BUF, "something stands between a closing quotation mark and the next column");
                return false;
            }
        } else {
            const char *stop = memchr(at, delimiter, (size_t)(end - at));
            if (!stop)
                stop = end;
            *field = trimmed(at, stop);
            at = stop;
        }
        if (at == end)
            return true;
        at++;
    }
}

bool sg_csv_is_header(const char *line, size_t length)
{
    size_t at = 0;
    while (at < length && (line[at] == ' ' || line[at] == '"'))
        at++;
    return at == length || !((line[at] >= '0' && line[at] <= '9') || line[at] == '-' || line[at] == '+');
}

static bool has_column(const struct csv_layout *layout, const struct csv_fields *fields, char reason[static ROW_REASON_BUF])
{
    const int needed[] = {layout->time,     layout->close_time, layout->open,   layout->high,    layout->low, layout->close, layout->volume, layout->id,
                          layout->first_id, layout->last_id,    layout->trades, layout->symbols, layout->raw, layout->clock, layout->ask,    layout->quality};
    int most = -1;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (needed[i] > most)
            most = needed[i];
    /* More than the header names is a shift of columns or a decimal comma, unless a line merely ends in delimiters. */
    bool spilled = false;
    for (int i = layout->columns; i < fields->count && !spilled; i++)
        spilled = fields->field[i].length > 0;
    if (fields->count > most && !spilled && !(layout->exact_columns && fields->count != layout->columns))
        return true;
    snprintf(reason, ROW_REASON_BUF, "%d column%s instead of %d", fields->count, fields->count == 1 ? "" : "s", layout->columns);
    return false;
}

static bool parse_trade(const struct csv_layout *layout, const struct csv_fields *fields, struct series_row *row, char reason[static ROW_REASON_BUF])
{
    row->trades = 1;
    if (layout->id >= 0 && !sg_row_parse_count(fields->field[layout->id], "trade id", INT64_MAX, &row->id, reason))
        return false;
    if (layout->first_id >= 0) {
        int64_t first, last;
        if (!sg_row_parse_count(fields->field[layout->first_id], "first trade id", INT64_MAX, &first, reason) ||
            !sg_row_parse_count(fields->field[layout->last_id], "last trade id", INT64_MAX, &last, reason))
            return false;
        if (last < first || last - first >= 100000000) {
            snprintf(reason, ROW_REASON_BUF, "the last trade id does not follow the first");
            return false;
        }
        row->trades = (uint32_t)(last - first + 1);
    }
    return true;
}

/* Open, high and low go with the raw close: each keeps its share of it. Rounding may not turn them inside out. */
static void adjust(struct series_row *row, double adjusted)
{
    double factor = adjusted / row->close;
    row->open *= factor;
    row->high *= factor;
    row->low *= factor;
    row->close = adjusted;
    double upper = row->open > row->close ? row->open : row->close, lower = row->open < row->close ? row->open : row->close;
    row->high = row->high > upper ? row->high : upper;
    row->low = row->low < lower ? row->low : lower;
}

/* A price in the way that the file writes its numbers. */
static bool parse_price(struct row_marks *marks, struct row_field field, const char *what, double *ret_price, char reason[static ROW_REASON_BUF])
{
    char buffer[ROW_NUMBER_BUF];
    struct row_field plain;
    if (!sg_row_plain_number(field, what, marks, buffer, &plain, reason))
        return false;
    if (sg_row_parse_price(plain, what, ret_price, reason))
        return true;
    return plain.text == field.text ? false : sg_row_parse_price(field, what, ret_price, reason);
}

/* The same of a quantity, which may end in K, M or B. */
static bool parse_quantity(struct row_marks *marks, struct row_field field, struct series_row *row, char reason[static ROW_REASON_BUF])
{
    char buffer[ROW_NUMBER_BUF];
    struct row_field plain;
    double factor = sg_row_take_suffix(&field), value;
    if (!sg_row_plain_number(field, "volume", marks, buffer, &plain, reason))
        return false;
    if (factor == 1)
        return sg_row_parse_quantity(plain, row, reason);
    if (sg_decimal_to_double(plain.text, plain.length, &value) != SG_OK || !(value >= 0) || value * factor > 1e24) {
        snprintf(reason, ROW_REASON_BUF, "a volume is not a number");
        return false;
    }
    row->volume = (sg_qty)(value * factor * 1e8 + 0.5);
    row->flags |= SG_BAR_VOLUME_ESTIMATED;
    return true;
}

struct row_field sg_csv_time(const struct csv_layout *layout, const struct csv_fields *fields, char buffer[static CSV_TIME_BUF])
{
    struct row_field date = fields->field[layout->time], clock;
    if (layout->clock < 0)
        return date;
    clock = fields->field[layout->clock];
    if (date.length + clock.length + 1 >= CSV_TIME_BUF)
        return date;
    memcpy(buffer, date.text, date.length);
    buffer[date.length] = ' ';
    memcpy(buffer + date.length + 1, clock.text, clock.length);
    return (struct row_field){buffer, date.length + 1 + clock.length};
}

void sg_csv_settle_clock(struct csv_layout *layout, const struct csv_fields *fields)
{
    if (layout->clock < 0 || layout->clock >= fields->count || layout->time >= fields->count)
        return;
    if (sg_row_is_clock(fields->field[layout->clock]) && !memchr(fields->field[layout->time].text, ':', fields->field[layout->time].length))
        return;
    layout->time = layout->other_time >= 0 ? layout->other_time : layout->time;
    layout->clock = -1;
}

static bool parse_bar(const struct csv_layout *layout, struct row_marks *marks, const struct csv_fields *fields, struct series_row *row,
                      char reason[static ROW_REASON_BUF])
{
    if (layout->open >= 0) {
        double adjusted = row->close;
        if (layout->raw >= 0 && !parse_price(marks, fields->field[layout->raw], "raw price", &row->close, reason))
            return false;
        if (!parse_price(marks, fields->field[layout->open], "open", &row->open, reason) ||
            !parse_price(marks, fields->field[layout->high], "high", &row->high, reason) ||
            !parse_price(marks, fields->field[layout->low], "low", &row->low, reason) || !sg_row_check_shape(row, reason))
            return false;
        if (layout->raw >= 0)
            adjust(row, adjusted);
    }
    if (layout->trades >= 0) {
        int64_t count;
        if (!sg_row_parse_count(fields->field[layout->trades], "number of trades", UINT32_MAX, &count, reason))
            return false;
        row->trades = (uint32_t)count;
        row->counted = true;
    }
    uint32_t quality = 0;
    if (layout->quality >= 0 && !sg_bar_quality_flags(fields->field[layout->quality].text, fields->field[layout->quality].length, &quality)) {
        snprintf(reason, ROW_REASON_BUF, "the quality of a bar is incomplete, unsettled, estimated, repaired or exact");
        return false;
    }
    row->flags |=
        row->flags & SG_BAR_NO_VOLUME ? quality & ~(uint32_t)SG_BAR_VOLUME_ESTIMATED : quality; /* of a volume that is not there nothing is estimated */
    if (layout->close_time >= 0) {
        int64_t close_us;
        if (!sg_row_parse_time(fields->field[layout->close_time], &close_us, reason))
            return false;
        if (close_us <= row->time_us) {
            snprintf(reason, ROW_REASON_BUF, "the close time is not after the open time");
            return false;
        }
        /* The exchange writes the last millisecond (or microsecond) that belongs to the bar. */
        int64_t length = close_us - row->time_us;
        row->step_us = length % SG_US_PER_S == 999999 ? length + 1 : length % SG_US_PER_S == 999000 ? length + 1000 : length;
    }
    return true;
}

enum csv_result sg_csv_parse(const struct csv_layout *layout, struct row_marks *marks, const struct csv_fields *fields, struct series_row *ret_row,
                             char reason[static ROW_REASON_BUF])
{
    struct series_row row = {.id = -1};
    char buffer[CSV_TIME_BUF];
    if (!has_column(layout, fields, reason))
        return CSV_BAD;
    struct row_field time = sg_csv_time(layout, fields, buffer);
    if (!sg_row_parse_ordered_time(time, layout->order, &row.time_us, reason))
        return CSV_BAD;
    row.time_unit = sg_row_time_unit(time);
    bool generic = layout->form == SG_SERIES_PRICES_CSV || layout->form == SG_SERIES_BARS_CSV;
    if (generic && (sg_row_is_missing(fields->field[layout->close]) || (layout->ask >= 0 && sg_row_is_missing(fields->field[layout->ask])))) {
        *ret_row = row;
        return CSV_MISSING;
    }
    if (!parse_price(marks, fields->field[layout->close], "price", &row.close, reason))
        return CSV_BAD;
    if (layout->ask >= 0) {
        double ask;
        if (!parse_price(marks, fields->field[layout->ask], "ask", &ask, reason))
            return CSV_BAD;
        if (ask < row.close) {
            snprintf(reason, ROW_REASON_BUF, "the ask is below the bid");
            return CSV_BAD;
        }
        row.close = (row.close + ask) / 2;
    }
    row.open = row.high = row.low = row.close;
    if (layout->volume < 0 || (generic && sg_row_is_missing(fields->field[layout->volume])))
        row.flags |= SG_BAR_NO_VOLUME;
    else if (!parse_quantity(marks, fields->field[layout->volume], &row, reason)) {
        if (!generic)
            return CSV_BAD;
        marks->unread++; /* the prices are there */
        row.volume = 0;
        row.flags |= SG_BAR_NO_VOLUME;
    }
    bool trade = layout->form == SG_SERIES_TRADES_CSV || layout->form == SG_SERIES_AGG_TRADES_CSV;
    if (!(trade ? parse_trade(layout, fields, &row, reason) : parse_bar(layout, marks, fields, &row, reason)))
        return CSV_BAD;
    *ret_row = row;
    return CSV_ROW;
}
