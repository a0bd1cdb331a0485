/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to try again. */
#include "backoff_private.h"

#include <stddef.h>

static const int64_t delays_ms[] = {500, 1000, 2000, 5000, 10000, 30000, 60000};

int64_t sg_backoff_next(struct sg_backoff *backoff, uint32_t random)
{
    size_t last = sizeof delays_ms / sizeof *delays_ms - 1;
    int64_t delay = delays_ms[backoff->attempt < last ? backoff->attempt : last] * 1000;
    if (backoff->attempt < UINT32_MAX)
        backoff->attempt++;
    return delay + delay * 3 / 10 * (random % 1024) / 1023;
}

void sg_backoff_healthy(struct sg_backoff *backoff)
{
    backoff->attempt = 0;
}
