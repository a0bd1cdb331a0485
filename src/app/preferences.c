/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences: everything in it is an action of the window, applied at once and saved, so that menus, keys and this window never differ. */
#include "preferences_private.h"

#include <math.h>
#include "number_spin_private.h"
#include "spreadglass/base/clock.h"

/* The numbers that can be set elsewhere too, or that move together; kept with the preferences' window. */
struct numbers {
    GtkWidget *window_length, *threshold, *exit, *hold, *stale;
    gboolean following; /* what is shown is being brought up to date: nobody typed it */
};

static struct numbers *numbers_of(SgWindow *window)
{
    return window->preferences != NULL ? g_object_get_data(G_OBJECT(window->preferences), "sg-numbers") : NULL;
}

static gboolean on_settled(gpointer data)
{
    sg_window_sync_preferences(data);
    return G_SOURCE_REMOVE;
}

/* A spin button must not be set while it tells of its own change (GTK would go on for ever): what became of the number is shown afterwards. */
static struct numbers *begin_typed(SgWindow *window)
{
    struct numbers *numbers = numbers_of(window);
    if (numbers == NULL || numbers->following)
        return NULL;
    numbers->following = TRUE;
    return numbers;
}

static void end_typed(SgWindow *window, struct numbers *numbers)
{
    numbers->following = FALSE;
    g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_settled, g_object_ref(window), g_object_unref);
}

static void on_window_length(GtkSpinButton *spin, SgWindow *window)
{
    struct numbers *numbers = begin_typed(window);
    if (numbers == NULL)
        return;
    sg_app_set_window_length(window->app, (guint)gtk_spin_button_get_value_as_int(spin));
    end_typed(window, numbers);
}

static void on_threshold(GtkSpinButton *spin, SgWindow *window)
{
    struct numbers *numbers = begin_typed(window);
    if (numbers == NULL)
        return;
    sg_app_set_threshold(window->app, gtk_spin_button_get_value(spin));
    end_typed(window, numbers);
}

static void on_exit_threshold(GtkSpinButton *spin, SgWindow *window)
{
    struct numbers *numbers = begin_typed(window);
    if (numbers == NULL)
        return;
    sg_app_set_exit(window->app, gtk_spin_button_get_value(spin));
    end_typed(window, numbers);
}

static void on_hold(GtkSpinButton *spin, SgWindow *window)
{
    struct numbers *numbers = begin_typed(window);
    if (numbers == NULL)
        return;
    sg_app_set_hold(window->app, (guint)gtk_spin_button_get_value_as_int(spin));
    end_typed(window, numbers);
}

static void on_stale(GtkSpinButton *spin, SgWindow *window)
{
    struct numbers *numbers = begin_typed(window);
    if (numbers == NULL)
        return;
    sg_app_set_stale_after(window->app, gtk_spin_button_get_value(spin));
    end_typed(window, numbers);
}

static void on_cool_down(GtkSpinButton *spin, SgWindow *window)
{
    sg_prefs_set_cool_down(&window->app->prefs, (guint)gtk_spin_button_get_value_as_int(spin));
}

static void show_number(GtkWidget *spin, double value)
{
    if (fabs(gtk_spin_button_get_value(GTK_SPIN_BUTTON(spin)) - value) > 1e-9)
        gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
}

void sg_window_sync_preferences(SgWindow *window)
{
    GAction *crossing = g_action_map_lookup_action(G_ACTION_MAP(window), "alert-every-crossing");
    if (crossing != NULL)
        g_simple_action_set_state(G_SIMPLE_ACTION(crossing), g_variant_new_boolean(window->app->now.params.exit >= window->app->now.params.entry));
    struct numbers *numbers = numbers_of(window);
    if (numbers == NULL || numbers->following)
        return;
    const struct sg_pair_params *params = &window->app->now.params;
    numbers->following = TRUE;
    show_number(numbers->window_length, (double)params->window);
    show_number(numbers->threshold, params->entry);
    show_number(numbers->exit, params->exit);
    show_number(numbers->hold, (double)params->hold);
    show_number(numbers->stale, (double)window->app->now.stale_after_us / (double)SG_US_PER_S);
    numbers->following = FALSE;
}

