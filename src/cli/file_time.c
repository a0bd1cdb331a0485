/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/cli/file_time.h"

#include <stdbool.h>
#include <string.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

/* Reads exactly `digits` digits within [min, max] and steps over them. */
static bool take_number(const char **cursor, size_t digits, int64_t min, int64_t max, int64_t *ret)
{
    if (strnlen(*cursor, digits) < digits || sg_decimal_to_int64(*cursor, digits, min, max, ret) != SG_OK)
        return false;
    *cursor += digits;
    return true;
}

/* Days since 1970-01-01 of a proleptic Gregorian date: Howard Hinnant's days_from_civil, the usual closed form. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

enum sg_status sg_file_time_parse(const char *text, int64_t *ret_time_us)
{
    int64_t ms = 0;
    if (sg_decimal_to_int64(text, strlen(text), INT64_C(0), INT64_C(4102444800000), &ms) == SG_OK) {
        *ret_time_us = ms * SG_US_PER_MS;
        return SG_OK;
    }
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *at = text;
    int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction_us = 0;
    if (!take_number(&at, 4, 1970, 2100, &year) || *at++ != '-' || !take_number(&at, 2, 1, 12, &month) || *at++ != '-' ||
        !take_number(&at, 2, 1, month_days[month - 1], &day))
        return SG_ERR_PARSE;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return SG_ERR_PARSE;
    if (*at == 'T' || *at == ' ') {
        at++;
        if (!take_number(&at, 2, 0, 23, &hour) || *at++ != ':' || !take_number(&at, 2, 0, 59, &minute))
            return SG_ERR_PARSE;
        if (*at == ':') {
            at++;
            if (!take_number(&at, 2, 0, 59, &second))
                return SG_ERR_PARSE;
            if (*at == '.') {
                at++;
                int64_t scale = 100000;
                size_t digits = strspn(at, "0123456789");
                if (digits == 0 || digits > 6)
                    return SG_ERR_PARSE;
                for (size_t i = 0; i < digits; i++, scale /= 10)
                    fraction_us += (at[i] - '0') * scale;
                at += digits;
            }
        }
        if (*at == 'Z')
            at++;
    }
    if (*at != '\0')
        return SG_ERR_PARSE;
    *ret_time_us = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 * SG_US_PER_S + second * SG_US_PER_S + fraction_us;
    return SG_OK;
}
