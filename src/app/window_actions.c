/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "spreadglass/base/clock.h"
#include "window_private.h"

#define MUTE_US (15 * 60 * SG_US_PER_S)

static void alert_show(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    if (window->alert_since_us != 0)
        sg_chart_area_show_time(window->charts, window->alert_since_us);
}

static void alert_mute(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    sg_app_mute(window->app, MUTE_US);
    sg_window_update(window);
}

/* Takes back what hides alerts; while nothing does, mutes them. */
static void alert_bell(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    if (snapshot == NULL)
        return;
    if (sg_window_muted_us(window) == 0 && snapshot->alert.side != SG_SIGNAL_NONE && snapshot->alert.dismissed)
        sg_session_alert_recall(window->app->session);
    else
        sg_app_mute(window->app, sg_window_muted_us(window) > 0 ? 0 : MUTE_US);
    sg_window_update(window);
}

static void alert_dismiss(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    if (window->app->session != NULL)
        sg_session_alert_dismiss(window->app->session);
    sg_window_update(window);
}

static void reconnect(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_app_reconnect(((SgWindow *)data)->app);
}

static void open_demo(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_app_open_demo(((SgWindow *)data)->app);
}

static void open_live(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_app_open_live(((SgWindow *)data)->app);
}

static void swap(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_app_swap(((SgWindow *)data)->app);
}

static void pick_a(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_symbol_picker_open(((SgWindow *)data)->picker_a);
}

static void pick_b(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_symbol_picker_open(((SgWindow *)data)->picker_b);
}

static void go_live(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_chart_area_go_live(((SgWindow *)data)->charts);
}

static void reset_view(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_chart_area_reset_view(((SgWindow *)data)->charts);
}

static void fullscreen(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    GtkWindow *window = GTK_WINDOW(data);
    if (gtk_window_is_fullscreen(window))
        gtk_window_unfullscreen(window);
    else
        gtk_window_fullscreen(window);
}

static void explain_chart(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_window_explain_target(data);
}

/* ---- choices that are kept ---- */

static void set_interval(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    enum sg_interval interval;
    if (sg_interval_parse(g_variant_get_string(state, NULL), &interval) != SG_OK)
        return;
    g_simple_action_set_state(action, state);
    if (interval != window->app->now.interval)
        sg_app_set_interval(window->app, interval);
}

static void set_appearance(GSimpleAction *action, GVariant *state, gpointer data)
{
    static const char *const names[] = {"system", "light", "dark"};
    SgWindow *window = data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(g_variant_get_string(state, NULL), names[i]) != 0)
            continue;
        g_simple_action_set_state(action, state);
        sg_prefs_set_appearance(&window->app->prefs, (enum sg_appearance_mode)i);
        sg_appearance_set_mode(window->app->appearance, (enum sg_appearance_mode)i);
    }
}

static void set_utc(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    sg_prefs_set_utc(&window->app->prefs, g_variant_get_boolean(state));
    sg_chart_area_set_utc(window->charts, g_variant_get_boolean(state));
    sg_window_update(window);
}

static void set_hindsight(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    sg_prefs_set_hindsight(&window->app->prefs, g_variant_get_boolean(state));
    sg_chart_area_set_hindsight(window->charts, g_variant_get_boolean(state));
}

/* ---- windows ---- */

static void about(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    gtk_show_about_dialog(GTK_WINDOW(data), "program-name", "Spreadglass", "version", SG_VERSION, "logo-icon-name", SG_APP_ID, "comments",
                          "How far is this spread from where it belongs, and can I believe that number?", "license-type", GTK_LICENSE_GPL_3_0, "copyright",
                          "\u00a9 The Spreadglass authors", NULL);
}

static void close_window(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    gtk_window_close(GTK_WINDOW(data));
}

static void set_string_state(SgWindow *window, const char *name, const char *value)
{
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(window), name);
    g_autoptr(GVariant) state = g_action_get_state(action);
    if (strcmp(g_variant_get_string(state, NULL), value) != 0)
        g_simple_action_set_state(G_SIMPLE_ACTION(action), g_variant_new_string(value));
}

