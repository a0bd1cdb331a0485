/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text_private.h"
#include <math.h>
#include <pango/pangocairo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 512u /* a power of two */
#define PROBES 8u  /* places where one string may live; the least recently used of them gives way */
#define KEY_MAX 120

struct entry {
    PangoLayout *layout;
    uint64_t used;
    enum sg_text_style style;
    int width, height; /* px */
    char string[KEY_MAX];
};

struct sg_text {
    PangoContext *context;
    PangoFontDescription *font[SG_TEXT_STYLE_COUNT];
    PangoAttrList *attributes;
    char description[128];
    uint64_t clock;
    struct entry entry[SLOTS];
    struct entry scratch; /* strings too long to keep */
};

static const struct {
    double size;
    PangoWeight weight;
    PangoStyle slant;
} styles[SG_TEXT_STYLE_COUNT] = {
    [SG_TEXT_AXIS] = {0.85, PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL},    [SG_TEXT_AXIS_BOLD] = {0.85, PANGO_WEIGHT_BOLD, PANGO_STYLE_NORMAL},
    [SG_TEXT_LEGEND] = {0.9, PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL},   [SG_TEXT_LEGEND_BOLD] = {0.9, PANGO_WEIGHT_SEMIBOLD, PANGO_STYLE_NORMAL},
    [SG_TEXT_TAG] = {0.85, PANGO_WEIGHT_MEDIUM, PANGO_STYLE_NORMAL},     [SG_TEXT_NOTE] = {1.0, PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL},
    [SG_TEXT_CAPTION] = {0.8, PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL},  [SG_TEXT_VALUE] = {1.15, PANGO_WEIGHT_SEMIBOLD, PANGO_STYLE_NORMAL},
    [SG_TEXT_TITLE] = {1.15, PANGO_WEIGHT_BOLD, PANGO_STYLE_NORMAL},     [SG_TEXT_LEGEND_NOW] = {0.9, PANGO_WEIGHT_NORMAL, PANGO_STYLE_ITALIC},
    [SG_TEXT_TAG_NOW] = {0.85, PANGO_WEIGHT_MEDIUM, PANGO_STYLE_ITALIC}, [SG_TEXT_TAG_NOW_SMALL] = {0.74, PANGO_WEIGHT_MEDIUM, PANGO_STYLE_ITALIC},
};

struct sg_text *sg_text_new(void)
{
    struct sg_text *text = calloc(1, sizeof *text);
    if (!text)
        return NULL;
    text->context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    pango_cairo_context_set_resolution(text->context, 96);
    /* Grey antialiasing whatever the target: a picture must not depend on the order of a screen's subpixels. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
    pango_cairo_context_set_font_options(text->context, options);
    cairo_font_options_destroy(options);
    text->attributes = pango_attr_list_new();
    pango_attr_list_insert(text->attributes, pango_attr_font_features_new("tnum=1"));
    sg_text_set_font(text, NULL);
    return text;
}

static void empty(struct sg_text *text)
{
    for (size_t i = 0; i < SLOTS; i++)
        g_clear_object(&text->entry[i].layout);
    g_clear_object(&text->scratch.layout);
}

void sg_text_free(struct sg_text *text)
{
    if (!text)
        return;
    empty(text);
    for (size_t i = 0; i < SG_TEXT_STYLE_COUNT; i++)
        pango_font_description_free(text->font[i]);
    pango_attr_list_unref(text->attributes);
    g_object_unref(text->context);
    free(text);
}

void sg_text_set_font(struct sg_text *text, const char *font)
{
    if (!font || !*font)
        font = "Inter, Cantarell, Noto Sans, Sans 10";
    if (strcmp(text->description, font) == 0)
        return;
    g_strlcpy(text->description, font, sizeof text->description);
    empty(text);
    for (size_t i = 0; i < SG_TEXT_STYLE_COUNT; i++) {
        PangoFontDescription *d = pango_font_description_from_string(text->description);
        int size = pango_font_description_get_size(d);
        size = (int)lround((size > 0 ? size : 10 * PANGO_SCALE) * styles[i].size);
        if (pango_font_description_get_size_is_absolute(d))
            pango_font_description_set_absolute_size(d, size);
        else
            pango_font_description_set_size(d, size);
        pango_font_description_set_weight(d, styles[i].weight);
        pango_font_description_set_style(d, styles[i].slant);
        pango_font_description_free(text->font[i]);
        text->font[i] = d;
    }
}

static void fill(struct sg_text *text, struct entry *entry, enum sg_text_style style, const char *string)
{
    if (!entry->layout) {
        entry->layout = pango_layout_new(text->context);
        pango_layout_set_attributes(entry->layout, text->attributes);
        pango_layout_set_single_paragraph_mode(entry->layout, TRUE);
    }
    pango_layout_set_font_description(entry->layout, text->font[style]);
    pango_layout_set_text(entry->layout, string, -1);
    pango_layout_get_pixel_size(entry->layout, &entry->width, &entry->height);
    entry->style = style;
}

static struct entry *find(struct sg_text *text, enum sg_text_style style, const char *string)
{
    size_t length = strlen(string);
    if (length >= KEY_MAX) {
        fill(text, &text->scratch, style, string);
        return &text->scratch;
    }
    uint32_t hash = 2166136261u ^ (uint32_t)style * 31u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)string[i]) * 16777619u;
    struct entry *oldest = NULL;
    text->clock++;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct entry *entry = &text->entry[((hash ^ hash >> 15) + i) & (SLOTS - 1)];
        if (entry->layout && entry->style == style && strcmp(entry->string, string) == 0) {
            entry->used = text->clock;
            return entry;
        }
        if (!oldest || !entry->layout || (oldest->layout && entry->used < oldest->used))
            oldest = entry;
    }
    fill(text, oldest, style, string);
    memcpy(oldest->string, string, length + 1);
    oldest->used = text->clock;
    return oldest;
}

void sg_text_measure(struct sg_text *text, enum sg_text_style style, const char *string, double *ret_width, double *ret_height)
{
    const struct entry *entry = find(text, style, string);
    *ret_width = entry->width;
    *ret_height = entry->height;
}

double sg_text_width(struct sg_text *text, enum sg_text_style style, const char *string)
{
    return find(text, style, string)->width;
}

double sg_text_height(struct sg_text *text, enum sg_text_style style)
{
    return find(text, style, "0")->height;
}

double sg_text_draw(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align,
                    const struct sg_color *color)
{
    struct entry *entry = find(text, style, string);
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, color->alpha);
    /* Whole units: hinted glyphs look the same wherever the string stands. */
    cairo_move_to(cr, round(x - align * entry->width), round(y - entry->height / 2.0));
    pango_cairo_show_layout(cr, entry->layout);
    cairo_new_path(cr);
    return entry->width;
}

void sg_text_draw_within(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double room,
                         const struct sg_color *color)
{
    double width = sg_text_width(text, style, string), part = width > room && room > 0 ? room / width : 1;
    if (part >= 1) {
        sg_text_draw(text, cr, style, string, x, y, 0, color);
        return;
    }
    double height = find(text, style, string)->height; /* inside the box that it would have at its own size */
    cairo_save(cr);
    cairo_translate(cr, x, round(y - height / 2) + height * (1 - part) / 2);
    cairo_scale(cr, part, part);
    sg_text_draw(text, cr, style, string, 0, height / 2, 0, color);
    cairo_restore(cr);
}
