/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor_store_private.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "spreadglass/base/clock.h"
#include "store_place_private.h"

#define FETCHED_DAYS 34 /* 50,000 minutes: so many are repaired at most, which is half of those that a session holds in memory */

/* Who keeps it now, if anybody does: ", kept by process 1234". */
static void add_holder(struct sg_database *database, const struct sg_instrument *instrument, GString *text)
{
    int64_t holder;
    if (!sg_database_is_held(database, instrument, &holder))
        return;
    g_string_append(text, ", kept by another program");
    if (holder > 0)
        g_string_append_printf(text, " (process %lld)", (long long)holder);
}

/* The newest bar of each symbol, of any interval: "; BTCUSDT spot: newest bar 2024-…". At most as many as `text` has room for. */
static void add_newest(struct sg_database *database, const struct sg_stored_series *series, size_t count, GString *text)
{
    for (size_t i = 0; i < count;) {
        size_t next = i;
        int64_t newest_us = INT64_MIN;
        for (; next < count && series[next].instrument.market == series[i].instrument.market &&
               strcmp(series[next].instrument.symbol, series[i].instrument.symbol) == 0;
             next++)
            newest_us = MAX(newest_us, series[next].last_us);
        char time[SG_TIME_BUF];
        sg_time_format_iso(newest_us, time);
        if (text->len > sizeof((struct sg_store_finding *)NULL)->detail - 200) {
            g_string_append(text, "; …");
            return;
        }
        g_string_append_printf(text, "; %s %s: newest bar %s", series[i].instrument.symbol, sg_market_name(series[i].instrument.market), time);
        add_holder(database, &series[i].instrument, text);
        i = next;
    }
}

/* ", 2 open gaps, 1 bar known to lack trades". What the exchange has nothing for either is said, but nobody can do anything about it. */
static void add_trouble(const struct sg_stored_trouble *trouble, GString *text)
{
    g_string_append_printf(text, ", %llu open gap%s", (unsigned long long)trouble->open_gaps, trouble->open_gaps == 1 ? "" : "s");
    if (trouble->unfillable_gaps > 0)
        g_string_append_printf(text, ", %llu gap%s that the exchange has nothing for", (unsigned long long)trouble->unfillable_gaps,
                               trouble->unfillable_gaps == 1 ? "" : "s");
    if (trouble->incomplete > 0)
        g_string_append_printf(text, ", %llu bar%s known to lack trades", (unsigned long long)trouble->incomplete, trouble->incomplete == 1 ? "" : "s");
    if (trouble->unsettled > 0)
        g_string_append_printf(text, ", %llu bar%s not settled yet", (unsigned long long)trouble->unsettled, trouble->unsettled == 1 ? "" : "s");
    if (trouble->settling > 0)
        g_string_append_printf(text, ", the newest %llu bar%s to be settled by the next session", (unsigned long long)trouble->settling,
                               trouble->settling == 1 ? "" : "s");
}

/* A trade that was overtaken and had not come when the run ended waits in no gap: no bar was made of its time, and the next run begins before it. */
static bool has_open_gap(struct sg_database *database, const struct sg_instrument *instrument)
{
    struct sg_gap *gaps = NULL;
    size_t count = 0;
    bool known = sg_database_open_gaps(database, instrument, 1, &gaps, &count, NULL) == SG_OK;
    free(gaps);
    return !known || count > 0;
}

void sg_doctor_ids(const struct sg_options *options, struct sg_store_finding *ret_finding)
{
    struct sg_store_finding finding = {0};
    struct sg_error error = {0};
    struct sg_database *database = sg_store_open(options, true, &error);
    struct sg_stored_ids *ids = NULL;
    size_t count = 0;
    GString *text = g_string_new(NULL);
    if (database != NULL && sg_database_ids(database, &ids, &count, &error) != SG_OK)
        g_string_assign(text, error.text);
    for (size_t i = 0; i < count && text->len < sizeof finding.detail - 200; i++) {
        const struct sg_stored_ids *of = &ids[i];
        g_string_append_printf(text, "%s%s %s: %lld to %lld %s %llu seen + %llu fetched + %llu replaced by klines + %llu in gaps", i ? "; " : "",
                               of->instrument.symbol, sg_market_name(of->instrument.market), (long long)of->first_id, (long long)of->last_id,
                               of->adds_up ? "=" : "is not", (unsigned long long)of->seen, (unsigned long long)of->fetched, (unsigned long long)of->replaced,
                               (unsigned long long)of->in_gaps);
        finding.warning |= of->in_gaps > 0 && has_open_gap(database, &of->instrument);
    }
    for (size_t i = 0; i < count; i++)
        finding.failed |= !ids[i].adds_up;
    if (text->len == 0)
        g_string_assign(text, "none kept yet");
    if (finding.failed)
        finding.remedy = "trades were lost without a gap that says so: please report it, with the database";
    else if (finding.warning)
        finding.remedy = "a live session of the pair repairs what the exchange still has";
    g_strlcpy(finding.detail, text->str, sizeof finding.detail);
    g_string_free(text, TRUE);
    free(ids);
    sg_database_close(database, NULL);
    *ret_finding = finding;
}

void sg_doctor_store(const struct sg_options *options, struct sg_store_finding *ret_finding)
{
    struct sg_store_finding finding = {0};
    struct sg_error error = {0};
    char *path = sg_store_path(options);
    struct sg_database *database = sg_store_open(options, true, &error);
    struct sg_stored_series *series = NULL;
    size_t count = 0;
    struct sg_stored_trouble trouble = {0};
    GString *text = g_string_new(NULL);
    if (database == NULL && error.status == SG_ERR_NOT_FOUND) {
        g_string_printf(text, "%s: none yet", path);
    } else if (database == NULL || sg_database_check(database, &error) != SG_OK || sg_database_series(database, &series, &count, &error) != SG_OK ||
               sg_database_trouble(database, &trouble, &error) != SG_OK) {
        finding.failed = true;
        g_string_assign(text, error.text);
        finding.remedy = "move the file away (a new one is begun), name another folder with --data-dir, or run with --no-store";
    } else {
        struct stat file = {0};
        uint64_t bars = 0;
        for (size_t i = 0; i < count; i++)
            bars += series[i].bars;
        if (stat(path, &file) != 0)
            file.st_size = 0;
        g_string_printf(text, "%s: %lld kB, whole, %llu bars", path, (long long)((file.st_size + 1023) / 1024), (unsigned long long)bars);
        add_trouble(&trouble, text);
        add_newest(database, series, count, text);
        finding.warning = trouble.open_gaps + trouble.incomplete + trouble.unsettled > 0;
        bool is_old = trouble.oldest_open_us < sg_clock_wall(sg_clock_system()) - FETCHED_DAYS * 86400 * SG_US_PER_S;
        finding.remedy =
            !finding.warning ? NULL
            : is_old ? "a live session of the pair repairs minutes of the last 34 days; older ones come by import, from the exchange's archive, and stay listed"
                     : "a live session of the pair repairs what the exchange still has";
    }
    g_strlcpy(finding.detail, text->str, sizeof finding.detail);
    g_string_free(text, TRUE);
    free(series);
    sg_database_close(database, NULL);
    g_free(path);
    *ret_finding = finding;
}
