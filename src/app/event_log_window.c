/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "event_log_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/number_text.h"

struct view {
    gboolean utc;
    struct sg_log_calls calls;
    GtkWidget *window, *find;
    GtkToggleButton *kinds[SG_LOG_KINDS]; /* while "All" is pressed none of them is */
    GtkFilterListModel *listed;
    GtkCustomFilter *filter;
};

enum column { COLUMN_TIME, COLUMN_PAIR, COLUMN_WORD, COLUMN_TEXT, COLUMN_PEAK, COLUMN_LASTED, COLUMNS };

static const struct {
    const char *title;
    int chars; /* 0: whatever is left */
    float xalign;
} columns[COLUMNS] = {
    [COLUMN_TIME] = {"Time", 9, 0},          [COLUMN_PAIR] = {"Pair", 16, 0},    [COLUMN_WORD] = {"Event", 14, 0},
    [COLUMN_TEXT] = {"What happened", 0, 0}, [COLUMN_PEAK] = {"Peak |z|", 7, 1}, [COLUMN_LASTED] = {"Lasted", 9, 1},
};

/* ---- the cells ---- */

static const char *cell_text(const struct view *view, const SgLogEntry *entry, enum column column, char buffer[static SG_TEXT_BUF])
{
    const SgSessionEvent *event = &entry->event;
    gboolean is_alert = sg_log_entry_kind(entry) == SG_LOG_ALERTS, over = entry->is_over || event->code == SG_EVENT_ALERT_CLEARED;
    switch (column) {
    case COLUMN_TIME: return sg_text_clock(event->time_us, sg_clock_wall(sg_clock_system()), view->utc, buffer);
    case COLUMN_PAIR: return entry->pair;
    case COLUMN_WORD: return sg_log_entry_word(entry);
    case COLUMN_TEXT: return event->detail;
    case COLUMN_PEAK: return is_alert && over ? sg_text_fixed(fabs(event->peak), 2, false, buffer) : "";
    case COLUMN_LASTED: return !is_alert ? "" : over ? sg_text_duration(event->duration_us, buffer) : "standing";
    case COLUMNS:
    default: return "";
    }
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    (void)factory;
    enum column column = (enum column)GPOINTER_TO_INT(data);
    GtkWidget *label = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(label), columns[column].xalign);
    if (columns[column].chars > 0)
        gtk_label_set_width_chars(GTK_LABEL(label), columns[column].chars);
    else
        gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_list_item_set_child(item, label);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    const struct view *view = g_object_get_data(G_OBJECT(factory), "sg-view");
    enum column column = (enum column)GPOINTER_TO_INT(data);
    SgLogEntry *entry = gtk_list_item_get_item(item);
    GtkWidget *label = gtk_list_item_get_child(item);
    char buffer[SG_TEXT_BUF];
    const char *text = cell_text(view, entry, column, buffer);
    gtk_label_set_text(GTK_LABEL(label), text);
    if (column != COLUMN_TEXT)
        return;
    g_autofree char *whole = entry->end != NULL ? g_strdup_printf("%s\n%s", text, entry->end) : g_strdup(text);
    gtk_widget_set_tooltip_text(label, whole);
}

static void add_columns(GtkColumnView *table, struct view *view)
{
    for (int i = 0; i < COLUMNS; i++) {
        GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
        g_object_set_data(G_OBJECT(factory), "sg-view", view);
        g_signal_connect(factory, "setup", G_CALLBACK(on_setup), GINT_TO_POINTER(i));
        g_signal_connect(factory, "bind", G_CALLBACK(on_bind), GINT_TO_POINTER(i));
        GtkColumnViewColumn *column = gtk_column_view_column_new(columns[i].title, factory);
        gtk_column_view_column_set_expand(column, columns[i].chars == 0);
        gtk_column_view_column_set_resizable(column, TRUE);
        gtk_column_view_append_column(table, column);
        g_object_unref(column);
    }
}

/* ---- what is listed ---- */

static gboolean is_listed(gpointer item, gpointer data)
{
    const struct view *view = data;
    const SgLogEntry *entry = item;
    for (int kind = 0; kind < SG_LOG_KINDS; kind++)
        if (gtk_toggle_button_get_active(view->kinds[kind]) && sg_log_entry_kind(entry) != (enum sg_log_kind)kind)
            return FALSE;
    const char *sought = gtk_editable_get_text(GTK_EDITABLE(view->find));
    if (sought[0] == '\0')
        return TRUE;
    g_autofree char *key = g_utf8_casefold(sought, -1);
    g_autofree char *all = g_strdup_printf("%s %s %s %s", entry->pair, sg_log_entry_word(entry), entry->event.detail, entry->end != NULL ? entry->end : "");
    g_autofree char *folded = g_utf8_casefold(all, -1);
    return strstr(folded, key) != NULL;
}

