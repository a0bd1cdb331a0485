/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export_private.h"

#include <math.h>
#include "pane_private.h"
#include "spreadglass/base/clock.h"

struct words {
    char *title, *status, *font;
    const char *names[SG_STAT_COUNT], *values[SG_STAT_COUNT];
    struct sg_dashboard_header header;
};

static gboolean describe(SgWindow *window, struct words *words, GError **error)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    if (snapshot == NULL || snapshot->history->length == 0) {
        g_set_error_literal(error, SG_SESSION_ERROR, SG_ERR_UNDEFINED, "there is nothing to show yet");
        return FALSE;
    }
    char newest[SG_TIME_BUF], a[SG_LEG_BUF], b[SG_LEG_BUF];
    sg_time_format_iso(snapshot->history->time_us[snapshot->history->length - 1], newest);
    words->title = g_strdup_printf("%s/%s \u00b7 %s \u00b7 window %zu", sg_leg_name(snapshot->legs, SG_LEG_A, a), sg_leg_name(snapshot->legs, SG_LEG_B, b),
                                   sg_interval_name(snapshot->interval), snapshot->params.window);
    words->status = g_strdup_printf("%s%s", snapshot->demo ? "Demo \u00b7 " : snapshot->replay ? "Replay \u00b7 " : "", newest);
    words->font = sg_widget_font(GTK_WIDGET(window->charts));
    words->header = (struct sg_dashboard_header){
        .title = words->title,
        .status = words->status,
        .stat_names = words->names,
        .stat_values = words->values,
        .stat_count = sg_stat_strip_texts(window->strip, words->names, words->values),
        .banner = sg_banner_text(window->alert_banner),
        .banner_up = window->alert_side != SG_SIGNAL_OVERSOLD,
        .banner_outlined = sg_banner_outlined(window->alert_banner),
        .verdict = gtk_inscription_get_text(GTK_INSCRIPTION(window->verdict)),
        .stale = gtk_widget_has_css_class(window->verdict, "stale"),
    };
    return TRUE;
}

static void forget(struct words *words)
{
    g_free(words->title);
    g_free(words->status);
    g_free(words->font);
}

struct picture_job {
    SgWindow *window;
    struct sg_drawn *drawn;
    char *path;
    struct sg_error reason;
};

static void picture_job_free(gpointer data)
{
    struct picture_job *job = data;
    sg_drawn_free(job->drawn);
    g_free(job->path);
    g_free(job);
}

static void write_picture(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    struct picture_job *job = data;
    g_task_return_boolean(task, sg_drawn_write(job->drawn, &job->reason) == SG_OK);
}

/* The program does not end before this: a file that was asked for is whole, or not there. */
static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    GtkApplication *application = data;
    const struct picture_job *job = g_task_get_task_data(G_TASK(result));
    g_autofree char *said = g_task_propagate_boolean(G_TASK(result), NULL) ? g_strdup_printf("Saved %s", job->path)
                                                                           : g_strdup_printf("The picture was not saved: %s", job->reason.text);
    if (gtk_widget_get_mapped(GTK_WIDGET(job->window)))
        sg_window_say(job->window, said);
    g_object_unref(job->window);
    g_application_release(G_APPLICATION(application));
    g_object_unref(application);
}

gboolean sg_export_picture(SgWindow *window, const char *path, enum sg_pane pane, double scale, GError **error)
{
    struct words words = {0};
    if (!describe(window, &words, error))
        return FALSE;
    struct sg_drawn *drawn = NULL;
    struct sg_error reason = {0};
    struct sg_dashboard *dashboard = sg_chart_area_dashboard(window->charts);
    const struct sg_viewport *view = sg_chart_area_view(window->charts);
    const struct sg_theme *theme = sg_appearance_theme(window->app->appearance);
    enum sg_status status;
    if (pane == SG_PANE_ALL) {
        int width = gtk_widget_get_width(window->content), height = gtk_widget_get_height(window->content);
        status = sg_dashboard_draw_file(dashboard, path, &words.header, view, theme, words.font, width, height, scale, &drawn, &reason);
    } else {
        GtkWidget *widget = sg_pane_stack_pane(sg_chart_area_stack(window->charts), pane);
        int width = gtk_widget_get_width(GTK_WIDGET(window->charts)), height = MAX(gtk_widget_get_height(widget), 160);
        g_autofree char *title = g_strdup_printf("%s \u00b7 %s", words.title, sg_pane_title(pane));
        status =
            sg_dashboard_draw_pane_file(dashboard, path, pane, title, view, theme, words.font, width, height + SG_TIME_AXIS_HEIGHT, scale, &drawn, &reason);
    }
    forget(&words);
    if (status != SG_OK) {
        g_set_error_literal(error, SG_SESSION_ERROR, (int)reason.status, reason.text);
        return FALSE;
    }
    struct picture_job *job = g_new0(struct picture_job, 1);
    *job = (struct picture_job){.window = g_object_ref(window), .drawn = drawn, .path = g_strdup(path)};
    GtkApplication *application = g_object_ref(window->app->gtk);
    g_application_hold(G_APPLICATION(application));
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_written, application);
    g_task_set_task_data(task, job, picture_job_free);
    g_task_run_in_thread(task, write_picture);
    return TRUE;
}

GdkTexture *sg_export_texture(SgWindow *window, double scale, GError **error)
{
    struct words words = {0};
    if (!describe(window, &words, error))
        return NULL;
    int width = gtk_widget_get_width(window->content), height = gtk_widget_get_height(window->content);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)lround(width * scale), (int)lround(height * scale));
    cairo_surface_set_device_scale(surface, scale, scale);
    cairo_t *cr = cairo_create(surface);
    sg_dashboard_draw(sg_chart_area_dashboard(window->charts), cr, &words.header, sg_chart_area_view(window->charts),
                      sg_appearance_theme(window->app->appearance), words.font, width, height);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    GdkTexture *texture = NULL;
    if (status == CAIRO_STATUS_SUCCESS) {
        int stride = cairo_image_surface_get_stride(surface), rows = cairo_image_surface_get_height(surface);
        g_autoptr(GBytes) bytes = g_bytes_new(cairo_image_surface_get_data(surface), (gsize)stride * (gsize)rows);
        texture = gdk_memory_texture_new(cairo_image_surface_get_width(surface), rows, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
    } else {
        g_set_error_literal(error, SG_SESSION_ERROR, SG_ERR_NOMEM, cairo_status_to_string(status));
    }
    cairo_surface_destroy(surface);
    forget(&words);
    return texture;
}
