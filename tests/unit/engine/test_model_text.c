/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that says what is in force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "spreadglass/engine/model_text.h"

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        enum sg_hedge hedge;
        size_t lookback, window;
        double beta;
        int ddof;
        enum sg_interval interval;
        enum sg_stream stream;
        const char *text, *brief;
    } cases[] = {
        {SG_HEDGE_OLS, 0, 60, 0, 1, SG_INTERVAL_1S, SG_STREAM_TRADE, "OLS on all bars of 1s \u00b7 z over 60 \u00b7 trades", "OLS \u00b7 all"},
        {SG_HEDGE_OLS, 10000, 60, 0, 1, SG_INTERVAL_1H, SG_STREAM_TICKER, "OLS on the last 10\u2009000 bars of 1h \u00b7 z over 60 \u00b7 tickers",
         "OLS \u00b7 10\u2009000"},
        {SG_HEDGE_ROLLING, 0, 120, 0, 0, SG_INTERVAL_5M, SG_STREAM_BOOK,
         "Rolling OLS on the last 120 bars of 5m \u00b7 z over 120, ddof 0 \u00b7 book mid prices", "Rolling \u00b7 120"},
        {SG_HEDGE_TLS, 500, 60, 0, 1, SG_INTERVAL_1M, SG_STREAM_TICKER, "Total least squares on the last 500 bars of 1m \u00b7 z over 60 \u00b7 tickers",
         "TLS \u00b7 500"},
        {SG_HEDGE_KALMAN, 500, 60, 0, 1, SG_INTERVAL_1M, SG_STREAM_TICKER, "Kalman filter on all bars of 1m \u00b7 z over 60 \u00b7 tickers", "Kalman"},
        {SG_HEDGE_FIXED, 0, 60, -20.5, 1, SG_INTERVAL_1M, SG_STREAM_TICKER, "Beta fixed at \u221220.5, alpha on all bars of 1m \u00b7 z over 60 \u00b7 tickers",
         "\u03b2 \u221220.5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sg_pair_params params;
        char buffer[SG_MODEL_TEXT];
        sg_pair_params_default(&params);
        params.hedge = cases[i].hedge;
        params.lookback = cases[i].lookback;
        params.window = cases[i].window;
        params.fixed_beta = cases[i].beta;
        params.ddof = cases[i].ddof;
        assert_string_equal(sg_model_text(&params, cases[i].interval, cases[i].stream, buffer), cases[i].text);
        assert_string_equal(sg_model_short_text(&params, buffer), cases[i].brief);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests_name("engine/model_text", tests, NULL, NULL);
}