static void fill(SgWindow *window, GtkWidget *page, struct numbers *numbers)
{
    static const struct sg_pref_option themes[] = {{"system", "As the desktop"}, {"light", "Light"}, {"dark", "Dark"}};
    static const struct sg_pref_option zones[] = {{"false", "Local time"}, {"true", "UTC"}};
    static const struct sg_pref_option intervals[] = {{"1s", "1 second"}, {"1m", "1 minute"}, {"5m", "5 minutes"}, {"15m", "15 minutes"}, {"30m", "30 minutes"},
                                                      {"1h", "1 hour"},   {"2h", "2 hours"},  {"4h", "4 hours"},   {"1d", "1 day"}};
    static const struct sg_pref_option prices[] = {
        {"percent", "Percent of the first bar"}, {"absolute", "Absolute, two axes"}, {"indexed", "Indexed to 100"}, {"log", "Logarithmic"}};
    static const struct sg_pref_option spreads[] = {
        {"residual", "Residual: A \u2212 \u03b1 \u2212 \u03b2B"}, {"level", "Spread: A \u2212 \u03b2B"}, {"deviation", "Spread \u2212 its rolling mean"}};
    const struct sg_pair_params *params = &window->app->now.params;

    GtkWidget *list = sg_pref_group(page, "General");
    sg_pref_add_pair(window, list);
    sg_pref_row(list, "Bars", "Length of a bar", sg_pref_choice(window, "interval", FALSE, intervals, G_N_ELEMENTS(intervals)));
    sg_pref_row(list, "Bars in the window", "For the rolling mean, deviation and correlation",
                numbers->window_length = sg_pref_spin(window, SG_WINDOW_MIN, SG_WINDOW_MAX, 1, 0, (double)params->window, G_CALLBACK(on_window_length)));
    sg_pref_row(list, "Connect at start", "Otherwise the window opens and waits for Reconnect", sg_pref_toggle("win.connect-at-start"));
    list = sg_pref_group(page, "Alerts");
    sg_pref_row(list, "Alert threshold", "Size of the z-score, in standard deviations",
                numbers->threshold = sg_pref_spin(window, 0.1, 20, 0.1, 1, params->entry, G_CALLBACK(on_threshold)));
    sg_pref_row(list, "Alert ends at", "Size of the z-score; at most the threshold",
                numbers->exit = sg_pref_spin(window, 0, 20, 0.1, 2, params->exit, G_CALLBACK(on_exit_threshold)));
    sg_pref_row(list, "Every crossing", "An alert ends at the threshold itself, and comes and goes with every bar", sg_pref_toggle("win.alert-every-crossing"));
    sg_pref_row(list, "Closes before an alert", "In a row beyond the threshold",
                numbers->hold = sg_pref_spin(window, 1, 100, 1, 0, (double)params->hold, G_CALLBACK(on_hold)));
    sg_pref_row(list, "Only where the relation is supported", "Others are in the log and on the bell, and not told: no banner, no notification, no sound",
                sg_pref_toggle("win.alert-supported-only"));
    sg_pref_row(list, "Stale after", "Seconds since a leg last traded: an older z-score raises no alert",
                numbers->stale = sg_pref_spin(window, 1, 86400, 1, 0, (double)window->app->now.stale_after_us / (double)SG_US_PER_S, G_CALLBACK(on_stale)));
    sg_pref_row(list, "Quiet after an alert", "Seconds without another notification or sound for the same pair and side",
                sg_pref_spin(window, 0, 86400, 10, 0, (double)window->app->prefs.cool_down, G_CALLBACK(on_cool_down)));
    sg_pref_row(list, "Desktop notifications", "Of an alert while this window is not in front", sg_pref_toggle("win.notifications"));
    sg_pref_row(list, "Sound", "The bell of the desktop when an alert is raised", sg_pref_toggle("win.alert-sound"));
    sg_number_spin_set_check(numbers->window_length, sg_app_check_window_length, window->app);
    sg_number_spin_set_check(numbers->threshold, sg_app_check_threshold, window->app);
    list = sg_pref_group(page, "Charts");
    sg_pref_row(list, "Prices", NULL, sg_pref_choice(window, "price-mode", FALSE, prices, G_N_ELEMENTS(prices)));
    sg_pref_row(list, "Candles for A", "Needs a stream of trades", sg_pref_toggle("win.candles-a"));
    sg_pref_row(list, "Candles for B", "Needs a stream of trades", sg_pref_toggle("win.candles-b"));
    sg_pref_row(list, "Volume", "At the foot of the price chart", sg_pref_toggle("win.volume"));
    sg_pref_row(list, "Time zone", NULL, sg_pref_choice(window, "utc", TRUE, zones, G_N_ELEMENTS(zones)));
    sg_pref_row(list, "Spread", "\u03b1 and \u03b2 as they were known at each bar",
                sg_pref_choice(window, "spread-mode", FALSE, spreads, G_N_ELEMENTS(spreads)));
    sg_pref_row(list, "Spread with today's hedge ratio", "A dashed line beside what was known then", sg_pref_toggle("win.hindsight"));
    list = sg_pref_group(page, "Appearance");
    sg_pref_row(list, "Theme", NULL, sg_pref_choice(window, "appearance", FALSE, themes, G_N_ELEMENTS(themes)));
    sg_pref_row(list, "High contrast", "Thicker lines and stronger colours. The usual colours are told apart with any colour vision too.",
                sg_pref_toggle("win.high-contrast"));
    sg_pref_add_network(window, page);
    sg_pref_add_data(window, page);
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
    gtk_window_set_default_size(GTK_WINDOW(preferences), 600, 640);
    gtk_widget_add_css_class(preferences, "preferences");
    gtk_widget_insert_action_group(preferences, "win", G_ACTION_GROUP(window));
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    struct numbers *numbers = g_new0(struct numbers, 1);
    g_object_set_data_full(G_OBJECT(preferences), "sg-numbers", numbers, g_free);
    fill(window, page, numbers);
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

static void set_sound(GSimpleAction *action, GVariant *state, gpointer data)
{
    g_simple_action_set_state(action, state);
    sg_prefs_set_sound(&((SgWindow *)data)->app->prefs, g_variant_get_boolean(state));
}

static void set_every_crossing(GSimpleAction *action, GVariant *state, gpointer data)
{
    (void)action; /* its state follows what was taken */
    SgWindow *window = data;
    double entry = window->app->now.params.entry;
    sg_app_set_exit(window->app, g_variant_get_boolean(state) ? entry : SG_EXIT_SHARE * entry);
}

static void set_supported_only(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    sg_prefs_set_supported_only(&window->app->prefs, g_variant_get_boolean(state));
    sg_window_update(window);
}

static void set_connect_at_start(GSimpleAction *action, GVariant *state, gpointer data)
{
    g_simple_action_set_state(action, state);
    sg_prefs_set_connect_at_start(&((SgWindow *)data)->app->prefs, g_variant_get_boolean(state));
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
        {.name = "alert-sound", .state = "false", .change_state = set_sound},
        {.name = "alert-every-crossing", .state = "false", .change_state = set_every_crossing},
        {.name = "alert-supported-only", .state = "false", .change_state = set_supported_only},
        {.name = "connect-at-start", .state = "true", .change_state = set_connect_at_start},
        {.name = "high-contrast", .state = "false", .change_state = set_high_contrast},
    };
    GActionMap *map = G_ACTION_MAP(window);
    g_action_map_add_action_entries(map, entries, G_N_ELEMENTS(entries), window);
    const struct sg_prefs *prefs = &window->app->prefs;
    const struct {
        const char *name;
        gboolean on;
    } saved[] = {
        {"notifications", prefs->notifications},       {"alert-sound", prefs->sound},           {"alert-supported-only", prefs->supported_only},
        {"connect-at-start", prefs->connect_at_start}, {"high-contrast", prefs->high_contrast},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(saved); i++)
        g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(map, saved[i].name)), g_variant_new_boolean(saved[i].on));
    gtk_application_set_accels_for_action(window->app->gtk, "win.preferences", (const char *[]){"<Control>comma", NULL});
}
