/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis_input_private.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file_progress_private.h"
#include "file_name_private.h"
#include "no_common_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/store/series_reader.h"
#include "store_place_private.h"

#define MONTH_S 2629746 /* a twelfth of the mean year */

/* Months are as long as they are, and the shortest distance of two bars is February: what is told in time goes by the mean month. */
static int64_t mean_interval(int64_t interval_us)
{
    return interval_us >= 28 * 86400 * SG_US_PER_S && interval_us <= 31 * 86400 * SG_US_PER_S ? MONTH_S * SG_US_PER_S : interval_us;
}

/* "1m", "1d", "90s": the longest unit that divides the spacing. */
void sg_interval_label(int64_t interval_us, char *text, size_t size)
{
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{MONTH_S, 'M'}, {604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    int64_t seconds = interval_us / SG_US_PER_S;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (seconds >= units[i].seconds && seconds % units[i].seconds == 0) {
            snprintf(text, size, "%lld%c", (long long)(seconds / units[i].seconds), units[i].unit);
            return;
        }
    }
    snprintf(text, size, "%lldus", (long long)interval_us);
}

static void say(const char *verb, const char *file, uint64_t count, const char *what)
{
    if (count > 0)
        fprintf(stderr, "spreadglass %s: %s: %llu %s\n", verb, file, (unsigned long long)count, what);
}

static void say_losses(const char *verb, const struct sg_options *options, const struct sg_series series[static SG_LEG_COUNT])
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const char *name = options->files[options->file_count == SG_LEG_COUNT ? leg : 0];
        say(verb, name, series[leg].bad, "malformed rows skipped");
        if (series[leg].bad > 0)
            fprintf(stderr, "spreadglass %s: the first was %s\n", verb, series[leg].first_bad);
        if (series[leg].missing > 0)
            fprintf(stderr, "spreadglass %s: %s: %llu rows without a price of %s left out\n", verb, name, (unsigned long long)series[leg].missing,
                    leg == SG_LEG_A ? "A" : "B");
        say(verb, name, series[leg].duplicates, "rows dropped that were given twice");
        say(verb, name, series[leg].incomplete, "bars left out because a part of them is missing");
        if (series[leg].warning[0] != '\0')
            fprintf(stderr, "spreadglass %s: %s: %s\n", verb, name, series[leg].warning);
    }
}

static int usage(const char *verb, const char *text)
{
    fprintf(stderr, "spreadglass %s: %s\ntry: spreadglass %s --help\n", verb, text, verb);
    return SG_EXIT_USAGE;
}

/* Bars of the sample that are not to be trusted for ever: counted, and said. */
static void count_doubts(const char *verb, struct sg_analysis *analysis, struct sg_bar *const bars[static SG_LEG_COUNT],
                         const size_t count[static SG_LEG_COUNT])
{
    const struct sg_history *rows = &analysis->offline.history;
    for (int leg = 0; leg < SG_LEG_COUNT && rows->length > 0; leg++) {
        for (size_t i = 0; i < count[leg]; i++) {
            const struct sg_bar *bar = &bars[leg][i];
            if (bar->time_us < rows->time_us[0] || bar->time_us > rows->time_us[rows->length - 1])
                continue;
            analysis->incomplete[leg] += (bar->flags & SG_BAR_INCOMPLETE) != 0;
            analysis->unsettled[leg] += (bar->flags & SG_BAR_DOUBTFUL) == SG_BAR_UNSETTLED;
        }
        if (analysis->incomplete[leg] > 0)
            fprintf(stderr, "spreadglass %s: %llu of the bars of %s lack trades: a live session of the pair repairs them while the exchange still has them\n",
                    verb, (unsigned long long)analysis->incomplete[leg], analysis->legs[leg].symbol);
        if (analysis->unsettled[leg] > 0)
            fprintf(stderr,
                    "spreadglass %s: %llu of the bars of %s are not settled yet, and may still change: the next live session of the pair settles them\n", verb,
                    (unsigned long long)analysis->unsettled[leg], analysis->legs[leg].symbol);
    }
}

