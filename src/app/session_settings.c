/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person sets about the session: taken by it at once, and saved only when it took it. */
#include "app_private.h"

#include <math.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "window_private.h"

void sg_app_set_interval(struct sg_app *app, enum sg_interval interval)
{
    app->now.interval = interval;
    sg_prefs_set_interval(&app->prefs, sg_interval_name(interval));
    if (app->session != NULL)
        sg_session_set_interval(app->session, interval);
    if (app->window != NULL)
        sg_window_update(app->window);
}

/* All that is wrong with parameters is known in one place, and the command line says the same. */
static gboolean check_params(const struct sg_pair_params *params, char *why, gsize size)
{
    g_autoptr(GError) error = NULL;
    if (sg_session_check_params(params, &error))
        return TRUE;
    g_strlcpy(why, error->message, size);
    return FALSE;
}

static gboolean take_params(struct sg_app *app, const struct sg_pair_params *params, GError **error)
{
    if (memcmp(params, &app->now.params, sizeof *params) == 0) /* a number that was typed and refused comes back as it was */
        return TRUE;
    if (!sg_session_check_params(params, error) || (app->session != NULL && !sg_session_set_params(app->session, params, error)))
        return FALSE;
    app->now.params = *params;
    if (app->window != NULL)
        sg_window_update(app->window);
    return TRUE;
}

static gboolean set_params(struct sg_app *app, const struct sg_pair_params *params)
{
    g_autoptr(GError) error = NULL;
    gboolean taken = take_params(app, params, &error);
    if (!taken && app->window != NULL)
        sg_window_say(app->window, error->message);
    return taken;
}

gboolean sg_app_check_window_length(double bars, char *why, gsize size, gpointer data)
{
    struct sg_pair_params params = ((struct sg_app *)data)->now.params;
    params.window = (size_t)bars;
    return check_params(&params, why, size);
}

void sg_app_set_window_length(struct sg_app *app, guint bars)
{
    struct sg_pair_params params = app->now.params;
    params.window = bars;
    if (set_params(app, &params))
        sg_prefs_set_window(&app->prefs, bars);
}

void sg_app_replay_pace(struct sg_app *app, double speed, gboolean paused)
{
    app->now.replay_speed = speed;
    app->now.replay_paused = paused;
    if (app->session != NULL)
        sg_session_replay_pace(app->session, speed, paused);
    if (app->window != NULL)
        sg_window_update(app->window);
}

gboolean sg_app_set_model(struct sg_app *app, const struct sg_pair_params *params, GError **error)
{
    struct sg_pair_params copy = app->now.params;
    copy.hedge = params->hedge;
    copy.fixed_beta = params->fixed_beta;
    copy.lookback = params->lookback;
    copy.ddof = params->ddof;
    if (!take_params(app, &copy, error))
        return FALSE;
    sg_prefs_set_model(&app->prefs, &copy);
    return TRUE;
}

gboolean sg_app_take_settings(struct sg_app *app, const struct sg_app_config *wanted, GError **error)
{
    struct sg_pair_params params = app->now.params;
    const struct sg_pair_params *given = &wanted->session.params;
    params.window = wanted->window_given ? given->window : params.window;
    params.entry = wanted->entry_given ? given->entry : params.entry;
    params.exit = wanted->exit_given ? given->exit : wanted->entry_given ? sg_app_exit_for(app, params.entry) : params.exit;
    params.hold = wanted->hold_given ? given->hold : params.hold;
    params.lookback = wanted->lookback_given ? given->lookback : params.lookback;
    params.ddof = wanted->ddof_given ? given->ddof : params.ddof;
    if (wanted->hedge_given) {
        params.hedge = given->hedge;
        params.fixed_beta = given->fixed_beta;
    }
    if (!take_params(app, &params, error))
        return FALSE;
    if (wanted->stale_given) {
        if (app->session != NULL && !sg_session_set_stale_after(app->session, wanted->session.stale_after_us, error))
            return FALSE;
        app->now.stale_after_us = wanted->session.stale_after_us;
    }
    if (wanted->interval_given) {
        app->now.interval = wanted->session.interval;
        if (app->session != NULL)
            sg_session_set_interval(app->session, wanted->session.interval);
    }
    return TRUE;
}

gboolean sg_app_set_stream(struct sg_app *app, enum sg_stream stream, GError **error)
{
    if (!sg_app_use_stream(app, stream, error))
        return FALSE;
    sg_prefs_set_stream(&app->prefs, sg_stream_name(stream));
    return TRUE;
}

gboolean sg_app_use_stream(struct sg_app *app, enum sg_stream stream, GError **error)
{
    if (stream == app->now.stream)
        return TRUE;
    if (app->now.source != SG_SOURCE_BINANCE) {
        g_set_error_literal(error, SG_SESSION_ERROR, SG_ERR_INVALID, "A recording has one stream only.");
        return FALSE;
    }
    struct sg_session_config config = app->now;
    config.stream = stream;
    if (app->session != NULL && !sg_session_reconfigure(app->session, &config, error))
        return FALSE;
    sg_app_restore_mute(app);
    app->now.stream = stream;
    if (app->window != NULL)
        sg_window_update(app->window);
    return TRUE;
}

