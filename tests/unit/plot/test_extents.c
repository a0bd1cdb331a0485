/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words on a pane never cover one another: ticks of one or two axes, tags of the newest values, the crosshair's tag, the legend and the words in the
 * middle, at every height, for every pane and mode, for numbers of any size, at scale 1 and 2, in fonts of several sizes. And ticks are round.
 *
 * What is drawn is taken from the calls that draw it: the linker leads sg_text_draw and sg_text_draw_within here (tests/CMakeLists.txt). */
#include "canvas.h"
#include "spreadglass/base/decimal.h"
#include "../../../src/plot/dashboard_private.h"

struct word {
    enum sg_text_style style;
    double x, y, width, height, top, tall /* before it was made smaller */;
    char string[SG_VALUE_BUF + 80];
};

static struct word words[256];
static size_t word_count;

double __real_sg_text_draw(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align,
                           const struct sg_color *color);
double __wrap_sg_text_draw(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align,
                           const struct sg_color *color);
void __real_sg_text_draw_within(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double room,
                                const struct sg_color *color);
void __wrap_sg_text_draw_within(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double room,
                                const struct sg_color *color);

static bool is_tag(enum sg_text_style style)
{
    return style == SG_TEXT_TAG || style == SG_TEXT_TAG_NOW || style == SG_TEXT_TAG_NOW_SMALL;
}

static void note(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align, double room)
{
    struct word *word = &words[word_count++];
    assert_true(word_count < sizeof words / sizeof words[0]);
    cairo_user_to_device(cr, &x, &y);
    double width, height;
    sg_text_measure(text, style, string, &width, &height);
    double part = width > room ? room / width : 1;
    *word = (struct word){
        .style = style, .x = round(x - align * width), .width = width * part, .height = height * part, .top = round(y - height / 2), .tall = height};
    word->y = round(y - height / 2) + height * (1 - part) / 2;
    assert_true(strlen(string) < sizeof word->string);
    memcpy(word->string, string, strlen(string) + 1);
}

double __wrap_sg_text_draw(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double align,
                           const struct sg_color *color)
{
    note(text, cr, style, string, x, y, align, INFINITY);
    return __real_sg_text_draw(text, cr, style, string, x, y, align, color);
}

void __wrap_sg_text_draw_within(struct sg_text *text, cairo_t *cr, enum sg_text_style style, const char *string, double x, double y, double room,
                                const struct sg_color *color)
{
    note(text, cr, style, string, x, y, 0, room);
    __real_sg_text_draw_within(text, cr, style, string, x, y, room, color);
}

/* ---- the pairs that are drawn ---- */

struct many {
    const char *font;
    double scale, width, size, sign;
    bool forming, old, alone, mixed;
};

/* A pair whose prices are about `size`; with `sign` < 0 its spread and hedge ratio are negative. */
static void pair_of(struct scene *s, const struct many *many)
{
    struct fixture_random random = {.state = 5};
    scene_open(s, 1000);
    fixture_fill(&s->history, &random, 200, 60, 0, 0);
    for (size_t row = 0; row < s->history.length; row++)
        for (int column = 0; column < SG_COL_COUNT; column++) {
            double *value = &s->history.column[column][row];
            bool signed_column = column == SG_COL_SPREAD || column == SG_COL_MEAN || column == SG_COL_BETA || column == SG_COL_ALPHA ||
                                 column == SG_COL_RESIDUAL || column == SG_COL_RESIDUAL_MEAN;
            if (column <= SG_COL_A_CLOSE || column == SG_COL_STD || column == SG_COL_SE_BETA || signed_column)
                *value *= (signed_column ? many->sign : 1) * many->size / 65000;
        }
    struct sg_row forming = plain_row(s->history.time_us[s->history.length - 1] / MINUTE_US + 1, 0.4);
    for (int column = 0; column < SG_COL_COUNT; column++)
        forming.value[column] = s->history.column[column][s->history.length - 1];
    for (size_t row = 0; many->mixed && row < s->history.length - 40; row++)
        s->history.flags[row] |= SG_ROW_A_REPAIRED | SG_ROW_B_REPAIRED;
    struct sg_dashboard_data data = fixture_data(&s->history, many->forming ? &forming : NULL);
    if (many->mixed)
        memcpy(data.source, "tickers", sizeof "tickers");
    sg_dashboard_set_data(s->dashboard, &data);
    sg_dashboard_update_extent(s->dashboard, &s->view);
    if (many->alone)
        assert_int_equal(sg_dashboard_set_panes(s->dashboard, &(struct sg_pane_share){SG_PANE_SCATTER, 1}, 1), SG_OK);
    if (many->old)
        sg_viewport_pan(&s->view, -30);
}

