/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded reads back byte for byte; after a crash at any byte, too; files are bounded; failures are said. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/recording_reader.h"
#include "test_folder.h"

#define T0 INT64_C(1700000000000000)

static const char *path_of(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static struct sg_recorder_config config_for(const char *path)
{
    return (struct sg_recorder_config){
        .file = path, .legs = {{.symbol = "BTCUSDT", .market = SG_MARKET_USDM}, {.symbol = "币ETH", .market = SG_MARKET_USDM}}, .stream = SG_STREAM_TRADE};
}

/* Message number i; some are long, some have line ends in them. */
static size_t make_message(int i, char buffer[static 3000])
{
    size_t length = (size_t)snprintf(buffer, 3000, "{\"n\":%d,\"text\":\"}{\\\"\\n\",\n \"pad\":\"", i);
    size_t pad = i % 7 == 0 ? 1500 : (size_t)(i % 13);
    for (size_t k = 0; k < pad; k++)
        buffer[length++] = (char)('a' + (i * 31 + (int)k * 7) % 26);
    length += (size_t)snprintf(buffer + length, 3000 - length, "\"}");
    return length;
}

static void record(struct sg_recorder *recorder, int first, int last)
{
    char text[3000];
    for (int i = first; i < last; i++) {
        int64_t now = T0 + i * INT64_C(40000);
        if (i % 50 == 0) {
            struct sg_feed_event event = {.recv_us = now, .code = i % 100 ? SG_EVENT_RECOVERED : SG_EVENT_DISCONNECTED, .leg = i % 100 ? 1 : -1};
            snprintf(event.detail, sizeof event.detail, "event \"%d\" \\ ü\n", i);
            sg_recorder_event(recorder, &event);
        }
        sg_recorder_message(recorder, now, -1, text, make_message(i, text));
        sg_recorder_beat(recorder, now + 10);
    }
}

struct events {
    int count, alive;
    int first;
};

static void check_event(void *context, const struct sg_feed_event *event)
{
    struct events *events = context;
    int i = events->first + 50 * events->count++;
    char detail[100];
    snprintf(detail, sizeof detail, "event \"%d\" \\ ü\n", i);
    assert_string_equal(event->detail, detail);
    assert_int_equal(event->code, i % 100 ? SG_EVENT_RECOVERED : SG_EVENT_DISCONNECTED);
    assert_int_equal(event->leg, i % 100 ? 1 : -1);
    assert_int_equal(event->recv_us, T0 + i * INT64_C(40000));
}

static void count_alive(void *context, int64_t recv_us)
{
    struct events *events = context;
    assert_true(recv_us > T0);
    events->alive++;
}

/* Reads messages first, first + 1, …; returns the number after the last. Asserts that each is what was recorded. */
static int check(const char *const *files, size_t count, int first, struct events *events)
{
    struct sg_error error = {0};
    struct sg_recording *recording = sg_recording_open(files, count, &error);
    if (!recording)
        return -1;
    recording->on_event = check_event;
    recording->on_alive = count_alive;
    recording->event_context = events;
    struct sg_recorded_message message;
    enum sg_status status;
    int i = first;
    while ((status = recording->next(recording, &message, &error)) == SG_OK) {
        char text[3000];
        size_t length = make_message(i, text);
        for (size_t k = 0; k < length; k++)
            text[k] = text[k] == '\n' ? ' ' : text[k];
        assert_int_equal(message.length, length);
        assert_memory_equal(message.text, text, length);
        assert_int_equal(message.recv_us, T0 + i * INT64_C(40000));
        i++;
    }
    if (status != SG_ERR_END)
        print_message("%s\n", error.text);
    assert_int_equal(status, SG_ERR_END);
    recording->free(recording);
    return i;
}

static void check_clock(void *context, const struct sg_feed_event *event)
{
    static const int64_t shown[] = {SG_CLOCK_AWAITED, INT64_C(1700000001300000), SG_CLOCK_UNKNOWN};
    int *count = context;
    assert_int_equal(event->recv_us, T0 + *count);
    if (*count == 3) { /* the other record that only decides about bars */
        assert_int_equal(event->code, SG_EVENT_MAINTENANCE);
        assert_int_equal(event->leg, SG_LEG_B);
        ++*count;
        return;
    }
    assert_int_equal(event->code, SG_EVENT_CLOCK);
    assert_int_equal(event->leg, -1);
    assert_true(event->clock_us == shown[(*count)++]);
}

/* A stream that carries no time has the exchange's clock beside it; the header says that an older reader would not understand it. */
static void clock_of_a_timeless_stream(void **state)
{
    (void)state;
    struct sg_recorder_config config = {.file = path_of("book.ndjson"), .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = SG_STREAM_BOOK};
    struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
    assert_non_null(recorder);
    const int64_t shown[] = {SG_CLOCK_AWAITED, INT64_C(1700000001300000), SG_CLOCK_UNKNOWN};
    const char *const texts[] = {"awaited", "1700000001300000", "unknown"};
    for (int i = 0; i < 3; i++) {
        struct sg_feed_event event = {.recv_us = T0 + i, .code = SG_EVENT_CLOCK, .leg = -1, .clock_us = shown[i]};
        snprintf(event.detail, sizeof event.detail, "%s", texts[i]);
        sg_recorder_event(recorder, &event);
    }
    sg_recorder_event(recorder, &(struct sg_feed_event){.recv_us = T0 + 3, .code = SG_EVENT_MAINTENANCE, .leg = SG_LEG_B});
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    char text[1000] = "";
    FILE *file = fopen(config.file, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_true(strncmp(text, "{\"spreadglass\":3,", 17) == 0);
    int count = 0;
    struct sg_recording *recording = sg_recording_open(&config.file, 1, NULL);
    assert_non_null(recording);
    recording->on_event = check_clock;
    recording->event_context = &count;
    struct sg_recorded_message message;
    assert_int_equal(recording->next(recording, &message, NULL), SG_ERR_END);
    assert_int_equal(count, 4);
    recording->free(recording);
}

/* Plays a recording of one symbol on two markets: the price of each tick says on which it was traded. */
static void play_basis(const char *path, const struct sg_instrument legs[2], bool swapped)
{
    struct sg_tick_stream_request request = {.files = &path, .file_count = 1, .legs = {legs[swapped], legs[!swapped]}, .stream = SG_STREAM_TRADE};
    struct sg_error error = {0};
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, &error);
    enum sg_tick_stream_item item;
    struct sg_tick tick;
    struct sg_feed_event event;
    int ticks[2] = {0, 0}, stalls = 0;
    if (!stream)
        print_message("%s\n", error.text);
    assert_non_null(stream);
    while (stream->next(stream, &item, &tick, &event, &error) == SG_OK) {
        if (item == SG_ITEM_TICK) {
            assert_true(tick.price == ((tick.leg == SG_LEG_A) != swapped ? 100 : 200));
            ticks[tick.leg]++;
        } else if (item == SG_ITEM_EVENT && event.code == SG_EVENT_STALLED) {
            assert_int_equal(event.leg, swapped ? SG_LEG_A : SG_LEG_B);
            stalls++;
        }
    }
    assert_true(ticks[SG_LEG_A] == 3);
    assert_true(ticks[SG_LEG_B] == 3);
    assert_true(stalls == 1);
    stream->free(stream);
}

static void one_symbol_on_two_markets(void **state)
{
    (void)state;
    struct sg_recorder_config config = {
        .file = path_of("basis.ndjson"), .legs = {{"BTCUSDT", SG_MARKET_SPOT}, {"BTCUSDT", SG_MARKET_USDM}}, .stream = SG_STREAM_TRADE};
    struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
    struct sg_feed_event stalled = {.recv_us = T0 + 6, .code = SG_EVENT_STALLED, .leg = SG_LEG_B};
    assert_non_null(recorder);
    for (int i = 0; i < 6; i++) {
        char text[300];
        int length = snprintf(text, sizeof text,
                              "{\"e\":\"aggTrade\",\"E\":1700000000000,\"s\":\"BTCUSDT\",\"a\":%d,\"p\":\"%d\",\"q\":\"1\",\"f\":%d,\"l\":%d,\"T\":"
                              "1700000000000,\"m\":true,\"M\":true}",
                              i, i % 2 ? 200 : 100, i, i);
        sg_recorder_message(recorder, T0 + i, i % 2, text, (size_t)length);
    }
    sg_recorder_event(recorder, &stalled);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    play_basis(config.file, config.legs, false);
    play_basis(config.file, config.legs, true);
    /* Nothing but its own header says that a recording is of both. */
    struct sg_tick_stream_request request = {.files = &config.file, .file_count = 1, .legs = {config.legs[0], config.legs[1]}, .stream = SG_STREAM_TRADE};
    struct sg_error error = {0};
    config.file = path_of("spot.ndjson");
    config.legs[1] = (struct sg_instrument){"ETHUSDT", SG_MARKET_SPOT};
    recorder = sg_recorder_start(&config, NULL);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    assert_null(sg_tick_stream_open_recording(&request, &error));
    assert_int_equal(error.status, SG_ERR_INVALID);
    assert_non_null(strstr(error.text, "no recording of BTCUSDT on both markets"));
}

static void what_is_recorded_reads_back(void **state)
{
    (void)state;
    static const char *const names[] = {"a.ndjson", "a.ndjson.gz"};
    for (int which = 0; which < 2; which++) {
        const char *path = path_of(names[which]);
        struct sg_recorder_config config = config_for(path);
        struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
        assert_non_null(recorder);
        struct sg_recording_info info;
        assert_int_equal(sg_recording_describe(&path, 1, &info, NULL), SG_OK);
        assert_true(info.has_header);
        assert_string_equal(info.legs[1].symbol, "币ETH");
        assert_int_equal(info.legs[0].market, SG_MARKET_USDM);
        assert_int_equal(info.stream, SG_STREAM_TRADE);
        record(recorder, 0, 1000);
        for (int i = 0; i < 100; i++)
            sg_recorder_beat(recorder, T0 + INT64_C(40000000) + i * INT64_C(50000));
        struct sg_recorder_status status;
        sg_recorder_status(recorder, &status);
        assert_int_equal(status.messages, 1000);
        assert_int_equal(status.events, 20);
        assert_int_equal(status.lost, 0);
        assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
        struct events events = {0};
        assert_int_equal(check(&path, 1, 0, &events), 1000);
        assert_int_equal(events.count, 20);
        assert_int_equal(events.alive, 4); /* 4.95 s of silence */
        struct sg_error error = {0};
        assert_null(sg_recorder_start(&config, &error));
        assert_int_equal(error.status, SG_ERR_EXISTS);
    }
}

static void a_crash_at_any_byte_leaves_a_good_file(void **state)
{
    (void)state;
    static const char *const names[] = {"crash.ndjson", "crash.ndjson.gz"};
    for (int which = 0; which < 2; which++) {
        const char *path = path_of(names[which]);
        struct sg_recorder_config config = config_for(path);
        struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
        assert_non_null(recorder);
        record(recorder, 0, 25);
        assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        char *bytes = malloc(100000);
        assert_non_null(bytes);
        size_t size = fread(bytes, 1, 100000, file);
        fclose(file);
        assert_true(size > 500);
        assert_true(size < 100000);
        int most = -1;
        for (size_t cut = 0; cut <= size; cut++) {
            const char *torn = path_of("torn");
            file = fopen(torn, "wb");
            assert_int_equal(fwrite(bytes, 1, cut, file), cut);
            fclose(file);
            struct events events = {0};
            int messages = check(&torn, 1, 0, &events);
            assert_true(messages >= most);
            most = messages;
        }
        assert_int_equal(most, 25);
        free(bytes);
    }
}

static void a_killed_recorder_loses_a_second_at_most(void **state)
{
    (void)state;
    static const char *const names[] = {"kill.ndjson", "kill.ndjson.gz"};
    for (int which = 0; which < 2; which++) {
        const char *path = path_of(names[which]);
        struct sg_recorder_config config = config_for(path);
        int told[2];
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
            for (int i = 0; recorder && i < 100000; i++) {
                record(recorder, i, i + 1);
                if (write(told[1], &i, sizeof i) != sizeof i)
                    break;
            }
            _exit(0);
        }
        close(told[1]);
        int last = 0;
        while (last < 777 + which * 100 && read(told[0], &last, sizeof last) == (ssize_t)sizeof last) {
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(told[0]);
        struct events events = {0};
        int messages = check(&path, 1, 0, &events);
        assert_true(messages >= last - 26); /* 25 messages a second of receive time */
    }
}

static void first_event(void *context, const struct sg_feed_event *event)
{
    struct events *events = context;
    if (events->count++ == 0)
        events->first = (int)((event->recv_us - T0) / 40000);
}

static void files_are_bounded_and_play_as_one(void **state)
{
    (void)state;
    const char *path = path_of("turn.ndjson.gz");
    struct sg_recorder_config config = config_for(path);
    config.rotate_bytes = 1000;
    config.keep_files = 4;
    struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
    assert_non_null(recorder);
    record(recorder, 0, 1000);
    struct sg_recorder_status status;
    sg_recorder_status(recorder, &status);
    assert_true(status.files > 6);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    const char *files[4];
    char names[4][64];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(names[i], sizeof names[i], "turn.%u.ndjson.gz", status.files - 4 + i);
        files[i] = path_of(names[i]);
        struct stat file;
        assert_int_equal(stat(files[i], &file), 0);
        assert_true(file.st_size < 8000);
    }
    assert_int_not_equal(access(path, F_OK), 0);
    /* The oldest kept file begins somewhere: find out where. */
    struct sg_recording *recording = sg_recording_open(files, 1, NULL);
    struct sg_recorded_message message;
    assert_non_null(recording);
    assert_int_equal(recording->next(recording, &message, NULL), SG_OK);
    int first = (int)((message.recv_us - T0) / 40000);
    recording->free(recording);
    /* The event of a message stands before it, maybe at the end of a file that is gone. */
    struct sg_error error = {0};
    struct events probe = {0};
    recording = sg_recording_open(files, 1, &error);
    assert_non_null(recording);
    recording->on_event = first_event;
    recording->event_context = &probe;
    while (recording->next(recording, &message, &error) == SG_OK) {
    }
    recording->free(recording);
    assert_true(probe.count == 0 || (probe.first >= first && probe.first <= first + 50));
    struct events events = {.first = probe.count ? probe.first : (first + 49) / 50 * 50};
    assert_int_equal(check(files, 4, first, &events), 1000);
}

