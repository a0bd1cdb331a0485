/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The calls that GTK newer than 4.8 replaces. Everything here is 4.8's way; a port changes this file alone. */
#include <gtk/gtk.h>

#define SG_SAVE_CHOICES_MAX 4

/* A list to choose from beside the name; static strings, NULL-terminated, the first is the default. */
struct sg_save_choice {
    const char *label;
    const char *const *ids, *const *labels;
};

/* Asks for a file to write, with overwriting asked for by the dialog; `done` gets its path (free with g_free) or NULL when the person thought
 * better of it, and the id chosen of each choice (valid during the call). */
void sg_compat_save_file(GtkWindow *parent, const char *title, const char *suggested_name, const struct sg_save_choice *choices, int choice_count,
                         void (*done)(char *path, const char *const *chosen, gpointer context), gpointer context);
