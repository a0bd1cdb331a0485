/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket frames (RFC 6455), the server's side. */
#include "server_private.h"

#include <string.h>

#define CONTROL_MAX 125

static const unsigned char mask_key[4] = {0x37, 0xfa, 0x21, 0x3d};

static size_t write_head(unsigned char *head, unsigned first_byte, uint64_t length, bool masked)
{
    size_t n = 2;
    head[0] = (unsigned char)first_byte;
    if (length < 126) {
        head[1] = (unsigned char)length;
    } else if (length < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(length >> 8);
        head[3] = (unsigned char)length;
        n = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)(length >> (56 - 8 * i));
        n = 10;
    }
    if (masked) {
        head[1] |= 0x80;
        memcpy(head + n, mask_key, sizeof mask_key);
        n += sizeof mask_key;
    }
    return n;
}

static void queue(struct sg_ex_conn *conn, const void *bytes, size_t length)
{
    if (length && sg_buffer_append(&conn->out, bytes, length) != SG_OK)
        conn->state = EX_CONN_DEAD;
}

static void queue_masked(struct sg_ex_conn *conn, const unsigned char *bytes, size_t length)
{
    unsigned char piece[1024];
    for (size_t at = 0; at < length;) {
        const size_t n = length - at < sizeof piece ? length - at : sizeof piece;
        for (size_t i = 0; i < n; i++)
            piece[i] = bytes[at + i] ^ mask_key[(at + i) & 3];
        queue(conn, piece, n);
        at += n;
    }
}

/* Whether something may still be sent as frames: the queue may not be cut in the middle of a huge message. */
static bool open_for_frames(const struct sg_ex_conn *conn)
{
    return conn->state == EX_CONN_WS && !conn->close_sent && !conn->filler && !conn->frozen;
}

void sg_ex_conn_send_frame(struct sg_ex_conn *conn, unsigned first_byte, const void *payload, size_t length)
{
    if (!open_for_frames(conn))
        return;
    unsigned char head[14];
    queue(conn, head, write_head(head, first_byte, length, conn->masked));
    if (conn->masked)
        queue_masked(conn, payload, length);
    else
        queue(conn, payload, length);
    sg_ex_conn_flush(conn);
}

void sg_ex_conn_send_text(struct sg_ex_conn *conn, const char *prefix, size_t prefix_length, const char *text, size_t length, const char *suffix,
                          size_t suffix_length)
{
    if (!open_for_frames(conn))
        return;
    const size_t total = prefix_length + length + suffix_length;
    if (!conn->fragment && !conn->masked) {
        unsigned char head[14];
        queue(conn, head, write_head(head, 0x80 | EX_OP_TEXT, total, false));
        queue(conn, prefix, prefix_length);
        queue(conn, text, length);
        queue(conn, suffix, suffix_length);
        sg_ex_conn_flush(conn);
        return;
    }
    struct sg_buffer whole;
    sg_buffer_init(&whole, EX_OUT_MAX);
    sg_buffer_append(&whole, prefix, prefix_length);
    sg_buffer_append(&whole, text, length);
    sg_buffer_append(&whole, suffix, suffix_length);
    if (!whole.overflowed && whole.data) {
        const size_t step = conn->fragment ? conn->fragment : total;
        for (size_t at = 0; at < total; at += step) {
            const size_t n = total - at < step ? total - at : step;
            const unsigned first = (at + n == total ? 0x80u : 0) | (at == 0 ? EX_OP_TEXT : EX_OP_CONTINUATION);
            sg_ex_conn_send_frame(conn, first, whole.data + at, n);
        }
    }
    sg_buffer_free(&whole);
}

void sg_ex_conn_send_torn(struct sg_ex_conn *conn, uint64_t length, size_t given)
{
    if (!open_for_frames(conn))
        return;
    unsigned char head[14];
    char piece[256];
    memset(piece, ' ', sizeof piece);
    piece[0] = '{';
    queue(conn, head, write_head(head, 0x80 | EX_OP_TEXT, length, false));
    queue(conn, piece, given < sizeof piece ? given : sizeof piece);
    sg_ex_conn_flush(conn);
}

