/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass import`: bars from files into the store. A file is taken whole or not at all. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "analysis_input_private.h"
#include "file_name_private.h"
#include "file_progress_private.h"
#include "import_check_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/store/series_reader.h"
#include "store_place_private.h"
#include "verbs_private.h"

#define PUT_AT_ONCE ((size_t)10000)

/* Which instruments the file is asked for: one, or both legs of a recording that knows its pair. 0 with error. */
static int instruments_of(const char *file, const struct sg_options *options, struct sg_instrument *ret_instruments, struct sg_error *error)
{
    ret_instruments[0] = (struct sg_instrument){.market = options->market};
    if (options->symbol != NULL) {
        char pair[2 * SG_SYMBOL_BUF];
        struct sg_instrument legs[SG_LEG_COUNT];
        snprintf(pair, sizeof pair, "%.*s/%s", SG_SYMBOL_BUF, options->symbol, g_ascii_strcasecmp(options->symbol, "X") != 0 ? "X" : "Y");
        if (sg_pair_parse(pair, options->market, legs, error) != SG_OK)
            return 0;
        ret_instruments[0] = legs[0];
        return 1;
    }
    struct sg_recording_info described;
    if (sg_recording_describe(&file, 1, &described, NULL) == SG_OK && described.has_legs) {
        memcpy(ret_instruments, described.legs, sizeof described.legs);
        return SG_LEG_COUNT;
    }
    if (!sg_symbol_of_file(file, ret_instruments[0].symbol, sizeof ret_instruments[0].symbol))
        ret_instruments[0].symbol[0] = '\0'; /* perhaps a column of it says */
    return 1;
}

/* A column that says whose rows they are goes before the file's name. A slash in it ("BTC/USD") is none of a symbol's signs. */
static enum sg_status name_from_rows(const char *file, const struct sg_series *series, struct sg_instrument *instrument, struct sg_error *error)
{
    char pair[2 * SG_SYMBOL_BUF];
    struct sg_instrument legs[SG_LEG_COUNT];
    if (series->symbol[0] != '\0') {
        g_autofree char *symbol = g_strdelimit(g_strdup(series->symbol), "/:", '-');
        snprintf(pair, sizeof pair, "%s/%s", symbol, g_ascii_strcasecmp(symbol, "X") != 0 ? "X" : "Y");
        if (sg_pair_parse(pair, instrument->market, legs, NULL) == SG_OK)
            *instrument = legs[SG_LEG_A];
    }
    if (instrument->symbol[0] == '\0')
        return sg_fail(error, SG_ERR_INVALID, "%s: whose bars are these? Its name is no symbol, and no column says: give --symbol", file);
    return SG_OK;
}

static bool is_kept_interval(int64_t interval_us)
{
    for (int i = 0; i < SG_INTERVAL_COUNT; i++)
        if (sg_interval_us((enum sg_interval)i) == interval_us)
            return true;
    return false;
}

typedef enum sg_status (*put_function)(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, const struct sg_bar *bars,
                                       size_t count);

static enum sg_status put(struct sg_database *database, put_function put_bars, const struct sg_instrument *instrument, const struct sg_series *series,
                          struct sg_error *error)
{
    enum sg_status status = SG_OK;
    for (size_t done = 0; done < series->length && status == SG_OK;) {
        size_t count = MIN(PUT_AT_ONCE, series->length - done);
        if (put_bars(database, instrument, series->interval_us, series->bars + done, count) == SG_OK)
            done += count;
        else
            status = sg_database_sync(database, error); /* the queue is full: wait for the disk */
    }
    return status == SG_OK ? sg_database_sync(database, error) : status;
}

static void report(const struct sg_options *options, const char *file, const struct sg_instrument *instrument, const struct sg_series *series)
{
    char label[16], first[SG_TIME_BUF], last[SG_TIME_BUF];
    int64_t first_us = series->bars[0].time_us, last_us = series->bars[series->length - 1].time_us;
    sg_interval_label(series->interval_us, label, sizeof label);
    sg_time_format_iso(first_us, first);
    sg_time_format_iso(last_us, last);
    if (options->format == SG_FORMAT_TEXT) {
        printf("%s: %zu bars of %s, %s %s, %s to %s\n", file, series->length, label, instrument->symbol, sg_market_name(instrument->market), first, last);
    } else if (options->format == SG_FORMAT_CSV) {
        printf("%s,%s,%s,%zu,%lld,%lld\n", instrument->symbol, sg_market_name(instrument->market), label, series->length, (long long)(first_us / SG_US_PER_MS),
               (long long)(last_us / SG_US_PER_MS));
    } else {
        printf("{\"symbol\":\"%s\",\"market\":\"%s\",\"interval\":\"%s\",\"bars\":%zu,\"first\":%lld,\"last\":%lld,\"bad\":%llu,\"duplicates\":%llu}\n",
               instrument->symbol, sg_market_name(instrument->market), label, series->length, (long long)(first_us / SG_US_PER_MS),
               (long long)(last_us / SG_US_PER_MS), (unsigned long long)series->bad, (unsigned long long)series->duplicates);
    }
    if (series->bad > 0)
        fprintf(stderr, "spreadglass import: %s: %llu malformed rows skipped, the first: %s\n", file, (unsigned long long)series->bad, series->first_bad);
    if (series->missing > 0)
        fprintf(stderr, "spreadglass import: %s: %llu rows without a price left out\n", file, (unsigned long long)series->missing);
    if (series->incomplete > 0)
        fprintf(stderr, "spreadglass import: %s: %llu bars left out because a part of them is missing\n", file, (unsigned long long)series->incomplete);
    if (series->warning[0] != '\0')
        fprintf(stderr, "spreadglass import: %s: %s\n", file, series->warning);
}

static enum sg_status import_one(struct sg_database **database, const struct sg_options *options, const char *file, const struct sg_instrument *instrument,
                                 struct sg_file_progress *progress, struct sg_error *error)
{
    struct sg_series_config config = {.instrument = *instrument,
                                      .interval_us = sg_interval_us(options->interval_given ? options->interval : SG_INTERVAL_1M),
                                      .interval_given = options->interval_given,
                                      .named = options->symbol != NULL,
                                      .column = options->column,
                                      .date_order = options->date_order,
                                      .skip_bad = options->skip_bad,
                                      .start_us = options->start_us,
                                      .end_us = options->end_us,
                                      .stream = -1,
                                      .open_ticks = sg_tick_stream_open_recording,
                                      .progress = sg_file_progress_show,
                                      .progress_context = progress};
    struct sg_series series = {0};
    enum sg_status status = sg_series_read(file, &config, &series, error);
    char label[16];
    struct sg_instrument named = *instrument;
    if (status == SG_OK)
        sg_interval_label(series.interval_us, label, sizeof label);
    if (status == SG_OK && options->symbol == NULL)
        status = name_from_rows(file, &series, &named, error);
    if (status == SG_OK && series.length == 0)
        status = sg_fail(error, SG_ERR_NOT_FOUND, "%s: no bar of %s in this span", file, named.symbol);
    else if (status == SG_OK && (!series.on_grid || !is_kept_interval(series.interval_us)))
        status = sg_fail(error, SG_ERR_UNSUPPORTED, "%s: its bars are %s apart%s; the store keeps " SG_INTERVALS_SPOKEN " and 1d%s", file, label,
                         series.on_grid ? "" : " and begin at odd times", series.on_grid ? "" : ", on the clock of UTC: a day begins at 00:00:00");
    /* Only a file that is sound begins a database. */
    if (status == SG_OK && *database == NULL && (*database = sg_store_open(options, false, error)) == NULL)
        status = error->status;
    if (status == SG_OK)
        status = sg_import_check(*database, options->replace, file, &named, &series, error);
    if (status == SG_OK)
        status = put(*database, options->replace ? sg_database_put_replacements : sg_database_put_bars, &named, &series, error);
    if (status == SG_OK)
        report(options, file, &named, &series);
    sg_series_free(&series);
    return status;
}

int sg_verb_import(const struct sg_options *options)
{
    if (options->file_count == 0) {
        fprintf(stderr, "spreadglass import: it needs at least one file\ntry: spreadglass import --help\n");
        return SG_EXIT_USAGE;
    }
    struct sg_error error = {0};
    struct sg_database *database = NULL;
    char *path = sg_store_path(options);
    bool begun = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    if (begun && (database = sg_store_open(options, false, &error)) == NULL)
        return sg_verb_failed("import", error.text);
    if (options->format == SG_FORMAT_CSV)
        printf("symbol,market,interval,bars,first,last\n");
    struct sg_file_progress progress;
    sg_file_progress_begin(&progress, "import");
    enum sg_status status = SG_OK;
    for (size_t i = 0; i < options->file_count && status == SG_OK; i++) {
        struct sg_instrument instruments[SG_LEG_COUNT];
        int count = instruments_of(options->files[i], options, instruments, &error);
        status = count > 0 ? SG_OK : error.status;
        for (int k = 0; k < count && status == SG_OK; k++)
            status = import_one(&database, options, options->files[i], &instruments[k], &progress, &error);
    }
    sg_file_progress_end(&progress);
    struct sg_error closing = {0};
    if (database != NULL && sg_database_close(database, &closing) != SG_OK && status == SG_OK) {
        status = closing.status;
        error = closing;
    }
    if (status == SG_OK)
        return SG_EXIT_DONE;
    return sg_verb_failed("import", status == SG_ERR_CANCELLED ? "interrupted: the file that was being read is not in the store" : error.text);
}
