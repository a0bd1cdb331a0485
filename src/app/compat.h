/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The calls that GTK newer than 4.8 replaces. Everything here is 4.8's way; a port changes this file alone. */
#include <gtk/gtk.h>

/* Asks for a file to write; `done` gets its path (free with g_free) or NULL when the person thought better of it. */
void sg_compat_save_file(GtkWindow *parent, const char *title, const char *suggested_name, void (*done)(char *path, gpointer context),
                         gpointer context);
