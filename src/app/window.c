/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window_private.h"

#include "alert_bell_private.h"
#include "draw_report_private.h"
#include "model_button_private.h"
#include "number_spin_private.h"
#include "replay_bar_private.h"
#include "shrink_box_private.h"
#include "window_export_private.h"
#include "window_span_private.h"
#include "spreadglass/base/clock.h"

#define TOAST_SECONDS 5

G_DEFINE_TYPE(SgWindow, sg_window, GTK_TYPE_APPLICATION_WINDOW)

/* ---- what a person does ---- */

static void on_picked(SgSymbolPicker *picker, const char *symbol, SgWindow *window)
{
    struct sg_app *app = window->app;
    gboolean is_a = picker == window->picker_a;
    const struct sg_instrument *kept = &app->now.legs[is_a ? SG_LEG_B : SG_LEG_A];
    g_autofree char *other = g_strdup_printf("%s:%s", sg_market_name(kept->market), kept->symbol);
    g_autofree char *asked = g_strdup(symbol);
    g_autoptr(GError) error = NULL;
    if (!sg_app_set_pair(app, is_a ? asked : other, is_a ? other : asked, &error))
        sg_symbol_picker_show_error(picker, asked, error->message);
    sg_window_update(window);
}

static gboolean on_settled(gpointer data)
{
    SgWindow *window = data;
    if (window->app->window == window)
        sg_stat_strip_set_params(window->strip, (guint)window->app->now.params.window, window->app->now.params.entry);
    return G_SOURCE_REMOVE;
}

/* What was refused does not stay on the screen, whoever set it; a spin button cannot be set while it tells of its own change. */
static void settle(SgWindow *window)
{
    g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_settled, g_object_ref(window), g_object_unref);
}

static void on_window_length(SgStatStrip *strip, guint bars, SgWindow *window)
{
    (void)strip;
    sg_app_set_window_length(window->app, bars);
    settle(window);
}

static void on_threshold(SgStatStrip *strip, double threshold, SgWindow *window)
{
    (void)strip;
    sg_app_set_threshold(window->app, threshold);
    settle(window);
}

/* A number that was not taken: why. One that was taken speaks for itself. */
static void on_number(const char *text, gpointer window)
{
    if (text != NULL)
        sg_window_say(window, text);
}

static gboolean close_request(GtkWindow *gtk_window)
{
    SgWindow *window = SG_WINDOW(gtk_window);
    int width = 0, height = 0;
    gtk_window_get_default_size(gtk_window, &width, &height);
    sg_prefs_set_size(&window->app->prefs, width, height, gtk_window_is_maximized(gtk_window));
    sg_window_withdraw_notification(window);
    return GTK_WINDOW_CLASS(sg_window_parent_class)->close_request(gtk_window);
}

static void on_active(SgWindow *window, GParamSpec *pspec, gpointer data)
{
    (void)pspec;
    (void)data;
    if (gtk_window_is_active(GTK_WINDOW(window)))
        sg_window_withdraw_notification(window);
}

/* ---- what the session says ---- */

/* What says how old it is: the numbers, the verdict and the charts. */
static void update_freshness(SgWindow *window, const SgSnapshot *snapshot)
{
    struct sg_freshness freshness;
    sg_freshness_of(snapshot, sg_clock_mono(sg_clock_system()), g_get_real_time(), &freshness);
    sg_stat_strip_update(window->strip, snapshot, &freshness);
    sg_verdict_line_update(window->verdict, snapshot, &freshness);
    sg_chart_area_set_waiting(window->charts, &freshness);
}

static gboolean on_tick(gpointer data)
{
    SgWindow *window = data;
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    update_freshness(window, snapshot);
    sg_window_update_status(window, snapshot);
    sg_window_update_alert(window, snapshot);
    sg_replay_bar_update(window->replay);
    if (sg_window_needs_tick(window, snapshot))
        return G_SOURCE_CONTINUE;
    window->tick_timer = 0;
    return G_SOURCE_REMOVE;
}

static void update_pair(SgWindow *window)
{
    const struct sg_instrument *legs = window->app->now.legs;
    gboolean futures = legs[SG_LEG_A].market == SG_MARKET_USDM && legs[SG_LEG_B].market == SG_MARKET_USDM;
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    sg_leg_name(legs, SG_LEG_A, a);
    sg_leg_name(legs, SG_LEG_B, b);
    sg_symbol_picker_set_symbol(window->picker_a, a, sg_market_name(legs[SG_LEG_A].market));
    sg_symbol_picker_set_symbol(window->picker_b, b, sg_market_name(legs[SG_LEG_B].market));
    sg_symbol_picker_set_other(window->picker_a, b, "B");
    sg_symbol_picker_set_other(window->picker_b, a, "A");
    g_autofree char *title = g_strdup_printf("%s/%s%s \u2013 Spreadglass", a, b, futures ? " on USD-M" : "");
    if (g_strcmp0(gtk_window_get_title(GTK_WINDOW(window)), title) != 0)
        gtk_window_set_title(GTK_WINDOW(window), title);
}

