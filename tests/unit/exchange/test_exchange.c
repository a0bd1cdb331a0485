/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange as a whole, from a recording in memory, through a plain socket: what goes in comes out, shifted in time. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/exchange/exchange.h"

/* A recording of trades and tickers made up here: message i at 10 ms * i, trade ids from 1000. */
#define BASE_US (INT64_C(1723161255000) * 1000)
#define FIRST_ID 1000

struct memory_recording {
    struct sg_recording base;
    int count, at;
    char text[256];
    bool *freed;
};

static enum sg_status next(struct sg_recording *recording, struct sg_recorded_message *ret_message, struct sg_error *error)
{
    struct memory_recording *memory = (struct memory_recording *)recording;
    (void)error;
    if (memory->at == memory->count)
        return SG_ERR_END;
    const int i = memory->at++;
    const int64_t recv_us = BASE_US + INT64_C(10000) * i;
    const int64_t event_ms = recv_us / 1000 + 1270; /* the recorder's clock was 1.27 s behind */
    int length;
    if (i % 2)
        length = snprintf(memory->text, sizeof memory->text,
                          "{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":%d,\"s\":\"BTCUSDT\",\"b\":\"61837.63000000\",\"B\":\"3.78826000\",\"a\":\"61837."
                          "64000000\",\"A\":\"1.%08d\"}}",
                          5000 + i, i);
    else
        length = snprintf(memory->text, sizeof memory->text,
                          "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":%" PRId64
                          ",\"s\":\"BTCUSDT\",\"t\":%d,\"p\":\"618%02d.63000000\",\"q\":\"0.02000000\",\"T\":%" PRId64 ",\"m\":true,\"M\":true}}",
                          event_ms, FIRST_ID + i / 2, i / 2 % 100, event_ms - 1);
    *ret_message = (struct sg_recorded_message){.recv_us = recv_us, .text = memory->text, .length = (size_t)length};
    return SG_OK;
}

static enum sg_status rewind_memory(struct sg_recording *recording, struct sg_error *error)
{
    (void)error;
    ((struct memory_recording *)recording)->at = 0;
    return SG_OK;
}

static void free_memory(struct sg_recording *recording)
{
    *((struct memory_recording *)recording)->freed = true;
    free(recording);
}

static struct sg_recording *make_recording(int count, bool *freed)
{
    struct memory_recording *memory = calloc(1, sizeof *memory);
    assert_non_null(memory);
    *freed = false;
    memory->base = (struct sg_recording){.next = next, .rewind = rewind_memory, .free = free_memory};
    memory->count = count;
    memory->freed = freed;
    return &memory->base;
}

/* The plainest client there is. */
struct client {
    int fd;
    char bytes[1 << 16];
    size_t length, at;
};

static bool more(struct client *client)
{
    if (client->at == client->length)
        client->at = client->length = 0;
    if (client->length == sizeof client->bytes) {
        memmove(client->bytes, client->bytes + client->at, client->length - client->at);
        client->length -= client->at;
        client->at = 0;
    }
    const ssize_t n = recv(client->fd, client->bytes + client->length, sizeof client->bytes - client->length, 0);
    if (n <= 0)
        return false;
    client->length += (size_t)n;
    return true;
}

static struct client *dial(int port, const char *path)
{
    struct client *client = calloc(1, sizeof *client);
    assert_non_null(client);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {.tv_sec = 20};
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    char request[512];
    const int n = snprintf(request, sizeof request,
                           "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                           "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                           path);
    assert_int_equal(send(client->fd, request, (size_t)n, MSG_NOSIGNAL), n);
    char *end = NULL;
    while (!end && more(client))
        end = memmem(client->bytes, client->length, "\r\n\r\n", 4);
    assert_non_null(end);
    /* The key and answer of RFC 6455, section 1.3. */
    assert_non_null(memmem(client->bytes, client->length, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28));
    client->at = (size_t)(end - client->bytes) + 4;
    return client;
}

static void hang_up(struct client *client)
{
    close(client->fd);
    free(client);
}

