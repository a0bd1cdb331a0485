/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pane_private.h"

#include <math.h>

#include "chart_selection_private.h"
#include "draw_report_private.h"
#include "spreadglass/plot/missing.h"

enum selecting { SELECT_NOTHING, SELECT_NEW, SELECT_EDGE };

struct _SgPane {
    GtkWidget parent_instance;
    enum sg_pane pane;
    /* Two pictures in turn: writing into the one that the last frame recorded would make cairo copy it first. */
    cairo_surface_t *surface[2];
    int front;
    guint64 revision;
    int width, height, scale;
    char *font;
    double pointer_x, pointer_y; /* px, of the last motion: wheel events carry no place of their own everywhere */
    double drag_x, drag_y;
    gboolean dragging, on_axis; /* on_axis: the drag began on the value axis */
    const char *cursor;
    GtkWidget *bar;
    enum selecting selecting; /* what the drag under way does to the marked span */
    double press_x;
};

G_DEFINE_TYPE(SgPane, sg_pane, GTK_TYPE_WIDGET)

enum { PROP_PANE = 1, PROP_COUNT };
static GParamSpec *properties[PROP_COUNT];

char *sg_widget_font(GtkWidget *widget)
{
    PangoContext *context = gtk_widget_get_pango_context(widget);
    return pango_font_description_to_string(pango_context_get_font_description(context));
}

static SgChartArea *area_of(SgPane *pane)
{
    return SG_CHART_AREA(gtk_widget_get_ancestor(GTK_WIDGET(pane), SG_TYPE_CHART_AREA));
}

/* ---- drawing ---- */

static gboolean prepare_surface(SgPane *pane, int index, int width, int height, int scale)
{
    cairo_surface_t *surface = pane->surface[index];
    if (surface != NULL &&
        (cairo_image_surface_get_width(surface) != width * scale || cairo_image_surface_get_height(surface) != height * scale || scale != pane->scale)) {
        cairo_surface_destroy(surface);
        surface = NULL;
    }
    if (surface == NULL) {
        surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width * scale, height * scale);
        cairo_surface_set_device_scale(surface, scale, scale);
    }
    pane->surface[index] = surface;
    return cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
}

static void refresh(SgPane *pane, const struct sg_chart_scene *scene, int width, int height)
{
    int scale = gtk_widget_get_scale_factor(GTK_WIDGET(pane));
    cairo_surface_t *front = pane->surface[pane->front];
    if (front != NULL && pane->revision == scene->revision && pane->width == width && pane->height == height && pane->scale == scale)
        return;
    int back = 1 - pane->front;
    if (!prepare_surface(pane, back, width, height, scale))
        return;
    cairo_t *cr = cairo_create(pane->surface[back]);
    sg_dashboard_draw_pane(scene->dashboard, cr, pane->pane, scene->view, scene->theme, pane->font, width, height);
    cairo_destroy(cr);
    cairo_surface_flush(pane->surface[back]);
    pane->front = back;
    pane->revision = scene->revision;
    pane->width = width;
    pane->height = height;
    pane->scale = scale;
    sg_draw_report_pane(sg_pane_title(pane->pane), TRUE);
}

static void snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    SgPane *pane = SG_PANE(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    SgChartArea *area = area_of(pane);
    if (width < 2 || height < 2 || area == NULL)
        return;
    struct sg_chart_scene scene;
    sg_chart_area_scene(area, pane->pane, &scene);
    if (scene.theme == NULL)
        return;
    if (pane->font == NULL)
        pane->font = sg_widget_font(widget);
    refresh(pane, &scene, width, height);
    sg_draw_report_pane(sg_pane_title(pane->pane), FALSE);

    cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    if (pane->surface[pane->front] != NULL) {
        cairo_set_source_surface(cr, pane->surface[pane->front], 0, 0);
        cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
        cairo_paint(cr);
    }
    if (scene.selected)
        sg_dashboard_draw_selection(scene.dashboard, cr, scene.view, scene.theme, pane->font, width, height, scene.from_slot, scene.to_slot, false);
    sg_dashboard_draw_overlay(scene.dashboard, cr, pane->pane, scene.view, scene.theme, pane->font, width, height, scene.cursor_row, scene.hover_y);
    if (scene.selected) {
        double middle = CLAMP(sg_viewport_fraction_of(scene.view, (scene.from_slot + scene.to_slot) / 2), 0, 1) * (width - SG_AXIS_WIDTH);
        sg_dashboard_draw_note(scene.dashboard, cr, scene.theme, pane->font, width, height, middle, height, scene.measure);
    }
    if (scene.note[0] != '\0')
        sg_dashboard_draw_note(scene.dashboard, cr, scene.theme, pane->font, width, height, scene.hover_x, scene.hover_y + 14, scene.note);
    cairo_destroy(cr);
    gtk_widget_snapshot_child(widget, pane->bar, snapshot);
}

