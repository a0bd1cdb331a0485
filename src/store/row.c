/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of a row: times by their form or magnitude, prices and quantities through base/decimal. */
#include "row_private.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/market/bar.h"

#define DAY_US INT64_C(86400000000)
#define PRICE_MAX 1e15

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool fail(char reason[static ROW_REASON_BUF], const char *what, struct row_field field, const char *why)
{
    /* What is shown of a field: its beginning, printable. */
    char shown[41];
    size_t length = field.length < sizeof shown - 1 ? field.length : sizeof shown - 1;
    for (size_t i = 0; i < length; i++)
        shown[i] = field.text[i] >= 0x20 && field.text[i] < 0x7f ? field.text[i] : '?';
    shown[length] = '\0';
    snprintf(reason, ROW_REASON_BUF, "%s \"%s\"%s %s", what, shown, length < field.length ? "…" : "", why);
    return false;
}

bool sg_row_is_missing(struct row_field field)
{
    static const char *const words[] = {"", "NA", "NaN", "null", "N/A", "none", ".", "-", "--"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (field.length == strlen(words[i]) && strncasecmp(field.text, words[i], field.length) == 0)
            return true;
    return false;
}

bool sg_row_parse_truth(struct row_field field, bool *ret_value)
{
    bool yes = field.length == 4 && strncasecmp(field.text, "true", 4) == 0;
    bool no = field.length == 5 && strncasecmp(field.text, "false", 5) == 0;
    *ret_value = yes;
    return yes || no;
}

bool sg_row_parse_price(struct row_field field, const char *what, double *ret_price, char reason[static ROW_REASON_BUF])
{
    double value;
    enum sg_status status = sg_decimal_to_double(field.text, field.length, &value);
    if (status == SG_ERR_RANGE || (status == SG_OK && !(value < PRICE_MAX)))
        return fail(reason, what, field, "is too large");
    if (status != SG_OK)
        return fail(reason, what, field, memchr(field.text, ',', field.length) ? "is not a number: the decimal mark is a point" : "is not a number");
    if (!(value > 0))
        return fail(reason, what, field, "is not above zero");
    *ret_price = value;
    return true;
}

bool sg_row_parse_quantity(struct row_field field, struct series_row *row, char reason[static ROW_REASON_BUF])
{
    double value;
    if (sg_decimal_to_qty(field.text, field.length, &row->volume) == SG_OK)
        return row->volume >= 0 ? true : fail(reason, "volume", field, "is below zero");
    if (sg_decimal_to_double(field.text, field.length, &value) != SG_OK)
        return fail(reason, "volume", field, "is not a number");
    if (!(value >= 0) || value > 1e24)
        return fail(reason, "volume", field, value < 0 ? "is below zero" : "is too large");
    double units = value * 1e8;
    row->volume = (sg_qty)(units + 0.5);
    row->flags |= SG_BAR_VOLUME_ESTIMATED;
    return true;
}

bool sg_row_parse_count(struct row_field field, const char *what, int64_t maximum, int64_t *ret_count, char reason[static ROW_REASON_BUF])
{
    if (sg_decimal_to_int64(field.text, field.length, 0, maximum, ret_count) == SG_OK)
        return true;
    return fail(reason, what, field, "is not a whole number of a sensible size");
}

bool sg_row_check_shape(const struct series_row *row, char reason[static ROW_REASON_BUF])
{
    double upper = row->open > row->close ? row->open : row->close;
    double lower = row->open < row->close ? row->open : row->close;
    const char *wrong = row->high < upper ? "high is below open or close" : row->low > lower ? "low is above open or close" : NULL;
    if (!wrong)
        return true;
    char texts[4][SG_DECIMAL_BUF];
    sg_decimal_from_double(row->open, texts[0]);
    sg_decimal_from_double(row->high, texts[1]);
    sg_decimal_from_double(row->low, texts[2]);
    sg_decimal_from_double(row->close, texts[3]);
    snprintf(reason, ROW_REASON_BUF, "%s (open %s, high %s, low %s, close %s): are the columns in another order?", wrong, texts[0], texts[1], texts[2],
             texts[3]);
    return false;
}

/* Days since 1970-01-01 in the Gregorian calendar, counted from 1 March of year 0, so that the leap day is the last of its year. */
int64_t sg_row_days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month > 2 ? month - 3 : month + 9;
    int64_t from = month > 2 ? year : year - 1;
    return 365 * from + from / 4 - from / 100 + from / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

bool sg_row_is_date(int64_t year, int64_t month, int64_t day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && leap);
}

