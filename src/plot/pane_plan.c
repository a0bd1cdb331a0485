/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each pane shows, in which unit, and over which range of values. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "dashboard_private.h"

#define LEGEND_ROOM 24.0 /* px kept free above the highest value, where the legend stands */
#define FOOT_ROOM 8.0
#define MARK_ROOM 14.0
#define TICK_GAP 27.0     /* px between value labels, at least, where there is room; in the lowest panes: */
#define TICK_GAP_LOW 16.0 /* a label's own height: a scale without a label is none */
#define LOW_PANE 56.0     /* px; from ROOMY_PANE on the gap is the whole one */
#define ROOMY_PANE 90.0

/* The first bar in view that has a price: what percentages are relative to. */
static double first_price(const struct frame *frame, enum series series)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    size_t end = frame->last < frame->first + 4096 ? frame->last : frame->first + 4096;
    for (size_t row = frame->first; row < end; row++) {
        double value = sg_plot_value(dashboard, series, row);
        if (isfinite(value) && value > 0)
            return value;
    }
    return frame->forming ? sg_plot_value(dashboard, series, dashboard->length) : NAN;
}

static struct line_plan leg(const struct frame *frame, bool second)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    static const enum unit units[SG_PRICE_MODE_COUNT] = {
        [SG_PRICE_PERCENT] = UNIT_PERCENT, [SG_PRICE_ABSOLUTE] = UNIT_PLAIN, [SG_PRICE_INDEXED] = UNIT_INDEX, [SG_PRICE_LOG] = UNIT_LOG};
    enum unit unit = units[dashboard->price_mode];
    enum series series = second ? SERIES_B : SERIES_A;
    struct line_plan line = {
        .series = series,
        .color = second ? frame->theme->leg_b : frame->theme->leg_a,
        .axis = second && unit == UNIT_PLAIN ? 1 : 0,
        .filled_flag = second ? SG_ROW_B_FILLED : SG_ROW_A_FILLED,
        .label = second ? dashboard->data.symbol_b : dashboard->data.symbol_a,
        .decimals = second ? dashboard->data.decimals_b : dashboard->data.decimals_a,
    };
    line.candles = second ? dashboard->candles_b : dashboard->candles_a;
    if (unit != UNIT_PLAIN)
        line.transform = (struct transform){unit, first_price(frame, series)};
    if (line.decimals < 0) {
        size_t newest = sg_plot_newest(dashboard);
        line.decimals = newest == SIZE_MAX ? 2 : sg_value_decimals(sg_plot_value(dashboard, series, newest));
    }
    return line;
}

