/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, and the statements that write them. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "database_private.h"
#include "spreadglass/market/bar_quality.h"

/* Volume is exact decimal text: 128 bits have no other exact form here, and this one a person can read. */
static const char schema[] =
    "CREATE TABLE instruments (id INTEGER PRIMARY KEY, market TEXT NOT NULL, symbol TEXT NOT NULL, UNIQUE (market, symbol)) STRICT;"
    "CREATE TABLE bars (instrument INTEGER NOT NULL REFERENCES instruments, interval_us INTEGER NOT NULL, time_us INTEGER NOT NULL,"
    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume TEXT NOT NULL, trades INTEGER NOT NULL, ticks INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, last_tick_us INTEGER NOT NULL, PRIMARY KEY (instrument, interval_us, time_us)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE gaps (instrument INTEGER NOT NULL REFERENCES instruments, from_us INTEGER NOT NULL, cause INTEGER NOT NULL, to_us INTEGER NOT NULL,"
    " first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (instrument, from_us, cause)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE alerts (pair TEXT NOT NULL, time_us INTEGER NOT NULL, raised INTEGER NOT NULL, side INTEGER NOT NULL, zscore REAL,"
    " PRIMARY KEY (pair, time_us, raised)) STRICT, WITHOUT ROWID;";

/* Version 2: since then it is kept where the trade ids of each run are. */
static const char schema_2[] =
    "CREATE TABLE trade_ids (instrument INTEGER NOT NULL REFERENCES instruments, since_us INTEGER NOT NULL, first_id INTEGER NOT NULL, until_us INTEGER NOT "
    "NULL,"
    " last_id INTEGER NOT NULL, seen INTEGER NOT NULL, fetched INTEGER NOT NULL, replaced INTEGER NOT NULL, in_gaps INTEGER NOT NULL, adds_up INTEGER NOT NULL,"
    " PRIMARY KEY (instrument, since_us, first_id)) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version=2";

/* Version 3: what is known to be wrong is found without looking through everything. The flags are those of SG_BAR_DOUBTFUL. */
#define DOUBTFUL "192"
_Static_assert(SG_BAR_DOUBTFUL == 192, "DOUBTFUL is these flags");
static const char schema_3[] = "CREATE INDEX doubtful_bars ON bars (instrument, interval_us, time_us) WHERE (flags & " DOUBTFUL ") != 0;"
                               "PRAGMA user_version=3";

static enum sg_status failed(sqlite3 *connection, struct sg_error *error, const char *what)
{
    return sg_fail(error, SG_ERR_IO, "%s: %s", what, sqlite3_errmsg(connection));
}

/* Two programs that open a new file at the same time: SQLite does not wait for the other one when it changes the journal's mode. */
static int use_write_ahead_log(sqlite3 *connection, int busy_ms)
{
    int code = SQLITE_BUSY;
    for (int tries = 0; tries < busy_ms / 10 && code == SQLITE_BUSY; tries++) {
        if (tries > 0)
            sqlite3_sleep(10);
        code = sqlite3_exec(connection, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    }
    return code;
}

/* is_better(flags, trades, flags there, trades there): the order of worth stands in one place, and SQL asks it. */
static void is_better(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, sg_bar_is_better((uint32_t)sqlite3_value_int64(values[0]), (uint32_t)sqlite3_value_int64(values[1]),
                                                 (uint32_t)sqlite3_value_int64(values[2]), (uint32_t)sqlite3_value_int64(values[3])));
}

/* For its owner alone: SQLite would make it readable for everybody. Its log and index take after it. Why it cannot be made (errno); 0 when it is there. */
static int create_private(const char *file)
{
    int descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return errno == EEXIST ? 0 : errno;
    close(descriptor);
    return 0;
}

sqlite3 *sg_database_connect(const char *file, bool create, int busy_ms, struct sg_error *error)
{
    sqlite3 *connection = NULL;
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX;
    int refused = create ? create_private(file) : 0;
    if (sqlite3_open_v2(file, &connection, flags, NULL) != SQLITE_OK || sqlite3_busy_timeout(connection, busy_ms) != SQLITE_OK ||
        use_write_ahead_log(connection, busy_ms) != SQLITE_OK ||
        sqlite3_create_function(connection, "is_better", 4, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, is_better, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(connection, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;", NULL, NULL, NULL) != SQLITE_OK) {
        int code = connection ? sqlite3_errcode(connection) : SQLITE_NOMEM;
        if (!connection)
            sg_fail(error, SG_ERR_NOMEM, "%s: no memory", file);
        else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
            sg_fail(error, SG_ERR_PARSE, "%s: it is no database, or damaged (%s): move it away, and a new one is begun", file, sqlite3_errmsg(connection));
        else if (code == SQLITE_CANTOPEN && refused != 0) /* SQLite knows only that it is not there */
            sg_fail(error, SG_ERR_IO, "%s: it cannot be made: %s", file, strerror(refused));
        else
            failed(connection, error, file);
        sqlite3_close(connection);
        return NULL;
    }
    return connection;
}

/* -1: it cannot be read. */
static int read_number(sqlite3 *connection, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return version;
}

enum sg_status sg_database_prepare(sqlite3 *connection, const char *file, struct sg_error *error)
{
    if (sqlite3_exec(connection, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return failed(connection, error, file);
    int version = read_number(connection, "PRAGMA user_version");
    enum sg_status status = SG_OK;
    if (version < 0)
        status = failed(connection, error, file);
    else if (version > DATABASE_VERSION)
        status =
            sg_fail(error, SG_ERR_UNSUPPORTED, "%s: it was written by a later version of this program (%d): update, or name another folder", file, version);
    else if (version == 0 && read_number(connection, "SELECT count(*) FROM sqlite_schema") != 0)
        status = sg_fail(error, SG_ERR_PARSE, "%s: it is a database of another program: name another folder", file);
    else if (version == 0 && (sqlite3_exec(connection, schema, NULL, NULL, NULL) != SQLITE_OK ||
                              sqlite3_exec(connection, "PRAGMA user_version=1", NULL, NULL, NULL) != SQLITE_OK))
        status = failed(connection, error, file);
    if (status == SG_OK && version < 2 && sqlite3_exec(connection, schema_2, NULL, NULL, NULL) != SQLITE_OK)
        status = failed(connection, error, file);
    if (status == SG_OK && version < 3 && sqlite3_exec(connection, schema_3, NULL, NULL, NULL) != SQLITE_OK)
        status = failed(connection, error, file);
    if (sqlite3_exec(connection, status == SG_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK && status == SG_OK)
        status = failed(connection, error, file);
    return status;
}

enum { WRITE_INSTRUMENT, WRITE_BAR, WRITE_REPLACEMENT, WRITE_GAP, WRITE_ALERT, WRITE_DOUBT, WRITE_IDS, WRITE_COUNT };

/* The subselect costs one index look-up a row, and saves a cache that would have to survive a rollback. */
#define INSTRUMENT_ID "(SELECT id FROM instruments WHERE market=?1 AND symbol=?2)"
#define INCOMPLETE "64"
_Static_assert(SG_BAR_INCOMPLETE == 64, "INCOMPLETE is this flag");

static const char *const statements[WRITE_COUNT] = {
    [WRITE_INSTRUMENT] = "INSERT INTO instruments (market, symbol) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [WRITE_REPLACEMENT] = "REPLACE INTO bars VALUES (" INSTRUMENT_ID ", ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [WRITE_BAR] = "INSERT INTO bars VALUES (" INSTRUMENT_ID ", ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO UPDATE SET"
                  " open=excluded.open, high=excluded.high, low=excluded.low, close=excluded.close, volume=excluded.volume, trades=excluded.trades,"
                  " ticks=excluded.ticks, flags=excluded.flags, last_tick_us=excluded.last_tick_us"
                  " WHERE is_better(excluded.flags, excluded.trades, bars.flags, bars.trades)",
    [WRITE_GAP] = "INSERT INTO gaps VALUES (" INSTRUMENT_ID ", ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
                  " to_us=excluded.to_us, first_id=excluded.first_id, last_id=excluded.last_id, state=excluded.state",
    [WRITE_IDS] = "INSERT INTO trade_ids VALUES (" INSTRUMENT_ID ", ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET until_us=excluded.until_us,"
                  " last_id=excluded.last_id, seen=excluded.seen, fetched=excluded.fetched, replaced=excluded.replaced, in_gaps=excluded.in_gaps, "
                  "adds_up=excluded.adds_up",
    [WRITE_ALERT] = "INSERT INTO alerts VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET side=excluded.side, zscore=excluded.zscore",
    [WRITE_DOUBT] =
        "UPDATE bars SET flags = flags | " INCOMPLETE " WHERE instrument = " INSTRUMENT_ID " AND interval_us = ?3 AND time_us > ?4 - ?3 AND time_us < ?5",
};

static void bind_instrument(sqlite3_stmt *statement, const struct sg_instrument *instrument)
{
    sqlite3_bind_text(statement, 1, sg_market_name(instrument->market), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, instrument->symbol, -1, SQLITE_STATIC);
}

static void bind_bar(sqlite3_stmt *statement, const struct record *record, char volume[static SG_DECIMAL_BUF])
{
    const struct sg_bar *bar = &record->bar;
    bind_instrument(statement, &record->instrument);
    sqlite3_bind_int64(statement, 3, record->interval_us);
    sqlite3_bind_int64(statement, 4, bar->time_us);
    sqlite3_bind_double(statement, 5, bar->open);
    sqlite3_bind_double(statement, 6, bar->high);
    sqlite3_bind_double(statement, 7, bar->low);
    sqlite3_bind_double(statement, 8, bar->close);
    sg_decimal_from_qty(bar->volume, volume);
    sqlite3_bind_text(statement, 9, volume, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 10, bar->trades);
    sqlite3_bind_int64(statement, 11, bar->ticks);
    sqlite3_bind_int64(statement, 12, bar->flags);
    sqlite3_bind_int64(statement, 13, bar->last_tick_us);
}

static void bind_doubt(sqlite3_stmt *statement, const struct record *record)
{
    bind_instrument(statement, &record->instrument);
    sqlite3_bind_int64(statement, 3, record->interval_us);
    sqlite3_bind_int64(statement, 4, record->doubt.from_us);
    sqlite3_bind_int64(statement, 5, record->doubt.to_us);
}

static void bind_gap(sqlite3_stmt *statement, const struct record *record)
{
    const struct sg_gap *gap = &record->gap;
    bind_instrument(statement, &record->instrument);
    sqlite3_bind_int64(statement, 3, gap->from_us);
    sqlite3_bind_int(statement, 4, (int)gap->cause);
    sqlite3_bind_int64(statement, 5, gap->to_us);
    sqlite3_bind_int64(statement, 6, gap->first_id);
    sqlite3_bind_int64(statement, 7, gap->last_id);
    sqlite3_bind_int(statement, 8, (int)gap->state);
}

static void bind_ids(sqlite3_stmt *statement, const struct sg_stored_ids *ids)
{
    bind_instrument(statement, &ids->instrument);
    sqlite3_bind_int64(statement, 3, ids->since_us);
    sqlite3_bind_int64(statement, 4, ids->first_id);
    sqlite3_bind_int64(statement, 5, ids->until_us);
    sqlite3_bind_int64(statement, 6, ids->last_id);
    sqlite3_bind_int64(statement, 7, (int64_t)ids->seen);
    sqlite3_bind_int64(statement, 8, (int64_t)ids->fetched);
    sqlite3_bind_int64(statement, 9, (int64_t)ids->replaced);
    sqlite3_bind_int64(statement, 10, (int64_t)ids->in_gaps);
    sqlite3_bind_int(statement, 11, ids->adds_up);
}

static void bind_alert(sqlite3_stmt *statement, const struct sg_stored_alert *alert)
{
    sqlite3_bind_text(statement, 1, alert->pair, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, alert->time_us);
    sqlite3_bind_int(statement, 3, alert->raised);
    sqlite3_bind_int(statement, 4, alert->side);
    if (isfinite(alert->zscore))
        sqlite3_bind_double(statement, 5, alert->zscore);
    else
        sqlite3_bind_null(statement, 5);
}

static bool same_instrument(const struct sg_instrument *left, const struct sg_instrument *right)
{
    return left->market == right->market && strcmp(left->symbol, right->symbol) == 0;
}

static bool run(sqlite3_stmt *statement)
{
    bool good = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    return good;
}

/* One statement a table: so seldom that they are not kept prepared. A gap that is open ends at INT64_MAX, and stays. */
static bool forget(sqlite3 *connection, int64_t before_us)
{
    static const char *const deletes[] = {
        "DELETE FROM bars WHERE time_us + interval_us <= ?1",
        "DELETE FROM gaps WHERE to_us <= ?1",
        "DELETE FROM alerts WHERE time_us < ?1",
        "DELETE FROM trade_ids WHERE until_us < ?1",
    };
    bool good = true;
    for (size_t i = 0; i < sizeof deletes / sizeof *deletes && good; i++) {
        sqlite3_stmt *statement = NULL;
        good = sqlite3_prepare_v2(connection, deletes[i], -1, &statement, NULL) == SQLITE_OK && sqlite3_bind_int64(statement, 1, before_us) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_finalize(statement);
    }
    return good;
}

static bool write_record(sqlite3_stmt *const *prepared, const struct record *record, const struct record *before)
{
    char volume[SG_DECIMAL_BUF];
    static const int statement_of[] = {[RECORD_BAR] = WRITE_BAR,     [RECORD_REPLACEMENT] = WRITE_REPLACEMENT,
                                       [RECORD_GAP] = WRITE_GAP,     [RECORD_ALERT] = WRITE_ALERT,
                                       [RECORD_DOUBT] = WRITE_DOUBT, [RECORD_IDS] = WRITE_IDS};
    sqlite3_stmt *statement = prepared[statement_of[record->kind]];
    if (record->kind != RECORD_ALERT &&
        (!before || before->kind == RECORD_ALERT || before->kind == RECORD_FORGET || !same_instrument(&record->instrument, &before->instrument))) {
        bind_instrument(prepared[WRITE_INSTRUMENT], &record->instrument);
        if (!run(prepared[WRITE_INSTRUMENT]))
            return false;
    }
    if (record->kind == RECORD_BAR || record->kind == RECORD_REPLACEMENT)
        bind_bar(statement, record, volume);
    else if (record->kind == RECORD_GAP)
        bind_gap(statement, record);
    else if (record->kind == RECORD_IDS)
        bind_ids(statement, &record->ids);
    else if (record->kind == RECORD_DOUBT)
        bind_doubt(statement, record);
    else
        bind_alert(statement, &record->alert);
    return run(statement);
}

enum sg_status sg_database_write(sqlite3 *connection, const struct record *records, size_t count, struct sg_error *error)
{
    sqlite3_stmt *prepared[WRITE_COUNT] = {NULL};
    if (sqlite3_exec(connection, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return failed(connection, error, "the database cannot be written");
    bool good = true;
    for (int i = 0; i < WRITE_COUNT && good; i++)
        good = sqlite3_prepare_v2(connection, statements[i], -1, &prepared[i], NULL) == SQLITE_OK;
    for (size_t i = 0; i < count && good; i++)
        good = records[i].kind == RECORD_FORGET ? forget(connection, records[i].forget_us) : write_record(prepared, &records[i], i ? &records[i - 1] : NULL);
    enum sg_status status = good ? SG_OK : failed(connection, error, "the database cannot be written");
    for (int i = 0; i < WRITE_COUNT; i++)
        sqlite3_finalize(prepared[i]);
    if (good && sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        status = failed(connection, error, "the database cannot be written");
    if (status != SG_OK)
        sqlite3_exec(connection, "ROLLBACK", NULL, NULL, NULL); /* fails when SQLite did it already: as well */
    return status;
}
