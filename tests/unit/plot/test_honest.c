/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is drawn is what was there, whatever the zoom: every highest and lowest value of every pixel column, nothing where there is nothing, and
 * bars that were filled, repaired or still form told from the others, in every style, theme and scale. */
#include <stdio.h>
#include "canvas.h"
#include "../../../src/plot/dashboard_private.h"

#define PLOT_WIDTH (WIDTH - SG_AXIS_WIDTH)

static const double scales[] = {1, 1.25, 1.5, 2};
#define SCALES (sizeof scales / sizeof scales[0])

/* How much of a pixel is of `ink`, the rest being background: 0 … 1, other colours by their part in that direction. */
static double inked(const struct canvas *c, const struct sg_theme *theme, const struct sg_color *ink, int x, int y)
{
    const unsigned char *pixel = cairo_image_surface_get_data(c->surface) + y * cairo_image_surface_get_stride(c->surface) + x * 4;
    double base[3] = {theme->background.blue, theme->background.green, theme->background.red}, full[3] = {ink->blue, ink->green, ink->red};
    double along = 0, length = 0;
    for (int i = 0; i < 3; i++) {
        along += (pixel[i] / 255.0 - base[i]) * (full[i] - base[i]);
        length += (full[i] - base[i]) * (full[i] - base[i]);
    }
    return along / length;
}

/* Is a pixel wholly of this colour? */
static bool is_of(const struct canvas *c, const struct sg_color *ink, int x, int y)
{
    const unsigned char *pixel = cairo_image_surface_get_data(c->surface) + y * cairo_image_surface_get_stride(c->surface) + x * 4;
    return fabs(pixel[0] - ink->blue * 255) < 24 && fabs(pixel[1] - ink->green * 255) < 24 && fabs(pixel[2] - ink->red * 255) < 24;
}

/* --- extremes ---------------------------------------------------------------------------------------------------------------- */

#define ROWS 120000

/* A slow wave with noise of which single bars stand far out to both sides, undefined stretches and missing time. */
static void wild(struct scene *s, struct fixture_random *random)
{
    scene_open(s, 2 * ROWS);
    int64_t slot = 1000;
    size_t undefined = 0;
    for (size_t i = 0; i < ROWS; i++, slot++) {
        double z = sin((double)i / 900) + 0.05 * fixture_noise(random) / (0.01 + fixture_uniform(random));
        bool gap = i > 0 && fixture_uniform(random) < 0.0008;
        if (gap)
            slot += 1 + (int64_t)(fixture_uniform(random) * fixture_uniform(random) * 3000);
        if (undefined == 0 && fixture_uniform(random) < 0.0004)
            undefined = (size_t)(fixture_uniform(random) * 600);
        undefined -= undefined > 0;
        append(s, slot, undefined > 0 ? NAN : z, gap ? SG_ROW_GAP_BEFORE : 0);
    }
    scene_sync(s, NULL);
}

/* Extent of each device column as the rows themselves have it; how far those two are from the nearest border of a column. */
struct brute {
    double low, high, low_inside, high_inside;
    size_t rows;
};

