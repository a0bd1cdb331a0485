/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Binance source: its thread, its clock, its status, and the batch that goes to the ring. */
#include "binance_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tls_policy_private.h"

#define BEAT_US INT64_C(50000)
#define REST_US 10000L     /* after a burst, so that messages come in bunches: below a frame of 16.7 ms; see source.h */
#define REST_BUSY_US 1000L /* after BUSY_BYTES */
#define BUSY_BYTES 32768u
#define SLEPT_US INT64_C(5000000)                  /* this thread runs every 50 ms; a busy machine is late by tenths of a second */
#define LIFE_US (INT64_C(23) * 3600 * SG_US_PER_S) /* the exchange ends every connection after 24 hours */
#define MESSAGE_LIMIT (4u << 20)                   /* every ticker of the exchange in one message is about 0.7 MB */
#define RECEIVE_BUFFER 131072
#define ONE_READ 8192u /* fewer bytes than this were all that the socket had: OpenSSL asks for 16 KiB at once */

int64_t sg_binance_mono(const struct sg_binance *source)
{
    return sg_clock_mono(source->clock);
}

int64_t sg_binance_now(struct sg_binance *source)
{
    return source->wall_base_us + (sg_clock_mono(source->clock) - source->mono_base_us);
}

void sg_binance_flush(struct sg_binance *source)
{
    /* While a message is handled its ticks are not in the batch yet: the promise may not go beyond them. */
    source->watermark_us = source->message_us ? source->message_us : sg_binance_now(source);
    size_t accepted = sg_tick_ring_push(source->ring, source->batch, source->batch_count, source->watermark_us);
    for (size_t i = accepted; i < source->batch_count; i++)
        source->dropped[source->batch[i].leg]++;
    source->batch_count = 0;
}

/* What the ring would not take is in the recording all the same. That the session went without it is said there too, once a second at most. */
static void record_drops(struct sg_binance *source)
{
    source->dropped_told_us = source->watermark_us;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (source->dropped[leg] > 0 && source->recorder)
            sg_recorder_dropped(source->recorder, source->watermark_us, leg, source->dropped[leg]);
        source->dropped[leg] = 0;
    }
}

void sg_binance_event(struct sg_binance *source, enum sg_feed_event_code code, int leg, const char *format, ...)
{
    struct sg_feed_event event = {.code = code, .leg = leg};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event.detail, sizeof event.detail, format, arguments);
    va_end(arguments);
    sg_binance_flush(source); /* what was received before it comes before it */
    event.recv_us = source->watermark_us;
    sg_tick_ring_push_event(source->ring, &event);
    if (source->recorder)
        sg_recorder_event(source->recorder, &event);
    sg_binance_publish(source);
}

/* The source is as well as its worst lane. */
static unsigned badness(enum sg_feed_state state)
{
    switch (state) {
    case SG_FEED_LIVE: return 0;
    case SG_FEED_STALLED: return 1;
    case SG_FEED_SUBSCRIBING: return 2;
    case SG_FEED_CONNECTING: return 3;
    case SG_FEED_WAITING: return 4;
    default: return 5;
    }
}

void sg_binance_publish(struct sg_binance *source)
{
    struct sg_feed_status *work = &source->work;
    const struct sg_lane *worst = &source->lanes[0];
    for (size_t i = 1; i < source->lane_count; i++)
        if (badness(source->lanes[i].state) > badness(worst->state))
            worst = &source->lanes[i];
    if (!source->failed) {
        work->state = worst->state;
        work->failure = worst->failure;
        snprintf(work->detail, sizeof work->detail, "%s", worst->detail);
        snprintf(work->host, sizeof work->host, "%s", worst->url.host);
        work->retry_at_mono_us = worst->retrying ? worst->retry_at_us : 0;
        work->attempt = worst->backoff.attempt;
    }
    work->tick_mono_us = sg_binance_mono(source);
    int64_t elapsed = work->tick_mono_us - source->rate_since_us;
    if (elapsed >= SG_US_PER_S) {
        work->messages_per_s = (double)(work->messages - source->rate_messages) * 1e6 / (double)elapsed;
        source->rate_since_us = work->tick_mono_us;
        source->rate_messages = work->messages;
    }
    pthread_mutex_lock(&source->lock);
    source->shared = *work;
    pthread_mutex_unlock(&source->lock);
}

