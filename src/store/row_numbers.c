/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as people and their programs write them: thousands apart, a comma for the point, a currency, K and M. */
#include <stdio.h>
#include <string.h>
#include "row_private.h"

/* Currency signs and spaces that are no data, at the beginning; their length. */
static size_t ornament(const char *text, size_t length)
{
    static const char *const signs[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", " ", "\xc2\xa0", "\xe2\x80\xaf"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t size = strlen(signs[i]);
        if (length >= size && memcmp(text, signs[i], size) == 0)
            return size;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits in threes with the sign between them: "1,010", "1.010.500". */
static bool in_threes(const char *text, size_t length, char sign)
{
    size_t run = 0, groups = 0;
    for (size_t i = 0; i < length; i++) {
        if (is_digit(text[i])) {
            run++;
        } else if (text[i] == sign) {
            if (groups++ == 0 ? run < 1 || run > 3 : run != 3)
                return false;
            run = 0;
        } else {
            return false;
        }
    }
    return groups > 0 && run == 3;
}

bool sg_row_plain_number(struct row_field field, const char *what, struct row_marks *marks, char buffer[static ROW_NUMBER_BUF], struct row_field *ret_plain,
                         char reason[static ROW_REASON_BUF])
{
    size_t plain = 0;
    while (plain < field.length && (is_digit(field.text[plain]) || field.text[plain] == '.' || field.text[plain] == '-'))
        plain++;
    *ret_plain = field;
    if (plain == field.length && !marks->decimal_comma && memchr(field.text, '.', plain) == memrchr(field.text, '.', plain)) {
        marks->decimal_point = marks->decimal_point || memchr(field.text, '.', plain);
        return true;
    }
    char text[ROW_NUMBER_BUF];
    size_t length = 0, at = 0;
    while (at < field.length) { /* signs of currency and of thousands that are no comma or point */
        size_t size = ornament(field.text + at, field.length - at);
        if (size == 0 && field.text[at] == '\'')
            size = 1;
        if (size == 0 && field.text[at] == '+' && length == 0)
            size = 1;
        if (size == 0) {
            if (length == ROW_NUMBER_BUF - 1)
                return true; /* no number: said by who reads it */
            text[length++] = field.text[at++];
        } else {
            at += size;
        }
    }
    size_t begin = length > 0 && text[0] == '-', whole = begin;
    const char *comma = memchr(text, ',', length), *last_comma = memrchr(text, ',', length), *point = memchr(text, '.', length),
               *last_point = memrchr(text, '.', length);
    char mark = '\0', thousands = '\0';
    if (comma && point) {
        mark = last_comma > last_point ? ',' : '.';
        thousands = mark == ',' ? '.' : ',';
        whole = (size_t)((mark == ',' ? last_comma : last_point) - text);
        if (!in_threes(text + begin, whole - begin, thousands))
            return true;
    } else if (comma && in_threes(text + begin, length - begin, ',') && (comma != last_comma || (!marks->decimal_comma && marks->quoted_commas))) {
        thousands = ',';
        marks->thousands_comma = true;
    } else if (comma) {
        mark = comma == last_comma ? ',' : '\0';
    } else if (point != last_point && in_threes(text + begin, length - begin, '.')) {
        thousands = '.';
    } else if (point && marks->decimal_comma && in_threes(text + begin, length - begin, '.')) {
        thousands = '.';
    }
    bool comma_here = mark == ',', point_here = mark == '.' || (point && !thousands && mark != ','),
         points_before = marks->decimal_point || marks->thousands_comma;
    if ((comma_here && points_before) || ((point_here || marks->thousands_comma) && marks->decimal_comma)) {
        snprintf(reason, ROW_REASON_BUF, "%s \"%.*s\" is not a number: the decimal mark is a %s in those before it", what,
                 (int)(field.length < 30 ? field.length : 30), field.text, marks->decimal_comma ? "comma" : "point");
        return false;
    }
    marks->decimal_comma = marks->decimal_comma || comma_here;
    marks->decimal_point = marks->decimal_point || point_here;
    size_t written = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != thousands)
            buffer[written++] = mark == ',' && text[i] == ',' ? '.' : text[i];
    *ret_plain = (struct row_field){buffer, written};
    return true;
}

double sg_row_take_suffix(struct row_field *field)
{
    static const char letters[] = "KMBT";
    double factor = 1;
    if (field->length < 2)
        return 1;
    char last = field->text[field->length - 1];
    last = last >= 'a' && last <= 'z' ? (char)(last - 'a' + 'A') : last;
    for (size_t i = 0; letters[i]; i++) {
        factor *= 1000;
        if (letters[i] == last && is_digit(field->text[field->length - 2])) {
            field->length--;
            return factor;
        }
    }
    return 1;
}
