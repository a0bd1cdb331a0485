/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chart_area_private.h"
#include "pane_private.h"

struct _SgTimeAxis {
    GtkWidget parent_instance;
    char *font;
    double drag_x;
};

G_DEFINE_TYPE(SgTimeAxis, sg_time_axis, GTK_TYPE_WIDGET)

static SgChartArea *area_of(SgTimeAxis *axis)
{
    return SG_CHART_AREA(gtk_widget_get_ancestor(GTK_WIDGET(axis), SG_TYPE_CHART_AREA));
}

static void snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    SgTimeAxis *axis = SG_TIME_AXIS(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    SgChartArea *area = area_of(axis);
    if (width < 2 || height < 2 || area == NULL)
        return;
    struct sg_chart_scene scene;
    sg_chart_area_scene(area, SG_PANE_PRICE, &scene);
    if (scene.theme == NULL)
        return;
    if (axis->font == NULL)
        axis->font = sg_widget_font(widget);
    cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    sg_dashboard_draw_time_axis(scene.dashboard, cr, scene.view, scene.theme, axis->font, width, height, scene.cursor_row);
    cairo_destroy(cr);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
    (void)widget;
    (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : (int)SG_TIME_AXIS_HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
    GTK_WIDGET_CLASS(sg_time_axis_parent_class)->css_changed(widget, change);
    g_clear_pointer(&SG_TIME_AXIS(widget)->font, g_free);
}

/* Dragging the axis stretches time: to the left squeezes more of it in, to the right less. */
static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, SgTimeAxis *axis)
{
    (void)gesture;
    (void)x;
    (void)y;
    axis->drag_x = 0;
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, SgTimeAxis *axis)
{
    (void)gesture;
    (void)dy;
    SgChartArea *area = area_of(axis);
    int width = gtk_widget_get_width(GTK_WIDGET(axis));
    if (area == NULL || width < 2)
        return;
    /* The newest end stays: that is where a person who stretches time looks. */
    double plot = width - SG_AXIS_WIDTH, step = dx - axis->drag_x;
    sg_chart_area_zoom_by(area, plot, step > 0 ? 1 / (1 + 3 * step / plot) : 1 - 3 * step / plot);
    axis->drag_x = dx;
}

static gboolean on_scroll(GtkEventControllerScroll *controller, double dx, double dy, SgTimeAxis *axis)
{
    SgChartArea *area = area_of(axis);
    double middle = gtk_widget_get_width(GTK_WIDGET(axis)) / 2.0;
    if (area != NULL)
        sg_chart_area_scroll(area, middle, dx, dy, gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(controller)));
    return GDK_EVENT_STOP;
}

static void on_pressed(GtkGestureClick *gesture, int presses, double x, double y, SgTimeAxis *axis)
{
    (void)gesture;
    (void)x;
    (void)y;
    SgChartArea *area = area_of(axis);
    if (presses == 2 && area != NULL)
        sg_chart_area_reset_view(area);
}

static void finalize(GObject *object)
{
    g_free(SG_TIME_AXIS(object)->font);
    G_OBJECT_CLASS(sg_time_axis_parent_class)->finalize(object);
}

static void sg_time_axis_class_init(SgTimeAxisClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->finalize = finalize;
    widget_class->snapshot = snapshot;
    widget_class->measure = measure;
    widget_class->css_changed = css_changed;
    gtk_widget_class_set_css_name(widget_class, "timeaxis");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void sg_time_axis_init(SgTimeAxis *axis)
{
    GtkWidget *widget = GTK_WIDGET(axis);
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_cursor_from_name(widget, "ew-resize");
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), axis);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), axis);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
    GtkEventController *scroll = gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), axis);
    gtk_widget_add_controller(widget, scroll);
    GtkGesture *click = gtk_gesture_click_new();
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), axis);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
}
