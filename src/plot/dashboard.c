/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard as data: which rows it has taken over, and how rows, slots and pixels map. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dashboard_private.h"
#include "spreadglass/base/decimal.h"

struct sg_dashboard *sg_dashboard_new(void)
{
    struct sg_dashboard *dashboard = calloc(1, sizeof *dashboard);
    if (!dashboard)
        return NULL;
    dashboard->text = sg_text_new();
    if (!dashboard->text) {
        free(dashboard);
        return NULL;
    }
    for (size_t i = 0; i < SERIES_COUNT; i++)
        sg_pyramid_init(&dashboard->pyramid[i]);
    return dashboard;
}

void sg_dashboard_free(struct sg_dashboard *dashboard)
{
    if (!dashboard)
        return;
    for (size_t i = 0; i < SERIES_COUNT; i++)
        sg_pyramid_free(&dashboard->pyramid[i]);
    for (int side = 0; side < 2; side++) {
        free(dashboard->alerts[side].time_us);
        free(dashboard->fired.side[side].time_us);
    }
    free(dashboard->fired.list);
    free(dashboard->missing.list);
    free(dashboard->columns.start);
    free(dashboard->columns.joined);
    free(dashboard->flag_blocks.block);
    free(dashboard->column_flags.value);
    for (size_t i = 0; i < SERIES_COUNT; i++)
        free(dashboard->column_store[i].value);
    free(dashboard->span_store);
    sg_text_free(dashboard->text);
    free(dashboard);
}

void sg_plot_strokes_only(struct sg_dashboard *dashboard, bool strokes_only)
{
    dashboard->strokes_only = strokes_only;
}

static void forget_rows(struct sg_dashboard *dashboard)
{
    for (size_t i = 0; i < SERIES_COUNT; i++) {
        sg_pyramid_clear(&dashboard->pyramid[i]);
        dashboard->covered[i] = 0;
    }
    dashboard->alerts[0].count = dashboard->alerts[1].count = 0;
    dashboard->length = 0;
    dashboard->flag_blocks.count = 0;
    dashboard->columns.valid = false;
    memset(dashboard->memory, 0, sizeof dashboard->memory);
}

/* The newest fit that is defined; another one than before makes another hindsight. */
static void take_hindsight(struct sg_dashboard *dashboard)
{
    double beta = NAN, alpha = NAN;
    const struct sg_history *history = dashboard->data.history;
    size_t tries = dashboard->length < 256 ? dashboard->length : 256;
    for (size_t i = 0; dashboard->hindsight && i < tries && !isfinite(beta); i++) {
        beta = history->column[SG_COL_BETA][dashboard->length - 1 - i];
        alpha = history->column[SG_COL_ALPHA][dashboard->length - 1 - i];
    }
    if (beta == dashboard->hindsight_beta && alpha == dashboard->hindsight_alpha)
        return;
    dashboard->hindsight_beta = beta;
    dashboard->hindsight_alpha = alpha;
    sg_plot_forget_series(dashboard, SERIES_HINDSIGHT);
    sg_plot_forget_series(dashboard, SERIES_HINDSIGHT_RESIDUAL);
}

static bool other(double one, double two)
{
    return one != two && !(isnan(one) && isnan(two));
}

