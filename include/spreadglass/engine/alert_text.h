/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An alert in words: the same in the window, in a notification, in a rendered picture, in the log and in what `watch` prints. Pure functions of their
 * arguments; UTF-8, cut at `size`; a point, U+2212 as minus. Each returns the length. */
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/alert.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/verdict.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/market/instrument.h"

#define SG_ALERT_TEXT_MAX 512

/* A standing alert and what it is told with; everything borrowed. */
struct sg_alert_scene {
    const struct sg_alert *alert;
    const struct sg_pair_params *params;
    const struct sg_instrument *legs;        /* two; without symbols: "A" and "B" */
    const struct sg_verdict_input *relation; /* its Engle-Granger both ways; NULL: nothing is said of it */
    int64_t interval_us;
    int64_t now_us; /* exchange time: how long it has stood is counted to here */
};

/* "BTCUSDT is dear against ETHUSDT": A above its mean against B (overbought), else cheap; `over`: "BTCUSDT is no longer dear against ETHUSDT". */
size_t sg_alert_subject(const struct sg_instrument *legs, enum sg_signal side, bool over, char *buffer, size_t size);
/* A level of z with its sign: "+2.0", "−1.725". */
const char *sg_alert_level(double level, char buffer[static SG_DECIMAL_BUF]);
/* "BTCUSDT is dear against ETHUSDT: z +2.31 above +2.0 for 40 s · relation: not significant (p 0.143) (z at close)". Where z is not beyond the threshold any more, or
 * was not all the time, it says so: "z +1.71 still above +1.5, for 40 s". The alert must stand. */
size_t sg_alert_text(const struct sg_alert_scene *scene, char *buffer, size_t size);
