#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the tests notice? Plants single-line faults in the program, one at a time, and runs tests until one fails.

    tests/support/plant_faults.py                         44 faults of the default seed, spread evenly over the rooms
    tests/support/plant_faults.py --seed 2 --count 60     others
    tests/support/plant_faults.py --room store --list     what would be planted, without building anything
    tests/support/plant_faults.py --only 3f2a9c01de       one fault again, by its name in the table; also src/store/zip.c, or src/store/zip.c:119

It works in a copy of the tree (build/faults), never in the tree itself. A change that does not compile, or that the compiler turns into the same machine
code, is no fault: another is drawn. Tests are asked from near to far: the fault's own test, those of its room, the quick ones of the rooms that
use it; for cli, app and exchange then a few of the whole program. A test that fails is believed only when it passes on the sound
tree; of those of the whole program, only when it fails twice. A test that does not end counts as one that fails.
Exit status 1 when more than one in twenty survived."""
import argparse
import concurrent.futures
import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fault_sites

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
# Two runs at a time need a folder each.
TREE = SOURCE / "build" / os.environ.get("SG_FAULTS_FOLDER", "faults") / "tree"
BUILD = TREE / "build" / "release"
COPIED = ["CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "build.sh", "include", "src", "ui", "assets", "tests"]
ROOMS = ["base", "market", "analytics", "feed", "store", "exchange", "engine", "plot", "cli", "app"]
SECONDS_MAX = {"unit": 45, "numeric": 120, "integration": 300, "gui": 300}  # and what is known to be long its own time more, three times
SURVIVORS_MAX = 0.05
NICE = ["nice", "-n", "3"]

# Which tests of the whole program look at a file of these rooms: the beginning of the file's name, and words of the tests' names. First match.
WHOLE = [
    ("cli/analy", "files case_files verdicts"), ("cli/no_common", "files case_files"), ("cli/doctor", "store manners"), ("cli/import", "store files"),
    ("cli/export", "store files"), ("cli/store", "store manners"), ("cli/record", "recordings"), ("cli/replay", "replay_identity"),
    ("cli/watch", "alerts bad_input"), ("cli/live", "manners reconnect"), ("cli/exchange", "exchange bad_input"), ("cli/file", "files case_files"), ("cli/output", "files bad_input"),
    ("cli/", "bad_input man_page manners"),
    ("exchange/archive", "exchange exchange_capture"), ("exchange/player", "exchange_capture exchange"), ("exchange/", "exchange exchange_faults"),
    ("app/alert", "gui_calm_alerts gui_alert_and_connection"), ("app/banner", "gui_calm_alerts gui_alert_and_connection"), ("app/window_alert", "gui_calm_alerts gui_notifications"),
    ("app/event", "gui_calm_alerts"), ("app/window_log", "gui_calm_alerts"), ("app/appear", "gui_appearance"), ("app/prefer", "gui_preferences"), ("app/prefs", "gui_preferences"),
    ("app/model", "gui_model"), ("app/replay", "gui_replay"), ("app/second", "gui_second_start"), ("app/symbol", "gui_pair_and_settings"),
    ("app/session", "gui_pair_and_settings gui_model"), ("app/span", "gui_brush"), ("app/window_span", "gui_brush"), ("app/chart_selection", "gui_brush gui_explained_charts"),
    ("app/window_explain", "gui_explanations gui_explained_charts"), ("app/chart_values", "gui_explained_charts gui_window"), ("app/stat_strip", "gui_window gui_explanations gui_stale"),
    ("app/window_status", "gui_stale gui_alert_and_connection"), ("app/status", "gui_alert_and_connection gui_stale"), ("app/number_spin", "gui_number_entries"),
    ("app/verdict", "gui_window gui_explanations"), ("app/export", "gui_window gui_panes"), ("app/window_export", "gui_window gui_panes"), ("app/question", "gui_window"),
    ("app/pane", "gui_panes gui_chart_geometry"), ("app/chart_menu", "gui_panes"), ("app/window_panes", "gui_panes"), ("app/draw", "gui_still_screen"),
    ("app/", "gui_window gui_panes gui_chart_geometry"),
]


class Stopped(Exception):
    pass


def files_of(folder):
    for name in COPIED:
        path = folder / name
        if path.is_file():
            yield name
        for found in sorted(path.rglob("*")):
            if found.is_file() and "__pycache__" not in found.parts:
                yield str(found.relative_to(folder))


def copy_tree():
    """Makes the copy the same as the tree, touching only what differs: what is built stays good."""
    TREE.mkdir(parents=True, exist_ok=True)
    wanted = set(files_of(SOURCE))
    for name in set(files_of(TREE)) - wanted:
        (TREE / name).unlink()
    for name in sorted(wanted):
        source, copy = SOURCE / name, TREE / name
        if not copy.exists() or copy.stat().st_size != source.stat().st_size or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
            os.utime(copy)
    shared = os.environ.get("SG_SHARED_DIR") or SOURCE.parent / "shared"
    link = TREE.parent / "shared"
    if not link.exists() and pathlib.Path(shared).exists():
        link.symlink_to(pathlib.Path(shared).resolve())


def configure():
    # What a debugger reads is left out, and the quicker linker taken where it is: a fault in base makes a hundred programs anew.
    linker = "-Wl,--strip-debug" + (" -fuse-ld=lld" if shutil.which("ld.lld") else "")
    done = subprocess.run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", f"-DCMAKE_EXE_LINKER_FLAGS={linker}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)


def build(targets, jobs):
    return subprocess.run([*NICE, "ninja", "-C", BUILD, f"-j{jobs}", *targets], capture_output=True, text=True, check=False)


class Test:
    """One test as ctest knows it."""

    def __init__(self, told):
        properties = {item["name"]: item["value"] for item in told.get("properties", [])}
        self.name = told["name"]
        self.tier = self.name.split("_")[0]
        self.room = next((label for label in properties.get("LABELS", []) if label in ROOMS), "")
        # ctest does not know the command of a program that is not built yet.
        self.command = told.get("command") or [str(BUILD / "tests" / self.name)]
        self.folder = properties.get("WORKING_DIRECTORY", str(BUILD))
        self.environment = dict(item.split("=", 1) for item in properties.get("ENVIRONMENT", []))
        self.targets = [self.name] if self.tier in ("unit", "numeric") else ["spreadglass", "sg_schemas", "sg_man"]
        self.cost = float(properties.get("COST", 0))  # what is known to be long
        self.seconds = self.cost or (1.0 if self.tier == "unit" else 30.0)  # until it has been run
        self.limit = SECONDS_MAX.get(self.tier, 0) + 3 * self.cost

    def run(self, stop):
        """None: it passed, or was skipped; else how it failed. Stopped when {stop} is set meanwhile."""
        begun = time.monotonic()
        process = subprocess.Popen([*NICE, *self.command], cwd=self.folder, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            while process.poll() is None:
                if stop.is_set():
                    raise Stopped
                if time.monotonic() - begun > self.limit:
                    return "does not end"
                time.sleep(0.02)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.seconds = time.monotonic() - begun
        return None if process.returncode in (0, 77) else "crashes" if process.returncode < 0 else "fails"


class Suite:
    def __init__(self, jobs):
        told = subprocess.run(["ctest", "--test-dir", BUILD, "--show-only=json-v1"], capture_output=True, text=True, check=True)
        self.tests = [Test(item) for item in json.loads(told.stdout)["tests"]]
        self.jobs = jobs
        self.sound, self.unfit = set(), set()
        links = dict(re.findall(r"sg_room\((\w+)([^)]*)\)", (TREE / "CMakeLists.txt").read_text()))
        self.uses = {}
        for room in ROOMS:  # in the order of the table: what a room links is above it
            direct = {name for name in re.findall(r"sg_(\w+)", links.get(room, "")) if name in ROOMS}
            self.uses[room] = {room} | direct | {name for one in direct for name in self.uses.get(one, ())}
        self.uses["engine"] = self.uses["engine"] | {"exchange"}  # its tests have a peer to be live with

    def stages(self, name):
        """The tests that could notice a fault in this file, nearest first, as lists that are run together."""
        room, stem = name.split("/")[1], pathlib.Path(name).stem
        unit = [test for test in self.tests if test.tier == "unit"]
        inside = [test for test in unit if test.room == room]
        word = stem.split("_")[0]
        own = [test for test in inside if test.name == f"unit_{room}_{stem}" or test.name.startswith(f"unit_{room}_{word}")]
        yield own
        yield [test for test in inside if test not in own]
        if room == "analytics":
            yield [test for test in self.tests if test.tier == "numeric"]
        for other in ROOMS:
            if other != room and room in self.uses[other]:
                yield [test for test in unit if test.room == other and not test.cost]
        if room in ("cli", "app", "exchange"):
            for beginning, words in WHOLE:
                if f"{room}/{stem}".startswith(beginning):
                    names = [text if text.startswith("gui_") else f"integration_{text}" for text in words.split()]
                    yield [test for test in self.tests if test.name in names]
                    return

    def first_failure(self, tests):
        """(test, how) of the first of these that fails; None when none does. What is quick goes first."""
        stop, found, lock = threading.Event(), [], threading.Lock()
        waiting = sorted(tests, key=lambda test: test.seconds)

        def work():
            while not stop.is_set():
                with lock:
                    if not waiting:
                        return
                    test = waiting.pop(0)
                with contextlib.suppress(Stopped):
                    how = test.run(stop)
                    if how:
                        with lock:
                            found.append((test, how))
                        stop.set()

        with concurrent.futures.ThreadPoolExecutor(self.jobs if tests and tests[0].tier != "gui" else 1) as pool:
            for job in [pool.submit(work) for _ in range(self.jobs)]:
                job.result()
        return found[0] if found else None


class Planter:
    def __init__(self, suite, jobs):
        self.suite, self.jobs = suite, jobs
        self.sound_code = {}

    def code_of(self, name):
        """The machine code of a file, without what only a debugger reads; None when it does not compile."""
        made = f"CMakeFiles/sg_{name.split('/')[1]}.dir/{name}.o"
        if build([made], self.jobs).returncode != 0:
            return None
        bare = BUILD / "bare.o"
        subprocess.run(["strip", "--strip-debug", "-o", bare, BUILD / made], check=True)
        return bare.read_bytes()

    @contextlib.contextmanager
    def planted(self, site):
        """Yields whether it is a fault: it compiles, and to something else."""
        path = TREE / site.file
        text = path.read_text(encoding="utf-8")
        if site.file not in self.sound_code:
            self.sound_code[site.file] = self.code_of(site.file)
            if self.sound_code[site.file] is None:
                sys.exit(f"{site.file} does not compile as it is")
        lines = text.split("\n")
        line = lines[site.line - 1]
        lines[site.line - 1] = line[:site.start] + site.new + line[site.end:]
        try:
            path.write_text("\n".join(lines), encoding="utf-8")
            code = self.code_of(site.file)
            yield code is not None and code != self.sound_code[site.file]
        finally:
            path.write_text(text, encoding="utf-8")

    def is_sound(self, test):
        """Whether it passes without any fault, at the second try at least; a test that does not is not asked again."""
        if test.name not in self.suite.sound and test.name not in self.suite.unfit:
            build(test.targets, self.jobs)
            fails = test.run(threading.Event()) and test.run(threading.Event())
            (self.suite.unfit if fails else self.suite.sound).add(test.name)
            if test.name in self.suite.unfit:
                print(f"  {test.name} fails on the sound tree: it is not asked", flush=True)
        return test.name in self.suite.sound

    def is_fault(self, site):
        with self.planted(site) as fault:
            return fault

    def judge(self, site):
        """None: not a fault. Else what caught it, or \"\"."""
        while True:
            with self.planted(site) as fault:
                if not fault:
                    return None
                failure = self.caught_by(site)
            if not failure:
                return ""
            test, how = failure
            if self.is_sound(test):
                return f"{test.name} {how}"

    def caught_by(self, site):
        for stage in self.suite.stages(site.file):
            tests = [test for test in stage if test.name not in self.suite.unfit]
            if not tests:
                continue
            if build(sorted({target for test in tests for target in test.targets}), self.jobs).returncode != 0:
                sys.exit(f"the tests do not build with {site.id} in {site.file}")
            failure = self.suite.first_failure(tests)
            while failure and failure[0].tier in ("integration", "gui") and not failure[0].run(threading.Event()):
                tests = [test for test in tests if test is not failure[0]]  # the machine was busy
                failure = self.suite.first_failure(tests)
            if failure:
                return failure
        return None


