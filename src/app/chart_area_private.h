/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The four charts on one time axis: one viewport, one crosshair, one dashboard that draws. Panes and the axis are small
 * widgets that ask this one; what the pointer and the keys do is decided here, so that it is the same in every pane. */
#include <gtk/gtk.h>
#include "spreadglass/engine/freshness.h"
#include "spreadglass/engine/session.h"
#include "pane_stack_private.h"
#include "spreadglass/plot/dashboard.h"

#define SG_TYPE_CHART_AREA (sg_chart_area_get_type())
G_DECLARE_FINAL_TYPE(SgChartArea, sg_chart_area, SG, CHART_AREA, GtkWidget)

/* ---- for the window ---- */
/* Takes over what the snapshot has that is new; NULL: nothing to show. A view that a person moved stays where it is. */
void sg_chart_area_update(SgChartArea *area, const SgSnapshot *snapshot);
void sg_chart_area_set_theme(SgChartArea *area, const struct sg_theme *theme);
void sg_chart_area_set_price_mode(SgChartArea *area, enum sg_price_mode mode);
enum sg_price_mode sg_chart_area_price_mode(SgChartArea *area);
/* What is shown is not the present, or nothing is there yet: said in the legends, in the empty panes and to assistive technology. */
void sg_chart_area_set_waiting(SgChartArea *area, const struct sg_freshness *freshness);
void sg_chart_area_set_spread_mode(SgChartArea *area, enum sg_spread_mode mode);
/* A second, dashed line with the newest fit for all bars, beside what was known at each. */
void sg_chart_area_set_hindsight(SgChartArea *area, gboolean shown);
/* The scatter in a square when it is the only pane. */
void sg_chart_area_set_square(SgChartArea *area, gboolean square);
void sg_chart_area_set_utc(SgChartArea *area, gboolean utc);
/* Candles instead of a line per leg, and volume at the foot of the price pane. */
void sg_chart_area_set_price_style(SgChartArea *area, gboolean candles_a, gboolean candles_b, gboolean volume);
SgPaneStack *sg_chart_area_stack(SgChartArea *area); /* has the layout */
void sg_chart_area_set_layout(SgChartArea *area, const struct sg_pane_layout *layout);
void sg_chart_area_go_live(SgChartArea *area);
void sg_chart_area_reset_view(SgChartArea *area);
void sg_chart_area_release_cursor(SgChartArea *area); /* no crosshair, until the pointer moves or a key does */
/* Moves the view so that the bar of this time is in its middle and puts the cursor on it, for some seconds or until pointer or keys move it. */
void sg_chart_area_show_time(SgChartArea *area, gint64 time_us);
/* For pictures of what is seen. */
struct sg_dashboard *sg_chart_area_dashboard(SgChartArea *area);
const struct sg_viewport *sg_chart_area_view(SgChartArea *area);
/* The widget of a pane; always there, maybe not visible. */
GtkWidget *sg_chart_area_pane(SgChartArea *area, enum sg_pane pane);
/* A widget over the charts; it places itself by its alignment and margins. */
void sg_chart_area_add_overlay(SgChartArea *area, GtkWidget *widget);
GtkWidget *sg_chart_area_dock(SgChartArea *area);                  /* a box below the charts, for such a widget that would cover too much */
const struct sg_history *sg_chart_area_history(SgChartArea *area); /* what is shown; NULL: nothing yet. Borrowed until the next update */
size_t sg_chart_area_cursor(SgChartArea *area);                    /* row; the history's length: the forming bar; SIZE_MAX: none */
void sg_chart_area_show_slots(SgChartArea *area, double from, double to);
void sg_chart_area_selection_changed(SgChartArea *area); /* for chart_selection.c: draws it and tells the window */
/* Signals: "selection-changed" (void): another span is marked, or none, or it is at another place of the screen; "layout-changed" (void): a person arranged the panes; "price-mode-changed" (void);
 * "menu-requested" (double x, double y: px of the area): a person asks for the menu of what sg_chart_area_target tells. */

/* What the chart menu is about. */
struct sg_chart_target {
    enum sg_pane pane;
    size_t row;  /* of the history (its length: the forming bar); SIZE_MAX: no bar there */
    double x, y; /* px of the pane; by keyboard the cursor's bar and the middle */
    gboolean by_keyboard;
};
void sg_chart_area_target(SgChartArea *area, struct sg_chart_target *ret_target);
void sg_chart_area_focus_target(SgChartArea *area); /* the keyboard to that pane */

