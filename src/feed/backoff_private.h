/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* When to try again: for ever, ever more slowly, never in step with others. Plain values. */
#include <stdint.h>

#define SG_BACKOFF_HEALTHY_US INT64_C(10000000) /* data must flow this long before the delays start over */

struct sg_backoff {
    unsigned attempt; /* failures since the last healthy stretch */
};

/* The delay before the next attempt, in microseconds: 0.5, 1, 2, 5, 10, 30, then 60 s, plus up to 30 % by `random`. Counts the attempt. */
int64_t sg_backoff_next(struct sg_backoff *backoff, uint32_t random);
void sg_backoff_healthy(struct sg_backoff *backoff);