static void look_at_extremes(struct scene *s, struct canvas *c, enum sg_pane pane, int *checked)
{
    struct frame frame;
    struct pane_plan plan;
    struct value_axis axis;
    struct brute brute[(size_t)(PLOT_WIDTH * 2) + 1];
    draw(s, c, pane);
    cairo_surface_flush(c->surface);
    sg_plot_frame(&frame, s->dashboard, c->cr, &s->view, s->theme, "Sans 10", WIDTH, HEIGHT);
    sg_plot_plan(&frame, pane, &plan);
    sg_plot_axis(&frame, &plan, 0, &axis);
    if (!axis.valid)
        return;
    int columns = (int)(PLOT_WIDTH * c->scale), bottom = (int)(HEIGHT * c->scale);
    for (int i = 0; i < columns; i++)
        brute[i] = (struct brute){.low = INFINITY, .high = -INFINITY};
    const struct line_plan *line = &plan.line[0];
    for (size_t row = frame.first; row < frame.last; row++) {
        double value = sg_plot_value(s->dashboard, line->series, row);
        double x = sg_plot_row_x(&frame, row) * c->scale;
        int column = (int)floor(x);
        if (column < 0 || column >= columns || isnan(value))
            continue;
        struct brute *b = &brute[column];
        b->low_inside = value < b->low ? fabs(x - round(x)) : b->low_inside;
        b->high_inside = value > b->high ? fabs(x - round(x)) : b->high_inside;
        b->low = fmin(b->low, value);
        b->high = fmax(b->high, value);
        b->rows++;
    }
    double reach = (s->theme->line_width / 2 + 1) * c->scale;
    for (int i = 2; i < columns - 2; i++) {
        /* Where a column has very many rows its border may be moved by a third of it: then a row is looked for in its neighbours too. */
        for (int end = 0; end < 2 && brute[i].rows > 0; end++) {
            double y = sg_plot_y(&axis, sg_plot_transform(&line->transform, end ? brute[i].high : brute[i].low)) * c->scale, most = 0;
            if (plan.threshold > 0 && fmin(fabs(y - sg_plot_y(&axis, plan.threshold) * c->scale), fabs(y - sg_plot_y(&axis, -plan.threshold) * c->scale)) < 4)
                continue; /* under the dashes of the threshold */
            int aside = !frame.dense || frame.last - frame.first >= 96 * (size_t)columns || (end ? brute[i].high_inside : brute[i].low_inside) < 1e-6;
            for (int dx = -aside; dx <= aside; dx++)
                for (int dy = -1; dy <= 1; dy++)
                    if (floor(y) + dy >= 0 && floor(y) + dy < bottom)
                        most = fmax(most, inked(c, s->theme, &line->color, i + dx, (int)floor(y) + dy));
            if (most <= 0.4)
                fail_msg("%s at %d %%, %.0f bars of %.1f in column %d: the %s is at %.2f, and not there (%.2f)", sg_pane_title(pane), (int)(c->scale * 100),
                         s->view.span, (double)brute[i].rows, i, end ? "highest" : "lowest", y, most);
            ++*checked;
        }
        /* Nothing is drawn beyond what is there, the way to and from the neighbours included. */
        double low = INFINITY, high = -INFINITY;
        for (int dx = -2; dx <= 2; dx++) {
            low = fmin(low, brute[i + dx].low);
            high = fmax(high, brute[i + dx].high);
        }
        bool alone = !(low <= high);
        double top = alone ? INFINITY : sg_plot_y(&axis, sg_plot_transform(&line->transform, high)) * c->scale - reach;
        double foot = alone ? -INFINITY : sg_plot_y(&axis, sg_plot_transform(&line->transform, low)) * c->scale + reach;
        for (int y = 0; frame.dense && y < bottom; y++)
            if (y + 1 < top || y > foot)
                assert_false(is_of(c, &line->color, i, y));
    }
}

static void every_extreme_of_every_column_is_drawn(void **state)
{
    (void)state;
    struct fixture_random random = {.state = 77};
    const enum sg_pane panes[] = {SG_PANE_ZSCORE, SG_PANE_SPREAD, SG_PANE_PRICE};
    int checked = 0;
    for (int round = 0; round < 3; round++) {
        struct scene s;
        wild(&s, &random);
        s.theme = sg_theme_get(round % 2, false);
        for (size_t zoom = 0; zoom < 20; zoom++) {
            struct canvas c = canvas_new(scales[zoom % SCALES]);
            double extent = s.view.last - s.view.first;
            s.view.follow = false;
            s.view.span = fmin(PLOT_WIDTH * c.scale * 0.05 * pow(5000, fixture_uniform(&random)), extent); /* 0.05 … 250 bars a column */
            s.view.right = s.view.first + s.view.span + fixture_uniform(&random) * (extent - s.view.span);
            look_at_extremes(&s, &c, panes[zoom % 3], &checked);
            canvas_free(&c);
        }
        scene_close(&s);
    }
    assert_true(checked > 20000);
}

/* --- gaps -------------------------------------------------------------------------------------------------------------------- */

struct style {
    const char *name;
    enum sg_pane pane;
    bool candles, hindsight;
};

