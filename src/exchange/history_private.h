/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All trades of a symbol of the seeded market, of years back and of now, none of them kept: any bar, any trade by id or by time.
 *
 * A bar is exactly what its trades add up to: the blocks that lie in it whole come from the summary of their shape, the two at its ends from
 * their trades. A bar of a day takes about 1,350 blocks, a tenth of a millisecond. Times are microseconds on the exchange's clock unless a name
 * says otherwise. The exchange's thread only. */
#include "archive_private.h"
#include "shape_private.h"

struct sg_ex_market_options;

struct sg_ex_listing {
    const char *name, *base, *quote;
    double price;            /* at the start */
    int64_t tick, step;      /* 1e-8 units; their product is a multiple of 1e8, so that quote volumes are exact */
    int64_t trades_per_unit; /* of activity; 6 units are 64 s of an average hour */
    double own_walk;
};

/* A block with its trades. */
struct sg_ex_made {
    int64_t number;      /* -1: none yet */
    int64_t first_index; /* of its first trade, counted from the listing on */
    int64_t begin, rise; /* ticks */
    struct sg_ex_shape shape;
};

struct sg_ex_history;

/* `path` is borrowed; `number` tells symbols apart. NULL on lack of memory. */
struct sg_ex_history *sg_ex_history_new(const struct sg_ex_path *path, const struct sg_ex_listing *listing, uint64_t number,
                                        const struct sg_ex_market_options *options);
/* Nothing is traded in [from, to). */
void sg_ex_history_suspend(struct sg_ex_history *history, int64_t from_us, int64_t to_us);
void sg_ex_history_free(struct sg_ex_history *history);
/* Nothing at or after this time has happened yet. */
void sg_ex_history_reached(struct sg_ex_history *history, int64_t time_us);

bool sg_ex_history_has_reached(const struct sg_ex_history *history, int64_t time_us);

int64_t sg_ex_history_listed_us(const struct sg_ex_history *history);
/* What was traded in [from, to), as far as it has happened and before `until_us`; flat at the price of before without a trade. */
struct sg_ex_bar sg_ex_history_bar(struct sg_ex_history *history, int64_t from_us, int64_t to_us, int64_t until_us);
int64_t sg_ex_history_price_before(struct sg_ex_history *history, int64_t time_us);
/* Id of the first aggregate that has happened at or after a time; the next one's without any. */
int64_t sg_ex_history_id_at(struct sg_ex_history *history, int64_t time_us);
/* The aggregate with this id, or the two of a `twin-id`: how many. It need not have happened yet. */
size_t sg_ex_history_trades(struct sg_ex_history *history, int64_t agg_id, struct sg_ex_trade ret_trades[2]);

/* The block that holds a time, for those who go through all of it. */
void sg_ex_history_make(struct sg_ex_history *history, int64_t block, struct sg_ex_made *made);
int64_t sg_ex_history_block_at(const struct sg_ex_history *history, int64_t time_us);
int64_t sg_ex_history_block_begin(const struct sg_ex_history *history, int64_t block);
/* Trade i of the block, as sg_ex_history_trades gives it; 0: nothing, the symbol being suspended. */
size_t sg_ex_history_made_trades(const struct sg_ex_history *history, const struct sg_ex_made *made, int i, struct sg_ex_trade ret_trades[2]);
