/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now) != 0) {
        return 0; /* cannot happen for the ids used here on Linux */
    }
    return (int64_t)now.tv_sec * SG_US_PER_S + now.tv_nsec / 1000;
}

static int64_t system_mono(void *context)
{
    (void)context;
    return read_clock(CLOCK_BOOTTIME);
}

static int64_t system_wall(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

const struct sg_clock *sg_clock_system(void)
{
    static const struct sg_clock clock = {system_mono, system_wall, NULL};

    return &clock;
}

size_t sg_time_format_iso(int64_t time_us, char buffer[static SG_TIME_BUF])
{
    int64_t seconds = time_us / SG_US_PER_S;
    int64_t rest = time_us % SG_US_PER_S;
    time_t clock_seconds;
    struct tm utc;
    int length;

    if (rest < 0) { /* before 1970: round down, not towards zero */
        rest += SG_US_PER_S;
        seconds--;
    }
    clock_seconds = (time_t)seconds;
    if (!gmtime_r(&clock_seconds, &utc)) {
        buffer[0] = '\0';
        return 0;
    }
    if (rest / SG_US_PER_MS == 0) {
        length = snprintf(buffer, SG_TIME_BUF, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                          utc.tm_sec);
    } else {
        length = snprintf(buffer, SG_TIME_BUF, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                          utc.tm_sec, (int)(rest / SG_US_PER_MS));
    }
    return (size_t)length;
}
