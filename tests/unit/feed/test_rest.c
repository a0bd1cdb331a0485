/* SPDX-License-Identifier: GPL-3.0-or-later */
/* REST: what is read, and everything that must not be: wrong shapes, wrong order, too much, too slow, cut short, untrusted. */
#include "hostile_harness.h"

#include <pthread.h>

#include "../../../src/feed/governor_private.h"
#include "spreadglass/feed/rest.h"

#define NOW_US INT64_C(1723161600000000)
#define MINUTE (60 * SG_US_PER_S)

static struct hostile server;
static char base_url[96], ca_file[4200];

static struct sg_rest_config begin(const char *variant, const char *cert)
{
    char mode[64];
    sg_governor_forget();
    snprintf(mode, sizeof mode, "rest=%s", variant);
    hostile_start(&server, (const char *const[]){"--cert", cert ? cert : "good", mode, NULL});
    snprintf(base_url, sizeof base_url, "https://localhost:%d", server.port);
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", cert_dir);
    return (struct sg_rest_config){.base_url = base_url, .ca_file = ca_file, .market = SG_MARKET_SPOT, .timeout_us = 30 * SG_US_PER_S};
}

static void test_time(void **state)
{
    (void)state;
    struct sg_rest_config config = begin("", NULL);
    struct sg_rest_reply_info info;
    struct sg_error error = {0};
    int64_t server_us = 0, round_trip = -1;
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, &info, &error), SG_OK);
    assert_in_range(server_us, NOW_US, NOW_US + 20 * SG_US_PER_S); /* as of now, when the first of its two answers was the better one */
    assert_in_range(round_trip, 1, 3000000);
    assert_int_equal(info.http_status, 200);
    assert_int_equal(info.used_weight, -1);
    assert_true(hostile_said(&server, "GET GET /api/v3/time HTTP/1.1", 1000));
    hostile_stop(&server);
}

static void test_symbols(void **state)
{
    (void)state;
    struct sg_rest_config config = begin("", NULL);
    struct sg_instrument wanted[3] = {{.symbol = "BTCUSDT"}, {.symbol = "NOSUCH"}, {.symbol = "ETHUSDT"}};
    struct sg_symbol_info found[3];
    struct sg_error error = {0};
    assert_int_equal(sg_rest_symbols(&config, wanted, 3, found, &error), SG_OK);
    assert_int_equal(found[0].status, SG_SYMBOL_TRADING);
    assert_string_equal(found[0].base, "BTC");
    assert_string_equal(found[0].quote, "USDT");
    assert_true(found[0].tick_size == 0.01);
    assert_int_equal(found[1].status, SG_SYMBOL_UNKNOWN);
    assert_string_equal(found[1].symbol, "NOSUCH");
    assert_int_equal(found[2].status, SG_SYMBOL_BREAK);
    assert_true(found[2].tick_size == 0);
    config.market = SG_MARKET_USDM;
    assert_int_equal(sg_rest_symbols(&config, wanted, 3, found, &error), SG_OK);
    assert_int_equal(found[0].status, SG_SYMBOL_TRADING);
    assert_int_equal(found[1].status, SG_SYMBOL_UNKNOWN);
    assert_true(hostile_said(&server, "/fapi/v1/exchangeInfo", 1000));
    struct sg_symbol_info *all = NULL;
    size_t count = 0;
    config.market = SG_MARKET_SPOT;
    assert_int_equal(sg_rest_all_symbols(&config, &all, &count, &error), SG_OK);
    assert_int_equal(count, 2);
    assert_string_equal(all[0].symbol, "ADAUSDT");
    assert_string_equal(all[1].symbol, "BTCUSDT");
    free(all);
    hostile_stop(&server);
}

