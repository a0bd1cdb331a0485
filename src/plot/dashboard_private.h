/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the parts of the dashboard share: the series with their pyramids, the frame (one drawing call's geometry), and the plan of a pane
 * (which series it shows, in which unit, on which axis). */
#include <math.h>
#include "spreadglass/plot/dashboard.h"
#include "spreadglass/plot/fired.h"
#include "spreadglass/plot/missing.h"
#include "spreadglass/plot/pyramid.h"
#include "spreadglass/plot/scale.h"
#include "spreadglass/plot/span.h"
#include "text_private.h"

enum series {
    SERIES_A,
    SERIES_B,
    SERIES_SPREAD,
    SERIES_MEAN,
    SERIES_UPPER,
    SERIES_LOWER,
    SERIES_ZSCORE,
    SERIES_CORRELATION,
    SERIES_BETA,
    SERIES_BETA_UPPER,
    SERIES_BETA_LOWER,
    SERIES_A_HIGH,
    SERIES_A_LOW,
    SERIES_B_HIGH,
    SERIES_B_LOW,
    SERIES_A_VOLUME,
    SERIES_B_VOLUME,
    SERIES_HINDSIGHT,          /* the spread with the newest hedge ratio */
    SERIES_HINDSIGHT_RESIDUAL, /* the same less the newest alpha */
    SERIES_RESIDUAL,
    SERIES_RESIDUAL_MEAN,
    SERIES_RESIDUAL_UPPER,
    SERIES_RESIDUAL_LOWER,
    SERIES_DEVIATION,
    SERIES_DEVIATION_UPPER,
    SERIES_DEVIATION_LOWER,
    SERIES_COUNT
};

struct time_list {
    int64_t *time_us;
    size_t count, capacity;
}; /* ascending */

/* The range of a pane's axis as last drawn: kept while small movements of the data still fit it, so that labels hold still. */
struct axis_memory {
    bool valid;
    double low, high, span, right;
    int unit;
};

struct columns_cache {
    bool valid;
    double right, span, width;
    size_t count, length, capacity;
    size_t *start;   /* count + 1: rows of column i are [start[i], start[i + 1]) */
    bool *joined;    /* count: no gap between the first row of column i and the row before it */
    uint64_t serial; /* another one for other columns */
};

/* One series seen through the columns: NaN where a column has no value. Kept until columns or rows change, because a pane needs it up to
 * three times and each look into a long series is a walk through cold memory. */
struct column_values {
    double low, high;
};
struct column_store {
    struct column_values *value;
    size_t capacity;
    uint64_t serial;
};

/* row_flags.c: what any and what all of some rows are flagged with; and of each column, per leg, whether all of its bars were filled (in a
 * stretch wide enough to see) and whether any was repaired; and whether bars are missing before any. */
#define SG_FLAGGED_LEAST 3.0 /* px */
struct row_flags {
    uint16_t any, all;
};
struct flag_blocks {
    struct row_flags *block;
    size_t count, capacity;
};
struct column_flags {
    bool filled[2], repaired[2], gap;
};
struct column_flag_store {
    struct column_flags *value;
    size_t capacity;
    uint64_t serial;
};
struct flagged_stretch {
    size_t from, to;
    bool wide;
}; /* of rows with a flag; zeroed: none looked at yet */

/* What was told beside the rows: fired.h, missing.h, span.h. The lists are the dashboard's own copies. */
struct fired_marks {
    bool known;
    struct sg_fired_mark *list;
    size_t count;
    struct time_list side[2]; /* the times, below and above */
};
struct missing_list {
    struct sg_missing *list;
    size_t count;
};
struct marked_span {
    bool set;
    int64_t from_us, to_us;
    double alpha, beta;
};

#define AXES 2

/* What the last set_data brought (changes.c). */
struct plot_changes {
    bool everything;  /* other rows, parameters, names or decimals */
    bool hindsight;   /* another newest hedge ratio: the whole line of it */
    bool rows;        /* new closed rows, a new forming bar, or one that ended */
    size_t from_row;  /* the first that differs; the forming bar is row `length` */
    uint32_t columns; /* with `rows` false: a bit for each column of the forming bar that differs */
};

#define LEGEND_ITEMS 7

/* The widest that each number of a legend was. */
struct legend_memory {
    double text_height; /* of the font that it was measured in */
    struct {
        enum sg_number number;
        double width;
    } item[LEGEND_ITEMS];
};

/* What keeps a pane on the screen from jumping; forgotten when its rows are others. */
struct pane_memory {
    struct axis_memory axis[AXES];
    bool fetched; /* bars in view, as last drawn, came from the exchange's history */
    struct legend_memory legend;
};

struct sg_dashboard {
    struct sg_dashboard_data data;
    bool has_forming;
    struct sg_row forming;
    uint64_t epoch;
    size_t length; /* rows taken over; the history may already hold more */
    enum sg_price_mode price_mode;
    enum sg_spread_mode spread_mode;
    bool candles_a, candles_b, volume, hindsight;
    bool free_scatter; /* not in a square */
    double hindsight_beta, hindsight_alpha;
    struct sg_extent chosen_range[SG_PANE_ALL]; /* as labelled; low >= high: automatic */
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t pane_count;
    struct sg_pyramid pyramid[SERIES_COUNT];
    size_t covered[SERIES_COUNT]; /* rows each pyramid has seen */
    struct time_list alerts[2];   /* rows with SG_ROW_ALERT_RAISED, z < 0 and z > 0 */
    struct fired_marks fired;
    struct missing_list missing;
    struct marked_span span;
    struct columns_cache columns;
    struct column_store column_store[SERIES_COUNT];
    struct flag_blocks flag_blocks;
    struct column_flag_store column_flags;
    struct pane_memory memory[SG_PANE_ALL];
    struct sg_text *text;
    float *span_store; /* spans_private.h */
    size_t span_capacity;
    struct plot_changes changes;
    bool stale;
    char waiting[160]; /* "": nothing is waited for */
    bool strokes_only; /* tests compare the two ways of drawing */
};

void sg_plot_strokes_only(struct sg_dashboard *dashboard, bool strokes_only);

/* One drawing call. Units are the caller's; `scale` is device pixels per unit. */
struct frame {
    struct sg_dashboard *dashboard;
    cairo_t *cr;
    const struct sg_viewport *view;
    const struct sg_theme *theme;
    double width, height, plot_width, scale;
    size_t first, last;   /* rows in view: [first, last) */
    size_t before, after; /* the same with one more on each side, so that lines leave through the edge */
    bool forming;         /* the forming bar is in view */
    bool dense;           /* more than about 1.5 rows a device pixel: columns instead of a polyline */
};

enum unit { UNIT_PLAIN, UNIT_PERCENT, UNIT_INDEX, UNIT_LOG /* decimal logarithm of UNIT_INDEX */ };
struct transform {
    enum unit unit;
    double base;
};

struct line_plan {
    enum series series;
    struct sg_color color;
    struct transform transform;
    int axis;
    uint16_t filled_flag; /* rows whose segment is drawn paler; 0: none */
    const char *label;
    int decimals; /* of legend and tag; -1: those of the axis + 1 */
    bool candles;
    bool faint; /* paler and without a tag: beside the point */
    bool part;  /* of 1: what is not 1 does not look like it */
};

#define LINES 2

struct pane_plan {
    enum sg_pane pane;
    size_t line_count;
    struct line_plan line[LINES];
    int axis_count;
    bool band;                                    /* between two series, with the line of a third */
    enum series band_low, band_high, band_middle; /* band_middle SERIES_COUNT: none */
    char band_label[48];                          /* of half its width, in the legend */
    struct sg_color band_color;
    double threshold, exit;       /* 0: none; drawn at + and - */
    double limit_low, limit_high; /* the axis never goes beyond */
    double least;                 /* smallest range of the axis */
    bool plus;                    /* "+" on positive values */
    bool zero;                    /* a line at 0 */
    const char *suffix;
    bool settles; /* bars of a fit that has just begun do not decide about the axis */
};

struct value_axis {
    bool valid;
    double low, high;                /* values at the lower and upper end … */
    double y_low, y_high;            /* … which are here */
    double tick[SG_VALUE_TICKS_MAX]; /* as labelled */
    int tick_count, tick_decimals;
    int tick_exponent; /* neighbouring ticks differ by at least this power of ten */
    int decimals;      /* of tags on this axis */
    struct transform transform;
};

/* What an axis says at a transformed value, and back. */
static inline double sg_plot_shown(const struct value_axis *axis, double value)
{
    return axis->transform.unit == UNIT_LOG ? pow(10, value) : value;
}

static inline double sg_plot_unshown(const struct value_axis *axis, double shown)
{
    return axis->transform.unit == UNIT_LOG ? log10(shown) : shown;
}

/* px of a transformed value, kept near the pane: farther out than anybody sees, nearer than Cairo's fixed point overflows. */
static inline double sg_plot_y(const struct value_axis *axis, double value)
{
    const double far = 20000;
    double y = axis->y_low + (value - axis->low) / (axis->high - axis->low) * (axis->y_high - axis->y_low);
    return y < -far ? -far : y > far ? far : y;
}

/* dashboard.c */
int64_t sg_plot_row_time(const struct sg_dashboard *dashboard, size_t row); /* row == length: the forming bar */
double sg_plot_slot(const struct sg_dashboard *dashboard, size_t row);
bool sg_plot_is_now(const struct sg_dashboard *dashboard, size_t row); /* the bar that is forming, while it is the present */
uint16_t sg_plot_flags(const struct sg_dashboard *dashboard, size_t row);
bool sg_plot_joined(const struct sg_dashboard *dashboard, size_t row);         /* no gap between row - 1 and row */
size_t sg_plot_lower_bound(const struct sg_dashboard *dashboard, double slot); /* first closed row with slot >= slot */
size_t sg_plot_newest(const struct sg_dashboard *dashboard);                   /* row index; SIZE_MAX: no data */
/* "warming up 37/60" for a row without z-score; "" when it has one. */
void sg_plot_reason(const struct sg_dashboard *dashboard, size_t row, char *buffer, size_t size);
/* "BTCUSDT without trades", "14 bars missing before", …, separated by `separator`; "" for an ordinary bar. Returns the length. */
size_t sg_plot_remarks(const struct sg_dashboard *dashboard, size_t row, const char *separator, char *buffer, size_t size);
void sg_plot_frame(struct frame *frame, struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme,
                   const char *font, double width, double height);
double sg_plot_x(const struct frame *frame, double slot);
double sg_plot_row_x(const struct frame *frame, size_t row);

/* axis_text.c: what numbers say where there is little room. */
#define SG_AXIS_TEXT_ROOM (SG_AXIS_WIDTH - 12)
int sg_plot_axis_unit(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis, double room); /* of its labels */
void sg_plot_tick_text(const struct pane_plan *plan, const struct value_axis *axis, int unit, int tick, char buffer[static SG_VALUE_BUF]);
/* A value as a tag of the axis says it; `unit`: that of the labels, 0: none. */
void sg_plot_part_text(double value, int decimals, char buffer[static SG_VALUE_BUF]); /* of a line that is a part of 1 */
void sg_plot_tag_text(const struct frame *frame, double value, int decimals, int unit, bool plus, const char *suffix, char buffer[static SG_VALUE_BUF]);
/* A derived number in a legend: never a row of noughts, never "0.0000" for something that is not zero. */
void sg_plot_derived_text(double value, int decimals, char buffer[static SG_VALUE_BUF]);
int sg_plot_beta_decimals(const struct sg_dashboard *dashboard);

/* changes.c: decimals that follow from the newest values, of A, B and the hedge ratio; which columns two rows differ in (all: in more than values). */
void sg_plot_newest_decimals(const struct sg_dashboard *dashboard, int decimals[static 3]);
uint32_t sg_plot_differing(const struct sg_row *one, const struct sg_row *two);

/* series.c */
/* The series of the spread pane: its line, middle (SERIES_COUNT: 0), both edges of its band, and its hindsight. */
struct spread_series {
    enum series line, middle, upper, lower, hindsight;
    const char *name;
};
const struct spread_series *sg_plot_spread_series(const struct sg_dashboard *dashboard);
void sg_plot_forget_series(struct sg_dashboard *dashboard, enum series series); /* its values are others now */
double sg_plot_value(const struct sg_dashboard *dashboard, enum series series, size_t row);
double sg_plot_column(const struct sg_dashboard *dashboard, enum sg_column column, size_t row);
bool sg_plot_extent(struct sg_dashboard *dashboard, enum series series, size_t from, size_t to, struct sg_extent *ret_extent);
const struct columns_cache *sg_plot_columns(const struct frame *frame);                           /* NULL: no memory */
const struct column_values *sg_plot_column_values(const struct frame *frame, enum series series); /* one a column; NULL: no memory */

/* row_flags.c */
void sg_plot_cover_flags(struct sg_dashboard *dashboard);
const struct column_flags *sg_plot_column_flags(const struct frame *frame); /* one a column; NULL: no memory */
/* Is a closed row part of a stretch of flagged ones that is wide enough to see? Asked in ascending order with the same `stretch`. */
bool sg_plot_stretch_is_pale(const struct frame *frame, struct flagged_stretch *stretch, uint16_t flag, size_t row);

static inline double sg_plot_transform(const struct transform *transform, double value)
{
    switch (transform->unit) {
    case UNIT_PERCENT: return (value / transform->base - 1) * 100;
    case UNIT_INDEX: return value / transform->base * 100;
    case UNIT_LOG: return log10(value / transform->base * 100);
    default: return value;
    }
}

/* pane_plan.c */
void sg_plot_plan(const struct frame *frame, enum sg_pane pane, struct pane_plan *ret_plan);
void sg_plot_axis(const struct frame *frame, const struct pane_plan *plan, int index, struct value_axis *ret_axis);
double sg_plot_value_at(const struct value_axis *axis, double y);
/* A line's value at a row, with the decimals it is written with: as it is, or (`shown`) as the axis counts it. The same in words, for legends. */
double sg_plot_line_value(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, size_t row, bool shown, int *ret_decimals);
void sg_plot_line_text(const struct frame *frame, const struct pane_plan *plan, const struct line_plan *line, const struct value_axis *axis, size_t row,
                       bool shown, char buffer[static SG_VALUE_BUF]);

/* picture.c */
void sg_plot_draw_one(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                      const char *font, double width, double height);

/* lines.c */
void sg_plot_line(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis);
void sg_plot_band(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis);
void sg_plot_excess(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis); /* beyond the thresholds */

/* candles.c */
void sg_plot_candles(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis);
void sg_plot_volume(const struct frame *frame);

/* scatter.c */
void sg_plot_scatter(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES]);
size_t sg_plot_fit_row(const struct frame *frame); /* newest row in view with a hedge ratio; SIZE_MAX: none */
void sg_plot_scatter_cursor(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], size_t row);

