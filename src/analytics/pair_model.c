/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live pair. Three sets of rolling sums: closes over the window (mean and deviation of the spread for whatever beta is in
 * force: mean_s = mean_A - beta mean_B, S_s = S_AA - 2 beta S_AB + beta^2 S_BB), closes over the lookback (the hedge ratio) and
 * returns over the window (the correlation). Each carries a bound of its rounding error; a result whose bound passes
 * TOLERANCE is taken again from the stored bars. In all of them x is B and y is A. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include "spreadglass/analytics/analytics.h"
#include "spreadglass/analytics/kalman.h"
#include "spreadglass/analytics/pair_model.h"
#include "hedge_private.h"

#define TOLERANCE 1e-10

/* What a push changes besides one slot of each ring; small, so that a peek can put it back. */
struct state {
    struct sg_moments window, fit, returns;
    struct sg_kalman kalman;
    double start_a, start_b, last_a, last_b;
    size_t count;   /* bars seen */
    size_t sampled; /* of them, those that a fit without limit and the filter have seen */
    size_t newest;  /* slot of the newest bar */
    size_t newest_return;
    struct sg_pair_effort effort;
};

struct sg_pair_model {
    struct sg_pair_params params;
    size_t lookback;             /* 0: all */
    size_t capacity;             /* bars kept: the longer of window and lookback */
    double *a, *b;               /* rings of `capacity` closes */
    double *return_a, *return_b; /* rings of `window` returns */
    struct state state;
};

struct sg_pair_model *sg_pair_model_new(const struct sg_pair_params *params)
{
    if (!params || sg_pair_params_check(params, NULL) != SG_OK)
        return NULL;
    sg_analytics_init();
    struct sg_pair_model *model = calloc(1, sizeof *model);
    if (!model)
        return NULL;
    model->params = *params;
    model->lookback = params->lookback;
    if (params->hedge == SG_HEDGE_ROLLING && model->lookback == SG_LOOKBACK_ALL)
        model->lookback = params->window;
    model->capacity = model->lookback > params->window ? model->lookback : params->window;
    model->a = calloc(2 * (model->capacity + params->window), sizeof *model->a);
    if (!model->a) {
        free(model);
        return NULL;
    }
    model->b = model->a + model->capacity;
    model->return_a = model->b + model->capacity;
    model->return_b = model->return_a + params->window;
    sg_pair_model_reset(model);
    return model;
}

void sg_pair_model_free(struct sg_pair_model *model)
{
    if (model)
        free(model->a);
    free(model);
}

void sg_pair_model_reset(struct sg_pair_model *model)
{
    model->state = (struct state){.newest = model->capacity - 1, .newest_return = model->params.window - 1};
    sg_kalman_init(&model->state.kalman, SG_KALMAN_DELTA, SG_KALMAN_NOISE, SG_KALMAN_DIFFUSE);
}

static size_t back(size_t newest, size_t steps, size_t capacity)
{
    return newest >= steps ? newest - steps : newest + capacity - steps;
}

/* (p1 - p0) / p0, not p1 / p0 - 1: the difference is exact for neighbouring prices, the quotient's is not. */
static double percentage_return(double from, double to)
{
    return (to - from) / from;
}

/* ---- from sums to numbers ---- */

/* Either good to TOLERANCE, or so small, error included, that it is rounding noise whatever its digits. */
static bool sound(double sum_of_squares, double error, size_t count, double magnitude)
{
    return error <= TOLERANCE * sum_of_squares || (sum_of_squares + error >= 0.0 && sg_is_noise(sum_of_squares + error, count, magnitude));
}

/* `least`: added to the magnitude that a deviation is measured against: 1 for returns (known to half a unit of 1), 0 for prices. */
static void centred_of(struct sg_pair_model *model, struct sg_moments *moments, double least, const double *x, const double *y, size_t capacity, size_t newest,
                       struct sg_centred *ret)
{
    sg_moments_centred(moments, ret);
    bool good = sound(ret->xx.hi, ret->error_xx, ret->count, least + fabs(ret->mean_x.hi)) &&
                sound(ret->yy.hi, ret->error_yy, ret->count, least + fabs(ret->mean_y.hi));
    if (!good && moments->count <= capacity && sg_centred_rebuild_helps(ret)) {
        sg_moments_rebuild(moments, x, y, capacity, newest, moments->count);
        sg_moments_centred(moments, ret);
        model->state.effort.rebuilds++;
    }
}