bool sg_dashboard_set_data(struct sg_dashboard *dashboard, const struct sg_dashboard_data *data)
{
    const struct sg_history *history = data->history;
    struct sg_dashboard_data *own = &dashboard->data;
    bool rebuilt =
        history != own->history || (history && (history->epoch != dashboard->epoch || history->length < dashboard->length || history->interval_us <= 0));
    bool changed = rebuilt;
    size_t length_before = dashboard->length;
    double beta_before = dashboard->hindsight_beta, alpha_before = dashboard->hindsight_alpha;
    int decimals_before[3], decimals[3];
    if (rebuilt)
        forget_rows(dashboard);
    else
        sg_plot_newest_decimals(dashboard, decimals_before);
    /* A band's width is part of its series: another one makes other pyramids. */
    if (own->entry != data->entry) {
        static const enum series bands[] = {SERIES_UPPER,          SERIES_LOWER,           SERIES_RESIDUAL_UPPER,
                                            SERIES_RESIDUAL_LOWER, SERIES_DEVIATION_UPPER, SERIES_DEVIATION_LOWER};
        for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++)
            sg_plot_forget_series(dashboard, bands[i]);
        changed = true;
    }
    changed = changed || own->exit != data->exit || own->window != data->window || own->utc != data->utc ||
              strncmp(own->source, data->source, sizeof own->source) != 0 || own->decimals_a != data->decimals_a || own->decimals_b != data->decimals_b ||
              strncmp(own->symbol_a, data->symbol_a, sizeof own->symbol_a) != 0 || strncmp(own->symbol_b, data->symbol_b, sizeof own->symbol_b) != 0;
    *own = *data;
    own->symbol_a[sizeof own->symbol_a - 1] = '\0';
    own->symbol_b[sizeof own->symbol_b - 1] = '\0';
    own->source[sizeof own->source - 1] = '\0';
    own->forming = NULL;

    size_t length = history && history->interval_us > 0 ? history->length : 0;
    for (size_t row = dashboard->length; row < length; row++)
        if ((history->flags[row] & SG_ROW_ALERT_RAISED) && isfinite(history->column[SG_COL_ZSCORE][row])) /* no memory: a mark less; the alert is in the log */
            (void)sg_plot_note_time(&dashboard->alerts[history->column[SG_COL_ZSCORE][row] > 0], history->time_us[row]);
    dashboard->changes = (struct plot_changes){.everything = changed, .rows = length != dashboard->length, .from_row = length_before};
    dashboard->epoch = history ? history->epoch : 0;
    dashboard->length = length;
    take_hindsight(dashboard);
    dashboard->changes.hindsight = other(dashboard->hindsight_beta, beta_before) || other(dashboard->hindsight_alpha, alpha_before);

    bool forming = data->forming && history && history->interval_us > 0 && (length == 0 || data->forming->time_us > history->time_us[length - 1]);
    if (forming != dashboard->has_forming)
        dashboard->changes.rows = true;
    else if (forming)
        dashboard->changes.columns = sg_plot_differing(data->forming, &dashboard->forming);
    dashboard->has_forming = forming;
    if (forming)
        dashboard->forming = *data->forming;
    if (!rebuilt) {
        sg_plot_newest_decimals(dashboard, decimals);
        dashboard->changes.everything |= memcmp(decimals, decimals_before, sizeof decimals) != 0;
    }
    return dashboard->changes.everything || dashboard->changes.hindsight || dashboard->changes.rows || dashboard->changes.columns != 0;
}

void sg_dashboard_set_hindsight(struct sg_dashboard *dashboard, bool shown)
{
    dashboard->hindsight = shown;
    take_hindsight(dashboard);
}

void sg_dashboard_set_spread_mode(struct sg_dashboard *dashboard, enum sg_spread_mode mode)
{
    dashboard->spread_mode = (size_t)mode < SG_SPREAD_MODE_COUNT ? mode : SG_SPREAD_RESIDUAL;
    dashboard->chosen_range[SG_PANE_SPREAD] = (struct sg_extent){0, 0};
    memset(&dashboard->memory[SG_PANE_SPREAD], 0, sizeof dashboard->memory[SG_PANE_SPREAD]);
}

void sg_dashboard_set_square(struct sg_dashboard *dashboard, bool square)
{
    dashboard->free_scatter = !square;
    memset(&dashboard->memory[SG_PANE_SCATTER], 0, sizeof dashboard->memory[SG_PANE_SCATTER]);
}

