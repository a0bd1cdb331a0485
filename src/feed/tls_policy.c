/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom we trust. */
#include "tls_policy_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

/* Where Debian and its relatives, then others, keep the bundle of the system's roots. */
static const char *const system_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

static bool holds_certificate(const char *path, int *ret_errno)
{
    *ret_errno = 0;
    FILE *file = fopen(path, "re");
    if (!file) {
        *ret_errno = errno;
        return false;
    }
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    ERR_clear_error();
    bool found = certificate != NULL;
    X509_free(certificate);
    return found;
}

enum sg_status sg_tls_roots(const char *given, const char **ret_file, struct sg_error *error)
{
    int reason;
    if (given) {
        if (holds_certificate(given, &reason)) {
            *ret_file = given;
            return SG_OK;
        }
        if (reason)
            return sg_fail(error, SG_ERR_IO, "the CA file %s cannot be read: %s", given, strerror(reason));
        return sg_fail(error, SG_ERR_TLS, "the CA file %s holds no certificate in PEM form", given);
    }
    for (size_t i = 0; i < sizeof system_bundles / sizeof *system_bundles; i++) {
        if (holds_certificate(system_bundles[i], &reason)) {
            *ret_file = system_bundles[i];
            return SG_OK;
        }
    }
    return sg_fail(error, SG_ERR_TLS, "no system store of CA certificates was found (%s); install the package ca-certificates or name a file with --ca-file",
                   system_bundles[0]);
}

void sg_tls_describe(long x509_error, const char *host, char *buffer, size_t size)
{
    switch (x509_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: snprintf(buffer, size, "the certificate of %s has expired (or this machine's clock is wrong)", host); return;
    case X509_V_ERR_CERT_NOT_YET_VALID: snprintf(buffer, size, "the certificate of %s is not valid yet (or this machine's clock is wrong)", host); return;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(buffer, size, "the certificate is for another host, not for %s: a captive portal, or a name server that misleads", host);
        return;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        snprintf(buffer, size, "the certificate of %s is from an unknown CA; --ca-file names one to trust", host);
        return;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        snprintf(buffer, size, "the certificate of %s is self-signed and not trusted; --ca-file names one to trust", host);
        return;
    case X509_V_ERR_CERT_REVOKED: snprintf(buffer, size, "the certificate of %s was revoked", host); return;
    case X509_V_ERR_INVALID_PURPOSE: snprintf(buffer, size, "the certificate of %s is not for servers", host); return;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK: snprintf(buffer, size, "the certificate of %s uses a key or digest that is too weak", host); return;
    default: snprintf(buffer, size, "the certificate of %s was refused: %s", host, X509_verify_cert_error_string(x509_error));
    }
}

bool sg_tls_has_revocations(const char *roots)
{
    FILE *file = fopen(roots, "re");
    X509_CRL *list = file ? PEM_read_X509_CRL(file, NULL, NULL, NULL) : NULL;
    if (file)
        fclose(file);
    ERR_clear_error();
    X509_CRL_free(list);
    return list != NULL;
}

int sg_tls_harden(void *ssl_ctx, const char *roots)
{
    SSL_CTX *context = ssl_ctx;
    SSL_CTX_set_read_ahead(context, 1); /* fewer system calls when records are small */
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return 1;
    if (!roots || !sg_tls_has_revocations(roots))
        return 0;
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP *lookup = store ? X509_STORE_add_lookup(store, X509_LOOKUP_file()) : NULL;
    if (!lookup || X509_load_crl_file(lookup, roots, X509_FILETYPE_PEM) <= 0 || X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) != 1)
        return 1;
    return 0;
}