void sg_binance_fail(struct sg_binance *source, enum sg_feed_failure failure, const char *format, ...)
{
    va_list arguments;
    if (source->failed)
        return;
    source->failed = true;
    source->work.state = SG_FEED_FAILED;
    source->work.failure = failure;
    va_start(arguments, format);
    vsnprintf(source->work.detail, sizeof source->work.detail, format, arguments);
    va_end(arguments);
    sg_binance_event(source, SG_EVENT_ERROR, -1, "%.230s", source->work.detail);
    for (size_t i = 0; i < source->lane_count; i++) {
        source->lanes[i].retrying = false;
        for (unsigned c = 0; c < 2; c++)
            sg_connection_close(&source->lanes[i].connections[c], failure, "given up");
    }
}

static void wake(void *context)
{
    struct sg_binance *source = context;
    pthread_mutex_lock(&source->lock);
    if (source->wakeable)
        lws_cancel_service(source->wakeable);
    pthread_mutex_unlock(&source->lock);
}

static void beat(lws_sorted_usec_list_t *timer)
{
    struct sg_binance *source = lws_container_of(timer, struct sg_binance, beat);
    int64_t now = sg_binance_mono(source);
    lws_sul_schedule(source->context, 0, &source->beat, beat, BEAT_US);
    (void)sg_binance_slept(source, now);
    if (!source->failed)
        for (size_t i = 0; i < source->lane_count; i++)
            sg_lane_beat(&source->lanes[i], now);
    sg_exchange_time_beat(source, now);
    sg_binance_flush(source);
    if (source->watermark_us - source->dropped_told_us >= SG_US_PER_S)
        record_drops(source);
    if (source->recorder)
        sg_recorder_beat(source->recorder, source->watermark_us);
    sg_binance_publish(source);
}

bool sg_binance_slept(struct sg_binance *source, int64_t now_us)
{
    int64_t since = source->last_pass_us;
    source->last_pass_us = now_us;
    if (!since || now_us - since < SLEPT_US || source->failed)
        return false;
    sg_exchange_time_soon(source);
    /* Nobody knows what was missed. The disconnection counts from when this thread was last awake: the watermark stays there. */
    int64_t message_us = source->message_us;
    for (size_t i = 0; i < source->lane_count; i++) {
        struct sg_lane *lane = &source->lanes[i];
        struct sg_connection *active = sg_lane_active(lane);
        lane->backoff.attempt = 0;
        lane->retry_at_us = now_us;
        sg_handover_end(lane);
        sg_lane_standby(lane)->abandoned = true;
        sg_connection_close(sg_lane_standby(lane), SG_FAILURE_CLOSED, "replaced");
        if (active->up_since_us) {
            source->message_us = source->watermark_us;
            sg_binance_event(source, SG_EVENT_DISCONNECTED, lane->event_leg, "the machine or the program stood still for %lld s; connecting anew",
                             (long long)((now_us - since) / SG_US_PER_S));
            active->up_since_us = 0;
        }
        active->again_at_once = true;
        sg_connection_close(active, SG_FAILURE_CLOSED, "the machine or the program stood still for %lld s", (long long)((now_us - since) / SG_US_PER_S));
    }
    source->message_us = message_us;
    return true;
}