/* The next text message, NUL-terminated; false when none came. */
static bool receive(struct client *client, char *text, size_t size)
{
    for (;;) {
        const unsigned char *at = (const unsigned char *)client->bytes + client->at;
        const size_t have = client->length - client->at;
        size_t head = 2, length = have >= 2 ? at[1] : 0;
        if (have >= 4 && length == 126) {
            length = (size_t)at[2] << 8 | at[3];
            head = 4;
        } else if (have < 2 || length == 126) {
            if (!more(client))
                return false;
            continue;
        }
        assert_true(length < 65536);
        assert_true(!(length & 0x80 && head == 2));
        if (have < head + length) {
            if (!more(client))
                return false;
            continue;
        }
        client->at += head + length;
        if ((at[0] & 0x0f) != 1)
            continue;
        assert_true(length < size);
        memcpy(text, at + head, length);
        text[length] = '\0';
        return true;
    }
}

static void send_text(struct client *client, const char *text)
{
    unsigned char frame[256] = {0x81, (unsigned char)(0x80 | strlen(text)), 0, 0, 0, 0};
    assert_true(strlen(text) < 126);
    memcpy(frame + 6, text, strlen(text));
    const ssize_t length = (ssize_t)strlen(text) + 6;
    assert_int_equal(send(client->fd, frame, (size_t)length, MSG_NOSIGNAL), length);
}

static int64_t field(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    assert_non_null(at);
    int64_t value = 0;
    for (at += strlen(key); *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    return value;
}

static void test_start_and_stop(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct sg_error error = {0};
        struct sg_exchange *exchange = sg_exchange_start(&(struct sg_exchange_config){.seed = 1, .rate = 1}, &error);
        if (!exchange)
            fail_msg("%s", error.text);
        struct sg_exchange_info info;
        sg_exchange_info(exchange, &info);
        assert_true(info.port > 0);
        assert_int_equal(access(info.ca_file, R_OK), 0);
        sg_exchange_stop(exchange);
        assert_int_not_equal(access(info.ca_file, F_OK), 0);
    }
    sg_exchange_stop(NULL);
}

static void test_refuses_bad_configurations(void **state)
{
    (void)state;
    static const char *const bad_faults[][2] = {
        {"nonsense", "nonsense"},       {"http=abc", "not a number"},  {"http=99", "out of range"}, {"mute=1", "no value"},
        {"clock", "value is required"}, {"split=1.5", "whole number"}, {"log=", "file name"},       {"log=/nonexistent/x", "/nonexistent/x"},
        {"", "unknown fault"},
    };
    for (size_t i = 0; i < sizeof bad_faults / sizeof bad_faults[0]; i++) {
        struct sg_error error = {0};
        const char *const faults[] = {bad_faults[i][0]};
        assert_null(sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .faults = faults, .fault_count = 1}, &error));
        if (!strstr(error.text, bad_faults[i][1]))
            fail_msg("\"%s\" says: %s", bad_faults[i][0], error.text);
    }
    static const double rates[] = {0, -1, 1e7, 1001};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct sg_error error = {0};
        assert_null(sg_exchange_start(&(struct sg_exchange_config){.rate = rates[i]}, &error));
        assert_int_equal(error.status, SG_ERR_INVALID);
    }
    /* A failed start frees the recording. */
    bool freed;
    struct sg_error error = {0};
    assert_null(sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .port = 99999, .recording = make_recording(10, &freed)}, &error));
    assert_true(freed);
    assert_null(sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .recording = make_recording(0, &freed)}, &error));
    assert_true(freed);
    assert_non_null(strstr(error.text, "empty"));
    struct sg_exchange *first = sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .plain = true}, &error);
    assert_non_null(first);
    struct sg_exchange_info info;
    sg_exchange_info(first, &info);
    assert_null(sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .plain = true, .port = info.port}, &error));
    assert_int_equal(error.status, SG_ERR_NETWORK);
    sg_exchange_stop(first);
}

static void test_fault_tables_match(void **state)
{
    (void)state;
    size_t n = 0;
    while (sg_exchange_fault_names()[n]) {
        assert_non_null(sg_exchange_fault_texts()[n]);
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(sg_exchange_fault_names()[i], sg_exchange_fault_names()[n]);
        n++;
    }
    assert_null(sg_exchange_fault_texts()[n]);
    assert_true(n > 50);
}

static struct sg_exchange *play(int count, double rate, bool loop, bool *freed, int *ret_port)
{
    struct sg_error error = {0};
    struct sg_exchange *exchange = sg_exchange_start(
        &(struct sg_exchange_config){.recording = make_recording(count, freed), .rate = rate, .loop = loop, .start_on_subscribe = true, .plain = true}, &error);
    if (!exchange)
        fail_msg("%s", error.text);
    struct sg_exchange_info info;
    sg_exchange_info(exchange, &info);
    *ret_port = info.port;
    return exchange;
}

