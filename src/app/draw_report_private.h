/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the window draws, told on standard error when SG_DRAW_REPORT is 1: for the test that a still screen draws nothing, and for the
 * benchmark that counts frames. One line each: "frame" (the window was painted, whatever part of it), "picture PANE" (a pane's lines were
 * drawn anew), "overlay PANE" (its legend and crosshair, over the kept picture). Main thread. */
#include <gtk/gtk.h>

void sg_draw_report_watch(GtkWidget *window);                       /* "frame" from now on; before the window is realised */
void sg_draw_report_pane(const char *pane, gboolean picture);
