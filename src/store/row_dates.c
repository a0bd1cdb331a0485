/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates as people and their programs write them: with month names, day or month first, dots, and the hour with AM or PM. */
#include <string.h>
#include <strings.h>
#include "row_private.h"
#include "spreadglass/base/clock.h"

#define DAY_US INT64_C(86400000000)

struct text_at {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1 to `most` digits; their number, 0: none. */
static int take_number(struct text_at *text, int most, int64_t *ret_value)
{
    int digits = 0;
    int64_t value = 0;
    for (; digits < most && text->at < text->end && is_digit(*text->at); digits++)
        value = value * 10 + (*text->at++ - '0');
    *ret_value = value;
    return digits;
}

/* What stands between the parts of a date: one sign, and spaces. False: nothing does. */
static bool take_separator(struct text_at *text, char *ret_sign)
{
    const char *begin = text->at;
    *ret_sign = ' ';
    while (text->at < text->end && strchr(" ,-/.", *text->at)) {
        if (*text->at != ' ')
            *ret_sign = *text->at;
        text->at++;
    }
    return text->at > begin;
}

/* "Jan", "january", "Sept."; 0: none. */
static int64_t take_month(struct text_at *text)
{
    static const char *const names[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
    size_t length = 0;
    while (text->at + length < text->end && ((text->at[length] | 0x20) >= 'a' && (text->at[length] | 0x20) <= 'z'))
        length++;
    for (size_t i = 0; i < 12 && length >= 3; i++)
        if (length <= strlen(names[i]) ? strncasecmp(text->at, names[i], length) == 0 : false) {
            text->at += length;
            return (int64_t)i + 1;
        }
    if (length == 4 && strncasecmp(text->at, "sept", 4) == 0) {
        text->at += length;
        return 9;
    }
    return 0;
}

static bool take_year(struct text_at *text, int64_t *ret_year)
{
    int digits = take_number(text, 4, ret_year);
    if (digits == 2)
        *ret_year += *ret_year < 70 ? 2000 : 1900;
    return digits == 2 || digits == 4;
}

/* Two numbers and a year, the numbers not yet told apart. */
static bool take_numbers(struct text_at *text, int64_t *ret_first, int64_t *ret_second, int64_t *ret_year, char *ret_sign)
{
    char second_sign;
    return take_number(text, 2, ret_first) > 0 && take_separator(text, ret_sign) && take_number(text, 2, ret_second) > 0 &&
           take_separator(text, &second_sign) && second_sign == *ret_sign && *ret_sign != ' ' && *ret_sign != ',' && take_year(text, ret_year);
}

bool sg_row_date_numbers(struct row_field field, int64_t *ret_first, int64_t *ret_second, int64_t *ret_year)
{
    struct text_at text = {field.text, field.text + field.length};
    char sign;
    return take_numbers(&text, ret_first, ret_second, ret_year, &sign) && sign != '.';
}

static bool take_date(struct text_at *text, enum row_date_order order, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day)
{
    struct text_at begin = *text;
    char sign;
    if ((*ret_month = take_month(text)) > 0)
        return take_separator(text, &sign) && take_number(text, 2, ret_day) > 0 && take_separator(text, &sign) && take_year(text, ret_year);
    if (take_number(text, 2, ret_day) > 0 && !(text->at < text->end && is_digit(*text->at)) && take_separator(text, &sign) &&
        (*ret_month = take_month(text)) > 0)
        return take_separator(text, &sign) && take_year(text, ret_year);
    *text = begin;
    if (take_number(text, 4, ret_year) == 4 && take_separator(text, &sign) && take_number(text, 2, ret_month) > 0 && take_separator(text, &sign))
        return take_number(text, 2, ret_day) > 0;
    *text = begin;
    int64_t first, second;
    if (!take_numbers(text, &first, &second, ret_year, &sign) || (order == ROW_DATES_UNKNOWN && sign != '.'))
        return false;
    bool day_first = sign == '.' || order == ROW_DATES_DMY;
    *ret_day = day_first ? first : second;
    *ret_month = day_first ? second : first;
    return true;
}

/* "14:30", "14:30:05.25", "2:30 PM", "02-PM", "143000", "1430". */
static bool take_clock(struct text_at *text, int64_t *ret_us)
{
    int64_t hour, minute = 0, second = 0, fraction = 0, unit = 100000;
    struct text_at begin = *text;
    int digits = take_number(text, 6, &hour);
    if (digits == 6 || digits == 4) {
        second = digits == 6 ? hour % 100 : 0;
        minute = digits == 6 ? hour / 100 % 100 : hour % 100;
        hour /= digits == 6 ? 10000 : 100;
    } else {
        *text = begin;
        if (take_number(text, 2, &hour) == 0)
            return false;
        bool colon = text->at < text->end && *text->at == ':';
        if (colon && (text->at++, take_number(text, 2, &minute) != 2))
            return false;
        if (colon && text->at < text->end && *text->at == ':' && (text->at++, take_number(text, 2, &second) != 2))
            return false;
        digits = colon ? 2 : 0;
    }
    if (digits > 0 && text->at < text->end && *text->at == '.')
        for (text->at++; text->at < text->end && is_digit(*text->at); text->at++, unit /= 10)
            fraction += (*text->at - '0') * unit;
    const char *rest = text->at;
    while (rest < text->end && (*rest == ' ' || *rest == '-'))
        rest++;
    if (text->end - rest >= 2 && (rest[1] | 0x20) == 'm' && ((rest[0] | 0x20) == 'a' || (rest[0] | 0x20) == 'p')) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + ((rest[0] | 0x20) == 'p' ? 12 : 0);
        text->at = rest + 2;
    } else if (digits == 0) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_us = ((hour * 60 + minute) * 60 + second) * SG_US_PER_S + fraction;
    return true;
}

bool sg_row_is_clock(struct row_field field)
{
    struct text_at text = {field.text, field.text + field.length};
    int64_t unused;
    return take_clock(&text, &unused) && text.at == text.end;
}

bool sg_row_parse_date_text(struct row_field field, enum row_date_order order, int64_t *ret_us)
{
    struct text_at text = {field.text, field.text + field.length};
    int64_t year, month, day, clock = 0;
    size_t begins = 0;
    while (begins < field.length && is_digit(field.text[begins]))
        begins++;
    if (field.length > 9 && begins == 8 && field.text[8] == ' ') { /* 20240102 153000 */
        struct text_at digits = {field.text, field.text + 4}, two = {field.text + 4, field.text + 6}, last = {field.text + 6, field.text + 8};
        take_number(&digits, 4, &year);
        take_number(&two, 2, &month);
        take_number(&last, 2, &day);
        text.at = field.text + 8;
    } else if (!take_date(&text, order, &year, &month, &day)) {
        return false;
    }
    if (!sg_row_is_date(year, month, day))
        return false;
    if (text.at < text.end) {
        if (*text.at != ' ' && *text.at != 'T' && *text.at != ',')
            return false;
        while (text.at < text.end && strchr(" T,", *text.at))
            text.at++;
        if (!take_clock(&text, &clock))
            return false;
        bool utc = text.end - text.at == 4 && memcmp(text.at, " UTC", 4) == 0;
        if (!utc && text.at < text.end && !(text.end - text.at == 1 && *text.at == 'Z'))
            return false;
    }
    *ret_us = sg_row_days_of(year, month, day) * DAY_US + clock;
    return true;
}
