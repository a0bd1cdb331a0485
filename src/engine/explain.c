/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/explain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "spreadglass/analytics/kalman.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

/* The sets of bars that numbers are computed from. All of them end at the last row. */
enum set { SET_FIT, SET_LAST, SET_WINDOW, SET_RETURNS, SET_TESTS, SET_COUNT };

static const char *const set_names[SET_COUNT] = {"fit", "last", "window", "returns", "tests"};

static const struct {
    const char *key, *name;
    enum set set;
} numbers[SG_EXPLAIN_ALL] = {
    [SG_EXPLAIN_ALPHA] = {"hedge.alpha", "alpha", SET_FIT},
    [SG_EXPLAIN_BETA] = {"hedge.beta", "beta", SET_FIT},
    [SG_EXPLAIN_SE_ALPHA] = {"hedge.se_alpha", "standard error of alpha", SET_FIT},
    [SG_EXPLAIN_SE_BETA] = {"hedge.se_beta", "standard error of beta", SET_FIT},
    [SG_EXPLAIN_R_SQUARED] = {"hedge.r_squared", "R²", SET_FIT},
    [SG_EXPLAIN_SPREAD] = {"spread.last", "spread", SET_LAST},
    [SG_EXPLAIN_RESIDUAL] = {"residual", "residual", SET_LAST},
    [SG_EXPLAIN_MEAN] = {"spread.mean", "mean of the spread", SET_WINDOW},
    [SG_EXPLAIN_STD] = {"spread.std", "deviation of the spread", SET_WINDOW},
    [SG_EXPLAIN_ZSCORE] = {"zscore", "z-score", SET_WINDOW},
    [SG_EXPLAIN_CORRELATION] = {"correlation", "correlation", SET_RETURNS},
    [SG_EXPLAIN_ADF] = {"adf.statistic", "ADF statistic of the spread", SET_TESTS},
    [SG_EXPLAIN_ADF_P] = {"adf.p_value", "ADF p-value of the spread", SET_TESTS},
    [SG_EXPLAIN_EG] = {"engle_granger.statistic", "Engle-Granger statistic, A on B", SET_TESTS},
    [SG_EXPLAIN_EG_P] = {"engle_granger.p_value", "Engle-Granger p-value, A on B", SET_TESTS},
    [SG_EXPLAIN_EG_REVERSE] = {"engle_granger_reverse.statistic", "Engle-Granger statistic, B on A", SET_TESTS},
    [SG_EXPLAIN_EG_REVERSE_P] = {"engle_granger_reverse.p_value", "Engle-Granger p-value, B on A", SET_TESTS},
    [SG_EXPLAIN_LAMBDA] = {"half_life.lambda", "lambda", SET_TESTS},
    [SG_EXPLAIN_HALF_LIFE] = {"half_life.bars", "half-life", SET_TESTS},
    [SG_EXPLAIN_CLOSE_A] = {"close_a", "close of A", SET_LAST},
    [SG_EXPLAIN_CLOSE_B] = {"close_b", "close of B", SET_LAST},
    [SG_EXPLAIN_SPREAD_TODAY] = {"spread.today", "spread with today's beta", SET_LAST},
    [SG_EXPLAIN_RESIDUAL_TODAY] = {"residual.today", "residual with today's beta and alpha", SET_LAST},
    [SG_EXPLAIN_RESIDUAL_MEAN] = {"residual.mean", "mean of the residual", SET_WINDOW},
    [SG_EXPLAIN_DEVIATION] = {"spread.deviation", "spread less its mean", SET_WINDOW},
};

static size_t rows_of(const struct sg_pair_view *view)
{
    return view->history->length + (view->forming ? 1 : 0);
}

