/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Everything that a resampler says, written down in order. Include after cmocka. */
#include <stdlib.h>
#include <string.h>
#include "spreadglass/market/resampler.h"

#define LOG_S INT64_C(1000000)
#define LOG_T0 INT64_C(1723161600000000) /* a multiple of every interval */

struct logged_bar {
    enum sg_interval interval;
    enum sg_leg leg;
    struct sg_bar bar; /* without SG_BAR_UNSETTLED */
    bool unsettled;    /* it had it, and on_settled has not named its end yet */
};

struct logged_close {
    enum sg_interval interval;
    int64_t time_us;
    unsigned present;
};

struct resampler_log {
    struct sg_resampler *resampler;
    struct logged_bar *bars;
    size_t bar_count, bar_capacity;
    struct logged_close *closes;
    size_t close_count, close_capacity;
    struct sg_gap *gaps; /* as told: opened and ended ones */
    size_t gap_count, gap_capacity;
    size_t late;
    int64_t behind_us;
    size_t missing, found; /* trade ids */
};

#define LOG_PUSH(log, array, count, capacity, value)                                      \
    do {                                                                                  \
        if ((log)->count == (log)->capacity) {                                            \
            (log)->capacity = (log)->capacity ? (log)->capacity * 2 : 64;                 \
            (log)->array = realloc((log)->array, (log)->capacity * sizeof *(log)->array); \
            assert_non_null((log)->array);                                                \
        }                                                                                 \
        (log)->array[(log)->count++] = (value);                                           \
    } while (0)

static inline void log_on_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    struct resampler_log *log = context;
    struct logged_bar entry = {interval, leg, *bar, (bar->flags & SG_BAR_UNSETTLED) != 0};

    entry.bar.flags &= ~(uint32_t)SG_BAR_UNSETTLED;

    assert_true(bar->time_us % sg_interval_us(interval) == 0);
    assert_true(bar->low <= bar->open);
    assert_true(bar->low <= bar->close);
    assert_true(bar->high >= bar->open);
    assert_true(bar->high >= bar->close);
    LOG_PUSH(log, bars, bar_count, bar_capacity, entry);
}

static inline void log_on_close(void *context, enum sg_interval interval, int64_t time_us, unsigned present)
{
    struct resampler_log *log = context;
    struct logged_close entry = {interval, time_us, present};
    unsigned told = 0;

    /* The bars of this close came just before it: leg A's, then leg B's. */
    for (size_t i = log->bar_count; i-- > 0;) {
        const struct logged_bar *bar = &log->bars[i];

        if (bar->interval != interval || bar->bar.time_us != time_us) {
            break;
        }
        assert_true((told & 1U << bar->leg) == 0);
        assert_true(bar->leg == SG_LEG_B || told == 0 || told == 2);
        told |= 1U << bar->leg;
    }
    assert_int_equal(told, present);
    LOG_PUSH(log, closes, close_count, close_capacity, entry);
}

static inline void log_on_gap(void *context, const struct sg_gap *gap)
{
    struct resampler_log *log = context;

    assert_true(gap->from_us < gap->to_us);
    LOG_PUSH(log, gaps, gap_count, gap_capacity, *gap);
}

static inline void log_on_late(void *context, const struct sg_tick *tick, int64_t behind_us)
{
    struct resampler_log *log = context;

    (void)tick;
    log->late++;
    log->behind_us = behind_us;
}

static inline void log_on_missing(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    (void)leg;
    assert_true(first_id <= last_id);
    ((struct resampler_log *)context)->missing += (size_t)(last_id - first_id + 1);
}

static inline void log_on_found(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    (void)leg;
    assert_true(first_id <= last_id);
    ((struct resampler_log *)context)->found += (size_t)(last_id - first_id + 1);
}

static inline void log_on_settled(void *context, enum sg_leg leg, int64_t from_us, int64_t until_us)
{
    struct resampler_log *log = context;

    assert_true(from_us < until_us);
    for (size_t i = log->bar_count; i-- > 0;) {
        struct logged_bar *entry = &log->bars[i];
        int64_t end_us = entry->bar.time_us + sg_interval_us(entry->interval);

        if (entry->leg == leg && end_us > from_us && end_us <= until_us) {
            entry->unsettled = false;
        }
    }
}

/* The log must stay where it is. */
static inline void log_start(struct resampler_log *log, int64_t grace_us)
{
    struct sg_resampler_config config = {
        .grace_us = grace_us,
        .callbacks = {log_on_bar, log_on_close, log_on_gap, log_on_late, log_on_missing, log_on_found, log_on_settled, log},
    };

    memset(log, 0, sizeof *log);
    log->resampler = sg_resampler_new(&config);
    assert_non_null(log->resampler);
}

static inline void log_free(struct resampler_log *log)
{
    sg_resampler_free(log->resampler);
    free(log->bars);
    free(log->closes);
    free(log->gaps);
}

static inline struct sg_tick log_trade(enum sg_leg leg, int64_t time_us, int64_t recv_us, int64_t id, double price, sg_qty quantity)
{
    return (struct sg_tick){
        .recv_us = recv_us,
        .event_us = time_us,
        .time_us = time_us,
        .price = price,
        .quantity = quantity,
        .id = id,
        .trades = 1,
        .leg = (uint8_t)leg,
        .kind = SG_TICK_TRADE,
    };
}

static inline void log_event(struct resampler_log *log, enum sg_feed_event_code code, int leg, int64_t recv_us)
{
    struct sg_feed_event event = {.recv_us = recv_us, .code = code, .leg = leg};

    sg_resampler_event(log->resampler, &event);
}

static inline bool same_bar(const struct sg_bar *a, const struct sg_bar *b)
{
    return a->time_us == b->time_us && a->open == b->open && a->high == b->high && a->low == b->low && a->close == b->close && a->volume == b->volume &&
           a->trades == b->trades && a->ticks == b->ticks && a->flags == b->flags && a->last_tick_us == b->last_tick_us;
}

static inline void assert_same_bars(const struct resampler_log *a, const struct resampler_log *b)
{
    assert_int_equal(a->bar_count, b->bar_count);
    for (size_t i = 0; i < a->bar_count; i++) {
        assert_int_equal(a->bars[i].interval, b->bars[i].interval);
        assert_int_equal(a->bars[i].leg, b->bars[i].leg);
        assert_true(same_bar(&a->bars[i].bar, &b->bars[i].bar));
    }
}

static inline void assert_same_log(const struct resampler_log *a, const struct resampler_log *b)
{
    assert_same_bars(a, b);
    assert_int_equal(a->close_count, b->close_count);
    for (size_t i = 0; i < a->close_count; i++) {
        assert_true(a->closes[i].interval == b->closes[i].interval);
        assert_true(a->closes[i].time_us == b->closes[i].time_us);
        assert_true(a->closes[i].present == b->closes[i].present);
    }
    assert_int_equal(a->gap_count, b->gap_count);
    for (size_t i = 0; i < a->gap_count; i++) {
        const struct sg_gap *x = &a->gaps[i];
        const struct sg_gap *y = &b->gaps[i];

        assert_true(x->leg == y->leg);
        assert_true(x->from_us == y->from_us);
        assert_true(x->to_us == y->to_us);
        assert_true(x->first_id == y->first_id);
        assert_true(x->last_id == y->last_id);
        assert_true(x->cause == y->cause);
        assert_true(x->state == y->state);
    }
    assert_int_equal(a->late, b->late);
}