void sg_plot_plan(const struct frame *frame, enum sg_pane pane, struct pane_plan *ret_plan)
{
    const struct sg_theme *theme = frame->theme;
    const struct sg_dashboard_data *data = &frame->dashboard->data;
    struct pane_plan plan = {.pane = pane, .axis_count = 1, .line_count = 1, .limit_low = -INFINITY, .limit_high = INFINITY, .suffix = ""};
    const struct spread_series *spread = sg_plot_spread_series(frame->dashboard);
    char times[SG_VALUE_BUF];
    switch (pane) {
    case SG_PANE_PRICE:
        plan.line_count = 2;
        plan.line[0] = leg(frame, false);
        plan.line[1] = leg(frame, true);
        if (plan.line[0].transform.unit == UNIT_PERCENT) {
            plan.suffix = "%";
            plan.plus = true;
            plan.zero = true;
            plan.least = 0.02;
        } else if (plan.line[0].transform.unit == UNIT_PLAIN) {
            plan.axis_count = 2;
        } else {
            plan.least = plan.line[0].transform.unit == UNIT_LOG ? 0.0001 : 0.02;
        }
        break;
    case SG_PANE_SPREAD:
        plan.line[0] = (struct line_plan){.series = spread->line, .color = theme->spread, .label = spread->name, .decimals = -1};
        plan.band = plan.settles = true;
        plan.band_low = spread->lower;
        plan.band_high = spread->upper;
        plan.band_middle = spread->middle;
        plan.band_color = theme->spread;
        plan.zero = spread->line != SERIES_SPREAD;
        /* Half the band's width is the threshold times the deviation: the legend says so. */
        sg_value_format(data->entry, 1, false, times);
        snprintf(plan.band_label, sizeof plan.band_label, "\xC2\xB1 %.24s sd =", times);
        if (frame->dashboard->hindsight) {
            plan.line_count = 2;
            plan.line[1] = (struct line_plan){.series = spread->hindsight,
                                              .color = theme->text,
                                              .decimals = -1,
                                              .faint = true,
                                              .label = spread->hindsight == SERIES_HINDSIGHT ? "with today's \xCE\xB2" : "with today's \xCE\xB1, \xCE\xB2"};
        }
        break;
    case SG_PANE_HEDGE_RATIO:
        plan.line[0] =
            (struct line_plan){.series = SERIES_BETA, .color = theme->beta, .label = "\xCE\xB2", .decimals = sg_plot_beta_decimals(frame->dashboard)};
        plan.band = plan.settles = true;
        plan.band_low = SERIES_BETA_LOWER;
        plan.band_high = SERIES_BETA_UPPER;
        plan.band_middle = SERIES_COUNT;
        plan.band_color = theme->beta;
        snprintf(plan.band_label, sizeof plan.band_label, "\xC2\xB1 2 s.e. =");
        break;
    case SG_PANE_SCATTER: /* two axes: A upright, B along the foot */
        plan.line_count = 2;
        plan.axis_count = 2;
        for (int i = 0; i < 2; i++) {
            plan.line[i] = leg(frame, i == 1);
            plan.line[i].transform = (struct transform){UNIT_PLAIN, 0};
            plan.line[i].axis = i;
            plan.line[i].candles = false;
        }
        break;
    case SG_PANE_ZSCORE:
        plan.line[0] = (struct line_plan){.series = SERIES_ZSCORE, .color = theme->zscore, .label = "z", .decimals = 2};
        plan.threshold = isfinite(data->entry) && data->entry > 0 ? data->entry : 0;
        plan.exit = isfinite(data->exit) && data->exit > 0 && data->exit < plan.threshold ? data->exit : 0;
        plan.zero = true;
        plan.least = 1;
        break;
    case SG_PANE_CORRELATION:
    default:
        plan.line[0] = (struct line_plan){.series = SERIES_CORRELATION, .color = theme->correlation, .label = "\xCF\x81", .decimals = 3, .part = true};
        plan.limit_low = -1;
        plan.limit_high = 1;
        plan.least = 0.04;
        plan.zero = true;
        break;
    }
    *ret_plan = plan;
}

static void include(struct sg_extent *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* The first bars of a fit throw its numbers about, and would leave the rest of them a flat line: they decide about the axis only where nothing
 * else is in view. With fewer than SETTLING bars a fit has said little yet, however short the window is. */
#define SETTLING 30

static size_t settled_from(const struct frame *frame)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    size_t settling = (dashboard->data.window > SETTLING ? dashboard->data.window : SETTLING) - 1;
    uint64_t forgotten = dashboard->data.history ? dashboard->data.history->forgotten : 0;
    size_t row = forgotten < settling ? settling - (size_t)forgotten : 0;
    return row < frame->last && row > frame->first ? row : frame->first;
}

static void include_series(const struct frame *frame, enum series series, const struct transform *transform, size_t first, struct sg_extent *range)
{
    struct sg_extent extent;
    if (sg_plot_extent(frame->dashboard, series, first, frame->last, &extent)) {
        include(range, sg_plot_transform(transform, extent.low));
        include(range, sg_plot_transform(transform, extent.high));
    }
    if (frame->forming)
        include(range, sg_plot_transform(transform, sg_plot_value(frame->dashboard, series, frame->dashboard->length)));
}

