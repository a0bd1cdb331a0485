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
    sg_prefs_set_pair(&prefs, SG_MODE_LIVE, NULL, "SOLUSDT/ADAUSDT");
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
    assert_true(sg_pane_layout_is_shown(&prefs.panes, SG_PANE_PRICE));
    assert_false(sg_pane_layout_is_shown(&prefs.panes, SG_PANE_SCATTER));
    assert_int_equal(prefs.panes.maximized, SG_NO_PANE);
    struct sg_pane_layout panes = prefs.panes;
    sg_pane_layout_show(&panes, SG_PANE_SCATTER, TRUE);
    sg_pane_layout_move(&panes, SG_PANE_SCATTER, -4);
    sg_pane_layout_maximize(&panes, SG_PANE_ZSCORE);
    sg_prefs_set_pair(&prefs, SG_MODE_LIVE, NULL, "SOLUSDT/ADAUSDT");
    sg_prefs_set_interval(&prefs, "15m");
    sg_prefs_set_window(&prefs, 120);
    sg_prefs_set_threshold(&prefs, 2.75);
    sg_prefs_set_size(&prefs, 1000, 700, TRUE);
    sg_prefs_set_panes(&prefs, &panes);
    sg_prefs_set_price_style(&prefs, TRUE, FALSE, TRUE);
    sg_prefs_set_high_contrast(&prefs, TRUE);
    sg_prefs_set_notifications(&prefs, FALSE);
    sg_prefs_set_appearance(&prefs, SG_APPEARANCE_DARK);
    sg_prefs_set_utc(&prefs, TRUE);
    sg_prefs_set_price_mode(&prefs, SG_PRICE_LOG);
    assert_int_equal(prefs.spread_mode, SG_SPREAD_RESIDUAL);
    sg_prefs_set_spread_mode(&prefs, SG_SPREAD_DEVIATION);
    assert_true(prefs.cool_down == 60);
    assert_true(fabs(prefs.stale_after - 60) < 1e-12);
    assert_true(prefs.connect_at_start);
    assert_true(!prefs.sound);
    assert_true(!prefs.hindsight);
    assert_true(prefs.keep_days == 0);
    sg_prefs_set_sound(&prefs, TRUE);
    sg_prefs_set_cool_down(&prefs, 900);
    sg_prefs_set_exit(&prefs, 0.75);
    sg_prefs_set_stale_after(&prefs, 12.5);
    sg_prefs_set_hindsight(&prefs, TRUE);
    sg_prefs_set_connect_at_start(&prefs, FALSE);
    sg_prefs_set_keep_days(&prefs, 90);
    sg_prefs_set_network(&prefs, &(struct sg_network){.endpoint = "wss://localhost:1", .rest = "https://localhost:2", .ca_file = "/roots.pem"});
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
    assert_int_equal(prefs.price_mode, SG_PRICE_LOG);
    assert_int_equal(prefs.spread_mode, SG_SPREAD_DEVIATION);
    assert_int_equal(prefs.panes.place[0].pane, SG_PANE_SCATTER);
    assert_true(prefs.panes.place[0].shown);
    assert_int_equal(prefs.panes.maximized, SG_PANE_ZSCORE);
    assert_true(prefs.candles_a);
    assert_true(!prefs.candles_b);
    assert_true(prefs.volume);
    assert_true(prefs.high_contrast);
    assert_true(!prefs.notifications);
    assert_true(prefs.sound);
    assert_true(prefs.cool_down == 900);
    assert_true(fabs(prefs.exit - 0.75) < 1e-12);
    assert_true(fabs(prefs.stale_after - 12.5) < 1e-12);
    assert_true(prefs.hindsight);
    assert_true(!prefs.connect_at_start);
    assert_true(prefs.keep_days == 90);
    assert_string_equal(prefs.network.endpoint, "wss://localhost:1");
    assert_string_equal(prefs.network.rest, "https://localhost:2");
    assert_string_equal(prefs.network.ca_file, "/roots.pem");
    /* An address longer than any is not cut into another one. */
    g_autofree char *endless = g_strnfill(2000, 'a');
    g_settings_set_string(prefs.settings, "endpoint", endless);
    sg_prefs_free(&prefs);
    sg_prefs_load(&prefs);
    assert_string_equal(prefs.network.endpoint, "");
    /* A size that no screen gives is not remembered. */
    sg_prefs_set_size(&prefs, 0, 0, FALSE);
    assert_int_equal(prefs.width, 1000);
    sg_prefs_free(&prefs);
}

