#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one file of the product offers to the others: it is called sg_… (Sg…, SG_…), somebody in the product uses it, and what only its own file uses is
static. The sources are looked at, and where they are built the symbols of the objects too, because a macro can make a name."""
import collections
import os
import re
import subprocess
import sys
import tempfile

from c_source import sources, words
from lint_support import report, self_test

PREFIX = re.compile(r"(_?sg|_?SG)_|_?Sg[A-Z]")
FOREIGN = {"main"}  # named by somebody else

# Without a caller in the product, and why they stay.
WITHOUT_CALLER = {
    **dict.fromkeys(["sg_log_flush", "sg_log_free", "sg_log_init", "sg_log_level_name", "sg_log_write"], "errors that repeat are to be summed up with it"),
    "sg_johansen": "the report of `analyze` is to have it",
    "sg_pair_scan_all": "`scan` is to call it",
    "sg_benjamini_hochberg": "`scan` is to call it",
    "sg_database_alerts": "the tests of keeping read with it what is on the disk",
    "sg_database_gaps": "the tests of keeping read with it what is on the disk",
    "sg_dashboard_bytes": "bench_plot holds the bar of memory with it",
    "sg_dashboard_cover": "bench_plot times the pyramids alone with it",
    "sg_exchange_stats": "what the local exchange did is the oracle of tests",
    "sg_governor_forget": "a test of limits begins without what another one used up",
    "sg_pair_model_effort": "a test counts the steps of an update, which no clock can",
    "sg_plot_strokes_only": "a test compares the fast way of drawing a line with the plain one",
    "sg_session_ingest_batch": "tests hand a session its records without a feed",
}

_TAG = re.compile(r"\b(struct|enum|union)\s+[A-Za-z_]\w*")


def used_words(text):
    """The identifiers of a piece of code; the tags of structs and enums are other names."""
    return set(words(_TAG.sub(" ", text)))


def lint_prefix(root):
    for name, chunks, _ in sources(root, "src/"):
        for chunk in chunks:
            if chunk.kind in ("function", "variable") and not chunk.is_static and not PREFIX.match(chunk.name) and chunk.name not in FOREIGN:
                yield f"{name}:{chunk.line}: {chunk.name} can be seen by every other file and is not called sg_…"


def lint_callers(root):
    defined, declared, users, in_tests = {}, {}, collections.defaultdict(set), set()
    for name, chunks, directives in sources(root, "src/", "include/"):
        for word in used_words(directives):
            users[word].add(name)
        for chunk in chunks:
            if chunk.kind == "prototype":
                if not chunk.is_static:
                    declared.setdefault(chunk.name, (name, chunk.line))
                continue
            if chunk.kind == "function" and not chunk.is_static:
                defined[chunk.name] = (name, chunk.line)
            for word in used_words(chunk.body + (chunk.head if chunk.kind == "other" else "")) - {chunk.name}:
                users[word].add(name)
    for _, chunks, directives in sources(root, "tests/"):
        for text in [directives, *(chunk.head + chunk.body for chunk in chunks)]:
            in_tests |= used_words(text)
    for function, (name, line) in sorted(defined.items()):
        if function in FOREIGN:
            continue
        if not users[function]:
            if function not in WITHOUT_CALLER:
                yield f"{name}:{line}: {function} has no caller in the product: call it, or remove it with its tests"
        elif function in WITHOUT_CALLER:
            yield f"{name}:{line}: {function} has a caller now: take it out of the exceptions"
        elif users[function] == {name} and function not in in_tests:
            yield f"{name}:{line}: {function} is used by its own file only: make it static"
    for function, (name, line) in sorted(declared.items()):
        if function not in defined and not function.endswith(("_quark", "_get_type")):  # GLib writes those
            yield f"{name}:{line}: {function} is declared and nowhere written"
    for function in sorted(WITHOUT_CALLER.keys() - defined.keys()):
        if os.path.isfile(os.path.join(root, "src", "main.c")):
            yield f"tests/lint/test_symbols.py: {function} is an exception, and there is no such function"


def lint_objects(folder):
    for archive in sorted(name for name in os.listdir(folder) if re.fullmatch(r"libsg_\w+\.a", name)):
        listed = subprocess.run(["nm", "-A", "-g", "--defined-only", os.path.join(folder, archive)], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            fields = line.split()
            if len(fields) == 3 and not PREFIX.match(fields[2]) and fields[2] not in FOREIGN:
                yield f"{archive}({fields[0].split(':')[-2]}): {fields[2]} is not called sg_…"


def self_test_objects():
    source = "int sg_good; static int hidden(void) { return 1; } int bad(void); int bad(void) { return hidden(); }\n#define MAKE(n) int n##_made(void); int n##_made(void) { return 1; }\nMAKE(un)\n"
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.c"), "w", encoding="ascii") as file:
            file.write(source)
        subprocess.run(["cc", "-c", "a.c", "-o", "a.o"], check=True, cwd=folder)
        subprocess.run(["ar", "rcs", "libsg_base.a", "a.o"], check=True, cwd=folder)
        complaints = sorted(lint_objects(folder))
    if complaints != ["libsg_base.a(a.o): bad is not called sg_…", "libsg_base.a(a.o): un_made is not called sg_…"]:
        print("SELF-TEST of lint_objects FAILED", complaints)
        sys.exit(1)


def main():
    self_test(lint_prefix, {
        "src/base/a.c": "int sg_fine(void)\n{\n    return 1;\n}\nstatic int hidden(int x)\n{\n    return x;\n}\nconst char *\nbad_name(const char *text, int (*call)(int))\n{\n"
                        "    if (text) {\n        return text;\n    }\n    return 0;\n}\n",
        "src/base/b.c": "const int bad_table[2] = {1, 2};\nstatic const int fine_table[] = {1};\nconst int sg_table[] = {1};\nextern int elsewhere;\ntypedef int thing;\n"
                        "struct inner {\n    int x;\n};\nG_DEFINE_TYPE(SgThing, sg_thing, G_TYPE_OBJECT)\n__attribute__((constructor)) static void begin(void)\n{\n}\n"
                        "enum colour { RED };\nint late_bad(void)\n{\n    return RED;\n}\nint counter;\n",
        "src/main.c": "int main(int argc, char **argv)\n{\n    return argc;\n}\n",
        "tests/unit/base/test_a.c": "int helper(void)\n{\n    return 1;\n}\n",
    }, ["src/base/a.c:9: bad_name", "src/base/b.c:1: bad_table", "src/base/b.c:14: late_bad", "src/base/b.c:18: counter"])
    self_test(lint_callers, {
        "include/spreadglass/base/a.h": "int sg_called(void);\nint sg_tested(void);\nint sg_lonely(void);\nint sg_only_here(void);\nint sg_only_here_and_tested(void);\nint sg_unwritten(void);\n"
                                        "int sg_by_macro(void);\n#define SG_BY_MACRO() sg_by_macro()\nint sg_by_table(void);\nint sg_itself(int n);\nenum sg_tag { SG_X };\nint sg_tag(void);\n",
        "src/base/a.c": "int sg_called(void)\n{\n    return sg_only_here() + sg_only_here_and_tested();\n}\nint sg_tested(void)\n{\n    return 1;\n}\nint sg_lonely(void)\n{\n    return 1; /* sg_lonely() */\n}\n"
                        "int sg_only_here(void)\n{\n    return 1;\n}\nint sg_only_here_and_tested(void)\n{\n    return 1;\n}\nint sg_by_macro(void)\n{\n    return 1;\n}\nint sg_by_table(void)\n{\n    return 1;\n}\n"
                        "int sg_itself(int n)\n{\n    return n ? sg_itself(n - 1) : 0;\n}\nint sg_tag(void)\n{\n    return 1;\n}\n",
        "src/base/b.c": "static int (*const table[])(void) = {sg_by_table};\nint main(void)\n{\n    enum sg_tag tag = SG_X;\n    return sg_called() + table[0]() + (int)tag;\n}\n",
        "tests/unit/base/test_a.c": "int main(void)\n{\n    return sg_tested() + sg_only_here_and_tested();\n}\n",
    }, ["a.c:5: sg_tested has no caller", "a.c:9: sg_lonely has no caller", "a.c:13: sg_only_here is used by its own file only", "a.h:6: sg_unwritten is declared",
        "a.c:29: sg_itself has no caller", "a.c:33: sg_tag has no caller"])
    self_test_objects()
    binary = os.environ.get("SG_BINARY_DIR")
    if not binary or os.environ.get("SG_SANITIZE") or not os.path.isfile(os.path.join(binary, "libsg_base.a")):
        print("SKIP: no plain build in SG_BINARY_DIR: only the sources are looked at")
        report(lint_prefix, lint_callers)
    report(lint_prefix, lint_callers, lambda _: lint_objects(binary))


main()
