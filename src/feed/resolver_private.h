/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Names to addresses, off the service thread: getaddrinfo blocks for as long as a dead name server likes. When a name has more than
 * one address they are raced (a connection is tried to each, a quarter of a second apart), so that a broken IPv6 costs nothing. */
#include <stdbool.h>
#include <stdint.h>
#include "mailbox_private.h"
#include "spreadglass/feed/source.h"

#define SG_ADDRESS_BUF 64

struct sg_resolution {
    struct sg_job job;
    char host[128];
    int port;
    unsigned tag; /* the caller's: which question this answers */
    /* the result */
    bool resolved;
    char address[SG_ADDRESS_BUF]; /* numeric */
    enum sg_feed_failure failure;
    char detail[200];
};

/* Fills what `run` and `destroy` need; the caller sets `done` and starts it. NULL on lack of memory. */
struct sg_resolution *sg_resolution_new(const char *host, int port, unsigned tag);
