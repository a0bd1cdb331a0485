/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as files: written beside their place and renamed, so that nobody ever finds half of one. */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "dashboard_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/replacement.h"

enum format { PNG, SVG, PDF, UNKNOWN };

#define SIZE_MIN 120.0
#define SIZE_MAX_UNITS 16000.0
#define PIXELS_MAX 30000.0 /* Cairo's image surfaces end at 32767 */
#define AREA_MAX 2.0e8     /* 800 MB of pixels */

/* PNG: pixels, packed when they are written. SVG and PDF: finished text in memory, small because what is drawn is one stretch a pixel. */
struct sg_drawn {
    enum format format;
    char *file;
    cairo_surface_t *pixels;
    unsigned char *text;
    size_t length, capacity;
};

struct sink {
    struct sg_replacement replacement;
    enum sg_status status;
    struct sg_error *error;
};

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned length)
{
    struct sink *sink = closure;
    sink->status = sg_replacement_write(&sink->replacement, bytes, length, sink->error);
    return sink->status == SG_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_status_t keep_bytes(void *closure, const unsigned char *bytes, unsigned length)
{
    struct sg_drawn *drawn = closure;
    if (drawn->capacity - drawn->length < length) {
        size_t capacity = drawn->capacity * 2 > drawn->length + length ? drawn->capacity * 2 : drawn->length + length + 65536;
        unsigned char *larger = realloc(drawn->text, capacity);
        if (!larger)
            return CAIRO_STATUS_NO_MEMORY;
        drawn->text = larger;
        drawn->capacity = capacity;
    }
    memcpy(drawn->text + drawn->length, bytes, length);
    drawn->length += length;
    return CAIRO_STATUS_SUCCESS;
}

static enum format format_of(const char *file)
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(slash ? slash : file, '.');
    if (!dot)
        return UNKNOWN;
    return strcasecmp(dot, ".png") == 0 ? PNG : strcasecmp(dot, ".svg") == 0 ? SVG : strcasecmp(dot, ".pdf") == 0 ? PDF : UNKNOWN;
}

static cairo_surface_t *surface_for(struct sg_drawn *drawn, double width, double height, double scale)
{
    if (drawn->format == SVG) {
        cairo_surface_t *surface = cairo_svg_surface_create_for_stream(keep_bytes, drawn, width, height);
        cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
        return surface;
    }
    if (drawn->format == PDF)
        return cairo_pdf_surface_create_for_stream(keep_bytes, drawn, width, height);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(width * scale), (int)lround(height * scale));
    cairo_surface_set_device_scale(surface, scale, scale);
    return surface;
}

