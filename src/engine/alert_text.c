/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/alert_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/engine/number_text.h"

static size_t written(int length, size_t size)
{
    return length < 0 || size == 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

size_t sg_alert_subject(const struct sg_instrument *legs, enum sg_signal side, bool over, char *buffer, size_t size)
{
    char a[SG_LEG_BUF] = "A", b[SG_LEG_BUF] = "B";
    if (legs[SG_LEG_A].symbol[0] != '\0') {
        sg_leg_name(legs, SG_LEG_A, a);
        sg_leg_name(legs, SG_LEG_B, b);
    }
    return written(snprintf(buffer, size, "%s is %s%s against %s", a, over ? "no longer " : "", side == SG_SIGNAL_OVERSOLD ? "cheap" : "dear", b), size);
}

const char *sg_alert_level(double level, char buffer[static SG_DECIMAL_BUF])
{
    char number[SG_TEXT_BUF];
    sg_text_fixed(level, 3, true, number);
    size_t length = strlen(number);
    for (int i = 0; i < 2 && length > 0 && number[length - 1] == '0'; i++) /* one decimal stays */
        number[--length] = '\0';
    snprintf(buffer, SG_DECIMAL_BUF, "%.*s", SG_DECIMAL_BUF - 1, number);
    return buffer;
}

/* What z is, and how long the alert has stood: neither claims more than was so at every close. */
static void say_where(const struct sg_alert_scene *scene, char *buffer, size_t size)
{
    const struct sg_alert *alert = scene->alert;
    double sign = alert->side == SG_SIGNAL_OVERSOLD ? -1.0 : 1.0, size_of_z = sign * alert->zscore;
    int64_t stood_us = scene->now_us - (alert->since_us + scene->interval_us);
    char z[SG_TEXT_BUF], entry[SG_DECIMAL_BUF], exit[SG_DECIMAL_BUF], time[SG_TEXT_BUF];
    sg_text_fixed(alert->zscore, 2, true, z);
    sg_alert_level(sign * scene->params->entry, entry);
    sg_alert_level(sign * scene->params->exit, exit);
    sg_text_duration(stood_us > 0 ? stood_us : 0, time);
    const char *beyond = sign > 0 ? "above" : "below", *within = sign > 0 ? "below" : "above";
    if (size_of_z > scene->params->entry && alert->held > alert->closes)
        snprintf(buffer, size, "z %s %s %s for %s", z, beyond, entry, time);
    else if (size_of_z > scene->params->entry)
        snprintf(buffer, size, "z %s again %s %s, for %s", z, beyond, entry, time);
    else if (size_of_z > scene->params->exit)
        snprintf(buffer, size, "z %s still %s %s, for %s", z, beyond, exit, time);
    else
        snprintf(buffer, size, "z %s back %s %s after %s", z, within, exit, time);
}

size_t sg_alert_text(const struct sg_alert_scene *scene, char *buffer, size_t size)
{
    char subject[2 * SG_LEG_BUF + 48], where[160], relation[SG_GRADE_TEXT_MAX] = "";
    sg_alert_subject(scene->legs, scene->alert->side, false, subject, sizeof subject);
    say_where(scene, where, sizeof where);
    if (scene->relation)
        sg_grade_text(scene->relation, relation, sizeof relation);
    /* The charts have another z beside this one: that of the bar that is forming. */
    return written(snprintf(buffer, size, "%s: %s%s%s (z at close)", subject, where, relation[0] != '\0' ? " \u00b7 " : "", relation), size);
}