/* The handles stand in the corner of the plot, in the strip above the data. */
static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    (void)height;
    (void)baseline;
    GtkWidget *bar = SG_PANE(widget)->bar;
    int bar_width = 0, bar_height = 0;
    gtk_widget_measure(bar, GTK_ORIENTATION_HORIZONTAL, -1, &bar_width, NULL, NULL, NULL);
    gtk_widget_measure(bar, GTK_ORIENTATION_VERTICAL, bar_width, &bar_height, NULL, NULL, NULL);
    GtkAllocation place = {MAX(width - (int)SG_AXIS_WIDTH - bar_width - 3, 0), 1, bar_width, bar_height};
    gtk_widget_size_allocate(bar, &place, -1);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
    int bar = 0;
    gtk_widget_measure(SG_PANE(widget)->bar, orientation, -1, &bar, NULL, NULL, NULL);
    (void)for_size;
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MAX(240, bar + (int)SG_AXIS_WIDTH) : MAX(48, bar);
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 800 : 160;
    *minimum_baseline = *natural_baseline = -1;
}

static void css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
    GTK_WIDGET_CLASS(sg_pane_parent_class)->css_changed(widget, change);
    SgPane *pane = SG_PANE(widget);
    g_clear_pointer(&pane->font, g_free); /* the font may be another one now */
    pane->width = 0;
}

/* ---- pointer ---- */

static gboolean is_on_axis(SgPane *pane, double x)
{
    SgChartArea *area = area_of(pane);
    int width = gtk_widget_get_width(GTK_WIDGET(pane)), height = gtk_widget_get_height(GTK_WIDGET(pane));
    return x >= (area != NULL ? sg_dashboard_axis_left(sg_chart_area_dashboard(area), pane->pane, width, height) : width - SG_AXIS_WIDTH);
}

/* The title at the left of the legend: a double click on it gives the pane the whole height. */
static gboolean is_on_title(SgPane *pane, double x, double y)
{
    if (y > 20 || x > 160)
        return FALSE;
    int width = 0;
    PangoLayout *layout = gtk_widget_create_pango_layout(GTK_WIDGET(pane), sg_pane_title(pane->pane));
    pango_layout_get_pixel_size(layout, &width, NULL);
    g_object_unref(layout);
    return x < width * 1.15 + 14; /* it is drawn bold */
}

static void show_cursor(SgPane *pane, const char *name)
{
    if (name == pane->cursor)
        return;
    pane->cursor = name;
    gtk_widget_set_cursor_from_name(GTK_WIDGET(pane), name);
}

/* What the pointer can do there. */
static void show_cursor_at(SgPane *pane, double x, double y)
{
    static const char axis[] = "ns-resize", title[] = "default", edge[] = "col-resize", plot[] = "crosshair";
    SgChartArea *area = area_of(pane);
    show_cursor(pane, is_on_axis(pane, x)                                            ? axis
                      : is_on_title(pane, x, y)                                      ? title
                      : area != NULL && sg_chart_area_edge_near(area, pane->pane, x) ? edge
                                                                                     : plot);
}

