/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a number comes from: a right click, or the Menu key, on a number of the strip, of a chart, or on the verdict. One popover for the window. */
#include "pane_private.h"
#include "window_private.h"

#include "spreadglass/base/buffer.h"
#include "spreadglass/engine/explain.h"

#define CLIPBOARD_MAX ((size_t)256 << 20)
#define EXPLAINED_MAX 5
#define NO_NUMBER SG_EXPLAIN_ALL

/* What a place on the screen tells of; the bars that are copied are those of the first. */
static const enum sg_explained told[SG_STAT_COUNT + 1][EXPLAINED_MAX] = {
    [SG_STAT_ALPHA] = {SG_EXPLAIN_ALPHA, SG_EXPLAIN_SE_ALPHA, NO_NUMBER},
    [SG_STAT_BETA] = {SG_EXPLAIN_BETA, SG_EXPLAIN_SE_BETA, NO_NUMBER},
    [SG_STAT_R_SQUARED] = {SG_EXPLAIN_R_SQUARED, NO_NUMBER},
    [SG_STAT_RESIDUAL] = {SG_EXPLAIN_RESIDUAL, SG_EXPLAIN_SPREAD, NO_NUMBER},
    [SG_STAT_ZSCORE] = {SG_EXPLAIN_ZSCORE, SG_EXPLAIN_MEAN, SG_EXPLAIN_STD, NO_NUMBER},
    [SG_STAT_CORRELATION] = {SG_EXPLAIN_CORRELATION, NO_NUMBER},
    [SG_STAT_EG_P] = {SG_EXPLAIN_EG_P, SG_EXPLAIN_EG, SG_EXPLAIN_EG_REVERSE_P, SG_EXPLAIN_ADF_P, SG_EXPLAIN_ADF},
    [SG_STAT_HALF_LIFE] = {SG_EXPLAIN_HALF_LIFE, SG_EXPLAIN_LAMBDA, NO_NUMBER},
    [SG_STAT_N] = {SG_EXPLAIN_MEAN, SG_EXPLAIN_STD, NO_NUMBER},
    [SG_STAT_COUNT] = {SG_EXPLAIN_EG_P, SG_EXPLAIN_EG, SG_EXPLAIN_EG_REVERSE_P, SG_EXPLAIN_EG_REVERSE, SG_EXPLAIN_HALF_LIFE},
};

struct explainer {
    SgWindow *window;
    GtkWidget *popover, *list;
    size_t first, count; /* rows of the history of this epoch, its length: the forming bar */
    guint64 epoch;
    size_t row; /* whose numbers they are */
    gboolean is_forming;
    struct sg_row forming; /* as it was when it was asked for */
};

static void append_label(GtkWidget *list, const char *text, const char *css_class)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_width_chars(GTK_LABEL(label), 56);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 56);
    gtk_widget_add_css_class(label, css_class);
    gtk_box_append(GTK_BOX(list), label);
}

static void append_explanation(GtkWidget *list, const struct sg_explanation *e)
{
    g_autofree char *head = g_strdup_printf("%s = %s", e->name, e->value_text);
    g_autofree char *body = g_strdup_printf("Formula: %s\nParameters: %s\nBars: %s", e->formula, e->parameters, e->bars);
    append_label(list, head, "heading");
    append_label(list, body, "message");
}

/* The view of the row that was asked for, as long as the history is the one of then. */
static gboolean view_of_asked(const struct explainer *explainer, struct sg_pair_past *past, struct sg_pair_view *ret_view)
{
    const SgSnapshot *snapshot = sg_app_snapshot(explainer->window->app);
    struct sg_pair_view whole;
    if (snapshot == NULL || snapshot->history->epoch != explainer->epoch)
        return FALSE;
    sg_pair_view_of_snapshot(snapshot, &whole);
    if (!explainer->is_forming) {
        sg_pair_view_of_row(&whole, explainer->row, NULL, past, ret_view);
        return TRUE;
    }
    /* The bar may have closed meanwhile: what was told of is the one that had not. */
    struct sg_history until = *whole.history;
    until.length = explainer->row;
    whole.history = &until;
    sg_pair_view_of_row(&whole, explainer->row, &explainer->forming, past, ret_view);
    return TRUE;
}

static void clear(GtkWidget *list)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(list)) != NULL)
        gtk_box_remove(GTK_BOX(list), child);
}

