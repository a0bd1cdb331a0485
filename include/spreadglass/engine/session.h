/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The live session: source -> ring -> resampler -> pair model -> history and snapshot, on the default main context's thread.
 *
 * Everything here is for the main thread. A GLib timer (100 ms while data flows, slower when nothing comes) drains the ring. When anything a
 * person could see has changed, the session makes a new snapshot (serial + 1) and emits "changed". Closed bars and events are
 * emitted one by one, in order, as "bar" and "event", before "changed". */
#include <glib-object.h>
#include "spreadglass/analytics/alert.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/unit_root.h"
#include "spreadglass/analytics/verdict.h"
#include "spreadglass/base/history.h"
#include "spreadglass/engine/fired_alerts.h"
#include "spreadglass/feed/source.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/gap_ledger.h"
#include "spreadglass/market/resampler.h"
#include "spreadglass/store/database.h"

G_BEGIN_DECLS

#define SG_TYPE_SESSION (sg_session_get_type())
#define SG_SESSION_TEST_BARS 5000 /* ceiling of the sample of ADF, Engle-Granger and half-life in a live session */

G_DECLARE_FINAL_TYPE(SgSession, sg_session, SG, SESSION, GObject)

enum sg_session_source { SG_SOURCE_BINANCE, SG_SOURCE_REPLAY };

struct sg_session_config {
    enum sg_session_source source;
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    enum sg_interval interval;
    struct sg_pair_params params;
    const char *ws_url, *rest_url, *ca_file; /* NULL: defaults; copied */
    gint64 connection_life_us;               /* a connection is replaced at this age, without a gap; 0: 23 h */
    const char *replay_file;                 /* for SG_SOURCE_REPLAY; copied */
    const char *const *replay_files;         /* several recordings played as one, by receive time, instead of replay_file; copied */
    size_t replay_file_count;
    double replay_speed; /* 0 = max */
    gboolean replay_paused;
    gint64 replay_until_us;       /* recorded time up to which it is played as fast as it goes, before speed and pause count; 0: none */
    struct sg_recorder *recorder; /* writes down all that decides about bars, answers about the past included; borrowed, outlives the session; NULL: none */
    gboolean demo;                /* only a label: the endpoint is the built-in exchange */
    gboolean backfill;            /* fetch klines by REST at start and after gaps (intervals >= 1 m always, 1 s too) */
    int64_t stale_after_us;       /* age of a leg's last tick beyond which z is stale; 0: 60 s */
    size_t history_maximum;       /* rows kept per interval; 0: 1,000,000 */
    /* Where closed bars of 1m and longer, ended gaps and alerts are kept, and what the history begins with. Borrowed: it outlives the
     * session. NULL: nothing is kept. Not used by a replay or the demo: their market is not the real one. */
    struct sg_database *database;
};

/* Immutable for whoever looks at it: valid until the next "changed". `history` is append-only within its epoch. */
typedef struct {
    guint64 serial;
    const struct sg_history *history; /* of the active interval, closed bars */
    gboolean has_forming;
    struct sg_row forming;     /* provisional row of the forming bar (prices and statistics) */
    struct sg_pair_result now; /* at the last closed bar; meaningless while history->length == 0 */
    /* The tests, refreshed at a bar close, at most once a second. Sample: the last `test_bars` rows of the history, which is all
     * of them, limited to SG_SESSION_TEST_BARS, and to the lookback where that is finite and at least SG_EG_MIN_BARS. */
    struct sg_adf_result adf;                   /* on close_a - beta close_b with the beta of `now` */
    struct sg_adf_result engle_granger;         /* A on B */
    struct sg_adf_result engle_granger_reverse; /* B on A */
    struct sg_half_life_result half_life;
    enum sg_grade grade;         /* of the two above */
    size_t test_bars;            /* rows in those samples; 0: not computed yet */
    gint64 age_us[SG_LEG_COUNT]; /* of the leg's last trade at the last row's close; -1: no row yet */
    gint64 stale_after_us;       /* an older one makes z stale: the limit in force */
    struct sg_alert alert;
    struct sg_feed_status feed;
    struct sg_resampler_stats resampler;
    struct sg_tick_ring_stats ring;
    const struct sg_gap_ledger *gaps;
    const struct sg_fired_alerts *fired; /* what this session really raised, whatever the parameters are now */
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_interval interval;
    enum sg_stream stream;
    struct sg_pair_params params;
    double latency_ms;          /* median of exchange-corrected receive delay over 5 s; NaN = unknown */
    gint64 exchange_now_us;     /* estimate at this snapshot; 0 = unknown */
    gint64 first_tick_age_us;   /* how long ago the first tick that this snapshot is the first to show was received; -1: no new tick */
    char storage[232];          /* why what is seen is not being kept on disk, or by which other program; "" when it is, and when nothing is to be kept */
    gboolean storage_read_only; /* `storage` is not empty because another program keeps it, and nothing is lost */
    gboolean demo, replay;
} SgSnapshot;

