/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "span_card_private.h"

#include <math.h>
#include "text_private.h"

enum line { LINE_BARS, LINE_BETA, LINE_ALPHA, LINE_R_SQUARED, LINE_EG, LINE_EG_REVERSE, LINE_HALF_LIFE, LINE_CORRELATION, LINE_COUNT };

static const char *const captions[LINE_COUNT] = {
    "Span", "Beta \u00b1 s.e.", "Alpha \u00b1 s.e.", "R\u00b2", "Engle-Granger A on B", "Engle-Granger B on A", "Half-life", "Correlation"};

struct _SgSpanCard {
    GtkWidget parent_instance;
    GtkWidget *box;
    GtkLabel *caption[LINE_COUNT], *value[LINE_COUNT];
    GtkButton *more;
    gboolean brief, chosen;     /* fewer lines; a person said how many */
    gboolean moved;             /* a person put it where it is */
    gboolean docked, was_brief; /* below the charts: wide and low; what it was before */
    GtkWidget *grid;
};

G_DEFINE_TYPE(SgSpanCard, sg_span_card, GTK_TYPE_WIDGET)

static void show(SgSpanCard *card, enum line line, const char *text)
{
    if (g_strcmp0(gtk_label_get_text(card->value[line]), text) != 0)
        gtk_label_set_text(card->value[line], text);
}

static void show_undefined(SgSpanCard *card, enum line line, enum sg_reason reason, size_t have, size_t need)
{
    char why[128] = "";
    if (reason == SG_REASON_WARMING_UP) /* nothing warms up here: the span is too short */
        g_snprintf(why, sizeof why, "%zu of %zu bars", have, need);
    else
        sg_reason_text(reason, have, need, why, sizeof why);
    g_autofree char *text = g_strdup_printf("undefined%s%s", why[0] ? ": " : "", why);
    show(card, line, text);
}

