/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_strip_private.h"

#include <math.h>
#include <string.h>
#include "number_spin_private.h"
#include "shrink_box_private.h"
#include "text_private.h"

/* How the numbers sit in the strip; their names and words are stat_text's. */
static const struct {
    guint chars; /* width in characters of the value: the widest usual one, so that nothing moves */
    guint rank;  /* in the shrink box: the highest leaves first */
} places[SG_STAT_COUNT] = {
    [SG_STAT_ALPHA] = {7, 3},       [SG_STAT_BETA] = {7, 0}, [SG_STAT_R_SQUARED] = {6, 2},  [SG_STAT_RESIDUAL] = {8, 1}, [SG_STAT_ZSCORE] = {10, 0},
    [SG_STAT_CORRELATION] = {7, 0}, [SG_STAT_EG_P] = {7, 0}, [SG_STAT_HALF_LIFE] = {15, 0}, [SG_STAT_N] = {6, 4},
};

struct _SgStatStrip {
    GtkWidget parent_instance;
    GtkWidget *row;
    GtkSpinButton *window, *threshold;
    GtkInscription *value[SG_STAT_COUNT];
    struct sg_stat_text shown[SG_STAT_COUNT];
    enum sg_signal shown_signal;
    double scale[SG_STAT_COUNT]; /* of the text in its room; 0: not set yet */
    gboolean shown_stale, aged;
    char shown_words[sizeof(((struct sg_freshness *)NULL)->words)];
    gboolean setting;
};

G_DEFINE_TYPE(SgStatStrip, sg_stat_strip, GTK_TYPE_WIDGET)

enum { SIGNAL_WINDOW, SIGNAL_THRESHOLD, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

static void on_window(GtkSpinButton *spin, SgStatStrip *strip)
{
    if (!strip->setting)
        g_signal_emit(strip, signals[SIGNAL_WINDOW], 0, (guint)gtk_spin_button_get_value_as_int(spin));
}

static void on_threshold(GtkSpinButton *spin, SgStatStrip *strip)
{
    if (!strip->setting)
        g_signal_emit(strip, signals[SIGNAL_THRESHOLD], 0, gtk_spin_button_get_value(spin));
}

static GtkWidget *captioned(const char *caption, GtkWidget *value)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget *label = gtk_label_new(caption);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_add_css_class(label, "caption");
    gtk_box_append(GTK_BOX(box), label);
    gtk_box_append(GTK_BOX(box), value);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    return box;
}

static GtkWidget *spin(const char *name, double low, double high, double step, double page, guint digits, int chars)
{
    GtkWidget *button = sg_number_spin_new(low, high, step, digits);
    gtk_spin_button_set_increments(GTK_SPIN_BUTTON(button), step, page);
    gtk_editable_set_width_chars(GTK_EDITABLE(button), chars);
    gtk_editable_set_max_width_chars(GTK_EDITABLE(button), chars);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    return button;
}

static GtkWidget *labelled_spin(const char *caption, GtkWidget *button, const char *tooltip)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *label = gtk_label_new(caption);
    gtk_widget_add_css_class(label, "caption");
    gtk_box_append(GTK_BOX(box), label);
    gtk_box_append(GTK_BOX(box), button);
    gtk_widget_set_tooltip_text(box, tooltip);
    return box;
}

static void dispose(GObject *object)
{
    SgStatStrip *strip = SG_STAT_STRIP(object);
    g_clear_pointer(&strip->row, gtk_widget_unparent);
    G_OBJECT_CLASS(sg_stat_strip_parent_class)->dispose(object);
}