static void on_filter(struct view *view)
{
    gtk_filter_changed(GTK_FILTER(view->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void on_row(GtkColumnView *table, guint position, struct view *view)
{
    g_autoptr(SgLogEntry) entry = g_list_model_get_item(G_LIST_MODEL(gtk_column_view_get_model(table)), position);
    if (entry != NULL)
        view->calls.show_time(entry->event.bar_time_us > 0 ? entry->event.bar_time_us : entry->event.time_us, view->calls.context);
}

static void on_save(struct view *view)
{
    view->calls.save(GTK_WINDOW(view->window), G_LIST_MODEL(view->listed), view->calls.context);
}

static gboolean on_escape(GtkWidget *window, GVariant *arguments, gpointer data)
{
    (void)arguments;
    (void)data;
    gtk_window_close(GTK_WINDOW(window));
    return TRUE;
}

/* ---- the window ---- */

/* "All" and each kind, one of which is pressed. */
static GtkWidget *kinds_new(struct view *view)
{
    static const char *const names[SG_LOG_KINDS] = {"Alerts", "Connection", "Data", "Problems"};
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0), *all = gtk_toggle_button_new_with_label("All");
    gtk_widget_add_css_class(box, "linked");
    gtk_widget_add_css_class(box, "intervals");
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(all), TRUE);
    gtk_box_append(GTK_BOX(box), all);
    for (int kind = 0; kind < SG_LOG_KINDS; kind++) {
        GtkWidget *button = gtk_toggle_button_new_with_label(names[kind]);
        view->kinds[kind] = GTK_TOGGLE_BUTTON(button);
        gtk_toggle_button_set_group(view->kinds[kind], GTK_TOGGLE_BUTTON(all));
        g_signal_connect_swapped(button, "toggled", G_CALLBACK(on_filter), view);
        gtk_box_append(GTK_BOX(box), button);
    }
    return box;
}

static GtkWidget *header_new(struct view *view)
{
    GtkWidget *header = gtk_header_bar_new(), *save = gtk_button_new_with_label("Export\u2026");
    view->find = gtk_search_entry_new();
    g_object_set(view->find, "placeholder-text", "Find", NULL);
    gtk_editable_set_width_chars(GTK_EDITABLE(view->find), 14);
    gtk_accessible_update_property(GTK_ACCESSIBLE(view->find), GTK_ACCESSIBLE_PROPERTY_LABEL, "Find in the event log", -1);
    gtk_widget_set_tooltip_text(save, "What is listed, as CSV");
    g_signal_connect_swapped(view->find, "search-changed", G_CALLBACK(on_filter), view);
    g_signal_connect_swapped(save, "clicked", G_CALLBACK(on_save), view);
    gtk_header_bar_pack_start(GTK_HEADER_BAR(header), kinds_new(view));
    gtk_header_bar_pack_start(GTK_HEADER_BAR(header), view->find);
    gtk_header_bar_pack_end(GTK_HEADER_BAR(header), save);
    return header;
}

/* The filter outlives the widgets that it asks by a moment, when the window goes. */
static void on_destroy(GtkWidget *window, struct view *view)
{
    (void)window;
    gtk_filter_list_model_set_filter(view->listed, NULL);
}

static void view_free(gpointer data)
{
    struct view *view = data;
    g_object_unref(view->listed);
    g_object_unref(view->filter);
    g_free(view);
}

GtkWidget *sg_event_log_window_new(GtkWindow *parent, GListStore *log, gboolean utc, const struct sg_log_calls *calls)
{
    GtkWidget *window = gtk_window_new(), *scroller = gtk_scrolled_window_new();
    struct view *view = g_new0(struct view, 1);
    *view = (struct view){.utc = utc, .calls = *calls, .window = window};
    gtk_window_set_title(GTK_WINDOW(window), "Event log");
    gtk_window_set_titlebar(GTK_WINDOW(window), header_new(view));
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
    gtk_window_set_default_size(GTK_WINDOW(window), 1100, 460);
    gtk_widget_add_css_class(window, "spreadglass");
    gtk_widget_add_css_class(window, "eventlog");
    view->filter = gtk_custom_filter_new(is_listed, view, NULL);
    view->listed = gtk_filter_list_model_new(G_LIST_MODEL(g_object_ref(log)), GTK_FILTER(g_object_ref(view->filter)));
    g_object_set_data_full(G_OBJECT(window), "sg-view", view, view_free);
    g_signal_connect(window, "destroy", G_CALLBACK(on_destroy), view);

    GtkWidget *table = gtk_column_view_new(GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(g_object_ref(view->listed)))));
    add_columns(GTK_COLUMN_VIEW(table), view);
    gtk_column_view_set_single_click_activate(GTK_COLUMN_VIEW(table), TRUE);
    g_signal_connect(table, "activate", G_CALLBACK(on_row), view);
    gtk_accessible_update_property(GTK_ACCESSIBLE(table), GTK_ACCESSIBLE_PROPERTY_LABEL, "Event log", -1);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), table);
    gtk_window_set_child(GTK_WINDOW(window), scroller);

    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Escape, 0), gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(window, keys);
    return window;
}
