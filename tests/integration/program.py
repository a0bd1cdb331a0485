# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: running the program, its exchange, and skipping with a clear line."""
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import memory_guard

memory_guard.start()

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
SHARED = pathlib.Path(os.environ.get("SG_SHARED_DIR", "../shared"))
SLOW = 4.0 if os.environ.get("SG_SANITIZE") else 2.0  # sanitizers and a loaded machine cost time; deadlines grow, assertions do not
MOST_STEPS = 200_000
FINDING = ("Sanitizer", "runtime error:")


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def shared_file(*parts):
    path = SHARED.joinpath("data", *parts)
    if not path.exists():
        skip(f"{'/'.join(parts)} is not here (SG_SHARED_DIR={SHARED})")
    return str(path)


def run(*arguments, timeout=60, **more):
    """Runs the program to its end: (status, standard output, standard error)."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout * SLOW, **more)
    no_findings(done.stderr, " ".join(map(str, arguments)))
    return done.returncode, done.stdout, done.stderr


def no_findings(errors, what):
    """A sanitizer's report is a failure, whatever the exit status and whatever else a test expects of the standard error."""
    assert not any(word in errors for word in FINDING), f"{what}:\n{errors[-20000:]}"


def steps(begin, end, step=1):
    """range(), for a judge whose bounds come from the program under test: a wrong time must fail a test, not fill the memory."""
    assert (end - begin) / step <= MOST_STEPS, f"from {begin} to {end} in steps of {step}: one of them cannot be right"
    return range(begin, end, step)


def json_lines(text):
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


class Exchange:
    """`spreadglass exchange …` until the with-block ends."""

    def __init__(self, *arguments, environment=None):
        self.arguments = [BINARY, "exchange", *map(str, arguments)]
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=self.environment)
        found = {}
        for line in self.process.stdout:
            name, _, value = line.partition(" ")
            found[name] = value.strip()
            if name.startswith("try"):
                break
        if "websocket" not in found:
            self.process.wait()
            self.errors.seek(0)
            raise AssertionError(f"the exchange did not start: {self.errors.read().decode()}")
        self.ws, self.rest, self.ca = found["websocket"], found["rest"], found["ca-file"]
        self.options = ["--endpoint", self.ws, "--rest", self.rest, "--ca-file", self.ca]
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(15 * SLOW)
        self.errors.seek(0)
        errors = self.errors.read().decode(errors="replace")
        no_findings(errors, "the exchange")
        if kind is None:
            assert status == 0, f"the exchange ended with {status}: {errors}"
            assert not os.path.exists(self.ca), "the exchange left its certificate file behind"
        elif errors:
            print(errors, file=sys.stderr)

    def get(self, path):
        """A REST answer, read by Python's own HTTP and TLS."""
        import ssl
        import urllib.request
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(self.rest + path, context=context, timeout=15 * SLOW) as reply:
            return json.load(reply)


def until(condition, seconds, what):
    """Polls until the condition holds; fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds * SLOW
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def main(module, at_once=1):
    """Runs every test_* function of a module, `at_once` of them side by side (those that mostly wait and share nothing); prints each name,
    and every one that failed with its trace. One that skips makes the module skip, once the others have ended."""
    tests = [(name, value) for name, value in sorted(vars(module).items()) if name.startswith("test_") and callable(value)]
    assert tests, "no tests"
    failed, skipped = [], []

    def one(name, test):
        if failed and at_once == 1:
            return
        started = time.monotonic()
        try:
            test()
            print(f"ok {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except SystemExit:  # it has said why
            skipped.append(name)
        except BaseException:
            failed.append(name)
            print(f"not ok {name} ({time.monotonic() - started:.1f} s)\n{traceback.format_exc()}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for job in [pool.submit(one, name, test) for name, test in tests]:
            job.result()
    print(f"{len(tests) - len(failed) - len(skipped)} passed, {len(failed)} failed {' '.join(failed)}", flush=True)
    sys.exit(1 if failed else 77 if skipped else 0)