def sites_by_room():
    texts = [path.read_text(encoding="utf-8") for folder in ("include", "src") for path in sorted((SOURCE / folder).rglob("*.[ch]"))]
    beside = fault_sites.enumerators(texts)
    return {room: [site for path in sorted((SOURCE / "src" / room).glob("*.c"))
                   for site in fault_sites.sites(str(path.relative_to(SOURCE)), path.read_text(encoding="utf-8"), beside)] for room in ROOMS}


def drawn(room, sites, seed):
    """Sites of one room without end: kinds in turn, of each kind one by lot. No two in the same line."""
    lot = random.Random(f"{seed}:{room}")
    kinds = {}
    for site in sites:
        kinds.setdefault(site.kind, []).append(site)
    taken, order = set(), sorted(kinds)
    while kinds:
        if not order:
            order = sorted(kinds)
        kind = order.pop(lot.randrange(len(order)))
        left = [site for site in kinds.get(kind, ()) if (site.file, site.line) not in taken]
        if not left:
            kinds.pop(kind, None)
            continue
        site = lot.choice(left)
        taken.add((site.file, site.line))
        yield site


def chosen(options, by_room):
    """Yields lists of which one fault each is to be judged: the first of it that is a fault."""
    if options.only:
        for text in options.only:
            found = [site for sites in by_room.values() for site in sites if text in (site.id, site.file, f"{site.file}:{site.line}")]
            if not found:
                sys.exit(f"--only {text}: no fault can be planted there")
            yield from ([site] for site in found)
        return
    rooms = [options.room] if options.room else ROOMS
    streams = {room: drawn(room, by_room[room], options.seed) for room in rooms}
    for at in range(options.count):
        yield streams[rooms[at % len(rooms)]]


