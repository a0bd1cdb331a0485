/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/number_text.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/analytics/verdict.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define MINUS "\u2212"
#define THIN_SPACE "\u2009"

const char *sg_text_fixed(double value, int decimals, bool sign, char buffer[static SG_TEXT_BUF])
{
    /* 1e15 and beyond no longer fit with groups, and are no number that anybody reads digit by digit. */
    if (!isfinite(value) || fabs(value) >= 1e15) {
        g_strlcpy(buffer, SG_TEXT_UNDEFINED, SG_TEXT_BUF);
        return buffer;
    }
    char plain[SG_DECIMAL_BUF];
    sg_decimal_from_double_fixed(value, CLAMP(decimals, 0, 12), plain);
    const char *digits = plain[0] == '-' ? plain + 1 : plain;
    size_t whole = strcspn(digits, ".");
    buffer[0] = '\0';
    if (plain[0] == '-')
        g_strlcat(buffer, MINUS, SG_TEXT_BUF);
    else if (sign)
        g_strlcat(buffer, "+", SG_TEXT_BUF);
    for (size_t i = 0; i < whole; i++) {
        char digit[2] = {digits[i], '\0'};
        if (i > 0 && (whole - i) % 3 == 0 && whole > 4)
            g_strlcat(buffer, THIN_SPACE, SG_TEXT_BUF);
        g_strlcat(buffer, digit, SG_TEXT_BUF);
    }
    g_strlcat(buffer, digits + whole, SG_TEXT_BUF);
    return buffer;
}

/* The hedge ratio of a coin worth a hundred-thousandth of a cent against one worth a house is no 0.00000000. */
static const char *with_exponent(double value, int digits, char buffer[static SG_TEXT_BUF])
{
    char plain[SG_DECIMAL_BUF];
    sg_decimal_from_double_scientific(value, digits, plain);
    buffer[0] = '\0';
    for (const char *at = plain; *at != '\0'; at++) {
        char digit[2] = {*at, '\0'};
        g_strlcat(buffer, *at == '-' ? MINUS : digit, SG_TEXT_BUF);
    }
    return buffer;
}

const char *sg_text_significant(double value, int digits, char buffer[static SG_TEXT_BUF])
{
    int decimals = digits - 1;
    double size = fabs(value);
    if (isfinite(value) && size > 0) {
        if (size < 1e-6 || size >= 1e15)
            return with_exponent(value, digits, buffer);
        decimals -= (int)floor(log10(size) + 1e-12);
    }
    return sg_text_fixed(value, CLAMP(decimals, 0, 8), false, buffer);
}

const char *sg_text_part(double value, int decimals, bool sign, char buffer[static SG_TEXT_BUF])
{
    int digits = sg_decimal_part_digits(value, decimals);
    if (digits >= 0)
        return sg_text_fixed(value, digits, sign, buffer);
    g_strlcpy(buffer, value > 0 ? "> " SG_DECIMAL_PART_EDGE : "< " MINUS SG_DECIMAL_PART_EDGE, SG_TEXT_BUF);
    return buffer;
}

const char *sg_text_p_value(double p, char buffer[static SG_TEXT_BUF])
{
    if (isfinite(p) && p < 0.001) {
        g_strlcpy(buffer, "< 0.001", SG_TEXT_BUF);
        return buffer;
    }
    if (isfinite(p) && p > 0.999) { /* it is never certain */
        g_strlcpy(buffer, "> 0.999", SG_TEXT_BUF);
        return buffer;
    }
    return sg_text_fixed(p, 3, false, buffer);
}

const char *sg_text_duration(int64_t us, char buffer[static SG_TEXT_BUF])
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    double seconds = (double)us / (double)SG_US_PER_S;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        double count = seconds / units[i].seconds;
        if (count < 1 && i + 1 < G_N_ELEMENTS(units))
            continue;
        char number[SG_TEXT_BUF];
        bool whole = i >= 2 || count >= 10;
        sg_text_fixed(count, whole ? 0 : 1, false, number);
        g_snprintf(buffer, SG_TEXT_BUF, "%s %s", number, units[i].name);
        break;
    }
    return buffer;
}

const char *sg_text_half_life(double bars, int64_t interval_us, char buffer[static SG_TEXT_BUF])
{
    sg_half_life_text(bars, interval_us, buffer, SG_TEXT_BUF);
    return buffer;
}

const char *sg_text_half_life_bars(double bars, char buffer[static SG_TEXT_BUF])
{
    sg_half_life_bars_text(bars, buffer, SG_TEXT_BUF);
    return buffer;
}

const char *sg_text_clock(int64_t time_us, int64_t now_us, bool utc, char buffer[static SG_TEXT_BUF])
{
    g_autoptr(GTimeZone) zone = utc ? g_time_zone_new_utc() : g_time_zone_new_local();
    g_autoptr(GDateTime) epoch = g_date_time_new_from_unix_utc(time_us / SG_US_PER_S);
    g_autoptr(GDateTime) today = g_date_time_new_from_unix_utc(now_us / SG_US_PER_S);
    if (epoch == NULL || today == NULL) {
        g_strlcpy(buffer, SG_TEXT_UNDEFINED, SG_TEXT_BUF);
        return buffer;
    }
    g_autoptr(GDateTime) local = g_date_time_to_timezone(epoch, zone);
    g_autoptr(GDateTime) local_now = g_date_time_to_timezone(today, zone);
    bool same_day =
        g_date_time_get_year(local) == g_date_time_get_year(local_now) && g_date_time_get_day_of_year(local) == g_date_time_get_day_of_year(local_now);
    g_autofree char *text = g_date_time_format(local, same_day ? "%H:%M:%S" : "%-d %b %H:%M:%S");
    g_strlcpy(buffer, text, SG_TEXT_BUF);
    return buffer;
}
