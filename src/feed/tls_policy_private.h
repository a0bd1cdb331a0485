/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whom we trust: one file of roots (the system's store or --ca-file), TLS 1.2 or later, the host's name always checked. The same
 * file and rules for the WebSocket and for REST; there is no way to switch them off. */
#include <stdbool.h>
#include <stddef.h>
#include "spreadglass/base/status.h"

/* Finds the file of roots and proves that it holds at least one usable certificate: `given`, or the system store's bundle when NULL.
 * Needed because libwebsockets goes on with other roots when the file cannot be read. The result is `given` or static text.
 * SG_ERR_IO or SG_ERR_TLS with words. Any thread. */
enum sg_status sg_tls_roots(const char *given, const char **ret_file, struct sg_error *error);

/* An X509 verification error (X509_V_ERR_…) as a sentence about `host`, with the remedy where there is one. */
void sg_tls_describe(long x509_error, const char *host, char *buffer, size_t size);

/* Does the file of roots also hold revocation lists (BEGIN X509 CRL)? Then every server certificate must be on a list's good side. */
bool sg_tls_has_revocations(const char *roots);

/* Applies the protocol floor, and the revocation lists in `roots`, to an `SSL_CTX *`. Returns 0 on success, as libwebsockets' callback wants it. */
int sg_tls_harden(void *ssl_ctx, const char *roots);
