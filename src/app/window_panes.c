/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panes and the price pane's ways as actions: the same ones behind the main menu, the chart's menu and the keys. Every choice is saved. */
#include "window_private.h"

#include <string.h>

static const char *const price_modes[SG_PRICE_MODE_COUNT] = {
    [SG_PRICE_PERCENT] = "percent", [SG_PRICE_ABSOLUTE] = "absolute", [SG_PRICE_INDEXED] = "indexed", [SG_PRICE_LOG] = "log"};

static const char *const spread_modes[SG_SPREAD_MODE_COUNT] = {
    [SG_SPREAD_RESIDUAL] = "residual", [SG_SPREAD_LEVEL] = "level", [SG_SPREAD_DEVIATION] = "deviation"};

static GSimpleAction *action_of(SgWindow *window, const char *name)
{
    return G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(window), name));
}

static void set_checked(SgWindow *window, const char *name, gboolean on)
{
    g_simple_action_set_state(action_of(window, name), g_variant_new_boolean(on));
}

/* ---- which panes ---- */

static void sync_panes(SgWindow *window)
{
    const struct sg_pane_layout *layout = sg_pane_stack_layout(sg_chart_area_stack(window->charts));
    struct sg_chart_target target;
    sg_chart_area_target(window->charts, &target);
    for (int i = 0; i < SG_PANE_ALL; i++) {
        g_autofree char *name = g_strconcat("pane-", sg_pane_name((enum sg_pane)i), NULL);
        set_checked(window, name, sg_pane_layout_is_shown(layout, (enum sg_pane)i));
    }
    set_checked(window, "pane-maximized", layout->maximized != SG_NO_PANE);
}

static void on_layout(SgChartArea *charts, SgWindow *window)
{
    sg_prefs_set_panes(&window->app->prefs, sg_pane_stack_layout(sg_chart_area_stack(charts)));
    sync_panes(window);
}

static void set_pane(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    enum sg_pane pane;
    if (!sg_pane_of_name(g_action_get_name(G_ACTION(action)) + strlen("pane-"), &pane))
        return;
    sg_chart_area_show_pane(window->charts, pane, g_variant_get_boolean(state));
    sync_panes(window); /* the last pane stays, and so does its mark */
}

/* The pane that a command is about: that of the open menu, else the one with the focus, else the uppermost. */
static enum sg_pane commanded(SgWindow *window)
{
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
    SgPaneStack *stack = sg_chart_area_stack(window->charts);
    for (int i = 0; focus != NULL && i < SG_PANE_ALL; i++)
        if (focus == sg_pane_stack_pane(stack, (enum sg_pane)i))
            return (enum sg_pane)i;
    struct sg_chart_target target;
    sg_chart_area_target(window->charts, &target);
    const struct sg_pane_layout *layout = sg_pane_stack_layout(stack);
    if (sg_pane_layout_is_shown(layout, target.pane))
        return target.pane;
    struct sg_pane_share panes[SG_PANE_ALL];
    sg_pane_layout_visible(layout, panes);
    return panes[0].pane;
}

static void set_maximized(GSimpleAction *action, GVariant *state, gpointer data)
{
    (void)action;
    (void)state;
    SgWindow *window = data;
    const struct sg_pane_layout *layout = sg_pane_stack_layout(sg_chart_area_stack(window->charts));
    enum sg_pane pane = layout->maximized != SG_NO_PANE ? (enum sg_pane)layout->maximized : commanded(window);
    sg_chart_area_pane_command(window->charts, pane, SG_PANE_TOGGLE_MAXIMIZED);
}

static const struct {
    const char *action, *label;
    enum sg_pane_command command;
} commands[] = {
    {"pane-up", "Move up", SG_PANE_UP},      {"pane-down", "Move down", SG_PANE_DOWN}, {"pane-taller", NULL, SG_PANE_TALLER},
    {"pane-shorter", NULL, SG_PANE_SHORTER}, {"pane-hide", "Hide", SG_PANE_HIDE},      {"panes-equal", NULL, SG_PANE_EQUALISE},
    {"panes-reset", NULL, SG_PANE_RESET},
};