gboolean sg_app_check_threshold(double threshold, char *why, gsize size, gpointer data)
{
    struct sg_pair_params params = ((struct sg_app *)data)->now.params;
    params.entry = threshold;
    params.exit = sg_app_exit_for(data, threshold);
    return check_params(&params, why, size);
}

double sg_app_exit_for(const struct sg_app *app, double threshold)
{
    double exit = app->prefs.exit > 0 ? app->prefs.exit : SG_EXIT_SHARE * threshold;
    const struct sg_pair_params *given = &app->config->session.params;
    if (app->config->exit_given && !app->exit_chosen) /* the command line's, unless the two go together */
        exit = app->config->entry_given && given->exit >= given->entry ? threshold : given->exit;
    return MIN(exit, threshold);
}

gboolean sg_app_check_start(struct sg_app *app)
{
    char why[400];
    struct sg_pair_params *params = &app->now.params;
    if (check_params(params, why, sizeof why))
        return TRUE;
    if (!app->config->window_given)
        params->window = 60;
    if (!app->config->entry_given) {
        params->entry = 2.0;
        params->exit = sg_app_exit_for(app, params->entry);
    }
    char still[400];
    if (check_params(params, still, sizeof still)) {
        g_message("the saved settings do not go together, the usual ones are used: %s", why);
        return TRUE;
    }
    g_printerr("spreadglass: %s\ntry: spreadglass --help\n", why);
    return FALSE;
}

void sg_app_set_threshold(struct sg_app *app, double threshold)
{
    struct sg_pair_params params = app->now.params;
    params.entry = threshold;
    params.exit = sg_app_exit_for(app, threshold);
    if (set_params(app, &params))
        sg_prefs_set_threshold(&app->prefs, threshold);
}

void sg_app_set_exit(struct sg_app *app, double exit)
{
    struct sg_pair_params params = app->now.params;
    params.exit = MIN(exit, params.entry);
    if (!set_params(app, &params))
        return;
    app->exit_chosen = TRUE;
    gboolean usual = fabs(exit - SG_EXIT_SHARE * params.entry) < 0.5e-2; /* as far as it can be typed: it goes on being that share of any threshold */
    sg_prefs_set_exit(&app->prefs, params.exit >= params.entry ? SG_EXIT_WITH_ENTRY : usual ? 0 : exit);
}

void sg_app_set_hold(struct sg_app *app, guint closes)
{
    struct sg_pair_params params = app->now.params;
    params.hold = closes;
    if (set_params(app, &params))
        sg_prefs_set_hold(&app->prefs, closes);
}

gint64 sg_app_stale_us(double seconds)
{
    return (gint64)llround(seconds * (double)SG_US_PER_S);
}

void sg_app_set_stale_after(struct sg_app *app, double seconds)
{
    g_autoptr(GError) error = NULL;
    if (app->session != NULL && !sg_session_set_stale_after(app->session, sg_app_stale_us(seconds), &error)) {
        if (app->window != NULL)
            sg_window_say(app->window, error->message);
        return;
    }
    app->now.stale_after_us = sg_app_stale_us(seconds);
    sg_prefs_set_stale_after(&app->prefs, seconds);
}

void sg_app_forget_old(struct sg_app *app)
{
    if (app->prefs.keep_days > 0 && app->config->forget != NULL && app->config->session.database != NULL)
        app->config->forget(app->config->session.database, app->prefs.keep_days);
}

/* ---- where the market is ---- */

gboolean sg_app_network_given(const struct sg_app *app)
{
    const struct sg_session_config *given = &app->config->session;
    return given->ws_url != NULL || given->rest_url != NULL || given->ca_file != NULL;
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* The prefs own the strings; a session copies them. */
static void use(const struct sg_app *app, const struct sg_network *network, struct sg_session_config *config)
{
    config->ws_url = or_null(network->endpoint);
    config->rest_url = or_null(network->rest);
    config->ca_file = or_null(network->ca_file);
    /* An endpoint without its REST twin has no history to give, and what another exchange says is not kept beside Binance's. */
    config->backfill = config->ws_url == NULL || config->rest_url != NULL;
    config->database = config->ws_url == NULL && config->rest_url == NULL ? app->config->session.database : NULL;
}

void sg_app_use_network(const struct sg_app *app, struct sg_session_config *config)
{
    const struct sg_session_config *given = &app->config->session;
    if (!sg_app_network_given(app)) {
        use(app, &app->prefs.network, config);
        return;
    }
    config->ws_url = given->ws_url;
    config->rest_url = given->rest_url;
    config->ca_file = given->ca_file;
    config->backfill = given->ws_url == NULL || given->rest_url != NULL;
    config->database = given->database;
}

gboolean sg_app_set_network(struct sg_app *app, const struct sg_network *network, GError **error)
{
    struct sg_session_config config = app->now;
    config.source = SG_SOURCE_BINANCE;
    config.demo = FALSE;
    use(app, network, &config);
    config.database = NULL;
    SgSession *trial = sg_session_new(&config, error); /* says what is wrong with an address or a file, and connects to nothing */
    if (trial == NULL)
        return FALSE;
    g_object_unref(trial);
    sg_prefs_set_network(&app->prefs, network);
    if (app->now.source == SG_SOURCE_BINANCE && !app->now.demo) {
        config = app->now;
        use(app, &app->prefs.network, &config);
        sg_app_move(app, &config);
    }
    return TRUE;
}
