/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not be seen: the exchange's 24 h cut, its announced restarts, a stuck leg beside a healthy one, a machine that slept. And what
 * must be: a symbol that does not exist, one that is halted, two markets side by side. */
#include "hostile_harness.h"

#include "spreadglass/base/decimal.h"
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/recording_reader.h"

#include <stdatomic.h>

static struct hostile server, rest;
static struct client client;
static char rest_url[96];

#define START(which, ...) hostile_start(which, (const char *const[]){__VA_ARGS__, NULL})

static void end(void)
{
    client_stop(&client);
    hostile_stop(&server);
}

/* Trades with consecutive ids over many connections: none missing, none twice, no disconnection. */
static void test_connections_replaced_by_age(void **state)
{
    (void)state;
    START(&server, "ok=0.005");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    config.connection_life_us = 300000;
    client_start(&client, &config);
    UNTIL(&client, 60, client.status.connects >= 6 && client.ticks[0] > 200);
    if (client_events(&client, SG_EVENT_DISCONNECTED))
        client_tell(&client);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    assert_int_equal(client_events(&client, SG_EVENT_CONNECTED), 1);
    assert_int_equal(client_events(&client, SG_EVENT_SUBSCRIBED), 1);
    assert_int_equal(client.id_holes, 0);
    assert_int_equal(client.id_repeats, 0);
    /* The old ones were let go. */
    UNTIL(&client, 10, hostile_count(&server, "CLOSED") + 2 >= hostile_count(&server, "UP"));
    end();
}

/* The next connection is slower than the one before it, then faster: what the old one has delivered beyond it must not come twice. */
static void test_next_connection_is_slower(void **state)
{
    (void)state;
    START(&server, "ok=0.005", "late=0.4", "ok=0.005", "late=0.3", "ok=0.005");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    config.connection_life_us = 300000;
    client_start(&client, &config);
    UNTIL(&client, 60, client.status.connects >= 5);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    assert_int_equal(client.id_holes, 0);
    assert_int_equal(client.id_repeats, 0);
    end();
}

static void test_tickers_replaced_by_age(void **state)
{
    (void)state;
    START(&server, "ok=0.01");
    struct sg_binance_config config = client_config(&client, &server);
    config.connection_life_us = 300000;
    client_start(&client, &config);
    UNTIL(&client, 60, client.status.connects >= 4);
    if (client_events(&client, SG_EVENT_DISCONNECTED))
        client_tell(&client);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    end();
}

/* The announced end: the next connection is up before the old one goes. The server's first connection goes on for 2 s only. */
static void test_server_shutdown(void **state)
{
    (void)state;
    START(&server, "shutdown=2", "ok=0.005");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    client_start(&client, &config);
    UNTIL(&client, 30, client.status.connects == 2 && hostile_said(&server, "CLOSED", 0));
    uint64_t ticks = client.ticks[0];
    UNTIL(&client, 10, client.ticks[0] > ticks + 50);
    if (client_events(&client, SG_EVENT_DISCONNECTED))
        client_tell(&client);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    assert_int_equal(client.id_holes, 0);
    assert_int_equal(client.id_repeats, 0);
    end();
}

/* The next one cannot be opened: the first goes on, and it is tried again. */
static void test_replacement_fails_first(void **state)
{
    (void)state;
    START(&server, "ok=0.01", "http=503 x", "ok=0.01");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    config.connection_life_us = 300000;
    client_start(&client, &config);
    UNTIL(&client, 60, client.status.connects >= 2);
    if (client_events(&client, SG_EVENT_DISCONNECTED))
        client_tell(&client);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    assert_int_equal(client_events(&client, SG_EVENT_RETRY), 0);
    assert_int_equal(client.id_holes, 0);
    end();
}

/* One leg never delivers: the other one loses nothing while the connection is replaced for it. */
static void test_one_leg_stuck(void **state)
{
    (void)state;
    START(&server, "one-leg", "ok=0.01");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    config.first_data_deadline_us = config.silence_deadline_us = 500000;
    client_start(&client, &config);
    UNTIL(&client, 20, client_events(&client, SG_EVENT_STALLED) == 1);
    assert_int_equal(client_event(&client, SG_EVENT_STALLED, 0)->leg, SG_LEG_B);
    assert_int_equal(client.status.state, SG_FEED_STALLED);
    UNTIL(&client, 30, client_events(&client, SG_EVENT_RECOVERED) == 1 && client.status.state == SG_FEED_LIVE);
    assert_int_equal(client.status.connects, 2);
    if (client_events(&client, SG_EVENT_DISCONNECTED))
        client_tell(&client);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 0);
    assert_int_equal(client.id_holes, 0);
    assert_int_equal(client.id_repeats, 0);
    end();
}

