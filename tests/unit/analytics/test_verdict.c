/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numbers.h"
#include "spreadglass/analytics/verdict.h"

static struct sg_adf_result forward, reverse;
static struct sg_half_life_result half_life;
static struct sg_verdict_input input;
static char text[SG_VERDICT_TEXT_MAX];
static unsigned caveats;

static int start(void **state)
{
    (void)state;
    forward = (struct sg_adf_result){.p_value = 0.06633, .lags = 3, .have = 1500, .need = 100};
    reverse = (struct sg_adf_result){.p_value = 0.0904, .lags = 3, .have = 1500, .need = 100};
    half_life = (struct sg_half_life_result){.bars = 22.31, .low = 16.2, .high = 35.4, .lambda = -0.03};
    input = (struct sg_verdict_input){.engle_granger = &forward, .reverse = &reverse, .half_life = &half_life, .window = 60};
    return 0;
}

static void expect(enum sg_verdict verdict, unsigned mask, const char *words)
{
    assert_int_equal(sg_verdict_text(&input, text, sizeof text, &caveats), verdict);
    assert_string_equal(text, words);
    assert_int_equal(caveats, mask);
}

static void evidence_with_the_answer(void **state)
{
    (void)state;
    expect(SG_VERDICT_NOT_SIGNIFICANT, 0,
           "Not significant: Engle-Granger p 0.066 (n 1,500, lag 3); the reverse direction p 0.090. Half-life 22 bars (16–35); your window of 60 covers 2.6 "
           "half-lives.");
    input.interval_us = 60000000;
    forward.p_value = 0.0201;
    expect(SG_VERDICT_ONE_DIRECTION, 0,
           "Significant in one direction only: Engle-Granger p 0.020 (n 1,500, lag 3); the reverse direction p 0.090. Half-life 22 bars (16–35), 22 min; your "
           "window of 60 covers 2.6 half-lives.");
    forward.p_value = 0.2;
    reverse.p_value = 0.01;
    assert_int_equal(sg_verdict_text(&input, text, sizeof text, NULL), SG_VERDICT_ONE_DIRECTION);
    forward.p_value = 1e-9;
    input.half_life = NULL;
    expect(SG_VERDICT_SIGNIFICANT, 0, "Cointegrated at 5 %: Engle-Granger p < 0.001 (n 1,500, lag 3); the reverse direction p 0.010.");
    forward.p_value = 0.05; /* the level itself does not reject */
    reverse.p_value = 1.0;
    expect(SG_VERDICT_NOT_SIGNIFICANT, 0, "Not significant: Engle-Granger p 0.050 (n 1,500, lag 3); the reverse direction p > 0.999.");
}

static void no_verdict_says_why(void **state)
{
    (void)state;
    input.half_life = NULL;
    forward = (struct sg_adf_result){.p_value = NAN, .reason = SG_REASON_WARMING_UP, .have = 37, .need = 100};
    expect(SG_VERDICT_NONE, 0, "No verdict: warming up 37/100.");
    forward.reason = SG_REASON_IDENTICAL_LEGS;
    expect(SG_VERDICT_NONE, 0, "No verdict: the legs are identical up to a factor, so there is nothing to test.");
    input.engle_granger = NULL;
    expect(SG_VERDICT_NONE, 0, "No verdict: the pair was not tested.");
}

static void expect_grade(enum sg_grade grade, const char *name, bool supported, const char *words)
{
    char told[SG_GRADE_TEXT_MAX];
    assert_int_equal(sg_grade_of(&input), grade);
    assert_int_equal(sg_grade_text(&input, told, sizeof told), grade);
    assert_string_equal(told, words);
    assert_string_equal(sg_grade_name(grade), name);
    assert_int_equal(sg_grade_supported(grade), supported);
}

static void grade_of_both_directions(void **state)
{
    (void)state;
    expect_grade(SG_GRADE_NONE, "none", false, "relation: not significant (p 0.066)");
    forward.p_value = 0.0123;
    expect_grade(SG_GRADE_WEAK, "weak", true, "relation: significant one way only (p 0.012, reverse p 0.090)");
    reverse.p_value = 0.0001;
    expect_grade(SG_GRADE_SOME, "some", true, "relation: significant both ways (p 0.012, reverse p < 0.001)");
    forward.p_value = 0.05; /* the level itself does not reject */
    expect_grade(SG_GRADE_WEAK, "weak", true, "relation: significant one way only (p 0.050, reverse p < 0.001)");
    reverse.reason = SG_REASON_NUMERIC;
    expect_grade(SG_GRADE_NONE, "none", false, "relation: not significant (p 0.050)");
    forward.p_value = 0.01; /* one direction is never more than weak */
    expect_grade(SG_GRADE_WEAK, "weak", true, "relation: significant one way only (p 0.010)");
    forward = (struct sg_adf_result){.p_value = NAN, .reason = SG_REASON_WARMING_UP, .have = 37, .need = 100};
    expect_grade(SG_GRADE_UNDEFINED, "undefined", false, "relation: not known (warming up 37/100)");
    input = (struct sg_verdict_input){.engle_granger = NULL};
    expect_grade(SG_GRADE_UNDEFINED, "undefined", false, "relation: not known (not tested)");
    assert_string_equal(sg_grade_name(SG_GRADE_STRONG), "strong");
}