static const struct style styles[] = {
    {"lines of both legs", SG_PANE_PRICE, false, false},         {"candles and volume", SG_PANE_PRICE, true, false},
    {"spread, band and hindsight", SG_PANE_SPREAD, false, true}, {"z beyond the thresholds", SG_PANE_ZSCORE, false, false},
    {"correlation", SG_PANE_CORRELATION, false, false},          {"hedge ratio and its errors", SG_PANE_HEDGE_RATIO, false, false},
};
#define STYLES (sizeof styles / sizeof styles[0])

enum middle { MIDDLE_THERE, MIDDLE_MISSING, MIDDLE_UNDEFINED };

/* A third of the rows, something in the middle, a third again; `level` moves all values but keeps the range that is shown. */
static void gap_scene(struct scene *s, const struct style *style, int64_t third, enum middle middle, double level)
{
    scene_open(s, 100000);
    for (int64_t slot = 0; slot < 3 * third; slot++) {
        bool inside = slot >= third && slot < 2 * third;
        if (inside && middle == MIDDLE_MISSING)
            continue;
        struct sg_row row = plain_row(1000 + slot, level + 0.3 * sin((double)slot));
        row.value[SG_COL_A_OPEN] = row.value[SG_COL_A_CLOSE] - 4;
        row.value[SG_COL_A_HIGH] = row.value[SG_COL_A_CLOSE] + 6;
        row.value[SG_COL_A_LOW] = row.value[SG_COL_A_OPEN] - 6;
        row.value[SG_COL_B_OPEN] = row.value[SG_COL_B_HIGH] = row.value[SG_COL_B_LOW] = row.value[SG_COL_B_CLOSE];
        row.value[SG_COL_BETA] = 1 + level / 10;
        row.value[SG_COL_SE_BETA] = 0.1;
        row.value[SG_COL_CORRELATION] = 0.1 * level;
        if (inside && middle == MIDDLE_UNDEFINED)
            for (int i = 0; i < SG_COL_COUNT; i++)
                row.value[i] = NAN;
        row.flags = slot == 2 * third && middle == MIDDLE_MISSING ? SG_ROW_GAP_BEFORE : 0;
        assert_int_equal(sg_history_append(&s->history, &row), SG_OK);
    }
    sg_dashboard_set_hindsight(s->dashboard, style->hindsight);
    sg_dashboard_set_price_mode(s->dashboard, SG_PRICE_ABSOLUTE);
    sg_dashboard_set_price_style(s->dashboard, style->candles, style->candles, style->candles);
    scene_sync(s, NULL);
    s->view.follow = false;
    s->view.right = (double)(1000 + 3 * third);
    s->view.span = (double)(3 * third);
    static const double range[SG_PANE_ALL][2] = {[SG_PANE_PRICE] = {64900, 65100},
                                                 [SG_PANE_SPREAD] = {-100, 100},
                                                 [SG_PANE_ZSCORE] = {-4, 4},
                                                 [SG_PANE_CORRELATION] = {-1, 1},
                                                 [SG_PANE_HEDGE_RATIO] = {0, 2}};
    sg_dashboard_set_value_range(s->dashboard, style->pane, range[style->pane][0], range[style->pane][1]);
}

/* Device pixels of the middle third, without its edges, that differ between two pictures. */
static size_t differing(const struct canvas *a, const struct canvas *b, double from, double to)
{
    size_t found = 0;
    int stride = cairo_image_surface_get_stride(a->surface), left = (int)(from * a->scale), right = (int)(to * a->scale);
    cairo_surface_flush(a->surface);
    cairo_surface_flush(b->surface);
    const unsigned char *one = cairo_image_surface_get_data(a->surface), *two = cairo_image_surface_get_data(b->surface);
    for (int y = 0; y < (int)(HEIGHT * a->scale); y++)
        for (int x = left; x < right; x++)
            found += memcmp(one + y * stride + x * 4, two + y * stride + x * 4, 4) != 0;
    return found;
}

