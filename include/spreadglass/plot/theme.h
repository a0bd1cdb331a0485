/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The palette and sizes of every picture. On its background text has a contrast of at least 4.5, a line 3. Constant; any thread. */
#include <stdbool.h>

struct sg_color {
    double red, green, blue, alpha;
};

struct sg_theme {
    const char *name; /* "light", "dark", "light-hc", "dark-hc" */
    bool dark;
    struct sg_color background, panel, separator, grid, text, text_dim, crosshair, tag_text, tag_background, focus;
    struct sg_color leg_a, leg_b, spread, zscore, correlation, beta, threshold, threshold_fill, hatch, filled;
    struct sg_color alert_background, alert_below, alert_text; /* of an alert above and below; their frames are threshold and focus */
    double line_width;                                         /* px */
    double grid_alpha;
    const char *font; /* Pango description; NULL: "Sans" at the caller's size */
};

const struct sg_theme *sg_theme_get(bool dark, bool high_contrast);