struct cursor {
    const char *at, *end;
};

static bool take_digits(struct cursor *cursor, int count, int64_t *ret_value)
{
    int64_t value = 0;
    if (cursor->end - cursor->at < count)
        return false;
    for (int i = 0; i < count; i++) {
        if (!is_digit(cursor->at[i]))
            return false;
        value = value * 10 + (cursor->at[i] - '0');
    }
    cursor->at += count;
    *ret_value = value;
    return true;
}

static bool take_char(struct cursor *cursor, char first, char second)
{
    if (cursor->at >= cursor->end || (*cursor->at != first && *cursor->at != second))
        return false;
    cursor->at++;
    return true;
}

/* The digits after the point, as microseconds; more than six are cut. */
static bool take_fraction(struct cursor *cursor, int64_t *ret_us)
{
    int64_t value = 0, unit = 100000;
    const char *begin = cursor->at;
    for (; cursor->at < cursor->end && is_digit(*cursor->at); cursor->at++, unit /= 10)
        value += (*cursor->at - '0') * unit;
    *ret_us = value;
    return cursor->at > begin;
}

static bool take_zone(struct cursor *cursor, int64_t *ret_us)
{
    *ret_us = 0;
    if (cursor->end - cursor->at == 4 && memcmp(cursor->at, " UTC", 4) == 0)
        cursor->at += 4;
    if (cursor->at == cursor->end || (take_char(cursor, 'Z', 'z') && cursor->at == cursor->end))
        return true;
    int64_t sign = *cursor->at == '-' ? 1 : -1, hours, minutes = 0;
    if (!take_char(cursor, '+', '-') || !take_digits(cursor, 2, &hours) || hours > 15)
        return false;
    if (cursor->at < cursor->end) {
        (void)take_char(cursor, ':', ':');
        if (!take_digits(cursor, 2, &minutes) || minutes > 59)
            return false;
    }
    *ret_us = sign * (hours * 60 + minutes) * 60 * SG_US_PER_S;
    return cursor->at == cursor->end;
}

static bool parse_iso(struct row_field field, int64_t *ret_us)
{
    struct cursor cursor = {field.text, field.text + field.length};
    int64_t year, month, day, hour = 0, minute = 0, second = 0, fraction = 0, zone = 0;
    if (!take_digits(&cursor, 4, &year) || !take_char(&cursor, '-', '/') || !take_digits(&cursor, 2, &month) || !take_char(&cursor, '-', '/') ||
        !take_digits(&cursor, 2, &day) || !sg_row_is_date(year, month, day))
        return false;
    if (cursor.at < cursor.end) {
        if (!take_char(&cursor, 'T', ' ') || !take_digits(&cursor, 2, &hour) || !take_char(&cursor, ':', ':') || !take_digits(&cursor, 2, &minute) ||
            hour > 23 || minute > 59)
            return false;
        if (take_char(&cursor, ':', ':')) {
            if (!take_digits(&cursor, 2, &second) || second > 59)
                return false;
            if (take_char(&cursor, '.', ',') && !take_fraction(&cursor, &fraction))
                return false;
        }
        if (!take_zone(&cursor, &zone))
            return false;
    }
    *ret_us = sg_row_days_of(year, month, day) * DAY_US + ((hour * 60 + minute) * 60 + second) * SG_US_PER_S + fraction + zone;
    return true;
}