/* Tells of these numbers at a row (its history's length: the forming bar; SIZE_MAX: the last close), ended by NO_NUMBER or at `most`.
 * `place`: in the window's content; `note`: what is to be said of the first one, NULL: nothing. */
static void show(struct explainer *explainer, const GdkRectangle *place, const enum sg_explained *numbers, size_t most, size_t row, const char *note)
{
    const SgSnapshot *snapshot = sg_app_snapshot(explainer->window->app);
    clear(explainer->list);
    explainer->count = 0;
    if (snapshot != NULL) {
        struct sg_pair_past past;
        struct sg_pair_view view;
        size_t closed = snapshot->history->length;
        explainer->epoch = snapshot->history->epoch;
        explainer->is_forming = row == closed && snapshot->has_forming;
        explainer->row = row <= closed ? row : closed > 0 ? closed - 1 : 0;
        explainer->forming = snapshot->forming;
        view_of_asked(explainer, &past, &view);
        for (size_t i = 0; i < most && numbers[i] != NO_NUMBER; i++) {
            struct sg_explanation e;
            sg_explain(&view, numbers[i], &e);
            append_explanation(explainer->list, &e);
            if (i == 0 && note != NULL)
                append_label(explainer->list, note, "message");
            if (i == 0) {
                explainer->first = e.first;
                explainer->count = e.count;
            }
        }
    }
    if (explainer->count == 0)
        append_label(explainer->list, "There are no bars yet.", "message");
    gtk_popover_set_pointing_to(GTK_POPOVER(explainer->popover), place);
    gtk_popover_popup(GTK_POPOVER(explainer->popover));
}

static void show_place(struct explainer *explainer, GtkWidget *at, int place)
{
    graphene_rect_t bounds;
    if (!gtk_widget_compute_bounds(at, explainer->window->content, &bounds))
        return;
    /* The verdict is as wide as the window: the popover points at its beginning. */
    int width = MIN((int)bounds.size.width, 240);
    show(explainer, &(GdkRectangle){(int)bounds.origin.x, (int)bounds.origin.y, width, (int)bounds.size.height}, told[place], EXPLAINED_MAX, SIZE_MAX, NULL);
}

static void on_copy(GtkButton *button, struct explainer *explainer)
{
    (void)button;
    struct sg_pair_past past;
    struct sg_pair_view view;
    if (explainer->count == 0 || !view_of_asked(explainer, &past, &view)) {
        /* Rows of another epoch are other rows. */
        sg_window_say(explainer->window, explainer->count == 0 ? "There are no bars to copy" : "The history was built anew: ask again");
        gtk_popover_popdown(GTK_POPOVER(explainer->popover));
        return;
    }
    struct sg_buffer text;
    sg_buffer_init(&text, CLIPBOARD_MAX);
    if (sg_explain_bars_csv(&view, explainer->first, explainer->count, &text) == SG_OK) {
        gdk_clipboard_set_text(gtk_widget_get_clipboard(explainer->popover), text.data);
        g_autofree char *words = g_strdup_printf("Copied %zu %s as CSV", explainer->count, explainer->count == 1 ? "bar" : "bars");
        sg_window_say(explainer->window, words);
    } else {
        sg_window_say(explainer->window, "These bars are too many for the clipboard: analyze --explain --format csv writes them");
    }
    sg_buffer_free(&text);
    gtk_popover_popdown(GTK_POPOVER(explainer->popover));
}

/* ---- the charts ---- */

static const enum sg_explained explained_of[SG_NUMBER_COUNT] = {
    [SG_NUMBER_CLOSE_A] = SG_EXPLAIN_CLOSE_A,
    [SG_NUMBER_CLOSE_B] = SG_EXPLAIN_CLOSE_B,
    [SG_NUMBER_SPREAD] = SG_EXPLAIN_SPREAD,
    [SG_NUMBER_SPREAD_TODAY] = SG_EXPLAIN_SPREAD_TODAY,
    [SG_NUMBER_MEAN] = SG_EXPLAIN_MEAN,
    [SG_NUMBER_STD] = SG_EXPLAIN_STD,
    [SG_NUMBER_ZSCORE] = SG_EXPLAIN_ZSCORE,
    [SG_NUMBER_CORRELATION] = SG_EXPLAIN_CORRELATION,
    [SG_NUMBER_ALPHA] = SG_EXPLAIN_ALPHA,
    [SG_NUMBER_BETA] = SG_EXPLAIN_BETA,
    [SG_NUMBER_SE_BETA] = SG_EXPLAIN_SE_BETA,
    [SG_NUMBER_RESIDUAL] = SG_EXPLAIN_RESIDUAL,
    [SG_NUMBER_RESIDUAL_MEAN] = SG_EXPLAIN_RESIDUAL_MEAN,
    [SG_NUMBER_RESIDUAL_TODAY] = SG_EXPLAIN_RESIDUAL_TODAY,
    [SG_NUMBER_DEVIATION] = SG_EXPLAIN_DEVIATION,
};

