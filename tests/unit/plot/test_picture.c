/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole picture into files of all three kinds, in the build folder, for machines to check and people to look at. */
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
#include <dirent.h>
#include "fixture.h"

static const char *const names[] = {"Alpha", "Beta", "R\xC2\xB2", "Spread", "Z-score", "Correlation", "ADF p", "Half-life", "n"};
static const char *const values[] = {"12.400",
                                     "20.000",
                                     "0.914",
                                     "\xE2\x88\x92"
                                     "13.05",
                                     "\xE2\x96\xB2 +2.31",
                                     "0.645",
                                     "0.013",
                                     "22.8 bars",
                                     "300/300"};
static const struct sg_dashboard_header header = {.title = "BTCUSDT/ETHUSDT \xC2\xB7 1m \xC2\xB7 window 60",
                                                  .status = "2025-11-10 22:00\xE2\x80\x93"
                                                            "03:20 UTC",
                                                  .stat_names = names,
                                                  .stat_values = values,
                                                  .stat_count = 9,
                                                  .banner = "Z-score 2.31 above +2.0 since 12:03:10 \xE2\x80\x94 BTCUSDT/ETHUSDT",
                                                  .banner_up = true};

struct scene {
    struct sg_history history;
    struct sg_dashboard *dashboard;
    struct sg_viewport view;
};

static void scene_open(struct scene *scene, size_t rows, double span)
{
    struct fixture_random random = {.state = 7};
    sg_history_init(&scene->history, MINUTE_US, 2000000);
    fixture_fill(&scene->history, &random, rows, 60, rows > 100 ? rows - 90 : 0, 14);
    for (size_t i = 20; i < 30 && rows > 200; i++)
        scene->history.flags[rows - i] |= SG_ROW_A_FILLED;
    struct sg_row forming = fixture_row(&random, scene->history.time_us[rows - 1] + MINUTE_US, rows, 60);
    scene->dashboard = sg_dashboard_new();
    struct sg_dashboard_data data = fixture_data(&scene->history, &forming);
    sg_dashboard_set_data(scene->dashboard, &data);
    sg_viewport_init(&scene->view, span);
    sg_dashboard_update_extent(scene->dashboard, &scene->view);
}

static void scene_close(struct scene *scene)
{
    sg_dashboard_free(scene->dashboard);
    sg_history_free(&scene->history);
}

static void path_in_build(const char *name, char path[static 512])
{
    const char *build = getenv("SG_BINARY_DIR");
    snprintf(path, 512, "%s/plot-pictures", build ? build : ".");
    mkdir(path, 0755);
    snprintf(path, 512, "%s/plot-pictures/%s", build ? build : ".", name);
}

static size_t read_all(const char *path, char **ret_bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    *ret_bytes = malloc((size_t)size);
    assert_int_equal(fread(*ret_bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return (size_t)size;
}

static void save(struct scene *scene, const char *name, bool dark, double width, double height, double scale)
{
    char path[512];
    struct sg_error error = {0};
    path_in_build(name, path);
    enum sg_status status = sg_dashboard_save(scene->dashboard, path, &header, &scene->view, sg_theme_get(dark, false), NULL, width, height, scale, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, SG_OK);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size > 2000);
}

static void pictures_of_every_theme_and_scale(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 500, 240);
    save(&scene, "dark-1280.png", true, 1280, 800, 1);
    save(&scene, "light-1280.png", false, 1280, 800, 1);
    save(&scene, "dark-960.png", true, 960, 600, 1);
    save(&scene, "light-960@2x.png", false, 960, 600, 2);
    /* Every pane there is, in an order of one's own, with everything that can be switched on. */
    const struct sg_pane_share all[] = {{SG_PANE_PRICE, 1.5}, {SG_PANE_HEDGE_RATIO, 0.8}, {SG_PANE_SPREAD, 1}, {SG_PANE_SCATTER, 1.4}, {SG_PANE_ZSCORE, 0.8}};
    assert_int_equal(sg_dashboard_set_panes(scene.dashboard, all, 5), SG_OK);
    sg_dashboard_set_price_style(scene.dashboard, true, false, true);
    sg_dashboard_set_hindsight(scene.dashboard, true);
    sg_dashboard_set_price_mode(scene.dashboard, SG_PRICE_INDEXED);
    sg_viewport_reset(&scene.view, 150);
    save(&scene, "all-dark-1280.png", true, 1280, 1100, 1);
    sg_dashboard_set_price_mode(scene.dashboard, SG_PRICE_ABSOLUTE);
    sg_dashboard_set_price_style(scene.dashboard, true, true, true);
    sg_viewport_reset(&scene.view, 80);
    save(&scene, "all-light-1280.png", false, 1280, 1100, 1);
    scene_close(&scene);
    scene_open(&scene, 100000, 90000);
    save(&scene, "dense-dark-1280.png", true, 1280, 800, 1);
    save(&scene, "dense-light-1280@1.5x.png", false, 1280, 800, 1.5);
    sg_dashboard_set_panes(scene.dashboard, all, 5);
    sg_dashboard_set_price_mode(scene.dashboard, SG_PRICE_LOG);
    sg_dashboard_set_price_style(scene.dashboard, false, true, true);
    save(&scene, "all-dense-dark.png", true, 1280, 1100, 1);
    scene_close(&scene);
    scene_open(&scene, 37, 120);
    save(&scene, "warming-dark-1280.png", true, 1280, 800, 1);
    scene_close(&scene);
}

