/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis_report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/engine/number_text.h"
#include "spreadglass/engine/pair_view.h"

#define REPORT_LIMIT (1 << 20)
#define CSV_CHUNK 65536

enum sg_status sg_analysis_flush(struct sg_buffer *text, FILE *stream)
{
    enum sg_status status = text->overflowed ? SG_ERR_NOMEM : SG_OK;
    if (status == SG_OK && text->length > 0 && fwrite(text->data, 1, text->length, stream) != text->length)
        status = SG_ERR_IO;
    sg_buffer_clear(text);
    return status;
}

static void json_field(struct sg_buffer *text, const char *name, double value)
{
    sg_buffer_append_format(text, "\"%s\":", name);
    sg_buffer_append_double(text, value);
}

static void json_test(struct sg_buffer *text, const char *name, const struct sg_adf_result *test)
{
    static const char *const levels[] = {"1%", "5%", "10%"};
    bool defined = test->reason == SG_REASON_NONE;
    sg_buffer_append_format(text, ",\"%s\":{", name);
    json_field(text, "statistic", defined ? test->statistic : NAN);
    sg_buffer_append_text(text, ",");
    json_field(text, "p_value", defined ? test->p_value : NAN);
    if (defined)
        sg_buffer_append_format(text, ",\"lags\":%zu,\"observations\":%zu,\"critical\":{", test->lags, test->observations);
    else
        sg_buffer_append_text(text, ",\"lags\":null,\"observations\":null,\"critical\":{");
    for (size_t i = 0; i < 3; i++) {
        sg_buffer_append_text(text, i > 0 ? "," : "");
        json_field(text, levels[i], defined ? test->critical[i] : NAN);
    }
    sg_buffer_append_text(text, "}}");
}

/* Every number that is null, and why; in the order of the report. */
struct reason_entry {
    const char *name;
    enum sg_reason reason;
    size_t have, need;
};

static size_t collect_reasons(const struct sg_analysis *analysis, struct reason_entry entries[static 8])
{
    const struct sg_offline *o = &analysis->offline;
    const struct sg_pair_result *now = &o->now;
    size_t count = 0;
    if (o->history.length == 0) {
        entries[count++] = (struct reason_entry){"hedge", SG_REASON_NO_DATA, 0, 0};
        entries[count++] = (struct reason_entry){"zscore", SG_REASON_NO_DATA, 0, 0};
        entries[count++] = (struct reason_entry){"correlation", SG_REASON_NO_DATA, 0, 0};
    } else {
        entries[count++] = (struct reason_entry){"hedge", now->hedge_reason, now->hedge_have, now->hedge_need};
        entries[count++] = (struct reason_entry){"zscore", now->zscore_reason, now->have, now->need};
        entries[count++] = (struct reason_entry){"correlation", now->correlation_reason, now->correlation_have, now->correlation_need};
    }
    entries[count++] = (struct reason_entry){"adf", o->adf.reason, o->adf.have, o->adf.need};
    entries[count++] = (struct reason_entry){"engle_granger", o->engle_granger.reason, o->engle_granger.have, o->engle_granger.need};
    entries[count++] =
        (struct reason_entry){"engle_granger_reverse", o->engle_granger_reverse.reason, o->engle_granger_reverse.have, o->engle_granger_reverse.need};
    entries[count++] = (struct reason_entry){"half_life", o->half_life.reason, o->half_life.have, o->half_life.need};
    return count;
}

static void lookback_text(const struct sg_analysis *analysis, char *text, size_t size)
{
    if (analysis->params.lookback == SG_LOOKBACK_ALL)
        snprintf(text, size, "all");
    else
        snprintf(text, size, "%zu", analysis->params.lookback);
}