static void pane_command(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)parameter;
    SgWindow *window = data;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(g_action_get_name(G_ACTION(action)), commands[i].action) == 0)
            sg_chart_area_pane_command(window->charts, commanded(window), commands[i].command);
}

static void values_auto(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    sg_chart_area_reset_values(window->charts, commanded(window));
}

/* ---- how prices are shown ---- */

static void on_price_mode(SgChartArea *charts, SgWindow *window)
{
    enum sg_price_mode mode = sg_chart_area_price_mode(charts);
    sg_prefs_set_price_mode(&window->app->prefs, mode);
    g_simple_action_set_state(action_of(window, "price-mode"), g_variant_new_string(price_modes[mode]));
}

static void set_price_mode(GSimpleAction *action, GVariant *state, gpointer data)
{
    (void)action;
    SgWindow *window = data;
    for (int i = 0; i < SG_PRICE_MODE_COUNT; i++)
        if (strcmp(g_variant_get_string(state, NULL), price_modes[i]) == 0) {
            sg_chart_area_set_price_mode(window->charts, (enum sg_price_mode)i);
            on_price_mode(window->charts, window);
        }
}

static void set_spread_mode(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    for (int i = 0; i < SG_SPREAD_MODE_COUNT; i++)
        if (strcmp(g_variant_get_string(state, NULL), spread_modes[i]) == 0) {
            sg_chart_area_set_spread_mode(window->charts, (enum sg_spread_mode)i);
            sg_prefs_set_spread_mode(&window->app->prefs, (enum sg_spread_mode)i);
            g_simple_action_set_state(action, state);
        }
}

static gboolean is_checked(SgWindow *window, const char *name)
{
    g_autoptr(GVariant) state = g_action_get_state(G_ACTION(action_of(window, name)));
    return g_variant_get_boolean(state);
}

/* What was chosen and what the stream can give: candles are of trades, and book prices have no volume. */
static void apply_price_style(SgWindow *window)
{
    gboolean trades = g_action_get_enabled(G_ACTION(action_of(window, "candles-a"))), volumes = g_action_get_enabled(G_ACTION(action_of(window, "volume")));
    sg_chart_area_set_price_style(window->charts, trades && is_checked(window, "candles-a"), trades && is_checked(window, "candles-b"),
                                  volumes && is_checked(window, "volume"));
}

static void set_price_style(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    apply_price_style(window);
    sg_prefs_set_price_style(&window->app->prefs, is_checked(window, "candles-a"), is_checked(window, "candles-b"), is_checked(window, "volume"));
}

static void set_square(GSimpleAction *action, GVariant *state, gpointer data)
{
    SgWindow *window = data;
    g_simple_action_set_state(action, state);
    sg_chart_area_set_square(window->charts, g_variant_get_boolean(state));
    sg_prefs_set_scatter_square(&window->app->prefs, g_variant_get_boolean(state));
}

/* The menu says why what cannot be chosen cannot. */
static void fill_style_menu(GMenu *style, enum sg_stream stream)
{
    gboolean trades = stream == SG_STREAM_TRADE;
    g_menu_remove_all(style);
    g_menu_append(style, trades ? "Candles for A" : "Candles for A (needs trades)", "win.candles-a");
    g_menu_append(style, trades ? "Candles for B" : "Candles for B (needs trades)", "win.candles-b");
    g_menu_append(style, stream == SG_STREAM_BOOK ? "Volume (needs trades or tickers)" : "Volume", "win.volume");
}

void sg_window_update_price_style(SgWindow *window)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    enum sg_stream stream = snapshot != NULL ? snapshot->stream : window->app->now.stream;
    if (window->style_stream == (int)stream)
        return;
    window->style_stream = (int)stream;
    g_simple_action_set_enabled(action_of(window, "candles-a"), stream == SG_STREAM_TRADE);
    g_simple_action_set_enabled(action_of(window, "candles-b"), stream == SG_STREAM_TRADE);
    g_simple_action_set_enabled(action_of(window, "volume"), stream != SG_STREAM_BOOK);
    fill_style_menu(window->style_menu, stream);
    apply_price_style(window);
}

/* ---- menus ---- */

