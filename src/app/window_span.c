/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window_span_private.h"

#include <math.h>
#include "chart_selection_private.h"
#include "span_card_private.h"
#include "spreadglass/plot/span.h"

#define TEXT_MAX ((size_t)1 << 16)

struct brush {
    SgWindow *window;
    SgSpanCard *card;
    struct sg_span_analyst *analyst;
    struct sg_span_answer answer; /* the newest; of the question below when `answered` */
    gboolean asked, answered;
    gboolean placed; /* the card has a side */
    int needed;      /* px that it takes beside the span, as last seen there */
    guint64 epoch;   /* of the question */
    size_t first, count;
};

static struct brush *brush_of(SgWindow *window)
{
    return g_object_get_data(G_OBJECT(window), "sg-brush");
}

static void set_enabled(SgWindow *window, const char *name, gboolean enabled)
{
    g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(window), name)), enabled);
}

static void show_scatter(struct brush *brush, gint64 from_us, gint64 to_us)
{
    gboolean known = brush->answered && brush->answer.status == SG_OK;
    if (sg_dashboard_set_span(sg_chart_area_dashboard(brush->window->charts), from_us, to_us, known ? brush->answer.stats.fit.alpha : (double)NAN,
                              known ? brush->answer.stats.fit.beta : (double)NAN))
        sg_chart_area_redraw(brush->window->charts);
}

static void show_answer(struct brush *brush)
{
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    const SgSnapshot *snapshot = sg_app_snapshot(brush->window->app);
    if (snapshot != NULL)
        sg_span_card_set_answer(brush->card, brush->answered ? &brush->answer : NULL, sg_leg_name(snapshot->legs, SG_LEG_A, a),
                                sg_leg_name(snapshot->legs, SG_LEG_B, b), snapshot->history->interval_us);
}

static void place_margins(SgSpanCard *card, gboolean docked)
{
    gtk_widget_set_margin_top(GTK_WIDGET(card), docked ? 0 : 28);
    gtk_widget_set_margin_start(GTK_WIDGET(card), docked ? 0 : 10);
    gtk_widget_set_margin_end(GTK_WIDGET(card), docked ? 0 : (int)SG_AXIS_WIDTH + 10);
}

/* Px of the plot at the left and right of what is marked of it. */
static void room_beside(struct brush *brush, double *ret_left, double *ret_right)
{
    SgChartArea *charts = brush->window->charts;
    const struct sg_chart_selection *selection = sg_chart_area_selection(charts);
    double interval = (double)sg_chart_area_history(charts)->interval_us, plot = MAX(gtk_widget_get_width(GTK_WIDGET(charts)) - SG_AXIS_WIDTH, 1);
    double one = sg_viewport_fraction_of(sg_chart_area_view(charts), (double)selection->anchor_us / interval);
    double other = sg_viewport_fraction_of(sg_chart_area_view(charts), (double)selection->moving_us / interval);
    *ret_left = CLAMP(MIN(one, other), 0, 1) * plot;
    *ret_right = (1 - CLAMP(MAX(one, other), 0, 1)) * plot;
}

/* Below the charts, or over them again. */
static void dock_card(SgChartArea *charts, GtkWidget *card, gboolean docked)
{
    g_object_ref(card);
    if (docked) {
        gtk_overlay_remove_overlay(GTK_OVERLAY(gtk_widget_get_parent(card)), card);
        gtk_box_append(GTK_BOX(sg_chart_area_dock(charts)), card);
    } else {
        gtk_box_remove(GTK_BOX(sg_chart_area_dock(charts)), card);
        sg_chart_area_add_overlay(charts, card);
    }
    g_object_unref(card);
}

/* Beside the span, never on it: on the side that it was on, while there is room, or the other one, else below the charts. Where a person put it, it
 * stays. */
