/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the numbers cost, one core, each beside an honest baseline that runs in turn with it: medians of 7 after a warm-up.
 *
 *   bench_analytics                  the table; exit status 1 when a goal is missed
 *   bench_analytics one WHAT FILE    microseconds of one run of WHAT (adf, coint, refresh, hindsight) on the "y x" lines of
 *                                    FILE, for compare_statsmodels.py, which runs the other program in between */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gsl/gsl_multifit.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/analytics/pair_scan.h"
#include "spreadglass/base/decimal.h"

#define ROUNDS 7
#define BARS 1000000

static double *a, *b, *column[5];
static size_t bars;
static volatile double sink;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint64_t bits(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double shock(uint64_t *state)
{
    double sum = -2.0;
    for (int i = 0; i < 4; i++)
        sum += (double)(bits(state) >> 11) * 0x1p-53;
    return sum;
}

static void make(void)
{
    uint64_t seed = 1;
    double x = 3000.0, spread = 0.0;
    for (size_t i = 0; i < bars; i++) {
        x *= 1.0 + 2e-4 * shock(&seed);
        spread = 0.98 * spread + 4.0 * shock(&seed);
        b[i] = x;
        a[i] = 400.0 + 19.0 * x + spread;
    }
}

/* ---- what is measured; each does one whole run ---- */

static size_t window = 60, push_bars = 100000;
static enum sg_hedge hedge;

static struct sg_pair_params parameters(void)
{
    struct sg_pair_params p;
    sg_pair_params_default(&p);
    p.window = window;
    p.hedge = hedge;
    return p;
}

static void push_all(void)
{
    struct sg_pair_params p = parameters();
    struct sg_pair_model *model = sg_pair_model_new(&p);
    struct sg_pair_result r;
    for (size_t i = 0; i < push_bars; i++)
        (void)sg_pair_model_push(model, a[i], b[i], &r);
    sink = r.zscore;
    sg_pair_model_free(model);
}

/* The straightforward way: the same statistics of one bar close from the window, two passes, and the expanding fit's sums kept. */
static void naive_window(void)
{
    double out = 0.0, n = (double)window;
    size_t closes = push_bars > window ? push_bars - window - 1 : 0;
    if (closes > 2000)
        closes = 2000;
    for (size_t t = window; t < window + closes; t++) {
        double beta = 19.0, mean = 0.0, square = 0.0, ma = 0.0, mb = 0.0, saa = 0.0, sab = 0.0, sbb = 0.0;
        for (size_t i = t + 1 - window; i <= t; i++) {
            mean += a[i] - beta * b[i];
            ma += (a[i] - a[i - 1]) / a[i - 1];
            mb += (b[i] - b[i - 1]) / b[i - 1];
        }
        mean /= n;
        ma /= n;
        mb /= n;
        for (size_t i = t + 1 - window; i <= t; i++) {
            double d = a[i] - beta * b[i] - mean, ra = (a[i] - a[i - 1]) / a[i - 1] - ma, rb = (b[i] - b[i - 1]) / b[i - 1] - mb;
            square += d * d;
            saa += ra * ra;
            sab += ra * rb;
            sbb += rb * rb;
        }
        out += (a[t] - beta * b[t] - mean) / sqrt(square / (n - 1.0)) + sab / sqrt(saa * sbb);
    }
    sink = out;
}

static void hindsight(void)
{
    struct sg_pair_params p = parameters();
    struct sg_hindsight h = {column[0], column[1], column[2], column[3], column[4], 0, 0, 0, 0, 0, SG_REASON_NONE, 0};
    (void)sg_pair_hindsight(&p, a, b, push_bars, &h);
    sink = h.beta;
}

static struct sg_adf_workspace *workspace;
static size_t test_bars = 1440, repeats = 1;

static void adf(void)
{
    struct sg_adf_result r = {0};
    for (size_t i = 0; i < repeats; i++)
        (void)sg_adf_test(workspace, a + i, test_bars, SG_ADF_CONSTANT, -1, 1, &r);
    sink = r.statistic;
}

static void coint(void)
{
    struct sg_adf_result r = {0};
    for (size_t i = 0; i < repeats; i++)
        (void)sg_engle_granger(workspace, a + i, b + i, test_bars, -1, 1, &r);
    sink = r.statistic;
}

static void half_life(void)
{
    struct sg_half_life_result r = {0};
    (void)sg_half_life(a, test_bars, &r);
    sink = r.lambda;
}

/* The textbook way with GSL: one multifit per lag. */
static void adf_by_multifit(void)
{
    size_t n = test_bars, most = (size_t)ceil(12.0 * pow((double)n / 100.0, 0.25)), rows = n - 1 - most;
    double best = INFINITY;
    for (size_t lags = 0; lags <= most; lags++) {
        size_t columns = lags + 2;
        gsl_matrix *x = gsl_matrix_alloc(rows, columns), *cov = gsl_matrix_alloc(columns, columns);
        gsl_vector *y = gsl_vector_alloc(rows), *c = gsl_vector_alloc(columns);
        gsl_multifit_linear_workspace *w = gsl_multifit_linear_alloc(rows, columns);
        double rss = 0.0;
        for (size_t i = 0; i < rows; i++) {
            size_t k = most + i;
            gsl_vector_set(y, i, a[k + 1] - a[k]);
            gsl_matrix_set(x, i, 0, a[k]);
            gsl_matrix_set(x, i, 1, 1.0);
            for (size_t j = 1; j <= lags; j++)
                gsl_matrix_set(x, i, j + 1, a[k + 1 - j] - a[k - j]);
        }
        if (gsl_multifit_linear(x, y, c, cov, &rss, w) == 0) {
            double aic = (double)rows * log(rss) + 2.0 * (double)lags;
            best = aic < best ? aic : best;
        }
        gsl_multifit_linear_free(w);
        gsl_matrix_free(x);
        gsl_matrix_free(cov);
        gsl_vector_free(y);
        gsl_vector_free(c);
    }
    sink = best;
}

/* Every statistic of a pair that a refresh shows: 10,000 bars in, the live columns and the plain ADF of the spread out. */
static void refresh(void)
{
    struct sg_pair_params p = parameters();
    struct sg_adf_result r = {0};
    struct sg_hindsight h = {column[0], column[1], column[2], column[3], column[4], 0, 0, 0, 0, 0, SG_REASON_NONE, 0};
    (void)sg_pair_hindsight(&p, a, b, test_bars, &h);
    (void)sg_adf_test(workspace, column[0], test_bars, SG_ADF_CONSTANT, -1, 1, &r);
    sink = r.statistic + h.beta;
}

#define SCAN_SERIES 400
#define SCAN_PAIRS 4000
static const double *scan_series[SCAN_SERIES];

static void scan(void)
{
    static struct sg_scan_row rows[SCAN_PAIRS];
    struct sg_scan_input in = {.closes = scan_series, .series = SCAN_SERIES, .bars = test_bars, .max_lag = -1, .aic = 1};
    if (sg_scan_pairs(workspace, &in, 7, SCAN_PAIRS, rows) == SG_OK)
        sink = rows[SCAN_PAIRS - 1].p_value;
}

/* ---- running two things in turn ---- */

static int ascending(const void *x, const void *y)
{
    double p = *(const double *)x, q = *(const double *)y;
    return (p > q) - (p < q);
}

static void in_turn(void (*ours)(void), void (*other)(void), double *ret_ours, double *ret_other)
{
    double t[2][ROUNDS];
    ours();
    if (other)
        other();
    for (size_t i = 0; i < ROUNDS; i++) {
        double start = now_us();
        ours();
        t[0][i] = now_us() - start;
        start = now_us();
        if (other)
            other();
        t[1][i] = now_us() - start;
    }
    for (size_t i = 0; i < 2; i++)
        qsort(t[i], ROUNDS, sizeof t[i][0], ascending);
    *ret_ours = t[0][ROUNDS / 2];
    *ret_other = t[1][ROUNDS / 2];
}

static const char *number(double value, int decimals)
{
    static char store[16][SG_DECIMAL_BUF];
    static unsigned next;
    char *text = store[next++ % 16];
    sg_decimal_from_double_fixed(value, decimals, text);
    return text;
}

static int missed;

static void line(const char *what, double ours, const char *unit, const char *baseline, double other, double goal, const char *goal_text)
{
    bool fine = ours <= goal;
    missed += !fine;
    printf("%-58s %10s %-3s", what, number(ours, ours < 10.0 ? 2 : 0), unit);
    if (baseline)
        printf("  %s %s %s (%sx)", baseline, number(other, other < 10.0 ? 2 : 0), unit, number(other / ours, 1));
    if (goal_text)
        printf("  goal %s: %s", goal_text, fine ? "met" : "MISSED");
    printf("\n");
    fflush(stdout);
}

static void table(void)
{
    double t, o;
    static const size_t WINDOWS[] = {20, 60, 1000, 100000};
    for (size_t i = 0; i < 4; i++) {
        char text[96];
        window = WINDOWS[i];
        push_bars = window >= 100000 ? 300000 : 100000;
        in_turn(push_all, naive_window, &t, &o);
        snprintf(text, sizeof text, "bar close, every rolling statistic, ols, window %zu", window);
        size_t closes = push_bars - window - 1;
        line(text, 1e3 * t / (double)push_bars, "ns", "two passes over the window", 1e3 * o / (double)(closes > 2000 ? 2000 : closes), 1000.0, "1 us");
    }
    static const char *const NAMES[] = {"ols", "rolling", "tls", "kalman", "fixed"};
    window = 60;
    push_bars = 100000;
    for (int h = 1; h < 5; h++) {
        char text[96];
        hedge = (enum sg_hedge)h;
        in_turn(push_all, NULL, &t, &o);
        snprintf(text, sizeof text, "bar close, %s, window 60", NAMES[h]);
        line(text, 1e3 * t / (double)push_bars, "ns", NULL, 0, 1000.0, "1 us");
    }
    hedge = SG_HEDGE_OLS;
    push_bars = BARS;
    in_turn(push_all, NULL, &t, &o);
    line("bar close, ols, window 60, 1,000,000 bars of history", 1e3 * t / (double)push_bars, "ns", NULL, 0, 1000.0, "1 us");
    push_bars = 100000;
    in_turn(hindsight, push_all, &t, &o);
    line("hindsight, 100,000 bars, five columns", t / 1e3, "ms", "the live model", o / 1e3, 2.0, "2 ms");
    repeats = 1;
    in_turn(adf, adf_by_multifit, &t, &o);
    line("ADF, 1,440 values, AIC over 24 lags", t, "us", "gsl_multifit per lag", o, 50.0, "50 us");
    repeats = 500;
    in_turn(adf, NULL, &t, &o);
    line("the same, 500 different series", t / (double)repeats, "us", NULL, 0, 50.0, "50 us");
    in_turn(coint, NULL, &t, &o);
    line("Engle-Granger, 1,440 bars, AIC, 500 different series", t / (double)repeats, "us", NULL, 0, 50.0, "50 us");
    in_turn(half_life, NULL, &t, &o);
    line("half-life with its interval, 1,440 values", t, "us", NULL, 0, 1e9, NULL);
    in_turn(scan, NULL, &t, &o);
    line("all pairs of 400 x 1,440, both ways, one core, extrapolated", 79800.0 * t / SCAN_PAIRS / 1e6, "s", NULL, 0, 6.0, "6 s (3 s on two)");
}

static bool read_pairs(const char *path)
{
    char text[128];
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    bars = 0;
    while (bars < BARS && fgets(text, sizeof text, f)) {
        size_t first = strcspn(text, " "), second = strcspn(text + first + 1, "\n");
        if (sg_decimal_to_double(text, first, &a[bars]) != SG_OK || sg_decimal_to_double(text + first + 1, second, &b[bars]) != SG_OK)
            break;
        bars++;
    }
    bool whole = feof(f) != 0;
    fclose(f);
    return whole && bars > 0;
}

int main(int argc, char **argv)
{
    sg_analytics_init();
    bars = BARS;
    a = calloc(7 * (size_t)BARS, sizeof *a);
    workspace = sg_adf_workspace_new(BARS);
    if (!a || !workspace)
        return 1;
    b = a + BARS;
    for (size_t i = 0; i < 5; i++)
        column[i] = a + (i + 2) * (size_t)BARS;
    if (argc == 4 && strcmp(argv[1], "one") == 0) {
        void (*run)(void) = strcmp(argv[2], "adf") == 0         ? adf
                            : strcmp(argv[2], "coint") == 0     ? coint
                            : strcmp(argv[2], "refresh") == 0   ? refresh
                            : strcmp(argv[2], "hindsight") == 0 ? hindsight
                                                                : NULL;
        if (!run || !read_pairs(argv[3])) {
            fprintf(stderr, "usage: bench_analytics [one adf|coint|refresh|hindsight FILE]\n");
            return 2;
        }
        double ours, other;
        char result[SG_DECIMAL_BUF];
        test_bars = push_bars = bars;
        in_turn(run, NULL, &ours, &other);
        sg_decimal_from_double(sink, result);
        printf("%s %s\n", number(ours, 3), result);
        return 0;
    }
    make();
    for (size_t i = 0; i < SCAN_SERIES; i++)
        scan_series[i] = (i % 2 ? a : b) + 2000 * i;
    table();
    return missed > 0;
}
