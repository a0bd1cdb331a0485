/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Numbers as a person reads them, in the window and in a rendered picture: a point, U+2212 as minus, a thin space between thousands, "–" for what is
 * not defined. Pure functions of their arguments (the clock ones read the time zone); every text is UTF-8 and NUL-terminated. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/history.h"

#define SG_TEXT_BUF 80
#define SG_TEXT_UNDEFINED "\u2013"

/* Fixed number of decimals, thousands grouped; `sign`: a plus before what is not negative. Not finite: "–". */
const char *sg_text_fixed(double value, int decimals, bool sign, char buffer[static SG_TEXT_BUF]);
/* As many decimals as show `digits` significant ones, at most 8 and never fewer than 0: 65 599 · 20.000 · 0.01312. Where eight decimals would
 * leave fewer than three digits, and from 1e15 up, with an exponent: 1.023e−10. */
const char *sg_text_significant(double value, int digits, char buffer[static SG_TEXT_BUF]);
/* A number between -1 and 1, such as R-squared or a correlation: one that is not 1 (or -1) never looks like it. 0.987, 0.9996, "> 0.9999", "< −0.9999". */
const char *sg_text_part(double value, int decimals, bool sign, char buffer[static SG_TEXT_BUF]);
/* "0.013", "< 0.001", "> 0.999". */
const char *sg_text_p_value(double p, char buffer[static SG_TEXT_BUF]);
/* analytics/verdict.h's words of a half-life, and of the bars alone. */
const char *sg_text_half_life(double bars, int64_t interval_us, char buffer[static SG_TEXT_BUF]);
const char *sg_text_half_life_bars(double bars, char buffer[static SG_TEXT_BUF]);
/* "8 s", "23 min", "5.3 h", "2.1 d". */
const char *sg_text_duration(int64_t us, char buffer[static SG_TEXT_BUF]);
/* "12:03:10", with the day before it when it is not today: "11 Nov 12:03:10". */
const char *sg_text_clock(int64_t time_us, int64_t now_us, bool utc, char buffer[static SG_TEXT_BUF]);
