/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The inside of SgSession, and the seams that its tests use. Main thread, except what is named otherwise. */
#include <gio/gio.h>
#include <stdatomic.h>
#include "spreadglass/engine/session.h"
#include "spreadglass/feed/rest.h"
#include "core_private.h"

#define SG_SESSION_RING_CAPACITY 65536u
#define SG_SESSION_BATCH_TICKS 2048u
#define SG_SESSION_BATCH_EVENTS 64u
#define SG_SESSION_FAST_US 100000   /* timer while data flows */
#define SG_SESSION_RUSH_US 5000     /* timer of a recording played as fast as it goes */
#define SG_SESSION_SLOW_US 250000   /* timer while nothing comes: bars still close */
#define SG_SESSION_BUDGET_US 8000   /* longest uninterrupted work, so that a frame is never missed by much */
#define SG_SESSION_LEAVE_US 1500000 /* longest wait for the pool when the session goes */
#define SG_SESSION_TESTS_US 1000000 /* shortest time between two runs of the tests */

/* Makes the source; the seam through which a test brings its own. */
typedef struct sg_source *(*sg_session_source_maker)(const struct sg_session_config *config, struct sg_tick_ring *ring, struct sg_error *error);

/* sg_rest_klines, or a test's own. Pool thread. */
typedef enum sg_status (*sg_session_klines_fetcher)(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us,
                                                    int64_t to_us, struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error);

/* sg_rest_agg_trades, or a test's own. Pool thread. */
typedef enum sg_status (*sg_session_trades_fetcher)(const struct sg_rest_config *config, const char *symbol, int64_t from_id, int64_t from_us, int64_t to_us,
                                                    struct sg_tick *trades, size_t capacity, size_t *ret_count, bool *ret_whole, struct sg_error *error);

/* One configuration at work: what a reconfiguration replaces as a whole. */
struct sg_session_engine {
    struct sg_core *core;
    struct sg_tick_ring *ring;
    struct sg_source *source;
    struct sg_diagnostics diagnostics;
    struct sg_backfill *backfill;    /* NULL: not wanted */
    struct sg_keeper *keeper;        /* NULL: nothing is kept */
    guint64 tested_history;          /* core->history_changes that the diagnostics are of */
    gint64 tested_at_us;             /* monotonic; 0: never */
    gboolean ids_told[SG_LEG_COUNT]; /* that they do not add up */
    gboolean finished;               /* the recording is over and everything was told */
};

struct _SgSession {
    GObject parent_instance;
    struct sg_session_config config; /* its strings are ours */
    sg_session_source_maker make_source;
    sg_session_klines_fetcher fetch_klines;
    sg_session_trades_fetcher fetch_trades;
    struct sg_session_engine *engine;
    GPtrArray *retired; /* engines replaced while one of their records was being told */
    unsigned busy;      /* depth of pump */
    gboolean running;
    GMainContext *context;
    GSource *timer, *catch_up;
    atomic_bool resting;         /* the timer is slow: news from the feed thread makes it fast */
    atomic_bool woken;           /* news came since the ring was last drained, perhaps before `resting` was set */
    _Atomic gint64 pumped_at_us; /* monotonic */

    struct sg_tick_batch batch; /* arrays made once */

    SgSnapshot snapshot;
    struct { /* what the snapshot was made from */
        guint64 core_changes, tests;
        struct sg_feed_status feed;
        gint64 countdown_s;
        gboolean alert_visible;
    } seen;
    guint64 tests;               /* runs of the tests */
    gboolean recording_failed;   /* and that was told */
    gint64 ids_looked_at_us;     /* monotonic */
    struct {                     /* of a replay */
        gint64 begin_us, end_us; /* of the recording; 0: not known yet */
        gboolean is_measured;    /* or being so */
        gboolean is_seeking;
        struct sg_session_engine *shown; /* whose rows the snapshot shows while the engine is on its way; NULL: the engine's own */
        gint64 wanted_row_us;            /* stepping: until the last row is this or later; 0: not stepping */
        guint looks;                     /* how often it was looked for near the end of a bar */
    } replay;
    GCancellable *cancellable; /* of the jobs on the pool */
};

/* session_engine.c */
struct sg_session_engine *sg_session_engine_new(SgSession *session, const struct sg_session_config *config, struct sg_error *error);
void sg_session_engine_free(struct sg_session_engine *engine);

/* session_snapshot.c: makes a new snapshot when anything shown has changed, and says whether it did. */
gboolean sg_session_refresh_snapshot(SgSession *session, gboolean force);
gint64 sg_session_exchange_now(SgSession *session);

/* session_pump.c. Handlers may stop the session, reconfigure it or drop it, with records of the old engine still on the stack: between
 * enter and leave the session lives, and engines that were replaced are kept. */
void sg_session_enter(SgSession *session);
void sg_session_leave(SgSession *session);
void sg_session_timer_start(SgSession *session);
void sg_session_timer_stop(SgSession *session);
void sg_session_drain_all(SgSession *session); /* however long it takes */
void sg_session_wake(void *session);           /* any thread: something is in the ring */
void sg_session_publish(SgSession *session, gboolean force);
void sg_session_emit_bar(void *session, const SgClosedBar *bar);
void sg_session_emit_event(void *session, const SgSessionEvent *event);

/* session_replay.c */
/* After the ring was emptied, when the source was on its way to nowhere before that. */
void sg_session_replay_look(SgSession *session);
/* Wherever it was going to: it is there, or goes no further. The next sg_session_publish shows it. */
void sg_session_replay_arrive(SgSession *session);
gboolean sg_session_replay_is_rushing(SgSession *session);

/* For tests. */
SgSession *sg_session_new_with_source(const struct sg_session_config *config, sg_session_source_maker maker, GError **error);
/* As if the ring had given this batch; signals come before it returns, "changed" too. */
void sg_session_ingest_batch(SgSession *session, const struct sg_tick_batch *batch);

enum { SG_SESSION_CHANGED, SG_SESSION_BAR, SG_SESSION_EVENT, SG_SESSION_ENDED, SG_SESSION_REWOUND, SG_SESSION_SIGNALS };
extern guint sg_session_signals[SG_SESSION_SIGNALS];