void sg_ex_conn_close(struct sg_ex_conn *conn, unsigned code, const char *reason)
{
    if (conn->state != EX_CONN_WS || conn->close_sent)
        return;
    unsigned char payload[CONTROL_MAX] = {(unsigned char)(code >> 8), (unsigned char)code};
    const size_t length = strlen(reason) < CONTROL_MAX - 2 ? strlen(reason) : CONTROL_MAX - 2;
    memcpy(payload + 2, reason, length);
    sg_ex_conn_send_frame(conn, 0x80 | EX_OP_CLOSE, payload, length + 2);
    conn->close_sent = true;
    sg_ex_conn_drain(conn);
}

static void control_frame(struct sg_ex_conn *conn, unsigned opcode, const unsigned char *payload, size_t length)
{
    const struct sg_ex_handlers *handlers = &conn->server->handlers;
    if (opcode == EX_OP_CLOSE) {
        if (!conn->close_sent) {
            sg_ex_conn_send_frame(conn, 0x80 | EX_OP_CLOSE, payload, length >= 2 ? 2 : 0);
            conn->close_sent = true;
        }
        sg_ex_conn_drain(conn);
        return;
    }
    if (opcode == EX_OP_PING)
        sg_ex_conn_send_frame(conn, 0x80 | EX_OP_PONG, payload, length);
    else
        conn->ping_sent_us = 0;
    if (handlers->on_inbound)
        handlers->on_inbound(handlers->context, conn, opcode);
}

static void data_frame(struct sg_ex_conn *conn, unsigned opcode, bool final, const char *payload, size_t length)
{
    const struct sg_ex_handlers *handlers = &conn->server->handlers;
    if ((opcode == EX_OP_CONTINUATION) != conn->in_message) {
        sg_ex_conn_close(conn, 1002, "Unexpected continuation");
        return;
    }
    if (opcode == EX_OP_BINARY) {
        sg_ex_conn_close(conn, 1003, "Text only");
        return;
    }
    if (sg_buffer_append(&conn->message, payload, length) != SG_OK) {
        sg_ex_conn_close(conn, 1009, "Message too large");
        return;
    }
    conn->in_message = !final;
    if (!final)
        return;
    if (handlers->on_inbound)
        handlers->on_inbound(handlers->context, conn, opcode);
    if (conn->state == EX_CONN_WS && handlers->on_text)
        handlers->on_text(handlers->context, conn, conn->message.length ? conn->message.data : "", conn->message.length);
    sg_buffer_clear(&conn->message);
}

void sg_ex_conn_consume_frames(struct sg_ex_conn *conn)
{
    size_t used = 0;
    while (conn->state == EX_CONN_WS && conn->in.length - used >= 2) {
        unsigned char *at = (unsigned char *)conn->in.data + used;
        const size_t available = conn->in.length - used;
        const bool final = at[0] & 0x80;
        const unsigned opcode = at[0] & 0x0f;
        uint64_t length = at[1] & 0x7f;
        size_t head = 2;
        if ((at[0] & 0x70) || !(at[1] & 0x80) || (opcode > 2 && opcode < 8) || opcode > 10 || (opcode >= 8 && (!final || length > CONTROL_MAX))) {
            sg_ex_conn_close(conn, 1002, "Protocol error");
            break;
        }
        if (length >= 126) {
            const size_t more = length == 126 ? 2 : 8;
            if (available < head + more)
                break;
            length = 0;
            for (size_t i = 0; i < more; i++)
                length = length << 8 | at[head + i];
            head += more;
        }
        if (length > EX_INBOUND_MESSAGE_MAX) {
            sg_ex_conn_close(conn, 1009, "Message too large");
            break;
        }
        if (available < head + 4 + length)
            break;
        const unsigned char *mask = at + head;
        unsigned char *payload = at + head + 4;
        for (size_t i = 0; i < length; i++)
            payload[i] ^= mask[i & 3];
        used += head + 4 + (size_t)length;
        if (opcode >= 8)
            control_frame(conn, opcode, payload, (size_t)length);
        else
            data_frame(conn, opcode, final, (const char *)payload, (size_t)length);
    }
    if (used) {
        conn->in.length -= used;
        memmove(conn->in.data, conn->in.data + used, conn->in.length + 1);
    }
}
