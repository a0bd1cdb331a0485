/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The range of values of a pane, by hand: scaled about a point, shifted, and given back to the automatic. */
#include <math.h>
#include "chart_area_private.h"

static gboolean range_of(SgChartArea *area, enum sg_pane pane, double *ret_low, double *ret_high, gboolean *ret_log)
{
    GtkWidget *widget = sg_pane_stack_pane(sg_chart_area_stack(area), pane);
    if (!sg_dashboard_value_range(sg_chart_area_dashboard(area), pane, sg_chart_area_view(area), gtk_widget_get_width(widget), gtk_widget_get_height(widget),
                                  ret_low, ret_high))
        return FALSE;
    *ret_log = pane == SG_PANE_PRICE && sg_chart_area_price_mode(area) == SG_PRICE_LOG && *ret_low > 0;
    if (*ret_log) {
        *ret_low = log10(*ret_low);
        *ret_high = log10(*ret_high);
    }
    return TRUE;
}

static void take(SgChartArea *area, enum sg_pane pane, double low, double high, gboolean log)
{
    if (log) {
        low = pow(10, low);
        high = pow(10, high);
    }
    /* Narrower than doubles can tell apart, or wider than they reach: stay. */
    if (!isfinite(low) || !isfinite(high) || !(high - low > fmax(fabs(low), fabs(high)) * 1e-9) || high - low > 1e30)
        return;
    sg_dashboard_set_value_range(sg_chart_area_dashboard(area), pane, low, high);
    sg_chart_area_redraw(area);
}

void sg_chart_area_scale_values(SgChartArea *area, enum sg_pane pane, double factor, double from_below)
{
    double low, high;
    gboolean log;
    if (!(factor > 0) || !range_of(area, pane, &low, &high, &log))
        return;
    double fixed = low + (high - low) * from_below;
    take(area, pane, fixed - (fixed - low) * factor, fixed + (high - fixed) * factor, log);
}

void sg_chart_area_shift_values(SgChartArea *area, enum sg_pane pane, double part)
{
    double low, high;
    gboolean log;
    if (!range_of(area, pane, &low, &high, &log))
        return;
    double step = (high - low) * part;
    take(area, pane, low + step, high + step, log);
}

void sg_chart_area_reset_values(SgChartArea *area, enum sg_pane pane)
{
    sg_dashboard_set_value_range(sg_chart_area_dashboard(area), pane, 0, 0);
    sg_chart_area_redraw(area);
}