enum sg_status sg_analysis_write_json(const struct sg_analysis *analysis, FILE *stream)
{
    const struct sg_offline *o = &analysis->offline;
    const struct sg_history *history = &o->history;
    struct sg_pair_result now = o->now;
    if (history->length == 0)
        now = (struct sg_pair_result){.alpha = NAN,
                                      .beta = NAN,
                                      .se_alpha = NAN,
                                      .se_beta = NAN,
                                      .r_squared = NAN,
                                      .spread = NAN,
                                      .residual = NAN,
                                      .mean = NAN,
                                      .std = NAN,
                                      .zscore = NAN,
                                      .correlation = NAN};
    struct sg_buffer text;
    sg_buffer_init(&text, REPORT_LIMIT);

    sg_buffer_append_text(&text, "{\"pair\":");
    sg_buffer_append_json_string(&text, analysis->pair, strlen(analysis->pair));
    sg_buffer_append_format(&text, ",\"interval\":\"%s\",\"bars\":%zu,\"first\":", analysis->interval, history->length);
    if (history->length == 0) {
        sg_buffer_append_text(&text, "null,\"last\":null");
    } else {
        sg_buffer_append_int64(&text, history->time_us[0] / SG_US_PER_MS);
        sg_buffer_append_text(&text, ",\"last\":");
        sg_buffer_append_int64(&text, history->time_us[history->length - 1] / SG_US_PER_MS);
    }
    sg_buffer_append_format(&text, ",\"unmatched\":{\"a\":%zu,\"b\":%zu},\"window\":%zu,\"lookback\":", o->unmatched[SG_LEG_A], o->unmatched[SG_LEG_B],
                            analysis->params.window);
    char lookback[32];
    lookback_text(analysis, lookback, sizeof lookback);
    sg_buffer_append_format(&text, analysis->params.lookback == SG_LOOKBACK_ALL ? "\"%s\"" : "%s", lookback);

    static const char *const doubts[] = {"incomplete", "unsettled"};
    const uint64_t *const counted[] = {analysis->incomplete, analysis->unsettled};
    for (size_t i = 0; i < 2; i++)
        sg_buffer_append_format(&text, ",\"%s\":{\"a\":%llu,\"b\":%llu}", doubts[i], (unsigned long long)counted[i][SG_LEG_A],
                                (unsigned long long)counted[i][SG_LEG_B]);
    sg_buffer_append_format(&text, ",\"hedge\":{\"method\":\"%s\",", sg_hedge_name(analysis->params.hedge));
    const struct {
        const char *name;
        double value;
    } fit[] = {{"alpha", now.alpha}, {"beta", now.beta}, {"r_squared", now.r_squared}, {"se_alpha", now.se_alpha}, {"se_beta", now.se_beta}};
    for (size_t i = 0; i < sizeof fit / sizeof fit[0]; i++) {
        sg_buffer_append_text(&text, i > 0 ? "," : "");
        json_field(&text, fit[i].name, fit[i].value);
    }
    sg_buffer_append_text(&text, "},\"spread\":{");
    json_field(&text, "last", now.spread);
    sg_buffer_append_text(&text, ",");
    json_field(&text, "mean", now.mean);
    sg_buffer_append_text(&text, ",");
    json_field(&text, "std", now.std);
    sg_buffer_append_text(&text, "},");
    json_field(&text, "residual", now.residual);
    sg_buffer_append_text(&text, ",");
    json_field(&text, "zscore", now.zscore);
    sg_buffer_append_text(&text, ",");
    json_field(&text, "correlation", now.correlation);
    json_test(&text, "adf", &o->adf);
    json_test(&text, "engle_granger", &o->engle_granger);
    json_test(&text, "engle_granger_reverse", &o->engle_granger_reverse);
    sg_buffer_append_text(&text, ",\"half_life\":{");
    json_field(&text, "bars", o->half_life.bars);
    sg_buffer_append_text(&text, ",");
    json_field(&text, "lambda", o->half_life.lambda);
    sg_buffer_append_format(&text, "},\"signal\":\"%s\",\"reasons\":{", sg_signal_name(now.signal));

