/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Binance source against a server with bad manners: each case ends in the right failure, in words, and with a retry that works. */
#include "hostile_harness.h"

#include <sys/resource.h>

#include "spreadglass/base/decimal.h"

struct scenario {
    struct hostile server;
    struct client client;
};

static struct scenario now;

static void begin(const struct sg_binance_config *changes, const char *const *arguments)
{
    hostile_start(&now.server, arguments);
    struct sg_binance_config config = client_config(&now.client, &now.server);
    if (changes) {
        config.stream = changes->stream;
        config.first_data_deadline_us = changes->first_data_deadline_us;
        config.silence_deadline_us = changes->silence_deadline_us;
    }
    client_start(&now.client, &config);
}

static void end(void)
{
    client_stop(&now.client);
    hostile_stop(&now.server);
}

#define BEGIN(changes, ...) begin(changes, (const char *const[]){__VA_ARGS__, NULL})

static void test_ok(void **state)
{
    (void)state;
    BEGIN(NULL, "ok");
    UNTIL(&now.client, 20, now.client.ticks[0] > 20 && now.client.ticks[1] > 20);
    assert_int_equal(now.client.status.state, SG_FEED_LIVE);
    assert_int_equal(now.client.status.failure, SG_FAILURE_NONE);
    assert_int_equal(now.client.events[0].code, SG_EVENT_CONNECTING);
    assert_int_equal(now.client.events[1].code, SG_EVENT_CONNECTED);
    assert_int_equal(now.client.events[2].code, SG_EVENT_SUBSCRIBED);
    assert_int_equal(now.client.event_count, 3);
    assert_int_equal(now.client.events[2].leg, -1);
    assert_non_null(strstr(now.client.events[2].detail, "btcusdt@miniTicker, ethusdt@miniTicker"));
    assert_int_equal(now.client.last[0].kind, SG_TICK_TICKER);
    assert_true(now.client.last[0].price == 60000.0);
    assert_true(now.client.last[0].quantity == SG_QTY_ONE * 2001 / 2);
    assert_true(now.client.status.last_data_mono_us[0] > 0);
    assert_true(now.client.status.last_data_mono_us[1] > 0);
    /* One batched request carried both. */
    assert_int_equal(hostile_count(&now.server, "SUBSCRIBE {"), 1);
    assert_non_null(strstr(now.server.log, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@miniTicker\",\"ethusdt@miniTicker\"],\"id\":1}"));
    /* The watermark goes on without ticks and events. */
    int64_t mark = now.client.watermark_us;
    UNTIL(&now.client, 5, now.client.watermark_us > mark + 200000);
    end();
}

static void test_reconnect_on_request(void **state)
{
    (void)state;
    BEGIN(NULL, "ok");
    UNTIL(&now.client, 20, now.client.ticks[1] > 0);
    sg_source_reconnect(now.client.source);
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_SUBSCRIBED) == 2);
    assert_int_equal(client_events(&now.client, SG_EVENT_DISCONNECTED), 1);
    uint64_t ticks = now.client.ticks[0];
    UNTIL(&now.client, 20, now.client.ticks[0] > ticks);
    end();
}

/* Connects, is broken in one way, comes back by itself. */
static void breaks_and_recovers(const char *mode, enum sg_feed_failure failure, const char *words)
{
    BEGIN(NULL, mode, "ok");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    const struct sg_feed_event *retry = client_event(&now.client, SG_EVENT_RETRY, 0);
    if (now.client.status.failure != failure || !strstr(retry->detail, words)) {
        client_tell(&now.client);
        fail_msg("%s: failure %s", mode, sg_feed_failure_name(now.client.status.failure));
    }
    UNTIL(&now.client, 30, now.client.status.state == SG_FEED_LIVE && now.client.ticks[0] > 20);
    /* A reset takes what was under way with it, perhaps the very confirmation of the first subscription. */
    assert_in_range(client_events(&now.client, SG_EVENT_SUBSCRIBED), 1, 2);
    assert_int_equal(client_events(&now.client, SG_EVENT_DISCONNECTED), 1);
    end();
}

static void test_mid_frame(void **state)
{
    (void)state;
    breaks_and_recovers("mid-frame", SG_FAILURE_CLOSED, "lost");
}
static void test_reset(void **state)
{
    (void)state;
    breaks_and_recovers("rst", SG_FAILURE_CLOSED, "lost");
}
static void test_close_1001(void **state)
{
    (void)state;
    breaks_and_recovers("close=1001", SG_FAILURE_CLOSED, "closed the stream");
}
static void test_binary(void **state)
{
    (void)state;
    breaks_and_recovers("binary", SG_FAILURE_PROTOCOL, "binary");
}