static GMenuModel *panes_menu(void)
{
    GMenu *menu = g_menu_new(), *list = g_menu_new(), *all = g_menu_new();
    for (int i = 0; i < SG_PANE_ALL; i++) {
        g_autofree char *name = g_strconcat("win.pane-", sg_pane_name((enum sg_pane)i), NULL);
        g_menu_append(list, sg_pane_title((enum sg_pane)i), name);
    }
    g_menu_append(all, "Equal heights", "win.panes-equal");
    g_menu_append(all, "As at first", "win.panes-reset");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(list));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(all));
    g_object_unref(list);
    g_object_unref(all);
    return G_MENU_MODEL(menu);
}

static GMenuModel *price_menu(SgWindow *window)
{
    static const char *const labels[SG_PRICE_MODE_COUNT] = {[SG_PRICE_PERCENT] = "Percent of the first bar in view",
                                                            [SG_PRICE_ABSOLUTE] = "Absolute, on two axes",
                                                            [SG_PRICE_INDEXED] = "Indexed: first bar in view = 100",
                                                            [SG_PRICE_LOG] = "Logarithmic"};
    GMenu *menu = g_menu_new(), *modes = g_menu_new(), *style = g_menu_new();
    for (int i = 0; i < SG_PRICE_MODE_COUNT; i++) {
        g_autofree char *action = g_strdup_printf("win.price-mode::%s", price_modes[i]);
        g_menu_append(modes, labels[i], action);
    }
    g_menu_append_section(menu, NULL, G_MENU_MODEL(modes));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(style));
    g_object_unref(modes);
    window->style_menu = style; /* the menu's; both live as long as the window */
    g_object_unref(style);
    return G_MENU_MODEL(menu);
}

static GMenuModel *spread_menu(void)
{
    static const char *const labels[SG_SPREAD_MODE_COUNT] = {[SG_SPREAD_RESIDUAL] = "Residual: A \u2212 \u03b1 \u2212 \u03b2B",
                                                             [SG_SPREAD_LEVEL] = "Spread: A \u2212 \u03b2B",
                                                             [SG_SPREAD_DEVIATION] = "Spread \u2212 its rolling mean"};
    GMenu *menu = g_menu_new(), *modes = g_menu_new(), *more = g_menu_new();
    for (int i = 0; i < SG_SPREAD_MODE_COUNT; i++) {
        g_autofree char *action = g_strdup_printf("win.spread-mode::%s", spread_modes[i]);
        g_menu_append(modes, labels[i], action);
    }
    g_menu_append(more, "Also with today's hedge ratio", "win.hindsight");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(modes));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(more));
    g_object_unref(modes);
    g_object_unref(more);
    return G_MENU_MODEL(menu);
}

/* The menu's first item of its kind names the pane that was clicked, and what would happen to it. */
static void prepare_menu(SgWindow *window, gpointer context)
{
    (void)context;
    struct sg_chart_target target;
    sg_chart_area_target(window->charts, &target);
    const struct sg_pane_layout *layout = sg_pane_stack_layout(sg_chart_area_stack(window->charts));
    GMenu *section = sg_chart_menu_section(window->chart_menu, SG_CHART_MENU_PANE);
    g_menu_remove_all(section);
    if (sg_dashboard_value_range_chosen(sg_chart_area_dashboard(window->charts), target.pane))
        g_menu_append(section, "Automatic value range", "win.values-auto");
    g_menu_append(section, "Reset view", "win.reset-view");
    g_menu_append(section, layout->maximized == SG_NO_PANE ? "Maximise" : "Restore all panes", "win.pane-maximized");
    if (layout->maximized != SG_NO_PANE)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *name = g_strconcat("win.", commands[i].action, NULL);
        if (commands[i].label != NULL)
            g_menu_append(section, commands[i].label, name);
    }
}

