/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentence of an alert: who is dear, what z is, how long, and how well the relation is supported; it claims nothing that was not so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/engine/alert_text.h"

#define SECOND INT64_C(1000000)
#define SINCE (INT64_C(1723161255) * SECOND)

static const struct sg_instrument legs[] = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}};
static const struct sg_adf_result test = {.p_value = 0.1432, .have = 500, .need = 100};
static const struct sg_verdict_input relation = {.engle_granger = &test, .reverse = &test};
static struct sg_pair_params params;
static struct sg_alert alert;
static struct sg_alert_scene scene;

static int start(void **state)
{
    (void)state;
    sg_pair_params_default(&params);
    alert = (struct sg_alert){
        .side = SG_SIGNAL_OVERBOUGHT, .beyond = SG_SIGNAL_OVERBOUGHT, .zscore = 2.314, .peak = 2.314, .since_us = SINCE, .closes = 40, .held = 41};
    scene =
        (struct sg_alert_scene){.alert = &alert, .params = &params, .legs = legs, .relation = &relation, .interval_us = SECOND, .now_us = SINCE + 41 * SECOND};
    return 0;
}

static void expect(const char *words)
{
    char text[SG_ALERT_TEXT_MAX];
    assert_int_equal(sg_alert_text(&scene, text, sizeof text), strlen(words));
    assert_string_equal(text, words);
}

static void test_beyond_the_threshold(void **state)
{
    (void)state;
    expect("BTCUSDT is dear against ETHUSDT: z +2.31 above +2.0 for 40 s \u00b7 relation: not significant (p 0.143) (z at close)");
    alert.side = SG_SIGNAL_OVERSOLD;
    alert.zscore = -2.5;
    params.entry = 2.25;
    expect("BTCUSDT is cheap against ETHUSDT: z \u22122.50 below \u22122.25 for 40 s \u00b7 relation: not significant (p 0.143) (z at close)");
    alert.held = 3; /* not at every close since */
    scene.now_us = SINCE + 161 * SECOND;
    expect("BTCUSDT is cheap against ETHUSDT: z \u22122.50 again below \u22122.25, for 3 min \u00b7 relation: not significant (p 0.143) (z at close)");
    scene.relation = NULL;
    scene.now_us = SINCE; /* a clock that is behind the close */
    expect("BTCUSDT is cheap against ETHUSDT: z \u22122.50 again below \u22122.25, for 0 s (z at close)");
}

static void test_on_its_way_back(void **state)
{
    (void)state;
    alert.zscore = 1.7;
    expect("BTCUSDT is dear against ETHUSDT: z +1.70 still above +1.5, for 40 s \u00b7 relation: not significant (p 0.143) (z at close)");
    alert.zscore = 1.32;
    scene.now_us = SINCE + 3 * SECOND;
    expect("BTCUSDT is dear against ETHUSDT: z +1.32 back below +1.5 after 2 s \u00b7 relation: not significant (p 0.143) (z at close)");
    alert.side = SG_SIGNAL_OVERSOLD;
    alert.zscore = 0.004;
    expect("BTCUSDT is cheap against ETHUSDT: z +0.00 back above \u22121.5 after 2 s \u00b7 relation: not significant (p 0.143) (z at close)");
}

static void test_names_and_levels(void **state)
{
    (void)state;
    static const struct sg_instrument nameless[SG_LEG_COUNT] = {{.symbol = ""}, {.symbol = ""}};
    static const struct sg_instrument markets[] = {{.symbol = "BTCUSDT"}, {.symbol = "BTCUSDT", .market = SG_MARKET_USDM}};
    char text[160], level[SG_DECIMAL_BUF];
    sg_alert_subject(nameless, SG_SIGNAL_OVERSOLD, true, text, sizeof text);
    assert_string_equal(text, "A is no longer cheap against B");
    sg_alert_subject(markets, SG_SIGNAL_OVERBOUGHT, false, text, sizeof text);
    assert_string_equal(text, "spot:BTCUSDT is dear against usdm:BTCUSDT");
    assert_int_equal(sg_alert_subject(markets, SG_SIGNAL_OVERBOUGHT, false, text, 10), 9);
    assert_string_equal(text, "spot:BTCU");
    assert_string_equal(sg_alert_level(2, level), "+2.0");
    assert_string_equal(sg_alert_level(0.75 * 2.3, level), "+1.725");
    assert_string_equal(sg_alert_level(-0.75 * 0.3, level), "\u22120.225");
    assert_string_equal(sg_alert_level(10, level), "+10.0");
    assert_string_equal(sg_alert_level(1.25, level), "+1.25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_beyond_the_threshold, start), cmocka_unit_test_setup(test_on_its_way_back, start),
                                       cmocka_unit_test_setup(test_names_and_levels, start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
