/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/missing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dashboard_private.h"

#define TOLD_MAX 4u /* causes that one text names */

enum sg_status sg_dashboard_set_missing(struct sg_dashboard *dashboard, const struct sg_missing *list, size_t count)
{
    struct sg_missing *copy = NULL;
    if (count > 0) {
        copy = malloc(count * sizeof *copy);
        if (!copy)
            return SG_ERR_NOMEM;
        memcpy(copy, list, count * sizeof *copy);
    }
    free(dashboard->missing.list);
    dashboard->missing.list = copy;
    dashboard->missing.count = count;
    return SG_OK;
}

/* --- words ----------------------------------------------------------------------------------------------------------------- */

static size_t add(char *buffer, size_t size, size_t at, const char *text)
{
    int length = snprintf(buffer + at, size - at, "%s", text);
    return length < 0 ? at : (size_t)length < size - at ? at + (size_t)length : size - 1;
}

/* "10:02:11–10:02:20"; the day as well where it is not the newest bar's. */
static void range_text(const struct sg_dashboard *dashboard, int64_t from_us, int64_t to_us, char buffer[static 120])
{
    char from[48], to[48] = "", newest[48] = "";
    bool utc = dashboard->data.utc;
    sg_time_label(from_us, 1000000, utc, false, from);
    if (to_us != INT64_MAX)
        sg_time_label(to_us, 1000000, utc, false, to);
    if (sg_plot_newest(dashboard) != SIZE_MAX)
        sg_time_label(sg_plot_row_time(dashboard, sg_plot_newest(dashboard)), 1000000, utc, false, newest);
    const char *clock = strrchr(from, ' '), *end = strrchr(to, ' ');
    size_t day = clock ? (size_t)(clock - from) + 1 : 0;
    bool today = day > 0 && strncmp(from, newest, day) == 0, same_day = day > 0 && strncmp(from, to, day) == 0;
    const char *first = today ? clock + 1 : from;
    if (to_us == INT64_MAX)
        snprintf(buffer, 120, "since %s", first);
    else
        snprintf(buffer, 120, "%s\xE2\x80\x93%s", first, same_day && end ? end + 1 : to);
}

static bool same_but_for_leg(const struct sg_missing *one, const struct sg_missing *two)
{
    return one->from_us == two->from_us && one->to_us == two->to_us && strcmp(one->cause, two->cause) == 0 && strcmp(one->state, two->state) == 0;
}

size_t sg_dashboard_missing_text(const struct sg_dashboard *dashboard, int64_t from_us, int64_t to_us, char *buffer, size_t size)
{
    const struct sg_missing *told[TOLD_MAX];
    unsigned legs[TOLD_MAX] = {0};
    size_t count = 0, more = 0, at = 0;
    if (size == 0)
        return 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < dashboard->missing.count; i++) {
        const struct sg_missing *entry = &dashboard->missing.list[i];
        if (entry->to_us <= from_us || entry->from_us >= to_us)
            continue;
        size_t k = 0;
        while (k < count && !same_but_for_leg(told[k], entry))
            k++;
        if (k == TOLD_MAX) {
            more++;
            continue;
        }
        if (k == count)
            told[count++] = entry;
        legs[k] |= 1u << (entry->leg & 1);
    }
    for (size_t k = 0; k < count; k++) {
        char text[SG_MISSING_TEXT], range[120];
        range_text(dashboard, told[k]->from_us, told[k]->to_us, range);
        snprintf(text, sizeof text, "%s%s%s%s: %s %s, %s", k ? "; " : "", legs[k] & 1 ? dashboard->data.symbol_a : "", legs[k] == 3 ? ", " : "",
                 legs[k] & 2 ? dashboard->data.symbol_b : "", told[k]->cause, range, told[k]->state);
        at = add(buffer, size, at, text);
    }
    if (more > 0) {
        char text[48];
        snprintf(text, sizeof text, "; and %zu more", more);
        at = add(buffer, size, at, text);
    }
    return at;
}

size_t sg_dashboard_missing_at(const struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double x, char *buffer, size_t size)
{
    double plot_width = fmax(width - SG_AXIS_WIDTH, 1);
    if (size == 0)
        return 0;
    buffer[0] = '\0';
    if (!dashboard->data.history || dashboard->length == 0 || !(x >= 0) || x >= plot_width)
        return 0;
    int64_t interval_us = dashboard->data.history->interval_us;
    double slot = round(sg_viewport_slot_at(view, x / plot_width));
    if (!(fabs(slot * (double)interval_us) < 9e18))
        return 0;
    int64_t from_us = (int64_t)slot * interval_us, to_us = from_us + interval_us;
    size_t after = sg_plot_lower_bound(dashboard, slot), newest = sg_plot_newest(dashboard);
    bool present = after <= newest && sg_plot_row_time(dashboard, after) < to_us;
    bool inside = !present && after > 0 && after <= newest && !sg_plot_joined(dashboard, after);
    if (inside) { /* the whole band */
        from_us = sg_plot_row_time(dashboard, after - 1) + interval_us;
        to_us = sg_plot_row_time(dashboard, after);
    }
    size_t length = sg_dashboard_missing_text(dashboard, from_us, to_us, buffer, size);
    if (length > 0 || !inside)
        return length;
    char range[120], text[SG_MISSING_TEXT];
    range_text(dashboard, from_us, to_us, range);
    snprintf(text, sizeof text, "no bars %s, cause not known", range);
    return add(buffer, size, 0, text);
}

/* --- on the picture -------------------------------------------------------------------------------------------------------- */

double sg_plot_lasting_from(const struct sg_dashboard *dashboard)
{
    int64_t from_us = INT64_MAX;
    size_t newest = sg_plot_newest(dashboard);
    if (newest == SIZE_MAX)
        return (double)NAN;
    for (size_t i = 0; i < dashboard->missing.count; i++)
        if (dashboard->missing.list[i].to_us == INT64_MAX && dashboard->missing.list[i].from_us < from_us)
            from_us = dashboard->missing.list[i].from_us;
    if (from_us == INT64_MAX)
        return (double)NAN;
    double begin = (double)from_us / (double)dashboard->data.history->interval_us - 0.5, edge = sg_plot_slot(dashboard, newest) + 0.5;
    return begin > edge ? begin : edge;
}

void sg_dashboard_draw_note(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_theme *theme, const char *font, double width, double height, double x,
                            double y, const char *text)
{
    if (!text || !*text || !(width > 0) || !(height > 0))
        return;
    sg_text_set_font(dashboard->text, font ? font : theme->font);
    double room = fmax(width - SG_AXIS_WIDTH, 1), needed = sg_text_width(dashboard->text, SG_TEXT_TAG, text) + 16,
           tall = sg_text_height(dashboard->text, SG_TEXT_TAG) + 6;
    double left = fmax(4, fmin(x - needed / 2, room - needed - 4)), top = fmax(2, fmin(y, height - tall - 2));
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, room, height);
    cairo_clip(cr);
    sg_plot_pill(cr, left, top, needed, tall, 4);
    sg_plot_source_color(cr, &theme->tag_background, 0.96);
    cairo_fill(cr);
    sg_text_draw(dashboard->text, cr, SG_TEXT_TAG, text, left + 8, top + tall / 2, 0, &theme->tag_text);
    cairo_restore(cr);
}