static void vector_files_say_what_they_are(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 500, 240);
    save(&scene, "picture.svg", false, 1280, 800, 1);
    save(&scene, "picture.pdf", false, 1280, 800, 1);
    char path[512], *bytes;
    path_in_build("picture.svg", path);
    size_t size = read_all(path, &bytes);
    assert_memory_equal(bytes, "<?xml", 5);
    assert_non_null(memmem(bytes, size, "viewBox=\"0 0 1280 800\"", 22));
    free(bytes);
    path_in_build("picture.pdf", path);
    size = read_all(path, &bytes);
    assert_memory_equal(bytes, "%PDF-", 5);
    free(bytes);
    scene_close(&scene);
}

static size_t without_surface_numbers(char *bytes, size_t size)
{
    size_t to = 0;
    for (size_t from = 0; from < size;) {
        bool word = size - from > 7 && memcmp(bytes + from, "surface", 7) == 0;
        size_t keep = word ? 7 : 1;
        memmove(bytes + to, bytes + from, keep);
        to += keep;
        from += keep;
        while (word && from < size && bytes[from] >= '0' && bytes[from] <= '9')
            from++;
    }
    return to;
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const endings[] = {"png", "svg", "pdf"};
    for (size_t i = 0; i < 3; i++) {
        char path[2][512], *bytes[2];
        size_t size[2];
        for (int j = 0; j < 2; j++) {
            struct scene scene;
            char name[32];
            snprintf(name, sizeof name, "twice-%d.%s", j, endings[i]);
            scene_open(&scene, 400, 200);
            save(&scene, name, true, 800, 500, 1);
            path_in_build(name, path[j]);
            size[j] = read_all(path[j], &bytes[j]);
            scene_close(&scene);
        }
        /* Cairo numbers the surfaces of a process, and writes that number into an SVG as an id: the only thing that may differ. */
        for (int j = 0; i == 1 && j < 2; j++)
            size[j] = without_surface_numbers(bytes[j], size[j]);
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

static void png_has_the_pixels_asked_for(void **state)
{
    (void)state;
    struct scene scene;
    char path[512];
    scene_open(&scene, 300, 200);
    save(&scene, "size.png", false, 640, 400, 2);
    path_in_build("size.png", path);
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_image_surface_get_width(surface), 1280);
    assert_int_equal(cairo_image_surface_get_height(surface), 800);
    cairo_surface_destroy(surface);
    scene_close(&scene);
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void one_pane_alone(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 400, 200);
    for (int pane = 0; pane < SG_PANE_ALL; pane++) {
        char name[64], path[512], *bytes;
        snprintf(name, sizeof name, "pane-%d.png", pane);
        path_in_build(name, path);
        struct sg_drawn *drawn = NULL;
        assert_int_equal(sg_dashboard_draw_pane_file(scene.dashboard, path, (enum sg_pane)pane, "one", &scene.view, sg_theme_get(false, pane % 2), NULL, 700,
                                                     320, 1, &drawn, NULL),
                         SG_OK);
        assert_int_equal(sg_drawn_write(drawn, NULL), SG_OK);
        sg_drawn_free(drawn);
        assert_true(read_all(path, &bytes) > 2000);
        free(bytes);
    }
    struct sg_error error;
    struct sg_drawn *none_drawn = NULL;
    assert_int_equal(sg_dashboard_draw_pane_file(scene.dashboard, "x.png", SG_PANE_ALL, NULL, &scene.view, sg_theme_get(false, false), NULL, 700, 320, 1,
                                                 &none_drawn, &error),
                     SG_ERR_INVALID);
    assert_null(none_drawn);
    const struct sg_pane_share twice[] = {{SG_PANE_PRICE, 1}, {SG_PANE_PRICE, 1}}, none[] = {{SG_PANE_PRICE, 0}}, unknown[] = {{SG_PANE_ALL, 1}};
    assert_int_equal(sg_dashboard_set_panes(scene.dashboard, twice, 2), SG_ERR_INVALID);
    assert_int_equal(sg_dashboard_set_panes(scene.dashboard, none, 1), SG_ERR_INVALID);
    assert_int_equal(sg_dashboard_set_panes(scene.dashboard, unknown, 1), SG_ERR_INVALID);
    assert_int_equal(sg_dashboard_set_panes(scene.dashboard, twice, 0), SG_OK);
    scene_close(&scene);
}

/* Height of the panel that stands above the charts. */
static int panel_height(struct scene *scene, const char *verdict)
{
    const struct sg_theme *theme = sg_theme_get(false, false);
    struct sg_dashboard_header only = {.verdict = verdict};
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 800, 600);
    cairo_t *cr = cairo_create(surface);
    sg_dashboard_draw(scene->dashboard, cr, &only, &scene->view, theme, "Sans 10", 800, 600);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    int rows = 0, stride = cairo_image_surface_get_stride(surface),
        panel[3] = {(int)lround(theme->panel.blue * 255), (int)lround(theme->panel.green * 255), (int)lround(theme->panel.red * 255)};
    size_t ink = 0;
    while (rows < 600 && abs(data[rows * stride] - panel[0]) <= 1 && abs(data[rows * stride + 1] - panel[1]) <= 1 &&
           abs(data[rows * stride + 2] - panel[2]) <= 1) {
        for (int x = 0; x < 800; x++)
            ink += data[rows * stride + x * 4] < 110;
        rows++;
    }
    cairo_surface_destroy(surface);
    assert_true(!verdict || !*verdict || ink > 30);
    return rows;
}

