/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pane: what is cached (draw_pane), what moves with the pointer (overlay), and what is read aloud (describe). */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "dashboard_private.h"
#include "spreadglass/base/decimal.h"

static void prepare(struct frame *frame, enum sg_pane pane, struct pane_plan *plan, struct value_axis axes[AXES])
{
    sg_plot_plan(frame, pane, plan);
    memset(axes, 0, AXES * sizeof axes[0]);
    for (int i = 0; i < plan->axis_count; i++)
        sg_plot_axis(frame, plan, i, &axes[i]);
}

/* An empty pane explains itself. */
static void explain(const struct frame *frame, const struct value_axis axes[AXES])
{
    struct sg_dashboard *dashboard = frame->dashboard;
    if (axes[0].valid)
        return;
    char reason[96] = "", note[sizeof dashboard->waiting];
    size_t newest = sg_plot_newest(dashboard);
    size_t row = frame->forming ? dashboard->length : frame->last > frame->first ? frame->last - 1 : SIZE_MAX;
    if (newest == SIZE_MAX)
        snprintf(note, sizeof note, "%s", *dashboard->waiting ? dashboard->waiting : "waiting for the first bar");
    else if (row == SIZE_MAX)
        snprintf(note, sizeof note, "no bars in this stretch of time");
    else {
        sg_plot_reason(dashboard, row, reason, sizeof reason);
        snprintf(note, sizeof note, "\xE2\x80\x93 %s", *reason ? reason : "not defined here");
    }
    double width, height, legend = sg_plot_legend_bottom(frame);
    sg_text_measure(dashboard->text, SG_TEXT_NOTE, note, &width, &height);
    double middle = fmax(frame->height / 2, legend + height / 2 + 1);
    if (middle + height / 2 > frame->height) /* the legend gives the reason where there is one */
        return;
    /* Backed, because thresholds and grid run through the middle. */
    sg_plot_source_color(frame->cr, &frame->theme->background, 1);
    sg_plot_pill(frame->cr, (frame->plot_width - width) / 2 - 10, middle - height / 2 - 3, width + 20, height + 6, 6);
    cairo_fill(frame->cr);
    sg_text_draw(dashboard->text, frame->cr, SG_TEXT_NOTE, note, frame->plot_width / 2, middle, 0.5, &frame->theme->text_dim);
}

void sg_dashboard_draw_pane(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                            const char *font, double width, double height)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axes[AXES];
    struct sg_viewport own;
    if ((size_t)pane >= SG_PANE_ALL || !(width > 0) || !(height > 0))
        return;
    struct plot_box box = sg_plot_box_of(dashboard, pane, width, height);
    sg_plot_frame(&frame, dashboard, cr, sg_plot_view_of(dashboard, pane, view, &own), theme, font, box.width, box.height);
    prepare(&frame, pane, &plan, axes);
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_clip(cr);
    sg_plot_source_color(cr, &theme->background, 1);
    cairo_paint(cr);
    cairo_translate(cr, box.left, 0);
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, frame.plot_width, frame.height);
    cairo_clip(cr);
    if (pane != SG_PANE_SCATTER)
        sg_plot_gaps(&frame);
    sg_plot_grid(&frame, &plan, axes);
    sg_plot_thresholds(&frame, &plan, &axes[0]);
    sg_plot_band(&frame, &plan, &axes[0]);
    if (pane == SG_PANE_PRICE) {
        sg_plot_volume(&frame);
        sg_plot_meetings(&frame, plan.axis_count > 1);
    }
    sg_plot_excess(&frame, &plan, &axes[0]);
    if (!frame.dense)
        sg_plot_threshold_lines(&frame, &plan, &axes[0]);
    if (pane == SG_PANE_SCATTER)
        sg_plot_scatter(&frame, &plan, axes);
    for (size_t i = pane == SG_PANE_SCATTER ? 0 : plan.line_count; i-- > 0;) /* the first leg on top */
        sg_plot_line(&frame, &plan.line[i], &axes[plan.line[i].axis]);
    if (pane == SG_PANE_PRICE)
        sg_plot_repaired(&frame);
    if (frame.dense)
        sg_plot_threshold_lines(&frame, &plan, &axes[0]);
    if (pane == SG_PANE_ZSCORE)
        sg_plot_alerts(&frame, &plan.line[0], &axes[0]);
    explain(&frame, axes);
    cairo_restore(cr);
    sg_plot_value_axis(&frame, &plan, axes);
    cairo_restore(cr);
}

