/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pane_stack_private.h"

#include <math.h>
#include "pane_private.h"

#define DIVIDER_HIT 9 /* px that take the pointer; one of them is drawn */
#define ROOMY_MIN 72  /* px of a pane, as long as there are no more than ROOMY_PANES */
#define ROOMY_PANES 4
#define CROWDED_MIN 48

struct _SgPaneStack {
    GtkWidget parent_instance;
    GtkWidget *pane[SG_PANE_ALL];
    GtkWidget *divider[SG_PANE_ALL - 1];
    GtkWidget *drop_line, *axis;
    size_t axis_after; /* index among the visible ones; SIZE_MAX: it is not shown */
    int axis_height;
    struct sg_pane_layout layout;
    int top[SG_PANE_ALL], height[SG_PANE_ALL]; /* of the visible ones, from above, as last allocated */
    size_t visible;
    double drag_height[SG_PANE_ALL]; /* heights when a divider was taken */
    int drop_before;                 /* index among the visible ones; -1: nothing is carried */
};

G_DEFINE_TYPE(SgPaneStack, sg_pane_stack, GTK_TYPE_WIDGET)

enum { SIGNAL_LAYOUT, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

static int least_height(size_t count)
{
    return count <= ROOMY_PANES ? ROOMY_MIN : CROWDED_MIN;
}

/* Heights by share, none below the least; what that takes is taken from the others. */
static void divide(const struct sg_pane_share *panes, size_t count, int room, int ret_height[])
{
    int least = least_height(count);
    gboolean fixed[SG_PANE_ALL] = {FALSE};
    double left = room;
    for (gboolean again = TRUE; again;) {
        double shares = 0;
        again = FALSE;
        left = room;
        for (size_t i = 0; i < count; i++) {
            if (fixed[i])
                left -= least;
            else
                shares += panes[i].share;
        }
        for (size_t i = 0; i < count && shares > 0; i++)
            if (!fixed[i] && panes[i].share / shares * left < least)
                fixed[i] = again = TRUE;
        if (again)
            continue;
        double at = 0, from = 0;
        for (size_t i = 0; i < count; i++) { /* the ends are rounded, not the heights: they add up */
            at += fixed[i] ? least : panes[i].share / shares * left;
            ret_height[i] = MAX((int)(lround(at) - lround(from)), 1);
            from = at;
        }
    }
}

/* The row under the panes that share it; how high it is. */
static int axis_height(SgPaneStack *stack)
{
    int height = 0;
    if (stack->axis != NULL && gtk_widget_should_layout(stack->axis))
        gtk_widget_measure(stack->axis, GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
    return height;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    (void)baseline;
    SgPaneStack *stack = SG_PANE_STACK(widget);
    struct sg_pane_share panes[SG_PANE_ALL];
    stack->visible = sg_pane_layout_visible(&stack->layout, panes);
    stack->axis_after = sg_panes_time_axis_after(panes, stack->visible);
    stack->axis_height = axis_height(stack);
    divide(panes, stack->visible, height - ((int)stack->visible - 1) - stack->axis_height, stack->height);
    int y = 0;
    for (size_t i = 0; i < stack->visible; i++) {
        stack->top[i] = y;
        GtkAllocation place = {0, y, width, stack->height[i]};
        gtk_widget_size_allocate(stack->pane[panes[i].pane], &place, -1);
        y += stack->height[i];
        if (i == stack->axis_after && stack->axis_height > 0) {
            GtkAllocation row = {0, y, width, stack->axis_height};
            gtk_widget_size_allocate(stack->axis, &row, -1);
            y += stack->axis_height;
        }
        y++;
        if (i + 1 < stack->visible) {
            GtkAllocation line = {0, y - 1 - DIVIDER_HIT / 2, width, DIVIDER_HIT};
            gtk_widget_size_allocate(stack->divider[i], &line, -1);
        }
    }
    if (stack->drop_before >= 0) {
        int at = (size_t)stack->drop_before < stack->visible ? stack->top[stack->drop_before] : height;
        GtkAllocation line = {0, CLAMP(at - 2, 0, MAX(height - 3, 0)), width, 3};
        gtk_widget_size_allocate(stack->drop_line, &line, -1);
    }
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
    SgPaneStack *stack = SG_PANE_STACK(widget);
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count = sg_pane_layout_visible(&stack->layout, panes);
    int least = 0, wanted = 0;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL; child = gtk_widget_get_next_sibling(child)) {
        int child_min = 0, child_nat = 0;
        if (!gtk_widget_should_layout(child))
            continue;
        gtk_widget_measure(child, orientation, orientation == GTK_ORIENTATION_VERTICAL ? for_size : -1, &child_min, &child_nat, NULL, NULL);
        least = MAX(least, child_min);
        wanted = MAX(wanted, child_nat);
    }
    if (orientation == GTK_ORIENTATION_VERTICAL) {
        least = (int)count * (least_height(count) + 1) - 1 + axis_height(stack);
        wanted = MAX((int)count * 160, least);
    }
    *minimum = least;
    *natural = MAX(wanted, least);
    *minimum_baseline = *natural_baseline = -1;
}

/* ---- layout ---- */

static void apply(SgPaneStack *stack)
{
    struct sg_pane_share panes[SG_PANE_ALL];
    gboolean visible[SG_PANE_ALL] = {FALSE};
    size_t count = sg_pane_layout_visible(&stack->layout, panes);
    for (size_t i = 0; i < count; i++)
        visible[panes[i].pane] = TRUE;
    for (size_t i = 0; i < SG_PANE_ALL; i++) {
        gtk_widget_set_visible(stack->pane[i], visible[i]);
        sg_pane_set_maximized(SG_PANE(stack->pane[i]), stack->layout.maximized == (int)i);
    }
    for (size_t i = 0; i + 1 < SG_PANE_ALL; i++)
        gtk_widget_set_visible(stack->divider[i], i + 1 < count);
    if (stack->axis != NULL)
        gtk_widget_set_visible(stack->axis, sg_panes_time_axis_after(panes, count) != SIZE_MAX);
    gtk_widget_queue_resize(GTK_WIDGET(stack));
}

void sg_pane_stack_set_axis(SgPaneStack *stack, GtkWidget *axis)
{
    stack->axis = axis;
    gtk_widget_insert_before(axis, GTK_WIDGET(stack), stack->divider[0]); /* the dividers lie on top of it too */
    apply(stack);
}

void sg_pane_stack_set_layout(SgPaneStack *stack, const struct sg_pane_layout *layout)
{
    stack->layout = *layout;
    apply(stack);
}

const struct sg_pane_layout *sg_pane_stack_layout(SgPaneStack *stack)
{
    return &stack->layout;
}

GtkWidget *sg_pane_stack_pane(SgPaneStack *stack, enum sg_pane pane)
{
    return stack->pane[pane];
}

static void changed_here(SgPaneStack *stack)
{
    apply(stack);
    g_signal_emit(stack, signals[SIGNAL_LAYOUT], 0);
}

static int visible_index(SgPaneStack *stack, enum sg_pane pane, struct sg_pane_share panes[static SG_PANE_ALL], size_t *ret_count)
{
    size_t count = sg_pane_layout_visible(&stack->layout, panes);
    *ret_count = count;
    for (size_t i = 0; i < count; i++)
        if (panes[i].pane == pane)
            return (int)i;
    return -1;
}

enum sg_pane sg_pane_stack_neighbour(SgPaneStack *stack, enum sg_pane pane, int step)
{
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count;
    int at = MAX(visible_index(stack, pane, panes, &count), 0);
    return panes[CLAMP(at + step, 0, (int)count - 1)].pane;
}

/* ---- dividers ---- */

static void resize_pair(SgPaneStack *stack, int upper, const double from[], double px)
{
    double height[SG_PANE_ALL], least = least_height(stack->visible);
    if (upper < 0 || (size_t)upper + 1 >= stack->visible || stack->layout.maximized != SG_NO_PANE)
        return;
    for (size_t i = 0; i < stack->visible; i++)
        height[i] = from[i];
    px = CLAMP(px, MIN(least - height[upper], 0), MAX(height[upper + 1] - least, 0));
    height[upper] += px;
    height[upper + 1] -= px;
    if (sg_pane_layout_set_heights(&stack->layout, height, stack->visible))
        gtk_widget_queue_allocate(GTK_WIDGET(stack));
}

static void note_heights(SgPaneStack *stack)
{
    for (size_t i = 0; i < stack->visible; i++)
        stack->drag_height[i] = stack->height[i];
}

static int divider_index(SgPaneStack *stack, gpointer controller)
{
    GtkWidget *divider = gtk_event_controller_get_widget(controller);
    for (int i = 0; i + 1 < SG_PANE_ALL; i++)
        if (stack->divider[i] == divider)
            return i;
    return -1;
}

static void on_divider_begin(GtkGestureDrag *gesture, double x, double y, SgPaneStack *stack)
{
    (void)x;
    (void)y;
    note_heights(stack);
    gtk_widget_add_css_class(gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture)), "dragged");
}

