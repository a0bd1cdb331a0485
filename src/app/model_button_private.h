/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How the hedge ratio and the z-score are made: a button that says it in short, and behind it the choices, with one line that says what is in force.
 * One for the window. Main thread. */
#include <gtk/gtk.h>
#include "window_private.h"

/* `window` outlives it. */
GtkWidget *sg_model_button_new(SgWindow *window);
/* What the session runs with is shown; nothing is called back. */
void sg_model_button_update(GtkWidget *button);