static void test_klines_over_pages(void **state)
{
    (void)state;
    static struct sg_bar bars[4000];
    struct sg_rest_config config = begin("quiet", NULL);
    struct sg_error error = {0};
    size_t count = 0;
    assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1M, NOW_US - 2500 * MINUTE, NOW_US + 10 * MINUTE, bars, 4000, &count, &error), SG_OK);
    assert_int_equal(count, 2500); /* the one that had just begun is not there */
    for (size_t i = 0; i < count; i++)
        assert_true(bars[i].time_us == NOW_US - (int64_t)(2500 - i) * MINUTE);
    assert_true(bars[1].open == 100.5);
    assert_true(bars[1].high == 101.5);
    assert_true(bars[1].low == 99.5);
    assert_true(bars[1].close == 100.0);
    assert_true(bars[1].volume == SG_QTY_ONE * 49 / 4);
    assert_int_equal(bars[1].trades, 7);
    assert_int_equal(bars[1].flags, SG_BAR_REPAIRED);
    assert_int_equal(bars[0].flags, SG_BAR_REPAIRED | SG_BAR_FILLED);
    assert_int_equal(hostile_count(&server, "/klines"), 3);
    /* A range that does not begin on the grid; a capacity that is reached; nothing to ask for. */
    assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1M, NOW_US - 5 * MINUTE + 1, NOW_US - MINUTE, bars, 4000, &count, &error), SG_OK);
    assert_int_equal(count, 3);
    assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1S, NOW_US - 5 * MINUTE, NOW_US, bars, 10, &count, &error), SG_OK);
    assert_int_equal(count, 10);
    assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1H, NOW_US + 1, NOW_US + 2, bars, 10, &count, &error), SG_OK);
    assert_int_equal(count, 0);
    assert_int_equal(sg_rest_klines(&config, "", SG_INTERVAL_1H, 0, 5, bars, 10, &count, &error), SG_ERR_INVALID);
    hostile_stop(&server);
}

static void test_klines_with_holes(void **state)
{
    (void)state;
    static struct sg_bar bars[100];
    struct sg_rest_config config = begin("hole", NULL);
    size_t count = 0;
    assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1M, NOW_US - 20 * MINUTE, NOW_US, bars, 100, &count, NULL), SG_OK);
    assert_int_equal(count, 16);
    hostile_stop(&server);
}

static void test_klines_refused(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        enum sg_status status;
        const char *words;
    } rows[] = {
        {"unordered", SG_ERR_PROTOCOL, "out of order"}, {"twice", SG_ERR_PROTOCOL, "out of order"}, {"bad-type", SG_ERR_PROTOCOL, "row 10 "},
        {"bad-price", SG_ERR_PROTOCOL, "row 10 "},      {"bad-range", SG_ERR_PROTOCOL, "row 10 "},  {"bad-time", SG_ERR_PROTOCOL, "row 10 "},
        {"bad-short", SG_ERR_PROTOCOL, "row 10 "},      {"bad-row", SG_ERR_PROTOCOL, "row 10 "},
    };
    static struct sg_bar bars[100];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin(rows[i].variant, NULL);
        size_t count = 77;
        enum sg_status status = sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1M, NOW_US - 20 * MINUTE, NOW_US - 10 * MINUTE, bars, 100, &count, &error);
        if (status != rows[i].status || count != 77 || !strstr(error.text, rows[i].words))
            fail_msg("%s: %s, %s", rows[i].variant, sg_status_name(status), error.text);
        hostile_stop(&server);
    }
}

#define TRADES_US (NOW_US - 100 * SG_US_PER_S) /* of trade 0; one a millisecond, 2,500 of them */

