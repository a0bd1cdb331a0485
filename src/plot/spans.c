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
        double low = y - thick > top ? y - thick : top, high = y + thick < bottom ? y + thick : bottom;
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
        include(spans, i, a < b ? a : b, a < b ? b : a);
    }
}

void sg_spans_column(struct spans *spans, size_t column, double top, double bottom)
{
    double scale = spans->frame->scale;
    for (size_t i = column * SPANS_PER_PIXEL; i < (column + 1) * SPANS_PER_PIXEL && i < spans->count; i++)
        include(spans, i, top * scale, bottom * scale);
}

/* --- painting ---------------------------------------------------------------------------------------------------------------- */

#define GROUP 16 /* columns painted together: their pixels of one row share a cache line */

typedef uint32_t pixels4 __attribute__((vector_size(16)));
typedef int32_t mask4 __attribute__((vector_size(16)));

static inline float smaller(float a, float b)
{
    return a < b ? a : b;
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

/* Colour over what is there, two channels at a time; `part` 0..256. Right for RGB24, and for ARGB32 that was opaque. */
static inline uint32_t over(uint32_t pixel, uint32_t color, uint32_t part)
{
    const uint32_t pair = UINT32_C(0x00FF00FF), half = UINT32_C(0x00800080);
    uint32_t even = ((pixel & pair) * (256 - part) + (color & pair) * part + half) >> 8 & pair;
    uint32_t odd = (pixel >> 8 & pair) * (256 - part) + (color >> 8 & pair) * part + half;
    return even | (odd & ~pair);
}

static inline pixels4 over4(pixels4 pixel, uint32_t color, uint32_t part)
{
    const uint32_t pair = UINT32_C(0x00FF00FF), half = UINT32_C(0x00800080);
    pixels4 even = (((pixel & pair) * (256 - part) + ((color & pair) * part + half)) >> 8) & pair;
    pixels4 odd = ((pixel >> 8) & pair) * (256 - part) + ((color >> 8 & pair) * part + half);
    return even | (odd & ~pair);
}

struct column {
    float top, bottom;
    int from, to, full_from, full_to;
};

/* Rows a column touches, and those among them that it covers wholly. */
static struct column measure(const struct spans *spans, int x)
{
    const float *low = spans->low + (size_t)x * SPANS_PER_PIXEL, *high = spans->high + (size_t)x * SPANS_PER_PIXEL;
    struct column c = {.top = INFINITY, .bottom = -INFINITY};
    float inner_top = -INFINITY, inner_bottom = INFINITY, clip_top = (float)spans->top, clip_bottom = (float)spans->bottom;
    for (int k = 0; k < SPANS_PER_PIXEL; k++) {
        c.top = smaller(c.top, low[k]);
        c.bottom = larger(c.bottom, high[k]);
        inner_top = larger(inner_top, low[k]);
        inner_bottom = smaller(inner_bottom, high[k]);
    }
    if (!(c.top < c.bottom) || c.bottom <= clip_top || c.top >= clip_bottom)
        return c;
    c.from = (int)larger(c.top, clip_top); /* not negative: truncation is floor */
    float end = smaller(c.bottom, clip_bottom);
    c.to = (int)end + ((float)(int)end < end);
    inner_top = smaller(larger(inner_top, clip_top), clip_bottom);
    c.full_from = (int)inner_top + ((float)(int)inner_top < inner_top);
    c.full_to = (int)smaller(larger(inner_bottom, clip_top), clip_bottom);
    if (c.full_from >= c.full_to)
        c.full_from = c.full_to = c.to;
    return c;
}

/* The rows that the column covers in part. */
static void paint_edges(const struct spans *spans, int x, const struct column *c, uint32_t color, float strength)
{
    const float *low = spans->low + (size_t)x * SPANS_PER_PIXEL, *high = spans->high + (size_t)x * SPANS_PER_PIXEL;
    for (int y = c->from; y < c->to; y++) {
        if (y == c->full_from && c->full_to > y) {
            y = c->full_to - 1;
            continue;
        }
        float covered = 0;
        for (int k = 0; k < SPANS_PER_PIXEL; k++)
            covered += larger(smaller(high[k], (float)y + 1) - larger(low[k], (float)y), 0);
        uint32_t pixel, part = (uint32_t)(covered * strength + 0.5F);
        unsigned char *at = spans->pixels + (ptrdiff_t)y * spans->stride + (ptrdiff_t)x * 4;
        memcpy(&pixel, at, 4);
        pixel = over(pixel, color, part > 256 ? 256 : part);
        memcpy(at, &pixel, 4);
    }
}

/* The rows that columns cover wholly, sixteen columns at once, row by row as memory lies. */
static void paint_full(const struct spans *spans, int x, const struct column column[GROUP], uint32_t color, uint32_t part)
{
    mask4 from[GROUP / 4], to[GROUP / 4];
    int first = INT32_MAX, end = INT32_MIN;
    for (int i = 0; i < GROUP; i++) {
        from[i / 4][i % 4] = column[i].full_from;
        to[i / 4][i % 4] = column[i].full_to;
        if (column[i].full_from < column[i].full_to) {
            first = column[i].full_from < first ? column[i].full_from : first;
            end = column[i].full_to > end ? column[i].full_to : end;
        }
    }
    for (int y = first; y < end; y++) {
        unsigned char *row = spans->pixels + (ptrdiff_t)y * spans->stride + (ptrdiff_t)x * 4;
        for (int i = 0; i < GROUP / 4; i++) {
            pixels4 before, mask = (pixels4)((from[i] <= y) & (to[i] > y));
            memcpy(&before, row + i * 16, 16);
            pixels4 after = part == 256 ? (pixels4){color, color, color, color} : over4(before, color, part);
            after = (before & ~mask) | (after & mask);
            memcpy(row + i * 16, &after, 16);
        }
    }
}

static void paint_full_alone(const struct spans *spans, int x, const struct column *c, uint32_t color, uint32_t part)
{
    for (int y = c->full_from; y < c->full_to; y++) {
        uint32_t pixel;
        unsigned char *at = spans->pixels + (ptrdiff_t)y * spans->stride + (ptrdiff_t)x * 4;
        memcpy(&pixel, at, 4);
        pixel = over(pixel, color, part);
        memcpy(at, &pixel, 4);
    }
}

static uint32_t opaque_word(const struct sg_color *color)
{
    uint32_t red = (uint32_t)lround(color->red * 255), green = (uint32_t)lround(color->green * 255), blue = (uint32_t)lround(color->blue * 255);
    return UINT32_C(0xFF000000) | red << 16 | green << 8 | blue;
}

void sg_spans_square(const struct spans *spans, double x, double y, double size, const struct sg_color *color)
{
    double scale = spans->frame->scale, side = fmax(round(size * scale), 1);
    int left = (int)lround(x * scale), top = (int)lround(y * scale), right = left + (int)side, bottom = top + (int)side;
    left = left < spans->left ? spans->left : left;
    top = top < spans->top ? spans->top : top;
    right = right > spans->right ? spans->right : right;
    bottom = bottom > spans->bottom ? spans->bottom : bottom;
    uint32_t word = opaque_word(color), part = (uint32_t)lround(fmin(fmax(color->alpha, 0), 1) * 256);
    for (int row = top; row < bottom; row++)
        for (int column = left; column < right; column++) {
            uint32_t pixel;
            unsigned char *at = spans->pixels + (ptrdiff_t)row * spans->stride + (ptrdiff_t)column * 4;
            memcpy(&pixel, at, 4);
            pixel = over(pixel, word, part);
            memcpy(at, &pixel, 4);
        }
}

void sg_spans_fill(struct spans *spans, const struct sg_color *color, double alpha)
{
    alpha = fmin(fmax(alpha * color->alpha, 0), 1);
    uint32_t solid = opaque_word(color), part = (uint32_t)lround(alpha * 256);
    float strength = (float)(alpha * 256 / SPANS_PER_PIXEL);
    int end = spans->right;
    if ((size_t)end > spans->count / SPANS_PER_PIXEL)
        end = (int)(spans->count / SPANS_PER_PIXEL);
    for (int x = spans->left; x < end; x += GROUP) {
        struct column column[GROUP];
        int width = end - x < GROUP ? end - x : GROUP;
        for (int i = 0; i < width; i++) {
            column[i] = measure(spans, x + i);
            paint_edges(spans, x + i, &column[i], solid, strength);
            if (width < GROUP)
                paint_full_alone(spans, x + i, &column[i], solid, part);
        }
        if (width == GROUP)
            paint_full(spans, x, column, solid, part);
    }
    cairo_surface_mark_dirty(cairo_get_group_target(spans->frame->cr));
    forget(spans);
}
