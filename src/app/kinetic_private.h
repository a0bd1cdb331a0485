/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a view goes on after a finger has let go: pure arithmetic. */
#include <stdbool.h>

#define SG_KINETIC_LEAST 200.0 /* px/s: a slower finger has put the view where it wants it */
#define SG_KINETIC_MOST 7000.0

struct sg_kinetic {
    double velocity; /* px/s; 0: at rest */
};

/* Whether there is anything to go on with. */
bool sg_kinetic_begin(struct sg_kinetic *kinetic, double velocity);
/* The way (px) of the next `ms` milliseconds; a velocity that is hardly seen ends it. Pieces of a stretch of time add up to its whole. */
double sg_kinetic_step(struct sg_kinetic *kinetic, double ms);
