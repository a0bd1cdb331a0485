/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Panes as pixels: predicates about colours at places, never pictures to compare with. */
#include <stdio.h>
#include "canvas.h"
#include "../../../src/plot/dashboard_private.h"

static const double z_level = 1.0;

static void a_line_is_where_its_value_is_and_breaks_at_a_gap(void **state)
{
    (void)state;
    for (double scale = 1; scale <= 2; scale += 0.5) {
        struct scene s;
        scene_open(&s, 10000);
        for (int64_t slot = 1000; slot < 1101; slot++)
            if (slot < 1040 || slot >= 1060)
                append(&s, slot, slot < 1050 ? z_level : -z_level, slot == 1060 ? SG_ROW_GAP_BEFORE : 0);
        scene_sync(&s, NULL);
        sg_viewport_show(&s.view, 1000, 1100);
        s.view.right = 1100;
        struct canvas c = canvas_new(scale);
        draw(&s, &c, SG_PANE_ZSCORE);
        size_t left_up = count(&c, &s.theme->zscore, 10, 0, 140, HEIGHT / 2, 40),
               left_down = count(&c, &s.theme->zscore, 10, HEIGHT / 2 + 10, 140, HEIGHT / 2, 40);
        assert_true((double)left_up >= 130 * scale);
        assert_int_equal(left_down, 0);
        assert_int_equal(count(&c, &s.theme->zscore, 170, 0, 60, HEIGHT, 40), 0); /* the gap */
        assert_int_equal(count(&c, &s.theme->zscore, 250, 0, 140, HEIGHT / 2 - 10, 40), 0);
        assert_true((double)count(&c, &s.theme->zscore, 250, HEIGHT / 2, 140, HEIGHT / 2, 40) >= 130 * scale);
        canvas_free(&c);
        scene_close(&s);
    }
}

static void missing_time_is_hatched_and_no_other(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        if (slot < 1040 || slot >= 1060)
            append(&s, slot, z_level, slot == 1060 ? SG_ROW_GAP_BEFORE : 0);
    scene_sync(&s, NULL);
    sg_viewport_show(&s.view, 1000, 1100);
    s.view.right = 1100;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_CORRELATION);
    /* Below the axis' ticks: what is not background is the hatch (time grid aside). */
    size_t gap = 8 * 50 - count(&c, &s.theme->background, 175, 192, 50, 8, 0), full = 8 * 40 - count(&c, &s.theme->background, 20, 192, 40, 8, 0);
    assert_true(gap > 100);
    assert_true(full <= 8 * 2);
    canvas_free(&c);
    scene_close(&s);
}

static void an_undefined_value_breaks_the_line_too(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, slot >= 1040 && slot < 1060 ? NAN : z_level, 0);
    scene_sync(&s, NULL);
    sg_viewport_show(&s.view, 1000, 1100);
    s.view.right = 1100;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE);
    assert_int_equal(count(&c, &s.theme->zscore, 165, 0, 70, HEIGHT, 40), 0);
    assert_true(count(&c, &s.theme->zscore, 10, 0, 140, HEIGHT, 40) >= 130);
    canvas_free(&c);
    scene_close(&s);
}

static void one_spike_in_a_million_is_seen(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 1000000);
    const int64_t spike = 654321;
    for (int64_t slot = 0; slot < 1000000; slot++)
        append(&s, slot, slot == spike ? 9 : 0.001 * (double)(slot % 7), 0);
    scene_sync(&s, NULL);
    s.view.span = 1e6;
    s.view.right = 1e6;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE);
    double x = 400.0 * (double)spike / 1e6;
    assert_true(count(&c, &s.theme->zscore, floor(x) - 1, 20, 3, 120, 60) >= 80);
    assert_int_equal(count(&c, &s.theme->zscore, 4, 50, x - 10, 50, 60), 0);
    /* And from any view that has it, however the columns fall. */
    for (int i = 0; i < 40; i++) {
        s.view.span = 1e6 / (1 + i * 0.7);
        s.view.right = (double)spike + s.view.span * (0.1 + 0.02 * i);
        draw(&s, &c, SG_PANE_ZSCORE);
        x = 400 * (1 - (s.view.right - (double)spike) / s.view.span);
        assert_true(count(&c, &s.theme->zscore, floor(x) - 1, 20, 4, 120, 60) >= 80);
    }
    canvas_free(&c);
    scene_close(&s);
}

