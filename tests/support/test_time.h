/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A clock that a test moves by hand, and the folders that ctest hands to every test. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/clock.h"

struct test_clock {
    struct sg_clock clock; /* hand out &test_clock.clock */
    int64_t mono_us, wall_us;
};

/* Both hands at the given times. The structure must stay where it is. */
void test_clock_init(struct test_clock *test, int64_t mono_us, int64_t wall_us);
/* Time passes: both hands move. */
void test_clock_advance(struct test_clock *test, int64_t duration_us);
/* Somebody sets the machine's clock: only wall time moves. */
void test_clock_step_wall(struct test_clock *test, int64_t step_us);

/* "<SG_SHARED_DIR>/<name>" into `path` when it can be read; else prints "SKIP: ..." and returns false. */
bool test_shared_path(const char *name, char *path, size_t size);
/* "<SG_SOURCE_DIR>/<name>" into `path`. */
void test_source_path(const char *name, char *path, size_t size);