static void test_trades_over_pages(void **state)
{
    (void)state;
    static struct sg_tick trades[3000];
    static const char *const variants[] = {"", "overlap"};
    for (size_t v = 0; v < 2; v++) {
        struct sg_rest_config config = begin(variants[v], NULL);
        struct sg_error error = {0};
        size_t count = 0;
        bool whole = false;
        assert_int_equal(sg_rest_agg_trades(&config, "BTCUSDT", 200, -1, INT64_MAX, trades, 3000, &count, &whole, &error), SG_OK);
        assert_int_equal(count, 2300);
        assert_true(whole);
        for (size_t i = 0; i < count; i++) { /* each once, none left out */
            assert_true(trades[i].aggregate == (int64_t)i + 200);
            assert_true(trades[i].id == 2 * trades[i].aggregate + 1);
            assert_true(trades[i].time_us == TRADES_US + trades[i].aggregate * SG_US_PER_MS);
        }
        assert_true(trades[0].price == 100.5);
        assert_true(trades[0].quantity == 2 * SG_QTY_ONE);
        assert_true(trades[0].trades == 2);
        assert_true(trades[0].kind == SG_TICK_TRADE);
        assert_int_equal(hostile_count(&server, "/api/v3/aggTrades"), 3);
        /* By time: [from, to) and the one behind; the first page by time, the others by id, never both at once. */
        assert_int_equal(
            sg_rest_agg_trades(&config, "BTCUSDT", -1, TRADES_US + 100 * SG_US_PER_MS, TRADES_US + 1900 * SG_US_PER_MS, trades, 3000, &count, &whole, &error),
            SG_OK);
        assert_int_equal(count, v ? 1811 : 1801); /* what comes before the time was asked for by nobody, and does no harm */
        assert_int_equal(trades[count - 1].aggregate, 1900);
        assert_true(whole);
        /* As many as there is room for; nothing to be had; futures. */
        assert_int_equal(sg_rest_agg_trades(&config, "BTCUSDT", 0, -1, INT64_MAX, trades, 1500, &count, &whole, &error), SG_OK);
        assert_int_equal(count, 1500);
        assert_false(whole);
        config.market = SG_MARKET_USDM;
        assert_int_equal(sg_rest_agg_trades(&config, "BTCUSDT", 2500, -1, INT64_MAX, trades, 1500, &count, &whole, &error), SG_OK);
        assert_int_equal(count, 0);
        assert_true(whole);
        assert_true(hostile_said(&server, "/fapi/v1/aggTrades", 1000));
        assert_int_equal(sg_rest_agg_trades(&config, "", 0, -1, 1, trades, 1, &count, &whole, &error), SG_ERR_INVALID);
        assert_int_equal(sg_rest_agg_trades(&config, "BTCUSDT", -1, 5, 4, trades, 1, &count, &whole, &error), SG_ERR_INVALID);
        hostile_stop(&server);
    }
}

static void test_trades_with_holes_and_twins(void **state)
{
    (void)state;
    static struct sg_tick trades[3000];
    static const struct {
        const char *variant;
        size_t count;
    } rows[] = {{"holes", 2500}, {"twins", 2500}};
    for (size_t v = 0; v < sizeof rows / sizeof *rows; v++) {
        struct sg_rest_config config = begin(rows[v].variant, NULL);
        struct sg_error error = {0};
        size_t count = 0, holes = 0;
        bool whole = false;
        assert_int_equal(sg_rest_agg_trades(&config, "BTCUSDT", 0, -1, INT64_MAX, trades, 3000, &count, &whole, &error), SG_OK);
        assert_int_equal(count, rows[v].count);
        for (size_t i = 1; i < count; i++)
            holes += sg_tick_first_id(&trades[i]) != trades[i - 1].id + 1;
        assert_int_equal(holes, 0);
        hostile_stop(&server);
    }
}

static void test_trades_refused(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        const char *words;
    } rows[] = {
        {"bad-type", "row 100 "}, {"bad-price", "row 100 "},         {"bad-range", "row 100 "}, {"bad-time", "row 100 "},
        {"bad-row", "row 100 "},  {"same", "the same trades again"}, {"not-json", "not JSON"},
    };
    static struct sg_tick trades[2000];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin(rows[i].variant, NULL);
        size_t count = 77;
        bool whole = true;
        int64_t from_id = i < 5 ? 2400 : 1000;
        enum sg_status status = sg_rest_agg_trades(&config, "BTCUSDT", from_id, -1, INT64_MAX, trades, 2000, &count, &whole, &error);
        if (status != SG_ERR_PROTOCOL || count != 77 || !strstr(error.text, rows[i].words))
            fail_msg("%s: %s, %s", rows[i].variant, sg_status_name(status), error.text);
        hostile_stop(&server);
    }
}

