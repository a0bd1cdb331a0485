# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running window costs: start-up, the main thread's share of a core, resident memory and its slope.

    tests/support/with-display.sh /usr/bin/python3 tests/bench/measure_window.py [SECONDS]      (60; README's memory: 620)

Streams one pair with trades from a local exchange in a process of its own, over TLS. Memory is read once a second; its slope is least
squares over the second half, when the window is full and the caches are warm. Every bar is kept, so it is not zero: two legs'
bars, a row of the history and its place in the pyramids are about half a kilobyte a bar.

Then, in a second window of 20 s, from tick to pixel: from the moment at which the oldest tick that a frame is the first to show was received until
the frame was handed over; the bar is one period of the engine's timer and one frame. And cold starts to the first frame, in turn with the
import of pandas and statsmodels alone where they are installed."""
import os
import re
import subprocess
import sys
import threading
import time

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
TICKS = os.sysconf("SC_CLK_TCK")
PERIOD_MS, FRAME_MS = 100, 1000 / 60  # of the engine's timer, of the screen


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


def cold_starts():
    """Ours to its first frame, Python to the end of its imports: medians of 5, in turn. None where there is nothing to compare with."""
    ours, theirs = [], []
    python = ["/usr/bin/python3", "-c", "import pandas, statsmodels.tsa.stattools"]
    if subprocess.run(python, stderr=subprocess.DEVNULL).returncode != 0:
        return None
    for _ in range(5):
        process = subprocess.Popen([BINARY, "--demo", "--no-store"], env=dict(os.environ, SG_STARTUP_REPORT="1"), stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            found = re.search(r"first frame after (\d+) ms", line)
            if found:
                ours.append(int(found.group(1)))
                break
        process.terminate()
        process.communicate(timeout=10)
        begin = time.monotonic()
        subprocess.run(python, check=True)
        theirs.append(1000 * (time.monotonic() - begin))
    return sorted(ours)[2], sorted(theirs)[2]


def ticks_to_pixels(options):
    """Milliseconds from the receipt of a tick to the frame that shows it, ascending."""
    process = subprocess.Popen([BINARY, *options], env=dict(os.environ, SG_DRAW_REPORT="1"), stderr=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend((time.monotonic(), line) for line in process.stderr), daemon=True)
    begin = time.monotonic()
    reader.start()
    time.sleep(25)
    process.terminate()
    process.wait(10)
    reader.join(10)
    return sorted(int(line.split()[1]) / 1000 for at, line in lines if at - begin > 5 and line.startswith("tick-to-pixel "))


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
    options = ["--endpoint", place["websocket"], "--rest", place["rest"], "--ca-file", place["ca-file"], "--no-store", "--stream", "trade", "--interval", "1s"]
    process = subprocess.Popen([BINARY, *options], env=environment, stderr=subprocess.PIPE, text=True)
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
    process.terminate()
    process.wait(10)
    waits = ticks_to_pixels(options)
    exchange.terminate()
    exchange.wait(10)
    starts = cold_starts()
    for _, line in reports:
        if re.search(r"first|after \d+ ms", line):
            print(f"start-up             {line}")
    print(f"main thread          {100 * main_share:.2f} % of a core over {elapsed:.0f} s (bar: 5 %)")
    print(f"whole process        {100 * all_share:.2f} % of a core, the feed's TLS included")
    print(f"resident memory      {memory[-1][1] / 1024:.1f} MB, peak {peak / 1024:.1f} MB (bar: 150 MB)")
    half = memory[len(memory) // 2:]
    print(f"memory slope         {slope(half):+.1f} kB a minute over the second half")
    print(f"descriptors, threads {descriptors}, {threads}")
    late = waits[int(0.99 * len(waits))]
    print(f"tick to pixel        median {waits[len(waits) // 2]:.0f} ms, p99 {late:.0f} ms of {len(waits)} (bar: {PERIOD_MS} + {FRAME_MS:.0f} ms at p99)")
    if starts:
        print(f"cold start           first frame {starts[0]} ms, import of pandas and statsmodels {starts[1]:.0f} ms: {starts[0] / starts[1]:.2f} of it (bar: 0.5)")
    else:
        print("cold start           SKIP: python3-pandas and python3-statsmodels are not installed, nothing to compare with")
    quick = not starts or starts[0] < 0.5 * starts[1]
    return 0 if main_share < 0.05 and peak < 150 * 1024 and late <= PERIOD_MS + FRAME_MS and quick else 1


if __name__ == "__main__":
    sys.exit(main())