/* Widens a flat or pathological range into one that has room to draw in. */
static void open_range(struct sg_extent *range, double least)
{
    const double huge = 1e300;
    range->low = fmax(range->low, -huge);
    range->high = fmin(range->high, huge);
    double middle = range->low / 2 + range->high / 2;
    double needed = fmax(least, fmax(fabs(middle) * 1e-9, 1e-12));
    if (range->high - range->low >= needed)
        return;
    if (range->high == range->low && least == 0)
        needed = fmax(fabs(middle) * 0.002, 1e-6);
    range->low = middle - needed / 2;
    range->high = middle + needed / 2;
}

/* Never less than a label needs, however large its font is. */
static double tick_gap(const struct frame *frame, double pixels)
{
    double part = (pixels - LOW_PANE) / (ROOMY_PANE - LOW_PANE), gap = TICK_GAP_LOW + (TICK_GAP - TICK_GAP_LOW) * fmin(fmax(part, 0), 1);
    return fmax(gap, sg_text_height(frame->dashboard->text, SG_TEXT_AXIS) + 2);
}

/* Whole powers of ten with their doubles and fives while there is room, else every n-th power. */
static void place_decades(const struct frame *frame, struct value_axis *axis, double low, double high, double pixels)
{
    static const double parts[] = {1, 2, 5};
    double per_decade = pixels / (high - low), gap = tick_gap(frame, pixels);
    size_t used = per_decade * 0.301 >= gap ? 3 : 1;
    double stride = fmax(1, ceil(gap / per_decade));
    for (double decade = floor(low / stride) * stride; decade <= high; decade += stride)
        for (size_t i = 0; i < used; i++) {
            double value = pow(10, decade) * parts[i], at = log10(value);
            if (at >= low && at <= high && axis->tick_count < SG_VALUE_TICKS_MAX)
                axis->tick[axis->tick_count++] = value;
        }
    axis->tick_decimals = low >= 0 ? 0 : (int)fmin(ceil(-low), 8);
    axis->tick_exponent = -axis->tick_decimals;
}

static void place_ticks(const struct frame *frame, struct value_axis *axis, double low, double high, double pixels)
{
    bool log = axis->transform.unit == UNIT_LOG;
    if (log && high - low > 0.5) {
        place_decades(frame, axis, low, high, pixels);
        return;
    }
    double from = low, to = high, room = pixels;
    if (log) { /* a short stretch: even steps, as far apart as they need to be where the logarithm presses them together */
        from = pow(10, low);
        to = pow(10, high);
        room = (to - from) * pixels / (to * M_LN10 * (high - low));
    }
    struct sg_value_ticks ticks = sg_value_ticks(from, to, room, tick_gap(frame, pixels));
    axis->tick_count = ticks.count;
    axis->tick_decimals = ticks.decimals;
    axis->tick_exponent = ticks.exponent;
    for (int i = 0; i < ticks.count; i++)
        axis->tick[i] = sg_value_tick(&ticks, i);
}

