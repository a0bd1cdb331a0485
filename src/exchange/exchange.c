/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/exchange/exchange.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "access_private.h"
#include "faults_private.h"
#include "hub_private.h"
#include "market_private.h"
#include "player_private.h"
#include "publisher_private.h"
#include "rest_private.h"
#include "server_private.h"

#define RATE_MAX 1000000.0
#define MARKET_RATE_MAX 1000.0                 /* what one core keeps up with, ten times over */
#define MAINTENANCE_US (22 * SG_US_PER_S)      /* long enough for a stream of tickers to be missed, and found suspended */
#define MARKET_PER_TURN_US (100 * SG_US_PER_S) /* so that a long sleep is made up for in pieces and a stop is heard */
#define HUB_EVERY_US (50 * SG_US_PER_MS)

struct sg_exchange {
    struct sg_ex_faults faults;
    struct sg_ex_certificates certificates;
    struct sg_ex_server server;
    struct sg_ex_archive archive;
    struct sg_ex_hub hub;
    struct sg_ex_publisher publisher;
    struct sg_ex_rest rest;
    FILE *access;                /* NULL: not kept */
    struct sg_ex_market *market; /* one of the two */
    struct sg_ex_player *player;
    double rate;
    bool start_on_subscribe, plain, server_open, thread_started, rate_free;
    int64_t start_mono_us, start_us; /* of the seeded market: monotonic, and on the exchange's clock */
    int64_t market_us;               /* market time reached */
    int64_t next_hub_us;
    uint64_t upgrades; /* asked for so far */
    pthread_t thread;
    pthread_mutex_t lock; /* guards the four below */
    int64_t shift_us;
    bool player_started, player_ended;
    char trouble[256];
};

static int64_t exchange_now(const struct sg_exchange *exchange, int64_t mono_us)
{
    if (exchange->player)
        return sg_ex_player_now(exchange->player, mono_us, sg_clock_wall(sg_clock_system()));
    return exchange->start_us + (int64_t)((double)(mono_us - exchange->start_mono_us) * exchange->rate);
}

static void on_trade(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade)
{
    sg_ex_publish_trade(context, symbol, trade, true);
}

static void on_book(void *context, struct sg_ex_symbol *symbol, const struct sg_ex_book *book)
{
    sg_ex_publish_book(context, symbol, book);
}

static void on_clock(void *context, int64_t now_us)
{
    sg_ex_publish_clock(context, now_us);
}

static void start_player(struct sg_exchange *exchange, int64_t now_us)
{
    sg_ex_player_start(exchange->player, now_us, sg_clock_wall(sg_clock_system()));
    pthread_mutex_lock(&exchange->lock);
    exchange->player_started = true;
    exchange->shift_us = sg_ex_player_shift(exchange->player);
    pthread_mutex_unlock(&exchange->lock);
}

static void note_end(struct sg_exchange *exchange)
{
    const char *trouble = sg_ex_player_trouble(exchange->player);
    pthread_mutex_lock(&exchange->lock);
    exchange->player_ended = true;
    if (trouble) {
        const size_t length = strlen(trouble) < sizeof exchange->trouble ? strlen(trouble) : sizeof exchange->trouble - 1;
        memcpy(exchange->trouble, trouble, length);
    }
    pthread_mutex_unlock(&exchange->lock);
}

static int64_t on_turn(void *context, int64_t now_us)
{
    struct sg_exchange *exchange = context;
    int64_t due;
    if (exchange->player) {
        if (!sg_ex_player_started(exchange->player) && (!exchange->start_on_subscribe || exchange->hub.subscribed))
            start_player(exchange, now_us);
        due = sg_ex_player_turn(exchange->player, now_us);
        if (sg_ex_player_ended(exchange->player) && !exchange->player_ended)
            note_end(exchange);
    } else {
        int64_t elapsed = (int64_t)((double)(now_us - exchange->start_mono_us) * exchange->rate);
        if (elapsed > exchange->market_us + MARKET_PER_TURN_US)
            elapsed = exchange->market_us + MARKET_PER_TURN_US;
        exchange->market_us = elapsed;
        const int64_t next = sg_ex_market_advance(exchange->market, elapsed);
        due = exchange->start_mono_us + (int64_t)((double)next / exchange->rate) + 1;
        /* Nobody listens: the market catches up when somebody asks, or twice a second. */
        if (exchange->hub.topic_count == 0 && !exchange->publisher.log && due > now_us)
            due = now_us + 500 * SG_US_PER_MS;
    }
    if (now_us >= exchange->next_hub_us) {
        sg_ex_hub_tick(&exchange->hub, now_us);
        exchange->next_hub_us = now_us + HUB_EVERY_US;
    }
    if (exchange->hub.client_count && exchange->next_hub_us < due)
        due = exchange->next_hub_us;
    return due;
}

