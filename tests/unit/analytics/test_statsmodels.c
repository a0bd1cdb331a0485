/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 1,000 seeded random pairs against the answers of statsmodels, frozen by tests/numeric/freeze_statsmodels.py. */
#include "numbers.h"
#include <sys/wait.h>
#include "spreadglass/analytics/unit_root.h"

#define COUNT 1000
#define FIELDS 12

static double shock(uint64_t *state)
{
    int64_t sum = -(INT64_C(1) << 21);
    for (int i = 0; i < 4; i++)
        sum += (int64_t)(random_bits(state) >> 44);
    return (double)sum;
}

/* The same arithmetic as the script's, so the same bits. */
static size_t make_pair(size_t number, double *y, double *x)
{
    uint64_t state = number;
    size_t n = 100 + (size_t)(random_bits(&state) % 900), kind = number % 5;
    double common = 0.0, own = 0.0, before = 0.0;
    for (size_t i = 0; i < n; i++) {
        double e = shock(&state), u = shock(&state);
        common += e;
        own = kind == 0 ? own + u : kind == 1 ? own * 0.875 + u : kind == 2 ? own * 0.984375 + u : kind == 3 ? own * 0.5 + u - before * 0.75 : own * -0.25 + u;
        before = u;
        x[i] = common * 0x1p-20 + 1000.0;
        y[i] = (common * 0.5 + own) * 0x1p-20 + 3000.0;
    }
    return n;
}

/* In units of its own standard error: near 0 the reference, which does not centre the level, is good to 1e-9 of that. */
static void expect_statistic(double got, double want)
{
    assert_true(fabs(got - want) <= 1e-8 * fabs(want) + 1e-9);
}

static void thousand_pairs(void **state)
{
    char path[4096], line[1024];
    static double y[1000], x[1000];
    const char *source = getenv("SG_SOURCE_DIR");
    size_t rows = 0;
    (void)state;
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/tests/data/statsmodels_vectors.txt", source);
    FILE *f = fopen(path, "r");
    struct sg_adf_workspace *w = sg_adf_workspace_new(1000);
    assert_non_null(f);
    assert_non_null(w);
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#')
            continue;
        double v[FIELDS];
        char *at = line;
        for (size_t i = 0; i < FIELDS; i++) {
            size_t length = strcspn(at, " \n");
            assert_int_equal(sg_decimal_to_double(at, length, &v[i]), SG_OK);
            at += length + 1;
        }
        size_t n = make_pair(rows, y, x);
        struct sg_adf_result r;
        assert_true(v[0] == (double)rows);
        assert_true(v[1] == (double)n);
        assert_int_equal(sg_adf_test(w, y, n, SG_ADF_CONSTANT, -1, 1, &r), SG_OK);
        assert_true((double)r.lags == v[2]);
        expect_statistic(r.statistic, v[3]);
        expect_close(r.p_value, v[4], 1e-6);
        assert_int_equal(sg_engle_granger(w, y, x, n, -1, 1, &r), SG_OK);
        expect_statistic(r.statistic, v[5]);
        assert_true(fabs(r.p_value - v[6]) <= 1e-6 * v[6] + 1e-15);
        for (size_t i = 0; i < 3; i++)
            expect_close(r.critical[i], v[7 + i], 1e-11);
        assert_int_equal(sg_engle_granger(w, y, x, n, 1, 0, &r), SG_OK);
        expect_statistic(r.statistic, v[10]);
        assert_int_equal(sg_engle_granger(w, x, y, n, -1, 1, &r), SG_OK);
        expect_statistic(r.statistic, v[11]);
        rows++;
    }
    fclose(f);
    assert_int_equal(rows, COUNT);
    sg_adf_workspace_free(w);
}

/* Where statsmodels is installed: is the frozen file what it says? Every 50th series; the script alone checks all. */
static void frozen_answers_are_its_own(void **state)
{
    char command[8192];
    const char *source = getenv("SG_SOURCE_DIR");
    (void)state;
    assert_true(snprintf(command, sizeof command,
                         "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 '%s/tests/numeric/freeze_statsmodels.py' --check --every 50",
                         source) < (int)sizeof command);
    int status = system(command);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thousand_pairs), cmocka_unit_test(frozen_answers_are_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
