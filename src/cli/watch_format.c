/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch_format_private.h"

#include <math.h>
#include <string.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

const char sg_watch_csv_header[] = "time,interval,a_open,a_high,a_low,a_close,a_volume,a_trades,a_filled,"
                                   "b_open,b_high,b_low,b_close,b_volume,b_trades,b_filled,"
                                   "alpha,beta,r_squared,spread,mean,std,zscore,correlation,signal,reason,residual,a_settled,b_settled\n";

/* The statistics of a bar line, in the order of JSON; CSV has what came later at the end, so that the columns of its first readers stay where they are. */
static const struct {
    const char *name;
    size_t offset;
    bool last_in_csv;
} statistics[] = {
    {"alpha", offsetof(struct sg_pair_result, alpha), false},
    {"beta", offsetof(struct sg_pair_result, beta), false},
    {"r_squared", offsetof(struct sg_pair_result, r_squared), false},
    {"spread", offsetof(struct sg_pair_result, spread), false},
    {"residual", offsetof(struct sg_pair_result, residual), true},
    {"mean", offsetof(struct sg_pair_result, mean), false},
    {"std", offsetof(struct sg_pair_result, std), false},
    {"zscore", offsetof(struct sg_pair_result, zscore), false},
    {"correlation", offsetof(struct sg_pair_result, correlation), false},
};
#define STATISTIC_COUNT (sizeof statistics / sizeof statistics[0])

static double statistic(const struct sg_pair_result *result, size_t index)
{
    double value = NAN;
    memcpy(&value, (const char *)result + statistics[index].offset, sizeof value);
    return value;
}

/* Why something is null: the first thing that is missing on the way from prices to z. When nothing is, but a leg's last trade is too
 * old, that: it is why a z beyond the threshold is no signal. */
static size_t reason_text(const SgClosedBar *bar, char *text, size_t size)
{
    const struct sg_pair_result *result = &bar->result;
    text[0] = '\0';
    if (result->hedge_reason != SG_REASON_NONE)
        return sg_reason_text(result->hedge_reason, result->hedge_have, result->hedge_need, text, size);
    if (result->zscore_reason != SG_REASON_NONE)
        return sg_reason_text(result->zscore_reason, result->have, result->need, text, size);
    if (result->correlation_reason == SG_REASON_NONE && (bar->row.flags & SG_ROW_STALE))
        return sg_reason_text(SG_REASON_STALE_LEG, 0, 0, text, size);
    return sg_reason_text(result->correlation_reason, result->correlation_have, result->correlation_need, text, size);
}

static void append_qty(struct sg_buffer *line, sg_qty quantity)
{
    char text[SG_DECIMAL_BUF];
    sg_buffer_append(line, text, sg_decimal_from_qty(quantity, text));
}

/* Is the bar proved to be all there was? */
static const char *settled_text(const struct sg_bar *bar)
{
    return bar->flags & SG_BAR_DOUBTFUL ? "false" : "true";
}

static void json_leg(struct sg_buffer *line, const char *name, const struct sg_bar *bar)
{
    sg_buffer_append_format(line, ",\"%s\":{\"open\":", name);
    sg_buffer_append_double(line, bar->open);
    sg_buffer_append_text(line, ",\"high\":");
    sg_buffer_append_double(line, bar->high);
    sg_buffer_append_text(line, ",\"low\":");
    sg_buffer_append_double(line, bar->low);
    sg_buffer_append_text(line, ",\"close\":");
    sg_buffer_append_double(line, bar->close);
    sg_buffer_append_text(line, ",\"volume\":");
    append_qty(line, bar->volume);
    sg_buffer_append_format(line, ",\"trades\":%u,\"filled\":%s,\"settled\":%s}", bar->trades, bar->flags & SG_BAR_FILLED ? "true" : "false",
                            settled_text(bar));
}

