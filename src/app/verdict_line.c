/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict_line_private.h"

#include <string.h>
#include "spreadglass/engine/pair_view.h"

GtkWidget *sg_verdict_line_new(void)
{
    GtkWidget *label = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_single_line_mode(GTK_LABEL(label), TRUE);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_widget_add_css_class(label, "verdict");
    sg_verdict_line_update(label, NULL);
    return label;
}

void sg_verdict_line_update(GtkWidget *line, const SgSnapshot *snapshot)
{
    char text[SG_VERDICT_TEXT_MAX] = "No verdict: no data yet.";
    if (snapshot != NULL) {
        struct sg_pair_view view;
        sg_pair_view_of_snapshot(snapshot, &view);
        sg_pair_view_verdict(&view, text, sizeof text, NULL);
    }
    if (strcmp(gtk_label_get_text(GTK_LABEL(line)), text) == 0)
        return;
    gtk_label_set_text(GTK_LABEL(line), text);
    gtk_widget_set_tooltip_text(line, text);
    /* A label names itself by its text, and does so anew with every text. */
    gtk_accessible_update_property(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_PROPERTY_LABEL, "Verdict", GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}
