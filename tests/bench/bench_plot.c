/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a frame costs, on an image surface, one core: pan and zoom at every depth, hover, append, build, memory.
 * Times are this thread's CPU time: drawing waits for nothing, and a busy machine must not count against it.
 * Usage: bench_plot [ROWS]   (default: 1,000,000 and 10,000,000). Prints a table; exit status 1 when a goal is missed. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "spreadglass/base/decimal.h"
#include "spreadglass/plot/dashboard.h"

#define WIDTH 1280.0
#define HEIGHT 800.0
#define FRAMES 240
#define FIRSTS 5

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof *values, ascending);
    return values[(size_t)(q * (double)(count - 1))];
}

static const char *number(double value, int decimals)
{
    static char store[16][SG_DECIMAL_BUF];
    static unsigned next;
    char *text = store[next++ % 16];
    sg_decimal_from_double_fixed(value, decimals, text);
    return text;
}

static uint64_t state = 88172645463325252u;

static double noise(void)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        sum += (double)(state >> 11) / 9007199254740992.0 - 0.5;
    }
    return sum;
}

static struct sg_row next_row(int64_t time_us)
{
    static double walk = 3200, spread;
    static size_t count;
    struct sg_row row = {.time_us = time_us};
    double *v = row.value;
    walk = fabs(walk + noise());
    spread = spread * 0.97 + noise() * 10;
    v[SG_COL_A_CLOSE] = 20 * walk + spread;
    v[SG_COL_A_OPEN] = v[SG_COL_A_CLOSE] - 3;
    v[SG_COL_A_HIGH] = v[SG_COL_A_CLOSE] + 8;
    v[SG_COL_A_LOW] = v[SG_COL_A_CLOSE] - 8;
    v[SG_COL_B_CLOSE] = v[SG_COL_B_OPEN] = walk;
    v[SG_COL_B_HIGH] = walk + 1;
    v[SG_COL_B_LOW] = walk - 1;
    v[SG_COL_A_VOLUME] = v[SG_COL_B_VOLUME] = 1 + fabs(noise());
    v[SG_COL_ALPHA] = spread;
    v[SG_COL_BETA] = 20 + noise() / 10;
    v[SG_COL_SE_BETA] = 0.1;
    v[SG_COL_SPREAD] = v[SG_COL_RESIDUAL] = spread;
    v[SG_COL_MEAN] = v[SG_COL_RESIDUAL_MEAN] = spread * 0.2;
    v[SG_COL_STD] = 20;
    v[SG_COL_ZSCORE] = spread * 0.8 / 20;
    v[SG_COL_CORRELATION] = 0.9 + noise() / 30;
    /* Quiet stretches without trades, repaired ones, and single bars without trades everywhere: all of these are marked. */
    size_t place = count++ % 50000;
    row.flags = place < 5000 ? SG_ROW_A_FILLED | SG_ROW_B_FILLED : place < 5600 ? SG_ROW_A_REPAIRED : place % 3 == 0 ? SG_ROW_B_FILLED : 0;
    return row;
}

static void sync_data(struct sg_dashboard *dashboard, const struct sg_history *history)
{
    struct sg_dashboard_data data = {
        .history = history, .symbol_a = "BTCUSDT", .symbol_b = "ETHUSDT", .decimals_a = 2, .decimals_b = 2, .entry = 2, .exit = 0.5, .window = 60, .utc = true};
    sg_dashboard_set_data(dashboard, &data);
}