static void fit_hedge(struct sg_pair_model *model, struct sg_line_fit *fit)
{
    struct state *s = &model->state;
    struct sg_centred c;
    if (s->fit.count == 0 || (model->params.hedge != SG_HEDGE_FIXED && s->fit.count < SG_HEDGE_MIN_BARS)) {
        sg_hedge_undefined(s->fit.count, SG_REASON_WARMING_UP, fit);
        return;
    }
    centred_of(model, &s->fit, 0.0, model->b, model->a, model->lookback ? model->capacity : 0, s->newest, &c);
    switch (model->params.hedge) {
    case SG_HEDGE_OLS:
    case SG_HEDGE_ROLLING: sg_hedge_ols(&c, fit); return;
    case SG_HEDGE_TLS: sg_hedge_tls(&c, fit); return;
    case SG_HEDGE_FIXED: sg_hedge_given(&c, model->params.fixed_beta, fit); return;
    case SG_HEDGE_KALMAN: break;
    }
    const struct sg_kalman *k = &s->kalman;
    sg_hedge_undefined(s->fit.count, SG_REASON_WARMING_UP, fit);
    if (sg_is_noise(c.xx.hi, c.count, fabs(c.mean_x.hi))) {
        fit->reason = SG_REASON_CONSTANT_LEG_B;
    } else if (!isfinite(k->beta) || !isfinite(k->alpha)) {
        fit->reason = SG_REASON_NUMERIC;
    } else if (k->settled) {
        double scale = s->start_a / s->start_b;
        fit->beta = k->beta * scale;
        fit->alpha = k->alpha * s->start_a;
        fit->se_beta = sqrt(k->p_bb) * scale;
        fit->se_alpha = sqrt(k->p_aa) * s->start_a;
        fit->reason = SG_REASON_NONE;
    }
}

/* The spread's deviation from the stored bars, each spread exact: for legs that cancel so far that even the sums are at their end. */
static double two_pass(const struct sg_pair_model *model, double beta)
{
    size_t n = model->params.window, oldest = back(model->state.newest, n - 1, model->capacity);
    struct sg_dd sum = {0}, squares = {0};
    for (size_t i = 0, at = oldest; i < n; i++, at = at + 1 == model->capacity ? 0 : at + 1)
        sum = sg_dd_add(sum, sg_dd_subtract(sg_dd_from(model->a[at]), sg_dd_two_product(beta, model->b[at])));
    struct sg_dd mean = sg_dd_divide(sum, sg_dd_from((double)n));
    for (size_t i = 0, at = oldest; i < n; i++, at = at + 1 == model->capacity ? 0 : at + 1) {
        struct sg_dd d = sg_dd_subtract(sg_dd_subtract(sg_dd_from(model->a[at]), sg_dd_two_product(beta, model->b[at])), mean);
        squares = sg_dd_add(squares, sg_dd_multiply(d, d));
    }
    return sg_dd_to_double(squares);
}

static void evaluate_zscore(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *r)
{
    struct state *s = &model->state;
    size_t window = model->params.window;
    double error;
    struct sg_centred c;
    struct sg_dd spread = sg_dd_subtract(sg_dd_from(close_a), sg_dd_two_product(r->beta, close_b));
    r->spread = sg_dd_to_double(spread);
    r->residual = r->spread - r->alpha;
    if (s->count < window) {
        r->zscore_reason = SG_REASON_WARMING_UP;
        return;
    }
    centred_of(model, &s->window, 0.0, model->b, model->a, model->capacity, s->newest, &c);
    double squares = sg_centred_combination(&c, r->beta, &error);
    double magnitude = fabs(c.mean_y.hi) + fabs(r->beta * c.mean_x.hi);
    if (!sound(squares, error, window, magnitude) && sg_centred_rebuild_helps(&c)) {
        sg_moments_rebuild(&s->window, model->b, model->a, model->capacity, s->newest, window);
        sg_moments_centred(&s->window, &c);
        squares = sg_centred_combination(&c, r->beta, &error);
        s->effort.rebuilds++;
    }
    if (!sound(squares, error, window, magnitude)) {
        squares = two_pass(model, r->beta);
        s->effort.two_pass++;
    }
    struct sg_dd mean = sg_dd_subtract(c.mean_y, sg_dd_scale(c.mean_x, r->beta));
    if (!isfinite(squares) || !isfinite(mean.hi)) {
        r->zscore_reason = SG_REASON_NUMERIC;
        return;
    }
    r->mean = sg_dd_to_double(mean);
    if (sg_is_noise(squares, window, magnitude)) {
        r->std = 0.0;
        r->zscore_reason = SG_REASON_CONSTANT_SPREAD;
        return;
    }
    r->std = sqrt(squares / (double)(window - (size_t)model->params.ddof));
    r->zscore = sg_dd_to_double(sg_dd_subtract(spread, mean)) / r->std;
    r->zscore_reason = SG_REASON_NONE;
    r->signal = r->zscore > model->params.entry ? SG_SIGNAL_OVERBOUGHT : r->zscore < -model->params.entry ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_NONE;
}

