/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One data file to one series: recognise, read row by row, build bars. */
#include "spreadglass/store/series_reader.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "csv_private.h"
#include "cut_line_private.h"
#include "date_survey_private.h"
#include "json_rows_private.h"
#include "series_private.h"
#include "sniff_private.h"
#include "symbol_rows_private.h"
#include "spreadglass/base/line_reader.h"

#define BANNERS_MAX 12
#define CSV_LINE_MAX ((size_t)1 << 20)
#define PROGRESS_BYTES ((uint64_t)1 << 20)
#define DAY_US INT64_C(86400000000)

struct reading {
    const char *file;
    const struct sg_series_config *config;
    struct sg_series series;
    struct bar_list list;
    struct series_input input;
    struct row_bars rows;
    struct trade_bars trades;
    bool is_trades;
    uint64_t reported; /* bytes at the last progress call */
    uint64_t records;
    enum sg_row_time_unit time_unit; /* of the last row */
    bool any_time;
    uint64_t unit_changes, first_change;
    enum sg_row_time_unit change_from, change_to; /* the first one */
    struct symbol_rows symbols;
    struct line_ends ends;
    struct row_marks marks;
    struct date_survey dates;
    enum row_date_order date_order; /* of this attempt; ROW_DATES_UNKNOWN: to be found out */
    bool settled;                   /* what only the first row tells is known */
};

size_t sg_series_ceiling(const struct sg_series_config *config)
{
    return config->maximum_bars ? config->maximum_bars : SG_SERIES_BARS_MAX;
}

void sg_series_free(struct sg_series *series)
{
    if (!series)
        return;
    free(series->bars);
    memset(series, 0, sizeof *series);
}

void sg_series_finish(struct sg_series *series, struct bar_list *list, bool mark_gaps)
{
    series->bars = list->bars;
    series->length = list->length;
    series->on_grid = true;
    for (size_t i = 0; i < series->length; i++) {
        struct sg_bar *bar = &series->bars[i];
        if (series->interval_us > 0 && bar->time_us % series->interval_us != 0)
            series->on_grid = false;
        if (i == 0 || bar->time_us - series->bars[i - 1].time_us == series->interval_us)
            continue;
        /* Days without trading are no holes: whoever keeps daily bars keeps no weekends. */
        if (mark_gaps && series->interval_us < DAY_US)
            bar->flags |= SG_BAR_AFTER_GAP;
        series->gaps += series->interval_us < DAY_US;
    }
}

static enum sg_status fail_at(const struct reading *reading, const char *unit, uint64_t number, struct sg_error *error, enum sg_status status,
                              const char *reason)
{
    if (number == 0)
        return sg_fail(error, status, "%s: %s", reading->file, reason);
    return sg_fail(error, status, "%s:%s%" PRIu64 ": %s", reading->file, unit, number, reason);
}

/* A malformed row: counted and passed over, or the end. */
static enum sg_status bad_row(struct reading *reading, const char *unit, uint64_t number, struct sg_error *error, const char *reason)
{
    if (!reading->config->skip_bad)
        return fail_at(reading, unit, number, error, SG_ERR_PARSE, reason);
    if (reading->series.bad++ == 0)
        snprintf(reading->series.first_bad, sizeof reading->series.first_bad, "%.120s:%s%" PRIu64 ": %.240s", reading->file, unit, number, reason);
    return SG_OK;
}

/* Files glued together may change the unit of their times: each row is read by its own, and the change is told. */
static void note_time_unit(struct reading *reading, enum sg_row_time_unit unit, uint64_t number)
{
    if (reading->any_time && unit != reading->time_unit && reading->unit_changes++ == 0) {
        reading->first_change = number;
        reading->change_from = reading->time_unit;
        reading->change_to = unit;
    }
    reading->any_time = true;
    reading->time_unit = unit;
}

static void warn_of_time_units(struct reading *reading)
{
    static const char *const names[] = {"dates", "seconds", "milliseconds", "microseconds", "nanoseconds"};
    if (reading->unit_changes == 0)
        return;
    sg_series_warn(&reading->series, "its times change from %s to %s at %s%" PRIu64 "%s: each row is read in its own unit", names[reading->change_from],
                   names[reading->change_to], reading->series.form == SG_SERIES_KLINES_JSON ? "row " : "line ", reading->first_change,
                   reading->unit_changes > 1 ? ", and again further down" : "");
}