static struct sg_binance_config with_rest(const char *variant);

/* A leg falls silent and the exchange says that it has suspended it: that is a record of its own, behind the one that says it is down. */
static void test_silent_leg_is_suspended(void **state)
{
    (void)state;
    struct sg_binance_config config = with_rest("rest=");
    hostile_stop(&server);
    START(&server, "one-leg", "ok=0.01");
    snprintf(client.ws_url, sizeof client.ws_url, "wss://localhost:%d", server.port);
    config.stream = SG_STREAM_TRADE;
    config.first_data_deadline_us = config.silence_deadline_us = 500000;
    client_start(&client, &config);
    UNTIL(&client, 30, client_events(&client, SG_EVENT_MAINTENANCE) == 1);
    const struct sg_feed_event *stalled = client_event(&client, SG_EVENT_STALLED, 0), *why = client_event(&client, SG_EVENT_MAINTENANCE, 0);
    assert_true(stalled);
    assert_true(stalled < why);
    assert_int_equal(why->leg, SG_LEG_B);
    assert_non_null(strstr(why->detail, "BREAK"));
    UNTIL(&client, 30, client_events(&client, SG_EVENT_RECOVERED) == 1);
    end();
    hostile_stop(&rest);
}

/* A clock that can jump, as CLOCK_BOOTTIME does over a suspend. */
static _Atomic int64_t jump_us;

static int64_t jumping_mono(void *context)
{
    (void)context;
    return mono() + atomic_load(&jump_us);
}

static int64_t jumping_wall(void *context)
{
    (void)context;
    return sg_clock_wall(sg_clock_system());
}

static void test_slept(void **state)
{
    (void)state;
    static const struct sg_clock clock = {jumping_mono, jumping_wall, NULL};
    atomic_store(&jump_us, 0);
    START(&server, "ok=0.01");
    struct sg_binance_config config = client_config(&client, &server);
    config.clock = &clock;
    client_start(&client, &config);
    UNTIL(&client, 20, client.ticks[0] > 10);
    int64_t before = client.watermark_us;
    atomic_store(&jump_us, INT64_C(3600) * SG_US_PER_S);
    int64_t jumped = mono();
    UNTIL(&client, 20, client_events(&client, SG_EVENT_SUBSCRIBED) == 2);
    assert_true(mono() - jumped < 2 * SG_US_PER_S);
    assert_int_equal(client_events(&client, SG_EVENT_DISCONNECTED), 1);
    const struct sg_feed_event *gone = client_event(&client, SG_EVENT_DISCONNECTED, 0), *back = client_event(&client, SG_EVENT_CONNECTING, 1);
    assert_non_null(back);
    assert_non_null(strstr(gone->detail, "stood still"));
    /* The hole begins where it began, not where it was noticed. */
    assert_true(gone->recv_us - before < SG_US_PER_S);
    assert_true(back->recv_us - gone->recv_us >= INT64_C(3590) * SG_US_PER_S);
    uint64_t ticks = client.ticks[0];
    UNTIL(&client, 20, client.ticks[0] > ticks + 10);
    end();
}

/* Trades have a patient deadline of a minute; a stream that has spoken many times a second for minutes is not given that long. The clock
 * runs twenty times faster, so that its minutes are short. */
static int64_t fast_start;

static int64_t fast_mono(void *context)
{
    (void)context;
    return fast_start + (mono() - fast_start) * 20;
}

static void test_deadline_learned_from_the_stream(void **state)
{
    (void)state;
    static const struct sg_clock clock = {fast_mono, jumping_wall, NULL};
    fast_start = mono();
    START(&server, "then-silent=5");
    struct sg_binance_config config = client_config(&client, &server);
    config.stream = SG_STREAM_TRADE;
    config.clock = &clock;
    config.first_data_deadline_us = INT64_C(3600) * SG_US_PER_S;
    config.silence_deadline_us = INT64_C(36000) * SG_US_PER_S; /* half an hour of real time: only what was learned can end this test in time */
    client_start(&client, &config);
    UNTIL(&client, 40, client_events(&client, SG_EVENT_STALLED) == 2);
    assert_true(client.ticks[0] > 20);
    client_stop(&client);
    hostile_stop(&server);
}

static struct sg_binance_config with_rest(const char *variant)
{
    START(&server, "ok=0.01");
    START(&rest, variant);
    struct sg_binance_config config = client_config(&client, &server);
    snprintf(rest_url, sizeof rest_url, "https://localhost:%d", rest.port);
    config.rest_url = rest_url;
    config.check_symbols = true;
    return config;
}

