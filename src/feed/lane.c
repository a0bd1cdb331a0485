/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one market's connection is to do over time: open, subscribe, deliver, end, try again. */
#include "binance_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define ACK_LIMIT_US INT64_C(5000000)
#define SUBSCRIBE_TRIES 3
#define GEO_DELAY_US INT64_C(600000000)
#define RATE_DELAY_US INT64_C(60000000)
#define BAN_DELAY_US INT64_C(300000000)
#define CLOSED_RATE_DELAY_US INT64_C(10000000)

static uint32_t random_bits(void)
{
    uint32_t bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
        bits = (uint32_t)sg_clock_mono(sg_clock_system());
    return bits;
}

void sg_lane_set_state(struct sg_lane *lane, enum sg_feed_state state)
{
    lane->state = state;
    if (state == SG_FEED_LIVE) {
        lane->failure = SG_FAILURE_NONE;
        lane->detail[0] = 0;
    }
}

void sg_lane_reset(struct sg_lane *lane)
{
    lane->backoff.attempt = 0;
    lane->retrying = lane->handover_wanted = lane->inquiring = lane->inquiry_failed = false;
    lane->state = SG_FEED_CONNECTING;
    lane->failure = SG_FAILURE_NONE;
    lane->detail[0] = 0;
    lane->active = 0;
    lane->inquired_us = 0;
    for (unsigned i = 0; i < 2; i++) {
        lane->connections[i].phase = SG_CONN_IDLE;
        lane->connections[i].wsi = NULL;
        lane->connections[i].up_since_us = 0;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_leg_watch *watch = &lane->legs[leg];
        *watch = (struct sg_leg_watch){.watched = watch->watched, .last_id = -1, .symbol_status = SG_SYMBOL_TRADING};
    }
}

void sg_lane_start(struct sg_lane *lane)
{
    struct sg_binance *source = lane->source;
    lane->retrying = false;
    lane->healthy_since_us = 0;
    /* Not the same length for everybody who started together. */
    lane->life_us = source->connection_life_us - source->connection_life_us / 50 * (int64_t)(random_bits() % 1024) / 1023;
    sg_lane_set_state(lane, SG_FEED_CONNECTING);
    sg_binance_event(source, SG_EVENT_CONNECTING, lane->event_leg, "%s port %d", lane->url.host, lane->url.port);
    sg_connection_open(sg_lane_active(lane));
}

void sg_lane_up(struct sg_lane *lane, struct sg_connection *connection)
{
    lane->source->work.connects++;
    if (connection != sg_lane_active(lane))
        return;
    sg_lane_set_state(lane, SG_FEED_SUBSCRIBING);
    sg_binance_event(lane->source, SG_EVENT_CONNECTED, lane->event_leg, "%s%s", lane->url.host,
                     lane->url.secure ? ", certificate verified" : ", no TLS (this machine)");
}

/* The legs count as up from here. One that was stalled before only when it delivers again. */
static void announce(struct sg_lane *lane, struct sg_connection *connection)
{
    char names[2 * SG_SUBSCRIPTION_NAME + 8] = "";
    size_t length = 0, watched = 0, stalled = 0;
    int64_t now = sg_binance_mono(lane->source);
    if (connection->announced)
        return;
    connection->announced = true;
    if (connection != sg_lane_active(lane)) {
        lane->handover.confirmed_us = now;
        return;
    }
    for (size_t i = 0; i < connection->subscriptions.count; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", connection->subscriptions.items[i].name);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        watched += lane->legs[leg].watched;
        stalled += lane->legs[leg].watched && lane->legs[leg].stage != SG_STALL_NONE;
        lane->legs[leg].quiet_since_us = now;
    }
    sg_lane_set_state(lane, stalled ? SG_FEED_STALLED : SG_FEED_LIVE);
    if (stalled == 0)
        sg_binance_event(lane->source, SG_EVENT_SUBSCRIBED, lane->event_leg, "%s", names);
    else if (stalled < watched)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            if (lane->legs[leg].watched && lane->legs[leg].stage == SG_STALL_NONE)
                sg_binance_event(lane->source, SG_EVENT_SUBSCRIBED, leg, "%s", names);
    if (!lane->inquired_us)
        sg_inquiry_start(lane);
}

static void reply(struct sg_lane *lane, struct sg_connection *connection, const struct sg_decoded *decoded)
{
    struct sg_binance *source = lane->source;
    bool accepted = decoded->kind == SG_MESSAGE_REPLY_OK;
    sg_subscriptions_answer(&connection->subscriptions, decoded->reply_id, accepted);
    if (!accepted) {
        source->work.server_errors++;
        snprintf(connection->refusal, sizeof connection->refusal, "%.110s", decoded->detail);
        sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "%s refused a request: %s", lane->url.host, decoded->detail);
    }
    if (sg_subscriptions_all_acknowledged(&connection->subscriptions))
        announce(lane, connection);
}

