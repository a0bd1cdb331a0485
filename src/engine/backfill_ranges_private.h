/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What was asked already: half-open ranges of time, merged where they touch, bounded (the earliest is forgotten). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bar_store_private.h"

#define SG_RANGES_MAXIMUM 64u

struct sg_range {
    int64_t from_us, to_us;
};

struct sg_ranges {
    struct sg_range range[SG_RANGES_MAXIMUM]; /* ascending, apart */
    size_t length;
};

void sg_ranges_add(struct sg_ranges *ranges, int64_t from_us, int64_t to_us);
/* Nothing from from_us on counts as asked any more. */
void sg_ranges_trim(struct sg_ranges *ranges, int64_t from_us);
/* The end of the range that covers time_us; time_us itself when none does. */
int64_t sg_ranges_skip(const struct sg_ranges *ranges, int64_t time_us);

/* First and last time of the grid in [from, to) that neither the store nor `asked` has: *ret_missing spans them. False: none. INCOMPLETE bars do not count
 * as there; those that nothing has proved yet (SG_BAR_UNSETTLED) do not where they ended by settled_us. *ret_waits_us: the earliest of the latter that is
 * waited for; INT64_MAX: none. */
bool sg_missing_bars(const struct sg_bar_store *store, const struct sg_ranges *asked, int64_t interval_us, int64_t from_us, int64_t to_us, int64_t settled_us,
                     struct sg_range *ret_missing, int64_t *ret_waits_us);
