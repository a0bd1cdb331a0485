/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "preferences_private.h"

#include <string.h>
#include "number_spin_private.h"

/* A choice among words: a drop-down that follows the state of an action with a string, or of a switch (targets "false", "true"). */
struct choice {
    SgWindow *window;
    GtkDropDown *drop_down;
    const char *action;
    const struct sg_pref_option *options;
    guint count;
    gboolean boolean, following;
};

static void follow(struct choice *choice)
{
    g_autoptr(GVariant) state = g_action_group_get_action_state(G_ACTION_GROUP(choice->window), choice->action);
    const char *now = state == NULL ? "" : choice->boolean ? (g_variant_get_boolean(state) ? "true" : "false") : g_variant_get_string(state, NULL);
    choice->following = TRUE;
    for (guint i = 0; i < choice->count; i++)
        if (strcmp(choice->options[i].target, now) == 0)
            gtk_drop_down_set_selected(choice->drop_down, i);
    choice->following = FALSE;
}

static void on_state(GActionGroup *group, const char *action, GVariant *value, struct choice *choice)
{
    (void)group;
    (void)action;
    (void)value;
    follow(choice);
}

static void on_selected(GtkDropDown *drop_down, GParamSpec *pspec, struct choice *choice)
{
    (void)pspec;
    guint selected = gtk_drop_down_get_selected(drop_down);
    if (choice->following || selected >= choice->count)
        return;
    const char *target = choice->options[selected].target;
    g_action_group_change_action_state(G_ACTION_GROUP(choice->window), choice->action,
                                       choice->boolean ? g_variant_new_boolean(strcmp(target, "true") == 0) : g_variant_new_string(target));
}

static void choice_free(gpointer data, GClosure *closure)
{
    (void)closure;
    struct choice *choice = data;
    g_signal_handlers_disconnect_by_data(choice->window, choice);
    g_object_unref(choice->window);
    g_free(choice);
}

GtkWidget *sg_pref_choice(SgWindow *window, const char *action, gboolean boolean, const struct sg_pref_option *options, guint count)
{
    GtkStringList *labels = gtk_string_list_new(NULL);
    for (guint i = 0; i < count; i++)
        gtk_string_list_append(labels, options[i].label);
    GtkWidget *widget = gtk_drop_down_new(G_LIST_MODEL(labels), NULL);
    struct choice *choice = g_new0(struct choice, 1);
    *choice = (struct choice){
        .window = g_object_ref(window), .drop_down = GTK_DROP_DOWN(widget), .action = action, .options = options, .count = count, .boolean = boolean};
    follow(choice);
    g_autofree char *signal = g_strdup_printf("action-state-changed::%s", action);
    g_signal_connect(window, signal, G_CALLBACK(on_state), choice);
    g_signal_connect_data(widget, "notify::selected", G_CALLBACK(on_selected), choice, choice_free, 0);
    return widget;
}

GtkWidget *sg_pref_toggle(const char *action)
{
    GtkWidget *widget = gtk_switch_new();
    gtk_actionable_set_action_name(GTK_ACTIONABLE(widget), action);
    return widget;
}

/* ---- rows and groups ---- */

GtkWidget *sg_pref_group(GtkWidget *page, const char *title)
{
    GtkWidget *heading = gtk_label_new(title), *list = gtk_list_box_new();
    gtk_label_set_xalign(GTK_LABEL(heading), 0);
    gtk_widget_add_css_class(heading, "heading");
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
    gtk_widget_add_css_class(list, "preferencegroup");
    gtk_box_append(GTK_BOX(page), heading);
    gtk_box_append(GTK_BOX(page), list);
    return list;
}

static void say_number(const char *text, gpointer word)
{
    sg_pref_say(word, text != NULL ? text : "", text != NULL);
}

void sg_pref_row(GtkWidget *list, const char *name, const char *note, GtkWidget *control)
{
    GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 1);
    GtkWidget *label = gtk_label_new(name);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_box_append(GTK_BOX(words), label);
    if (note != NULL) {
        GtkWidget *small = gtk_label_new(note);
        gtk_label_set_xalign(GTK_LABEL(small), 0);
        gtk_label_set_wrap(GTK_LABEL(small), TRUE);
        gtk_label_set_max_width_chars(GTK_LABEL(small), 44);
        gtk_widget_add_css_class(small, "message");
        gtk_box_append(GTK_BOX(words), small);
    }
    gtk_widget_set_hexpand(words, TRUE);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(control, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_box_append(GTK_BOX(box), words);
    gtk_box_append(GTK_BOX(box), control);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
    gtk_widget_set_focusable(row, FALSE);
    gtk_list_box_append(GTK_LIST_BOX(list), row);
    if (GTK_IS_SPIN_BUTTON(control)) /* what is refused is said under it */
        sg_number_spin_set_say(control, name, say_number, sg_pref_word(list));
}

/* The wheel moves the page: it must not set a number that happens to pass under the pointer. */
static void ignore_wheel(GtkWidget *widget)
{
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(widget);
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, i);
        if (GTK_IS_EVENT_CONTROLLER_SCROLL(controller))
            gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_NONE);
    }
}

GtkWidget *sg_pref_spin(SgWindow *window, double low, double high, double step, guint digits, double value, GCallback changed)
{
    GtkWidget *spin = sg_number_spin_new(low, high, step, digits);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
    ignore_wheel(spin);
    g_signal_connect_object(spin, "value-changed", changed, window, 0);
    return spin;
}

GtkWidget *sg_pref_entry(const char *text, const char *placeholder)
{
    GtkWidget *entry = gtk_entry_new();
    gtk_editable_set_text(GTK_EDITABLE(entry), text);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_editable_set_width_chars(GTK_EDITABLE(entry), 26);
    return entry;
}

GtkWidget *sg_pref_word(GtkWidget *list)
{
    GtkWidget *row = gtk_list_box_row_new(), *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
    gtk_widget_add_css_class(label, "message");
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), label);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
    gtk_widget_set_focusable(row, FALSE);
    gtk_widget_set_visible(row, FALSE);
    gtk_list_box_append(GTK_LIST_BOX(list), row);
    return label;
}

void sg_pref_say(GtkWidget *word, const char *text, gboolean error)
{
    gtk_label_set_text(GTK_LABEL(word), text);
    gtk_widget_set_visible(gtk_widget_get_parent(word), text[0] != '\0');
    if (error)
        gtk_widget_add_css_class(word, "error");
    else
        gtk_widget_remove_css_class(word, "error");
}
