/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grid, value axis with tags, time axis. */
#include <math.h>
#include <string.h>
#include "dashboard_private.h"

#define TIME_GAP 84.0   /* px between time labels, at least */
#define LABEL_INSET 7.0 /* px from the plot area to a value label */
#define TAG_PAD 2.5
#define TAG_GAP 1.0    /* px between a tag and what is next to it, at least */
#define SECOND_ROOM 90 /* px for the labels of the second axis, inside the plot */
#define FINEST_GAP 2.0 /* px between the ticks out of which a low pane finds one that has room */

static size_t time_ticks(const struct frame *frame, struct sg_time_tick ticks[static SG_TIME_TICKS_MAX])
{
    const struct sg_dashboard_data *data = &frame->dashboard->data;
    if (!data->history || data->history->interval_us <= 0 || sg_plot_newest(frame->dashboard) == SIZE_MAX)
        return 0;
    double interval = (double)data->history->interval_us;
    double from = (frame->view->right - frame->view->span) * interval, to = frame->view->right * interval;
    if (!(fabs(from) < 9e18) || !(fabs(to) < 9e18))
        return 0;
    return sg_time_ticks((int64_t)from, (int64_t)to, data->history->interval_us, frame->plot_width, TIME_GAP, data->utc, SG_TIME_TICKS_MAX, ticks);
}

static double tick_x(const struct frame *frame, const struct sg_time_tick *tick)
{
    return sg_plot_x(frame, (double)tick->time_us / (double)frame->dashboard->data.history->interval_us);
}

static double tick_y(const struct value_axis *axis, int i)
{
    return sg_plot_y(axis, sg_plot_unshown(axis, axis->tick[i]));
}

void sg_plot_grid(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES])
{
    cairo_t *cr = frame->cr;
    struct sg_time_tick ticks[SG_TIME_TICKS_MAX];
    size_t count = plan->pane == SG_PANE_SCATTER ? 0 : time_ticks(frame, ticks);
    for (int i = 0; axes[0].valid && i < axes[0].tick_count; i++)
        sg_plot_rule_h(frame, 0, tick_y(&axes[0], i), frame->plot_width);
    for (size_t i = 0; i < count; i++)
        if (!ticks[i].bold)
            sg_plot_rule_v(frame, tick_x(frame, &ticks[i]), 0, frame->height);
    sg_plot_source_color(cr, &frame->theme->grid, 1);
    cairo_fill(cr);
    for (size_t i = 0; i < count; i++)
        if (ticks[i].bold)
            sg_plot_rule_v(frame, tick_x(frame, &ticks[i]), 0, frame->height);
    sg_plot_source_color(cr, &frame->theme->grid, 2.2);
    cairo_fill(cr);
}

static double tag_top(const struct frame *frame, double y, double height)
{
    return sg_plot_snap(frame, y - height / 2);
}

static struct sg_color mixed(const struct sg_color *paper, const struct sg_color *ink, double part)
{
    return (struct sg_color){paper->red + (ink->red - paper->red) * part, paper->green + (ink->green - paper->green) * part,
                             paper->blue + (ink->blue - paper->blue) * part, 1};
}

/* A font of its own size costs a tenth of what a scaled one does. */
static enum sg_text_style tag_style(const struct frame *frame, const char *label, enum tag_look look)
{
    if (look != TAG_NOW)
        return SG_TEXT_TAG;
    return sg_text_width(frame->dashboard->text, SG_TEXT_TAG_NOW, label) <= SG_AXIS_TEXT_ROOM ? SG_TEXT_TAG_NOW : SG_TEXT_TAG_NOW_SMALL;
}