static cairo_t *paper(double width, double height, double scale)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
    cairo_surface_set_device_scale(surface, scale, scale);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return cr;
}

/* ---- what must hold ---- */

static bool meet(const struct word *a, const struct word *b)
{
    const double hair = 1e-6;
    return a->x < b->x + b->width - hair && b->x < a->x + a->width - hair && a->y < b->y + b->height - hair && b->y < a->y + a->height - hair;
}

static void tell(const char *what, enum sg_pane pane, double height, const struct many *many, const struct word *a, const struct word *b)
{
    print_message("%s: %s, %d px high, %s at scale %d, prices of %g: \"%s\" [%.1f, %.1f) and \"%s\" [%.1f, %.1f)\n", what, sg_pane_title(pane), (int)height,
                  many->font, (int)many->scale, many->size, a->string, a->y, a->y + a->height, b->string, b->y, b->y + b->height);
}

static void hold_disjoint(enum sg_pane pane, double height, const struct many *many, size_t from)
{
    for (size_t i = from; i < word_count; i++) {
        if (words[i].style == SG_TEXT_AXIS || is_tag(words[i].style))
            if (words[i].y < -1e-6 || words[i].y + words[i].height > height + 1e-6) {
                tell("cut off", pane, height, many, &words[i], &words[i]);
                fail();
            }
        for (size_t j = 0; j < i; j++)
            if (meet(&words[i], &words[j])) {
                tell("covered", pane, height, many, &words[j], &words[i]);
                fail();
            }
    }
}

static double read_back(const char *label)
{
    static const char minus[] = "\xE2\x88\x92", thin[] = "\xE2\x80\x89";
    char text[SG_VALUE_BUF + 8];
    size_t at = 0;
    for (const char *c = label; *c && *c != '%';) {
        if (strncmp(c, minus, 3) == 0)
            text[at++] = '-', c += 3;
        else if (strncmp(c, thin, 3) == 0)
            c += 3;
        else if (*c == '+')
            c++;
        else
            text[at++] = *c++;
    }
    char last = at ? text[at - 1] : '\0';
    double unit = last == 'M' ? 1e6 : last == 'B' ? 1e9 : last == 'T' ? 1e12 : 1, value = NAN;
    assert_int_equal(sg_decimal_to_double(text, unit > 1 ? at - 1 : at, &value), SG_OK);
    return value * unit;
}

/* The ticks of one side: at the right of the plot, over `range` from edge to edge, or inside at its left. Thresholds are no ticks. */
static void hold_round(enum sg_pane pane, double height, const struct many *many, bool right, double range)
{
    double values[64];
    size_t count = 0;
    for (size_t i = 0; i < word_count; i++) {
        const struct word *word = &words[i];
        if (word->style != SG_TEXT_AXIS || (word->x >= many->width - SG_AXIS_WIDTH) != right || many->alone)
            continue;
        if (pane == SG_PANE_ZSCORE && (strcmp(word->string, "+2.00") == 0 || strcmp(word->string, "\xE2\x88\x92"
                                                                                                  "2.00") == 0))
            continue;
        values[count++] = read_back(word->string);
    }
    if (!right && count > 1)
        range = 3 * fabs(values[0] - values[count - 1]);
    if (count == 0 || !(range > 0) || are_round(values, count, range))
        return;
    print_message("not round: %s, %d px high, %s, prices of %g:", sg_pane_title(pane), (int)height, many->font, many->size);
    for (size_t i = 0; i < count; i++)
        print_message(" %.12g", values[i]);
    print_message(" over %g\n", range);
    fail();
}

static void draw_base(struct scene *s, cairo_t *cr, enum sg_pane pane, double height, const struct many *many)
{
    sg_dashboard_draw_pane(s->dashboard, cr, pane, &s->view, s->theme, many->font, many->width, height);
}

static void hold_pane(struct scene *s, enum sg_pane pane, enum sg_price_mode mode, double height, const struct many *many)
{
    cairo_t *cr = paper(many->width, height, many->scale);
    double low = 0, high = 0;
    word_count = 0;
    draw_base(s, cr, pane, height, many);
    if (mode != SG_PRICE_LOG && sg_dashboard_value_range(s->dashboard, pane, &s->view, many->width, height, &low, &high))
        hold_round(pane, height, many, true, high - low);
    if (mode == SG_PRICE_ABSOLUTE && pane == SG_PANE_PRICE)
        hold_round(pane, height, many, false, 0);
    size_t base = word_count;
    sg_dashboard_draw_overlay(s->dashboard, cr, pane, &s->view, s->theme, many->font, many->width, height, SIZE_MAX, -1);
    assert_true(word_count > base); /* a legend */
    hold_disjoint(pane, height, many, 0);
    cairo_destroy(cr);
}