/* How many of the rows are in a set; *ret_older: how many more were, that left the history at its ceiling. */
static size_t set_size(const struct sg_pair_view *view, enum set set, uint64_t *ret_older)
{
    size_t rows = rows_of(view);
    *ret_older = 0;
    if (rows == 0)
        return 0;
    size_t size = set == SET_FIT       ? view->now->fit_bars
                  : set == SET_LAST    ? 1
                  : set == SET_WINDOW  ? view->params->window
                  : set == SET_RETURNS ? view->params->window + 1
                                       : view->test_bars;
    if (size <= rows)
        return size;
    uint64_t missing = size - rows;
    *ret_older = missing < view->history->forgotten ? missing : view->history->forgotten;
    return rows;
}

/* A column at the row that is looked at: the last one. */
static double here(const struct sg_pair_view *view, enum sg_column column)
{
    return view->forming ? view->forming->value[column] : view->history->column[column][view->history->length - 1];
}

static unsigned flags_here(const struct sg_pair_view *view)
{
    return view->forming ? view->forming->flags : view->history->flags[view->history->length - 1];
}

static const char *ols_formula(enum sg_explained which)
{
    switch (which) {
    case SG_EXPLAIN_BETA: return "Sab / Sbb, Sab = Σ (a − mean a)(b − mean b), Sbb = Σ (b − mean b)²: least squares of A = alpha + beta B";
    case SG_EXPLAIN_ALPHA: return "mean a − beta mean b";
    case SG_EXPLAIN_SE_BETA: return "sqrt(RSS / (n − 2) / Sbb), RSS = Σ (a − alpha − beta b)²";
    case SG_EXPLAIN_SE_ALPHA: return "sqrt(RSS / (n − 2) (1 / n + (mean b)² / Sbb)), RSS = Σ (a − alpha − beta b)²";
    default: return "1 − RSS / Σ (a − mean a)², RSS = Σ (a − alpha − beta b)²";
    }
}

static const char *tls_formula(enum sg_explained which)
{
    switch (which) {
    case SG_EXPLAIN_BETA: return "(Saa − Sbb + sqrt((Saa − Sbb)² + 4 Sab²)) / (2 Sab): total least squares, both legs with errors";
    case SG_EXPLAIN_ALPHA: return "mean a − beta mean b";
    case SG_EXPLAIN_R_SQUARED: return "Sab² / (Saa Sbb)";
    default: return "not defined for total least squares";
    }
}

static const char *kalman_formula(enum sg_explained which)
{
    switch (which) {
    case SG_EXPLAIN_BETA:
    case SG_EXPLAIN_ALPHA:
        return "state s = [beta, alpha], a random walk; every bar: F = [b, 1], R = P + Vw, Q = F R F' + Ve, K = R F' / Q, "
               "s += K (a − F s), P = R − K F R; legs divided by their first price before, scaled back after";
    case SG_EXPLAIN_SE_BETA:
    case SG_EXPLAIN_SE_ALPHA: return "sqrt of the filter's P of this state, scaled back";
    default: return "not defined for the Kalman filter";
    }
}

static const char *fixed_formula(enum sg_explained which)
{
    return which == SG_EXPLAIN_BETA ? "given, not fitted" : which == SG_EXPLAIN_ALPHA ? "mean a − beta mean b" : "not defined for a given beta";
}

#define ADF_FORMULA "t ratio of g in Δs[t] = c + g s[t−1] + Σ φi Δs[t−i] + e, s = a − beta b with the last beta"
#define EG_FORMULA "t ratio of g in Δe[t] = g e[t−1] + Σ φi Δe[t−i] + u, e the residual of least squares of %s on %s with constant"

/* What the price of a bar is, and where this one comes from. */
static const char *close_formula(const struct sg_pair_view *view, enum sg_leg leg)
{
    unsigned flags = rows_of(view) > 0 ? flags_here(view) : 0;
    if (flags & (leg == SG_LEG_A ? SG_ROW_A_FILLED : SG_ROW_B_FILLED))
        return "nothing traded inside the bar while the feed was healthy: the last price before it is carried on";
    if (flags & (leg == SG_LEG_A ? SG_ROW_A_REPAIRED : SG_ROW_B_REPAIRED))
        return "the close that the exchange itself gives for this bar: it was fetched, because our own ticks had a hole there";
    return "the last price inside the bar, from its opening time to just before the next one's";
}

