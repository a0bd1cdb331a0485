# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a fault can be planted in C text, and what it is: every single-line change of a few kinds that people make by mistake.

A site is never in a comment, in the text of a message, in an assert, in a log call, or in what only a sanitizer can see (what is freed, what is
locked): the release build that judges the faults could not tell such a change from sound code. Constants of a chart's or a window's looks
(margins, spacings, the length of a text buffer) are left out too."""
import hashlib
import re
from collections import namedtuple

# Where: file, line (1…), and the columns [start, end) of the line that {new} takes the place of.
Site = namedtuple("Site", "kind file line start end new before after id")

_LITERALS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
_ENUM = re.compile(r"\benum\s+\w+\s*\{([^}]*)\}")
_SILENT = re.compile(r"\b(assert|static_assert|_Static_assert|g_assert\w*|sg_log_\w+|g_log\w*|g_warning|g_debug|fprintf|g_print\w*|G_DEFINE\w*)\s*\(")
_RELEASE = re.compile(r"\b\w*(free|unref|clear_object|clear_pointer|destroy|unlock|mutex_lock|mutex_init|cond_init|close|finalize|dispose|cleanup|unmap|_clear)\s*\(")
_LOOKS = re.compile(r"margin|spacing|size_request|width_chars|padding|_set_halign|_set_valign|css_class|char \w+\[|BUF\b|set_source_rgb|CAPACITY")
_DECLARATION = re.compile(r"^\s*(static\s|const\s|struct\s|enum\s|unsigned\b|char\b|int\b|long\b|double\b|float\b|bool\b|gboolean\b|size_t\b|u?int\d+_t\b|g(char|int|uint|pointer|double)\w*\b|\w+\s+\*?\w+\s*=)")

_SWAPS = [  # kind, what it looks like in the code, what takes its place
    ("comparison", re.compile(r"(?<= )<=(?= )"), ["<"]), ("comparison", re.compile(r"(?<= )>=(?= )"), [">"]),
    ("comparison", re.compile(r"(?<= )<(?= )"), ["<="]), ("comparison", re.compile(r"(?<= )>(?= )"), [">="]),
    ("equality", re.compile(r"(?<= )==(?= )"), ["!="]), ("equality", re.compile(r"(?<= )!=(?= )"), ["=="]),
    ("arithmetic", re.compile(r"(?<= )\+(?= )"), ["-"]), ("arithmetic", re.compile(r"(?<= )-(?= )"), ["+"]),
    ("arithmetic", re.compile(r"(?<= )\*(?= )"), ["/"]), ("arithmetic", re.compile(r"(?<= )/(?= )"), ["*"]),
    ("arithmetic", re.compile(r"(?<= )\+=(?= )"), ["-=", "="]), ("arithmetic", re.compile(r"(?<= )-=(?= )"), ["+="]),
    ("arithmetic", re.compile(r"(?<= )\*=(?= )"), ["/="]),
    ("logic", re.compile(r"(?<= )&&(?= )"), ["||"]), ("logic", re.compile(r"(?<= )\|\|(?= )"), ["&&"]),
    ("negation", re.compile(r"(?<![\w!])!(?=[\w(])"), [""]),
    ("step", re.compile(r"\+\+"), ["--"]), ("step", re.compile(r"--(?=[;)\]])"), ["++"]),
    ("extreme", re.compile(r"\bMIN(?=\()"), ["MAX"]), ("extreme", re.compile(r"\bMAX(?=\()"), ["MIN"]),
    ("extreme", re.compile(r"\bfmin(?=\()"), ["fmax"]), ("extreme", re.compile(r"\bfmax(?=\()"), ["fmin"]),
    ("extreme", re.compile(r"\bfloor(?=\()"), ["ceil"]), ("extreme", re.compile(r"\bceil(?=\()"), ["floor"]),
    ("pair", re.compile(r"\btrue\b"), ["false"]), ("pair", re.compile(r"\bfalse\b"), ["true"]),
    ("pair", re.compile(r"\bTRUE\b"), ["FALSE"]), ("pair", re.compile(r"\bFALSE\b"), ["TRUE"]),
    ("leaving", re.compile(r"(?<![\w])break(?=;)"), ["continue"]), ("leaving", re.compile(r"(?<![\w])continue(?=;)"), ["break"]),
]
_NUMBER = re.compile(r"(?<![\w.])(\d+)(?:\.(\d+))?(?![\w.])")


def blanked(text):
    """The text with comments and the insides of literals blanked, column by column in place."""
    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)
    return _LITERALS.sub(blank, text)


def enumerators(texts):
    """Enumerator -> the one beside it in the same enum, over these C texts; what only counts the others is none."""
    beside = {}
    for text in texts:
        for body in _ENUM.findall(blanked(text)):
            names = [match.group(0) for match in re.finditer(r"\b[A-Z][A-Z0-9_]+\b(?=\s*(?:=[^,]*)?(?:,|\s*$))", body)]
            names = [name for name in names if not name.endswith(("_COUNT", "_LAST", "_MAX"))]
            for at, name in enumerate(names):
                if len(names) > 1:
                    beside[name] = names[at + 1] if at + 1 < len(names) else names[at - 1]
    return beside


def _numbers(code):
    for match in _NUMBER.finditer(code):
        whole, part = match.group(1), match.group(2)
        if part is not None:
            yield match.start(), match.end(), f"{2 * float(match.group(0)):.10g}" if float(match.group(0)) != 0 else "1.0"
            continue
        if len(whole) > 1 and whole[0] == "0":
            continue
        value = int(whole)
        yield match.start(), match.end(), {0: "1", 1: "2", 2: "1"}.get(value, str(value + 1))


def _whole_statement(code, previous):
    """The columns of a statement that is all of its line, and is one of its own (not the end of one begun above)."""
    text = code.strip()
    if not text.endswith(";") or text.count("(") != text.count(")") or text.count("{") != text.count("}") or text.startswith(("for ", "#", "}", "case ", "default")):
        return None
    if previous and previous[-1] not in ";{}):" and not previous.endswith(("else", "do")):
        return None
    if _DECLARATION.match(code) or not re.match(r"[\w*(][^;]*;$", text) or "while (" in text:
        return None
    if re.match(r"(return|continue|break|goto)\b", text) and not (previous.endswith(")") or previous.endswith("else")):
        return None  # all that it would change is which return is reached, and mostly nothing compiles
    start = len(code) - len(code.lstrip())
    return start, start + len(text)


def _of_line(code, previous, beside, returns_nothing):
    """(kind, start, end, new) of every fault that this line can have."""
    for kind, pattern, news in _SWAPS:
        for match in pattern.finditer(code):
            for new in news:
                yield kind, match.start(), match.end(), new
    if not _LOOKS.search(code):
        for start, end, new in _numbers(code):
            yield "constant", start, end, new
    for match in re.finditer(r"\b[A-Z][A-Z0-9_]+\b", code):
        if match.group(0) in beside and "case " not in code:
            yield "pair", match.start(), match.end(), beside[match.group(0)]
    match = re.match(r"\s*(?:\} else )?if \((.*)\)( \{)?\s*$", code)
    if match and "&&" not in match.group(1) and "||" not in match.group(1) and match.group(1).count("(") == match.group(1).count(")"):
        yield "negation", match.start(1), match.end(1), "!(" + match.group(1).strip() + ")"
    match = re.match(r"\s*return (.+);\s*$", code)
    if match and not re.fullmatch(r"0|NULL|false|FALSE|SG_OK", match.group(1)) and match.group(1).count("(") == match.group(1).count(")"):
        yield "return", match.start(1), match.end(1), "0"
    whole = _whole_statement(code, previous)
    if whole and not _RELEASE.search(code):
        yield "dropped", whole[0], whole[1], "{}"
        if returns_nothing and (previous.endswith((";", "{", "}"))):
            yield "return", whole[0], whole[0], "return; "


def sites(name, text, beside):
    """Every site of one file, in the order of its lines."""
    lines, codes = text.split("\n"), blanked(text).split("\n")
    previous, returns_nothing, seen = "", False, {}
    for at, (line, code) in enumerate(zip(lines, codes)):
        if re.match(r"[a-zA-Z]", code) and "(" in code:
            returns_nothing = bool(re.match(r"(static )?(inline )?void \w", code))
        silent = _SILENT.search(code) or code.lstrip().startswith(("#include", "#if", "#el", "#endif", "static_assert"))
        if code.strip() and not silent:
            for kind, start, end, new in _of_line(code, previous, beside, returns_nothing):
                after = line[:start] + new + line[end:]
                # The same however many lines are added above it: a survivor's name in a list stays good.
                text_of = f"{name}|{line.strip()}|{after.strip()}"
                seen[text_of] = seen.get(text_of, 0) + 1
                key = hashlib.sha256(f"{text_of}|{seen[text_of]}".encode()).hexdigest()[:10]
                yield Site(kind, name, at + 1, start, end, new, line.strip(), after.strip(), key)
        if code.strip():
            previous = code.strip()
