/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Words on a picture: Pango layouts, made once and kept, because making one costs fifty times what drawing it does. */
#include <cairo.h>
#include <stddef.h>
#include "spreadglass/plot/theme.h"

enum sg_text_style {
    SG_TEXT_AXIS,
    SG_TEXT_AXIS_BOLD,
    SG_TEXT_LEGEND,
    SG_TEXT_LEGEND_BOLD,
    SG_TEXT_TAG,
    SG_TEXT_NOTE,
    SG_TEXT_CAPTION,
    SG_TEXT_VALUE,
    SG_TEXT_TITLE,
    SG_TEXT_LEGEND_NOW,
    SG_TEXT_TAG_NOW,
    SG_TEXT_TAG_NOW_SMALL, /* of a bar that may still change: in italics */
    SG_TEXT_STYLE_COUNT
};

struct sg_text;

struct sg_text *sg_text_new(void);
void sg_text_free(struct sg_text *text);
/* A Pango description ("Inter 10"); another one than before empties the store. NULL: Inter 10 or the nearest there is. */
void sg_text_set_font(struct sg_text *text, const char *font);
void sg_text_measure(struct sg_text *text, enum sg_text_style style, const char *string, double *ret_width, double *ret_height);
double sg_text_width(struct sg_text *text, enum sg_text_style style, const char *string);
/* Height of a line in this style. */
double sg_text_height(struct sg_text *text, enum sg_text_style style);
/* Draws with its left, middle or right (align 0, 0.5, 1) at x and its vertical middle at y. Returns its width. */
double sg_text_draw(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align,
                    const struct sg_color *color);
/* The same with its left at x, made smaller where it would be wider than `room`. */
void sg_text_draw_within(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double room,
                         const struct sg_color *color);
