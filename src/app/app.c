/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app_private.h"

#include <stdio.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "event_log_private.h"
#include "second_start_private.h"
#include "window_private.h"

#define START_ANYWAY_MS 400 /* where no frame is drawn (a hidden window) the session starts all the same */

gint64 sg_app_age_ms(const struct sg_app *app)
{
    return (sg_clock_mono(sg_clock_system()) - app->config->process_start_mono_us) / SG_US_PER_MS;
}

static void on_theme_changed(gpointer context)
{
    struct sg_app *app = context;
    if (app->window != NULL)
        sg_window_apply_theme(app->window);
}

static gboolean on_start_anyway(gpointer data)
{
    struct sg_app *app = data;
    app->start_timer = 0;
    sg_app_start_session(app);
    return G_SOURCE_REMOVE;
}

/* The first frame first: a person sees the window while the connection is being made. */
static void on_after_paint(GdkFrameClock *clock, struct sg_app *app)
{
    if (app->window == NULL || !gtk_widget_get_mapped(GTK_WIDGET(app->window)))
        return;
    g_signal_handlers_disconnect_by_func(clock, on_after_paint, app);
    g_debug("first frame after %d ms", (int)sg_app_age_ms(app));
    if (app->report)
        fprintf(stderr, "first frame after %d ms\n", (int)sg_app_age_ms(app));
    g_clear_handle_id(&app->start_timer, g_source_remove);
    app->start_timer = g_idle_add(on_start_anyway, app);
}

static void on_activate(GtkApplication *gtk, struct sg_app *app)
{
    (void)gtk;
    if (app->window != NULL) {
        gtk_window_present(GTK_WINDOW(app->window));
        return;
    }
    if (app->appearance == NULL)
        app->appearance = sg_appearance_new(app->prefs.appearance, on_theme_changed, app);
    sg_appearance_set_high_contrast(app->appearance, app->prefs.high_contrast);
    app->window = sg_window_new(app);
    GtkWidget *widget = GTK_WIDGET(app->window);
    gtk_widget_realize(widget);
    g_signal_connect(gtk_widget_get_frame_clock(widget), "after-paint", G_CALLBACK(on_after_paint), app);
    gtk_window_present(GTK_WINDOW(app->window));
    if (!app->started)
        app->start_timer = g_timeout_add(START_ANYWAY_MS, on_start_anyway, app);
}

static void quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    struct sg_app *app = data;
    /* Closing is all that is needed: the program ends with its last window, and the window saves its size on the way. */
    GList *windows = g_list_copy(gtk_application_get_windows(app->gtk));
    for (GList *item = windows; item != NULL; item = item->next)
        gtk_window_close(GTK_WINDOW(item->data));
    g_list_free(windows);
}

static void on_startup(GtkApplication *gtk, struct sg_app *app)
{
    static const GActionEntry entries[] = {{.name = "quit", .activate = quit}};
    g_action_map_add_action_entries(G_ACTION_MAP(gtk), entries, G_N_ELEMENTS(entries), app);
    gtk_window_set_default_icon_name(SG_APP_ID);
}

/* The first start opens the window; another one says what it wants of it. */
static int on_command_line(GtkApplication *gtk, GApplicationCommandLine *line, struct sg_app *app)
{
    if (g_application_command_line_get_is_remote(line))
        return sg_app_second_start(app, line);
    g_application_activate(G_APPLICATION(gtk));
    return 0;
}

static int refuse_without_display(void)
{
    fputs("spreadglass: no display: no window can open here (DISPLAY or WAYLAND_DISPLAY is not set, or cannot be opened).\n"
          "What works without one:\n"
          "  spreadglass render --demo --after 70 --output dashboard.png     the dashboard as a picture\n"
          "  spreadglass watch --demo                                        the live session as text\n"
          "  spreadglass --help                                              everything else\n",
          stderr);
    return 1;
}

/* The charts are Cairo pictures already, and where OpenGL is done in software GTK's own Cairo renderer needs a fifth of the time.
 * Asking the driver first would load it, which costs 60 MB and 60 ms by itself, so it is not even looked at. A person's own choice
 * stands: with GSK_RENDERER set to gl or ngl, or GDK_DEBUG to anything, that is left alone. */
static void prefer_cairo(void)
{
    const char *chosen = g_getenv("GSK_RENDERER");
    if (chosen != NULL && strcmp(chosen, "cairo") != 0)
        return;
    g_setenv("GSK_RENDERER", "cairo", TRUE);
    g_setenv("GDK_DEBUG", "gl-disable", FALSE);
}

int sg_app_run(const struct sg_app_config *config, int argc, char **argv)
{
    sg_prefs_find_schema();
    prefer_cairo();
    if (!gtk_init_check())
        return refuse_without_display();

    /* The window speaks English and its time runs to the right, whatever way the locale's script runs: mirrored, the minus of a z-score stood
     * behind it. */
    gtk_widget_set_default_direction(GTK_TEXT_DIR_LTR);

    struct sg_app app = {.config = config, .report = g_strcmp0(g_getenv("SG_STARTUP_REPORT"), "1") == 0};
    sg_prefs_load(&app.prefs);
    sg_app_initial_config(&app);
    if (!sg_app_check_start(&app)) {
        sg_prefs_free(&app.prefs);
        return 2; /* the call is wrong */
    }
    sg_app_forget_old(&app);
    app.events = sg_event_log_new();
    app.gtk = gtk_application_new(SG_APP_ID, G_APPLICATION_HANDLES_COMMAND_LINE | (config->own_window ? G_APPLICATION_NON_UNIQUE : 0));
    g_signal_connect(app.gtk, "startup", G_CALLBACK(on_startup), &app);
    g_signal_connect(app.gtk, "activate", G_CALLBACK(on_activate), &app);
    g_signal_connect(app.gtk, "command-line", G_CALLBACK(on_command_line), &app);
    int status = g_application_run(G_APPLICATION(app.gtk), MIN(argc, 1), argv);

    sg_app_stop_session(&app);
    sg_appearance_free(app.appearance);
    g_object_unref(app.gtk);
    sg_prefs_free(&app.prefs);
    g_object_unref(app.events);
    g_free(app.start_error);
    return status;
}
