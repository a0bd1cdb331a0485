/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as files: written beside their place and renamed, so that nobody ever finds half of one. */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dashboard_private.h"
#include "spreadglass/base/clock.h"

enum format { PNG, SVG, PDF, UNKNOWN };

#define SIZE_MIN 120.0
#define SIZE_MAX_UNITS 16000.0
#define PIXELS_MAX 30000.0      /* Cairo's image surfaces end at 32767 */
#define AREA_MAX 2.0e8          /* 800 MB of pixels */

/* PNG: pixels, packed when they are written. SVG and PDF: finished text in memory, small because what is drawn is one stretch a pixel. */
struct sg_drawn {
    enum format format;
    char *file;
    cairo_surface_t *pixels;
    unsigned char *text;
    size_t length, capacity;
    mode_t mask;                /* rights that this person's new files do not get; read where it is drawn, because reading it sets it for a moment */
};

struct sink { int descriptor, error; };

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned length)
{
    struct sink *sink = closure;
    while (length > 0) {
        ssize_t written = write(sink->descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            sink->error = written < 0 ? errno : EIO;
            return CAIRO_STATUS_WRITE_ERROR;
        }
        bytes += written;
        length -= (unsigned)written;
    }
    return CAIRO_STATUS_SUCCESS;
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
    mode_t mask = umask(0);
    umask(mask);
    *drawn = (struct sg_drawn){.format = format, .file = copy, .mask = mask};
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

static enum sg_status write_content(const struct sg_drawn *drawn, int descriptor, struct sg_error *error)
{
    struct sink sink = {.descriptor = descriptor};
    cairo_status_t status = CAIRO_STATUS_SUCCESS;
    if (drawn->format == PNG)
        status = cairo_surface_write_to_png_stream(drawn->pixels, write_bytes, &sink);
    for (size_t done = 0; drawn->format != PNG && done < drawn->length && status == CAIRO_STATUS_SUCCESS;) {
        size_t piece = drawn->length - done < (1U << 20) ? drawn->length - done : 1U << 20;
        status = write_bytes(&sink, drawn->text + done, (unsigned)piece);
        done += piece;
    }
    if (sink.error)
        return sg_fail(error, SG_ERR_IO, "cannot write '%s': %s", drawn->file, strerror(sink.error));
    return status == CAIRO_STATUS_SUCCESS ? SG_OK : cairo_failed(drawn->file, status, error);
}

enum sg_status sg_drawn_write(struct sg_drawn *drawn, struct sg_error *error)
{
    const char *file = drawn->file;
    char partial[4096];
    int length = snprintf(partial, sizeof partial, "%s.XXXXXX", file);
    if (length < 0 || (size_t)length >= sizeof partial)
        return sg_fail(error, SG_ERR_INVALID, "the name of the picture is too long");
    int descriptor = mkostemp(partial, O_CLOEXEC);
    if (descriptor < 0)
        return sg_fail(error, SG_ERR_IO, "cannot create '%s': %s", file, strerror(errno));
    enum sg_status status = write_content(drawn, descriptor, error);
    /* mkstemp makes private files; a picture gets the rights that any new file of this person gets. */
    if (status == SG_OK && (fchmod(descriptor, 0666 & ~drawn->mask) != 0 || fsync(descriptor) != 0))
        status = sg_fail(error, SG_ERR_IO, "cannot write '%s': %s", file, strerror(errno));
    if (close(descriptor) != 0 && status == SG_OK)
        status = sg_fail(error, SG_ERR_IO, "cannot write '%s': %s", file, strerror(errno));
    if (status == SG_OK && rename(partial, file) != 0)
        status = sg_fail(error, SG_ERR_IO, "cannot write '%s': %s", file, strerror(errno));
    if (status != SG_OK)
        unlink(partial);
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

enum sg_status sg_dashboard_draw_file(struct sg_dashboard *dashboard, const char *file, const struct sg_dashboard_header *header, const struct sg_viewport *view,
                                      const struct sg_theme *theme, const char *font, double width, double height, double scale, struct sg_drawn **ret_drawn,
                                      struct sg_error *error)
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

enum sg_status sg_dashboard_save_pane(struct sg_dashboard *dashboard, const char *file, enum sg_pane pane, const char *title,
                                      const struct sg_viewport *view, const struct sg_theme *theme, const char *font, double width, double height,
                                      double scale, struct sg_error *error)
{
    struct sg_drawn *drawn = NULL;
    enum sg_status status = sg_dashboard_draw_pane_file(dashboard, file, pane, title, view, theme, font, width, height, scale, &drawn, error);
    return write_and_free(status, drawn, error);
}
