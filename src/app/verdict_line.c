/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict_line_private.h"

#include "spreadglass/engine/pair_view.h"

GtkWidget *sg_verdict_line_new(void)
{
    GtkWidget *line = gtk_inscription_new(NULL);
    gtk_inscription_set_min_chars(GTK_INSCRIPTION(line), 20);
    gtk_inscription_set_min_lines(GTK_INSCRIPTION(line), 2); /* whatever it says, and whatever lies over it */
    gtk_inscription_set_nat_lines(GTK_INSCRIPTION(line), 2);
    gtk_inscription_set_yalign(GTK_INSCRIPTION(line), 0.5f);
    gtk_inscription_set_text_overflow(GTK_INSCRIPTION(line), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    gtk_widget_add_css_class(line, "verdict");
    sg_verdict_line_update(line, NULL, &(struct sg_freshness){.stale = false});
    return line;
}

/* A sentence that needs two lines now and one then would jump up and down: once it has needed both, its first line stays where it is, until the window
 * is as wide as another. */
static void hold_first_line(GtkWidget *line, const char *text)
{
    int room = gtk_widget_get_width(line), wide = 0;
    if (room <= 0)
        return;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(line, text);
    pango_layout_get_pixel_size(layout, &wide, NULL);
    int held_at = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(line), "sg-held-at"));
    gboolean held = wide > room || held_at == room;
    g_object_set_data(G_OBJECT(line), "sg-held-at", GINT_TO_POINTER(held ? room : 0));
    gtk_inscription_set_yalign(GTK_INSCRIPTION(line), held ? 0 : 0.5f);
}

void sg_verdict_line_update(GtkWidget *line, const SgSnapshot *snapshot, const struct sg_freshness *freshness)
{
    char text[SG_VERDICT_TEXT_MAX + SG_TEXT_BUF] = "No verdict: no data yet.";
    size_t length = 0;
    if (snapshot != NULL) {
        struct sg_pair_view view;
        sg_pair_view_of_snapshot(snapshot, &view);
        if (freshness->age[0] != '\0')
            length = (size_t)g_snprintf(text, SG_TEXT_BUF, "%s: ", freshness->age);
        sg_pair_view_verdict(&view, text + length, SG_VERDICT_TEXT_MAX, NULL);
    }
    if (freshness->stale != gtk_widget_has_css_class(line, "stale"))
        (freshness->stale ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(line, "stale");
    if (g_strcmp0(gtk_inscription_get_text(GTK_INSCRIPTION(line)), text) == 0)
        return;
    hold_first_line(line, text);
    gtk_inscription_set_text(GTK_INSCRIPTION(line), text);
    gtk_widget_set_tooltip_text(line, text);
    /* The widget names itself by its text, and does so anew with every text. */
    gtk_accessible_update_property(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_PROPERTY_LABEL, "Verdict", GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}
