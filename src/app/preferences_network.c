/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed and not chosen: the pair, the addresses, the roots. Nothing is taken before it is asked for, and what is refused stays in
 * its field with the reason under it. */
#include "preferences_private.h"

#include <string.h>

/* ---- the pair ---- */

struct pair_row {
    SgWindow *window;
    GtkWidget *entry, *word;
};

static void on_pair(GtkEntry *entry, struct pair_row *row)
{
    struct sg_app *app = row->window->app;
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_error reason = {0};
    g_autoptr(GError) error = NULL;
    if (sg_pair_parse(gtk_editable_get_text(GTK_EDITABLE(entry)), app->config->session.legs[SG_LEG_A].market, legs, &reason) != SG_OK) {
        sg_pref_say(row->word, reason.text, TRUE);
        return;
    }
    g_autofree char *a = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_A].market), legs[SG_LEG_A].symbol);
    g_autofree char *b = g_strdup_printf("%s:%s", sg_market_name(legs[SG_LEG_B].market), legs[SG_LEG_B].symbol);
    if (!sg_app_set_pair(app, a, b, &error)) {
        sg_pref_say(row->word, error->message, TRUE);
        return;
    }
    sg_pref_say(row->word, "", FALSE);
    sg_window_update(row->window);
}

void sg_pref_add_pair(SgWindow *window, GtkWidget *list)
{
    struct pair_row *row = g_new0(struct pair_row, 1);
    char pair[SG_PAIR_BUF];
    sg_pair_format(window->app->now.legs, window->app->config->session.legs[SG_LEG_A].market, pair);
    row->window = window;
    row->entry = sg_pref_entry(pair, "BTCUSDT/ETHUSDT");
    sg_pref_row(list, "Pair", "Enter takes it. A leg may name its market: BTCUSDT/usdm:BTCUSDT", row->entry);
    row->word = sg_pref_word(list);
    g_object_set_data_full(G_OBJECT(row->entry), "sg-row", row, g_free);
    g_signal_connect(row->entry, "activate", G_CALLBACK(on_pair), row);
}

/* ---- the network ---- */

struct network_rows {
    SgWindow *window;
    GtkWidget *endpoint, *rest, *ca_file, *apply, *word;
};

static const char *take(GtkWidget *entry, char *place, size_t size)
{
    g_autofree char *text = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(entry))));
    if (strlen(text) >= size)
        return "That address is too long.";
    g_strlcpy(place, text, size);
    return NULL;
}

static void apply(struct network_rows *rows)
{
    struct sg_app *app = rows->window->app;
    struct sg_network network = {{0}, {0}, {0}};
    const char *wrong = take(rows->endpoint, network.endpoint, sizeof network.endpoint);
    wrong = wrong != NULL ? wrong : take(rows->rest, network.rest, sizeof network.rest);
    wrong = wrong != NULL ? wrong : take(rows->ca_file, network.ca_file, sizeof network.ca_file);
    if (wrong == NULL && network.rest[0] != '\0' && network.endpoint[0] == '\0')
        wrong = "A REST address alone would mix two markets: name the address of its streams too.";
    if (wrong != NULL) {
        sg_pref_say(rows->word, wrong, TRUE);
        return;
    }
    g_autoptr(GError) error = NULL;
    if (!sg_app_set_network(app, &network, &error)) {
        sg_pref_say(rows->word, error->message, TRUE);
        return;
    }
    sg_pref_say(rows->word,
                app->now.demo || app->now.source != SG_SOURCE_BINANCE ? "Saved for the next connection to the network."
                : network.endpoint[0] != '\0'                         ? "Saved. History of another exchange is not kept on disk."
                                                                      : "Saved.",
                FALSE);
}

static void on_apply(GtkWidget *widget, struct network_rows *rows)
{
    (void)widget;
    apply(rows);
}

/* What this process was started with; the feed says the same when it is asked to connect. */
static char *proxy_words(void)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *proxy = g_getenv(names[i]);
        if (proxy != NULL && proxy[0] != '\0')
            return g_strdup_printf("%s asks for one. Spreadglass connects directly only: unset it, or name the host in no_proxy", names[i]);
    }
    return g_strdup("None: connected directly");
}

void sg_pref_add_network(SgWindow *window, GtkWidget *page)
{
    struct network_rows *rows = g_new0(struct network_rows, 1);
    const struct sg_network *saved = &window->app->prefs.network;
    const struct sg_session_config *given = &window->app->config->session;
    gboolean fixed = sg_app_network_given(window->app);
    rows->window = window;
    GtkWidget *list = sg_pref_group(page, "Network");
    rows->endpoint = sg_pref_entry(fixed ? given->ws_url != NULL ? given->ws_url : "" : saved->endpoint, "Binance\u2019s own");
    rows->rest = sg_pref_entry(fixed ? given->rest_url != NULL ? given->rest_url : "" : saved->rest, "Binance\u2019s own");
    rows->ca_file = sg_pref_entry(fixed ? given->ca_file != NULL ? given->ca_file : "" : saved->ca_file, "The system\u2019s");
    sg_pref_row(list, "Stream address", "wss://host:port, for another exchange that speaks Binance\u2019s protocol", rows->endpoint);
    sg_pref_row(list, "REST address", "https://host:port, for its history and list of symbols", rows->rest);
    sg_pref_row(list, "Trusted authorities", "A PEM file instead of the system\u2019s. The check itself cannot be switched off", rows->ca_file);
    g_autofree char *proxy = proxy_words();
    GtkWidget *nothing = gtk_label_new("");
    sg_pref_row(list, "Proxy", proxy, nothing);
    rows->apply = gtk_button_new_with_label("Apply");
    sg_pref_row(list, "Use these", fixed ? "The command line says it for this run" : "Connects anew", rows->apply);
    gtk_accessible_update_property(GTK_ACCESSIBLE(rows->apply), GTK_ACCESSIBLE_PROPERTY_LABEL, "Apply network settings", -1);
    rows->word = sg_pref_word(list);
    g_object_set_data_full(G_OBJECT(list), "sg-rows", rows, g_free);
    GtkWidget *all[] = {rows->endpoint, rows->rest, rows->ca_file, rows->apply};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        gtk_widget_set_sensitive(all[i], !fixed);
        g_signal_connect(all[i], all[i] == rows->apply ? "clicked" : "activate", G_CALLBACK(on_apply), rows);
    }
}
