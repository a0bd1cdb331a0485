/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tokenizer that knows one shape: an array of arrays of numbers and short strings. */
#include "json_rows_private.h"
#include <stdio.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/market/bar.h"

#define END_OF_INPUT (-1)
#define FAILED (-2)

void sg_json_rows_init(struct json_rows *rows, struct series_input *input)
{
    memset(rows, 0, sizeof *rows);
    rows->input = input;
    rows->line = 1;
}

/* The next byte without taking it. */
static int peek_byte(struct json_rows *rows, struct sg_error *error)
{
    if (rows->begin == rows->end) {
        if (rows->at_end)
            return END_OF_INPUT;
        size_t count = 0;
        if (sg_input_read(rows->input, rows->buffer, sizeof rows->buffer, &count, error) != SG_OK)
            return FAILED;
        rows->begin = 0;
        rows->end = count;
        if (count == 0) {
            rows->at_end = true;
            return END_OF_INPUT;
        }
    }
    return (unsigned char)rows->buffer[rows->begin];
}

static void take_byte(struct json_rows *rows)
{
    if (rows->buffer[rows->begin++] == '\n')
        rows->line++;
}

static int skip_space(struct json_rows *rows, struct sg_error *error)
{
    for (;;) {
        int byte = peek_byte(rows, error);
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n')
            return byte;
        take_byte(rows);
    }
}

static enum json_result broken(int byte, struct sg_error *error, const char *expected)
{
    if (byte == FAILED)
        return JSON_BROKEN; /* `error` is filled */
    if (byte == END_OF_INPUT)
        sg_fail(error, SG_ERR_PARSE, "the file ends in the middle of the array: it is cut off");
    else if (byte >= 0x20 && byte < 0x7f)
        sg_fail(error, SG_ERR_PARSE, "%s expected instead of '%c'", expected, byte);
    else
        sg_fail(error, SG_ERR_PARSE, "%s expected instead of byte 0x%02x", expected, (unsigned)byte);
    return JSON_BROKEN;
}

static bool is_bare(int byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '+' || byte == '.';
}

/* One number, word or string into the next value. */
static enum json_result read_value(struct json_rows *rows, struct sg_error *error)
{
    if (rows->count == JSON_VALUES_MAX) {
        sg_fail(error, SG_ERR_PARSE, "a row with more than %d values is no kline", JSON_VALUES_MAX);
        return JSON_BROKEN;
    }
    char *value = rows->values[rows->count];
    size_t length = 0;
    int byte = skip_space(rows, error);
    bool quoted = byte == '"';
    if (quoted)
        take_byte(rows);
    else if (!is_bare(byte))
        return broken(byte, error, "a number or a string");
    for (;;) {
        byte = peek_byte(rows, error);
        if (quoted ? byte == '"' : !is_bare(byte))
            break;
        if (byte < 0x20 || byte == '\\')
            return broken(byte, error, "the end of a string");
        if (length == JSON_VALUE_MAX) {
            sg_fail(error, SG_ERR_PARSE, "a value is longer than %d characters", JSON_VALUE_MAX);
            return JSON_BROKEN;
        }
        value[length++] = (char)byte;
        take_byte(rows);
    }
    if (byte == FAILED)
        return JSON_BROKEN;
    if (quoted)
        take_byte(rows);
    rows->lengths[rows->count++] = length;
    return JSON_ROW;
}

/* The values of one row; the '[' is taken already. */
static enum json_result read_values(struct json_rows *rows, struct sg_error *error)
{
    rows->count = 0;
    if (skip_space(rows, error) == ']') {
        take_byte(rows);
        return JSON_ROW;
    }
    for (;;) {
        enum json_result result = read_value(rows, error);
        if (result != JSON_ROW)
            return result;
        int byte = skip_space(rows, error);
        if (byte != ',' && byte != ']')
            return broken(byte, error, "',' or ']'");
        take_byte(rows);
        if (byte == ']')
            return JSON_ROW;
    }
}

static struct row_field field(const struct json_rows *rows, int index)
{
    return (struct row_field){rows->values[index], rows->lengths[index]};
}

static bool to_row(const struct json_rows *rows, struct series_row *ret_row, char reason[static ROW_REASON_BUF])
{
    struct series_row row = {.id = -1};
    if (rows->count != 6 && rows->count != 12) {
        snprintf(reason, ROW_REASON_BUF, "%d values instead of 6 or 12", rows->count);
        return false;
    }
    if (!sg_row_parse_time(field(rows, 0), &row.time_us, reason))
        return false;
    row.time_unit = sg_row_time_unit(field(rows, 0));
    if (sg_row_is_missing(field(rows, 4))) { /* a bar that its maker left out */
        row.missing = true;
        *ret_row = row;
        return true;
    }
    if (!sg_row_parse_price(field(rows, 1), "open", &row.open, reason) || !sg_row_parse_price(field(rows, 2), "high", &row.high, reason) ||
        !sg_row_parse_price(field(rows, 3), "low", &row.low, reason) || !sg_row_parse_price(field(rows, 4), "close", &row.close, reason) ||
        !sg_row_check_shape(&row, reason))
        return false;
    if (sg_row_is_missing(field(rows, 5)))
        row.flags |= SG_BAR_NO_VOLUME;
    else if (!sg_row_parse_quantity(field(rows, 5), &row, reason))
        return false;
    if (rows->count == 12) {
        int64_t close_us, count;
        if (!sg_row_parse_time(field(rows, 6), &close_us, reason) || !sg_row_parse_count(field(rows, 8), "number of trades", UINT32_MAX, &count, reason))
            return false;
        if (close_us <= row.time_us) {
            snprintf(reason, ROW_REASON_BUF, "the close time is not after the open time");
            return false;
        }
        int64_t length = close_us - row.time_us;
        row.step_us = length % SG_US_PER_S == 999999 ? length + 1 : length % SG_US_PER_S == 999000 ? length + 1000 : length;
        row.trades = (uint32_t)count;
        row.counted = true;
    }
    *ret_row = row;
    return true;
}

static enum json_result end_of_array(struct json_rows *rows, struct sg_error *error)
{
    rows->ended = true;
    int byte = skip_space(rows, error);
    if (byte == END_OF_INPUT)
        return JSON_END;
    return broken(byte, error, "the end of the file");
}

enum json_result sg_json_rows_next(struct json_rows *rows, struct series_row *ret_row, char reason[static ROW_REASON_BUF], struct sg_error *error)
{
    if (rows->ended)
        return JSON_END;
    int byte = skip_space(rows, error);
    if (!rows->begun) {
        if (byte != '[')
            return broken(byte, error, "'['");
        take_byte(rows);
        rows->begun = true;
        byte = skip_space(rows, error);
        if (byte == ']') {
            take_byte(rows);
            return end_of_array(rows, error);
        }
    } else {
        if (byte != ',' && byte != ']')
            return broken(byte, error, "',' or ']'");
        take_byte(rows);
        if (byte == ']')
            return end_of_array(rows, error);
        byte = skip_space(rows, error);
    }
    rows->row++;
    if (byte != '[')
        return broken(byte, error, "'['");
    take_byte(rows);
    enum json_result result = read_values(rows, error);
    if (result != JSON_ROW)
        return result;
    return to_row(rows, ret_row, reason) ? JSON_ROW : JSON_BAD_ROW;
}