void sg_plot_tag(const struct frame *frame, double y, const char *label, const struct sg_color *background, enum tag_look look)
{
    static const double filled[] = {[TAG_SOLID] = 1, [TAG_NOW] = 0.2, [TAG_OUTLINE] = 0, [TAG_STALE] = 0.12};
    static const bool framed[] = {[TAG_SOLID] = false, [TAG_NOW] = true, [TAG_OUTLINE] = true, [TAG_STALE] = false};
    struct sg_text *text = frame->dashboard->text;
    cairo_t *cr = frame->cr;
    double height = sg_text_height(text, SG_TEXT_TAG) + 2 * TAG_PAD, width = SG_AXIS_WIDTH - 3;
    double left = frame->plot_width + 1, top = tag_top(frame, y, height);
    struct sg_color paper = mixed(&frame->theme->background, background, filled[look]);
    if (framed[look]) { /* within the tag: what makes way for it need not know */
        sg_plot_pill(cr, left, top, width, height, 3);
        sg_plot_source_color(cr, background, 1);
        cairo_fill(cr);
    }
    double inset = framed[look] ? 1 : 0;
    sg_plot_pill(cr, left + inset, top + inset, width - 2 * inset, height - 2 * inset, 3 - inset);
    sg_plot_source_color(cr, &paper, 1);
    cairo_fill(cr);
    struct sg_color ink = look == TAG_SOLID ? sg_plot_contrast(background) : look == TAG_NOW ? frame->theme->text : *background;
    if (look == TAG_STALE)
        ink.alpha *= SG_STALE_ALPHA;
    sg_text_draw_within(text, cr, tag_style(frame, label, look), label, frame->plot_width + LABEL_INSET, top + height / 2, SG_AXIS_TEXT_ROOM, &ink);
}

struct tag {
    double y, wanted;
    char label[SG_VALUE_BUF];
    struct sg_color color;
    enum tag_look look;
    enum series series;
    size_t row;
};

/* The newest value; when the newest bar is out of view, the last one in view, outlined: it is not the present. */
static size_t collect_tags(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], struct tag tags[LINES])
{
    struct sg_dashboard *dashboard = frame->dashboard;
    size_t count = 0, newest = sg_plot_newest(dashboard);
    int unit = sg_plot_axis_unit(frame, plan, &axes[0], SG_AXIS_TEXT_ROOM);
    if (newest == SIZE_MAX)
        return 0;
    bool live = dashboard->has_forming ? frame->forming : frame->last == dashboard->length && frame->last > frame->first;
    if (!live && frame->last == frame->first)
        return 0;
    for (size_t i = 0; i < plan->line_count; i++) {
        const struct line_plan *line = &plan->line[i];
        const struct value_axis *axis = &axes[line->axis];
        size_t row = live ? newest : frame->last - 1;
        double value = sg_plot_transform(&line->transform, sg_plot_value(dashboard, line->series, row));
        if (live && dashboard->has_forming && !isfinite(value) && dashboard->length > 0) {
            row = dashboard->length - 1;
            value = sg_plot_transform(&line->transform, sg_plot_value(dashboard, line->series, row));
        }
        if (!axis->valid || !isfinite(value) || line->faint || (plan->pane == SG_PANE_SCATTER && i > 0))
            continue;
        struct tag *tag = &tags[count++];
        tag->wanted = tag->y = sg_plot_y(axis, value);
        tag->color = line->color;
        tag->look = dashboard->stale ? TAG_STALE : !live ? TAG_OUTLINE : sg_plot_is_now(dashboard, row) ? TAG_NOW : TAG_SOLID;
        tag->series = line->series;
        tag->row = row;
        int decimals;
        double shown = sg_plot_line_value(frame, line, axis, row, true, &decimals);
        if (line->part)
            sg_plot_part_text(shown, decimals, tag->label);
        else
            sg_plot_tag_text(frame, shown, decimals, line->axis == 0 ? unit : 0, plan->plus, plan->suffix, tag->label);
        size_t length = strlen(tag->label);
        if (tag->look == TAG_NOW && length + sizeof " now" <= sizeof tag->label)
            memcpy(tag->label + length, " now", sizeof " now");
    }
    return count;
}

/* Sorted by height, pushed apart, then kept between the edges, where all of them have room. */
static void spread_tags(struct tag *tags, size_t count, double height, double top, double bottom)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && tags[j].wanted < tags[j - 1].wanted; j--) {
            struct tag swap = tags[j];
            tags[j] = tags[j - 1];
            tags[j - 1] = swap;
        }
    for (int round = 0; round < 8; round++)
        for (size_t i = 0; i + 1 < count; i++) {
            double overlap = height - (tags[i + 1].y - tags[i].y);
            if (overlap > 0) {
                tags[i].y -= overlap / 2;
                tags[i + 1].y += overlap / 2;
            }
        }
    double edge = top + height / 2;
    for (size_t i = 0; i < count; i++) {
        tags[i].y = fmax(tags[i].y, edge);
        edge = tags[i].y + height;
    }
    edge = bottom - height / 2;
    for (size_t i = count; i-- > 0;) {
        tags[i].y = fmin(tags[i].y, edge);
        edge = tags[i].y - height;
    }
}

