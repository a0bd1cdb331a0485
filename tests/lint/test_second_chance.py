#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/support/run-tests.sh forgives what it should and nothing else: planted tests that fail the first time, always, or with the words
of a sanitizer."""
import os
import re
import subprocess
import sys
import tempfile

from lint_support import SOURCE

RUN = os.path.join(SOURCE, "tests", "support", "run-tests.sh")
PASS = "exit 0"
FIRST_TIME = "n=$(cat $0.n 2>/dev/null || echo 0); echo $((n + 1)) >$0.n; echo attempt $n; test $n -gt 0"
ALWAYS = "n=$(cat $0.n 2>/dev/null || echo 0); echo $((n + 1)) >$0.n; echo attempt $n; exit 1"
REPORT = FIRST_TIME.replace("echo attempt $n", "echo 'ERROR: AddressSanitizer: heap-use-after-free'")
UNDEFINED = FIRST_TIME.replace("echo attempt $n", "echo 'x.c:1:2: runtime error: signed integer overflow'")
SKIPPED = "echo 'SKIP: nothing here'; exit 77"


def planted(**tests):
    """(exit status, output, attempts by name) of a run of these tests."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "CTestTestfile.cmake"), "w") as file:
            for name, script in tests.items():
                path = os.path.join(folder, name)
                with open(path, "w") as text:
                    text.write(script + "\n")
                file.write(f'add_test({name} /bin/sh "{path}")\nset_tests_properties({name} PROPERTIES SKIP_RETURN_CODE 77)\n')
        done = subprocess.run([RUN, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        attempts = {}
        for name in tests:
            if os.path.exists(os.path.join(folder, name + ".n")):
                with open(os.path.join(folder, name + ".n")) as file:
                    attempts[name] = int(file.read())
        return done.returncode, done.stdout, attempts


def expect(what, condition, output):
    if not condition:
        print(f"{what}\n{output}")
        sys.exit(1)


def summary(output):
    """Whether the last word is ctest's."""
    return bool(re.search(r"\d+% tests passed, \d+ tests failed out of \d+\s+(Label Time Summary:.*)?Total Test time \(real\) = [^\n]*\s*"
                          r"(The following tests [^\n]*\n([^\n]* - [^\n]*\n)*)*(Errors while running CTest\n?)?\s*$", output, re.S))


status, output, attempts = planted(unit_a=PASS, integration_a=PASS, integration_b=SKIPPED)
expect("all pass", status == 0 and "alone" not in output and summary(output), output)
status, output, attempts = planted(unit_a=PASS, integration_shy=FIRST_TIME, gui_shy=FIRST_TIME, integration_a=PASS)
expect("two that fail beside others only", status == 0 and "failed beside others, passed alone: gui_shy integration_shy" in output
       and attempts == {"integration_shy": 2, "gui_shy": 2} and "out of 2" in output.split("passed alone")[1] and summary(output), output)
status, output, attempts = planted(integration_bad=ALWAYS, gui_shy=FIRST_TIME)
expect("one that always fails", status != 0 and "passed alone" not in output and attempts["integration_bad"] == 2 and "attempt 1" in output and summary(output), output)
status, output, attempts = planted(unit_shy=FIRST_TIME, integration_shy=FIRST_TIME)
expect("a unit test", status != 0 and attempts == {"unit_shy": 1, "integration_shy": 1} and summary(output), output)
for name in ("lint_shy", "fuzz_shy"):
    status, output, attempts = planted(**{name: FIRST_TIME})
    expect(name, status != 0 and attempts == {name: 1}, output)
for script in (REPORT, UNDEFINED):
    status, output, attempts = planted(integration_found=script, unit_a=PASS)
    expect("a sanitizer's finding", status != 0 and attempts == {"integration_found": 1} and "no second chance" in output and summary(output), output)
# The words in the output of a test that passed are nobody's business.
status, output, attempts = planted(integration_talks="echo 'no Sanitizer here'", integration_shy=FIRST_TIME)
expect("words of another test", status == 0 and attempts == {"integration_shy": 2}, output)
print("7 kinds of failure, each with the chances that it should have")
