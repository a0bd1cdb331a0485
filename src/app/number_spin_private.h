/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A number to type: shown with a point, as everywhere in the window, and taken with a point or with a comma. GTK's own takes the locale's sign
 * only and drops the other one: where commas are usual, 2.5 became 25. What is no number, is out of range or cannot be is not taken: the number that
 * was there comes back, and it is said why. Nothing is cut to the nearest number that would do. Main thread. */
#include <gtk/gtk.h>

/* Takes `low` to `high`; `digits`: decimals that are always shown, 0: whole numbers only. More decimals than that are kept, and shown. */
GtkWidget *sg_number_spin_new(double low, double high, double step, guint digits);

/* Told a sentence about what was refused, and NULL when what is typed next is fine. `context` outlives the widget. */
typedef void (*sg_number_say)(const char *text, gpointer context);
/* `name`: what a person calls this number, at the beginning of the sentence. Copied. */
void sg_number_spin_set_say(GtkWidget *spin, const char *name, sg_number_say say, gpointer context);
#define SG_NUMBER_WHY 256
/* FALSE, with the reason as a clause without a full stop: a number in the range that cannot be all the same. `context` outlives the widget. */
typedef gboolean (*sg_number_check)(double value, char *why, gsize size, gpointer context);
void sg_number_spin_set_check(GtkWidget *spin, sg_number_check check, gpointer context);

/* What was typed as a number. FALSE: it is none. A point or a comma is the decimal sign, unless the number must be `whole`: there, and beside the other
 * sign, it can only part groups of three digits ("10,000"); spaces may part them everywhere. "1,000.5" is none: which of the two would be the point? */
gboolean sg_number_of_text(const char *text, gboolean whole, double *ret_value);
/* With at least so many decimals, and more where it has more, up to nine. */
void sg_number_text(double value, guint digits, char *buffer, gsize size);
