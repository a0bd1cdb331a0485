# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that cannot be had: locked, read-only, full, of a later version, or damaged, at the start of a session or in its middle. The session goes on, says what is not
kept and why, tries again, and once it can be had stores what it held in memory and says that too. When it never can, the exit status is 1, and the words tell how much was
not kept. Another file is never touched."""
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
from seeded_watch import demand

BARS = "SELECT count(*) FROM bars WHERE interval_us = 60000000"
folder = tempfile.TemporaryDirectory(prefix="sg-trouble-")


class Session:
    """A watch whose output is read as it comes, through pipes: a limit of its files is one of the database's alone."""

    def __init__(self, exchange, data, before=(), limit=None):
        self.path = os.path.join(data, "spreadglass.db")
        command = [*before, program.BINARY, "watch", "--stream", "trade", "--interval", "1m", "--format", "json", "--data-dir", data, *exchange.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))) if limit else None)
        self.lines, self.errors = [], []
        self.readers = [threading.Thread(target=self.read, args=(self.process.stdout, self.lines)), threading.Thread(target=self.read, args=(self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line)

    def said(self, *words):
        events = [json.loads(line) for line in list(self.lines)]
        return [event["detail"] for event in events if event.get("event") == "error" and all(word in event["detail"] for word in words)]

    def has_history(self):
        return sum('"backfilled"' in line for line in list(self.lines)) >= 2

    def until(self, condition, what, seconds=40):
        try:
            program.until(condition, seconds, what)
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.lines[-8:]} {self.errors}") from late

    def kept(self):
        return count(self.path)

    def end(self, status):
        self.process.send_signal(signal.SIGINT)
        got = self.process.wait(40 * program.SLOW)
        for reader in self.readers:
            reader.join()
        errors = "".join(self.errors)
        program.no_findings(errors, "the watch")
        demand(got == status, f"it ended with {got}: {errors}")
        return errors

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def count(path, query=BARS):
    """0 where there is no such database."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query).fetchone()[0]
    except sqlite3.Error:
        return 0


def change(path, *statements):
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@contextlib.contextmanager
def session(name, exchange, **more):
    data = os.path.join(folder.name, name)
    running = Session(exchange, data, **more)
    try:
        yield running
    finally:
        running.kill()


def make_store(name):
    """A database with one bar of somebody's in it."""
    data = os.path.join(folder.name, name)
    os.makedirs(data, exist_ok=True)
    file = os.path.join(folder.name, f"{name}-DOGEUSDT-1m.csv")
    with open(file, "w", encoding="ascii") as out:
        out.write("time,close\n1700006400000,1\n1700006460000,2\n")
    demand(program.run("import", file, "--symbol", "DOGEUSDT", "--data-dir", data)[0] == 0, "import")
    return os.path.join(data, "spreadglass.db")


def heals(running, why, heal, least=200):
    """It is told that nothing can be kept, and why; then it is healed, and all that was held in memory is stored."""
    running.until(lambda: running.said("nothing can be kept now", why), f"it says: nothing can be kept now … {why}")
    running.until(running.has_history, "the session goes on meanwhile")
    heal()
    running.until(lambda: running.said("it can be kept again"), "it says that it can be kept again")
    running.until(lambda: running.kept() >= least, "what was held in memory is stored")
    demand(len(running.said("nothing can be kept now")) == 1, f"told again and again: {running.said('nothing can be kept now')}")


def fails(running, why, *words):
    """It never can be had: the exit status is 1, and the words tell how much was not kept, and why."""
    running.until(lambda: running.said("nothing can be kept now", why), f"it says: nothing can be kept now … {why}")
    running.until(running.has_history, "the session goes on meanwhile")
    errors = running.end(1)
    demand(all(word in errors for word in (why, *words)), f"{words} are missing: {errors}")
    records = re.search(r"(\d+) records", errors)
    demand(records and int(records.group(1)) > 200, f"it does not say how much was lost: {errors}")


@contextlib.contextmanager
def locked(path):
    """By another program, so that nobody can write."""
    with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield lambda: connection.execute("ROLLBACK")


def test_locked_at_start_then_freed():
    with program.Exchange("--seed", 4) as exchange, locked(make_store("locked")) as free, session("locked", exchange) as running:
        heals(running, "database is locked", free)
        running.end(0)


def test_locked_for_ever():
    with program.Exchange("--seed", 4) as exchange, locked(make_store("locked-on")), session("locked-on", exchange) as running:
        fails(running, "database is locked", "nothing was kept")


def test_locked_in_the_middle_then_freed():
    with program.Exchange("--seed", 4) as exchange, session("locked-later", exchange) as running:
        running.until(lambda: running.kept() > 200, "it keeps its history")
        with locked(running.path) as free:
            running.until(lambda: running.said("nothing can be kept now", "database is locked"), "it says so when there is something to keep", 120)
            free()
            running.until(lambda: running.said("it can be kept again"), "it says that it can be kept again")
        running.end(0)


# Root writes wherever it likes, unless that is taken from it.
MORTAL = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all") if os.geteuid() == 0 else ()


def can_be_mortal():
    probe = os.path.join(folder.name, "probe")
    os.makedirs(probe, exist_ok=True)
    os.chmod(probe, 0o500)
    try:
        return subprocess.run([*MORTAL, "touch", os.path.join(probe, "x")], stderr=subprocess.DEVNULL).returncode != 0
    except FileNotFoundError:
        return False


def test_a_file_that_cannot_be_written_then_can():
    if not can_be_mortal():
        return print("  read-only: not tried, nothing is read-only for this user")
    path = make_store("readonly")
    os.chmod(path, 0o400)
    os.chmod(os.path.dirname(path), 0o500)

    def heal():
        os.chmod(os.path.dirname(path), 0o700)
        os.chmod(path, 0o600)
    with program.Exchange("--seed", 4) as exchange, session("readonly", exchange, before=MORTAL) as running:
        heals(running, "readonly", heal)
        running.end(0)


def test_a_folder_that_cannot_be_written_then_can():
    if not can_be_mortal():
        return print("  read-only: not tried, nothing is read-only for this user")
    data = os.path.join(folder.name, "closed")
    os.mkdir(data, 0o500)
    with program.Exchange("--seed", 4) as exchange, session("closed", exchange, before=MORTAL) as running:
        heals(running, "Permission denied", lambda: os.chmod(data, 0o700))
        running.end(0)


def test_a_folder_that_never_can():
    if not can_be_mortal():
        return print("  read-only: not tried, nothing is read-only for this user")
    os.mkdir(os.path.join(folder.name, "closed-on"), 0o500)
    with program.Exchange("--seed", 4) as exchange, session("closed-on", exchange, before=MORTAL) as running:
        fails(running, "Permission denied", "nothing was kept")


def test_disk_full_at_start_then_freed():
    with program.Exchange("--seed", 4) as exchange, session("big", exchange, limit=8192) as running:
        heals(running, "disk I/O error", lambda: resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
        running.end(0)


def test_disk_full_for_ever():
    with program.Exchange("--seed", 4) as exchange, session("big-on", exchange, limit=8192) as running:
        fails(running, "disk I/O error", "nothing was kept")


def test_disk_full_in_the_middle_then_freed():
    path = make_store("big-later")
    with program.Exchange("--seed", 4) as exchange, session("big-later", exchange, limit=36000) as running:
        heals(running, "disk I/O error", lambda: resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
        running.end(0)
    demand(count(path, "SELECT count(*) FROM bars JOIN instruments ON id = instrument WHERE symbol = 'DOGEUSDT'") == 2, "what was there is gone")


def test_a_later_version():
    path = make_store("newer")
    change(path, "PRAGMA user_version = 99")
    with program.Exchange("--seed", 4) as exchange, session("newer", exchange) as running:
        fails(running, "later version", "nothing was kept", "update")
    demand(count(path) == 2 and count(path, "PRAGMA user_version") == 99, "a later version's file was changed")


def test_a_later_version_that_is_moved_away():
    path = make_store("newer-moved")
    change(path, "PRAGMA user_version = 99")
    with program.Exchange("--seed", 4) as exchange, session("newer-moved", exchange) as running:
        heals(running, "later version", lambda: os.rename(path, path + ".newer"))
        running.end(0)
    demand(count(path + ".newer") == 2, "the other file was changed")


def damage(path):
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + end)
    with open(path, "wb") as file:
        file.write(b"no database at all\n" * 500)


def test_damaged():
    path = make_store("damaged")
    damage(path)
    with program.Exchange("--seed", 4) as exchange, session("damaged", exchange) as running:
        fails(running, "no database", "nothing was kept", "move it away")
    with open(path, "rb") as file:
        demand(file.read() == b"no database at all\n" * 500, "a file that is not ours was changed")


def test_damaged_and_moved_away():
    path = make_store("damaged-moved")
    damage(path)
    with program.Exchange("--seed", 4) as exchange, session("damaged-moved", exchange) as running:
        heals(running, "no database", lambda: shutil.move(path, path + ".damaged"))
        running.end(0)


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=8)
