/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub_private.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_LIMIT_MB 4
#define SLOW_AFTER_US (10 * SG_US_PER_S)
#define STREAM_NAME_MAX 128
#define LATE_US (3 * SG_US_PER_S)
#define DEAD_BEFORE_CUT_US (4 * SG_US_PER_S)

void sg_ex_hub_init(struct sg_ex_hub *hub, const struct sg_ex_faults *faults, uint64_t seed)
{
    hub->faults = faults;
    hub->seed = seed;
    hub->queue_limit = (size_t)(faults->on[EX_FAULT_QUEUE] ? faults->value[EX_FAULT_QUEUE] : QUEUE_LIMIT_MB) << 20;
    sg_buffer_init(&hub->scratch, EX_OUT_MAX);
}

void sg_ex_hub_free(struct sg_ex_hub *hub)
{
    while (hub->clients)
        sg_ex_hub_leave(hub, hub->clients);
    sg_buffer_free(&hub->scratch);
}

static size_t bucket_of(const char *name, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32) & (EX_TOPIC_BUCKETS - 1);
}

struct sg_ex_topic *sg_ex_hub_topic(struct sg_ex_hub *hub, const char *name, size_t length)
{
    for (struct sg_ex_topic *topic = hub->buckets[bucket_of(name, length)]; topic; topic = topic->next)
        if (topic->length == length && memcmp(topic->name, name, length) == 0)
            return topic;
    return NULL;
}

static bool grow(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return true;
    const size_t wanted = *capacity ? *capacity * 2 : 8;
    void *more = realloc(*array, wanted * size);
    if (!more)
        return false;
    *array = more;
    *capacity = wanted;
    return true;
}

/* Which faults this client meets. */
static void assign_faults(struct sg_ex_hub *hub, struct sg_ex_client *client)
{
    /* Through the generator first: with the plain numbers the same seed for both would be no seed at all. */
    sg_rng_seed(&client->rng, (uint64_t)hub->faults->value[EX_FAULT_CHAOS], 6999);
    sg_rng_seed(&client->rng, hub->seed ^ sg_rng_next(&client->rng), 7000 + hub->client_total);
    client->faults = *hub->faults;
    if (hub->faults->on[EX_FAULT_ONLY_FIRST] && hub->client_total > (uint64_t)hub->faults->value[EX_FAULT_ONLY_FIRST]) {
        client->faults = (struct sg_ex_faults){0};
        client->faults.on[EX_FAULT_NESTED_ERRORS] = hub->faults->on[EX_FAULT_NESTED_ERRORS];
        return;
    }
    if (!hub->faults->on[EX_FAULT_CHAOS])
        return;
    /* What can befall a connection, and between which values. */
    static const struct {
        enum sg_ex_fault fault;
        int64_t least, most;
    } deck[] = {
        {EX_FAULT_CUT, 2 * SG_US_PER_S, 15 * SG_US_PER_S},
        {EX_FAULT_SHUTDOWN, SG_US_PER_S, 8 * SG_US_PER_S},
        {EX_FAULT_CLOSE_1008, SG_US_PER_S, 8 * SG_US_PER_S},
        {EX_FAULT_MID_FRAME_CLOSE, 5, 200},
        {EX_FAULT_RST, 5, 200},
        {EX_FAULT_HALF_OPEN, SG_US_PER_S, 8 * SG_US_PER_S},
        {EX_FAULT_SILENCE, SG_US_PER_S, 8 * SG_US_PER_S},
        {EX_FAULT_SLOW, 2000, 20000},
        {EX_FAULT_SPLIT, 1, 100},
        {EX_FAULT_FRAGMENT, 1, 100},
        {EX_FAULT_DUPLICATE, 2, 30},
        {EX_FAULT_REORDER, 2, 30},
        {EX_FAULT_ID_HOLE, 10, 100},
        {EX_FAULT_MALFORMED, 5, 50},
        {EX_FAULT_WRONG_TYPES, 5, 50},
        {EX_FAULT_BAD_PRICES, 5, 50},
        {EX_FAULT_JITTER, 50, 1500},
        {EX_FAULT_LATE, 10, 100},
        {EX_FAULT_HALF_OPEN_CUT, SG_US_PER_S, 8 * SG_US_PER_S},
    };
    const uint64_t faults = sg_rng_below(&client->rng, 3); /* one connection in three is healthy */
    for (uint64_t i = 0; i < faults; i++) {
        const size_t card = (size_t)sg_rng_below(&client->rng, sizeof deck / sizeof deck[0]);
        client->faults.on[deck[card].fault] = true;
        client->faults.value[deck[card].fault] = deck[card].least + (int64_t)sg_rng_below(&client->rng, (uint64_t)(deck[card].most - deck[card].least + 1));
    }
}

