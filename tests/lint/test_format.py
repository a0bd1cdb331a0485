#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every C file reads as clang-format-14 writes it with the repository's .clang-format. How to mend one: clang-format-14 -i FILE."""
import os
import re
import shutil
import subprocess
import sys

from lint_support import SOURCE, files_below, report, self_test

PROGRAM = shutil.which("clang-format-14")
COMPLAINT = re.compile(r"^(?P<file>.+?):(?P<line>\d+):\d+: (?:error|warning): (?P<what>.+?)(?: \[|$)", re.M)


def lint_format(root):
    names = [name for name in files_below(root) if name.endswith((".c", ".h"))]
    for start in range(0, len(names), 50):
        run = subprocess.run([PROGRAM, "--dry-run", "-Werror", f"--style=file:{os.path.join(SOURCE, '.clang-format')}", *names[start:start + 50]],
                             cwd=root, capture_output=True, text=True, check=False)
        seen = set()
        for match in COMPLAINT.finditer(run.stderr):
            if match["file"] not in seen:  # one line a file: the remedy is for the file
                seen.add(match["file"])
                yield f"{match['file']}:{match['line']}: not as clang-format-14 writes it; clang-format-14 -i {match['file']}"
        if run.returncode != 0 and not seen:
            yield f"clang-format-14 ended with {run.returncode}: {run.stderr.strip()[:500]}"


def main():
    if not PROGRAM:
        print("skipped: clang-format-14 is not installed here (./build.sh test installs it)")
        sys.exit(77)
    self_test(lint_format, {
        "src/base/a.c": "int a( int b );\n\n\n\nint c( int d );\n",
        "include/b.h": "int b(int c);\n",
        "tests/c.c": "struct empty {\n};\n\nint c(void)\n{\n  return 0;\n}\n",
    }, ["src/base/a.c:1:", "tests/c.c:5:"])
    report(lint_format)


main()
