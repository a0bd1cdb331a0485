#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Six panes of ours against one pane of uPlot in headless Chromium, on a million points each, in turns in one run. Bars: a pan frame at
most a third of uPlot's, the first picture (pyramids included) at most a quarter.

Needs Chromium (apt install chromium) and the npm package `uplot`, in a folder outside this repository that SG_UPLOT names:
    mkdir -p ~/uplot && npm install --prefix ~/uplot uplot && SG_UPLOT=~/uplot ./build.sh bench compare_uplot
Nothing is downloaded here; what is missing is said, and the comparison left out.

uPlot's numbers are wall time inside the page, until a pixel of the canvas can be read back: the moment at which ours are taken as well.
The script's part alone, before anything is drawn, is printed beside them. Each takes the slowest median of its depths."""
import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
BINARY_DIR = pathlib.Path(os.environ.get("SG_BINARY_DIR", "build/release"))
ROUNDS = int(os.environ.get("SG_BENCH_ROUNDS", "5"))
ROWS, FRAMES = 1000000, 60
CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def find():
    """Chromium, uPlot's folder of built files, and our benchmark."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        skip("Chromium is not installed (apt install chromium)")
    folder = os.environ.get("SG_UPLOT")
    if not folder:
        skip("SG_UPLOT names no folder with the npm package uplot (npm install --prefix FOLDER uplot)")
    dist = pathlib.Path(folder).expanduser() / "node_modules" / "uplot" / "dist"
    if not (dist / "uPlot.iife.min.js").exists():
        skip(f"no uplot in {folder} (npm install --prefix {folder} uplot)")
    bench = BINARY_DIR / "tests" / "bench_plot"
    if not bench.exists():
        skip(f"{bench} is not built (ninja bench)")
    return chromium, dist, bench


def serve(dist):
    """A server on loopback for the page and the library; returns it with the queue of what the page posts."""
    results = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.split("?")[0].lstrip("/")
            file = (HERE / "compare" / name) if name == "uplot.html" else dist / pathlib.Path(name).name
            if not name or not file.is_file():
                self.send_error(404)
                return
            body = file.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", TYPES.get(file.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, results


def theirs(chromium, server, results):
    url = f"http://127.0.0.1:{server.server_port}/uplot.html?rows={ROWS}&frames={FRAMES}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen([chromium, *CHROMIUM, f"--user-data-dir={profile}", "--remote-debugging-port=0", "--window-size=1280,800", url],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            result = results.get(timeout=180)
        except queue.Empty:
            sys.exit("the page posted nothing within three minutes")
        finally:
            browser.terminate()
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
    if "error" in result:
        sys.exit(f"the page failed: {result['error']}")
    return result


def ours(bench):
    text = subprocess.run([bench, str(ROWS)], stdout=subprocess.PIPE, text=True, timeout=300).stdout
    first = float(re.search(r"first picture ([\d.]+) ms", text).group(1))
    # The same depths as the page's: from the whole series to a hundredth of it.
    frames = [float(median) for rows, median in re.findall(r"pan/zoom,\s+(\d+) bars in view: median ([\d.]+)", text) if int(rows) >= ROWS // 100]
    return first, max(frames)


def main():
    chromium, dist, bench = find()
    server, results = serve(dist)
    our_first, our_frame, their_first, their_frame, their_script, their_first_script = [], [], [], [], [], []
    for number in range(ROUNDS):
        first, frame = ours(bench)
        page = theirs(chromium, server, results)
        slowest = max(page["depth"], key=lambda depth: depth["all"])
        our_first.append(first)
        our_frame.append(frame)
        their_first.append(page["first"])
        their_first_script.append(page["firstScript"])
        their_frame.append(slowest["all"])
        their_script.append(max(depth["script"] for depth in page["depth"]))
        print(f"  round {number + 1}: ours first {first:.2f} ms, pan {frame:.2f} ms; uPlot first {page['first']:.1f} ms, pan {slowest['all']:.1f} ms "
              f"(script alone {page['firstScript']:.1f} and {their_script[-1]:.1f})")
    server.shutdown()
    missed = False
    for what, mine, other, script, bar in (("pan frame", our_frame, their_frame, their_script, 1 / 3),
                                           ("first picture", our_first, their_first, their_first_script, 1 / 4)):
        a, b, c = statistics.median(mine), statistics.median(other), statistics.median(script)
        missed |= a / b > bar
        print(f"  {what:14} six panes {a:6.2f} ms, one pane of uPlot {b:6.1f} ms: {a / b:.3f} (bar {bar:.3f})  {'ok' if a / b <= bar else 'MISSED'}"
              f"; to its script alone {a / c:.3f}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
