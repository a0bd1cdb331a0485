/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prefs_private.h"

#include <string.h>
#include "spreadglass/engine/model_text.h"

void sg_prefs_find_schema(void)
{
    if (g_getenv("GSETTINGS_SCHEMA_DIR") != NULL)
        return;
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    if (program == NULL)
        return;
    g_autofree char *folder = g_path_get_dirname(program);
    g_autofree char *schemas = g_build_filename(folder, "schemas", NULL);
    g_autofree char *compiled = g_build_filename(schemas, "gschemas.compiled", NULL);
    if (g_file_test(compiled, G_FILE_TEST_IS_REGULAR))
        g_setenv("GSETTINGS_SCHEMA_DIR", schemas, FALSE);
}

/* GSettings aborts on a schema that is missing, and on a key that an older installed schema does not have. */
static GSettings *open_settings(void)
{
    static const char *const keys[] = {"pair",      "interval",       "window-length", "threshold",     "width",      "height",         "maximized",
                                       "panes",     "maximized-pane", "appearance",    "utc",           "price-mode", "spread-mode",    "notifications",
                                       "candles-a", "candles-b",      "volume",        "high-contrast", "sound",      "cool-down",      "exit-threshold",
                                       "hold",      "supported-only", "muted",         "stale-after",   "hindsight",  "scatter-square", "connect-at-start",
                                       "endpoint",  "rest-endpoint",  "ca-file",       "keep-days",     "hedge",      "fixed-beta",     "lookback",
                                       "ddof",      "stream",         "demo-pair",     "replay-pair",   "replay-file"};
    GSettingsSchemaSource *source = g_settings_schema_source_get_default();
    if (source == NULL)
        return NULL;
    g_autoptr(GSettingsSchema) schema = g_settings_schema_source_lookup(source, SG_APP_ID, TRUE);
    if (schema == NULL)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (!g_settings_schema_has_key(schema, keys[i]))
            return NULL;
    return g_settings_new_full(schema, NULL, NULL);
}

static void load_string(struct sg_prefs *prefs, const char *key, char *place, size_t size)
{
    g_autofree char *text = g_settings_get_string(prefs->settings, key);
    if (strlen(text) < size) /* a longer one was not written by us, and half of it is another address */
        g_strlcpy(place, text, size);
}

static void load_panes(struct sg_prefs *prefs)
{
    g_autoptr(GVariant) saved = g_settings_get_value(prefs->settings, "panes");
    g_autofree char *maximized = g_settings_get_string(prefs->settings, "maximized-pane");
    sg_pane_layout_load(&prefs->panes, saved, maximized);
}

