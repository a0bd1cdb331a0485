/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Between a live session and the database: hands over what is to be kept, and gives a history its beginning. Never waits for the disk
 * to write; reading the beginning takes some milliseconds. Of programs that watch the same instrument one keeps it, and the others take over when it ends. Seconds are not kept: they would be 20 MB a day, and nothing ages
 * them yet. Main thread. */
#include "session_private.h"

#define SG_KEEPING_TEXT 232

struct sg_keeper;

/* `config` must have a database. */
struct sg_keeper *sg_keeper_new(struct sg_session_engine *engine, const struct sg_session_config *config);
void sg_keeper_free(struct sg_keeper *keeper); /* NULL is fine */
/* Reads the newest kept bars of an interval, as many as the sample and these parameters need, unless that was done; rebuilds the history when it is
 * the active one. Trouble is told by the next look. */
void sg_keeper_seed(struct sg_keeper *keeper, enum sg_interval interval, const struct sg_pair_params *params);
/* At most once a second: takes over what another program kept until it ended, begins late with a database that could not be opened at first, hands over what found
 * no room, and tells of all that, and of a database that does not take what it is given. */
void sg_keeper_look(struct sg_keeper *keeper);
/* Why what is seen is not being kept, or by whom; "" when it is. */
/* TRUE: the state is only that another program keeps it. */
gboolean sg_keeper_reads_only(const struct sg_keeper *keeper);
const char *sg_keeper_state(const struct sg_keeper *keeper);

/* Outputs of the core: `context` is the session. */
void sg_keeper_bars(void *session, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count);
void sg_keeper_gap(void *session, const struct sg_gap *gap);
void sg_keeper_doubt(void *session, enum sg_interval interval, enum sg_leg leg, int64_t from_us, int64_t to_us);
void sg_keeper_event(SgSession *session, const SgSessionEvent *event);
