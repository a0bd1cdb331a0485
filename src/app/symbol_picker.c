/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol_picker_private.h"

#include <string.h>
#include "spreadglass/market/instrument.h"

struct _SgSymbolPicker {
    GtkWidget parent_instance;
    GtkMenuButton *button;
    GtkLabel *current;
    GtkPopover *popover;
    GtkSearchEntry *entry;
    GtkLabel *message;
    GtkListView *list;
    GtkStringList *all;
    GtkFilterListModel *filtered;
    GtkStringFilter *filter;
    GtkSingleSelection *selection;
    char *symbol, *other, *other_name, *name, *market;
    gboolean known;      /* `all` is the exchange's list */
    gboolean keep_error; /* an error was set before the popover opened */
};

G_DEFINE_TYPE(SgSymbolPicker, sg_symbol_picker, GTK_TYPE_WIDGET)

enum { PROP_LABEL = 1, PROP_COUNT };
static GParamSpec *properties[PROP_COUNT];
static guint signal_picked;

char *sg_symbol_clean(const char *text)
{
    g_autofree char *whole = g_strstrip(g_strdup(text));
    enum sg_market market;
    char *colon = strchr(whole, ':');
    g_autofree char *prefix = colon != NULL ? g_ascii_strdown(whole, colon - whole) : NULL;
    if (colon != NULL && sg_market_parse(prefix, &market) != SG_OK)
        return NULL;
    g_autofree char *trimmed = g_strdup(colon != NULL ? colon + 1 : whole);
    size_t length = strlen(trimmed);
    if (length == 0 || length >= SG_SYMBOL_BUF || !g_utf8_validate(trimmed, -1, NULL))
        return NULL;
    for (const char *c = trimmed; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 127 || strchr("/?&%#@:\"'\\", *c) != NULL)
            return NULL;
    g_autofree char *upper = g_ascii_strup(trimmed, -1);
    return colon != NULL ? g_strconcat(prefix, ":", upper, NULL) : g_steal_pointer(&upper);
}

static void say(SgSymbolPicker *picker, const char *text, gboolean error)
{
    gtk_label_set_text(picker->message, text);
    gtk_widget_set_visible(GTK_WIDGET(picker->message), text[0] != '\0');
    if (error)
        gtk_widget_add_css_class(GTK_WIDGET(picker->message), "error");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(picker->message), "error");
}

/* The list is of the picker's own market; a symbol of another one is for the exchange to judge. */
static gboolean is_listed(SgSymbolPicker *picker, const char *symbol)
{
    const char *colon = strchr(symbol, ':');
    if (colon != NULL && strncmp(symbol, picker->market, (size_t)(colon - symbol)) != 0)
        return TRUE;
    if (colon != NULL)
        symbol = colon + 1;
    guint count = g_list_model_get_n_items(G_LIST_MODEL(picker->all));
    for (guint i = 0; i < count; i++)
        if (strcmp(gtk_string_list_get_string(picker->all, i), symbol) == 0)
            return TRUE;
    return FALSE;
}

static void try_pick(SgSymbolPicker *picker, const char *text)
{
    g_autofree char *symbol = sg_symbol_clean(text);
    if (symbol == NULL) {
        say(picker, "A symbol has letters and digits only, like BTCUSDT; usdm:BTCUSDT and spot:BTCUSDT name the market too.", TRUE);
        return;
    }
    g_autofree char *wrong = NULL;
    if (g_strcmp0(symbol, picker->other) == 0)
        wrong = g_strdup_printf("%s is %s already: A and B must differ. The arrows beside exchange them.", symbol, picker->other_name);
    else if (picker->known && !is_listed(picker, symbol))
        wrong = g_strdup_printf("%s is not traded here. %s stays.", symbol, picker->symbol);
    if (wrong != NULL) {
        say(picker, wrong, TRUE);
        return;
    }
    gtk_popover_popdown(picker->popover);
    if (g_strcmp0(symbol, picker->symbol) != 0)
        g_signal_emit(picker, signal_picked, 0, symbol);
}

static void on_entry_activate(GtkSearchEntry *entry, SgSymbolPicker *picker)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(entry));
    g_autofree char *symbol = sg_symbol_clean(text);
    /* Return takes what is typed when that is a symbol, else the row that the search left on top. */
    if (symbol != NULL && (!picker->known || is_listed(picker, symbol))) {
        try_pick(picker, symbol);
        return;
    }
    GtkStringObject *row = gtk_single_selection_get_selected_item(picker->selection);
    if (symbol != NULL && row != NULL && g_list_model_get_n_items(G_LIST_MODEL(picker->filtered)) > 0)
        try_pick(picker, gtk_string_object_get_string(row));
    else
        try_pick(picker, text);
}

/* The entry's own "changed" and not the delayed "search-changed": Return must find the list that belongs to the text. */
static void on_search_changed(GtkSearchEntry *entry, SgSymbolPicker *picker)
{
    gtk_string_filter_set_search(picker->filter, gtk_editable_get_text(GTK_EDITABLE(entry)));
    picker->keep_error = FALSE;
    say(picker, picker->known ? "" : "The list of symbols has not come yet: type one.", FALSE);
}

static void on_row_activate(GtkListView *list, guint position, SgSymbolPicker *picker)
{
    (void)list;
    GtkStringObject *row = g_list_model_get_item(G_LIST_MODEL(picker->selection), position);
    if (row == NULL)
        return;
    try_pick(picker, gtk_string_object_get_string(row));
    g_object_unref(row);
}

static void on_stop_search(GtkSearchEntry *entry, SgSymbolPicker *picker)
{
    (void)entry;
    gtk_popover_popdown(picker->popover);
}