/* Fails before a stream is open: the words, the failure, no CONNECTED, and the next attempt works. */
static void fails_then_works(const char *mode, enum sg_feed_failure failure, const char *words, bool wait)
{
    BEGIN(NULL, mode, "ok");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    if (now.client.status.failure != failure || !strstr(now.client.status.detail, words) || client_event(&now.client, SG_EVENT_CONNECTED, 0) ||
        now.client.status.state != SG_FEED_WAITING || now.client.status.attempt != 1) {
        client_tell(&now.client);
        fail_msg("%s: failure %s, attempt %u", mode, sg_feed_failure_name(now.client.status.failure), now.client.status.attempt);
    }
    if (wait) {
        UNTIL(&now.client, 30, now.client.ticks[1] > 0);
        assert_int_equal(client_events(&now.client, SG_EVENT_DISCONNECTED), 0);
    }
    end();
}

static void test_http_503(void **state)
{
    (void)state;
    fails_then_works("http=503 Service Unavailable", SG_FAILURE_HTTP, "HTTP 503", true);
}
static void test_http_403(void **state)
{
    (void)state;
    fails_then_works("http=403 Forbidden", SG_FAILURE_HTTP, "HTTP 403", true);
}
static void test_redirect(void **state)
{
    (void)state;
    fails_then_works("http=302 Found|Location: https://localhost/elsewhere", SG_FAILURE_HTTP, "redirects", true);
}
static void test_200(void **state)
{
    (void)state;
    fails_then_works("http=200 OK", SG_FAILURE_HTTP, "HTTP 200", true);
}
static void test_drop(void **state)
{
    (void)state;
    fails_then_works("drop", SG_FAILURE_CLOSED, "without answering", true);
}
static void test_no_answer(void **state)
{
    (void)state;
    fails_then_works("no-answer", SG_FAILURE_TIMEOUT, "does not answer", true);
}
static void test_silent(void **state)
{
    (void)state;
    fails_then_works("silent", SG_FAILURE_TIMEOUT, "no answer in time", true);
}

static void test_http_451(void **state)
{
    (void)state;
    BEGIN(NULL, "http=451 Unavailable For Legal Reasons");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    assert_int_equal(now.client.status.failure, SG_FAILURE_GEO);
    assert_non_null(strstr(now.client.status.detail, "data-stream.binance.vision"));
    assert_true(now.client.status.retry_at_mono_us - mono() > 500 * SG_US_PER_S);
    end();
}

static void test_http_429(void **state)
{
    (void)state;
    BEGIN(NULL, "http=429 Too Many Requests|Retry-After: 3", "ok");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    assert_int_equal(now.client.status.failure, SG_FAILURE_RATE);
    int64_t wait = now.client.status.retry_at_mono_us - mono();
    assert_in_range(wait, 1000000, 3500000);
    int64_t told = client_event(&now.client, SG_EVENT_RETRY, 0)->recv_us;
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_CONNECTED, 0));
    assert_true(client_event(&now.client, SG_EVENT_CONNECTED, 0)->recv_us - told >= 3 * SG_US_PER_S);
    end();
    BEGIN(NULL, "http=418 I'm a teapot");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    assert_int_equal(now.client.status.failure, SG_FAILURE_RATE);
    assert_true(now.client.status.retry_at_mono_us - mono() > 200 * SG_US_PER_S);
    end();
}

static void test_close_1008(void **state)
{
    (void)state;
    BEGIN(NULL, "close=1008");
    UNTIL(&now.client, 30, client_event(&now.client, SG_EVENT_RETRY, 0));
    assert_int_equal(now.client.status.failure, SG_FAILURE_RATE);
    assert_true(now.client.status.retry_at_mono_us - mono() > 9 * SG_US_PER_S);
    end();
}

static void test_refused(void **state)
{
    (void)state;
    hostile_start(&now.server, (const char *const[]){"ok", NULL});
    struct sg_binance_config config = client_config(&now.client, &now.server);
    hostile_stop(&now.server); /* the port is free now */
    client_start(&now.client, &config);
    UNTIL(&now.client, 30, client_events(&now.client, SG_EVENT_RETRY) >= 2);
    assert_int_equal(now.client.status.failure, SG_FAILURE_REFUSED);
    assert_non_null(strstr(now.client.status.detail, "refused"));
    client_stop(&now.client);
}

static void test_unknown_name(void **state)
{
    (void)state;
    hostile_start(&now.server, (const char *const[]){"ok", NULL});
    struct sg_binance_config config = client_config(&now.client, &now.server);
    config.ws_url = "wss://no-such-host.invalid:9443";
    client_start(&now.client, &config);
    UNTIL(&now.client, 40, client_events(&now.client, SG_EVENT_RETRY) >= 1);
    assert_int_equal(now.client.status.failure, SG_FAILURE_NAME);
    assert_non_null(strstr(now.client.status.detail, "no-such-host.invalid"));
    client_stop(&now.client);
    hostile_stop(&now.server);
}

