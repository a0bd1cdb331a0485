/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The TLS side of the local exchange: a CA and a server certificate made at start, in memory.
 *
 * Only the CA's certificate touches the disk (0600, a name from mkstemp), because clients need a file to trust. Keys never
 * do. The kinds other than GOOD are what a client must refuse (or, where said, accepts unless told better). */
#include <openssl/ssl.h>
#include "spreadglass/base/status.h"

enum sg_ex_certificate {
    EX_CERT_GOOD,
    EX_CERT_EXPIRED,
    EX_CERT_NOT_YET_VALID,
    EX_CERT_WRONG_HOST,
    EX_CERT_UNKNOWN_CA, /* signed by a CA that is not in the CA file */
    EX_CERT_SELF_SIGNED,
    EX_CERT_CLIENT_ONLY, /* extended key usage clientAuth */
    EX_CERT_RSA_1024,
    EX_CERT_SHA1,
    EX_CERT_LEAF_SIGNED,   /* signed by a certificate that is not a CA */
    EX_CERT_BARE_WILDCARD, /* SAN "*" and "*.localhost" only */
    EX_CERT_CN_ONLY,       /* no SAN: OpenSSL falls back to the common name and accepts "localhost" */
    EX_CERT_REVOKED,       /* accepted unless the client loads the revocation list written beside the CA file */
};

struct sg_ex_certificates {
    SSL_CTX *context;
    char ca_file[256];
    char crl_file[256]; /* only for EX_CERT_REVOKED */
};

/* `min_version`/`max_version`: OpenSSL's TLS1_2_VERSION and so on; 0 for 1.2 and up. SG_ERR_TLS or SG_ERR_IO with `error`;
 * `ret` is then left zeroed. */
enum sg_status sg_ex_certificates_make(enum sg_ex_certificate kind, int min_version, int max_version, struct sg_ex_certificates *ret, struct sg_error *error);
void sg_ex_certificates_free(struct sg_ex_certificates *certificates); /* removes the files; zeroed is fine */
