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
#include "spreadglass/feed/source.h"
#include "subscriptions_private.h"

#define SG_BATCH 4096                      /* ticks collected before the ring's lock is taken */
#define SG_BATCH_MESSAGE 512               /* room that one message may need */

struct sg_binance;
struct sg_lane;

enum sg_connection_phase { SG_CONN_IDLE, SG_CONN_RESOLVING, SG_CONN_DIALING, SG_CONN_UP };

struct sg_connection {
    struct sg_lane *lane;
    enum sg_connection_phase phase;
    struct lws *wsi;
    unsigned tag;                          /* of the name lookup that is out */
    char address[SG_ADDRESS_BUF];
    int64_t phase_since_us, up_since_us;
    bool announced;                        /* SUBSCRIBED was said for it */
    bool tls_seen;                         /* the peer's certificate was accepted */
    long x509_error;
    unsigned http_status;
    int64_t retry_after_us;
    unsigned close_code;
    enum sg_feed_failure failure;          /* why it ends, once somebody knows */
    char detail[256];
    struct sg_subscriptions subscriptions;
    unsigned subscribe_tries;
    struct sg_decoder decoder;
    struct sg_buffer message;              /* reassembly of fragments */
    bool first_fragment_seen;
};

/* How far the escalation of a silent leg has gone. */
enum sg_stall_stage { SG_STALL_NONE, SG_STALL_RENEWED, SG_STALL_REPLACED };

struct sg_leg_watch {
    bool watched;                          /* this lane carries the leg */
    enum sg_stall_stage stage;
    int64_t quiet_since_us;                /* monotonic: data, subscription or renewal, whichever is last */
    bool had_data;                         /* since the last subscription */
};

struct sg_lane {
    struct sg_binance *source;
    struct sg_url url;
    int event_leg;                         /* of this lane's events: -1 when it carries both legs */
    struct sg_connection connection;
    struct sg_backoff backoff;
    bool retrying;
    int64_t retry_at_us;
    int64_t healthy_since_us;              /* 0: no data yet on this connection */
    struct sg_leg_watch legs[SG_LEG_COUNT];
    enum sg_feed_state state;
    enum sg_feed_failure failure;
    char detail[256];
};

struct sg_binance {
    struct sg_source base;
    /* set at creation, then read only */
    struct sg_instrument instruments[SG_LEG_COUNT];
    enum sg_stream stream;
    char *rest_url;                        /* as given; NULL: the market's own */
    char *ca_file;                         /* as given; NULL: the system store */
    const char *roots;                     /* the file actually used */
    const struct sg_clock *clock;
    struct sg_tick_ring *ring;
    int64_t first_data_us, silence_us;
    size_t message_limit;
    bool check_symbols;
    int64_t wall_base_us, mono_base_us;    /* of the receive clock */
    /* any thread */
    atomic_bool stopping, reconnect;
    pthread_mutex_t lock;                  /* {status}: shared, and context for waking */
    struct sg_feed_status shared;
    struct lws_context *wakeable;          /* NULL unless the service loop runs */
    /* main thread */
    bool started;
    pthread_t thread;
    /* feed thread */
    struct lws_context *context;
    struct sg_mailbox *mailbox;
    lws_sorted_usec_list_t beat;           /* every 50 ms: watermark, deadlines, retries */
    struct sg_feed_status work;            /* what is copied to `shared` */
    struct sg_lane lanes[SG_MARKET_USDM + 1];
    size_t lane_count;
    bool failed;                           /* FAILED: nothing is tried any more */
    struct sg_tick *batch;                 /* SG_BATCH of them */
    size_t batch_count;
    int64_t watermark_us;
    int64_t message_us;                    /* receive time of the message being handled; 0 between messages */
    uint64_t received;                     /* messages, for the draining loop */
    uint64_t received_bytes;
    int64_t rate_since_us;
    uint64_t rate_messages;
};

/* binance_source.c */
int64_t sg_binance_now(struct sg_binance *source);                 /* receive clock; any thread */
int64_t sg_binance_mono(const struct sg_binance *source);
void sg_binance_flush(struct sg_binance *source);                  /* batch to the ring, watermark */
void sg_binance_event(struct sg_binance *source, enum sg_feed_event_code code, int leg, const char *format, ...) __attribute__((format(printf, 4, 5)));
void sg_binance_publish(struct sg_binance *source);                /* work to shared */
void sg_binance_fail(struct sg_binance *source, enum sg_feed_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* connection.c: one WebSocket connection */
int sg_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length);
void sg_connection_open(struct sg_connection *connection);         /* resolve, dial */
/* Ends it, if it is not over; `failure` is what will be reported. */
void sg_connection_close(struct sg_connection *connection, enum sg_feed_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sg_connection_beat(struct sg_connection *connection, int64_t now_us);
void sg_connection_free(struct sg_connection *connection);
/* Why it ended, in words for a person, from what was seen of it. */
void sg_connection_explain(struct sg_connection *connection, const char *text, size_t length);

/* lane.c: what one market's connection is to do over time */
void sg_lane_start(struct sg_lane *lane);
void sg_lane_beat(struct sg_lane *lane, int64_t now_us);
void sg_lane_up(struct sg_lane *lane, struct sg_connection *connection);
void sg_lane_message(struct sg_lane *lane, struct sg_connection *connection, const char *text, size_t length);
void sg_lane_ended(struct sg_lane *lane, struct sg_connection *connection);
