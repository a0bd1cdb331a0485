/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export_private.h"

#include "pane_private.h"
#include "spreadglass/base/clock.h"

#define PICTURE_SCALE 2.0

gboolean sg_export_picture(SgWindow *window, const char *path, GError **error)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    if (snapshot == NULL || snapshot->history->length == 0) {
        g_set_error_literal(error, SG_SESSION_ERROR, SG_ERR_UNDEFINED, "there is nothing to show yet");
        return FALSE;
    }
    const char *names[SG_STAT_COUNT], *values[SG_STAT_COUNT];
    char newest[SG_TIME_BUF];
    sg_time_format_iso(snapshot->history->time_us[snapshot->history->length - 1], newest);
    g_autofree char *title = g_strdup_printf("%s/%s \u00b7 %s \u00b7 window %zu", snapshot->legs[SG_LEG_A].symbol,
                                             snapshot->legs[SG_LEG_B].symbol, sg_interval_name(snapshot->interval), snapshot->params.window);
    g_autofree char *status = g_strdup_printf("%s%s", snapshot->demo ? "Demo \u00b7 " : snapshot->replay ? "Replay \u00b7 " : "", newest);
    struct sg_dashboard_header header = {
        .title = title,
        .status = status,
        .stat_names = names,
        .stat_values = values,
        .stat_count = sg_stat_strip_texts(window->strip, names, values),
        .banner = sg_banner_text(window->alert_banner),
        .banner_up = window->alert_side != SG_SIGNAL_OVERSOLD,
    };
    struct sg_error reason = {0};
    int width = gtk_widget_get_width(GTK_WIDGET(window->content)), height = gtk_widget_get_height(GTK_WIDGET(window->content));
    g_autofree char *font = sg_widget_font(GTK_WIDGET(window->charts));
    if (sg_dashboard_save(sg_chart_area_dashboard(window->charts), path, &header, sg_chart_area_view(window->charts),
                          sg_appearance_theme(window->app->appearance), font, width, height, PICTURE_SCALE, &reason) == SG_OK)
        return TRUE;
    g_set_error_literal(error, SG_SESSION_ERROR, (int)reason.status, reason.text);
    return FALSE;
}
