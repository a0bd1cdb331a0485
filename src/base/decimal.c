/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/decimal.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QTY_DECIMALS 8
#define QTY_INTEGER_DIGITS 27 /* 10^27 units of 1e-8 still leave a factor of 1000 below the end of 128 bits */
#define EXACT_DIGITS 15       /* every integer of 15 digits is a double */
#define EXACT_POWER 22        /* 10^22 is the largest power of ten that is a double */
#define FIXED_DECIMALS_MAX 12
#define FIXED_LIMIT 1e30 /* 31 digits, sign, point and 12 decimals fit the buffer */

/* Made once and never freed: it lives as long as the process. NULL when there was no memory for it. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t get_c_locale(void)
{
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale;
}

static const double powers_of_ten[EXACT_POWER + 1] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* The pieces of a decimal: all digits (the point taken out) start at `digits`. */
struct scanned {
    bool negative;
    bool has_exponent;
    const char *integer;
    size_t integer_length;
    const char *fraction;
    size_t fraction_length;
    int exponent; /* clamped to +-99999: beyond any double whatever the digits are */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool scan(const char *text, size_t length, struct scanned *out)
{
    size_t i = 0;

    *out = (struct scanned){0};
    if (length == 0 || length > SG_DECIMAL_MAX) {
        return false;
    }
    if (text[i] == '-') {
        out->negative = true;
        i++;
    }
    out->integer = text + i;
    while (i < length && is_digit(text[i])) {
        i++;
    }
    out->integer_length = (size_t)(text + i - out->integer);
    if (out->integer_length == 0) {
        return false;
    }
    if (i < length && text[i] == '.') {
        i++;
        out->fraction = text + i;
        while (i < length && is_digit(text[i])) {
            i++;
        }
        out->fraction_length = (size_t)(text + i - out->fraction);
        if (out->fraction_length == 0) {
            return false;
        }
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        bool negative = false;
        size_t first;

        out->has_exponent = true;
        i++;
        if (i < length && (text[i] == '+' || text[i] == '-')) {
            negative = text[i] == '-';
            i++;
        }
        first = i;
        while (i < length && is_digit(text[i])) {
            if (out->exponent < 10000) {
                out->exponent = out->exponent * 10 + (text[i] - '0');
            }
            i++;
        }
        if (i == first) {
            return false;
        }
        if (negative) {
            out->exponent = -out->exponent;
        }
    }
    return i == length;
}

/* Adds the digits to *mantissa; returns how many are significant so far (leading zeros are not). */
static size_t add_digits(const char *digits, size_t length, size_t significant, uint64_t *mantissa)
{
    for (size_t i = 0; i < length; i++) {
        if (significant > 0 || digits[i] != '0') {
            significant++;
        }
        if (significant <= EXACT_DIGITS) {
            *mantissa = *mantissa * 10 + (uint64_t)(digits[i] - '0');
        }
    }
    return significant;
}

enum sg_status sg_decimal_to_double(const char *text, size_t length, double *ret_value)
{
    struct scanned number;
    uint64_t mantissa = 0;
    size_t significant;
    int power;

    if (!scan(text, length, &number)) {
        return SG_ERR_PARSE;
    }
    significant = add_digits(number.integer, number.integer_length, 0, &mantissa);
    significant = add_digits(number.fraction, number.fraction_length, significant, &mantissa);
    power = number.exponent - (int)number.fraction_length;

#if FLT_EVAL_METHOD == 0
    /* Both operands are exact, so the one operation rounds once: the result is the nearest double. */
    if (significant <= EXACT_DIGITS && power >= -EXACT_POWER && power <= EXACT_POWER) {
        double value = (double)mantissa;

        value = power < 0 ? value / powers_of_ten[-power] : value * powers_of_ten[power];
        *ret_value = number.negative ? -value : value;
        return SG_OK;
    }
#endif
    {
        locale_t locale = get_c_locale();
        char copy[SG_DECIMAL_MAX + 1];
        double value;

        if (!locale) {
            return SG_ERR_NOMEM;
        }
        memcpy(copy, text, length);
        copy[length] = '\0';
        value = strtod_l(copy, NULL, locale);
        if (!isfinite(value)) {
            return SG_ERR_RANGE;
        }
        *ret_value = value; /* an underflow is the nearest double too: a subnormal or zero */
        return SG_OK;
    }
}

enum sg_status sg_decimal_plain_to_double(const char *text, size_t length, double *ret_value)
{
    if (memchr(text, 'e', length) || memchr(text, 'E', length)) {
        return SG_ERR_PARSE;
    }
    return sg_decimal_to_double(text, length, ret_value);
}

enum sg_status sg_decimal_to_qty(const char *text, size_t length, sg_qty *ret_value)
{
    struct scanned number;
    sg_qty value = 0;
    size_t significant = 0;

    if (!scan(text, length, &number) || number.has_exponent) {
        return SG_ERR_PARSE;
    }
    for (size_t i = 0; i < number.integer_length; i++) {
        if (significant > 0 || number.integer[i] != '0') {
            significant++;
        }
        if (significant > QTY_INTEGER_DIGITS) {
            return SG_ERR_RANGE;
        }
        value = value * 10 + (number.integer[i] - '0');
    }
    for (size_t i = 0; i < QTY_DECIMALS; i++) {
        value = value * 10 + (i < number.fraction_length ? number.fraction[i] - '0' : 0);
    }
    for (size_t i = QTY_DECIMALS; i < number.fraction_length; i++) {
        if (number.fraction[i] != '0') {
            return SG_ERR_RANGE;
        }
    }
    *ret_value = number.negative ? -value : value;
    return SG_OK;
}

enum sg_status sg_decimal_to_int64(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_value)
{
    struct scanned number;
    __int128 value = 0;

