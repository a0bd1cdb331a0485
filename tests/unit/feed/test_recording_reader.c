/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings of every form: same messages, same times; what is torn is survived, what is wrong is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zlib.h>
#include "spreadglass/feed/recording_reader.h"
#include "test_folder.h"

static char *path_of(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static char *write_bytes(const char *name, const void *bytes, size_t length)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

/* One gzip member per piece. */
static char *write_gzip(const char *name, const char *const *pieces, size_t count)
{
    char *path = path_of(name);
    unlink(path);
    for (size_t i = 0; i < count; i++) {
        gzFile gz = gzopen(path, "ab");
        assert_non_null(gz);
        assert_int_equal(gzwrite(gz, pieces[i], (unsigned)strlen(pieces[i])), (int)strlen(pieces[i]));
        assert_int_equal(gzclose(gz), Z_OK);
    }
    return path;
}

static struct sg_recording *open_one(const char *path)
{
    struct sg_error error = {0};
    struct sg_recording *recording = sg_recording_open(&path, 1, &error);
    if (!recording)
        print_message("%s\n", error.text);
    assert_non_null(recording);
    return recording;
}

static void expect_message(struct sg_recording *recording, int64_t recv_us, const char *text)
{
    struct sg_recorded_message message;
    struct sg_error error = {0};
    enum sg_status status = recording->next(recording, &message, &error);
    if (status != SG_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, SG_OK);
    assert_int_equal(message.recv_us, recv_us);
    assert_int_equal(message.length, strlen(text));
    assert_memory_equal(message.text, text, message.length);
}

static void expect_end(struct sg_recording *recording)
{
    struct sg_recorded_message message;
    assert_int_equal(recording->next(recording, &message, NULL), SG_ERR_END);
    assert_int_equal(recording->next(recording, &message, NULL), SG_ERR_END);
}

static void expect_refused(const char *path, const char *reason)
{
    struct sg_error error = {0};
    struct sg_recording *recording = sg_recording_open(&path, 1, &error);
    if (recording) {
        struct sg_recorded_message message;
        enum sg_status status;
        do
            status = recording->next(recording, &message, &error);
        while (status == SG_OK);
        assert_int_not_equal(status, SG_ERR_END);
        recording->free(recording);
    }
    if (!strstr(error.text, reason))
        print_message("expected \"%s\" in \"%s\"\n", reason, error.text);
    assert_non_null(strstr(error.text, reason));
    assert_non_null(strstr(error.text, path));
}

static const char OWN[] = "{\"spreadglass\":1,\"market\":\"usdm\",\"pair\":\"BTCUSDT/ETHUSDT\",\"stream\":\"trade\"}\n"
                          "{\"t\":1700000000000001,\"event\":\"connected\",\"leg\":-1,\"detail\":\"to \\\"x\\\"\"}\n"
                          "{\"t\":1700000000000002,\"m\":{\"a\":1}}\n"
                          "{\"t\":1700000000000005,\"m\":[{\"b\":\"}\"}]}\n"
                          "{\"t\":1700000000000005,\"event\":\"recovered\",\"leg\":1,\"detail\":\"\"}\n"
                          "{\"t\":1700000000000009,\"m\":{\"c\":3}}\n"
                          "{\"t\":1700000000000009,\"event\":\"disconnected\",\"leg\":-1,\"detail\":\"\"}\n";

struct seen_events {
    struct sg_feed_event events[8];
    unsigned count;
};

static void see_event(void *context, const struct sg_feed_event *event)
{
    struct seen_events *seen = context;
    assert_true(seen->count < 8);
    seen->events[seen->count++] = *event;
}

static void play_own(const char *path)
{
    struct sg_recording *recording = open_one(path);
    struct seen_events seen = {0};
    recording->on_event = see_event;
    recording->event_context = &seen;
    for (int round = 0; round < 2; round++) {
        seen.count = 0;
        expect_message(recording, 1700000000000002, "{\"a\":1}");
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.events[0].code, SG_EVENT_CONNECTED);
        assert_int_equal(seen.events[0].recv_us, 1700000000000001);
        assert_int_equal(seen.events[0].leg, -1);
        assert_string_equal(seen.events[0].detail, "to \"x\"");
        expect_message(recording, 1700000000000005, "[{\"b\":\"}\"}]");
        expect_message(recording, 1700000000000009, "{\"c\":3}");
        assert_int_equal(seen.count, 2);
        assert_int_equal(seen.events[1].code, SG_EVENT_RECOVERED);
        assert_int_equal(seen.events[1].leg, 1);
        expect_end(recording);
        assert_int_equal(seen.count, 3);
        assert_int_equal(seen.events[2].code, SG_EVENT_DISCONNECTED);
        assert_null(recording->warning(recording));
        assert_int_equal(recording->rewind(recording, NULL), SG_OK);
    }
    recording->free(recording);
}

