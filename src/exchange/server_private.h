/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The transport of the local exchange: loopback listeners, TLS, HTTP/1.1 requests, WebSocket frames, one epoll loop.
 *
 * Why not libwebsockets here: an exchange that is told to misbehave must own every byte it sends (half frames, records of one
 * byte, wrong handshakes), must count the PINGs it receives (libwebsockets answers them unseen), and must not share its
 * mistakes with the client under test. It listens on loopback only.
 *
 * Everything in this header runs on the exchange's thread. */
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/status.h"

#define EX_REQUEST_MAX 32768         /* bytes of a request with its headers: 1,024 streams in the URL fit */
#define EX_INBOUND_MESSAGE_MAX 65536 /* a client's message; a longer one closes with 1009 */
#define EX_OUT_MAX (64u << 20)       /* bytes that may ever wait for one client; the data limit of the hub is far lower */
#define EX_CONNECTIONS_MAX 256

enum sg_ex_conn_state {
    EX_CONN_TLS, /* handshake */
    EX_CONN_HTTP,
    EX_CONN_WS,
    EX_CONN_DRAIN, /* flush, half-close, wait for the peer's end */
    EX_CONN_HUNG,  /* a fault: nothing is read as protocol, nothing is sent */
    EX_CONN_DEAD,  /* swept at the end of the turn */
};

enum sg_ex_opcode { EX_OP_CONTINUATION = 0, EX_OP_TEXT = 1, EX_OP_BINARY = 2, EX_OP_CLOSE = 8, EX_OP_PING = 9, EX_OP_PONG = 10 };

struct sg_ex_request {
    char *method, *path, *query; /* NUL-terminated, path percent-decoded, query raw ("" when absent); live during the callback */
    bool upgrade;                /* asks for a WebSocket, and correctly */
    bool keep_alive;
    bool microseconds; /* X-MBX-TIME-UNIT */
    char key[64];      /* Sec-WebSocket-Key */
};

struct sg_ex_server;

struct sg_ex_conn {
    struct sg_ex_server *server;
    struct sg_ex_conn *next;
    void *client;    /* the owner's; it frees it in on_close */
    uint64_t number; /* of the connection, from 1 */
    int answered;    /* HTTP status of the last answer; 0: none yet */
    int fd;
    SSL *ssl; /* NULL: plain */
    enum sg_ex_conn_state state;
    uint32_t events; /* of epoll */

    struct sg_buffer in, out, message;
    size_t out_offset;   /* bytes of `out` already sent */
    size_t raw_ahead;    /* bytes from out_offset on that are not frames (HTTP) */
    size_t chunk_left;   /* of the frame being sent: one frame is one TLS record where it fits */
    size_t retry_length; /* what TLS wants to be offered again */
    bool peer_closed, half_closed, close_sent;
    bool in_message;
    int64_t opened_us, deadline_us;     /* deadline: of the handshake, the request, or the draining; 0 = none */
    int64_t progress_us;                /* when bytes last left, or the queue was last empty */
    int64_t next_ping_us, ping_sent_us; /* ping_sent 0: none outstanding */

    /* How the bytes leave: faults. */
    size_t split;        /* bytes per write; 0 = whole frames */
    int64_t bytes_per_s; /* 0 = unlimited */
    int64_t allowance, allowance_us;
    size_t fragment; /* payload bytes per frame; 0 = whole messages */
    bool masked, frozen, no_ping;
    bool corked;     /* what one turn sends is not sent before its end */
    uint64_t filler; /* payload bytes of a huge message still to be made */
};

struct sg_ex_handlers {
    /* Must answer with sg_ex_conn_respond, or upgrade with sg_ex_conn_accept, or leave the connection hanging. */
    void (*on_request)(void *context, struct sg_ex_conn *conn, const struct sg_ex_request *request);
    void (*on_text)(void *context, struct sg_ex_conn *conn, const char *text, size_t length);
    /* Every PING, PONG and text message (its opcode), before it is handled. */
    void (*on_inbound)(void *context, struct sg_ex_conn *conn, unsigned opcode);
    void (*on_close)(void *context, struct sg_ex_conn *conn);
    void (*on_room)(void *context, struct sg_ex_conn *conn); /* the queue was emptied */
    /* Called each turn; returns when it wants to be called again (monotonic microseconds). */
    int64_t (*on_turn)(void *context, int64_t now_us);
    void *context;
};

struct sg_ex_server {
    int listeners[2]; /* 127.0.0.1 and ::1; -1: none */
    int epoll, wake;
    int port;
    SSL_CTX *tls; /* borrowed; NULL: plain */
    struct sg_ex_handlers handlers;
    struct sg_ex_conn *connections;
    size_t connection_count;
    uint64_t accepted;
    int64_t now_us; /* monotonic, of this turn */
    bool hang;      /* accept, then silence */
    int64_t hurry;  /* divides the time between PINGs and the time for a PONG; 0 counts as 1 */
    atomic_bool stop;
};

/* SG_ERR_NETWORK with `error`: the port is taken. On failure nothing is left open. */
enum sg_status sg_ex_server_open(struct sg_ex_server *server, int port, SSL_CTX *tls, struct sg_error *error);
void sg_ex_server_run(struct sg_ex_server *server);   /* until sg_ex_server_stop */
void sg_ex_server_stop(struct sg_ex_server *server);  /* any thread */
void sg_ex_server_close(struct sg_ex_server *server); /* after the run */

static inline size_t sg_ex_conn_queued(const struct sg_ex_conn *conn)
{
    return conn->out.length - conn->out_offset;
}

/* HTTP. `headers`: further lines, each with its CRLF, or NULL. */
void sg_ex_conn_respond(struct sg_ex_conn *conn, const struct sg_ex_request *request, int status, const char *type, const char *headers, const char *body,
                        size_t length);
/* Ends the HTTP part: 101. `wrong_accept` and `headers` are for faults. */
void sg_ex_conn_accept(struct sg_ex_conn *conn, const struct sg_ex_request *request, bool wrong_accept, const char *headers);

/* WebSocket. The text is sent as one message made of three parts, any of which may be empty. */
void sg_ex_conn_send_text(struct sg_ex_conn *conn, const char *prefix, size_t prefix_length, const char *text, size_t length, const char *suffix,
                          size_t suffix_length);
void sg_ex_conn_send_frame(struct sg_ex_conn *conn, unsigned first_byte, const void *payload, size_t length);
/* Only the head of a frame of `length` bytes, and `given` bytes of its payload: what a cut in mid-message leaves. */
void sg_ex_conn_send_torn(struct sg_ex_conn *conn, uint64_t length, size_t given);
void sg_ex_conn_close(struct sg_ex_conn *conn, unsigned code, const char *reason); /* close frame, flush, half-close */
void sg_ex_conn_drop(struct sg_ex_conn *conn, bool reset);                         /* at once: FIN, or RST */
void sg_ex_conn_drain(struct sg_ex_conn *conn);                                    /* flush, then FIN, no close frame */
void sg_ex_conn_flush(struct sg_ex_conn *conn);

/* Between the files of the transport. */
void sg_ex_conn_consume_http(struct sg_ex_conn *conn);
void sg_ex_conn_consume_frames(struct sg_ex_conn *conn);
void sg_ex_conn_queue_raw(struct sg_ex_conn *conn, const void *bytes, size_t length);
