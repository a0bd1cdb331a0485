/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The Binance source from inside: a source has one lane per market, a lane has a connection (two while one takes over from the other).
 *
 * Everything here belongs to the feed thread, except what `struct sg_binance` marks otherwise. Rule of the library that everything else
 * follows: a connection is over when lws_client_connect_via_info returned NULL or WSI_DESTROY came, whichever is first, and nothing else
 * schedules a new one. */
#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "backoff_private.h"
#include "endpoint_private.h"
#include "mailbox_private.h"
#include "resolver_private.h"
#include "source_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/feed/decoder.h"
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/rest.h"
#include "spreadglass/feed/source.h"
#include "subscriptions_private.h"

#define SG_BINANCE_ANSWERS 4u /* answers about the past that wait for the feed thread */
#define SG_BATCH 4096         /* ticks collected before the ring's lock is taken */
#define SG_BATCH_MESSAGE 512  /* room that one message may need */

struct sg_binance;
struct sg_lane;

enum sg_connection_phase { SG_CONN_IDLE, SG_CONN_RESOLVING, SG_CONN_DIALING, SG_CONN_UP };

struct sg_connection {
    struct sg_lane *lane;
    enum sg_connection_phase phase;
    struct lws *wsi;
    unsigned tag; /* of the name lookup that is out */
    char address[SG_ADDRESS_BUF];
    int64_t phase_since_us, up_since_us;
    unsigned index;                 /* in its lane */
    bool announced;                 /* its subscriptions were confirmed */
    bool abandoned;                 /* its place was taken by the other one: its end is no news */
    bool again_at_once;             /* when it ends the next attempt needs no delay */
    bool catching_up[SG_LEG_COUNT]; /* it took over, and the one before it had delivered more than it had brought by then */
    bool data[SG_LEG_COUNT];        /* what has delivered since it was (re)subscribed */
    bool tls_seen;                  /* the peer's certificate was accepted */
    long x509_error;
    unsigned http_status;
    int64_t retry_after_us;
    unsigned close_code;
    enum sg_feed_failure failure; /* why it ends, once somebody knows */
    char detail[256];
    struct sg_subscriptions subscriptions;
    unsigned subscribe_tries;
    char refusal[120]; /* what the exchange said against a subscription */
    struct sg_decoder decoder;
    struct sg_buffer message; /* reassembly of fragments */
    bool first_fragment_seen;
};

/* How far the escalation of a silent leg has gone. */
enum sg_stall_stage { SG_STALL_NONE, SG_STALL_RENEWED, SG_STALL_REPLACED };

struct sg_leg_watch {
    bool watched;              /* this lane carries the leg */
    int64_t longest_gap_us[2]; /* between two data: in this minute, in the one before */
    int64_t minute_since_us;   /* 0 = none has begun */
    unsigned minutes;          /* of data without a stall */
    enum sg_stall_stage stage;
    int64_t quiet_since_us; /* monotonic: data, subscription or renewal, whichever is last */
    unsigned patience;      /* the deadline is doubled that often: it was too short for this stream before */
    int64_t patience_since_us;
    unsigned replacements;               /* connections that were replaced for it, without success so far */
    int64_t last_id, last_event_us;      /* of what was delivered; -1, 0 = none yet */
    bool explained;                      /* it was said that the stall is the exchange's own doing */
    enum sg_symbol_status symbol_status; /* as the exchange last told it; TRADING until then */
};

#define SG_HELD (8u << 20) /* bytes of messages */

/* A second connection takes over from the first without a gap: what it brings is held back until the first has reached it. */
struct sg_handover {
    char reason[160];
    struct sg_buffer held;              /* the messages as they came: a size_t of length, then the text, each */
    bool seen[SG_LEG_COUNT];            /* the new connection has brought something for the leg, */
    struct sg_tick first[SG_LEG_COUNT]; /* and this was the first */
    int64_t confirmed_us;               /* when its subscriptions were confirmed; 0 = not yet */
    int64_t not_before_us;              /* after a failure */
    unsigned failures;
};

