# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not being kept stands beside the verdict for as long as it is not: what, since when, and what to do; it goes when it is kept again."""
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import driver
import program
from driver import until

window = exchange = None
home = tempfile.TemporaryDirectory()
data = ["--data-dir", home.name]
path = os.path.join(home.name, "spreadglass.db")


def storage():
    """The pill's word and its description; None: it is not there."""
    node = next((n for n in driver.walk(window.app) if (n.name or "").startswith("Storage: ")), None)
    return (node.name[len("Storage: "):], node.description) if node else None


def bars():
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute("SELECT count(*) FROM bars").fetchone()[0]


def open_window():
    global window
    window = driver.Window(*data, *exchange.options, "--stream", "trade", "--interval", "1m")
    until(lambda: window.connection() == "Live", 20, "connected")


def test_locked_then_freed():
    global exchange
    exchange = program.Exchange("--seed", 3).__enter__()
    begun = os.path.join(home.name, "DOGEUSDT-1m.csv")
    with open(begun, "w", encoding="ascii") as file:
        file.write("time,close\n1700006400000,1\n1700006460000,2\n")
    assert program.run("import", begun, *data)[0] == 0
    with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        open_window()
        word, what = until(storage, 15, "it says that nothing is kept")
        assert word == "Not kept", word
        assert what.startswith("Nothing can be kept now, will be tried again: ") and "database is locked" in what, what
        assert "Since 20" in what and "held in memory" in what and "--data-dir" in what, what
        window.screenshot("not-kept")
        lock.execute("ROLLBACK")
    until(lambda: storage() is None, 20, "it is kept, and nothing is said any more")
    until(lambda: bars() > 500, 20, "what was held in memory is stored")
    window.quit()


def test_another_program_keeps_it():
    other = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--interval", "1m", *data, *exchange.options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        said = lambda: [check["detail"] for check in __import__("json").loads(program.run("doctor", *exchange.options, *data, "--format", "json")[1])["checks"]
                        if check["check"] == "database"][0]
        until(lambda: "kept by another program" in said(), 20, "the other one keeps it")
        open_window()
        word, what = until(storage, 15, "it says who keeps it")
        assert word == "Kept elsewhere", word
        assert "BTCUSDT and ETHUSDT are kept by another program" in what and str(other.pid) in what and "Nothing is lost" in what, what
        window.screenshot("kept-elsewhere")
        other.send_signal(signal.SIGKILL)
        other.wait()
        until(lambda: storage() is None, 20, "it takes over, and nothing is said any more")
        window.quit()
    finally:
        other.kill()
        exchange.__exit__(None, None, None)


if __name__ == "__main__":
    driver.run(test_locked_then_freed, test_another_program_keeps_it)