static void on_motion(GtkEventControllerMotion *controller, double x, double y, SgPane *pane)
{
    (void)controller;
    SgChartArea *area = area_of(pane);
    pane->pointer_x = x;
    pane->pointer_y = y;
    if (!pane->dragging)
        show_cursor_at(pane, x, y);
    if (area != NULL && !pane->dragging)
        sg_chart_area_hover(area, pane->pane, x, y);
}

static void on_leave(GtkEventControllerMotion *controller, SgPane *pane)
{
    (void)controller;
    SgChartArea *area = area_of(pane);
    if (area != NULL)
        sg_chart_area_leave(area, pane->pane);
}

static gboolean on_scroll(GtkEventControllerScroll *controller, double dx, double dy, SgPane *pane)
{
    GtkEventController *base = GTK_EVENT_CONTROLLER(controller);
    SgChartArea *area = area_of(pane);
    double height = MAX(gtk_widget_get_height(GTK_WIDGET(pane)), 1);
    if (area != NULL && dx == 0 && dy != 0 && is_on_axis(pane, pane->pointer_x))
        sg_chart_area_scale_values(area, pane->pane, pow(1.1, CLAMP(dy, -10, 10)), CLAMP(1 - pane->pointer_y / height, 0, 1));
    else if (area != NULL)
        sg_chart_area_scroll(area, pane->pointer_x, dx, dy, gtk_event_controller_get_current_event_state(base));
    return GDK_EVENT_STOP;
}

static const char grabbing[] = "grabbing";

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, SgPane *pane)
{
    (void)y;
    SgChartArea *area = area_of(pane);
    GdkModifierType state = gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture));
    pane->selecting = SELECT_NOTHING;
    pane->press_x = x;
    if (area != NULL && pane->pane != SG_PANE_SCATTER && !is_on_axis(pane, x))
        pane->selecting = (state & GDK_SHIFT_MASK) != 0 ? SELECT_NEW : sg_chart_area_select_grab(area, pane->pane, x) ? SELECT_EDGE : SELECT_NOTHING;
    pane->on_axis = is_on_axis(pane, x);
    if (area_of(pane) != NULL)
        sg_chart_area_fling_stop(area_of(pane));
    pane->drag_x = pane->drag_y = 0;
    pane->dragging = FALSE;
    gtk_widget_grab_focus(GTK_WIDGET(pane));
}

/* A span follows the pointer: a new one from where it was pressed, or the edge that was taken. */
static void drag_selection(GtkGestureDrag *gesture, SgChartArea *area, SgPane *pane, double dx)
{
    if (!pane->dragging) {
        if (!gtk_drag_check_threshold(GTK_WIDGET(pane), 0, 0, (int)dx, 0))
            return;
        pane->dragging = TRUE;
        gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
        if (pane->selecting == SELECT_NEW)
            sg_chart_area_select_from(area, pane->pane, pane->press_x);
    }
    sg_chart_area_select_to(area, pane->pane, pane->press_x + dx);
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, SgPane *pane)
{
    SgChartArea *area = area_of(pane);
    if (area == NULL)
        return;
    if (pane->selecting != SELECT_NOTHING) {
        drag_selection(gesture, area, pane, dx);
        return;
    }
    gboolean values = pane->on_axis || sg_dashboard_value_range_chosen(sg_chart_area_dashboard(area), pane->pane);
    if (!pane->dragging) {
        if (!gtk_drag_check_threshold(GTK_WIDGET(pane), 0, 0, pane->on_axis ? 0 : (int)dx, values ? (int)dy : 0))
            return;
        pane->dragging = TRUE;
        sg_chart_area_leave(area, pane->pane);
        if (!pane->on_axis)
            show_cursor(pane, grabbing);
        gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    }
    double height = MAX(gtk_widget_get_height(GTK_WIDGET(pane)), 1), step = dy - pane->drag_y;
    if (pane->on_axis) {
        sg_chart_area_scale_values(area, pane->pane, exp(step / height * 2), 0.5);
    } else {
        sg_chart_area_pan_px(area, dx - pane->drag_x);
        if (values) /* a range that a person chose moves with the hand; the automatic one keeps the data in view */
            sg_chart_area_shift_values(area, pane->pane, step / height);
    }
    pane->drag_x = dx;
    pane->drag_y = dy;
}

