/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The ways in which the exchange can be told to misbehave: `NAME` or `NAME=VALUE`, from one table. */
#include <stdbool.h>
#include <stdint.h>
#include "certificates_private.h"
#include "spreadglass/base/status.h"

enum sg_ex_fault {
    /* certificates and versions */
    EX_FAULT_CERT_EXPIRED,
    EX_FAULT_CERT_NOT_YET_VALID,
    EX_FAULT_CERT_WRONG_HOST,
    EX_FAULT_CERT_UNKNOWN_CA,
    EX_FAULT_CERT_SELF_SIGNED,
    EX_FAULT_CERT_CLIENT_AUTH,
    EX_FAULT_CERT_RSA_1024,
    EX_FAULT_CERT_SHA1,
    EX_FAULT_CERT_LEAF_SIGNED,
    EX_FAULT_CERT_WILDCARD,
    EX_FAULT_CERT_CN_ONLY,
    EX_FAULT_CERT_REVOKED,
    EX_FAULT_TLS10,
    EX_FAULT_TLS11,
    /* before any data */
    EX_FAULT_HANG,
    EX_FAULT_HANG_HTTP,
    EX_FAULT_HTTP,
    EX_FAULT_HTTP_REST,
    EX_FAULT_HTTP_WS,
    EX_FAULT_RETRY_AFTER,
    EX_FAULT_REDIRECT,
    EX_FAULT_BAD_ACCEPT,
    EX_FAULT_EXTENSION,
    EX_FAULT_NO_ACK,
    EX_FAULT_REJECT,
    EX_FAULT_NESTED_ERRORS,
    EX_FAULT_MUTE,
    /* of the connection */
    EX_FAULT_CUT,
    EX_FAULT_SHUTDOWN,
    EX_FAULT_CLOSE_1008,
    EX_FAULT_MID_FRAME_CLOSE,
    EX_FAULT_RST,
    EX_FAULT_HALF_OPEN,
    EX_FAULT_SILENCE,
    EX_FAULT_SLOW,
    EX_FAULT_SPLIT,
    EX_FAULT_FRAGMENT,
    EX_FAULT_HUGE_MESSAGE,
    EX_FAULT_ENDLESS_FRAME,
    EX_FAULT_MASKED,
    EX_FAULT_BINARY,
    EX_FAULT_HALF_OPEN_CUT,
    EX_FAULT_BAD_UTF8,
    EX_FAULT_NO_PING,
    EX_FAULT_HURRY,
    EX_FAULT_QUEUE,
    EX_FAULT_CORK,
    /* of the data */
    EX_FAULT_MALFORMED,
    EX_FAULT_WRONG_TYPES,
    EX_FAULT_BAD_PRICES,
    EX_FAULT_DUPLICATE,
    EX_FAULT_REORDER,
    EX_FAULT_JITTER,
    EX_FAULT_LATE,
    EX_FAULT_ID_HOLE,
    EX_FAULT_TWIN_ID,
    EX_FAULT_ZERO_QUANTITY,
    EX_FAULT_MICROSECONDS,
    EX_FAULT_CLOCK,
    EX_FAULT_UTF8_SYMBOL,
    EX_FAULT_QUIET,
    EX_FAULT_BREAK,
    EX_FAULT_MAINTENANCE,
    EX_FAULT_KLINE_HOLE,
    EX_FAULT_REST_TRUNCATE,
    EX_FAULT_REST_GARBAGE,
    EX_FAULT_REST_LAG,
    EX_FAULT_KLINE_LAG,
    EX_FAULT_REST_HOLES,
    EX_FAULT_NODE_BEHIND,
    /* of the player */
    EX_FAULT_ONLY_FIRST,
    EX_FAULT_CHAOS,
    EX_FAULT_CHAOS_REST,
    EX_FAULT_LOG,
    EX_FAULT_ACCESS,
    EX_FAULT_COUNT
};

struct sg_ex_faults {
    bool on[EX_FAULT_COUNT];
    int64_t value[EX_FAULT_COUNT]; /* microseconds for a time, else the number given or its default */
    char log_file[256], access_file[256];
};

/* SG_ERR_INVALID with `error` naming the fault that is unknown or whose value is out of range. */
enum sg_status sg_ex_faults_parse(const char *const *names, size_t count, struct sg_ex_faults *ret_faults, struct sg_error *error);
/* `chaos-rest`: draws how REST and the market lie, out of the seed. */
void sg_ex_faults_draw_rest(struct sg_ex_faults *faults);
/* What the certificate faults come to; GOOD without one. */
enum sg_ex_certificate sg_ex_faults_certificate(const struct sg_ex_faults *faults);