/* How many things of this height stand one below the other. */
static size_t fitting(double room, double height)
{
    return room >= height ? (size_t)floor(room / height) : 0;
}

/* What the pane has no room for gives way, the last line's first. */
static size_t place_tags(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], struct tag tags[LINES],
                         double *ret_height)
{
    size_t count = collect_tags(frame, plan, axes, tags);
    *ret_height = sg_text_height(frame->dashboard->text, SG_TEXT_TAG) + 2 * TAG_PAD;
    size_t most = fitting(frame->height - 2, *ret_height + TAG_GAP);
    if (count > most)
        count = most;
    spread_tags(tags, count, *ret_height + TAG_GAP, 1, frame->height - 1);
    return count;
}

enum sg_number sg_plot_number(enum series series)
{
    switch (series) {
    case SERIES_A: return SG_NUMBER_CLOSE_A;
    case SERIES_B: return SG_NUMBER_CLOSE_B;
    case SERIES_SPREAD: return SG_NUMBER_SPREAD;
    case SERIES_HINDSIGHT: return SG_NUMBER_SPREAD_TODAY;
    case SERIES_RESIDUAL: return SG_NUMBER_RESIDUAL;
    case SERIES_RESIDUAL_MEAN: return SG_NUMBER_RESIDUAL_MEAN;
    case SERIES_HINDSIGHT_RESIDUAL: return SG_NUMBER_RESIDUAL_TODAY;
    case SERIES_DEVIATION: return SG_NUMBER_DEVIATION;
    case SERIES_MEAN: return SG_NUMBER_MEAN;
    case SERIES_ZSCORE: return SG_NUMBER_ZSCORE;
    case SERIES_CORRELATION: return SG_NUMBER_CORRELATION;
    case SERIES_BETA: return SG_NUMBER_BETA;
    default: return SG_NUMBER_COUNT;
    }
}

bool sg_plot_tag_at(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], double y, struct sg_shown_number *ret_number)
{
    struct tag tags[LINES];
    double height;
    size_t count = place_tags(frame, plan, axes, tags, &height);
    for (size_t i = 0; i < count; i++) {
        if (fabs(y - tags[i].y) > height / 2)
            continue;
        *ret_number = (struct sg_shown_number){.number = sg_plot_number(tags[i].series),
                                               .row = tags[i].row,
                                               .x = frame->plot_width,
                                               .y = tags[i].y - height / 2,
                                               .width = SG_AXIS_WIDTH,
                                               .height = height};
        return ret_number->number != SG_NUMBER_COUNT;
    }
    return false;
}

enum label_kind { LABEL_TICK, LABEL_THRESHOLD };

/* The words on one side: where none of them meets another. */
struct labels {
    struct value_axis scale; /* whose ticks they are: the axis's own, or rounder ones between the tags where those leave no room */
    size_t count;
    struct {
        double y, value;
        enum label_kind kind;
        int tick;
    } label[SG_VALUE_TICKS_MAX + 2];
    double height;
};

/* What stands on the value axis: tags of the newest values, and labels where no tag covers them; and on the second axis, inside the plot at its left
 * edge, below the legend. */
struct axis_texts {
    struct tag tags[LINES];
    size_t tag_count;
    double tag_height;
    struct labels right, left;
};

/* Words begin at a whole unit (text.c). */
static double text_top(double y, double height)
{
    return round(y - height / 2);
}

static bool meets(double top, double bottom, double other_top, double other_bottom)
{
    return top < other_bottom && bottom > other_top;
}

static bool meets_tag(const struct frame *frame, double top, double height, double tag_y, double tag_height)
{
    double tag = tag_top(frame, tag_y, tag_height); /* a NaN meets nothing */
    return meets(top, top + height, tag - TAG_GAP, tag + tag_height + TAG_GAP);
}

