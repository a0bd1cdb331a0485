/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay gives the same records and the same bars at every speed, whatever the consumer does, and ends when it is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/feed/source.h"
#include "spreadglass/market/resampler.h"
#include "test_folder.h"

#define T0 INT64_C(1700000000000000)
#define S INT64_C(1000000)

/* What came out of the ring, as text, and the bars made of it as the engine makes them. */
struct outcome {
    char *records, *bars;
    size_t records_size, bars_size;
    FILE *record_file, *bar_file;
    uint64_t dropped;
    struct sg_feed_status status;
};

static void write_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    struct outcome *outcome = context;
    char open[SG_DECIMAL_BUF], close[SG_DECIMAL_BUF], volume[SG_DECIMAL_BUF];
    sg_decimal_from_double(bar->open, open);
    sg_decimal_from_double(bar->close, close);
    sg_decimal_from_qty(bar->volume, volume);
    fprintf(outcome->bar_file, "%d %d %lld %s %s %s %u %u\n", (int)interval, (int)leg, (long long)bar->time_us, open, close, volume, bar->trades, bar->flags);
}

static void nap(long nanoseconds)
{
    nanosleep(&(struct timespec){0, nanoseconds}, NULL);
}

/* Plays to the end, draining in pieces of `piece` ticks with a rest of `rest_ns` between two. */
static struct outcome play(const char *path, double speed, size_t capacity, size_t piece, long rest_ns)
{
    struct outcome outcome = {0};
    outcome.record_file = open_memstream(&outcome.records, &outcome.records_size);
    outcome.bar_file = open_memstream(&outcome.bars, &outcome.bars_size);
    struct sg_tick_ring *ring = sg_tick_ring_new(capacity);
    struct sg_resampler *resampler = sg_resampler_new(&(struct sg_resampler_config){.callbacks = {.on_bar = write_bar, .context = &outcome}});
    assert_non_null(ring);
    assert_non_null(resampler);
    struct sg_replay_config config = {.file = path, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_TRADE, .speed = speed};
    struct sg_error error = {0};
    struct sg_source *source = sg_source_new_replay(&config, ring, &error);
    if (!source)
        print_message("%s\n", error.text);
    assert_non_null(source);
    assert_int_equal(sg_source_start(source, &error), SG_OK);
    struct sg_tick *ticks = calloc(piece, sizeof *ticks);
    struct sg_feed_event events[4];
    size_t after[4];
    time_t deadline = time(NULL) + 60;
    for (bool over = false; !over;) {
        sg_source_status(source, &outcome.status);
        over = outcome.status.state == SG_FEED_ENDED || outcome.status.state == SG_FEED_FAILED;
        struct sg_tick_batch batch;
        do {
            batch = (struct sg_tick_batch){.ticks = ticks, .tick_capacity = piece, .events = events, .event_after = after, .event_capacity = 4};
            sg_tick_ring_drain(ring, &batch);
            size_t event = 0;
            for (size_t i = 0; i <= batch.tick_count; i++) {
                for (; event < batch.event_count && batch.event_after[event] == i; event++) {
                    fprintf(outcome.record_file, "event %lld %d %d %s\n", (long long)events[event].recv_us, (int)events[event].code, events[event].leg,
                            events[event].detail);
                    sg_resampler_event(resampler, &events[event]);
                }
                if (i == batch.tick_count)
                    break;
                fprintf(outcome.record_file, "tick %lld %lld %d %lld\n", (long long)ticks[i].recv_us, (long long)ticks[i].time_us, ticks[i].leg,
                        (long long)ticks[i].id);
                sg_resampler_tick(resampler, &ticks[i]);
            }
            if (!batch.more)
                sg_resampler_advance(resampler, batch.watermark_us);
            if (rest_ns && batch.more)
                nap(rest_ns);
        } while (batch.more);
        outcome.dropped = batch.stats.dropped[0] + batch.stats.dropped[1] + batch.stats.events_dropped;
        assert_true(time(NULL) < deadline);
        if (!over)
            nap(rest_ns ? rest_ns : 200000);
    }
    sg_resampler_finish(resampler);
    sg_source_free(source);
    sg_resampler_free(resampler);
    sg_tick_ring_free(ring);
    free(ticks);
    fclose(outcome.record_file);
    fclose(outcome.bar_file);
    return outcome;
}

