/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading: one statement a call, rows into an array, newest kept. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "database_private.h"

/* Takes one row into the item at `at`; false: what stands there makes no sense. */
typedef bool (*take_function)(sqlite3_stmt *statement, void *at);

static bool take_bar(sqlite3_stmt *statement, void *at)
{
    struct sg_bar *bar = at;
    const char *volume = (const char *)sqlite3_column_text(statement, 5);
    *bar = (struct sg_bar){.time_us = sqlite3_column_int64(statement, 0),
                           .open = sqlite3_column_double(statement, 1),
                           .high = sqlite3_column_double(statement, 2),
                           .low = sqlite3_column_double(statement, 3),
                           .close = sqlite3_column_double(statement, 4),
                           .trades = (uint32_t)sqlite3_column_int64(statement, 6),
                           .ticks = (uint32_t)sqlite3_column_int64(statement, 7),
                           .flags = (uint32_t)sqlite3_column_int64(statement, 8),
                           .last_tick_us = sqlite3_column_int64(statement, 9)};
    return volume && sg_decimal_to_qty(volume, strlen(volume), &bar->volume) == SG_OK;
}

static bool take_gap(sqlite3_stmt *statement, void *at)
{
    int64_t cause = sqlite3_column_int64(statement, 1), state = sqlite3_column_int64(statement, 5);
    if (cause < 0 || cause >= SG_GAP_CAUSE_COUNT || state < SG_GAP_OPEN || state > SG_GAP_UNFILLABLE)
        return false;
    *(struct sg_gap *)at = (struct sg_gap){.leg = SG_LEG_A,
                                           .from_us = sqlite3_column_int64(statement, 0),
                                           .cause = (enum sg_gap_cause)cause,
                                           .to_us = sqlite3_column_int64(statement, 2),
                                           .first_id = sqlite3_column_int64(statement, 3),
                                           .last_id = sqlite3_column_int64(statement, 4),
                                           .state = (enum sg_gap_state)state};
    return true;
}

static bool take_alert(sqlite3_stmt *statement, void *at)
{
    struct sg_stored_alert *alert = at;
    *alert = (struct sg_stored_alert){.time_us = sqlite3_column_int64(statement, 0),
                                      .raised = sqlite3_column_int(statement, 1) != 0,
                                      .side = sqlite3_column_int(statement, 2),
                                      .zscore = sqlite3_column_type(statement, 3) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(statement, 3)};
    const char *pair = (const char *)sqlite3_column_text(statement, 4);
    snprintf(alert->pair, sizeof alert->pair, "%s", pair ? pair : "");
    return true;
}

static void reverse(char *items, size_t count, size_t size)
{
    char swap[sizeof(struct sg_stored_alert) > sizeof(struct sg_bar) ? sizeof(struct sg_stored_alert) : sizeof(struct sg_bar)];
    for (size_t i = 0, j = count; i + 1 < j; i++) {
        j--;
        memcpy(swap, items + i * size, size);
        memcpy(items + i * size, items + j * size, size);
        memcpy(items + j * size, swap, size);
    }
}

/* Runs a bound statement that gives the newest rows first. */
static enum sg_status collect(struct sg_database *database, sqlite3_stmt *statement, size_t maximum, size_t size, take_function take, void **ret_items,
                              size_t *ret_count, struct sg_error *error)
{
    char *items = NULL;
    size_t count = 0, capacity = 0;
    enum sg_status status = SG_OK;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && count < maximum) {
        if (count == capacity) {
            size_t wanted = capacity ? capacity * 2 : 256;
            char *grown = realloc(items, wanted * size);
            if (!grown) {
                status = sg_fail(error, SG_ERR_NOMEM, "no memory for %zu rows of the database", wanted);
                break;
            }
            items = grown;
            capacity = wanted;
        }
        if (!take(statement, items + count * size)) {
            status = sg_fail(error, SG_ERR_PARSE, "%s: a row of the database makes no sense", database->file);
            break;
        }
        count++;
    }
    if (status == SG_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        status = sg_fail(error, SG_ERR_IO, "%s: %s", database->file, sqlite3_errmsg(database->reader));
    if (status != SG_OK) {
        free(items);
        return status;
    }
    reverse(items, count, size);
    *ret_items = items;
    *ret_count = count;
    return SG_OK;
}