void sg_prefs_load(struct sg_prefs *prefs)
{
    *prefs = (struct sg_prefs){
        .pair = "BTCUSDT/ETHUSDT",
        .demo_pair = "BTCUSDT/ETHUSDT",
        .interval = "1s",
        .window = 60,
        .threshold = 2,
        .width = 1280,
        .height = 800,
        .price_mode = SG_PRICE_PERCENT,
        .notifications = TRUE,
        .cool_down = 60,
        .hold = 1,
        .stale_after = 60,
        .hedge = "ols",
        .fixed_beta = 1,
        .ddof = 1,
        .stream = "ticker",
        .scatter_square = TRUE,
        .connect_at_start = TRUE,
    };
    sg_pane_layout_init(&prefs->panes);
    prefs->settings = open_settings();
    if (prefs->settings == NULL) {
        g_debug("the settings schema is not installed: starting with defaults, nothing will be saved");
        return;
    }
    g_autofree char *pair = g_settings_get_string(prefs->settings, "pair");
    g_autofree char *interval = g_settings_get_string(prefs->settings, "interval");
    g_strlcpy(prefs->pair, pair, sizeof prefs->pair);
    g_strlcpy(prefs->interval, interval, sizeof prefs->interval);
    prefs->window = g_settings_get_uint(prefs->settings, "window-length");
    prefs->threshold = g_settings_get_double(prefs->settings, "threshold");
    prefs->width = g_settings_get_int(prefs->settings, "width");
    prefs->height = g_settings_get_int(prefs->settings, "height");
    prefs->maximized = g_settings_get_boolean(prefs->settings, "maximized");
    prefs->appearance = (enum sg_appearance_mode)g_settings_get_enum(prefs->settings, "appearance");
    prefs->utc = g_settings_get_boolean(prefs->settings, "utc");
    prefs->price_mode = (enum sg_price_mode)g_settings_get_enum(prefs->settings, "price-mode");
    prefs->spread_mode = (enum sg_spread_mode)g_settings_get_enum(prefs->settings, "spread-mode");
    prefs->notifications = g_settings_get_boolean(prefs->settings, "notifications");
    prefs->candles_a = g_settings_get_boolean(prefs->settings, "candles-a");
    prefs->candles_b = g_settings_get_boolean(prefs->settings, "candles-b");
    prefs->volume = g_settings_get_boolean(prefs->settings, "volume");
    prefs->high_contrast = g_settings_get_boolean(prefs->settings, "high-contrast");
    prefs->sound = g_settings_get_boolean(prefs->settings, "sound");
    prefs->cool_down = g_settings_get_uint(prefs->settings, "cool-down");
    prefs->exit = g_settings_get_double(prefs->settings, "exit-threshold");
    prefs->supported_only = g_settings_get_boolean(prefs->settings, "supported-only");
    prefs->muted = g_settings_get_value(prefs->settings, "muted");
    prefs->hold = g_settings_get_uint(prefs->settings, "hold");
    prefs->stale_after = g_settings_get_double(prefs->settings, "stale-after");
    load_string(prefs, "demo-pair", prefs->demo_pair, sizeof prefs->demo_pair);
    load_string(prefs, "replay-pair", prefs->replay_pair, sizeof prefs->replay_pair);
    load_string(prefs, "replay-file", prefs->replay_file, sizeof prefs->replay_file);
    load_string(prefs, "hedge", prefs->hedge, sizeof prefs->hedge);
    load_string(prefs, "stream", prefs->stream, sizeof prefs->stream);
    prefs->fixed_beta = g_settings_get_double(prefs->settings, "fixed-beta");
    prefs->lookback = g_settings_get_uint(prefs->settings, "lookback");
    prefs->ddof = g_settings_get_uint(prefs->settings, "ddof");
    prefs->hindsight = g_settings_get_boolean(prefs->settings, "hindsight");
    prefs->scatter_square = g_settings_get_boolean(prefs->settings, "scatter-square");
    prefs->connect_at_start = g_settings_get_boolean(prefs->settings, "connect-at-start");
    prefs->keep_days = g_settings_get_uint(prefs->settings, "keep-days");
    load_string(prefs, "endpoint", prefs->network.endpoint, sizeof prefs->network.endpoint);
    load_string(prefs, "rest-endpoint", prefs->network.rest, sizeof prefs->network.rest);
    load_string(prefs, "ca-file", prefs->network.ca_file, sizeof prefs->network.ca_file);
    load_panes(prefs);
}

void sg_prefs_free(struct sg_prefs *prefs)
{
    if (prefs->settings != NULL)
        g_settings_sync(); /* the backends write from an idle of their own, which would not run any more */
    g_clear_object(&prefs->settings);
    g_clear_pointer(&prefs->muted, g_variant_unref);
}

static void set_string(struct sg_prefs *prefs, const char *key, char *place, gsize size, const char *text)
{
    if (strcmp(place, text) == 0)
        return;
    g_strlcpy(place, text, size);
    if (prefs->settings != NULL)
        g_settings_set_string(prefs->settings, key, text);
}

static char *whole_path(const char *file)
{
    return file != NULL ? g_canonicalize_filename(file, NULL) : g_strdup("");
}

const char *sg_prefs_pair(const struct sg_prefs *prefs, enum sg_mode mode, const char *file)
{
    g_autofree char *path = whole_path(file);
    if (mode == SG_MODE_REPLAY)
        return prefs->replay_pair[0] != '\0' && strcmp(path, prefs->replay_file) == 0 ? prefs->replay_pair : NULL;
    return mode == SG_MODE_DEMO ? prefs->demo_pair : prefs->pair;
}

void sg_prefs_set_pair(struct sg_prefs *prefs, enum sg_mode mode, const char *file, const char *pair)
{
    if (mode == SG_MODE_LIVE) {
        set_string(prefs, "pair", prefs->pair, sizeof prefs->pair, pair);
    } else if (mode == SG_MODE_DEMO) {
        set_string(prefs, "demo-pair", prefs->demo_pair, sizeof prefs->demo_pair, pair);
    } else {
        g_autofree char *path = whole_path(file);
        if (strlen(path) >= sizeof prefs->replay_file) /* half of it would be another file */
            return;
        set_string(prefs, "replay-file", prefs->replay_file, sizeof prefs->replay_file, path);
        set_string(prefs, "replay-pair", prefs->replay_pair, sizeof prefs->replay_pair, pair);
    }
}

