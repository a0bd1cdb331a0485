/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/viewport.h"
#include <math.h>

static bool has_data(const struct sg_viewport *view)
{
    return view->last >= view->first;
}

static double live_right(const struct sg_viewport *view)
{
    return view->last + view->margin * view->span;
}

static double widest_span(const struct sg_viewport *view)
{
    double extent = has_data(view) ? view->last - view->first + 1 : 0;
    return fmax(extent, SG_VIEW_WIDE_SPAN) * SG_VIEW_MAX_OVER;
}

/* A span that is already wider than the limit (the data shrank) is not forced closer by an unrelated movement. */
static double clamp_span(const struct sg_viewport *view, double span)
{
    double widest = fmax(widest_span(view), view->span);
    return fmin(fmax(span, SG_VIEW_MIN_SPAN), widest);
}

static void settle(struct sg_viewport *view)
{
    if (!has_data(view))
        return;
    double latest = live_right(view);
    double earliest = fmin(view->first + SG_VIEW_MIN_SPAN, latest);
    view->right = fmin(fmax(view->right, earliest), latest);
    view->follow = view->right >= latest - 1e-9 * view->span;
}

void sg_viewport_init(struct sg_viewport *view, double span)
{
    *view = (struct sg_viewport){.first = 0, .last = -1, .margin = SG_VIEW_MARGIN, .follow = true};
    view->span = isfinite(span) ? fmax(span, SG_VIEW_MIN_SPAN) : SG_VIEW_WIDE_SPAN;
}

void sg_viewport_set_extent(struct sg_viewport *view, double first, double last)
{
    if (!isfinite(first) || !isfinite(last))
        return;
    view->first = first;
    view->last = last;
    if (has_data(view) && view->follow)
        view->right = live_right(view);
}

void sg_viewport_zoom(struct sg_viewport *view, double fraction, double factor, bool at_cursor)
{
    if (!isfinite(fraction) || !isfinite(factor) || factor <= 0)
        return;
    double span = clamp_span(view, view->span * factor);
    if (!has_data(view) || (view->follow && !at_cursor)) {
        view->span = span;
        if (has_data(view))
            view->right = live_right(view);
        return;
    }
    double anchor = sg_viewport_slot_at(view, fraction);
    view->right = anchor + span * (1 - fraction);
    view->span = span;
    settle(view);
}

void sg_viewport_pan(struct sg_viewport *view, double slots)
{
    if (!isfinite(slots))
        return;
    view->right += slots;
    settle(view);
}

void sg_viewport_show(struct sg_viewport *view, double from, double to)
{
    if (!isfinite(from) || !isfinite(to))
        return;
    double low = fmin(from, to), high = fmax(from, to);
    double span = clamp_span(view, high - low);
    view->right = (low + high) / 2 + span / 2;
    view->span = span;
    view->follow = false;
    settle(view);
}

void sg_viewport_go_live(struct sg_viewport *view)
{
    view->follow = true;
    if (has_data(view))
        view->right = live_right(view);
}

void sg_viewport_go_first(struct sg_viewport *view)
{
    if (!has_data(view))
        return;
    view->right = view->first + view->span * (1 - view->margin);
    settle(view);
}

void sg_viewport_reset(struct sg_viewport *view, double span)
{
    if (isfinite(span))
        view->span = fmax(span, SG_VIEW_MIN_SPAN);
    sg_viewport_go_live(view);
}

bool sg_viewport_newest_visible(const struct sg_viewport *view)
{
    return has_data(view) && view->last <= view->right && view->last >= view->right - view->span;
}

double sg_viewport_slot_at(const struct sg_viewport *view, double fraction)
{
    return view->right - view->span * (1 - fraction);
}

double sg_viewport_fraction_of(const struct sg_viewport *view, double slot)
{
    return 1 - (view->right - slot) / view->span;
}