/* Subscribes to "a/b/c", percent-decoded already. False: too many. */
static bool subscribe_list(struct sg_exchange *exchange, struct sg_ex_client *client, const char *streams)
{
    while (*streams) {
        const size_t length = strcspn(streams, "/");
        if (length && !sg_ex_hub_subscribe(&exchange->hub, client, streams, length))
            return false;
        streams += length + (streams[length] == '/');
    }
    return true;
}

/* Futures put their streams under /public, /market and /private. */
static const char *without_section(const char *path, enum sg_ex_section *ret_section)
{
    static const char *const sections[] = {[EX_SECTION_PUBLIC] = "/public/", [EX_SECTION_MARKET] = "/market/", [EX_SECTION_PRIVATE] = "/private/"};
    *ret_section = EX_SECTION_NONE;
    for (size_t i = EX_SECTION_PUBLIC; i < sizeof sections / sizeof sections[0]; i++)
        if (strncmp(path, sections[i], strlen(sections[i])) == 0) {
            *ret_section = (enum sg_ex_section)i;
            return path + strlen(sections[i]) - 1;
        }
    return path;
}

static bool faults_apply(const struct sg_exchange *exchange, uint64_t number)
{
    return !exchange->faults.on[EX_FAULT_ONLY_FIRST] || number <= (uint64_t)exchange->faults.value[EX_FAULT_ONLY_FIRST];
}

/* True: a fault has answered, or decided that nobody will. */
static bool fault_answers(struct sg_exchange *exchange, struct sg_ex_conn *conn, const struct sg_ex_request *request, enum sg_ex_fault own)
{
    const struct sg_ex_faults *faults = &exchange->faults;
    const enum sg_ex_fault status_faults[] = {EX_FAULT_HTTP, own};
    if (faults->on[EX_FAULT_HANG_HTTP]) {
        conn->state = EX_CONN_HUNG;
        conn->deadline_us = 0;
        return true;
    }
    if (faults->on[EX_FAULT_REDIRECT]) {
        sg_ex_conn_respond(conn, request, 302, "text/plain", "Location: https://elsewhere.invalid/\r\n", "", 0);
        return true;
    }
    for (size_t i = 0; i < 2; i++)
        if (faults->on[status_faults[i]]) {
            sg_ex_rest_refuse(conn, request, (int)faults->value[status_faults[i]], faults->on[EX_FAULT_RETRY_AFTER] ? faults->value[EX_FAULT_RETRY_AFTER] : -1,
                              exchange_now(exchange, exchange->server.now_us));
            return true;
        }
    return false;
}

static void upgrade(struct sg_exchange *exchange, struct sg_ex_conn *conn, const struct sg_ex_request *request, const char *path, enum sg_ex_section section)
{
    const bool combined = strcmp(path, "/stream") == 0;
    char unit[32] = "";
    exchange->upgrades++;
    /* A market that nobody watched is up to half a second behind: what it does until now is before this client's time. */
    on_turn(exchange, exchange->server.now_us);
    const bool faulty = faults_apply(exchange, exchange->upgrades);
    if (faulty && fault_answers(exchange, conn, request, EX_FAULT_HTTP_WS))
        return;
    sg_ex_query_value(request->query, "timeUnit", unit, sizeof unit);
    const bool microseconds = strcmp(unit, "MICROSECOND") == 0 || strcmp(unit, "microsecond") == 0;
    /* The request's memory is in use until the callback ends, so names from it can be subscribed to after the answer. */
    char *streams = calloc(1, EX_REQUEST_MAX);
    if (!streams) {
        sg_ex_conn_drop(conn, false);
        return;
    }
    if (combined)
        sg_ex_query_value(request->query, "streams", streams, EX_REQUEST_MAX);
    else if (path[3] == '/')
        memcpy(streams, path + 4, strlen(path + 4) + 1);
    sg_ex_conn_accept(conn, request, faulty && exchange->faults.on[EX_FAULT_BAD_ACCEPT],
                      faulty && exchange->faults.on[EX_FAULT_EXTENSION] ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : NULL);
    struct sg_ex_client *client = conn->state == EX_CONN_WS ? sg_ex_hub_join(&exchange->hub, conn, section, combined, microseconds) : NULL;
    if (!client)
        sg_ex_conn_drop(conn, false);
    else
        conn->client = client;
    if (client && !subscribe_list(exchange, client, streams))
        sg_ex_conn_close(conn, 1008, "Too many subscriptions");
    free(streams);
}

