/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "id_set_private.h"
#include <stdlib.h>
#include <string.h>

static uint64_t length_of(const struct sg_id_run *run)
{
    return (uint64_t)(run->last - run->first) + 1;
}

/* Index of the first run that ends at or after `id`. */
static size_t find(const struct sg_id_set *set, int64_t id)
{
    size_t low = 0, high = set->length;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->runs[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void sg_id_set_free(struct sg_id_set *set)
{
    free(set->runs);
    *set = (struct sg_id_set){0};
}

static bool make_room(struct sg_id_set *set)
{
    if (set->length < set->capacity)
        return true;
    if (set->length == SG_ID_SET_MAXIMUM) {
        set->forgotten += length_of(&set->runs[0]);
        memmove(set->runs, set->runs + 1, --set->length * sizeof *set->runs);
        return true;
    }
    size_t capacity = set->capacity ? set->capacity * 2 : 16;
    struct sg_id_run *grown = realloc(set->runs, capacity * sizeof *grown);
    if (!grown)
        return false;
    set->runs = grown;
    set->capacity = capacity;
    return true;
}

enum sg_status sg_id_set_add(struct sg_id_set *set, int64_t first, int64_t last)
{
    if (!make_room(set))
        return SG_ERR_NOMEM;
    size_t from = find(set, first > INT64_MIN ? first - 1 : first), to = from; /* touching runs become one */
    for (; to < set->length && set->runs[to].first <= (last < INT64_MAX ? last + 1 : last); to++) {
        first = set->runs[to].first < first ? set->runs[to].first : first;
        last = set->runs[to].last > last ? set->runs[to].last : last;
    }
    memmove(set->runs + from + 1, set->runs + to, (set->length - to) * sizeof *set->runs);
    set->length = set->length - (to - from) + 1;
    set->runs[from] = (struct sg_id_run){first, last};
    return SG_OK;
}

enum sg_status sg_id_set_remove(struct sg_id_set *set, int64_t first, int64_t last)
{
    size_t from = find(set, first);
    if (from < set->length && set->runs[from].first < first && set->runs[from].last > last) {
        if (!make_room(set))
            return SG_ERR_NOMEM;
        from = find(set, first); /* room may have cost the oldest run, which may be this one */
        if (from == set->length || set->runs[from].first >= first || set->runs[from].last <= last)
            return SG_OK;
        memmove(set->runs + from + 1, set->runs + from, (set->length - from) * sizeof *set->runs);
        set->length++;
        set->runs[from].last = first - 1;
        set->runs[from + 1].first = last + 1;
        return SG_OK;
    }
    if (from < set->length && set->runs[from].first < first)
        set->runs[from++].last = first - 1;
    size_t to = from;
    while (to < set->length && set->runs[to].last <= last)
        to++;
    if (to > from) /* an empty set has no runs to move, and nowhere to move them */
        memmove(set->runs + from, set->runs + to, (set->length - to) * sizeof *set->runs);
    set->length -= to - from;
    if (from < set->length && set->runs[from].first <= last)
        set->runs[from].first = last + 1;
    return SG_OK;
}

bool sg_id_set_has(const struct sg_id_set *set, int64_t id, int64_t *ret_until)
{
    size_t at = find(set, id);
    bool has = at < set->length && set->runs[at].first <= id;
    *ret_until = has ? set->runs[at].last : at < set->length ? set->runs[at].first - 1 : INT64_MAX;
    return has;
}