struct sg_lane {
    struct sg_binance *source;
    struct sg_url url;
    int event_leg; /* of this lane's events: -1 when it carries both legs */
    struct sg_connection connections[2];
    unsigned active; /* which of them delivers; the other is idle or taking over */
    struct sg_handover handover;
    bool handover_wanted; /* the exchange announced its end, or a leg is stuck: as soon as possible */
    int64_t life_us;      /* of the active connection, before it is replaced */
    int64_t inquired_us;  /* monotonic: when the exchange was last asked about symbols and time; 0 = never */
    bool inquiring;
    bool inquiry_failed; /* and that was told */
    struct sg_backoff backoff;
    bool retrying;
    int64_t retry_at_us;
    int64_t healthy_since_us; /* 0: no data yet on this connection */
    struct sg_leg_watch legs[SG_LEG_COUNT];
    enum sg_feed_state state;
    enum sg_feed_failure failure;
    char detail[256];
};

/* The exchange's time, where only REST tells it; see exchange_time.c. */
struct sg_exchange_time {
    bool awaited;        /* no bar closes before it is known, */
    int64_t deadline_us; /* or this has passed; monotonic, 0 = not yet subscribed */
    bool local;          /* it was given up: bars went by the local clock */
    bool told;           /* how far that clock is off */
    int64_t due_us;      /* when to ask (again) */
};

struct sg_binance {
    struct sg_source base;
    /* set at creation, then read only */
    struct sg_instrument instruments[SG_LEG_COUNT];
    enum sg_stream stream;
    char *rest_url;    /* as given; NULL: the market's own */
    char *ca_file;     /* as given; NULL: the system store */
    const char *roots; /* the file actually used */
    const struct sg_clock *clock;
    struct sg_tick_ring *ring;
    struct sg_recorder *recorder; /* not owned; NULL: nothing is recorded */
    int64_t first_data_us, silence_us;
    size_t message_limit;
    bool check_symbols;
    bool needs_time; /* a leg's records carry no time, and there is somebody to ask */
    int64_t connection_life_us;
    int64_t wall_base_us, mono_base_us; /* of the receive clock */
    /* any thread */
    atomic_bool stopping, reconnect;
    pthread_mutex_t lock; /* {status}: shared, answers, and context for waking */
    struct sg_feed_status shared;
    struct lws_context *wakeable;                          /* NULL unless the service loop runs */
    struct sg_history_answer *answers[SG_BINANCE_ANSWERS]; /* to be passed on; NULL: free */
    /* main thread */
    bool started;
    pthread_t thread;
    /* feed thread */
    struct lws_context *context;
    struct sg_mailbox *mailbox;
    lws_sorted_usec_list_t beat; /* every 50 ms: watermark, deadlines, retries */
    struct sg_feed_status work;  /* what is copied to `shared` */
    struct sg_lane lanes[SG_MARKET_USDM + 1];
    size_t lane_count;
    bool failed; /* FAILED: nothing is tried any more */
    struct sg_exchange_time time;
    struct sg_tick *batch; /* SG_BATCH of them */
    size_t batch_count;
    uint64_t dropped[SG_LEG_COUNT]; /* by the ring, and not yet told to the recorder */
    int64_t dropped_told_us;        /* receive time */
    int64_t watermark_us;
    int64_t message_us;   /* receive time of the message being handled; 0 between messages */
    int64_t last_pass_us; /* monotonic: when this thread last ran */
    uint64_t received;    /* messages, for the draining loop */
    uint64_t received_bytes;
    int64_t rate_since_us;
    uint64_t rate_messages;
};

static inline struct sg_connection *sg_lane_active(struct sg_lane *lane)
{
    return &lane->connections[lane->active];
}

static inline enum sg_market sg_lane_market(const struct sg_lane *lane)
{
    return lane->source->instruments[lane->legs[SG_LEG_A].watched ? SG_LEG_A : SG_LEG_B].market;
}

static inline struct sg_connection *sg_lane_standby(struct sg_lane *lane)
{
    return &lane->connections[!lane->active];
}