static void the_verdict_stands_above_the_charts(void **state)
{
    struct scene scene;
    char endless[1024];
    (void)state;
    scene_open(&scene, 300, 120);
    memset(endless, 0, sizeof endless);
    while (strlen(endless) + 8 < sizeof endless)
        strncat(endless, "nowhere ", sizeof endless - strlen(endless) - 1);
    int none = panel_height(&scene, ""), one = panel_height(&scene, "Not significant: Engle-Granger p 0.066 (n 1,500, lag 3).");
    int two = panel_height(&scene, "Not significant: Engle-Granger p 0.066 (n 1,500, lag 3); the reverse direction p 0.09. Half-life 22 bars (16 to 35); your "
                                   "window of 60 covers 2.7 half-lives.");
    int most = panel_height(&scene, endless);
    assert_true(none <= 1);
    assert_true(one > 14);
    assert_true(two >= one + 12);
    assert_true(most >= two + 12);
    assert_true(most < 5 * one); /* no verdict pushes the charts away */
    assert_int_equal(panel_height(&scene, NULL), none);
    scene_close(&scene);
}

static void errors_are_clear_and_leave_nothing_behind(void **state)
{
    (void)state;
    struct scene scene;
    struct sg_error error = {0};
    char folder[512], path[600];
    path_in_build("empty", folder);
    mkdir(folder, 0755);
    size_t before = files_in(folder);
    scene_open(&scene, 300, 200);
    const struct sg_theme *theme = sg_theme_get(true, false);
    struct {
        const char *name;
        double width, height, scale;
        enum sg_status status;
        const char *word;
    } cases[] = {
        {"picture.jpg", 800, 600, 1, SG_ERR_INVALID, ".png"},      {"png", 800, 600, 1, SG_ERR_INVALID, ".png"},
        {"a.png", 10, 600, 1, SG_ERR_INVALID, "between"},          {"a.png", NAN, 600, 1, SG_ERR_INVALID, "between"},
        {"a.png", 800, 600, 0, SG_ERR_INVALID, "scale"},           {"a.png", 16000, 16000, 4, SG_ERR_RANGE, "pixels"},
        {"missing/a.png", 800, 600, 1, SG_ERR_IO, "No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, cases[i].name);
        enum sg_status status =
            sg_dashboard_save(scene.dashboard, path, &header, &scene.view, theme, NULL, cases[i].width, cases[i].height, cases[i].scale, &error);
        assert_int_equal(status, cases[i].status);
        assert_non_null(strstr(error.text, cases[i].word));
    }
    assert_int_equal(sg_dashboard_save(scene.dashboard, "/dev/full.d/x.svg", &header, &scene.view, theme, NULL, 800, 600, 1, NULL), SG_ERR_IO);
    assert_int_equal(files_in(folder), before);
    scene_close(&scene);
}

#define AXIS_WIDE 640
#define AXIS_HIGH 400

static cairo_surface_t *drawn(struct scene *scene, const struct sg_pane_share *panes, size_t count)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, AXIS_WIDE, AXIS_HIGH);
    cairo_t *cr = cairo_create(surface);
    assert_int_equal(sg_dashboard_set_panes(scene->dashboard, panes, count), SG_OK);
    sg_dashboard_draw(scene->dashboard, cr, NULL, &scene->view, sg_theme_get(false, false), NULL, AXIS_WIDE, AXIS_HIGH);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* Where the time axis is in a picture; -1: nowhere. */