/* What a chart does with a number before it shows it. */
static const char *note_of(SgWindow *window, enum sg_number number)
{
    static const char *const price[SG_PRICE_MODE_COUNT] = {[SG_PRICE_PERCENT] = "Shown beside it, and on the axis: the change since the first bar in view.",
                                                           [SG_PRICE_INDEXED] =
                                                               "Shown beside it, and on the axis: 100 times its ratio to the first bar in view.",
                                                           [SG_PRICE_LOG] = "Shown beside it, and on the axis: 100 times its ratio to the first bar in view."};
    if (number == SG_NUMBER_CLOSE_A || number == SG_NUMBER_CLOSE_B)
        return price[sg_chart_area_price_mode(window->charts)];
    if (number == SG_NUMBER_STD)
        return "The chart's \u00b1 is the threshold times this deviation.";
    return number == SG_NUMBER_SE_BETA ? "The chart's \u00b1 is twice this standard error." : NULL;
}

static gboolean number_at(SgWindow *window, enum sg_pane pane, double x, double y, struct sg_shown_number *ret_number)
{
    GtkWidget *widget = sg_chart_area_pane(window->charts, pane);
    struct sg_chart_scene scene;
    sg_chart_area_scene(window->charts, pane, &scene);
    if (scene.theme == NULL)
        return FALSE;
    g_autofree char *font = sg_widget_font(widget);
    return sg_dashboard_number_at(scene.dashboard, pane, scene.view, scene.theme, font, gtk_widget_get_width(widget), gtk_widget_get_height(widget),
                                  scene.cursor_row, x, y, ret_number);
}

/* What the chart menu's target tells of: the number at its point, else those of its pane at its bar. */
static void explain_target(SgWindow *window, gboolean has_shown, const struct sg_shown_number *shown)
{
    struct explainer *explainer = g_object_get_data(G_OBJECT(window->content), "sg-explainer");
    struct sg_chart_target target;
    sg_chart_area_target(window->charts, &target);
    GtkWidget *widget = sg_chart_area_pane(window->charts, target.pane);
    enum sg_explained numbers[SG_PANE_NUMBERS_MAX + 1];
    enum sg_number all[SG_PANE_NUMBERS_MAX];
    size_t count = 0, row = target.row;
    graphene_rect_t bounds;
    if (!gtk_widget_compute_bounds(widget, window->content, &bounds))
        return;
    GdkRectangle place = {(int)(bounds.origin.x + (float)target.x), (int)(bounds.origin.y + (float)target.y), 1, 1};
    if (has_shown) {
        numbers[count++] = explained_of[shown->number];
        row = shown->row;
        place = (GdkRectangle){(int)(bounds.origin.x + (float)shown->x), (int)(bounds.origin.y + (float)shown->y), (int)shown->width, (int)shown->height};
    } else if (target.pane == SG_PANE_SCATTER) {
        row = SIZE_MAX; /* its x is not time */
    }
    /* The others of the pane stand below the one that was asked for: a z-score means little without its mean. */
    size_t others = sg_dashboard_numbers(sg_chart_area_dashboard(window->charts), target.pane, all);
    for (size_t i = 0; i < others; i++)
        if (!has_shown || explained_of[all[i]] != numbers[0])
            numbers[count++] = explained_of[all[i]];
    numbers[MIN(count, SG_PANE_NUMBERS_MAX)] = NO_NUMBER;
    show(explainer, &place, numbers, SG_PANE_NUMBERS_MAX, row, has_shown ? note_of(window, shown->number) : NULL);
}

