#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SG_SOAK_MINUTES (60) of `watch` on an exchange at ten times the market's rate, its connection cut every minute, history by REST. Samples the
memory, descriptors and threads of the watch from /proc and prints the least-squares slope of each over the second half; flat means within
the noise of the samples, and within a small allowance for what a session keeps by intention (its bars). Exit status 1 when one is not flat,
or when a bar is neither printed nor in the ledger."""
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import program
from seeded_watch import STEP, SYMBOLS, Watch, covered

MINUTES = float(os.environ.get("SG_SOAK_MINUTES", "60"))
CUT_S = int(os.environ.get("SG_SOAK_CUT_SECONDS", "60"))
EVERY_S = 1.0
# Allowed growth an hour. Bars are kept on purpose, up to their ceilings: 36,000 seconds an hour at ten times the rate, measured at 0.5 KiB
# each (two legs' bars, a row of the history). Over the first 5,000 bars, all that a short trial sees, the samples of the tests grow as well.
ALLOWED = {"rss_kib": (40 if MINUTES >= 30 else 80) * 1024, "descriptors": 1.0, "threads": 1.0}


def sample(pid):
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return {"rss_kib": int(fields["VmRSS"].split()[0]), "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(fields["Threads"])}


def slope(points):
    """(units an hour by least squares, standard error of it)"""
    n = len(points)
    mean_t, mean_y = sum(t for t, _ in points) / n, sum(y for _, y in points) / n
    stt = sum((t - mean_t) ** 2 for t, _ in points)
    rise = sum((t - mean_t) * (y - mean_y) for t, y in points) / stt
    residual = sum((y - mean_y - rise * (t - mean_t)) ** 2 for t, y in points)
    return rise * 3600, (residual / (n - 2) / stt) ** 0.5 * 3600


def check_whole(run):
    """No second between the first bar and the last is neither printed nor in the ledger."""
    gaps, printed = run.events("gap"), {row["time"] for row in run.rows}
    lost = [t for t in range(min(printed), max(printed), STEP) if t not in printed and not any(covered(gaps, leg, t) for leg in SYMBOLS)]
    print(f"{len(printed)} bars, {len(run.events('disconnected'))} disconnections, {len(gaps)} gaps, {sum(e['bars'] for e in run.events('backfilled'))} bars by REST, "
          f"{len(lost)} seconds lost without a word, {run.cpu_s / (run.ended_ms - run.began_ms) * 1e5:.2f} % of a core")
    return not lost and len(printed) > MINUTES * 60


def main():
    seconds = MINUTES * 60
    with program.Exchange("--rate", 10, "--fault", f"cut={CUT_S}") as exchange:
        watch = Watch("watch", "--stream", "trade", "--format", "json", "--duration", seconds, *exchange.options)
        began, samples = time.monotonic(), []
        while time.monotonic() - began < seconds - 1:
            time.sleep(EVERY_S)
            try:
                samples.append((time.monotonic() - began, sample(watch.process.pid)))
            except (KeyError, FileNotFoundError):
                break  # it has ended: its status says how
        run = watch.wait(60)
    flat = run.status == 0
    if not flat:
        print(f"watch ended with {run.status}: {run.errors[-2000:]}")
    half = [point for point in samples if point[0] > seconds / 2]
    for name in ALLOWED:
        values = [values[name] for _, values in half]
        rise, error = slope([(t, values[name]) for t, values in half])
        # Short trials: what one cut costs and gives back is not growth, so a rise counts only when it lasts.
        bound = max(ALLOWED[name], 3 * error) if MINUTES >= 30 else max(ALLOWED[name], 3 * error, (max(values) - min(values)) * 3600 / (seconds / 2))
        ok = rise <= bound
        flat &= ok
        print(f"{name}: {min(values)} to {max(values)} in the second half, {rise:+.1f} an hour (standard error {error:.1f}, at most {bound:.1f}): {'flat' if ok else 'GROWS'}")
    if not check_whole(run):
        print("bars are missing")
        flat = False
    return 0 if flat else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