static void show_with_error(SgSpanCard *card, enum line line, double value, double error, const struct sg_pair_result *fit)
{
    char number[SG_TEXT_BUF], margin[SG_TEXT_BUF];
    if (!isfinite(value)) {
        show_undefined(card, line, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
        return;
    }
    g_autofree char *text = g_strdup_printf("%s \u00b1 %s", sg_text_significant(value, 6, number), sg_text_significant(error, 2, margin));
    show(card, line, text);
}

static void show_test(SgSpanCard *card, enum line line, const struct sg_adf_result *test)
{
    char p[SG_TEXT_BUF], statistic[SG_TEXT_BUF];
    if (test->reason != SG_REASON_NONE) {
        show_undefined(card, line, test->reason, test->have, test->need);
        return;
    }
    g_autofree char *text = g_strdup_printf("p %s (t %s, %zu %s)", sg_text_p_value(test->p_value, p), sg_text_fixed(test->statistic, 2, FALSE, statistic),
                                            test->lags, test->lags == 1 ? "lag" : "lags");
    show(card, line, text);
}

static void show_half_life(SgSpanCard *card, const struct sg_half_life_result *half, gint64 interval_us)
{
    char bars[SG_TEXT_BUF], low[SG_TEXT_BUF], high[SG_TEXT_BUF];
    if (half->reason != SG_REASON_NONE) {
        show_undefined(card, LINE_HALF_LIFE, half->reason, half->have, half->need);
        return;
    }
    g_autofree char *text = g_strdup_printf("%s, 95 %%: %s to %s", sg_text_half_life(half->bars, interval_us, bars), sg_text_half_life_bars(half->low, low),
                                            isinf(half->high) ? "unbounded" : sg_text_half_life_bars(half->high, high));
    show(card, LINE_HALF_LIFE, text);
}

void sg_span_card_set_span(SgSpanCard *card, size_t count, gint64 first_us, gint64 last_us, gboolean utc)
{
    char from[SG_TEXT_BUF], to[SG_TEXT_BUF];
    g_autofree char *text = count == 0 ? g_strdup("no bars")
                                       : g_strdup_printf("%zu %s, %s\u2013%s", count, count == 1 ? "bar" : "bars", sg_text_clock(first_us, last_us, utc, from),
                                                         sg_text_clock(last_us, last_us, utc, to));
    show(card, LINE_BARS, text);
}

static void name_tests(SgSpanCard *card, const char *name_a, const char *name_b)
{
    g_autofree char *forward = g_strdup_printf("Engle-Granger %s on %s", name_a, name_b), *reverse = g_strdup_printf("Engle-Granger %s on %s", name_b, name_a);
    if (g_strcmp0(gtk_label_get_text(card->caption[LINE_EG]), forward) == 0)
        return;
    gtk_label_set_text(card->caption[LINE_EG], forward);
    gtk_label_set_text(card->caption[LINE_EG_REVERSE], reverse);
}

void sg_span_card_set_answer(SgSpanCard *card, const struct sg_span_answer *answer, const char *name_a, const char *name_b, gint64 interval_us)
{
    char text[SG_TEXT_BUF];
    name_tests(card, name_a, name_b);
    if (answer == NULL || answer->status != SG_OK) {
        for (int line = LINE_BETA; line < LINE_COUNT; line++)
            show(card, (enum line)line,
                 answer == NULL                   ? "\u2026"
                 : answer->status == SG_ERR_NOMEM ? "undefined: no memory"
                                                  : "undefined: it could not be computed");
        return;
    }
    const struct sg_span_stats *stats = &answer->stats;
    const struct sg_pair_result *fit = &stats->fit;
    show_with_error(card, LINE_BETA, fit->beta, fit->se_beta, fit);
    show_with_error(card, LINE_ALPHA, fit->alpha, fit->se_alpha, fit);
    if (isfinite(fit->r_squared))
        show(card, LINE_R_SQUARED, sg_text_part(fit->r_squared, 4, FALSE, text));
    else
        show_undefined(card, LINE_R_SQUARED, fit->hedge_reason, fit->hedge_have, fit->hedge_need);
    show_test(card, LINE_EG, &stats->engle_granger);
    show_test(card, LINE_EG_REVERSE, &stats->engle_granger_reverse);
    show_half_life(card, &stats->half_life, interval_us);
    if (isfinite(fit->correlation)) {
        g_autofree char *words = g_strdup_printf("%s (%zu returns)", sg_text_part(fit->correlation, 4, TRUE, text), stats->returns);
        show(card, LINE_CORRELATION, words);
    } else {
        show_undefined(card, LINE_CORRELATION, fit->correlation_reason, fit->correlation_have, fit->correlation_need);
    }
}

/* ---- where it is, and how much of it ---- */

/* What a glance asks for; the rest is a click away. */
static gboolean is_brief_line(int line)
{
    return line == LINE_BARS || line == LINE_BETA || line == LINE_EG || line == LINE_CORRELATION;
}

static void set_brief(SgSpanCard *card, gboolean brief)
{
    card->brief = brief;
    for (int i = 0; i < LINE_COUNT; i++) {
        gtk_widget_set_visible(GTK_WIDGET(card->caption[i]), !brief || is_brief_line(i));
        gtk_widget_set_visible(GTK_WIDGET(card->value[i]), !brief || is_brief_line(i));
    }
    gtk_button_set_label(card->more, brief ? "More" : "Less");
}

/* In columns of two lines where it is wide and low. */
static void arrange(SgSpanCard *card)
{
    GtkLayoutManager *layout = gtk_widget_get_layout_manager(card->grid);
    int place = 0;
    for (int i = 0; i < LINE_COUNT; i++) {
        gboolean shown = !card->brief || is_brief_line(i);
        int column = card->docked ? place / 2 * 2 : 0, row = card->docked ? place % 2 : i;
        GtkGridLayoutChild *caption = GTK_GRID_LAYOUT_CHILD(gtk_layout_manager_get_layout_child(layout, GTK_WIDGET(card->caption[i])));
        GtkGridLayoutChild *value = GTK_GRID_LAYOUT_CHILD(gtk_layout_manager_get_layout_child(layout, GTK_WIDGET(card->value[i])));
        gtk_grid_layout_child_set_column(caption, column);
        gtk_grid_layout_child_set_row(caption, row);
        gtk_grid_layout_child_set_column(value, column + 1);
        gtk_grid_layout_child_set_row(value, row);
        gtk_label_set_width_chars(card->value[i], card->docked ? 24 : 30); /* numbers that change do not move the card */
        place += shown ? 1 : 0;
    }
}

static void on_more(GtkButton *button, SgSpanCard *card)
{
    (void)button;
    card->chosen = TRUE;
    set_brief(card, !card->brief);
    arrange(card);
}

void sg_span_card_set_docked(SgSpanCard *card, gboolean docked)
{
    if (card->docked == docked)
        return;
    card->docked = docked;
    if (docked)
        gtk_widget_add_css_class(GTK_WIDGET(card), "docked");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(card), "docked");
    gtk_widget_set_visible(GTK_WIDGET(card->more), !docked); /* there is room for a glance only */
    if (docked) {
        card->was_brief = card->brief;
        set_brief(card, TRUE);
    } else {
        set_brief(card, card->was_brief);
    }
    arrange(card);
}

gboolean sg_span_card_is_docked(SgSpanCard *card)
{
    return card->docked;
}

