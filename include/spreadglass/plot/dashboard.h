/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The dashboard as drawing: panes on one time axis, on any cairo_t. The window and `render` use exactly this code.
 *
 * A dashboard holds min/max pyramids of the columns it shows, extended in O(1) amortised per appended row, so that the cost of a frame is in pixels and
 * not in rows. It draws; it owns no widget, no data (the history is borrowed) and no event. One owner; not thread-safe. */
#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/history.h"
#include "spreadglass/base/status.h"
#include "spreadglass/plot/theme.h"
#include "spreadglass/plot/viewport.h"

/* SG_PANE_COUNT: the first panes, those of a new window; SG_PANE_ALL: all there are. Values are stable, new ones come last. */
enum sg_pane {
    SG_PANE_PRICE = 0,
    SG_PANE_SPREAD,
    SG_PANE_ZSCORE,
    SG_PANE_CORRELATION,
    SG_PANE_COUNT,
    SG_PANE_HEDGE_RATIO = SG_PANE_COUNT, /* with two standard errors on each side */
    SG_PANE_SCATTER,                     /* A against B, coloured by time, with the fitted line; its x is not time */
    SG_PANE_ALL
};
enum sg_price_mode {
    SG_PRICE_PERCENT = 0, /* change since the first bar in view */
    SG_PRICE_ABSOLUTE,    /* two axes: A at the right, B inside at the left */
    SG_PRICE_INDEXED,     /* first bar in view = 100 */
    SG_PRICE_LOG,         /* the same on a logarithmic axis: equal ratios are equal distances */
    SG_PRICE_MODE_COUNT
};

/* What the spread pane draws, with its rolling mean and the band of the threshold around it. z is the same in all of them. */
enum sg_spread_mode {
    SG_SPREAD_RESIDUAL = 0, /* A - alpha - beta B with the fit known at each bar: near 0, whatever alpha and beta do */
    SG_SPREAD_LEVEL,        /* A - beta B: wanders by the change of alpha */
    SG_SPREAD_DEVIATION,    /* spread less its rolling mean */
    SG_SPREAD_MODE_COUNT
};

struct sg_pane_share {
    enum sg_pane pane;
    double share;
}; /* share of the height, relative to the others; > 0 */

struct sg_dashboard;

struct sg_dashboard_data {
    const struct sg_history *history; /* borrowed; rows of one epoch must not change */
    const struct sg_row *forming;     /* NULL: none; copied */
    char symbol_a[80], symbol_b[80];
    int decimals_a, decimals_b; /* of prices; -1: chosen from magnitude */
    double entry, exit;         /* thresholds drawn in the z pane */
    size_t window;
    bool utc; /* time labels in UTC, else local */
    /* What bars that are not fetched are made of, where that is not trades ("tickers", "book prices"): the price pane marks where they meet klines,
     * which are. "": trades, both mean the same. */
    char source[24];
};

/* What the statistics strip and banner of a rendered picture say; text is ready-made, UTF-8. */
struct sg_dashboard_header {
    const char *title;             /* "BTCUSDT/ETHUSDT · 1m · window 60" */
    const char *status;            /* "Demo", "2024-08-08 23:54–23:59 UTC", … */
    const char *const *stat_names; /* count each */
    const char *const *stat_values;
    size_t stat_count;
    const char *banner;   /* NULL: none */
    bool banner_up;       /* overbought: upward sign; else downward, and another colour */
    bool stale;           /* the statistics and the verdict are not of the present: drawn dim */
    bool banner_outlined; /* the relation is not supported: a frame instead of the full colour */
    const char *verdict;  /* whole sentences under the statistics, wrapped into a few lines; NULL: none */
};

struct sg_dashboard *sg_dashboard_new(void);
void sg_dashboard_free(struct sg_dashboard *dashboard);
/* Takes over new rows; a new epoch or history rebuilds. Returns true when anything drawn could differ. */
bool sg_dashboard_set_data(struct sg_dashboard *dashboard, const struct sg_dashboard_data *data);
/* `stale`: what is shown is not the present, because the feed is gone or a leg is silent: values and tags are drawn dim, and nothing is said to be
 * "now". `words`, may be NULL or empty: what is waited for and how old it is ("waiting for BTCUSDT, 19 s old"), said in every legend and by every
 * pane that has no bar yet. Returns the panes whose picture differs, a bit each; *ret_words, may be NULL: the words do, which are in the legends. */
