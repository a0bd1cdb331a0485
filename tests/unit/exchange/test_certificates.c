/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every kind of certificate through a real handshake in memory, judged by OpenSSL's own client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "../../../src/exchange/certificates_private.h"

struct verdict {
    bool accepted;
    long code; /* X509_V_… */
    int version;
};

static struct verdict shake_hands(const struct sg_ex_certificates *certificates, const char *host, const char *crl_file)
{
    struct verdict verdict = {0};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_non_null(context);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION), 1);
    assert_int_equal(SSL_CTX_load_verify_locations(context, certificates->ca_file, NULL), 1);
    if (crl_file) {
        X509_LOOKUP *lookup = X509_STORE_add_lookup(SSL_CTX_get_cert_store(context), X509_LOOKUP_file());
        assert_int_equal(X509_load_crl_file(lookup, crl_file, X509_FILETYPE_PEM), 1);
        X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_CRL_CHECK);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL *client = SSL_new(context), *server = SSL_new(certificates->context);
    BIO *client_side, *server_side;
    assert_int_equal(BIO_new_bio_pair(&client_side, 1 << 16, &server_side, 1 << 16), 1);
    SSL_set_bio(client, client_side, client_side);
    SSL_set_bio(server, server_side, server_side);
    if (strchr(host, ':') || (host[0] >= '0' && host[0] <= '9'))
        assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client), host), 1);
    else
        assert_int_equal(SSL_set1_host(client, host), 1);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    int c = -1, s = -1;
    for (int i = 0; i < 20 && (c != 1 || s != 1); i++) {
        c = SSL_do_handshake(client);
        s = SSL_do_handshake(server);
    }
    verdict.accepted = c == 1 && s == 1;
    verdict.code = SSL_get_verify_result(client);
    verdict.version = SSL_version(client);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
    ERR_clear_error();
    return verdict;
}

static void test_good_certificate(void **state)
{
    (void)state;
    struct sg_ex_certificates made;
    struct sg_error error = {0};
    assert_int_equal(sg_ex_certificates_make(EX_CERT_GOOD, 0, 0, &made, &error), SG_OK);
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::1"};
    for (size_t i = 0; i < 3; i++) {
        const struct verdict verdict = shake_hands(&made, hosts[i], NULL);
        assert_true(verdict.accepted);
        assert_int_equal(verdict.version, TLS1_3_VERSION);
    }
    assert_false(shake_hands(&made, "example.com", NULL).accepted);
    assert_false(shake_hands(&made, "127.0.0.2", NULL).accepted);

    struct stat status;
    assert_int_equal(stat(made.ca_file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    /* No key in the file that clients read. */
    char text[8192];
    FILE *file = fopen(made.ca_file, "r");
    assert_non_null(file);
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    assert_null(strstr(text, "PRIVATE KEY"));
    assert_non_null(strstr(text, "BEGIN CERTIFICATE"));
    char path[256];
    memcpy(path, made.ca_file, sizeof path);
    sg_ex_certificates_free(&made);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_two_runs_differ(void **state)
{
    (void)state;
    struct sg_ex_certificates one, two;
    assert_int_equal(sg_ex_certificates_make(EX_CERT_GOOD, 0, 0, &one, NULL), SG_OK);
    assert_int_equal(sg_ex_certificates_make(EX_CERT_GOOD, 0, 0, &two, NULL), SG_OK);
    struct sg_ex_certificates crossed = one;
    memcpy(crossed.ca_file, two.ca_file, sizeof crossed.ca_file);
    assert_false(shake_hands(&crossed, "localhost", NULL).accepted);
    sg_ex_certificates_free(&one);
    sg_ex_certificates_free(&two);
}

static void test_bad_certificates(void **state)
{
    (void)state;
    static const struct {
        enum sg_ex_certificate kind;
        const char *name;
        long code;
        long other; /* a second code that OpenSSL may give first */
    } rows[] = {
        {EX_CERT_EXPIRED, "expired", X509_V_ERR_CERT_HAS_EXPIRED, 0},
        {EX_CERT_NOT_YET_VALID, "not yet valid", X509_V_ERR_CERT_NOT_YET_VALID, 0},
        {EX_CERT_WRONG_HOST, "wrong host", X509_V_ERR_HOSTNAME_MISMATCH, 0},
        {EX_CERT_UNKNOWN_CA, "unknown CA", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE},
        {EX_CERT_SELF_SIGNED, "self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0},
        {EX_CERT_CLIENT_ONLY, "clients only", X509_V_ERR_INVALID_PURPOSE, 0},
        {EX_CERT_RSA_1024, "RSA 1024", X509_V_ERR_EE_KEY_TOO_SMALL, 0},
        {EX_CERT_SHA1, "SHA-1", X509_V_ERR_CA_MD_TOO_WEAK, 0},
        {EX_CERT_LEAF_SIGNED, "leaf-signed leaf", X509_V_ERR_INVALID_CA, 0},
        {EX_CERT_BARE_WILDCARD, "wildcard", X509_V_ERR_HOSTNAME_MISMATCH, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sg_ex_certificates made;
        struct sg_error error = {0};
        assert_int_equal(sg_ex_certificates_make(rows[i].kind, 0, 0, &made, &error), SG_OK);
        const struct verdict verdict = shake_hands(&made, "localhost", NULL);
        if (verdict.accepted || (verdict.code != rows[i].code && verdict.code != rows[i].other))
            fail_msg("%s: accepted %d, code %ld (%s)", rows[i].name, verdict.accepted, verdict.code, X509_verify_cert_error_string(verdict.code));
        sg_ex_certificates_free(&made);
    }
}

static void test_revoked_and_nameless(void **state)
{
    (void)state;
    struct sg_ex_certificates made;
    assert_int_equal(sg_ex_certificates_make(EX_CERT_REVOKED, 0, 0, &made, NULL), SG_OK);
    assert_true(shake_hands(&made, "localhost", NULL).accepted); /* nobody told the client */
    const struct verdict verdict = shake_hands(&made, "localhost", made.crl_file);
    assert_false(verdict.accepted);
    assert_int_equal(verdict.code, X509_V_ERR_CERT_REVOKED);
    sg_ex_certificates_free(&made);
    /* OpenSSL falls back to the common name: accepted. */
    assert_int_equal(sg_ex_certificates_make(EX_CERT_CN_ONLY, 0, 0, &made, NULL), SG_OK);
    assert_true(shake_hands(&made, "localhost", NULL).accepted);
    sg_ex_certificates_free(&made);
}

static void test_old_versions(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    for (size_t i = 0; i < 2; i++) {
        struct sg_ex_certificates made;
        assert_int_equal(sg_ex_certificates_make(EX_CERT_GOOD, versions[i], versions[i], &made, NULL), SG_OK);
        assert_false(shake_hands(&made, "localhost", NULL).accepted);
        sg_ex_certificates_free(&made);
    }
    struct sg_ex_certificates made;
    assert_int_equal(sg_ex_certificates_make(EX_CERT_GOOD, TLS1_2_VERSION, TLS1_2_VERSION, &made, NULL), SG_OK);
    assert_true(shake_hands(&made, "localhost", NULL).accepted);
    sg_ex_certificates_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_certificate),     cmocka_unit_test(test_two_runs_differ), cmocka_unit_test(test_bad_certificates),
        cmocka_unit_test(test_revoked_and_nameless), cmocka_unit_test(test_old_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