static enum sg_status add_row(struct reading *reading, struct series_row *row, const char *unit, uint64_t number, struct sg_error *error)
{
    struct sg_error reason = {0};
    row->number = number;
    if (reading->series.first_us == 0 || row->time_us < reading->series.first_us)
        reading->series.first_us = row->time_us;
    if (reading->series.last_us == 0 || row->time_us > reading->series.last_us)
        reading->series.last_us = row->time_us;
    note_time_unit(reading, row->time_unit, number);
    enum sg_status status = reading->is_trades ? sg_trade_bars_add(&reading->trades, row, &reason) : sg_row_bars_add(&reading->rows, row, &reason);
    while (status == SG_ERR_PARSE) {
        uint64_t earlier = reading->rows.bad_number; /* a row that was kept back until the spacing was known */
        status = bad_row(reading, unit, earlier > 0 ? earlier : number, error, reason.text);
        if (status != SG_OK || earlier == 0)
            return status;
        status = sg_row_bars_go_on(&reading->rows, &reason);
    }
    /* What is wrong with the whole file needs no line. */
    return status == SG_OK ? SG_OK : fail_at(reading, unit, 0, error, status, reason.text);
}

static enum sg_status tell_progress(struct reading *reading, struct sg_error *error)
{
    if (!reading->config->progress || (++reading->records & 255) != 0)
        return SG_OK;
    uint64_t position = sg_input_position(&reading->input);
    if (position - reading->reported < PROGRESS_BYTES)
        return SG_OK;
    reading->reported = position;
    if (reading->config->progress(reading->config->progress_context, position, reading->input.size))
        return SG_OK;
    return sg_fail(error, SG_ERR_CANCELLED, "%s: reading was cancelled", reading->file);
}

static enum sg_status start_builder(struct reading *reading, struct sg_error *error)
{
    enum sg_series_form form = reading->series.form;
    reading->is_trades = form == SG_SERIES_TRADES_CSV || form == SG_SERIES_AGG_TRADES_CSV;
    if (reading->is_trades) {
        sg_trade_bars_init(&reading->trades, reading->config, &reading->series, &reading->list);
        return SG_OK;
    }
    return sg_row_bars_init(&reading->rows, reading->config, &reading->series, &reading->list, error);
}

/* Lines above the header that some download sites write: an address, or a remark. */
static bool is_preamble(const struct sg_line *line)
{
    return line->length == 0 || line->text[0] == '#' || (line->length > 4 && memcmp(line->text, "http", 4) == 0 && !memchr(line->text, ',', line->length));
}

static enum sg_status choose_layout(struct reading *reading, const struct sg_line *line, struct csv_layout *ret_layout, bool *ret_header,
                                    struct sg_error *error)
{
    char reason[ROW_REASON_BUF];
    const struct sg_series_config *config = reading->config;
    struct csv_choice choice = {.symbol = config->instrument.symbol, .named = config->named, .column = config->column};
    *ret_header = sg_csv_is_header(line->text, line->length);
    bool known = *ret_header ? sg_csv_layout_from_header(line->text, line->length, &choice, ret_layout, reason)
                             : sg_csv_layout_from_row(line->text, line->length, ret_layout, reason);
    if (!known)
        return fail_at(reading, "", line->number, error, SG_ERR_PARSE, reason);
    reading->series.form = ret_layout->form;
    reading->ends.columns = ret_layout->columns;
    reading->series.by_symbol = ret_layout->by_symbol || (ret_layout->symbols >= 0 && config->named);
    if (ret_layout->note[0])
        sg_series_warn(&reading->series, "%s", ret_layout->note);
    return start_builder(reading, error);
}

/* A row whose price its maker left out: the spacing is of the rows, not of the prices. */
static enum sg_status leave_out(struct reading *reading, const struct series_row *row, uint64_t number)
{
    reading->series.missing++;
    note_time_unit(reading, row->time_unit, number);
    if (!reading->is_trades)
        sg_row_bars_note_time(&reading->rows, row->time_us);
    return SG_OK;
}

