/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which number is under the pointer: what number_at says is held against the ink that the drawing put there. */
#include "canvas.h"

static const char font[] = "Sans 10";

struct probe {
    struct scene s;
    struct canvas c;
};

static void open_probe(struct probe *p, const struct sg_row *forming)
{
    scene_open(&p->s, 1000);
    for (int64_t slot = 1000; slot < 1050; slot++)
        append(&p->s, slot, 0.02 * (double)(slot - 1000), 0);
    scene_sync(&p->s, forming);
    p->c = canvas_new(1);
}

static void close_probe(struct probe *p)
{
    canvas_free(&p->c);
    scene_close(&p->s);
}

static bool at(struct probe *p, enum sg_pane pane, size_t cursor, double x, double y, struct sg_shown_number *ret)
{
    return sg_dashboard_number_at(p->s.dashboard, pane, &p->s.view, p->s.theme, font, WIDTH, HEIGHT, cursor, x, y, ret);
}

/* Every number that is met from left to right along the legend, each once; all of them stand on ink. */
static size_t legend_of(struct probe *p, enum sg_pane pane, size_t cursor, struct sg_shown_number *met, size_t most)
{
    size_t found = 0;
    cairo_set_source_rgb(p->c.cr, 0, 0, 0);
    cairo_paint(p->c.cr);
    draw(&p->s, &p->c, pane);
    sg_dashboard_draw_overlay(p->s.dashboard, p->c.cr, pane, &p->s.view, p->s.theme, font, WIDTH, HEIGHT, cursor, -1);
    for (double x = 0; x < 400; x += 1) {
        struct sg_shown_number number;
        if (!at(p, pane, cursor, x, 11, &number) || (found > 0 && met[found - 1].number == number.number))
            continue;
        assert_true(found < most);
        met[found++] = number;
        size_t whole = (size_t)(number.width * number.height),
               background = count(&p->c, &p->s.theme->background, number.x, number.y, number.width, number.height, 8);
        assert_true(whole - background > 20);
    }
    return found;
}

static void the_legend_of_every_pane(void **state)
{
    (void)state;
    struct probe p;
    struct sg_shown_number met[SG_PANE_NUMBERS_MAX];
    static const struct {
        enum sg_pane pane;
        size_t count;
        enum sg_number number[SG_PANE_NUMBERS_MAX];
    } wanted[] = {
        {SG_PANE_PRICE, 2, {SG_NUMBER_CLOSE_A, SG_NUMBER_CLOSE_B}},
        {SG_PANE_SPREAD, 3, {SG_NUMBER_RESIDUAL, SG_NUMBER_RESIDUAL_MEAN, SG_NUMBER_STD}},
        {SG_PANE_ZSCORE, 1, {SG_NUMBER_ZSCORE}},
        {SG_PANE_CORRELATION, 1, {SG_NUMBER_CORRELATION}},
        {SG_PANE_HEDGE_RATIO, 2, {SG_NUMBER_BETA, SG_NUMBER_SE_BETA}},
    };
    open_probe(&p, NULL);
    sg_dashboard_set_price_mode(p.s.dashboard, SG_PRICE_ABSOLUTE);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_int_equal(legend_of(&p, wanted[i].pane, SIZE_MAX, met, SG_PANE_NUMBERS_MAX), wanted[i].count);
        for (size_t j = 0; j < wanted[i].count; j++) {
            assert_int_equal(met[j].number, wanted[i].number[j]);
            assert_int_equal(met[j].row, 49); /* the newest */
        }
        assert_int_equal(legend_of(&p, wanted[i].pane, 17, met, SG_PANE_NUMBERS_MAX), wanted[i].count);
        assert_int_equal(met[0].row, 17); /* the cursor's */
        struct sg_shown_number number;
        assert_false(at(&p, wanted[i].pane, SIZE_MAX, met[0].x + 5, 60, &number));
        assert_false(at(&p, wanted[i].pane, SIZE_MAX, 2, 11, &number)); /* the title is no number */
    }
    assert_int_equal(legend_of(&p, SG_PANE_SCATTER, SIZE_MAX, met, SG_PANE_NUMBERS_MAX), 2); /* no room for the fit */
    assert_true(met[0].number == SG_NUMBER_CLOSE_A);
    assert_true(met[1].number == SG_NUMBER_CLOSE_B);
    close_probe(&p);
}