static void answer(struct sg_exchange *exchange, struct sg_ex_conn *conn, const struct sg_ex_request *request)
{
    enum sg_ex_section section;
    const char *path = without_section(request->path, &section);
    const bool is_socket = strcmp(path, "/stream") == 0 || strcmp(path, "/ws") == 0 || strncmp(path, "/ws/", 4) == 0;
    if (is_socket && request->upgrade) {
        upgrade(exchange, conn, request, path, section);
    } else if (is_socket) {
        sg_ex_conn_respond(conn, request, 426, "text/plain", "Upgrade: websocket\r\n", "Upgrade Required\n", 17);
    } else if (!faults_apply(exchange, exchange->rest.requests + 1) || !fault_answers(exchange, conn, request, EX_FAULT_HTTP_REST)) {
        on_turn(exchange, exchange->server.now_us);
        sg_ex_rest_handle(&exchange->rest, conn, request, exchange_now(exchange, exchange->server.now_us));
    } else {
        exchange->rest.requests++;
    }
}

static void on_request(void *context, struct sg_ex_conn *conn, const struct sg_ex_request *request)
{
    struct sg_exchange *exchange = context;
    char target[2048];
    conn->answered = 0;
    sg_ex_access_target(request, target, sizeof target);
    answer(exchange, conn, request);
    sg_ex_access_request(exchange->access, conn, target, conn->answered);
}

static void on_text(void *context, struct sg_ex_conn *conn, const char *text, size_t length)
{
    struct sg_exchange *exchange = context;
    sg_ex_hub_command(&exchange->hub, conn->client, text, length);
}

static void on_inbound(void *context, struct sg_ex_conn *conn, unsigned opcode)
{
    struct sg_exchange *exchange = context;
    sg_ex_access_sent(exchange->access, conn, opcode);
    if (!sg_ex_hub_inbound(&exchange->hub, conn->client, exchange->server.now_us))
        sg_ex_access_closed(exchange->access, conn, 1008);
}

static void on_close(void *context, struct sg_ex_conn *conn)
{
    struct sg_exchange *exchange = context;
    sg_ex_hub_leave(&exchange->hub, conn->client);
    conn->client = NULL;
}

static void *run(void *context)
{
    struct sg_exchange *exchange = context;
    sg_ex_server_run(&exchange->server);
    return NULL;
}

static enum sg_status start_source(struct sg_exchange *exchange, const struct sg_exchange_config *config, struct sg_recording **recording,
                                   struct sg_error *error)
{
    if (*recording) {
        struct sg_recording *taken = *recording;
        *recording = NULL;
        exchange->hub.lossless = exchange->rate_free;
        return sg_ex_player_new(taken, exchange->rate, config->loop, &exchange->publisher, &exchange->player, error);
    }
    const struct sg_clock *clock = sg_clock_system();
    const struct sg_ex_faults *faults = &exchange->faults;
    const int64_t wall_us = sg_clock_wall(clock);
    exchange->start_us = sg_ex_floor(wall_us, SG_US_PER_S);
    exchange->start_mono_us = sg_clock_mono(clock) - (int64_t)((double)(wall_us - exchange->start_us) / exchange->rate);
    if (faults->on[EX_FAULT_CLOCK])
        exchange->start_us += faults->value[EX_FAULT_CLOCK] * SG_US_PER_MS;
    exchange->rest.start_us = exchange->start_us;
    const int64_t maintenance_us = sg_ex_floor(exchange->start_us, SG_US_PER_S) + faults->value[EX_FAULT_MAINTENANCE];
    const struct sg_ex_market_options options = {.seed = config->seed,
                                                 .start_us = exchange->start_us,
                                                 .quiet = faults->on[EX_FAULT_QUIET],
                                                 .utf8_symbol = faults->on[EX_FAULT_UTF8_SYMBOL],
                                                 .second_in_break = faults->on[EX_FAULT_BREAK],
                                                 .suspended_from_us = maintenance_us,
                                                 .suspended_to_us = maintenance_us + (faults->on[EX_FAULT_MAINTENANCE] ? MAINTENANCE_US : 0),
                                                 .twin_every = faults->value[EX_FAULT_TWIN_ID],
                                                 .zero_every = faults->value[EX_FAULT_ZERO_QUANTITY]};
    const struct sg_ex_sink sink = {.on_trade = on_trade, .on_book = on_book, .on_clock = on_clock, .context = &exchange->publisher};
    exchange->market = sg_ex_market_new(&options, &exchange->archive, &sink);
    return exchange->market ? SG_OK : sg_fail(error, SG_ERR_NOMEM, "no memory for the exchange's market");
}