static void test_symbols_checked(void **state)
{
    (void)state;
    struct sg_binance_config config = with_rest("rest=");
    client_start(&client, &config);
    UNTIL(&client, 20, client.status.clock_known && client_event(&client, SG_EVENT_ERROR, 0));
    assert_int_equal(client_event(&client, SG_EVENT_ERROR, 0)->leg, SG_LEG_B);
    assert_non_null(strstr(client_event(&client, SG_EVENT_ERROR, 0)->detail, "BREAK"));
    int64_t offset = INT64_C(1723161600000000) - sg_source_now(client.source);
    assert_true(llabs(client.status.clock_offset_us - offset) < 30 * SG_US_PER_S);
    assert_in_range(client.status.clock_uncertainty_us, 1, 10000000);
    UNTIL(&client, 20, client.status.state == SG_FEED_LIVE && client.ticks[0] > 5);
    end();
    hostile_stop(&rest);
}

/* Spot bookTicker carries no time: the exchange is asked, and every answer is a CLOCK event in its place among the records. */
static void test_time_of_a_stream_without_times(void **state)
{
    (void)state;
    struct sg_binance_config config = with_rest("rest=trading");
    config.stream = SG_STREAM_BOOK;
    client_start(&client, &config);
    UNTIL(&client, 20, client_events(&client, SG_EVENT_CLOCK) == 2);
    const struct sg_feed_event *asked = client_event(&client, SG_EVENT_CLOCK, 0),
                               *told = client_event(&client, SG_EVENT_CLOCK, (size_t)(asked - client.events) + 1);
    assert_true(asked == client.events); /* before anything else */
    assert_int_equal(asked->clock_us, SG_CLOCK_AWAITED);
    assert_true(told->clock_us - told->recv_us == client.status.clock_offset_us);
    assert_true(llabs(told->clock_us - INT64_C(1723161600000000)) < 30 * SG_US_PER_S);
    end();
    hostile_stop(&rest);
}

/* The same without anybody who answers: it is waited for ten seconds (here half a second: the clock runs twenty times faster), then said. */
static void test_time_that_cannot_be_had(void **state)
{
    (void)state;
    static const struct sg_clock clock = {fast_mono, jumping_wall, NULL};
    fast_start = mono();
    struct sg_binance_config config = with_rest("rest=500");
    config.stream = SG_STREAM_BOOK;
    config.clock = &clock;
    client_start(&client, &config);
    UNTIL(&client, 20, client_events(&client, SG_EVENT_CLOCK) == 2);
    const struct sg_feed_event *asked = client_event(&client, SG_EVENT_CLOCK, 0),
                               *told = client_event(&client, SG_EVENT_CLOCK, (size_t)(asked - client.events) + 1);
    const struct sg_feed_event *subscribed = client_event(&client, SG_EVENT_SUBSCRIBED, 0);
    assert_int_equal(told->clock_us, SG_CLOCK_UNKNOWN);
    assert_non_null(subscribed);
    assert_true(told->recv_us - subscribed->recv_us >= 9 * SG_US_PER_S);
    size_t said = 0;
    for (size_t i = 0; i < client.event_count; i++)
        said += client.events[i].code == SG_EVENT_ERROR && strstr(client.events[i].detail, "this machine's clock") != NULL;
    assert_int_equal(said, 1);
    assert_int_equal(client_events(&client, SG_EVENT_ERROR), 2); /* and once that the symbols could not be checked, however often it was tried */
    end();
    hostile_stop(&rest);
}

static void test_unknown_symbol(void **state)
{
    (void)state;
    struct sg_binance_config config = with_rest("rest=trading");
    snprintf(config.legs[1].symbol, SG_SYMBOL_BUF, "ETHUSTD");
    client_start(&client, &config);
    UNTIL(&client, 20, client.status.state == SG_FEED_FAILED);
    assert_int_equal(client.status.failure, SG_FAILURE_SYMBOL);
    assert_non_null(strstr(client.status.detail, "ETHUSTD"));
    assert_true(hostile_said(&server, "CLOSED", 10000));
    UNTIL(&client, 5, client_event(&client, SG_EVENT_ERROR, 0));
    assert_non_null(strstr(client_event(&client, SG_EVENT_ERROR, 0)->detail, "ETHUSTD"));
    end();
    hostile_stop(&rest);
}

static void test_rest_unusable(void **state)
{
    (void)state;
    struct sg_binance_config config = with_rest("rest=500");
    client_start(&client, &config);
    UNTIL(&client, 20, client_event(&client, SG_EVENT_ERROR, 0));
    assert_non_null(strstr(client_event(&client, SG_EVENT_ERROR, 0)->detail, "going on without"));
    UNTIL(&client, 20, client.status.state == SG_FEED_LIVE && client.ticks[0] > 5);
    assert_false(client.status.clock_known);
    end();
    hostile_stop(&rest);
}

