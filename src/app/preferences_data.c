/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept on disk, where, and for how long. Nothing is deleted before a person said yes. */
#include "preferences_private.h"

#include "question_private.h"

static const struct {
    guint days;
    const char *label;
} terms[] = {{0, "For ever"}, {365, "One year"}, {90, "90 days"}, {30, "30 days"}, {7, "7 days"}};

struct data_rows {
    SgWindow *window;
    GtkDropDown *keep;
    gboolean setting;
    guint asked; /* days */
};

static guint index_of(guint days)
{
    for (guint i = 0; i < G_N_ELEMENTS(terms); i++)
        if (terms[i].days == days)
            return i;
    return 0;
}

static void show_saved(struct data_rows *rows)
{
    rows->setting = TRUE;
    gtk_drop_down_set_selected(rows->keep, index_of(rows->window->app->prefs.keep_days));
    rows->setting = FALSE;
}

static void rows_free(gpointer data)
{
    struct data_rows *rows = data;
    g_object_unref(rows->window);
    g_free(rows);
}

/* `rows` is held by the drop-down, which the question holds. */
static void on_answer(gboolean yes, gpointer context)
{
    struct data_rows *rows = context;
    struct sg_app *app = rows->window->app;
    if (yes) {
        sg_prefs_set_keep_days(&app->prefs, rows->asked);
        sg_app_forget_old(app);
    }
    show_saved(rows);
    g_object_unref(rows->keep);
}

static void on_keep(GtkDropDown *drop_down, GParamSpec *pspec, struct data_rows *rows)
{
    (void)pspec;
    struct sg_prefs *prefs = &rows->window->app->prefs;
    guint days = terms[MIN(gtk_drop_down_get_selected(drop_down), G_N_ELEMENTS(terms) - 1)].days;
    if (rows->setting || days == prefs->keep_days)
        return;
    if (days == 0 || (prefs->keep_days != 0 && days > prefs->keep_days)) { /* nothing more goes */
        sg_prefs_set_keep_days(prefs, days);
        return;
    }
    rows->asked = days;
    g_object_ref(rows->keep);
    g_autofree char *text = g_strdup_printf("Delete the bars, gaps and alerts on disk that are older than %u days, now and whenever the program "
                                            "starts? They cannot be brought back.",
                                            days);
    sg_question_ask(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(drop_down))), "Delete old data?", text, "Delete", on_answer, rows);
}

static guint64 size_of(const char *file, const char *suffix)
{
    g_autofree char *path = g_strconcat(file, suffix, NULL);
    g_autoptr(GFile) place = g_file_new_for_path(path);
    g_autoptr(GFileInfo) info = g_file_query_info(place, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, NULL);
    return info != NULL ? (guint64)g_file_info_get_size(info) : 0;
}

void sg_pref_add_data(SgWindow *window, GtkWidget *page)
{
    const struct sg_app_config *config = window->app->config;
    GtkWidget *list = sg_pref_group(page, "Data");
    if (config->store_file == NULL || config->forget == NULL) {
        sg_pref_row(list, "On disk", "This run keeps nothing on disk", gtk_label_new(""));
        return;
    }
    GtkStringList *labels = gtk_string_list_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(terms); i++)
        gtk_string_list_append(labels, terms[i].label);
    struct data_rows *rows = g_new0(struct data_rows, 1);
    rows->window = g_object_ref(window);
    rows->keep = GTK_DROP_DOWN(gtk_drop_down_new(G_LIST_MODEL(labels), NULL));
    show_saved(rows);
    g_object_set_data_full(G_OBJECT(rows->keep), "sg-rows", rows, rows_free);
    g_signal_connect(rows->keep, "notify::selected", G_CALLBACK(on_keep), rows);
    g_autofree char *size = g_format_size(size_of(config->store_file, "") + size_of(config->store_file, "-wal"));
    GtkWidget *used = gtk_label_new(size);
    sg_pref_row(list, "On disk", config->store_file, used);
    gtk_accessible_update_property(GTK_ACCESSIBLE(used), GTK_ACCESSIBLE_PROPERTY_LABEL, size, -1);
    sg_pref_row(list, "Keep", "Bars, gaps and alerts; the space is used again", GTK_WIDGET(rows->keep));
}