static enum sg_status check_config(const struct sg_exchange_config *config, const struct sg_ex_faults *faults, struct sg_error *error)
{
    if (config->port < 0 || config->port > 65535)
        return sg_fail(error, SG_ERR_INVALID, "port %d is not in 0..65535", config->port);
    if (!(config->rate >= 0 && config->rate <= RATE_MAX) || (config->rate == 0 && !config->recording))
        return sg_fail(error, SG_ERR_INVALID, "the rate must be above 0 and at most %d%s", (int)RATE_MAX,
                       config->recording ? ", or 0 for as fast as it goes" : "");
    if (!config->recording && config->rate > MARKET_RATE_MAX)
        return sg_fail(error, SG_ERR_INVALID, "the seeded market goes at most %d times as fast as time; a recording goes as fast as it is taken",
                       (int)MARKET_RATE_MAX);
    if (config->recording &&
        (faults->on[EX_FAULT_CLOCK] || faults->on[EX_FAULT_QUIET] || faults->on[EX_FAULT_UTF8_SYMBOL] || faults->on[EX_FAULT_BREAK] ||
         faults->on[EX_FAULT_MAINTENANCE] || faults->on[EX_FAULT_TWIN_ID] || faults->on[EX_FAULT_ZERO_QUANTITY] || faults->on[EX_FAULT_CHAOS_REST]))
        return sg_fail(
            error, SG_ERR_INVALID,
            "the faults clock, quiet, utf8-symbol, break, maintenance, twin-id, zero-quantity and chaos-rest belong to the seeded market, not to a recording");
    return SG_OK;
}

static enum sg_status open_log(const char *file, FILE **ret_log, struct sg_error *error)
{
    if (!file)
        return SG_OK;
    *ret_log = fopen(file, "we");
    if (!*ret_log)
        return sg_fail(error, SG_ERR_IO, "cannot write the exchange's log %s: %s", file, strerror(errno));
    setvbuf(*ret_log, NULL, _IOLBF, 1 << 16); /* tests read it while it grows */
    return SG_OK;
}

