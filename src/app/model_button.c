/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_button_private.h"

#include <math.h>
#include "number_spin_private.h"
#include "spreadglass/engine/model_text.h"

#define FIT_BARS_USUAL 1000
#define SUMMARY_CHARS 7

enum { FIT_ALL, FIT_LAST };

struct model {
    SgWindow *window;
    GtkWidget *button, *summary, *line, *word;
    GtkGrid *grid;
    int rows;
    GtkDropDown *hedge, *fit, *stream, *ddof;
    GtkStringList *fits;
    GtkWidget *beta, *bars;
    gboolean following; /* what is shown is being brought up to date: nobody chose it */
};

static struct model *model_of(GtkWidget *button)
{
    return g_object_get_data(G_OBJECT(button), "sg-model");
}

/* ---- what a person chooses ---- */

static void say(const char *text, gpointer data)
{
    struct model *model = data;
    gtk_label_set_text(GTK_LABEL(model->word), text != NULL ? text : "");
    gtk_widget_set_visible(model->word, text != NULL);
}

static gboolean on_settled(gpointer data)
{
    sg_model_button_update(data);
    return G_SOURCE_REMOVE;
}

/* A control must not be set while it tells of its own change: what became of it is shown afterwards. */
static void settle(struct model *model)
{
    g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_settled, g_object_ref(model->button), g_object_unref);
}

static struct sg_pair_params chosen(const struct model *model)
{
    struct sg_pair_params params = model->window->app->now.params;
    params.hedge = (enum sg_hedge)gtk_drop_down_get_selected(model->hedge);
    params.fixed_beta = gtk_spin_button_get_value(GTK_SPIN_BUTTON(model->beta));
    gboolean is_limited = gtk_drop_down_get_selected(model->fit) == FIT_LAST;
    params.lookback = is_limited ? (size_t)gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(model->bars)) : SG_LOOKBACK_ALL;
    params.ddof = gtk_drop_down_get_selected(model->ddof) == 0 ? 1 : 0;
    return params;
}

static void take(struct model *model)
{
    if (model->following)
        return;
    struct sg_pair_params params = chosen(model);
    g_autoptr(GError) error = NULL;
    gboolean taken = sg_app_set_model(model->window->app, &params, &error);
    g_autofree char *text = taken ? NULL : g_strdup_printf("Not taken: %s.", error->message);
    say(text, model);
    settle(model);
}

static void on_choice(GtkDropDown *drop_down, GParamSpec *pspec, struct model *model)
{
    (void)drop_down;
    (void)pspec;
    take(model);
}

static void on_number(GtkSpinButton *spin, struct model *model)
{
    (void)spin;
    take(model);
}

static void on_stream(GtkDropDown *drop_down, GParamSpec *pspec, struct model *model)
{
    (void)pspec;
    if (model->following)
        return;
    g_autoptr(GError) error = NULL;
    gboolean taken = sg_app_set_stream(model->window->app, (enum sg_stream)gtk_drop_down_get_selected(drop_down), &error);
    say(taken ? NULL : error->message, model);
    settle(model);
}

/* ---- what is in force ---- */

static void show_choice(GtkDropDown *drop_down, guint index)
{
    if (gtk_drop_down_get_selected(drop_down) != index)
        gtk_drop_down_set_selected(drop_down, index);
}

static void show_number(GtkWidget *spin, double value)
{
    if (fabs(gtk_spin_button_get_value(GTK_SPIN_BUTTON(spin)) - value) > 1e-9 * (1.0 + fabs(value)))
        gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
}

/* What "all" is for this method. */
static void name_all(struct model *model, enum sg_hedge hedge)
{
    const char *all = hedge == SG_HEDGE_ROLLING ? "As the window" : "All bars";
    if (g_strcmp0(gtk_string_list_get_string(model->fits, FIT_ALL), all) != 0)
        gtk_string_list_splice(model->fits, FIT_ALL, 1, (const char *[]){all, NULL});
}

static void show_text(GtkWidget *label, const char *text)
{
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(label)), text) != 0)
        gtk_label_set_text(GTK_LABEL(label), text);
}

void sg_model_button_update(GtkWidget *button)
{
    struct model *model = model_of(button);
    const struct sg_session_config *now = &model->window->app->now;
    const struct sg_pair_params *params = &now->params;
    char text[SG_MODEL_TEXT];
    model->following = TRUE;
    show_text(model->summary, sg_model_short_text(params, text));
    sg_model_text(params, now->interval, now->stream, text);
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(model->line)), text) != 0) {
        gtk_label_set_text(GTK_LABEL(model->line), text);
        gtk_widget_set_tooltip_text(button, text);
        gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
    }
    name_all(model, params->hedge);
    show_choice(model->hedge, (guint)params->hedge);
    show_choice(model->fit, params->lookback == SG_LOOKBACK_ALL ? FIT_ALL : FIT_LAST);
    show_choice(model->stream, (guint)now->stream);
    show_choice(model->ddof, params->ddof == 1 ? 0 : 1);
    show_number(model->beta, params->fixed_beta);
    if (params->lookback != SG_LOOKBACK_ALL)
        show_number(model->bars, (double)params->lookback);
    gtk_widget_set_visible(model->beta, params->hedge == SG_HEDGE_FIXED);
    gtk_widget_set_visible(model->bars, params->lookback != SG_LOOKBACK_ALL);
    gtk_widget_set_sensitive(GTK_WIDGET(model->fit), params->hedge != SG_HEDGE_KALMAN);
    gtk_widget_set_sensitive(model->bars, params->hedge != SG_HEDGE_KALMAN);
    gtk_widget_set_sensitive(GTK_WIDGET(model->stream), now->source == SG_SOURCE_BINANCE);
    gtk_widget_set_tooltip_text(GTK_WIDGET(model->stream),
                                now->source == SG_SOURCE_BINANCE ? "What the bars are made of. Another stream begins anew" : "It is the recording's");
    model->following = FALSE;
}

