/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificates_private.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR 3600L
#define DAY (24 * HOUR)

struct certificate_plan {
    const char *common_name;
    const char *alternative_names; /* NULL: none */
    const char *extended_usage;    /* NULL: none */
    bool authority;
    long from, to; /* seconds from now */
    const EVP_MD *digest;
};

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool ok = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

/* A certificate of `key`, signed by `issuer`/`issuer_key` (itself when NULL). NULL on failure. */
static X509 *make_certificate(const struct certificate_plan *plan, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    if (!certificate)
        return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    X509 *by = issuer ? issuer : certificate;
    bool ok = X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) && X509_gmtime_adj(X509_getm_notBefore(certificate), plan->from) &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), plan->to) && X509_set_pubkey(certificate, key) &&
              X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Spreadglass local exchange", -1, -1, 0) &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)plan->common_name, -1, -1, 0) &&
              X509_set_issuer_name(certificate, X509_get_subject_name(by)) &&
              add_extension(certificate, by, NID_basic_constraints, plan->authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
              add_extension(certificate, by, NID_key_usage, plan->authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
              add_extension(certificate, by, NID_subject_key_identifier, "hash") &&
              (!issuer || add_extension(certificate, by, NID_authority_key_identifier, "keyid:always")) &&
              (!plan->extended_usage || add_extension(certificate, by, NID_ext_key_usage, plan->extended_usage)) &&
              (!plan->alternative_names || add_extension(certificate, by, NID_subject_alt_name, plan->alternative_names)) &&
              X509_sign(certificate, issuer_key ? issuer_key : key, plan->digest) > 0;
    if (!ok) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* An empty file that only its owner can read, in the first folder of the list that works. */
static FILE *private_file(const char *what, char path[static 256], struct sg_error *error)
{
    const char *folders[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    int reason = ENOENT;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (!folders[i] || folders[i][0] != '/')
            continue;
        int length = snprintf(path, 256, "%s/spreadglass-%s-XXXXXX.pem", folders[i], what);
        if (length < 0 || length >= 256)
            continue;
        int fd = mkstemps(path, 4);
        if (fd < 0) {
            reason = errno;
            continue;
        }
        FILE *file = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
        if (file)
            return file;
        reason = errno;
        close(fd);
        unlink(path);
    }
    path[0] = '\0';
    sg_fail(error, SG_ERR_IO, "cannot write the %s certificate file to XDG_RUNTIME_DIR, TMPDIR or /tmp: %s", what, strerror(reason));
    return NULL;
}

static enum sg_status write_ca(X509 *ca, struct sg_ex_certificates *ret, struct sg_error *error)
{
    FILE *file = private_file("ca", ret->ca_file, error);
    if (!file)
        return SG_ERR_IO;
    bool ok = PEM_write_X509(file, ca) == 1;
    ok = fclose(file) == 0 && ok;
    return ok ? SG_OK : sg_fail(error, SG_ERR_IO, "cannot write %s: %s", ret->ca_file, strerror(errno));
}

/* A revocation list of `ca` that names `certificate`. */
static enum sg_status write_crl(X509 *ca, EVP_PKEY *ca_key, X509 *certificate, struct sg_ex_certificates *ret, struct sg_error *error)
{
    X509_CRL *list = X509_CRL_new();
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *before = X509_gmtime_adj(NULL, -HOUR);
    ASN1_TIME *after = X509_gmtime_adj(NULL, DAY);
    bool ok = list && entry && before && after && X509_CRL_set_version(list, X509_CRL_VERSION_2) && X509_CRL_set_issuer_name(list, X509_get_subject_name(ca)) &&
              X509_CRL_set1_lastUpdate(list, before) && X509_CRL_set1_nextUpdate(list, after) &&
              X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)) && X509_REVOKED_set_revocationDate(entry, before);
    if (ok && X509_CRL_add0_revoked(list, entry)) {
        entry = NULL; /* the list owns it now */
        ok = X509_CRL_sort(list) && X509_CRL_sign(list, ca_key, EVP_sha256()) > 0;
    } else {
        ok = false;
    }
    enum sg_status status = ok ? SG_OK : sg_fail(error, SG_ERR_TLS, "cannot make the revocation list");
    if (ok) {
        FILE *file = private_file("crl", ret->crl_file, error);
        if (!file) {
            status = SG_ERR_IO;
        } else {
            ok = PEM_write_X509_CRL(file, list) == 1;
            ok = fclose(file) == 0 && ok;
            if (!ok)
                status = sg_fail(error, SG_ERR_IO, "cannot write %s: %s", ret->crl_file, strerror(errno));
        }
    }
    ASN1_TIME_free(before);
    ASN1_TIME_free(after);
    X509_REVOKED_free(entry);
    X509_CRL_free(list);
    return status;
}

static const char here[] = "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1";

