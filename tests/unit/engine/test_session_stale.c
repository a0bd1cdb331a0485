/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard against a leg that no longer trades, end to end: the exchange lets one stream of a standing connection go silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "spreadglass/engine/pair_view.h"
#include "spreadglass/engine/session.h"
#include "spreadglass/exchange/exchange.h"
#include "main_loop.h"
#include "open_sessions.h"

#define LIMIT_US (3 * G_USEC_PER_SEC)

struct watcher {
    guint fresh, stale, raised, raised_stale, cleared;
};

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watcher *watcher)
{
    (void)session;
    bool stale = bar->row.flags & SG_ROW_STALE;
    bool old = bar->age_us[SG_LEG_A] > LIMIT_US || bar->age_us[SG_LEG_B] > LIMIT_US;
    assert_int_equal(stale, old); /* the flag is the age, and nothing else */
    watcher->stale += stale;
    watcher->fresh += !stale;
    if (!stale)
        return;
    assert_true(bar->age_us[SG_LEG_A] > LIMIT_US);
    assert_true(bar->age_us[SG_LEG_B] <= LIMIT_US);
    assert_true(bar->legs[SG_LEG_A].flags & SG_BAR_FILLED);
    assert_int_equal(bar->result.signal, SG_SIGNAL_NONE);
    assert_int_equal(bar->row.flags & (SG_ROW_OVERBOUGHT | SG_ROW_OVERSOLD | SG_ROW_ALERT_RAISED), 0);
}

static void event_cb(SgSession *session, const SgSessionEvent *event, struct watcher *watcher)
{
    (void)session;
    watcher->raised += event->code == SG_EVENT_ALERT_RAISED;
    watcher->raised_stale += event->code == SG_EVENT_ALERT_RAISED && watcher->stale > 0;
    watcher->cleared += event->code == SG_EVENT_ALERT_CLEARED;
}

static void test_one_leg_goes_silent(void **state)
{
    (void)state;
    struct sg_error error = {0};
    static const char *const faults[] = {"silence=4"};
    struct sg_exchange *exchange = sg_exchange_start(&(struct sg_exchange_config){.seed = 1, .rate = 1.0, .faults = faults, .fault_count = 1}, &error);
    if (!exchange)
        fail_msg("%s", error.text);
    struct sg_exchange_info info;
    sg_exchange_info(exchange, &info);
    struct sg_session_config config = {.source = SG_SOURCE_BINANCE,
                                       .stream = SG_STREAM_TRADE,
                                       .interval = SG_INTERVAL_1S,
                                       .ws_url = info.ws_url,
                                       .rest_url = info.rest_url,
                                       .ca_file = info.ca_file,
                                       .demo = TRUE,
                                       .backfill = TRUE,
                                       .stale_after_us = LIMIT_US};
    assert_int_equal(sg_pair_parse("BTCUSDT/ETHUSDT", SG_MARKET_SPOT, config.legs, NULL), SG_OK);
    sg_pair_params_default(&config.params);
    config.params.window = 20;
    config.params.entry = config.params.exit = 0.01; /* next to every bar would raise an alert */
    GError *problem = NULL;
    SgSession *session = open_session(sg_session_new(&config, &problem));
    if (!session)
        fail_msg("%s", problem->message);
    struct watcher watcher = {0};
    g_signal_connect(session, "bar", G_CALLBACK(bar_cb), &watcher);
    g_signal_connect(session, "event", G_CALLBACK(event_cb), &watcher);
    assert_true(sg_session_start(session, NULL));
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    ITERATE_UNTIL(snapshot->alert.side != SG_SIGNAL_NONE);
    assert_int_equal(watcher.stale, 0);
    assert_int_equal(snapshot->stale_after_us, LIMIT_US);

    ITERATE_UNTIL(watcher.stale >= 4);
    ITERATE_UNTIL(snapshot->history->flags[snapshot->history->length - 1] & SG_ROW_STALE);
    /* The other leg goes on, z is still a number, and it stands for nothing. */
    assert_int_equal(snapshot->feed.state, SG_FEED_LIVE);
    assert_int_equal(snapshot->alert.side, SG_SIGNAL_NONE);
    assert_int_equal(snapshot->now.signal, SG_SIGNAL_NONE);
    assert_true(isfinite(snapshot->now.zscore));
    assert_int_equal(watcher.raised_stale, 0);
    assert_true(snapshot->age_us[SG_LEG_A] > LIMIT_US);
    assert_true(snapshot->age_us[SG_LEG_B] <= LIMIT_US);
    struct sg_pair_view view;
    char text[SG_VERDICT_TEXT_MAX];
    unsigned caveats = 0;
    sg_pair_view_of_snapshot(snapshot, &view);
    sg_pair_view_verdict(&view, text, sizeof text, &caveats);
    assert_true(caveats & SG_CAVEAT_STALE);
    assert_non_null(strstr(text, "The last trade of BTCUSDT is too old to trust z."));
    /* Another limit is the limit of every row, at once: with an hour nothing is stale, and z may raise the alert again. */
    assert_false(sg_session_set_stale_after(session, -1, &problem));
    g_clear_error(&problem);
    assert_true(sg_session_set_stale_after(session, G_GINT64_CONSTANT(3600000000), NULL));
    assert_int_equal(snapshot->stale_after_us, G_GINT64_CONSTANT(3600000000));
    for (size_t row = 0; row < snapshot->history->length; row++)
        assert_false(snapshot->history->flags[row] & SG_ROW_STALE);
    assert_int_not_equal(snapshot->alert.side, SG_SIGNAL_NONE);
    assert_true(sg_session_set_stale_after(session, LIMIT_US, NULL));
    assert_true(snapshot->history->flags[snapshot->history->length - 1] & SG_ROW_STALE);
    assert_int_equal(snapshot->alert.side, SG_SIGNAL_NONE);
    print_message("%u fresh bars, %u stale ones; %u alerts before, none after: %s\n", watcher.fresh, watcher.stale, watcher.raised, text);
    g_object_unref(session);
    sg_exchange_stop(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_leg_goes_silent)};
    return cmocka_run_group_tests_name("engine/session_stale", tests, NULL, NULL);
}
