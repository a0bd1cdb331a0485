/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a connection ended, in words for a person: what, where, what to do. */
#include "binance_private.h"

#include <openssl/x509_vfy.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tls_policy_private.h"

void sg_connection_because(struct sg_connection *connection, enum sg_feed_failure failure, const char *format, ...)
{
    va_list arguments;
    if (connection->failure != SG_FAILURE_NONE)
        return;
    connection->failure = failure;
    va_start(arguments, format);
    vsnprintf(connection->detail, sizeof connection->detail, format, arguments);
    va_end(arguments);
}

static bool contains(const char *text, size_t length, const char *what)
{
    return text && memmem(text, length, what, strlen(what)) != NULL;
}

static void explain_http(struct sg_connection *connection)
{
    const char *host = connection->lane->url.host;
    unsigned status = connection->http_status;
    switch (status) {
    case 451:
        sg_connection_because(connection, SG_FAILURE_GEO,
                              "%s refuses this location (HTTP 451); its market-data hosts may not: --endpoint wss://data-stream.binance.vision "
                              "--rest https://data-api.binance.vision",
                              host);
        return;
    case 418:
    case 429:
        sg_connection_because(connection, SG_FAILURE_RATE, "%s says too many requests from this address (HTTP %u%s)", host, status,
                              status == 418 ? ", banned for a while" : "");
        return;
    case 403: sg_connection_because(connection, SG_FAILURE_HTTP, "%s forbids it (HTTP 403: its web firewall, or a proxy on the way)", host); return;
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        sg_connection_because(connection, SG_FAILURE_HTTP, "%s redirects elsewhere (HTTP %u): not followed; a captive portal does this", host, status);
        return;
    default: sg_connection_because(connection, SG_FAILURE_HTTP, "%s answered HTTP %u instead of opening the stream", host, status);
    }
}

void sg_connection_explain(struct sg_connection *connection, const char *text, size_t length)
{
    const struct sg_url *url = &connection->lane->url;
    if (connection->x509_error) {
        char words[200];
        sg_tls_describe(connection->x509_error, url->host, words, sizeof words);
        sg_connection_because(connection, SG_FAILURE_TLS, "%s", words);
    } else if (connection->http_status && connection->http_status != 101) {
        explain_http(connection);
    } else if (contains(text, length, "imed out") || contains(text, length, "timeout")) {
        sg_connection_because(connection, SG_FAILURE_TIMEOUT, "%s port %d: no answer in time%s", url->host, url->port,
                              contains(text, length, "SSL") ? " (it accepts connections but does not speak TLS)" : "");
    } else if (contains(text, length, "SSL") || contains(text, length, "ssl") || contains(text, length, "tls")) {
        sg_connection_because(connection, SG_FAILURE_TLS, "%s port %d: no TLS connection could be agreed on (TLS 1.2 or later is needed)", url->host,
                              url->port);
    } else if (contains(text, length, "HS: ")) {
        sg_connection_because(connection, SG_FAILURE_PROTOCOL, "%s does not answer as a WebSocket server: %.*s", url->host, (int)(length < 80 ? length : 80),
                              text);
    } else if (contains(text, length, "onnect") || contains(text, length, "conn fail")) {
        sg_connection_because(connection, SG_FAILURE_REFUSED, "%s port %d: connection refused or reset", url->host, url->port);
    } else {
        sg_connection_because(connection, SG_FAILURE_CLOSED, "%s port %d closed the connection without answering the request", url->host, url->port);
    }
}

/* TCP and TLS were fine, then nothing: the library says no more than that it is over. */
void sg_connection_explain_no_answer(struct sg_connection *connection)
{
    const struct sg_url *url = &connection->lane->url;
    if (sg_binance_mono(connection->lane->source) - connection->phase_since_us < 4 * SG_US_PER_S)
        sg_connection_because(connection, SG_FAILURE_CLOSED, "%s port %d closed the connection without answering the request", url->host, url->port);
    else
        sg_connection_because(connection, SG_FAILURE_TIMEOUT, "%s port %d accepts connections but does not answer the request", url->host, url->port);
}
