/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A question with two answers, in a window of its own over its parent: GTK's own message dialogs are on their way out. */
#include <gtk/gtk.h>

/* `answered` comes once: TRUE for `yes_label`, FALSE for Cancel, Escape and a closed window. */
void sg_question_ask(GtkWindow *parent, const char *title, const char *text, const char *yes_label, void (*answered)(gboolean yes, gpointer context),
                     gpointer context);