/* Is there room for words around y, on this side of the pane? `tags`: NULL on the side that has none. */
static bool is_free(const struct frame *frame, const struct labels *labels, const struct axis_texts *tags, double from, double y)
{
    double top = text_top(y, labels->height), bottom = top + labels->height;
    if (!(top >= from) || !(bottom <= frame->height))
        return false;
    for (size_t i = 0; tags && i < tags->tag_count; i++)
        if (meets_tag(frame, top, labels->height, tags->tags[i].y, tags->tag_height))
            return false;
    for (size_t i = 0; i < labels->count; i++) {
        double other = text_top(labels->label[i].y, labels->height);
        if (meets(top, bottom, other, other + labels->height))
            return false;
    }
    return true;
}

static void add_label(struct labels *labels, double y, double value, enum label_kind kind, int tick)
{
    labels->label[labels->count].y = y;
    labels->label[labels->count].value = value;
    labels->label[labels->count].kind = kind;
    labels->label[labels->count++].tick = tick;
}

static void add_ticks(const struct frame *frame, struct labels *labels, const struct axis_texts *tags, double from)
{
    for (int i = 0; i < labels->scale.tick_count; i++) {
        double y = tick_y(&labels->scale, i);
        if (is_free(frame, labels, tags, from, y))
            add_label(labels, y, labels->scale.tick[i], LABEL_TICK, i);
    }
}

/* So low a pane that tags or legend cover every tick, and yet it needs a scale: the roundest values between them, of a step that is finer until one has
 * room. */
static void add_rounder(const struct frame *frame, const struct pane_plan *plan, struct labels *labels, const struct axis_texts *tags, double from)
{
    const struct value_axis *axis = &labels->scale;
    double low = sg_plot_shown(axis, fmax(sg_plot_value_at(axis, frame->height), plan->limit_low));
    double high = sg_plot_shown(axis, fmin(sg_plot_value_at(axis, 0), plan->limit_high));
    for (double gap = frame->height; gap >= FINEST_GAP && labels->count == 0; gap *= 0.8) {
        struct sg_value_ticks ticks = sg_value_ticks(low, high, frame->height, gap);
        labels->scale.tick_count = ticks.count;
        labels->scale.tick_decimals = ticks.decimals;
        labels->scale.tick_exponent = ticks.exponent;
        for (int i = 0; i < ticks.count; i++)
            labels->scale.tick[i] = sg_value_tick(&ticks, i);
        add_ticks(frame, labels, tags, from);
    }
}

static bool has_second_axis(const struct pane_plan *plan, const struct value_axis axes[AXES])
{
    return plan->axis_count > 1 && axes[1].valid && plan->pane != SG_PANE_SCATTER;
}

static void collect_texts(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], struct axis_texts *texts)
{
    struct labels *right = &texts->right, *left = &texts->left;
    texts->tag_count = place_tags(frame, plan, axes, texts->tags, &texts->tag_height);
    right->count = left->count = 0;
    right->height = left->height = sg_text_height(frame->dashboard->text, SG_TEXT_AXIS);
    right->scale = axes[0];
    for (int i = 0; plan->threshold > 0 && i < 2; i++) {
        double value = i ? -plan->threshold : plan->threshold, y = sg_plot_y(&axes[0], value);
        if (is_free(frame, right, texts, 0, y))
            add_label(right, y, value, LABEL_THRESHOLD, 0);
    }
    if (axes[0].valid) {
        add_ticks(frame, right, texts, 0);
        add_rounder(frame, plan, right, texts, 0);
    }
    if (!has_second_axis(plan, axes))
        return;
    double from = sg_plot_legend_bottom(frame);
    left->scale = axes[1];
    add_ticks(frame, left, NULL, from);
    add_rounder(frame, plan, left, NULL, from);
}

static void draw_second_axis(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis, const struct labels *labels)
{
    struct sg_text *text = frame->dashboard->text;
    char label[SG_VALUE_BUF];
    int unit = sg_plot_axis_unit(frame, plan, axis, SECOND_ROOM);
    for (size_t i = 0; i < labels->count; i++) {
        sg_plot_tick_text(plan, &labels->scale, unit, labels->label[i].tick, label);
        double width = sg_text_width(text, SG_TEXT_AXIS, label), y = labels->label[i].y;
        sg_plot_source_color(frame->cr, &frame->theme->background, 0.8);
        sg_plot_pill(frame->cr, 4, text_top(y, labels->height), width + 8, labels->height, 3);
        cairo_fill(frame->cr);
        sg_text_draw(text, frame->cr, SG_TEXT_AXIS, label, 8, y, 0, &plan->line[1].color);
    }
}

