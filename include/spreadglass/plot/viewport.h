/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What part of the time axis is in view: pure arithmetic, shared by all panes of a window.
 *
 * The unit is the slot: one interval of time. Slot s is the bar whose open time is s * interval (so gaps keep their width). `right` is the
 * slot at the right edge of the plot area, `span` how many slots are in view; both fractional. Follow: the view keeps the newest bar at its
 * place near the right edge; a view that a person has moved is never moved by data. Plain struct, one owner. */
#include <stdbool.h>
#include <stdint.h>

#define SG_VIEW_MIN_SPAN 10.0
#define SG_VIEW_MARGIN 0.02
#define SG_VIEW_MAX_OVER 1.2 /* zooming out stops at this many times the extent of the data (or of SG_VIEW_WIDE_SPAN, if that is more) */
#define SG_VIEW_WIDE_SPAN 120.0

struct sg_viewport {
    double right, span;
    double first, last; /* slots of the oldest and newest bar; last < first: no data */
    double margin;      /* empty room kept right of the newest bar while following, as a fraction of `span` */
    bool follow;
};

/* No data, following, SG_VIEW_MARGIN. Every function here accepts a view without data, ignores arguments that are not finite, keeps
 * span >= SG_VIEW_MIN_SPAN and, once there is data, right within [first + SG_VIEW_MIN_SPAN, last + margin * span]. A movement that
 * reaches the later bound follows again; any other movement stops following. */
void sg_viewport_init(struct sg_viewport *view, double span);
/* New extent of the data. Following: the view moves on with `last`; else the same bars stay in view. */
void sg_viewport_set_extent(struct sg_viewport *view, double first, double last);
/* Zooms by `factor` (< 1: closer) with the slot at `fraction` (0 left … 1 right of the plot area) staying where it is. While following and
 * unless `at_cursor`, the newest bar stays where it is instead. */
void sg_viewport_zoom(struct sg_viewport *view, double fraction, double factor, bool at_cursor);
void sg_viewport_pan(struct sg_viewport *view, double slots);            /* > 0: to later times */
void sg_viewport_show(struct sg_viewport *view, double from, double to); /* a span that a person chose */
void sg_viewport_go_live(struct sg_viewport *view);
void sg_viewport_go_first(struct sg_viewport *view);
void sg_viewport_reset(struct sg_viewport *view, double span); /* default span, following */
bool sg_viewport_newest_visible(const struct sg_viewport *view);
double sg_viewport_slot_at(const struct sg_viewport *view, double fraction);
double sg_viewport_fraction_of(const struct sg_viewport *view, double slot);
