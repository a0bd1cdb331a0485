/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cut_line_private.h"
#include <stdio.h>
#include <string.h>

#define MANY_ROWS 20 /* from so many on, what none of them did is no accident */

struct number_shape {
    int digits, decimals; /* before the point, behind it */
    double value;
};

/* Digits, a sign before them, a point among them: nothing else. */
static bool shape_of(struct row_field field, struct number_shape *ret_shape)
{
    struct number_shape shape = {0};
    size_t at = field.length > 0 && (field.text[0] == '-' || field.text[0] == '+') ? 1 : 0;
    bool point = false;
    for (; at < field.length; at++) {
        char c = field.text[at];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            shape.digits += !point;
            shape.decimals += point;
        } else {
            return false;
        }
    }
    (void)sg_decimal_to_double(field.text, field.length, &shape.value);
    *ret_shape = shape;
    return shape.digits + shape.decimals > 0;
}

void sg_line_ends_note(struct line_ends *ends, const struct csv_fields *fields)
{
    struct row_field last = fields->field[fields->count - 1];
    struct number_shape shape;
    bool first = ends->rows++ == 0;
    if (first || fields->count < ends->columns)
        ends->columns = fields->count;
    if (first || last.length < ends->least_length)
        ends->least_length = last.length;
    bool number = shape_of(last, &shape);
    ends->all_numbers = number && (first || ends->all_numbers);
    if (!number)
        return;
    if (!ends->any_number || shape.decimals < ends->least_decimals)
        ends->least_decimals = shape.decimals;
    if (!ends->any_number || shape.decimals > ends->most_decimals)
        ends->most_decimals = shape.decimals;
    if (!ends->any_number || shape.digits < ends->least_digits)
        ends->least_digits = shape.digits;
    ends->any_number = true;
    ends->value = shape.value;
}

bool sg_line_ends_is_cut(const struct line_ends *ends, const struct csv_fields *fields, bool *ret_doubtful, char reason[static ROW_REASON_BUF])
{
    struct row_field last = fields->field[fields->count - 1];
    struct number_shape shape;
    *ret_doubtful = false;
    if (fields->count < ends->columns) {
        snprintf(reason, ROW_REASON_BUF, "the file is cut off in this line: %d column%s instead of %d", fields->count, fields->count == 1 ? "" : "s",
                 ends->columns);
        return true;
    }
    if (ends->rows == 0)
        return false;
    int shown = last.length < 30 ? (int)last.length : 30;
    if (!shape_of(last, &shape) || !ends->all_numbers) {
        if (last.length >= ends->least_length || (ends->all_numbers && last.length > 0))
            return false;
        snprintf(reason, ROW_REASON_BUF, "the file is cut off in this line: its last value \"%.*s\" is shorter than in every line before it", shown, last.text);
        return true;
    }
    bool whole = shape.decimals == 0;
    if (shape.decimals < ends->least_decimals) {
        snprintf(reason, ROW_REASON_BUF, "the file is cut off in this line: its last value \"%.*s\" has %d decimals, and in every line before it at least %d",
                 shown, last.text, shape.decimals, ends->least_decimals);
        return true;
    }
    if (whole && shape.digits < ends->least_digits && (ends->rows >= MANY_ROWS || ends->most_decimals > 0) && shape.value * 5 < ends->value) {
        snprintf(reason, ROW_REASON_BUF, "the file is cut off in this line: its last value \"%.*s\" has %d digits, and in every line before it at least %d",
                 shown, last.text, shape.digits, ends->least_digits);
        return true;
    }
    *ret_doubtful = shape.decimals < ends->most_decimals;
    return false;
}