void sg_dashboard_set_price_style(struct sg_dashboard *dashboard, bool candles_a, bool candles_b, bool volume)
{
    dashboard->candles_a = candles_a;
    dashboard->candles_b = candles_b;
    dashboard->volume = volume;
    memset(&dashboard->memory[SG_PANE_PRICE], 0, sizeof dashboard->memory[SG_PANE_PRICE]);
}

enum sg_status sg_dashboard_set_panes(struct sg_dashboard *dashboard, const struct sg_pane_share *panes, size_t count)
{
    unsigned seen = 0;
    if (count > SG_PANE_ALL)
        return SG_ERR_INVALID;
    for (size_t i = 0; i < count; i++) {
        unsigned bit = (size_t)panes[i].pane < SG_PANE_ALL ? 1u << panes[i].pane : 0;
        if (!bit || (seen & bit) || !(panes[i].share > 0) || !isfinite(panes[i].share))
            return SG_ERR_INVALID;
        seen |= bit;
    }
    for (size_t i = 0; i < count; i++)
        dashboard->panes[i] = panes[i];
    dashboard->pane_count = count;
    return SG_OK;
}

void sg_dashboard_set_price_mode(struct sg_dashboard *dashboard, enum sg_price_mode mode)
{
    dashboard->price_mode = (size_t)mode < SG_PRICE_MODE_COUNT ? mode : SG_PRICE_PERCENT;
    dashboard->chosen_range[SG_PANE_PRICE] = (struct sg_extent){0, 0};
    memset(&dashboard->memory[SG_PANE_PRICE], 0, sizeof dashboard->memory[SG_PANE_PRICE]);
}

static double slot_of(const struct sg_dashboard *dashboard, int64_t time_us)
{
    return (double)time_us / (double)dashboard->data.history->interval_us;
}

int64_t sg_plot_row_time(const struct sg_dashboard *dashboard, size_t row)
{
    return row < dashboard->length ? dashboard->data.history->time_us[row] : dashboard->forming.time_us;
}

double sg_plot_slot(const struct sg_dashboard *dashboard, size_t row)
{
    return slot_of(dashboard, sg_plot_row_time(dashboard, row));
}

bool sg_plot_is_now(const struct sg_dashboard *dashboard, size_t row)
{
    return dashboard->has_forming && row >= dashboard->length && row != SIZE_MAX && !dashboard->stale;
}

unsigned sg_dashboard_set_waiting(struct sg_dashboard *dashboard, bool stale, const char *words, bool *ret_words)
{
    char waiting[sizeof dashboard->waiting];
    snprintf(waiting, sizeof waiting, "%s", words ? words : "");
    bool flipped = stale != dashboard->stale, said = strcmp(waiting, dashboard->waiting) != 0;
    dashboard->stale = stale;
    memcpy(dashboard->waiting, waiting, sizeof waiting);
    if (ret_words)
        *ret_words = said;
    return flipped || (said && sg_plot_newest(dashboard) == SIZE_MAX) ? (1u << SG_PANE_ALL) - 1 : 0;
}

uint16_t sg_plot_flags(const struct sg_dashboard *dashboard, size_t row)
{
    return row < dashboard->length ? dashboard->data.history->flags[row] : dashboard->forming.flags;
}

bool sg_plot_joined(const struct sg_dashboard *dashboard, size_t row)
{
    if (row == 0)
        return false;
    int64_t step = sg_plot_row_time(dashboard, row) - sg_plot_row_time(dashboard, row - 1);
    int64_t interval_us = dashboard->data.history->interval_us;
    /* The next bar forms while the one before it still waits for late ticks before it closes: no gap, it is about to come. */
    if (row >= dashboard->length)
        return step < interval_us * 5 / 2;
    return !(sg_plot_flags(dashboard, row) & SG_ROW_GAP_BEFORE) && step < interval_us * 3 / 2;
}