static void deliver(struct sg_lane *lane, struct sg_tick *ticks, size_t count)
{
    struct sg_binance *source = lane->source;
    int64_t now = sg_binance_mono(source);
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++)
        seen |= 1u << ticks[i].leg;
    if (!lane->healthy_since_us)
        lane->healthy_since_us = now;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (seen & 1u << leg)
            sg_watch_data(lane, leg, now);
    for (size_t i = 0; i < count; i++) {
        struct sg_leg_watch *watch = &lane->legs[ticks[i].leg];
        watch->last_id = ticks[i].id > watch->last_id ? ticks[i].id : watch->last_id;
        watch->last_event_us = ticks[i].event_us > watch->last_event_us ? ticks[i].event_us : watch->last_event_us;
    }
    /* A leg that came back said so first, and that emptied the batch: what this message brought moves to where it now belongs. */
    memmove(source->batch + source->batch_count, ticks, count * sizeof *ticks);
    source->batch_count += count;
    source->work.ticks += count;
}

static void handle(struct sg_lane *lane, struct sg_connection *connection, const struct sg_decoded *decoded, uint64_t refused)
{
    struct sg_binance *source = lane->source;
    switch (decoded->kind) {
    case SG_MESSAGE_TICKS:
        if (refused && source->work.rejected_values == refused) /* the first; the others are counted */
            sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "a value was refused: %.180s", decoded->detail);
        return;
    case SG_MESSAGE_REPLY_OK:
    case SG_MESSAGE_REPLY_ERROR: reply(lane, connection, decoded); return;
    case SG_MESSAGE_SHUTDOWN:
        if (connection == sg_lane_active(lane))
            sg_handover_want(lane, "%s announced its shutdown", lane->url.host);
        return;
    case SG_MESSAGE_IGNORED: source->work.ignored_messages++; return;
    case SG_MESSAGE_BAD:
        if (source->work.rejected_messages++ == 0)
            sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "a message was refused: %.180s", decoded->detail);
        return;
    }
}

/* What a connection that took over brings may have been delivered by the one before it; from its first news on it is alone. */
static size_t keep_news(const struct sg_lane *lane, struct sg_connection *connection, struct sg_tick *ticks, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool *catching_up = &connection->catching_up[ticks[i].leg];
        if (*catching_up && !sg_handover_is_news(lane, &ticks[i]))
            continue;
        *catching_up = false;
        ticks[kept++] = ticks[i];
    }
    return kept;
}

void sg_lane_message(struct sg_lane *lane, struct sg_connection *connection, const char *text, size_t length, bool again)
{
    struct sg_binance *source = lane->source;
    struct sg_decoded decoded;
    if (source->batch_count > SG_BATCH - SG_BATCH_MESSAGE)
        sg_binance_flush(source);
    if (connection != sg_lane_active(lane) && sg_handover_full(lane, length))
        sg_handover_complete(lane); /* from here on this connection is the active one */
    uint64_t refused = connection->decoder.rejected_values;
    struct sg_tick *ticks = source->batch + source->batch_count;
    source->message_us = sg_binance_now(source);
    sg_decoder_message(&connection->decoder, text, length, source->message_us, ticks, SG_BATCH_MESSAGE, &decoded);
    refused = connection->decoder.rejected_values - refused;
    if (!again) {
        source->received++;
        source->work.messages++;
        source->work.rejected_values += refused;
        for (size_t i = 0; i < decoded.tick_count; i++)
            connection->data[ticks[i].leg] = true;
    }
    if (decoded.kind == SG_MESSAGE_TICKS && connection != sg_lane_active(lane)) {
        sg_handover_hold(lane, text, length, ticks, decoded.tick_count);
    } else {
        size_t count = keep_news(lane, connection, ticks, decoded.tick_count);
        /* What is recorded is what is delivered, so that a replay delivers the same. Replies and what is no JSON are not the market's. */
        if (source->recorder && (decoded.kind == SG_MESSAGE_TICKS || decoded.kind == SG_MESSAGE_IGNORED) && (count || !decoded.tick_count))
            sg_recorder_message(source->recorder, source->message_us, lane->event_leg, text, length);
        if (count)
            deliver(lane, ticks, count);
        if (!again)
            handle(lane, connection, &decoded, refused);
    }
    source->message_us = 0;
}

