/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every pane as a picture, light and dark, at one and two device pixels a unit, against the pictures in tests/data/golden.
 *
 * A change of the drawing that is meant is renewed with
 *     SG_RENEW_GOLDENS=1 ctest --test-dir build/release -R unit_plot_golden
 * and looked at before it is committed. What differs is written, as drawn, to golden-differs/ in the build folder.
 *
 * Two measures: where lines, bands and marks are, hardly a pixel may differ; where words are, a pixel may also be what its neighbour
 * was, because another version of the text libraries sets a glyph a shade differently. The font is pinned; without it there is
 * nothing to compare. The last test plants changes and wants each of them seen. */
#include <pango/pangocairo.h>
#include <stdio.h>
#include <sys/stat.h>
#include "fixture.h"
#include "../../../src/plot/dashboard_private.h"

#define FONT "Inter 10"
#define FAMILY "Inter"
#define WIDTH 320
#define HEIGHT 120
#define WINDOW 60
#define LEGEND 25      /* units from the top, over the plot area */
#define SECOND_AXIS 64 /* units from the left, where the other leg's prices stand */

static char folder[512], failures[512];
static bool font_missing, renewing;

/* One picture to make. `rows`: how long the history is; `span`: how many of its bars are in view. */
struct subject {
    const char *name;
    enum sg_pane pane;
    enum sg_price_mode mode;
    size_t rows;
    double span;
    bool candles, hindsight;
};

static const struct subject subjects[] = {
    {"price-percent", SG_PANE_PRICE, SG_PRICE_PERCENT, 300, 110, false, false},
    {"price-absolute", SG_PANE_PRICE, SG_PRICE_ABSOLUTE, 300, 110, false, false},
    {"price-log", SG_PANE_PRICE, SG_PRICE_LOG, 300, 110, false, false},
    {"price-indexed", SG_PANE_PRICE, SG_PRICE_INDEXED, 300, 110, false, false},
    {"price-candles", SG_PANE_PRICE, SG_PRICE_PERCENT, 300, 44, true, false},
    {"price-columns", SG_PANE_PRICE, SG_PRICE_PERCENT, 6000, 5000, false, false},
    {"spread", SG_PANE_SPREAD, SG_PRICE_PERCENT, 300, 110, false, true},
    {"spread-columns", SG_PANE_SPREAD, SG_PRICE_PERCENT, 6000, 5000, false, false},
    {"zscore", SG_PANE_ZSCORE, SG_PRICE_PERCENT, 300, 110, false, false},
    {"zscore-columns", SG_PANE_ZSCORE, SG_PRICE_PERCENT, 6000, 5000, false, false},
    {"correlation", SG_PANE_CORRELATION, SG_PRICE_PERCENT, 300, 110, false, false},
    {"hedge-ratio", SG_PANE_HEDGE_RATIO, SG_PRICE_PERCENT, 300, 110, false, false},
    {"scatter", SG_PANE_SCATTER, SG_PRICE_PERCENT, 300, 110, false, false},
};
#define SUBJECTS (sizeof subjects / sizeof subjects[0])

/* What the last test plants. */
enum plant { PLANT_NOTHING, PLANT_SHIFTED_LINE, PLANT_NO_BAND, PLANT_NO_GAP, PLANT_OTHER_COLOR, PLANT_MOVED_THRESHOLD, PLANT_OTHER_LABELS };

static void fill(struct sg_history *history, const struct subject *subject, struct sg_row *ret_forming, enum plant plant)
{
    struct fixture_random random = {.state = 20240808};
    bool gap = plant != PLANT_NO_GAP;
    fixture_fill(history, &random, subject->rows, WINDOW, gap ? subject->rows * 3 / 4 : 0, gap ? (int64_t)(subject->rows / 40) : 0);
    for (size_t row = subject->rows - 40; row < subject->rows - 30; row++)
        history->flags[row] |= SG_ROW_A_FILLED;
    for (size_t row = subject->rows - 24; row < subject->rows - 18; row++)
        history->flags[row] |= SG_ROW_B_REPAIRED;
    for (size_t row = 0; row < subject->rows; row++) {
        if (plant == PLANT_SHIFTED_LINE)
            history->column[SG_COL_RESIDUAL][row] += 3;
        if (plant == PLANT_NO_BAND)
            history->column[SG_COL_STD][row] = 0;
    }
    *ret_forming = fixture_row(&random, history->time_us[subject->rows - 1] + history->interval_us, subject->rows, WINDOW);
}

