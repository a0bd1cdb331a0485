/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numbers.h"
#include "spreadglass/analytics/alert.h"

static struct sg_pair_params params;
static struct sg_alert alert;
static int64_t now;

static enum sg_alert_change at(double z)
{
    struct sg_pair_result r = {.zscore = z, .zscore_reason = isnan(z) ? SG_REASON_CONSTANT_SPREAD : SG_REASON_NONE};
    return sg_alert_update(&alert, &params, now += 1000000, &r, false);
}

static int start(void **state)
{
    (void)state;
    sg_pair_params_default(&params);
    params.exit = params.entry; /* the plain rule, where no test sets another */
    sg_alert_reset(&alert);
    now = 0;
    return 0;
}

static void raised_and_cleared(void **state)
{
    (void)state;
    assert_false(sg_alert_visible(&alert, 0));
    assert_int_equal(at(2.0), SG_ALERT_UNCHANGED); /* the threshold itself is not beyond it */
    assert_int_equal(at(2.0000001), SG_ALERT_RAISED);
    assert_int_equal(alert.side, SG_SIGNAL_OVERBOUGHT);
    assert_int_equal(alert.since_us, 2000000);
    assert_true(sg_alert_visible(&alert, now));
    assert_int_equal(at(3.5), SG_ALERT_UNCHANGED);
    assert_int_equal(at(2.5), SG_ALERT_UNCHANGED);
    assert_true(alert.peak == 3.5);
    assert_true(alert.zscore == 2.5);
    assert_int_equal(alert.since_us, 2000000);
    assert_int_equal(at(2.0), SG_ALERT_CLEARED);
    assert_int_equal(alert.side, SG_SIGNAL_NONE);
    assert_false(sg_alert_visible(&alert, now));
    assert_int_equal(at(-2.1), SG_ALERT_RAISED);
    assert_int_equal(alert.side, SG_SIGNAL_OVERSOLD);
    assert_int_equal(at(-4.0), SG_ALERT_UNCHANGED);
    assert_true(alert.peak == -4.0);
    assert_int_equal(at(-1.0), SG_ALERT_CLEARED);
    assert_int_equal(alert.raised_count, 2);
}

static void hysteresis_does_not_flap(void **state)
{
    (void)state;
    params.exit = 0.5;
    assert_int_equal(at(2.0), SG_ALERT_UNCHANGED); /* beyond is more than at */
    assert_int_equal(at(-2.0), SG_ALERT_UNCHANGED);
    assert_int_equal(at(2.1), SG_ALERT_RAISED);
    for (int i = 0; i < 10; i++) /* around the entry level: nothing happens */
        assert_int_equal(at(i % 2 ? 2.1 : 1.9), SG_ALERT_UNCHANGED);
    assert_int_equal(at(0.51), SG_ALERT_UNCHANGED);
    assert_int_equal(at(0.5), SG_ALERT_CLEARED);
    assert_int_equal(at(1.9), SG_ALERT_UNCHANGED); /* not raised again below entry */
    assert_int_equal(alert.side, SG_SIGNAL_NONE);
    assert_int_equal(at(2.5), SG_ALERT_RAISED);
    assert_int_equal(alert.raised_count, 2);
}

/* One bar is no alert and its end; what z is meanwhile is not hidden. */
static void stands_for_three_closes(void **state)
{
    (void)state;
    params.exit = 1.5;
    assert_int_equal(at(2.4), SG_ALERT_RAISED);
    assert_int_equal(at(-0.4), SG_ALERT_UNCHANGED);
    assert_true(alert.zscore == -0.4);
    assert_true(alert.peak == 2.4);
    assert_int_equal(at(0.3), SG_ALERT_UNCHANGED);
    assert_int_equal(alert.side, SG_SIGNAL_OVERBOUGHT);
    assert_int_equal(at(0.2), SG_ALERT_CLEARED); /* three bars after it was raised */
    assert_int_equal(at(2.4), SG_ALERT_RAISED);
    assert_int_equal(at(-3.0), SG_ALERT_UNCHANGED); /* the other side waits as long … */
    assert_true(alert.peak == 2.4);
    assert_int_equal(at(-3.1), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.9), SG_ALERT_FLIPPED); /* … and no longer */
    assert_int_equal(alert.side, SG_SIGNAL_OVERSOLD);
    assert_true(alert.peak == -2.9);
    assert_int_equal(at(-2.0), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-1.51), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-1.5), SG_ALERT_CLEARED);
    assert_int_equal(at(2.4), SG_ALERT_RAISED); /* what is not known does not stand */
    assert_int_equal(at(NAN), SG_ALERT_CLEARED);
    params.exit = 2.0; /* the plain rule comes and goes with every crossing */
    assert_int_equal(at(2.4), SG_ALERT_RAISED);
    assert_int_equal(at(-2.4), SG_ALERT_FLIPPED);
    assert_int_equal(at(-1.9), SG_ALERT_CLEARED);
}

