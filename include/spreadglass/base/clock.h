/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The one owner of "now".
 *
 * `mono` measures durations and goes on during suspend (CLOCK_BOOTTIME). `wall` is microseconds since 1970-01-01 UTC,
 * for display and for stamping; it is never used to close a bar. Code under test takes a `const struct sg_clock *`. */
#include <stddef.h>
#include <stdint.h>

#define SG_US_PER_MS INT64_C(1000)
#define SG_US_PER_S INT64_C(1000000)

struct sg_clock {
    int64_t (*mono_us)(void *context);
    int64_t (*wall_us)(void *context);
    void *context;
};

/* The machine's clocks. Static storage; any thread. */
const struct sg_clock *sg_clock_system(void);

static inline int64_t sg_clock_mono(const struct sg_clock *clock)
{
    return clock->mono_us(clock->context);
}

static inline int64_t sg_clock_wall(const struct sg_clock *clock)
{
    return clock->wall_us(clock->context);
}

#define SG_TIME_BUF 40
/* "2024-08-08T23:54:15.342Z" (milliseconds are dropped when zero). UTC, no locale. Returns the length. Any thread. */
size_t sg_time_format_iso(int64_t time_us, char buffer[static SG_TIME_BUF]);