static cairo_surface_t *picture(const struct subject *subject, bool dark, double scale, enum plant plant)
{
    struct sg_history history;
    struct sg_row forming;
    struct sg_viewport view;
    struct sg_theme theme = *sg_theme_get(dark, false);
    sg_history_init(&history, MINUTE_US, 20000);
    fill(&history, subject, &forming, plant);
    struct sg_dashboard *dashboard = sg_dashboard_new();
    struct sg_dashboard_data data = fixture_data(&history, &forming);
    if (plant == PLANT_MOVED_THRESHOLD)
        data.entry = 2.4;
    if (plant == PLANT_OTHER_LABELS)
        memcpy(data.symbol_a, "SOLEUR", sizeof "SOLEUR");
    if (plant == PLANT_OTHER_COLOR)
        theme.spread = theme.zscore;
    sg_dashboard_set_price_mode(dashboard, subject->mode);
    sg_dashboard_set_price_style(dashboard, subject->candles, subject->candles, subject->candles);
    sg_dashboard_set_hindsight(dashboard, subject->hindsight);
    sg_dashboard_set_data(dashboard, &data);
    sg_viewport_init(&view, subject->span);
    sg_dashboard_update_extent(dashboard, &view);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(WIDTH * scale), (int)(HEIGHT * scale));
    cairo_surface_set_device_scale(surface, scale, scale);
    cairo_t *cr = cairo_create(surface);
    sg_plot_draw_one(dashboard, cr, subject->pane, &view, &theme, FONT, WIDTH, HEIGHT);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    sg_dashboard_free(dashboard);
    sg_history_free(&history);
    cairo_surface_flush(surface);
    return surface;
}

/* --- comparing --------------------------------------------------------------------------------------------------------------- */

static const unsigned char *pixel_at(cairo_surface_t *surface, int x, int y)
{
    return cairo_image_surface_get_data(surface) + (ptrdiff_t)y * cairo_image_surface_get_stride(surface) + (ptrdiff_t)x * 4;
}

/* The greatest difference of a channel. */
static int distance(const unsigned char *a, const unsigned char *b)
{
    int most = 0;
    for (int i = 0; i < 3; i++) {
        int d = abs(a[i] - b[i]);
        most = d > most ? d : most;
    }
    return most;
}

static bool near_by(cairo_surface_t *surface, int x, int y, const unsigned char *wanted, int tolerance)
{
    int width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    for (int ny = y - 1; ny <= y + 1; ny++)
        for (int nx = x - 1; nx <= x + 1; nx++)
            if (nx >= 0 && ny >= 0 && nx < width && ny < height && distance(pixel_at(surface, nx, ny), wanted) <= tolerance)
                return true;
    return false;
}

static bool words_at(const struct subject *subject, double x, double y)
{
    return x >= WIDTH - SG_AXIS_WIDTH || y < LEGEND || y >= HEIGHT - SG_TIME_AXIS_HEIGHT ||
           (subject->mode == SG_PRICE_ABSOLUTE && subject->pane == SG_PANE_PRICE && x < SECOND_AXIS);
}

struct difference {
    double marks, words;
}; /* parts of each area that differ */

static struct difference compare(const struct subject *subject, cairo_surface_t *drawn, cairo_surface_t *golden, double scale)
{
    int width = cairo_image_surface_get_width(drawn), height = cairo_image_surface_get_height(drawn);
    if (cairo_image_surface_get_width(golden) != width || cairo_image_surface_get_height(golden) != height)
        return (struct difference){1, 1};
    size_t total[2] = {0, 0}, differ[2] = {0, 0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const unsigned char *a = pixel_at(drawn, x, y), *b = pixel_at(golden, x, y);
            int words = words_at(subject, x / scale, y / scale);
            total[words]++;
            differ[words] += words ? !near_by(golden, x, y, a, 70) || !near_by(drawn, x, y, b, 70) : distance(a, b) > 8;
        }
    return (struct difference){(double)differ[0] / (double)total[0], (double)differ[1] / (double)total[1]};
}

static bool same(const struct difference *difference)
{
    return difference->marks <= 0.002 && difference->words <= 0.004;
}

/* --- the tests --------------------------------------------------------------------------------------------------------------- */