size_t sg_plot_lower_bound(const struct sg_dashboard *dashboard, double slot)
{
    if (dashboard->length == 0)
        return 0;
    const struct sg_history *history = dashboard->data.history;
    double time = ceil(slot * (double)history->interval_us);
    if (time >= 9e18)
        return dashboard->length;
    if (time <= -9e18)
        return 0;
    size_t low = 0, high = dashboard->length;
    int64_t wanted = (int64_t)time;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history->time_us[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t sg_plot_newest(const struct sg_dashboard *dashboard)
{
    if (dashboard->has_forming)
        return dashboard->length;
    return dashboard->length ? dashboard->length - 1 : SIZE_MAX;
}

void sg_dashboard_update_extent(const struct sg_dashboard *dashboard, struct sg_viewport *view)
{
    size_t newest = sg_plot_newest(dashboard);
    if (newest == SIZE_MAX)
        sg_viewport_set_extent(view, 0, -1);
    else
        sg_viewport_set_extent(view, sg_plot_slot(dashboard, 0), sg_plot_slot(dashboard, newest));
}

void sg_plot_reason(const struct sg_dashboard *dashboard, size_t row, char *buffer, size_t size)
{
    const struct sg_history *history = dashboard->data.history;
    enum sg_reason reason = row < dashboard->length ? (enum sg_reason)history->reason[row] : (enum sg_reason)dashboard->forming.reason;
    /* `have` counts closed bars, as the statistics strip does. */
    size_t have = row < dashboard->length ? row + 1 : dashboard->length;
    if (have > dashboard->data.window)
        have = dashboard->data.window;
    sg_reason_text(reason, have, dashboard->data.window, buffer, size);
}

size_t sg_plot_remarks(const struct sg_dashboard *dashboard, size_t row, const char *separator, char *buffer, size_t size)
{
    const struct sg_dashboard_data *data = &dashboard->data;
    const uint16_t flags = sg_plot_flags(dashboard, row);
    const struct {
        unsigned flag;
        const char *who, *what;
    } told[] = {
        {SG_ROW_A_FILLED, data->symbol_a, " without trades"},
        {SG_ROW_B_FILLED, data->symbol_b, " without trades"},
        {SG_ROW_A_REPAIRED, data->symbol_a, " repaired"},
        {SG_ROW_B_REPAIRED, data->symbol_b, " repaired"},
        /* A whole ticker stream is like that: said only to those who look at volume. */
        {dashboard->volume ? SG_ROW_VOLUME_ESTIMATED : 0, "", "volume estimated"},
        {SG_ROW_WINDOW_HAS_GAP, "", "bars missing in the window"},
        {SG_ROW_STALE, "", "a leg is stale"},
    };
    size_t at = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (!(flags & told[i].flag))
            continue;
        int length = snprintf(buffer + at, size - at, "%s%s%s", at ? separator : "", told[i].who, told[i].what);
        at = length < 0 || (size_t)length >= size - at ? size - 1 : at + (size_t)length;
    }
    if (row > 0 && !sg_plot_joined(dashboard, row)) {
        int64_t step = sg_plot_row_time(dashboard, row) - sg_plot_row_time(dashboard, row - 1);
        long long missing = (long long)(step / data->history->interval_us - 1);
        int length = missing > 0 ? snprintf(buffer + at, size - at, "%s%lld bar%s missing before", at ? separator : "", missing, missing == 1 ? "" : "s")
                                 : snprintf(buffer + at, size - at, "%sgap before", at ? separator : "");
        at = length < 0 || (size_t)length >= size - at ? size - 1 : at + (size_t)length;
    }
    /* Why: of the bar itself, and of the hole before it. */
    int64_t time_us = sg_plot_row_time(dashboard, row), interval_us = data->history->interval_us;
    int64_t from_us = row > 0 && !sg_plot_joined(dashboard, row) ? sg_plot_row_time(dashboard, row - 1) + interval_us : time_us;
    char cause[SG_MISSING_TEXT];
    if (dashboard->missing.count > 0 && sg_dashboard_missing_text(dashboard, from_us, time_us + interval_us, cause, sizeof cause) > 0) {
        int length = snprintf(buffer + at, size - at, "%s%s", at ? separator : "", cause);
        at = length < 0 || (size_t)length >= size - at ? size - 1 : at + (size_t)length;
    }
    return at;
}

/* Device pixels per unit: the transformation's part and the surface's own. */
static double device_scale(cairo_t *cr)
{
    double x = 1, y = 0, surface_x = 1, surface_y = 1;
    cairo_user_to_device_distance(cr, &x, &y);
    cairo_surface_get_device_scale(cairo_get_group_target(cr), &surface_x, &surface_y);
    double scale = hypot(x, y) * surface_x;
    return isfinite(scale) && scale > 0.05 ? fmin(scale, 16) : 1;
}

void sg_plot_frame(struct frame *frame, struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, const struct sg_theme *theme,
                   const char *font, double width, double height)
{
    *frame = (struct frame){.dashboard = dashboard, .cr = cr, .view = view, .theme = theme, .width = width, .height = height};
    frame->plot_width = fmax(width - SG_AXIS_WIDTH, 1);
    frame->scale = cr ? device_scale(cr) : 1;
    if (cr)
        sg_text_set_font(dashboard->text, font ? font : theme->font);
    /* The history is the owner's: if it was rebuilt since set_data, the rows taken over are no more. Draw nothing of them. */
    const struct sg_history *history = dashboard->data.history;
    if (history && (history->epoch != dashboard->epoch || history->length < dashboard->length)) {
        forget_rows(dashboard);
        dashboard->has_forming = false;
    }
    double left = view->right - view->span;
    frame->first = sg_plot_lower_bound(dashboard, left);
    frame->last = sg_plot_lower_bound(dashboard, nextafter(view->right, INFINITY));
    frame->before = frame->first > 0 ? frame->first - 1 : 0;
    frame->after = frame->last < dashboard->length ? frame->last + 1 : frame->last;
    if (dashboard->has_forming) {
        double slot = slot_of(dashboard, dashboard->forming.time_us);
        frame->forming = slot >= left && slot <= view->right;
    }
    frame->dense = (double)(frame->last - frame->first) > 1.5 * frame->plot_width * frame->scale;
}

double sg_plot_x(const struct frame *frame, double slot)
{
    return sg_viewport_fraction_of(frame->view, slot) * frame->plot_width;
}

double sg_plot_row_x(const struct frame *frame, size_t row)
{
    return sg_plot_x(frame, sg_plot_slot(frame->dashboard, row));
}

size_t sg_dashboard_row_at(const struct sg_dashboard *dashboard, const struct sg_viewport *view, double width, double x)
{
    double plot_width = fmax(width - SG_AXIS_WIDTH, 1);
    size_t newest = sg_plot_newest(dashboard);
    if (newest == SIZE_MAX || !(x >= 0) || x >= plot_width)
        return SIZE_MAX;
    double slot = sg_viewport_slot_at(view, x / plot_width);
    size_t after = sg_plot_lower_bound(dashboard, slot);
    if (after > newest)
        return newest;
    if (after == 0)
        return 0;
    return slot - sg_plot_slot(dashboard, after - 1) <= sg_plot_slot(dashboard, after) - slot ? after - 1 : after;
}

const char *sg_pane_title(enum sg_pane pane)
{
    static const char *const titles[SG_PANE_ALL] = {[SG_PANE_PRICE] = "Price",
                                                    [SG_PANE_SPREAD] = "Spread",
                                                    [SG_PANE_ZSCORE] = "Z-score",
                                                    [SG_PANE_CORRELATION] = "Correlation",
                                                    [SG_PANE_HEDGE_RATIO] = "Hedge ratio",
                                                    [SG_PANE_SCATTER] = "Scatter"};
    return (size_t)pane < SG_PANE_ALL ? titles[pane] : "";
}