static void fill_menus(SgWindow *window)
{
    GMenuModel *panes = panes_menu(), *prices = price_menu(window), *spread = spread_menu();
    sg_chart_menu_append_submenu(window->chart_menu, SG_CHART_MENU_PANES, "Panes", panes);
    sg_chart_menu_append_submenu(window->chart_menu, SG_CHART_MENU_PRICE, "Prices", prices);
    sg_chart_menu_append_submenu(window->chart_menu, SG_CHART_MENU_PRICE, "Spread", spread);
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_PRICE, "Square scatter when it is alone", "win.scatter-square");
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_PRICE, "Times in UTC", "win.utc");
    sg_chart_menu_on_open(window->chart_menu, prepare_menu, NULL);
    GMenu *main_menu = G_MENU(gtk_menu_button_get_menu_model(window->menu_button)), *charts = g_menu_new();
    g_menu_append_submenu(charts, "Panes", panes);
    g_menu_append_submenu(charts, "Prices", prices);
    g_menu_append_submenu(charts, "Spread", spread);
    g_menu_prepend_section(main_menu, NULL, G_MENU_MODEL(charts));
    g_object_unref(charts);
    g_object_unref(panes);
    g_object_unref(prices);
    g_object_unref(spread);
}

/* ---- once ---- */

static void add_actions(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "pane-maximized", .state = "false", .change_state = set_maximized},
        {.name = "values-auto", .activate = values_auto},
        {.name = "price-mode", .parameter_type = "s", .state = "'percent'", .change_state = set_price_mode},
        {.name = "spread-mode", .parameter_type = "s", .state = "'residual'", .change_state = set_spread_mode},
        {.name = "candles-a", .state = "false", .change_state = set_price_style},
        {.name = "candles-b", .state = "false", .change_state = set_price_style},
        {.name = "volume", .state = "false", .change_state = set_price_style},
        {.name = "scatter-square", .state = "true", .change_state = set_square},
    };
    GActionMap *map = G_ACTION_MAP(window);
    g_action_map_add_action_entries(map, entries, G_N_ELEMENTS(entries), window);
    for (int i = 0; i < SG_PANE_ALL; i++) {
        g_autofree char *name = g_strconcat("pane-", sg_pane_name((enum sg_pane)i), NULL);
        GActionEntry entry = {.name = name, .state = "false", .change_state = set_pane};
        g_action_map_add_action_entries(map, &entry, 1, window);
        g_autofree char *detailed = g_strconcat("win.", name, NULL), *key = g_strdup_printf("<Alt>%d", i + 1);
        gtk_application_set_accels_for_action(window->app->gtk, detailed, (const char *[]){key, NULL});
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        GActionEntry entry = {.name = commands[i].action, .activate = pane_command};
        g_action_map_add_action_entries(map, &entry, 1, window);
    }
}

/* A dialog came, or another program: nothing says when the pointer is over the charts again, or where. */
static void on_active(GtkWindow *self, GParamSpec *pspec, SgWindow *window)
{
    (void)pspec;
    if (!gtk_window_is_active(self))
        sg_chart_area_release_cursor(window->charts);
}

void sg_window_add_panes(SgWindow *window)
{
    const struct sg_prefs *prefs = &window->app->prefs;
    add_actions(window);
    fill_menus(window);
    sg_chart_area_set_layout(window->charts, &prefs->panes);
    sg_chart_area_set_price_mode(window->charts, prefs->price_mode);
    set_checked(window, "candles-a", prefs->candles_a);
    set_checked(window, "candles-b", prefs->candles_b);
    set_checked(window, "volume", prefs->volume);
    set_checked(window, "scatter-square", prefs->scatter_square);
    sg_chart_area_set_square(window->charts, prefs->scatter_square);
    window->style_stream = -1;
    sg_window_update_price_style(window);
    g_simple_action_set_state(action_of(window, "price-mode"), g_variant_new_string(price_modes[prefs->price_mode]));
    sg_chart_area_set_spread_mode(window->charts, prefs->spread_mode);
    g_simple_action_set_state(action_of(window, "spread-mode"), g_variant_new_string(spread_modes[prefs->spread_mode]));
    sync_panes(window);
    g_signal_connect(window, "notify::is-active", G_CALLBACK(on_active), window);
    g_signal_connect(window->charts, "layout-changed", G_CALLBACK(on_layout), window);
    g_signal_connect(window->charts, "price-mode-changed", G_CALLBACK(on_price_mode), window);
}