void sg_plot_value_axis(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES])
{
    struct sg_text *text = frame->dashboard->text;
    const struct sg_theme *theme = frame->theme;
    struct axis_texts texts;
    char label[SG_VALUE_BUF];
    collect_texts(frame, plan, axes, &texts);
    int unit = sg_plot_axis_unit(frame, plan, &axes[0], SG_AXIS_TEXT_ROOM);
    for (size_t i = 0; i < texts.right.count; i++) {
        bool threshold = texts.right.label[i].kind == LABEL_THRESHOLD;
        const struct sg_color *color = threshold ? &theme->threshold : has_second_axis(plan, axes) ? &plan->line[0].color : &theme->text_dim;
        if (threshold)
            sg_value_format(texts.right.label[i].value, 2, true, label);
        else
            sg_plot_tick_text(plan, &texts.right.scale, unit, texts.right.label[i].tick, label);
        sg_text_draw_within(text, frame->cr, SG_TEXT_AXIS, label, frame->plot_width + LABEL_INSET, texts.right.label[i].y, SG_AXIS_TEXT_ROOM, color);
    }
    /* The second axis stands inside the plot at its left edge, so that all panes keep one width and one time axis. */
    draw_second_axis(frame, plan, &axes[1], &texts.left);
    for (size_t i = 0; i < texts.tag_count; i++)
        sg_plot_tag(frame, texts.tags[i].y, texts.tags[i].label, &texts.tags[i].color, texts.tags[i].look);
}

static void erase(const struct frame *frame, double top, double height)
{
    cairo_rectangle(frame->cr, frame->plot_width + 1, top, SG_AXIS_WIDTH - 1, height);
}

static bool is_meeting(const struct tag *tag, double other_y, double height)
{
    return fabs(tag->y - other_y) < height;
}

/* Where the tags are when another stands at `tag_y`: those that it meets are pushed off to the side on which they are, and push others; where that
 * side has no room, to the other one, and where neither has, away. `moved`: in the order of texts->tags; NaN: away. */
static void push_tags(const struct frame *frame, const struct axis_texts *texts, double tag_y, double moved[LINES])
{
    double height = texts->tag_height + TAG_GAP, above_end = tag_y - height / 2, below_begin = tag_y + height / 2;
    size_t above = 0, count = texts->tag_count, above_most = fitting(above_end - 1, height), below_most = fitting(frame->height - 1 - below_begin, height);
    bool met = false;
    for (size_t i = 0; i < count; i++) {
        moved[i] = texts->tags[i].y;
        above += texts->tags[i].y <= tag_y; /* in order of their heights */
        met = met || is_meeting(&texts->tags[i], tag_y, height);
    }
    if (!met)
        return;
    size_t below = count - above;
    while (above > above_most && below < below_most)
        above--, below++;
    while (below > below_most && above < above_most)
        below--, above++;
    struct tag side[LINES];
    size_t kept = above < above_most ? above : above_most; /* the highest of them */
    memcpy(side, texts->tags, sizeof side);
    for (size_t i = kept; i < above; i++)
        moved[i] = NAN;
    spread_tags(side, kept, height, 1, above_end);
    for (size_t i = 0; i < kept; i++)
        moved[i] = side[i].y;
    size_t lost = below > below_most ? below - below_most : 0;
    for (size_t i = above; i < above + lost; i++)
        moved[i] = NAN;
    spread_tags(side + above + lost, below - lost, height, below_begin, frame->height - 1);
    for (size_t i = above + lost; i < count; i++)
        moved[i] = side[i].y;
}

