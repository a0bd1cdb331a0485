# SPDX-License-Identifier: GPL-3.0-or-later
"""Published numbers and those of statsmodels, asked of the command line as a researcher would: the files as they are, the options, the report.
tests/unit/analytics/test_expected.c asks the library for all of them; here it is the way there that is tried: reading, joining, choosing spans."""
import json
import lzma
import os
import sys
import tempfile

import program


def near(got, want, what, tolerance):
    assert got is not None and abs(got - want) <= tolerance * max(1.0, abs(want)), f"{what}: {got!r} instead of {want!r}"


def report(*arguments):
    status, out, errors = program.run("analyze", *arguments, "--format", "json")
    assert status == 0, errors
    return json.loads(out)


def expected(name):
    with open(program.shared_file("expected", name)) as file:
        return json.load(file)


def check_fit(got, want, what):
    fit = want.get("ols", want)
    for ours, theirs in (("alpha", "alpha"), ("beta", "beta"), ("se_beta", "se_beta"), ("r_squared", "r2")):
        near(got["hedge"][ours], fit[theirs], f"{what}: {ours}", 1e-9)
    near(got["half_life"]["lambda"], want["ar1_slope"] if "ar1_slope" in want else want["ar1_dspread_on_lag"]["slope"], f"{what}: lambda", 1e-9)


def check_test(got, statistic, p_value, what):
    near(got["statistic"], statistic, f"{what}: statistic", 1e-8)
    near(got["p_value"], p_value, f"{what}: p", 1e-6)


def test_books():
    classics = expected("classic_statsmodels.json")
    ewa = program.shared_file("classics", "epchan", "inputData_EWA_EWC_IGE.csv")
    got = report(ewa, "--pair", "EWC/EWA")
    assert (got["bars"], got["interval"], got["unmatched"]) == (1500, "1d", {"a": 0, "b": 0})
    check_fit(got, classics["EWA_EWC (epchan book2 ex2.6/2.7)"], "EWC on EWA")
    near(got["engle_granger"]["statistic"], -3.2219407, "EWC on EWA", 1e-7)
    near(got["engle_granger"]["p_value"], 0.06633, "EWC on EWA: p", 6e-6)
    near(got["engle_granger_reverse"]["statistic"], -3.0635281, "EWA on EWC", 1e-7)
    near(got["zscore"], -1.8104797, "z over 60 days", 1e-7)
    near(report(ewa, "--pair", "EWC/EWA", "--window", "20", "--ddof", "0")["zscore"], -2.3707842, "z over 20 days, ddof 0", 1e-7)
    near(report(ewa, "--pair", "EWC/EWA", "--hedge", "rolling")["hedge"]["beta"], 0.98204046, "rolling beta", 1e-7)
    near(report(ewa, "--pair", "EWC/EWA", "--hedge", "tls")["hedge"]["beta"], 1.0053417558, "total least squares", 1e-9)
    check_fit(report(program.shared_file("classics", "epchan", "inputData_GLD_USO.csv"), "--pair", "GLD/USO"), classics["GLD_USO"], "GLD on USO")
    # E. Chan, Quantitative Trading: examples 7.2 (the first year) and 7.3 (not cointegrated).
    gold = program.shared_file("classics", "epchan", "GLD_GDX_adjclose_merged.csv")
    check_fit(report(gold, "--pair", "GLD/GDX"), classics["GLD_GDX all"], "GLD on GDX")
    with open(gold) as file:
        after = file.read().splitlines()[253].split(",")[0]
    got = report(gold, "--pair", "GLD/GDX", "--end", after)
    assert got["bars"] == 252
    check_fit(got, classics["GLD_GDX first252"], "GLD on GDX, a year")
    check_test(got["engle_granger"], -2.3591268376687244, 0.3444494880427884, "GLD on GDX, a year")
    got = report(program.shared_file("classics", "epchan", "KO_PEP_adjclose_merged.csv"), "--pair", "KO/PEP")
    check_fit(got, classics["KO_PEP all"], "KO on PEP")
    check_test(got["engle_granger"], -1.5815517041517178, 0.7286134576473527, "KO on PEP")
    got = report(program.shared_file("classics", "arch_crude.csv.gz"), "--pair", "WTI/Brent")
    assert (got["bars"], got["interval"]) == (393, "1M")


def test_recorded_klines():
    pairs = expected("crypto_pairs.json")
    with tempfile.TemporaryDirectory() as folder:
        for title, length, spans in (("ETH~BTC 1m", "1m", ("all", "last500", "last1440", "first1000")), ("BCH~LTC 1m", "1m", ("last1440",)),
                                     ("ETH~BTC 5m", "5m", ("last2016",))):
            files, opens = [], []
            for symbol in title.split(" ")[0].split("~"):
                name = f"{symbol}_USDT-{length}" + (".2021-04-20_2021-05-20.json" if length == "1m" else ".json")
                with lzma.open(program.shared_file(f"klines_{length}", name + ".xz")) as file:
                    content = file.read()
                files.append(os.path.join(folder, name))
                with open(files[-1], "wb") as file:
                    file.write(content)
                opens.append({row[0] for row in json.loads(content)})
            times = sorted(opens[0] & opens[1])
            for span in spans:
                want = pairs[f"{title} {span} log=False"]
                count = want["n"]
                bounds = [] if span == "all" else ["--start", times[-count]] if span.startswith("last") else ["--end", times[count]]
                got = report(*files, "--window", min(count, 2000), *bounds, "--interval", length)
                assert (got["bars"], got["interval"]) == (count, length), got
                check_fit(got, want, f"{title} {span}")
                if count <= 2000:
                    near(got["zscore"], want["z_last"], f"{title} {span}: z", 1e-9)


if __name__ == "__main__":
    program.main(sys.modules[__name__])