struct sg_ex_client *sg_ex_hub_join(struct sg_ex_hub *hub, struct sg_ex_conn *conn, enum sg_ex_section section, bool combined, bool microseconds)
{
    struct sg_ex_client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    hub->client_total++;
    hub->client_count++;
    client->conn = conn;
    client->section = section;
    client->combined = combined;
    client->microseconds = microseconds;
    client->next = hub->clients;
    hub->clients = client;
    sg_buffer_init(&client->held, EX_OUT_MAX);
    assign_faults(hub, client);
    const struct sg_ex_faults *faults = &client->faults;
    client->microseconds |= faults->on[EX_FAULT_MICROSECONDS];
    conn->split = faults->on[EX_FAULT_SPLIT] ? (size_t)faults->value[EX_FAULT_SPLIT] : 0;
    conn->bytes_per_s = faults->on[EX_FAULT_SLOW] ? faults->value[EX_FAULT_SLOW] : 0;
    conn->fragment = faults->on[EX_FAULT_FRAGMENT] ? (size_t)faults->value[EX_FAULT_FRAGMENT] : 0;
    conn->masked = faults->on[EX_FAULT_MASKED];
    conn->no_ping = faults->on[EX_FAULT_NO_PING];
    conn->corked = faults->on[EX_FAULT_CORK];
    atomic_fetch_add(&hub->counters.clients, 1);
    return client;
}

static void drop_topic(struct sg_ex_hub *hub, struct sg_ex_topic *topic)
{
    struct sg_ex_topic **link = &hub->buckets[bucket_of(topic->name, topic->length)];
    while (*link != topic)
        link = &(*link)->next;
    *link = topic->next;
    hub->topic_count--;
    free(topic->clients);
    free(topic);
}

static void detach(struct sg_ex_hub *hub, struct sg_ex_client *client, struct sg_ex_topic *topic)
{
    for (size_t i = 0; i < topic->count; i++)
        if (topic->clients[i] == client) {
            memmove(&topic->clients[i], &topic->clients[i + 1], (topic->count - i - 1) * sizeof *topic->clients);
            topic->count--;
            topic->microsecond_clients -= client->microseconds;
            break;
        }
    if (topic->count == 0)
        drop_topic(hub, topic);
}

void sg_ex_hub_leave(struct sg_ex_hub *hub, struct sg_ex_client *client)
{
    for (size_t i = 0; i < client->topic_count; i++)
        detach(hub, client, client->topics[i]);
    struct sg_ex_client **link = &hub->clients;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    hub->client_count--;
    atomic_fetch_sub(&hub->counters.clients, 1);
    atomic_fetch_sub(&hub->counters.subscriptions, client->topic_count);
    sg_buffer_free(&client->held);
    for (size_t i = 0; i < client->waiting_count; i++)
        sg_buffer_free(&client->waiting[i].text);
    free(client->waiting);
    free(client->topics);
    free(client);
}

/* The book is public, the rest is of the market; outside the sections (spot) everything is to be had. */
static bool carries(const struct sg_ex_client *client, const char *name, size_t length)
{
    const char *kind = memchr(name, '@', length);
    const size_t left = kind ? length - (size_t)(kind - name) : 0;
    const bool book = (left >= 11 && memcmp(kind, "@bookTicker", 11) == 0) || (left >= 6 && memcmp(kind, "@depth", 6) == 0);
    return client->section == EX_SECTION_NONE || client->section == (book ? EX_SECTION_PUBLIC : EX_SECTION_MARKET);
}