void sg_prefs_set_interval(struct sg_prefs *prefs, const char *interval)
{
    set_string(prefs, "interval", prefs->interval, sizeof prefs->interval, interval);
}

void sg_prefs_set_window(struct sg_prefs *prefs, guint window)
{
    prefs->window = window;
    if (prefs->settings != NULL)
        g_settings_set_uint(prefs->settings, "window-length", window);
}

void sg_prefs_set_threshold(struct sg_prefs *prefs, double threshold)
{
    prefs->threshold = threshold;
    if (prefs->settings != NULL)
        g_settings_set_double(prefs->settings, "threshold", threshold);
}

void sg_prefs_set_size(struct sg_prefs *prefs, int width, int height, gboolean maximized)
{
    prefs->maximized = maximized;
    if (width >= 640 && height >= 480) {
        prefs->width = width;
        prefs->height = height;
    }
    if (prefs->settings == NULL)
        return;
    g_settings_set_boolean(prefs->settings, "maximized", maximized);
    g_settings_set_int(prefs->settings, "width", prefs->width);
    g_settings_set_int(prefs->settings, "height", prefs->height);
}

void sg_prefs_set_panes(struct sg_prefs *prefs, const struct sg_pane_layout *panes)
{
    prefs->panes = *panes;
    if (prefs->settings == NULL)
        return;
    g_settings_set_value(prefs->settings, "panes", sg_pane_layout_save(panes));
    g_settings_set_string(prefs->settings, "maximized-pane", panes->maximized == SG_NO_PANE ? "" : sg_pane_name((enum sg_pane)panes->maximized));
}

static void set_boolean(struct sg_prefs *prefs, const char *key, gboolean *place, gboolean value)
{
    *place = value;
    if (prefs->settings != NULL)
        g_settings_set_boolean(prefs->settings, key, value);
}

void sg_prefs_set_price_style(struct sg_prefs *prefs, gboolean candles_a, gboolean candles_b, gboolean volume)
{
    set_boolean(prefs, "candles-a", &prefs->candles_a, candles_a);
    set_boolean(prefs, "candles-b", &prefs->candles_b, candles_b);
    set_boolean(prefs, "volume", &prefs->volume, volume);
}

void sg_prefs_set_high_contrast(struct sg_prefs *prefs, gboolean high_contrast)
{
    set_boolean(prefs, "high-contrast", &prefs->high_contrast, high_contrast);
}

void sg_prefs_set_notifications(struct sg_prefs *prefs, gboolean notifications)
{
    set_boolean(prefs, "notifications", &prefs->notifications, notifications);
}

void sg_prefs_set_appearance(struct sg_prefs *prefs, enum sg_appearance_mode mode)
{
    prefs->appearance = mode;
    if (prefs->settings != NULL)
        g_settings_set_enum(prefs->settings, "appearance", (int)mode);
}

void sg_prefs_set_utc(struct sg_prefs *prefs, gboolean utc)
{
    set_boolean(prefs, "utc", &prefs->utc, utc);
}

void sg_prefs_set_price_mode(struct sg_prefs *prefs, enum sg_price_mode mode)
{
    prefs->price_mode = mode;
    if (prefs->settings != NULL)
        g_settings_set_enum(prefs->settings, "price-mode", (int)mode);
}

void sg_prefs_set_spread_mode(struct sg_prefs *prefs, enum sg_spread_mode mode)
{
    prefs->spread_mode = mode;
    if (prefs->settings != NULL)
        g_settings_set_enum(prefs->settings, "spread-mode", (int)mode);
}

void sg_prefs_set_sound(struct sg_prefs *prefs, gboolean sound)
{
    set_boolean(prefs, "sound", &prefs->sound, sound);
}

void sg_prefs_set_hindsight(struct sg_prefs *prefs, gboolean hindsight)
{
    set_boolean(prefs, "hindsight", &prefs->hindsight, hindsight);
}

