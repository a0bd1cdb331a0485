/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alert_bell_private.h"

#include <string.h>

#define TIME_CHARS 5 /* "14:59" */

struct parts {
    GtkWidget *icon, *badge, *time;
    char *words; /* as told last */
};

static void parts_free(gpointer data)
{
    g_free(((struct parts *)data)->words);
    g_free(data);
}

GtkWidget *sg_alert_bell_new(void)
{
    struct parts *parts = g_new0(struct parts, 1);
    GtkWidget *bell = gtk_button_new(), *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 3), *overlay = gtk_overlay_new();
    parts->icon = gtk_image_new_from_icon_name("sg-bell-symbolic");
    parts->badge = gtk_label_new(NULL);
    gtk_widget_add_css_class(parts->badge, "badge");
    gtk_widget_set_halign(parts->badge, GTK_ALIGN_END);
    gtk_widget_set_valign(parts->badge, GTK_ALIGN_START);
    gtk_widget_set_visible(parts->badge, FALSE);
    gtk_widget_set_size_request(overlay, 24, 24);
    gtk_overlay_set_child(GTK_OVERLAY(overlay), parts->icon);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), parts->badge);
    parts->time = gtk_inscription_new(NULL);
    gtk_inscription_set_min_chars(GTK_INSCRIPTION(parts->time), TIME_CHARS);
    gtk_inscription_set_nat_chars(GTK_INSCRIPTION(parts->time), TIME_CHARS);
    gtk_box_append(GTK_BOX(row), overlay);
    gtk_box_append(GTK_BOX(row), parts->time);
    gtk_button_set_child(GTK_BUTTON(bell), row);
    gtk_widget_add_css_class(bell, "flat");
    gtk_widget_add_css_class(bell, "alertbell");
    gtk_widget_set_valign(bell, GTK_ALIGN_CENTER);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(bell), "win.alert-bell");
    gtk_accessible_update_property(GTK_ACCESSIBLE(bell), GTK_ACCESSIBLE_PROPERTY_LABEL, "Alert bell", -1);
    g_object_set_data_full(G_OBJECT(bell), "sg-parts", parts, parts_free);
    return bell;
}

static char *clock_text(gint64 us)
{
    gint64 seconds = (us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
    return seconds < 6000 ? g_strdup_printf("%d:%02d", (int)(seconds / 60), (int)(seconds % 60)) : g_strdup_printf("%d h", (int)(seconds / 3600));
}

/* What a click would do is said beside what is. */
static char *words_of(const struct sg_bell *state, const char *time)
{
    if (state->muted_us > 0)
        return g_strdup_printf("Alerts of %s are muted for %s, %u %s meanwhile: in the log, not told. Click: no longer muted", state->pair, time, state->missed,
                               state->missed == 1 ? "alert" : "alerts");
    if (state->stands && state->dismissed)
        return g_strdup_printf("1 alert of %s stands, dismissed. Click: show it again", state->pair);
    return g_strdup_printf("%s alert of %s stands. Click: mute for 15 minutes", state->stands ? "1" : "No", state->pair);
}

void sg_alert_bell_update(GtkWidget *bell, const struct sg_bell *state)
{
    struct parts *parts = g_object_get_data(G_OBJECT(bell), "sg-parts");
    gboolean muted = state->muted_us > 0;
    g_autofree char *time = muted ? clock_text(state->muted_us) : g_strdup("");
    g_autofree char *words = words_of(state, time);
    if (g_strcmp0(words, parts->words) == 0)
        return;
    guint count = muted ? state->missed : state->stands ? 1u : 0u;
    g_autofree char *number = count > 99 ? g_strdup("99+") : g_strdup_printf("%u", count);
    gtk_image_set_from_icon_name(GTK_IMAGE(parts->icon), muted ? "sg-bell-muted-symbolic" : "sg-bell-symbolic");
    gtk_label_set_text(GTK_LABEL(parts->badge), number);
    gtk_widget_set_visible(parts->badge, count > 0);
    gtk_inscription_set_text(GTK_INSCRIPTION(parts->time), time);
    if (muted || (state->stands && state->dismissed))
        gtk_widget_add_css_class(parts->badge, "quiet");
    else
        gtk_widget_remove_css_class(parts->badge, "quiet");
    gtk_widget_set_tooltip_text(bell, words);
    gtk_accessible_update_property(GTK_ACCESSIBLE(bell), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
    g_free(parts->words);
    parts->words = g_steal_pointer(&words);
}
