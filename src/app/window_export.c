/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window_export_private.h"

#include <math.h>
#include <string.h>
#include "chart_selection_private.h"
#include "compat.h"
#include "export_private.h"
#include "question_private.h"
#include "spreadglass/engine/history_export.h"

#define CLIPBOARD_MAX ((size_t)64 << 20)

struct exporter {
    SgWindow *window;
    struct sg_history_export *job; /* under way; NULL: none */
    char *saying;                  /* what to say when it is done */
};

static struct exporter *exporter_of(SgWindow *window)
{
    return g_object_get_data(G_OBJECT(window), "sg-exporter");
}

/* ---- data ---- */

/* "visible", "selection" or "all" as rows; NULL, or why there are none. */
static const char *rows_of(SgWindow *window, const char *range, size_t *ret_first, size_t *ret_count)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    if (snapshot == NULL || snapshot->history->length == 0)
        return "there are no bars yet";
    const struct sg_history *history = snapshot->history;
    *ret_first = 0;
    *ret_count = history->length;
    if (strcmp(range, "selection") == 0) {
        sg_chart_area_update(window->charts, snapshot);
        if (!sg_chart_area_selected_rows(window->charts, ret_first, ret_count))
            return "nothing is selected: drag with Shift held to mark a span";
    } else if (strcmp(range, "visible") == 0) {
        const struct sg_viewport *view = sg_chart_area_view(window->charts);
        double interval = (double)history->interval_us, limit = 9e18;
        *ret_first = sg_history_lower_bound(history, (gint64)CLAMP(ceil((view->right - view->span) * interval), -limit, limit));
        *ret_count = sg_history_lower_bound(history, (gint64)CLAMP(floor(view->right * interval), -limit, limit) + 1) - *ret_first;
    } else if (strcmp(range, "all") != 0) {
        return "there is no such range: visible, selection or all";
    }
    return *ret_count > 0 ? NULL : "there are no bars in this stretch of time";
}

static const struct sg_history *history_of(void *context)
{
    const SgSnapshot *snapshot = sg_app_snapshot(((struct exporter *)context)->window->app);
    return snapshot != NULL ? snapshot->history : NULL;
}

static void to_clipboard(SgWindow *window, GBytes *text)
{
    g_autoptr(GdkContentProvider) csv = gdk_content_provider_new_for_bytes("text/csv", text);
    g_autoptr(GdkContentProvider) plain = gdk_content_provider_new_for_bytes("text/plain;charset=utf-8", text);
    g_autoptr(GdkContentProvider) ascii = gdk_content_provider_new_for_bytes("text/plain", text);
    GdkContentProvider *all[] = {g_object_ref(csv), g_object_ref(plain), g_object_ref(ascii)};
    g_autoptr(GdkContentProvider) provider = gdk_content_provider_new_union(all, G_N_ELEMENTS(all));
    gdk_clipboard_set_content(gtk_widget_get_clipboard(GTK_WIDGET(window)), provider);
}

static void on_done(const struct sg_history_export_result *result, void *context)
{
    struct exporter *exporter = context;
    exporter->job = NULL;
    if (result->status == SG_OK && result->text != NULL)
        to_clipboard(exporter->window, result->text);
    g_autofree char *failure = g_strdup_printf("The data was not exported: %s", result->message ? result->message : "");
    sg_window_say(exporter->window, result->status == SG_OK ? exporter->saying : failure);
}

/* Of "folder/name.csv" for a leg: "folder/name-BTCUSDT.csv". */
static char *leg_file(const char *path, const char *symbol)
{
    gsize length = strlen(path);
    g_autofree char *stem = g_str_has_suffix(path, ".csv") ? g_strndup(path, length - 4) : g_strdup(path);
    return g_strdup_printf("%s-%s.csv", stem, symbol);
}

/* `path` NULL: onto the clipboard. `bars`: a file per leg. */
static void start(SgWindow *window, const char *path, const char *range, gboolean bars)
{
    struct exporter *exporter = exporter_of(window);
    struct sg_history_export_request request = {.content = bars ? SG_EXPORT_BARS : SG_EXPORT_ROWS, .text_maximum = CLIPBOARD_MAX};
    const char *why = rows_of(window, range, &request.first, &request.count);
    if (exporter->job != NULL)
        why = "the one before is still being written";
    if (why != NULL) {
        g_autofree char *text = g_strdup_printf("The data was not exported: %s", why);
        sg_window_say(window, text);
        return;
    }
    const struct sg_instrument *legs = window->app->now.legs;
    g_autofree char *file_a = bars ? leg_file(path, legs[SG_LEG_A].symbol) : g_strdup(path), *file_b = bars ? leg_file(path, legs[SG_LEG_B].symbol) : NULL;
    request.file[0] = file_a;
    request.file[1] = file_b;
    g_free(exporter->saying);
    const char *noun = request.count == 1 ? "bar" : "bars";
    exporter->saying = path == NULL ? g_strdup_printf("Copied %zu %s as CSV", request.count, noun)
                       : bars       ? g_strdup_printf("Saved %zu %s of each leg: %s and %s", request.count, noun, file_a, file_b)
                                    : g_strdup_printf("Saved %zu %s: %s", request.count, noun, file_a);
    exporter->job = sg_history_export_start(history_of, &request, on_done, exporter);
    if (exporter->job == NULL)
        sg_window_say(window, "The data was not exported: there is no memory for a copy of it");
}

