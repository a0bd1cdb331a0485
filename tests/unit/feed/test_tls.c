/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom the connection trusts: the matrix of certificates, and the ways in which the library below would trust more than it should. What
 * is refused is refused before a byte of the request is sent: the server says so. */
#include "hostile_harness.h"

#include <sys/stat.h>

#include "spreadglass/feed/rest.h"

static struct hostile server;
static struct client client;

static void certificate_refused(const char *cert, const char *ca_file, const char *words)
{
    hostile_start(&server, (const char *const[]){"--cert", cert, "ok", NULL});
    struct sg_binance_config config = client_config(&client, &server);
    config.ca_file = ca_file && *ca_file ? ca_file : ca_file ? NULL : client.ca_file;
    client_start(&client, &config);
    UNTIL(&client, 20, client_event(&client, SG_EVENT_RETRY, 0));
    if (client.status.failure != SG_FAILURE_TLS || !strstr(client.status.detail, words) || client_event(&client, SG_EVENT_CONNECTED, 0)) {
        client_tell(&client);
        fail_msg("%s: %s, \"%s\"", cert, sg_feed_failure_name(client.status.failure), client.status.detail);
    }
    client_stop(&client);
    assert_true(hostile_said(&server, "TLS ", 5000));
    assert_int_equal(hostile_count(&server, "REQUEST"), 0);
    hostile_stop(&server);
}

static void certificate_accepted(const char *cert, const char *ca_file, const char *host)
{
    hostile_start(&server, (const char *const[]){"--cert", cert, "ok", NULL});
    struct sg_binance_config config = client_config(&client, &server);
    if (ca_file)
        config.ca_file = ca_file;
    snprintf(client.ws_url, sizeof client.ws_url, "wss://%s:%d", host, server.port);
    client_start(&client, &config);
    UNTIL(&client, 20, client.ticks[0] > 0);
    client_stop(&client);
    hostile_stop(&server);
}