static void json_bar(struct sg_buffer *line, const SgClosedBar *bar)
{
    sg_buffer_append_text(line, "{\"type\":\"bar\",\"time\":");
    sg_buffer_append_int64(line, bar->row.time_us / SG_US_PER_MS);
    sg_buffer_append_format(line, ",\"interval\":\"%s\"", sg_interval_name(bar->interval));
    json_leg(line, "a", &bar->legs[SG_LEG_A]);
    json_leg(line, "b", &bar->legs[SG_LEG_B]);
    for (size_t i = 0; i < STATISTIC_COUNT; i++) {
        sg_buffer_append_format(line, ",\"%s\":", statistics[i].name);
        sg_buffer_append_double(line, statistic(&bar->result, i));
    }
    sg_buffer_append_format(line, ",\"signal\":\"%s\",\"grade\":\"%s\",\"reason\":", sg_signal_name(bar->result.signal), sg_grade_name(bar->grade));
    char reason[128];
    size_t length = reason_text(bar, reason, sizeof reason);
    if (length == 0)
        sg_buffer_append_text(line, "null");
    else
        sg_buffer_append_json_string(line, reason, length);
    sg_buffer_append_text(line, "}\n");
}

static void csv_statistics(struct sg_buffer *line, const struct sg_pair_result *result, bool last)
{
    for (size_t i = 0; i < STATISTIC_COUNT; i++) {
        double value = statistic(result, i);
        if (statistics[i].last_in_csv != last)
            continue;
        sg_buffer_append_text(line, ",");
        if (isfinite(value))
            sg_buffer_append_double(line, value);
    }
}

static void csv_bar(struct sg_buffer *line, const SgClosedBar *bar)
{
    sg_buffer_append_int64(line, bar->row.time_us / SG_US_PER_MS);
    sg_buffer_append_format(line, ",%s", sg_interval_name(bar->interval));
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const struct sg_bar *b = &bar->legs[leg];
        const double prices[] = {b->open, b->high, b->low, b->close};
        for (size_t i = 0; i < 4; i++) {
            sg_buffer_append_text(line, ",");
            sg_buffer_append_double(line, prices[i]);
        }
        sg_buffer_append_text(line, ",");
        append_qty(line, b->volume);
        sg_buffer_append_format(line, ",%u,%s", b->trades, b->flags & SG_BAR_FILLED ? "true" : "false");
    }
    char reason[128];
    csv_statistics(line, &bar->result, false);
    reason_text(bar, reason, sizeof reason);
    sg_buffer_append_format(line, ",%s,%s", sg_signal_name(bar->result.signal), reason);
    csv_statistics(line, &bar->result, true);
    sg_buffer_append_format(line, ",%s,%s\n", settled_text(&bar->legs[SG_LEG_A]), settled_text(&bar->legs[SG_LEG_B]));
}

static void append_fixed(struct sg_buffer *line, const char *label, double value, int decimals)
{
    char text[SG_DECIMAL_BUF];
    sg_buffer_append_format(line, "  %s ", label);
    if (!isfinite(value))
        sg_buffer_append_text(line, "-");
    else
        sg_buffer_append(line, text, sg_decimal_from_double_fixed(value, decimals, text));
}

/* What is not 1 does not look like it. */
static void append_part(struct sg_buffer *line, const char *label, double value, int decimals)
{
    int digits = sg_decimal_part_digits(value, decimals);
    if (digits >= 0)
        append_fixed(line, label, value, digits);
    else
        sg_buffer_append_format(line, "  %s %s", label, value > 0 ? ">" SG_DECIMAL_PART_EDGE : "<-" SG_DECIMAL_PART_EDGE);
}

static void text_bar(struct sg_buffer *line, const struct sg_instrument *legs, const SgClosedBar *bar)
{
    char text[SG_TIME_BUF];
    sg_buffer_append(line, text, sg_time_format_iso(bar->row.time_us, text));
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        sg_buffer_append_format(line, "  %s ", legs[leg].symbol);
        sg_buffer_append_double(line, bar->legs[leg].close);
        if (bar->legs[leg].flags & SG_BAR_FILLED)
            sg_buffer_append_text(line, "=");
        if (bar->legs[leg].flags & SG_BAR_DOUBTFUL)
            sg_buffer_append_text(line, "?"); /* nothing has proved it yet, or it is known to lack trades */
    }
    append_fixed(line, "beta", bar->result.beta, 4);
    append_fixed(line, "spread", bar->result.spread, 4);
    append_fixed(line, "residual", bar->result.residual, 4);
    append_fixed(line, "z", bar->result.zscore, 2);
    append_part(line, "corr", bar->result.correlation, 3);
    if (bar->result.signal != SG_SIGNAL_NONE)
        sg_buffer_append_format(line, "  %s", sg_signal_name(bar->result.signal));
    char reason[128];
    if (reason_text(bar, reason, sizeof reason) > 0)
        sg_buffer_append_format(line, "  (%s)", reason);
    sg_buffer_append_text(line, "\n");
}

