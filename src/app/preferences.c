/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences: everything in it is an action of the window, applied at once and saved, so that menus, keys and this window never differ. */
#include "window_private.h"

#include <string.h>

struct option { const char *target, *label; };

/* A choice among words: a drop-down that follows the state of an action with a string, or of a switch (targets "false", "true"). */
struct choice {
    SgWindow *window;
    GtkDropDown *drop_down;
    const char *action;
    const struct option *options;
    guint count;
    gboolean boolean, following;
};

static void follow(struct choice *choice)
{
    g_autoptr(GVariant) state = g_action_group_get_action_state(G_ACTION_GROUP(choice->window), choice->action);
    const char *now = state == NULL ? "" : choice->boolean ? (g_variant_get_boolean(state) ? "true" : "false") : g_variant_get_string(state, NULL);
    choice->following = TRUE;
    for (guint i = 0; i < choice->count; i++)
        if (strcmp(choice->options[i].target, now) == 0)
            gtk_drop_down_set_selected(choice->drop_down, i);
    choice->following = FALSE;
}

static void on_state(GActionGroup *group, const char *action, GVariant *value, struct choice *choice)
{
    (void)group;
    (void)action;
    (void)value;
    follow(choice);
}

static void on_selected(GtkDropDown *drop_down, GParamSpec *pspec, struct choice *choice)
{
    (void)pspec;
    guint selected = gtk_drop_down_get_selected(drop_down);
    if (choice->following || selected >= choice->count)
        return;
    const char *target = choice->options[selected].target;
    g_action_group_change_action_state(G_ACTION_GROUP(choice->window), choice->action,
                                       choice->boolean ? g_variant_new_boolean(strcmp(target, "true") == 0) : g_variant_new_string(target));
}

static void choice_free(gpointer data, GClosure *closure)
{
    (void)closure;
    struct choice *choice = data;
    g_signal_handlers_disconnect_by_data(choice->window, choice);
    g_object_unref(choice->window);
    g_free(choice);
}

static GtkWidget *choice_new(SgWindow *window, const char *action, gboolean boolean, const struct option *options, guint count)
{
    GtkStringList *labels = gtk_string_list_new(NULL);
    for (guint i = 0; i < count; i++)
        gtk_string_list_append(labels, options[i].label);
    GtkWidget *widget = gtk_drop_down_new(G_LIST_MODEL(labels), NULL);
    struct choice *choice = g_new0(struct choice, 1);
    *choice = (struct choice){.window = g_object_ref(window), .drop_down = GTK_DROP_DOWN(widget), .action = action, .options = options, .count = count,
                              .boolean = boolean};
    follow(choice);
    g_autofree char *signal = g_strdup_printf("action-state-changed::%s", action);
    g_signal_connect(window, signal, G_CALLBACK(on_state), choice);
    g_signal_connect_data(widget, "notify::selected", G_CALLBACK(on_selected), choice, choice_free, 0);
    return widget;
}

static GtkWidget *toggle_new(const char *action)
{
    GtkWidget *widget = gtk_switch_new();
    gtk_actionable_set_action_name(GTK_ACTIONABLE(widget), action);
    return widget;
}

/* ---- rows and groups ---- */

static GtkWidget *group_new(GtkWidget *page, const char *title)
{
    GtkWidget *heading = gtk_label_new(title), *list = gtk_list_box_new();
    gtk_label_set_xalign(GTK_LABEL(heading), 0);
    gtk_widget_add_css_class(heading, "heading");
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
    gtk_widget_add_css_class(list, "preferencegroup");
    gtk_box_append(GTK_BOX(page), heading);
    gtk_box_append(GTK_BOX(page), list);
    return list;
}

static void add_row(GtkWidget *list, const char *name, const char *note, GtkWidget *control)
{
    GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 1);
    GtkWidget *label = gtk_label_new(name);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_box_append(GTK_BOX(words), label);
    if (note != NULL) {
        GtkWidget *small = gtk_label_new(note);
        gtk_label_set_xalign(GTK_LABEL(small), 0);
        gtk_label_set_wrap(GTK_LABEL(small), TRUE);
        gtk_label_set_max_width_chars(GTK_LABEL(small), 44);
        gtk_widget_add_css_class(small, "message");
        gtk_box_append(GTK_BOX(words), small);
    }
    gtk_widget_set_hexpand(words, TRUE);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(control, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_box_append(GTK_BOX(box), words);
    gtk_box_append(GTK_BOX(box), control);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
    gtk_widget_set_focusable(row, FALSE);
    gtk_list_box_append(GTK_LIST_BOX(list), row);
}

static void on_window_length(GtkSpinButton *spin, SgWindow *window)
{
    sg_app_set_window_length(window->app, (guint)gtk_spin_button_get_value_as_int(spin));
}

static void on_threshold(GtkSpinButton *spin, SgWindow *window)
{
    sg_app_set_threshold(window->app, gtk_spin_button_get_value(spin));
}

static GtkWidget *spin_new(SgWindow *window, double low, double high, double step, guint digits, double value, GCallback changed)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(low, high, step);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(spin), digits);
    gtk_spin_button_set_numeric(GTK_SPIN_BUTTON(spin), TRUE);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
    g_signal_connect_object(spin, "value-changed", changed, window, 0);
    return spin;
}

