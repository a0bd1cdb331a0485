/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view after a finger let go: it slows down, ends, and does not depend on the frame rate. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/app/kinetic_private.h"

static void slow_and_nonsense_do_not_move(void **state)
{
    (void)state;
    struct sg_kinetic kinetic;
    assert_false(sg_kinetic_begin(&kinetic, 199));
    assert_false(sg_kinetic_begin(&kinetic, (double)NAN));
    assert_false(sg_kinetic_begin(&kinetic, (double)INFINITY));
    assert_true(sg_kinetic_step(&kinetic, 16) == 0);
    assert_true(sg_kinetic_begin(&kinetic, -90000));
    assert_true(kinetic.velocity == -SG_KINETIC_MOST);
    assert_true(sg_kinetic_step(&kinetic, -5) == 0);
}

static double whole_way(double velocity, double ms, int *ret_steps)
{
    struct sg_kinetic kinetic;
    double way = 0;
    *ret_steps = 0;
    sg_kinetic_begin(&kinetic, velocity);
    while (kinetic.velocity != 0 && *ret_steps < 100000) {
        way += sg_kinetic_step(&kinetic, ms);
        ++*ret_steps;
    }
    return way;
}

static void it_ends_and_is_the_same_at_any_frame_rate(void **state)
{
    (void)state;
    int fast, slow;
    double at_144 = whole_way(3000, 1000.0 / 144, &fast), at_30 = whole_way(3000, 1000.0 / 30, &slow);
    assert_true(fast < 1000);
    assert_true(slow < 200);
    assert_true(at_144 > 500);
    assert_true(at_144 < 1000); /* 3000 px/s over a third of a second of decay */
    assert_true(fabs(at_144 - at_30) < 2);
    assert_true(fabs(whole_way(-3000, 10, &fast) + whole_way(3000, 10, &slow)) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slow_and_nonsense_do_not_move), cmocka_unit_test(it_ends_and_is_the_same_at_any_frame_rate)};
    return cmocka_run_group_tests_name("kinetic", tests, NULL, NULL);
}
