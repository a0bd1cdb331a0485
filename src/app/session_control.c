/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app_private.h"
#include "draw_report_private.h"

#include <stdio.h>
#include <string.h>
#include "event_log_private.h"
#include "spreadglass/engine/model_text.h"
#include "window_private.h"

/* The pair that was looked at last in the mode of `config`, unless the command line names one. Another endpoint than Binance's own may not have it. */
static void use_saved_pair(const struct sg_app *app, struct sg_session_config *config)
{
    struct sg_instrument legs[SG_LEG_COUNT];
    const struct sg_session_config *given = &app->config->session;
    const char *pair = sg_prefs_pair(&app->prefs, sg_app_mode(config), config->replay_file);
    if (app->config->pair_given || pair == NULL || (sg_app_mode(config) == SG_MODE_LIVE && given->ws_url != NULL))
        return;
    if (sg_pair_parse(pair, sg_app_mode(config) == SG_MODE_LIVE ? given->legs[SG_LEG_A].market : SG_MARKET_SPOT, legs, NULL) == SG_OK)
        memcpy(config->legs, legs, sizeof legs);
}

static void save_pair(struct sg_app *app, const SgSnapshot *snapshot)
{
    char pair[SG_PAIR_BUF];
    enum sg_mode mode = sg_app_mode(&app->now);
    if (mode == SG_MODE_LIVE && app->config->session.ws_url != NULL)
        return;
    sg_pair_format(snapshot->legs, mode == SG_MODE_LIVE ? app->config->session.legs[SG_LEG_A].market : SG_MARKET_SPOT, pair);
    sg_prefs_set_pair(&app->prefs, mode, app->now.replay_file, pair);
}

/* Hedge method, fit sample, ddof and stream as they were chosen last, where the command line does not say. What does not go together with the rest of
 * what it says is left out. */
static void use_saved_model(const struct sg_app *app, struct sg_session_config *config)
{
    const struct sg_prefs *prefs = &app->prefs;
    struct sg_pair_params params = config->params;
    if (!app->config->hedge_given && sg_hedge_of_word(prefs->hedge, &params.hedge) == SG_OK)
        params.fixed_beta = prefs->fixed_beta;
    if (!app->config->lookback_given)
        params.lookback = prefs->lookback;
    if (!app->config->ddof_given)
        params.ddof = (int)prefs->ddof;
    if (sg_session_check_params(&params, NULL))
        config->params = params;
    if (!app->config->stream_given && config->source == SG_SOURCE_BINANCE)
        (void)sg_stream_parse(prefs->stream, &config->stream);
}

enum sg_mode sg_app_mode(const struct sg_session_config *config)
{
    return config->source == SG_SOURCE_REPLAY ? SG_MODE_REPLAY : config->demo ? SG_MODE_DEMO : SG_MODE_LIVE;
}

void sg_app_initial_config(struct sg_app *app)
{
    const struct sg_app_config *config = app->config;
    app->now = config->session;
    app->now.demo = config->demo;
    use_saved_pair(app, &app->now);
    enum sg_interval interval;
    if (!config->interval_given && sg_interval_parse(app->prefs.interval, &interval) == SG_OK)
        app->now.interval = interval;
    if (!config->window_given)
        app->now.params.window = app->prefs.window;
    if (!config->entry_given) {
        app->now.params.entry = app->prefs.threshold;
        app->now.params.exit = sg_app_exit_for(app, app->prefs.threshold);
    }
    if (!config->hold_given)
        app->now.params.hold = app->prefs.hold;
    use_saved_model(app, &app->now);
    if (!config->stale_given)
        app->now.stale_after_us = sg_app_stale_us(app->prefs.stale_after);
    if (!config->demo && app->now.source == SG_SOURCE_BINANCE)
        sg_app_use_network(app, &app->now);
}

const SgSnapshot *sg_app_snapshot(const struct sg_app *app)
{
    return app->session != NULL ? sg_session_get_snapshot(app->session) : NULL;
}

static void set_start_error(struct sg_app *app, const char *text)
{
    g_free(app->start_error);
    app->start_error = g_strdup(text);
    if (text != NULL)
        g_message("%s", text);
}

/* ---- the list of symbols ---- */

static void on_symbols(char **symbols, const GError *error, void *context)
{
    struct sg_app *app = context;
    app->symbols_asked = FALSE;
    if (error != NULL || symbols == NULL) {
        g_debug("the list of symbols did not come: %s", error != NULL ? error->message : "it is empty");
        return;
    }
    app->symbols_known = TRUE;
    if (app->window != NULL)
        sg_window_set_symbols(app->window, (const char *const *)symbols);
}

static void ask_symbols(struct sg_app *app)
{
    if (app->symbols_asked || app->symbols_known || app->now.source != SG_SOURCE_BINANCE)
        return;
    app->symbols_asked = TRUE;
    sg_session_list_symbols(app->session, on_symbols, app);
}

static void forget_symbols(struct sg_app *app)
{
    app->symbols_known = FALSE;
    if (app->window != NULL)
        sg_window_set_symbols(app->window, NULL);
}

