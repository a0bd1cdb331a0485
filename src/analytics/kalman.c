/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "spreadglass/analytics/kalman.h"

void sg_kalman_init(struct sg_kalman *k, double delta, double noise, double prior)
{
    *k = (struct sg_kalman){.walk = delta / (1.0 - delta), .noise = noise, .p_bb = prior, .p_aa = prior};
}

void sg_kalman_update(struct sg_kalman *k, double y, double x)
{
    /* The walk steps between observations, so the first one sees the prior alone. */
    double step = k->count > 0 ? k->walk : 0.0;
    double r_bb = k->p_bb + step, r_ba = k->p_ba, r_aa = k->p_aa + step;
    double rf_b = r_bb * x + r_ba, rf_a = r_ba * x + r_aa; /* R F' */
    double q = x * rf_b + rf_a + k->noise;
    double e = y - (k->beta * x + k->alpha);
    k->beta += rf_b / q * e;
    k->alpha += rf_a / q * e;
    /* R - R F' F R / Q as an outer product: symmetric by construction. */
    k->p_bb = r_bb - rf_b * rf_b / q;
    k->p_ba = r_ba - rf_b * rf_a / q;
    k->p_aa = r_aa - rf_a * rf_a / q;
    double sd = sqrt(q);
    k->steady = k->count > 0 && fabs(sd - k->innovation_sd) <= 0.1 * k->innovation_sd ? k->steady + 1 : 0;
    k->settled = k->settled || k->steady >= SG_KALMAN_SETTLE_BARS;
    k->innovation = e;
    k->innovation_sd = sd;
    k->count++;
}