/* --- legend and crosshair -------------------------------------------------------------------------------------------------- */

#define NO_NUMBER SG_NUMBER_COUNT

struct legend {
    struct {
        char text[160];
        struct sg_color color;
        enum sg_text_style style;
        enum sg_number number;
        double width;
    } item[LEGEND_ITEMS];
    size_t count, row;
};

static void say(struct legend *legend, enum sg_number number, const struct sg_color *color, enum sg_text_style style, const char *name, const char *value)
{
    if (legend->count == LEGEND_ITEMS)
        return;
    snprintf(legend->item[legend->count].text, sizeof legend->item[0].text, "%s%s%s", name, *name && *value ? " " : "", value);
    legend->item[legend->count].color = *color;
    legend->item[legend->count].number = number;
    legend->item[legend->count++].style = style;
}

/* Decimals that show five digits of a number below one; `least` of any other. */
static int five_digits(double value, int least)
{
    int leading = value != 0 && isfinite(value) ? (int)floor(log10(fabs(value))) : 0;
    return leading < 0 && 4 - leading > least ? 4 - leading : least;
}

/* Where the axis of a line is, when there are two: colour alone must not tell. */
static const char *axis_side(const struct pane_plan *plan, const struct line_plan *line)
{
    if (plan->axis_count < 2)
        return "";
    return line->axis == 0 ? " \xE2\x86\x92" : plan->pane == SG_PANE_SCATTER ? " \xE2\x86\x93" : " \xE2\x86\x90"; /* arrows: right, down, left */
}

static void say_all(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], size_t row, struct legend *legend)
{
    const struct sg_theme *theme = frame->theme;
    struct sg_dashboard *dashboard = frame->dashboard;
    char value[SG_VALUE_BUF], second[SG_VALUE_BUF];
    legend->row = row;
    bool now = sg_plot_is_now(dashboard, row);
    say(legend, NO_NUMBER, &theme->text, SG_TEXT_LEGEND_BOLD, sg_pane_title(plan->pane), "");
    if (*dashboard->waiting && row != SIZE_MAX)
        say(legend, NO_NUMBER, &theme->threshold, SG_TEXT_LEGEND, "", dashboard->waiting);
    for (size_t i = 0; i < plan->line_count; i++) {
        const struct line_plan *line = &plan->line[i];
        sg_plot_line_text(frame, plan, line, &axes[line->axis], row, false, value);
        char both[2 * SG_VALUE_BUF + 24];
        if (line->transform.unit != UNIT_PLAIN && row != SIZE_MAX)
            sg_plot_line_text(frame, plan, line, &axes[line->axis], row, true, second);
        else
            second[0] = '\0';
        snprintf(both, sizeof both, "%s%s%s%s%s", now ? "now " : "", value, *second ? "  " : "", second, axis_side(plan, line));
        say(legend, sg_plot_number(line->series), &line->color, now ? SG_TEXT_LEGEND_NOW : SG_TEXT_LEGEND, line->label, both);
    }
    if (row == SIZE_MAX)
        return;
    if (plan->pane == SG_PANE_PRICE && dashboard->memory[SG_PANE_PRICE].fetched) /* the lines at the foot */
        say(legend, NO_NUMBER, &theme->text_dim, SG_TEXT_LEGEND, "\xE2\x80\x93 \xE2\x80\x93",
            *dashboard->data.source ? "from klines" : "from the exchange's history");
    if (plan->pane == SG_PANE_PRICE && sg_plot_remarks(dashboard, row, ", ", value, sizeof value) > 0)
        say(legend, NO_NUMBER, &theme->text_dim, SG_TEXT_LEGEND, "", value);
    if (plan->pane == SG_PANE_SCATTER) {
        double alpha, beta;
        if (sg_plot_scatter_fit(frame, &alpha, &beta)) {
            char line[2 * SG_VALUE_BUF];
            sg_plot_derived_text(alpha, five_digits(alpha, 2), value);
            sg_plot_derived_text(fabs(beta), five_digits(beta, 4), second);
            snprintf(line, sizeof line, "%s %s %s \xC3\x97 %s", value, beta < 0 ? "\xE2\x88\x92" : "+", second, dashboard->data.symbol_b);
            /* A span has a card of its own, which tells more of it than a bar's explanation could. */
            say(legend, dashboard->span.set ? NO_NUMBER : SG_NUMBER_BETA, &theme->beta, SG_TEXT_LEGEND,
                dashboard->span.set ? "fit of the span:" : "fit:", line);
        }
        say(legend, NO_NUMBER, &theme->text_dim, SG_TEXT_LEGEND, "", "paler: older");
        return;
    }
    if (plan->band) {
        if (plan->band_middle != SERIES_COUNT) {
            sg_plot_derived_text(sg_plot_value(dashboard, plan->band_middle, row), axes[0].decimals, value);
            say(legend, sg_plot_number(plan->band_middle), &theme->text_dim, now ? SG_TEXT_LEGEND_NOW : SG_TEXT_LEGEND, "mean", value);
        }
        double low = sg_plot_value(dashboard, plan->band_low, row), high = sg_plot_value(dashboard, plan->band_high, row);
        sg_plot_derived_text((high - low) / 2, axes[0].decimals, value);
        say(legend, plan->pane == SG_PANE_HEDGE_RATIO ? SG_NUMBER_SE_BETA : SG_NUMBER_STD, &theme->text_dim, now ? SG_TEXT_LEGEND_NOW : SG_TEXT_LEGEND,
            plan->band_label, value);
    }
    if (plan->pane == SG_PANE_ZSCORE && !isfinite(sg_plot_value(dashboard, SERIES_ZSCORE, row))) {
        sg_plot_reason(dashboard, row, value, sizeof value);
        say(legend, SG_NUMBER_ZSCORE, &theme->text_dim, SG_TEXT_LEGEND, "", value);
    }
    if (plan->pane == SG_PANE_ZSCORE && sg_dashboard_fired_text(dashboard, row, value, sizeof value) > 0)
        say(legend, NO_NUMBER, &theme->threshold, SG_TEXT_LEGEND, "", value);
}