/* What is looked at in one mode is not what another one begins with; a recording's pair is that recording's. */
static void pairs_are_kept_by_mode(void **state)
{
    (void)state;
    struct sg_prefs prefs;
    sg_prefs_load(&prefs);
    assert_null(sg_prefs_pair(&prefs, SG_MODE_REPLAY, "/tmp/one.ndjson"));
    sg_prefs_set_pair(&prefs, SG_MODE_LIVE, NULL, "LIVEA/LIVEB");
    sg_prefs_set_pair(&prefs, SG_MODE_DEMO, NULL, "DEMOA/DEMOB");
    sg_prefs_set_pair(&prefs, SG_MODE_REPLAY, "/tmp/../tmp/one.ndjson", "RECA/RECB");
    sg_prefs_free(&prefs);
    sg_prefs_load(&prefs);
    assert_string_equal(sg_prefs_pair(&prefs, SG_MODE_LIVE, NULL), "LIVEA/LIVEB");
    assert_string_equal(sg_prefs_pair(&prefs, SG_MODE_DEMO, NULL), "DEMOA/DEMOB");
    assert_string_equal(sg_prefs_pair(&prefs, SG_MODE_REPLAY, "/tmp/one.ndjson"), "RECA/RECB");
    assert_null(sg_prefs_pair(&prefs, SG_MODE_REPLAY, "/tmp/other.ndjson"));
    char longer[2000];
    memset(longer, 'a', sizeof longer);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    sg_prefs_set_pair(&prefs, SG_MODE_REPLAY, longer, "X/Y"); /* too long to be kept whole: not kept, and the other one stays */
    assert_null(sg_prefs_pair(&prefs, SG_MODE_REPLAY, longer));
    assert_string_equal(sg_prefs_pair(&prefs, SG_MODE_REPLAY, "/tmp/one.ndjson"), "RECA/RECB");
    sg_prefs_set_pair(&prefs, SG_MODE_LIVE, NULL, "SOLUSDT/ADAUSDT");
    sg_prefs_free(&prefs);
}

static void model_comes_back(void **state)
{
    (void)state;
    struct sg_prefs prefs;
    sg_prefs_load(&prefs);
    assert_string_equal(prefs.hedge, "ols");
    assert_int_equal(prefs.lookback, 0);
    assert_int_equal(prefs.ddof, 1);
    assert_string_equal(prefs.stream, "ticker");
    sg_prefs_set_model(&prefs, &(struct sg_pair_params){.hedge = SG_HEDGE_FIXED, .fixed_beta = -20.5, .lookback = 500, .ddof = 0});
    sg_prefs_set_stream(&prefs, "trade");
    sg_prefs_free(&prefs);
    sg_prefs_load(&prefs);
    assert_string_equal(prefs.hedge, "fixed");
    assert_true(prefs.fixed_beta == -20.5);
    assert_int_equal(prefs.lookback, 500);
    assert_int_equal(prefs.ddof, 0);
    assert_string_equal(prefs.stream, "trade");
    sg_prefs_free(&prefs);
}

static void symbols_are_cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *symbol;
    } cases[] = {{"btcusdt", "BTCUSDT"},
                 {"  ethusdt ", "ETHUSDT"},
                 {"", NULL},
                 {"   ", NULL},
                 {"BTC USDT", NULL},
                 {"BTC/USDT", NULL},
                 {"a?b", NULL},
                 {"x\ty", NULL},
                 {"\xff\xfe", NULL},
                 {"1000satsusdt", "1000SATSUSDT"},
                 {"USDM:ethusdt", "usdm:ETHUSDT"},
                 {" spot:btcusdt", "spot:BTCUSDT"},
                 {"coinm:BTCUSDT", NULL},
                 {"usdm:", NULL},
                 {":BTC", NULL},
                 {"usdm:a:b", NULL},
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_come_back), cmocka_unit_test(symbols_are_cleaned), cmocka_unit_test(pairs_are_kept_by_mode),
                                       cmocka_unit_test(model_comes_back)};
    return cmocka_run_group_tests_name("prefs", tests, NULL, NULL);
}
