/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URLs that a person gave, the markets' own, stream names, proxies in the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/feed/endpoint_private.h"

static void test_good_urls(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *path;
        int port;
        bool secure, loopback;
    } rows[] = {
        {"wss://stream.binance.com:9443", "stream.binance.com", "", 9443, true, false},
        {"WSS://x.y/", "x.y", "", 443, true, false},
        {"wss://localhost:1/a/b//", "localhost", "/a/b", 1, true, true},
        {"ws://localhost", "localhost", "", 80, false, true},
        {"ws://127.9.9.9:65535", "127.9.9.9", "", 65535, false, true},
        {"wss://[::1]:99/x", "::1", "/x", 99, true, true},
        {"ws://[::1]", "::1", "", 80, false, true},
        {"wss://[2001:db8::1]", "2001:db8::1", "", 443, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_url url;
        struct sg_error error = {0};
        if (sg_url_parse(rows[i].text, "ws", &url, &error) != SG_OK)
            fail_msg("%s", error.text);
        assert_string_equal(url.host, rows[i].host);
        assert_string_equal(url.path, rows[i].path);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.secure, rows[i].secure);
        assert_int_equal(url.loopback, rows[i].loopback);
    }
}

static void test_bad_urls(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "x",
        "wss:",
        "wss:/host",
        "wss://",
        "wss:///path",
        "wss://:443",
        "https://host",
        "wsss://host",
        "ws://example.com",
        "ws://10.0.0.1",
        "ws://localhost.evil.com",
        "ws://127.0.0.1.evil.com",
        "wss://host:",
        "wss://host:0",
        "wss://host:65536",
        "wss://host:12x",
        "wss://host:-1",
        "wss://host:99999999999999999999",
        "wss://user@host",
        "wss://user:pw@host",
        "wss://host/?streams=x",
        "wss://host/#x",
        "wss://host/ x",
        "wss://host/\r\nX: y",
        "wss://[::1",
        "wss://host.",
        "wss://.host",
        "wss://-host",
        "wss://ho st",
        "wss://h\303\266st",
        "wss://host\\x",
        "wss://host/\"",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_url url = {.port = 77};
        struct sg_error error = {0};
        if (sg_url_parse(rows[i], "ws", &url, &error) != SG_ERR_INVALID || !error.text[0] || url.port != 77)
            fail_msg("accepted: %s", rows[i]);
    }
    char text[400];
    struct sg_url url;
    snprintf(text, sizeof text, "wss://%0200d", 1);
    assert_int_equal(sg_url_parse(text, "ws", &url, NULL), SG_ERR_INVALID);
    snprintf(text, sizeof text, "wss://host/%0200d", 1);
    assert_int_equal(sg_url_parse(text, "ws", &url, NULL), SG_ERR_INVALID);
}

static void test_endpoints(void **state)
{
    (void)state;
    struct sg_url url;
    assert_int_equal(sg_endpoint_stream(SG_MARKET_SPOT, SG_STREAM_TRADE, NULL, &url, NULL), SG_OK);
    assert_string_equal(url.host, "stream.binance.com");
    assert_string_equal(url.path, "/stream");
    assert_int_equal(url.port, 9443);
    assert_int_equal(sg_endpoint_stream(SG_MARKET_USDM, SG_STREAM_TICKER, NULL, &url, NULL), SG_OK);
    assert_string_equal(url.host, "fstream.binance.com");
    assert_string_equal(url.path, "/market/stream");
    assert_int_equal(sg_endpoint_stream(SG_MARKET_USDM, SG_STREAM_BOOK, "wss://localhost:5", &url, NULL), SG_OK);
    assert_string_equal(url.path, "/public/stream");
    assert_int_equal(sg_endpoint_stream(SG_MARKET_USDM, SG_STREAM_BOOK, "wss://localhost:5/own", &url, NULL), SG_OK);
    assert_string_equal(url.path, "/own/stream");
    assert_int_equal(sg_endpoint_stream(SG_MARKET_SPOT, SG_STREAM_BOOK, "wss://localhost:5/stream/", &url, NULL), SG_OK);
    assert_string_equal(url.path, "/stream");
    assert_int_equal(sg_endpoint_stream(SG_MARKET_SPOT, SG_STREAM_BOOK, "wss://localhost:5/ws", &url, NULL), SG_ERR_INVALID);
    assert_int_equal(sg_endpoint_rest(SG_MARKET_SPOT, NULL, &url, NULL), SG_OK);
    assert_string_equal(url.path, "/api/v3");
    assert_int_equal(sg_endpoint_rest(SG_MARKET_USDM, "https://localhost:5", &url, NULL), SG_OK);
    assert_string_equal(url.path, "/fapi/v1");
    assert_int_equal(sg_endpoint_rest(SG_MARKET_SPOT, "http://example.com", &url, NULL), SG_ERR_INVALID);
}

static void test_stream_names(void **state)
{
    (void)state;
    struct sg_instrument instrument = {.symbol = "BTCUSDT"};
    char name[80];
    assert_true(sg_endpoint_stream_name(&instrument, SG_STREAM_TICKER, name, sizeof name));
    assert_string_equal(name, "btcusdt@miniTicker");
    assert_true(sg_endpoint_stream_name(&instrument, SG_STREAM_TRADE, name, sizeof name));
    assert_string_equal(name, "btcusdt@aggTrade");
    assert_true(sg_endpoint_stream_name(&instrument, SG_STREAM_BOOK, name, sizeof name));
    assert_string_equal(name, "btcusdt@bookTicker");
    assert_false(sg_endpoint_stream_name(&instrument, SG_STREAM_BOOK, name, 10));
    snprintf(instrument.symbol, sizeof instrument.symbol, "\345\270\201USDT");
    assert_true(sg_endpoint_stream_name(&instrument, SG_STREAM_BOOK, name, sizeof name));
    assert_string_equal(name, "\345\270\201usdt@bookTicker");
}

static void test_proxy(void **state)
{
    (void)state;
    struct sg_url url = {.host = "stream.binance.com"}, local = {.host = "localhost", .loopback = true};
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "http_proxy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    assert_null(sg_endpoint_proxy(&url));
    setenv("http_proxy", "http://p:1", 1); /* not for secure connections */
    assert_null(sg_endpoint_proxy(&url));
    for (size_t i = 0; i < 4; i++) {
        setenv(names[i], "http://p:3128", 1);
        assert_string_equal(sg_endpoint_proxy(&url), "http://p:3128");
        assert_null(sg_endpoint_proxy(&local));
        unsetenv(names[i]);
    }
    setenv("https_proxy", "", 1);
    assert_null(sg_endpoint_proxy(&url));
    setenv("https_proxy", "http://p:3128", 1);
    static const struct {
        const char *list;
        bool excepted;
    } rows[] = {
        {"*", true},
        {"binance.com", true},
        {".binance.com", true},
        {"a, stream.binance.com ,b", true},
        {"stream.BINANCE.com", true},
        {"nance.com", false},
        {"example.com", false},
        {"", false},
        {",,", false},
        {"xstream.binance.com", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("no_proxy", rows[i].list, 1);
        if ((sg_endpoint_proxy(&url) == NULL) != rows[i].excepted)
            fail_msg("no_proxy=%s", rows[i].list);
    }
    unsetenv("no_proxy");
    unsetenv("https_proxy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_urls),    cmocka_unit_test(test_bad_urls), cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_stream_names), cmocka_unit_test(test_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