unsigned sg_dashboard_set_waiting(struct sg_dashboard *dashboard, bool stale, const char *words, bool *ret_words);
/* What of the last set_data shows at this view: the panes whose picture differs, a bit (1 << pane) each; panes whose bit is not set may be kept as
 * they are. `ret_legends`, may be NULL: those whose legend differs that has the newest bar's values, in view or not. Reads the rows in view not at all. */
unsigned sg_dashboard_changes(const struct sg_dashboard *dashboard, const struct sg_viewport *view, unsigned *ret_legends);
void sg_dashboard_set_price_mode(struct sg_dashboard *dashboard, enum sg_price_mode mode);
/* Candles instead of a line per leg (hollow: close above open), and both volumes at the foot of the price pane. All off at first. */
void sg_dashboard_set_price_style(struct sg_dashboard *dashboard, bool candles_a, bool candles_b, bool volume);
/* Forgets a value range that was chosen for the spread pane: it was one of other values. */
void sg_dashboard_set_spread_mode(struct sg_dashboard *dashboard, enum sg_spread_mode mode);
/* A second, dashed line with the newest hedge ratio (and, but for SG_SPREAD_LEVEL, the newest alpha) for all bars: hindsight, beside what was
 * known then, on the same axis. Off at first. */
void sg_dashboard_set_hindsight(struct sg_dashboard *dashboard, bool shown);
/* The scatter is drawn in a square in the middle of its pane when it is the only one (sg_dashboard_set_panes). On at first. */
void sg_dashboard_set_square(struct sg_dashboard *dashboard, bool square);
/* Px from the left of a pane of this size at which its value axis begins: width - SG_AXIS_WIDTH, less for a square scatter. */
double sg_dashboard_axis_left(const struct sg_dashboard *dashboard, enum sg_pane pane, double width, double height);
/* A range of values that a person chose for a pane (its right axis, in the units that it is labelled in) instead of the automatic one;
 * low >= high, NaN or not finite: automatic again. Forgotten when the price mode changes. */
void sg_dashboard_set_value_range(struct sg_dashboard *dashboard, enum sg_pane pane, double low, double high);
bool sg_dashboard_value_range_chosen(const struct sg_dashboard *dashboard, enum sg_pane pane);
/* The range that the pane's right axis covers at this view and size, from the lower edge to the upper. False: it has none (nothing to draw). */
bool sg_dashboard_value_range(struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, double width, double height, double *ret_low,
                              double *ret_high);
/* What sg_dashboard_draw and _save show, from above. count 0: the panes of a new window. At most SG_PANE_ALL, none twice, else SG_ERR_INVALID. */
enum sg_status sg_dashboard_set_panes(struct sg_dashboard *dashboard, const struct sg_pane_share *panes, size_t count);
/* The pane under which the time axis stands: the lowest of those that share it. SIZE_MAX: none does, for the scatter's axes are its own. */
size_t sg_panes_time_axis_after(const struct sg_pane_share *panes, size_t count);
/* Brings every pyramid in use up to the rows taken over. Drawing does it by itself for what it draws; call it to do the work at another moment. */
void sg_dashboard_cover(struct sg_dashboard *dashboard);
size_t sg_dashboard_bytes(const struct sg_dashboard *dashboard); /* memory of the pyramids and lists */
/* Updates the extent of `view` from the data. */
void sg_dashboard_update_extent(const struct sg_dashboard *dashboard, struct sg_viewport *view);

#define SG_AXIS_WIDTH 76.0 /* px at the right of a pane: value labels and tags */
#define SG_TIME_AXIS_HEIGHT 26.0

/* Draws one pane into (0, 0, width, height) in user units: background, grid, lines, thresholds, value axis, last-value tags (moved apart when they
 * would overlap), NOT legend and crosshair. This is what a caller caches; it depends on data, view, size and theme only. `font`: Pango description. */
void sg_dashboard_draw_pane(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                            const char *font, double width, double height);
/* Legend (title and values at `cursor_row`, or at the newest bar when it is SIZE_MAX) and crosshair: the vertical line at the snapped bar, and in the hovered pane the horizontal
 * line with its value tag at y. `hover_y` < 0: not the hovered pane. Cheap: called on each move over the cached pane. */
void sg_dashboard_draw_overlay(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                               const char *font, double width, double height, size_t cursor_row, double hover_y);
/* A stretch of time that a person marks (slots, in any order), over the cached pane; `label`: also how many bars and how long. */
void sg_dashboard_draw_selection(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                                 double width, double height, double from_slot, double to_slot, bool label);
/* The time axis under the lowest pane, with the cursor's time tag. */
void sg_dashboard_draw_time_axis(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                                 double width, double height, size_t cursor_row);
/* Row (or history length for the forming bar) nearest to x of a pane of this width; SIZE_MAX when there is no data or x is on the axis. */
size_t sg_dashboard_row_at(const struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double x);