static void everything_that_weakens_it(void **state)
{
    (void)state;
    forward.p_value = reverse.p_value = 0.01;
    half_life.bars = 40.0;
    half_life.high = INFINITY;
    input.interval_us = 1000000;
    input.name_a = "BTCUSDT";
    input.name_b = "ETHUSDT";
    input.filled_a = 1;
    input.filled_b = 1234;
    input.stale_b = true;
    input.gap = true;
    input.se_beta = 0.021;
    input.se_beta_before = 0.01;
    expect(SG_VERDICT_SIGNIFICANT,
           SG_CAVEAT_SHORT_WINDOW | SG_CAVEAT_FILLED | SG_CAVEAT_STALE | SG_CAVEAT_GAP | SG_CAVEAT_BETA_UNSURE | SG_CAVEAT_HALF_LIFE_UNSURE,
           "Cointegrated at 5 %: Engle-Granger p 0.010 (n 1,500, lag 3); the reverse direction p 0.010. Half-life 40 bars (16–∞), 40 s; your window of 60 "
           "covers only 1.5 half-lives, "
           "so its mean follows the spread and z is too small. The window holds 1 bar of BTCUSDT without a trade and 1,234 bars of ETHUSDT without a trade. "
           "The last trade of ETHUSDT is too old to trust z. Bars are missing inside the window. The confidence interval of beta is 2.1 times as wide as "
           "yesterday.");
    half_life.reason = SG_REASON_OVERSHOOTING;
    half_life.heaviest = 0.9999;
    input = (struct sg_verdict_input){.engle_granger = &forward, .half_life = &half_life, .window = 60};
    expect(SG_VERDICT_SIGNIFICANT, SG_CAVEAT_ONE_BAR,
           "Cointegrated at 5 %: Engle-Granger p 0.010 (n 1,500, lag 3). A deviation turns round within one bar, so there is no half-life. "
           "One bar alone makes 99 % of the spread's variance: look at it before believing any of this.");
    half_life.heaviest = 0.5;
    input = (struct sg_verdict_input){.engle_granger = &forward, .half_life = &half_life, .window = 60};
    expect(SG_VERDICT_SIGNIFICANT, 0,
           "Cointegrated at 5 %: Engle-Granger p 0.010 (n 1,500, lag 3). A deviation turns round within one bar, so there is no half-life.");
    half_life.reason = SG_REASON_NOT_REVERTING;
    input = (struct sg_verdict_input){
        .engle_granger = &forward, .half_life = &half_life, .window = 60, .stale_a = true, .stale_b = true, .se_beta = 0.0199, .se_beta_before = 0.01};
    expect(SG_VERDICT_SIGNIFICANT, SG_CAVEAT_NOT_REVERTING | SG_CAVEAT_STALE,
           "Cointegrated at 5 %: Engle-Granger p 0.010 (n 1,500, lag 3). The spread does not revert, so there is no half-life. The last trade of A and of B is "
           "too old to trust z.");
    half_life = (struct sg_half_life_result){.bars = 30.5, .low = 4.04, .high = 1e30};
    input = (struct sg_verdict_input){.engle_granger = &forward, .half_life = &half_life, .window = 60};
    expect(SG_VERDICT_SIGNIFICANT, SG_CAVEAT_SHORT_WINDOW,
           "Cointegrated at 5 %: Engle-Granger p 0.010 (n 1,500, lag 3). Half-life 30 bars (4.0–∞); your window of 60 covers only 1.9 half-lives, so its mean "
           "follows the spread and z is too small.");
}

/* Two half-lives are enough; a little less is "only", and never rounded up to "only 2.0". */
static void a_window_of_two_half_lives(void **state)
{
    (void)state;
    static const struct {
        size_t window;
        const char *end;
        unsigned caveats;
    } rows[] = {{61, "; your window of 61 covers 2.0 half-lives.", 0},
                {60, "; your window of 60 covers 2.0 half-lives.", 0},
                {59, "; your window of 59 covers only 1.9 half-lives, so its mean follows the spread and z is too small.", SG_CAVEAT_SHORT_WINDOW},
                {15, "; your window of 15 covers only 0.5 half-lives, so its mean follows the spread and z is too small.", SG_CAVEAT_SHORT_WINDOW}};
    half_life = (struct sg_half_life_result){.bars = 30.0, .low = 20.0, .high = 45.0, .lambda = -0.03};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        input.window = rows[i].window;
        assert_int_equal(sg_verdict_text(&input, text, sizeof text, &caveats), SG_VERDICT_NOT_SIGNIFICANT);
        assert_true(strlen(text) > strlen(rows[i].end));
        assert_string_equal(text + strlen(text) - strlen(rows[i].end), rows[i].end);
        assert_int_equal(caveats, rows[i].caveats);
    }
}

/* A cut sentence ends before a character, never within one. */
static void cut_at_every_length(void **state)
{
    char full[SG_VERDICT_TEXT_MAX], part[SG_VERDICT_TEXT_MAX];
    (void)state;
    half_life.high = INFINITY;
    sg_verdict_text(&input, full, sizeof full, NULL);
    for (size_t size = 1; size <= strlen(full) + 1; size++) {
        memset(part, 'x', sizeof part);
        sg_verdict_text(&input, part, size, NULL);
        size_t length = strlen(part);
        assert_true(length < size);
        assert_true(length + 4 >= size);
        assert_true(part[size] == 'x');
        assert_memory_equal(part, full, length);
        assert_true(((unsigned char)full[length] & 0xC0) != 0x80);
    }
    assert_int_equal(sg_verdict_text(&input, NULL, 0, NULL), SG_VERDICT_NOT_SIGNIFICANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(evidence_with_the_answer, start),   cmocka_unit_test_setup(no_verdict_says_why, start),
                                       cmocka_unit_test_setup(grade_of_both_directions, start),   cmocka_unit_test_setup(everything_that_weakens_it, start),
                                       cmocka_unit_test_setup(a_window_of_two_half_lives, start), cmocka_unit_test_setup(cut_at_every_length, start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
