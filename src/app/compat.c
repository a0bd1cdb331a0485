/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compat.h"

struct save {
    void (*done)(char *path, const char *const *chosen, gpointer context);
    gpointer context;
    int choice_count;
};

/* The dialog knows a choice by a name of its own. */
static const char *choice_id(int index)
{
    static const char *const ids[SG_SAVE_CHOICES_MAX] = {"choice-0", "choice-1", "choice-2", "choice-3"};
    return ids[index];
}

static void on_response(GtkNativeDialog *dialog, int response, gpointer data)
{
    struct save *save = data;
    char *path = NULL;
    const char *chosen[SG_SAVE_CHOICES_MAX] = {NULL};
    g_signal_handlers_disconnect_by_data(dialog, save); /* a second Return before the dialog is gone answers nothing */
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
        if (file != NULL)
            path = g_file_get_path(file);
    }
    for (int i = 0; i < save->choice_count; i++)
        chosen[i] = gtk_file_chooser_get_choice(GTK_FILE_CHOOSER(dialog), choice_id(i));
    save->done(path, chosen, save->context);
    g_free(save);
    gtk_native_dialog_destroy(dialog);
    g_object_unref(dialog);
}

void sg_compat_save_file(GtkWindow *parent, const char *title, const char *suggested_name, const struct sg_save_choice *choices, int choice_count,
                         void (*done)(char *path, const char *const *chosen, gpointer context), gpointer context)
{
    g_return_if_fail(choice_count <= SG_SAVE_CHOICES_MAX);
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), suggested_name);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    for (int i = 0; i < choice_count; i++) {
        gtk_file_chooser_add_choice(GTK_FILE_CHOOSER(dialog), choice_id(i), choices[i].label, (const char **)(guintptr)choices[i].ids,
                                    (const char **)(guintptr)choices[i].labels);
        gtk_file_chooser_set_choice(GTK_FILE_CHOOSER(dialog), choice_id(i), choices[i].ids[0]);
    }
    struct save *save = g_new0(struct save, 1);
    save->done = done;
    save->context = context;
    save->choice_count = choice_count;
    g_signal_connect(dialog, "response", G_CALLBACK(on_response), save);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
