/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prefs_private.h"

#include <string.h>

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
    static const char *const keys[] = {"pair",      "interval",       "window-length", "threshold", "width",      "height",
                                       "maximized", "pane-fractions", "appearance",    "utc",       "price-mode", "notifications"};
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

/* Four positive shares that add up to one, or nothing: the value may come from a hand-edited file. */
static void load_fractions(struct sg_prefs *prefs)
{
    g_autoptr(GVariant) value = g_settings_get_value(prefs->settings, "pane-fractions");
    gsize count = 0;
    const double *saved = g_variant_get_fixed_array(value, &count, sizeof(double));
    if (count != SG_PANE_COUNT)
        return;
    double sum = 0;
    for (gsize i = 0; i < count; i++) {
        if (!(saved[i] > 0.01 && saved[i] < 1))
            return;
        sum += saved[i];
    }
    for (gsize i = 0; i < count; i++)
        prefs->pane_fraction[i] = saved[i] / sum;
}

void sg_prefs_load(struct sg_prefs *prefs)
{
    *prefs = (struct sg_prefs){
        .pair = "BTCUSDT/ETHUSDT",
        .interval = "1s",
        .window = 60,
        .threshold = 2,
        .width = 1280,
        .height = 800,
        .pane_fraction = {0.30, 0.21, 0.29, 0.20},
        .price_mode = SG_PRICE_PERCENT,
        .notifications = TRUE,
    };
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
    prefs->notifications = g_settings_get_boolean(prefs->settings, "notifications");
    load_fractions(prefs);
}

void sg_prefs_free(struct sg_prefs *prefs)
{
    if (prefs->settings != NULL)
        g_settings_sync(); /* the backends write from an idle of their own, which would not run any more */
    g_clear_object(&prefs->settings);
}

void sg_prefs_set_pair(struct sg_prefs *prefs, const char *pair)
{
    if (strcmp(prefs->pair, pair) == 0)
        return;
    g_strlcpy(prefs->pair, pair, sizeof prefs->pair);
    if (prefs->settings != NULL)
        g_settings_set_string(prefs->settings, "pair", pair);
}

void sg_prefs_set_interval(struct sg_prefs *prefs, const char *interval)
{
    if (strcmp(prefs->interval, interval) == 0)
        return;
    g_strlcpy(prefs->interval, interval, sizeof prefs->interval);
    if (prefs->settings != NULL)
        g_settings_set_string(prefs->settings, "interval", interval);
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

void sg_prefs_set_pane_fractions(struct sg_prefs *prefs, const double fraction[static SG_PANE_COUNT])
{
    memcpy(prefs->pane_fraction, fraction, sizeof prefs->pane_fraction);
    if (prefs->settings != NULL)
        g_settings_set_value(prefs->settings, "pane-fractions",
                             g_variant_new_fixed_array(G_VARIANT_TYPE_DOUBLE, fraction, SG_PANE_COUNT, sizeof(double)));
}

void sg_prefs_set_appearance(struct sg_prefs *prefs, enum sg_appearance_mode mode)
{
    prefs->appearance = mode;
    if (prefs->settings != NULL)
        g_settings_set_enum(prefs->settings, "appearance", (int)mode);
}

void sg_prefs_set_utc(struct sg_prefs *prefs, gboolean utc)
{
    prefs->utc = utc;
    if (prefs->settings != NULL)
        g_settings_set_boolean(prefs->settings, "utc", utc);
}

void sg_prefs_set_price_mode(struct sg_prefs *prefs, enum sg_price_mode mode)
{
    prefs->price_mode = mode;
    if (prefs->settings != NULL)
        g_settings_set_enum(prefs->settings, "price-mode", (int)mode);
}
