# SPDX-License-Identifier: GPL-3.0-or-later
"""A second start while the window is open: what it asks for is done there, or in a window of its own; it is never swallowed."""
import contextlib
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import driver
import program
from driver import until

window = None
home = tempfile.TemporaryDirectory()


def second(*arguments, folder=None):
    """Another start to its end: exit status and standard error."""
    result = subprocess.run([driver.PROGRAM, *arguments], capture_output=True, text=True, timeout=30 * driver.PATIENCE, cwd=folder)
    return result.returncode, result.stderr


def model():
    node = next((n for n in driver.walk(window.app) if n.getRoleName() == "push button" and n.name == "Model"), None)
    return node.description if node else ""


def test_start():
    global window
    window = driver.Window("--demo")
    until(lambda: window.connection() == "Demo", 10, "connected")


def test_nothing_asked():
    status, said = second()
    assert status == 0 and "its window was brought to the front" in said, (status, said)
    status, said = second("--demo")
    assert status == 0 and "brought to the front" in said, (status, said)


def test_pair_and_settings():
    status, said = second("--pair", "ETHUSDT/BTCUSDT")
    assert status == 0 and "this was done in its window" in said, (status, said)
    until(lambda: window.find("frame", "^ETHUSDT/BTCUSDT"), 10, "the pair is shown")
    until(lambda: window.connection() == "Demo", 10, "connected")
    status, said = second("--demo", "--interval", "1m", "--window", "30", "--entry", "1.5", "--hedge", "tls", "--lookback", "500", "--ddof", "0", "--stream", "trade")
    assert status == 0, (status, said)
    until(lambda: model() == "Total least squares on the last 500 bars of 1m \u00b7 z over 30, ddof 0 \u00b7 trades", 10, f"the settings are in force, not {model()!r}")
    until(lambda: abs(window.spin("Threshold") - 1.5) < 1e-9 and window.spin("Window length") == 30, 8, "and shown")


def test_what_cannot_be_is_said():
    status, said = second("--window", "8", "--entry", "1", "--lookback", "all", "--hedge", "ols")
    assert status == 0, (status, said)
    until(lambda: "OLS on all bars" in model() and "z over 8" in model(), 8, "a short window")
    before = model()
    status, said = second("--hedge", "rolling")  # over a window of 8 bars, which is the open window's
    assert status == 1 and "cannot do this" in said and "too few" in said, (status, said)
    assert model() == before, "nothing of it was done"
    status, said = second("--window", "2")
    assert status == 2, (status, said)


def test_elsewhere_is_another_window():
    """A recording is played in a window of its own; the first one goes on."""
    recording = os.path.join(home.name, "r.ndjson")
    with open(recording, "w") as out:
        out.write('{"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}\n{"t":1723161600000000,"alive":1}\n{"t":1723161601000000,"alive":1}\n')
    before = model()
    with another_window("--replay", recording, "--paused"):
        assert model() == before and window.connection() == "Demo"
    window.quit()


@contextlib.contextmanager
def another_window(*arguments, folder=None):
    """A start that opens a window of its own; ended afterwards."""
    other = subprocess.Popen([driver.PROGRAM, *arguments], stderr=subprocess.PIPE, text=True, cwd=folder)
    try:
        desktop = driver.pyatspi.Registry.getDesktop(0)
        until(lambda: sum(1 for i in range(desktop.childCount) if desktop.getChildAtIndex(i).name == "spreadglass" and desktop.getChildAtIndex(i).childCount) == 2, 15,
              "a second program has a window")
        assert other.poll() is None
        yield
    finally:
        other.kill()
        other.communicate()


def test_a_relative_path_is_from_where_it_was_said():
    """The same name elsewhere is another place, and another name may be the same one."""
    global window
    below = os.path.join(home.name, "below")
    os.mkdir(below)
    with program.Exchange("--seed", 7) as exchange:
        os.chdir(home.name)
        options = [os.path.relpath(o) if os.path.isfile(o) else o for o in exchange.options]
        assert options != exchange.options, "the exchange's certificate is a file"
        window = driver.Window(*options, "--data-dir", "kept", "--interval", "1s")
        until(lambda: window.connection() == "Live", 15, "connected")
        from_below = [os.path.join("..", o) if o != p else o for o, p in zip(options, exchange.options)]
        for folder, kept, given in ((below, "../kept", from_below), (home.name, "./kept", options), (home.name, os.path.join(home.name, "kept"), exchange.options)):
            status, said = second(*given, "--data-dir", kept, folder=folder)
            assert status == 0 and "brought to the front" in said, (folder, kept, status, said)
        with another_window(*from_below, "--data-dir", "kept", folder=below):
            assert window.connection() == "Live"
        window.quit()


driver.run(test_start, test_nothing_asked, test_pair_and_settings, test_what_cannot_be_is_said, test_elsewhere_is_another_window,
           test_a_relative_path_is_from_where_it_was_said)
