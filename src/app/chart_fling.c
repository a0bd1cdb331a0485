/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A swipe of a finger over the charts goes on for a while. Never for a mouse, and not where animations are off. */
#include "chart_area_private.h"
#include "kinetic_private.h"

struct fling {
    struct sg_kinetic kinetic;
    gint64 frame_us;
    guint tick;
};

static struct fling *fling_of(SgChartArea *area)
{
    struct fling *fling = g_object_get_data(G_OBJECT(area), "sg-fling");
    if (fling == NULL) {
        fling = g_new0(struct fling, 1);
        g_object_set_data_full(G_OBJECT(area), "sg-fling", fling, g_free);
    }
    return fling;
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    struct fling *fling = data;
    gint64 now_us = gdk_frame_clock_get_frame_time(clock);
    double ms = fling->frame_us == 0 ? 0 : CLAMP((double)(now_us - fling->frame_us) / 1000, 0, 100);
    fling->frame_us = now_us;
    if (ms > 0)
        sg_chart_area_pan_px(SG_CHART_AREA(widget), sg_kinetic_step(&fling->kinetic, ms));
    if (fling->kinetic.velocity != 0)
        return G_SOURCE_CONTINUE;
    fling->tick = 0;
    return G_SOURCE_REMOVE;
}

void sg_chart_area_fling_stop(SgChartArea *area)
{
    struct fling *fling = fling_of(area);
    if (fling->tick != 0)
        gtk_widget_remove_tick_callback(GTK_WIDGET(area), fling->tick);
    fling->tick = 0;
}

void sg_chart_area_fling(SgChartArea *area, double velocity)
{
    gboolean animations = TRUE;
    struct fling *fling = fling_of(area);
    sg_chart_area_fling_stop(area);
    g_object_get(gtk_widget_get_settings(GTK_WIDGET(area)), "gtk-enable-animations", &animations, NULL);
    if (!animations || !sg_kinetic_begin(&fling->kinetic, velocity))
        return;
    fling->frame_us = 0;
    fling->tick = gtk_widget_add_tick_callback(GTK_WIDGET(area), on_tick, fling, NULL);
}