    struct reason_entry reasons[8];
    size_t count = collect_reasons(analysis, reasons), written = 0;
    for (size_t i = 0; i < count; i++) {
        char reason[128];
        size_t length = sg_reason_text(reasons[i].reason, reasons[i].have, reasons[i].need, reason, sizeof reason);
        if (length == 0)
            continue;
        sg_buffer_append_format(&text, "%s\"%s\":", written++ > 0 ? "," : "", reasons[i].name);
        sg_buffer_append_json_string(&text, reason, length);
    }
    sg_buffer_append_text(&text, "}}\n");
    enum sg_status status = sg_analysis_flush(&text, stream);
    sg_buffer_free(&text);
    return status;
}

/* A number for a person: six significant digits are enough to compare, and the JSON has them all. */
static void text_number(struct sg_buffer *text, double value)
{
    char digits[SG_DECIMAL_BUF];
    if (!isfinite(value)) {
        sg_buffer_append_text(text, "-");
        return;
    }
    double size = fabs(value);
    if (size >= 1e12 || (size < 1e-6 && size > 0.0)) {
        sg_buffer_append(text, digits, sg_decimal_from_double_scientific(value, 6, digits));
        return;
    }
    int decimals = size >= 1e5 ? 2 : size >= 100.0 ? 3 : size >= 1.0 ? 4 : size >= 1e-3 || size == 0.0 ? 6 : 12;
    sg_buffer_append(text, digits, sg_decimal_from_double_fixed(value, decimals, digits));
}

static void text_line(struct sg_buffer *text, const char *name, double value, const char *after)
{
    sg_buffer_append_format(text, "  %-24s ", name);
    text_number(text, value);
    sg_buffer_append_format(text, "%s\n", after);
}

/* R-squared, a correlation: what is not 1 does not look like it. */
static void text_part(struct sg_buffer *text, const char *name, double value, const char *after)
{
    char digits[SG_DECIMAL_BUF];
    if (!(fabs(value) < 1.0) || fabs(value) < 1.0 - 0.5e-6) {
        text_line(text, name, value, after);
        return;
    }
    sg_buffer_append_format(text, "  %-24s ", name);
    sg_buffer_append(text, digits, sg_decimal_from_double(value, digits));
    sg_buffer_append_format(text, "%s\n", after);
}

static void text_test(struct sg_buffer *text, const char *name, const struct sg_adf_result *test)
{
    char reason[128];
    sg_buffer_append_format(text, "  %-24s ", name);
    if (sg_reason_text(test->reason, test->have, test->need, reason, sizeof reason) > 0) {
        sg_buffer_append_format(text, "- (%s)\n", reason);
        return;
    }
    text_number(text, test->statistic);
    char p[SG_TEXT_BUF];
    sg_buffer_append_format(text, "  p %s", test->p_value >= 0.001 && test->p_value <= 0.999 ? "" : sg_text_p_value(test->p_value, p));
    if (test->p_value >= 0.001 && test->p_value <= 0.999)
        text_number(text, test->p_value);
    sg_buffer_append_format(text, "  (lag %zu, n %zu; 5 %% value ", test->lags, test->observations);
    text_number(text, test->critical[1]);
    sg_buffer_append_text(text, ")\n");
}

