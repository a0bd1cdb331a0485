/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring: order, counts, drops, events between ticks, and the watermark's promise; then all of it with two threads (run under
 * ThreadSanitizer as well). */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/base/rng.h"
#include "spreadglass/market/tick_ring.h"

#define BATCH 256

struct drained {
    struct sg_tick ticks[BATCH];
    struct sg_feed_event events[32];
    size_t event_after[32];
    struct sg_tick_batch batch;
};

static void drain(struct sg_tick_ring *ring, struct drained *out, size_t ticks, size_t events)
{
    out->batch = (struct sg_tick_batch){
        .ticks = out->ticks,
        .tick_capacity = ticks,
        .events = out->events,
        .event_after = out->event_after,
        .event_capacity = events,
    };
    sg_tick_ring_drain(ring, &out->batch);
}

static struct sg_tick tick_number(int64_t number, enum sg_leg leg)
{
    return (struct sg_tick){.recv_us = 1000 + number, .price = 1, .id = number, .leg = (uint8_t)leg};
}

static void push_one(struct sg_tick_ring *ring, int64_t number)
{
    struct sg_tick tick = tick_number(number, SG_LEG_A);

    assert_int_equal(sg_tick_ring_push(ring, &tick, 1, tick.recv_us), 1);
}

static void push_event(struct sg_tick_ring *ring, enum sg_feed_event_code code, int leg, int64_t recv_us)
{
    struct sg_feed_event event = {.recv_us = recv_us, .code = code, .leg = leg, .detail = "x"};

    sg_tick_ring_push_event(ring, &event);
}

static void test_capacity(void **state)
{
    struct sg_tick_ring *ring;

    (void)state;
    assert_null(sg_tick_ring_new(0));
    assert_null(sg_tick_ring_new(32));
    assert_null(sg_tick_ring_new(100));
    assert_null(sg_tick_ring_new((size_t)1 << 23));
    ring = sg_tick_ring_new(64);
    assert_non_null(ring);
    sg_tick_ring_free(ring);
    sg_tick_ring_free(NULL);
}

static void test_order_across_the_end(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_tick_ring_stats stats;
    struct drained out;
    int64_t pushed = 0;
    int64_t seen = 0;

    (void)state;
    for (int round = 0; round < 50; round++) {
        struct sg_tick ticks[37];

        for (int i = 0; i < 37; i++) {
            ticks[i] = tick_number(pushed++, SG_LEG_A);
        }
        assert_int_equal(sg_tick_ring_push(ring, ticks, 37, ticks[36].recv_us), 37);
        do { /* but for the last round, something stays: an empty ring begins anew */
            drain(ring, &out, 10, 1);
            for (size_t i = 0; i < out.batch.tick_count; i++) {
                assert_int_equal(out.ticks[i].id, seen);
                seen++;
            }
        } while (round < 49 ? pushed - seen > 12 : out.batch.more);
        assert_int_equal(out.batch.watermark_us, 1000 + pushed - 1);
        sg_tick_ring_stats(ring, &stats);
        assert_true(round == 49 || stats.length > 0);
    }
    assert_int_equal(seen, pushed);
    assert_int_equal(stats.slots_used, 64);
    sg_tick_ring_free(ring);
}

/* A ring that is drained in time keeps to its first pages, however much goes through it. */
static void test_drained_ring_stays_small(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(65536);
    struct sg_tick_ring_stats stats;
    struct drained out;
    int64_t pushed = 0;
    int64_t seen = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        for (int i = 0; i < 1 + round % 10; i++) {
            push_one(ring, pushed++);
        }
        drain(ring, &out, BATCH, 1);
        for (size_t i = 0; i < out.batch.tick_count; i++) {
            assert_int_equal(out.ticks[i].id, seen++);
        }
    }
    assert_int_equal(seen, pushed);
    sg_tick_ring_stats(ring, &stats);
    assert_int_equal(stats.pushed, pushed);
    assert_int_equal(stats.slots_used, 10);
    sg_tick_ring_free(ring);
}

