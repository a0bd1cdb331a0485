/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where a market is: its own hosts and paths as data, and the reading of URLs that a person gave. Plain values, any thread. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"

struct sg_url {
    bool secure;    /* wss, https */
    bool loopback;  /* localhost, 127.0.0.0/8 or ::1, by the text alone: no lookup */
    char host[128]; /* without brackets */
    int port;
    char path[96]; /* "" or "/…", without a trailing slash */
};

/* `scheme` is "ws" or "http"; its secure form has an "s" more. SG_ERR_INVALID with words: other schemes, no host, a bad port, a user
 * name, a query, characters that do not belong, or no TLS to a host that is not this machine. */
enum sg_status sg_url_parse(const char *text, const char *scheme, struct sg_url *ret_url, struct sg_error *error);

/* The endpoint for streams of that kind. `given` is the person's base URL, or NULL for the market's own. The path ends in "/stream". */
enum sg_status sg_endpoint_stream(enum sg_market market, enum sg_stream stream, const char *given, struct sg_url *ret_url, struct sg_error *error);
/* The REST endpoint; the path ends in the market's API root ("/api/v3"). */
enum sg_status sg_endpoint_rest(enum sg_market market, const char *given, struct sg_url *ret_url, struct sg_error *error);

/* "btcusdt@miniTicker": ASCII letters of the symbol in lower case, others untouched. Returns false when it does not fit. */
bool sg_endpoint_stream_name(const struct sg_instrument *instrument, enum sg_stream stream, char *buffer, size_t size);

/* The proxy that the environment asks for on the way to this host (https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, minus no_proxy), or
 * NULL. Never one for loopback. Spreadglass refuses it with words instead of going around it. */
const char *sg_endpoint_proxy(const struct sg_url *url);
