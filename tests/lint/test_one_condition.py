#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An assertion of a test has one condition: of assert_true(a && b) that fails nobody knows which of the two it was. The same is asked in another form by
assert_false(a || b) and assert_true(!(a || b)). What is true when either holds, assert_true(a || b), is one condition."""
import re

from lint_support import files_below, read_text, report, self_test, split_c

ASSERTION = re.compile(r"\bassert_(true|false)\s*\(")
OTHER = {"&&": "||", "||": "&&"}


def end_of(code, at):
    """Where the parenthesis that opens at {at} closes; -1 when it never does."""
    depth = 0
    for index in range(at, len(code)):
        depth += (code[index] in "([{") - (code[index] in ")]}")
        if depth == 0:
            return index
    return -1


def joined_by(text, operator):
    """Whether the outermost thing that this expression does is to join conditions by this operator."""
    text = text.strip()
    while text.startswith(("(", "!")):
        start = len(text) - len(text.lstrip("!"))
        if start < len(text) and text[start] == "(" and end_of(text, start) == len(text) - 1:
            text, operator = text[start + 1:-1].strip(), OTHER[operator] if start % 2 else operator
        else:
            break
    depth, found = 0, set()
    for index, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and (text[index:index + 2] in OTHER or sign == "?"):
            found.add(text[index:index + 2] if sign != "?" else sign)
    # Of a && b || c the outermost is ||.
    return "?" not in found and operator in found and (operator == "||" or "||" not in found)


def lint_one_condition(root):
    for name in files_below(root):
        if not name.startswith("tests/") or not name.endswith((".c", ".h")):
            continue
        code, _ = split_c(read_text(root, name))
        for match in ASSERTION.finditer(code):
            end = end_of(code, match.end() - 1)
            if end > 0 and joined_by(code[match.end():end], "&&" if match.group(1) == "true" else "||"):
                line = code.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: two conditions in one assert_{match.group(1)}: write two"


def main():
    self_test(lint_one_condition, {
        "tests/unit/base/test_a.c": "assert_true(a && b);\nassert_true((a\n  && b));\nassert_true(a || b);\nassert_false(a || b);\nassert_false(a && b);\n"
                                    "assert_true(!(a || b));\nassert_true(f(a && b));\nassert_true((a && b) || c);\nassert_true((a || b) && c);\n"
                                    "assert_true(a && b || c);\nassert_true(!!(a && b));\nassert_true(!(a && b));\nassert_true(a ? b && c : d);\n",
        "tests/unit/base/fixture.h": "#define SAME(a, b) assert_true((a) && \\\n  (b))\n/* assert_true(a && b) */ char *x = \"assert_true(a && b)\";\n",
        "src/base/a.c": "assert_true(a && b);\n",
    }, ["test_a.c:1:", "test_a.c:2:", "test_a.c:5:", "test_a.c:7:", "test_a.c:10:", "test_a.c:12:", "fixture.h:1:"])
    report(lint_one_condition)


main()
