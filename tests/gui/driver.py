# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window from outside: reads it through the accessibility bus, moves it with xdotool.

Nothing here sleeps and then asserts: every expectation is polled with a deadline. Run under tests/support/with-display.sh."""
import atexit
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import memory_guard

memory_guard.start()

try:
    import pyatspi
except ImportError:
    print("SKIP: python3-pyatspi is missing")
    sys.exit(77)

APP_ID = "org.spreadglass.Spreadglass"
OBJECT = "/org/spreadglass/Spreadglass"
PROGRAM = os.environ["SPREADGLASS"]
BINARY_DIR = os.environ.get("SG_BINARY_DIR", os.path.dirname(PROGRAM))
SCREENSHOTS = os.path.join(BINARY_DIR, "screenshots")
# A sanitised program on a busy machine is slow; a deadline is there to end a test, not to measure.
PATIENCE = 4.0 if os.environ.get("SG_SANITIZE") else 2.5


class Failure(AssertionError):
    pass


def until(condition, seconds, what):
    """Polls until condition() is true and returns its value; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds * PATIENCE
    error = None
    while True:
        try:
            value = condition()
            error = None
            if value:
                return value
        except Failure:
            raise
        except Exception as problem:  # a widget that left the tree while it was being read
            error = problem
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds * PATIENCE:.0f} s: {what}" + (f" ({error!r})" if error else ""))
        time.sleep(0.05)