    if (!scan(text, length, &number) || number.has_exponent || number.fraction) {
        return SG_ERR_PARSE;
    }
    for (size_t i = 0; i < number.integer_length; i++) {
        value = value * 10 + (number.integer[i] - '0');
        if (value > (__int128)INT64_MAX + 1) {
            return SG_ERR_RANGE;
        }
    }
    if (number.negative) {
        value = -value;
    }
    if (value < min || value > max) {
        return SG_ERR_RANGE;
    }
    *ret_value = (int64_t)value;
    return SG_OK;
}

static size_t copy_text(char buffer[static SG_DECIMAL_BUF], const char *text)
{
    size_t length = strlen(text);

    memcpy(buffer, text, length + 1);
    return length;
}

size_t sg_decimal_from_double(double value, char buffer[static SG_DECIMAL_BUF])
{
    locale_t locale = get_c_locale();
    locale_t before;
    int length = 0;

    if (!isfinite(value) || !locale) {
        return copy_text(buffer, "null");
    }
    before = uselocale(locale); /* of this thread only */
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        double back;

        length = snprintf(buffer, SG_DECIMAL_BUF, "%.*g", digits, value);
        if (digits == DBL_DECIMAL_DIG || (sg_decimal_to_double(buffer, (size_t)length, &back) == SG_OK && back == value)) {
            break;
        }
    }
    uselocale(before);
    return (size_t)length;
}

size_t sg_decimal_from_double_fixed(double value, int decimals, char buffer[static SG_DECIMAL_BUF])
{
    locale_t locale = get_c_locale();
    locale_t before;
    int length;

    if (fabs(value) >= FIXED_LIMIT || !isfinite(value) || !locale) {
        return sg_decimal_from_double(value, buffer);
    }
    decimals = decimals < 0 ? 0 : decimals > FIXED_DECIMALS_MAX ? FIXED_DECIMALS_MAX : decimals;
    before = uselocale(locale);
    length = snprintf(buffer, SG_DECIMAL_BUF, "%.*f", decimals, value);
    uselocale(before);
    if (buffer[0] == '-' && strspn(buffer + 1, "0.") == (size_t)length - 1) {
        memmove(buffer, buffer + 1, (size_t)length); /* with the NUL */
        length--;
    }
    return (size_t)length;
}

int sg_decimal_part_digits(double value, int decimals)
{
    double size = fabs(value);

    if (!(size < 1) || size < 1 - 0.5 * pow(10, -decimals)) {
        return decimals;
    }
    return decimals < SG_DECIMAL_PART_MOST && size < 1 - 0.5 * pow(10, -SG_DECIMAL_PART_MOST) ? SG_DECIMAL_PART_MOST : -1;
}

size_t sg_decimal_from_double_scientific(double value, int digits, char buffer[static SG_DECIMAL_BUF])
{
    locale_t locale = get_c_locale();
    locale_t before;
    char *exponent;
    char *first;

    if (!isfinite(value) || !locale) {
        return sg_decimal_from_double(value, buffer);
    }
    digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    before = uselocale(locale);
    snprintf(buffer, SG_DECIMAL_BUF, "%.*e", digits - 1, value);
    uselocale(before);
    exponent = strchr(buffer, 'e') + 1; /* C writes it with a sign and at least two digits */
    first = exponent + 1 + strspn(exponent + 1, "0");
    first -= *first == '\0';
    exponent += *exponent == '-';
    memmove(exponent, first, strlen(first) + 1);
    return strlen(buffer);
}

size_t sg_decimal_from_qty(sg_qty value, char buffer[static SG_DECIMAL_BUF])
{
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    char reversed[SG_DECIMAL_BUF];
    size_t count = 0;
    size_t length = 0;
    size_t drop = 0;

    while (rest > 0 || count <= QTY_DECIMALS) {
        reversed[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    while (drop < QTY_DECIMALS && reversed[drop] == '0') {
        drop++;
    }
    if (value < 0) {
        buffer[length++] = '-';
    }
    for (size_t i = count; i-- > drop;) {
        if (i == QTY_DECIMALS - 1) {
            buffer[length++] = '.';
        }
        buffer[length++] = reversed[i];
    }
    buffer[length] = '\0';
    return length;
}

double sg_qty_to_double(sg_qty value)
{
    const sg_qty exact = (sg_qty)1 << DBL_MANT_DIG;

    if (value >= -exact && value <= exact) {
        return (double)value / 1e8; /* both exact: one rounding */
    }
    {
        char text[SG_DECIMAL_BUF];
        size_t length = sg_decimal_from_qty(value, text);
        double result;

        /* Only lack of memory for the locale can fail here; then one rounding too many is the lesser evil. */
        if (sg_decimal_to_double(text, length, &result) != SG_OK) {
            result = (double)value / 1e8;
        }
        return result;
    }
}