static void forget(struct outcome *outcome)
{
    free(outcome->records);
    free(outcome->bars);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A market that trades, falls silent for minutes, and (in our own form) loses its connection twice and sleeps once. */
static const char *make_recording(const char *name, bool own)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    uint32_t state = 7;
    int64_t now = T0;
    long long ids[2] = {100, 500};
    if (own) {
        fprintf(file, "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"BTCUSDT/ETHUSDT\",\"stream\":\"trade\"}\n");
        fprintf(file, "{\"t\":%lld,\"event\":\"connected\",\"leg\":-1,\"detail\":\"x\"}\n{\"t\":%lld,\"event\":\"subscribed\",\"leg\":-1,\"detail\":\"\"}\n",
                (long long)now, (long long)now + 5);
    }
    for (int i = 0; i < 6000; i++) {
        now += next_random(&state) % 150000;
        if (own && (i == 2000 || i == 4000)) {
            for (int e = 0; e < 300; e++) /* more than the ring can hold */
                fprintf(file, "{\"t\":%lld,\"event\":\"%s\",\"leg\":-1,\"detail\":\"%d\"}\n", (long long)(now += 10000),
                        e == 0     ? "disconnected"
                        : e == 299 ? "subscribed"
                                   : "retry",
                        e);
        }
        if (i == 1000) { /* five minutes of silence */
            int64_t end = now + 300 * S;
            for (now += S; own && now < end; now += S)
                fprintf(file, "{\"t\":%lld,\"alive\":1}\n", (long long)now);
            now = end;
        }
        if (own && i == 3000)
            now += 600 * S; /* no sign of life: asleep */
        int leg = (int)(next_random(&state) % 2);
        const char *symbol = leg ? "ETHUSDT" : "BTCUSDT";
        if (own)
            fprintf(file, "{\"t\":%lld,\"m\":", (long long)now);
        else
            fprintf(file, "%lld ", (long long)now * 1000);
        fprintf(file,
                "{\"stream\":\"x\",\"data\":{\"e\":\"trade\",\"E\":%lld,\"s\":\"%s\",\"t\":%lld,\"p\":\"%u.%02u\",\"q\":\"0.%03u\",\"T\":%lld,\"m\":true}}",
                (long long)(now / 1000 + 40), symbol, ids[leg]++, 1000 + next_random(&state) % 10, next_random(&state) % 100, 1 + next_random(&state) % 999,
                (long long)(now / 1000 + 39));
        fputs(own ? "}\n" : "\n", file);
    }
    fclose(file);
    return path;
}

static void same_at_every_speed(const char *path, size_t ticks)
{
    struct outcome reference = play(path, 0, 65536, 4096, 0);
    assert_int_equal(reference.status.state, SG_FEED_ENDED);
    assert_int_equal(reference.status.ticks, ticks);
    assert_int_equal(reference.dropped, 0);
    assert_true(reference.bars_size > 10000);
    const struct {
        double speed;
        size_t capacity, piece;
        long rest_ns;
    } ways[] = {
        {0, 64, 7, 0}, {0, 256, 1000, 3000000}, {1000, 1024, 100, 0}, {20000, 64, 64, 100000}, {500, 65536, 4096, 5000000},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct outcome outcome = play(path, ways[i].speed, ways[i].capacity, ways[i].piece, ways[i].rest_ns);
        assert_int_equal(outcome.dropped, 0);
        assert_string_equal(outcome.records, reference.records);
        assert_string_equal(outcome.bars, reference.bars);
        forget(&outcome);
    }
    forget(&reference);
}

static void our_own_recording(void **state)
{
    (void)state;
    same_at_every_speed(make_recording("own", true), 6000);
}

static void a_capture_of_others(void **state)
{
    (void)state;
    same_at_every_speed(make_recording("other", false), 6000);
}

