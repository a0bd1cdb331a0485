/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Is the last line of a file cut off? A line end is missing there in many whole files too: what the lines before it have in common decides. */
#include "csv_private.h"

struct line_ends {
    uint64_t rows;
    int columns; /* the fewest; to begin with, those of the header */
    int least_decimals, most_decimals, least_digits;
    size_t least_length; /* of a last field that is no number */
    bool all_numbers, any_number;
    double value; /* of the last number */
};

/* A line that has its end. */
void sg_line_ends_note(struct line_ends *ends, const struct csv_fields *fields);
/* The last line, without one. True: it is cut off, with the reason. *ret_doubtful: it may be, and nothing tells. */
bool sg_line_ends_is_cut(const struct line_ends *ends, const struct csv_fields *fields, bool *ret_doubtful, char reason[static ROW_REASON_BUF]);
