/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chart_area_private.h"

#include <math.h>
#include <string.h>
#include "chart_notes_private.h"
#include "chart_selection_private.h"
#include "pane_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/model_text.h"
#include "spreadglass/plot/missing.h"

#define DEFAULT_SPAN 180.0        /* bars in view at first and after a reset */
#define WHEEL_PAN_PX 80.0         /* of a notch of the horizontal wheel */
#define POINTED_MS 5000           /* how long the crosshair stays on a bar that was asked for and is not the pointer's */
#define DESCRIPTION_PERIOD_MS 500 /* assistive technology gets at most two texts a second per chart */

struct _SgChartArea {
    GtkWidget parent_instance;
    GtkWidget *overlay, *go_live, *axis, *dock;
    SgPaneStack *stack;

    struct sg_dashboard *dashboard;
    struct sg_viewport view;
    const struct sg_theme *theme;
    enum sg_price_mode price_mode;
    gboolean utc;
    const struct sg_history *history; /* borrowed from the snapshot; NULL before the first */
    char *identity;                   /* pair and interval: another one starts a new view */
    guint64 revision[SG_PANE_ALL];

    size_t cursor_row; /* SIZE_MAX: none; history->length: the forming bar */
    gboolean cursor_by_keyboard;
    int hover_pane; /* -1: none */
    double hover_x, hover_y;
    int rest_pane; /* where the pointer was when the crosshair was let go: it comes back when that moves; -1: nowhere */
    double rest_x, rest_y;
    struct sg_chart_target target;
    struct sg_chart_selection selection;
    struct sg_chart_notes notes;

    gboolean have_forming;
    char waiting[sizeof(((struct sg_freshness *)NULL)->words)];
    guint description_timer, pointed_timer; /* pointed: the cursor was put on a bar by the program, and will go by itself */
};

G_DEFINE_TYPE(SgChartArea, sg_chart_area, GTK_TYPE_WIDGET)

