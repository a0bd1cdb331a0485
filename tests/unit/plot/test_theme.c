/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contrast as WCAG 2 defines it: (L1 + 0.05) / (L2 + 0.05) of relative luminances. */
#include "fixture.h"

static double channel(double value)
{
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(const struct sg_color *color)
{
    return 0.2126 * channel(color->red) + 0.7152 * channel(color->green) + 0.0722 * channel(color->blue);
}

static double contrast(const struct sg_color *a, const struct sg_color *b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void four_themes_by_name(void **state)
{
    (void)state;
    assert_string_equal(sg_theme_get(false, false)->name, "light");
    assert_string_equal(sg_theme_get(true, false)->name, "dark");
    assert_string_equal(sg_theme_get(false, true)->name, "light-hc");
    assert_string_equal(sg_theme_get(true, true)->name, "dark-hc");
    for (int i = 0; i < 4; i++)
        assert_int_equal(sg_theme_get(i & 1, i & 2)->dark, i & 1);
}

static void everything_that_is_read_has_its_contrast(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        const struct sg_theme *t = sg_theme_get(i & 1, i & 2);
        double least = i & 2 ? 7 : 4.5;
        const struct sg_color *inks[] = {&t->text, &t->text_dim, &t->leg_a, &t->leg_b, &t->spread, &t->zscore, &t->correlation, &t->beta, &t->threshold};
        for (size_t j = 0; j < sizeof inks / sizeof inks[0]; j++) {
            assert_true(contrast(inks[j], &t->background) >= least);
            assert_true(inks[j]->alpha == 1);
        }
        assert_true(contrast(&t->text, &t->panel) >= least);
        assert_true(contrast(&t->text_dim, &t->panel) >= 4.5);
        assert_true(contrast(&t->tag_text, &t->tag_background) >= 4.5);
        assert_true(contrast(&t->alert_text, &t->alert_background) >= 4.5);
        assert_true(contrast(&t->alert_text, &t->alert_below) >= 4.5);
        assert_true(contrast(&t->threshold, &t->panel) >= 3);
        assert_true(contrast(&t->focus, &t->panel) >= 3);
        assert_true(contrast(&t->crosshair, &t->background) >= 3);
        assert_true(contrast(&t->focus, &t->background) >= 3);
        assert_true(t->line_width >= (i & 2 ? 2 : 1.5));
        assert_true(t->grid_alpha >= (i & 2 ? 0.3 : 0.08));
        assert_true(t->grid.alpha == t->grid_alpha);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(four_themes_by_name), cmocka_unit_test(everything_that_is_read_has_its_contrast)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
