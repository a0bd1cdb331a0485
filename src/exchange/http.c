/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 as far as an exchange needs it: GET, keep-alive, upgrade. */
#include "server_private.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define IDLE_US (60 * SG_US_PER_S)

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 302: return "Found";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 418: return "I'm a teapot";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; a wrong escape or an escaped NUL is left as it stands. */
static void percent_decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        const int high = from[0] == '%' ? hex_digit(from[1]) : -1;
        const int low = high >= 0 ? hex_digit(from[2]) : -1;
        if (low >= 0 && high * 16 + low != 0) {
            *to = (char)(high * 16 + low);
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* Whether a comma-separated header value has the token, whatever its case. */
static bool has_token(const char *value, const char *token)
{
    const size_t length = strlen(token);
    while (*value) {
        value += strspn(value, " \t,");
        const size_t span = strcspn(value, ",");
        size_t end = span;
        while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
            end--;
        if (end == length && strncasecmp(value, token, length) == 0)
            return true;
        value += span;
    }
    return false;
}

struct upgrade_marks {
    bool connection, upgrade, version;
};

static void read_header(char *line, struct sg_ex_request *request, struct upgrade_marks *marks)
{
    char *colon = strchr(line, ':');
    if (!colon)
        return;
    *colon = '\0';
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "connection") == 0) {
        marks->connection = has_token(value, "upgrade");
        if (has_token(value, "close"))
            request->keep_alive = false;
    } else if (strcasecmp(line, "upgrade") == 0) {
        marks->upgrade = has_token(value, "websocket");
    } else if (strcasecmp(line, "sec-websocket-version") == 0) {
        marks->version = strcmp(value, "13") == 0;
    } else if (strcasecmp(line, "sec-websocket-key") == 0) {
        if (strlen(value) == 24)
            memcpy(request->key, value, 25);
    } else if (strcasecmp(line, "x-mbx-time-unit") == 0) {
        request->microseconds = strcasecmp(value, "microsecond") == 0;
    }
}

/* `head` is the request up to its empty line, NUL-terminated. False: not a request. */
static bool parse_request(char *head, struct sg_ex_request *request)
{
    char *line_end = strstr(head, "\r\n");
    char *next = line_end ? line_end + 2 : head + strlen(head);
    if (line_end)
        *line_end = '\0';
    char *target = strchr(head, ' ');
    if (!target)
        return false;
    *target++ = '\0';
    char *version = strchr(target, ' ');
    if (!version || strncmp(version, " HTTP/1.", 8) != 0 || target[0] != '/')
        return false;
    *version = '\0';
    char *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    *request = (struct sg_ex_request){
        .method = head, .path = target, .query = query ? query : target + strlen(target), .keep_alive = strcmp(version + 1, "HTTP/1.0") != 0};
    percent_decode(request->path);
    struct upgrade_marks marks = {0};
    while (*next) {
        char *end = strstr(next, "\r\n");
        char *after = end ? end + 2 : next + strlen(next);
        if (end)
            *end = '\0';
        read_header(next, request, &marks);
        next = after;
    }
    request->upgrade = marks.connection && marks.upgrade && marks.version && request->key[0];
    return true;
}

void sg_ex_conn_consume_http(struct sg_ex_conn *conn)
{
    while (conn->state == EX_CONN_HTTP && conn->in.length > 0) {
        char *end = memmem(conn->in.data, conn->in.length, "\r\n\r\n", 4);
        if (!end) {
            if (conn->in.length > EX_REQUEST_MAX)
                sg_ex_conn_drop(conn, false);
            return;
        }
        const size_t used = (size_t)(end - conn->in.data) + 4;
        struct sg_ex_request request;
        *end = '\0';
        if (used > EX_REQUEST_MAX || strlen(conn->in.data) != used - 4 || !parse_request(conn->in.data, &request)) {
            static struct sg_ex_request none = {.keep_alive = false};
            sg_ex_conn_respond(conn, &none, 400, "text/plain", NULL, "Bad Request\n", 12);
            return;
        }
        conn->deadline_us = conn->server->now_us + IDLE_US;
        conn->server->handlers.on_request(conn->server->handlers.context, conn, &request);
        conn->in.length -= used;
        memmove(conn->in.data, conn->in.data + used, conn->in.length + 1);
    }
}

void sg_ex_conn_respond(struct sg_ex_conn *conn, const struct sg_ex_request *request, int status, const char *type, const char *headers, const char *body,
                        size_t length)
{
    char head[1024];
    const int n = snprintf(
        head, sizeof head,
        "HTTP/1.1 %d %s\r\nServer: spreadglass-exchange\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\nConnection: %s\r\n%s\r\n",
        status, reason_of(status), type, length, request->keep_alive ? "keep-alive" : "close", headers ? headers : "");
    if (n < 0 || (size_t)n >= sizeof head) {
        sg_ex_conn_drop(conn, false);
        return;
    }
    conn->answered = status;
    sg_ex_conn_queue_raw(conn, head, (size_t)n);
    if (!request->method || strcmp(request->method, "HEAD") != 0)
        sg_ex_conn_queue_raw(conn, body, length);
    if (!request->keep_alive)
        sg_ex_conn_drain(conn);
    else
        sg_ex_conn_flush(conn);
}

void sg_ex_conn_accept(struct sg_ex_conn *conn, const struct sg_ex_request *request, bool wrong_accept, const char *headers)
{
    char text[128];
    unsigned char digest[EVP_MAX_MD_SIZE], accept[64];
    unsigned size = 0;
    const int n = snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", wrong_accept ? "AAAAAAAAAAAAAAAAAAAAAA==" : request->key);
    if (n < 0 || EVP_Digest(text, (size_t)n, digest, &size, EVP_sha1(), NULL) != 1) {
        sg_ex_conn_drop(conn, false);
        return;
    }
    EVP_EncodeBlock(accept, digest, (int)size);
    char head[512];
    const int length = snprintf(
        head, sizeof head,
        "HTTP/1.1 101 Switching Protocols\r\nServer: spreadglass-exchange\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
        (char *)accept, headers ? headers : "");
    sg_ex_conn_queue_raw(conn, head, (size_t)length);
    conn->answered = 101;
    conn->state = EX_CONN_WS;
    conn->deadline_us = 0;
    conn->next_ping_us = conn->server->now_us + 20 * SG_US_PER_S / (conn->server->hurry ? conn->server->hurry : 1);
    sg_ex_conn_flush(conn);
}
