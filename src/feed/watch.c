/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health is judged by data: one clock per stream. A leg that is silent too long is stalled; it is subscribed again, then costs the
 * connection, ever more rarely while that does not help. */
#include "binance_private.h"

#include <stdio.h>

#define PATIENCE_MAX 4u /* at most 16 times the deadline of the stream's class */
#define PATIENCE_DECAY_US INT64_C(600000000)
#define REPLACEMENTS_SHIFT_MAX 6u
#define INQUIRE_AGAIN_US INT64_C(10000000) /* what is known of a symbol is as good as new for so long */
#define INQUIRE_WHILE_SILENT_US INT64_C(60000000)
#define MINUTE_US INT64_C(60000000)
#define SHORTEST_US INT64_C(10000000)
#define GAPS 8 /* a silence that many times longer than any of late is not chance */

/* How often a stream speaks is only known from itself: trades of a busy symbol come every few milliseconds, of a quiet one every few minutes. */
static void note_gap(struct sg_leg_watch *watch, int64_t now)
{
    int64_t gap = now - watch->quiet_since_us;
    if (!watch->minute_since_us) {
        watch->minute_since_us = now;
        watch->minutes = 0;
        watch->longest_gap_us[0] = watch->longest_gap_us[1] = 0;
        return;
    }
    if (now - watch->minute_since_us >= MINUTE_US) {
        watch->longest_gap_us[1] = watch->longest_gap_us[0];
        watch->longest_gap_us[0] = 0;
        watch->minute_since_us = now;
        watch->minutes++;
    }
    if (gap > watch->longest_gap_us[0])
        watch->longest_gap_us[0] = gap;
}

static int64_t deadline(const struct sg_binance *source, const struct sg_connection *connection, int leg, const struct sg_leg_watch *watch)
{
    if (!connection->data[leg])
        return source->first_data_us << watch->patience;
    int64_t limit = source->silence_us;
    if (source->stream == SG_STREAM_TRADE && watch->minutes > 0) {
        int64_t longest = watch->longest_gap_us[0] > watch->longest_gap_us[1] ? watch->longest_gap_us[0] : watch->longest_gap_us[1];
        int64_t learned = longest * GAPS > SHORTEST_US ? longest * GAPS : SHORTEST_US;
        limit = learned < limit ? learned : limit;
    }
    return limit << watch->patience;
}

void sg_watch_data(struct sg_lane *lane, int leg, int64_t now_us)
{
    struct sg_binance *source = lane->source;
    struct sg_leg_watch *watch = &lane->legs[leg];
    if (watch->stage == SG_STALL_NONE)
        note_gap(watch, now_us);
    else
        watch->minute_since_us = 0; /* learn anew: the stall is not its rhythm */
    watch->quiet_since_us = now_us;
    watch->replacements = 0;
    source->work.last_data_mono_us[leg] = now_us;
    if (watch->stage == SG_STALL_NONE) {
        if (watch->patience && now_us - watch->patience_since_us > PATIENCE_DECAY_US) {
            watch->patience--;
            watch->patience_since_us = now_us;
        }
        return;
    }
    if (watch->symbol_status == SG_SYMBOL_BREAK)
        watch->symbol_status = SG_SYMBOL_TRADING; /* or there would be no data */
    watch->stage = SG_STALL_NONE;
    watch->patience += watch->patience < PATIENCE_MAX; /* it was only slow: wait longer next time */
    watch->patience_since_us = now_us;
    if (lane->state == SG_FEED_STALLED && lane->legs[!leg].stage == SG_STALL_NONE)
        sg_lane_set_state(lane, SG_FEED_LIVE);
    sg_binance_event(source, SG_EVENT_RECOVERED, leg, "%s delivers again", source->instruments[leg].symbol);
}

static const char *status_words(enum sg_symbol_status status)
{
    switch (status) {
    case SG_SYMBOL_BREAK: return " (the exchange has suspended it: status BREAK)";
    case SG_SYMBOL_HALTED: return " (the exchange has halted it)";
    default: return "";
    }
}

void sg_watch_explain(struct sg_lane *lane, int leg)
{
    struct sg_leg_watch *watch = &lane->legs[leg];
    if (watch->stage == SG_STALL_NONE || watch->symbol_status == SG_SYMBOL_TRADING || watch->explained)
        return;
    watch->explained = true;
    sg_binance_event(lane->source, SG_EVENT_MAINTENANCE, leg, "%s%s", lane->source->instruments[leg].symbol, status_words(watch->symbol_status));
}

static void stall(struct sg_lane *lane, int leg, int64_t quiet, int64_t now)
{
    struct sg_binance *source = lane->source;
    struct sg_leg_watch *watch = &lane->legs[leg];
    struct sg_connection *connection = sg_lane_active(lane);
    const char *symbol = source->instruments[leg].symbol;
    watch->stage = SG_STALL_RENEWED;
    watch->quiet_since_us = now;
    connection->data[leg] = false;
    lane->failure = SG_FAILURE_SILENT;
    snprintf(lane->detail, sizeof lane->detail, "%s is connected, but no data comes for %s%s", lane->url.host, symbol, status_words(watch->symbol_status));
    sg_lane_set_state(lane, SG_FEED_STALLED);
    sg_subscriptions_renew(&connection->subscriptions, leg);
    sg_binance_event(source, SG_EVENT_STALLED, leg, "no data for %s for %lld s%s; subscribing again", symbol, (long long)(quiet / SG_US_PER_S),
                     status_words(watch->symbol_status));
    watch->explained = false;
    if (now - lane->inquired_us > INQUIRE_AGAIN_US)
        sg_inquiry_start(lane);
    else if (!lane->inquiring)
        sg_watch_explain(lane, leg);
}

/* Asking again has not helped. With a second leg that is well, the connection is replaced behind its back. */
static void replace(struct sg_lane *lane, int leg, int64_t now)
{
    struct sg_binance *source = lane->source;
    const struct sg_leg_watch *other = &lane->legs[!leg];
    const char *symbol = source->instruments[leg].symbol;
    lane->legs[leg].stage = SG_STALL_REPLACED;
    lane->legs[leg].replacements++;
    lane->legs[leg].quiet_since_us = now;
    if (other->watched && other->stage == SG_STALL_NONE)
        sg_handover_want(lane, "no data for %s", symbol);
    else
        sg_connection_close(sg_lane_active(lane), SG_FAILURE_SILENT, "%s is connected, but no data comes for %s%s: replacing the connection", lane->url.host,
                            symbol, status_words(lane->legs[leg].symbol_status));
}

void sg_watch_beat(struct sg_lane *lane, int64_t now_us)
{
    const struct sg_binance *source = lane->source;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_connection *connection = sg_lane_active(lane);
        struct sg_leg_watch *watch = &lane->legs[leg];
        if (!watch->watched || !connection->announced || connection->phase != SG_CONN_UP || connection->failure != SG_FAILURE_NONE)
            continue;
        int64_t limit = deadline(source, connection, leg, watch);
        unsigned shift = watch->replacements < REPLACEMENTS_SHIFT_MAX ? watch->replacements : REPLACEMENTS_SHIFT_MAX;
        int64_t quiet = now_us - watch->quiet_since_us;
        if (watch->stage == SG_STALL_NONE && quiet >= limit)
            stall(lane, leg, quiet, now_us);
        else if (watch->stage != SG_STALL_NONE && quiet >= limit << shift)
            replace(lane, leg, now_us);
        if (watch->stage != SG_STALL_NONE && now_us - lane->inquired_us > INQUIRE_WHILE_SILENT_US)
            sg_inquiry_start(lane);
    }
}