/* Trades of 2,000 messages, with everything but the times as they went in. */
static void test_recording_is_faithful(void **state)
{
    (void)state;
    bool freed;
    int port;
    struct sg_exchange *exchange = play(2000, 0, false, &freed, &port);
    struct client *client = dial(port, "/ws");
    char text[512], wanted[512];
    send_text(client, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\",\"btcusdt@aggTrade\"],\"id\":1}");
    assert_true(receive(client, text, sizeof text));
    assert_string_equal(text, "{\"result\":null,\"id\":1}");
    int64_t shift_ms = 0;
    for (int i = 0; i < 1000; i++) {
        assert_true(receive(client, text, sizeof text));
        const int64_t event_ms = BASE_US / 1000 + 20 * i + 1270;
        if (i == 0) {
            shift_ms = field(text, "\"E\":") - event_ms;
            struct sg_exchange_info info;
            sg_exchange_info(exchange, &info);
            assert_true(info.shift_us == shift_ms * 1000);
            assert_int_equal(shift_ms % 1000, 0);
            /* The first message is now, within the rounding, and the recorder's skew is kept. */
            const int64_t now_ms = (int64_t)time(NULL) * 1000;
            assert_true(llabs((long long)(BASE_US / 1000 + shift_ms - now_ms)) < 20000);
        }
        snprintf(wanted, sizeof wanted,
                 "{\"e\":\"trade\",\"E\":%" PRId64 ",\"s\":\"BTCUSDT\",\"t\":%d,\"p\":\"618%02d.63000000\",\"q\":\"0.02000000\",\"T\":%" PRId64
                 ",\"m\":true,\"M\":true}",
                 event_ms + shift_ms, FIRST_ID + i, i % 100, event_ms - 1 + shift_ms);
        assert_string_equal(text, wanted);
        assert_true(receive(client, text, sizeof text));
        snprintf(wanted, sizeof wanted,
                 "{\"e\":\"aggTrade\",\"E\":%" PRId64
                 ",\"s\":\"BTCUSDT\",\"a\":%d,\"p\":\"618%02d.63000000\",\"q\":\"0.02000000\",\"f\":%d,\"l\":%d,\"T\":%" PRId64 ",\"m\":true,\"M\":true}",
                 event_ms + shift_ms, FIRST_ID + i, i % 100, FIRST_ID + i, FIRST_ID + i, event_ms - 1 + shift_ms);
        assert_string_equal(text, wanted);
    }
    hang_up(client);
    struct sg_exchange_stats stats;
    sg_exchange_stats(exchange, &stats);
    assert_true(stats.started);
    assert_int_equal(stats.dropped, 0);
    sg_exchange_stop(exchange);
    assert_true(freed);
}

/* A client that reads slowly at rate 0 slows the recording down and loses nothing. */
static void test_free_rate_never_drops(void **state)
{
    (void)state;
    bool freed;
    int port;
    enum { COUNT = 120000 };
    struct sg_exchange *exchange = play(COUNT, 0, false, &freed, &port);
    struct client *client = dial(port, "/stream?streams=btcusdt@trade/btcusdt@bookTicker");
    char text[512];
    for (int i = 0; i < COUNT; i++) {
        assert_true(receive(client, text, sizeof text));
        if (i % 2)
            assert_int_equal(field(text, "\"u\":"), 5000 + i);
        else
            assert_int_equal(field(text, "\"t\":"), FIRST_ID + i / 2);
        if (i % 20000 == 0)
            usleep(20000); /* let the queue fill up */
    }
    struct sg_exchange_stats stats;
    sg_exchange_stats(exchange, &stats);
    assert_int_equal(stats.dropped, 0);
    assert_int_equal(stats.delivered, COUNT);
    hang_up(client);
    sg_exchange_stop(exchange);
}