enum { SIGNAL_LAYOUT, SIGNAL_PRICE_MODE, SIGNAL_MENU, SIGNAL_SELECTION, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

/* ---- what is on the screen ---- */

static size_t row_limit(SgChartArea *area)
{
    size_t length = area->history != NULL ? area->history->length : 0;
    return length + (area->have_forming ? 1 : 0);
}

static gint64 row_time(SgChartArea *area, size_t row)
{
    const struct sg_history *history = area->history;
    if (row < history->length)
        return history->time_us[row];
    return history->length > 0 ? history->time_us[history->length - 1] + history->interval_us : 0;
}

static GtkWidget *pane_widget(SgChartArea *area, int pane)
{
    return sg_pane_stack_pane(area->stack, (enum sg_pane)pane);
}

/* Why data is missing where the pointer is, or between the bar before the cursor and the cursor's own. */
static void missing_here(SgChartArea *area, enum sg_pane pane, size_t row, char *buffer, size_t size)
{
    buffer[0] = '\0';
    if (pane == SG_PANE_SCATTER)
        return;
    if (area->cursor_by_keyboard && row > 0)
        sg_dashboard_missing_text(area->dashboard, row_time(area, row - 1) + area->history->interval_us, row_time(area, row) + area->history->interval_us,
                                  buffer, size);
    else if (!area->cursor_by_keyboard && area->hover_pane == (int)pane)
        sg_dashboard_missing_at(area->dashboard, &area->view, gtk_widget_get_width(pane_widget(area, (int)pane)), area->hover_x, buffer, size);
}

static void describe(SgChartArea *area, enum sg_pane pane)
{
    if (row_limit(area) == 0) {
        g_autofree char *none = g_strdup_printf("no data yet%s%s", area->waiting[0] != '\0' ? ": " : "", area->waiting);
        sg_pane_set_description(SG_PANE(pane_widget(area, (int)pane)), none);
        return;
    }
    size_t row = area->cursor_row < row_limit(area) ? area->cursor_row : row_limit(area) - 1;
    char measure[320], missing[SG_MISSING_TEXT];
    sg_chart_area_measure_text(area, pane, measure, sizeof measure);
    missing_here(area, pane, row, missing, sizeof missing);
    char values[640] = "", bar[SG_TIME_BUF] = "", edge[SG_TIME_BUF] = "";
    sg_dashboard_describe(area->dashboard, pane, row, values, sizeof values);
    sg_time_format_iso(row_time(area, row), bar);
    sg_time_format_iso((gint64)floor(area->view.right) * area->history->interval_us, edge);
    g_autofree char *text = g_strdup_printf("%s%s%s; bar %s; showing %d bars to %s; %s%s%s%s%s%s", values, measure[0] ? "; selected " : "", measure, bar,
                                            (int)lround(area->view.span), edge, missing[0] ? "missing here: " : "", missing, missing[0] ? "; " : "",
                                            area->waiting, area->waiting[0] ? "; " : "", area->view.follow ? "live" : "paused");
    sg_pane_set_description(SG_PANE(pane_widget(area, (int)pane)), text);
}

static gboolean on_description_timer(gpointer data)
{
    SgChartArea *area = data;
    area->description_timer = 0;
    for (int i = 0; i < SG_PANE_ALL; i++)
        describe(area, (enum sg_pane)i);
    return G_SOURCE_REMOVE;
}

static void describe_soon(SgChartArea *area)
{
    if (area->description_timer == 0)
        area->description_timer = g_timeout_add(DESCRIPTION_PERIOD_MS, on_description_timer, area);
}

static void queue_overlays(SgChartArea *area)
{
    for (int i = 0; i < SG_PANE_ALL; i++)
        gtk_widget_queue_draw(pane_widget(area, i));
    gtk_widget_queue_draw(area->axis);
}

const struct sg_history *sg_chart_area_history(SgChartArea *area)
{
    return area->history;
}

size_t sg_chart_area_cursor(SgChartArea *area)
{
    return area->cursor_row < row_limit(area) ? area->cursor_row : SIZE_MAX;
}

struct sg_chart_selection *sg_chart_area_selection(SgChartArea *area)
{
    return &area->selection;
}

void sg_chart_area_selection_changed(SgChartArea *area)
{
    queue_overlays(area);
    describe_soon(area);
    g_signal_emit(area, signals[SIGNAL_SELECTION], 0);
}

void sg_chart_area_add_overlay(SgChartArea *area, GtkWidget *widget)
{
    gtk_overlay_add_overlay(GTK_OVERLAY(area->overlay), widget);
}

GtkWidget *sg_chart_area_dock(SgChartArea *area)
{
    return area->dock;
}

static void invalidate(SgChartArea *area)
{
    for (int i = 0; i < SG_PANE_ALL; i++)
        area->revision[i]++;
    queue_overlays(area);
    describe_soon(area);
}

/* New values came and the view did not move: what shows none of them keeps its picture, and if its legend says nothing of them, everything. */
static void values_changed(SgChartArea *area, unsigned pictures, unsigned legends)
{
    size_t limit = row_limit(area);
    gboolean newest = area->cursor_row == SIZE_MAX || area->cursor_row + 2 >= limit; /* then legends tell of the newest bars */
    for (int i = 0; i < SG_PANE_ALL; i++) {
        gboolean picture = (pictures & 1u << i) != 0;
        if (picture)
            area->revision[i]++;
        if (picture || area->selection.set || (newest && (legends & 1u << i) != 0))
            gtk_widget_queue_draw(pane_widget(area, i));
    }
    if (pictures != 0)
        gtk_widget_queue_draw(area->axis);
    describe_soon(area);
}

static size_t row_at(SgChartArea *area, int pane, double x, double y)
{
    GtkWidget *widget = pane_widget(area, pane);
    double width = gtk_widget_get_width(widget);
    if (pane == SG_PANE_SCATTER)
        return sg_dashboard_row_at_point(area->dashboard, &area->view, width, gtk_widget_get_height(widget), x, y);
    return sg_dashboard_row_at(area->dashboard, &area->view, width, x);
}

/* The pointer stays where it is while the bars move under it. */
static void refresh_hover(SgChartArea *area)
{
    if (area->hover_pane < 0 || area->cursor_by_keyboard || area->history == NULL)
        return;
    area->cursor_row = row_at(area, area->hover_pane, area->hover_x, area->hover_y);
}

static double plot_width(SgChartArea *area)
{
    return MAX(gtk_widget_get_width(GTK_WIDGET(area->stack)) - SG_AXIS_WIDTH, 1);
}

static void view_changed(SgChartArea *area)
{
    gboolean away = row_limit(area) > 0 && (!area->view.follow || !sg_viewport_newest_visible(&area->view));
    gtk_widget_set_visible(area->go_live, away);
    refresh_hover(area);
    invalidate(area);
    if (area->selection.set) /* it is somewhere else on the screen now */
        g_signal_emit(area, signals[SIGNAL_SELECTION], 0);
}

/* ---- data ---- */

static void take_identity(SgChartArea *area, const SgSnapshot *snapshot)
{
    g_autofree char *identity = g_strdup_printf("%s/%s/%d/%d/%d", snapshot->legs[SG_LEG_A].symbol, snapshot->legs[SG_LEG_B].symbol,
                                                (int)snapshot->legs[SG_LEG_A].market, (int)snapshot->legs[SG_LEG_B].market, (int)snapshot->interval);
    if (g_strcmp0(identity, area->identity) == 0)
        return;
    g_free(area->identity);
    area->identity = g_steal_pointer(&identity);
    sg_viewport_init(&area->view, DEFAULT_SPAN);
    area->cursor_row = SIZE_MAX;
    area->cursor_by_keyboard = FALSE;
    sg_chart_area_clear_selection(area);
    area->notes = (struct sg_chart_notes){0};
    for (int i = 0; i < SG_PANE_ALL; i++) /* a range chosen for another pair's values means nothing here */
        sg_dashboard_set_value_range(area->dashboard, (enum sg_pane)i, 0, 0);
}

void sg_chart_area_update(SgChartArea *area, const SgSnapshot *snapshot)
{
    if (snapshot == NULL) {
        area->history = NULL;
        area->have_forming = FALSE;
        return;
    }
    struct sg_viewport before = area->view;
    take_identity(area, snapshot);
    area->history = snapshot->history;
    area->have_forming = snapshot->has_forming;
    struct sg_dashboard_data data = {
        .history = snapshot->history,
        .forming = snapshot->has_forming ? &snapshot->forming : NULL,
        .decimals_a = -1,
        .decimals_b = -1,
        .entry = snapshot->params.entry,
        .exit = snapshot->params.exit,
        .window = snapshot->params.window,
        .utc = area->utc,
    };
    char name[SG_LEG_BUF];
    g_strlcpy(data.symbol_a, sg_leg_name(snapshot->legs, SG_LEG_A, name), sizeof data.symbol_a);
    g_strlcpy(data.symbol_b, sg_leg_name(snapshot->legs, SG_LEG_B, name), sizeof data.symbol_b);
    if (snapshot->stream != SG_STREAM_TRADE)
        g_strlcpy(data.source, sg_stream_title(snapshot->stream), sizeof data.source);
    gboolean changed = sg_dashboard_set_data(area->dashboard, &data);
    gboolean noted = sg_chart_notes_bring(&area->notes, area->dashboard, snapshot);
    sg_dashboard_update_extent(area->dashboard, &area->view);
    if (area->cursor_row != SIZE_MAX && area->cursor_row >= row_limit(area))
        area->cursor_row = SIZE_MAX;
    unsigned legends = 0, pictures = changed ? sg_dashboard_changes(area->dashboard, &area->view, &legends) : 0;
    gboolean moved = before.right != area->view.right || before.span != area->view.span || before.follow != area->view.follow;
    gboolean extended = before.first != area->view.first || before.last != area->view.last;
    if (moved || noted || (extended && pictures != 0))
        view_changed(area);
    else if (changed)
        values_changed(area, pictures, legends);
}

void sg_chart_area_redraw(SgChartArea *area)
{
    invalidate(area);
}

void sg_chart_area_set_theme(SgChartArea *area, const struct sg_theme *theme)
{
    area->theme = theme;
    invalidate(area);
}

void sg_chart_area_set_price_mode(SgChartArea *area, enum sg_price_mode mode)
{
    area->price_mode = mode;
    sg_dashboard_set_price_mode(area->dashboard, mode);
    invalidate(area);
}

enum sg_price_mode sg_chart_area_price_mode(SgChartArea *area)
{
    return area->price_mode;
}

void sg_chart_area_set_waiting(SgChartArea *area, const struct sg_freshness *freshness)
{
    bool words;
    unsigned panes = sg_dashboard_set_waiting(area->dashboard, freshness->stale, freshness->words, &words);
    if (panes == 0 && !words)
        return;
    g_strlcpy(area->waiting, freshness->words, sizeof area->waiting);
    if (panes != 0)
        invalidate(area);
    else {
        queue_overlays(area);
        describe_soon(area);
    }
}

void sg_chart_area_set_spread_mode(SgChartArea *area, enum sg_spread_mode mode)
{
    sg_dashboard_set_spread_mode(area->dashboard, mode);
    invalidate(area);
}

void sg_chart_area_set_hindsight(SgChartArea *area, gboolean shown)
{
    sg_dashboard_set_hindsight(area->dashboard, shown);
    invalidate(area);
}

void sg_chart_area_set_price_style(SgChartArea *area, gboolean candles_a, gboolean candles_b, gboolean volume)
{
    sg_dashboard_set_price_style(area->dashboard, candles_a, candles_b, volume);
    invalidate(area);
}

void sg_chart_area_set_square(SgChartArea *area, gboolean square)
{
    sg_dashboard_set_square(area->dashboard, square);
    invalidate(area);
}

void sg_chart_area_set_utc(SgChartArea *area, gboolean utc)
{
    area->utc = utc; /* the dashboard learns it with the next data, which the caller passes on at once */
    invalidate(area);
}

struct sg_dashboard *sg_chart_area_dashboard(SgChartArea *area)
{
    return area->dashboard;
}

const struct sg_viewport *sg_chart_area_view(SgChartArea *area)
{
    return &area->view;
}

/* ---- the view, by hand ---- */

static void forget_hover(SgChartArea *area)
{
    if (area->hover_pane >= 0) {
        area->rest_pane = area->hover_pane;
        area->rest_x = area->hover_x;
        area->rest_y = area->hover_y;
    }
    area->hover_pane = -1;
}

/* No crosshair, until the pointer moves or a key does. */
static void forget_cursor(SgChartArea *area)
{
    g_clear_handle_id(&area->pointed_timer, g_source_remove);
    area->cursor_by_keyboard = FALSE;
    area->cursor_row = SIZE_MAX;
    forget_hover(area);
}

/* A window that goes, or a widget that was laid out anew, brings the pointer in again without its having moved. */
static gboolean is_resting(SgChartArea *area, enum sg_pane pane, double x, double y)
{
    if (area->rest_pane == (int)pane && fabs(x - area->rest_x) < 1.5 && fabs(y - area->rest_y) < 1.5)
        return TRUE;
    area->rest_pane = -1;
    return FALSE;
}

void sg_chart_area_release_cursor(SgChartArea *area)
{
    if (area->cursor_row == SIZE_MAX && area->hover_pane < 0)
        return;
    forget_cursor(area);
    queue_overlays(area);
    describe_soon(area);
}

void sg_chart_area_go_live(SgChartArea *area)
{
    sg_viewport_go_live(&area->view);
    forget_cursor(area);
    view_changed(area);
}

void sg_chart_area_reset_view(SgChartArea *area)
{
    sg_viewport_reset(&area->view, DEFAULT_SPAN);
    if (area->cursor_by_keyboard)
        forget_cursor(area);
    view_changed(area);
}

static gboolean on_pointed(gpointer data)
{
    SgChartArea *area = data;
    area->pointed_timer = 0;
    sg_chart_area_release_cursor(area);
    return G_SOURCE_REMOVE;
}

void sg_chart_area_show_time(SgChartArea *area, gint64 time_us)
{
    if (area->history == NULL || area->history->length == 0)
        return;
    double slot = (double)(time_us / area->history->interval_us);
    sg_viewport_show(&area->view, slot - area->view.span / 2, slot + area->view.span / 2);
    size_t row = sg_history_lower_bound(area->history, time_us);
    forget_cursor(area);
    area->cursor_row = MIN(row, area->history->length - 1);
    area->cursor_by_keyboard = TRUE;
    area->pointed_timer = g_timeout_add(POINTED_MS, on_pointed, area);
    view_changed(area);
}

void sg_chart_area_show_slots(SgChartArea *area, double from, double to)
{
    sg_viewport_show(&area->view, from, to);
    view_changed(area);
}

void sg_chart_area_zoom_by(SgChartArea *area, double x, double factor)
{
    sg_viewport_zoom(&area->view, CLAMP(x / plot_width(area), 0, 1), factor, FALSE);
    view_changed(area);
}

void sg_chart_area_pan_px(SgChartArea *area, double px)
{
    sg_viewport_pan(&area->view, -px * area->view.span / plot_width(area));
    view_changed(area);
}

void sg_chart_area_scroll(SgChartArea *area, double x, double dx, double dy, GdkModifierType state)
{
    if ((state & GDK_SHIFT_MASK) != 0 && dx == 0) {
        dx = dy;
        dy = 0;
    }
    if (dx != 0)
        sg_viewport_pan(&area->view, dx * WHEEL_PAN_PX * area->view.span / plot_width(area));
    if (dy != 0)
        sg_viewport_zoom(&area->view, CLAMP(x / plot_width(area), 0, 1), pow(1.1, CLAMP(dy, -10, 10)), (state & GDK_CONTROL_MASK) != 0);
    view_changed(area);
}

/* ---- the cursor ---- */

static void cursor_changed(SgChartArea *area, enum sg_pane pane)
{
    queue_overlays(area);
    describe(area, pane);
    describe_soon(area);
}

void sg_chart_area_hover(SgChartArea *area, enum sg_pane pane, double x, double y)
{
    if (is_resting(area, pane, x, y))
        return;
    size_t row = row_at(area, (int)pane, x, y);
    g_clear_handle_id(&area->pointed_timer, g_source_remove);
    gboolean same_row = row == area->cursor_row && !area->cursor_by_keyboard;
    gboolean same_pane = area->hover_pane == (int)pane;
    area->cursor_row = row;
    area->cursor_by_keyboard = FALSE;
    area->hover_pane = (int)pane;
    area->hover_x = x;
    area->hover_y = y;
    if (same_row && same_pane)
        gtk_widget_queue_draw(pane_widget(area, (int)pane)); /* only the horizontal line has moved */
    else
        cursor_changed(area, pane);
}

void sg_chart_area_leave(SgChartArea *area, enum sg_pane pane)
{
    if (area->hover_pane != (int)pane)
        return;
    forget_hover(area);
    if (!area->cursor_by_keyboard)
        area->cursor_row = SIZE_MAX;
    cursor_changed(area, pane);
}

void sg_chart_area_focus_changed(SgChartArea *area, enum sg_pane pane)
{
    describe(area, pane);
}

static void move_cursor(SgChartArea *area, enum sg_pane pane, long step)
{
    size_t limit = row_limit(area);
    if (limit == 0)
        return;
    size_t row = area->cursor_row < limit ? area->cursor_row : limit - 1;
    g_clear_handle_id(&area->pointed_timer, g_source_remove);
    if (area->cursor_row < limit) {
        if (step < 0)
            row = row > (size_t)-step ? row - (size_t)-step : 0;
        else
            row = MIN(row + (size_t)step, limit - 1);
    }
    area->cursor_row = row;
    area->cursor_by_keyboard = TRUE;
    double slot = (double)(row_time(area, row) / area->history->interval_us);
    double left = area->view.right - area->view.span;
    if (slot < left + 1)
        sg_viewport_pan(&area->view, slot - 1 - left);
    else if (slot > area->view.right)
        sg_viewport_pan(&area->view, slot - area->view.right);
    else {
        cursor_changed(area, pane);
        return;
    }
    view_changed(area);
    describe(area, pane);
}

static void step_cursor(SgChartArea *area, enum sg_pane pane, long step)
{
    move_cursor(area, pane, step);
    sg_chart_area_measure_follow(area);
}

static double cursor_fraction(SgChartArea *area)
{
    if (area->cursor_row >= row_limit(area))
        return 0.5;
    double slot = (double)(row_time(area, area->cursor_row) / area->history->interval_us);
    return CLAMP(sg_viewport_fraction_of(&area->view, slot), 0, 1);
}

static void move_focus(SgChartArea *area, enum sg_pane pane, int step)
{
    gtk_widget_grab_focus(pane_widget(area, (int)sg_pane_stack_neighbour(area->stack, pane, step)));
}

/* The key of a mode chooses it; once more, and prices are absolute (or percent, if that was the key's own). */
static void toggle_price_mode(SgChartArea *area, enum sg_price_mode mode)
{
    enum sg_price_mode other = mode == SG_PRICE_PERCENT ? SG_PRICE_ABSOLUTE : SG_PRICE_PERCENT;
    sg_chart_area_set_price_mode(area, area->price_mode == mode ? other : mode);
    g_signal_emit(area, signals[SIGNAL_PRICE_MODE], 0);
}

void sg_chart_area_command(SgChartArea *area, enum sg_pane pane, enum sg_chart_command command)
{
    switch (command) {
    case SG_CHART_LEFT: step_cursor(area, pane, -1); return;
    case SG_CHART_RIGHT: step_cursor(area, pane, 1); return;
    case SG_CHART_LEFT_FAR: step_cursor(area, pane, -10); return;
    case SG_CHART_RIGHT_FAR: step_cursor(area, pane, 10); return;
    case SG_CHART_PREVIOUS_PANE: move_focus(area, pane, -1); return;
    case SG_CHART_NEXT_PANE: move_focus(area, pane, 1); return;
    case SG_CHART_PAGE_LEFT: sg_viewport_pan(&area->view, -area->view.span / 2); break;
    case SG_CHART_PAGE_RIGHT: sg_viewport_pan(&area->view, area->view.span / 2); break;
    case SG_CHART_FIRST: sg_viewport_go_first(&area->view); break;
    case SG_CHART_LIVE: sg_chart_area_go_live(area); return;
    case SG_CHART_ZOOM_IN: sg_viewport_zoom(&area->view, cursor_fraction(area), 1 / 1.1, FALSE); break;
    case SG_CHART_ZOOM_OUT: sg_viewport_zoom(&area->view, cursor_fraction(area), 1.1, FALSE); break;
    case SG_CHART_RESET: sg_chart_area_reset_view(area); return;
    case SG_CHART_MEASURE: sg_chart_area_measure_toggle(area); return;
    case SG_CHART_EXTEND_LEFT:
    case SG_CHART_EXTEND_RIGHT:
        sg_chart_area_measure_begin(area);
        step_cursor(area, pane, command == SG_CHART_EXTEND_LEFT ? -1 : 1);
        area->selection.measuring = FALSE;
        return;
    case SG_CHART_CLEAR:
        if (area->selection.set) { /* one thing at a time */
            sg_chart_area_clear_selection(area);
            return;
        }
        forget_cursor(area);
        cursor_changed(area, pane);
        return;
    case SG_CHART_TOGGLE_PERCENT: toggle_price_mode(area, SG_PRICE_PERCENT); return;
    case SG_CHART_TOGGLE_LOG: toggle_price_mode(area, SG_PRICE_LOG); return;
    }
    view_changed(area);
}

/* ---- the menu ---- */

void sg_chart_area_menu(SgChartArea *area, enum sg_pane pane, double x, double y)
{
    GtkWidget *widget = pane_widget(area, (int)pane);
    struct sg_chart_target target = {.pane = pane, .x = x, .y = y, .by_keyboard = x < 0};
    if (target.by_keyboard) {
        target.row = area->cursor_row < row_limit(area) ? area->cursor_row : row_limit(area) > 0 ? row_limit(area) - 1 : SIZE_MAX;
        target.x = cursor_fraction(area) * plot_width(area);
        target.y = gtk_widget_get_height(widget) / 2.0;
    } else {
        target.row = row_at(area, (int)pane, x, y);
    }
    area->target = target;
    graphene_point_t at;
    if (gtk_widget_compute_point(widget, GTK_WIDGET(area), &GRAPHENE_POINT_INIT((float)target.x, (float)target.y), &at))
        g_signal_emit(area, signals[SIGNAL_MENU], 0, (double)at.x, (double)at.y);
}

void sg_chart_area_target(SgChartArea *area, struct sg_chart_target *ret_target)
{
    *ret_target = area->target;
}

void sg_chart_area_focus_target(SgChartArea *area)
{
    gtk_widget_grab_focus(pane_widget(area, (int)area->target.pane));
}

void sg_chart_area_scene(SgChartArea *area, enum sg_pane pane, struct sg_chart_scene *ret_scene)
{
    *ret_scene = (struct sg_chart_scene){
        .dashboard = area->dashboard,
        .view = &area->view,
        .theme = area->theme,
        .revision = area->revision[pane],
        .cursor_row = area->cursor_row,
        .hover_y = area->hover_pane == (int)pane ? area->hover_y : -1,
        .hover_x = area->hover_x,
    };
    if (area->history == NULL || pane == SG_PANE_SCATTER)
        return;
    const struct sg_chart_selection *selection = &area->selection;
    ret_scene->selected = selection->set;
    size_t first = 0, count = 0;
    if (selection->set) {
        ret_scene->from_slot = (double)MIN(selection->anchor_us, selection->moving_us) / (double)area->history->interval_us;
        ret_scene->to_slot = (double)MAX(selection->anchor_us, selection->moving_us) / (double)area->history->interval_us;
        if (!sg_chart_area_selected_rows(area, &first, &count) || count != 1) /* of one bar there is nothing to measure yet */
            sg_chart_area_measure_text(area, pane, ret_scene->measure, sizeof ret_scene->measure);
    }
    if (ret_scene->hover_y >= 0 && !area->cursor_by_keyboard)
        sg_dashboard_missing_at(area->dashboard, &area->view, gtk_widget_get_width(pane_widget(area, (int)pane)), area->hover_x, ret_scene->note,
                                sizeof ret_scene->note);
}

GtkWidget *sg_chart_area_pane(SgChartArea *area, enum sg_pane pane)
{
    return sg_pane_stack_pane(area->stack, pane);
}

/* ---- the arrangement of the panes ---- */

SgPaneStack *sg_chart_area_stack(SgChartArea *area)
{
    return area->stack;
}

static void layout_changed(SgChartArea *area)
{
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count = sg_pane_layout_visible(sg_pane_stack_layout(area->stack), panes);
    sg_dashboard_set_panes(area->dashboard, panes, count); /* pictures show what the window shows */
    area->hover_pane = -1;
    view_changed(area);
}

void sg_chart_area_set_layout(SgChartArea *area, const struct sg_pane_layout *layout)
{
    sg_pane_stack_set_layout(area->stack, layout);
    layout_changed(area);
}

void sg_chart_area_change_layout(SgChartArea *area, const struct sg_pane_layout *layout)
{
    sg_chart_area_set_layout(area, layout);
    g_signal_emit(area, signals[SIGNAL_LAYOUT], 0);
}

/* "Go to live" stands in the corner of the time axis, wherever that is; without one in that of the charts. */
static gboolean on_overlay_place(GtkOverlay *overlay, GtkWidget *child, GdkRectangle *place, SgChartArea *area)
{
    graphene_rect_t row;
    GtkWidget *corner = gtk_widget_get_visible(area->axis) ? area->axis : GTK_WIDGET(area->stack);
    if (child != area->go_live || !gtk_widget_compute_bounds(corner, GTK_WIDGET(overlay), &row))
        return FALSE;
    GtkRequisition size;
    gtk_widget_get_preferred_size(child, NULL, &size);
    *place =
        (GdkRectangle){(int)(row.origin.x + row.size.width) - size.width - 2, (int)(row.origin.y + row.size.height) - size.height - 2, size.width, size.height};
    return TRUE;
}

static void on_layout_changed(SgPaneStack *stack, SgChartArea *area)
{
    (void)stack;
    layout_changed(area);
    g_signal_emit(area, signals[SIGNAL_LAYOUT], 0);
}

/* ---- life ---- */

static void on_go_live(GtkButton *button, SgChartArea *area)
{
    (void)button;
    sg_chart_area_go_live(area);
}

static void dispose(GObject *object)
{
    SgChartArea *area = SG_CHART_AREA(object);
    g_clear_handle_id(&area->pointed_timer, g_source_remove);
    g_clear_handle_id(&area->description_timer, g_source_remove);
    g_clear_pointer(&area->overlay, gtk_widget_unparent);
    G_OBJECT_CLASS(sg_chart_area_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    SgChartArea *area = SG_CHART_AREA(object);
    sg_dashboard_free(area->dashboard);
    g_free(area->identity);
    G_OBJECT_CLASS(sg_chart_area_parent_class)->finalize(object);
}

static void sg_chart_area_class_init(SgChartAreaClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->dispose = dispose;
    object_class->finalize = finalize;
    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    signals[SIGNAL_LAYOUT] = g_signal_new("layout-changed", SG_TYPE_CHART_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_PRICE_MODE] = g_signal_new("price-mode-changed", SG_TYPE_CHART_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_MENU] =
        g_signal_new("menu-requested", SG_TYPE_CHART_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
    signals[SIGNAL_SELECTION] = g_signal_new("selection-changed", SG_TYPE_CHART_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_type_ensure(SG_TYPE_PANE_STACK);
    g_type_ensure(SG_TYPE_TIME_AXIS);
    gtk_widget_class_set_css_name(widget_class, "chartarea");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/spreadglass/Spreadglass/chart_area.ui");
    gtk_widget_class_bind_template_child(widget_class, SgChartArea, overlay);
    gtk_widget_class_bind_template_child(widget_class, SgChartArea, go_live);
    gtk_widget_class_bind_template_child(widget_class, SgChartArea, axis);
    gtk_widget_class_bind_template_child(widget_class, SgChartArea, dock);
    gtk_widget_class_bind_template_child(widget_class, SgChartArea, stack);
    gtk_widget_class_bind_template_callback(widget_class, on_go_live);
    gtk_widget_class_bind_template_callback(widget_class, on_layout_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_overlay_place);
}

static void sg_chart_area_init(SgChartArea *area)
{
    area->dashboard = sg_dashboard_new();
    sg_viewport_init(&area->view, DEFAULT_SPAN);
    area->cursor_row = SIZE_MAX;
    area->hover_pane = area->rest_pane = -1;
    area->hover_y = -1;
    area->target.row = SIZE_MAX;
    gtk_widget_init_template(GTK_WIDGET(area));
    sg_pane_stack_set_axis(area->stack, area->axis);
}