/* Where nothing is, a picture must not depend on what is beside it; where something is, it must. */
static void nothing_crosses_missing_time_in_any_style(void **state)
{
    (void)state;
    const int64_t thirds[] = {12, 60, 400, 2000};
    for (size_t i = 0; i < STYLES; i++) {
        for (size_t j = 0; j < sizeof thirds / sizeof thirds[0]; j++) {
            for (int middle = MIDDLE_THERE; middle <= MIDDLE_UNDEFINED; middle++) {
                double scale = scales[(i + j) % SCALES], third = PLOT_WIDTH / 3, slot = third / (double)thirds[j];
                struct canvas c[2] = {canvas_new(scale), canvas_new(scale)};
                for (int side = 0; side < 2; side++) {
                    struct scene s;
                    gap_scene(&s, &styles[i], thirds[j], (enum middle)middle, side ? -2.6 : 2.6);
                    draw(&s, &c[side], styles[i].pane);
                    scene_close(&s);
                }
                /* The second leg's values stand in the plot at its left, and move with the data. */
                size_t beside = differing(&c[0], &c[1], 60, third - 2), inside = differing(&c[0], &c[1], third + slot + 3, 2 * third - slot - 3);
                if (beside < 20 || (inside == 0) != (middle != MIDDLE_THERE))
                    fail_msg("%s, %d bars, middle %d: %zu pixels differ beside it, %zu in it", styles[i].name, (int)thirds[j] * 3, middle, beside, inside);
                canvas_free(&c[0]);
                canvas_free(&c[1]);
            }
        }
    }
}

/* A bar between two gaps has no neighbour to draw a line to: it is a dash, as wide as its own time and no wider. */
static void a_lonely_bar_is_seen(void **state)
{
    (void)state;
    static const double rooms[] = {40, 8, 3, 1};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        for (size_t j = 0; j < SCALES; j++) {
            struct scene s;
            struct canvas c = canvas_new(scales[j]);
            scene_open(&s, 1000);
            append(&s, 1000, NAN, 0);
            append(&s, 1020, 1.5, SG_ROW_GAP_BEFORE);
            append(&s, 1040, NAN, SG_ROW_GAP_BEFORE);
            scene_sync(&s, NULL);
            s.view.follow = false;
            s.view.span = PLOT_WIDTH / rooms[i];
            s.view.right = 1020 + s.view.span / 2;
            draw(&s, &c, SG_PANE_ZSCORE);
            double reach = fmin(fmax(rooms[i] / 2, 0.75), 3) + 1, middle = PLOT_WIDTH / 2;
            assert_true((double)count(&c, &s.theme->zscore, middle - 4, 0, 8, HEIGHT / 2, 90) >= (2 * reach - 3) * scales[j]);
            assert_int_equal(count(&c, &s.theme->zscore, middle - 40, 0, 40 - reach, HEIGHT, 60), 0);
            assert_int_equal(count(&c, &s.theme->zscore, middle + reach, 0, 40 - reach, HEIGHT, 60), 0);
            canvas_free(&c);
            scene_close(&s);
        }
    }
}

/* Less time is missing than a column holds: nothing is hatched, but the levels before and after are not joined either. */
static void a_gap_narrower_than_a_column_breaks_the_line(void **state)
{
    (void)state;
    for (int gap = 0; gap < 2; gap++) {
        struct scene s;
        struct canvas c = canvas_new(1);
        scene_open(&s, 100000);
        const int64_t columns = (int64_t)PLOT_WIDTH, rows = 50 * columns;
        for (int64_t slot = 0; slot < rows; slot++)
            if (!gap || llabs(2 * slot - rows) >= 20) /* in the middle, where two columns meet */
                append(&s, slot, 2 * slot < rows ? 1.5 : -1.5, gap && 2 * slot == rows + 20 ? SG_ROW_GAP_BEFORE : 0);
        scene_sync(&s, NULL);
        s.view.follow = false;
        s.view.span = s.view.right = (double)rows;
        draw(&s, &c, SG_PANE_ZSCORE);
        size_t between = count(&c, &s.theme->zscore, PLOT_WIDTH / 2 - 4, HEIGHT / 2 - 20, 8, 15, 40);
        assert_true(gap ? between == 0 : between >= 14);
        canvas_free(&c);
        scene_close(&s);
    }
}