/* The same in the scatter pane, where x is no time: row of the mark nearest to the point, of those drawn. At most 4000 are looked at. */
size_t sg_dashboard_row_at_point(struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double height, double x, double y);

/* Plain-text values of a pane at a row, for accessibility: "BTCUSDT 65599.24, ETHUSDT 3280.80", "z-score undefined: warming up 37/60"; in the
 * price pane also what is special about the bar: "…; BTCUSDT without trades; 14 bars missing before". Returns the length. */
size_t sg_dashboard_describe(const struct sg_dashboard *dashboard, enum sg_pane pane, size_t row, char *buffer, size_t size);
const char *sg_pane_title(enum sg_pane pane); /* "Price", "Spread", "Z-score", "Correlation", "Hedge ratio", "Scatter"; "" for no pane */

/* A number that a pane shows: in its legend, or as a tag on its axis. */
enum sg_number {
    SG_NUMBER_CLOSE_A,
    SG_NUMBER_CLOSE_B,
    SG_NUMBER_SPREAD,
    SG_NUMBER_SPREAD_TODAY /* with the newest hedge ratio */,
    SG_NUMBER_MEAN,
    SG_NUMBER_STD,
    SG_NUMBER_ZSCORE,
    SG_NUMBER_CORRELATION,
    SG_NUMBER_ALPHA,
    SG_NUMBER_BETA,
    SG_NUMBER_SE_BETA,
    SG_NUMBER_RESIDUAL,
    SG_NUMBER_RESIDUAL_MEAN,
    SG_NUMBER_RESIDUAL_TODAY /* with the newest fit */,
    SG_NUMBER_DEVIATION,
    SG_NUMBER_COUNT
};
#define SG_PANE_NUMBERS_MAX 4
struct sg_shown_number {
    enum sg_number number;
    size_t row;                 /* of the bar whose number it is; the history's length: the forming one */
    double x, y, width, height; /* where it stands, in units of the pane */
};
/* Which number is drawn at (x, y) of a pane, legend and tags as draw_overlay and draw_pane place them with the same arguments. False: none. */
bool sg_dashboard_number_at(struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                            double width, double height, size_t cursor_row, double x, double y, struct sg_shown_number *ret_number);
/* Every kind of number that a pane's legend has, the most important first; returns how many. */
size_t sg_dashboard_numbers(const struct sg_dashboard *dashboard, enum sg_pane pane, enum sg_number numbers[static SG_PANE_NUMBERS_MAX]);

/* The whole picture: header strip, banner, all panes, time axis. */
void sg_dashboard_draw(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_viewport *view,
                       const struct sg_theme *theme, const char *font, double width, double height);
/* The same into a file, written whole or not at all; the format follows the ending .png, .svg, .pdf. `scale`: device pixels per unit (png). */
enum sg_status sg_dashboard_save(struct sg_dashboard *dashboard, const char *file, const struct sg_dashboard_header *header, const struct sg_viewport *view,
                                 const struct sg_theme *theme, const char *font, double width, double height, double scale, struct sg_error *error);

/* The two halves of saving, for who must not wait for a disk, or for a PNG to be packed (a third of a second for a big one): drawn where the dashboard
 * is, written on any thread, by one at a time. A drawn picture refers to nothing of the dashboard. One pane alone has its legend and time axis;
 * `title`: of the document, may be NULL. */
struct sg_drawn;
enum sg_status sg_dashboard_draw_file(struct sg_dashboard *dashboard, const char *file, const struct sg_dashboard_header *header,
                                      const struct sg_viewport *view, const struct sg_theme *theme, const char *font, double width, double height, double scale,
                                      struct sg_drawn **ret_drawn, struct sg_error *error);
enum sg_status sg_dashboard_draw_pane_file(struct sg_dashboard *dashboard, const char *file, enum sg_pane pane, const char *title,
                                           const struct sg_viewport *view, const struct sg_theme *theme, const char *font, double width, double height,
                                           double scale, struct sg_drawn **ret_drawn, struct sg_error *error);
enum sg_status sg_drawn_write(struct sg_drawn *drawn, struct sg_error *error);
void sg_drawn_free(struct sg_drawn *drawn); /* NULL is allowed */
