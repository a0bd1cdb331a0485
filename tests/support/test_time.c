/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t read_mono(void *context)
{
    const struct test_clock *test = context;

    return test->mono_us;
}

static int64_t read_wall(void *context)
{
    const struct test_clock *test = context;

    return test->wall_us;
}

void test_clock_init(struct test_clock *test, int64_t mono_us, int64_t wall_us)
{
    *test = (struct test_clock){{read_mono, read_wall, test}, mono_us, wall_us};
}

void test_clock_advance(struct test_clock *test, int64_t duration_us)
{
    test->mono_us += duration_us;
    test->wall_us += duration_us;
}

void test_clock_step_wall(struct test_clock *test, int64_t step_us)
{
    test->wall_us += step_us;
}

bool test_shared_path(const char *name, char *path, size_t size)
{
    const char *folder = getenv("SG_SHARED_DIR");

    if (!folder) {
        printf("SKIP: SG_SHARED_DIR is not set (needed for %s)\n", name);
        return false;
    }
    snprintf(path, size, "%s/%s", folder, name);
    if (access(path, R_OK) != 0) {
        printf("SKIP: %s is not there\n", path);
        return false;
    }
    return true;
}

void test_source_path(const char *name, char *path, size_t size)
{
    const char *folder = getenv("SG_SOURCE_DIR");

    snprintf(path, size, "%s/%s", folder ? folder : ".", name);
}
