/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw_report_private.h"

#include <stdio.h>

static gboolean wanted(void)
{
    static int known = -1;
    if (known < 0)
        known = g_strcmp0(g_getenv("SG_DRAW_REPORT"), "1") == 0;
    return known == 1;
}

static gint64 waiting_since_us; /* monotonic time of the oldest tick that the next frame is the first to show; 0: none */

static void on_after_paint(GdkFrameClock *clock, gpointer data)
{
    (void)clock;
    (void)data;
    fputs("frame\n", stderr);
    if (waiting_since_us != 0)
        fprintf(stderr, "tick-to-pixel %" G_GINT64_FORMAT "\n", g_get_monotonic_time() - waiting_since_us);
    waiting_since_us = 0;
}

/* A tick that no frame has shown by now changed nothing that is to be seen: another price makes a frame at once. */
void sg_draw_report_tick(gint64 age_us)
{
    if (wanted())
        waiting_since_us = age_us >= 0 ? g_get_monotonic_time() - age_us : 0;
}

/* Listening does not make the clock tick: it paints when something asked for it, and only then. */
static void on_realize(GtkWidget *window, gpointer data)
{
    (void)data;
    g_signal_connect(gtk_widget_get_frame_clock(window), "after-paint", G_CALLBACK(on_after_paint), NULL);
}

void sg_draw_report_watch(GtkWidget *window)
{
    if (wanted())
        g_signal_connect(window, "realize", G_CALLBACK(on_realize), NULL);
}

void sg_draw_report_pane(const char *pane, gboolean picture)
{
    if (wanted())
        fprintf(stderr, "%s %s\n", picture ? "picture" : "overlay", pane);
}
