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

struct sg_ex_client;

struct sg_ex_topic {
    struct sg_ex_topic *next; /* of the bucket */
    struct sg_ex_client **clients;
    size_t count, capacity;
    size_t microsecond_clients;
    size_t length;
    char name[];
};

/* Futures split their streams by class over addresses of their own; a stream that is asked for at the wrong one never speaks. */
enum sg_ex_section { EX_SECTION_NONE, EX_SECTION_PUBLIC, EX_SECTION_MARKET, EX_SECTION_PRIVATE };

#define EX_WAITING_MAX 512 /* messages that `jitter` and `late` keep back from one client */

struct sg_ex_waiting {
    int64_t due_us;        /* monotonic */
    struct sg_buffer text; /* as it will be sent */
};

struct sg_ex_client {
    struct sg_ex_conn *conn;
    enum sg_ex_section section;
    struct sg_ex_client *next;
    struct sg_ex_topic **topics; /* in order of subscription */
    size_t topic_count, topic_capacity;
    bool combined, microseconds;
    int64_t inbound_us[EX_INBOUND_PER_S];
    size_t inbound_count;
    struct sg_ex_faults faults; /* this client's own: see only-first and chaos */
    struct sg_rng rng;
    uint64_t sent, dropped;
    bool shutdown_sent;
    struct sg_buffer held; /* a message kept back by `reorder`, wrapped as it will be sent */
    bool holding;
    struct sg_ex_waiting *waiting; /* in no order */
    size_t waiting_count, waiting_capacity;
};

struct sg_ex_hub_counters {
    atomic_uint_least64_t published, delivered, dropped, clients, subscriptions, slow_clients, rate_closed;
};

struct sg_ex_hub {
    struct sg_ex_topic *buckets[EX_TOPIC_BUCKETS];
    size_t topic_count;
    struct sg_ex_client *clients;
    size_t client_count, client_total;
    const struct sg_ex_faults *faults;
    uint64_t seed;
    size_t queue_limit; /* bytes waiting for one client: beyond it messages are dropped and counted */
    bool lossless;      /* the source waits instead; see sg_ex_hub_congested */
    struct sg_ex_hub_counters counters;
    struct sg_buffer scratch;
    bool subscribed; /* somebody has subscribed to something since the start */
};

void sg_ex_hub_init(struct sg_ex_hub *hub, const struct sg_ex_faults *faults, uint64_t seed);
void sg_ex_hub_free(struct sg_ex_hub *hub);

/* A new WebSocket; `streams` from the URL ("a/b", may be empty). NULL on lack of memory. */
struct sg_ex_client *sg_ex_hub_join(struct sg_ex_hub *hub, struct sg_ex_conn *conn, enum sg_ex_section section, bool combined, bool microseconds);
void sg_ex_hub_leave(struct sg_ex_hub *hub, struct sg_ex_client *client);
/* False: the limit of streams is reached, or the name is not one. Subscribing twice is fine. */
bool sg_ex_hub_subscribe(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *name, size_t length);
void sg_ex_hub_unsubscribe(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *name, size_t length);

/* NULL: nobody listens. */
struct sg_ex_topic *sg_ex_hub_topic(struct sg_ex_hub *hub, const char *name, size_t length);
/* `text` in milliseconds; `micro_text` may be empty when topic->microsecond_clients is 0. */
void sg_ex_hub_publish(struct sg_ex_hub *hub, struct sg_ex_topic *topic, const struct sg_buffer *text, const struct sg_buffer *micro_text);
/* Some subscriber's queue is more than half full. */
bool sg_ex_hub_congested(const struct sg_ex_hub *hub);
/* Faults that come with age, slow clients. Call a few times a second. */
void sg_ex_hub_tick(struct sg_ex_hub *hub, int64_t now_us);

/* Handlers of the transport, control.c. */
/* False: it was one too many, and the connection closes with 1008. */
bool sg_ex_hub_inbound(struct sg_ex_hub *hub, struct sg_ex_client *client, int64_t now_us);
void sg_ex_hub_command(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *text, size_t length);

/* Bad messages made of good ones, corrupt.c. Appends to `out`; `turn` chooses the way. False: none can be made of this one. */
bool sg_ex_corrupt(enum sg_ex_fault fault, uint64_t turn, const char *text, size_t length, struct sg_buffer *out);
