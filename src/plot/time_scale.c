/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time axis: steps that a clock and a calendar have, in UTC or in the reader's own time. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "spreadglass/plot/scale.h"

enum unit { SECOND, DAY, MONTH, YEAR };
struct step {
    enum unit unit;
    int count;
    int64_t seconds; /* shortest length, for choosing */
};

static const struct step steps[] = {
    {SECOND, 1, 1},        {SECOND, 5, 5},         {SECOND, 15, 15},        {SECOND, 30, 30},       {SECOND, 60, 60},       {SECOND, 300, 300},
    {SECOND, 900, 900},    {SECOND, 1800, 1800},   {SECOND, 3600, 3600},    {SECOND, 10800, 10800}, {SECOND, 21600, 21600}, {SECOND, 43200, 43200},
    {DAY, 1, 86400},       {DAY, 2, 172800},       {DAY, 5, 432000},        {DAY, 10, 864000},      {DAY, 15, 1296000},     {MONTH, 1, 2419200},
    {MONTH, 3, 7776000},   {MONTH, 6, 15638400},   {YEAR, 1, 31536000},     {YEAR, 2, 63072000},    {YEAR, 5, 157680000},   {YEAR, 10, 315360000},
    {YEAR, 20, 630720000}, {YEAR, 50, 1576800000}, {YEAR, 100, 3153600000},
};
#define STEP_COUNT (sizeof steps / sizeof steps[0])

static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static bool civil(int64_t seconds, bool utc, struct tm *ret)
{
    time_t t = (time_t)seconds;
    return (utc ? gmtime_r(&t, ret) : localtime_r(&t, ret)) != NULL;
}

static int64_t from_civil(struct tm *fields, bool utc)
{
    fields->tm_isdst = -1;
    return utc ? (int64_t)timegm(fields) : (int64_t)mktime(fields);
}

static int days_in_month(const struct tm *at)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = at->tm_year + 1900;
    bool leap = at->tm_mon == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[(unsigned)at->tm_mon % 12] + leap;
}

static enum sg_time_weight weight_of(const struct tm *at)
{
    if (at->tm_sec != 0)
        return SG_TIME_SECOND;
    if (at->tm_min != 0)
        return SG_TIME_MINUTE;
    if (at->tm_hour != 0)
        return SG_TIME_HOUR;
    if (at->tm_mday != 1)
        return SG_TIME_DAY;
    return at->tm_mon != 0 ? SG_TIME_MONTH : SG_TIME_YEAR;
}

static const char *month_name(const struct tm *at)
{
    return months[(unsigned)at->tm_mon % 12];
}

static void label(struct sg_time_tick *tick, const struct tm *at, const struct step *step)
{
    tick->weight = weight_of(at);
    tick->bold = step->unit == SECOND  ? tick->weight >= SG_TIME_DAY
                 : step->unit == DAY   ? tick->weight >= SG_TIME_MONTH
                 : step->unit == MONTH ? tick->weight >= SG_TIME_YEAR
                                       : false;
    size_t size = sizeof tick->label;
    if (tick->weight == SG_TIME_YEAR && step->unit != SECOND)
        snprintf(tick->label, size, "%d", at->tm_year + 1900);
    else if (tick->weight >= SG_TIME_MONTH && step->unit != SECOND)
        snprintf(tick->label, size, "%s", month_name(at));
    else if (tick->weight >= SG_TIME_DAY)
        snprintf(tick->label, size, "%d %s", at->tm_mday, month_name(at));
    else if (tick->weight >= SG_TIME_MINUTE)
        snprintf(tick->label, size, "%02d:%02d", at->tm_hour, at->tm_min);
    else
        snprintf(tick->label, size, "%02d:%02d:%02d", at->tm_hour, at->tm_min, at->tm_sec);
}

/* The first boundary of the step at or after `from`, or the next one after `from` when `after`. Steps of up to an hour go by the clock's
 * offset, so that the hour that happens twice has all its ticks; longer ones go by the calendar. */