void sg_plot_axis(const struct frame *frame, const struct pane_plan *plan, int index, struct value_axis *ret_axis)
{
    /* A mark of an alert stands beyond its value; in a low pane it has to lie on the line. */
    double marks = plan->pane == SG_PANE_ZSCORE ? fmin(fmax(frame->height - 90, 0) * 0.3, MARK_ROOM) : 0;
    double below = FOOT_ROOM + (plan->pane == SG_PANE_SCATTER ? 14 : marks / 2);                                          /* there B's values stand below */
    struct value_axis axis = {.y_low = frame->height - below, .y_high = fmin(LEGEND_ROOM + marks, frame->height * 0.36)}; /* no line runs behind the legend */
    struct sg_extent data = {INFINITY, -INFINITY};
    int decimals = -1;
    size_t first = plan->settles ? settled_from(frame) : frame->first;
    for (size_t i = 0; i < plan->line_count; i++) {
        const struct line_plan *line = &plan->line[i];
        if (line->axis != index)
            continue;
        axis.transform = line->transform; /* of its unit; each line keeps its own base */
        include_series(frame, line->series, &line->transform, line->faint ? frame->first : first, &data);
        if (line->candles) {
            include_series(frame, line->series == SERIES_A ? SERIES_A_HIGH : SERIES_B_HIGH, &line->transform, first, &data);
            include_series(frame, line->series == SERIES_A ? SERIES_A_LOW : SERIES_B_LOW, &line->transform, first, &data);
        }
        decimals = line->transform.unit != UNIT_PLAIN ? 2 : line->decimals;
    }
    if (plan->band && data.low <= data.high) {
        include_series(frame, plan->band_low, &axis.transform, first, &data);
        include_series(frame, plan->band_high, &axis.transform, first, &data);
    }
    axis.valid = data.low <= data.high;
    if (plan->threshold > 0) {
        include(&data, plan->threshold * 1.12);
        include(&data, -plan->threshold * 1.12);
    }
    if (!(data.low <= data.high))
        data = plan->limit_high < INFINITY ? (struct sg_extent){plan->limit_low, plan->limit_high} : (struct sg_extent){0, 1};
    open_range(&data, plan->least);

    /* Hold the range still while the data keeps fitting it and the person has not moved the view. */
    struct axis_memory *memory = &frame->dashboard->memory[plan->pane].axis[index];
    double room = data.high - data.low;
    bool held = memory->valid && memory->unit == (int)axis.transform.unit && memory->span == frame->view->span &&
                fabs(memory->right - frame->view->right) <= 3 && memory->low <= data.low && memory->high >= data.high &&
                room >= 0.72 * (memory->high - memory->low);
    if (held) {
        axis.low = memory->low;
        axis.high = memory->high;
    } else {
        double pixels = fmax(axis.y_low - axis.y_high, 8);
        struct sg_value_ticks coarse = sg_value_ticks(data.low, data.high, pixels, fmin(TICK_GAP, pixels / 4)); /* a low pane has no room to give away */
        double quantum = coarse.count > 0 ? sg_value_step(&coarse) / 4 : 0;
        axis.low = data.low - room * 0.03;
        axis.high = data.high + room * 0.03;
        if (quantum > 0) {
            axis.low = floor(axis.low / quantum) * quantum;
            axis.high = ceil(axis.high / quantum) * quantum;
        }
        axis.low = fmax(axis.low, plan->limit_low - room * 0.02);
        axis.high = fmin(axis.high, plan->limit_high + room * 0.02);
        if (!(axis.high > axis.low)) {
            axis.low = data.low;
            axis.high = data.high;
        }
    }
    *memory = (struct axis_memory){.valid = axis.valid,
                                   .low = axis.low,
                                   .high = axis.high,
                                   .span = frame->view->span,
                                   .right = held ? memory->right : frame->view->right,
                                   .unit = (int)axis.transform.unit};
    if (held && frame->view->follow)
        memory->right = frame->view->right;

    const struct sg_extent *chosen = &frame->dashboard->chosen_range[plan->pane];
    if (index == 0 && chosen->low < chosen->high) {
        /* Chosen from edge to edge of the pane; the axis runs between the rooms. */
        double low = sg_plot_unshown(&axis, chosen->low), high = sg_plot_unshown(&axis, chosen->high), unit = (high - low) / frame->height;
        if (isfinite(low) && isfinite(high) && unit > 0) {
            axis.low = low + unit * (frame->height - axis.y_low);
            axis.high = high - unit * axis.y_high;
        }
    }

    /* Ticks are labelled over the whole height, rooms for legend and foot included. */
    double per_pixel = (axis.high - axis.low) / (axis.y_low - axis.y_high);
    double from = fmax(axis.low - per_pixel * FOOT_ROOM, plan->limit_low), to = fmin(axis.high + per_pixel * axis.y_high, plan->limit_high);
    place_ticks(frame, &axis, from, to, (to - from) / per_pixel);
    axis.decimals = decimals >= 0 ? decimals : (axis.tick_exponent < 0 ? -axis.tick_exponent : 0) + 1;
    if (decimals < 0 && axis.decimals < 2 && fabs(axis.high) < 1000 && fabs(axis.low) < 1000)
        axis.decimals = 2;
    if (axis.transform.unit != UNIT_PLAIN && axis.tick_decimals >= axis.decimals)
        axis.decimals = axis.tick_decimals + 1; /* a value tells more than the nearest label does */
    *ret_axis = axis;
}

