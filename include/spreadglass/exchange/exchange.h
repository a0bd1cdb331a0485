/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A local exchange on loopback: WebSocket and REST in Binance's protocol over TLS, fed by a seeded market or a recording.
 *
 * One TLS port serves both: GET /ws, /ws/<streams>, /stream?streams=… upgrade; GET /api/v3/… answers. Its certificate is made at
 * start from a CA made at start; the CA's certificate is written to a private temporary file that is removed at stop.
 * The seeded market is the same for the same seed from its start on, and so is its past of six years, at every interval; only the stamps go
 * with the clock. It lists eight symbols; all but XRPUSDT and ADAUSDT are cointegrated in pairs between its breaks. With a recording, prices and ids are
 * sent verbatim and only times change; aggregate trades, tickers and klines that it lacks are made from its trades.
 * Runs on its own thread, on loopback only; start and stop from main. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/recording.h"

struct sg_exchange;

struct sg_exchange_config {
    int port;                       /* 0: any free one */
    uint64_t seed;                  /* of the market; ignored with a recording */
    struct sg_recording *recording; /* owned by the exchange from here on; NULL: the seeded market */
    double rate;                    /* 1 = real time; market time for the seeded market (above 0, at most 1000), pace for a recording;
                                            * 0: the recording as fast as every client takes it, without a drop */
    bool loop;                      /* start the recording over at its end: times and ids go on counting */
    bool start_on_subscribe;        /* the recording starts with the first subscription (default for recordings) */
    bool plain;                     /* no TLS: ws:// and http:// (loopback only, for benchmarks) */
    const char *const *faults;      /* names; see sg_exchange_fault_names */
    size_t fault_count;
};

struct sg_exchange_info {
    int port;
    char ws_url[96];   /* wss://localhost:PORT */
    char rest_url[96]; /* https://localhost:PORT */
    char ca_file[256];
    int64_t shift_us;   /* added to every time of the recording; valid once it has started; a multiple of 1 s */
    char crl_file[256]; /* with the fault cert-revoked: the list that a careful client loads; else "" */
};

struct sg_exchange_stats {
    uint64_t clients;              /* WebSockets open now */
    uint64_t subscriptions;        /* streams subscribed to now, over all clients */
    uint64_t published, delivered; /* messages with at least one subscriber; messages handed to a client */
    uint64_t dropped;              /* not handed over because the client's queue was full */
    uint64_t slow_clients;         /* dropped for taking nothing for 10 s with a queue half full */
    uint64_t rate_closed;          /* closed with 1008 for more than 5 messages within a second */
    bool started, ended;           /* the recording */
    char trouble[256];             /* why the recording stopped before its end, or "" */
};

/* NULL with error: port taken, unknown fault name, … Does everything up to listening before it returns. The recording is
 * freed on failure too. A fault is `NAME` or `NAME=VALUE`. */
struct sg_exchange *sg_exchange_start(const struct sg_exchange_config *config, struct sg_error *error);
void sg_exchange_stop(struct sg_exchange *exchange);                                       /* NULL is fine; joins, removes the temporary files */
void sg_exchange_info(struct sg_exchange *exchange, struct sg_exchange_info *ret_info);    /* any thread */
void sg_exchange_stats(struct sg_exchange *exchange, struct sg_exchange_stats *ret_stats); /* any thread */
/* NULL-terminated array of the fault names and, at the same index, a line on each. */
const char *const *sg_exchange_fault_names(void);
const char *const *sg_exchange_fault_texts(void);
