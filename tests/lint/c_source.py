# SPDX-License-Identifier: GPL-3.0-or-later
"""C files as the lints see them: what stands at file scope, function by function. No parser: it knows the way this repository is written."""
import re

from lint_support import files_below, read_text, split_c

_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n(?:[^\n\\]|\\.)*)*", re.M | re.S)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
# G_DEFINE_TYPE(…) and its like: a line of its own, with or without a semicolon behind it.
_MACRO_CALL = re.compile(r"^[A-Z][A-Z0-9_]+\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[ \t]*;?(?=[ \t]*\n)", re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)\s*\(")
_BEFORE_PARENTHESIS = re.compile(r"([A-Za-z_]\w*)\s*\(")


class Chunk:
    """Something at file scope: `kind` is "function", "prototype", "variable" or "other"; `line` is where its name stands."""

    def __init__(self, kind, name, is_static, head, body, line, end_line):
        self.kind, self.name, self.is_static, self.head, self.body, self.line, self.end_line = kind, name, is_static, head, body, line, end_line

    @property
    def lines(self):
        return self.end_line - self.line + 1

    def parameters(self):
        """How many parameters the head of a function has."""
        inner = self.head[self.head.index("(", self.head.index(self.name)) + 1:self.head.rindex(")")]
        if inner.strip() in ("", "void"):
            return 0
        depth, count = 0, 1
        for sign in inner:
            depth += (sign in "([") - (sign in ")]")
            count += sign == "," and depth == 0
        return count


def words(text):
    return _WORD.findall(text)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def _kind_of(head, ends_with_brace):
    """("function" | "prototype" | "variable" | "other", name) of what stands before a `{`, `;` or `=` at file scope."""
    found = _BEFORE_PARENTHESIS.search(head)
    tokens = words(head)
    pointer = _POINTER.search(head)
    if pointer and "typedef" not in tokens and not ends_with_brace and found and found.end() > pointer.start():
        return "variable", pointer.group(1)
    if not tokens or "typedef" in tokens:
        return "other", ""
    if found and head.rstrip().endswith(")"):
        if len(words(head[:found.end(1)])) < 2:  # a macro: no type before the name
            return "other", found.group(1)
        return ("function" if ends_with_brace else "prototype"), found.group(1)
    if found:
        return "other", found.group(1)
    if ends_with_brace or tokens[0] == "extern" or len(tokens) < 2:
        return "other", tokens[-1]
    name = re.search(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$", head)
    if tokens[0] in ("struct", "enum", "union") and len(tokens) == 2 and "*" not in head:  # struct x;
        return "other", tokens[-1]
    return ("variable", name.group(1)) if name else ("other", "")


def chunks(text):
    """What stands at file scope of a C file, and the text of its directives and of macros that stand there."""
    code, _ = split_c(text)
    directives = [match.group(0) for match in _DIRECTIVE.finditer(code)]
    code = _DIRECTIVE.sub(blank, code)
    directives += [match.group(0) for match in _MACRO_CALL.finditer(code)]
    code = _ATTRIBUTE.sub(blank, _MACRO_CALL.sub(blank, code))
    found, depth, start, body_start, head, initialised = [], 0, 0, 0, "", False
    for match in re.finditer(r"[{};=]", code):
        sign, at = match.group(0), match.start()
        if sign == "{":
            if depth == 0 and not initialised:
                head = code[start:at]
                body_start = at
            depth += 1
            continue
        if sign == "=":
            if depth == 0 and not initialised and code[start:at].count("(") == code[start:at].count(")"):
                head, body_start, initialised = code[start:at], at, True
            continue
        if sign == "}":
            depth -= 1
            if depth > 0 or initialised:
                continue
            kind, name = _kind_of(head, True)
            if kind != "function":
                continue  # a struct or an enum: goes on to its `;`
            found.append((kind, name, head, code[body_start:at + 1], start, at))
            start, head = at + 1, ""
            continue
        if depth > 0:
            continue
        if initialised:
            kind, name = _kind_of(head, False)
            found.append((kind, name, head, code[body_start:at], start, at))
        elif head:
            found.append(("other", "", head, code[body_start:at], start, at))
        else:
            kind, name = _kind_of(code[start:at], False)
            found.append((kind, name, code[start:at], "", start, at))
        start, head, initialised = at + 1, "", False
    result = []
    for kind, name, head, body, begin, end in found:
        at = begin + (head.find(name) if name else 0)
        first = begin + len(head) - len(head.lstrip())
        result.append(Chunk(kind, name, "static" in words(head[:head.find(name) + 1] if name else head), head, body,
                            code.count("\n", 0, first if kind == "function" else at) + 1, code.count("\n", 0, end) + 1))
    return result, "\n".join(directives)


def sources(root, *folders):
    """(name, chunks, directives) of every C file below these folders."""
    for name in files_below(root):
        if name.startswith(folders) and name.endswith((".c", ".h")):
            found, directives = chunks(read_text(root, name) or "")
            yield name, found, directives
