/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The parts that the preferences are put together from. A control gets its row's name as its accessible name. Main thread. */
#include "window_private.h"

/* Targets of an action with a string, or "false" and "true" of a switch. Static. */
struct sg_pref_option {
    const char *target, *label;
};

GtkWidget *sg_pref_group(GtkWidget *page, const char *title);                              /* returns the list that rows go into */
void sg_pref_row(GtkWidget *list, const char *name, const char *note, GtkWidget *control); /* `note` may be NULL */
/* A drop-down that follows the state of an action of the window, and sets it. */
GtkWidget *sg_pref_choice(SgWindow *window, const char *action, gboolean boolean, const struct sg_pref_option *options, guint count);
GtkWidget *sg_pref_toggle(const char *action);
/* `changed`: (GtkSpinButton *, SgWindow *). */
GtkWidget *sg_pref_spin(SgWindow *window, double low, double high, double step, guint digits, double value, GCallback changed);
GtkWidget *sg_pref_entry(const char *text, const char *placeholder);
/* A line under the rows that says what came of what was typed; not there while it has nothing to say. */
GtkWidget *sg_pref_word(GtkWidget *list);
void sg_pref_say(GtkWidget *word, const char *text, gboolean error);

/* preferences_network.c: the pair, and where the market is. */
void sg_pref_add_pair(SgWindow *window, GtkWidget *list);
void sg_pref_add_network(SgWindow *window, GtkWidget *page);
/* preferences_data.c: what is kept on disk. */
void sg_pref_add_data(SgWindow *window, GtkWidget *page);
