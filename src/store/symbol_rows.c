/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol_rows_private.h"
#include <stdio.h>
#include <string.h>

void sg_symbol_rows_init(struct symbol_rows *rows, const char *wanted, bool exact)
{
    memset(rows, 0, sizeof *rows);
    rows->wanted = wanted;
    rows->exact = exact;
    rows->taken = SIZE_MAX;
}

/* The place of the name among those seen; SYMBOL_ROWS_NAMES when there is no more room. */
static size_t place_of(struct symbol_rows *rows, struct row_field field)
{
    if (rows->count > 0 && sg_csv_same_text(field, rows->names[rows->last]))
        return rows->last;
    for (size_t i = 0; i < rows->count; i++)
        if (sg_csv_same_text(field, rows->names[i]))
            return i;
    if (rows->count == SYMBOL_ROWS_NAMES) {
        rows->more = true;
        return SYMBOL_ROWS_NAMES;
    }
    memcpy(rows->names[rows->count], field.text, field.length);
    rows->names[rows->count][field.length] = '\0';
    return rows->count++;
}

enum symbol_row sg_symbol_rows_look(struct symbol_rows *rows, struct row_field field, char reason[static ROW_REASON_BUF])
{
    if (field.length == 0 || field.length >= SG_SYMBOL_BUF) {
        snprintf(reason, ROW_REASON_BUF, field.length == 0 ? "the symbol is missing" : "the symbol is longer than %d characters", SG_SYMBOL_BUF - 1);
        return SYMBOL_ROW_BAD;
    }
    if (rows->taken != SIZE_MAX && rows->last == rows->taken && sg_csv_same_text(field, rows->names[rows->taken]))
        return SYMBOL_ROW_TAKE;
    size_t place = place_of(rows, field);
    bool exact = sg_csv_same_text(field, rows->wanted);
    bool wanted = !rows->wanted[0] || exact || (!rows->exact && sg_csv_same_instrument(field, rows->wanted));
    if (place < rows->count)
        rows->last = place;
    if (wanted && rows->taken != SIZE_MAX && place != rows->taken) {
        rows->several = rows->several || !rows->wanted[0];
        rows->ambiguous = rows->ambiguous || rows->wanted[0];
        wanted = false;
    }
    if (wanted && place == SYMBOL_ROWS_NAMES) { /* late, and after many others: it takes the last place */
        place = SYMBOL_ROWS_NAMES - 1;
        memcpy(rows->names[place], field.text, field.length);
        rows->names[place][field.length] = '\0';
        rows->last = place;
    }
    if (wanted) {
        rows->taken = place;
        return SYMBOL_ROW_TAKE;
    }
    rows->others++;
    return SYMBOL_ROW_LEAVE;
}

bool sg_symbol_rows_has_exact(const struct symbol_rows *rows)
{
    bool exact = false;
    for (size_t i = 0; i < rows->count && !rows->exact; i++)
        exact = exact || sg_csv_same_text((struct row_field){rows->names[i], strlen(rows->names[i])}, rows->wanted);
    return rows->ambiguous && exact;
}

static void list_names(const struct symbol_rows *rows, char *buffer, size_t size)
{
    size_t length = 0, shown = 0;
    buffer[0] = '\0';
    for (; shown < rows->count && length + 34 < size; shown++) {
        int added = snprintf(buffer + length, size - length, "%s%.20s", shown ? ", " : "", rows->names[shown]);
        length += added > 0 ? (size_t)added : 0;
    }
    if (rows->more || shown < rows->count)
        snprintf(buffer + length, size - length, rows->more ? " and more" : " and %zu more", rows->count - shown);
    for (size_t i = 0; buffer[i]; i++)
        if ((unsigned char)buffer[i] < 0x20 || buffer[i] == 0x7f)
            buffer[i] = '?';
}

enum sg_status sg_symbol_rows_judge(const struct symbol_rows *rows, char reason[static ROW_REASON_BUF])
{
    char names[220];
    list_names(rows, names, sizeof names);
    if (rows->several) {
        snprintf(reason, ROW_REASON_BUF, "it holds several instruments: %s; choose by name, with --pair A/B or --symbol", names);
        return SG_ERR_PARSE;
    }
    if (rows->ambiguous) {
        snprintf(reason, ROW_REASON_BUF, "more than one of its instruments is %.40s: %s", rows->wanted, names);
        return SG_ERR_PARSE;
    }
    if (rows->wanted[0] && rows->taken == SIZE_MAX && rows->count > 0) {
        snprintf(reason, ROW_REASON_BUF, "it has no rows of %.40s; it has: %s", rows->wanted, names);
        return SG_ERR_PARSE;
    }
    return SG_OK;
}
