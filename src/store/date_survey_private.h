/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Is 3/4/2024 in March or in April? The whole column decides: a number above 12 is no month, and rows are in order. */
#include "row_private.h"

struct date_way {
    uint64_t impossible; /* the first line that cannot be read so; 0: none */
    bool disordered, any;
    int64_t before; /* days, of the row before */
    int direction;
};

struct date_survey {
    bool on;
    struct date_way dmy, mdy;
};

void sg_date_survey_note(struct date_survey *survey, struct row_field field, uint64_t line);
/* ROW_DATES_UNKNOWN: nothing decides, with the reason. */
enum row_date_order sg_date_survey_judge(const struct date_survey *survey, char reason[static ROW_REASON_BUF]);