static int64_t retry_delay(struct sg_lane *lane, const struct sg_connection *connection)
{
    int64_t delay = sg_backoff_next(&lane->backoff, random_bits());
    int64_t least = 0;
    if (connection->again_at_once)
        return 0;
    if (connection->retry_after_us && connection->http_status != 101)
        least = connection->retry_after_us;
    else if (connection->failure == SG_FAILURE_GEO)
        least = GEO_DELAY_US;
    else if (connection->failure == SG_FAILURE_RATE)
        least = connection->http_status == 418 ? BAN_DELAY_US : connection->http_status == 429 ? RATE_DELAY_US : CLOSED_RATE_DELAY_US;
    return delay > least ? delay : least + delay / 8;
}

/* The active one is gone, and the other is not ready to deliver: it goes on as the active one from where it stands, or there is a retry. */
static void lost(struct sg_lane *lane, struct sg_connection *connection)
{
    struct sg_binance *source = lane->source;
    lane->failure = connection->failure;
    snprintf(lane->detail, sizeof lane->detail, "%s", connection->detail);
    if (connection->up_since_us)
        sg_binance_event(source, SG_EVENT_DISCONNECTED, lane->event_leg, "%s", connection->detail);
    connection->up_since_us = 0;
    struct sg_connection *other = sg_lane_standby(lane);
    if (other->phase != SG_CONN_IDLE) {
        sg_handover_end(lane);
        lane->active = other->index;
        lane->healthy_since_us = 0;
        sg_lane_set_state(lane, SG_FEED_CONNECTING);
        sg_binance_event(source, SG_EVENT_CONNECTING, lane->event_leg, "%s port %d", lane->url.host, lane->url.port);
        if (other->phase == SG_CONN_UP) {
            sg_lane_set_state(lane, SG_FEED_SUBSCRIBING);
            sg_binance_event(source, SG_EVENT_CONNECTED, lane->event_leg, "%s", lane->url.host);
        }
        return;
    }
    lane->handover_wanted = false;
    int64_t delay = retry_delay(lane, connection);
    lane->retrying = true;
    lane->retry_at_us = sg_binance_mono(source) + delay;
    sg_lane_set_state(lane, SG_FEED_WAITING);
    sg_binance_event(source, SG_EVENT_RETRY, lane->event_leg, "%s; attempt %u follows in %lld.%lld s", connection->detail, lane->backoff.attempt + 1,
                     (long long)(delay / 1000000), (long long)(delay / 100000 % 10));
}

void sg_lane_ended(struct sg_lane *lane, struct sg_connection *connection)
{
    struct sg_binance *source = lane->source;
    if (atomic_load(&source->stopping) || source->failed)
        return;
    if (connection->abandoned)
        connection->up_since_us = 0;
    else if (connection != sg_lane_active(lane))
        sg_handover_failed(lane);
    else if (sg_handover_ready(lane))
        sg_handover_complete(lane); /* what the new one holds follows on what the old one delivered */
    else
        lost(lane, connection);
    sg_binance_publish(source);
}

/* An exchange that accepts a request without ever answering it: ask again, then begin anew. Data on every stream is an answer. */
static void watch_acknowledgement(struct sg_lane *lane, struct sg_connection *connection, int64_t now)
{
    bool all_data = true;
    int64_t sent = 0;
    if (connection->announced || connection->phase != SG_CONN_UP)
        return;
    for (size_t i = 0; i < connection->subscriptions.count; i++)
        if (connection->subscriptions.items[i].sent_us > sent)
            sent = connection->subscriptions.items[i].sent_us;
    if (sg_subscriptions_pending(&connection->subscriptions) || now - sent < ACK_LIMIT_US)
        return;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        all_data = all_data && (!lane->legs[leg].watched || connection->data[leg]);
    if (all_data) {
        announce(lane, connection);
    } else if (++connection->subscribe_tries < SUBSCRIBE_TRIES) {
        struct sg_rate_window window = connection->subscriptions.window;
        sg_subscriptions_restart(&connection->subscriptions);
        connection->subscriptions.window = window;
    } else if (connection->refusal[0]) {
        sg_connection_close(connection, SG_FAILURE_PROTOCOL, "%s refuses the subscription: %s", lane->url.host, connection->refusal);
    } else {
        sg_connection_close(connection, SG_FAILURE_SILENT, "%s does not confirm the subscription", lane->url.host);
    }
}

void sg_lane_beat(struct sg_lane *lane, int64_t now_us)
{
    if (lane->retrying) {
        if (now_us >= lane->retry_at_us)
            sg_lane_start(lane);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        sg_connection_beat(&lane->connections[i], now_us);
        watch_acknowledgement(lane, &lane->connections[i], now_us);
    }
    sg_watch_beat(lane, now_us);
    sg_handover_beat(lane, now_us);
    if (lane->healthy_since_us && lane->state == SG_FEED_LIVE && now_us - lane->healthy_since_us >= SG_BACKOFF_HEALTHY_US)
        sg_backoff_healthy(&lane->backoff);
}