static int time_axis_at(struct scene *scene, const struct sg_pane_share *panes, size_t count)
{
    cairo_surface_t *all = drawn(scene, panes, count), *axis = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, AXIS_WIDE, (int)SG_TIME_AXIS_HEIGHT);
    cairo_t *cr = cairo_create(axis);
    sg_dashboard_draw_time_axis(scene->dashboard, cr, &scene->view, sg_theme_get(false, false), sg_theme_get(false, false)->font, AXIS_WIDE,
                                SG_TIME_AXIS_HEIGHT, SIZE_MAX);
    cairo_destroy(cr);
    cairo_surface_flush(axis);
    int stride = cairo_image_surface_get_stride(all), found = -1;
    for (int y = 0; y + (int)SG_TIME_AXIS_HEIGHT <= AXIS_HIGH && found < 0; y++)
        if (memcmp(cairo_image_surface_get_data(all) + y * stride, cairo_image_surface_get_data(axis), (size_t)stride * (size_t)SG_TIME_AXIS_HEIGHT) == 0)
            found = y;
    cairo_surface_destroy(axis);
    cairo_surface_destroy(all);
    return found;
}

static void time_stands_under_the_panes_that_share_it(void **state)
{
    (void)state;
    const struct sg_pane_share below[] = {{SG_PANE_PRICE, 1}, {SG_PANE_SCATTER, 1}}, above[] = {{SG_PANE_SCATTER, 1}, {SG_PANE_PRICE, 1}},
                               alone[] = {{SG_PANE_SCATTER, 1}};
    const int foot = AXIS_HIGH - (int)SG_TIME_AXIS_HEIGHT;
    struct scene scene;
    scene_open(&scene, 500, 240);
    assert_int_equal(time_axis_at(&scene, below, 2), foot / 2);
    assert_int_equal(time_axis_at(&scene, above, 2), foot);
    assert_int_equal(time_axis_at(&scene, below, 1), foot);
    assert_int_equal(time_axis_at(&scene, alone, 1), -1);
    assert_true(sg_panes_time_axis_after(alone, 1) == SIZE_MAX);
    assert_true(sg_panes_time_axis_after(alone, 0) == SIZE_MAX);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_every_theme_and_scale),
        cmocka_unit_test(vector_files_say_what_they_are),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(png_has_the_pixels_asked_for),
        cmocka_unit_test(one_pane_alone),
        cmocka_unit_test(time_stands_under_the_panes_that_share_it),
        cmocka_unit_test(the_verdict_stands_above_the_charts),
        cmocka_unit_test(errors_are_clear_and_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