static void name_of(const struct subject *subject, bool dark, int scale, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s-%s-%dx.png", subject->name, dark ? "dark" : "light", scale);
}

static void every_pane_looks_as_it_did(void **state)
{
    (void)state;
    if (font_missing)
        skip();
    size_t wrong = 0;
    for (size_t i = 0; i < SUBJECTS; i++)
        for (int dark = 0; dark <= 1; dark++)
            for (int scale = 1; scale <= 2; scale++) {
                char name[80], file[sizeof folder + 80];
                name_of(&subjects[i], dark, scale, name, sizeof name);
                cairo_surface_t *drawn = picture(&subjects[i], dark, scale, PLANT_NOTHING);
                snprintf(file, sizeof file, "%s/%s", folder, name);
                if (renewing) {
                    assert_int_equal(cairo_surface_write_to_png(drawn, file), CAIRO_STATUS_SUCCESS);
                } else {
                    cairo_surface_t *golden = cairo_image_surface_create_from_png(file);
                    struct difference d = {1, 1};
                    if (cairo_surface_status(golden) == CAIRO_STATUS_SUCCESS)
                        d = compare(&subjects[i], drawn, golden, scale);
                    if (!same(&d)) {
                        wrong++;
                        print_message("%s: %d of 10,000 pixels of its marks and %d of its words differ; see %s\n", name, (int)(d.marks * 1e4),
                                      (int)(d.words * 1e4), failures);
                        mkdir(failures, 0777);
                        snprintf(file, sizeof file, "%s/%s", failures, name);
                        cairo_surface_write_to_png(drawn, file);
                    }
                    cairo_surface_destroy(golden);
                }
                cairo_surface_destroy(drawn);
            }
    assert_int_equal(wrong, 0);
}

static void a_planted_change_is_seen(void **state)
{
    (void)state;
    static const struct {
        enum plant plant;
        const char *subject;
    } planted[] = {
        {PLANT_SHIFTED_LINE, "spread"},         {PLANT_NO_BAND, "spread"},
        {PLANT_NO_BAND, "spread-columns"},      {PLANT_NO_GAP, "correlation"},
        {PLANT_OTHER_COLOR, "spread"},          {PLANT_OTHER_COLOR, "spread-columns"},
        {PLANT_MOVED_THRESHOLD, "zscore"},      {PLANT_MOVED_THRESHOLD, "zscore-columns"},
        {PLANT_OTHER_LABELS, "price-absolute"},
    };
    if (font_missing)
        skip();
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++)
        for (size_t j = 0; j < SUBJECTS; j++) {
            if (strcmp(subjects[j].name, planted[i].subject) != 0)
                continue;
            for (int dark = 0; dark <= 1; dark++)
                for (int scale = 1; scale <= 2; scale++) {
                    cairo_surface_t *right = picture(&subjects[j], dark, scale, PLANT_NOTHING), *changed = picture(&subjects[j], dark, scale, planted[i].plant);
                    struct difference d = compare(&subjects[j], changed, right, scale);
                    if (same(&d))
                        fail_msg("change %d of %s is not seen: %d of 10,000 marks, %d of words", (int)planted[i].plant, subjects[j].name, (int)(d.marks * 1e4),
                                 (int)(d.words * 1e4));
                    cairo_surface_destroy(right);
                    cairo_surface_destroy(changed);
                }
        }
}

static bool has_font(void)
{
    PangoFontFamily **families;
    int count;
    bool found = false;
    pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
    for (int i = 0; i < count; i++)
        found = found || strcmp(pango_font_family_get_name(families[i]), FAMILY) == 0;
    g_free(families);
    return found;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_pane_looks_as_it_did), cmocka_unit_test(a_planted_change_is_seen)};
    const char *source = getenv("SG_SOURCE_DIR"), *build = getenv("SG_BINARY_DIR"), *renew = getenv("SG_RENEW_GOLDENS");
    snprintf(folder, sizeof folder, "%s/tests/data/golden", source ? source : ".");
    snprintf(failures, sizeof failures, "%s/golden-differs", build ? build : ".");
    renewing = renew && *renew;
    font_missing = !has_font();
    if (font_missing)
        printf("SKIP: the font %s is not installed (package fonts-inter)\n", FAMILY);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? failed : font_missing ? 77 : 0;
}
