/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distribution of the Dickey-Fuller t statistic.
 *
 * p-values: J. G. MacKinnon, Approximate asymptotic distribution functions for unit-root and cointegration tests, Journal of
 * Business and Economic Statistics 12 (1994) 167-176, tables 3 and 4: Phi(polynomial in tau), one polynomial for the lower
 * tail and one for the rest. Critical values: J. G. MacKinnon, Critical values for cointegration tests, Queen's Economics
 * Department Working Paper 1227 (2010), table 2: b0 + b1/T + b2/T^2 + b3/T^3. The entry for two series, constant, 1 %, b2 is
 * -22.527 as printed in the paper; the -33.527 found in widely copied tables is a typing error. */
#include <math.h>
#include <stddef.h>
#include "spreadglass/analytics/unit_root.h"

struct surface {
    double minimum, maximum;   /* below: p = 0; above: p = 1 */
    double split;              /* lower-tail polynomial up to here */
    double lower[3], upper[4]; /* ascending powers */
};

static const struct surface NO_CONSTANT_1 = {-19.04, INFINITY, -1.04, {0.6344, 1.2378, 3.2496e-2}, {0.4797, 0.93557, -0.06999, 0.033066}};
static const struct surface CONSTANT_1 = {-18.83, 2.74, -1.61, {2.1659, 1.4412, 3.8269e-2}, {1.7339, 0.93202, -0.12745, -0.010368}};
static const struct surface CONSTANT_2 = {-18.86, 0.92, -2.62, {2.92, 1.5012, 3.9796e-2}, {2.1945, 0.64695, -0.29198, -0.042377}};

/* 1 %, 5 %, 10 %. */
static const double CRITICAL_NO_CONSTANT_1[3][4] = {{-2.56574, -2.2358, -3.627, 0.0}, {-1.94100, -0.2686, -3.365, 31.223}, {-1.61682, 0.2656, -2.714, 25.364}};
static const double CRITICAL_CONSTANT_1[3][4] = {{-3.43035, -6.5393, -16.786, -79.433}, {-2.86154, -2.8903, -4.234, -40.040}, {-2.56677, -1.5384, -2.809, 0.0}};
static const double CRITICAL_CONSTANT_2[3][4] = {{-3.89644, -10.9519, -22.527, 0.0}, {-3.33613, -6.1101, -6.823, 0.0}, {-3.04445, -4.2412, -2.720, 0.0}};

double sg_mackinnon_p(double statistic, enum sg_adf_trend trend, int series)
{
    const struct surface *s;
    if (series == 1)
        s = trend == SG_ADF_NONE ? &NO_CONSTANT_1 : &CONSTANT_1;
    else if (series == 2 && trend == SG_ADF_CONSTANT)
        s = &CONSTANT_2;
    else
        return NAN;
    if (isnan(statistic))
        return NAN;
    if (statistic > s->maximum)
        return 1.0;
    if (statistic < s->minimum)
        return 0.0;
    double t = statistic;
    double at = t <= s->split ? s->lower[0] + t * (s->lower[1] + t * s->lower[2]) : s->upper[0] + t * (s->upper[1] + t * (s->upper[2] + t * s->upper[3]));
    return 0.5 * erfc(-at * M_SQRT1_2);
}

void sg_mackinnon_critical(enum sg_adf_trend trend, int series, size_t observations, double ret_critical[static 3])
{
    const double(*table)[4] = NULL;
    if (series == 1)
        table = trend == SG_ADF_NONE ? CRITICAL_NO_CONSTANT_1 : CRITICAL_CONSTANT_1;
    else if (series == 2 && trend == SG_ADF_CONSTANT)
        table = CRITICAL_CONSTANT_2;
    double inverse = observations > 0 ? 1.0 / (double)observations : NAN;
    for (size_t i = 0; i < 3; i++)
        ret_critical[i] = table ? table[i][0] + inverse * (table[i][1] + inverse * (table[i][2] + inverse * table[i][3])) : NAN;
}
