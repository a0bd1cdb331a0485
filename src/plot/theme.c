/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/theme.h"
#include <stddef.h>

#define BYTE(value, shift) ((double)(((value) >> (shift)) & 0xFF) / 255.0)
#define RGBA(hex, opacity)                                   \
    {                                                        \
        BYTE(hex, 16), BYTE(hex, 8), BYTE(hex, 0), (opacity) \
    }
#define RGB(hex) RGBA(hex, 1.0)

/* Legs differ by hue and lightness, and stay far apart for people who confuse red and green; tests/unit/plot/test_theme.c holds
 * every text and line colour to its contrast against the background. */
static const struct sg_theme light = {
    .name = "light",
    .dark = false,
    .background = RGB(0xFFFFFF),
    .panel = RGB(0xF6F5F4),
    .separator = RGB(0xC9C6C2),
    .grid = RGBA(0x000000, 0.10),
    .text = RGB(0x2B2B2B),
    .text_dim = RGB(0x63605C),
    .crosshair = RGB(0x6B6B6B),
    .tag_text = RGB(0xFFFFFF),
    .tag_background = RGB(0x242A33),
    .focus = RGB(0x1A5FB4),
    .leg_a = RGB(0x0072B2),
    .leg_b = RGB(0xC75000),
    .spread = RGB(0x5E4FA2),
    .zscore = RGB(0xA8327A),
    .correlation = RGB(0x00785A),
    .beta = RGB(0x7A5A00),
    .threshold = RGB(0xB3261E),
    .threshold_fill = RGBA(0xB3261E, 0.05),
    .hatch = RGBA(0x000000, 0.13),
    .filled = RGB(0x8C8C8C),
    .alert_background = RGB(0xA51D2D),
    .alert_below = RGB(0x1A5FB4),
    .alert_text = RGB(0xFFFFFF),
    .line_width = 1.5,
    .grid_alpha = 0.10,
    .font = NULL,
};
static const struct sg_theme dark = {
    .name = "dark",
    .dark = true,
    .background = RGB(0x1E1E1E),
    .panel = RGB(0x2A2A2A),
    .separator = RGB(0x3E3E3E),
    .grid = RGBA(0xFFFFFF, 0.10),
    .text = RGB(0xECECEC),
    .text_dim = RGB(0xA9A9A9),
    .crosshair = RGB(0xB8B8B8),
    .tag_text = RGB(0xFFFFFF),
    .tag_background = RGB(0x4A5364),
    .focus = RGB(0x62A0EA),
    .leg_a = RGB(0x56B4E9),
    .leg_b = RGB(0xF5A04C),
    .spread = RGB(0xA99BF0),
    .zscore = RGB(0xF08CC2),
    .correlation = RGB(0x3FC79A),
    .beta = RGB(0xE3CB5B),
    .threshold = RGB(0xFF7B72),
    .threshold_fill = RGBA(0xFF7B72, 0.06),
    .hatch = RGBA(0xFFFFFF, 0.14),
    .filled = RGB(0x8C8C8C),
    .alert_background = RGB(0xA51D2D),
    .alert_below = RGB(0x1A5FB4),
    .alert_text = RGB(0xFFFFFF),
    .line_width = 1.5,
    .grid_alpha = 0.10,
    .font = NULL,
};
/* High contrast: no translucent text, thicker lines, a stronger grid. */
static const struct sg_theme light_hc = {
    .name = "light-hc",
    .dark = false,
    .background = RGB(0xFFFFFF),
    .panel = RGB(0xFFFFFF),
    .separator = RGB(0x000000),
    .grid = RGBA(0x000000, 0.30),
    .text = RGB(0x000000),
    .text_dim = RGB(0x000000),
    .crosshair = RGB(0x000000),
    .tag_text = RGB(0xFFFFFF),
    .tag_background = RGB(0x000000),
    .focus = RGB(0x0B3D91),
    .leg_a = RGB(0x00507D),
    .leg_b = RGB(0x933B00),
    .spread = RGB(0x43367F),
    .zscore = RGB(0x7F1F5A),
    .correlation = RGB(0x00543F),
    .beta = RGB(0x574000),
    .threshold = RGB(0x8A1710),
    .threshold_fill = RGBA(0x8A1710, 0.12),
    .hatch = RGBA(0x000000, 0.35),
    .filled = RGB(0x5A5A5A),
    .alert_background = RGB(0x8A0F1F),
    .alert_below = RGB(0x0B3D91),
    .alert_text = RGB(0xFFFFFF),
    .line_width = 2.0,
    .grid_alpha = 0.30,
    .font = NULL,
};
static const struct sg_theme dark_hc = {
    .name = "dark-hc",
    .dark = true,
    .background = RGB(0x000000),
    .panel = RGB(0x000000),
    .separator = RGB(0xFFFFFF),
    .grid = RGBA(0xFFFFFF, 0.30),
    .text = RGB(0xFFFFFF),
    .text_dim = RGB(0xFFFFFF),
    .crosshair = RGB(0xFFFFFF),
    .tag_text = RGB(0x000000),
    .tag_background = RGB(0xFFFFFF),
    .focus = RGB(0x8AB8FF),
    .leg_a = RGB(0x7CC8F5),
    .leg_b = RGB(0xFFB870),
    .spread = RGB(0xC3B8FF),
    .zscore = RGB(0xFFA8D6),
    .correlation = RGB(0x62E0B5),
    .beta = RGB(0xF5E07A),
    .threshold = RGB(0xFF9A93),
    .threshold_fill = RGBA(0xFF9A93, 0.15),
    .hatch = RGBA(0xFFFFFF, 0.35),
    .filled = RGB(0xB0B0B0),
    .alert_background = RGB(0xC01C28),
    .alert_below = RGB(0x1A5FB4),
    .alert_text = RGB(0xFFFFFF),
    .line_width = 2.0,
    .grid_alpha = 0.30,
    .font = NULL,
};

const struct sg_theme *sg_theme_get(bool want_dark, bool high_contrast)
{
    if (want_dark)
        return high_contrast ? &dark_hc : &dark;
    return high_contrast ? &light_hc : &light;
}
