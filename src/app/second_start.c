/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A second start while a window is open: what its command line asks for is done in that window, and what cannot be done there in one of its own. Nothing
 * of it is saved, as nothing of a first command line is. */
#include "second_start_private.h"

#include <string.h>
#include "spreadglass/base/place.h"
#include "window_private.h"

int sg_app_ask_running(int argc, char **argv)
{
    GApplication *asking = g_application_new(SG_APP_ID, G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_IS_LAUNCHER);
    int status = SG_APP_NONE_RUNS; /* also without a session bus */
    if (g_application_register(asking, NULL, NULL) && g_application_get_is_remote(asking))
        status = g_application_run(asking, argc, argv);
    g_object_unref(asking);
    return status;
}

static gboolean differs(const char *wanted, const char *running)
{
    return wanted != NULL && g_strcmp0(wanted, running) != 0;
}

/* A file or folder of the second start, whose relative names are from where it was started, against this program's own. */
static gboolean is_other_place(const char *wanted, const char *from, const char *running)
{
    if (wanted == NULL)
        return FALSE;
    if (running == NULL)
        return TRUE;
    g_autofree char *place = g_canonicalize_filename(wanted, from);
    return !sg_same_place(place, running);
}

/* Another market, or another place to keep it: not to be had here. Only what was said counts. */
static gboolean is_elsewhere(const struct sg_app *app, const struct sg_app_config *wanted, const char *from)
{
    const struct sg_session_config *now = &app->now, *session = &wanted->session;
    /* Where nothing was said the folder is that of what is kept; it may have been named since. */
    g_autofree char *kept = app->config->store_file != NULL ? g_path_get_dirname(app->config->store_file) : NULL;
    return session->source == SG_SOURCE_REPLAY || (wanted->demo && !now->demo) || differs(session->ws_url, now->ws_url) ||
           differs(session->rest_url, now->rest_url) || is_other_place(session->ca_file, from, now->ca_file) ||
           is_other_place(wanted->data_dir, from, app->config->data_dir != NULL ? app->config->data_dir : kept) ||
           (wanted->no_store && app->config->store_file != NULL);
}

static gboolean take_pair(struct sg_app *app, const struct sg_instrument legs[SG_LEG_COUNT], GError **error)
{
    g_autofree char *a = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_A].market), legs[SG_LEG_A].symbol);
    g_autofree char *b = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_B].market), legs[SG_LEG_B].symbol);
    return sg_app_set_pair(app, a, b, error);
}

static gboolean carry_out(struct sg_app *app, const struct sg_app_config *wanted, GError **error)
{
    return sg_app_take_settings(app, wanted, error) && (!wanted->stream_given || sg_app_use_stream(app, wanted->session.stream, error)) &&
           (!wanted->pair_given || take_pair(app, wanted->session.legs, error));
}

static gboolean asks_for_something(const struct sg_app_config *wanted)
{
    return wanted->pair_given || wanted->interval_given || wanted->window_given || wanted->entry_given || wanted->exit_given || wanted->hold_given ||
           wanted->stale_given || wanted->hedge_given || wanted->lookback_given || wanted->ddof_given || wanted->stream_given;
}

int sg_app_second_start(struct sg_app *app, GApplicationCommandLine *line)
{
    int argc = 0;
    g_auto(GStrv) argv = g_application_command_line_get_arguments(line, &argc);
    struct sg_app_config wanted = {0};
    g_autoptr(GError) error = NULL;
    if (app->config->read_command_line == NULL || !app->config->read_command_line(argc, argv, &wanted)) {
        g_application_command_line_printerr(line, "spreadglass: the window that is open does not understand this command line\n");
        return 1;
    }
    const char *from = g_application_command_line_get_cwd(line);
    if (is_elsewhere(app, &wanted, from != NULL ? from : "/"))
        return SG_APP_OWN_WINDOW;
    gboolean done = carry_out(app, &wanted, &error);
    if (app->window != NULL) {
        sg_window_update(app->window);
        gtk_window_present(GTK_WINDOW(app->window));
    }
    if (!done) {
        g_application_command_line_printerr(line, "spreadglass: the window that is open cannot do this: %s\n", error->message);
        return 1;
    }
    g_application_command_line_printerr(line, asks_for_something(&wanted) ? "spreadglass: it is running already: this was done in its window\n"
                                                                          : "spreadglass: it is running already: its window was brought to the front\n");
    return 0;
}
