/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of worth, as a whole table: every kind of bar against every other one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "spreadglass/market/bar_quality.h"

/* From the worst to the best; kinds of one rank have one number. */
static const struct {
    uint32_t flags;
    int worth;
    const char *name;
} kinds[] = {
    {SG_BAR_PROVISIONAL, 0, "forming"},
    {SG_BAR_PROVISIONAL | SG_BAR_INCOMPLETE, 0, "forming"},
    {SG_BAR_INCOMPLETE, 1, "incomplete"},
    {SG_BAR_INCOMPLETE | SG_BAR_UNSETTLED, 1, "incomplete"},
    {SG_BAR_INCOMPLETE | SG_BAR_REPAIRED, 1, "incomplete"},
    {SG_BAR_INCOMPLETE | SG_BAR_VOLUME_ESTIMATED, 1, "incomplete"},
    {SG_BAR_UNSETTLED, 2, "unsettled"},
    {SG_BAR_UNSETTLED | SG_BAR_REPAIRED, 2, "unsettled"},
    {SG_BAR_UNSETTLED | SG_BAR_FILLED, 2, "unsettled"},
    {SG_BAR_VOLUME_ESTIMATED, 3, "estimated"},
    {SG_BAR_NO_VOLUME, 3, "estimated"},
    {SG_BAR_VOLUME_ESTIMATED | SG_BAR_FILLED, 3, "estimated"},
    {SG_BAR_REPAIRED, 4, "repaired"},
    {SG_BAR_REPAIRED | SG_BAR_FILLED | SG_BAR_AFTER_GAP, 4, "repaired"},
    {0, 5, "exact"},
    {SG_BAR_FILLED, 5, "exact"},
    {SG_BAR_AFTER_GAP, 5, "exact"},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void every_kind_against_every_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        assert_string_equal(sg_bar_quality_name(sg_bar_quality(kinds[i].flags)), kinds[i].name);
        for (size_t j = 0; j < KINDS; j++) {
            /* Trades decide between two of one worth only. */
            for (uint32_t trades = 0; trades < 3; trades++) {
                bool better = sg_bar_is_better(kinds[i].flags, trades, kinds[j].flags, 1);
                bool wanted = kinds[i].worth > kinds[j].worth || (kinds[i].worth == kinds[j].worth && trades >= 1);
                if (better != wanted)
                    print_message("%s (%u) of %u trades over %s (%u) of 1\n", kinds[i].name, kinds[i].flags, trades, kinds[j].name, kinds[j].flags);
                assert_int_equal(better, wanted);
            }
        }
    }
    assert_string_equal(sg_bar_quality_name(SG_QUALITY_COUNT), "unknown");
}

/* A file that says the quality of a bar gives it back. */
static void names_read_back(void **state)
{
    (void)state;
    for (int i = SG_QUALITY_INCOMPLETE; i < SG_QUALITY_COUNT; i++) {
        const char *name = sg_bar_quality_name((enum sg_bar_quality)i);
        uint32_t flags = UINT32_MAX;
        assert_true(sg_bar_quality_flags(name, strlen(name), &flags));
        assert_int_equal(sg_bar_quality(flags), i);
        assert_false(sg_bar_quality_flags(name, strlen(name) - 1, &flags));
    }
    uint32_t flags = 7;
    assert_false(sg_bar_quality_flags("forming", 7, &flags)); /* no bar of a file forms */
    assert_false(sg_bar_quality_flags("", 0, &flags));
    assert_false(sg_bar_quality_flags("exactly", 7, &flags));
    assert_int_equal(flags, 7);
}

/* The finer order never says another thing than the rank, nor than what is in doubt. */
static void it_agrees_with_the_rank(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < KINDS; j++) {
            struct sg_bar one = {.flags = kinds[i].flags}, other = {.flags = kinds[j].flags};
            if (sg_bar_rank(&one) > sg_bar_rank(&other))
                assert_true(sg_bar_quality(one.flags) > sg_bar_quality(other.flags));
            if (sg_bar_is_doubtful(one.flags) && sg_bar_is_final(&other))
                assert_false(sg_bar_is_better(one.flags, UINT32_MAX, other.flags, 0));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_against_every_other),
        cmocka_unit_test(it_agrees_with_the_rank),
        cmocka_unit_test(names_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