static void test_answers_refused(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        enum sg_status status;
        const char *words;
    } rows[] = {
        {"not-json", SG_ERR_PROTOCOL, "not JSON"},
        {"trailing", SG_ERR_PROTOCOL, "not JSON"},
        {"empty", SG_ERR_PROTOCOL, "not JSON"},
        {"redirect", SG_ERR_PROTOCOL, "not followed"},
        {"truncated", SG_ERR_PROTOCOL, "incomplete"},
        {"truncated-chunked", SG_ERR_PROTOCOL, "incomplete"},
        {"trickle", SG_ERR_TIMEOUT, "did not answer completely"},
        {"huge", SG_ERR_RANGE, "more than"},
        {"gzip-bomb", SG_ERR_RANGE, "more than"},
        {"451", SG_ERR_REFUSED, "data-api.binance.vision"},
        {"500", SG_ERR_REFUSED, "HTTP 500: Way too much"},
        {"403", SG_ERR_REFUSED, "HTTP 403"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin(rows[i].variant, NULL);
        if (rows[i].status == SG_ERR_TIMEOUT)
            config.timeout_us = 2 * SG_US_PER_S; /* the others wait for the answer, however busy the machine is */
        int64_t server_us = 77, round_trip;
        enum sg_status status = sg_rest_time(&config, &server_us, &round_trip, NULL, &error);
        if (status != rows[i].status || server_us != 77 || !strstr(error.text, rows[i].words))
            fail_msg("%s: %s, %s", rows[i].variant, sg_status_name(status), error.text);
        hostile_stop(&server);
    }
}

/* 429 with and without Retry-After: obeyed by every later call, whoever makes it, without a byte to the exchange. */
static void test_governor(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        int64_t seconds;
    } rows[] = {{"429", 7}, {"418", 7}, {"429-bare", 60}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin(rows[i].variant, NULL);
        struct sg_rest_reply_info info;
        struct sg_bar bars[4];
        int64_t server_us, round_trip;
        size_t count;
        assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, &info, &error), SG_ERR_REFUSED);
        assert_true(info.retry_after_us == rows[i].seconds * SG_US_PER_S);
        assert_int_equal(info.binance_code, i == 0 ? -1003 : 0);
        assert_int_equal(sg_rest_klines(&config, "BTCUSDT", SG_INTERVAL_1M, 0, NOW_US, bars, 4, &count, &error), SG_ERR_REFUSED);
        assert_non_null(strstr(error.text, "told us to wait"));
        assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, &info, &error), SG_ERR_REFUSED);
        assert_in_range(info.retry_after_us, 1, rows[i].seconds * SG_US_PER_S);
        assert_int_equal(hostile_count(&server, "GET GET"), 1);
        hostile_stop(&server);
    }
}

/* 2,000 of a minute's weight are used: little for spot, and nearly all that the futures allow. */
static void test_weight_of_each_market(void **state)
{
    (void)state;
    for (int market = SG_MARKET_SPOT; market <= SG_MARKET_USDM; market++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin("heavy", NULL);
        struct sg_rest_reply_info info = {0};
        int64_t server_us, round_trip;
        config.market = (enum sg_market)market;
        assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, &info, &error), SG_OK);
        assert_int_equal(info.used_weight, 2000);
        /* It asks twice, if it may; a minute that ends just now begins a new account. */
        unsigned asked = hostile_count(&server, "GET GET");
        assert_true(asked == (market == SG_MARKET_SPOT ? 2 : 1) || (market == SG_MARKET_USDM && sg_clock_wall(sg_clock_system()) % MINUTE < 5 * SG_US_PER_S));
        hostile_stop(&server);
    }
}

struct banned_call {
    struct sg_rest_config config;
    struct sg_error error;
    enum sg_status status;
};

static void *ask_klines(void *data)
{
    struct banned_call *call = data;
    struct sg_bar bars[4];
    size_t count;
    call->status = sg_rest_klines(&call->config, "BTCUSDT", SG_INTERVAL_1M, NOW_US - 4 * MINUTE, NOW_US, bars, 4, &count, &call->error);
    return NULL;
}