static void test_full_ring_drops_the_new_and_counts(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_tick_ring_stats stats;
    struct sg_tick ticks[80];
    struct drained out;

    (void)state;
    for (int i = 0; i < 80; i++) {
        ticks[i] = tick_number(i, i % 2 ? SG_LEG_B : SG_LEG_A);
    }
    assert_int_equal(sg_tick_ring_push(ring, ticks, 80, 5000), 64);
    sg_tick_ring_stats(ring, &stats);
    assert_int_equal(stats.pushed, 64);
    assert_int_equal(stats.length, 64);
    assert_int_equal(stats.dropped[SG_LEG_A], 8);
    assert_int_equal(stats.dropped[SG_LEG_B], 8);
    assert_int_equal(stats.first_drop_us[SG_LEG_A], 1064);
    assert_int_equal(stats.last_drop_us[SG_LEG_A], 1078);
    assert_int_equal(stats.first_drop_us[SG_LEG_B], 1065);
    assert_int_equal(stats.last_drop_us[SG_LEG_B], 1079);
    drain(ring, &out, BATCH, 1);
    assert_int_equal(out.batch.tick_count, 64);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(out.ticks[i].id, i); /* what was accepted is untouched */
    }
    assert_int_equal(out.batch.stats.first_drop_us[SG_LEG_A], 1064);
    assert_false(out.batch.more);
    assert_int_equal(out.batch.watermark_us, 5000);
    drain(ring, &out, BATCH, 1);
    assert_int_equal(out.batch.stats.first_drop_us[SG_LEG_A], 0); /* told once */
    assert_int_equal(out.batch.stats.dropped[SG_LEG_A], 8);       /* counted for ever */
    sg_tick_ring_free(ring);
}

static void test_events_keep_their_place(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct drained out;

    (void)state;
    push_event(ring, SG_EVENT_CONNECTED, -1, 1);
    push_event(ring, SG_EVENT_SUBSCRIBED, -1, 2);
    push_one(ring, 0);
    push_one(ring, 1);
    push_event(ring, SG_EVENT_DISCONNECTED, -1, 3);
    push_one(ring, 2);
    push_event(ring, SG_EVENT_ERROR, -1, 4);

    drain(ring, &out, BATCH, 32);
    assert_int_equal(out.batch.tick_count, 3);
    assert_int_equal(out.batch.event_count, 4);
    assert_int_equal(out.event_after[0], 0);
    assert_int_equal(out.event_after[1], 0);
    assert_int_equal(out.event_after[2], 2);
    assert_int_equal(out.event_after[3], 3);
    assert_int_equal(out.events[2].code, SG_EVENT_DISCONNECTED);
    assert_false(out.batch.more);
    sg_tick_ring_free(ring);
}

/* Whatever the batches' sizes, the merged sequence of ticks and events is the one that was pushed. */
static void test_events_in_small_batches(void **state)
{
    struct sg_rng rng;

    (void)state;
    sg_rng_seed(&rng, 11, 0);
    for (int round = 0; round < 300; round++) {
        struct sg_tick_ring *ring = sg_tick_ring_new(64);
        int sequence[80]; /* >= 0: a tick; < 0: an event */
        size_t length = 0;
        size_t at = 0;
        struct drained out;

        for (int i = 0; i < 60; i++) {
            if (sg_rng_below(&rng, 3) == 0) {
                push_event(ring, SG_EVENT_RETRY, -1, -1 - i);
                sequence[length++] = -1 - i;
            } else {
                push_one(ring, i);
                sequence[length++] = i;
            }
        }
        do {
            size_t event = 0;

            drain(ring, &out, 1 + sg_rng_below(&rng, 9), 1 + sg_rng_below(&rng, 4));
            for (size_t i = 0; i <= out.batch.tick_count; i++) {
                while (event < out.batch.event_count && out.event_after[event] == i) {
                    assert_true(at < length);
                    assert_int_equal(out.events[event].recv_us, sequence[at]);
                    at++;
                    event++;
                }
                if (i < out.batch.tick_count) {
                    assert_int_equal(out.ticks[i].id, sequence[at]);
                    at++;
                }
            }
            assert_int_equal(event, out.batch.event_count);
        } while (out.batch.more);
        assert_int_equal(at, length);
        sg_tick_ring_free(ring);
    }
}

