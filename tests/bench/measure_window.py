# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running window costs: start-up, the main thread's share of a core, resident memory and its slope.

    tests/support/with-display.sh /usr/bin/python3 tests/bench/measure_window.py [SECONDS]      (60; the bar of ten minutes: 600)

Streams one pair with trades from a local exchange in a process of its own, over TLS. Memory is read once a second; its slope is least
squares over the second half, when the window is full and the caches are warm. Every bar is kept, so it is not zero: two legs'
bars, a row of the history and its place in the pyramids are about half a kilobyte a bar."""
import os
import re
import subprocess
import sys
import threading
import time

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(path):
    with open(path) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def status_kb(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(rf"^{name}:\s+(\d+)", file.read(), re.M).group(1))


def slope(points):
    """Least squares, kB a minute."""
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    sxx = sum((x - mx) ** 2 for x, _ in points)
    return 60 * sum((x - mx) * (y - my) for x, y in points) / sxx if sxx else 0.0


def main():
    environment = dict(os.environ, SG_STARTUP_REPORT="1")
    exchange = subprocess.Popen([BINARY, "exchange"], stdout=subprocess.PIPE, text=True)
    place = {}
    for line in exchange.stdout:
        name, _, value = line.partition(" ")
        place[name] = value.strip()
        if name.startswith("try"):
            break
    started = time.monotonic()
    process = subprocess.Popen([BINARY, "--endpoint", place["websocket"], "--rest", place["rest"], "--ca-file", place["ca-file"], "--no-store",
                                "--stream", "trade", "--interval", "1s"], env=environment, stderr=subprocess.PIPE, text=True)
    reports = []
    threading.Thread(target=lambda: reports.extend((time.monotonic() - started, line.strip()) for line in process.stderr), daemon=True).start()
    settle = min(20, SECONDS)
    time.sleep(settle)
    assert process.poll() is None, "the window ended"
    main_stat, all_stat = f"/proc/{process.pid}/task/{process.pid}/stat", f"/proc/{process.pid}/stat"
    begin, main_before, all_before = time.monotonic(), cpu_seconds(main_stat), cpu_seconds(all_stat)
    memory = []
    while time.monotonic() - begin < SECONDS:
        memory.append((time.monotonic() - begin, status_kb(process.pid, "VmRSS")))
        time.sleep(1)
    elapsed = time.monotonic() - begin
    main_share = (cpu_seconds(main_stat) - main_before) / elapsed
    all_share = (cpu_seconds(all_stat) - all_before) / elapsed
    descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))
    threads = len(os.listdir(f"/proc/{process.pid}/task"))
    peak = status_kb(process.pid, "VmHWM")
    for child in (process, exchange):
        child.terminate()
        child.wait(10)
    for _, line in reports:
        if re.search(r"first|after \d+ ms", line):
            print(f"start-up             {line}")
    print(f"main thread          {100 * main_share:.2f} % of a core over {elapsed:.0f} s (bar: 5 %)")
    print(f"whole process        {100 * all_share:.2f} % of a core, the feed's TLS included")
    print(f"resident memory      {memory[-1][1] / 1024:.1f} MB, peak {peak / 1024:.1f} MB (bar: 150 MB)")
    half = memory[len(memory) // 2:]
    print(f"memory slope         {slope(half):+.1f} kB a minute over the second half")
    print(f"descriptors, threads {descriptors}, {threads}")
    return 0 if main_share < 0.05 and peak < 150 * 1024 else 1


if __name__ == "__main__":
    sys.exit(main())
