/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How numbers of any size find room: on the value axis, in its tags, and in the legends. A coin of 0.00000001 and one of a billion have the
 * same 76 px; a number that is cut off there would say something else than it is. So: as it is while it fits, else in a unit of its own; and
 * what has none is drawn smaller. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "dashboard_private.h"
#include "spreadglass/base/decimal.h"

#define SMALLER 1.15    /* a tag of so many times the room keeps its digits and is drawn that much smaller, as long as the labels have theirs */
#define DECIMALS_MAX 12 /* of sg_value_format */

static void add_suffix(const char *suffix, char buffer[static SG_VALUE_BUF])
{
    size_t length = strlen(buffer), more = strlen(suffix);
    if (length + more < SG_VALUE_BUF)
        memcpy(buffer + length, suffix, more + 1);
}

static int clamped(int decimals)
{
    return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
}

void sg_plot_tick_text(const struct pane_plan *plan, const struct value_axis *axis, int unit, int tick, char buffer[static SG_VALUE_BUF])
{
    if (unit == 0)
        sg_value_format(axis->tick[tick], axis->tick_decimals, plan->plus, buffer);
    else
        sg_value_format_unit(axis->tick[tick], unit, clamped(unit - axis->tick_exponent), plan->plus, buffer);
    add_suffix(plan->suffix, buffer);
}

int sg_plot_axis_unit(const struct frame *frame, const struct pane_plan *plan, const struct value_axis *axis, double room)
{
    double largest = 0, widest = 0;
    char label[SG_VALUE_BUF];
    for (int i = 0; i < axis->tick_count; i++) {
        sg_plot_tick_text(plan, axis, 0, i, label);
        widest = fmax(widest, sg_text_width(frame->dashboard->text, SG_TEXT_AXIS, label));
        largest = fmax(largest, fabs(axis->tick[i]));
    }
    return widest > room || axis->tick_exponent < -DECIMALS_MAX ? sg_value_unit(largest) : 0;
}

void sg_plot_tag_text(const struct frame *frame, double value, int decimals, int unit, bool plus, const char *suffix, char buffer[static SG_VALUE_BUF])
{
    struct sg_text *text = frame->dashboard->text;
    sg_value_format(value, decimals, plus, buffer);
    if (!isfinite(value))
        return;
    add_suffix(suffix, buffer);
    if (decimals <= DECIMALS_MAX && sg_text_width(text, SG_TEXT_TAG, buffer) <= SG_AXIS_TEXT_ROOM * (unit ? 1 : SMALLER))
        return;
    unit = unit ? unit : sg_value_unit(value);
    if (unit == 0)
        return;
    int most = clamped(decimals + unit);
    do {
        sg_value_format_unit(value, unit, most, plus, buffer);
        add_suffix(suffix, buffer);
    } while (sg_text_width(text, SG_TEXT_TAG, buffer) > SG_AXIS_TEXT_ROOM && most-- > 0);
}

void sg_plot_part_text(double value, int decimals, char buffer[static SG_VALUE_BUF])
{
    int digits = sg_decimal_part_digits(value, decimals);
    if (digits >= 0)
        sg_value_format(value, digits, false, buffer);
    else
        snprintf(buffer, SG_VALUE_BUF, "%s", value > 0 ? "> " SG_DECIMAL_PART_EDGE : "< \xE2\x88\x92" SG_DECIMAL_PART_EDGE);
}

void sg_plot_derived_text(double value, int decimals, char buffer[static SG_VALUE_BUF])
{
    double magnitude = fabs(value);
    if (!isfinite(value) || magnitude == 0) {
        sg_value_format(value, clamped(decimals < 8 ? decimals : 2), false, buffer);
        return;
    }
    int leading = (int)floor(log10(magnitude)), two = 1 - leading; /* decimals that show two digits of it */
    if (decimals < two && magnitude < 1)
        decimals = two;
    if (decimals > 8 && magnitude < 1e-3)
        sg_value_format_unit(value, leading, clamped(decimals + leading), false, buffer);
    else
        sg_value_format(value, decimals, false, buffer);
}

int sg_plot_beta_decimals(const struct sg_dashboard *dashboard)
{
    double beta = dashboard->length ? fabs(sg_plot_value(dashboard, SERIES_BETA, dashboard->length - 1)) : NAN;
    if (!isfinite(beta) || beta == 0)
        return 4;
    int leading = (int)floor(log10(beta)); /* six digits, five below one: as many as its standard error ever bears out */
    return leading >= 0 ? sg_value_decimals(beta) : 4 - leading;
}