/* Over and over: ids and times go on counting. */
static void test_loop_goes_on(void **state)
{
    (void)state;
    bool freed;
    int port;
    struct sg_exchange *exchange = play(100, 0, true, &freed, &port);
    struct client *client = dial(port, "/ws/btcusdt@trade");
    char text[512];
    int64_t last = 0, id = FIRST_ID;
    for (int i = 0; i < 500; i++, id++) {
        assert_true(receive(client, text, sizeof text));
        assert_int_equal(field(text, "\"t\":"), id);
        const int64_t time_ms = field(text, "\"T\":");
        assert_true(time_ms > last);
        last = time_ms;
    }
    hang_up(client);
    sg_exchange_stop(exchange);
}

static void test_pace(void **state)
{
    (void)state;
    bool freed;
    int port;
    struct sg_exchange *exchange = play(101, 4, false, &freed, &port); /* 1 s of recording in 0.25 s */
    char text[512];
    struct timespec begin, end;
    /* From before the start: however late this thread is, the last trade cannot have come before its time. */
    clock_gettime(CLOCK_MONOTONIC, &begin);
    struct client *client = dial(port, "/ws/btcusdt@trade");
    for (int i = 0; i < 51; i++)
        assert_true(receive(client, text, sizeof text));
    clock_gettime(CLOCK_MONOTONIC, &end);
    const double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
    assert_true(seconds >= 0.25);
    assert_true(seconds < 15);
    hang_up(client);
    sg_exchange_stop(exchange);
}

/* A client that takes nothing: its queue is bounded, what does not fit is counted, and it is dropped; others do not suffer. */
static void test_client_that_takes_nothing(void **state)
{
    (void)state;
    struct sg_error error = {0};
    const char *const faults[] = {"hurry=2"};
    struct sg_exchange *exchange =
        sg_exchange_start(&(struct sg_exchange_config){.rate = 500, .seed = 1, .plain = true, .faults = faults, .fault_count = 1}, &error);
    if (!exchange)
        fail_msg("%s", error.text);
    struct sg_exchange_info info;
    sg_exchange_info(exchange, &info);
    struct client *lazy =
        dial(info.port, "/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker/solusdt@bookTicker/bnbusdt@bookTicker/btcusdt@trade/ethusdt@trade");
    struct client *eager = dial(info.port, "/ws/xrpusdt@aggTrade");
    struct sg_exchange_stats stats;
    char text[512];
    int64_t id = 0;
    const time_t deadline = time(NULL) + 60;
    do {
        assert_true(time(NULL) < deadline);
        assert_true(receive(eager, text, sizeof text));
        if (id)
            assert_int_equal(field(text, "\"a\":"), id + 1);
        id = field(text, "\"a\":");
        sg_exchange_stats(exchange, &stats);
    } while (stats.slow_clients == 0 || stats.clients > 1);
    assert_true(stats.dropped > 0);
    assert_int_equal(stats.slow_clients, 1);
    assert_int_equal(stats.subscriptions, 1);
    hang_up(lazy);
    hang_up(eager);
    sg_exchange_stop(exchange);
}

/* A client that says goodbye and then keeps its end open, and goes on sending: it is not waited for for ever. */
static void test_client_that_does_not_go(void **state)
{
    (void)state;
    struct sg_error error = {0};
    struct sg_exchange *exchange = sg_exchange_start(&(struct sg_exchange_config){.rate = 1, .seed = 1, .plain = true}, &error);
    if (!exchange)
        fail_msg("%s", error.text);
    struct sg_exchange_info info;
    sg_exchange_info(exchange, &info);
    struct client *client = dial(info.port, "/ws/btcusdt@trade");
    static const unsigned char goodbye[] = {0x88, 0x80, 0, 0, 0, 0};
    assert_int_equal(send(client->fd, goodbye, sizeof goodbye, MSG_NOSIGNAL), sizeof goodbye);
    do
        client->at = client->length = 0;
    while (more(client)); /* to the end of what it says */
    const time_t deadline = time(NULL) + 30;
    while (send(client->fd, "x", 1, MSG_NOSIGNAL) == 1) {
        assert_true(time(NULL) < deadline);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    hang_up(client);
    sg_exchange_stop(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_and_stop),
        cmocka_unit_test(test_refuses_bad_configurations),
        cmocka_unit_test(test_fault_tables_match),
        cmocka_unit_test(test_recording_is_faithful),
        cmocka_unit_test(test_free_rate_never_drops),
        cmocka_unit_test(test_loop_goes_on),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_client_that_takes_nothing),
        cmocka_unit_test(test_client_that_does_not_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