/* One bar of very many is missing: the place is marked, and no other. */
static void zooming_out_hides_no_gap(void **state)
{
    (void)state;
    static const int64_t sizes[] = {300, 1000, 30000, 64000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct scene s;
        struct canvas c = canvas_new(scales[i]);
        const int64_t rows = sizes[i], at = rows * 2 / 5;
        scene_open(&s, 100000);
        for (int64_t slot = 0; slot < rows; slot++)
            if (slot != at)
                append(&s, slot, 0.3 * sin((double)slot), slot == at + 1 ? SG_ROW_GAP_BEFORE : 0);
        scene_sync(&s, NULL);
        s.view.follow = false;
        s.view.span = s.view.right = (double)rows;
        draw(&s, &c, SG_PANE_CORRELATION); /* a level line: what is not background in the lowest rows is the mark, or the grid */
        double x = PLOT_WIDTH * 2 / 5;
        size_t there = 0, elsewhere = 0;
        cairo_surface_flush(c.surface);
        for (int column = 0; column < (int)(PLOT_WIDTH * c.scale); column++) {
            const unsigned char *pixel =
                cairo_image_surface_get_data(c.surface) + (int)(HEIGHT * c.scale - 2) * cairo_image_surface_get_stride(c.surface) + column * 4;
            double strength = (pixel[0] / 255.0 - s.theme->background.blue) / (1 - s.theme->background.blue);
            bool near = fabs(column / c.scale - x) < 3;
            *(near ? &there : &elsewhere) += strength >= 0.12 && strength < 0.2;
        }
        if (there < 1 || there > 4 || elsewhere > 0)
            fail_msg("%d bars: %zu columns marked where one is missing, %zu elsewhere", (int)rows, there, elsewhere);
        canvas_free(&c);
        scene_close(&s);
    }
}

/* However many alerts there are, and wherever: the legend hides none of their marks. */
static void the_legend_hides_no_alert(void **state)
{
    (void)state;
    for (int i = 0; i < 24; i++) {
        bool crowded = i % 2;
        double peak = 2.4 + 0.17 * i; /* at all sorts of distances from the top of the axis */
        struct scene s;
        struct canvas before = canvas_new(1), after = canvas_new(1);
        const int64_t rows = crowded ? 3000 : 40;
        scene_open(&s, 10000);
        for (int64_t slot = 0; slot < rows; slot++) {
            bool up = slot % 10 == 1;
            append(&s, slot, up ? peak : slot % 10 == 6 ? -peak : 0, up ? SG_ROW_ALERT_RAISED | SG_ROW_OVERBOUGHT : 0);
        }
        scene_sync(&s, NULL);
        s.view.follow = false;
        s.view.span = s.view.right = (double)rows;
        draw(&s, &before, SG_PANE_ZSCORE);
        draw(&s, &after, SG_PANE_ZSCORE);
        sg_dashboard_draw_overlay(s.dashboard, after.cr, SG_PANE_ZSCORE, &s.view, s.theme, "Sans 10", WIDTH, HEIGHT, SIZE_MAX, -1);
        size_t marks = count(&before, &s.theme->threshold, 0, 0, 80, HEIGHT / 4, 40);
        assert_true(marks > (crowded ? 100 : 20));
        assert_int_equal(count(&after, &s.theme->threshold, 0, 0, 80, HEIGHT / 4, 40), marks);
        canvas_free(&before);
        canvas_free(&after);
        scene_close(&s);
    }
}

/* --- what bars are ------------------------------------------------------------------------------------------------------------- */

static double gray(const unsigned char *pixel)
{
    static double linear[256];
    for (int i = 0; linear[255] < 1 && i < 256; i++)
        linear[i] = i <= 10 ? i / 255.0 / 12.92 : pow((i / 255.0 + 0.055) / 1.055, 2.4);
    return 0.0722 * linear[pixel[0]] + 0.7152 * linear[pixel[1]] + 0.2126 * linear[pixel[2]];
}

