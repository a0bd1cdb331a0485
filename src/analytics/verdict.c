/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "spreadglass/analytics/verdict.h"
#include "spreadglass/base/decimal.h"

struct text {
    char *at;
    size_t size, length;
};

static void put(struct text *t, const char *words)
{
    size_t length = strlen(words);
    if (t->size == 0)
        return;
    if (length > t->size - 1 - t->length) {
        length = t->size - 1 - t->length;
        while (length > 0 && ((unsigned char)words[length] & 0xC0) == 0x80) /* not in the middle of a character */
            length--;
        memcpy(t->at + t->length, words, length);
        t->length += length;
        t->at[t->length] = '\0';
        t->size = t->length + 1; /* full: nothing may follow the cut */
        return;
    }
    memcpy(t->at + t->length, words, length + 1);
    t->length += length;
}

static void put_fixed(struct text *t, double value, int decimals)
{
    char number[SG_DECIMAL_BUF];
    if (!isfinite(value) || fabs(value) >= 1e15) { /* beyond any history: and the fixed format has its limits */
        put(t, "∞");
        return;
    }
    sg_decimal_from_double_fixed(value, decimals, number);
    put(t, number);
}

/* 1500 as "1,500". */
static void put_count(struct text *t, size_t count)
{
    char digits[32], grouped[48];
    size_t length = 0, at = 0;
    do
        digits[length++] = (char)('0' + count % 10);
    while ((count /= 10) > 0);
    while (length > 0) {
        grouped[at++] = digits[--length];
        if (length > 0 && length % 3 == 0)
            grouped[at++] = ',';
    }
    grouped[at] = '\0';
    put(t, grouped);
}

static void put_p(struct text *t, double p)
{
    if (p < 0.001) {
        put(t, "p < 0.001");
    } else if (p > 0.999) {
        put(t, "p > 0.999"); /* it is never certain */
    } else {
        put(t, "p ");
        put_fixed(t, p, 3);
    }
}

/* No half-life is told to a fraction of a bar: nothing was measured in between. */
static void put_bars(struct text *t, double bars)
{
    if (bars < 1.0)
        put(t, "< 1");
    else if (bars >= 999.5 && bars < 1e15)
        put_count(t, (size_t)llround(bars));
    else
        put_fixed(t, bars, bars < 9.95 ? 1 : 0);
}

static void put_duration(struct text *t, double seconds)
{
    static const struct {
        double seconds;
        const char *unit;
    } UNITS[] = {{86400.0, " d"}, {3600.0, " h"}, {60.0, " min"}, {1.0, " s"}};
    size_t i = 0;
    while (i < 3 && seconds < 1.5 * UNITS[i].seconds)
        i++;
    double count = seconds / UNITS[i].seconds;
    put_fixed(t, count, count < 9.95 ? 1 : 0);
    put(t, UNITS[i].unit);
}

static enum sg_verdict put_tests(struct text *t, const struct sg_verdict_input *in)
{
    const struct sg_adf_result *forward = in->engle_granger, *reverse = in->reverse && in->reverse->reason == SG_REASON_NONE ? in->reverse : NULL;
    if (!forward || forward->reason != SG_REASON_NONE) {
        char reason[96];
        put(t, "No verdict: ");
        if (!forward) {
            put(t, "the pair was not tested.");
            return SG_VERDICT_NONE;
        }
        if (forward->reason == SG_REASON_IDENTICAL_LEGS) {
            put(t, "the legs are identical up to a factor, so there is nothing to test.");
            return SG_VERDICT_NONE;
        }
        (void)sg_reason_text(forward->reason, forward->have, forward->need, reason, sizeof reason);
        put(t, reason);
        put(t, ".");
        return SG_VERDICT_NONE;
    }
    bool first = forward->p_value < SG_VERDICT_LEVEL, second = reverse && reverse->p_value < SG_VERDICT_LEVEL;
    enum sg_verdict verdict = first && (second || !reverse) ? SG_VERDICT_SIGNIFICANT : first || second ? SG_VERDICT_ONE_DIRECTION : SG_VERDICT_NOT_SIGNIFICANT;
    put(t, verdict == SG_VERDICT_SIGNIFICANT     ? "Cointegrated at 5 %: "
           : verdict == SG_VERDICT_ONE_DIRECTION ? "Significant in one direction only: "
                                                 : "Not significant: ");
    put(t, "Engle-Granger ");
    put_p(t, forward->p_value);
    put(t, " (n ");
    put_count(t, forward->have);
    put(t, ", lag ");
    put_count(t, forward->lags);
    put(t, ")");
    if (reverse) {
        put(t, "; the reverse direction ");
        put_p(t, reverse->p_value);
    }
    put(t, ".");
    return verdict;
}

