/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which options belong together; a verb names the groups that it takes. */

enum {
    SG_OPTIONS_PAIR = 1 << 0,
    SG_OPTIONS_MODEL = 1 << 1,
    SG_OPTIONS_LIVE = 1 << 2,
    SG_OPTIONS_REPLAY = 1 << 3,
    SG_OPTIONS_WATCH = 1 << 4,
    SG_OPTIONS_FORMAT = 1 << 5,
    SG_OPTIONS_OUTPUT = 1 << 6,
    SG_OPTIONS_FILES = 1 << 7,
    SG_OPTIONS_RENDER = 1 << 8,
    SG_OPTIONS_EXCHANGE = 1 << 9,
    SG_OPTIONS_DURATION = 1 << 10,
    SG_OPTIONS_ANALYZE = 1 << 11,
    SG_OPTIONS_EXPLAIN = 1 << 12,
    SG_OPTIONS_SYMBOL = 1 << 13, /* one symbol, its market and interval */
    SG_OPTIONS_STORE = 1 << 14,  /* where the database is */
    SG_OPTIONS_SPAN = 1 << 15,   /* from when to when */
    SG_OPTIONS_SKIP_BAD = 1 << 16,
    SG_OPTIONS_STORED = 1 << 17, /* bars from the store instead of files */
    SG_OPTIONS_RECORD = 1 << 18, /* a live session into a recording */
    SG_OPTIONS_IMPORT = 1 << 19,
    SG_OPTIONS_WINDOW_GROUPS = SG_OPTIONS_PAIR | SG_OPTIONS_MODEL | SG_OPTIONS_LIVE | SG_OPTIONS_REPLAY | SG_OPTIONS_STORE,
};
