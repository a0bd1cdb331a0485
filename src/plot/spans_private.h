/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Marks that are functions of x, drawn straight into the pixels of an image surface.
 *
 * A line, a band or a filled area covers one stretch of y at each x. Kept as such stretches at four places per device pixel, with exact
 * coverage in y, it is antialiased and costs a hundredth of a stroked path. Only for image surfaces drawn upright at whole device pixels;
 * for everything else (SVG, PDF, recordings, odd transformations) begin says no and the caller strokes with Cairo. */
#include "dashboard_private.h"

#define SPANS_PER_PIXEL 4

struct spans {
    const struct frame *frame;
    unsigned char *pixels; /* of the plot area's upper left corner */
    int stride;
    int left, top, right, bottom; /* device pixels that may be touched, relative to that corner */
    float *low, *high;            /* per sub-column; low > high: nothing */
    size_t count;
};

bool sg_spans_begin(struct spans *spans, const struct frame *frame);
/* A straight piece of a line that is `width` units thick. Units of the frame; x0 <= x1. */
void sg_spans_segment(struct spans *spans, double x0, double y0, double x1, double y1, double width);
/* What lies between two straight edges, from (x0; a0, b0) to (x1; a1, b1). */
void sg_spans_area(struct spans *spans, double x0, double a0, double b0, double x1, double a1, double b1);
/* A whole column of device pixels. */
void sg_spans_column(struct spans *spans, size_t column, double top, double bottom);
/* Paints one upright square of whole device pixels at once, its corner nearest to (x, y). */
void sg_spans_square(const struct spans *spans, double x, double y, double size, const struct sg_color *color);
/* Paints what was added, and forgets it. */
void sg_spans_fill(struct spans *spans, const struct sg_color *color, double alpha);
