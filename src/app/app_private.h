/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The program behind the window: what it was started with, what it remembers, the session it looks at. One for the process,
 * main thread, lives as long as sg_app_run. */
#include <gtk/gtk.h>
#include "appearance_private.h"
#include "prefs_private.h"
#include "spreadglass/app/app.h"

#define SG_RESOURCE_BASE "/org/spreadglass/Spreadglass"

typedef struct _SgWindow SgWindow;

struct sg_app {
    GtkApplication *gtk;
    const struct sg_app_config *config;
    struct sg_prefs prefs;
    struct sg_appearance *appearance;
    SgWindow *window;  /* NULL before activation and after it closed */
    guint start_timer; /* starts the session even where no frame is ever drawn */
    gboolean started;
    gboolean report; /* SG_STARTUP_REPORT */
    gboolean first_bar_seen;

    SgSession *session;           /* NULL: not started yet, or it cannot be (start_error) */
    struct sg_session_config now; /* what the session runs with; its strings are the two below or the command line's */
    struct sg_demo_endpoint demo;
    char *start_error; /* why there is no session: one line for a person */

    GListStore *events; /* the log of what happened */

    /* A change of pair that the exchange has not accepted yet. */
    gboolean pair_pending;
    struct sg_instrument pair_before[SG_LEG_COUNT];
    gboolean symbols_asked, symbols_known;
    gboolean asked_to_connect; /* a person did, although it is not to be done at start */
    guint missed_alerts;       /* raised since alerts were muted */
    gboolean exit_chosen;      /* where an alert ends was set in the window: the command line's is no longer asked */
};

/* ---- app.c ---- */
/* Milliseconds since the first line of main. */
gint64 sg_app_age_ms(const struct sg_app *app);

/* ---- session_control.c: everything that changes the session. Errors come back as text for a person. ---- */
enum sg_mode sg_app_mode(const struct sg_session_config *config);
/* Merges the command line over what was saved. */
void sg_app_initial_config(struct sg_app *app);
void sg_app_start_session(struct sg_app *app);
void sg_app_stop_session(struct sg_app *app);
const SgSnapshot *sg_app_snapshot(const struct sg_app *app); /* NULL without a session */
/* A leg: "ETHUSDT", on the market it is on now, or "usdm:ETHUSDT". */
gboolean sg_app_set_pair(struct sg_app *app, const char *leg_a, const char *leg_b, GError **error);
void sg_app_swap(struct sg_app *app);
/* The built-in exchange instead of the network, and back. */
void sg_app_open_demo(struct sg_app *app);
void sg_app_open_live(struct sg_app *app);
void sg_app_reconnect(struct sg_app *app);
/* Another configuration for the session, at another place of the network: nothing known of the former one holds there. */
void sg_app_move(struct sg_app *app, const struct sg_session_config *config);

/* ---- session_settings.c: what a person sets about it. Taken at once, and saved when it was taken. ---- */
void sg_app_set_interval(struct sg_app *app, enum sg_interval interval);
void sg_app_set_window_length(struct sg_app *app, guint bars);
void sg_app_set_threshold(struct sg_app *app, double threshold);
/* Hedge method, fit sample and ddof of `params`, together. FALSE with error: the reason as a clause; nothing has changed. */
gboolean sg_app_set_model(struct sg_app *app, const struct sg_pair_params *params, GError **error);
/* What the bars are made of: begins anew. FALSE with error; what ran goes on. */
gboolean sg_app_set_stream(struct sg_app *app, enum sg_stream stream, GError **error);
/* What a command line gives of interval, window, threshold and model, all or nothing; it is not saved. */
gboolean sg_app_take_settings(struct sg_app *app, const struct sg_app_config *wanted, GError **error);
/* As sg_app_set_stream, and not saved. */
gboolean sg_app_use_stream(struct sg_app *app, enum sg_stream stream, GError **error);
/* Of a replay; kept when it is played again with another pair. */
void sg_app_replay_pace(struct sg_app *app, double speed, gboolean paused);
/* Whether they can be set so; FALSE: with the reason as a clause. sg_number_check, with the app as its context. */
gboolean sg_app_check_window_length(double bars, char *why, gsize size, gpointer app);
gboolean sg_app_check_threshold(double threshold, char *why, gsize size, gpointer app);
/* Where |z| ends an alert; at most the threshold. The threshold itself: they go together, and an alert comes and goes with every crossing. */
void sg_app_set_exit(struct sg_app *app, double exit);
/* Where an alert of this threshold ends, by the preferences or the command line. */
double sg_app_exit_for(const struct sg_app *app, double threshold);
/* Do the numbers that the command line and the settings gave together make an alert that can be raised? Else saved ones give way to the defaults; FALSE: that
 * does not help, and standard error says why. Before the first session. */
gboolean sg_app_check_start(struct sg_app *app);
/* ---- alert_mute.c ---- */
/* No alert of this pair is told for so long; 0: no longer muted. */
void sg_app_mute(struct sg_app *app, gint64 duration_us);
/* Whenever a session began, or begins with another pair. */
void sg_app_restore_mute(struct sg_app *app);
/* Closes in a row beyond the threshold before an alert is raised. */
void sg_app_set_hold(struct sg_app *app, guint closes);
/* Age of a leg's last trade beyond which its z raises no alert. */
void sg_app_set_stale_after(struct sg_app *app, double seconds);
gint64 sg_app_stale_us(double seconds);
/* Deletes from the disk, in the background, what is older than the preferences keep. */
void sg_app_forget_old(struct sg_app *app);
/* Endpoints and roots: the command line's for this run when it gives any, else the saved ones, else Binance's own. */
gboolean sg_app_network_given(const struct sg_app *app);
void sg_app_use_network(const struct sg_app *app, struct sg_session_config *config);
/* Refused with a reason, and nothing changed, when it cannot be connected to as it is written. Moves a session that is on the network. */
gboolean sg_app_set_network(struct sg_app *app, const struct sg_network *network, GError **error);