/* ---- news from the session ---- */

/* Which leg a refusal is about: the feed's line names the symbol. Both legs may begin alike, so the longer name is tried first. */
static enum sg_leg refused_leg(const struct sg_app *app, const char *detail)
{
    const char *a = app->now.legs[SG_LEG_A].symbol, *b = app->now.legs[SG_LEG_B].symbol;
    gboolean names_a = strstr(detail, a) != NULL, names_b = strstr(detail, b) != NULL;
    if (names_a != names_b)
        return names_a ? SG_LEG_A : SG_LEG_B;
    return strcmp(a, app->pair_before[SG_LEG_A].symbol) != 0 ? SG_LEG_A : SG_LEG_B;
}

static void take_back_pair(struct sg_app *app, const struct sg_feed_status *feed)
{
    enum sg_leg leg = refused_leg(app, feed->detail);
    g_autofree char *asked = g_strdup(app->now.legs[leg].symbol);
    g_autofree char *text =
        g_strdup_printf("The exchange does not trade %s. %s/%s stays.", asked, app->pair_before[SG_LEG_A].symbol, app->pair_before[SG_LEG_B].symbol);
    app->pair_pending = FALSE;
    memcpy(app->now.legs, app->pair_before, sizeof app->now.legs);
    g_autoptr(GError) error = NULL;
    if (!sg_session_reconfigure(app->session, &app->now, &error))
        set_start_error(app, error->message);
    sg_app_restore_mute(app);
    if (app->window != NULL)
        sg_window_symbol_error(app->window, leg, asked, text);
}

static void on_changed(SgSession *session, struct sg_app *app)
{
    const SgSnapshot *snapshot = sg_session_get_snapshot(session);
    if (snapshot->feed.state == SG_FEED_LIVE) {
        ask_symbols(app);
        if (app->pair_pending) {
            app->pair_pending = FALSE;
            save_pair(app, snapshot);
        }
    } else if (app->pair_pending && snapshot->feed.state == SG_FEED_FAILED && snapshot->feed.failure == SG_FAILURE_SYMBOL) {
        take_back_pair(app, &snapshot->feed);
        snapshot = sg_session_get_snapshot(session);
    }
    if (app->report && !app->first_bar_seen && snapshot->history->length > 0) {
        app->first_bar_seen = TRUE;
        fprintf(stderr, "first bar after %d ms\n", (int)sg_app_age_ms(app));
    }
    sg_draw_report_tick(snapshot->first_tick_age_us);
    if (app->window != NULL)
        sg_window_update(app->window);
}

static void on_event(SgSession *session, const SgSessionEvent *event, struct sg_app *app)
{
    (void)session;
    app->missed_alerts += event->code == SG_EVENT_ALERT_RAISED && event->muted;
    sg_event_log_add(app->events, app->now.legs, event);
    g_debug("%s: %s", sg_feed_event_name(event->code), event->detail);
}

/* What happened until then is told again. */
static void on_rewound(SgSession *session, struct sg_app *app)
{
    (void)session;
    g_list_store_remove_all(app->events);
}

/* ---- start, stop, other source ---- */

static gboolean use_demo(struct sg_app *app, struct sg_session_config *config)
{
    g_autoptr(GError) error = NULL;
    if (app->config->start_demo == NULL || !app->config->start_demo(&app->demo, &error)) {
        set_start_error(app, error != NULL ? error->message : "This build has no built-in exchange.");
        return FALSE;
    }
    config->source = SG_SOURCE_BINANCE;
    config->ws_url = app->demo.ws_url;
    config->rest_url = app->demo.rest_url;
    config->ca_file = app->demo.ca_file;
    config->demo = TRUE;
    return TRUE;
}

/* Another configuration for the session, which is made when there is none. FALSE: start_error says why, what ran goes on. */
static gboolean run_with(struct sg_app *app, const struct sg_session_config *config)
{
    g_autoptr(GError) error = NULL;
    gboolean done;
    if (app->session != NULL) {
        done = sg_session_reconfigure(app->session, config, &error);
    } else {
        app->session = sg_session_new(config, &error);
        if (app->session != NULL) {
            g_signal_connect(app->session, "changed", G_CALLBACK(on_changed), app);
            g_signal_connect(app->session, "event", G_CALLBACK(on_event), app);
            g_signal_connect(app->session, "rewound", G_CALLBACK(on_rewound), app);
        }
        done = app->session != NULL && sg_session_start(app->session, &error);
    }
    set_start_error(app, done ? NULL : error != NULL ? error->message : "The session did not start.");
    if (done) {
        app->now = *config;
        sg_app_restore_mute(app);
    }
    if (app->window != NULL)
        sg_window_update(app->window);
    return done;
}