/* The divider moves under the pointer, and with it what the gesture's offset is measured from. */
static void on_divider_update(GtkGestureDrag *gesture, double dx, double dy, SgPaneStack *stack)
{
    (void)dx;
    int index = divider_index(stack, gesture);
    if (index < 0)
        return;
    double start_x = 0, start_y = 0;
    gtk_gesture_drag_get_start_point(gesture, &start_x, &start_y);
    graphene_point_t at;
    GtkWidget *divider = stack->divider[index];
    if (!gtk_widget_compute_point(divider, GTK_WIDGET(stack), &GRAPHENE_POINT_INIT((float)start_x, (float)(start_y + dy)), &at))
        return;
    double before = 0;
    for (int i = 0; i <= index; i++)
        before += stack->drag_height[i] + (i > 0 ? 1 : 0);
    if ((size_t)index >= stack->axis_after)
        before += stack->axis_height;
    resize_pair(stack, index, stack->drag_height, (double)at.y - before - (start_y - DIVIDER_HIT / 2.0));
}

static void on_divider_end(GtkGestureDrag *gesture, double dx, double dy, SgPaneStack *stack)
{
    (void)dx;
    gtk_widget_remove_css_class(gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture)), "dragged");
    if (dy != 0)
        changed_here(stack);
}