static const char *const fonts[] = {"DejaVu Sans 10", "Sans 8", "Sans 14", "DejaVu Sans Mono 20"};

/* Every height from 40 px on; from 200 px on in steps that grow, and the last one. */
static double next_height(double height)
{
    return height >= 1000 ? INFINITY : fmin(1000, height < 130 ? height + 1 : height < 300 ? height + 7 : height * 1.13);
}

static void hold_all_heights(const struct many *many)
{
    struct scene s;
    pair_of(&s, many);
    for (double height = 40; height <= 1000; height = next_height(height))
        for (int pane = 0; pane < SG_PANE_ALL; pane++)
            for (int mode = 0; mode < (pane == SG_PANE_PRICE ? SG_PRICE_MODE_COUNT : 1); mode++) {
                sg_dashboard_set_price_mode(s.dashboard, (enum sg_price_mode)mode);
                hold_pane(&s, (enum sg_pane)pane, (enum sg_price_mode)mode, height, many);
            }
    scene_close(&s);
}

static void words_keep_clear_at_every_height(void **state)
{
    (void)state;
    for (size_t font = 0; font < sizeof fonts / sizeof fonts[0]; font++)
        hold_all_heights(&(struct many){.font = fonts[font], .scale = 1 + (double)(font % 2), .width = WIDTH, .size = 65000, .sign = 1, .forming = font != 1});
}

static void numbers_of_any_size_keep_clear(void **state)
{
    (void)state;
    static const double sizes[] = {0.00001234, 0.0075, 0.5, 3, 99.9, 1234.5, 1e6, 4.4e7, 1e9};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        hold_all_heights(
            &(struct many){.font = fonts[0], .scale = 1, .width = 320 + 90 * (double)i, .size = sizes[i], .sign = i % 2 ? 1 : -1, .old = i % 3 == 0});
}

static void a_square_scatter_and_mixed_bars_keep_clear(void **state)
{
    (void)state;
    for (size_t font = 0; font < sizeof fonts / sizeof fonts[0]; font++) {
        hold_all_heights(&(struct many){.font = fonts[font], .scale = 1, .width = 700 + 200 * (double)font, .size = 65000, .sign = 1, .alone = true});
        hold_all_heights(
            &(struct many){.font = fonts[font], .scale = 2, .width = 700 + 200 * (double)font, .size = 65000, .sign = 1, .forming = true, .mixed = true});
    }
}

/* The marks' room is as wide as it is high, whatever the pane, and the pane is used as far as that goes. */
static void a_scatter_alone_is_square(void **state)
{
    (void)state;
    struct many many = {.font = fonts[0], .scale = 1, .width = 900, .size = 65000, .sign = 1, .alone = true};
    struct scene s;
    pair_of(&s, &many);
    static const double sizes[][2] = {{900, 500}, {500, 900}, {1900, 900}, {400, 120}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int square = 0; square < 2; square++) {
            double width = sizes[i][0], height = sizes[i][1];
            sg_dashboard_set_square(s.dashboard, square != 0);
            struct plot_box box = sg_plot_box_of(s.dashboard, SG_PANE_SCATTER, width, height);
            double axis = sg_dashboard_axis_left(s.dashboard, SG_PANE_SCATTER, width, height);
            assert_true(box.left >= 0);
            assert_true(box.left + box.width <= width);
            assert_true(box.height <= height);
            assert_true(axis == box.left + box.width - SG_AXIS_WIDTH);
            if (!square) {
                assert_true(box.left == 0);
                assert_true(box.width == width);
                assert_true(box.height == height);
                continue;
            }
            struct frame frame;
            struct pane_plan plan;
            struct value_axis axes[AXES];
            sg_plot_frame(&frame, s.dashboard, NULL, &s.view, s.theme, NULL, box.width, box.height);
            sg_plot_plan(&frame, SG_PANE_SCATTER, &plan);
            sg_plot_axis(&frame, &plan, 0, &axes[0]);
            assert_true(fabs((frame.plot_width - 20) - (axes[0].y_low - axes[0].y_high)) <= 1);
            assert_true(box.height == height || box.width == width);
            /* And what is pointed at is what is drawn there. */
            size_t row = sg_dashboard_row_at_point(s.dashboard, &s.view, width, height, box.left + frame.plot_width / 2, box.height / 2);
            assert_true(row < s.history.length);
            assert_true(sg_dashboard_row_at_point(s.dashboard, &s.view, width, height, box.left - 1, box.height / 2) == SIZE_MAX);
        }
    scene_close(&s);
}

/* ---- with the crosshair ---- */