/* News, in the order of the records that caused it: what the feed said, and what the engine found. All that `watch` prints of it. */
typedef struct {
    enum sg_feed_event_code code; /* sg_feed_event_name gives src/cli/CLI.md's word */
    gint64 time_us;               /* exchange time (alerts: close of the bar); local receive time while the clock is unknown */
    int leg;                      /* enum sg_leg; -1: both, or the connection as a whole */
    gint64 from_us, to_us;        /* GAP, BACKFILLED: [from, to), bar-aligned; else 0 */
    enum sg_gap_cause cause;      /* GAP */
    guint64 count;                /* BACKFILLED: bars; LATE, DROPPED: ticks; GAP: bars of 1 s */
    enum sg_signal side;          /* ALERT_RAISED, ALERT_CLEARED (the side that was standing) */
    double zscore;                /* alerts: at that bar, NaN when not defined; else NaN */
    gint64 bar_time_us;           /* alerts: open of the bar at whose close it happened; else 0 */
    double threshold;             /* alerts: of entry, then */
    enum sg_grade grade;          /* alerts: of the relation, as known at that close */
    double peak;                  /* ALERT_CLEARED: the z farthest out while it stood */
    gint64 duration_us;           /* ALERT_CLEARED: from the close that raised it to this one */
    gboolean muted;               /* alerts: nobody was told, by a person's wish */
    char detail[232];             /* one line for a person; never empty */
} SgSessionEvent;

/* A closed bar as it is printed (src/cli/CLI.md): the two legs' bars and the statistics known at that close. */
typedef struct {
    enum sg_interval interval;
    struct sg_bar legs[SG_LEG_COUNT];
    struct sg_row row;
    struct sg_pair_result result;
    gint64 age_us[SG_LEG_COUNT]; /* of the leg's last trade at this close; beyond the limit row.flags has SG_ROW_STALE */
    enum sg_grade grade;         /* of the relation, as known at this close */
} SgClosedBar;

/* NULL with error (G_IO_ERROR-like domain SG_SESSION_ERROR, code = enum sg_status). */
SgSession *sg_session_new(const struct sg_session_config *config, GError **error);
gboolean sg_session_start(SgSession *session, GError **error);
void sg_session_stop(SgSession *session);
/* As stop, but what was received until then is told first: after it a recording of the session has nothing that was not told. */
void sg_session_end(SgSession *session);

/* To be asked where a person types or chooses a window, a threshold or ddof: FALSE for a value out of its range, which set_params would refuse too, and
 * for a threshold that no z over such a window can ever reach. The message is the sentence for that person. */
gboolean sg_session_check_params(const struct sg_pair_params *params, GError **error);

const SgSnapshot *sg_session_get_snapshot(SgSession *session);
/* Changing parameters recomputes the history of the interval from its kept bars (new epoch), with the live basis. */
gboolean sg_session_set_params(SgSession *session, const struct sg_pair_params *params, GError **error);
/* As config.stale_after_us, in microseconds; 0: 60 s, and less than 0 is SG_ERR_INVALID. Applies to every row of the history, which is recomputed as
 * by set_params; the alert that stands is judged by the new limit at once. */
gboolean sg_session_set_stale_after(SgSession *session, gint64 stale_after_us, GError **error);
void sg_session_set_interval(SgSession *session, enum sg_interval interval);
/* Other legs, market, stream or endpoint: restarts the source and starts an empty history. */
gboolean sg_session_reconfigure(SgSession *session, const struct sg_session_config *config, GError **error);
void sg_session_reconnect(SgSession *session);
/* Of a replay: another speed (0: as fast as it goes), pause or go on. Nothing is skipped. Does nothing to a live session. */
void sg_session_replay_pace(SgSession *session, double speed, gboolean paused);
/* Where a replay is. Recorded times are the receive times of its records, in microseconds. */
typedef struct {
    gboolean paused;
    gboolean seeking; /* on the way to where it was asked for */
    gboolean ended;
    double speed;            /* 0 = max */
    gint64 begin_us, end_us; /* of the recording; 0 until sg_session_replay_measure has found out */
    gint64 position_us;      /* 0 until the first record was read */
    gint64 clock_us;         /* exchange time there; 0 = unknown */
} SgReplayState;
/* FALSE: it is no replay. */
gboolean sg_session_replay_state(SgSession *session, SgReplayState *ret_state);
/* Reads the recording through once, on a pool thread; "changed" comes when begin and end are known. Does nothing the second time. */
void sg_session_replay_measure(SgSession *session);
/* To a recorded time, as fast as it goes, then on as the pace says. What comes after that time is not known there: going back is playing from the
 * beginning to there, and gives the same rows, events and alerts as having played to there at first. Meanwhile the snapshot stays what it was, and
 * "changed" comes at the end of it; "rewound" before the events of the beginning come again. */
void sg_session_replay_seek(SgSession *session, gint64 position_us);
/* Pauses, and goes to where the next row (direction > 0) or the one before the last (< 0) is the newest. */
void sg_session_replay_step(SgSession *session, int direction);
void sg_session_alert_dismiss(SgSession *session);
/* 0 or less: no longer. */
void sg_session_alert_mute(SgSession *session, gint64 duration_us);
/* A dismissed alert that still stands is shown again. */
void sg_session_alert_recall(SgSession *session);
/* Asks the exchange for its symbols on a pool thread; the callback comes on main: NULL-terminated sorted array or error, both
 * valid during the call. It does not come any more once the session is disposed of. */
void sg_session_list_symbols(SgSession *session, void (*callback)(char **symbols, const GError *error, void *context), void *context);
/* Is any work of any session of this process still on the pool? A session that goes waits for it, but not for ever. Main thread. */
gboolean sg_session_has_work(void);

/* Signals: "changed" (void), "bar" (const SgClosedBar *), "event" (const SgSessionEvent *), "ended" (void; replay is over), "rewound" (void; a replay
 * begins again, on its way to an earlier time).
 * The pointers are valid during the emission. */

GQuark sg_session_error_quark(void);
#define SG_SESSION_ERROR (sg_session_error_quark())

G_END_DECLS
