/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listeners and the loop. One turn: the owner's work that is due, the connections' timers, what epoll reports, the sweep. */
#include "server_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANDSHAKE_US (10 * SG_US_PER_S)
#define DRAIN_US (2 * SG_US_PER_S)
#define PING_EVERY_US (20 * SG_US_PER_S)
#define PONG_WITHIN_US (60 * SG_US_PER_S)
#define TIMER_US (200 * SG_US_PER_MS)
#define READ_PER_TURN (256 * 1024)

static int listen_on(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (bind(fd, address, length) != 0 || listen(fd, 64) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

enum sg_status sg_ex_server_open(struct sg_ex_server *server, int port, SSL_CTX *tls, struct sg_error *error)
{
    server->listeners[0] = server->listeners[1] = server->epoll = server->wake = -1;
    server->tls = tls;
    atomic_init(&server->stop, false);

    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    server->listeners[0] = listen_on((struct sockaddr *)&four, sizeof four);
    socklen_t length = sizeof four;
    if (server->listeners[0] < 0 || getsockname(server->listeners[0], (struct sockaddr *)&four, &length) != 0) {
        sg_fail(error, SG_ERR_NETWORK, "cannot listen on 127.0.0.1 port %d: %s; choose another port, or 0 for any", port, strerror(errno));
        sg_ex_server_close(server);
        return SG_ERR_NETWORK;
    }
    server->port = ntohs(four.sin_port);
    /* A machine without IPv6 is fine: "localhost" then means 127.0.0.1. */
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = four.sin_port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    server->listeners[1] = listen_on((struct sockaddr *)&six, sizeof six);

    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool ok = server->epoll >= 0 && server->wake >= 0;
    int *const watched[] = {&server->listeners[0], &server->listeners[1], &server->wake};
    for (size_t i = 0; ok && i < 3; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = watched[i]};
        if (*watched[i] >= 0)
            ok = epoll_ctl(server->epoll, EPOLL_CTL_ADD, *watched[i], &event) == 0;
    }
    if (!ok) {
        sg_fail(error, SG_ERR_NETWORK, "cannot set up the exchange's event loop: %s", strerror(errno));
        sg_ex_server_close(server);
        return SG_ERR_NETWORK;
    }
    return SG_OK;
}

void sg_ex_server_stop(struct sg_ex_server *server)
{
    atomic_store(&server->stop, true);
    const uint64_t one = 1;
    ssize_t written = write(server->wake, &one, sizeof one);
    (void)written; /* the counter can only be full when a wake-up is pending already */
}

static void free_connection(struct sg_ex_conn *conn)
{
    struct sg_ex_server *server = conn->server;
    if (conn->client && server->handlers.on_close)
        server->handlers.on_close(server->handlers.context, conn);
    if (conn->ssl)
        SSL_free(conn->ssl);
    if (conn->fd >= 0)
        close(conn->fd);
    sg_buffer_free(&conn->in);
    sg_buffer_free(&conn->out);
    sg_buffer_free(&conn->message);
    free(conn);
    server->connection_count--;
}

static void sweep(struct sg_ex_server *server, bool all)
{
    struct sg_ex_conn **link = &server->connections;
    while (*link) {
        struct sg_ex_conn *conn = *link;
        if (all || conn->state == EX_CONN_DEAD) {
            *link = conn->next;
            free_connection(conn);
        } else {
            link = &conn->next;
        }
    }
}

void sg_ex_server_close(struct sg_ex_server *server)
{
    sweep(server, true);
    int *const descriptors[] = {&server->listeners[0], &server->listeners[1], &server->epoll, &server->wake};
    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++) {
        if (*descriptors[i] >= 0)
            close(*descriptors[i]);
        *descriptors[i] = -1;
    }
}

