/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One chart: a cached picture with the crosshair and legend drawn over it, and the pointer and keys passed on. */
#include <gtk/gtk.h>
#include "spreadglass/plot/dashboard.h"

#define SG_TYPE_PANE (sg_pane_get_type())
G_DECLARE_FINAL_TYPE(SgPane, sg_pane, SG, PANE, GtkWidget)

/* Property "pane": enum sg_pane as an int. */
/* It has the whole height: the handle offers the way back. */
void sg_pane_set_maximized(SgPane *pane, gboolean maximized);
void sg_pane_set_description(SgPane *pane, const char *text);

/* Its handles: grip, maximise, hide. */
GtkWidget *sg_pane_bar_new(enum sg_pane pane);
void sg_pane_bar_show_maximized(GtkWidget *bar, enum sg_pane pane, gboolean maximized);

/* The time axis under the lowest pane. */
#define SG_TYPE_TIME_AXIS (sg_time_axis_get_type())
G_DECLARE_FINAL_TYPE(SgTimeAxis, sg_time_axis, SG, TIME_AXIS, GtkWidget)

/* The font of a widget as plot wants it; free with g_free. */
char *sg_widget_font(GtkWidget *widget);
