/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A local exchange on loopback: WebSocket and REST in Binance's protocol over TLS, fed by a seeded market or a recording.
 *
 * One TLS port serves both: GET /ws, /ws/<streams>, /stream?streams=… upgrade; GET /api/v3/… answers. Its certificate is made at
 * start from a CA made at start; the CA's certificate is written to a private temporary file that is removed at stop.
 * Runs on its own thread; start and stop from main. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/recording.h"

struct sg_exchange;

struct sg_exchange_config {
    int port;                              /* 0: any free one */
    uint64_t seed;                         /* of the market; ignored with a recording */
    struct sg_recording *recording;        /* owned by the exchange from here on; NULL: the seeded market */
    double rate;                           /* 1 = real time; market time for the seeded market, pace for a recording */
    bool loop;                             /* start the recording over at its end (shifted on) */
    bool start_on_subscribe;               /* the recording starts with the first subscription (default for recordings) */
    bool plain;                            /* no TLS: ws:// and http:// (loopback only, for benchmarks) */
    const char *const *faults;             /* names; see sg_exchange_fault_names */
    size_t fault_count;
};

struct sg_exchange_info {
    int port;
    char ws_url[96];                       /* wss://localhost:PORT */
    char rest_url[96];                     /* https://localhost:PORT */
    char ca_file[256];
    int64_t shift_us;                      /* added to every time of the recording; valid once it has started; a multiple of 1 s */
};

/* NULL with error: port taken, unknown fault name, … Does everything up to listening before it returns. */
struct sg_exchange *sg_exchange_start(const struct sg_exchange_config *config, struct sg_error *error);
void sg_exchange_stop(struct sg_exchange *exchange);       /* NULL is fine; joins, removes the temporary files */
void sg_exchange_info(struct sg_exchange *exchange, struct sg_exchange_info *ret_info);
/* NULL-terminated array of the fault names and, at the same index, a line on each. */
const char *const *sg_exchange_fault_names(void);
const char *const *sg_exchange_fault_texts(void);