static void our_own_form_plain_and_gzip(void **state)
{
    (void)state;
    play_own(write_text("own.txt", OWN));
    const char *pieces[] = {OWN};
    play_own(write_gzip("own.bin", pieces, 1));

    /* A player that does not care for events sees the messages alone. */
    struct sg_recording *recording = open_one(write_text("own.txt", OWN));
    expect_message(recording, 1700000000000002, "{\"a\":1}");
    recording->free(recording);

    struct sg_recording_info info;
    const char *path = write_text("own.txt", OWN);
    assert_int_equal(sg_recording_describe(&path, 1, &info, NULL), SG_OK);
    assert_true(info.has_header);
    assert_true(info.has_legs);
    assert_true(info.has_stream);
    assert_string_equal(info.legs[0].symbol, "BTCUSDT");
    assert_string_equal(info.legs[1].symbol, "ETHUSDT");
    assert_int_equal(info.legs[1].market, SG_MARKET_USDM);
    assert_int_equal(info.stream, SG_STREAM_TRADE);
}

static void gzip_members_count_as_one_file(void **state)
{
    (void)state;
    const char *pieces[] = {"1700000000000000999 {\"a\":1}\n17000000", "00000001000 {\"a\":2}\n", "1700000000000002000 {\"a\":3}"};
    struct sg_recording *recording = open_one(write_gzip("members.bin", pieces, 3));
    expect_message(recording, 1700000000000000, "{\"a\":1}");
    expect_message(recording, 1700000000000001, "{\"a\":2}");
    expect_message(recording, 1700000000000002, "{\"a\":3}");
    expect_end(recording);
    uint64_t read, total;
    sg_recording_progress(recording, &read, &total);
    assert_true(total > 0);
    assert_true(read == total);
    recording->free(recording);
}

/* An exchange that sends an empty frame: the recorder writes it down as it came, and the replay counts it as the live session did. */
static void an_empty_message_is_a_message(void **state)
{
    (void)state;
    char *path = write_text("no-text", "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"BTCUSDT/ETHUSDT\",\"stream\":\"trade\"}\n"
                                       "{\"t\":1700000000000002,\"m\":}\n"
                                       "{\"t\":1700000000000003,\"m\":{\"a\":1}}\n");
    struct sg_recording *recording = open_one(path);
    expect_message(recording, INT64_C(1700000000000002), "");
    expect_message(recording, INT64_C(1700000000000003), "{\"a\":1}");
    expect_end(recording);
    recording->free(recording);

    const char *files[] = {path};
    struct sg_tick_stream_request request = {.files = files, .file_count = 1, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = -1};
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, NULL);
    assert_non_null(stream);
    enum sg_tick_stream_item item;
    struct sg_tick tick;
    struct sg_feed_event event;
    while (stream->next(stream, &item, &tick, &event, NULL) == SG_OK) {
    }
    struct sg_tick_stream_info info;
    stream->info(stream, &info);
    assert_int_equal(info.messages, 2);
    assert_int_equal(info.rejected, 1);
    assert_non_null(strstr(info.first_rejected, "an empty message"));
    stream->free(stream);
}