static void evaluate_correlation(struct sg_pair_model *model, struct sg_pair_result *r)
{
    struct state *s = &model->state;
    struct sg_centred c;
    r->correlation_have = s->returns.count;
    r->correlation_need = model->params.window;
    if (s->returns.count < model->params.window)
        return;
    centred_of(model, &s->returns, 1.0, model->return_b, model->return_a, model->params.window, s->newest_return, &c);
    /* A return is known to about half a unit of 1: a leg that grows by a constant factor is constant here. */
    bool constant_a = sg_is_noise(c.yy.hi, c.count, 1.0 + fabs(c.mean_y.hi)), constant_b = sg_is_noise(c.xx.hi, c.count, 1.0 + fabs(c.mean_x.hi));
    if (constant_a || constant_b || !isfinite(c.xx.hi) || !isfinite(c.yy.hi)) {
        r->correlation_reason = constant_a ? SG_REASON_CONSTANT_LEG_A : constant_b ? SG_REASON_CONSTANT_LEG_B : SG_REASON_NUMERIC;
        return;
    }
    /* S_xy / sqrt(S_xy^2 + determinant): at most 1 because the determinant is not negative and sqrt(fl(x^2)) = |x|. */
    double sxy = sg_dd_to_double(c.xy), determinant = sg_centred_determinant(&c), square = sxy * sxy + determinant;
    r->correlation = square > 0.0 ? sxy / sqrt(square) : 0.0;
    r->correlation_reason = SG_REASON_NONE;
}

static void evaluate(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *r)
{
    const struct state *s = &model->state;
    size_t window = model->params.window;
    struct sg_line_fit fit;
    *r = (struct sg_pair_result){
        .spread = NAN, .residual = NAN, .mean = NAN, .std = NAN, .zscore = NAN, .correlation = NAN, .correlation_reason = SG_REASON_WARMING_UP};
    fit_hedge(model, &fit);
    r->alpha = fit.alpha;
    r->beta = fit.beta;
    r->se_alpha = fit.se_alpha;
    r->se_beta = fit.se_beta;
    r->r_squared = fit.r_squared;
    r->hedge_reason = fit.reason;
    r->fit_bars = model->params.hedge == SG_HEDGE_KALMAN ? s->sampled : fit.count; /* the filter has seen every bar */
    r->hedge_need = SG_HEDGE_MIN_BARS;
    r->hedge_have = s->fit.count < SG_HEDGE_MIN_BARS ? s->fit.count : SG_HEDGE_MIN_BARS;
    if (model->params.hedge == SG_HEDGE_KALMAN && s->fit.count >= SG_HEDGE_MIN_BARS)
        r->hedge_have = s->kalman.settled ? SG_KALMAN_SETTLE_BARS : s->kalman.steady;
    r->have = s->count < window ? s->count : window;
    r->need = window;
    if (fit.reason == SG_REASON_NONE) {
        evaluate_zscore(model, close_a, close_b, r);
    } else if (fit.reason == SG_REASON_WARMING_UP) {
        r->zscore_reason = SG_REASON_WARMING_UP;
        if (s->count >= window) { /* the window is there, the hedge ratio is what is waited for */
            r->have = r->hedge_have;
            r->need = r->hedge_need;
        }
    } else {
        r->zscore_reason = s->count < window ? SG_REASON_WARMING_UP : fit.reason;
    }
    evaluate_correlation(model, r);
}

/* ---- bars in ---- */