static void fill(SgWindow *window, GtkWidget *page)
{
    static const struct option themes[] = {{"system", "As the desktop"}, {"light", "Light"}, {"dark", "Dark"}};
    static const struct option zones[] = {{"false", "Local time"}, {"true", "UTC"}};
    static const struct option intervals[] = {{"1s", "1 second"}, {"1m", "1 minute"}, {"5m", "5 minutes"}, {"15m", "15 minutes"}, {"1h", "1 hour"}};
    static const struct option prices[] = {
        {"percent", "Percent of the first bar"}, {"absolute", "Absolute, two axes"}, {"indexed", "Indexed to 100"}, {"log", "Logarithmic"}};
    const struct sg_pair_params *params = &window->app->now.params;

    GtkWidget *list = group_new(page, "General");
    add_row(list, "Bars", "Length of a bar", choice_new(window, "interval", FALSE, intervals, G_N_ELEMENTS(intervals)));
    add_row(list, "Bars in the window", "For the rolling mean, deviation and correlation",
            spin_new(window, SG_WINDOW_MIN, SG_WINDOW_MAX, 1, 0, (double)params->window, G_CALLBACK(on_window_length)));
    list = group_new(page, "Alerts");
    add_row(list, "Alert threshold", "Size of the z-score, in standard deviations",
            spin_new(window, 0.1, 20, 0.1, 1, params->entry, G_CALLBACK(on_threshold)));
    add_row(list, "Desktop notifications", "Of an alert while this window is not in front", toggle_new("win.notifications"));
    list = group_new(page, "Charts");
    add_row(list, "Prices", NULL, choice_new(window, "price-mode", FALSE, prices, G_N_ELEMENTS(prices)));
    add_row(list, "Candles for A", NULL, toggle_new("win.candles-a"));
    add_row(list, "Candles for B", NULL, toggle_new("win.candles-b"));
    add_row(list, "Volume", "At the foot of the price chart", toggle_new("win.volume"));
    add_row(list, "Time zone", NULL, choice_new(window, "utc", TRUE, zones, G_N_ELEMENTS(zones)));
    add_row(list, "Spread with today's hedge ratio", "A dashed line beside what was known then", toggle_new("win.hindsight"));
    list = group_new(page, "Appearance");
    add_row(list, "Theme", NULL, choice_new(window, "appearance", FALSE, themes, G_N_ELEMENTS(themes)));
    add_row(list, "High contrast", "Thicker lines and stronger colours. The usual colours are told apart with any colour vision too.",
            toggle_new("win.high-contrast"));
}

static gboolean on_escape(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)arguments;
    (void)data;
    gtk_window_close(GTK_WINDOW(widget));
    return TRUE;
}

static GtkWidget *preferences_new(SgWindow *window)
{
    GtkWidget *preferences = gtk_window_new(), *scroll = gtk_scrolled_window_new(), *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    gtk_window_set_title(GTK_WINDOW(preferences), "Preferences");
    gtk_window_set_transient_for(GTK_WINDOW(preferences), GTK_WINDOW(window));
    gtk_window_set_destroy_with_parent(GTK_WINDOW(preferences), TRUE);
    gtk_window_set_default_size(GTK_WINDOW(preferences), 520, 560);
    gtk_widget_add_css_class(preferences, "preferences");
    gtk_widget_insert_action_group(preferences, "win", G_ACTION_GROUP(window));
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    fill(window, page);
    gtk_widget_add_css_class(page, "page");
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroll), page);
    gtk_window_set_titlebar(GTK_WINDOW(preferences), gtk_header_bar_new());
    gtk_window_set_child(GTK_WINDOW(preferences), scroll);
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys), gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Escape|<Control>w"),
                                                                                       gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(preferences, keys);
    return preferences;
}

static void open_preferences(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    if (window->preferences == NULL) {
        window->preferences = preferences_new(window);
        g_object_add_weak_pointer(G_OBJECT(window->preferences), (gpointer *)&window->preferences);
    }
    gtk_window_present(GTK_WINDOW(window->preferences));
}

static void set_notifications(GSimpleAction *action, GVariant *state, gpointer data)
{
    g_simple_action_set_state(action, state);
    sg_prefs_set_notifications(&((SgWindow *)data)->app->prefs, g_variant_get_boolean(state));
}

static void set_high_contrast(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    sg_prefs_set_high_contrast(&window->app->prefs, g_variant_get_boolean(state));
    sg_appearance_set_high_contrast(window->app->appearance, g_variant_get_boolean(state));
}

void sg_window_add_preferences(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "preferences", .activate = open_preferences},
        {.name = "notifications", .state = "true", .change_state = set_notifications},
        {.name = "high-contrast", .state = "false", .change_state = set_high_contrast},
    };
    GActionMap *map = G_ACTION_MAP(window);
    g_action_map_add_action_entries(map, entries, G_N_ELEMENTS(entries), window);
    g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(map, "notifications")), g_variant_new_boolean(window->app->prefs.notifications));
    g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(map, "high-contrast")), g_variant_new_boolean(window->app->prefs.high_contrast));
    gtk_application_set_accels_for_action(window->app->gtk, "win.preferences", (const char *[]){"<Control>comma", NULL});
}