/* Device pixels whose lightness alone tells two pictures apart: by a contrast of 1.3 or more. */
static size_t lightness_differs(const struct canvas *a, const struct canvas *b)
{
    size_t found = 0;
    int stride = cairo_image_surface_get_stride(a->surface);
    cairo_surface_flush(a->surface);
    cairo_surface_flush(b->surface);
    const unsigned char *one = cairo_image_surface_get_data(a->surface), *two = cairo_image_surface_get_data(b->surface);
    for (int y = 0; y < (int)(HEIGHT * a->scale); y++)
        for (int x = 0; x < (int)(PLOT_WIDTH * a->scale); x++) {
            if (memcmp(one + y * stride + x * 4, two + y * stride + x * 4, 4) == 0)
                continue;
            double p = gray(one + y * stride + x * 4) + 0.05, q = gray(two + y * stride + x * 4) + 0.05;
            found += fmax(p, q) / fmin(p, q) >= 1.3;
        }
    return found;
}

enum kind { KIND_ORDINARY, KIND_A_FILLED, KIND_B_FILLED, KIND_A_REPAIRED, KIND_B_REPAIRED, KIND_FORMING, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {"ordinary", "A filled", "B filled", "A repaired", "B repaired", "forming"};

/* The same prices; a tenth of the bars, or the newest one, is of the kind. */
static void kind_picture(struct canvas *c, const struct sg_theme *theme, bool candles, int64_t bars, enum kind kind)
{
    static const uint16_t flags[KIND_COUNT] = {
        [KIND_A_FILLED] = SG_ROW_A_FILLED, [KIND_B_FILLED] = SG_ROW_B_FILLED, [KIND_A_REPAIRED] = SG_ROW_A_REPAIRED, [KIND_B_REPAIRED] = SG_ROW_B_REPAIRED};
    struct scene s;
    struct sg_row row, newest = {.time_us = 0};
    scene_open(&s, 100000);
    s.theme = theme;
    for (int64_t slot = 0; slot < bars; slot++) {
        double part = (double)slot / (double)bars;
        row = plain_row(1000 + slot, 2 * part + 0.4 * sin(25 * part));
        row.value[SG_COL_B_CLOSE] -= 6 * part;
        for (int leg = 0; leg < 2; leg++) {
            double *open = &row.value[leg ? SG_COL_B_OPEN : SG_COL_A_OPEN], close = row.value[leg ? SG_COL_B_CLOSE : SG_COL_A_CLOSE], wick = leg ? 0.5 : 10;
            open[0] = close - wick / 2;
            open[1] = close + wick;
            open[2] = close - wick;
        }
        row.flags = slot >= bars / 2 && slot < bars / 2 + bars / 10 ? flags[kind] : 0;
        if (slot == bars - 1)
            newest = row;
        if (slot < bars - 1 || kind != KIND_FORMING)
            assert_int_equal(sg_history_append(&s.history, &row), SG_OK);
    }
    sg_dashboard_set_price_style(s.dashboard, candles, candles, false);
    scene_sync(&s, kind == KIND_FORMING ? &newest : NULL);
    s.view.follow = false;
    s.view.right = (double)(1000 + bars) + (double)bars * 0.05;
    s.view.span = (double)bars * 1.1;
    draw(&s, c, SG_PANE_PRICE);
    scene_close(&s);
}

static void filled_repaired_and_forming_bars_are_told_apart_without_colour(void **state)
{
    (void)state;
    const int64_t bars[] = {24, 90, 300, 5000};
    for (int themes = 0; themes < 4; themes++) {
        for (size_t zoom = 0; zoom < sizeof bars / sizeof bars[0]; zoom++) {
            for (int candles = 0; candles < 2; candles++) {
                double scale = scales[(zoom + (size_t)themes) % SCALES];
                struct canvas c[KIND_COUNT];
                for (int kind = 0; kind < KIND_COUNT; kind++) {
                    c[kind] = canvas_new(scale);
                    kind_picture(&c[kind], sg_theme_get(themes & 1, themes & 2), candles, bars[zoom], (enum kind)kind);
                }
                for (int one = 0; one < KIND_COUNT; one++)
                    for (int two = one + 1; two < KIND_COUNT; two++) {
                        size_t found = lightness_differs(&c[one], &c[two]);
                        if (found < 8)
                            fail_msg("%s and %s, %d bars, %s, theme %s, scale %d %%: %zu pixels differ", kind_names[one], kind_names[two], (int)bars[zoom],
                                     candles ? "candles" : "lines", sg_theme_get(themes & 1, themes & 2)->name, (int)(scale * 100), found);
                    }
                for (int kind = 0; kind < KIND_COUNT; kind++)
                    canvas_free(&c[kind]);
            }
        }
    }
}

/* Single repaired bars among very many are marked, each of them; single filled ones are not, because a lonely pale pixel would be noise. */
static void zooming_out_hides_no_repair(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{200, 11}, {1800, 91}, {5400, 271}, {40000, 307}, {64000, 491}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct canvas c = canvas_new(1);
        struct scene s;
        const int64_t bars = sizes[i][0], every = sizes[i][1]; /* odd: the marks fall on all places of a block of rows */
        bool wanted[(int)WIDTH] = {false}, allowed[(int)WIDTH] = {false};
        scene_open(&s, 100000);
        for (int64_t slot = 0; slot < bars; slot++) {
            bool marked = slot % every == every / 2;
            append(&s, 1000 + slot, sin((double)slot), marked ? SG_ROW_A_REPAIRED : 0);
            int x = (int)((double)slot / (double)bars * PLOT_WIDTH);
            for (int near = x - 4; marked && near <= x + 4; near++)
                if (near >= 0 && near < (int)PLOT_WIDTH)
                    allowed[near] = true;
            wanted[x] = wanted[x] || marked;
        }
        scene_sync(&s, NULL);
        s.view.follow = false;
        s.view.right = (double)(1000 + bars);
        s.view.span = (double)bars;
        draw(&s, &c, SG_PANE_PRICE);
        cairo_surface_flush(c.surface);
        for (int x = 0; x < (int)PLOT_WIDTH; x++) {
            bool there = inked(&c, s.theme, &s.theme->leg_a, x, (int)HEIGHT - 3) > 0.4;
            assert_true(there ? allowed[x] : !wanted[x]);
        }
        canvas_free(&c);
        scene_close(&s);
    }
}