static const unsigned char *pixels_of(cairo_t *cr, int *ret_stride)
{
    cairo_surface_t *surface = cairo_get_target(cr);
    cairo_surface_flush(surface);
    *ret_stride = cairo_image_surface_get_stride(surface);
    return cairo_image_surface_get_data(surface);
}

/* How far a tag reaches beyond its words, which are smaller where they would not fit. */
static double beyond(const struct word *word)
{
    return word->style == SG_TEXT_TAG_NOW_SMALL ? 5 : 3;
}

/* Of a word of the picture underneath, the crosshair's tag and what makes way for it leave all or nothing. */
static void hold_whole_or_gone(const struct word *word, size_t base, cairo_t *before, cairo_t *after, enum sg_pane pane, double height, double hover,
                               const struct many *many)
{
    int stride, other;
    const unsigned char *one = pixels_of(before, &stride), *two = pixels_of(after, &other);
    assert_int_equal(stride, other);
    bool same = true, gone = true;
    uint32_t paper_color;
    memcpy(&paper_color, one + (size_t)(2 * many->scale) * (size_t)stride + (size_t)((many->width - 1) * many->scale) * 4, 4);
    for (int y = (int)(word->y * many->scale); y < (int)((word->y + word->height) * many->scale); y++) {
        bool under = false; /* a tag of the overlay: whatever of the word was there is gone */
        for (size_t i = base; i < word_count; i++)
            under = under || (is_tag(words[i].style) && y >= (words[i].top - beyond(&words[i])) * many->scale &&
                              y < (words[i].top + words[i].tall + beyond(&words[i])) * many->scale);
        for (int x = (int)(word->x * many->scale); x < (int)((word->x + word->width) * many->scale); x++) {
            uint32_t a, b;
            memcpy(&a, one + y * stride + x * 4, 4);
            memcpy(&b, two + y * stride + x * 4, 4);
            same = same && (a & 0xffffff) == (b & 0xffffff);
            gone = gone && (under || (b & 0xffffff) == (paper_color & 0xffffff));
        }
    }
    if (same || gone)
        return;
    print_message("half covered: %s, %d px high, pointer at %d, %s: \"%s\" [%.1f, %.1f)\n", sg_pane_title(pane), (int)height, (int)hover, many->font,
                  word->string, word->y, word->y + word->height);
    fail();
}

static void the_crosshairs_value_has_room(void **state)
{
    (void)state;
    for (int variant = 0; variant < 3; variant++) {
        struct many many = {
            .font = fonts[variant], .scale = 1 + (double)(variant == 1), .width = WIDTH, .size = variant == 2 ? 1e9 : 65000, .sign = 1, .forming = true};
        struct scene s;
        pair_of(&s, &many);
        for (double height = 40; height <= 420; height = height < 90 ? height + 5 : height * 1.5)
            for (int pane = 0; pane <= SG_PANE_HEDGE_RATIO; pane++)
                for (double hover = 0; hover <= height; hover += height / 23) {
                    sg_dashboard_set_price_mode(s.dashboard, variant == 1 ? SG_PRICE_ABSOLUTE : SG_PRICE_PERCENT);
                    cairo_t *before = paper(many.width, height, many.scale), *after = paper(many.width, height, many.scale);
                    draw_base(&s, before, (enum sg_pane)pane, height, &many);
                    word_count = 0;
                    draw_base(&s, after, (enum sg_pane)pane, height, &many);
                    size_t base = word_count;
                    sg_dashboard_draw_overlay(s.dashboard, after, (enum sg_pane)pane, &s.view, s.theme, many.font, many.width, height, 150, hover);
                    for (size_t i = 0; i < base; i++)
                        if (words[i].style == SG_TEXT_AXIS && words[i].x >= many.width - SG_AXIS_WIDTH) /* a tag may move */
                            hold_whole_or_gone(&words[i], base, before, after, (enum sg_pane)pane, height, hover, &many);
                    /* What is drawn anew: the crosshair's tag, those that moved, the legend. */
                    memmove(words, words + base, (word_count - base) * sizeof words[0]);
                    word_count -= base;
                    hold_disjoint((enum sg_pane)pane, height, &many, 0);
                    cairo_destroy(before);
                    cairo_destroy(after);
                }
        scene_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_keep_clear_at_every_height),
        cmocka_unit_test(numbers_of_any_size_keep_clear),
        cmocka_unit_test(a_square_scatter_and_mixed_bars_keep_clear),
        cmocka_unit_test(a_scatter_alone_is_square),
        cmocka_unit_test(the_crosshairs_value_has_room),
    };
    return cmocka_run_group_tests_name("plot/extents", tests, NULL, NULL);
}