static void place_card(struct brush *brush)
{
    GtkWidget *card = GTK_WIDGET(brush->card);
    double left, right;
    int natural = 0;
    sg_span_card_set_room(brush->card, gtk_widget_get_height(GTK_WIDGET(brush->window->charts)));
    if (sg_span_card_is_moved(brush->card))
        return;
    room_beside(brush, &left, &right);
    gboolean was_docked = sg_span_card_is_docked(brush->card), at_left = gtk_widget_get_halign(card) == GTK_ALIGN_START;
    if (!was_docked) {
        gtk_widget_measure(card, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
        brush->needed = natural - (int)SG_AXIS_WIDTH; /* with margins; as much room is left to the span as to the plot's edge */
    }
    gboolean fits_left = left >= brush->needed, fits_right = right >= brush->needed;
    gboolean docked = !fits_left && !fits_right;
    if (fits_left && fits_right)
        at_left = brush->placed ? at_left : left > right;
    else if (!docked)
        at_left = fits_left;
    brush->placed = TRUE;
    if (docked != was_docked) {
        sg_span_card_set_docked(brush->card, docked);
        dock_card(brush->window->charts, card, docked);
        place_margins(brush->card, docked);
    }
    GtkAlign align = docked ? GTK_ALIGN_FILL : at_left ? GTK_ALIGN_START : GTK_ALIGN_END;
    if (gtk_widget_get_halign(card) != align)
        gtk_widget_set_halign(card, align);
}

static void hide(struct brush *brush)
{
    if (!brush->asked)
        return;
    brush->asked = brush->answered = FALSE;
    sg_span_analyst_call_off(brush->analyst);
    gtk_widget_set_visible(GTK_WIDGET(brush->card), FALSE);
    brush->placed = FALSE;
    if (sg_span_card_is_moved(brush->card)) { /* the next one begins where the first did */
        sg_span_card_forget_place(brush->card);
        place_margins(brush->card, FALSE);
    }
    if (sg_dashboard_clear_span(sg_chart_area_dashboard(brush->window->charts)))
        sg_chart_area_redraw(brush->window->charts);
}

static void update(struct brush *brush)
{
    SgWindow *window = brush->window;
    const struct sg_history *history = sg_chart_area_history(window->charts);
    size_t first = 0, count = 0;
    gboolean marked = history != NULL && sg_chart_area_selected_rows(window->charts, &first, &count);
    set_enabled(window, "selection-zoom", marked);
    set_enabled(window, "selection-clear", marked);
    if (!marked || count == 1) { /* of one bar there is nothing to tell: M alone, or a drag that begins */
        set_enabled(window, "selection-copy", FALSE);
        hide(brush);
        return;
    }
    gboolean same = brush->asked && brush->epoch == history->epoch && brush->first == first && brush->count == count;
    if (!same) {
        brush->asked = TRUE;
        brush->answered = FALSE;
        brush->epoch = history->epoch;
        brush->first = first;
        brush->count = count;
        sg_span_analyst_ask(brush->analyst, history, first, count); /* busy: asked again when that one is off */
        gint64 from_us = count > 0 ? history->time_us[first] : 0, to_us = count > 0 ? history->time_us[first + count - 1] : 0;
        sg_span_card_set_span(brush->card, count, from_us, to_us, window->app->prefs.utc);
        show_answer(brush);
        show_scatter(brush, from_us, to_us);
    }
    set_enabled(window, "selection-copy", brush->answered && brush->answer.status == SG_OK);
    gtk_widget_set_visible(GTK_WIDGET(brush->card), TRUE);
    place_card(brush);
}

static void on_ready(const struct sg_span_answer *answer, void *context)
{
    struct brush *brush = context;
    const SgSnapshot *snapshot = sg_app_snapshot(brush->window->app);
    if (!brush->asked || snapshot == NULL)
        return;
    if (answer == NULL || answer->epoch != brush->epoch || answer->first != brush->first || answer->count != brush->count) {
        brush->asked = FALSE; /* whatever is marked now is asked anew, of the history as it is now */
        sg_chart_area_update(brush->window->charts, snapshot);
        update(brush);
        return;
    }
    brush->answer = *answer;
    brush->answered = TRUE;
    show_answer(brush);
    show_scatter(brush, answer->first_us, answer->last_us);
    set_enabled(brush->window, "selection-copy", answer->status == SG_OK);
}

static void on_selection(SgChartArea *charts, struct brush *brush)
{
    (void)charts;
    update(brush);
}

void sg_window_update_span(SgWindow *window)
{
    struct brush *brush = brush_of(window);
    if (brush != NULL)
        update(brush);
}

/* ---- actions ---- */

static void zoom(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_chart_area_zoom_selection(((SgWindow *)data)->charts);
}

static void clear(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    sg_chart_area_clear_selection(((SgWindow *)data)->charts);
}

static void copy(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    SgWindow *window = data;
    struct brush *brush = brush_of(window);
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    if (snapshot == NULL || !brush->answered || brush->answer.status != SG_OK)
        return;
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    struct sg_buffer text;
    sg_buffer_init(&text, TEXT_MAX);
    if (sg_span_stats_text(&brush->answer.stats, sg_leg_name(snapshot->legs, SG_LEG_A, a), sg_leg_name(snapshot->legs, SG_LEG_B, b), brush->answer.first_us,
                           brush->answer.last_us, &text) == SG_OK) {
        gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(window)), text.data);
        sg_window_say(window, "Copied the numbers of the selection");
    }
    sg_buffer_free(&text);
}

/* For scripts: a span from and to milliseconds since 1970. */
static void select_span(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    gint64 from_ms = 0, to_ms = 0;
    g_variant_get(parameter, "(xx)", &from_ms, &to_ms);
    if (sg_chart_area_history(((SgWindow *)data)->charts) != NULL && ABS(from_ms) < G_MAXINT64 / 2000 && ABS(to_ms) < G_MAXINT64 / 2000)
        sg_chart_area_select(((SgWindow *)data)->charts, from_ms * 1000, to_ms * 1000);
}

static void brush_free(gpointer data)
{
    struct brush *brush = data;
    sg_span_analyst_free(brush->analyst);
    g_free(brush);
}

void sg_window_add_span(SgWindow *window)
{
    static const GActionEntry entries[] = {
        {.name = "selection-zoom", .activate = zoom},
        {.name = "selection-copy", .activate = copy},
        {.name = "selection-clear", .activate = clear},
        {.name = "select", .activate = select_span, .parameter_type = "(xx)"},
    };
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
    struct brush *brush = g_new0(struct brush, 1);
    brush->window = window;
    brush->analyst = sg_span_analyst_new(on_ready, brush);
    g_assert(brush->analyst != NULL);
    brush->card = SG_SPAN_CARD(sg_span_card_new());
    gtk_widget_set_visible(GTK_WIDGET(brush->card), FALSE);
    gtk_widget_set_valign(GTK_WIDGET(brush->card), GTK_ALIGN_START);
    place_margins(brush->card, FALSE);
    sg_chart_area_add_overlay(window->charts, GTK_WIDGET(brush->card));
    g_object_set_data_full(G_OBJECT(window), "sg-brush", brush, brush_free);
    g_signal_connect(window->charts, "selection-changed", G_CALLBACK(on_selection), brush);
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_SELECTION, "Zoom to selection", "win.selection-zoom");
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_SELECTION, "Copy numbers of selection", "win.selection-copy");
    sg_chart_menu_append(window->chart_menu, SG_CHART_MENU_SELECTION, "Clear selection", "win.selection-clear");
    update(brush);
}