#define LEGEND_GAP 12.0
#define LEGEND_PAD 6.0
#define LEGEND_LEFT 4.0

static double legend_width(const struct legend *legend)
{
    double width = 2 * LEGEND_PAD;
    for (size_t i = 0; i < legend->count; i++)
        width += legend->item[i].width + (i ? LEGEND_GAP : 0);
    return width;
}

static double legend_most(const struct frame *frame)
{
    return frame->plot_width - 8;
}

/* A number keeps the widest room that it has needed, so that what stands behind it does not jump when it gains a digit or a sign. Where all do not
 * fit then, each has what it needs and no more. */
static void keep_room(const struct frame *frame, enum sg_pane pane, struct legend *legend)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    struct legend_memory *memory = &dashboard->memory[pane].legend;
    double height = sg_text_height(dashboard->text, SG_TEXT_LEGEND), own[LEGEND_ITEMS] = {0};
    if (memory->text_height != height)
        *memory = (struct legend_memory){.text_height = height};
    for (size_t i = 0; i < legend->count; i++) {
        own[i] = legend->item[i].width = sg_text_width(dashboard->text, legend->item[i].style, legend->item[i].text);
        if (legend->item[i].number == NO_NUMBER || legend->row == SIZE_MAX)
            continue;
        if (memory->item[i].number != legend->item[i].number || memory->item[i].width < own[i]) {
            memory->item[i].number = legend->item[i].number;
            memory->item[i].width = own[i];
        }
        legend->item[i].width = memory->item[i].width;
    }
    if (legend_width(legend) > legend_most(frame))
        for (size_t i = 0; i < legend->count; i++)
            legend->item[i].width = own[i];
}

static void build_legend(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], size_t row, struct legend *legend)
{
    say_all(frame, plan, axes, row, legend);
    keep_room(frame, plan->pane, legend);
}

static double legend_height(const struct frame *frame)
{
    return sg_text_height(frame->dashboard->text, SG_TEXT_LEGEND) + 4;
}

