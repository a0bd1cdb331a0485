/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What happened: alerts raised and cleared, connections lost and found, gaps and what became of them. The newest first, a bounded
 * number. Choosing a row that has a place in time moves the charts there. Main thread. */
#include <gtk/gtk.h>
#include "spreadglass/engine/session.h"

#define SG_EVENT_LOG_MAX 500 /* the oldest leave */

/* The model: lives as long as the program and is fed by the session's events, whether or not a window shows it. */
GListStore *sg_event_log_new(void);
void sg_event_log_add(GListStore *log, const SgSessionEvent *event);

/* A window over the model, destroyed with its parent. `show_time` is called with exchange time in microseconds. */
GtkWidget *sg_event_log_window_new(GtkWindow *parent, GListStore *log, gboolean utc, void (*show_time)(gint64 time_us, gpointer context),
                                   gpointer context);
