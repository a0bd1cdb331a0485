/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "event_log_private.h"

#include "spreadglass/base/clock.h"
#include "spreadglass/engine/number_text.h"

#define SG_TYPE_LOG_ENTRY (sg_log_entry_get_type())
G_DECLARE_FINAL_TYPE(SgLogEntry, sg_log_entry, SG, LOG_ENTRY, GObject)

struct _SgLogEntry {
    GObject parent_instance;
    gint64 time_us;
    const char *word; /* static */
    char *text;
};

G_DEFINE_TYPE(SgLogEntry, sg_log_entry, G_TYPE_OBJECT)

static void finalize(GObject *object)
{
    g_free(SG_LOG_ENTRY(object)->text);
    G_OBJECT_CLASS(sg_log_entry_parent_class)->finalize(object);
}

static void sg_log_entry_class_init(SgLogEntryClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void sg_log_entry_init(SgLogEntry *entry)
{
    (void)entry;
}

GListStore *sg_event_log_new(void)
{
    return g_list_store_new(SG_TYPE_LOG_ENTRY);
}

void sg_event_log_add(GListStore *log, const SgSessionEvent *event)
{
    g_autoptr(SgLogEntry) entry = g_object_new(SG_TYPE_LOG_ENTRY, NULL);
    entry->time_us = event->time_us;
    entry->word = sg_feed_event_name(event->code);
    entry->text = g_strdup(event->detail);
    g_list_store_insert(log, 0, entry);
    guint count = g_list_model_get_n_items(G_LIST_MODEL(log));
    if (count > SG_EVENT_LOG_MAX)
        g_list_store_splice(log, SG_EVENT_LOG_MAX, count - SG_EVENT_LOG_MAX, NULL, 0);
}

/* ---- the window ---- */

struct view {
    gboolean utc;
    void (*show_time)(gint64 time_us, gpointer context);
    gpointer context;
};

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    (void)factory;
    (void)data;
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    static const int chars[] = {16, 14, 0};
    for (int i = 0; i < 3; i++) {
        GtkWidget *label = gtk_label_new(NULL);
        gtk_label_set_xalign(GTK_LABEL(label), 0);
        if (chars[i] > 0)
            gtk_label_set_width_chars(GTK_LABEL(label), chars[i]);
        else
            gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
        gtk_box_append(GTK_BOX(row), label);
    }
    gtk_list_item_set_child(item, row);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    (void)factory;
    struct view *view = data;
    SgLogEntry *entry = gtk_list_item_get_item(item);
    char when[SG_TEXT_BUF];
    GtkWidget *time = gtk_widget_get_first_child(gtk_list_item_get_child(item));
    GtkWidget *word = gtk_widget_get_next_sibling(time);
    GtkWidget *text = gtk_widget_get_next_sibling(word);
    gtk_label_set_text(GTK_LABEL(time), sg_text_clock(entry->time_us, sg_clock_wall(sg_clock_system()), view->utc, when));
    gtk_label_set_text(GTK_LABEL(word), entry->word);
    gtk_label_set_text(GTK_LABEL(text), entry->text);
    gtk_widget_set_tooltip_text(text, entry->text);
}

static void on_row(GtkListView *list, guint position, struct view *view)
{
    g_autoptr(SgLogEntry) entry = g_list_model_get_item(G_LIST_MODEL(gtk_list_view_get_model(list)), position);
    if (entry != NULL)
        view->show_time(entry->time_us, view->context);
}

static gboolean on_escape(GtkWidget *window, GVariant *arguments, gpointer data)
{
    (void)arguments;
    (void)data;
    gtk_window_close(GTK_WINDOW(window));
    return TRUE;
}

GtkWidget *sg_event_log_window_new(GtkWindow *parent, GListStore *log, gboolean utc, void (*show_time)(gint64 time_us, gpointer context),
                                   gpointer context)
{
    GtkWidget *window = gtk_window_new();
    gtk_window_set_title(GTK_WINDOW(window), "Event log");
    gtk_window_set_titlebar(GTK_WINDOW(window), gtk_header_bar_new());
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
    gtk_window_set_default_size(GTK_WINDOW(window), 760, 420);
    gtk_widget_add_css_class(window, "spreadglass");
    gtk_widget_add_css_class(window, "eventlog");

    struct view *view = g_new0(struct view, 1);
    view->utc = utc;
    view->show_time = show_time;
    view->context = context;
    g_object_set_data_full(G_OBJECT(window), "sg-view", view, g_free);

    GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
    g_signal_connect(factory, "setup", G_CALLBACK(on_setup), view);
    g_signal_connect(factory, "bind", G_CALLBACK(on_bind), view);
    GtkSelectionModel *model = GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(g_object_ref(log))));
    GtkWidget *list = gtk_list_view_new(model, factory);
    gtk_list_view_set_single_click_activate(GTK_LIST_VIEW(list), TRUE);
    g_signal_connect(list, "activate", G_CALLBACK(on_row), view);
    gtk_accessible_update_property(GTK_ACCESSIBLE(list), GTK_ACCESSIBLE_PROPERTY_LABEL, "Event log", -1);
    GtkWidget *scroller = gtk_scrolled_window_new();
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), list);
    gtk_window_set_child(GTK_WINDOW(window), scroller);

    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(window, keys);
    return window;
}
