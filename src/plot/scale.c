/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/scale.h"
#include <math.h>
#include <string.h>
#include "spreadglass/base/decimal.h"

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* value * 10^exponent. Dividing by an exact power rounds once: 3 / 1e1 is 0.3, 3 * 1e-1 is not. */
static double times_power(double value, int exponent)
{
    if (exponent >= 0)
        return value * (exponent <= 22 ? exact_powers[exponent] : pow(10, exponent));
    return value / (exponent >= -22 ? exact_powers[-exponent] : pow(10, -exponent));
}

double sg_value_step(const struct sg_value_ticks *ticks)
{
    return times_power(ticks->mantissa, ticks->exponent);
}

double sg_value_tick(const struct sg_value_ticks *ticks, int index)
{
    return times_power((ticks->first + index) * ticks->mantissa, ticks->exponent);
}

struct sg_value_ticks sg_value_ticks(double low, double high, double pixels, double gap)
{
    struct sg_value_ticks ticks = {.mantissa = 1};
    double range = high - low;
    if (!(range > 0) || !isfinite(range) || !(pixels > 0) || !(gap > 0))
        return ticks;
    double wanted = range * fmin(gap / pixels, 1);
    int exponent = (int)floor(log10(wanted));
    double scaled = times_power(wanted, -exponent);
    double mantissa = scaled <= 1 ? 1 : scaled <= 2 ? 2 : scaled <= 5 ? 5 : 10;
    if (mantissa >= 10) {
        mantissa = 1;
        exponent++;
    }
    double step = times_power(mantissa, exponent);
    double first = ceil(low / step), last = floor(high / step);
    /* Beyond 2^53 steps from zero neighbouring ticks are the same double: there is nothing honest to label. */
    if (!isfinite(step) || step <= 0 || fabs(first) > 9e15 || fabs(last) > 9e15 || last < first)
        return ticks;
    ticks.first = first;
    ticks.mantissa = mantissa;
    ticks.exponent = exponent;
    ticks.count = last - first >= SG_VALUE_TICKS_MAX ? SG_VALUE_TICKS_MAX : (int)(last - first) + 1;
    ticks.decimals = exponent >= 0 ? 0 : exponent < -12 ? 12 : -exponent;
    return ticks;
}

int sg_value_decimals(double magnitude)
{
    magnitude = fabs(magnitude);
    if (!isfinite(magnitude) || magnitude == 0)
        return 2;
    int leading = (int)floor(log10(magnitude)), digits = 5 - leading, least = 3 - leading;
    if (magnitude >= 100)
        return 2;
    if (digits > 8)
        digits = least < 8 ? 8 : least;
    return digits > 12 ? 12 : digits < 2 ? 2 : digits;
}

size_t sg_value_format(double value, int decimals, bool plus, char buffer[static SG_VALUE_BUF])
{
    static const char dash[] = "\xE2\x80\x93", minus[] = "\xE2\x88\x92", thin[] = "\xE2\x80\x89";
    if (!isfinite(value)) {
        memcpy(buffer, dash, sizeof dash);
        return sizeof dash - 1;
    }
    char text[SG_DECIMAL_BUF];
    bool grouped = fabs(value) < 1e15;
    decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
    size_t length = grouped ? sg_decimal_from_double_fixed(value, decimals, text) : sg_decimal_from_double(value, text);
    size_t at = 0, read = 0;
    if (text[0] == '-') {
        memcpy(buffer, minus, sizeof minus - 1);
        at = sizeof minus - 1;
        read = 1;
    } else if (plus && strspn(text, "0.") < length) {
        buffer[at++] = '+';
    }
    size_t whole = strcspn(text + read, ".eE");
    for (size_t i = 0; read + i < length && at + 4 < SG_VALUE_BUF; i++) {
        if (grouped && i > 0 && i < whole && (whole - i) % 3 == 0) {
            memcpy(buffer + at, thin, sizeof thin - 1);
            at += sizeof thin - 1;
        }
        buffer[at++] = text[read + i];
    }
    buffer[at] = '\0';
    return at;
}

int sg_value_unit(double magnitude)
{
    magnitude = fabs(magnitude);
    if (!isfinite(magnitude) || magnitude == 0 || (magnitude >= 1e-3 && magnitude < 1e6))
        return 0;
    int exponent = (int)floor(log10(magnitude));
    return exponent >= 6 && exponent < 15 ? exponent / 3 * 3 : exponent;
}

size_t sg_value_format_unit(double value, int unit, int decimals, bool plus, char buffer[static SG_VALUE_BUF])
{
    static const char minus[] = "\xE2\x88\x92";
    if (unit == 0 || !isfinite(value))
        return sg_value_format(value, decimals, plus, buffer);
    if (value == 0)
        return sg_value_format(value, 0, plus, buffer);
    /* In two steps where one power would not be a double: 5e-324 is counted in e-324. */
    double counted = unit < -300 ? times_power(times_power(value, 300), -unit - 300) : times_power(value, -unit);
    char sign[SG_DECIMAL_BUF + 8] = "";
    if (unit == 6 || unit == 9 || unit == 12) {
        sign[0] = unit == 6 ? 'M' : unit == 9 ? 'B' : 'T';
        sign[1] = '\0';
    } else {
        sign[0] = 'e';
        size_t start = 1;
        if (unit < 0) {
            memcpy(sign + 1, minus, sizeof minus - 1);
            start = sizeof minus;
        }
        sg_decimal_from_double_fixed(fabs((double)unit), 0, sign + start);
    }
    size_t at = sg_value_format(counted, decimals, plus, buffer), more = strlen(sign);
    if (at + more < SG_VALUE_BUF) {
        memcpy(buffer + at, sign, more + 1);
        at += more;
    }
    return at;
}