static long resident_kib(void)
{
    char text[256] = "";
    int64_t resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    const char *second = strchr(text, ' ') + 1;
    assert_int_equal(sg_decimal_to_int64(second, strcspn(second, " "), 1, INT64_MAX / 4096, &resident), SG_OK);
    return (long)resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void too_large(const char *mode)
{
    BEGIN(NULL, mode, "ok");
    long before = resident_kib();
    UNTIL(&now.client, 60, client_event(&now.client, SG_EVENT_RETRY, 0));
    if (now.client.status.failure != SG_FAILURE_TOO_LARGE) {
        client_tell(&now.client);
        fail_msg("%s: failure %s", mode, sg_feed_failure_name(now.client.status.failure));
    }
    const char *sanitize = getenv("SG_SANITIZE"); /* their shadow memory and quarantine are not ours */
    if (!sanitize || !*sanitize)
        assert_true(resident_kib() - before < 20 * 1024);
    UNTIL(&now.client, 30, now.client.status.state == SG_FEED_LIVE);
    end();
}

static void test_70_megabytes(void **state)
{
    (void)state;
    too_large("huge=70");
}
static void test_70_megabytes_in_fragments(void **state)
{
    (void)state;
    too_large("huge-fragments=70");
}
static void test_endless_frame(void **state)
{
    (void)state;
    too_large("endless-header");
}

static void test_fragments(void **state)
{
    (void)state;
    BEGIN((&(struct sg_binance_config){.stream = SG_STREAM_TRADE}), "fragments");
    UNTIL(&now.client, 40, now.client.ticks[0] > 100 && now.client.ticks[1] > 100);
    assert_int_equal(now.client.id_holes, 0);
    assert_int_equal(now.client.id_repeats, 0);
    assert_int_equal(now.client.status.rejected_messages, 0);
    assert_int_equal(client_events(&now.client, SG_EVENT_RETRY), 0);
    end();
}

static void test_malformed_between_good(void **state)
{
    (void)state;
    BEGIN(NULL, "malformed");
    UNTIL(&now.client, 40, now.client.status.rejected_messages >= 20 && now.client.status.rejected_values >= 10 && now.client.status.ignored_messages >= 4);
    assert_true(now.client.ticks[0] > 10);
    assert_true(now.client.ticks[1] > 10);
    assert_int_equal(now.client.status.state, SG_FEED_LIVE);
    assert_int_equal(client_events(&now.client, SG_EVENT_DISCONNECTED), 0);
    /* Said, and not once per message. */
    assert_in_range(client_events(&now.client, SG_EVENT_ERROR), 1, 4);
    end();
}

static void test_acknowledged_and_silent(void **state)
{
    (void)state;
    BEGIN((&(struct sg_binance_config){.first_data_deadline_us = 400000, .silence_deadline_us = 400000}), "silent-ack", "ok");
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_STALLED) == 2);
    assert_int_equal(now.client.status.failure, SG_FAILURE_SILENT);
    assert_true(hostile_said(&now.server, "UNSUBSCRIBE {", 5000));
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_RECOVERED) == 2);
    assert_int_equal(now.client.status.state, SG_FEED_LIVE);
    end();
}

static void test_stalls_later(void **state)
{
    (void)state;
    BEGIN((&(struct sg_binance_config){.first_data_deadline_us = 800000, .silence_deadline_us = 800000}), "then-silent=0.5", "ok");
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_STALLED) == 2);
    assert_true(now.client.ticks[0] > 5);
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_RECOVERED) == 2);
    end();
}

static void test_one_leg_is_renewed(void **state)
{
    (void)state;
    BEGIN((&(struct sg_binance_config){.first_data_deadline_us = 500000, .silence_deadline_us = 5000000}), "one-leg-until-renewed");
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_STALLED) == 1);
    assert_int_equal(client_event(&now.client, SG_EVENT_STALLED, 0)->leg, SG_LEG_B);
    UNTIL(&now.client, 20, client_events(&now.client, SG_EVENT_RECOVERED) == 1);
    assert_int_equal(client_event(&now.client, SG_EVENT_RECOVERED, 0)->leg, SG_LEG_B);
    assert_int_equal(now.client.status.state, SG_FEED_LIVE);
    assert_int_equal(client_events(&now.client, SG_EVENT_DISCONNECTED), 0);
    end();
}

