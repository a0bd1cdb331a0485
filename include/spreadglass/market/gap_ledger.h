/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Every interval that a leg missed, with its cause and what became of it. Bounded; one owner, main thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"

enum sg_gap_cause {
    SG_GAP_DISCONNECT,
    SG_GAP_STALL,
    SG_GAP_RING_FULL,
    SG_GAP_MAINTENANCE,
    SG_GAP_NOT_RUNNING,
    SG_GAP_ID_HOLE,
    SG_GAP_LATE /* trades came after their bar had closed */,
    SG_GAP_NOT_KEPT /* seen, but there was no room for it while the database could not be written */,
    SG_GAP_CAUSE_COUNT
};
enum sg_gap_state { SG_GAP_OPEN, SG_GAP_FILLED, SG_GAP_UNFILLABLE };

struct sg_gap {
    enum sg_leg leg;
    int64_t from_us, to_us;    /* [from, to), exchange time, bar-aligned; to = INT64_MAX while it lasts */
    int64_t first_id, last_id; /* missing trade ids when known, else -1 */
    enum sg_gap_cause cause;
    enum sg_gap_state state;
};

struct sg_gap_ledger {
    struct sg_gap *gaps; /* ascending in from_us per leg */
    size_t length, capacity, maximum;
    uint64_t changes;   /* + 1 with every add, end and resolve that changed something: who keeps a copy compares it */
    uint64_t forgotten; /* oldest entries dropped at the ceiling: counted, never silent */
};

const char *sg_gap_cause_name(enum sg_gap_cause cause); /* "disconnect", "stall", "ring-full", … */
void sg_gap_ledger_init(struct sg_gap_ledger *ledger, size_t maximum);
void sg_gap_ledger_free(struct sg_gap_ledger *ledger);
/* An entry of the leg that has the same beginning and cause takes it in: its end is the later of both, its ids span both, and it is open when one of them is.
 * At the ceiling the oldest entry is forgotten, and counted. SG_ERR_INVALID: from >= to, or no such leg or cause; SG_ERR_NOMEM. */
enum sg_status sg_gap_ledger_add(struct sg_gap_ledger *ledger, const struct sg_gap *gap);
/* Closes the lasting gap of a leg at to_us; SG_ERR_NOT_FOUND when there is none; SG_ERR_INVALID: to_us is not after its beginning.
 * ret_gap may be NULL. */
enum sg_status sg_gap_ledger_end(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t to_us, struct sg_gap *ret_gap);
/* The lasting gap of a leg turned out to have another cause; SG_ERR_NOT_FOUND when there is none. */
enum sg_status sg_gap_ledger_explain(struct sg_gap_ledger *ledger, enum sg_leg leg, enum sg_gap_cause cause);
/* Marks [from, to) of a leg as filled or unfillable, splitting entries where it covers only a part (each part keeps the ids of the
 * whole). What was filled stays filled. SG_ERR_NOT_FOUND: no gap there; SG_ERR_INVALID: empty range or another state; SG_ERR_NOMEM:
 * no room to split, then the rest stays open. */
enum sg_status sg_gap_ledger_resolve(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t from_us, int64_t to_us, enum sg_gap_state state);
/* Entries of a leg with a part in [from, to) that were filled are open again: a longer bar of their time has closed without what they missed. False: there is none. */
bool sg_gap_ledger_reopen(struct sg_gap_ledger *ledger, enum sg_leg leg, int64_t from_us, int64_t to_us);