bool sg_ex_hub_subscribe(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *name, size_t length)
{
    if (!carries(client, name, length))
        return true;
    struct sg_ex_topic *topic = sg_ex_hub_topic(hub, name, length);
    for (size_t i = 0; topic && i < client->topic_count; i++)
        if (client->topics[i] == topic)
            return true;
    if (length == 0 || length > STREAM_NAME_MAX || client->topic_count >= EX_STREAMS_MAX ||
        !grow((void **)&client->topics, &client->topic_capacity, client->topic_count, sizeof(struct sg_ex_topic *)))
        return false;
    if (!topic) {
        topic = calloc(1, sizeof *topic + length + 1);
        if (!topic)
            return false;
        memcpy(topic->name, name, length);
        topic->length = length;
        struct sg_ex_topic **bucket = &hub->buckets[bucket_of(name, length)];
        topic->next = *bucket;
        *bucket = topic;
        hub->topic_count++;
    }
    if (!grow((void **)&topic->clients, &topic->capacity, topic->count, sizeof(struct sg_ex_client *))) {
        if (topic->count == 0)
            drop_topic(hub, topic);
        return false;
    }
    topic->clients[topic->count++] = client;
    topic->microsecond_clients += client->microseconds;
    client->topics[client->topic_count++] = topic;
    hub->subscribed = true;
    atomic_fetch_add(&hub->counters.subscriptions, 1);
    return true;
}

void sg_ex_hub_unsubscribe(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *name, size_t length)
{
    for (size_t i = 0; i < client->topic_count; i++) {
        struct sg_ex_topic *topic = client->topics[i];
        if (topic->length != length || memcmp(topic->name, name, length) != 0)
            continue;
        memmove(&client->topics[i], &client->topics[i + 1], (client->topic_count - i - 1) * sizeof(struct sg_ex_topic *));
        client->topic_count--;
        atomic_fetch_sub(&hub->counters.subscriptions, 1);
        detach(hub, client, topic);
        return;
    }
}

static void transmit(struct sg_ex_client *client, const struct sg_ex_topic *topic, const char *text, size_t length, bool binary)
{
    struct sg_ex_conn *conn = client->conn;
    if (binary) {
        sg_ex_conn_send_frame(conn, 0x80 | EX_OP_BINARY, text, length);
        return;
    }
    if (!client->combined) {
        sg_ex_conn_send_text(conn, NULL, 0, text, length, NULL, 0);
        return;
    }
    char prefix[STREAM_NAME_MAX + 32];
    memcpy(prefix, "{\"stream\":\"", 11);
    memcpy(prefix + 11, topic->name, topic->length);
    memcpy(prefix + 11 + topic->length, "\",\"data\":", 9);
    sg_ex_conn_send_text(conn, prefix, topic->length + 20, text, length, "}", 1);
}

/* n-th message of a fault that acts on every `value`-th one. */
static bool nth(const struct sg_ex_client *client, enum sg_ex_fault fault, uint64_t preset)
{
    const uint64_t every = client->faults.value[fault] ? (uint64_t)client->faults.value[fault] : preset;
    return client->faults.on[fault] && client->sent % every == 0;
}

/* The faults that end the connection, or replace the message. True: this message is not sent. */
static bool struck(struct sg_ex_client *client, const struct sg_ex_topic *topic, int64_t now_us)
{
    const struct sg_ex_faults *faults = &client->faults;
    struct sg_ex_conn *conn = client->conn;
    const int64_t age = now_us - conn->opened_us;
    if (faults->on[EX_FAULT_MUTE])
        return true;
    if (faults->on[EX_FAULT_SILENCE] && client->topics[0] == topic && age >= faults->value[EX_FAULT_SILENCE])
        return true;
    client->sent++;
    if (faults->on[EX_FAULT_MID_FRAME_CLOSE] && client->sent == (uint64_t)faults->value[EX_FAULT_MID_FRAME_CLOSE] + 1) {
        sg_ex_conn_send_torn(conn, 180, 90);
        sg_ex_conn_drain(conn);
        return true;
    }
    if (faults->on[EX_FAULT_RST] && client->sent == (uint64_t)faults->value[EX_FAULT_RST] + 1) {
        sg_ex_conn_send_torn(conn, 180, 90);
        sg_ex_conn_drop(conn, true);
        return true;
    }
    if (faults->on[EX_FAULT_ENDLESS_FRAME] && client->sent == 6) {
        sg_ex_conn_send_torn(conn, UINT64_C(1) << 62, 200);
        conn->filler = UINT64_C(1) << 61;
        return true;
    }
    if (faults->on[EX_FAULT_HUGE_MESSAGE] && client->sent == 6) {
        static const char head[] = "{\"huge\":\"";
        const uint64_t filler = (uint64_t)faults->value[EX_FAULT_HUGE_MESSAGE] << 20;
        unsigned char frame[10] = {0x80 | EX_OP_TEXT, 127};
        const uint64_t length = filler + sizeof head - 1 + 2;
        for (int i = 0; i < 8; i++)
            frame[2 + i] = (unsigned char)(length >> (56 - 8 * i));
        sg_ex_conn_queue_raw(conn, frame, sizeof frame);
        sg_ex_conn_queue_raw(conn, head, sizeof head - 1);
        conn->filler = filler;
        sg_ex_conn_flush(conn);
        return true;
    }
    return nth(client, EX_FAULT_ID_HOLE, 50);
}