static int64_t boundary(const struct step *step, int64_t from, bool after, bool utc)
{
    struct tm at;
    if (!civil(from, utc, &at))
        return INT64_MAX;
    if (step->unit == SECOND && step->count <= 3600) {
        int64_t local = from + (utc ? 0 : at.tm_gmtoff);
        int64_t next = floor_div(local, step->count) * step->count;
        if (next < local || after)
            next += step->count;
        return from + (next - local);
    }
    struct tm fields = {.tm_year = at.tm_year, .tm_mon = at.tm_mon, .tm_mday = at.tm_mday};
    if (step->unit == SECOND) {
        fields.tm_hour = at.tm_hour - at.tm_hour % (step->count / 3600);
    } else if (step->unit == DAY) {
        fields.tm_mday = 1 + (at.tm_mday - 1) / step->count * step->count;
    } else if (step->unit == MONTH) {
        fields.tm_mday = 1;
        fields.tm_mon = at.tm_mon - at.tm_mon % step->count;
    } else {
        int year = at.tm_year + 1900;
        fields.tm_year = year - year % step->count - 1900;
        fields.tm_mon = 0;
        fields.tm_mday = 1;
    }
    for (int guard = 0; guard < 64; guard++) {
        struct tm candidate = fields;
        int month = candidate.tm_mon;
        int64_t time = from_civil(&candidate, utc);
        /* Days count from the first of the month; a stub at its end would crowd the first of the next. */
        bool stub =
            step->unit == DAY && step->count > 1 && (candidate.tm_mon != month || candidate.tm_mday + (step->count + 1) / 2 > days_in_month(&candidate));
        if (stub) {
            fields = (struct tm){.tm_year = fields.tm_year + (month + 1) / 12, .tm_mon = (month + 1) % 12, .tm_mday = 1};
            continue;
        }
        if (time > from || (time == from && !after))
            return time;
        if (step->unit == SECOND)
            fields.tm_hour += step->count / 3600;
        else if (step->unit == DAY)
            fields.tm_mday += step->count;
        else if (step->unit == MONTH)
            fields.tm_mon += step->count;
        else
            fields.tm_year += step->count;
        /* Normalise, so that the fields stay those of one day. */
        struct tm normal = fields;
        if (step->unit == DAY && step->count == 1 && timegm(&normal) != (time_t)-1)
            fields = (struct tm){.tm_year = normal.tm_year, .tm_mon = normal.tm_mon, .tm_mday = normal.tm_mday};
    }
    return INT64_MAX;
}

size_t sg_time_ticks(int64_t from_us, int64_t to_us, int64_t interval_us, double pixels, double gap, bool utc, size_t max, struct sg_time_tick ticks[])
{
    const int64_t limit = INT64_C(4000000000000000); /* the year 2096: beyond it, and before 1970, there is no market */
    if (!(pixels > 0) || !(gap > 0) || to_us <= from_us || from_us < 0 - limit || to_us > limit)
        return 0;
    double seconds_per_pixel = (double)(to_us - from_us) / 1e6 / pixels;
    size_t chosen = 0;
    while (chosen + 1 < STEP_COUNT && ((double)steps[chosen].seconds < seconds_per_pixel * gap || steps[chosen].seconds * 1000000 < interval_us))
        chosen++;
    const struct step *step = &steps[chosen];

    size_t count = 0;
    int64_t at = boundary(step, -floor_div(-from_us, 1000000), false, utc), end = floor_div(to_us, 1000000);
    while (at <= end && count < max) {
        struct tm fields;
        if (!civil(at, utc, &fields))
            break;
        ticks[count].time_us = at * 1000000;
        label(&ticks[count++], &fields, step);
        int64_t next = boundary(step, at, true, utc);
        if (next <= at)
            break;
        at = next;
    }
    return count;
}

size_t sg_time_label(int64_t time_us, int64_t interval_us, bool utc, bool year, char buffer[static 48])
{
    struct tm at;
    buffer[0] = '\0';
    if (!civil(floor_div(time_us, 1000000), utc, &at))
        return 0;
    int length =
        year ? snprintf(buffer, 48, "%d %s %d", at.tm_mday, month_name(&at), at.tm_year + 1900) : snprintf(buffer, 48, "%d %s", at.tm_mday, month_name(&at));
    if (interval_us < INT64_C(86400000000))
        length += snprintf(buffer + length, 48 - (size_t)length, " %02d:%02d", at.tm_hour, at.tm_min);
    if (interval_us < INT64_C(60000000))
        length += snprintf(buffer + length, 48 - (size_t)length, ":%02d", at.tm_sec);
    return (size_t)length;
}