static void draw_frame(struct sg_dashboard *dashboard, cairo_t *cr, const struct sg_viewport *view, int panes)
{
    double pane_height = (HEIGHT - SG_TIME_AXIS_HEIGHT) / panes;
    for (int i = 0; i < panes; i++) {
        cairo_save(cr);
        cairo_translate(cr, 0, floor(i * pane_height));
        sg_dashboard_draw_pane(dashboard, cr, (enum sg_pane)i, view, sg_theme_get(true, false), "DejaVu Sans 10", WIDTH, floor(pane_height));
        sg_dashboard_draw_overlay(dashboard, cr, (enum sg_pane)i, view, sg_theme_get(true, false), "DejaVu Sans 10", WIDTH, floor(pane_height), SIZE_MAX, -1);
        cairo_restore(cr);
    }
    cairo_save(cr);
    cairo_translate(cr, 0, HEIGHT - SG_TIME_AXIS_HEIGHT);
    sg_dashboard_draw_time_axis(dashboard, cr, view, sg_theme_get(true, false), "DejaVu Sans 10", WIDTH, SG_TIME_AXIS_HEIGHT, SIZE_MAX);
    cairo_restore(cr);
    cairo_surface_flush(cairo_get_target(cr));
}

struct result {
    double frame, p99;
};
static bool missed;

static void judge(const char *what, double value, int decimals, double goal, const char *unit)
{
    bool ok = value <= goal;
    missed = missed || !ok;
    printf("  %-46s %9s %-4s goal %s  %s\n", what, number(value, decimals), unit, number(goal, decimals), ok ? "ok" : "MISSED");
}