static enum sg_status start_all(struct sg_exchange *exchange, const struct sg_exchange_config *config, struct sg_recording **recording, struct sg_error *error)
{
    enum sg_status status = sg_ex_faults_parse(config->faults, config->fault_count, &exchange->faults, error);
    if (status == SG_OK)
        status = check_config(config, &exchange->faults, error);
    if (status != SG_OK)
        return status;
    if (exchange->faults.on[EX_FAULT_CHAOS_REST])
        sg_ex_faults_draw_rest(&exchange->faults);
    const struct sg_ex_faults *faults = &exchange->faults;
    sg_ex_hub_init(&exchange->hub, faults, config->seed);
    sg_ex_publisher_init(&exchange->publisher, &exchange->hub, &exchange->archive);
    sg_ex_rest_init(&exchange->rest, &exchange->archive, faults);
    status = open_log(faults->on[EX_FAULT_LOG] ? faults->log_file : NULL, &exchange->publisher.log, error);
    if (status == SG_OK)
        status = open_log(faults->on[EX_FAULT_ACCESS] ? faults->access_file : NULL, &exchange->access, error);
    if (status != SG_OK)
        return status;
    if (!config->plain) {
        const int only = faults->on[EX_FAULT_TLS10] ? TLS1_VERSION : faults->on[EX_FAULT_TLS11] ? TLS1_1_VERSION : 0;
        status = sg_ex_certificates_make(sg_ex_faults_certificate(faults), only, only, &exchange->certificates, error);
        if (status != SG_OK)
            return status;
    }
    status = start_source(exchange, config, recording, error);
    if (status != SG_OK)
        return status;
    exchange->server.handlers = (struct sg_ex_handlers){
        .on_request = on_request, .on_text = on_text, .on_inbound = on_inbound, .on_close = on_close, .on_turn = on_turn, .context = exchange};
    exchange->server.hang = faults->on[EX_FAULT_HANG];
    exchange->server.hurry = faults->on[EX_FAULT_HURRY] ? faults->value[EX_FAULT_HURRY] : 1;
    status = sg_ex_server_open(&exchange->server, config->port, exchange->certificates.context, error);
    if (status != SG_OK)
        return status;
    exchange->server_open = true;
    /* Signals are for the main thread. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&exchange->thread, NULL, run, exchange);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return sg_fail(error, SG_ERR_NOMEM, "cannot start the exchange's thread: %s", strerror(failed));
    exchange->thread_started = true;
    return SG_OK;
}

struct sg_exchange *sg_exchange_start(const struct sg_exchange_config *config, struct sg_error *error)
{
    struct sg_recording *recording = config->recording;
    struct sg_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) {
        sg_fail(error, SG_ERR_NOMEM, "no memory for the exchange");
    } else {
        pthread_mutex_init(&exchange->lock, NULL);
        exchange->rate = config->rate;
        exchange->rate_free = config->rate == 0;
        exchange->start_on_subscribe = config->start_on_subscribe;
        exchange->plain = config->plain;
        if (start_all(exchange, config, &recording, error) != SG_OK) {
            sg_exchange_stop(exchange);
            exchange = NULL;
        }
    }
    if (recording)
        recording->free(recording);
    return exchange;
}

void sg_exchange_stop(struct sg_exchange *exchange)
{
    if (!exchange)
        return;
    if (exchange->thread_started) {
        sg_ex_server_stop(&exchange->server);
        pthread_join(exchange->thread, NULL);
    }
    if (exchange->server_open)
        sg_ex_server_close(&exchange->server);
    sg_ex_hub_free(&exchange->hub);
    sg_ex_publisher_free(&exchange->publisher);
    sg_ex_rest_free(&exchange->rest);
    sg_ex_market_free(exchange->market);
    sg_ex_player_free(exchange->player);
    sg_ex_archive_free(&exchange->archive);
    if (exchange->access)
        fclose(exchange->access);
    sg_ex_certificates_free(&exchange->certificates);
    pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

void sg_exchange_info(struct sg_exchange *exchange, struct sg_exchange_info *ret_info)
{
    *ret_info = (struct sg_exchange_info){.port = exchange->server.port};
    snprintf(ret_info->ws_url, sizeof ret_info->ws_url, "%s://localhost:%d", exchange->plain ? "ws" : "wss", exchange->server.port);
    snprintf(ret_info->rest_url, sizeof ret_info->rest_url, "%s://localhost:%d", exchange->plain ? "http" : "https", exchange->server.port);
    memcpy(ret_info->ca_file, exchange->certificates.ca_file, sizeof ret_info->ca_file);
    memcpy(ret_info->crl_file, exchange->certificates.crl_file, sizeof ret_info->crl_file);
    pthread_mutex_lock(&exchange->lock);
    ret_info->shift_us = exchange->shift_us;
    pthread_mutex_unlock(&exchange->lock);
}

void sg_exchange_stats(struct sg_exchange *exchange, struct sg_exchange_stats *ret_stats)
{
    struct sg_ex_hub_counters *counters = &exchange->hub.counters;
    *ret_stats = (struct sg_exchange_stats){
        .clients = atomic_load(&counters->clients),
        .subscriptions = atomic_load(&counters->subscriptions),
        .published = atomic_load(&counters->published),
        .delivered = atomic_load(&counters->delivered),
        .dropped = atomic_load(&counters->dropped),
        .slow_clients = atomic_load(&counters->slow_clients),
        .rate_closed = atomic_load(&counters->rate_closed),
    };
    pthread_mutex_lock(&exchange->lock);
    ret_stats->started = exchange->player_started;
    ret_stats->ended = exchange->player_ended;
    memcpy(ret_stats->trouble, exchange->trouble, sizeof ret_stats->trouble);
    pthread_mutex_unlock(&exchange->lock);
}