/* missing.c: slot from which on data is missing now; NaN: none is. */
double sg_plot_lasting_from(const struct sg_dashboard *dashboard);

/* scatter.c: the part of a pane that is drawn into, from its upper edge; all of it but for a square scatter. */
struct plot_box {
    double left, width, height;
};
struct plot_box sg_plot_box_of(const struct sg_dashboard *dashboard, enum sg_pane pane, double width, double height);

/* span.c: the scatter's own view while a span is marked (in `storage`), else `view`; the line it draws. */
const struct sg_viewport *sg_plot_view_of(const struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, struct sg_viewport *storage);
bool sg_plot_scatter_fit(const struct frame *frame, double *ret_alpha, double *ret_beta);

/* marks.c */
#define SG_STALE_ALPHA 0.45 /* of what is not the present any more */
void sg_plot_source_color(cairo_t *cr, const struct sg_color *color, double alpha);
double sg_plot_snap(const struct frame *frame, double position);
void sg_plot_rule_h(const struct frame *frame, double x, double y, double width); /* one device pixel thick, or more at larger scales */
void sg_plot_rule_v(const struct frame *frame, double x, double y, double height);
void sg_plot_pill(cairo_t *cr, double x, double y, double width, double height, double radius);
void sg_plot_ring(const struct frame *frame, double x, double y, const struct sg_color *color); /* the value of a bar that may still change */
struct sg_color sg_plot_contrast(const struct sg_color *background);
void sg_plot_gaps(const struct frame *frame);
double sg_plot_hairline(const struct frame *frame); /* thickness of a crisp line, in units */
void sg_plot_thresholds(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis);
void sg_plot_threshold_lines(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis);
void sg_plot_repaired(const struct frame *frame);                   /* dashes at the foot under bars that were repaired */
void sg_plot_meetings(const struct frame *frame, bool second_axis); /* where those begin and end; before the lines, which its words do not cover */
/* alert_marks.c; note_time: false is no memory */
void sg_plot_alerts(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis);
double sg_plot_alert_edge(const struct frame *frame); /* px at the pane's edges that their ticks take; 0: they are triangles */
bool sg_plot_note_time(struct time_list *list, int64_t time_us);

/* pane.c: px from the top that a legend covers. */
double sg_plot_legend_bottom(const struct frame *frame);

/* axis.c */
void sg_plot_grid(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES]);
void sg_plot_value_axis(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES]);
enum sg_number sg_plot_number(enum series series); /* SG_NUMBER_COUNT: none of its own */
/* The tag at height y: what and of which bar, and where it stands. */
bool sg_plot_tag_at(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], double y, struct sg_shown_number *ret_number);
/* Before a tag is drawn at `tag_y`: moves the tags of values that it would meet beside it, and takes away the labels that either would half cover. */
void sg_plot_make_way(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], double tag_y);
/* SOLID: a value that stands. NOW: of the bar that is forming, provisional: pale, framed, in italics, and it says so. OUTLINE: of a bar that is not
 * the newest. STALE: it is not the present any more. */
enum tag_look { TAG_SOLID, TAG_NOW, TAG_OUTLINE, TAG_STALE };
void sg_plot_tag(const struct frame *frame, double y, const char *label, const struct sg_color *background, enum tag_look look);
