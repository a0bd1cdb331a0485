/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A source of ticks: Binance (spot, USD-M, or a local exchange that speaks the same), or a recording.
 *
 * A source owns its thread(s) and writes to one tick ring: ticks, events and the watermark. Its state is read by any
 * thread through sg_source_status, which copies it under the source's own pthread mutex {status}.
 * At a live pace the cost of a message is the wake-up for it: after a burst the live source's thread rests 10 ms, so that what comes
 * meanwhile comes as one batch. A tick reaches the ring at most that much later, and its recv_us is when it was read: below a frame of
 * the screen (16.7 ms) and a tenth of the session's own timer (100 ms). After 32 KiB at once (thousands of
 * messages a second) it rests 1 ms, after 128 KiB not at all.
 * start/stop/free: main thread. stop blocks at most 2 s (usually under 50 ms): flag, lws_cancel_service, join. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick_ring.h"

enum sg_feed_state {
    SG_FEED_IDLE = 0,
    SG_FEED_CONNECTING,
    SG_FEED_SUBSCRIBING,
    SG_FEED_LIVE,
    SG_FEED_STALLED,
    SG_FEED_WAITING /* for retry_at */,
    SG_FEED_FAILED /* will not retry: unknown symbol, unusable configuration */,
    SG_FEED_ENDED /* recording over */,
    SG_FEED_STOPPED
};

enum sg_feed_failure {
    SG_FAILURE_NONE = 0,
    SG_FAILURE_NAME /* DNS */,
    SG_FAILURE_REFUSED,
    SG_FAILURE_UNREACHABLE,
    SG_FAILURE_TLS,
    SG_FAILURE_GEO /* HTTP 451 */,
    SG_FAILURE_RATE /* 418, 429, close 1008 */,
    SG_FAILURE_HTTP,
    SG_FAILURE_TIMEOUT,
    SG_FAILURE_SILENT /* connected, no data */,
    SG_FAILURE_CLOSED,
    SG_FAILURE_PROTOCOL,
    SG_FAILURE_TOO_LARGE,
    SG_FAILURE_SYMBOL /* unknown or not trading */,
    SG_FAILURE_CONFIG
};

struct sg_feed_status {
    enum sg_feed_state state;
    enum sg_feed_failure failure; /* why the last attempt or connection ended */
    char detail[256];             /* one line for a person: what, where, what to do */
    char host[128];
    int64_t retry_at_mono_us; /* valid in WAITING */
    unsigned attempt;         /* failed attempts since the last healthy data */
    uint64_t connects, messages, ticks, bytes, rejected_messages, rejected_values, ignored_messages, server_errors;
    double messages_per_s;                   /* 1 s mean */
    int64_t last_data_mono_us[SG_LEG_COUNT]; /* 0 = never */
    int64_t tick_mono_us;                    /* of the status itself */
    bool ended_on_purpose;                   /* ENDED: the session that was recorded ended there; nothing is to be closed beyond it */
    bool clock_known;                        /* the exchange was asked for its time (only with check_symbols) */
    int64_t clock_offset_us;                 /* exchange time - receive clock (recv_us of ticks), by the midpoint of a REST request */
    int64_t clock_uncertainty_us;            /* half of that request's round trip, and the millisecond that the answer is cut to */
};

/* Has every leg had data since the source was started? What fails after that has interrupted something. */
bool sg_feed_has_delivered(const struct sg_feed_status *status);

/* What to call a failure in a sentence: "name lookup failed", "TLS certificate refused", … */
const char *sg_feed_failure_name(enum sg_feed_failure failure);
const char *sg_feed_state_name(enum sg_feed_state state);

struct sg_source;
struct sg_recorder;

struct sg_binance_config {
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    const char *ws_url;             /* NULL: the market's own. wss://host[:port][/path]; ws:// only for loopback */
    const char *rest_url;           /* NULL: the market's own */
    const char *ca_file;            /* PEM; NULL: the system store. Revocation lists in the same file are honoured */
    const struct sg_clock *clock;   /* NULL: the system's */
    int64_t first_data_deadline_us; /* 0: by stream class (ticker, book 10 s; trade 60 s) */
    int64_t silence_deadline_us;    /* 0: by stream class */
    size_t message_limit;           /* bytes of one reassembled message; 0: 4 MiB */
    bool check_symbols;             /* look the symbols up in exchangeInfo, beside connecting (unknown ends in FAILED), and ask for the exchange's time */
    struct sg_recorder *recorder;   /* NULL, or what writes down everything that is delivered; not owned, outlives the source's running */
    int64_t connection_life_us;     /* a connection is replaced after this, with an overlap and without a gap; 0: 23 h */
};

/* NULL with `error` (SG_ERR_INVALID: bad URL, plain ws to a host that is not loopback, unreadable ca_file, …). Strings are copied. */
struct sg_source *sg_source_new_binance(const struct sg_binance_config *config, struct sg_tick_ring *ring, struct sg_error *error);

struct sg_replay_config {
    const char *file;
    const char *const *files; /* several files played as one, instead of `file` (which is NULL then) */
    size_t file_count;
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    double speed; /* 1 = as recorded; 0 = as fast as it goes (never drops: it waits for the ring) */
    bool paused;
    int64_t until_us; /* recorded time up to which it is played as fast as it goes, before speed and paused count; 0: none */
};
/* A recording as a source. Every record goes to the ring in the recorded order at every speed; a full ring is waited for, so nothing is
 * ever dropped. A recording without events begins with CONNECTED and SUBSCRIBED. Its end is the state ENDED; a damaged one ends in
 * FAILED with file, line and reason. NULL with `error`: unreadable, no recording, or one whose header names other legs or another
 * stream (sg_recording_describe tells which). Strings are copied. */
struct sg_source *sg_source_new_replay(const struct sg_replay_config *config, struct sg_tick_ring *ring, struct sg_error *error);

/* Any thread; does nothing to a source that is no replay. speed as above. */
void sg_source_replay_pace(struct sg_source *source, double speed, bool paused);

/* As fast as it goes up to this recorded time (of records: recv_us), then as the pace says. Nothing is skipped on the way, and nothing of what comes
 * later is played before that is reached. A time that has passed does nothing: a recording does not run backwards. */
void sg_source_replay_until(struct sg_source *source, int64_t time_us);
struct sg_replay_progress {
    int64_t reached_us; /* recorded time that was reached and told: that of the first record at least, and 0 until that was read */
    int64_t next_us;    /* of the record after it, where it stopped at a time that was asked for; else 0 */
    bool is_rushing;    /* on the way to a time that was asked for */
};
/* Any thread. False: it is no replay. */
bool sg_source_replay_progress(struct sg_source *source, struct sg_replay_progress *ret_progress);

enum sg_status sg_source_start(struct sg_source *source, struct sg_error *error);
void sg_source_stop(struct sg_source *source);
void sg_source_free(struct sg_source *source); /* stops first; NULL is fine */
void sg_source_status(struct sg_source *source, struct sg_feed_status *ret_status);
void sg_source_reconnect(struct sg_source *source); /* drop the connection and dial at once; any thread */
/* Hands an answer about the past to the source, which records it and gives it its place in the ring (sg_tick_ring_push_answer). False: this kind
 * takes none, or it does not run; the answer stays the caller's. Main thread. */
bool sg_source_answer(struct sg_source *source, struct sg_history_answer *answer);
/* Local non-stepping receive clock of this source: the time base of recv_us. Any thread. */
int64_t sg_source_now(struct sg_source *source);