static void test_matrix(void **state)
{
    (void)state;
    static const struct {
        const char *cert, *words;
    } refused[] = {
        {"expired", "has expired"},     {"not-yet", "not valid yet"},       {"wrong-host", "for another host"}, {"unknown-ca", "unknown CA"},
        {"self-signed", "self-signed"}, {"client-only", "not for servers"}, {"rsa-1024", "too weak"},           {"sha1", "too weak"},
        {"leaf-by-leaf", "refused"},    {"wildcard", "for another host"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        certificate_refused(refused[i].cert, NULL, refused[i].words);
    certificate_accepted("good", NULL, "localhost");
    certificate_accepted("good", NULL, "LOCALHOST");
    certificate_accepted("good", NULL, "127.0.0.1");
    certificate_accepted("cn-only", NULL, "localhost"); /* OpenSSL falls back to the common name; the chain is verified all the same */
}

static void test_old_protocols(void **state)
{
    (void)state;
    static const char *const versions[] = {"TLSv1", "TLSv1_1"};
    for (size_t i = 0; i < 2; i++) {
        hostile_start(&server, (const char *const[]){"--tls-max", versions[i], "ok", NULL});
        struct sg_binance_config config = client_config(&client, &server);
        client_start(&client, &config);
        UNTIL(&client, 20, client_event(&client, SG_EVENT_RETRY, 0));
        if (client.status.failure != SG_FAILURE_TLS)
            client_tell(&client);
        assert_int_equal(client.status.failure, SG_FAILURE_TLS);
        assert_non_null(strstr(client.status.detail, "TLS 1.2"));
        client_stop(&client);
        assert_true(hostile_said(&server, "TLS refused", 5000));
        assert_int_equal(hostile_count(&server, "REQUEST"), 0);
        hostile_stop(&server);
    }
    hostile_start(&server, (const char *const[]){"--tls-max", "TLSv1_2", "ok", NULL});
    struct sg_binance_config config = client_config(&client, &server);
    client_start(&client, &config);
    UNTIL(&client, 20, client.ticks[0] > 0);
    client_stop(&client);
    hostile_stop(&server);
}

static void join(const char *name, const char *const *parts)
{
    char path[600], buffer[4096];
    snprintf(path, sizeof path, "%s/%s", cert_dir, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (; *parts; parts++) {
        snprintf(path, sizeof path, "%s/%s", cert_dir, *parts);
        FILE *in = fopen(path, "r");
        assert_non_null(in);
        size_t length;
        while ((length = fread(buffer, 1, sizeof buffer, in)) > 0)
            assert_int_equal(fwrite(buffer, 1, length, out), length);
        fclose(in);
    }
    fclose(out);
}

static void test_revocation_list(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/with-list.pem", cert_dir);
    join("with-list.pem", (const char *const[]){"ca.pem", "crl.pem", NULL});
    certificate_accepted("revoked", NULL, "localhost"); /* nobody told us */
    certificate_refused("revoked", path, "was revoked");
    certificate_accepted("good", path, "localhost");
    hostile_start(&server, (const char *const[]){"--cert", "revoked", "rest=", NULL});
    char url[96];
    int64_t time_us, round_trip;
    struct sg_error error = {0};
    snprintf(url, sizeof url, "https://localhost:%d", server.port);
    struct sg_rest_config config = {.base_url = url, .ca_file = path};
    assert_int_equal(sg_rest_time(&config, &time_us, &round_trip, NULL, &error), SG_ERR_TLS);
    assert_non_null(strstr(error.text, "revoked"));
    assert_int_equal(hostile_count(&server, "REQUEST"), 0);
    hostile_stop(&server);
}

/* A file with several roots: all of them count, not just the first. */
static void test_second_root_of_a_file(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/two.pem", cert_dir);
    join("two.pem", (const char *const[]){"other-ca.pem", "ca.pem", NULL});
    certificate_accepted("good", path, "localhost");
    certificate_accepted("unknown-ca", path, "localhost");
}

/* The system store does not know the test's CA. */
static void test_system_store_only(void **state)
{
    (void)state;
    if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0) {
        print_message("SKIP: no system store\n");
        skip();
    }
    certificate_refused("good", "", "unknown CA");
}

/* OpenSSL's environment: would add the attacker's roots. */
static void test_environment_is_not_trusted(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/other-ca.pem", cert_dir);
    setenv("SSL_CERT_FILE", path, 1);
    setenv("SSL_CERT_DIR", cert_dir, 1);
    setenv("CURL_CA_BUNDLE", path, 1);
    certificate_refused("unknown-ca", NULL, "unknown CA");
    hostile_start(&server, (const char *const[]){"--cert", "unknown-ca", "rest=", NULL});
    char url[96], ca_file[600];
    int64_t time_us, round_trip;
    snprintf(url, sizeof url, "https://localhost:%d", server.port);
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", cert_dir);
    struct sg_rest_config config = {.base_url = url, .ca_file = ca_file};
    assert_int_equal(sg_rest_time(&config, &time_us, &round_trip, NULL, NULL), SG_ERR_TLS);
    assert_int_equal(hostile_count(&server, "REQUEST"), 0);
    hostile_stop(&server);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    unsetenv("CURL_CA_BUNDLE");
}

/* A folder ../share beside the working directory with hashed roots: the library's built-in idea of a place for CAs. */
static void test_folder_beside_is_not_trusted(void **state)
{
    (void)state;
    char path[700], command[1500], before[4096];
    assert_non_null(getcwd(before, sizeof before));
    snprintf(path, sizeof path, "%s/share", cert_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/here", cert_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(command, sizeof command, "cp %s/other-ca.pem %s/share/ && openssl rehash %s/share >/dev/null 2>&1", cert_dir, cert_dir, cert_dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(chdir(path), 0);
    setenv("SG_SOURCE_DIR", source_dir()[0] == '/' ? source_dir() : before, 1);
    certificate_refused("unknown-ca", NULL, "unknown CA");
    assert_int_equal(chdir(before), 0);
}

/* A proxy in the environment: not used by accident for either transport; for a host that is not this machine it is refused in words. */
static void test_proxies(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    certificate_accepted("good", NULL, "localhost");
    unsetenv("http_proxy");
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    certificate_accepted("good", NULL, "localhost");
    hostile_start(&server, (const char *const[]){"ok", NULL});
    struct sg_binance_config config = client_config(&client, &server);
    config.ws_url = "wss://exchange.example";
    client_start(&client, &config);
    UNTIL(&client, 5, client.status.state == SG_FEED_FAILED);
    assert_int_equal(client.status.failure, SG_FAILURE_CONFIG);
    assert_non_null(strstr(client.status.detail, "http://127.0.0.1:1"));
    client_stop(&client);
    hostile_stop(&server);
    unsetenv("https_proxy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_old_protocols),
        cmocka_unit_test(test_revocation_list),
        cmocka_unit_test(test_second_root_of_a_file),
        cmocka_unit_test(test_system_store_only),
        cmocka_unit_test(test_environment_is_not_trusted),
        cmocka_unit_test(test_folder_beside_is_not_trusted),
        cmocka_unit_test(test_proxies),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
