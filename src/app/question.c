/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "question_private.h"

struct question {
    void (*answered)(gboolean yes, gpointer context);
    gpointer context;
    gboolean yes;
};

static void on_destroy(GtkWidget *window, struct question *question)
{
    (void)window;
    question->answered(question->yes, question->context);
    g_free(question);
}

static void on_yes(GtkButton *button, struct question *question)
{
    question->yes = TRUE;
    gtk_window_destroy(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(button))));
}

static void on_cancel(GtkButton *button, struct question *question)
{
    (void)question;
    gtk_window_destroy(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(button))));
}

static gboolean on_escape(GtkWidget *window, GVariant *arguments, gpointer data)
{
    (void)arguments;
    (void)data;
    gtk_window_destroy(GTK_WINDOW(window));
    return TRUE;
}

void sg_question_ask(GtkWindow *parent, const char *title, const char *text, const char *yes_label, void (*answered)(gboolean yes, gpointer context),
                     gpointer context)
{
    struct question *question = g_new0(struct question, 1);
    question->answered = answered;
    question->context = context;
    GtkWidget *window = gtk_window_new(), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12), *label = gtk_label_new(text),
              *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6), *cancel = gtk_button_new_with_label("Cancel"), *yes = gtk_button_new_with_label(yes_label);
    gtk_window_set_title(GTK_WINDOW(window), title);
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_modal(GTK_WINDOW(window), TRUE);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
    gtk_window_set_resizable(GTK_WINDOW(window), FALSE);
    gtk_widget_add_css_class(window, "spreadglass");
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_set_halign(buttons, GTK_ALIGN_END);
    gtk_widget_add_css_class(yes, "destructive-action");
    gtk_box_append(GTK_BOX(buttons), cancel);
    gtk_box_append(GTK_BOX(buttons), yes);
    gtk_box_append(GTK_BOX(box), label);
    gtk_box_append(GTK_BOX(box), buttons);
    gtk_widget_set_margin_top(box, 18);
    gtk_widget_set_margin_bottom(box, 18);
    gtk_widget_set_margin_start(box, 18);
    gtk_widget_set_margin_end(box, 18);
    gtk_window_set_child(GTK_WINDOW(window), box);
    g_signal_connect(yes, "clicked", G_CALLBACK(on_yes), question);
    g_signal_connect(cancel, "clicked", G_CALLBACK(on_cancel), question);
    g_signal_connect(window, "destroy", G_CALLBACK(on_destroy), question);
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Escape, 0), gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(window, keys);
    gtk_window_set_focus(GTK_WINDOW(window), cancel);
    gtk_window_present(GTK_WINDOW(window));
}
