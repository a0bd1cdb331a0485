/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From rows to the bars of a series. */
#include "row_private.h"
#include "spreadglass/store/series_reader.h"

/* Bars under way to a series: a growing array with a ceiling. */
struct bar_list {
    struct sg_bar *bars;
    size_t length, capacity, maximum;
};
enum sg_status sg_bar_list_add(struct bar_list *list, const struct sg_bar *bar, struct sg_error *error);

/* Says an interval in the shortest words: "1m", "4h", "1d", "90s", "0.5s". Returns `buffer`. */
#define INTERVAL_TEXT_BUF 32
const char *sg_interval_text(int64_t interval_us, char buffer[static INTERVAL_TEXT_BUF]);

/* Says how far apart two times are, as a clock would: "13:47:05", "2 d 00:00:01". Returns `buffer`. */
#define DISTANCE_TEXT_BUF 48
const char *sg_distance_text(int64_t distance_us, char buffer[static DISTANCE_TEXT_BUF]);

/* Adds a sentence to what a person should know of the series. */
void sg_series_warn(struct sg_series *series, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline int64_t floor_to(int64_t time_us, int64_t interval_us)
{
    int64_t rest = time_us % interval_us;
    return time_us - (rest < 0 ? rest + interval_us : rest);
}

/* Trades to bars on the grid of event times. */
struct trade_bars {
    const struct sg_series_config *config;
    struct sg_series *series;
    struct bar_list *list;
    struct sg_bar bar; /* under way; valid when `open` */
    bool open;
    int64_t last_id;
    uint64_t id_jumps;
    uint64_t empty; /* trades of quantity 0: none */
    struct series_row last;
    bool any;
};
void sg_trade_bars_init(struct trade_bars *trades, const struct sg_series_config *config, struct sg_series *series, struct bar_list *list);
/* SG_ERR_PARSE: the row may be skipped; anything else is final. */
enum sg_status sg_trade_bars_add(struct trade_bars *trades, const struct series_row *row, struct sg_error *error);
enum sg_status sg_trade_bars_finish(struct trade_bars *trades, struct sg_error *error);

#define HEAD_ROWS 1024

/* How far apart rows are. */
struct row_spacing {
    int64_t distances[HEAD_ROWS];
    size_t count;
    int64_t noted_us; /* time of the last row */
    bool noted;
};
void sg_row_spacing_note(struct row_spacing *spacing, int64_t time_us);
/* The commonest distance (0: there is none); *ret_regular: most distances are whole ones of it. Sorts the distances. Where lengths are
 * those of the calendar (four weeks or more), the shortest that is no odd row's. */
int64_t sg_row_spacing_find(struct row_spacing *spacing, bool *ret_regular);
/* May two rows of a file of that spacing lie so far apart? Days may be an hour longer or shorter, and longer ones a few days. */
bool sg_row_spacing_fits(int64_t distance_us, int64_t step_us);

/* Bars (and prices, which may turn out to be ticks) to bars. */
struct row_bars {
    const struct sg_series_config *config;
    struct sg_series *series;
    struct bar_list *list;
    struct bar_list reversed; /* rows of a descending file, until the end */
    struct trade_bars trades; /* when prices turn out to be ticks */
    struct series_row *head;  /* the first rows, until the spacing is known */
    size_t head_length, head_taken;
    struct series_row next; /* to be placed */
    bool has_next;
    uint64_t bad_number;           /* the number of the malformed row when it is an earlier one; else 0 */
    struct row_spacing spacing;    /* of the head, rows without a price included */
    bool regular;                  /* rows off the spacing are odd ones */
    struct series_row placed, odd; /* the last row that was accepted, and one after it that does not fit, until the next row tells why */
    bool any_placed, has_odd;
    bool any_volume, any_counted, any_close, moves;
    double close; /* of the row before */
    struct series_row previous;
    bool any, decided, as_ticks;
    int direction; /* 0 unknown, 1 ascending, -1 descending */
    int64_t target_us, step_us;
    struct sg_bar bar; /* aggregated, under way; valid when parts > 0 */
    int64_t parts;
};
enum sg_status sg_row_bars_init(struct row_bars *rows, const struct sg_series_config *config, struct sg_series *series, struct bar_list *list,
                                struct sg_error *error);
enum sg_status sg_row_bars_add(struct row_bars *rows, const struct series_row *row, struct sg_error *error);
/* When sg_row_bars_add() fails with SG_ERR_PARSE and `bad_number` is set, an earlier row is malformed: to skip it, go on with what was
 * kept back behind it; sg_row_bars_finish() is called again. */
enum sg_status sg_row_bars_go_on(struct row_bars *rows, struct sg_error *error);
enum sg_status sg_row_bars_finish(struct row_bars *rows, struct sg_error *error);
/* The time of a row, also of one whose price is missing: the spacing is of the rows, not of the prices. */
void sg_row_bars_note_time(struct row_bars *rows, int64_t time_us);
void sg_row_bars_free(struct row_bars *rows);