double sg_plot_legend_bottom(const struct frame *frame)
{
    return legend_height(frame) + 4;
}

/* How many items there is room for: what does not fit is left out from the end, never drawn over the axis. */
static size_t legend_room(const struct frame *frame, const struct legend *legend, double *ret_width, double *ret_height)
{
    double width = 2 * LEGEND_PAD;
    size_t count = 0;
    for (; count < legend->count; count++) {
        double item = legend->item[count].width + (count ? LEGEND_GAP : 0);
        if (width + item > legend_most(frame))
            break;
        width += item;
    }
    *ret_width = width;
    *ret_height = legend_height(frame);
    return count;
}

static bool legend_at(const struct frame *frame, const struct legend *legend, double x, double y, struct sg_shown_number *ret_number)
{
    double width, height, left = LEGEND_LEFT + LEGEND_PAD;
    size_t count = legend_room(frame, legend, &width, &height);
    for (size_t i = 0; i < count && y >= 0 && y <= 3 + height && legend->row != SIZE_MAX; i++) {
        double wide = legend->item[i].width;
        bool inside = x >= left - LEGEND_GAP / 2 && x < left + wide + LEGEND_GAP / 2;
        if (inside && legend->item[i].number != NO_NUMBER) {
            *ret_number = (struct sg_shown_number){.number = legend->item[i].number, .row = legend->row, .x = left, .y = 3, .width = wide, .height = height};
            return true;
        }
        left += wide + LEGEND_GAP;
    }
    return false;
}

/* `edge`: px from the top that are not to be covered. */
static void draw_legend(const struct frame *frame, const struct legend *legend, double edge)
{
    struct sg_text *text = frame->dashboard->text;
    cairo_t *cr = frame->cr;
    double width, height;
    size_t count = legend_room(frame, legend, &width, &height);
    if (count == 0)
        return;
    /* Into the pane's corner and beyond: no stub of a grid line shows between the backing and the edge. Alerts at the edge stay in sight. */
    double top = edge > 0 ? edge : -8;
    sg_plot_pill(cr, -8, top, width + 12, height + 4 - top, 6);
    sg_plot_source_color(cr, &frame->theme->background, 0.88);
    cairo_fill(cr);
    double x = LEGEND_LEFT + LEGEND_PAD;
    for (size_t i = 0; i < count; x += LEGEND_GAP + legend->item[i].width, i++)
        sg_text_draw(text, cr, legend->item[i].style, legend->item[i].text, x, 3 + height / 2, 0, &legend->item[i].color);
}

/* Values that are not the present step back; what is waited for does not. */
static void dim_values(struct legend *legend)
{
    for (size_t i = 0; i < legend->count; i++)
        if (legend->item[i].number != NO_NUMBER)
            legend->item[i].color.alpha *= SG_STALE_ALPHA;
}

static void draw_crosshair(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], size_t row, double hover_y)
{
    cairo_t *cr = frame->cr;
    const double dashes[] = {4, 3};
    double x = sg_plot_row_x(frame, row), thick = fmax(1, round(frame->scale)) / frame->scale;
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, frame->plot_width, frame->height);
    cairo_clip(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, thick);
    sg_plot_source_color(cr, &frame->theme->crosshair, 1);
    double snapped = sg_plot_snap(frame, x - thick / 2) + thick / 2;
    cairo_move_to(cr, snapped, 0);
    cairo_line_to(cr, snapped, frame->height);
    cairo_stroke(cr);
    if (hover_y >= 0) {
        double y = sg_plot_snap(frame, hover_y - thick / 2) + thick / 2;
        cairo_move_to(cr, 0, y);
        cairo_line_to(cr, frame->plot_width, y);
        cairo_stroke(cr);
    }
    cairo_set_dash(cr, NULL, 0, 0);
    /* A dot on each line says which value the legend shows. */
    for (size_t i = 0; i < plan->line_count; i++) {
        const struct value_axis *axis = &axes[plan->line[i].axis];
        double value = sg_plot_transform(&plan->line[i].transform, sg_plot_value(frame->dashboard, plan->line[i].series, row));
        if (!axis->valid || !isfinite(value))
            continue;
        cairo_arc(cr, x, sg_plot_y(axis, value), 4, 0, 2 * M_PI);
        sg_plot_source_color(cr, &frame->theme->background, 1);
        cairo_fill_preserve(cr);
        sg_plot_source_color(cr, &plan->line[i].color, 1);
        cairo_set_line_width(cr, 2);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
    if (hover_y >= 0 && axes[0].valid) {
        char label[SG_VALUE_BUF];
        int decimals = axes[0].decimals > axes[0].tick_decimals ? axes[0].decimals : axes[0].tick_decimals;
        sg_plot_tag_text(frame, sg_plot_shown(&axes[0], sg_plot_value_at(&axes[0], hover_y)), decimals,
                         sg_plot_axis_unit(frame, plan, &axes[0], SG_AXIS_TEXT_ROOM), plan->plus, plan->suffix, label);
        double half = sg_text_height(frame->dashboard->text, SG_TEXT_TAG) / 2 + 4;
        double tag_y = fmin(fmax(hover_y, half), frame->height - half);
        sg_plot_make_way(frame, plan, axes, tag_y);
        sg_plot_tag(frame, tag_y, label, &frame->theme->tag_background, TAG_SOLID);
    }
}