static void formula_of(const struct sg_pair_view *view, enum sg_explained which, struct sg_explanation *e)
{
    const char *words = "";
    switch (which) {
    case SG_EXPLAIN_ALPHA:
    case SG_EXPLAIN_BETA:
    case SG_EXPLAIN_SE_ALPHA:
    case SG_EXPLAIN_SE_BETA:
    case SG_EXPLAIN_R_SQUARED: {
        enum sg_hedge hedge = view->params->hedge;
        words = hedge == SG_HEDGE_TLS      ? tls_formula(which)
                : hedge == SG_HEDGE_KALMAN ? kalman_formula(which)
                : hedge == SG_HEDGE_FIXED  ? fixed_formula(which)
                                           : ols_formula(which);
        break;
    }
    case SG_EXPLAIN_SPREAD: words = "a − beta b at the last close; alpha is not subtracted"; break;
    case SG_EXPLAIN_RESIDUAL: words = "a − alpha − beta b: the spread less alpha, with the alpha and beta known at this close"; break;
    case SG_EXPLAIN_RESIDUAL_MEAN:
        words = "mean over the window of s = a − beta b, every bar with the last beta, less the last alpha: z is the same from it";
        break;
    case SG_EXPLAIN_DEVIATION: words = "spread − mean, the mean over the window of s = a − beta b, every bar with the last beta"; break;
    case SG_EXPLAIN_MEAN: words = "mean over the window of s = a − beta b, every bar with the last beta"; break;
    case SG_EXPLAIN_STD: words = "sqrt(Σ (s − mean)² / (n − ddof)) over the window, s = a − beta b, every bar with the last beta"; break;
    case SG_EXPLAIN_ZSCORE: words = "(spread − mean) / deviation"; break;
    case SG_EXPLAIN_CORRELATION: words = "Pearson's, of the percentage returns (p[t] − p[t−1]) / p[t−1] of both legs over the window"; break;
    case SG_EXPLAIN_ADF: words = ADF_FORMULA; break;
    case SG_EXPLAIN_ADF_P:
        words = "MacKinnon's (1994) surface for one series with constant, at the ADF statistic. A fitted spread flatters it: judge by Engle-Granger";
        break;
    case SG_EXPLAIN_EG: snprintf(e->formula, sizeof e->formula, EG_FORMULA, "A", "B"); return;
    case SG_EXPLAIN_EG_REVERSE: snprintf(e->formula, sizeof e->formula, EG_FORMULA, "B", "A"); return;
    case SG_EXPLAIN_EG_P:
    case SG_EXPLAIN_EG_REVERSE_P: words = "MacKinnon's (1994) surface for two series with constant, at the Engle-Granger statistic"; break;
    case SG_EXPLAIN_LAMBDA: words = "slope of Δs[t] on s[t−1], least squares with constant, s = a − beta b with the last beta"; break;
    case SG_EXPLAIN_HALF_LIFE: words = "−ln 2 / ln(1 + lambda) bars, for −1 < lambda < 0"; break;
    case SG_EXPLAIN_CLOSE_A:
    case SG_EXPLAIN_CLOSE_B: words = close_formula(view, which == SG_EXPLAIN_CLOSE_A ? SG_LEG_A : SG_LEG_B); break;
    case SG_EXPLAIN_SPREAD_TODAY:
        words = "a − beta b at this close, with the newest beta instead of the one that was known then: hindsight, no alert was judged by it";
        break;
    case SG_EXPLAIN_RESIDUAL_TODAY:
        words = "a − alpha − beta b at this close, with the newest alpha and beta instead of those that were known then: hindsight, no alert was judged by it";
        break;
    case SG_EXPLAIN_ALL: break;
    }
    snprintf(e->formula, sizeof e->formula, "%s", words);
}