/* ---- for panes and the time axis ---- */
enum sg_chart_command {
    SG_CHART_LEFT,
    SG_CHART_RIGHT,
    SG_CHART_LEFT_FAR,
    SG_CHART_RIGHT_FAR,
    SG_CHART_PAGE_LEFT,
    SG_CHART_PAGE_RIGHT,
    SG_CHART_FIRST,
    SG_CHART_LIVE,
    SG_CHART_ZOOM_IN,
    SG_CHART_ZOOM_OUT,
    SG_CHART_RESET,
    SG_CHART_CLEAR,
    SG_CHART_PREVIOUS_PANE,
    SG_CHART_NEXT_PANE,
    SG_CHART_TOGGLE_PERCENT,
    SG_CHART_TOGGLE_LOG,
    SG_CHART_MEASURE,
    SG_CHART_EXTEND_LEFT,
    SG_CHART_EXTEND_RIGHT
};
void sg_chart_area_command(SgChartArea *area, enum sg_pane pane, enum sg_chart_command command);
void sg_chart_area_hover(SgChartArea *area, enum sg_pane pane, double x, double y);
void sg_chart_area_leave(SgChartArea *area, enum sg_pane pane);
/* `dx`, `dy`: notches of the wheel, or fractions; `x`: pointer, px of the pane. */
void sg_chart_area_scroll(SgChartArea *area, double x, double dx, double dy, GdkModifierType state);
void sg_chart_area_zoom_by(SgChartArea *area, double x, double factor);
void sg_chart_area_pan_px(SgChartArea *area, double px); /* > 0: the pointer went right, to earlier times */
/* Opens the menu at a point of a pane; `x` < 0: by keyboard, at the cursor. */
void sg_chart_area_menu(SgChartArea *area, enum sg_pane pane, double x, double y);
void sg_chart_area_focus_changed(SgChartArea *area, enum sg_pane pane);

/* ---- chart_panes.c: the arrangement ---- */
enum sg_pane_command { SG_PANE_UP, SG_PANE_DOWN, SG_PANE_TALLER, SG_PANE_SHORTER, SG_PANE_TOGGLE_MAXIMIZED, SG_PANE_HIDE, SG_PANE_EQUALISE, SG_PANE_RESET };
void sg_chart_area_pane_command(SgChartArea *area, enum sg_pane pane, enum sg_pane_command command);
void sg_chart_area_show_pane(SgChartArea *area, enum sg_pane pane, gboolean shown);
/* Shows it and tells the window, which saves it. */
void sg_chart_area_change_layout(SgChartArea *area, const struct sg_pane_layout *layout);
/* Draws everything anew: something that is no data has changed. */
void sg_chart_area_redraw(SgChartArea *area);

/* ---- chart_fling.c: after a swipe of a finger ---- */
void sg_chart_area_fling(SgChartArea *area, double velocity); /* px/s; > 0: to the right */
void sg_chart_area_fling_stop(SgChartArea *area);

/* ---- chart_values.c: a pane's range of values, by hand ---- */
/* `factor` > 1: more values in view; the value at `from_below` (0 foot … 1 head of the pane) stays where it is. */
void sg_chart_area_scale_values(SgChartArea *area, enum sg_pane pane, double factor, double from_below);
void sg_chart_area_shift_values(SgChartArea *area, enum sg_pane pane, double part); /* of the range; > 0: to higher values */
void sg_chart_area_reset_values(SgChartArea *area, enum sg_pane pane);              /* automatic again */

/* What a pane needs to draw; borrowed, valid during the draw. */
struct sg_chart_scene {
    struct sg_dashboard *dashboard;
    const struct sg_viewport *view;
    const struct sg_theme *theme;
    guint64 revision;  /* of everything that a pane's picture without cursor depends on, size aside */
    size_t cursor_row; /* SIZE_MAX: none */
    double hover_y;    /* < 0: not this pane */
    double hover_x;    /* meaningful with hover_y */
    gboolean selected; /* a span is marked: from, to (slots), and what changed in it, in the pane's words */
    double from_slot, to_slot;
    char measure[320];
    char note[320]; /* of the hovered pane: why data is missing there; "" */
};
void sg_chart_area_scene(SgChartArea *area, enum sg_pane pane, struct sg_chart_scene *ret_scene);