def row(site, verdict):
    return f"{site.id}  {site.file}:{site.line}  {verdict}\n    - {site.before}\n    + {site.after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="which faults (1)")
    parser.add_argument("--count", type=int, default=44, help="how many (44)")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="begin with the Nth of them: to go on where a run was ended")
    parser.add_argument("--room", choices=ROOMS, help="of this room only")
    parser.add_argument("--list", action="store_true", help="tell which, and build nothing: without what does not compile, one of these is not planted and another is")
    parser.add_argument("--only", action="append", metavar="NAME", help="a fault by its name, or all of FILE or FILE:LINE; may be given more than once")
    parser.add_argument("--jobs", type=int, default=2, help="compilers and tests at a time (2)")
    options = parser.parse_args()
    by_room = sites_by_room()
    if options.list:
        for stream in chosen(options, by_room):
            print(row(next(iter(stream)), ""))
        return 0

    copy_tree()
    with open(TREE.parent / "lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another run is at work in {TREE.parent}")
        configure()
        suite = Suite(options.jobs)
        planter = Planter(suite, options.jobs)
        begun, judged = time.monotonic(), []
        for number, stream in enumerate(chosen(options, by_room), 1):
            for site in stream:
                if number < options.first:
                    if planter.is_fault(site):
                        break
                    continue
                verdict = planter.judge(site)
                if verdict is None:
                    if options.only:
                        print(row(site, "no fault: does not compile, or to the same code"), flush=True)
                    continue
                judged.append((site, verdict))
                print(row(site, f"caught by {verdict}" if verdict else "SURVIVED"), flush=True)
                break
    survivors = [site for site, verdict in judged if not verdict]
    print(f"\n{len(judged)} faults in {(time.monotonic() - begun) / 60:.0f} min, {len(judged) - len(survivors)} caught, {len(survivors)} survived")
    for site in survivors:
        print(row(site, "survived"))
    return 1 if len(survivors) > SURVIVORS_MAX * len(judged) else 0


sys.exit(main())
