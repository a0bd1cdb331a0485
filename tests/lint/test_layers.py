#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms know only what they may: by their include lines, and by the undefined symbols of their libraries (Debian's include path
hides nothing, and a prototype can be written by hand)."""
import os
import re
import subprocess
import sys
import tempfile

from lint_support import SOURCE, files_below, read_text, report, self_test

# What a room may include of the others. The plain values and contracts at the bottom (base, market) are everybody's above them.
ROOMS = {
    "base": set(),
    "market": {"base"},
    "analytics": {"base"},
    "feed": {"base", "market"},
    "store": {"base", "market"},
    "exchange": {"base", "market"},
    "engine": {"base", "market", "analytics", "feed", "store"},
    "plot": {"base"},
    "app": {"base", "market", "engine", "plot"},
    "cli": {"base", "market", "analytics", "feed", "store", "exchange", "engine", "plot"},
}

# Libraries: how their headers begin, how their symbols begin, who may know them.
LIBRARIES = {
    "libwebsockets": (r"libwebsockets|lws", r"lws_", {"feed", "exchange", "cli"}),
    "curl": (r"curl/", r"curl_", {"feed", "cli"}),
    "OpenSSL": (r"openssl/", r"(SSL|X509|EVP|BIO|PEM|ERR|OPENSSL)_", {"feed", "exchange", "cli"}),
    "cJSON": (r"cjson/|cJSON", r"cJSON_", {"feed", "exchange", "cli"}),
    "GSL": (r"gsl/", r"gsl_", {"analytics", "cli"}),
    "SQLite": (r"sqlite3", r"sqlite3_", {"store", "cli"}),
    "zlib": (r"zlib", r"(gz[a-z]+|inflate\w*|deflate\w*|crc32|uncompress|compress2?)$", {"feed", "store", "cli"}),
    "GTK": (r"gtk/|gdk/|gsk/|adwaita", r"(gtk|gdk|gsk|adw)_", {"app"}),
    "Cairo": (r"cairo", r"cairo_", {"plot", "app", "cli"}),
    "Pango": (r"pango/", r"pango_", {"plot", "app", "cli"}),
    "GLib": (r"glib|gio/|gobject", r"g_[a-z]", {"engine", "plot", "app", "cli"}),
}

# analytics: no network, threads or files. pthread_once is how a library's global error handler is set once.
FORBIDDEN_SYMBOLS = {
    "analytics": r"(fopen|fdopen|open|openat|socket|connect|pthread_create|thrd_create)(64)?$",
    "plot": r"(socket|connect|pthread_create)$",
    "market": r"(socket|connect|fopen|open)(64)?$",
    "app": r"(socket|connect)$",
}

# Words for what a snapshot holds: the types come through engine's headers, and their names with them.
VOCABULARY = {"app": {"sg_signal_name", "sg_alert_visible", "sg_feed_failure_name", "sg_feed_state_name", "sg_hedge_name", "sg_grade_name"}}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def room_of(name):
    parts = name.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "spreadglass"] and len(parts) > 3:
        return parts[2]
    return None


def lint_includes(root):
    for name in files_below(root):
        room = room_of(name)
        if room is None or not name.endswith((".c", ".h")):
            continue
        if room not in ROOMS:
            yield f"{name}: there is no room called {room}"
            continue
        text = read_text(root, name) or ""
        for match in INCLUDE.finditer(text):
            quoted, header = match.group(1) == '"', match.group(2)
            where = f"{name}:{text.count(chr(10), 0, match.start(2)) + 1}"
            if header.startswith("spreadglass/"):
                other = header.split("/")[1]
                if other != room and other not in ROOMS[room]:
                    yield f"{where}: {room} may not include {header}"
                continue
            if quoted:
                beside = os.path.join(root, os.path.dirname(name), header)
                if "/" in header or name.startswith("include/"):
                    yield f"{where}: {header} is neither a public header nor beside this file"
                elif not os.path.isfile(beside):
                    yield f"{where}: {header} is not beside this file (a private header of another room?)"
                continue
            for library, (headers, _, allowed) in LIBRARIES.items():
                if re.match(headers, header) and room not in allowed:
                    yield f"{where}: {room} may not know {library} ({header})"


def symbols(archive, kind):
    listed = subprocess.run(["nm", "-A", kind, archive], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        fields = line.split()
        if len(fields) >= 2:
            yield fields[0].split(":")[-2 if fields[0].endswith(":") else -1], fields[-1]


def lint_symbols(folder):
    """`folder` is a build folder with libsg_<room>.a."""
    archives = {room: os.path.join(folder, f"libsg_{room}.a") for room in ROOMS}
    archives = {room: path for room, path in archives.items() if os.path.isfile(path)}
    owner = {}
    for room, path in archives.items():
        for _, symbol in symbols(path, "--defined-only"):
            owner.setdefault(symbol, room)
    for room, path in archives.items():
        own = {symbol for _, symbol in symbols(path, "--defined-only")}
        for member, symbol in symbols(path, "--undefined-only"):
            if symbol in own:
                continue
            other = owner.get(symbol)
            if other is not None:
                if other not in ROOMS[room] and symbol not in VOCABULARY.get(room, ()):
                    yield f"libsg_{room}.a({member}): calls {symbol} of {other}"
                continue
            for library, (_, prefix, allowed) in LIBRARIES.items():
                if re.match(prefix, symbol) and room not in allowed:
                    yield f"libsg_{room}.a({member}): calls {symbol} of {library}"
            if room in FORBIDDEN_SYMBOLS and re.match(FORBIDDEN_SYMBOLS[room], symbol):
                yield f"libsg_{room}.a({member}): {room} may not call {symbol}"


def self_test_symbols():
    """Real archives, made of planted sources."""
    sources = {
        "base": "int sg_base_thing(void); int sg_base_thing(void) { return 1; }",
        "market": "int sg_base_thing(void); int sg_plot_thing(void); int sg_market_thing(void);"
                  "int sg_market_thing(void) { return sg_base_thing() + sg_plot_thing(); }",
        "analytics": "void lws_service(void); void *fopen(const char *, const char *); void sg_fit(void);"
                     "void sg_fit(void) { lws_service(); fopen(\"\", \"\"); }",
        "plot": "void cairo_fill(void); void gtk_main(void); int sg_plot_thing(void);"
                "int sg_plot_thing(void) { cairo_fill(); gtk_main(); return 1; }",
    }
    with tempfile.TemporaryDirectory() as folder:
        for room, source in sources.items():
            stem = os.path.join(folder, room)
            with open(stem + ".c", "w", encoding="ascii") as file:
                file.write(source)
            subprocess.run(["cc", "-fno-builtin", "-c", stem + ".c", "-o", stem + ".o"], check=True)
            subprocess.run(["ar", "rcs", os.path.join(folder, f"libsg_{room}.a"), stem + ".o"], check=True)
        complaints = sorted(lint_symbols(folder))
    expected = ["libsg_analytics.a(analytics.o): analytics may not call fopen",
                "libsg_analytics.a(analytics.o): calls lws_service of libwebsockets",
                "libsg_market.a(market.o): calls sg_plot_thing of plot",
                "libsg_plot.a(plot.o): calls gtk_main of GTK"]
    if complaints != expected:
        print("SELF-TEST of lint_symbols FAILED", complaints)
        sys.exit(1)


def main():
    self_test(lint_includes, {
        "include/spreadglass/base/a.h": "#include <stdint.h>\n#include <zlib.h>\n",
        "include/spreadglass/market/b.h": '#include "spreadglass/base/a.h"\n#include "b_private.h"\n',
        "include/spreadglass/plot/p.h": '#include <cairo.h>\n#include "spreadglass/engine/session.h"\n',
        "src/market/b.c": '#include "b_private.h"\n#  include "spreadglass/analytics/x.h"\n#include <pthread.h>\n',
        "src/market/b_private.h": "",
        "src/analytics/x.c": '#include "spreadglass/base/a.h"\n#include <gsl/gsl_fit.h>\n#include <glib.h>\n#include "../feed/f.h"\n',
        "src/feed/f.c": '#include <libwebsockets.h>\n#include <curl/curl.h>\n#include <gtk/gtk.h>\n#include "b_private.h"\n',
        "src/tools/t.c": "",
        "src/main.c": '#include "spreadglass/app/app.h"\n',
    }, [
        "include/spreadglass/base/a.h:2: base may not know zlib",
        "include/spreadglass/market/b.h:2: b_private.h is neither",
        "include/spreadglass/plot/p.h:2: plot may not include spreadglass/engine/session.h",
        "src/market/b.c:2: market may not include spreadglass/analytics/x.h",
        "src/analytics/x.c:3: analytics may not know GLib",
        "src/analytics/x.c:4: ../feed/f.h is neither",
        "src/feed/f.c:3: feed may not know GTK",
        "src/feed/f.c:4: b_private.h is not beside",
        "src/tools/t.c: there is no room called tools",
    ])
    self_test_symbols()

    binary = os.environ.get("SG_BINARY_DIR")
    built = [room for room in ROOMS if binary and os.path.isfile(os.path.join(binary, f"libsg_{room}.a"))]
    if not built:
        print("SKIP: SG_BINARY_DIR has no room's library: only the include lines are looked at")
        report(lint_includes)
    if os.environ.get("SG_SANITIZE"):
        report(lint_includes)  # instrumented objects call what the compiler likes; the plain build is looked at
    print(f"libraries of {len(built)} rooms; sources in {SOURCE}")
    report(lint_includes, lambda _: lint_symbols(binary))


main()
