#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may not be written: functions that obey the locale or know no length, floating point through printf (base/decimal owns the
numbers), and every switch that makes TLS trust what it should not."""
import re

from lint_support import files_below, read_text, report, self_test, split_c

FUNCTIONS = re.compile(r"\b(strtod|strtof|strtold|atof|atoi|atol|atoll|strtol|strtoul|strtoll|strtoull|strtoimax|strtoumax|"
                       r"v?f?w?scanf|v?sscanf|v?sprintf|strcpy|strcat|stpcpy|strtok|strtok_r|gets|"
                       r"g_ascii_strtod|g_ascii_strtoll|g_strtod|g_ascii_dtostr|setlocale|tmpnam|mktemp|alloca)\s*\(")
# The whole-program locale is a test's to set, to prove that it does not matter.
TEST_ALLOWED = {"setlocale"}

FLOAT_FORMAT = re.compile(r"(?<!%)(?:%%)*%[-+ #0']*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?:L|l)?[aefgAEFG]")

TLS = [
    (re.compile(r"\bLCCSCF_ALLOW_\w+"), "{0} lets an untrusted peer in"),
    (re.compile(r"\bLCCSCF_SKIP_\w+"), "{0} lets an untrusted peer in"),
    (re.compile(r"\bCURLOPT_(?:PROXY_)?SSL_VERIFY(?:PEER|HOST)\s*,\s*\(?(?:long\)?\s*)?0L?\b"), "{0} switches verification off"),
    (re.compile(r"\bCURLOPT_SSL_VERIFYHOST\s*,\s*1L?\b"), "{0} does not check the name"),
    (re.compile(r"\bLWS_SERVER_OPTION_(?:PEER_CERT_NOT_REQUIRED|ALLOW_NON_SSL_ON_SSL_PORT)\b"), "{0} lets an untrusted peer in"),
]
# In a client's room only: a server that asks its clients for no certificate is an ordinary server.
CLIENT_TLS = re.compile(r"\b(SSL_VERIFY_NONE|X509_V_FLAG_PARTIAL_CHAIN)\b")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def lint_functions(root):
    for name in files_below(root):
        if not name.endswith((".c", ".h")):
            continue
        code, _ = split_c(read_text(root, name) or "")
        for match in FUNCTIONS.finditer(code):
            if not (name.startswith("tests/") and match.group(1) in TEST_ALLOWED):
                yield f"{name}:{line_of(code, match.start())}: {match.group(1)} is banned (numbers: base/decimal; text: snprintf, memcpy)"


def lint_float_formats(root):
    for name in files_below(root):
        if not name.startswith(("src/", "include/")) or not name.endswith((".c", ".h")) or name == "src/base/decimal.c":
            continue
        _, strings = split_c(read_text(root, name) or "")
        for line, text in strings:
            if FLOAT_FORMAT.search(text):
                yield f"{name}:{line}: floating point through printf obeys the locale; write it with base/decimal: \"{text}\""


def lint_tls(root):
    for name in files_below(root):
        if not name.startswith(("src/", "include/")) or not name.endswith((".c", ".h")):
            continue
        code, _ = split_c(read_text(root, name) or "")
        for pattern, reason in TLS:
            for match in pattern.finditer(code):
                yield f"{name}:{line_of(code, match.start())}: {reason.format(match.group(0))}"
        if "/feed/" in name:
            for match in CLIENT_TLS.finditer(code):
                yield f"{name}:{line_of(code, match.start())}: {match.group(0)} lets an untrusted peer in"


def main():
    self_test(lint_functions, {
        "src/feed/a.c": "/* strtod( in a comment */\nchar *s = \"atof(\"; // sprintf(\nint n = atoi (s);\nstrcpy(a, b);\nmy_strcpy(a);\n",
        "src/base/decimal.c": "strtod_l(copy, NULL, locale);\n",
        "tests/unit/base/test_decimal.c": "setlocale(LC_ALL, \"\");\nsscanf(a, b);\n",
        "src/app/b.c": "if (c == '\"') strtok(s, \",\");\nsetlocale(LC_ALL, \"\");\nsnprintf(s, 3, \"x\");\n",
    }, ["src/feed/a.c:3: atoi", "src/feed/a.c:4: strcpy", "tests/unit/base/test_decimal.c:2: sscanf", "src/app/b.c:1: strtok",
        "src/app/b.c:2: setlocale"])
    self_test(lint_float_formats, {
        "src/cli/a.c": "printf(\"%d %s\", 1, s);\nprintf(\"z = %.2f\", z);\nprintf(\"100 %% free\");\nprintf(\"%-10.*g\", 3, x);\n"
                       "printf(\"%zu%%\", n);\nputs(\"%%%e\"); /* %f */\nprintf(\"%\" PRId64, n);\n",
        "src/base/decimal.c": "snprintf(b, n, \"%.*g\", d, v);\n",
    }, ["src/cli/a.c:2:", "src/cli/a.c:4:", "src/cli/a.c:6:"])
    self_test(lint_tls, {
        "src/feed/a.c": "flags |= LCCSCF_ALLOW_SELFSIGNED;\nflags |= LCCSCF_USE_SSL;\nLCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;\n"
                        "curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);\ncurl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);\n"
                        "curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 1L);\nSSL_CTX_set_verify(x, SSL_VERIFY_NONE, 0);\n",
        "src/exchange/b.c": "SSL_CTX_set_verify(x, SSL_VERIFY_NONE, 0);\n/* LCCSCF_ALLOW_EXPIRED */\n",
    }, ["src/feed/a.c:1:", "src/feed/a.c:3:", "src/feed/a.c:4:", "src/feed/a.c:6:", "src/feed/a.c:7:"])
    report(lint_functions, lint_float_formats, lint_tls)


main()