static void held_back(void **state)
{
    (void)state;
    params.exit = 1.5;
    params.hold = 3;
    assert_int_equal(at(2.4), SG_ALERT_UNCHANGED);
    assert_int_equal(at(2.4), SG_ALERT_UNCHANGED);
    assert_int_equal(at(1.9), SG_ALERT_UNCHANGED); /* not in a row */
    assert_int_equal(at(2.4), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.4), SG_ALERT_UNCHANGED); /* nor on one side */
    assert_int_equal(at(-2.4), SG_ALERT_UNCHANGED);
    assert_int_equal(at(NAN), SG_ALERT_UNCHANGED); /* nor with a hole in it */
    assert_int_equal(at(-2.4), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.1), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.2), SG_ALERT_RAISED);
    assert_int_equal(alert.since_us, 10000000);
    assert_true(alert.peak == -2.2);
    assert_int_equal(at(2.5), SG_ALERT_UNCHANGED);
    assert_int_equal(at(2.5), SG_ALERT_UNCHANGED);
    assert_int_equal(at(2.5), SG_ALERT_FLIPPED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(at(1.6), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.5), SG_ALERT_CLEARED); /* the first close on the other side ends it and raises nothing yet */
    assert_int_equal(at(-2.5), SG_ALERT_UNCHANGED);
    assert_int_equal(at(-2.5), SG_ALERT_RAISED);
}

static void jump_from_side_to_side(void **state)
{
    (void)state;
    assert_int_equal(at(2.5), SG_ALERT_RAISED);
    alert.dismissed = true;
    assert_int_equal(at(-3.0), SG_ALERT_FLIPPED);
    assert_int_equal(alert.side, SG_SIGNAL_OVERSOLD);
    assert_int_equal(alert.since_us, 2000000);
    assert_true(alert.peak == -3.0);
    assert_true(sg_alert_visible(&alert, now)); /* dismissing the one does not dismiss the other */
    assert_int_equal(alert.raised_count, 2);
}

static void undefined_and_stale_raise_nothing(void **state)
{
    struct sg_pair_result r = {.zscore = 5.0, .zscore_reason = SG_REASON_NONE};
    (void)state;
    assert_int_equal(at(NAN), SG_ALERT_UNCHANGED);
    assert_int_equal(sg_alert_update(&alert, &params, 1, &r, true), SG_ALERT_UNCHANGED);
    assert_true(isnan(alert.zscore));
    assert_int_equal(at(3.0), SG_ALERT_RAISED);
    assert_int_equal(at(NAN), SG_ALERT_CLEARED);
    assert_int_equal(at(3.0), SG_ALERT_RAISED);
    assert_int_equal(sg_alert_update(&alert, &params, 2, &r, true), SG_ALERT_CLEARED);
    r.zscore = 5.0; /* a value beside a reason is not a value */
    r.zscore_reason = SG_REASON_WARMING_UP;
    assert_int_equal(sg_alert_update(&alert, &params, 3, &r, false), SG_ALERT_UNCHANGED);
}

static void mute_and_dismiss_hide_but_do_not_change(void **state)
{
    (void)state;
    assert_int_equal(at(2.5), SG_ALERT_RAISED);
    alert.muted_until_us = now + 5000000;
    assert_false(sg_alert_visible(&alert, now));
    assert_false(sg_alert_visible(&alert, now + 4999999));
    assert_true(sg_alert_visible(&alert, now + 5000000));
    assert_int_equal(alert.side, SG_SIGNAL_OVERBOUGHT);
    alert.muted_until_us = 0;
    alert.dismissed = true;
    assert_false(sg_alert_visible(&alert, now));
    assert_int_equal(at(2.6), SG_ALERT_UNCHANGED);
    assert_false(sg_alert_visible(&alert, now)); /* until it clears */
    assert_int_equal(at(0.0), SG_ALERT_CLEARED);
    assert_int_equal(at(2.6), SG_ALERT_RAISED);
    assert_true(sg_alert_visible(&alert, now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(raised_and_cleared, start),
        cmocka_unit_test_setup(hysteresis_does_not_flap, start),
        cmocka_unit_test_setup(stands_for_three_closes, start),
        cmocka_unit_test_setup(held_back, start),
        cmocka_unit_test_setup(jump_from_side_to_side, start),
        cmocka_unit_test_setup(undefined_and_stale_raise_nothing, start),
        cmocka_unit_test_setup(mute_and_dismiss_hide_but_do_not_change, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
