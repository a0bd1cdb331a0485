/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "status_pill_private.h"

struct _SgStatusPill {
    GtkWidget parent_instance;
    char *name, *text, *sign, *tooltip;
    enum sg_tone tone;
    guint base_chars, chars;
    GtkInscription *label;
};

G_DEFINE_TYPE(SgStatusPill, sg_status_pill, GTK_TYPE_WIDGET)

static const char *const tone_class[] = {"neutral", "good", "busy", "warning", "bad"};

static void dispose(GObject *object)
{
    SgStatusPill *pill = SG_STATUS_PILL(object);
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(pill))) != NULL)
        gtk_widget_unparent(child);
    G_OBJECT_CLASS(sg_status_pill_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    SgStatusPill *pill = SG_STATUS_PILL(object);
    g_free(pill->name);
    g_free(pill->text);
    g_free(pill->sign);
    g_free(pill->tooltip);
    G_OBJECT_CLASS(sg_status_pill_parent_class)->finalize(object);
}

static void sg_status_pill_class_init(SgStatusPillClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = dispose;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    gtk_widget_class_set_css_name(widget_class, "pill");
    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_STATUS);
}

static void sg_status_pill_init(SgStatusPill *pill)
{
    gtk_widget_set_valign(GTK_WIDGET(pill), GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(GTK_WIDGET(pill), tone_class[SG_TONE_NEUTRAL]);
    pill->label = GTK_INSCRIPTION(gtk_inscription_new(NULL));
    gtk_inscription_set_text_overflow(pill->label, GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    gtk_inscription_set_xalign(pill->label, 0.5f);
    gtk_widget_set_parent(GTK_WIDGET(pill->label), GTK_WIDGET(pill));
}

static void set_chars(SgStatusPill *pill, guint chars)
{
    pill->chars = chars;
    gtk_inscription_set_min_chars(pill->label, MIN(chars, pill->base_chars)); /* where the header is narrow the window does not grow for it */
    gtk_inscription_set_nat_chars(pill->label, chars);
}

/* A rare long text gets its room, in steps, so that counting down does not shake the header. */
static guint chars_for(const SgStatusPill *pill, const char *text)
{
    guint length = (guint)g_utf8_strlen(text, -1);
    return length <= pill->base_chars ? pill->base_chars : (length + 3) / 4 * 4;
}

GtkWidget *sg_status_pill_new(const char *name, guint chars)
{
    SgStatusPill *pill = g_object_new(SG_TYPE_STATUS_PILL, NULL);
    pill->name = g_strdup(name);
    pill->base_chars = chars;
    set_chars(pill, chars);
    return GTK_WIDGET(pill);
}

void sg_status_pill_set(SgStatusPill *pill, enum sg_tone tone, const char *sign, const char *text, const char *tooltip)
{
    if (tone != pill->tone) {
        gtk_widget_remove_css_class(GTK_WIDGET(pill), tone_class[pill->tone]);
        gtk_widget_add_css_class(GTK_WIDGET(pill), tone_class[tone]);
        pill->tone = tone;
    }
    if (g_strcmp0(text, pill->text) != 0 || g_strcmp0(sign, pill->sign) != 0) {
        g_free(pill->text);
        g_free(pill->sign);
        pill->text = g_strdup(text);
        pill->sign = g_strdup(sign);
        g_autofree char *shown = sign[0] != '\0' ? g_strdup_printf("%s %s", sign, text) : g_strdup(text);
        g_autofree char *spoken = g_strdup_printf("%s: %s", pill->name, text);
        if (chars_for(pill, shown) != pill->chars)
            set_chars(pill, chars_for(pill, shown));
        gtk_inscription_set_text(pill->label, shown);
        gtk_accessible_update_property(GTK_ACCESSIBLE(pill), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
    if (g_strcmp0(tooltip, pill->tooltip) != 0) {
        g_free(pill->tooltip);
        pill->tooltip = g_strdup(tooltip);
        gtk_widget_set_tooltip_text(GTK_WIDGET(pill), tooltip);
    }
}