/* Two requests are out when the ban comes. The other one is answered well, and would go on with the next page: not within the ban. */
static void test_ban_with_two_requests_out(void **state)
{
    (void)state;
    struct banned_call calls[2];
    pthread_t threads[2];
    struct sg_rest_config config = begin("ban-in-flight", NULL);
    for (int i = 0; i < 2; i++) {
        calls[i] = (struct banned_call){.config = config};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_klines, &calls[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    int banned = strstr(calls[0].error.text, "too many requests") ? 0 : 1;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(calls[i].status, SG_ERR_REFUSED);
        assert_non_null(strstr(calls[i].error.text, i == banned ? "too many requests" : "told us to wait (HTTP 418)"));
    }
    ask_klines(&calls[0]);
    assert_int_equal(calls[0].status, SG_ERR_REFUSED);
    assert_int_equal(hostile_count(&server, "GET GET"), 2);
    hostile_stop(&server);
}

/* The head of an answer says that we are to wait; that its body breaks off changes nothing. */
static void test_ban_in_a_broken_answer(void **state)
{
    (void)state;
    struct sg_rest_config config = begin("ban-cut", NULL);
    struct sg_error error = {0};
    int64_t server_us, round_trip;
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_PROTOCOL);
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_REFUSED);
    assert_non_null(strstr(error.text, "told us to wait (HTTP 429)"));
    assert_int_equal(hostile_count(&server, "GET GET"), 1);
    hostile_stop(&server);
}

static void test_certificates(void **state)
{
    (void)state;
    static const struct {
        const char *cert, *words;
    } rows[] = {
        {"expired", "has expired"},     {"not-yet", "not valid yet"},       {"wrong-host", "for another host"}, {"unknown-ca", "unknown CA"},
        {"self-signed", "self-signed"}, {"client-only", "not for servers"}, {"wildcard", "for another host"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_rest_config config = begin("", rows[i].cert);
        int64_t server_us, round_trip;
        if (sg_rest_time(&config, &server_us, &round_trip, NULL, &error) != SG_ERR_TLS || !strstr(error.text, rows[i].words))
            fail_msg("%s: %s, %s", rows[i].cert, sg_status_name(error.status), error.text);
        assert_true(hostile_said(&server, "TLS ", 3000));
        assert_int_equal(hostile_count(&server, "REQUEST"), 0);
        hostile_stop(&server);
    }
}

static void test_unreachable(void **state)
{
    (void)state;
    struct sg_rest_config config = begin("", NULL);
    struct sg_error error = {0};
    int64_t server_us, round_trip;
    atomic_bool cancelled = true;
    config.cancelled = &cancelled;
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_CANCELLED);
    config.cancelled = NULL;
    hostile_stop(&server);
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_NETWORK);
    config.base_url = "https://no-such-host.invalid";
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_NETWORK);
    assert_non_null(strstr(error.text, "no-such-host.invalid"));
    config.base_url = "http://example.com";
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_INVALID);
    config.base_url = base_url;
    config.ca_file = "/nonexistent.pem";
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_IO);
    setenv("https_proxy", "http://proxy.invalid:3128", 1);
    config.base_url = "https://example.com";
    config.ca_file = NULL;
    assert_int_equal(sg_rest_time(&config, &server_us, &round_trip, NULL, &error), SG_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "proxy.invalid"));
    unsetenv("https_proxy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_klines_over_pages),
        cmocka_unit_test(test_klines_with_holes),
        cmocka_unit_test(test_klines_refused),
        cmocka_unit_test(test_trades_over_pages),
        cmocka_unit_test(test_trades_with_holes_and_twins),
        cmocka_unit_test(test_trades_refused),
        cmocka_unit_test(test_answers_refused),
        cmocka_unit_test(test_governor),
        cmocka_unit_test(test_weight_of_each_market),
        cmocka_unit_test(test_ban_with_two_requests_out),
        cmocka_unit_test(test_ban_in_a_broken_answer),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_unreachable),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