static const char *digits(double value, char buffer[static SG_DECIMAL_BUF])
{
    if (isfinite(value))
        sg_decimal_from_double(value, buffer);
    else
        snprintf(buffer, SG_DECIMAL_BUF, "undefined");
    return buffer;
}

static void hedge_parameters(const struct sg_pair_view *view, char *text, size_t size)
{
    const struct sg_pair_params *p = view->params;
    char lookback[32], first[SG_DECIMAL_BUF], second[SG_DECIMAL_BUF];
    if (p->lookback != SG_LOOKBACK_ALL)
        snprintf(lookback, sizeof lookback, "%zu bars", p->lookback);
    else if (p->hedge == SG_HEDGE_ROLLING)
        snprintf(lookback, sizeof lookback, "%zu bars (the window)", p->window);
    else
        snprintf(lookback, sizeof lookback, "all bars");
    if (p->hedge == SG_HEDGE_KALMAN)
        snprintf(text, size, "method kalman, delta %s, Ve %s, Vw = delta / (1 − delta), every bar since the start", digits(SG_KALMAN_DELTA, first),
                 digits(SG_KALMAN_NOISE, second));
    else if (p->hedge == SG_HEDGE_FIXED)
        snprintf(text, size, "method fixed, beta %s, lookback %s", digits(p->fixed_beta, first), lookback);
    else
        snprintf(text, size, "method %s, lookback %s", sg_hedge_name(p->hedge), lookback);
}

static void test_parameters(const struct sg_adf_result *test, double beta, char *text, size_t size)
{
    char number[4][SG_DECIMAL_BUF], with[SG_DECIMAL_BUF + 16] = "";
    if (test->reason != SG_REASON_NONE) {
        snprintf(text, size, "lag by AIC");
        return;
    }
    if (isfinite(beta))
        snprintf(with, sizeof with, "beta %s, ", digits(beta, number[3]));
    snprintf(text, size, "%slag %zu by AIC, n %zu in the regression; critical values %s (1 %%), %s (5 %%), %s (10 %%), MacKinnon (2010)", with, test->lags,
             test->observations, digits(test->critical[0], number[0]), digits(test->critical[1], number[1]), digits(test->critical[2], number[2]));
}

/* Of a row of the past the bars still tell how many of them went by without a trade. */
static size_t bars_without_trade(const struct sg_pair_view *view, unsigned flag)
{
    size_t count = 0, row = view->history->length;
    if (view->forming && !(view->forming->flags & flag))
        return 0;
    count += view->forming ? 1 : 0;
    for (; row > 0 && view->history->flags[row - 1] & flag; row--)
        count++;
    return count;
}