/* A flood of events: chatter goes first, then what later news overtakes; the end of the story is always true. */
static void test_event_flood(void **state)
{
    struct sg_rng rng;

    (void)state;
    sg_rng_seed(&rng, 12, 0);
    for (int round = 0; round < 20; round++) {
        struct sg_tick_ring *ring = sg_tick_ring_new(64);
        bool up[SG_LEG_COUNT] = {false, false};
        bool told[SG_LEG_COUNT] = {false, false};
        bool ever_down_since[SG_LEG_COUNT] = {false, false};
        size_t total = 0;
        size_t received = 0;
        struct drained out;

        for (int i = 0; i < 2000; i++) {
            int leg = (int)sg_rng_below(&rng, 3) - 1;
            uint64_t what = sg_rng_below(&rng, 4);

            push_event(ring, what == 0 ? SG_EVENT_ERROR : what == 1 ? SG_EVENT_SUBSCRIBED : what == 2 ? SG_EVENT_DISCONNECTED : SG_EVENT_STALLED, leg, i);
            total++;
            for (int l = 0; l < SG_LEG_COUNT; l++) {
                if (what != 0 && (leg == -1 || leg == l)) {
                    up[l] = what == 1;
                    ever_down_since[l] = ever_down_since[l] || what != 1;
                }
            }
        }
        bool told_down[SG_LEG_COUNT] = {false, false};
        do {
            drain(ring, &out, BATCH, 32);
            for (size_t i = 0; i < out.batch.event_count; i++) {
                const struct sg_feed_event *event = &out.events[i];

                received++;
                for (int l = 0; l < SG_LEG_COUNT; l++) {
                    if (event->code != SG_EVENT_ERROR && (event->leg == -1 || event->leg == l)) {
                        told[l] = event->code == SG_EVENT_SUBSCRIBED;
                        told_down[l] = told_down[l] || event->code != SG_EVENT_SUBSCRIBED;
                    }
                }
            }
        } while (out.batch.more);
        assert_int_equal(received + out.batch.stats.events_dropped, total);
        for (int l = 0; l < SG_LEG_COUNT; l++) {
            assert_int_equal(told[l], up[l]);
            assert_int_equal(told_down[l], ever_down_since[l]); /* an outage is never forgotten altogether */
        }
        sg_tick_ring_free(ring);
    }
}

static void count_call(void *context)
{
    int *calls = context;

    (*calls)++;
}

static void test_ready_on_first_only(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct drained out;
    int calls = 0;

    (void)state;
    sg_tick_ring_set_ready(ring, count_call, &calls);
    sg_tick_ring_set_watermark(ring, 5);
    assert_int_equal(calls, 0);
    push_one(ring, 0);
    push_one(ring, 1);
    push_event(ring, SG_EVENT_ERROR, -1, 0);
    assert_int_equal(calls, 1);
    drain(ring, &out, 1, 1);
    assert_true(out.batch.more);
    push_one(ring, 2);
    assert_int_equal(calls, 1);
    drain(ring, &out, BATCH, 32);
    push_event(ring, SG_EVENT_ERROR, -1, 0);
    assert_int_equal(calls, 2);
    sg_tick_ring_push(ring, NULL, 0, 9);
    assert_int_equal(calls, 2);
    sg_tick_ring_free(ring);
}

static void test_watermark_only_rises(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct drained out;

    (void)state;
    sg_tick_ring_set_watermark(ring, 100);
    sg_tick_ring_set_watermark(ring, 50);
    drain(ring, &out, 1, 1);
    assert_int_equal(out.batch.watermark_us, 100);
    sg_tick_ring_push(ring, NULL, 0, 70);
    drain(ring, &out, 1, 1);
    assert_int_equal(out.batch.watermark_us, 100);
    sg_tick_ring_free(ring);
}

/* --- two threads ------------------------------------------------------------------------------------------------- */

#define THREAD_TICKS 1200000

struct producer {
    struct sg_tick_ring *ring;
    atomic_bool finished;
    uint64_t accepted, dropped[SG_LEG_COUNT];
    atomic_uint wakes;
};

static void wake(void *context)
{
    struct producer *producer = context;

    atomic_fetch_add(&producer->wakes, 1);
}

static void *produce(void *context)
{
    struct producer *producer = context;
    struct sg_rng rng;
    int64_t number = 0;

    sg_rng_seed(&rng, 99, 0);
    while (number < THREAD_TICKS) {
        struct sg_tick ticks[64];
        size_t count = 1 + sg_rng_below(&rng, 64);
        size_t accepted;

        for (size_t i = 0; i < count; i++) {
            ticks[i] = tick_number(number, number % 3 ? SG_LEG_A : SG_LEG_B);
            number++;
        }
        accepted = sg_tick_ring_push(producer->ring, ticks, count, ticks[count - 1].recv_us + 1);
        producer->accepted += accepted;
        for (size_t i = accepted; i < count; i++) {
            producer->dropped[ticks[i].leg]++;
        }
        if (sg_rng_below(&rng, 50) == 0) {
            push_event(producer->ring, SG_EVENT_RETRY, -1, ticks[count - 1].recv_us);
        }
        if (accepted < count && sg_rng_below(&rng, 4) != 0) {
            sched_yield(); /* drop now and then, not all the time */
        }
    }
    atomic_store(&producer->finished, true);
    return NULL;
}