/* Down from the field walks into the list. */
static gboolean on_entry_key(GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, SgSymbolPicker *picker)
{
    (void)controller;
    (void)code;
    (void)state;
    if (key != GDK_KEY_Down && key != GDK_KEY_KP_Down)
        return GDK_EVENT_PROPAGATE;
    gtk_widget_grab_focus(GTK_WIDGET(picker->list));
    return GDK_EVENT_STOP;
}

static void on_popover_show(GtkPopover *popover, SgSymbolPicker *picker)
{
    (void)popover;
    if (!picker->keep_error) {
        gtk_editable_set_text(GTK_EDITABLE(picker->entry), "");
        say(picker, picker->known ? "" : "The list of symbols has not come yet: type one.", FALSE);
    }
    gtk_widget_grab_focus(GTK_WIDGET(picker->entry));
}

static void on_popover_closed(GtkPopover *popover, SgSymbolPicker *picker)
{
    (void)popover;
    picker->keep_error = FALSE;
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    SgSymbolPicker *picker = SG_SYMBOL_PICKER(object);
    if (id != PROP_LABEL) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return;
    }
    g_free(picker->name);
    picker->name = g_value_dup_string(value);
    gtk_accessible_update_property(GTK_ACCESSIBLE(picker), GTK_ACCESSIBLE_PROPERTY_LABEL, picker->name, -1);
    gtk_accessible_update_property(GTK_ACCESSIBLE(picker->button), GTK_ACCESSIBLE_PROPERTY_LABEL, picker->name, -1);
    g_autofree char *find = g_strdup_printf("Find %s", picker->name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(picker->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, find, -1);
    gtk_widget_set_tooltip_text(GTK_WIDGET(picker->button), picker->name);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    if (id == PROP_LABEL)
        g_value_set_string(value, SG_SYMBOL_PICKER(object)->name);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void dispose(GObject *object)
{
    SgSymbolPicker *picker = SG_SYMBOL_PICKER(object);
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(picker))) != NULL)
        gtk_widget_unparent(child);
    G_OBJECT_CLASS(sg_symbol_picker_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    SgSymbolPicker *picker = SG_SYMBOL_PICKER(object);
    g_free(picker->symbol);
    g_free(picker->other);
    g_free(picker->other_name);
    g_free(picker->name);
    g_free(picker->market);
    G_OBJECT_CLASS(sg_symbol_picker_parent_class)->finalize(object);
}

static void sg_symbol_picker_class_init(SgSymbolPickerClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->dispose = dispose;
    object_class->finalize = finalize;
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    properties[PROP_LABEL] = g_param_spec_string("label", NULL, NULL, "Symbol", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, PROP_COUNT, properties);
    signal_picked = g_signal_new("picked", SG_TYPE_SYMBOL_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

    gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget_class, "symbolpicker");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_COMBO_BOX);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/spreadglass/Spreadglass/symbol_picker.ui");
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, button);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, current);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, popover);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, entry);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, message);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, list);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, all);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, filtered);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, filter);
    gtk_widget_class_bind_template_child(widget_class, SgSymbolPicker, selection);
    gtk_widget_class_bind_template_callback(widget_class, on_entry_activate);
    gtk_widget_class_bind_template_callback(widget_class, on_search_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_row_activate);
    gtk_widget_class_bind_template_callback(widget_class, on_stop_search);
    gtk_widget_class_bind_template_callback(widget_class, on_entry_key);
    gtk_widget_class_bind_template_callback(widget_class, on_popover_show);
    gtk_widget_class_bind_template_callback(widget_class, on_popover_closed);
}

static void sg_symbol_picker_init(SgSymbolPicker *picker)
{
    gtk_widget_init_template(GTK_WIDGET(picker));
}

void sg_symbol_picker_set_symbol(SgSymbolPicker *picker, const char *symbol, const char *market)
{
    if (g_strcmp0(symbol, picker->symbol) == 0 && g_strcmp0(market, picker->market) == 0)
        return;
    g_free(picker->market);
    picker->market = g_strdup(market);
    g_autofree char *tip = g_strdup_printf("%s: %s", picker->name, strcmp(market, "usdm") == 0 ? "USD-M futures" : "spot market");
    gtk_widget_set_tooltip_text(GTK_WIDGET(picker->button), tip);
    g_free(picker->symbol);
    picker->symbol = g_strdup(symbol);
    gtk_label_set_text(picker->current, symbol);
}

void sg_symbol_picker_set_symbols(SgSymbolPicker *picker, const char *const *symbols)
{
    guint count = g_list_model_get_n_items(G_LIST_MODEL(picker->all));
    gtk_string_list_splice(picker->all, 0, count, symbols);
    picker->known = symbols != NULL && symbols[0] != NULL;
    if (picker->known && !gtk_widget_has_css_class(GTK_WIDGET(picker->message), "error"))
        say(picker, "", FALSE);
}

void sg_symbol_picker_set_other(SgSymbolPicker *picker, const char *symbol, const char *leg_name)
{
    g_free(picker->other);
    g_free(picker->other_name);
    picker->other = g_strdup(symbol);
    picker->other_name = g_strdup(leg_name);
}

void sg_symbol_picker_show_error(SgSymbolPicker *picker, const char *asked, const char *text)
{
    gtk_editable_set_text(GTK_EDITABLE(picker->entry), asked);
    picker->keep_error = TRUE; /* after the change above, which clears it */
    gtk_popover_popup(picker->popover);
    say(picker, text, TRUE);
}

void sg_symbol_picker_open(SgSymbolPicker *picker)
{
    gtk_menu_button_popup(picker->button);
}