static void a_gap_breaks_dense_columns(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 1000000);
    for (int64_t slot = 0; slot < 100000; slot++)
        if (slot < 40000 || slot >= 50000)
            append(&s, slot, sin((double)slot), slot == 50000 ? SG_ROW_GAP_BEFORE : 0);
    scene_sync(&s, NULL);
    s.view.span = 100000;
    s.view.right = 99999;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE);
    assert_int_equal(count(&c, &s.theme->zscore, 162, 0, 36, HEIGHT, 60), 0);
    assert_true(count(&c, &s.theme->zscore, 20, 0, 130, HEIGHT, 60) > 2000);
    canvas_free(&c);
    scene_close(&s);
}

static void the_newest_value_has_a_tag_and_two_never_overlap(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, sin((double)slot / 9), 0);
    /* Both legs end at the same percentage: their tags want the same place. */
    scene_sync(&s, NULL);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_PRICE);
    size_t a = count(&c, &s.theme->leg_a, 400, 0, 76, HEIGHT, 2), b = count(&c, &s.theme->leg_b, 400, 0, 76, HEIGHT, 2);
    assert_true(a > 700);
    assert_true(b > 700);
    assert_true((double)a < 1.15 * (double)b);
    assert_true((double)b < 1.15 * (double)a);
    canvas_free(&c);
    scene_close(&s);
}

static void the_forming_bar_is_provisional(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1051; slot++)
        append(&s, slot, 0, 0);
    struct sg_row forming = plain_row(1051, 1.5);
    scene_sync(&s, &forming);
    s.view.right = 1055;
    s.view.span = 20;
    struct canvas c = canvas_new(2);
    draw(&s, &c, SG_PANE_ZSCORE);
    /* 20 px a slot: the dotted way from 1050 to 1051 has less ink than a full one; the dot is hollow. */
    double from = 400 * (1 - 5.0 / 20), to = 400 * (1 - 4.0 / 20);
    size_t provisional = count(&c, &s.theme->zscore, from + 1, 0, to - from - 6, HEIGHT, 60);
    append(&s, 1051, 1.5, 0);
    append(&s, 1052, 1.5, 0);
    scene_sync(&s, NULL);
    s.view.right = 1055;
    s.view.span = 20;
    draw(&s, &c, SG_PANE_ZSCORE);
    size_t closed = count(&c, &s.theme->zscore, from + 1, 0, to - from - 6, HEIGHT, 60);
    assert_true(provisional > 0);
    assert_true((double)provisional < 0.75 * (double)closed);
    canvas_free(&c);
    scene_close(&s);
}

static void an_alert_is_marked_on_its_bar(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, slot < 1050 ? 1.8 : 2.2, slot == 1050 ? SG_ROW_ALERT_RAISED | SG_ROW_OVERBOUGHT : 0);
    scene_sync(&s, NULL);
    sg_viewport_show(&s.view, 1000, 1100);
    s.view.right = 1100;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE);
    size_t there = count(&c, &s.theme->threshold, 194, 0, 13, 60, 30), elsewhere = count(&c, &s.theme->threshold, 250, 0, 13, 60, 30);
    assert_true(there >= elsewhere + 15);
    canvas_free(&c);
    scene_close(&s);
}

static void pathological_data_is_drawn_without_harm(void **state)
{
    (void)state;
    const double values[] = {0, -0.0, 1e-300, 1e300, -1e300, 1.7e308, -1.7e308, INFINITY, -INFINITY, NAN, 5e-324};
    const size_t kinds = sizeof values / sizeof values[0];
    struct canvas c = canvas_new(1);
    for (size_t i = 0; i < kinds; i++) {
        for (size_t j = 0; j < kinds; j++) {
            struct scene s;
            scene_open(&s, 10000);
            for (int64_t slot = 0; slot < 40; slot++) {
                struct sg_row row = plain_row(slot, 0);
                for (int col = 0; col < SG_COL_COUNT; col++)
                    row.value[col] = slot % 2 ? values[i] : values[j];
                assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
            }
            scene_sync(&s, NULL);
            for (int mode = 0; mode < 2; mode++) {
                sg_dashboard_set_price_mode(s.dashboard, mode ? SG_PRICE_ABSOLUTE : SG_PRICE_PERCENT);
                for (int pane = 0; pane < SG_PANE_COUNT; pane++) {
                    draw(&s, &c, (enum sg_pane)pane);
                    sg_dashboard_draw_overlay(s.dashboard, c.cr, (enum sg_pane)pane, &s.view, s.theme, NULL, WIDTH, HEIGHT, 20, 50);
                }
            }
            scene_close(&s);
        }
    }
    canvas_free(&c);
}

