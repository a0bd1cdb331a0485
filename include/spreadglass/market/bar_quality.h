/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which of two bars of one time is the better one, as sg_bar_rank says and then finer. The order stands here: memory, database and export ask here.
 * Pure functions of the flags, any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/market/bar.h"

/* From the worst to the best. The numbers are not kept anywhere. */
enum sg_bar_quality {
    SG_QUALITY_FORMING,    /* not a closed bar at all */
    SG_QUALITY_INCOMPLETE, /* known to lack trades */
    SG_QUALITY_UNSETTLED,  /* nothing proves yet that it is all there was */
    SG_QUALITY_ESTIMATED,  /* of tickers or book prices: what lies between two of them was not seen */
    SG_QUALITY_REPAIRED,   /* as the exchange tells it afterwards, by REST */
    SG_QUALITY_EXACT,      /* of every trade, as it came; and what a file says */
    SG_QUALITY_COUNT
};

enum sg_bar_quality sg_bar_quality(uint32_t flags);
const char *sg_bar_quality_name(enum sg_bar_quality quality); /* "exact", "repaired", … */
/* The flags that say so, from the name. False: it is none of those that a closed bar can have. */
bool sg_bar_quality_flags(const char *name, size_t length, uint32_t *ret_flags);
static inline bool sg_bar_is_doubtful(uint32_t flags)
{
    return (flags & SG_BAR_DOUBTFUL) != 0;
}
/* Does the bar that comes take the place of the one that is there? The better one does; of two as good as each other the one of more trades, because an
 * answer that lags has fewer; then the newer one. */
bool sg_bar_is_better(uint32_t flags, uint32_t trades, uint32_t flags_there, uint32_t trades_there);