void sg_span_card_set_room(SgSpanCard *card, int height)
{
    gboolean brief = height < SG_SPAN_CARD_ROOM;
    if (!card->chosen && !card->docked && brief != card->brief)
        set_brief(card, brief);
}

gboolean sg_span_card_is_moved(SgSpanCard *card)
{
    return card->moved;
}

void sg_span_card_forget_place(SgSpanCard *card)
{
    card->moved = FALSE;
}

/* The offset is from where the card was taken, in the card's own coordinates, which move along with it. */
static void on_drag(GtkGestureDrag *gesture, double dx, double dy, SgSpanCard *card)
{
    if (card->docked)
        return;
    GtkWidget *widget = GTK_WIDGET(card), *parent = gtk_widget_get_parent(widget);
    graphene_rect_t place;
    if (parent == NULL || !gtk_widget_compute_bounds(widget, parent, &place))
        return;
    if (!card->moved && !gtk_drag_check_threshold(widget, 0, 0, (int)dx, (int)dy))
        return;
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    card->moved = TRUE;
    int x = (int)lround(place.origin.x + dx), y = (int)lround(place.origin.y + dy);
    gtk_widget_set_halign(widget, GTK_ALIGN_START);
    gtk_widget_set_margin_end(widget, 0);
    gtk_widget_set_margin_start(widget, CLAMP(x, 0, MAX(gtk_widget_get_width(parent) - gtk_widget_get_width(widget), 0)));
    gtk_widget_set_margin_top(widget, CLAMP(y, 0, MAX(gtk_widget_get_height(parent) - gtk_widget_get_height(widget), 0)));
}

/* ---- life ---- */

static void dispose(GObject *object)
{
    g_clear_pointer(&SG_SPAN_CARD(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(sg_span_card_parent_class)->dispose(object);
}

static void sg_span_card_class_init(SgSpanCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget_class, "spancard");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void append_button(GtkBox *box, const char *label, const char *action, const char *tooltip)
{
    GtkWidget *button = gtk_button_new_with_label(label);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    gtk_widget_set_tooltip_text(button, tooltip);
    gtk_box_append(box, button);
}

static void sg_span_card_init(SgSpanCard *card)
{
    card->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    gtk_widget_set_parent(card->box, GTK_WIDGET(card));
    gtk_accessible_update_property(GTK_ACCESSIBLE(card), GTK_ACCESSIBLE_PROPERTY_LABEL, "Selection", -1);
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 2);
    for (int i = 0; i < LINE_COUNT; i++) {
        GtkWidget *caption = gtk_label_new(captions[i]), *value = gtk_label_new("\u2026");
        card->caption[i] = GTK_LABEL(caption);
        card->value[i] = GTK_LABEL(value);
        gtk_label_set_xalign(card->caption[i], 0);
        gtk_label_set_xalign(card->value[i], 0);
        gtk_label_set_selectable(card->value[i], FALSE);
        gtk_label_set_width_chars(card->value[i], 30); /* numbers that change do not move the card */
        gtk_widget_add_css_class(caption, "caption");
        gtk_widget_add_css_class(value, "value");
        gtk_accessible_update_relation(GTK_ACCESSIBLE(value), GTK_ACCESSIBLE_RELATION_LABELLED_BY, caption, NULL, -1);
        gtk_grid_attach(GTK_GRID(grid), caption, 0, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), value, 1, i, 1, 1);
    }
    card->grid = grid;
    gtk_widget_set_tooltip_text(grid, "Least squares over the bars of the span alone, whatever the hedge ratio of the session");
    GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    append_button(GTK_BOX(buttons), "Zoom to selection", "win.selection-zoom", "Show just these bars");
    append_button(GTK_BOX(buttons), "Copy numbers", "win.selection-copy", "All of these with every digit, as text");
    append_button(GTK_BOX(buttons), "Clear", "win.selection-clear", "No span any more (Escape in a chart)");
    card->more = GTK_BUTTON(gtk_button_new_with_label("Less"));
    gtk_widget_set_tooltip_text(GTK_WIDGET(card->more), "All numbers, or the few that a glance asks for");
    g_signal_connect(card->more, "clicked", G_CALLBACK(on_more), card);
    gtk_box_append(GTK_BOX(buttons), GTK_WIDGET(card->more));
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag), card);
    gtk_widget_add_controller(GTK_WIDGET(card), GTK_EVENT_CONTROLLER(drag));
    gtk_widget_set_cursor_from_name(GTK_WIDGET(card), "move");
    gtk_widget_set_cursor_from_name(buttons, "default");
    gtk_box_append(GTK_BOX(card->box), grid);
    gtk_box_append(GTK_BOX(card->box), buttons);
}

GtkWidget *sg_span_card_new(void)
{
    return g_object_new(SG_TYPE_SPAN_CARD, NULL);
}
