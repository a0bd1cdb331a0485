/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time it is at the exchange, where the stream does not tell: spot bookTicker carries no time at all. It is asked for by REST,
 * beside connecting and then every ten minutes, and goes through the ring and into the recording as CLOCK events, so that a
 * replay places every tick where the live run did. The first answer is waited for, but not for ever. Feed thread. */
#include "binance_private.h"

#include "recording_line_private.h"

#define AGAIN_US INT64_C(600000000) /* a local clock of the worst sort drifts by 0.1 s meanwhile */
#define RETRY_US INT64_C(2000000)   /* while bars wait for it; the exchange's own waits (429, 418) are kept to by whoever asks */
#define RETRY_LATER_US INT64_C(60000000)
#define PATIENCE_US INT64_C(10000000) /* from the subscription on */
#define TOO_FAR_US INT64_C(60000000)  /* the resampler does not stand still for longer, see exchange_clock_private.h */

static void tell(struct sg_binance *source, int64_t clock_us, int64_t offset_us)
{
    struct sg_feed_event event = {.code = SG_EVENT_CLOCK, .leg = -1};
    sg_binance_flush(source);
    event.recv_us = source->watermark_us;
    event.clock_us = clock_us > 0 ? event.recv_us + offset_us : clock_us;
    sg_recording_clock_text(&event);
    sg_tick_ring_push_event(source->ring, &event);
    if (source->recorder)
        sg_recorder_event(source->recorder, &event);
}

void sg_exchange_time_begin(struct sg_binance *source)
{
    source->time = (struct sg_exchange_time){.awaited = source->needs_time};
    if (source->needs_time)
        tell(source, SG_CLOCK_AWAITED, 0);
}

void sg_exchange_time_answered(struct sg_binance *source, bool known, int64_t offset_us)
{
    struct sg_exchange_time *time = &source->time;
    if (!source->needs_time)
        return;
    if (!known) {
        time->due_us = sg_binance_mono(source) + (time->awaited ? RETRY_US : RETRY_LATER_US);
        return;
    }
    time->awaited = false;
    time->due_us = sg_binance_mono(source) + AGAIN_US;
    tell(source, 1, offset_us);
    if (time->local && offset_us < -TOO_FAR_US && !time->told) {
        time->told = true;
        sg_binance_event(
            source, SG_EVENT_ERROR, -1,
            "this machine's clock is %lld s ahead of the exchange's, and bars were made by it already: they go on by it; start again to go by the exchange's",
            (long long)(-offset_us / SG_US_PER_S));
    }
}

void sg_exchange_time_soon(struct sg_binance *source)
{
    source->time.due_us = 0;
}

void sg_exchange_time_beat(struct sg_binance *source, int64_t now_us)
{
    struct sg_exchange_time *time = &source->time;
    if (!source->needs_time || source->failed)
        return;
    for (size_t i = 0; i < source->lane_count; i++) {
        struct sg_lane *lane = &source->lanes[i];
        if (time->awaited && !time->deadline_us && sg_lane_active(lane)->announced)
            time->deadline_us = now_us + PATIENCE_US;
        if (sg_lane_market(lane) == SG_MARKET_SPOT && now_us >= time->due_us && !lane->inquiring) {
            time->due_us = now_us + RETRY_LATER_US; /* should it not even begin */
            sg_inquiry_start(lane);
        }
    }
    if (time->awaited && time->deadline_us && now_us >= time->deadline_us) {
        time->awaited = false;
        time->local = true;
        sg_binance_event(source, SG_EVENT_ERROR, -1, "the exchange does not tell its time (GET /api/v3/time): bars go by this machine's clock until it does");
        tell(source, SG_CLOCK_UNKNOWN, 0);
    }
}
