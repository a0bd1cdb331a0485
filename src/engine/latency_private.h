/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The median of the receive delay over the last 5 s, from at most 200 samples a second. One owner; allocates nothing. */
#include <stddef.h>
#include <stdint.h>

#define SG_LATENCY_SPAN_US INT64_C(5000000)
#define SG_LATENCY_STEP_US INT64_C(5000)
#define SG_LATENCY_SAMPLES 1024u /* > span / step, a power of two */

struct sg_latency {
    int64_t recv_us[SG_LATENCY_SAMPLES];
    int64_t delay_us[SG_LATENCY_SAMPLES];
    size_t next, length;
    int64_t last_recv_us;
};

/* Is a sample at recv_us wanted? Lets the caller skip the work of making one. */
static inline int sg_latency_wants(const struct sg_latency *latency, int64_t recv_us)
{
    return recv_us - latency->last_recv_us >= SG_LATENCY_STEP_US || recv_us < latency->last_recv_us;
}

void sg_latency_add(struct sg_latency *latency, int64_t recv_us, int64_t delay_us);
/* Milliseconds; NaN when no sample is younger than 5 s at now_us (the same clock as recv_us). */
double sg_latency_median_ms(const struct sg_latency *latency, int64_t now_us);