/* Whole digits: a date (8), a date and time (14), or a count since 1970 whose magnitude tells its unit (1973 … 2100). */
static bool parse_digits(struct row_field field, size_t digits, int64_t *ret_us)
{
    struct cursor cursor = {field.text, field.text + field.length};
    int64_t value;
    if (digits == 8 || digits == 14) {
        int64_t year, month, day, hour = 0, minute = 0, second = 0;
        if (digits == field.length && take_digits(&cursor, 4, &year) && take_digits(&cursor, 2, &month) && take_digits(&cursor, 2, &day) &&
            sg_row_is_date(year, month, day) &&
            (digits == 8 || (take_digits(&cursor, 2, &hour) && take_digits(&cursor, 2, &minute) && take_digits(&cursor, 2, &second))) && hour < 24 &&
            minute < 60 && second < 60) {
            *ret_us = sg_row_days_of(year, month, day) * DAY_US + ((hour * 60 + minute) * 60 + second) * SG_US_PER_S;
            return true;
        }
        cursor.at = field.text;
    }
    if (digits == 0 || digits > 19 || sg_decimal_to_int64(field.text, digits, 0, INT64_MAX, &value) != SG_OK)
        return false;
    const int64_t least = 100000000, most = 4102444800; /* 1973-03-03, 2100-01-01, in seconds */
    int64_t fraction = 0;
    if (digits < field.length) { /* only seconds and milliseconds come with a fraction */
        cursor.at = field.text + digits;
        if (!take_char(&cursor, '.', '.') || !take_fraction(&cursor, &fraction) || cursor.at != cursor.end)
            return false;
    }
    if (value >= least && value < most)
        *ret_us = value * SG_US_PER_S + fraction;
    else if (value >= least * 1000 && value < most * 1000)
        *ret_us = value * SG_US_PER_MS + fraction / 1000;
    else if (value >= least * 1000000 && value < most * 1000000)
        *ret_us = value;
    else if (value >= least * 1000000000 && value / 1000000000 < most)
        *ret_us = value / 1000;
    else
        return false;
    return true;
}

bool sg_row_parse_time(struct row_field field, int64_t *ret_us, char reason[static ROW_REASON_BUF])
{
    return sg_row_parse_ordered_time(field, ROW_DATES_UNKNOWN, ret_us, reason);
}

bool sg_row_parse_ordered_time(struct row_field field, enum row_date_order order, int64_t *ret_us, char reason[static ROW_REASON_BUF])
{
    size_t digits = 0;
    while (digits < field.length && is_digit(field.text[digits]))
        digits++;
    bool whole = digits == field.length || field.text[digits] == '.';
    if (whole && parse_digits(field, digits, ret_us))
        return true;
    if (!whole && digits == 4 && parse_iso(field, ret_us))
        return true;
    if (sg_row_parse_date_text(field, order, ret_us))
        return true;
    double value;
    if (sg_decimal_to_double(field.text, field.length, &value) == SG_OK && memchr(field.text, 'E', field.length))
        return fail(reason, "time", field, "has lost its last digits (saved by a spreadsheet?)");
    if (whole && digits > 0)
        return fail(reason, "time", field, "is no date and no seconds, milliseconds, microseconds or nanoseconds between 1973 and 2100");
    return fail(reason, "time", field, "is not a date or time that is understood (YYYY-MM-DD[Thh:mm:ss], YYYYMMDD, or a count since 1970)");
}

enum sg_row_time_unit sg_row_time_unit(struct row_field field)
{
    size_t begin = 0;
    while (begin < field.length && field.text[begin] == '0')
        begin++;
    size_t digits = 0;
    while (begin + digits < field.length && is_digit(field.text[begin + digits]))
        digits++;
    switch (digits) { /* 1973 … 2100 is 9 or 10 digits of seconds, and 3 more for each finer unit; 8 and 14 are dates */
    case 9:
    case 10: return ROW_TIME_SECONDS;
    case 12:
    case 13: return ROW_TIME_MILLISECONDS;
    case 15:
    case 16: return ROW_TIME_MICROSECONDS;
    case 18:
    case 19: return ROW_TIME_NANOSECONDS;
    default: return ROW_TIME_DATES;
    }
}