static void nothing_to_draw_explains_itself(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    struct canvas c = canvas_new(1);
    struct sg_dashboard_data none = {.history = NULL};
    sg_dashboard_set_data(s.dashboard, &none);
    for (int pane = 0; pane < SG_PANE_COUNT; pane++) {
        draw(&s, &c, (enum sg_pane)pane);
        assert_true(count(&c, &s.theme->text_dim, 100, 80, 200, 40, 40) > 20); /* words in the middle */
        sg_dashboard_draw_overlay(s.dashboard, c.cr, (enum sg_pane)pane, &s.view, s.theme, NULL, WIDTH, HEIGHT, SIZE_MAX, -1);
    }
    sg_dashboard_draw_time_axis(s.dashboard, c.cr, &s.view, s.theme, NULL, WIDTH, 26, SIZE_MAX);
    assert_true(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 10) == SIZE_MAX);
    for (int64_t slot = 1000; slot < 1037; slot++)
        append(&s, slot, NAN, 0);
    scene_sync(&s, NULL);
    draw(&s, &c, SG_PANE_ZSCORE);
    assert_true(count(&c, &s.theme->text_dim, 100, 80, 200, 40, 40) > 20);
    char words[128];
    sg_dashboard_describe(s.dashboard, SG_PANE_ZSCORE, SIZE_MAX, words, sizeof words);
    assert_string_equal(words, "z-score undefined: warming up 37/60");
    canvas_free(&c);
    scene_close(&s);
}

static void rows_are_found_under_the_pointer(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        if (slot < 1040 || slot >= 1060)
            append(&s, slot, 0, 0);
    struct sg_row forming = plain_row(1101, 1);
    scene_sync(&s, &forming);
    s.view.span = 100;
    s.view.right = 1100; /* 4 px a slot */
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 0), 0);
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 5.9), 1);
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 6.1), 2);
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 180), 39); /* in the gap: its nearer side */
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 220), 40);
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 399), 80);
    assert_true(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 401) == SIZE_MAX);
    assert_true(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, -1) == SIZE_MAX);
    assert_true(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, NAN) == SIZE_MAX);
    s.view.right = 1150;
    assert_int_equal(sg_dashboard_row_at(s.dashboard, &s.view, WIDTH, 399), 81); /* the forming bar */
    scene_close(&s);
}

static void set_data_says_when_a_picture_could_differ(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1050; slot++)
        append(&s, slot, slot < 1010 ? NAN : 1, 0);
    assert_true(scene_sync(&s, NULL));
    assert_false(scene_sync(&s, NULL));
    append(&s, 1050, 1, 0);
    assert_true(scene_sync(&s, NULL));
    struct sg_row forming = plain_row(1051, 1);
    forming.value[SG_COL_BETA] = NAN; /* the same NaN is no change */
    assert_true(scene_sync(&s, &forming));
    assert_false(scene_sync(&s, &forming));
    forming.value[SG_COL_A_CLOSE] += 1;
    assert_true(scene_sync(&s, &forming));
    assert_true(scene_sync(&s, NULL));
    forming.time_us = 1049 * MINUTE_US; /* older than the newest row: no forming bar */
    assert_false(scene_sync(&s, &forming));
    struct sg_dashboard_data data = fixture_data(&s.history, NULL);
    data.entry = 2.5;
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    data.utc = false;
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    sg_history_reset(&s.history, MINUTE_US);
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_ZSCORE); /* the rows it knew are gone, and nobody told it yet */
    assert_true(sg_dashboard_set_data(s.dashboard, &data));
    draw(&s, &c, SG_PANE_ZSCORE);
    canvas_free(&c);
    scene_close(&s);
}