/* What the header cannot tell. */
static void look_at_first_row(struct reading *reading, struct csv_layout *layout, const struct csv_fields *fields)
{
    char buffer[CSV_TIME_BUF];
    int64_t first, second, year;
    reading->settled = true;
    reading->marks.quoted_commas = layout->delimiter == ',';
    sg_csv_settle_clock(layout, fields);
    layout->order = reading->date_order;
    if (layout->time < fields->count && (layout->clock < 0 || layout->clock < fields->count))
        reading->dates.on = layout->order == ROW_DATES_UNKNOWN && sg_row_date_numbers(sg_csv_time(layout, fields, buffer), &first, &second, &year);
}

static enum sg_status read_line(struct reading *reading, struct csv_layout *layout, const struct sg_line *line, struct csv_fields *fields,
                                struct sg_error *error)
{
    char reason[ROW_REASON_BUF];
    struct series_row row;
    if (!sg_csv_split(line->text, line->length, layout->delimiter, fields, reason))
        return bad_row(reading, "", line->number, error, reason);
    if (!reading->settled)
        look_at_first_row(reading, layout, fields);
    if (reading->dates.on) { /* this reading only finds out what the dates are */
        if (layout->time < fields->count)
            sg_date_survey_note(&reading->dates, fields->field[layout->time], line->number);
        return SG_OK;
    }
    bool doubtful = false;
    if (line->complete)
        sg_line_ends_note(&reading->ends, fields);
    else if (sg_line_ends_is_cut(&reading->ends, fields, &doubtful, reason))
        return bad_row(reading, "", line->number, error, reason);
    if (doubtful)
        sg_series_warn(&reading->series, "its last line has no end: if the file was cut off there, its last value is not whole");
    if (layout->symbols >= 0 && layout->symbols < fields->count) {
        enum symbol_row whose = sg_symbol_rows_look(&reading->symbols, fields->field[layout->symbols], reason);
        if (whose == SYMBOL_ROW_BAD)
            return bad_row(reading, "", line->number, error, reason);
        /* Of a file that will be refused only the names are still of interest. */
        if (whose == SYMBOL_ROW_LEAVE || reading->symbols.several)
            return reading->symbols.more && reading->symbols.several ? SG_ERR_END : SG_OK;
    }
    switch (sg_csv_parse(layout, &reading->marks, fields, &row, reason)) {
    case CSV_MISSING: return leave_out(reading, &row, line->number);
    case CSV_BAD: return bad_row(reading, "", line->number, error, reason);
    case CSV_ROW: break;
    }
    return add_row(reading, &row, "", line->number, error);
}

static enum sg_status judge_symbols(struct reading *reading, struct sg_error *error)
{
    char reason[ROW_REASON_BUF];
    const struct symbol_rows *rows = &reading->symbols;
    enum sg_status status = sg_symbol_rows_judge(rows, reason);
    if (status != SG_OK)
        return fail_at(reading, "", 0, error, status, reason);
    if (rows->taken != SIZE_MAX)
        snprintf(reading->series.symbol, sizeof reading->series.symbol, "%s", rows->names[rows->taken]);
    reading->series.others = rows->others;
    return SG_OK;
}

/* SG_ERR_EXISTS: the order is known now, and the file is to be read again. */
static enum sg_status judge_dates(struct reading *reading, struct sg_error *error)
{
    char reason[ROW_REASON_BUF];
    reading->date_order = sg_date_survey_judge(&reading->dates, reason);
    return reading->date_order == ROW_DATES_UNKNOWN ? fail_at(reading, "", 0, error, SG_ERR_PARSE, reason) : SG_ERR_EXISTS;
}

