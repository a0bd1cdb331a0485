/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/gap_ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY ((size_t)16)

const char *sg_gap_cause_name(enum sg_gap_cause cause)
{
    static const char *const names[SG_GAP_CAUSE_COUNT] = {
        [SG_GAP_DISCONNECT] = "disconnect",   [SG_GAP_STALL] = "stall",     [SG_GAP_RING_FULL] = "ring-full", [SG_GAP_MAINTENANCE] = "maintenance",
        [SG_GAP_NOT_RUNNING] = "not-running", [SG_GAP_ID_HOLE] = "id-hole", [SG_GAP_LATE] = "late",           [SG_GAP_NOT_KEPT] = "not-kept",
    };
    size_t index = (size_t)cause;

    return index < SG_GAP_CAUSE_COUNT ? names[index] : "unknown";
}

void sg_gap_ledger_init(struct sg_gap_ledger *ledger, size_t maximum)
{
    *ledger = (struct sg_gap_ledger){.maximum = maximum};
}

void sg_gap_ledger_free(struct sg_gap_ledger *ledger)
{
    if (ledger) {
        free(ledger->gaps);
        *ledger = (struct sg_gap_ledger){0};
    }
}

/* Room for one more entry without forgetting any; SG_ERR_NOMEM at the ceiling. */
static enum sg_status reserve(struct sg_gap_ledger *ledger)
{
    size_t capacity = ledger->capacity ? ledger->capacity * 2 : FIRST_CAPACITY;
    struct sg_gap *gaps;

    if (ledger->length < ledger->capacity) {
        return SG_OK;
    }
    if (capacity > ledger->maximum) {
        capacity = ledger->maximum;
    }
    if (capacity <= ledger->length) {
        return SG_ERR_NOMEM;
    }
    gaps = reallocarray(ledger->gaps, capacity, sizeof *gaps);
    if (!gaps) {
        return SG_ERR_NOMEM;
    }
    ledger->gaps = gaps;
    ledger->capacity = capacity;
    return SG_OK;
}

static void remove_at(struct sg_gap_ledger *ledger, size_t index)
{
    memmove(&ledger->gaps[index], &ledger->gaps[index + 1], (ledger->length - index - 1) * sizeof *ledger->gaps);
    ledger->length--;
}

/* Keeps the whole array ascending in from_us; the caller has reserved. New gaps are nearly always the newest. */
static void insert_sorted(struct sg_gap_ledger *ledger, const struct sg_gap *gap)
{
    size_t index = ledger->length;

    while (index > 0 && ledger->gaps[index - 1].from_us > gap->from_us) {
        index--;
    }
    memmove(&ledger->gaps[index + 1], &ledger->gaps[index], (ledger->length - index) * sizeof *ledger->gaps);
    ledger->gaps[index] = *gap;
    ledger->length++;
}

/* The worse of two: open before unfillable before filled. */
static enum sg_gap_state worse(enum sg_gap_state a, enum sg_gap_state b)
{
    if (a == SG_GAP_OPEN || b == SG_GAP_OPEN) {
        return SG_GAP_OPEN;
    }
    return a == SG_GAP_UNFILLABLE ? a : b;
}

/* A leg, a beginning and a cause name one entry, here as on disk: what begins where another one of its cause does becomes a part of it. */
static bool merge(struct sg_gap_ledger *ledger, const struct sg_gap *gap)
{
    for (size_t i = ledger->length; i-- > 0 && ledger->gaps[i].from_us >= gap->from_us;) {
        struct sg_gap *entry = &ledger->gaps[i];

        if (entry->leg != gap->leg || entry->from_us != gap->from_us || entry->cause != gap->cause) {
            continue;
        }
        entry->to_us = gap->to_us > entry->to_us ? gap->to_us : entry->to_us;
        if (gap->first_id >= 0) {
            entry->first_id = entry->first_id < 0 || gap->first_id < entry->first_id ? gap->first_id : entry->first_id;
            entry->last_id = gap->last_id > entry->last_id ? gap->last_id : entry->last_id;
        }
        entry->state = worse(entry->state, gap->state);
        return true;
    }
    return false;
}