static struct result measure(size_t rows, int panes)
{
    struct sg_history history;
    sg_history_init(&history, 1000000, rows + 200000);
    int64_t time = INT64_C(1700000000) * 1000000;
    for (size_t i = 0; i < rows; i++, time += 1000000) {
        struct sg_row row = next_row(time);
        if (sg_history_append(&history, &row) != SG_OK)
            abort();
    }
    struct sg_viewport view;
    struct sg_dashboard *dashboard = sg_dashboard_new();
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)WIDTH, (int)HEIGHT);
    cairo_t *cr = cairo_create(surface);
    printf("\n%zu rows, %d panes, %dx%d\n", rows, panes, (int)WIDTH, (int)HEIGHT);

    /* A process has fonts and pages once: another dashboard draws first, as any window has before a long series comes in. */
    struct sg_dashboard *warm = sg_dashboard_new();
    struct sg_history head = history;
    head.length = 2000;
    sync_data(warm, &head);
    sg_viewport_init(&view, 2000);
    sg_dashboard_update_extent(warm, &view);
    draw_frame(warm, cr, &view, panes);
    sg_dashboard_cover(warm);
    sg_dashboard_free(warm);

    /* Each time a dashboard that has seen nothing; the median says what a person waits. */
    double start, first[FIRSTS], took[3][FIRSTS];
    for (size_t i = 0; i < FIRSTS; i++) {
        sg_dashboard_free(dashboard);
        dashboard = sg_dashboard_new();
        start = now_ms();
        double before = start;
        sync_data(dashboard, &history);
        took[0][i] = now_ms() - start;
        start = now_ms();
        sg_dashboard_cover(dashboard);
        took[1][i] = now_ms() - start;
        sg_viewport_init(&view, (double)rows);
        sg_dashboard_update_extent(dashboard, &view);
        start = now_ms();
        draw_frame(dashboard, cr, &view, panes);
        took[2][i] = now_ms() - start;
        first[i] = now_ms() - before;
    }
    double built = quantile(took[1], FIRSTS, 0.5), million = (double)rows / 1e6;
    printf("  first picture %s ms: rows %s, pyramids %s, drawing %s\n", number(quantile(first, FIRSTS, 0.5), 2), number(quantile(took[0], FIRSTS, 0.5), 2),
           number(built, 2), number(quantile(took[2], FIRSTS, 0.5), 2));
    /* Five panes have pyramids of their own; the scatter reads those of the price. */
    double build = built / (panes - 1) / million;
    if (rows <= 1000000)
        judge("build, per pane and million rows", build, 2, 3, "ms");
    else /* beyond the caches; there is no goal for it */
        printf("  build, per pane and million rows %s ms\n", number(build, 2));

    struct result all = {0, 0};
    static const double depth[] = {1.0, 0.3, 0.14, 0.115, 0.05, 0.01, 0, -1, -2};
    for (size_t d = 0; d < sizeof depth / sizeof depth[0]; d++) {
        double span = depth[d] > 0 ? depth[d] * (double)rows : depth[d] == 0 ? 1900 : depth[d] == -1 ? 1150 : 240, times[FRAMES];
        sg_viewport_show(&view, view.last - span * 1.4, view.last - span * 0.4);
        for (int i = 0; i < FRAMES; i++) {
            if (i % 2)
                sg_viewport_pan(&view, -span / 300);
            else
                sg_viewport_zoom(&view, 0.6, i % 4 ? 1.01 : 1 / 1.01, true);
            start = now_ms();
            draw_frame(dashboard, cr, &view, panes);
            times[i] = now_ms() - start;
        }
        double median = quantile(times, FRAMES, 0.5), p99 = quantile(times, FRAMES, 0.99);
        printf("  pan/zoom, %9zu bars in view: median %s ms, p99 %s ms\n", (size_t)view.span, number(median, 2), number(p99, 2));
        all.frame = fmax(all.frame, median);
        all.p99 = fmax(all.p99, p99);
    }
    judge("pan/zoom frame, slowest median", all.frame, 2, 4, "ms");
    judge("pan/zoom frame, slowest p99", all.p99, 2, 6, "ms");

    double hover[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        size_t row = sg_dashboard_row_at(dashboard, &view, WIDTH, 4 * i);
        start = now_ms();
        for (int pane = 0; pane < panes; pane++)
            sg_dashboard_draw_overlay(dashboard, cr, (enum sg_pane)pane, &view, sg_theme_get(true, false), "DejaVu Sans 10", WIDTH, 190, row,
                                      pane == 1 ? 80 : -1);
        hover[i] = now_ms() - start;
    }
    judge("hover, all panes, median", quantile(hover, FRAMES, 0.5), 3, 2, "ms");

    /* Appending: the rows are put into the history first, so that only the dashboard's part is timed. */
    const size_t appended = 100000;
    struct sg_row *extra = malloc(appended * sizeof *extra);
    for (size_t i = 0; extra && i < appended; i++, time += 1000000)
        extra[i] = next_row(time);
    double spent = 0;
    sg_viewport_go_live(&view);
    for (size_t i = 0; extra && i < appended; i += 100) {
        for (size_t j = 0; j < 100; j++)
            if (sg_history_append(&history, &extra[i + j]) != SG_OK)
                abort();
        start = now_ms();
        sync_data(dashboard, &history);
        sg_dashboard_cover(dashboard);
        spent += now_ms() - start;
    }
    free(extra);
    judge("append, per bar, every pyramid", spent * 1e3 / (double)appended, 4, 2, "us");

    size_t columns = history.length * (SG_COL_COUNT * sizeof(double) + sizeof(int64_t) + sizeof(uint16_t) + sizeof(uint8_t));
    judge("memory, pyramids and columns to columns", (double)(columns + sg_dashboard_bytes(dashboard)) / (double)columns, 3, 1.3, "x");
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    sg_dashboard_free(dashboard);
    sg_history_free(&history);
    return all;
}

int main(int argc, char **argv)
{
    const int panes = SG_PANE_ALL;
    int64_t rows = 0;
    if (argc > 1) {
        if (sg_decimal_to_int64(argv[1], strlen(argv[1]), 10000, 50000000, &rows) != SG_OK) {
            fprintf(stderr, "usage: bench_plot [ROWS between 10000 and 50000000]\n");
            return 2;
        }
        measure((size_t)rows, panes);
        return missed;
    }
    struct result one = measure(1000000, panes), ten = measure(10000000, panes);
    printf("\n");
    judge("10,000,000 rows to 1,000,000, slowest frame", ten.frame / one.frame, 2, 1.3, "x");
    return missed;
}