/* How much of the way back the window sees. */
static unsigned put_cover(struct text *t, size_t window, double half_life)
{
    if (window == 0)
        return 0;
    double covered = (double)window / half_life;
    bool too_short = covered < SG_VERDICT_HALF_LIVES;
    put(t, "; your window of ");
    put_count(t, window);
    if (covered < 0.1) {
        put(t, " covers less than a tenth of a half-life");
    } else {
        put(t, too_short ? " covers only " : " covers ");
        /* Rounded down, so that 1.96 is not "only 2.0". */
        put_fixed(t, floor(10.0 * covered) / 10.0, covered < 100.0 ? 1 : 0);
        put(t, " half-lives");
    }
    if (too_short)
        put(t, ", so its mean follows the spread and z is too small");
    return too_short ? SG_CAVEAT_SHORT_WINDOW : 0;
}

static unsigned put_half_life(struct text *t, const struct sg_verdict_input *in)
{
    const struct sg_half_life_result *h = in->half_life;
    unsigned caveats = 0;
    if (h && h->reason == SG_REASON_OVERSHOOTING) {
        put(t, " A deviation turns round within one bar, so there is no half-life.");
        return 0;
    }
    if (!h || (h->reason != SG_REASON_NONE && h->reason != SG_REASON_NOT_REVERTING))
        return 0;
    if (h->reason == SG_REASON_NOT_REVERTING) {
        put(t, " The spread does not revert, so there is no half-life.");
        return SG_CAVEAT_NOT_REVERTING;
    }
    bool bounded = isfinite(h->high);
    if (!bounded)
        caveats |= SG_CAVEAT_HALF_LIFE_UNSURE;
    if (h->bars < 1.0) {
        put(t, " Half-life shorter than a bar");
        if (!bounded || h->high >= 1.0) {
            put(t, " (up to ");
            put_bars(t, bounded ? h->high : INFINITY);
            put(t, " bars)");
        }
        put(t, ".");
        return caveats;
    }
    put(t, " Half-life ");
    put_bars(t, h->bars);
    put(t, " bars (");
    put_bars(t, h->low);
    put(t, "–");
    put_bars(t, bounded ? h->high : INFINITY);
    put(t, ")");
    if (in->interval_us > 0) {
        put(t, ", ");
        put_duration(t, h->bars * (double)in->interval_us * 1e-6);
    }
    caveats |= put_cover(t, in->window, h->bars);
    put(t, ".");
    return caveats;
}

static void put_filled(struct text *t, size_t count, const char *name, bool more)
{
    put(t, more ? " and " : " The window holds ");
    put_count(t, count);
    put(t, count == 1 ? " bar of " : " bars of ");
    put(t, name);
    put(t, " without a trade");
}

static unsigned put_caveats(struct text *t, const struct sg_verdict_input *in)
{
    const char *a = in->name_a ? in->name_a : "A", *b = in->name_b ? in->name_b : "B";
    unsigned caveats = 0;
    if (in->filled_a > 0 || in->filled_b > 0) {
        if (in->filled_a > 0)
            put_filled(t, in->filled_a, a, false);
        if (in->filled_b > 0)
            put_filled(t, in->filled_b, b, in->filled_a > 0);
        put(t, ".");
        caveats |= SG_CAVEAT_FILLED;
    }
    if (in->stale_a || in->stale_b) {
        put(t, " The last trade of ");
        put(t, in->stale_a ? a : b);
        if (in->stale_a && in->stale_b) {
            put(t, " and of ");
            put(t, b);
        }
        put(t, " is too old to trust z.");
        caveats |= SG_CAVEAT_STALE;
    }
    if (in->gap) {
        put(t, " Bars are missing inside the window.");
        caveats |= SG_CAVEAT_GAP;
    }
    if (in->half_life && in->half_life->heaviest > SG_VERDICT_HEAVIEST) {
        put(t, " One bar alone makes ");
        put_fixed(t, floor(100.0 * in->half_life->heaviest), 0);
        put(t, " % of the spread's variance: look at it before believing any of this.");
        caveats |= SG_CAVEAT_ONE_BAR;
    }
    if (in->se_beta > 0.0 && in->se_beta_before > 0.0 && in->se_beta >= 2.0 * in->se_beta_before) {
        put(t, " The confidence interval of beta is ");
        put_fixed(t, floor(10.0 * in->se_beta / in->se_beta_before) / 10.0, 1);
        put(t, " times as wide as ");
        put(t, in->before_text ? in->before_text : "yesterday");
        put(t, ".");
        caveats |= SG_CAVEAT_BETA_UNSURE;
    }
    return caveats;
}

