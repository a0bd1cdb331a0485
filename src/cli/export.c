/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass export`: the bars of a symbol out of the store, or a list of what it holds. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis_input_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/store/csv_export.h"
#include "spreadglass/store/series_reader.h"
#include "output_check_private.h"
#include "store_place_private.h"
#include "verbs_private.h"

static void print_series(enum sg_format format, const struct sg_stored_series *series)
{
    char label[16], first[SG_TIME_BUF], last[SG_TIME_BUF];
    const char *symbol = series->instrument.symbol, *market = sg_market_name(series->instrument.market);
    sg_interval_label(series->interval_us, label, sizeof label);
    sg_time_format_iso(series->first_us, first);
    sg_time_format_iso(series->last_us, last);
    if (format == SG_FORMAT_TEXT)
        printf("%-12s %-5s %-4s %10llu bars  %s to %s\n", symbol, market, label, (unsigned long long)series->bars, first, last);
    else
        printf(format == SG_FORMAT_CSV ? "%s,%s,%s,%llu,%lld,%lld\n"
                                       : "{\"symbol\":\"%s\",\"market\":\"%s\",\"interval\":\"%s\",\"bars\":%llu,\"first\":%lld,\"last\":%lld}\n",
               symbol, market, label, (unsigned long long)series->bars, (long long)(series->first_us / SG_US_PER_MS),
               (long long)(series->last_us / SG_US_PER_MS));
}

static enum sg_status list(struct sg_database *database, enum sg_format format, struct sg_error *error)
{
    struct sg_stored_series *series = NULL;
    size_t count = 0;
    enum sg_status status = sg_database_series(database, &series, &count, error);
    if (status != SG_OK)
        return status;
    if (format == SG_FORMAT_CSV)
        printf("symbol,market,interval,bars,first,last\n");
    for (size_t i = 0; i < count; i++)
        print_series(format, &series[i]);
    if (count == 0)
        fprintf(stderr, "nothing is kept yet: `spreadglass import` or a live session begins it\n");
    free(series);
    return fflush(stdout) == 0 ? SG_OK : sg_fail(error, SG_ERR_IO, "standard output cannot be written");
}

static enum sg_status write_bars(struct sg_database *database, const struct sg_options *options, struct sg_error *error)
{
    enum sg_interval interval = options->interval_given ? options->interval : SG_INTERVAL_1M;
    struct sg_instrument instrument = {.market = options->market};
    char *upper = g_ascii_strup(options->symbol, -1);
    g_strlcpy(instrument.symbol, upper, sizeof instrument.symbol);
    g_free(upper);
    struct sg_bar *bars = NULL;
    size_t count = 0;
    enum sg_status status =
        sg_database_bars(database, &instrument, sg_interval_us(interval), options->start_us, options->end_us, SG_SERIES_BARS_MAX, &bars, &count, error);
    if (status == SG_OK && count == 0)
        status = sg_fail(error, SG_ERR_NOT_FOUND, "the store has no %s bars of %s (%s) in this span: `spreadglass export` lists what is kept",
                         sg_interval_name(interval), instrument.symbol, sg_market_name(instrument.market));
    if (status == SG_OK)
        status = sg_csv_export_bars(options->output, bars, count, true, error);
    free(bars);
    return status;
}

int sg_verb_export(const struct sg_options *options)
{
    if ((options->symbol != NULL) != (options->output != NULL)) {
        fprintf(stderr, "spreadglass export: --symbol and --output belong together; without both it lists what is kept\ntry: spreadglass export --help\n");
        return SG_EXIT_USAGE;
    }
    struct sg_error error = {0};
    if (options->output != NULL && sg_output_check(options, options->output, &error) != SG_OK)
        return sg_verb_failed("export", error.text);
    struct sg_database *database = sg_store_open(options, true, &error);
    if (database == NULL)
        return sg_verb_failed("export", error.text);
    enum sg_status status = options->symbol != NULL ? write_bars(database, options, &error) : list(database, options->format, &error);
    sg_database_close(database, NULL);
    return status == SG_OK ? SG_EXIT_DONE : sg_verb_failed("export", error.text);
}