static void on_drag_end(GtkGestureDrag *gesture, double dx, double dy, SgPane *pane)
{
    (void)gesture;
    (void)dx;
    (void)dy;
    pane->dragging = FALSE;
    pane->cursor = NULL; /* the next motion says which */
}

static void on_pressed(GtkGestureClick *gesture, int presses, double x, double y, SgPane *pane)
{
    (void)gesture;
    SgChartArea *area = area_of(pane);
    if (presses != 2 || area == NULL)
        return;
    if (is_on_axis(pane, x))
        sg_chart_area_reset_values(area, pane->pane);
    else if (is_on_title(pane, x, y))
        sg_chart_area_pane_command(area, pane->pane, SG_PANE_TOGGLE_MAXIMIZED);
    else
        sg_chart_area_command(area, pane->pane, SG_CHART_RESET);
}

static void on_menu_pressed(GtkGestureClick *gesture, int presses, double x, double y, SgPane *pane)
{
    (void)presses;
    SgChartArea *area = area_of(pane);
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    gtk_widget_grab_focus(GTK_WIDGET(pane));
    if (area != NULL)
        sg_chart_area_menu(area, pane->pane, MAX(x, 0), y);
}

/* A finger has no second button: it asks for the menu by staying where it is. */
static void on_long_press(GtkGestureLongPress *gesture, double x, double y, SgPane *pane)
{
    SgChartArea *area = area_of(pane);
    if (pane->dragging || area == NULL)
        return;
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    gtk_widget_grab_focus(GTK_WIDGET(pane));
    sg_chart_area_menu(area, pane->pane, MAX(x, 0), y);
}

static void on_swipe(GtkGestureSwipe *gesture, double velocity_x, double velocity_y, SgPane *pane)
{
    (void)gesture;
    (void)velocity_y;
    SgChartArea *area = area_of(pane);
    if (area != NULL && !pane->on_axis)
        sg_chart_area_fling(area, velocity_x);
}

static void on_pinch(GtkGestureZoom *gesture, double scale, SgPane *pane)
{
    SgChartArea *area = area_of(pane);
    double x = 0, y = 0;
    double *last = g_object_get_data(G_OBJECT(gesture), "sg-scale");
    if (area == NULL || !gtk_gesture_get_bounding_box_center(GTK_GESTURE(gesture), &x, &y) || last == NULL || !(scale > 0))
        return;
    sg_chart_area_zoom_by(area, x, *last / scale);
    *last = scale;
}

static void on_pinch_begin(GtkGesture *gesture, GdkEventSequence *sequence, SgPane *pane)
{
    (void)sequence;
    (void)pane;
    double *scale = g_new(double, 1);
    *scale = 1;
    g_object_set_data_full(G_OBJECT(gesture), "sg-scale", scale, g_free);
}

static void on_focus(GtkEventControllerFocus *controller, SgPane *pane)
{
    (void)controller;
    SgChartArea *area = area_of(pane);
    if (area != NULL)
        sg_chart_area_focus_changed(area, pane->pane);
}

/* ---- keys: only while the chart has the focus, so that they never eat typing ---- */

static gboolean on_key(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)data;
    SgPane *pane = SG_PANE(widget);
    SgChartArea *area = area_of(pane);
    if (area == NULL)
        return GDK_EVENT_PROPAGATE;
    sg_chart_area_command(area, pane->pane, (enum sg_chart_command)g_variant_get_int32(arguments));
    return GDK_EVENT_STOP;
}

static gboolean on_pane_key(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)data;
    SgChartArea *area = area_of(SG_PANE(widget));
    if (area == NULL)
        return GDK_EVENT_PROPAGATE;
    sg_chart_area_pane_command(area, SG_PANE(widget)->pane, (enum sg_pane_command)g_variant_get_int32(arguments));
    return GDK_EVENT_STOP;
}

