/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "banner_private.h"

struct _SgBanner {
    GtkWidget parent_instance;
    GtkWidget *box, *icon, *label, *buttons[SG_BANNER_BUTTONS];
    enum sg_banner_kind kind;
    gboolean shown, outlined;
};

G_DEFINE_TYPE(SgBanner, sg_banner, GTK_TYPE_WIDGET)

static const struct {
    const char *css_class, *icon;
} kinds[] = {
    [SG_BANNER_OVERBOUGHT] = {"overbought", "sg-overbought-symbolic"},
    [SG_BANNER_OVERSOLD] = {"oversold", "sg-oversold-symbolic"},
    [SG_BANNER_WARNING] = {"warning", "dialog-warning-symbolic"},
    [SG_BANNER_CALM] = {"calm", "object-select-symbolic"},
};

static void dispose(GObject *object)
{
    SgBanner *banner = SG_BANNER(object);
    g_clear_pointer(&banner->box, gtk_widget_unparent);
    G_OBJECT_CLASS(sg_banner_parent_class)->dispose(object);
}

static void sg_banner_class_init(SgBannerClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget_class, "sgbanner");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/spreadglass/Spreadglass/banner.ui");
    gtk_widget_class_bind_template_child(widget_class, SgBanner, box);
    gtk_widget_class_bind_template_child(widget_class, SgBanner, icon);
    gtk_widget_class_bind_template_child(widget_class, SgBanner, label);
}

static void sg_banner_init(SgBanner *banner)
{
    gtk_widget_init_template(GTK_WIDGET(banner));
    gtk_widget_set_visible(GTK_WIDGET(banner), FALSE);
}

GtkWidget *sg_banner_new(const char *name)
{
    SgBanner *banner = g_object_new(SG_TYPE_BANNER, NULL);
    gtk_accessible_update_property(GTK_ACCESSIBLE(banner->box), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    return GTK_WIDGET(banner);
}

void sg_banner_set_buttons(SgBanner *banner, const struct sg_banner_button *buttons, size_t count)
{
    for (size_t i = 0; i < count && i < SG_BANNER_BUTTONS; i++) {
        GtkWidget *button = gtk_button_new_with_label(buttons[i].label);
        gtk_actionable_set_action_name(GTK_ACTIONABLE(button), buttons[i].action);
        gtk_widget_set_tooltip_text(button, buttons[i].tooltip);
        gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
        gtk_box_append(GTK_BOX(banner->box), button);
        banner->buttons[i] = button;
    }
}

void sg_banner_set_button_visible(SgBanner *banner, size_t index, gboolean visible)
{
    if (index < SG_BANNER_BUTTONS && banner->buttons[index] != NULL)
        gtk_widget_set_visible(banner->buttons[index], visible);
}

void sg_banner_show(SgBanner *banner, enum sg_banner_kind kind, const char *text)
{
    if (!banner->shown || kind != banner->kind) {
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
            gtk_widget_remove_css_class(banner->box, kinds[i].css_class);
        gtk_widget_add_css_class(banner->box, kinds[kind].css_class);
        gtk_image_set_from_icon_name(GTK_IMAGE(banner->icon), kinds[kind].icon);
        banner->kind = kind;
    }
    if (g_strcmp0(gtk_inscription_get_text(GTK_INSCRIPTION(banner->label)), text) != 0) {
        gtk_inscription_set_text(GTK_INSCRIPTION(banner->label), text);
        gtk_widget_set_tooltip_text(banner->label, text); /* the whole line where the window is too narrow for it */
    }
    if (!banner->shown) {
        banner->shown = TRUE;
        gtk_widget_set_visible(GTK_WIDGET(banner), TRUE);
    }
}

void sg_banner_set_outlined(SgBanner *banner, gboolean outlined)
{
    if (outlined == banner->outlined)
        return;
    banner->outlined = outlined;
    if (outlined)
        gtk_widget_add_css_class(banner->box, "outlined");
    else
        gtk_widget_remove_css_class(banner->box, "outlined");
}

gboolean sg_banner_outlined(SgBanner *banner)
{
    return banner->outlined;
}

void sg_banner_hide(SgBanner *banner)
{
    if (!banner->shown)
        return;
    banner->shown = FALSE;
    gtk_widget_set_visible(GTK_WIDGET(banner), FALSE); /* and out of the accessible tree */
}

const char *sg_banner_text(SgBanner *banner)
{
    return banner->shown ? gtk_inscription_get_text(GTK_INSCRIPTION(banner->label)) : NULL;
}