static void seconds_and_plain_forms(void **state)
{
    (void)state;
    struct sg_recording *recording = open_one(write_text("seconds.txt", "wss://x/stream <-> 1633998511.9\n1633998512.0633569: {\"a\":1}\n"
                                                                        "wss://x/stream <-> 1633998513.0\n1633998512.5: {\"a\":2}\n1633998513: {\"a\":3}\n"));
    expect_message(recording, 1633998512063356, "{\"a\":1}");
    expect_message(recording, 1633998512500000, "{\"a\":2}");
    expect_message(recording, 1633998513000000, "{\"a\":3}");
    expect_end(recording);
    recording->free(recording);

    recording = open_one(
        write_text("plain.txt", "{\"u\":1}\n{\"e\":\"trade\",\"E\":1592584651517}\r\n\n{\"u\":2}\n[{\"E\":1592584651600001},{}]\n{\"E\":1592584651599}"));
    expect_message(recording, 1592584651517000, "{\"u\":1}");
    expect_message(recording, 1592584651517000, "{\"e\":\"trade\",\"E\":1592584651517}");
    expect_message(recording, 1592584651517000, "{\"u\":2}");
    expect_message(recording, 1592584651600001, "[{\"E\":1592584651600001},{}]");
    expect_message(recording, 1592584651600001, "{\"E\":1592584651599}");
    expect_end(recording);
    recording->free(recording);
}

static void files_are_merged_by_receive_time(void **state)
{
    (void)state;
    const char *files[] = {
        write_text("b.txt", "1700000000000002000 {\"b\":1}\n1700000000000002000 {\"b\":2}\n1700000000000009000 {\"b\":3}\n"),
        write_text("a.txt", "1700000000000001000 {\"a\":1}\n1700000000000002000 {\"a\":2}\n1700000000000003000 {\"a\":3}\n"),
    };
    struct sg_recording *recording = sg_recording_open(files, 2, NULL);
    assert_non_null(recording);
    for (int round = 0; round < 2; round++) {
        expect_message(recording, 1700000000000001, "{\"a\":1}");
        expect_message(recording, 1700000000000002, "{\"b\":1}");
        expect_message(recording, 1700000000000002, "{\"b\":2}");
        expect_message(recording, 1700000000000002, "{\"a\":2}");
        expect_message(recording, 1700000000000003, "{\"a\":3}");
        expect_message(recording, 1700000000000009, "{\"b\":3}");
        expect_end(recording);
        assert_int_equal(recording->rewind(recording, NULL), SG_OK);
    }
    recording->free(recording);
}

static void times_that_go_back_are_raised_and_said(void **state)
{
    (void)state;
    struct sg_recording *recording =
        open_one(write_text("back.txt", "1700000000000005000 {\"a\":1}\n1700000000000004000 {\"a\":2}\n1700000000000006000 {\"a\":3}\n"));
    expect_message(recording, 1700000000000005, "{\"a\":1}");
    expect_message(recording, 1700000000000005, "{\"a\":2}");
    expect_message(recording, 1700000000000006, "{\"a\":3}");
    expect_end(recording);
    const char *warning = recording->warning(recording);
    assert_non_null(warning);
    assert_non_null(strstr(warning, "back.txt:2"));
    recording->free(recording);
}

/* Cut anywhere, the rest is a prefix of what was recorded; it is an error only before the first message could be told. */
static void any_cut_of_our_own_form_reads(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":1}", "[{\"b\":\"}\"}]", "{\"c\":3}"};
    for (size_t cut = 1; cut < sizeof OWN - 1; cut++) {
        const char *path = write_bytes("cut.txt", OWN, cut);
        struct sg_recording *recording = open_one(path);
        size_t messages = 0, whole = 0;
        struct sg_recorded_message message;
        struct sg_error error = {0};
        enum sg_status status;
        while ((status = recording->next(recording, &message, &error)) == SG_OK) {
            assert_true(messages < 3);
            assert_int_equal(message.length, strlen(texts[messages]));
            assert_memory_equal(message.text, texts[messages], message.length);
            messages++;
        }
        assert_int_equal(status, SG_ERR_END);
        for (size_t at = 0; at < cut; at++)
            if (OWN[at] == '\n' && at > 1 && OWN[at - 1] == '}' && memmem(OWN + at - 30, 30, ",\"m\":", 5) && !memmem(OWN + at - 20, 20, "detail", 6))
                whole++;
        assert_int_equal(messages, whole);
        assert_int_equal(recording->warning(recording) != NULL, OWN[cut - 1] != '\n');
        recording->free(recording);
    }
}

