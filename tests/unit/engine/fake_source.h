/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A source that plays records from a thread of its own into the ring, and what a test of the session needs around it. Include after
 * records.h. */
#include <pthread.h>
#include <stdatomic.h>
#include "open_sessions.h"
#include "../../../src/engine/session_private.h"
#include "../../../src/feed/source_private.h"

/* Records from this receive time on wait until it is later. */
static atomic_llong fake_gate_us = INT64_MAX;

struct fake_source {
    struct sg_source source;
    struct sg_tick_ring *ring;
    GArray *records;       /* not ours; NULL: silent */
    gboolean is_recording; /* ends in ENDED, else stays LIVE */
    guint burst;           /* records between two short rests; 0: no rests */
    pthread_t thread;
    gboolean has_thread;
    atomic_bool stop;
    pthread_mutex_t mutex; /* {status} */
    struct sg_feed_status status;
    int64_t now_us; /* {status} */
};

static void fake_set_state(struct fake_source *fake, enum sg_feed_state feed_state)
{
    pthread_mutex_lock(&fake->mutex);
    fake->status.state = feed_state;
    pthread_mutex_unlock(&fake->mutex);
}

static void *fake_run(void *data)
{
    struct fake_source *fake = data;
    struct sg_tick_ring_stats stats;
    for (guint i = 0; fake->records && i < fake->records->len && !atomic_load(&fake->stop); i++) {
        const struct record *record = &g_array_index(fake->records, struct record, i);
        while (record_recv(record) >= atomic_load(&fake_gate_us) && !atomic_load(&fake->stop))
            g_usleep(200);
        sg_tick_ring_stats(fake->ring, &stats);
        while (stats.length >= stats.capacity - 1 && !atomic_load(&fake->stop)) { /* a recording waits, it never drops */
            g_usleep(200);
            sg_tick_ring_stats(fake->ring, &stats);
        }
        /* Counted before it is pushed: whoever has the tick sees it in the status too. */
        pthread_mutex_lock(&fake->mutex);
        fake->status.messages++;
        fake->status.ticks += !record->is_event;
        fake->now_us = record_recv(record);
        pthread_mutex_unlock(&fake->mutex);
        if (record->is_event)
            sg_tick_ring_push_event(fake->ring, &record->event);
        else
            sg_tick_ring_push(fake->ring, &record->tick, 1, record_recv(record));
        sg_tick_ring_set_watermark(fake->ring, record_recv(record));
        if (fake->burst && i % fake->burst == 0)
            g_usleep(500);
    }
    if (fake->is_recording)
        fake_set_state(fake, SG_FEED_ENDED);
    return NULL;
}

static enum sg_status fake_start(struct sg_source *source, struct sg_error *error)
{
    struct fake_source *fake = (struct fake_source *)(void *)source;
    (void)error;
    fake_set_state(fake, SG_FEED_LIVE);
    fake->has_thread = pthread_create(&fake->thread, NULL, fake_run, fake) == 0;
    return fake->has_thread ? SG_OK : SG_ERR_NOMEM;
}

static void fake_stop(struct sg_source *source)
{
    struct fake_source *fake = (struct fake_source *)(void *)source;
    atomic_store(&fake->stop, true);
    if (fake->has_thread)
        pthread_join(fake->thread, NULL);
    fake->has_thread = FALSE;
    if (!fake->is_recording)
        fake_set_state(fake, SG_FEED_STOPPED);
}

static void fake_destroy(struct sg_source *source)
{
    struct fake_source *fake = (struct fake_source *)(void *)source;
    pthread_mutex_destroy(&fake->mutex);
    g_free(fake);
}

/* Is told of every look at the status; NULL: nobody is. */
static void (*fake_looked_at)(struct fake_source *fake);

static void fake_status(struct sg_source *source, struct sg_feed_status *ret_status)
{
    struct fake_source *fake = (struct fake_source *)(void *)source;
    if (fake_looked_at)
        fake_looked_at(fake);
    pthread_mutex_lock(&fake->mutex);
    *ret_status = fake->status;
    ret_status->tick_mono_us = g_get_monotonic_time(); /* moves by itself, as a real one does */
    pthread_mutex_unlock(&fake->mutex);
}

static void fake_reconnect(struct sg_source *source)
{
    (void)source;
}

static int64_t fake_now(struct sg_source *source)
{
    struct fake_source *fake = (struct fake_source *)(void *)source;
    pthread_mutex_lock(&fake->mutex);
    int64_t now_us = fake->now_us;
    pthread_mutex_unlock(&fake->mutex);
    return now_us;
}

/* What the next source plays; set before the session is made. */
static struct {
    GArray *records;
    gboolean is_recording, fails;
    guint burst;
} fake_plan;

static struct sg_source *fake_maker(const struct sg_session_config *config, struct sg_tick_ring *ring, struct sg_error *error)
{
    (void)config;
    static const struct sg_source_kind kind = {"fake", fake_start, fake_stop, fake_destroy, fake_status, fake_reconnect, fake_now, NULL};
    if (fake_plan.fails) {
        sg_fail(error, SG_ERR_INVALID, "the test says no");
        return NULL;
    }
    struct fake_source *fake = g_new0(struct fake_source, 1);
    fake->source.kind = &kind;
    fake->ring = ring;
    fake->records = fake_plan.records;
    fake->is_recording = fake_plan.is_recording;
    fake->burst = fake_plan.burst;
    pthread_mutex_init(&fake->mutex, NULL);
    return &fake->source;
}

/* The seams too are as they were, for the next test. */
static int end_fakes_of_test(void **state)
{
    end_sessions_of_test(state);
    fake_looked_at = NULL;
    fake_plan.records = NULL;
    fake_plan.fails = FALSE;
    atomic_store(&fake_gate_us, INT64_MAX);
    return 0;
}

#undef cmocka_unit_test
#define cmocka_unit_test(test) cmocka_unit_test_teardown(test, end_fakes_of_test)
