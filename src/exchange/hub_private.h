/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Who gets what: topics (stream names), clients, the commands by which they subscribe, the faults of each client.
 *
 * A topic exists while somebody subscribes to it; unknown symbols are topics on which nothing is ever published, exactly as
 * on the real exchange. The exchange's thread only. */
#include "archive_private.h"
#include "faults_private.h"
#include "server_private.h"
#include "spreadglass/base/rng.h"

#define EX_STREAMS_MAX 1024 /* per client */
#define EX_INBOUND_PER_S 5
#define EX_TOPIC_BUCKETS 4096

struct ex_client;

struct ex_topic {
    struct ex_topic *next; /* of the bucket */
    struct ex_client **clients;
    size_t count, capacity;
    size_t microsecond_clients;
    size_t length;
    char name[];
};

/* Futures split their streams by class over addresses of their own; a stream that is asked for at the wrong one never speaks. */
enum ex_section { EX_SECTION_NONE, EX_SECTION_PUBLIC, EX_SECTION_MARKET, EX_SECTION_PRIVATE };

#define EX_WAITING_MAX 512 /* messages that `jitter` and `late` keep back from one client */

struct ex_waiting {
    int64_t due_us;        /* monotonic */
    struct sg_buffer text; /* as it will be sent */
};

struct ex_client {
    struct ex_conn *conn;
    enum ex_section section;
    struct ex_client *next;
    struct ex_topic **topics; /* in order of subscription */
    size_t topic_count, topic_capacity;
    bool combined, microseconds;
    int64_t inbound_us[EX_INBOUND_PER_S];
    size_t inbound_count;
    struct ex_faults faults; /* this client's own: see only-first and chaos */
    struct sg_rng rng;
    uint64_t sent, dropped;
    bool shutdown_sent;
    struct sg_buffer held; /* a message kept back by `reorder`, wrapped as it will be sent */
    bool holding;
    struct ex_waiting *waiting; /* in no order */
    size_t waiting_count, waiting_capacity;
};

struct ex_hub_counters {
    atomic_uint_least64_t published, delivered, dropped, clients, subscriptions, slow_clients, rate_closed;
};

struct ex_hub {
    struct ex_topic *buckets[EX_TOPIC_BUCKETS];
    size_t topic_count;
    struct ex_client *clients;
    size_t client_count, client_total;
    const struct ex_faults *faults;
    uint64_t seed;
    size_t queue_limit; /* bytes waiting for one client: beyond it messages are dropped and counted */
    bool lossless;      /* the source waits instead; see ex_hub_congested */
    struct ex_hub_counters counters;
    struct sg_buffer scratch;
    bool subscribed; /* somebody has subscribed to something since the start */
};

void ex_hub_init(struct ex_hub *hub, const struct ex_faults *faults, uint64_t seed);
void ex_hub_free(struct ex_hub *hub);

/* A new WebSocket; `streams` from the URL ("a/b", may be empty). NULL on lack of memory. */
struct ex_client *ex_hub_join(struct ex_hub *hub, struct ex_conn *conn, enum ex_section section, bool combined, bool microseconds);
void ex_hub_leave(struct ex_hub *hub, struct ex_client *client);
/* False: the limit of streams is reached, or the name is not one. Subscribing twice is fine. */
bool ex_hub_subscribe(struct ex_hub *hub, struct ex_client *client, const char *name, size_t length);
void ex_hub_unsubscribe(struct ex_hub *hub, struct ex_client *client, const char *name, size_t length);

/* NULL: nobody listens. */
struct ex_topic *ex_hub_topic(struct ex_hub *hub, const char *name, size_t length);
/* `text` in milliseconds; `micro_text` may be empty when topic->microsecond_clients is 0. */
void ex_hub_publish(struct ex_hub *hub, struct ex_topic *topic, const struct sg_buffer *text, const struct sg_buffer *micro_text);
/* Some subscriber's queue is more than half full. */
bool ex_hub_congested(const struct ex_hub *hub);
/* Faults that come with age, slow clients. Call a few times a second. */
void ex_hub_tick(struct ex_hub *hub, int64_t now_us);

/* Handlers of the transport, control.c. */
/* False: it was one too many, and the connection closes with 1008. */
bool ex_hub_inbound(struct ex_hub *hub, struct ex_client *client, int64_t now_us);
void ex_hub_command(struct ex_hub *hub, struct ex_client *client, const char *text, size_t length);

/* Bad messages made of good ones, corrupt.c. Appends to `out`; `turn` chooses the way. False: none can be made of this one. */
bool ex_corrupt(enum ex_fault fault, uint64_t turn, const char *text, size_t length, struct sg_buffer *out);
