/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kinetic_private.h"

#include <math.h>

#define DAMPING 0.997 /* of the velocity, a millisecond */
#define REST 20.0     /* px/s */

bool sg_kinetic_begin(struct sg_kinetic *kinetic, double velocity)
{
    bool moves = isfinite(velocity) && fabs(velocity) >= SG_KINETIC_LEAST;
    kinetic->velocity = moves ? copysign(fmin(fabs(velocity), SG_KINETIC_MOST), velocity) : 0;
    return moves;
}

double sg_kinetic_step(struct sg_kinetic *kinetic, double ms)
{
    if (!(ms > 0) || kinetic->velocity == 0)
        return 0;
    double left = pow(DAMPING, ms), way = kinetic->velocity / 1000 * (left - 1) / log(DAMPING); /* the integral of v * DAMPING^t */
    kinetic->velocity *= left;
    if (fabs(kinetic->velocity) < REST)
        kinetic->velocity = 0;
    return way;
}
