#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SG_SOAK_MINUTES (60) of `watch` on an exchange at ten times the market's rate, its connection cut every minute, history by REST. Samples the
memory, descriptors and threads of the watch from /proc and prints the least-squares slope of each over the second half, of the means of
whole cuts, so that what one cut costs and gives back is noise and not a trend. Exit status 1 when one grows, or when a bar is neither
printed nor in the ledger.

A session keeps its bars on purpose, up to ceilings that an hour does not reach. So many bytes for each second of the exchange are taken off:
    one row of the history: 8 (time) + 21 x 8 (columns) + 2 (flags) + 1 (reason)                     179
    one bar of each leg, and their longer ones: 2 x 96 x (1 + 1/60 + 1/300 + 1/900 + 1/1800 + … + 1/86400)  196.3
Two more things are touched for the first time until they are full, well within the first half: the 5,000 bars that the tests are run on, and
as much of the ring of 65,536 ticks of 64 bytes as ever waited at once. Whatever else grows is a leak. Flat: the slope is not above three standard errors of itself, or adds
up to less than one step in which the allocator takes memory (132 KiB) over the half."""
import os
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import program
from seeded_watch import STEP, SYMBOLS, Watch, covered

MINUTES = float(os.environ.get("SG_SOAK_MINUTES", "60"))
CUT_S = int(os.environ.get("SG_SOAK_CUT_SECONDS", "60"))
EVERY_S = 1.0
ROW_BYTES = 8 + 21 * 8 + 2 + 1
BAR_BYTES = 2 * 96 * sum(1 / length for length in (1, 60, 300, 900, 1800, 3600, 7200, 14400, 86400))
STEP_KIB = {"rss_kib": 132.0, "descriptors": 0.5, "threads": 0.5}  # over the half
# What is still being filled in the second half of a trial too short for it: the ring and the sample of the tests.
FILLING_KIB = 0 if MINUTES >= 30 else 4096 + 2048


class Seconds:
    """Seconds of the exchange that the watch has bars of, read from its output as it grows."""

    def __init__(self, file):
        self.file, self.at, self.rest, self.first, self.last = file, 0, b"", None, None

    def count(self):
        text = os.pread(self.file.fileno(), 1 << 24, self.at)
        self.at += len(text)
        lines = (self.rest + text).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            found = re.match(rb'\{"type":"bar","time":(\d+)', line)
            if found:
                self.last = int(found[1])
                self.first = self.first or self.last
        return 0 if self.first is None else (self.last - self.first) // STEP + 1


def sample(pid):
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return {"rss_kib": int(fields["VmRSS"].split()[0]), "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(fields["Threads"])}


def means(points):
    """One point for each whole cut."""
    groups = {}
    for t, y in points:
        groups.setdefault(int(t // CUT_S), []).append((t, y))
    whole = list(groups.values())[1:-1]
    return [(sum(t for t, _ in group) / len(group), sum(y for _, y in group) / len(group)) for group in whole]


def slope(points):
    """(units an hour by least squares, standard error of it)"""
    n = len(points)
    assert n > 2, "the trial is too short: half of it holds fewer than three whole cuts (SG_SOAK_CUT_SECONDS)"
    mean_t, mean_y = sum(t for t, _ in points) / n, sum(y for _, y in points) / n
    stt = sum((t - mean_t) ** 2 for t, _ in points)
    rise = sum((t - mean_t) * (y - mean_y) for t, y in points) / stt
    residual = sum((y - mean_y - rise * (t - mean_t)) ** 2 for t, y in points)
    return rise * 3600, (residual / (n - 2) / stt) ** 0.5 * 3600


def judge(samples, seconds):
    """Prints the verdict on each measure; are all of them flat?"""
    flat = True
    half = [point for point in samples if point[0] > seconds / 2]
    kept = [point["bars"] * (ROW_BYTES + BAR_BYTES) / 1024 for _, point in half]
    print(f"bars kept on purpose: {half[0][1]['bars']} to {half[-1][1]['bars']} seconds of {ROW_BYTES + BAR_BYTES:.1f} bytes, {kept[0]:.0f} to {kept[-1]:.0f} KiB")
    for name, step in STEP_KIB.items():
        values = [point[name] for _, point in half]
        less = [value - design for value, design in zip(values, kept)] if name == "rss_kib" else values
        points = means([(t, value) for (t, _), value in zip(half, less)])
        rise, error = slope(points)
        bound = max(3 * error, (step + (FILLING_KIB if name == "rss_kib" else 0)) * 3600 / (seconds / 2))
        ok = rise <= bound
        flat &= ok
        raw, _ = slope([(t, value) for (t, _), value in zip(half, values)])
        print(f"{name}: {min(values)} to {max(values)} in the second half ({raw:+.1f} an hour as it stands); without the bars {rise:+.1f} an hour over {len(points)} cuts"
              f" (standard error {error:.1f}, at most {bound:.1f}): {'flat' if ok else 'GROWS'}")
    return flat


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
        began, samples, bars = time.monotonic(), [], Seconds(watch.out)
        while time.monotonic() - began < seconds - 1:
            time.sleep(EVERY_S)
            try:
                samples.append((time.monotonic() - began, {**sample(watch.process.pid), "bars": bars.count()}))
            except (KeyError, FileNotFoundError):
                break  # it has ended: its status says how
        run = watch.wait(60)
    flat = run.status == 0
    if not flat:
        print(f"watch ended with {run.status}: {run.errors[-2000:]}")
    if "SG_SOAK_SAMPLES" in os.environ:
        with open(os.environ["SG_SOAK_SAMPLES"], "w") as file:
            for t, point in samples:
                file.write(f"{t:.1f} {' '.join(str(value) for value in point.values())}\n")
    flat &= judge(samples, seconds)
    if not check_whole(run):
        print("bars are missing")
        flat = False
    return 0 if flat else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