static void any_cut_of_a_gzip_reads(void **state)
{
    (void)state;
    char text[4000];
    size_t length = 0;
    for (int i = 0; i < 60; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "1700000000%09d {\"n\":%d}\n", i * 7919, i);
    const char *pieces[] = {text};
    const char *path = write_gzip("cut.gz", pieces, 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char bytes[4000];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    size_t most = 0;
    for (size_t cut = 0; cut <= size; cut++) {
        path = write_bytes("cut2.gz", bytes, cut);
        struct sg_error error = {0};
        struct sg_recording *recording = sg_recording_open(&path, 1, &error);
        if (!recording) {
            assert_int_equal(most, 0);
            assert_int_equal(error.status, SG_ERR_PARSE);
            continue;
        }
        size_t messages = 0;
        struct sg_recorded_message message;
        enum sg_status status;
        while ((status = recording->next(recording, &message, &error)) == SG_OK) {
            char expected[40];
            int expected_length = snprintf(expected, sizeof expected, "{\"n\":%zu}", messages);
            assert_int_equal(message.length, expected_length);
            assert_memory_equal(message.text, expected, message.length);
            messages++;
        }
        assert_int_equal(status, SG_ERR_END);
        assert_true(messages >= most);
        assert_int_equal(recording->warning(recording) == NULL, cut == size);
        most = messages;
        recording->free(recording);
    }
    assert_int_equal(most, 60);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    expect_refused(write_text("empty", ""), "empty");
    expect_refused(path_of("absent"), "No such file");
    expect_refused(folder, "folder");
    expect_refused(write_bytes("png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), "not a recording");
    expect_refused(write_text("csv", "time,close\n1,2\n"), "not a recording");
    expect_refused(write_text("bad1", "1700000000000002000 {\"b\":1}\nrubbish\n"), "bad1:2: expected");
    expect_refused(write_text("bad2", "1700000000000002000 {\"b\":1}\n17 {\"b\":1}\n"), "bad2:2: the receive time");
    expect_refused(write_text("bad3", "{\"t\":1700000000000002,\"m\":{}}\n{\"t\":1700000000000002,\"x\":{}}\n"), "bad3:2");
    expect_refused(write_text("bad4", "{\"t\":1700000000000002,\"event\":\"sneezed\",\"leg\":-1}\n"), "bad4:1: an event without a name");
    expect_refused(write_text("bad5", "{\"t\":1700000000000002,\"event\":\"error\",\"leg\":7}\n"), "bad5:1: an event whose leg");
    expect_refused(write_text("bad6", "{\"spreadglass\":4,\"market\":\"spot\",\"pair\":\"A/B\",\"stream\":\"trade\"}\n"), "later version");
    expect_refused(write_text("bad7", "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"A/A\",\"stream\":\"trade\"}\n"), "does not exist");
    expect_refused(write_text("bad8", "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"A/B\",\"stream\":\"trade\"}\n"
                                      "{\"spreadglass\":1,\"market\":\"spot\",\"pair\":\"A/C\",\"stream\":\"trade\"}\n"),
                   "bad8:2: a second header");
    expect_refused(write_text("bad9", "{\n \"pretty\": 1\n}\n"), "bad9:1: the JSON message does not end on its line");
    static const char *const clocks[] = {"", "soon", "12", "1700000000000002x", "99999999999999999999", "-1"};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        char line[200], name[20];
        snprintf(name, sizeof name, "clock%zu", i);
        snprintf(line, sizeof line, "{\"t\":1700000000000002,\"event\":\"clock\",\"leg\":-1,\"detail\":\"%s\"}\n", clocks[i]);
        expect_refused(write_text(name, line), ":1: a clock that shows no time");
    }
    expect_refused(write_text("bad10", "1633998512.5: {\"a\":2}\n99999999999: {}\n"), "bad10:2");
}

static void damaged_gzip_is_an_error(void **state)
{
    (void)state;
    char text[4000];
    size_t length = 0;
    for (int i = 0; i < 60; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "1700000000%09d {\"n\":%d}\n", i * 7919, i);
    const char *pieces[] = {text};
    const char *path = write_gzip("damage.gz", pieces, 1);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, -6, SEEK_END); /* within the checksum */
    fputc('!', file);
    fclose(file);
    expect_refused(path, "damaged");
}

static void a_line_longer_than_allowed_is_refused(void **state)
{
    (void)state;
    size_t size = SG_RECORDING_LINE_MAX + 100;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    memcpy(text, "1700000000000002000 {", 21);
    const char *path = write_bytes("long", text, size);
    free(text);
    expect_refused(path, "long:1: the line is longer than 16777216 bytes");
    unlink(path);
}

struct totals {
    unsigned messages;
    int64_t first_us, last_us;
};

static struct totals count(const char *name)
{
    const char *shared = getenv("SG_SHARED_DIR");
    char path[512];
    snprintf(path, sizeof path, "%s/data/%s", shared, name);
    struct sg_recording *recording = open_one(path);
    struct totals totals = {0};
    struct sg_recorded_message message;
    enum sg_status status;
    while ((status = recording->next(recording, &message, NULL)) == SG_OK) {
        if (totals.messages++ == 0)
            totals.first_us = message.recv_us;
        assert_true(message.recv_us >= totals.last_us);
        totals.last_us = message.recv_us;
    }
    assert_int_equal(status, SG_ERR_END);
    recording->free(recording);
    return totals;
}

static void recorded_captures_of_others(void **state)
{
    (void)state;
    const char *shared = getenv("SG_SHARED_DIR");
    char probe[512];
    snprintf(probe, sizeof probe, "%s/data/ws/hftbacktest/spot/btcusdt_20240808.gz", shared ? shared : "");
    if (!shared || access(probe, R_OK) != 0) {
        print_message("SKIP: recorded captures are not here (SG_SHARED_DIR)\n");
        skip();
    }
    struct totals totals = count("ws/hftbacktest/spot/btcusdt_20240808.gz");
    assert_int_equal(totals.messages, 41249);
    assert_int_equal(totals.first_us, 1723161253937085);
    assert_int_equal(totals.last_us, 1723161599999231);
    assert_int_equal(count("ws/hftbacktest/spot/ethusdt_20240808.gz").messages, 33618);
    assert_int_equal(count("ws/hftbacktest/usdm/btcusdt_20240718.gz").messages, 11414);
    assert_int_equal(count("ws/hftbacktest/usdm/ethusdt_20240718.gz").messages, 14003);
    totals = count("ws/cryptofeed/BINANCE.ws.1.0.gz");
    assert_int_equal(totals.messages, 265); /* 267 lines: the address and an empty one */
    assert_int_equal(totals.first_us, 1633998512063356);
    assert_int_equal(count("ws/cryptofeed/BINANCE_FUTURES.ws.1.0.gz").messages, 1535);
    assert_int_equal(count("ws/messages/unicorn_fy_messages.jsonl").messages, 38);

    const char *files[2];
    char other[512];
    snprintf(other, sizeof other, "%s/data/ws/hftbacktest/spot/ethusdt_20240808.gz", shared);
    files[0] = other;
    files[1] = probe;
    struct sg_recording_info info;
    assert_int_equal(sg_recording_describe(files, 2, &info, NULL), SG_OK);
    assert_false(info.has_header);
    assert_true(info.has_legs);
    assert_true(info.has_stream);
    assert_string_equal(info.legs[0].symbol, "BTCUSDT");
    assert_string_equal(info.legs[1].symbol, "ETHUSDT");
    assert_int_equal(info.stream, SG_STREAM_TRADE);
    assert_int_equal(info.legs[0].market, SG_MARKET_SPOT);
}

static void ticks_come_decoded_and_in_order(void **state)
{
    (void)state;
    static const char text[] = "1700000000000001000 "
                               "{\"stream\":\"ethusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1700000000100,\"s\":\"ETHUSDT\",\"t\":7,\"p\":\"2000.5\",\"q\":"
                               "\"0.25\",\"T\":1700000000099,\"m\":true,\"M\":true}}\n"
                               "1700000000000002000 "
                               "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1700000000101,\"s\":\"BTCUSDT\",\"t\":8,\"p\":\"-1\",\"q\":\"0."
                               "25\",\"T\":1700000000100,\"m\":true,\"M\":true}}\n"
                               "1700000000000003000 "
                               "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1700000000102,\"s\":\"BTCUSDT\",\"t\":9,\"p\":\"40000\",\"q\":"
                               "\"1\",\"T\":1700000000101,\"m\":true,\"M\":true}}\n";
    const char *path = write_text("ticks.txt", text);
    struct sg_tick_stream_request request = {.files = &path, .file_count = 1, .stream = -1};
    struct sg_recording_info described;
    assert_int_equal(sg_recording_describe(&path, 1, &described, NULL), SG_OK);
    memcpy(request.legs, described.legs, sizeof request.legs);
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, NULL);
    assert_non_null(stream);
    enum sg_tick_stream_item item;
    struct sg_tick tick;
    struct sg_feed_event event;
    assert_int_equal(stream->next(stream, &item, &tick, &event, NULL), SG_OK);
    assert_int_equal(item, SG_ITEM_EVENT);
    assert_int_equal(event.code, SG_EVENT_CONNECTED);
    assert_int_equal(stream->next(stream, &item, &tick, &event, NULL), SG_OK);
    assert_int_equal(item, SG_ITEM_EVENT);
    assert_int_equal(event.code, SG_EVENT_SUBSCRIBED);
    assert_int_equal(event.recv_us, 1700000000000001);
    assert_int_equal(stream->next(stream, &item, &tick, &event, NULL), SG_OK);
    assert_int_equal(item, SG_ITEM_TICK);
    assert_int_equal(tick.leg, SG_LEG_B);
    assert_true(tick.price == 2000.5);
    assert_int_equal(tick.time_us, 1700000000099000);
    assert_int_equal(stream->next(stream, &item, &tick, &event, NULL), SG_OK);
    assert_int_equal(item, SG_ITEM_TICK);
    assert_int_equal(tick.leg, SG_LEG_A);
    assert_int_equal(tick.id, 9);
    assert_int_equal(stream->next(stream, &item, &tick, &event, NULL), SG_ERR_END);
    struct sg_tick_stream_info info;
    stream->info(stream, &info);
    assert_int_equal(info.messages, 3);
    assert_int_equal(info.rejected, 1);
    assert_true(strlen(info.first_rejected) > 0);
    assert_int_equal(info.stream, SG_STREAM_TRADE);
    stream->free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_form_plain_and_gzip),
        cmocka_unit_test(gzip_members_count_as_one_file),
        cmocka_unit_test(an_empty_message_is_a_message),
        cmocka_unit_test(seconds_and_plain_forms),
        cmocka_unit_test(files_are_merged_by_receive_time),
        cmocka_unit_test(times_that_go_back_are_raised_and_said),
        cmocka_unit_test(any_cut_of_our_own_form_reads),
        cmocka_unit_test(any_cut_of_a_gzip_reads),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(damaged_gzip_is_an_error),
        cmocka_unit_test(a_line_longer_than_allowed_is_refused),
        cmocka_unit_test(recorded_captures_of_others),
        cmocka_unit_test(ticks_come_decoded_and_in_order),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