static void watch(struct sg_ex_conn *conn)
{
    uint32_t events = 0;
    const bool finished = conn->peer_closed || conn->state == EX_CONN_DEAD;
    if (!finished && !conn->frozen)
        events |= EPOLLIN;
    if (!conn->frozen && conn->state != EX_CONN_DEAD && conn->state != EX_CONN_HUNG && (sg_ex_conn_queued(conn) > 0 || conn->filler) &&
        !(conn->bytes_per_s && conn->allowance <= 0))
        events |= EPOLLOUT;
    if (conn->state == EX_CONN_TLS && conn->ssl && SSL_want_write(conn->ssl))
        events |= EPOLLOUT;
    if (events != conn->events) {
        struct epoll_event event = {.events = events, .data.ptr = conn};
        if (epoll_ctl(conn->server->epoll, EPOLL_CTL_MOD, conn->fd, &event) == 0)
            conn->events = events;
    }
}

static void accept_connections(struct sg_ex_server *server, int listener)
{
    for (int i = 0; i < 32; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct sg_ex_conn *conn = server->connection_count < EX_CONNECTIONS_MAX ? calloc(1, sizeof *conn) : NULL;
        SSL *ssl = conn && server->tls && !server->hang ? SSL_new(server->tls) : NULL;
        if (!conn || (server->tls && !server->hang && (!ssl || SSL_set_fd(ssl, fd) != 1))) {
            SSL_free(ssl);
            free(conn);
            close(fd);
            continue;
        }
        const int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        conn->server = server;
        conn->fd = fd;
        conn->ssl = ssl;
        conn->number = ++server->accepted;
        conn->state = server->hang ? EX_CONN_HUNG : ssl ? EX_CONN_TLS : EX_CONN_HTTP;
        conn->opened_us = conn->progress_us = conn->allowance_us = server->now_us;
        conn->deadline_us = server->hang ? 0 : server->now_us + HANDSHAKE_US;
        sg_buffer_init(&conn->in, EX_REQUEST_MAX + EX_INBOUND_MESSAGE_MAX);
        sg_buffer_init(&conn->out, EX_OUT_MAX);
        sg_buffer_init(&conn->message, EX_INBOUND_MESSAGE_MAX);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
        conn->events = EPOLLIN;
        conn->next = server->connections;
        server->connections = conn;
        server->connection_count++;
        if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
            conn->state = EX_CONN_DEAD;
    }
}

/* Bytes read; 0: the peer ended; -1: nothing now; -2: broken. */
static ssize_t receive(struct sg_ex_conn *conn, char *bytes, size_t size)
{
    if (!conn->ssl) {
        ssize_t n = recv(conn->fd, bytes, size, 0);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? -1 : -2;
        return n;
    }
    ERR_clear_error();
    size_t got = 0;
    if (SSL_read_ex(conn->ssl, bytes, size, &got) == 1)
        return (ssize_t)got;
    switch (SSL_get_error(conn->ssl, 0)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: return -2;
    }
}

static void read_connection(struct sg_ex_conn *conn)
{
    char bytes[16384];
    for (size_t total = 0; total < READ_PER_TURN && conn->state != EX_CONN_DEAD;) {
        ssize_t n = receive(conn, bytes, sizeof bytes);
        if (n == -1)
            return;
        if (n == -2) {
            conn->state = EX_CONN_DEAD;
            return;
        }
        if (n == 0) {
            conn->peer_closed = true;
            if (conn->state == EX_CONN_DRAIN && sg_ex_conn_queued(conn) > 0)
                return;
            conn->state = EX_CONN_DEAD;
            return;
        }
        total += (size_t)n;
        if (conn->state == EX_CONN_DRAIN || conn->state == EX_CONN_HUNG)
            continue;
        if (sg_buffer_append(&conn->in, bytes, (size_t)n) != SG_OK) {
            conn->state = EX_CONN_DEAD;
            return;
        }
        if (conn->state == EX_CONN_HTTP)
            sg_ex_conn_consume_http(conn);
        if (conn->state == EX_CONN_WS)
            sg_ex_conn_consume_frames(conn);
    }
}

