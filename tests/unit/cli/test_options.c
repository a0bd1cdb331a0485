/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table: defaults of src/cli/CLI.md, both spellings, ranges, groups. The messages are tested from outside
 * (tests/integration/test_bad_input.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "spreadglass/cli/options.h"

static const struct sg_verb *verb_named(const char *name)
{
    for (const struct sg_verb *verb = sg_verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

static int parse(const char *verb, struct sg_options *options, char **arguments)
{
    int count = 0;
    while (arguments[count] != NULL)
        count++;
    return sg_options_parse(verb != NULL ? verb_named(verb) : NULL, count, arguments, 0, options);
}
#define PARSE(verb, options, ...) parse(verb, options, (char *[]){__VA_ARGS__, NULL})

static void test_defaults(void **state)
{
    (void)state;
    struct sg_options o;
    assert_int_equal(parse(NULL, &o, (char *[]){NULL}), -1);
    assert_string_equal(o.legs[0].symbol, "BTCUSDT");
    assert_string_equal(o.legs[1].symbol, "ETHUSDT");
    assert_int_equal(o.market, SG_MARKET_SPOT);
    assert_int_equal(o.stream, SG_STREAM_TICKER);
    assert_int_equal(o.interval, SG_INTERVAL_1S);
    assert_int_equal(o.params.window, 60);
    assert_int_equal(o.params.lookback, SG_LOOKBACK_ALL);
    assert_int_equal(o.params.hedge, SG_HEDGE_OLS);
    assert_true(o.params.entry == 2.0);
    assert_true(o.params.exit == 1.5);
    assert_false(o.pair_given);
    assert_false(o.interval_given);
    assert_false(o.window_given);
    assert_false(o.entry_given);
    assert_false(o.demo);
}

static void test_what_the_spread_pane_draws(void **state)
{
    (void)state;
    struct sg_options o;
    assert_int_equal(PARSE("render", &o, "--demo", "--output", "x.png"), -1);
    assert_int_equal(o.spread_mode, 0);
    assert_int_equal(PARSE("render", &o, "--demo", "--output", "x.png", "--spread", "level"), -1);
    assert_int_equal(o.spread_mode, 1);
    assert_int_equal(PARSE("render", &o, "--demo", "--output", "x.png", "--spread=deviation"), -1);
    assert_int_equal(o.spread_mode, 2);
    assert_int_equal(PARSE("render", &o, "--demo", "--output", "x.png", "--spread", "mean"), SG_EXIT_USAGE);
}

static void test_both_spellings_and_values(void **state)
{
    (void)state;
    struct sg_options o;
    assert_int_equal(PARSE("watch", &o, "--pair=solusdt/ETHUSDT", "--market", "usdm", "--interval", "5m", "--window=120", "--entry", "1.5",
                           "--hedge=fixed:-20.5", "--format=json", "--bars", "7", "--duration=2.5"),
                     -1);
    assert_string_equal(o.legs[0].symbol, "SOLUSDT");
    assert_int_equal(o.legs[0].market, SG_MARKET_USDM);
    assert_int_equal(o.interval, SG_INTERVAL_5M);
    assert_int_equal(o.params.window, 120);
    assert_true(o.params.entry == 1.5);
    assert_true(o.params.exit == 1.125);
    assert_int_equal(o.params.hedge, SG_HEDGE_FIXED);
    assert_true(o.params.fixed_beta == -20.5);
    assert_int_equal(o.format, SG_FORMAT_JSON);
    assert_int_equal(o.bars, 7);
    assert_true(o.duration_s == 2.5);
    assert_true(o.pair_given);
    assert_true(o.interval_given);
    assert_true(o.window_given);
    assert_true(o.entry_given);
    /* A leg that names its market keeps it, whichever option comes first. */
    assert_int_equal(PARSE("watch", &o, "--pair", "spot:BTCUSDT/BTCUSDT", "--market", "usdm"), -1);
    assert_int_equal(o.legs[0].market, SG_MARKET_SPOT);
    assert_int_equal(o.legs[1].market, SG_MARKET_USDM);
    assert_int_equal(PARSE("watch", &o, "--market", "usdm", "--pair", "spot:BTCUSDT/BTCUSDT"), -1);
    assert_int_equal(o.legs[0].market, SG_MARKET_SPOT);
    assert_int_equal(o.legs[1].market, SG_MARKET_USDM);
    assert_int_equal(PARSE("watch", &o, "--market", "usdm"), -1);
    assert_int_equal(o.legs[0].market, SG_MARKET_USDM);
    assert_int_equal(PARSE("watch", &o, "--exit", "0.5"), -1);
    assert_true(o.params.exit == 0.5);
    assert_int_equal(o.params.hold, 1);
    assert_int_equal(PARSE("watch", &o, "--exit", "2", "--hold=4"), -1); /* in any order, and equal to the threshold: the plain rule */
    assert_true(o.params.exit == 2.0);
    assert_int_equal(o.params.hold, 4);
    assert_true(o.hold_given);
    assert_int_equal(PARSE("render", &o, "a.csv", "--", "--odd-name.csv"), -1);
    assert_int_equal(o.file_count, 2);
    assert_string_equal(o.files[1], "--odd-name.csv");
    assert_int_equal(PARSE("exchange", &o, "--recording", "x", "--recording=y", "--rate=max"), -1);
    assert_int_equal(o.recording_count, 2);
    assert_true(o.rate == 0.0);
}

static void test_refusals_leave_the_options_alone(void **state)
{
    (void)state;
    struct sg_options o;
    memset(&o, 0x5a, sizeof o);
    struct sg_options untouched = o;
    assert_non_null(freopen("/dev/null", "w", stderr));
    assert_int_equal(PARSE("watch", &o, "--window=4"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "--hold=0"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "--hold=1.5"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "--demo=yes"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "--port", "1"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "stray"), SG_EXIT_USAGE);
    assert_int_equal(PARSE(NULL, &o, "stray"), SG_EXIT_USAGE);
    assert_int_equal(PARSE("watch", &o, "-x"), SG_EXIT_USAGE);
    assert_memory_equal(&o, &untouched, sizeof o);
}

static void test_a_threshold_beyond_reach(void **state)
{
    (void)state;
    struct sg_options o;
    static const char *const verbs[] = {"watch", "replay", "analyze", "render"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        assert_int_equal(PARSE(verbs[i], &o, "--window", "5"), SG_EXIT_USAGE);
        assert_int_equal(PARSE(verbs[i], &o, "--window", "60", "--entry", "7.7"), SG_EXIT_USAGE);
        assert_int_equal(PARSE(verbs[i], &o, "--entry", "1.9", "--window", "5"), SG_EXIT_USAGE);
        assert_int_equal(PARSE(verbs[i], &o, "--window", "5", "--entry", "1.7"), -1);
        assert_int_equal(PARSE(verbs[i], &o, "--window", "5", "--entry", "1.9", "--ddof", "0"), -1);
        assert_int_equal(PARSE(verbs[i], &o, "--window", "60", "--entry", "7.6"), -1);
    }
    assert_int_equal(PARSE(NULL, &o, "--window", "5", "--entry", "2"), SG_EXIT_USAGE);
    assert_int_equal(PARSE(NULL, &o, "--window", "5"), -1); /* with the threshold that was saved: that is looked at later */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_what_the_spread_pane_draws),
                                       cmocka_unit_test(test_both_spellings_and_values), cmocka_unit_test(test_a_threshold_beyond_reach),
                                       cmocka_unit_test(test_refusals_leave_the_options_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