void sg_watch_format_bar(struct sg_buffer *line, enum sg_format format, const struct sg_instrument *legs, const SgClosedBar *bar)
{
    if (format == SG_FORMAT_JSON)
        json_bar(line, bar);
    else if (format == SG_FORMAT_CSV)
        csv_bar(line, bar);
    else
        text_bar(line, legs, bar);
}

static const char *leg_name(int leg)
{
    return leg == SG_LEG_A ? "a" : leg == SG_LEG_B ? "b" : NULL;
}

static void json_number(struct sg_buffer *line, const char *name, double value)
{
    sg_buffer_append_format(line, ",\"%s\":", name);
    sg_buffer_append_double(line, value);
}

static void json_alert(struct sg_buffer *line, const struct sg_instrument *legs, const SgSessionEvent *event)
{
    char pair[SG_PAIR_BUF];
    size_t length = sg_pair_format(legs, legs[SG_LEG_A].market, pair);
    sg_buffer_append_text(line, ",\"pair\":");
    sg_buffer_append_json_string(line, pair, length);
    sg_buffer_append_text(line, ",\"bar_time\":");
    sg_buffer_append_int64(line, event->bar_time_us / SG_US_PER_MS);
    sg_buffer_append_format(line, ",\"side\":\"%s\"", sg_signal_name(event->side));
    json_number(line, "zscore", event->zscore);
    json_number(line, "threshold", event->threshold);
    sg_buffer_append_format(line, ",\"grade\":\"%s\"", sg_grade_name(event->grade));
    if (event->code == SG_EVENT_ALERT_CLEARED) {
        json_number(line, "peak", event->peak);
        sg_buffer_append_text(line, ",\"duration_ms\":");
        sg_buffer_append_int64(line, event->duration_us / SG_US_PER_MS);
    }
}

static void json_event(struct sg_buffer *line, const struct sg_instrument *legs, const SgSessionEvent *event)
{
    sg_buffer_append_text(line, "{\"type\":\"event\",\"time\":");
    sg_buffer_append_int64(line, event->time_us / SG_US_PER_MS);
    sg_buffer_append_format(line, ",\"event\":\"%s\"", sg_feed_event_name(event->code));
    if (event->code == SG_EVENT_GAP || event->code == SG_EVENT_BACKFILLED) {
        sg_buffer_append_format(line, ",\"leg\":\"%s\",\"from\":", leg_name(event->leg) != NULL ? leg_name(event->leg) : "both");
        sg_buffer_append_int64(line, event->from_us / SG_US_PER_MS);
        sg_buffer_append_text(line, ",\"to\":");
        if (event->to_us == INT64_MAX)
            sg_buffer_append_text(line, "null"); /* it lasts */
        else
            sg_buffer_append_int64(line, event->to_us / SG_US_PER_MS);
        if (event->code == SG_EVENT_GAP)
            sg_buffer_append_format(line, ",\"cause\":\"%s\"", sg_gap_cause_name(event->cause));
        else
            sg_buffer_append_format(line, ",\"bars\":%" G_GUINT64_FORMAT, event->count);
    }
    if (event->code == SG_EVENT_ALERT_RAISED || event->code == SG_EVENT_ALERT_CLEARED)
        json_alert(line, legs, event);
    sg_buffer_append_text(line, ",\"detail\":");
    sg_buffer_append_json_string(line, event->detail, strlen(event->detail));
    sg_buffer_append_text(line, "}\n");
}

void sg_watch_format_event(struct sg_buffer *line, enum sg_format format, const struct sg_instrument *legs, const SgSessionEvent *event)
{
    if (format == SG_FORMAT_CSV)
        return;
    if (format == SG_FORMAT_JSON) {
        json_event(line, legs, event);
        return;
    }
    char time[SG_TIME_BUF];
    sg_time_format_iso(event->time_us, time);
    sg_buffer_append_format(line, "%s  * %s%s%s: %s\n", time, sg_feed_event_name(event->code), leg_name(event->leg) != NULL ? " " : "",
                            leg_name(event->leg) != NULL ? leg_name(event->leg) : "", event->detail);
}
