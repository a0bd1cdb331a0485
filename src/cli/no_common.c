/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "no_common_private.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "spreadglass/base/clock.h"

#define DAY_US (INT64_C(86400) * SG_US_PER_S)
#define HOUR_US (INT64_C(3600) * SG_US_PER_S)
#define LOOKED_AT 4096

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The commonest of them, sorted along the way. */
static int64_t commonest(int64_t *values, size_t count)
{
    int64_t best = 0;
    size_t most = 0;
    qsort(values, count, sizeof *values, compare);
    for (size_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && values[i + run] == values[i]; run++) {
        }
        if (run > most) {
            most = run;
            best = values[i];
        }
    }
    return best;
}

/* Where in its day (or its bar, when that is shorter) a leg's bars are stamped. */
static int64_t usual_phase(const struct sg_bar *bars, size_t count, int64_t length_us)
{
    int64_t phases[LOOKED_AT];
    size_t looked = count < LOOKED_AT ? count : LOOKED_AT;
    for (size_t i = 0; i < looked; i++)
        phases[i] = bars[i].time_us % length_us;
    return commonest(phases, looked);
}

static const char *clock_text(int64_t us, char text[static 16])
{
    int64_t seconds = us / SG_US_PER_S;
    snprintf(text, 16, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
    return text;
}

/* "2 h", "5:30 h", "12 s" */
static const char *shift_text(int64_t us, char text[static 24])
{
    int64_t seconds = us / SG_US_PER_S;
    if (seconds % 3600 == 0)
        snprintf(text, 24, "%d h", (int)(seconds / 3600));
    else
        (void)clock_text(us, text);
    return text;
}

static bool is_end_of_day(int64_t phase_us)
{
    return phase_us >= DAY_US - 60 * SG_US_PER_S;
}

static void advise_days(int64_t phase_a, int64_t phase_b, char *text, size_t size)
{
    char at_a[16], at_b[16], shift[24];
    bool end_a = is_end_of_day(phase_a), end_b = is_end_of_day(phase_b);
    if (end_a != end_b && (phase_a == 0 || phase_b == 0)) {
        snprintf(text, size, "%s's are stamped at %s, the end of their day, and %s's at midnight, its beginning: take %s off %s's times", end_a ? "A" : "B",
                 clock_text(end_a ? phase_a : phase_b, at_a), end_a ? "B" : "A", clock_text(end_a ? phase_a : phase_b, at_b), end_a ? "A" : "B");
        return;
    }
    bool later_a = phase_a > phase_b;
    int64_t shift_us = later_a ? phase_a - phase_b : phase_b - phase_a;
    snprintf(text, size, "A's are stamped at %s of their day and B's at %s (UTC)%s: if they mean the same days, take %s off %s's times",
             clock_text(phase_a, at_a), clock_text(phase_b, at_b), shift_us % HOUR_US == 0 ? ", as in another zone or at another hour of closing" : "",
             shift_text(shift_us, shift), later_a ? "A" : "B");
}

/* How much later than the nearest bar of B most bars of A begin. */
static int64_t usual_shift(const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b)
{
    int64_t shifts[LOOKED_AT];
    size_t looked = 0, at = 0;
    for (size_t i = 0; i < count_a && looked < LOOKED_AT; i++) {
        if (a[i].time_us < b[0].time_us)
            continue;
        while (at + 1 < count_b && b[at + 1].time_us <= a[i].time_us)
            at++;
        int64_t before = a[i].time_us - b[at].time_us, after = at + 1 < count_b ? a[i].time_us - b[at + 1].time_us : before;
        shifts[looked++] = -after < before ? (after < 0 ? after : before) : before;
    }
    return looked > 0 ? commonest(shifts, looked) : 0;
}

static void advise_bars(const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b, char *text, size_t size)
{
    char shift[24];
    int64_t shift_us = usual_shift(a, count_a, b, count_b);
    int64_t apart_us = shift_us < 0 ? -shift_us : shift_us;
    if (apart_us == SG_US_PER_S || (apart_us > 0 && apart_us < SG_US_PER_S))
        snprintf(text, size, "%s's are stamped in the last second of a bar and %s's in the first: stamp both at the beginning", shift_us < 0 ? "A" : "B",
                 shift_us < 0 ? "B" : "A");
    else
        snprintf(text, size, "A's begin %s %s than B's%s: stamp both alike", shift_text(apart_us, shift), shift_us < 0 ? "earlier" : "later",
                 apart_us % (HOUR_US / 4) == 0 ? ", as in another zone" : "");
}

void sg_no_common_text(const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b, int64_t interval_us, char *text, size_t size)
{
    char first[2][SG_TIME_BUF], last[2][SG_TIME_BUF], advice[320];
    sg_time_format_iso(a[0].time_us, first[0]);
    sg_time_format_iso(a[count_a - 1].time_us, last[0]);
    sg_time_format_iso(b[0].time_us, first[1]);
    sg_time_format_iso(b[count_b - 1].time_us, last[1]);
    if (a[count_a - 1].time_us < b[0].time_us || b[count_b - 1].time_us < a[0].time_us)
        snprintf(advice, sizeof advice, "they do not overlap: get both for the same time");
    else if (interval_us >= DAY_US && usual_phase(a, count_a, DAY_US) != usual_phase(b, count_b, DAY_US))
        advise_days(usual_phase(a, count_a, DAY_US), usual_phase(b, count_b, DAY_US), advice, sizeof advice);
    else if (interval_us >= DAY_US)
        snprintf(advice, sizeof advice, "they are of different days");
    else
        advise_bars(a, count_a, b, count_b, advice, sizeof advice);
    snprintf(text, size, "no bar of A begins when one of B does: A's run from %s to %s, B's from %s to %s; %s", first[0], last[0], first[1], last[1], advice);
}