static void tags_on_the_axis(void **state)
{
    (void)state;
    struct sg_row forming = plain_row(1050, 1.5);
    struct probe p;
    open_probe(&p, &forming);
    struct sg_shown_number number;
    size_t found = 0, inked = 0;
    draw(&p.s, &p.c, SG_PANE_ZSCORE);
    for (double y = 0.5; y < HEIGHT; y += 1) {
        bool there = at(&p, SG_PANE_ZSCORE, SIZE_MAX, 420, y, &number);
        size_t ink = 66 - count(&p.c, &p.s.theme->background, 404, floor(y), 66, 1, 8); /* it is pale: of a bar that is forming */
        found += there;
        inked += ink > 15;
        assert_true(!there || ink > 15 || number.y > y - 1.5 || number.y + number.height < y + 1.5); /* its rounded ends aside */
        assert_true(!there || (number.number == SG_NUMBER_ZSCORE && number.row == 50 && number.y <= y && y <= number.y + number.height));
    }
    assert_true(found >= 12);
    assert_true(found <= inked + 3);
    /* Two legs, two tags; the newest bar out of view: the last one in view. */
    bool a = false, b = false;
    sg_viewport_show(&p.s.view, 1000, 1030);
    p.s.view.right = 1030;
    for (double y = 0.5; y < HEIGHT; y += 1)
        if (at(&p, SG_PANE_PRICE, SIZE_MAX, 420, y, &number)) {
            assert_int_equal(number.row, 30);
            a = a || number.number == SG_NUMBER_CLOSE_A;
            b = b || number.number == SG_NUMBER_CLOSE_B;
        }
    assert_true(a);
    assert_true(b);
    close_probe(&p);
}

/* Every tag is whole wherever the pointer is: the crosshair's stands over none of the others. */
static void no_tag_covers_another(void **state)
{
    (void)state;
    struct probe p;
    static const struct {
        enum sg_pane pane;
        size_t tags;
    } panes[] = {{SG_PANE_PRICE, 2}, {SG_PANE_ZSCORE, 1}};
    open_probe(&p, NULL);
    const struct sg_theme *theme = p.s.theme;
    for (size_t i = 0; i < 2; i++) {
        const struct sg_color *color[2] = {panes[i].tags == 1 ? &theme->zscore : &theme->leg_a, &theme->leg_b};
        size_t whole[3] = {0};
        for (double y = -1; y < HEIGHT; y += 1) {
            draw(&p.s, &p.c, panes[i].pane);
            sg_dashboard_draw_overlay(p.s.dashboard, p.c.cr, panes[i].pane, &p.s.view, theme, font, WIDTH, HEIGHT, 20, y);
            for (size_t k = 0; k <= panes[i].tags; k++) {
                /* Its left edge, which no text reaches, over the whole height of the pane. */
                const struct sg_color *of = k < panes[i].tags ? color[k] : &theme->tag_background;
                size_t rows = count(&p.c, of, 402, 0, 2, HEIGHT, 6);
                if (y < 1)
                    whole[k] = rows > whole[k] ? rows : whole[k];
                assert_true(k == panes[i].tags && y < 0 ? rows == 0 : rows + 4 >= whole[k]);
            }
        }
        for (size_t k = 0; k <= panes[i].tags; k++)
            assert_true(whole[k] > 15);
    }
    close_probe(&p);
}

