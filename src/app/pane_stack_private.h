/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The panes one above the other: sizes, order and visibility follow a layout; dividers between them are dragged, a double click makes them equal. */
#include <gtk/gtk.h>
#include "pane_layout_private.h"

#define SG_TYPE_PANE_STACK (sg_pane_stack_get_type())
G_DECLARE_FINAL_TYPE(SgPaneStack, sg_pane_stack, SG, PANE_STACK, GtkWidget)

GtkWidget *sg_pane_stack_pane(SgPaneStack *stack, enum sg_pane pane); /* the widget; always there, maybe not visible */
const struct sg_pane_layout *sg_pane_stack_layout(SgPaneStack *stack);
/* The time axis, a child of the stack already: it stands under the lowest pane that shares it. */
void sg_pane_stack_set_axis(SgPaneStack *stack, GtkWidget *axis);
/* Takes a copy and shows it. No signal. */
void sg_pane_stack_set_layout(SgPaneStack *stack, const struct sg_pane_layout *layout);
/* The pane `step` places below the given one on the screen, or the last one in that direction. */
enum sg_pane sg_pane_stack_neighbour(SgPaneStack *stack, enum sg_pane pane, int step);
/* A pane is being carried by its grip: `y` of the pointer, px of the stack. A line shows where it would go. */
void sg_pane_stack_carry(SgPaneStack *stack, enum sg_pane pane, double y);
void sg_pane_stack_drop(SgPaneStack *stack, enum sg_pane pane, double y); /* there it goes */
void sg_pane_stack_carry_cancel(SgPaneStack *stack);
/* Makes a pane taller by `px` (shorter: < 0) at the cost of its neighbour below, or above when it is the last. */
void sg_pane_stack_grow(SgPaneStack *stack, enum sg_pane pane, double px);
/* Signal: "layout-changed" (void): a person changed it here, by divider or grip. */
