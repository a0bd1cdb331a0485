/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One WebSocket connection: look the name up, dial, verify, subscribe, reassemble, end. */
#include "binance_private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tls_policy_private.h"

#define DIAL_LIMIT_US INT64_C(20000000) /* TCP, TLS and the upgrade together; the library's own limits are 5 s a step */

#define MESSAGE_KEPT 65536u /* a larger buffer is given back after its message */

/* Only the liveness part is used: PING after 30 s without a PONG, the end after 45 s. Retries are the lane's. */
static const uint32_t retry_table[] = {1000};
static const lws_retry_bo_t liveness = {retry_table, 1, LWS_RETRY_CONCEAL_ALWAYS, 30, 45, 30};

_Thread_local const char *sg_binance_roots;

static void ended(struct sg_connection *connection)
{
    if (connection->phase == SG_CONN_IDLE)
        return;
    connection->phase = SG_CONN_IDLE;
    connection->wsi = NULL;
    connection->tag = (connection->tag + 1) & 0x3fffffffu; /* a lookup that is still out is no longer waited for */
    sg_lane_ended(connection->lane, connection);
}

static void dial(struct sg_connection *connection)
{
    struct sg_lane *lane = connection->lane;
    struct lws_client_connect_info info = {0};
    info.context = lane->source->context;
    info.address = connection->address; /* where the packets go */
    info.host = lane->url.host;         /* whom the certificate must name; never empty, or nothing would be checked */
    info.port = lane->url.port;
    info.path = lane->url.path;
    info.ssl_connection = (lane->url.secure ? LCCSCF_USE_SSL : 0) | LCCSCF_HTTP_NO_FOLLOW_REDIRECT | LCCSCF_PRIORITIZE_READS;
    info.local_protocol_name = "market-data";
    info.opaque_user_data = connection;
    info.pwsi = &connection->wsi;
    info.retry_and_idle_policy = &liveness;
    connection->phase = SG_CONN_DIALING;
    connection->phase_since_us = sg_binance_mono(lane->source);
    if (!lws_client_connect_via_info(&info)) {
        sg_connection_because(connection, SG_FAILURE_UNREACHABLE, "there is no way to %s (%s) port %d: is the network up?", lane->url.host, connection->address,
                              lane->url.port);
        ended(connection);
    }
}

static void resolved(struct sg_job *job, void *owner)
{
    struct sg_resolution *answer = (struct sg_resolution *)job;
    struct sg_binance *source = owner;
    struct sg_connection *connection = &source->lanes[answer->tag >> 1 & 1u].connections[answer->tag & 1u];
    if (connection->phase != SG_CONN_RESOLVING || connection->tag != answer->tag >> 2)
        return; /* no longer waited for */
    if (!answer->resolved) {
        sg_connection_because(connection, answer->failure, "%s", answer->detail);
        ended(connection);
        return;
    }
    snprintf(connection->address, sizeof connection->address, "%s", answer->address);
    dial(connection);
}

void sg_connection_open(struct sg_connection *connection)
{
    struct sg_lane *lane = connection->lane;
    struct sg_binance *source = lane->source;
    connection->announced = connection->abandoned = connection->again_at_once = false;
    memset(connection->data, 0, sizeof connection->data);
    memset(connection->catching_up, 0, sizeof connection->catching_up);
    connection->up_since_us = 0;
    connection->x509_error = 0;
    connection->http_status = connection->close_code = 0;
    connection->retry_after_us = 0;
    connection->failure = SG_FAILURE_NONE;
    connection->detail[0] = connection->refusal[0] = 0;
    connection->subscribe_tries = 0;
    connection->tag = (connection->tag + 1) & 0x3fffffffu;
    sg_buffer_clear(&connection->message);
    sg_subscriptions_restart(&connection->subscriptions);
    connection->phase = SG_CONN_RESOLVING;
    connection->phase_since_us = sg_binance_mono(source);

    struct sg_resolution *question =
        sg_resolution_new(lane->url.host, lane->url.port, connection->tag << 2 | (unsigned)(lane - source->lanes) << 1 | connection->index);
    if (question)
        question->job.done = resolved;
    if (!question || sg_mailbox_start(source->mailbox, &question->job) != SG_OK) {
        sg_connection_because(connection, SG_FAILURE_NAME, "no thread could be started to look up %s", lane->url.host);
        ended(connection);
    }
}

void sg_connection_close(struct sg_connection *connection, enum sg_feed_failure failure, const char *format, ...)
{
    char words[sizeof connection->detail];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (connection->phase != SG_CONN_IDLE)
        sg_connection_because(connection, failure, "%s", words);
    if (connection->phase == SG_CONN_RESOLVING)
        ended(connection);
    else if (connection->phase != SG_CONN_IDLE && connection->wsi)
        lws_set_timeout(connection->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

void sg_connection_free(struct sg_connection *connection)
{
    sg_buffer_free(&connection->message);
}

void sg_connection_beat(struct sg_connection *connection, int64_t now_us)
{
    if ((connection->phase == SG_CONN_DIALING || connection->phase == SG_CONN_RESOLVING) && now_us - connection->phase_since_us > DIAL_LIMIT_US)
        sg_connection_close(connection, SG_FAILURE_TIMEOUT, "%s: no connection within 20 s", connection->lane->url.host);
    if (connection->phase == SG_CONN_UP && connection->wsi && sg_subscriptions_pending(&connection->subscriptions) &&
        sg_rate_window_wait(&connection->subscriptions.window, now_us) == 0)
        lws_callback_on_writable(connection->wsi);
}

static void note_http(struct sg_connection *connection, struct lws *wsi)
{
    char text[32];
    int64_t seconds;
    connection->http_status = lws_http_client_http_response(wsi);
    int length = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_RETRY_AFTER);
    if (length > 0 && sg_decimal_to_int64(text, (size_t)length, 0, 4 * 86400, &seconds) == SG_OK)
        connection->retry_after_us = seconds * SG_US_PER_S;
}

/* What we send must be received within this, or the connection is dead: the kernel's own patience is a quarter of an hour. */
static void set_user_timeout(struct lws *wsi)
{
    unsigned limit_ms = 20000;
    int fd = lws_get_socket_fd(wsi);
    if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms);
}

