/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys, handles and menus do to the arrangement of the panes. */
#include "chart_area_private.h"

#define GROW_PX 24

static gboolean change(struct sg_pane_layout *layout, enum sg_pane pane, enum sg_pane_command command)
{
    switch (command) {
    case SG_PANE_UP: return sg_pane_layout_move(layout, pane, -1);
    case SG_PANE_DOWN: return sg_pane_layout_move(layout, pane, 1);
    case SG_PANE_TOGGLE_MAXIMIZED: return sg_pane_layout_maximize(layout, layout->maximized == (int)pane ? SG_NO_PANE : (int)pane);
    case SG_PANE_HIDE: return sg_pane_layout_show(layout, pane, FALSE);
    case SG_PANE_EQUALISE: return sg_pane_layout_equalise(layout);
    case SG_PANE_RESET: sg_pane_layout_init(layout); return TRUE;
    default: return FALSE;
    }
}

void sg_chart_area_pane_command(SgChartArea *area, enum sg_pane pane, enum sg_pane_command command)
{
    SgPaneStack *stack = sg_chart_area_stack(area);
    struct sg_pane_layout layout = *sg_pane_stack_layout(stack);
    if (command == SG_PANE_TALLER || command == SG_PANE_SHORTER) {
        sg_pane_stack_grow(stack, pane, command == SG_PANE_TALLER ? GROW_PX : -GROW_PX);
        return;
    }
    gboolean had_focus = gtk_widget_is_focus(sg_pane_stack_pane(stack, pane));
    enum sg_pane next = sg_pane_stack_neighbour(stack, pane, 1), previous = sg_pane_stack_neighbour(stack, pane, -1);
    if (!change(&layout, pane, command))
        return;
    sg_chart_area_change_layout(area, &layout);
    /* The keyboard is not lost with the pane that had it. */
    if (had_focus && !sg_pane_layout_is_shown(&layout, pane))
        gtk_widget_grab_focus(sg_pane_stack_pane(stack, next != pane ? next : previous));
}

void sg_chart_area_show_pane(SgChartArea *area, enum sg_pane pane, gboolean shown)
{
    struct sg_pane_layout layout = *sg_pane_stack_layout(sg_chart_area_stack(area));
    if (sg_pane_layout_show(&layout, pane, shown))
        sg_chart_area_change_layout(area, &layout);
}
