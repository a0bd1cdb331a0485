/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A seeded random number generator: the same seed gives the same numbers on every machine and build.
 *
 * xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64. Not for secrets. One owner per generator, no
 * global state, no allocation. `stream` separates independent sequences of one seed. */
#include <stdint.h>

struct sg_rng {
    uint64_t state[4];
    double spare; /* the second value of the last normal pair */
    int has_spare;
};

void sg_rng_seed(struct sg_rng *rng, uint64_t seed, uint64_t stream);
uint64_t sg_rng_next(struct sg_rng *rng);                  /* 64 uniform bits */
double sg_rng_uniform(struct sg_rng *rng);                 /* [0, 1), 53 bits */
uint64_t sg_rng_below(struct sg_rng *rng, uint64_t bound); /* [0, bound), unbiased; bound > 0 */
double sg_rng_normal(struct sg_rng *rng);                  /* mean 0, deviation 1 (polar method) */