/* binance_source.c */
int64_t sg_binance_now(struct sg_binance *source); /* receive clock; any thread */
int64_t sg_binance_mono(const struct sg_binance *source);
void sg_binance_flush(struct sg_binance *source); /* batch to the ring, watermark */
void sg_binance_event(struct sg_binance *source, enum sg_feed_event_code code, int leg, const char *format, ...) __attribute__((format(printf, 4, 5)));
void sg_binance_publish(struct sg_binance *source); /* work to shared */
void sg_binance_fail(struct sg_binance *source, enum sg_feed_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Has this thread just slept (suspend, SIGSTOP)? Then every connection is replaced, and what it brings meanwhile is not looked at. */
bool sg_binance_slept(struct sg_binance *source, int64_t now_us);

/* connection.c: one WebSocket connection */
extern _Thread_local const char *sg_binance_roots; /* of the context that is being created: its callback has no other way to know */
int sg_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length);
void sg_connection_open(struct sg_connection *connection); /* resolve, dial */
/* Ends it, if it is not over; `failure` is what will be reported. */
void sg_connection_close(struct sg_connection *connection, enum sg_feed_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sg_connection_beat(struct sg_connection *connection, int64_t now_us);
/* Lets the library have what OpenSSL has already taken off the socket; true when there was something. */
bool sg_connection_read_on(struct sg_connection *connection, struct lws_context *context);
void sg_connection_free(struct sg_connection *connection);

/* failure.c: why it ended, in words for a person, from what was seen of it. The first reason stays: later ones are its consequences. */
void sg_connection_because(struct sg_connection *connection, enum sg_feed_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sg_connection_explain(struct sg_connection *connection, const char *text, size_t length);
void sg_connection_explain_no_answer(struct sg_connection *connection);

/* lane.c: what one market's connection is to do over time */
void sg_lane_reset(struct sg_lane *lane); /* before a start */
void sg_lane_start(struct sg_lane *lane);
void sg_lane_beat(struct sg_lane *lane, int64_t now_us);
void sg_lane_set_state(struct sg_lane *lane, enum sg_feed_state state);
void sg_lane_up(struct sg_lane *lane, struct sg_connection *connection);
/* `again`: it was counted when it came, and held. */
void sg_lane_message(struct sg_lane *lane, struct sg_connection *connection, const char *text, size_t length, bool again);
void sg_lane_ended(struct sg_lane *lane, struct sg_connection *connection);

/* watch.c: health is judged by data */
void sg_watch_data(struct sg_lane *lane, int leg, int64_t now_us);
/* Says of a leg that is stalled that the exchange has suspended it, if it has. */
void sg_watch_explain(struct sg_lane *lane, int leg);
void sg_watch_beat(struct sg_lane *lane, int64_t now_us);

/* handover.c: from one connection to the next without a gap */
void sg_handover_want(struct sg_lane *lane, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* So much is held that the old connection must be dead: complete it now. */
bool sg_handover_full(const struct sg_lane *lane, size_t more);
/* A message of the standby, and the ticks that are in it. */
void sg_handover_hold(struct sg_lane *lane, const char *text, size_t length, const struct sg_tick *ticks, size_t count);
/* Would it be news after what was delivered? */
bool sg_handover_is_news(const struct sg_lane *lane, const struct sg_tick *tick);
void sg_handover_beat(struct sg_lane *lane, int64_t now_us);
/* The standby is confirmed and may deliver from now on, whatever the first one still holds. */
bool sg_handover_ready(const struct sg_lane *lane);
void sg_handover_complete(struct sg_lane *lane);
void sg_handover_failed(struct sg_lane *lane);
void sg_handover_end(struct sg_lane *lane);

/* inquiry.c: symbols and time by REST, on a helper thread */
void sg_inquiry_start(struct sg_lane *lane);

/* exchange_time.c: CLOCK events where the stream carries no time */
void sg_exchange_time_begin(struct sg_binance *source);
/* An inquiry has ended; offset_us: exchange time - receive clock. */
void sg_exchange_time_answered(struct sg_binance *source, bool known, int64_t offset_us);
void sg_exchange_time_soon(struct sg_binance *source); /* ask again at the next beat */
void sg_exchange_time_beat(struct sg_binance *source, int64_t now_us);