/* The pair's bars that the store holds, as if they had come from two files. */
static int load_from_store(const char *verb, const struct sg_options *options, struct sg_analysis *ret_analysis)
{
    struct sg_error error = {0};
    struct sg_database *database = sg_store_open(options, true, &error);
    if (database == NULL)
        return sg_verb_failed(verb, error.text);
    enum sg_interval interval = options->interval_given ? options->interval : SG_INTERVAL_1M;
    struct sg_bar *bars[SG_LEG_COUNT] = {NULL};
    size_t count[SG_LEG_COUNT] = {0};
    enum sg_status status = SG_OK;
    for (int leg = 0; leg < SG_LEG_COUNT && status == SG_OK; leg++) {
        status = sg_database_bars(database, &options->legs[leg], sg_interval_us(interval), options->start_us, options->end_us, SG_SERIES_BARS_MAX, &bars[leg],
                                  &count[leg], &error);
        if (status == SG_OK && count[leg] == 0)
            status = sg_fail(&error, SG_ERR_NOT_FOUND, "the store has no %s bars of %s (%s) in this span: `spreadglass export` lists what is kept",
                             sg_interval_name(interval), options->legs[leg].symbol, sg_market_name(options->legs[leg].market));
    }
    struct sg_analysis analysis = {.params = options->params, .legs = {options->legs[SG_LEG_A], options->legs[SG_LEG_B]}};
    if (status == SG_OK) {
        snprintf(analysis.pair, sizeof analysis.pair, "%s/%s", analysis.legs[SG_LEG_A].symbol, analysis.legs[SG_LEG_B].symbol);
        snprintf(analysis.interval, sizeof analysis.interval, "%s", sg_interval_name(interval));
        struct sg_offline_config offline = {.params = options->params,
                                            .interval = interval,
                                            .interval_us = sg_interval_us(interval),
                                            .stale_after_us = (int64_t)(options->stale_after_s * 1e6)};
        status = sg_offline_run(&offline, bars[0], count[0], bars[1], count[1], &analysis.offline, &error);
    }
    if (status == SG_OK && analysis.offline.history.length + analysis.offline.refused == 0) {
        char text[sizeof error.text];
        sg_no_common_text(bars[0], count[0], bars[1], count[1], sg_interval_us(interval), text, sizeof text);
        status = sg_fail(&error, SG_ERR_NOT_FOUND, "%s", text);
        sg_offline_free(&analysis.offline);
    }
    if (status == SG_OK)
        count_doubts(verb, &analysis, bars, count);
    free(bars[0]);
    free(bars[1]);
    sg_database_close(database, NULL);
    if (status != SG_OK)
        return sg_verb_failed(verb, error.text);
    *ret_analysis = analysis;
    return SG_EXIT_DONE;
}

/* A recording knows whose messages are in it; what the person says goes before that. */
static void choose_legs(const struct sg_options *options, struct sg_instrument ret_legs[static SG_LEG_COUNT], struct sg_recording_info *ret_described)
{
    struct sg_recording_info described = {0};
    *ret_described = described;
    memcpy(ret_legs, options->legs, sizeof options->legs);
    if (options->pair_given || sg_recording_describe(options->files, options->file_count, &described, NULL) != SG_OK || !described.has_legs)
        return;
    if (described.symbol_count <= SG_LEG_COUNT)
        memcpy(ret_legs, described.legs, sizeof described.legs);
    *ret_described = described;
}

/* Why a leg has no bar at all, and where its rows are; nothing when it has bars. */
static void explain_empty(const struct sg_options *options, const struct sg_series *series, const char *leg, struct sg_buffer *text)
{
    char first[SG_TIME_BUF], last[SG_TIME_BUF], bound[SG_TIME_BUF];
    if (series->length > 0)
        return;
    sg_time_format_iso(series->first_us, first);
    sg_time_format_iso(series->last_us, last);
    sg_buffer_append_text(text, text->length > 0 ? "; " : "");
    if (series->outside == 0) {
        sg_buffer_append_format(text, "no bar of %s: its rows run from %s to %s", leg, first, last);
    } else {
        sg_buffer_append_format(text, "all %llu rows of %s are before --start or not before --end: they run from %s to %s", (unsigned long long)series->outside,
                                leg, first, last);
        if (options->start_us != INT64_MIN) {
            sg_time_format_iso(options->start_us, bound);
            sg_buffer_append_format(text, ", and --start is %s", bound);
        }
        if (options->end_us != INT64_MAX) {
            sg_time_format_iso(options->end_us, bound);
            sg_buffer_append_format(text, ", and --end is %s", bound);
        }
    }
    if (series->incomplete > 0)
        sg_buffer_append_format(text, ", and each of its %llu bars of that length lacks a part: ask for a shorter interval, or leave it out",
                                (unsigned long long)series->incomplete);
}

