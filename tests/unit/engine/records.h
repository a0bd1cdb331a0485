/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A seeded run of a feed as records: ticks of two legs, outages of the connection, stalls of a leg, late ticks. Include after
 * fixture.h. */
#include <glib.h>
#include "../../../src/engine/core_private.h"

struct record {
    gboolean is_event;
    struct sg_tick tick;
    struct sg_feed_event event;
};

static inline int64_t record_recv(const struct record *record)
{
    return record->is_event ? record->event.recv_us : record->tick.recv_us;
}

static inline void records_event(GArray *records, int64_t recv_us, enum sg_feed_event_code code, int leg)
{
    struct record record = {.is_event = TRUE, .event = {.recv_us = recv_us, .code = code, .leg = leg}};
    g_snprintf(record.event.detail, sizeof record.event.detail, "test %d", (int)code);
    g_array_append_val(records, record);
}

/* The local clock is 1.3 s behind the exchange's, as in the captures. */
#define RECORDS_SKEW_US INT64_C(1300000)

/* `seconds` of market; with_trouble: outages, stalls, late and duplicate ticks. */
static inline GArray *records_make(uint64_t seed, int64_t seconds, gboolean with_trouble)
{
    GArray *records = g_array_new(FALSE, TRUE, sizeof(struct record));
    struct fixture_market market = fixture_market_new(seed);
    uint64_t random = seed + 77;
    int64_t id[2] = {1000, 5000};
    int64_t start = FIXTURE_START_US - RECORDS_SKEW_US;
    records_event(records, start, SG_EVENT_CONNECTING, -1);
    records_event(records, start + 50, SG_EVENT_CONNECTED, -1);
    records_event(records, start + 90, SG_EVENT_SUBSCRIBED, -1);
    int64_t down_until = 0;
    for (int64_t s = 0; s < seconds; s++) {
        double close[2];
        fixture_market_step(&market, &close[0], &close[1]);
        int64_t second = FIXTURE_START_US + s * 1000000;
        if (with_trouble && down_until == 0 && fixture_uniform(&random) < 0.01) {
            records_event(records, second - RECORDS_SKEW_US + 100, SG_EVENT_DISCONNECTED, -1);
            records_event(records, second - RECORDS_SKEW_US + 200, SG_EVENT_RETRY, -1);
            down_until = s + 2 + (int64_t)(fixture_uniform(&random) * 5);
        }
        if (down_until > s)
            continue;
        if (down_until == s && s > 0) {
            records_event(records, second - RECORDS_SKEW_US + 300, SG_EVENT_CONNECTED, -1);
            records_event(records, second - RECORDS_SKEW_US + 400, SG_EVENT_SUBSCRIBED, -1);
            down_until = 0;
        }
        /* Ticks of both legs in order of their times, up to three each. */
        int64_t at = second + 1000;
        int count = 2 + (int)(fixture_uniform(&random) * 4);
        for (int i = 0; i < count; i++) {
            int leg = i < 2 ? i : fixture_uniform(&random) < 0.5;
            if (i >= 2 && fixture_uniform(&random) < 0.1)
                continue;
            at += (int64_t)(fixture_uniform(&random) * 150000);
            struct record record = {.tick = {.event_us = at,
                                             .time_us = at,
                                             .recv_us = at - RECORDS_SKEW_US + 2000 + (int64_t)(fixture_uniform(&random) * 3000),
                                             .price = close[leg] + (double)i * 0.01,
                                             .quantity = (sg_qty)(100 + i),
                                             .id = id[leg]++,
                                             .trades = 1,
                                             .leg = (uint8_t)leg,
                                             .kind = SG_TICK_TRADE}};
            if (with_trouble && fixture_uniform(&random) < 0.01) { /* two seconds late: its bar is closed */
                record.tick.time_us -= 2500000;
                record.tick.event_us -= 2500000;
            }
            if (records->len > 0 && record.tick.recv_us < record_recv(&g_array_index(records, struct record, records->len - 1)))
                record.tick.recv_us = record_recv(&g_array_index(records, struct record, records->len - 1));
            g_array_append_val(records, record);
            if (with_trouble && fixture_uniform(&random) < 0.005)
                g_array_append_val(records, record);
        }
    }
    return records;
}

/* Records [from, to) as one batch of the ring, into caller's arrays of `to - from`. The watermark is the last one's time, or, to be
 * nasty, just below the next one's. */
static inline void records_batch(GArray *records, guint from, guint to, gboolean far_watermark, struct sg_tick_batch *batch)
{
    batch->tick_count = batch->event_count = 0;
    batch->more = false;
    batch->watermark_us = 0;
    for (guint i = from; i < to; i++) {
        const struct record *record = &g_array_index(records, struct record, i);
        if (record->is_event) {
            batch->event_after[batch->event_count] = batch->tick_count;
            batch->events[batch->event_count++] = record->event;
        } else {
            batch->ticks[batch->tick_count++] = record->tick;
        }
        batch->watermark_us = record_recv(record);
    }
    if (far_watermark && to < records->len)
        batch->watermark_us = record_recv(&g_array_index(records, struct record, to));
}

/* Everything a core or session says, as text: what two runs are compared by. */
static inline void log_bar(GString *log, const SgClosedBar *bar)
{
    g_string_append_printf(log, "bar %d %" PRId64 " %x %u %d %zu/%zu grade %d", (int)bar->interval, bar->row.time_us, bar->row.flags, bar->row.reason,
                           (int)bar->result.signal, bar->result.have, bar->result.need, (int)bar->grade);
    for (int c = 0; c < SG_COL_COUNT; c++)
        g_string_append_printf(log, " %a", bar->row.value[c]);
    for (int leg = 0; leg < 2; leg++)
        g_string_append_printf(log, " %" PRId64 " %u %u %x %" PRId64, bar->legs[leg].time_us, bar->legs[leg].trades, bar->legs[leg].ticks, bar->legs[leg].flags,
                               bar->legs[leg].last_tick_us);
    g_string_append_c(log, '\n');
}

static inline void log_event(GString *log, const SgSessionEvent *event)
{
    g_string_append_printf(log,
                           "event %s %" PRId64 " leg %d [%" PRId64 ", %" PRId64 ") cause %d count %" PRIu64 " side %d z %a bar %" PRId64
                           " beyond %a grade %d peak %a for %" PRId64 ": %s\n",
                           sg_feed_event_name(event->code), event->time_us, event->leg, event->from_us, event->to_us, (int)event->cause, (uint64_t)event->count,
                           (int)event->side, event->zscore, event->bar_time_us, event->threshold, (int)event->grade, event->peak, event->duration_us,
                           event->detail);
}

static inline guint log_count(const GString *log, const char *what)
{
    guint count = 0;
    for (const char *at = strstr(log->str, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}