static void appending_equals_starting_over(void **state)
{
    (void)state;
    struct scene grown, fresh;
    struct canvas a = canvas_new(1), b = canvas_new(1);
    scene_open(&grown, 100000);
    for (int64_t slot = 0; slot < 3000; slot++) {
        append(&grown, slot, 2.5 * sin((double)(slot * slot) / 1000), 0);
        scene_sync(&grown, NULL);
        if (slot % 500 == 499) {
            grown.view.span = (double)slot;
            sg_viewport_go_live(&grown.view);
            for (int pane = 0; pane < SG_PANE_COUNT; pane++) {
                /* A new history of the same rows, and the same object made to forget how it stood. */
                scene_open(&fresh, 100000);
                for (int64_t i = 0; i <= slot; i++)
                    append(&fresh, i, 2.5 * sin((double)(i * i) / 1000), 0);
                scene_sync(&fresh, NULL);
                fresh.view = grown.view;
                draw(&fresh, &b, (enum sg_pane)pane);
                draw(&grown, &a, (enum sg_pane)pane);
                cairo_surface_flush(a.surface);
                cairo_surface_flush(b.surface);
                assert_memory_equal(cairo_image_surface_get_data(a.surface), cairo_image_surface_get_data(b.surface),
                                    (size_t)cairo_image_surface_get_stride(a.surface) * (size_t)HEIGHT);
                scene_close(&fresh);
            }
        }
    }
    canvas_free(&a);
    canvas_free(&b);
    scene_close(&grown);
}

static void labels_hold_still_while_values_tick(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, 1.5 * sin((double)slot / 9), 0);
    struct canvas c = canvas_new(1);
    unsigned char *before = malloc(20 * (size_t)HEIGHT);
    int moved = 0;
    for (int tick = 0; tick < 60; tick++) {
        struct sg_row forming = plain_row(1101, 1.4 + 0.02 * sin(tick));
        scene_sync(&s, &forming);
        draw(&s, &c, SG_PANE_SPREAD);
        cairo_surface_flush(c.surface);
        /* A column of pixels in the plot's empty left margin of the first bar: grid lines only. */
        unsigned char *pixels = cairo_image_surface_get_data(c.surface);
        int stride = cairo_image_surface_get_stride(c.surface), differ = 0;
        for (int y = 0; y < (int)HEIGHT; y++) {
            differ += tick > 0 && memcmp(before + y * 4, pixels + y * stride + 396 * 4, 4) != 0;
            memcpy(before + y * 4, pixels + y * stride + 396 * 4, 4);
        }
        moved += differ > 0;
    }
    assert_int_equal(moved, 0);
    free(before);
    canvas_free(&c);
    scene_close(&s);
}

/* Mean colour of blocks of 4x4 device pixels: two ways of antialiasing may differ in a pixel, not in how much ink is where. */
static double worst_block(const struct canvas *a, const struct canvas *b)
{
    cairo_surface_flush(a->surface);
    cairo_surface_flush(b->surface);
    const unsigned char *x = cairo_image_surface_get_data(a->surface), *y = cairo_image_surface_get_data(b->surface);
    int stride = cairo_image_surface_get_stride(a->surface), width = cairo_image_surface_get_width(a->surface),
        height = cairo_image_surface_get_height(a->surface);
    double worst = 0;
    for (int top = 0; top + 4 <= height; top += 4)
        for (int left = 0; left + 4 <= width; left += 4) {
            double sum = 0;
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 16; j++)
                    sum += (double)x[(top + i) * stride + left * 4 + j] - (double)y[(top + i) * stride + left * 4 + j];
            worst = fmax(worst, fabs(sum) / 48);
        }
    return worst;
}

static void pixels_and_strokes_agree(void **state)
{
    (void)state;
    for (int dense = 0; dense < 2; dense++) {
        for (double scale = 1; scale <= 2; scale += 0.5) {
            struct scene s;
            struct fixture_random random = {.state = 3};
            scene_open(&s, 100000);
            fixture_fill(&s.history, &random, dense ? 30000 : 300, 60, dense ? 9000 : 220, dense ? 900 : 9);
            scene_sync(&s, NULL);
            s.view.span = dense ? 25000 : 170;
            sg_viewport_go_live(&s.view);
            for (int pane = 0; pane < SG_PANE_COUNT; pane++) {
                struct canvas direct = canvas_new(scale), stroked = canvas_new(scale);
                draw(&s, &direct, (enum sg_pane)pane);
                sg_plot_strokes_only(s.dashboard, true);
                draw(&s, &stroked, (enum sg_pane)pane);
                sg_plot_strokes_only(s.dashboard, false);
                double worst = worst_block(&direct, &stroked);
                if (worst > 24)
                    print_message("pane %d, scale x10 %d, dense %d: worst block %d\n", pane, (int)(scale * 10), dense, (int)worst);
                assert_true(worst <= 24);
                canvas_free(&direct);
                canvas_free(&stroked);
            }
            scene_close(&s);
        }
    }
}