static int writable(struct sg_connection *connection, struct lws *wsi)
{
    unsigned char buffer[LWS_PRE + SG_REQUEST_MAX];
    int64_t now = sg_binance_mono(connection->lane->source);
    if (sg_rate_window_wait(&connection->subscriptions.window, now) > 0)
        return 0; /* the beat asks again when the window is open */
    size_t length = sg_subscriptions_request(&connection->subscriptions, now, (char *)buffer + LWS_PRE, SG_REQUEST_MAX);
    if (length == 0)
        return 0;
    sg_rate_window_note(&connection->subscriptions.window, now);
    if (lws_write(wsi, buffer + LWS_PRE, length, LWS_WRITE_TEXT) < (int)length) {
        sg_connection_because(connection, SG_FAILURE_CLOSED, "%s: the subscription could not be sent", connection->lane->url.host);
        return -1;
    }
    return 0;
}

static int receive(struct sg_connection *connection, struct lws *wsi, const char *in, size_t length)
{
    struct sg_lane *lane = connection->lane;
    struct sg_binance *source = lane->source;
    if (sg_binance_slept(source, sg_binance_mono(source)) || connection->failure != SG_FAILURE_NONE)
        return -1; /* given up meanwhile: what it still brings counts for nothing */
    source->work.bytes += length;
    source->received_bytes += length;
    if (lws_is_first_fragment(wsi))
        sg_buffer_clear(&connection->message);
    if (lws_frame_is_binary(wsi)) {
        sg_connection_because(connection, SG_FAILURE_PROTOCOL, "%s sent a binary message where text is agreed", lane->url.host);
        return -1;
    }
    bool final = lws_is_final_fragment(wsi);
    if (final && connection->message.length == 0) {
        if (length > source->message_limit)
            goto too_large;
        sg_lane_message(lane, connection, in, length, false);
    } else {
        if (length > source->message_limit - connection->message.length)
            goto too_large;
        if (sg_buffer_append(&connection->message, in, length) != SG_OK) {
            sg_connection_because(connection, SG_FAILURE_TOO_LARGE, "no memory for a message from %s", lane->url.host);
            return -1;
        }
        if (final) {
            sg_lane_message(lane, connection, connection->message.data, connection->message.length, false);
            sg_buffer_clear(&connection->message);
            if (connection->message.capacity > MESSAGE_KEPT) {
                sg_buffer_free(&connection->message);
                sg_buffer_init(&connection->message, source->message_limit);
            }
        }
    }
    /* Whoever handled the message may have decided to end the connection. */
    return connection->failure != SG_FAILURE_NONE ? -1 : 0;

too_large:
    source->work.rejected_messages++;
    sg_connection_because(connection, SG_FAILURE_TOO_LARGE, "%s sent a message of more than %zu bytes", lane->url.host, source->message_limit);
    return -1;
}

/* With read-ahead OpenSSL takes several records off the socket at once. libwebsockets asks SSL_pending(), which counts decrypted
 * bytes only, and would leave the rest until the socket is readable again: on a quiet market, seconds later. */
bool sg_connection_read_on(struct sg_connection *connection, struct lws_context *context)
{
    SSL *ssl = connection->wsi ? lws_get_ssl(connection->wsi) : NULL;
    if (!ssl || !SSL_is_init_finished(ssl) || !SSL_has_pending(ssl))
        return false;
    struct lws_pollfd readable = {.fd = lws_get_socket_fd(connection->wsi), .events = POLLIN, .revents = POLLIN};
    return readable.fd >= 0 && lws_service_fd(context, &readable) >= 0;
}

int sg_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
        return sg_tls_harden(user, sg_binance_roots);
    struct sg_connection *connection = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (!connection || connection->wsi != wsi)
        return 0; /* not a connection, or one that has been given up */
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: /* user is the X509_STORE_CTX, length its verdict so far */
        if (!length)
            connection->x509_error = X509_STORE_CTX_get_error(user);
        return 0;
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP: note_http(connection, wsi); return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (!connection->http_status)
            connection->http_status = lws_http_client_http_response(wsi);
        sg_connection_explain(connection, in, in ? length : 0);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        if (connection->phase == SG_CONN_DIALING)
            sg_connection_explain_no_answer(connection);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        set_user_timeout(wsi);
        connection->phase = SG_CONN_UP;
        connection->up_since_us = sg_binance_mono(connection->lane->source);
        sg_lane_up(connection->lane, connection);
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE: return writable(connection, wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE: return receive(connection, wsi, in, length);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: {
        const unsigned char *bytes = in;
        connection->close_code = length >= 2 ? (unsigned)bytes[0] << 8 | bytes[1] : 0;
        if (connection->close_code == 1008)
            sg_connection_because(connection, SG_FAILURE_RATE, "%s closed the stream for too many messages (1008)", connection->lane->url.host);
        else
            sg_connection_because(connection, SG_FAILURE_CLOSED, "%s closed the stream (code %u)", connection->lane->url.host, connection->close_code);
        return 0;
    }
    case LWS_CALLBACK_WSI_DESTROY:
        sg_connection_because(connection, SG_FAILURE_CLOSED, "the connection to %s was lost", connection->lane->url.host);
        ended(connection);
        return 0;
    default: return 0;
    }
}