/* On a number there is no question what is meant: it is told at once, and the menu stays away. */
static void on_menu_requested(SgChartArea *charts, double x, double y, SgWindow *window)
{
    (void)x;
    (void)y;
    struct sg_chart_target target;
    struct sg_shown_number shown;
    sg_chart_area_target(charts, &target);
    if (target.by_keyboard || !number_at(window, target.pane, target.x, target.y, &shown))
        return;
    g_signal_stop_emission_by_name(charts, "menu-requested");
    explain_target(window, TRUE, &shown);
}

static gboolean on_menu_gone(gpointer data)
{
    SgWindow *window = data;
    if (window->app->window == window)
        explain_target(window, FALSE, NULL);
    g_object_unref(window);
    return G_SOURCE_REMOVE;
}

void sg_window_explain_target(SgWindow *window)
{
    /* The menu that asked closes first, and gives the keyboard back. */
    g_idle_add(on_menu_gone, g_object_ref(window));
}

/* ---- the strip and the verdict ---- */

static int place_of(GtkWidget *widget)
{
    return GPOINTER_TO_INT(g_object_get_data(G_OBJECT(widget), "sg-explained"));
}

static void on_right_click(GtkGestureClick *gesture, int presses, double x, double y, struct explainer *explainer)
{
    (void)presses;
    (void)x;
    (void)y;
    GtkWidget *widget = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(gesture));
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    show_place(explainer, widget, place_of(widget));
}

static gboolean on_menu_key(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)arguments;
    show_place(data, widget, place_of(widget));
    return TRUE;
}

static void add_click(GtkWidget *widget, GCallback callback, gpointer data)
{
    GtkGesture *click = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
    g_signal_connect(click, "pressed", callback, data);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
}

static void add_menu_key(GtkWidget *widget, GtkShortcutFunc function, gpointer data)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Menu|<Shift>F10"), gtk_callback_action_new(function, data, NULL)));
    gtk_widget_add_controller(widget, keys);
}

/* `area` takes the click, `focus` (it or a child of it) the keyboard. */
static void attach(struct explainer *explainer, GtkWidget *area, GtkWidget *focus, int place)
{
    g_object_set_data(G_OBJECT(area), "sg-explained", GINT_TO_POINTER(place));
    g_object_set_data(G_OBJECT(focus), "sg-explained", GINT_TO_POINTER(place));
    add_click(area, G_CALLBACK(on_right_click), explainer);
    add_menu_key(focus, on_menu_key, explainer);
    gtk_widget_set_focusable(focus, TRUE);
}

void sg_window_add_explanations(SgWindow *window)
{
    struct explainer *explainer = g_new0(struct explainer, 1);
    explainer->window = window;
    explainer->popover = gtk_popover_new();
    explainer->list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    GtkWidget *scroll = gtk_scrolled_window_new(), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *copy = gtk_button_new_with_label("Copy bars as CSV");
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scroll), TRUE);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scroll), 380);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroll), explainer->list);
    gtk_widget_set_halign(copy, GTK_ALIGN_START);
    g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), explainer);
    gtk_box_append(GTK_BOX(box), scroll);
    gtk_box_append(GTK_BOX(box), copy);
    gtk_popover_set_child(GTK_POPOVER(explainer->popover), box);
    gtk_popover_set_position(GTK_POPOVER(explainer->popover), GTK_POS_BOTTOM);
    gtk_widget_add_css_class(explainer->popover, "explanation");
    gtk_accessible_update_property(GTK_ACCESSIBLE(explainer->popover), GTK_ACCESSIBLE_PROPERTY_LABEL, "Explanation", -1);
    g_object_set_data_full(G_OBJECT(explainer->popover), "sg-explainer-memory", explainer, g_free);
    g_object_set_data(G_OBJECT(window->content), "sg-explainer", explainer);
    gtk_widget_set_parent(explainer->popover, window->content);
    for (int stat = 0; stat < SG_STAT_COUNT; stat++) {
        GtkWidget *value = sg_stat_strip_value(window->strip, (enum sg_stat)stat);
        attach(explainer, gtk_widget_get_parent(value), value, stat);
    }
    attach(explainer, window->verdict, window->verdict, SG_STAT_COUNT);
    g_signal_connect(window->charts, "menu-requested", G_CALLBACK(on_menu_requested), window); /* before the menu's own: it may stop there */
}
