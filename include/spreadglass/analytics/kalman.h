/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The hedge ratio as a random walk, filtered (Kalman): state [beta, alpha], observation y = beta x + alpha + e.
 *
 *   F = [x, 1]   R = P + V_w   Q = F R F' + V_e   e = y - F b   K = R F' / Q   b += K e   P = R - K F R
 *
 * with V_w = delta / (1 - delta) I. Neither delta nor V_e is free of scale: divide the legs by their starting prices first, as
 * the pair model does. Plain struct, one owner, no failure: inputs must be finite. */
#include <stdbool.h>
#include <stddef.h>

#define SG_KALMAN_DELTA 1e-4
#define SG_KALMAN_NOISE 1e-3
#define SG_KALMAN_DIFFUSE 1e6 /* prior variance of both states: "nothing is known" for legs that start at 1 */
#define SG_KALMAN_SETTLE_BARS 10

struct sg_kalman {
    double walk;  /* V_w's diagonal */
    double noise; /* V_e */
    double beta, alpha;
    double p_bb, p_ba, p_aa;          /* covariance of the state after the last observation */
    double innovation, innovation_sd; /* e and sqrt(Q) of the last observation */
    size_t count;
    size_t steady; /* consecutive bars over which sqrt(Q) changed by less than 10 % */
    bool settled;  /* SG_KALMAN_SETTLE_BARS of those were seen: beta may be shown. Stays true */
};

/* delta in [0, 1): 0 makes the states constant, which is recursive least squares. prior: variance of both states at the start. */
void sg_kalman_init(struct sg_kalman *kalman, double delta, double noise, double prior);
void sg_kalman_update(struct sg_kalman *kalman, double y, double x);