/* The same picture whether the rows came one by one or all at once, and whatever was looked at before. */
static void flags_are_kept_up_with_new_rows(void **state)
{
    (void)state;
    struct scene grown, fresh;
    struct canvas a = canvas_new(1), b = canvas_new(1);
    scene_open(&grown, 20000);
    scene_open(&fresh, 20000);
    for (int64_t slot = 0; slot < 9000; slot++) {
        uint16_t flags = slot / 700 % 3 == 1 ? SG_ROW_A_FILLED : slot / 700 % 3 == 2 ? SG_ROW_B_REPAIRED : 0;
        append(&grown, slot, sin((double)slot), flags);
        append(&fresh, slot, sin((double)slot), flags);
        if (slot % 501 == 0) {
            scene_sync(&grown, NULL);
            draw(&grown, &a, SG_PANE_PRICE);
        }
    }
    scene_sync(&grown, NULL);
    scene_sync(&fresh, NULL);
    grown.view.span = fresh.view.span = 8000;
    sg_viewport_go_live(&grown.view);
    sg_viewport_go_live(&fresh.view);
    draw(&grown, &a, SG_PANE_PRICE);
    draw(&fresh, &b, SG_PANE_PRICE);
    assert_int_equal(differing(&a, &b, 0, WIDTH), 0);
    canvas_free(&a);
    canvas_free(&b);
    scene_close(&grown);
    scene_close(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_extreme_of_every_column_is_drawn),
        cmocka_unit_test(nothing_crosses_missing_time_in_any_style),
        cmocka_unit_test(a_lonely_bar_is_seen),
        cmocka_unit_test(a_gap_narrower_than_a_column_breaks_the_line),
        cmocka_unit_test(zooming_out_hides_no_gap),
        cmocka_unit_test(the_legend_hides_no_alert),
        cmocka_unit_test(filled_repaired_and_forming_bars_are_told_apart_without_colour),
        cmocka_unit_test(zooming_out_hides_no_repair),
        cmocka_unit_test(flags_are_kept_up_with_new_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
