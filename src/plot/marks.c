/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marks of a pane beside its lines: gaps, thresholds, repaired bars; and the small tools of drawing. */
#include <math.h>
#include "dashboard_private.h"

void sg_plot_source_color(cairo_t *cr, const struct sg_color *color, double alpha)
{
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, color->alpha * alpha);
}

double sg_plot_snap(const struct frame *frame, double position)
{
    return round(position * frame->scale) / frame->scale;
}

double sg_plot_hairline(const struct frame *frame)
{
    return fmax(1, round(frame->scale)) / frame->scale;
}

void sg_plot_rule_h(const struct frame *frame, double x, double y, double width)
{
    double thick = sg_plot_hairline(frame);
    cairo_rectangle(frame->cr, x, sg_plot_snap(frame, y - thick / 2), width, thick);
}

void sg_plot_rule_v(const struct frame *frame, double x, double y, double height)
{
    double thick = sg_plot_hairline(frame);
    cairo_rectangle(frame->cr, sg_plot_snap(frame, x - thick / 2), y, thick, height);
}

void sg_plot_pill(cairo_t *cr, double x, double y, double width, double height, double radius)
{
    radius = fmin(radius, fmin(width, height) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + width - radius, y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cr, x + width - radius, y + height - radius, radius, 0, M_PI / 2);
    cairo_arc(cr, x + radius, y + height - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cr, x + radius, y + radius, radius, M_PI, 1.5 * M_PI);
    cairo_close_path(cr);
}

void sg_plot_ring(const struct frame *frame, double x, double y, const struct sg_color *color)
{
    cairo_t *cr = frame->cr;
    cairo_arc(cr, x, y, 3.25, 0, 2 * M_PI);
    sg_plot_source_color(cr, &frame->theme->background, 1);
    cairo_fill_preserve(cr);
    sg_plot_source_color(cr, color, 1);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
}

static double luminance(const struct sg_color *color)
{
    double channel[3] = {color->red, color->green, color->blue};
    for (int i = 0; i < 3; i++)
        channel[i] = channel[i] <= 0.04045 ? channel[i] / 12.92 : pow((channel[i] + 0.055) / 1.055, 2.4);
    return 0.2126 * channel[0] + 0.7152 * channel[1] + 0.0722 * channel[2];
}

struct sg_color sg_plot_contrast(const struct sg_color *background)
{
    /* Black beats white above a luminance of 0.179: there both contrasts are 4.58. */
    bool bright = luminance(background) > 0.179;
    return bright ? (struct sg_color){0.07, 0.07, 0.07, 1} : (struct sg_color){1, 1, 1, 1};
}

/* --- gaps ------------------------------------------------------------------------------------------------------------------ */

#define NARROW 4.0 /* px: less missing time is a rule, because nobody could see the hatching */