enum sg_status sg_analysis_write_text(const struct sg_analysis *analysis, FILE *stream)
{
    const struct sg_offline *o = &analysis->offline;
    const struct sg_history *history = &o->history;
    struct sg_buffer text;
    char reason[128], after[192], first[SG_TIME_BUF], last[SG_TIME_BUF];
    sg_buffer_init(&text, REPORT_LIMIT);
    if (history->length == 0) {
        sg_buffer_append_format(&text, "%s: no bars in common (%zu of A and %zu of B have no partner)\n", analysis->pair, o->unmatched[SG_LEG_A],
                                o->unmatched[SG_LEG_B]);
    } else {
        sg_time_format_iso(history->time_us[0], first);
        sg_time_format_iso(history->time_us[history->length - 1], last);
        sg_buffer_append_format(&text, "%s  %s  %zu bars  %s to %s\n", analysis->pair, analysis->interval, history->length, first, last);
        if (o->unmatched[SG_LEG_A] + o->unmatched[SG_LEG_B] > 0)
            sg_buffer_append_format(&text, "  left out by the join: %zu of A, %zu of B\n", o->unmatched[SG_LEG_A], o->unmatched[SG_LEG_B]);
        char lookback[32];
        lookback_text(analysis, lookback, sizeof lookback);
        sg_buffer_append_format(&text, "hedge ratio (%s, lookback %s)\n", sg_hedge_name(analysis->params.hedge), lookback);
        sg_reason_text(o->now.hedge_reason, o->now.hedge_have, o->now.hedge_need, reason, sizeof reason);
        snprintf(after, sizeof after, reason[0] != '\0' ? "  (%s)" : "%s", reason);
        text_line(&text, "alpha", o->now.alpha, after);
        text_line(&text, "beta", o->now.beta, after);
        text_line(&text, "s.e. of beta", o->now.se_beta, "");
        text_part(&text, "R2", o->now.r_squared, "");
        sg_buffer_append_format(&text, "spread and z-score (window %zu, ddof %d)\n", analysis->params.window, analysis->params.ddof);
        text_line(&text, "spread", o->now.spread, "");
        text_line(&text, "residual", o->now.residual, "  (spread less alpha)");
        text_line(&text, "mean", o->now.mean, "");
        text_line(&text, "deviation", o->now.std, "");
        sg_reason_text(o->now.zscore_reason, o->now.have, o->now.need, reason, sizeof reason);
        snprintf(after, sizeof after, reason[0] != '\0' ? "  (%s)" : "  %s", reason[0] != '\0' ? reason : sg_signal_name(o->now.signal));
        text_line(&text, "z-score", o->now.zscore, after);
        sg_reason_text(o->now.correlation_reason, o->now.correlation_have, o->now.correlation_need, reason, sizeof reason);
        snprintf(after, sizeof after, reason[0] != '\0' ? "  (%s)" : "%s", reason);
        text_part(&text, "correlation", o->now.correlation, after);
        sg_buffer_append_format(&text, "is it a relation? (n %zu)\n", o->test_bars);
        text_test(&text, "Engle-Granger, A on B", &o->engle_granger);
        text_test(&text, "Engle-Granger, B on A", &o->engle_granger_reverse);
        text_test(&text, "ADF of the spread (plain)", &o->adf);
        sg_reason_text(o->half_life.reason, o->half_life.have, o->half_life.need, reason, sizeof reason);
        char half_life[SG_TEXT_BUF];
        if (reason[0] != '\0')
            sg_buffer_append_format(&text, "  %-24s - (%s)\n", "half-life", reason);
        else
            sg_buffer_append_format(&text, "  %-24s %s\n", "half-life", sg_text_half_life(o->half_life.bars, history->interval_us, half_life));
    }
    if (history->length > 0) {
        char verdict[SG_VERDICT_TEXT_MAX];
        struct sg_pair_view view;
        sg_pair_view_of_offline(o, &analysis->params, analysis->legs, &view);
        sg_pair_view_verdict(&view, verdict, sizeof verdict, NULL);
        sg_buffer_append_format(&text, "verdict\n  %s\n", verdict);
    }
    if (analysis->skipped_lines > 0)
        sg_buffer_append_format(&text, "  skipped %llu malformed lines\n", (unsigned long long)analysis->skipped_lines);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (analysis->incomplete[leg] + analysis->unsettled[leg] > 0)
            sg_buffer_append_format(&text, "  of %s %llu bars lack trades, %llu are not settled yet\n", analysis->legs[leg].symbol,
                                    (unsigned long long)analysis->incomplete[leg], (unsigned long long)analysis->unsettled[leg]);
    if (analysis->duplicates > 0)
        sg_buffer_append_format(&text, "  dropped %llu bars that were given twice\n", (unsigned long long)analysis->duplicates);
    enum sg_status status = sg_analysis_flush(&text, stream);
    sg_buffer_free(&text);
    return status;
}

