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
    SgWindow *window;                     /* NULL before activation and after it closed */
    guint start_timer;                    /* starts the session even where no frame is ever drawn */
    gboolean started;
    gboolean report;                      /* SG_STARTUP_REPORT */
    gboolean first_bar_seen;

    SgSession *session;                   /* NULL: not started yet, or it cannot be (start_error) */
    struct sg_session_config now;         /* what the session runs with; its strings are the two below or the command line's */
    struct sg_demo_endpoint demo;
    char *start_error;                    /* why there is no session: one line for a person */

    GListStore *events;                   /* the log of what happened */

    /* A change of pair that the exchange has not accepted yet. */
    gboolean pair_pending;
    struct sg_instrument pair_before[SG_LEG_COUNT];
    gboolean symbols_asked, symbols_known;
};

/* ---- app.c ---- */
/* Milliseconds since the first line of main. */
gint64 sg_app_age_ms(const struct sg_app *app);

/* ---- session_control.c: everything that changes the session. Errors come back as text for a person. ---- */
/* Merges the command line over what was saved. */
void sg_app_initial_config(struct sg_app *app);
void sg_app_start_session(struct sg_app *app);
void sg_app_stop_session(struct sg_app *app);
const SgSnapshot *sg_app_snapshot(const struct sg_app *app); /* NULL without a session */
gboolean sg_app_set_pair(struct sg_app *app, const char *symbol_a, const char *symbol_b, GError **error);
void sg_app_swap(struct sg_app *app);
void sg_app_set_interval(struct sg_app *app, enum sg_interval interval);
void sg_app_set_window_length(struct sg_app *app, guint bars);
void sg_app_set_threshold(struct sg_app *app, double threshold);
/* The built-in exchange instead of the network, and back. */
void sg_app_open_demo(struct sg_app *app);
void sg_app_open_live(struct sg_app *app);
void sg_app_reconnect(struct sg_app *app);