void sg_app_start_session(struct sg_app *app)
{
    if (app->started)
        return;
    app->started = TRUE;
    g_clear_handle_id(&app->start_timer, g_source_remove);
    if (app->config->demo) {
        sg_app_open_demo(app);
        return;
    }
    if (!app->prefs.connect_at_start && app->now.source == SG_SOURCE_BINANCE && app->config->session.ws_url == NULL && !app->asked_to_connect) {
        app->started = FALSE; /* whoever asks for a connection gets one */
        set_start_error(app, "Not connected: that is to be asked for, as the preferences say.");
        if (app->window != NULL)
            sg_window_update(app->window);
        return;
    }
    struct sg_session_config config = app->now;
    if (!run_with(app, &config) && config.source == SG_SOURCE_REPLAY && memcmp(config.legs, app->config->session.legs, sizeof config.legs) != 0) {
        memcpy(config.legs, app->config->session.legs, sizeof config.legs); /* another recording now stands under that name */
        run_with(app, &config);
    }
}

void sg_app_stop_session(struct sg_app *app)
{
    g_clear_handle_id(&app->start_timer, g_source_remove);
    if (app->session == NULL)
        return;
    g_signal_handlers_disconnect_by_data(app->session, app);
    sg_session_stop(app->session);
    g_clear_object(&app->session);
}

void sg_app_open_demo(struct sg_app *app)
{
    struct sg_session_config config = app->now;
    app->pair_pending = FALSE;
    forget_symbols(app);
    if (use_demo(app, &config)) {
        use_saved_pair(app, &config); /* the seeded market has its own; what the network had may not exist there */
        run_with(app, &config);
    } else if (app->window != NULL) {
        sg_window_update(app->window);
    }
}

void sg_app_move(struct sg_app *app, const struct sg_session_config *config)
{
    app->pair_pending = FALSE;
    forget_symbols(app);
    run_with(app, config);
}

void sg_app_open_live(struct sg_app *app)
{
    struct sg_session_config config = app->now;
    config.source = SG_SOURCE_BINANCE;
    config.demo = FALSE;
    sg_app_use_network(app, &config);
    use_saved_pair(app, &config);
    sg_app_move(app, &config);
}

void sg_app_reconnect(struct sg_app *app)
{
    if (app->session == NULL) {
        app->started = FALSE;
        app->asked_to_connect = TRUE;
        sg_app_start_session(app);
        return;
    }
    const SgSnapshot *snapshot = sg_session_get_snapshot(app->session);
    if (snapshot->feed.state == SG_FEED_FAILED || snapshot->feed.state == SG_FEED_STOPPED || app->start_error != NULL) {
        struct sg_session_config config = app->now; /* a source that gave up does not dial again: a new one does */
        run_with(app, &config);
        return;
    }
    sg_session_reconnect(app->session);
}

/* ---- what a person changes ---- */

/* A leg without the name of a market stays on the one that leg is on now. */
static char *on_market(const struct sg_app *app, enum sg_leg leg, const char *text)
{
    return strchr(text, ':') != NULL ? g_strdup(text) : g_strdup_printf("%s:%s", sg_market_name(app->now.legs[leg].market), text);
}

gboolean sg_app_set_pair(struct sg_app *app, const char *leg_a, const char *leg_b, GError **error)
{
    struct sg_session_config config = app->now;
    struct sg_error reason = {0};
    g_autofree char *a = on_market(app, SG_LEG_A, leg_a), *b = on_market(app, SG_LEG_B, leg_b), *pair = g_strdup_printf("%s/%s", a, b);
    if (sg_pair_parse(pair, SG_MARKET_SPOT, config.legs, &reason) != SG_OK) {
        g_set_error_literal(error, SG_SESSION_ERROR, (int)reason.status, reason.text);
        return FALSE;
    }
    gboolean other = FALSE, other_market = FALSE;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        other_market = other_market || config.legs[leg].market != app->now.legs[leg].market;
        other = other || other_market || strcmp(config.legs[leg].symbol, app->now.legs[leg].symbol) != 0;
    }
    if (!other)
        return TRUE;
    if (other_market)
        forget_symbols(app);
    if (app->session == NULL) {
        app->now = config;
        return TRUE;
    }
    struct sg_instrument before[SG_LEG_COUNT];
    memcpy(before, app->now.legs, sizeof before);
    gboolean was_pending = app->pair_pending;
    app->now = config; /* "changed" may come before reconfigure returns */
    if (!was_pending)
        memcpy(app->pair_before, before, sizeof before);
    app->pair_pending = TRUE;
    if (sg_session_reconfigure(app->session, &config, error)) {
        sg_app_restore_mute(app);
        return TRUE;
    }
    memcpy(app->now.legs, before, sizeof before);
    app->pair_pending = was_pending;
    return FALSE;
}

void sg_app_swap(struct sg_app *app)
{
    g_autoptr(GError) error = NULL;
    const struct sg_instrument *legs = app->now.legs;
    g_autofree char *a = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_A].market), legs[SG_LEG_A].symbol);
    g_autofree char *b = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_B].market), legs[SG_LEG_B].symbol);
    if (!sg_app_set_pair(app, b, a, &error) && app->window != NULL)
        sg_window_say(app->window, error->message);
    if (app->window != NULL)
        sg_window_update(app->window);
}