static void insert_bad(struct sg_ex_hub *hub, struct sg_ex_client *client, const struct sg_ex_topic *topic, const struct sg_buffer *text)
{
    static const enum sg_ex_fault kinds[] = {EX_FAULT_MALFORMED, EX_FAULT_WRONG_TYPES, EX_FAULT_BAD_PRICES, EX_FAULT_BAD_UTF8};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!nth(client, kinds[i], 10))
            continue;
        const uint64_t every = client->faults.value[kinds[i]] ? (uint64_t)client->faults.value[kinds[i]] : 10;
        sg_buffer_clear(&hub->scratch);
        if (sg_ex_corrupt(kinds[i], client->sent / every - 1, text->data, text->length, &hub->scratch))
            transmit(client, topic, hub->scratch.data, hub->scratch.length, false);
    }
}

/* The message as it will be sent: the wrapper names the topic, so a message that waits keeps its own text with it. */
static void wrap(const struct sg_ex_client *client, const struct sg_ex_topic *topic, const struct sg_buffer *text, struct sg_buffer *out)
{
    if (client->combined) {
        sg_buffer_append_text(out, "{\"stream\":");
        sg_buffer_append_json_string(out, topic->name, topic->length);
        sg_buffer_append_text(out, ",\"data\":");
    }
    sg_buffer_append(out, text->data, text->length);
    if (client->combined)
        sg_buffer_append_text(out, "}");
}

/* True: the message waits, and is sent by sg_ex_hub_tick. */
static bool waits(struct sg_ex_client *client, const struct sg_ex_topic *topic, const struct sg_buffer *text, int64_t now_us)
{
    int64_t wait_us = 0;
    if (client->faults.on[EX_FAULT_JITTER])
        wait_us = (int64_t)sg_rng_below(&client->rng, (uint64_t)client->faults.value[EX_FAULT_JITTER]) * SG_US_PER_MS;
    if (nth(client, EX_FAULT_LATE, 40))
        wait_us = LATE_US;
    if (wait_us == 0 || client->waiting_count == EX_WAITING_MAX ||
        !grow((void **)&client->waiting, &client->waiting_capacity, client->waiting_count, sizeof *client->waiting))
        return false;
    struct sg_ex_waiting *waiting = &client->waiting[client->waiting_count++];
    waiting->due_us = now_us + wait_us;
    sg_buffer_init(&waiting->text, EX_OUT_MAX);
    wrap(client, topic, text, &waiting->text);
    return true;
}

static void send_due(struct sg_ex_client *client, int64_t now_us)
{
    for (;;) {
        struct sg_ex_waiting *next = NULL;
        for (size_t i = 0; i < client->waiting_count; i++)
            if (client->waiting[i].due_us <= now_us && (!next || client->waiting[i].due_us < next->due_us))
                next = &client->waiting[i];
        if (!next)
            return;
        if (client->conn->state == EX_CONN_WS && !client->conn->frozen)
            sg_ex_conn_send_text(client->conn, NULL, 0, next->text.data, next->text.length, NULL, 0);
        sg_buffer_free(&next->text);
        *next = client->waiting[--client->waiting_count];
    }
}

static void deliver(struct sg_ex_hub *hub, struct sg_ex_client *client, const struct sg_ex_topic *topic, const struct sg_buffer *text, int64_t now_us)
{
    if (client->conn->state != EX_CONN_WS || struck(client, topic, now_us))
        return;
    /* A frozen connection is a fault that behaves like a dead line: what it swallows is not a drop. */
    if (client->conn->frozen)
        return;
    if (!hub->lossless && sg_ex_conn_queued(client->conn) + text->length > hub->queue_limit) {
        client->dropped++;
        atomic_fetch_add(&hub->counters.dropped, 1);
        return;
    }
    insert_bad(hub, client, topic, text);
    if (nth(client, EX_FAULT_REORDER, 10) && !client->holding) {
        sg_buffer_clear(&client->held);
        wrap(client, topic, text, &client->held);
        client->holding = true;
        return;
    }
    if (waits(client, topic, text, now_us))
        return;
    /* Before it leaves, so that who has received it finds it counted. */
    atomic_fetch_add(&hub->counters.delivered, 1);
    transmit(client, topic, text->data, text->length, nth(client, EX_FAULT_BINARY, 10));
    if (nth(client, EX_FAULT_DUPLICATE, 10))
        transmit(client, topic, text->data, text->length, false);
    if (client->holding) {
        client->holding = false;
        sg_ex_conn_send_text(client->conn, NULL, 0, client->held.data, client->held.length, NULL, 0);
    }
}

