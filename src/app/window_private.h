/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "app_private.h"
#include "banner_private.h"
#include "chart_area_private.h"
#include "chart_menu_private.h"
#include "stat_strip_private.h"
#include "status_pill_private.h"
#include "symbol_picker_private.h"
#include "verdict_line_private.h"

#define SG_TYPE_WINDOW (sg_window_get_type())
G_DECLARE_FINAL_TYPE(SgWindow, sg_window, SG, WINDOW, GtkApplicationWindow)

/* When alerts of a pair were last spoken of, by side: over, under; 0: not yet. */
struct sg_spoken {
    struct sg_instrument legs[SG_LEG_COUNT];
    gint64 mono_us[2];
};

struct _SgWindow {
    GtkApplicationWindow parent_instance;
    struct sg_app *app;
    /* from window.ui */
    GtkHeaderBar *header;
    SgSymbolPicker *picker_a, *picker_b;
    GtkWidget *content;
    GtkMenuButton *menu_button, *more_intervals;
    GtkWidget *toast;
    GtkLabel *toast_label;
    /* made here */
    SgStatusPill *storage, *connection, *latency, *rate;
    gint64 storage_since_us; /* local time since when nothing is kept, or another program keeps it; 0: it is kept */
    SgBanner *alert_banner, *feed_banner;
    GtkWidget *bell;
    SgStatStrip *strip;
    GtkWidget *replay; /* the bar under the time axis; not visible where nothing is played */
    GtkWidget *model;  /* the button behind which the choices of the model are */
    GtkWidget *verdict;
    SgChartArea *charts;
    struct sg_chart_menu *chart_menu;
    GMenu *style_menu; /* candles and volume; belongs to the menus of prices */
    int style_stream;  /* enum sg_stream that it is for; -1: not yet any */

    GtkWidget *log;         /* the event log; NULL while it is closed */
    GtkWidget *preferences; /* NULL while it is closed */
    guint toast_timer;
    guint tick_timer;           /* once a second while a countdown or an age is on the screen */
    gint64 alert_since_us;      /* of the alert that the banner shows; 0: none */
    gint64 alert_shown_mono_us; /* last time it stood: the banner outlives a bar that only dipped below the threshold */
    enum sg_signal alert_side;
    struct sg_spoken spoken;
    char *notified; /* id of the notification that is out */
};

SgWindow *sg_window_new(struct sg_app *app);
/* Makes everything on the screen say what the session says now. Cheap where nothing is different. */
void sg_window_update(SgWindow *window);
void sg_window_apply_theme(SgWindow *window);
void sg_window_symbol_error(SgWindow *window, enum sg_leg leg, const char *asked, const char *text);
void sg_window_set_symbols(SgWindow *window, const char *const *symbols);
/* An event that lasts no longer than it takes to read it. */
void sg_window_say(SgWindow *window, const char *text);

/* window_status.c */
void sg_window_update_status(SgWindow *window, const SgSnapshot *snapshot);
/* Is there a number on the screen that grows by itself? */
gboolean sg_window_needs_tick(SgWindow *window, const SgSnapshot *snapshot);
/* window_explain.c: a right click or the Menu key on a number tells where it comes from. Once, when strip and verdict are there. */
void sg_window_add_explanations(SgWindow *window);
/* Explains the numbers of the pane and bar that the chart menu is about, once it has closed. (A click on a number itself asks no menu.) */
void sg_window_explain_target(SgWindow *window);
/* window_alert.c */
/* How long the alerts of this pair are muted still, us; 0: they are not. */
gint64 sg_window_muted_us(SgWindow *window);
void sg_window_update_alert(SgWindow *window, const SgSnapshot *snapshot);
void sg_window_withdraw_notification(SgWindow *window);
/* window_panes.c: which panes there are and how prices are shown, as actions and menus. After sg_window_add_actions. */
void sg_window_add_panes(SgWindow *window);
/* Candles and volume are there where the stream can give them. */
void sg_window_update_price_style(SgWindow *window);
/* window_log.c */
void sg_window_add_log(SgWindow *window);
/* preferences.c */
void sg_window_add_preferences(SgWindow *window);
/* Their numbers follow what is set elsewhere, or was set along. */
void sg_window_sync_preferences(SgWindow *window);
/* window_actions.c */
void sg_window_add_actions(SgWindow *window);
/* Radio and check items follow what the session and the charts say. */
void sg_window_sync_actions(SgWindow *window);
