#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house is in order: a licence line in every text file, the top level holds its names and no others, contract, body and proof
mirror each other, no file outgrows a reader, and nothing names the machine it was written on, or a page that is not here."""
import os
import re

from lint_support import files_below, read_text, report, self_test

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "build.sh", "include", "src", "ui", "assets", "tests", ".ci", ".clang-format",
             ".editorconfig", ".gitignore", ".git-blame-ignore-revs"}
LINES_MAX = 800

# Text that cannot carry a licence line, or is the licence.
NO_LICENCE_LINE = re.compile(r"^(LICENSE|README\.md|CMakePresets\.json|assets/icons/.*|tests/fuzz/corpus/.*|tests/data/.*\.(json|csv|ndjson|pem|svg)|.*\.md)$")
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
FREE_LENGTH = re.compile(r"^(LICENSE|README\.md|tests/data/.*|assets/.*\.svg|tests/fuzz/corpus/.*)$")

# Bodies with a public header whose proof is elsewhere, and where.
PROVED_ELSEWHERE = {
    "src/analytics/johansen.c": "tests/unit/analytics/test_reference.c",
    "src/analytics/kalman.c": "tests/unit/analytics/test_reference.c",
    "src/app/app.c": "tests/gui",
    "src/cli/live.c": "tests/integration",
    "src/engine/offline.c": "tests/unit/engine/test_core.c",
    "src/feed/source.c": "tests/integration",
    "src/plot/dashboard.c": "tests/unit/plot/test_picture.c",
}

MACHINE_PATH = re.compile(r"(?<![\w.$}<>~])/(?:work|home|root|Users|mnt|build)/[\w.-]+")


def lint_licence(root):
    for name in files_below(root):
        text = read_text(root, name)
        if text is None or not text.strip() or NO_LICENCE_LINE.match(name):
            continue
        if LICENCE not in "\n".join(text.split("\n")[:6]):
            yield f"{name}: no licence line ({LICENCE}) at the top"


def lint_top_level(root):
    for name in sorted({path.split("/")[0] for path in files_below(root)}):
        if name not in TOP_LEVEL:
            yield f"{name}: the top level holds only {', '.join(sorted(TOP_LEVEL))}"


def lint_mirror(root):
    files = set(files_below(root))
    for name in sorted(files):
        parts = name.split("/")
        if parts[:2] == ["tests", "unit"] and len(parts) == 4 and not parts[3].startswith("test_") and not parts[3].endswith(".h"):
            yield f"{name}: unit tests are called test_<concept>.c"
        if parts[0] == "src" and len(parts) == 3 and name.endswith(".h") and not name.endswith("_private.h"):
            if name not in PRIVATE_BY_ANOTHER_NAME:
                yield f"{name}: a header beside its body is private and called *_private.h"
        if parts[0] != "src" or len(parts) != 3 or not name.endswith(".c"):
            continue
        room, stem = parts[1], parts[2][:-2]
        if f"include/spreadglass/{room}/{stem}.h" not in files:
            continue
        proof = PROVED_ELSEWHERE.get(name, f"tests/unit/{room}/test_{stem}.c")
        if proof not in files and not any(path.startswith(proof + "/") for path in files):
            yield f"{name}: has a contract and no proof ({proof})"


# Headers that are private to the two or three files beside them, named after their body.
PRIVATE_BY_ANOTHER_NAME = {"src/app/compat.h"}


def lint_length(root):
    for name in files_below(root):
        text = read_text(root, name)
        if text is None or FREE_LENGTH.match(name):
            continue
        lines = text.count("\n")
        if lines > LINES_MAX:
            yield f"{name}: {lines} lines; more than {LINES_MAX} is more than one concept"


def lint_machine_paths(root):
    for name in files_below(root):
        text = read_text(root, name)
        if text is None or name == "tests/lint/test_house.py":
            continue
        for number, line in enumerate(text.split("\n"), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield f"{name}:{number}: names a path of one machine: {match.group(0)}"


# Pages that a reader of the repository does not have may not be pointed at. What the recorded market data say of themselves is with them.
PAGE = re.compile(r"(?<![\w./-])([\w./-]*\b[A-Z][A-Z_]+\.md)\b")
UNNAMED_PAGE = re.compile(r"\bthe design's\b|\bdesign pages?\b|\b(?:CLI|METHODS|DESIGN|DESKTOP|BINANCE|PERFORMANCE|CASES|EXAMPLES) page\b")
DATA_PAGES = {"PROVENANCE.md"}


def lint_pages(root):
    """A page is named by its path, and it is there."""
    files = set(files_below(root))
    for name in sorted(files):
        text = read_text(root, name)
        if text is None or name == "tests/lint/test_house.py":
            continue
        for number, line in enumerate(text.split("\n"), 1):
            for page in PAGE.findall(line):
                beside = os.path.normpath(os.path.join(os.path.dirname(name), page))
                if page not in files and beside not in files and os.path.basename(page) not in DATA_PAGES:
                    yield f"{name}:{number}: {page} is no page of this repository (its pages are named by their path)"
            for match in UNNAMED_PAGE.finditer(line):
                yield f"{name}:{number}: \"{match.group(0)}\": a page that a reader does not have"


def main():
    line = f"/* {LICENCE} */\n"
    self_test(lint_licence, {"src/base/a.c": line, "src/base/b.c": "int x;\n", "LICENSE": "text\n", "tests/x.sh": f"#!/bin/sh\n# {LICENCE}\n",
                             "ui/c.css": "\n" * 10 + line, "assets/p.png": b"\0\1"}, ["src/base/b.c", "ui/c.css"])
    self_test(lint_top_level, {"README.md": "", "src/a.c": "", "notes.txt": "", "tools/x.py": "", ".ci/run": ""}, ["notes.txt", "tools"])
    self_test(lint_mirror, {
        "include/spreadglass/base/a.h": "", "src/base/a.c": "", "tests/unit/base/test_a.c": "",
        "include/spreadglass/base/b.h": "", "src/base/b.c": "", "src/base/c.c": "", "src/base/c_private.h": "", "src/base/d.h": "",
        "tests/unit/base/a_test.c": "", "tests/unit/base/fixture.h": "",
        "include/spreadglass/app/app.h": "", "src/app/app.c": "", "tests/gui/test_window.py": "",
        "include/spreadglass/cli/live.h": "", "src/cli/live.c": "",
    }, ["src/base/b.c", "src/base/d.h", "tests/unit/base/a_test.c", "src/cli/live.c"])
    self_test(lint_length, {"src/a.c": "\n" * (LINES_MAX + 1), "src/b.c": "\n" * LINES_MAX, "LICENSE": "\n" * 5000}, ["src/a.c"])
    self_test(lint_machine_paths, {"src/a.c": 'open("/home/someone/x");\n', "README.md": "cd ~/home/x, $HOME/work/x, see a/work/b\n",
                                   "tests/b.py": "x\n/work/data/y\n"}, ["src/a.c:1:", "tests/b.py:2:"])
    self_test(lint_pages, {"README.md": "`src/cli/CLI.md`, src/ARCHITECTURE.md\n", "src/cli/CLI.md": "[up](../ARCHITECTURE.md), METHODS.md\n", "src/ARCHITECTURE.md": "",
                           "src/a.c": "/* the field of CLI.md */\n/* see data/PROVENANCE.md, readme.md, x.md */\n/* the design's METHODS page */\n",
                           "include/b.h": "/* as src/cli/CLI.md says; src/cli/METHODS.md */\n"},
              ["src/cli/CLI.md:1: METHODS.md", "src/a.c:1: CLI.md", "src/a.c:3: \"the design's\"", "src/a.c:3: \"METHODS page\"", "include/b.h:1: src/cli/METHODS.md"])
    if not os.path.isdir(os.path.join(os.environ.get("SG_SOURCE_DIR", "."), "src")):
        print("SG_SOURCE_DIR has no src: not this repository")
        raise SystemExit(1)
    report(lint_licence, lint_top_level, lint_mirror, lint_length, lint_machine_paths, lint_pages)


main()
