/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "date_survey_private.h"
#include <inttypes.h>
#include <stdio.h>

static void note(struct date_way *way, int64_t year, int64_t month, int64_t day, uint64_t line)
{
    if (!sg_row_is_date(year, month, day)) {
        way->impossible = way->impossible ? way->impossible : line;
        return;
    }
    int64_t days = sg_row_days_of(year, month, day);
    int direction = !way->any || days == way->before ? 0 : days > way->before ? 1 : -1;
    if (direction != 0 && way->direction == 0)
        way->direction = direction;
    way->disordered = way->disordered || (direction != 0 && direction != way->direction);
    way->any = true;
    way->before = days;
}

void sg_date_survey_note(struct date_survey *survey, struct row_field field, uint64_t line)
{
    int64_t first, second, year;
    if (!sg_row_date_numbers(field, &first, &second, &year))
        return;
    note(&survey->dmy, year, second, first, line);
    note(&survey->mdy, year, first, second, line);
}

enum row_date_order sg_date_survey_judge(const struct date_survey *survey, char reason[static ROW_REASON_BUF])
{
    const struct date_way *dmy = &survey->dmy, *mdy = &survey->mdy;
    if (dmy->impossible && mdy->impossible) {
        snprintf(reason, ROW_REASON_BUF,
                 "its dates are neither day/month nor month/day all through: line %" PRIu64 " is not the one, line %" PRIu64 " not the other", dmy->impossible,
                 mdy->impossible);
        return ROW_DATES_UNKNOWN;
    }
    bool same = !dmy->impossible == !mdy->impossible;
    if (!same || dmy->disordered != mdy->disordered)
        return (same ? dmy->disordered : dmy->impossible > 0) ? ROW_DATES_MDY : ROW_DATES_DMY;
    snprintf(reason, ROW_REASON_BUF,
             "its dates can be read as day/month and as month/day, and nothing in the file tells: --date-order dmy or --date-order mdy does");
    return ROW_DATES_UNKNOWN;
}