static void stale_parameters(const struct sg_pair_view *view, char *text, size_t size)
{
    if (rows_of(view) == 0)
        return;
    char age[SG_LEG_COUNT][SG_DECIMAL_BUF], limit[SG_DECIMAL_BUF];
    const char *stale = flags_here(view) & SG_ROW_STALE ? ": STALE" : "";
    sg_decimal_from_double((double)view->stale_after_us / (double)SG_US_PER_S, limit);
    if (view->age_us[SG_LEG_A] < 0) {
        snprintf(text, size, "; bars since the last trade %zu (%s), %zu (%s), stale beyond %s s%s", bars_without_trade(view, SG_ROW_A_FILLED), view->name_a,
                 bars_without_trade(view, SG_ROW_B_FILLED), view->name_b, limit, stale);
        return;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        sg_decimal_from_double((double)view->age_us[leg] / (double)SG_US_PER_S, age[leg]);
    snprintf(text, size, "; age of the last trade %s s (%s), %s s (%s), stale beyond %s s%s", age[SG_LEG_A], view->name_a, age[SG_LEG_B], view->name_b, limit,
             stale);
}

static void parameters_of(const struct sg_pair_view *view, enum sg_explained which, struct sg_explanation *e)
{
    const struct sg_pair_params *p = view->params;
    double beta = rows_of(view) > 0 ? view->now->beta : (double)NAN, alpha = rows_of(view) > 0 ? view->now->alpha : (double)NAN;
    char number[4][SG_DECIMAL_BUF], ages[256] = "";
    size_t size = sizeof e->parameters;
    stale_parameters(view, ages, sizeof ages);
    switch (which) {
    case SG_EXPLAIN_ALPHA:
    case SG_EXPLAIN_BETA:
    case SG_EXPLAIN_SE_ALPHA:
    case SG_EXPLAIN_SE_BETA:
    case SG_EXPLAIN_R_SQUARED: {
        char hedge[192];
        hedge_parameters(view, hedge, sizeof hedge);
        snprintf(e->parameters, size, "%s%s", hedge, ages);
        break;
    }
    case SG_EXPLAIN_SPREAD: snprintf(e->parameters, size, "beta %s%s", digits(beta, number[0]), ages); break;
    case SG_EXPLAIN_RESIDUAL: snprintf(e->parameters, size, "alpha %s, beta %s%s", digits(alpha, number[1]), digits(beta, number[0]), ages); break;
    case SG_EXPLAIN_RESIDUAL_MEAN:
        snprintf(e->parameters, size, "window %zu, alpha %s, beta %s%s", p->window, digits(alpha, number[1]), digits(beta, number[0]), ages);
        break;
    case SG_EXPLAIN_RESIDUAL_TODAY:
        snprintf(e->parameters, size, "alpha %s, beta %s; known then: alpha %s, beta %s", digits(view->today_alpha, number[0]),
                 digits(view->today_beta, number[1]), digits(alpha, number[2]), digits(beta, number[3]));
        break;
    case SG_EXPLAIN_DEVIATION:
    case SG_EXPLAIN_MEAN: snprintf(e->parameters, size, "window %zu, beta %s%s", p->window, digits(beta, number[0]), ages); break;
    case SG_EXPLAIN_STD: snprintf(e->parameters, size, "window %zu, ddof %d, beta %s%s", p->window, p->ddof, digits(beta, number[0]), ages); break;
    case SG_EXPLAIN_ZSCORE:
        snprintf(e->parameters, size, "window %zu, ddof %d, beta %s, entry %s, exit %s%s", p->window, p->ddof, digits(beta, number[0]),
                 digits(p->entry, number[1]), digits(p->exit, number[2]), ages);
        break;
    case SG_EXPLAIN_CORRELATION: snprintf(e->parameters, size, "window %zu returns%s", p->window, ages); break;
    case SG_EXPLAIN_ADF:
    case SG_EXPLAIN_ADF_P: test_parameters(view->adf, beta, e->parameters, size); break;
    case SG_EXPLAIN_EG:
    case SG_EXPLAIN_EG_P: test_parameters(view->engle_granger, (double)NAN, e->parameters, size); break;
    case SG_EXPLAIN_EG_REVERSE:
    case SG_EXPLAIN_EG_REVERSE_P: test_parameters(view->engle_granger_reverse, (double)NAN, e->parameters, size); break;
    case SG_EXPLAIN_LAMBDA:
        snprintf(e->parameters, size, "beta %s, standard error %s; the farthest bar's part of Σ (s − mean s)² %s", digits(beta, number[0]),
                 digits(view->half_life->se_lambda, number[1]), digits(view->half_life->heaviest, number[2]));
        break;
    case SG_EXPLAIN_HALF_LIFE:
        snprintf(e->parameters, size, "lambda %s, 95 %% interval %s to %s bars", digits(view->half_life->lambda, number[0]),
                 digits(view->half_life->low, number[1]),
                 view->half_life->high > 0.0 && isinf(view->half_life->high) ? "∞" : digits(view->half_life->high, number[2]));
        break;
    case SG_EXPLAIN_CLOSE_A:
    case SG_EXPLAIN_CLOSE_B:
        snprintf(e->parameters, size, "%s, bars of %s s%s", which == SG_EXPLAIN_CLOSE_A ? view->name_a : view->name_b,
                 digits((double)view->interval_us / (double)SG_US_PER_S, number[0]), ages);
        break;
    case SG_EXPLAIN_SPREAD_TODAY: snprintf(e->parameters, size, "beta %s, known then %s", digits(view->today_beta, number[0]), digits(beta, number[1])); break;
    case SG_EXPLAIN_ALL: break;
    }
}

static void value_of(const struct sg_pair_view *view, enum sg_explained which, struct sg_explanation *e)
{
    const struct sg_pair_result *now = view->now;
    const struct sg_adf_result *test = which <= SG_EXPLAIN_ADF_P ? view->adf : which <= SG_EXPLAIN_EG_P ? view->engle_granger : view->engle_granger_reverse;
    const struct sg_half_life_result *half = view->half_life;
    const bool is_p = which == SG_EXPLAIN_ADF_P || which == SG_EXPLAIN_EG_P || which == SG_EXPLAIN_EG_REVERSE_P;
    double value = (double)NAN;
    enum sg_reason reason = SG_REASON_NO_DATA;
    size_t have = 0, need = 0;
    if (rows_of(view) > 0) {
        double today = here(view, SG_COL_A_CLOSE) - view->today_beta * here(view, SG_COL_B_CLOSE);
        switch (numbers[which].set) {
        case SET_FIT: {
            const double fit[] = {now->alpha, now->beta, now->se_alpha, now->se_beta, now->r_squared};
            value = fit[which];
            reason = now->hedge_reason, have = now->hedge_have, need = now->hedge_need;
            break;
        }
        case SET_LAST:
            value = which == SG_EXPLAIN_CLOSE_A          ? here(view, SG_COL_A_CLOSE)
                    : which == SG_EXPLAIN_CLOSE_B        ? here(view, SG_COL_B_CLOSE)
                    : which == SG_EXPLAIN_SPREAD_TODAY   ? today
                    : which == SG_EXPLAIN_RESIDUAL_TODAY ? today - view->today_alpha
                    : which == SG_EXPLAIN_RESIDUAL       ? now->residual
                                                         : now->spread;
            reason = now->hedge_reason, have = now->hedge_have, need = now->hedge_need;
            break;
        case SET_WINDOW:
            value = which == SG_EXPLAIN_MEAN            ? now->mean
                    : which == SG_EXPLAIN_STD           ? now->std
                    : which == SG_EXPLAIN_RESIDUAL_MEAN ? now->mean - now->alpha
                    : which == SG_EXPLAIN_DEVIATION     ? now->spread - now->mean
                                                        : now->zscore;
            reason = now->zscore_reason, have = now->have, need = now->need;
            break;
        case SET_RETURNS:
            value = now->correlation;
            reason = now->correlation_reason, have = now->correlation_have, need = now->correlation_need;
            break;
        case SET_TESTS:
        case SET_COUNT:
            if (which >= SG_EXPLAIN_LAMBDA) {
                value = which == SG_EXPLAIN_HALF_LIFE ? half->bars : half->lambda;
                reason = half->reason, have = half->have, need = half->need;
            } else {
                value = is_p ? test->p_value : test->statistic;
                reason = test->reason, have = test->have, need = test->need;
            }
            break;
        }
    }
    e->value = isfinite(value) ? value : (double)NAN;
    if (isfinite(value)) {
        char text[SG_DECIMAL_BUF];
        sg_decimal_from_double(value, text);
        snprintf(e->value_text, sizeof e->value_text, "%s%s%s",
                 is_p && value <= 0.0   ? "< 0.001, beyond the end of the tables"
                 : is_p && value >= 1.0 ? "> 0.999, beyond the end of the tables"
                                        : text,
                 which == SG_EXPLAIN_HALF_LIFE && value < 1.0 ? " (shorter than a bar)" : "", view->forming ? " so far: the bar has not closed" : "");
        return;
    }
    char why[128] = "";
    sg_reason_text(reason, have, need, why, sizeof why);
    snprintf(e->value_text, sizeof e->value_text, "undefined%s%s", why[0] != '\0' ? ": " : "", why);
}

static int64_t time_of(const struct sg_pair_view *view, size_t row)
{
    return row < view->history->length ? view->history->time_us[row] : view->forming->time_us;
}

static void bars_of(const struct sg_pair_view *view, struct sg_explanation *e)
{
    if (e->count == 0) {
        snprintf(e->bars, sizeof e->bars, "none");
        return;
    }
    char from[SG_TIME_BUF], to[SG_TIME_BUF], older[80] = "";
    sg_time_format_iso(time_of(view, e->first), from);
    sg_time_format_iso(time_of(view, e->first + e->count - 1), to);
    if (e->older > 0)
        snprintf(older, sizeof older, "; and %" PRIu64 " older, which are no longer kept", e->older);
    if (e->count == 1)
        snprintf(e->bars, sizeof e->bars, "1 of %zu: %s%s", rows_of(view), from, older);
    else
        snprintf(e->bars, sizeof e->bars, "%zu of %zu: %s to %s%s", e->count, rows_of(view), from, to, older);
}

void sg_explain(const struct sg_pair_view *view, enum sg_explained which, struct sg_explanation *ret_explanation)
{
    struct sg_explanation e = {.key = numbers[which].key, .name = numbers[which].name, .set = set_names[numbers[which].set]};
    e.count = set_size(view, numbers[which].set, &e.older);
    e.first = rows_of(view) - e.count;
    value_of(view, which, &e);
    formula_of(view, which, &e);
    parameters_of(view, which, &e);
    bars_of(view, &e);
    *ret_explanation = e;
}

static void csv_bar(const struct sg_pair_view *view, size_t row, struct sg_buffer *text)
{
    const struct sg_history *history = view->history;
    bool closed = row < history->length;
    sg_buffer_append_int64(text, time_of(view, row) / SG_US_PER_MS);
    sg_buffer_append_text(text, ",");
    sg_buffer_append_double(text, closed ? history->column[SG_COL_A_CLOSE][row] : view->forming->value[SG_COL_A_CLOSE]);
    sg_buffer_append_text(text, ",");
    sg_buffer_append_double(text, closed ? history->column[SG_COL_B_CLOSE][row] : view->forming->value[SG_COL_B_CLOSE]);
}

enum sg_status sg_explain_bars_csv(const struct sg_pair_view *view, size_t first, size_t count, struct sg_buffer *text)
{
    sg_buffer_append_text(text, "time,close_a,close_b\n");
    for (size_t row = first; row < first + count && row < rows_of(view) && !text->overflowed; row++) {
        csv_bar(view, row, text);
        sg_buffer_append_text(text, "\n");
    }
    return text->overflowed ? SG_ERR_NOMEM : SG_OK;
}

enum sg_status sg_explain_sets_csv(const struct sg_pair_view *view, size_t *row, size_t enough, struct sg_buffer *text)
{
    size_t rows = rows_of(view), from[SET_COUNT], first = rows;
    for (int set = 0; set < SET_COUNT; set++) {
        uint64_t older;
        from[set] = rows - set_size(view, (enum set)set, &older);
        first = from[set] < first ? from[set] : first;
    }
    if (*row == 0)
        sg_buffer_append_text(text, "time,close_a,close_b,fit,last,window,returns,tests\n");
    for (size_t i = *row > first ? *row : first; i < rows && text->length < enough && !text->overflowed; *row = ++i) {
        csv_bar(view, i, text);
        for (int set = 0; set < SET_COUNT; set++)
            sg_buffer_append_text(text, i >= from[set] ? ",1" : ",0");
        sg_buffer_append_text(text, "\n");
    }
    if (first >= rows)
        *row = rows;
    return text->overflowed ? SG_ERR_NOMEM : SG_OK;
}