/* Silence in a capture of others is silence: bars go on, filled. */
static void silence_gives_filled_bars(void **state)
{
    (void)state;
    const char *path = make_recording("silent", false);
    struct outcome outcome = play(path, 0, 1024, 512, 0);
    size_t seconds = 0;
    for (const char *at = outcome.bars; (at = strstr(at, "\n0 0 ")); at++)
        seconds++;
    long long first = 0, last = 0;
    for (const char *at = outcome.bars; (at = strstr(at, "\n0 0 ")); at++) {
        int64_t time_us = 0;
        assert_int_equal(sg_decimal_to_int64(at + 5, 16, 0, INT64_MAX, &time_us), SG_OK);
        first = first ? first : time_us;
        last = time_us;
    }
    assert_int_equal(seconds, (last - first) / S + 1);
    forget(&outcome);
}

static void stopping_and_pausing_are_prompt(void **state)
{
    (void)state;
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_replay_config config = {
        .file = make_recording("stop", true), .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_TRADE, .speed = 0};
    struct sg_source *source = sg_source_new_replay(&config, ring, NULL);
    assert_non_null(source);
    const struct sg_clock *clock = sg_clock_system();
    for (int round = 0; round < 4; round++) {
        /* A full ring that nobody drains, and a wait of a real second: it stops at once all the same. */
        sg_source_replay_pace(source, round & 1 ? 1 : 0, round & 2);
        assert_int_equal(sg_source_start(source, NULL), SG_OK);
        struct sg_tick_ring_stats stats;
        int64_t begun = sg_clock_mono(clock);
        do {
            sg_tick_ring_stats(ring, &stats);
            nap(1000000);
        } while (round == 0 && stats.length == 0 && sg_clock_mono(clock) - begun < 10 * S);
        begun = sg_clock_mono(clock);
        sg_source_stop(source);
        assert_true(sg_clock_mono(clock) - begun < S);
        struct sg_feed_status status;
        sg_source_status(source, &status);
        assert_int_equal(status.state, SG_FEED_STOPPED);
    }
    sg_source_free(source);
    sg_tick_ring_free(ring);
}

static void paused_nothing_comes_until_it_goes_on(void **state)
{
    (void)state;
    struct sg_tick_ring *ring = sg_tick_ring_new(65536);
    struct sg_replay_config config = {
        .file = make_recording("pause", false), .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_TRADE, .speed = 0, .paused = true};
    struct sg_source *source = sg_source_new_replay(&config, ring, NULL);
    assert_non_null(source);
    assert_int_equal(sg_source_start(source, NULL), SG_OK);
    nap(30000000);
    struct sg_tick_ring_stats stats;
    sg_tick_ring_stats(ring, &stats);
    assert_int_equal(stats.pushed, 0);
    sg_source_replay_pace(source, 0, false);
    struct sg_tick ticks[64];
    struct sg_feed_event events[4];
    size_t after[4];
    time_t deadline = time(NULL) + 30;
    struct sg_feed_status status;
    do {
        struct sg_tick_batch batch = {.ticks = ticks, .tick_capacity = 64, .events = events, .event_after = after, .event_capacity = 4};
        sg_tick_ring_drain(ring, &batch);
        sg_source_status(source, &status);
        assert_true(time(NULL) < deadline);
    } while (status.state != SG_FEED_ENDED);
    assert_int_equal(status.ticks, 6000);
    sg_source_free(source);
    sg_tick_ring_free(ring);
}

