/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "appearance_private.h"

#include <string.h>
#include "app_private.h"

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_SETTINGS "org.freedesktop.portal.Settings"
#define APPEARANCE "org.freedesktop.appearance"

enum { SCHEME_NONE = 0, SCHEME_DARK = 1, SCHEME_LIGHT = 2 };

struct sg_appearance {
    enum sg_appearance_mode mode;
    GDBusProxy *portal;
    GCancellable *cancellable;
    guint32 scheme; /* the portal's word: no preference, dark, light */
    gboolean portal_known;
    gboolean initial_dark; /* GtkSettings as it was at start, before we touched it */
    gboolean dark, high_contrast, contrast_wanted;
    GtkCssProvider *base, *dark_colors, *contrast_colors;
    gulong theme_name_handler;
    void (*changed)(gpointer context);
    gpointer context;
};

static GtkCssProvider *load_css(const char *name)
{
    g_autofree char *path = g_strconcat(SG_RESOURCE_BASE, "/", name, NULL);
    GtkCssProvider *provider = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(provider, path);
    return provider;
}

static void use_css(GtkCssProvider *provider, gboolean use, guint priority)
{
    GdkDisplay *display = gdk_display_get_default();
    if (use)
        gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(provider), priority);
    else
        gtk_style_context_remove_provider_for_display(display, GTK_STYLE_PROVIDER(provider));
}

static gboolean theme_is_high_contrast(void)
{
    g_autofree char *name = NULL;
    g_object_get(gtk_settings_get_default(), "gtk-theme-name", &name, NULL);
    return name != NULL && (strstr(name, "-hc") != NULL || strstr(name, "HighContrast") != NULL);
}

static void apply(struct sg_appearance *appearance)
{
    gboolean dark = appearance->initial_dark;
    if (appearance->mode == SG_APPEARANCE_DARK)
        dark = TRUE;
    else if (appearance->mode == SG_APPEARANCE_LIGHT)
        dark = FALSE;
    else if (appearance->portal_known && appearance->scheme != SCHEME_NONE)
        dark = appearance->scheme == SCHEME_DARK;
    gboolean contrast = appearance->contrast_wanted || theme_is_high_contrast();
    if (dark == appearance->dark && contrast == appearance->high_contrast)
        return;
    if (dark != appearance->dark)
        use_css(appearance->dark_colors, dark, GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
    if (contrast != appearance->high_contrast)
        use_css(appearance->contrast_colors, contrast, GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 2);
    appearance->dark = dark;
    appearance->high_contrast = contrast;
    g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", dark, NULL);
    if (appearance->changed != NULL)
        appearance->changed(appearance->context);
}

static void take_scheme(struct sg_appearance *appearance, GVariant *value)
{
    g_autoptr(GVariant) inner = g_variant_ref(value);
    while (g_variant_is_of_type(inner, G_VARIANT_TYPE_VARIANT)) { /* Read wraps the value twice */
        GVariant *unwrapped = g_variant_get_variant(inner);
        g_variant_unref(inner);
        inner = unwrapped;
    }
    if (!g_variant_is_of_type(inner, G_VARIANT_TYPE_UINT32))
        return;
    appearance->scheme = g_variant_get_uint32(inner);
    appearance->portal_known = TRUE;
    apply(appearance);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, NULL);
    if (reply == NULL) /* no portal, or cancelled: `data` may be gone */
        return;
    g_autoptr(GVariant) value = g_variant_get_child_value(reply, 0);
    take_scheme(data, value);
}

static void on_portal_signal(GDBusProxy *proxy, const char *sender, const char *signal, GVariant *parameters, gpointer data)
{
    (void)proxy;
    (void)sender;
    if (strcmp(signal, "SettingChanged") != 0 || !g_variant_is_of_type(parameters, G_VARIANT_TYPE("(ssv)")))
        return;
    const char *group = NULL, *key = NULL;
    g_autoptr(GVariant) value = NULL;
    g_variant_get(parameters, "(&s&sv)", &group, &key, &value);
    if (strcmp(group, APPEARANCE) == 0 && strcmp(key, "color-scheme") == 0)
        take_scheme(data, value);
}

static void on_portal(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    g_autoptr(GError) error = NULL;
    GDBusProxy *portal = g_dbus_proxy_new_for_bus_finish(result, &error);
    if (portal == NULL)
        return;
    struct sg_appearance *appearance = data;
    appearance->portal = portal;
    g_signal_connect(portal, "g-signal", G_CALLBACK(on_portal_signal), appearance);
    g_dbus_proxy_call(portal, "Read", g_variant_new("(ss)", APPEARANCE, "color-scheme"), G_DBUS_CALL_FLAGS_NO_AUTO_START, 2000, appearance->cancellable,
                      on_read, appearance);
}

struct sg_appearance *sg_appearance_new(enum sg_appearance_mode mode, void (*changed)(gpointer context), gpointer context)
{
    struct sg_appearance *appearance = g_new0(struct sg_appearance, 1);
    appearance->mode = mode;
    appearance->base = load_css("style.css");
    appearance->dark_colors = load_css("style-dark.css");
    appearance->contrast_colors = load_css("style-hc.css");
    appearance->cancellable = g_cancellable_new();
    use_css(appearance->base, TRUE, GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);

    g_autofree char *theme_name = NULL;
    GtkSettings *settings = gtk_settings_get_default();
    g_object_get(settings, "gtk-application-prefer-dark-theme", &appearance->initial_dark, "gtk-theme-name", &theme_name, NULL);
    if (theme_name != NULL && g_str_has_suffix(theme_name, "-dark"))
        appearance->initial_dark = TRUE;
    appearance->theme_name_handler = g_signal_connect_swapped(settings, "notify::gtk-theme-name", G_CALLBACK(apply), appearance);
    apply(appearance);
    appearance->changed = changed;
    appearance->context = context;

    /* GTK_USE_PORTAL=0 is GTK's own way to say: leave the portals alone. */
    if (g_strcmp0(g_getenv("GTK_USE_PORTAL"), "0") != 0)
        g_dbus_proxy_new_for_bus(G_BUS_TYPE_SESSION, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START | G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, PORTAL_NAME,
                                 PORTAL_PATH, PORTAL_SETTINGS, appearance->cancellable, on_portal, appearance);
    return appearance;
}

void sg_appearance_free(struct sg_appearance *appearance)
{
    if (appearance == NULL)
        return;
    g_cancellable_cancel(appearance->cancellable);
    g_object_unref(appearance->cancellable);
    if (appearance->portal != NULL)
        g_signal_handlers_disconnect_by_data(appearance->portal, appearance);
    g_clear_object(&appearance->portal);
    g_signal_handler_disconnect(gtk_settings_get_default(), appearance->theme_name_handler);
    g_object_unref(appearance->base);
    g_object_unref(appearance->dark_colors);
    g_object_unref(appearance->contrast_colors);
    g_free(appearance);
}

void sg_appearance_set_mode(struct sg_appearance *appearance, enum sg_appearance_mode mode)
{
    appearance->mode = mode;
    apply(appearance);
}

void sg_appearance_set_high_contrast(struct sg_appearance *appearance, gboolean wanted)
{
    appearance->contrast_wanted = wanted;
    apply(appearance);
}

const struct sg_theme *sg_appearance_theme(const struct sg_appearance *appearance)
{
    return sg_theme_get(appearance->dark, appearance->high_contrast);
}
