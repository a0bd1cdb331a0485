/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one market's connection is to do over time: open, subscribe, watch the data, escalate, try again. */
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

static void set_state(struct sg_lane *lane, enum sg_feed_state state)
{
    lane->state = state;
    if (state == SG_FEED_LIVE) {
        lane->failure = SG_FAILURE_NONE;
        lane->detail[0] = 0;
    }
}

void sg_lane_start(struct sg_lane *lane)
{
    lane->retrying = false;
    lane->healthy_since_us = 0;
    set_state(lane, SG_FEED_CONNECTING);
    sg_binance_event(lane->source, SG_EVENT_CONNECTING, lane->event_leg, "%s port %d", lane->url.host, lane->url.port);
    sg_connection_open(&lane->connection);
}

void sg_lane_up(struct sg_lane *lane, struct sg_connection *connection)
{
    lane->source->work.connects++;
    set_state(lane, SG_FEED_SUBSCRIBING);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        lane->legs[leg].quiet_since_us = connection->up_since_us;
        lane->legs[leg].had_data = false;
    }
    sg_binance_event(lane->source, SG_EVENT_CONNECTED, lane->event_leg, "%s%s", lane->url.host, lane->url.secure ? ", certificate verified" : ", no TLS (this machine)");
}

/* The legs count as up from here. One that was stalled before only when it delivers again. */
static void announce(struct sg_lane *lane, struct sg_connection *connection)
{
    char names[2 * SG_SUBSCRIPTION_NAME + 8] = "";
    size_t length = 0, watched = 0, stalled = 0;
    if (connection->announced)
        return;
    connection->announced = true;
    for (size_t i = 0; i < connection->subscriptions.count; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", connection->subscriptions.items[i].name);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        watched += lane->legs[leg].watched;
        stalled += lane->legs[leg].watched && lane->legs[leg].stage != SG_STALL_NONE;
        lane->legs[leg].quiet_since_us = sg_binance_mono(lane->source);
    }
    set_state(lane, stalled ? SG_FEED_STALLED : SG_FEED_LIVE);
    if (stalled == 0)
        sg_binance_event(lane->source, SG_EVENT_SUBSCRIBED, lane->event_leg, "%s", names);
    else if (stalled < watched)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            if (lane->legs[leg].watched && lane->legs[leg].stage == SG_STALL_NONE)
                sg_binance_event(lane->source, SG_EVENT_SUBSCRIBED, leg, "%s", names);
}

static void data(struct sg_lane *lane, int leg, int64_t now)
{
    struct sg_binance *source = lane->source;
    struct sg_leg_watch *watch = &lane->legs[leg];
    watch->quiet_since_us = now;
    watch->had_data = true;
    source->work.last_data_mono_us[leg] = now;
    if (watch->stage == SG_STALL_NONE)
        return;
    watch->stage = SG_STALL_NONE;
    if (lane->state == SG_FEED_STALLED && lane->legs[!leg].stage == SG_STALL_NONE)
        set_state(lane, SG_FEED_LIVE);
    sg_binance_event(source, SG_EVENT_RECOVERED, leg, "%s delivers again", source->instruments[leg].symbol);
}

static void reply(struct sg_lane *lane, struct sg_connection *connection, const struct sg_decoded *decoded)
{
    struct sg_binance *source = lane->source;
    bool accepted = decoded->kind == SG_MESSAGE_REPLY_OK;
    sg_subscriptions_answer(&connection->subscriptions, decoded->reply_id, accepted);
    if (!accepted) {
        source->work.server_errors++;
        sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "%s refused a request: %s", lane->url.host, decoded->detail);
    }
    if (sg_subscriptions_all_acknowledged(&connection->subscriptions))
        announce(lane, connection);
}

static void handle(struct sg_lane *lane, struct sg_connection *connection, struct sg_tick *ticks, const struct sg_decoded *decoded, uint64_t refused)
{
    struct sg_binance *source = lane->source;
    source->received++;
    source->work.messages++;
    source->work.rejected_values += refused;
    switch (decoded->kind) {
    case SG_MESSAGE_TICKS: {
        if (refused && source->work.rejected_values == refused)
            sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "a value was refused: %.180s", decoded->detail);
        if (decoded->tick_count == 0)
            return;
        int64_t now = sg_binance_mono(source);
        if (!lane->healthy_since_us)
            lane->healthy_since_us = now;
        unsigned seen = 0;
        for (size_t i = 0; i < decoded->tick_count; i++)
            seen |= 1u << ticks[i].leg;
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            if (seen & 1u << leg)
                data(lane, leg, now);
        /* A leg that came back said so first, and that emptied the batch: what this message brought moves to where it now belongs. */
        memmove(source->batch + source->batch_count, ticks, decoded->tick_count * sizeof *ticks);
        source->batch_count += decoded->tick_count;
        source->work.ticks += decoded->tick_count;
        return;
    }
    case SG_MESSAGE_REPLY_OK: case SG_MESSAGE_REPLY_ERROR:
        reply(lane, connection, decoded);
        return;
    case SG_MESSAGE_SHUTDOWN:
        sg_connection_close(connection, SG_FAILURE_CLOSED, "%s announced its shutdown", lane->url.host);
        return;
    case SG_MESSAGE_IGNORED:
        source->work.ignored_messages++;
        return;
    case SG_MESSAGE_BAD:
        if (source->work.rejected_messages++ == 0)
            sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "a message was refused: %.180s", decoded->detail);
        return;
    }
}