static void a_full_disk_is_said_and_what_was_written_reads(void **state)
{
    (void)state;
    const char *path = path_of("full.ndjson");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* A limit on the size of files stands for the full disk. */
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {20000, 20000};
        setrlimit(RLIMIT_FSIZE, &limit);
        struct sg_recorder_config config = config_for(path);
        struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
        if (!recorder)
            _exit(1);
        record(recorder, 0, 1000);
        struct sg_recorder_status status;
        sg_recorder_status(recorder, &status);
        struct sg_error error = {0};
        bool good = status.status == SG_ERR_IO && status.lost > 0 && strstr(status.detail, "cannot be written") &&
                    sg_recorder_stop(recorder, &error) == SG_ERR_IO && strstr(error.text, "the recording ends here");
        _exit(good ? 0 : 2);
    }
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
    struct events events = {0};
    int messages = check(&path, 1, 0, &events);
    assert_true(messages > 10);
    assert_true(messages < 1000);
}

static void a_message_that_is_too_long_is_counted(void **state)
{
    (void)state;
    const char *path = path_of("long.ndjson");
    struct sg_recorder_config config = config_for(path);
    struct sg_recorder *recorder = sg_recorder_start(&config, NULL);
    assert_non_null(recorder);
    char *text = malloc(SG_RECORDING_LINE_MAX);
    assert_non_null(text);
    memset(text, ' ', SG_RECORDING_LINE_MAX);
    sg_recorder_message(recorder, T0, -1, text, SG_RECORDING_LINE_MAX);
    free(text);
    record(recorder, 0, 3);
    struct sg_recorder_status status;
    sg_recorder_status(recorder, &status);
    assert_int_equal(status.lost, 1);
    assert_int_equal(status.messages, 3);
    assert_int_equal(sg_recorder_stop(recorder, NULL), SG_OK);
    struct events events = {0};
    assert_int_equal(check(&path, 1, 0, &events), 3);
    struct sg_error error = {0};
    config.file = "/nonexistent/x.ndjson";
    assert_null(sg_recorder_start(&config, &error));
    assert_int_equal(error.status, SG_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_recorded_reads_back),
        cmocka_unit_test(clock_of_a_timeless_stream),
        cmocka_unit_test(one_symbol_on_two_markets),
        cmocka_unit_test(a_crash_at_any_byte_leaves_a_good_file),
        cmocka_unit_test(a_killed_recorder_loses_a_second_at_most),
        cmocka_unit_test(files_are_bounded_and_play_as_one),
        cmocka_unit_test(a_full_disk_is_said_and_what_was_written_reads),
        cmocka_unit_test(a_message_that_is_too_long_is_counted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