static double left_of(struct probe *p, enum sg_pane pane, size_t cursor, enum sg_number which)
{
    struct sg_shown_number number;
    for (double x = 0; x < 400; x += 1)
        if (at(p, pane, cursor, x, 11, &number) && number.number == which)
            return number.x;
    return NAN;
}

/* A number that gains a digit or a sign moves what stands behind it once; after that nothing moves, whatever bar is pointed at. */
static void a_legend_stands_still(void **state)
{
    (void)state;
    struct probe p;
    open_probe(&p, NULL);
    for (int64_t slot = 1050; slot < 1090; slot++)
        append(&p.s, slot, slot % 7 == 3 ? -123.4 : 1.0, 0);
    scene_sync(&p.s, NULL);
    double first = left_of(&p, SG_PANE_SPREAD, 61, SG_NUMBER_RESIDUAL_MEAN), widest = first;
    assert_true(isfinite(first));
    for (size_t row = 0; row < 90; row++) {
        double left = left_of(&p, SG_PANE_SPREAD, row, SG_NUMBER_RESIDUAL_MEAN);
        assert_true(left >= widest);
        widest = left;
    }
    assert_true(widest > first + 4);
    for (size_t row = 0; row < 90; row++)
        assert_true(left_of(&p, SG_PANE_SPREAD, row, SG_NUMBER_RESIDUAL_MEAN) == widest);
    /* Another series begins anew. */
    p.s.history.epoch++;
    scene_sync(&p.s, NULL);
    assert_true(left_of(&p, SG_PANE_SPREAD, 61, SG_NUMBER_RESIDUAL_MEAN) == first);
    close_probe(&p);
}

static void nothing_is_no_number(void **state)
{
    (void)state;
    struct scene s;
    struct sg_shown_number number;
    scene_open(&s, 10);
    for (int pane = 0; pane <= SG_PANE_ALL; pane++)
        for (double x = 0; x < WIDTH; x += 3)
            assert_false(sg_dashboard_number_at(s.dashboard, (enum sg_pane)pane, &s.view, s.theme, font, WIDTH, HEIGHT, SIZE_MAX, x, 11, &number));
    scene_close(&s);
}

static void the_numbers_of_a_pane(void **state)
{
    (void)state;
    struct sg_dashboard *dashboard = sg_dashboard_new();
    enum sg_number numbers[SG_PANE_NUMBERS_MAX];
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_SPREAD, numbers), 3);
    sg_dashboard_set_hindsight(dashboard, true);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_SPREAD, numbers), 4);
    assert_int_equal(numbers[0], SG_NUMBER_RESIDUAL);
    assert_int_equal(numbers[1], SG_NUMBER_RESIDUAL_MEAN);
    assert_int_equal(numbers[3], SG_NUMBER_RESIDUAL_TODAY);
    sg_dashboard_set_spread_mode(dashboard, SG_SPREAD_LEVEL);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_SPREAD, numbers), 4);
    assert_int_equal(numbers[0], SG_NUMBER_SPREAD);
    assert_int_equal(numbers[1], SG_NUMBER_MEAN);
    assert_int_equal(numbers[3], SG_NUMBER_SPREAD_TODAY);
    sg_dashboard_set_spread_mode(dashboard, SG_SPREAD_DEVIATION);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_SPREAD, numbers), 4);
    assert_int_equal(numbers[0], SG_NUMBER_DEVIATION);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_ZSCORE, numbers), 3);
    assert_int_equal(numbers[0], SG_NUMBER_ZSCORE);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_SCATTER, numbers), 4);
    assert_int_equal(sg_dashboard_numbers(dashboard, SG_PANE_ALL, numbers), 0);
    sg_dashboard_free(dashboard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_legend_of_every_pane), cmocka_unit_test(tags_on_the_axis),     cmocka_unit_test(a_legend_stands_still),
        cmocka_unit_test(no_tag_covers_another),    cmocka_unit_test(nothing_is_no_number), cmocka_unit_test(the_numbers_of_a_pane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