static enum sg_status read_csv(struct reading *reading, struct sg_error *error)
{
    struct sg_line_reader lines;
    struct csv_layout layout;
    bool known = false;
    struct sg_error first = {0};
    int banners = 0;
    struct csv_fields *fields = malloc(sizeof *fields);
    if (!fields)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read %s", reading->file);
    sg_line_reader_init(&lines, sg_input_read, &reading->input, CSV_LINE_MAX);
    enum sg_status status = SG_OK;
    while (status == SG_OK) {
        struct sg_line line;
        struct sg_error reason = {0};
        status = sg_line_reader_next(&lines, &line, &reason);
        if (status == SG_ERR_END)
            break;
        if (status != SG_OK) {
            status = fail_at(reading, "", lines.line + (status != SG_ERR_RANGE), error, status, reason.text);
            break;
        }
        if (line.length == 0 || (!known && is_preamble(&line)))
            continue;
        bool header = false;
        if (!known) {
            struct sg_error *told = banners == 0 ? &first : &reason;
            if (banners > 0 && !sg_csv_is_header(line.text, line.length))
                status = SG_ERR_PARSE;
            else
                status = choose_layout(reading, &line, &layout, &header, told);
            known = status == SG_OK;
            if (status == SG_ERR_PARSE && ++banners < BANNERS_MAX) { /* lines above the header; if none comes, the first was meant for one */
                status = SG_OK;
                continue;
            }
        }
        if (status == SG_OK && !header)
            status = read_line(reading, &layout, &line, fields, error);
        if (status == SG_OK)
            status = tell_progress(reading, error);
    }
    sg_line_reader_free(&lines);
    free(fields);
    if (!known && banners > 0)
        return sg_fail(error, first.status, "%s", first.text);
    if (status == SG_ERR_END && !known)
        return fail_at(reading, "", 0, error, SG_ERR_PARSE, "there is nothing in it");
    if (status != SG_ERR_END)
        return status;
    if (reading->dates.on)
        return judge_dates(reading, error);
    if (reading->marks.unread > 0)
        sg_series_warn(&reading->series, "%" PRIu64 " volumes could not be read, and are left out", reading->marks.unread);
    return judge_symbols(reading, error);
}

static enum sg_status read_json(struct reading *reading, struct sg_error *error)
{
    struct json_rows *rows = malloc(sizeof *rows);
    if (!rows)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read %s", reading->file);
    sg_json_rows_init(rows, &reading->input);
    reading->series.form = SG_SERIES_KLINES_JSON;
    enum sg_status status = start_builder(reading, error);
    while (status == SG_OK) {
        char reason[ROW_REASON_BUF];
        struct series_row row;
        struct sg_error failure = {0};
        enum json_result result = sg_json_rows_next(rows, &row, reason, &failure);
        if (result == JSON_END)
            break;
        if (result == JSON_BROKEN) {
            char text[64];
            snprintf(text, sizeof text, "line %" PRIu64 ", row ", rows->line);
            status = fail_at(reading, text, rows->row, error, failure.status, failure.text);
        } else if (result == JSON_BAD_ROW) {
            status = bad_row(reading, "row ", rows->row, error, reason);
        } else {
            status = row.missing ? leave_out(reading, &row, rows->row) : add_row(reading, &row, "row ", rows->row, error);
        }
        if (status == SG_OK)
            status = tell_progress(reading, error);
    }
    free(rows);
    return status;
}

static enum sg_status finish(struct reading *reading, struct sg_error *error)
{
    struct sg_error reason = {0};
    enum sg_status status = reading->is_trades ? sg_trade_bars_finish(&reading->trades, &reason) : sg_row_bars_finish(&reading->rows, &reason);
    while (status == SG_ERR_PARSE && reading->rows.bad_number > 0) {
        status = bad_row(reading, reading->series.form == SG_SERIES_KLINES_JSON ? "row " : "", reading->rows.bad_number, error, reason.text);
        if (status != SG_OK)
            return status;
        status = sg_row_bars_finish(&reading->rows, &reason);
    }
    if (status != SG_OK)
        return fail_at(reading, "", 0, error, status, reason.text);
    if (reading->series.rows == 0)
        return fail_at(reading, "", 0, error, SG_ERR_PARSE, reading->series.bad ? "no row of it is sound" : "there are no rows in it");
    warn_of_time_units(reading);
    sg_series_finish(&reading->series, &reading->list, true);
    return SG_OK;
}

