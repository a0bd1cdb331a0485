/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in the database, without reading it all into memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "database_private.h"

static enum sg_status failed(struct sg_database *database, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_IO, "%s: %s", database->file, sqlite3_errmsg(database->reader));
}

static bool take_series(sqlite3_stmt *statement, struct sg_stored_series *series)
{
    const char *market = (const char *)sqlite3_column_text(statement, 0), *symbol = (const char *)sqlite3_column_text(statement, 1);
    *series = (struct sg_stored_series){.interval_us = sqlite3_column_int64(statement, 2),
                                        .bars = (uint64_t)sqlite3_column_int64(statement, 3),
                                        .first_us = sqlite3_column_int64(statement, 4),
                                        .last_us = sqlite3_column_int64(statement, 5)};
    snprintf(series->instrument.symbol, sizeof series->instrument.symbol, "%s", symbol ? symbol : "");
    return market && symbol && sg_market_parse(market, &series->instrument.market) == SG_OK;
}

static enum sg_status collect(struct sg_database *database, sqlite3_stmt *statement, struct sg_stored_series **ret_series, size_t *ret_count,
                              struct sg_error *error)
{
    struct sg_stored_series *series = NULL;
    size_t count = 0;
    enum sg_status status = SG_OK;
    int code = SQLITE_DONE;
    while (status == SG_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct sg_stored_series *grown = realloc(series, (count + 1) * sizeof *series);
        if (!grown) {
            status = sg_fail(error, SG_ERR_NOMEM, "no memory for a list of %zu series", count + 1);
            break;
        }
        series = grown;
        if (!take_series(statement, &series[count++]))
            status = sg_fail(error, SG_ERR_PARSE, "%s: an instrument in the database makes no sense", database->file);
    }
    if (status == SG_OK && code != SQLITE_DONE)
        status = failed(database, error);
    if (status != SG_OK) {
        free(series);
        return status;
    }
    *ret_series = series;
    *ret_count = count;
    return SG_OK;
}

