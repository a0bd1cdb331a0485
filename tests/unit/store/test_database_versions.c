/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database of the first version is taken over with all that it holds; one of a later version is refused and left as it is; what the
 * second version brought, the account of trade ids, comes back as it was put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <cmocka.h>
#include "spreadglass/store/database.h"
#include "test_folder.h"

#define S INT64_C(1000000)
#define T0 INT64_C(1700006400000000)

static const struct sg_instrument BTC = {.symbol = "BTCUSDT", .market = SG_MARKET_SPOT}, ETH_USDM = {.symbol = "ETHUSDT", .market = SG_MARKET_USDM};

/* As version 1 of this program wrote it: a file of that time, not what the schema says today. */
static const char version_1[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE instruments (id INTEGER PRIMARY KEY, market TEXT NOT NULL, symbol TEXT NOT NULL, UNIQUE (market, symbol)) STRICT;"
    "CREATE TABLE bars (instrument INTEGER NOT NULL REFERENCES instruments, interval_us INTEGER NOT NULL, time_us INTEGER NOT NULL,"
    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume TEXT NOT NULL, trades INTEGER NOT NULL, ticks INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, last_tick_us INTEGER NOT NULL, PRIMARY KEY (instrument, interval_us, time_us)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE gaps (instrument INTEGER NOT NULL REFERENCES instruments, from_us INTEGER NOT NULL, cause INTEGER NOT NULL, to_us INTEGER NOT NULL,"
    " first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (instrument, from_us, cause)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE alerts (pair TEXT NOT NULL, time_us INTEGER NOT NULL, raised INTEGER NOT NULL, side INTEGER NOT NULL, zscore REAL,"
    " PRIMARY KEY (pair, time_us, raised)) STRICT, WITHOUT ROWID;"
    "INSERT INTO instruments VALUES (1, 'spot', 'BTCUSDT'), (2, 'usdm', 'ETHUSDT');"
    "INSERT INTO bars VALUES (1, 60000000, 1700006400000000, 100.25, 101.5, 99.75, 101, '12.34567891', 42, 17, 0, 1700006459999999),"
    " (1, 60000000, 1700006460000000, 101, 101, 101, 101, '0', 0, 0, 1, 1700006459999999), (2, 60000000, 1700006400000000, 7, 8, 6, 7.5, '1000000000000', 3, "
    "3, 8, 0);"
    "INSERT INTO gaps VALUES (1, 1700006520000000, 0, 1700006530000000, 500, 519, 0);"
    "INSERT INTO alerts VALUES ('BTCUSDT/usdm:ETHUSDT', 1700006460000000, 1, -1, -2.5);"
    "PRAGMA user_version=1;";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make(const char *path, const char *sql)
{
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

static int number_in(const char *path, const char *sql)
{
    sqlite3 *connection = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return number;
}

static struct sg_database *open_at(const char *path)
{
    struct sg_error error = {0};
    struct sg_database *database = sg_database_open(&(struct sg_database_config){.file = path, .existing = true}, &error);
    if (!database)
        print_message("%s\n", error.text);
    assert_non_null(database);
    return database;
}

static struct sg_stored_ids account(int64_t since_us, int64_t first_id, uint64_t seen)
{
    return (struct sg_stored_ids){.instrument = BTC,
                                  .since_us = since_us,
                                  .until_us = since_us + 60 * S,
                                  .first_id = first_id,
                                  .last_id = first_id + 99,
                                  .seen = seen,
                                  .fetched = 95 - seen,
                                  .replaced = 3,
                                  .in_gaps = 2,
                                  .adds_up = true};
}

/* Everything that the file of version 1 held. */
static void check_content(struct sg_database *database)
{
    struct sg_bar *bars = NULL;
    struct sg_gap *gaps = NULL;
    struct sg_stored_alert *alerts = NULL;
    size_t count = 0;
    assert_int_equal(sg_database_bars(database, &BTC, 60 * S, INT64_MIN, INT64_MAX, 100, &bars, &count, NULL), SG_OK);
    assert_int_equal(count, 2);
    assert_true(bars[0].time_us == T0);
    assert_true(bars[0].open == 100.25);
    assert_true(bars[0].high == 101.5);
    assert_true(bars[0].low == 99.75);
    assert_true(bars[0].close == 101);
    assert_true(bars[0].volume == SG_QTY_ONE * 12 + 34567891);
    assert_true(bars[0].trades == 42);
    assert_true(bars[0].ticks == 17);
    assert_true(bars[0].flags == 0);
    assert_true(bars[0].last_tick_us == T0 + 60 * S - 1);
    assert_true(bars[1].time_us == T0 + 60 * S);
    assert_true(bars[1].flags == SG_BAR_FILLED);
    free(bars);
    assert_int_equal(sg_database_bars(database, &ETH_USDM, 60 * S, INT64_MIN, INT64_MAX, 100, &bars, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    assert_true(bars[0].close == 7.5);
    assert_true(bars[0].volume == SG_QTY_ONE * INT64_C(1000000000000));
    assert_true(bars[0].flags == SG_BAR_REPAIRED);
    free(bars);
    assert_int_equal(sg_database_gaps(database, &BTC, INT64_MIN, INT64_MAX, 100, &gaps, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    assert_true(gaps[0].from_us == T0 + 120 * S);
    assert_true(gaps[0].to_us == T0 + 130 * S);
    assert_true(gaps[0].first_id == 500);
    assert_true(gaps[0].last_id == 519);
    assert_true(gaps[0].state == SG_GAP_OPEN);
    free(gaps);
    assert_int_equal(sg_database_alerts(database, "BTCUSDT/usdm:ETHUSDT", INT64_MIN, INT64_MAX, 100, &alerts, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    assert_true(alerts[0].raised);
    assert_true(alerts[0].side == -1);
    assert_true(alerts[0].zscore == -2.5);
    assert_true(alerts[0].time_us == T0 + 60 * S);
    free(alerts);
    assert_int_equal(sg_database_check(database, NULL), SG_OK);
}

static void version_1_is_taken_over_whole(void **state)
{
    (void)state;
    const char *path = path_of("old.db");
    make(path, version_1);
    for (int time = 0; time < 2; time++) { /* the second time it is of version 2 already */
        struct sg_database *database = open_at(path);
        struct sg_stored_ids *ids = NULL;
        size_t count = 7;
        check_content(database);
        assert_int_equal(sg_database_ids(database, &ids, &count, NULL), SG_OK);
        assert_int_equal(count, time);
        free(ids);
        struct sg_stored_ids put = account(T0, 1000, 90);
        assert_int_equal(sg_database_put_ids(database, &put), SG_OK);
        assert_int_equal(sg_database_close(database, NULL), SG_OK);
        assert_int_equal(number_in(path, "PRAGMA user_version"), 3);
    }
    assert_int_equal(number_in(path, "SELECT count(*) FROM trade_ids"), 1);
}

/* Of two that open an old file at once one takes it over, and the other finds it done. */
static void version_1_opened_twice_at_once(void **state)
{
    (void)state;
    const char *path = path_of("both.db");
    make(path, version_1);
    struct sg_database *one = open_at(path), *other = open_at(path);
    check_content(one);
    check_content(other);
    assert_int_equal(sg_database_close(one, NULL), SG_OK);
    assert_int_equal(sg_database_close(other, NULL), SG_OK);
}

static void a_later_version_is_refused_and_left_alone(void **state)
{
    (void)state;
    const char *path = path_of("later.db");
    make(path, version_1);
    make(path, "CREATE TABLE trade_ids (something_else TEXT); PRAGMA user_version=4");
    struct sg_error error = {0};
    assert_null(sg_database_open(&(struct sg_database_config){.file = path}, &error));
    assert_int_equal(error.status, SG_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "later version of this program (4): update"));
    assert_int_equal(number_in(path, "PRAGMA user_version"), 4);
    assert_int_equal(number_in(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 5);
    assert_int_equal(number_in(path, "SELECT count(*) FROM bars"), 3);
}

/* Something of the second version's name stands in the way: nothing of the change stays. */
static void a_change_that_fails_leaves_version_1(void **state)
{
    (void)state;
    const char *path = path_of("halfway.db");
    make(path, version_1);
    make(path, "CREATE TABLE trade_ids (something_else TEXT)");
    struct sg_error error = {0};
    assert_null(sg_database_open(&(struct sg_database_config){.file = path}, &error));
    assert_int_equal(error.status, SG_ERR_IO);
    assert_non_null(strstr(error.text, "trade_ids"));
    assert_int_equal(number_in(path, "PRAGMA user_version"), 1);
    make(path, "DROP TABLE trade_ids");
    struct sg_database *database = open_at(path);
    check_content(database);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void accounts_of_ids_come_back(void **state)
{
    (void)state;
    const char *path = path_of("ids.db");
    struct sg_database *database = sg_database_open(&(struct sg_database_config){.file = path}, NULL);
    assert_non_null(database);
    struct sg_stored_ids first = account(T0, 1000, 90), second = account(T0 + 3600 * S, 5000, 80), other = account(T0, 7, 95);
    other.instrument = ETH_USDM;
    other.adds_up = false;
    assert_int_equal(sg_database_put_ids(database, &first), SG_OK);
    assert_int_equal(sg_database_put_ids(database, &other), SG_OK);
    assert_int_equal(sg_database_put_ids(database, &second), SG_OK);
    second.last_id += 10; /* the same run looks again, later */
    second.seen += 10;
    second.until_us += 5 * S;
    assert_int_equal(sg_database_put_ids(database, &second), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    struct sg_stored_ids *ids = NULL;
    size_t count = 0;
    assert_int_equal(sg_database_ids(database, &ids, &count, NULL), SG_OK);
    assert_int_equal(count, 2); /* the latest run of each */
    assert_string_equal(ids[0].instrument.symbol, "BTCUSDT");
    assert_int_equal(ids[0].instrument.market, SG_MARKET_SPOT);
    assert_true(ids[0].since_us == second.since_us);
    assert_true(ids[0].until_us == second.until_us);
    assert_true(ids[0].first_id == 5000);
    assert_true(ids[0].last_id == second.last_id);
    assert_true(ids[0].seen == 90);
    assert_true(ids[0].fetched == 15);
    assert_true(ids[0].replaced == 3);
    assert_true(ids[0].in_gaps == 2);
    assert_true(ids[0].adds_up);
    assert_string_equal(ids[1].instrument.symbol, "ETHUSDT");
    assert_int_equal(ids[1].instrument.market, SG_MARKET_USDM);
    assert_true(ids[1].first_id == 7);
    assert_true(ids[1].seen == 95);
    assert_true(ids[1].fetched == 0);
    assert_true(!ids[1].adds_up);
    free(ids);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
    assert_int_equal(number_in(path, "SELECT count(*) FROM trade_ids"), 3); /* the first run is still there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_is_taken_over_whole),
        cmocka_unit_test(version_1_opened_twice_at_once),
        cmocka_unit_test(a_later_version_is_refused_and_left_alone),
        cmocka_unit_test(a_change_that_fails_leaves_version_1),
        cmocka_unit_test(accounts_of_ids_come_back),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