void sg_window_update(SgWindow *window)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    update_pair(window);
    sg_window_update_price_style(window);
    sg_chart_area_update(window->charts, snapshot);
    sg_window_update_span(window);
    update_freshness(window, snapshot);
    sg_stat_strip_set_params(window->strip, (guint)window->app->now.params.window, window->app->now.params.entry);
    sg_model_button_update(window->model);
    sg_replay_bar_update(window->replay);
    sg_window_update_status(window, snapshot);
    sg_window_update_alert(window, snapshot);
    sg_window_sync_actions(window);
    sg_window_sync_preferences(window);
    if (window->tick_timer == 0 && sg_window_needs_tick(window, snapshot))
        window->tick_timer = g_timeout_add_seconds(1, on_tick, window);
}

void sg_window_apply_theme(SgWindow *window)
{
    sg_chart_area_set_theme(window->charts, sg_appearance_theme(window->app->appearance));
}

void sg_window_symbol_error(SgWindow *window, enum sg_leg leg, const char *asked, const char *text)
{
    sg_window_update(window);
    sg_symbol_picker_show_error(leg == SG_LEG_A ? window->picker_a : window->picker_b, asked, text);
}

void sg_window_set_symbols(SgWindow *window, const char *const *symbols)
{
    const struct sg_instrument *legs = window->app->now.legs; /* the list is of A's market */
    sg_symbol_picker_set_symbols(window->picker_a, symbols);
    sg_symbol_picker_set_symbols(window->picker_b, legs[SG_LEG_A].market == legs[SG_LEG_B].market ? symbols : NULL);
}

/* ---- news that passes ---- */

static gboolean on_toast_over(gpointer data)
{
    SgWindow *window = data;
    window->toast_timer = 0;
    gtk_revealer_set_reveal_child(GTK_REVEALER(window->toast), FALSE);
    gtk_widget_set_visible(window->toast, FALSE);
    return G_SOURCE_REMOVE;
}

/* A reason is written to follow a name and a colon; alone it is a sentence. One that begins with a name (a file's, a symbol's) stays as it is. */
static char *as_sentence(const char *text)
{
    size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    char *sentence = g_strdup(text);
    if (word > 0 && text[word] == ' ')
        sentence[0] = g_ascii_toupper(sentence[0]);
    return sentence;
}

void sg_window_say(SgWindow *window, const char *said)
{
    g_autofree char *text = as_sentence(said);
    if (window->app->report)
        g_printerr("said: %s\n", text);
    gtk_label_set_text(window->toast_label, text);
    gtk_widget_set_visible(window->toast, TRUE);
    gtk_revealer_set_reveal_child(GTK_REVEALER(window->toast), TRUE);
    g_clear_handle_id(&window->toast_timer, g_source_remove);
    window->toast_timer = g_timeout_add_seconds(TOAST_SECONDS, on_toast_over, window);
}

/* ---- life ---- */

static void build_header_end(SgWindow *window)
{
    GtkWidget *pills = sg_shrink_box_new(6, FALSE);
    window->latency = SG_STATUS_PILL(sg_status_pill_new("Latency", 7));
    window->rate = SG_STATUS_PILL(sg_status_pill_new("Rate", 9));
    window->connection = SG_STATUS_PILL(sg_status_pill_new("Connection", 12));
    sg_shrink_box_append(SG_SHRINK_BOX(pills), GTK_WIDGET(window->latency), 2);
    sg_shrink_box_append(SG_SHRINK_BOX(pills), GTK_WIDGET(window->rate), 1);
    sg_shrink_box_append(SG_SHRINK_BOX(pills), GTK_WIDGET(window->connection), 0);
    gtk_header_bar_pack_end(window->header, window->bell = sg_alert_bell_new());
    gtk_header_bar_pack_end(window->header, pills);
}

/* The answer, and beside it, so that no banner lies over it, that nothing is being kept: in the header there is no room for it at 960 pixels. */
static GtkWidget *build_answer_row(SgWindow *window, GtkWidget *answer)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    window->storage = SG_STATUS_PILL(sg_status_pill_new("Storage", 10));
    gtk_widget_set_visible(GTK_WIDGET(window->storage), FALSE);
    gtk_widget_set_margin_end(GTK_WIDGET(window->storage), 8);
    gtk_widget_add_css_class(row, "answer");
    gtk_widget_set_hexpand(answer, TRUE);
    gtk_box_append(GTK_BOX(row), answer);
    gtk_box_append(GTK_BOX(row), GTK_WIDGET(window->storage));
    return row;
}

