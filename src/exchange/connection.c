/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How bytes leave a connection: a bounded queue, one TLS record per frame, and the ways to end it. */
#include "server_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COMPACT_AT (128u * 1024)
#define FILLER_PIECE (64u * 1024)
#define FLUSH_MAX (4u << 20)
#define SLOW_BURST_US (200 * SG_US_PER_MS)

void sg_ex_conn_queue_raw(struct sg_ex_conn *conn, const void *bytes, size_t length)
{
    if (conn->state == EX_CONN_DEAD)
        return;
    if (sg_buffer_append(&conn->out, bytes, length) != SG_OK) {
        conn->state = EX_CONN_DEAD; /* a client that takes nothing: the hub stopped feeding it long before */
        return;
    }
    conn->raw_ahead += length;
}

/* Length of the frame that begins at out_offset, head included, as far as it is in the queue. */
static size_t frame_length(const struct sg_ex_conn *conn)
{
    const unsigned char *at = (const unsigned char *)conn->out.data + conn->out_offset;
    const size_t available = sg_ex_conn_queued(conn);
    if (available < 2)
        return available;
    uint64_t payload = at[1] & 0x7f;
    size_t head = 2 + ((at[1] & 0x80) ? 4 : 0);
    if (payload == 126 && available >= 4) {
        payload = (uint64_t)at[2] << 8 | at[3];
        head += 2;
    } else if (payload == 127 && available >= 10) {
        payload = 0;
        for (int i = 2; i < 10; i++)
            payload = payload << 8 | at[i];
        head += 8;
    }
    return payload > available - (head < available ? head : available) ? available : head + (size_t)payload;
}

/* How much to offer in the next write. */
static size_t next_length(struct sg_ex_conn *conn)
{
    if (conn->retry_length)
        return conn->retry_length;
    size_t length = sg_ex_conn_queued(conn);
    if (conn->ssl || conn->split || conn->bytes_per_s) {
        if (conn->raw_ahead) {
            length = conn->raw_ahead;
        } else {
            if (!conn->chunk_left)
                conn->chunk_left = frame_length(conn);
            length = conn->chunk_left < length ? conn->chunk_left : length;
        }
    }
    if (conn->split && length > conn->split)
        length = conn->split;
    if (conn->bytes_per_s && (int64_t)length > conn->allowance)
        length = conn->allowance > 0 ? (size_t)conn->allowance : 0;
    return length;
}

/* Bytes sent; -1: the socket is full; -2: broken. */
static ssize_t transmit(struct sg_ex_conn *conn, const char *bytes, size_t length)
{
    if (!conn->ssl) {
        ssize_t n = send(conn->fd, bytes, length, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? -1 : -2;
        return n;
    }
    ERR_clear_error();
    size_t done = 0;
    if (SSL_write_ex(conn->ssl, bytes, length, &done) == 1) {
        conn->retry_length = 0;
        return (ssize_t)done;
    }
    int why = SSL_get_error(conn->ssl, 0);
    if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ) {
        conn->retry_length = length;
        return -1;
    }
    return -2;
}

static void half_close(struct sg_ex_conn *conn)
{
    if (conn->half_closed)
        return;
    conn->half_closed = true;
    if (conn->ssl) {
        ERR_clear_error();
        SSL_shutdown(conn->ssl);
    }
    shutdown(conn->fd, SHUT_WR);
    if (conn->peer_closed)
        conn->state = EX_CONN_DEAD;
}

/* The next piece of a huge message, so that 70 MB never wait in memory. */
static void refill(struct sg_ex_conn *conn)
{
    char piece[4096];
    memset(piece, 'x', sizeof piece);
    for (size_t made = 0; conn->filler > 0 && made < FILLER_PIECE;) {
        const size_t n = conn->filler < sizeof piece ? (size_t)conn->filler : sizeof piece;
        sg_ex_conn_queue_raw(conn, piece, n);
        conn->filler -= n;
        made += n;
        if (conn->filler == 0)
            sg_ex_conn_queue_raw(conn, "\"}", 2);
    }
}

void sg_ex_conn_flush(struct sg_ex_conn *conn)
{
    if (conn->frozen || conn->state == EX_CONN_TLS || conn->state == EX_CONN_DEAD || conn->state == EX_CONN_HUNG)
        return;
    const int64_t now = conn->server->now_us;
    if (conn->bytes_per_s) {
        const int64_t passed = now - conn->allowance_us < SLOW_BURST_US * 5 ? now - conn->allowance_us : SLOW_BURST_US * 5;
        const int64_t gained = conn->bytes_per_s * passed / SG_US_PER_S;
        if (gained > 0) {
            conn->allowance = conn->allowance + gained < conn->bytes_per_s ? conn->allowance + gained : conn->bytes_per_s;
            conn->allowance_us = now;
        }
    }
    /* A bound, so that one eager reader of an endless message does not keep the loop for itself. */
    for (size_t written = 0; written < FLUSH_MAX;) {
        if (sg_ex_conn_queued(conn) == 0 && conn->filler) {
            sg_buffer_clear(&conn->out);
            conn->out_offset = 0;
            refill(conn);
        }
        if (sg_ex_conn_queued(conn) == 0)
            break;
        const size_t length = next_length(conn);
        if (length == 0)
            return;
        const ssize_t n = transmit(conn, conn->out.data + conn->out_offset, length);
        if (n == -1)
            break;
        if (n == -2) {
            conn->state = EX_CONN_DEAD;
            return;
        }
        const size_t sent = (size_t)n;
        conn->out_offset += sent;
        written += sent;
        conn->progress_us = now;
        conn->allowance -= conn->bytes_per_s ? n : 0;
        const size_t raw = sent < conn->raw_ahead ? sent : conn->raw_ahead;
        conn->raw_ahead -= raw;
        conn->chunk_left = sent - raw < conn->chunk_left ? conn->chunk_left - (sent - raw) : 0;
    }
    if (sg_ex_conn_queued(conn) == 0) {
        sg_buffer_clear(&conn->out);
        conn->out_offset = 0;
        conn->progress_us = now;
        if (conn->state == EX_CONN_DRAIN && !conn->filler)
            half_close(conn);
        else if (conn->server->handlers.on_room)
            conn->server->handlers.on_room(conn->server->handlers.context, conn);
    } else if (conn->out_offset > COMPACT_AT && conn->out_offset > conn->out.length / 2) {
        conn->out.length -= conn->out_offset;
        memmove(conn->out.data, conn->out.data + conn->out_offset, conn->out.length);
        conn->out_offset = 0;
    }
}

void sg_ex_conn_drain(struct sg_ex_conn *conn)
{
    if (conn->state == EX_CONN_DEAD || conn->state == EX_CONN_DRAIN)
        return;
    conn->state = EX_CONN_DRAIN;
    conn->deadline_us = 0; /* the loop sets it */
    sg_ex_conn_flush(conn);
}

void sg_ex_conn_drop(struct sg_ex_conn *conn, bool reset)
{
    if (conn->state == EX_CONN_DEAD)
        return;
    if (reset) {
        const struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    conn->state = EX_CONN_DEAD;
}
