/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers about the past in a recording: what was written is read, at its place; damage is named; who does not ask does not see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/recording_reader.h"

#define T0 INT64_C(1700000000000000)
#define S INT64_C(1000000)

static char folder[64], path[96];
static const char trade_text[] = "{\"stream\":\"aaa@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":1700000001000,\"s\":\"AAA\",\"a\":7,\"p\":\"1.5\",\"q\":"
                                 "\"2\",\"f\":1,\"l\":1,\"T\":1700000001000,\"m\":true}}";

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sg-history-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.ndjson", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct sg_history_answer *make_answer(void)
{
    struct sg_history_answer *answer = sg_history_answer_new();
    struct sg_history_leg *a = &answer->legs[SG_LEG_A];
    answer->kind = SG_HISTORY_TRADES;
    *a = (struct sg_history_leg){.from_us = T0, .to_us = T0 + 3 * S, .count = 2, .run_count = 2};
    answer->asked_us = T0 + 5 * S;
    a->bars = calloc(2, sizeof *a->bars);
    a->runs = calloc(2, sizeof *a->runs);
    a->bars[0] = (struct sg_bar){.time_us = T0,
                                 .open = 0.1,
                                 .high = 1.0 / 3.0,
                                 .low = 1e-8,
                                 .close = 0.30000000000000004,
                                 .volume = (sg_qty)9007199254740993 * SG_QTY_ONE + 7,
                                 .trades = 4000000000u,
                                 .ticks = 3,
                                 .flags = SG_BAR_REPAIRED,
                                 .last_tick_us = T0 + 999999,
                                 .last_id = 9};
    a->bars[1] = (struct sg_bar){.time_us = T0 + 2 * S, .open = 2, .high = 2, .low = 2, .close = 2, .flags = SG_BAR_REPAIRED | SG_BAR_FILLED};
    a->runs[0] = (struct sg_history_run){{5, 9}, T0 - 1, T0 + S};
    a->runs[1] = (struct sg_history_run){{11, 3081706901}, T0 + S, T0 + 2 * S};
    return answer;
}

static void assert_same_answer(const struct sg_history_answer *left, const struct sg_history_answer *right)
{
    assert_int_equal(left->kind, right->kind);
    assert_int_equal(left->interval, right->interval);
    assert_int_equal(left->asked_us, right->asked_us);
    assert_string_equal(left->problem, right->problem);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const struct sg_history_leg *a = &left->legs[leg], *b = &right->legs[leg];
        assert_true(a->from_us == b->from_us);
        assert_true(a->to_us == b->to_us);
        assert_true(a->count == b->count);
        assert_int_equal(a->run_count, b->run_count);
        for (size_t i = 0; i < a->count; i++) {
            const struct sg_bar *x = &a->bars[i], *y = &b->bars[i];
            assert_true(x->time_us == y->time_us);
            assert_true(x->open == y->open);
            assert_true(x->high == y->high);
            assert_true(x->low == y->low);
            assert_true(x->close == y->close);
            assert_true(x->volume == y->volume);
            assert_true(x->trades == y->trades);
            assert_true(x->ticks == y->ticks);
            assert_true(x->flags == y->flags);
            assert_true(x->last_tick_us == y->last_tick_us);
            assert_int_equal(x->last_id, y->last_id);
        }
        for (size_t i = 0; i < a->run_count; i++)
            assert_memory_equal(&a->runs[i], &b->runs[i], sizeof a->runs[i]);
    }
}

static struct sg_recorder *start(bool with_history)
{
    struct sg_recorder_config config = {.file = path, .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}}, .stream = SG_STREAM_TRADE, .with_history = with_history};
    struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
    assert_non_null(recorder);
    return recorder;
}

