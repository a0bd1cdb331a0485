/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: defaults, what is written comes back, what was edited by hand into nonsense does not, and no schema is no disaster. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../src/app/prefs_private.h"
#include "../../../src/app/symbol_picker_private.h"

static void defaults_without_schema(void **state)
{
    (void)state;
    struct sg_prefs prefs;
    sg_prefs_load(&prefs);
    assert_null(prefs.settings);
    assert_string_equal(prefs.pair, "BTCUSDT/ETHUSDT");
    assert_int_equal(prefs.window, 60);
    sg_prefs_set_window(&prefs, 90); /* kept for this run, saved nowhere */
    sg_prefs_set_pair(&prefs, "SOLUSDT/ADAUSDT");
    assert_int_equal(prefs.window, 90);
    assert_string_equal(prefs.pair, "SOLUSDT/ADAUSDT");
    sg_prefs_free(&prefs);
}

static void values_come_back(void **state)
{
    (void)state;
    struct sg_prefs prefs;
    sg_prefs_load(&prefs);
    assert_non_null(prefs.settings);
    assert_int_equal(prefs.width, 1280);
    double sum = 0;
    for (int i = 0; i < SG_PANE_COUNT; i++)
        sum += prefs.pane_fraction[i];
    assert_true(fabs(sum - 1) < 1e-9);

    const double fraction[SG_PANE_COUNT] = {0.4, 0.3, 0.2, 0.1};
    sg_prefs_set_pair(&prefs, "SOLUSDT/ADAUSDT");
    sg_prefs_set_interval(&prefs, "15m");
    sg_prefs_set_window(&prefs, 120);
    sg_prefs_set_threshold(&prefs, 2.75);
    sg_prefs_set_size(&prefs, 1000, 700, TRUE);
    sg_prefs_set_pane_fractions(&prefs, fraction);
    sg_prefs_set_appearance(&prefs, SG_APPEARANCE_DARK);
    sg_prefs_set_utc(&prefs, TRUE);
    sg_prefs_set_price_mode(&prefs, SG_PRICE_ABSOLUTE);
    sg_prefs_free(&prefs);

    sg_prefs_load(&prefs);
    assert_string_equal(prefs.pair, "SOLUSDT/ADAUSDT");
    assert_string_equal(prefs.interval, "15m");
    assert_int_equal(prefs.window, 120);
    assert_true(fabs(prefs.threshold - 2.75) < 1e-12);
    assert_int_equal(prefs.width, 1000);
    assert_int_equal(prefs.height, 700);
    assert_true(prefs.maximized);
    assert_int_equal(prefs.appearance, SG_APPEARANCE_DARK);
    assert_true(prefs.utc);
    assert_int_equal(prefs.price_mode, SG_PRICE_ABSOLUTE);
    for (int i = 0; i < SG_PANE_COUNT; i++)
        assert_true(fabs(prefs.pane_fraction[i] - fraction[i]) < 1e-9);
    /* A size that no screen gives is not remembered. */
    sg_prefs_set_size(&prefs, 0, 0, FALSE);
    assert_int_equal(prefs.width, 1000);
    sg_prefs_free(&prefs);
}

static void bad_fractions_are_refused(void **state)
{
    (void)state;
    static const double bad[][SG_PANE_COUNT] = {{0, 0.3, 0.3, 0.4}, {-1, 1, 0.5, 0.5}, {2, 1, 1, 1}, {(double)NAN, 0.3, 0.3, 0.3}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct sg_prefs prefs;
        sg_prefs_load(&prefs);
        sg_prefs_set_pane_fractions(&prefs, bad[i]);
        sg_prefs_free(&prefs);
        sg_prefs_load(&prefs);
        for (int pane = 0; pane < SG_PANE_COUNT; pane++)
            assert_true(prefs.pane_fraction[pane] > 0.15 && prefs.pane_fraction[pane] < 0.35); /* the defaults */
        sg_prefs_free(&prefs);
    }
}

static void symbols_are_cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *symbol;
    } cases[] = {{"btcusdt", "BTCUSDT"},  {"  ethusdt ", "ETHUSDT"}, {"", NULL},     {"   ", NULL},        {"BTC USDT", NULL},
                 {"BTC/USDT", NULL},      {"a?b", NULL},             {"x\ty", NULL}, {"\xff\xfe", NULL},   {"1000satsusdt", "1000SATSUSDT"},
                 {"\xe5\xb8\x81usdt", "\xe5\xb8\x81USDT"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *symbol = sg_symbol_clean(cases[i].typed);
        if (cases[i].symbol == NULL)
            assert_null(symbol);
        else
            assert_string_equal(symbol, cases[i].symbol);
        g_free(symbol);
    }
    char long_text[200];
    memset(long_text, 'A', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_null(sg_symbol_clean(long_text));
}

int main(void)
{
    const char *build = g_getenv("SG_BINARY_DIR");
    if (build == NULL) {
        g_print("SKIP: SG_BINARY_DIR is not set: run under ctest\n");
        return 77;
    }
    /* A process reads its schemas once: the test without them is a process of its own. */
    g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
    if (g_getenv("SG_TEST_WITHOUT_SCHEMA") != NULL) {
        g_setenv("GSETTINGS_SCHEMA_DIR", "/nonexistent", TRUE);
        g_setenv("XDG_DATA_DIRS", "/nonexistent", TRUE);
        const struct CMUnitTest without[] = {cmocka_unit_test(defaults_without_schema)};
        return cmocka_run_group_tests_name("without the schema", without, NULL, NULL);
    }
    g_setenv("SG_TEST_WITHOUT_SCHEMA", "1", TRUE);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    const char *again[] = {self, NULL};
    int status = 1;
    if (!g_spawn_sync(NULL, (char **)again, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL) || status != 0)
        return 1;
    g_unsetenv("SG_TEST_WITHOUT_SCHEMA");
    g_autofree char *schemas = g_build_filename(build, "schemas", NULL);
    g_setenv("GSETTINGS_SCHEMA_DIR", schemas, TRUE);
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_come_back), cmocka_unit_test(bad_fractions_are_refused),
                                       cmocka_unit_test(symbols_are_cleaned)};
    return cmocka_run_group_tests_name("prefs", tests, NULL, NULL);
}