/* ---- asking for the file ---- */

struct wish { /* what was asked for, while another question stands */
    SgWindow *window;
    char *path, *range;
    gboolean bars;
    gboolean asked; /* the dialog asked about `path` itself */
};

static void wish_done(struct wish *wish)
{
    g_object_unref(wish->window);
    g_free(wish->path);
    g_free(wish->range);
    g_free(wish);
}

static void on_overwrite(gboolean yes, gpointer context)
{
    struct wish *wish = context;
    if (yes && wish->window->app != NULL && exporter_of(wish->window) != NULL)
        start(wish->window, wish->path, wish->range, wish->bars);
    wish_done(wish);
}

/* The dialog asked about the name that was typed; the names that are written may be others. */
static void start_or_ask(struct wish *wish)
{
    const struct sg_instrument *legs = wish->window->app->now.legs;
    g_autofree char *a = wish->bars ? leg_file(wish->path, legs[SG_LEG_A].symbol) : g_strdup(wish->path), *b = leg_file(wish->path, legs[SG_LEG_B].symbol);
    gboolean there_a = (wish->bars || !wish->asked) && g_file_test(a, G_FILE_TEST_EXISTS), there_b = wish->bars && g_file_test(b, G_FILE_TEST_EXISTS);
    if (!there_a && !there_b) {
        on_overwrite(TRUE, wish);
        return;
    }
    g_autofree char *text = g_strdup_printf("%s%s%s %s already. Replace %s?", there_a ? a : b, there_a && there_b ? " and " : "", there_a && there_b ? b : "",
                                            there_a && there_b ? "exist" : "exists", there_a && there_b ? "them" : "it");
    sg_question_ask(GTK_WINDOW(wish->window), "Replace files?", text, "Replace", on_overwrite, wish);
}

static void on_csv_path(char *path, const char *const *chosen, gpointer context)
{
    SgWindow *window = context;
    if (path == NULL || window->app == NULL) {
        g_free(path);
        g_object_unref(window);
        return;
    }
    struct wish *wish = g_new0(struct wish, 1);
    *wish = (struct wish){
        .window = window, .path = path, .range = g_strdup(chosen[0] != NULL ? chosen[0] : "visible"), .bars = g_strcmp0(chosen[1], "bars") == 0, .asked = TRUE};
    start_or_ask(wish);
}

static void export_csv(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    static const char *const with_ids[] = {"selection", "visible", "all", NULL}, *const with_labels[] = {"Selected bars", "Bars in view", "All bars", NULL};
    static const char *const contents[] = {"rows", "bars", NULL};
    static const char *const content_labels[] = {"Closes and statistics (one file)", "Bars of each leg (two files, -SYMBOL is added)", NULL};
    SgWindow *window = data;
    size_t first, count;
    int skip = rows_of(window, "selection", &first, &count) == NULL ? 0 : 1;
    const struct sg_save_choice choices[] = {{"Bars", with_ids + skip, with_labels + skip}, {"Content", contents, content_labels}};
    const struct sg_instrument *legs = window->app->now.legs;
    g_autofree char *name = g_strdup_printf("%s-%s-%s.csv", legs[SG_LEG_A].symbol, legs[SG_LEG_B].symbol, sg_interval_name(window->app->now.interval));
    sg_compat_save_file(GTK_WINDOW(window), "Export data", name, choices, G_N_ELEMENTS(choices), on_csv_path, g_object_ref(window));
}

static void export_csv_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    const char *path, *range, *content;
    g_variant_get(parameter, "(&s&s&s)", &path, &range, &content);
    start(data, path, range, strcmp(content, "bars") == 0);
}

static void export_csv_as(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    const char *path, *range, *content;
    g_variant_get(parameter, "(&s&s&s)", &path, &range, &content);
    struct wish *wish = g_new0(struct wish, 1);
    *wish = (struct wish){.window = g_object_ref(data), .path = g_strdup(path), .range = g_strdup(range), .bars = strcmp(content, "bars") == 0};
    start_or_ask(wish);
}

static void copy_data(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    size_t first, count;
    start(data, NULL, rows_of(data, "selection", &first, &count) == NULL ? "selection" : "visible", FALSE);
}

