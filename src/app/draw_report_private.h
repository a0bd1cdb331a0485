/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the window draws, told on standard error when SG_DRAW_REPORT is 1: for the test that a still screen draws nothing, and for the
 * benchmark that counts frames. One line each: "frame" (the window was painted, whatever part of it), "picture PANE" (a pane's lines were
 * drawn anew), "overlay PANE" (its legend and crosshair, over the kept picture), "tick-to-pixel US" (from the moment at which the oldest tick that the frame is
 * the first to show was received until the frame was handed over). Main thread. */
#include <gtk/gtk.h>

void sg_draw_report_watch(GtkWidget *window); /* "frame" from now on; before the window is realised */
void sg_draw_report_tick(gint64 age_us);      /* of the oldest tick that came with an update; -1: none did */
void sg_draw_report_pane(const char *pane, gboolean picture);