static struct certificate_plan leaf_plan(enum sg_ex_certificate kind)
{
    struct certificate_plan plan = {
        .common_name = "localhost", .alternative_names = here, .extended_usage = "serverAuth", .from = -HOUR, .to = 30 * DAY, .digest = EVP_sha256()};
    switch (kind) {
    case EX_CERT_EXPIRED:
        plan.from = -3 * DAY;
        plan.to = -DAY;
        break;
    case EX_CERT_NOT_YET_VALID: plan.from = DAY; break;
    case EX_CERT_WRONG_HOST:
        plan.common_name = "wrong.example";
        plan.alternative_names = "DNS:wrong.example";
        break;
    case EX_CERT_CLIENT_ONLY: plan.extended_usage = "clientAuth"; break;
    case EX_CERT_SHA1: plan.digest = EVP_sha1(); break;
    case EX_CERT_BARE_WILDCARD:
        plan.common_name = "*";
        plan.alternative_names = "DNS:*,DNS:*.localhost";
        break;
    case EX_CERT_CN_ONLY: plan.alternative_names = NULL; break;
    default: break;
    }
    return plan;
}

enum sg_status sg_ex_certificates_make(enum sg_ex_certificate kind, int min_version, int max_version, struct sg_ex_certificates *ret, struct sg_error *error)
{
    const struct certificate_plan ca_plan = {.common_name = "Spreadglass local CA", .authority = true, .from = -HOUR, .to = 30 * DAY, .digest = EVP_sha256()};
    const struct certificate_plan plan = leaf_plan(kind);
    struct certificate_plan stranger = ca_plan;
    stranger.common_name = "A stranger's CA";
    X509 *ca = NULL, *other = NULL, *leaf = NULL;
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *other_key = NULL;
    EVP_PKEY *leaf_key = kind == EX_CERT_RSA_1024 ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
    enum sg_status status = SG_OK;
    *ret = (struct sg_ex_certificates){0};

    if (ca_key && leaf_key)
        ca = make_certificate(&ca_plan, ca_key, NULL, NULL);
    if (ca && (kind == EX_CERT_UNKNOWN_CA || kind == EX_CERT_LEAF_SIGNED)) {
        const struct certificate_plan ordinary = leaf_plan(EX_CERT_GOOD);
        other_key = EVP_EC_gen("P-256");
        if (other_key)
            other = kind == EX_CERT_UNKNOWN_CA ? make_certificate(&stranger, other_key, NULL, NULL) : make_certificate(&ordinary, other_key, ca, ca_key);
        if (other)
            leaf = make_certificate(&plan, leaf_key, other, other_key);
    } else if (ca && kind == EX_CERT_SELF_SIGNED) {
        leaf = make_certificate(&plan, leaf_key, NULL, NULL);
    } else if (ca) {
        leaf = make_certificate(&plan, leaf_key, ca, ca_key);
    }

    SSL_CTX *context = leaf ? SSL_CTX_new(TLS_server_method()) : NULL;
    if (context) {
        /* Weak keys and old versions are there to be refused by the client, so this side has to allow them. */
        if (kind == EX_CERT_RSA_1024 || kind == EX_CERT_SHA1 || (max_version && max_version < TLS1_2_VERSION))
            SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        /* TLS 1.3 tickets sent after the handshake raise SIGPIPE-like resets when the client is already gone; nobody resumes here. */
        SSL_CTX_set_num_tickets(context, 0);
        bool ok = SSL_CTX_set_min_proto_version(context, min_version ? min_version : TLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_max_proto_version(context, max_version) == 1 && SSL_CTX_use_certificate(context, leaf) == 1 &&
                  SSL_CTX_use_PrivateKey(context, leaf_key) == 1;
        if (ok && kind == EX_CERT_LEAF_SIGNED)
            ok = SSL_CTX_add1_chain_cert(context, other) == 1;
        if (!ok) {
            SSL_CTX_free(context);
            context = NULL;
        }
    }
    if (!context) {
        char reason[160];
        ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
        status = sg_fail(error, SG_ERR_TLS, "cannot make the exchange's certificate: %s", reason);
    }
    if (status == SG_OK)
        status = write_ca(ca, ret, error);
    if (status == SG_OK && kind == EX_CERT_REVOKED)
        status = write_crl(ca, ca_key, leaf, ret, error);
    ret->context = context;
    if (status != SG_OK)
        sg_ex_certificates_free(ret);
    X509_free(leaf);
    X509_free(other);
    X509_free(ca);
    EVP_PKEY_free(leaf_key);
    EVP_PKEY_free(other_key);
    EVP_PKEY_free(ca_key);
    ERR_clear_error();
    return status;
}

void sg_ex_certificates_free(struct sg_ex_certificates *certificates)
{
    SSL_CTX_free(certificates->context);
    if (certificates->ca_file[0])
        unlink(certificates->ca_file);
    if (certificates->crl_file[0])
        unlink(certificates->crl_file);
    *certificates = (struct sg_ex_certificates){0};
}
