/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the tests of analytics share: tolerant comparison, a seeded random walk, and columns of the reference data sets. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/base/decimal.h"

static inline bool close_to(double got, double want, double relative)
{
    return fabs(got - want) <= relative * (fabs(want) > 1e-300 ? fabs(want) : 1.0);
}

static inline void expect_close_at(const char *what, double got, double want, double relative, const char *file, int line)
{
    if (close_to(got, want, relative))
        return;
    char g[SG_DECIMAL_BUF], w[SG_DECIMAL_BUF];
    sg_decimal_from_double(got, g);
    sg_decimal_from_double(want, w);
    print_error("%s: got %s, want %s\n", what, g, w);
    _fail(file, line);
}
#define expect_close(got, want, relative) expect_close_at(#got, got, want, relative, __FILE__, __LINE__)

/* SplitMix64: the same series on every machine. */
static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline double random_uniform(uint64_t *state)
{
    return ((double)(random_bits(state) >> 11) + 0.5) * 0x1p-53;
}

static inline double random_normal(uint64_t *state)
{
    double u = random_uniform(state), v = random_uniform(state);
    return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

static inline const char *shared_dir(void)
{
    const char *dir = getenv("SG_SHARED_DIR");
    char path[4096];
    if (!dir || snprintf(path, sizeof path, "%s/data/PROVENANCE.md", dir) >= (int)sizeof path)
        return NULL;
    FILE *f = fopen(path, "r");
    if (f)
        fclose(f);
    return f ? dir : NULL;
}

/* One named column of a comma-separated file under the shared data; n values, to be freed. Fails the test when it is not there. */
static inline double *read_column(const char *file, const char *column, size_t *ret_n)
{
    char path[4096], line[4096];
    snprintf(path, sizeof path, "%s/data/%s", shared_dir(), file);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("cannot open %s", path);
    size_t wanted = SIZE_MAX, n = 0;
    double *values = malloc(20000 * sizeof *values);
    assert_non_null(values);
    for (bool header = true; fgets(line, sizeof line, f); header = false) {
        char *at = line;
        line[strcspn(line, "\r\n")] = '\0';
        for (size_t i = 0; at; i++) {
            char *cell = at, *end = strchr(at, ',');
            at = end ? end + 1 : NULL;
            size_t length = end ? (size_t)(end - cell) : strlen(cell);
            if (length > 1 && cell[0] == '"') {
                cell++;
                length -= 2;
            }
            if (header && length == strlen(column) && memcmp(cell, column, length) == 0)
                wanted = i;
            else if (!header && i == wanted && n < 20000)
                assert_int_equal(sg_decimal_to_double(cell, length, &values[n++]), SG_OK);
        }
    }
    fclose(f);
    if (n == 0)
        fail_msg("no column %s in %s", column, path);
    *ret_n = n;
    return values;
}