static gboolean on_menu_key(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)arguments;
    (void)data;
    SgChartArea *area = area_of(SG_PANE(widget));
    if (area != NULL)
        sg_chart_area_menu(area, SG_PANE(widget)->pane, -1, -1);
    return GDK_EVENT_STOP;
}

static const struct {
    guint key;
    GdkModifierType modifiers;
    enum sg_chart_command command;
} keys[] = {
    {GDK_KEY_Left, 0, SG_CHART_LEFT},
    {GDK_KEY_Right, 0, SG_CHART_RIGHT},
    {GDK_KEY_Left, GDK_SHIFT_MASK, SG_CHART_LEFT_FAR},
    {GDK_KEY_Right, GDK_SHIFT_MASK, SG_CHART_RIGHT_FAR},
    {GDK_KEY_Left, GDK_CONTROL_MASK, SG_CHART_PAGE_LEFT},
    {GDK_KEY_Right, GDK_CONTROL_MASK, SG_CHART_PAGE_RIGHT},
    {GDK_KEY_Home, 0, SG_CHART_FIRST},
    {GDK_KEY_End, 0, SG_CHART_LIVE},
    {GDK_KEY_plus, 0, SG_CHART_ZOOM_IN},
    {GDK_KEY_equal, 0, SG_CHART_ZOOM_IN},
    {GDK_KEY_KP_Add, 0, SG_CHART_ZOOM_IN},
    {GDK_KEY_minus, 0, SG_CHART_ZOOM_OUT},
    {GDK_KEY_KP_Subtract, 0, SG_CHART_ZOOM_OUT},
    {GDK_KEY_0, 0, SG_CHART_RESET},
    {GDK_KEY_KP_0, 0, SG_CHART_RESET},
    {GDK_KEY_Escape, 0, SG_CHART_CLEAR},
    {GDK_KEY_m, 0, SG_CHART_MEASURE},
    {GDK_KEY_Left, GDK_SHIFT_MASK | GDK_CONTROL_MASK, SG_CHART_EXTEND_LEFT},
    {GDK_KEY_Right, GDK_SHIFT_MASK | GDK_CONTROL_MASK, SG_CHART_EXTEND_RIGHT},
    {GDK_KEY_Up, 0, SG_CHART_PREVIOUS_PANE},
    {GDK_KEY_Down, 0, SG_CHART_NEXT_PANE},
    {GDK_KEY_p, 0, SG_CHART_TOGGLE_PERCENT},
    {GDK_KEY_l, 0, SG_CHART_TOGGLE_LOG},
};

static const struct {
    guint key;
    GdkModifierType modifiers;
    enum sg_pane_command command;
} pane_keys[] = {
    {GDK_KEY_Up, GDK_ALT_MASK, SG_PANE_UP},
    {GDK_KEY_Down, GDK_ALT_MASK, SG_PANE_DOWN},
    {GDK_KEY_plus, GDK_ALT_MASK, SG_PANE_TALLER},
    {GDK_KEY_equal, GDK_ALT_MASK, SG_PANE_TALLER},
    {GDK_KEY_KP_Add, GDK_ALT_MASK, SG_PANE_TALLER},
    {GDK_KEY_minus, GDK_ALT_MASK, SG_PANE_SHORTER},
    {GDK_KEY_KP_Subtract, GDK_ALT_MASK, SG_PANE_SHORTER},
    {GDK_KEY_f, 0, SG_PANE_TOGGLE_MAXIMIZED},
    {GDK_KEY_Delete, 0, SG_PANE_HIDE},
};

/* ---- life ---- */

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    if (id != PROP_PANE) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return;
    }
    SgPane *pane = SG_PANE(object);
    pane->pane = (enum sg_pane)g_value_get_int(value);
    g_autofree char *name = g_strdup_printf("%s chart", sg_pane_title(pane->pane));
    gtk_accessible_update_property(GTK_ACCESSIBLE(pane), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    pane->bar = sg_pane_bar_new(pane->pane);
    gtk_widget_set_parent(pane->bar, GTK_WIDGET(pane));
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    if (id == PROP_PANE)
        g_value_set_int(value, (int)SG_PANE(object)->pane);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&SG_PANE(object)->bar, gtk_widget_unparent);
    G_OBJECT_CLASS(sg_pane_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    SgPane *pane = SG_PANE(object);
    g_clear_pointer(&pane->surface[0], cairo_surface_destroy);
    g_clear_pointer(&pane->surface[1], cairo_surface_destroy);
    g_free(pane->font);
    G_OBJECT_CLASS(sg_pane_parent_class)->finalize(object);
}

