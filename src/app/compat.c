/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compat.h"

struct save {
    void (*done)(char *path, gpointer context);
    gpointer context;
};

static void on_response(GtkNativeDialog *dialog, int response, gpointer data)
{
    struct save *save = data;
    char *path = NULL;
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
        if (file != NULL)
            path = g_file_get_path(file);
    }
    save->done(path, save->context);
    g_free(save);
    gtk_native_dialog_destroy(dialog);
    g_object_unref(dialog);
}

void sg_compat_save_file(GtkWindow *parent, const char *title, const char *suggested_name, void (*done)(char *path, gpointer context),
                         gpointer context)
{
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), suggested_name);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    struct save *save = g_new0(struct save, 1);
    save->done = done;
    save->context = context;
    g_signal_connect(dialog, "response", G_CALLBACK(on_response), save);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
