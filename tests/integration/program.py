# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: running the program, its exchange, and skipping with a clear line."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
SHARED = pathlib.Path(os.environ.get("SG_SHARED_DIR", "../shared"))
SLOW = 4.0 if os.environ.get("SG_SANITIZE") else 1.0  # sanitizers cost time; deadlines grow, assertions do not


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
    return done.returncode, done.stdout, done.stderr


def json_lines(text):
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


class Exchange:
    """`spreadglass exchange …` until the with-block ends."""

    def __init__(self, *arguments):
        self.arguments = [BINARY, "exchange", *map(str, arguments)]

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=self.errors, text=True)
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
        status = self.process.wait(10 * SLOW)
        self.errors.seek(0)
        errors = self.errors.read().decode()
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
        with urllib.request.urlopen(self.rest + path, context=context, timeout=10) as reply:
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


def main(module):
    """Runs every test_* function of a module; prints each name, fails on the first."""
    tests = [(name, value) for name, value in sorted(vars(module).items()) if name.startswith("test_") and callable(value)]
    assert tests, "no tests"
    for name, test in tests:
        started = time.monotonic()
        test()
        print(f"ok {name} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{len(tests)} passed, 0 failed")