static void serve(struct sg_ex_conn *conn, uint32_t events)
{
    if (conn->state == EX_CONN_DEAD || conn->frozen)
        return;
    if (conn->state == EX_CONN_TLS) {
        ERR_clear_error();
        int r = SSL_accept(conn->ssl);
        if (r == 1) {
            conn->state = EX_CONN_HTTP;
        } else {
            int why = SSL_get_error(conn->ssl, r);
            if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
                conn->state = EX_CONN_DEAD;
            return;
        }
    }
    if (events & EPOLLOUT)
        sg_ex_conn_flush(conn);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_connection(conn);
}

static void run_timers(struct sg_ex_server *server)
{
    const int64_t hurry = server->hurry ? server->hurry : 1;
    for (struct sg_ex_conn *conn = server->connections; conn; conn = conn->next) {
        if (conn->state == EX_CONN_DEAD)
            continue;
        if (conn->deadline_us && server->now_us >= conn->deadline_us) {
            conn->state = EX_CONN_DEAD;
            continue;
        }
        if (conn->bytes_per_s)
            sg_ex_conn_flush(conn);
        if (conn->state != EX_CONN_WS || conn->frozen || conn->no_ping)
            continue;
        if (conn->ping_sent_us && server->now_us - conn->ping_sent_us > PONG_WITHIN_US / hurry) {
            sg_ex_conn_close(conn, 1008, "Pong timeout");
        } else if (server->now_us >= conn->next_ping_us) {
            char stamp[24];
            /* The payload that the exchange expects back is a time in milliseconds. */
            struct sg_buffer text;
            sg_buffer_init(&text, sizeof stamp);
            sg_buffer_append_int64(&text, sg_clock_wall(sg_clock_system()) / SG_US_PER_MS);
            sg_ex_conn_send_frame(conn, 0x80 | EX_OP_PING, text.data, text.length);
            sg_buffer_free(&text);
            if (!conn->ping_sent_us)
                conn->ping_sent_us = server->now_us;
            conn->next_ping_us = server->now_us + PING_EVERY_US / hurry;
        }
    }
}

static void cork(const struct sg_ex_server *server, int on)
{
    for (const struct sg_ex_conn *conn = server->connections; conn; conn = conn->next)
        if (conn->corked && conn->state == EX_CONN_WS)
            (void)setsockopt(conn->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

void sg_ex_server_run(struct sg_ex_server *server)
{
    const struct sg_clock *clock = sg_clock_system();
    int64_t next_timer = 0;
    server->now_us = sg_clock_mono(clock);
    while (!atomic_load(&server->stop)) {
        int64_t due = server->now_us + SG_US_PER_S;
        if (server->handlers.on_turn) {
            cork(server, 1);
            int64_t wanted = server->handlers.on_turn(server->handlers.context, server->now_us);
            cork(server, 0);
            due = wanted < due ? wanted : due;
        }
        if (server->now_us >= next_timer) {
            run_timers(server);
            next_timer = server->now_us + TIMER_US;
        }
        for (struct sg_ex_conn *conn = server->connections; conn; conn = conn->next) {
            if (conn->state == EX_CONN_DRAIN && !conn->deadline_us)
                conn->deadline_us = server->now_us + DRAIN_US;
            watch(conn);
        }
        sweep(server, false);
        if (server->connections && next_timer < due)
            due = next_timer;

        const int64_t wait = due - sg_clock_mono(clock);
        struct epoll_event events[64];
        int count = epoll_wait(server->epoll, events, 64, wait <= 0 ? 0 : (int)((wait + 999) / 1000));
        server->now_us = sg_clock_mono(clock);
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (what == &server->listeners[0])
                accept_connections(server, server->listeners[0]);
            else if (what == &server->listeners[1])
                accept_connections(server, server->listeners[1]);
            else if (what != &server->wake)
                serve(what, events[i].events);
        }
    }
}