void sg_dashboard_draw_overlay(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                               const char *font, double width, double height, size_t cursor_row, double hover_y)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axes[AXES];
    struct sg_viewport own;
    struct legend legend = {.count = 0};
    if ((size_t)pane >= SG_PANE_ALL || !(width > 0) || !(height > 0))
        return;
    struct plot_box box = sg_plot_box_of(dashboard, pane, width, height);
    sg_plot_frame(&frame, dashboard, cr, sg_plot_view_of(dashboard, pane, view, &own), theme, font, box.width, box.height);
    prepare(&frame, pane, &plan, axes);
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_clip(cr);
    size_t newest = sg_plot_newest(dashboard);
    bool cursor = cursor_row != SIZE_MAX && newest != SIZE_MAX && cursor_row <= newest;
    if (pane == SG_PANE_SCATTER) {
        cairo_save(cr);
        cairo_translate(cr, box.left, 0);
        sg_plot_scatter_cursor(&frame, &plan, axes, cursor ? cursor_row : SIZE_MAX);
        cairo_restore(cr);
    } else if (cursor) {
        draw_crosshair(&frame, &plan, axes, cursor_row, hover_y);
    }
    frame.plot_width += box.left; /* the legend begins at the pane's edge */
    build_legend(&frame, &plan, axes, cursor ? cursor_row : newest, &legend);
    if (dashboard->stale && !cursor)
        dim_values(&legend);
    draw_legend(&frame, &legend, pane == SG_PANE_ZSCORE ? sg_plot_alert_edge(&frame) : 0);
    cairo_restore(cr);
}

bool sg_dashboard_number_at(struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                            double width, double height, size_t cursor_row, double x, double y, struct sg_shown_number *ret_number)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axes[AXES];
    struct legend legend = {.count = 0};
    if ((size_t)pane >= SG_PANE_ALL || !(width > 0) || !(height > 0))
        return false;
    struct plot_box box = sg_plot_box_of(dashboard, pane, width, height);
    sg_plot_frame(&frame, dashboard, NULL, view, theme, font, box.width, box.height);
    sg_text_set_font(dashboard->text, font ? font : theme->font); /* sizes of text decide, as in a drawing */
    prepare(&frame, pane, &plan, axes);
    if (x >= box.left + frame.plot_width) {
        bool there = x <= box.left + box.width && sg_plot_tag_at(&frame, &plan, axes, y, ret_number);
        if (there)
            ret_number->x += box.left;
        return there;
    }
    frame.plot_width += box.left;
    size_t newest = sg_plot_newest(dashboard);
    build_legend(&frame, &plan, axes, cursor_row != SIZE_MAX && newest != SIZE_MAX && cursor_row <= newest ? cursor_row : newest, &legend);
    if (!legend_at(&frame, &legend, x, y, ret_number))
        return false;
    if (pane == SG_PANE_SCATTER && ret_number->number == SG_NUMBER_BETA)
        ret_number->row = sg_plot_fit_row(&frame);
    return true;
}

