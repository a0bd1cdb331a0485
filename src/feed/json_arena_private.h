/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Memory for one parse: cJSON makes some thirty small allocations per message and frees them right after, which costs more
 * than the parsing. While an arena is open on a thread, cJSON's allocations on that thread come from a block of the
 * caller's (a stack array); what does not fit comes from malloc. Other threads, and this one while no arena is open, are
 * not affected. The hooks are set before main runs, so that no thread ever sees them change. */
#include <stdbool.h>
#include <stddef.h>

struct sg_json_arena {
    unsigned char *block;
    size_t size;
    size_t used;
    size_t spilled; /* live allocations that came from malloc */
};

/* Opens `arena` on this thread over `block` (aligned to 16 bytes). Arenas do not nest. */
void sg_json_arena_open(struct sg_json_arena *arena, void *block, size_t size);
/* Closes it. Everything allocated from malloc must have been deleted before; what lies in the block may just be forgotten. */
void sg_json_arena_close(struct sg_json_arena *arena);
