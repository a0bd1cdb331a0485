/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backfill_ranges_private.h"
#include <string.h>

void sg_ranges_add(struct sg_ranges *ranges, int64_t from_us, int64_t to_us)
{
    if (from_us >= to_us)
        return;
    size_t first = 0;
    while (first < ranges->length && ranges->range[first].to_us < from_us)
        first++;
    size_t end = first;
    for (; end < ranges->length && ranges->range[end].from_us <= to_us; end++) {
        if (ranges->range[end].from_us < from_us)
            from_us = ranges->range[end].from_us;
        if (ranges->range[end].to_us > to_us)
            to_us = ranges->range[end].to_us;
    }
    if (end == first && ranges->length == SG_RANGES_MAXIMUM) {
        if (first == 0)
            return; /* older than everything remembered */
        memmove(ranges->range, ranges->range + 1, (ranges->length - 1) * sizeof *ranges->range);
        ranges->length--;
        first--;
        end--;
    }
    memmove(ranges->range + first + 1, ranges->range + end, (ranges->length - end) * sizeof *ranges->range);
    ranges->length = ranges->length - (end - first) + 1;
    ranges->range[first] = (struct sg_range){from_us, to_us};
}

void sg_ranges_trim(struct sg_ranges *ranges, int64_t from_us)
{
    while (ranges->length > 0 && ranges->range[ranges->length - 1].from_us >= from_us)
        ranges->length--;
    if (ranges->length > 0 && ranges->range[ranges->length - 1].to_us > from_us)
        ranges->range[ranges->length - 1].to_us = from_us;
}

int64_t sg_ranges_skip(const struct sg_ranges *ranges, int64_t time_us)
{
    for (size_t i = 0; i < ranges->length; i++)
        if (time_us >= ranges->range[i].from_us && time_us < ranges->range[i].to_us)
            return ranges->range[i].to_us;
    return time_us;
}

bool sg_missing_bars(const struct sg_bar_store *store, const struct sg_ranges *asked, int64_t interval_us, int64_t from_us, int64_t to_us, int64_t settled_us,
                     struct sg_range *ret_missing, int64_t *ret_waits_us)
{
    bool found = false;
    *ret_waits_us = INT64_MAX;
    size_t next = sg_bar_store_lower_bound(store, from_us);
    for (int64_t time_us = from_us; time_us < to_us;) {
        if (next < store->length && sg_bar_store_at(store, next)->time_us == time_us) {
            uint32_t doubts = sg_bar_store_at(store, next)->flags & SG_BAR_DOUBTFUL;
            bool waits = doubts == SG_BAR_UNSETTLED && time_us + interval_us > settled_us, whole = doubts == 0 || waits;
            if (waits && time_us < *ret_waits_us)
                *ret_waits_us = time_us;
            next++;
            if (whole) {
                time_us += interval_us;
                continue;
            }
        }
        int64_t end_us = sg_ranges_skip(asked, time_us);
        if (end_us > time_us) {
            time_us = end_us;
            next = sg_bar_store_lower_bound(store, time_us);
            continue;
        }
        if (!found)
            ret_missing->from_us = time_us;
        found = true;
        time_us += interval_us;
        ret_missing->to_us = time_us;
    }
    return found;
}