static void sg_pane_class_init(SgPaneClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->dispose = dispose;
    object_class->finalize = finalize;
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    properties[PROP_PANE] = g_param_spec_int("pane", NULL, NULL, 0, SG_PANE_ALL - 1, 0, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, PROP_COUNT, properties);
    widget_class->snapshot = snapshot;
    widget_class->measure = measure;
    widget_class->size_allocate = size_allocate;
    widget_class->css_changed = css_changed;
    gtk_widget_class_set_css_name(widget_class, "chart");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        gtk_widget_class_add_binding(widget_class, keys[i].key, keys[i].modifiers, on_key, "i", (gint32)keys[i].command);
    for (size_t i = 0; i < G_N_ELEMENTS(pane_keys); i++)
        gtk_widget_class_add_binding(widget_class, pane_keys[i].key, pane_keys[i].modifiers, on_pane_key, "i", (gint32)pane_keys[i].command);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "win.copy-data", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.copy-picture", NULL);
    gtk_widget_class_add_binding(widget_class, GDK_KEY_Menu, 0, on_menu_key, NULL);
    gtk_widget_class_add_binding(widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key, NULL);
}

static void sg_pane_init(SgPane *pane)
{
    GtkWidget *widget = GTK_WIDGET(pane);
    gtk_widget_set_focusable(widget, TRUE);
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_hexpand(widget, TRUE);
    gtk_widget_set_cursor_from_name(widget, "crosshair");

    GtkEventController *motion = gtk_event_controller_motion_new();
    g_signal_connect(motion, "enter", G_CALLBACK(on_motion), pane);
    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), pane);
    g_signal_connect(motion, "leave", G_CALLBACK(on_leave), pane);
    gtk_widget_add_controller(widget, motion);

    GtkEventController *scroll = gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), pane);
    gtk_widget_add_controller(widget, scroll);

    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), pane);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), pane);
    g_signal_connect(drag, "drag-end", G_CALLBACK(on_drag_end), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));

    GtkGesture *swipe = gtk_gesture_swipe_new();
    gtk_gesture_single_set_touch_only(GTK_GESTURE_SINGLE(swipe), TRUE);
    g_signal_connect(swipe, "swipe", G_CALLBACK(on_swipe), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(swipe));
    gtk_gesture_group(swipe, drag); /* the drag claims the finger for both */

    GtkGesture *click = gtk_gesture_click_new();
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));

    GtkGesture *menu = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(menu), GDK_BUTTON_SECONDARY);
    g_signal_connect(menu, "pressed", G_CALLBACK(on_menu_pressed), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(menu));

    GtkGesture *hold = gtk_gesture_long_press_new();
    gtk_gesture_single_set_touch_only(GTK_GESTURE_SINGLE(hold), TRUE);
    g_signal_connect(hold, "pressed", G_CALLBACK(on_long_press), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(hold));

    GtkGesture *pinch = gtk_gesture_zoom_new();
    g_signal_connect(pinch, "begin", G_CALLBACK(on_pinch_begin), pane);
    g_signal_connect(pinch, "scale-changed", G_CALLBACK(on_pinch), pane);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(pinch));

    GtkEventController *focus = gtk_event_controller_focus_new();
    g_signal_connect(focus, "enter", G_CALLBACK(on_focus), pane);
    gtk_widget_add_controller(widget, focus);
}

void sg_pane_set_maximized(SgPane *pane, gboolean maximized)
{
    sg_pane_bar_show_maximized(pane->bar, pane->pane, maximized);
}

void sg_pane_set_description(SgPane *pane, const char *text)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(pane), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}