static struct sg_tick_stream *open_ticks(void)
{
    const char *files[] = {path};
    struct sg_tick_stream_request request = {.files = files, .file_count = 1, .legs = {{.symbol = "AAA"}, {.symbol = "BBB"}}, .stream = SG_STREAM_TRADE};
    struct sg_error error = {0};
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, &error);
    if (!stream)
        fail_msg("%s", error.text);
    return stream;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct sg_history_answer *answer = make_answer(), *problem = sg_history_answer_new();
    snprintf(problem->problem, sizeof problem->problem, "HTTP 418 \"%s\" ü", "x");
    problem->interval = SG_INTERVAL_5M;
    struct sg_recorder *recorder = start(true);
    sg_recorder_message(recorder, T0 + 1, -1, trade_text, strlen(trade_text));
    sg_recorder_history(recorder, T0 + 2, answer);
    sg_recorder_history(recorder, T0 + 3, problem);
    sg_recorder_message(recorder, T0 + 4, -1, trade_text, strlen(trade_text));
    sg_recorder_history(recorder, T0 + 5, answer);
    sg_recorder_end(recorder, T0 + 6);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);

    struct sg_tick_stream *stream = open_ticks();
    static const enum sg_tick_stream_item wanted[] = {SG_ITEM_TICK, SG_ITEM_HISTORY, SG_ITEM_HISTORY, SG_ITEM_TICK, SG_ITEM_HISTORY, SG_ITEM_ALIVE};
    static const int64_t at[] = {1, 2, 3, 4, 5, 6};
    struct sg_tick tick;
    struct sg_feed_event event;
    struct sg_error error = {0};
    enum sg_tick_stream_item item;
    size_t count = 0;
    enum sg_status status;
    while ((status = stream->next(stream, &item, &tick, &event, &error)) == SG_OK) {
        if (item == SG_ITEM_EVENT)
            continue; /* the beginning of a recording without events */
        assert_in_range(count, 0, 5);
        assert_int_equal(item, wanted[count]);
        assert_true(tick.recv_us == T0 + at[count]);
        if (item == SG_ITEM_HISTORY)
            assert_same_answer(stream->answer, count == 2 ? problem : answer);
        if (count == 1) { /* taken: it is the taker's */
            sg_history_answer_free(stream->answer);
            stream->answer = NULL;
        }
        count++;
    }
    if (status != SG_ERR_END)
        fail_msg("%s", error.text);
    assert_int_equal(count, 6);
    struct sg_tick_stream_info info;
    stream->info(stream, &info);
    assert_true(info.ended_on_purpose);
    stream->free(stream);

    /* Whoever knows messages only sees these only. */
    const char *files[] = {path};
    struct sg_recording *recording = sg_recording_open(files, 1, NULL);
    struct sg_recorded_message message;
    unsigned messages = 0;
    while ((status = recording->next(recording, &message, &error)) == SG_OK)
        messages++;
    assert_int_equal(status, SG_ERR_END);
    assert_int_equal(messages, 2);
    recording->free(recording);
    sg_history_answer_free(answer);
    sg_history_answer_free(problem);
}

/* A recording of messages alone is of version 1, whatever is handed to its recorder. */
static void test_only_where_wanted(void **state)
{
    (void)state;
    struct sg_history_answer *answer = make_answer();
    struct sg_recorder *recorder = start(false);
    sg_recorder_history(recorder, T0, answer);
    sg_recorder_end(recorder, T0);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    sg_history_answer_free(answer);
    char text[400] = "";
    FILE *file = fopen(path, "r");
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"AAA/BBB\",\"stream\":\"trade\"}\n");
}

static void test_damage(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\"history\":\"guesses\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[]},{\"from\":0,\"to\":0,\"bars\":[],"
        "\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":5,\"to\":0,\"bars\":[],\"ids\":[]},{\"from\":0,\"to\":0,\"bars\":[],"
        "\"ids\":[]}]}",
        "\"history\":\"trades\",\"interval\":\"1m\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[]},{\"from\":0,\"to\":0,\"bars\":[],"
        "\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":1000000,\"bars\":[[0,\"1\",\"1\",\"1\",\"-1\",\"1\",1,1,8,0]]"
        ",\"ids\":[]},{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":1000000,\"bars\":[[1000000,\"1\",\"1\",\"1\",\"1\",\"1\",1,1,"
        "8,0]],\"ids\":[]},{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":0,\"bars\":[],\"ids\":[[3,2]]},{\"from\":0,\"to\":0,\"bars\":"
        "[],\"ids\":[]}]}",
        "\"history\":\"klines\",\"interval\":\"1s\",\"problem\":\"\",\"legs\":[{\"from\":0,\"to\":900000000000000,\"bars\":[],\"ids\":[]},{\"from\":0,\"to\":0,"
        "\"bars\":[],\"ids\":[]}]}",
        "\"history\":7}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        FILE *file = fopen(path, "w");
        fprintf(file, "{\"spreadglass\":2,\"market\":\"spot\",\"pair\":\"AAA/BBB\",\"stream\":\"trade\"}\n{\"t\":1700000000000000,%s\n", lines[i]);
        fclose(file);
        struct sg_tick_stream *stream = open_ticks();
        struct sg_tick tick;
        struct sg_feed_event event;
        struct sg_error error = {0};
        enum sg_tick_stream_item item;
        enum sg_status status;
        while ((status = stream->next(stream, &item, &tick, &event, &error)) == SG_OK)
            continue;
        if (status != SG_ERR_PARSE || !strstr(error.text, "x.ndjson:2: an answer about the past that is damaged"))
            fail_msg("line %zu: %s, %s", i, sg_status_name(status), error.text);
        stream->free(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, begin, end),
        cmocka_unit_test_setup_teardown(test_only_where_wanted, begin, end),
        cmocka_unit_test_setup_teardown(test_damage, begin, end),
    };
    return cmocka_run_group_tests_name("feed/recording_history", tests, NULL, NULL);
}