/* Nothing was joined: that is no result, and a person who sees the times knows why. */
static int explain_nothing(const char *verb, const struct sg_options *options, const struct sg_series series[static SG_LEG_COUNT])
{
    char common[800];
    struct sg_buffer text;
    sg_buffer_init(&text, 4096);
    explain_empty(options, &series[SG_LEG_A], "A", &text);
    explain_empty(options, &series[SG_LEG_B], "B", &text);
    if (text.length == 0) {
        sg_no_common_text(series[SG_LEG_A].bars, series[SG_LEG_A].length, series[SG_LEG_B].bars, series[SG_LEG_B].length, series[SG_LEG_A].interval_us, common,
                          sizeof common);
        sg_buffer_append_text(&text, common);
    }
    int status = sg_verb_failed(verb, text.data != NULL ? text.data : "out of memory");
    sg_buffer_free(&text);
    return status;
}

int sg_analysis_load(const char *verb, const struct sg_options *options, struct sg_analysis *ret_analysis)
{
    if (options->from_store)
        return load_from_store(verb, options, ret_analysis);
    if (options->file_count == 0)
        return usage(verb, "it needs two files, A's and B's, a recording of both, or --from-store");

    struct sg_error error = {0};
    struct sg_instrument legs[SG_LEG_COUNT];
    struct sg_recording_info described;
    struct sg_file_progress progress;
    choose_legs(options, legs, &described);
    struct sg_series_config config = {.interval_us = sg_interval_us(options->interval_given ? options->interval : SG_INTERVAL_1M),
                                      .interval_given = options->interval_given,
                                      .named = options->pair_given,
                                      .column = options->column,
                                      .date_order = options->date_order,
                                      .skip_bad = options->skip_bad,
                                      .start_us = options->start_us,
                                      .end_us = options->end_us,
                                      .stream = options->stream_given ? (int)options->stream : -1,
                                      .open_ticks = sg_tick_stream_open_recording,
                                      .progress = sg_file_progress_show,
                                      .progress_context = &progress};
    struct sg_series series[SG_LEG_COUNT] = {0};
    sg_file_progress_begin(&progress, verb);
    enum sg_status status = sg_series_read_pair(options->files, options->file_count, legs, &config, series, &error);
    sg_file_progress_end(&progress);
    if (status == SG_ERR_NOT_FOUND && described.symbol_count > SG_LEG_COUNT) {
        char text[sizeof error.text + 160];
        snprintf(text, sizeof text, "%s; it has %u symbols, %s and %s among them: --pair A/B names two", error.text, described.symbol_count,
                 described.legs[SG_LEG_A].symbol, described.legs[SG_LEG_B].symbol);
        return sg_verb_failed(verb, text);
    }
    if (status != SG_OK)
        return sg_verb_failed(verb, status == SG_ERR_CANCELLED ? "interrupted" : error.text);
    say_losses(verb, options, series);

    struct sg_analysis analysis = {.params = options->params,
                                   .legs = {legs[SG_LEG_A], legs[SG_LEG_B]},
                                   .skipped_lines = series[0].bad + series[1].bad,
                                   .duplicates = series[0].duplicates + series[1].duplicates};
    if (!options->pair_given && options->file_count == SG_LEG_COUNT && series[0].form != SG_SERIES_RECORDING)
        for (int whole = 0; whole < 2; whole++) { /* spot against futures: the same symbol, and only the rest of the name tells them apart */
            for (int leg = 0; leg < SG_LEG_COUNT; leg++)
                sg_name_of_file(options->files[leg], whole, analysis.legs[leg].symbol, sizeof analysis.legs[leg].symbol);
            if (strcmp(analysis.legs[0].symbol, analysis.legs[1].symbol) != 0)
                break;
        }
    snprintf(analysis.pair, sizeof analysis.pair, "%s/%s", analysis.legs[SG_LEG_A].symbol, analysis.legs[SG_LEG_B].symbol);
    int64_t interval_us = mean_interval(series[SG_LEG_A].interval_us);
    sg_interval_label(interval_us, analysis.interval, sizeof analysis.interval);
    struct sg_offline_config offline = {.params = options->params, .interval_us = interval_us, .stale_after_us = (int64_t)(options->stale_after_s * 1e6)};
    status = sg_offline_run(&offline, series[0].bars, series[0].length, series[1].bars, series[1].length, &analysis.offline, &error);
    int failed = status != SG_OK ? sg_verb_failed(verb, error.text) : SG_EXIT_DONE;
    if (status == SG_OK && analysis.offline.history.length + analysis.offline.refused == 0)
        failed = explain_nothing(verb, options, series);
    if (failed == SG_EXIT_DONE)
        count_doubts(verb, &analysis, (struct sg_bar *[]){series[0].bars, series[1].bars}, (size_t[]){series[0].length, series[1].length});
    sg_series_free(&series[0]);
    sg_series_free(&series[1]);
    if (failed != SG_EXIT_DONE) {
        sg_offline_free(&analysis.offline);
        return failed;
    }
    *ret_analysis = analysis;
    return SG_EXIT_DONE;
}