enum sg_verdict sg_verdict_text(const struct sg_verdict_input *input, char *buffer, size_t size, unsigned *ret_caveats)
{
    struct text t = {buffer, size, 0};
    if (size > 0)
        buffer[0] = '\0';
    enum sg_verdict verdict = put_tests(&t, input);
    unsigned caveats = put_half_life(&t, input);
    caveats |= put_caveats(&t, input);
    if (ret_caveats)
        *ret_caveats = caveats;
    return verdict;
}

size_t sg_half_life_bars_text(double bars, char *buffer, size_t size)
{
    struct text t = {buffer, size, 0};
    if (size > 0)
        buffer[0] = '\0';
    put_bars(&t, bars);
    return t.length;
}

size_t sg_half_life_text(double bars, int64_t interval_us, char *buffer, size_t size)
{
    struct text t = {buffer, size, 0};
    if (size > 0)
        buffer[0] = '\0';
    if (!isfinite(bars) || bars < 0.0 || bars >= 1e15) {
        put(&t, "–");
    } else if (bars < 1.0) {
        put(&t, "shorter than a bar");
    } else {
        put_bars(&t, bars);
        put(&t, " bars");
        if (interval_us > 0) {
            put(&t, " (");
            put_duration(&t, bars * (double)interval_us * 1e-6);
            put(&t, ")");
        }
    }
    return t.length;
}

static bool is_known(const struct sg_adf_result *test)
{
    return test && test->reason == SG_REASON_NONE && isfinite(test->p_value);
}

enum sg_grade sg_grade_of(const struct sg_verdict_input *input)
{
    bool known = is_known(input->engle_granger), reverse_known = is_known(input->reverse);
    if (!known && !reverse_known)
        return SG_GRADE_UNDEFINED;
    int directions = (known && input->engle_granger->p_value < SG_VERDICT_LEVEL) + (reverse_known && input->reverse->p_value < SG_VERDICT_LEVEL);
    return directions == 2 ? SG_GRADE_SOME : directions == 1 ? SG_GRADE_WEAK : SG_GRADE_NONE;
}

enum sg_grade sg_grade_text(const struct sg_verdict_input *input, char *buffer, size_t size)
{
    static const char *const WORDS[] = {"not known", "not significant", "significant one way only", "significant both ways", "well supported"};
    struct text t = {buffer, size, 0};
    if (size > 0)
        buffer[0] = '\0';
    enum sg_grade grade = sg_grade_of(input);
    const struct sg_adf_result *forward = is_known(input->engle_granger) ? input->engle_granger : NULL,
                               *reverse = is_known(input->reverse) ? input->reverse : NULL;
    put(&t, "relation: ");
    put(&t, WORDS[grade]);
    put(&t, " (");
    if (grade == SG_GRADE_UNDEFINED) {
        char reason[96] = "not tested";
        if (input->engle_granger)
            (void)sg_reason_text(input->engle_granger->reason, input->engle_granger->have, input->engle_granger->need, reason, sizeof reason);
        put(&t, reason);
    } else {
        put_p(&t, forward ? forward->p_value : reverse->p_value);
        if (reverse && forward && grade != SG_GRADE_NONE) {
            put(&t, ", reverse ");
            put_p(&t, reverse->p_value);
        }
    }
    put(&t, ")");
    return grade;
}

const char *sg_grade_name(enum sg_grade grade)
{
    static const char *const NAMES[] = {"undefined", "none", "weak", "some", "strong"};
    return (unsigned)grade < sizeof NAMES / sizeof NAMES[0] ? NAMES[grade] : "undefined";
}

bool sg_grade_supported(enum sg_grade grade)
{
    return grade >= SG_GRADE_WEAK;
}