/* Opens the file and tells what it is; on success the input is open. */
static enum sg_status open_and_sniff(struct series_input *input, const char *file, enum sniffed *ret_kind, struct sg_error *error)
{
    struct sg_error reason = {0};
    enum sg_status status = sg_input_open(input, file, &reason);
    if (status != SG_OK)
        return sg_fail(error, status, "%s: %s", file, reason.text);
    const char *bytes, *refusal = "there is nothing in it";
    size_t length;
    status = sg_input_peek(input, &bytes, &length, &reason);
    *ret_kind = status == SG_OK ? sg_sniff(bytes, length, &refusal) : SNIFF_REFUSED;
    if (status == SG_OK && *ret_kind != SNIFF_REFUSED)
        return SG_OK;
    sg_input_close(input);
    if (status != SG_OK && status != SG_ERR_END)
        return sg_fail(error, status, "%s: %s", file, reason.text);
    return sg_fail(error, SG_ERR_PARSE, "%s: %s", file, refusal);
}

static enum sg_status recording_in_an_archive(const char *file, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_UNSUPPORTED, "%s: it is a recording, and those are read plain or in gzip: unpack it first", file);
}

enum sg_status sg_series_is_recording(const char *file, bool *ret_is, struct sg_error *error)
{
    struct series_input *input = malloc(sizeof *input);
    enum sniffed kind;
    if (!input)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read %s", file);
    enum sg_status status = open_and_sniff(input, file, &kind, error);
    if (status == SG_OK) {
        *ret_is = kind == SNIFF_RECORDING && !input->unpacker;
        if (kind == SNIFF_RECORDING && input->unpacker)
            status = recording_in_an_archive(file, error);
        sg_input_close(input);
    }
    free(input);
    return status;
}

static enum sg_status check_config(const struct sg_series_config *config, const char *file, struct sg_error *error)
{
    if (config->interval_us <= 0 || config->start_us > config->end_us)
        return sg_fail(error, SG_ERR_INVALID, config->interval_us <= 0 ? "%s: the interval must be above zero" : "%s: start is after end", file);
    return SG_OK;
}

/* What one reading found out for the next. */
struct attempt {
    bool exact; /* of instruments that differ in case and signs only, the one that is written as it was asked for */
    enum row_date_order date_order;
    bool again; /* it is worth it */
};

static enum sg_status read_file(const char *file, const struct sg_series_config *config, struct attempt *attempt, struct sg_series *ret_series,
                                struct sg_error *error)
{
    enum sg_status status;
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read %s", file);
    reading->file = file;
    reading->config = config;
    reading->list.maximum = sg_series_ceiling(config);
    sg_symbol_rows_init(&reading->symbols, config->named ? config->instrument.symbol : "", attempt->exact);
    reading->date_order = attempt->date_order;
    attempt->again = false;
    enum sniffed kind;
    status = open_and_sniff(&reading->input, file, &kind, error);
    if (status == SG_OK && kind == SNIFF_RECORDING) {
        bool unpacked = reading->input.unpacker != NULL;
        sg_input_close(&reading->input);
        free(reading);
        if (unpacked)
            return recording_in_an_archive(file, error);
        struct sg_instrument legs[SG_LEG_COUNT] = {config->instrument};
        struct sg_series both[SG_LEG_COUNT];
        status = sg_series_from_recording(&file, 1, legs, config, both, error);
        if (status == SG_OK) {
            *ret_series = both[SG_LEG_A];
            sg_series_free(&both[SG_LEG_B]);
        }
        return status;
    }
    if (status == SG_OK) {
        status = kind == SNIFF_KLINES_JSON ? read_json(reading, error) : read_csv(reading, error);
        if (status == SG_OK)
            status = finish(reading, error);
        sg_input_close(&reading->input);
        sg_row_bars_free(&reading->rows);
        bool exact = status != SG_OK && sg_symbol_rows_has_exact(&reading->symbols), dates = status == SG_ERR_EXISTS && reading->dates.on;
        *attempt = (struct attempt){attempt->exact || exact, reading->date_order, exact || dates};
    }
    if (status == SG_OK)
        *ret_series = reading->series;
    else
        free(reading->list.bars);
    free(reading);
    return status;
}

enum sg_status sg_series_read(const char *file, const struct sg_series_config *config, struct sg_series *ret_series, struct sg_error *error)
{
    struct attempt attempt = {.date_order = (enum row_date_order)config->date_order};
    enum sg_status status = check_config(config, file, error);
    if (status != SG_OK)
        return status;
    do
        status = read_file(file, config, &attempt, ret_series, error);
    while (attempt.again);
    return status;
}
