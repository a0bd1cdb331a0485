/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spans_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Does the frame map to whole pixels of an image, and where is its corner? */
static bool geometry(struct spans *spans, const struct frame *frame)
{
    cairo_t *cr = frame->cr;
    cairo_surface_t *target = cairo_get_group_target(cr);
    if (cairo_surface_get_type(target) != CAIRO_SURFACE_TYPE_IMAGE || cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        return false;
    cairo_format_t format = cairo_image_surface_get_format(target);
    if (format != CAIRO_FORMAT_ARGB32 && format != CAIRO_FORMAT_RGB24)
        return false;
    cairo_matrix_t matrix;
    double scale_x, scale_y, offset_x, offset_y;
    cairo_get_matrix(cr, &matrix);
    cairo_surface_get_device_scale(target, &scale_x, &scale_y);
    cairo_surface_get_device_offset(target, &offset_x, &offset_y);
    if (matrix.xy != 0 || matrix.yx != 0 || !(matrix.xx > 0) || fabs(matrix.xx * scale_x - frame->scale) > 1e-9 ||
        fabs(matrix.yy * scale_y - frame->scale) > 1e-9)
        return false;
    double x = matrix.x0 * scale_x + offset_x, y = matrix.y0 * scale_y + offset_y;
    if (fabs(x - round(x)) > 1e-6 || fabs(y - round(y)) > 1e-6)
        return false;
    cairo_rectangle_list_t *clip = cairo_copy_clip_rectangle_list(cr);
    bool simple = clip->status == CAIRO_STATUS_SUCCESS && clip->num_rectangles == 1;
    cairo_rectangle_t area = simple ? clip->rectangles[0] : (cairo_rectangle_t){0};
    cairo_rectangle_list_destroy(clip);
    if (!simple)
        return false;
    int left = (int)lround(x), top = (int)lround(y), width = cairo_image_surface_get_width(target), height = cairo_image_surface_get_height(target);
    spans->left = (int)ceil(area.x * frame->scale - 1e-6);
    spans->top = (int)ceil(area.y * frame->scale - 1e-6);
    spans->right = (int)floor((area.x + area.width) * frame->scale + 1e-6);
    spans->bottom = (int)floor((area.y + area.height) * frame->scale + 1e-6);
    spans->left = spans->left < -left ? -left : spans->left;
    spans->top = spans->top < -top ? -top : spans->top;
    spans->right = spans->right > width - left ? width - left : spans->right;
    spans->bottom = spans->bottom > height - top ? height - top : spans->bottom;
    if (spans->left < 0)
        spans->left = 0;
    cairo_surface_flush(target);
    unsigned char *data = cairo_image_surface_get_data(target);
    if (!data || spans->left >= spans->right || spans->top >= spans->bottom)
        return false;
    spans->stride = cairo_image_surface_get_stride(target);
    spans->pixels = data + (ptrdiff_t)top * spans->stride + (ptrdiff_t)left * 4;
    return true;
}

static void forget(struct spans *spans)
{
    for (size_t i = 0; i < spans->count; i++) {
        spans->low[i] = INFINITY;
        spans->high[i] = -INFINITY;
    }
}

bool sg_spans_begin(struct spans *spans, const struct frame *frame)
{
    struct sg_dashboard *dashboard = frame->dashboard;
    *spans = (struct spans){.frame = frame};
    if (dashboard->strokes_only || !geometry(spans, frame))
        return false;
    spans->count = (size_t)ceil(frame->plot_width * frame->scale) * SPANS_PER_PIXEL;
    if (spans->count > dashboard->span_capacity) {
        float *larger = reallocarray(dashboard->span_store, spans->count, 2 * sizeof *larger);
        if (!larger)
            return false;
        dashboard->span_store = larger;
        dashboard->span_capacity = spans->count;
    }
    spans->low = dashboard->span_store;
    spans->high = dashboard->span_store + dashboard->span_capacity;
    forget(spans);
    return true;
}

static inline void include(struct spans *spans, size_t i, double low, double high)
{
    if (low < (double)spans->low[i])
        spans->low[i] = (float)low;
    if (high > (double)spans->high[i])
        spans->high[i] = (float)high;
}

/* Sub-columns whose middle lies in [from, to] device pixels. */
static bool sub_columns(const struct spans *spans, double from, double to, size_t *ret_first, size_t *ret_end)
{
    double first = ceil(from * SPANS_PER_PIXEL - 0.5), last = floor(to * SPANS_PER_PIXEL - 0.5);
    if (!(first <= (double)spans->count) || !(last >= 0) || first > last)
        return false;
    *ret_first = first < 0 ? 0 : (size_t)first;
    *ret_end = last >= (double)spans->count ? spans->count : (size_t)last + 1;
    return *ret_first < *ret_end;
}

void sg_spans_segment(struct spans *spans, double x0, double y0, double x1, double y1, double width)
{
    double scale = spans->frame->scale, half = width * scale / 2;
    x0 *= scale, y0 *= scale, x1 *= scale, y1 *= scale;
    double dx = fmax(x1 - x0, 1e-6), dy = y1 - y0, length = sqrt(dx * dx + dy * dy);
    double cosine = dx / length, sine = fabs(dy) / length, slope = dy / dx;
    /* A slanted line is thicker when cut upright; its ends are cut off square to it, which keeps peaks where they are. */
    double thick = half / cosine, bottom = fmax(y0, y1) + half * cosine, top = fmin(y0, y1) - half * cosine;
    size_t first, end;
    if (!sub_columns(spans, x0 - half * sine, x1 + half * sine, &first, &end))
        return;
    for (size_t i = first; i < end; i++) {
        double y = y0 + slope * (((double)i + 0.5) / SPANS_PER_PIXEL - x0);
        double low = fmax(y - thick, top), high = fmin(y + thick, bottom);
        if (low < high)
            include(spans, i, low, high);
    }
}

void sg_spans_area(struct spans *spans, double x0, double a0, double b0, double x1, double a1, double b1)
{
    double scale = spans->frame->scale;
    x0 *= scale, x1 *= scale;
    double dx = fmax(x1 - x0, 1e-6);
    size_t first, end;
    if (!sub_columns(spans, x0, x1, &first, &end))
        return;
    for (size_t i = first; i < end; i++) {
        double part = (((double)i + 0.5) / SPANS_PER_PIXEL - x0) / dx;
        double a = (a0 + (a1 - a0) * part) * scale, b = (b0 + (b1 - b0) * part) * scale;
        include(spans, i, fmin(a, b), fmax(a, b));
    }
}

void sg_spans_column(struct spans *spans, size_t column, double top, double bottom)
{
    double scale = spans->frame->scale;
    for (size_t i = column * SPANS_PER_PIXEL; i < (column + 1) * SPANS_PER_PIXEL && i < spans->count; i++)
        include(spans, i, top * scale, bottom * scale);
}

/* One pixel: colour over what is there; `part` 0..256. RGB24 ignores the fourth byte, ARGB32 stays opaque where it was. */
static inline void blend(unsigned char *pixel, const unsigned color[4], unsigned part)
{
    for (int i = 0; i < 4; i++)
        pixel[i] = (unsigned char)((pixel[i] * (256 - part) + color[i] * part + 128) >> 8);
}

static void paint_column(const struct spans *spans, int x, const unsigned color[4], uint32_t solid, double alpha)
{
    const float *low = spans->low + (size_t)x * SPANS_PER_PIXEL, *high = spans->high + (size_t)x * SPANS_PER_PIXEL;
    float top = INFINITY, bottom = -INFINITY, inner_top = -INFINITY, inner_bottom = INFINITY;
    for (int k = 0; k < SPANS_PER_PIXEL; k++) {
        top = fminf(top, low[k]);
        bottom = fmaxf(bottom, high[k]);
        inner_top = fmaxf(inner_top, low[k]);
        inner_bottom = fminf(inner_bottom, high[k]);
    }
    if (!(top < bottom))
        return;
    float clip_top = (float)spans->top, clip_bottom = (float)spans->bottom;
    if (bottom <= clip_top || top >= clip_bottom)
        return;
    int from = (int)floorf(fmaxf(top, clip_top)), to = (int)ceilf(fminf(bottom, clip_bottom));
    int full_from = (int)ceilf(fminf(fmaxf(inner_top, clip_top), clip_bottom)), full_to = (int)floorf(fmaxf(fminf(inner_bottom, clip_bottom), clip_top));
    if (full_from >= full_to)
        full_from = full_to = to;
    unsigned opaque = (unsigned)lround(alpha * 256);
    for (int y = from; y < to; y++) {
        unsigned char *pixel = spans->pixels + (ptrdiff_t)y * spans->stride + (ptrdiff_t)x * 4;
        if (y >= full_from && y < full_to) {
            if (opaque == 256)
                memcpy(pixel, &solid, 4);
            else
                blend(pixel, color, opaque);
            continue;
        }
        float covered = 0;
        for (int k = 0; k < SPANS_PER_PIXEL; k++)
            covered += fmaxf(fminf(high[k], (float)y + 1) - fmaxf(low[k], (float)y), 0);
        unsigned part = (unsigned)(covered * (float)(alpha * 256 / SPANS_PER_PIXEL) + 0.5F);
        blend(pixel, color, part > 256 ? 256 : part);
    }
}

void sg_spans_fill(struct spans *spans, const struct sg_color *color, double alpha)
{
    alpha = fmin(fmax(alpha * color->alpha, 0), 1);
    unsigned red = (unsigned)lround(color->red * 255), green = (unsigned)lround(color->green * 255), blue = (unsigned)lround(color->blue * 255);
    uint32_t solid = UINT32_C(0xFF000000) | red << 16 | green << 8 | blue; /* Cairo's formats are native words */
    unsigned char bytes[4];
    memcpy(bytes, &solid, 4);
    const unsigned channels[4] = {bytes[0], bytes[1], bytes[2], bytes[3]};
    for (int x = spans->left; x < spans->right && (size_t)x < spans->count / SPANS_PER_PIXEL; x++)
        paint_column(spans, x, channels, solid, alpha);
    cairo_surface_mark_dirty(cairo_get_group_target(spans->frame->cr));
    forget(spans);
}