/* The same input gives the same bytes: a PDF is dated by its newest bar and not by the clock. */
static void describe_pdf(const struct sg_dashboard *dashboard, cairo_surface_t *surface, const char *title)
{
    size_t newest = sg_plot_newest(dashboard);
    char date[SG_TIME_BUF];
    sg_time_format_iso(newest == SIZE_MAX ? 0 : sg_plot_row_time(dashboard, newest) / SG_US_PER_S * SG_US_PER_S, date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Spreadglass");
    if (title)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
}

typedef void (*draw_function)(struct sg_dashboard *dashboard, cairo_t *cr, void *context);

static enum sg_status cairo_failed(const char *file, cairo_status_t status, struct sg_error *error)
{
    if (status == CAIRO_STATUS_NO_MEMORY)
        return sg_fail(error, SG_ERR_NOMEM, "cannot draw '%s': out of memory; choose a smaller size or scale", file);
    return sg_fail(error, SG_ERR_IO, "cannot draw '%s': %s", file, cairo_status_to_string(status));
}

static enum sg_status draw_to(struct sg_dashboard *dashboard, struct sg_drawn *drawn, double width, double height, double scale, const char *title,
                              draw_function draw, void *context, struct sg_error *error)
{
    cairo_surface_t *surface = surface_for(drawn, width, height, scale);
    if (drawn->format == PDF)
        describe_pdf(dashboard, surface, title);
    cairo_t *cr = cairo_create(surface);
    draw(dashboard, cr, context);
    cairo_show_page(cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (drawn->format == PNG)
        cairo_surface_flush(surface);
    else
        cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    if (drawn->format == PNG)
        drawn->pixels = surface;
    else
        cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ? SG_OK : cairo_failed(drawn->file, status, error);
}

static enum sg_status draw_file(struct sg_dashboard *dashboard, const char *file, double width, double height, double scale, const char *title,
                                draw_function draw, void *context, struct sg_drawn **ret_drawn, struct sg_error *error)
{
    enum format format = format_of(file);
    if (format == UNKNOWN)
        return sg_fail(error, SG_ERR_INVALID, "cannot tell the format of '%s': end its name in .png, .svg or .pdf", file);
    if (!(width >= SIZE_MIN && height >= SIZE_MIN && width <= SIZE_MAX_UNITS && height <= SIZE_MAX_UNITS))
        return sg_fail(error, SG_ERR_INVALID, "a picture is between 120 and 16000 units wide and high");
    if (!(scale >= 0.25 && scale <= 8))
        return sg_fail(error, SG_ERR_INVALID, "the scale of a picture is between 0.25 and 8");
    if (format == PNG && (width * scale > PIXELS_MAX || height * scale > PIXELS_MAX || width * scale * height * scale > AREA_MAX))
        return sg_fail(error, SG_ERR_RANGE, "a picture of that size and scale has too many pixels; choose a smaller one, or .svg or .pdf");
    struct sg_drawn *drawn = calloc(1, sizeof *drawn);
    char *copy = strdup(file);
    if (!drawn || !copy) {
        free(drawn);
        free(copy);
        return sg_fail(error, SG_ERR_NOMEM, "no memory for a picture");
    }
    *drawn = (struct sg_drawn){.format = format, .file = copy};
    enum sg_status status = draw_to(dashboard, drawn, width, height, scale, title, draw, context, error);
    if (status != SG_OK) {
        sg_drawn_free(drawn);
        return status;
    }
    *ret_drawn = drawn;
    return SG_OK;
}

void sg_drawn_free(struct sg_drawn *drawn)
{
    if (!drawn)
        return;
    if (drawn->pixels)
        cairo_surface_destroy(drawn->pixels);
    free(drawn->text);
    free(drawn->file);
    free(drawn);
}

enum sg_status sg_drawn_write(struct sg_drawn *drawn, struct sg_error *error)
{
    struct sink sink = {.error = error};
    enum sg_status status = sg_replacement_begin(&sink.replacement, drawn->file, error);
    if (status != SG_OK)
        return status;
    if (drawn->format == PNG) {
        cairo_status_t packed = cairo_surface_write_to_png_stream(drawn->pixels, write_bytes, &sink);
        status = sink.status != SG_OK ? sink.status : packed == CAIRO_STATUS_SUCCESS ? SG_OK : cairo_failed(drawn->file, packed, error);
    } else {
        status = sg_replacement_write(&sink.replacement, drawn->text, drawn->length, error);
    }
    if (status == SG_OK)
        return sg_replacement_commit(&sink.replacement, error);
    sg_replacement_abandon(&sink.replacement);
    return status;
}

static enum sg_status write_and_free(enum sg_status status, struct sg_drawn *drawn, struct sg_error *error)
{
    if (status == SG_OK)
        status = sg_drawn_write(drawn, error);
    sg_drawn_free(drawn);
    return status;
}

struct picture {
    const struct sg_dashboard_header *header;
    const struct sg_viewport *view;
    const struct sg_theme *theme;
    const char *font;
    double width, height;
    enum sg_pane pane;
};

static void draw_picture(struct sg_dashboard *dashboard, cairo_t *cr, void *context)
{
    const struct picture *p = context;
    sg_dashboard_draw(dashboard, cr, p->header, p->view, p->theme, p->font, p->width, p->height);
}

enum sg_status sg_dashboard_draw_file(struct sg_dashboard *dashboard, const char *file, const struct sg_dashboard_header *header,
                                      const struct sg_viewport *view, const struct sg_theme *theme, const char *font, double width, double height, double scale,
                                      struct sg_drawn **ret_drawn, struct sg_error *error)
{
    struct picture picture = {header, view, theme, font, width, height, SG_PANE_ALL};
    return draw_file(dashboard, file, width, height, scale, header ? header->title : NULL, draw_picture, &picture, ret_drawn, error);
}

enum sg_status sg_dashboard_save(struct sg_dashboard *dashboard, const char *file, const struct sg_dashboard_header *header, const struct sg_viewport *view,
                                 const struct sg_theme *theme, const char *font, double width, double height, double scale, struct sg_error *error)
{
    struct sg_drawn *drawn = NULL;
    enum sg_status status = sg_dashboard_draw_file(dashboard, file, header, view, theme, font, width, height, scale, &drawn, error);
    return write_and_free(status, drawn, error);
}

static void draw_one(struct sg_dashboard *dashboard, cairo_t *cr, void *context)
{
    const struct picture *p = context;
    sg_plot_draw_one(dashboard, cr, p->pane, p->view, p->theme, p->font, p->width, p->height);
}

enum sg_status sg_dashboard_draw_pane_file(struct sg_dashboard *dashboard, const char *file, enum sg_pane pane, const char *title,
                                           const struct sg_viewport *view, const struct sg_theme *theme, const char *font, double width, double height,
                                           double scale, struct sg_drawn **ret_drawn, struct sg_error *error)
{
    if ((size_t)pane >= SG_PANE_ALL)
        return sg_fail(error, SG_ERR_INVALID, "there is no such pane");
    struct picture picture = {NULL, view, theme, font, width, height, pane};
    return draw_file(dashboard, file, width, height, scale, title, draw_one, &picture, ret_drawn, error);
}