static void what_cannot_be_played_is_said(void **state)
{
    (void)state;
    const char *path = make_recording("own2", true);
    struct sg_tick_ring *ring = sg_tick_ring_new(1024);
    struct sg_error error = {0};
    struct sg_replay_config config = {.file = path, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_BOOK};
    assert_null(sg_source_new_replay(&config, ring, &error));
    assert_non_null(strstr(error.text, "recording of the trade stream, not of book"));
    config.stream = SG_STREAM_TRADE;
    snprintf(config.legs[1].symbol, sizeof config.legs[1].symbol, "XRPUSDT");
    assert_null(sg_source_new_replay(&config, ring, &error));
    assert_non_null(strstr(error.text, "holds no XRPUSDT"));
    config.speed = -1;
    assert_null(sg_source_new_replay(&config, ring, &error));
    assert_int_equal(error.status, SG_ERR_INVALID);
    sg_tick_ring_free(ring);

    FILE *file = fopen(path, "a");
    fputs("rubbish\n", file);
    fclose(file);
    struct outcome outcome = play(path, 0, 65536, 4096, 0);
    assert_int_equal(outcome.status.state, SG_FEED_FAILED);
    assert_non_null(strstr(outcome.status.detail, "not a line of a recording"));
    assert_int_equal(outcome.status.ticks, 6000);
    forget(&outcome);
}

/* Answers about the past come at their place among the ticks, whole, and what was recorded after them is played too. */
static void answers_are_played_and_what_follows(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/answers.ndjson", folder);
    struct sg_recorder_config recorded = {
        .file = path, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_TRADE, .with_history = true};
    struct sg_recorder *recorder = sg_recorder_start(&recorded, NULL);
    assert_non_null(recorder);
    for (int i = 0; i < 3; i++) {
        char trade[256];
        int length = snprintf(trade, sizeof trade,
                              "{\"stream\":\"btcusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":%lld,\"s\":\"BTCUSDT\",\"a\":%d,\"p\":\"1.5\","
                              "\"q\":\"2\",\"f\":%d,\"l\":%d,\"T\":%lld,\"m\":true}}",
                              (long long)T0 / 1000 + i, i, i, i, (long long)T0 / 1000 + i);
        sg_recorder_message(recorder, T0 + 10 * i + 1, -1, trade, (size_t)length);
        struct sg_history_answer *answer = sg_history_answer_new();
        answer->asked_us = T0 + i;
        sg_recorder_history(recorder, T0 + 10 * i + 2, answer);
        sg_history_answer_free(answer);
    }
    sg_recorder_end(recorder, T0 + 40);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);

    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_replay_config config = {.file = path, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_TRADE};
    struct sg_source *source = sg_source_new_replay(&config, ring, NULL);
    assert_non_null(source);
    assert_int_equal(sg_source_start(source, NULL), SG_OK);
    struct sg_feed_status status;
    char order[16] = "";
    size_t length = 0;
    time_t deadline = time(NULL) + 60;
    for (bool over = false; !over; nap(200000)) {
        sg_source_status(source, &status);
        over = status.state == SG_FEED_ENDED || status.state == SG_FEED_FAILED;
        struct sg_tick ticks[8];
        struct sg_feed_event events[8];
        size_t after[8], event = 0;
        struct sg_tick_batch batch = {.ticks = ticks, .tick_capacity = 8, .events = events, .event_after = after, .event_capacity = 8};
        sg_tick_ring_drain(ring, &batch);
        for (size_t i = 0; i <= batch.tick_count; i++) {
            for (; event < batch.event_count && batch.event_after[event] == i; event++) {
                if (events[event].code != SG_EVENT_HISTORY)
                    continue;
                struct sg_history_answer *answer = sg_tick_ring_take_answer(ring, events[event].answer);
                assert_non_null(answer);
                assert_int_equal(answer->asked_us, T0 + (int64_t)length / 2);
                sg_history_answer_free(answer);
                order[length++] = 'a';
            }
            if (i < batch.tick_count)
                order[length++] = 't';
        }
        assert_true(length < sizeof order / 2);
        assert_true(time(NULL) < deadline);
    }
    assert_string_equal(order, "tatata");
    assert_int_equal(status.state, SG_FEED_ENDED);
    sg_source_free(source);
    sg_tick_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_recording),
        cmocka_unit_test(a_capture_of_others),
        cmocka_unit_test(silence_gives_filled_bars),
        cmocka_unit_test(stopping_and_pausing_are_prompt),
        cmocka_unit_test(paused_nothing_comes_until_it_goes_on),
        cmocka_unit_test(what_cannot_be_played_is_said),
        cmocka_unit_test(answers_are_played_and_what_follows),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