static void test_no_acknowledgement_but_data(void **state)
{
    (void)state;
    BEGIN(NULL, "no-ack-data");
    UNTIL(&now.client, 30, now.client.status.state == SG_FEED_LIVE);
    assert_int_equal(client_events(&now.client, SG_EVENT_SUBSCRIBED), 1);
    end();
}

static void refusal(const char *mode, const char *words)
{
    BEGIN(NULL, mode);
    UNTIL(&now.client, 20, client_event(&now.client, SG_EVENT_ERROR, 0));
    assert_non_null(strstr(client_event(&now.client, SG_EVENT_ERROR, 0)->detail, words));
    assert_true(now.client.status.server_errors >= 1);
    assert_int_equal(client_events(&now.client, SG_EVENT_SUBSCRIBED), 0);
    end();
}

static void test_refusals(void **state)
{
    (void)state;
    refusal("refuse-flat", "invalid stream");
    refusal("refuse-nested", "Too many subscriptions");
}

/* Stop at any moment: in the lookup, in TCP, in TLS, in the upgrade, in the subscription, in full flow, while waiting. client_stop checks the 2 s. */
static void test_stop_at_any_moment(void **state)
{
    (void)state;
    static const char *const modes[] = {"ok", "silent", "no-answer", "no-ack", "http=503 x"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        for (int delay_ms = 0; delay_ms <= 60; delay_ms = delay_ms * 2 + 1) {
            BEGIN(NULL, modes[i]);
            int64_t until = mono() + delay_ms * 1000;
            while (mono() < until)
                nap();
            end();
        }
    }
    hostile_start(&now.server, (const char *const[]){"ok", NULL});
    struct sg_binance_config config = client_config(&now.client, &now.server);
    config.ws_url = "wss://no-such-host.invalid";
    client_start(&now.client, &config);
    client_stop(&now.client);
    hostile_stop(&now.server);
}

static void test_stop_and_start_again(void **state)
{
    (void)state;
    BEGIN(NULL, "ok");
    for (int round = 0; round < 3; round++) {
        uint64_t ticks = now.client.ticks[0];
        UNTIL(&now.client, 20, now.client.ticks[0] > ticks);
        sg_source_stop(now.client.source);
        client_drain(&now.client);
        assert_int_equal(now.client.status.state, SG_FEED_STOPPED);
        assert_int_equal(sg_source_start(now.client.source, NULL), SG_OK);
        assert_int_equal(sg_source_start(now.client.source, NULL), SG_ERR_INVALID);
    }
    end();
}

static void test_configuration_refused(void **state)
{
    (void)state;
    static const struct {
        const char *ws, *rest, *ca, *words;
    } rows[] = {
        {"ws://stream.binance.com", NULL, NULL, "without TLS"},
        {"http://x", NULL, NULL, "must begin with wss://"},
        {"wss://", NULL, NULL, "host"},
        {"wss://localhost:0", NULL, NULL, "port"},
        {"wss://localhost:99999", NULL, NULL, "port"},
        {"wss://user@host", NULL, NULL, "not expected"},
        {"wss://host.", NULL, NULL, "certificate can be checked"},
        {NULL, "http://example.com", NULL, "without TLS"},
        {NULL, NULL, "/nonexistent/ca.pem", "/nonexistent/ca.pem"},
        {NULL, NULL, "/dev/null", "no certificate"},
    };
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sg_error error = {0};
        struct sg_binance_config config = {.ws_url = rows[i].ws, .rest_url = rows[i].rest, .ca_file = rows[i].ca};
        snprintf(config.legs[0].symbol, SG_SYMBOL_BUF, "BTCUSDT");
        snprintf(config.legs[1].symbol, SG_SYMBOL_BUF, "ETHUSDT");
        if (sg_source_new_binance(&config, ring, &error) || !strstr(error.text, rows[i].words))
            fail_msg("row %zu: \"%s\"", i, error.text);
    }
    sg_tick_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ok),
        cmocka_unit_test(test_reconnect_on_request),
        cmocka_unit_test(test_mid_frame),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_close_1001),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_http_503),
        cmocka_unit_test(test_http_403),
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_200),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_http_451),
        cmocka_unit_test(test_http_429),
        cmocka_unit_test(test_close_1008),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unknown_name),
        cmocka_unit_test(test_70_megabytes),
        cmocka_unit_test(test_70_megabytes_in_fragments),
        cmocka_unit_test(test_endless_frame),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_malformed_between_good),
        cmocka_unit_test(test_acknowledged_and_silent),
        cmocka_unit_test(test_stalls_later),
        cmocka_unit_test(test_one_leg_is_renewed),
        cmocka_unit_test(test_no_acknowledgement_but_data),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stop_at_any_moment),
        cmocka_unit_test(test_stop_and_start_again),
        cmocka_unit_test(test_configuration_refused),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
