/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A row whose less important children give way when there is no room, so that nothing is ever clipped in the middle. */
#include <gtk/gtk.h>

#define SG_TYPE_SHRINK_BOX (sg_shrink_box_get_type())
G_DECLARE_FINAL_TYPE(SgShrinkBox, sg_shrink_box, SG, SHRINK_BOX, GtkWidget)

/* `spread`: room left over goes between the children; else before the first. */
GtkWidget *sg_shrink_box_new(int spacing, gboolean spread);
/* `rank` 0: always there. Higher ranks leave first. The order on screen is the order of the calls. */
void sg_shrink_box_append(SgShrinkBox *box, GtkWidget *child, guint rank);
/* What does not fit goes into a second row instead of leaving. */
void sg_shrink_box_set_wrap(SgShrinkBox *box, gboolean wrap);