void sg_dashboard_set_value_range(struct sg_dashboard *dashboard, enum sg_pane pane, double low, double high)
{
    if ((size_t)pane >= SG_PANE_ALL)
        return;
    bool chosen = isfinite(low) && isfinite(high) && low < high;
    dashboard->chosen_range[pane] = chosen ? (struct sg_extent){low, high} : (struct sg_extent){0, 0};
}

bool sg_dashboard_value_range_chosen(const struct sg_dashboard *dashboard, enum sg_pane pane)
{
    return (size_t)pane < SG_PANE_ALL && dashboard->chosen_range[pane].low < dashboard->chosen_range[pane].high;
}

bool sg_dashboard_value_range(struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, double width, double height, double *ret_low,
                              double *ret_high)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axis;
    struct sg_viewport own;
    if ((size_t)pane >= SG_PANE_ALL || !(width > 0) || !(height > 0))
        return false;
    struct plot_box box = sg_plot_box_of(dashboard, pane, width, height);
    sg_plot_frame(&frame, dashboard, NULL, sg_plot_view_of(dashboard, pane, view, &own), sg_theme_get(false, false), NULL, box.width, box.height);
    height = box.height;
    sg_plot_plan(&frame, pane, &plan);
    sg_plot_axis(&frame, &plan, 0, &axis);
    if (!axis.valid)
        return false;
    *ret_low = sg_plot_shown(&axis, sg_plot_value_at(&axis, height));
    *ret_high = sg_plot_shown(&axis, sg_plot_value_at(&axis, 0));
    return true;
}

double sg_plot_value_at(const struct value_axis *axis, double y)
{
    return axis->low + (y - axis->y_low) / (axis->y_high - axis->y_low) * (axis->high - axis->low);
}

double sg_plot_line_value(const struct frame *frame, const struct line_plan *line, const struct value_axis *axis, size_t row, bool shown, int *ret_decimals)
{
    double value = sg_plot_value(frame->dashboard, line->series, row);
    *ret_decimals = line->decimals >= 0 ? line->decimals : axis->decimals;
    if (!shown || line->transform.unit == UNIT_PLAIN)
        return value;
    *ret_decimals = axis->decimals;
    return sg_plot_shown(axis, sg_plot_transform(&line->transform, value));
}

void sg_plot_line_text(const struct frame *frame, const struct pane_plan *plan, const struct line_plan *line, const struct value_axis *axis, size_t row,
                       bool shown, char buffer[static SG_VALUE_BUF])
{
    int decimals;
    double value = sg_plot_line_value(frame, line, axis, row, shown, &decimals);
    if (line->part) {
        sg_plot_part_text(value, decimals, buffer);
        return;
    }
    if (!shown && (line->decimals < 0 || line->series == SERIES_BETA)) {
        sg_plot_derived_text(value, decimals, buffer);
        return;
    }
    size_t length = sg_value_format(value, decimals, shown && plan->plus, buffer);
    if (shown && isfinite(value) && length + strlen(plan->suffix) < SG_VALUE_BUF)
        strncpy(buffer + length, plan->suffix, SG_VALUE_BUF - length - 1)[SG_VALUE_BUF - length - 1] = '\0';
}