def holds(condition, seconds, what):
    """Fails when condition() becomes false within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            raise Failure(f"did not hold for {seconds} s: {what}")
        time.sleep(0.05)


def walk(node, depth=0):
    yield node
    if depth > 40:
        return
    try:
        count = node.childCount
    except Exception:
        return
    for index in range(count):
        try:
            child = node.getChildAtIndex(index)
        except Exception:
            continue
        if child is not None:
            yield from walk(child, depth + 1)


class Window:
    """The program, started on a display of its own and found on the accessibility bus."""

    newest = None
    started = []

    def __init__(self, *arguments, environment=None, expect_window=True):
        self.errors = open(os.path.join(os.environ["XDG_RUNTIME_DIR"], f"stderr-{len(Window.started)}"), "w+")
        env = dict(os.environ, G_DEBUG="fatal-criticals", SG_STARTUP_REPORT="1")
        env.update(environment or {})
        self.process = subprocess.Popen([PROGRAM, *arguments], env=env, stderr=self.errors, stdout=subprocess.DEVNULL)
        Window.newest = self
        Window.started.append(self)
        atexit.register(self.kill)
        self.app = None
        self.heard = 0
        if expect_window:
            self.app = until(self._find, 20, "the window on the accessibility bus")
            self.frame = until(lambda: self._frame(), 10, "a frame")

    def _find(self):
        if self.process.poll() is not None:
            raise Failure(f"the program ended with {self.process.returncode}:\n{self.stderr()}")
        desktop = pyatspi.Registry.getDesktop(0)
        for index in range(desktop.childCount):
            app = desktop.getChildAtIndex(index)
            if app is not None and app.name == "spreadglass" and app.childCount > 0:
                return app
        return None

    def _frame(self):
        for index in range(self.app.childCount):
            frame = self.app.getChildAtIndex(index)
            if frame is not None and frame.getRoleName() == "frame":
                return frame
        return None

    def stderr(self):
        self.errors.flush()
        with open(self.errors.name) as text:
            return text.read()

    # ---- reading ----
    def find(self, role, name=None):
        """The first widget of this role whose name matches the pattern; None."""
        for node in walk(self.app):
            try:
                if node.getRoleName() == role and (name is None or re.search(name, node.name or "")):
                    return node
            except Exception:
                continue
        return None

    def need(self, role, name=None, seconds=8):
        return until(lambda: self.find(role, name), seconds, f"{role} {name!r} in the window")

    def names(self, pattern):
        found = []
        for node in walk(self.app):
            try:
                if re.search(pattern, node.name or ""):
                    found.append(node.name)
            except Exception:
                continue
        return found

    def chart(self, title):
        """What the chart says of itself."""
        text = self.need("image", f"^{title} chart$").description or ""
        result = {"text": text, "live": text.endswith("; live"), "paused": text.endswith("; paused")}
        match = re.search(r"bar (\S+); showing (\d+) bars to (\S+); ", text)
        if match:
            result.update(bar=match.group(1), bars=int(match.group(2)), edge=match.group(3))
        result["numbers"] = [float(n.replace("\u2212", "-").replace("\u2009", "")) for n in
                             re.findall(r"[-\u2212]?\d[\d\u2009]*(?:\.\d+)?(?![\w:-])", text.split("; bar")[0])]
        return result

    def shown(self, title):
        """The same, as soon as it tells which bars it shows: what a chart says of itself follows its picture by up to half a second."""
        return until(lambda: (lambda chart: chart if "bars" in chart else None)(self.chart(title)), 8, f"the {title} chart tells its bars")

    def said(self, pattern):
        """A word that passed at the window's foot ("Copied 60 bars") and was not asked for before; a click() forgets those before it. It stands on
        standard error, for a slow machine reads the tree when the word is gone again."""
        words = self._words()
        for index in range(self.heard, len(words)):
            if re.search(pattern, words[index]):
                self.heard = index + 1
                return words[index]
        return None

    def _words(self):
        return [line[len("said: "):] for line in self.stderr().splitlines() if line.startswith("said: ")]

    def stat(self, caption):
        """The text of a value of the statistics strip."""
        for node in walk(self.app):
            try:
                if node.getRoleName() in ("label", "text", "static") and (node.name or "").endswith(" " + caption):
                    return node.name[: -len(caption) - 1]
            except Exception:
                continue
        return None

    def alert(self):
        """The words of the alert banner, or None when it is not there."""
        node = self.find("alert", "^Alert$")
        if node is None:
            return None
        return next((n.name for n in walk(node) if n.getRoleName() == "label" and re.search(r"\bz [+\u2212]", n.name or "")), "")

    def trouble(self):
        node = self.find("alert", "^Connection trouble$")
        if node is None:
            return None
        return next((n.name for n in walk(node) if n.getRoleName() == "label" and n.name), "")

    def connection(self):
        return next(iter(self.names(r"^Connection: ")), "")[len("Connection: "):]

    # ---- acting ----
    def action(self, name, parameter=None):
        arguments = f"[{parameter}]" if parameter is not None else "[]"
        subprocess.run(["gdbus", "call", "--session", "--dest", APP_ID, "--object-path", f"{OBJECT}/window/1", "--method",
                        "org.gtk.Actions.Activate", name, arguments, "{}"], check=True, stdout=subprocess.DEVNULL)

    def click(self, role, name, done, what):
        """Clicks until the effect is there, and returns it: a button that was just revealed drops its first click. It is given twice the time with each
        click, or a button that switches to and fro would be clicked back on a busy machine."""
        self.heard = len(self._words())
        deadline, patience = time.monotonic() + 15 * PATIENCE, 0.8
        while time.monotonic() < deadline:
            node = self.find(role, name)
            if node is not None:
                try:
                    node.queryAction().doAction(0)
                except Exception:
                    pass
            step = time.monotonic() + patience
            patience *= 2
            while time.monotonic() < step:
                try:
                    value = done()
                    if value:
                        return value
                except Failure:
                    raise
                except Exception:
                    pass
                time.sleep(0.05)
        raise Failure(f"clicking {name!r} did nothing: {what}")

    def set_spin(self, name, value):
        self.need("spin button", f"^{name}$").queryValue().currentValue = value

    def spin(self, name):
        return self.need("spin button", f"^{name}$").queryValue().currentValue

    def point(self, title, across=0.5, down=0.5):
        """A point of a chart on the screen."""
        chart = self.need("image", f"^{title} chart$")
        box = chart.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        frame = self.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        x, y, width, height = self.geometry()
        left = x + (width - frame.width) / 2 + box.x
        top = y + (height - frame.height) / 2 + box.y
        return round(left + box.width * across), round(top + box.height * down)

    def geometry(self):
        ids = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], capture_output=True, text=True,
                             check=True).stdout.split()
        best = None
        for window in ids:
            out = subprocess.run(["xdotool", "getwindowgeometry", "--shell", window], capture_output=True, text=True).stdout
            values = dict(line.split("=") for line in out.split() if "=" in line)
            size = int(values.get("WIDTH", 0)) * int(values.get("HEIGHT", 0))
            if best is None or size > best[0]:
                best = (size, int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"]))
        return best[1:]

    def resize(self, width, height):
        """As a window manager would. What is laid out then is laid out at once, or a frame later."""
        for window in subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], capture_output=True, text=True, check=True).stdout.split():
            subprocess.run(["xdotool", "windowsize", window, str(width), str(height)], check=True)
        until(lambda: self.geometry()[2:] == (width, height), 10, f"the window is {width}x{height}")

    def move(self, title, across=0.5, down=0.5):
        x, y = self.point(title, across, down)
        xdo("mousemove", x, y)
        return x, y

    def wheel(self, title, button, times=1, across=0.5, modifier=None):
        self.move(title, across)
        keys = ["keydown", modifier] if modifier else []
        release = ["keyup", modifier] if modifier else []
        xdo(*keys, "click", "--repeat", times, "--delay", 40, button, *release)

    def drag(self, title, pixels, across=0.5):
        x, y = self.move(title, across)
        xdo("mousedown", 1)
        steps = 10
        for step in range(1, steps + 1):
            time.sleep(0.03)
            xdo("mousemove", x + pixels * step // steps, y)
        time.sleep(0.05)
        xdo("mouseup", 1)

    def keys(self, *keys):
        xdo("key", *keys)

    def screenshot(self, name):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        path = os.path.join(SCREENSHOTS, name + ".png")
        subprocess.run(["import", "-window", "root", path], check=True)
        return path

    # ---- ending ----
    def quit(self):
        """Ends it as a person would and holds it to a clean end."""
        subprocess.run(["gapplication", "action", APP_ID, "quit"], check=True)
        try:
            status = self.process.wait(10 * PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure("the program did not end after quit")
        if status != 0:
            raise Failure(f"exit status {status}:\n{self.stderr()}")
        self.hold_to_silence()

    def hold_to_silence(self):
        """No warning of GTK's or GLib's, and no word of a sanitizer's, however the program ended."""
        bad = [line for line in self.stderr().splitlines() if "CRITICAL" in line or "WARNING" in line or "Sanitizer" in line
               or "runtime error" in line]
        if bad:
            raise Failure("on standard error:\n" + "\n".join(bad))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def xdo(*arguments):
    subprocess.run(["xdotool", *[str(a) for a in arguments]], check=True)


def run(*tests):
    """Runs the functions in order; the exit status for ctest."""
    for test in tests:
        start = time.monotonic()
        try:
            test()
        except Exception as error:
            print(f"not ok - {test.__name__}: {error}")
            os.makedirs(SCREENSHOTS, exist_ok=True)
            path = os.path.join(SCREENSHOTS, f"failed-{test.__name__}.png")
            subprocess.run(["import", "-window", "root", path])
            print(f"# what was on the screen: {path}")
            if Window.newest:  # what it died of, and what a sanitizer said
                print(f"# the program's standard error (exit status so far: {Window.newest.process.poll()}):\n{Window.newest.stderr()}")
            if not isinstance(error, Failure):
                raise
            sys.exit(1)
        print(f"ok - {test.__name__} ({time.monotonic() - start:.1f} s)")
    for window in Window.started:
        try:
            window.hold_to_silence()
        except Failure as error:
            print(f"not ok - silence: {error}")
            sys.exit(1)
    sys.exit(0)