enum sg_status sg_gap_ledger_add(struct sg_gap_ledger *ledger, const struct sg_gap *gap)
{
    enum sg_status status;

    if ((unsigned)gap->leg >= SG_LEG_COUNT || (unsigned)gap->cause >= SG_GAP_CAUSE_COUNT || gap->from_us >= gap->to_us) {
        return SG_ERR_INVALID;
    }
    if (merge(ledger, gap)) {
        ledger->changes++;
        return SG_OK;
    }
    if (ledger->maximum > 0 && ledger->length == ledger->maximum) {
        remove_at(ledger, 0);
        ledger->forgotten++;
    }
    ledger->changes++;
    status = reserve(ledger);
    if (status == SG_OK) {
        insert_sorted(ledger, gap);
    }
    return status;
}

enum sg_status sg_gap_ledger_end(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t to_us, struct sg_gap *ret_gap)
{
    for (size_t i = ledger->length; i-- > 0;) {
        struct sg_gap *gap = &ledger->gaps[i];

        if (gap->leg == leg && gap->to_us == INT64_MAX) {
            if (to_us <= gap->from_us) {
                return SG_ERR_INVALID;
            }
            gap->to_us = to_us;
            ledger->changes++;
            if (ret_gap) {
                *ret_gap = *gap;
            }
            return SG_OK;
        }
    }
    return SG_ERR_NOT_FOUND;
}

enum sg_status sg_gap_ledger_explain(struct sg_gap_ledger *ledger, enum sg_leg leg, enum sg_gap_cause cause)
{
    for (size_t i = ledger->length; i-- > 0;) {
        struct sg_gap *gap = &ledger->gaps[i];

        if (gap->leg == leg && gap->to_us == INT64_MAX) {
            ledger->changes += gap->cause != cause;
            gap->cause = cause;
            return SG_OK;
        }
    }
    return SG_ERR_NOT_FOUND;
}

/* Cuts the entry in two at time_us, which lies inside it: the entry keeps the first part. */
static enum sg_status cut(struct sg_gap_ledger *ledger, size_t index, int64_t time_us)
{
    struct sg_gap rest = ledger->gaps[index];
    enum sg_status status;

    rest.from_us = time_us;
    if (!merge(ledger, &rest)) {
        status = reserve(ledger);
        if (status != SG_OK) {
            return status;
        }
        insert_sorted(ledger, &rest);
    }
    ledger->gaps[index].to_us = time_us; /* both stand behind it */
    return SG_OK;
}

bool sg_gap_ledger_reopen(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    bool found = false;

    for (size_t i = 0; i < ledger->length; i++) {
        struct sg_gap *gap = &ledger->gaps[i];

        if (gap->leg == leg && gap->state == SG_GAP_FILLED && gap->from_us < to_us && gap->to_us > from_us) {
            gap->state = SG_GAP_OPEN;
            ledger->changes++;
            found = true;
        }
    }
    return found;
}

enum sg_status sg_gap_ledger_resolve(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t from_us, int64_t to_us, enum sg_gap_state state)
{
    bool found = false;

    if (from_us >= to_us || (state != SG_GAP_FILLED && state != SG_GAP_UNFILLABLE)) {
        return SG_ERR_INVALID;
    }
    /* A cut puts its second half behind the entry at hand, where this loop comes to it. */
    for (size_t i = 0; i < ledger->length; i++) {
        const struct sg_gap *gap = &ledger->gaps[i];
        enum sg_status status = SG_OK;

        if (gap->leg != leg || gap->from_us >= to_us || gap->to_us <= from_us) {
            continue;
        }
        found = true;
        if (gap->state == SG_GAP_FILLED) {
            continue; /* what was filled once stays so */
        }
        ledger->changes++;
        if (gap->from_us < from_us) {
            status = cut(ledger, i, from_us);
        } else {
            if (gap->to_us > to_us) {
                status = cut(ledger, i, to_us);
            }
            if (status == SG_OK) {
                ledger->gaps[i].state = state;
            }
        }
        if (status != SG_OK) {
            return status;
        }
    }
    return found ? SG_OK : SG_ERR_NOT_FOUND;
}
