/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Keeps what was watched, the active interval's history and every interval that is kept on disk whole: what bars are missing is asked of the exchange's
 * klines on a pool thread, one request at a time, and put in. Declarative: it looks at what is missing, not at what
 * happened, so that start, gap, longer window and another interval are one case. Main thread. */
#include "session_private.h"

#define SG_BACKFILL_BARS_MAXIMUM 5000u         /* of one request, and of what a long window or lookback may ask for */
#define SG_BACKFILL_SETTLE_US INT64_C(2000000) /* a kline this old is complete, and our own bar of that time was closed */
/* While a leg waits for its first bar nothing of its own is older than the grace: the second in which it began can be asked for this soon … */
#define SG_BACKFILL_OPENING_SETTLE_US (SG_RESAMPLER_GRACE_US + INT64_C(100000))
#define SG_BACKFILL_OPENING_LOOKS 6u                  /* … by so many requests, for both legs */
#define SG_BACKFILL_TRADES_MAXIMUM 20000u             /* of one leg in one request: 20 pages */
#define SG_BACKFILL_TRADES_SPAN_US INT64_C(600000000) /* a longer hole is klines' to fill */
#define SG_BACKFILL_TRADES_TRIES 2u                   /* in vain, before klines are asked instead */
#define SG_BACKFILL_SPACING_US INT64_C(5000000)
#define SG_BACKFILL_OUTAGE_SPACING_US INT64_C(30000000)
#define SG_BACKFILL_TRADES_LEAD_US INT64_C(2000000)
#define SG_BACKFILL_CONFIRM_SPACING_US INT64_C(30000000) /* between two looks at klines that came too early to be final */
#define SG_BACKFILL_REFUSED_MAXIMUM_US INT64_C(60000000) /* longest wait after answers that proved nothing, or brought nothing new */
#define SG_BACKFILL_LOOK_US INT64_C(5000000)             /* how often it is looked for what has become final */
#define SG_BACKFILL_OLD_US INT64_C(90000000)             /* what is older is klines' too, whatever trades are being asked for */
#define SG_BACKFILL_RETRY_US INT64_C(5000000)            /* doubled at each failure */
#define SG_BACKFILL_RETRY_MAXIMUM_US INT64_C(300000000)

struct sg_backfill;

/* Strings of the configuration are copied. Both it and the session outlive the engine that this belongs to. */
struct sg_backfill *sg_backfill_new(SgSession *session, struct sg_session_engine *engine, const struct sg_session_config *config);
/* Bars from here on are wanted too, if that is further back than usual: an earlier run ended there. */
void sg_backfill_reach(struct sg_backfill *backfill, enum sg_interval interval, int64_t from_us);
void sg_backfill_free(struct sg_backfill *backfill); /* NULL is fine; a request under way is abandoned and forgotten */

/* After the ring was emptied: starts a request when one is wanted and due. Cheap when not. */
void sg_backfill_poll(struct sg_backfill *backfill);
/* What became of an answer that was delivered; NULL: it was lost on its way. */
void sg_backfill_answered(struct sg_backfill *backfill, const struct sg_history_answer *answer, const struct sg_answer_result *result);
/* The interval or the window has changed: look again at once. */
void sg_backfill_want(struct sg_backfill *backfill);

/* Microseconds until it is asked again, after so many failures in a row: SG_BACKFILL_RETRY_US, doubled at each, at most SG_BACKFILL_RETRY_MAXIMUM_US. */
int64_t sg_backfill_retry_wait(unsigned failures);
