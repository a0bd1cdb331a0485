/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event log of the window, and its way into a file. Actions: event-log; export-log-to (s), a file, all of it, for scripts. */
#include <string.h>
#include "compat.h"
#include "event_log_private.h"
#include "window_private.h"

struct log_file {
    SgWindow *window;
    char *path, *csv;
};

static void log_file_free(struct log_file *file)
{
    g_object_unref(file->window);
    g_free(file->path);
    g_free(file->csv);
    g_free(file);
}

/* The program does not end before this: a file that was asked for is whole, or not there. */
static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    struct log_file *file = data;
    g_autoptr(GError) error = NULL;
    gboolean done = g_file_replace_contents_finish(G_FILE(source), result, NULL, &error);
    g_autofree char *said = done ? g_strdup_printf("Saved %s", file->path) : g_strdup_printf("The event log was not saved: %s", error->message);
    GtkApplication *application = g_object_get_data(source, "sg-application");
    if (gtk_widget_get_mapped(GTK_WIDGET(file->window)))
        sg_window_say(file->window, said);
    log_file_free(file);
    g_application_release(G_APPLICATION(application));
}

static void write_log(struct log_file *file)
{
    g_autoptr(GFile) target = g_file_new_for_path(file->path);
    GtkApplication *application = file->window->app->gtk;
    g_object_set_data_full(G_OBJECT(target), "sg-application", g_object_ref(application), g_object_unref);
    g_application_hold(G_APPLICATION(application));
    g_file_replace_contents_async(target, file->csv, strlen(file->csv), NULL, FALSE, G_FILE_CREATE_NONE, NULL, on_written, file);
}

static void on_chosen(char *path, const char *const *chosen, gpointer context)
{
    (void)chosen;
    struct log_file *file = context;
    file->path = path;
    if (path == NULL)
        log_file_free(file);
    else
        write_log(file);
}

static struct log_file *log_file_new(SgWindow *window, GListModel *listed, const char *path)
{
    struct log_file *file = g_new0(struct log_file, 1);
    *file = (struct log_file){.window = g_object_ref(window), .path = g_strdup(path), .csv = sg_event_log_csv(listed)};
    return file;
}

static void save(GtkWindow *parent, GListModel *listed, gpointer context)
{
    sg_compat_save_file(parent, "Export the event log", "events.csv", NULL, 0, on_chosen, log_file_new(context, listed, NULL));
}

static void show_time(gint64 time_us, gpointer context)
{
    sg_chart_area_show_time(((SgWindow *)context)->charts, time_us);
}

static void event_log(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    if (window->log == NULL) {
        const struct sg_log_calls calls = {.show_time = show_time, .save = save, .context = window};
        window->log = sg_event_log_window_new(GTK_WINDOW(window), window->app->events, window->app->prefs.utc, &calls);
        g_object_add_weak_pointer(G_OBJECT(window->log), (gpointer *)&window->log);
    }
    gtk_window_present(GTK_WINDOW(window->log));
}

static void export_log_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    SgWindow *window = data;
    write_log(log_file_new(window, G_LIST_MODEL(window->app->events), g_variant_get_string(parameter, NULL)));
}

void sg_window_add_log(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "event-log", .activate = event_log},
        {.name = "export-log-to", .parameter_type = "s", .activate = export_log_to},
    };
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
}
