/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of verbs: what main.c dispatches on and what --help prints. */
#include "verbs_private.h"

#include <stddef.h>

#include "options_private.h"

const struct sg_verb sg_verbs[] = {
    {"watch",
     "the live session as text: one line per closed bar and per event (= behind a close: no trade; ?: not settled, nothing proves yet that this was all)",
     sg_verb_watch, "watch [OPTIONS]", SG_OPTIONS_WINDOW_GROUPS | SG_OPTIONS_WATCH | SG_OPTIONS_RECORD | SG_OPTIONS_DURATION | SG_OPTIONS_FORMAT},
    {"record", "raw messages with their receive times, to a file", sg_verb_record, "record --output FILE[.gz] [OPTIONS]",
     SG_OPTIONS_PAIR | SG_OPTIONS_LIVE | SG_OPTIONS_DURATION | SG_OPTIONS_OUTPUT},
    {"replay", "a recording as `watch` would have shown it", sg_verb_replay, "replay FILE [OPTIONS]",
     SG_OPTIONS_PAIR | SG_OPTIONS_MODEL | SG_OPTIONS_REPLAY | SG_OPTIONS_WATCH | SG_OPTIONS_DURATION | SG_OPTIONS_FORMAT | SG_OPTIONS_FILES},
    {"analyze", "the statistics of a pair from files", sg_verb_analyze, "analyze A-FILE B-FILE | RECORDING | --from-store [OPTIONS]",
     SG_OPTIONS_PAIR | SG_OPTIONS_MODEL | SG_OPTIONS_FILES | SG_OPTIONS_ANALYZE | SG_OPTIONS_EXPLAIN | SG_OPTIONS_FORMAT | SG_OPTIONS_OUTPUT |
         SG_OPTIONS_STORED | SG_OPTIONS_STORE},
    {"render", "the dashboard as a picture (.png, .svg or .pdf)", sg_verb_render, "render [A-FILE B-FILE | RECORDING | --from-store] --output FILE [OPTIONS]",
     SG_OPTIONS_WINDOW_GROUPS | SG_OPTIONS_FILES | SG_OPTIONS_ANALYZE | SG_OPTIONS_OUTPUT | SG_OPTIONS_RENDER | SG_OPTIONS_STORED},
    {"exchange", "a local exchange on loopback, for tests and for trying things out", sg_verb_exchange, "exchange [OPTIONS]", SG_OPTIONS_EXCHANGE},
    {"import", "bars from files into the store (trades become bars; ticks are not kept)", sg_verb_import, "import FILE… [OPTIONS]",
     SG_OPTIONS_SYMBOL | SG_OPTIONS_FILES | SG_OPTIONS_IMPORT | SG_OPTIONS_SPAN | SG_OPTIONS_SKIP_BAD | SG_OPTIONS_STORE | SG_OPTIONS_FORMAT},
    {"export", "the store's bars of a symbol as CSV, each with its quality; without --symbol: a list of what is kept", sg_verb_export,
     "export [--symbol SYMBOL --output FILE] [OPTIONS]", SG_OPTIONS_SYMBOL | SG_OPTIONS_SPAN | SG_OPTIONS_OUTPUT | SG_OPTIONS_STORE | SG_OPTIONS_FORMAT},
    {"doctor", "versions, trust store, endpoints, clock, database: each with a verdict and a remedy", sg_verb_doctor, "doctor [OPTIONS]",
     SG_OPTIONS_PAIR | SG_OPTIONS_LIVE | SG_OPTIONS_STORE | SG_OPTIONS_FORMAT},
    {NULL, NULL, NULL, NULL, 0},
};