static struct lws_context *create_context(struct sg_binance *source)
{
    static const struct lws_protocols protocols[] = {{"market-data", sg_connection_callback, 0, RECEIVE_BUFFER, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
    struct lws_context_creation_info info = {0};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.extensions = NULL; /* no permessage-deflate: in this library it can be crashed from outside */
    info.fd_limit_per_thread = 64;
    info.pt_serv_buf_size = RECEIVE_BUFFER;
    info.max_http_header_data2 = 16384;
    info.timeout_secs = 5;
    info.connect_timeout_secs = 10;
    info.ka_time = 30;
    info.ka_interval = 10;
    info.ka_probes = 3;
    info.user = source;
    info.http_proxy_address = ""; /* given and empty: the environment's http_proxy is not looked at */
    /* This one file and nothing else: otherwise OpenSSL's own places, and even a folder beside the working directory, are trusted too. */
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.client_ssl_ca_filepath = source->roots;
    sg_binance_roots = source->roots;
    return lws_create_context(&info);
}

static bool refuse_proxy(struct sg_binance *source)
{
    for (size_t i = 0; i < source->lane_count; i++) {
        const char *proxy = sg_endpoint_proxy(&source->lanes[i].url);
        if (proxy) {
            sg_binance_fail(source, SG_FAILURE_CONFIG,
                            "the environment asks for the proxy %.80s; Spreadglass connects directly only: unset https_proxy, or add %s to no_proxy", proxy,
                            source->lanes[i].url.host);
            return true;
        }
    }
    return false;
}

/* What OpenSSL holds back on any connection, record by record, without asking the kernel in between. It ends when nothing comes of a round
 * (an unfinished record stays there), or when so much came that others must have their turn. */
static void read_on(struct sg_binance *source)
{
    const uint64_t begin = source->received_bytes;
    uint64_t before;
    do {
        before = source->received_bytes;
        for (size_t i = 0; i < source->lane_count; i++)
            for (unsigned c = 0; c < 2; c++)
                sg_connection_read_on(&source->lanes[i].connections[c], source->context);
    } while (source->received_bytes != before && source->received_bytes - begin < RECEIVE_BUFFER && !atomic_load(&source->stopping));
}

/* To the recording and the ring, behind everything that was received before. Feed thread. */
static void pass_answers(struct sg_binance *source)
{
    struct sg_history_answer *answers[SG_BINANCE_ANSWERS];
    pthread_mutex_lock(&source->lock);
    memcpy(answers, source->answers, sizeof answers);
    memset(source->answers, 0, sizeof source->answers);
    pthread_mutex_unlock(&source->lock);
    if (answers[0] && source->context)
        (void)sg_binance_slept(source, sg_binance_mono(source)); /* before the watermark moves */
    for (size_t i = 0; i < SG_BINANCE_ANSWERS && answers[i]; i++) {
        sg_binance_flush(source);
        if (source->recorder)
            sg_recorder_history(source->recorder, source->watermark_us, answers[i]);
        sg_tick_ring_push_answer(source->ring, answers[i], source->watermark_us);
    }
}

/* The socket holds some 64 KiB at first: a stream that would fill it meanwhile is not kept waiting, or the exchange would drop for us. */
static void rest(uint64_t bytes)
{
    const struct timespec quiet = {0, REST_US * 1000L}, busy = {0, REST_BUSY_US * 1000L};
    if (bytes < BUSY_BYTES)
        nanosleep(&quiet, NULL);
    else if (bytes < RECEIVE_BUFFER)
        nanosleep(&busy, NULL);
}

static void service(struct sg_binance *source)
{
    while (!atomic_load(&source->stopping)) {
        uint64_t before = source->received, bytes = source->received_bytes, last;
        if (lws_service(source->context, 0) < 0)
            break;
        read_on(source);
        (void)sg_binance_slept(source, sg_binance_mono(source)); /* before anything moves the watermark */
        sg_mailbox_deliver(source->mailbox, source);
        pass_answers(source);
        if (atomic_exchange(&source->reconnect, false) && !source->failed) {
            for (size_t i = 0; i < source->lane_count; i++) {
                source->lanes[i].backoff.attempt = 0;
                source->lanes[i].retry_at_us = 0;
                sg_lane_active(&source->lanes[i])->again_at_once = true;
                sg_connection_close(sg_lane_active(&source->lanes[i]), SG_FAILURE_CLOSED, "reconnecting on request");
            }
        }
        if (source->received == before)
            continue;
        /* Less than one read of the socket: it is empty, and what comes from now on waits for the next pass. Else there may be more for
         * the same batch. */
        unsigned rounds = 0;
        for (last = bytes; source->received_bytes - last >= ONE_READ && ++rounds < 256 && !atomic_load(&source->stopping);) {
            last = source->received_bytes;
            if (lws_service(source->context, -1) < 0)
                break;
            read_on(source);
        }
        sg_binance_flush(source);
        rest(source->received_bytes - bytes);
    }
}

static void *run(void *data)
{
    struct sg_binance *source = data;
    (void)pthread_setname_np(pthread_self(), "feed");
    source->mailbox = sg_mailbox_new(wake, source);
    source->context = source->mailbox ? create_context(source) : NULL;
    if (!source->context) {
        sg_binance_fail(source, SG_FAILURE_CONFIG, "the network library could not be started (roots: %s)", source->roots);
    } else {
        pthread_mutex_lock(&source->lock);
        source->wakeable = source->context;
        pthread_mutex_unlock(&source->lock);
        lws_sul_schedule(source->context, 0, &source->beat, beat, 1);
        sg_exchange_time_begin(source);
        if (!refuse_proxy(source))
            for (size_t i = 0; i < source->lane_count; i++)
                sg_lane_start(&source->lanes[i]);
        service(source);
        pthread_mutex_lock(&source->lock);
        source->wakeable = NULL;
        pthread_mutex_unlock(&source->lock);
    }
    sg_mailbox_close(source->mailbox); /* before the context: a late result must not wake what is gone */
    source->mailbox = NULL;
    for (size_t i = 0; i < source->lane_count; i++)
        sg_handover_end(&source->lanes[i]);
    if (source->context)
        lws_context_destroy(source->context);
    source->context = NULL;
    pass_answers(source); /* one that came too late to be acted on is at least recorded where it came */
    sg_binance_flush(source);
    record_drops(source);
    if (source->recorder)
        sg_recorder_end(source->recorder, source->watermark_us);
    if (atomic_load(&source->stopping)) {
        for (size_t i = 0; i < source->lane_count; i++)
            source->lanes[i].state = SG_FEED_STOPPED;
        source->failed = false;
    }
    sg_binance_publish(source);
    return NULL;
}

static enum sg_status start(struct sg_source *base, struct sg_error *error)
{
    struct sg_binance *source = (struct sg_binance *)base;
    if (source->started)
        return sg_fail(error, SG_ERR_INVALID, "the source runs already");
    atomic_store(&source->stopping, false);
    atomic_store(&source->reconnect, false);
    source->failed = false;
    source->batch_count = 0;
    memset(&source->work, 0, sizeof source->work);
    memset(&source->beat, 0, sizeof source->beat);
    source->rate_since_us = sg_binance_mono(source);
    source->rate_messages = 0;
    for (size_t i = 0; i < source->lane_count; i++)
        sg_lane_reset(&source->lanes[i]);
    source->last_pass_us = 0;
    sg_binance_publish(source);
    if (pthread_create(&source->thread, NULL, run, source) != 0)
        return sg_fail(error, SG_ERR_NOMEM, "the feed's thread could not be started");
    source->started = true;
    return SG_OK;
}

static void stop(struct sg_source *base)
{
    struct sg_binance *source = (struct sg_binance *)base;
    if (!source->started)
        return;
    atomic_store(&source->stopping, true);
    wake(source);
    pthread_join(source->thread, NULL);
    source->started = false;
}

static void destroy(struct sg_source *base)
{
    struct sg_binance *source = (struct sg_binance *)base;
    for (size_t i = 0; i < source->lane_count; i++)
        for (unsigned c = 0; c < 2; c++)
            sg_connection_free(&source->lanes[i].connections[c]);
    pthread_mutex_destroy(&source->lock);
    free(source->batch);
    free(source->rest_url);
    free(source->ca_file);
    free(source);
}

static void status(struct sg_source *base, struct sg_feed_status *ret_status)
{
    struct sg_binance *source = (struct sg_binance *)base;
    pthread_mutex_lock(&source->lock);
    *ret_status = source->shared;
    pthread_mutex_unlock(&source->lock);
}

static void reconnect(struct sg_source *base)
{
    struct sg_binance *source = (struct sg_binance *)base;
    atomic_store(&source->reconnect, true);
    wake(source);
}

static int64_t now(struct sg_source *base)
{
    return sg_binance_now((struct sg_binance *)base);
}

static bool answer(struct sg_source *base, struct sg_history_answer *given)
{
    struct sg_binance *source = (struct sg_binance *)base;
    bool taken = false;
    pthread_mutex_lock(&source->lock);
    for (size_t i = 0; i < SG_BINANCE_ANSWERS && !taken && source->wakeable; i++)
        if (!source->answers[i]) {
            source->answers[i] = given;
            taken = true;
        }
    if (taken)
        lws_cancel_service(source->wakeable);
    pthread_mutex_unlock(&source->lock);
    return taken;
}

static const struct sg_source_kind binance = {"binance", start, stop, destroy, status, reconnect, now, answer};

/* One lane per market; each carries the legs of that market. */
static enum sg_status add_leg(struct sg_binance *source, int leg, const char *ws_url, struct sg_error *error)
{
    const struct sg_instrument *instrument = &source->instruments[leg];
    struct sg_lane *lane = NULL;
    for (size_t i = 0; i < source->lane_count && !lane; i++)
        if (source->instruments[source->lanes[i].event_leg].market == instrument->market)
            lane = &source->lanes[i];
    if (!lane) {
        lane = &source->lanes[source->lane_count];
        enum sg_status status = sg_endpoint_stream(instrument->market, source->stream, ws_url, &lane->url, error);
        if (status != SG_OK)
            return status;
        source->lane_count++;
        lane->source = source;
        lane->event_leg = leg;
        lane->state = SG_FEED_IDLE;
        for (unsigned c = 0; c < 2; c++) {
            struct sg_connection *connection = &lane->connections[c];
            connection->lane = lane;
            connection->index = c;
            connection->decoder.stream = source->stream;
            connection->decoder.trade_form = SG_TRADE_FORM_AGGREGATE;
            sg_buffer_init(&connection->message, source->message_limit);
            sg_subscriptions_init(&connection->subscriptions);
        }
    } else {
        lane->event_leg = -1;
    }
    char name[SG_SUBSCRIPTION_NAME];
    lane->legs[leg].watched = true;
    if (!instrument->symbol[0] || !sg_endpoint_stream_name(instrument, source->stream, name, sizeof name))
        return sg_fail(error, SG_ERR_INVALID, "the symbol of leg %c is empty or too long", 'A' + leg);
    for (unsigned c = 0; c < 2; c++) {
        lane->connections[c].decoder.legs[leg] = *instrument;
        if (!sg_subscriptions_add(&lane->connections[c].subscriptions, name, leg))
            return sg_fail(error, SG_ERR_INVALID, "the symbol of leg %c is too long", 'A' + leg);
    }
    return SG_OK;
}

struct sg_source *sg_source_new_binance(const struct sg_binance_config *config, struct sg_tick_ring *ring, struct sg_error *error)
{
    struct sg_binance *source = calloc(1, sizeof *source);
    if (!source || !(source->batch = calloc(SG_BATCH, sizeof *source->batch))) {
        free(source);
        (void)sg_fail(error, SG_ERR_NOMEM, "no memory for the feed");
        return NULL;
    }
    pthread_mutex_init(&source->lock, NULL);
    lws_set_log_level(0, NULL); /* the library talks to standard error; we talk in events */
    source->base.kind = &binance;
    memcpy(source->instruments, config->legs, sizeof source->instruments);
    source->stream = config->stream;
    source->clock = config->clock ? config->clock : sg_clock_system();
    source->ring = ring;
    source->recorder = config->recorder;
    int64_t patience = config->stream == SG_STREAM_TRADE ? 60 * SG_US_PER_S : 10 * SG_US_PER_S;
    source->first_data_us = config->first_data_deadline_us > 0 ? config->first_data_deadline_us : patience;
    source->silence_us = config->silence_deadline_us > 0 ? config->silence_deadline_us : patience;
    source->message_limit = config->message_limit ? config->message_limit : MESSAGE_LIMIT;
    source->check_symbols = config->check_symbols;
    source->connection_life_us = config->connection_life_us > 0 ? config->connection_life_us : LIFE_US;
    source->mono_base_us = sg_clock_mono(source->clock);
    source->wall_base_us = sg_clock_wall(source->clock);
    enum sg_status status = SG_OK;
    if ((config->rest_url && !(source->rest_url = strdup(config->rest_url))) || (config->ca_file && !(source->ca_file = strdup(config->ca_file))))
        status = sg_fail(error, SG_ERR_NOMEM, "no memory for the feed");
    if (status == SG_OK)
        status = sg_tls_roots(source->ca_file, &source->roots, error);
    for (int leg = 0; leg < SG_LEG_COUNT && status == SG_OK; leg++) {
        status = add_leg(source, leg, config->ws_url, error);
        source->needs_time |= config->check_symbols && sg_stream_is_timeless(config->stream, config->legs[leg].market);
    }
    struct sg_url rest;
    for (int leg = 0; leg < SG_LEG_COUNT && status == SG_OK; leg++)
        status = sg_endpoint_rest(source->instruments[leg].market, source->rest_url, &rest, error);
    if (status != SG_OK) {
        destroy(&source->base);
        return NULL;
    }
    return &source->base;
}
