/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of the panes: order, visibility, shares, and what of a hand-edited setting is believed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../src/app/pane_layout_private.h"

static const char *order(const struct sg_pane_layout *layout, char buffer[static 128])
{
    struct sg_pane_share panes[SG_PANE_ALL];
    size_t count = sg_pane_layout_visible(layout, panes);
    buffer[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        g_strlcat(buffer, i > 0 ? " " : "", 128);
        g_strlcat(buffer, sg_pane_name(panes[i].pane), 128);
    }
    return buffer;
}

static void shows_and_hides(void **state)
{
    (void)state;
    struct sg_pane_layout layout;
    char text[128];
    sg_pane_layout_init(&layout);
    assert_string_equal(order(&layout, text), "price spread zscore correlation");
    assert_true(sg_pane_layout_show(&layout, SG_PANE_SCATTER, TRUE));
    assert_false(sg_pane_layout_show(&layout, SG_PANE_SCATTER, TRUE));
    assert_true(sg_pane_layout_show(&layout, SG_PANE_SPREAD, FALSE));
    assert_string_equal(order(&layout, text), "price zscore correlation scatter");
    assert_true(sg_pane_layout_show(&layout, SG_PANE_PRICE, FALSE));
    assert_true(sg_pane_layout_show(&layout, SG_PANE_ZSCORE, FALSE));
    assert_true(sg_pane_layout_show(&layout, SG_PANE_CORRELATION, FALSE));
    assert_false(sg_pane_layout_show(&layout, SG_PANE_SCATTER, FALSE)); /* the last one stays */
    assert_string_equal(order(&layout, text), "scatter");
}

static void moves(void **state)
{
    (void)state;
    struct sg_pane_layout layout;
    char text[128];
    sg_pane_layout_init(&layout);
    assert_false(sg_pane_layout_move(&layout, SG_PANE_PRICE, -1));
    assert_true(sg_pane_layout_move(&layout, SG_PANE_PRICE, 1));
    assert_string_equal(order(&layout, text), "spread price zscore correlation");
    assert_true(sg_pane_layout_move(&layout, SG_PANE_CORRELATION, -2));
    assert_string_equal(order(&layout, text), "spread correlation price zscore");
    assert_false(sg_pane_layout_move(&layout, SG_PANE_ZSCORE, 1)); /* below it are only hidden ones */
    assert_true(sg_pane_layout_insert(&layout, SG_PANE_SPREAD, SG_NO_PANE));
    assert_string_equal(order(&layout, text), "correlation price zscore spread");
    assert_true(sg_pane_layout_insert(&layout, SG_PANE_ZSCORE, SG_PANE_CORRELATION));
    assert_string_equal(order(&layout, text), "zscore correlation price spread");
    assert_false(sg_pane_layout_insert(&layout, SG_PANE_ZSCORE, SG_PANE_CORRELATION));
    /* A hidden pane between two shown ones is stepped over. */
    assert_true(sg_pane_layout_show(&layout, SG_PANE_CORRELATION, FALSE));
    assert_true(sg_pane_layout_move(&layout, SG_PANE_PRICE, -1));
    assert_string_equal(order(&layout, text), "price zscore spread");
}

static void maximises(void **state)
{
    (void)state;
    struct sg_pane_layout layout;
    char text[128];
    sg_pane_layout_init(&layout);
    assert_true(sg_pane_layout_maximize(&layout, SG_PANE_ZSCORE));
    assert_string_equal(order(&layout, text), "zscore");
    assert_true(sg_pane_layout_show(&layout, SG_PANE_PRICE, TRUE)); /* it is there, but nobody could see it */
    assert_string_equal(order(&layout, text), "price spread zscore correlation");
    assert_true(sg_pane_layout_maximize(&layout, SG_PANE_SCATTER)); /* a hidden one is shown by it */
    assert_true(sg_pane_layout_maximize(&layout, SG_NO_PANE));
    assert_string_equal(order(&layout, text), "price spread zscore correlation scatter");
    assert_true(sg_pane_layout_maximize(&layout, SG_PANE_SCATTER));
    assert_true(sg_pane_layout_show(&layout, SG_PANE_SCATTER, FALSE));
    assert_string_equal(order(&layout, text), "price spread zscore correlation");
}

