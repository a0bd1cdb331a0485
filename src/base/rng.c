/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void sg_rng_seed(struct sg_rng *rng, uint64_t seed, uint64_t stream)
{
    /* The stream is mixed before it meets the seed, so that (1, 0) and (0, 1) have nothing in common. */
    uint64_t key = stream;
    uint64_t state = seed ^ splitmix(&key);
    for (int i = 0; i < 4; i++)
        rng->state[i] = splitmix(&state);
    rng->spare = 0;
    rng->has_spare = 0;
}

uint64_t sg_rng_next(struct sg_rng *rng)
{
    uint64_t *s = rng->state;
    const uint64_t result = rotate(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double sg_rng_uniform(struct sg_rng *rng)
{
    return (double)(sg_rng_next(rng) >> 11) * 0x1p-53;
}

uint64_t sg_rng_below(struct sg_rng *rng, uint64_t bound)
{
    /* Values of the incomplete last block of 2^64 are drawn again. */
    const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t x;
    do
        x = sg_rng_next(rng);
    while (x >= limit);
    return x % bound;
}

double sg_rng_normal(struct sg_rng *rng)
{
    if (rng->has_spare) {
        rng->has_spare = 0;
        return rng->spare;
    }
    double u, v, s;
    do {
        u = 2 * sg_rng_uniform(rng) - 1;
        v = 2 * sg_rng_uniform(rng) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double f = sqrt(-2 * log(s) / s);
    rng->spare = v * f;
    rng->has_spare = 1;
    return u * f;
}
