/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/history.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

size_t sg_reason_text(enum sg_reason reason, size_t have, size_t need, char *buffer, size_t size)
{
    static const char *const texts[SG_REASON_COUNT] = {
        [SG_REASON_NONE] = "",
        [SG_REASON_CONSTANT_SPREAD] = "spread is constant",
        [SG_REASON_CONSTANT_LEG_A] = "price of leg A is constant",
        [SG_REASON_CONSTANT_LEG_B] = "price of leg B is constant",
        [SG_REASON_IDENTICAL_LEGS] = "legs are identical",
        [SG_REASON_NOT_REVERTING] = "spread does not revert",
        [SG_REASON_OVERSHOOTING] = "a deviation turns round within one bar",
        [SG_REASON_NO_HEDGE_RATIO] = "no hedge ratio",
        [SG_REASON_NUMERIC] = "not solvable numerically",
        [SG_REASON_STALE_LEG] = "a leg is stale",
        [SG_REASON_NO_DATA] = "no data",
    };
    int written;

    if (size == 0) {
        return 0;
    }
    if (reason == SG_REASON_WARMING_UP) {
        written = snprintf(buffer, size, "warming up %zu/%zu", have, need);
    } else {
        size_t index = (size_t)reason;
        const char *text = index < SG_REASON_COUNT && texts[index] ? texts[index] : "unknown";

        written = snprintf(buffer, size, "%s", text);
    }
    if (written < 0) {
        buffer[0] = '\0';
        return 0;
    }
    return (size_t)written < size ? (size_t)written : size - 1;
}

void sg_history_init(struct sg_history *history, int64_t interval_us, size_t maximum)
{
    *history = (struct sg_history){.maximum = maximum, .epoch = 1, .interval_us = interval_us};
}

void sg_history_free(struct sg_history *history)
{
    if (!history) {
        return;
    }
    free(history->time_us);
    for (size_t c = 0; c < SG_COL_COUNT; c++) {
        free(history->column[c]);
    }
    free(history->flags);
    free(history->reason);
    *history = (struct sg_history){0};
}

void sg_history_reset(struct sg_history *history, int64_t interval_us)
{
    history->length = 0;
    history->epoch++;
    history->forgotten = history->unsampled = 0;
    history->interval_us = interval_us;
}

static enum sg_status grow_array(void **array, size_t count, size_t element)
{
    void *larger = reallocarray(*array, count, element);

    if (!larger) {
        return SG_ERR_NOMEM;
    }
    *array = larger;
    return SG_OK;
}

/* A failure half-way leaves some arrays larger than `capacity` says, which harms nobody. */
static enum sg_status grow(struct sg_history *history)
{
    size_t capacity = history->capacity ? history->capacity * 2 : FIRST_CAPACITY;
    void *array;

    if (capacity > history->maximum) {
        capacity = history->maximum;
    }
    if (capacity <= history->length) {
        return SG_ERR_NOMEM;
    }
#define GROW(member)                                                   \
    do {                                                               \
        array = (member);                                              \
        if (grow_array(&array, capacity, sizeof *(member)) != SG_OK) { \
            return SG_ERR_NOMEM;                                       \
        }                                                              \
        (member) = array;                                              \
    } while (0)
    GROW(history->time_us);
    for (size_t c = 0; c < SG_COL_COUNT; c++) {
        GROW(history->column[c]);
    }
    GROW(history->flags);
    GROW(history->reason);
#undef GROW
    history->capacity = capacity;
    return SG_OK;
}

enum sg_status sg_history_append(struct sg_history *history, const struct sg_row *row)
{
    size_t at = history->length;

    if (at > 0 && row->time_us <= history->time_us[at - 1]) {
        return SG_ERR_INVALID;
    }
    if (at == history->capacity) {
        enum sg_status status = grow(history);

        if (status != SG_OK) {
            return status;
        }
    }
    history->time_us[at] = row->time_us;
    for (size_t c = 0; c < SG_COL_COUNT; c++) {
        history->column[c][at] = row->value[c];
    }
    history->flags[at] = row->flags;
    history->reason[at] = row->reason;
    history->length = at + 1;
    return SG_OK;
}

void sg_history_get(const struct sg_history *history, size_t index, struct sg_row *ret_row)
{
    *ret_row = (struct sg_row){
        .time_us = history->time_us[index],
        .flags = history->flags[index],
        .reason = history->reason[index],
    };
    for (size_t c = 0; c < SG_COL_COUNT; c++) {
        ret_row->value[c] = history->column[c][index];
    }
}

size_t sg_history_lower_bound(const struct sg_history *history, int64_t time_us)
{
    size_t low = 0;
    size_t high = history->length;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (history->time_us[middle] < time_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