/* Leg A from spot, leg B from the futures: two connections, each with the path of its market, and one failing alone. */
static void test_two_markets(void **state)
{
    (void)state;
    START(&server, "ok=0.01");
    struct sg_binance_config config = client_config(&client, &server);
    snprintf(config.legs[1].symbol, SG_SYMBOL_BUF, "BTCUSDT");
    config.legs[1].market = SG_MARKET_USDM;
    config.stream = SG_STREAM_TRADE;
    client_start(&client, &config);
    UNTIL(&client, 20, client.ticks[0] > 20 && client.ticks[1] > 20);
    assert_int_equal(client.status.connects, 2);
    assert_int_equal(client_events(&client, SG_EVENT_SUBSCRIBED), 2);
    assert_int_equal(client_event(&client, SG_EVENT_CONNECTING, 0)->leg, SG_LEG_A);
    assert_int_equal(client.status.state, SG_FEED_LIVE);
    assert_int_equal(hostile_count(&server, "PATH /stream\n"), 1);
    assert_int_equal(hostile_count(&server, "PATH /market/stream\n"), 1);
    end();
}

/* Nobody empties the ring: the session goes without, and the recording has every tick, and says how many the session did not have. */
static void test_recording_has_what_the_ring_dropped(void **state)
{
    (void)state;
    START(&server, "ok=0.01");
    struct sg_error error = {0};
    struct sg_recorder_status written = {0};
    struct sg_tick_ring_stats stats;
    char file[300];
    struct sg_binance_config config = client_config(&client, &server);
    struct sg_recorder_config recording = {.file = file, .legs = {config.legs[0], config.legs[1]}, .stream = SG_STREAM_TRADE, .with_history = true};
    snprintf(file, sizeof file, "%s/dropped.ndjson", cert_dir);
    config.stream = SG_STREAM_TRADE;
    config.recorder = sg_recorder_start(&recording, &error);
    assert_non_null(config.recorder);
    struct sg_tick_ring *ring = sg_tick_ring_new(64);
    struct sg_source *source = sg_source_new_binance(&config, ring, &error);
    assert_non_null(source);
    assert_int_equal(sg_source_start(source, &error), SG_OK);
    for (int64_t deadline = mono() + 60 * SG_US_PER_S; written.messages < 400; sg_recorder_status(config.recorder, &written)) {
        assert_true(mono() < deadline);
        nap();
    }
    sg_source_stop(source);
    sg_tick_ring_stats(ring, &stats);
    assert_int_equal(sg_recorder_stop(config.recorder, &error), SG_OK);
    assert_int_equal(stats.pushed, 64);
    uint64_t ticks = 0, told[SG_LEG_COUNT] = {0};
    const char *const files[] = {file};
    struct sg_tick_stream_request request = {.files = files, .file_count = 1, .legs = {config.legs[0], config.legs[1]}, .stream = SG_STREAM_TRADE};
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, &error);
    assert_non_null(stream);
    enum sg_tick_stream_item item;
    struct sg_tick tick;
    struct sg_feed_event event;
    while (stream->next(stream, &item, &tick, &event, &error) == SG_OK) {
        ticks += item == SG_ITEM_TICK;
        if (item == SG_ITEM_EVENT && event.code == SG_EVENT_DROPPED) {
            int64_t count = 0;
            assert_int_equal(sg_decimal_to_int64(event.detail, strcspn(event.detail, " "), 1, INT64_MAX, &count), SG_OK);
            told[event.leg] += (uint64_t)count;
        }
    }
    assert_true(stats.dropped[0] > 0);
    assert_true(stats.dropped[1] > 0);
    assert_true(told[0] == stats.dropped[0]);
    assert_true(told[1] == stats.dropped[1]);
    assert_int_equal(ticks, stats.pushed + stats.dropped[0] + stats.dropped[1]);
    stream->free(stream);
    sg_source_free(source);
    sg_tick_ring_free(ring);
    hostile_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections_replaced_by_age),
        cmocka_unit_test(test_next_connection_is_slower),
        cmocka_unit_test(test_tickers_replaced_by_age),
        cmocka_unit_test(test_server_shutdown),
        cmocka_unit_test(test_replacement_fails_first),
        cmocka_unit_test(test_one_leg_stuck),
        cmocka_unit_test(test_silent_leg_is_suspended),
        cmocka_unit_test(test_slept),
        cmocka_unit_test(test_deadline_learned_from_the_stream),
        cmocka_unit_test(test_symbols_checked),
        cmocka_unit_test(test_time_of_a_stream_without_times),
        cmocka_unit_test(test_time_that_cannot_be_had),
        cmocka_unit_test(test_unknown_symbol),
        cmocka_unit_test(test_rest_unusable),
        cmocka_unit_test(test_two_markets),
        cmocka_unit_test(test_recording_has_what_the_ring_dropped),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