static void advance(struct sg_pair_model *model, double close_a, double close_b, bool is_sampled)
{
    struct state *s = &model->state;
    size_t window = model->params.window;
    if (is_sampled && s->sampled == 0) {
        s->start_a = close_a;
        s->start_b = close_b;
    }
    if (s->count > 0) {
        double ra = percentage_return(s->last_a, close_a), rb = percentage_return(s->last_b, close_b);
        s->newest_return = s->newest_return + 1 == window ? 0 : s->newest_return + 1;
        if (s->returns.count == window) /* the oldest sits where the newest goes */
            sg_moments_remove(&s->returns, model->return_b[s->newest_return], model->return_a[s->newest_return]);
        sg_moments_add(&s->returns, rb, ra);
        model->return_a[s->newest_return] = ra;
        model->return_b[s->newest_return] = rb;
    }
    if (s->window.count == window) {
        size_t oldest = back(s->newest, window - 1, model->capacity);
        sg_moments_remove(&s->window, model->b[oldest], model->a[oldest]);
    }
    if (model->lookback && s->fit.count == model->lookback) {
        size_t oldest = back(s->newest, model->lookback - 1, model->capacity);
        sg_moments_remove(&s->fit, model->b[oldest], model->a[oldest]);
    }
    s->newest = s->newest + 1 == model->capacity ? 0 : s->newest + 1;
    model->a[s->newest] = close_a;
    model->b[s->newest] = close_b;
    sg_moments_add(&s->window, close_b, close_a);
    if (is_sampled || model->lookback)
        sg_moments_add(&s->fit, close_b, close_a);
    if (is_sampled && model->params.hedge == SG_HEDGE_KALMAN)
        sg_kalman_update(&s->kalman, close_a / s->start_a, close_b / s->start_b);
    s->last_a = close_a;
    s->last_b = close_b;
    s->count++;
    s->sampled += is_sampled;
    s->effort.pushes++;
}

static bool plausible(double close)
{
    return close >= SG_PRICE_MIN && close <= SG_PRICE_MAX; /* false for NaN */
}

static enum sg_status take(struct sg_pair_model *model, double close_a, double close_b, bool is_sampled, struct sg_pair_result *ret_result)
{
    if (!plausible(close_a) || !plausible(close_b))
        return SG_ERR_RANGE;
    advance(model, close_a, close_b, is_sampled);
    evaluate(model, close_a, close_b, ret_result);
    return SG_OK;
}

enum sg_status sg_pair_model_push(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result)
{
    return take(model, close_a, close_b, true, ret_result);
}

enum sg_status sg_pair_model_warm_up(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result)
{
    assert(model->state.sampled == 0);
    return take(model, close_a, close_b, false, ret_result);
}

/* A push that is taken back: equal to it by construction. */
enum sg_status sg_pair_model_peek(struct sg_pair_model *model, double close_a, double close_b, struct sg_pair_result *ret_result)
{
    struct state before = model->state;
    size_t bar = before.newest + 1 == model->capacity ? 0 : before.newest + 1;
    size_t at = before.newest_return + 1 == model->params.window ? 0 : before.newest_return + 1;
    double a = model->a[bar], b = model->b[bar], return_a = model->return_a[at], return_b = model->return_b[at];
    enum sg_status status = sg_pair_model_push(model, close_a, close_b, ret_result);
    model->a[bar] = a;
    model->b[bar] = b;
    model->return_a[at] = return_a;
    model->return_b[at] = return_b;
    model->state = before;
    return status;
}

void sg_pair_model_effort(const struct sg_pair_model *model, struct sg_pair_effort *ret_effort)
{
    *ret_effort = model->state.effort;
}

void sg_pair_result_to_row(const struct sg_pair_result *result, struct sg_row *row)
{
    row->value[SG_COL_ALPHA] = result->alpha;
    row->value[SG_COL_BETA] = result->beta;
    row->value[SG_COL_SE_BETA] = result->se_beta;
    row->value[SG_COL_R_SQUARED] = result->r_squared;
    row->value[SG_COL_SPREAD] = result->spread;
    row->value[SG_COL_MEAN] = result->mean;
    row->value[SG_COL_RESIDUAL] = result->residual;
    row->value[SG_COL_RESIDUAL_MEAN] = result->mean - result->alpha;
    row->value[SG_COL_STD] = result->std;
    row->value[SG_COL_ZSCORE] = result->zscore;
    row->value[SG_COL_CORRELATION] = result->correlation;
    row->flags = (uint16_t)(row->flags & ~(SG_ROW_OVERBOUGHT | SG_ROW_OVERSOLD));
    if (result->signal == SG_SIGNAL_OVERBOUGHT)
        row->flags = (uint16_t)(row->flags | SG_ROW_OVERBOUGHT);
    else if (result->signal == SG_SIGNAL_OVERSOLD)
        row->flags = (uint16_t)(row->flags | SG_ROW_OVERSOLD);
    row->reason = (uint8_t)result->zscore_reason;
}
