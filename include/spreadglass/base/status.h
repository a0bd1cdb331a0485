/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Status codes and the error record that every room below the engine returns.
 *
 * Functions return `enum sg_status`; SG_OK is zero. Out-parameters (named ret_*) are set on success only. A function
 * that can fail for a reason a person must act on also takes `struct sg_error *error` (may be NULL) and fills it with
 * one line that says what failed, where, and what to do. Nothing in these rooms prints. */
#include <stdarg.h>

enum sg_status {
    SG_OK = 0,
    SG_ERR_NOMEM,   /* the allocator said no, or a ceiling chosen by the owner was reached */
    SG_ERR_INVALID, /* the call is wrong: an argument out of its documented range */
    SG_ERR_PARSE,   /* text or bytes from outside are not what they should be */
    SG_ERR_RANGE,   /* well-formed, but outside of what can be represented or is plausible */
    SG_ERR_NOT_FOUND,
    SG_ERR_EXISTS,
    SG_ERR_IO,      /* file or device; errno is in the text */
    SG_ERR_NETWORK, /* name, route, refusal, reset */
    SG_ERR_TLS,     /* the peer could not be trusted */
    SG_ERR_TIMEOUT,
    SG_ERR_PROTOCOL, /* the peer answered, and the answer makes no sense */
    SG_ERR_REFUSED,  /* the peer understood and said no (HTTP 4xx, Binance error code) */
    SG_ERR_UNSUPPORTED,
    SG_ERR_UNDEFINED, /* a number that does not exist for these data; see sg_reason */
    SG_ERR_CANCELLED,
    SG_ERR_END, /* end of a stream or file: not a failure */
};

struct sg_error {
    enum sg_status status;
    char text[384];
};

/* A short constant name ("parse", "tls"); never NULL. Any thread. */
const char *sg_status_name(enum sg_status status);

/* Fills `error` (when not NULL) and returns `status`, so that a failing function ends in `return sg_fail(...)`.
 * The text is cut at the size of the record, on a UTF-8 boundary. Any thread. */
enum sg_status sg_fail(struct sg_error *error, enum sg_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
