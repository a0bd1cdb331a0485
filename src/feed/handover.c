/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one connection to the next without a gap: the exchange cuts every connection after 24 hours, and announces its restarts.
 *
 * The new connection subscribes while the old one delivers. What the new one brings is held back; once the old one has delivered everything up
 * to the first of it, leg by leg, the new one takes over: what it holds beyond the last delivered id (or event time, for tickers) is
 * delivered, then the old one is closed. Nothing is delivered twice, nothing is left out, and nobody sees a disconnection. */
#include "binance_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define QUIET_US INT64_C(3000000)          /* a leg without news on either connection for so long needs no proof */
#define LIMIT_US INT64_C(15000000)         /* then the old one is believed to be dead */
#define TRY_AGAIN_US INT64_C(5000000)

void sg_handover_want(struct sg_lane *lane, const char *format, ...)
{
    va_list arguments;
    if (lane->handover_wanted)
        return;
    lane->handover_wanted = true;
    va_start(arguments, format);
    vsnprintf(lane->handover.reason, sizeof lane->handover.reason, format, arguments);
    va_end(arguments);
}

void sg_handover_end(struct sg_lane *lane)
{
    struct sg_handover *handover = &lane->handover;
    free(handover->held);
    handover->held = NULL;
    handover->held_count = 0;
    handover->confirmed_us = 0;
    handover->seen[0] = handover->seen[1] = false;
    lane->handover_wanted = false;
}

bool sg_handover_ready(const struct sg_lane *lane)
{
    const struct sg_connection *standby = &lane->connections[!lane->active];
    return standby->phase == SG_CONN_UP && standby->announced && standby->failure == SG_FAILURE_NONE;
}

static bool is_news(const struct sg_leg_watch *watch, const struct sg_tick *tick)
{
    return tick->id >= 0 ? tick->id > watch->last_id : tick->event_us > watch->last_event_us;
}

void sg_handover_complete(struct sg_lane *lane)
{
    struct sg_binance *source = lane->source;
    struct sg_connection *old = sg_lane_active(lane), *fresh = sg_lane_standby(lane);
    struct sg_handover *handover = &lane->handover;
    int64_t now = sg_binance_mono(source);
    int64_t recv = source->message_us ? source->message_us : sg_binance_now(source);
    size_t held = handover->held_count;
    struct sg_tick *ticks = handover->held;

    lane->active = fresh->index;
    handover->held = NULL;
    sg_handover_end(lane);
    handover->failures = 0;
    old->abandoned = true;
    sg_connection_close(old, SG_FAILURE_CLOSED, "replaced");
    for (size_t i = 0; i < held; i++) {
        struct sg_leg_watch *watch = &lane->legs[ticks[i].leg];
        if (!is_news(watch, &ticks[i]))
            continue;
        if (source->batch_count == SG_BATCH)
            sg_binance_flush(source);
        sg_watch_data(lane, ticks[i].leg, now);
        watch->last_id = ticks[i].id > watch->last_id ? ticks[i].id : watch->last_id;
        watch->last_event_us = ticks[i].event_us > watch->last_event_us ? ticks[i].event_us : watch->last_event_us;
        ticks[i].recv_us = recv;           /* its own time may be below what was promised meanwhile */
        source->batch[source->batch_count++] = ticks[i];
        source->work.ticks++;
    }
    free(ticks);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (lane->legs[leg].stage != SG_STALL_NONE)
            lane->legs[leg].quiet_since_us = now;   /* a new connection is a new chance */
    sg_binance_flush(source);
}

static void try_later(struct sg_lane *lane)
{
    struct sg_handover *handover = &lane->handover;
    unsigned shift = handover->failures < 6 ? handover->failures : 6;
    bool wanted = lane->handover_wanted;
    handover->failures++;
    handover->not_before_us = sg_binance_mono(lane->source) + (TRY_AGAIN_US << shift);
    sg_handover_end(lane);
    lane->handover_wanted = wanted;
}

void sg_handover_failed(struct sg_lane *lane)
{
    sg_lane_standby(lane)->up_since_us = 0;
    try_later(lane);
}

bool sg_handover_full(const struct sg_lane *lane, size_t more)
{
    return sg_handover_ready(lane) && lane->handover.held_count + more > SG_HELD;
}

void sg_handover_hold(struct sg_lane *lane, const struct sg_tick *ticks, size_t count)
{
    struct sg_handover *handover = &lane->handover;
    if (!handover->held || count > SG_HELD - handover->held_count) {
        sg_connection_close(sg_lane_standby(lane), SG_FAILURE_PROTOCOL, "too much data before the subscription was confirmed");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        handover->held[handover->held_count++] = ticks[i];
        if (!handover->seen[ticks[i].leg]) {
            handover->seen[ticks[i].leg] = true;
            handover->first[ticks[i].leg] = ticks[i];
        }
    }
}

/* Has the old connection delivered everything that came before the first message of the new one? */
static bool proven(const struct sg_lane *lane, int leg, int64_t now)
{
    const struct sg_leg_watch *watch = &lane->legs[leg];
    const struct sg_tick *first = &lane->handover.first[leg];
    if (!lane->handover.seen[leg])
        return watch->stage != SG_STALL_NONE ? now - lane->handover.confirmed_us > QUIET_US
                                             : now - lane->handover.confirmed_us > QUIET_US && now - watch->quiet_since_us > QUIET_US;
    if (watch->stage != SG_STALL_NONE)
        return true;                       /* the old one has stopped delivering it: that is why it is replaced */
    if (first->kind == SG_TICK_TRADE)
        return watch->last_id >= first->id - 1;
    return first->id >= 0 ? watch->last_id >= first->id : watch->last_event_us >= first->event_us;
}

void sg_handover_beat(struct sg_lane *lane, int64_t now_us)
{
    struct sg_connection *active = sg_lane_active(lane), *standby = sg_lane_standby(lane);
    struct sg_handover *handover = &lane->handover;
    if (active->phase != SG_CONN_UP)
        return;
    if (standby->phase == SG_CONN_IDLE) {
        bool old = now_us - active->up_since_us > lane->life_us;
        if (old)
            sg_handover_want(lane, "the connection is due to be replaced");
        if (!lane->handover_wanted || now_us < handover->not_before_us)
            return;
        handover->held = calloc(SG_HELD, sizeof *handover->held);
        handover->held_count = 0;
        handover->confirmed_us = 0;
        handover->seen[0] = handover->seen[1] = false;
        if (handover->held)
            sg_connection_open(standby);
        else
            try_later(lane);
        return;
    }
    if (!sg_handover_ready(lane))
        return;
    bool ready = true;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        ready = ready && (!lane->legs[leg].watched || proven(lane, leg, now_us));
    if (ready || now_us - handover->confirmed_us > LIMIT_US)
        sg_handover_complete(lane);
}
