/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole dashboard as one picture: what `render` and the exports write, in the window's own proportions. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "dashboard_private.h"

#define TITLE_HEIGHT 44.0
#define BANNER_HEIGHT 40.0
#define STATS_HEIGHT 46.0
#define MARGIN 14.0
#define VERDICT_LINES 4
#define VERDICT_ROOM 1024 /* bytes: as long as any verdict */

static void box(cairo_t *cr, const struct sg_color *color, double x, double y, double width, double height)
{
    sg_plot_source_color(cr, color, 1);
    cairo_rectangle(cr, x, y, width, height);
    cairo_fill(cr);
}

static double draw_title(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_theme *theme, double width)
{
    struct sg_text *text = dashboard->text;
    box(cr, &theme->panel, 0, 0, width, TITLE_HEIGHT);
    double right = width - MARGIN;
    if (header->status && *header->status) {
        double needed = sg_text_width(text, SG_TEXT_LEGEND, header->status) + 22;
        double height = sg_text_height(text, SG_TEXT_LEGEND) + 8;
        right -= needed;
        sg_plot_pill(cr, right, TITLE_HEIGHT / 2 - height / 2, needed, height, height / 2);
        sg_plot_source_color(cr, &theme->text, 0.09);
        cairo_fill(cr);
        sg_text_draw(text, cr, SG_TEXT_LEGEND, header->status, right + needed / 2, TITLE_HEIGHT / 2, 0.5, &theme->text);
    }
    if (header->title) {
        cairo_save(cr);
        cairo_rectangle(cr, 0, 0, fmax(right - 8, 0), TITLE_HEIGHT);
        cairo_clip(cr);
        sg_text_draw(text, cr, SG_TEXT_TITLE, header->title, MARGIN, TITLE_HEIGHT / 2, 0, &theme->text);
        cairo_restore(cr);
    }
    return TITLE_HEIGHT;
}

static double draw_banner(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_theme *theme, double y,
                          double width)
{
    const struct sg_color *frame = header->banner_up ? &theme->threshold : &theme->focus, *words = header->banner_outlined ? &theme->text : &theme->alert_text;
    box(cr, header->banner_outlined ? &theme->panel : header->banner_up ? &theme->alert_background : &theme->alert_below, 0, y, width, BANNER_HEIGHT);
    if (header->banner_outlined) {
        sg_plot_source_color(cr, frame, 1);
        cairo_set_line_width(cr, 2);
        cairo_rectangle(cr, 1, y + 1, width - 2, BANNER_HEIGHT - 2);
        cairo_stroke(cr);
    }
    double middle = y + BANNER_HEIGHT / 2, sign = header->banner_up ? -1 : 1;
    sg_plot_source_color(cr, header->banner_outlined ? frame : &theme->alert_text, 1);
    cairo_move_to(cr, MARGIN, middle - sign * 5);
    cairo_line_to(cr, MARGIN + 13, middle - sign * 5);
    cairo_line_to(cr, MARGIN + 6.5, middle + sign * 6.5);
    cairo_close_path(cr);
    cairo_fill(cr);
    cairo_save(cr);
    cairo_rectangle(cr, 0, y, width - MARGIN, BANNER_HEIGHT);
    cairo_clip(cr);
    sg_text_draw(dashboard->text, cr, SG_TEXT_NOTE, header->banner, MARGIN + 24, middle, 0, words);
    cairo_restore(cr);
    return BANNER_HEIGHT;
}

/* Each column as wide as it needs, the rest shared: long names never run into their neighbours. */
static double draw_statistics(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_theme *theme, double y,
                              double width)
{
    struct sg_text *text = dashboard->text;
    const double least_gap = 14;
    struct sg_color ink = theme->text;
    ink.alpha *= header->stale ? SG_STALE_ALPHA : 1;
    box(cr, &theme->panel, 0, y, width, STATS_HEIGHT);
    double needed = 0;
    size_t count = 0;
    for (; count < header->stat_count; count++) {
        double column = fmax(sg_text_width(text, SG_TEXT_CAPTION, header->stat_names[count]), sg_text_width(text, SG_TEXT_VALUE, header->stat_values[count]));
        if (needed + column + (double)count * least_gap > width - 2 * MARGIN)
            break;
        needed += column;
    }
    double gap = count > 0 ? fmin((width - 2 * MARGIN - needed) / (double)count, 64) : 0;
    double x = MARGIN, caption = sg_text_height(text, SG_TEXT_CAPTION), value = sg_text_height(text, SG_TEXT_VALUE);
    double top = y + (STATS_HEIGHT - caption - value) / 2;
    for (size_t i = 0; i < count; i++) {
        double a = sg_text_draw(text, cr, SG_TEXT_CAPTION, header->stat_names[i], x, top + caption / 2, 0, &theme->text_dim);
        double b = sg_text_draw(text, cr, SG_TEXT_VALUE, header->stat_values[i], x, top + caption + value / 2, 0, &ink);
        x += fmax(a, b) + gap;
    }
    return STATS_HEIGHT;
}

