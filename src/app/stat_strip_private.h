/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The row of numbers under the header: what the analysis says now. */
#include <gtk/gtk.h>
#include "spreadglass/engine/freshness.h"
#include "spreadglass/engine/session.h"
#include "spreadglass/engine/stat_text.h"

#define SG_TYPE_STAT_STRIP (sg_stat_strip_get_type())
G_DECLARE_FINAL_TYPE(SgStatStrip, sg_stat_strip, SG, STAT_STRIP, GtkWidget)

/* Shows what the snapshot says; NULL: nothing known yet. Numbers that are not the present are dim, with their age. Touches only what reads differently. */
void sg_stat_strip_update(SgStatStrip *strip, const SgSnapshot *snapshot, const struct sg_freshness *freshness);
/* Changes the spin buttons without calling back. */
void sg_stat_strip_set_params(SgStatStrip *strip, guint window, double threshold);

/* One more control beside Window and Threshold. */
void sg_stat_strip_add_control(SgStatStrip *strip, GtkWidget *control);
/* The two numbers to type, for who says what was refused and what cannot be. */
GtkWidget *sg_stat_strip_window_spin(SgStatStrip *strip);
GtkWidget *sg_stat_strip_threshold_spin(SgStatStrip *strip);

/* The names and the texts shown, for an exported picture: valid until the next update. Returns SG_STAT_COUNT. */
size_t sg_stat_strip_texts(SgStatStrip *strip, const char *names[static SG_STAT_COUNT], const char *values[static SG_STAT_COUNT]);

/* The widget that shows one number, for what hangs on it. Its parent holds the caption too. */
GtkWidget *sg_stat_strip_value(SgStatStrip *strip, enum sg_stat stat);

/* Signals: "window-changed" (guint bars), "threshold-changed" (double): the person set another value. */
