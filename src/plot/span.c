/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/plot/span.h"

#include <stdio.h>
#include <string.h>
#include "dashboard_private.h"

static bool same(double one, double two)
{
    return one == two || (isnan(one) && isnan(two));
}

bool sg_dashboard_set_span(struct sg_dashboard *dashboard, int64_t from_us, int64_t to_us, double alpha, double beta)
{
    struct marked_span span = {
        .set = true, .from_us = from_us < to_us ? from_us : to_us, .to_us = from_us < to_us ? to_us : from_us, .alpha = alpha, .beta = beta};
    const struct marked_span *own = &dashboard->span;
    if (own->set && own->from_us == span.from_us && own->to_us == span.to_us && same(own->alpha, alpha) && same(own->beta, beta))
        return false;
    dashboard->span = span;
    return true;
}

bool sg_dashboard_clear_span(struct sg_dashboard *dashboard)
{
    bool changed = dashboard->span.set;
    dashboard->span = (struct marked_span){.set = false};
    return changed;
}

const struct sg_viewport *sg_plot_view_of(const struct sg_dashboard *dashboard, enum sg_pane pane, const struct sg_viewport *view, struct sg_viewport *storage)
{
    const struct sg_history *history = dashboard->data.history;
    if (pane != SG_PANE_SCATTER || !dashboard->span.set || !history || history->interval_us <= 0)
        return view;
    *storage = *view;
    storage->follow = false;
    storage->right = (double)dashboard->span.to_us / (double)history->interval_us;
    storage->span = storage->right - (double)dashboard->span.from_us / (double)history->interval_us;
    return storage;
}

bool sg_plot_scatter_fit(const struct frame *frame, double *ret_alpha, double *ret_beta)
{
    const struct sg_dashboard *dashboard = frame->dashboard;
    if (dashboard->span.set) {
        *ret_alpha = dashboard->span.alpha;
        *ret_beta = dashboard->span.beta;
        return isfinite(*ret_alpha) && isfinite(*ret_beta);
    }
    size_t row = sg_plot_fit_row(frame);
    if (row == SIZE_MAX)
        return false;
    *ret_alpha = sg_plot_column(dashboard, SG_COL_ALPHA, row);
    *ret_beta = sg_plot_column(dashboard, SG_COL_BETA, row);
    return true;
}

/* --- what changed between the ends ------------------------------------------------------------------------------------------ */

struct measured {
    enum series series;
    const char *name;
    int decimals;
    bool percent;
};

static size_t measure_one(const struct sg_dashboard *dashboard, const struct measured *what, size_t from, size_t to, char *buffer, size_t size)
{
    double first = sg_plot_value(dashboard, what->series, from), last = sg_plot_value(dashboard, what->series, to);
    const char *space = *what->name ? " " : "";
    int length;
    if (isfinite(first) && isfinite(last)) {
        char difference[SG_VALUE_BUF], percent[SG_VALUE_BUF] = "", part[SG_VALUE_BUF + 16] = "";
        int decimals = what->decimals >= 0 ? what->decimals : sg_value_decimals(fmax(fabs(first), fabs(last)));
        sg_value_format(last - first, decimals, true, difference);
        if (what->percent && first > 0) {
            sg_value_format((last / first - 1) * 100, 2, true, percent);
            snprintf(part, sizeof part, " (%s %%)", percent);
        }
        length = snprintf(buffer, size, "%s%s\xCE\x94 %s%s", what->name, space, difference, part);
    } else {
        char why[96];
        sg_plot_reason(dashboard, isfinite(first) ? to : from, why, sizeof why);
        length = snprintf(buffer, size, "%s%s\xCE\x94 \xE2\x80\x93%s%s", what->name, space, *why ? " " : "", why);
    }
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

size_t sg_dashboard_measure(const struct sg_dashboard *dashboard, enum sg_pane pane, size_t from_row, size_t to_row, char *buffer, size_t size)
{
    size_t newest = sg_plot_newest(dashboard), first = from_row < to_row ? from_row : to_row, last = from_row < to_row ? to_row : from_row;
    if (size == 0)
        return 0;
    buffer[0] = '\0';
    if (newest == SIZE_MAX || last > newest || (size_t)pane >= SG_PANE_ALL)
        return 0;
    if (pane == SG_PANE_PRICE || pane == SG_PANE_SCATTER) {
        const struct measured legs[2] = {{SERIES_A, dashboard->data.symbol_a, dashboard->data.decimals_a, true},
                                         {SERIES_B, dashboard->data.symbol_b, dashboard->data.decimals_b, true}};
        size_t at = measure_one(dashboard, &legs[0], first, last, buffer, size);
        int gap = snprintf(buffer + at, size - at, "   ");
        at = gap < 0 || (size_t)gap >= size - at ? size - 1 : at + (size_t)gap;
        return at + measure_one(dashboard, &legs[1], first, last, buffer + at, size - at);
    }
    const struct measured told[SG_PANE_ALL] = {
        [SG_PANE_SPREAD] = {sg_plot_spread_series(dashboard)->line, "", -1, false},
        [SG_PANE_ZSCORE] = {SERIES_ZSCORE, "", 2, false},
        [SG_PANE_CORRELATION] = {SERIES_CORRELATION, "", 3, false},
        [SG_PANE_HEDGE_RATIO] = {SERIES_BETA, "", -1, true},
    };
    return measure_one(dashboard, &told[pane], first, last, buffer, size);
}
