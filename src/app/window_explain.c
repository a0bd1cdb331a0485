/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a number comes from: a right click, or the Menu key, on a number of the strip or on the verdict. One popover for the window. */
#include "window_private.h"

#include "spreadglass/base/buffer.h"
#include "spreadglass/engine/explain.h"

#define CLIPBOARD_MAX ((size_t)256 << 20)
#define EXPLAINED_MAX 5
#define NO_NUMBER SG_EXPLAIN_COUNT

/* What a place on the screen tells of; the bars that are copied are those of the first. */
static const enum sg_explained told[SG_STAT_COUNT + 1][EXPLAINED_MAX] = {
    [SG_STAT_ALPHA] = {SG_EXPLAIN_ALPHA, SG_EXPLAIN_SE_ALPHA, NO_NUMBER},
    [SG_STAT_BETA] = {SG_EXPLAIN_BETA, SG_EXPLAIN_SE_BETA, NO_NUMBER},
    [SG_STAT_R_SQUARED] = {SG_EXPLAIN_R_SQUARED, NO_NUMBER},
    [SG_STAT_SPREAD] = {SG_EXPLAIN_SPREAD, NO_NUMBER},
    [SG_STAT_ZSCORE] = {SG_EXPLAIN_ZSCORE, SG_EXPLAIN_MEAN, SG_EXPLAIN_STD, NO_NUMBER},
    [SG_STAT_CORRELATION] = {SG_EXPLAIN_CORRELATION, NO_NUMBER},
    [SG_STAT_ADF_P] = {SG_EXPLAIN_ADF_P, SG_EXPLAIN_ADF, NO_NUMBER},
    [SG_STAT_HALF_LIFE] = {SG_EXPLAIN_HALF_LIFE, SG_EXPLAIN_LAMBDA, NO_NUMBER},
    [SG_STAT_N] = {SG_EXPLAIN_MEAN, SG_EXPLAIN_STD, NO_NUMBER},
    [SG_STAT_COUNT] = {SG_EXPLAIN_EG_P, SG_EXPLAIN_EG, SG_EXPLAIN_EG_REVERSE_P, SG_EXPLAIN_EG_REVERSE, SG_EXPLAIN_HALF_LIFE},
};

struct explainer {
    SgWindow *window;
    GtkWidget *popover, *list;
    size_t first, count;       /* rows of the history of this epoch */
    guint64 epoch;
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

static void show(struct explainer *explainer, GtkWidget *at, int place)
{
    const SgSnapshot *snapshot = sg_app_snapshot(explainer->window->app);
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(explainer->list)) != NULL)
        gtk_box_remove(GTK_BOX(explainer->list), child);
    explainer->count = 0;
    if (snapshot != NULL) {
        struct sg_pair_view view;
        sg_pair_view_of_snapshot(snapshot, &view);
        explainer->epoch = snapshot->history->epoch;
        for (int i = 0; i < EXPLAINED_MAX && told[place][i] != NO_NUMBER; i++) {
            struct sg_explanation e;
            sg_explain(&view, told[place][i], &e);
            append_explanation(explainer->list, &e);
            if (i == 0) {
                explainer->first = e.first;
                explainer->count = e.count;
            }
        }
    }
    if (explainer->count == 0)
        append_label(explainer->list, "There are no bars yet.", "message");
    graphene_rect_t bounds;
    if (!gtk_widget_compute_bounds(at, explainer->window->content, &bounds))
        return;
    /* The verdict is as wide as the window: the popover points at its beginning. */
    int width = MIN((int)bounds.size.width, 240);
    gtk_popover_set_pointing_to(GTK_POPOVER(explainer->popover), &(GdkRectangle){(int)bounds.origin.x, (int)bounds.origin.y, width, (int)bounds.size.height});
    gtk_popover_popup(GTK_POPOVER(explainer->popover));
}

static void on_copy(GtkButton *button, struct explainer *explainer)
{
    (void)button;
    const SgSnapshot *snapshot = sg_app_snapshot(explainer->window->app);
    if (snapshot == NULL || explainer->count == 0 || snapshot->history->epoch != explainer->epoch) {
        /* Rows of another epoch are other rows. */
        sg_window_say(explainer->window, explainer->count == 0 ? "There are no bars to copy" : "The history was built anew: ask again");
        gtk_popover_popdown(GTK_POPOVER(explainer->popover));
        return;
    }
    struct sg_buffer text;
    sg_buffer_init(&text, CLIPBOARD_MAX);
    if (sg_explain_bars_csv(snapshot->history, explainer->first, explainer->count, &text) == SG_OK) {
        gdk_clipboard_set_text(gtk_widget_get_clipboard(explainer->popover), text.data);
        g_autofree char *words = g_strdup_printf("Copied %zu %s as CSV", explainer->count, explainer->count == 1 ? "bar" : "bars");
        sg_window_say(explainer->window, words);
    } else {
        sg_window_say(explainer->window, "These bars are too many for the clipboard: analyze --explain --format csv writes them");
    }
    sg_buffer_free(&text);
    gtk_popover_popdown(GTK_POPOVER(explainer->popover));
}

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
    show(explainer, widget, place_of(widget));
}

static gboolean on_menu_key(GtkWidget *widget, GVariant *arguments, gpointer data)
{
    (void)arguments;
    show(data, widget, place_of(widget));
    return TRUE;
}

/* `area` takes the click, `focus` (it or a child of it) the keyboard. */
static void attach(struct explainer *explainer, GtkWidget *area, GtkWidget *focus, int place)
{
    g_object_set_data(G_OBJECT(area), "sg-explained", GINT_TO_POINTER(place));
    g_object_set_data(G_OBJECT(focus), "sg-explained", GINT_TO_POINTER(place));
    GtkGesture *click = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
    g_signal_connect(click, "pressed", G_CALLBACK(on_right_click), explainer);
    gtk_widget_add_controller(area, GTK_EVENT_CONTROLLER(click));
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Menu|<Shift>F10"), gtk_callback_action_new(on_menu_key, explainer, NULL)));
    gtk_widget_add_controller(focus, keys);
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
    g_object_set_data_full(G_OBJECT(explainer->popover), "sg-explainer", explainer, g_free);
    gtk_widget_set_parent(explainer->popover, window->content);
    for (int stat = 0; stat < SG_STAT_COUNT; stat++) {
        GtkWidget *value = sg_stat_strip_value(window->strip, (enum sg_stat)stat);
        attach(explainer, gtk_widget_get_parent(value), value, stat);
    }
    attach(explainer, window->verdict, window->verdict, SG_STAT_COUNT);
}
