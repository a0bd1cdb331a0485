/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers what the statistics of a span of the history are, on the pool, one question at a time: a person who drags an edge asks sixty
 * times a second, and only the newest question matters. Nothing is queued. Main thread, all of it; the work itself runs on the pool. */
#include <glib.h>
#include "spreadglass/engine/span_stats.h"

struct sg_span_answer {
    guint64 epoch;            /* of the history asked about */
    size_t first, count;      /* its rows */
    gint64 first_us, last_us; /* open of the first and the last bar; 0 when count is 0 */
    enum sg_status status;    /* not SG_OK: no stats */
    struct sg_span_stats stats;
};

struct sg_span_analyst;

/* `ready` comes on the main context for every question that was taken: with its answer, or with NULL when a newer one called it off. Then (and
 * only then) another question will be taken: who still has one asks it there. NULL: no memory. */
struct sg_span_analyst *sg_span_analyst_new(void (*ready)(const struct sg_span_answer *answer, void *context), void *context);
/* `ready` does not come any more. NULL is fine. */
void sg_span_analyst_free(struct sg_span_analyst *analyst);
/* Takes the question and returns TRUE; the closes of rows [first, first + count) are copied (16 bytes a row), the history is free to change.
 * FALSE while another is being answered: that one is called off, ask again when `ready` comes. */
gboolean sg_span_analyst_ask(struct sg_span_analyst *analyst, const struct sg_history *history, size_t first, size_t count);
/* The question under way is of no interest any more. */
void sg_span_analyst_call_off(struct sg_span_analyst *analyst);
