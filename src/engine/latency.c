/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_private.h"
#include <math.h>
#include <stdlib.h>

_Static_assert(SG_LATENCY_SPAN_US / SG_LATENCY_STEP_US < SG_LATENCY_SAMPLES, "the samples must span the whole time");

void sg_latency_add(struct sg_latency *latency, int64_t recv_us, int64_t delay_us)
{
    latency->recv_us[latency->next] = recv_us;
    latency->delay_us[latency->next] = delay_us;
    latency->next = (latency->next + 1) % SG_LATENCY_SAMPLES;
    if (latency->length < SG_LATENCY_SAMPLES)
        latency->length++;
    latency->last_recv_us = recv_us;
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

double sg_latency_median_ms(const struct sg_latency *latency, int64_t now_us)
{
    int64_t recent[SG_LATENCY_SAMPLES];
    size_t count = 0;
    for (size_t i = 0; i < latency->length; i++)
        if (now_us - latency->recv_us[i] <= SG_LATENCY_SPAN_US)
            recent[count++] = latency->delay_us[i];
    if (count == 0)
        return (double)NAN;
    qsort(recent, count, sizeof *recent, compare);
    int64_t twice = recent[(count - 1) / 2] + recent[count / 2];
    return (double)twice / 2000.0;
}
