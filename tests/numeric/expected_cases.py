#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams the recorded data sets and the numbers that R and statsmodels gave for them, for tests/unit/analytics/test_expected.c.

usage: expected_cases.py SHARED_DIR

Lines: `series NAME N` and N numbers on the next line; `case Y X NAME`, `expect KEY VALUE`…, `run`. Only the standard library.
Nothing is computed here but natural logarithms, where the reference was computed on logs.
"""
import csv
import gzip
import json
import lzma
import math
import os
import sys
import tarfile

PAIR_KEYS = {"alpha": "alpha", "beta": "beta", "se_beta": "se_beta", "r2": "r2", "resid_std_ddof1": "resid_std", "z_last": "z_last",
             "ar1_slope": "lambda", "halflife_bars": "half_life_shortcut", "ADF_resid_lag1_nc": "resid1_t",
             "ADF_y_lag1_c": "y1_t", "ADF_x_lag1_c": "x1_t"}


def series(name, values):
    print("series", name, len(values))
    print(" ".join(repr(float(v)) for v in values))


def engle_granger(prefix, entry):
    print("expect", prefix + "_t", repr(entry["t"]))
    print("expect", prefix + "_p", repr(entry["p"]))
    for i, value in enumerate(entry.get("crit", entry.get("crit_1_5_10", []))):
        print("expect", "%s_crit%d" % (prefix, i), repr(value))


def johansen(entry):
    for i in range(2):
        print("expect trace%d %r" % (i, entry["trace"][i]))
        print("expect max%d %r" % (i, entry["maxeig"][i]))
        print("expect eigen%d %r" % (i, entry["eig"][i]))
    print("expect vector %r" % (-entry["evec"][1][0] / entry["evec"][0][0]))


def columns(path, log=False):
    with open(path, newline="") as f:
        rows = list(csv.DictReader(f))
    return {name.split("_")[-1]: [float(r[name]) for r in rows] for name in rows[0] if name not in ("Date", "time", "year", "quarter")}


def classic(shared):
    with open(shared + "/data/expected/classic_statsmodels.json") as f:
        expected = json.load(f)
    base = shared + "/data/classics/"
    with gzip.open(base + "arch_crude.csv.gz", "rt", newline="") as f:
        rows = list(csv.DictReader(f))
    crude = {name: [math.log(float(r[name])) for r in rows] for name in ("Brent", "WTI")}
    sets = {"EWA": columns(base + "epchan/inputData_EWA_EWC_IGE.csv"), "GLD_USO": columns(base + "epchan/inputData_GLD_USO.csv"),
            "GLD_GDX": columns(base + "epchan/GLD_GDX_adjclose_merged.csv"), "KO": columns(base + "epchan/KO_PEP_adjclose_merged.csv"), "crude": crude}
    for name, entry in expected.items():
        if not isinstance(entry, dict) or "y" not in entry:
            continue
        data = next(sets[key] for key in sets if name.startswith(key))
        n = entry["n"]
        series("y", data[entry["y"]][:n])
        series("x", data[entry["x"]][:n])
        print("case y x", name)
        for key, short in (("alpha", "alpha"), ("beta", "beta"), ("se_alpha", "se_alpha"), ("se_beta", "se_beta"), ("r2", "r2"), ("ssr", "rss")):
            print("expect", short, repr(entry["ols"][key]))
        print("expect resid_std", repr(entry["resid_std_ddof1"]))
        print("expect z_last", repr(entry["last_z_fullsample"]))
        print("expect lambda", repr(entry["ar1_dspread_on_lag"]["slope"]))
        print("expect half_life_shortcut", repr(entry["ar1_dspread_on_lag"]["halflife"]))
        print("expect half_life", repr(entry["ar1_dspread_on_lag"]["halflife_exact"]))
        print("expect resid0_t", repr(entry["adf_resid_nc_lag0"]))
        print("expect resid1_t", repr(entry["adf_resid_nc_lag1"]))
        for lag in ("lag0", "lag1", "aic"):
            engle_granger("eg_" + lag, entry["coint_EG_c_" + lag])
        for side in ("y", "x"):
            symbol = entry[side]
            for lag, short in (("lag1", "1"), ("aic", "aic")):
                adf = entry["adf_c_%s_%s" % (lag, symbol)]
                print("expect", side + short + "_t", repr(adf["t"]))
                print("expect", side + short + "_p", repr(adf["p"]))
                if lag == "aic":
                    print("expect", side + "aic_lags", adf["lags"])
        johansen(entry["johansen_det0_k1"])
        print("run")


def klines(path):
    with lzma.open(path) as f:
        return {row[0]: row[4] for row in json.load(f)}


def crypto(shared):
    with open(shared + "/data/expected/crypto_pairs.json") as f:
        expected = json.load(f)
    loaded = {}
    for name, entry in expected.items():
        if not isinstance(entry, dict):
            continue
        for side in ("y", "x"):
            if entry[side] not in loaded:
                loaded[entry[side]] = klines(shared + "/data/" + entry[side])
        y, x = loaded[entry["y"]], loaded[entry["x"]]
        times = [t for t in sorted(y) if t in x and entry["first_open_ms"] <= t <= entry["last_open_ms"]]
        change = math.log if entry["log"] else float
        series("y", [change(y[t]) for t in times])
        series("x", [change(x[t]) for t in times])
        print("case y x", name)
        print("expect n", entry["n"])
        for key, short in PAIR_KEYS.items():
            print("expect", short, repr(entry[key]))
        for lag in ("lag0", "lag1"):
            engle_granger("eg_" + lag, entry["EG_" + lag])
        johansen(entry["johansen_det0_k1"])
        print("run")


def scanner(shared):
    with gzip.open(shared + "/data/expected/scanner_1h_last1000.csv.gz", "rt", newline="") as f:
        rows = list(csv.DictReader(f))
    names = sorted({r["y"] for r in rows} | {r["x"] for r in rows})
    closes = {}
    with tarfile.open(shared + "/data/klines_1h/nfi_1h.tar.xz") as tar:
        for member in tar:
            symbol = os.path.basename(member.name).split("_")[0]
            if symbol in names:
                closes[symbol] = {row[0]: row[4] for row in json.load(tar.extractfile(member))}
    first, last = int(rows[0]["first_ms"]), int(rows[0]["last_ms"])
    times = [t for t in sorted(closes[names[0]]) if first <= t <= last and all(t in closes[s] for s in names)]
    for symbol in names:
        series(symbol, [math.log(closes[symbol][t]) for t in times])
    for row in rows:
        print("case", row["y"], row["x"], row["y"] + "~" + row["x"])
        for key, short in (("n", "n"), ("alpha", "alpha"), ("beta", "beta"), ("EG_t_lag1", "eg_lag1_t"), ("EG_p", "eg_lag1_p"),
                           ("halflife_bars", "half_life_shortcut"), ("z_last", "z_last")):
            if row[key]:
                print("expect", short, row[key])
        print("expect rounded 1")              # written with twelve digits
        print("run")


def main():
    for part in (classic, crypto, scanner):
        part(sys.argv[1])


if __name__ == "__main__":
    main()
