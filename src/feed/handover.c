/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one connection to the next without a gap: the exchange cuts every connection after 24 hours, and announces its restarts.
 *
 * The new connection subscribes while the old one delivers. What the new one brings is held back; once the old one has delivered everything up
 * to the first of it, leg by leg, the new one takes over: what it holds beyond the last delivered id (or event time, for tickers) is
 * delivered, then the old one is closed. Nothing is delivered twice, nothing is left out, and nobody sees a disconnection. */
#include "binance_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUIET_US INT64_C(3000000)  /* a leg without news on either connection for so long needs no proof */
#define LIMIT_US INT64_C(15000000) /* then the old one is believed to be dead */
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
    sg_buffer_free(&handover->held);
    handover->confirmed_us = 0;
    handover->seen[0] = handover->seen[1] = false;
    lane->handover_wanted = false;
}

bool sg_handover_ready(const struct sg_lane *lane)
{
    const struct sg_connection *standby = &lane->connections[!lane->active];
    return standby->phase == SG_CONN_UP && standby->announced && standby->failure == SG_FAILURE_NONE;
}

bool sg_handover_is_news(const struct sg_lane *lane, const struct sg_tick *tick)
{
    const struct sg_leg_watch *watch = &lane->legs[tick->leg];
    return tick->id >= 0 ? tick->id > watch->last_id : tick->event_us > watch->last_event_us;
}

void sg_handover_complete(struct sg_lane *lane)
{
    struct sg_binance *source = lane->source;
    struct sg_connection *old = sg_lane_active(lane), *fresh = sg_lane_standby(lane);
    struct sg_handover *handover = &lane->handover;
    struct sg_buffer held = handover->held;
    size_t at = 0, length;

    sg_buffer_init(&handover->held, SG_HELD);
    sg_handover_end(lane);
    handover->failures = 0;
    lane->active = fresh->index;
    fresh->catching_up[0] = fresh->catching_up[1] = true;
    old->abandoned = true;
    sg_connection_close(old, SG_FAILURE_CLOSED, "replaced");
    /* They get the time of now: their own may be below what was promised meanwhile. */
    while (at < held.length) {
        memcpy(&length, held.data + at, sizeof length);
        at += sizeof length;
        sg_lane_message(lane, fresh, held.data + at, length, true);
        at += length;
    }
    sg_buffer_free(&held);
    int64_t now = sg_binance_mono(source);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (lane->legs[leg].stage != SG_STALL_NONE)
            lane->legs[leg].quiet_since_us = now; /* a new connection is a new chance */
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
    return sg_handover_ready(lane) && lane->handover.held.length + sizeof more + more > SG_HELD;
}

void sg_handover_hold(struct sg_lane *lane, const char *text, size_t length, const struct sg_tick *ticks, size_t count)
{
    struct sg_handover *handover = &lane->handover;
    (void)sg_buffer_append(&handover->held, &length, sizeof length);
    (void)sg_buffer_append(&handover->held, text, length);
    if (handover->held.overflowed) {
        sg_connection_close(sg_lane_standby(lane), SG_FAILURE_PROTOCOL, "too much data before the subscription was confirmed");
        return;
    }
    for (size_t i = 0; i < count; i++) {
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
        return true; /* the old one has stopped delivering it: that is why it is replaced */
    if (first->kind == SG_TICK_TRADE)
        return watch->last_id >= sg_tick_first_id(first) - 1;
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
        sg_buffer_free(&handover->held);
        sg_buffer_init(&handover->held, SG_HELD);
        handover->confirmed_us = 0;
        handover->seen[0] = handover->seen[1] = false;
        sg_connection_open(standby);
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
