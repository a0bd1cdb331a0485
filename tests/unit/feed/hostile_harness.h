/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs tests/support/hostile_server.py and a source against it, and keeps everything that either of them said. Included by the programs
 * that test the connection; nothing here waits without a deadline, and nothing waits for longer than what it waits for takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/feed/source.h"
#include "spreadglass/market/tick_ring.h"

#define EVENT_MAX 512

struct hostile {
    pid_t pid;
    int input, output;
    int port;
    char log[65536]; /* everything the server printed */
    size_t log_length;
};

struct client {
    struct sg_source *source;
    struct sg_tick_ring *ring;
    struct sg_feed_event events[EVENT_MAX];
    size_t event_count;
    uint64_t ticks[SG_LEG_COUNT];
    struct sg_tick last[SG_LEG_COUNT];
    int64_t last_id[SG_LEG_COUNT];
    uint64_t id_holes, id_repeats;
    int64_t watermark_us;
    bool order_broken; /* a record below a watermark that had been promised before it */
    struct sg_feed_status status;
    char ws_url[96], ca_file[4200];
};

static char cert_dir[256];

static inline const char *source_dir(void)
{
    const char *dir = getenv("SG_SOURCE_DIR");
    return dir ? dir : ".";
}

static inline int64_t mono(void)
{
    return sg_clock_mono(sg_clock_system());
}

static inline void nap(void)
{
    nanosleep(&(struct timespec){0, 2000000}, NULL);
}

static inline int make_certs(void **state)
{
    (void)state;
    char path[4200];
    snprintf(cert_dir, sizeof cert_dir, "/tmp/sg-feed-test-XXXXXX");
    assert_non_null(mkdtemp(cert_dir));
    snprintf(path, sizeof path, "%s/tests/support/hostile_server.py", source_dir());
    pid_t pid = fork();
    if (pid == 0) {
        execl("/usr/bin/python3", "python3", path, "--make-certs", cert_dir, (char *)NULL);
        _exit(127);
    }
    int result = -1;
    assert_int_equal(waitpid(pid, &result, 0), pid);
    return result == 0 ? 0 : -1;
}