static void test_two_threads(void **state)
{
    static struct producer producer;
    static struct drained out;
    pthread_t thread;
    uint64_t seen = 0;
    int64_t last_id = -1;
    int64_t promised = 0;
    bool finished;

    (void)state;
    producer.ring = sg_tick_ring_new(4096);
    assert_non_null(producer.ring);
    sg_tick_ring_set_ready(producer.ring, wake, &producer);
    assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
    do {
        finished = atomic_load(&producer.finished);
        drain(producer.ring, &out, BATCH, 32);
        for (size_t i = 0; i < out.batch.tick_count; i++) {
            assert_true(out.ticks[i].id > last_id);        /* in order, none twice */
            assert_true(out.ticks[i].recv_us >= promised); /* nothing that an earlier watermark said had been seen */
            last_id = out.ticks[i].id;
        }
        for (size_t i = 0; i < out.batch.event_count; i++) {
            assert_true(out.event_after[i] <= out.batch.tick_count);
            if (out.event_after[i] > 0) {
                assert_true(out.ticks[out.event_after[i] - 1].recv_us <= out.events[i].recv_us);
            }
        }
        seen += out.batch.tick_count;
        if (!out.batch.more) {
            promised = out.batch.watermark_us;
        }
        if (out.batch.tick_count == 0) {
            sched_yield();
        }
    } while (!finished || out.batch.more);
    assert_int_equal(pthread_join(thread, NULL), 0);

    assert_true(seen == producer.accepted);
    assert_true(out.batch.stats.pushed == producer.accepted);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        assert_true(out.batch.stats.dropped[leg] == producer.dropped[leg]);
    }
    assert_true(seen + producer.dropped[0] + producer.dropped[1] >= THREAD_TICKS);
    assert_true(atomic_load(&producer.wakes) > 0);
    print_message("%u wake-ups, %u of %u ticks dropped and counted\n", atomic_load(&producer.wakes), (unsigned)(producer.dropped[0] + producer.dropped[1]),
                  (unsigned)THREAD_TICKS);
    sg_tick_ring_free(producer.ring);
}

/* An answer about the past has its place among the records; whoever drains finds it by its number, once. */
static void test_answers(void **state)
{
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_tick ticks[8];
    struct sg_feed_event events[SG_TICK_RING_ANSWERS + 2];
    size_t after[SG_TICK_RING_ANSWERS + 2];
    struct sg_tick_batch batch = {.ticks = ticks, .tick_capacity = 8, .events = events, .event_after = after, .event_capacity = SG_TICK_RING_ANSWERS + 2};
    struct sg_history_answer *answer = sg_history_answer_new();

    (void)state;
    push_one(ring, 1);
    sg_tick_ring_push_answer(ring, answer, 1001);
    push_one(ring, 2);
    sg_tick_ring_drain(ring, &batch);
    assert_ptr_equal(batch.ring, ring);
    assert_int_equal(batch.event_count, 1);
    assert_int_equal(events[0].code, SG_EVENT_HISTORY);
    assert_int_equal(events[0].recv_us, 1001);
    assert_int_equal(after[0], 1);
    assert_null(sg_tick_ring_take_answer(ring, 0));
    assert_null(sg_tick_ring_take_answer(ring, events[0].answer + 1));
    assert_ptr_equal(sg_tick_ring_take_answer(ring, events[0].answer), answer);
    assert_null(sg_tick_ring_take_answer(ring, events[0].answer));
    sg_history_answer_free(answer);
    for (unsigned i = 0; i <= SG_TICK_RING_ANSWERS; i++) {
        sg_tick_ring_push_answer(ring, sg_history_answer_new(), 2000);
    }
    sg_tick_ring_drain(ring, &batch);
    assert_int_equal(batch.event_count, SG_TICK_RING_ANSWERS + 1);
    assert_null(sg_tick_ring_take_answer(ring, events[0].answer)); /* lost, and nothing else with it */
    answer = sg_tick_ring_take_answer(ring, events[1].answer);
    assert_non_null(answer);
    sg_history_answer_free(answer);
    sg_tick_ring_free(ring); /* and what was not taken */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_order_across_the_end),
        cmocka_unit_test(test_drained_ring_stays_small),
        cmocka_unit_test(test_full_ring_drops_the_new_and_counts),
        cmocka_unit_test(test_events_keep_their_place),
        cmocka_unit_test(test_events_in_small_batches),
        cmocka_unit_test(test_event_flood),
        cmocka_unit_test(test_ready_on_first_only),
        cmocka_unit_test(test_watermark_only_rises),
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
