/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../../src/cli/file_name_private.h"

static void test_names(void **state)
{
    static const struct {
        const char *file, *name;
        bool symbol;
    } cases[] = {{"/a/b/EWA.csv.gz", "EWA", true},
                 {"BTCUSDT-1h-2023-06.zip", "BTCUSDT", true},
                 {"BTC-USDT.csv", "BTC-USDT", true},
                 {"BTC-EUR.csv", "BTC-EUR", true},
                 {"ETH_USDT-1m.2021-04-20_2021-05-20.json", "ETH_USDT", true},
                 {"BRK.A.csv", "BRK.A", true},
                 {"BRK.B", "BRK.B", true},
                 {"KO-daily.csv", "KO-daily", false},
                 {"KO.prn", "KO", true},
                 {"BTCUSDT-aggTrades-2023-06-01.csv", "BTCUSDT", true},
                 {"BTCUSDT-240628-1d.csv", "BTCUSDT-240628", true},
                 {".csv", ".csv", false},
                 {"prices of mine.csv", "prices of mine", false},
                 {"BTC-USDT-1mo.csv.gz", "BTC-USDT", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[64];
        sg_name_of_file(cases[i].file, false, name, sizeof name);
        assert_string_equal(name, cases[i].name);
        assert_int_equal(sg_symbol_of_file(cases[i].file, name, sizeof name), cases[i].symbol);
    }
    char name[64];
    sg_name_of_file("spot/BTCUSDT-1h-2023-06.csv", true, name, sizeof name);
    assert_string_equal(name, "BTCUSDT-1h-2023-06");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
