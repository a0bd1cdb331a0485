/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each pane shows, in which unit, and over which range of values. */
#include <math.h>
#include <string.h>
#include "dashboard_private.h"

#define LEGEND_ROOM 24.0        /* px kept free above the highest value, where the legend stands */
#define FOOT_ROOM 8.0
#define TICK_GAP 27.0           /* px between value labels, at least */

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
    bool percent = dashboard->price_mode == SG_PRICE_PERCENT;
    enum series series = second ? SERIES_B : SERIES_A;
    struct line_plan line = {
        .series = series,
        .color = second ? frame->theme->leg_b : frame->theme->leg_a,
        .axis = second && !percent ? 1 : 0,
        .filled_flag = second ? SG_ROW_B_FILLED : SG_ROW_A_FILLED,
        .label = second ? dashboard->data.symbol_b : dashboard->data.symbol_a,
        .decimals = second ? dashboard->data.decimals_b : dashboard->data.decimals_a,
    };
    if (percent)
        line.transform = (struct transform){UNIT_PERCENT, first_price(frame, series)};
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
    switch (pane) {
    case SG_PANE_PRICE:
        plan.line_count = 2;
        plan.line[0] = leg(frame, false);
        plan.line[1] = leg(frame, true);
        if (frame->dashboard->price_mode == SG_PRICE_PERCENT) {
            plan.suffix = "%";
            plan.plus = true;
            plan.zero = true;
            plan.least = 0.02;
        } else {
            plan.axis_count = 2;
        }
        break;
    case SG_PANE_SPREAD:
        plan.line[0] = (struct line_plan){.series = SERIES_SPREAD, .color = theme->spread, .label = "spread", .decimals = -1};
        plan.band = true;
        plan.band_low = SERIES_LOWER;
        plan.band_high = SERIES_UPPER;
        plan.band_middle = SERIES_MEAN;
        plan.band_color = theme->spread;
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
        plan.line[0] = (struct line_plan){.series = SERIES_CORRELATION, .color = theme->correlation, .label = "\xCF\x81", .decimals = 3};
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

static void include_series(const struct frame *frame, enum series series, const struct transform *transform, struct sg_extent *range)
{
    struct sg_extent extent;
    if (sg_plot_extent(frame->dashboard, series, frame->first, frame->last, &extent)) {
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

void sg_plot_axis(const struct frame *frame, const struct pane_plan *plan, int index, struct value_axis *ret_axis)
{
    struct value_axis axis = {.y_low = frame->height - FOOT_ROOM, .y_high = fmin(LEGEND_ROOM, frame->height * 0.2)};
    struct sg_extent data = {INFINITY, -INFINITY};
    int decimals = -1;
    for (size_t i = 0; i < plan->line_count; i++) {
        const struct line_plan *line = &plan->line[i];
        if (line->axis != index)
            continue;
        axis.transform = line->transform; /* of its unit; each line keeps its own base */
        include_series(frame, line->series, &line->transform, &data);
        decimals = line->transform.unit == UNIT_PERCENT ? 2 : line->decimals;
    }
    if (plan->band && data.low <= data.high) {
        include_series(frame, plan->band_low, &axis.transform, &data);
        include_series(frame, plan->band_high, &axis.transform, &data);
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
    struct axis_memory *memory = &frame->dashboard->axis_memory[plan->pane][index];
    double room = data.high - data.low;
    bool held = memory->valid && memory->unit == (int)axis.transform.unit && memory->span == frame->view->span &&
                fabs(memory->right - frame->view->right) <= 3 && memory->low <= data.low && memory->high >= data.high &&
                room >= 0.72 * (memory->high - memory->low);
    if (held) {
        axis.low = memory->low;
        axis.high = memory->high;
    } else {
        double pixels = fmax(axis.y_low - axis.y_high, 8);
        struct sg_value_ticks coarse = sg_value_ticks(data.low, data.high, pixels, TICK_GAP);
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
    *memory = (struct axis_memory){.valid = axis.valid, .low = axis.low, .high = axis.high, .span = frame->view->span,
                                   .right = held ? memory->right : frame->view->right, .unit = (int)axis.transform.unit};
    if (held && frame->view->follow)
        memory->right = frame->view->right;

    /* Ticks are labelled over the whole height, rooms for legend and foot included. */
    double per_pixel = (axis.high - axis.low) / (axis.y_low - axis.y_high);
    axis.ticks = sg_value_ticks(fmax(axis.low - per_pixel * FOOT_ROOM, plan->limit_low), fmin(axis.high + per_pixel * axis.y_high, plan->limit_high),
                                frame->height, TICK_GAP);
    axis.decimals = decimals >= 0 ? decimals : axis.ticks.decimals + 1;
    if (decimals < 0 && axis.decimals < 2 && fabs(axis.high) < 1000 && fabs(axis.low) < 1000)
        axis.decimals = 2;
    if (axis.transform.unit == UNIT_PERCENT && axis.ticks.decimals > axis.decimals)
        axis.decimals = axis.ticks.decimals;
    *ret_axis = axis;
}

double sg_plot_value_at(const struct value_axis *axis, double y)
{
    return axis->low + (y - axis->y_low) / (axis->y_high - axis->y_low) * (axis->high - axis->low);
}

void sg_plot_line_text(const struct frame *frame, const struct pane_plan *plan, const struct line_plan *line, const struct value_axis *axis,
                       size_t row, bool tag, char buffer[static SG_VALUE_BUF])
{
    double value = sg_plot_value(frame->dashboard, line->series, row);
    int decimals = line->decimals >= 0 ? line->decimals : axis->decimals;
    if (tag && line->transform.unit == UNIT_PERCENT) {
        value = sg_plot_transform(&line->transform, value);
        decimals = axis->decimals;
    }
    size_t length = sg_value_format(value, decimals, tag && plan->plus, buffer);
    if (tag && isfinite(value) && length + strlen(plan->suffix) < SG_VALUE_BUF)
        strncpy(buffer + length, plan->suffix, SG_VALUE_BUF - length - 1)[SG_VALUE_BUF - length - 1] = '\0';
}