static void sg_stat_strip_class_init(SgStatStripClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = dispose;
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget_class, "statstrip");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    signals[SIGNAL_WINDOW] = g_signal_new("window-changed", SG_TYPE_STAT_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
    signals[SIGNAL_THRESHOLD] = g_signal_new("threshold-changed", SG_TYPE_STAT_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void sg_stat_strip_init(SgStatStrip *strip)
{
    strip->row = sg_shrink_box_new(8, TRUE);
    sg_shrink_box_set_wrap(SG_SHRINK_BOX(strip->row), TRUE);
    gtk_widget_set_parent(strip->row, GTK_WIDGET(strip));
    SgShrinkBox *row = SG_SHRINK_BOX(strip->row);

    GtkWidget *window = spin("Window length", SG_WINDOW_MIN, SG_WINDOW_MAX, 1, 10, 0, 4);
    GtkWidget *threshold = spin("Threshold", 0.1, 20, 0.1, 0.5, 1, 3);
    strip->window = GTK_SPIN_BUTTON(window);
    strip->threshold = GTK_SPIN_BUTTON(threshold);
    g_signal_connect(window, "value-changed", G_CALLBACK(on_window), strip);
    g_signal_connect(threshold, "value-changed", G_CALLBACK(on_threshold), strip);
    sg_shrink_box_append(row, labelled_spin("Window", window, "Bars in the rolling mean, deviation and correlation"), 0);
    sg_shrink_box_append(row, labelled_spin("Threshold", threshold, "Size of the z-score beyond which the alert is raised"), 0);

    sg_stat_texts(&(struct sg_stat_inputs){.params = &(struct sg_pair_params){.window = 0}}, strip->shown);
    for (int i = 0; i < SG_STAT_COUNT; i++) {
        GtkWidget *value = gtk_inscription_new(strip->shown[i].value);
        strip->value[i] = GTK_INSCRIPTION(value);
        gtk_inscription_set_min_chars(strip->value[i], MIN(places[i].chars, 8));
        gtk_inscription_set_nat_chars(strip->value[i], places[i].chars);
        gtk_inscription_set_text_overflow(strip->value[i], GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
        gtk_widget_add_css_class(value, "value");
        GtkWidget *box = captioned(strip->shown[i].name, value);
        GtkWidget *caption = gtk_widget_get_first_child(box);
        gtk_accessible_update_relation(GTK_ACCESSIBLE(value), GTK_ACCESSIBLE_RELATION_LABELLED_BY, caption, NULL, -1);
        gtk_widget_set_tooltip_text(box, strip->shown[i].why);
        sg_shrink_box_append(row, box, places[i].rank);
    }
}

static void show_signal(SgStatStrip *strip, enum sg_signal signal)
{
    if (signal == strip->shown_signal)
        return;
    GtkWidget *value = GTK_WIDGET(strip->value[SG_STAT_ZSCORE]);
    gtk_widget_remove_css_class(value, "overbought");
    gtk_widget_remove_css_class(value, "oversold");
    if (signal != SG_SIGNAL_NONE)
        gtk_widget_add_css_class(value, sg_signal_name(signal));
    strip->shown_signal = signal;
}

/* In the room that it has: a long one is drawn smaller, not cut off, and nothing beside it moves. */
static void fit(SgStatStrip *strip, int stat, gboolean aged)
{
    glong length = g_utf8_strlen(strip->shown[stat].value, -1), room = (glong)places[stat].chars;
    double scale = length > room ? MAX((double)room / (double)length, 0.7) : 1;
    if (scale == strip->scale[stat] && (stat != SG_STAT_ZSCORE || aged == strip->aged))
        return;
    strip->scale[stat] = scale;
    g_autoptr(PangoAttrList) looks = pango_attr_list_new();
    if (scale < 1)
        pango_attr_list_insert(looks, pango_attr_scale_new(scale));
    if (aged)
        pango_attr_list_insert(looks, pango_attr_weight_new(PANGO_WEIGHT_NORMAL));
    gtk_inscription_set_attributes(strip->value[stat], looks);
}

static void show_age(SgStatStrip *strip, const struct sg_freshness *freshness)
{
    if (freshness->stale != strip->shown_stale)
        for (int i = 0; i < SG_STAT_COUNT; i++)
            (freshness->stale ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(GTK_WIDGET(strip->value[i]), "stale");
    if (freshness->stale != strip->shown_stale) /* its age stands beside it, in the same room */
        (freshness->stale ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(GTK_WIDGET(strip->value[SG_STAT_ZSCORE]), "aged");
    strip->shown_stale = freshness->stale;
    if (strcmp(freshness->words, strip->shown_words) == 0)
        return;
    g_strlcpy(strip->shown_words, freshness->words, sizeof strip->shown_words);
    gtk_accessible_update_property(GTK_ACCESSIBLE(strip), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, freshness->words, -1);
}

void sg_stat_strip_update(SgStatStrip *strip, const SgSnapshot *snapshot, const struct sg_freshness *freshness)
{
    static const struct sg_pair_params none = {.window = 0};
    struct sg_stat_inputs inputs = {.params = &none};
    if (snapshot != NULL)
        inputs = (struct sg_stat_inputs){.now = &snapshot->now,
                                         .engle_granger = &snapshot->engle_granger,
                                         .engle_granger_reverse = &snapshot->engle_granger_reverse,
                                         .half_life = &snapshot->half_life,
                                         .params = &snapshot->params,
                                         .rows = snapshot->history->length,
                                         .interval_us = sg_interval_us(snapshot->interval)};
    if (inputs.rows > 0)
        inputs.stale = freshness->stale || (snapshot->history->flags[inputs.rows - 1] & SG_ROW_STALE) != 0;
    inputs.age = freshness->age;
    show_age(strip, freshness);
    struct sg_stat_text texts[SG_STAT_COUNT];
    sg_stat_texts(&inputs, texts);
    for (int i = 0; i < SG_STAT_COUNT; i++) {
        if (strcmp(texts[i].value, strip->shown[i].value) != 0)
            gtk_inscription_set_text(strip->value[i], texts[i].value);
        if (strcmp(texts[i].why, strip->shown[i].why) != 0)
            gtk_widget_set_tooltip_text(gtk_widget_get_parent(GTK_WIDGET(strip->value[i])), texts[i].why);
        strip->shown[i] = texts[i];
        fit(strip, i, freshness->stale && i == SG_STAT_ZSCORE);
    }
    strip->aged = freshness->stale;
    bool defined = inputs.rows > 0 && isfinite(snapshot->now.zscore);
    show_signal(strip, defined && !freshness->stale ? snapshot->now.signal : SG_SIGNAL_NONE);
}

void sg_stat_strip_set_params(SgStatStrip *strip, guint window, double threshold)
{
    /* Setting the value that is there already would wipe out what a person is typing. */
    strip->setting = TRUE;
    if (gtk_spin_button_get_value_as_int(strip->window) != (int)window)
        gtk_spin_button_set_value(strip->window, window);
    if (fabs(gtk_spin_button_get_value(strip->threshold) - threshold) > 1e-9)
        gtk_spin_button_set_value(strip->threshold, threshold);
    strip->setting = FALSE;
}

void sg_stat_strip_add_control(SgStatStrip *strip, GtkWidget *control)
{
    sg_shrink_box_append(SG_SHRINK_BOX(strip->row), control, 0);
    gtk_widget_insert_after(control, strip->row, gtk_widget_get_parent(GTK_WIDGET(strip->threshold)));
}

GtkWidget *sg_stat_strip_window_spin(SgStatStrip *strip)
{
    return GTK_WIDGET(strip->window);
}

GtkWidget *sg_stat_strip_threshold_spin(SgStatStrip *strip)
{
    return GTK_WIDGET(strip->threshold);
}

GtkWidget *sg_stat_strip_value(SgStatStrip *strip, enum sg_stat stat)
{
    return GTK_WIDGET(strip->value[stat]);
}

size_t sg_stat_strip_texts(SgStatStrip *strip, const char *names[static SG_STAT_COUNT], const char *values[static SG_STAT_COUNT])
{
    for (int i = 0; i < SG_STAT_COUNT; i++) {
        names[i] = strip->shown[i].name;
        values[i] = strip->shown[i].value;
    }
    return SG_STAT_COUNT;
}
