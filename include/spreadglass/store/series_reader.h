/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Files of bars or trades to the bars of one leg.
 *
 * What a file is, is told by its content and never by its name. Plain, in gzip, xz, zstd, bzip2 or lz4, or the one table
 * in a zip, 7z or tar archive (see src/store/unpacker_private.h for the limits):
 *  - Binance archive klines (12 columns), trades and aggTrades as CSV, with or without a header line;
 *  - a JSON array of klines, 12 columns as the REST interface gives them, or 6 columns of numbers;
 *  - CSV with a header that names a time column (time, timestamp, date, datetime, open_time, …) and open/high/low/close
 *    [/volume], or a price (price, close, last, …), or a column for each instrument, or a column that says whose row it is (symbol,
 *    ticker, …). A file of several instruments is never mixed: the instrument asked for chooses, else it is refused and they are listed.
 *    Adjusted prices (Adj Close) go before raw ones, and `warning` says so;
 *  - recordings of messages, when the caller brings who can decode them (`open_ticks`).
 * Times: ISO 8601 (without a zone: UTC), YYYY-MM-DD, YYYYMMDD, or seconds, milliseconds, microseconds or nanoseconds since 1970,
 * told apart by magnitude, each row by its own: files glued together may change the unit, and `warning` says where.
 *
 * Bars become bars: of their own spacing, or aggregated upward when the interval asked for is longer. An aggregated bar exists
 * when all of the bars that it is made of exist; the others are counted as `incomplete`. Trades become bars on the grid of
 * event times [T, T + interval); between two trades, bars without any are flat, SG_BAR_FILLED; so is a bar of volume 0 (in a file whose
 * prices move and whose volumes are all 0, nobody wrote them down: SG_BAR_NO_VOLUME). A trade of quantity 0 is none. The file is taken for
 * complete: its first and last bar are kept. Recordings become bars through market's resampler, exactly as live.
 *
 * The length of bars is what the file says of it, else the commonest distance of two rows: a row that lies off it (one of "now", one
 * late stamp) is malformed.
 * Order: ascending in time, or (bars) wholly descending. A row equal to the one before it is dropped and counted; another row
 * of the same time, or one that goes back, is malformed. Memory: one row or line, plus the bars produced, up to `maximum_bars`.
 * Thread: any; one call, one thread. Nothing is kept between calls. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick_stream.h"

#define SG_SERIES_BARS_MAX ((size_t)4000000) /* the default ceiling: 7 years of minutes, 400 MB */

enum sg_series_form {
    SG_SERIES_KLINES_CSV,
    SG_SERIES_TRADES_CSV,
    SG_SERIES_AGG_TRADES_CSV,
    SG_SERIES_KLINES_JSON,
    SG_SERIES_BARS_CSV /* generic, open/high/low/close */,
    SG_SERIES_PRICES_CSV /* generic, one price a row */,
    SG_SERIES_RECORDING,
    SG_SERIES_FORM_COUNT
};

struct sg_series_config {
    struct sg_instrument instrument; /* which leg: chooses within recordings and files of several instruments; else not looked at */
    bool named;                      /* a person named it: a file that has names for its instruments, and not this one, is refused */
    enum { SG_DATES_AUTO = 0, SG_DATES_DMY, SG_DATES_MDY } date_order; /* of 3/4/2024; auto: the whole column decides, or it is refused */
    const char *column;                                                /* the column of the price, by its name; NULL: found by what the columns are called */
    int64_t interval_us;                                               /* of the bars wanted; > 0 */
    bool interval_given;                                               /* false: a file whose own spacing is longer keeps its own spacing */
    bool skip_bad;                                                     /* count malformed rows and go on */
    int64_t start_us, end_us;                                          /* only bars with open time in [start, end); INT64_MIN, INT64_MAX: all */
    size_t maximum_bars;                                               /* 0: SG_SERIES_BARS_MAX */
    int stream;                                                        /* of recordings: enum sg_stream, or -1: the one that the recording holds */
    sg_tick_stream_opener open_ticks;                                  /* feed's sg_tick_stream_open_recording; NULL: recordings are refused */
    /* Called now and then (about every MiB read) on the calling thread; false cancels: SG_ERR_CANCELLED. May be NULL. */
    bool (*progress)(void *context, uint64_t bytes_read, uint64_t bytes_total);
    void *progress_context;
};

struct sg_series {
    struct sg_bar *bars; /* ascending in time; malloc'ed */
    size_t length;
    int64_t interval_us;      /* of these bars: as asked for, or the file's own spacing (the commonest distance of two rows) */
    int64_t file_interval_us; /* spacing of the file's rows; 0: trades, recordings, or a single row */
    bool on_grid;             /* every time is a multiple of interval_us (false: months, bars that begin at odd times) */
    enum sg_series_form form;
    bool by_symbol;             /* the column, or the rows, were chosen by the name of the symbol */
    char symbol[SG_SYMBOL_BUF]; /* what the rows say whose they are; "" when they say nothing */
    uint64_t others;            /* rows of other instruments */
    uint64_t rows;              /* rows, trades or ticks read and accepted, before start and end */
    uint64_t bad;               /* malformed rows skipped (skip_bad) */
    uint64_t duplicates;        /* rows equal to the one before */
    uint64_t missing;           /* rows of a generic CSV whose price is left empty (or NA, NaN, null) */
    uint64_t outside;           /* rows outside [start, end) */
    int64_t first_us, last_us;  /* of the rows, those outside included; equal when there are none */
    uint64_t incomplete;        /* aggregated bars left out because a part of them is missing */
    uint64_t filled;            /* bars made flat between two trades */
    uint64_t gaps;              /* places where bars are missing between two bars */
    char first_bad[400];        /* file:line: reason of the first row skipped; "" when none was */
    char warning[384];          /* what a person should know ("the gzip stream breaks off …"); "" when nothing */
};

/* Reads one file. `error`: file, line (row for JSON), reason. SG_ERR_IO, SG_ERR_PARSE (not what it claims, malformed, empty), SG_ERR_RANGE
 * (more bars than the ceiling), SG_ERR_INVALID (an interval shorter than the file's, or not a multiple of it), SG_ERR_CANCELLED. */
enum sg_status sg_series_read(const char *file, const struct sg_series_config *config, struct sg_series *ret_series, struct sg_error *error);
void sg_series_free(struct sg_series *series); /* NULL and zeroed are fine; leaves it zeroed */

/* Both legs of a pair. One file: a recording or a CSV with a column for each symbol. Two files: A's and B's; two recordings
 * are played as one, merged by receive time. More: recordings only. Without interval_given both legs get the same interval, the
 * longer of the two files'. `config->instrument` is not looked at. */
enum sg_status sg_series_read_pair(const char *const *files, size_t count, const struct sg_instrument legs[static SG_LEG_COUNT],
                                   const struct sg_series_config *config, struct sg_series ret_series[static SG_LEG_COUNT], struct sg_error *error);