static void a_marked_stretch_is_tinted_and_nothing_else(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, 0, 0);
    scene_sync(&s, NULL);
    s.view.span = 100;
    s.view.right = 1100;
    struct canvas c = canvas_new(1);
    draw(&s, &c, SG_PANE_CORRELATION);
    size_t left = count(&c, &s.theme->background, 0, 100, 90, 80, 0), inside = count(&c, &s.theme->background, 110, 100, 80, 80, 0);
    assert_true(inside > 1000);
    sg_dashboard_draw_selection(s.dashboard, c.cr, &s.view, s.theme, NULL, WIDTH, HEIGHT, 1050, 1025, true); /* from 100 to 200 px, drawn backwards */
    assert_int_equal(count(&c, &s.theme->background, 0, 100, 90, 80, 0), left);
    assert_int_equal(count(&c, &s.theme->background, 110, 100, 80, 80, 0), 0);
    assert_true(count(&c, &s.theme->tag_background, 80, 170, 140, 30, 2) > 500);
    sg_dashboard_draw_selection(s.dashboard, c.cr, &s.view, s.theme, NULL, WIDTH, HEIGHT, NAN, 1025, true);
    sg_dashboard_draw_selection(s.dashboard, c.cr, &s.view, s.theme, NULL, WIDTH, HEIGHT, -1e300, 1e300, true);
    canvas_free(&c);
    scene_close(&s);
}

static void words_for_those_who_do_not_see_the_lines(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 10000);
    for (int64_t slot = 1000; slot < 1101; slot++)
        append(&s, slot, -0.33, 0);
    scene_sync(&s, NULL);
    char words[128];
    size_t length = sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 5, words, sizeof words);
    assert_string_equal(words, "BTCUSDT 64996.70, ETHUSDT 3199.67");
    assert_int_equal(length, strlen(words));
    sg_dashboard_describe(s.dashboard, SG_PANE_ZSCORE, SIZE_MAX, words, sizeof words);
    assert_string_equal(words, "z-score -0.33");
    sg_dashboard_describe(s.dashboard, SG_PANE_CORRELATION, 0, words, sizeof words);
    assert_string_equal(words, "correlation 0.900");
    length = sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 5, words, 12);
    assert_int_equal(length, 11);
    assert_string_equal(words, "BTCUSDT 649");
    assert_int_equal(sg_dashboard_describe(s.dashboard, SG_PANE_PRICE, 5, words, 0), 0);
    assert_string_equal(sg_pane_title(SG_PANE_ZSCORE), "Z-score");
    assert_string_equal(sg_pane_title(SG_PANE_ALL), "");
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_where_its_value_is_and_breaks_at_a_gap),
        cmocka_unit_test(missing_time_is_hatched_and_no_other),
        cmocka_unit_test(an_undefined_value_breaks_the_line_too),
        cmocka_unit_test(one_spike_in_a_million_is_seen),
        cmocka_unit_test(a_gap_breaks_dense_columns),
        cmocka_unit_test(the_newest_value_has_a_tag_and_two_never_overlap),
        cmocka_unit_test(the_forming_bar_is_provisional),
        cmocka_unit_test(an_alert_is_marked_on_its_bar),
        cmocka_unit_test(pathological_data_is_drawn_without_harm),
        cmocka_unit_test(nothing_to_draw_explains_itself),
        cmocka_unit_test(rows_are_found_under_the_pointer),
        cmocka_unit_test(set_data_says_when_a_picture_could_differ),
        cmocka_unit_test(appending_equals_starting_over),
        cmocka_unit_test(a_marked_stretch_is_tinted_and_nothing_else),
        cmocka_unit_test(pixels_and_strokes_agree),
        cmocka_unit_test(labels_hold_still_while_values_tick),
        cmocka_unit_test(words_for_those_who_do_not_see_the_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