size_t sg_dashboard_numbers(const struct sg_dashboard *dashboard, enum sg_pane pane, enum sg_number numbers[static SG_PANE_NUMBERS_MAX])
{
    static const enum sg_number of[SG_PANE_ALL][SG_PANE_NUMBERS_MAX] = {
        [SG_PANE_PRICE] = {SG_NUMBER_CLOSE_A, SG_NUMBER_CLOSE_B, NO_NUMBER, NO_NUMBER},
        [SG_PANE_SPREAD] = {SG_NUMBER_SPREAD, SG_NUMBER_MEAN, SG_NUMBER_STD, NO_NUMBER},
        [SG_PANE_ZSCORE] = {SG_NUMBER_ZSCORE, SG_NUMBER_MEAN, SG_NUMBER_STD, NO_NUMBER},
        [SG_PANE_CORRELATION] = {SG_NUMBER_CORRELATION, NO_NUMBER, NO_NUMBER, NO_NUMBER},
        [SG_PANE_HEDGE_RATIO] = {SG_NUMBER_BETA, SG_NUMBER_SE_BETA, NO_NUMBER, NO_NUMBER},
        [SG_PANE_SCATTER] = {SG_NUMBER_BETA, SG_NUMBER_ALPHA, SG_NUMBER_CLOSE_A, SG_NUMBER_CLOSE_B},
    };
    size_t count = 0;
    while ((size_t)pane < SG_PANE_ALL && count < SG_PANE_NUMBERS_MAX && of[pane][count] != NO_NUMBER) {
        numbers[count] = of[pane][count];
        count++;
    }
    if (pane != SG_PANE_SPREAD)
        return count;
    const struct spread_series *spread = sg_plot_spread_series(dashboard);
    numbers[0] = sg_plot_number(spread->line);
    numbers[1] = spread->middle != SERIES_COUNT ? sg_plot_number(spread->middle) : SG_NUMBER_MEAN;
    if (dashboard->hindsight)
        numbers[count++] = sg_plot_number(spread->hindsight);
    return count;
}

/* The two largest units that matter: "3 d 4 h", "30 min", "5 s". */
static void duration_text(int64_t seconds, char buffer[static 40])
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    while (i < 3 && seconds < units[i].seconds)
        i++;
    long long whole = (long long)(seconds / units[i].seconds), rest = i < 3 ? (long long)(seconds % units[i].seconds / units[i + 1].seconds) : 0;
    if (rest > 0)
        snprintf(buffer, 40, "%lld %s %lld %s", whole, units[i].name, rest, units[i + 1].name);
    else
        snprintf(buffer, 40, "%lld %s", whole, units[i].name);
}

void sg_dashboard_draw_selection(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                                 double width, double height, double from_slot, double to_slot, bool label)
{
    struct frame frame;
    if (!isfinite(from_slot) || !isfinite(to_slot) || !(width > 0) || !(height > 0) || !dashboard->data.history)
        return;
    sg_plot_frame(&frame, dashboard, cr, view, theme, font, width, height);
    double from = fmin(from_slot, to_slot), to = fmax(from_slot, to_slot);
    double left = sg_plot_snap(&frame, fmin(fmax(sg_plot_x(&frame, from), 0), frame.plot_width)),
           right = sg_plot_snap(&frame, fmin(fmax(sg_plot_x(&frame, to), 0), frame.plot_width));
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, frame.plot_width, height);
    cairo_clip(cr);
    sg_plot_source_color(cr, &theme->focus, 0.16);
    cairo_rectangle(cr, left, 0, right - left, height);
    cairo_fill(cr);
    sg_plot_source_color(cr, &theme->focus, 0.9);
    sg_plot_rule_v(&frame, left, 0, height);
    sg_plot_rule_v(&frame, right, 0, height);
    cairo_fill(cr);
    if (label) {
        size_t first = sg_plot_lower_bound(dashboard, from), end = sg_plot_lower_bound(dashboard, nextafter(to, INFINITY));
        char words[96], duration[40];
        int64_t seconds = (int64_t)fmin((to - from) * (double)dashboard->data.history->interval_us / 1e6, 9e15);
        duration_text(seconds, duration);
        snprintf(words, sizeof words, "%zu bar%s \xC2\xB7 %s", end - first, end - first == 1 ? "" : "s", duration);
        double needed = sg_text_width(dashboard->text, SG_TEXT_TAG, words) + 16, tall = sg_text_height(dashboard->text, SG_TEXT_TAG) + 5;
        double x = fmax(4, fmin((left + right) / 2 - needed / 2, frame.plot_width - needed - 4)), y = height - tall - 6;
        sg_plot_pill(cr, x, y, needed, tall, 4);
        sg_plot_source_color(cr, &theme->tag_background, 1);
        cairo_fill(cr);
        sg_text_draw(dashboard->text, cr, SG_TEXT_TAG, words, x + needed / 2, y + tall / 2, 0.5, &theme->tag_text);
    }
    cairo_restore(cr);
}