void sg_plot_make_way(const struct frame *frame, const struct pane_plan *plan, const struct value_axis axes[AXES], double tag_y)
{
    struct axis_texts texts;
    double moved[LINES];
    collect_texts(frame, plan, axes, &texts);
    push_tags(frame, &texts, tag_y, moved);
    for (size_t i = 0; i < texts.right.count; i++) {
        double top = text_top(texts.right.label[i].y, texts.right.height);
        bool covered = meets_tag(frame, top, texts.right.height, tag_y, texts.tag_height);
        for (size_t j = 0; j < texts.tag_count; j++)
            covered = covered || meets_tag(frame, top, texts.right.height, moved[j], texts.tag_height);
        if (covered)
            erase(frame, top, texts.right.height);
    }
    for (size_t i = 0; i < texts.tag_count; i++)
        if (moved[i] != texts.tags[i].y)
            erase(frame, tag_top(frame, texts.tags[i].y, texts.tag_height) - TAG_GAP, texts.tag_height + 2 * TAG_GAP);
    sg_plot_source_color(frame->cr, &frame->theme->background, 1);
    cairo_fill(frame->cr);
    for (size_t i = 0; i < texts.tag_count; i++)
        if (moved[i] != texts.tags[i].y && !isnan(moved[i]))
            sg_plot_tag(frame, moved[i], texts.tags[i].label, &texts.tags[i].color, texts.tags[i].look);
}

void sg_dashboard_draw_time_axis(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme, const char *font,
                                 double width, double height, size_t cursor_row)
{
    struct frame frame;
    struct sg_time_tick ticks[SG_TIME_TICKS_MAX];
    sg_plot_frame(&frame, dashboard, cr, view, theme, font, width, height);
    struct sg_text *text = dashboard->text;
    sg_plot_source_color(cr, &theme->background, 1);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_fill(cr);
    sg_plot_source_color(cr, &theme->separator, 1);
    cairo_rectangle(cr, 0, 0, width, 1);
    cairo_fill(cr);

    char tag[48] = "";
    double tag_left = INFINITY, tag_right = -INFINITY, middle = 1 + (height - 1) / 2;
    size_t newest = sg_plot_newest(dashboard);
    if (cursor_row != SIZE_MAX && newest != SIZE_MAX && cursor_row <= newest) {
        int64_t time = sg_plot_row_time(dashboard, cursor_row);
        /* The year matters as soon as the bar is far from the newest one. */
        bool year = sg_plot_row_time(dashboard, newest) - time > INT64_C(300) * 86400 * 1000000;
        sg_time_label(time, dashboard->data.history->interval_us, dashboard->data.utc, year, tag);
        double needed = sg_text_width(text, SG_TEXT_TAG, tag) + 16, x = sg_plot_row_x(&frame, cursor_row);
        tag_left = fmax(0, fmin(x - needed / 2, frame.plot_width - needed));
        tag_right = tag_left + needed;
    }
    /* Under the value axes stands which time it is; while the view does not follow, the window has its way back to the present there. */
    const char *zone = dashboard->data.utc ? "UTC" : "local";
    double zone_x = view->follow ? frame.plot_width + LABEL_INSET : LABEL_INSET;
    double free_from =
        view->follow ? 2 : zone_x + sg_text_width(text, SG_TEXT_CAPTION, zone) + 8; /* labels keep clear of each other, of the tag and of the ends */
    bool zone_covered = !view->follow && tag_left < free_from;
    size_t count = time_ticks(&frame, ticks);
    for (size_t i = 0; i < count; i++) {
        enum sg_text_style style = ticks[i].bold ? SG_TEXT_AXIS_BOLD : SG_TEXT_AXIS;
        double x = tick_x(&frame, &ticks[i]), half = sg_text_width(text, style, ticks[i].label) / 2;
        if (x - half < free_from || x + half > frame.plot_width || (x + half > tag_left - 4 && x - half < tag_right + 4))
            continue;
        sg_text_draw(text, cr, style, ticks[i].label, x, middle, 0.5, ticks[i].bold ? &theme->text : &theme->text_dim);
        free_from = x + half + 8;
    }
    if (dashboard->data.history && !zone_covered)
        sg_text_draw(text, cr, SG_TEXT_CAPTION, zone, zone_x, middle, 0, &theme->text_dim);
    if (*tag) {
        double tag_height = sg_text_height(text, SG_TEXT_TAG) + 2 * TAG_PAD;
        sg_plot_pill(cr, tag_left, middle - tag_height / 2, tag_right - tag_left, tag_height, 3);
        sg_plot_source_color(cr, &theme->tag_background, 1);
        cairo_fill(cr);
        sg_text_draw(text, cr, SG_TEXT_TAG, tag, (tag_left + tag_right) / 2, middle, 0.5, &theme->tag_text);
    }
}