void sg_lane_message(struct sg_lane *lane, struct sg_connection *connection, const char *text, size_t length)
{
    struct sg_binance *source = lane->source;
    struct sg_decoded decoded;
    if (source->batch_count > SG_BATCH - SG_BATCH_MESSAGE)
        sg_binance_flush(source);
    uint64_t refused = connection->decoder.rejected_values;
    struct sg_tick *ticks = source->batch + source->batch_count;
    source->message_us = sg_binance_now(source);
    sg_decoder_message(&connection->decoder, text, length, source->message_us, ticks, SG_BATCH_MESSAGE, &decoded);
    handle(lane, connection, ticks, &decoded, connection->decoder.rejected_values - refused);
    source->message_us = 0;
}

static int64_t retry_delay(struct sg_lane *lane, const struct sg_connection *connection)
{
    int64_t delay = sg_backoff_next(&lane->backoff, random_bits());
    int64_t least = 0;
    if (connection->retry_after_us && connection->http_status != 101)
        least = connection->retry_after_us;
    else if (connection->failure == SG_FAILURE_GEO)
        least = GEO_DELAY_US;
    else if (connection->failure == SG_FAILURE_RATE)
        least = connection->http_status == 418 ? BAN_DELAY_US : connection->http_status == 429 ? RATE_DELAY_US : CLOSED_RATE_DELAY_US;
    return delay > least ? delay : least + delay / 8;
}

void sg_lane_ended(struct sg_lane *lane, struct sg_connection *connection)
{
    struct sg_binance *source = lane->source;
    if (atomic_load(&source->stopping) || source->failed)
        return;
    lane->failure = connection->failure;
    snprintf(lane->detail, sizeof lane->detail, "%s", connection->detail);
    if (connection->up_since_us)
        sg_binance_event(source, SG_EVENT_DISCONNECTED, lane->event_leg, "%s", connection->detail);
    connection->up_since_us = 0;
    int64_t delay = retry_delay(lane, connection);
    lane->retrying = true;
    lane->retry_at_us = sg_binance_mono(source) + delay;
    set_state(lane, SG_FEED_WAITING);
    sg_binance_event(source, SG_EVENT_RETRY, lane->event_leg, "%s; attempt %u follows in %lld.%lld s", connection->detail, lane->backoff.attempt + 1,
                     (long long)(delay / 1000000), (long long)(delay / 100000 % 10));
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
        all_data = all_data && (!lane->legs[leg].watched || lane->legs[leg].had_data);
    if (all_data) {
        announce(lane, connection);
    } else if (++connection->subscribe_tries < SUBSCRIBE_TRIES) {
        struct sg_rate_window window = connection->subscriptions.window;
        sg_subscriptions_restart(&connection->subscriptions);
        connection->subscriptions.window = window;
    } else {
        sg_connection_close(connection, SG_FAILURE_SILENT, "%s does not confirm the subscription", lane->url.host);
    }
}

/* Health is judged by data: a leg that is silent too long is stalled, is subscribed anew, and then costs the connection. */
static void watch_silence(struct sg_lane *lane, struct sg_connection *connection, int64_t now)
{
    struct sg_binance *source = lane->source;
    for (int leg = 0; leg < SG_LEG_COUNT && connection->announced && connection->phase == SG_CONN_UP; leg++) {
        struct sg_leg_watch *watch = &lane->legs[leg];
        int64_t limit = watch->had_data ? source->silence_us : source->first_data_us;
        int64_t quiet = now - watch->quiet_since_us;
        if (!watch->watched || quiet < limit)
            continue;
        const char *symbol = source->instruments[leg].symbol;
        if (watch->stage == SG_STALL_NONE) {
            watch->stage = SG_STALL_RENEWED;
            watch->quiet_since_us = now;
            lane->failure = SG_FAILURE_SILENT;
            snprintf(lane->detail, sizeof lane->detail, "%s is connected, but no data comes for %s", lane->url.host, symbol);
            set_state(lane, SG_FEED_STALLED);
            sg_subscriptions_renew(&connection->subscriptions, leg);
            sg_binance_event(source, SG_EVENT_STALLED, leg, "no data for %s for %lld s; subscribing again", symbol, (long long)(quiet / SG_US_PER_S));
        } else {
            watch->stage = SG_STALL_REPLACED;
            sg_connection_close(connection, SG_FAILURE_SILENT, "%s is connected, but no data comes for %s: replacing the connection", lane->url.host, symbol);
        }
    }
}

void sg_lane_beat(struct sg_lane *lane, int64_t now_us)
{
    struct sg_connection *connection = &lane->connection;
    if (lane->retrying) {
        if (now_us >= lane->retry_at_us)
            sg_lane_start(lane);
        return;
    }
    sg_connection_beat(connection, now_us);
    watch_acknowledgement(lane, connection, now_us);
    watch_silence(lane, connection, now_us);
    if (lane->healthy_since_us && connection->announced && now_us - lane->healthy_since_us >= SG_BACKOFF_HEALTHY_US && lane->state == SG_FEED_LIVE)
        sg_backoff_healthy(&lane->backoff);
}
