/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the window remembers from one run to the next, read once at start and written when it changes.
 *
 * Plain values in front of GSettings: where the schema is not installed the defaults are used and nothing is saved, because
 * GSettings itself would abort the program. Main thread. */
#include <gio/gio.h>
#include "pane_layout_private.h"
#include "spreadglass/engine/model_text.h"

#define SG_EXIT_WITH_ENTRY 20.0 /* no threshold is higher */

/* Where the market is. What is remembered of one does not hold in another. */
enum sg_mode { SG_MODE_LIVE = 0, SG_MODE_DEMO, SG_MODE_REPLAY };
enum sg_appearance_mode { SG_APPEARANCE_SYSTEM = 0, SG_APPEARANCE_LIGHT, SG_APPEARANCE_DARK };

/* Where the market is; empty: Binance's own addresses, the system's roots. */
struct sg_network {
    char endpoint[256], rest[256], ca_file[1024];
};

struct sg_prefs {
    GSettings *settings;                   /* NULL: the schema is not there */
    char pair[140];                        /* "BTCUSDT/ETHUSDT", of the network */
    char demo_pair[140], replay_pair[140]; /* of the built-in exchange; of the recording that was played last, "" when none */
    char replay_file[1024];                /* that recording, as a whole path */
    char interval[8];                      /* "1s" … "1d" */
    guint window;                          /* bars */
    double threshold;
    int width, height; /* px, of the unmaximised window */
    gboolean maximized;
    struct sg_pane_layout panes;
    enum sg_appearance_mode appearance;
    gboolean utc;
    enum sg_price_mode price_mode;
    enum sg_spread_mode spread_mode;
    gboolean candles_a, candles_b, volume;
    gboolean high_contrast;
    gboolean notifications, sound;
    guint cool_down;         /* s after an alert in which one of the same side makes neither notification nor sound */
    double exit;             /* where an alert ends; 0: three quarters of the threshold; SG_EXIT_WITH_ENTRY: the threshold */
    gboolean supported_only; /* tell only of alerts whose relation is at least weakly supported */
    GVariant *muted;         /* a{sx}: pair and the wall time in ms until which its alerts are muted; owned */
    guint hold;              /* closes in a row before an alert is raised */
    double stale_after;      /* s */
    char hedge[16];          /* "ols", "rolling", … */
    double fixed_beta;
    guint lookback; /* bars; 0: all */
    guint ddof;
    char stream[16]; /* "ticker", "trade", "book" */
    gboolean hindsight;
    gboolean scatter_square;
    gboolean connect_at_start;
    struct sg_network network;
    guint keep_days; /* what is older is deleted from the disk; 0: nothing is */
};

/* Points GSETTINGS_SCHEMA_DIR at the schemas beside the running program (a build folder) unless it is set. Call before the first
 * use of GSettings and before any other thread exists: it changes the environment. */
void sg_prefs_find_schema(void);
void sg_prefs_load(struct sg_prefs *prefs);
void sg_prefs_free(struct sg_prefs *prefs); /* writes what is still pending */

/* The pair that was looked at last in this mode; NULL: none. A recording's is for the same file only (NULL in the other modes). */
const char *sg_prefs_pair(const struct sg_prefs *prefs, enum sg_mode mode, const char *file);
void sg_prefs_set_pair(struct sg_prefs *prefs, enum sg_mode mode, const char *file, const char *pair);
void sg_prefs_set_interval(struct sg_prefs *prefs, const char *interval);
void sg_prefs_set_window(struct sg_prefs *prefs, guint window);
void sg_prefs_set_threshold(struct sg_prefs *prefs, double threshold);
void sg_prefs_set_size(struct sg_prefs *prefs, int width, int height, gboolean maximized);
void sg_prefs_set_panes(struct sg_prefs *prefs, const struct sg_pane_layout *panes);
void sg_prefs_set_price_style(struct sg_prefs *prefs, gboolean candles_a, gboolean candles_b, gboolean volume);
void sg_prefs_set_high_contrast(struct sg_prefs *prefs, gboolean high_contrast);
void sg_prefs_set_notifications(struct sg_prefs *prefs, gboolean notifications);
void sg_prefs_set_appearance(struct sg_prefs *prefs, enum sg_appearance_mode mode);
void sg_prefs_set_utc(struct sg_prefs *prefs, gboolean utc);
void sg_prefs_set_price_mode(struct sg_prefs *prefs, enum sg_price_mode mode);
void sg_prefs_set_spread_mode(struct sg_prefs *prefs, enum sg_spread_mode mode);
void sg_prefs_set_sound(struct sg_prefs *prefs, gboolean sound);
void sg_prefs_set_cool_down(struct sg_prefs *prefs, guint seconds);
void sg_prefs_set_exit(struct sg_prefs *prefs, double exit);
void sg_prefs_set_supported_only(struct sg_prefs *prefs, gboolean supported_only);
/* ms since 1970; 0: not muted. What is over is forgotten. */
void sg_prefs_set_muted(struct sg_prefs *prefs, const char *pair, gint64 until_ms);
gint64 sg_prefs_muted_until(const struct sg_prefs *prefs, const char *pair);
void sg_prefs_set_hold(struct sg_prefs *prefs, guint closes);
void sg_prefs_set_stale_after(struct sg_prefs *prefs, double seconds);
void sg_prefs_set_hindsight(struct sg_prefs *prefs, gboolean hindsight);
void sg_prefs_set_scatter_square(struct sg_prefs *prefs, gboolean square);
void sg_prefs_set_connect_at_start(struct sg_prefs *prefs, gboolean connect);
void sg_prefs_set_network(struct sg_prefs *prefs, const struct sg_network *network);
void sg_prefs_set_model(struct sg_prefs *prefs, const struct sg_pair_params *params); /* hedge, fixed_beta, lookback, ddof */
void sg_prefs_set_stream(struct sg_prefs *prefs, const char *stream);
void sg_prefs_set_keep_days(struct sg_prefs *prefs, guint days);