static void on_divider_pressed(GtkGestureClick *gesture, int presses, double x, double y, SgPaneStack *stack)
{
    (void)gesture;
    (void)x;
    (void)y;
    if (presses == 2 && sg_pane_layout_equalise(&stack->layout))
        changed_here(stack);
}

void sg_pane_stack_grow(SgPaneStack *stack, enum sg_pane pane, double px)
{
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count;
    int at = visible_index(stack, pane, panes, &count);
    if (at < 0 || count != stack->visible || count < 2)
        return;
    note_heights(stack);
    if ((size_t)at + 1 < count)
        resize_pair(stack, at, stack->drag_height, px);
    else
        resize_pair(stack, at - 1, stack->drag_height, -px);
    changed_here(stack);
}

/* ---- carrying a pane ---- */

static int drop_index(SgPaneStack *stack, double y)
{
    int index = 0;
    while ((size_t)index < stack->visible && y > stack->top[index] + stack->height[index] / 2.0)
        index++;
    return index;
}

void sg_pane_stack_carry(SgPaneStack *stack, enum sg_pane pane, double y)
{
    int before = drop_index(stack, y);
    gtk_widget_add_css_class(stack->pane[pane], "carried");
    if (before == stack->drop_before)
        return;
    stack->drop_before = before;
    gtk_widget_set_visible(stack->drop_line, TRUE);
    gtk_widget_queue_allocate(GTK_WIDGET(stack));
}

void sg_pane_stack_carry_cancel(SgPaneStack *stack)
{
    stack->drop_before = -1;
    gtk_widget_set_visible(stack->drop_line, FALSE);
    for (size_t i = 0; i < SG_PANE_ALL; i++)
        gtk_widget_remove_css_class(stack->pane[i], "carried");
}

void sg_pane_stack_drop(SgPaneStack *stack, enum sg_pane pane, double y)
{
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count = sg_pane_layout_visible(&stack->layout, panes), before = (size_t)drop_index(stack, y);
    sg_pane_stack_carry_cancel(stack);
    if (sg_pane_layout_insert(&stack->layout, pane, before < count ? (int)panes[before].pane : SG_NO_PANE))
        changed_here(stack);
}

/* ---- life ---- */

static void dispose(GObject *object)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL)
        gtk_widget_unparent(child);
    G_OBJECT_CLASS(sg_pane_stack_parent_class)->dispose(object);
}

static void sg_pane_stack_class_init(SgPaneStackClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = dispose;
    widget_class->size_allocate = size_allocate;
    widget_class->measure = measure;
    gtk_widget_class_set_css_name(widget_class, "panestack");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    signals[SIGNAL_LAYOUT] = g_signal_new("layout-changed", SG_TYPE_PANE_STACK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *make_divider(SgPaneStack *stack)
{
    GtkWidget *divider = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_widget_add_css_class(divider, "divider");
    gtk_widget_set_cursor_from_name(divider, "row-resize");
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_divider_begin), stack);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_divider_update), stack);
    g_signal_connect(drag, "drag-end", G_CALLBACK(on_divider_end), stack);
    gtk_widget_add_controller(divider, GTK_EVENT_CONTROLLER(drag));
    GtkGesture *click = gtk_gesture_click_new();
    g_signal_connect(click, "pressed", G_CALLBACK(on_divider_pressed), stack);
    gtk_widget_add_controller(divider, GTK_EVENT_CONTROLLER(click));
    return divider;
}

static void sg_pane_stack_init(SgPaneStack *stack)
{
    GtkWidget *widget = GTK_WIDGET(stack);
    sg_pane_layout_init(&stack->layout);
    stack->drop_before = -1;
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    for (int i = 0; i < SG_PANE_ALL; i++) {
        stack->pane[i] = g_object_new(SG_TYPE_PANE, "pane", i, NULL);
        gtk_widget_set_parent(stack->pane[i], widget);
    }
    for (int i = 0; i + 1 < SG_PANE_ALL; i++) { /* after the panes: they lie on top */
        stack->divider[i] = make_divider(stack);
        gtk_widget_set_parent(stack->divider[i], widget);
    }
    stack->drop_line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_widget_add_css_class(stack->drop_line, "dropline");
    gtk_widget_set_can_target(stack->drop_line, FALSE);
    gtk_widget_set_visible(stack->drop_line, FALSE);
    gtk_widget_set_parent(stack->drop_line, widget);
    apply(stack);
}