static void build_content(SgWindow *window)
{
    static const struct sg_banner_button alert_buttons[] = {
        {"Show", "win.alert-show", "Move the charts to where it was raised"},
        {"Mute 15 min", "win.alert-mute", "No alert of this pair for 15 minutes"},
        {"Dismiss", "win.alert-dismiss", "Hide this alert (Ctrl+D)"},
    };
    static const struct sg_banner_button feed_buttons[] = {
        {"Retry now", "win.reconnect", "Connect at once (Ctrl+R)"},
        {"Open the built-in exchange", "win.open-demo", "A seeded market on this machine, over the same protocol"},
    };
    window->alert_banner = SG_BANNER(sg_banner_new("Alert"));
    sg_banner_set_buttons(window->alert_banner, alert_buttons, G_N_ELEMENTS(alert_buttons));
    window->feed_banner = SG_BANNER(sg_banner_new("Connection trouble"));
    sg_banner_set_buttons(window->feed_banner, feed_buttons, G_N_ELEMENTS(feed_buttons));
    window->strip = g_object_new(SG_TYPE_STAT_STRIP, NULL);
    window->charts = g_object_new(SG_TYPE_CHART_AREA, "vexpand", TRUE, NULL);
    GtkBox *content = GTK_BOX(window->content);
    GtkWidget *answer = gtk_overlay_new(); /* as high as the verdict, which is always there: nothing moves when a banner comes */
    gtk_overlay_set_child(GTK_OVERLAY(answer), window->verdict = sg_verdict_line_new());
    gtk_overlay_add_overlay(GTK_OVERLAY(answer), GTK_WIDGET(window->alert_banner));
    gtk_overlay_add_overlay(GTK_OVERLAY(answer), GTK_WIDGET(window->feed_banner));
    gtk_box_append(content, GTK_WIDGET(window->strip));
    gtk_box_append(content, build_answer_row(window, answer));
    gtk_box_append(content, GTK_WIDGET(window->charts));
    gtk_box_append(content, window->replay = sg_replay_bar_new(window));
    sg_window_add_explanations(window);
    window->chart_menu = sg_chart_menu_new(window);
    g_signal_connect(window->strip, "window-changed", G_CALLBACK(on_window_length), window);
    g_signal_connect(window->strip, "threshold-changed", G_CALLBACK(on_threshold), window);
}

static void dispose(GObject *object)
{
    SgWindow *window = SG_WINDOW(object);
    g_clear_handle_id(&window->tick_timer, g_source_remove);
    g_clear_handle_id(&window->toast_timer, g_source_remove);
    g_clear_pointer(&window->notified, g_free);
    if (window->log != NULL)
        gtk_window_destroy(GTK_WINDOW(window->log));
    if (window->preferences != NULL)
        gtk_window_destroy(GTK_WINDOW(window->preferences));
    if (window->app != NULL && window->app->window == window)
        window->app->window = NULL; /* the session goes on telling the app, which tells no window */
    G_OBJECT_CLASS(sg_window_parent_class)->dispose(object);
}

static void sg_window_class_init(SgWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = dispose;
    GTK_WINDOW_CLASS(klass)->close_request = close_request;
    g_type_ensure(SG_TYPE_SYMBOL_PICKER);
    gtk_widget_class_set_template_from_resource(widget_class, SG_RESOURCE_BASE "/window.ui");
    gtk_widget_class_bind_template_child(widget_class, SgWindow, header);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, picker_a);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, picker_b);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, content);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, menu_button);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, more_intervals);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, toast);
    gtk_widget_class_bind_template_child(widget_class, SgWindow, toast_label);
    gtk_widget_class_bind_template_callback(widget_class, on_picked);
}

static void sg_window_init(SgWindow *window)
{
    gtk_widget_init_template(GTK_WIDGET(window));
    build_header_end(window);
    build_content(window);
    sg_draw_report_watch(GTK_WIDGET(window));
    g_signal_connect(window, "notify::is-active", G_CALLBACK(on_active), NULL);
}

SgWindow *sg_window_new(struct sg_app *app)
{
    SgWindow *window = g_object_new(SG_TYPE_WINDOW, "application", app->gtk, NULL);
    window->app = app;
    GtkWidget *length = sg_stat_strip_window_spin(window->strip), *threshold = sg_stat_strip_threshold_spin(window->strip);
    sg_number_spin_set_say(length, "Window", on_number, window);
    sg_number_spin_set_check(length, sg_app_check_window_length, app);
    sg_number_spin_set_say(threshold, "Threshold", on_number, window);
    sg_number_spin_set_check(threshold, sg_app_check_threshold, app);
    window->model = sg_model_button_new(window);
    sg_stat_strip_add_control(window->strip, window->model);
    gtk_window_set_default_size(GTK_WINDOW(window), app->prefs.width, app->prefs.height);
    if (app->prefs.maximized)
        gtk_window_maximize(GTK_WINDOW(window));
    sg_chart_area_set_utc(window->charts, app->prefs.utc);
    sg_chart_area_set_hindsight(window->charts, app->prefs.hindsight);
    sg_window_add_actions(window);
    sg_replay_bar_add_actions(window);
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_EXPLAIN, "Explain the numbers of this bar", "win.explain-chart");
    sg_window_add_span(window);
    sg_window_add_export(window);
    sg_window_add_panes(window);
    sg_window_add_log(window);
    sg_window_add_preferences(window);
    sg_window_apply_theme(window);
    sg_window_update(window);
    gtk_window_set_focus(GTK_WINDOW(window), NULL);
    return window;
}
