/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A JSON array of klines, row by row, without ever holding more than a row: `[[time, open, high, low, close, volume, …], …]`. */
#include "input_private.h"
#include "row_private.h"

#define JSON_VALUES_MAX 16
#define JSON_VALUE_MAX 64

struct json_rows {
    struct series_input *input;
    char buffer[64 << 10];
    size_t begin, end;
    bool at_end, begun, ended;
    uint64_t row;  /* number of the row read last, from 1 */
    uint64_t line; /* line it stands on, from 1 */
    char values[JSON_VALUES_MAX][JSON_VALUE_MAX];
    size_t lengths[JSON_VALUES_MAX];
    int count;
};

enum json_result { JSON_ROW, JSON_BAD_ROW /* whole, but its values are wrong: may be skipped */, JSON_END, JSON_BROKEN };

void sg_json_rows_init(struct json_rows *rows, struct series_input *input);
/* JSON_BROKEN: the text is not JSON of that shape, or cannot be read; `error` has status and reason. JSON_BAD_ROW: `reason`. */
enum json_result sg_json_rows_next(struct json_rows *rows, struct series_row *ret_row, char reason[static ROW_REASON_BUF], struct sg_error *error);