static void csv_value(struct sg_buffer *text, double value)
{
    sg_buffer_append_text(text, ",");
    if (isfinite(value))
        sg_buffer_append_double(text, value);
}

/* A stale leg makes no signal, on either basis: as it is live. */
static enum sg_signal signal_of(const struct sg_pair_params *params, double zscore, unsigned flags)
{
    if (flags & SG_ROW_STALE)
        return SG_SIGNAL_NONE;
    return zscore > params->entry ? SG_SIGNAL_OVERBOUGHT : zscore < -params->entry ? SG_SIGNAL_OVERSOLD : SG_SIGNAL_NONE;
}

enum sg_status sg_analysis_write_csv(const struct sg_analysis *analysis, bool hindsight, FILE *stream)
{
    const struct sg_history *history = &analysis->offline.history;
    size_t n = history->length;
    double *const *column = history->column;
    double *spread = column[SG_COL_SPREAD], *mean = column[SG_COL_MEAN], *std = column[SG_COL_STD], *zscore = column[SG_COL_ZSCORE],
           *correlation = column[SG_COL_CORRELATION], *storage = NULL;
    struct sg_hindsight fit = {.alpha = NAN, .beta = NAN};
    if (hindsight && n > 0) {
        storage = malloc(5 * n * sizeof *storage);
        if (storage == NULL)
            return SG_ERR_NOMEM;
        spread = fit.spread = storage;
        mean = fit.mean = storage + n;
        std = fit.std = storage + 2 * n;
        zscore = fit.zscore = storage + 3 * n;
        correlation = fit.correlation = storage + 4 * n;
        enum sg_status status = sg_pair_hindsight(&analysis->params, column[SG_COL_A_CLOSE], column[SG_COL_B_CLOSE], n, &fit);
        if (status != SG_OK) {
            free(storage);
            return status;
        }
    }
    struct sg_buffer text;
    sg_buffer_init(&text, 2 * CSV_CHUNK);
    sg_buffer_append_text(&text, "time,close_a,close_b,alpha,beta,spread,mean,std,zscore,correlation,signal,residual\n");
    enum sg_status status = SG_OK;
    for (size_t i = 0; i < n && status == SG_OK; i++) {
        sg_buffer_append_int64(&text, history->time_us[i] / SG_US_PER_MS);
        csv_value(&text, column[SG_COL_A_CLOSE][i]);
        csv_value(&text, column[SG_COL_B_CLOSE][i]);
        csv_value(&text, hindsight ? fit.alpha : column[SG_COL_ALPHA][i]);
        csv_value(&text, hindsight ? fit.beta : column[SG_COL_BETA][i]);
        csv_value(&text, spread[i]);
        csv_value(&text, mean[i]);
        csv_value(&text, std[i]);
        csv_value(&text, zscore[i]);
        csv_value(&text, correlation[i]);
        sg_buffer_append_format(&text, ",%s", sg_signal_name(signal_of(&analysis->params, zscore[i], history->flags[i])));
        csv_value(&text, hindsight ? spread[i] - fit.alpha : column[SG_COL_RESIDUAL][i]);
        sg_buffer_append_text(&text, "\n");
        if (text.length > CSV_CHUNK)
            status = sg_analysis_flush(&text, stream);
    }
    if (status == SG_OK)
        status = sg_analysis_flush(&text, stream);
    sg_buffer_free(&text);
    free(storage);
    return status;
}
