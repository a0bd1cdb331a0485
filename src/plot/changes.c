/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which panes show something of what set_data brought: a picture of bars that are over stays as it is while new ones come. */
#include <math.h>
#include <string.h>
#include "dashboard_private.h"

#define BIT(column) (UINT32_C(1) << (column))
#define EVERY_COLUMN (BIT(SG_COL_COUNT) - 1)
#define EVERY_PANE ((1u << SG_PANE_ALL) - 1)

uint32_t sg_plot_differing(const struct sg_row *one, const struct sg_row *two)
{
    if (one->time_us != two->time_us || one->flags != two->flags || one->reason != two->reason)
        return EVERY_COLUMN;
    uint32_t columns = 0;
    for (int i = 0; i < SG_COL_COUNT; i++) /* byte by byte: a NaN is the same as a NaN */
        if (memcmp(&one->value[i], &two->value[i], sizeof one->value[i]) != 0)
            columns |= BIT(i);
    return columns;
}

void sg_plot_newest_decimals(const struct sg_dashboard *dashboard, int decimals[static 3])
{
    size_t newest = sg_plot_newest(dashboard);
    decimals[0] = decimals[1] = decimals[2] = -1;
    if (newest != SIZE_MAX && dashboard->data.decimals_a < 0)
        decimals[0] = sg_value_decimals(sg_plot_value(dashboard, SERIES_A, newest));
    if (newest != SIZE_MAX && dashboard->data.decimals_b < 0)
        decimals[1] = sg_value_decimals(sg_plot_value(dashboard, SERIES_B, newest));
    if (dashboard->length > 0)
        decimals[2] = sg_plot_beta_decimals(dashboard);
}

static uint32_t columns_of(const struct sg_dashboard *dashboard, enum sg_pane pane)
{
    const uint32_t prices = BIT(SG_COL_A_CLOSE) | BIT(SG_COL_B_CLOSE);
    switch (pane) {
    case SG_PANE_PRICE:
        return prices | BIT(SG_COL_A_OPEN) | BIT(SG_COL_A_HIGH) | BIT(SG_COL_A_LOW) | BIT(SG_COL_B_OPEN) | BIT(SG_COL_B_HIGH) | BIT(SG_COL_B_LOW) |
               (dashboard->volume ? BIT(SG_COL_A_VOLUME) | BIT(SG_COL_B_VOLUME) : 0);
    case SG_PANE_SPREAD:
        return (dashboard->spread_mode == SG_SPREAD_RESIDUAL ? BIT(SG_COL_RESIDUAL) | BIT(SG_COL_RESIDUAL_MEAN) : BIT(SG_COL_SPREAD) | BIT(SG_COL_MEAN)) |
               BIT(SG_COL_STD) | (dashboard->hindsight ? prices : 0);
    case SG_PANE_ZSCORE: return BIT(SG_COL_ZSCORE);
    case SG_PANE_CORRELATION: return BIT(SG_COL_CORRELATION);
    case SG_PANE_HEDGE_RATIO: return BIT(SG_COL_BETA) | BIT(SG_COL_SE_BETA);
    case SG_PANE_SCATTER: return prices | BIT(SG_COL_ALPHA) | BIT(SG_COL_BETA);
    default: return EVERY_COLUMN;
    }
}

/* The first row beyond the right edge is drawn as well, for the line to leave through it. */
static bool reaches(const struct sg_dashboard *dashboard, const struct sg_viewport *view, size_t from_row)
{
    size_t beyond = sg_plot_lower_bound(dashboard, nextafter(view->right, INFINITY));
    return from_row <= beyond;
}

unsigned sg_dashboard_changes(const struct sg_dashboard *dashboard, const struct sg_viewport *view, unsigned *ret_legends)
{
    const struct plot_changes *changes = &dashboard->changes;
    unsigned pictures = 0, legends = 0;
    for (int i = 0; i < SG_PANE_ALL; i++) {
        struct sg_viewport own;
        const struct sg_viewport *seen = sg_plot_view_of(dashboard, (enum sg_pane)i, view, &own);
        bool whole = changes->everything || (changes->hindsight && i == SG_PANE_SPREAD);
        bool newest = changes->rows || (changes->columns & columns_of(dashboard, (enum sg_pane)i)) != 0;
        if (whole || (newest && reaches(dashboard, seen, changes->from_row)))
            pictures |= 1u << i;
        if (whole || newest)
            legends |= 1u << i;
    }
    if (ret_legends)
        *ret_legends = legends;
    return pictures & EVERY_PANE;
}