static void hatch(const struct frame *frame, double from, double to)
{
    cairo_t *cr = frame->cr;
    from = sg_plot_snap(frame, from);
    to = sg_plot_snap(frame, to);
    if (to - from < NARROW)
        return;
    from = fmax(from, 0);
    to = fmin(to, frame->plot_width);
    cairo_save(cr);
    cairo_rectangle(cr, from, 0, to - from, frame->height);
    cairo_clip(cr);
    sg_plot_source_color(cr, &frame->theme->hatch, 0.35);
    cairo_paint(cr);
    sg_plot_source_color(cr, &frame->theme->hatch, 1);
    cairo_set_line_width(cr, 1);
    /* Anchored to the pane and not to the gap: neighbouring gaps line up, and the pattern holds still as the gap grows. */
    const double pitch = 8;
    for (double x = floor((from - frame->height) / pitch) * pitch; x < to; x += pitch) {
        cairo_move_to(cr, x, frame->height);
        cairo_line_to(cr, x + frame->height, 0);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* The space between two rows that are not neighbours, seen from the middle of the missing slots' edges. */
static void gap_before(const struct frame *frame, size_t row)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    double from = sg_plot_slot(dashboard, row - 1), to = sg_plot_slot(dashboard, row);
    if (to - from > 1.5)
        hatch(frame, sg_plot_x(frame, from + 0.5), sg_plot_x(frame, to - 0.5));
}

static double gap_width(const struct frame *frame, size_t row)
{
    double from = sg_plot_x(frame, sg_plot_slot(frame->dashboard, row - 1) + 0.5), to = sg_plot_x(frame, sg_plot_slot(frame->dashboard, row) - 0.5);
    return sg_plot_snap(frame, to) - sg_plot_snap(frame, from);
}

/* What is too narrow to hatch: a rule from top to foot, under the line that it breaks, so that zooming out hides no gap. */
static void narrow_gaps(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    const struct columns_cache *columns = frame->dense ? sg_plot_columns(frame) : NULL;
    const struct column_flags *flags = columns ? sg_plot_column_flags(frame) : NULL;
    double thick = sg_plot_hairline(frame);
    size_t from_column = 0;
    for (size_t i = 0; flags && i <= columns->count; i++) {
        bool marked = i < columns->count && flags[i].gap;
        size_t row = columns->start[i];
        if (marked && i > 0 && columns->start[i - 1] == row && row > 0) /* after a column without rows: hatched, unless that was all */
            marked = gap_width(frame, row) < NARROW;
        if (marked)
            continue;
        if (i > from_column)
            cairo_rectangle(frame->cr, (double)from_column / frame->scale, 0, (double)(i - from_column) / frame->scale, frame->height);
        from_column = i + 1;
    }
    for (size_t row = frame->before + 1; !frame->dense && row < frame->after; row++) {
        if (sg_plot_joined(dashboard, row))
            continue;
        double from = sg_plot_x(frame, sg_plot_slot(dashboard, row - 1) + 0.5), wide = gap_width(frame, row);
        if (wide < NARROW)
            cairo_rectangle(frame->cr, sg_plot_snap(frame, from), 0, fmax(wide, thick), frame->height);
    }
    sg_plot_source_color(frame->cr, &frame->theme->hatch, 1);
    cairo_fill(frame->cr);
}

void sg_plot_gaps(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    size_t end = frame->after;
    if (frame->dense) {
        const struct columns_cache *columns = sg_plot_columns(frame);
        const size_t *start = columns ? columns->start : NULL;
        size_t seen = SIZE_MAX;
        for (size_t i = 0; columns && i < columns->count; i++) {
            /* A gap that is wide enough to see leaves a column without rows. */
            if (start[i] == start[i + 1] && start[i] != seen && start[i] > 0 && start[i] < dashboard->length) {
                seen = start[i];
                gap_before(frame, seen);
            }
        }
    } else {
        for (size_t row = frame->before + 1; row < end; row++)
            if (!sg_plot_joined(dashboard, row))
                gap_before(frame, row);
    }
    if (dashboard->has_forming && dashboard->length > 0 && frame->after == dashboard->length && !sg_plot_joined(dashboard, dashboard->length))
        gap_before(frame, dashboard->length);
    narrow_gaps(frame);
    double lasting = sg_plot_lasting_from(dashboard);
    if (isfinite(lasting) && lasting < frame->view->right)
        hatch(frame, sg_plot_x(frame, lasting), frame->plot_width);
}

/* --- thresholds ------------------------------------------------------------------------------------------------------------ */

/* `bed`: as thick as three lines, to lie under one. */
static void dashed(const struct frame *frame, double y, const struct sg_color *color, double alpha, double on, double off, bool bed)
{
    cairo_t *cr = frame->cr;
    const double pattern[] = {on, off};
    double thick = sg_plot_hairline(frame);
    cairo_set_dash(cr, pattern, 2, 0);
    cairo_set_line_width(cr, bed ? 3 * thick : thick);
    y = sg_plot_snap(frame, y - thick / 2) + thick / 2;
    cairo_move_to(cr, 0, y);
    cairo_line_to(cr, frame->plot_width, y);
    sg_plot_source_color(cr, color, alpha);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

void sg_plot_thresholds(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    cairo_t *cr = frame->cr;
    const struct sg_theme *theme = frame->theme;
    double zero = sg_plot_y(axis, 0);
    if (plan->zero && axis->valid && zero > 0 && zero < frame->height) {
        sg_plot_source_color(cr, &theme->text_dim, 0.55);
        sg_plot_rule_h(frame, 0, zero, frame->plot_width);
        cairo_fill(cr);
    }
    if (plan->threshold <= 0)
        return;
    double up = fmin(fmax(sg_plot_y(axis, plan->threshold), 0), frame->height);
    double down = fmin(fmax(sg_plot_y(axis, -plan->threshold), 0), frame->height);
    sg_plot_source_color(cr, &theme->threshold_fill, 1);
    cairo_rectangle(cr, 0, 0, frame->plot_width, sg_plot_snap(frame, up));
    cairo_rectangle(cr, 0, sg_plot_snap(frame, down), frame->plot_width, frame->height - sg_plot_snap(frame, down));
    cairo_fill(cr);
}

/* The lines themselves are drawn over dense columns, which would hide them, and under a thin line, which they would cut. */
void sg_plot_threshold_lines(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis)
{
    const struct sg_theme *theme = frame->theme;
    if (plan->threshold <= 0)
        return;
    /* Over columns a bed of background under each dash, or the line's own colour would swallow it; what is there shows between the dashes. */
    for (int i = 0; i < 2; i++) {
        double y = sg_plot_y(axis, i ? -plan->threshold : plan->threshold);
        if (frame->dense)
            dashed(frame, y, &theme->background, 0.8, 6, 4, true);
        dashed(frame, y, &theme->threshold, 1, 6, 4, false);
    }
    if (plan->exit > 0 && axis->valid) {
        dashed(frame, sg_plot_y(axis, plan->exit), &theme->text_dim, 0.7, 2, 4, false);
        dashed(frame, sg_plot_y(axis, -plan->exit), &theme->text_dim, 0.7, 2, 4, false);
    }
}

#define DASH_WIDE 3.0 /* px, at least */

struct dashes {
    const struct frame *frame;
    double top, wide, from, to;
};

static void end_dash(struct dashes *dashes)
{
    if (dashes->to > dashes->from)
        cairo_rectangle(dashes->frame->cr, dashes->from, dashes->top, dashes->to - dashes->from, sg_plot_hairline(dashes->frame));
}

/* Ascending; those that touch become one. */
static void add_dash(struct dashes *dashes, double x)
{
    double from = sg_plot_snap(dashes->frame, x - dashes->wide / 2);
    if (from > dashes->to) {
        end_dash(dashes);
        dashes->from = from;
    }
    dashes->to = fmax(sg_plot_snap(dashes->frame, x + dashes->wide / 2), from + DASH_WIDE);
}

#define MEETING_ROOM 24.0 /* px between two places where bars of two kinds meet: nearer ones are told by the dashes alone */

static void meeting_words(const struct frame *frame, double x, bool fetched_before, double left)
{
    struct sg_text *text = frame->dashboard->text;
    const char *words[2] = {fetched_before ? "klines" : frame->dashboard->data.source, fetched_before ? frame->dashboard->data.source : "klines"};
    double height = sg_text_height(text, SG_TEXT_CAPTION), y = frame->height - height / 2 - 8;
    if (y - height / 2 < sg_plot_legend_bottom(frame))
        return;
    for (int side = 0; side < 2; side++) {
        double width = sg_text_width(text, SG_TEXT_CAPTION, words[side]), begin = side ? x + 5 : x - 5 - width;
        if (begin < left || begin + width > frame->plot_width - 2)
            continue;
        sg_plot_source_color(frame->cr, &frame->theme->background, 0.8);
        cairo_rectangle(frame->cr, begin - 2, y - height / 2, width + 4, height);
        cairo_fill(frame->cr);
        sg_text_draw(text, frame->cr, SG_TEXT_CAPTION, words[side], begin, y, 0, &frame->theme->text_dim);
    }
}

/* Where bars of klines, which are of trades, meet bars that are of something else: from there on high, low and volume mean another thing. */
void sg_plot_meetings(const struct frame *frame, bool second_axis)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    const uint16_t fetched = SG_ROW_A_REPAIRED | SG_ROW_B_REPAIRED;
    const double pattern[] = {1, 3};
    double last = -INFINITY;
    bool before = false;
    size_t end = frame->forming ? dashboard->length + 1 : frame->after;
    if (!*dashboard->data.source || frame->dense)
        return;
    for (size_t row = frame->before + 1; row < end; row++) {
        bool is = (sg_plot_flags(dashboard, row) & fetched) != 0, was = (sg_plot_flags(dashboard, row - 1) & fetched) != 0;
        double x = sg_plot_x(frame, (sg_plot_slot(dashboard, row - 1) + sg_plot_slot(dashboard, row)) / 2);
        if (is == was || x - last < MEETING_ROOM)
            continue;
        last = x;
        before = was;
        double thick = sg_plot_hairline(frame), snapped = sg_plot_snap(frame, x - thick / 2) + thick / 2;
        cairo_move_to(frame->cr, snapped, sg_plot_legend_bottom(frame));
        cairo_line_to(frame->cr, snapped, frame->height);
    }
    if (!isfinite(last))
        return;
    cairo_set_dash(frame->cr, pattern, 2, 0);
    cairo_set_line_width(frame->cr, sg_plot_hairline(frame));
    sg_plot_source_color(frame->cr, &frame->theme->text_dim, 0.8);
    cairo_stroke(frame->cr);
    cairo_set_dash(frame->cr, NULL, 0, 0);
    meeting_words(frame, last, before, second_axis ? 96 : 2);
}

/* A dash per bar where bars are apart, a rule along them where they are not: as wide at least as a dash, so that a single one is still seen. */
void sg_plot_repaired(const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    bool any = false;
    const struct columns_cache *columns = frame->dense ? sg_plot_columns(frame) : NULL;
    const struct column_flags *flags = columns ? sg_plot_column_flags(frame) : NULL;
    double room = frame->plot_width / frame->view->span; /* of a bar: too little for a gap between two dashes, and they fill it */
    for (int leg = 0; leg < 2; leg++) {
        struct dashes dashes = {.frame = frame,
                                .top = sg_plot_snap(frame, frame->height - (leg ? 6 : 3)),
                                .to = -INFINITY,
                                .wide = room < 2 * DASH_WIDE ? fmax(room, DASH_WIDE) : fmin(room / 2, 3 * DASH_WIDE)};
        uint16_t flag = leg ? SG_ROW_B_REPAIRED : SG_ROW_A_REPAIRED;
        for (size_t i = 0; flags && i < columns->count; i++)
            if (flags[i].repaired[leg])
                add_dash(&dashes, ((double)i + 0.5) / frame->scale);
        for (size_t row = frame->first; !frame->dense && row < frame->last; row++)
            if (sg_plot_flags(dashboard, row) & flag)
                add_dash(&dashes, sg_plot_row_x(frame, row));
        end_dash(&dashes);
        any = any || isfinite(dashes.to);
        sg_plot_source_color(frame->cr, leg ? &frame->theme->leg_b : &frame->theme->leg_a, 0.7);
        cairo_fill(frame->cr);
    }
    dashboard->memory[SG_PANE_PRICE].fetched = any;
}