/* --- words ----------------------------------------------------------------------------------------------------------------- */

size_t sg_dashboard_describe(const struct sg_dashboard *dashboard, enum sg_pane pane, size_t row, char *buffer, size_t size)
{
    const struct spread_series *spread = sg_plot_spread_series(dashboard);
    const struct {
        enum series series;
        const char *name;
        int decimals;
    } told[] = {
        [SG_PANE_SPREAD] = {spread->line, dashboard->spread_mode == SG_SPREAD_DEVIATION ? "spread less its mean" : spread->name, -1},
        [SG_PANE_ZSCORE] = {SERIES_ZSCORE, "z-score", 2},
        [SG_PANE_CORRELATION] = {SERIES_CORRELATION, "correlation", 3},
        [SG_PANE_HEDGE_RATIO] = {SERIES_BETA, "hedge ratio", -1},
    };
    if (size == 0)
        return 0;
    buffer[0] = '\0';
    size_t newest = sg_plot_newest(dashboard), at = 0;
    if ((size_t)pane >= SG_PANE_ALL)
        return 0;
    if (newest == SIZE_MAX) {
        int length = snprintf(buffer, size, "no data");
        return (size_t)length < size ? (size_t)length : size - 1;
    }
    if (row > newest)
        row = newest;
    bool legs = pane == SG_PANE_PRICE || pane == SG_PANE_SCATTER;
    size_t lines = legs ? 2 : 1;
    for (size_t i = 0; i < lines; i++) {
        enum series series = legs ? (i ? SERIES_B : SERIES_A) : told[pane].series;
        const char *name = !legs ? told[pane].name : i ? dashboard->data.symbol_b : dashboard->data.symbol_a;
        int decimals = !legs ? told[pane].decimals : i ? dashboard->data.decimals_b : dashboard->data.decimals_a;
        double value = sg_plot_value(dashboard, series, row);
        char text[SG_DECIMAL_BUF + 64];
        int digits = series == SERIES_CORRELATION ? sg_decimal_part_digits(value, decimals) : decimals >= 0 ? decimals : sg_value_decimals(value);
        if (isfinite(value) && digits < 0) {
            snprintf(text, sizeof text, "%s", value > 0 ? "> " SG_DECIMAL_PART_EDGE : "< -" SG_DECIMAL_PART_EDGE);
        } else if (isfinite(value)) {
            sg_decimal_from_double_fixed(value, digits, text);
        } else {
            char reason[64];
            sg_plot_reason(dashboard, row, reason, sizeof reason);
            snprintf(text, sizeof text, "undefined%s%s", *reason ? ": " : "", reason);
        }
        int length = snprintf(buffer + at, size - at, "%s%s %s%s", i ? ", " : "", name, sg_plot_is_now(dashboard, row) ? "now " : "", text);
        at += length < 0 ? 0 : (size_t)length < size - at ? (size_t)length : size - at - 1;
    }
    char remarks[256 + SG_MISSING_TEXT];
    bool said = pane == SG_PANE_PRICE ? sg_plot_remarks(dashboard, row, "; ", remarks, sizeof remarks) > 0
                                      : pane == SG_PANE_ZSCORE && sg_dashboard_fired_text(dashboard, row, remarks, sizeof remarks) > 0;
    if (said) {
        int length = snprintf(buffer + at, size - at, "; %s", remarks);
        at += length < 0 ? 0 : (size_t)length < size - at ? (size_t)length : size - at - 1;
    }
    return at;
}