static inline int remove_certs(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-r", cert_dir, (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

/* Reads what the server has said so far; waits up to `timeout_ms` for the first of it. */
static inline void hostile_read(struct hostile *server, int timeout_ms)
{
    struct pollfd fd = {.fd = server->output, .events = POLLIN};
    while (poll(&fd, 1, timeout_ms) > 0 && server->log_length < sizeof server->log - 1) {
        ssize_t length = read(server->output, server->log + server->log_length, sizeof server->log - 1 - server->log_length);
        if (length <= 0)
            break;
        server->log_length += (size_t)length;
        timeout_ms = 0;
    }
    server->log[server->log_length] = 0;
}

static inline bool hostile_said(struct hostile *server, const char *what, int timeout_ms)
{
    int64_t deadline = mono() + timeout_ms * INT64_C(1000);
    do {
        hostile_read(server, 20);
        if (strstr(server->log, what))
            return true;
    } while (mono() < deadline);
    return false;
}

static inline unsigned hostile_count(struct hostile *server, const char *what)
{
    unsigned count = 0;
    hostile_read(server, 0);
    for (const char *at = server->log; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

/* Arguments after the certificate folder, NULL-terminated. */
static inline void hostile_start(struct hostile *server, const char *const *arguments)
{
    char path[4200];
    const char *argv[24] = {"python3", path, "--certs", cert_dir};
    int in[2], out[2];
    size_t count = 4;
    memset(server, 0, sizeof *server);
    snprintf(path, sizeof path, "%s/tests/support/hostile_server.py", source_dir());
    while (*arguments)
        argv[count++] = *arguments++;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    server->pid = fork();
    if (server->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execv("/usr/bin/python3", (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server->input = in[1];
    server->output = out[0];
    assert_true(hostile_said(server, "PORT ", 20000));
    assert_true(hostile_said(server, "\n", 2000));
    const char *port = strstr(server->log, "PORT ") + 5;
    while (*port >= '0' && *port <= '9')
        server->port = server->port * 10 + (*port++ - '0');
    assert_true(server->port > 0);
}

static inline void hostile_stop(struct hostile *server)
{
    close(server->input); /* end of file ends it */
    waitpid(server->pid, NULL, 0);
    close(server->output);
}

static inline struct sg_binance_config client_config(struct client *client, const struct hostile *server)
{
    struct sg_binance_config config = {.stream = SG_STREAM_TICKER};
    memset(client, 0, sizeof *client);
    client->last_id[0] = client->last_id[1] = -1;
    snprintf(config.legs[0].symbol, SG_SYMBOL_BUF, "BTCUSDT");
    snprintf(config.legs[1].symbol, SG_SYMBOL_BUF, "ETHUSDT");
    snprintf(client->ws_url, sizeof client->ws_url, "wss://localhost:%d", server->port);
    snprintf(client->ca_file, sizeof client->ca_file, "%s/ca.pem", cert_dir);
    config.ws_url = client->ws_url;
    config.ca_file = client->ca_file;
    return config;
}

static inline void client_start(struct client *client, const struct sg_binance_config *config)
{
    struct sg_error error = {0};
    client->ring = sg_tick_ring_new(65536);
    assert_non_null(client->ring);
    client->source = sg_source_new_binance(config, client->ring, &error);
    if (!client->source)
        fail_msg("%s", error.text);
    assert_int_equal(sg_source_start(client->source, &error), SG_OK);
}

static inline void client_drain(struct client *client)
{
    static struct sg_tick ticks[8192];
    static struct sg_feed_event events[64];
    size_t after[64];
    struct sg_tick_batch batch = {.ticks = ticks, .tick_capacity = 8192, .events = events, .event_after = after, .event_capacity = 64};
    do {
        sg_tick_ring_drain(client->ring, &batch);
        for (size_t i = 0; i < batch.tick_count; i++) {
            const struct sg_tick *tick = &ticks[i];
            int leg = tick->leg;
            client->ticks[leg]++;
            client->last[leg] = *tick;
            client->order_broken = client->order_broken || tick->recv_us < client->watermark_us;
            if (tick->id >= 0 && client->last_id[leg] >= 0) {
                client->id_holes += tick->id > client->last_id[leg] + 1;
                client->id_repeats += tick->id <= client->last_id[leg];
            }
            client->last_id[leg] = tick->id;
        }
        for (size_t i = 0; i < batch.event_count; i++) {
            if (client->event_count < EVENT_MAX)
                client->events[client->event_count++] = events[i];
            client->order_broken = client->order_broken || events[i].recv_us < client->watermark_us;
        }
        if (!batch.more)
            client->watermark_us = batch.watermark_us;
    } while (batch.more);
    sg_source_status(client->source, &client->status);
}

static inline const struct sg_feed_event *client_event(const struct client *client, enum sg_feed_event_code code, size_t from)
{
    for (size_t i = from; i < client->event_count; i++)
        if (client->events[i].code == code)
            return &client->events[i];
    return NULL;
}

static inline size_t client_events(const struct client *client, enum sg_feed_event_code code)
{
    size_t count = 0;
    for (size_t i = 0; i < client->event_count; i++)
        count += client->events[i].code == code;
    return count;
}

static inline void client_tell(const struct client *client)
{
    for (size_t i = 0; i < client->event_count; i++)
        print_message("  %s leg %d: %s\n", sg_feed_event_name(client->events[i].code), client->events[i].leg, client->events[i].detail);
    print_message("  state %s, failure %s, \"%s\", ticks %llu %llu\n", sg_feed_state_name(client->status.state), sg_feed_failure_name(client->status.failure),
                  client->status.detail, (unsigned long long)client->ticks[0], (unsigned long long)client->ticks[1]);
}

/* Drains until `condition` holds, or fails the test after `seconds`. */
#define UNTIL(client, seconds, condition)                                    \
    do {                                                                     \
        int64_t deadline_ = mono() + (int64_t)((seconds)*1000000);           \
        for (client_drain(client); !(condition); client_drain(client)) {     \
            if (mono() > deadline_) {                                        \
                client_tell(client);                                         \
                fail_msg("not within %d s: %s", (int)(seconds), #condition); \
            }                                                                \
            nap();                                                           \
        }                                                                    \
    } while (0)

static inline void client_stop(struct client *client)
{
    int64_t start = mono();
    sg_source_stop(client->source);
    int64_t took = mono() - start;
    client_drain(client);
    assert_int_equal(client->status.state, SG_FEED_STOPPED);
    sg_source_free(client->source);
    sg_tick_ring_free(client->ring);
    assert_false(client->order_broken);
    if (took > 2 * SG_US_PER_S)
        fail_msg("stop took %lld us", (long long)took);
}