/* ---- life ---- */

/* A row of the popover: its name, and one or two controls. What comes later is one more call. */
static void add_row(struct model *model, const char *name, GtkWidget *control, GtkWidget *second)
{
    GtkWidget *label = gtk_label_new(name), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_set_hexpand(control, TRUE);
    gtk_box_append(GTK_BOX(box), control);
    if (second != NULL)
        gtk_box_append(GTK_BOX(box), second);
    gtk_grid_attach(model->grid, label, 0, model->rows, 1, 1);
    gtk_grid_attach(model->grid, box, 1, model->rows++, 1, 1);
}

static GtkDropDown *add_choice(struct model *model, const char *name, GtkStringList *options, GtkWidget *second)
{
    GtkWidget *widget = gtk_drop_down_new(G_LIST_MODEL(options), NULL);
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    add_row(model, name, widget, second);
    return GTK_DROP_DOWN(widget);
}

static GtkWidget *number(struct model *model, const char *name, double low, double high, double step, guint digits, double value)
{
    GtkWidget *spin = sg_number_spin_new(low, high, step, digits);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
    gtk_editable_set_width_chars(GTK_EDITABLE(spin), 7);
    gtk_editable_set_max_width_chars(GTK_EDITABLE(spin), 9);
    gtk_accessible_update_property(GTK_ACCESSIBLE(spin), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    sg_number_spin_set_say(spin, name, say, model);
    return spin;
}

static void add_rows(struct model *model)
{
    GtkStringList *hedges = gtk_string_list_new(NULL), *streams = gtk_string_list_new(NULL);
    for (int i = SG_HEDGE_OLS; i <= SG_HEDGE_FIXED; i++)
        gtk_string_list_append(hedges, sg_hedge_title((enum sg_hedge)i));
    for (int i = SG_STREAM_TICKER; i <= SG_STREAM_BOOK; i++)
        gtk_string_list_append(streams, sg_stream_title((enum sg_stream)i));
    model->fits = gtk_string_list_new((const char *[]){"All bars", "The last", NULL});
    model->beta = number(model, "Fixed beta", -1e9, 1e9, 0.1, 1, 1.0);
    model->bars = number(model, "Fit bars", SG_LOOKBACK_MIN, SG_LOOKBACK_MAX, 10, 0, FIT_BARS_USUAL);
    model->hedge = add_choice(model, "Hedge method", hedges, model->beta);
    model->fit = add_choice(model, "Fit sample", model->fits, model->bars);
    model->stream = add_choice(model, "Stream", streams, NULL);
    model->ddof = add_choice(model, "Deviation", gtk_string_list_new((const char *[]){"over n \u2212 1 (ddof 1)", "over n (ddof 0)", NULL}), NULL);
    GtkDropDown *const choices[] = {model->hedge, model->fit, model->ddof};
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
        g_signal_connect(choices[i], "notify::selected", G_CALLBACK(on_choice), model);
    g_signal_connect(model->stream, "notify::selected", G_CALLBACK(on_stream), model);
    g_signal_connect(model->beta, "value-changed", G_CALLBACK(on_number), model);
    g_signal_connect(model->bars, "value-changed", G_CALLBACK(on_number), model);
}

static void on_closed(GtkPopover *popover, struct model *model)
{
    (void)popover;
    say(NULL, model);
}

static GtkWidget *words(const char *css_class)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 42);
    gtk_widget_add_css_class(label, css_class);
    return label;
}

GtkWidget *sg_model_button_new(SgWindow *window)
{
    struct model *model = g_new0(struct model, 1);
    GtkWidget *popover = gtk_popover_new(), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 10), *grid = gtk_grid_new();
    model->window = window;
    model->button = gtk_menu_button_new();
    model->summary = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(model->summary), 0);
    gtk_label_set_ellipsize(GTK_LABEL(model->summary), PANGO_ELLIPSIZE_END);
    gtk_label_set_width_chars(GTK_LABEL(model->summary), SUMMARY_CHARS); /* always so wide: no number moves with the words */
    gtk_label_set_max_width_chars(GTK_LABEL(model->summary), SUMMARY_CHARS);
    model->line = words("heading");
    model->word = words("message");
    model->grid = GTK_GRID(grid);
    gtk_widget_add_css_class(model->word, "error");
    gtk_widget_set_visible(model->word, FALSE);
    gtk_grid_set_row_spacing(model->grid, 6);
    gtk_grid_set_column_spacing(model->grid, 12);
    add_rows(model);
    gtk_box_append(GTK_BOX(box), model->line);
    gtk_box_append(GTK_BOX(box), grid);
    gtk_box_append(GTK_BOX(box), model->word);
    gtk_popover_set_child(GTK_POPOVER(popover), box);
    gtk_widget_add_css_class(popover, "model");
    g_signal_connect(popover, "closed", G_CALLBACK(on_closed), model);
    gtk_menu_button_set_child(GTK_MENU_BUTTON(model->button), model->summary);
    gtk_menu_button_set_always_show_arrow(GTK_MENU_BUTTON(model->button), TRUE);
    gtk_menu_button_set_popover(GTK_MENU_BUTTON(model->button), popover);
    gtk_widget_add_css_class(model->button, "model");
    gtk_widget_set_valign(model->button, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(model->button), GTK_ACCESSIBLE_PROPERTY_LABEL, "Model", -1);
    g_object_set_data_full(G_OBJECT(model->button), "sg-model", model, g_free);
    return model->button;
}