void sg_ex_hub_publish(struct sg_ex_hub *hub, struct sg_ex_topic *topic, const struct sg_buffer *text, const struct sg_buffer *micro_text)
{
    atomic_fetch_add(&hub->counters.published, 1);
    for (size_t i = 0; i < topic->count; i++) {
        struct sg_ex_client *client = topic->clients[i];
        deliver(hub, client, topic, client->microseconds ? micro_text : text, client->conn->server->now_us);
    }
}

bool sg_ex_hub_congested(const struct sg_ex_hub *hub)
{
    for (const struct sg_ex_client *client = hub->clients; client; client = client->next)
        if (client->conn->state == EX_CONN_WS && !client->conn->frozen && client->topic_count && sg_ex_conn_queued(client->conn) > hub->queue_limit / 2)
            return true;
    return false;
}

static void age_client(struct sg_ex_hub *hub, struct sg_ex_client *client, int64_t now_us)
{
    struct sg_ex_conn *conn = client->conn;
    const struct sg_ex_faults *faults = &client->faults;
    const int64_t age = now_us - conn->opened_us;
    if (conn->state == EX_CONN_WS && faults->on[EX_FAULT_HALF_OPEN_CUT] && age >= faults->value[EX_FAULT_HALF_OPEN_CUT] + DEAD_BEFORE_CUT_US)
        sg_ex_conn_drop(conn, true);
    if (conn->state != EX_CONN_WS || conn->frozen)
        return;
    send_due(client, now_us);
    if (faults->on[EX_FAULT_HALF_OPEN_CUT] && age >= faults->value[EX_FAULT_HALF_OPEN_CUT]) {
        conn->frozen = true;
    } else if (faults->on[EX_FAULT_HALF_OPEN] && age >= faults->value[EX_FAULT_HALF_OPEN]) {
        conn->frozen = true;
    } else if (faults->on[EX_FAULT_CUT] && age >= faults->value[EX_FAULT_CUT]) {
        sg_ex_conn_close(conn, 1000, "");
    } else if (faults->on[EX_FAULT_CLOSE_1008] && age >= faults->value[EX_FAULT_CLOSE_1008]) {
        sg_ex_conn_close(conn, 1008, "Too many requests");
    } else if (faults->on[EX_FAULT_SHUTDOWN] && age >= faults->value[EX_FAULT_SHUTDOWN] + 5 * SG_US_PER_S) {
        sg_ex_conn_close(conn, 1001, "");
    } else if (faults->on[EX_FAULT_SHUTDOWN] && age >= faults->value[EX_FAULT_SHUTDOWN] && !client->shutdown_sent) {
        client->shutdown_sent = true;
        sg_buffer_clear(&hub->scratch);
        sg_buffer_append_text(&hub->scratch, "{\"e\":\"serverShutdown\",\"E\":");
        sg_buffer_append_int64(&hub->scratch, sg_clock_wall(sg_clock_system()) / (client->microseconds ? 1 : SG_US_PER_MS));
        sg_buffer_append_text(&hub->scratch, "}");
        static const char prefix[] = "{\"stream\":\"!serverShutdown\",\"data\":";
        sg_ex_conn_send_text(conn, prefix, client->combined ? sizeof prefix - 1 : 0, hub->scratch.data, hub->scratch.length, "}", client->combined);
    } else if (!hub->lossless && sg_ex_conn_queued(conn) > hub->queue_limit / 2 &&
               now_us - conn->progress_us > SLOW_AFTER_US / (hub->faults->on[EX_FAULT_HURRY] ? hub->faults->value[EX_FAULT_HURRY] : 1)) {
        atomic_fetch_add(&hub->counters.slow_clients, 1);
        sg_ex_conn_drop(conn, false);
    }
}

void sg_ex_hub_tick(struct sg_ex_hub *hub, int64_t now_us)
{
    for (struct sg_ex_client *client = hub->clients; client; client = client->next)
        age_client(hub, client, now_us);
}
