/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The window. */
#include <glib.h>
#include "spreadglass/engine/session.h"

/* What main lends to the window, because the window may not know the exchange: start the built-in exchange and return its endpoint. */
struct sg_demo_endpoint {
    char ws_url[128], rest_url[128], ca_file[256];
};

struct sg_app_config {
    struct sg_session_config session; /* from the command line; endpoint unset with demo */
    gboolean hedge_given, lookback_given, ddof_given, stream_given;
    gboolean pair_given, interval_given, window_given, entry_given, exit_given, hold_given, stale_given; /* else the saved settings win */
    gboolean demo;
    const char *data_dir; /* as given; NULL: not */
    gboolean no_store;
    gboolean own_window; /* although another one runs: what is asked for cannot be had in that one */
    /* What the command line of a second start asks for; its strings are those of argv. FALSE: it cannot be understood. */
    gboolean (*read_command_line)(int argc, char **argv, struct sg_app_config *ret_config);
    /* The database on disk, because the window may not know the store either; both NULL: nothing is kept. `forget` deletes what ended more
     * than `days` days ago, in the background. */
    const char *store_file;
    void (*forget)(struct sg_database *database, guint days);
    gboolean (*start_demo)(struct sg_demo_endpoint *ret_endpoint, GError **error); /* idempotent; the caller stops it at exit */
    gint64 process_start_mono_us; /* CLOCK_BOOTTIME at the first line of main: for the first-frame measurement */
};

/* Has a running window carry out this command line. Returns the exit status of this process; SG_APP_NONE_RUNS, or SG_APP_OWN_WINDOW where what is asked for
 * (the built-in exchange, a recording, another address or folder) cannot be had in that window: then sg_app_run opens one of its own. */
enum { SG_APP_NONE_RUNS = -1, SG_APP_OWN_WINDOW = 75 };
int sg_app_ask_running(int argc, char **argv);
/* Runs until the last window closes. Returns the process's exit status; without a display it prints what works instead and returns 1. */
int sg_app_run(const struct sg_app_config *config, int argc, char **argv);
