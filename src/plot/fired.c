/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/fired.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dashboard_private.h"
#include "spreadglass/base/decimal.h"

static bool same_marks(const struct sg_fired_mark *one, const struct sg_fired_mark *two, size_t count)
{
    for (size_t i = 0; i < count; i++) /* field by field: padding may differ */
        if (one[i].time_us != two[i].time_us || one[i].side != two[i].side || one[i].threshold != two[i].threshold)
            return false;
    return true;
}

bool sg_dashboard_set_fired(struct sg_dashboard *dashboard, bool known, const struct sg_fired_mark *marks, size_t count)
{
    struct fired_marks *own = &dashboard->fired;
    if (!known)
        count = 0;
    if (known == own->known && count == own->count && same_marks(marks, own->list, count))
        return false;
    struct sg_fired_mark *copy = NULL;
    if (count > 0) {
        copy = malloc(count * sizeof *copy);
        if (!copy)
            return false;
        memcpy(copy, marks, count * sizeof *copy);
    }
    struct time_list side[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    bool whole = true;
    for (size_t i = 0; i < count; i++)
        whole = whole && sg_plot_note_time(&side[copy[i].side > 0], copy[i].time_us);
    for (int i = 0; i < 2; i++)
        free(whole ? own->side[i].time_us : side[i].time_us);
    if (!whole) {
        free(copy);
        return false;
    }
    free(own->list);
    *own = (struct fired_marks){.known = known, .list = copy, .count = count, .side = {side[0], side[1]}};
    return true;
}

/* The first mark at or after a time. */
static size_t fired_from(const struct sg_dashboard *dashboard, int64_t time_us)
{
    size_t low = 0, high = dashboard->fired.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dashboard->fired.list[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The mark of the bar of this time; NULL: none. */
static const struct sg_fired_mark *fired_at(const struct sg_dashboard *dashboard, int64_t time_us)
{
    size_t i = fired_from(dashboard, time_us);
    return i < dashboard->fired.count && dashboard->fired.list[i].time_us == time_us ? &dashboard->fired.list[i] : NULL;
}

size_t sg_dashboard_fired_text(const struct sg_dashboard *dashboard, size_t row, char *buffer, size_t size)
{
    if (size == 0)
        return 0;
    buffer[0] = '\0';
    if (row >= dashboard->length)
        return 0;
    const struct sg_fired_mark *mark = fired_at(dashboard, dashboard->data.history->time_us[row]);
    bool marked = sg_plot_flags(dashboard, row) & SG_ROW_ALERT_RAISED;
    int length = 0;
    if (mark) {
        char threshold[SG_DECIMAL_BUF];
        sg_decimal_from_double(mark->threshold, threshold);
        length = snprintf(buffer, size, mark->side > 0 ? "alert fired above +%s" : "alert fired below \xE2\x88\x92%s", threshold);
    } else if (marked) {
        length = snprintf(buffer, size, "%s", dashboard->fired.known ? "would fire at this threshold" : "alert fired");
    }
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}