void sg_prefs_set_scatter_square(struct sg_prefs *prefs, gboolean square)
{
    set_boolean(prefs, "scatter-square", &prefs->scatter_square, square);
}

void sg_prefs_set_connect_at_start(struct sg_prefs *prefs, gboolean connect)
{
    set_boolean(prefs, "connect-at-start", &prefs->connect_at_start, connect);
}

void sg_prefs_set_cool_down(struct sg_prefs *prefs, guint seconds)
{
    prefs->cool_down = seconds;
    if (prefs->settings != NULL)
        g_settings_set_uint(prefs->settings, "cool-down", seconds);
}

void sg_prefs_set_exit(struct sg_prefs *prefs, double exit)
{
    prefs->exit = exit;
    if (prefs->settings != NULL)
        g_settings_set_double(prefs->settings, "exit-threshold", exit);
}

void sg_prefs_set_supported_only(struct sg_prefs *prefs, gboolean supported_only)
{
    set_boolean(prefs, "supported-only", &prefs->supported_only, supported_only);
}

gint64 sg_prefs_muted_until(const struct sg_prefs *prefs, const char *pair)
{
    gint64 until_ms = 0;
    if (prefs->muted != NULL)
        g_variant_lookup(prefs->muted, pair, "x", &until_ms);
    return until_ms;
}

void sg_prefs_set_muted(struct sg_prefs *prefs, const char *pair, gint64 until_ms)
{
    GVariantBuilder builder;
    GVariantIter iter;
    const char *key;
    gint64 until, now_ms = g_get_real_time() / 1000;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sx}"));
    if (prefs->muted != NULL) {
        g_variant_iter_init(&iter, prefs->muted);
        while (g_variant_iter_next(&iter, "{&sx}", &key, &until))
            if (until > now_ms && strcmp(key, pair) != 0)
                g_variant_builder_add(&builder, "{sx}", key, until);
    }
    if (until_ms > now_ms)
        g_variant_builder_add(&builder, "{sx}", pair, until_ms);
    GVariant *muted = g_variant_ref_sink(g_variant_builder_end(&builder));
    g_clear_pointer(&prefs->muted, g_variant_unref);
    prefs->muted = muted;
    if (prefs->settings != NULL)
        g_settings_set_value(prefs->settings, "muted", muted);
}

void sg_prefs_set_hold(struct sg_prefs *prefs, guint closes)
{
    prefs->hold = closes;
    if (prefs->settings != NULL)
        g_settings_set_uint(prefs->settings, "hold", closes);
}

void sg_prefs_set_stale_after(struct sg_prefs *prefs, double seconds)
{
    prefs->stale_after = seconds;
    if (prefs->settings != NULL)
        g_settings_set_double(prefs->settings, "stale-after", seconds);
}

void sg_prefs_set_network(struct sg_prefs *prefs, const struct sg_network *network)
{
    prefs->network = *network;
    if (prefs->settings == NULL)
        return;
    g_settings_set_string(prefs->settings, "endpoint", network->endpoint);
    g_settings_set_string(prefs->settings, "rest-endpoint", network->rest);
    g_settings_set_string(prefs->settings, "ca-file", network->ca_file);
}

void sg_prefs_set_model(struct sg_prefs *prefs, const struct sg_pair_params *params)
{
    g_strlcpy(prefs->hedge, sg_hedge_word(params->hedge), sizeof prefs->hedge);
    prefs->fixed_beta = params->fixed_beta;
    prefs->lookback = (guint)params->lookback;
    prefs->ddof = (guint)params->ddof;
    if (prefs->settings == NULL)
        return;
    g_settings_set_string(prefs->settings, "hedge", prefs->hedge);
    g_settings_set_double(prefs->settings, "fixed-beta", prefs->fixed_beta);
    g_settings_set_uint(prefs->settings, "lookback", prefs->lookback);
    g_settings_set_uint(prefs->settings, "ddof", prefs->ddof);
}

void sg_prefs_set_stream(struct sg_prefs *prefs, const char *stream)
{
    g_strlcpy(prefs->stream, stream, sizeof prefs->stream);
    if (prefs->settings != NULL)
        g_settings_set_string(prefs->settings, "stream", stream);
}

void sg_prefs_set_keep_days(struct sg_prefs *prefs, guint days)
{
    prefs->keep_days = days;
    if (prefs->settings != NULL)
        g_settings_set_uint(prefs->settings, "keep-days", days);
}