static void divides_the_height(void **state)
{
    (void)state;
    struct sg_pane_layout layout;
    struct sg_pane_share panes[SG_PANE_ALL];
    sg_pane_layout_init(&layout);
    const double heights[] = {400, 300, 200, 100};
    assert_true(sg_pane_layout_set_heights(&layout, heights, 4));
    sg_pane_layout_visible(&layout, panes);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(panes[i].share - heights[i] / 1000) < 1e-12);
    assert_false(sg_pane_layout_set_heights(&layout, heights, 3));
    const double bad[] = {400, 0, 200, (double)NAN};
    assert_false(sg_pane_layout_set_heights(&layout, bad, 4));
    assert_true(sg_pane_layout_equalise(&layout));
    assert_false(sg_pane_layout_equalise(&layout));
    sg_pane_layout_visible(&layout, panes);
    for (int i = 1; i < 4; i++)
        assert_true(panes[i].share == panes[0].share);
}

static void comes_back(void **state)
{
    (void)state;
    struct sg_pane_layout layout, again;
    char before[128], after[128];
    sg_pane_layout_init(&layout);
    sg_pane_layout_show(&layout, SG_PANE_HEDGE_RATIO, TRUE);
    sg_pane_layout_move(&layout, SG_PANE_HEDGE_RATIO, -3);
    sg_pane_layout_show(&layout, SG_PANE_SPREAD, FALSE);
    g_autoptr(GVariant) saved = g_variant_ref_sink(sg_pane_layout_save(&layout));
    sg_pane_layout_load(&again, saved, "");
    assert_string_equal(order(&layout, before), order(&again, after));
    sg_pane_layout_load(&again, saved, "zscore");
    assert_int_equal(again.maximized, SG_PANE_ZSCORE);
    sg_pane_layout_load(&again, saved, "spread"); /* hidden: it cannot have the height */
    assert_int_equal(again.maximized, SG_NO_PANE);
}

static void nonsense_is_repaired(void **state)
{
    (void)state;
    static const struct {
        const char *text, *order;
    } cases[] = {
        {"[('zscore', 0.5, true), ('zscore', 0.1, true), ('nothing', 0.1, true), ('price', -3.0, true)]", "zscore price"},
        {"@a(sdb) []", "price spread zscore correlation"},
        {"[('price', 0.5, false)]", "price spread zscore correlation"},
        {"[('scatter', 1e300, true)]", "scatter"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sg_pane_layout layout;
        struct sg_pane_share panes[SG_PANE_ALL];
        char text[128];
        g_autoptr(GVariant) saved = g_variant_parse(G_VARIANT_TYPE("a(sdb)"), cases[i].text, NULL, NULL, NULL);
        assert_non_null(saved);
        sg_pane_layout_load(&layout, saved, "no such pane");
        assert_string_equal(order(&layout, text), cases[i].order);
        size_t count = sg_pane_layout_visible(&layout, panes);
        for (size_t p = 0; p < count; p++) {
            assert_true(panes[p].share > 0.01);
            assert_true(panes[p].share <= 1);
        }
        struct sg_dashboard *dashboard = sg_dashboard_new();
        assert_int_equal(sg_dashboard_set_panes(dashboard, panes, count), SG_OK);
        sg_dashboard_free(dashboard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_and_hides),    cmocka_unit_test(moves),      cmocka_unit_test(maximises),
                                       cmocka_unit_test(divides_the_height), cmocka_unit_test(comes_back), cmocka_unit_test(nonsense_is_repaired)};
    return cmocka_run_group_tests_name("pane layout", tests, NULL, NULL);
}