enum sg_status sg_database_series(struct sg_database *database, struct sg_stored_series **ret_series, size_t *ret_count, struct sg_error *error)
{
    enum sg_status status;
    sqlite3_stmt *statement = NULL;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    if (sqlite3_prepare_v2(database->reader,
                           "SELECT market, symbol, interval_us, count(*), min(time_us), max(time_us) FROM bars JOIN instruments ON id = instrument"
                           " GROUP BY market, symbol, interval_us ORDER BY market, symbol, interval_us",
                           -1, &statement, NULL) == SQLITE_OK)
        status = collect(database, statement, ret_series, ret_count, error);
    else
        status = failed(database, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

static bool take_ids(sqlite3_stmt *statement, struct sg_stored_ids *ids)
{
    const char *market = (const char *)sqlite3_column_text(statement, 0), *symbol = (const char *)sqlite3_column_text(statement, 1);
    *ids = (struct sg_stored_ids){.since_us = sqlite3_column_int64(statement, 2),
                                  .first_id = sqlite3_column_int64(statement, 3),
                                  .until_us = sqlite3_column_int64(statement, 4),
                                  .last_id = sqlite3_column_int64(statement, 5),
                                  .seen = (uint64_t)sqlite3_column_int64(statement, 6),
                                  .fetched = (uint64_t)sqlite3_column_int64(statement, 7),
                                  .replaced = (uint64_t)sqlite3_column_int64(statement, 8),
                                  .in_gaps = (uint64_t)sqlite3_column_int64(statement, 9),
                                  .adds_up = sqlite3_column_int(statement, 10) != 0};
    snprintf(ids->instrument.symbol, sizeof ids->instrument.symbol, "%s", symbol ? symbol : "");
    return market && symbol && sg_market_parse(market, &ids->instrument.market) == SG_OK;
}

enum sg_status sg_database_ids(struct sg_database *database, struct sg_stored_ids **ret_ids, size_t *ret_count, struct sg_error *error)
{
    static const char sql[] = "SELECT market, symbol, since_us, first_id, max(until_us), last_id, seen, fetched, replaced, in_gaps, adds_up FROM trade_ids"
                              " JOIN instruments ON id = instrument GROUP BY instrument ORDER BY market, symbol"; /* the row of the maximum */
    enum sg_status status = SG_OK;
    sqlite3_stmt *statement = NULL;
    struct sg_stored_ids *ids = NULL;
    size_t count = 0;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    int code = sqlite3_prepare_v2(database->reader, sql, -1, &statement, NULL) == SQLITE_OK ? SQLITE_ROW : SQLITE_ERROR;
    while (status == SG_OK && code == SQLITE_ROW && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct sg_stored_ids *grown = realloc(ids, (count + 1) * sizeof *ids);
        if (!grown) {
            status = sg_fail(error, SG_ERR_NOMEM, "no memory for %zu instruments", count + 1);
            break;
        }
        ids = grown;
        if (!take_ids(statement, &ids[count++]))
            status = sg_fail(error, SG_ERR_PARSE, "%s: an instrument in the database makes no sense", database->file);
    }
    if (status == SG_OK && code != SQLITE_DONE)
        status = failed(database, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    if (status != SG_OK) {
        free(ids);
        return status;
    }
    *ret_ids = ids;
    *ret_count = count;
    return SG_OK;
}

#define SERIES "FROM bars WHERE instrument = (SELECT id FROM instruments WHERE market=?1 AND symbol=?2) AND interval_us = ?3 AND time_us < ?4"
#define IN_DOUBT " AND (flags & 192) != 0"
_Static_assert(SG_BAR_DOUBTFUL == 192, "IN_DOUBT is of these flags, in the words of the index");

static sqlite3_stmt *prepare_of(struct sg_database *database, const char *sql, const struct sg_instrument *instrument)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->reader, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_text(statement, 1, sg_market_name(instrument->market), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, instrument->symbol, -1, SQLITE_STATIC);
    return statement;
}

enum sg_status sg_database_span(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t before_us,
                                struct sg_stored_span *ret_span, struct sg_error *error)
{
    /* Each of them a look-up of its own: together in one SELECT SQLite would go through the whole series. */
    static const char sql[] = "SELECT (SELECT min(time_us) " SERIES "), (SELECT max(time_us) " SERIES "), (SELECT min(time_us) " SERIES IN_DOUBT ")";
    enum sg_status status = SG_OK;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement = prepare_of(database, sql, instrument);
    if (statement && sqlite3_bind_int64(statement, 3, interval_us) == SQLITE_OK && sqlite3_bind_int64(statement, 4, before_us) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        *ret_span = (struct sg_stored_span){.first_us = sqlite3_column_int64(statement, 0),
                                            .last_us = sqlite3_column_int64(statement, 1),
                                            .doubtful_us = sqlite3_column_type(statement, 2) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(statement, 2)};
    else
        status = failed(database, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

enum sg_status sg_database_open_gaps(struct sg_database *database, const struct sg_instrument *instrument, size_t maximum, struct sg_gap **ret_gaps,
                                     size_t *ret_count, struct sg_error *error)
{
    enum sg_status status;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    sqlite3_stmt *statement =
        prepare_of(database,
                   "SELECT " DATABASE_GAP_FIELDS " FROM gaps WHERE instrument = (SELECT id FROM instruments WHERE market=?1 AND symbol=?2)"
                   " AND state = ?3 ORDER BY from_us DESC, cause DESC",
                   instrument);
    if (statement && sqlite3_bind_int(statement, 3, SG_GAP_OPEN) == SQLITE_OK)
        status = sg_database_collect_gaps(database, statement, maximum, ret_gaps, ret_count, error);
    else
        status = failed(database, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    return status;
}

/* So much longer than a kline takes to be final that only trouble explains it. */
#define SETTLED_BY_US (5 * SG_BAR_SETTLE_US)

/* The newest end of the series, or of the instrument's minutes, tells how long the program went on after the bar. */
#define WENT_ON                                                                                                                               \
    "max((SELECT max(time_us) + interval_us FROM bars AS own WHERE own.instrument = bars.instrument AND own.interval_us = bars.interval_us)," \
    " coalesce((SELECT max(time_us) + 60000000 FROM bars AS own WHERE own.instrument = bars.instrument AND own.interval_us = 60000000), 0))"

enum sg_status sg_database_trouble(struct sg_database *database, struct sg_stored_trouble *ret_trouble, struct sg_error *error)
{
    enum sg_status status = SG_OK;
    sqlite3_stmt *statement = NULL;
    if (!sg_database_lock_reader(database, error))
        return SG_ERR_IO;
    if (sqlite3_prepare_v2(database->reader,
                           "SELECT (SELECT count(*) FROM gaps WHERE state = ?1), (SELECT count(*) FROM gaps WHERE state = ?2),"
                           " (SELECT count(*) FROM bars WHERE (flags & 192) != 0 AND (flags & ?3) != 0),"
                           " (SELECT count(*) FROM bars WHERE (flags & 192) != 0 AND (flags & ?3) = 0 AND time_us + interval_us + ?4 <= " WENT_ON "),"
                           " (SELECT count(*) FROM bars WHERE (flags & 192) != 0 AND (flags & ?3) = 0 AND time_us + interval_us + ?4 > " WENT_ON "),"
                           " (SELECT min(from_us) FROM gaps WHERE state = ?1)",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_int(statement, 1, SG_GAP_OPEN) == SQLITE_OK && sqlite3_bind_int(statement, 2, SG_GAP_UNFILLABLE) == SQLITE_OK &&
        sqlite3_bind_int(statement, 3, SG_BAR_INCOMPLETE) == SQLITE_OK && sqlite3_bind_int64(statement, 4, SETTLED_BY_US) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        *ret_trouble =
            (struct sg_stored_trouble){.open_gaps = (uint64_t)sqlite3_column_int64(statement, 0),
                                       .unfillable_gaps = (uint64_t)sqlite3_column_int64(statement, 1),
                                       .incomplete = (uint64_t)sqlite3_column_int64(statement, 2),
                                       .unsettled = (uint64_t)sqlite3_column_int64(statement, 3),
                                       .settling = (uint64_t)sqlite3_column_int64(statement, 4),
                                       .oldest_open_us = sqlite3_column_type(statement, 5) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(statement, 5)};
    else
        status = failed(database, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->read_lock);
    return status;
}