/* ---- pictures ---- */

static void picture_to(SgWindow *window, const char *path, enum sg_pane pane, double scale)
{
    g_autoptr(GError) error = NULL;
    if (sg_export_picture(window, path, pane, scale, &error))
        return; /* it says when it is done */
    g_autofree char *said = g_strdup_printf("The picture was not saved: %s", error->message);
    sg_window_say(window, said);
}

struct picture_wish {
    SgWindow *window;
    enum sg_pane pane;
};

static void on_picture_path(char *path, const char *const *chosen, gpointer context)
{
    struct picture_wish *wish = context;
    if (path != NULL && wish->window->app != NULL)
        picture_to(wish->window, path, wish->pane, g_strcmp0(chosen[0], "1") == 0 ? 1 : 2);
    g_free(path);
    g_object_unref(wish->window);
    g_free(wish);
}

static void ask_for_picture(SgWindow *window, enum sg_pane pane)
{
    static const char *const ids[] = {"2", "1", NULL}, *const labels[] = {"2 pixels a unit", "1 pixel a unit", NULL};
    const struct sg_save_choice choices[] = {{"Size of a PNG", ids, labels}};
    const struct sg_instrument *legs = window->app->now.legs;
    g_autofree char *name = g_strdup_printf("%s-%s%s%s.png", legs[SG_LEG_A].symbol, legs[SG_LEG_B].symbol, pane == SG_PANE_ALL ? "" : "-", sg_pane_title(pane));
    struct picture_wish *wish = g_new0(struct picture_wish, 1);
    wish->window = g_object_ref(window);
    wish->pane = pane;
    sg_compat_save_file(GTK_WINDOW(window), "Export picture (.png, .svg or .pdf)", name, choices, G_N_ELEMENTS(choices), on_picture_path, wish);
}

static void export_picture(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    ask_for_picture(data, SG_PANE_ALL);
}

static void export_pane(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    struct sg_chart_target target;
    sg_chart_area_target(((SgWindow *)data)->charts, &target);
    ask_for_picture(data, target.pane);
}

/* The same without the question, for scripts: `gdbus call … Activate export-picture-to "[<'FILE'>]" {}`. */
static void export_picture_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    picture_to(data, g_variant_get_string(parameter, NULL), SG_PANE_ALL, 2);
}

static void export_pane_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    const char *path, *title;
    double scale;
    g_variant_get(parameter, "(&s&sd)", &path, &title, &scale);
    for (int i = 0; i < SG_PANE_ALL; i++)
        if (strcmp(sg_pane_title((enum sg_pane)i), title) == 0)
            picture_to(data, path, (enum sg_pane)i, scale);
}

static void copy_picture(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    g_autoptr(GError) error = NULL;
    g_autoptr(GdkTexture) texture = sg_export_texture(data, 2, &error);
    if (texture == NULL) {
        g_autofree char *said = g_strdup_printf("The picture was not copied: %s", error->message);
        sg_window_say(data, said);
        return;
    }
    gdk_clipboard_set_texture(gtk_widget_get_clipboard(GTK_WIDGET(data)), texture);
    sg_window_say(data, "Copied the picture");
}

/* ---- life ---- */

static void exporter_free(gpointer data)
{
    struct exporter *exporter = data;
    sg_history_export_cancel(exporter->job);
    g_free(exporter->saying);
    g_free(exporter);
}

void sg_window_add_export(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "export-picture", .activate = export_picture},
        {.name = "export-pane", .activate = export_pane},
        {.name = "export-picture-to", .activate = export_picture_to, .parameter_type = "s"},
        {.name = "export-pane-to", .activate = export_pane_to, .parameter_type = "(ssd)"},
        {.name = "export-csv", .activate = export_csv},
        {.name = "export-csv-to", .activate = export_csv_to, .parameter_type = "(sss)"},
        {.name = "export-csv-as", .activate = export_csv_as, .parameter_type = "(sss)"},
        {.name = "copy-data", .activate = copy_data},
        {.name = "copy-picture", .activate = copy_picture},
    };
    static const struct {
        const char *label, *action;
    } items[] = {
        {"Copy data in view", "win.copy-data"},         {"Copy picture", "win.copy-picture"},          {"Export data (CSV)\u2026", "win.export-csv"},
        {"Export picture\u2026", "win.export-picture"}, {"Export this pane\u2026", "win.export-pane"},
    };
    struct exporter *exporter = g_new0(struct exporter, 1);
    exporter->window = window;
    g_object_set_data_full(G_OBJECT(window), "sg-exporter", exporter, exporter_free);
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++)
        sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_EXPORT, items[i].label, items[i].action);
    gtk_application_set_accels_for_action(window->app->gtk, "win.export-csv", (const char *const[]){"<Control>e", NULL});
}