static sqlite3_stmt *prepare(struct sg_database *database, const char *sql, struct sg_error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->reader, sql, -1, &statement, NULL) != SQLITE_OK)
        sg_fail(error, SG_ERR_IO, "%s: %s", database->file, sqlite3_errmsg(database->reader));
    return statement;
}

static void bind_instrument(sqlite3_stmt *statement, const struct sg_instrument *instrument)
{
    sqlite3_bind_text(statement, 1, sg_market_name(instrument->market), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, instrument->symbol, -1, SQLITE_STATIC);
}

enum sg_status sg_database_bars(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t from_us, int64_t to_us,
                                size_t maximum, struct sg_bar **ret_bars, size_t *ret_count, struct sg_error *error)
{
    enum sg_status status = SG_ERR_IO;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement = prepare(database,
                                      "SELECT time_us, open, high, low, close, volume, trades, ticks, flags, last_tick_us FROM bars"
                                      " WHERE instrument = (SELECT id FROM instruments WHERE market=?1 AND symbol=?2)"
                                      " AND interval_us = ?3 AND time_us >= ?4 AND time_us < ?5 ORDER BY time_us DESC",
                                      error);
    if (statement) {
        void *items;
        bind_instrument(statement, instrument);
        sqlite3_bind_int64(statement, 3, interval_us);
        sqlite3_bind_int64(statement, 4, from_us);
        sqlite3_bind_int64(statement, 5, to_us);
        status = collect(database, statement, maximum, sizeof **ret_bars, take_bar, &items, ret_count, error);
        if (status == SG_OK)
            *ret_bars = items;
        sqlite3_finalize(statement);
    }
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

enum sg_status sg_database_collect_gaps(struct sg_database *database, sqlite3_stmt *statement, size_t maximum, struct sg_gap **ret_gaps, size_t *ret_count,
                                        struct sg_error *error)
{
    void *items;
    enum sg_status status = collect(database, statement, maximum, sizeof **ret_gaps, take_gap, &items, ret_count, error);
    if (status == SG_OK)
        *ret_gaps = items;
    return status;
}

enum sg_status sg_database_gaps(struct sg_database *database, const struct sg_instrument *instrument, int64_t from_us, int64_t to_us, size_t maximum,
                                struct sg_gap **ret_gaps, size_t *ret_count, struct sg_error *error)
{
    enum sg_status status = SG_ERR_IO;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement = prepare(database,
                                      "SELECT " DATABASE_GAP_FIELDS " FROM gaps"
                                      " WHERE instrument = (SELECT id FROM instruments WHERE market=?1 AND symbol=?2)"
                                      " AND from_us >= ?3 AND from_us < ?4 ORDER BY from_us DESC, cause DESC",
                                      error);
    if (statement) {
        bind_instrument(statement, instrument);
        sqlite3_bind_int64(statement, 3, from_us);
        sqlite3_bind_int64(statement, 4, to_us);
        status = sg_database_collect_gaps(database, statement, maximum, ret_gaps, ret_count, error);
        sqlite3_finalize(statement);
    }
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

enum sg_status sg_database_alerts(struct sg_database *database, const char *pair, int64_t from_us, int64_t to_us, size_t maximum,
                                  struct sg_stored_alert **ret_alerts, size_t *ret_count, struct sg_error *error)
{
    enum sg_status status = SG_ERR_IO;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement = prepare(database,
                                      "SELECT time_us, raised, side, zscore, pair FROM alerts WHERE pair = ?1 AND time_us >= ?2 AND time_us < ?3"
                                      " ORDER BY time_us DESC, raised DESC",
                                      error);
    if (statement) {
        void *items;
        sqlite3_bind_text(statement, 1, pair, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, from_us);
        sqlite3_bind_int64(statement, 3, to_us);
        status = collect(database, statement, maximum, sizeof **ret_alerts, take_alert, &items, ret_count, error);
        if (status == SG_OK)
            *ret_alerts = items;
        sqlite3_finalize(statement);
    }
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

enum sg_status sg_database_check(struct sg_database *database, struct sg_error *error)
{
    enum sg_status status = SG_ERR_IO;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement = prepare(database, "PRAGMA quick_check(1)", error);
    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        status = text && strcmp(text, "ok") == 0 ? SG_OK : sg_fail(error, SG_ERR_IO, "%s: %s", database->file, text ? text : "damaged");
    } else if (statement) {
        status = sg_fail(error, SG_ERR_IO, "%s: %s", database->file, sqlite3_errmsg(database->reader));
    }
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    return status;
}
