# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that were tried on the first version, one by one: the right numbers, or the error that says what to do. test_files.py has more of
each kind, made there."""
import os
import sys
import tempfile

import program
from test_files import near, refused, report


def case(*parts):
    return program.shared_file("cases", *parts)


def test_two_symbols_in_one_file():
    ticks = case("files", "01_two_symbols_ticks.csv")
    refused("analyze", ticks, says=["several instruments: AAAUSDT, BBBUSDT"])
    refused("analyze", ticks, ticks, says=["several instruments: AAAUSDT, BBBUSDT"])
    got, _ = report(ticks, "--pair", "AAAUSDT/BBBUSDT")
    assert (got["pair"], got["interval"], got["bars"]) == ("AAAUSDT/BBBUSDT", "1m", 2), got
    status, out, _ = program.run("analyze", ticks, "--pair", "AAAUSDT/BBBUSDT", "--format", "csv")
    assert status == 0
    rows = [line.split(",")[:3] for line in out.splitlines()[1:]]
    with open(ticks, encoding="ascii") as file:
        trades = [line.split(",") for line in file.read().splitlines()[1:]]
    for time, *closes in rows:
        for symbol, close in zip(("AAAUSDT", "BBBUSDT"), closes):
            last = [price for at, name, price, _ in trades if name == symbol and int(at) < int(time) + 60000][-1]
            assert float(last) == float(close), (time, symbol)
    with tempfile.TemporaryDirectory() as folder:
        refused("import", ticks, "--symbol", "NOSUCH", "--data-dir", folder, says="AAAUSDT, BBBUSDT")


def test_one_name_cut_from_two():
    files = [case("files", "02", f"AAA-{quote}.csv") for quote in ("USDT", "EUR")]
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", folder]
        assert program.run("import", *files, *data)[0] == 0
        out = program.run("export", *data, "--format", "csv")[1]
        assert [line.split(",")[0] for line in out.splitlines()[1:]] == ["AAA-EUR", "AAA-USDT"], out
        refused("import", files[1], "--symbol", "AAA-USDT", *data, says=["its close is 8.5 here and 10.5 there", "--replace"])


def test_a_threshold_that_is_never_reached():
    files = [case("numbers", "entry_unreachable", f"{leg}.csv") for leg in "ab"]
    refused("analyze", *files, "--window", "5", "--entry", "2", status=2, says="never")
    assert program.run("analyze", *files, "--window", "5", "--entry", "1.7")[0] == 0


def test_a_row_of_now():
    now = [case("files", f"03_daily_with_now_row_{leg}.csv") for leg in "ab"]
    refused("analyze", *now, says=["03_daily_with_now_row_a.csv:122: its time 2024-04-29T13:47:05Z", "--skip-bad"])
    got, said = report(*now, "--skip-bad")
    assert (got["interval"], got["bars"]) == ("1d", 120) and "03_daily_with_now_row_b.csv:122" in said, said
    clean, _ = report(case("files", "05_daily_a.csv"), case("files", "04_clean.csv"))
    near(got["hedge"]["beta"], clean["hedge"]["beta"])


def test_days():
    files = [case("files", f"05_daily_{leg}.csv") for leg in "ab"]
    refused("analyze", *files, "--interval", "1h", says="ask for 1d")
    got, _ = report(*files, "--interval", "1d")
    assert (got["interval"], got["bars"]) == ("1d", 120)
    near(got["hedge"]["beta"], BETA_DAYS)


def test_ends_of_days():
    ends, days = case("files", "22_kaggle_2359.csv"), case("files", "05_daily_b.csv")
    refused("analyze", ends, days, says=["no bar of A begins when one of B does", "2024-01-01T23:59:59Z to 2024-04-29T23:59:59Z", "take 23:59:59 off A's times"])
    refused("analyze", case("numbers", "no_common_bars_rc0", "CR.csv"), case("numbers", "no_common_bars_rc0", "ST_close.csv"),
            says=["A's run from 2024-01-01T00:00:00Z to 2024-10-26T00:00:00Z", "B's from 2024-01-01T21:00:00Z", "take 21 h off B's times"])


def test_adjusted_for_a_split():
    split, other = case("files", "24_split_raw_and_adj.csv"), case("files", "05_daily_b.csv")
    got, said = report(split, other)
    near(got["hedge"]["beta"], BETA_DAYS)
    assert '"Close" and "Adj Close": the adjusted' in said, said
    near(report(split, other, "--column", "Close")[0]["hedge"]["beta"], BETA_RAW)


def test_an_instrument_called_c():
    wide = case("numbers", "one_file_with_C", "ab.csv")
    got, _ = report(wide, "--pair", "AA/C")
    assert (got["bars"], got["pair"]) == (150, "AA/C")
    near(got["hedge"]["beta"], BETA_C)
    refused("analyze", wide, "--pair", "AA/NOSUCH", says=["NOSUCH", "it has: time, AA, C"])


def test_a_last_line_that_is_cut_off():
    whole, cut = case("numbers", "truncated_last_line", "A.csv"), case("numbers", "truncated_last_line", "B_trunc.csv")
    refused("analyze", whole, cut, says=["B_trunc.csv:151", '"100.431" has 3 decimals'])
    got, said = report(whole, cut, "--skip-bad")
    assert got["bars"] == 149 and "B_trunc.csv:151" in said, said


def imported(name, *options):
    with tempfile.TemporaryDirectory() as folder:
        status, _, err = program.run("import", case("files", name), "--format", "csv", "--data-dir", folder, *options)
        assert status == 0, err
        interval = program.run("export", "--data-dir", folder, "--format", "csv")[1].splitlines()[1].split(",")
        out = os.path.join(folder, "out.csv")
        assert program.run("export", "--symbol", interval[0], "--interval", interval[2], "--output", out, "--data-dir", folder)[0] == 0
        with open(out, encoding="ascii") as file:
            return interval[2], [(int(row[0]), float(row[4])) for row in (line.split(",") for line in file.read().splitlines()[1:])]


def test_shapes_of_plain_text():
    day, new_year = 86_400_000, 1704067200000
    days = lambda first, step: ("1d", [(new_year + i * day, first + i * step) for i in range(5)])
    def same(got, want):
        assert got[0] == want[0] and [time for time, _ in got[1]] == [time for time, _ in want[1]], (got, want)
        for (_, here), (_, there) in zip(got[1], want[1]):
            near(here, there)
    same(imported("06_mon_dd_yyyy.csv", "--symbol", "X"), days(1001.5, 10))
    refused("import", case("files", "06_mdy.csv"), "--symbol", "X", says=["day/month", "--date-order"])
    got = imported("06_mdy.csv", "--symbol", "X", "--date-order", "mdy")
    assert got[0] == "1d" and [time for time, _ in got[1]] == [new_year + i * day for i in range(5)], got
    assert imported("07_cdd_old_banner.csv")[1] == [(new_year, 10.1), (new_year + 3_600_000, 10.2)]
    same(imported("09_pandas_unnamed_index.csv", "--symbol", "X"), days(10, 0.1))
    hours = ("1h", [(new_year + day + i * 3_600_000, 1.1 + i * 0.01) for i in range(5)])
    for name in ("10_mt5_tab.csv", "11_mt4_headless.csv", "12_date_and_time_columns.csv"):
        same(imported(name, "--symbol", "X"), hours)
    assert imported("15_kraken_trades.csv", "--symbol", "X") == ("1m", [(new_year, 10.4)])
    same(imported("17_volume_suffix.csv", "--symbol", "X"), days(10, 0.1))
    same(imported("18_thousands.csv", "--symbol", "X"), days(1010.5, 1))
    assert [time for time, _ in imported("20_ccxt_null_candle.json", "--symbol", "X")[1]] == [new_year + i * 60_000 for i in (0, 1, 3, 4)]
    got, _ = report(case("files", "27_bid_ask.csv"), case("files", "27_bid_ask.csv"), "--pair", "A/B")
    assert got["bars"] == 5, got
    near(report(case("numbers", "thousands", "A.csv"), case("numbers", "thousands", "B_thou.csv"))[0]["hedge"]["beta"], BETA_THOUSANDS)
    near(report(case("numbers", "pandas_index_header", "A.csv"), case("numbers", "pandas_index_header", "B_noheadtime.csv"))[0]["hedge"]["beta"], BETA_C)


# Frozen from pandas 1.5.3 and numpy 1.24.2.
BETA_DAYS = 0.6248857797987802
BETA_RAW = -13.241999882646683
BETA_THOUSANDS = 0.0015421208320102612
BETA_C = 1.542120353364385

if __name__ == "__main__":
    program.main(sys.modules[__name__])
