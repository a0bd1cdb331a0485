/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small handles in a pane's upper right corner, in the strip that the legend keeps free: grip, maximise, hide. Seen while the pointer or the
 * focus is on the pane. The keyboard has keys and the menu for all of it, so they are no stops of the Tab key. */
#include "chart_area_private.h"
#include "pane_private.h"

static enum sg_pane pane_of(GtkWidget *child)
{
    int pane = 0;
    g_object_get(gtk_widget_get_ancestor(child, SG_TYPE_PANE), "pane", &pane, NULL);
    return (enum sg_pane)pane;
}

static SgChartArea *area_of(GtkWidget *child)
{
    return SG_CHART_AREA(gtk_widget_get_ancestor(child, SG_TYPE_CHART_AREA));
}

static void on_maximize(GtkButton *button, gpointer data)
{
    (void)data;
    sg_chart_area_pane_command(area_of(GTK_WIDGET(button)), pane_of(GTK_WIDGET(button)), SG_PANE_TOGGLE_MAXIMIZED);
}

static void on_hide(GtkButton *button, gpointer data)
{
    (void)data;
    sg_chart_area_pane_command(area_of(GTK_WIDGET(button)), pane_of(GTK_WIDGET(button)), SG_PANE_HIDE);
}

static gboolean pointer_in_stack(GtkGestureDrag *gesture, double dx, double dy, double *ret_y)
{
    GtkWidget *grip = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture));
    GtkWidget *stack = GTK_WIDGET(sg_chart_area_stack(area_of(grip)));
    double x = 0, y = 0;
    graphene_point_t at;
    gtk_gesture_drag_get_start_point(gesture, &x, &y);
    if (!gtk_widget_compute_point(grip, stack, &GRAPHENE_POINT_INIT((float)(x + dx), (float)(y + dy)), &at))
        return FALSE;
    *ret_y = at.y;
    return TRUE;
}

static void on_grip_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
    (void)x;
    (void)y;
    (void)data;
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    gtk_widget_set_cursor_from_name(gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture)), "grabbing");
}

static void on_grip_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
    (void)data;
    GtkWidget *grip = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture));
    double y;
    if (ABS(dy) > 4 && pointer_in_stack(gesture, dx, dy, &y))
        sg_pane_stack_carry(sg_chart_area_stack(area_of(grip)), pane_of(grip), y);
}

static void on_grip_end(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
    (void)data;
    GtkWidget *grip = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture));
    double y;
    gtk_widget_set_cursor_from_name(grip, "grab");
    if (ABS(dy) > 4 && pointer_in_stack(gesture, dx, dy, &y))
        sg_pane_stack_drop(sg_chart_area_stack(area_of(grip)), pane_of(grip), y);
    else
        sg_pane_stack_carry_cancel(sg_chart_area_stack(area_of(grip)));
}

static void on_grip_cancel(GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
    (void)sequence;
    (void)data;
    GtkWidget *grip = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture));
    sg_pane_stack_carry_cancel(sg_chart_area_stack(area_of(grip)));
}

static void name_button(GtkWidget *widget, const char *what, const char *title, const char *keys)
{
    g_autofree char *name = g_strdup_printf("%s the %s chart", what, title);
    g_autofree char *tooltip = g_strdup_printf("%s (%s)", name, keys);
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_widget_set_tooltip_text(widget, tooltip);
}

static GtkWidget *button(const char *icon, const char *what, const char *title, const char *keys, GCallback clicked)
{
    GtkWidget *widget = gtk_button_new_from_icon_name(icon);
    name_button(widget, what, title, keys);
    gtk_widget_set_focusable(widget, FALSE);
    gtk_widget_set_cursor_from_name(widget, "default");
    g_signal_connect(widget, "clicked", clicked, NULL);
    return widget;
}

GtkWidget *sg_pane_bar_new(enum sg_pane pane)
{
    const char *title = sg_pane_title(pane);
    GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    GtkWidget *grip = gtk_image_new_from_icon_name("list-drag-handle-symbolic");
    g_autofree char *name = g_strdup_printf("Move the %s chart", title);
    gtk_accessible_update_property(GTK_ACCESSIBLE(grip), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_widget_set_tooltip_text(grip, "Drag to another place (Alt+Up, Alt+Down)");
    gtk_widget_set_cursor_from_name(grip, "grab");
    gtk_widget_add_css_class(grip, "grip");
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_grip_begin), NULL);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_grip_update), NULL);
    g_signal_connect(drag, "drag-end", G_CALLBACK(on_grip_end), NULL);
    g_signal_connect(drag, "cancel", G_CALLBACK(on_grip_cancel), NULL);
    gtk_widget_add_controller(grip, GTK_EVENT_CONTROLLER(drag));
    gtk_box_append(GTK_BOX(bar), grip);
    gtk_box_append(GTK_BOX(bar), button("view-fullscreen-symbolic", "Maximise", title, "F", G_CALLBACK(on_maximize)));
    gtk_box_append(GTK_BOX(bar), button("window-close-symbolic", "Hide", title, "Delete", G_CALLBACK(on_hide)));
    gtk_widget_add_css_class(bar, "panebar");
    return bar;
}

void sg_pane_bar_show_maximized(GtkWidget *bar, enum sg_pane pane, gboolean maximized)
{
    GtkWidget *grip = gtk_widget_get_first_child(bar), *maximize = gtk_widget_get_next_sibling(grip);
    gtk_widget_set_visible(grip, !maximized);
    gtk_button_set_icon_name(GTK_BUTTON(maximize), maximized ? "view-restore-symbolic" : "view-fullscreen-symbolic");
    name_button(maximize, maximized ? "Restore" : "Maximise", sg_pane_title(pane), "F");
}