/* As many lines as the words need, up to a ceiling; what would go beyond it ends in an ellipsis. */
static double draw_verdict(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_theme *theme, double y,
                           double width)
{
    struct sg_text *text = dashboard->text;
    char lines[VERDICT_LINES][VERDICT_ROOM], wider[VERDICT_ROOM];
    size_t count = 0;
    const char *at = header->verdict;
    double step = sg_text_height(text, SG_TEXT_LEGEND) + 2;
    struct sg_color ink = theme->text;
    ink.alpha *= header->stale ? SG_STALE_ALPHA : 1;
    while (*at && count < VERDICT_LINES) {
        char *line = lines[count++];
        line[0] = '\0';
        while (*at) {
            size_t word = strcspn(at, " ");
            snprintf(wider, sizeof wider, "%s%s%.*s", line, line[0] ? " " : "", (int)word, at);
            if (line[0] && sg_text_width(text, SG_TEXT_LEGEND, wider) > width - 2 * MARGIN)
                break;
            memcpy(line, wider, sizeof wider);
            at += word;
            at += strspn(at, " ");
        }
    }
    if (*at)
        snprintf(lines[count - 1] + strlen(lines[count - 1]), VERDICT_ROOM - strlen(lines[count - 1]), "\xE2\x80\xA6");
    double height = (double)count * step + 8;
    box(cr, &theme->panel, 0, y, width, height);
    cairo_save(cr);
    cairo_rectangle(cr, 0, y, width, height);
    cairo_clip(cr);
    for (size_t i = 0; i < count; i++)
        sg_text_draw(text, cr, SG_TEXT_LEGEND, lines[i], MARGIN, y + ((double)i + 0.5) * step + 2, 0, &ink);
    cairo_restore(cr);
    return height;
}

static void draw_pane_at(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                         const char *font, double top, double width, double height)
{
    cairo_save(cr);
    cairo_translate(cr, 0, top);
    sg_dashboard_draw_pane(dashboard, cr, pane, view, theme, font, width, height);
    sg_dashboard_draw_overlay(dashboard, cr, pane, view, theme, font, width, height, SIZE_MAX, -1);
    cairo_restore(cr);
}

void sg_plot_draw_one(struct sg_dashboard *dashboard, cairo_t *cr, enum sg_pane pane, const struct sg_viewport *view, const struct sg_theme *theme,
                      const char *font, double width, double height)
{
    struct pane_memory memory = dashboard->memory[pane];
    memset(&dashboard->memory[pane], 0, sizeof memory);
    /* The scatter's foot is its own axis: time has no place under it. */
    double foot = pane == SG_PANE_SCATTER ? 0 : SG_TIME_AXIS_HEIGHT;
    draw_pane_at(dashboard, cr, pane, view, theme, font, 0, width, height - foot);
    if (foot > 0) {
        cairo_save(cr);
        cairo_translate(cr, 0, height - foot);
        sg_dashboard_draw_time_axis(dashboard, cr, view, theme, font, width, foot, SIZE_MAX);
        cairo_restore(cr);
    }
    dashboard->memory[pane] = memory;
}

size_t sg_panes_time_axis_after(const struct sg_pane_share *panes, size_t count)
{
    while (count > 0 && panes[count - 1].pane == SG_PANE_SCATTER)
        count--;
    return count > 0 ? count - 1 : SIZE_MAX;
}

void sg_dashboard_draw(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_dashboard_header *header, const struct sg_viewport *view,
                       const struct sg_theme *theme, const char *font, double width, double height)
{
    static const struct sg_pane_share usual[SG_PANE_COUNT] = {{SG_PANE_PRICE, 1.15}, {SG_PANE_SPREAD, 1}, {SG_PANE_ZSCORE, 1}, {SG_PANE_CORRELATION, 0.85}};
    const struct sg_pane_share *panes = dashboard->pane_count ? dashboard->panes : usual;
    size_t pane_count = dashboard->pane_count ? dashboard->pane_count : SG_PANE_COUNT;
    if (!(width > 0) || !(height > 0))
        return;
    /* A picture taken while the window shows another view must not change how the window's axes hold still. */
    struct pane_memory memory[SG_PANE_ALL];
    memcpy(memory, dashboard->memory, sizeof memory);
    memset(dashboard->memory, 0, sizeof dashboard->memory);
    sg_text_set_font(dashboard->text, font ? font : theme->font);

    cairo_save(cr);
    box(cr, &theme->background, 0, 0, width, height);
    double y = 0, total = 0;
    if (header) {
        if (header->title || header->status)
            y += draw_title(dashboard, cr, header, theme, width);
        if (header->banner)
            y += draw_banner(dashboard, cr, header, theme, y, width);
        if (header->stat_count > 0)
            y += draw_statistics(dashboard, cr, header, theme, y, width);
        if (header->verdict && *header->verdict)
            y += draw_verdict(dashboard, cr, header, theme, y, width);
    }
    for (size_t i = 0; i < pane_count; i++)
        total += panes[i].share;
    size_t axis_after = sg_panes_time_axis_after(panes, pane_count);
    double foot = axis_after == SIZE_MAX ? 0 : SG_TIME_AXIS_HEIGHT;
    double room = fmax(height - y - foot, 0), end = y, done = 0, above = 0;
    for (size_t i = 0; i < pane_count; i++) {
        box(cr, &theme->separator, 0, end, width, 1);
        done += panes[i].share;
        double top = end + 1;
        end = y + round(room * done / total) + above;
        if (end - top >= 8)
            draw_pane_at(dashboard, cr, panes[i].pane, view, theme, font, top, width, end - top);
        if (i != axis_after)
            continue;
        cairo_save(cr);
        cairo_translate(cr, 0, end);
        sg_dashboard_draw_time_axis(dashboard, cr, view, theme, font, width, i + 1 < pane_count ? foot : fmax(height - end, 1), SIZE_MAX);
        cairo_restore(cr);
        above = foot;
        end += foot;
    }
    cairo_restore(cr);
    memcpy(dashboard->memory, memory, sizeof memory);
}
