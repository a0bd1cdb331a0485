/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The length of a file's bars: the commonest distance of two rows, so that one odd row changes nothing. */
#include <stdlib.h>
#include "builder_private.h"
#include "spreadglass/base/clock.h"

#define DAY_US (INT64_C(86400) * SG_US_PER_S)
#define FEW_ROWS 20
#define MONTH_LEAST_US (28 * DAY_US)

void sg_row_spacing_note(struct row_spacing *spacing, int64_t time_us)
{
    int64_t distance = spacing->noted ? time_us - spacing->noted_us : 0;
    distance = distance < 0 ? -distance : distance;
    if (distance > 0 && spacing->count < HEAD_ROWS)
        spacing->distances[spacing->count++] = distance;
    spacing->noted = true;
    spacing->noted_us = time_us;
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Lengths that bars have: of two distances that are as common, such a one is the spacing. */
static bool is_usual(int64_t distance_us)
{
    static const int seconds[] = {1, 5, 15, 30, 60, 180, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200, 86400, 604800};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (distance_us == seconds[i] * SG_US_PER_S)
            return true;
    return false;
}

bool sg_row_spacing_fits(int64_t distance_us, int64_t step_us)
{
    if (step_us < DAY_US)
        return distance_us >= step_us && distance_us % step_us == 0;
    /* Clocks are put forward and back, half days of trading end early: by whole half hours. A week with a holiday begins a day late. */
    return distance_us >= step_us / 4 * 3 && distance_us % (1800 * SG_US_PER_S) == 0;
}

int64_t sg_row_spacing_find(struct row_spacing *spacing, bool *ret_regular)
{
    int64_t best = 0;
    size_t most = 0, fitting = 0;
    qsort(spacing->distances, spacing->count, sizeof *spacing->distances, compare);
    for (size_t i = 0, run; i < spacing->count; i += run) {
        int64_t distance = spacing->distances[i];
        for (run = 1; i + run < spacing->count && spacing->distances[i + run] == distance; run++) {
        }
        if (run > most || (run == most && is_usual(distance) && !is_usual(best))) {
            most = run;
            best = distance;
        }
    }
    for (size_t i = 0; i < spacing->count; i++)
        fitting += sg_row_spacing_fits(spacing->distances[i], best);
    /* An odd row spoils two distances; more than a few of them are no exception. */
    bool common = best > 0 && fitting * 2 >= spacing->count;
    *ret_regular = common && (spacing->count < FEW_ROWS || fitting * 10 >= spacing->count * 9);
    if (common && best < MONTH_LEAST_US)
        return best;
    for (size_t i = 0; i < spacing->count; i++)
        if (!common || sg_row_spacing_fits(spacing->distances[i], best))
            return spacing->distances[i];
    return best;
}
