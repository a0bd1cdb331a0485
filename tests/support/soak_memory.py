#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SG_SOAK_MINUTES (60) of the demo at 1s with trades, left alone, as a user has it: `watch` and, where there is a display, the window. From the tenth
minute on neither grows by more than 50 kB a minute: by the least-squares slope of the resident memory, and from the mean of the first to that of the
last five minutes. Two legs' bars and a row of the history a second are 22 of them. Exit status 1 when one grows more."""
import os
import subprocess
import sys
import time

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
MINUTES = float(os.environ.get("SG_SOAK_MINUTES", "60"))
SETTLED = min(10, MINUTES / 3)  # minutes
MOST = 50.0  # kB a minute
EVERY_S = 5


def resident_kb(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def slope(points):
    mean_t, mean_y = (sum(values) / len(points) for values in zip(*points))
    return sum((t - mean_t) * (y - mean_y) for t, y in points) / sum((t - mean_t) ** 2 for t, _ in points)


def main():
    trials = {"watch": ["watch", "--demo", "--stream", "trade", "--interval", "1s"]}
    if os.environ.get("DISPLAY"):
        trials["window"] = ["--demo", "--stream", "trade", "--interval", "1s", "--no-store"]
    else:
        print("SKIP: no display, the window is not tried")
    running = {name: subprocess.Popen([BINARY, *call], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name, call in trials.items()}
    samples = {name: [] for name in running}
    began, ok = time.monotonic(), True
    try:
        while time.monotonic() - began < MINUTES * 60 and all(process.poll() is None for process in running.values()):
            time.sleep(EVERY_S)
            for name, process in running.items():
                samples[name].append(((time.monotonic() - began) / 60, resident_kb(process.pid)))
        for name, process in running.items():
            if process.poll() is not None:
                print(f"{name} ended by itself with {process.returncode}")
                ok = False
    finally:
        for process in running.values():
            process.terminate()
            process.wait(30)
    for name, points in samples.items():
        settled = [point for point in points if point[0] >= SETTLED]
        edge = max(1, int(min(5, (MINUTES - SETTLED) / 3) * 60 / EVERY_S))
        if len(settled) < 2 * edge + 1:
            print(f"{name}: too few samples")
            ok = False
            continue
        first, last = ([sum(values) / edge for values in zip(*some)] for some in (settled[:edge], settled[-edge:]))
        rises = slope(settled), (last[1] - first[1]) / (last[0] - first[0])
        fine = max(rises) <= MOST
        ok &= fine
        print(f"{name}: {first[1] / 1024:.1f} MB at minute {first[0]:.0f}, {last[1] / 1024:.1f} MB at minute {last[0]:.0f}: {rises[0]:+.1f} kB a minute by least squares, "
              f"{rises[1]:+.1f} from end to end (at most {MOST:.0f}): {'bounded' if fine else 'GROWS'}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