static void set_enabled(SgWindow *window, const char *name, gboolean enabled)
{
    g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(window), name)), enabled);
}

/* The intervals behind one button: it shows the one that is chosen. */
static void show_other_interval(SgWindow *window, const char *name)
{
    static const char *const others[] = {"30m", "2h", "4h", "1d", NULL};
    gboolean chosen = g_strv_contains(others, name);
    const char *label = chosen ? name : "…";
    if (g_strcmp0(gtk_menu_button_get_label(window->more_intervals), label) == 0)
        return;
    gtk_menu_button_set_label(window->more_intervals, label);
    if (chosen)
        gtk_widget_add_css_class(GTK_WIDGET(window->more_intervals), "chosen");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(window->more_intervals), "chosen");
    g_autofree char *spoken = chosen ? g_strdup_printf("Other intervals: %s", name) : g_strdup("Other intervals");
    gtk_accessible_update_property(GTK_ACCESSIBLE(window->more_intervals), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

void sg_window_sync_actions(SgWindow *window)
{
    if (g_action_map_lookup_action(G_ACTION_MAP(window), "interval") == NULL)
        return;
    set_string_state(window, "interval", sg_interval_name(window->app->now.interval));
    show_other_interval(window, sg_interval_name(window->app->now.interval));
    set_enabled(window, "open-demo", window->app->config->start_demo != NULL && !window->app->now.demo);
    set_enabled(window, "open-live", window->app->now.demo || window->app->now.source == SG_SOURCE_REPLAY);
}

void sg_window_add_actions(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "alert-show", .activate = alert_show},
        {.name = "alert-mute", .activate = alert_mute},
        {.name = "alert-bell", .activate = alert_bell},
        {.name = "alert-dismiss", .activate = alert_dismiss},
        {.name = "reconnect", .activate = reconnect},
        {.name = "open-demo", .activate = open_demo},
        {.name = "open-live", .activate = open_live},
        {.name = "swap", .activate = swap},
        {.name = "pick-a", .activate = pick_a},
        {.name = "pick-b", .activate = pick_b},
        {.name = "go-live", .activate = go_live},
        {.name = "reset-view", .activate = reset_view},
        {.name = "fullscreen", .activate = fullscreen},
        {.name = "explain-chart", .activate = explain_chart},
        {.name = "interval", .parameter_type = "s", .state = "'1s'", .change_state = set_interval},
        {.name = "appearance", .parameter_type = "s", .state = "'system'", .change_state = set_appearance},
        {.name = "utc", .state = "false", .change_state = set_utc},
        {.name = "hindsight", .state = "false", .change_state = set_hindsight},
        {.name = "about", .activate = about},
        {.name = "close", .activate = close_window},
    };
    static const char *const appearance[] = {"system", "light", "dark"};
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
    set_string_state(window, "appearance", appearance[window->app->prefs.appearance]);
    g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(window), "utc")), g_variant_new_boolean(window->app->prefs.utc));
    g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(window), "hindsight")),
                              g_variant_new_boolean(window->app->prefs.hindsight));
    sg_window_sync_actions(window);

    static const struct {
        const char *action;
        const char *keys[3];
    } keys[] = {
        {"win.alert-dismiss", {"<Control>d"}},
        {"win.reconnect", {"<Control>r"}},
        {"win.swap", {"<Control><Shift>x"}},
        {"win.pick-a", {"<Control>l"}},
        {"win.pick-b", {"<Control><Shift>l"}},
        {"win.export-picture", {"<Control><Shift>e"}},
        {"win.event-log", {"<Control><Shift>a"}},
        {"win.fullscreen", {"F11"}},
        {"win.close", {"<Control>w"}},
        {"app.quit", {"<Control>q"}},
        {"win.show-help-overlay", {"<Control>question", "F1"}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        gtk_application_set_accels_for_action(window->app->gtk, keys[i].action, keys[i].keys);
}
