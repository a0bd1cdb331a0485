# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames a second and the share of a core of the running window while a million bars are panned.

    SPREADGLASS=build/release/spreadglass GSETTINGS_SCHEMA_DIR=$PWD/build/release/schemas \\
        tests/support/with-display.sh /usr/bin/python3 tests/bench/measure_panning.py [ROWS]        (1000000)

A recording of that many seconds is written (a trade every few seconds in each leg: the bars between are filled) and replayed at full
speed; the window is zoomed out over all of it, then dragged to and fro by moves of the pointer that come a little more often than the
screen's frames. All six panes are shown. Frames are those of the window's own frame clock (SG_DRAW_REPORT), and each must bring a new picture of every pane
over time; the processor is that of the whole process, all threads; the display server's is told beside it. Bars: 60 frames a second (59.5: the
clock that measures is not the screen's), 40 % of a core."""
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ.get("SPREADGLASS", "build/release/spreadglass")
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
STRIDE = 8                      # seconds between trades: the recording stays a few tens of megabytes
FIRST_MS = 1704067200000
SECONDS = 8.0                   # of each measured drag
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def write_recording(file):
    def line(record):
        return json.dumps(record, separators=(",", ":")) + "\n"

    chance = random.Random(7)
    b, spread = 2000.0, 0.0
    with open(file, "w") as out:
        out.write('{"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}\n')
        out.write(line({"t": FIRST_MS * 1000, "event": "connected", "leg": -1, "detail": "written by a benchmark"}))
        for number, second in enumerate(range(0, ROWS, STRIDE), 1):
            b *= 1 + 2e-4 * chance.gauss(0, 1)
            spread = 0.9 * spread + chance.gauss(0, 1)
            for symbol, price in (("BTCUSDT", 150 + 1.7 * b + spread), ("ETHUSDT", b)):
                stamp = FIRST_MS + second * 1000 + 40
                data = {"e": "trade", "E": stamp + 1, "s": symbol, "t": number, "p": f"{price:.2f}", "q": "1", "T": stamp, "m": True, "M": True}
                out.write(line({"t": stamp * 1000 + 9000, "m": {"stream": symbol.lower() + "@trade", "data": data}}))


class Pointer:
    """One xdotool that reads its orders from a pipe: a process for each move would be the measurement."""

    def __init__(self):
        self.process = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True)

    def say(self, *orders):
        self.process.stdin.write("".join(f"{order}\n" for order in orders))
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


PANES = ("Price", "Spread", "Z-score", "Correlation", "Hedge ratio", "Scatter")
SETTINGS = """[org/spreadglass/Spreadglass]
panes=[('price', 0.20, true), ('spread', 0.16, true), ('zscore', 0.18, true), ('correlation', 0.13, true), ('hedge-ratio', 0.13, true), ('scatter', 0.20, true)]
"""


def display_server():
    """The X server of this display."""
    found = subprocess.run(["pgrep", "-f", f"^Xvfb {os.environ['DISPLAY'].split('.')[0]} "], stdout=subprocess.PIPE, text=True).stdout.split()
    return int(found[0]) if found else None


def environment(folder):
    """Settings from a file: six panes. `memory` would be forgotten, and the person's own must stay as they are."""
    settings = os.path.join(folder, "glib-2.0", "settings")
    os.makedirs(settings)
    with open(os.path.join(settings, "keyfile"), "w") as file:
        file.write(SETTINGS)
    shutil.copytree(os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0"), os.path.join(folder, "gtk-4.0"))
    return dict(os.environ, SG_DRAW_REPORT="1", GSETTINGS_BACKEND="keyfile", XDG_CONFIG_HOME=folder)


def report(log):
    with open(log) as file:
        return collections.Counter(line.strip() for line in file)


def wait_until_quiet(process, log, seconds=4, deadline=900):
    end, size, since = time.monotonic() + deadline, -1, time.monotonic()
    while time.monotonic() - since < seconds:
        assert process.poll() is None, "the window ended"
        assert time.monotonic() < end, "the window never came to rest"
        now = (os.path.getsize(log), int(cpu_seconds(process.pid) * 4))
        if now != size:
            size, since = now, time.monotonic()
        time.sleep(0.25)


def drag(process, log, server, pointer, height):
    """Frames a second, share of a core, and the server's, over one long drag to and fro."""
    pointer.say(f"mousemove 700 {height}", "mousedown 1", f"mousemove 720 {height}", f"mousemove 700 {height}")
    time.sleep(0.5)
    before, cpu, server_cpu, begin = report(log), cpu_seconds(process.pid), cpu_seconds(server) if server else 0, time.monotonic()
    moves = 0
    while time.monotonic() - begin < SECONDS:
        x = 550 + abs((moves * 3 + 150) % 600 - 300)
        pointer.say(f"mousemove {x} {height}")
        moves += 1
        time.sleep(max(0, begin + moves / 75 - time.monotonic()))
    elapsed = time.monotonic() - begin
    used, server_used, after = cpu_seconds(process.pid) - cpu, (cpu_seconds(server) - server_cpu) if server else 0, report(log)
    pointer.say("mouseup 1")
    # The scatter has its window's last bars and stands still until they change; the five on the time axis move with every frame.
    pictures = [(after[f"picture {pane}"] - before[f"picture {pane}"]) / elapsed for pane in PANES]
    return (after["frame"] - before["frame"]) / elapsed, pictures, used / elapsed, server_used / elapsed


def main():
    with tempfile.TemporaryDirectory() as folder:
        recording, log = os.path.join(folder, "long.ndjson"), os.path.join(folder, "log")
        write_recording(recording)
        with open(log, "w") as errors:
            process = subprocess.Popen([PROGRAM, "--replay", recording, "--speed", "max", "--interval", "1s", "--stream", "trade"], stdout=subprocess.DEVNULL,
                                       stderr=errors, env=environment(os.path.join(folder, "config")))
        pointer, server, results = Pointer(), display_server(), []
        try:
            started = time.monotonic()
            time.sleep(2)
            wait_until_quiet(process, log)
            print(f"{ROWS} seconds replayed after {time.monotonic() - started - 4:.0f} s")
            pointer.say("mousemove 700 300", *["click 5"] * 90)
            for notches in (8, 24, 24):  # then half of it in view, a twentieth, a two-hundredth
                pointer.say("mousemove 700 300", *["click 4"] * notches)
                wait_until_quiet(process, log, 2, 60)
                # Back in time first: at the newest bar a view cannot move on, and a frame that changes nothing is not drawn.
                pointer.say("mousemove 500 300", "mousedown 1", "mousemove 700 300", "mousemove 900 300", "mouseup 1")
                wait_until_quiet(process, log, 2, 60)
                frames, pictures, share, server_share = drag(process, log, server, pointer, 300)
                results.append((frames, share))
                print(f"{notches} notches closer: {frames:.1f} frames a second (new pictures: {', '.join(f'{pane.lower()} {count:.1f}' for pane, count in zip(PANES, pictures))}), {100 * share:.1f} % of a core, "
                      f"{100 * server_share:.1f} % for the display server")
        finally:
            pointer.close()
            process.terminate()
            process.wait(20)
    slowest, dearest = min(frames for frames, _ in results), max(share for _, share in results)
    ok = slowest >= 59.5 and dearest < 0.40
    print(f"slowest {slowest:.1f} frames a second (bar: 60), dearest {100 * dearest:.1f} % of a core (bar: 40 %): {'ok' if ok else 'MISSED'}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
