/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A number to type: shown with a point, as everywhere in the window, and taken with a point or with a comma. GTK's own takes the locale's sign
 * only and drops the other one: where commas are usual, 2.5 became 25. What is no number is put back. */
#include <gtk/gtk.h>

GtkWidget *sg_number_spin_new(double low, double high, double step, guint digits);
/* FALSE: it is none. "1,000.5" is none either: which of the two would be the point? */
gboolean sg_number_of_text(const char *text, double *ret_value);
